package model

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what came out into the txtar files")

const sqlRoot = "../../sql"

func embedded(t *testing.T) *bench {
	t.Helper()
	p, err := Load(os.DirFS(sqlRoot))
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Project: p}
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
	shapes, err := p.shapesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// What ties a client to a household is a text; it never leaves link.
	second := map[string]string{"link.tie.value": "varchar"}
	for _, table := range slices.Sorted(maps.Keys(shapes)) {
		step, _, _ := strings.Cut(table, ".")
		// The engine's working set is no noun: hashes and signatures, described where they are made.
		if !slices.Contains(built, step) || table == "link.record" {
			continue
		}
		for _, f := range shapes[table] {
			word, ok := p.words.Columns[f.name]
			kind := strings.ToLower(f.kind)
			switch {
			case !ok:
				t.Errorf("%s.%s is not in sql/columns.yaml; its type is %s", table, f.name, kind)
			case kind != word.Type && kind != second[table+"."+f.name] && !strings.HasSuffix(f.name, "_address"):
				t.Errorf("%s.%s is %s, the dictionary says %s", table, f.name, kind, word.Type)
			case word.Private && step == "measure":
				t.Errorf("%s.%s is private and must not be right of link", table, f.name)
			}
		}
	}
}
