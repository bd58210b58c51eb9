package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
)

// bench is a project with what it takes to try its models, learnt when first asked.
type bench struct {
	*Project
	once   sync.Once
	shapes map[string][]field
	fault  error
}

// shapesOf learns the columns of all tables by building every model on nothing, once.
func (p *bench) shapesOf(ctx context.Context) (map[string][]field, error) {
	p.once.Do(func() { p.shapes, p.fault = p.learn(ctx) })
	return p.shapes, p.fault
}

// canonical returns the columns of a canonical table as stage has them, in order.
func (p *bench) canonical(name string) []string {
	t, ok := p.words.Tables[name]
	if !ok {
		return nil
	}
	columns := append([]string{"agency"}, t.Columns...)
	return append(columns, "quarter", "as_of", "file_kind", "is_superseded", "_address")
}

func (p *bench) learn(ctx context.Context) (shapes map[string][]field, err error) {
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
	for name := range p.words.Tables {
		if t.shapes["stage."+name], err = p.fields(p.canonical(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.shapes)) {
		if err := t.table(ctx, name, []byte(t.shapes[name][0].name+":"+t.shapes[name][0].kind+"\n")); err != nil {
			return nil, err
		}
	}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `select database_name || '.' || table_name, column_name, data_type from duckdb_columns()
		where database_name in ('core', 'link', 'measure', 'gap') order by database_name, table_name, column_index`)
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

// run builds everything, as a workspace's run does.
func (t *trial) run(ctx context.Context) error {
	p, log := t.project, slog.New(slog.DiscardHandler)
	if err := p.Run(ctx, t.db, "core", log); err != nil {
		return err
	}
	build := func() error { return link.Build(ctx, t.db, link.Input{Terms: link.DefaultTerms()}) }
	if err := p.RunAround(ctx, t.db, link.Tables, build, log); err != nil {
		return err
	}
	return errors.Join(p.Run(ctx, t.db, "measure", log), p.Run(ctx, t.db, "gap", log))
}

func (p *bench) fields(headings []string) ([]field, error) {
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
func (p *bench) field(heading string) (field, error) {
	name, kind, typed := strings.Cut(heading, ":")
	if typed {
		return field{name, kind}, nil
	}
	if word, ok := p.words.Columns[name]; ok {
		return field{name, word.Type}, nil
	}
	return field{}, guess(fmt.Errorf("column %q is not in sql/columns.yaml", name), name, slices.Sorted(maps.Keys(p.words.Columns)))
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
