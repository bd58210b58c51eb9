package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/patch"
	"tributary/reports/template"
)

func (p *program) template() *cobra.Command {
	c := &cobra.Command{Use: "template", Short: "Put the numbers into the ministry's own workbook"}
	c.AddCommand(p.templateLearn(), p.templateFill(), p.templateDiff())
	return c
}

// refusedWorkbook gives the exit code for a workbook that cannot be used.
func refusedWorkbook(err error) error {
	for _, e := range []error{patch.ErrEncrypted, patch.ErrDamaged, patch.ErrTooLarge, patch.ErrSigned, patch.ErrNotWorkbook, patch.ErrLocked, patch.ErrFormula,
		patch.ErrMerged, template.ErrLabelGone, template.ErrLabelTwice, template.ErrMoved} {
		if errors.Is(err, e) {
			return exitWith(exitDataRefused, err)
		}
	}
	return err
}

// confirmed asks a person at a terminal; elsewhere only --yes says yes.
func (p *program) confirmed(yes bool, question string) bool {
	in, ok := p.in.(*os.File)
	if yes || !ok || p.asJSON || !isTerminal(in) || !isTerminal(p.out) {
		return yes
	}
	fmt.Fprintf(p.out, "%s [no]? ", question)
	line, _ := bufio.NewReader(in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "o", "oui":
		return true
	}
	return false
}

func (p *program) templateLearn() *cobra.Command {
	var o template.Options
	var name, from, file string
	var answers []string
	var yes bool
	c := &cobra.Command{
		Use:   "learn BLANK.xlsx",
		Short: "Propose which of a blank form's cells takes which number, by the words beside and above them",
		Long: `Reads a blank workbook that the ministry gave out, matches the labels of its rows and columns (English or
French), its named cells and tables with the measures of the published release, and shows each cell with
what would go in, how sure that is and by which words. After a yes it keeps templates/NAME.yaml, one line a cell,
and the blank beside it. Lines are yours to change. What is doubtful stands there as a comment; what nothing
matched is listed.

An answer is a sheet cell, or a row's label, and what goes in: a measure, a fill as in the file, or - for nothing.`,
		Example: `  tributary template learn ~/Downloads/return-2026.xlsx
  tributary template learn return-2026.xlsx --yes \
      --answer "Clients referred=csp_referrals" --answer "Return!D20=-"
  tributary template learn releve-2026.xlsx --lang fr --from 2026-27Q1 --yes`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&name, "name", "", "the name of the map and of the filled workbook (default: that of the blank)")
	c.Flags().StringVar(&o.Language, "lang", "", "en or fr, of names and words filled in (default: as the labels)")
	c.Flags().StringVar(&from, "from", "", "the first quarter that the form is for (default: the first of the published fiscal year)")
	c.Flags().StringArrayVar(&answers, "answer", nil, "an answer, as CELL=fill or LABEL=fill")
	c.Flags().StringVar(&file, "answers", "", "a file with an answer on each line")
	c.Flags().BoolVar(&o.FillsLocked, "locked", false, "fill locked cells of protected sheets too")
	c.Flags().BoolVar(&yes, "yes", false, "keep it without asking")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) (err error) {
		if o.Language != "" && o.Language != "en" && o.Language != "fr" {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("template learn: language %q is not known", o.Language), "write --lang en or --lang fr"))
		}
		if from != "" {
			if o.From, err = tributary.ParseQuarter(from); err != nil {
				return exitWith(exitAskedWrongly, err)
			}
		}
		if o.Answers, err = readAnswers(file, answers); err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		blank, err := pipelines.ReadBlank(args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
		}
		o.Name = name + strings.ToLower(filepath.Ext(args[0]))
		proposal, err := w.LearnTemplate(c.Context(), blank, o)
		p.endProgress()
		if err != nil {
			return refusedWorkbook(err)
		}
		answer := struct {
			*template.Proposal
			Map     string `json:"map"`
			Written string `json:"written,omitempty"`
		}{proposal, proposal.Text(), ""}
		if !p.asJSON {
			printLearned(p.out, proposal)
		}
		if proposal.Count("sure") == 0 {
			return exitWith(exitDataRefused, tributary.Fix(fmt.Errorf("template learn %s: no cell is matched for sure", filepath.Base(args[0])),
				"say what goes where with --answer, or see whether it is the blank form"))
		}
		if _, err := w.Template(name); err == nil {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("template %q is there already, with what was written into it", name),
				fmt.Sprintf("compare with: tributary template diff %s NEW.xlsx; or add --name", name)))
		}
		if p.confirmed(yes, fmt.Sprintf("keep templates/%s.yaml", name)) {
			if err := w.KeepTemplate(name, blank, answer.Map); err != nil {
				return err
			}
			answer.Written = "templates/" + name + ".yaml"
		}
		if err := p.answer(answer, func(out io.Writer) {
			if answer.Written != "" {
				fmt.Fprintf(out, "kept: %s; fill it with: tributary template fill %s\n", answer.Written, name)
			}
		}); err != nil || answer.Written != "" {
			return err
		}
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("template learn %s: nothing is kept yet", name), "look at what it proposes, then add --yes"))
	})
	return c
}

// printLearned shows a proposal, a row of a sheet on one line, and why where it is not sure.
func printLearned(out io.Writer, p *template.Proposal) {
	var rows [][]string
	sheet, last := "", -1
	flush := func() { table(out, rows); rows, last = nil, -1 }
	for _, m := range p.Matches {
		if m.Sheet != sheet {
			flush()
			sheet = m.Sheet
			fmt.Fprintf(out, "%s\n", sheet)
		}
		fill, rest, _ := strings.Cut(m.Fill, "@")
		if _, code, ok := strings.Cut(rest, "="); ok {
			fill += " " + code
		}
		line := []string{"  " + m.At, shorten(m.Row, 38), fill, fmt.Sprintf("%.2f", m.Confidence)}
		if m.State != "sure" {
			line[2] = strings.TrimSpace(m.State + " " + fill)
		}
		if last >= 0 && rows[last][1] == line[1] && rows[last][2] == line[2] {
			rows[last][0] += " " + m.At
			continue
		}
		rows = append(rows, line)
		last = len(rows) - 1
		if m.State != "sure" {
			rows = append(rows, []string{"", "  " + shorten(m.Evidence, 72), "", ""})
		}
	}
	flush()
	fmt.Fprintf(out, "%d cells sure, %d doubtful, %d not matched\n", p.Count("sure"), p.Count("doubtful"), p.Count("unmatched"))
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func (p *program) templateFill() *cobra.Command {
	c := &cobra.Command{
		Use:   "fill [NAME...]",
		Short: "Fill the forms of the published quarter",
		Long: `Writes out/QUARTER/NAME.xlsx and its cell map for each form of the workspace that is for the quarter. Only the
sheets with cells to fill change, formulas that depend on them, and the order to calculate; all else keeps its
bytes. A workbook that was edited, or is open, stays, and the new one is put beside it as "NAME (2).xlsx". A
measure without a figure leaves its cell as the blank has it, and is listed.`,
		Example: "  tributary template fill\n  tributary template fill return-2026",
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		filled, err := w.FillTemplates(c.Context(), args...)
		p.endProgress()
		if filled == nil {
			filled = []pipelines.FilledTemplate{}
		}
		if len(filled) == 0 && err == nil {
			return exitWith(exitNotReady, tributary.Fix(errors.New("template fill: no form of this workspace is for the published quarter"), "learn one first: tributary template learn BLANK.xlsx"))
		}
		return errors.Join(p.answer(filled, func(out io.Writer) { printFilled(out, filled) }), refusedWorkbook(err))
	})
	return c
}

func printFilled(out io.Writer, filled []pipelines.FilledTemplate) {
	for _, f := range filled {
		fmt.Fprintf(out, "open: %s\n  %d numbers, %d names and words; %d formulas worked out, %d left to Excel; %d cells of later quarters\n",
			f.Path, len(f.Numbers), f.Words, f.Calculated, f.Emptied, f.Later)
		var words []string
		for _, m := range f.Missing {
			if m.CellID == "" {
				words = append(words, m.Sheet+"!"+m.Cell)
				continue
			}
			fmt.Fprintf(out, "  stays empty: %s!%s: %s\n", m.Sheet, m.Cell, m.Why)
		}
		if len(words) > 0 {
			fmt.Fprintf(out, "  names, targets and words that nobody gave yet: %s\n", strings.Join(words, ", "))
		}
	}
}
