package mapping

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// Settle finds for each finding of the attached database `stage` the client and the value that it is about
// (stage.finding_cell), and lets what a person said of that rule, record and value act, in whatever file
// they come (stage.answer): a confirmed finding asks no more, an explained one carries the words.
func Settle(ctx context.Context, db *warehouse.DB, in Input) error {
	d, err := readDictionary()
	if err != nil {
		return err
	}
	s := &stager{db: db, in: in, d: d}
	for _, step := range []func(context.Context) error{s.spot, s.lookUp, s.cells, s.answers} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("stage: settle: %w", err)
		}
	}
	return s.exec(ctx, "drop table spot", "drop table seen")
}

// spot lists the findings about a row, with the number of their sheet and the column that they are about.
func (s *stager) spot(ctx context.Context) error {
	var sheets [][]driver.Value
	for _, f := range s.in.Files {
		for _, sheet := range f.Sheets {
			s.sheets = append(s.sheets, &sheetRef{no: len(s.sheets) + 1, file: &delivered{File: f}, sheet: sheet,
				path: filepath.ToSlash(filepath.Join(s.in.LandingRoot, filepath.FromSlash(sheet.Parquet)))})
			sheets = append(sheets, []driver.Value{int32(len(s.sheets)), f.Agency, f.Quarter.String(), f.Name, int32(f.Version), sheet.Name})
		}
	}
	if err := s.exec(ctx,
		"create or replace table sheet_of (sheet_no integer, agency varchar, quarter varchar, file varchar, version integer, sheet varchar)",
		"create or replace table seen (finding_id varchar, check_id varchar, client varchar, shown varchar, content varchar)"); err != nil {
		return err
	}
	if err := s.db.Insert(ctx, "memory", "sheet_of", sheets); err != nil {
		return err
	}
	return s.exec(ctx, `create or replace table spot as
		select f.finding_id, f.check_id, f.agency, f.quarter, f.file, f.version, coalesce(f.sheet, '') as sheet, f."row", coalesce(f.path, '') as path, f.column_name,
			o.sheet_no, (select min(h.position) from stage."column" as h
				where h.agency = f.agency and h.quarter = f.quarter and h.file = f.file and h.version = f.version
					and coalesce(h.sheet, '') = coalesce(f.sheet, '') and h.heading = f.column_name) as position,
			(select min(h.position) from stage."column" as h
				where h.agency = f.agency and h.quarter = f.quarter and h.file = f.file and h.version = f.version
					and coalesce(h.sheet, '') = coalesce(f.sheet, '') and h.column_name = 'client_local_id') as client_position
		from stage.finding as f
		join sheet_of as o on o.agency = f.agency and o.quarter = f.quarter and o.file = f.file and o.version = f.version and coalesce(o.sheet, '') = coalesce(f.sheet, '')
		where f."row" is not null`, "drop table sheet_of")
}

// sheetLook says what of a sheet its findings are about.
type sheetLook struct{ positions, clients []int }

// lookUp reads the cells behind the findings from the columnar copies: those that a mapping could not use
// and rows that were set aside too.
func (s *stager) lookUp(ctx context.Context) error {
	for _, ref := range s.sheets {
		if len(ref.sheet.Headings) == 0 {
			continue
		}
		// The format names its columns; those of the record around an array are not among them.
		var list []string
		for _, h := range ref.sheet.Headings {
			list = append(list, warehouse.Text(h))
		}
		if err := s.exec(ctx, fmt.Sprintf("update spot set position = list_position([%s], column_name), client_position = null where sheet_no = %d",
			strings.Join(list, ", "), ref.no)); err != nil {
			return err
		}
	}
	looks, err := s.looks(ctx)
	if err != nil {
		return err
	}
	for _, ref := range s.sheets {
		look := looks[ref.no]
		if look == nil || ref.sheet.Columns == 0 || ref.isTooWide() {
			continue
		}
		shown, client := "cast(null as varchar)", "cast(null as varchar)"
		if len(look.positions) > 0 {
			shown = "case f.position"
			for _, p := range look.positions {
				if p <= ref.sheet.Columns {
					shown += fmt.Sprintf(" when %d then p.c%[1]d", p)
				}
			}
			shown += " when 0 then '' end"
		}
		if len(look.clients) == 1 && look.clients[0] <= ref.sheet.Columns {
			client = fmt.Sprintf("nullif(trim(p.c%d), '')", look.clients[0])
		}
		all := make([]string, ref.sheet.Columns)
		for i := range all {
			all[i] = fmt.Sprintf("coalesce(p.c%d, '')", i+1)
		}
		if err := s.exec(ctx, fmt.Sprintf(`insert into seen
			select f.finding_id, f.check_id, %s, %s, case when f.position is null then md5(concat_ws(chr(31), %s)) end
			from spot as f
			join read_parquet(%s) as p on p._row = f."row" and coalesce(p._path, '') = f.path
			where f.sheet_no = %d`, client, shown, strings.Join(all, ", "), warehouse.Text(ref.path), ref.no)); err != nil {
			return fmt.Errorf("%s: %w", ref.file.Name, err)
		}
	}
	return nil
}

func (s *stager) looks(ctx context.Context) (map[int]*sheetLook, error) {
	out := map[int]*sheetLook{}
	return out, s.db.Rows(ctx, "select distinct sheet_no, coalesce(position, 0), coalesce(client_position, 0) from spot order by all", nil, func(scan func(...any) error) error {
		var no, position, client int
		err := scan(&no, &position, &client)
		if out[no] == nil {
			out[no] = &sheetLook{}
		}
		if look := out[no]; position > 0 && !slices.Contains(look.positions, position) {
			look.positions = append(look.positions, position)
		}
		if look := out[no]; client > 0 && !slices.Contains(look.clients, client) {
			look.clients = append(look.clients, client)
		}
		return err
	})
}

// cells keeps what each finding is about. A record is the client, else the place in the file; what it says
// is the cell, else the whole row, else (of a file) the finding's own words.
func (s *stager) cells(ctx context.Context) error {
	var clients []string
	for _, table := range sortedKeys(s.d.Tables) {
		if slices.Contains(s.d.Tables[table].Columns, "client_local_id") {
			clients = append(clients, fmt.Sprintf(`select t.agency, t._address, t.client_local_id from stage.%s as t
				semi join spot as f on f.agency = t.agency and f.quarter = t._address.quarter and f.file = t._address.file and f."row" = t._address."row"`, table))
		}
	}
	return s.exec(ctx, fmt.Sprintf(`create table stage.finding_cell as
		with client as (
			select agency, _address.quarter as quarter, _address.file as file, _address.version as version, coalesce(_address.sheet, '') as sheet,
				_address."row" as "row", coalesce(_address.path, '') as path, min(client_local_id) as client
			from (%s) group by all
		),
		cell as (
			select f.finding_id, f.check_id, f.agency, f.quarter, coalesce(k.client, n.client) as client_local_id, p.position, n.shown,
				coalesce(k.client, n.client, concat_ws('|', f.quarter, f.file, f.sheet, f."row", f.path)) as record,
				md5(concat_ws('|', f.column_name, coalesce(n.shown, n.content, if(p.position is not null, '', f.detail)))) as value_hash
			from stage.finding as f
			left join spot as p on p.finding_id = f.finding_id and p.check_id = f.check_id
			left join seen as n on n.finding_id = f.finding_id and n.check_id = f.check_id
			left join client as k on k.agency = p.agency and k.quarter = p.quarter and k.file = p.file and k.version = p.version
				and k.sheet = p.sheet and k."row" = p."row" and k.path = p.path
		)
		select * from cell order by agency, quarter, finding_id, check_id`, strings.Join(clients, " union all ")))
}

// answers lets confirmations and explanations act, and the state of a delivery of which nothing is asked
// any more.
func (s *stager) answers(ctx context.Context) error {
	var of []string
	for _, kind := range []string{"confirmation", "explanation"} {
		of = append(of, fmt.Sprintf(`select c.finding_id, c.check_id, c.agency, c.quarter, '%[1]s' as kind, a.who, a.noted_at, a.why
			from stage.finding_cell as c
			join fact.%[1]s as a on a.check_id = c.check_id and a.agency = c.agency and a.record = c.record and a.value_hash = c.value_hash`, kind))
	}
	return s.exec(ctx, "create table stage.answer as "+strings.Join(of, " union all ")+" order by all",
		`update stage.finding as f set detail = concat_ws('; ', f.detail, case a.kind when 'confirmation' then 'confirmed' else 'explained' end),
				severity = if(a.kind = 'confirmation' and f.severity = 'please_confirm', 'note', f.severity)
			from (select finding_id, check_id, min(kind) as kind from stage.answer group by all) as a
			where a.finding_id = f.finding_id and a.check_id = f.check_id`,
		`update stage.delivery as d set state = 'accepted'
			where state = 'accepted_with_findings' and not exists (
				select 1 from stage.finding as f
				left join stage.file as s on s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version
				where f.agency = d.agency and f.quarter = d.quarter and f.severity <> 'note' and s.state is distinct from 'superseded')`,
		`update stage.delivery as d set finding_count = (
			select count(*) from stage.finding as f
			left join stage.file as s on s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version
			where f.agency = d.agency and f.quarter = d.quarter and s.state is distinct from 'superseded')`)
}
