package release

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"tributary/pipelines/release/disclose"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

var everything = Audience{Name: "public", Quarters: 4, Periods: periods, Tables: []Table{{Packs: []string{"csp"}, By: margins}}}

// measured makes measure and stage as one measure of two quarters leaves them: events by municipality, in
// two areas, one number small; and a share.
func measured(t *testing.T) *warehouse.DB {
	db := memory(t, "attach ':memory:' as disclosure",
		`create table measure.definition as select * from (values ('plans', 'csp', 'count', 'episode', 'events_in_period', 1), ('done', 'csp', 'share', 'episode', 'events_in_period', 2))
			as t(measure, pack, kind, unit, basis, ordinal)`,
		`create table measure.breakdown as select 'plans' as measure, '' as "by" where false`, "create table measure.rule as select 'plans' as measure where false",
		"create table stage.municipality as select * from (values ('A', 'North'), ('B', 'North'), ('C', 'South'), ('D', 'South')) as t(municipality, area)",
		"create table stage.agency as select 'X' as agency, 'X' as name, 'X' as name_fr, 'provider' as role, '' as category",
		"create table stage.delivery as select 'X' as agency, '2025-26Q1' as quarter, 'accepted' as state, false as is_late, 77 as row_count",
		`create table measure.plans as
			with n(quarter, municipality, area, n) as (values ('2025-26Q1', 'A', 'North', 3), ('2025-26Q1', 'B', 'North', 20), ('2025-26Q1', 'C', 'South', 30), ('2025-26Q1', 'D', 'South', 40),
				('2025-26Q2', 'A', 'North', 12), ('2025-26Q2', 'B', 'North', 21), ('2025-26Q2', 'C', 'South', 31), ('2025-26Q2', 'D', 'South', 41))
			select quarter || municipality || i as unit_id, quarter, 'X' as agency, 'X' as employer, area, municipality, true as counted, cast(null as double) as value
			from n, range(n.n) as r(i)`,
		"create table measure.done as select * replace (case when unit_id like '%0' then 0 else 1 end::double as value) from measure.plans",
	)
	cells := `create table measure.cell as
		with margin as (
			select *, '' as "by", '' as code from measure.plans union all select *, 'area', area from measure.plans union all select *, 'municipality', municipality from measure.plans),
		period as (select quarter as q, 'quarter' as period, * from margin
			union all select '2025-26Q2', 'ytd', * from margin union all select quarter, 'ytd', * from margin where quarter = '2025-26Q1'),
		rolled as (select q, period, "by", code, count(*) as n, count(*) filter (unit_id not like '%0') as met from period group by all),
		stated as (select 'plans' as measure, '' as statistic, n::double as value, n, * exclude (n) from rolled
			union all select 'done', 'n', n::double, n, * exclude (n) from rolled union all select 'done', 'met', met::double, met, * exclude (n) from rolled
			union all select 'done', 'share', met / n, n, * exclude (n) from rolled)
		select measure || if(statistic = '', '', '.' || statistic) || '@' || q || if(period = 'ytd', '/ytd', '') || if("by" = '', '', '/' || "by" || '=' || code) as cell_id,
			measure, statistic, q as quarter, period, "by", case when "by" = 'area' then code end as area, case when "by" = 'municipality' then code end as municipality,
			null::varchar as agency, null::varchar as employer, null::varchar as breakdown, value, n as unit_count, 1 as agency_count
		from stated`
	if err := db.Exec(t.Context(), cells); err != nil {
		t.Fatal(err)
	}
	return db
}

func decide(t *testing.T, db *warehouse.DB, d Disclosure) map[string]string {
	t.Helper()
	d.Quarters, d.Below, d.Width = []string{"2025-26Q1", "2025-26Q2"}, 5, 5
	if d.Audiences == nil {
		d.Audiences = []Audience{everything}
	}
	if err := Disclose(t.Context(), db, d); err != nil {
		t.Fatal(err)
	}
	return table(t, db, "select cell_id, if(is_shown, 'shown', why) from disclosure.cell where audience = 'public'")
}

func table(t *testing.T, db *warehouse.DB, query string) map[string]string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		out[k] = v
	}
	return out
}

func TestDisclose_hidesSmallAndWhatWouldTell(t *testing.T) {
	t.Parallel()
	db := measured(t)
	got := decide(t, db, Disclosure{})
	if got["plans@2025-26Q1/municipality=A"] != "small" {
		t.Errorf("the small count is %q, want small", got["plans@2025-26Q1/municipality=A"])
	}
	if got["plans@2025-26Q1/municipality=B"] == "shown" && got["plans@2025-26Q1/area=North"] == "shown" {
		t.Error("the area less its other municipality shows the small count")
	}
	if got["plans@2025-26Q2/municipality=A"] == "shown" && got["plans@2025-26Q2/ytd/municipality=A"] == "shown" {
		t.Error("the year to date less the second quarter shows the small count")
	}
	if got["plans@2025-26Q1"] != "shown" {
		t.Errorf("the total is hidden: %s", got["plans@2025-26Q1"])
	}
	// All but one of ten are met: the one is as small as a count of one.
	if got["done.share@2025-26Q1/municipality=B"] == "shown" {
		t.Error("a share is shown although all but two of its cases are met")
	}
	var unmet int
	if err := db.Scan(t.Context(), "select count(*) from disclosure.unmet", nil, &unmet); err != nil || unmet > 0 {
		t.Errorf("%d numbers are not protected, %v", unmet, err)
	}
	// Two measures count the same episodes: what one shows the other does.
	for id, state := range got {
		if other, ok := got[strings.Replace(id, "plans@", "done.n@", 1)]; ok && strings.HasPrefix(id, "plans@") && (state == "shown") != (other == "shown") {
			t.Errorf("%s is %s and the same count of the other measure %s", id, state, other)
		}
	}
}

func TestShow_hasNoValueOfAHiddenCell(t *testing.T) {
	t.Parallel()
	db := measured(t)
	decide(t, db, Disclosure{})
	if err := Show(t.Context(), db, "public", map[string]string{"small_below": "5"}); err != nil {
		t.Fatal(err)
	}
	var hidden, leaks, told, counts int
	err := db.Scan(t.Context(), `select count(*) filter (is_hidden), count(*) filter (is_hidden and value is not null), count(*) filter (unit_count is not null),
		(select count(*) from duckdb_columns() where database_name = 'release' and (column_name like '%count' or column_name = 'why') and table_name <> 'cell')
		from release.cell`, nil, &hidden, &leaks, &told, &counts)
	if err != nil || hidden == 0 || leaks+told+counts > 0 {
		t.Errorf("%d hidden, %d with a value, %d with units, %d other columns of counts or reasons, %v", hidden, leaks, told, counts, err)
	}
}

func TestKeep_comesBackAndBinds(t *testing.T) {
	t.Parallel()
	db := measured(t)
	first := decide(t, db, Disclosure{})
	dir := t.TempDir() + "/r"
	hash, err := Keep(t.Context(), db, "public", dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadPublished(dir, "public-2025-26Q2-1", "public", hash)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPublished(dir, "x", "public", "0"+hash[1:]); err == nil && hash[0] != '0' {
		t.Error("a changed hash is accepted")
	}
	again := measured(t)
	second := decide(t, again, Disclosure{Published: []Published{p}})
	for id, state := range first {
		if second[id] != state && (state == "shown" || second[id] == "shown") {
			t.Errorf("%s was %s and is %s after it was published", id, state, second[id])
		}
	}
	// A restated number that differs by one would show the one.
	third := measured(t)
	if err := third.Exec(t.Context(), "update measure.cell set value = value + 1 where cell_id in ('plans@2025-26Q2', 'plans@2025-26Q2/ytd')"); err != nil {
		t.Fatal(err)
	}
	if got := decide(t, third, Disclosure{Published: []Published{p}})["plans@2025-26Q2"]; got != disclose.Difference {
		t.Errorf("a total restated by one is %s, want hidden for the difference", got)
	}
}

func TestDisclose_partnersKnowWhatThePublicSees(t *testing.T) {
	t.Parallel()
	db := measured(t)
	areas := Audience{Name: "public", Quarters: 1, Periods: []string{"quarter"}, Tables: []Table{{Measures: []string{"plans"}, By: []string{"total", "area"}}}}
	partners := everything
	partners.Name = "partners"
	decide(t, db, Disclosure{Audiences: []Audience{areas, partners}})
	public := table(t, db, "select cell_id, is_shown::varchar from disclosure.cell where audience = 'public' and is_shown")
	hidden := table(t, db, "select cell_id, why from disclosure.cell where audience = 'partners' and not is_shown")
	for id := range public {
		if hidden[id] != "" {
			t.Errorf("%s is shown to the public and hidden from partners", id)
		}
	}
	if len(public) != 3 {
		t.Errorf("the public sees %d numbers, want 3: %v", len(public), public)
	}
}

func TestReadAudience(t *testing.T) {
	t.Parallel()
	for _, a := range Audiences {
		if _, err := ReadAudience(sql.FS, a); err != nil {
			t.Error(err)
		}
	}
	bad := fstest.MapFS{"release/public.yaml": {Data: []byte("periods: [year]\ntables:\n  - by: [everything]\n")}}
	_, err := ReadAudience(bad, "public")
	for _, want := range []string{"quarters is missing", `unknown word "year"`, `unknown word "everything"`, "neither measures nor packs"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestListed_findsParts(t *testing.T) {
	t.Parallel()
	l := listed([]overlap{{"", []string{"all", "no"}}, {"", []string{"all", "yes"}}, {"", []string{"all", "early", "yes"}}, {"", []string{"other"}}})
	got := fmt.Sprint(l.within[" early"], l.parts[" all"], len(l.same))
	if want := "[all yes] [no yes] 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestReport_opensOnlyItsRelease: the connection that a report has reaches no other file.
func TestReport_opensOnlyItsRelease(t *testing.T) {
	t.Parallel()
	house := &warehouse.Warehouse{Root: t.TempDir(), Temp: t.TempDir()}
	file := map[string]string{}
	for _, name := range []string{"release-public", "stage"} {
		s := warehouse.Step{Name: name, Schema: strings.Split(name, "-")[0], Fingerprint: "1"}
		if _, err := house.Build(t.Context(), s, func(ctx context.Context, db *warehouse.DB) error {
			return db.Exec(ctx, "create table "+s.Schema+".x as select 1 as n")
		}); err != nil {
			t.Fatal(err)
		}
		file[name] = s.File()
	}
	db, err := house.Open(t.Context(), map[string]string{"release": file["release-public"]})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, try := range []string{
		"attach " + warehouse.Text(house.Path(file["stage"])) + " as stage (read_only)",
		"select * from read_blob(" + warehouse.Text(house.Path(file["stage"])) + ")",
		"select * from read_csv('/etc/hostname')",
		"set enable_external_access = true", "create table release.y as select 1", "install httpfs",
	} {
		if err := db.Exec(t.Context(), try); err == nil {
			t.Errorf("%s: a report may not", try)
		}
	}
}
