package mapping

import (
	"io/fs"
	"strings"

	"tributary/pipelines/config"
	"tributary/sql"
)

// dictionary is the program's own, with the codes of every list.
type dictionary struct {
	*config.Dictionary
	lists map[string]map[string]bool
}

func readDictionary() (*dictionary, error) {
	words, err := config.ReadDictionary(sql.FS)
	if err != nil {
		return nil, err
	}
	d := &dictionary{Dictionary: words, lists: map[string]map[string]bool{}}
	seeds, err := fs.Glob(sql.FS, "seed/*.csv")
	if err != nil {
		return nil, err
	}
	for _, name := range seeds {
		list := strings.TrimSuffix(base(name), ".csv")
		codes, err := config.ReadCodes(sql.FS, list)
		if err != nil {
			return nil, err
		}
		d.lists[list] = map[string]bool{}
		for _, c := range codes {
			d.lists[list][c.Code] = true
		}
	}
	return d, nil
}

// coded reports whether a column's values must be codes of a seed. Municipalities come from the
// workspace's own list instead.
func (d *dictionary) coded(table, column string) (map[string]bool, string) {
	name := d.List(table, column)
	return d.lists[name], name
}

// number is the column of a key that counts rows in the order of the file when no mapping gives it.
func (d *dictionary) number(table string) string {
	for _, k := range d.Tables[table].Key {
		if d.Columns[k].Type == "integer" {
			return k
		}
	}
	return ""
}
