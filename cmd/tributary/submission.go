package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/submit"
)

func (p *program) submit() *cobra.Command {
	c := &cobra.Command{
		Use:   "submit",
		Short: "Prepare, approve, sign, send and restate a quarter; verify what was signed",
		Long: `A submission goes from draft and checked to approved, signed and sent; the ministry may return it, and a
restatement may take its place. Each step is written to the ledger with who, when and why. Once it is signed its
numbers stay: later runs print them as they were signed.`,
		Example: `  tributary submit prepare
  tributary submit approve 2025-26Q1-1
  tributary submit sign 2025-26Q1-1.zip --key director.key   elsewhere too
  tributary submit sign 2025-26Q1-1 --take 2025-26Q1-1.zip   when it is back
  tributary submit sent 2025-26Q1-1 --ref MCCSS-12345
  tributary submit status`,
	}
	c.AddCommand(p.submitPrepare(), p.submitStatus(), p.submitApprove(), p.submitKey(), p.submitSign(), p.submitSent(), p.submitReturned(),
		p.submitRestate(), p.submitVerify(), p.submitReproduce())
	return c
}

func (p *program) submitPrepare() *cobra.Command {
	var quarter string
	c := &cobra.Command{
		Use:   "prepare",
		Short: "Make the folder with workbooks, data, SQL and a manifest of hashes (not signed yet)",
		Long: `Reads back what was typed into the workbooks, counts the published quarter again with what was said since, and
publishes it. Then puts the workbooks, a machine-readable copy, the SQL and a manifest of hashes into
kept/submissions/<quarter>-<n>/bundle, and what they stand on beside it in proof/, with the approver's page
(proof/approval-en.html, -fr.html, .xlsx). Nothing is signed and nothing is sent. A newer draft takes the place
of one that is not signed; of a quarter that the ministry returned it takes the returned one's place once it is
signed, even if words alone are new.`,
		Example: "  tributary submit prepare --quarter 2025-26Q2",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		if quarter != "" && quarter != m.Quarter.String() {
			return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submit prepare: %s is not the published quarter, %s is", quarter, m.Quarter),
				"publish it first with: tributary run --quarter "+quarter))
		}
		prepared, err := w.Prepare(c.Context())
		p.endProgress()
		if err != nil {
			return closed(err)
		}
		return p.answer(prepared, func(out io.Writer) { printPrepared(out, prepared) })
	})
	return c
}

func printPrepared(out io.Writer, s pipelines.Prepared) {
	id := s.Manifest.Submission
	fmt.Fprintf(out, "%s: prepared, not signed (%s)\n", s.Dir, s.State)
	fmt.Fprintf(out, "  bundle: %d files; stands on %d landed files and %d facts\n", len(s.Manifest.Bundle), len(s.Manifest.Inputs), s.Manifest.Facts.Entries)
	if s.Manifest.Restates != "" {
		fmt.Fprintf(out, "  restatement %d: takes the place of %s when it is signed; %d cells change: bundle/corrections-en.xlsx\n", s.Manifest.Restatement, s.Manifest.Restates, len(s.Changed))
		if len(s.Changed) == 0 {
			fmt.Fprintln(out, "  no number is new: it answers the ministry with words alone (workbook, note)")
		}
	}
	for _, o := range s.Open {
		word := "asks for a reason"
		if o.Severity == string(tributary.Blocks) {
			word = "blocks"
		}
		fmt.Fprintf(out, "  %s: %d of %s (%s): %s\n", word, o.Findings, o.Check, o.Agencies, o.Name)
	}
	fmt.Fprintf(out, "open: %s\n", filepath.Join(s.Dir, "proof", "approval-en.html"))
	if s.State == submit.Draft || s.State == submit.Checked {
		fmt.Fprintf(out, "next, by another person: tributary submit approve %s\n", id)
	}
}

// closed gives a refusal because of a signed quarter the exit code of what is not ready.
func closed(err error) error {
	if errors.Is(err, pipelines.ErrClosed) {
		return exitWith(exitNotReady, err)
	}
	return err
}

func (p *program) submitStatus() *cobra.Command {
	c := &cobra.Command{
		Use:     "status [ID]",
		Short:   "Where each submission stands; of one, every step, its signatures and what is open",
		Example: "  tributary submit status\n  tributary submit status 2025-26Q1-1",
		Args:    cobra.MaximumNArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if len(args) == 1 {
			return p.submissionStatus(c, w, args[0])
		}
		all, err := w.Submissions(c.Context())
		if err != nil {
			return err
		}
		return p.answer(all, func(out io.Writer) {
			if len(all) == 0 {
				fmt.Fprintln(out, "nothing is prepared yet: tributary submit prepare")
				return
			}
			rows := [][]string{{"SUBMISSION", "STATE", "SINCE", "BY", "REFERENCE", "WHY"}}
			for _, s := range all {
				rows = append(rows, []string{s.ID, string(s.State), s.Since.Format(time.DateOnly), s.Who, s.Detail, s.Why})
			}
			table(out, rows)
		})
	})
	return c
}

func (p *program) submissionStatus(c *cobra.Command, w *pipelines.Workspace, id string) error {
	seal, err := w.VerifySubmission(c.Context(), id)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	steps, err := w.History(c.Context(), id)
	if err != nil {
		return err
	}
	open, err := w.OpenOf(id)
	if err != nil {
		return err
	}
	answer := struct {
		Steps []pipelines.Submission `json:"steps"`
		Seal  submit.Seal            `json:"seal"`
		Open  []pipelines.OpenCheck  `json:"open"`
	}{steps, seal, open}
	return p.answer(answer, func(out io.Writer) {
		rows := [][]string{{"STEP", "WHEN", "BY", "REFERENCE", "WHY"}}
		for _, s := range steps {
			rows = append(rows, []string{string(s.State), s.Since.Format(time.DateTime), s.Who, s.Detail, s.Why})
		}
		table(out, rows)
		for _, r := range seal.Manifest.Reasons {
			fmt.Fprintf(out, "left open with a reason: %d of %s: %s\n", r.Findings, r.Check, r.Why)
		}
		if seal.Manifest.ApprovedBy == "" {
			for _, o := range open {
				fmt.Fprintf(out, "open: %d of %s (%s, %s): %s\n", o.Findings, o.Check, strings.ReplaceAll(o.Severity, "_", " "), o.Agencies, o.Name)
			}
		}
		printSeal(out, seal)
	})
}

func (p *program) submitApprove() *cobra.Command {
	var reasons []string
	var why string
	c := &cobra.Command{
		Use:   "approve ID",
		Short: "Say that a submission may be signed",
		Long: `Another person than who prepared it approves (tributary.yaml: submission: same_person_may_approve). Who you are is
the name with which you logged in to this computer, or TRIBUTARY_WHO where several share a login; the ledger
keeps it, and nothing proves it: the signatures do. Findings that block stop it; each check that asks for a confirmation and has none wants a --reason, which stays with the
submission. Approving seals the bundle and packs it as one zip: give that to the signers.`,
		Example: `  tributary submit approve 2025-26Q1-1
  tributary submit approve 2025-26Q1-1 \
      --reason seldom_filled="the board does not ask for it"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringArrayVar(&reasons, "reason", nil, `CHECK="..." for findings that are left as they are`)
	c.Flags().StringVar(&why, "why", "", "words for the record")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		byCheck := map[string]string{}
		for _, r := range reasons {
			check, text, ok := strings.Cut(r, "=")
			if !ok || check == "" || strings.TrimSpace(text) == "" {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("submit approve: --reason %q names no check and reason", r), `write it as --reason seldom_filled="the board does not ask for it"`))
			}
			byCheck[check] = strings.TrimSpace(text)
		}
		m, err := w.Approve(c.Context(), args[0], byCheck, why)
		if errors.Is(err, pipelines.ErrSamePerson) {
			err = tributary.Fix(err, "let another person approve it, logged in to this computer under their own name, or in the console; where a login is shared: TRIBUTARY_WHO=NAME tributary submit approve "+args[0]+
				"; or set submission: same_person_may_approve: true in tributary.yaml")
		}
		if err != nil {
			return exitWith(exitNotReady, err)
		}
		zip := filepath.Join(w.Path("kept", "submissions"), args[0], args[0]+".zip")
		return p.answer(m, func(out io.Writer) {
			fmt.Fprintf(out, "%s: approved by %s; %d of %d signers must sign\n", args[0], m.ApprovedBy, m.Signatures, len(m.Signers))
			fmt.Fprintf(out, "give them: %s\n", zip)
		})
	})
	return c
}

func (p *program) submitSent() *cobra.Command {
	var ref, why string
	c := &cobra.Command{
		Use: "sent ID", Short: "Note that it was sent, with the portal's confirmation number",
		Example: "  tributary submit sent 2025-26Q1-1 --ref MCCSS-12345", Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&ref, "ref", "", "the confirmation number")
	c.Flags().StringVar(&why, "why", "", "words for the record")
	_ = c.MarkFlagRequired("ref")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := w.Sent(c.Context(), args[0], ref, why); err != nil {
			return exitWith(exitNotReady, err)
		}
		return p.answer(map[string]string{"submission": args[0], "state": "sent", "ref": ref}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: sent, confirmation number %s\n", args[0], ref)
		})
	})
	return c
}

func (p *program) submitReturned() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use: "returned ID", Short: "Note that the ministry sent it back, with its words",
		Long: `What was sent stays as it is. Mend it, then: tributary run --quarter QUARTER; tributary submit prepare. What is
then signed takes its place, even if words alone are new. restate is for a quarter that was not returned.`,
		Example: `  tributary submit returned 2025-26Q1-1 --why "cell E14: explain the drop"`, Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&why, "why", "", "the ministry's words")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if err := w.Returned(c.Context(), args[0], why); err != nil {
			return exitWith(exitNotReady, err)
		}
		return p.answer(map[string]string{"submission": args[0], "state": "returned"}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: returned; mend, then: tributary run --quarter %s; tributary submit prepare\n", args[0], args[0][:strings.LastIndex(args[0], "-")])
		})
	})
	return c
}

func (p *program) submitRestate() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   "restate QUARTER",
		Short: "Make a numbered restatement of a signed quarter from what came since",
		Long: `Fetches what the agencies have sent since, counts a signed quarter again with it and with the statements that
were made since, and prepares a new submission with the old value, the new value and the causes of each cell
(bundle/corrections.csv and .xlsx). What was signed stays as it is; the new one takes its place when it is approved
and signed.`,
		Example: `  tributary submit restate 2025-26Q1 --why "SUNR delivered in July"`,
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&why, "why", "", "the reason, for the record")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		q, err := quarterOr(args[0], w)
		if err != nil {
			return err
		}
		prepared, err := w.Restate(c.Context(), q, why)
		p.endProgress()
		p.tell(prepared.Faults)
		if errors.Is(err, pipelines.ErrNothingToRestate) {
			return exitWith(exitNotReady, err)
		}
		if err != nil {
			return err
		}
		return p.answer(prepared, func(out io.Writer) { printPrepared(out, prepared) })
	})
	return c
}
