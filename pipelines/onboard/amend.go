package onboard

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines"
)

// amendment is the changing of a mapping's text, a few words at a time: whatever the analyst wrote
// stays, comments, order and spacing too.
type amendment struct {
	*proposer
	a     *pipelines.Mapping
	lines []string
	// load says whether a text is a mapping; a change that is none is taken back and told instead.
	load func(string) error
	left []Left
	asks []Question
}

// Amend changes a mapping as little as the files ask for: headings that were renamed, codes that are new,
// files that it does not know. What it cannot decide it lists or asks.
func (p *Proposal) Amend(before string, a *pipelines.Mapping, load func(string) error) (string, error) {
	m := &amendment{proposer: p.from, a: a, lines: strings.Split(before, "\n"), load: load}
	var fresh []string
	for i := range m.samples {
		s := &m.samples[i]
		key := m.ruleFor(s.Name)
		switch {
		case len(s.Held) > 0:
		case key == "":
			fresh = append(fresh, s.Name)
		case !slices.ContainsFunc(m.samples[i+1:], func(o pipelines.Sample) bool { return m.ruleFor(o.Name) == key }):
			m.file(s, key)
		}
	}
	m.append(p, fresh)
	after := strings.Join(m.lines, "\n")
	p.Left = slices.DeleteFunc(p.Left, func(l Left) bool {
		return !slices.Contains(fresh, l.File) && !strings.HasPrefix(l.Why, "may not be held")
	})
	p.Left = append(p.Left, m.left...)
	p.Questions = slices.DeleteFunc(p.Questions, func(q Question) bool {
		kind, key, _ := strings.Cut(q.Key, ".")
		return kind != "file" && !((kind == "kind" || kind == "scope" || kind == "service") && slices.ContainsFunc(p.Files, func(f *File) bool {
			return f.Key == key && slices.ContainsFunc(f.Names, func(n string) bool { return slices.Contains(fresh, n) })
		}))
	})
	p.Questions = append(p.Questions, m.asks...)
	return after, load(after)
}

var patternWords = regexp.MustCompile(`\\\{(fy|q|ym)\\\}|\\\*`)

// ruleFor is the key under files: whose name a file fits.
func (m *amendment) ruleFor(name string) string {
	var keys []string
	for key, rule := range m.a.Files {
		for _, text := range rule.Name {
			re := patternWords.ReplaceAllStringFunc(regexp.QuoteMeta(text), func(w string) string {
				return map[string]string{`\{fy\}`: `\d{4}-\d{2}`, `\{q\}`: `Q[1-4]`, `\{ym\}`: `\d{4}-\d{2}`, `\*`: `.*`}[w]
			})
			if ok, err := regexp.MatchString(`(?i)^(?:`+re+`)$`, path.Base(name)); err == nil && ok {
				keys = append(keys, key)
			}
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return slices.Min(keys)
}

// use is a place of the mapping where a heading stands.
type use struct {
	table  *pipelines.MappingTable
	name   string // our column; empty for rows, when and split
	column pipelines.MappingColumn
	line   int
}

// file compares the sheets of one file with the tables that read them.
func (m *amendment) file(s *pipelines.Sample, key string) {
	for i := range s.Sheets {
		var tables []*pipelines.MappingTable
		for t := range m.a.Tables {
			table := &m.a.Tables[t]
			if table.File == key && (strings.EqualFold(tidy(table.Sheet), tidy(s.Sheets[i].Name)) || table.Sheet == "" && m.firstVisible(s) == i || len(s.Sheets) == 1 && s.Format != "xlsx") {
				tables = append(tables, table)
			}
		}
		if len(tables) == 0 {
			continue
		}
		read := m.v.readSheet(s.Name, &s.Sheets[i])
		if read == nil {
			continue
		}
		m.sheet(read, tables, key, s)
	}
}

func (m *amendment) firstVisible(s *pipelines.Sample) int {
	return slices.IndexFunc(s.Sheets, func(x pipelines.SampleSheet) bool { return !x.Hidden })
}

func same(a, b string) bool { return strings.EqualFold(tidy(a), tidy(b)) }

// find is the column that a heading of the mapping names: whole, or by its last row.
func (s *sheet) find(heading string) *column {
	for _, c := range append(slices.Clone(s.columns), s.parent...) {
		if same(c.heading, heading) || same(c.whole, heading) || strings.HasSuffix(c.whole, "/"+tidy(heading)) && one(s.wholes(), c.whole) {
			return c
		}
	}
	return nil
}

func (s *sheet) wholes() []string {
	var out []string
	for _, c := range s.columns {
		out = append(out, c.whole)
	}
	return out
}

func (m *amendment) sheet(s *sheet, tables []*pipelines.MappingTable, key string, sample *pipelines.Sample) {
	var uses []use
	taken := map[*column]bool{}
	var known []string
	for _, t := range tables {
		known = append(append(known, t.Ignore...), t.Refuse...)
		for _, group := range append([]map[string]pipelines.MappingColumn{t.Columns}, t.Each...) {
			for name, c := range group {
				uses = append(uses, use{t, name, c, c.Line})
				for _, h := range append(slices.Clone(c.From), c.Join...) {
					if x := s.find(h); x != nil {
						taken[x] = true
					}
				}
			}
		}
		for h := range t.Rows {
			if x := s.find(h); x != nil {
				taken[x] = true
			}
		}
		if t.Split != nil {
			if x := s.find(t.Split.Column); x != nil {
				taken[x] = true
			}
		}
	}
	known = append(known, m.a.Files[key].Ignore...)
	if q := m.a.Files[key].QuarterCheck; q != nil {
		known = append(known, q.Column)
	}
	slices.SortFunc(uses, func(a, b use) int { return cmp.Or(a.line-b.line, strings.Compare(a.name, b.name)) })
	var free []*column
	for _, c := range s.columns {
		stripped := slices.ContainsFunc(sample.Stripped, func(g tributary.Stripped) bool { return g.Sheet == s.name && g.Column == c.index+1 })
		if !taken[c] && !stripped && !slices.ContainsFunc(known, func(k string) bool { return same(k, c.heading) || same(k, c.whole) }) {
			free = append(free, c)
		}
	}
	free = m.renamed(s, uses, free)
	m.codes(s, uses)
	for _, c := range free {
		m.left = append(m.left, Left{File: s.file, Sheet: s.name, Heading: c.heading, Why: "is in no table of the mapping" + m.suggestion(c, uses)})
	}
}

// suggestion names the column that a new heading may be for, of those that the tables do not fill yet.
func (m *amendment) suggestion(c *column, uses []use) string {
	best := match{}
	for _, f := range m.v.fields {
		if !slices.ContainsFunc(uses, func(u use) bool { return u.table.Into == f.table }) ||
			slices.ContainsFunc(uses, func(u use) bool { return u.table.Into == f.table && u.name == f.column }) {
			continue
		}
		if x, ok := m.fit(f, c, c.words, contexts[f.table]); ok && x.score > best.score {
			best = x
		}
	}
	if best.field == nil || best.score < .8 {
		return ""
	}
	return fmt.Sprintf("; it may be %s (%s)", best.field, best.why())
}

// renamed looks for headings of the mapping that are gone, and for the columns that they are now.
func (m *amendment) renamed(s *sheet, uses []use, free []*column) []*column {
	fields, olds := []*field{}, map[*field]string{}
	for _, u := range uses {
		if len(u.column.From) == 0 || u.column.From[0] == "piece" || slices.ContainsFunc(u.column.From, func(h string) bool { return s.find(h) != nil }) {
			continue
		}
		old := u.column.From[0]
		if slices.ContainsFunc(fields, func(f *field) bool { return olds[f] == old }) {
			continue
		}
		// The field goes by its old heading too, so that Birth Date and Date of Birth meet.
		f := &field{table: u.table.Into, column: u.name, test: "any", phrases: []words{m.v.words(old)}}
		if at := slices.IndexFunc(m.v.fields, func(x *field) bool {
			return x.column == u.name && (x.table == u.table.Into || u.name == "client_local_id" || u.name == "episode_local_id")
		}); at >= 0 {
			f.test, f.phrases = m.v.fields[at].test, append(f.phrases, m.v.fields[at].phrases...)
		}
		if u.column.Take != "" {
			f.test = "any"
		}
		fields, olds[f] = append(fields, f), old
	}
	found := m.assign(fields, free, func(c *column) words { return c.words }, func(t string) []string { return contexts[t] })
	for _, x := range found {
		old := olds[x.field]
		if !m.rename(s, uses, old, x.col.heading) {
			m.left = append(m.left, Left{File: s.file, Sheet: s.name, Heading: x.col.heading, Why: fmt.Sprintf("may be what %q was (%s); write it beside it", old, x.why())})
		}
		free = slices.DeleteFunc(free, func(c *column) bool { return c == x.col })
	}
	for _, f := range fields {
		if !slices.ContainsFunc(found, func(x match) bool { return x.field == f }) {
			m.left = append(m.left, Left{File: s.file, Sheet: s.name, Heading: olds[f], Why: "is in the mapping and not in the file: no column is like it"})
		}
	}
	return free
}

// rename writes the new heading beside the old one, wherever the tables of the sheet use it.
func (m *amendment) rename(s *sheet, uses []use, old, now string) bool {
	before := slices.Clone(m.lines)
	done := false
	for _, u := range uses {
		if !slices.ContainsFunc(u.column.From, func(h string) bool { return same(h, old) }) {
			continue
		}
		at, from := m.place(u)
		if at < 0 {
			continue
		}
		for i := at; i < min(at+6, len(m.lines)); i++ {
			text, ok := widen(m.lines[i], from, old, now)
			if from = 0; ok {
				m.lines[i], done = text, true
				break
			}
		}
	}
	for _, u := range uses {
		for i := max(0, u.table.Line-1); i < min(u.table.Line+8, len(m.lines)); i++ {
			// A condition takes one heading: it must be the one that the file has.
			if strings.HasPrefix(strings.TrimSpace(m.lines[i]), "rows:") {
				m.lines[i] = strings.Replace(m.lines[i], "{"+spelled(m.lines[i], old)+":", "{"+quote(now, true)+":", 1)
			}
		}
	}
	if !done || m.load(strings.Join(m.lines, "\n")) != nil {
		m.lines = before
		return false
	}
	return true
}

// place finds the line of a column and where its value begins.
func (m *amendment) place(u use) (line, from int) {
	key := regexp.MustCompile(`(?:^|[\s{,-])` + regexp.QuoteMeta(u.name) + `:`)
	for _, i := range []int{m.at(u.line), m.at(u.line) - 1} {
		if i >= 0 && i < len(m.lines) {
			if loc := key.FindStringIndex(m.lines[i]); loc != nil {
				return i, loc[1]
			}
		}
	}
	return -1, 0
}

// at is the index of a line of the text as it was loaded; changes so far add no line.
func (m *amendment) at(line int) int { return line - 1 }

// spelled is how a heading is written in a line: plain, or in either quotation mark.
func spelled(line, heading string) string {
	for _, form := range []string{`"` + heading + `"`, "'" + strings.ReplaceAll(heading, "'", "''") + "'"} {
		if strings.Contains(line, form) {
			return form
		}
	}
	return heading
}

// widen makes of a heading a list of it and the new one, or lengthens the list that it stands in.
func widen(line string, from int, old, now string) (string, bool) {
	form := spelled(line[from:], old)
	for at := from; ; {
		i := strings.Index(line[at:], form)
		if i < 0 {
			return line, false
		}
		i += at
		end := i + len(form)
		before, after := strings.TrimRight(line[:i], " "), strings.TrimLeft(line[end:], " ")
		begins := before == "" || strings.ContainsAny(before[len(before)-1:], ":,[-")
		ends := after == "" || strings.ContainsAny(after[:1], ",]}#")
		if !begins || !ends {
			at = end
			continue
		}
		if open := strings.LastIndexAny(line[from:i], "[]"); open >= 0 && line[from+open] == '[' {
			return line[:end] + ", " + quote(now, true) + line[end:], true
		}
		return line[:i] + "[" + quoteAs(form, old) + ", " + quote(now, true) + "]" + line[end:], true
	}
}

// quoteAs keeps quotation marks that stand there, and adds those that a list needs.
func quoteAs(form, heading string) string {
	if form != heading {
		return form
	}
	return quote(heading, true)
}

// codes adds values that are new to the code lists of the mapping.
func (m *amendment) codes(s *sheet, uses []use) {
	done := map[string]bool{}
	for _, u := range uses {
		list := u.column.Codes.Map
		if u.column.Codes.Name != "" {
			list = m.a.Codes[u.column.Codes.Name]
		}
		var col *column
		for _, h := range u.column.From {
			if col == nil && h != "piece" {
				col = s.find(h)
			}
		}
		test := m.listOf(u)
		if len(list) == 0 || col == nil || u.column.Take != "" || test == "" {
			continue
		}
		for _, x := range col.values[:min(len(col.values), mostCodes)] {
			if hasCode(list, x.text) || len(x.text) > 30 || hasNumber(x.text) || done[u.column.Codes.Name+"|"+u.table.Into+"|"+u.name+"|"+x.text] {
				continue
			}
			done[u.column.Codes.Name+"|"+u.table.Into+"|"+u.name+"|"+x.text] = true
			code, sure := m.v.codeIn(test, x.text, col)
			answer := "codes." + u.column.From[0] + "." + x.text
			if said := m.Answers[answer]; said != "" {
				code, sure = said, true
			}
			if u.column.Codes.Name != "" && done["list|"+u.column.Codes.Name+"|"+x.text] {
				continue
			}
			done["list|"+u.column.Codes.Name+"|"+x.text] = u.column.Codes.Name != ""
			if (code == "" || !sure) && test == "source" {
				continue // who referred may be named
			}
			if code == "" || !sure || !m.addCode(u, x.text, code) {
				m.asks = append(m.asks, Question{Key: answer, Text: fmt.Sprintf("%q is new in %q (%d rows): which code of %s is it?", x.text, u.column.From[0], x.n, test), Choices: m.v.ours(test)})
			}
		}
	}
}

// listOf is the list that has the codes of a column.
func (m *amendment) listOf(u use) string {
	for _, f := range m.v.fields {
		if list, coded := strings.CutPrefix(f.test, "codes:"); coded && f.table == u.table.Into && f.column == u.name {
			return list
		}
	}
	if u.name == "other_party_category" {
		return "source"
	}
	return ""
}

func hasCode(list map[string]string, value string) bool {
	for theirs := range list {
		if same(theirs, value) {
			return true
		}
	}
	return false
}

// addCode writes a code at the head of its list.
func (m *amendment) addCode(u use, theirs, ours string) bool {
	before := slices.Clone(m.lines)
	at, from := m.place(u)
	word := "codes:"
	if u.column.Codes.Name != "" {
		word = u.column.Codes.Name + ":"
		head := slices.IndexFunc(m.lines, func(l string) bool { return strings.HasPrefix(l, "codes:") })
		if head < 0 {
			return false
		}
		at, from = head+1, 0
	}
	if at < 0 {
		return false
	}
	for i := at; i < min(at+40, len(m.lines)); i++ {
		loc := strings.Index(m.lines[i][min(from, len(m.lines[i])):], word)
		if loc < 0 {
			from = 0
			continue
		}
		loc += from
		open := strings.Index(m.lines[i][loc:], "{")
		if open < 0 {
			return false // one code a line: a question is safer than a new line
		}
		open += loc + 1
		m.lines[i] = m.lines[i][:open] + quote(theirs, true) + ": " + quote(ours, true) + ", " + m.lines[i][open:]
		break
	}
	if m.load(strings.Join(m.lines, "\n")) != nil {
		m.lines = before
		return false
	}
	return strings.Join(before, "\n") != strings.Join(m.lines, "\n")
}

// append adds the files that the mapping does not know, and their tables.
func (m *amendment) append(p *Proposal, fresh []string) {
	part := *p
	part.Files, part.Tables = nil, nil
	for _, f := range p.Files {
		if !slices.ContainsFunc(f.Names, func(n string) bool { return slices.Contains(fresh, n) }) {
			continue
		}
		was := f.Key
		for n := 2; ; n++ {
			if _, used := m.a.Files[f.Key]; !used {
				break
			}
			f.Key = fmt.Sprintf("%s_%d", was, n)
		}
		part.Files = append(part.Files, f)
		for _, t := range p.Tables {
			if t.File == was {
				t.File = f.Key
				part.Tables = append(part.Tables, t)
			}
		}
	}
	p.Files, p.Tables = part.Files, part.Tables
	if len(part.Files) == 0 {
		return
	}
	before := slices.Clone(m.lines)
	m.insert("files", part.FilesYAML(m.indent("files", 1, "  ")))
	m.insert("tables", part.TablesYAML(m.indent("tables", 0, "")))
	if m.load(strings.Join(m.lines, "\n")) != nil {
		m.lines = before
		m.left = append(m.left, Left{File: strings.Join(fresh, ", "), Why: "is new, and could not be written into the file as it stands; onboard it into an empty workspace and copy its part"})
	}
}

// indent is how far the mapping indents the entries of a part, at least so much.
func (m *amendment) indent(part string, least int, otherwise string) string {
	begin := slices.IndexFunc(m.lines, func(l string) bool { return strings.HasPrefix(l, part+":") })
	for _, l := range m.lines[begin+1:] {
		words := strings.TrimLeft(l, " ")
		if words == "" || words[0] == '#' {
			continue
		}
		if n := len(l) - len(words); n >= least {
			return l[:n]
		}
		break
	}
	return otherwise
}

// insert puts text at the end of a part of the file, before blank lines and comments that belong to the next.
func (m *amendment) insert(part, text string) {
	begin := slices.IndexFunc(m.lines, func(l string) bool { return strings.HasPrefix(l, part+":") })
	if begin < 0 {
		return
	}
	end := begin + 1
	for i := end; i < len(m.lines); i++ {
		l := m.lines[i]
		if l != "" && l[0] != ' ' && l[0] != '#' && !strings.HasPrefix(l, "- ") {
			break
		}
		if strings.TrimSpace(l) != "" && l[0] != '#' {
			end = i + 1
		}
	}
	m.lines = slices.Insert(m.lines, end, strings.Split(strings.TrimRight(text, "\n"), "\n")...)
}

// Diff lists the lines that differ, the old with a minus and the new with a plus, by their numbers.
func Diff(before, after string) []string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, fmt.Sprintf("%4d - %s", i+1, a[i]))
			i++
		default:
			out = append(out, fmt.Sprintf("%4d + %s", j+1, b[j]))
			j++
		}
	}
	return out
}
