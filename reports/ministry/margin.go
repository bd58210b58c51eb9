package ministry

import "strings"

// across is how many columns fit beside each other on one page before a new block begins below.
const across = 10

// margin writes this quarter's measures by agency, municipality or area.
func (b *book) margin(by, sheetKey, titleKey string) {
	codes := b.rel.codes(by)
	columns := min(max(len(codes), 1), across)
	widths := []float64{44, 11}
	for range columns {
		widths = append(widths, 13)
	}
	p := b.page(frame{name: sheetKey, widths: widths, header: 2, fixed: 1})
	p.heading(b.words[titleKey])
	if len(codes) == 0 {
		p.prose(1, len(widths), b.words["nothing_by"], look{color: muted})
		p.next()
		return
	}
	p.prose(1, len(widths), b.words.say("margin_note", b.rel.quarter), look{color: muted})
	p.next()
	for from := 0; from < len(codes); from += across {
		p.row++
		p.block(by, codes[from:min(from+across, len(codes))], from == 0)
	}
	p.row++
	p.legend(len(widths))
}

// block is one table of up to across columns. The column of all stands in the first only, so that
// each number stands once.
func (p *page) block(by string, codes []code, first bool) {
	right := headLook
	right.align = "right"
	p.text(1, p.words["measure"], headLook)
	p.text(2, "", right)
	if first {
		p.text(2, p.words["all"], right)
	}
	for i, c := range codes {
		p.text(3+i, c.label, right)
	}
	p.next()
	if by == "agency" {
		p.deliveryLine(codes)
	}
	for _, d := range p.rel.definitions {
		statistics := []string{""}
		if d.kind != "count" {
			statistics = append(statistics, "n")
		}
		if !p.rel.inMargin(d, by) {
			continue
		}
		for _, statistic := range statistics {
			p.marginRow(d, statistic, by, codes, first)
		}
	}
}

func (p *page) marginRow(d definition, statistic, by string, codes []code, first bool) {
	if statistic == "" {
		p.text(1, p.mainLabel(d), labelLook)
	} else {
		label := p.words["statistic.count"]
		if d.kind == "share" {
			label = p.words["statistic.n"]
		}
		p.text(1, label, look{wrap: true, border: "thin", indent: 2, color: muted})
	}
	if n, ok := p.rel.total(d, statistic, p.rel.quarter, "quarter"); first {
		p.number(2, d, statistic, n, ok, look{border: "thin", bold: true, fill: pale})
	} else {
		p.text(2, "", look{border: "thin", fill: pale})
	}
	for i, c := range codes {
		n, ok := p.rel.at(d, statistic, p.rel.quarter, "quarter", by, c.code)
		p.number(3+i, d, statistic, n, ok, look{border: "thin"})
	}
	p.next()
}

// deliveryLine stands above the agencies' numbers: a dash below means another thing for an agency
// that has nothing to report than for one that is not due.
func (p *page) deliveryLine(codes []code) {
	l := look{wrap: true, italic: true, size: 9, border: "thin", align: "right"}
	p.text(1, p.words["delivery_line"], look{wrap: true, italic: true, size: 9, border: "thin"})
	p.text(2, "", look{border: "thin", fill: pale})
	for i, c := range codes {
		p.text(3+i, p.stateText(p.rel.state(c.code, p.rel.quarter)), l)
	}
	p.next()
}

func (b *book) stateText(d delivery) string {
	s := b.words.term("state", d.state)
	if d.isLate {
		s = b.words.say("state_late", s)
	}
	return s
}

// inMargin leaves out measures that nobody has at this level.
func (r *release) inMargin(d definition, by string) bool {
	for k := range r.cells {
		if k.measure == d.measure && k.by == by && k.quarter == r.quarter.String() && k.period == "quarter" {
			return true
		}
	}
	return false
}

// agencyNames joins code and name.
func (r *release) agencyName(code string) string {
	for _, a := range r.agencies {
		if a.code == code && a.name != "" && !strings.EqualFold(a.name, code) {
			return code + " – " + a.name
		}
	}
	return code
}
