package mapping

import (
	"context"
	"fmt"
	"slices"

	"tributary"
	"tributary/pipelines/warehouse"
)

// correct applies what named persons stated where the source still says what it said then. A correction
// ends with the first later delivery of the client that says something else, for good: a source that
// changed its value has its own mind.
func (s *stager) correct(ctx context.Context) error {
	rows, err := s.db.Query(ctx, "select distinct table_name, column_name from fact.correction order by all")
	if err != nil {
		return err
	}
	defer rows.Close()
	var targets [][2]string
	for rows.Next() {
		var t [2]string
		if err := rows.Scan(&t[0], &t[1]); err != nil {
			return err
		}
		targets = append(targets, t)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, t := range targets {
		if err := s.correctColumn(ctx, t[0], t[1]); err != nil {
			return fmt.Errorf("corrections of %s.%s: %w", t[0], t[1], err)
		}
	}
	return nil
}

// correctColumn applies the corrections of one column in bulk.
func (s *stager) correctColumn(ctx context.Context, table, column string) error {
	if !slices.Contains(s.d.Tables[table].Columns, column) || !slices.Contains(s.d.Tables[table].Columns, "client_local_id") {
		return tributary.Fix(fmt.Errorf("no column %q of clients in table %q", column, table), "see the columns in sql/tables.yaml")
	}
	holds := fmt.Sprintf(`s.agency = t.agency and s.client_local_id = t.client_local_id and t.%s is not distinct from s.was
		and (s.ends_at is null or t.quarter < s.ends_at)`, column)
	also := ""
	if column == "birth_date" {
		also = ", birth_date_precision = 'day'"
	}
	return s.exec(ctx, fmt.Sprintf(`create or replace table stated as
		with typed as (
			select agency, client_local_id, coalesce(quarter, '') as quarter, try_cast(nullif(value, '') as %[3]s) as value,
				try_cast(nullif(was, '') as %[3]s) as was, coalesce(value, '') <> '' and try_cast(value as %[3]s) is null as is_unfit, who, noted_at, why
			from fact.correction where table_name = %[4]s and column_name = %[5]s
		),
		later as (
			select s.agency, s.client_local_id, t.quarter, bool_or(t.%[2]s is not distinct from s.was) as says_so
			from typed as s
			join stage.%[1]s as t on t.agency = s.agency and t.client_local_id = s.client_local_id and t.quarter > s.quarter and s.quarter <> ''
			where t.is_superseded is not true
			group by all
		),
		ended as (select agency, client_local_id, min(quarter) as ends_at from later where not says_so group by all)
		select s.*, e.ends_at from typed as s
		left join ended as e on e.agency = s.agency and e.client_local_id = s.client_local_id`,
		table, column, s.d.Columns[column].Type, warehouse.Text(table), warehouse.Text(column)),
		fmt.Sprintf(`insert into stage.corrected
			select t.agency, t.quarter, t.client_local_id, %s, %s, cast(s.was as varchar), cast(s.value as varchar), not s.is_unfit, s.who, s.noted_at, s.why, t._address
			from stage.%s as t join stated as s on %s
			order by t.agency, t.quarter, t.client_local_id, t._address`, warehouse.Text(table), warehouse.Text(column), table, holds),
		fmt.Sprintf(`insert into raised
			select 'correction_used', 'note', c.agency, c.quarter, c._address.file, c._address.version, c._address.sheet, c._address."row", c._address.path,
				coalesce(h.heading, c.column_name), if(c.is_used, 'a stated value is used in place of what the file says', 'a stated value is not used: it does not fit the column')
			from stage.corrected as c left join %s as h on %s
			where c.into_table = %s and c.column_name = %s`, headingTable, headingJoin("h", "c"), warehouse.Text(table), warehouse.Text(column)),
		fmt.Sprintf("update stage.%s as t set %s = s.value%s from stated as s where not s.is_unfit and %s", table, column, also, holds),
		// What could not be read is stated now, and asks no more.
		fmt.Sprintf(`update raised as r set severity = 'note', detail = r.detail || '; a stated value is used'
			from stage.corrected as c join %s as h on %s
			where c.is_used and c.into_table = %s and c.column_name = %s and r.check_id in ('bad_date', 'bad_number', 'age_only', 'unknown_code', 'unknown_municipality')
				and r.agency = c.agency and r.quarter = c.quarter and r.file = c._address.file and r.version = c._address.version
				and coalesce(r.sheet, '') = coalesce(c._address.sheet, '') and r."row" = c._address."row" and coalesce(r.path, '') = coalesce(c._address.path, '')
				and r.column_name = h.heading`, headingTable, headingJoin("h", "c"), warehouse.Text(table), warehouse.Text(column)))
}

// headingTable is one heading for each canonical column of a sheet, the leftmost.
const headingTable = `(select agency, quarter, file, version, sheet, into_table, column_name, any_value(heading order by position) as heading,
	min(position) as position from stage."column" group by all)`

// headingJoin finds the heading of a row that has into_table, column_name and _address.
func headingJoin(heading, row string) string {
	return fmt.Sprintf(`%[1]s.agency = %[2]s.agency and %[1]s.quarter = %[2]s.quarter and %[1]s.file = %[2]s._address.file
		and %[1]s.version = %[2]s._address.version and coalesce(%[1]s.sheet, '') = coalesce(%[2]s._address.sheet, '')
		and %[1]s.into_table = %[2]s.into_table and %[1]s.column_name = %[2]s.column_name`, heading, row)
}
