package template

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Text writes a proposal as the YAML file that the analyst keeps: what is sure as lines, what is
// doubtful and what is not matched as comments that say why.
func (p *Proposal) Text() string {
	var b strings.Builder
	m := p.Map
	fmt.Fprintf(&b, `# What goes into %s, cell by cell. Proposed from the words beside and above the cells, confirmed by a person.
# This file is yours: change lines, add comments; template diff keeps them all.
# fill: measure[.statistic]@PERIOD[/ytd][/by=code], where PERIOD is quarter (the one reported), previous, last_year,
#       Q1 to Q4 (of its fiscal year; left empty until they come) or a quarter such as 2025-26Q2;
#       target MEASURE@PERIOD; note FIELD MEASURE@PERIOD; note prepared_by; setting NAME.
# at: where it stood when it was confirmed; the labels decide. as: percent writes .42 as 42.
`, m.Workbook)
	fmt.Fprintf(&b, "workbook: %s\nsha256: %s\nlanguage: %s\nfrom: %s\n", quote(m.Workbook), m.SHA256, m.Language, m.From)
	fmt.Fprintf(&b, "locked: %s\nsheets:\n", m.Locked)
	sheet, evidence := "", ""
	for _, x := range p.Matches {
		if x.State == "unmatched" && x.Evidence == "left out by an answer" {
			continue
		}
		if x.Sheet != sheet {
			if !slices.ContainsFunc(p.Matches, func(o Match) bool { return o.Sheet == x.Sheet && o.State == "sure" }) {
				continue
			}
			sheet, evidence = x.Sheet, ""
			fmt.Fprintf(&b, "  - sheet: %s\n    cells:\n", quote(sheet))
		}
		if x.State == "unmatched" {
			continue
		}
		first, _, _ := strings.Cut(x.Evidence, "; \"")
		if first, _, _ = strings.Cut(first, " is its "); first != evidence {
			fmt.Fprintf(&b, "      # %s\n", oneLine(first))
			evidence = first
		}
		if x.State == "doubtful" {
			fmt.Fprintf(&b, "      # doubtful: %s\n      #%s\n", oneLine(x.Evidence), strings.TrimPrefix(x.Cell.line(), "     "))
			continue
		}
		b.WriteString(x.Cell.line() + "\n")
	}
	if rest := p.rest(); len(rest) > 0 {
		b.WriteString("# Not matched; write a line for each that you want filled:\n")
		for _, line := range rest {
			b.WriteString("#   " + line + "\n")
		}
	}
	return b.String()
}

// rest lists the cells that nothing matched, a row of a sheet on one line.
func (p *Proposal) rest() []string {
	var out []string
	last := ""
	for _, m := range p.Matches {
		if m.State != "unmatched" || m.Evidence == "left out by an answer" {
			continue
		}
		key := m.Sheet + "!" + m.Row
		if key == last && m.Row != "" {
			out[len(out)-1] = strings.Replace(out[len(out)-1], ", row ", " "+m.At+", row ", 1)
			continue
		}
		last = key
		out = append(out, oneLine(fmt.Sprintf("%s!%s, row %s: %s", m.Sheet, m.At, quote(m.Row), m.Evidence)))
	}
	return out
}

// line is one cell as a line of a map.
func (c Cell) line() string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+": "+value)
		}
	}
	add("at", c.At)
	add("name", c.Name)
	for _, x := range [][2]string{{"under", c.Under}, {"row", c.Row}, {"column", c.Column}} {
		if x[1] != "" {
			add(x[0], quote(x[1]))
		}
	}
	fill := c.Fill
	if !plainFill.MatchString(fill) {
		fill = quote(fill)
	}
	add("fill", fill)
	add("as", c.As)
	return "      - {" + strings.Join(parts, ", ") + "}"
}

var plainFill = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_@./= -]*$`)

func quote(s string) string { return strconv.Quote(s) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
