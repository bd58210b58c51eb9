package release

import (
	"testing"

	"tributary/pipelines/warehouse"
)

func memory(t *testing.T, statements ...string) *warehouse.DB {
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, step := range []string{"fact", "stage", "core", "link", "measure", "release"} {
		statements = append([]string{"attach ':memory:' as " + step}, statements...)
	}
	for _, s := range statements {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

func TestProvider_holdsNothingOfAnother(t *testing.T) {
	t.Parallel()
	db := memory(t,
		"create table stage.client as select * from (values ('A', '1'), ('B', '2')) as t(agency, client_local_id)",
		"create table stage.setting as select 'small_below' as name, '5' as value")
	if err := Provider(t.Context(), db, "A"); err != nil {
		t.Fatal(err)
	}
	var own, other, tables int
	err := db.Scan(t.Context(), `select count(*) filter (where agency = 'A'), count(*) filter (where agency <> 'A'),
		(select count(*) from duckdb_tables() where database_name = 'release') from release.client`, nil, &own, &other, &tables)
	if err != nil || own != 1 || other != 0 || tables != 1 {
		t.Errorf("got %d own rows, %d of others, %d tables, %v; want 1, 0, 1", own, other, tables, err)
	}
}

func TestContract_marksSmallCounts(t *testing.T) {
	t.Parallel()
	db := memory(t,
		`create table measure.cell as select * from (values ('a', 4.0, 4), ('b', 5.0, 5), ('c', 0.0, 0), ('d', .5, 2), ('e', 2.0, 2)) as t(cell_id, value, unit_count),
			lateral (select if(cell_id = 'e', 'agreements', 'children') as measure)`,
		"create table measure.definition as select * from (values (1, 'children', 'child'), (2, 'agreements', 'agreement')) as t(ordinal, measure, unit)", "create table measure.breakdown as select 1 as n", "create table measure.rule as select 1 as n",
		"create table link.expected as select 'child' as unit, '2025-26Q1' as quarter, 'quarter' as period, 5 as counted, 4.8 as expected, 4 as low, 5 as high",
		"create table measure.late as select '2025-26Q1' as quarter, 'm' as measure, 1 as added_count, 0 as gone_count where false",
		"create table measure.twice as select '2025-26Q1' as quarter, 'child' as unit, 1 as twice_count where false",
		"create table stage.agency as select 'A' as agency, '' as name, '' as name_fr, '' as role, '' as category, '' as linking_rule, '' as linking_authority",
		"create table stage.delivery as select 'A' as agency, '2025-26Q1' as quarter",
		`create table stage.finding as select 'A' as agency, '2025-26Q1' as quarter, 'bad_date' as check_id, 'note' as severity from range(3)`,
		"create table stage.check_catalogue as select 'bad_date' as check_id, 'Not a date' as name, 'Pas une date' as name_fr",
		`create table stage.section as select 'A' as agency, '2025-26Q1' as quarter, 'f' as file, 'client' as into_table, 10 as read_count, 7 as taken_count, 1 as set_aside_count`,
		"create table core.target as select 'm' as measure, 'R' as agency, '2025-26Q1' as quarter, '2025-26Q1' as target_quarter, 5.0 as value, 'x' as set_by",
		"create table fact.note as select 'a' as cell_id, 'cause' as field, 'x' as text, 'w' as who, '' as noted_at")
	if err := Contract(t.Context(), db, map[string]string{"small_below": "5"}); err != nil {
		t.Fatal(err)
	}
	var small string
	if err := db.Scan(t.Context(), "select string_agg(cell_id, ',' order by cell_id) filter (where is_small) from release.cell", nil, &small); err != nil || small != "a,d" {
		t.Errorf("got small %q, %v; want a,d", small, err)
	}
	var label string
	var findings, rest int
	err := db.Scan(t.Context(), "select label_fr, finding_count, (select not_data_count from release.set_aside) from release.data_note", nil, &label, &findings, &rest)
	if err != nil || label != "Pas une date" || findings != 3 || rest != 2 {
		t.Errorf("got %q, %d findings, %d not data, %v", label, findings, rest, err)
	}
}
