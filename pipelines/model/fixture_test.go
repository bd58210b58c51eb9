package model

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// table makes one table from its CSV text, with the columns that every table of its kind has.
func (t *trial) table(ctx context.Context, name string, data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errors.New("no heading")
	}
	step, short, _ := strings.Cut(name, ".")
	columns := make([]field, len(rows[0]))
	has := map[string]int{}
	for i, heading := range rows[0] {
		if columns[i], err = t.project.field(heading); err != nil {
			return err
		}
		has[columns[i].name] = i
	}
	for _, f := range t.shapes[name] {
		if _, there := has[f.name]; !there {
			columns = append(columns, f)
		}
	}
	selects := make([]string, 0, len(rows))
	for line, row := range rows[1:] {
		quarter := ""
		if at, ok := has["quarter"]; ok {
			quarter = row[at]
			t.quarters = append(t.quarters, quarter)
		}
		// A file speaks for one day: rows of two days came in two files.
		file := short
		if at, ok := has["as_of"]; ok && row[at] != "" {
			file += "_" + row[at]
		}
		values := make([]string, len(columns))
		for i, c := range columns {
			text := standing(c.name, file, quarter, line+2)
			if i < len(row) && row[i] != "" {
				text = warehouse.Text(row[i])
			}
			values[i] = fmt.Sprintf("cast(%s as %s) as %s", text, c.kind, quote(c.name))
		}
		selects = append(selects, "select "+strings.Join(values, ", "))
	}
	empty := ""
	if len(selects) == 0 {
		values := make([]string, len(columns))
		for i, c := range columns {
			values[i] = fmt.Sprintf("cast(null as %s) as %s", c.kind, quote(c.name))
		}
		selects, empty = []string{"select " + strings.Join(values, ", ")}, " limit 0"
	}
	t.given[name] = true
	if step == "stage" && t.project.canonical(short) != nil {
		t.files = append(t.files, "select agency, quarter, _address.file as file, _address.version as version, file_kind, as_of from "+name)
	}
	return t.db.Exec(ctx, "create table "+name+" as "+strings.Join(selects, " union all ")+empty)
}

// standing is the value of a column that a fixture leaves out or empty.
func standing(column, file, quarter string, line int) string {
	switch column {
	case "is_superseded":
		return "false"
	case "file_kind":
		return "'snapshot'"
	case "as_of":
		if q, err := tributary.ParseQuarter(quarter); err == nil {
			return q.End().Format("'2006-01-02'")
		}
	case "_address", "_plan_address":
		return fmt.Sprintf(`{quarter: %s, file: %s, version: 1, sheet: '', "row": %d, path: ''}`,
			warehouse.Text(quarter), warehouse.Text(file+".csv"), line)
	}
	return "null"
}
