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
		"insert into gap.child select c, q, 'North', m, '00-03', 'fra', 'yes', i, n from (values ('c1', 'Birch', 'first_nations', 'no'), ('c2', 'Alder', 'no', 'yes')) as t(c, m, i, n), (values ('2025-26Q1'), ('2025-26Q2')) as u(q)",
		"insert into gap.client values ('elm', '2025-26Q1', 'c1', true), ('oak', '2025-26Q1', 'c1', true), ('oak', '2025-26Q1', 'c2', true)",
		"insert into gap.need values ('elm', 'ot'), ('oak', 'ot'), ('oak', 'slp')")
	gaps(t, db, g)
	for id, want := range map[string]string{
		// Nobody reported of Alder in the second quarter: unknown, not zero. Of slp in Birch elm never told.
		"need_waiting@2025-26Q1/area=North/municipality=Birch/service=ot":      "10 of 2 2 false false",
		"need_waiting@2025-26Q2/area=North/municipality=Birch/service=ot":      "8 of 1 2 false true",
		"need_waiting@2025-26Q2/area=North/municipality=Alder/service=ot":      "none of 0 1 false true",
		"need_waiting@2025-26Q1/area=North/municipality=Alder/service=ot":      "3 of 1 1 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/service=slp":     "0 of 1 1 false false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/age_band=00-03":  "2 of 2 2 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/francophone=yes": "2 of 2 2 true false",
		// Ten needs in Birch: of c1 and c2 the files tell, of the other eight children nothing; of three in Alder nothing of one.
		"need_waiting@2025-26Q1/area=North/municipality=Birch/indigenous=first_nations": "1 of 2 2 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/indigenous=no":            "1 of 2 2 true false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/indigenous=unknown":       "8 of 2 2 false false",
		"need_waiting@2025-26Q1/area=North/municipality=Birch/newcomer=yes":             "1 of 2 2 true false",
		"need_waiting@2025-26Q1/area=North/newcomer=no":                                 "2 of 2 2 true false",
		"need_waiting@2025-26Q1/newcomer=unknown":                                       "9 of 2 2 false false",
		"need_waiting.rate@2025-26Q1/area=North/municipality=Birch/service=ot":          "1 of 2 2 false false",
		"need_waiting.rate@2025-26Q1/area=North":                                        "0.65 of 2 2 false false",
		"wait_left@2025-26Q1/area=North/municipality=Birch":                             "none of 2 2 false false",
		"wait_left@2025-26Q2/area=North/municipality=Birch":                             "0 of 1 2 false true",
		"need_received@2025-26Q1/area=North/municipality=Birch/service=unknown":         "absent",
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

// By hand, in Birch: 4 wait for ot; 2 were told that it is full, 1 that there is nobody, 1 that it is too far, and 3 that
// it costs too much, for which a place is no remedy. So 4 + 2 + 1 + 1 = 8 places. Six children tell hours of ot, 2, 4, 6, 8, 10
// and 90: the third of six, 6, is the median, and 8 x 6 = 48 hours. Alder: 6 wait, none was refused: 6 places, 6 x 6 = 36
// hours. Of slp, 1 waits and none was refused in Birch; four children tell hours, which are too few: no hours. What is
// refused for its cost alone, and what was received, needs no line. North: 4 + 6 = 10 wait for ot, 4 were told, 14 places, 14 x 6 = 84 hours.
func TestGaps_closing(t *testing.T) {
	t.Parallel()
	refused := func(service, reason string, n int) string {
		return strings.ReplaceAll(needs("need_refused", "count", "2025-26Q1", "North", "Birch", service, n, 0), "'', false", "'"+reason+"', false")
	}
	db := gapWorld(t, "insert into gap.definition values ('need_refused', 'count', 'need', '', '', '', '', '', 2)",
		needs("need_waiting", "count", "2025-26Q1", "North", "Birch", "ot", 4, 0), needs("need_waiting", "count", "2025-26Q1", "North", "Alder", "ot", 6, 0),
		needs("need_waiting", "count", "2025-26Q1", "North", "Birch", "slp", 1, 0), needs("need_received", "count", "2025-26Q1", "North", "Birch", "vision", 5, 0),
		refused("ot", "full", 2), refused("ot", "no_provider", 1), refused("ot", "distance", 1), refused("ot", "cost", 3), refused("vision", "cost", 2),
		"insert into gap.served select 'h' || i, 'ot', 'elm', '2025-26Q1', [2, 4, 6, 8, 10, 90][i] from range(1, 7) as r(i)",
		"insert into gap.served select 'h' || i, 'slp', 'elm', '2025-26Q1', 5 from range(4) as r(i)",
		"insert into gap.served values ('h9', 'ot', 'elm', '2025-26Q2', 1000)")
	gaps(t, db, Geography{})
	var got string
	if err := db.Scan(t.Context(), `select string_agg(concat_ws(' ', nullif(area, ''), nullif(municipality, ''), service, waiting, not_available, places::bigint, coalesce(hours::bigint::varchar, 'none'), is_small), e'\n' order by area, municipality, service)
		from release.closing`, nil, &got); err != nil {
		t.Fatal(err)
	}
	if want := `ot 10 4 14 84 true
slp 1 0 1 none true
North ot 10 4 14 84 true
North slp 1 0 1 none true
North Alder ot 6 0 6 36 false
North Birch ot 4 4 8 48 true
North Birch slp 1 0 1 none true`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A quarter of which nobody sent anything, between others that all sent: the count has no value, the share no row, and
// the line is broken on both sides.
func TestGaps_emptyQuarterBetween(t *testing.T) {
	t.Parallel()
	db := gapWorld(t, "update core.delivery_quarter set state = 'expected', is_delivered = false where quarter = '2025-26Q2'",
		"insert into core.quarter values ('2025-26Q3', date '2025-10-01', date '2025-12-31'), ('2025-26Q4', date '2026-01-01', date '2026-03-31')",
		"insert into core.delivery_quarter select a, q, 'accepted', true, false from (values ('elm'), ('oak')) as t(a), (values ('2025-26Q3'), ('2025-26Q4')) as u(q)",
		needs("need_waiting", "count", "2025-26Q1", "North", "Birch", "ot", 9, 0), needs("need_unmet", "share", "2025-26Q1", "North", "Birch", "ot", 12, 9),
		needs("need_waiting", "count", "2025-26Q3", "North", "Birch", "ot", 7, 0), needs("need_unmet", "share", "2025-26Q3", "North", "Birch", "ot", 12, 7),
		needs("need_waiting", "count", "2025-26Q4", "North", "Birch", "ot", 8, 0), needs("need_unmet", "share", "2025-26Q4", "North", "Birch", "ot", 12, 8),
		"insert into gap.child select 'c1', q, 'North', 'Birch', '00-03', 'fra', 'yes', 'no', 'no' from (values ('2025-26Q1'), ('2025-26Q3'), ('2025-26Q4')) as u(q)",
		"insert into gap.client select a, q, 'c1', true from (values ('elm'), ('oak')) as t(a), (values ('2025-26Q1'), ('2025-26Q3'), ('2025-26Q4')) as u(q)",
		"insert into gap.need values ('elm', 'ot'), ('oak', 'ot')")
	gaps(t, db, Geography{})
	for measure, want := range map[string]string{
		"need_waiting": "Q1 9 2/2 false, Q2 none 0/2 true, Q3 7 2/2 true, Q4 8 2/2 false",
		"need_unmet":   "Q1 0.75 2/2 false, Q3 0.58 2/2 true, Q4 0.67 2/2 false",
	} {
		var got string
		err := db.Scan(t.Context(), `select string_agg(concat_ws(' ', quarter[8:], coalesce(regexp_replace(round(value, 2)::varchar, '\.0$', ''), 'none'), reported_count || '/' || expected_count, line_broken), ', ' order by quarter)
			from release.figure where measure = ? and statistic in ('', 'share') and municipality = 'Birch' and service = 'ot' and cut = ''`, []any{measure}, &got)
		if err != nil || got != want {
			t.Errorf("%s: got %s, want %s (%v)", measure, got, want, err)
		}
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
