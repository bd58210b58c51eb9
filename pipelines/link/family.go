package link

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"strings"
)

// familySQL finds the children that may be one family, and what they share.
//
//go:embed family.sql
var familySQL string

// Ties between two children, in the order of FamilyEdge.Levels.
const (
	tieHousehold = iota
	tieCaregiver
	tieTelephone
	tieEmail
	tieAddress
	tiePostal
	tieSurname
	tieCount
)

var ties = [tieCount]string{"household", "caregiver", "telephone", "e-mail", "address", "postal", "surname"}

// Levels of a tie: nothing is known on one side; the home of both; of one of them a second caregiver's;
// both are known and differ.
const (
	tieUnknown = iota
	tieHome
	tieOther
	tieDiffers
	tieLevels
)

// FamilyEdge is a pair of children, each by the first node of its records, with what ties them.
type FamilyEdge struct {
	L, R   int32
	Levels [tieCount]uint8
	// Rarity is how many bits the rarest shared value of each tie is worth beside a usual one: less where
	// several surnames have it; of surnames and postal codes all that they are worth.
	Rarity [tieCount]float32
	// Odds of one family, in bits.
	Odds float32
}

// Probability is that of one family.
func (e FamilyEdge) Probability() float64 { return 1 / (1 + math.Exp2(-float64(e.Odds))) }

// FamilyModel is how the ties of two children of one family stand, and how many pairs of children are
// of one: two classes, for here strangers share next to nothing.
type FamilyModel struct {
	Same float64                      `json:"same"`
	Ties [tieCount][tieLevels]float64 `json:"ties"`
	// Chance is how often two children of different families share a tie.
	Chance [tieCount][tieLevels]float64 `json:"chance"`
}

// usualChance is how often two families share a telephone or a caregiver's name, before learning.
// leastChance is what it never falls below: no tie alone decides.
const (
	usualChance = 3e-5
	leastChance = 1e-6
)

// familyStart is where learning begins: the home, another's home, different.
var familyStart = [tieCount][tieLevels]float64{
	tieHousehold: {0, .85, .01, .14}, tieCaregiver: {0, .75, .15, .1}, tieTelephone: {0, .75, .1, .15},
	tieEmail: {0, .6, .1, .3}, tieAddress: {0, .8, .01, .19}, tiePostal: {0, .85, .01, .14}, tieSurname: {0, .85, .05, .1},
}

// families puts children together. first is the first node of each node's child.
func (e *engine) families(ctx context.Context, frozen *FamilyModel) ([]FamilyEdge, *FamilyModel, error) {
	for _, statement := range strings.Split(strings.TrimSuffix(strings.TrimSpace(familySQL), ";"), ";\n") {
		if err := e.db.Exec(ctx, statement); err != nil {
			return nil, nil, fmt.Errorf("family.sql: %w", err)
		}
	}
	edges, err := e.familyEdges(ctx)
	if err != nil {
		return nil, nil, err
	}
	var children float64
	if err := e.db.Scan(ctx, "select children from child_count", nil, &children); err != nil {
		return nil, nil, err
	}
	m := frozen
	if m == nil {
		m = learnFamilies(edges, children*(children-1)/2)
	}
	for i := range edges {
		edges[i].Odds = float32(m.odds(&edges[i]))
	}
	return edges, m, nil
}

func (e *engine) familyEdges(ctx context.Context) (out []FamilyEdge, err error) {
	place := map[string]int{}
	for i, t := range ties {
		place[t] = i
	}
	err = e.db.Rows(ctx, "select l, r, kind, level, bits::float from family_pair order by l, r, kind", nil, func(scan func(...any) error) error {
		var l, r int32
		var kind string
		var level uint8
		var bits float32
		err := scan(&l, &r, &kind, &level, &bits)
		if n := len(out); n == 0 || out[n-1].L != l || out[n-1].R != r {
			out = append(out, FamilyEdge{L: l, R: r})
		}
		last := &out[len(out)-1]
		last.Levels[place[kind]], last.Rarity[place[kind]] = level, bits
		return err
	})
	return out, err
}

// odds is the logarithm of the odds of one family. A caregiver's name brings its surname and often its
// e-mail along, which then say nothing more. The postal code is the coarser word for the
// address, and counts where the address says nothing.
func (m *FamilyModel) odds(e *FamilyEdge) float64 {
	sum := bits(m.Same)
	for t, l := range e.Levels {
		switch {
		case l == tieUnknown, t == tiePostal && e.Levels[tieAddress] != tieUnknown:
		case (t == tieEmail || t == tieSurname) && l != tieDiffers && e.sharesCaregiver():
		case l == tieDiffers:
			sum += math.Log2(m.Ties[t][l])
		case t == tiePostal || t == tieSurname:
			sum += math.Log2(m.Ties[t][l]) + float64(e.Rarity[t])
		default:
			sum += math.Log2(m.Ties[t][l]/m.Chance[t][l]) + float64(e.Rarity[t])
		}
	}
	return sum
}

// learnFamilies is expectation-maximisation over the pairs themselves, in their order.
func learnFamilies(edges []FamilyEdge, total float64) *FamilyModel {
	m := &FamilyModel{Same: max(tiny, .3*float64(len(edges))/max(1, total)), Ties: familyStart}
	for t := range m.Chance {
		m.Chance[t] = [tieLevels]float64{1, usualChance, usualChance, 1}
	}
	for range rounds {
		var seen, chance [tieCount][tieLevels]float64
		same := 0.0
		for i := range edges {
			p := 1 / (1 + math.Exp2(-m.odds(&edges[i])))
			same += p
			for t, l := range edges[i].Levels {
				seen[t][l] += p
				chance[t][l] += 1 - p
			}
		}
		moved := 0.0
		for t := range seen {
			sum := 0.0
			for l := tieHome; l <= tieDiffers; l++ {
				sum += seen[t][l]
			}
			for l := tieHome; l <= tieDiffers; l++ {
				next := (seen[t][l] + trust*familyStart[t][l]) / (sum + trust)
				moved = max(moved, math.Abs(next-m.Ties[t][l]))
				m.Ties[t][l] = next
				if l != tieDiffers {
					m.Chance[t][l] = max(leastChance, (chance[t][l]+trust*usualChance)/(max(1, total)+trust))
				}
			}
		}
		m.Same = min(.5, (same+.5)/max(1, total))
		if moved < isSettled {
			break
		}
	}
	return m
}

// familyGuard is what all pairs between two groups must say in the mean, in bits: a child of two homes
// speaks for one family as loudly as the other children, who share nothing, speak against it.
const familyGuard = .5

// familyClusters puts children together, best pair first, wherever all that is known of the pairs between
// two groups speaks for it: a child that two homes share does not make them one. same and different are
// what people decided.
func familyClusters(nodes int, edges []FamilyEdge, least float64, same, different [][2]int32) []int32 {
	pairs := make([]pairOdds, len(edges))
	for i, e := range edges {
		pairs[i] = pairOdds{l: e.L, r: e.R, odds: float64(e.Odds), given: 1}
	}
	return agglomerate(nodes, pairs, least, familyGuard, nil, nil, same, different)
}

func (e *FamilyEdge) sharesCaregiver() bool {
	return e.Levels[tieCaregiver] == tieHome || e.Levels[tieCaregiver] == tieOther
}

// shares names what ties the two children, for people.
func (e *FamilyEdge) shares() string {
	var out []string
	for t, l := range e.Levels {
		if l == tieHome || l == tieOther {
			out = append(out, ties[t])
		}
	}
	return strings.Join(out, ", ")
}
