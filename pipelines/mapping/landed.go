package mapping

import (
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// blanks are the characters around a value that say nothing: what nobody sees makes two numbers of one.
const blanks = "' \t\n\r\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff'"

// trimmed takes the blanks off. The engine builds its set of characters anew for each value: plain text without
// blanks around it is spared that.
func trimmed(words string) string {
	return fmt.Sprintf("case when regexp_matches(%[1]s, '^[ \\t\\n\\r]|[ \\t\\n\\r]$|[^ -~]') then trim(%[1]s, %[2]s) else %[1]s end", words, blanks)
}

// sectionColumns is the fewest columns of a sheet in which one filled cell is a section line: in a
// narrower one it may well be a row.
const sectionColumns = 5

// totalWords begin a row that sums up or ends a sheet.
const totalWords = `^\W*(grand |sub-?|sous-)?(totals?|totaux)\b|^\W*(record |row )?counts?\b|^\W*(nombre|nb) |^\W*(trailer|eof|end of (file|report|list|data)|fin (du|de la|de) )`

// duplicateSQL marks the records that repeat an earlier one of their sheet exactly.
const duplicateSQL = `update %[1]s as landed set _kind = 'duplicate'
	from (select _sheet, _hash, _hash_again, min((_row, length(_path), _path)) as _earliest from %[1]s where _kind = 'data' group by all having count(*) > 1) as again
	where landed._kind = 'data' and landed._sheet = again._sheet and landed._hash = again._hash and landed._hash_again = again._hash_again
		and (landed._row, length(landed._path), landed._path) <> again._earliest`

// landedSQL reads all sheets of a layout: every record with its kind (heading, blank, total,
// set_aside or data; duplicateSQL adds duplicate), the section it stands in, and the columns that the mapping uses
// under the mapping's own words.
func (l *layout) landedSQL(d *dictionary, sheets []*sheetRef) string {
	var b strings.Builder
	// What is shown is worked out in a select of its own: trimming names it several times, and each is planned anew.
	typed := l.typedColumns(d)
	b.WriteString("with sheet as (\n    select\n        filename, _row, _path, _fault")
	for i := 1; i <= l.columns; i++ {
		fmt.Fprintf(&b, ",\n        %s as c%d", l.shown(i), i)
	}
	for _, i := range typed {
		fmt.Fprintf(&b, ",\n        coalesce(r%d, c%[1]d) as r%[1]d", i+1)
	}
	fmt.Fprintf(&b, "\n    from read_parquet([%s], filename = true)\n),\ncell as (\n    select\n        origin.sheet_no as _sheet, p._row, p._path, p._fault", paths(sheets, false))
	cells := func(to, from string, i int) {
		fmt.Fprintf(&b, ",\n        nullif(%s, '') as %s%d", trimmed(fmt.Sprintf("%s%d", from, i)), to, i)
	}
	for i := 1; i <= l.columns; i++ {
		cells("k", "p.c", i)
	}
	for _, i := range typed {
		cells("n", "p.r", i+1)
	}
	for i := 1; i <= l.parents; i++ {
		cells("o", "o.c", i)
	}
	fmt.Fprintf(&b, "\n    from sheet as p\n    join origin on origin.parquet = p.filename and origin.sheet_no in (%s)", numbers(sheets))
	if l.parents > 0 {
		fmt.Fprintf(&b, "\n    join read_parquet([%s], filename = true) as o\n        on o.filename = origin.parent_parquet and o._row = p._row and o._path is null", paths(sheets, true))
	}
	// Two hashes of 64 bits are as good as the content: one row in 10^20 pairs would be taken for another.
	fmt.Fprintf(&b, "\n),\nrecord as (\n    select *, %s as _first, %s as _filled, hash(%s) as _hash, hash('again', %[3]s) as _hash_again from cell\n),\n",
		l.first(), l.filled(), l.content())
	fmt.Fprintf(&b, "kind as (\n    select *, %s as _class from record\n)\n", l.class())
	b.WriteString("select _sheet, _row, _path, case when _class = 'section' then 'heading' else _class end as _kind,\n")
	section := "last_value(case when _class = 'section' then _first end ignore nulls) over (partition by _sheet order by _row rows unbounded preceding)"
	if !l.usesSection() {
		section = "null::varchar"
	}
	fmt.Fprintf(&b, "    %s as _section,\n    _hash, _hash_again", section)
	list := l.errorList()
	var columns, headings []string
	sources := l.sources(d)
	for _, s := range sources {
		column := fmt.Sprintf("k%d", s.index+1)
		switch {
		case s.parent:
			column = fmt.Sprintf("o%d", s.index+1)
		case slices.Contains(typed, s.index):
			column = fmt.Sprintf("n%d", s.index+1)
		}
		value := column
		if l.hasErrors {
			value = withoutError(column, list)
		}
		fmt.Fprintf(&b, ",\n    %s as %s", value, ident(s.name))
		columns, headings = append(columns, column), append(headings, l.headingOf(s))
	}
	for _, name := range l.absent(sources) {
		fmt.Fprintf(&b, ",\n    null::varchar as %s", ident(name))
	}
	if l.hasErrors {
		fmt.Fprintf(&b, ",\n    %s as _errors", errorsIn(columns, headings, list))
	}
	b.WriteString("\nfrom kind")
	return b.String()
}

// headingOf is the provider's own heading of a source.
func (l *layout) headingOf(s source) string {
	if s.parent {
		return l.parent.names[s.index]
	}
	return l.own.shown(s.index, []string{s.name})
}

func (l *layout) usesSection() bool {
	return slices.ContainsFunc(l.tables, func(t Table) bool {
		for _, c := range t.Columns {
			if len(c.Section) > 0 {
				return true
			}
		}
		return false
	})
}

// shown is a cell as its reader sees it; a number too long for its cell counts as it is.
func (l *layout) shown(i int) string {
	if !l.hasRaw {
		return fmt.Sprintf("c%d", i)
	}
	return fmt.Sprintf(`case when r%[1]d is not null and regexp_full_match(c%[1]d, '-?\d(\.\d+)?E\+\d+|#+') then r%[1]d else c%[1]d end`, i)
}

// typedColumns are the worksheet columns read as numbers: what is shown may be rounded. A date is
// landed as it shows, always year-month-day.
func (l *layout) typedColumns(d *dictionary) []int {
	var out []int
	if !l.hasRaw {
		return nil
	}
	for _, s := range l.sources(d) {
		if s.number && !s.parent && !slices.Contains(out, s.index) {
			out = append(out, s.index)
		}
	}
	return out
}

// class sorts records by rule: where the headings are, what is filled, and the words of a total.
func (l *layout) class() string {
	var b strings.Builder
	b.WriteString("case")
	if len(l.headRows) > 0 {
		fmt.Fprintf(&b, "\n        when _row <= %d then 'heading'", slices.Max(l.headRows))
	}
	b.WriteString("\n        when _fault is not null then 'set_aside'\n        when _filled = 0 then 'blank'")
	if !l.named {
		fmt.Fprintf(&b, "\n        when _filled <= %d and regexp_matches(lower(strip_accents(_first)), %s)%s then 'total'",
			max(3, l.columns/3), warehouse.Text(totalWords), l.onlyNumbers())
		if l.columns >= sectionColumns {
			b.WriteString("\n        when _filled = 1 and length(_first) < 60 and not regexp_matches(_first, '[0-9]') then 'section'")
		}
		if repeat := l.repeat(); repeat != "" {
			fmt.Fprintf(&b, "\n        when %s then 'heading'", repeat)
		}
	}
	b.WriteString("\n        else 'data' end")
	return b.String()
}

// onlyNumbers keeps Total Health Services and Count Basie in narrow tables: the rest of a total's row
// is numbers there, or nothing but the word stands in it, for its formulas were never calculated. In a wide table a
// row so empty is a total whatever else it says.
func (l *layout) onlyNumbers() string {
	if l.columns >= 6 {
		return ""
	}
	return fmt.Sprintf(` and case when _filled > 1 then regexp_full_match(concat_ws('|', %s), '[^|]*(\|[-+0-9 .,$%%:]*)*')
            else regexp_full_match(lower(strip_accents(_first)), '\W*(grand |sub-?|sous-)?(totals?|totaux)( general)?\W*') end`, l.list("k", l.columns))
}

// repeat recognises the headings standing again further down.
func (l *layout) repeat() string {
	var all []string
	for i, name := range l.own.last {
		if name = tidyHeading(name); name != "" && i < l.columns && len(all) < 6 {
			all = append(all, fmt.Sprintf("lower(k%d) = %s", i+1, warehouse.Text(name)))
		}
	}
	if len(all) < 2 {
		return ""
	}
	return strings.Join(all, " and ")
}

func (l *layout) first() string {
	if l.columns == 0 {
		return "null::varchar"
	}
	return "coalesce(" + l.list("k", l.columns) + ", null)"
}

// filled sums in bundles: one sum of a thousand terms is nested too deep for the engine.
func (l *layout) filled() string {
	const bundle = 50
	out := []string{"0"}
	for from := 1; from <= l.columns; from += bundle {
		var terms []string
		for i := from; i < from+bundle && i <= l.columns; i++ {
			terms = append(terms, fmt.Sprintf("(k%d is not null)::integer", i))
		}
		out = append(out, "("+strings.Join(terms, " + ")+")")
	}
	return strings.Join(out, " + ")
}

// content is everything a record says, the record around an array included.
func (l *layout) content() string {
	all := []string{}
	if l.columns > 0 {
		all = append(all, l.list("k", l.columns))
	}
	if l.parents > 0 {
		all = append(all, l.list("o", l.parents))
	}
	if len(all) == 0 {
		return "_row"
	}
	return strings.Join(all, ", ")
}

func (l *layout) list(letter string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%d", letter, i+1)
	}
	return strings.Join(out, ", ")
}

// numbers tells the sheets of one group from those of another that has the same bytes.
func numbers(sheets []*sheetRef) string {
	out := make([]string, len(sheets))
	for i, s := range sheets {
		out[i] = fmt.Sprint(s.no)
	}
	return strings.Join(out, ", ")
}

func paths(sheets []*sheetRef, parents bool) string {
	var out []string
	for _, s := range sheets {
		p := s.path
		if parents {
			p = s.parentPath
		}
		if text := warehouse.Text(p); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}
