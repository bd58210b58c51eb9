package disclose

import (
	"cmp"
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

	heap   []*node
	queue  int
	effort effort
	// made holds the nodes of one find, offs what their relations are off by: both are used again by the next.
	made []*node
	used int
	offs []change
	// path are the cells of the node that is being grown, and shifted marks them.
	path    []int
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
