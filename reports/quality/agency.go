package quality

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// own is the page about one agency: how its delivery stands, what to do first, and how that went so far.
func (b *book) own(a agency) {
	q := b.quarter.String()
	d, _ := b.at(a.code, q)
	b.page("own", 14, 12, 17, 17, 14, 14, 14, 14, 17, 27)
	b.keep(b.f.SetPageLayout(b.name, &excelize.PageLayoutOptions{FitToHeight: new(1)})) // it goes out as one page
	b.title("own.title", a.name+" ("+a.code+")")
	said := upper(b.state(d)) + "."
	if d.isUsed() {
		said += " " + fmt.Sprintf(b.word("own.asked"), b.amount(d.toFix()), b.amount(d.confirm), b.amount(d.rows))
		if v, ok := b.newest(a.code, q); ok && v.hasBefore {
			said += " " + fmt.Sprintf(b.word("own.since"), b.amount(v.closed), b.amount(v.stayed), b.amount(v.isNew))
		}
	}
	b.line(said, look{bold: true, wrap: true, size: 12, fill: b.heat(d)})
	var todo []cause
	for _, c := range b.causes[q] {
		if c.agency == a.code && c.severity != "note" {
			todo = append(todo, c)
		}
	}
	b.section("own.first")
	if len(todo) == 0 {
		b.line(b.word("own.nothing"), look{wrap: true})
	} else {
		b.heads(2, 2, b.word("serious"), b.word("rows"), upper(b.word("column")), b.word("what"), "", "", b.word("what_to_do"), "", "", "")
		for _, c := range todo[:min(len(todo), 12)] {
			k := b.checks[c.check]
			b.text(1, b.word("severity."+c.severity), look{wrap: true, bold: true, fill: map[string]string{"blocks": bad, "sets_aside": poor, "please_confirm": fair}[c.severity]})
			b.number(2, c.rows, look{})
			b.text(3, c.column, look{wrap: true})
			b.over(4, 6, k.name, look{wrap: true, bold: true})
			b.over(7, 10, upper(k.fix), look{wrap: true})
			b.next()
		}
		if n := len(todo) - 12; n > 0 {
			b.line(fmt.Sprintf(b.word("own.more"), n), look{color: muted})
		}
	}
	b.section("own.quarters")
	head := b.row
	b.heads(2, 1+len(b.quarters), append([]string{""}, b.quarters...)...)
	var rows []series
	for _, kind := range []string{"to_fix", "to_confirm"} {
		b.text(1, b.word(kind), look{wrap: true})
		for i, at := range b.quarters {
			if d, ok := b.at(a.code, at); ok && d.isUsed() {
				b.number(2+i, map[string]int64{"to_fix": d.toFix(), "to_confirm": d.confirm}[kind], look{})
			}
		}
		rows = append(rows, series{b.row})
		b.next()
	}
	b.text(1, b.word("rows_asked"), look{wrap: true})
	for i, at := range b.quarters {
		if d, ok := b.at(a.code, at); ok && d.isUsed() {
			b.share(2+i, d.askedRows, d.rows, look{})
		}
	}
	b.next()
	b.text(1, b.word("late"), look{wrap: true})
	for i, at := range b.quarters {
		if d, ok := b.at(a.code, at); ok {
			b.text(2+i, b.lateness(d), look{wrap: true})
		}
	}
	b.next()
	b.row++
	b.chart(excelize.ColStacked, "own.chart", rows, head, 1, 2, 1+len(b.quarters), false, false)
	b.section("own.files")
	b.heads(5, 8, b.word("quarter"), b.word("file_no"), b.word("received"), b.word("delivery"), b.word("open"), b.word("new"), b.word("stayed"), b.word("closed"), b.word("files"), "")
	for _, v := range b.versions {
		if v.agency == a.code && slices.Contains(b.quarters, v.quarter) {
			b.stateRow(v, false)
		}
	}
	b.line(b.word("own.private"), look{wrap: true, color: muted})
}

// over writes words over several columns, joined.
func (b *book) over(from, to int, s string, l look) {
	b.keep(b.f.MergeCell(b.name, at(from, b.row), at(to, b.row)))
	width := 0.0
	for _, w := range b.wide[from-1 : to] {
		width += w
	}
	b.text(from, s, look{wrap: false, bold: l.bold})
	b.keep(b.f.SetCellStyle(b.name, at(from, b.row), at(to, b.row), b.style(l)))
	b.grow(s, width, l)
}
