package model

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"time"

	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
)

// unknown is the code of a margin whose value is missing: margins add up to their total.
const unknown = "unknown"

// cellTables are what the roll-up leaves beside the candidates; pipelines/README.md describes them.
const cellTables = `
create or replace table measure.cell (cell_id varchar, measure varchar, statistic varchar, quarter varchar,
    period varchar, "by" varchar, area varchar, municipality varchar, agency varchar, employer varchar,
    breakdown varchar, value double, unit_count bigint, agency_count bigint);
create or replace table measure.definition (measure varchar, pack varchar, kind varchar, unit varchar,
    basis varchar, version integer, since varchar, question varchar, label varchar, label_fr varchar,
    definition varchar, definition_fr varchar, cites varchar, ordinal integer);
create or replace table measure.rule (measure varchar, code varchar, label varchar, label_fr varchar);
create or replace table measure.breakdown (measure varchar, "by" varchar, code varchar, label varchar,
    label_fr varchar, ordinal integer);
create or replace table measure.dimension (measure varchar, "by" varchar, label varchar, label_fr varchar);
create or replace table measure.evidence (measure varchar, table_name varchar, column_name varchar)`

// rollUp writes the cells of all measures and the tables that describe them.
func (p *Project) rollUp(ctx context.Context, db *warehouse.DB, log *slog.Logger) error {
	if err := db.Exec(ctx, cellTables); err != nil {
		return err
	}
	measures, some := p.inOrder(), []*Model{}
	for _, m := range measures { // a query over all margins is planned for long, and most areas are without some measures
		var hasAny bool
		if err := db.Scan(ctx, "select exists (from "+m.Table()+")", nil, &hasAny); err != nil {
			return err
		}
		if hasAny {
			some = append(some, m)
		}
	}
	rolled := func(i int) string { return fmt.Sprintf("memory.rolled_%d", i) }
	err := sideBySide(ctx, len(some), func(int) []int { return nil }, func(ctx context.Context, i int) error {
		m, began := some[i], time.Now()
		if err := m.roll(ctx, db, rolled(i)); err != nil {
			return fmt.Errorf("sql/%s: %w", m.Path, err)
		}
		log.DebugContext(ctx, "rolled up", "step", "measure", "model", m.Table(), "took", time.Since(began))
		return nil
	})
	if err != nil {
		return err
	}
	for i := range some { // in their order, whichever was ready first
		if err := errors.Join(db.Exec(ctx, "insert into measure.cell from "+rolled(i)), db.Exec(ctx, "drop table "+rolled(i))); err != nil {
			return err
		}
	}
	if err := p.describe(ctx, db, measures); err != nil {
		return err
	}
	return p.zeros(ctx, db, log)
}

// inOrder returns the measures as a report prints them: by ordinal, then by id.
func (p *Project) inOrder() []*Model {
	var out []*Model
	for _, m := range p.models["measure"] {
		if m.Measure != nil {
			out = append(out, m)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].Measure, out[j].Measure
		if a.Ordinal != b.Ordinal {
			return a.Ordinal < b.Ordinal
		}
		return out[i].Name < out[j].Name
	})
	return out
}

// roll makes a table of one measure's cells. A measure whose SELECT has a column period makes its own candidates
// for the year to date, where those of the quarters do not add up to them.
func (m *Model) roll(ctx context.Context, db *warehouse.DB, into string) error {
	columns, err := columnsOf(ctx, db, m.Table())
	if err != nil {
		return err
	}
	return db.Exec(ctx, "create or replace table "+into+" as "+m.cells(slices.Contains(columns, "period")))
}

// cells is the query that rolls one measure's candidates up, over all its margins.
func (m *Model) cells(ownPeriods bool) string {
	dims := m.Measure.dims()
	var list, sets, by, code strings.Builder
	for i, d := range dims {
		fmt.Fprintf(&list, ",\n        c.%s as d%d", quote(d), i)
		fmt.Fprintf(&sets, ", (quarter, period, d%d)", i)
		fmt.Fprintf(&by, " when grouping(d%d) = 0 then '%s'", i, d)
		fmt.Fprintf(&code, " when grouping(d%d) = 0 then d%d", i, i)
	}
	// An event of one quarter is another event in the next; a child or family of the year is one.
	unit := "c.unit_id"
	if m.Measure.Basis == "events_in_period" {
		unit = "c.quarter || ' ' || c.unit_id"
	}
	// A sum and a ratio add over their units, each of which has one row a quarter (proofs).
	weight := "1.0"
	if m.Measure.Kind == "ratio" {
		weight = "c.weight"
	}
	ytd, period := "", "'quarter'"
	if ownPeriods {
		period = "c.period"
	} else if m.Measure.Basis == "events_in_period" || m.Measure.Basis == "unique_in_period" {
		ytd = fmt.Sprintf(`
    union all
    select q.quarter, 'ytd', %s, c.counted, c.value, %s, c.agency%s
    from %s as c
    join core.quarter as own on own.quarter = c.quarter
    join core.quarter as q on q.fiscal_year = own.fiscal_year and q.number >= own.number`, unit, weight, list.String(), m.Table())
	}
	names, values, counts := m.Measure.statistics()
	return fmt.Sprintf(`with candidate as (
    select c.quarter, %[13]s as period, %[1]s as unit, c.counted, c.value, %[14]s as weight, c.agency as of_agency%[2]s
    from %[3]s as c%[4]s
),
rolled as (
    select quarter, period, case%[5]s else '' end as margin, case%[6]s end as code,
        count(distinct unit) filter (counted) as n,
        count(distinct unit) filter (counted and value = 1) as met,
        quantile_disc(value, 0.5) filter (counted) as median,
        quantile_disc(value, 0.9) filter (counted) as p90,
        max(value) filter (counted) as longest,
        -- As decimals: a sum of floating numbers would depend on the order of the rows.
        cast(sum(cast(value as decimal(18, 4))) filter (counted) as double) as total,
        cast(sum(cast(weight as decimal(18, 4))) filter (counted) as double) as weights,
        count(distinct of_agency) filter (counted) as agencies
    from (select quarter, period, unit, counted, cast(value as double) as value, cast(weight as double) as weight, of_agency, %[7]s from candidate)
    group by grouping sets ((quarter, period)%[8]s)
),
statistic as (
    select quarter, period, margin, code, agencies,
        unnest([%[9]s]) as statistic, unnest([%[10]s]) as value, unnest([%[11]s]) as units
    from rolled
)
select '%[12]s' || if(statistic = '', '', '.' || statistic) || '@' || quarter || if(period = 'ytd', '/ytd', '')
        || if(margin = '', '', '/' || margin || '=' || code) as cell_id,
    '%[12]s', statistic, quarter, period, margin,
    case when margin = 'area' then code end,
    case when margin = 'municipality' then code end,
    case when margin = 'agency' then code end,
    case when margin = 'employer' then code end,
    case when margin not in ('', 'area', 'municipality', 'agency', 'employer') then code end,
    value, units, agencies
from statistic
where value is not null
order by quarter, period, margin, code, statistic`,
		unit, list.String(), m.Table(), ytd, by.String(), code.String(), numbered(len(dims)), sets.String(),
		names, values, counts, m.Name, period, weight)
}

// statistics returns, as SQL lists, the names a kind publishes, their values and the units behind each.
func (m *Measure) statistics() (names, values, counts string) {
	switch m.Kind {
	case "sum":
		// Of a sum over people, as of hours, their number says how small it is; what is counted for each unit, as
		// surveys are, says it itself.
		if slices.Contains([]string{"child", "client", "episode", "family", "need"}, m.Unit) {
			return "''", "total", "n"
		}
		return "''", "total", "cast(greatest(n, floor(total)) as bigint)"
	case "ratio":
		return "'ratio', 'n'", "if(weights = 0, null, total / weights), nullif(weights, 0)",
			"cast(greatest(n, floor(weights)) as bigint), cast(greatest(n, floor(weights)) as bigint)"
	case "share":
		return "'share', 'met', 'n'", "if(n = 0, null, met / n), met, n", "n, met, n"
	case "quantile":
		return "'n', 'median', 'p90'", "n, median, p90", "n, n, n"
	case "wait":
		return "'n', 'median', 'p90', 'longest'", "n, median, p90, longest", "n, n, n, n"
	}
	return "''", "n::double", "n"
}

func numbered(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("d%d", i)
	}
	return strings.Join(names, ", ")
}

// describe writes what the headers say, so that reports need no SQL tree.
func (p *Project) describe(ctx context.Context, db *warehouse.DB, measures []*Model) error {
	missing, err := p.missingCodes(ctx, db)
	if err != nil {
		return err
	}
	rows := map[string][][]driver.Value{}
	add := func(table string, row ...driver.Value) { rows[table] = append(rows[table], row) }
	for i, model := range measures {
		m := model.Measure
		add("definition", m.ID, m.Pack, m.Kind, m.Unit, m.Basis, int32(m.Version), m.Since, m.Question, m.Label, m.LabelFR,
			m.Definition, m.DefinitionFR, m.Cites, int32(i+1))
		for _, r := range m.Rules {
			add("rule", m.ID, r.Code, r.Label, r.LabelFR)
		}
		for _, e := range m.Evidence {
			name, column, _ := strings.Cut(e, ".")
			add("evidence", m.ID, name, column)
		}
		for _, b := range m.By {
			add("dimension", m.ID, b.By, b.Label, b.LabelFR)
			codes := p.seeds[b.List]
			for at, c := range codes {
				add("breakdown", m.ID, b.By, c.Code, c.Name, c.NameFR, int32(at+1))
			}
			if missing[m.ID+" "+b.By] && !slices.ContainsFunc(codes, func(c config.Code) bool { return c.Code == unknown }) {
				add("breakdown", m.ID, b.By, unknown, "Not recorded", "Non consigné", int32(len(codes)+1))
			}
		}
	}
	for _, table := range []string{"definition", "rule", "evidence", "dimension", "breakdown"} {
		if err := db.Insert(ctx, "measure", table, rows[table]); err != nil {
			return err
		}
	}
	return nil
}

// missingCodes tells the breakdowns that have candidates without a code.
func (p *Project) missingCodes(ctx context.Context, db *warehouse.DB) (found map[string]bool, err error) {
	found = map[string]bool{}
	return found, db.Rows(ctx, `select distinct measure || ' ' || "by" from measure.cell where breakdown = ?`, []any{unknown}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		found[name] = true
		return err
	})
}
