package disclose

import (
	"cmp"
	"math"
	"slices"
)

// Protect hides every cell that nobody may know and, of the open cells, those with the least loss that
// keep each hidden one unknown. It works move by move: for a cell without proof it looks for the
// cheapest move that shifts it, and hides what the move shifts. Hiding more never breaks an earlier
// proof, so all proofs hold at the end.
func Protect(problem *Problem) (*Answer, error) {
	if err := problem.check(); err != nil {
		return nil, err
	}
	p, was := problem.sorted()
	s := newSearch(p)
	for _, m := range p.Known {
		if m, ok := s.fits(m.Shifts); ok && s.isFree(m) {
			s.accept(m, -1)
		}
	}
	var unmet []int
	for _, c := range s.targets() {
		if s.proof[c] < 0 && !s.prove(c) {
			unmet = append(unmet, c)
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
	proof    []int // the move that shifts the cell, or -1
	because  []int
	moves    []Move

	heap  []*node
	queue int
	// residual is the scratch of one node: what each relation is off by.
	at   []change
	deep int
	// shifted marks the cells of the node that is being grown.
	shifted []bool
}

func newSearch(p *Problem) *search {
	n := len(p.Cells)
	s := &search{p: p, of: make([][]Term, n), movable: make([][]Term, len(p.Relations)), hidden: make([]bool, n),
		free: make([]int32, len(p.Relations)), cheapest: make([]int64, len(p.Relations)), proof: make([]int, n), because: make([]int, n), shifted: make([]bool, n)}
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
		s.proof[i], s.because[i] = -1, -1
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
	depth    int
	open     int // relations still off, less for what is near its end
	order    int
}

// efforts are how hard to look: nodes opened, and ways followed from each.
// deep prefers to finish what was begun over what has cost least so far.
var efforts = []struct {
	nodes, ways int
	deep        int
}{{60, 6, 1}, {600, 16, 1}, {3000, 64, 1}, {3000, 1 << 20, 4}, {20000, 1 << 20, 2}}

// prove finds and accepts the cheapest move that shifts the cell.
func (s *search) prove(target int) bool {
	if s.p.Cells[target].State == Shown {
		return false
	}
	for _, e := range efforts {
		if m, ok := s.find(target, e.nodes, e.ways, e.deep); ok {
			s.accept(m, target)
			return true
		}
	}
	return false
}

func (s *search) find(target, nodes, ways, deep int) (Move, bool) {
	s.deep = deep
	s.heap, s.queue = s.heap[:0], 0
	first := s.child(nil, target, 1)
	if first == nil || first.up+first.down < s.p.Width {
		return Move{}, false
	}
	s.push(first)
	kids := make([]*node, 0, 128)
	for range nodes {
		if len(s.heap) == 0 {
			return Move{}, false
		}
		n := s.pop()
		if len(n.off) == 0 {
			return s.move(n), true
		}
		kids = s.grow(n, kids[:0])
		slices.SortStableFunc(kids, compareNodes)
		for _, k := range kids[:min(ways, len(kids))] {
			s.push(k)
		}
	}
	return Move{}, false
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
	by, value := -o.by/t.Factor, s.p.Cells[t.Cell].Value
	switch {
	case by > steepest || by < -steepest:
		return false
	case by < 0:
		return min(n.up, value/-by)+n.down >= s.p.Width
	}
	return n.up+min(n.down, value/by) >= s.p.Width
}

// steepest is how many times as far as the first cell a move may shift another.
const steepest = 4

// child adds one shift to a half-made move; nil when the move would be narrower than the width.
func (s *search) child(n *node, cell int, by int64) *node {
	k := &node{parent: n, cell: cell, by: by, up: unlimited, down: unlimited}
	if n != nil {
		k.cost, k.up, k.down, k.depth = n.cost, n.up, n.down, n.depth+1
	}
	value := s.p.Cells[cell].Value
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
	k.off, k.open = slices.Clone(off), 2*len(off)-s.deep*k.depth
	return k
}

func compareNodes(a, b *node) int {
	return cmp.Or(cmp.Compare(a.estimate, b.estimate), cmp.Compare(a.open, b.open),
		cmp.Compare(b.up+b.down, a.up+a.down), cmp.Compare(a.order, b.order))
}

func (s *search) move(n *node) Move {
	m := Move{Up: n.up, Down: n.down}
	for ; n != nil; n = n.parent {
		m.Shifts = append(m.Shifts, Shift{n.cell, n.by})
	}
	slices.SortFunc(m.Shifts, func(a, b Shift) int { return cmp.Compare(a.Cell, b.Cell) })
	return m
}

// isFree tells that a move hides nothing that is not hidden already.
func (s *search) isFree(m Move) bool {
	return !slices.ContainsFunc(m.Shifts, func(t Shift) bool { return !s.hidden[t.Cell] })
}

// fits works out how often shifts can be repeated; false when they break a relation, touch a cell that
// is shown, or are narrower than the width.
func (s *search) fits(shifts []Shift) (Move, bool) {
	m := Move{Shifts: slices.Clone(shifts), Up: unlimited, Down: unlimited}
	off := map[int]int64{}
	for _, t := range shifts {
		c := s.p.Cells[t.Cell]
		if c.State == Shown || t.By == 0 {
			return m, false
		}
		if t.By < 0 {
			m.Up = min(m.Up, c.Value/-t.By)
		} else {
			m.Down = min(m.Down, c.Value/t.By)
		}
		for _, r := range s.of[t.Cell] {
			off[r.Cell] += r.Factor * t.By
		}
	}
	for _, by := range off {
		if by != 0 {
			return m, false
		}
	}
	return m, m.Up+m.Down >= s.p.Width
}

func (s *search) accept(m Move, target int) {
	s.moves = append(s.moves, m)
	for _, t := range m.Shifts {
		if !s.hidden[t.Cell] {
			s.because[t.Cell] = target
			s.hide(t.Cell)
		}
		if s.proof[t.Cell] < 0 {
			s.proof[t.Cell] = len(s.moves) - 1
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
			m := s.moves[at]
			by := m.Shifts[slices.IndexFunc(m.Shifts, func(t Shift) bool { return t.Cell == i })].By
			up, down := m.Up, m.Down
			if by < 0 {
				by, up, down = -by, down, up
			}
			a.Low[w], a.High[w] = c.Value-by*down, c.Value+by*min(up, s.p.Width)
		}
	}
	for _, c := range unmet {
		a.Unmet = append(a.Unmet, was[c])
	}
	slices.Sort(a.Unmet)
	for _, m := range s.moves {
		out := Move{Up: m.Up, Down: m.Down}
		for _, t := range m.Shifts {
			out.Shifts = append(out.Shifts, Shift{was[t.Cell], t.By})
		}
		a.Moves = append(a.Moves, out)
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
