package ministry

import (
	"slices"
	"strings"
)

// across is how many columns fit beside each other on one page before another sheet begins.
const across = 10

// margin writes this quarter's measures by agency, municipality or area: one sheet for each ten of
// them, with the whole in the first column of each.
func (b *book) margin(by, sheetKey, titleKey string) {
	codes := b.rel.codes(by)
	for from, number := 0, 1; from == 0 || from < len(codes); from, number = from+across, number+1 {
		b.marginSheet(by, sheetKey, titleKey, number, codes[from:min(from+across, len(codes))])
	}
}

func (b *book) marginSheet(by, sheetKey, titleKey string, number int, codes []code) {
	widths := []float64{48, 11}
	for range max(len(codes), 4) {
		widths = append(widths, 14)
	}
	p := b.page(frame{name: sheetKey, number: number, widths: widths, header: 3, fixed: 2})
	defer p.finish()
	p.heading(b.words[titleKey])
	if len(codes) == 0 {
		p.prose(1, len(widths), b.words["nothing_by"], look{color: muted})
		p.next()
		return
	}
	heads := []string{p.words["measure"], p.words["all"]}
	for _, c := range codes {
		heads = append(heads, p.codeLabel(c))
	}
	p.heads(2, len(heads), heads...)
	if by == "agency" {
		p.deliveryLine(codes)
	}
	for _, d := range p.rel.definitions {
		if !p.rel.inMargin(d, by) {
			continue
		}
		p.marginRow(d, "", by, codes)
		if len(otherStatistics(d.kind)) > 0 {
			p.marginRow(d, "n", by, codes)
		}
	}
	p.row++
	p.prose(1, len(widths), b.words.say("margin_note", b.rel.quarter), look{size: 8.5, color: muted})
	p.next()
	p.legend(len(widths))
}

func (p *page) marginRow(d definition, statistic, by string, codes []code) {
	if statistic == "" {
		p.text(1, p.mainLabel(d), labelLook)
	} else {
		p.text(1, p.statisticLabel(d, statistic), look{wrap: true, border: "thin", indent: 2, color: muted})
	}
	n, ok := p.rel.total(d, statistic, p.rel.quarter, "quarter")
	p.number(2, d, statistic, n, ok, look{border: "thin", bold: true, fill: pale})
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

// codeLabel is the label, a word where the code is that of a missing value.
func (b *book) codeLabel(c code) string {
	if c.code == unknownCode && c.label == c.code {
		return b.words["not_recorded"]
	}
	return c.label
}

// inMargin leaves out measures that nobody has at this level: of agencies those that are listed count,
// not the register, and of places those that are named.
func (r *release) inMargin(d definition, by string) bool {
	for k := range r.cells {
		if k.measure != d.measure || k.by != by || k.quarter != r.quarter.String() || k.period != "quarter" || k.code == unknownCode {
			continue
		}
		if by != "agency" || slices.ContainsFunc(r.agencies, func(a agency) bool { return a.code == k.code }) {
			return true
		}
	}
	return false
}

// agencyName joins code and name.
func (r *release) agencyName(code string) string {
	for _, a := range r.agencies {
		if a.code == code && a.name != "" && !strings.EqualFold(a.name, code) {
			return code + " – " + a.name
		}
	}
	return code
}
