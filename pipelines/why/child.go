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
// a person: the caller audits it. db is the caller's own: a table is made in it.
func OfChild(ctx context.Context, db *warehouse.DB, who, lang string) (Child, error) {
	c := Child{ID: who}
	if err := c.find(ctx, db); err != nil {
		return c, err
	}
	var err error
	if c.Records, _, c.Withheld, err = shownOf(ctx, db, who, c.Records); err != nil || len(c.Records) == 0 {
		return c, err
	}
	if err := c.rows(ctx, db); err != nil {
		return c, err
	}
	return c, c.measures(ctx, db, lang)
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

// rows gathers the addresses of all rows that speak of the child into a temporary table.
func (c *Child) rows(ctx context.Context, db *warehouse.DB) error {
	tables, err := names(ctx, db, `select distinct table_name from duckdb_columns() where database_name = 'stage'
		and column_name = 'client_local_id' and table_name in (
			select table_name from duckdb_columns() where database_name = 'stage' and column_name = '_address')
		order by 1`)
	if err != nil {
		return err
	}
	var pairs, parts []string
	for _, r := range c.Records {
		pairs = append(pairs, "("+warehouse.Text(r.Agency)+", "+warehouse.Text(r.Client)+")")
	}
	for _, t := range tables {
		parts = append(parts, fmt.Sprintf(`select agency, _address from stage."%s" where (agency, client_local_id) in (%s)`, t, strings.Join(pairs, ", ")))
	}
	return db.Exec(ctx, "create or replace table memory.of_child as select distinct * from ("+strings.Join(parts, " union all ")+")")
}

func (c *Child) measures(ctx context.Context, db *warehouse.DB, lang string) error {
	label := "label"
	if lang == "fr" {
		label = "label_fr"
	}
	ids, err := names(ctx, db, "select measure from measure.definition order by ordinal, measure")
	if err != nil {
		return err
	}
	apart, err := names(ctx, db, "select table_name from duckdb_columns() where database_name = 'measure' and column_name = 'period'")
	if err != nil {
		return err
	}
	// The row numbers say which blocks of a measure are read at all: most hold nobody of the child's.
	numbers, err := names(ctx, db, `select distinct _address."row"::varchar from memory.of_child where _address."row" is not null order by 1`)
	if err != nil || len(ids) == 0 || len(numbers) == 0 {
		return err
	}
	var parts []string
	for _, id := range ids {
		period := "false"
		if slices.Contains(apart, id) {
			period = "m.period = 'ytd'"
		}
		parts = append(parts, fmt.Sprintf(`select %s as measure, m.quarter, %s as is_ytd, m.agency, m.counted, m.left_out_by from measure."%s" as m
			join memory.of_child as o on o.agency = m.agency and o._address = m._address where m._address."row" in (%s)`,
			warehouse.Text(id), period, strings.ReplaceAll(id, `"`, `""`), strings.Join(numbers, ", ")))
	}
	rows, err := db.Query(ctx, fmt.Sprintf(`
		select p.measure, d.kind, d.%[1]s, p.quarter, p.is_ytd, p.agency, bool_or(p.counted),
			coalesce(min(coalesce(r.%[1]s, p.left_out_by)) filter (where not p.counted), '')
		from (%[2]s) as p
		join measure.definition as d on d.measure = p.measure
		left join measure.rule as r on r.measure = d.measure and r.code = p.left_out_by
		group by p.measure, d.kind, d.%[1]s, p.quarter, p.is_ytd, p.agency, d.ordinal order by p.quarter, d.ordinal, p.measure, p.is_ytd, p.agency`, label, strings.Join(parts, " union all ")))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p Part
		var kind string
		if err := rows.Scan(&p.Measure, &kind, &p.Label, &p.Quarter, &p.YearToDate, &p.Agency, &p.Counted, &p.LeftOut); err != nil {
			return err
		}
		if p.Counted {
			p.LeftOut = ""
			cell := p.Measure + "@" + p.Quarter
			if statistic := mainStatistic[kind]; statistic != "" {
				cell = p.Measure + "." + statistic + "@" + p.Quarter
			}
			if p.YearToDate {
				cell += "/ytd"
			}
			p.Cells = []string{cell, cell + "/agency=" + p.Agency}
		}
		c.Parts = append(c.Parts, p)
	}
	return rows.Err()
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
