package gaps

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"tributary"
)

// scan reads the rows of a query.
func scan(ctx context.Context, q Query, query string, each func(*sql.Rows) error, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func read(ctx context.Context, q Query, quarter tributary.Quarter, lang string) (*release, error) {
	at := slices.Index([]string{"en", "fr"}, lang)
	if at < 0 {
		return nil, tributary.Fix(fmt.Errorf("language %q: neither en nor fr", lang), "write --lang en or --lang fr")
	}
	r := &release{words: &words{lang: lang, at: at}, quarter: quarter, settings: map[string]string{}, deliveries: map[[2]string]delivery{}, figures: map[string]map[key]figure{}}
	in := func(name string) string {
		if lang == "fr" {
			return "coalesce(nullif(" + name + "_fr, ''), " + name + ", '')"
		}
		return "coalesce(" + name + ", '')"
	}
	until := quarter.String()
	for _, part := range []struct {
		query string
		each  func(*sql.Rows) error
		args  []any
	}{
		{"select name, coalesce(value, '') from release.setting order by name", func(rows *sql.Rows) error {
			var name, value string
			err := rows.Scan(&name, &value)
			r.settings[name] = value
			return err
		}, nil},
		{"select agency, " + in("name") + " from release.agency order by agency", func(rows *sql.Rows) error {
			var n named
			err := rows.Scan(&n.code, &n.name)
			r.agencies = append(r.agencies, n)
			return err
		}, nil},
		{"select kind, code, coalesce(area, ''), " + in("name") + `, population, coalesce(population_on::varchar, ''), children, coalesce(children_on::varchar, ''),
			coalesce(status, ''), coalesce(census_division, '') from release.place order by kind, area, code`, func(rows *sql.Rows) error {
			var p place
			var kind string
			err := rows.Scan(&kind, &p.code, &p.area, &p.name, &p.population, &p.populationOn, &p.children, &p.childrenOn, &p.status, &p.division)
			if kind == "area" {
				r.areas = append(r.areas, p)
			} else {
				r.places = append(r.places, p)
			}
			return err
		}, nil},
		{"select code, " + in("name") + " from release.service order by ordinal, code", func(rows *sql.Rows) error {
			var n named
			err := rows.Scan(&n.code, &n.name)
			r.services = append(r.services, n)
			return err
		}, nil},
		{"select cut, " + in("cut_label") + ", code, " + in("name") + " from release.cut order by min(ordinal) over (partition by cut), cut, ordinal, code", func(rows *sql.Rows) error {
			var g group
			err := rows.Scan(&g.cut, &g.label, &g.code, &g.name)
			r.groups = append(r.groups, g)
			return err
		}, nil},
		{"select quarter, agency, area, municipality, service, state, changed from release.coverage where quarter <= ? order by all", func(rows *sql.Rows) error {
			var c coverage
			err := rows.Scan(&c.quarter, &c.agency, &c.area, &c.place, &c.service, &c.state, &c.changed)
			r.coverage = append(r.coverage, c)
			return err
		}, []any{until}},
		{"select quarter, agency, state, is_late from release.delivery where quarter <= ? order by all", func(rows *sql.Rows) error {
			var d delivery
			var at [2]string
			err := rows.Scan(&at[0], &at[1], &d.state, &d.isLate)
			r.deliveries[at] = d
			return err
		}, []any{until}},
		{"select direction, partner_category, kind, outcome, unit_count, is_small from release.path where quarter = ? order by direction, unit_count desc, partner_category, kind, outcome", func(rows *sql.Rows) error {
			var p path
			err := rows.Scan(&p.direction, &p.category, &p.kind, &p.outcome, &p.units, &p.isSmall)
			r.paths = append(r.paths, p)
			return err
		}, []any{until}},
		{"select programme, partner_category, " + in("name") + ", has_agreement, has_data, agencies from release.partner where quarter = ? order by all", func(rows *sql.Rows) error {
			var p partner
			err := rows.Scan(&p.programme, &p.category, &p.name, &p.hasAgreement, &p.hasData, &p.agencies)
			r.partners = append(r.partners, p)
			return err
		}, []any{until}},
		{`select area, municipality, service, waiting, not_available, places, hours, method, is_small from release.closing where quarter = ?
			order by coalesce(waiting, 0) + coalesce(not_available, 0) desc, area, municipality, service`, func(rows *sql.Rows) error {
			var c closing
			err := rows.Scan(&c.area, &c.place, &c.service, &c.waiting, &c.notAvailable, &c.places, &c.hours, &c.method, &c.isSmall)
			r.closings = append(r.closings, c)
			return err
		}, []any{until}},
		{"select measure, statistic, " + in("label") + ", " + in("definition") + ", coalesce(cites, ''), kind, unit from release.definition order by ordinal, measure, statistic", func(rows *sql.Rows) error {
			var d definition
			err := rows.Scan(&d.measure, &d.statistic, &d.label, &d.text, &d.cites, &d.kind, &d.unit)
			r.definitions = append(r.definitions, d)
			return err
		}, nil},
		{"select method, " + in("label") + " from release.method order by method", func(rows *sql.Rows) error {
			var n named
			err := rows.Scan(&n.code, &n.name)
			r.methods = append(r.methods, n)
			return err
		}, nil},
	} {
		if err := scan(ctx, q, part.query, part.each, part.args...); err != nil {
			return nil, fmt.Errorf("read the release: %w", err)
		}
	}
	if err := r.readFigures(ctx, q, until); err != nil {
		return nil, fmt.Errorf("read the release: %w", err)
	}
	if !slices.Contains(r.quarters, until) {
		return nil, fmt.Errorf("the release has no figure of %s", until)
	}
	if r.audience() != "" {
		r.groups = nil // nothing is told of groups
	}
	slices.SortStableFunc(r.places, func(a, b place) int { return strings.Compare(plain(a.name), plain(b.name)) })
	return r, nil
}

func (r *release) readFigures(ctx context.Context, q Query, until string) error {
	return scan(ctx, q, `select figure_id, measure, coalesce(statistic, ''), quarter, coalesce(area, ''), coalesce(municipality, ''), coalesce(service, ''), coalesce(cut, ''),
			coalesce(code, ''), value, low, high, coalesce(method, ''), unit_count, of_count, coalesce(reported_count, 0), coalesce(expected_count, 0), coalesce(is_small, false),
			coalesce(line_broken, false), coalesce(funnel, ''), rank, rank_low, rank_high
		from release.figure where quarter <= ? order by quarter, measure, statistic, area, municipality, service, cut, code, figure_id`, func(rows *sql.Rows) error {
		var f figure
		if err := rows.Scan(&f.id, &f.measure, &f.statistic, &f.key.quarter, &f.key.area, &f.key.place, &f.key.service, &f.key.cut, &f.key.code, &f.value, &f.low, &f.high, &f.method,
			&f.units, &f.of, &f.reported, &f.expected, &f.isSmall, &f.isBroken, &f.funnel, &f.rank, &f.rankLow, &f.rankHigh); err != nil {
			return err
		}
		role := f.measure
		if f.statistic != "" {
			role += "." + f.statistic
		}
		if r.figures[role] == nil {
			r.figures[role] = map[key]figure{}
		}
		k := f.key
		if k.place != "" {
			k.area = "" // a municipality lies in one area
		}
		r.figures[role][k] = f
		if !slices.Contains(r.quarters, k.quarter) {
			r.quarters = append(r.quarters, k.quarter)
		}
		if k.quarter == until {
			r.all = append(r.all, f)
		}
		return nil
	}, until)
}
