package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

func (p *program) quarterRun() *cobra.Command {
	var quarter string
	var plan, due, isTold bool
	var since string
	c := &cobra.Command{
		Use:   "run",
		Short: "Walk a quarter through all steps and publish its numbers",
		Long: `Pulls what the agencies have sent, lands and checks it, links children and families, counts, and
writes the workbooks under out/. Steps whose inputs have not changed are not done again. One agency's
fault does not stop the others: see them afterwards with tributary status and tributary findings.`,
		Example: `  tributary run                        the quarter that ended last
  tributary run --quarter 2025-26Q2
  tributary run --since 2025-26Q1      each quarter from that one on
  tributary run --due                  what is due, for a system timer
  tributary run --plan                 which published cells would change`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&quarter, "quarter", "", "quarter to report, as in 2025-26Q2 (default: the one that ended last)")
	c.Flags().BoolVar(&plan, "plan", false, "show the cells that would change, old to new; publish nothing")
	c.Flags().BoolVar(&due, "due", false, "do what serve would do now, for a system timer")
	c.Flags().StringVar(&since, "since", "", "run each quarter from this one on, in order; signed ones are refused")
	c.Flags().BoolVar(&isTold, "told", false, "tell the console that started it how it goes")
	_ = c.Flags().MarkHidden("told") // it is there
	c.MarkFlagsMutuallyExclusive("plan", "due", "since", "told")
	c.RunE = p.ofQuarter(&quarter, func(c *cobra.Command, w *pipelines.Workspace, q tributary.Quarter, _ []string) error {
		if isTold {
			return p.runTold(c.Context(), w, q)
		}
		if due {
			return p.runDue(c, w)
		}
		if since != "" {
			from, err := quarterOr(since, w)
			if err != nil {
				return err
			}
			return p.runSince(c, w, from, q)
		}
		if plan {
			changes, faults, err := w.Plan(c.Context(), q)
			p.endProgress()
			p.tell(faults)
			if err != nil {
				return err
			}
			return p.answer(changes, func(out io.Writer) { printChanges(out, q, changes) })
		}
		outcome, err := w.Run(c.Context(), q)
		p.endProgress()
		p.tell(outcome.Faults)
		if err != nil {
			return err
		}
		summary, err := w.Summary(c.Context(), q)
		if err != nil {
			return err
		}
		isAccepted, err := w.HasAcceptedModel(c.Context())
		if err != nil {
			return err
		}
		answer := struct {
			Quarter    tributary.Quarter `json:"quarter"`
			Generation int               `json:"generation"`
			Built      []string          `json:"built"`
			Reports    []string          `json:"reports"`
			Summary    pipelines.Summary `json:"summary"`
		}{q, outcome.Manifest.Generation, outcome.Built, outcome.Reports, summary}
		return p.answer(answer, func(out io.Writer) {
			if outcome.IsNew {
				fmt.Fprintf(out, "%s: published as generation %d\n", q, outcome.Manifest.Generation)
			} else {
				fmt.Fprintf(out, "%s: nothing has changed since the last run\n", q)
			}
			if outcome.Words > 0 {
				fmt.Fprintf(out, "read back: %d words typed into the workbook; it stays as you left it\n", outcome.Words)
			}
			printTrials(out, outcome)
			for _, s := range outcome.Skipped {
				fmt.Fprintf(out, "left behind: %s\n", s)
			}
			summary.Print(out)
			if !isAccepted {
				fmt.Fprintln(out, "links: by this run's own model; keep one with: tributary link train --help")
			}
			for _, r := range outcome.Reports {
				fmt.Fprintf(out, "open: %s\n", r)
			}
		})
	})
	return c
}

// quarterOr parses a --quarter flag; empty is the quarter that ended last.
func quarterOr(text string, w *pipelines.Workspace) (tributary.Quarter, error) {
	q := w.LastEnded()
	if text != "" {
		var err error
		if q, err = tributary.ParseQuarter(text); err != nil {
			return q, exitWith(exitAskedWrongly, err)
		}
	}
	if q.Start().After(w.Now()) {
		return q, exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("quarter %s: begins on %s, it has not begun", q, q.Start().Format("2006-01-02")),
			fmt.Sprintf("name an earlier quarter, such as %s", w.LastEnded())))
	}
	if q.Compare(w.Settings.FirstQuarter) < 0 {
		return q, exitWith(exitAskedWrongly, tributary.Fix(
			fmt.Errorf("quarter %s: lies before the first quarter of this workspace, %s", q, w.Settings.FirstQuarter),
			"name a later quarter, or change first_quarter in tributary.yaml"))
	}
	return q, nil
}

// tell prints the faults of single agencies, which do not end a run.
func (p *program) tell(faults []error) {
	for _, e := range flatten(errors.Join(faults...)) {
		if e == nil {
			continue
		}
		fmt.Fprintf(p.err, "tributary: %v\n", e)
		if fix := fixOf(e); fix != "" {
			fmt.Fprintf(p.err, "fix: %s\n", fix)
		}
	}
}

func printChanges(out io.Writer, q tributary.Quarter, changes []pipelines.Change) {
	if len(changes) == 0 {
		fmt.Fprintf(out, "%s: no published cell would change\n", q)
		return
	}
	rows := [][]string{{"CELL", "OLD", "NEW"}}
	for _, c := range changes {
		rows = append(rows, []string{c.Cell, number(c.Old), number(c.New)})
	}
	table(out, rows)
	fmt.Fprintf(out, "%d cells would change; publish them with: tributary run --quarter %s\n", len(changes), q)
}

func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%g", *v)
}

// runSince runs quarter after quarter; none is run when one of them is signed.
func (p *program) runSince(c *cobra.Command, w *pipelines.Workspace, from, to tributary.Quarter) error {
	if err := w.RefuseSigned(c.Context(), from, to); err != nil {
		return err
	}
	done := []string{}
	for q := from; q.Compare(to) <= 0; q = q.Next() {
		outcome, err := w.Run(c.Context(), q)
		p.endProgress()
		p.tell(outcome.Faults)
		if err != nil {
			return err
		}
		done = append(done, q.String())
	}
	return p.answer(done, func(out io.Writer) { fmt.Fprintf(out, "run: %s\n", strings.Join(done, ", ")) })
}
