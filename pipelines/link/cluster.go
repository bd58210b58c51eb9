package link

import (
	"cmp"
	"math"
	"runtime"
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
// nobody judges a cluster by half of its pairs. It returns all edges that matter, by their nodes.
func (e *engine) complete(edges []Edge, from float64) []Edge {
	place, isSure := e.places(), make([]bool, len(edges))
	e.inParallel(evenParts, func(part, _ int) {
		for i := len(edges) * part / evenParts; i < len(edges)*(part+1)/evenParts; i++ {
			isSure[i] = edges[i].Odds() >= from
		}
	})
	f := newForest(len(e.records))
	for i, g := range edges {
		if isSure[i] {
			f.join(place[g.L], place[g.R])
		}
	}
	var by grouper
	for i := range f {
		if r := f.root(int32(i)); r != int32(i) {
			by.add(mix(0, uint64(r)), int32(i))
		}
	}
	var components [][]int32
	for rest := range blocksOf(by.group()) {
		if len(rest) < 2 || len(rest) >= crowded {
			continue
		}
		all := []int32{f.root(rest[0].record)}
		for _, k := range rest {
			all = append(all, k.record)
		}
		components = append(components, all)
	}
	isKnown := func(l, r int32) bool { // edges come by their nodes, and so by the places of their records
		_, ok := slices.BinarySearchFunc(edges, Edge{L: e.records[l].node, R: e.records[r].node}, byNodes)
		return ok
	}
	own, found := make([]*weights, e.workers), make([][]Edge, evenParts)
	e.inParallel(evenParts, func(part, worker int) {
		if own[worker] == nil {
			own[worker] = newWeights(e.model)
		}
		for _, all := range components[len(components)*part/evenParts : len(components)*(part+1)/evenParts] {
			for i, l := range all {
				for _, r := range all[i+1:] {
					if isKnown(l, r) {
						continue
					}
					p := pair{l: l, r: r, pattern: compare(&e.records[l], &e.records[r])}
					if g, ok := own[worker].edge(&p, e.records); ok {
						found[part] = append(found[part], g)
					}
				}
			}
		}
	})
	more := slices.Concat(found...)
	slices.SortFunc(more, byNodes)
	return together(edges, more)
}

// together makes one row of two that are each in the order of their nodes.
func together(a, b []Edge) []Edge {
	out := make([]Edge, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if byNodes(a[0], b[0]) < 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// places are those of the records, by node; -1 where there is none.
func (e *engine) places() []int32 {
	place := make([]int32, e.nodes)
	for i := range place {
		place[i] = -1
	}
	for i := range e.records {
		place[e.records[i].node] = int32(i)
	}
	return place
}

// copies returns the records that say the same as another of their source, each with that other and what
// speaks for one child, and of these the ones of which so much is known that they are: from `from` bits, or
// whole. Without names none is, for copies stand once when the file teaches, and what they share then
// looks rare.
func (e *engine) copies(from float64) (all []Edge, sure [][2]int32) {
	place := e.places()
	w := newWeights(e.model)
	for _, c := range e.copied {
		r := &e.records[place[c.first]]
		p := pair{l: place[c.first], r: place[c.first], pattern: compare(r, r)}
		g, ok := w.edge(&p, e.records)
		if ok {
			g.R = c.node
			all = append(all, g)
		}
		if c.isNamed && !e.distinct[r.source] && (c.isWhole || ok && g.Odds() >= from) {
			sure = append(sure, [2]int32{c.node, c.first})
		}
	}
	return all, sure
}

// pairOdds is a pair and the odds of it in bits.
type pairOdds struct {
	l, r int32
	odds float64
	// veto says that nothing may bring the two together, but for a third record that reconciles their given
	// names: then the odds are eased.
	veto, mayEase bool
	eased         float64
	given         int // the level at which the given names agree
	// isVague says that the given name may as well be another's: Em is Emma and Emily.
	isVague bool
}

// cluster joins records of one child. bears says whether a record bears the given names of two others, vouched
// (nil: of none) whether two are of a source that holds nobody twice.
// copies follow the record that they repeat, and what people decided about a copy is decided about that
// record; a copy that they said is another child stays by itself.
func (m *Model) cluster(nodes int, edges []Edge, least float64, bears func(z, x, y int32) bool, vouched func(x, y int32) bool, copies, same, different [][2]int32) []int32 {
	pairs := make([]pairOdds, len(edges))
	inParallel(runtime.GOMAXPROCS(0), evenParts, func(part, _ int) {
		for i := len(edges) * part / evenParts; i < len(edges)*(part+1)/evenParts; i++ {
			pairs[i] = m.pairOdds(edges[i])
			if vouched != nil && vouched(edges[i].L, edges[i].R) {
				pairs[i].veto, pairs[i].mayEase = true, false
			}
		}
	})
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
	f := forest(agglomerate(nodes, pairs, least, guard, bears, vouched, repeated(same), repeated(different)))
	for copied, first := range repeats {
		f.join(copied, first)
	}
	for i := range f {
		f[i] = f.root(int32(i))
	}
	return f
}

func (m *Model) pairOdds(g Edge) pairOdds {
	pattern := int(g.Pattern)
	p := pairOdds{l: g.L, r: g.R, odds: g.Odds(), veto: m.contradicts(pattern), given: at(pattern, cGiven)}
	p.isVague = m.hasSiblings() && (p.given == givenForm || p.given == givenInitial)
	if p.veto && p.given >= givenSimilar && at(pattern, cBirth) != birthGeneration {
		was, form := m.Comparisons[cGiven][p.given-1], m.Comparisons[cGiven][givenForm-1]
		g.Stranger += float32(math.Log2(form.Same/form.Unrelated) - math.Log2(was.Same/was.Unrelated))
		g.Sibling += float32(math.Log2(form.Same/form.Sibling) - math.Log2(was.Same/was.Sibling))
		p.mayEase, p.eased = true, g.Odds()
	}
	return p
}

// areOneMisspelt says whether a record's given name is that of two others, of which one at least is
// misspelt.
func areOneMisspelt(x, y *pairOdds) bool {
	if x == nil || y == nil || x.veto || y.veto {
		return false
	}
	isMisspelt := func(p *pairOdds) bool { return p.given == givenMisspelt || p.given == givenBadly }
	isSame := func(p *pairOdds) bool { return p.given == 1 || p.given == givenForm || isMisspelt(p) }
	return isMisspelt(x) && isSame(y) || isSame(x) && isMisspelt(y)
}

// bears says whether a record has the given names of two others, which are then of one child that goes by
// either: Elliot Jasper is Elliot here and Jasper there.
func (e *engine) bears(place []int32) func(z, x, y int32) bool {
	return func(z, x, y int32) bool {
		a, b, c := &e.records[place[z]], &e.records[place[x]], &e.records[place[y]]
		return meet(a, tGiven, b, tGiven) && meet(a, tMiddle, c, tGiven) || meet(a, tGiven, c, tGiven) && meet(a, tMiddle, b, tGiven)
	}
}

// vouched says whether two nodes are of one source that holds nobody twice; nil where no source does.
func (e *engine) vouched(place []int32) func(x, y int32) bool {
	if e.distinct == nil {
		return nil
	}
	for _, c := range e.copied {
		place[c.node] = place[c.first] // of one source
	}
	return func(x, y int32) bool {
		source := e.records[place[x]].source
		return x != y && source == e.records[place[y]].source && e.distinct[source]
	}
}

// agglomerate joins clusters best pair first, wherever all that is known of their pairs together allows
// it, mean bits at least; a pair of which nothing is known speaks against. same and different are what
// people decided. What no pair holds together is looked at apart.
func agglomerate(nodes int, pairs []pairOdds, least, mean float64, bears func(z, x, y int32) bool, vouched func(x, y int32) bool, same, different [][2]int32) []int32 {
	f := newForest(nodes)
	for _, p := range pairs {
		if p.odds >= least && !p.veto {
			f.join(p.l, p.r)
		}
	}
	for _, s := range same {
		f.join(s[0], s[1])
	}
	// The pairs, and what was decided, of each component.
	starts := make([]int, nodes+1)
	for _, p := range pairs {
		if root := f.root(p.l); root == f.root(p.r) {
			starts[root+1]++
		}
	}
	for i := range nodes {
		starts[i+1] += starts[i]
	}
	within := make([]pairOdds, starts[nodes])
	next := slices.Clone(starts)
	for _, p := range pairs {
		if root := f.root(p.l); root == f.root(p.r) {
			within[next[root]] = p
			next[root]++
		}
	}
	decided := map[int32]*[2][][2]int32{}
	for i, list := range [][][2]int32{same, different} {
		for _, d := range list {
			root := f.root(d[0])
			if root != f.root(d[1]) {
				continue
			}
			if decided[root] == nil {
				decided[root] = &[2][][2]int32{}
			}
			decided[root][i] = append(decided[root][i], d)
		}
	}
	label := make([]int32, nodes)
	for i := range label {
		label[i] = int32(i)
	}
	inParallel(runtime.GOMAXPROCS(0), evenParts, func(share, _ int) { // components have no record in common
		for root := nodes * share / evenParts; root < nodes*(share+1)/evenParts; root++ {
			part := within[starts[root]:starts[root+1]]
			said := decided[int32(root)]
			switch {
			case len(part) == 0 && said == nil:
			case len(part) == 1 && said == nil: // all that is known of two records
				label[max(part[0].l, part[0].r)] = min(part[0].l, part[0].r)
			default:
				if said == nil {
					said = &[2][][2]int32{}
				}
				settle(label, part, least, mean, bears, vouched, said[0], said[1])
			}
		}
	})
	return label
}

// settle clusters the records of one component.
func settle(label []int32, pairs []pairOdds, least, mean float64, bears func(z, x, y int32) bool, vouched func(x, y int32) bool, same, different [][2]int32) {
	key := func(a, b int32) [2]int32 { return [2]int32{min(a, b), max(a, b)} }
	of := make(map[[2]int32]*pairOdds, len(pairs))
	near := map[int32][]int32{} // who may be one child with whom, more likely than not
	var queue []pairOdds
	for i := range pairs {
		p := &pairs[i]
		of[key(p.l, p.r)] = p
		if !p.veto && p.odds >= least {
			queue = append(queue, *p)
		}
		if !p.veto && p.odds >= 0 {
			near[p.l], near[p.r] = append(near[p.l], p.r), append(near[p.r], p.l)
		}
	}
	said := map[[2]int32]bool{}
	for _, d := range different {
		said[key(d[0], d[1])] = true
	}
	slices.SortFunc(queue, func(a, b pairOdds) int {
		return cmp.Or(cmp.Compare(b.odds, a.odds), cmp.Compare(a.l, b.l), cmp.Compare(a.r, b.r))
	})
	members := map[int32][]int32{} // by the smallest
	all := func(x int32) []int32 {
		if m, ok := members[label[x]]; ok {
			return m
		}
		return []int32{x}
	}
	reconciles := func(z, x, y int32) bool {
		return bears != nil && bears(z, x, y) || areOneMisspelt(of[key(z, x)], of[key(z, y)])
	}
	// What people said to be one child reconciles what speaks against it: whoever is one with a record is one
	// with the records that people put to it.
	decided := map[int32][]int32{}
	for _, s := range same {
		decided[s[0]], decided[s[1]] = append(decided[s[0]], s[1]), append(decided[s[1]], s[0])
	}
	isDecided := func(x, y int32) bool {
		return slices.ContainsFunc(decided[y], func(z int32) bool {
			p := of[key(x, z)]
			return z == x || p != nil && !p.veto && p.odds >= 0
		})
	}
	odds := func(x, y int32, a, b []int32) float64 {
		p, ok := of[key(x, y)]
		switch {
		case said[key(x, y)]:
			return never
		case len(decided) > 0 && (isDecided(x, y) || isDecided(y, x)):
			return clip
		case vouched != nil && vouched(x, y):
			return never
		case !ok:
			return -clip
		case !p.veto:
			return min(clip, max(-clip, p.odds))
		case p.mayEase:
			is := func(z int32) bool { return reconciles(z, x, y) }
			if slices.ContainsFunc(a, is) || slices.ContainsFunc(b, is) {
				return min(clip, max(-clip, p.eased))
			}
		}
		return never
	}
	// hasRival says whether x may as well be a third that is not y: its twin.
	hasRival := func(x, y int32) bool {
		return slices.ContainsFunc(near[x], func(z int32) bool {
			p := of[key(y, z)]
			return z != y && (p == nil || p.veto && !(p.mayEase && reconciles(x, y, z)))
		})
	}
	unite := func(a, b []int32) {
		whole := append(slices.Clone(a), b...)
		first := min(label[a[0]], label[b[0]])
		for _, x := range whole {
			label[x] = first
		}
		members[first] = whole
	}
	for _, s := range same {
		if label[s[0]] != label[s[1]] {
			unite(all(s[0]), all(s[1]))
		}
	}
	for _, p := range queue {
		if label[p.l] == label[p.r] || p.isVague && (hasRival(p.l, p.r) || hasRival(p.r, p.l)) {
			continue
		}
		a, b := all(p.l), all(p.r)
		sum := 0.0
		for _, x := range a {
			for _, y := range b {
				sum += odds(x, y, a, b)
			}
		}
		if sum >= mean*float64(len(a)*len(b)) {
			unite(a, b)
		}
	}
}
