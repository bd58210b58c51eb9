package release

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"fmt"
	"maps"

	"gonum.org/v1/gonum/stat/distuv"

	"tributary/pipelines/warehouse"
)

//go:embed gaps.sql
var gapsSQL string

// Geography is where the children of a workspace live, and by what its figures are cut.
type Geography struct {
	Places []Place
	Cuts   []Cut
	// RateBase is children, population or empty: what rates are per 1,000 of. RateSource says where it comes from.
	RateBase, RateSource, RateSourceFR, RateBaseOn string
}

// Place is a municipality or a service delivery area. What no source tells is zero or empty.
type Place struct {
	Kind, Code, Area, Name, NameFR string
	// Population and Children (0 to 17) live there on the days given, as 2025-07-01.
	Population   int64
	PopulationOn string
	Children     int64
	ChildrenOn   string
	// Status says whether the area's borders are confirmed by a source or derived.
	Status, CensusDivision string
}

// Cut is one code of something by which figures are cut.
type Cut struct {
	Cut, Label, LabelFR, Code, Name, NameFR string
	Ordinal                                 int
}

// badHigh says of each measure whether more of it is worse.
var badHigh = map[string]bool{"need_received": false, "supply_served": false, "supply_agencies": false, "supply_places": false, "process_meeting": false, "process_review": false}

// exactUpTo is the largest count whose Poisson limits are looked up; few places have more.
const exactUpTo = 50_000

// Gaps fills the attached database `release` with the figures of the gap model: need, waits, supply, pathways and
// process by place and service, with intervals and with who reported, as far as its audience may see them. settings are
// what a report's cover prints.
func Gaps(ctx context.Context, db *warehouse.DB, settings map[string]string, g Geography, v View) error {
	settings = maps.Clone(settings)
	settings["generated_for"] = v.Audience
	settings["rate_base"], settings["rate_source"], settings["rate_source_fr"], settings["rate_base_on"] = g.RateBase, g.RateSource, g.RateSourceFR, g.RateBaseOn
	if err := insertSettings(ctx, db, settings); err != nil {
		return err
	}
	if err := insertPlaces(ctx, db, g); err != nil {
		return err
	}
	if err := v.insert(ctx, db); err != nil {
		return err
	}
	if err := insertLimits(ctx, db); err != nil {
		return err
	}
	for _, statement := range statements(gapsSQL) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("release of gaps: %w", err)
		}
	}
	return nil
}

func insertPlaces(ctx context.Context, db *warehouse.DB, g Geography) error {
	if err := db.Exec(ctx, `create table memory.place_text (kind varchar, code varchar, area varchar, name varchar, name_fr varchar, population bigint, population_on varchar,
    children bigint, children_on varchar, status varchar, census_division varchar);
create table release.cut (cut varchar, cut_label varchar, cut_label_fr varchar, code varchar, name varchar, name_fr varchar, ordinal integer)`); err != nil {
		return err
	}
	var places, cuts [][]driver.Value
	for _, p := range g.Places {
		places = append(places, []driver.Value{p.Kind, p.Code, p.Area, p.Name, p.NameFR, p.Population, p.PopulationOn, p.Children, p.ChildrenOn, p.Status, p.CensusDivision})
	}
	for _, c := range g.Cuts {
		cuts = append(cuts, []driver.Value{c.Cut, c.Label, c.LabelFR, c.Code, c.Name, c.NameFR, int32(c.Ordinal)})
	}
	if err := db.Insert(ctx, "memory", "place_text", places); err != nil {
		return err
	}
	if err := db.Insert(ctx, "release", "cut", cuts); err != nil {
		return err
	}
	return db.Exec(ctx, `create table release.place as
select kind, code, area, name, name_fr, nullif(population, 0) as population, try_cast(nullif(population_on, '') as date) as population_on,
    nullif(children, 0) as children, try_cast(nullif(children_on, '') as date) as children_on, status, census_division
from memory.place_text
order by kind, area, code`)
}

// insertLimits makes the tables of what the engine cannot work out: exact Poisson limits of the counts that there
// are (Garwood 1936, by the chi-square quantile), normal limits for so many tests at once (Bonferroni), and which
// measures are bad when high.
func insertLimits(ctx context.Context, db *warehouse.DB) error {
	if err := db.Exec(ctx, `create table memory.poisson (k bigint, low double, high double);
create table memory.bonferroni (tests bigint, z double);
create table memory.bad as select measure, true as is_bad_high from gap.definition`); err != nil {
		return err
	}
	counts, err := countsOf(ctx, db)
	if err != nil {
		return err
	}
	var poisson, tests [][]driver.Value
	for _, k := range counts {
		low, high := PoissonLimits(k)
		poisson = append(poisson, []driver.Value{k, low, high})
	}
	for n := int64(1); n <= 1000; n++ {
		tests = append(tests, []driver.Value{n, distuv.UnitNormal.Quantile(1 - .025/float64(n))})
	}
	if err := db.Insert(ctx, "memory", "poisson", poisson); err != nil {
		return err
	}
	if err := db.Insert(ctx, "memory", "bonferroni", tests); err != nil {
		return err
	}
	for name, bad := range badHigh {
		if err := db.Exec(ctx, fmt.Sprintf("update memory.bad set is_bad_high = %v where measure = %s", bad, warehouse.Text(name))); err != nil {
			return err
		}
	}
	return nil
}

// countsOf are all counts up to the largest that a figure can have.
func countsOf(ctx context.Context, db *warehouse.DB) ([]int64, error) {
	var most int64
	if err := db.Scan(ctx, "select coalesce(max(n), 0) from (select count(*) as n from gap.candidate where kind = 'count' group by measure, quarter)", nil, &most); err != nil {
		return nil, err
	}
	var out []int64
	for k := int64(0); k <= min(most, exactUpTo); k++ {
		out = append(out, k)
	}
	return out, nil
}

// PoissonLimits returns the exact 95 % limits of a count's expectation (Garwood 1936).
func PoissonLimits(count int64) (low, high float64) {
	if count > 0 {
		low = distuv.ChiSquared{K: float64(2 * count)}.Quantile(.025) / 2
	}
	return low, distuv.ChiSquared{K: float64(2*count + 2)}.Quantile(.975) / 2
}

// GapsSQL is what decides the content of that release besides its inputs.
func GapsSQL() string { return gapsSQL }
