package mapping

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// addressType is the one struct column by which every row keeps where it came from.
const addressType = `struct(quarter varchar, file varchar, version integer, sheet varchar, "row" bigint, path varchar)`

// layout is what a group of sheets has in common: one SELECT reads them all.
type layout struct {
	agency *Agency
	file   string // key under files:
	sheet  string // as the mapping names it
	tables []Table
	own    headings
	parent headings // of the record that holds a JSON array; none elsewhere
	hasRaw bool     // worksheets: raw values beside the shown ones
	// hasControls says that landing saw control characters: they are taken out of text.
	hasControls bool
	// hasErrors says that cells may show errors of a spreadsheet; most groups have none and are spared the search.
	hasErrors bool
	// table is the table of a run that holds the landed records; empty when the SQL is only shown.
	table    string
	named    bool // the format names its columns: no heading rows
	headRows []int
	columns  int
	parents  int // columns of the parent
}

// source is one landed column that a mapping uses, under the name that the SQL gives it.
type source struct {
	name   string // the first alternative: the mapping's own word
	index  int    // column of the sheet, from 0
	parent bool
	number bool // of a worksheet the raw value counts
}

// sources lists the columns that the tables of a layout use, in the order of the sheet.
func (l *layout) sources(d *dictionary) []source {
	var out []source
	for _, t := range l.tables {
		for _, u := range t.uses() {
			index, parent, _, ok := l.resolve(u.names)
			if !ok {
				continue
			}
			at := slices.IndexFunc(out, func(s source) bool { return tidyHeading(s.name) == tidyHeading(u.names[0]) })
			if at < 0 {
				out = append(out, source{name: u.names[0], index: index, parent: parent})
				at = len(out) - 1
			}
			if t := d.Columns[u.column].Type; t == "double" || t == "integer" {
				out[at].number = true
			}
		}
	}
	slices.SortFunc(out, func(a, b source) int {
		if a.parent != b.parent {
			if a.parent {
				return -1
			}
			return 1
		}
		return cmp.Or(a.index-b.index, strings.Compare(a.name, b.name))
	})
	return out
}

// absent are the words of the mapping for headings that the sheet does not have: optional ones, and those of a
// file that a person accepted as it is. Their values are blank.
func (l *layout) absent(sources []source) (names []string) {
	has := func(names []string, name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return tidyHeading(n) == tidyHeading(name) })
	}
	there := make([]string, len(sources))
	for i, s := range sources {
		there[i] = s.name
	}
	for _, t := range l.tables {
		for _, u := range t.uses() {
			if !has(there, u.names[0]) && !has(names, u.names[0]) {
				names = append(names, u.names[0])
			}
		}
	}
	return names
}

// landedAs names the landed records in a from clause.
func (l *layout) landedAs() string {
	if l.table == "" {
		return "landed"
	}
	return l.table + " as landed"
}

func isTyped(sqlType string) bool {
	return sqlType == "date" || sqlType == "double" || sqlType == "integer"
}

// resolve finds the first heading of the alternatives that the sheet, or the record around it, has.
// later says that it was not the first of them.
func (l *layout) resolve(names []string) (index int, parent, later, ok bool) {
	for i, n := range names {
		if at, found := l.own.find(n); found {
			return at, false, i > 0, true
		}
		if at, found := l.parent.find(n); found {
			return at, true, i > 0, true
		}
	}
	return 0, false, false, false
}

// compiler writes the SELECT of one table over one layout.
type compiler struct {
	l *layout
	t Table
	d *dictionary
}

// selectSQL is the SELECT that anyone can read: landed rows in, canonical rows out. withFaults adds
// what the run needs to count and to report.
func (c *compiler) selectSQL(withFaults bool) string {
	var parts []string
	groups := c.t.Each
	if len(groups) == 0 {
		groups = []map[string]Column{nil}
	}
	for i, extra := range groups {
		parts = append(parts, c.oneSelect(extra, i+1, withFaults))
	}
	return strings.Join(parts, "\nunion all\n")
}

func (c *compiler) oneSelect(extra map[string]Column, number int, withFaults bool) string {
	columns := map[string]Column{}
	maps.Copy(columns, c.t.Columns)
	maps.Copy(columns, extra)
	lines := []string{
		warehouse.Text(c.l.agency.Code) + " as agency", "origin.quarter", "origin.as_of", "origin.file_kind", "origin.is_superseded",
	}
	var worked, faults []string
	for _, name := range c.d.Tables[c.t.Into].Columns {
		col, given := columns[name]
		if !given {
			if slices.ContainsFunc(c.t.Each, func(e map[string]Column) bool { _, ok := e[name]; return ok }) {
				lines = append(lines, fmt.Sprintf("cast(null as %s) as %s", c.d.Columns[name].Type, name))
			}
			if name == "birth_date_precision" && len(columns["birth_date"].From) > 0 {
				lines = append(lines, fmt.Sprintf("birth_date_precision(%s, %s) as birth_date_precision",
					c.words(columns["birth_date"]), warehouse.Text(c.order(columns["birth_date"]))))
			}
			continue
		}
		value := c.value(name, col)
		if words := c.words(col); withFaults && c.mayFault(col, words, value) {
			// Worked out in a select of their own: the fault names each several times, and each is planned anew.
			w, v := fmt.Sprintf("landed._words_%d", len(faults)), fmt.Sprintf("landed._value_%d", len(faults))
			worked = append(worked, fmt.Sprintf("%s as %s", words, w[len("landed."):]), fmt.Sprintf("%s as %s", value, v[len("landed."):]))
			faults = append(faults, c.fault(name, col, w, v))
			value = v
		}
		lines = append(lines, c.known(col, value)+" as "+name)
	}
	lines = append(lines, `{quarter: origin.quarter, file: origin.file, version: origin.version, sheet: origin.sheet, "row": landed._row, path: landed._path} as _address`)
	if withFaults {
		lines = append(lines, "landed._sheet", fmt.Sprintf("%s as _piece", c.pieceNumber(number)),
			"concat_ws(chr(31), "+strings.Join(append(faults, "null"), ",\n        ")+") as _faults")
	}
	from := c.l.landedAs()
	if c.t.Split != nil {
		from = fmt.Sprintf("(select *, unnest(pieces) as piece, generate_subscripts(pieces, 1) as piece_number from (\n"+
			"    select *, string_split_regex(%s, %s) as pieces from %s)) as landed",
			cell(c.t.Split.Column), warehouse.Text(c.t.Split.By), c.l.landedAs())
	}
	if len(worked) > 0 {
		from = "(select *,\n    " + strings.Join(worked, ",\n    ") + "\nfrom " + from + ") as landed"
	}
	from = "from " + from + "\njoin origin on origin.sheet_no = landed._sheet"
	return "select\n    " + strings.Join(lines, ",\n    ") + "\n" + from + "\nwhere " + strings.Join(c.where(extra), " and ")
}

func (c *compiler) pieceNumber(number int) string {
	if c.t.Split != nil {
		return "piece_number"
	}
	return fmt.Sprint(number)
}

// where keeps data rows, those the mapping asks for, and of unpivots and pieces those with content.
func (c *compiler) where(extra map[string]Column) []string {
	out := []string{"landed._kind = 'data'"}
	out = append(out, c.filters()...)
	if c.t.Split != nil {
		out = append(out, "nullif(trim(piece), '') is not null")
	}
	var filled []string
	for _, name := range sortedKeys(extra) {
		for _, names := range (Column{From: extra[name].From, Join: extra[name].Join}).uses() {
			filled = append(filled, cell(names[0])+" is not null")
		}
	}
	if len(filled) > 0 {
		out = append(out, "("+strings.Join(filled, " or ")+")")
	}
	return out
}

// filters are the conditions of the word rows.
func (c *compiler) filters() []string {
	var out []string
	for _, h := range sortedKeys(c.t.Rows) {
		out = append(out, condition(h, c.t.Rows[h]))
	}
	return out
}

func condition(heading string, values []string) string {
	if len(values) == 1 && values[0] == "*" {
		return cell(heading) + " is not null"
	}
	var list []string
	for _, v := range values {
		list = append(list, warehouse.Text(strings.ToLower(v)))
	}
	return "lower(" + cell(heading) + ") in (" + strings.Join(list, ", ") + ")"
}

// words is the text that a column's value is read from, before it is typed.
func (c *compiler) words(col Column) string {
	var x string
	switch {
	case col.Value != nil:
		return warehouse.Text(*col.Value)
	case len(col.Section) > 0:
		return "landed._section"
	case len(col.Join) > 0:
		var names []string
		for _, j := range col.Join {
			if _, _, _, ok := c.l.resolve([]string{j}); ok {
				names = append(names, cell(j))
			}
		}
		x = "nullif(concat_ws(' ', " + strings.Join(append(names, "null"), ", ") + "), '')"
	case c.t.Split != nil && col.From[0] == piece:
		x = "trim(piece)"
	default:
		if _, _, _, ok := c.l.resolve(col.From); !ok {
			return "null::varchar"
		}
		x = cell(col.From[0])
	}
	if blank := append(slices.Clone(c.l.agency.Blank), col.Blank...); len(blank) > 0 {
		var list []string
		for _, b := range blank {
			list = append(list, warehouse.Text(strings.ToLower(b)))
		}
		x = fmt.Sprintf("case when lower(%s) not in (%s) then %s end", x, strings.Join(list, ", "), x)
	}
	if col.Take != "" {
		x = fmt.Sprintf("nullif(trim(regexp_extract(%s, %s, 1)), '')", x, warehouse.Text(col.Take))
	}
	if len(col.When) > 0 {
		var all []string
		for _, h := range sortedKeys(col.When) {
			all = append(all, condition(h, col.When[h]))
		}
		x = fmt.Sprintf("case when %s then %s end", strings.Join(all, " and "), x)
	}
	return x
}

// value is the typed SQL of one canonical column.
func (c *compiler) value(name string, col Column) string {
	sqlType, words := c.d.Columns[name].Type, c.words(col)
	codes := c.l.agency.codeMap(col)
	if len(col.Section) > 0 {
		codes = col.Section
	}
	var x string
	known, list := c.d.coded(c.t.Into, name)
	switch {
	case col.Value != nil:
		x = words
		if sqlType != "varchar" {
			x = fmt.Sprintf("cast(%s as %s)", words, sqlType)
		}
		return x
	case len(codes) > 0:
		x = caseOf(words, codes, sqlType)
	case name == "birth_date":
		x = fmt.Sprintf("read_birth_date(%s, %s)", words, warehouse.Text(c.order(col)))
	case sqlType == "date":
		x = fmt.Sprintf("read_date(%s, %s)", words, warehouse.Text(c.order(col)))
	case sqlType == "double":
		x = "read_number(" + words + ")"
	case sqlType == "integer":
		x = "try_cast(read_number(" + words + ") as integer)"
	case sqlType == "boolean":
		x = "read_flag(" + words + ")"
	case list == "municipality":
		x = "read_place(" + words + ")"
	case len(known) > 0:
		own := map[string]string{}
		for code := range known {
			own[code] = code
		}
		x = caseOf(words, own, sqlType)
	case c.l.hasControls:
		x = "read_text(" + words + ")"
	default:
		x = words
	}
	if col.IfBlank != "" {
		blank := warehouse.Text(col.IfBlank)
		if sqlType != "varchar" {
			blank = fmt.Sprintf("cast(%s as %s)", blank, sqlType)
		}
		x = fmt.Sprintf("case when %s is null then %s else %s end", words, blank, x)
	}
	return x
}

// mayFault says whether there may be words and yet no value.
func (c *compiler) mayFault(col Column, words, value string) bool {
	return col.Value == nil && words != "null::varchar" && value != words && value != "read_text("+words+")"
}

// fault is SQL that gives the check's id, the column and, where it may be shown, the value, when
// there were words but no value.
func (c *compiler) fault(name string, col Column, words, value string) string {
	check := "unknown_code"
	_, list := c.d.coded(c.t.Into, name)
	switch sqlType := c.d.Columns[name].Type; {
	case len(col.Section) > 0 || len(c.l.agency.codeMap(col)) > 0:
	case sqlType == "date":
		check = "bad_date"
	case isTyped(sqlType):
		check = "bad_number"
	case list == "municipality":
		check = "unknown_municipality"
	}
	if list == "" {
		list = name
	}
	id := warehouse.Text(check + "|" + list + "|" + strings.ReplaceAll(c.heading(col), "|", "/") + "|")
	switch {
	case name == "birth_date" && check == "bad_date":
		id = fmt.Sprintf("case when is_age(%s) then %s else %s end", words, strings.Replace(id, "bad_date", "age_only", 1), id)
	case !c.d.Columns[name].Private && (check == "unknown_code" || check == "unknown_municipality"):
		// A code is short and has no digits enough for a number or a date of a person.
		id = fmt.Sprintf("%s || case when length(%s) <= 30 and not regexp_matches(%s, '[0-9]{4}|@') then %s else '' end", id, words, words, words)
	}
	return fmt.Sprintf("case when %s is not null and %s is null then %s end", words, value, id)
}

// heading is the provider's own heading behind a column.
func (c *compiler) heading(col Column) string {
	names := col.From
	if len(names) == 0 {
		names = col.Join
	}
	if c.t.Split != nil && len(names) > 0 && names[0] == piece {
		names = []string{c.t.Split.Column}
	}
	index, parent, _, ok := c.l.resolve(names)
	switch {
	case !ok:
		return ""
	case parent:
		return c.l.parent.names[index]
	}
	return c.l.own.shown(index, names)
}

// known drops the values that the codes list as saying nothing (code: nothing).
func (c *compiler) known(col Column, value string) string {
	if slices.Contains(sortedValues(c.l.agency.codeMap(col)), "") {
		return "nullif(" + value + ", '')"
	}
	return value
}

func (c *compiler) order(col Column) string {
	if col.Dates != "" {
		return col.Dates
	}
	return c.l.agency.DateOrder
}

// caseOf translates values to codes; the longest code list still reads as one table. A code written
// as nothing means that the value is known and says nothing.
func caseOf(words string, codes map[string]string, sqlType string) string {
	var b strings.Builder
	b.WriteString("case lower(" + words + ")")
	seen := map[string]bool{}
	for _, k := range sortedKeys(codes) {
		key := strings.ToLower(strings.TrimSpace(spaces.ReplaceAllString(k, " ")))
		if seen[key] {
			continue
		}
		seen[key] = true
		code := warehouse.Text(codes[k])
		switch sqlType {
		case "varchar":
		case "date":
			code = "date " + code
		default:
			code = codes[k]
		}
		fmt.Fprintf(&b, " when %s then %s", warehouse.Text(key), code)
	}
	b.WriteString(" end")
	return b.String()
}

// cell is a landed value by its heading: qualified, since a provider may call a column anything.
func cell(heading string) string { return "landed." + ident(heading) }

// ident quotes a heading as a column name; line breaks in it become blanks.
func ident(name string) string {
	return `"` + strings.ReplaceAll(strings.TrimSpace(spaces.ReplaceAllString(name, " ")), `"`, `""`) + `"`
}
