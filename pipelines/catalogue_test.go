package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"tributary"
	"tributary/connectors"
	"tributary/examples/demo"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
)

// TestChecks_areWhole holds every entry of the catalogue to its parts: French, basis, and for those in SQL
// a story in which some rows fail and others pass. What the rows give is proven in pipelines/mapping.
func TestChecks_areWhole(t *testing.T) {
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 120 {
		t.Errorf("only %d checks: the catalogue was not read", len(all))
	}
	for _, c := range all {
		for what, text := range map[string]string{"name": c.Name, "name_fr": c.NameFR, "fix": c.Fix, "fix_fr": c.FixFR, "basis": c.Basis, "applies": c.Applies} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: says no %s", c.ID, what)
			}
		}
		if !strings.Contains(c.Basis, "domain.md ") && !strings.Contains(c.Basis, "common sense") {
			t.Errorf("%s: basis %q names neither domain.md nor common sense", c.ID, c.Basis)
		}
		if c.Name == c.NameFR || c.Fix == c.FixFR {
			t.Errorf("%s: the French is the English", c.ID)
		}
		if c.Severity != "note" && (strings.Contains(c.Fix, "nothing needs to be done") || strings.Contains(c.FixFR, "rien à faire")) {
			t.Errorf("%s: asks for an answer (%s) and says that nothing needs to be done", c.ID, c.Severity)
		}
		if c.SQL == "" {
			continue
		}
		story := txtar.Parse([]byte(c.Cases))
		given, wanted := 0, 0
		for _, f := range story.Files {
			rows := strings.Count(strings.TrimSpace(string(f.Data)), "\n")
			if f.Name == "want.csv" {
				wanted = rows
			} else {
				given += rows
			}
		}
		if len(strings.TrimSpace(string(story.Comment))) == 0 || wanted == 0 || given <= wanted {
			t.Errorf("%s: %d rows given, %d fail: the story needs a failing and a passing case, and a line that tells them", c.ID, given, wanted)
		}
		if len(c.Reads()) == 0 {
			t.Errorf("%s: reads no canonical table", c.ID)
		}
	}
}

func finding(check, agency, column string, severity tributary.Severity, row int64) Finding {
	var f Finding
	f.Check, f.Severity, f.Agency, f.Column, f.Row, f.File = check, severity, agency, column, row, "x.csv"
	return f
}

func TestCauses_foldsAndOrders(t *testing.T) {
	t.Parallel()
	var found []Finding
	for row := range int64(3) {
		found = append(found, finding("bad_date", "elm", "Born", tributary.PleaseConfirm, row+2))
	}
	found = append(found, finding("bad_date", "elm", "Opened", tributary.PleaseConfirm, 2), finding("no_name", "elm", "", tributary.Note, 9),
		finding("file_empty", "oak", "", tributary.Blocks, 0), finding("bad_date", "oak", "Born", tributary.PleaseConfirm, 2))
	var got []string
	for _, c := range Causes(found) {
		got = append(got, fmt.Sprint(c.Check, " ", c.Agency, " ", c.Column, " ", c.Rows))
	}
	want := []string{"bad_date elm Born 3", "file_empty oak  1", "bad_date elm Opened 1", "bad_date oak Born 1", "no_name elm  1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestExplained_fewestCausesOfNearlyAll(t *testing.T) {
	t.Parallel()
	causes := []Cause{{Findings: make([]Finding, 70)}, {Findings: make([]Finding, 26)}, {Findings: make([]Finding, 3)}, {Findings: make([]Finding, 1)}}
	if few, findings, all := Explained(causes); few != 2 || findings != 96 || all != 100 {
		t.Errorf("got %d causes explain %d of %d, want 2 explain 96 of 100", few, findings, all)
	}
	if few, findings, all := Explained(nil); few+findings+all != 0 {
		t.Errorf("nothing found: got %d, %d, %d", few, findings, all)
	}
}

// No finding is lost or said twice, and the order in which findings come changes no cause.
func TestCauses_loseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		found := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Finding {
			return finding(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "check"), rapid.SampledFrom([]string{"elm", "oak"}).Draw(t, "agency"),
				rapid.SampledFrom([]string{"", "Born"}).Draw(t, "column"), tributary.Note, rapid.Int64Range(0, 9).Draw(t, "row"))
		})).Draw(t, "found")
		causes := Causes(found)
		n := 0
		for _, c := range causes {
			n += len(c.Findings)
			if c.Rows > len(c.Findings) || c.Rows == 0 {
				t.Fatalf("%d rows of %d findings", c.Rows, len(c.Findings))
			}
		}
		if n != len(found) {
			t.Fatalf("%d findings in causes, %d found", n, len(found))
		}
		slices.Reverse(found)
		again := Causes(found)
		for i := range causes {
			causes[i].Findings, again[i].Findings = nil, nil
		}
		if diff := cmp.Diff(causes, again, cmpopts.EquateComparable(tributary.Quarter{})); diff != "" {
			t.Fatalf("another order gives other causes:\n%s", diff)
		}
	})
}

// stagedDemo lands a demo's year and stages it, as a run does.
func stagedDemo(t *testing.T, opt demo.Options) (*warehouse.DB, demo.Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := demo.Write(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return stagedAt(t, filepath.Join(dir, "workspace"), tributary.Quarter{}), truth
}

// stagedAt lands and stages a workspace's quarters until last, a year's without; with facts that were stated before.
func stagedAt(t *testing.T, dir string, last tributary.Quarter, facts ...ledger.Entry) *warehouse.DB {
	t.Helper()
	ctx := t.Context()
	w, err := Open(ctx, dir, Options{Log: slog.New(slog.DiscardHandler), Who: "test", Program: "test",
		Progress: func(string, string) {}, Limits: warehouse.Limits{Threads: 1}, Secret: func(string) (string, error) { return "", errors.New("none") },
		Now: func() time.Time { return time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := w.Ledger.Append(ctx, facts...); err != nil {
		t.Fatal(err)
	}
	if last.IsZero() {
		last = w.Settings.FirstQuarter.Next().Next().Next()
	}
	var out Outcome
	for _, err := range append(w.fetch(ctx, w.Agencies, w.Settings.FirstQuarter, last, &out), w.fetchRegister(ctx)...) {
		if !errors.Is(err, connectors.ErrNotReady) { // nothing was delivered: a check says so
			t.Fatal(err)
		}
	}
	in, err := w.stageInput(last)
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{w: w, out: &out, m: warehouse.Manifest{Quarter: last, Steps: map[string]string{}}}
	for _, p := range []plan{
		{name: "fact", fill: w.Ledger.Copy},
		{name: "stage", reads: leftOf["stage"], folders: []string{w.Landing.Root},
			fill: func(ctx context.Context, db *warehouse.DB) error { return w.stage(ctx, db, in) }},
	} {
		if err := b.make(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	db, err := w.House.Open(ctx, map[string]string{"stage": b.m.Steps["stage"]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func quarterOf(t *testing.T, text string) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func lines(t *testing.T, db *warehouse.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := []string{}
	for rows.Next() {
		var line sql.NullString
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A clean year has nothing that a check could say a word about, not even a note: but that a column which may not
// be held was taken out, and that an agency said that it has nothing to report, is said of clean files too.
func TestChecks_silentOnACleanYear(t *testing.T) {
	t.Parallel()
	db, _ := stagedDemo(t, demo.Options{Clean: true})
	said := lines(t, db, `select concat_ws(' ', severity, check_id, agency, quarter, count(*)) from stage.finding
		where check_id not in ('column_stripped', 'nil_report') group by severity, check_id, agency, quarter order by all`)
	if diff := cmp.Diff([]string{}, said); diff != "" {
		t.Errorf("a clean year has findings (-want +got)\n%s", diff)
	}
	looked := lines(t, db, "select count(distinct check_id) > 100 from stage.check_result where examined_count > 0")
	if diff := cmp.Diff([]string{"true"}, looked); diff != "" {
		t.Errorf("few checks had anything to look at (-want +got)\n%s", diff)
	}
	states := lines(t, db, "select distinct state from stage.delivery order by all")
	if diff := cmp.Diff([]string{"accepted", "nil"}, states); diff != "" {
		t.Errorf("states of a clean year (-want +got)\n%s", diff)
	}
	once := lines(t, db, `select concat_ws(' ', agency, quarter, file, "row", column_name, count(*)) from stage.finding
		where column_name is not null and "row" is not null
			and check_id in (select check_id from stage.check_catalogue where class in ('row', 'case', 'section', 'history'))
		group by agency, quarter, file, version, sheet, "row", path, column_name having count(*) > 1`)
	if diff := cmp.Diff([]string{}, once); diff != "" {
		t.Errorf("cells with more than one finding (-want +got)\n%s", diff)
	}
}

// Every fault that the demo holds on purpose is found where it is.
func TestChecks_findWhatIsSeeded(t *testing.T) {
	t.Parallel()
	db, truth := stagedDemo(t, demo.Options{})
	names := map[string]string{"test_record": "test_record", "plan_before_referral": "plan_before_referral", "over_21": "over_age",
		"wrong_quarter": "wrong_quarter", "future_dob": "future_birth_date", "truncated": "file_cut_off", "negative_number": "negative_number",
		"too_many_columns": "row_long", "duplicate_row": "duplicate_row", "formula_injection": "formula_text", "unknown_code": "unknown_code",
		"end_before_start": "end_before_start", "zero_byte": "file_empty", "nil_report": "nil_report", "impossible_hours": "hours_impossible",
		"wait_after_closing": "wait_after_closing", "postal_code": "postal_code_form", "missing_delivery": "delivery_missing", "redelivered_v2": "file_replaced"}
	for _, p := range truth.Problems {
		check, ok := names[p.Kind]
		if p.Kind == "late_delivery" { // a flag of the delivery, no finding
			continue
		}
		if !ok {
			t.Errorf("no check is known to find %s", p.Kind)
			continue
		}
		file, _, _ := strings.Cut(p.File, "#")
		if p.Kind == "redelivered_v2" && file != "people_v2.csv" { // the same bytes came again
			continue
		}
		found := lines(t, db, `select finding_id from stage.finding where check_id = ? and agency = ? and quarter = ?
			and (? = '' or file = ?) and (? = 0 or "row" = ?)`, check, p.Agency, p.Quarter.String(), file, file, p.Row, p.Row)
		if len(found) == 0 {
			t.Errorf("%s %s %s row %d: %s is not found by %s", p.Agency, p.Quarter, p.File, p.Row, p.Kind, check)
		}
	}
	kept := lines(t, db, `select concat_ws(' ', failed_count, examined_count > 20) from stage.check_result
		where agency = 'RSPT' and quarter = '2025-26Q3' and check_id in ('hours_impossible', 'negative_number') order by check_id`)
	if diff := cmp.Diff([]string{"1 true", "0 true"}, kept); diff != "" {
		t.Errorf("results kept, passes too (-want +got)\n%s", diff)
	}
	wrong := lines(t, db, `select concat_ws(' ', d.agency, d.quarter, d.finding_count, count(f.finding_id)) from stage.delivery as d
		left join (from stage.finding as f where `+isOfNewest+`) as f on f.agency = d.agency and f.quarter = d.quarter
		group by d.agency, d.quarter, d.finding_count having d.finding_count <> count(f.finding_id) order by all`)
	if diff := cmp.Diff([]string{}, wrong); diff != "" {
		t.Errorf("deliveries whose count is not that of the findings about files that count (-want +got)\n%s", diff)
	}
}

// An answer in a letter is about the table that its check judges, where one heading fills columns of several.
func TestJudgedBy(t *testing.T) {
	t.Parallel()
	for check, want := range map[string]string{"service_waiting_but_started": "[service] status", "open_but_closed": "[client] status", "bad_date": "[] "} {
		tables, column, err := judgedBy(check)
		if got := fmt.Sprint(tables, " ", column); got != want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", check, got, err, want)
		}
	}
}
