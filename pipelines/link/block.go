package link

import (
	"cmp"
	"math"
	mathbits "math/bits"
	"slices"
)

// A rule says which records are worth comparing: those with the same key. Rules are equi-joins only,
// so that no engine ever compares all with all.
type rule struct {
	name string
	// key is what must be equal; a key with a missing part is none.
	key []trait
	// without is a trait that must be missing; traitCount is none.
	without trait
	// limit is the largest block that the rule compares as it is. A larger one is split by refine
	// (traitCount: not at all); what is still too large is left out and reported.
	limit  int
	refine trait
	// budget is how many pairs a record the rule may bring in a large file; it then compares smaller
	// blocks only.
	budget float64
	// fixes are the comparisons that the rule decides, which therefore learn nothing from its pairs.
	fixes []int
}

const (
	rareLimit = 150 // records that share one rare value
	pairLimit = 400 // records that share two
	smallFile = 1500
	// What one rule may bring: pairs a record, and at least so many in all.
	leastBudget = smallFile * smallFile / 2
	none        = traitCount
)

// rules are tried in this order; the first ones are what people would look for. The last one has no key:
// it compares all with all, and only in a small file.
var rules = []rule{
	{"number", []trait{tNumber}, none, rareLimit, none, 3, []int{cIdentifier}},
	{"e-mail", []trait{tEmail}, none, rareLimit, none, 3, []int{cEmail}},
	{"telephone", []trait{tPhone}, none, rareLimit, tYear, 2, []int{cPhone}},
	{"given name and surname", []trait{tFullName}, none, pairLimit, tYear, 3, []int{cGiven, cFamily}},
	{"surname and birth date", []trait{tFamily, tBirth}, none, pairLimit, tGivenSound, 3, []int{cFamily, cBirth}},
	{"given name and birth date", []trait{tGiven, tBirth}, none, pairLimit, tPostal, 3, []int{cGiven, cBirth}},
	{"forms of both names and birth year", []trait{tGiven, tFamily, tYear}, none, pairLimit, none, 3, []int{cGiven, cFamily, cBirth}},
	{"postal code and birth date", []trait{tPostal, tBirth}, none, pairLimit, none, 3, []int{cAddress, cBirth}},
	{"postal code and given name", []trait{tPostal, tGiven}, none, pairLimit, none, 3, []int{cAddress, cGiven}},
	{"postal code and surname", []trait{tPostal, tFamily}, none, rareLimit, tYear, 3, []int{cAddress, cFamily}},
	{"street and number", []trait{tStreet, tStreetNumber}, none, rareLimit, tYear, 1, []int{cAddress}},
	{"caregiver", []trait{tCaregiver}, none, rareLimit, tYear, 1, []int{cCaregiver}},
	{"sound of surname, year and month", []trait{tFamilySound, tYear, tMonth}, none, pairLimit, none, .8, []int{cFamily, cBirth}},
	{"sound of surname, month and day", []trait{tFamilySound, tMonth, tDay}, none, pairLimit, none, .8, []int{cFamily, cBirth}},
	{"sound of surname, year and day", []trait{tFamilySound, tYear, tDay}, none, pairLimit, none, .8, []int{cFamily, cBirth}},
	{"sound of given name, year and month", []trait{tGivenSound, tYear, tMonth}, none, pairLimit, none, .8, []int{cGiven, cBirth}},
	{"sound of given name, month and day", []trait{tGivenSound, tMonth, tDay}, none, pairLimit, none, .8, []int{cGiven, cBirth}},
	{"sound of given name, year and day", []trait{tGivenSound, tYear, tDay}, none, pairLimit, none, .8, []int{cGiven, cBirth}},
	{"sound of both names", []trait{tGivenSound, tFamilySound}, none, pairLimit, tYear, .8, []int{cGiven, cFamily}},
	{"birth date", []trait{tBirth}, none, rareLimit, none, .25, []int{cBirth}},
	{"surname", []trait{tFamily}, none, rareLimit, none, .25, []int{cFamily}},
	{"given name", []trait{tGiven}, none, rareLimit, none, .25, []int{cGiven}},
	{"postal code", []trait{tPostal}, none, rareLimit, none, .25, []int{cAddress}},
	{"name before the @", []trait{tEmailName}, none, rareLimit, none, 3, []int{cEmail}},
	{"town and given name, without postal codes", []trait{tCity, tGiven}, tPostal, rareLimit, tYear, 3, []int{cAddress, cGiven}},
	{"town and surname, without postal codes", []trait{tCity, tFamily}, tPostal, rareLimit, tYear, 3, []int{cAddress, cFamily}},
	{"all with all, in a small file", nil, none, smallFile, none, 3, nil},
}

// RuleUse is what a blocking rule did.
type RuleUse struct {
	Rule    string `json:"rule"`
	Records int    `json:"records"` // keys made
	Limit   int    `json:"limit"`   // largest block compared
	Pairs   int    `json:"pairs"`   // pairs found, those of earlier rules included
	Left    int    `json:"left"`    // records whose block was too large, even refined
	Largest int    `json:"largest"` // records in the largest block
}

// keyed is a record that has a key.
type keyed struct {
	key    uint64
	record int32
}

// blocks are the records that share a key, smallest place first: block i is members[starts[i]:starts[i+1]].
type blocks struct {
	members []int32
	starts  []int
}

func (b *blocks) count() int { return max(0, len(b.starts)-1) }

// block finds, by rule, the records that share a key.
func (e *engine) block() {
	e.blocks, e.rules = make([]blocks, len(rules)), make([]RuleUse, len(rules))
	if e.learned == nil {
		e.learned = &Learned{}
	}
	isLearned := len(e.learned.limits) > 0
	if !isLearned {
		e.learned.limits = make([][2]int, len(rules))
		for i, r := range rules {
			e.learned.limits[i] = [2]int{r.limit, r.limit}
		}
	}
	own := make([]groupers, e.workers)
	e.inParallel(len(rules), func(i, worker int) {
		r, by := &rules[i], &own[worker]
		e.rules[i] = RuleUse{Rule: r.name, Limit: r.limit}
		budget := max(leastBudget, int(r.budget*float64(len(e.records))))
		if isLearned {
			budget = math.MaxInt
		}
		switch known := e.knownRecords(); {
		case len(r.key) > 0 || len(e.records) <= smallFile:
			e.blocks[i] = r.block(by, e.records, &e.learned.limits[i], budget, &e.rules[i], known, e.isOld)
		case known > 0 && known <= smallFile && e.isOld == nil:
			e.blocks[i] = r.block(by, e.records[:known], &e.learned.limits[i], budget, &e.rules[i], known, nil)
		}
	})
}

// knownRecords is how many records, the first ones, were there when learning was done. What was compared then
// stays compared, also where new records make a block too large.
func (e *engine) knownRecords() int {
	at, _ := slices.BinarySearchFunc(e.records, e.learned.nodes, func(r record, node int) int { return int(r.node) - node })
	return at
}

// keys are those that the records make; of old ones, as far as new ones may make them too.
func (r *rule) keys(g *grouper, records []record, isOld []bool) []keyed {
	const bits = 22
	var room [64]uint64
	each := func(old bool, do func(key uint64, record int32)) {
		for i := range records {
			if isOld != nil && isOld[i] != old || r.without != none && len(records[i].of(r.without)) > 0 {
				continue
			}
			for _, key := range records[i].keysOf(r.key, room[:]) {
				do(key, int32(i))
			}
		}
	}
	if isOld == nil {
		each(false, g.add)
		return g.group()
	}
	made := make([]uint64, 1<<(bits-6))
	var fresh []keyed
	each(false, func(key uint64, record int32) {
		made[key>>(64-bits)>>6] |= 1 << (key >> (64 - bits) & 63)
		fresh = append(fresh, keyed{key, record})
	})
	each(true, func(key uint64, record int32) {
		if made[key>>(64-bits)>>6]&(1<<(key>>(64-bits)&63)) != 0 {
			g.add(key, record)
		}
	})
	g.all = append(g.all, fresh...)
	return g.group()
}

// block makes a rule's blocks, of which the pairs are at most budget, twice that where large blocks are
// split. It lowers the limits until that holds. The first `known` records were there before.
func (r *rule) block(by *groupers, records []record, limits *[2]int, budget int, use *RuleUse, known int, isOld []bool) (out blocks) {
	all := r.keys(&by[0], records, isOld)
	use.Records = len(all)
	for block := range blocksOf(all) {
		if len(block) > 1 {
			use.Largest = max(use.Largest, len(block))
		}
	}
	limits[0], use.Pairs = fit(all, limits[0], budget)
	use.Limit = limits[0]
	out.starts = []int{0}
	large := &by[1]
	for block := range blocksOf(all) {
		switch {
		case len(block) == 1:
		case len(block) <= use.Limit:
			out.add(block)
		case r.refine == none:
			use.Left += len(block)
			out.keep(block, use.Limit, known)
		default:
			out.keep(block, use.Limit, known)
			for _, k := range block {
				values := records[k.record].of(r.refine)
				if len(values) == 0 { // what there is nothing to split by is left out
					use.Left++
					continue
				}
				large.add(mix(k.key, values[0]), k.record)
			}
		}
	}
	if len(large.all) == 0 {
		return out
	}
	parts := large.group()
	var pairs int
	limits[1], pairs = fit(parts, limits[1], budget)
	use.Pairs += pairs
	for block := range blocksOf(parts) {
		switch {
		case len(block) > limits[1]:
			use.Left += len(block)
			out.keep(block, limits[1], known)
		case len(block) > 1:
			out.add(block)
		}
	}
	return out
}

func (b *blocks) add(block []keyed) {
	for _, k := range block {
		b.members = append(b.members, k.record)
	}
	b.starts = append(b.starts, len(b.members))
}

// keep adds the known records of a block that was compared as it is before the new ones came.
func (b *blocks) keep(block []keyed, limit, known int) {
	old := 0 // they come first
	for old < len(block) && int(block[old].record) < known {
		old++
	}
	if old > 1 && old <= limit {
		b.add(block[:old])
	}
}

// keysOf returns every key that a record's values of some traits make.
func (r *record) keysOf(of []trait, keys []uint64) []uint64 {
	keys = append(keys[:0], 0)
	for _, t := range of {
		values := r.of(t)
		if len(values) == 0 {
			return nil
		}
		so := len(keys)
		for _, v := range values[1:] {
			for _, key := range keys[:so] {
				keys = append(keys, mix(key, v))
			}
		}
		for i := range keys[:so] {
			keys[i] = mix(keys[i], values[0])
		}
	}
	return keys
}

// grouper puts equal keys side by side, in memory that it takes once.
type grouper struct {
	all, grouped []keyed
	ends         []int32
}

// groupers are for records by their keys, and for blocks that are split.
type groupers [2]grouper

func (g *grouper) add(key uint64, record int32) { g.all = append(g.all, keyed{key, record}) }

// group returns what was added since, the records of each key in their order and once. It stands until the
// next time.
func (g *grouper) group() []keyed {
	// Keys are hashes, so their first bits part them evenly; few are left to be sorted.
	shift := max(1, 64-mathbits.Len(uint(len(g.all)/4)))
	g.ends = append(g.ends[:0], make([]int32, 1<<(64-shift)+1)...)
	for _, k := range g.all {
		g.ends[k.key>>shift+1]++
	}
	for i := range g.ends[1:] {
		g.ends[i+1] += g.ends[i]
	}
	g.grouped = slices.Grow(g.grouped[:0], len(g.all))[:len(g.all)]
	for _, k := range g.all {
		at := &g.ends[k.key>>shift]
		g.grouped[*at] = k
		*at++
	}
	g.all = g.all[:0]
	from := int32(0)
	for _, to := range g.ends {
		sortByKey(g.grouped[from:to])
		from = to
	}
	return slices.Compact(g.grouped)
}

// sortByKey leaves equal keys in their order.
func sortByKey(part []keyed) {
	if len(part) > 12 {
		slices.SortStableFunc(part, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		return
	}
	for i := 1; i < len(part); i++ {
		k, at := part[i], i
		for ; at > 0 && part[at-1].key > k.key; at-- {
			part[at] = part[at-1]
		}
		part[at] = k
	}
}

// blocksOf are the runs of equal keys.
func blocksOf(all []keyed) func(yield func([]keyed) bool) {
	return func(yield func([]keyed) bool) {
		for from := 0; from < len(all); {
			to := from + 1
			for to < len(all) && all[to].key == all[from].key {
				to++
			}
			if !yield(all[from:to]) {
				return
			}
			from = to
		}
	}
}

// fit returns the largest block size up to limit with which a rule brings at most budget pairs, and how
// many it then brings.
func fit(all []keyed, limit, budget int) (fits, pairs int) {
	sizes := make([]int, limit+1)
	for block := range blocksOf(all) {
		if len(block) <= limit {
			sizes[len(block)]++
		}
	}
	for size, n := range sizes {
		more := n * size * (size - 1) / 2
		if pairs+more > budget {
			return size - 1, pairs
		}
		pairs += more
	}
	return limit, pairs
}

// pair is two records, by their places, that a rule found, and how they agree.
type pair struct {
	l, r    int32
	rules   int32 // one bit for each rule that found it
	pattern int32
}

// pairs finds the pairs of all blocks, each once, smallest place first, and compares them. Two old records
// are no pair.
func (e *engine) pairs() {
	of := e.standings()
	parts := 1 + len(e.records)/2_000
	e.found = make([][]pair, parts)
	own := make([]pairing, e.workers)
	e.inParallel(parts, func(part, worker int) {
		s := &own[worker]
		if s.seen == nil {
			s.seen = make([]int32, len(e.records))
		}
		var found []pair
		for l := len(e.records) * part / parts; l < len(e.records)*(part+1)/parts; l++ {
			// Each loop asks for all that the next one needs, so that the waits for memory overlap: half of the time
			// is theirs.
			s.list, s.blocks = s.list[:0], s.blocks[:0]
			for _, place := range of.places[of.starts[l]:of.starts[l+1]] {
				i := of.rule(place)
				s.blocks = append(s.blocks, standing{e.blocks[i].members, place - of.first[i], i})
			}
			for _, b := range s.blocks {
				s.read += int(b.members[b.at])
			}
			for _, b := range s.blocks {
				for at := b.at; b.members[at] >= 0; {
					at++
					r := b.members[at]
					s.meet(int32(l), r^r>>31, b.rule)
				}
				if e.isOld == nil {
					continue
				}
				for at := b.at; at > 0 && b.members[at-1] >= 0; at-- {
					if r := b.members[at-1]; e.isOld[r] { // no pair began with it
						s.meet(int32(l), r, b.rule)
					}
				}
			}
			slices.SortFunc(s.list, func(a, b pair) int { return int(a.r) - int(b.r) })
			for _, p := range s.list {
				r := &e.records[p.r]
				s.read += int(r.year) + int(r.marks[4]) + int(r.marks[12])
			}
			for i := range s.list {
				p := &s.list[i]
				p.l, p.r = min(p.l, p.r), max(p.l, p.r)
				p.pattern = compare(&e.records[p.l], &e.records[p.r])
			}
			found = append(found, s.list...)
		}
		e.found[part] = slices.Clip(found)
	})
	e.blocks = nil
}

// pairing is what the pairs of one record are put together in.
type pairing struct {
	seen   []int32 // by record: the place of its pair among those of the one at hand, if it is there
	blocks []standing
	list   []pair
	read   int
}

func (s *pairing) meet(l, r int32, rule int) {
	if place := s.seen[r]; int(place) < len(s.list) && s.list[place].r == r {
		s.list[place].rules |= 1 << rule
		return
	}
	s.seen[r] = int32(len(s.list))
	s.list = append(s.list, pair{l: l, r: r, rules: 1 << rule})
}

// standing is where a record stands among the blocks of a rule.
type standing struct {
	members []int32
	at      uint32
	rule    int
}

// standings are the places of each record in the blocks of all rules, one rule's behind the other's: those of
// record i are places[starts[i]:starts[i+1]]. Those from which no pair begins are left out: of old records all,
// else the last in each block.
type standings struct {
	places []uint32
	starts []int
	first  []uint32 // of each rule, the place where its blocks begin
}

func (s *standings) rule(place uint32) int {
	next, _ := slices.BinarySearchFunc(s.first, place, func(first, place uint32) int {
		if first <= place {
			return -1
		}
		return 1
	})
	return next - 1
}

// standings finds them, and marks in the blocks the last record of each: it stands there as its complement.
func (e *engine) standings() *standings {
	s := &standings{starts: make([]int, len(e.records)+1)}
	begins := func(members []int32, at int) (r int32, begins bool) {
		r = members[at]
		if e.isOld == nil {
			return r, r >= 0
		}
		r ^= r >> 31
		return r, !e.isOld[r]
	}
	total := uint32(0)
	for i := range e.blocks {
		b := &e.blocks[i]
		s.first = append(s.first, total)
		total += uint32(len(b.members))
		for k := range b.count() {
			b.members[b.starts[k+1]-1] ^= -1
		}
		for at := range b.members {
			if r, ok := begins(b.members, at); ok {
				s.starts[r+1]++
			}
		}
	}
	for i := range e.records {
		s.starts[i+1] += s.starts[i]
	}
	s.places = make([]uint32, s.starts[len(e.records)])
	next := slices.Clone(s.starts)
	for i := range e.blocks {
		for at := range e.blocks[i].members {
			if r, ok := begins(e.blocks[i].members, at); ok {
				s.places[next[r]] = s.first[i] + uint32(at)
				next[r]++
			}
		}
	}
	return s
}
