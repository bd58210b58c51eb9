package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// errorCells are what a spreadsheet shows in place of a value that it could not compute, in English
// and French.
var errorCells = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
	"#VALEUR!", "#NOM?", "#NUL!", "#NOMBRE!"}

// errorList is the errors that the mapping does not speak of itself, under blank: or codes:.
func (l *layout) errorList() string {
	said := slices.Clone(l.agency.Blank)
	for _, t := range l.tables {
		for _, group := range append([]map[string]Column{t.Columns}, t.Each...) {
			for _, name := range sortedKeys(group) {
				said = append(append(said, group[name].Blank...), sortedKeys(l.agency.codeMap(group[name]))...)
			}
		}
	}
	out := []string{"''"}
	for _, e := range errorCells {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.EqualFold(s, e) }) {
			out = append(out, warehouse.Text(e))
		}
	}
	return strings.Join(out, ", ")
}

// withoutError is a landed column whose errors are blank.
func withoutError(column, list string) string {
	return fmt.Sprintf("case when %[1]s not like '#%%' then %[1]s when upper(%[1]s) in (%[2]s) then null else %[1]s end", column, list)
}

// errorsIn is the headings of a record's columns that hold an error.
func errorsIn(columns, headings []string, list string) string {
	terms := []string{"null"}
	for i, c := range columns {
		terms = append(terms, fmt.Sprintf("case when %[1]s like '#%%' then case when upper(%[1]s) in (%[2]s) then %[3]s end end", c, list, warehouse.Text(headings[i])))
	}
	return "concat_ws(chr(31), " + strings.Join(terms, ", ") + ")"
}

// raiseErrors makes a finding of each error that counts as blank.
func (s *stager) raiseErrors(ctx context.Context, g *group) error {
	if !g.hasErrors {
		return nil
	}
	return s.exec(ctx, fmt.Sprintf(`insert into raised
		select 'error_cell', 'please_confirm', o.agency, o.quarter, o.file, o.version, o.sheet, _row, _path, heading,
			'the cell shows an error of the spreadsheet; it counts as blank'
		from (select distinct _sheet, _row, _path, unnest(string_split(_errors, chr(31))) as heading from %s where _kind = 'data' and _errors <> '')
		join origin as o on o.sheet_no = _sheet`, g.table))
}

// lookForErrors sees whether any value of a group begins like an error.
func (s *stager) lookForErrors(ctx context.Context, g *group) error {
	var any []string
	for _, c := range g.sources(s.d) {
		if !c.parent {
			any = append(any, fmt.Sprintf("c%d like '#%%'", c.index+1))
		}
	}
	if g.hasErrors = g.parents > 0; g.hasErrors || len(any) == 0 {
		return nil
	}
	first := 0
	if len(g.headRows) > 0 {
		first = slices.Max(g.headRows)
	}
	return s.db.Scan(ctx, fmt.Sprintf("select count(*) > 0 from read_parquet([%s]) where _row > %d and (%s)",
		paths(g.sheets, false), first, strings.Join(any, " or ")), nil, &g.hasErrors)
}
