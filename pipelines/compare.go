package pipelines

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// Origin is why a cell is not what it was.
type Origin string

// The causes, each unit that changed having one. They are found by where the unit's rows come from, not by
// running again with one thing changed at a time: for a count the parts add up to the change exactly.
const (
	// CauseNew is a file of the quarter itself, CauseLate one that came after its quarter was submitted.
	CauseNew  Origin = "new_data"
	CauseLate Origin = "late_data"
	CauseLink Origin = "link"
	// CauseCorrection is a person's word: a correction, a confirmation, an accepted file, a state.
	CauseCorrection Origin = "correction"
	CauseRule       Origin = "rule"
	// CauseEarlier is another version of an earlier quarter that the year to date stands on.
	CauseEarlier Origin = "earlier_quarter"
	CauseOther   Origin = "other"
)

// Origins are all, in the order in which they are printed.
var Origins = []Origin{CauseNew, CauseLate, CauseLink, CauseCorrection, CauseRule, CauseEarlier, CauseOther}

// Part is what one cause did to a cell.
type Part struct {
	Cause Origin `json:"cause"`
	// Came and Went are the units that count now and did not, or did and do not; Moved those that count with
	// another value.
	Came  int `json:"came"`
	Went  int `json:"went"`
	Moved int `json:"moved"`
}

// Moved is a published cell of which two versions of a quarter differ, and why.
type Moved struct {
	Cell    string   `json:"cell"`
	Measure string   `json:"measure"`
	Old     *float64 `json:"old"`
	New     *float64 `json:"new"`
	Parts   []Part   `json:"parts"`

	statistic, period, by, code string
	isCount                     bool
}

// version is one version of a quarter's numbers, with what it stands on.
type version struct {
	measure   string
	inputs    map[submit.Input]bool
	entries   int64
	workspace map[string]string
	standsOn  map[string]string
	program   string
	// sql is the hash of each SQL file, as the bundle names it.
	sql map[string]string
}

func (w *Workspace) versionOf(m submit.Manifest) version {
	v := version{measure: w.proof(m.Submission, "measure.duckdb"), inputs: map[submit.Input]bool{}, entries: m.Facts.Entries,
		workspace: m.Workspace, standsOn: m.StandsOn, program: m.Program, sql: map[string]string{}}
	for name, sum := range m.Bundle {
		if strings.HasPrefix(name, "sql/") {
			v.sql[name] = sum
		}
	}
	for _, in := range m.Inputs {
		v.inputs[in] = true
	}
	return v
}

// difference compares an old version of a quarter's numbers with a generation that was just built.
func (w *Workspace) difference(ctx context.Context, old submit.Manifest, m warehouse.Manifest, man submit.Manifest) ([]Moved, error) {
	next := w.versionOf(man)
	next.measure, next.workspace = w.House.Path(m.Steps["measure"]), map[string]string{}
	own, err := w.ownFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range own {
		if next.workspace[strings.TrimPrefix(f.Name, "workspace/")], err = hashFile(f.Path); err != nil {
			return nil, err
		}
	}
	queries, err := w.compiledSQL()
	if err != nil {
		return nil, err
	}
	for _, f := range queries {
		next.sql[f.Name] = hash(f.Data)
	}
	db, err := w.House.OpenWith(ctx, map[string]string{"old": w.versionOf(old).measure, "new": next.measure, "stage": m.Steps["stage"]})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c := &comparison{w: w, db: db, quarter: m.Quarter, old: w.versionOf(old), next: next, isRestated: man.Restates != ""}
	moved, err := c.cells(ctx)
	if err != nil || len(moved) == 0 {
		return moved, err
	}
	if err := c.learn(ctx); err != nil {
		return nil, err
	}
	byMeasure := map[string][]*Moved{}
	for i := range moved {
		byMeasure[moved[i].Measure] = append(byMeasure[moved[i].Measure], &moved[i])
	}
	for _, id := range slices.Sorted(maps.Keys(byMeasure)) {
		if err := c.measure(ctx, id, byMeasure[id]); err != nil {
			return nil, fmt.Errorf("compare %s: %w", id, err)
		}
	}
	return moved, nil
}

// comparison finds out why cells differ.
type comparison struct {
	w          *Workspace
	db         *warehouse.DB
	quarter    tributary.Quarter
	old, next  version
	isRestated bool

	// touched are clients of whom files that came since say something else, and whether these are late.
	touched map[[2]string]Origin
	// stated are clients about whom a person said something since; accepted are files let in since.
	stated   map[[2]string]bool
	accepted map[[3]string]bool
	decided  map[[2]string]bool
	newModel bool
	// rules are measures whose text or version differs; mapped agencies whose mapping does.
	rules    map[string]bool
	mapped   map[string]bool
	settings bool
	tables   []string
}

func (c *comparison) cells(ctx context.Context) ([]Moved, error) {
	var out []Moved
	q := warehouse.Text(c.quarter.String())
	cell := `select cell_id, measure, statistic, period, coalesce("by", '') as margin,
		coalesce(area, municipality, agency, employer, breakdown, '') as code, value from %s.cell where quarter = ` + q
	err := scanAll(ctx, c.db, fmt.Sprintf(`select coalesce(o.cell_id, n.cell_id), coalesce(o.measure, n.measure), coalesce(o.statistic, n.statistic, ''),
		coalesce(o.period, n.period), coalesce(o.margin, n.margin), coalesce(o.code, n.code), o.value, n.value, coalesce(d.kind, '') = 'count'
		from (%s) as o full join (%s) as n on n.cell_id = o.cell_id left join new.definition as d on d.measure = coalesce(o.measure, n.measure)
		where o.value is distinct from n.value order by 1`, fmt.Sprintf(cell, "old"), fmt.Sprintf(cell, "new")),
		func(rows *sql.Rows) error {
			m := Moved{Parts: []Part{}}
			err := rows.Scan(&m.Cell, &m.Measure, &m.statistic, &m.period, &m.by, &m.code, &m.Old, &m.New, &m.isCount)
			out = append(out, m)
			return err
		})
	return out, err
}

// fileKey is SQL for what names a landed file, over a struct column.
const fileKey = `coalesce(%[1]s._address.quarter, ''), coalesce(%[1]s._address.file, ''), coalesce(%[1]s._address.version, 0)`

// learn finds what is different between the two versions beside their numbers.
func (c *comparison) learn(ctx context.Context) error {
	var err error
	c.tables, err = c.names(ctx, `select distinct table_name from duckdb_columns() where database_name = 'stage' and column_name = 'client_local_id'
		and table_name in (select table_name from duckdb_columns() where database_name = 'stage' and column_name = '_address')
		and table_name in (select table_name from duckdb_columns() where database_name = 'stage' and column_name = 'is_superseded') order by 1`)
	if err != nil {
		return err
	}
	if err := c.data(ctx); err != nil {
		return err
	}
	if err := c.facts(ctx); err != nil {
		return err
	}
	c.rules = map[string]bool{}
	changed, err := c.names(ctx, `select coalesce(o.measure, n.measure) from old.definition as o full join new.definition as n on n.measure = o.measure
		where o.version is distinct from n.version or o.kind is distinct from n.kind or o.basis is distinct from n.basis order by 1`)
	if err != nil {
		return err
	}
	for _, id := range changed {
		c.rules[id] = true
	}
	for name, sum := range c.next.sql {
		measure, isMeasure := strings.CutPrefix(name, "sql/measure/")
		switch {
		case c.old.sql[name] == sum:
		case isMeasure:
			c.rules[strings.TrimSuffix(measure[strings.LastIndex(measure, "/")+1:], ".sql")] = true
		case !strings.HasPrefix(name, "sql/stage/"):
			c.settings = true
		}
	}
	c.mapped = map[string]bool{}
	for name := range c.old.workspace {
		c.workspaceChanged(name)
	}
	for name := range c.next.workspace {
		c.workspaceChanged(name)
	}
	return nil
}

func (c *comparison) workspaceChanged(name string) {
	if c.old.workspace[name] == c.next.workspace[name] {
		return
	}
	switch code, isMapping := strings.CutPrefix(name, "agencies/"); {
	case isMapping:
		c.mapped[strings.TrimSuffix(code, ".yaml")] = true
	case strings.HasPrefix(name, "templates/"):
	case name == "tributary.yaml" || strings.HasPrefix(name, "sql/"):
		c.settings = true
	}
}

// data finds the clients of whom the files that came since say something that the others did not, or of whom a
// file that took another's place says nothing more.
func (c *comparison) data(ctx context.Context) error {
	if err := c.db.Exec(ctx, "create or replace table memory.came (agency varchar, quarter varchar, file varchar, version integer)"); err != nil {
		return err
	}
	landed, err := c.w.Landing.Files("", tributary.Quarter{})
	if err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, f := range landed {
		in := submit.Input{Agency: f.Agency, Quarter: f.Quarter, Version: f.Version, SHA256: f.SHA256}
		if c.next.inputs[in] && !c.old.inputs[in] {
			rows = append(rows, []driver.Value{f.Agency, f.Quarter.String(), f.Name, int32(f.Version)})
		}
	}
	c.touched = map[[2]string]Origin{}
	if len(rows) == 0 {
		return nil
	}
	if err := c.db.Insert(ctx, "memory", "came", rows); err != nil {
		return err
	}
	for _, t := range c.tables {
		columns, err := c.names(ctx, `select 't."' || column_name || '"::varchar' from duckdb_columns() where database_name = 'stage' and table_name = `+warehouse.Text(t)+`
			and column_name not in ('_address', 'as_of', 'file_kind', 'is_superseded') order by column_index`)
		if err != nil {
			return err
		}
		said := fmt.Sprintf(`select t.agency, t.client_local_id, t.quarter, k.agency is not null as is_new, t.is_superseded, [`+strings.Join(columns, ", ")+`] as says
			from stage."%[1]s" as t left join memory.came as k on k.agency = t.agency and k.quarter = t._address.quarter
				and k.file = t._address.file and k.version = t._address.version
			where t.client_local_id is not null`, t)
		err = scanAll(ctx, c.db, `with said as (`+said+`)
			select distinct agency, client_local_id, quarter from (
				select agency, client_local_id, quarter, says, bool_or(is_new) as of_new, bool_or(not is_new) as of_old, bool_or(not is_superseded) as holds
				from said group by all) where of_new and not of_old or of_old and not of_new and not holds order by all`,
			func(rows *sql.Rows) error {
				var agency, client, quarter string
				err := rows.Scan(&agency, &client, &quarter)
				cause := CauseNew
				if c.isRestated || quarter < c.quarter.String() {
					cause = CauseLate
				}
				if c.touched[[2]string{agency, client}] != CauseLate {
					c.touched[[2]string{agency, client}] = cause
				}
				return err
			})
		if err != nil {
			return fmt.Errorf("stage.%s: %w", t, err)
		}
	}
	return nil
}

// facts finds about whom people said something since.
func (c *comparison) facts(ctx context.Context) error {
	c.stated, c.accepted, c.decided = map[[2]string]bool{}, map[[3]string]bool{}, map[[2]string]bool{}
	all, err := c.w.Ledger.All(ctx, "")
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Seq <= c.old.entries || e.Seq > c.next.entries {
			continue
		}
		f := e.Fields
		switch e.Kind {
		case "correction":
			c.stated[[2]string{f["agency"], f["client_local_id"]}] = true
		case "confirmation":
			c.stated[[2]string{f["agency"], f["record"]}] = true
		case "accept":
			c.accepted[[3]string{f["agency"], f["quarter"], f["file"]}] = true
		case "link_decision":
			c.decided[[2]string{f["left_agency"], f["left_client"]}] = true
			c.decided[[2]string{f["right_agency"], f["right_client"]}] = true
		case "link_model":
			c.newModel = true
		}
	}
	return nil
}

func (c *comparison) names(ctx context.Context, query string) (out []string, err error) {
	err = scanAll(ctx, c.db, query, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		out = append(out, s)
		return err
	})
	return out, err
}

// candidate is one row of a measure, old or new.
type candidate struct {
	isNew                   bool
	unit, quarter, period   string
	agency, client, address string
	file                    [3]string
	dims                    map[string]string
	counted                 bool
	value                   *float64
}

// measure gives each changed cell of a measure its causes.
func (c *comparison) measure(ctx context.Context, id string, cells []*Moved) error {
	rows, basis, err := c.candidates(ctx, id)
	if err != nil {
		return err
	}
	causes := c.causes(id, rows)
	for _, m := range cells {
		was, is := contribution(rows, m, false, basis, c.quarter), contribution(rows, m, true, basis, c.quarter)
		parts := map[Origin]*Part{}
		units := map[string]bool{}
		for u := range was {
			units[u] = true
		}
		for u := range is {
			units[u] = true
		}
		for u := range units {
			o, had := was[u]
			n, has := is[u]
			if had == has && (o == nil) == (n == nil) && (o == nil || *o == *n) {
				continue
			}
			unit, quarter, _ := strings.Cut(u, "\x00")
			cause := causes[unit]
			if quarter != "" && quarter < c.quarter.String() && c.old.standsOn[quarter] != c.next.standsOn[quarter] {
				cause = CauseEarlier
			}
			p := parts[cause]
			if p == nil {
				p = &Part{Cause: cause}
				parts[cause] = p
			}
			switch {
			case !had:
				p.Came++
			case !has:
				p.Went++
			default:
				p.Moved++
			}
		}
		for _, cause := range Origins {
			if p := parts[cause]; p != nil {
				m.Parts = append(m.Parts, *p)
			}
		}
		// A cell of zero came or went with the knowledge that there is something to count.
		if len(m.Parts) == 0 {
			m.Parts = append(m.Parts, Part{Cause: c.ofNothing(id)})
		}
	}
	return nil
}

// ofNothing is the cause of a cell that changed without any unit: a zero that is now told, or told no more.
func (c *comparison) ofNothing(id string) Origin {
	switch {
	case c.rules[id] || c.settings || len(c.mapped) > 0 || c.old.program != c.next.program:
		return CauseRule
	case len(c.touched) > 0 && c.isRestated:
		return CauseLate
	case len(c.touched) > 0:
		return CauseNew
	case !maps.Equal(c.old.standsOn, c.next.standsOn):
		return CauseEarlier
	}
	return CauseOther
}

// contribution is what each unit adds to a cell; a unit with several rows takes the largest value, as the builder does.
func contribution(rows []candidate, m *Moved, isNew bool, basis string, q tributary.Quarter) map[string]*float64 {
	out := map[string]*float64{}
	for _, r := range rows {
		if r.isNew != isNew || !r.counted || m.by != "" && r.dims[m.by] != m.code {
			continue
		}
		unit := r.unit
		switch {
		case r.period != "": // the measure has candidates of its own for each period
			if r.period != m.period || r.quarter != q.String() {
				continue
			}
		case m.period == "ytd":
			if basis == "events_in_period" {
				unit += "\x00" + r.quarter
			}
		case r.quarter != q.String():
			continue
		}
		if was, ok := out[unit]; !ok || r.value != nil && (was == nil || *r.value > *was) {
			out[unit] = r.value
		}
	}
	return out
}

// candidates reads the rows of all units of which any row differs, of the fiscal year so far.
func (c *comparison) candidates(ctx context.Context, id string) (out []candidate, basis string, err error) {
	if err := c.db.Scan(ctx, "select max(basis) from (select basis, measure from new.definition union all select basis, measure from old.definition) where measure = ?",
		[]any{id}, &basis); err != nil {
		return nil, "", err
	}
	dims, err := c.names(ctx, `select column_name from duckdb_columns() where database_name in ('new', 'old') and table_name = `+warehouse.Text(id)+`
		and column_name not in ('unit_id', 'quarter', 'period', 'counted', 'left_out_by', 'value', 'weight', '_address')
		group by column_name order by column_name`)
	if err != nil {
		return nil, "", err
	}
	part := func(side string) (string, error) {
		has, err := c.names(ctx, fmt.Sprintf(`select column_name from duckdb_columns() where database_name = '%s' and table_name = %s`, side, warehouse.Text(id)))
		if err != nil || len(has) == 0 {
			return "", err
		}
		list := []string{fmt.Sprintf("%t as is_new", side == "new"), "unit_id", "quarter", "coalesce(left_out_by, '') as left_out_by", "counted", "cast(value as double) as value", "_address"}
		for _, d := range append([]string{"period"}, dims...) {
			if slices.Contains(has, d) {
				list = append(list, fmt.Sprintf(`coalesce("%s"::varchar, '') as "%s"`, d, d))
			} else {
				list = append(list, fmt.Sprintf(`'' as "%s"`, d))
			}
		}
		return fmt.Sprintf(`select %s from %s."%s" where quarter between %s and %s`, strings.Join(list, ", "), side, id,
			warehouse.Text(c.quarter.FiscalYear()+"Q1"), warehouse.Text(c.quarter.String())), nil
	}
	var parts []string
	for _, side := range []string{"old", "new"} {
		p, err := part(side)
		if err != nil {
			return nil, "", err
		}
		if p != "" {
			parts = append(parts, p)
		}
	}
	if err := c.db.Exec(ctx, `create or replace table memory.both_sides as with both_sides as (`+strings.Join(parts, " union all ")+`),
		differs as (select * exclude (is_new) from both_sides group by all having count(*) filter (is_new) <> count(*) filter (not is_new))
		select * from both_sides where unit_id in (select unit_id from differs)`); err != nil {
		return nil, "", err
	}
	cols := make([]string, len(dims))
	for i, d := range dims {
		cols[i] = `b."` + d + `"`
	}
	err = scanAll(ctx, c.db, `with who as (`+c.whoSQL()+`)
		select b.is_new, b.unit_id, b.quarter, b.period, b.agency, b.counted, b.value, coalesce(b._address::varchar, ''), `+fmt.Sprintf(fileKey, "b")+`,
		coalesce(w.client_local_id, ''), [`+strings.Join(cols, ", ")+`]
		from memory.both_sides as b left join who as w on w.agency = b.agency and w._address = b._address order by all`,
		func(rows *sql.Rows) error {
			var r candidate
			var version int
			var values []any
			if err := rows.Scan(&r.isNew, &r.unit, &r.quarter, &r.period, &r.agency, &r.counted, &r.value, &r.address, &r.file[1], &r.file[2], &version, &r.client, &values); err != nil {
				return err
			}
			r.file[0] = r.agency
			r.dims = map[string]string{}
			for i, d := range dims {
				r.dims[d], _ = values[i].(string)
			}
			r.address += fmt.Sprint(version)
			out = append(out, r)
			return nil
		})
	return out, basis, err
}

// whoSQL finds the client of each row that is compared, by its address.
func (c *comparison) whoSQL() string {
	if len(c.tables) == 0 {
		return "select ''::varchar as agency, null as _address, ''::varchar as client_local_id where false"
	}
	parts := make([]string, len(c.tables))
	for i, t := range c.tables {
		parts[i] = fmt.Sprintf(`select t.agency, t._address, t.client_local_id from stage."%s" as t
			semi join memory.both_sides as b on b.agency = t.agency and b._address = t._address`, t)
	}
	return "select agency, _address, any_value(client_local_id order by client_local_id) as client_local_id from (" + strings.Join(parts, " union all ") + ") group by agency, _address"
}

// causes gives each unit the cause of its change, by where its rows come from.
func (c *comparison) causes(id string, rows []candidate) map[string]Origin {
	type side struct{ old, new map[string]bool }
	units := map[string]side{}          // unit: addresses on either side
	unitsOf := map[string][2][]string{} // address: units on either side
	byUnit := map[string][]candidate{}
	for _, r := range rows {
		s, ok := units[r.unit]
		if !ok {
			s = side{map[string]bool{}, map[string]bool{}}
			units[r.unit] = s
		}
		at := r.agency + r.quarter + r.address
		pair := unitsOf[at]
		if r.isNew {
			s.new[at] = true
			pair[1] = append(pair[1], r.unit)
		} else {
			s.old[at] = true
			pair[0] = append(pair[0], r.unit)
		}
		unitsOf[at] = pair
		byUnit[r.unit] = append(byUnit[r.unit], r)
	}
	out := map[string]Origin{}
	for unit, own := range byUnit {
		var has struct{ touched, late, stated, decided, relinked, mapped bool }
		for _, r := range own {
			who := [2]string{r.agency, r.client}
			switch c.touched[who] {
			case CauseLate:
				has.touched, has.late = true, true
			case CauseNew:
				has.touched = true
			}
			has.stated = has.stated || c.stated[who] || c.accepted[r.file]
			has.decided = has.decided || c.decided[who]
			has.mapped = has.mapped || c.mapped[r.agency]
			pair := unitsOf[r.agency+r.quarter+r.address]
			for _, o := range append(slices.Clone(pair[0]), pair[1]...) {
				has.relinked = has.relinked || o != unit
			}
		}
		switch {
		case has.relinked && (has.decided || c.newModel):
			out[unit] = CauseLink
		case has.late:
			out[unit] = CauseLate
		case has.touched:
			out[unit] = CauseNew
		case has.stated:
			out[unit] = CauseCorrection
		case has.decided || has.relinked:
			out[unit] = CauseLink
		case c.rules[id] || has.mapped || c.settings || c.old.program != c.next.program:
			out[unit] = CauseRule
		default:
			out[unit] = CauseOther
		}
	}
	return out
}

// corrections are the files of a restatement: old, new and causes of each cell, as CSV and as a workbook.
func (w *Workspace) corrections(ctx context.Context, m warehouse.Manifest, old, man submit.Manifest) ([]submit.File, []Moved, error) {
	moved, err := w.difference(ctx, old, m, man)
	if err != nil {
		return nil, nil, err
	}
	lines := [][]string{{"cell_id", "old", "new", "causes"}}
	for _, c := range moved {
		lines = append(lines, []string{c.Cell, plainNumber(c.Old), plainNumber(c.New), causeText(c.Parts)})
	}
	text, err := csvText(lines)
	if err != nil {
		return nil, nil, err
	}
	files := []submit.File{{Name: "corrections.csv", Data: text}}
	books, err := w.correctionBooks(ctx, m, old, man, moved)
	return append(files, books...), moved, err
}

func plainNumber(v *float64) string {
	if v == nil || math.IsNaN(*v) {
		return ""
	}
	return fmt.Sprintf("%g", *v)
}

// causeText is the parts as a machine reads them: late_data +3 -1; link -1.
func causeText(parts []Part) string {
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		s := string(p.Cause)
		if p.Came > 0 {
			s += fmt.Sprintf(" +%d", p.Came)
		}
		if p.Went > 0 {
			s += fmt.Sprintf(" -%d", p.Went)
		}
		if p.Moved > 0 {
			s += fmt.Sprintf(" ~%d", p.Moved)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
