package patch

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tributary"
)

// drawSheet invents a sheet as some writer might make it: rows and cells with and without their
// place, of every type, with spaces, comments and either quote; and says what its cells hold.
func drawSheet(t *rapid.T) (content string, cells map[place]string) {
	var b strings.Builder
	cells = map[place]string{}
	quote := rapid.SampledFrom([]string{`"`, `'`}).Draw(t, "quote")
	attribute := func(name, value string) string { return " " + name + "=" + quote + value + quote }
	noise := rapid.SampledFrom([]string{"", "", " ", "\n  ", "<!-- <c r=\"A1\"/> -->", "<?x y?>"})
	b.WriteString(`<worksheet ` + main + `><sheetData>`)
	row := 0
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		b.WriteString(noise.Draw(t, "noise"))
		step := rapid.IntRange(1, 4).Draw(t, "step")
		row += step
		b.WriteString("<row")
		if step > 1 || rapid.Bool().Draw(t, "row is numbered") {
			b.WriteString(attribute("r", fmt.Sprint(row)))
		}
		if rapid.IntRange(0, 5).Draw(t, "row is empty") == 0 {
			b.WriteString("/>")
			continue
		}
		b.WriteString(">")
		column := 0
		for range rapid.IntRange(0, 5).Draw(t, "cells") {
			b.WriteString(noise.Draw(t, "noise"))
			step := rapid.IntRange(1, 3).Draw(t, "step")
			column += step
			at := place{row, column}
			b.WriteString("<c")
			if step > 1 || rapid.Bool().Draw(t, "cell is placed") {
				b.WriteString(attribute("r", at.String()))
			}
			value := fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "value"))
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				b.WriteString("/>")
			case 1:
				b.WriteString("><v>" + value + "</v></c>")
				cells[at] = value
			case 2:
				b.WriteString(attribute("t", "str") + "><v>x" + value + " &lt;&amp;</v></c>")
				cells[at] = "x" + value + " <&"
			case 3:
				b.WriteString(attribute("t", "inlineStr") + "><is><t>i" + value + "</t></is></c>")
				cells[at] = "i" + value
			}
		}
		b.WriteString("</row>")
	}
	b.WriteString(`</sheetData></worksheet>`)
	return b.String(), cells
}

// drawPlaces chooses cells on and around the sheet.
func drawPlaces(t *rapid.T) []place {
	places := map[place]bool{}
	for range rapid.IntRange(1, 8).Draw(t, "places") {
		places[place{rapid.IntRange(1, 26).Draw(t, "row"), rapid.IntRange(1, 16).Draw(t, "column")}] = true
	}
	return slices.SortedFunc(maps.Keys(places), place.compare)
}

// values reads all cells with the workbook library, which also says that places are in order.
func values(t testing.TB, b []byte) map[place]string {
	out := map[place]string{}
	rows, err := reopen(t, b).GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for r, row := range rows {
		for c, v := range row {
			if v != "" {
				out[place{r + 1, c + 1}] = v
			}
		}
	}
	return out
}

// fills reads the colours of cells by another reader of XML than ours; the workbook library mistakes
// rows without a number that follow rows with one.
func fills(rt *rapid.T, t *testing.T, b []byte) map[place]string {
	var sheet struct {
		Rows []struct {
			R     int `xml:"r,attr"`
			Cells []struct {
				R string `xml:"r,attr"`
				S int    `xml:"s,attr"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal([]byte(sheetXML(t, b)), &sheet); err != nil {
		rt.Fatal(err)
	}
	f := reopen(t, b)
	out := map[place]string{}
	row := 0
	for _, r := range sheet.Rows {
		if row++; r.R > 0 {
			row = r.R
		}
		column := 0
		for _, c := range r.Cells {
			if column++; c.R != "" {
				var at int
				var err error
				if column, at, err = excelize.CellNameToCoordinates(c.R); err != nil || at != row {
					rt.Fatalf("%s in row %d: %v", c.R, row, err)
				}
			}
			style, err := f.GetStyle(c.S)
			if err != nil {
				rt.Fatal(err)
			}
			if len(style.Fill.Color) > 0 {
				out[place{row, column}] = style.Fill.Color[0]
			}
		}
	}
	return out
}

func TestMark_property(t *testing.T) {
	t.Parallel()
	base := workbook(t, excelize.NewFile())
	rapid.Check(t, func(rt *rapid.T) {
		sheet, cells := drawSheet(rt)
		before := replacePart(t, base, "xl/worksheets/sheet1.xml", sheet)
		var marks []Mark
		places := drawPlaces(rt)
		for _, p := range places {
			marks = append(marks, Mark{Sheet: "Sheet1", Cell: p.String(), Message: "m", Severity: tributary.PleaseConfirm})
		}
		after := mark(t, before, Options{}, marks...)
		if diff := cmp.Diff(cells, values(t, after)); diff != "" {
			rt.Fatalf("values (-want +got):\n%s", diff)
		}
		want := map[place]string{}
		for _, p := range places {
			want[p] = "FFEB9D"
		}
		if diff := cmp.Diff(want, fills(rt, t, after)); diff != "" {
			rt.Fatalf("fills (-want +got):\n%s\nin %s", diff, sheetXML(t, after))
		}
		// Marking nothing takes all of it back but the cells that had to be made, which are empty.
		again := mark(t, after, Options{})
		if diff := cmp.Diff(cells, values(t, again)); diff != "" {
			rt.Fatalf("values when unmarked (-want +got):\n%s", diff)
		}
		if _, isOurs, _ := openBook(t, again).Ours(); !isOurs {
			rt.Fatal("an unmarked copy is not known again")
		}
		if got := fills(rt, t, again); len(got) > 0 {
			rt.Fatalf("got fills %v when unmarked", got)
		}
	})
}

func TestFill_property(t *testing.T) {
	t.Parallel()
	base := workbook(t, excelize.NewFile())
	rapid.Check(t, func(rt *rapid.T) {
		sheet, cells := drawSheet(rt)
		before := replacePart(t, base, "xl/worksheets/sheet1.xml", sheet)
		fill := openBook(t, before).Fill()
		for _, p := range drawPlaces(rt) {
			v := rapid.StringMatching(`[a-zé<&"'_x0-9 \n]{1,20}`).Draw(rt, "text")
			if err := fill.SetText("Sheet1", p.String(), v); err != nil {
				rt.Fatal(err)
			}
			cells[p] = v
		}
		var out bytes.Buffer
		if _, err := fill.Write(&out); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(cells, values(t, out.Bytes())); diff != "" {
			rt.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// TestScanner_piecesMakeTheWhole holds that the tokens are the part, byte for byte, wherever reads
// happen to end.
func TestScanner_piecesMakeTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sheet, _ := drawSheet(rt)
		s := newScanner(&slow{[]byte(sheet), rapid.IntRange(1, 9).Draw(rt, "at once")}, "x")
		s.buf = make([]byte, 16)
		got := ""
		for s.next() {
			got += string(s.raw)
		}
		if s.err != nil || got != sheet {
			rt.Fatalf("%v: got %q, want %q", s.err, got, sheet)
		}
	})
}

// slow gives a few bytes at once.
type slow struct {
	b []byte
	n int
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.n)], s.b)
	s.b = s.b[n:]
	return n, nil
}

// FuzzSheet gives the walks over a sheet anything: an error or a workbook, never a panic.
func FuzzSheet(f *testing.F) {
	for _, xml := range []string{
		`<worksheet ` + main + `><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>`,
		`<x:worksheet xmlns:x="a"><x:cols><x:col min="1" max="3" style="9"/></x:cols><x:sheetData><x:row><x:c/></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells></x:worksheet>`,
		`<worksheet><sheetData><row><c><f t="shared" si="0" ref="A1:B2">A1+B$2</f><v/></c><c><f t='shared' si='0'/></c></row></sheetData><sheetProtection sheet="1"/></worksheet>`,
		`<worksheet><dimension ref="A1"/><sheetData/><!-- --><legacyDrawing r:id="rId1"/></worksheet>`,
	} {
		f.Add([]byte(xml))
	}
	base := workbook(f, excelize.NewFile())
	f.Fuzz(func(t *testing.T, xml []byte) {
		if len(xml) > 1<<16 {
			return
		}
		b := openBook(t, replacePart(t, base, "xl/worksheets/sheet1.xml", string(xml)))
		var marked bytes.Buffer
		_, err := b.Mark(&marked, []Mark{{Sheet: "Sheet1", Cell: "B2", Message: "m", Severity: tributary.Note}, {Sheet: "Sheet1", Cell: "A1", Message: "m", Severity: tributary.Note}}, Options{})
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("an error without a kind: %v", err)
		}
		if err != nil && marked.Len() > 0 {
			t.Errorf("half-written: %v", err)
		}
		if err == nil {
			// What is marked can be marked again.
			if _, err := openBook(t, marked.Bytes()).Mark(io.Discard, nil, Options{}); err != nil {
				t.Error(err)
			}
		}
		fill := b.Fill()
		if err := fill.SetNumber("Sheet1", "A1", 1); err != nil {
			t.Fatal(err)
		}
		fill.Write(io.Discard)
	})
}

// FuzzOpen gives Open any zip, and marks what opens.
func FuzzOpen(f *testing.F) {
	for name, b := range excelMade(f) {
		if !strings.HasPrefix(name, "encrypt") {
			f.Add(b)
		}
	}
	f.Add(workbook(f, excelize.NewFile()))
	f.Fuzz(func(t *testing.T, b []byte) {
		book, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if tributary.FixOf(err) == "" {
				t.Errorf("no fix: %v", err)
			}
			return
		}
		book.Ours()
		var marks []Mark
		for _, s := range book.Sheets() {
			marks = append(marks, Mark{Sheet: s, Cell: "C3", Message: "m", Severity: tributary.Note})
		}
		var out bytes.Buffer
		if _, err := book.Mark(&out, marks, Options{}); err == nil {
			if _, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len())); err != nil {
				t.Errorf("what was written does not open: %v", err)
			}
		}
		fill := book.Fill()
		for _, m := range marks {
			fill.SetText(m.Sheet, m.Cell, "x")
		}
		fill.Write(io.Discard)
	})
}

// FuzzReader gives the reader of formulas anything.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"SUM(A1:B2,'it''s'!C3)", "A:A+1:2", "T[#All]", "Form:Last!A1", `"a""b"`, "A1:", "'", "1E", "loop"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &reader{sheets: map[string]int{"form": 0, "last": 1}, known: map[definedName]meaning{}, names: map[definedName]string{{-1, "loop"}: s}}
		refs, isKnown := r.read(s, 0)
		for _, ref := range refs {
			if ref.first < 0 || ref.last > 1 || ref.first > ref.last {
				t.Errorf("%q: got %+v", s, ref)
			}
		}
		if !isKnown && refs != nil {
			t.Errorf("%q: references of what is not known", s)
		}
	})
}
