package ministry

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

const trendQuarters = 8

// charts are the pictures of the trends sheet; measures that a pack lacks are left out.
var charts = []struct {
	title    string
	measures []string
}{
	{"trend_served", []string{"csp_children_served", "csp_families_served"}},
	{"trend_flow", []string{"csp_referrals", "csp_plans", "csp_plans_shared"}},
	{"trend_waits", []string{"csp_days_waiting", "csp_days_to_assigned", "csp_days_to_plan_shared"}},
}

// Colours that differ in lightness too; the markers differ as well, and each set of agencies has its dashes.
var (
	lineColours = []string{"0B4A6F", "C4661F", "5B8C5A"}
	markers     = []string{"circle", "square", "triangle"}
	dashes      = []excelize.LineDashType{excelize.LineDashSolid, excelize.LineDashSysDash, excelize.LineDashSysDot}
)

// run is a measure over the quarters that one set of agencies answered.
type run struct {
	d        definition
	agencies string
	colour   int
	set      int // the first set of agencies, the second
	points   map[tributary.Quarter]number
}

func (b *book) trends() {
	quarters := b.rel.quarters
	if len(quarters) > trendQuarters {
		quarters = quarters[len(quarters)-trendQuarters:]
	}
	widths := []float64{66}
	for range quarters {
		widths = append(widths, 15)
	}
	for len(widths) < 5 {
		widths = append(widths, 15)
	}
	p := b.page(frame{name: "sheet_trends", widths: widths, header: 2, fixed: 1})
	p.heading(b.words["title_trends"])
	p.prose(1, len(widths), b.words["trend_note"], look{color: muted})
	p.next()
	p.smallLegend(len(widths))
	var broken []definition
	for i, c := range charts {
		if i > 0 {
			p.keep(p.f.InsertPageBreak(p.name, at(1, p.row+1)))
		}
		p.section(b.words[c.title])
		runs := b.rel.runs(b, c.measures, quarters)
		if len(runs) == 0 {
			p.prose(1, len(widths), b.words["trend_empty"], look{color: muted})
			p.next()
			continue
		}
		p.trend(c.title, runs, quarters)
		if len(runs) > 1 && runs[1].d.measure == runs[0].d.measure {
			broken = append(broken, runs[0].d)
		}
	}
	if len(broken) > 0 {
		p.likeForLike(broken, quarters)
	}
}

// runs splits each measure by the set of agencies that answered, in order of first appearance.
func (r *release) runs(b *book, measures []string, quarters []tributary.Quarter) []run {
	var runs []run
	for colour, id := range measures {
		d, known := r.definition(id)
		if !known {
			continue
		}
		sets := map[string]int{}
		for _, q := range quarters {
			n, ok := r.total(d, "", q, "quarter")
			if !ok {
				continue
			}
			set := b.setText(d, q, quarters)
			at, seen := sets[set]
			if !seen {
				at = len(runs)
				sets[set] = at
				runs = append(runs, run{d, set, colour, len(sets) - 1, map[tributary.Quarter]number{}})
			}
			runs[at].points[q] = n
		}
	}
	return runs
}

// setText names the agencies that answered for the quarter, against all that ever fed the measure: a
// school board that is missing breaks no line of plans that it never writes.
func (b *book) setText(d definition, q tributary.Quarter, quarters []tributary.Quarter) string {
	var all []string
	for _, a := range b.rel.agencies {
		if b.rel.hasAny(d, "agency", a.code, quarters) {
			all = append(all, a.code)
		}
	}
	answering := b.rel.answering(q)
	missing := without(all, answering)
	in := without(all, missing)
	switch {
	case len(in) == 0:
		return b.words["trend_none"]
	case len(all) == 1:
		return all[0]
	case len(missing) == 0:
		return b.words.say("trend_all", len(in))
	case len(missing) > len(in):
		return b.words.say("trend_some", len(in), strings.Join(in, ", "))
	}
	return b.words.say("trend_but", len(in), strings.Join(missing, ", "))
}

// trend writes the table that the chart draws, and the chart below it.
func (p *page) trend(title string, runs []run, quarters []tributary.Quarter) {
	right := headLook
	right.align = "right"
	head := p.row
	p.text(1, p.words["measure"], headLook)
	for i, q := range quarters {
		p.text(2+i, p.quarterHead(q), right)
	}
	p.next()
	last := 1 + len(quarters)
	series := make([]excelize.ChartSeries, 0, len(runs))
	for _, r := range runs {
		p.line(1, last, labelLook)
		p.text(1, p.words.say("trend_set", p.mainLabel(r.d), r.agencies), labelLook)
		for i, q := range quarters {
			// A quarter of another set stays truly empty: text would be drawn as zero.
			if n, ok := r.points[q]; ok {
				p.number(2+i, r.d, "", n, true, look{border: "thin"})
			}
		}
		fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{lineColours[r.colour%len(lineColours)]}}
		series = append(series, excelize.ChartSeries{
			Name:       p.absolute(1, p.row),
			Categories: fmt.Sprintf("'%s'!$B$%d:$%s$%d", quoted(p.name), head, column(last), head),
			Values:     fmt.Sprintf("'%s'!$B$%d:$%s$%d", quoted(p.name), p.row, column(last), p.row),
			Fill:       fill, // the line's colour too
			Line:       excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25, Dash: dashes[min(r.set, len(dashes)-1)]},
			Marker:     excelize.ChartMarker{Symbol: markers[r.colour%len(markers)], Size: 8, Fill: fill, Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: fill}},
		})
		p.next()
	}
	p.row++
	p.chart(title, series, runs, quarters)
}

const (
	chartRows   = 18
	chartHeight = 345
)

func (p *page) chart(title string, series []excelize.ChartSeries, runs []run, quarters []tributary.Quarter) {
	width := 0.0
	for _, w := range p.widths {
		width += w*7 + 5
	}
	text := &excelize.Font{Family: font, Size: 9, Color: ink}
	p.keep(p.f.AddChart(p.name, at(1, p.row), &excelize.Chart{
		Type: excelize.Line, Series: series, ShowBlanksAs: "gap",
		Format: excelize.GraphicOptions{Name: p.words[title], AltText: p.altText(title, runs, quarters),
			OffsetX: 4, OffsetY: 4, Positioning: "oneCell", PrintObject: ptr(true)},
		Dimension: excelize.ChartDimension{Width: uint(width - 12), Height: chartHeight},
		Legend:    excelize.ChartLegend{Position: "bottom", Font: text},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: p.words[title],
			Font: &excelize.Font{Family: font, Size: 12, Bold: true, Color: deep}}}},
		XAxis: excelize.ChartAxis{Font: *text},
		YAxis: excelize.ChartAxis{Font: *text, MajorGridLines: true, Minimum: ptr(0.0)},
	}))
	for range chartRows {
		p.heights[p.row] = 15
		p.next()
	}
}

// likeForLike shows, where lines are broken, the first measure of each chart for the agencies that
// answered in every quarter: published numbers that can be compared without a break.
func (p *page) likeForLike(broken []definition, quarters []tributary.Quarter) {
	steady := p.rel.answering(quarters[0])
	for _, q := range quarters[1:] {
		steady = without(steady, without(steady, p.rel.answering(q)))
	}
	p.keep(p.f.InsertPageBreak(p.name, at(1, p.row+1)))
	p.section(p.words["like_title"])
	if len(steady) == 0 {
		p.prose(1, 1+len(quarters), p.words["like_none"], look{color: muted})
		p.next()
		return
	}
	heads := make([]string, 1, 1+len(quarters))
	for _, q := range quarters {
		heads = append(heads, p.quarterHead(q))
	}
	for _, d := range broken {
		heads[0] = p.mainLabel(d)
		p.heads(2, len(heads), heads...)
		for _, agency := range steady {
			if !p.rel.hasAny(d, "agency", agency, quarters) {
				continue
			}
			p.text(1, p.rel.agencyName(agency), labelLook)
			for i, q := range quarters {
				n, ok := p.rel.at(d, "", q, "quarter", "agency", agency)
				p.number(2+i, d, "", n, ok, look{border: "thin"})
			}
			p.next()
		}
		p.row++
	}
}

// altText tells what the picture shows to who cannot see it: each measure's way, and the breaks.
func (p *page) altText(title string, runs []run, quarters []tributary.Quarter) string {
	var told []string
	broken := false
	for i := 0; i < len(runs); {
		d := runs[i].d
		j := i
		for j < len(runs) && runs[j].d.measure == d.measure {
			j++
		}
		broken = broken || j-i > 1
		var values []string
		for _, q := range quarters {
			for _, r := range runs[i:j] {
				if n, ok := r.points[q]; ok && !n.hidden {
					values = append(values, p.value(d, "", n.value))
				}
			}
		}
		if len(values) > 0 {
			told = append(told, p.words.say("trend_to", d.label, values[0], values[len(values)-1]))
		}
		i = j
	}
	if broken {
		told = append(told, p.words["trend_broken"])
	}
	return sheet.Text(p.words.say("trend_alt", p.words[title], quarters[0], quarters[len(quarters)-1], strings.Join(told, " ")))
}
