package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// toy is an area of three families: F1 with children 1 (at two agencies) and 2, F2 with 3 and 4, F3 with
// 5 alone.
func toy() *area {
	return &area{
		child: map[client]string{
			{"A", "1"}: "C1", {"B", "1"}: "C1", {"A", "2"}: "C2", {"A", "3"}: "C3", {"B", "4"}: "C4", {"B", "5"}: "C5",
		},
		family: map[client]string{
			{"A", "1"}: "F1", {"B", "1"}: "F1", {"A", "2"}: "F1", {"A", "3"}: "F2", {"B", "4"}: "F2", {"B", "5"}: "F3",
		},
		counts: map[string]map[string]float64{"delivered": {"children_known@2025-26Q1": 100, "families_known@2025-26Q1": 50}},
	}
}

func families(names ...string) found {
	ours := found{family: map[client]string{}}
	for i, c := range []client{{"A", "1"}, {"B", "1"}, {"A", "2"}, {"A", "3"}, {"B", "4"}, {"B", "5"}} {
		if names[i] != "" {
			ours.family[c] = names[i]
		}
	}
	return ours
}

func TestArea_families(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		ours                      found
		exact, of, right, joinsOf int
	}{
		"as they are":                       {families("a", "a", "a", "b", "b", "c"), 2, 2, 2, 2},
		"one child's clients in two":        {families("a", "x", "a", "b", "b", "c"), 1, 2, 2, 2},
		"a family in two":                   {families("a", "a", "a", "b", "x", "c"), 1, 2, 1, 1},
		"two families in one":               {families("a", "a", "a", "b", "b", "b"), 1, 2, 2, 4},
		"a client that nobody delivered":    {families("a", "", "a", "b", "b", "c"), 2, 2, 2, 2},
		"a family of which one child shows": {families("a", "a", "a", "b", "", "c"), 1, 1, 1, 1},
		"each alone":                        {families("a", "b", "c", "d", "e", "f"), 0, 2, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := toy()
			if exact, of := a.exactFamilies(tt.ours); exact != tt.exact || of != tt.of {
				t.Errorf("%d of %d families exact, want %d of %d", exact, of, tt.exact, tt.of)
			}
			if right, joins := a.familyJoins(tt.ours); right != tt.right || joins != tt.joinsOf {
				t.Errorf("%d of %d joins right, want %d of %d", right, joins, tt.right, tt.joinsOf)
			}
		})
	}
}

func TestCompare_countsPairsOfClients(t *testing.T) {
	t.Parallel()
	// Of the four pairs that are true families' three are found, and one found pair is wrong.
	got := compare(families("a", "a", "a", "b", "c", "c").family, toy().family)
	if got.Precision != .75 || got.Recall != .75 {
		t.Errorf("precision %v and recall %v, want .75 both", got.Precision, got.Recall)
	}
}

func TestArea_countsAreHeldToTheTruth(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		children stated
		answered bool
		failed   int
	}{
		"right":                         {stated{100, 100, 99, 101}, false, 0},
		"four in a hundred off":         {stated{104, 100, 99, 101}, false, 0},
		"five in a hundred off":         {stated{105, 100, 99, 101}, false, 1},
		"four off after answers":        {stated{104, 100, 99, 101}, true, 1},
		"truth outside of the range":    {stated{100, 100, 101, 102}, false, 1},
		"expectation off":               {stated{100, 102, 99, 101}, false, 1},
		"range too wide":                {stated{100, 100, 96, 103}, false, 1},
		"not published, so all of them": {stated{}, false, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &report{out: t.Output()}
			toy().holdCounts(r, "delivered", map[string]stated{
				"children_known@2025-26Q1": tt.children,
				"families_known@2025-26Q1": {50, 50, 50, 50},
			}, tt.answered)
			if r.missed != tt.failed {
				t.Errorf("%d lines fail, want %d", r.missed, tt.failed)
			}
		})
	}
}

func TestArea_answersTakeErrorAway(t *testing.T) {
	t.Parallel()
	state := func(children, families float64) map[string]stated {
		return map[string]stated{"children_known@2025-26Q1": {value: children}, "families_known@2025-26Q1": {value: families}}
	}
	a := toy()
	if got := a.summedError("delivered", state(106, 46)); got != 10 {
		t.Errorf("error %v, want 10", got)
	}
	for name, tt := range map[string]struct {
		after  map[string]stated
		failed int
	}{"from 10 to 7": {state(103, 46), 0}, "from 10 to 8": {state(104, 46), 1}, "from 10 to 12": {state(108, 46), 1}} {
		r := &report{out: t.Output()}
		a.holdQueue(r, "delivered", state(106, 46), tt.after)
		if r.missed != tt.failed {
			t.Errorf("%s: %d lines fail, want %d", name, r.missed, tt.failed)
		}
	}
}

func TestArea_answersFromTheTruth(t *testing.T) {
	t.Parallel()
	a := toy()
	got := []string{a.answer(client{"A", "1"}, client{"B", "1"}), a.answer(client{"A", "1"}, client{"A", "2"}), a.answer(client{"A", "1"}, client{"B", "5"})}
	if diff := cmp.Diff([]string{"same", "family", "different"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadArea(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"clients.csv":  "agency,local_client_id,child_id,family_id\nA,1,C1,F1\nA,9,,\n",
		"activity.csv": "agency,period,local_client_id,delivered_readable\nA,2025-26_Q1,1,yes\nA,2025-26_Q1,9,no\n",
		"counts.csv": "basis,period,scope,measure,value\ndelivered,2025-26_Q1,all,unique_children,7\ndelivered,2025-26_YTD_Q2,all,unique_families,5\n" +
			"delivered,2025-26_Q1,agency,unique_children,3\ndelivered,2025-26_Q1,all,csp_referrals,2\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := readArea(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"children_known@2025-26Q1": 7, "families_known@2025-26Q2/ytd": 5}
	if diff := cmp.Diff(want, a.counts["delivered"]); diff != "" {
		t.Error(diff)
	}
	if test := (client{"A", "9"}); !strings.HasPrefix(a.child[test], "test") || a.delivered[test] || !a.delivered[client{"A", "1"}] {
		t.Errorf("a test entry is %q; delivered %v", a.child[test], a.delivered)
	}
}
