package feedback

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet/sheettest"
)

func sample(t testing.TB, lang string) Letter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	item := func(id, client string, s tributary.Severity) Item {
		return Item{Key: id, Client: client, Date: time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC), Message: "Not a date. Correct the date.", Severity: s, Value: "=1+1",
			File: "clients.xlsx", Sheet: "Children", Row: 4, Column: "Born", Check: "bad_date"}
	}
	return Letter{Language: lang, Agency: "Elm House", AgencyCode: "ELM", From: "Test Centre", Quarter: q, State: "accepted_with_findings",
		Causes: []Cause{{Key: "bad_date|Born", Severity: tributary.PleaseConfirm, Name: "Not a date", Fix: "correct the date", Column: "Born", Rows: 43210, Listed: 3}},
		Few:    1, Explained: 43210, All: 43211, Bridge: []Step{{Label: "Rows", Count: 43212, IsTotal: true}},
		Items: []Item{item("aa", "c1", tributary.PleaseConfirm), item("bb", "c2", tributary.PleaseConfirm), item("cc", "c3", tributary.SetsAside)}}
}

func written(t testing.TB, l Letter) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, l); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// typed returns the workbook with words typed into cells.
func typed(t testing.TB, book []byte, sheet string, cells map[string]string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at, v := range cells {
		if err := f.SetCellStr(sheet, at, v); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWrite_sameFactsSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(written(t, sample(t, "fr")), written(t, sample(t, "fr"))) {
		t.Error("two letters of the same facts differ")
	}
}

func TestWrite_nothingRunsAndFoldsAreSaid(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, sample(t, "fr"))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list := words["list"][1]
	if formula, err := f.GetCellFormula(list, "F4"); err != nil || formula != "" {
		t.Errorf("the agency's text became the formula %q, %v", formula, err)
	}
	if title, err := f.GetCellValue(list, "B1"); err != nil || title != "À corriger ou confirmer : 3" {
		t.Errorf("the list is called %q, %v", title, err)
	}
	rows, err := f.GetRows(words["summary"][1])
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(rows)
	for _, want := range []string{"Acceptée, avec constats", "0 à corriger, 43\u00a0210 à confirmer", "1 cause sur 1 explique", "énumérées : 3"} {
		if !strings.Contains(all, want) {
			t.Errorf("the summary lacks %q:\n%s", want, all)
		}
	}
}

func TestWrite_cleanIsAnUnambiguousZero(t *testing.T) {
	t.Parallel()
	l := sample(t, "en")
	l.State, l.Causes, l.Items = "accepted", nil, nil
	f, err := excelize.OpenReader(bytes.NewReader(written(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Summary")
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprint(rows); !strings.Contains(all, words["zero"][0]) || strings.Contains(all, words["first"][0]) {
		t.Errorf("got %s", all)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	// The rows of the list begin at 4; L, M and N are the answers.
	tests := []struct {
		name, sheet string
		cells       map[string]string
		want        []Answer
		fault       string
	}{
		{name: "nothing typed"},
		{name: "a value", sheet: "list", cells: map[string]string{"L4": "2013-05-31"}, want: []Answer{{Finding: "aa", Value: "2013-05-31", Row: 4}}},
		{name: "a yes with its reason", sheet: "list", cells: map[string]string{"M5": "Oui", "N5": "vu"}, want: []Answer{{Finding: "bb", Confirmed: true, Why: "vu", Row: 5}}},
		{name: "only words", sheet: "list", cells: map[string]string{"N4": "later"}, want: []Answer{{Finding: "aa", Why: "later", Row: 4}}},
		{name: "a no says nothing", sheet: "list", cells: map[string]string{"M4": "no"}},
		{name: "a yes without a reason", sheet: "list", cells: map[string]string{"M4": "yes"}, fault: "a reason is missing"},
		{name: "a yes and a value", sheet: "list", cells: map[string]string{"L4": "x", "M4": "yes", "N4": "y"}, fault: "a corrected value stands beside it"},
		{name: "neither yes nor no", sheet: "list", cells: map[string]string{"M4": "perhaps"}, fault: "neither yes nor empty"},
		{name: "a key typed over", sheet: "list", cells: map[string]string{"A4": "finding zz#00000000", "L4": "x"}, fault: "the row does not go with its hidden key"},
		{name: "sorted without the keys", sheet: "list", cells: map[string]string{"B4": "c2", "B5": "c1", "L4": "x"}, fault: "row 4: the row does not go with its hidden key"},
		{name: "another file's row", sheet: "list", cells: map[string]string{"G4": "other.xlsx", "L4": "x"}, fault: "the row does not go with its hidden key"},
		{name: "headings gone", sheet: "list", cells: map[string]string{"M3": "", "L4": "x"}, fault: "the headings of the answers are gone"},
	}
	for _, lang := range []string{"en", "fr"} {
		book := written(t, sample(t, lang))
		for _, tt := range tests {
			t.Run(lang+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				data := book
				if tt.sheet != "" {
					data = typed(t, book, wordIn(lang, tt.sheet), tt.cells)
				}
				got, err := Read(bytes.NewReader(data), int64(len(data)))
				if tt.fault != "" {
					if err == nil || !strings.Contains(err.Error(), tt.fault) {
						t.Errorf("got %v, want the fault %q", err, tt.fault)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for i := range got.Answers {
					got.Answers[i].Sheet = ""
				}
				if diff := cmp.Diff(tt.want, got.Answers); diff != "" || got.Agency != "ELM" || got.Quarter != "2025-26Q1" {
					t.Errorf("%s %s (-want +got)\n%s", got.Agency, got.Quarter, diff)
				}
			})
		}
	}
}

// A column and rows that somebody put in, and rows that were sorted with their keys, leave each answer where it belongs.
func TestRead_movedRows(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "fr"} {
		f, err := excelize.OpenReader(bytes.NewReader(typed(t, written(t, sample(t, lang)), wordIn(lang, "list"), map[string]string{"L4": "2013-05-31", "N5": "later"})))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		list := wordIn(lang, "list")
		for _, err := range []error{f.UnprotectSheet(list), f.DuplicateRowTo(list, 4, 6), f.RemoveRow(list, 4), f.InsertRows(list, 4, 2), f.InsertCols(list, "H", 1)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := f.Write(&out); err != nil {
			t.Fatal(err)
		}
		got, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
		want := []Answer{{Finding: "bb", Why: "later", Sheet: list, Row: 6}, {Finding: "aa", Value: "2013-05-31", Sheet: list, Row: 7}}
		if diff := cmp.Diff(want, got.Answers); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", lang, err, diff)
		}
	}
}

// Whoever sorts the list by its filter sorts the keys with it.
func TestWrite_filterHoldsTheKeys(t *testing.T) {
	t.Parallel()
	part := sheettest.Part(written(t, sample(t, "en")), "xl/worksheets/sheet2.xml")
	if !bytes.Contains(part, []byte(`<autoFilter ref="A3:N6"`)) && !bytes.Contains(part, []byte(`<autoFilter ref="$A$3:$N$6"`)) {
		t.Error("the filter of the list leaves column A out")
	}
}

func TestRead_allOfACause(t *testing.T) {
	t.Parallel()
	book := written(t, sample(t, "en"))
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Summary")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) > 0 && strings.HasPrefix(row[0], "cause ") {
			data := typed(t, book, "Summary", map[string]string{fmt.Sprint("H", i+1): "yes", fmt.Sprint("I", i+1): "all adults"})
			got, err := Read(bytes.NewReader(data), int64(len(data)))
			want := []Answer{{Cause: "bad_date|Born", Confirmed: true, Why: "all adults", Sheet: "Summary", Row: i + 1}}
			if diff := cmp.Diff(want, got.Answers); diff != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
			return
		}
	}
	t.Error("the summary has no row of a cause")
}

func TestRead_anotherWorkbook(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bytes.NewReader(out.Bytes()), int64(out.Len())); !errors.Is(err, ErrNotLetter) {
		t.Errorf("got %v, want ErrNotLetter", err)
	}
	letter := written(t, sample(t, "en"))
	for want, data := range map[bool][]byte{false: out.Bytes(), true: letter} {
		if got := IsLetter(bytes.NewReader(data), int64(len(data))); got != want {
			t.Errorf("IsLetter: got %v, want %v", got, want)
		}
	}
	if IsLetter(strings.NewReader("No,Born\n"), 8) {
		t.Error("a text file is taken for a letter")
	}
}

func TestWriteCopy_keepsTextAndRowNumbers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := WriteCopy(&out, t.TempDir(), []Sheet{{Name: SheetName("a/b:c"), Columns: 2, Rows: func(put func(int, []string) error) error {
		return errors.Join(put(1, []string{"No", "Born"}), put(3, []string{"001", "=1+1"}))
	}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("a-b-c")
	want := [][]string{{"No", "Born"}, nil, {"001", "=1+1"}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if formula, _ := f.GetCellFormula("a-b-c", "B3"); formula != "" {
		t.Error("text became a formula")
	}
}
