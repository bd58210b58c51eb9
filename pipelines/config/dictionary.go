package config

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"

	"tributary"
)

// Dictionary is what a SQL tree says of its words: columns.yaml and tables.yaml.
type Dictionary struct {
	Columns map[string]Column
	Tables  map[string]Table
}

// Column is a word of columns.yaml. It means the same wherever it stands.
type Column struct {
	Type    string `yaml:"type"`
	Meaning string `yaml:"meaning"`
	// List is the seed that has its codes.
	List string `yaml:"list"`
	// Private columns stay left of measure; forbidden ones are held only by stated authority.
	Private   bool `yaml:"private"`
	Forbidden bool `yaml:"forbidden"`
}

// Table is a canonical table of tables.yaml.
type Table struct {
	Key     []string `yaml:"key"`
	Columns []string `yaml:"columns"`
	// Lists are the seeds of columns that have other codes here than elsewhere.
	Lists map[string]string `yaml:"lists"`
}

// Code is one line of a seed.
type Code struct{ Code, Name, NameFR string }

// ReadDictionary reads columns.yaml and tables.yaml of a SQL tree.
func ReadDictionary(tree fs.FS) (*Dictionary, error) {
	d := &Dictionary{}
	for _, part := range []struct {
		name string
		into any
	}{{"columns.yaml", &d.Columns}, {"tables.yaml", &d.Tables}} {
		data, err := fs.ReadFile(tree, part.name)
		if err != nil {
			return nil, err
		}
		if err := Decode("sql/"+part.name, data, part.into); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// List names the seed that has the codes of a column in a table; "" when there is none.
func (d *Dictionary) List(table, column string) string {
	if list, ok := d.Tables[table].Lists[column]; ok {
		return list
	}
	return d.Columns[column].List
}

// ReadCodes reads the seed of that name, in its order.
func ReadCodes(tree fs.FS, list string) ([]Code, error) {
	name := "seed/" + list + ".csv"
	f, err := tree.Open(name)
	if err != nil {
		return nil, tributary.Fix(err, "name a file of sql/seed")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("sql/%s: %w", name, err)
	}
	if len(rows) == 0 || len(rows[0]) < 3 || !slices.Equal(rows[0][:3], []string{"code", "name", "name_fr"}) {
		return nil, fmt.Errorf("sql/%s: does not begin with the columns code, name, name_fr", name)
	}
	codes := make([]Code, 0, len(rows)-1)
	for _, row := range rows[1:] {
		codes = append(codes, Code{row[0], row[1], row[2]})
	}
	return codes, nil
}
