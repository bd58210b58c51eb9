package disclose

import (
	"cmp"
	"math"
	"slices"
)

// Protect hides every cell that nobody may know and, of the open cells, those with the least loss that
// keep each hidden one unknown. It works proof by proof: for a cell without one it looks for the cheapest
// move that shifts it, and hides what the move shifts. Hiding more never breaks an earlier proof, so all
// proofs hold at the end.
func Protect(problem *Problem) (*Answer, error) {
	if err := problem.check(); err != nil {
		return nil, err
	}
	p, was := problem.sorted()
	s := newSearch(p)
	known := map[int][]Proof{}
	for _, k := range p.Known {
		for _, c := range k.cells() {
			known[c] = append(known[c], k)
		}
	}
	var unmet []int
	targets := s.targets()
	for i := 0; i < len(targets); i++ {
		c := targets[i]
		if s.proof[c] >= 0 {
			continue
		}
		at := len(s.proofs)
		again := slices.IndexFunc(known[c], func(k Proof) bool {
			low, high := k.span(p.Cells[c], c)
			return high-low >= p.Width && s.holds(k)
		})
		if again >= 0 {
			s.accept(known[c][again], c)
		} else if !s.prove(c) {
			unmet = append(unmet, c)
			continue
		}
		// A cell that was hidden on the way, and not shifted far enough, needs a proof of its own.
		for _, f := range s.proofs[at].cells() {
			if s.proof[f] < 0 && s.p.Cells[f].State == Open && s.because[f] == c {
				targets = append(targets, f)
			}
		}
	}
	return s.answer(was, unmet), nil
}

// search is the state of one Protect.
type search struct {
	p *Problem
	// of lists, per cell, its relations; movable, per relation, the cells that are not Shown.
	of      [][]Term // Term.Cell is a relation here
	movable [][]Term
	// hidden cells cost nothing more; free counts them per relation, cheapest is the least loss of its
	// open cells.
	hidden   []bool
	free     []int32
	cheapest []int64
	proof    []int // the first one that shifts the cell far enough, or -1
	because  []int
	proofs   []Proof

	// value is where the search stands: the truth, or what earlier steps of one proof made of it.
	value  []int64
	oneWay bool // a step need only be possible upwards, once

	heap  []*node
	queue int
	// residual is the scratch of one node: what each relation is off by.
	at     []change
	effort effort
	// shifted marks the cells of the node that is being grown.
	shifted []bool
}

func newSearch(p *Problem) *search {
	n := len(p.Cells)
	s := &search{p: p, of: make([][]Term, n), movable: make([][]Term, len(p.Relations)), hidden: make([]bool, n),
		free: make([]int32, len(p.Relations)), cheapest: make([]int64, len(p.Relations)), proof: make([]int, n), because: make([]int, n), value: make([]int64, n), shifted: make([]bool, n)}
	for e, r := range p.Relations {
		s.cheapest[e] = unlimited
		for _, t := range r.Terms {
			if c := p.Cells[t.Cell]; c.State != Shown {
				s.movable[e] = append(s.movable[e], t)
				s.of[t.Cell] = append(s.of[t.Cell], Term{e, t.Factor})
				if c.State == Open {
					s.cheapest[e] = min(s.cheapest[e], c.Loss)
				}
			}
		}
	}
	for i, c := range p.Cells {
		s.proof[i], s.because[i], s.value[i] = -1, -1, c.Value
		if c.State == Hidden || c.State == Absent || (c.State == Open && c.Why != "") {
			s.hide(i)
		}
	}
	return s
}

func (s *search) hide(c int) {
	if s.hidden[c] {
		return
	}
	s.hidden[c] = true
	for _, t := range s.of[c] {
		s.free[t.Cell]++
	}
}

func (s *search) show(c int) {
	s.hidden[c] = false
	for _, t := range s.of[c] {
		s.free[t.Cell]--
	}
}

// targets are the cells that need a proof: hidden ones, and whatever nobody may know. Those with the
// fewest ways to move come first, so that they share the moves of none but themselves.
func (s *search) targets() []int {
	var out []int
	for i, c := range s.p.Cells {
		if c.Why != "" || c.State == Hidden {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(len(s.of[b]), len(s.of[a])) })
	return out
}

// change is how far a relation is off.
type change struct {
	relation int
	by       int64
}

// node is a half-made move: its own shift and those of its parents.
type node struct {
	parent   *node
	cell     int
	by       int64
	cost     int64 // loss of what it hides
	estimate int64 // cost, and at least what is still to be hidden
	up, down int64
	off      []change
	rank     int64 // what is opened first
	depth    int
	open     int // relations still off, less for what is near its end
	order    int
}

// effort is how hard to look: nodes opened, and ways followed from each.
type effort struct {
	nodes, ways int
	// beam is how many half-made moves of each length are kept; 0 follows the cheapest first.
	beam int
	// deep prefers to finish what was begun over what has cost least so far; greed does so whatever it costs.
	deep, greed int
	// steps says to look for a proof of several steps too.
	steps bool
}

// efforts are tried one after the other; the figures were chosen on linked tables of 40 x 12 over eight
// quarters: the first finds nine proofs in ten.
var efforts = []effort{
	{nodes: 60, ways: 6, deep: 1, greed: 8},
	{nodes: 400, beam: 4, greed: 30},
	{nodes: 3000, beam: 24, greed: 100},
	{nodes: 1500, beam: 6, greed: 300, steps: true},
	{nodes: 3000, ways: 1 << 20, deep: 3, greed: 1000, steps: true},
	{nodes: 20000, beam: 100, greed: 1000, steps: true},
	{nodes: 10000, ways: 1 << 20, deep: 2, greed: 1000},
	{nodes: 20000, ways: 1 << 20, deep: 1, steps: true},
}

// prove finds and accepts the cheapest proof for a cell: one move, repeated, else several one after the
// other.
func (s *search) prove(target int) bool {
	if s.p.Cells[target].State == Shown {
		return false
	}
	for _, e := range efforts {
		if n := s.find(target, 1, e); n != nil {
			s.accept(Proof{n.times(min(n.up, s.p.Width)), n.times(-min(n.down, s.p.Width))}, target)
			return true
		}
		if e.steps && s.walk(target, e) {
			return true
		}
	}
	return false
}

// walk shifts the target step by step, up as far as is needed or possible, then down.
func (s *search) walk(target int, e effort) bool {
	var ends [2][]Shift
	var hid []int
	s.oneWay = true
	left := s.p.Width
	for way, by := range []int64{1, -1} {
		off := map[int]int64{}
		for left > 0 {
			n := s.find(target, by, e)
			if n == nil {
				break
			}
			for _, t := range n.times(min(n.up, left)) {
				off[t.Cell] += t.By
				s.value[t.Cell] += t.By
				if !s.hidden[t.Cell] {
					s.hide(t.Cell)
					hid = append(hid, t.Cell)
				}
			}
			left -= min(n.up, left)
		}
		for c, by := range off {
			s.value[c] -= by
			if by != 0 {
				ends[way] = append(ends[way], Shift{c, by})
			}
		}
		slices.SortFunc(ends[way], compareShifts)
	}
	s.oneWay = false
	for _, c := range hid { // accept hides what the ends rest on
		s.show(c)
	}
	if left > 0 {
		return false
	}
	s.accept(Proof{ends[0], ends[1]}, target)
	return true
}

func compareShifts(a, b Shift) int { return cmp.Compare(a.Cell, b.Cell) }

// times repeats a move.
func (n *node) times(times int64) []Shift {
	if times == 0 {
		return nil
	}
	var out []Shift
	for ; n != nil; n = n.parent {
		out = append(out, Shift{n.cell, n.by * times})
	}
	slices.SortFunc(out, compareShifts)
	return out
}

// find looks for the cheapest move that shifts the target by one.
func (s *search) find(target int, by int64, e effort) *node {
	s.heap, s.queue, s.effort = s.heap[:0], 0, e
	first := s.child(nil, target, by)
	if first == nil || !s.isWide(first.up, first.down) {
		return nil
	}
	if e.beam > 0 {
		return s.sweep(first, e)
	}
	s.push(first)
	kids := make([]*node, 0, 128)
	for range e.nodes {
		if len(s.heap) == 0 {
			return nil
		}
		n := s.pop()
		if len(n.off) == 0 {
			return n
		}
		kids = s.grow(n, kids[:0])
		slices.SortStableFunc(kids, compareNodes)
		for _, k := range kids[:min(e.ways, len(kids))] {
			s.push(k)
		}
	}
	return nil
}

// sweep looks at all moves of one length after the other, keeping the most promising of each length.
func (s *search) sweep(first *node, e effort) *node {
	var best *node
	level, next := []*node{first}, []*node{}
	for opened, more := 0, 6; len(level) > 0 && opened < e.nodes && more > 0; {
		next = next[:0]
		for _, n := range level {
			opened++
			if len(n.off) == 0 {
				if best == nil || n.cost < best.cost {
					best = n
				}
				continue
			}
			from := len(next)
			next = s.grow(n, next)
			for i := from; i < len(next); i++ {
				next[i].order = i
			}
		}
		if best != nil {
			more--
			next = slices.DeleteFunc(next, func(n *node) bool { return n.estimate >= best.cost })
		}
		slices.SortFunc(next, compareNodes)
		level = append(level[:0], next[:min(e.beam, len(next))]...)
	}
	return best
}

// isWide tells whether a move can be repeated often enough.
func (s *search) isWide(up, down int64) bool {
	if s.oneWay {
		return up >= 1
	}
	return up+down >= s.p.Width
}

// grow makes the children of a node: each sets the relation with the fewest ways out right by one cell.
func (s *search) grow(n *node, kids []*node) []*node {
	for m := n; m != nil; m = m.parent {
		s.shifted[m.cell] = true
	}
	defer func() {
		for m := n; m != nil; m = m.parent {
			s.shifted[m.cell] = false
		}
	}()
	var tight change
	fewest := math.MaxInt
	for _, o := range n.off {
		ways := 0
		for _, t := range s.movable[o.relation] {
			if s.mayShift(n, t, o) {
				if ways++; ways >= fewest {
					break
				}
			}
		}
		if ways == 0 {
			return kids
		}
		if ways < fewest {
			tight, fewest = o, ways
		}
	}
	for _, t := range s.movable[tight.relation] {
		if s.mayShift(n, t, tight) {
			by := -tight.by / t.Factor
			if k := s.child(n, t.Cell, by); k != nil {
				kids = append(kids, k)
			}
			if by > 1 || by < -1 { // or several cells share it
				if k := s.child(n, t.Cell, by/max(by, -by)); k != nil {
					kids = append(kids, k)
				}
			}
		}
	}
	return kids
}

// mayShift tells whether a cell can set a relation right without making the move too narrow.
func (s *search) mayShift(n *node, t Term, o change) bool {
	if s.shifted[t.Cell] || o.by%t.Factor != 0 {
		return false
	}
	by, value := -o.by/t.Factor, s.value[t.Cell]
	switch {
	case by > steepest || by < -steepest:
		return false
	case by < 0:
		return s.isWide(min(n.up, value/-by), n.down)
	}
	return s.isWide(n.up, min(n.down, value/by))
}

// steepest is how many times as far as the first cell a move may shift another.
const steepest = 4

// child adds one shift to a half-made move; nil when the move would be narrower than the width.
func (s *search) child(n *node, cell int, by int64) *node {
	k := &node{parent: n, cell: cell, by: by, up: unlimited, down: unlimited}
	if n != nil {
		k.cost, k.up, k.down, k.depth = n.cost, n.up, n.down, n.depth+1
	}
	value := s.value[cell]
	if by < 0 {
		k.up = min(k.up, value/-by)
	} else {
		k.down = min(k.down, value/by)
	}
	if !s.hidden[cell] {
		k.cost += s.p.Cells[cell].Loss
	}
	off := s.at[:0]
	if n != nil {
		off = append(off, n.off...)
	}
	for _, t := range s.of[cell] {
		i := slices.IndexFunc(off, func(o change) bool { return o.relation == t.Cell })
		switch {
		case i < 0:
			off = append(off, change{t.Cell, t.Factor * by})
		case off[i].by+t.Factor*by == 0:
			off = slices.Delete(off, i, i+1)
		default:
			off[i].by += t.Factor * by
		}
	}
	s.at = off
	k.estimate = k.cost
	for _, o := range off {
		if len(s.movable[o.relation]) < 2 {
			return nil
		}
		if s.free[o.relation] == 0 || (s.free[o.relation] == 1 && s.hidden[cell]) {
			k.estimate += s.cheapest[o.relation]
		}
	}
	k.off, k.open = slices.Clone(off), 2*len(off)-s.effort.deep*k.depth
	k.rank = k.estimate
	k.rank += int64(s.effort.greed) * int64(k.open)
	return k
}

func compareNodes(a, b *node) int {
	if a.rank != b.rank { // nearly always; cmp.Or would compare all
		return cmp.Compare(a.rank, b.rank)
	}
	return cmp.Or(cmp.Compare(a.open, b.open), cmp.Compare(a.estimate, b.estimate),
		cmp.Compare(b.up+b.down, a.up+a.down), cmp.Compare(a.order, b.order))
}

// holds tells whether a proof is one: it breaks no relation, touches nothing that is known already, and
// leaves no cell below zero.
func (s *search) holds(p Proof) bool {
	for _, end := range [][]Shift{p.Up, p.Down} {
		off := map[int]int64{}
		for _, t := range end {
			if s.p.Cells[t.Cell].State == Shown || s.p.Cells[t.Cell].Value+t.By < 0 {
				return false
			}
			for _, r := range s.of[t.Cell] {
				off[r.Cell] += r.Factor * t.By
			}
		}
		for _, by := range off {
			if by != 0 {
				return false
			}
		}
	}
	return true
}

// cells are those that a proof shifts, in order.
func (p Proof) cells() []int {
	var out []int
	for _, end := range [][]Shift{p.Up, p.Down} {
		for _, t := range end {
			out = append(out, t.Cell)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// span is the least and the largest of the values that a proof gives a cell, and its own.
func (p Proof) span(c Cell, at int) (low, high int64) {
	low, high = c.Value, c.Value
	for _, end := range [][]Shift{p.Up, p.Down} {
		if i, ok := slices.BinarySearchFunc(end, at, func(t Shift, at int) int { return cmp.Compare(t.Cell, at) }); ok {
			low, high = min(low, c.Value+end[i].By), max(high, c.Value+end[i].By)
		}
	}
	return low, high
}

func (s *search) accept(p Proof, target int) {
	s.proofs = append(s.proofs, p)
	for _, c := range p.cells() {
		if !s.hidden[c] {
			s.because[c] = target
			s.hide(c)
		}
		if low, high := p.span(s.p.Cells[c], c); s.proof[c] < 0 && high-low >= s.p.Width {
			s.proof[c] = len(s.proofs) - 1
		}
	}
}

// answer turns what was found back into the order of the input.
func (s *search) answer(was []int, unmet []int) *Answer {
	n := len(was)
	a := &Answer{IsHidden: make([]bool, n), For: make([]int, n), Low: make([]int64, n), High: make([]int64, n)}
	for i, w := range was {
		c := s.p.Cells[i]
		a.IsHidden[w], a.For[w], a.Low[w], a.High[w] = s.hidden[i], -1, c.Value, c.Value
		if s.because[i] >= 0 {
			a.For[w] = was[s.because[i]]
		}
		if at := s.proof[i]; at >= 0 {
			a.Low[w], a.High[w] = s.proofs[at].span(c, i)
		}
	}
	for _, c := range unmet {
		a.Unmet = append(a.Unmet, was[c])
	}
	slices.Sort(a.Unmet)
	for _, p := range s.proofs {
		a.Proofs = append(a.Proofs, p.renamed(was))
	}
	return a
}

func (s *search) push(n *node) {
	n.order = s.queue
	s.queue++
	s.heap = append(s.heap, n)
	for i := len(s.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if compareNodes(s.heap[i], s.heap[up]) >= 0 {
			break
		}
		s.heap[i], s.heap[up] = s.heap[up], s.heap[i]
		i = up
	}
}

func (s *search) pop() *node {
	top, last := s.heap[0], len(s.heap)-1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	for i := 0; ; {
		kid := 2*i + 1
		if kid >= last {
			break
		}
		if kid+1 < last && compareNodes(s.heap[kid+1], s.heap[kid]) < 0 {
			kid++
		}
		if compareNodes(s.heap[kid], s.heap[i]) >= 0 {
			break
		}
		s.heap[i], s.heap[kid] = s.heap[kid], s.heap[i]
		i = kid
	}
	return top
}
