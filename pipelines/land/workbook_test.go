package land

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

// workbook makes the bytes of an .xlsx.
func workbook(t testing.TB, options excelize.Options, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b, options); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func set(t testing.TB, f *excelize.File, sheet string, cells map[string]any) {
	t.Helper()
	for at, v := range cells {
		if err := f.SetCellValue(sheet, at, v); err != nil {
			t.Fatal(err)
		}
	}
}

func style(t testing.TB, f *excelize.File, sheet, at string, s excelize.Style) {
	t.Helper()
	id, err := f.NewStyle(&s)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle(sheet, at, at, id); err != nil {
		t.Fatal(err)
	}
}

func TestRead_workbook(t *testing.T) {
	t.Parallel()
	usual, money := "dd-mmm-yy", "#,##0.00"
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "Invented Agency", "A3": "No", "B3": "Born", "C3": "Seen", "D3": "Fee", "E3": "Twice",
			"A4": "0001", "B4": 42019, "C4": 45870.5, "D4": 1234.5, "A6": "0002", "B6": "Mar 3, 2016", "C6": 45871, "D6": true})
		style(t, f, "Sheet1", "B4", excelize.Style{CustomNumFmt: &usual})
		style(t, f, "Sheet1", "C4", excelize.Style{NumFmt: 22})
		style(t, f, "Sheet1", "B6", excelize.Style{CustomNumFmt: &usual})
		style(t, f, "Sheet1", "C6", excelize.Style{NumFmt: 14})
		style(t, f, "Sheet1", "D4", excelize.Style{CustomNumFmt: &money})
		if err := f.SetCellFormula("Sheet1", "E4", "D4*2"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.NewSheet("Back"); err != nil {
			t.Fatal(err)
		}
		set(t, f, "Back", map[string]any{"A1": "Child", "C1": "Town", "A2": "Name", "B2": "Age", "C2": "Where", "A3": "Ann", "B3": "=9", "C3": "Elm"})
		if err := f.MergeCell("Back", "A1", "B1"); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetVisible("Back", false); err != nil {
			t.Fatal(err)
		}
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	if len(f.Sheets) != 2 || f.Sheets[0].Hidden || !f.Sheets[1].Hidden || f.Sheets[1].Name != "Back" {
		t.Fatalf("sheets: got %+v", f.Sheets)
	}
	want := []string{
		"1|.|.|.|Invented Agency|.|.|.|.|.|.|.|.|.",
		"2|.|.|.|.|.|.|.|.|.|.|.|.|.",
		"3|.|.|.|No|Born|Seen|Fee|Twice|.|.|.|.|.",
		"4|.|.|.|0001|2015-01-15|2025-08-01 12:00:00|1,234.50|.|.|42019|45870.5|1234.5|.",
		"5|.|.|.|.|.|.|.|.|.|.|.|.|.",
		"6|.|.|.|0002|Mar 3, 2016|2025-08-02|TRUE|.|.|.|45871|.|.",
	}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("first sheet (-got +want):\n%s", diff)
	}
	want = []string{"1|.|.|.|Child|.|Town|.|.|.", "2|.|.|.|Name|Age|Where|.|.|.", "3|.|.|.|Ann|=9|Elm|.|.|."}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[1].Parquet)), want); diff != "" {
		t.Errorf("hidden sheet (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(said(f), []string{"formula_without_value|Sheet1|4|Twice", "formula_text|Back|3|Age"}); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
}

// With dates as the only format a workbook is walked once.
func TestRead_workbookWithDatesOnly(t *testing.T) {
	t.Parallel()
	usual := "d mmm yyyy"
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "Born", "A2": 42019, "A3": 42019.25, "A4": "unknown", "A5": -3, "A6": "10", "A7": 0, "A8": "\tx", "B8": 1.5, "A9": 42020, "A10": 100})
		for _, at := range []string{"A2", "A3", "A4", "A5", "A7", "A10"} {
			style(t, f, "Sheet1", at, excelize.Style{CustomNumFmt: &usual})
		}
		style(t, f, "Sheet1", "A9", excelize.Style{NumFmt: 22})
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	want := []string{"1|.|.|.|Born|.|.|.", "2|.|.|.|2015-01-15|.|42019|.", "3|.|.|.|2015-01-15|.|42019.25|.", "4|.|.|.|unknown|.|.|.",
		"5|.|.|.|-3|.|.|.", "6|.|.|.|10|.|.|.", "7|.|.|.|1899-12-30|.|0|.", "8|.|.|.|\tx|1.5|.|.", "9|.|.|.|2015-01-16 00:00:00|.|42020|.", "10|.|.|.|1900-04-09|.|100|."}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

func TestRead_workbookSince1904(t *testing.T) {
	t.Parallel()
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		since := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since}); err != nil {
			t.Fatal(err)
		}
		set(t, f, "Sheet1", map[string]any{"A1": "Born", "A2": 40000})
		style(t, f, "Sheet1", "A2", excelize.Style{NumFmt: 14})
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	want := []string{"1|.|.|.|Born|.", "2|.|.|.|2013-07-07|40000"}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

func TestRead_workbookWithPassword(t *testing.T) {
	t.Parallel()
	content := workbook(t, excelize.Options{Password: "invented"}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "A2": "1"})
	})
	for _, tt := range []struct {
		password string
		said     []string
		sheets   int
	}{{"", []string{"file_encrypted||0|"}, 0}, {"other", []string{"file_encrypted||0|"}, 0}, {"invented", nil, 1}} {
		f, _ := readBytes(t, "a.xlsx", content, tributary.Hint{Password: tt.password})
		if diff := cmp.Diff(said(f), tt.said); diff != "" || len(f.Sheets) != tt.sheets || f.Held == (tt.sheets == 1) {
			t.Errorf("password %q: %d sheets, held %v, findings (-got +want):\n%s", tt.password, len(f.Sheets), f.Held, diff)
		}
	}
}

// A row group's worth of narrow rows, then a wider one: the sheet is read again at its full width.
func TestRead_workbookWidens(t *testing.T) {
	t.Parallel()
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("x", 30000)
		for i := 1; i <= rowGroupBytes/30000+20; i++ {
			cells := []any{i, long}
			if i == rowGroupBytes/30000+15 {
				cells = []any{i, "=x", "wide"}
			}
			at, _ := excelize.CoordinatesToCellName(1, i)
			if err := w.SetRow(at, cells); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	got := rows(t, filepath.Join(into, f.Sheets[0].Parquet))
	if f.Sheets[0].Columns != 3 || int(f.Sheets[0].Rows) != len(got) || len(got) != rowGroupBytes/30000+20 {
		t.Errorf("got %d columns, %d rows, sheet says %d", f.Sheets[0].Columns, len(got), f.Sheets[0].Rows)
	}
	n := 0
	for _, s := range said(f) {
		if strings.HasPrefix(s, "formula_text") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("formula_text: got %d findings, want 1", n)
	}
}

// An exporter that writes what XML forbids must not lose the rows below in silence.
func TestRead_workbookThatBreaksOff(t *testing.T) {
	t.Parallel()
	whole := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "B1": "n", "A2": "first", "A3": "second", "A4": "third", "B4": 1})
	})
	content := reworked(t, whole, func(sheet string) string {
		return strings.Replace(sheet, `<row r="3"`, "<bad\x0b/><row r=\"3\"", 1)
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	if diff := cmp.Diff(said(f), []string{"file_cut_off|Sheet1|3|"}); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
	want := []string{"1|.|.|.|id|n|.|.", "2|.|.|.|first|.|.|.", "3|.|cut|.|.|.|.|."}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

// reworked changes the XML of the first sheet.
func reworked(t testing.TB, book string, change func(sheet string) string) string {
	t.Helper()
	r, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for _, m := range r.File {
		in, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(m.Name, "sheet1.xml") {
			text = []byte(change(string(text)))
		}
		pairs = append(pairs, m.Name, string(text))
	}
	return zipped(t, pairs...)
}

// Wherever a sheet is cut off, the file says so, and says it of the row that was lost.
func TestRead_workbookCutAnywhere(t *testing.T) {
	t.Parallel()
	whole := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "B1": "n", "A2": 1, "B2": 10, "A3": 2, "B3": 20, "A5": 4, "B5": 40})
	})
	length, rowsEnd := 0, 0
	reworked(t, whole, func(sheet string) string {
		length, rowsEnd = len(sheet), strings.Index(sheet, "</sheetData>")
		return sheet
	})
	for n := 0; n < length; n += 3 {
		hasFifth := false
		content := reworked(t, whole, func(sheet string) string {
			hasFifth = strings.Contains(sheet[:n], `<row r="5"`)
			return sheet[:n]
		})
		f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
		got := strings.Join(said(f), " ")
		if f.Held || n >= rowsEnd+len("</sheetData>") && got == "" {
			continue
		}
		if !strings.HasPrefix(got, "file_cut_off|Sheet1|") || strings.Count(got, "file_cut_off") != 1 {
			t.Errorf("cut at byte %d of %d: got findings %q", n, rowsEnd, got)
			continue
		}
		lines := rows(t, filepath.Join(into, f.Sheets[0].Parquet))
		if last := lines[len(lines)-1]; !strings.Contains(last, "|cut|") || hasFifth && f.Findings[0].Row < 5 {
			t.Errorf("cut at byte %d: last row %q, finding at row %d", n, last, f.Findings[0].Row)
		}
	}
}

// A formula that no program calculated shows nothing; one that made an empty text does too, rightly.
func TestRead_formulaWithoutValue(t *testing.T) {
	t.Parallel()
	whole := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "B1": "Age", "A2": 1, "A3": 2, "A4": 3, "A5": 4})
	})
	content := reworked(t, whole, func(sheet string) string {
		for row, cell := range map[string]string{"2": `<c r="B2"><f>A2+1</f></c>`, "3": `<c r="B3"><f>A3+1</f><v></v></c>`,
			"4": `<c r="B4" t="str"><f>A4&amp;""</f><v></v></c>`, "5": `<c r="B5"><f>A5+1</f><v>5</v></c>`} {
			at := strings.Index(sheet, `<row r="`+row+`"`)
			at += strings.Index(sheet[at:], "</row>")
			sheet = sheet[:at] + cell + sheet[at:]
		}
		return sheet
	})
	f, _ := readBytes(t, "a.xlsx", content, tributary.Hint{})
	if diff := cmp.Diff(said(f), []string{"formula_without_value|Sheet1|2|Age", "formula_without_value|Sheet1|3|Age"}); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
}

// zipped makes a zip of name, content pairs.
func zipped(t testing.TB, pairs ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		m, err := w.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLand_zip(t *testing.T) {
	t.Parallel()
	inner := zipped(t, "deep.csv", "id,name\n1,A\n")
	tests := []struct {
		name, content string
		files         []string
		said          string
	}{
		{"members are files", zipped(t, "a.csv", "id,name\n1,A\n", "sub/b.jsonl", "{\"id\":1}\n", "__MACOSX/._a.csv", "x"),
			[]string{"z.zip", "z.zip/a.csv", "z.zip/sub/b.jsonl"}, ""},
		{"zip in zip", zipped(t, "inner.zip", inner), []string{"z.zip", "z.zip/inner.zip", "z.zip/inner.zip/deep.csv"}, ""},
		{"nested too deep", zipped(t, "1.zip", zipped(t, "2.zip", inner)), []string{"z.zip", "z.zip/1.zip", "z.zip/1.zip/2.zip"}, "zip_refused"},
		{"leads out", zipped(t, "../a.csv", "id\n1\n"), []string{"z.zip"}, "zip_refused"},
		{"leads out with backslashes", zipped(t, `..\a.csv`, "id\n1\n"), []string{"z.zip"}, "zip_refused"},
		{"from the root", zipped(t, "/etc/a.csv", "id\n1\n"), []string{"z.zip"}, "zip_refused"},
		{"bomb", zipped(t, "a.csv", strings.Repeat("0,0,0\n", 12<<20)), []string{"z.zip"}, "zip_refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, inbox := newStore(t), t.TempDir()
			drop(t, inbox, "z.zip", tt.content)
			land(t, s, inbox)
			got, said := []string(nil), ""
			for _, f := range landed(t, s) {
				got = append(got, f.Name)
				for _, g := range f.Findings {
					said += g.Check
				}
			}
			if diff := cmp.Diff(got, tt.files); diff != "" {
				t.Errorf("files (-got +want):\n%s", diff)
			}
			if said != tt.said {
				t.Errorf("findings: got %q, want %q", said, tt.said)
			}
			before := land(t, s, inbox)
			if len(before) != len(tt.files) && tt.said == "" {
				t.Errorf("landed again: got %d files, want %d", len(before), len(tt.files))
			}
			if left, _ := os.ReadDir(s.Temp); len(left) > 0 {
				t.Errorf("temporary folder holds %d entries", len(left))
			}
		})
	}
}

func TestDateFormat(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][2]bool{
		"yyyy-mm-dd": {true, false}, "d/m/yy h:mm": {true, true}, "[$-1009]d mmm yy;@": {true, false},
		"[h]:mm": {false, false}, "h:mm": {false, true}, "0.00": {false, false}, `0 "days"`: {false, false}, "General": {false, false},
		`[Red]0.0\d`: {false, false}, "mmm yy": {true, false},
	} {
		isDate, hasTime := dateFormat(code)
		if isDate != want[0] || want[0] && hasTime != want[1] {
			t.Errorf("%s: got %v, %v", code, isDate, hasTime)
		}
	}
}

var landedOn = time.Date(2025, 10, 5, 14, 0, 0, 0, time.UTC)
