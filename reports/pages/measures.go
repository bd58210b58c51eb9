package pages

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Measures tells the published numbers, and why each is what it is.
type Measures interface {
	// Numbers lists the totals of all measures by quarter, or those of one with its breakdowns.
	Numbers(ctx context.Context, measure string) ([]Number, error)
	// WhyNumber explains one; withText also tells what the files say, which shows persons.
	WhyNumber(ctx context.Context, cell string, withText bool) (Why, error)
	// ChildOf tells of one child, by its id or as AGENCY:number; ErrNotFound where there is none. It shows a person.
	ChildOf(ctx context.Context, who string) (Child, error)
}

// Child is what the measures make of one child.
type Child struct {
	ID      string
	Records []string
	// Withheld is how many records the agreement does not allow to show beside these.
	Withheld int
	Parts    []ChildPart
}

// ChildPart is what one measure made of the child in one quarter: the cells that it feeds, or the first rule that keeps
// it out.
type ChildPart struct {
	Measure, Label, Quarter, Agency, LeftOut string
	IsYear                                   bool
	Cells                                    []string
}

// Number is one published number.
type Number struct {
	Measure, Label, Unit, Basis, Definition, Cell, Statistic, Quarter, By, Code, Text, Range string
	// LabelFr and DefinitionFr are the same in French.
	LabelFr, DefinitionFr string
	IsYear                bool
	Value                 *float64
}

// Why explains a number.
type Why struct {
	Cell, Unit, Sentence, Definition, Basis, Cites, SQL string
	Recounted                                           float64
	Rows                                                int
	Bridge, Steps                                       []WhyStep
	Units                                               []WhyUnit
}

// WhyStep is one bar of the explanation, and how wide it is of 300.
type WhyStep struct {
	Label string
	Units int
	Width int
}

// WhyUnit is one child, family or episode behind a number, and where it stands in the provider's file.
type WhyUnit struct{ ID, Address, Evidence string }

// IsChild says that the unit is a child, or is of one, whose own page it leads to.
func (w Why) IsChild() bool { return w.Unit == "child" }

func measureRoutes() []route {
	of := func(pattern, file string, do func(*Visit) error) route {
		return route{pattern: pattern, may: See, file: file, words: measureWords, do: do}
	}
	return []route{of("GET /measures", "measures.html", measures), of("GET /measures/{id}", "measure.html", measure), of("GET /why", "why.html", whyNumber),
		{pattern: "GET /child", may: Named, file: "child.html", words: measureWords, do: child}}
}

// measureRow is one measure in the list: its newest numbers and its trend.
type measureRow struct {
	Number
	Year   Number
	Points string
	Trend  string
}

// mainOf says that a statistic is the one that a list shows.
func mainOf(statistic string) bool {
	return slices.Contains([]string{"", "share", "median", "ratio"}, statistic)
}

func measures(v *Visit) error {
	all, err := v.Desk.Numbers(v.Context(), "")
	if err != nil {
		return err
	}
	_, quarter := v.Desk.Generation()
	var rows []measureRow
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(x Number) bool { return x.Measure != all[0].Measure })
		if n < 0 {
			n = len(all)
		}
		rows = append(rows, rowOf(all[:n], quarter))
		all = all[n:]
	}
	return v.Show(shared["measures"]+" "+quarter, rows)
}

func rowOf(all []Number, quarter string) measureRow {
	out := measureRow{Number: Number{Measure: all[0].Measure, Label: all[0].Label, Basis: all[0].Basis, Unit: all[0].Unit}}
	var trend []Number
	for _, n := range all {
		switch {
		case !mainOf(n.Statistic) || n.Quarter > quarter:
		case n.IsYear && n.Quarter == quarter:
			out.Year = n
		case !n.IsYear && n.Value != nil:
			trend = append(trend, n)
			if n.Quarter == quarter {
				out.Number = n
			}
		}
	}
	out.Points, out.Trend = spark(trend)
	return out
}

// spark are the points of a small line of 90 by 20, and the same in words.
func spark(trend []Number) (points, words string) {
	if len(trend) < 2 {
		return "", ""
	}
	most := 0.0
	for _, n := range trend {
		most = max(most, *n.Value)
	}
	var text, said []string
	for i, n := range trend {
		y := 18.0
		if most > 0 {
			y -= 16 * *n.Value / most
		}
		text = append(text, fmt.Sprintf("%.1f,%.1f", 2+86*float64(i)/float64(len(trend)-1), y))
		said = append(said, n.Quarter+" "+n.Text)
	}
	return strings.Join(text, " "), strings.Join(said, ", ")
}

// numbersOnPage is how many numbers of a measure one page lists: it has one for each municipality and each statistic.
const numbersOnPage = 400

func measure(v *Visit) error {
	all, err := v.Desk.Numbers(v.Context(), v.PathValue("id"))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("measure %q %w", v.PathValue("id"), ErrNotFound)
	}
	if err != nil {
		return err
	}
	at := page(v)
	first := min(len(all), (at-1)*numbersOnPage)
	shown := all[first:min(len(all), first+numbersOnPage)]
	return v.Show(all[0].Label, struct {
		Number
		Shown            []Number
		First, Last, All int
		pager
	}{all[0], shown, first + 1, first + len(shown), len(all), pagerOf("/measures/"+url.PathEscape(all[0].Measure), url.Values{}, at, first+len(shown) < len(all))})
}

func whyNumber(v *Visit) error {
	cell, withText := v.FormValue("cell"), v.FormValue("text") != "" && v.May(Named)
	if withText {
		if ok, err := v.Because("why " + cell); !ok {
			return err
		}
	}
	w, err := v.Desk.WhyNumber(v.Context(), cell, withText)
	if err != nil {
		return err
	}
	for _, steps := range [][]WhyStep{w.Bridge, w.Steps} {
		most := 1
		for _, s := range steps {
			most = max(most, s.Units, -s.Units)
		}
		for i, s := range steps {
			steps[i].Width = max(s.Units, -s.Units) * 300 / most
		}
	}
	measure, _, _ := strings.Cut(w.Cell, "@")
	measure, _, _ = strings.Cut(measure, ".")
	if !v.May(Named) { // rows of persons are not for everybody who may see a number
		w.Units = nil
	}
	return v.Show(measureWords["why_title"]+" "+w.Cell, struct {
		Why
		Measure, TextLink  string
		MayNamed, WithText bool
		MaySubmit          bool
	}{w, measure, "/why?" + url.Values{"cell": {w.Cell}, "text": {"yes"}}.Encode(), v.May(Named), withText, v.May(Submit)})
}

func child(v *Visit) error {
	who := strings.TrimSpace(v.FormValue("of"))
	if who == "" {
		return v.Show(measureWords["child_link"], Child{})
	}
	if ok, err := v.Because("why --child " + who); !ok {
		return err
	}
	c, err := v.Desk.ChildOf(v.Context(), who)
	if err != nil {
		return err
	}
	return v.Show(measureWords["child_title"]+" "+c.ID, c)
}
