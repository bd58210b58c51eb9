package template

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tributary"
)

// Query is the release, attached under the name release. *warehouse.DB satisfies it.
type Query interface {
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
}

// Release is what may go into a template: the numbers, settings, targets and notes of one release, and
// the labels by which its measures are known.
type Release struct {
	Quarter  tributary.Quarter
	settings map[string]string
	measures []measure
	// codes are those of a measure's own breakdowns; places those of the margins that all have.
	codes   map[string][]code
	places  []code
	values  map[string]value
	targets map[string]float64
	notes   map[string]string
}

type measure struct{ id, kind, basis, label, labelFR string }

type code struct{ by, code, label, labelFR string }

type value struct {
	number   float64
	isHidden bool
}

// Read takes the tables release.* into memory: thousands of cells, never people.
func Read(ctx context.Context, q Query, quarter tributary.Quarter) (*Release, error) {
	r := &Release{Quarter: quarter, settings: map[string]string{}, codes: map[string][]code{}, values: map[string]value{},
		targets: map[string]float64{}, notes: map[string]string{}}
	for _, part := range []struct {
		query string
		scan  func(*sql.Rows) error
	}{
		{`select name, coalesce(value::varchar, '') from release.setting order by name`, func(rows *sql.Rows) error {
			var name, text string
			err := rows.Scan(&name, &text)
			r.settings[name] = text
			return err
		}},
		{`select measure, kind, basis, coalesce(label, measure), coalesce(label_fr, '') from release.definition order by ordinal, measure`, func(rows *sql.Rows) error {
			var m measure
			err := rows.Scan(&m.id, &m.kind, &m.basis, &m.label, &m.labelFR)
			r.measures = append(r.measures, m)
			return err
		}},
		{`select measure, "by", code, coalesce(label, code), coalesce(label_fr, '') from release.breakdown order by measure, "by", ordinal, code`, func(rows *sql.Rows) error {
			var id string
			var c code
			err := rows.Scan(&id, &c.by, &c.code, &c.label, &c.labelFR)
			r.codes[id] = append(r.codes[id], c)
			return err
		}},
		{`select distinct "by", coalesce(municipality, area, agency) as code, '', '' from release.cell
			where "by" in ('municipality', 'area') and coalesce(municipality, area) <> 'unknown'
			union all select 'agency', agency, coalesce(name, agency), coalesce(name_fr, '') from release.agency order by all`, func(rows *sql.Rows) error {
			var c code
			err := rows.Scan(&c.by, &c.code, &c.label, &c.labelFR)
			if c.by == "area" {
				c.labelFR = r.settings["area_fr."+c.code]
			}
			if c.label == "" {
				c.label = c.code
			}
			r.places = append(r.places, c)
			return err
		}},
		{`select cell_id, value, coalesce(is_hidden, false) from release.cell where quarter <= '` + quarter.String() + `' order by cell_id`, func(rows *sql.Rows) error {
			var id string
			var number sql.NullFloat64
			var v value
			err := rows.Scan(&id, &number, &v.isHidden)
			if v.number = number.Float64; number.Valid || v.isHidden {
				r.values[id] = v
			}
			return err
		}},
		{`select measure, quarter, value from release.target where value is not null order by all`, func(rows *sql.Rows) error {
			var id, at string
			var v float64
			err := rows.Scan(&id, &at, &v)
			r.targets[id+"@"+at] = v
			return err
		}},
		{`select coalesce(cell_id, ''), field, coalesce(text, '') from release.note order by noted_at, cell_id, field, text`, func(rows *sql.Rows) error {
			var id, field, text string
			err := rows.Scan(&id, &field, &text)
			r.notes[field+" "+id] = text
			return err
		}},
	} {
		if err := each(ctx, q, part.query, part.scan); err != nil {
			return nil, fmt.Errorf("template: read the release: %w", err)
		}
	}
	return r, nil
}

// each runs a query and hands each row to scan.
func each(ctx context.Context, q Query, query string, scan func(*sql.Rows) error) (err error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// measure finds a measure by its id.
func (r *Release) measure(id string) (measure, bool) {
	for _, m := range r.measures {
		if m.id == id {
			return m, true
		}
	}
	return measure{}, false
}

// setting is a word of the workspace for a form in that language.
func (r *Release) setting(name, language string) (text string, isKnown bool) {
	if name == "fiscal_year" {
		return r.Quarter.FiscalYear(), true
	}
	text, isKnown = r.settings[name]
	if fr := r.settings[name+"_fr"]; language == "fr" && fr != "" {
		text = fr
	}
	return text, isKnown
}

// asOf is the day that the numbers speak for.
func (r *Release) asOf() time.Time {
	if t, err := time.Parse(time.DateOnly, r.settings["as_of"]); err == nil {
		return t
	}
	return r.Quarter.End()
}
