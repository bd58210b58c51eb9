package release

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tributary/pipelines/warehouse"
)

// Limits as tables of the exact Poisson limits print them (Garwood 1936).
func TestPoissonLimits_publishedValues(t *testing.T) {
	t.Parallel()
	for count, want := range map[int64][2]float64{0: {0, 3.69}, 1: {.03, 5.57}, 4: {1.09, 10.24}, 10: {4.80, 18.39}, 50: {37.11, 65.92}} {
		low, high := PoissonLimits(count)
		if math.Abs(low-want[0]) > .005 || math.Abs(high-want[1]) > .005 {
			t.Errorf("%d: got %.4f to %.4f, want %v", count, low, high, want)
		}
	}
}

// gapWorld has the tables that the release of gaps reads, empty but for two quarters, agencies elm and oak, and places.
func gapWorld(t *testing.T, statements ...string) *warehouse.DB {
	t.Helper()
	return memory(t, append([]string{
		"attach ':memory:' as gap",
		`create table core.quarter as select * from (values ('2025-26Q1', date '2025-04-01', date '2025-06-30'), ('2025-26Q2', date '2025-07-01', date '2025-09-30')) as t(quarter, starts_on, ends_on)`,
		`create table core.delivery_quarter as select * from (values ('elm', '2025-26Q1', 'accepted', true, false), ('oak', '2025-26Q1', 'accepted', true, false),
			('elm', '2025-26Q2', 'accepted', true, false), ('oak', '2025-26Q2', 'expected', false, false)) as t(agency, quarter, state, is_delivered, is_nil)`,
		`create table stage.agency as select * from (values ('elm', 'Elm', 'Orme', 'provider', 'autism'), ('oak', 'Oak', null, null, null)) as t(agency, name, name_fr, role, category)`,
		"create table stage.delivery as select quarter, agency, state, false as is_late from core.delivery_quarter",
		"create table core.client_referral (referral_id varchar, quarter varchar, referred_on date, direction varchar, other_party_category varchar, kind varchar, outcome varchar)",
		"create table core.agreement_in_force (quarter varchar, partner_category varchar, is_formal boolean, is_in_force boolean)",
		"create table core.required_partner as select * from (values ('csp', 'autism'), ('csp', 'health')) as t(programme, partner_category)",
		"create table measure.breakdown (\"by\" varchar, code varchar, label varchar, label_fr varchar)",
		"create table gap.breakdown (\"by\" varchar, by_label varchar, by_label_fr varchar, code varchar, label varchar, label_fr varchar, ordinal integer)",
		`create table gap.definition as select measure, kind, unit, measure as label, measure as label_fr, '' as definition, '' as definition_fr, '' as cites, 1 as ordinal from (values
			('need_identified', 'count', 'need'), ('need_received', 'count', 'need'), ('need_waiting', 'count', 'need'), ('need_unmet', 'share', 'need'), ('wait_days', 'wait', 'need'), ('wait_left', 'count', 'need'), ('supply_agencies', 'count', 'agency')) as t(measure, kind, unit)`,
		`create table gap.candidate (measure varchar, kind varchar, unit varchar, quarter varchar, area varchar, municipality varchar, agency varchar, unit_id varchar,
			value double, child_id varchar, service_type varchar, reason varchar, is_started boolean, entered_days bigint)`,
		"create table gap.child (child_id varchar, quarter varchar, area varchar, municipality varchar, age_band varchar, home_language varchar, francophone_code varchar, indigenous_code varchar, newcomer_code varchar)",
		"create table gap.client (agency varchar, quarter varchar, child_id varchar, is_counted boolean)",
		"create table gap.need (agency varchar, service_type varchar)",
		"create table gap.ask (agency varchar, service_type varchar)",
		"create table gap.served (child_id varchar, service_type varchar, agency varchar, quarter varchar, hours double)",
	}, statements...)...)
}

func gaps(t *testing.T, db *warehouse.DB, g Geography) {
	t.Helper()
	if err := Gaps(t.Context(), db, map[string]string{"small_below": "5"}, g, View{}); err != nil {
		t.Fatal(err)
	}
}

// wait is one wait: days under observation, and whether it ended with the service.
type wait struct {
	days, entered int
	isServed      bool
}

// waits inserts waits of one place.
func waits(list []wait) string {
	var rows []string
	for i, w := range list {
		rows = append(rows, fmt.Sprintf("('wait_days', 'wait', 'need', '2025-26Q1', 'North', 'Birch', 'elm', 'u%d', %d, 'c%d', 'ot', '', %v, %d)", i, w.days, i, w.isServed, w.entered))
	}
	return "insert into gap.candidate values " + strings.Join(rows, ", ")
}

func figure(t *testing.T, db *warehouse.DB, id string) (value, low, high sql.NullFloat64) {
	t.Helper()
	if err := db.Scan(t.Context(), "select value, low, high from release.figure where figure_id = ?", []any{id}, &value, &low, &high); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return value, low, high
}

func close(got sql.NullFloat64, want float64) bool {
	return got.Valid == !math.IsNaN(want) && (!got.Valid || math.Abs(got.Float64-want) < 1e-6)
}

// The remission times of Freireich and others 1963, the worked example of the textbooks: medians 23 (13 to none) and
// 8 (4 to 11) with limits on the scale log(-log).
func TestGaps_waitsAsPublished(t *testing.T) {
	t.Parallel()
	var treated, placebo []wait
	for _, d := range []int{6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35} {
		treated = append(treated, wait{max(d, -d), -1, d > 0})
	}
	for _, d := range []int{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23} {
		placebo = append(placebo, wait{d, -1, true})
	}
	for name, c := range map[string]struct {
		waits []wait
		want  [3]float64
	}{"treated": {treated, [3]float64{23, 13, math.NaN()}}, "placebo": {placebo, [3]float64{8, 4, 11}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := gapWorld(t, waits(c.waits))
			gaps(t, db, Geography{})
			value, low, high := figure(t, db, "wait_days.median@2025-26Q1/area=North/municipality=Birch/service=ot")
			if !close(value, c.want[0]) || !close(low, c.want[1]) || !close(high, c.want[2]) {
				t.Errorf("got %v (%v to %v), want %v", value, low, high, c.want)
			}
		})
	}
}

// By hand: five waits, one of them seen from day 10 on. At risk on day 5 are 4 (one served: 3/4), on day 12 are 4 with
// the late comer (one served: 9/16), on day 20 are 2 (one served: 9/32).
func TestGaps_waitsSeenFromLaterOn(t *testing.T) {
	t.Parallel()
	db := gapWorld(t, waits([]wait{{5, -1, true}, {12, -1, true}, {15, -1, false}, {20, -1, true}, {30, 9, false}}))
	gaps(t, db, Geography{})
	value, _, _ := figure(t, db, "wait_days.median@2025-26Q1")
	if ninth, _, _ := figure(t, db, "wait_days.p90@2025-26Q1"); !close(value, 20) || ninth.Valid {
		t.Errorf("got %v and %v, want 20 and none", value, ninth)
	}
}

// slowMedian is an independent reading of the definition: for every day, who is at risk and who is served.
func slowMedian(list []wait, level float64) float64 {
	var days []int
	for _, w := range list {
		if w.isServed {
			days = append(days, w.days)
		}
	}
	slices.Sort(days)
	s := 1.0
	for _, day := range slices.Compact(days) {
		atRisk, served := 0, 0
		for _, w := range list {
			if w.entered < day && day <= w.days {
				atRisk++
				if w.isServed && w.days == day {
					served++
				}
			}
		}
		s *= 1 - float64(served)/float64(atRisk)
		if s <= level+1e-9 {
			return float64(day)
		}
	}
	return math.NaN()
}

func TestGaps_waitsAsTheDefinitionReads(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	groups, inserts := map[string][]wait{}, []string{}
	for i := range 200 {
		service, list := fmt.Sprintf("s%d", i), []wait{}
		for range 1 + random.IntN(30) {
			days := random.IntN(40)
			list = append(list, wait{days, random.IntN(days+1) - 1, random.IntN(3) > 0})
		}
		groups[service] = list
		inserts = append(inserts, strings.ReplaceAll(waits(list), "'ot'", "'"+service+"'"))
	}
	db := gapWorld(t, inserts...)
	gaps(t, db, Geography{})
	for service, list := range groups {
		for statistic, level := range map[string]float64{"median": .5, "p90": .1} {
			got, low, high := figure(t, db, "wait_days."+statistic+"@2025-26Q1/area=North/service="+service)
			if want := slowMedian(list, level); !close(got, want) {
				t.Errorf("%s of %v: got %v, want %v", statistic, list, got, want)
			}
			if got.Valid && (!low.Valid || low.Float64 > got.Float64 || high.Valid && high.Float64 < got.Float64) {
				t.Errorf("%s of %v: %v lies outside of %v to %v", statistic, list, got, low, high)
			}
		}
	}
}

// needs are candidates of one measure in one place.
func needs(measure, kind, quarter, area, municipality, service string, n, met int) string {
	var rows []string
	for i := range n {
		value := "null"
		if kind == "share" {
			value = fmt.Sprint(map[bool]int{true: 1}[i < met])
		}
		rows = append(rows, fmt.Sprintf("('%s', '%s', 'need', '%s', '%s', '%s', 'elm', '%s%s%d', %s, 'c%[8]d', '%[7]s', '', false, 0)", measure, kind, quarter, area, municipality, municipality, service, i, value))
	}
	return "insert into gap.candidate values " + strings.Join(rows, ", ")
}

// Newcombe 1998 prints the limits of 81 of 263 and of 15 of 148 (method 3).
func TestGaps_sharesAsPublished(t *testing.T) {
	t.Parallel()
	db := gapWorld(t, needs("need_unmet", "share", "2025-26Q1", "North", "Birch", "ot", 263, 81), needs("need_unmet", "share", "2025-26Q1", "North", "Alder", "ot", 148, 15))
	gaps(t, db, Geography{})
	for id, want := range map[string][3]float64{"Birch": {81. / 263, .2553, .3662}, "Alder": {15. / 148, .0624, .1605}} {
		value, low, high := figure(t, db, "need_unmet.share@2025-26Q1/area=North/municipality="+id)
		if math.Abs(value.Float64-want[0]) > 1e-9 || math.Abs(low.Float64-want[1]) > 5e-5 || math.Abs(high.Float64-want[2]) > 5e-5 {
			t.Errorf("%s: got %v (%v to %v), want %v", id, value, low, high, want)
		}
	}
	var funnels string
	if err := db.Scan(t.Context(), `select string_agg(municipality || ' ' || funnel || ' ' || rank || ' ' || rank_low || '-' || rank_high, ', ' order by municipality)
		from release.figure where statistic = 'share' and service = '' and cut = '' and municipality <> ''`, nil, &funnels); err != nil || funnels != "Alder low 2 2-2, Birch high 1 1-1" {
		t.Errorf("got %s, %v", funnels, err)
	}
}

func TestGaps_placesAndCoverage(t *testing.T) {
	t.Parallel()
	g := Geography{RateBase: "population", Places: []Place{
		{Kind: "area", Code: "North", Area: "North", Name: "North", Population: 20000}, {Kind: "municipality", Code: "Birch", Area: "North", Name: "Birch", Population: 10000},
		{Kind: "municipality", Code: "Alder", Area: "North", Name: "Alder"}}}
	db := gapWorld(t, needs("need_waiting", "count", "2025-26Q1", "North", "Birch", "ot", 10, 0), needs("need_waiting", "count", "2025-26Q1", "North", "Alder", "ot", 3, 0),
		needs("need_waiting", "count", "2025-26Q2", "North", "Birch", "ot", 8, 0),
		"insert into gap.child select c, q, 'North', m, '00-03', 'fra', 'yes', 'unknown', 'no' from (values ('c1', 'Birch'), ('c2', 'Alder')) as t(c, m), (values ('2025-26Q1'), ('2025-26Q2')) as u(q)",
		"insert into gap.client values ('elm', '2025-26Q1', 'c1', true), ('oak', '2025-26Q1', 'c1', true), ('oak', '2025-26Q1', 'c2', true)",
		"insert into gap.need values ('elm', 'ot'), ('oak', 'ot'), ('oak', 'slp')")
	gaps(t, db, g)
	for id, want := range map[string]string{
		// Nobody reported of Alder in the second quarter: unknown, not zero. Of slp in Birch elm never told.
		"need_waiting@2025-26Q1/area=North/municipality=Birch/service=ot":       "10 of 2 2 false false",
		"need_waiting@2025-26Q2/area=North/municipality=Birch/service=ot":       "8 of 1 2 false true",
		"need_waiting@2025-26Q2/area=North/municipality=Alder/service=ot":       "none of 0 1 false true",
		"need_waiting@2025-26Q1/area=North/municipality=Alder/service=ot":       "3 of 1 1 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/service=slp":      "0 of 1 1 false false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/age_band=00-03":   "2 of 2 2 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/francophone=yes":  "2 of 2 2 true false",
		"need_waiting.rate@2025-26Q1/area=North/municipality=Birch/service=ot":  "1 of 2 2 false false",
		"need_waiting.rate@2025-26Q1/area=North":                                "0.65 of 2 2 false false",
		"wait_left@2025-26Q1/area=North/municipality=Birch":                     "none of 2 2 false false",
		"wait_left@2025-26Q2/area=North/municipality=Birch":                     "0 of 1 2 false true",
		"need_received@2025-26Q1/area=North/municipality=Birch/service=unknown": "absent",
	} {
		var got string
		err := db.Scan(t.Context(), `select coalesce(max(coalesce(regexp_replace(value::varchar, '\.0$', ''), 'none') || ' of ' || reported_count || ' ' || expected_count || ' ' || is_small || ' ' || line_broken), 'absent')
			from release.figure where figure_id = ?`, []any{id}, &got)
		if err != nil || got != want {
			t.Errorf("%s: got %s, want %s (%v)", id, got, want, err)
		}
	}
	var rates int
	if err := db.Scan(t.Context(), "select count(*) from release.figure where statistic = 'rate' and municipality = 'Alder'", nil, &rates); err != nil || rates != 0 {
		t.Errorf("%d rates of a place whose people nobody counted, %v", rates, err)
	}
	var null int
	if err := db.Scan(t.Context(), `select count(*) from release.figure where (area || municipality || service || cut || code || method || funnel || statistic || is_small || line_broken || rank || unit_count || reported_count) is null`, nil, &null); err != nil || null != 0 {
		t.Errorf("%d figures with a NULL where the contract has none, %v", null, err)
	}
}

func TestGaps_partnersAndPaths(t *testing.T) {
	t.Parallel()
	db := gapWorld(t, "insert into core.agreement_in_force values ('2025-26Q1', 'autism', true, true), ('2025-26Q1', 'health', false, true)",
		`insert into core.client_referral values ('r1', '2025-26Q1', '2025-04-05', 'out', 'health', 'supported', null), ('r1', '2025-26Q2', '2025-04-05', 'out', 'health', 'supported', 'accepted'),
			('r2', '2025-26Q2', '2025-04-05', 'out', 'health', 'information_only', null), ('r3', '2025-26Q2', '2025-09-01', 'out', null, null, null), ('r4', '2025-26Q2', '2025-04-05', 'in', 'self', 'self', null)`)
	gaps(t, db, Geography{})
	var partners, paths string
	if err := db.Scan(t.Context(), `select (select string_agg(partner_category || ' ' || has_agreement || ' ' || has_data || ' ' || agencies, ', ' order by partner_category) from release.partner where quarter = '2025-26Q1'),
		(select string_agg(quarter || ' ' || direction || ' ' || partner_category || ' ' || outcome || ' ' || unit_count, ', ' order by quarter, direction, partner_category, outcome) from release.path)`, nil, &partners, &paths); err != nil {
		t.Fatal(err)
	}
	if want := "autism true true elm, health false false "; partners != want {
		t.Errorf("partners: got %q, want %q", partners, want)
	}
	if want := "2025-26Q1 in self unknown 1, 2025-26Q1 out health accepted 1, 2025-26Q1 out health lost 1, 2025-26Q2 out unknown open 1"; paths != want {
		t.Errorf("paths: got %q, want %q", paths, want)
	}
}

// A quarter in which nothing came, a workspace without a need: no figure, and no error.
func TestGaps_nothing(t *testing.T) {
	t.Parallel()
	db := gapWorld(t)
	gaps(t, db, Geography{})
	var n int
	if err := db.Scan(t.Context(), "select count(*) from release.figure", nil, &n); err != nil || n != 0 {
		t.Errorf("%d figures of nothing, %v", n, err)
	}
}
