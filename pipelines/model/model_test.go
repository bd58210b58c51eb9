package model

import (
	"flag"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tributary/pipelines/warehouse"
)

var update = flag.Bool("update", false, "write what came out into the txtar files")

const sqlRoot = "../../sql"

func embedded(t *testing.T) *Project {
	t.Helper()
	p, err := Load(os.DirFS(sqlRoot))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFiles runs the test beside each SQL model.
func TestFiles(t *testing.T) {
	t.Parallel()
	p := embedded(t)
	tree := os.DirFS(sqlRoot)
	for _, step := range built {
		for _, m := range p.Models(step) {
			t.Run(m.Table(), func(t *testing.T) {
				t.Parallel()
				file := strings.TrimSuffix(m.Path, ".sql") + ".txtar"
				want, err := fs.ReadFile(tree, file)
				if err != nil {
					t.Fatalf("a model without a test: %v", err)
				}
				got, err := p.Try(t.Context(), file, want)
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					if err := os.WriteFile(filepath.Join(sqlRoot, file), got, 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file, diff)
				}
			})
		}
	}
}

// TestDictionary_knowsEveryColumn holds every column from core on against sql/columns.yaml.
func TestDictionary_knowsEveryColumn(t *testing.T) {
	t.Parallel()
	p := embedded(t)
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tr := trial{project: p, db: db, given: map[string]bool{}}
	if err := tr.fill(t.Context(), txtar.Parse([]byte("x\n-- want.csv --\nx\n"))); err != nil {
		t.Fatal(err)
	}
	for _, step := range built {
		if err := p.Run(t.Context(), db, step, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query(t.Context(), `select database_name || '.' || table_name, column_name, lower(data_type)
		from duckdb_columns() where database_name in ('core', 'link', 'measure') order by all`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, name, kind string
		if err := rows.Scan(&table, &name, &kind); err != nil {
			t.Fatal(err)
		}
		word, ok := p.words.columns[name]
		if !ok {
			t.Errorf("%s.%s is not in sql/columns.yaml; its type is %s", table, name, kind)
			continue
		}
		if kind != word.Type && name != "_address" && name != "_plan_address" {
			t.Errorf("%s.%s is %s, the dictionary says %s", table, name, kind, word.Type)
		}
		if word.Private && strings.HasPrefix(table, "measure.") {
			t.Errorf("%s.%s is private and must not be right of link", table, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
