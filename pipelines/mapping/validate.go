package mapping

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/config"
)

// piece is the heading by which the columns of a split table take a piece of the cell.
const piece = "piece"

// words that a closed choice accepts, in the order in which a fix names them.
var (
	roles      = []string{"coordinating_agency", "provider", "participant"}
	kinds      = []string{"snapshot", "delta", "cumulative", "standing"}
	drifts     = []string{"evolve", "freeze", "discard"}
	consentLaw = []string{"count_only", "separate", "exclude"}
	dateOrders = []string{"dmy", "mdy", "ymd"}
	// What land can read: its readAs, encodingName and delimiterByte.
	formats    = []string{"delimited", "text", "fixed", "xlsx", "json", "jsonl", "parquet", "zip"}
	encodings  = []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "latin1"}
	delimiters = []string{"comma", "semicolon", "tab", "pipe"}
)

// check returns every fault of an agency's file that decoding could not see.
func (a *Agency) check(d *dictionary) []error {
	v := &validator{a: a, d: d}
	v.need(a.Code, a.Line, "code")
	v.need(a.Name, a.Line, "name")
	v.choice(a.Role, a.Line, "role", roles, false)
	v.choice(a.DateOrder, a.Line, "date_order", dateOrders, true)
	v.choice(a.Language, a.Line, "language", []string{"en", "fr"}, true)
	if a.Category != "" {
		v.code("source", a.Category, a.Line, "category")
	}
	if file := strings.TrimSuffix(base(a.path), ".yaml"); a.Code != "" && file != a.Code {
		v.fault(a.Line, "name the file agencies/"+a.Code+".yaml", "code %q is not the file's name", a.Code)
	}
	if a.Schedule != "" {
		if _, err := calendar.ParseSchedule(a.Schedule); err != nil {
			v.fault(a.Line, tributary.FixOf(err), "%v", err)
		}
	}
	if p := a.Pause; min(p.FewerRows, p.FewerClients) < 0 || max(p.FewerRows, p.FewerClients) > 100 {
		v.fault(a.Line, "write pause: {fewer_rows: 50, fewer_clients: 30}, in percent; 0 pauses nothing", "pause: is not a percentage")
	}
	v.linking()
	for _, key := range sortedKeys(a.Files) {
		v.file(key, a.Files[key])
	}
	for i := range a.Tables {
		v.table(a.Tables[i])
	}
	return v.faults
}

type validator struct {
	a      *Agency
	d      *dictionary
	faults []error
}

func (v *validator) fault(line int, fix, format string, args ...any) {
	v.faults = append(v.faults, v.a.fault(line, fix, format, args...))
}

func (v *validator) need(value string, line int, key string) {
	if value == "" {
		v.fault(line, "add "+key+":", "%q is missing", key)
	}
}

func (v *validator) choice(value string, line int, key string, words []string, optional bool) {
	if slices.Contains(words, value) || (value == "" && optional) {
		return
	}
	v.fault(line, "write one of "+strings.Join(words, ", "), "%s %q is not known", key, value)
}

func (v *validator) code(list, code string, line int, where string) {
	codes, ok := v.d.lists[list]
	if !ok || codes[code] || code == "" {
		return
	}
	fix := "the codes are " + strings.Join(sortedKeys(codes), ", ")
	if guess := config.Guess(code, sortedKeys(codes)); guess != "" {
		fix = "did you mean " + guess + "? All codes: sql/seed/" + list + ".csv"
	}
	v.fault(line, fix, "%s: %q is no code of the list %s", where, code, list)
}

// linking has no default: what an agreement allows is the agency's to say.
func (v *validator) linking() {
	l := v.a.Linking
	if l == nil {
		v.fault(v.a.Line, "add linking: {without_consent: count_only | separate | exclude, authority: \"clause of the agreement\", scopes: [all_partners]}",
			"linking is missing: the file must say what the agreement with this agency allows")
		return
	}
	v.choice(l.WithoutConsent, l.Line, "without_consent", consentLaw, false)
	v.need(l.Authority, l.Line, "authority")
	if len(l.Scopes) == 0 {
		v.fault(l.Line, "add scopes: [all_partners], or scopes: any", "%q is missing", "scopes")
	}
	for _, s := range l.Scopes {
		if s != "any" {
			v.code("consent_scope", s, l.Line, "scopes")
		}
	}
}

func (v *validator) file(key string, rule FileRule) {
	if len(rule.Name) == 0 {
		v.fault(rule.Line, `add name: "clients_{fy}_{q}.csv"`, "file %q: name is missing", key)
	}
	for _, name := range rule.Name {
		if _, err := compilePattern(name); err != nil {
			v.fault(rule.Line, "use {fy}, {q}, {ym} and * in a name", "file %q: %v", key, err)
		}
	}
	v.choice(rule.Kind, rule.Line, "kind", kinds, true)
	v.choice(rule.Drift, rule.Line, "drift", drifts, true)
	v.choice(rule.Format, rule.Line, "format", formats, true)
	v.choice(strings.ToLower(rule.Encoding), rule.Line, "encoding", encodings, true)
	if len(rule.Delimiter) > 1 && rule.Delimiter != `\t` {
		v.choice(rule.Delimiter, rule.Line, "delimiter", delimiters, true)
	}
	if len(rule.Widths) > 0 && len(rule.FieldNames) > 0 && len(rule.Widths) != len(rule.FieldNames) {
		v.fault(rule.Line, "give each field a width and a name", "file %q: %d widths, %d field names", key, len(rule.Widths), len(rule.FieldNames))
	}
	if !slices.ContainsFunc(v.a.Tables, func(t Table) bool { return t.File == key }) {
		v.fault(rule.Line, "add a table with file: "+key+", or remove the file", "file %q: no table reads it", key)
	}
}

func (v *validator) table(t Table) {
	shape, ok := v.d.Tables[t.Into]
	if !ok {
		v.fault(t.Line, guessFix(t.Into, sortedKeys(v.d.Tables)), "into: no canonical table %q", t.Into)
		return
	}
	if _, ok := v.a.Files[t.File]; !ok {
		v.fault(t.Line, guessFix(t.File, sortedKeys(v.a.Files)), "file: %q is not under files:", t.File)
	}
	if t.Split != nil {
		v.need(t.Split.Column, t.Line, "split: column")
		v.need(t.Split.By, t.Line, "split: by")
		v.pattern(t.Split.By, t.Line, "split: by", 0)
	}
	groups := append([]map[string]Column{t.Columns}, t.Each...)
	given := map[string]bool{}
	for _, g := range groups {
		for _, name := range sortedKeys(g) {
			given[name] = true
			v.column(t, shape, name, g[name])
		}
	}
	if len(shape.Key) > 0 && slices.Contains(shape.Key, "client_local_id") && !given["client_local_id"] {
		v.fault(t.Line, "add client_local_id: the heading of the agency's own number", "table %s: client_local_id is missing", t.Into)
	}
}

func (v *validator) column(t Table, shape config.Table, name string, c Column) {
	if !slices.Contains(shape.Columns, name) {
		v.fault(c.Line, guessFix(name, shape.Columns), "table %s has no column %q", t.Into, name)
		return
	}
	if v.d.Columns[name].Forbidden && v.a.KeepHealthNumber == "" {
		v.fault(c.Line, "add keep_health_number: \"the authority to hold it\", or remove the column", "%s may not be held", name)
	}
	sources := 0
	for _, given := range []bool{len(c.From) > 0, len(c.Join) > 0, c.Value != nil, len(c.Section) > 0} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		v.fault(c.Line, "give one of from, join, value, section", "%s: %d sources", name, sources)
	}
	v.pattern(c.Take, c.Line, name+": take", 1)
	v.choice(c.Dates, c.Line, name+": date_order", dateOrders, true)
	v.codes(t, name, c)
}

func (v *validator) codes(t Table, name string, c Column) {
	if c.Codes.Name != "" {
		if _, ok := v.a.Codes[c.Codes.Name]; !ok {
			v.fault(c.Line, guessFix(c.Codes.Name, sortedKeys(v.a.Codes)), "%s: no list %q under codes:", name, c.Codes.Name)
		}
	}
	values := append(sortedValues(v.a.codeMap(c)), sortedValues(c.Section)...)
	if c.Value != nil {
		values = append(values, *c.Value)
	}
	if c.IfBlank != "" {
		values = append(values, c.IfBlank)
	}
	if _, list := v.d.coded(t.Into, name); list != "" {
		for _, code := range values {
			v.code(list, code, c.Line, name)
		}
	}
	for _, text := range values {
		if l := literals[v.d.Columns[name].Type]; l.fits != nil && !l.fits(text) {
			v.fault(c.Line, "write "+l.form, "%s: %q does not fit the column", name, text)
		}
	}
}

// literals are the values of typed columns that a mapping may write itself.
var literals = map[string]struct {
	form string
	fits func(text string) bool
}{
	"boolean": {"true or false", func(text string) bool { return text == "true" || text == "false" }},
	"integer": {"a whole number", regexp.MustCompile(`^-?\d{1,9}$`).MatchString},
	"double":  {"a number such as 0.8", regexp.MustCompile(`^-?\d{1,15}(\.\d+)?$`).MatchString},
	"date": {"a day such as 2025-04-01", func(text string) bool {
		_, err := time.Parse("2006-01-02", text)
		return err == nil
	}},
}

func (v *validator) pattern(text string, line int, where string, groups int) {
	if text == "" {
		return
	}
	re, err := regexp.Compile(text)
	if err != nil {
		v.fault(line, "patterns are RE2, as in take: '^(\\S+)'; a backslash before ( . + * makes it a plain character", "%s: %v", where, err)
	} else if re.NumSubexp() < groups {
		v.fault(line, "put ( ) around the part to take", "%s: the pattern takes nothing", where)
	}
}

// codeMap is the column's own codes, or the named list.
func (a *Agency) codeMap(c Column) map[string]string {
	if c.Codes.Name != "" {
		return a.Codes[c.Codes.Name]
	}
	return c.Codes.Map
}

func guessFix(word string, words []string) string {
	if guess := config.Guess(word, words); guess != "" {
		return "did you mean " + guess + "?"
	}
	return "write one of " + strings.Join(words, ", ")
}

func sortedValues(m map[string]string) []string {
	var out []string
	for _, k := range sortedKeys(m) {
		out = append(out, m[k])
	}
	return out
}
