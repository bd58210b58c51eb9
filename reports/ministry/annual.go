package ministry

import (
	"context"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

const (
	// planRows and spareMembers are how many empty lines the improvement plan and the signatures have.
	planRows, spareMembers = 6, 4
)

// planFields are the columns of the improvement plan, kept as notes like all words that people type.
var planFields = []string{"what", "who", "when", "how"}

// Annual writes the annual report of the fiscal year of a quarter: its quarters side by side, how the
// partners took part, the targets of the year with what was said of them, a plan to improve, and a
// signature line for every member of the steering mechanism (domain.md 1.6). Words typed into its
// marked cells are read back by ReadNotes.
func Annual(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer) ([]Cell, error) {
	words, err := wordsOf(lang)
	if err != nil {
		return nil, err
	}
	rel, err := read(ctx, q, quarter, lang)
	if err != nil {
		return nil, fmt.Errorf("annual report %s: %w", quarter.FiscalYear(), err)
	}
	b := &annual{book: &book{f: excelize.NewFile(), words: words, rel: rel, styles: map[look]int{}, names: map[string]bool{}}}
	defer b.f.Close()
	for q := quarter; q.FiscalYear() == quarter.FiscalYear(); q = q.Prev() {
		b.quarters = append([]tributary.Quarter{q}, b.quarters...)
	}
	if err := b.readTargets(ctx, q); err != nil {
		return nil, fmt.Errorf("annual report %s: %w", quarter.FiscalYear(), err)
	}
	if err := b.write(); err != nil {
		return nil, fmt.Errorf("annual report %s: %w", quarter.FiscalYear(), err)
	}
	if err := sheet.Pack(b.f, w); err != nil {
		return nil, fmt.Errorf("annual report %s: %w", quarter.FiscalYear(), err)
	}
	return b.cells, nil
}

type annual struct {
	*book
	// quarters are those of the fiscal year that are in it; targets those of all of them.
	quarters []tributary.Quarter
	targets  map[tributary.Quarter][]target
}

func (b *annual) readTargets(ctx context.Context, q Query) error {
	b.targets = map[tributary.Quarter][]target{}
	here := b.rel.targets
	defer func() { b.rel.targets = here }()
	for _, at := range b.quarters {
		then := *b.rel
		then.quarter, then.targets = at, nil
		if err := then.readTargets(ctx, q); err != nil {
			return fmt.Errorf("read release.target: %w", err)
		}
		b.targets[at] = then.targets
	}
	return nil
}

func (b *annual) write() error {
	if err := b.begin(); err != nil {
		return err
	}
	b.words["title"] = b.words["annual_title"]
	b.cover()
	b.year()
	b.partners()
	b.improvement()
	b.signatures()
	b.form()
	if b.err != nil {
		return b.err
	}
	return b.end()
}

// cell is what the report's own words belong to.
func (b *annual) cell() string { return "annual@" + b.rel.quarter.FiscalYear() }

func (b *annual) span() string {
	first, last := b.quarters[0], b.quarters[len(b.quarters)-1]
	text := b.words.say("annual_year", b.rel.quarter.FiscalYear(), b.date(first.Start()), b.date(last.End()))
	if len(b.quarters) < 4 {
		text += " " + b.words.say("annual_part", len(b.quarters))
	}
	return text
}

func (p *page) titled(title, under string) {
	p.text(1, title, look{size: 16, bold: true, color: deep})
	p.next()
	p.text(1, under, look{color: muted})
	p.next()
}

func (b *annual) cover() {
	p := b.page(frame{name: "sheet_cover", widths: []float64{46, 92}, onePage: true, tab: deep})
	p.text(1, b.words["annual_title"], look{size: 22, bold: true, color: deep})
	p.next()
	p.text(1, b.span(), look{size: 13, color: muted})
	p.next()
	p.row++
	for _, line := range [][2]string{{"agency", b.agencyName()}, {"code", b.setting("agency_code")}, {"tpr", b.setting("tpr_number")}, {"region", b.setting("region")},
		{"area", b.setting("area")}, {"as_of", b.date(b.rel.asOf())}, {"director", b.setting("director")}} {
		if line[1] == "" {
			line[1] = b.words["not_stated"]
		}
		p.text(1, b.words[line[0]], look{color: muted})
		p.text(2, line[1], look{bold: true, wrap: true})
		p.next()
	}
	p.section(b.words["annual_what"])
	for _, key := range []string{"annual_says_numbers", "annual_says_partners", "annual_says_plan", "annual_says_sign"} {
		p.prose(1, 2, b.words[key], look{})
		p.next()
	}
	p.row++
	p.prose(1, 2, b.words["annual_source"], look{size: 8.5, color: muted})
	p.next()
	p.legend(2)
}

// year is each measure by quarter and for the year, question by question.
func (b *annual) year() {
	widths := []float64{52}
	for range b.quarters {
		widths = append(widths, 14)
	}
	widths = append(widths, 14, 22, 26)
	p := b.page(frame{name: "sheet_annual_year", widths: widths, header: 3, fixed: 1})
	defer p.finish()
	p.titled(b.words["title_annual_year"], b.agencyName()+"  ·  "+b.span())
	heads := []string{b.words["measure"]}
	for _, q := range b.quarters {
		heads = append(heads, b.quarterHead(q))
	}
	p.heads(2, 2+len(b.quarters), append(heads, b.words["annual_whole"]+"\n"+b.rel.quarter.FiscalYear(), b.words["unit"], b.words["annual_basis"])...)
	untold := map[string][]string{}
	for _, question := range questions {
		isFirst := true
		for _, d := range b.rel.definitions {
			switch {
			case d.question != question:
			case !b.rel.told[d.measure]:
				untold[d.pack] = append(untold[d.pack], d.label)
			default:
				if isFirst {
					p.section(b.words["title_"+question])
					isFirst = false
				}
				b.line(p, d)
			}
		}
	}
	p.untold(untold, len(widths))
	p.row++
	p.legend(len(widths))
}

// line is one measure: its quarters, and the year, which a stock has not.
func (b *annual) line(p *page, d definition) {
	p.text(1, p.mainLabel(d), labelLook)
	for i, q := range b.quarters {
		n, ok := p.rel.total(d, "", q, "quarter")
		p.number(2+i, d, "", n, ok, look{border: "thin"})
	}
	col := 2 + len(b.quarters)
	n, ok := p.rel.total(d, "", p.rel.quarter, "ytd")
	if !ok && d.basis == "point_in_time" {
		p.text(col, p.words["not_for_stock"], look{border: "thin", align: "right", color: muted})
	} else {
		p.number(col, d, "", n, ok, look{border: "thin", bold: true})
	}
	small := look{border: "thin", color: muted, wrap: true, size: 9, indent: 1}
	p.text(col+1, p.unit(d, mainStatistic(d.kind)), small)
	small.indent = 0
	p.text(col+2, p.words.term("basis", d.basis), small)
	p.next()
}

// partners says who took part in which quarter, and leaves room for how they worked together.
func (b *annual) partners() {
	widths := []float64{52, 26}
	for range b.quarters {
		widths = append(widths, 24)
	}
	p := b.page(frame{name: "sheet_annual_partners", widths: widths, header: 3, fixed: 1})
	defer p.finish()
	p.titled(b.words["title_annual_partners"], b.agencyName()+"  ·  "+b.span())
	heads := []string{b.words["annual_member"], b.words["annual_role"]}
	for _, q := range b.quarters {
		heads = append(heads, b.quarterHead(q))
	}
	p.heads(0, 0, heads...)
	for _, a := range b.rel.agencies {
		p.text(1, a.name, labelLook)
		p.text(2, b.words.term("annual_role", a.role), labelLook)
		for i, q := range b.quarters {
			p.text(3+i, b.stateText(b.rel.state(a.code, q)), labelLook)
		}
		p.next()
	}
	p.section(b.words["annual_together"])
	p.prose(1, len(widths), b.words["annual_together_ask"], look{color: muted})
	p.next()
	p.written(1, len(widths), b.cell(), "together", 120)
}

// written is a marked cell over some columns, with what was written there before.
func (p *page) written(from, to int, cellID, field string, tall float64) {
	text := p.rel.notes[cellID+"\x00"+field]
	l := entryLook
	l.tall = tall
	p.entry(from, cellID, field, text)
	p.prose(from, to, text, l)
	p.next()
}

// improvement lists the targets that were missed in any quarter with what was said of them, and a plan.
func (b *annual) improvement() {
	p := b.page(frame{name: "sheet_annual_plan", widths: []float64{44, 16, 16, 16, 22, 40, 40}, header: 2, fixed: 1})
	defer p.finish()
	p.titled(b.words["title_annual_plan"], b.agencyName()+"  ·  "+b.span())
	p.section(b.words["annual_targets"])
	p.heads(3, 5, b.words["measure"], b.words["quarter"], b.words["target"], b.words["actual"], b.words["variance"], b.words["cause"], b.words["corrective_action"])
	lines, targets := 0, 0
	here := *b.rel
	for _, q := range b.quarters {
		b.rel.quarter, b.rel.targets = q, b.targets[q]
		targets += len(b.targets[q])
		for _, m := range b.rel.measuredTargets() {
			if !m.beyond {
				continue
			}
			lines++
			right := look{wrap: true, border: "thin", align: "right"}
			p.text(1, p.mainLabel(m.d), labelLook)
			p.text(2, q.String(), labelLook)
			p.text(3, p.value(m.d, m.statistic, m.target.value), right)
			p.number(4, m.d, m.statistic, m.actual, m.ok, look{border: "thin", bold: true})
			p.text(5, p.signedValue(m), right)
			for i, field := range []string{"cause", "corrective_action"} {
				l := labelLook
				l.indent = 1
				p.text(6+i, p.rel.notes[m.actual.cellID+"\x00"+field], l)
			}
			p.next()
		}
	}
	b.rel.quarter, b.rel.targets = here.quarter, here.targets
	if lines == 0 {
		why := "explain_none"
		if targets == 0 {
			why = "annual_target_none"
		}
		p.prose(1, 7, b.words[why], look{color: muted})
		p.next()
	}
	p.section(b.words["annual_plan"])
	p.prose(1, 7, b.words["annual_plan_ask"], look{color: muted})
	p.next()
	spans := [][2]int{{1, 1}, {2, 4}, {5, 5}, {6, 7}}
	p.line(1, 7, headLook)
	for i, field := range planFields {
		p.prose(spans[i][0], spans[i][1], b.words.term("annual_plan", field), headLook)
	}
	p.next()
	for row := 1; row <= planRows; row++ {
		for i, field := range planFields {
			name := fmt.Sprintf("improvement_%d_%s", row, field)
			text := b.rel.notes[b.cell()+"\x00"+name]
			p.entry(spans[i][0], b.cell(), name, text)
			p.prose(spans[i][0], spans[i][1], text, entryLook)
		}
		p.next()
	}
}

// signatures has a line for every agency of the workspace, and spare ones: who sits in the steering
// mechanism its terms of reference say, not we.
func (b *annual) signatures() {
	p := b.page(frame{name: "sheet_annual_sign", widths: []float64{50, 24, 30, 26, 40, 16}, header: 3, fixed: 0})
	defer p.finish()
	p.titled(b.words["title_annual_sign"], b.agencyName()+"  ·  "+b.span())
	p.heads(0, 0, b.words["annual_member"], b.words["annual_role"], b.words["annual_name"], b.words["annual_position"], b.words["annual_signature"], b.words["annual_date"])
	line := func(name, role string) {
		p.text(1, name, labelLook)
		p.text(2, role, labelLook)
		for col := 3; col <= 6; col++ {
			p.text(col, "", look{border: "box", tall: 34})
		}
		p.next()
	}
	for _, a := range b.rel.agencies {
		line(a.name, b.words.term("annual_role", a.role))
	}
	for range spareMembers {
		line("", "")
	}
	p.row++
	p.prose(1, 6, b.words["annual_sign_note"], look{size: 8.5, color: muted})
	p.next()
}
