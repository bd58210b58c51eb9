package mapping

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"

	"tributary/pipelines/config"
	"tributary/sql"
)

// dictionary is what sql/tables.yaml, columns.yaml and seed/ say: which tables and columns exist, of
// which type, with which codes.
type dictionary struct {
	tables  map[string]canonical
	columns map[string]columnRule
	lists   map[string]map[string]bool
}

type canonical struct {
	Key     []string          `yaml:"key"`
	Lists   map[string]string `yaml:"lists"`
	Columns []string          `yaml:"columns"`
}

type columnRule struct {
	Type      string `yaml:"type"`
	Meaning   string `yaml:"meaning"`
	List      string `yaml:"list"`
	Private   bool   `yaml:"private"`
	Forbidden bool   `yaml:"forbidden"`
}

func readDictionary() (*dictionary, error) {
	d := &dictionary{lists: map[string]map[string]bool{}}
	for name, into := range map[string]any{"tables.yaml": &d.tables, "columns.yaml": &d.columns} {
		data, err := sql.FS.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := config.Decode("sql/"+name, data, into); err != nil {
			return nil, err
		}
	}
	seeds, err := fs.Glob(sql.FS, "seed/*.csv")
	if err != nil {
		return nil, err
	}
	for _, name := range seeds {
		f, err := sql.FS.Open(name)
		if err != nil {
			return nil, err
		}
		records, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("sql/%s: %w", name, err)
		}
		codes := map[string]bool{}
		for _, r := range records[1:] {
			codes[r[0]] = true
		}
		d.lists[strings.TrimSuffix(base(name), ".csv")] = codes
	}
	return d, nil
}

// list names the code list of a column in a table; "" when it has none here.
func (d *dictionary) list(table, column string) string {
	if l, ok := d.tables[table].Lists[column]; ok {
		return l
	}
	return d.columns[column].List
}

// coded reports whether a column's values must be codes of a seed. Municipalities come from the
// workspace's own list instead.
func (d *dictionary) coded(table, column string) (map[string]bool, string) {
	name := d.list(table, column)
	return d.lists[name], name
}

// number is the column of a key that counts rows in the order of the file when no mapping gives it.
func (d *dictionary) number(table string) string {
	for _, k := range d.tables[table].Key {
		if d.columns[k].Type == "integer" {
			return k
		}
	}
	return ""
}
