package template

import (
	"fmt"
	"slices"
	"strings"

	"tributary"
)

// Amend writes the map of a newer form from the text of the old one: what moved or was reworded gets
// its new place and labels, what vanished or takes no value any more becomes a comment, new cells are
// added. Every other character stays, comments too.
func Amend(text string, m Map, changes []Change, o Options, blank []byte, replaces string) string {
	a := &amending{lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	a.after = make([][]string, len(a.lines)+1)
	a.top("workbook", quote(o.Name))
	a.top("sha256", hashOf(blank))
	a.top("from", o.From.String())
	a.top("replaces", quote(replaces))
	if !m.To.IsZero() && m.To.Compare(o.From) < 0 {
		a.top("to", tributary.Quarter{}.String())
	}
	last := map[string]int{}    // where the cells of a sheet end, by its new name
	goes := map[string]string{} // the new name of an old sheet
	for _, c := range changes {
		if c.Was.Line > 0 && c.Sheet != "" && goes[c.WasSheet] == "" {
			goes[c.WasSheet] = c.Sheet
		}
	}
	for _, s := range m.Sheets {
		name := s.Sheet
		if to := goes[s.Sheet]; to != "" && to != s.Sheet {
			a.set(s.Line, "sheet", quote(to))
			name = to
		}
		for _, c := range s.Cells {
			_, end := a.extent(c.Line)
			last[name] = max(last[name], end)
		}
	}
	var sheets []string
	for _, c := range changes {
		switch {
		case c.Kind == "vanished", c.Kind == "twice" && c.Is.Fill == "", c.Kind == "refused":
			why := map[string]string{"vanished": "not in " + o.Name, "twice": c.Why, "refused": c.Why}[c.Kind]
			a.comment(c.Was.Line, why)
		case c.Kind == "new":
			end, ok := last[c.Sheet]
			if !ok {
				// The cells of a new sheet come after all others.
				if !slices.Contains(sheets, c.Sheet) {
					sheets = append(sheets, c.Sheet)
					a.end = append(a.end, "  - sheet: "+quote(c.Sheet), "    cells:")
				}
				a.end = append(a.end, a.fresh(c)...)
				continue
			}
			a.after[end] = append(a.after[end], a.fresh(c)...)
		case c.Sheet != goes[c.WasSheet]:
			// It went to another sheet than its neighbours did.
			_, end := a.extent(c.Was.Line)
			a.comment(c.Was.Line, "now on sheet "+c.Sheet)
			moved := c
			moved.State, moved.Why = "sure", "from sheet "+c.WasSheet
			if at, ok := last[c.Sheet]; ok {
				end = at
				a.after[end] = append(a.after[end], a.fresh(moved)...)
			} else {
				a.end = append(a.end, "  - sheet: "+quote(c.Sheet), "    cells:")
				a.end = append(a.end, a.fresh(moved)...)
			}
		default:
			a.reanchor(c)
		}
	}
	return a.String()
}

type amending struct {
	lines []string
	// after are lines to add below a line (0 is above all); end those to add below the last sheet's cells.
	after [][]string
	end   []string
}

func (a *amending) String() string {
	at := len(a.lines)
	// Comments at the end speak of the whole and stay there.
	for at > 0 && (strings.HasPrefix(a.lines[at-1], "#") || strings.TrimSpace(a.lines[at-1]) == "") {
		at--
	}
	a.after[at] = append(a.after[at], a.end...)
	out := slices.Clone(a.after[0])
	for i, line := range a.lines {
		out = append(out, line)
		out = append(out, a.after[i+1]...)
	}
	return strings.Join(out, "\n") + "\n"
}

// fresh are the lines of a cell that the map did not have.
func (a *amending) fresh(c Change) []string {
	switch c.State {
	case "sure":
		return []string{"      # new: " + oneLine(c.Why), c.Is.line()}
	case "doubtful":
		return []string{"      # new, doubtful: " + oneLine(c.Why), "      #" + strings.TrimPrefix(c.Is.line(), "     ")}
	}
	return []string{fmt.Sprintf("      # new, not matched: %s, row %s: %s", c.Is.At, quote(c.Is.Row), oneLine(c.Why))}
}

// reanchor writes the place and labels that a cell has now.
func (a *amending) reanchor(c Change) {
	for _, x := range []struct{ key, was, is string }{
		{"at", c.Was.At, c.Is.At}, {"name", c.Was.Name, c.Is.Name}, {"under", c.Was.Under, c.Is.Under}, {"row", c.Was.Row, c.Is.Row}, {"column", c.Was.Column, c.Is.Column},
	} {
		if x.was == x.is {
			continue
		}
		value := x.is
		if x.key != "at" {
			value = quote(x.is)
		}
		a.set(c.Was.Line, x.key, value)
	}
}

// extent is where the entry that begins on a line ends, by numbers that begin with 1.
func (a *amending) extent(line int) (from, to int) {
	depth, isFlow := 0, strings.HasPrefix(strings.TrimLeft(a.lines[line-1], " -"), "{")
	indent := len(a.lines[line-1]) - len(strings.TrimLeft(a.lines[line-1], " -"))
	to = line
	for i := line - 1; i < len(a.lines); i++ {
		text := a.lines[i]
		if isFlow {
			outside(text, func(_ int, c byte) {
				switch c {
				case '{':
					depth++
				case '}':
					depth--
				}
			})
			if to = i + 1; depth <= 0 {
				break
			}
			continue
		}
		trimmed := strings.TrimLeft(text, " ")
		if i >= line && (len(text)-len(trimmed) < indent || strings.HasPrefix(trimmed, "-")) && trimmed != "" {
			break
		}
		if trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			to = i + 1
		}
	}
	return line, to
}

// outside calls f for the bytes of a line that stand outside of quotes and comments.
func outside(text string, f func(i int, c byte)) {
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#' && (i == 0 || text[i-1] == ' '):
			return
		default:
			f(i, c)
		}
	}
}

// find is where the value of a key stands in a line: from and to its first and past its last byte.
func find(text, key string) (from, to int, ok bool) {
	word := key + ":"
	from = -1
	outside(text, func(i int, _ byte) {
		if from < 0 && strings.HasPrefix(text[i:], word) && (i == 0 || strings.IndexByte(" ,{-", text[i-1]) >= 0) {
			from = i + len(word)
		}
	})
	if from < 0 {
		return 0, 0, false
	}
	for from < len(text) && text[from] == ' ' {
		from++
	}
	to = len(text)
	isFlow := strings.Contains(text[:from], "{")
	stop := -1
	outside(text, func(i int, c byte) {
		if i >= from && stop < 0 && isFlow && (c == ',' || c == '}') {
			stop = i
		}
	})
	if stop >= 0 {
		to = stop
	}
	if at := strings.Index(text[from:to], " #"); at >= 0 && (from >= len(text) || text[from] != '"' && text[from] != '\'') {
		to = from + at
	}
	if from < len(text) && (text[from] == '"' || text[from] == '\'') {
		// A quoted value ends with its quote; what follows stays.
		for i := from + 1; i < len(text); i++ {
			if text[i] == '\\' && text[from] == '"' {
				i++
			} else if text[i] == text[from] {
				to = i + 1
				break
			}
		}
	}
	return from, from + len(strings.TrimRight(text[from:to], " ")), true
}

// set gives a key of the entry on a line another value; a key that is not there is put first.
func (a *amending) set(line int, key, value string) {
	from, to := a.extent(line)
	for i := from - 1; i < to; i++ {
		if start, end, ok := find(a.lines[i], key); ok {
			a.lines[i] = a.lines[i][:start] + value + a.lines[i][end:]
			return
		}
	}
	text := a.lines[line-1]
	if at := strings.IndexByte(text, '{'); at >= 0 && strings.HasPrefix(strings.TrimLeft(text, " -"), "{") {
		a.lines[line-1] = text[:at+1] + key + ": " + value + ", " + text[at+1:]
		return
	}
	dash := len(text) - len(strings.TrimLeft(text, " -"))
	a.lines[line-1] = text[:dash] + key + ": " + value + "\n" + strings.Repeat(" ", dash) + text[dash:]
}

// top gives a key of the whole map a value; an empty one makes the line a comment.
func (a *amending) top(key, value string) {
	sheets := len(a.lines)
	for i, text := range a.lines {
		if strings.HasPrefix(text, "sheets:") {
			sheets = i
		}
		if !strings.HasPrefix(text, key+":") {
			continue
		}
		if value == "" {
			a.lines[i] = "# " + text
			return
		}
		start, end, _ := find(text, key)
		a.lines[i] = strings.TrimRight(text[:start], " ") + " " + value + text[end:]
		return
	}
	if value != "" {
		a.after[sheets] = append(a.after[sheets], key+": "+value)
	}
}

// comment makes an entry a comment that says why.
func (a *amending) comment(line int, why string) {
	from, to := a.extent(line)
	for i := from - 1; i < to; i++ {
		trimmed := strings.TrimLeft(a.lines[i], " ")
		indent := len(a.lines[i]) - len(trimmed)
		a.lines[i] = strings.Repeat(" ", indent) + "# " + trimmed
	}
	indent := len(a.lines[from-1]) - len(strings.TrimLeft(a.lines[from-1], " "))
	a.after[from-1] = append(a.after[from-1], strings.Repeat(" ", indent)+"# "+oneLine(why)+":")
}
