package link

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tributary"
	"tributary/pipelines/ledger"
)

var decidedOn = time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC)

// delivered is one record of an invented child.
func delivered() map[string]string {
	return map[string]string{"given_name": "Zoé-Anne", "family_name": "O'Brien", "birth_date": "2017-03-09", "sex": "F",
		"health_number": "", "street_address": "12 Main St", "phone": "613-555-0142"}
}

// change is delivered with other values.
func change(values ...string) map[string]string {
	m := delivered()
	for i := 0; i < len(values); i += 2 {
		m[values[i]] = values[i+1]
	}
	return m
}

// The table of DECISIONS.md, row by row: what happens to a decision when the record on its right comes as
// in the case. Each case is tried on the left side too.
func TestDecision_cases(t *testing.T) {
	t.Parallel()
	gone, withdrawn := map[string]string(nil), map[string]string{}
	for _, tt := range []struct {
		name    string
		now     map[string]string
		state   State
		acts    bool
		changed []string
	}{
		{"same file sent again", delivered(), Active, true, nil},
		{"other case, accents, hyphens only", change("given_name", "ZOE ANNE", "family_name", "OBrien"), Active, true, nil},
		{"address changed", change("street_address", "4 Rue Principale"), Active, true, nil},
		{"phone changed", change("phone", "705-555-0100"), Active, true, nil},
		{"a missing value is there now", change("health_number", "1234567897"), Active, true, nil},
		{"a value is missing now", change("sex", ""), Active, true, nil},
		{"given name changed", change("given_name", "Chloe"), AskedAgain, true, []string{"given_name"}},
		{"family name changed", change("family_name", "Tremblay"), AskedAgain, true, []string{"family_name"}},
		{"birth date changed", change("birth_date", "2017-09-03"), AskedAgain, true, []string{"birth_date"}},
		{"sex changed", change("sex", "M"), AskedAgain, true, []string{"sex"}},
		{"number given to another child of the family", change("given_name", "Chloe", "birth_date", "2020-11-30"), AskedAgain, false, []string{"given_name", "birth_date"}},
		{"number given to a stranger", change("given_name", "Liam", "family_name", "Roy", "birth_date", "2014-06-01", "sex", "M"), AskedAgain, false,
			[]string{"given_name", "family_name", "birth_date", "sex"}},
		{"record gone", gone, Dormant, false, []string{"gone"}},
		{"agency gone", gone, Dormant, false, []string{"gone"}},
		{"consent withdrawn", withdrawn, Dormant, false, []string{"no_consent"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := Anchor{Agency: "A", Client: "1"}, Anchor{Agency: "B", Client: "2"}
			if tt.name == "agency gone" {
				a.Client, b.Client = "7", "8"
			}
			d := Decision{Left: a, Right: b, Verdict: Same, Who: "ana", At: decidedOn, LeftRests: RestsOn(a, delivered()), RightRests: RestsOn(b, delivered())}
			still := Seen{IsHere: true, MayLink: true, RestsOn: d.LeftRests}
			now := Seen{IsHere: tt.now != nil, MayLink: len(tt.now) > 0, RestsOn: RestsOn(b, tt.now)}
			got := d.Stand(still, now)
			if got.State != tt.state || got.Acts != tt.acts || !slices.Equal(got.RightChanged, tt.changed) || got.LeftChanged != nil {
				t.Errorf("right: got %s, acts %v, %v, %v; want %s, acts %v, %v", got.State, got.Acts, got.LeftChanged, got.RightChanged, tt.state, tt.acts, tt.changed)
			}
			now.RestsOn = RestsOn(a, tt.now)
			got = d.Stand(now, Seen{IsHere: true, MayLink: true, RestsOn: d.RightRests})
			if got.State != tt.state || got.Acts != tt.acts || !slices.Equal(got.LeftChanged, tt.changed) || got.RightChanged != nil {
				t.Errorf("left: got %s, acts %v, %v, %v; want %s, acts %v, %v", got.State, got.Acts, got.LeftChanged, got.RightChanged, tt.state, tt.acts, tt.changed)
			}
		})
	}
}

// What a decision does depends on today only: gone and back unchanged is active, back changed is asked again.
func TestDecision_goneAndBack(t *testing.T) {
	t.Parallel()
	a, b := Anchor{Agency: "A", Client: "1"}, Anchor{Agency: "B", Client: "2"}
	d := Decision{Left: a, Right: b, Verdict: Different, LeftRests: RestsOn(a, delivered()), RightRests: RestsOn(b, delivered())}
	left := Seen{true, true, d.LeftRests}
	for _, tt := range []struct {
		right Seen
		want  State
	}{
		{Seen{true, true, d.RightRests}, Active}, {Seen{}, Dormant}, {Seen{true, true, d.RightRests}, Active},
		{Seen{true, false, d.RightRests}, Dormant}, {Seen{true, true, RestsOn(b, change("birth_date", "2017-03-19"))}, AskedAgain},
	} {
		if got := d.Stand(left, tt.right); got.State != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.right, got.State, tt.want)
		}
	}
}

func TestDecision_laterEndsWithAnyChange(t *testing.T) {
	t.Parallel()
	a, b := Anchor{Agency: "A", Client: "1"}, Anchor{Agency: "B", Client: "2"}
	d := Decision{Left: a, Right: b, Verdict: Later, LeftRests: RestsOn(a, delivered()), RightRests: RestsOn(b, delivered())}
	left := Seen{true, true, d.LeftRests}
	if got := d.Stand(left, Seen{true, true, d.RightRests}); !got.Acts {
		t.Error("unchanged: back in the queue")
	}
	if got := d.Stand(left, Seen{true, true, RestsOn(b, change("family_name", "Roy"))}); got.Acts || got.State != AskedAgain {
		t.Errorf("changed: got %s, acts %v; want asked again, in the queue", got.State, got.Acts)
	}
	d.Undone = true
	if got := d.Stand(left, Seen{true, true, d.RightRests}); got.Acts || got.State != Undone {
		t.Errorf("undone: got %s, acts %v", got.State, got.Acts)
	}
}

// Digests are kept for years: another rule would ask everything again. These must never change.
func TestRestsOn_staysAsItIs(t *testing.T) {
	t.Parallel()
	a := Anchor{Agency: "A", Client: "1"}
	const want = "58393e75346b.c9aaf46b111a.2535340d54be.6edbb175f8b8.-"
	if got := RestsOn(a, delivered()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if RestsOn(a, delivered()) == RestsOn(Anchor{Agency: "A", Client: "2"}, delivered()) {
		t.Error("equal children of two records can be seen from their digests")
	}
	if Digest("a", "") == Digest("a") || Digest("ab", "c") == Digest("a", "bc") {
		t.Error("different values have one digest")
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Élodie": "elodie", "E\u0301lodie": "elodie", "D'Arcy-Lœwen ": "darcyloewen", "ᐊᓂᔑᓈᐯ": "ᐊᓂᔑᓈᐯ",
		"2017-03-09": "20170309", " -- ": "", "a\xff": "a", "İ": "i", "🙂": ""} {
		if got := plain(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func decide(left, right string, v Verdict) Decision {
	pair := anchorsOf(left, right)
	return Decision{Left: pair[0], Right: pair[1], Verdict: v, Who: "ana", At: decidedOn, Why: "seen"}.ordered()
}

func decided(t *testing.T, decisions ...Decision) *Decided {
	t.Helper()
	d, err := Decide(nil)
	for _, next := range decisions {
		err = errors.Join(err, d.Add(next))
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecided_implies(t *testing.T) {
	t.Parallel()
	d := decided(t, decide("a1", "b1", Same), decide("c1", "b1", Same), decide("c1", "d1", Different), decide("d1", "e1", Same),
		decide("f1", "e1", Family), decide("g1", "h1", Later))
	for _, tt := range []struct {
		a, b string
		want Verdict
		by   int
	}{
		{"a1", "c1", Same, 2}, {"a1", "d1", Different, 3}, {"e1", "a1", Different, 4}, {"d1", "f1", Family, 2}, {"f1", "a1", "", 0},
		{"h1", "g1", Later, 1}, {"a1", "z9", "", 0}, {"a1", "a1", "", 0},
	} {
		pair := anchorsOf(tt.a, tt.b)
		got, chain := d.Of(pair[0], pair[1])
		if got != tt.want || len(chain) != tt.by {
			t.Errorf("%s %s: got %q by %v; want %q by %d decisions", tt.a, tt.b, got, chain, tt.want, tt.by)
		}
	}
}

func TestDecided_refusesContradictions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		held      []Decision
		next      Decision
		want, fix string
	}{
		{"directly", []Decision{decide("a1", "b1", Same)}, decide("b1", "a1", Different),
			"decide a:1 and b:1: different: contradicts a:1 and b:1: same (ana, 2026-01-05)",
			"take back what is wrong, then decide again: tributary link undo a:1 b:1"},
		{"by implication", []Decision{decide("a1", "b1", Same), decide("b1", "c1", Different)}, decide("a1", "c1", Same),
			"decide a:1 and c:1: same: contradicts a:1 and b:1: same (ana, 2026-01-05); b:1 and c:1: different (ana, 2026-01-05)",
			"take back what is wrong, then decide again: tributary link undo a:1 b:1, or: tributary link undo b:1 c:1"},
		{"family is not same", []Decision{decide("a1", "b1", Same), decide("b1", "c1", Same)}, decide("a1", "c1", Family),
			"decide a:1 and c:1: family: contradicts a:1 and b:1: same (ana, 2026-01-05); b:1 and c:1: same (ana, 2026-01-05)",
			"take back what is wrong, then decide again: tributary link undo a:1 b:1, or: tributary link undo b:1 c:1"},
		{"of two families at once", []Decision{decide("a1", "c1", Family), decide("b1", "d1", Different), decide("c1", "d1", Same)}, decide("a1", "b1", Same),
			"decide a:1 and b:1: same: contradicts a:1 and c:1: family (ana, 2026-01-05); b:1 and d:1: different (ana, 2026-01-05); c:1 and d:1: same (ana, 2026-01-05)",
			"take back what is wrong, then decide again: tributary link undo a:1 c:1, or: tributary link undo b:1 d:1, or: tributary link undo c:1 d:1"},
		{"later does not take an answer's place", []Decision{decide("a1", "b1", Family)}, decide("a1", "b1", Later),
			"decide a:1 and b:1: later: contradicts a:1 and b:1: family (ana, 2026-01-05)",
			"take back what is wrong, then decide again: tributary link undo a:1 b:1"},
		{"one record", nil, decide("a1", "a1", Same), "decide a:1 and a:1: one record is no pair", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := decided(t, tt.held...)
			before, _ := d.Of(tt.next.Left, tt.next.Right)
			err := d.Add(tt.next)
			if err == nil || err.Error() != tt.want || tributary.FixOf(err) != tt.fix {
				t.Errorf("got  %v\nfix: %s\nwant %s\nfix: %s", err, tributary.FixOf(err), tt.want, tt.fix)
			}
			if after, _ := d.Of(tt.next.Left, tt.next.Right); after != before {
				t.Errorf("the refused decision changed %q to %q", before, after)
			}
		})
	}
}

// Undone decisions and those about another child's number say nothing; dormant ones still contradict.
func TestDecide_whichCount(t *testing.T) {
	t.Parallel()
	pair := anchorsOf("a1", "b1")
	for _, tt := range []struct {
		name  string
		state State
		acts  bool
		want  Verdict
	}{
		{"active", Active, true, Same}, {"dormant", Dormant, false, Same}, {"asked again", AskedAgain, true, Same},
		{"another child", AskedAgain, false, ""}, {"undone", Undone, false, ""},
	} {
		d, err := Decide([]Standing{{Decision: decide("a1", "b1", Same), State: tt.state, Acts: tt.acts}})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Of(pair[0], pair[1]); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Of two decisions that contradict each other (one was dormant when the other was made) the earlier holds.
func TestDecide_theEarlierHolds(t *testing.T) {
	t.Parallel()
	first, second := decide("b1", "c1", Same), decide("a1", "b1", Same)
	third := decide("a1", "c1", Different)
	third.At = third.At.AddDate(0, 1, 0)
	for _, s := range [][]Decision{{first, second, third}, {third, second, first}} {
		var standing []Standing
		for _, d := range s {
			standing = append(standing, Standing{Decision: d, State: Active, Acts: true})
		}
		d, err := Decide(standing)
		var c *Contradiction
		if !errors.As(err, &c) || c.Next.Verdict != Different || len(c.Chain) != 2 {
			t.Errorf("got %v", err)
		}
		if got, _ := d.Of(third.Left, third.Right); got != Same {
			t.Errorf("got %q, want same", got)
		}
	}
}

// Random decisions against a plain search: nothing inconsistent is taken, nothing consistent refused, every
// answer is right and follows from the chain that is shown.
func TestDecided_randomDecisions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, err := Decide(nil)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{"a1", "a2", "b1", "b2", "c1", "c2"}
		all := anchorsOf(names...)
		var taken []Decision
		for range rapid.IntRange(1, 14).Draw(t, "decisions") {
			next := decide(rapid.SampledFrom(names).Draw(t, "left"), rapid.SampledFrom(names).Draw(t, "right"),
				rapid.SampledFrom([]Verdict{Same, Same, Family, Different}).Draw(t, "verdict"))
			err := d.Add(next)
			_, consistent := search(append(slices.Clone(taken), next), all)
			if consistent = consistent && next.Left != next.Right; consistent != (err == nil) {
				t.Fatalf("%v beside %v: consistent %v, got %v", next, taken, consistent, err)
			}
			var c *Contradiction
			if errors.As(err, &c) {
				if _, ok := search(append(slices.Clone(c.Chain), next), all); ok {
					t.Fatalf("%v does not contradict the chain shown: %v", next, c.Chain)
				}
			}
			if err == nil {
				taken = append(taken, next)
			}
		}
		want, _ := search(taken, all)
		for _, a := range all {
			for _, b := range all {
				got, chain := d.Of(a, b)
				if a != b && got != want[[2]Anchor{a, b}] {
					t.Fatalf("%s %s: got %q, want %q of %v", a, b, got, want[[2]Anchor{a, b}], taken)
				}
				if by, _ := search(chain, all); got != "" && by[[2]Anchor{a, b}] != got {
					t.Fatalf("%s %s: %q does not follow from %v", a, b, got, chain)
				}
			}
		}
	})
}

// search applies the rules until nothing is new: same is an equivalence, and what holds of one holds of all the same.
func search(decisions []Decision, all []Anchor) (verdicts map[[2]Anchor]Verdict, consistent bool) {
	said := map[[2]Anchor]map[Verdict]bool{}
	say := func(a, b Anchor, v Verdict) bool {
		isNew := false
		for _, pair := range [][2]Anchor{{a, b}, {b, a}} {
			if said[pair] == nil {
				said[pair] = map[Verdict]bool{}
			}
			isNew = isNew || !said[pair][v]
			said[pair][v] = true
		}
		return isNew
	}
	for _, a := range all {
		say(a, a, Same)
	}
	for _, d := range decisions {
		say(d.Left, d.Right, d.Verdict)
	}
	for again := true; again; {
		again = false
		for _, a := range all {
			for _, b := range all {
				for _, c := range all {
					if said[[2]Anchor{a, b}][Same] {
						for _, v := range slices.Collect(maps.Keys(said[[2]Anchor{b, c}])) {
							again = say(a, c, v) || again
						}
					}
				}
			}
		}
	}
	verdicts, consistent = map[[2]Anchor]Verdict{}, true
	for pair, of := range said {
		consistent = consistent && len(of) == 1
		for v := range of {
			verdicts[pair] = v
		}
	}
	return verdicts, consistent
}

func TestDecision_throughTheLedger(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), t.TempDir()+"/ledger.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, b := Anchor{Agency: "B", Client: "2"}, Anchor{Agency: "A", Client: "1"}
	d := Decision{Left: a, Right: b, Verdict: Different, Who: "ana", At: decidedOn, Why: "twins", LeftRests: RestsOn(a, delivered()), RightRests: "-.-.-.-.-"}
	if o := d.ordered(); o.Left != b || o.RightRests != d.LeftRests || o.LeftRests != d.RightRests {
		t.Errorf("turned round: %+v", o)
	}
	undone := d
	undone.Undone = true
	for i, want := range [][]Decision{{d.ordered()}, nil} {
		if err := l.Append(t.Context(), []Decision{d, undone}[i].Entry()); err != nil {
			t.Fatal(err)
		}
		facts, err := l.Current(t.Context(), "link_decision")
		if err != nil {
			t.Fatal(err)
		}
		var got []Decision
		for _, f := range facts {
			one, err := DecisionOf(f)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, one)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	all, err := l.All(t.Context(), "link_decision")
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d entries, %v; want both kept", len(all), err)
	}
	if last, err := DecisionOf(all[1]); err != nil || !last.Undone {
		t.Errorf("got %+v, %v; want it undone", last, err)
	}
	if _, err := DecisionOf(ledger.Entry{Kind: "link_decision", Fields: map[string]string{"verdict": "perhaps"}}); err == nil {
		t.Error("an unknown verdict was taken")
	}
}

func TestPairKey(t *testing.T) {
	t.Parallel()
	a, b := Anchor{Agency: "A", Client: "1"}, Anchor{Agency: "B", Client: "2"}
	if PairKey(a, b) != PairKey(b, a) || PairKey(a, b) == PairKey(a, Anchor{Agency: "B", Client: "3"}) {
		t.Error("a key is not the pair's")
	}
}

func TestDecisions_csvThereAndBack(t *testing.T) {
	t.Parallel()
	want := []Decision{decide("a1", "b1", Same), decide("a2", "b'1", Different), decide("a=1+1", "b1", Later)}
	for i, why := range []string{"=HYPERLINK(\"http://x\")", "seen, \"both\" files\nat once", "'quoted'"} {
		want[i] = Decision{Left: want[i].Left, Right: want[i].Right, Verdict: want[i].Verdict, Why: why}
	}
	var b bytes.Buffer
	if err := WriteDecisions(&b, []Decision{want[2], want[1], want[0]}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), ",=") || strings.Contains(b.String(), ",\"=") {
		t.Errorf("a spreadsheet would execute:\n%s", b.String())
	}
	for _, text := range []string{b.String(), "\uFEFF" + b.String()} {
		got, err := ReadDecisions(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestReadDecisions(t *testing.T) {
	t.Parallel()
	const head = "left_agency,left_client,right_agency,right_client,verdict,why\n"
	for _, tt := range []struct{ name, csv, want, fix string }{
		{"semicolons", strings.ReplaceAll(head+"B,2,A,1,same,x\n", ",", ";"), "", ""},
		{"only headings", head, "", ""},
		{"empty", "", "line 1: the columns are not those of decisions", "write them as left_agency,left_client,right_agency,right_client,verdict,why"},
		{"other headings", "a,b\n", "line 1: the columns are not those of decisions", "write them as left_agency,left_client,right_agency,right_client,verdict,why"},
		{"verdict misspelt", head + "A,1,B,2,smae,x\n", `line 2: verdict "smae" is none of same, family, different, later`, `did you mean "same"?`},
		{"verdict unknown", head + "A,1,B,2,bicycle,x\n", `line 2: verdict "bicycle" is none of same, family, different, later`, "write same, family, different, later"},
		{"a value too few", head + "A,1,B,2,same\n", "line 2: 5 values for 6 columns", "put a text with commas in quotes"},
		{"no reason", head + "A,1,B,2,same, \n", "line 2: why is empty", "every decision names two records, a verdict and a reason"},
		{"no client", head + "A,,B,2,same,x\n", "line 2: left_client is empty", "every decision names two records, a verdict and a reason"},
		{"twice, turned round", head + "A,1,B,2,same,x\nB,2,A,1,different,\"y\nz\"\n", "line 3: the pair of line 2 again", "keep one of the two lines"},
		{"itself", head + "A,1,A,1,same,x\n", "line 2: one record is no pair", "name two records"},
		{"other encoding", head + "A,1,B,2,same,r\xe9vis\xe9\n", "line 2: why is not UTF-8", "save the file as CSV UTF-8"},
		{"all faults", head + "A,1,B,2,sme,x\nA,1,B,3,same,\"x\ny\"\nA,1,,3,same,x\n",
			"line 2: verdict \"sme\" is none of same, family, different, later\nline 5: right_agency is empty", `did you mean "same"?`},
		{"broken quote", head + "A,1,B,2,same,\"x\nA,1,B,3,same,x\n", "line 3: extraneous or missing \" in quoted-field", "check the quotes at this line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadDecisions(strings.NewReader(tt.csv))
			if got := fmt.Sprint(err); tt.want == "" && err != nil || tt.want != "" && got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := tributary.FixOf(err); got != tt.fix {
				t.Errorf("fix: got %s, want %s", got, tt.fix)
			}
		})
	}
}

// Many decisions are read in a moment: the chain is looked for only where one is refused or asked for.
func TestDecided_manyDecisions(t *testing.T) {
	t.Parallel()
	d, err := Decide(nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	const n = 20000
	for i := range n {
		if err := d.Add(decide(fmt.Sprint("a", i), fmt.Sprint("a", i+1), Same)); err != nil {
			t.Fatal(err)
		}
		if err := d.Add(decide("b0", fmt.Sprint("a", i), Family)); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("%d decisions took %v", 2*n, took)
	}
}
