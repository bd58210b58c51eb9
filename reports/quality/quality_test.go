package quality

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/sheet"
)

// released is a release of three invented agencies over two quarters; only, where given, is the one it is for.
func released(t *testing.T, only string) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range []string{
		"attach ':memory:' as release",
		"create table release.quality_agency as select * from (values ('ASH', 'Ash Centre', 'Centre Frêne', 'provider', 'en', false), ('BAY', 'Bay House', null, 'participant', 'fr', false), ('COD', 'Cod Clinic', null, 'participant', 'en', true)) as t(agency, name, name_fr, role, language, sends_changes)",
		`create table release.quality_delivery as select * from (values
			('ASH', '2025-26Q1', 'accepted_with_findings', false, date '2025-07-15', date '2025-07-10', null::bigint, 1, 2000::bigint, 0::bigint, 0::bigint, 12::bigint, 3::bigint, 12::bigint, 1::bigint, 0::bigint, 0::bigint),
			('ASH', '2025-26Q2', 'accepted', false, date '2025-10-15', date '2025-10-10', null, 1, 2000, 0, 0, 0, 3, 0, 0, 0, 2),
			('BAY', '2025-26Q1', 'expected', true, date '2025-07-15', null, null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
			('BAY', '2025-26Q2', 'refused', true, date '2025-10-15', date '2025-10-21', 6, 1, 50, 1, 0, 0, 0, 0, 0, 0, 0),
			('COD', '2025-26Q1', 'nil', false, date '2025-07-15', date '2025-07-10', null, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
			('COD', '2025-26Q2', 'accepted_with_findings', false, date '2025-10-15', date '2025-10-15', null, 1, 100, 0, 1, 4, 0, 5, 0, 0, 0)
			) as t(agency, quarter, state, is_late, due_on, received_on, days_late, file_count, row_count, blocks_count, sets_aside_count, confirm_count, note_count, asked_row_count, confirmed_count, explained_count, corrected_count)`,
		`create table release.quality_check as select * from (values
			('bad_date', 'row', 'please_confirm', 'Not a date', 'Date invalide', 'correct the date', 'corrigez la date'),
			('file_empty', 'file', 'blocks', 'Empty file', 'Fichier vide', 'send the file again', 'envoyez le fichier de nouveau'),
			('test_record', 'case', 'sets_aside', 'Test entry', 'Saisie d''essai', 'remove the entry', 'retirez la saisie')
			) as t(check_id, class, severity, name, name_fr, fix, fix_fr)`,
		`create table release.quality_cause as select * from (values
			('ASH', '2025-26Q1', 'bad_date', 'please_confirm', 'Born', 'a.csv', 12::bigint, 12::bigint, 1::bigint, false),
			('BAY', '2025-26Q2', 'file_empty', 'blocks', '', 'b.csv', 1, 1, 1, false),
			('COD', '2025-26Q2', 'bad_date', 'please_confirm', '=cmd|x', 'c.csv', 4, 4, 1, false),
			('COD', '2025-26Q2', 'bad_date', 'please_confirm', 'left_on', 'c.csv', 2, 2, 1, true),
			('COD', '2025-26Q2', 'test_record', 'sets_aside', '', 'c.csv', 1, 1, 1, false)
			) as t(agency, quarter, check_id, severity, column_name, first_file, row_count, finding_count, file_count, has_no_column)`,
		`create table release.quality_version as select * from (values
			('ASH', '2025-26Q1', 1::bigint, date '2025-07-10', 'accepted_with_findings', 2000::bigint, 'a.csv', true, false, 12::bigint, null::bigint, null::bigint, null::bigint),
			('ASH', '2025-26Q2', 1, date '2025-10-10', 'accepted', 2000, 'a.csv', true, true, 0, 0, 0, 12),
			('BAY', '2025-26Q2', 1, date '2025-10-21', 'refused', 50, 'b.csv', true, false, 1, null, null, null),
			('COD', '2025-26Q1', 1, date '2025-07-10', 'nil', 0, 'nil.txt', true, false, 0, null, null, null),
			('COD', '2025-26Q2', 1, date '2025-10-12', 'accepted_with_findings', 90, 'c.csv', false, false, 9, null, null, null),
			('COD', '2025-26Q2', 2, date '2025-10-15', 'accepted_with_findings', 100, 'c.csv (2)', true, true, 5, 3, 2, 6)
			) as t(agency, quarter, version, received_on, state, row_count, files, stands, has_before, asked_count, stayed_count, new_count, closed_count)`,
		`create table release.quality_result as select * from (values
			('ASH', '2025-26Q1', 1::bigint, 'bad_date', 2000::bigint, 12::bigint, true), ('ASH', '2025-26Q2', 1, 'bad_date', 2000, 0, true),
			('COD', '2025-26Q2', 1, 'bad_date', 90, 8, false), ('COD', '2025-26Q2', 2, 'bad_date', 100, 4, true), ('COD', '2025-26Q2', 2, 'file_empty', 1, 0, true)
			) as t(agency, quarter, version, check_id, examined_count, failed_count, stands)`,
		`create table release.quality_column as select * from (values
			('ASH', '2025-26Q1', 'client', 'birth_date', 'Born', 2000::bigint, 1900::bigint), ('ASH', '2025-26Q2', 'client', 'birth_date', 'DOB', 2000, 1000), ('COD', '2025-26Q2', 'client', 'phone', 'Tel', 100, 30)
			) as t(agency, quarter, table_name, column_name, heading, row_count, filled_count)`,
	} {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"agency", "delivery", "cause", "version", "result", "column"} {
		if only != "" {
			if err := db.Exec(t.Context(), "delete from release.quality_"+table+" where agency <> ?", only); err != nil {
				t.Fatal(err)
			}
		}
	}
	return db
}

func second(t *testing.T) tributary.Quarter {
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// dump lists the cells as people read them.
func dump(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintf(&out, "%s! %s\n", sheet, strings.Join(row, " | "))
		}
	}
	return out.String()
}

func TestWrite_saysWhoNeedsHelpFirst(t *testing.T) {
	t.Parallel()
	var book bytes.Buffer
	if err := Write(t.Context(), released(t, ""), second(t), "en", &book); err != nil {
		t.Fatal(err)
	}
	got := dump(t, book.Bytes())
	for _, want := range []string{
		`Who needs help! First: BAY \(refused\)\. Deliveries with questions: 1\. Clean, nil or not due: 1\.`,
		`Who needs help! 1 \| Bay House \(BAY\) \| refused \| 6 days late \| 1 \| 0 \| 0.0% \| – \| Empty file, b.csv\. Send the file again\.`,
		`Who needs help! 2 \| Cod Clinic \(COD\) \| accepted with findings \| in time \| 1 \| 4 \| 5.0% \| 6 settled, 3 still there, 2 new \| Test entry, c\.csv\. Remove the entry\.`,
		`Who needs help! 3 \| Ash Centre \(ASH\) \| accepted \| in time \| 0 \| 0 \| 0.0% \| 12 settled, 0 still there, 0 new \| Nothing needs to be done`,
		`At a glance! Bay House \(BAY\) \| missing, past due \| refused \*`,
		`At a glance! Cod Clinic \(COD\) \| nil \| 5 \(5.0%\)`,
		`Worst causes! please confirm \| Not a date \| 6 \| 75.0% \| COD 6 \| =cmd\|x, no column of its own`,
		`Trend per check! Not a date \| bad_date \| 0.6% \| 0.2% \| 12 \| 4`,
		`Settled or not! COD \| 2025-26Q2 \| 1 \| 2025-10-12 \| accepted with findings \| 9 \| – \| – \| –`,
		`On time! Bay House \(BAY\) \| due on 2025-07-15, not here \| 6 days late`,
		`How full! ASH \| client \| birth_date \| DOB \| 95.0% \| 50.0% \| became emptier in 2025-26Q2`,
		`All results! COD \| 2025-26Q2 \| 2 \| file_empty \| Empty file \| file \| blocks \| 1 \| 0 \| 0.0%`,
	} {
		if !regexp.MustCompile(`(?m)^` + want).MatchString(got) {
			t.Errorf("no line like %s in\n%s", want, got)
		}
	}
}

// Of long tables only what somebody should look at is printed, its headings on each page.
func TestWrite_printsFewPages(t *testing.T) {
	t.Parallel()
	var book bytes.Buffer
	if err := Write(t.Context(), released(t, ""), second(t), "en", &book); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := map[string]string{}
	for _, n := range f.GetDefinedName() {
		got[n.Name+" "+n.Scope] = n.RefersTo
	}
	for name, want := range map[string]string{
		"_xlnm.Print_Area All results": "'All results'!$A$1:$J$6", "_xlnm.Print_Titles All results": "'All results'!$5:$5",
		"_xlnm.Print_Area How full": "'How full'!$A$1:$G$7", "_xlnm.Print_Titles How full": "'How full'!$5:$5",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
	if page, err := f.GetPageLayout("Who needs help"); err != nil || *page.FitToHeight != 1 || *page.Size != 1 {
		t.Errorf("the first sheet is not fitted to one page of letter paper: %v", err)
	}
}

func TestWrite_sameReleaseSameBytes(t *testing.T) {
	t.Parallel()
	var books [2]bytes.Buffer
	for i := range books {
		if err := Write(t.Context(), released(t, ""), second(t), "fr", &books[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(books[0].Bytes(), books[1].Bytes()) {
		t.Error("the same release gives other bytes")
	}
	if got := dump(t, books[0].Bytes()); !strings.Contains(got, "6 jours de retard") || !strings.Contains(got, "Centre Frêne") || strings.Contains(got, "settled") {
		t.Errorf("not French:\n%s", got)
	}
}

func TestWriteAgency_tellsOfOneAlone(t *testing.T) {
	t.Parallel()
	var book bytes.Buffer
	if err := WriteAgency(t.Context(), released(t, "COD"), second(t), "en", &book); err != nil {
		t.Fatal(err)
	}
	got := dump(t, book.Bytes())
	for _, want := range []string{"Accepted with findings. 1 to fix and 4 to confirm in 100 rows. Since your file before: 6 settled, 3 still there, 2 new.", "sets aside | 1", "often empty"} {
		if !strings.Contains(got, want) {
			t.Errorf("does not say %q:\n%s", want, got)
		}
	}
	if regexp.MustCompile("ASH|BAY|Ash Centre|Bay House").MatchString(got) {
		t.Errorf("tells of another agency:\n%s", got)
	}
	if err := WriteAgency(t.Context(), released(t, ""), second(t), "en", &book); err == nil {
		t.Error("a release about several agencies makes a page about one")
	}
}

// Whatever an agency calls its columns, the workbook holds no formula.
func TestWrite_noFormula(t *testing.T) {
	t.Parallel()
	var book bytes.Buffer
	if err := Write(t.Context(), released(t, ""), second(t), "en", &book); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			for c := range rows[r] {
				if formula, err := f.GetCellFormula(name, sheet.At(c+1, r+1)); err != nil || formula != "" {
					t.Errorf("%s!%s: formula %q, %v", name, sheet.At(c+1, r+1), formula, err)
				}
			}
		}
	}
}

func TestWords_bothLanguages(t *testing.T) {
	t.Parallel()
	same := map[string]bool{"table": true, "open": true, "severity.note": true, "class.section": true}
	for key, w := range words {
		if w[0] == "" || w[1] == "" || w[0] == w[1] && !same[key] {
			t.Errorf("%s: %q, %q", key, w[0], w[1])
		}
		verbs := regexp.MustCompile(`%[a-z]`)
		if diff := cmp.Diff(verbs.FindAllString(w[0], -1), verbs.FindAllString(w[1], -1)); diff != "" {
			t.Errorf("%s: other places to fill (-en +fr)\n%s", key, diff)
		}
	}
}
