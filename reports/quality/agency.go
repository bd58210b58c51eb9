package quality

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// own is the page about one agency: how its delivery stands, what to do first, and how that went so far.
func (b *book) own(a agency) {
	q := b.quarter.String()
	d, _ := b.at(a.code, q)
	b.page("own", 14, 12, 17, 17, 14, 14, 14, 14, 17, 27)
	b.Keep(b.File.SetPageLayout(b.Name, &excelize.PageLayoutOptions{FitToHeight: new(1)})) // it goes out as one page
	b.title("own.title", a.name+" ("+a.code+")")
	said := upper(b.state(d)) + "."
	if d.isUsed() {
		said += " " + sheet.Say(b.fr, b.word("own.asked"), b.amount(d.toFix()), b.amount(d.confirm), b.amount(d.rows))
		if v, ok := b.newest(a.code, q); ok && v.hasBefore {
			said += " " + fmt.Sprintf(b.word("own.since"), b.amount(v.closed), b.amount(v.stayed), b.amount(v.isNew))
		}
	}
	b.Line(said, look{Bold: true, Wrap: true, Size: 12, Fill: b.heat(d)})
	var todo []cause
	for _, c := range b.causes[q] {
		if c.agency == a.code && c.severity != "note" {
			todo = append(todo, c)
		}
	}
	b.section("own.first")
	if len(todo) == 0 {
		b.Line(b.word("own.nothing"), look{Wrap: true})
	} else {
		b.Heads(2, 2, b.word("serious"), b.word("rows"), upper(b.word("column")), b.word("what"), "", "", b.word("what_to_do"), "", "", "")
		for _, c := range todo[:min(len(todo), 12)] {
			k := b.checks[c.check]
			b.Text(1, b.word("severity."+c.severity), look{Wrap: true, Bold: true, Fill: map[string]string{"blocks": bad, "sets_aside": poor, "please_confirm": fair}[c.severity]})
			b.number(2, c.rows, look{})
			b.Text(3, b.columnOf(c), look{Wrap: true})
			b.Over(4, 6, k.name, look{Wrap: true, Bold: true})
			b.Over(7, 10, upper(k.fix), look{Wrap: true})
			b.Next()
		}
		if n := len(todo) - 12; n > 0 {
			b.Line(fmt.Sprintf(b.word("own.more"), n), look{Color: sheet.Muted})
		}
	}
	b.section("own.quarters")
	head := b.Row
	b.Heads(2, 1+len(b.quarters), append([]string{""}, b.quarters...)...)
	var rows []int
	for _, kind := range []string{"to_fix", "to_confirm"} {
		b.Text(1, b.word(kind), look{Wrap: true})
		for i, at := range b.quarters {
			if d, ok := b.at(a.code, at); ok && d.isUsed() {
				b.number(2+i, map[string]int64{"to_fix": d.toFix(), "to_confirm": d.confirm}[kind], look{})
			}
		}
		rows = append(rows, b.Row)
		b.Next()
	}
	b.Text(1, b.word("rows_asked"), look{Wrap: true})
	for i, at := range b.quarters {
		if d, ok := b.at(a.code, at); ok && d.isUsed() {
			b.share(2+i, d.askedRows, d.rows, look{})
		}
	}
	b.Next()
	b.Text(1, b.word("late"), look{Wrap: true})
	for i, at := range b.quarters {
		if d, ok := b.at(a.code, at); ok {
			b.Text(2+i, b.lateness(d), look{Wrap: true})
		}
	}
	b.Next()
	b.Row++
	b.chart(excelize.ColStacked, "own.chart", rows, head, 1, 2, 1+len(b.quarters), false, false)
	b.section("own.files")
	b.Heads(5, 8, b.word("quarter"), b.word("file_no"), b.word("received"), b.word("delivery"), b.word("open"), b.word("new"), b.word("stayed"), b.word("closed"), b.word("files"), "")
	for _, v := range b.versions {
		if v.agency == a.code && slices.Contains(b.quarters, v.quarter) {
			b.stateRow(v, false)
		}
	}
	b.Line(b.word("own.private"), look{Wrap: true, Color: sheet.Muted})
}
