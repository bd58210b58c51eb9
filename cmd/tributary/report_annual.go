package main

import (
	"io"

	"github.com/spf13/cobra"

	"tributary/pipelines"
)

func (p *program) reportAnnual() *cobra.Command {
	c := &cobra.Command{
		Use:   "annual",
		Short: "The annual report: the year's quarters in one, a plan to improve, and a line for each signature",
		Long: `Writes out/YEAR/annual-en.xlsx and annual-fr.xlsx for the fiscal year of the published quarter, with the quarters
that are over. Words typed into the marked cells are read back and stand in both; a workbook that was edited is
never overwritten. Who sits in the steering mechanism its terms of reference say: strike out or add lines.`,
		Example: "  tributary report annual",
		Args:    cobra.NoArgs,
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		wrote, err := w.Annual(c.Context())
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(wrote, func(out io.Writer) { printOpen(out, wrote) })
	})
	return c
}
