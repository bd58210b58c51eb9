package link

import (
	"fmt"
	"strings"
	"testing"

	"tributary/examples/demo"
	"tributary/pipelines/warehouse"
)

// blocked makes the pairs of these people.
func blocked(t testing.TB, people []demo.Person) (*engine, *warehouse.DB) {
	t.Helper()
	db := engineOf(t, people)
	e := &engine{db: db}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.block(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e, db
}

func countOf(t testing.TB, db *warehouse.DB, query string) (n int) {
	t.Helper()
	if err := db.Scan(t.Context(), query, nil, &n); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return n
}

// Each rule finds exactly the pairs that share its key in a block that is not too large, and a pair that
// several rules find stands once.
func TestBlock_findsWhatSharesAKey(t *testing.T) {
	t.Parallel()
	e, db := blocked(t, population(2000, 6))
	if n := countOf(t, db, "select count(*) from pair"); n < 5000 {
		t.Fatalf("%d pairs show nothing", n)
	}
	if n := countOf(t, db, "select count(*) from pair where l >= r") + countOf(t, db, "select count(*) - count(distinct (l, r)) from pair"); n > 0 {
		t.Errorf("%d pairs stand the wrong way round or twice", n)
	}
	for i, r := range rules {
		use := e.rules[i]
		found := fmt.Sprintf("(select l, r from pair where rules & %d <> 0)", 1<<i)
		if use.Largest == 0 {
			continue
		}
		if use.Limit > r.limit {
			t.Errorf("%s: compared blocks of %d, its limit is %d", r.name, use.Limit, r.limit)
		}
		keyed := fmt.Sprintf("(select distinct node, hash(%s) as key from %s where %s is not null)", strings.Join(r.key, ", "), r.from, strings.Join(r.key, " is not null and "))
		shared := func(having string) string {
			return fmt.Sprintf("(select distinct a.node as l, b.node as r from %[1]s as a join %[1]s as b on a.key = b.key and a.node < b.node where a.key in (select key from %[1]s group by key having %[2]s))", keyed, having)
		}
		if n := countOf(t, db, "select count(*) from ("+shared(fmt.Sprintf("count(*) <= %d", use.Limit))+" except "+found+")"); n > 0 {
			t.Errorf("%s: missed %d pairs", r.name, n)
		}
		if n := countOf(t, db, "select count(*) from ("+found+" except "+shared("true")+")"); n > 0 {
			t.Errorf("%s: found %d pairs that do not share its key", r.name, n)
		}
		if use.Limit >= use.Largest && use.Left > 0 {
			t.Errorf("%s: left out %d records of blocks that fit", r.name, use.Left)
		}
	}
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
	e, db := blocked(t, people)
	for i, use := range e.rules {
		n := countOf(t, db, fmt.Sprintf("select count(*) from pair where rules & %d <> 0", 1<<i))
		if n > use.Pairs {
			t.Errorf("%s: %d pairs, reported %d", use.Rule, n, use.Pairs)
		}
		if most := 2 * leastBudget; use.Pairs > most { // the blocks as they are, and those refined
			t.Errorf("%s: %d pairs, more than %d", use.Rule, use.Pairs, most)
		}
		least := map[string]int{"surname": e.records * 9 / 10, "street and number": e.records / 3}[use.Rule] // half have no birth year to be split by
		if use.Left < least {
			t.Errorf("%s: reports %d of %d records left out", use.Rule, use.Left, e.records)
		}
	}
	if n := countOf(t, db, "select count(*) from pair"); n == 0 || n > 100*e.records {
		t.Errorf("%d pairs of %d records", n, e.records)
	}
}

// What is missing is no key and no evidence.
func TestCompare_missingIsNoEvidence(t *testing.T) {
	t.Parallel()
	_, db := blocked(t, population(300, 8))
	e := &engine{db: db}
	exec(t, db, "insert into person (node, source) select max(node) + 1, 'ELM' from person", "insert into person (node, source) select max(node) + 1, 'OAK' from person")
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.block(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := countOf(t, db, "select max(node) from record")
	// All with all, in a small file, is the one rule that needs no value.
	if n := countOf(t, db, fmt.Sprintf("select count(*) from pair where r = %d and rules <> %d", last, 1<<(len(rules)-1))); n > 0 {
		t.Errorf("%d pairs of a record without a value", n)
	}
	if err := e.compare(t.Context(), "compared", fmt.Sprintf("select l.node as l, %d as r, 0 as rules from record as l where l.node < %[1]d", last)); err != nil {
		t.Fatal(err)
	}
	m := &Model{Same: .01, Sibling: .02}
	for i, c := range comparisons {
		m.Comparisons[i] = make([]Chance, len(c.levels))
		for l := range c.levels {
			m.Comparisons[i][l] = Chance{Same: .5, Sibling: .25, Unrelated: .125}
		}
	}
	for _, line := range texts(t, db, "select distinct pattern::varchar from compared") {
		var pattern int
		if _, err := fmt.Sscan(line, &pattern); err != nil {
			t.Fatal(err)
		}
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
