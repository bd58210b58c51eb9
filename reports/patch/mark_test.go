package patch

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
)

// clients is a small export with what an export may have: heading, number and date formats, a
// column and a row with a style of their own, fills, comments, a frozen pane, a second sheet.
func clients(t testing.TB) []byte {
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "Client's list"))
	style := func(s *excelize.Style) int {
		id, err := f.NewStyle(s)
		must(err)
		return id
	}
	const sheet = "Client's list"
	green := style(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"C6EFCE"}}})
	money, bold := style(&excelize.Style{NumFmt: 4}), style(&excelize.Style{Font: &excelize.Font{Bold: true}})
	must(f.SetSheetRow(sheet, "A1", &[]any{"Client", "Name", "Born", "Fee"}))
	must(f.SetSheetRow(sheet, "A2", &[]any{"0012", "A", 41000, 3.5}))
	must(f.SetSheetRow(sheet, "A3", &[]any{"0013", "B & <B>", 51000, 4.25}))
	must(f.SetColStyle(sheet, "D", money))
	must(f.SetRowStyle(sheet, 9, 9, bold))
	must(f.SetCellStyle(sheet, "B3", "B3", green))
	must(f.AddComment(sheet, excelize.Comment{Cell: "A2", Author: "Ann", Text: "ask again"}))
	_, err := f.NewSheet("Other")
	must(err)
	must(f.SetCellValue("Other", "A1", "x"))
	must(f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	return workbook(t, f)
}

func TestMark_keepsStyleAndComments(t *testing.T) {
	t.Parallel()
	before := clients(t)
	const sheet = "Client's list"
	after := mark(t, before, Options{},
		Mark{Sheet: sheet, Cell: "B3", Message: "one", Severity: tributary.Note},
		Mark{Sheet: sheet, Cell: "B3", Message: "two", Severity: tributary.PleaseConfirm},
		Mark{Sheet: sheet, Cell: "D7", Message: "m", Severity: tributary.Note},
		Mark{Sheet: sheet, Cell: "F9", Message: "m", Severity: tributary.Note},
		Mark{Sheet: strings.ToLower(sheet), Cell: "A2", Message: "m", Severity: tributary.Blocks})
	f := reopen(t, after)
	wantFill(t, f, sheet, "B3", "FFEB9D")
	wantFill(t, f, sheet, "A2", "FFC7CF")
	wantComment(t, f, sheet, "B3", "Tributary:\none\n\ntwo")
	wantComment(t, f, sheet, "A2", "ask again\n\nTributary: m")
	get := func(cell string) *excelize.Style {
		id, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got := get("D7").NumFmt; got != 4 {
		t.Errorf("a cell that was not there has number format %d, want its column's 4", got)
	}
	if font := get("F9").Font; font == nil || !font.Bold {
		t.Errorf("a cell that was not there is not bold, as its row is")
	}
	wantUntouched(t, before, after, typesPart, "xl/_rels/workbook.xml.rels", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
}

func TestMark_lists(t *testing.T) {
	t.Parallel()
	before := clients(t)
	tests := map[string][][]string{
		"en": {{"To fix or to confirm in this file: 3"}, {"Correct the coloured cells in their own sheets (column Where leads there), save, and send this file back."},
			{"Leave this sheet and the notes signed Tributary as they are: they are not read when the file comes back."},
			{`Sheet "Client's list": 1 of 2 coloured cells have a note; all of them are listed here.`}, nil,
			{"Client id", "What is wrong and what to do", "Where", "How serious", "Check"},
			{"", "m", "Client's list!C3", "Must be fixed", "c2"},
			{"0012", "=1+1 _x000D_", "Client's list!C2", "Please confirm", "c1"},
			{"", "whole file", "the file", "For information", "c3"}},
		"fr": {{"À corriger ou à confirmer dans ce fichier : 3"}, {"Corrigez les cellules colorées dans leurs propres feuilles (la colonne Où y mène), enregistrez et renvoyez ce fichier."},
			{"Laissez cette feuille et les notes signées Tributary telles quelles : elles ne sont pas lues au retour du fichier."},
			{`Feuille « Client's list » : une note figure sur 1 des 2 cellules colorées; toutes sont dans la liste.`}, nil,
			{"N° de client", "Ce qui ne va pas et ce qu'il faut faire", "Où", "Gravité", "Vérification"},
			{"", "m", "Client's list!C3", "À corriger absolument", "c2"},
			{"0012", "=1+1 _x000D_", "Client's list!C2", "Veuillez confirmer", "c1"},
			{"", "whole file", "le fichier", "Pour information", "c3"}},
	}
	for language, want := range tests {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			after := mark(t, before, Options{Language: language, Comments: 1},
				Mark{Sheet: "Client's list", Cell: "C2", Client: "0012", Message: "=1+1 _x000D_", Check: "c1", Severity: tributary.PleaseConfirm},
				Mark{Sheet: "Client's list", Cell: "C3", Message: "m", Check: "c2", Severity: tributary.Blocks},
				Mark{Message: "whole file", Check: "c3", Severity: tributary.Note})
			f := reopen(t, after)
			name := map[string]string{"en": "To fix", "fr": "À corriger"}[language]
			got, err := f.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if f.GetActiveSheetIndex() != 2 || f.GetSheetName(2) != name {
				t.Errorf("the workbook opens on sheet %d, want ours, the last", f.GetActiveSheetIndex())
			}
			if isLink, to, _ := f.GetCellHyperLink(name, "C7"); !isLink || to != "'Client''s list'!C3" {
				t.Errorf("got link %q", to)
			}
			wantComment(t, f, "Client's list", "C2", "none")
			wantComment(t, f, "Client's list", "C3", "Tributary:\nm")
		})
	}
}

func TestMark_again(t *testing.T) {
	t.Parallel()
	before := clients(t)
	const sheet = "Client's list"
	once := mark(t, before, Options{},
		Mark{Sheet: sheet, Cell: "B3", Message: "one", Severity: tributary.Note},
		Mark{Sheet: sheet, Cell: "A2", Message: "two", Severity: tributary.Note},
		Mark{Sheet: "Other", Cell: "A1", Message: "three", Severity: tributary.Note})
	ours, isOurs, err := IsOurs(bytes.NewReader(once), int64(len(once)))
	if err != nil {
		t.Fatal(err)
	}
	want := Ours{Sheet: "To fix", Comments: []Comments{{sheet, []string{"A2", "B3"}}, {"Other", []string{"A1"}}}}
	if diff := cmp.Diff(want, ours); diff != "" || !isOurs {
		t.Errorf("ours %v (-want +got):\n%s", isOurs, diff)
	}
	if _, isOurs, _ := IsOurs(bytes.NewReader(before), int64(len(before))); isOurs {
		t.Error("a file that we never saw is called ours")
	}
	twice := mark(t, once, Options{}, Mark{Sheet: sheet, Cell: "B2", Message: "four", Severity: tributary.Blocks})
	f := reopen(t, twice)
	if diff := cmp.Diff([]string{sheet, "Other", "To fix"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	wantFill(t, f, sheet, "B3", "C6EFCE")
	wantFill(t, f, sheet, "A2", "")
	wantFill(t, f, "Other", "A1", "")
	wantFill(t, f, sheet, "B2", "FFC7CF")
	wantComment(t, f, sheet, "A2", "ask again")
	wantComment(t, f, sheet, "B3", "none")
	wantComment(t, f, "Other", "A1", "none")
	wantComment(t, f, sheet, "B2", "Tributary:\nfour")
	if got := strings.Count(partText(t, twice, "xl/drawings/vmlDrawing1.vml"), "<v:shape "); got != 2 {
		t.Errorf("got %d boxes of comments, want 2", got)
	}
	if rows, _ := f.GetRows("To fix"); len(rows) != 6 {
		t.Errorf("got %d rows in the list, want 6", len(rows))
	}
}

func TestMark_refuses(t *testing.T) {
	t.Parallel()
	b := openBook(t, clients(t))
	tests := map[string]struct {
		mark Mark
		want error
		fix  string
	}{
		"no such sheet":    {Mark{Sheet: "Othr", Cell: "A1", Severity: tributary.Note}, ErrNoSheet, `did you mean "Other"?`},
		"no sheet near it": {Mark{Sheet: "Zebra", Cell: "A1", Severity: tributary.Note}, ErrNoSheet, "the workbook has: Client's list, Other"},
		"no cell":          {Mark{Sheet: "Other", Cell: "A0", Severity: tributary.Note}, ErrNotCell, "write letters and a number, such as B12"},
		"beyond the sheet": {Mark{Sheet: "Other", Cell: "XFE1", Severity: tributary.Note}, ErrNotCell, "write letters and a number, such as B12"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := b.Mark(&out, []Mark{tt.mark}, Options{})
			if !errors.Is(err, tt.want) || tributary.FixOf(err) != tt.fix {
				t.Errorf("got %v, fix %q, want %v, fix %q", err, tributary.FixOf(err), tt.want, tt.fix)
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes were written", out.Len())
			}
		})
	}
}

// TestMark_refusesBeforeWriting holds that a sheet which is damaged in its last byte leaves nothing
// half-written.
func TestMark_refusesBeforeWriting(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"cut off":      `<worksheet ` + main + `><sheetData><row r="1"><c r="A1"/></row></sheetData>`,
		"out of order": `<worksheet ` + main + `><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>`,
		"cells too":    `<worksheet ` + main + `><sheetData><row r="2"><c r="B2"/><c r="A2"/></row></sheetData></worksheet>`,
		"wrong place":  `<worksheet ` + main + `><sheetData><row r="2"><c r="B3"/></row></sheetData></worksheet>`,
		"no cells":     `<worksheet ` + main + `/>`,
		"UTF-16":       "\xFF\xFE<\x00w\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := openBook(t, withSheet(t, xml)).Mark(&out, []Mark{{Sheet: "Sheet1", Cell: "A1", Severity: tributary.Note}}, Options{})
			if !errors.Is(err, ErrDamaged) || out.Len() > 0 {
				t.Errorf("got %v and %d bytes, want damage and none", err, out.Len())
			}
		})
	}
}

// otherWriter rewrites a workbook as some writers make them: prefixes on everything, relationships by
// absolute target, or the namespaces of the strict standard.
func otherWriter(t testing.TB, b []byte, isStrict bool) []byte {
	return repacked(t, b, func(name, c string) (string, bool) {
		switch {
		case isStrict:
			c = strings.ReplaceAll(c, "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
			c = strings.ReplaceAll(c, transitional, strict)
		case name == "xl/_rels/workbook.xml.rels":
			c = strings.ReplaceAll(strings.ReplaceAll(c, `Target="`, `Target="/xl/`), "/xl//xl/", "/xl/")
		case strings.HasSuffix(name, ".xml") && strings.Contains(c, main):
			c = strings.Replace(c, main, strings.Replace(main, "xmlns=", "xmlns:x=", 1), 1)
			i := strings.Index(c, "?>") + 2
			body := strings.NewReplacer("</", "</x:", "<", "<x:").Replace(c[i:])
			for _, foreign := range []string{"mc", "x14ac", "x15", "x14", "xr", "a"} {
				body = strings.ReplaceAll(body, "x:"+foreign+":", foreign+":")
			}
			c = c[:i] + body
		}
		return c, true
	})
}

func TestMark_otherWriters(t *testing.T) {
	t.Parallel()
	const sheet = "Client's list"
	for name, isStrict := range map[string]bool{"prefixed": false, "strict": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := otherWriter(t, clients(t), isStrict)
			after := mark(t, b, Options{}, Mark{Sheet: sheet, Cell: "B3", Message: "one", Severity: tributary.Note},
				Mark{Sheet: sheet, Cell: "C12", Message: "one", Severity: tributary.Note}, Mark{Sheet: "Other", Cell: "A1", Message: "m", Severity: tributary.Note})
			again := mark(t, after, Options{}, Mark{Sheet: sheet, Cell: "B2", Message: "one", Severity: tributary.Note})
			ours, _, err := IsOurs(bytes.NewReader(again), int64(len(again)))
			want := Ours{Sheet: "To fix", Comments: []Comments{{sheet, []string{"B2"}}}}
			if diff := cmp.Diff(want, ours); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			prefix := map[bool]string{false: "x:"}[isStrict]
			if xml := sheetXML(t, after); !strings.Contains(xml, "<"+prefix+`row r="12"><`+prefix+`c r="C12" s="`) {
				t.Errorf("no marked cell in %s", xml)
			}
			if isStrict {
				wantFill(t, reopen(t, after), sheet, "C12", "DDEBF8")
			}
		})
	}
}

// TestMark_soffice lets another program read what was marked, and save it: the values, fills and
// comments are there, and ours are known again.
func TestMark_soffice(t *testing.T) {
	t.Parallel()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("LibreOffice is not here: make deps")
		}
		t.Skip("LibreOffice is not here: make deps")
	}
	const sheet = "Client's list"
	saved := func(b []byte) []byte {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "in.xlsx"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(soffice, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")), "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
			"--outdir", filepath.Join(dir, "out"), filepath.Join(dir, "in.xlsx"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		out, err := os.ReadFile(filepath.Join(dir, "out", "in.xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := saved(clients(t))
	after := mark(t, before, Options{Language: "fr"}, Mark{Sheet: sheet, Cell: "B3", Message: "é", Severity: tributary.Note}, Mark{Sheet: sheet, Cell: "E12", Message: "m", Severity: tributary.Note})
	back := saved(after)
	for name, b := range map[string][]byte{"marked": after, "marked and saved": back} {
		f := reopen(t, b)
		// The workbook library knows no colours where there is no theme.
		styles, err := openBook(t, b).readStyles()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range []string{"B3", "E12"} {
			id, _ := f.GetCellStyle(sheet, cell)
			if got := styles.shown(id); got != colours[tributary.Note] {
				t.Errorf("%s: %s has fill %q", name, cell, got)
			}
		}
		if got, _ := f.GetCellValue(sheet, "B3"); got != "B & <B>" {
			t.Errorf("%s: got %q", name, got)
		}
		ours, isOurs, err := IsOurs(bytes.NewReader(b), int64(len(b)))
		want := Ours{Sheet: "À corriger", Comments: []Comments{{sheet, []string{"B3", "E12"}}}}
		if diff := cmp.Diff(want, ours); diff != "" || !isOurs || err != nil {
			t.Errorf("%s: %v %v (-want +got):\n%s", name, isOurs, err, diff)
		}
	}
	wantUntouched(t, before, after, typesPart, "xl/_rels/workbook.xml.rels", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
	// What it saved loses our marks as well, and once it has saved that too nothing is there twice.
	again := saved(mark(t, back, Options{Language: "fr"}, Mark{Sheet: sheet, Cell: "B2", Message: "m", Severity: tributary.Blocks}))
	ours, _, err := IsOurs(bytes.NewReader(again), int64(len(again)))
	if diff := cmp.Diff(Ours{Sheet: "À corriger", Comments: []Comments{{sheet, []string{"B2"}}}}, ours); diff != "" || err != nil {
		t.Errorf("marked again: %v (-want +got):\n%s", err, diff)
	}
	if got := reopen(t, again).GetSheetList(); len(got) != 3 {
		t.Errorf("marked again: got sheets %v", got)
	}
	wantComment(t, reopen(t, again), sheet, "A2", "ask again")
	var filled bytes.Buffer
	fill := openBook(t, before).Fill()
	if err := fill.SetText(sheet, "B3", "é"); err != nil {
		t.Fatal(err)
	}
	if _, err := fill.Write(&filled); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, before, filled.Bytes(), "xl/workbook.xml", "xl/worksheets/sheet1.xml")
	if got, _ := reopen(t, saved(filled.Bytes())).GetCellValue(sheet, "B3"); got != "é" {
		t.Errorf("LibreOffice reads %q from a filled cell", got)
	}
}
