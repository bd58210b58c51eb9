package model

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"tributary"
	"tributary/pipelines/link"
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
func (p *bench) Try(ctx context.Context, file string, archive []byte) (got []byte, err error) {
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
	t.needed = p.needs(m)
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

// needs returns the tables that a model reads, itself or through other models.
func (p *bench) needs(m *Model) map[string]bool {
	byTable, needed := map[string]*Model{}, map[string]bool{}
	for _, step := range built {
		for _, other := range p.models[step] {
			byTable[other.Table()] = other
		}
	}
	open := []*Model{m}
	for len(open) > 0 {
		reads := open[0].Reads
		open = open[1:]
		for _, table := range reads {
			if !needed[table] && byTable[table] != nil {
				open = append(open, byTable[table])
			}
			needed[table] = true
		}
	}
	return needed
}

func (p *bench) find(path string) *Model {
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
	project *bench
	db      *warehouse.DB
	given   map[string]bool
	// shapes are the columns of every table there is, by step.name.
	shapes map[string][]field
	// needed are the tables that the model reads, itself or through others; nil is all.
	needed map[string]bool
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

func (t *trial) attach(ctx context.Context) error {
	for _, step := range []string{"fact", "stage", "core", "link", "measure", "gap"} {
		if err := t.db.Exec(ctx, "attach ':memory:' as "+step); err != nil {
			return err
		}
	}
	return link.Standardise(ctx, t.db)
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
	for _, name := range slices.Sorted(maps.Keys(t.shapes)) {
		if step, _, _ := strings.Cut(name, "."); t.given[name] || step != "stage" && step != "fact" || t.needed != nil && !t.needed[name] {
			continue
		}
		if err := t.table(ctx, name, []byte(t.shapes[name][0].name+":"+t.shapes[name][0].kind+"\n")); err != nil {
			return err
		}
	}
	return nil
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
		if err := errors.Join(t.db.Exec(ctx, cellTables), m.roll(ctx, t.db, "memory.rolled"), t.db.Exec(ctx, "insert into measure.cell from memory.rolled")); err != nil {
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
