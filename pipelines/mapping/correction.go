package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// correct applies what named persons stated where the source still says what it said then. A correction
// ends with the first later delivery of the client that says something else, for good: a source that
// changed its value has its own mind.
func (s *stager) correct(ctx context.Context) error {
	var targets [][2]string
	err := s.db.Rows(ctx, "select distinct table_name, column_name from fact.correction order by all", nil, func(scan func(...any) error) error {
		var t [2]string
		err := scan(&t[0], &t[1])
		targets = append(targets, t)
		return err
	})
	if err != nil {
		return err
	}
	// All are found in what the sources say before any is used: one may change what another is known by.
	for _, do := range []func(context.Context, string, string) error{s.findCorrected, s.correctColumn} {
		for _, t := range targets {
			if err := do(ctx, t[0], t[1]); err != nil {
				return fmt.Errorf("corrections of %s.%s: %w", t[0], t[1], err)
			}
		}
	}
	for _, t := range targets {
		if err := s.exec(ctx, "drop table "+statedTable(t[0], t[1])); err != nil {
			return err
		}
	}
	return nil
}

func statedTable(table, column string) string { return fmt.Sprintf(`"stated %s.%s"`, table, column) }

// RecordSQL names, by a function that gives a key column's expression, which of a client's records in a table a row
// is about, whatever file and row it stands in: the table's key without the client and the column that is in
// question. It is empty where a client has one record only.
func RecordSQL(key []string, column string, in func(column string) string) string {
	var parts []string
	for _, k := range key {
		if k != "client_local_id" && k != column {
			parts = append(parts, fmt.Sprintf("coalesce(cast(%s as varchar), '')", in(k)))
		}
	}
	if len(parts) == 0 {
		return "''"
	}
	return "md5(concat_ws('|', " + strings.Join(parts, ", ") + "))"
}

// findCorrected lists the rows that the corrections of one column are about. A correction of one record goes before
// one of all the client's.
func (s *stager) findCorrected(ctx context.Context, table, column string) error {
	if !slices.Contains(s.d.Tables[table].Columns, column) || !slices.Contains(s.d.Tables[table].Columns, "client_local_id") {
		return tributary.Fix(fmt.Errorf("no column %q of clients in table %q", column, table), "see the columns in sql/tables.yaml")
	}
	return s.exec(ctx, fmt.Sprintf(`create table %[6]s as
		with typed as (
			select agency, client_local_id, record, coalesce(quarter, '') as quarter, try_cast(nullif(value, '') as %[3]s) as value,
				try_cast(nullif(was, '') as %[3]s) as was, coalesce(value, '') <> '' and try_cast(value as %[3]s) is null as is_unfit, who, noted_at, why
			from fact.correction where table_name = %[4]s and column_name = %[5]s
		),
		about as (
			select s.*, t.quarter as of_quarter, t.%[2]s is not distinct from s.was as says_so, t.is_superseded, t._address, t.rowid as at
			from typed as s
			join stage.%[1]s as t on t.agency = s.agency and t.client_local_id = s.client_local_id and s.record in ('', %[7]s)
		),
		ended as (
			select agency, client_local_id, record, was, min(of_quarter) as ends_at from (
				select agency, client_local_id, record, was, of_quarter, bool_or(says_so) as says_so from about
				where is_superseded is not true and of_quarter > quarter and quarter <> '' group by all)
			where not says_so group by all
		)
		select a.* exclude (of_quarter, says_so, is_superseded, quarter), a.of_quarter as quarter from about as a
		left join ended as e on e.agency = a.agency and e.client_local_id = a.client_local_id and e.record = a.record and e.was is not distinct from a.was
		where a.says_so and (e.ends_at is null or a.of_quarter < e.ends_at)
		qualify row_number() over (partition by a.at order by a.record desc) = 1
		order by a.at`,
		table, column, s.d.Columns[column].Type, warehouse.Text(table), warehouse.Text(column), statedTable(table, column),
		RecordSQL(s.d.Tables[table].Key, column, func(c string) string { return "t." + c })))
}

// correctColumn uses the corrections of one column in bulk.
func (s *stager) correctColumn(ctx context.Context, table, column string) error {
	also := ""
	if column == "birth_date" {
		also = ", birth_date_precision = 'day'"
	}
	stated := statedTable(table, column)
	return s.exec(ctx, fmt.Sprintf(`insert into stage.corrected
			select agency, quarter, client_local_id, %s, %s, cast(was as varchar), cast(value as varchar), not is_unfit, who, noted_at, why, _address
			from %s order by agency, quarter, client_local_id, _address`, warehouse.Text(table), warehouse.Text(column), stated),
		fmt.Sprintf(`insert into raised
			select 'correction_used', 'note', c.agency, c.quarter, c._address.file, c._address.version, c._address.sheet, c._address."row", c._address.path,
				coalesce(h.heading, c.column_name), if(c.is_used, 'a stated value is used in place of what the file says', 'a stated value is not used: it does not fit the column')
			from stage.corrected as c left join %s as h on %s
			where c.into_table = %s and c.column_name = %s`, headingTable, headingJoin("h", "c"), warehouse.Text(table), warehouse.Text(column)),
		fmt.Sprintf("update stage.%s as t set %s = s.value%s from %s as s where not s.is_unfit and s.at = t.rowid", table, column, also, stated),
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
