package main

import (
	"fmt"
	"io"
	"strings"

	"tributary/pipelines"
	"tributary/pipelines/onboard"
)

// screen is how wide a line may be.
const screen = 80

// fill prints words in lines of the screen's width, the later ones indented.
func fill(w io.Writer, indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+1+len([]rune(word)) > screen && strings.TrimSpace(line) != "" {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = indent + "  "
		}
		if strings.TrimSpace(line) != "" {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}

func (o *onboarding) print(a onboardAnswer) error {
	return o.p.answer(a, func(w io.Writer) {
		for _, f := range a.Proposal.Files {
			printFile(w, f)
		}
		if a.Proposal.OrderWhy != "" {
			fill(w, "", strings.TrimSpace("date order "+a.Proposal.DateOrder)+": "+a.Proposal.OrderWhy)
		}
		for _, t := range a.Proposal.Tables {
			printTable(w, t, a.Preview)
		}
		if a.Preview != nil {
			printPreview(w, a.Preview)
		}
		if len(a.Proposal.Left) > 0 {
			fmt.Fprintln(w, "\nNot taken:")
		}
		for _, l := range a.Proposal.Left {
			what := l.Heading
			if what == "" {
				what = "the whole sheet"
			}
			if l.Heading == "" && l.Sheet == "" {
				what = "the whole file"
			}
			fill(w, "  ", fmt.Sprintf("%s, %s: %s", strings.TrimSpace(l.File+" "+l.Sheet), what, l.Why))
		}
		if len(a.Proposal.Questions) > 0 {
			fmt.Fprintln(w, "\nNot answered (--answer key=value):")
		}
		for _, q := range a.Proposal.Questions {
			text := q.Key + ": " + q.Text + choices(q)
			switch {
			case q.Needed:
				text += "; needed"
			case q.Default != "":
				text += "; taken as " + q.Default
			}
			fill(w, "  ", text)
		}
		if len(a.Proposal.Unasked) > 0 {
			fmt.Fprintln(w)
			fill(w, "", "Answers that nothing in these files asks for, so look for a slip of the pen: "+strings.Join(a.Proposal.Unasked, ", "))
		}
		if len(a.Diff) > 0 {
			fmt.Fprintln(w, "\nProposed changes:")
		}
		for _, line := range a.Diff {
			fmt.Fprintln(w, "  "+line)
		}
		if a.Written != "" {
			fmt.Fprintf(w, "\nwrote %s; read it, then: tributary run\n", a.Written)
		}
	})
}

func printFile(w io.Writer, f *onboard.File) {
	said := f.Format
	for _, s := range []string{f.Encoding, f.Delimiter} {
		if s != "" {
			said += ", " + s
		}
	}
	fill(w, "", fmt.Sprintf("%s: %s (%s), as %s", f.Key, f.Pattern, said, f.Kind))
}

// printTable prints each column with its heading and what speaks for it, then what was staged of it.
func printTable(w io.Writer, t *onboard.Table, p *pipelines.Preview) {
	from := t.File
	if t.Sheet != "" {
		from += ", sheet " + t.Sheet
	}
	title := t.Into + " from " + from
	if len(t.Headings) > 0 {
		title += ", headings in row " + numbers(t.Headings)
	}
	if len(t.Totals) > 0 {
		title += ", totals in row " + numbers(t.Totals[:min(3, len(t.Totals))])
	}
	fmt.Fprintln(w)
	fill(w, "", title)
	columns := t.Columns
	for _, e := range t.Each {
		columns = append(columns[:len(columns):len(columns)], e...)
	}
	for _, c := range columns {
		from := c.From
		switch {
		case c.Value != "":
			from = "the word " + c.Value
		case len(c.Section) > 0:
			from = "section lines"
		}
		fill(w, "  ", fmt.Sprintf("%s from %s: %s", c.Column, from, c.Why))
		if len(c.Unknown) > 0 {
			fill(w, "      ", "codes not known: "+strings.Join(c.Unknown, ", "))
		}
		if p != nil {
			printStaged(w, t.Into, c.Column, p)
		}
	}
}

func printStaged(w io.Writer, table, column string, p *pipelines.Preview) {
	for _, t := range p.Tables {
		for i, name := range t.Columns {
			if t.Table != table || name != column || t.Count == 0 {
				continue
			}
			var first []string
			for _, r := range t.Rows {
				if r[i] != "" {
					first = append(first, r[i])
				}
			}
			line := fmt.Sprintf("      filled %d %%: %s", 100*t.Filled[i]/t.Count, strings.Join(first, " | "))
			if len([]rune(line)) > screen {
				line = string([]rune(line)[:screen-3]) + "..."
			}
			fmt.Fprintln(w, strings.TrimSuffix(strings.ReplaceAll(line, "\n", " "), ": "))
		}
	}
}

func printPreview(w io.Writer, p *pipelines.Preview) {
	fmt.Fprintln(w, "\nRows:")
	for _, s := range p.Sections {
		into := s.Table
		if into == "" {
			into = "no table"
		}
		line := fmt.Sprintf("%s %s into %s: %d read, %d taken", s.File, s.Sheet, into, s.Read, s.Taken)
		for _, n := range []struct {
			count int64
			what  string
		}{{s.SetAside, "set aside"}, {s.Heading, "headings"}, {s.Blank, "blank"}, {s.Total, "totals"}, {s.Duplicate, "duplicates"}, {s.Skipped, "skipped"}} {
			if n.count > 0 {
				line += fmt.Sprintf(", %d %s", n.count, n.what)
			}
		}
		fill(w, "  ", line)
	}
	if len(p.Findings) > 0 {
		fmt.Fprintln(w, "\nFindings:")
	}
	for i, f := range p.Findings {
		if i == 15 {
			fmt.Fprintf(w, "  and %d more kinds\n", len(p.Findings)-i)
			break
		}
		fill(w, "  ", fmt.Sprintf("%d %s (%s) %s: %s", f.Count, f.Check, strings.ReplaceAll(f.Severity, "_", " "), f.Column, f.Detail))
	}
}

// numbers writes row numbers as people do: 1, 2.
func numbers[N int | int64](rows []N) string {
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(rows), "[]")), ", ")
}
