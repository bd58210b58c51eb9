package connectors_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/connectors"
)

func TestPut_namesStayPlain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "..", "../x", "/etc/passwd", `..\x`, "a/b", ".hidden", "C:x", "a\nb",
		strings.Repeat("x", 201)} {
		in := open(t, t.TempDir())
		if err := in.Put(name, strings.NewReader("x")); err == nil {
			t.Errorf("%q was taken", name)
		}
		if err := in.Commit(); err == nil {
			t.Errorf("commit after the refused name %q", name)
		}
	}
}

func TestPut_sameNameInOtherCapitals(t *testing.T) {
	t.Parallel()
	in := open(t, t.TempDir())
	if err := in.Put("a.csv", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := in.Put("A.CSV", strings.NewReader("y")); err == nil {
		t.Error("A.CSV was taken beside a.csv")
	}
}

func TestCommit_nothingAfterATruncatedStream(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	if err := in.Put("good.csv", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	want := errors.New("connection lost")
	if err := in.Put("bad.csv", iotest.TimeoutReader(iotest.ErrReader(want))); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	// The connector swallows the error; the inbox does not.
	if err := in.Commit(); !errors.Is(err, want) {
		t.Errorf("commit: got %v, want %v", err, want)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if got := visible(t, dir); len(got) != 0 {
		t.Errorf("visible: %v", got)
	}
}

func TestInbox_nothingVisibleBeforeCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	if err := in.Put("a.csv", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if got := visible(t, dir); len(got) != 0 {
		t.Errorf("visible before commit: %v", got)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.csv"}, visible(t, dir)); diff != "" {
		t.Errorf("after commit (-want +got):\n%s", diff)
	}
	if err := in.Put("b.csv", strings.NewReader("x")); err == nil {
		t.Error("a file was taken after commit")
	}
}

// heedless is a connector that does not look at its context.
type heedless struct{}

func (heedless) Pull(_ context.Context, _ string, _ tributary.Quarter, in *connectors.Inbox) error {
	return in.Put("a.csv", strings.NewReader("x"))
}

func TestPull_nothingVisibleAfterCancelEvenIfTheConnectorDidNotLook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := connectors.Pull(ctx, heedless{}, dir, "AA", tributary.QuarterOf(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := visible(t, dir); len(got) != 0 {
		t.Errorf("visible: %v", got)
	}
}

func TestOpenInbox_bringsBackWhatAKilledCommitSetAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	if err := errors.Join(in.Put("a.csv", strings.NewReader("x")), in.Commit(), in.Close()); err != nil {
		t.Fatal(err)
	}
	// The state between the two renames, and a half-written pull beside it.
	place := filepath.Join(dir, "AA", "2025-26Q1")
	if err := os.Rename(place, filepath.Join(dir, ".AA-2025-26Q1-old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".AA-2025-26Q1-tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.csv"}, visible(t, dir)); diff != "" {
		t.Errorf("after the kill (-want +got):\n%s", diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d entries in the inbox, want AA only", len(entries))
	}
}

func TestInbox_filesAreForTheOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	if err := errors.Join(in.Put("a.csv", strings.NewReader("x")), in.Commit(), in.Close()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"AA": 0o700, "AA/2025-26Q1": 0o700, "AA/2025-26Q1/a.csv": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func open(t *testing.T, dir string) *connectors.Inbox {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	in, err := connectors.OpenInbox(dir, "AA", q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func visible(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "AA", "2025-26Q1"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
