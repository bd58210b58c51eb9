package mapping

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

var spaces = regexp.MustCompile(`[\s\x{00a0}\x{feff}]+`)

// tidyHeading is how headings are compared: case, space and byte order marks do not matter.
func tidyHeading(h string) string {
	return strings.ToLower(strings.TrimSpace(spaces.ReplaceAllString(norm.NFC.String(h), " ")))
}

// joinHeadings makes one heading per column from heading rows: a merged cell fills to the right in
// every row but the last, and the rows are joined by "/". Where a merged cell ends cannot be seen in
// the landed rows, so a heading of its own after a group gets the group's word too; indexHeadings
// also finds it by the last row alone.
func joinHeadings(rows [][]string, columns int) []string {
	out := make([]string, columns)
	for i, row := range rows {
		fill := ""
		for c := range columns {
			text := ""
			if c < len(row) {
				text = strings.TrimSpace(spaces.ReplaceAllString(row[c], " "))
			}
			if i < len(rows)-1 {
				if text == "" {
					text = fill
				}
				fill = text
			}
			switch {
			case text == "":
			case out[c] == "":
				out[c] = text
			default:
				out[c] += "/" + text
			}
		}
	}
	return out
}

// headings are the columns of one sheet by their tidied names, from 0. A column of a sheet with
// headings over several rows is found by its whole heading and, where that is unique, by the last
// row's words alone.
type headings struct {
	names []string
	last  []string // the words of the last heading row alone
	index map[string]int
}

func indexHeadings(names, last []string) headings {
	h := headings{names: names, last: last, index: map[string]int{}}
	count := map[string]int{}
	for _, n := range last {
		count[tidyHeading(n)]++
	}
	for i, n := range last {
		if t := tidyHeading(n); t != "" && count[t] == 1 {
			h.index[t] = i
		}
	}
	for i := len(names) - 1; i >= 0; i-- {
		if t := tidyHeading(names[i]); t != "" {
			h.index[t] = i
		}
	}
	return h
}

func (h headings) find(name string) (int, bool) {
	i, ok := h.index[tidyHeading(name)]
	return i, ok
}

// shown is the heading as the mapping found it: whole, or the words of the last row.
func (h headings) shown(i int, names []string) string {
	if i < len(h.last) && slices.ContainsFunc(names, func(n string) bool { return tidyHeading(n) == tidyHeading(h.last[i]) }) {
		return h.last[i]
	}
	return h.names[i]
}

// uses lists the headings that a column needs, alternatives as one entry.
func (c Column) uses() [][]string {
	var out [][]string
	if len(c.From) > 0 {
		out = append(out, c.From)
	}
	for _, j := range c.Join {
		out = append(out, []string{j})
	}
	for _, w := range sortedKeys(c.When) {
		out = append(out, []string{w})
	}
	return out
}

// uses lists every group of alternative headings that a table needs, sorted, each once.
func (t Table) uses() []use {
	var out []use
	add := func(column string, optional bool, names []string) {
		if !slices.ContainsFunc(out, func(u use) bool { return slices.Equal(u.names, names) }) {
			out = append(out, use{column, names, optional})
		}
	}
	for _, group := range append([]map[string]Column{t.Columns}, t.Each...) {
		for _, name := range sortedKeys(group) {
			for _, names := range group[name].uses() {
				if t.Split != nil && names[0] == piece {
					continue
				}
				add(name, group[name].Optional, names)
			}
		}
	}
	for _, h := range sortedKeys(t.Rows) {
		add("", false, []string{h})
	}
	if t.Split != nil {
		add("", false, []string{t.Split.Column})
	}
	return out
}

type use struct {
	column   string
	names    []string
	optional bool
}
