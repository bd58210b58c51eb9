package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
)

func (p *program) correct() *cobra.Command {
	var reason, was string
	var takeBack bool
	c := &cobra.Command{
		Use:   "correct AGENCY CLIENT COLUMN VALUE",
		Short: "State a value in place of what an agency's file says, with a reason",
		Long: `COLUMN is ours (birth_date; with its table where several have it: episode.closed_on) or the agency's own
heading. VALUE is written as we write it or as the agency does; "" is for: not known. It is used from the next
run on, is said wherever it acts (findings, the letter to the agency), and ends when the agency's file says
something else. Where the client's rows differ, --was says which value is meant.`,
		Example: `  tributary correct FCMH 001004 birth_date 2013-05-31 --why "certificate seen"
  tributary correct FCMH 001004 episode.closed_on "" --was 2026-01-01 \
      --why "still open, by phone"
  tributary correct FCMH 001004 birth_date --undo --why "the wrong child"`,
		Args: cobra.RangeArgs(3, 4),
	}
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.Flags().StringVar(&was, "was", "", "which of the client's values is meant")
	c.Flags().BoolVar(&takeBack, "undo", false, "take it back")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := reasonGiven("correct", reason); err != nil {
			return err
		}
		if _, err := w.Agency(args[0]); err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		stated := pipelines.Correction{Agency: args[0], Client: args[1], Column: args[2], Why: reason}
		if takeBack {
			n, err := w.TakeBack(c.Context(), stated)
			if err != nil {
				return exitWith(exitAskedWrongly, err)
			}
			return p.answer(map[string]int{"undone": n}, func(out io.Writer) { fmt.Fprintln(out, "taken back; it acts no more from the next: tributary run") })
		}
		if len(args) < 4 {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("correct: the value is missing"), `write it after the column; "" is for: not known`))
		}
		stated.Value = args[3]
		if c.Flags().Changed("was") {
			stated.Was = &was
		}
		all, err := w.Correct(c.Context(), stated)
		if err != nil {
			return ofAnswer(err)
		}
		return p.answer(all[0], func(out io.Writer) {
			fmt.Fprintf(out, "noted: %s.%s of one client, %s in %s; it acts in the next: tributary run\n", all[0].Table, all[0].Column, some(all[0].Rows, "row"), all[0].Quarter)
			fmt.Fprintln(out, "see which published numbers move with: tributary run --plan")
		})
	})
	return c
}

func reasonGiven(verb, reason string) error {
	if reason == "" {
		return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("%s: a reason is missing", verb), `add --why "..."`))
	}
	return nil
}

// ofAnswer gives what cannot be answered its exit code: nothing is published yet, or it was asked wrongly.
func ofAnswer(err error) error {
	if tributary.FixOf(err) != "" && !isNotReady(err) {
		return exitWith(exitAskedWrongly, err)
	}
	return err
}

func (p *program) confirm() *cobra.Command {
	var reason string
	var whole, explain, takeBack bool
	c := &cobra.Command{
		Use:   "confirm FINDING",
		Short: "Say that a doubtful value is right, once, with a reason",
		Long: `FINDING is the id in brackets after a finding (tributary findings --all). What is confirmed asks no more,
in whatever file and quarter the same record says the same; when the value changes, it is asked again.
--cause takes in all findings of the same check about the same column of the same delivery. --explain only
keeps the words beside the finding, which goes on asking.`,
		Example: `  tributary confirm 3f9a21bc77aa --why "triplets, says the agency by phone"
  tributary confirm 3f9a21bc77aa --cause --why "the programme serves adults too"
  tributary confirm 3f9a21bc77aa --explain --why "system replaced; dates follow"
  tributary confirm 3f9a21bc77aa --undo --why "the agency was mistaken"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.Flags().BoolVar(&whole, "cause", false, "all findings of its cause")
	c.Flags().BoolVar(&explain, "explain", false, "only keep the words; the finding goes on asking")
	c.Flags().BoolVar(&takeBack, "undo", false, "take it back")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := reasonGiven("confirm", reason); err != nil {
			return err
		}
		n, err := w.Confirm(c.Context(), pipelines.Confirmation{Finding: args[0], WholeCause: whole, Why: reason, OnlyExplains: explain, Undo: takeBack})
		if err != nil {
			return ofAnswer(err)
		}
		return p.answer(map[string]int{"findings": n}, func(out io.Writer) {
			fmt.Fprintf(out, "noted for %s; it acts in the next: tributary run\n", some(n, "finding"))
		})
	})
	return c
}

// some writes a count with its noun, whose plural takes an s.
func some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// receiveLetter takes a letter that came back.
func (p *program) receiveLetter(ctx context.Context, w *pipelines.Workspace, path string, a *mapping.Agency) error {
	taken, err := w.TakeLetter(ctx, path, a, tributary.Quarter{})
	if isNotReady(err) {
		return err
	}
	if err != nil {
		return exitWith(exitDataRefused, err)
	}
	return p.answer(taken, func(out io.Writer) {
		name := filepath.Base(path)
		if taken.Before {
			fmt.Fprintf(out, "%s: read before; nothing of it is taken twice\n", name)
			return
		}
		fmt.Fprintf(out, "%s: %s corrected, %d confirmed, %d explained\n", name, some(taken.Corrections, "value"), taken.Confirmations, taken.Explanations)
		if taken.Gone > 0 {
			were := "were"
			if taken.Gone == 1 {
				were = "was"
			}
			fmt.Fprintf(out, "%s %s not taken: about what is not asked any more, was stated otherwise since, or is known\n", some(taken.Gone, "answer"), were)
			fmt.Fprintf(out, "  fix: if it holds, type it: tributary correct %s CLIENT COLUMN VALUE --why \"...\"\n", a.Code)
		}
		if taken.Count() > 0 {
			fmt.Fprintln(out, "they act in the next: tributary run")
		}
	})
}
