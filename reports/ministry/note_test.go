package ministry_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/ministry"
)

func part(t *testing.T, content []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const hostile = `=HYPERLINK("http://example.invalid") two coordinators on leave`

func TestReadNotes_untouchedIsNotEdited(t *testing.T) {
	t.Parallel()
	content, _ := write(t, fixture(t), "en")
	notes, edited, err := ministry.ReadNotes(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if edited {
		t.Error("an untouched workbook counts as edited")
	}
	want := []ministry.Note{{CellID: "csp_plans_shared@2025-26Q2", Field: "cause", Text: hostile}}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Error(diff)
	}
}

// A person writes, clears, puts a date in a date cell and inserts rows above: all comes back.
func TestReadNotes_readsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	content, _ := write(t, fixture(t), "fr")
	f := open(t, content)
	const sheet = "Cibles et écarts"
	fill := func(name string, value any) {
		for _, n := range f.GetDefinedName() {
			if strings.HasPrefix(n.Name, "entry.") && strings.HasSuffix(n.Name, name) {
				where, cell, _ := strings.Cut(n.RefersTo, "!")
				if err := f.SetCellValue(strings.Trim(where, "'"), strings.ReplaceAll(cell, "$", ""), value); err != nil {
					t.Fatal(err)
				}
				return
			}
		}
		t.Fatalf("no marked cell %s", name)
	}
	fill("prepared_by", "A. Analyste")
	fill("cause", "")
	fill("catch_up_on", 46022) // as Excel keeps 31 December 2025
	if err := f.InsertRows(sheet, 4, 3); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	notes, edited, err := ministry.ReadNotes(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !edited {
		t.Error("an edited workbook counts as untouched")
	}
	want := []ministry.Note{
		{CellID: "workbook@2025-26Q2", Field: "prepared_by", Text: "A. Analyste", Changed: true},
		{CellID: "csp_plans_shared@2025-26Q2", Field: "cause", Changed: true},
		{CellID: "csp_plans_shared@2025-26Q2", Field: "catch_up_on", Text: "2025-12-31", Changed: true},
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Error(diff)
	}
}

func TestReadNotes_notOurs(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, _, err := ministry.ReadNotes(&b)
	if err == nil || !strings.Contains(err.Error(), "not a ministry workbook of ours") || tributary.FixOf(err) == "" {
		t.Errorf("error %v, fix %q", err, tributary.FixOf(err))
	}
	if _, _, err := ministry.ReadNotes(strings.NewReader("not a zip")); err == nil {
		t.Error("text counts as a workbook")
	}
}
