// Package why answers from finished steps: why a number is what it is, and what one child counts for.
//
// Takes the published step files; leaves an answer whose listed units, counted again here, give the
// cell; never writes.
package why

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// CellID is a cell as people type it: csp_referrals@2025-26Q2/ytd/agency=LCTC.
type CellID struct {
	Measure, Statistic string
	Quarter            tributary.Quarter
	YearToDate         bool
	By, Value          string
}

// ParseCellID reads the form measure[.statistic]@quarter[/ytd][/by=value].
func ParseCellID(text string) (CellID, error) {
	var id CellID
	wrong := func(err error) (CellID, error) {
		return id, tributary.Fix(fmt.Errorf("cell %q: %w", text, err),
			"write a cell as in csp_referrals@2025-26Q2, csp_referrals@2025-26Q2/ytd or csp_referrals@2025-26Q2/agency=LCTC")
	}
	name, rest, ok := strings.Cut(text, "@")
	if !ok || name == "" {
		return wrong(fmt.Errorf("has no @quarter"))
	}
	id.Measure, id.Statistic, _ = strings.Cut(name, ".")
	quarter, rest, _ := strings.Cut(rest, "/")
	q, err := tributary.ParseQuarter(quarter)
	if err != nil {
		return wrong(err)
	}
	id.Quarter = q
	if head, tail, _ := strings.Cut(rest, "/"); head == "ytd" {
		id.YearToDate, rest = true, tail
	}
	if rest != "" {
		if id.By, id.Value, ok = strings.Cut(rest, "="); !ok {
			return wrong(fmt.Errorf("%q is not of the form by=value", rest))
		}
	}
	return id, nil
}

func (c CellID) String() string {
	s := c.Measure
	if c.Statistic != "" {
		s += "." + c.Statistic
	}
	s += "@" + c.Quarter.String()
	if c.YearToDate {
		s += "/ytd"
	}
	if c.By != "" {
		s += "/" + c.By + "=" + c.Value
	}
	return s
}

// Unit is one child, family or episode behind a cell, with the row it came from.
type Unit struct {
	ID    string   `json:"id"`
	Value *float64 `json:"value,omitempty"`
	// Weight is what a ratio divides the value by.
	Weight  float64           `json:"weight,omitempty"`
	Address tributary.Address `json:"address"`
	// Evidence points at the very fields of the provider's file that the measure rests on.
	Evidence []string `json:"evidence,omitempty"`

	counted   bool
	leftOutBy string
	// rows is how many candidates say just this of the unit; 0 is one.
	rows int
	// columns are the places of the fields of Evidence in the file, 1 the first.
	columns []int
}

// Step is one bar of the waterfall: how many units a rule left out, or how many were counted.
type Step struct {
	Rule  string `json:"rule,omitempty"`
	Label string `json:"label"`
	Units int    `json:"units"`
}

// Answer explains one cell.
type Answer struct {
	Cell       string  `json:"cell"`
	Value      float64 `json:"value"`
	Recounted  float64 `json:"recounted"`
	Sentence   string  `json:"sentence"`
	Definition string  `json:"definition"`
	Unit       string  `json:"unit"`
	Basis      string  `json:"basis"`
	Cites      string  `json:"cites"`
	SQL        string  `json:"sql"`
	Waterfall  []Step  `json:"waterfall"`
	// Bridge leads from the rows an agency sent to its children counted; only for such cells.
	Bridge []Step `json:"bridge,omitempty"`
	// Rows is how many rows count; Units are the first of them, or all.
	Rows  int    `json:"rows"`
	Units []Unit `json:"units"`
}

// definition is what measure.definition says of a measure.
type definition struct {
	kind, unit, basis, label, labelFR, text, textFR, cites string
}

// Cell explains one published cell. db has measure and stage attached; sqlOf gives the measure's
// SQL; lang is en or fr; shown is how many units are listed with their rows, 0 for all.
func Cell(ctx context.Context, db *warehouse.DB, id CellID, sqlOf func(measure string) (query string, evidence []string), lang string, shown int) (Answer, error) {
	a := Answer{Cell: id.String()}
	d, err := define(ctx, db, id.Measure)
	if err != nil {
		return a, err
	}
	if err := known(ctx, db, id, d); err != nil {
		return a, err
	}
	var published *float64
	err = db.Scan(ctx, "select max(value) from measure.cell where cell_id = ?", []any{id.String()}, &published)
	if err != nil {
		return a, err
	}
	t, err := tallyOf(ctx, db, id, d)
	if err != nil {
		return a, err
	}
	if published == nil && len(t.byRule) == 0 {
		return a, tributary.Fix(fmt.Errorf("cell %s: is not published and nothing was considered for it", id),
			"see the measures with: tributary measures")
	}
	if published != nil {
		a.Value = *published
	}
	a.Recounted, a.Rows = t.value, t.rows
	var evidence []string
	a.SQL, evidence = sqlOf(id.Measure)
	a.Waterfall, err = waterfall(ctx, db, id, t.byRule, lang)
	if err != nil {
		return a, err
	}
	if a.Units, err = listed(ctx, db, id, d, shown); err != nil {
		return a, err
	}
	if d.unit == "child" && d.basis == "unique_in_period" && id.By == "agency" && !id.YearToDate && slices.Contains(evidence, "client.opened_on") {
		if a.Bridge, err = bridge(ctx, db, id, int(a.Recounted), lang); err != nil {
			return a, err
		}
	}
	if err := locate(ctx, db, a.Units, evidence); err != nil {
		return a, err
	}
	label, text := d.label, d.text
	if lang == "fr" {
		label, text = d.labelFR, d.textFR
	}
	a.Unit = d.unit
	a.Definition, a.Basis, a.Cites = text, word(d.basis, lang), d.cites
	a.Sentence = sentence(id, d, label, a, lang)
	return a, nil
}

// tally is a cell counted again.
type tally struct {
	value float64
	// rows is how many rows count; byRule how many units each rule left out, and under "" how many are counted.
	rows   int
	byRule map[string]int
}

// tallyOf counts a cell again: a count in the engine, for it may be of all children; everything else unit by unit.
func tallyOf(ctx context.Context, db *warehouse.DB, id CellID, d definition) (tally, error) {
	t := tally{byRule: map[string]int{}}
	if d.kind != "count" {
		units, err := candidates(ctx, db, id, d)
		if err != nil {
			return t, err
		}
		t.value = recount(id, d, units)
		for _, u := range units {
			if u.counted {
				t.rows += u.rows
			}
		}
		for _, rule := range firstRules(units) {
			t.byRule[rule]++
		}
		return t, nil
	}
	from, err := considered(ctx, db, id)
	if err != nil {
		return t, err
	}
	unit := "coalesce(unit_id, '')"
	if id.YearToDate && d.basis == "events_in_period" {
		unit += ", quarter"
	}
	err = db.Rows(ctx, fmt.Sprintf(`select rule, count(*), sum(row_count)::bigint from (
			select case when bool_or(counted) then '' else min(coalesce(left_out_by, '')) end as rule, count(*) filter (counted) as row_count
			from %s group by %s)
		group by rule`, from, unit), nil, func(scan func(...any) error) error {
		var rule string
		var n, counted int
		err := scan(&rule, &n, &counted)
		t.byRule[rule], t.rows = n, t.rows+counted
		return err
	})
	if err != nil {
		return t, fmt.Errorf("cell %s: %w", id, err)
	}
	t.value = float64(t.byRule[""])
	return t, nil
}

func define(ctx context.Context, db *warehouse.DB, measure string) (definition, error) {
	var d definition
	err := db.Scan(ctx, `select kind, unit, basis, label, label_fr, definition, definition_fr, cites
		from measure.definition where measure = ?`, []any{measure},
		&d.kind, &d.unit, &d.basis, &d.label, &d.labelFR, &d.text, &d.textFR, &d.cites)
	if err != nil {
		return d, tributary.Fix(fmt.Errorf("measure %q: %w", measure, err), "see the measures with: tributary measures")
	}
	return d, nil
}

// statistics are those of each kind, as the builder publishes them.
var statistics = map[string][]string{
	"count": {""}, "sum": {""}, "ratio": {"ratio", "n"}, "share": {"share", "met", "n"}, "quantile": {"n", "median", "p90"}, "wait": {"n", "median", "p90", "longest"},
}

// known refuses a statistic or a margin that the measure does not have: a number for it would be made up.
func known(ctx context.Context, db *warehouse.DB, id CellID, d definition) error {
	if all := statistics[d.kind]; !slices.Contains(all, id.Statistic) {
		fix := "a count is asked for without a statistic: " + id.Measure + "@" + id.Quarter.String()
		if d.kind != "count" && d.kind != "sum" {
			fix = "ask for one of: " + id.Measure + "." + strings.Join(all, ", "+id.Measure+".")
		}
		return tributary.Fix(fmt.Errorf("cell %s: no statistic %q", id, id.Statistic), fix)
	}
	if id.By == "" {
		return nil
	}
	columns, err := columnsOf(ctx, db, id.Measure)
	columns = slices.DeleteFunc(columns, func(c string) bool {
		return slices.Contains([]string{"unit_id", "quarter", "period", "counted", "left_out_by", "value", "weight", "_address"}, c)
	})
	if err == nil && !slices.Contains(columns, id.By) {
		err = tributary.Fix(fmt.Errorf("cell %s: the measure is not counted by %q", id, id.By), "it is counted by: "+strings.Join(columns, ", "))
	}
	return err
}

// columnsOf are the columns of a measure's candidates. The catalogue's own list of columns takes long: it makes all of
// all tables.
func columnsOf(ctx context.Context, db *warehouse.DB, measure string) ([]string, error) {
	rows, err := db.Query(ctx, fmt.Sprintf(`select * from measure."%s" limit 0`, strings.ReplaceAll(measure, `"`, "")))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns()
}

// candidates reads all that was considered for the cell, what was said twice of a unit once and without the rows it came
// from: in a large area these are hundreds of thousands.
func candidates(ctx context.Context, db *warehouse.DB, id CellID, d definition) ([]Unit, error) {
	from, err := considered(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var units []Unit
	quarter := "''"
	if d.basis == "events_in_period" {
		quarter = "quarter"
	}
	err = db.Each(ctx, fmt.Sprintf(`select unit_id, %s as of_quarter, value::double as v, coalesce(%s::double, 0) as w, counted, coalesce(left_out_by, '') as rule, count(*)
		from %s group by all order by all`, quarter, weight(d), from),
		func(row []driver.Value) error {
			u := Unit{Weight: row[3].(float64), counted: row[4].(bool), leftOutBy: row[5].(string), rows: int(row[6].(int64))}
			u.ID, _ = row[0].(string)
			if v, ok := row[2].(float64); ok {
				u.Value = &v
			}
			u.ID = ofPeriod(u.ID, row[1].(string), id, d)
			units = append(units, u)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("cell %s: %w", id, err)
	}
	return units, nil
}

// listed reads the units that count with the rows they came from, in a total order; the first of them, or all.
func listed(ctx context.Context, db *warehouse.DB, id CellID, d definition, most int) ([]Unit, error) {
	from, err := considered(ctx, db, id)
	if err != nil {
		return nil, err
	}
	limit := ""
	if most > 0 {
		limit = fmt.Sprintf(" limit %d", most)
	}
	var units []Unit
	err = db.Rows(ctx, fmt.Sprintf(`
		select coalesce(unit_id, ''), quarter, agency, value, coalesce(%s::double, 0), coalesce(_address.quarter, quarter) as from_quarter, coalesce(_address.file, ''),
			coalesce(_address.version, 0), coalesce(_address.sheet, ''), coalesce(_address."row", 0), coalesce(_address.path, '')
		from %s and counted order by all%s`, weight(d), from, limit), nil, func(scan func(...any) error) error {
		u := Unit{counted: true}
		var quarter, landed string
		err := scan(&u.ID, &quarter, &u.Address.Agency, &u.Value, &u.Weight, &landed, &u.Address.File, &u.Address.Version, &u.Address.Sheet, &u.Address.Row, &u.Address.Path)
		if err == nil {
			u.Address.Quarter, err = tributary.ParseQuarter(landed)
		}
		u.ID = ofPeriod(u.ID, quarter, id, d)
		units = append(units, u)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cell %s: %w", id, err)
	}
	return units, nil
}

// ofPeriod names a unit: the same episode in two quarters is two events of the year to date, but one unit of a unique
// count.
func ofPeriod(unit, quarter string, id CellID, d definition) string {
	if id.YearToDate && d.basis == "events_in_period" {
		return unit + " " + quarter
	}
	return unit
}

func weight(d definition) string {
	if d.kind == "ratio" {
		return "weight"
	}
	return "0"
}

// considered is the table of a cell's candidates and which of them are its own, as SQL.
func considered(ctx context.Context, db *warehouse.DB, id CellID) (string, error) {
	where := "quarter = " + warehouse.Text(id.Quarter.String())
	// A measure with a column period has candidates of its own for the year to date; of the others it
	// is the pool of the quarters.
	columns, err := columnsOf(ctx, db, id.Measure)
	isApart := slices.Contains(columns, "period")
	switch {
	case err != nil:
		return "", err
	case isApart && id.YearToDate:
		where += " and period = 'ytd'"
	case isApart:
		where += " and period = 'quarter'"
	case id.YearToDate:
		where = "quarter between " + warehouse.Text(id.Quarter.FiscalYear()+"Q1") + " and " + warehouse.Text(id.Quarter.String())
	}
	if id.By != "" {
		where += fmt.Sprintf(` and "%s" = %s`, strings.ReplaceAll(id.By, `"`, ""), warehouse.Text(id.Value))
	}
	return fmt.Sprintf(`measure."%s" where %s`, strings.ReplaceAll(id.Measure, `"`, ""), where), nil
}

// recount gives the cell's value from its listed units, by the definition of the kind alone and
// without the builder's SQL.
func recount(id CellID, d definition, units []Unit) float64 {
	seen := map[string]*float64{}
	total, weight := 0.0, 0.0
	for _, u := range units {
		if !u.counted {
			continue
		}
		times := float64(max(u.rows, 1))
		if u.Value != nil {
			total += *u.Value * times
		}
		weight += u.Weight * times
		// A unit with several rows takes the largest value, as the builder does.
		if v, ok := seen[u.ID]; !ok || (u.Value != nil && (v == nil || *u.Value > *v)) {
			seen[u.ID] = u.Value
		}
	}
	var values []float64
	for _, v := range seen {
		if v != nil {
			values = append(values, *v)
		}
	}
	sort.Float64s(values)
	switch d.kind {
	case "count":
		return float64(len(seen))
	case "sum":
		return math.Round(total*1e4) / 1e4 // as the builder, which adds decimals
	case "ratio":
		if id.Statistic == "ratio" {
			return total / weight
		}
		return weight
	case "share":
		met := 0.0
		for _, v := range values {
			met += v
		}
		switch id.Statistic {
		case "met":
			return met
		case "n":
			return float64(len(values))
		}
		return met / float64(len(values))
	}
	rank := func(p float64) float64 {
		if len(values) == 0 {
			return math.NaN()
		}
		return values[int(math.Ceil(p*float64(len(values))))-1]
	}
	switch id.Statistic {
	case "median":
		return rank(.5)
	case "p90":
		return rank(.9)
	case "longest":
		return rank(1)
	}
	return float64(len(values))
}

// firstRules says of each unit by which rule it was left out first; a unit that is counted by one of its rows is counted: "".
func firstRules(units []Unit) map[string]string {
	rule := map[string]string{}
	for _, u := range units {
		if was, ok := rule[u.ID]; !ok || u.counted || (was != "" && u.leftOutBy < was) {
			if u.counted {
				rule[u.ID] = ""
			} else {
				rule[u.ID] = u.leftOutBy
			}
		}
	}
	return rule
}

// waterfall leads from all units considered to those counted, rule by rule.
func waterfall(ctx context.Context, db *warehouse.DB, id CellID, count map[string]int, lang string) ([]Step, error) {
	all := 0
	for _, n := range count {
		all += n
	}
	column := "label"
	considered, counted := "Considered", "Counted"
	if lang == "fr" {
		column = "label_fr"
		considered, counted = "Examinés", "Comptés"
	}
	steps := []Step{{Label: considered, Units: all}}
	labelled := map[string]bool{"": true}
	err := db.Rows(ctx, "select code, "+column+" from measure.rule where measure = ? order by code", []any{id.Measure}, func(scan func(...any) error) error {
		var s Step
		err := scan(&s.Rule, &s.Label)
		labelled[s.Rule] = true
		if s.Units = -count[s.Rule]; s.Units != 0 {
			steps = append(steps, s)
		}
		return err
	})
	for r, n := range count {
		if !labelled[r] {
			steps = append(steps, Step{Rule: r, Label: r, Units: -n})
		}
	}
	sort.SliceStable(steps[1:], func(i, j int) bool { return steps[1+i].Rule < steps[1+j].Rule })
	return append(steps, Step{Label: counted, Units: count[""]}), err
}
