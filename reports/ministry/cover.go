package ministry

import (
	"math"
	"sort"
	"strings"

	"tributary"
)

// tile is one big number of page one. Its measure may be absent from a pack: then it shows none.
type tile struct {
	label, measure, statistic string
	instead                   string // the measure where a pack lacks it; its own label then
	more                      string // text about another statistic of the same measure
	moreStatistic             string
}

// tiles answer what a director asks first: how many, how long, how well.
var tiles = [2][]tile{{
	{label: "tile_families", measure: "csp_families_served"},
	{label: "tile_children", measure: "csp_children_served"},
	{label: "tile_waiting", measure: "csp_families_waiting", instead: "csp_waiting"},
	{label: "tile_days_waiting", measure: "csp_days_waiting", statistic: "median", more: "tile_longest", moreStatistic: "longest"},
}, {
	{label: "tile_referrals", measure: "csp_referrals"},
	{label: "tile_days_plan", measure: "csp_days_to_plan_shared", statistic: "median", more: "tile_p90", moreStatistic: "p90"},
	{label: "tile_in_target", measure: "csp_plan_within_target"},
}}

const changesShown = 7

func (b *book) cover() {
	p := b.page(frame{name: "sheet_cover", widths: []float64{39, 1.5, 39, 1.5, 39, 1.5, 39}, onePage: true, tab: deep})
	p.text(1, b.words["title"], look{size: 22, bold: true, color: deep})
	p.next()
	p.text(1, b.quarterLong(), look{size: 13, color: muted})
	p.next()
	p.identity()
	p.coverSection(b.words["glance"])
	for i := range tiles {
		p.tiles(tiles[i], i == 1)
	}
	p.changes()
	p.coverSection(b.words["delivered"])
	p.prose(1, 7, b.delivered(), look{})
	p.next()
	p.row++
	p.legend(7)
}

// coverSection is a section with less air, so that all of it stays on one page.
func (p *page) coverSection(title string) {
	p.heights[p.row] = 8
	p.next()
	p.line(1, 7, look{border: "heavy"})
	p.text(1, title, look{size: 12, bold: true, color: deep, border: "heavy"})
	p.next()
}

func (p *page) identity() {
	areas := p.setting("area")
	p.row++
	prepared := p.rel.prepared()
	pairs := [][4]string{
		{"agency", p.agencyName(), "code", p.setting("agency_code")},
		{"area", areas, "tpr", p.setting("tpr_number")},
		{"region", p.setting("region"), "as_of", p.date(p.rel.asOf())},
		{"director", p.setting("director"), "prepared_by", prepared},
	}
	label := look{color: muted, wrap: true}
	value := look{bold: true, wrap: true}
	for _, pair := range pairs {
		for i := 0; i < 4; i += 2 {
			col := 1 + 2*i
			p.text(col, p.words[pair[i]], label)
			if pair[i] == "prepared_by" {
				l := entryLook
				l.tall = 22
				p.text(col+2, pair[i+1], l)
				p.entry(col+2, workbookCell(p.rel.quarter), "prepared_by", pair[i+1])
				continue
			}
			text := pair[i+1]
			if text == "" {
				text = p.words["not_stated"]
			}
			p.text(col+2, text, value)
		}
		p.next()
	}
}

// tiles is a band of big numbers: label, number, what it is of, and the way since last quarter.
func (p *page) tiles(band []tile, withDelivery bool) {
	top := p.row
	for i, t := range band {
		p.row = top
		p.tile(1+2*i, t)
	}
	if withDelivery {
		p.row = top
		p.deliveryTile(1 + 2*len(band))
	}
	p.row = top
	for range 5 {
		p.next()
	}
	p.heights[p.row] = 6
	p.next()
}

var (
	tileLabel  = look{bold: true, wrap: true, fill: band, color: deep, border: "top", align: "left", indent: 1, tall: 22}
	tileNumber = look{bold: true, size: 26, fill: band, align: "left", indent: 1}
	tileText   = look{wrap: true, size: 9, fill: band, color: ink, align: "left", indent: 1}
)

func (p *page) tile(col int, t tile) {
	d, known := p.rel.definition(t.measure)
	label := p.words[t.label]
	if !known && t.instead != "" {
		if d, known = p.rel.definition(t.instead); known {
			label = d.label
		}
	}
	if !known {
		d = definition{measure: t.measure, kind: "count", label: label}
	}
	now, ok := p.rel.total(d, t.statistic, p.rel.quarter, "quarter")
	texts := []string{"", "", ""}
	if known {
		texts[0] = p.unit(d, t.statistic) + "\n" + p.basis(d)
	}
	if other, has := p.rel.total(d, t.moreStatistic, p.rel.quarter, "quarter"); t.more != "" && has && !other.hidden {
		texts[2] = p.words.say(t.more, p.amount(other.value))
	}
	before, had := p.rel.total(d, t.statistic, p.rel.quarter.Prev(), "quarter")
	switch {
	case !had || !ok:
		texts[1] = p.words.say("no_before", p.rel.quarter.Prev())
		if had {
			texts[1] = ""
		}
	case before.hidden || now.hidden:
		texts[1] = p.words["not_published"]
	default:
		prev := p.value(d, t.statistic, before.value)
		texts[1] = p.change(d, before, now) + "\n" + p.words.say("tile_prev", p.rel.quarter.Prev(), prev)
	}
	p.text(col, label, tileLabel)
	p.row++
	l := tileNumber
	p.bigNumber(col, d, t.statistic, now, ok, l)
	for _, s := range texts {
		p.row++
		p.text(col, s, tileText)
	}
}

// bigNumber stands left, as its tile does.
func (p *page) bigNumber(col int, d definition, statistic string, n number, ok bool, l look) {
	p.number(col, d, statistic, n, ok, l)
	if ok && !n.hidden {
		l.format = p.format(d, statistic, n)
		l.italic = n.isSmall
	}
	cell := at(col, p.row)
	p.keep(p.f.SetCellStyle(p.name, cell, cell, p.style(l)))
}

func (p *page) deliveryTile(col int) {
	came, due, _ := p.rel.counts()
	p.text(col, p.words["delivered_tile"], tileLabel)
	p.row++
	p.text(col, p.words.say("x_of_y", came, due), tileNumber)
	p.row++
	p.text(col, p.quarterHeadLine(), tileText)
	p.row++
	late := ""
	if who := p.rel.late(); len(who) > 0 {
		late = upperFirst(p.words.say("delivered_late", strings.Join(who, ", ")))
	}
	p.text(col, late, tileText)
	p.row++
	p.text(col, "", tileText)
}

func (b *book) quarterHeadLine() string {
	return strings.ReplaceAll(b.quarterHead(b.rel.quarter), "\n", ", ")
}

type movement struct {
	d           definition
	before, now number
	weight      float64
}

// changes lists the measures that moved most. Small and hidden numbers are left out: their swings
// tell nothing and could tell too much.
func (p *page) changes() {
	prev := p.rel.quarter.Prev()
	p.coverSection(p.words.say("changed", prev))
	moved := p.rel.movements()
	if len(moved) == 0 {
		p.prose(1, 7, p.words["changed_none"], look{color: muted})
		p.next()
		return
	}
	if note := p.setChange(prev); note != "" {
		p.prose(1, 7, note, look{italic: true})
		p.next()
	}
	right := headLook
	right.align = "right"
	p.line(1, 7, headLook)
	p.text(1, p.words["measure"], headLook)
	p.text(3, prev.String(), right)
	p.text(5, p.rel.quarter.String(), right)
	p.text(7, p.words["change"], headLook)
	p.next()
	for _, m := range moved {
		p.line(1, 7, labelLook)
		p.text(1, p.mainLabel(m.d), labelLook)
		p.number(3, m.d, "", m.before, true, look{border: "thin"})
		p.number(5, m.d, "", m.now, true, look{border: "thin", bold: true})
		p.text(7, p.change(m.d, m.before, m.now), labelLook)
		p.next()
	}
}

// movements orders measures by how far they moved against what chance alone would do (the root of
// the count), so that one family more in a small measure does not lead the page.
func (r *release) movements() []movement {
	var moved []movement
	for _, d := range r.definitions {
		now, ok := r.total(d, "", r.quarter, "quarter")
		before, had := r.total(d, "", r.quarter.Prev(), "quarter")
		if !ok || !had || now.hidden || before.hidden || now.isSmall || before.isSmall || now.value == before.value || onTile(d.measure) {
			continue
		}
		size := math.Max(before.value, now.value)
		weight := math.Abs(now.value-before.value) / math.Sqrt(math.Max(size, 1))
		if d.kind == "share" {
			n, _ := r.total(d, "n", r.quarter, "quarter")
			weight = math.Abs(now.value-before.value) * math.Sqrt(math.Max(n.value, 1)) * 2
		}
		moved = append(moved, movement{d, before, now, weight})
	}
	sort.SliceStable(moved, func(i, j int) bool { return moved[i].weight > moved[j].weight })
	if len(moved) > changesShown {
		moved = moved[:changesShown]
	}
	return moved
}

func onTile(measure string) bool {
	for _, band := range tiles {
		for _, t := range band {
			if t.measure == measure || t.instead == measure {
				return true
			}
		}
	}
	return false
}

// setChange says which agencies answered in one of the two quarters only.
func (b *book) setChange(prev tributary.Quarter) string {
	now, before := b.rel.answering(b.rel.quarter), b.rel.answering(prev)
	if len(b.rel.deliveries) == 0 {
		return ""
	}
	var parts []string
	if gone := without(before, now); len(gone) > 0 {
		parts = append(parts, b.words.say("without", strings.Join(gone, ", ")))
	}
	if came := without(now, before); len(came) > 0 {
		parts = append(parts, b.words.say("with", strings.Join(came, ", ")))
	}
	if len(parts) == 0 {
		return ""
	}
	return b.words.say("like_for_like", prev, strings.Join(parts, "; "))
}

// without returns what is in a but not in b, in the order of a.
func without(a, b []string) []string {
	var left []string
	for _, s := range a {
		found := false
		for _, o := range b {
			found = found || s == o
		}
		if !found {
			left = append(left, s)
		}
	}
	return left
}

// counts says how many agencies delivered data, how many were due, and who is in which other state.
func (r *release) counts() (came, due int, others map[string][]string) {
	others = map[string][]string{}
	for _, a := range r.agencies {
		state := r.state(a.code, r.quarter).state
		if state == "not_due" {
			others[state] = append(others[state], a.code)
			continue
		}
		due++
		if answered(state) && state != "nil" {
			came++
			continue
		}
		others[state] = append(others[state], a.code)
	}
	return came, due, others
}

func (r *release) late() []string {
	var who []string
	for _, a := range r.agencies {
		if r.state(a.code, r.quarter).isLate {
			who = append(who, a.code)
		}
	}
	return who
}

// delivered is the sentence on who delivered; each state keeps its own name.
func (b *book) delivered() string {
	came, due, others := b.rel.counts()
	s := b.words.say("delivered_of", came, due)
	for _, state := range []string{"expected", "refused", "paused", "received", "nil", "excused", "not_due"} {
		if who := others[state]; len(who) > 0 {
			s += " " + b.words.say("before", b.words.term("state", state)) + strings.Join(who, ", ") + "."
		}
	}
	if came == due && due > 0 {
		s = b.words["delivered_all"] + " " + s
	}
	if who := b.rel.late(); len(who) > 0 {
		s += " " + upperFirst(b.words.say("delivered_late", strings.Join(who, ", "))) + "."
	}
	return s
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// legend explains the marks, over the columns up to to.
func (p *page) legend(to int) {
	p.prose(1, to, p.words["legend"], look{size: 8.5, color: muted})
	p.next()
	p.smallLegend(to)
}

func (p *page) smallLegend(to int) {
	small := p.rel.settings["small_below"]
	if small == "" {
		small = "5"
	}
	p.prose(1, to, p.words.say("legend_small", small), look{size: 8.5, color: muted})
	p.next()
}
