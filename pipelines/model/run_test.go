package model

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tributary"
	"tributary/pipelines/warehouse"
)

// steps attached empty, so that small trees run.
func engine(t *testing.T) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, step := range append([]string{"fact"}, steps...) {
		if err := db.Exec(t.Context(), "attach ':memory:' as "+step); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Exec(t.Context(), "create table core.quarter as select '2025-26Q1' as quarter, '2025-26' as fiscal_year, 1 as number"); err != nil {
		t.Fatal(err)
	}
	return db
}

func run(t *testing.T, db *warehouse.DB, files map[string]string, steps ...string) error {
	t.Helper()
	p, err := Load(tree(t, files))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := p.Run(t.Context(), db, step, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
	}
	return nil
}

// TestRun_proofs fails a run whose key or assert does not hold, and says how to see the rows.
func TestRun_proofs(t *testing.T) {
	t.Parallel()
	rows := "select unnest([1, 1, null]) as a, unnest([1, 2, 3]) as b\n"
	measure := func(kind, row string) string {
		return strings.Replace(measureHeader, "kind: count", "kind: "+kind+"\n-- rule: late | Late | Tard", 1) +
			"select " + row + ", 'elm' as agency, 'N' as area, 'B' as municipality, 'elm' as employer, 'self' as source from (select 1)"
	}
	for name, c := range map[string]struct{ file, text, want, fix string }{
		"null key":      {"core/x.sql", plain + rows, "sql/core/x.sql: core.x: key a: is null: 1 row", "select * from core.x where a is null"},
		"repeated key":  {"core/x.sql", plain + "select 1 as a from range(3)", "core.x: key a: repeats: 1 row", "group by all having count(*) > 1"},
		"assert":        {"core/x.sql", "-- One row.\n-- key: b\n-- assert: a < 1\n" + rows, "core.x: assert a < 1: 3 rows", "where (a < 1) is not true"},
		"engine":        {"core/x.sql", plain + "select zz as a from fact.nothing", "sql/core/x.sql: Catalog Error", ""},
		"reason":        {"measure/p/m.sql", measure("count", "'u' as unit_id, '2025-26Q1' as quarter, true as counted, 'late' as left_out_by, 1 as value"), "left_out_by: not one of the measure's rules", ""},
		"unknown rule":  {"measure/p/m.sql", measure("count", "'u' as unit_id, '2025-26Q1' as quarter, false as counted, 'other' as left_out_by, 1 as value"), "left_out_by: not one of the measure's rules", ""},
		"no unit":       {"measure/p/m.sql", measure("count", "null as unit_id, '2025-26Q1' as quarter, true as counted, null as left_out_by, 1 as value"), "is null: 1 row", ""},
		"share of two":  {"measure/p/m.sql", measure("share", "'u' as unit_id, '2025-26Q1' as quarter, true as counted, null as left_out_by, 2 as value"), "value: not 0 or 1: 1 row", ""},
		"no days":       {"measure/p/m.sql", measure("quantile", "'u' as unit_id, '2025-26Q1' as quarter, true as counted, null as left_out_by, null as value"), "value: is null: 1 row", ""},
		"two durations": {"measure/p/m.sql", strings.Replace(measure("wait", "'u' as unit_id, '2025-26Q1' as quarter, true as counted, null as left_out_by, 2 as value"), "(select 1)", "range(2)", 1), "more than one value: 1 row", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t, engine(t), map[string]string{c.file: c.text}, "core", "measure")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if !strings.Contains(tributary.FixOf(err), c.fix) {
				t.Errorf("fix %q lacks %q", tributary.FixOf(err), c.fix)
			}
		})
	}
}

// TestRun_bare makes the same table without its proof and its comments.
func TestRun_bare(t *testing.T) {
	t.Parallel()
	db := engine(t)
	p, err := Load(tree(t, map[string]string{"core/x.sql": plain + "select unnest([1, 1]) as a, unnest([1, 2]) as b\n"}))
	if err != nil {
		t.Fatal(err)
	}
	p.IsBare = true
	if err := p.Run(t.Context(), db, "core", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var rows, comments int
	err = db.Scan(t.Context(), "select (select count(*) from core.x), (select count(comment) from duckdb_tables() where table_name = 'x')", nil, &rows, &comments)
	if err != nil || rows != 2 || comments != 0 {
		t.Errorf("got %d rows, %d comments, %v; want 2, 0", rows, comments, err)
	}
}

// TestRun_comments writes the dictionary's meaning onto the columns.
func TestRun_comments(t *testing.T) {
	t.Parallel()
	db := engine(t)
	if err := run(t, db, map[string]string{"core/x.sql": "-- One row per thing.\n-- key: fte\nselect 1.0 as fte"}, "core"); err != nil {
		t.Fatal(err)
	}
	var table, column string
	err := db.Scan(t.Context(), `select t.comment, c.comment from duckdb_tables() as t, duckdb_columns() as c
		where t.table_name = 'x' and c.table_name = 'x' and c.column_name = 'fte'`, nil, &table, &column)
	if err != nil || table != "One row per thing." || column != "full-time equivalent" {
		t.Errorf("got %q, %q, %v", table, column, err)
	}
}

// TestRollUp_describes writes what reports need: codes of a breakdown, one more where a code is missing.
func TestRollUp_describes(t *testing.T) {
	t.Parallel()
	db := engine(t)
	text := measureHeader + `select 'u' as unit_id, '2025-26Q1' as quarter, 'elm' as agency, 'elm' as employer, 'N' as area,
    cast(null as varchar) as municipality, cast(null as varchar) as source, true as counted,
    cast(null as varchar) as left_out_by, cast(null as double) as value`
	if err := run(t, db, map[string]string{"measure/p/m.sql": text}, "measure"); err != nil {
		t.Fatal(err)
	}
	var got string
	err := db.Scan(t.Context(), `select string_agg(code || ' ' || ordinal, ', ' order by ordinal)
		from measure.breakdown where measure = 'm' and "by" = 'source' and ordinal not between 2 and 11`, nil, &got)
	if err != nil || got != "self 1, unknown 12" {
		t.Errorf("got %q, %v", got, err)
	}
	err = db.Scan(t.Context(), "select string_agg(cell_id, ' ' order by cell_id) from measure.cell where period = 'ytd'", nil, &got)
	want := "m@2025-26Q1/ytd m@2025-26Q1/ytd/agency=elm m@2025-26Q1/ytd/area=N m@2025-26Q1/ytd/employer=elm " +
		"m@2025-26Q1/ytd/municipality=unknown m@2025-26Q1/ytd/source=unknown"
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestRollUp_nearestRank compares the engine's quantiles with the rank ceil(p x n) over random values.
func TestRollUp_nearestRank(t *testing.T) {
	t.Parallel()
	db := engine(t)
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 400), 1, 300).Draw(rt, "days")
		var list strings.Builder
		for i, d := range days {
			fmt.Fprintf(&list, "%s%d", map[bool]string{true: "", false: ", "}[i == 0], d)
		}
		var median, p90 float64
		err := db.Scan(ctx, "select quantile_disc(value, 0.5), quantile_disc(value, 0.9) from (select unnest(["+list.String()+"])::double as value)",
			nil, &median, &p90)
		if err != nil {
			rt.Fatal(err)
		}
		sort.Ints(days)
		rank := func(tenths int) float64 { return float64(days[int(math.Ceil(float64(tenths*len(days))/10))-1]) }
		if median != rank(5) || p90 != rank(9) {
			rt.Fatalf("n %d: got %v and %v, want %v and %v", len(days), median, p90, rank(5), rank(9))
		}
	})
}

// TestTry_faults tells what is wrong with a test itself.
func TestTry_faults(t *testing.T) {
	t.Parallel()
	p := embedded(t)
	for name, c := range map[string]struct{ file, text, want string }{
		"no story":   {"core/plan.txtar", "-- want.csv --\nagency\n", "core/plan.txtar: tells no story"},
		"no model":   {"core/plans.txtar", "Story.\n-- want.csv --\nagency\n", "there is no model beside it"},
		"no want":    {"core/plan.txtar", "Story.\n-- stage.plan.csv --\nagency\n", "want.csv is lacking"},
		"column":     {"core/plan.txtar", "Story.\n-- stage.plan.csv --\nagency,writen_on\n", `stage.plan.csv: column "writen_on" is not in sql/columns.yaml`},
		"file":       {"core/plan.txtar", "Story.\n-- plan.csv --\nagency\n", "plan.csv is no table"},
		"want":       {"core/plan.txtar", "Story.\n-- want.csv --\nnothing\n", `"nothing" not found`},
		"no measure": {"core/plan.txtar", "Story.\n-- cells.csv --\ncell_id\nx\n", "only measures have cells"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := p.Try(t.Context(), c.file, []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestRunMeasures_countsTwice says how many children the year to date counts twice: those that were joined, through
// another id too, after a quarter was signed; not those whose id was given again, nor those not in the year.
func TestRunMeasures_countsTwice(t *testing.T) {
	t.Parallel()
	db := engine(t)
	for _, s := range []string{
		"attach ':memory:' as signed_1",
		"create or replace table core.quarter as select * from (values ('2025-26Q1', '2025-26', 1), ('2025-26Q2', '2025-26', 2)) as t(quarter, fiscal_year, number)",
		"create table link.child as select unnest(['C1', 'C4', 'C5']) as child_id",
		"create table link.family as select 'F1' as family_id",
		"create table link.event as select * from (values ('JOIN', 'C3', 'C1'), ('KEEP', 'C4', 'C4')) as t(kind, from_id, to_id)",
		"create table fact.id_register as select * from (values ('C2', 'C3', 'redirected'), ('C5', 'C4', 'redirected'), ('C9', 'C1', 'redirected'), ('x', 'C1', 'held')) as t(client_local_id, id, state)",
		"create table signed_1.children_known as select unnest(['C1', 'C2', 'C3', 'C4', 'C5']) as unit_id, '2025-26Q1' as quarter, 'elm' as agency, 'elm' as employer, 'N' as area, 'B' as municipality, 'self' as source, true as counted, null::varchar as left_out_by, null::double as value",
		`create table signed_1.cell as select 'x' as cell_id, 'children_known' as measure, null::varchar as statistic, '2025-26Q1' as quarter, 'quarter' as period, '' as margin,
			null::varchar as area, null::varchar as municipality, null::varchar as agency, null::varchar as employer, null::varchar as breakdown, 5.0 as value, 5 as unit_count, 1 as agency_count`,
	} {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	text := measureHeader + `select unnest(['C1', 'C4']) as unit_id, '2025-26Q2' as quarter, 'elm' as agency, 'elm' as employer, 'N' as area,
    'B' as municipality, 'self' as source, true as counted, cast(null as varchar) as left_out_by, cast(null as double) as value`
	p, err := Load(tree(t, map[string]string{"measure/p/children_known.sql": strings.Replace(text, "-- measure: m\n", "-- measure: children_known\n", 1)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RunMeasures(t.Context(), db, []Signed{{Quarter: "2025-26Q1", Schema: "signed_1"}}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	var quarter, unit string
	var n, printed int
	err = db.Scan(t.Context(), `select t.quarter, t.unit, t.twice_count, (select value from measure.cell where cell_id = 'children_known@2025-26Q2/ytd') from measure.twice as t`, nil, &quarter, &unit, &n, &printed)
	if err != nil || quarter != "2025-26Q2" || unit != "child" || n != 2 || printed != 5 {
		t.Errorf("got %s %s %d of %d, %v; want 2 of 5 children in 2025-26Q2", quarter, unit, n, printed, err)
	}
}
