package link

import (
	"math"
	"slices"
)

// Edge is a pair of records with what speaks for one child, in bits (base-2 logarithms of odds).
type Edge struct {
	L, R int32
	// Stranger and Sibling are the odds of one child against two unrelated ones, and against two of one
	// household.
	Stranger, Sibling float32
	Pattern           int32
	Rules             int32
}

// Odds is the logarithm of the odds of one child against all else: about the smaller of its two parts.
func (e Edge) Odds() float64 {
	return -math.Log2(math.Exp2(-float64(e.Stranger)) + math.Exp2(-float64(e.Sibling)))
}

// Probability is that of one child.
func (e Edge) Probability() float64 {
	return 1 / (1 + math.Exp2(-float64(e.Stranger)) + math.Exp2(-float64(e.Sibling)))
}

// weigh returns the bits of a pattern against a stranger, without those of values that count by their
// rarity, and against a sibling.
func (m *Model) weigh(pattern int) (stranger, sibling float64) {
	stranger = math.Log2(m.Same / (1 - m.Same - m.Sibling))
	sibling = math.Log2(m.Same / m.Sibling)
	if sharesNames(at(pattern, cGiven), at(pattern, cFamily)) {
		stranger -= math.Log2(max(1, m.Names))
	}
	for c, cmp := range comparisons {
		l := at(pattern, c)
		if l == 0 {
			continue
		}
		ch := m.Comparisons[c][l-1]
		sibling += math.Log2(ch.Same / ch.Sibling)
		if _, byRarity := cmp.bits[l]; byRarity {
			stranger += math.Log2(ch.Same)
		} else {
			stranger += math.Log2(ch.Same / ch.Unrelated)
		}
	}
	return stranger, sibling
}

// floor is the odds in bits under which a pair is not kept.
const floor = -12

// weights are those of patterns met before, and again those that were met last.
type weights struct {
	model  *Model
	known  map[int32][2]float64
	recent [1 << 10]struct {
		pattern int32
		isKnown bool
		bits    [2]float64
	}
}

func newWeights(m *Model) *weights { return &weights{model: m, known: map[int32][2]float64{}} }

// of returns the bits of a pattern as weigh does.
func (w *weights) of(pattern int32) [2]float64 {
	at := &w.recent[mix(0, uint64(pattern))>>54]
	if !at.isKnown || at.pattern != pattern {
		bits, ok := w.known[pattern]
		if !ok {
			bits[0], bits[1] = w.model.weigh(int(pattern))
			w.known[pattern] = bits
		}
		at.pattern, at.isKnown, at.bits = pattern, true, bits
	}
	return at.bits
}

// edge weighs a pair; not ok when it is beyond doubt of strangers.
func (w *weights) edge(p *pair, records []record) (g Edge, ok bool) {
	known := w.of(p.pattern)
	if known[1] <= floor {
		return g, false
	}
	l, r := &records[p.l], &records[p.r]
	stranger := known[0] + float64(w.model.rarity(p.pattern, l, r))
	return Edge{L: l.node, R: r.node, Stranger: float32(stranger), Sibling: float32(known[1]), Pattern: p.pattern, Rules: p.rules}, stranger > floor
}

// weigh returns the found pairs that are not beyond doubt strangers, by their nodes.
func (e *engine) weigh() []Edge {
	own, out := make([]*weights, e.workers), make([][]Edge, len(e.found))
	e.inParallel(len(e.found), func(part, worker int) {
		if own[worker] == nil {
			own[worker] = newWeights(e.model)
		}
		w := own[worker]
		for i := range e.found[part] {
			if g, ok := w.edge(&e.found[part][i], e.records); ok {
				out[part] = append(out[part], g)
			}
		}
	})
	return slices.Concat(out...)
}

// withKnown adds the edges that are as they were. Those that completed a component are found again.
func (e *engine) withKnown(edges []Edge) []Edge {
	if e.known == nil {
		return edges
	}
	place := e.places()
	slices.SortFunc(edges, byNodes)
	old := make([]Edge, 0, len(e.known.edges))
	for _, g := range e.known.edges {
		if g.Rules != 0 && e.isOld[place[g.L]] && e.isOld[place[g.R]] {
			old = append(old, g)
		}
	}
	return together(old, edges)
}

func byNodes(a, b Edge) int {
	if a.L != b.L {
		return int(a.L) - int(b.L)
	}
	return int(a.R) - int(b.R)
}

// bits is the odds of a probability, in bits.
func bits(p float64) float64 { return math.Log2(p / (1 - p)) }
