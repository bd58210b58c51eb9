package mapping

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tributary/pipelines/warehouse"
)

// take groups the sheets by layout and fills the canonical tables.
func (s *stager) take(ctx context.Context) error {
	byLayout := map[string]*group{}
	var origins [][]driver.Value
	for _, ref := range s.sheets {
		if !ref.file.usable() {
			continue
		}
		tables := ref.file.tablesOf(ref)
		if len(tables) == 0 || ref.sheet.Columns == 0 {
			continue
		}
		l, _ := ref.file.layoutOf(ref, tables)
		g := byLayout[l.signature()]
		if g == nil {
			g = &group{layout: l}
			byLayout[l.signature()] = g
			s.groups = append(s.groups, g)
		}
		g.sheets = append(g.sheets, ref)
		f := ref.file
		origins = append(origins, []driver.Value{int32(ref.no), ref.path, ref.parentPath, f.Agency, f.Quarter.String(), f.Name, int32(f.Version),
			ref.sheet.Name, f.asOf, f.kind, f.state == fileSuperseded, ref.sheet.Rows})
	}
	if err := s.db.Insert(ctx, "memory", "origin", origins); err != nil {
		return err
	}
	if err := s.takeGroups(ctx); err != nil {
		return err
	}
	if err := s.db.Insert(ctx, "stage", "column", s.columns); err != nil {
		return err
	}
	return s.leftOver(ctx)
}

// ahead is how many groups are under way at once, the one being written included: small statements
// leave the engine's other threads idle.
const ahead = 3

// takeGroups reads and types groups side by side, and writes them one after the other in their order,
// so that the tables are the same whatever finished first.
func (s *stager) takeGroups(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make([]chan error, len(s.groups))
	free := make(chan struct{}, ahead)
	for i := range ready {
		ready[i] = make(chan error, 1)
	}
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		for i, g := range s.groups {
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return
			}
			g.table = fmt.Sprintf("landed_%d", i)
			all.Go(func() { ready[i] <- s.readGroup(ctx, g) })
		}
	})
	for i, g := range s.groups {
		var err error
		select {
		case err = <-ready[i]:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err == nil {
			err = s.writeGroup(ctx, g)
		}
		if err != nil {
			stop()
			return fmt.Errorf("%s, %s, sheet %q: %w", g.agency.Code, g.file, g.sheet, err)
		}
		<-free
	}
	return nil
}

// readGroup makes the landed records of a group, and of each of its tables the typed rows.
func (s *stager) readGroup(ctx context.Context, g *group) error {
	if err := s.lookForErrors(ctx, g); err != nil {
		return err
	}
	if err := s.exec(ctx, fmt.Sprintf("create or replace table %s as %s", g.table, g.landedSQL(s.d, g.sheets)), fmt.Sprintf(duplicateSQL, g.table)); err != nil {
		return err
	}
	for i, t := range g.tables {
		c := &compiler{l: g.layout, t: t, d: s.d}
		if err := s.exec(ctx, fmt.Sprintf("create or replace table %s as %s", g.mapped(i), c.selectSQL(true))); err != nil {
			return fmt.Errorf("table %s: %w", t.Into, err)
		}
	}
	return nil
}

func (g *group) mapped(i int) string { return fmt.Sprintf("%s_mapped_%d", g.table, i) }

// writeGroup puts the typed rows into stage, with their counts and findings.
func (s *stager) writeGroup(ctx context.Context, g *group) error {
	if err := s.keepContent(ctx, g); err != nil {
		return err
	}
	if err := s.raiseErrors(ctx, g); err != nil {
		return err
	}
	for i, t := range g.tables {
		if err := s.writeTable(ctx, g, t, g.mapped(i)); err != nil {
			return fmt.Errorf("table %s: %w", t.Into, err)
		}
		if err := s.exec(ctx, "drop table "+g.mapped(i)); err != nil {
			return err
		}
	}
	return s.exec(ctx, "drop table "+g.table)
}

func (s *stager) writeTable(ctx context.Context, g *group, t Table, mapped string) error {
	c := &compiler{l: g.layout, t: t, d: s.d}
	shape := s.d.Tables[t.Into]
	into := []string{"agency", "quarter", "as_of", "file_kind", "is_superseded"}
	given := c.given()
	for _, name := range shape.Columns {
		if given[name] {
			into = append(into, name)
		}
	}
	into = append(into, "_address")
	from := slices.Clone(into)
	if number := s.d.number(t.Into); number != "" && !given[number] {
		by := []string{"_sheet"}
		for _, k := range shape.Key {
			if given[k] {
				by = append(by, k)
			}
		}
		into = append(into, number)
		from = append(from, fmt.Sprintf(`row_number() over (partition by %s order by _address."row", length(_address.path), _address.path, _piece)`, strings.Join(by, ", ")))
	}
	hasKey := "true"
	if given["client_local_id"] {
		hasKey = "client_local_id is not null"
	}
	if err := s.exec(ctx, fmt.Sprintf("insert into stage.%s (%s) select %s from %s where %s order by _sheet, _address.\"row\", length(_address.path), _address.path, _piece", t.Into, strings.Join(into, ", "), strings.Join(from, ", "), mapped, hasKey)); err != nil {
		return err
	}
	s.columnsOf(c, g)
	var keyless, faulty int
	if err := s.db.Scan(ctx, fmt.Sprintf("select count(*) filter (not (%s)), count(*) filter (_faults <> '') from %s", hasKey, mapped), nil, &keyless, &faulty); err != nil {
		return err
	}
	if faulty > 0 {
		if err := s.exec(ctx, c.faultSQL(mapped, hasKey)); err != nil {
			return err
		}
	}
	if keyless > 0 {
		if err := s.exec(ctx, fmt.Sprintf(`insert into raised
			select 'no_client_number', 'sets_aside', agency, _address.quarter, _address.file, _address.version, _address.sheet, _address."row", _address.path, %s,
				'the row has no client number'
			from %s where not (%s) group by all`, warehouse.Text(c.heading(t.Columns["client_local_id"])), mapped, hasKey)); err != nil {
			return err
		}
	}
	return s.exec(ctx, s.sectionSQL(c, mapped, hasKey, keyless > 0))
}

// faultSQL makes a finding of each value that could not be read. A value is said only where it looks
// like a code: it stands with three clients or more, in a column of few values that repeat. A column
// that moved holds names.
func (c *compiler) faultSQL(mapped, hasKey string) string {
	unit := `concat_ws(' ', _address."row", _address.path)`
	if c.given()["client_local_id"] {
		unit = "client_local_id"
	}
	return fmt.Sprintf(`insert into raised
		with fault as (
			select agency, _address, _sheet, %s as unit, unnest(string_split(_faults, chr(31))) as words from %s where _faults <> '' and %s),
		said as (
			select *, split_part(words, '|', 1) as check_id, split_part(words, '|', 2) as list, split_part(words, '|', 3) as heading, split_part(words, '|', 4) as value from fault),
		repeated as (
			select _sheet, check_id, heading, value, count(distinct unit) as n from said where value <> '' group by all),
		plain as (
			select _sheet, check_id, heading from repeated group by all having count(*) <= 60 and sum(n) >= 2 * count(*)),
		shown as (
			select _sheet, check_id, heading, value, ': ' || value as words from repeated semi join plain using (_sheet, check_id, heading) where n >= 3)
		select check_id, case when check_id in ('unknown_municipality', 'age_only') then 'note' else 'please_confirm' end,
			agency, _address.quarter, _address.file, _address.version, _address.sheet, _address."row", _address.path, heading,
			case check_id
				when 'unknown_code' then 'no code of ' || list || ' for this value' || coalesce(shown.words, '')
				when 'unknown_municipality' then 'not in the list of municipalities' || coalesce(shown.words, '')
				when 'bad_date' then 'no date that exists, or not in the order that the mapping states'
				when 'bad_number' then 'not a number'
				else 'an age instead of a date' end
		from said left join shown using (_sheet, check_id, heading, value)`, unit, mapped, hasKey)
}

// given are the canonical columns that a table fills.
func (c *compiler) given() map[string]bool {
	out := map[string]bool{}
	for _, group := range append([]map[string]Column{c.t.Columns}, c.t.Each...) {
		for name := range group {
			out[name] = true
		}
	}
	if len(c.t.Columns["birth_date"].From) > 0 {
		out["birth_date_precision"] = true
	}
	return out
}

// sectionSQL counts every record of every sheet for one table.
func (s *stager) sectionSQL(c *compiler, mapped, hasKey string, keyless bool) string {
	skipped := "false"
	if filters := c.filters(); len(filters) > 0 {
		skipped = "coalesce(not (" + strings.Join(filters, " and ") + "), true)"
	}
	lost := "0"
	if keyless {
		lost = `(select count(distinct (_address."row", _address.path)) from ` + mapped + ` as m where m._sheet = landed._sheet and not (` + hasKey + `))`
	}
	return fmt.Sprintf(`insert into stage.section
		select o.agency, o.quarter, o.file, o.version, o.sheet, %s, any_value(o.row_count),
			count(*) filter (_kind = 'data' and not %[2]s) - %[3]s, count(*) filter (_kind = 'set_aside') + %[3]s,
			count(*) filter (_kind = 'heading'), count(*) filter (_kind = 'blank'), count(*) filter (_kind = 'total'),
			count(*) filter (_kind = 'duplicate'), count(*) filter (_kind = 'data' and %[2]s), any_value(o.is_superseded)
		from %[4]s join origin as o on o.sheet_no = landed._sheet
		group by o.agency, o.quarter, o.file, o.version, o.sheet, landed._sheet order by landed._sheet`, warehouse.Text(c.t.Into), skipped, lost, c.l.landedAs())
}

// columnsOf says which column of each file each canonical column came from.
func (s *stager) columnsOf(c *compiler, g *group) {
	for _, columns := range append([]map[string]Column{c.t.Columns}, c.t.Each...) {
		for _, name := range sortedKeys(columns) {
			uses := columns[name].uses()
			if len(uses) == 0 {
				continue
			}
			names := uses[0]
			if c.t.Split != nil && names[0] == piece {
				names = []string{c.t.Split.Column}
			}
			index, parent, _, ok := g.resolve(names)
			if !ok {
				continue
			}
			h := g.own
			if parent {
				h = g.parent
			}
			for _, ref := range g.sheets {
				f := ref.file
				s.columns = append(s.columns, []driver.Value{f.Agency, f.Quarter.String(), f.Name, int32(f.Version), ref.sheet.Name,
					c.t.Into, name, h.shown(index, names), int32(index + 1)})
			}
		}
	}
}
