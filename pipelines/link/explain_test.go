package link

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// startModel is what is assumed before anything is learned, with strangers that seldom agree.
func startModel() *Model {
	m := &Model{Same: 1e-4, Sibling: 1e-4}
	for c, cmp := range comparisons {
		for i, l := range cmp.levels {
			u := .01
			if i == len(cmp.levels)-1 {
				u = 1 - .01*float64(i)
			}
			m.Comparisons[c] = append(m.Comparisons[c], Chance{Same: max(l.m, .001), Sibling: max(l.s, .001), Unrelated: u})
		}
	}
	return m
}

func patternOf(levels map[int]int) (p int32) {
	for c, l := range levels {
		p += int32(l * radix[c])
	}
	return p
}

func TestPhrases_everyLevelHasOne(t *testing.T) {
	t.Parallel()
	for c, cmp := range comparisons {
		if got, want := len(phrases[c]), len(cmp.levels); got != want {
			t.Errorf("%s: got %d phrases, want %d", cmp.name, got, want)
		}
		for _, p := range phrases[c] {
			if p.en == "" || p.fr == "" {
				t.Errorf("%s: a phrase is missing in one language", cmp.name)
			}
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	m := startModel()
	same := Edge{Stranger: 30, Sibling: 12, Pattern: patternOf(map[int]int{cGiven: 1, cFamily: 3, cBirth: 1, cPhone: 1})}
	for _, x := range []struct {
		name, language, want string
		edge                 Edge
	}{
		{"speaks for", "en", "Same given name, surname misspelt, born on the same day, same telephone: one child is 4,100 times likelier than two of one household", same},
		{"in French", "fr", "Même prénom, nom mal orthographié, même date de naissance, même téléphone : un seul enfant est 4\u00a0100 fois plus probable que deux enfants d'un même ménage", same},
		{"for and against", "en", "Same surname, born on the same day; but different given names: two of one household are 32 times likelier than one child",
			Edge{Stranger: 3, Sibling: -5, Pattern: patternOf(map[int]int{cGiven: 10, cFamily: 1, cBirth: 1})}},
		{"nothing known", "en", "Nothing is known of both: two unrelated children are 8,200 times likelier than one child", Edge{Stranger: -13, Sibling: 0}},
		{"beyond counting", "en", "Same number: one child is 1,100,000,000 times likelier than two unrelated children", Edge{Stranger: 60, Sibling: 61, Pattern: patternOf(map[int]int{cIdentifier: 1})}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if got := m.Sentence(x.edge, x.language); got != x.want {
				t.Errorf("got  %q\nwant %q", got, x.want)
			}
		})
	}
}

func TestVetoed(t *testing.T) {
	t.Parallel()
	m := startModel()
	for _, x := range []struct {
		want   string
		levels map[int]int
	}{
		{"twin", map[int]int{cGiven: 10, cBirth: 1}},
		{"generation", map[int]int{cGiven: 1, cBirth: birthGeneration}},
		{"", map[int]int{cGiven: 1, cBirth: 1}},
		{"", map[int]int{cGiven: 10, cBirth: 1, cIdentifier: 1}},
	} {
		if got := m.Vetoed(Edge{Pattern: patternOf(x.levels)}); got != x.want {
			t.Errorf("levels %v: got %q, want %q", x.levels, got, x.want)
		}
	}
}

func TestRulesOf(t *testing.T) {
	t.Parallel()
	if got, want := strings.Join(RulesOf(1<<0|1<<3), "; "), "number; given name and surname"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := RulesOf(0); got != nil {
		t.Errorf("got %q, want none", got)
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	old, next := startModel(), startModel()
	if got := Drift(old, next); len(got) != 0 {
		t.Errorf("equal models drift: %v", got)
	}
	next.Comparisons[cPhone][0].Same /= 4
	got := Drift(old, next)
	if len(got) != 1 || got[0].Comparison != "telephone" || got[0].Level != "same" || math.Abs(got[0].Moved()-2) > 1e-9 {
		t.Errorf("got %v, want the telephone moved by two bits", got)
	}
}

func TestParseModel_refusesAnotherProgramsModel(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", `{"children": {"comparisons": []}, "families": {}}`} {
		if _, err := ParseModel(text); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}

// TestCompare_asTheRunDid weighs pairs again by what the published step holds: to the bits that the run
// gave them.
func TestCompare_asTheRunDid(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(800, 5))
	built(t, db, Input{Terms: DefaultTerms()})
	var text string
	if err := db.Scan(t.Context(), "select model from link.model", nil, &text); err != nil {
		t.Fatal(err)
	}
	model, err := ParseModel(text)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, `create table memory.want as select left_node::integer as l, right_node::integer as r, stranger_bits as s, sibling_bits as k
from link.pair order by hash(left_node, right_node), left_node, right_node limit 40`)
	func() {
		rows, err := db.Query(t.Context(), "select l, r, s, k from memory.want")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var l, r int32
			var stranger, sibling float64
			if err := rows.Scan(&l, &r, &stranger, &sibling); err != nil {
				t.Fatal(err)
			}
			got, terms, err := Compare(t.Context(), db, model.Children, r, l)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(float64(got.Stranger)-stranger) > 1e-3 || math.Abs(float64(got.Sibling)-sibling) > 1e-3 || got.L != l || got.R != r {
				t.Errorf("nodes %d and %d: got %.3f and %.3f bits, want %.3f and %.3f", l, r, got.Stranger, got.Sibling, stranger, sibling)
			}
			if len(terms) == 0 {
				t.Errorf("nodes %d and %d: no terms", l, r)
			}
			n++
		}
		if n == 0 {
			t.Error("no pair to weigh")
		}
	}()
	if _, _, err := Compare(t.Context(), db, model.Children, 1, 99_999_999); !errors.Is(err, ErrNoRecord) {
		t.Errorf("a node that is not there: got %v, want ErrNoRecord", err)
	}
}
