package link

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tributary/pipelines/warehouse"
)

// household is one child's ties, as "kind=value" or, where they are another home's, "kind~value".
type household struct {
	name string
	ties []string
}

// street is a town of ordinary families, two children each, so that there is something to learn from.
func street() (town []household) {
	for i := range 120 {
		for child := range 2 {
			h := household{fmt.Sprintf("child %d of %d", child, i), []string{
				fmt.Sprintf("surname=name%d", i%80), fmt.Sprintf("caregiver=ann%d name%d", i%50, i%80), fmt.Sprintf("telephone=61355501%03d", i),
				fmt.Sprintf("address=%d oak K7L%dA%d", i, i%5, i/5%5), fmt.Sprintf("postal=K7L%dA%d", i%5, i/5%5)}}
			if i%4 == 0 {
				h.ties = h.ties[:3]
			}
			town = append(town, h)
		}
	}
	return town
}

// kin puts children into families: the families' first children, by the names of the children.
type kin struct {
	edges []FamilyEdge
	model *FamilyModel
	of    map[string]int32
	node  map[string]int32
}

func familiesOf(t testing.TB, children []household, frozen *FamilyModel, settings ...string) kin {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := Standardise(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	exec(t, db, append(settings, "create table tie (node integer, quarter varchar, kind varchar, value varchar, is_first boolean)",
		"create table child_of (node integer, child integer)")...)
	var ties, of [][]driver.Value
	k := kin{of: map[string]int32{}, node: map[string]int32{}}
	for i, c := range children {
		node := int32(i + 1)
		k.node[c.name] = node
		of = append(of, []driver.Value{node, node})
		for _, tie := range c.ties {
			kind, value, isFirst := strings.Cut(tie, "=")
			if !isFirst {
				kind, value, _ = strings.Cut(tie, "~")
			}
			ties = append(ties, []driver.Value{node, "2025-26Q1", kind, value, isFirst})
		}
	}
	for table, rows := range map[string][][]driver.Value{"tie": ties, "child_of": of} {
		if err := db.Insert(t.Context(), "memory", table, rows); err != nil {
			t.Fatal(err)
		}
	}
	e := &engine{db: db}
	if k.edges, k.model, err = e.families(t.Context(), frozen); err != nil {
		t.Fatal(err)
	}
	for name, node := range k.node {
		k.of[name] = familyClusters(len(children)+1, k.edges, bits(.95), nil, nil)[node]
	}
	return k
}

func TestFamilies_stories(t *testing.T) {
	t.Parallel()
	stories := []struct {
		name        string
		left, right []string
		more        int // children who are tied as the left one is
		isOne       bool
	}{
		{"brothers", []string{"surname=fox", "caregiver=una fox", "telephone=7055550101", "address=1 elm P3E5J1", "postal=P3E5J1"},
			[]string{"surname=fox", "caregiver=una fox", "telephone=7055550101", "address=1 elm P3E5J1", "postal=P3E5J1"}, 0, true},
		{"half-sisters of one mother", []string{"surname=gray", "caregiver=bea hill", "telephone=7055550102", "address=2 elm P3E5J1", "postal=P3E5J1"},
			[]string{"surname=hill", "caregiver=bea hill", "telephone=7055550102", "address=2 elm P3E5J1", "postal=P3E5J1"}, 0, true},
		{"neighbours of one surname", []string{"surname=ivey", "caregiver=cal ivey", "telephone=7055550103", "address=3 elm P3E5J2", "postal=P3E5J2"},
			[]string{"surname=ivey", "caregiver=dot ivey", "telephone=7055550104", "address=4 elm P3E5J2", "postal=P3E5J2"}, 0, false},
		{"a shelter's telephone", []string{"surname=jay", "telephone=7055550105", "address=5 elm P3E5J3", "postal=P3E5J3"},
			[]string{"surname=kay", "telephone=7055550105", "address=5 elm P3E5J3", "postal=P3E5J3"}, 11, false},
		{"one agency's number and another's", []string{"surname=lee", "household=ELM F1"}, []string{"surname=moe", "household=OAK F1"}, 0, false},
		{"both in care", []string{"surname=nye", "care=care"}, []string{"surname=orr", "care=care"}, 0, false},
		{"nothing known", nil, nil, 0, false},
	}
	town := street()
	for _, s := range stories {
		town = append(town, household{s.name + ", left", s.left}, household{s.name + ", right", s.right})
		for i := range s.more {
			town = append(town, household{fmt.Sprintf("%s, %d", s.name, i), append([]string{fmt.Sprintf("surname=more%d", i)}, s.left[1:]...)})
		}
	}
	k := familiesOf(t, town, nil)
	for _, s := range stories {
		if isOne := k.of[s.name+", left"] == k.of[s.name+", right"]; isOne != s.isOne {
			t.Errorf("%s: one family: %v, want %v", s.name, isOne, s.isOne)
		}
	}
	apart := 0
	for i := range 120 {
		if k.of[fmt.Sprintf("child 0 of %d", i)] != k.of[fmt.Sprintf("child 1 of %d", i)] {
			apart++
		}
	}
	if families := len(distinct(k.of)); apart > 0 || families < 120 {
		t.Errorf("%d of 120 families torn, %d families in all", apart, families)
	}
}

func distinct(of map[string]int32) map[int32]bool {
	out := map[int32]bool{}
	for _, f := range of {
		out[f] = true
	}
	return out
}

// A child of two homes belongs to one of them: it does not make the two one family.
func TestFamilies_twoHomes(t *testing.T) {
	t.Parallel()
	mothers := []string{"surname=pine", "caregiver=una pine", "telephone=7055550101", "address=1 elm P3E5J1", "postal=P3E5J1"}
	fathers := []string{"surname=reed", "caregiver=cal reed", "telephone=7055550202", "address=9 oak K1A0B1", "postal=K1A0B1"}
	between := append([]string{"caregiver~cal reed", "telephone~7055550202"}, mothers...)
	k := familiesOf(t, append(street(), household{"mother's", mothers}, household{"mother's too", mothers}, household{"between", between},
		household{"father's", fathers}, household{"father's too", fathers}), nil)
	if k.of["mother's"] == k.of["father's"] {
		t.Error("two homes are one family")
	}
	if k.of["between"] != k.of["mother's"] || k.of["between"] != k.of["mother's too"] || k.of["father's"] != k.of["father's too"] {
		t.Error("a child is not of the family that it lives with")
	}
}

// Rows in another order and other threads give the same edges, to the bit; a frozen model those it was
// learned from.
func TestFamilies_sameInAnyOrder(t *testing.T) {
	t.Parallel()
	town := street()
	want := familiesOf(t, town, nil, "set threads = 1")
	if len(want.edges) < 120 {
		t.Fatalf("%d edges show nothing", len(want.edges))
	}
	for _, tt := range []struct {
		name   string
		frozen *FamilyModel
	}{{"ties turned round", nil}, {"frozen", want.model}} {
		turned := slices.Clone(town)
		for i := range turned {
			turned[i].ties = slices.Clone(turned[i].ties)
			slices.Reverse(turned[i].ties)
		}
		got := familiesOf(t, turned, tt.frozen, "set threads = 2")
		if diff := cmp.Diff(want.edges, got.edges); diff != "" {
			t.Errorf("%s:\n%.2000s", tt.name, diff)
		}
		if diff := cmp.Diff(want.of, got.of); diff != "" {
			t.Errorf("%s:\n%.2000s", tt.name, diff)
		}
	}
}

// What is not known weighs nothing; a tie that is shared never weighs less than one that differs.
func TestFamilyOdds(t *testing.T) {
	t.Parallel()
	m := familiesOf(t, street(), nil).model
	rapid.Check(t, func(t *rapid.T) {
		var e FamilyEdge
		for i := range e.Levels {
			e.Levels[i] = uint8(rapid.IntRange(tieUnknown, tieDiffers).Draw(t, ties[i]))
		}
		i := rapid.IntRange(0, tieCount-1).Draw(t, "tie")
		at := func(level uint8) float64 {
			x := e
			x.Levels[i] = level
			return m.odds(&x)
		}
		if i == tieCaregiver || i == tieAddress { // these make others count, or not
			return
		}
		if unknown, differs := at(tieUnknown), at(tieDiffers); differs > unknown {
			t.Fatalf("%s: a difference weighs %v bits", ties[i], differs-unknown)
		}
		if home, differs := at(tieHome), at(tieDiffers); i < tiePostal && home < differs && !(i == tieEmail && e.sharesCaregiver()) {
			t.Fatalf("%s: shared weighs %v bits, differing %v", ties[i], home, differs)
		}
	})
	if got, want := m.odds(&FamilyEdge{}), bits(m.Same); got != want {
		t.Errorf("nothing known weighs %v bits", got-want)
	}
}
