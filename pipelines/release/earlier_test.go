package release

import (
	"fmt"
	"strings"
	"testing"

	"tributary/pipelines/release/disclose"
	"tributary/pipelines/warehouse"
)

// sums are cells of kinds that are no counts, each of the first quarter: a sum over people, one over places that is not
// whole, and a mean.
const sums = `insert into measure.definition values ('hours', 'csp', 'sum', 'child', 'events_in_period', 3), ('fte', 'csp', 'sum', 'fte', 'point_in_time', 4), ('steps', 'csp', 'ratio', 'referral', 'events_in_period', 5);
create table measure.hours as select * from measure.plans where false;
create table measure.fte as select * from measure.plans where false;
create table measure.steps as select * from measure.plans where false;
insert into measure.cell by name select measure || if(statistic = '', '', '.' || statistic) || '@2025-26Q1' || if(municipality is null and area is null, '', if(municipality is null, '/area=' || area, '/municipality=' || municipality)) as cell_id,
	measure, statistic, '2025-26Q1' as quarter, 'quarter' as period, if(municipality is null and area is null, '', if(municipality is null, 'area', 'municipality')) as "by", area, municipality, value, units as unit_count, 1 as agency_count
from (values ('hours', '', null, 'A', 60.0, 2), ('hours', '', null, 'B', 300.0, 20), ('hours', '', 'North', null, 360.0, 22), ('hours', '', 'South', null, 700.0, 30), ('hours', '', null, null, 1060.0, 52),
	('fte', '', null, 'A', 12.5, 13), ('fte', '', null, 'B', 20.0, 20), ('fte', '', 'North', null, 32.5, 33),
	('steps', 'n', null, 'A', 20.0, 20), ('steps', 'ratio', null, 'A', 0.15, 20)) as t(measure, statistic, area, municipality, value, units)`

// TestDisclose_sumsAndMeans: many hours of two children are as small as the two, and no margin tells them; a mean over its
// published base would tell three steps; what is not whole is outside of what proofs can say.
func TestDisclose_sumsAndMeans(t *testing.T) {
	t.Parallel()
	db := measured(t)
	for _, s := range strings.Split(sums, ";\n") {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	got := decide(t, db, Disclosure{})
	for id, want := range map[string]string{
		"hours@2025-26Q1/municipality=A": "small", "hours@2025-26Q1": "shown", "fte@2025-26Q1/municipality=A": "fraction", "fte@2025-26Q1/area=North": "fraction",
		"fte@2025-26Q1/municipality=B": "shown", "steps.n@2025-26Q1/municipality=A": "shown", "steps.ratio@2025-26Q1/municipality=A": "few",
	} {
		if got[id] != want {
			t.Errorf("%s is %q, want %s", id, got[id], want)
		}
	}
	if got["hours@2025-26Q1/municipality=B"] == "shown" && got["hours@2025-26Q1/area=North"] == "shown" {
		t.Error("the area less its other municipality shows the hours of two children")
	}
}

// needWorld is measured with needs of two areas, four municipalities and two services in both quarters.
func needWorld(t *testing.T, more ...string) *warehouse.DB {
	db := measured(t)
	statements := []string{"attach ':memory:' as gap", `create table gap.candidate (measure varchar, kind varchar, unit varchar, quarter varchar, area varchar, municipality varchar, agency varchar, unit_id varchar,
		value double, child_id varchar, service_type varchar, reason varchar, is_started boolean, entered_days bigint)`}
	for at, place := range [][2]string{{"North", "A"}, {"North", "B"}, {"South", "C"}, {"South", "D"}} {
		for i, service := range []string{"ot", "slp", "pt"} {
			for j, quarter := range []string{"2025-26Q1", "2025-26Q2"} {
				waiting, received := 9+5*at+3*i+2*j, 11+2*at+i+4*j
				if at == 0 && i == 0 {
					waiting = 3 // small, in both quarters
				}
				statements = append(statements, needs("need_waiting", "count", quarter, place[0], place[1], service, waiting, 0), needs("need_received", "count", quarter, place[0], place[1], service, received, 0),
					needs("need_unmet", "share", quarter, place[0], place[1], service, waiting+received, waiting))
			}
		}
	}
	statements[len(statements)-1] += ";" + "update gap.candidate set value = 0 where value is null and measure = 'need_unmet'"
	for _, s := range append(statements, more...) {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

var withNeeds = Audience{Name: "public", Quarters: 2, Periods: periods, Tables: []Table{{Packs: []string{"csp"}, By: margins}}, Gaps: []string{"total", "area", "municipality"}}

// TestDisclose_needsAfterEarlierReleases publishes needs three times: as they are, with three more in one place, with
// seven fewer in another. Each is decided from all before it; whatever all of them show together, put into all their
// relations, gives no number that nobody may know.
func TestDisclose_needsAfterEarlierReleases(t *testing.T) {
	t.Parallel()
	changes := []string{
		needs("need_waiting", "count", "2025-26Q2", "South", "C", "late", 3, 0) + ";" + needs("need_unmet", "share", "2025-26Q2", "South", "C", "late", 3, 3) +
			"; update gap.candidate set service_type = 'ot' where service_type = 'late'",
		"delete from gap.candidate where quarter = '2025-26Q1' and municipality = 'B' and service_type = 'slp' and (measure in ('need_waiting', 'need_unmet')) and unit_id in ('Bslp0', 'Bslp1', 'Bslp2', 'Bslp3', 'Bslp4', 'Bslp5', 'Bslp6')",
	}
	var published []Published
	for n := range 3 {
		db := needWorld(t, changes[:n]...)
		got := decide(t, db, Disclosure{Audiences: []Audience{withNeeds}, Published: published})
		shown := 0
		for id, state := range got {
			if strings.HasPrefix(id, "need_") && state == "shown" {
				shown++
			}
		}
		if shown < 20 {
			t.Errorf("release %d: %d needs are shown, which is no test", n+1, shown)
		}
		dir := t.TempDir() + "/r"
		hash, err := Keep(t.Context(), db, "public", dir)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ReadPublished(dir, fmt.Sprint("public-2025-26Q2-", n+1), "public", hash)
		if err != nil {
			t.Fatal(err)
		}
		unmet := table(t, db, "select id, why from disclosure.unmet")
		// What was told cannot be taken back: only such numbers may be left over.
		for id, why := range unmet {
			t.Errorf("release %d cannot protect %s (%s)", n+1, id, why)
		}
		published = append(published, p)
		if found := substituted(published); len(found) > 0 {
			t.Errorf("release %d: worked out: %v", n+1, found)
		}
		was, now := map[string]int64{}, p.Known.Numbers
		for _, earlier := range published[:n] {
			for _, number := range earlier.Known.Numbers {
				if number.State == disclose.Shown {
					was[number.ID] = number.Value
				}
			}
		}
		for _, number := range now {
			before, ok := was[number.ID]
			if apart := max(number.Value-before, before-number.Value); ok && number.State == disclose.Shown && apart > 0 && apart < 5 {
				t.Errorf("release %d shows %s changed by %d", n+1, number.ID, apart)
			}
		}
	}
	// The attack can: with one more number shown it finds the small one.
	last := &published[len(published)-1]
	for i, number := range last.Known.Numbers {
		if strings.HasPrefix(number.ID, "need_waiting@2025-26Q1/area=North/municipality=A/service=") && !strings.HasSuffix(number.ID, "=ot") ||
			number.ID == "need_waiting@2025-26Q1/area=North/municipality=A" {
			last.Known.Numbers[i].State = disclose.Shown
		}
	}
	if found := substituted(published); len(found) == 0 {
		t.Error("the attack does not find what is laid open")
	}
}

// substituted are the numbers that nobody may know and that follow from what releases show, by putting numbers into
// relations with one unknown until nothing more follows. A number of the same name and value is the same.
func substituted(published []Published) (found []string) {
	key := func(n disclose.Number) string { return fmt.Sprint(n.ID, " ", n.Value) }
	known, must := map[string]bool{}, map[string]bool{}
	var sums [][]string
	for _, p := range published {
		at := map[string]string{}
		for _, n := range p.Known.Numbers {
			at[n.ID] = key(n)
			known[key(n)] = known[key(n)] || n.State == disclose.Shown
			must[key(n)] = must[key(n)] || n.State == disclose.Hidden || n.Why != ""
		}
		for _, s := range p.Known.Sums {
			var keys []string
			for _, part := range s.Parts {
				keys = append(keys, at[part.ID])
			}
			sums = append(sums, keys)
		}
	}
	for again := true; again; {
		again = false
		for _, keys := range sums {
			unknown := ""
			for _, k := range keys {
				if !known[k] && unknown != "" {
					unknown = "several"
				} else if !known[k] {
					unknown = k
				}
			}
			if unknown != "" && unknown != "several" {
				known[unknown], again = true, true
				if must[unknown] {
					found = append(found, unknown)
				}
			}
		}
	}
	return found
}
