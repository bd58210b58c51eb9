package disclose_test

import (
	"fmt"
	"math/big"
	"math/bits"
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
	rows  [][]int64
	right []int64
}

// attack puts releases together: a number of the same name and value is taken to be the same, which
// only helps the attacker.
func attack(releases []Release) *attacker {
	type fact struct {
		shown, must bool
		value       int64
	}
	facts := map[string]*fact{}
	key := func(n Number) string { return fmt.Sprintf("%s|%d", n.ID, n.Value) }
	for _, r := range releases {
		for _, n := range r.Numbers {
			f := facts[key(n)]
			if f == nil {
				f = &fact{value: n.Value}
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
			row, right := map[int]int64{}, int64(0)
			for _, p := range s.Parts {
				n := value[p.ID]
				k := key(n)
				// The sums of these tables come to zero by what they mean.
				if facts[k].shown {
					right -= p.Factor * n.Value
					continue
				}
				i, ok := index[k]
				if !ok {
					i = len(a.names)
					index[k] = i
					a.names, a.truth, a.must = append(a.names, k), append(a.truth, n.Value), append(a.must, facts[k].must)
				}
				row[i] += p.Factor
			}
			if len(row) > 0 {
				dense := make([]int64, 0)
				for i, f := range row {
					for len(dense) <= i {
						dense = append(dense, 0)
					}
					dense[i] = f
				}
				a.rows, a.right = append(a.rows, dense), append(a.right, right)
			}
		}
	}
	return a
}

// components splits the unknowns into those that hang together.
func (a *attacker) components() []*attacker {
	root := make([]int, len(a.names))
	for i := range root {
		root[i] = i
	}
	var find func(int) int
	find = func(i int) int {
		for root[i] != i {
			i = root[i]
		}
		return i
	}
	for _, r := range a.rows {
		first := -1
		for i, f := range r {
			if f == 0 {
				continue
			}
			if first < 0 {
				first = find(i)
			}
			root[find(i)] = first
		}
	}
	var out []*attacker
	for i := range root {
		if find(i) != i {
			continue
		}
		c, to := &attacker{}, map[int]int{}
		for j := range root {
			if find(j) == i {
				to[j] = len(c.names)
				c.names, c.truth, c.must = append(c.names, a.names[j]), append(c.truth, a.truth[j]), append(c.must, a.must[j])
			}
		}
		for n, r := range a.rows {
			row, any := make([]int64, len(c.names)), false
			for j, f := range r {
				if at, ok := to[j]; ok && f != 0 {
					row[at], any = f, true
				}
			}
			if any {
				c.rows, c.right = append(c.rows, row), append(c.right, a.right[n])
			}
		}
		out = append(out, c)
	}
	return out
}

// determined are the unknowns that elimination alone gives away.
func (a *attacker) determined() []string {
	n := len(a.names)
	m := make([][]*big.Rat, len(a.rows))
	for i, r := range a.rows {
		m[i] = make([]*big.Rat, n)
		for j := range m[i] {
			m[i][j] = new(big.Rat)
			if j < len(r) {
				m[i][j].SetInt64(r[j])
			}
		}
	}
	done := 0
	for j := 0; j < n && done < len(m); j++ {
		at := slices.IndexFunc(m[done:], func(r []*big.Rat) bool { return r[j].Sign() != 0 })
		if at < 0 {
			continue
		}
		m[done], m[done+at] = m[done+at], m[done]
		inverse := new(big.Rat).Inv(m[done][j])
		for k := range m[done] {
			m[done][k].Mul(m[done][k], inverse)
		}
		for i := range m {
			if i == done || m[i][j].Sign() == 0 {
				continue
			}
			f := new(big.Rat).Set(m[i][j])
			for k := range m[i] {
				if m[done][k].Sign() != 0 {
					m[i][k].Sub(m[i][k], new(big.Rat).Mul(f, m[done][k]))
				}
			}
		}
		done++
	}
	var out []string
	for _, r := range m[:done] {
		only := -1
		for j, v := range r {
			if v.Sign() != 0 && only >= 0 {
				only = -2
				break
			} else if v.Sign() != 0 {
				only = j
			}
		}
		if only >= 0 && a.must[only] {
			out = append(out, a.names[only])
		}
	}
	return out
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
		if a.right[i] < 0 {
			flip = -1
		}
		for j := range row {
			row[j] = fraction{0, 1}
			if j < len(r) {
				row[j].n = flip * r[j]
			}
		}
		row[n+i].n = 1
		row[n+m].n = flip * a.right[i]
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
		if len(c.names) <= 200 {
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
