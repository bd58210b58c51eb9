package template

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/examples/demo"
	"tributary/reports/patch"
)

func TestWrite_fillsTheForm(t *testing.T) {
	t.Parallel()
	blank := form0(t, "en")
	p := learned(t, blank, Options{Answers: demo.FormAnswers()})
	after, done := filled(t, blank, p.Map, release(t))
	wantUntouched(t, blank, after, "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml", "xl/worksheets/sheet5.xml")
	got := get(t, reopen(t, after), "Identification!B4", "Identification!B9", "Identification!B10", "Return!D6", "Return!F6", "Return!G6", "Return!H6", "Return!F11", "Return!E22",
		"Return!D20", "Return!F21", "By municipality!B10", "By municipality!D4", "Variance!B5", "Variance!D5", "Variance!E5", "Variance!F5", "Variance!E7", "Variance!B4")
	want := map[string]string{"Identification!B4": "Lakeside Coordinating Agency", "Identification!B9": "46022", "Identification!B10": "A. Analyst",
		"Return!D6": "10", "Return!F6": "12", "Return!G6": "", "Return!H6": "33", "Return!F11": "4", "Return!E22": "", "Return!D20": "", "Return!F21": "0.122",
		"By municipality!B10": "12", "By municipality!D4": "0.166666666666667", "Variance!B5": "30", "Variance!D5": "52", "Variance!E5": "on target",
		"Variance!F5": "=two coordinators on leave", "Variance!E7": "explain", "Variance!B4": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Fourteen rows of the fourth quarter; two cells without a figure, eleven without a target or words.
	if done.Later != 14 || len(done.Numbers) != 60 || done.Emptied != 0 || done.Calculated != 27 {
		t.Errorf("got %d later, %d numbers, %d calculated, %d emptied", done.Later, len(done.Numbers), done.Calculated, done.Emptied)
	}
	missing := map[string]string{}
	for _, m := range done.Missing {
		if m.CellID != "" {
			missing[m.Sheet+"!"+m.Cell] = m.CellID
		}
	}
	if diff := cmp.Diff(map[string]string{"Return!D20": "csp_days_to_plan.p90@2025-26Q1", "Return!H20": "csp_days_to_plan.p90@2025-26Q3/ytd", "Return!E22": "csp_families_waiting@2025-26Q2"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	again, _ := filled(t, blank, p.Map, release(t))
	if !bytes.Equal(after, again) {
		t.Error("the same release gives other bytes")
	}
}

// TestWrite_calculatesAsLibreOffice holds the values that we leave in formulas against another
// program's.
func TestWrite_calculatesAsLibreOffice(t *testing.T) {
	t.Parallel()
	libreOffice(t)
	blank := form0(t, "en")
	after, done := filled(t, blank, learned(t, blank, Options{Answers: demo.FormAnswers()}).Map, release(t))
	ours, theirs := reopen(t, after), reopen(t, converted(t, after))
	equal := 0
	for _, sheet := range ours.GetSheetList() {
		for row := 1; row <= 30; row++ {
			for column := 1; column <= 8; column++ {
				at := place{row, column}.String()
				a, _ := ours.GetCellValue(sheet, at)
				// The library left formulas of the blank without a value; what depends on nothing filled stays so.
				if text, _ := ours.GetCellFormula(sheet, at); text == "" || a == "" {
					continue
				}
				if b, _ := theirs.GetCellValue(sheet, at); a != b {
					t.Errorf("%s!%s: we say %q, LibreOffice %q", sheet, at, a, b)
				}
				equal++
			}
		}
	}
	// Two states of variances whose target is not set are empty text.
	if equal != done.Calculated-2 {
		t.Errorf("%d of %d formulas compared", equal, done.Calculated)
	}
}

// one is a map of one cell that names it by its place alone.
func one(sheet, at, fill string) Map {
	return Map{Workbook: "form.xlsx", Sheets: []Sheet{{Sheet: sheet, Cells: []Cell{{At: at, Fill: fill}}}}}
}

// TestWrite_leavesAllElse fills a cell of workbooks that other programs made.
func TestWrite_leavesAllElse(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "test", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		file, sheet, cell string
		changed           []string
	}{
		// Charts, a table, a comment with its drawing, a picture, shared strings.
		{"Book1.xlsx", "Sheet1", "B25", []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
		{"Book1.xlsx", "Sheet2", "ZZ900", []string{"xl/workbook.xml", "xl/worksheets/sheet2.xml"}},
		{"CalcChain.xlsx", "Sheet1", "F9", []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
		{"MergeCell.xlsx", "Sheet1", "A1", []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
		{"OverflowNumericCell.xlsx", "Sheet1", "B2", []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
		{"SharedStrings.xlsx", "Sheet1", "K9", []string{"xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
	}
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.cell, func(t *testing.T) {
			t.Parallel()
			before := read(tt.file)
			after, done := filled(t, before, one(tt.sheet, tt.cell, "csp_plans@quarter"), release(t))
			wantUntouched(t, before, after, tt.changed...)
			if v, _ := reopen(t, after).GetCellValue(tt.sheet, tt.cell, excelize.Options{RawCellValue: true}); v != "82" || len(done.Numbers) != 1 {
				t.Errorf("got %q, %+v", v, done)
			}
		})
	}
}

func TestWrite_libreOfficeForm(t *testing.T) {
	t.Parallel()
	libreOffice(t)
	before := converted(t, form0(t, "en"))
	p := learned(t, before, Options{Answers: demo.FormAnswers()})
	if n := p.Count("sure"); n != 96 {
		t.Errorf("got %d cells sure of a form that LibreOffice saved", n)
	}
	after, _ := filled(t, before, p.Map, release(t))
	wantUntouched(t, before, after, "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml", "xl/worksheets/sheet5.xml")
	got := get(t, reopen(t, after), "Return!H6", "Variance!E5", "Variance!F5")
	if diff := cmp.Diff(map[string]string{"Return!H6": "33", "Variance!E5": "on target", "Variance!F5": "=two coordinators on leave"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// rich is a workbook with a pivot table, validations, protection, conditional formats, a chart, a chart
// sheet and macros.
func rich(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Measure", "Kind", "This quarter", "Year to date"}))
	for i, m := range []string{"Plans developed", "Families served", "Intakes completed"} {
		must(f.SetSheetRow("Sheet1", "A"+string(rune('2'+i)), &[]any{m, "x"}))
	}
	open, err := f.NewStyle(&excelize.Style{Protection: &excelize.Protection{Locked: false}})
	must(err)
	must(f.SetCellStyle("Sheet1", "C2", "D4", open))
	must(f.SetCellFormula("Sheet1", "C5", "SUM(C2:C4)"))
	must(f.SetDefinedName(&excelize.DefinedName{Name: "Entry", RefersTo: "Sheet1!$C$3"}))
	_, err = f.NewSheet("Pivot")
	must(err)
	must(f.AddPivotTable(&excelize.PivotTableOptions{DataRange: "Sheet1!A1:D4", PivotTableRange: "Pivot!A3:C9",
		Rows: []excelize.PivotTableField{{Data: "Measure"}}, Data: []excelize.PivotTableField{{Data: "This quarter", Subtotal: "Sum"}}}))
	v := excelize.NewDataValidation(true)
	v.SetSqref("C2:D4")
	must(v.SetRange(0, 9999, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
	must(f.AddDataValidation("Sheet1", v))
	red, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "9A0511"}})
	must(err)
	must(f.SetConditionalFormat("Sheet1", "C2:C9", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &red, Value: "1"}}))
	chart := &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Sheet1!$C$1", Categories: "Sheet1!$A$2:$A$4", Values: "Sheet1!$C$2:$C$4"}}}
	must(f.AddChart("Sheet1", "F2", chart))
	must(f.AddChartSheet("Chart", chart))
	must(f.ProtectSheet("Sheet1", &excelize.SheetProtectionOptions{Password: "x"}))
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	must(err)
	macros, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "test", "vbaProject.bin"))
	must(err)
	must(f.AddVBAProject(macros))
	f.Path = "rich.xlsm"
	b, err := f.WriteToBuffer()
	must(err)
	return b.Bytes()
}

func TestWrite_richWorkbook(t *testing.T) {
	t.Parallel()
	before := rich(t)
	p := learned(t, before, Options{})
	want := map[string]string{"Sheet1!C2": "csp_plans@quarter", "Sheet1!D2": "csp_plans@quarter/ytd", "Sheet1!C3": "csp_families_served@quarter", "Sheet1!D3": "csp_families_served@quarter/ytd",
		"Sheet1!C4": "csp_intakes@quarter", "Sheet1!D4": "csp_intakes@quarter/ytd"}
	if diff := cmp.Diff(want, fills(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.Map.Sheets[0].Cells[2].Name != "Entry" {
		t.Errorf("the name of C3 is not in its anchor: %+v", p.Map.Sheets[0].Cells[2])
	}
	after, _ := filled(t, before, p.Map, release(t))
	wantUntouched(t, before, after, "xl/workbook.xml", "xl/worksheets/sheet1.xml")
	if v := get(t, reopen(t, after), "Sheet1!C5")["Sheet1!C5"]; v != "166" {
		t.Errorf("the sum is %q", v)
	}
}

func TestWrite_refuses(t *testing.T) {
	t.Parallel()
	blank := form0(t, "en")
	twice := loose(t, [][]any{{nil, "Q1"}, {"Plans developed", "_"}, {"Plans developed", "_"}})
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "test", "encryptSHA1.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	labels := func(at, row, column string) Map {
		return Map{Workbook: "form.xlsx", Sheets: []Sheet{{Sheet: "Sheet1", Cells: []Cell{{At: at, Row: row, Column: column, Fill: "csp_plans@quarter"}}}}}
	}
	tests := map[string]struct {
		blank []byte
		m     Map
		want  error
	}{
		"encrypted":              {encrypted, one("Sheet1", "A1", "csp_plans"), patch.ErrEncrypted},
		"cut off":                {blank[:len(blank)/2], one("Return", "D6", "csp_plans"), patch.ErrDamaged},
		"no workbook":            {[]byte("PK?"), one("Return", "D6", "csp_plans"), patch.ErrDamaged},
		"within a merged range":  {blank, one("Return", "E3", "csp_plans"), patch.ErrMerged},
		"a formula":              {blank, one("Return", "H6", "csp_plans"), patch.ErrFormula},
		"a locked cell":          {blank, one("Return", "B6", "csp_plans"), patch.ErrLocked},
		"a cell given twice":     {blank, Map{Workbook: "form.xlsx", Sheets: []Sheet{{Sheet: "Return", Cells: []Cell{{At: "D6", Fill: "csp_plans"}, {At: "D6", Fill: "csp_intakes"}}}}}, patch.ErrTwice},
		"no such sheet":          {blank, one("Retrun", "D6", "csp_plans"), patch.ErrNoSheet},
		"a label found twice":    {twice, labels("", "Plans developed", "Q1"), ErrLabelTwice},
		"a label that is gone":   {twice, labels("B2", "Plans made", "Q1"), ErrLabelGone},
		"a label that has moved": {loose(t, [][]any{{nil, "Q1"}, {"A note", "_"}, {"Plans developed", "_"}}), labels("B2", "Plans developed", "Q1"), ErrMoved},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := Write(tt.blank, tt.m, release(t), &out)
			if !errors.Is(err, tt.want) || tributary.FixOf(first(err)) == "" {
				t.Errorf("got %v (fix %q), want %v", err, tributary.FixOf(first(err)), tt.want)
			}
			if out.Len() > 0 {
				t.Error("something was written")
			}
		})
	}
	locked := one("Return", "B6", "csp_plans")
	locked.Locked = "fill"
	if _, done := filled(t, blank, locked, release(t)); len(done.Numbers) != 1 {
		t.Error("a locked cell is not filled where the map says so")
	}
}

// first is the first of several errors.
func first(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
		return first(many.Unwrap()[0])
	}
	return err
}

func TestMap_Check(t *testing.T) {
	t.Parallel()
	m := Map{Workbook: "a/b.xlsx", Language: "de", Locked: "maybe", Sheets: []Sheet{{Line: 3, Cells: []Cell{{Line: 4}, {Line: 5, At: "A1", Fill: "csp_plants@Q1"},
		{Line: 6, At: "A1", Fill: "csp_plans@Q5"}, {Line: 7, At: "A1", Fill: "setting agency"}, {Line: 8, At: "A1", Fill: "note reason csp_plans", As: "cents"}}}}}
	err := m.Check("templates/x.yaml", release(t))
	for _, want := range []string{"workbook is missing", `language "de"`, `locked "maybe"`, "x.yaml:3: a sheet has no name", "x.yaml:4: a cell is named by nothing", "x.yaml:4: fill \"\"",
		`x.yaml:5: measure "csp_plants" is not known`, `x.yaml:6: fill "csp_plans@Q5": period "Q5"`, `x.yaml:7: setting "agency"`, `x.yaml:8: note "reason"`, `x.yaml:8: as "cents"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in:\n%v", want, err)
		}
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]float64{0.56: 56, 0.122: 12.2, 1.0 / 3: 33.33333333, 0: 0, 1: 100} {
		if got := as(Cell{As: "percent"}, v); got != want {
			t.Errorf("%v: got %v, want %v", v, got, want)
		}
	}
}
