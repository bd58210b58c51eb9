package pipelines

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

var benchRows = flag.Int("bench-rows", 0, "rows of stage that TestBenchChecks checks and times; 0 checks a few and times nothing")

const (
	// checksLimit is in seconds, for a million rows on two idle cores.
	checksLimit = 20
	// idleScan is what the floor took for a million rows when the limit was set, beside other work.
	idleScan = 0.12
)

// TestBenchChecks holds all checks over clean tables to its limit; the floor is one scan of every
// column of the same tables in the same run.
func TestBenchChecks(t *testing.T) {
	if *benchRows == 0 {
		t.Parallel()
	}
	ctx, rows, runs := t.Context(), *benchRows, 5
	if rows == 0 {
		rows, runs = 2000, 1 // that it runs; the time says nothing
	}
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	house := &warehouse.Warehouse{Root: filepath.Join(t.TempDir(), "warehouse"), Temp: t.TempDir()}
	confirmed := warehouse.Step{Name: "fact", Schema: "fact", Fingerprint: "bench"}
	if _, err := house.Build(ctx, confirmed, func(ctx context.Context, db *warehouse.DB) error {
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var ours, floor []float64
	found := 0
	for run := range runs {
		step := warehouse.Step{Name: "stage", Schema: "stage", Fingerprint: fmt.Sprint("bench", run), Reads: map[string]string{"fact": confirmed.File()}}
		if _, err := house.Build(ctx, step, func(ctx context.Context, db *warehouse.DB) error {
			tables, err := benchStage(ctx, db, rows, all)
			if err != nil {
				return err
			}
			began := time.Now()
			for _, table := range tables {
				var sum float64
				if err := db.Scan(ctx, "select coalesce(sum(hash(t)::double), 0) from stage."+table+" as t", nil, &sum); err != nil {
					return err
				}
			}
			floor = append(floor, time.Since(began).Seconds())
			began = time.Now()
			if err := benchChecks(ctx, db, all, &found); err != nil {
				return err
			}
			ours = append(ours, time.Since(began).Seconds())
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if found > 0 {
		t.Errorf("%d findings in tables that are clean", found)
	}
	if *benchRows == 0 {
		return
	}
	slices.Sort(ours)
	slices.Sort(floor)
	o, f := ours[len(ours)/2], floor[len(floor)/2]
	slowness := min(max(f/(idleScan*float64(*benchRows)/1e6), 1), 3)
	verdict := "PASS"
	if o > checksLimit*slowness {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	fmt.Printf("all checks over %d rows, s | %.2f | %.2f | %.1f | %.0f s | %s\n", *benchRows, o, f, o/f, checksLimit*slowness, verdict)
}

// benchChecks runs every check in SQL as stage does, and what follows them.
func benchChecks(ctx context.Context, db *warehouse.DB, all []Check, found *int) error {
	for _, c := range all {
		if c.SQL == "" || c.Class == "history" {
			continue
		}
		if err := db.Exec(ctx, "create or replace table found as (\n"+c.SQL+"\n)"); err != nil {
			return fmt.Errorf("%s: %w", c.ID, err)
		}
		var n int
		if err := db.Scan(ctx, "select count(*) from found", nil, &n); err != nil {
			return err
		}
		*found += n
	}
	if err := compareQuarters(ctx, db, all); err != nil {
		return err
	}
	if err := keepResults(ctx, db, all); err != nil {
		return err
	}
	return onePerCell(ctx, db, all)
}

// benchStage fills the canonical tables with clean rows: 20 agencies, four quarters, dates in the order
// in which things happen.
func benchStage(ctx context.Context, db *warehouse.DB, rows int, all []Check) ([]string, error) {
	words, err := config.ReadDictionary(sql.FS)
	if err != nil {
		return nil, err
	}
	script := `create table stage.finding (finding_id varchar, check_id varchar, severity varchar, agency varchar, quarter varchar, file varchar,
			version integer, sheet varchar, "row" bigint, path varchar, column_name varchar, detail varchar);
		create table stage.delivery (agency varchar, quarter varchar, state varchar, finding_count bigint);
		create table stage.file (agency varchar, quarter varchar, file varchar, version integer, state varchar);
		create table stage.section (agency varchar, quarter varchar, file varchar, version integer, sheet varchar, taken_count bigint,
			set_aside_count bigint, superseded boolean);
		create table stage."column" (agency varchar, quarter varchar, file varchar, version integer, sheet varchar, into_table varchar, column_name varchar,
			heading varchar, position integer);
		create table stage.check_catalogue (check_id varchar, class varchar);
		create table stage.agency (agency varchar);
		create table stage.municipality (spelling varchar, municipality varchar, area varchar);
		create table stage.setting (name varchar, value varchar);`
	for _, c := range all {
		script += fmt.Sprintf("insert into stage.check_catalogue values (%s, %s);", warehouse.Text(c.ID), warehouse.Text(c.Class))
	}
	if err := db.Exec(ctx, script); err != nil {
		return nil, err
	}
	percent := map[string]int{"client": 18, "caregiver": 18, "consent": 16, "episode": 8, "referral": 8, "plan": 8, "goal": 6, "service": 10, "need": 5, "wait": 3}
	var tables []string
	for table := range words.Tables {
		tables = append(tables, table)
	}
	slices.Sort(tables)
	for _, table := range tables {
		var columns []string
		for _, c := range words.Tables[table].Columns {
			columns = append(columns, fmt.Sprintf("cast(%s as %s) as %s", benchValue(table, c), words.Columns[c].Type, c))
		}
		if err := db.Exec(ctx, fmt.Sprintf(`create table stage.%s as
			with numbered as (select i, i // 4 as c, ['2025-26Q1', '2025-26Q2', '2025-26Q3', '2025-26Q4'][i %% 4 + 1] as quarter,
				[date '2025-06-30', date '2025-09-30', date '2025-12-31', date '2026-03-31'][i %% 4 + 1] as as_of from range(%d) as r (i))
			select 'A' || (c %% 20) as agency, quarter, as_of, 'snapshot' as file_kind, false as is_superseded, %s,
				{quarter: quarter, file: '%s.csv', version: 1, sheet: '', "row": i, path: cast(null as varchar)} as _address
			from numbered`, table, rows*percent[table]/100, strings.Join(columns, ", "), table)); err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
	}
	return tables, nil
}

// benchValue is a clean value of a column for client c.
func benchValue(table, column string) string {
	if values, ok := map[string]string{
		"client_local_id": "'C' || c", "episode_local_id": "'1'", "family_local_id": "'F' || (c // 2)", "programme": "'csp'", "birth_date": "date '2008-01-02' + (c * 37 % 5000)::integer",
		"birth_date_precision": "'day'", "given_name": "'Ada' || chr(97 + (c % 26)::integer) || chr(97 + (c // 26 % 26)::integer)",
		"family_name": "'Roy' || chr(97 + (c // 2 % 26)::integer) || chr(97 + (c // 52 % 26)::integer) || chr(97 + (c // 1352 % 26)::integer)",
		"sex":         "'female'", "gender": "'female'", "phone": "'613-' || (200 + c // 20000) || '-' || lpad((c // 2 % 10000)::varchar, 4, '0')", "email": "'a' || c || '@mail.example'",
		"street_address": "(c // 2) || ' Elm St'", "municipality": "'Cedar Falls'", "postal_code": "'K' || (c % 10) || 'X ' || (c // 10 % 10) || 'A' || (c // 100 % 10)",
		"scope": "'all_partners'", "opened_on": "date '2023-01-02' + (c % 700)::integer", "signed_on": "date '2024-01-02' + (c % 400)::integer",
		"expires_on": "date '2027-01-02'", "referral_on": "date '2024-01-02' + (c % 400)::integer", "referred_on": "date '2024-01-02' + (c % 400)::integer",
		"first_contact_on": "date '2024-01-12' + (c % 400)::integer", "intake_on": "date '2024-01-22' + (c % 400)::integer", "intake_decision": "'accepted'",
		"assigned_on": "date '2024-02-02' + (c % 400)::integer", "coordinator": "'P' || (c % 90)", "written_on": "date '2024-03-02' + (c % 400)::integer",
		"shared_on": "date '2024-03-12' + (c % 400)::integer", "set_on": "date '2024-03-02' + (c % 400)::integer", "goal_number": "1", "area_code": "'mobility'",
		"requested_on": "date '2025-01-02' + (c % 100)::integer", "hours": "4", "identified_on": "date '2024-01-02' + (c % 400)::integer",
		"joined_on": "date '2024-01-02' + (c % 400)::integer", "service_type": "['ot', 'pt', 'slp'][c % 3 + 1]", "caregiver_number": "1",
	}[column]; ok {
		switch {
		case table == "caregiver" && column == "given_name":
			return "'Grace'"
		case table == "wait" && column == "service_type":
			return "'nursing'"
		default:
			return values
		}
	}
	switch table + "." + column {
	case "client.status":
		return "'open'"
	case "consent.status":
		return "'given'"
	case "episode.status", "service.status":
		return "'active'"
	case "service.started_on":
		return "date '2025-01-12' + (c % 100)::integer"
	case "need.status":
		return "'waiting'"
	}
	return "null"
}
