package disclose_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	. "tributary/pipelines/release/disclose"
)

// The attacker shares no code with the protector: it takes what releases showed and the sums that hold,
// and works out what was hidden, by exact elimination and by linear programming.

// attacker is a system of equations in the numbers that were never shown.
type attacker struct {
	names []string // of the unknowns
	truth []int64
	must  []bool // nobody may work it out
	rows  []equation
}

// equation says that its terms come to right; Term.Cell is an unknown, and the terms are in order.
type equation struct {
	terms []Term
	right int64
}

// attack puts releases together: a number of the same name and value is taken to be the same, which
// only helps the attacker.
func attack(releases []Release) *attacker {
	type fact struct{ shown, must bool }
	facts := map[string]*fact{}
	key := func(n Number) string { return fmt.Sprintf("%s|%d", n.ID, n.Value) }
	for _, r := range releases {
		for _, n := range r.Numbers {
			f := facts[key(n)]
			if f == nil {
				f = &fact{}
				facts[key(n)] = f
			}
			f.shown = f.shown || n.State == Shown
			f.must = f.must || n.State == Hidden || n.Why != ""
		}
	}
	a := &attacker{}
	index := map[string]int{}
	for _, r := range releases {
		value := map[string]Number{}
		for _, n := range r.Numbers {
			value[n.ID] = n
		}
		for _, s := range r.Sums {
			var e equation
			for _, p := range s.Parts {
				n := value[p.ID]
				k := key(n)
				// The sums of these tables come to zero by what they mean.
				if facts[k].shown {
					e.right -= p.Factor * n.Value
					continue
				}
				i, ok := index[k]
				if !ok {
					i = len(a.names)
					index[k] = i
					a.names, a.truth, a.must = append(a.names, k), append(a.truth, n.Value), append(a.must, facts[k].must)
				}
				e.terms = append(e.terms, Term{i, p.Factor})
			}
			if e.terms = gathered(e.terms); len(e.terms) > 0 {
				a.rows = append(a.rows, e)
			}
		}
	}
	return a
}

// gathered puts terms in order, those of one unknown together.
func gathered(terms []Term) []Term {
	slices.SortFunc(terms, func(a, b Term) int { return a.Cell - b.Cell })
	var out []Term
	for _, t := range terms {
		if at := len(out) - 1; at >= 0 && out[at].Cell == t.Cell {
			out[at].Factor += t.Factor
		} else {
			out = append(out, t)
		}
	}
	return slices.DeleteFunc(out, func(t Term) bool { return t.Factor == 0 })
}

// components splits the unknowns into those that hang together.
func (a *attacker) components() []*attacker {
	root := make([]int, len(a.names))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, e := range a.rows {
		for _, t := range e.terms {
			root[find(t.Cell)] = find(e.terms[0].Cell)
		}
	}
	var out []*attacker
	of, to := map[int]*attacker{}, make([]int, len(root))
	for i := range root {
		c := of[find(i)]
		if c == nil {
			c = &attacker{}
			of[find(i)], out = c, append(out, c)
		}
		to[i] = len(c.names)
		c.names, c.truth, c.must = append(c.names, a.names[i]), append(c.truth, a.truth[i]), append(c.must, a.must[i])
	}
	for _, e := range a.rows {
		c := of[find(e.terms[0].Cell)]
		own := equation{right: e.right}
		for _, t := range e.terms {
			own.terms = append(own.terms, Term{to[t.Cell], t.Factor})
		}
		c.rows = append(c.rows, own)
	}
	return out
}

// determined are the unknowns that elimination alone gives away, exactly: an unknown is free when there is a
// solution of the same equations with zero on the right in which it is not zero. One such solution, of free
// unknowns chosen at random, clears nearly all that can be cleared; the others are written out in the free
// unknowns, and those in which none is left are determined.
func (a *attacker) determined() []string {
	pivots := a.eliminated()
	move := make([]*big.Rat, len(a.names))
	free := rand.New(rand.NewPCG(1, 2))
	for j := range move {
		move[j] = new(big.Rat).SetInt64(1 + free.Int64N(1<<30))
	}
	for _, p := range slices.Backward(pivots) {
		sum := new(big.Rat)
		var factor int64
		for _, t := range p.terms {
			if t.Cell == p.on {
				factor = t.Factor
				continue
			}
			sum.Add(sum, new(big.Rat).Mul(move[t.Cell], new(big.Rat).SetInt64(t.Factor)))
		}
		move[p.on] = sum.Quo(sum, new(big.Rat).SetInt64(-factor))
	}
	var out []string
	for j, by := range move {
		if a.must[j] && by.Sign() == 0 && len(writtenOut(pivots, j)) == 0 {
			out = append(out, a.names[j])
		}
	}
	return out
}

// pivot is a row of a system in steps: it gives the unknown on by those that no earlier row gives.
type pivot struct {
	on    int
	terms []Term
}

// eliminated brings the equations into steps: no row holds what an earlier one gives. Each time the unknown that
// stands in the fewest rows of the shortest row is given, so that little fills in.
func (a *attacker) eliminated() (out []pivot) {
	rows := make([][]Term, len(a.rows))
	in := make([]map[int]bool, len(a.names)) // rows that hold an unknown
	for j := range in {
		in[j] = map[int]bool{}
	}
	for i, e := range a.rows {
		rows[i] = e.terms
		for _, t := range e.terms {
			in[t.Cell][i] = true
		}
	}
	for {
		at, on, least := -1, -1, math.MaxInt
		for i, r := range rows {
			if len(r) == 0 || len(r)-1 > least {
				continue
			}
			for _, t := range r {
				if fill := (len(r) - 1) * (len(in[t.Cell]) - 1); fill < least {
					at, on, least = i, t.Cell, fill
				}
			}
			if least == 0 {
				break
			}
		}
		if at < 0 {
			return out
		}
		given := rows[at]
		for _, t := range given {
			delete(in[t.Cell], at)
		}
		out, rows[at] = append(out, pivot{on, given}), nil
		for _, i := range slices.Sorted(maps.Keys(in[on])) {
			was := rows[i]
			rows[i] = without(was, given, on)
			for _, t := range was {
				delete(in[t.Cell], i)
			}
			for _, t := range rows[i] {
				in[t.Cell][i] = true
			}
		}
	}
}

// factorOf is the factor of an unknown in a row; 0 when it is not there.
func factorOf(row []Term, on int) int64 {
	if i, ok := slices.BinarySearchFunc(row, on, func(t Term, on int) int { return t.Cell - on }); ok {
		return row[i].Factor
	}
	return 0
}

// without takes one unknown out of a row by another row that gives it. Factors stay whole and small.
func without(row, given []Term, on int) []Term {
	own, other := factorOf(row, on), factorOf(given, on)
	var out []Term
	for _, t := range row {
		out = append(out, Term{t.Cell, times(t.Factor, other)})
	}
	for _, t := range given {
		out = append(out, Term{t.Cell, -times(t.Factor, own)})
	}
	out = gathered(out)
	common := int64(0)
	for _, t := range out {
		x, y := common, abs(t.Factor)
		for y != 0 {
			x, y = y, x%y
		}
		common = x
	}
	for i := range out {
		out[i].Factor /= common
	}
	return out
}

// writtenOut gives an unknown by the free ones alone.
func writtenOut(pivots []pivot, unknown int) []Term {
	row := []Term{{unknown, 1}}
	for _, p := range pivots {
		if factorOf(row, p.on) != 0 {
			row = without(row, p.terms, p.on)
		}
	}
	return row
}

// fraction is exact; overflow ends the test.
type fraction struct{ n, d int64 }

func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	if hi != 0 || lo > 1<<62 {
		panic("the attacker's fractions are too large")
	}
	return a * b
}

func abs(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

func frac(n, d int64) fraction {
	if n == 0 {
		return fraction{0, 1}
	}
	if d < 0 {
		n, d = -n, -d
	}
	x, y := abs(n), d
	for y != 0 {
		x, y = y, x%y
	}
	return fraction{n / x, d / x}
}

func (f fraction) mul(g fraction) fraction { return frac(times(f.n, g.n), times(f.d, g.d)) }
func (f fraction) div(g fraction) fraction { return frac(times(f.n, g.d), times(f.d, g.n)) }
func (f fraction) sub(g fraction) fraction {
	if f.d == 1 && g.d == 1 {
		return fraction{f.n - g.n, 1}
	}
	return frac(times(f.n, g.d)-times(g.n, f.d), times(f.d, g.d))
}
func (f fraction) cmp(g fraction) int { return int(sign(times(f.n, g.d) - times(g.n, f.d))) }
func sign(n int64) int64 {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// simplex is a tableau in basic form: row i is the basic unknown basis[i].
type simplex struct {
	rows  [][]fraction // the last column is the right side
	basis []int
	n     int
}

// feasible makes the first tableau of an attacker's component; its truth is one solution, so there is one.
func (a *attacker) feasible() *simplex {
	n, m := len(a.names), len(a.rows)
	t := &simplex{n: n}
	for i, r := range a.rows {
		row := make([]fraction, n+m+1)
		flip := int64(1)
		if r.right < 0 {
			flip = -1
		}
		for j := range row {
			row[j] = fraction{0, 1}
		}
		for _, t := range r.terms {
			row[t.Cell].n = flip * t.Factor
		}
		row[n+i].n = 1
		row[n+m].n = flip * r.right
		t.rows, t.basis = append(t.rows, row), append(t.basis, n+i)
	}
	goal := make([]fraction, n+m+1) // minus the sum of the artificial unknowns
	for j := range goal {
		goal[j] = fraction{0, 1}
		for _, r := range t.rows {
			if j < n || j == n+m {
				goal[j] = goal[j].sub(fraction{-r[j].n, r[j].d})
			}
		}
	}
	t.climb(goal, func(fraction) bool { return false })
	if goal[len(goal)-1].n != 0 {
		panic("the attacker finds no solution, not even the true one")
	}
	kept := 0
	for i := range t.rows {
		if t.basis[i] >= n {
			at := slices.IndexFunc(t.rows[i][:n], func(f fraction) bool { return f.n != 0 })
			if at < 0 {
				continue
			}
			t.pivot(i, at, nil)
		}
		t.rows[kept], t.basis[kept] = t.rows[i], t.basis[i]
		kept++
	}
	t.rows, t.basis = t.rows[:kept], t.basis[:kept]
	for i, r := range t.rows {
		t.rows[i] = append(r[:n:n], r[len(r)-1])
	}
	return t
}

// climb follows goal, whose last entry is what is still to be gained or minus what was, until there is
// no better corner or stop says that it is enough. Bland's rule: it ends. It reports an open end.
func (t *simplex) climb(goal []fraction, stop func(fraction) bool) (open bool) {
	for !stop(goal[len(goal)-1]) {
		in := slices.IndexFunc(goal[:t.n], func(f fraction) bool { return f.n > 0 })
		if in < 0 {
			return false
		}
		out := -1
		var least fraction
		for i, r := range t.rows {
			if r[in].n <= 0 {
				continue
			}
			ratio := r[len(r)-1].div(r[in])
			if c := 0; out >= 0 {
				if c = ratio.cmp(least); c > 0 || (c == 0 && t.basis[i] > t.basis[out]) {
					continue
				}
			}
			out, least = i, ratio
		}
		if out < 0 {
			return true
		}
		t.pivot(out, in, goal)
	}
	return false
}

func (t *simplex) pivot(out, in int, goal []fraction) {
	p := t.rows[out]
	by := p[in]
	var at []int
	for j := range p {
		if p[j].n != 0 {
			p[j] = p[j].div(by)
			at = append(at, j)
		}
	}
	clear := func(r []fraction) {
		if f := r[in]; f.n != 0 {
			for _, j := range at {
				r[j] = r[j].sub(f.mul(p[j]))
			}
		}
	}
	for i, r := range t.rows {
		if i != out {
			clear(r)
		}
	}
	if goal != nil {
		clear(goal)
	}
	t.basis[out] = in
}

// end is the least (way -1) or largest (way 1) value of an unknown, or, once it is seen to be as far as
// far, that.
func (t *simplex) end(unknown int, way, far int64) int64 {
	goal := make([]fraction, t.n+1)
	for j := range goal {
		goal[j] = fraction{0, 1}
	}
	goal[unknown].n = way
	for i, b := range t.basis {
		if b == unknown {
			f := goal[unknown]
			for j := range goal {
				goal[j] = goal[j].sub(f.mul(t.rows[i][j]))
			}
		}
	}
	value := func(g fraction) fraction { return fraction{-g.n * way, g.d} }
	if t.climb(goal, func(g fraction) bool { return value(g).cmp(fraction{far, 1})*int(way) >= 0 }) {
		return far
	}
	v := value(goal[t.n])
	// The nearest whole number inside: an attacker knows that people are whole.
	if way > 0 {
		return int64(floorDiv(v.n, v.d))
	}
	return -floorDiv(-v.n, v.d)
}

func floorDiv(n, d int64) int64 {
	q := n / d
	if n%d != 0 && n < 0 {
		q--
	}
	return q
}

// narrow are the unknowns whose interval by linear programming is narrower than the width.
func (a *attacker) narrow(width int64) []string {
	t := a.feasible()
	var out []string
	for i, name := range a.names {
		if !a.must[i] {
			continue
		}
		high := t.end(i, 1, a.truth[i]+width)
		if high < a.truth[i]+width {
			if low := t.end(i, -1, high-width); high-low < width {
				out = append(out, fmt.Sprintf("%s in %d..%d", name, low, high))
			}
		}
	}
	return out
}

// oracleLimit is how many hidden numbers a component may have that linear programming looks at.
const oracleLimit = 200

func (a *attacker) isSmall() bool {
	hidden := 0
	for _, must := range a.must {
		if must {
			hidden++
		}
	}
	return hidden <= oracleLimit
}

// mustHold fails when an attacker of the releases finds anything; it returns how many unknowns the
// largest component had that linear programming looked at.
func mustHold(t interface {
	Errorf(string, ...any)
	Helper()
}, releases []Release, width int64) (largest int) {
	t.Helper()
	for _, c := range attack(releases).components() {
		if d := c.determined(); len(d) > 0 {
			t.Errorf("worked out exactly: %v", d)
		}
		if c.isSmall() {
			largest = max(largest, len(c.names))
			if d := c.narrow(width); len(d) > 0 {
				t.Errorf("worked out within less than %d: %v", width, d)
			}
		}
	}
	return largest
}

// TestAttacker_finds proves that the attacker can: what is left unprotected is found.
func TestAttacker_finds(t *testing.T) {
	t.Parallel()
	r := Release{Name: "r", Numbers: []Number{{ID: "a", Value: 3, State: Hidden}, {ID: "b", Value: 9, State: Shown}, {ID: "sum", Value: 12, State: Shown}},
		Sums: []Sum{{"s", []Part{{"a", 1}, {"b", 1}, {"sum", -1}}}}}
	c := attack([]Release{r}).components()
	if got := c[0].determined(); len(got) != 1 || got[0] != "a|3" {
		t.Errorf("got %v, want a", got)
	}
	r.Numbers[1] = Number{ID: "b", Value: 1, State: Hidden}
	r.Numbers[2].Value = 4
	c = attack([]Release{r}).components()
	if got := c[0].determined(); len(got) != 0 {
		t.Errorf("elimination got %v, want nothing", got)
	}
	if got := c[0].narrow(5); len(got) != 2 || got[0] != "a|3 in 0..4" {
		t.Errorf("linear programming got %v, want a and b in 0..4", got)
	}
	if got := c[0].narrow(4); len(got) != 0 {
		t.Errorf("got %v, want nothing below 4", got)
	}
}
