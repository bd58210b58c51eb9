package patch

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

// template is a form with entry cells, formulas on them, and all that keeps a cell from being filled.
func template(t testing.TB) []byte {
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	style := func(s *excelize.Style) int {
		id, err := f.NewStyle(s)
		must(err)
		return id
	}
	const sheet = "Form"
	must(f.SetSheetName("Sheet1", sheet))
	open := style(&excelize.Style{NumFmt: 4, Protection: &excelize.Protection{Locked: false}})
	date := style(&excelize.Style{NumFmt: 14, Protection: &excelize.Protection{Locked: false}})
	must(f.SetSheetRow(sheet, "A1", &[]any{"Label", "Q1", "Q2", "Year"}))
	must(f.SetCellStyle(sheet, "B2", "C20", open))
	must(f.SetCellStyle(sheet, "B9", "B9", date))
	for cell, formula := range map[string]string{"D2": "SUM(B2:C2)", "D3": "D2*2", "D4": "B4+C4", "E2": "IF(B7=1,\"B2\",0)", "E3": "INDIRECT(\"B2\")"} {
		must(f.SetCellFormula(sheet, cell, formula))
	}
	must(f.MergeCell(sheet, "B5", "C6"))
	must(f.AddTable(sheet, &excelize.Table{Range: "B12:C14", Name: "T"}))
	must(f.ProtectSheet(sheet, &excelize.SheetProtectionOptions{Password: "x", SelectLockedCells: true}))
	_, err := f.NewSheet("Total")
	must(err)
	must(f.SetCellFormula("Total", "A1", "Form!D3+1"))
	must(f.SetCellFormula("Total", "A2", "Form!D4"))
	must(f.SetCellFormula("Total", "A3", "First+A2"))
	must(f.SetDefinedName(&excelize.DefinedName{Name: "First", RefersTo: "Form!$B$2"}))
	// The library leaves no values in the cells of formulas; Excel does.
	b := workbook(t, f)
	return repacked(t, b, func(name, c string) (string, bool) {
		if strings.HasPrefix(name, "xl/worksheets/sheet") {
			c = strings.ReplaceAll(c, "</f>", "</f><v>7</v>")
			c = strings.ReplaceAll(c, "<v></v>", "")
		}
		return c, true
	})
}

func TestFill(t *testing.T) {
	t.Parallel()
	before := template(t)
	fill := openBook(t, before).Fill()
	for _, err := range []error{
		fill.SetNumber("Form", "B2", 1234.5),
		fill.SetText("form", "B3", "=1+1 <&> _x0041_\n é"),
		fill.SetDate("Form", "B9", time.Date(2025, 6, 30, 23, 0, 0, 0, time.FixedZone("", -4*3600))),
		fill.SetText("Form", "B5", "in the first cell of a merged range"),
		fill.SetNumber("Form", "C20", -0.1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	done, err := fill.Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	after := out.Bytes()
	// D2, D3, E3 and Total!A1, A3: not D4, E2 and Total!A2.
	if want := (Filled{Cells: 5, Emptied: 5}); done != want {
		t.Errorf("got %+v, want %+v", done, want)
	}
	wantUntouched(t, before, after, "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml")
	f := reopen(t, after)
	got := map[string]string{}
	for _, cell := range []string{"Form!B2", "Form!B3", "Form!B5", "Form!B9", "Form!C20", "Form!D2", "Form!D3", "Form!D4", "Form!E2", "Form!E3", "Total!A1", "Total!A2", "Total!A3"} {
		sheet, at, _ := strings.Cut(cell, "!")
		if got[cell], err = f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"Form!B2": "1234.5", "Form!B3": "=1+1 <&> _x0041_\n é", "Form!B5": "in the first cell of a merged range", "Form!B9": "45838",
		"Form!C20": "-0.1", "Form!D2": "", "Form!D3": "", "Form!D4": "7", "Form!E2": "7", "Form!E3": "", "Total!A1": "", "Total!A2": "7", "Total!A3": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if shown, _ := f.GetCellValue("Form", "B2"); shown != "1,234.50" {
		t.Errorf("got %q, want the cell's own style", shown)
	}
	if !strings.Contains(partText(t, after, "xl/workbook.xml"), `fullCalcOnLoad="1"`) {
		t.Error("the workbook is not told to calculate")
	}
	if v, err := f.CalcCellValue("Total", "A1"); v != "2470" {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestFill_refuses(t *testing.T) {
	t.Parallel()
	book := openBook(t, template(t))
	tests := []struct {
		name, cell string
		set        func(*Filling, string) error
		want       error
	}{
		{"within a merged range", "C6", nil, ErrMerged},
		{"formula", "D2", nil, ErrFormula},
		{"locked", "A2", nil, ErrLocked},
		{"locked, not there", "H99", nil, ErrLocked},
		{"heading of a table", "B12", nil, ErrTableHeading},
		{"no date format", "B2", func(f *Filling, c string) error {
			return f.SetDate("Form", c, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
		}, ErrNotDate},
		{"before 1900", "B9", func(f *Filling, c string) error {
			return f.SetDate("Form", c, time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC))
		}, ErrNotNumber},
		{"no number", "B2", func(f *Filling, c string) error { return f.SetNumber("Form", c, math.NaN()) }, ErrNotNumber},
		{"no cell", "2B", nil, ErrNotCell},
		{"twice", "B2", func(f *Filling, c string) error { f.SetText("Form", c, "a"); return f.SetText("FORM", c, "b") }, ErrTwice},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fill := book.Fill()
			var err error
			if tt.set != nil {
				err = tt.set(fill, tt.cell)
			} else {
				err = fill.SetNumber("Form", tt.cell, 1)
			}
			var out bytes.Buffer
			if err == nil {
				_, err = fill.Write(&out)
			}
			var cell *CellError
			if !errors.Is(err, tt.want) || !errors.As(err, &cell) || cell.Cell != tt.cell || tributary.FixOf(err) == "" {
				t.Errorf("got %v, want %v with cell and fix", err, tt.want)
			}
			if out.Len() > 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestSerialOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		date   string
		is1904 bool
		want   int
	}{
		{"1900-01-01", false, 1}, {"1900-02-28", false, 59}, {"1900-03-01", false, 61}, {"2025-06-30", false, 45838}, {"9999-12-31", false, 2958465},
		{"1904-01-01", true, 0}, {"2025-06-30", true, 44376},
	}
	for _, tt := range tests {
		d, err := time.Parse(time.DateOnly, tt.date)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := serialOf(d, tt.is1904); got != tt.want || !ok {
			t.Errorf("%s, 1904 %v: got %d %v, want %d", tt.date, tt.is1904, got, ok, tt.want)
		}
	}
}

// TestFill_places holds where calcPr goes, and the 1904 calendar.
func TestFill_workbookXML(t *testing.T) {
	t.Parallel()
	const head = `<workbook ` + main + ` xmlns:r="` + transitional + `">`
	const sheets = `<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>`
	tests := map[string][2]string{
		"changed":         {sheets + `<calcPr calcId='7' fullCalcOnLoad="0" />`, sheets + `<calcPr calcId='7' fullCalcOnLoad="1" />`},
		"added at end":    {sheets, sheets + `<calcPr fullCalcOnLoad="1"/>`},
		"in its place":    {sheets + `<definedNames/><oleSize ref="A1"/><extLst/>`, sheets + `<definedNames/><calcPr fullCalcOnLoad="1"/><oleSize ref="A1"/><extLst/>`},
		"with attributes": {sheets + `<calcPr calcId="7"></calcPr>`, sheets + `<calcPr calcId="7" fullCalcOnLoad="1"></calcPr>`},
	}
	base := workbook(t, excelize.NewFile())
	var id string
	for _, rel := range openBook(t, base).rels {
		if is(rel.kind, "worksheet") {
			id = rel.id
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fix := func(s string) string { return head + strings.ReplaceAll(s, "rId1", id) + "</workbook>" }
			fill := openBook(t, replacePart(t, base, "xl/workbook.xml", fix(tt[0]))).Fill()
			if err := fill.SetNumber("Sheet1", "A1", 1); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := fill.Write(&out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fix(tt[1]), partText(t, out.Bytes(), "xl/workbook.xml")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	r := &reader{sheets: map[string]int{"form": 0, "my sheet": 1, "it's": 2, "last": 3}, known: map[definedName]meaning{}, names: map[definedName]string{
		{-1, "total"}: "Form!$A$1:$B$2", {0, "total"}: "Last!$C$3", {-1, "loop"}: "loop+Form!$A$1", {-1, "near"}: "Form!A1", {-1, "rate"}: "0.5", {-1, "home"}: "$A$1"}}
	tests := []struct{ formula, want string }{
		{"A1+B2", "0 A1, 0 B2"},
		{"sum($A$1:b$3)", "0 A1:B3"},
		{`IF("A1"="it""s B2",C3,TRUE)`, "0 C3"},
		{"'my sheet'!A1*'it''s'!B2:C3", "1 A1, 2 B2:C3"},
		{"Form!A1+My", "?"},
		{"SUM(Form:Last!A1)", "0-3 A1"},
		{"SUM('Form:it''s'!A1:A2)", "0-2 A1:A2"},
		{"SUM(A:B,3:5,$C:$C)", "0 A1:B1048576, 0 A3:XFD5, 0 C1:C1048576"},
		{"LOG10(1E+5)+1.5e3+A1", "0 A1"},
		{"_xlfn.ANCHORARRAY(A1)", "0 A1"},
		{"A1#", "0 A1"},
		{"#REF!+#DIV/0!+A1", "0 A1"},
		{"{1,2;3,4}", ""},
		{"total*rate", "3 C3"},
		{"Last!total", "0 A1:B2"},
		{"loop", "?"}, {"near", "?"}, {"home", "?"}, {"nowhere", "?"},
		{"Nowhere!A1", "?"},
		{"OFFSET(A1,1,1)", "?"}, {"INDIRECT(A1)", "?"}, {"SUMIF(A1:A9,1,B1)", "?"},
		{"SUM(T[Amount])", "?"}, {"[1]Sheet1!A1", "?"}, {"'[b.xlsx]Sheet1'!A1", "?"},
		{"SUM(A1:INDEX(B:B,3))", "?"}, {"SUM((A1):B2)", "?"}, {"A1:B2:C3", "?"}, {"A1:B", "?"},
		{`"open`, "?"}, {"'open", "?"},
	}
	for _, tt := range tests {
		refs, isKnown := r.read(tt.formula, 0)
		var list []string
		for _, ref := range refs {
			a, _ := ref.at(place{})
			sheet := fmt.Sprint(ref.first)
			if ref.last != ref.first {
				sheet += fmt.Sprint("-", ref.last)
			}
			list = append(list, sheet+" "+a.String())
		}
		got := strings.Join(list, ", ")
		if !isKnown {
			got = "?"
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.formula, got, tt.want)
		}
	}
}

func TestFill_formulas(t *testing.T) {
	t.Parallel()
	// A1 is filled; the cells named lose their value.
	tests := []struct{ name, rows, emptied string }{
		{"direct", `<c r="B2"><f>A1</f><v>1</v></c><c r="C2"><f>A2</f><v>1</v></c>`, "B2"},
		{"through others, backwards", `<c r="B2"><f>C2</f><v>1</v></c><c r="C2"><f>D2+1</f><v>1</v></c><c r="D2"><f>SUM(A:A)</f><v>1</v></c>`, "B2 C2 D2"},
		{"shared", `<c r="B2"><f t="shared" ref="B2:D2" si="0">A1*2</f><v>1</v></c><c r="C2"><f t="shared" si="0"/><v>1</v></c><c r="D2"><f t="shared" si="0"/><v>1</v></c>`, "B2"},
		{"shared and fixed", `<c r="B2"><f t="shared" ref="B2:C2" si="0">$A$1*2</f><v>1</v></c><c r="C2"><f t="shared" si="0"/><v>1</v></c>`, "B2 C2"},
		{"array", `<c r="B2"><f t="array" ref="B2:C2">A1:A2*2</f><v>1</v></c><c r="C2"><v>1</v></c><c r="D2"><v>1</v></c>`, "B2 C2"},
		{"of an array", `<c r="B2"><f t="array" ref="B2:C2">A1*{1,2}</f><v>1</v></c><c r="C2"><v>1</v></c><c r="D2"><f>C2</f><v>1</v></c>`, "B2 C2 D2"},
		{"in a circle", `<c r="B2"><f>C2+A1</f><v>1</v></c><c r="C2"><f>B2</f><v>1</v></c>`, "B2 C2"},
		{"unknown", `<c r="B2"><f>INDIRECT("A"&amp;1)</f><v>1</v></c><c r="C2"><f>B2</f><v>1</v></c><c r="D2"><f>A9</f><v>1</v></c>`, "B2 C2"},
		{"error and text", `<c r="B2" t="e"><f>A1/0</f><v>#DIV/0!</v></c><c r="C2" t="str"><f>A1&amp;"x"</f><v>x</v></c>`, "B2 C2"},
		{"in a section", `<c r="B2"><f><![CDATA[A1]]></f><v>1</v></c>`, "B2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := withSheet(t, `<worksheet `+main+`><sheetData><row r="1"><c r="A1"/></row><row r="2">`+tt.rows+`</row></sheetData></worksheet>`)
			fill := openBook(t, before).Fill()
			if err := fill.SetNumber("Sheet1", "A1", 5); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := fill.Write(&out); err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(tt.rows, "<v>x</v>", "<v>1</v>")
			want = strings.ReplaceAll(want, "<v>#DIV/0!</v>", "<v>1</v>")
			for _, cell := range strings.Fields(tt.emptied) {
				i := strings.Index(want, `<c r="`+cell)
				head, rest := want[:i], want[i:]
				want = head + strings.Replace(rest, "<v>1</v>", "", 1)
			}
			want = strings.NewReplacer(` t="e"`, "", ` t="str"`, "").Replace(want)
			want = `<worksheet ` + main + `><sheetData><row r="1"><c r="A1"><v>5</v></c></row><row r="2">` + want + `</row></sheetData></worksheet>`
			if diff := cmp.Diff(want, sheetXML(t, out.Bytes())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReference_at(t *testing.T) {
	t.Parallel()
	tests := []struct{ ref, want string }{{"B2", "D5"}, {"B$2", "D2"}, {"$B2", "B5"}, {"$B$2", "B2"}, {"B2:$C$3", "C3:D5"}, {"B:C", "D1:E1048576"}, {"2:$3", "A3:XFD5"}}
	for _, tt := range tests {
		refs, ok := (&reader{}).read(tt.ref, 0)
		if !ok || len(refs) != 1 {
			t.Fatalf("%s: got %v", tt.ref, refs)
		}
		if got, ok := refs[0].at(place{3, 2}); got.String() != tt.want || !ok {
			t.Errorf("%s: got %s %v, want %s", tt.ref, got, ok, tt.want)
		}
	}
	refs, _ := (&reader{}).read("A1", 0)
	if _, ok := refs[0].at(place{-1, 0}); ok {
		t.Error("a reference before the first row is one")
	}
}

// TestFill_cellXML holds what becomes of a cell's own attributes and extensions.
func TestFill_cellXML(t *testing.T) {
	t.Parallel()
	before := withSheet(t, `<worksheet `+main+`><sheetData><row r="1"><c r="A1" s="0" t="e" vm="1" ph="1"><v>#VALUE!</v><extLst><ext/></extLst></c><c r="B1" t="inlineStr"><is><t>a<!-- --></t></is></c></row></sheetData></worksheet>`)
	fill := openBook(t, before).Fill()
	for cell, v := range map[string]float64{"A1": 5, "B1": 6} {
		if err := fill.SetNumber("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := fill.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := `<worksheet ` + main + `><sheetData><row r="1"><c r="A1" s="0" ph="1"><v>5</v><extLst><ext/></extLst></c><c r="B1"><v>6</v></c></row></sheetData></worksheet>`
	if diff := cmp.Diff(want, sheetXML(t, out.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFill_excelMade(t *testing.T) {
	t.Parallel()
	books := excelMade(t)
	for _, name := range []string{"Book1.xlsx", "CalcChain.xlsx", "MergeCell.xlsx", "SharedStrings.xlsx", "OverflowNumericCell.xlsx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := books[name]
			b := openBook(t, before)
			fill := b.Fill()
			sheet := b.Sheets()[0]
			if err := fill.SetText(sheet, "H40", "é"); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := fill.Write(&out); err != nil {
				t.Fatal(err)
			}
			s, err := b.sheet(sheet)
			if err != nil {
				t.Fatal(err)
			}
			changed := []string{b.main, s.part.name}
			slices.Sort(changed)
			wantUntouched(t, before, out.Bytes(), changed...)
			f := reopen(t, out.Bytes())
			if got, _ := f.GetCellValue(sheet, "H40"); got != "é" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestKeep_leavesOtherSheetsWithoutCells for a reader that would unfold them all; what is kept keeps its bytes.
func TestKeep_leavesOtherSheetsWithoutCells(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	if _, err := f.NewSheet("Data"); err != nil {
		t.Fatal(err)
	}
	for _, sheet := range []string{"Sheet1", "Data"} {
		if err := f.SetCellInt(sheet, "B2", 7); err != nil {
			t.Fatal(err)
		}
	}
	b := workbook(t, f)
	var out bytes.Buffer
	if err := openBook(t, b).Keep(&out, "sheet1"); err != nil {
		t.Fatal(err)
	}
	few, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	kept, err1 := few.GetCellValue("Sheet1", "B2")
	left, err2 := few.GetCellValue("Data", "B2")
	if err1 != nil || err2 != nil || kept != "7" || left != "" {
		t.Errorf("got %q and %q, %v, %v; want 7 and nothing", kept, left, err1, err2)
	}
}
