package model

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// zeros adds the counts that are zero: nothing was counted although files told of it. A quarter tells
// of a measure when some file of it feeds a column that the measure rests on (the client's own columns
// only where nothing else is named) and its agency ever had a candidate for it: an agency's planning file
// does not tell of a hub's families. Else nothing was told, and missing is not zero. A standing list tells
// of all quarters from its own on, but only once a row stands in it: an empty form says nothing. Agencies
// and employers get none, who never does a thing does not do it zero times; nor do places, where a
// measure rests on nothing that has one.
func (p *Project) zeros(ctx context.Context, db *warehouse.DB, log *slog.Logger) error {
	var known bool
	err := db.Scan(ctx, `select count(*) = 2 from duckdb_tables()
		where database_name = 'stage' and table_name in ('column', 'municipality')`, nil, &known)
	if err != nil {
		return err
	}
	if !known {
		log.DebugContext(ctx, "no mapped columns to tell zero from missing", "step", "measure")
		return nil
	}
	var placed []string
	for _, m := range p.inOrder() {
		if slices.ContainsFunc(m.Measure.Evidence, p.hasPlace) {
			placed = append(placed, warehouse.Text(m.Name))
		}
	}
	if err := db.Exec(ctx, fmt.Sprintf(zeroSQL, "["+strings.Join(placed, ", ")+"]::varchar[]")); err != nil {
		return fmt.Errorf("zero cells: %w", err)
	}
	return nil
}

// hasPlace tells whether the table of an evidence is of clients, or names a municipality of its own.
func (p *Project) hasPlace(evidence string) bool {
	name, _, _ := strings.Cut(evidence, ".")
	columns := p.words.Tables[name].Columns
	return slices.Contains(columns, "client_local_id") || slices.Contains(columns, "municipality")
}

const zeroSQL = `insert into measure.cell
with rests_on as (
    select measure, table_name, column_name
    from measure.evidence as e
    where table_name <> 'client'
        or not exists (select 1 from measure.evidence as o where o.measure = e.measure and o.table_name <> 'client')
),
takes_part as (
    select distinct measure, agency from measure.cell where "by" = 'agency'
),
told as (
    select distinct r.measure, c.quarter
    from rests_on as r
    join stage."column" as c on c.into_table = r.table_name and c.column_name = r.column_name
    join takes_part as t on t.measure = r.measure and t.agency = c.agency
    left join stage.file as f
        on f.agency = c.agency and f.quarter = c.quarter and f.file = c.file and f.version = c.version
    where f.file_kind is distinct from 'standing'
    union
    select r.measure, v.quarter
    from rests_on as r
    join stage.section as s on s.into_table = r.table_name and s.taken_count > 0
    join takes_part as t on t.measure = r.measure and t.agency = s.agency
    join core.file_quarter as v
        on v.agency = s.agency and v.from_quarter = s.quarter and v.file = s.file
        and v.version = s.version and v.file_kind = 'standing'
),
period as (
    select d.measure, t.quarter, 'quarter' as period
    from measure.definition as d
    join told as t on t.measure = d.measure
    where d.kind = 'count'
    union
    select d.measure, q.quarter, 'ytd'
    from measure.definition as d
    join told as t on t.measure = d.measure
    join core.quarter as own on own.quarter = t.quarter
    join core.quarter as q on q.fiscal_year = own.fiscal_year and q.number >= own.number
    where d.kind = 'count' and d.basis in ('events_in_period', 'unique_in_period')
),
margin as (
    select measure, '' as margin, '' as code from measure.definition
    union
    select d.measure, 'area', m.area from measure.definition as d cross join stage.municipality as m
    where list_contains(%[1]s, d.measure)
    union
    select d.measure, 'municipality', m.municipality from measure.definition as d cross join stage.municipality as m
    where list_contains(%[1]s, d.measure)
    union
    select measure, "by", code from measure.breakdown where code <> '` + unknown + `'
),
zero as (
    select p.measure || '@' || p.quarter || if(p.period = 'ytd', '/ytd', '')
            || if(m.margin = '', '', '/' || m.margin || '=' || m.code) as cell_id,
        p.measure, p.quarter, p.period, m.margin, m.code
    from period as p
    join margin as m on m.measure = p.measure
    where m.code is not null
)
select z.cell_id, z.measure, '', z.quarter, z.period, z.margin,
    case when z.margin = 'area' then z.code end,
    case when z.margin = 'municipality' then z.code end,
    null, null,
    case when z.margin not in ('', 'area', 'municipality') then z.code end,
    0, 0, 0
from zero as z
where not exists (select 1 from measure.cell as c where c.cell_id = z.cell_id)
order by z.cell_id`
