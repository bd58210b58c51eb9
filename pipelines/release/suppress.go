package release

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"tributary/pipelines/release/disclose"
	"tributary/pipelines/warehouse"
)

//go:embed disclosure.sql
var disclosureSQL string

//go:embed shown.sql
var shownSQL string

// ShownSQL is what decides the content of the wider releases besides the disclosure step.
func ShownSQL() string { return shownSQL }

// Disclosure is what the wider releases are decided from, besides the measures.
type Disclosure struct {
	// Quarters are all that the workspace holds, up to the release's own.
	Quarters  []string
	Audiences []Audience
	// Below is k: counts from 1 to k-1 are small. Width is the protection width.
	Below, Width int64
	// Published are earlier releases, oldest first.
	Published []Published
}

// Disclose fills the attached database `disclosure`: for each audience what is shown, what is hidden and
// why, and the numbers, relations and proofs that it rests on. It holds the true values: it is the
// Coordinating Agency's own, and no report opens it.
func Disclose(ctx context.Context, db *warehouse.DB, d Disclosure) error {
	for _, s := range statements(disclosureSQL) {
		if err := db.Exec(ctx, s); err != nil {
			return err
		}
	}
	var made []Published
	for _, a := range d.Audiences {
		s, derived, err := d.system(ctx, db, a)
		if err != nil {
			return fmt.Errorf("disclosure for %s: %w", a.Name, err)
		}
		var earlier []disclose.Release
		var proofs []NamedProof
		for _, p := range slices.Concat(d.Published, made) {
			// Partners see what the public sees; the public does not see what partners see.
			if p.Audience == a.Name || p.Audience == "public" {
				earlier, proofs = append(earlier, p.Known), append(proofs, p.Proofs...)
			}
		}
		problem := disclose.Together(s.out, earlier, d.Width, d.Below)
		problem.Known = known(problem, proofs)
		answer, err := disclose.Protect(problem)
		if err != nil {
			return fmt.Errorf("disclosure for %s: %w", a.Name, err)
		}
		o := outcome{audience: a.Name, system: s, derived: derived, problem: problem, answer: answer, below: d.Below}
		if err := o.write(ctx, db); err != nil {
			return fmt.Errorf("disclosure for %s: %w", a.Name, err)
		}
		made = append(made, Published{ID: "this " + a.Name, Audience: a.Name, Known: disclose.After(s.out, answer)})
	}
	return nil
}

// measureInfo is what the relations need to know of a measure.
type measureInfo struct {
	pack, kind, unit, basis string
	hasPeriods              bool
}

// derivedCell is a published number that is no count: a share, a median.
type derivedCell struct {
	id, statistic, n, met string
	units                 int64
}

// system reads the audience's cells and relates them. Quarters before those that it sees count too, as
// far as years to date rest on them.
func (d Disclosure) system(ctx context.Context, db *warehouse.DB, a Audience) (*system, []derivedCell, error) {
	infos, err := measureInfos(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	s := newSystem("this "+a.Name, d.Below)
	if err := s.areas(ctx, db); err != nil {
		return nil, nil, err
	}
	seen := d.Quarters[max(0, len(d.Quarters)-a.Quarters):]
	first := slices.Index(d.Quarters, seen[0])
	for first > 0 && !strings.HasSuffix(d.Quarters[first], "Q1") {
		first--
	}
	held := d.Quarters[first:]
	var derived []derivedCell
	used := map[string]measureInfo{}
	var by []string
	rows, err := db.Query(ctx, `select cell_id, measure, statistic, quarter, period, "by", coalesce(area, municipality, agency, employer, breakdown, ''),
		value, unit_count from measure.cell order by cell_id`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c cell
		var value float64
		var units int64
		if err := rows.Scan(&c.id, &c.measure, &c.statistic, &c.quarter, &c.period, &c.by, &c.code, &value, &units); err != nil {
			return nil, nil, err
		}
		info := infos[c.measure]
		if !slices.Contains(held, c.quarter) || !a.declares(c.measure, info.pack, c.by) {
			continue
		}
		shows := a.shows(c, info.pack, seen)
		switch c.statistic {
		case "", "n", "met":
			// A number that is not whole would not add up in relations of whole numbers: it is never shown, and they know
			// it as an unknown rest.
			if value != math.Trunc(value) {
				if shows {
					derived = append(derived, derivedCell{id: c.id, statistic: "fraction", units: units})
				}
				continue
			}
			c.value = int64(value)
			s.add(c, !shows)
			if units > 0 && units < d.Below {
				s.mark(c.id, whySmall)
			}
			s.isEvent[c.set()] = info.basis == "events_in_period"
			used[c.measure] = info
			if slices.Contains([]string{"", "area", "municipality", "agency", "employer"}, c.by) && !slices.Contains(by, c.by) {
				by = append(by, c.by)
			}
		default:
			if shows {
				of := func(statistic string) string {
					return strings.Replace(c.id, "."+c.statistic+"@", "."+statistic+"@", 1)
				}
				derived = append(derived, derivedCell{c.id, c.statistic, of("n"), of("met"), units})
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	s.relate(d.Quarters)
	slices.Sort(by)
	all, err := overlaps(ctx, db, used, by)
	if err != nil {
		return nil, nil, err
	}
	s.between(listed(all))
	if len(a.Gaps) > 0 {
		err = s.gaps(ctx, db, a, seen)
	}
	return s, derived, err
}

func measureInfos(ctx context.Context, db *warehouse.DB) (map[string]measureInfo, error) {
	rows, err := db.Query(ctx, `select d.measure, d.pack, d.kind, d.unit, d.basis,
		exists (select 1 from duckdb_columns() as c where c.database_name = 'measure' and c.table_name = d.measure and c.column_name = 'period')
		from measure.definition as d`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]measureInfo{}
	for rows.Next() {
		var m string
		var i measureInfo
		if err := rows.Scan(&m, &i.pack, &i.kind, &i.unit, &i.basis, &i.hasPeriods); err != nil {
			return nil, err
		}
		out[m] = i
	}
	return out, rows.Err()
}

// areas reads which area a municipality lies in.
func (s *system) areas(ctx context.Context, db *warehouse.DB) error {
	rows, err := db.Query(ctx, "select distinct municipality, area from stage.municipality")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var municipality, area string
		if err := rows.Scan(&municipality, &area); err != nil {
			return err
		}
		s.areaOf[municipality] = area
	}
	return rows.Err()
}

// Show fills the attached database `release` with what one audience may see, from the attached database
// `disclosure`. What is hidden has no value there, and does not say why: who knows the reason knows the
// number better.
func Show(ctx context.Context, db *warehouse.DB, audience string, settings map[string]string) error {
	if err := db.Exec(ctx, "create table release.setting (name varchar, value varchar)"); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, n := range sortedKeys(settings) {
		rows = append(rows, []driver.Value{n, settings[n]})
	}
	rows = append(rows, []driver.Value{"generated_for", audience})
	if err := db.Insert(ctx, "release", "setting", rows); err != nil {
		return err
	}
	for _, statement := range statements(shownSQL) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("release for %s: %w", audience, err)
		}
	}
	return nil
}

// NamedProof is a proof by the names of its numbers.
type NamedProof struct {
	Up, Down []NamedShift
}

// NamedShift is a shift by the name of its number.
type NamedShift struct {
	ID string
	By int64
}

// known turns proofs of earlier releases into those of a problem; what speaks of other numbers is left out.
func known(p *disclose.Problem, proofs []NamedProof) []disclose.Proof {
	at := map[string]int{}
	for i, c := range p.Cells {
		at[c.ID] = i
	}
	shifts := func(named []NamedShift) (out []disclose.Shift, err error) {
		for _, s := range named {
			i, ok := at[s.ID]
			if !ok {
				return nil, errors.New("another number")
			}
			out = append(out, disclose.Shift{Cell: i, By: s.By})
		}
		return out, nil
	}
	var out []disclose.Proof
	for _, n := range proofs {
		up, err := shifts(n.Up)
		down, downErr := shifts(n.Down)
		if errors.Join(err, downErr) == nil {
			out = append(out, disclose.Proof{Up: up, Down: down})
		}
	}
	return out
}
