package link

import (
	"math"
	"slices"
	"sync"
)

// Model is what was learned of how records agree: frozen, so that this quarter is judged as the last.
type Model struct {
	// Same and Sibling are the shares of all pairs of records that are of one child, and of two children
	// of one household.
	Same    float64 `json:"same"`
	Sibling float64 `json:"sibling"`
	// Names is how many times as often strangers share a given name and a surname as chance would have it:
	// both go with where a family comes from.
	Names float64 `json:"names"`
	// Comparisons are in the order of `comparisons`.
	Comparisons [comparisonCount][]Chance `json:"comparisons"`
	Records     int                       `json:"records"`
	Rounds      int                       `json:"rounds"`
}

// Chance is how often pairs of each class agree at one level, of those where both values are known.
type Chance struct {
	Same      float64 `json:"same"`
	Sibling   float64 `json:"sibling"`
	Unrelated float64 `json:"unrelated"`
}

// count is a pattern, taken apart into its levels, and how many pairs show it.
type count struct {
	pattern int
	levels  [comparisonCount]uint8
	pairs   float64
}

// session are the pairs of one rule; what the rule decides learns nothing from them.
type session struct {
	fixed  [comparisonCount]bool
	counts []count
	prior  [3]float64
}

const (
	randomPairs = 600_000 // pairs by chance, for the agreement of strangers
	trust       = 30      // pairs that what we knew before is worth, per comparison and class
	rounds      = 200
	mostLevels  = 12 // of one comparison, missing included
	isSettled   = 1e-4
	tiny        = 1e-9
)

// train learns the model from the compared pairs and from pairs by chance, unless there is a frozen one.
func (e *engine) train() {
	if e.model == nil {
		union, sessions := e.sessions()
		e.model = learn(sessions, e.byChance(), union, len(e.records))
	}
}

func newCount(pattern int32, pairs int) count {
	c := count{pattern: int(pattern), pairs: float64(pairs)}
	for i := range c.levels {
		c.levels[i] = uint8(at(c.pattern, i))
	}
	return c
}

// isCommonly says whether two records agree in names that others bear too. Strangers among them are far more
// than the chances of each name tell, and would be taken for one child with errors in all else.
func (e *engine) isCommonly(p *pair) bool {
	return at(int(p.pattern), cGiven) == 1 && at(int(p.pattern), cFamily) == 1 && e.records[p.l].others(int(p.pattern)) > 0
}

// tally counts the patterns of pairs by the rules that found them, 0 for pairs that teach nothing.
func (e *engine) tally() map[[2]int32]int {
	own := make([]tallies, e.workers)
	e.inParallel(len(e.found), func(part, worker int) {
		for _, p := range e.found[part] {
			by := p.rules
			if e.isCommonly(&p) {
				by = 0
			}
			own[worker].add([2]int32{by, p.pattern})
		}
	})
	all := map[[2]int32]int{}
	for i := range own {
		for _, t := range own[i].recent {
			own[i].keep(t)
		}
		for k, n := range own[i].all {
			all[k] += n
		}
	}
	return all
}

// tallies counts what comes again and again: few patterns make up most of the pairs.
type tallies struct {
	recent [1 << 12]tallied
	all    map[[2]int32]int
}

type tallied struct {
	key   [2]int32
	pairs int
}

func (t *tallies) add(key [2]int32) {
	at := &t.recent[mix(uint64(key[0]), uint64(key[1]))>>52]
	if at.key != key {
		t.keep(*at)
		*at = tallied{key: key}
	}
	at.pairs++
}

func (t *tallies) keep(old tallied) {
	if t.all == nil {
		t.all = map[[2]int32]int{}
	}
	if old.pairs > 0 {
		t.all[old.key] += old.pairs
	}
}

// sessions counts the patterns of all compared pairs, and those of each rule's.
func (e *engine) sessions() (union []count, _ []*session) {
	sessions := make([]*session, len(rules))
	for i, r := range rules {
		sessions[i] = &session{prior: [3]float64{.3, .3, .4}}
		for _, c := range r.fixes {
			sessions[i].fixed[c] = true
		}
	}
	for key, pairs := range e.tally() {
		c := newCount(key[1], pairs)
		union = append(union, c)
		for i := range rules {
			if key[0]&(1<<i) != 0 {
				sessions[i].counts = append(sessions[i].counts, c)
			}
		}
	}
	return fold(union, [comparisonCount]bool{}), merge(sessions)
}

// byChance counts the patterns of pairs taken blindly, by what the records hold: all of them in a small
// file.
func (e *engine) byChance() (counts []count) {
	n := len(e.records)
	steps, firsts := n, n
	mixed := make([]int32, n)
	for i := range mixed {
		mixed[i] = int32(i)
	}
	isSample := n*(n-1)/2 > randomPairs
	if isSample {
		steps = randomPairs/n + 1
		firsts = max(1, randomPairs/steps)
		var all grouper
		for i := range e.records {
			all.add(e.records[i].content(), int32(i))
		}
		for i, k := range all.group() {
			mixed[i] = k.record
		}
	}
	own := make([]map[int32]int, evenParts)
	e.inParallel(evenParts, func(part, _ int) {
		own[part] = map[int32]int{}
		for i := firsts * part / evenParts; i < firsts*(part+1)/evenParts; i++ {
			for step := 1; step <= steps; step++ {
				j := (i + step*7919) % n
				if !isSample {
					if j = i + step; j >= n {
						break
					}
				}
				if j != i {
					own[part][compare(&e.records[mixed[i]], &e.records[mixed[j]])]++
				}
			}
		}
	})
	for _, m := range own[1:] {
		for pattern, pairs := range m {
			own[0][pattern] += pairs
		}
	}
	for pattern, pairs := range own[0] {
		counts = append(counts, newCount(pattern, pairs))
	}
	order(counts)
	return counts
}

// content is a hash of all that a record holds, whatever its number.
func (r *record) content() uint64 {
	h := r.source
	for _, v := range r.values {
		h = mix(h, v)
	}
	return h
}

// merge puts the sessions together that leave the same comparisons to learn from.
func merge(sessions []*session) (out []*session) {
	by := map[[comparisonCount]bool]*session{}
	for _, s := range sessions {
		if len(s.counts) == 0 {
			continue
		}
		if by[s.fixed] == nil {
			by[s.fixed] = &session{fixed: s.fixed, prior: s.prior}
			out = append(out, by[s.fixed])
		}
		by[s.fixed].counts = append(by[s.fixed].counts, s.counts...)
	}
	for _, s := range out {
		s.counts = fold(s.counts, s.fixed)
	}
	return out
}

// fold adds up the counts of patterns that differ only in what is fixed, in the order of the patterns.
func fold(counts []count, fixed [comparisonCount]bool) (out []count) {
	for i := range counts {
		for c := range comparisons {
			if fixed[c] {
				counts[i].pattern -= int(counts[i].levels[c]) * radix[c]
				counts[i].levels[c] = 0
			}
		}
	}
	order(counts)
	for _, c := range counts {
		if n := len(out); n > 0 && out[n-1].pattern == c.pattern {
			out[n-1].pairs += c.pairs
		} else {
			out = append(out, c)
		}
	}
	return out
}

// learn is expectation-maximisation over counted patterns. Expected counts are pooled over the sessions;
// what is known beforehand counts as a few pairs; strangers are learned from pairs by chance.
func learn(sessions []*session, chance, union []count, records int) *Model {
	m := &Model{Records: records}
	for c, cmp := range comparisons {
		m.Comparisons[c] = make([]Chance, len(cmp.levels))
		for l, lv := range cmp.levels {
			m.Comparisons[c][l] = Chance{Same: lv.m, Sibling: lv.s}
		}
	}
	total := max(1, float64(records)*float64(records-1)/2)
	m.strangers(chance, union, total)
	home := showsHomes(union)
	if !home {
		for _, s := range sessions {
			s.prior[1] = 0
		}
	}
	for outer := range 3 {
		for range rounds {
			m.Rounds++
			if m.round(sessions) < isSettled {
				break
			}
		}
		m.shares(union, total, home)
		if outer < 2 {
			m.strangers(chance, union, total)
		}
	}
	return m
}

// chances are the model's by comparison and level, with 1 where a value is missing and so says nothing.
type chances struct {
	of    [comparisonCount][mostLevels][3]float64
	names float64
}

// sharesNames says whether two records agree in both names.
func sharesNames(given, family int) bool {
	return given > 0 && given <= givenMisspelt && family > 0 && family <= familyMisspelt
}

func (m *Model) chances() *chances {
	out := chances{names: max(1, m.Names)}
	for i, levels := range m.Comparisons {
		out.of[i][0] = [3]float64{1, 1, 1}
		for l, c := range levels {
			out.of[i][l+1] = [3]float64{c.Same, c.Sibling, c.Unrelated}
		}
	}
	return &out
}

// posterior returns the shares of the three classes among pairs of one pattern, given their shares
// before anything is compared.
func (t *chances) posterior(levels *[comparisonCount]uint8, prior [3]float64) [3]float64 {
	p := prior
	if sharesNames(int(levels[cGiven]), int(levels[cFamily])) {
		p[2] *= t.names
	}
	for i, l := range levels {
		c := &t.of[i][l]
		p[0] *= c[0]
		p[1] *= c[1]
		p[2] *= c[2]
	}
	sum := p[0] + p[1] + p[2]
	if sum <= 0 {
		return [3]float64{0, 0, 1}
	}
	return [3]float64{p[0] / sum, p[1] / sum, p[2] / sum}
}

// sums are expected pairs of one child, and of siblings, by comparison and level.
type sums [comparisonCount][mostLevels][2]float64

// look adds up what a session's pairs show, and sets its shares of the classes.
func (s *session) look(table *chances, seen *sums) {
	var mass [3]float64
	for _, c := range s.counts {
		p := table.posterior(&c.levels, s.prior)
		for class := range p {
			p[class] *= c.pairs
			mass[class] += p[class]
		}
		for i, l := range c.levels {
			seen[i][l][0] += p[0]
			seen[i][l][1] += p[1]
		}
	}
	sum := mass[0] + mass[1] + mass[2] + 3
	for class := range mass {
		if s.prior[class] > 0 {
			s.prior[class] = (mass[class] + 1) / sum
		}
	}
}

// round is one step of learning. It returns the largest change of a chance. Sessions are looked at side by
// side and added up in their order, so that the sums are the same to the bit.
func (m *Model) round(sessions []*session) (moved float64) {
	own := make([]sums, len(sessions))
	table := m.chances()
	var all sync.WaitGroup
	for i, s := range sessions {
		all.Go(func() { s.look(table, &own[i]) })
	}
	all.Wait()
	var seen sums
	for i := range own {
		for c := range seen {
			for l := range seen[c] {
				seen[c][l][0] += own[i][c][l][0]
				seen[c][l][1] += own[i][c][l][1]
			}
		}
	}
	for i, cmp := range comparisons {
		var sum [2]float64
		for l := 1; l <= len(cmp.levels); l++ {
			sum[0] += seen[i][l][0]
			sum[1] += seen[i][l][1]
		}
		for l, lv := range cmp.levels {
			ch := &m.Comparisons[i][l]
			same := (seen[i][l+1][0] + trust*lv.m) / (sum[0] + trust)
			sibling := ch.Sibling
			if !cmp.own {
				sibling = (seen[i][l+1][1] + trust*lv.s) / (sum[1] + trust)
			}
			moved = max(moved, math.Abs(same-ch.Same), math.Abs(sibling-ch.Sibling))
			ch.Same, ch.Sibling = same, sibling
		}
	}
	return moved
}

// strangers sets how often unrelated records agree: as pairs by chance do, less the few among them that
// are related. Full agreement that chance hardly shows (one telephone) is taken from the found pairs, for
// a rule finds all that agree so.
func (m *Model) strangers(chance, union []count, total float64) {
	prior := [3]float64{m.Same, m.Sibling, 1 - m.Same - m.Sibling}
	if m.Same == 0 {
		prior = [3]float64{tiny, tiny, 1}
		for i := range comparisons { // nothing is known of strangers yet: count all
			for l := range m.Comparisons[i] {
				m.Comparisons[i][l].Unrelated = 1
			}
		}
	}
	blind, found := m.seen(chance, prior), m.seen(union, prior)
	for i, cmp := range comparisons {
		sum := 0.0
		for l := 1; l <= len(cmp.levels); l++ {
			sum += blind[i][l]
		}
		if sum == 0 {
			for l := range cmp.levels {
				m.Comparisons[i][l].Unrelated = 1 / float64(len(cmp.levels))
			}
			continue
		}
		known := sum / max(1, sumPairs(chance)) * total // pairs of strangers with both values
		for l := range cmp.levels {
			u := (blind[i][l+1] + .5) / sum
			if l == 0 && blind[i][1] < 50 {
				u = max(found[i][1]/known, tiny)
			}
			m.Comparisons[i][l].Unrelated = u
		}
	}
	m.names(union, prior, total)
	m.siblings()
}

// mostNames is what Names never exceeds.
const mostNames = 64

// names sets how many more strangers than by chance share both names, from the found pairs: a rule finds
// all of them.
func (m *Model) names(union []count, prior [3]float64, total float64) {
	if m.Same == 0 {
		m.Names = 1
		return
	}
	table, shared, known := m.chances(), 0.0, 0.0
	for _, c := range union {
		if c.levels[cGiven] == 1 && c.levels[cFamily] == 1 {
			shared += table.posterior(&c.levels, prior)[2] * c.pairs
		}
	}
	known = total * m.Comparisons[cGiven][0].Unrelated * m.Comparisons[cFamily][0].Unrelated
	m.Names = min(mostNames, max(1, (shared+10)/(known+10)))
}

// siblings sets how two children of one household agree in what is each child's own: as strangers do,
// and a little more.
func (m *Model) siblings() {
	for i, cmp := range comparisons {
		if !cmp.own {
			continue
		}
		sum := 0.0
		share := func(l int, lv level) float64 {
			if i == cGiven && l == 0 { // parents do not name two children alike, however common the name
				return lv.s
			}
			return m.Comparisons[i][l].Unrelated + lv.s
		}
		for l, lv := range cmp.levels {
			sum += share(l, lv)
		}
		for l, lv := range cmp.levels {
			m.Comparisons[i][l].Sibling = share(l, lv) / sum
		}
	}
}

// seen sums the pairs of strangers by comparison and level.
func (m *Model) seen(counts []count, prior [3]float64) (seen [comparisonCount][mostLevels]float64) {
	table := m.chances()
	for _, c := range counts {
		p := table.posterior(&c.levels, prior)[2] * c.pairs
		for i, l := range c.levels {
			seen[i][l] += p
		}
	}
	return seen
}

func sumPairs(counts []count) (sum float64) {
	for _, c := range counts {
		sum += c.pairs
	}
	return sum
}

// shares sets how many of all pairs are of one child and of siblings, from the found pairs: the rest
// are strangers, found or not.
func (m *Model) shares(union []count, total float64, home bool) {
	if m.Same == 0 {
		m.Same, m.Sibling = 1/math.Sqrt(total)/10, 1/math.Sqrt(total)/10
	}
	table := m.chances()
	for range rounds {
		var same, sibling float64
		prior := [3]float64{m.Same, m.Sibling, 1 - m.Same - m.Sibling}
		for _, c := range union {
			p := table.posterior(&c.levels, prior)
			same += p[0] * c.pairs
			sibling += p[1] * c.pairs
		}
		// Two records are one pair: strangers have their share even then.
		a, b := min(.4, (same+.5)/total), min(.4, (sibling+.5)/total)
		if !home {
			b = a * tiny
		}
		moved := math.Abs(a-m.Same)/m.Same + math.Abs(b-m.Sibling)/m.Sibling
		m.Same, m.Sibling = a, b
		if moved < isSettled {
			return
		}
	}
}

// showsHomes says whether a file tells anything of households: an address or a telephone or a caregiver
// that two records share. One that does not has no siblings to learn, and errors would be taken for them.
func showsHomes(union []count) bool {
	for _, c := range union {
		address := at(c.pattern, cAddress)
		if address > 0 && address <= addressPostal || at(c.pattern, cPhone) > 0 || at(c.pattern, cCaregiver) > 0 {
			return true
		}
	}
	return false
}

// order sorts counts by pattern, so that sums come out the same to the bit.
func order(counts []count) {
	slices.SortFunc(counts, func(a, b count) int { return a.pattern - b.pattern })
}
