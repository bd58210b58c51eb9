//go:build unix

package files

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary/connectors"
)

// Seen 2026-11-21: a named pipe in the drop stopped the run for ever.
func TestPull_pipeIsLeftBehind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "AA", "a.csv"), []byte("x"))
	if err := syscall.Mkfifo(filepath.Join(root, "AA", "b.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	receipt, err := connectors.Pull(t.Context(), mustNew(t, Config{Root: root, Path: "AA"}), t.TempDir(), "AA", quarter(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]connectors.Skipped{{Name: "b.csv", Reason: "not a plain file"}}, receipt.Skipped); diff != "" {
		t.Errorf("skipped differ (-want +got):\n%s", diff)
	}
}
