package link

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"
)

// Guard: two clusters are joined only when what all their cross pairs say together speaks for it. Odds
// are cut at clip, so that one pair cannot shout down the others.
const (
	clip    = 12.0 // bits
	guard   = -2.0 // bits, mean over the cross pairs
	never   = -1e9 // the odds of a veto
	crowded = 300  // records of one component up to which every pair is compared
)

// forest is a union-find over nodes.
type forest []int32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = int32(i)
	}
	return f
}

func (f forest) root(x int32) int32 {
	for f[x] != x {
		f[x] = f[f[x]]
		x = f[x]
	}
	return x
}

// join puts two trees together under the smaller root.
func (f forest) join(a, b int32) {
	a, b = f.root(a), f.root(b)
	if a < b {
		f[b] = a
	} else {
		f[a] = b
	}
}

// complete compares every pair within the components that edges from `from` bits hold together, so that
// nobody judges a cluster by half of its pairs. It returns all edges that matter, sorted.
func (e *engine) complete(ctx context.Context, from float64) ([]Edge, error) {
	known, err := e.edges(ctx, "scored", "true")
	if err != nil {
		return nil, err
	}
	f := newForest(e.nodes)
	for _, g := range known {
		if g.Odds() >= from {
			f.join(g.L, g.R)
		}
	}
	members := map[int32][]int32{}
	for i := range f {
		if r := f.root(int32(i)); r != int32(i) {
			members[r] = append(members[r], int32(i))
		}
	}
	var rows [][]driver.Value
	for i := range f {
		rest := members[int32(i)]
		if len(rest) < 2 || len(rest) >= crowded {
			continue
		}
		all := append([]int32{int32(i)}, rest...)
		for _, x := range all {
			rows = append(rows, []driver.Value{int32(i), x})
		}
	}
	if len(rows) == 0 {
		return known, nil
	}
	if err := e.db.Exec(ctx, "create or replace table component (component integer, node integer)"); err != nil {
		return nil, err
	}
	if err := e.db.Insert(ctx, "memory", "component", rows); err != nil {
		return nil, err
	}
	if err := e.compare(ctx, "compared_more", `select a.node as l, b.node as r, 0 as rules
from component as a
join component as b on b.component = a.component and b.node > a.node
anti join pair as p on p.l = a.node and p.r = b.node`); err != nil {
		return nil, err
	}
	if err := e.weigh(ctx, "completed", "compared_more"); err != nil {
		return nil, err
	}
	more, err := e.edges(ctx, "completed", "true")
	if err != nil {
		return nil, err
	}
	known = append(known, more...)
	slices.SortFunc(known, byNodes)
	return known, nil
}

// copies returns the records that say the same as another of their source, each with that other, where
// so much is known of them that they are one child: from `from` bits, or whole. Without names none is,
// for copies stand once when the file teaches, and what they share then looks rare.
func (e *engine) copies(ctx context.Context, from float64) ([][2]int32, error) {
	if err := e.compare(ctx, "compared_copies", "select distinct first_node as l, first_node as r, 0 as rules from copy"); err != nil {
		return nil, err
	}
	if err := e.weigh(ctx, "selfed", "compared_copies"); err != nil {
		return nil, err
	}
	selves, err := e.edges(ctx, "selfed", "true")
	if err != nil {
		return nil, err
	}
	sure := map[int32]bool{}
	for _, g := range selves {
		sure[g.L] = g.Odds() >= from
	}
	rows, err := e.db.Query(ctx, "select node, first_node, is_whole from copy where is_named order by node")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][2]int32
	for rows.Next() {
		var c [2]int32
		var isWhole bool
		if err := rows.Scan(&c[0], &c[1], &isWhole); err != nil {
			return nil, err
		}
		if isWhole || sure[c[1]] {
			out = append(out, c)
		}
	}
	return out, rows.Err()
}

// pairOdds is a pair and the odds of it in bits; veto says that nothing may bring the two together.
type pairOdds struct {
	l, r int32
	odds float64
	veto bool
}

// cluster joins records of one child. copies follow the record that they repeat, and what people decided
// about a copy is decided about that record; a copy that they said is another child stays by itself.
func (m *Model) cluster(nodes int, edges []Edge, least float64, copies, same, different [][2]int32) []int32 {
	pairs := make([]pairOdds, len(edges))
	for i, g := range edges {
		pairs[i] = pairOdds{g.L, g.R, g.Odds(), m.contradicts(int(g.Pattern))}
	}
	repeats := make(map[int32]int32, len(copies))
	for _, c := range copies {
		repeats[c[0]] = c[1]
	}
	of := func(x int32) int32 {
		if first, ok := repeats[x]; ok {
			return first
		}
		return x
	}
	for _, d := range different {
		if of(d[0]) == of(d[1]) {
			delete(repeats, max(d[0], d[1])) // the first of equal records is the smallest
		}
	}
	repeated := func(decided [][2]int32) [][2]int32 {
		out := make([][2]int32, len(decided))
		for i, d := range decided {
			out[i] = [2]int32{of(d[0]), of(d[1])}
		}
		return out
	}
	f := forest(agglomerate(nodes, pairs, least, guard, repeated(same), repeated(different)))
	for copied, first := range repeats {
		f.join(copied, first)
	}
	for i := range f {
		f[i] = f.root(int32(i))
	}
	return f
}

// agglomerate joins clusters best pair first, wherever all that is known of their pairs together allows
// it, mean bits at least; a pair of which nothing is known speaks against. same and different are what
// people decided.
func agglomerate(nodes int, pairs []pairOdds, least, mean float64, same, different [][2]int32) []int32 {
	key := func(a, b int32) uint64 {
		if a > b {
			a, b = b, a
		}
		return uint64(a)<<32 | uint64(b)
	}
	odds := make(map[uint64]float64, len(pairs))
	var queue []pairOdds
	for _, p := range pairs {
		odds[key(p.l, p.r)] = min(clip, max(-clip, p.odds))
		if p.veto {
			odds[key(p.l, p.r)] = never
		} else if p.odds >= least {
			queue = append(queue, p)
		}
	}
	for _, d := range different {
		odds[key(d[0], d[1])] = never
	}
	slices.SortFunc(queue, func(a, b pairOdds) int {
		return cmp.Or(cmp.Compare(b.odds, a.odds), cmp.Compare(a.l, b.l), cmp.Compare(a.r, b.r))
	})
	f := newForest(nodes)
	members := map[int32][]int32{}
	of := func(root int32) []int32 {
		if m, ok := members[root]; ok {
			return m
		}
		return []int32{root}
	}
	unite := func(a, b int32) {
		all := append(slices.Clone(of(a)), of(b)...)
		f.join(a, b)
		delete(members, a)
		delete(members, b)
		members[f.root(a)] = all
	}
	for _, s := range same {
		if a, b := f.root(s[0]), f.root(s[1]); a != b {
			unite(a, b)
		}
	}
	for _, p := range queue {
		a, b := f.root(p.l), f.root(p.r)
		if a == b {
			continue
		}
		ma, mb := of(a), of(b)
		sum := 0.0
		for _, x := range ma {
			for _, y := range mb {
				o, ok := odds[key(x, y)]
				if !ok {
					o = -clip
				}
				sum += o
			}
		}
		if sum >= mean*float64(len(ma)*len(mb)) {
			unite(a, b)
		}
	}
	for i := range f {
		f[i] = f.root(int32(i))
	}
	return f
}
