package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tributary/pipelines"
)

func (p *program) reference() *cobra.Command {
	c := &cobra.Command{Use: "reference", Short: "Numbers of others that rates rest on"}
	load := &cobra.Command{
		Use:   "load FILE",
		Short: "Read Statistics Canada's table 17-10-0152-01: how many children live where",
		Long: `Reads the table as Statistics Canada publishes it (the CSV of the entire table, or the zip that it comes in), takes the
people and the children from 0 to 17 of Ontario's census divisions on the newest July 1, and keeps the file in
kept/reference. The gap report's rates are per 1,000 children from then on; without the table they are per 1,000
people of all ages, and say so. Nothing is downloaded: fetch the file yourself.`,
		Example: "  tributary reference load ~/Downloads/17100152-eng.zip",
		Args:    cobra.ExactArgs(1),
	}
	load.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		loaded, err := w.LoadReference(c.Context(), args[0])
		p.endProgress()
		if err != nil {
			return exitWith(exitDataRefused, err)
		}
		return p.answer(loaded, func(out io.Writer) {
			fmt.Fprintf(out, "table %s: children of %d census %s on %s\n", loaded.Table, loaded.Divisions, map[bool]string{true: "division", false: "divisions"}[loaded.Divisions == 1], loaded.On)
		})
	})
	c.AddCommand(load)
	return c
}
