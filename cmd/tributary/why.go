package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/why"
)

func (p *program) why() *cobra.Command {
	var child, reason, lang, every string
	var all, text bool
	c := &cobra.Command{
		Use:   "why CELL",
		Short: "Why a number is what it is, down to the rows of the files; or what one child counts for",
		Long: `CELL is a cell id, or a sheet cell of a workbook under out/. A cell id is
measure[.statistic]@QUARTER[/ytd][/by=value]: measure as tributary measures names it, statistic one of
share, met, n, median, p90, longest, by one of area, municipality, agency, employer or the measure's own.

The waterfall begins with everyone who was considered and names each rule that leaves someone out.
For an agency's "we have 1,296 clients, why do you print 1,201?" ask children_known@QUARTER/agency=CODE:
it leads from the rows that the agency sent to its children, each counted once.

With --child: which numbers the child feeds, and the first rule that keeps it out of the others.
Looking at a child is written to the audit log and wants --because.`,
		Example: `  tributary why csp_referrals@2025-26Q2
  tributary why csp_referrals@2025-26Q2/ytd/source=self
  tributary why "out/2025-26Q2/ministry-en.xlsx Who are we serving!F9"
  tributary why csp_referrals@2025-26Q2 --text --because "the board disputes it"
  tributary why --child LCTC:LC-01003 --because "call from the family"
  tributary why --every out/2025-26Q2/ministry-en.cells.csv`,
		Args: cobra.MaximumNArgs(1),
	}
	c.Flags().StringVar(&child, "child", "", "a child id, or AGENCY:number")
	c.Flags().StringVar(&reason, "because", "", "why you look at this child")
	alsoNamed(c, &reason, "why")
	c.Flags().StringVar(&lang, "lang", "", "en or fr (default: the workspace's language)")
	c.Flags().StringVar(&every, "every", "", "a cell map: resolve and count again each of its cells")
	c.Flags().BoolVar(&all, "all", false, "list all units, not the first ten")
	c.Flags().BoolVar(&text, "text", false, "also what the fields said in the files as they came; is written to the audit log and wants --because")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if lang == "" {
			lang = w.Settings.Language
		}
		if !slices.Contains(pipelines.Languages, lang) {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("why: language %q is not known", lang), "write --lang en or --lang fr"))
		}
		switch {
		case child != "":
			return p.whyChild(c, w, child, reason, lang)
		case every != "":
			return p.whyEvery(c, w, every)
		case len(args) == 1:
			return p.whyCell(c, w, args[0], lang, reason, all, text)
		}
		return exitWith(exitAskedWrongly, tributary.Fix(errors.New("why: which cell?"), "see: tributary why --help"))
	})
	return c
}

// unitsShown is how many rows of a cell are listed unless all are asked for.
const unitsShown = 10

func (p *program) whyCell(c *cobra.Command, w *pipelines.Workspace, cell, lang, reason string, all, withText bool) error {
	if withText && reason == "" {
		return exitWith(exitAskedWrongly, tributary.Fix(errors.New("why --text: a reason is missing"), `add --because "..."`))
	}
	if strings.Contains(cell, "!") {
		found, err := pipelines.CellAt(cell)
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		cell = found
	}
	id, err := why.ParseCellID(cell)
	if err == nil {
		err = knownMeasure(w, id.Measure)
	}
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	m, err := w.House.Current()
	if err != nil {
		return err
	}
	db, err := w.House.OpenWith(c.Context(), m.People(), w.Landing.Root)
	if err != nil {
		return err
	}
	defer db.Close()
	shown := unitsShown
	if all || p.asJSON {
		shown = 0
	}
	answer, err := why.Cell(c.Context(), db, id, w.MeasureSQL, lang, shown)
	if err != nil {
		if id.By == "agency" {
			if _, unknown := w.Agency(id.Value); unknown != nil {
				err = fmt.Errorf("cell %s: %w", id, unknown)
			}
		}
		return exitWith(exitAskedWrongly, err)
	}
	if withText {
		if err := w.Look(c.Context(), "why --text", id.String(), reason); err != nil {
			return err
		}
		copyOf, err := w.CopyOf()
		if err != nil {
			return err
		}
		if err := why.Texts(c.Context(), db, answer.Units, copyOf); err != nil {
			return err
		}
	}
	return p.answer(answer, func(out io.Writer) { printCell(out, answer, lang) })
}

// cellWords are those around an explanation.
var cellWords = map[string][]string{
	"en": {"basis: %s   definition: %s\n\n", "\nworked out again from the rows below: %g\n", "... and %d more rows: add --all\n", "\nthe SQL that finds who is considered:\n%s\n"},
	"fr": {"base : %s   définition : %s\n\n", "\nrecalculé à partir des lignes ci-dessous : %g\n", "... et %d autres lignes : ajoutez --all\n", "\nle SQL qui trouve les cas examinés :\n%s\n"},
}

func printCell(out io.Writer, a why.Answer, lang string) {
	say := cellWords[lang]
	fmt.Fprintf(out, "%s\n%s\n\n", a.Sentence, a.Definition)
	fmt.Fprintf(out, say[0], a.Basis, a.Cites)
	if len(a.Bridge) > 0 {
		bars(out, a.Bridge)
		fmt.Fprintln(out)
	}
	bars(out, a.Waterfall)
	fmt.Fprintf(out, say[1], a.Recounted)
	var rows [][]string
	for _, u := range a.Units {
		rows = append(rows, []string{u.ID, u.Address.String(), strings.Join(u.Evidence, ", ")})
	}
	table(out, rows)
	if rest := a.Rows - len(a.Units); rest > 0 {
		fmt.Fprintf(out, say[2], rest)
	}
	fmt.Fprintf(out, say[3], strings.TrimSpace(a.SQL))
}

// bars draws steps as a waterfall.
func bars(out io.Writer, steps []why.Step) {
	most := 1
	for _, s := range steps {
		most = max(most, abs(s.Units))
	}
	var rows [][]string
	for _, s := range steps {
		rows = append(rows, []string{fmt.Sprintf("%7d", s.Units), strings.Repeat("#", max(abs(s.Units)*30/most, 1)), s.Label})
	}
	table(out, rows)
}

// alsoNamed takes a flag under a second name, which is not documented: verbs that ask why call it because or why.
func alsoNamed(c *cobra.Command, into *string, second string) {
	c.Flags().StringVar(into, second, "", "")
	c.Flags().MarkHidden(second) //nolint:errcheck // the flag is there
}

func abs(n int) int { return max(n, -n) }

func (p *program) whyChild(c *cobra.Command, w *pipelines.Workspace, child, reason, lang string) error {
	if reason == "" {
		return exitWith(exitAskedWrongly, tributary.Fix(errors.New("why --child: a reason is missing"), `add --because "..."`))
	}
	m, err := w.House.Current()
	if err != nil {
		return err
	}
	if err := w.Look(c.Context(), "why --child", child, reason); err != nil {
		return err
	}
	db, err := w.House.Open(c.Context(), m.People())
	if err != nil {
		return err
	}
	defer db.Close()
	answer, err := why.OfChild(c.Context(), db, child, lang)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	return p.answer(answer, func(out io.Writer) {
		fmt.Fprintf(out, "%s is known to:\n", answer.ID)
		for _, r := range answer.Records {
			fmt.Fprintf(out, "  %s as %s\n", r.Agency, r.Client)
		}
		if answer.Withheld > 0 {
			fmt.Fprintf(out, "  %d more, which the agreement does not allow to show beside these\n", answer.Withheld)
		}
		rows := [][]string{{"QUARTER", "COUNTS IN", "AREA AND AGENCY", "OR IS LEFT OUT BECAUSE"}}
		for _, part := range answer.Parts {
			when := part.Quarter
			if part.YearToDate {
				when += " to date"
			}
			row := []string{when, part.Label, part.Agency, part.LeftOut}
			last := rows[len(rows)-1]
			if row[0] == last[0] && row[1] == last[1] && row[3] == last[3] {
				last[2] += ", " + part.Agency
				continue
			}
			rows = append(rows, row)
		}
		table(out, rows)
		fmt.Fprintln(out, "\n"+wrap("A line is the whole area's number and that of each agency named. In a number of children, or of families, it counts once, also where several agencies are named.", 0))
	})
}

// whyEvery resolves each cell of a cell map and counts its units again.
func (p *program) whyEvery(c *cobra.Command, w *pipelines.Workspace, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	m, err := w.House.Current()
	if err != nil {
		return err
	}
	db, err := w.House.Open(c.Context(), m.People())
	if err != nil {
		return err
	}
	defer db.Close()
	cells := map[string]string{}
	for _, l := range lines[min(1, len(lines)):] {
		if len(l) >= 4 && l[3] != "" { // a form's cell may name a number that is not published
			cells[l[2]] = l[3]
		}
	}
	differ, err := why.Every(c.Context(), db, cells)
	if err != nil {
		return err
	}
	for _, d := range differ {
		fmt.Fprintln(p.out, d)
	}
	if len(differ) > 0 || len(cells) == 0 {
		return fmt.Errorf("%s: %d of %d cells do not count to what is printed", path, len(differ), len(cells))
	}
	return p.answer(map[string]int{"cells": len(cells)}, func(out io.Writer) {
		fmt.Fprintf(out, "%s: all %d cells resolve, and their units counted again give the number printed\n", path, len(cells))
	})
}
