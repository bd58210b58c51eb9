package demo

import (
	"strings"
	"testing"
	"unicode"
)

func TestWorld_hasTheFamiliesThatMakeCountingHard(t *testing.T) {
	t.Parallel()
	w := newWorld(Options{Seed: 1, Children: 1200})
	found := map[string]int{}
	note := func(what string, is bool) {
		if is {
			found[what]++
		}
	}
	for _, c := range w.children {
		note("twin", c.twin && len(c.kin.children) > 1)
		note("renamed", c.renamedOn != 0 && c.renamed != c.family)
		note("in care", c.foster != nil)
		note("two homes", c.second != nil)
		note("moved", len(c.kin.home.addresses) > 1)
		note("accent", strings.ContainsFunc(c.given+c.family, func(r rune) bool { return r > unicode.MaxASCII }))
		note("step-family", len(c.kin.home.carers) == 2 && c.kin.home.carers[1].relation == "step_parent")
	}
	for _, f := range w.families {
		for _, c := range f.children {
			note("siblings of two surnames", c.family != f.children[0].family)
		}
		if len(f.children) == 0 {
			t.Error("a family without children")
		}
	}
	for _, what := range []string{"twin", "renamed", "in care", "two homes", "moved", "accent", "step-family", "siblings of two surnames"} {
		if found[what] < 10 {
			t.Errorf("%s: %d, want 10 or more", what, found[what])
		}
	}
	if len(w.children) != 1200 {
		t.Errorf("%d children, want 1200", len(w.children))
	}
}

func TestEpisode_hasNothingAfterItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(Options{Seed: 3, Children: 600})
	for _, e := range newEpisodes(stream(3, "episodes"), w.register(3)["CFTC"]) {
		for i, d := range []day{e.contactOn, e.decidedOn, e.assignedOn, e.plannedOn, e.sharedOn} {
			if d != 0 && d < e.referredOn {
				t.Errorf("%s/%d: step %d lies before the referral", e.local, e.number, i)
			}
			if e.endedOn != 0 && d > e.endedOn {
				t.Errorf("%s/%d: step %d lies after the end", e.local, e.number, i)
			}
		}
		if e.endedOn != 0 && e.endedOn < e.referredOn {
			t.Errorf("%s/%d: ends before it begins", e.local, e.number)
		}
		if status, _ := e.status(date(2030, 1, 1)); e.endedOn != 0 && status != e.endStatus {
			t.Errorf("%s/%d: ends as %s, want %s", e.local, e.number, status, e.endStatus)
		}
	}
}

// What is wrong in the files must be wrong on purpose: the checks would find it.
func TestRegister_datesAreInOrder(t *testing.T) {
	t.Parallel()
	a, err := newArea(Options{Seed: 1, Children: 1200})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range filings() {
		numbers := map[string]bool{}
		for _, reg := range a.known[f.code] {
			if reg.birth > reg.open.from || reg.open.to != 0 && reg.open.to < reg.open.from {
				t.Errorf("%s %s: opened %s, born %s, closed %s", f.code, reg.local, reg.open.from.iso(), reg.birth.iso(), reg.open.to.iso())
			}
			if f.code != "HUBS" && (reg.servedFrom < reg.open.from || reg.open.to != 0 && reg.servedFrom > reg.open.to) {
				t.Errorf("%s %s: served from %s, open %s to %s", f.code, reg.local, reg.servedFrom.iso(), reg.open.from.iso(), reg.open.to.iso())
			}
			if numbers[reg.local] {
				t.Errorf("%s: the number %s is there twice", f.code, reg.local)
			}
			numbers[reg.local] = true
		}
	}
}

func TestReviewed_dueDatesFollowTheReviews(t *testing.T) {
	t.Parallel()
	e := &episode{plannedOn: date(2025, 1, 1), reviews: []review{{dueOn: date(2025, 7, 2), doneOn: date(2025, 7, 20)}}}
	for _, tt := range []struct {
		name               string
		at                 day
		done, wasDue, next day
	}{
		{"before the plan", date(2024, 12, 31), 0, 0, 0},
		{"open", date(2025, 7, 10), 0, 0, date(2025, 7, 2)},
		{"done late", date(2025, 7, 20), date(2025, 7, 20), date(2025, 7, 2), date(2026, 1, 18)},
	} {
		done, wasDue, next := e.reviewed(tt.at)
		if done != tt.done || wasDue != tt.wasDue || next != tt.next {
			t.Errorf("%s: got %s %s %s", tt.name, done.iso(), wasDue.iso(), next.iso())
		}
	}
}

func TestQuantiles_nearestRank(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in             []int
		n, median, p90 int
	}{
		{nil, 0, 0, 0},
		{[]int{5}, 1, 5, 5},
		{[]int{4, 1}, 2, 1, 4},
		{[]int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 5, 9},
	} {
		n, median, p90 := quantiles(tt.in)
		if n != tt.n || median != tt.median || p90 != tt.p90 {
			t.Errorf("%v: got %d %d %d", tt.in, n, median, p90)
		}
	}
}

func TestMidnight_hasTheOffsetOfTheSeason(t *testing.T) {
	t.Parallel()
	for d, want := range map[day]string{
		date(2026, 3, 8):  "2026-03-08T00:00:00-05:00", // clocks change at 2
		date(2026, 3, 9):  "2026-03-09T00:00:00-04:00",
		date(2025, 11, 2): "2025-11-02T00:00:00-04:00",
		date(2025, 11, 3): "2025-11-03T00:00:00-05:00",
	} {
		if got := *midnight(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestConsent_changesOnItsDates(t *testing.T) {
	t.Parallel()
	c := consent{isAsked: true, signed: 100, expires: 300, withdrawn: 200}
	for at, want := range map[day]string{99: "not_asked", 100: "given", 199: "given", 200: "withdrawn"} {
		if got := c.state(at); got != want {
			t.Errorf("day %d: %s, want %s", at, got, want)
		}
	}
	c.withdrawn = 0
	if got := c.state(301); got != "expired" {
		t.Errorf("day 301: %s, want expired", got)
	}
	if got := (consent{isAsked: true, isRefused: true, signed: 100}).state(150); got != "refused" {
		t.Errorf("refused: %s", got)
	}
}

func TestTruth_deliveredIsPartOfTheWorld(t *testing.T) {
	t.Parallel()
	a, err := newArea(Options{Seed: 1, Children: 400})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[Count]Count{}
	key := func(basis string, c Count) Count {
		return Count{Basis: basis, Quarter: c.Quarter, Period: c.Period, Agency: c.Agency}
	}
	for _, c := range a.truth.Counts {
		counts[key(c.Basis, c)] = c
	}
	second, third := quarters()[1], quarters()[2]
	for k, c := range counts {
		world := counts[key("world", c)]
		if c.Children > world.Children || c.Families > world.Families {
			t.Errorf("%+v is more than the world's %+v", c, world)
		}
		if k.Basis == "delivered" && k.Period == "quarter" && k.Quarter == second && (k.Agency == "VCFS" || k.Agency == "NLSB") && c.Children != 0 {
			t.Errorf("%s delivered nothing usable in %s, truth has %d children", k.Agency, second, c.Children)
		}
	}
	nilReport := Count{Basis: "world", Quarter: third, Period: "quarter", Agency: "HUBS"}
	if got := counts[nilReport].Children; got != 0 {
		t.Errorf("the hub's nil report is not true: %d children", got)
	}
	if counts[Count{Basis: "delivered", Quarter: third, Period: "ytd"}].Children == 0 {
		t.Error("nothing was delivered at all")
	}
}

func TestClean_leavesOutWhatIsWrongOnPurpose(t *testing.T) {
	t.Parallel()
	a, err := newArea(Options{Seed: 1, Children: 400, Clean: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range a.truth.Problems {
		if p.Kind != "nil_report" { // that a hub was closed is no fault
			t.Errorf("%+v", p)
		}
	}
}
