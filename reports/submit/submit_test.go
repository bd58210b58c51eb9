package submit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

func TestPrepare_numbersAndNeverReplaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	book := filepath.Join(dir, "ministry-en.xlsx")
	if err := os.WriteFile(book, []byte("numbers"), 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "submissions")
	files := []File{{Path: book, Name: "ministry-en.xlsx"}}
	first, _, err := Prepare(root, q, "test", files, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(book, []byte("other numbers"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, m, err := Prepare(root, q, "test", files, nil)
	if err != nil || m.Submission != "2025-26Q2-2" || second == first {
		t.Fatal(second, m, err)
	}
	if again, _, err := Prepare(root, q, "test", files, nil); err != nil || again != second {
		t.Errorf("the same files again made %s, %v", again, err)
	}
	kept, _ := os.ReadFile(filepath.Join(first, "bundle", "ministry-en.xlsx"))
	if string(kept) != "numbers" {
		t.Errorf("the first submission now says %q", kept)
	}
	if differ, err := Verify(first); err != nil || len(differ) > 0 {
		t.Error(differ, err)
	}
	if err := os.WriteFile(filepath.Join(first, "bundle", "ministry-en.xlsx"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(first, "proof", "ministry-en.xlsx")); err != nil {
		t.Fatal(err)
	}
	differ, err := Verify(first)
	want := []string{"bundle/ministry-en.xlsx: is not as it was prepared", "proof/ministry-en.xlsx: is gone"}
	if diff := cmp.Diff(differ, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestPrepare_leavesNothingWhenAFileIsGone(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	q, _ := tributary.ParseQuarter("2025-26Q2")
	_, _, err := Prepare(root, q, "test", []File{{Path: filepath.Join(root, "no.xlsx"), Name: "no.xlsx"}}, nil)
	if err == nil {
		t.Fatal("prepared a file that is not there")
	}
	if left, _ := os.ReadDir(root); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
