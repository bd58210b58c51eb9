package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/template"
)

func (p *program) templateDiff() *cobra.Command {
	var o template.Options
	var name, from, file string
	var answers []string
	var yes bool
	c := &cobra.Command{
		Use:   "diff OLD NEW.xlsx",
		Short: "What moved, came and went between a form of the workspace and a newer one",
		Long: `Looks in the newer blank for each cell of the map OLD by its labels, and lists what moved, was reworded,
vanished, takes no value any more, or is new. After a yes it keeps a map for the newer form: that of OLD, all
comments and changes of yours in it, with places and labels as they are now. What vanished stays in it as a
comment. OLD stays for the quarters before --from.`,
		Example: `  tributary template diff return-2026 ~/Downloads/return-2027.xlsx
  tributary template diff return-2026 return-2027.xlsx --from 2026-27Q1 --yes`,
		Args: cobra.ExactArgs(2),
	}
	c.Flags().StringVar(&name, "name", "", "the name of the new map (default: that of the new blank)")
	c.Flags().StringVar(&from, "from", "", "the first quarter that the newer form is for (default: the published one)")
	c.Flags().StringArrayVar(&answers, "answer", nil, "an answer for a new cell, as CELL=fill or LABEL=fill")
	c.Flags().StringVar(&file, "answers", "", "a file with an answer on each line")
	c.Flags().BoolVar(&yes, "yes", false, "keep it without asking")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) (err error) {
		if from != "" {
			if o.From, err = tributary.ParseQuarter(from); err != nil {
				return exitWith(exitAskedWrongly, err)
			}
		}
		if o.Answers, err = readAnswers(file, answers); err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		fresh, err := pipelines.ReadBlank(args[1])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(args[1]), filepath.Ext(args[1]))
		}
		o.Name = name + strings.ToLower(filepath.Ext(args[1]))
		changes, text, err := w.DiffTemplate(c.Context(), args[0], fresh, o)
		p.endProgress()
		if err != nil {
			return refusedWorkbook(err)
		}
		if !p.asJSON {
			printDiff(p.out, changes)
		}
		answer := struct {
			Changes []template.Change `json:"changes"`
			Map     string            `json:"map"`
			Written string            `json:"written,omitempty"`
		}{changes, text, ""}
		if _, err := w.Template(name); err == nil {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("template %q is there already", name), "add --name, such as "+name+"-2"))
		}
		if p.confirmed(yes, fmt.Sprintf("keep templates/%s.yaml", name)) {
			if err := w.KeepTemplate(name, fresh, text); err != nil {
				return err
			}
			answer.Written = "templates/" + name + ".yaml"
		}
		if err := p.answer(answer, func(out io.Writer) {
			if answer.Written != "" {
				fmt.Fprintf(out, "kept: %s; it takes the place of %s from its first quarter on\n", answer.Written, args[0])
			}
		}); err != nil || answer.Written != "" {
			return err
		}
		return exitWith(exitNotReady, tributary.Fix(errors.New("template diff: nothing is kept yet"), "look at what changed, then add --yes"))
	})
	return c
}

func printDiff(out io.Writer, changes []template.Change) {
	count := map[string]int{}
	var rows [][]string
	for _, c := range changes {
		count[c.Kind]++
		if c.Kind == "same" || c.Kind == "new" && c.State == "unmatched" && c.Is.Row == "" {
			continue
		}
		was, is := "", ""
		if c.Was.Fill != "" {
			was = c.WasSheet + "!" + c.Was.At
		}
		if c.Sheet != "" {
			is = c.Sheet + "!" + c.Is.At
		}
		label, fill := c.Was.Row, c.Was.Fill
		if c.Kind == "reworded" || c.Kind == "new" {
			label = c.Is.Row
		}
		if c.Kind == "new" {
			if fill = c.Is.Fill; c.State != "sure" {
				fill = strings.TrimSpace(c.State + " " + fill)
			}
		}
		rows = append(rows, []string{c.Kind, was, is, shorten(label, 40), fill})
		if c.Kind == "refused" || c.Kind == "twice" {
			rows = append(rows, []string{"", "", "", "  " + c.Why, ""})
		}
	}
	if len(rows) > 0 {
		table(out, append([][]string{{"WHAT", "WAS", "IS", "LABEL", "FILL"}}, rows...))
	}
	var parts []string
	for _, kind := range []string{"same", "moved", "reworded", "twice", "refused", "vanished", "new"} {
		if count[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[kind], kind))
		}
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
}
