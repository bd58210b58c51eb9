package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tributary/pipelines"
)

func (p *program) reportServices() *cobra.Command {
	c := &cobra.Command{
		Use:   "services",
		Short: "The public page of services and waits: what, where, by whom, typical wait, how to reach",
		Long: `Writes services-en.html, services-fr.html and the same as workbooks under out/, to be put on a web site. Who offers
what is the register's list of local services; the typical wait is the median of those who wait for the service on
the quarter's last day, said only where at least small_below (a setting) children wait. No count stands on it.`,
		Example: "  tributary report services",
		Args:    cobra.NoArgs,
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		wrote, err := w.Services(c.Context())
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(wrote, func(out io.Writer) { printOpen(out, wrote) })
	})
	return c
}

func printOpen(out io.Writer, files []string) {
	for _, f := range files {
		fmt.Fprintf(out, "open: %s\n", f)
	}
}
