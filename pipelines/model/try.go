package model

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"tributary"
	"tributary/pipelines/warehouse"
)

// Try runs the test beside a model: the archive's tables go in, and the archive comes back with the
// rows that the model really gives in want.csv and, for a measure, cells.csv. The test passes when
// both archives are equal. file is the archive's path in the SQL tree, such as core/episode.txtar.
//
// The first lines tell the story. <step>.<table>.csv gives the columns that matter; their types are
// the dictionary's, or written in the heading as name:type; an empty field is NULL. want.csv names
// the columns to be compared; cells.csv names cells. Models that the tested one reads and the archive
// does not give are built, core.quarter and stage.file are derived from the rows given.
func (p *Project) Try(ctx context.Context, file string, archive []byte) (got []byte, err error) {
	a := txtar.Parse(archive)
	if len(bytes.TrimSpace(a.Comment)) == 0 {
		return nil, tributary.Fix(fmt.Errorf("%s: tells no story", file), "say in the first line what the rows prove")
	}
	m := p.find(strings.TrimSuffix(file, ".txtar") + ".sql")
	if m == nil {
		return nil, fmt.Errorf("%s: there is no model beside it", file)
	}
	db, err := warehouse.Memory(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t := trial{project: p, db: db, given: map[string]bool{}}
	if t.shapes, err = p.shapesOf(ctx); err != nil {
		return nil, err
	}
	if err := t.fill(ctx, a); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := t.build(ctx, m); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i, f := range a.Files {
		if f.Name != "want.csv" && f.Name != "cells.csv" {
			continue
		}
		if a.Files[i].Data, err = t.answer(ctx, m, f); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, f.Name, err)
		}
	}
	return txtar.Format(a), nil
}

func (p *Project) find(path string) *Model {
	for _, step := range built {
		for _, m := range p.models[step] {
			if m.Path == path {
				return m
			}
		}
	}
	return nil
}

type trial struct {
	project *Project
	db      *warehouse.DB
	given   map[string]bool
	// shapes are the columns of every table there is, by step.name.
	shapes map[string][]field
	// quarters seen in any table, and the SELECTs that list the files of stage rows.
	quarters, files []string
}

// fill makes the tables that the archive gives, and those that follow from them.
func (t *trial) fill(ctx context.Context, a *txtar.Archive) error {
	if err := t.attach(ctx); err != nil {
		return err
	}
	wanted := false
	for _, f := range a.Files {
		if f.Name == "want.csv" || f.Name == "cells.csv" {
			wanted = true
			continue
		}
		table, ok := strings.CutSuffix(f.Name, ".csv")
		if !ok || strings.Count(table, ".") != 1 {
			return tributary.Fix(fmt.Errorf("%s is no table", f.Name), "name it <step>.<table>.csv, want.csv or cells.csv")
		}
		if err := t.table(ctx, table, f.Data); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if !wanted {
		return errors.New("want.csv is lacking")
	}
	return t.derive(ctx)
}

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
	if step == "stage" && t.project.words.canonical(short) != nil {
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

func (t *trial) attach(ctx context.Context) error {
	for _, step := range []string{"fact", "stage", "core", "link", "measure"} {
		if err := t.db.Exec(ctx, "attach ':memory:' as "+step); err != nil {
			return err
		}
	}
	return nil
}

// shapesOf learns the columns of all tables by building every model on nothing, once.
func (p *Project) shapesOf(ctx context.Context) (map[string][]field, error) {
	p.once.Do(func() { p.shapes, p.shapesErr = p.learn(ctx) })
	return p.shapes, p.shapesErr
}

func (p *Project) learn(ctx context.Context) (shapes map[string][]field, err error) {
	db, err := warehouse.Memory(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t := trial{project: p, db: db, given: map[string]bool{}, shapes: map[string][]field{}}
	if err := t.attach(ctx); err != nil {
		return nil, err
	}
	for name, list := range contract {
		if t.shapes[name], err = p.fields(splitWords(list)); err != nil {
			return nil, err
		}
	}
	for name := range p.words.tables {
		if t.shapes["stage."+name], err = p.fields(p.words.canonical(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(t.shapes) {
		if err := t.table(ctx, name, []byte(t.shapes[name][0].name+":"+t.shapes[name][0].kind+"\n")); err != nil {
			return nil, err
		}
	}
	for _, step := range built {
		for _, m := range p.models[step] {
			if err := p.make(ctx, db, m); err != nil {
				return nil, fmt.Errorf("sql/%s: %w", m.Path, err)
			}
		}
	}
	rows, err := db.Query(ctx, `select database_name || '.' || table_name, column_name, data_type from duckdb_columns()
		where database_name in ('core', 'link', 'measure') order by database_name, table_name, column_index`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		var f field
		if err := rows.Scan(&name, &f.name, &f.kind); err != nil {
			return nil, err
		}
		t.shapes[name] = append(t.shapes[name], f)
	}
	return t.shapes, rows.Err()
}

func (p *Project) fields(headings []string) ([]field, error) {
	out := make([]field, len(headings))
	for i, h := range headings {
		var err error
		if out[i], err = p.field(h); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type field struct{ name, kind string }

// field reads a heading: a word of the dictionary, or name:type.
func (p *Project) field(heading string) (field, error) {
	name, kind, typed := strings.Cut(heading, ":")
	if typed {
		return field{name, kind}, nil
	}
	if word, ok := p.words.columns[name]; ok {
		return field{name, word.Type}, nil
	}
	known := make([]string, 0, len(p.words.columns))
	for k := range p.words.columns {
		known = append(known, k)
	}
	sort.Strings(known)
	return field{}, guess(fmt.Errorf("column %q is not in sql/columns.yaml", name), name, known)
}

// contract are the tables of stage and fact that are not canonical, as pipelines/README.md has them.
var contract = map[string]string{
	"stage.agency": "agency, name:varchar, name_fr:varchar, role:varchar, category:varchar, language:varchar, " +
		"linking_rule:varchar, linking_authority:varchar, linking_scopes:varchar[], area, owes:boolean, due_days:integer",
	"stage.file": "agency, quarter, file:varchar, version:integer, file_key:varchar, file_kind, as_of, state:varchar",
	"stage.delivery": "agency, quarter, state:varchar, is_late:boolean, due_on:date, received_on, file_count:bigint, " +
		"row_count:bigint, finding_count:bigint",
	"stage.setting":      "name:varchar, value:varchar",
	"stage.municipality": "spelling:varchar, municipality, area",
	"fact.id_register":   "kind:varchar, agency, client_local_id, id:varchar",
}

// derive makes what follows from the rows given: quarters, files, and empty tables of the contract.
func (t *trial) derive(ctx context.Context) error {
	sort.Strings(t.quarters)
	if !t.given["core.quarter"] {
		var text strings.Builder
		text.WriteString("quarter,starts_on,ends_on,fiscal_year,number\n")
		for _, name := range slices.Compact(t.quarters) {
			if q, err := tributary.ParseQuarter(name); err == nil {
				fmt.Fprintf(&text, "%s,%s,%s,%s,%d\n", q, q.Start().Format("2006-01-02"), q.End().Format("2006-01-02"), q.FiscalYear(), q.Number())
			}
		}
		if err := t.table(ctx, "core.quarter", []byte(text.String())); err != nil {
			return err
		}
	}
	if !t.given["stage.file"] && len(t.files) > 0 {
		t.given["stage.file"] = true
		err := t.db.Exec(ctx, "create table stage.file as select distinct *, 'taken' as state, file as file_key from ("+
			strings.Join(t.files, " union all ")+")")
		if err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(t.shapes) {
		if step, _, _ := strings.Cut(name, "."); t.given[name] || step != "stage" && step != "fact" {
			continue
		}
		if err := t.table(ctx, name, []byte(t.shapes[name][0].name+":"+t.shapes[name][0].kind+"\n")); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// build makes a model and, before it, those it reads that the archive does not give.
func (t *trial) build(ctx context.Context, m *Model) error {
	for _, table := range m.Reads {
		if t.given[table] {
			continue
		}
		step, name, _ := strings.Cut(table, ".")
		for _, other := range t.project.models[step] {
			if other.Name == name {
				if err := t.build(ctx, other); err != nil {
					return err
				}
			}
		}
	}
	t.given[m.Table()] = true
	if err := t.project.make(ctx, t.db, m); err != nil {
		return fmt.Errorf("sql/%s: %w", m.Path, err)
	}
	return nil
}

// answer writes the rows that came out in the columns that the file names.
func (t *trial) answer(ctx context.Context, m *Model, f txtar.File) ([]byte, error) {
	rows, err := csv.NewReader(bytes.NewReader(f.Data)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("no heading")
	}
	from := m.Table()
	if f.Name == "cells.csv" {
		if m.Measure == nil {
			return nil, errors.New("only measures have cells")
		}
		if err := errors.Join(t.db.Exec(ctx, cellTables), m.roll(ctx, t.db)); err != nil {
			return nil, err
		}
		cells := make([]string, 0, len(rows))
		for i, row := range rows[1:] {
			cells = append(cells, fmt.Sprintf("(%d, %s)", i, warehouse.Text(row[0])))
		}
		if rows[0][0] != "cell_id" || len(cells) == 0 {
			return nil, errors.New("the first column is not cell_id, or no cell is named")
		}
		from = "(select w.cell_id, c.* exclude (cell_id) from (values " + strings.Join(cells, ", ") +
			") as w (place, cell_id) left join measure.cell as c on c.cell_id = w.cell_id)"
	}
	return t.csv(ctx, from, rows[0])
}

func (t *trial) csv(ctx context.Context, from string, columns []string) (text []byte, err error) {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "regexp_replace(coalesce(cast(" + c + " as varchar), ''), '\\.0$', '')"
		if isWord(c) {
			list[i] = "regexp_replace(coalesce(cast(" + quote(c) + " as varchar), ''), '\\.0$', '')"
		}
	}
	rows, err := t.db.Query(ctx, "select "+strings.Join(list, ", ")+" from "+from+" order by all")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	record, into := make([]string, len(columns)), make([]any, len(columns))
	for i := range record {
		into[i] = &record[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if err := w.Write(record); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), errors.Join(rows.Err(), w.Error())
}
