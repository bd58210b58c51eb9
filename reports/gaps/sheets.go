package gaps

import (
	"slices"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// lead is how a sentence below a heading looks.
var lead = look{Wrap: true, Color: sheet.Muted, Size: 10}

// inShort is page one: the three questions and their answers, in words.
func (b *book) inShort() {
	b.page("short", 4, 124)
	for _, a := range b.answers() {
		b.Line(a.Question, look{Bold: true, Size: 12})
		b.Line(a.Big, look{Bold: true, Wrap: true, Size: 18, Color: sheet.Deep, Fill: sheet.Band})
		for _, text := range a.Text {
			b.Line(text, look{Wrap: true, Size: 11, Fill: pale})
		}
		b.Row++
	}
	for _, s := range b.more() {
		b.Line(s.Head+" "+s.Text, look{Wrap: true, Size: 11})
	}
	b.Row++
	b.Line(b.say("help"), lead)
	b.Keep(b.File.SetPageLayout(b.Name, &excelize.PageLayoutOptions{FitToHeight: new(1)}))
}

// rankedTable writes a ranked view and returns its first and last row.
func (b *book) rankedTable(measure, by string) (first, last int) {
	role := unmet
	heads := b.sayAll(by, "need.of", "need.unmet", "share", "low", "high", "reads", "rank", "coverage")
	if measure == "wait" {
		role = waitMedian
		heads = b.sayAll(by, "queue", "median", "low", "high", "p90", "joined", "left", "reads", "rank", "coverage")
		b.Heads(2, 8, heads...)
	} else {
		b.Heads(2, 6, heads...)
	}
	first = b.Row
	lines := b.ranked(role, by)
	last = first - 1 // a chart draws the rows with a figure; they come first
	for _, l := range lines {
		if l.ok && l.f.value.Valid && !l.f.isSilent() && last == b.Row-1 {
			last = b.Row
		}
		b.rankedLine(measure, role, l)
	}
	if len(lines) == 0 {
		b.Line(b.say("none"), look{Color: sheet.Muted})
	}
	return first, last
}

func (b *book) rankedLine(measure, role string, l row) {
	b.Text(1, l.name, look{Wrap: true})
	col := 2
	count := func(role string) {
		f, ok := b.release.at(role, l.key)
		b.figure(col, role, f, ok, look{})
		col++
	}
	if measure == "need" {
		told := l.ok && !l.f.isSilent()
		for _, n := range []int64{l.f.of.Int64, l.f.units} {
			if told {
				b.number(col, float64(n), false, "", look{})
			} else {
				b.Text(col, none, look{Right: true, Color: sheet.Muted})
			}
			col++
		}
	} else {
		count(waitQueue)
	}
	b.figure(col, role, l.f, l.ok, look{Bold: true, Fill: b.tint(l.f)})
	b.bound(col+1, role, l.f.low.Valid && !l.f.isSilent(), l.f.low.Float64, l.ok)
	b.bound(col+2, role, l.f.high.Valid && !l.f.isSilent(), l.f.high.Float64, l.ok)
	col += 3
	if measure == "wait" {
		count(waitLate)
		count(waitJoined)
		count(waitLeft)
	}
	b.Text(col, b.reads(l.f, l.ok), look{Wrap: true})
	b.Text(col+1, b.ranks(l.f), look{Wrap: true})
	b.Text(col+2, b.covered(l.f, l.ok), look{Wrap: true})
	b.Next()
}

func (b *book) tint(f figure) string { return map[string]string{"high": over, "low": under}[f.funnel] }

func (b *book) ranks(f figure) string {
	switch {
	case f.rank == 0:
		return none
	case f.rankLow == 0 || f.rankLow == f.rankHigh:
		return b.amount(float64(f.rank))
	}
	return b.say("rank.range", f.rank, f.rankLow, f.rankHigh)
}

// needSheet holds need against service.
func (b *book) needSheet() {
	b.page("need", 34, 14, 14, 14, 12, 12, 34, 16, 44)
	b.Line(b.say("need.lead"), lead)
	b.Section(b.say("p.where"))
	first, last := b.rankedTable("need", byPlace)
	b.Row++
	b.whiskers(b.say("need.chart"), first, last, 4, 5, 6, true)
	b.Section(b.say("p.which"))
	first, last = b.rankedTable("need", byService)
	b.Row++
	b.whiskers(b.say("need.chart2"), first, last, 4, 5, 6, true)
	b.statesOf()
	b.reasons()
	b.matrix()
}

// statesOf lists what became of the needs, by service.
func (b *book) statesOf() {
	b.Section(b.say("need.states"))
	b.Heads(2, 5, b.sayAll(byService, "identified", "received", "waiting", "not.there")...)
	for _, l := range append([]row{{name: b.total(byService), key: b.now()}}, b.keys(byService, b.quarter.String())...) {
		if f, ok := b.release.at(unmet, l.key); !ok || !f.value.Valid && !f.isSilent() {
			continue
		}
		b.Text(1, l.name, look{Wrap: true, Bold: l.key.service == ""})
		for i, role := range []string{identified, received, waiting, notAvailable} {
			f, ok := b.release.at(role, l.key)
			b.figure(2+i, role, f, ok, look{})
		}
		b.Next()
	}
}

// reasons lists why a service was not available.
func (b *book) reasons() {
	var lines []row
	for _, g := range b.groupsOf(true) {
		k := b.now()
		k.cut, k.code = g.cut, g.code
		if f, ok := b.release.at(refused, k); ok && f.value.Valid {
			lines = append(lines, row{g.name, k, f, ok})
		}
	}
	if len(lines) == 0 {
		return
	}
	b.Section(b.say("need.reasons"))
	b.Heads(2, 2, b.say("reason"), b.say("not.there"))
	for _, l := range lines {
		b.Text(1, l.name, look{Wrap: true})
		b.figure(2, refused, l.f, l.ok, look{})
		b.Next()
	}
}

// matrix is the share of each municipality and service on a sheet of its own.
func (b *book) matrix() {
	var services []named // that anybody told of
	for _, s := range b.services {
		k := b.now()
		k.service = s.code
		if f, ok := b.release.at(unmet, k); ok && (f.value.Valid || f.isSilent()) {
			services = append(services, s)
		}
	}
	widths := []float64{30}
	for range services {
		widths = append(widths, 15)
	}
	for len(widths) < 6 {
		widths = append(widths, 15)
	}
	b.page("matrix", append(widths, 15)...)
	b.Line(b.say("need.matrix"), look{Bold: true, Size: 12, Color: sheet.Deep})
	b.Line(b.say("need.matrix.lead"), lead)
	heads := b.sayAll("place", "all.services")
	for _, s := range services {
		heads = append(heads, s.name)
	}
	b.Heads(2, len(heads), heads...)
	b.Freeze(1)
	for _, p := range append([]row{{name: b.total(byPlace), key: b.now()}}, b.keys(byPlace, b.quarter.String())...) {
		b.Text(1, p.name, look{Wrap: true, Bold: p.key.place == ""})
		for i, s := range append([]named{{}}, services...) {
			k := p.key
			k.service = s.code
			f, ok := b.release.at(unmet, k)
			if !ok || !f.value.Valid || f.isSilent() {
				b.figure(2+i, unmet, f, ok, look{})
				continue
			}
			marks := map[string]string{"high": "▲", "low": "▼"}[f.funnel]
			if f.isSmall {
				marks += "†"
			}
			if f.isPart() {
				marks += "◐"
			}
			b.number(2+i, f.value.Float64, true, marks, look{Fill: b.tint(f), Bold: p.key.place == "" || s.code == ""})
		}
		b.Next()
	}
}

func (b *book) waitSheet() {
	b.page("waits", 34, 12, 12, 12, 12, 16, 12, 12, 34, 16, 44)
	b.Line(b.say("p.waits.lead"), lead)
	b.Section(b.say("p.waits"))
	first, last := b.rankedTable("wait", byService)
	b.Row++
	b.whiskers(b.say("wait.chart"), first, last, 3, 4, 5, false)
	b.Section(b.say("wait.by.place"))
	b.rankedTable("wait", byPlace)
}

func (b *book) groupSheet() {
	b.page("groups", 44, 14, 14, 14, 12, 12, 34, 16, 44)
	b.Line(b.say("groups.lead"), lead)
	b.Section(b.say("p.who"))
	first, last := b.rankedTable("need", byGroup)
	b.Row++
	b.whiskers(b.say("p.who"), first, last, 4, 5, 6, true)
}

// timeSheet is the share over the quarters, by service and by municipality; the chart's line breaks where other
// agencies reported.
func (b *book) timeSheet() {
	quarters := b.quarters[max(0, len(b.quarters)-16):]
	widths := []float64{40}
	for range quarters {
		widths = append(widths, 13)
	}
	for len(widths) < 9 {
		widths = append(widths, 13)
	}
	b.page("time", widths...)
	b.Line(b.say("time.lead"), lead)
	b.Section(b.say("time.chart"))
	b.stretches(quarters)
	for _, by := range []string{byService, byPlace} {
		b.Section(b.say(map[string]string{byService: "p.time", byPlace: "p.time2"}[by]))
		b.Heads(2, 1+len(quarters), append(b.sayAll(by), b.quarterNames(quarters...)...)...)
		for _, l := range append([]row{{name: b.total(by)}}, b.keys(by, "")...) {
			b.overTime(l, quarters)
		}
	}
}

// stretches is the whole area over the quarters, a line for each stretch that the same agencies told of.
func (b *book) stretches(quarters []string) {
	head := b.Row
	b.Heads(2, 1+len(quarters), append(b.sayAll("whole"), b.quarterNames(quarters...)...)...)
	last := 1 + len(quarters)
	var drawn []excelize.ChartSeries
	begun := false
	for i, q := range quarters {
		f, ok := b.release.at(unmet, key{quarter: q})
		if !ok || !f.value.Valid || f.isSilent() {
			begun = false
			continue
		}
		if !begun || f.isBroken {
			if len(drawn) > 0 {
				b.Next()
			}
			b.Text(1, b.say("time.from", b.quarterNames(q)[0]), look{Wrap: true})
			drawn = append(drawn, sheet.Series(len(drawn), excelize.Line, b.Range(1, b.Row, 1, b.Row), b.Range(2, head, last, head), b.Range(2, b.Row, last, b.Row)))
		}
		begun = true
		b.figure(2+i, unmet, f, ok, look{})
	}
	b.Next()
	b.Row++
	if len(drawn) > 0 && len(quarters) > 1 {
		b.chart(excelize.Line, b.say("time.chart"), drawn, true, "bottom")
	}
}

func (b *book) overTime(l row, quarters []string) {
	some := false
	for i, q := range quarters {
		k := l.key
		k.quarter = q
		f, ok := b.release.at(unmet, k)
		if !ok || !f.value.Valid || f.isSilent() {
			if ok && f.isSilent() {
				b.figure(2+i, unmet, f, ok, look{})
				some = true
			}
			continue
		}
		some = true
		marks := ""
		if f.isSmall {
			marks = "†"
		}
		if f.isBroken {
			marks += "|"
		}
		b.number(2+i, f.value.Float64, true, marks, look{Bold: l.key == key{}})
	}
	if !some {
		return
	}
	b.Text(1, l.name, look{Wrap: true, Bold: l.key == key{}})
	b.Next()
}

// tableSheet writes views that the page has too.
func (b *book) tableSheet(name string, widths []float64, tables ...table) {
	b.page(name, widths...)
	for i, t := range tables {
		if i == 0 {
			for _, text := range t.Lead {
				b.Line(text, lead)
			}
		}
		b.Row++
		if len(t.Rows) > 0 {
			for j, head := range t.Heads {
				b.Head(j+1, head, slices.ContainsFunc(t.Rows, func(cells []cell) bool { return cells[j].n != nil }))
			}
			b.Next()
		}
		for _, cells := range t.Rows {
			b.cells(cells)
		}
		for _, after := range t.After {
			b.Line(after, lead)
		}
	}
}

func (b *book) cells(cells []cell) {
	for j, c := range cells {
		switch {
		case c.n != nil:
			marks := ""
			if c.isSmall {
				marks = "†"
			}
			b.number(j+1, *c.n, c.isShare, marks, look{})
		case c.Class == classSilent:
			b.Text(j+1, c.Text, look{Striped: true, Wrap: true})
		case c.Text == none:
			b.Text(j+1, none, look{Right: true, Color: sheet.Muted})
		default:
			b.Text(j+1, c.Text, look{Wrap: true})
		}
	}
	b.Next()
}

func (b *book) methodSheet() {
	b.page("methods", 40, 110)
	for _, s := range b.methodTexts() {
		b.Text(1, s.Head, look{Bold: true, Wrap: true})
		b.Text(2, s.Text, look{Wrap: true})
		b.Next()
	}
}

// figureSheet lists the quarter's figures with all that is known of them: those of places and services, and those of
// groups in the whole area.
func (b *book) figureSheet() {
	b.page("all", 60, 46, 12, 26, 26, 26, 24, 12, 12, 12, 12, 12, 30, 12, 12, 12, 12, 34)
	b.Line(b.say("all.lead"), lead)
	b.Heads(8, 12, b.sayAll("figure.id", "measure", "statistic", "area", "place", "service", "group", "value", "low", "high", "count.head", "of.head", "reads", "rank", "agencies.reported",
		"agencies.expected", "line.broken", "method")...)
	head := b.Row - 1
	b.Freeze(1)
	for _, f := range b.all {
		if f.key.cut == "" || f.key.place == "" && f.key.area == "" {
			b.figureLine(f)
		}
	}
	b.Filter(head, 18)
	b.PrintFirst(40, head, 18)
}

func (b *book) figureLine(f figure) {
	role := f.measure
	if f.statistic != "" {
		role += "." + f.statistic
	}
	plain := look{}
	group := ""
	for _, g := range b.groupsOf(false) {
		if g.cut == f.key.cut && g.code == f.key.code {
			group = b.groupTitle(g)
		}
	}
	area, place := f.key.area, f.key.place
	if area != "" {
		area = b.placeName(area)
	}
	if place != "" {
		place = b.placeName(place)
	}
	for i, s := range []string{f.id, b.label(role), f.statistic, area, place, b.serviceName(f.key.service), group} {
		b.Text(i+1, s, plain)
	}
	b.value1(8, f, f.value.Valid, f.value.Float64, map[bool]string{true: "†"}[f.isSmall])
	b.value1(9, f, f.low.Valid, f.low.Float64, "")
	b.value1(10, f, f.high.Valid, f.high.Float64, "")
	if b.audience() == "" || !f.isHidden() && f.measure+"."+f.statistic != waitMedian {
		b.number(11, float64(f.units), false, "", plain)
	}
	if f.of.Valid {
		b.number(12, float64(f.of.Int64), false, "", plain)
	}
	b.Text(13, b.reads(f, true), plain)
	b.Text(14, b.ranks(f), plain)
	b.number(15, float64(f.reported), false, "", plain)
	b.number(16, float64(f.expected), false, "", plain)
	b.Text(17, map[bool]string{true: b.say("yes")}[f.isBroken], plain)
	b.Text(18, b.method(f.method), plain)
	b.Next()
}

func (b *book) value1(col int, f figure, is bool, v float64, marks string) {
	if is && !f.isSilent() {
		b.number(col, v, f.statistic == "share", marks, look{})
	}
}
