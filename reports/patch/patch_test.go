package patch

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

// excelMade are the workbooks of the workbook library's own folder; those that Excel made or that
// were made to be difficult. book is Excel's with charts, a table, a comment and a picture.
func excelMade(t testing.TB) map[string][]byte {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, pattern := range []string{"*.xlsx", "*.xlsm"} {
		found, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "test", pattern))
		for _, f := range found {
			if files[filepath.Base(f)], err = os.ReadFile(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(files) < 6 {
		t.Fatalf("got %d workbooks, want at least 6", len(files))
	}
	return files
}

func openBook(t testing.TB, b []byte) *Book {
	t.Helper()
	book, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func mark(t testing.TB, b []byte, o Options, marks ...Mark) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := openBook(t, b).Mark(&out, marks, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func workbook(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reopen(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func unpack(t testing.TB, b []byte) *zip.Reader {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func partText(t testing.TB, b []byte, name string) string {
	t.Helper()
	f, err := unpack(t, b).Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// raw is a part's local header, compressed bytes and what follows them: all that the zip holds of it.
func raw(t testing.TB, b []byte) map[string]string {
	t.Helper()
	parts, err := readZip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range parts {
		record := slices.Clone(p.record)
		copy(record[42:46], "\x00\x00\x00\x00")
		out[p.name] = string(b[p.start:p.end]) + string(record)
	}
	return out
}

func partNames(t testing.TB, b []byte) []string {
	var names []string
	for _, f := range unpack(t, b).File {
		names = append(names, f.Name)
	}
	return names
}

// wantUntouched proves that of the parts before only those named have another byte, in whatever is
// held of them, and that all stand in the same order.
func wantUntouched(t testing.TB, before, after []byte, changed ...string) {
	t.Helper()
	was, is := raw(t, before), raw(t, after)
	var differ []string
	for name, content := range was {
		if is[name] != content {
			differ = append(differ, name)
		}
	}
	slices.Sort(differ)
	slices.Sort(changed)
	if diff := cmp.Diff(changed, differ); diff != "" {
		t.Errorf("changed parts (-want +got):\n%s", diff)
	}
	names := partNames(t, before)
	if diff := cmp.Diff(names, partNames(t, after)[:len(names)]); diff != "" {
		t.Errorf("order of parts (-want +got):\n%s", diff)
	}
}

func TestWrite_nothingChangedIsByteIdentical(t *testing.T) {
	t.Parallel()
	for name, b := range excelMade(t) {
		// BadWorkbook has no sheets.
		if strings.HasPrefix(name, "encrypt") || name == "BadWorkbook.xlsx" {
			continue
		}
		var out bytes.Buffer
		if err := openBook(t, b).job().write(&out); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), b) {
			t.Errorf("%s: the copy is another file", name)
		}
	}
}

func TestMark_leavesAllElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, sheet, cell string
		changed           []string
	}{
		{"Book1.xlsx", "Sheet1", "B19", []string{typesPart, "xl/_rels/workbook.xml.rels", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"}},
		{"Book1.xlsx", "Sheet2", "ZZ900", []string{typesPart, "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}},
		{"CalcChain.xlsx", "Sheet1", "A1", nil},
		{"MergeCell.xlsx", "Sheet1", "C3", nil},
		{"OverflowNumericCell.xlsx", "Sheet1", "A1", nil},
		{"SharedStrings.xlsx", "Sheet2", "B2", nil},
	}
	books := excelMade(t)
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.cell, func(t *testing.T) {
			t.Parallel()
			before := books[tt.file]
			sheet := tt.sheet
			if !slices.Contains(openBook(t, before).Sheets(), sheet) {
				sheet = openBook(t, before).Sheets()[0]
			}
			after := mark(t, before, Options{}, Mark{Sheet: sheet, Cell: tt.cell, Client: "0012", Message: "The date is missing. Fill it in.", Check: "no_date", Severity: tributary.SetsAside})
			if tt.changed != nil {
				wantUntouched(t, before, after, tt.changed...)
			}
			was, is := reopen(t, before), reopen(t, after)
			for _, name := range was.GetSheetList() {
				want, _ := was.GetRows(name)
				got, err := is.GetRows(name)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(trim(want), trim(got)); diff != "" {
					t.Errorf("values of %s (-want +got):\n%s", name, diff)
				}
			}
			wantFill(t, is, sheet, tt.cell, "FFC7CF")
			wantComment(t, is, sheet, tt.cell, "Tributary:\nThe date is missing. Fill it in.")
		})
	}
}

// trim leaves out what is empty at the end of rows and sheet.
func trim(rows [][]string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, strings.TrimRight(strings.Join(r, "|"), "|"))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func wantFill(t testing.TB, f *excelize.File, sheet, cell, colour string) {
	t.Helper()
	if got, err := fillOf(f, sheet, cell); got != colour || err != nil {
		t.Errorf("%s!%s: got fill %q, %v, want %q", sheet, cell, got, err, colour)
	}
}

// fillOf is the colour of a cell as the workbook library reads it.
func fillOf(f *excelize.File, sheet, cell string) (string, error) {
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		return "", err
	}
	style, err := f.GetStyle(id)
	if err != nil || len(style.Fill.Color) == 0 {
		return "", err
	}
	return style.Fill.Color[0], nil
}

func wantComment(t testing.TB, f *excelize.File, sheet, cell, want string) {
	t.Helper()
	list, err := f.GetComments(sheet)
	if err != nil {
		t.Fatal(err)
	}
	got := "none"
	for _, c := range list {
		if c.Cell == cell {
			got = ""
			for _, run := range c.Paragraph {
				got += run.Text
			}
			if len(c.Paragraph) == 0 {
				got = c.Text
			}
		}
	}
	if got != want {
		t.Errorf("%s!%s: got comment %q, want %q", sheet, cell, got, want)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	books := excelMade(t)
	good := workbook(t, excelize.NewFile())
	tests := map[string]struct {
		book []byte
		want error
	}{
		"encrypted":     {books["encryptSHA1.xlsx"], ErrEncrypted},
		"encrypted AES": {books["encryptAES.xlsx"], ErrEncrypted},
		"cut off":       {good[:len(good)-300], ErrDamaged},
		"no zip":        {[]byte("id;name\n1;2\n"), ErrDamaged},
		"empty":         {nil, ErrDamaged},
		"no workbook":   {zipped(t, "a.txt", "hello"), ErrNotWorkbook},
		"signed":        {withPart(t, good, "_xmlsignatures/sig1.xml", "<Signature/>"), ErrSigned},
		"part twice":    {withPart(t, good, "XL/workbook.xml", "<workbook/>"), ErrDamaged},
		"no sheets":     {books["BadWorkbook.xlsx"], ErrNotWorkbook},
		"bomb":          {withPart(t, good, "xl/media/zero.bin", strings.Repeat("\x00", smallBook+1)), ErrTooLarge},
		"document type": {replacePart(t, good, "xl/workbook.xml", `<!DOCTYPE a [<!ENTITY b "c">]><workbook/>`), ErrDamaged},
		"other tags":    {replacePart(t, good, "xl/workbook.xml", `<workbook><sheets></workbook>`), ErrDamaged},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(bytes.NewReader(tt.book), int64(len(tt.book)))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if tributary.FixOf(err) == "" {
				t.Errorf("%v has no fix", err)
			}
		})
	}
}

// overlapping makes the directory's second part begin where the first does.
func overlapping(t testing.TB, b []byte) []byte {
	b = bytes.Clone(b)
	first := bytes.Index(b, []byte("PK\x01\x02"))
	second := first + 4 + bytes.Index(b[first+4:], []byte("PK\x01\x02"))
	copy(b[second+42:second+46], b[first+42:first+46])
	return b
}

func TestOpen_overlappingParts(t *testing.T) {
	t.Parallel()
	b := overlapping(t, workbook(t, excelize.NewFile()))
	if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "over another part") {
		t.Errorf("got %v", err)
	}
}

// TestBounded stops a part that unfolds to more than it says.
func TestBounded(t *testing.T) {
	t.Parallel()
	b := &bounded{r: io.LimitReader(endless{}, 64<<20), left: 1 << 20}
	n, err := io.Copy(io.Discard, b)
	if !errors.Is(err, ErrDamaged) || n > 1<<20 {
		t.Errorf("got %d bytes and %v", n, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestWrite_keepsHeaders holds that a part which is written anew keeps its time.
func TestWrite_keepsHeaders(t *testing.T) {
	t.Parallel()
	before := excelMade(t)["Book1.xlsx"]
	after := unpack(t, mark(t, before, Options{}, Mark{Sheet: "Sheet1", Cell: "A1", Message: "m", Severity: tributary.Note}))
	for i, f := range unpack(t, before).File {
		if got := after.File[i]; !got.Modified.Equal(f.Modified) || got.ExternalAttrs != f.ExternalAttrs {
			t.Errorf("%s: got %v, want %v", f.Name, got.Modified, f.Modified)
		}
	}
}

func zipped(t testing.TB, nameAndContent ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(nameAndContent); i += 2 {
		w, err := z.Create(nameAndContent[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, nameAndContent[i+1])
	}
	z.Close()
	return b.Bytes()
}

func repacked(t testing.TB, b []byte, change func(name, content string) (string, bool), more ...string) []byte {
	var list []string
	for _, f := range unpack(t, b).File {
		content, keep := change(f.Name, partText(t, b, f.Name))
		if keep {
			list = append(list, f.Name, content)
		}
	}
	return zipped(t, append(list, more...)...)
}

func withPart(t testing.TB, b []byte, name, content string) []byte {
	return repacked(t, b, func(_, c string) (string, bool) { return c, true }, name, content)
}

func replacePart(t testing.TB, b []byte, name, content string) []byte {
	return repacked(t, b, func(n, c string) (string, bool) {
		if n == name {
			return content, true
		}
		return c, true
	})
}

// withSheet is a workbook whose only sheet is the XML given.
func withSheet(t testing.TB, xml string) []byte {
	return replacePart(t, workbook(t, excelize.NewFile()), "xl/worksheets/sheet1.xml", xml)
}

func sheetXML(t testing.TB, b []byte) string { return partText(t, b, "xl/worksheets/sheet1.xml") }

const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`

func TestMark_sheetXML(t *testing.T) {
	t.Parallel()
	// S stands for the style of a marked cell that had none.
	tests := []struct{ name, cells, before, after string }{
		{"cell without style", "A1", `<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>`, `<sheetData><row r="1"><c r="A1" s="S"><v>1</v></c></row></sheetData>`},
		{"quotes of either kind", "A1", `<sheetData><row r='1'><c r='A1' t='str' s='0'><v>&gt;</v></c></row></sheetData>`, `<sheetData><row r='1'><c r='A1' t='str' s='S'><v>&gt;</v></c></row></sheetData>`},
		{"self-closing cell", "B1", `<sheetData><row r="1"><c r="A1"/><c r="B1" /><c r="C1"/></row></sheetData>`, `<sheetData><row r="1"><c r="A1"/><c r="B1" s="S" /><c r="C1"/></row></sheetData>`},
		{"no places written", "B2", `<sheetData><row><c><v>1</v></c></row><row><c/><c><v>2</v></c></row></sheetData>`, `<sheetData><row><c><v>1</v></c></row><row><c/><c s="S"><v>2</v></c></row></sheetData>`},
		{"cell between", "B1", `<sheetData><row r="1" spans="1:3"><c r="A1"/><c r="C1"/></row></sheetData>`, `<sheetData><row r="1" spans="1:3"><c r="A1"/><c r="B1" s="S"/><c r="C1"/></row></sheetData>`},
		{"cell beyond the stated span", "D1", `<sheetData><row r="1" spans="1:3"><c r="A1"/></row></sheetData>`, `<sheetData><row r="1"><c r="A1"/><c r="D1" s="S"/></row></sheetData>`},
		{"row between", "A2", `<sheetData><row r="1"/> <row r="3"/></sheetData>`, `<sheetData><row r="1"/> <row r="2"><c r="A2" s="S"/></row><row r="3"/></sheetData>`},
		{"row that is empty", "A1", `<sheetData><row r="1" ht="20"/></sheetData>`, `<sheetData><row r="1" ht="20"><c r="A1" s="S"/></row></sheetData>`},
		{"row at the end", "A9 C9", `<sheetData><row r="1"/></sheetData>`, `<sheetData><row r="1"/><row r="9"><c r="A9" s="S"/><c r="C9" s="S"/></row></sheetData>`},
		{"no rows", "A1", `<sheetData/>`, `<sheetData><row r="1"><c r="A1" s="S"/></row></sheetData>`},
		{"comments and sections", "A1", `<sheetData><!-- <row r="7"> --><row r="1"><c r="A1" t="str"><v><![CDATA[</c><c r="A2">]]></v></c></row></sheetData>`,
			`<sheetData><!-- <row r="7"> --><row r="1"><c r="A1" t="str" s="S"><v><![CDATA[</c><c r="A2">]]></v></c></row></sheetData>`},
		{"dimension grows", "C3", `<dimension ref="A1:B2"/><sheetData/>`, `<dimension ref="A1:C3"/><sheetData><row r="3"><c r="C3" s="S"/></row></sheetData>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const head, tail = `<worksheet ` + main + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`, `<pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>`
			before := withSheet(t, head+tt.before+tail+`<tableParts count="0"/></worksheet>`)
			var marks []Mark
			for _, cell := range strings.Fields(tt.cells) {
				marks = append(marks, Mark{Sheet: "Sheet1", Cell: cell, Message: "m", Severity: tributary.Note})
			}
			got := sheetXML(t, mark(t, before, Options{}, marks...))
			f := reopen(t, mark(t, before, Options{}, marks...))
			id, _ := f.GetCellStyle("Sheet1", marks[0].Cell)
			want := head + strings.ReplaceAll(strings.ReplaceAll(tt.after, `s="S"`, fmt.Sprintf(`s="%d"`, id)), `s='S'`, fmt.Sprintf(`s='%d'`, id)) + tail +
				`<legacyDrawing r:id="rIdT2"/><tableParts count="0"/></worksheet>`
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantFill(t, f, "Sheet1", marks[0].Cell, "DDEBF8")
		})
	}
}
