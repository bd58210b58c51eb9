package release

import "testing"

func TestServices_hidesWaitsOfFewChildren(t *testing.T) {
	t.Parallel()
	db := memory(t,
		`create table core.local_service as select * from (values ('REGISTER', '2025-26Q1', 'ot', 'Lakes', 'Birch', 'eng', 0, 6, 'x@y.example'), ('REGISTER', '2024-25Q4', 'ot', 'Gone', 'Birch', 'eng', 0, 6, ''))
			as t(agency, quarter, service_type, offered_by, municipality, service_language, from_age, to_age, how_to_reach)`,
		`create table measure.cell as select * from (values
			('service_days_waiting', 'median', '2025-26Q1', 'quarter', 'service_type', 'ot', 30.0, 5), ('service_days_waiting', 'median', '2025-26Q1', 'quarter', 'service_type', 'slp', 90.0, 4),
			('service_days_waiting', 'median', '2025-26Q1', 'quarter', '', null, 40.0, 9), ('service_days_waiting', 'n', '2025-26Q1', 'quarter', 'service_type', 'ot', 5.0, 5),
			('service_days_waiting', 'median', '2025-26Q1', 'quarter', 'service_type', 'unknown', 7.0, 8), ('csp_days_waiting', 'median', '2025-26Q1', 'quarter', 'service_type', 'ot', 1.0, 9))
			as t(measure, statistic, quarter, period, "by", breakdown, value, unit_count)`,
		"create table measure.breakdown as select 'service_days_waiting' as measure, 'service_type' as \"by\", 'ot' as code, 'OT' as label, 'Ergo' as label_fr, 1 as ordinal",
		"create or replace table stage.agency as select 'LAK' as agency, 'Lakes' as name, 'Lacs' as name_fr",
		"create table stage.municipality as select 'Birch' as municipality, 'North' as area")
	if err := Services(t.Context(), db, map[string]string{"small_below": "5", "quarter": "2025-26Q1"}, [][]string{{"eng", "English", "Anglais"}}); err != nil {
		t.Fatal(err)
	}
	var offers, waits, hidden, tables int
	var shown float64
	err := db.Scan(t.Context(), `select (select count(*) from release.local_service), count(*), count(*) filter (where is_hidden and median_days is null), sum(median_days),
		(select count(*) from duckdb_columns() where database_name = 'release' and column_name like '%count%') from release.wait`, nil, &offers, &waits, &hidden, &shown, &tables)
	if err != nil || offers != 1 || waits != 2 || hidden != 1 || shown != 30 || tables != 0 {
		t.Errorf("got %d offers, %d waits, %d hidden, %v days shown, %d columns of counts, %v; want 1, 2, 1, 30, 0", offers, waits, hidden, shown, tables, err)
	}
}
