package mapping

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// TestChecks runs the story beside each check: the tables in, the findings out. The columns file,
// version, sheet and row stand for the parts of _address.
func TestChecks(t *testing.T) {
	t.Parallel()
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.SQL == "" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			data, err := fs.ReadFile(sql.FS, "check/"+c.ID+".txtar")
			if err != nil {
				t.Fatal("a check needs a passing and a failing case beside it:", err)
			}
			story := txtar.Parse(data)
			db, d := openEngine(t), dictionaryOf(t)
			exec(t, db, "attach ':memory:' as stage")
			given := map[string]bool{}
			want := ""
			for _, f := range story.Files {
				if f.Name == "want.csv" {
					want = string(f.Data)
					continue
				}
				table := strings.TrimSuffix(strings.TrimPrefix(f.Name, "stage."), ".csv")
				given[table] = true
				fillTable(t, db, d, table, records(t, f.Data))
			}
			for table := range d.Tables {
				if !given[table] {
					fillTable(t, db, d, table, nil)
				}
			}
			heading, rows, _ := strings.Cut(want, "\n")
			columns := strings.Split(heading, ",")
			for i, col := range columns {
				if slices.Contains([]string{"file", "row"}, col) {
					columns[i] = `_address."` + col + `"`
				}
			}
			got := answer(t, db, fmt.Sprintf("select %s from (%s) order by agency, quarter, _address", strings.Join(columns, ", "), c.SQL))
			if diff := cmp.Diff(rows, strings.ReplaceAll(got, " | ", ",")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func dictionaryOf(t *testing.T) *dictionary {
	t.Helper()
	d, err := readDictionary()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fillTable makes a canonical table from the rows of a story.
func fillTable(t *testing.T, db *warehouse.DB, d *dictionary, table string, rows [][]string) {
	t.Helper()
	create := (&stager{d: d}).tableSQL(table)
	if _, ok := d.Tables[table]; !ok && table != "agency" {
		create = fmt.Sprintf("create table stage.%s (%s varchar, _address %s)", table, strings.Join(rows[0], " varchar, "), addressType)
	}
	exec(t, db, create)
	if len(rows) == 0 {
		return
	}
	for _, r := range rows[1:] {
		var names, values []string
		address := map[string]string{"quarter": "null", "file": "null", "version": "null", "sheet": "null", "row": "null", "path": "null"}
		for i, name := range rows[0] {
			value := "nullif(" + warehouse.Text(r[i]) + ", '')"
			if _, ok := address[name]; ok && name != "quarter" {
				address[name] = value
				continue
			}
			names, values = append(names, name), append(values, value)
		}
		exec(t, db, fmt.Sprintf(`insert into stage.%s (%s, _address) values (%s, {quarter: null, file: %s, version: %s, sheet: %s, "row": %s, path: null})`,
			table, strings.Join(names, ", "), strings.Join(values, ", "), address["file"], address["version"], address["sheet"], address["row"]))
	}
}

func TestCatalogue_faults(t *testing.T) {
	t.Parallel()
	good := "-- One row per client.\n-- check: a\n-- class: row\n-- severity: note\n-- name: A\n-- name_fr: A\n-- fix: A\n-- fix_fr: A\nselect 1\n"
	for name, c := range map[string]struct{ old, new, want string }{
		"good":        {"", "", ""},
		"unknown":     {"-- fix: A", "-- fixx: A", `unknown word "fixx"`},
		"other id":    {"check: a", "check: b", `check "b" is not the file's name`},
		"no French":   {"-- name_fr: A\n", "", "needed in English and French"},
		"severity":    {"severity: note", "severity: bad", `severity "bad" is not known`},
		"other class": {"class: row", "class: rows", `class "rows"`},
	} {
		files := fstest.MapFS{"check/catalogue.yaml": {}, "check/a.sql": {Data: []byte(strings.Replace(good, c.old, c.new, 1))}}
		_, err := catalogue(files)
		if (c.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
