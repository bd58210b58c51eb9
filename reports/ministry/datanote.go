package ministry

import (
	"math"
	"strings"
	"time"

	"tributary"
)

const deliveryQuarters = 5

func (b *book) dataNotes() {
	p := b.page(frame{name: "sheet_notes", widths: []float64{46, 33, 27, 27, 27, 27}, header: 2})
	defer p.finish()
	p.heading(b.words["title_notes"])
	p.deliveries()
	p.versions()
	p.setAside()
	p.consent()
	p.ranges()
	p.findings()
}

// deliveries is the grid of who answered when, in words.
func (p *page) deliveries() {
	p.section(p.words["answers"])
	p.prose(1, 6, p.delivered()+" "+p.words["answers_note"], look{color: muted})
	p.next()
	quarters := p.rel.deliveryQuarters()
	heads := []string{p.words["agencies"]}
	for _, q := range quarters {
		heads = append(heads, p.quarterHead(q))
	}
	p.heads(0, 0, heads...)
	for _, a := range p.rel.agencies {
		p.text(1, p.rel.agencyName(a.code), labelLook)
		for i, q := range quarters {
			d := p.rel.state(a.code, q)
			l := labelLook
			l.bold = d.state != "not_due" && (!answered(d.state) || d.isLate)
			text := p.stateText(d)
			if d.state == "expected" && d.dueOn.Valid {
				text += "\n" + p.words.say("before", p.words["due_on"]) + p.date(d.dueOn.Time)
			}
			p.text(2+i, text, l)
		}
		p.next()
	}
}

func (r *release) deliveryQuarters() []tributary.Quarter {
	quarters := r.quarters
	if len(quarters) > deliveryQuarters {
		quarters = quarters[len(quarters)-deliveryQuarters:]
	}
	return quarters
}

func (p *page) setAside() {
	p.section(p.words.say("set_aside", p.rel.quarter))
	if len(p.rel.asides) == 0 {
		p.prose(1, 6, p.words["set_aside_none"], look{color: muted})
		p.next()
		return
	}
	p.heads(0, 0, p.words["agencies"], p.words["table"], p.words["read_rows"], p.words["used_rows"], p.words["aside_rows"], p.words["not_data"])
	last := ""
	for _, s := range p.rel.asides {
		name := ""
		if s.agency != last {
			name = p.rel.agencyName(s.agency)
		}
		last = s.agency
		p.text(1, name, labelLook)
		p.text(2, p.words.term("table", s.table), labelLook)
		for i, n := range []int64{s.read, s.taken, s.aside, s.notData} {
			l := labelLook
			l.bold = i == 2 && n > 0
			p.text(3+i, p.rows(n), l)
		}
		p.next()
	}
}

func (b *book) rows(n int64) string {
	key := "rows"
	if n == 1 || n == 0 && b.rel.lang == "fr" {
		key = "row"
	}
	return b.words.say(key, b.amount(float64(n)))
}

// versions says which version of each earlier quarter the workbook shows, and its year to date stands on.
func (p *page) versions() {
	if len(p.rel.versions) == 0 {
		return
	}
	p.section(p.words["versions"])
	p.prose(1, 6, p.words["versions_note"], look{color: muted})
	p.next()
	p.heads(0, 0, p.words["quarter"], p.words["stands_on"], p.words["signed_on"], p.words["came_since"])
	for _, v := range p.rel.versions {
		p.line(1, 6, labelLook)
		p.text(1, v.quarter, labelLook)
		text := v.submission
		if v.restatement > 0 {
			text = p.words.say("restated", v.submission, v.restatement)
		}
		p.text(2, text, labelLook)
		day := v.signedOn
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			day = p.date(t)
		}
		p.text(3, day, labelLook)
		late := p.words["late_none"]
		if v.late > 0 {
			late = p.words.say("late_some", v.late)
		}
		p.prose(4, 6, late, labelLook)
		p.next()
	}
	for _, of := range [][2]string{{"child", "twice_child"}, {"family", "twice_family"}} {
		if n := p.rel.twice[of[0]]; n > 0 {
			p.prose(1, 6, p.words.say(of[1], p.amount(float64(n))), look{})
			p.next()
		}
	}
}

// ranges says in words how sure the unduplicated counts are.
func (p *page) ranges() {
	if len(p.rel.likely) == 0 {
		return
	}
	p.section(p.words["ranges"])
	p.prose(1, 6, p.words["ranges_note"], look{color: muted})
	p.next()
	p.heads(0, 0, p.words["counted_once"], p.words["printed"], p.words["likely"], p.words["range"])
	for _, l := range p.rel.likely {
		p.line(1, 6, labelLook)
		p.text(1, p.words.term("once", l.unit)+", "+p.words.term("period", l.period), labelLook)
		p.text(2, p.words.say("about_printed", p.amount(float64(l.counted))), labelLook)
		p.text(3, p.words.say("about", p.amount(math.Round(l.expected))), labelLook)
		p.prose(4, 6, p.words.say("between", p.amount(float64(l.low)), p.amount(float64(l.high))), labelLook)
		p.next()
	}
}

func (p *page) consent() {
	p.section(p.words["consent"])
	p.heads(0, 0, p.words["agencies"], p.words["rule"], p.words["authority"])
	for _, a := range p.rel.agencies {
		authority := a.authority
		if authority == "" {
			authority = p.words["not_stated"]
		}
		p.line(1, 6, labelLook)
		p.text(1, p.rel.agencyName(a.code), labelLook)
		p.text(2, p.words.term("rule", a.rule), labelLook)
		p.prose(3, 6, authority, labelLook)
		p.next()
	}
}

func (p *page) findings() {
	p.section(p.words.say("findings", p.rel.quarter))
	if len(p.rel.dataNotes) == 0 {
		p.prose(1, 6, p.words["findings_none"], look{color: muted})
		p.next()
		return
	}
	p.heads(0, 0, p.words["finding"], p.words["what_it_does"], p.words["count"], p.words["agencies"])
	for _, n := range p.rel.dataNotes {
		p.line(1, 6, labelLook)
		p.text(1, n.label, labelLook)
		p.text(2, p.words.term("severity", n.severity), labelLook)
		key := "times"
		if n.count == 1 {
			key = "once"
		}
		p.text(3, p.words.say(key, p.amount(float64(n.count))), labelLook)
		p.prose(4, 6, strings.Join(n.agencies, ", "), labelLook)
		p.next()
	}
}
