package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/ledger"
	"tributary/pipelines/why"
)

// state returns a verb that records a fact about one agency's delivery.
func (p *program) state(use, short, example, state string) *cobra.Command {
	var quarter, reason string
	var takeBack bool
	c := &cobra.Command{Use: use, Short: short, Example: example, Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the one that ended last)")
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.Flags().BoolVar(&takeBack, "undo", false, "take it back")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.ofQuarter(&quarter, func(c *cobra.Command, w *pipelines.Workspace, q tributary.Quarter, args []string) error {
		fields, files, err := w.StateDelivery(c.Context(), args[0], q, state, reason, takeBack)
		if err != nil {
			return ofAnswer(err)
		}
		if files > 0 && !takeBack {
			fmt.Fprintf(p.err, "note: %s has sent %d files for %s; what they hold counts, %s acts only where they hold nothing\n", args[0], files, q, state)
		}
		return p.noted(fields)
	})
	return c
}

// record writes one fact and says what follows.
func (p *program) record(c *cobra.Command, w *pipelines.Workspace, e ledger.Entry) error {
	e.Who, e.At = w.Who, w.Now()
	if err := w.Ledger.Append(c.Context(), e); err != nil {
		return err
	}
	return p.noted(e.Fields)
}

// noted says what follows of a fact that was written.
func (p *program) noted(fields map[string]string) error {
	return p.answer(fields, func(out io.Writer) {
		fmt.Fprintln(out, "noted; it acts in the next: tributary run")
	})
}

func (p *program) nothing() *cobra.Command {
	c := p.state("nil AGENCY", "Record that an agency has nothing to report for a quarter",
		`  tributary nil SUNR --quarter 2025-26Q3 --why "programme closed, e-mail"`, "nil")
	c.Long = "Record that an agency has nothing to report for a quarter: nothing is expected, and nothing is missing.\n" +
		"Files that it delivered for that quarter all the same are used, and the quarter is not nil."
	return c
}

func (p *program) excuse() *cobra.Command {
	c := p.state("excuse AGENCY", "Record that an agency need not report for a quarter",
		`  tributary excuse PDPE --quarter 2025-26Q3 --why "system replaced, as agreed"`, "excused")
	c.Long = "Record that an agency need not report for a quarter: it is not late, and not zero either.\n" +
		"What it delivered for that quarter all the same still counts."
	return c
}

func (p *program) accept() *cobra.Command {
	var agency, quarter, reason string
	var takeBack bool
	c := &cobra.Command{
		Use:   "accept FILE --agency CODE",
		Short: "Use a held file as it is, with a reason",
		Example: `  tributary accept extract.xlsx --agency CLDSB --quarter 2025-26Q2 \
      --why "dates are of the print run"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&agency, "agency", "", "the agency that sent it")
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the one that ended last)")
	c.Flags().StringVar(&reason, "why", "", "the reason, for the record")
	c.Flags().BoolVar(&takeBack, "undo", false, "take it back")
	_ = c.MarkFlagRequired("agency")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.ofQuarter(&quarter, func(c *cobra.Command, w *pipelines.Workspace, q tributary.Quarter, args []string) error {
		fields, err := w.AcceptFile(c.Context(), agency, q, args[0], reason, takeBack)
		if err != nil {
			return ofAnswer(err)
		}
		return p.noted(fields)
	})
	return c
}

func (p *program) note() *cobra.Command {
	var field string
	var takeBack bool
	c := &cobra.Command{
		Use:   "note CELL TEXT",
		Short: "Write words that the workbook prints: an explanation, a name",
		Long: `Fields: under_performance, cause, corrective_action, catch_up_on (a date), remark; for the cover
(CELL is workbook@QUARTER) prepared_by. The same words can be typed into the marked cells of the workbook; the
next run reads them back.`,
		Example: `  tributary note csp_referrals@2025-26Q2 "two people on leave" --field cause
  tributary note workbook@2025-26Q2 "A. Analyst" --field prepared_by`,
		Args: cobra.ExactArgs(2),
	}
	c.Flags().StringVar(&field, "field", "remark", "what the words are")
	c.Flags().BoolVar(&takeBack, "undo", false, "take it back")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		id, err := why.ParseCellID(args[0])
		if err == nil {
			err = checkNote(w, id, field, args[1])
		}
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		return p.record(c, w, ledger.Entry{Kind: "note", Ends: takeBack,
			Fields: map[string]string{"cell_id": id.String(), "field": field, "text": args[1]}})
	})
	return c
}

// fields are what words in the workbook can be.
var fields = []string{"under_performance", "cause", "corrective_action", "catch_up_on", "remark", "prepared_by"}

// checkNote refuses words that no workbook would print.
func checkNote(w *pipelines.Workspace, id why.CellID, field, text string) error {
	if !slices.Contains(fields, field) {
		return tributary.Fix(fmt.Errorf("note: no field is called %q", field), "the fields are "+strings.Join(fields, ", "))
	}
	if field == "catch_up_on" {
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return tributary.Fix(fmt.Errorf("note: %q is not a date", text), "write it as 2026-01-15")
		}
	}
	if field == "prepared_by" {
		if id.Measure != "workbook" {
			return tributary.Fix(errors.New("note: prepared_by is about the whole workbook"), "write the cell as workbook@"+id.Quarter.String())
		}
		return nil
	}
	return knownMeasure(w, id.Measure)
}

// knownMeasure says which measure was probably meant.
func knownMeasure(w *pipelines.Workspace, id string) error {
	m, meant := w.Models.Measure(id)
	switch {
	case m != nil:
		return nil
	case meant != "":
		return tributary.Fix(fmt.Errorf("no measure is called %q", id), fmt.Sprintf("did you mean %s? all of them: tributary measures", meant))
	}
	return tributary.Fix(fmt.Errorf("no measure is called %q", id), "see them with: tributary measures")
}
