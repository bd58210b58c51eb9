package model

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// Signed is an earlier quarter whose numbers were signed: the schema under which the measures of its
// submission are attached.
type Signed struct{ Quarter, Schema string }

// lateTable says what the files of today would make of a signed quarter, and twice what a year to date counts twice because of it.
const lateTable = `create or replace table measure.late (quarter varchar, measure varchar, added_count bigint, gone_count bigint);
create or replace table measure.twice (quarter varchar, unit varchar, twice_count bigint)`

// RunMeasures makes the measures as Run does, and lets the candidates and cells of signed quarters stand as
// they were signed: late and corrected data change no number that was signed, and the year to date pools the
// same candidates. What would be different is counted in measure.late. A measure that the signed quarter did
// not have gets no cells there.
func (p *Project) RunMeasures(ctx context.Context, db *warehouse.DB, signed []Signed, log *slog.Logger) error {
	if err := p.run(ctx, db, p.models["measure"], log); err != nil {
		return err
	}
	if err := db.Exec(ctx, lateTable); err != nil {
		return err
	}
	measures := p.inOrder()
	for _, s := range signed {
		for _, m := range measures {
			if err := m.stand(ctx, db, s); err != nil {
				return fmt.Errorf("sql/%s: as signed for %s: %w", m.Path, s.Quarter, err)
			}
		}
	}
	if err := p.rollUp(ctx, db, log); err != nil {
		return fmt.Errorf("roll up the measures: %w", err)
	}
	for _, s := range signed {
		// Cells too: those of the year to date pooled what was signed before them at that time.
		if err := db.Exec(ctx, fmt.Sprintf(`begin transaction;
delete from measure.cell where quarter = %[1]s;
insert into measure.cell select * from %[2]s.cell where quarter = %[1]s order by cell_id;
commit`, warehouse.Text(s.Quarter), quote(s.Schema))); err != nil {
			return fmt.Errorf("cells as signed for %s: %w", s.Quarter, err)
		}
	}
	if len(signed) == 0 {
		return nil
	}
	return p.countTwice(ctx, db, signed)
}

// countedOnce are the measures that count each child and each family once, by what they count.
var countedOnce = map[string]string{"child": "children_known", "family": "families_known"}

// twiceSQL counts what the year to date of a quarter that is not signed counts twice. %s are the measure, what it
// counts, and the signed quarters. An id that was given again, after a split, is its own.
const twiceSQL = `insert into measure.twice
with recursive own as (
    select child_id as id from link.child union select family_id from link.family
),
moved as (
    select from_id, to_id from link.event where kind = 'JOIN'
    union
    select client_local_id, id from fact.id_register where state = 'redirected'
),
joined as (
    select m.from_id, m.to_id from moved as m anti join own as o on o.id = m.from_id
),
led as (
    select from_id, to_id from joined
    union
    select l.from_id, j.to_id from led as l join joined as j on j.from_id = l.to_id
),
pooled as (
    select distinct q.quarter, c.unit_id
    from measure.%[1]s as c
    join core.quarter as own on own.quarter = c.quarter
    join core.quarter as q on q.fiscal_year = own.fiscal_year and q.number >= own.number
    where c.counted and q.quarter not in (%[3]s)
)
select p.quarter, '%[2]s', count(*) - count(distinct coalesce(l.to_id, p.unit_id)) as twice
from pooled as p
left join (select l.from_id, l.to_id from led as l semi join own as o on o.id = l.to_id) as l on l.from_id = p.unit_id
group by p.quarter
having twice > 0
order by p.quarter`

// countTwice counts the children and families that were found to be one after a quarter was signed: its candidates stand
// with the ids of then, so that the year to date counts them twice until the quarter is restated.
func (p *Project) countTwice(ctx context.Context, db *warehouse.DB, signed []Signed) error {
	quarters := make([]string, len(signed))
	for i, s := range signed {
		quarters[i] = warehouse.Text(s.Quarter)
	}
	for _, m := range p.inOrder() {
		for _, unit := range slices.Sorted(maps.Keys(countedOnce)) {
			if m.Name != countedOnce[unit] {
				continue
			}
			if err := db.Exec(ctx, fmt.Sprintf(twiceSQL, m.Name, unit, strings.Join(quarters, ", "))); err != nil {
				return fmt.Errorf("what the year to date counts twice: %w", err)
			}
		}
	}
	return nil
}

// stand puts the signed candidates of one quarter in the place of today's.
func (m *Model) stand(ctx context.Context, db *warehouse.DB, s Signed) error {
	own, err := columnsOf(ctx, db, m.Table())
	if err != nil {
		return err
	}
	var there bool
	err = db.Scan(ctx, "select count(*) > 0 from duckdb_tables() where database_name = ? and table_name = ?", []any{s.Schema, m.Name}, &there)
	if err != nil {
		return err
	}
	where := " where quarter = " + warehouse.Text(s.Quarter)
	var script strings.Builder
	script.WriteString("begin transaction;\n")
	if there {
		was := quote(s.Schema) + "." + quote(m.Name)
		theirs, err := columnsOf(ctx, db, was)
		if err != nil {
			return err
		}
		both := slices.DeleteFunc(slices.Clone(own), func(c string) bool { return !slices.Contains(theirs, c) })
		var says []string // a file sent again has other addresses, which is no difference
		for i, c := range both {
			both[i] = quote(c)
			if c != "_address" {
				says = append(says, both[i])
			}
		}
		list := strings.Join(both, ", ")
		fmt.Fprintf(&script, `insert into measure.late
select %[1]s, %[2]s, count(*) filter (n > 0) as added, count(*) filter (n < 0) as gone from (
    select sum(n) as n from (
        select %[7]s, 1 as n from %[4]s%[6]s union all select %[7]s, -1 from %[5]s%[6]s
    ) group by %[7]s having sum(n) <> 0
) having count(*) > 0;
delete from %[4]s%[6]s;
insert into %[4]s by name select %[3]s from %[5]s%[6]s order by all;
`, warehouse.Text(s.Quarter), warehouse.Text(m.Name), list, m.Table(), was, where, strings.Join(says, ", "))
	} else {
		fmt.Fprintf(&script, "delete from %s%s;\n", m.Table(), where)
	}
	script.WriteString("commit")
	return db.Exec(ctx, script.String())
}
