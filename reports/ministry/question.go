package ministry

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"tributary"
)

// questions are the four of the ministry's frame (domain.md 1.9), one tab each.
var questions = []string{"who", "what", "how_well", "system"}

// fewCodes is how many codes without a case are named; a longer list would bury those that have cases.
const fewCodes = 12

// shown lists the quarters of a question tab: those of the fiscal year before this one, and the one
// just before this where the year begins.
func (r *release) shown() []tributary.Quarter {
	var shown []tributary.Quarter
	for _, q := range r.quarters {
		if q.Compare(r.quarter) >= 0 {
			continue
		}
		if q.FiscalYear() == r.quarter.FiscalYear() || q == r.quarter.Prev() {
			shown = append(shown, q)
		}
	}
	return append(shown, r.quarter)
}

func (b *book) question(question string) {
	shown := b.rel.shown()
	widths := []float64{52}
	for range shown {
		widths = append(widths, 14)
	}
	widths = append(widths, 14, 20, 38)
	p := b.page(frame{name: "sheet_" + question, widths: widths, header: 3, fixed: 1})
	defer p.finish()
	p.heading(b.words["title_"+question])
	heads := []string{b.words["measure"]}
	for _, q := range shown {
		heads = append(heads, b.quarterHead(q))
	}
	heads[len(heads)-1] = b.words["this_quarter"] + "\n" + heads[len(heads)-1]
	p.heads(2, 2+len(shown), append(heads, b.words["ytd"]+"\n"+b.rel.quarter.FiscalYear(), b.words["unit"], b.words["basis"])...)
	var told []definition
	packs, untold := map[string]bool{}, map[string][]string{}
	for _, d := range b.rel.definitions {
		switch {
		case d.question != question:
		case b.rel.told[d.measure]:
			told, packs[d.pack] = append(told, d), true
		default:
			untold[d.pack] = append(untold[d.pack], d.label)
		}
	}
	for i, d := range told {
		if len(packs) > 1 && (i == 0 || told[i-1].pack != d.pack) {
			p.section(b.words.term("pack", d.pack))
		}
		p.measure(d, shown)
	}
	p.untold(untold, len(widths))
	if len(told) == 0 && len(untold) == 0 {
		p.prose(1, len(widths), b.words["nothing_here"], look{color: muted})
		p.next()
	}
	p.row++
	p.legend(len(widths))
}

// untold names, by pack, the measures of which no file and no tab of the register told anything in any
// quarter: a row of dashes each would hide those that have numbers.
func (p *page) untold(labels map[string][]string, width int) {
	if len(labels) == 0 {
		return
	}
	p.section(p.words["no_data"])
	for _, pack := range slices.Sorted(maps.Keys(labels)) {
		p.prose(1, width, p.words.say("no_data_of", p.words.term("pack", pack), strings.Join(labels[pack], "; ")), look{size: 9, color: muted})
		p.next()
	}
}

// mainLabel names a measure by its main statistic.
func (b *book) mainLabel(d definition) string {
	if mainStatistic(d.kind) == "median" && !strings.Contains(strings.ToLower(d.label), strings.ToLower(b.words["statistic.median"])) {
		return b.words.say("median", d.label)
	}
	return d.label
}

// measure writes a measure's own line, its other statistics, and its breakdowns below it.
func (p *page) measure(d definition, shown []tributary.Quarter) {
	p.numbers(d, "", "", "", p.mainLabel(d), shown, look{wrap: true, bold: true, border: "thin", fill: pale})
	for _, statistic := range otherStatistics(d.kind) {
		p.numbers(d, statistic, "", "", p.statisticLabel(d, statistic), shown, look{wrap: true, border: "thin", indent: 2})
	}
	for _, by := range p.rel.ownBreakdowns(d.measure) {
		var empty []string
		for _, c := range p.rel.codesOf(d, by) {
			if p.rel.hasAny(d, by, c.code, shown) {
				p.numbers(d, "", by, c.code, p.codeLabel(c), shown, look{wrap: true, border: "thin", indent: 2})
			} else {
				empty = append(empty, c.label)
			}
		}
		// Codes without a case in any quarter shown: named, not printed as rows of nothing.
		if _, whole := p.rel.total(d, "", p.rel.quarter, "quarter"); whole && len(empty) > 0 && d.kind == "count" {
			p.line(1, len(p.widths), look{border: "thin"})
			words := p.words.say("no_cases", strings.Join(empty, ", "))
			if len(empty) > fewCodes {
				words = p.words.say("no_cases_many", len(empty))
			}
			p.text(1, words, look{wrap: true, italic: true, size: 9, color: muted, border: "thin", indent: 2})
			p.next()
		}
	}
}

// statisticLabel names a line below a measure: what n counts depends on the kind.
func (b *book) statisticLabel(d definition, statistic string) string {
	if statistic == "n" {
		statistic += "_" + d.kind
	}
	return b.words.term("statistic", statistic)
}

func (p *page) numbers(d definition, statistic, by, code, label string, shown []tributary.Quarter, l look) {
	p.text(1, label, l)
	figure := look{border: l.border, fill: l.fill}
	for i, q := range shown {
		col := 2 + i
		figure.bold = q == p.rel.quarter
		n, ok := p.rel.at(d, statistic, q, "quarter", by, code)
		p.number(col, d, statistic, n, ok, figure)
		if figure.bold && by == "" {
			p.named(col, nameOf(d, statistic))
		}
	}
	figure.bold = false
	col := 2 + len(shown)
	n, ok := p.rel.at(d, statistic, p.rel.quarter, "ytd", by, code)
	if !ok && d.basis == "point_in_time" {
		figure.align, figure.color = "right", muted
		p.text(col, p.words["not_for_stock"], figure)
	} else {
		p.number(col, d, statistic, n, ok, figure)
		if ok && by == "" {
			p.named(col, nameOf(d, statistic)+".ytd")
		}
	}
	figure = look{border: l.border, fill: l.fill, color: muted, wrap: true, size: 9}
	figure.indent = 1
	p.text(col+1, p.unit(d, statistic), figure)
	figure.indent = 0
	p.text(col+2, p.basis(d), figure)
	p.next()
}

// nameOf is the workbook's name for a measure's total: its id, with the statistic as in cell ids.
func nameOf(d definition, statistic string) string {
	if statistic == "" {
		statistic = mainStatistic(d.kind)
	}
	if statistic == "" {
		return d.measure
	}
	return d.measure + "." + statistic
}

// ownBreakdowns are those that the measure names itself; agencies and places have sheets of their own.
func (r *release) ownBreakdowns(measure string) []string {
	seen := map[string]bool{"": true, "agency": true, "area": true, "municipality": true, "employer": true}
	var own []string
	add := func(by string) {
		if !seen[by] {
			seen[by] = true
			own = append(own, by)
		}
	}
	for by := range r.breakdowns[measure] {
		add(by)
	}
	for k := range r.cells {
		if k.measure == measure {
			add(k.by)
		}
	}
	sort.Strings(own)
	return own
}

// codesOf lists the codes of a breakdown in their order, those of no list after them.
func (r *release) codesOf(d definition, by string) []code {
	codes := append([]code(nil), r.breakdowns[d.measure][by]...)
	listed := map[string]bool{}
	for _, c := range codes {
		listed[c.code] = true
	}
	var more []string
	for k := range r.cells {
		if k.measure == d.measure && k.by == by && !listed[k.code] && k.code != "" {
			listed[k.code] = true
			more = append(more, k.code)
		}
	}
	sort.Strings(more)
	for _, c := range more {
		codes = append(codes, code{c, c})
	}
	return codes
}

func (r *release) hasAny(d definition, by, code string, shown []tributary.Quarter) bool {
	for _, q := range shown {
		if n, ok := r.at(d, "", q, "quarter", by, code); ok && (n.value != 0 || n.hidden) {
			return true
		}
	}
	n, ok := r.at(d, "", r.quarter, "ytd", by, code)
	return ok && (n.value != 0 || n.hidden)
}
