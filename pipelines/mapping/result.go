package mapping

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// keepContent remembers what the records of replaced and replacing files said, and names the exact
// duplicates.
func (s *stager) keepContent(ctx context.Context, g *group) error {
	// Both rows are named: the provider sees the pair, whichever of the two is the one too many.
	if err := s.exec(ctx, fmt.Sprintf(`insert into raised
		select 'duplicate_row', 'note', o.agency, o.quarter, o.file, o.version, o.sheet, _row, _path, '',
			case _kind when 'data' then concat('row ', again._latest, ' repeats it exactly; used once') else concat('repeats row ', again._earliest, ' exactly; used once') end
		from %[1]s as landed
		join (select _sheet, _hash, _hash_again, min(_row) as _earliest, max(_row) as _latest from %[1]s where _kind in ('data', 'duplicate') group by all having count(*) > 1) as again
			using (_sheet, _hash, _hash_again)
		join origin as o on o.sheet_no = _sheet
		where _kind in ('data', 'duplicate')`, g.table)); err != nil {
		return err
	}
	var sheets []string
	for _, ref := range g.sheets {
		if ref.file.supersededBy != "" || s.replaces(ref.file) != nil {
			sheets = append(sheets, fmt.Sprint(ref.no))
		}
	}
	if len(sheets) == 0 {
		return nil
	}
	client := ""
	for _, t := range g.tables {
		if col, ok := t.Columns["client_local_id"]; ok {
			client = (&compiler{l: g.layout, t: t, d: s.d}).words(col)
		}
	}
	switch {
	case client != "":
	case s.aboutClients(g.sheets[0].file):
		return nil
	default: // of a list of something else each row stands for itself
		client = "cast(_hash as varchar)"
	}
	return s.exec(ctx, fmt.Sprintf("insert into content select _sheet, _row, %s, _hash from %s where _kind = 'data' and _sheet in (%s)",
		client, g.landedAs(), strings.Join(sheets, ", ")))
}

// replaces finds the file before a current one in the same place of the same delivery.
func (s *stager) replaces(f *delivered) *delivered {
	var before *delivered
	for _, o := range s.files {
		if o == f {
			return before
		}
		if o.Agency == f.Agency && o.Quarter == f.Quarter && o.key == f.key && o.asOf.Equal(f.asOf) && o.SHA256 != f.SHA256 {
			before = o
		}
	}
	return before
}

// replaced says for each newer file what it changed.
func (s *stager) replaced(ctx context.Context) error {
	for _, f := range s.files {
		if f.state != fileTaken {
			continue
		}
		old := s.replaces(f)
		switch {
		case old == nil || old.state == fileUnknown || old.state == fileNil:
			continue
		case old.state == fileHeld:
			f.raise("file_replaced", tributary.Note, fmt.Sprintf("%s replaces %s, which could not be used", base(f.Name), base(old.Name)))
			continue
		}
		var gone, changed, added, stayed int
		err := s.db.Scan(ctx, fmt.Sprintf(`with
			old as (select client, list_sort(list(hash)) as said from content where sheet_no in (%s) and client is not null group by client),
			new as (select client, list_sort(list(hash)) as said from content where sheet_no in (%s) and client is not null group by client)
			select count(*) filter (new.said is null), count(*) filter (old.said <> new.said), count(*) filter (old.said is null),
				count(*) filter (old.said = new.said)
			from old full join new on new.client = old.client`, old.sheetNumbers(), f.sheetNumbers()), nil, &gone, &changed, &added, &stayed)
		if err != nil {
			return err
		}
		if !s.aboutClients(f) {
			f.raise("file_replaced", tributary.Note, fmt.Sprintf("%s replaces %s: rows gone %d, new %d", base(f.Name), base(old.Name), gone, added))
			continue
		}
		if stayed+changed == 0 && gone > 0 && added > 0 {
			f.raise("file_replaced", tributary.PleaseConfirm, fmt.Sprintf("%s replaces %s and has none of its clients; if they are parts of one list, give each its own entry under files:", base(f.Name), base(old.Name)))
			continue
		}
		f.raise("file_replaced", tributary.Note, fmt.Sprintf("%s replaces %s: %d clients gone, %d new, %d changed", base(f.Name), base(old.Name), gone, added, changed))
	}
	return nil
}

func (f *delivered) sheetNumbers() string {
	out := []string{"-1"}
	for _, ref := range f.sheets {
		out = append(out, fmt.Sprint(ref.no))
	}
	return strings.Join(out, ", ")
}

// leftOver lists every file, and counts the records of sheets that no table reads.
func (s *stager) leftOver(ctx context.Context) error {
	var files, sections [][]driver.Value
	for _, f := range s.files {
		var by driver.Value
		if f.supersededBy != "" {
			by = f.supersededBy
		}
		files = append(files, []driver.Value{f.Agency, f.Quarter.String(), f.Name, int32(f.Version), f.SHA256, f.Size, f.receivedOn(),
			f.Format, f.key, f.kind, f.asOf, f.state, by})
		for _, ref := range f.sheets {
			if f.usable() && len(f.tablesOf(ref)) > 0 && ref.sheet.Columns > 0 {
				continue
			}
			aside, skipped := int64(0), ref.sheet.Rows
			if f.state == fileHeld {
				aside, skipped = skipped, aside
			}
			sections = append(sections, []driver.Value{f.Agency, f.Quarter.String(), f.Name, int32(f.Version), ref.sheet.Name, nil,
				ref.sheet.Rows, int64(0), aside, int64(0), int64(0), int64(0), int64(0), skipped, f.state == fileSuperseded})
		}
	}
	if err := s.db.Insert(ctx, "stage", "file", files); err != nil {
		return err
	}
	return s.db.Insert(ctx, "stage", "section", sections)
}

// emptyFiles asks about files with headings and no row: nothing to report is said by a nil report.
func (s *stager) emptyFiles(ctx context.Context) error {
	return s.exec(ctx, `insert into raised
		select 'no_rows', case when bool_or(s.into_table = 'client') then 'please_confirm' else 'note' end,
			s.agency, s.quarter, s.file, s.version, '', 0, '', '', 'the file has headings and no row that could be used'
		from stage.section as s
		join stage.file as f on f.agency = s.agency and f.quarter = s.quarter and f.file = s.file and f.version = s.version
		join stage.agency as a on a.agency = s.agency and a.owes
		where f.state = 'taken' and s.into_table is not null
		group by s.agency, s.quarter, s.file, s.version
		having sum(s.taken_count) = 0`)
}

// findings gathers what landing, the guards, the rows and the checks found, each with its id.
func (s *stager) findings(ctx context.Context) error {
	var rows [][]driver.Value
	for _, f := range s.files {
		for _, g := range append(slices.Clone(f.File.Findings), f.findings...) {
			if g.Row > 0 && (f.state == fileNil || f.state == fileUnknown) {
				// Rows of a file that is not used are nobody's concern.
				continue
			}
			rows = append(rows, []driver.Value{g.Check, string(g.Severity), f.Agency, f.Quarter.String(), f.Name, int32(f.Version), g.Sheet, g.Row, g.Path, g.Column, g.Detail})
		}
	}
	for _, g := range s.missing {
		rows = append(rows, []driver.Value{g.Check, string(g.Severity), g.Agency, g.Quarter.String(), "", int32(0), "", int64(0), "", g.Column, g.Detail})
	}
	if err := s.db.Insert(ctx, "memory", "raised", rows); err != nil {
		return err
	}
	return s.exec(ctx, `insert into stage.finding
		with named as (
			select left(md5(concat_ws('|', check_id, agency, quarter, coalesce(file, ''), coalesce(version, 0), coalesce(sheet, ''), coalesce("row", 0), coalesce(path, ''), coalesce(column_name, ''))), 12) as finding_id, *
			from raised
		)
		select n.finding_id, n.check_id, min(n.severity), n.agency, n.quarter,
			nullif(n.file, ''), nullif(n.version, 0), nullif(n.sheet, ''), nullif(n."row", 0), nullif(n.path, ''), nullif(n.column_name, ''),
			min(n.detail)
		from named as n
		group by all
		order by n.agency, n.quarter, nullif(n.file, ''), nullif(n.version, 0), nullif(n.sheet, ''), nullif(n."row", 0), nullif(n.path, ''), n.check_id, nullif(n.column_name, '')`)
}

// equation asserts that every record that was read is accounted for: by the counts of each section,
// and, for tables that make one row of one row, by the rows that stand in them.
func (s *stager) equation(ctx context.Context) error {
	if err := s.unequal(ctx, "%s: %d rows read, %d accounted for", `
		select concat_ws(' ', agency, quarter, file, nullif(sheet, ''), into_table), read_count,
			taken_count + set_aside_count + heading_count + blank_count + total_count + duplicate_count + skipped_count as counted
		from stage.section where read_count is distinct from counted`); err != nil {
		return err
	}
	if err := s.sectionsOnce(ctx); err != nil {
		return err
	}
	var standing, names []string
	for _, name := range s.plainTables() {
		names = append(names, warehouse.Text(name))
		standing = append(standing, fmt.Sprintf(`select %s as into_table, agency, quarter, _address.file as file, _address.version as version, coalesce(_address.sheet, '') as sheet from stage.%s`, warehouse.Text(name), name))
	}
	if len(names) == 0 {
		return nil
	}
	return s.unequal(ctx, "%s: %d rows taken, %d stand in the table", fmt.Sprintf(`
		with standing as (select into_table, agency, quarter, file, version, sheet, count(*) as n from (%s) group by all),
		section as (
			select agency, quarter, file, version, coalesce(sheet, '') as sheet, into_table, cast(sum(taken_count) as bigint) as taken
			from stage.section where into_table in (%s) group by all
		)
		select concat_ws(' ', agency, quarter, file, nullif(sheet, ''), into_table), coalesce(taken, 0), coalesce(n, 0)
		from section full join standing using (into_table, agency, quarter, file, version, sheet)
		where coalesce(taken, 0) <> coalesce(n, 0)`, strings.Join(standing, " union all "), strings.Join(names, ", ")))
}

// sectionsOnce asserts that each table of the mapping counted each of its sheets once: rows read twice
// would be counted twice, and both sides of the equation would still be equal.
func (s *stager) sectionsOnce(ctx context.Context) error {
	type key struct {
		agency, quarter, file, sheet, into string
		version                            int
	}
	tables := map[key]int{}
	for _, g := range s.groups {
		for _, ref := range g.sheets {
			for _, t := range g.tables {
				f := ref.file
				tables[key{f.Agency, f.Quarter.String(), f.Name, ref.sheet.Name, t.Into, f.Version}]++
			}
		}
	}
	return s.db.Rows(ctx, `select agency, quarter, file, coalesce(sheet, ''), into_table, version, count(*)
		from stage.section where into_table <> '' group by all having count(*) > 1 order by all`, nil, func(scan func(...any) error) error {
		var k key
		var n int
		err := scan(&k.agency, &k.quarter, &k.file, &k.sheet, &k.into, &k.version, &n)
		if err == nil && n != tables[k] {
			err = fmt.Errorf("row equation: %s %s %s %s %s: %d tables read it, %d counts of it", k.agency, k.quarter, k.file, k.sheet, k.into, tables[k], n)
		}
		return err
	})
}

// unequal fails with the first row of a query that should have none: where, and two counts.
func (s *stager) unequal(ctx context.Context, format, query string) error {
	var where string
	var one, other int64
	err := s.db.Scan(ctx, query+" order by all limit 1", nil, &where, &one, &other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("row equation: "+format, where, one, other)
}

// plainTables are those that no mapping unpivots.
func (s *stager) plainTables() []string {
	var out []string
	for _, name := range sortedKeys(s.d.Tables) {
		plain := !slices.ContainsFunc(s.in.Agencies, func(a *Agency) bool {
			return slices.ContainsFunc(a.Tables, func(t Table) bool { return t.Into == name && (len(t.Each) > 0 || t.Split != nil) })
		})
		if plain {
			out = append(out, name)
		}
	}
	return out
}

func (s *stager) clear(ctx context.Context) error {
	for _, name := range scratch {
		if err := s.exec(ctx, "drop table if exists "+name); err != nil {
			return err
		}
	}
	return nil
}
