package gaps

import (
	"fmt"
	"slices"
	"strings"
)

// table is a view that no filter changes: on the page as it is, in the workbook with its numbers as numbers.
type table struct {
	ID, Title string
	Lead      []string
	Heads     []string
	Rows      [][]cell
	After     []string
}

// cell is a text, or a number with what marks it.
type cell struct {
	Text, Class string
	n           *float64
	isShare     bool
	isSmall     bool
}

const (
	classSilent   = "silent"
	closingShown  = 15 // on the page; the workbook has all
	shownQuarters = 8
)

func words1(text string) cell { return cell{Text: text} }

// cell writes a figure.
func (r *release) cell(role string, k key) cell {
	f, ok := r.at(role, k)
	c := cell{Text: r.value(role, f, ok), isShare: isShare(role), isSmall: f.isSmall}
	if ok && f.isSilent() {
		return cell{Text: r.say("silent"), Class: classSilent}
	}
	if ok && f.value.Valid {
		c.n = &f.value.Float64
	}
	return c
}

func (r *release) range1(role string, k key) cell {
	f, ok := r.at(role, k)
	return words1(r.interval(role, f, ok))
}

func (r *release) cover1(role string, k key) cell {
	f, ok := r.at(role, k)
	c := words1(r.covered(f, ok))
	if ok && f.isSilent() {
		c.Class = classSilent
	}
	return c
}

// supply is what is offered, by service or by municipality.
func (r *release) supply(by string) table {
	t := table{ID: "supply-" + by, Title: r.say("supply." + by), Lead: []string{r.say("supply.lead")},
		Heads: r.sayAll(by, "offering", "places", "away", "between", "coverage")}
	for _, l := range append([]row{{name: r.total(by), key: r.now()}}, r.keys(by, r.quarter.String())...) {
		cells := []cell{words1(l.name), r.cell(offering, l.key), r.cell(seats, l.key), r.cell(away, l.key), r.range1(away, l.key), r.cover1(offering, l.key)}
		if slices.ContainsFunc(cells[1:], func(c cell) bool { return c.n != nil }) {
			t.Rows = append(t.Rows, cells)
		}
	}
	return r.noted(t)
}

// noted says so where a table has nothing.
func (r *release) noted(t table) table {
	if len(t.Rows) == 0 {
		t.After = []string{r.say("none")}
	}
	return t
}

// worded is the word of a code; a code that has none reads as it is written.
func (r *release) worded(code string) string {
	if _, ok := texts["code."+code]; ok {
		return r.say("code." + code)
	}
	if code == "" {
		return r.say("unknown")
	}
	return strings.ReplaceAll(code, "_", " ")
}

func (r *release) category(code string) string {
	for _, p := range r.partners {
		if p.category == code {
			return p.name
		}
	}
	return r.worded(code)
}

func (r *release) pathways() table {
	t := table{ID: "paths", Title: r.say("sheet.paths"), Lead: []string{r.say("paths.lead")}, Heads: r.sayAll("direction", "category", "kind", "outcome", "referrals")}
	for _, p := range r.paths {
		n := float64(p.units)
		c := cell{Text: r.amount(n), n: &n, isSmall: p.isSmall}
		if p.isSmall {
			c.Text += thin + "†"
		}
		t.Rows = append(t.Rows, []cell{words1(r.worded(p.direction)), words1(r.category(p.category)), words1(r.worded(p.kind)), words1(r.worded(p.outcome)), c})
	}
	return r.noted(t)
}

func (r *release) process() table {
	t := table{ID: "process", Title: r.say("sheet.process"), Lead: []string{r.say("process.lead")},
		Heads: append(append([]string{r.say("place")}, r.label(meeting), r.say("between")), r.label(review), r.say("between"), r.say("coverage"))}
	for _, l := range append([]row{{name: r.total(byPlace), key: r.now()}}, r.keys(byPlace, r.quarter.String())...) {
		cells := []cell{words1(l.name), r.cell(meeting, l.key), r.range1(meeting, l.key), r.cell(review, l.key), r.range1(review, l.key), r.cover1(meeting, l.key)}
		if slices.ContainsFunc(cells[1:], func(c cell) bool { return c.n != nil || c.Class != "" }) {
			t.Rows = append(t.Rows, cells)
		}
	}
	return r.noted(t)
}

// label is the release's own name of a figure.
func (r *release) label(role string) string {
	measure, statistic, _ := strings.Cut(role, ".")
	for _, d := range r.definitions {
		if d.measure == measure && d.statistic == statistic {
			return d.label
		}
	}
	for _, d := range r.definitions {
		if d.measure == measure {
			return d.label
		}
	}
	return measure
}

func (r *release) partnership() table {
	t := table{ID: "partners", Title: r.say("sheet.partners"), Lead: []string{r.say("partners.lead")}, Heads: r.sayAll("programme", "category", "agreement", "sends", "agencies")}
	is := func(yes bool) cell {
		if yes {
			return words1("✓ " + r.say("yes"))
		}
		return cell{Text: "✗ " + r.say("no"), Class: "lack"}
	}
	for _, p := range r.partners {
		t.Rows = append(t.Rows, []cell{words1(r.worded(p.programme)), words1(p.name), is(p.hasAgreement), is(p.hasData), words1(strings.Join(strings.Fields(p.agencies), ", "))})
	}
	return r.noted(t)
}

// closing is what closing each gap would take, at most so many lines; 0 is all.
func (r *release) closing(most int) table {
	t := table{ID: "closing", Title: r.say("sheet.closing"), Lead: []string{r.say("closing.lead")}, Heads: r.sayAll("place", "service", "waiting", "not.there", "places.needed", "hours.needed")}
	number := func(is bool, n float64, small bool) cell {
		if !is {
			return words1(none)
		}
		c := cell{Text: r.amount(n), n: &n, isSmall: small}
		if small {
			c.Text += thin + "†"
		}
		return c
	}
	var methods []string
	var lines []closing
	for _, c := range r.closings {
		// The lines of totals repeat those of their parts.
		if c.place != "" && c.service != "" {
			lines = append(lines, c)
		}
	}
	for i, c := range lines {
		if c.method != "" && !slices.Contains(methods, c.method) {
			methods = append(methods, c.method)
		}
		if most > 0 && i >= most {
			continue
		}
		t.Rows = append(t.Rows, []cell{words1(r.placeName(c.place)), words1(r.serviceName(c.service)), number(c.waiting.Valid, float64(c.waiting.Int64), c.isSmall),
			number(c.notAvailable.Valid, float64(c.notAvailable.Int64), c.isSmall), number(c.places.Valid, c.places.Float64, false), number(c.hours.Valid, c.hours.Float64, false)})
	}
	for _, m := range methods {
		t.After = append(t.After, r.say("rule")+r.say("colon")+" "+r.method(m))
	}
	if rest := len(lines) - len(t.Rows); rest > 0 {
		t.After = append(t.After, r.say("closing.rest", rest))
	}
	return r.noted(t)
}

func (r *release) method(code string) string { return nameOf(r.methods, code) }

// reporting is each agency's delivery over the last quarters.
func (r *release) reporting() table {
	quarters := r.quarters[max(0, len(r.quarters)-shownQuarters):]
	t := table{ID: "reported", Title: r.say("sheet.reported"), Lead: []string{r.say("reported.lead")}, Heads: append(r.sayAll("agency"), r.quarterNames(quarters...)...)}
	for _, a := range r.agencies {
		cells := []cell{words1(a.name)}
		for _, q := range quarters {
			d, ok := r.deliveries[[2]string{q, a.code}]
			switch {
			case !ok:
				cells = append(cells, words1(none))
			case owes(d.state) && !didReport(d.state):
				cells = append(cells, cell{Text: r.state(d.state), Class: classSilent})
			default:
				cells = append(cells, words1(r.state(d.state)))
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return r.noted(t)
}

func (r *release) state(code string) string {
	if _, ok := texts["state."+code]; ok {
		return r.say("state." + code)
	}
	return code
}

// methodTexts say how the figures are made, in words, and what each measure means.
func (r *release) methodTexts() []said {
	var out []said
	for _, k := range []string{"what", "interval", "funnel", "cover", "wait", "small", "people", "derived"} {
		text := ""
		switch k {
		case "small":
			text = r.say(map[bool]string{true: "m.small.text", false: "m.hidden.text"}[r.audience() == ""], r.smallBelow())
		case "people":
			text = r.people()
		default:
			text = r.say("m." + k + ".text")
		}
		out = append(out, said{r.say("m." + k), text})
	}
	if r.audience() != "" {
		out = append(out, said{r.say("m.own"), r.ownNumbers()})
	}
	for _, m := range r.methods {
		out = append(out, said{r.say("method") + r.say("colon") + " " + m.code, m.name})
	}
	for _, d := range r.definitions {
		text := strings.TrimSpace(d.text)
		if d.cites != "" {
			text += fmt.Sprintf(" (%s %s)", r.say("cites"), d.cites)
		}
		out = append(out, said{upper(d.label), text})
	}
	return out
}

// ownNumbers says whose the figures are that rest on one agency alone, and of which services they are in the whole area.
func (r *release) ownNumbers() string {
	var alone []string
	for _, l := range r.keys(byService, r.quarter.String()) {
		if f, ok := r.at(identified, l.key); ok && f.reported == 1 {
			alone = append(alone, l.name)
		}
	}
	text := r.say("m.own.text")
	if len(alone) > 0 {
		text += " " + r.say("m.own.services", r.quarter.Name(r.lang), r.list(alone))
	}
	return text
}

// people says what rates are held against.
func (r *release) people() string {
	switch r.settings["rate_base"] {
	case "children":
		return r.say("m.people.children", r.settings["rate_base_on"], r.settings["rate_source"])
	case "population":
		return r.say("m.people.population", r.settings["rate_base_on"], r.settings["rate_source"])
	}
	return r.say("m.people.none")
}
