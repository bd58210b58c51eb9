// Package model builds the tables of core, link and measure from SQL files: one file, one SELECT.
//
// Takes the SQL tree (a workspace's own files laid over the program's) and a database with the steps
// to the left attached; leaves one table per file, its key and asserts proven, and for measures the
// cells rolled up from their candidates; never reads a step to the right, and never lets a fault of
// our own code pass as data.
package model

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
)

// builder is part of every fingerprint: raise it when the same SQL begins to give other tables.
const builder = "model 1, zeros"

// steps in their order; a model reads its own, those before it, and facts.
var steps = []string{"stage", "core", "link", "measure", "gap"}

// built are the steps that this package builds; the folders of the SQL tree bear their names.
var built = []string{"core", "link", "measure", "gap"}

// others are folders of the SQL tree that hold something else than models.
var others = []string{"check", "seed"}

// Model is one file: a table to be made by one SELECT.
type Model struct {
	// Step and Name are the table's two names: core.episode.
	Step, Name string
	// Path is where the file lies in the SQL tree, such as core/episode.sql.
	Path string
	// SQL is the whole text, header included.
	SQL string
	// Grain is the first line: what one row is.
	Grain string
	// Key columns are not null and unique together; empty for measures.
	Key []string
	// Asserts hold for every row.
	Asserts []string
	// Reads are the tables the SELECT reads, sorted, as step.name.
	Reads []string
	// Measure is what the header says of a measure; nil elsewhere.
	Measure *Measure
}

// Table returns the model's table as SQL writes it.
func (m *Model) Table() string { return m.Step + "." + m.Name }

// Project is a checked SQL tree, ready to run.
type Project struct {
	models map[string][]*Model // by step, each after those it reads
	words  *config.Dictionary
	// meanings is the text of columns.yaml, which stands on every column.
	meanings string
	seeds    map[string][]config.Code
	// IsBare leaves out proofs and comments: for tables that nobody opens, and whose numbers are held against others.
	IsBare bool
}

// Load reads and checks a SQL tree. It returns all faults at once, each with its file and line.
func Load(tree fs.FS) (*Project, error) {
	ctx := context.Background() // the engine only parses here
	words, err := config.ReadDictionary(tree)
	if err != nil {
		return nil, err
	}
	meanings, err := fs.ReadFile(tree, "columns.yaml")
	if err != nil {
		return nil, err
	}
	p := &Project{models: map[string][]*Model{}, words: words, meanings: string(meanings), seeds: map[string][]config.Code{}}
	db, err := warehouse.Memory(ctx)
	if err != nil {
		return nil, err
	}
	faults := []error{}
	err = fs.WalkDir(tree, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".sql" {
			return err
		}
		top, _, _ := strings.Cut(file, "/")
		if slices.Contains(others, top) {
			return nil
		}
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return err
		}
		m, err := read(ctx, db, file, string(text))
		if err != nil {
			faults = append(faults, err)
			return nil
		}
		p.models[m.Step] = append(p.models[m.Step], m)
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	faults = append(faults, p.check(tree)...)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for _, step := range built {
		if p.models[step], err = order(p.models[step]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read parses one file and checks what can be checked without the others.
func read(ctx context.Context, db *warehouse.DB, file, text string) (*Model, error) {
	m := &Model{Path: file, SQL: text}
	parts := strings.Split(strings.TrimSuffix(file, ".sql"), "/")
	m.Step, m.Name = parts[0], parts[len(parts)-1]
	if !slices.Contains(built, m.Step) {
		known := append(slices.Clone(built), others...)
		return nil, guess(fmt.Errorf("%s: unknown folder %q", file, m.Step), m.Step, known)
	}
	if want := map[bool]int{true: 3, false: 2}[m.Step == "measure"]; len(parts) != want {
		return nil, tributary.Fix(fmt.Errorf("%s: lies too deep or not deep enough", file),
			"name it core/<table>.sql, link/<table>.sql or measure/<pack>/<id>.sql")
	}
	if !isWord(m.Name) {
		return nil, tributary.Fix(fmt.Errorf("%s: %q is not a table name", file, m.Name), "use a-z, 0-9 and _")
	}
	if err := readHeader(m); err != nil {
		return nil, err
	}
	if err := lint(file, text); err != nil {
		return nil, err
	}
	var err error
	if m.Reads, err = warehouse.Tables(ctx, db, text); err != nil {
		return nil, tributary.Fix(fmt.Errorf("%s: %w", file, err),
			"a model is one plain SELECT: no PIVOT, no second statement, no DDL")
	}
	// Inside a recursion the engine calls what was found so far recurring.<name>.
	m.Reads = slices.DeleteFunc(m.Reads, func(t string) bool { return strings.HasPrefix(t, "recurring.") })
	return m, m.walls()
}

// walls keeps data flowing left to right.
func (m *Model) walls() error {
	var faults []error
	mine := slices.Index(steps, m.Step)
	for _, table := range m.Reads {
		step, _, _ := strings.Cut(table, ".")
		at := slices.Index(steps, step)
		switch {
		case step == "fact":
		case at < 0:
			faults = append(faults, guess(fmt.Errorf("%s: reads %s: there is no step %q", m.Path, table, step), step, steps))
		case at > mine:
			faults = append(faults, tributary.Fix(fmt.Errorf("%s: reads %s, which is to its right", m.Path, table),
				"read only "+strings.Join(steps[:mine+1], ", ")+" and fact"))
		case table == m.Table():
			faults = append(faults, fmt.Errorf("%s: reads itself", m.Path))
		}
	}
	return errors.Join(faults...)
}

// check holds the models against each other, the dictionary and the code lists.
func (p *Project) check(tree fs.FS) []error {
	var faults []error
	where := map[string]string{}
	for _, step := range built {
		for _, m := range p.models[step] {
			if first, twice := where[m.Table()]; twice {
				faults = append(faults, fmt.Errorf("%s: %s is made by %s already", m.Path, m.Table(), first))
			}
			where[m.Table()] = m.Path
		}
	}
	for _, step := range built {
		for _, m := range p.models[step] {
			faults = append(faults, m.known(where)...)
			if m.Measure != nil {
				faults = append(faults, p.checkMeasure(tree, m)...)
			}
		}
	}
	return faults
}

// known refuses a table that no file makes. Tables of link are made by the linking engine too.
func (m *Model) known(where map[string]string) []error {
	var faults []error
	for _, table := range m.Reads {
		step, _, _ := strings.Cut(table, ".")
		if step != "core" && step != "measure" && step != "gap" || where[table] != "" {
			continue
		}
		faults = append(faults, guess(fmt.Errorf("%s: reads %s, which no file makes", m.Path, table), table, slices.Sorted(maps.Keys(where))))
	}
	return faults
}

// order puts each model after those it reads; among equals the name decides.
func order(models []*Model) ([]*Model, error) {
	sort.Slice(models, func(i, j int) bool { return models[i].Name < models[j].Name })
	byTable := map[string]*Model{}
	for _, m := range models {
		byTable[m.Table()] = m
	}
	done, open := map[*Model]bool{}, []*Model{}
	var out []*Model
	var visit func(m *Model) error
	visit = func(m *Model) error {
		if done[m] {
			return nil
		}
		if at := slices.Index(open, m); at >= 0 {
			names := []string{}
			for _, o := range append(open[at:], m) {
				names = append(names, o.Table())
			}
			return tributary.Fix(fmt.Errorf("models read each other in a circle: %s", strings.Join(names, " reads ")),
				"move what both need into a model of its own")
		}
		open = append(open, m)
		for _, table := range m.Reads {
			if other := byTable[table]; other != nil {
				if err := visit(other); err != nil {
					return err
				}
			}
		}
		open = open[:len(open)-1]
		done[m] = true
		out = append(out, m)
		return nil
	}
	for _, m := range models {
		if err := visit(m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Models returns the models of a step in the order in which they run.
func (p *Project) Models(step string) []*Model { return slices.Clone(p.models[step]) }

// Measure returns the model of a measure, or nil and the id that was probably meant.
func (p *Project) Measure(id string) (m *Model, meant string) {
	ids := []string{}
	for _, m := range p.models["measure"] {
		if m.Measure != nil {
			if m.Name == id {
				return m, ""
			}
			ids = append(ids, m.Name)
		}
	}
	return nil, config.Guess(id, ids)
}

// Fingerprint covers all of the SQL tree that decides a step's tables.
func (p *Project) Fingerprint(step string) string {
	parts := []string{builder, p.meanings}
	for _, m := range p.models[step] {
		parts = append(parts, m.Path, m.SQL)
		if m.Measure == nil {
			continue
		}
		for _, b := range m.Measure.By {
			for _, c := range p.seeds[b.List] {
				parts = append(parts, b.List, c.Code, c.Name, c.NameFR)
			}
		}
	}
	return warehouse.Fingerprint(parts...)
}
