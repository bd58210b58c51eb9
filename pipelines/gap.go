package pipelines

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// gapCuts are the cuts of the gap model's figures, and the list that names the codes of each.
var gapCuts = []struct{ cut, list, label, labelFR string }{
	{"age_band", "age_band", "Age", "Âge"},
	{"language", "language", "Language at home", "Langue parlée à la maison"},
	{"francophone", "yes_no", "Francophone", "Francophone"},
	{"indigenous", "yes_no", "Indigenous identity", "Identité autochtone"},
	{"newcomer", "yes_no", "Newcomer", "Nouvel arrivant"},
}

// gapPlans are the gap model and the release that its report reads, both made when they are asked for.
func (w *Workspace) gapPlans(ctx context.Context, q tributary.Quarter) ([]plan, error) {
	p, err := w.gapRelease(ctx, q, release.View{})
	return []plan{{name: "gap", parts: []string{w.Models.Fingerprint("gap")}, reads: leftOf["gap"],
		fill: func(ctx context.Context, db *warehouse.DB) error { return w.Models.Run(ctx, db, "gap", w.Log) }}, p}, err
}

// gapRelease plans the release of gaps for who the view is of.
func (w *Workspace) gapRelease(ctx context.Context, q tributary.Quarter, v release.View) (plan, error) {
	g, err := w.geography(ctx)
	if err != nil {
		return plan{}, err
	}
	for _, c := range gapCuts {
		codes, err := config.ReadCodes(sql.FS, c.list)
		if err != nil {
			return plan{}, err
		}
		for i, code := range codes {
			g.Cuts = append(g.Cuts, release.Cut{Cut: c.cut, Label: c.label, LabelFR: c.labelFR, Code: code.Code, Name: code.Name, NameFR: code.NameFR, Ordinal: i + 1})
		}
	}
	cover := w.Settings.cover(q)
	cover["first_quarter"] = w.Settings.FirstQuarter.String()
	p := plan{name: gapReleaseOf(v.Audience), reads: append([]string{"gap"}, leftOf["release"]...)}
	if v.Audience != "" {
		cover, p.reads = coverOfWider(cover), append(p.reads, "disclosure")
	}
	p.parts = append(pairs(cover), release.GapsSQL(), fmt.Sprintf("%+v %+v", g, v))
	p.fill = func(ctx context.Context, db *warehouse.DB) error { return release.Gaps(ctx, db, cover, g, v) }
	return p, nil
}

// gapReleaseOf is the step of the release of gaps for an audience; empty is the Coordinating Agency.
func gapReleaseOf(audience string) string {
	if audience == "" {
		return "release-gaps"
	}
	return "release-gaps-" + audience
}

// geography gathers the places of the workspace, with who lives there as far as a source tells: children where the
// table of Statistics Canada was loaded, all people otherwise; of municipalities what the workspace says.
func (w *Workspace) geography(ctx context.Context) (release.Geography, error) {
	var g release.Geography
	divisions, err := w.divisions(ctx)
	if err != nil {
		return g, err
	}
	seed, err := seedRows("service_area")
	if err != nil {
		return g, err
	}
	haveChildren, havePeople := true, true
	for _, a := range w.Settings.Areas {
		p := release.Place{Kind: "area", Code: a.Name, Area: a.Name, Name: a.Name, NameFR: orElse(a.NameFR, a.Name)}
		codes := a.CensusDivisions
		for _, s := range seed {
			if samePlace(s["name"], a.Name) {
				p.Status = s["status"]
				if len(codes) == 0 {
					codes = strings.Fields(s["census_divisions"])
				}
			}
		}
		p.CensusDivision = strings.Join(codes, " ")
		for _, c := range codes {
			d := divisions[c]
			p.Population, p.PopulationOn = p.Population+d.population, d.populationOn
			p.Children, p.ChildrenOn = p.Children+d.children, d.childrenOn
			haveChildren, havePeople = haveChildren && d.children > 0, havePeople && d.population > 0
		}
		haveChildren, havePeople = haveChildren && len(codes) > 0, havePeople && len(codes) > 0
		g.Places = append(g.Places, p)
		for _, m := range a.Municipalities {
			g.Places = append(g.Places, release.Place{Kind: "municipality", Code: m.Name, Area: a.Name, Name: m.Name, NameFR: orElse(m.NameFR, m.Name),
				Population: m.Population, PopulationOn: m.PopulationOn})
		}
	}
	switch {
	case haveChildren:
		g.RateBase, g.RateSource, g.RateSourceFR = "children", "Statistics Canada, table 17-10-0152-01: children 0 to 17", "Statistique Canada, tableau 17-10-0152-01 : enfants de 0 à 17 ans"
		g.RateBaseOn = g.Places[0].ChildrenOn
	case havePeople:
		g.RateBase, g.RateSource, g.RateSourceFR = "population", "Statistics Canada, table 17-10-0155-01: people of all ages; load table 17-10-0152-01 for rates per children",
			"Statistique Canada, tableau 17-10-0155-01 : population de tous âges; chargez le tableau 17-10-0152-01 pour des taux par enfant"
		g.RateBaseOn = g.Places[0].PopulationOn
	}
	return g, nil
}

// people are who lives in a census division.
type people struct {
	population, children     int64
	populationOn, childrenOn string
}

// divisions are the census divisions by code: all ages as the seed has them, or as a loaded table has them with its children.
func (w *Workspace) divisions(ctx context.Context) (map[string]people, error) {
	rows, err := seedRows("census_division")
	if err != nil {
		return nil, err
	}
	out := map[string]people{}
	for _, r := range rows {
		n, err := strconv.ParseInt(r["population_2025"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("sql/seed/census_division.csv: %s: %w", r["code"], err)
		}
		out[r["code"]] = people{population: n, populationOn: "2025-07-01"}
	}
	facts, err := w.Ledger.Current(ctx, "population")
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		d := out[f.Fields["division"]]
		d.children, _ = strconv.ParseInt(f.Fields["children"], 10, 64) // written by LoadReference
		d.childrenOn = f.Fields["counted_on"]
		if n, _ := strconv.ParseInt(f.Fields["population"], 10, 64); n > 0 {
			d.population, d.populationOn = n, f.Fields["counted_on"]
		}
		out[f.Fields["division"]] = d
	}
	return out, nil
}

// samePlace compares names without regard to case, signs and how "and" is written.
func samePlace(a, b string) bool {
	plain := func(s string) string {
		words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "and" || w == "et" }), " ")
	}
	return plain(a) == plain(b)
}

func orElse(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return text
}

// GapTables makes the gap model's release of a published generation, where nobody asked for it before, and returns its
// file by the schema gaps.
func (w *Workspace) GapTables(ctx context.Context, m warehouse.Manifest) (map[string]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("release of gaps: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	steps, err := w.makeLazy(ctx, m, "release-gaps")
	return map[string]string{"gaps": steps["release-gaps"]}, err
}

var (
	postalArea = regexp.MustCompile(`^[KLMNP][0-9][A-Z]$`)
	dayForm    = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
)

// checkPlaces refuses census divisions and postal areas that there are not, postal areas of two municipalities, and a
// population without its day.
func (s *Settings) checkPlaces() (faults []error) {
	miss := func(fix, form string, args ...any) {
		faults = append(faults, tributary.Fix(fmt.Errorf("tributary.yaml: areas: "+form, args...), fix))
	}
	rows, err := seedRows("census_division")
	if err != nil {
		return []error{err}
	}
	of := map[string]string{}
	for _, a := range s.Areas {
		for _, code := range a.CensusDivisions {
			if !slices.ContainsFunc(rows, func(r map[string]string) bool { return r["code"] == code }) {
				miss("write codes of Ontario's census divisions, four digits from 3501, as in [3510, 3511]", "%s: there is no census division %q", a.Name, code)
			}
		}
		for _, m := range a.Municipalities {
			for _, p := range m.Postal {
				if !postalArea.MatchString(p) {
					miss("write the first three characters in capitals, as in K7L", "%s: %q is not a postal area of Ontario", m.Name, p)
				} else if other := of[p]; other != "" && other != m.Name {
					miss("name only postal areas that lie in one municipality as a whole", "postal area %s stands under %s and %s", p, other, m.Name)
				}
				of[p] = m.Name
			}
			if m.Population < 0 || m.Population > 0 && !dayForm.MatchString(m.PopulationOn) {
				miss("write population: 12345 and population_on: 2025-07-01", "%s: a population has a number above zero and a day", m.Name)
			}
		}
	}
	return faults
}
