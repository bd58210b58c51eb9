package disclose_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	. "tributary/pipelines/release/disclose"
)

// counties is the example of Statistical Policy Working Paper 22 (Federal Committee on Statistical
// Methodology, 1994): delinquent children by county and education of the head of the household. The
// figures are as the literature quotes them and add up; the paper itself was not at hand.
var (
	counties = []string{"alpha", "beta", "gamma", "delta"}
	levels   = []string{"low", "medium", "high", "very high"}
	children = [][]int64{{15, 1, 3, 1}, {20, 10, 10, 15}, {3, 10, 10, 2}, {12, 14, 7, 2}}
)

func delinquent(isHidden func(county, level int) bool) Release {
	r := Release{Name: "paper"}
	total, columns := int64(0), make([]int64, len(levels))
	all := Sum{ID: "all", Parts: []Part{{"total", -1}}}
	for i, county := range counties {
		row, sum := int64(0), Sum{ID: county, Parts: []Part{{county, -1}}}
		for j, level := range levels {
			n := Number{ID: county + " " + level, Value: children[i][j], Loss: 1 + children[i][j]}
			if n.Value < 5 {
				n.Why = "small"
			}
			if isHidden != nil {
				n.State = Shown
				if isHidden(i, j) {
					n.State = Hidden
				}
			}
			row, columns[j] = row+n.Value, columns[j]+n.Value
			r.Numbers, sum.Parts = append(r.Numbers, n), append(sum.Parts, Part{n.ID, 1})
		}
		r.Numbers = append(r.Numbers, Number{ID: county, Value: row, State: Shown})
		r.Sums, all.Parts, total = append(r.Sums, sum), append(all.Parts, Part{county, 1}), total+row
	}
	for j, level := range levels {
		sum := Sum{ID: level, Parts: []Part{{level, -1}}}
		for _, county := range counties {
			sum.Parts = append(sum.Parts, Part{county + " " + level, 1})
		}
		r.Numbers, r.Sums = append(r.Numbers, Number{ID: level, Value: columns[j], State: Shown}), append(r.Sums, sum)
	}
	r.Numbers, r.Sums = append(r.Numbers, Number{ID: "total", Value: total, State: Shown}), append(r.Sums, all)
	return r
}

// TestExample_twoInEachLineAreNotEnough: two or more are hidden in each row and column, and still two rows
// less two columns give one number away. Ours does not, with every total shown.
func TestExample_twoInEachLineAreNotEnough(t *testing.T) {
	t.Parallel()
	hidden := [][]int{{1, 2, 3}, {1, 2}, {0, 3}, {0, 3}}
	paper := delinquent(func(i, j int) bool { return slices.Contains(hidden[i], j) })
	found := attack([]Release{paper}).components()[0].determined()
	if len(found) != 1 || found[0] != "alpha very high|1" {
		t.Errorf("the attacker finds %v, want the one number that the paper names", found)
	}
	now := delinquent(nil)
	a, err := Protect(Together(now, nil, 5, 5))
	if err != nil || len(a.Unmet) > 0 {
		t.Fatal(err, a.Unmet)
	}
	mustHold(t, []Release{After(now, a)}, 5)
}

// drawn makes random linked tables.
func drawn(t *rapid.T) Release {
	r := rand.New(rand.NewPCG(uint64(rapid.IntRange(0, 1<<30).Draw(t, "seed")), 3))
	below := int64(rapid.IntRange(2, 6).Draw(t, "below"))
	v := invent(r, rapid.IntRange(2, 5).Draw(t, "places"), rapid.IntRange(2, 4).Draw(t, "codes"), 2, rapid.IntRange(1, 2).Draw(t, "breakdowns"), 9)
	out := v.release("now", 0, 1, below)
	v.unions(&out, 1, below)
	return out
}

func protect(t *rapid.T, p *Problem) *Answer {
	a, err := Protect(p)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func hiddenIDs(p *Problem, a *Answer) (out []string) {
	for i, c := range p.Cells {
		if a.IsHidden[i] && c.State != Absent {
			out = append(out, c.ID)
		}
	}
	slices.Sort(out)
	return out
}

// TestProtect_isTheSameInAnyOrder: neither the order of the cells nor that of the relations matters.
func TestProtect_isTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := drawn(t)
		p := Together(now, nil, 5, 5)
		other := now
		other.Numbers = rapid.Permutation(now.Numbers).Draw(t, "numbers")
		other.Sums = rapid.Permutation(now.Sums).Draw(t, "sums")
		q := Together(other, nil, 5, 5)
		if got, want := hiddenIDs(q, protect(t, q)), hiddenIDs(p, protect(t, p)); !slices.Equal(got, want) {
			t.Errorf("%d are hidden in one order and %d in another", len(want), len(got))
		}
	})
}

// TestProtect_onlyHidesMore: what had to be hidden is hidden, and protecting what is protected, with its
// proofs, hides nothing more.
func TestProtect_onlyHidesMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := drawn(t)
		p := Together(now, nil, 5, 5)
		a := protect(t, p)
		again := Together(now, nil, 5, 5)
		for i, c := range p.Cells {
			if c.Why != "" && !a.IsHidden[i] {
				t.Errorf("%s may not be known and is shown", c.ID)
			}
			if a.IsHidden[i] && c.State == Open {
				again.Cells[i].State = Hidden
			}
		}
		again.Known = a.Proofs
		if got, want := hiddenIDs(again, protect(t, again)), hiddenIDs(p, a); !slices.Equal(got, want) {
			t.Errorf("%d are hidden, and %d after a second time", len(want), len(got))
		}
	})
}

// TestProtect_namesWhatCannotBeMet: a number whose every relation was published stays recoverable.
func TestProtect_namesWhatCannotBeMet(t *testing.T) {
	t.Parallel()
	p := &Problem{Width: 5, Cells: []Cell{{ID: "part", Value: 3, Loss: 1, Why: "small"}, {ID: "rest", Value: 9, Loss: 1, State: Shown}, {ID: "sum", Value: 12, Loss: 1, State: Shown}},
		Relations: []Relation{{"sum", []Term{{0, 1}, {1, 1}, {2, -1}}}}}
	a, err := Protect(p)
	if err != nil || !slices.Equal(a.Unmet, []int{0}) {
		t.Errorf("unmet %v, %v; want the part", a.Unmet, err)
	}
	for _, bad := range []*Problem{{Width: 0}, {Width: 1, Cells: []Cell{{ID: "a", Value: -1, Loss: 1}}}, {Width: 1, Relations: []Relation{{"r", []Term{{4, 1}}}}}} {
		if _, err := Protect(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
