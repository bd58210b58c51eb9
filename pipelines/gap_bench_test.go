package pipelines

import (
	"flag"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tributary/pipelines/model"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

var benchGapChildren = flag.Int("bench-gap-children", 0, "children of TestBenchGaps; 0 runs it small and times nothing")

const (
	// gapsLimit is in seconds, for 30,000 children in 12 municipalities and 16 quarters.
	gapsLimit = 5
	// idleSteps is what 20 million steps took on an idle core.
	idleSteps = 0.045
)

// TestBenchGaps holds the gap model, from core and link to the release, to its limit.
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
	var ours []float64
	var figures int
	slow := steps()
	for range runs {
		db := benchCore(t, models, children, quarters)
		began := time.Now()
		if err := models.Run(t.Context(), db, "gap", slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		halfway := time.Since(began)
		if err := release.Gaps(t.Context(), db, map[string]string{"small_below": "5"}, release.Geography{}); err != nil {
			t.Fatal(err)
		}
		ours = append(ours, time.Since(began).Seconds())
		t.Logf("model %.2f s, release %.2f s", halfway.Seconds(), ours[len(ours)-1]-halfway.Seconds())
		if err := db.Scan(t.Context(), "select count(*) from release.figure", nil, &figures); err != nil || figures == 0 {
			t.Fatalf("%d figures, %v", figures, err)
		}
		db.Close()
	}
	if *benchGapChildren == 0 {
		return
	}
	best := min(ours[0], ours[len(ours)/2], ours[len(ours)-1])
	slow = max(1, min(3, (slow+steps())/2))
	verdict := "PASS"
	if best > gapsLimit*slow {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("gap model, %d children, 12 municipalities, %d quarters, %d figures | %.1f s | | | %d s x %.1f | %s\n", children, quarters, figures, best, gapsLimit, slow, verdict)
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
		fmt.Sprintf("create table link.client_family as select agency, client_local_id, quarter, 'C' || (n %% %d) as child_id, true as is_counted, null::varchar as left_out_by from core.client", children),
		`create table core.need as select 'n' || n as need_id, agency, quarter, client_local_id, 's' || (hash(n) % 14) as service_type, if(started_on <= starts_on, 'received', if(n % 9 = 0, 'not_available', 'waiting')) as status,
			'full' as reason, asked_on as identified_on, null::date as resolved_on, `+address+` from (select *, (date '2010-01-01' + (hash(n) % 1400)::integer)::date as asked_on, asked_on + (hash(n, 1) % 700)::integer as started_on from core.client) where asked_on <= starts_on`,
		`create table core.service as select 'v' || n as service_id, agency, quarter, client_local_id, 's' || (hash(n) % 14) as service_type, asked_on as requested_on, if(started_on <= starts_on, started_on, null) as started_on,
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
