package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/config"
	"tributary/pipelines/link"
	"tributary/reports/forms"
)

var verdicts = []string{string(link.Same), string(link.Family), string(link.Different), string(link.Later)}

func (p *program) linkDecide() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "decide A B same|family|different|later | decide FILE.csv|FILE.xlsx",
		Short: "Say what two records are: one child, one family, neither, or later",
		Long: `same: one child. family: two children of one family. different: neither. later: do not ask until
something changes. A decision cannot be lost: it is about the records, with who, when and why; it implies
others (A = B and B is not C: A is not C); one that contradicts another is refused and both are shown. It is
asked again when the name, birth date, sex or health number it rested on changes.

` + pairHelp + `
A file is a review workbook that tributary link review wrote, with answers, or a CSV with the columns
left_agency,left_client,right_agency,right_client,verdict,why. All of its decisions are taken, or none.`,
		Example: `  tributary link decide LCTC:LC-01003 FCMH:77121 same --why "both agencies"
  tributary link decide 3f9a21bc77aa later --why "SEHC asks the family"
  tributary link decide review.xlsx`,
		Args: cobra.RangeArgs(1, 3),
	}
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record; in a workbook, of answers without one")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		decisions, err := p.decisionsOf(c, w, args, reason)
		if err != nil {
			return err
		}
		isCSV := len(args) == 1 && strings.EqualFold(filepath.Ext(args[0]), ".csv")
		effects, err := w.Decide(c.Context(), decisions, isCSV, isCSV || len(args) == 3)
		if err != nil {
			return ofDecision(err)
		}
		return p.answer(map[string]any{"decisions": len(decisions), "effects": effects}, func(out io.Writer) { printEffects(out, effects) })
	})
	return c
}

// ofDecision gives refused decisions their exit code.
func ofDecision(err error) error {
	if errors.Is(err, pipelines.ErrContradiction) {
		return exitWith(exitDataRefused, err)
	}
	return ofRecords(err)
}

func (p *program) decisionsOf(c *cobra.Command, w *pipelines.Workspace, args []string, reason string) ([]link.Decision, error) {
	if len(args) == 1 {
		return p.decisionsIn(c, w, args[0], reason)
	}
	verdict := args[len(args)-1]
	if !slices.Contains(verdicts, verdict) {
		fix := "write same, family, different or later"
		if meant := config.Guess(verdict, verdicts); meant != "" {
			fix = fmt.Sprintf("did you mean %s?", meant)
		}
		return nil, exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("link decide: %q is no verdict", verdict), fix))
	}
	if strings.TrimSpace(reason) == "" {
		return nil, exitWith(exitAskedWrongly, tributary.Fix(errors.New("link decide: a reason is missing"), `add --why "..."`))
	}
	pair, err := w.PairOf(c.Context(), args[:len(args)-1])
	if err != nil {
		return nil, ofRecords(err)
	}
	return []link.Decision{{Left: pair[0], Right: pair[1], Verdict: link.Verdict(verdict), Why: reason}}, nil
}

// decisionsIn reads a file of decisions.
func (p *program) decisionsIn(c *cobra.Command, w *pipelines.Workspace, path, reason string) ([]link.Decision, error) {
	name := filepath.Base(path)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".xlsx":
	default:
		return nil, exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("link decide: %q is neither a pair with a verdict nor a file of decisions", path),
			`write two records and a verdict, or name a .csv or .xlsx file; see: tributary link decide --help`))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, exitWith(exitAskedWrongly, tributary.Fix(err, "name a file that is there and that you may read"))
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		decisions, err := link.ReadDecisions(bytes.NewReader(data))
		return decisions, exitWith(exitDataRefused, named(name, err))
	}
	answers, err := forms.ReadReview(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, exitWith(exitDataRefused, named(name, err))
	}
	keys := make([]string, len(answers))
	for i, a := range answers {
		keys[i] = a.Key
	}
	pairs, err := w.ReviewKeys(c.Context(), keys)
	if err != nil {
		return nil, err
	}
	var decisions []link.Decision
	var faults []error
	for _, a := range answers {
		pair, ok := pairs[a.Key]
		why := a.Why
		if why == "" {
			why = reason
		}
		switch {
		case !ok:
			faults = append(faults, tributary.Fix(fmt.Errorf("%s: sheet %q row %d: the pair is no longer among the linked records", name, a.Sheet, a.Row), "delete its answer, or write the sheet again with: tributary link review --xlsx FILE"))
		case why == "":
			faults = append(faults, tributary.Fix(fmt.Errorf("%s: sheet %q row %d: a reason is missing", name, a.Sheet, a.Row), `write it beside the answer, or add --why "..." for all answers without one`))
		}
		decisions = append(decisions, link.Decision{Left: pair[0], Right: pair[1], Verdict: link.Verdict(a.Verdict), Why: why})
	}
	return decisions, exitWith(exitDataRefused, errors.Join(faults...))
}

// named puts the file's name before each fault and keeps their fixes.
func named(name string, err error) error {
	var out []error
	for _, e := range flatten(err) {
		if e != nil {
			out = append(out, tributary.Fix(fmt.Errorf("%s: %w", name, e), tributary.FixOf(e)))
		}
	}
	return errors.Join(out...)
}

func printEffects(out io.Writer, effects []pipelines.Effect) {
	counts := map[string]int{}
	for _, e := range effects {
		counts[e.Does]++
	}
	fmt.Fprintf(out, "noted: %d; act in the next: tributary run\n", len(effects))
	if len(effects) == 1 && effects[0].Does != "moves nothing" {
		fmt.Fprintf(out, "the next run %s", effects[0].Does)
		for i, c := range effects[0].Cells {
			sep := ", "
			if i == 0 {
				sep = ": "
			}
			fmt.Fprintf(out, "%s%s %s to %s", sep, c.Cell, number(c.Old), number(c.New))
		}
		fmt.Fprintln(out)
		return
	}
	for _, does := range []string{"joins two children", "joins two families", "parts a child"} {
		if n := counts[does]; n > 0 {
			fmt.Fprintf(out, "the next run %s: %d times\n", does, n)
		}
	}
	if n := counts["moves nothing"]; n > 0 {
		fmt.Fprintf(out, "%d move nothing, as far as can be said now\n", n)
	}
	fmt.Fprintln(out, "see which published numbers move with: tributary run --plan")
}

func (p *program) linkUndo() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "undo A B",
		Short: "Take a decision back",
		Long:  "Takes a decision back. Both stay in the ledger.\n\n" + pairHelp,
		Example: `  tributary link undo LCTC:LC-01003 FCMH:77121 --why "the agency mistook it"
  tributary link undo 3f9a21bc77aa --why "decided on the wrong pair"`,
		Args: cobra.RangeArgs(1, 2),
	}
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if strings.TrimSpace(reason) == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("link undo: a reason is missing"), `add --why "..."`))
		}
		pair, err := w.PairOf(c.Context(), args)
		if err != nil {
			return ofRecords(err)
		}
		d, err := w.Undo(c.Context(), pair, reason)
		if err != nil {
			return ofRecords(err)
		}
		return p.answer(map[string]string{"undone": string(d.Verdict)}, func(out io.Writer) {
			fmt.Fprintf(out, "taken back: %s; it acts no more from the next: tributary run\n", d.Verdict)
		})
	})
	return c
}

func (p *program) linkDecisions() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "decisions",
		Short: "What was decided about pairs, and what each decision does today",
		Long: `States: active; dormant (a record is gone or may not be linked: the decision waits); asked again (a value
that it rested on has changed); undone. A pair that the agreement does not allow to show is named by its key.

--csv writes those that stand, for another workspace or a second look; tributary link decide reads them.`,
		Example: "  tributary link decisions\n  tributary link decisions --csv decisions.csv",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&file, "csv", "", "write the decisions that stand into this file")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		all, err := w.Decided(c.Context())
		if err != nil {
			return err
		}
		if file == "" {
			return p.answer(all, func(out io.Writer) {
				if len(all) == 0 {
					fmt.Fprintln(out, "nothing is decided")
					return
				}
				printDecisions(out, all)
			})
		}
		shown, left := pipelines.Exportable(all)
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if err := errors.Join(link.WriteDecisions(f, shown), f.Close()); err != nil {
			return err
		}
		return p.answer(map[string]int{"written": len(shown), "withheld": left}, func(out io.Writer) {
			fmt.Fprintf(out, "%d decisions written to %s\n", len(shown), file)
			if left > 0 {
				fmt.Fprintf(out, "%d left out: the agreement does not allow to show their records beside each other; they stay in the ledger\n", left)
			}
		})
	})
	return c
}

func printDecisions(out io.Writer, all []pipelines.Stands) {
	rows := [][]string{{"PAIR", "VERDICT", "STATE", "ACTS", "CHANGED", "WHO", "ON", "WHY"}}
	for _, d := range all {
		acts := "no"
		if d.Acts {
			acts = "yes"
		}
		rows = append(rows, []string{d.Pair, d.Verdict, d.State, acts, d.Changed, d.Who, d.On, inert(d.Why)})
	}
	table(out, rows)
}
