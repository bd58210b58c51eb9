package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

func (p *program) report() *cobra.Command {
	c := &cobra.Command{Use: "report", Short: "Write workbooks from what is published"}
	var lang string
	ministry := &cobra.Command{
		Use:   "ministry",
		Short: "The quarterly performance workbook, in English or French",
		Long: `Writes the workbooks of the published quarter under out/. Words that were typed into the marked
cells are read back first; a workbook that was edited is never overwritten.`,
		Example: "  tributary report ministry\n  tributary report ministry --lang fr",
		Args:    cobra.NoArgs,
	}
	ministry.Flags().StringVar(&lang, "lang", "", "en or fr (default: both)")
	ministry.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		languages := pipelines.Languages
		if lang != "" {
			if !slices.Contains(languages, lang) {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("report: language %q is not known", lang), "write --lang en or --lang fr"))
			}
			languages = []string{lang}
		}
		wrote, err := w.Report(c.Context(), languages...)
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(wrote, func(out io.Writer) {
			for _, f := range wrote {
				fmt.Fprintf(out, "open: %s\n", f)
			}
			if len(wrote) == 0 {
				fmt.Fprintln(out, "the workbooks are as the published numbers say")
			}
		})
	})
	c.AddCommand(ministry, p.reportFeedback(), p.reportQuality(), p.reportServices(), p.reportAnnual(), p.reportGaps())
	return c
}
