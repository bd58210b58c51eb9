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
	{"town and given name, where postal codes are not known", []trait{tCity, tGiven}, tPostal, rareLimit, tYear, 3, []int{cAddress, cGiven}},
	{"town and surname, where postal codes are not known", []trait{tCity, tFamily}, tPostal, rareLimit, tYear, 3, []int{cAddress, cFamily}},
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
	e.inParallel(len(rules), func(i, _ int) {
		r := &rules[i]
		e.rules[i] = RuleUse{Rule: r.name, Limit: r.limit}
		budget := max(leastBudget, int(r.budget*float64(len(e.records))))
		if isLearned {
			budget = math.MaxInt
		}
		switch known := e.knownRecords(); {
		case len(r.key) > 0 || len(e.records) <= smallFile:
			e.blocks[i] = r.block(e.records, &e.learned.limits[i], budget, &e.rules[i], known, e.isOld)
		case known > 0 && known <= smallFile && e.isOld == nil:
			e.blocks[i] = r.block(e.records[:known], &e.learned.limits[i], budget, &e.rules[i], known, nil)
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
func (r *rule) keys(records []record, isOld []bool) (all []keyed) {
	const bits = 22
	var made []uint64
	each := func(old bool, do func(key uint64, record int32)) {
		for i := range records {
			if isOld != nil && isOld[i] != old || r.without != none && len(records[i].of(r.without)) > 0 {
				continue
			}
			records[i].eachKey(r.key, 0, func(key uint64) { do(key, int32(i)) })
		}
	}
	if isOld == nil {
		each(false, func(key uint64, record int32) { all = append(all, keyed{key, record}) })
		return group(all)
	}
	made = make([]uint64, 1<<(bits-6))
	var fresh []keyed
	each(false, func(key uint64, record int32) {
		made[key>>(64-bits)>>6] |= 1 << (key >> (64 - bits) & 63)
		fresh = append(fresh, keyed{key, record})
	})
	each(true, func(key uint64, record int32) {
		if made[key>>(64-bits)>>6]&(1<<(key>>(64-bits)&63)) != 0 {
			all = append(all, keyed{key, record})
		}
	})
	return group(append(all, fresh...))
}

// block makes a rule's blocks, of which the pairs are at most budget, twice that where large blocks are
// split. It lowers the limits until that holds. The first `known` records were there before.
func (r *rule) block(records []record, limits *[2]int, budget int, use *RuleUse, known int, isOld []bool) (out blocks) {
	all := r.keys(records, isOld)
	use.Records = len(all)
	for block := range blocksOf(all) {
		if len(block) > 1 {
			use.Largest = max(use.Largest, len(block))
		}
	}
	limits[0], use.Pairs = fit(all, limits[0], budget)
	use.Limit = limits[0]
	out.starts = []int{0}
	var large []keyed
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
				by := records[k.record].of(r.refine)
				if len(by) == 0 { // what there is nothing to split by is left out
					use.Left++
					continue
				}
				large = append(large, keyed{mix(k.key, by[0]), k.record})
			}
		}
	}
	if large == nil {
		return out
	}
	large = group(large)
	var pairs int
	limits[1], pairs = fit(large, limits[1], budget)
	use.Pairs += pairs
	for block := range blocksOf(large) {
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

// eachKey calls with every key that a record's values of some traits make.
func (r *record) eachKey(of []trait, so uint64, key func(uint64)) {
	if len(of) == 0 {
		key(so)
		return
	}
	for _, v := range r.of(of[0]) {
		r.eachKey(of[1:], mix(so, v), key)
	}
}

// group puts equal keys side by side, the records of each in their order and once.
func group(all []keyed) []keyed {
	// Keys are hashes, so their first bits part them evenly; few are left to be sorted.
	shift := max(1, 64-mathbits.Len(uint(len(all)/4)))
	starts := make([]int32, 1<<(64-shift)+1)
	for _, k := range all {
		starts[k.key>>shift+1]++
	}
	for i := range starts[1:] {
		starts[i+1] += starts[i]
	}
	out, next := make([]keyed, len(all)), slices.Clone(starts)
	for _, k := range all {
		at := &next[k.key>>shift]
		out[*at] = k
		*at++
	}
	for i := range starts[1:] {
		part := out[starts[i]:starts[i+1]]
		if len(part) > 1 {
			slices.SortStableFunc(part, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		}
	}
	return slices.Compact(out)
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
	of := e.blocksByRecord()
	parts := 1 + len(e.records)/2_000
	e.found = make([][]pair, parts)
	type scratch struct {
		seen   []int32 // by record: the place of its pair among those of the one at hand, if it is there
		blocks []later
		list   []pair
		read   int
	}
	own := make([]scratch, e.workers)
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
			for _, b := range of.members[of.starts[l]:of.starts[l+1]] {
				i, block := of.rule(b)
				s.blocks = append(s.blocks, later{e.blocks[i].members[e.blocks[i].starts[block]:e.blocks[i].starts[block+1]], i})
			}
			for _, b := range s.blocks {
				s.read += int(b.members[len(b.members)-1])
			}
			for _, b := range s.blocks {
				i := b.rule
				for at := len(b.members) - 1; at >= 0; at-- {
					r := b.members[at]
					if r <= int32(l) {
						if e.isOld == nil {
							break
						}
						if r == int32(l) || !e.isOld[r] {
							continue // it is a pair that began with r
						}
					}
					if place := s.seen[r]; int(place) < len(s.list) && s.list[place].r == r {
						s.list[place].rules |= 1 << i
						continue
					}
					s.seen[r] = int32(len(s.list))
					s.list = append(s.list, pair{l: int32(l), r: r, rules: 1 << i})
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

// later are the records of a block in which those after one are looked for.
type later struct {
	members []int32
	rule    int
}

// membership are the blocks of each record that have a later one, of new ones all: those of record i are
// members[starts[i]:starts[i+1]]. Old ones have none.
type membership struct {
	members []uint32
	starts  []int
	first   []uint32 // of each rule, the number of its first block
}

func (m *membership) rule(block uint32) (rule int, number uint32) {
	rule, _ = slices.BinarySearchFunc(m.first, block, func(first, block uint32) int {
		if first <= block {
			return -1
		}
		return 1
	})
	return rule - 1, block - m.first[rule-1]
}

// firsts are the records of a block that pairs may begin with: without old ones, all but the last.
func (e *engine) firsts(rule, block int) []int32 {
	b := &e.blocks[rule]
	all := b.members[b.starts[block]:b.starts[block+1]]
	if e.isOld == nil {
		return all[:len(all)-1]
	}
	return all
}

func (e *engine) blocksByRecord() *membership {
	m := &membership{starts: make([]int, len(e.records)+1)}
	total := uint32(0)
	isFirst := func(r int32) bool { return e.isOld == nil || !e.isOld[r] }
	for i := range e.blocks {
		m.first = append(m.first, total)
		total += uint32(e.blocks[i].count())
		for b := range e.blocks[i].count() {
			for _, r := range e.firsts(i, b) {
				if isFirst(r) {
					m.starts[r+1]++
				}
			}
		}
	}
	for i := range e.records {
		m.starts[i+1] += m.starts[i]
	}
	m.members = make([]uint32, m.starts[len(e.records)])
	next := slices.Clone(m.starts)
	for i := range e.blocks {
		for b := range e.blocks[i].count() {
			for _, r := range e.firsts(i, b) {
				if isFirst(r) {
					m.members[next[r]] = m.first[i] + uint32(b)
					next[r]++
				}
			}
		}
	}
	return m
}
