package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tributary/pipelines"
)

func (p *program) reportQuality() *cobra.Command {
	var quarter string
	c := &cobra.Command{
		Use:   "quality [AGENCY...]",
		Short: "Who needs help with what first: what the checks found over time, in a workbook and a page per agency",
		Long: `Writes under out/QUARTER/quality: quality-en.xlsx and quality-fr.xlsx about all agencies, for the analyst (who needs
help first, agencies by quarters, causes, each check over time, what was settled, days late, how full each column is,
every result), and for each agency a page about it alone, quality-AGENCY-en.xlsx and -fr.xlsx, which may go to it.
With agencies named, only their pages. Every earlier state of a delivery is checked again, by the checks of today;
that is done once and kept in cache/. Counts only: nothing of a person is in any of them.`,
		Example: "  tributary report quality\n  tributary report quality FCMH --quarter 2025-26Q2",
	}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		q, agencies, err := published(w, quarter, args)
		if err != nil {
			return err
		}
		wrote, err := w.Quality(c.Context(), agencies, q, len(args) == 0)
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(map[string]any{"quarter": q, "files": wrote}, func(out io.Writer) {
			for i, path := range wrote {
				if i < 2 || len(args) > 0 {
					fmt.Fprintf(out, "open: %s\n", path)
				}
			}
			if len(args) == 0 {
				fmt.Fprintf(out, "and beside them, for each agency, a page that may go to it: quality-CODE-en.xlsx, quality-CODE-fr.xlsx\n")
			}
		})
	})
	return c
}
