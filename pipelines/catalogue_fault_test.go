package pipelines

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary/examples/demo"
	"tributary/pipelines/config"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/sql"
)

const faultHead = "No,Last,First,Born,Opened,Town,Sex\n"

// faultRows are clean rows of n clients.
func faultRows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "c%d,Ash%c,Ann%c,2014-03-%02d,2025-02-%02d,Cedar Falls,f\n", i, 'a'+i/26, 'a'+i%26, i%28+1, i%27+1)
	}
	return b.String()
}

// fault is what is wrong with one agency's files.
type fault struct {
	// files lie in the first quarter's folder, later in the second's.
	files, later map[string]string
	// words take the place of others in the mapping.
	words [2]string
}

func faultBook(t *testing.T, password string, change func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range []string{strings.TrimSpace(faultHead), strings.TrimSpace(faultRows(1))} {
		for j, v := range strings.Split(row, ",") {
			at, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr("Sheet1", at, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: password}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// faults seeds, for each check that the program raises itself, files in which it must fire. There is none without.
func faults(t *testing.T) map[string]fault {
	clients := func(content string) fault { return fault{files: map[string]string{"clients.csv": content}} }
	row := func(cells string) fault { return clients(faultHead + faultRows(3) + cells + "\n") }
	book := func(content string) fault { return fault{files: map[string]string{"clients.xlsx": content}} }
	next := func(content string) fault {
		return fault{files: map[string]string{"clients.csv": faultHead + faultRows(40)}, later: map[string]string{"clients.csv": content}}
	}
	sheet := [2]string{"    file: clients\n", "    file: clients\n    sheet: Sheet1\n"}
	var numbers strings.Builder
	numbers.WriteString("No,ref,Last,First,Born,Opened,Town,Sex\n")
	for i, r := range strings.Split(strings.TrimSpace(faultRows(40)), "\n") {
		no, rest, _ := strings.Cut(r, ",")
		fmt.Fprintf(&numbers, "%s,%09d,%s\n", no, (i*387420489+271828183)%1000000000, rest)
	}
	var members bytes.Buffer
	z := zip.NewWriter(&members)
	w, err := z.Create("../clients.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(faultHead)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	good := faultHead + faultRows(3)
	return map[string]fault{
		"file_empty":         clients(""),
		"file_unreadable":    book("PK\x03\x04 no workbook at all"),
		"file_cut_off":       clients(good + `c9,"Bay`),
		"file_encrypted":     book(faultBook(t, "invented", nil)),
		"zip_refused":        {files: map[string]string{"clients.zip": members.String(), "clients.csv": good}},
		"row_short":          row("c9,Bay"),
		"row_long":           row("c9,Bay,Bob,2014-03-31,2025-02-01,Cedar Falls,f,more"),
		"mixed_line_endings": clients(strings.Replace(good, "\n", "\r\n", 2)),
		"control_characters": row("c9,B\x01ay,Bob,2014-03-31,2025-02-01,Cedar Falls,f"),
		"long_cell":          row("c9,Bay," + strings.Repeat("Bob ", 9000) + ",2014-03-31,2025-02-01,Cedar Falls,f"),
		"unusual_text":       row("c9,Bay \u202e,Bob,2014-03-31,2025-02-01,Cedar Falls,f"),
		"formula_text":       row("c9,=1+1,Bob,2014-03-31,2025-02-01,Cedar Falls,f"),
		"formula_without_value": book(faultBook(t, "", func(f *excelize.File) {
			_, _ = f.SetCellStr("Sheet1", "A3", "c9"), f.SetCellFormula("Sheet1", "B3", `"A"&"sh"`)
		})),
		"column_stripped": clients("No,OEN,Last,First,Born,Opened,Town,Sex\nc1,123456789,Ash,Ann,2014-03-31,2025-02-01,Cedar Falls,f\n"),
		"column_held":     clients(numbers.String()),
		"wrong_quarter":   {files: map[string]string{"clients_2025-26_Q2.csv": good}, words: [2]string{"clients*.csv", "clients_{fy}_{q}.csv"}},
		"volume_fell": {files: map[string]string{"clients.csv": faultHead + faultRows(40)}, later: map[string]string{"clients.csv": faultHead + faultRows(30)},
			words: [2]string{"language: en\n", "language: en\npause: {fewer_rows: 20}\n"}},
		"other_agency_file":    {files: map[string]string{"clients.csv": good, "theirs.csv": "Their Number,Their Word,Their Day\n1,x,2025-05-01\n"}},
		"unknown_file":         {files: map[string]string{"clients.csv": good, "scratch.csv": "a,b\n1,2\n"}},
		"same_bytes":           {files: map[string]string{"clients.csv": good, "clients_2.csv": good}},
		"file_replaced":        {files: map[string]string{"clients.csv": good, "clients_2.csv": faultHead + faultRows(4)}},
		"no_rows":              clients(faultHead),
		"file_missing":         {files: map[string]string{"clients.csv": good}, words: [2]string{"tables:\n", "  visits: {name: visits.csv}\ntables:\n  - into: meeting\n    file: visits\n    columns: {client_local_id: No, held_on: Day}\n"}},
		"delivery_missing":     {},
		"nil_report":           {files: map[string]string{"note.txt": "Nothing to report this quarter.\n"}},
		"heading_renamed":      next(strings.Replace(faultHead, "Opened", "Date opened", 1) + faultRows(39)),
		"heading_missing":      next(strings.ReplaceAll(strings.ReplaceAll(faultHead+faultRows(39), ",Cedar Falls,", ","), ",Town,", ",")),
		"heading_moved":        clients("Our clients\n,\n" + good),
		"column_added":         clients(strings.ReplaceAll(strings.TrimSpace(good), "\n", ",x\n") + ",y\n"),
		"sheet_added":          {files: map[string]string{"clients.xlsx": faultBook(t, "", func(f *excelize.File) { _, _ = f.NewSheet("Other"); _ = f.SetCellStr("Other", "A1", "x") })}, words: sheet},
		"sheet_missing":        {files: map[string]string{"clients.xlsx": faultBook(t, "", func(f *excelize.File) { _ = f.SetSheetName("Sheet1", "Kids") })}, words: sheet},
		"too_many_columns":     clients(strings.TrimSpace(faultHead) + strings.Repeat(",", 2100) + "\n" + faultRows(3)),
		"duplicate_row":        clients(good + faultRows(1)),
		"no_client_number":     row(",Bay,Bob,2014-03-31,2025-02-01,Cedar Falls,f"),
		"error_cell":           row("c9,#N/A,Bob,2014-03-31,2025-02-01,Cedar Falls,f"),
		"bad_date":             row("c9,Bay,Bob,2014-31-31,2025-02-01,Cedar Falls,f"),
		"date_order":           clients(regexp.MustCompile(`(\d{4})-(\d\d)-(\d\d)`).ReplaceAllString(faultHead+faultRows(28), "$3/$2/$1")),
		"age_only":             row("c9,Bay,Bob,11,2025-02-01,Cedar Falls,f"),
		"bad_number":           {files: map[string]string{"clients.csv": "No,Last,First,Born,Opened,Town,Sex,Score\nc1,Ash,Ann,2014-03-31,2025-02-01,Cedar Falls,f,much\n"}, words: [2]string{"tables:\n", "tables:\n  - into: survey\n    file: clients\n    columns: {client_local_id: No, score: Score, scale: {value: satisfaction}}\n"}},
		"unknown_code":         row("c9,Bay,Bob,2014-03-31,2025-02-01,Cedar Falls,zz"),
		"unknown_municipality": row("c9,Bay,Bob,2014-03-31,2025-02-01,Nowhere,f"),
		"correction_used":      clients(good),
	}
}

const faultMapping = `code: %s
name: %[1]s House
role: provider
language: en
linking: {without_consent: count_only, authority: test, scopes: [any]}
source: {kind: files, path: "%[1]s/{fy}_{q}"}
date_order: ymd
codes:
  sex: {f: female, m: male}
files:
  clients: {name: ["clients*.csv", "clients*.xlsx"], kind: snapshot}
tables:
  - into: client
    file: clients
    columns: {client_local_id: No, family_name: Last, given_name: First, birth_date: Born, opened_on: Opened, municipality: Town, sex: {from: Sex, codes: sex}}
`

// Every check that the program raises itself fires on a fault of its kind, in an agency of its own, with the severity of
// the catalogue; and a check without a fault here fails this test. Those in SQL are proven by the story beside each.
func TestChecks_fireOnAFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(path, content string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("tributary.yaml", "agency: {code: CLEAN, name: Test Centre, tpr_number: \"1\", region: East, director: D. Irector}\ndrop: drop\nareas:\n"+
		"  - name: Test Area\n    municipalities: [Cedar Falls, Port Maitland]\nfirst_quarter: 2025-26Q1\n")
	all := faults(t)
	all["clean"] = fault{files: map[string]string{"clients.csv": faultHead + faultRows(3)}}
	code := func(id string) string { return strings.ToUpper(strings.ReplaceAll(id, "_", "")) }
	var ids []string
	for id, f := range all {
		ids = append(ids, id)
		words := fmt.Sprintf(faultMapping, code(id))
		if f.words[0] != "" {
			if !strings.Contains(words, f.words[0]) {
				t.Fatalf("%s: the mapping has no %q", id, f.words[0])
			}
			words = strings.Replace(words, f.words[0], f.words[1], 1)
		}
		if id == "clean" {
			words = strings.Replace(words, "role: provider", "role: coordinating_agency", 1)
		}
		write("agencies/"+code(id)+".yaml", words)
		for name, content := range f.files {
			// Equal content would be another agency's: each has numbers of its own, but for what has no rows.
			write("drop/"+code(id)+"/2025-26_Q1/"+name, ownNumbers(content, code(id)))
		}
		for name, content := range f.later {
			write("drop/"+code(id)+"/2025-26_Q2/"+name, ownNumbers(content, code(id)))
		}
	}
	slices.Sort(ids)
	write("agencies/THEIRS.yaml", strings.NewReplacer("Last", "Their Word", "Opened", "Their Day", "No,", "Their Number,", ", given_name: First, birth_date: Born", "",
		", municipality: Town, sex: {from: Sex, codes: sex}", "").Replace(fmt.Sprintf(faultMapping, "THEIRS")))
	q := quarterOf(t, "2025-26Q2")
	db := stagedAt(t, dir, q, ledger.Entry{Kind: "correction", Who: "test", Why: "seen", Fields: map[string]string{"agency": code("correction_used"),
		"client_local_id": "c0", "table_name": "client", "column_name": "birth_date", "was": "2014-03-01", "value": "2014-04-01", "quarter": "2025-26Q1"}})

	if diff := cmp.Diff([]string{}, lines(t, db, "select check_id from stage.finding where agency = 'CLEAN' and quarter = '2025-26Q1'")); diff != "" {
		t.Errorf("the clean agency has findings (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{}, lines(t, db, twiceSQL)); diff != "" {
		t.Errorf("a fault has several findings about one cell, or one cause twice (-want +got)\n%s", diff)
	}
	var entries []mapping.Check
	data, err := sql.FS.ReadFile("check/catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Decode("catalogue.yaml", data, &entries); err != nil {
		t.Fatal(err)
	}
	proven := map[string]bool{"clean": true}
	for _, c := range entries {
		proven[c.ID] = true
		if _, ok := all[c.ID]; !ok {
			t.Errorf("%s: no fault proves that this check fires", c.ID)
			continue
		}
		if got := lines(t, db, "select distinct severity from stage.finding where agency = ? and check_id = ? order by all", code(c.ID), c.ID); !slices.Contains(got, c.Severity) {
			t.Errorf("%s: fires as %q, not as %s; found are %q", c.ID, got, c.Severity,
				lines(t, db, "select distinct concat_ws(' ', quarter, check_id, detail) from stage.finding where agency = ? order by all", code(c.ID)))
		}
	}
	for _, id := range ids {
		if !proven[id] {
			t.Errorf("%s: a fault for a check that is not in the catalogue", id)
		}
	}
}

// ownNumbers keeps two agencies' text files from having the same content.
func ownNumbers(content, code string) string {
	if !strings.HasPrefix(content, "No,") {
		return content
	}
	return strings.ReplaceAll(content, ",Ash", ",Ash"+strings.ToLower(code[:1]+code[len(code)-3:]))
}

// At most one finding is said of one cell: who has to mend a value reads one message about it.
func TestChecks_oneFindingACell(t *testing.T) {
	t.Parallel()
	db, _ := stagedDemo(t, demo.Options{})
	if diff := cmp.Diff([]string{}, lines(t, db, twiceSQL)); diff != "" {
		t.Errorf("the demo has several findings about one cell, or one cause twice (-want +got)\n%s", diff)
	}
}

// twiceSQL lists the cells, and the causes of a row, about which more than one finding stands.
const twiceSQL = `select concat_ws(' ', agency, quarter, file, version, sheet, "row", path, column_name, string_agg(check_id, ', ' order by check_id)) from stage.finding
	where column_name is not null and "row" is not null
	group by agency, quarter, file, version, sheet, "row", path, column_name having count(*) > 1
	union all
	select concat_ws(' ', agency, quarter, file, version, sheet, "row", path, check_id, detail, count(*)) from stage.finding
	where column_name is null group by agency, quarter, file, version, sheet, "row", path, check_id, detail having count(*) > 1
	order by all`
