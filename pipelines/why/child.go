package why

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// Part is what one measure made of a child in one quarter.
type Part struct {
	Measure string `json:"measure"`
	Label   string `json:"label"`
	Quarter string `json:"quarter"`
	// YearToDate is set for measures whose year to date has candidates of its own.
	YearToDate bool `json:"year_to_date,omitempty"`
	Counted    bool `json:"counted"`
	// LeftOut is the first rule that keeps the child out, in words; empty when it counts.
	LeftOut string `json:"left_out,omitempty"`
	Agency  string `json:"agency"`
	// Cells are the published numbers that it feeds.
	Cells []string `json:"cells,omitempty"`
}

// Record is one agency's registration of the child.
type Record struct {
	Agency  string `json:"agency"`
	Client  string `json:"client"`
	Counted string `json:"counted"`
}

// Child is the answer about one child.
type Child struct {
	ID      string   `json:"id"`
	Records []Record `json:"records"`
	Parts   []Part   `json:"parts"`
	// Withheld is how many other records are not shown, because an agreement does not allow it.
	Withheld int `json:"withheld"`
}

// OfChild says which cells a child feeds, and for the others the first rule that keeps it out. who is
// a child id, or AGENCY:number as the agency knows the child; records are shown as OfHeld shows them. Asking is a look at
// a person: the caller audits it.
func OfChild(ctx context.Context, db *warehouse.DB, who, lang string) (Child, error) {
	c := Child{ID: who}
	if err := c.find(ctx, db); err != nil {
		return c, err
	}
	var err error
	if c.Records, _, c.Withheld, err = shownOf(ctx, db, who, c.Records); err != nil || len(c.Records) == 0 {
		return c, err
	}
	tables, apart, err := c.tables(ctx, db)
	if err != nil {
		return c, err
	}
	rows, err := c.rows(ctx, db, tables)
	if err != nil {
		return c, err
	}
	return c, c.measures(ctx, db, lang, rows, apart)
}

// find reads who the child is by its id, or by an agency's number.
func (c *Child) find(ctx context.Context, db *warehouse.DB) error {
	who := c.ID
	where, args := "child_id = ?", []any{c.ID}
	if agency, client, ok := strings.Cut(who, ":"); ok {
		where = `child_id in (select child_id from link.client_child where agency = ? and client_local_id = ?)`
		args = []any{agency, client}
	}
	rows, err := db.Query(ctx, `select distinct child_id, agency, client_local_id from link.client_child where `+where+` order by all`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r Record
		if err := rows.Scan(&c.ID, &r.Agency, &r.Client); err != nil {
			return err
		}
		c.Records = append(c.Records, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(c.Records) == 0 {
		return tributary.Fix(fmt.Errorf("child %s: is not among the linked children", who),
			"give a child id such as C000017, or an agency and its number such as LCTC:LC-01003")
	}
	return nil
}

// tables are those of stage whose rows are about clients, and the measures that have candidates of their own for the
// year to date. The catalogue's list of columns takes long, so it is read once.
func (c *Child) tables(ctx context.Context, db *warehouse.DB) (stage, apart []string, err error) {
	found, err := names(ctx, db, `select database_name || ' ' || table_name from duckdb_columns()
		where database_name = 'stage' and column_name in ('client_local_id', '_address') or database_name = 'measure' and column_name = 'period'
		group by all having database_name = 'measure' or count(*) = 2 order by all`)
	for _, f := range found {
		if table, ok := strings.CutPrefix(f, "stage "); ok {
			stage = append(stage, table)
		} else {
			apart = append(apart, strings.TrimPrefix(f, "measure "))
		}
	}
	return stage, apart, err
}

// addressColumns are those of an address, as SQL.
const addressColumns = `coalesce(_address.quarter, ''), coalesce(_address.file, ''), coalesce(_address.version, 0), coalesce(_address.sheet, ''), coalesce(_address."row", 0), coalesce(_address.path, '')`

// rowKey is where a row stands: its agency and its address, the quarter as text.
type rowKey struct {
	agency, quarter, file, sheet, path string
	version                            int
	row                                int64
}

func (k *rowKey) into() []any {
	return []any{&k.agency, &k.quarter, &k.file, &k.version, &k.sheet, &k.row, &k.path}
}

// rows gathers where all rows stand that speak of the child.
func (c *Child) rows(ctx context.Context, db *warehouse.DB, tables []string) (map[rowKey]bool, error) {
	var parts []string
	for _, t := range tables {
		for _, r := range c.Records { // one select each: the engine then reads a few blocks
			parts = append(parts, fmt.Sprintf(`select agency, %s from stage."%s" where agency = %s and client_local_id = %s`, addressColumns, t, warehouse.Text(r.Agency), warehouse.Text(r.Client)))
		}
	}
	rows, err := db.Query(ctx, strings.Join(parts, " union all "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[rowKey]bool{}
	for rows.Next() {
		var k rowKey
		if err := rows.Scan(k.into()...); err != nil {
			return nil, err
		}
		out[k] = true
	}
	return out, rows.Err()
}

func (c *Child) measures(ctx context.Context, db *warehouse.DB, lang string, of map[rowKey]bool, apart []string) error {
	label := "label"
	if lang == "fr" {
		label = "label_fr"
	}
	ids, err := names(ctx, db, "select measure from measure.definition order by ordinal, measure")
	if err != nil {
		return err
	}
	// Agencies and row numbers say which blocks of a measure are read at all: most hold nobody of the child's.
	var agencies, numbers []string
	for k := range of {
		if k.row > 0 {
			agencies, numbers = append(agencies, warehouse.Text(k.agency)), append(numbers, fmt.Sprint(k.row))
		}
	}
	slices.Sort(agencies)
	slices.Sort(numbers)
	if len(ids) == 0 || len(numbers) == 0 {
		return nil
	}
	where := "agency in (" + strings.Join(slices.Compact(agencies), ", ") + `) and _address."row" in (` + strings.Join(slices.Compact(numbers), ", ") + ")"
	var parts []string
	for _, id := range ids {
		period := "false"
		if slices.Contains(apart, id) {
			period = "period = 'ytd'"
		}
		parts = append(parts, fmt.Sprintf(`select %s as measure, quarter, %s as is_ytd, agency, counted, left_out_by, _address from measure."%s" where %s`,
			warehouse.Text(id), period, strings.ReplaceAll(id, `"`, `""`), where))
	}
	rows, err := db.Query(ctx, fmt.Sprintf(`
		select p.measure, d.kind, d.%[1]s, p.quarter, p.is_ytd, p.counted, coalesce(r.%[1]s, p.left_out_by, ''), p.agency, %[3]s
		from (%[2]s) as p
		join measure.definition as d on d.measure = p.measure
		left join measure.rule as r on r.measure = d.measure and r.code = p.left_out_by
		order by p.quarter, d.ordinal, p.measure, p.is_ytd, p.agency`, label, strings.Join(parts, " union all "), addressColumns))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p Part
		var kind, leftOut string
		var k rowKey
		if err := rows.Scan(append([]any{&p.Measure, &kind, &p.Label, &p.Quarter, &p.YearToDate, &p.Counted, &leftOut}, k.into()...)...); err != nil {
			return err
		}
		if !of[k] {
			continue
		}
		p.Agency = k.agency
		at := len(c.Parts) - 1
		if at < 0 || c.Parts[at].Measure != p.Measure || c.Parts[at].Quarter != p.Quarter || c.Parts[at].YearToDate != p.YearToDate || c.Parts[at].Agency != p.Agency {
			c.Parts, at = append(c.Parts, p), at+1
		}
		c.Parts[at].add(p.Counted, leftOut, kind)
	}
	return rows.Err()
}

// add takes in one row of the child's: what is counted by one of them counts, else the first rule in the order of words
// keeps it out.
func (p *Part) add(counted bool, leftOut, kind string) {
	switch {
	case counted && p.Cells == nil:
		p.Counted, p.LeftOut = true, ""
		cell := p.Measure + "@" + p.Quarter
		if statistic := mainStatistic[kind]; statistic != "" {
			cell = p.Measure + "." + statistic + "@" + p.Quarter
		}
		if p.YearToDate {
			cell += "/ytd"
		}
		p.Cells = []string{cell, cell + "/agency=" + p.Agency}
	case !p.Counted && leftOut != "" && (p.LeftOut == "" || leftOut < p.LeftOut):
		p.LeftOut = leftOut
	}
}

// mainStatistic is the number that a measure is read for, where it has several.
var mainStatistic = map[string]string{"ratio": "ratio", "share": "share", "quantile": "median", "wait": "median"}

func names(ctx context.Context, db *warehouse.DB, query string) ([]string, error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
