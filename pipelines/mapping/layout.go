package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
)

// tablesOf lists the tables that read a sheet of a file.
func (f *delivered) tablesOf(ref *sheetRef) []Table {
	var out []Table
	for _, t := range f.agency.Tables {
		if t.File == f.key && f.sheetFor(t) == ref {
			out = append(out, t)
		}
	}
	return out
}

// sheetFor finds the sheet that a table means: by its name, else the first that is not hidden.
func (f *delivered) sheetFor(t Table) *sheetRef {
	for _, ref := range f.sheets {
		if t.Sheet != "" && tidyHeading(ref.sheet.Name) == tidyHeading(t.Sheet) {
			return ref
		}
	}
	if t.Sheet != "" {
		// A text file has one sheet, whatever it is called.
		if len(f.sheets) == 1 && f.Format != "xlsx" && f.Format != "json" && f.Format != "jsonl" {
			return f.sheets[0]
		}
		return nil
	}
	for _, ref := range f.sheets {
		if !ref.sheet.Hidden {
			return ref
		}
	}
	return nil
}

// layoutOf reads a sheet's headings as its tables expect them; moved is the row where they were found
// when that is not the row the mapping states.
func (f *delivered) layoutOf(ref *sheetRef, tables []Table) (l *layout, moved int) {
	l = &layout{agency: f.agency, file: f.key, sheet: tables[0].Sheet, tables: tables,
		hasRaw: f.Format == "xlsx", columns: ref.sheet.Columns,
		hasControls: slices.ContainsFunc(f.File.Findings, func(g tributary.Finding) bool { return g.Check == "control_characters" })}
	if ref.parent != nil {
		l.parent, l.parents = indexHeadings(ref.parent.sheet.Headings, ref.parent.sheet.Headings), ref.parent.sheet.Columns
	}
	names := ref.sheet.Headings
	if names == nil && len(f.rule.FieldNames) > 0 {
		names = f.rule.FieldNames
	}
	if names != nil {
		l.named, l.own = true, indexHeadings(names, names)
		return l, 0
	}
	stated := f.agency.headingRows(tables[0])
	l.setHeadings(ref, stated)
	best, at := l.score(), 0
	if want := l.wanted(); best*2 < want {
		for _, row := range ref.head {
			other := *l
			other.setHeadings(ref, []int{int(row.number)})
			if n := other.score(); n > best && n*2 >= want {
				best, at = n, int(row.number)
			}
		}
		if at > 0 {
			l.setHeadings(ref, []int{at})
		}
	}
	return l, at
}

func (l *layout) setHeadings(ref *sheetRef, rows []int) {
	var texts [][]string
	for _, n := range rows {
		for _, row := range ref.head {
			if row.number == int64(n) {
				texts = append(texts, row.cells)
			}
		}
	}
	l.headRows = rows
	var last []string
	if len(texts) > 0 {
		last = texts[len(texts)-1]
	}
	l.own = indexHeadings(joinHeadings(texts, l.columns), last)
}

// score counts the headings that are there, wanted those that the mapping uses.
func (l *layout) score() (n int) {
	for _, t := range l.tables {
		for _, u := range t.uses() {
			if _, _, _, ok := l.resolve(u.names); ok {
				n++
			}
		}
	}
	return n
}

func (l *layout) wanted() (n int) {
	for _, t := range l.tables {
		n += len(t.uses())
	}
	return n
}

// isHeadless says that a record of values may stand where the headings should, since none or hardly
// any of those of the mapping is there: what it says is then
// nobody's business, and no finding may name it.
func (l *layout) isHeadless() bool {
	if l.named {
		return false
	}
	n, want := l.score(), l.wanted()
	switch {
	case n > 0:
		return want >= 4 && n*4 < want
	case want >= 3:
		return true
	}
	return slices.ContainsFunc(l.own.names, func(n string) bool { return strings.ContainsAny(n, "0123456789") })
}

// signature is equal for sheets that one SELECT can read.
func (l *layout) signature() string {
	return fmt.Sprintf("%s|%s|%s|%q|%q|%d|%d|%v|%v|%v", l.agency.Code, l.file, l.sheet, l.own.names, l.parent.names,
		l.columns, l.parents, l.hasRaw, l.hasControls, l.headRows)
}

// drifted compares a sheet's headings with the mapping: renamed, missing, added.
func (f *delivered) drifted(ref *sheetRef, l *layout) {
	raise := func(check string, severity tributary.Severity, column, detail string) {
		f.raiseIn(ref.sheet.Name, check, severity, column, detail)
	}
	if l.isHeadless() {
		raise("heading_missing", tributary.Blocks, "", fmt.Sprintf("row %d is no heading row: %d of %d headings of the mapping stand in it; ask for the file with its heading row, or write field_names in the agency's file",
			slices.Max(append(l.headRows, 1)), l.score(), l.wanted()))
		f.paused = true
		return
	}
	extra, unnamed := f.unmapped(ref, l)
	seen := map[string]bool{}
	var missing []missingUse
	for _, t := range l.tables {
		for _, u := range t.uses() {
			index, parent, later, ok := l.resolve(u.names)
			key := strings.Join(u.names, "|")
			if seen[key] {
				continue
			}
			seen[key] = true
			if ok && later && !parent {
				raise("heading_renamed", tributary.Note, l.own.names[index], fmt.Sprintf("%q is now %q; the mapping knows it", u.names[0], l.own.names[index]))
			}
			if !ok && !u.optional && !f.stripped(ref, u.names) && !(l.named && ref.sheet.Rows == 0) {
				missing = append(missing, missingUse{t.Into, u})
			}
		}
	}
	left := slices.Clone(extra)
	for _, m := range missing {
		guess := likely(m.use.names[0], left, len(missing) == 1 && len(left) == 1)
		if guess == "" && f.isSparse() && m.use.column != "client_local_id" {
			// A key that no JSON record has may be a value that nobody has.
			raise("heading_missing", tributary.Note, m.use.names[0], fmt.Sprintf("no record has %q", m.use.names[0]))
			continue
		}
		if guess == "" {
			raise("heading_missing", tributary.Blocks, m.use.names[0], fmt.Sprintf("the heading %q is not there; %s", m.use.names[0], m.advice("")))
		} else {
			left = slices.DeleteFunc(left, func(e string) bool { return e == guess })
			raise("heading_renamed", tributary.Blocks, guess, fmt.Sprintf("%q is now %q; %s", m.use.names[0], guess, m.advice(guess)))
		}
		f.paused = true
	}
	for _, e := range append(left, unnamed...) {
		switch f.rule.Drift {
		case "discard":
		case "freeze":
			raise("column_added", tributary.Blocks, e, fmt.Sprintf("%s is new, and the mapping allows no new column (drift: freeze)", said(e)))
			f.state = fileHeld
		default:
			raise("column_added", tributary.Note, e, fmt.Sprintf("%s is in no table of the mapping; it is kept in landing and not used", said(e)))
		}
	}
}

// personal is what no heading looks like: a phone number, an address of mail, a date, a postal code, a
// long or a lone number.
var personal = regexp.MustCompile(`@|\d{3}[-. )]+\d{4}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?i)\b[a-z]\d[a-z][ -]?\d[a-z]\d\b|\d{5}|^[\d.,$ -]+$`)

// letterOf names a column whose heading may be somebody's value.
func letterOf(i int) string {
	letters := ""
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return "column " + letters
}

var byLetter = regexp.MustCompile(`^column [A-Z]{1,3}$`)

// said is a heading as a finding writes it.
func said(heading string) string {
	if byLetter.MatchString(heading) {
		return heading
	}
	return fmt.Sprintf("%q", heading)
}

// isSparse says that the format writes a heading only where there is a value.
func (f *delivered) isSparse() bool { return f.Format == "json" || f.Format == "jsonl" }

type missingUse struct {
	table string
	use   use
}

// advice is the line to paste into the agency's file.
func (m missingUse) advice(now string) string {
	column := m.use.column
	if column == "" {
		return "put the new heading in place of the old one in the agency's file"
	}
	if now == "" {
		return fmt.Sprintf("if it is gone for good, write in the agency's file: tables: %s: %s: {from: %s, optional: true}", m.table, column, m.use.names[0])
	}
	return fmt.Sprintf("if it is the same, write in the agency's file: tables: %s: %s: [%s]", m.table, column, strings.Join(append(slices.Clone(m.use.names), now), ", "))
}

// unmapped lists the headings that no table uses, refuses or ignores and that landing did not strip;
// unnamed are those that look like a value: they go by their letter.
func (f *delivered) unmapped(ref *sheetRef, l *layout) (out, unnamed []string) {
	known := map[string]bool{"": true}
	for _, t := range f.agency.Tables {
		if t.File != f.key {
			continue
		}
		for _, u := range t.uses() {
			for _, n := range u.names {
				known[tidyHeading(n)] = true
			}
		}
		for _, n := range append(slices.Clone(t.Refuse), t.Ignore...) {
			known[tidyHeading(n)] = true
		}
	}
	for _, n := range f.rule.Ignore {
		known[tidyHeading(n)] = true
	}
	if f.rule.QuarterCheck != nil {
		known[tidyHeading(f.rule.QuarterCheck.Column)] = true
	}
	for i, name := range l.own.names {
		last := name
		if i < len(l.own.last) {
			last = l.own.last[i]
		}
		if known[tidyHeading(name)] || known[tidyHeading(last)] || f.stripped(ref, []string{name, last}) {
			continue
		}
		if !l.named && personal.MatchString(name) {
			unnamed = append(unnamed, letterOf(i))
			continue
		}
		out = append(out, name)
	}
	return out, unnamed
}

// stripped says that landing removed a column with one of these headings.
func (f *delivered) stripped(ref *sheetRef, names []string) bool {
	return slices.ContainsFunc(f.Stripped, func(s tributary.Stripped) bool {
		return s.Sheet == ref.sheet.Name && slices.ContainsFunc(names, func(n string) bool { return tidyHeading(n) == tidyHeading(s.Heading) })
	})
}

// likely guesses what a heading became: a near spelling, a shared word, or the only one left.
func likely(old string, now []string, only bool) string {
	if guess := config.Guess(old, now); guess != "" {
		return guess
	}
	for _, n := range now {
		for _, w := range headingWords(old) {
			if slices.Contains(headingWords(n), w) {
				return n
			}
		}
	}
	if only {
		return now[0]
	}
	return ""
}

func headingWords(h string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(tidyHeading(h), func(r rune) bool {
		return strings.ContainsRune(" /_-.()?:#,", r)
	}), func(w string) bool { return len([]rune(w)) < 3 })
}

// fits says how well a sheet fits the tables of a file entry: the share of wanted headings present.
func fits(a *Agency, key string, f *delivered) (share float64, wanted int) {
	probe := &delivered{File: f.File, agency: a, key: key, rule: a.Files[key], sheets: f.sheets}
	best := 0.0
	for _, ref := range f.sheets {
		if tables := probe.tablesOf(ref); len(tables) > 0 {
			l, _ := probe.layoutOf(ref, tables)
			if n := l.wanted(); n >= 3 && float64(l.score())/float64(n) >= best {
				best, wanted = float64(l.score())/float64(n), n
			}
		}
	}
	return best, wanted
}
