package model

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"

	"tributary"
)

// dictionary is sql/columns.yaml and sql/tables.yaml.
type dictionary struct {
	columns map[string]column
	tables  map[string]table
	text    string
}

type column struct {
	Type      string `yaml:"type"`
	Meaning   string `yaml:"meaning"`
	List      string `yaml:"list"`
	Private   bool   `yaml:"private"`
	Forbidden bool   `yaml:"forbidden"`
}

type table struct {
	Key     []string          `yaml:"key"`
	Lists   map[string]string `yaml:"lists"`
	Columns []string          `yaml:"columns"`
}

// code is one line of a seed.
type code struct{ code, name, nameFR string }

func readDictionary(tree fs.FS) (*dictionary, error) {
	d := &dictionary{}
	for file, into := range map[string]any{"columns.yaml": &d.columns, "tables.yaml": &d.tables} {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if file == "columns.yaml" {
			d.text = string(text)
		}
	}
	return d, nil
}

// canonical returns the columns of a canonical table as stage has them, in order.
func (d *dictionary) canonical(name string) []string {
	t, ok := d.tables[name]
	if !ok {
		return nil
	}
	columns := append([]string{"agency"}, t.Columns...)
	return append(columns, "quarter", "as_of", "file_kind", "is_superseded", "_address")
}

// checkMeasure proves what a measure's header names: evidence, rules, code lists.
func (p *Project) checkMeasure(tree fs.FS, m *Model) []error {
	var faults []error
	tables := make([]string, 0, len(p.words.tables))
	for name := range p.words.tables {
		tables = append(tables, name)
	}
	sort.Strings(tables)
	for _, evidence := range m.Measure.Evidence {
		name, col, _ := strings.Cut(evidence, ".")
		t, ok := p.words.tables[name]
		switch {
		case !ok:
			faults = append(faults, guess(fmt.Errorf("%s: evidence %s: there is no table %q", m.Path, evidence, name), name, tables))
		case !slices.Contains(t.Columns, col):
			faults = append(faults, guess(fmt.Errorf("%s: evidence %s: %s has no column %q", m.Path, evidence, name, col), col, t.Columns))
		}
	}
	for _, b := range m.Measure.By {
		if b.List == "" || p.seeds[b.List] != nil {
			continue
		}
		codes, err := readSeed(tree, b.List)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: list %s: %w", m.Path, b.List, err))
			continue
		}
		p.seeds[b.List] = codes
	}
	return faults
}

func readSeed(tree fs.FS, list string) (codes []code, err error) {
	f, err := tree.Open("seed/" + list + ".csv")
	if err != nil {
		return nil, tributary.Fix(err, "name a file of sql/seed")
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) < 3 || rows[0][0] != "code" || rows[0][1] != "name" || rows[0][2] != "name_fr" {
		return nil, fmt.Errorf("seed/%s.csv does not begin with the columns code, name, name_fr", list)
	}
	for _, row := range rows[1:] {
		codes = append(codes, code{row[0], row[1], row[2]})
	}
	return codes, nil
}
