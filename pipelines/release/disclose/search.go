package disclose

import (
	"cmp"
	"math"
	"slices"
)

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

// find looks for the cheapest move that shifts the target by one.
func (s *search) find(target int, by int64, e effort) *node {
	s.heap, s.queue, s.effort, s.used, s.offs = s.heap[:0], 0, e, 0, s.offs[:0]
	first := s.child(nil, target, by)
	if first == nil || !s.isWide(first.up, first.down) {
		return nil
	}
	if e.beam > 0 {
		return s.sweep(first, e)
	}
	s.push(first)
	kids := best{most: e.ways, below: math.MaxInt64}
	for range e.nodes {
		if len(s.heap) == 0 {
			return nil
		}
		n := s.pop()
		if len(n.off) == 0 {
			return n
		}
		kids.offered, kids.nodes = 0, kids.nodes[:0]
		s.grow(n, &kids)
		for _, k := range kids.nodes {
			s.push(k)
		}
	}
	return nil
}

// best keeps, of the nodes that it is offered, those that come first, in their order: at most so many, and with an
// estimate below a limit.
type best struct {
	most    int
	below   int64
	offered int
	nodes   []*node
}

// offer takes a node that is among the best so far, and tells whether it did.
func (b *best) offer(n *node) bool {
	n.order = b.offered
	b.offered++
	if n.estimate >= b.below || (len(b.nodes) == b.most && compareNodes(n, b.nodes[b.most-1]) > 0) {
		return false
	}
	at, _ := slices.BinarySearchFunc(b.nodes, n, compareNodes)
	if len(b.nodes) == b.most {
		b.nodes = b.nodes[:b.most-1]
	}
	b.nodes = slices.Insert(b.nodes, at, n)
	return true
}

// sweep looks at all moves of one length after the other, keeping the most promising of each length.
func (s *search) sweep(first *node, e effort) *node {
	var done *node
	level, next := best{most: e.beam, below: math.MaxInt64}, best{most: e.beam, below: math.MaxInt64}
	level.offer(first)
	for opened, more := 0, 6; len(level.nodes) > 0 && opened < e.nodes && more > 0; {
		for _, n := range level.nodes {
			if len(n.off) == 0 && (done == nil || n.cost < done.cost) {
				done = n
			}
		}
		if done != nil {
			next.below = done.cost
			more--
		}
		for _, n := range level.nodes {
			opened++
			if len(n.off) > 0 {
				s.grow(n, &next)
			}
		}
		level, next = next, best{most: e.beam, below: next.below, nodes: level.nodes[:0]}
	}
	return done
}

// isWide tells whether a move can be repeated often enough.
func (s *search) isWide(up, down int64) bool {
	if s.oneWay {
		return up >= 1
	}
	return up+down >= s.p.Width
}

// grow offers the children of a node: each sets the relation with the fewest ways out right by one cell.
func (s *search) grow(n *node, to *best) {
	s.path = s.path[:0]
	for m := n; m != nil; m = m.parent {
		s.path = append(s.path, m.cell)
		s.shifted[m.cell] = true
	}
	defer func() {
		for _, c := range s.path {
			s.shifted[c] = false
		}
	}()
	// The smallest relation first: it bounds how far the others need to be counted. Of equals the first counts.
	at := 0
	for i, o := range n.off {
		if len(s.movable[o.relation]) < len(s.movable[n.off[at].relation]) {
			at = i
		}
	}
	smallest := at
	fewest := s.ways(n, n.off[at], math.MaxInt)
	for i, o := range n.off {
		most := fewest
		if i < at {
			most++
		}
		if i == smallest {
			continue
		}
		if ways := s.ways(n, o, most); ways < most {
			at, fewest = i, ways
		}
	}
	if fewest == 0 {
		return
	}
	tight := n.off[at]
	for _, t := range s.movable[tight.relation] {
		if s.mayShift(n, t, tight) {
			by := -tight.by / t.Factor
			s.offer(n, t.Cell, by, to)
			if by > 1 || by < -1 { // or several cells share it
				s.offer(n, t.Cell, by/max(by, -by), to)
			}
		}
	}
}

// ways counts the cells that can set a relation right, up to most.
func (s *search) ways(n *node, o change, most int) int {
	ways := 0
	for _, t := range s.movable[o.relation] {
		if s.mayShift(n, t, o) {
			if ways++; ways >= most {
				break
			}
		}
	}
	return ways
}

// offer makes a child and gives its room back when nobody takes it.
func (s *search) offer(n *node, cell int, by int64, to *best) {
	used, offs := s.used, len(s.offs)
	if k := s.child(n, cell, by); k == nil || !to.offer(k) {
		s.used, s.offs = used, s.offs[:offs]
	}
}

// mayShift tells whether a cell can set a relation right without making the move too narrow.
func (s *search) mayShift(n *node, t Term, o change) bool {
	by := -o.by / t.Factor
	if s.shifted[t.Cell] || by*t.Factor != -o.by {
		return false
	}
	value := s.value[t.Cell]
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
	if s.used == len(s.made) {
		s.made = append(s.made, new(node))
	}
	k := s.made[s.used]
	s.used++
	*k = node{parent: n, cell: cell, by: by, up: unlimited, down: unlimited}
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
	from := len(s.offs)
	if n != nil {
		s.offs = append(s.offs, n.off...)
	}
	for _, t := range s.of[cell] {
		i := slices.IndexFunc(s.offs[from:], func(o change) bool { return o.relation == t.Cell })
		switch {
		case i < 0:
			s.offs = append(s.offs, change{t.Cell, t.Factor * by})
		case s.offs[from+i].by+t.Factor*by == 0:
			s.offs = slices.Delete(s.offs, from+i, from+i+1)
		default:
			s.offs[from+i].by += t.Factor * by
		}
	}
	k.off = s.offs[from:len(s.offs):len(s.offs)]
	k.open = 2*len(k.off) - s.effort.deep*k.depth
	k.estimate = k.cost
	for _, o := range k.off {
		if len(s.movable[o.relation]) < 2 {
			return nil
		}
		if s.free[o.relation] == 0 || (s.free[o.relation] == 1 && s.hidden[cell]) {
			k.estimate += s.cheapest[o.relation]
		}
	}
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
