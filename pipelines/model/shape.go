package model

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"tributary/pipelines/warehouse"
)

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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
