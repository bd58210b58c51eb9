package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
)

func (p *program) pull() *cobra.Command {
	var quarter string
	c := &cobra.Command{
		Use:   "pull [AGENCY...]",
		Short: "Fetch and land what the agencies have sent, without counting",
		Long: `Fetches what the agencies have put into their drops for the quarter and those before it. Files in a folder
trial/ beside an agency's files are not landed: they are checked, and what would become of them is put into
trial/answers, once for the same files.`,
		Example: "  tributary pull\n  tributary pull LCTC FCMH --quarter 2025-26Q2\n  tributary pull LCTC --quarter 2024-25Q1..2024-25Q4",
	}
	c.Flags().StringVar(&quarter, "quarter", "", "up to this quarter (default: the one that ended last), or from one to another, as in 2025-26Q1..2025-26Q3")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		from, q, err := p.span(c, w, quarter)
		if err != nil {
			return err
		}
		agencies := w.Agencies
		if len(args) > 0 {
			agencies = []*mapping.Agency{}
			for _, code := range args {
				a, err := w.Agency(code)
				if err != nil {
					return exitWith(exitAskedWrongly, err)
				}
				agencies = append(agencies, a)
			}
		}
		outcome, err := w.Pull(c.Context(), agencies, from, q)
		p.endProgress()
		if err = errors.Join(append(outcome.Faults, err)...); err != nil {
			return err
		}
		files, err := w.Landing.Files("", q)
		if err != nil {
			return err
		}
		return p.answer(files, func(out io.Writer) {
			fmt.Fprintf(out, "%s: %d files are landed\n", q, len(files))
			printTrials(out, outcome)
		})
	})
	return c
}

// span reads --quarter of pull: up to a quarter, or A..B, which refuses signed quarters.
func (p *program) span(c *cobra.Command, w *pipelines.Workspace, text string) (from, to tributary.Quarter, err error) {
	first, last, isSpan := strings.Cut(text, "..")
	if !isSpan {
		to, err = quarterOr(text, w)
		return w.Settings.FirstQuarter, to, err
	}
	if from, err = quarterOr(first, w); err != nil {
		return from, to, err
	}
	if to, err = quarterOr(last, w); err != nil {
		return from, to, err
	}
	if to.Compare(from) < 0 {
		return from, to, exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("pull %s: ends before it begins", text), "write the earlier quarter first"))
	}
	return from, to, w.RefuseSigned(c.Context(), from, to)
}

func printTrials(out io.Writer, did pipelines.Outcome) {
	switch {
	case did.Trials > 0:
		fmt.Fprintf(out, "trials answered: %d; see the folders trial/answers beside the agencies' files\n", did.Trials)
	case len(did.Tried) > 0:
		fmt.Fprintf(out, "files to try: those of %s were answered before\n", strings.Join(did.Tried, ", "))
	}
}

func (p *program) receive() *cobra.Command {
	var agency, quarter string
	c := &cobra.Command{
		Use:     "receive FILE --agency CODE",
		Short:   "Take a file that arrived by hand: data, or a letter that came back with answers",
		Example: "  tributary receive ~/Downloads/clients.csv --agency FCMH --quarter 2025-26Q2",
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&agency, "agency", "", "the agency that sent it")
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter it is for (default: the one that ended last)")
	_ = c.MarkFlagRequired("agency")
	c.RunE = p.ofQuarter(&quarter, func(c *cobra.Command, w *pipelines.Workspace, q tributary.Quarter, args []string) error {
		a, err := w.Agency(agency)
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if isLetter, err := pipelines.IsLetter(args[0]); err == nil && isLetter {
			return p.receiveLetter(c.Context(), w, args[0], a)
		}
		files, err := w.Receive(c.Context(), args[0], a, q)
		if err != nil {
			return err
		}
		held := 0
		for _, f := range files {
			if f.Held {
				held++
			}
		}
		err = p.answer(files, func(out io.Writer) {
			for _, f := range files {
				rows := int64(0)
				for _, s := range f.Sheets {
					rows += s.Rows
				}
				fmt.Fprintf(out, "%s %s: %s, version %d, %d rows in %d tables\n", a.Code, q, f.Name, f.Version, rows, len(f.Sheets))
				for _, finding := range f.Findings {
					fmt.Fprintf(out, "  %s %s: %s %s\n", finding.Severity, finding.Check, finding.Address, finding.Detail)
				}
			}
			fmt.Fprintln(out, "count it with: tributary run")
		})
		if err == nil && held > 0 {
			return exitWith(exitDataRefused, fmt.Errorf("receive: %d of %d files are held back", held, len(files)))
		}
		return err
	})
	return c
}
