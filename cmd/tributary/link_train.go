package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/link"
)

func (p *program) linkTrain() *cobra.Command {
	var plan, accept bool
	var reason string
	c := &cobra.Command{
		Use:   "train",
		Short: "Learn the link model from the published records; accept it so that runs keep to it",
		Long: `The link model says how much each agreement weighs. It is learned from the records themselves, without
labels. Until one is accepted each run learns its own, so that a new delivery may move old links a little. An
accepted model stays until another is accepted: this quarter is judged as the last.

Without --accept it says what would move and changes nothing. How rare a name or an address is, is counted
anew by each run: that is not part of the model.`,
		Example: `  tributary link train
  tributary link train --plan       also which published cells would move
  tributary link train --accept --why "first model, 2025-26Q1"`,
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&plan, "plan", false, "also show the published cells that would move")
	c.Flags().BoolVar(&accept, "accept", false, "make it the model that all runs use")
	c.Flags().StringVar(&reason, "why", "", "with --accept: the reason, for the record")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if accept && strings.TrimSpace(reason) == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("link train --accept: a reason is missing"), `add --why "..."`))
		}
		t, err := w.Train(c.Context(), plan)
		p.endProgress()
		if err != nil {
			return err
		}
		if accept {
			if err := w.Accept(c.Context(), t, reason); err != nil {
				return err
			}
		}
		answer := map[string]any{"quarter": t.Quarter, "records": t.Records, "rounds": t.Rounds, "is_accepted": accept, "shifts": t.Shifts}
		if plan {
			answer["changes"] = t.Changes
		}
		return p.answer(answer, func(out io.Writer) {
			fmt.Fprintf(out, "learned from %d records of %s in %d rounds\n", t.Records, t.Quarter, t.Rounds)
			if t.IsAccepted {
				printShifts(out, t.Shifts, "the accepted model")
			} else {
				fmt.Fprintln(out, "no model is accepted: the published numbers rest on this one, so accepting it moves nothing")
			}
			if plan && t.IsAccepted {
				fmt.Fprintln(out)
				printMoves(out, t.Changes)
			}
			if accept {
				fmt.Fprintln(out, "accepted; all runs use it from the next: tributary run")
			} else {
				fmt.Fprintln(out, `accept it with: tributary link train --accept --why "..."`)
			}
		})
	})
	return c
}

func printMoves(out io.Writer, changes []pipelines.Change) {
	if len(changes) == 0 {
		fmt.Fprintln(out, "no published cell would move")
		return
	}
	rows := [][]string{{"CELL", "OLD", "NEW"}}
	for _, c := range changes {
		rows = append(rows, []string{c.Cell, number(c.Old), number(c.New)})
	}
	table(out, rows)
	fmt.Fprintf(out, "%d published cells would move\n", len(changes))
}

// printShifts tells how the weight of levels differs, in bits.
func printShifts(out io.Writer, shifts []link.Shift, than string) {
	if len(shifts) == 0 {
		fmt.Fprintf(out, "no weight differs from %s by more than a tenth of a bit\n", than)
		return
	}
	fmt.Fprintf(out, "weights that differ from %s, in bits:\n", than)
	rows := [][]string{{"COMPARISON", "LEVEL", "AGAINST STRANGERS", "", "AGAINST SIBLINGS", ""}}
	for _, s := range shifts {
		rows = append(rows, []string{s.Comparison, s.Level, fmt.Sprintf("%+.1f", s.OldStranger), fmt.Sprintf("to %+.1f", s.NewStranger),
			fmt.Sprintf("%+.1f", s.OldSibling), fmt.Sprintf("to %+.1f", s.NewSibling)})
	}
	table(out, rows)
}
