package ministry

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tributary"
)

// explainBeyond is the variance, in percent of the target, past which an explanation is asked for.
// The ministry's own threshold was not found (domain.md 1.11): the setting variance_pct decides.
const explainBeyond = 10.0

// explanationFields are what is asked (domain.md 5, quarterly adjustment reports).
var explanationFields = []string{"under_performance", "cause", "corrective_action", "catch_up_on"}

func (r *release) threshold() float64 {
	if v, err := strconv.ParseFloat(strings.TrimSpace(r.settings["variance_pct"]), 64); err == nil && v >= 0 {
		return v
	}
	return explainBeyond
}

// measured is a target with what came of it.
type measured struct {
	target
	d        definition
	actual   number
	ok       bool
	variance float64
	share    float64 // of the target, in percent; NaN where the target is zero
	beyond   bool
}

func (r *release) measuredTargets() []measured {
	var all []measured
	for _, d := range r.definitions {
		for _, t := range r.targets {
			if t.measure != d.measure {
				continue
			}
			m := measured{target: t, d: d, share: math.NaN()}
			m.actual, m.ok = r.total(d, t.statistic, r.quarter, "quarter")
			if m.ok && !m.actual.hidden {
				m.variance = m.actual.value - t.value
				if t.value != 0 {
					// As decimals: .77 is ten percent above .7, not a little more.
					m.share = math.Round(1e8*m.variance/t.value) / 1e6
				}
				m.beyond = m.variance != 0 && (t.value == 0 || math.Abs(m.share) > r.threshold())
			}
			all = append(all, m)
		}
	}
	return all
}

func (b *book) targets() {
	p := b.page(frame{name: "sheet_targets", widths: []float64{42, 22, 16, 20, 14, 31, 22}, header: 2, fixed: 1})
	defer p.finish()
	p.heading(b.words["title_targets"])
	all := b.rel.measuredTargets()
	if len(all) == 0 {
		p.prose(1, 7, b.words["target_none"], look{color: muted})
		p.next()
		return
	}
	p.prose(1, 7, b.words.say("target_note", b.percent(b.rel.threshold()/100)), look{color: muted})
	p.next()
	p.row++
	right := headLook
	right.align = "right"
	for i, h := range []string{"measure", "target", "actual", "variance", "variance_pct", "standing", "set_by"} {
		l := headLook
		switch {
		case i >= 1 && i <= 4:
			l = right
		case i == 5:
			l.indent = 1
		}
		p.text(1+i, b.words[h], l)
	}
	p.next()
	for _, m := range all {
		p.target(m)
	}
	p.row++
	p.explanations(all)
	p.remarks()
	p.row++
	p.legend(7)
}

// target writes one line. Only the actual is a published number; the rest is said in words.
func (p *page) target(m measured) {
	right := look{wrap: true, border: "thin", align: "right"}
	p.text(1, p.mainLabel(m.d), labelLook)
	p.text(2, p.value(m.d, m.statistic, m.target.value), right)
	p.number(3, m.d, m.statistic, m.actual, m.ok, look{border: "thin", bold: true})
	variance, share, standing := none, none, p.words["unknown"]
	switch {
	case m.ok && m.actual.hidden:
		variance, share = "*", "*"
	case m.ok:
		variance = p.signedValue(m)
		if !math.IsNaN(m.share) {
			share = signedZero(m.share) + p.percent(math.Abs(m.share)/100)
		}
		standing = p.standing(m)
	}
	p.text(4, variance, right)
	p.text(5, share, right)
	p.text(6, standing, look{wrap: true, border: "thin", indent: 1})
	p.text(7, m.setBy, labelLook)
	p.next()
}

func (p *page) standing(m measured) string {
	switch {
	case !m.beyond:
		return p.words.say("on_target", p.percent(p.rel.threshold()/100))
	case m.variance < 0:
		return p.words["below"]
	}
	return p.words["above"]
}

func (p *page) signedValue(m measured) string {
	statistic := m.statistic
	if statistic == "" {
		statistic = mainStatistic(m.d.kind)
	}
	if statistic == "share" {
		return signedZero(m.variance) + p.words.say("points", p.amount(math.Round(math.Abs(100*m.variance))))
	}
	return signedZero(m.variance) + p.amount(math.Abs(m.variance)) + "\u00a0" + p.unit(m.d, statistic)
}

// signedZero gives zero no sign.
func signedZero(v float64) string {
	if v == 0 {
		return ""
	}
	return signed(v)
}

// explanations are the cells that people fill: one block per measure beyond the threshold.
func (p *page) explanations(all []measured) {
	p.section(p.words["explanations"])
	asked := 0
	for _, m := range all {
		if !m.beyond {
			continue
		}
		asked++
		p.prose(1, 7, p.mainLabel(m.d)+" – "+p.standing(m)+" ("+p.signedValue(m)+")", look{bold: true})
		p.next()
		for _, field := range explanationFields {
			written := p.rel.notes[m.actual.cellID+"\x00"+field]
			p.text(1, p.words[field], look{wrap: true, color: muted, indent: 1})
			p.entry(2, m.actual.cellID, field, written)
			l := entryLook
			if field == "catch_up_on" {
				l.tall = 18
				p.text(2, written, l)
			} else {
				p.prose(2, 7, written, l)
			}
			p.next()
		}
		p.row++
	}
	if asked == 0 {
		p.prose(1, 7, p.words["explain_none"], look{color: muted})
		p.next()
	}
}

// remarks are words that a person gave to other numbers of the quarter; without any the workbook has no such part.
func (p *page) remarks() {
	hasHeading := false
	for _, d := range p.rel.definitions {
		for _, cellID := range p.rel.remarked(d.measure) {
			if !hasHeading {
				p.row++
				p.section(p.words["remarks"])
				hasHeading = true
			}
			_, which, _ := strings.Cut(cellID, "@")
			p.text(1, p.mainLabel(d)+" ("+which+")", look{wrap: true, indent: 1})
			written := p.rel.notes[cellID+"\x00remark"]
			p.entry(2, cellID, "remark", written)
			p.prose(2, 7, written, entryLook)
			p.next()
		}
	}
}

// remarked are the numbers of a measure that have a remark, in order.
func (r *release) remarked(measure string) []string {
	var out []string
	for k, n := range r.cells {
		if k.measure == measure && k.quarter == r.quarter.String() && r.notes[n.cellID+"\x00remark"] != "" {
			out = append(out, n.cellID)
		}
	}
	slices.Sort(out)
	return out
}

// Asked is a number that asks for an explanation: its target is missed by more than the setting variance_pct.
type Asked struct {
	// CellID is the number, Label what it counts, Standing how it stands against its target.
	CellID, Label, Standing string
}

// Explanations lists the numbers of a quarter that ask for an explanation, in the order of the workbook.
func Explanations(ctx context.Context, q Query, quarter tributary.Quarter, lang string) ([]Asked, error) {
	words, err := wordsOf(lang)
	if err != nil {
		return nil, err
	}
	rel, err := read(ctx, q, quarter, lang)
	if err != nil {
		return nil, fmt.Errorf("explanations %s: %w", quarter, err)
	}
	p := page{book: &book{words: words, rel: rel}}
	var out []Asked
	for _, m := range rel.measuredTargets() {
		if m.beyond {
			out = append(out, Asked{m.actual.cellID, p.mainLabel(m.d), p.standing(m) + " (" + p.signedValue(m) + ")"})
		}
	}
	return out, nil
}
