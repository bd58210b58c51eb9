package patch

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"tributary"
)

// rich is a workbook with what a ministry's template may hold: macros, a pivot table, validations,
// conditional formats, a chart on a sheet and a sheet that is a chart and lies on top.
func rich(t testing.TB) []byte {
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Month", "Kind", "Count"}))
	for i, m := range []string{"A", "B", "C"} {
		must(f.SetSheetRow("Sheet1", "A"+string(rune('2'+i)), &[]any{m, "x", i}))
	}
	_, err := f.NewSheet("Pivot")
	must(err)
	must(f.AddPivotTable(&excelize.PivotTableOptions{DataRange: "Sheet1!A1:C4", PivotTableRange: "Pivot!A3:C9",
		Rows: []excelize.PivotTableField{{Data: "Month"}}, Data: []excelize.PivotTableField{{Data: "Count", Subtotal: "Sum"}}}))
	dv := excelize.NewDataValidation(true)
	dv.SetSqref("B2:B9")
	must(dv.SetDropList([]string{"x", "y"}))
	must(f.AddDataValidation("Sheet1", dv))
	red, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "9A0511"}})
	must(err)
	must(f.SetConditionalFormat("Sheet1", "C2:C9", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &red, Value: "1"}}))
	chart := &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Sheet1!$C$1", Categories: "Sheet1!$A$2:$A$4", Values: "Sheet1!$C$2:$C$4"}}}
	must(f.AddChart("Sheet1", "E2", chart))
	must(f.AddChartSheet("Chart", chart))
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	must(err)
	macros, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "test", "vbaProject.bin"))
	must(err)
	must(f.AddVBAProject(macros))
	f.Path = "rich.xlsm"
	return workbook(t, f)
}

func TestRich(t *testing.T) {
	t.Parallel()
	before := rich(t)
	after := mark(t, before, Options{}, Mark{Sheet: "Sheet1", Cell: "C3", Message: "m", Severity: tributary.Note})
	changed := []string{typesPart, "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"}
	wantUntouched(t, before, after, changed...)
	wantFill(t, reopen(t, after), "Sheet1", "C3", "DDEBF8")
	fill := openBook(t, before).Fill()
	if err := fill.SetNumber("Sheet1", "C3", 9); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := fill.Write(&out); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, before, out.Bytes(), "xl/workbook.xml", "xl/worksheets/sheet1.xml")

	fill = openBook(t, before).Fill()
	if err := fill.SetNumber("Chart", "A1", 9); !errors.Is(err, ErrNotWorksheet) {
		t.Errorf("got %v, want a refusal of the chart's sheet", err)
	}
	if err := fill.SetNumber("Pivot", "B4", 9); err != nil {
		t.Fatal(err)
	}
	if _, err := fill.Write(&out); !errors.Is(err, ErrPivot) {
		t.Errorf("got %v, want a refusal of the pivot table", err)
	}
}

// TestMark_sheetOnTop holds that only one sheet is selected: with two, what is typed goes into both.
func TestMark_sheetOnTop(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]string{"marked": "Sheet1", "another": "Pivot", "a chart": "Chart"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := reopen(t, rich(t))
			i, err := f.GetSheetIndex(on)
			if err != nil {
				t.Fatal(err)
			}
			f.SetActiveSheet(i)
			after := mark(t, workbook(t, f), Options{}, Mark{Sheet: "Sheet1", Cell: "C3", Message: "m", Severity: tributary.Note})
			var selected []string
			for _, part := range partNames(t, after) {
				if strings.Contains(part, "sheets/sheet") && strings.HasSuffix(part, ".xml") && strings.Contains(partText(t, after, part), `tabSelected="`) &&
					!strings.Contains(partText(t, after, part), `tabSelected="0"`) && !strings.Contains(partText(t, after, part), `tabSelected="false"`) {
					selected = append(selected, part)
				}
			}
			want, most := "To fix", 1
			if on == "Chart" {
				// The library does not select a sheet that is a chart.
				want, most = "Chart", 0
			}
			if len(selected) != most {
				t.Errorf("got %v selected, want %d", selected, most)
			}
			if got := reopen(t, after); got.GetSheetName(got.GetActiveSheetIndex()) != want {
				t.Errorf("opens on %q, want %q", got.GetSheetName(got.GetActiveSheetIndex()), want)
			}
		})
	}
}

// TestMark_conversation leaves a cell's threaded comment as it is, here and in its own part.
func TestMark_conversation(t *testing.T) {
	t.Parallel()
	const sheet = "Client's list"
	before := repacked(t, clients(t), func(name, c string) (string, bool) {
		if name == "xl/comments1.xml" {
			c = strings.Replace(c, "<author>Ann</author>", "<author>tc={0A}</author>", 1)
		}
		return c, true
	})
	after := mark(t, before, Options{}, Mark{Sheet: sheet, Cell: "A2", Message: "m", Severity: tributary.Note}, Mark{Sheet: sheet, Cell: "B2", Message: "m", Severity: tributary.Note})
	f := reopen(t, after)
	wantComment(t, f, sheet, "A2", "ask again")
	wantComment(t, f, sheet, "B2", "Tributary:\nm")
	wantFill(t, f, sheet, "A2", "DDEBF8")
}

// TestMark_noStyles gives a workbook without a list of formats one.
func TestMark_noStyles(t *testing.T) {
	t.Parallel()
	before := repacked(t, clients(t), func(name, c string) (string, bool) {
		switch name {
		case typesPart, "xl/_rels/workbook.xml.rels":
			at := strings.Index(c, "styles.xml")
			from, to := strings.LastIndex(c[:at], "<"), at+strings.Index(c[at:], ">")+1
			c = c[:from] + strings.TrimPrefix(strings.TrimPrefix(c[to:], "</Override>"), "</Relationship>")
		case "xl/worksheets/sheet1.xml":
			c = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(c, ` s="1"`, ""), ` s="2"`, ""), ` s="3"`, "")
		}
		return c, name != "xl/styles.xml"
	})
	after := mark(t, before, Options{}, Mark{Sheet: "Client's list", Cell: "B2", Message: "m", Severity: tributary.Note})
	wantFill(t, reopen(t, after), "Client's list", "B2", "DDEBF8")
	if !slices.Contains(partNames(t, after), "xl/styles.xml") {
		t.Error("there is no list of formats")
	}
}

// TestMark_merged holds that a mark on a cell that a merged range hides shows on its first cell.
func TestMark_merged(t *testing.T) {
	t.Parallel()
	after := mark(t, template(t), Options{}, Mark{Sheet: "Form", Cell: "C6", Message: "hidden", Severity: tributary.Blocks},
		Mark{Sheet: "Form", Cell: "C5", Message: "hidden too", Severity: tributary.Note}, Mark{Sheet: "Form", Cell: "B5", Message: "first", Severity: tributary.Note},
		Mark{Sheet: "Form", Cell: "B7", Message: "m", Severity: tributary.Note})
	f := reopen(t, after)
	wantFill(t, f, "Form", "B5", "FFC7CF")
	wantFill(t, f, "Form", "B7", "DDEBF8")
	wantComment(t, f, "Form", "B5", "Tributary:\nfirst\n\nhidden too\n\nhidden")
	wantComment(t, f, "Form", "C6", "none")
}

// TestMark_shapeNumbers holds that no two boxes of comments in a workbook have one number, and that
// each number lies in a block that its drawing names.
func TestMark_shapeNumbers(t *testing.T) {
	t.Parallel()
	var marks []Mark
	for i := range 2500 {
		marks = append(marks, Mark{Sheet: []string{"Client's list", "Other"}[i%2], Cell: place{2 + i, 3}.String(), Message: "m", Severity: tributary.Note})
	}
	after := mark(t, clients(t), Options{}, marks...)
	seen := map[string]bool{}
	for _, part := range []string{"xl/drawings/vmlDrawing1.vml", "xl/drawings/vmlDrawing2.vml"} {
		drawing := partText(t, after, part)
		blocks := strings.Split(blockPattern.FindStringSubmatch(drawing)[2], ",")
		for _, m := range regexp.MustCompile(`<v:shape [^>]*id="_x0000_s(\d+)"`).FindAllStringSubmatch(drawing, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil || seen[m[1]] || !slices.Contains(blocks, strconv.Itoa(n/shapesPerBlock)) {
				t.Fatalf("%s: %s is not one number in one of the blocks %v", part, m[1], blocks)
			}
			seen[m[1]] = true
		}
	}
	if len(seen) != 2501 {
		t.Errorf("got %d boxes, want 2501", len(seen))
	}
}

// TestMark_longText holds that a comment and a line of the list are cut at what Excel takes.
func TestMark_longText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é😀", 20_000)
	f := reopen(t, mark(t, clients(t), Options{}, Mark{Sheet: "Other", Cell: "A1", Message: long, Severity: tributary.Note}))
	list, err := f.GetComments("Other")
	if err != nil || len(list) != 1 {
		t.Fatal(err, len(list))
	}
	length := 0
	for _, run := range list[0].Paragraph {
		length += len(utf16.Encode([]rune(run.Text)))
	}
	if length > maxText || length < maxText-10 {
		t.Errorf("got a comment of %d characters, want at most %d", length, maxText)
	}
}

// FuzzPart puts anything into a part of a workbook.
func FuzzPart(f *testing.F) {
	base := clients(f)
	names := partNames(f, base)
	for i, name := range names {
		f.Add(byte(i), []byte(partText(f, base, name)))
	}
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		b := replacePart(t, base, names[int(which)%len(names)], string(content))
		book, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		var marks []Mark
		for _, sheet := range book.Sheets() {
			marks = append(marks, Mark{Sheet: sheet, Cell: "A2", Message: "m", Severity: tributary.Note}, Mark{Sheet: sheet, Cell: "C12", Message: "m", Severity: tributary.Blocks})
		}
		if _, err := book.Mark(&out, marks, Options{}); err != nil {
			if out.Len() > 0 {
				t.Errorf("half-written: %v", err)
			}
			return
		}
		again, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatalf("what was written does not open: %v", err)
		}
		if _, _, err := again.Ours(); err != nil {
			t.Errorf("what was written is not known again: %v", err)
		}
	})
}
