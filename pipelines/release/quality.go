package release

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

//go:embed quality.sql
var qualitySQL string

// askedSQL counts, in stage, what a delivery asks of its agency, by a sign that says what each question is about
// in whatever file and row it stands: the client, else the place. entry is that of the mapping for its file; empty
// where there is none.
const askedSQL = `select f.agency, f.quarter, cast(count(*) as bigint) as n, coalesce(min(o.file_key), '') as entry,
		md5(concat_ws('|', f.check_id, coalesce(c.client_local_id, concat_ws('|', f.sheet, f."row")), f.column_name)) as sign
	from stage.finding as f
	left join stage.finding_cell as c on c.finding_id = f.finding_id and c.check_id = f.check_id
	left join stage.file as o on o.agency = f.agency and o.quarter = f.quarter and o.file = f.file and o.version = f.version
	where f.severity <> 'note' and not exists (
		select 1 from stage.file as s
		where s.state = 'superseded' and s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version)
	group by all`

// Remember fills the attached database `version` with what the checks found in one earlier state of one delivery,
// which the attached database `stage` holds: numbers and signs, nothing of a person.
func Remember(ctx context.Context, db *warehouse.DB, agency, quarter string, version int) error {
	of := fmt.Sprintf("agency = %s and quarter = %s", warehouse.Text(agency), warehouse.Text(quarter))
	for _, statement := range []string{
		fmt.Sprintf(`create table version.state as
			select %d as version, d.agency, d.quarter, (select max(received_on) from stage.file) as received_on, d.state,
				cast(coalesce((select sum(n) from (select max(taken_count + set_aside_count) as n from stage.section where not superseded group by file, version, sheet)), 0) as bigint) as row_count,
				coalesce((select string_agg(file || if(version > 1, ' (' || version || ')', ''), ', ' order by file, version) from stage.file where state <> 'superseded'), '') as files,
				coalesce((select list(distinct file_key order by file_key) from stage.file where state = 'taken'), []) as entries
			from stage.delivery as d where %s`, version, of),
		fmt.Sprintf("create table version.asked as select %d as version, agency, quarter, sign, n, entry from (%s) where %s order by sign", version, askedSQL, of),
		fmt.Sprintf("create table version.result as select %d as version, agency, quarter, check_id, examined_count, failed_count from stage.check_result where %s order by check_id", version, of),
	} {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("memory of %s %s: %w", agency, quarter, err)
		}
	}
	return nil
}

// rememberedColumns are those of the tables that Remember makes.
var rememberedColumns = map[string]string{
	"state":  "version, agency, quarter, received_on, state, row_count, files, entries",
	"asked":  "version, agency, quarter, sign, n, entry",
	"result": "version, agency, quarter, check_id, examined_count, failed_count",
}

// Quality fills the attached database `release` with the tables quality_*: what the checks found in each state of
// each delivery, when it came, how full its columns are; counts alone, nothing of a person. Without an agency it
// tells of all. earlier are the attached databases that Remember filled, those of other agencies too.
func Quality(ctx context.Context, db *warehouse.DB, agency string, earlier []string, fixes map[string][2]string) error {
	words, err := config.ReadDictionary(sql.FS)
	if err != nil {
		return err
	}
	about := "create or replace table about as select agency from stage.agency"
	if agency != "" {
		about += " where agency = " + warehouse.Text(agency)
	}
	if err := db.Exec(ctx, about); err != nil {
		return err
	}
	fill := []string{"{{asked}}", askedSQL + " having f.agency in (select agency from about)", "{{filled}}", filledSQL(words)}
	for table, columns := range rememberedColumns {
		all := ""
		for _, e := range earlier {
			all += fmt.Sprintf("union all select %s from %q.%s semi join about using (agency)\n", columns, e, table)
		}
		fill = append(fill, "{{earlier "+table+"}}", all)
	}
	text := strings.NewReplacer(fill...).Replace(qualitySQL)
	for _, statement := range statements(text) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("release of quality: %w", err)
		}
	}
	if agency == "" {
		return nil
	}
	var checks []string
	for check := range fixes {
		checks = append(checks, check)
	}
	slices.Sort(checks)
	for _, check := range checks {
		if err := db.Exec(ctx, "update release.quality_check set fix = ?, fix_fr = ? where check_id = ?", fixes[check][0], fixes[check][1], check); err != nil {
			return err
		}
	}
	return nil
}

// QualitySQL is what decides the content of the quality tables besides their inputs.
func QualitySQL() string { return qualitySQL + askedSQL }

// filledSQL counts, per canonical table, how many rows fill each column.
func filledSQL(words *config.Dictionary) string {
	var tables, all []string
	for table := range words.Tables {
		tables = append(tables, table)
	}
	slices.Sort(tables)
	for _, table := range tables {
		var columns []string
		for _, c := range words.Tables[table].Columns {
			columns = append(columns, fmt.Sprintf("{column_name: '%[1]s', n: count(%[1]s)}", c))
		}
		all = append(all, fmt.Sprintf(`select agency, quarter, '%s' as table_name, count(*) as row_count, unnest([%s]) as told
			from stage.%[1]s where is_superseded is not true group by agency, quarter`, table, strings.Join(columns, ", ")))
	}
	return strings.Join(all, " union all ")
}
