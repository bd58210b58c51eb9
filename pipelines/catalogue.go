package pipelines

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// Check is one entry of the published catalogue, with what it rests on.
type Check struct {
	mapping.Check
	// Basis is where the rule comes from: a section of domain.md, or common sense.
	Basis string
	// Applies says where the check looks; elsewhere it is silent.
	Applies string
	// Cases is the story beside the check, with its passing and failing rows; empty where Go raises it.
	Cases string
}

var (
	basisLine = regexp.MustCompile(`(?m)^-- (basis|applies): (.+)$`)
	comments  = regexp.MustCompile(`(?m)--.*$`)
	readTable = regexp.MustCompile(`\b(?:from|join)\s+stage\.([a-z_]+)`)
	lookedAt  = regexp.MustCompile(`(?m)^from stage\.([a-z_]+) as t$`)
	oneColumn = regexp.MustCompile(`'([a-z_]+)' as column_name`)
)

// Checks returns the whole catalogue by id: the checks in SQL and those that the program raises itself.
func Checks() ([]Check, error) {
	all, err := mapping.Catalogue()
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(sql.FS, "check/basis.yaml")
	if err != nil {
		return nil, err
	}
	basis := map[string]string{}
	if err := config.Decode("sql/check/basis.yaml", data, &basis); err != nil {
		return nil, err
	}
	out := make([]Check, len(all))
	for i, c := range all {
		out[i] = Check{Check: c, Basis: basis[c.ID], Applies: "every file that is read"}
		if c.SQL == "" {
			continue
		}
		for _, line := range basisLine.FindAllStringSubmatch(c.SQL, -1) {
			if line[1] == "basis" {
				out[i].Basis = line[2]
			} else {
				out[i].Applies = line[2]
			}
		}
		cases, err := fs.ReadFile(sql.FS, "check/"+c.ID+".txtar")
		if err != nil {
			return nil, fmt.Errorf("sql/check/%s.sql has no cases beside it: %w", c.ID, err)
		}
		out[i].Cases = string(cases)
	}
	return out, nil
}

// Reads returns the canonical tables that the check reads, sorted.
func (c Check) Reads() []string { return c.tables(readTable) }

// examines returns the tables whose rows the check judges: it may read others beside them.
func (c Check) examines() []string {
	if judged := c.tables(lookedAt); len(judged) > 0 {
		return judged
	}
	return c.Reads()
}

// judges returns the one column that the check is about; empty where it is about several or the whole row.
func (c Check) judges() string {
	if found := oneColumn.FindAllStringSubmatch(c.SQL, -1); len(found) == 1 {
		return found[0][1]
	}
	return ""
}

func (c Check) tables(pattern *regexp.Regexp) []string {
	var out []string
	for _, m := range pattern.FindAllStringSubmatch(comments.ReplaceAllString(c.SQL, ""), -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stage makes the canonical tables, and beside them the catalogue of checks, so that whoever reads a
// finding also finds its plain name and what to do. Checks of history compare the quarters that then
// stand side by side; what every check looked at is kept, passes too. What was confirmed asks no more.
func (w *Workspace) stage(ctx context.Context, db *warehouse.DB, in mapping.Input) error {
	if err := mapping.Stage(ctx, db, in, w.Log); err != nil {
		return err
	}
	all, err := Checks()
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, `create table stage.check_catalogue (check_id varchar, class varchar, severity varchar,
		name varchar, name_fr varchar, fix varchar, fix_fr varchar)`); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, c := range all {
		rows = append(rows, []driver.Value{c.ID, c.Class, c.Severity, c.Name, c.NameFR, c.Fix, c.FixFR})
	}
	if err := db.Insert(ctx, "stage", "check_catalogue", rows); err != nil {
		return err
	}
	if err := compareQuarters(ctx, db, all); err != nil {
		return err
	}
	if err := keepResults(ctx, db, all); err != nil {
		return err
	}
	if err := onePerCell(ctx, db, all); err != nil {
		return err
	}
	return mapping.Settle(ctx, db, in)
}

// compareQuarters runs the checks of class history. They ask and never set aside: which of two
// deliveries is right, only the agency knows.
func compareQuarters(ctx context.Context, db *warehouse.DB, all []Check) error {
	for _, c := range all {
		if c.Class != "history" || c.SQL == "" {
			continue
		}
		if err := db.Exec(ctx, fmt.Sprintf(historySQL, warehouse.Text(c.ID), warehouse.Text(c.Severity), c.SQL, c.Heading())); err != nil {
			return fmt.Errorf("sql/check/%s.sql: %w", c.ID, err)
		}
	}
	return db.Exec(ctx, `update stage.delivery as d set state = if(asks and state = 'accepted', 'accepted_with_findings', state)
		from (
			select f.agency, f.quarter, bool_or(f.severity <> 'note') as asks
			from stage.finding as f
			join stage.check_catalogue as k on k.check_id = f.check_id and k.class = 'history'
			group by f.agency, f.quarter
		) as h
		where h.agency = d.agency and h.quarter = d.quarter`)
}

// historySQL writes what a check found as findings with the same ids as stage gives.
const historySQL = `insert into stage.finding
with found as (
%[3]s
),
told as (
	select f.agency, f.quarter, f._address.file as file, f._address.version as version, f._address.sheet as sheet,
		f._address."row" as "row", f._address.path as path,
		coalesce(%[4]s, f.column_name) as column_name, f.detail
	from found as f
	left join stage."column" as h on h.agency = f.agency and h.quarter = f.quarter and h.file = f._address.file
		and h.version = f._address.version and h.sheet = f._address.sheet and h.column_name = f.column_name
	group by f.agency, f.quarter, f._address, f.column_name, f.detail
),
named as (
	select left(md5(concat_ws('|', %[1]s, agency, quarter, coalesce(file, ''), coalesce(version, 0), coalesce(sheet, ''),
		coalesce("row", 0), coalesce(path, ''), coalesce(column_name, ''))), 12) as finding_id, *
	from told
)
select n.finding_id, %[1]s, %[2]s, n.agency, n.quarter, nullif(n.file, ''), nullif(n.version, 0),
	nullif(n.sheet, ''), nullif(n."row", 0), nullif(n.path, ''), nullif(n.column_name, ''),
	min(n.detail)
from named as n
group by all
order by n.agency, n.quarter, nullif(n.file, ''), nullif(n.version, 0), nullif(n.sheet, ''), nullif(n."row", 0),
	nullif(n.path, ''), nullif(n.column_name, '')`

// keepResults writes for every delivery and check how many rows the check looked at and how many of them
// failed, none too: what is never wrong is worth knowing. A check that had nothing to look at has no row: one about
// a column that the agency's files do not have; one of history, of an agency's first delivery and of deltas. Files
// that were replaced count nowhere.
func keepResults(ctx context.Context, db *warehouse.DB, all []Check) error {
	var reads [][]driver.Value
	tables := map[string]bool{}
	for _, c := range all {
		looks := c.examines()
		if c.SQL == "" {
			looks = []string{map[bool]string{true: "file", false: "row"}[c.Class == "file"]}
		}
		for _, t := range looks {
			name := t
			if c.SQL != "" && c.Class == "history" {
				name = "again " + t
			}
			tables[name] = true
			reads = append(reads, []driver.Value{c.ID, name, t, c.judges()})
		}
	}
	counts := []string{
		"select 'file' as table_name, agency, quarter, count(*) as n from stage.file where state <> 'superseded' group by all",
		"select 'row', agency, quarter, sum(n) from (select agency, quarter, max(taken_count + set_aside_count) as n from stage.section where not superseded group by agency, quarter, file, version, sheet) group by all",
	}
	delete(tables, "file")
	delete(tables, "row")
	for _, t := range sortedNames(tables) {
		name, isAgain := strings.CutPrefix(t, "again ")
		where, once := "", ""
		if isAgain {
			where, once = " and file_kind <> 'delta'", " qualify quarter > min(quarter) over (partition by agency)"
		}
		counts = append(counts, fmt.Sprintf("select %s, agency, quarter, count(*) from stage.%s where is_superseded is not true%s group by agency, quarter%s", warehouse.Text(t), name, where, once))
	}
	if err := db.Exec(ctx, "create or replace table check_reads (check_id varchar, table_name varchar, into_table varchar, column_name varchar)"); err != nil {
		return err
	}
	if err := db.Insert(ctx, "memory", "check_reads", reads); err != nil {
		return err
	}
	if err := db.Exec(ctx, `create table stage.check_result as
		with counted as (`+strings.Join(counts, " union all ")+`),
		examined as (
			select c.agency, c.quarter, r.check_id, cast(sum(c.n) as bigint) as examined_count, bool_or(r.column_name = '' or h.agency is not null) as has_column
			from check_reads as r
			join counted as c on c.table_name = r.table_name
			left join (select distinct agency, quarter, into_table, column_name from stage."column") as h
				on h.agency = c.agency and h.quarter = c.quarter and h.into_table = r.into_table and h.column_name = r.column_name
			group by c.agency, c.quarter, r.check_id
		),
		failed as (
			select f.agency, f.quarter, f.check_id,
				count(distinct (coalesce(f.file, ''), coalesce(f.version, 0), coalesce(f.sheet, ''), coalesce(f."row", 0), coalesce(f.path, ''))) as failed_count
			from stage.finding as f
			where not exists (select 1 from stage.file as s where s.state = 'superseded'
				and s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version)
			group by all
		)
		select coalesce(e.agency, f.agency) as agency, coalesce(e.quarter, f.quarter) as quarter, coalesce(e.check_id, f.check_id) as check_id,
			greatest(coalesce(e.examined_count, 0), coalesce(f.failed_count, 0)) as examined_count, coalesce(f.failed_count, 0) as failed_count
		from examined as e
		full join failed as f on f.agency = e.agency and f.quarter = e.quarter and f.check_id = e.check_id
		where e.has_column or f.failed_count > 0
		order by all`); err != nil {
		return err
	}
	return db.Exec(ctx, "drop table check_reads")
}

func sortedNames(set map[string]bool) []string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// onePerCell keeps the gravest of several findings about one cell: two checks that stumble over one
// wrong value ask the agency one question. What reading and mapping found is never left out.
func onePerCell(ctx context.Context, db *warehouse.DB, all []Check) error {
	var inSQL []string
	for _, c := range all {
		if c.SQL != "" {
			inSQL = append(inSQL, warehouse.Text(c.ID))
		}
	}
	list := strings.Join(inSQL, ", ")
	if err := db.Exec(ctx, `create or replace table said_already as
		select f.finding_id, f.check_id, f.agency, f.quarter
		from stage.finding as f
		join stage.check_catalogue as k on k.check_id = f.check_id
		where f.column_name is not null
		qualify f.check_id in (`+list+`) and row_number() over (
			partition by f.agency, f.quarter, f.file, f.version, f.sheet, f."row", f.path, f.column_name
			order by list_position(['blocks', 'sets_aside', 'please_confirm', 'note'], f.severity), f.check_id in (`+list+`),
				list_position(['file', 'section', 'case', 'row', 'history'], k.class), f.check_id) > 1`); err != nil {
		return err
	}
	for _, statement := range []string{
		`update stage.delivery as d set finding_count = finding_count - n
			from (select agency, quarter, count(*) as n from said_already group by all) as s
			where s.agency = d.agency and s.quarter = d.quarter`,
		"delete from stage.finding as f using said_already as s where s.finding_id = f.finding_id and s.check_id = f.check_id",
		"drop table said_already",
	} {
		if err := db.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Cause is what several findings have in common, so that one fix ends them all: the same check about the
// same column of one delivery.
type Cause struct {
	Check    string             `json:"check"`
	Severity tributary.Severity `json:"severity"`
	Name     string             `json:"name"`
	Fix      string             `json:"fix"`
	Agency   string             `json:"agency"`
	Quarter  tributary.Quarter  `json:"quarter"`
	Column   string             `json:"column,omitempty"`
	// Rows is how many rows, or files, the cause explains.
	Rows     int       `json:"rows"`
	Findings []Finding `json:"-"`
}

// Causes folds findings into their causes, those first that explain most rows; among equals the graver.
// A cause keeps its findings in the order in which they came. Equal findings give equal causes.
func Causes(found []Finding) []Cause {
	type key struct {
		check, agency string
		quarter       tributary.Quarter
		column        string
		severity      tributary.Severity
	}
	at := map[key]int{}
	size := map[key]int{}
	for _, f := range found {
		size[key{f.Check, f.Agency, f.Quarter, f.Column, f.Severity}]++
	}
	var out []Cause
	rows := []map[tributary.Address]bool{}
	for _, f := range found {
		k := key{f.Check, f.Agency, f.Quarter, f.Column, f.Severity}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Cause{Check: f.Check, Severity: f.Severity, Name: f.Name, Fix: f.Fix, Agency: f.Agency, Quarter: f.Quarter, Column: f.Column, Findings: make([]Finding, 0, size[k])})
			rows = append(rows, make(map[tributary.Address]bool, size[k]))
		}
		rows[i][f.Address] = true
		out[i].Findings = append(out[i].Findings, f)
	}
	for i := range out {
		out[i].Rows = len(rows[i])
	}
	slices.SortFunc(out, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(gravity(a.Severity), gravity(b.Severity)),
			cmp.Compare(a.Agency, b.Agency), a.Quarter.Compare(b.Quarter), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// gravity orders severities, the gravest first.
func gravity(s tributary.Severity) int {
	return slices.Index([]tributary.Severity{tributary.Blocks, tributary.SetsAside, tributary.PleaseConfirm, tributary.Note}, s)
}

// Explained says how few of the causes, taken in their order, explain nearly all (95 %) of the findings,
// and how many findings those are: "3 causes explain 4,312 of 4,327".
func Explained(causes []Cause) (few, findings, all int) {
	for _, c := range causes {
		all += len(c.Findings)
	}
	for few < len(causes) && findings*100 < all*95 {
		findings += len(causes[few].Findings)
		few++
	}
	return few, findings, all
}
