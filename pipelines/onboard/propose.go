package onboard

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines"
)

// Input is what onboarding knows beside the files.
type Input struct {
	Agency  string
	Quarter tributary.Quarter
	// Places are the spellings of the workspace's municipalities.
	Places []string
	// Known are client numbers of earlier deliveries.
	Known map[string]bool
	// Answers are what a person said, by the keys that questions have.
	Answers map[string]string
	// Source is the path of the files below the workspace's drop, where they lie there.
	Source string
}

// Proposal is a mapping with the evidence for every line of it.
type Proposal struct {
	Agency    string     `json:"agency"`
	Files     []*File    `json:"files"`
	Tables    []*Table   `json:"tables"`
	DateOrder string     `json:"date_order,omitempty"`
	OrderWhy  string     `json:"date_order_why,omitempty"`
	Left      []Left     `json:"not_taken"`
	Questions []Question `json:"questions"`
	// Unasked are the keys of answers that nothing in these files asks for.
	Unasked []string `json:"answers_not_asked,omitempty"`

	input Input
	from  *proposer
}

// File is one entry under files: with what was detected.
type File struct {
	Key          string   `json:"key"`
	Pattern      string   `json:"pattern"`
	Names        []string `json:"names"`
	Format       string   `json:"format"`
	Encoding     string   `json:"encoding,omitempty"`
	Delimiter    string   `json:"delimiter,omitempty"`
	Widths       []int    `json:"widths,omitempty"`
	Kind         string   `json:"kind"`
	QuarterCheck string   `json:"quarter_check,omitempty"`
	IgnoreSheets []string `json:"ignore_sheets,omitempty"`
	// Refuse are the columns that the gate removes, by sheet.
	Refuse map[string][]string `json:"refuse,omitempty"`
	Ignore []string            `json:"ignore,omitempty"`

	sheets []*sheet
}

// Table is one entry under tables:.
type Table struct {
	Into     string `json:"into"`
	File     string `json:"file"`
	Sheet    string `json:"sheet,omitempty"`
	Headings []int  `json:"headings,omitempty"`
	// RowsOf is a heading that must be filled.
	RowsOf  string     `json:"rows_of,omitempty"`
	Columns []Column   `json:"columns"`
	Each    [][]Column `json:"each,omitempty"`
	Split   string     `json:"split,omitempty"`
	Totals  []int64    `json:"totals,omitempty"`
}

// Column is one line of a table.
type Column struct {
	Column  string `json:"column"`
	From    string `json:"from,omitempty"`
	Value   string `json:"value,omitempty"`
	Take    string `json:"take,omitempty"`
	Codes   []Code `json:"codes,omitempty"`
	Section []Code `json:"section,omitempty"`
	When    *Code  `json:"when,omitempty"`
	IfBlank string `json:"if_blank,omitempty"`
	// Unknown are codes that only the agency can explain.
	Unknown []string `json:"unknown,omitempty"`
	Why     string   `json:"why"`
	Score   float64  `json:"score"`
}

// Code is one of their values and ours for it.
type Code struct {
	Theirs string `json:"theirs"`
	Ours   string `json:"ours"`
}

// Left is a column, sheet or file that is not taken, and why.
type Left struct {
	File    string `json:"file"`
	Sheet   string `json:"sheet,omitempty"`
	Heading string `json:"heading,omitempty"`
	Why     string `json:"why"`
}

// proposer is one look at an agency's files.
type proposer struct {
	Input
	v        *vocabulary
	out      *Proposal
	places   map[string]bool
	known    map[string]bool
	samples  []pipelines.Sample
	all      []*File  // those of which nothing is taken too
	keys     []string // theirs
	isUnique bool
}

// Propose reads the files and proposes a mapping. The same files give the same proposal.
func Propose(samples []pipelines.Sample, in Input) (*Proposal, error) {
	v, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	p := &proposer{Input: in, v: v, samples: samples, places: map[string]bool{}, known: map[string]bool{}, out: &Proposal{Agency: in.Agency, input: in}}
	p.out.from = p
	for _, s := range in.Places {
		p.places[placeKey(s)] = true
	}
	maps.Copy(p.known, in.Known)
	p.files()
	for _, f := range p.out.Files {
		p.all, p.keys = append(p.all, f), append(p.keys, f.Key)
	}
	var readings []*reading
	// Clients come first: their numbers tell which column of the other files is the client's.
	for _, only := range []bool{true, false} {
		for _, f := range p.out.Files {
			for _, s := range f.sheets {
				if s == nil || slices.ContainsFunc(readings, func(r *reading) bool { return r.sheet == s }) {
					continue
				}
				r, _ := p.best(s)
				if r == nil || only && r.kind.name != "clients" {
					continue
				}
				readings = append(readings, r)
				if r.kind.name == "clients" {
					for _, x := range r.id.col.values {
						p.known[x.text] = true
					}
				}
			}
		}
	}
	p.write(readings)
	p.orders(readings)
	p.ask()
	return p.out, nil
}

func (p *proposer) field(name string) *field {
	return p.v.fields[slices.IndexFunc(p.v.fields, func(f *field) bool { return f.String() == name })]
}

func (p *proposer) sheetsOf(file string) int {
	for _, s := range p.samples {
		if s.Name == file {
			return len(s.Sheets)
		}
	}
	return 0
}

func (s *sheet) key() string {
	if s.name != "" {
		return s.name
	}
	return stem(s.file)
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

func stem(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(name, path.Ext(name))
}

var (
	yearIn    = regexp.MustCompile(`(?:19|20)\d\d-\d\d`)
	quarterIn = regexp.MustCompile(`(?i)Q[1-4]`)
	digitsIn  = regexp.MustCompile(`\d{4,}(?:[-_]\d{2})*|(?:^|[-_ ])(?i:v?\d{1,2})(?:$|[-_ .])`)
)

// pattern makes of a file's name the pattern that next quarter's will fit too.
func pattern(name string, q tributary.Quarter) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	isMonth := func(s string) bool { return s >= "2000-01" && s[5:] <= "12" && s[5:] != "00" && s != q.FiscalYear() }
	out := yearIn.ReplaceAllStringFunc(base, func(s string) string {
		switch {
		case s == q.FiscalYear() && quarterIn.MatchString(base):
			return "{fy}"
		case isMonth(s):
			return "{ym}"
		case s == q.FiscalYear():
			return "{fy}"
		}
		return "*"
	})
	out = quarterIn.ReplaceAllString(out, "{q}")
	if !strings.Contains(out, "{") {
		out = digitsIn.ReplaceAllString(out, "*")
	}
	if !strings.HasSuffix(out, "*") && !strings.HasSuffix(out, "{ym}") {
		out += "*"
	}
	return out + ext
}

// files groups the samples: those of one name but for the period are one file of the mapping.
func (p *proposer) files() {
	var order []string
	byPattern := map[string][]pipelines.Sample{}
	for _, s := range p.samples {
		if len(s.Held) > 0 {
			p.out.Left = append(p.out.Left, Left{File: s.Name, Why: strings.Join(s.Held, "; ")})
			continue
		}
		name := pattern(s.Name, p.Quarter)
		if byPattern[name] == nil {
			order = append(order, name)
		}
		byPattern[name] = append(byPattern[name], s)
	}
	for i, name := range order {
		// A pattern that takes in another file's name must end without the star.
		for j, other := range order {
			if i != j && strings.HasPrefix(other, strings.TrimSuffix(strings.TrimSuffix(name, path.Ext(name)), "*")) && path.Ext(other) == path.Ext(name) {
				name = strings.TrimSuffix(strings.TrimSuffix(name, path.Ext(name)), "*") + path.Ext(name)
			}
		}
		list := byPattern[order[i]]
		newest := list[len(list)-1]
		f := &File{Pattern: name, Format: newest.Format, Encoding: newest.Encoding, Delimiter: newest.Delimiter, Widths: newest.Widths, Kind: "snapshot", Refuse: map[string][]string{}}
		for _, s := range list {
			f.Names = append(f.Names, s.Name)
		}
		f.Key = p.fileKey(name)
		for _, s := range newest.Stripped {
			f.Refuse[s.Sheet] = append(f.Refuse[s.Sheet], s.Heading)
			p.out.Left = append(p.out.Left, Left{File: newest.Name, Sheet: s.Sheet, Heading: s.Heading, Why: "may not be held (" + strings.ReplaceAll(s.Rule, "_", " ") + "): removed while reading"})
		}
		for k := range newest.Sheets {
			s := &newest.Sheets[k]
			read := p.v.readSheet(newest.Name, s)
			if read != nil {
				read.columns = slices.DeleteFunc(read.columns, func(c *column) bool {
					return slices.ContainsFunc(newest.Stripped, func(g tributary.Stripped) bool { return g.Sheet == s.Name && g.Column == c.index+1 })
				})
			}
			if read == nil && len(newest.Sheets) > 1 && s.Name != "" {
				f.IgnoreSheets = append(f.IgnoreSheets, s.Name)
				p.out.Left = append(p.out.Left, Left{File: newest.Name, Sheet: s.Name, Why: "holds no table"})
			}
			f.sheets = append(f.sheets, read)
		}
		p.out.Files = append(p.out.Files, f)
	}
}

var notKey = regexp.MustCompile(`[^\p{L}]+`)

// fileKey is a short name for a file: its last word that is not the agency's code or a period.
func (p *proposer) fileKey(name string) string {
	text := strings.TrimSuffix(name, path.Ext(name))
	for _, w := range []string{"{fy}", "{q}", "{ym}", "*"} {
		text = strings.ReplaceAll(text, w, " ")
	}
	var parts []string
	for _, w := range strings.Fields(notKey.ReplaceAllString(text, " ")) {
		if !strings.EqualFold(w, p.Agency) && len(w) > 1 {
			parts = append(parts, strings.ToLower(plain(w)))
		}
	}
	key := strings.Join(parts, "_")
	if key == "" {
		key = "file"
	}
	for n := 2; slices.ContainsFunc(p.out.Files, func(f *File) bool { return f.Key == key }); n++ {
		key = fmt.Sprintf("%s_%d", strings.TrimRight(key, "_0123456789"), n)
	}
	return key
}

// write turns readings into tables, in the order of the files.
func (p *proposer) write(readings []*reading) {
	for _, f := range p.out.Files {
		taken := false
		for _, s := range f.sheets {
			if s == nil {
				continue
			}
			at := slices.IndexFunc(readings, func(r *reading) bool { return r.sheet == s })
			if at < 0 {
				if s.rows > 0 || !s.isArray {
					why := "what it is about cannot be told from its headings and values"
					if _, lack := p.best(s); lack != "" {
						why = "answered as " + p.Answers["sheet."+s.key()] + ", but " + lack
					}
					p.out.Left = append(p.out.Left, Left{File: s.file, Sheet: s.name, Why: why})
					p.out.Questions = append(p.out.Questions, Question{Key: "sheet." + s.key(), Text: "what is " + s.key() + " about?", Choices: kindNames()})
				}
				if len(f.sheets) > 1 && s.name != "" {
					f.IgnoreSheets = append(f.IgnoreSheets, s.name)
				}
				continue
			}
			r := readings[at]
			if p.isForeign(r) {
				continue
			}
			taken = true
			p.tables(f, r)
		}
		if !taken {
			f.Key = ""
		}
	}
	p.out.Files = slices.DeleteFunc(p.out.Files, func(f *File) bool { return f.Key == "" })
}

func kindNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// isForeign says that a sheet is about clients whom no other file of the agency knows.
func (p *proposer) isForeign(r *reading) bool {
	if r.kind.name == "clients" || r.id.fromParent || r.sheet.rows < 10 || len(p.known) == 0 || p.overlap(r.id.col) >= .05 {
		return false
	}
	key := "file." + stem(r.sheet.file)
	if p.Answers[key] == "take" {
		return false
	}
	p.out.Left = append(p.out.Left, Left{File: r.sheet.file, Sheet: r.sheet.name, Why: fmt.Sprintf("%s of its client numbers are in the agency's other files: it may be another agency's", percent(p.overlap(r.id.col)))})
	p.out.Questions = append(p.out.Questions, Question{Key: key, Text: "its clients are in none of the agency's other files; take it all the same?", Choices: []string{"leave", "take"}, Default: "leave"})
	return true
}

// tables writes the tables of one reading.
func (p *proposer) tables(f *File, r *reading) {
	s := r.sheet
	add := func(into string) *Table {
		t := &Table{Into: into, File: f.Key, Headings: s.headRows, Totals: s.totals}
		if s.name != "" && (p.sheetsOf(s.file) > 1 || f.Format == "xlsx") {
			t.Sheet = s.name
		}
		t.Columns = append(t.Columns, Column{Column: "client_local_id", From: r.id.col.heading, Why: r.id.why(), Score: r.id.score})
		p.out.Tables = append(p.out.Tables, t)
		return t
	}
	for _, into := range r.kind.tables {
		var columns []Column
		for _, f := range p.v.fields {
			if m, ok := r.match(f.String()); ok && (f.table == into || f.column == "episode_local_id" && into != "episode" && r.kind.name != "episodes") {
				columns = append(columns, p.columns(into, m)...)
			}
		}
		switch into {
		case "client":
			columns = append(columns, p.sectionStatus(r, "client_status", "status", columns)...)
		case "consent":
			columns = p.consentForm(r, columns)
			if !hasColumn(columns, "status") && !hasColumn(columns, "signed_on") {
				continue
			}
			columns = p.consentScope(f, columns)
		case "episode":
			columns = append(columns, Column{Column: "programme", Value: "csp", Why: "an episode with a coordinator is Coordinated Service Planning", Score: 1})
			columns = append(columns, statusDates(columns)...)
		case "referral":
			columns = p.referral(r, columns)
		case "plan":
			if id, ok := r.match("episode.episode_local_id"); ok && r.kind.name == "episodes" {
				columns = append([]Column{{Column: "episode_local_id", From: id.col.heading, Why: id.why(), Score: id.score}}, columns...)
			}
			if !hasColumn(columns, "written_on") {
				continue
			}
		case "service":
			columns = p.constantService(f, r, columns)
		}
		if len(columns) == 0 {
			continue
		}
		t := add(into)
		t.Columns = append(t.Columns, once(columns)...)
		if into == "plan" && r.kind.name == "episodes" {
			t.RowsOf = columns[slices.IndexFunc(columns, func(c Column) bool { return c.Column == "written_on" })].From
		}
		if into == "survey" {
			for _, c := range r.scores {
				t.Each = append(t.Each, []Column{{Column: "scale", Value: strings.ReplaceAll(fold(c.heading), " ", "_"), Why: "the heading of the scores"}, {Column: "score", From: c.heading, Why: "numbers of one or two digits", Score: 1}})
			}
		}
	}
	if r.kind.name == "clients" {
		p.serviceOfClients(f, r, add)
		p.referralOfClients(r, add)
		p.caregivers(r, add)
	}
	p.leave(f, r)
}

// once keeps of a column that two headings give the one that is taken whole.
func once(columns []Column) []Column {
	var out []Column
	for _, c := range columns {
		at := slices.IndexFunc(out, func(o Column) bool { return o.Column == c.Column })
		switch {
		case at < 0:
			out = append(out, c)
		case out[at].Take != "" && c.Take == "":
			out[at] = c
		}
	}
	return out
}

func hasColumn(columns []Column, name string) bool {
	return slices.ContainsFunc(columns, func(c Column) bool { return c.Column == name })
}

// columns writes one match; a whole name makes several.
func (p *proposer) columns(into string, m match) []Column {
	c := Column{Column: m.field.column, From: m.col.heading, Why: m.why(), Score: m.score}
	if m.field.column == "full_name" {
		return wholeName(c, m.col, into == "client")
	}
	if m.field.test == "source" {
		return []Column{c, p.coded(Column{Column: "other_party_category", From: c.From, Why: c.Why, Score: c.Score}, "source", m.col)}
	}
	if list, coded := strings.CutPrefix(m.field.test, "codes:"); coded {
		c = p.coded(c, list, m.col)
		if list == "consent_status" {
			c.IfBlank = "not_asked"
		}
	}
	return []Column{c}
}

// coded translates the values of a column; what nobody can know is a question.
func (p *proposer) coded(c Column, list string, col *column) Column {
	seen := map[string]bool{}
	for _, x := range col.values {
		key := strings.ToLower(x.text)
		if seen[key] || len(seen) > mostCodes {
			continue
		}
		seen[key] = true
		code, sure := p.v.codeIn(list, x.text, col)
		if list == "source" && !sure && (code == "" || x.n < 3) {
			continue // who referred may be named: only words of kinds of sources are shown
		}
		answer := "codes." + c.From + "." + x.text
		if said, ok := p.Answers[answer]; ok {
			// Of a consent one may say with its status how it was given: given verbal.
			code, _, _ = strings.Cut(said, " ")
		}
		switch {
		case code != "":
			c.Codes = append(c.Codes, Code{x.text, code})
		case len(x.text) <= 30 && !hasNumber(x.text) && len(c.Unknown) < 20:
			c.Unknown = append(c.Unknown, x.text)
			p.out.Questions = append(p.out.Questions, Question{Key: answer, Text: fmt.Sprintf("%q in %q (%d rows): which code of %s is it?", x.text, c.From, x.n, list), Choices: choices(list, p.v.ours(list))})
		}
	}
	slices.SortFunc(c.Codes, func(a, b Code) int {
		return cmp.Or(strings.Compare(a.Ours, b.Ours), strings.Compare(a.Theirs, b.Theirs))
	})
	return c
}

// choices are the codes of a list; a consent may be said to be verbal with its status.
func choices(list string, codes []string) []string {
	if list == "consent_status" {
		return append(codes, "given written", "given verbal")
	}
	return codes
}

// hasNumber keeps what may be a person's number or date out of questions and mappings.
func hasNumber(s string) bool { return regexp.MustCompile(`\d{4}|@`).MatchString(s) }

// ours are the codes of a list, sorted.
func (v *vocabulary) ours(list string) []string {
	out := slices.Sorted(maps.Values(v.codes[list]))
	return slices.Compact(out)
}

// wholeName takes a name apart: Last, First Middle or First Last.
func wholeName(c Column, col *column, middle bool) []Column {
	comma := col.share("comma", func(v string) bool { return strings.Contains(v, ",") })
	part := func(name, take string) Column {
		return Column{Column: name, From: c.From, Take: take, Why: c.Why, Score: c.Score}
	}
	if comma < .6 {
		return []Column{part("given_name", `^(\S+)`), part("family_name", `^\S+\s+(.+)$`)}
	}
	more := col.share("middle", func(v string) bool {
		_, rest, _ := strings.Cut(v, ",")
		return len(strings.Fields(rest)) > 1
	})
	if middle && more > .02 {
		return []Column{part("family_name", `^([^,]+),`), part("given_name", `^[^,]+,\s*(\S+)`), part("middle_names", `^[^,]+,\s*\S+\s+(.+)$`)}
	}
	return []Column{part("family_name", `^([^,]+)`), part("given_name", `,\s*(.+)$`)}
}

// sectionStatus reads a status from the lines that stand above groups of rows.
func (p *proposer) sectionStatus(r *reading, list, column string, columns []Column) []Column {
	if hasColumn(columns, column) || len(r.sheet.sections) < 2 {
		return nil
	}
	c := Column{Column: column, Why: "lines of one cell stand above the rows", Score: 1}
	for _, s := range r.sheet.sections {
		if code, _ := p.v.code(list, s); code != "" {
			c.Section = append(c.Section, Code{s, code})
		}
	}
	if len(c.Section) < 2 {
		return nil
	}
	return []Column{c}
}

// leave lists the columns that no table takes.
func (p *proposer) leave(f *File, r *reading) {
	for _, c := range r.left {
		why := "no field goes by this heading and holds such values"
		switch {
		case len(c.values) == 1 && c.dates() == 1 || isReportDate(c):
			if f.QuarterCheck == "" && isReportDate(c) {
				f.QuarterCheck = c.heading
				p.out.Left = append(p.out.Left, Left{File: r.sheet.file, Sheet: r.sheet.name, Heading: c.heading, Why: "only says which quarter the file is for"})
				continue
			}
		case c.longText > .5:
			why = "free text"
		case c.filled == 0:
			why = "empty"
		case p.isTown(c):
			why = "looks like municipalities, but tributary.yaml knows none of these; fix: write yours under areas:, then onboard again"
		}
		f.Ignore = append(f.Ignore, c.heading)
		p.out.Left = append(p.out.Left, Left{File: r.sheet.file, Sheet: r.sheet.name, Heading: c.heading, Why: why})
	}
}

// isTown says whether a column's heading is that of a municipality, and its values are words of which the workspace knows none.
func (p *proposer) isTown(c *column) bool {
	return slices.Contains(c.words, "city") &&
		c.share("word", wordShape.MatchString) > .5 && c.share("municipality", func(v string) bool { return p.places[placeKey(v)] }) == 0
}

func isReportDate(c *column) bool {
	return slices.Contains(c.words, "report") && c.dates() > .9 && len(c.years) == 1
}

// orders states how 03/04/2025 is to be read, by the dates that leave no doubt.
func (p *proposer) orders(readings []*reading) {
	var all orders
	for _, r := range readings {
		for _, m := range r.matches {
			if m.field.test == "date" || m.field.test == "birth" {
				all = all.add(m.col.order)
			}
		}
	}
	switch said := p.Answers["date_order"]; {
	case said != "":
		p.out.DateOrder, p.out.OrderWhy = said, "answered"
	case all.First > 20*all.Second:
		p.out.DateOrder, p.out.OrderWhy = "dmy", fmt.Sprintf("%d dates begin with a number above 12, %d have one in the second place", all.First, all.Second)
	case all.Second > 20*all.First:
		p.out.DateOrder, p.out.OrderWhy = "mdy", fmt.Sprintf("%d dates have a number above 12 in the second place, %d begin with one", all.Second, all.First)
	case all.First+all.Second+all.Either > 0:
		p.out.OrderWhy = fmt.Sprintf("%d dates fit day-month only, %d month-day only, %d both", all.First, all.Second, all.Either)
		p.out.Questions = append(p.out.Questions, Question{Key: "date_order", Text: "how is 03/04/2025 read? " + p.out.OrderWhy, Choices: []string{"dmy", "mdy"}})
	default:
		p.out.OrderWhy = "no date needs it"
	}
}
