package pipelines

import (
	"archive/zip"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/pipelines/land"
	"tributary/pipelines/mapping"
	"tributary/reports/feedback"
	"tributary/reports/patch"
)

// landed lands one file and returns its name, its sheets and their rows.
func landed(t *testing.T, name string, data []byte) tributary.File {
	t.Helper()
	inbox := t.TempDir()
	if err := os.WriteFile(filepath.Join(inbox, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	q, _ := tributary.ParseQuarter("2025-26Q1")
	store := &land.Store{Root: t.TempDir(), Temp: t.TempDir()}
	files, err := store.Land(t.Context(), inbox, "ELM", q, []tributary.Hint{{Pattern: "kids.csv", Delimiter: ";"}}, time.Date(2025, 7, 10, 0, 0, 0, 0, time.UTC))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

func sheetNames(f tributary.File) []string {
	var out []string
	for _, s := range f.Sheets {
		out = append(out, s.Name)
	}
	return out
}

// TestLand_marked lands what patch marked, in both languages and as another program saves it: our sheet is no
// data, and all else is there.
func TestLand_marked(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range []string{"Children", "To fix"} { // one of theirs may have our name
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for at, v := range map[string]string{"A1": "No", "B1": "Born", "A2": "c1", "B2": "spring"} {
			if err := f.SetCellStr(name, at, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if err := f.Write(&plain); err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		data, err := mark(bytes.NewReader(plain.Bytes()), int64(plain.Len()), []patch.Mark{{Sheet: "Children", Cell: "B2", Client: "c1", Message: "Not a date.",
			Check: "bad_date", Severity: tributary.PleaseConfirm}}, patch.Options{Language: lang})
		if err != nil {
			t.Fatal(err)
		}
		ours, isOurs, err := patch.IsOurs(bytes.NewReader(data), int64(len(data)))
		if err != nil || !isOurs || ours.Sheet == "" {
			t.Fatal(ours, isOurs, err)
		}
		got := landed(t, "kids.xlsx", data)
		if diff := cmp.Diff([]string{"Children", "To fix"}, sheetNames(got)); diff != "" || len(got.Findings) > 0 {
			t.Errorf("%s: %v (-want +got)\n%s", lang, got.Findings, diff)
		}
	}
}

// TestLand_markedMacros marks a workbook with macros: they are there as they were, and it lands as what it is.
func TestLand_markedMacros(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	path := filepath.Join(t.TempDir(), "kids.xlsm")
	if err := errorsOf(f.SetCellStr("Sheet1", "A1", "No"), f.SetCellStr("Sheet1", "A2", "c1"), f.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	book, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	macros := bytes.Repeat([]byte{0xd0, 0xcf, 0x11, 0xe0}, 500)
	var with bytes.Buffer
	z := zip.NewWriter(&with)
	for _, part := range book.File {
		if err := z.Copy(part); err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create("xl/vbaProject.bin")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(macros)
	if err := errorsOf(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := mark(bytes.NewReader(with.Bytes()), int64(with.Len()), []patch.Mark{{Sheet: "Sheet1", Cell: "A2", Message: "Not a date.", Check: "bad_date", Severity: tributary.PleaseConfirm}}, patch.Options{Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	marked, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(marked, "xl/vbaProject.bin"); err != nil || !bytes.Equal(got, macros) {
		t.Errorf("the macros are %d bytes, %v", len(got), err)
	}
	if types, err := fs.ReadFile(marked, "[Content_Types].xml"); err != nil || !bytes.Contains(types, []byte("sheet.macroEnabled.main+xml")) {
		t.Errorf("the copy is no workbook with macros any more: %v", err)
	}
	got := landed(t, "kids.xlsm", data)
	if got.Name != "kids.xlsm" || got.Format != "xlsx" || len(got.Sheets) != 1 || got.Sheets[0].Rows != 2 {
		t.Errorf("got %s, %s, %v", got.Name, got.Format, got.Sheets)
	}
}

// TestFoldMarks holds the bounds of a marked copy: the gravest first, and each cause that is cut is counted.
func TestFoldMarks(t *testing.T) {
	t.Parallel()
	var found []told
	add := func(n int, check, column string, severity tributary.Severity) {
		for range n {
			found = append(found, told{Finding: Finding{Finding: tributary.Finding{Check: check, Column: column, Severity: severity}, Name: check}, nameFR: "fr " + check})
		}
	}
	add(100_000, "bad_date", "Born", tributary.PleaseConfirm)
	for i := range 4 {
		add(4_000, "x", strconv.Itoa(i), tributary.PleaseConfirm)
	}
	add(7, "test_record", "", tributary.SetsAside)
	kept, left := foldMarks(found, "fr")
	if len(kept) != markedInAll {
		t.Errorf("%d are marked, want %d", len(kept), markedInAll)
	}
	if n := len(slices.DeleteFunc(slices.Clone(kept), func(f told) bool { return f.Check != "test_record" })); n != 7 {
		t.Errorf("%d of 7 rows that are set aside are marked", n)
	}
	want := []string{"fr bad_date (Born) : 100000 en tout; les 5000 premiers sont marqués", "fr x (3) : 4000 en tout; les 2993 premiers sont marqués"}
	var got []string
	for _, m := range left {
		got = append(got, m.Message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if kept, left := foldMarks(found[:10], "en"); len(kept) != 10 || left != nil {
		t.Errorf("few findings: %d kept, %v left", len(kept), left)
	}
}

// TestLand_copyOfText lands our copy of a text file under the name of that file, as a workbook's one table
// without a name, whatever the agency's file says of its separator.
func TestLand_copyOfText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sent   string
		isFile       bool
		landed, tabs string
	}{
		{"of a text file", "kids.csv.xlsx", true, "kids.csv", ""},
		{"of a text file, renamed", "kids.xlsx", true, "kids.xlsx", ""},
		{"of a workbook that was stripped", "kids.xlsx", false, "kids.xlsx", "kids"},
	}
	for _, tt := range tests {
		var plain bytes.Buffer
		err := feedback.WriteCopy(&plain, t.TempDir(), []feedback.Sheet{{Name: "kids", IsFile: tt.isFile, Columns: 2, Rows: func(put func(int, []string) error) error {
			return put(1, []string{"No", "Born"})
		}}})
		if err != nil {
			t.Fatal(err)
		}
		marked, err := mark(bytes.NewReader(plain.Bytes()), int64(plain.Len()), []patch.Mark{{Sheet: "kids", Cell: "B1", Message: "Empty.", Check: "x", Severity: tributary.Note}}, patch.Options{Language: "en"})
		if err != nil {
			t.Fatal(err)
		}
		got := landed(t, tt.sent, marked)
		if got.Name != tt.landed || got.Format != "xlsx" || len(got.Sheets) != 1 || got.Sheets[0].Name != tt.tabs {
			t.Errorf("%s: got %s, %s, %q; want %s, %q", tt.name, got.Name, got.Format, sheetNames(got), tt.landed, tt.tabs)
		}
	}
	// A workbook that is none of ours keeps its name, however it is called.
	f := excelize.NewFile()
	defer f.Close()
	var other bytes.Buffer
	if err := errorsOf(f.SetCellStr("Sheet1", "A1", "No"), f.Write(&other)); err != nil {
		t.Fatal(err)
	}
	if got := landed(t, "kids.csv.xlsx", other.Bytes()); got.Name != "kids.csv.xlsx" {
		t.Errorf("got %s", got.Name)
	}
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestCompare(t *testing.T) {
	t.Parallel()
	k := func(items ...keptItem) keptLetter {
		for i := range items {
			items[i].id = items[i].Check + items[i].Client + items[i].Column + string(rune('a'+i))
		}
		return keptLetter{Items: items}
	}
	twice := keptItem{Check: "bad_date", Client: "c1", Column: "Born"}
	row := keptItem{Check: "bad_date", Client: "c1", Column: "Born", Row: 4}
	of := func(entry string, l keptLetter) keptLetter {
		for i := range l.Items {
			l.Items[i].Entry = entry
		}
		return l
	}
	changes := func(quarter string, l keptLetter) keptLetter {
		for i := range l.Items {
			l.Items[i].Quarter, l.Items[i].IsChange = quarter, true
		}
		return l
	}
	reading := func(entry string, l keptLetter) keptLetter {
		l.Quarter, l.read = "2025-26Q2", map[string]bool{entry: true}
		return l
	}
	asking := func(earlier, l keptLetter) keptLetter {
		l.earlier = earlier.Items
		return l
	}
	tests := []struct {
		name          string
		before        keptLetter
		now           keptLetter
		closed        int
		stayed, isNew int
	}{
		{"another row of the same client is the same question", k(keptItem{Check: "x", Client: "c1", Row: 2}), k(keptItem{Check: "x", Client: "c1", Row: 9}), 0, 1, 0},
		{"without a client the place counts", k(keptItem{Check: "x", Row: 2}), k(keptItem{Check: "x", Row: 9}), 1, 0, 1},
		{"one of two is settled", k(twice, twice), k(twice), 1, 1, 0},
		{"one more of the same", k(twice), k(twice, twice), 0, 1, 1},
		{"all is settled", k(twice), k(), 1, 0, 0},
		{"read again, and right", of("clients", k(twice)), reading("clients", k()), 1, 0, 0},
		{"not read again", of("clients", k(twice)), reading("visits", k()), 0, 0, 0},
		{"a client of changes came again, and is right", changes("2025-26Q1", of("clients", k(row))), reading("clients", k()), 1, 0, 0},
		{"a client of changes did not come again", changes("2025-26Q1", of("clients", k(row))), asking(k(row), reading("clients", k())), 0, 0, 0},
		{"a row of changes without a client", changes("2025-26Q1", of("clients", k(keptItem{Check: "x", Row: 2}))), reading("clients", k()), 0, 0, 0},
		{"changes of this quarter, replaced", changes("2025-26Q2", of("clients", k(row))), reading("clients", k()), 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := compare(&tt.before, tt.now)
			if len(got.closed) != tt.closed || got.stayed != tt.stayed || len(got.isNew) != tt.isNew {
				t.Errorf("got %d closed, %d stayed, %d new; want %d, %d, %d", len(got.closed), got.stayed, len(got.isNew), tt.closed, tt.stayed, tt.isNew)
			}
		})
	}
	if got := compare(nil, k(twice)); len(got.isNew) != 0 || got.since("en") != "" {
		t.Errorf("got %v for a first letter", got)
	}
}

// TestProviderFix holds that no agency is told to type our commands or to open our files.
func TestProviderFix(t *testing.T) {
	t.Parallel()
	all, err := mapping.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range all {
		known[c.ID] = true
		fix := [2]string{c.Fix, c.FixFR}
		if own, ok := providerFix[c.ID]; ok {
			fix = own
		}
		for _, words := range []string{"tributary ", "agency's file", "fichier de l'organisme"} {
			if strings.Contains(fix[0], words) || strings.Contains(fix[1], words) {
				t.Errorf("%s: an agency would read %q", c.ID, fix)
			}
		}
	}
	for id := range providerFix {
		if !known[id] {
			t.Errorf("providerFix has the check %s, which is not in the catalogue", id)
		}
	}
}

// TestForAgency_withoutCell holds that nobody is sent to a yellow cell that is not there.
func TestForAgency_withoutCell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		about  told
		isTold bool
	}{
		{"no column of the file", told{Finding: Finding{Finding: tributary.Finding{Severity: tributary.PleaseConfirm, Column: "left_on", Address: tributary.Address{Row: 4}}}}, true},
		{"a column", told{Finding: Finding{Finding: tributary.Finding{Severity: tributary.PleaseConfirm, Column: "Left", Address: tributary.Address{Row: 4}}}, position: 3}, false},
		{"about the row", told{Finding: Finding{Finding: tributary.Finding{Severity: tributary.PleaseConfirm, Address: tributary.Address{Row: 4}}}}, false},
		{"nothing is asked", told{Finding: Finding{Finding: tributary.Finding{Severity: tributary.Note, Column: "left_on", Address: tributary.Address{Row: 4}}}}, false},
	} {
		c.about.Fix, c.about.fixFR = "take the child off the list", "retirez l'enfant de la liste"
		c.about.forAgency(false)
		if en, fr := c.about.message("en"), c.about.message("fr"); strings.Contains(en, "no column of its own") != c.isTold || strings.Contains(fr, "pas de colonne propre") != c.isTold {
			t.Errorf("%s: %q, %q", c.name, en, fr)
		}
	}
	tried := told{Finding: Finding{Finding: tributary.Finding{Severity: tributary.PleaseConfirm, Column: "left_on", Address: tributary.Address{Row: 4}}}}
	tried.forAgency(true)
	if en, fr := tried.message("en"), tried.message("fr"); strings.Contains(en, "answer yes") || !strings.Contains(en, "letter that follows") || strings.Contains(fr, "répondez oui") || !strings.Contains(fr, "lettre qui suivra") {
		t.Errorf("a trial: %q, %q", en, fr)
	}
}

// TestTranslate_everyDetail holds that every detail that the code can raise has French: those of the checks
// in SQL, and the literals that landing and mapping hand over.
func TestTranslate_everyDetail(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	names, err := filepath.Glob("../sql/check/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	asDetail := regexp.MustCompile(`(?s)\n    ([^\n]*(?:\n        [^\n]*)*?)\s+as detail`)
	literal := regexp.MustCompile(`'((?:[^']|'')*)'`)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := asDetail.FindAllSubmatch(text, -1)
		if len(found) == 0 {
			t.Errorf("%s: no detail", name)
		}
		for _, m := range found {
			expression := strings.TrimSpace(string(m[1]))
			if !strings.HasPrefix(expression, "concat(") {
				for _, l := range literal.FindAllStringSubmatch(expression, -1) {
					said[strings.ReplaceAll(l[1], "''", "'")] = name
				}
				continue
			}
			// Between two literals stands a value, unless only a comma does.
			words, last := "", 0
			inner := strings.TrimSuffix(strings.TrimPrefix(expression, "concat("), ")")
			if i := strings.Index(inner, "string_agg"); i >= 0 {
				inner = inner[:i] + "x"
			}
			for _, at := range literal.FindAllStringSubmatchIndex(inner, -1) {
				if strings.Trim(inner[last:at[0]], ", \n") != "" {
					words += "7"
				}
				words += inner[at[2]:at[3]]
				last = at[1]
			}
			if strings.Trim(inner[last:], ", \n)") != "" {
				words += "7"
			}
			said[words] = name
		}
	}
	for _, folder := range []string{"land", "mapping"} {
		for words, where := range handedOver(t, folder) {
			said[words] = where
		}
	}
	if len(said) < 150 {
		t.Fatalf("found %d details only", len(said))
	}
	for words, where := range said {
		words = strings.TrimSuffix(words, "; x") // advice, which is there by itself
		if words == `"x": x` {
			continue // a heading before what speaks against its dates
		}
		if _, isKnown := translate(words, "fr"); !isKnown {
			t.Errorf("%s: %q has no French in sql/check/details_fr.yaml", where, words)
		}
	}
}

// handedOver are the literal details of calls that raise findings.
func handedOver(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	raises := map[string]bool{"add": true, "raise": true, "raiseIn": true, "hold": true, "unreadable": true}
	sample := strings.NewReplacer("%%", "%", "%d", "7", "%q", `"x"`, "%s", "x", "%v", "x")
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		take := func(e ast.Expr) {
			if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Sprintf" {
					e = call.Args[0]
				}
			}
			if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if words, err := strconv.Unquote(l.Value); err == nil {
					out[sample.Replace(words)] = name
				}
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				fun := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					fun = f.Sel.Name
				case *ast.Ident:
					fun = f.Name
				}
				if raises[fun] && len(n.Args) > 0 && (fun != "add" || len(n.Args) == 6) {
					take(n.Args[len(n.Args)-1])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Detail" {
					take(n.Value)
				}
			case *ast.FuncDecl:
				if strings.HasPrefix(n.Name.Name, "advice") || n.Name.Name == "refusedZip" || n.Name.Name == "against" || n.Name.Name == "verdict" {
					ast.Inspect(n, func(m ast.Node) bool {
						if r, ok := m.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
							take(r.Results[len(r.Results)-1])
						}
						return true
					})
				}
			}
			return true
		})
	}
	return out
}
