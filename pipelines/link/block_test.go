package link

import (
	"fmt"
	"testing"

	"tributary/examples/demo"
)

// blocked makes the records and the pairs of these people.
func blocked(t testing.TB, people []demo.Person) *engine {
	t.Helper()
	e := &engine{db: engineOf(t, people)}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.block()
	e.pairs()
	return e
}

// Each rule finds exactly the pairs that share its key in a block that is not too large, and a pair that
// several rules find stands once.
func TestBlock_findsWhatSharesAKey(t *testing.T) {
	t.Parallel()
	e := blocked(t, population(2000, 6))
	found := map[[2]int32]int32{}
	for _, part := range e.found {
		for _, p := range part {
			if p.l >= p.r || found[[2]int32{p.l, p.r}] != 0 {
				t.Fatalf("records %d and %d stand the wrong way round or twice", p.l, p.r)
			}
			found[[2]int32{p.l, p.r}] = p.rules
		}
	}
	if len(found) < 5000 {
		t.Fatalf("%d pairs show nothing", len(found))
	}
	for i, r := range rules {
		use := e.rules[i]
		if use.Largest == 0 {
			continue
		}
		if use.Limit > r.limit {
			t.Errorf("%s: compared blocks of %d, its limit is %d", r.name, use.Limit, r.limit)
		}
		if use.Limit >= use.Largest && use.Left > 0 {
			t.Errorf("%s: left out %d records of blocks that fit", r.name, use.Left)
		}
		by := map[string]map[int32]bool{} // the plain way: keys as texts
		for at := range e.records {
			if r.without != none && len(e.records[at].of(r.without)) > 0 {
				continue
			}
			for _, key := range plainKeys(&e.records[at], r.key) {
				if by[key] == nil {
					by[key] = map[int32]bool{}
				}
				by[key][int32(at)] = true
			}
		}
		may := map[[2]int32]bool{}
		for _, block := range by {
			for l := range block {
				for r := range block {
					if l >= r {
						continue
					}
					may[[2]int32{l, r}] = true
					if len(block) <= use.Limit && found[[2]int32{l, r}]&(1<<i) == 0 {
						t.Fatalf("%s: missed records %d and %d", rules[i].name, l, r)
					}
				}
			}
		}
		for p, by := range found {
			if by&(1<<i) != 0 && !may[p] {
				t.Fatalf("%s: found records %v, which do not share its key", r.name, p)
			}
		}
	}
}

func plainKeys(r *record, of []trait) []string {
	if len(of) == 0 {
		return []string{""}
	}
	var keys []string
	for _, v := range r.of(of[0]) {
		for _, rest := range plainKeys(r, of[1:]) {
			keys = append(keys, fmt.Sprint(v, " ", rest))
		}
	}
	return keys
}

// A value in every record is no key: what is too large is split or left out, and reported.
func TestBlock_staysWithinItsLimits(t *testing.T) {
	t.Parallel()
	people := population(4000, 7)
	for i := range people {
		people[i].FamilyName, people[i].PostalCode, people[i].Phone, people[i].CaregiverPhone = "Smith", "K7L 1A1", "613-555-0101", "613-555-0101"
		people[i].StreetAddress = "12 Oak St"
		if i%2 == 0 {
			people[i].BirthDate = ""
		}
	}
	e := blocked(t, people)
	by, all := make([]int, len(rules)), 0
	for _, part := range e.found {
		for _, p := range part {
			all++
			for i := range rules {
				by[i] += int(p.rules >> i & 1)
			}
		}
	}
	for i, use := range e.rules {
		n := by[i]
		if n > use.Pairs {
			t.Errorf("%s: %d pairs, reported %d", use.Rule, n, use.Pairs)
		}
		if most := 2 * leastBudget; use.Pairs > most { // the blocks as they are, and those refined
			t.Errorf("%s: %d pairs, more than %d", use.Rule, use.Pairs, most)
		}
		least := map[string]int{"surname": len(e.records) * 9 / 10, "street and number": len(e.records) / 3}[use.Rule] // half have no birth year to be split by
		if use.Left < least {
			t.Errorf("%s: reports %d of %d records left out", use.Rule, use.Left, len(e.records))
		}
	}
	if all == 0 || all > 100*len(e.records) {
		t.Errorf("%d pairs of %d records", all, len(e.records))
	}
}

// What is missing is no key and no evidence.
func TestCompare_missingIsNoEvidence(t *testing.T) {
	t.Parallel()
	e := &engine{db: engineOf(t, population(300, 8))}
	exec(t, e.db, "insert into person (node, source) select max(node) + 1, 'ELM' from person", "insert into person (node, source) select max(node) + 1, 'OAK' from person")
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.block()
	e.pairs()
	last := int32(len(e.records) - 1)
	for _, part := range e.found {
		for _, p := range part { // all with all, in a small file, is the one rule that needs no value
			if p.r == last && p.rules != 1<<(len(rules)-1) {
				t.Errorf("a record without a value was found by %v", RulesOf(p.rules))
			}
		}
	}
	m := &Model{Same: .01, Sibling: .02}
	for i, c := range comparisons {
		m.Comparisons[i] = make([]Chance, len(c.levels))
		for l := range c.levels {
			m.Comparisons[i][l] = Chance{Same: .5, Sibling: .25, Unrelated: .125}
		}
	}
	for l := range e.records[:last] {
		pattern := int(compare(&e.records[l], &e.records[last]))
		for i, c := range comparisons {
			if got := at(pattern, i); got != 0 && i != cSource {
				t.Errorf("%s: a missing value agrees at level %d", c.name, got)
			}
		}
		stranger, sibling := m.weigh(pattern - at(pattern, cSource)*radix[cSource])
		if wantStranger, wantSibling := m.weigh(0); stranger != wantStranger || sibling != wantSibling {
			t.Errorf("missing values weigh %v and %v bits", stranger-wantStranger, sibling-wantSibling)
		}
	}
}
