package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary/pipelines"
)

func (p *program) measures() *cobra.Command {
	c := &cobra.Command{
		Use:     "measures [ID]",
		Short:   "What is counted, how, and by which source",
		Example: "  tributary measures\n  tributary measures csp_referrals",
		Args:    cobra.MaximumNArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if len(args) == 1 {
			if err := knownMeasure(w, args[0]); err != nil {
				return exitWith(exitAskedWrongly, err)
			}
			m, _ := w.Models.Measure(args[0])
			return p.answer(m, func(out io.Writer) { fmt.Fprintln(out, strings.TrimSpace(m.SQL)) })
		}
		list := w.Models.Models("measure")
		return p.answer(list, func(out io.Writer) {
			rows := [][]string{{"MEASURE", "KIND", "UNIT", "BASIS", "LABEL"}}
			for _, m := range list {
				if m.Measure != nil {
					rows = append(rows, []string{m.Name, m.Measure.Kind, m.Measure.Unit, strings.ReplaceAll(m.Measure.Basis, "_", " "), m.Measure.Label})
				}
			}
			table(out, rows)
		})
	})
	return c
}

func (p *program) mapping() *cobra.Command {
	c := &cobra.Command{Use: "mapping", Short: "An agency's mapping, as it is read"}
	var isSQL bool
	show := &cobra.Command{
		Use:     "show AGENCY",
		Short:   "Which column becomes which; with --sql the SELECTs that it compiles to",
		Example: "  tributary mapping show LCTC\n  tributary mapping show LCTC --sql",
		Args:    cobra.ExactArgs(1),
	}
	show.Flags().BoolVar(&isSQL, "sql", false, "print the SELECT of each table")
	show.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		a, err := w.Agency(args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if isSQL {
			text, err := w.MappingSQL(c.Context(), a)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.out, text)
			return nil
		}
		rows := [][]string{{"TABLE", "FILE", "SHEET", "COLUMN", "FROM"}}
		for _, t := range a.Tables {
			for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
				rows = append(rows, []string{t.Into, t.File, t.Sheet, name, strings.Join(t.Columns[name].From, " | ")})
			}
		}
		return p.answer(rows, func(out io.Writer) { table(out, rows) })
	})
	c.AddCommand(show)
	return c
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Which program this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return p.answer(map[string]string{"version": programVersion()}, func(out io.Writer) {
				fmt.Fprintf(out, "tributary %s\n", programVersion())
			})
		}}
}
