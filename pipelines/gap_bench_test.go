package pipelines

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"tributary"
	"tributary/pipelines/model"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/reports/gaps"
	"tributary/sql"
)

var benchGapChildren = flag.Int("bench-gap-children", 0, "children of TestBenchGaps; 0 runs it small and times nothing")

const (
	// gapsLimit is in seconds, for 30,000 children in 12 municipalities and 16 quarters.
	gapsLimit = 5
	// idleSteps is what 20 million steps took on an idle core.
	idleSteps = 0.045
)

// TestBenchGaps holds the gap model to its limit: the models of sql/gap, from core and link to the candidates of its
// figures. It times the release of the figures and the page too, which are made once, when somebody asks for the
// report, and holds the page to its size.
func TestBenchGaps(t *testing.T) {
	children, quarters, runs := *benchGapChildren, 16, 3
	if children == 0 {
		t.Parallel()
		children, quarters, runs = 300, 3, 1
	}
	models, err := model.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	var candidates, figures, page []float64
	var count, size int
	slow := steps()
	for range runs {
		db := benchCore(t, models, children, quarters)
		began := time.Now()
		lap := func() float64 {
			took := time.Since(began).Seconds()
			began = time.Now()
			return took
		}
		if err := models.Run(t.Context(), db, "gap", slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		candidates = append(candidates, lap())
		if err := release.Gaps(t.Context(), db, map[string]string{"small_below": "5"}, benchGeography(), release.View{}); err != nil {
			t.Fatal(err)
		}
		figures = append(figures, lap())
		var html bytes.Buffer
		if err := gaps.WritePage(t.Context(), db, benchQuarter(t, quarters-1), "fr", nil, &html); err != nil {
			t.Fatal(err)
		}
		page, size = append(page, lap()), html.Len()
		if err := db.Scan(t.Context(), "select count(*) from release.figure", nil, &count); err != nil || count == 0 {
			t.Fatalf("%d figures, %v", count, err)
		}
		db.Close()
	}
	if size > gaps.PageLimit {
		t.Errorf("the page has %d bytes, more than %d", size, gaps.PageLimit)
	}
	if *benchGapChildren == 0 {
		return
	}
	slow = max(1, min(3, (slow+steps())/2))
	verdict := "PASS"
	if slices.Min(candidates) > gapsLimit*slow {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("gap model (sql/gap), %d children, 12 municipalities, %d quarters | %.1f s | | | %d s x %.1f | %s\n", children, quarters, slices.Min(candidates), gapsLimit, slow, verdict)
	fmt.Printf("its release, %d figures | %.1f s | | | reported |\n", count, slices.Min(figures))
	fmt.Printf("its page, %.1f MB | %.1f s | | | %d MB | %s\n", float64(size)/(1<<20), slices.Min(page), gaps.PageLimit>>20, map[bool]string{true: "PASS", false: "FAIL"}[size <= gaps.PageLimit])
}

// benchGeography has the places of benchCore with who lives there.
func benchGeography() release.Geography {
	g := release.Geography{RateBase: "population", RateSource: "invented", RateSourceFR: "invented", RateBaseOn: "2013-07-01"}
	for i := range 2 {
		name := fmt.Sprintf("R%d", i)
		g.Places = append(g.Places, release.Place{Kind: "area", Code: name, Area: name, Name: name, NameFR: name, Population: 150_000, PopulationOn: "2013-07-01"})
	}
	for i := range 12 {
		name := fmt.Sprintf("M%d", i)
		g.Places = append(g.Places, release.Place{Kind: "municipality", Code: name, Area: fmt.Sprintf("R%d", i%2), Name: name, NameFR: name, Population: 25_000, PopulationOn: "2013-07-01"})
	}
	for cut, codes := range map[string][]string{"age_band": {"00-03", "04-05", "06-11", "12-17", "18+"}, "language": {"eng", "fra"}, "francophone": {"yes", "no"}, "indigenous": {"yes", "unknown"}, "newcomer": {"yes", "no"}} {
		for i, code := range codes {
			g.Cuts = append(g.Cuts, release.Cut{Cut: cut, Label: cut, LabelFR: cut, Code: code, Name: code, NameFR: code, Ordinal: i + 1})
		}
	}
	return g
}

// benchQuarter is a quarter of benchCore by its place.
func benchQuarter(t *testing.T, at int) tributary.Quarter {
	q, err := tributary.ParseQuarter(fmt.Sprintf("%d-%02dQ%d", 2010+at/4, 11+at/4, 1+at%4))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// steps is how much slower than idle the machine is now.
func steps() float64 {
	began, x := time.Now(), uint64(1)
	for range 20_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 {
		panic("unreachable")
	}
	return time.Since(began).Seconds() / idleSteps
}

// benchCore makes core and link as an area of that size has them: five agencies, a child known to 1.5 of them, and of
// each file a need, and of half the files a service.
func benchCore(t *testing.T, models *model.Project, children, quarters int) *warehouse.DB {
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	run := func(statements ...string) {
		for _, s := range statements {
			if err := db.Exec(t.Context(), s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	for _, step := range []string{"fact", "stage", "core", "link", "measure", "gap", "release"} {
		run("attach ':memory:' as " + step)
	}
	service := "(['ot', 'pt', 'slp', 'autism', 'mental_health', 'respite', 'nursing', 'special_education', 'child_welfare', 'infant_development', 'audiology', 'vision', 'behaviour', 'fasd'])[1 + (hash(n) % 14)::integer]"
	address := `struct_pack(quarter := quarter, file := agency, version := 1, sheet := '', "row" := n, path := null::varchar) as _address`
	q := fmt.Sprintf(`(select i, (2010 + i // 4)::varchar || '-' || lpad(((11 + i // 4) %% 100)::varchar, 2, '0') || 'Q' || (1 + i %% 4) as quarter,
		(make_date(2010 + i // 4, 4, 1) + to_months(3 * (i %% 4)::integer))::date as starts_on from range(%d) as r(i))`, quarters)
	run("create table core.quarter as select quarter, starts_on, (starts_on + to_months(3) - to_days(1))::date as ends_on, left(quarter, 7) as fiscal_year, right(quarter, 1)::integer as number from "+q,
		`create table stage.agency as select 'A' || i as agency, 'A' as name, null::varchar as name_fr, 'provider' as role, 'autism' as category, null::varchar as area from range(5) as r(i)`,
		"create table stage.municipality as select 'M' || i as spelling, 'M' || i as municipality, 'R' || i % 2 as area from range(12) as r(i)",
		"create table stage.delivery as select agency, quarter, 'accepted' as state, false as is_late from stage.agency, core.quarter",
		"create table core.delivery_quarter as select agency, quarter, state, true as is_delivered, false as is_nil from stage.delivery",
		fmt.Sprintf(`create table core.client as select 'A' || (n %% 5) as agency, n::varchar as client_local_id, quarter, true as is_active, 'M' || (hash(n %% %[1]d) %% 12) as municipality,
			'K7L 3N6' as postal_code, null::varchar as placement, date '2005-01-01' + (hash(n %% %[1]d) %% 5000)::integer as birth_date, if(hash(n %% %[1]d) %% 20 = 0, 'fra', 'eng') as languages,
			null::boolean as francophone, if(n %% 9 = 0, 'yes', null) as indigenous_identity, n %% 7 = 0 as newcomer, date '2010-01-01' as opened_on, n, starts_on
			from range(%[2]d) as r(n), core.quarter`, children, children*3/2),
		fmt.Sprintf("create table link.client_family as select agency, client_local_id, quarter, 'C' || (n %% %d) as child_id, 'F' || (n %% %d // 2) as family_id, true as is_counted, null::varchar as left_out_by from core.client", children, children),
		`create table core.need as select 'n' || n as need_id, agency, quarter, client_local_id, `+service+` as service_type, if(started_on <= starts_on, 'received', if(n % 9 = 0, 'not_available', 'waiting')) as status,
			'full' as reason, asked_on as identified_on, null::date as resolved_on, `+address+` from (select *, (date '2010-01-01' + (hash(n) % 1400)::integer)::date as asked_on, asked_on + (hash(n, 1) % 700)::integer as started_on from core.client) where asked_on <= starts_on`,
		`create table core.service as select 'v' || n as service_id, agency, quarter, client_local_id, `+service+` as service_type, asked_on as requested_on, if(started_on <= starts_on, started_on, null) as started_on,
			null::date as ended_on, if(started_on <= starts_on, 'active', 'waiting') as status, 5.0 as hours, `+address+` from (select *, (date '2010-01-01' + (hash(n) % 1400)::integer)::date as asked_on, (asked_on + (hash(n, 1) % 700)::integer)::date as started_on from core.client where n % 2 = 0) where asked_on <= starts_on`,
		"create table core.wait (wait_id varchar, agency varchar, quarter varchar, client_local_id varchar, service_type varchar, joined_on date, left_on date, outcome varchar, _address "+addressOf+")",
		"create table core.local_service (quarter varchar, service_type varchar, municipality varchar)",
		"create table core.capacity (quarter varchar, service_type varchar, municipality varchar, places double, counted_on date)",
		"create table core.client_referral (referral_id varchar, quarter varchar, referred_on date, direction varchar, other_party_category varchar, kind varchar, outcome varchar)",
		"create table core.agreement_in_force (quarter varchar, partner_category varchar, is_formal boolean, is_in_force boolean)",
		"create table core.required_partner (programme varchar, partner_category varchar)",
		"create table measure.breakdown (\"by\" varchar, code varchar, label varchar, label_fr varchar)")
	for _, m := range []string{"service_places", "integration_meeting_in_time", "integration_reviewed"} {
		run("create table measure." + m + " (unit_id varchar, quarter varchar, agency varchar, employer varchar, area varchar, municipality varchar, service_type varchar, counted boolean, left_out_by varchar, value double, _address " + addressOf + ")")
	}
	return db
}

// addressOf is the type of an address.
const addressOf = `struct(quarter varchar, file varchar, version integer, sheet varchar, "row" bigint, path varchar)`
