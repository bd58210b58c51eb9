package pipelines

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestExampleSources loads each workspace of examples/sources: its files are understood and its source is
// complete. Nothing is asked of any server.
func TestExampleSources(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("../examples/sources/*/tributary.yaml")
	if err != nil || len(found) < 8 {
		t.Fatalf("%d examples: %v", len(found), err)
	}
	for _, file := range found {
		from := filepath.Dir(file)
		t.Run(filepath.Base(from), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "area")
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			asked := 0
			w, err := Open(t.Context(), dir, Options{Now: time.Now, Secret: func(string) (string, error) { asked++; return "x", nil }})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			a, err := w.Agency("AGY")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.connector(a); err != nil {
				t.Error(err)
			}
			if want := filepath.Base(from) != "folder"; (asked > 0) != want {
				t.Errorf("%d secrets were asked for", asked)
			}
		})
	}
}
