package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestNotes_typedIntoTheWorkbook edits a marked cell as an analyst does in Excel: the words become a
// fact, the edited workbook stays as it is, and the new one stands beside it.
func TestNotes_typedIntoTheWorkbook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	twoAgencies(t, dir)
	must(t, dir, "run")
	book := filepath.Join(dir, "out", "2025-26Q1", "ministry-en.xlsx")
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	typed := 0
	for _, n := range f.GetDefinedName() {
		if strings.HasSuffix(n.Name, ".prepared_by") {
			sheet, cell, _ := strings.Cut(n.RefersTo, "!")
			sheet, cell = strings.Trim(sheet, "='"), strings.ReplaceAll(cell, "$", "")
			if err := f.SetCellStr(sheet, cell, "A. Analyst"); err != nil {
				t.Fatal(err)
			}
			typed++
		}
	}
	if typed != 1 {
		t.Fatalf("found %d cells for prepared by, want 1", typed)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	edited, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}

	out := must(t, dir, "run")
	if !strings.Contains(out, "ministry-en (2).xlsx") {
		t.Errorf("the new workbook is not beside the edited one:\n%s", out)
	}
	if now, _ := os.ReadFile(book); string(now) != string(edited) {
		t.Error("the edited workbook was overwritten")
	}
	if note := must(t, dir, "sql", "--csv", "select text, who from release.note"); !strings.Contains(note, "A. Analyst,analyst") {
		t.Errorf("got notes %q", note)
	}
	if out := must(t, dir, "run"); !strings.Contains(out, "nothing has changed") {
		t.Errorf("an edited workbook is taken for news again:\n%s", out)
	}
}
