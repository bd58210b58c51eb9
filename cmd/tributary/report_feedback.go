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
	"tributary/pipelines/warehouse"
)

// isNotReady says that nothing is published yet.
func isNotReady(err error) bool { return errors.Is(err, warehouse.ErrNothingPublished) }

// published reads what a report is about: the quarter, without one the published one, and the agencies, without one all.
func published(w *pipelines.Workspace, quarter string, codes []string) (tributary.Quarter, []*mapping.Agency, error) {
	m, err := w.House.Current()
	if err != nil {
		return m.Quarter, nil, err
	}
	q := m.Quarter
	if quarter != "" {
		if q, err = tributary.ParseQuarter(quarter); err != nil {
			return q, nil, exitWith(exitAskedWrongly, err)
		}
	}
	if len(codes) == 0 {
		return q, w.Agencies, nil
	}
	var agencies []*mapping.Agency
	for _, code := range codes {
		a, err := w.Agency(code)
		if err != nil {
			return q, nil, exitWith(exitAskedWrongly, err)
		}
		agencies = append(agencies, a)
	}
	return q, agencies, nil
}

func (p *program) reportFeedback() *cobra.Command {
	var quarter string
	var onlyOut bool
	c := &cobra.Command{
		Use:   "feedback [AGENCY...]",
		Short: "The letter to each agency about its delivery, and its own files with the cells marked",
		Long: `Writes letter-en.xlsx and letter-fr.xlsx, and a copy of each file with the cells marked that are to be mended
or confirmed (where there are none the copy says so), into the folder feedback beside the agency's files, and under out/. They hold personal data:
never send them by mail. Answers come back in the letter (tributary receive, or laid among the agency's files),
or as a corrected file; a letter that was filled in where it lies is read and never overwritten.`,
		Example: "  tributary report feedback\n  tributary report feedback FCMH --quarter 2025-26Q2",
	}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	c.Flags().BoolVar(&onlyOut, "only-out", false, "write under out/ and leave the drop alone")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		q, agencies, err := published(w, quarter, args)
		if err != nil {
			return err
		}
		sent, faults, err := w.Feedback(c.Context(), agencies, q, onlyOut)
		p.endProgress()
		if err != nil {
			return err
		}
		err = p.answer(sent, func(out io.Writer) {
			answers := 0
			for _, s := range sent {
				fmt.Fprintf(out, "%s %s: %s, %d to fix or confirm, %d closed since the last file; open: %s\n", s.Agency, s.Quarter,
					strings.ReplaceAll(s.State, "_", " "), s.Asked, s.Closed, s.Letter(w.Settings.Language))
				answers += s.Answers
			}
			if len(sent) == 0 {
				fmt.Fprintf(out, "no delivery for %s is due yet\n", q)
			}
			if answers > 0 {
				fmt.Fprintf(out, "%s read from letters filled in where they lie; see what they do with: tributary run\n", some(answers, "answer"))
			}
		})
		return errors.Join(append(faults, err)...)
	})
	return c
}
