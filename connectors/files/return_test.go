package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"tributary/connectors"
)

func TestReturn(t *testing.T) {
	t.Parallel()
	root, q := t.TempDir(), quarter(t)
	c := mustNew(t, Config{Root: root, Path: "{agency}/{q}"})
	put := func(over, text string) error {
		return c.Return(t.Context(), "AA", q, connectors.FeedbackFolder, "letter.xlsx", over, strings.NewReader(text))
	}
	if err := put("", "one"); !errors.Is(err, connectors.ErrNotReady) {
		t.Fatalf("got %v, want ErrNotReady where the agency has no folder", err)
	}
	write(t, filepath.Join(root, "AA", "Q1", "a.csv"), []byte("x"))
	at := filepath.Join(root, "AA", "Q1", "feedback", "letter.xlsx")
	for _, step := range []struct {
		what, over, text, there string
		want                    error
	}{
		{"new", "", "one", "one", nil},
		{"the same again", "", "one", "one", nil},
		{"other content, nothing said", "", "two", "one", connectors.ErrOccupied},
		{"other content, over ours", sum([]byte("one")), "two", "two", nil},
		{"over what is gone", sum([]byte("one")), "three", "two", connectors.ErrOccupied},
	} {
		if err := put(step.over, step.text); !errors.Is(err, step.want) {
			t.Errorf("%s: got %v, want %v", step.what, err, step.want)
		}
		if got, _ := os.ReadFile(at); string(got) != step.there {
			t.Errorf("%s: %q lies there, want %q", step.what, got, step.there)
		}
	}
	// A reader that ends half way leaves what was there, and nothing beside it.
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut")))
	if err := c.Return(t.Context(), "AA", q, connectors.FeedbackFolder, "letter.xlsx", sum([]byte("two")), broken); err == nil {
		t.Error("a broken reader was taken")
	}
	entries, err := os.ReadDir(filepath.Dir(at))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
	r, err := c.Returned(t.Context(), "AA", q, connectors.FeedbackFolder, "letter.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(data) != "two" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := c.Returned(t.Context(), "AA", q, connectors.FeedbackFolder, "other.xlsx"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if err := c.Withdraw(t.Context(), "AA", q, connectors.FeedbackFolder, "letter.xlsx", "x"); !errors.Is(err, connectors.ErrOccupied) {
		t.Errorf("got %v, want ErrOccupied", err)
	}
	for range 2 {
		if err := c.Withdraw(t.Context(), "AA", q, connectors.FeedbackFolder, "letter.xlsx", sum([]byte("two"))); err != nil {
			t.Error(err)
		}
	}
}

func TestReturn_staysInFoldersOfOurs(t *testing.T) {
	t.Parallel()
	root, q := t.TempDir(), quarter(t)
	write(t, filepath.Join(root, "AA", "a.csv"), []byte("x"))
	c := mustNew(t, Config{Root: root, Path: "AA"})
	for _, at := range [][2]string{{"", "a.csv"}, {"feedback", "../a.csv"}, {"feedback", ".."}, {"..", "x"}, {"trial", "a.csv"}, {"feedback", ""}} {
		if err := c.Return(t.Context(), "AA", q, at[0], at[1], sum([]byte("x")), strings.NewReader("y")); err == nil {
			t.Errorf("%q was taken", at)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(root, "AA", "a.csv")); string(got) != "x" {
		t.Errorf("the agency's file holds %q", got)
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	root, q := t.TempDir(), quarter(t)
	write(t, filepath.Join(root, "AA", "a.csv"), []byte("x"))
	c := mustNew(t, Config{Root: root, Path: "AA"})
	in, err := connectors.OpenInbox(t.TempDir(), "AA", q)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := c.Trial(t.Context(), "AA", q, in); !errors.Is(err, connectors.ErrNotReady) {
		t.Errorf("got %v, want ErrNotReady", err)
	}
	write(t, filepath.Join(root, "AA", "trial", "b.csv"), []byte("y"))
	write(t, filepath.Join(root, "AA", "trial", "answers", "letter.xlsx"), []byte("z"))
	if err := c.Trial(t.Context(), "AA", q, in); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	// Nothing of the trial is in a delivery.
	receipt, err := connectors.Pull(t.Context(), c, t.TempDir(), "AA", q)
	if diff := cmp.Diff([]string{"a.csv"}, receipt.Files); err != nil || diff != "" || len(receipt.Skipped) > 0 {
		t.Errorf("%v, skipped %v (-want +got)\n%s", err, receipt.Skipped, diff)
	}
}
