package link

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// graph is a random set of records with what is known of their pairs and what people decided.
type graph struct {
	nodes           int
	pairs           []pairOdds
	least           float64
	same, different [][2]int32
}

func drawGraph(t *rapid.T) graph {
	n := rapid.IntRange(1, 14).Draw(t, "nodes")
	g := graph{nodes: n, least: float64(rapid.IntRange(-2, 8).Draw(t, "least"))}
	pair := rapid.Custom(func(t *rapid.T) [2]int32 {
		l := rapid.IntRange(0, n-1).Draw(t, "l")
		return [2]int32{int32(l), int32(rapid.IntRange(l, n-1).Draw(t, "r"))}
	}).Filter(func(p [2]int32) bool { return p[0] < p[1] })
	if n == 1 {
		return g
	}
	for _, p := range rapid.SliceOfNDistinct(pair, 0, 40, rapid.ID).Draw(t, "pairs") {
		g.pairs = append(g.pairs, pairOdds{l: p[0], r: p[1], odds: float64(rapid.IntRange(-9, 9).Draw(t, "odds")), veto: rapid.IntRange(0, 9).Draw(t, "veto") == 0, given: 1})
	}
	g.same = rapid.SliceOfN(pair, 0, 2).Draw(t, "same")
	g.different = rapid.SliceOfN(pair, 0, 3).Draw(t, "different")
	return g
}

func (g graph) cluster() []int32 {
	return agglomerate(g.nodes, g.pairs, g.least, guard, nil, nil, g.same, g.different)
}

// plainly does what agglomerate does, by a label on every record and a table of all pairs.
func (g graph) plainly() []int32 {
	odds := make([][]float64, g.nodes)
	label := make([]int32, g.nodes)
	for i := range odds {
		label[i] = int32(i)
		odds[i] = slices.Repeat([]float64{-clip}, g.nodes)
	}
	set := func(l, r int32, o float64) { odds[l][r], odds[r][l] = o, o }
	relabel := func(l, r int32) {
		from, to := max(label[l], label[r]), min(label[l], label[r])
		for i := range label {
			if label[i] == from {
				label[i] = to
			}
		}
	}
	pairs := slices.Clone(g.pairs)
	for i, p := range pairs {
		set(p.l, p.r, min(clip, max(-clip, p.odds)))
		if p.veto {
			pairs[i].odds = never
			set(p.l, p.r, never)
		}
	}
	speaksFor := func(x, z int32) bool {
		return slices.ContainsFunc(g.pairs, func(p pairOdds) bool {
			return min(x, z) == p.l && max(x, z) == p.r && !p.veto && p.odds >= 0
		})
	}
	for x := range int32(g.nodes) {
		for _, s := range g.same {
			for _, s := range [][2]int32{s, {s[1], s[0]}} {
				if x == s[0] || speaksFor(x, s[0]) {
					set(x, s[1], clip)
				}
			}
		}
	}
	for _, d := range g.different {
		set(d[0], d[1], never)
	}
	for _, s := range g.same {
		relabel(s[0], s[1])
	}
	slices.SortFunc(pairs, func(a, b pairOdds) int {
		return cmp.Or(cmp.Compare(b.odds, a.odds), cmp.Compare(a.l, b.l), cmp.Compare(a.r, b.r))
	})
	for _, p := range pairs {
		if p.odds < g.least || label[p.l] == label[p.r] {
			continue
		}
		sum, count := 0.0, 0.0
		for i := range label {
			for j := range label {
				if label[i] == label[p.l] && label[j] == label[p.r] {
					sum, count = sum+odds[i][j], count+1
				}
			}
		}
		if sum/count >= guard {
			relabel(p.l, p.r)
		}
	}
	return label
}

func TestAgglomerate_equalsPlainSearch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		if diff := gocmp.Diff(g.plainly(), g.cluster()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What people decided to be one child is one, and nothing but that brings a vetoed pair together.
func TestAgglomerate_keepsWhatPeopleSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		got, said := g.cluster(), newForest(g.nodes)
		for _, s := range g.same {
			said.join(s[0], s[1])
			if got[s[0]] != got[s[1]] {
				t.Fatalf("%v was decided to be one child", s)
			}
		}
		apart := slices.Clone(g.different)
		isDecided := map[int32]bool{} // what people said reconciles a veto
		for _, s := range g.same {
			isDecided[s[0]], isDecided[s[1]] = true, true
		}
		for _, p := range g.pairs {
			if p.veto && !isDecided[p.l] && !isDecided[p.r] {
				apart = append(apart, [2]int32{p.l, p.r})
			}
		}
		for _, p := range apart {
			if got[p[0]] == got[p[1]] && said.root(p[0]) != said.root(p[1]) {
				t.Fatalf("%v is one child against a veto or a decision", p)
			}
		}
	})
}

// The order in which pairs and decisions come makes no difference, and each cluster is called by its
// smallest record.
func TestAgglomerate_sameInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		want := g.cluster()
		for i, first := range want {
			if int(first) > i || want[first] != first {
				t.Fatalf("record %d stands under %d", i, first)
			}
		}
		random := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		for _, list := range []func(){
			func() { shuffle(random, g.pairs) }, func() { shuffle(random, g.same) }, func() { shuffle(random, g.different) },
		} {
			list()
		}
		if diff := gocmp.Diff(want, g.cluster()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func shuffle[T any](random *rand.Rand, list []T) {
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// Copies follow the record that they repeat, and so does what people decided about them.
func TestCluster_copies(t *testing.T) {
	t.Parallel()
	edge := Edge{L: 0, R: 1, Stranger: 20, Sibling: 20, Pattern: 1} // one given name; node 2 is a copy of 0, node 3 of 1
	copies := [][2]int32{{2, 0}, {3, 1}}
	for _, tt := range []struct {
		name            string
		same, different [][2]int32
		edges           []Edge
		want            []int32
	}{
		{"the pair is linked", nil, nil, []Edge{edge}, []int32{0, 0, 0, 0}},
		{"copies alone", nil, nil, nil, []int32{0, 1, 0, 1}},
		{"a copy is different from the other", nil, [][2]int32{{2, 1}}, []Edge{edge}, []int32{0, 1, 0, 1}},
		{"both copies are different", nil, [][2]int32{{2, 3}}, []Edge{edge}, []int32{0, 1, 0, 1}},
		{"both copies are one child", [][2]int32{{2, 3}}, nil, nil, []int32{0, 0, 0, 0}},
		{"a copy is not what it repeats", nil, [][2]int32{{0, 2}}, []Edge{edge}, []int32{0, 0, 2, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := &Model{Same: .01, Sibling: .01}
			if diff := gocmp.Diff(tt.want, m.cluster(4, tt.edges, bits(.95), nil, nil, copies, tt.same, tt.different)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a third record, or a person, says of two given names.
func TestAgglomerate_namesReconciled(t *testing.T) {
	t.Parallel()
	const least = 4.25
	sure := func(l, r int32, given int) pairOdds { return pairOdds{l: l, r: r, odds: 10, given: given} }
	vetoed := func(l, r int32) pairOdds {
		return pairOdds{l: l, r: r, odds: 8, veto: true, mayEase: true, eased: 3, given: 10}
	}
	vague := func(l, r int32) pairOdds {
		return pairOdds{l: l, r: r, odds: 9, given: givenForm, isVague: true}
	}
	middle := func(z, x, y int32) bool { return z == 0 && x != 0 && y != 0 } // record 0 bears all names
	for _, tt := range []struct {
		name  string
		pairs []pairOdds
		bears func(z, x, y int32) bool
		same  [][2]int32
		want  []int32
	}{
		{"twins", []pairOdds{sure(0, 1, 1), sure(0, 2, 1), vetoed(1, 2)}, nil, nil, []int32{0, 0, 2}},
		{"a child called by its middle name", []pairOdds{sure(0, 1, 1), sure(0, 2, givenForm), vetoed(1, 2)}, middle, nil, []int32{0, 0, 0}},
		{"two misspellings of one name", []pairOdds{sure(0, 1, givenMisspelt), sure(0, 2, givenMisspelt), vetoed(1, 2)}, nil, nil, []int32{0, 0, 0}},
		{"two forms of a short name are two names", []pairOdds{sure(0, 1, givenForm), sure(0, 2, givenForm), vetoed(1, 2)}, nil, nil, []int32{0, 0, 2}},
		{"a short name beside twins is nobody's", []pairOdds{vague(0, 1), vague(0, 2), vetoed(1, 2)}, nil, nil, []int32{0, 1, 2}},
		{"a short name beside one child", []pairOdds{vague(0, 1), vague(0, 2), sure(1, 2, 1)}, nil, nil, []int32{0, 0, 0}},
		{"a decision brings the whole child along", []pairOdds{sure(0, 1, 1), vetoed(0, 2), vetoed(1, 2)}, nil, [][2]int32{{1, 2}}, []int32{0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := gocmp.Diff(tt.want, agglomerate(3, tt.pairs, least, guard, tt.bears, nil, tt.same, nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What holds one record to two of a source that holds nobody twice does not hold these two to each other, though
// nothing else is known of them.
func TestAgglomerate_vouched(t *testing.T) {
	t.Parallel()
	pairs := []pairOdds{{l: 0, r: 2, odds: 10, given: 1}, {l: 1, r: 2, odds: 9, given: 1}}
	vouched := func(x, y int32) bool { return x != 2 && y != 2 }
	for _, tt := range []struct {
		vouched func(x, y int32) bool
		want    []int32
	}{{nil, []int32{0, 0, 0}}, {vouched, []int32{0, 1, 0}}} {
		if diff := gocmp.Diff(tt.want, agglomerate(3, pairs, 4.25, guard, nil, tt.vouched, nil, nil)); diff != "" {
			t.Error(diff)
		}
	}
	m, sure := &Model{Same: .01, Sibling: .01}, []Edge{{L: 0, R: 1, Stranger: 10, Sibling: 10, Pattern: int32(radix[cGiven])}}
	if diff := gocmp.Diff([]int32{0, 1}, m.cluster(2, sure, bits(.95), nil, vouched, nil, nil, nil)); diff != "" {
		t.Errorf("a sure pair: %s", diff)
	}
	if diff := gocmp.Diff([]int32{0, 0}, m.cluster(2, sure, bits(.95), nil, nil, nil, nil, nil)); diff != "" {
		t.Errorf("a sure pair, nobody vouches: %s", diff)
	}
}
