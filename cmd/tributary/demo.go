package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/examples/demo"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
	"tributary/reports/template"
)

// Days after a quarter's end on which the demo looks into the drop: once before the due date, and
// once after the late ones came.
const (
	demoOnTime = 10
	demoLate   = 36
)

func (p *program) demo() *cobra.Command {
	var opt demo.Options
	c := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Make an invented area and walk its year through all steps",
		Long: `Writes drop/ (what nine invented agencies send in four quarters, each in its own format, with
what goes wrong in practice), ministry/ (the blank form of an invented ministry, in both languages),
workspace/ and truth.json, runs every step, fills the form, and says how right it was.`,
		Example: "  tributary demo\n  tributary demo /tmp/demo --children 5000",
		Args:    cobra.MaximumNArgs(1),
	}
	c.Flags().Int64Var(&opt.Seed, "seed", 0, "another seed makes another area")
	c.Flags().IntVar(&opt.Children, "children", 0, "how many children (default 1200)")
	c.Flags().IntVar(&opt.Canaries, "canaries", 0, "children with unmistakable values, for leak tests")
	c.RunE = func(c *cobra.Command, args []string) error {
		const fewest = 100 // with fewer an agency's files have too few rows for the faults that are put into them
		if opt.Children != 0 && opt.Children < fewest {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("an area of %d children is too small", opt.Children), fmt.Sprintf("give --children %d or more", fewest)))
		}
		dir := "demo"
		if len(args) == 1 {
			dir = args[0]
		}
		truth, err := demo.Write(dir, opt)
		if err != nil {
			return err
		}
		outcome, w, err := p.walkYear(c.Context(), filepath.Join(dir, "workspace"), truth)
		if w != nil {
			defer w.Close()
		}
		p.endProgress()
		if err != nil {
			return err
		}
		p.tell(outcome.Faults)
		return p.judge(c.Context(), w, outcome, truth)
	}
	return c
}

// walkYear pulls quarter by quarter on the days on which a Coordinating Agency would, then runs.
func (p *program) walkYear(ctx context.Context, dir string, truth demo.Truth) (pipelines.Outcome, *pipelines.Workspace, error) {
	w, err := pipelines.Open(ctx, dir, p.options())
	if err != nil {
		return pipelines.Outcome{}, nil, err
	}
	last := w.Settings.FirstQuarter
	for range 3 {
		last = last.Next()
	}
	for _, q := range w.Quarters(last) {
		var onTime []*mapping.Agency
		for _, a := range w.Agencies {
			isLate := slices.ContainsFunc(truth.Problems, func(x demo.Problem) bool {
				return x.Kind == "late_delivery" && x.Agency == a.Code && x.Quarter == q
			})
			if !isLate {
				onTime = append(onTime, a)
			}
		}
		w.Now = func() time.Time { return q.End().AddDate(0, 0, demoOnTime) }
		if did, err := w.Pull(ctx, onTime, w.Settings.FirstQuarter, q); errors.Join(append(did.Faults, err)...) != nil {
			err = errors.Join(append(did.Faults, err)...)
			return pipelines.Outcome{}, w, err
		}
		w.Now = func() time.Time { return q.End().AddDate(0, 0, demoLate) }
		if did, err := w.Pull(ctx, w.Agencies, w.Settings.FirstQuarter, q); errors.Join(append(did.Faults, err)...) != nil {
			err = errors.Join(append(did.Faults, err)...)
			return pipelines.Outcome{}, w, err
		}
	}
	outcome, err := w.Run(ctx, last)
	if err != nil {
		return outcome, w, err
	}
	forms, err := learnForms(ctx, w, filepath.Join(filepath.Dir(dir), "ministry"))
	outcome.Reports = append(outcome.Reports, forms...)
	return outcome, w, err
}

// learnForms learns the invented ministry's forms, with the one answer that no label gives, and fills
// them.
func learnForms(ctx context.Context, w *pipelines.Workspace, dir string) ([]string, error) {
	for _, lang := range pipelines.Languages {
		name := demo.FormName(lang)
		blank, err := pipelines.ReadBlank(filepath.Join(dir, name+".xlsx"))
		if err != nil {
			return nil, err
		}
		p, err := w.LearnTemplate(ctx, blank, template.Options{Name: name + ".xlsx", Answers: demo.FormAnswers()})
		if err != nil {
			return nil, err
		}
		if err := w.KeepTemplate(name, blank, p.Text()); err != nil {
			return nil, err
		}
	}
	filled, err := w.FillTemplates(ctx)
	var out []string
	for _, f := range filled {
		out = append(out, f.Path)
	}
	return out, err
}

// judged is one number beside the truth.
type judged struct {
	Cell  string  `json:"cell"`
	Says  string  `json:"says"`
	Ours  float64 `json:"ours"`
	Truth float64 `json:"truth"`
}

func (p *program) judge(ctx context.Context, w *pipelines.Workspace, outcome pipelines.Outcome, truth demo.Truth) error {
	m := outcome.Manifest
	db, err := w.House.Open(ctx, m.Numbers())
	if err != nil {
		return err
	}
	defer db.Close()
	var answers []judged
	compare := func(cell, says string, want int) error {
		j := judged{Cell: cell, Says: says, Truth: float64(want)}
		err := db.Scan(ctx, "select value from release.cell where cell_id = ?", []any{cell}, &j.Ours)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		answers = append(answers, j)
		return nil
	}
	for _, t := range truth.Planning {
		if t.Quarter != m.Quarter {
			continue
		}
		q := "@" + t.Quarter.String()
		for _, x := range []struct {
			cell, says string
			want       int
		}{
			{"csp_referrals", "referrals received", t.Referrals}, {"csp_intakes", "intakes completed", t.Intakes},
			{"csp_plans", "first plans written", t.NewPlans}, {"csp_waiting", "waiting for a coordinator", t.WaitingAtEnd},
			{"csp_reviews_on_time", "reviews on time", t.ReviewsOnTime}, {"csp_days_to_plan.median", "days to plan, median", t.DaysToPlanMedian},
		} {
			if err := compare(x.cell+q, x.says, x.want); err != nil {
				return err
			}
		}
	}
	for _, t := range truth.Counts {
		if t.Quarter != m.Quarter || t.Basis != "delivered" || t.Agency != "" {
			continue
		}
		period := map[string]string{"ytd": "/ytd"}[t.Period]
		q := "@" + t.Quarter.String() + period
		if err := compare("children_known"+q, "children known, each once ("+t.Period+")", t.Children); err != nil {
			return err
		}
		if err := compare("families_known"+q, "families known, each once ("+t.Period+")", t.Families); err != nil {
			return err
		}
	}
	return p.answer(answers, func(out io.Writer) { printDemo(out, w, m.Quarter, answers, outcome.Reports) })
}

func printDemo(out io.Writer, w *pipelines.Workspace, q tributary.Quarter, answers []judged, reports []string) {
	fmt.Fprintf(out, "An invented area of %d agencies, %s published.\n\nHow right it was:\n", len(w.Agencies)-1, q)
	rows := [][]string{{"", "COUNTED", "TRUTH", "OFF BY"}}
	for _, a := range answers {
		off := "exact"
		if a.Ours != a.Truth {
			off = fmt.Sprintf("%+.1f %%", 100*(a.Ours-a.Truth)/max(a.Truth, 1))
		}
		rows = append(rows, []string{a.Says, fmt.Sprint(a.Ours), fmt.Sprint(a.Truth), off})
	}
	table(out, rows)
	fmt.Fprintln(out, "\nOpen:")
	for _, r := range reports {
		fmt.Fprintf(out, "  %s\n", r)
	}
	fmt.Fprintf(out, `
In this area it is always %[4]s (demo: in tributary.yaml). Ask:
  %[5]s -C %[1]s status
  %[5]s -C %[1]s findings
  %[5]s -C %[1]s run
  %[5]s -C %[1]s why csp_referrals@%[2]s
  %[5]s -C %[1]s why "%[1]s/out/%[2]s/%[3]s.xlsx Return!D6"
The console, in the browser (end with Ctrl-C):
  %[5]s -C %[1]s console
`, w.Dir, q, demo.FormName("en"), w.Today().Format(time.DateOnly), os.Args[0])
}
