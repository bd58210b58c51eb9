package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"tributary/pipelines/warehouse"
)

// ErrNoRecord says that a node has no record that may be linked.
var ErrNoRecord = errors.New("no record that may be linked")

// Compare weighs two nodes of a published link step (attached as link), also where no rule found them, and
// takes the weight apart. How rare a value is, is of the whole step.
func Compare(ctx context.Context, db *warehouse.DB, m *Model, one, other int32) (Edge, []Term, error) {
	e := Edge{L: min(one, other), R: max(one, other)}
	// One select a node: the engine then reads a few blocks, where a list of nodes costs it a scan.
	each := "(select * from link.record where node = %d union all select * from link.record where node = %d) as r"
	both, err := readStored(ctx, db, fmt.Sprintf(each, e.L, e.R))
	if err == nil && len(both) != 2 {
		err = ErrNoRecord
	}
	if err != nil {
		return e, nil, fmt.Errorf("compare: %w", err)
	}
	e.Pattern = compare(&both[0], &both[1])
	terms, err := m.explain(ctx, db, "link.person", e, &both[0], &both[1])
	for _, t := range terms {
		e.Stranger += float32(t.Stranger)
		e.Sibling += float32(t.Sibling)
	}
	return e, terms, err
}

// RulesOf names the blocking rules of a pair's mask, in the order in which they are tried.
func RulesOf(mask int32) (names []string) {
	for i, r := range rules {
		if mask&(1<<i) != 0 {
			names = append(names, r.name)
		}
	}
	return names
}

// Vetoed says why no weight brings a pair together: "twin", "generation", or "" where nothing speaks
// against it that loudly.
func (m *Model) Vetoed(e Edge) string {
	switch {
	case !m.contradicts(int(e.Pattern)):
		return ""
	case at(int(e.Pattern), cBirth) == birthGeneration:
		return "generation"
	}
	return "twin"
}

// ParseModel reads what link.model holds, and what a person accepted.
func ParseModel(text string) (*Frozen, error) {
	var f Frozen
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, fmt.Errorf("link model: %w", err)
	}
	if f.Children == nil || f.Families == nil {
		return nil, errors.New("link model: the children's or the families' part is missing")
	}
	for c, levels := range f.Children.Comparisons {
		if len(levels) != len(comparisons[c].levels) {
			return nil, fmt.Errorf("link model: %s has %d levels, this program compares at %d", comparisons[c].name, len(levels), len(comparisons[c].levels))
		}
	}
	return &f, nil
}

// Shift is a level of a comparison of which two models think differently.
type Shift struct {
	Comparison string `json:"comparison"`
	Level      string `json:"level"`
	// Old and New are the bits of the level against a stranger (before rarity) and against a sibling.
	OldStranger float64 `json:"old_stranger"`
	NewStranger float64 `json:"new_stranger"`
	OldSibling  float64 `json:"old_sibling"`
	NewSibling  float64 `json:"new_sibling"`
}

// Moved is by how many bits the weight of the level differs at most.
func (s Shift) Moved() float64 {
	return max(math.Abs(s.NewStranger-s.OldStranger), math.Abs(s.NewSibling-s.OldSibling))
}

// Drift lists the levels of which two models think differently by more than a tenth of a bit, the
// largest difference first.
func Drift(old, next *Model) (out []Shift) {
	add := func(s Shift) {
		if s.Moved() > .1 {
			out = append(out, s)
		}
	}
	prior := func(m *Model) (stranger, sibling float64) {
		return math.Log2(m.Same / (1 - m.Same - m.Sibling)), math.Log2(m.Same / m.Sibling)
	}
	s := Shift{Comparison: "before looking"}
	s.OldStranger, s.OldSibling = prior(old)
	s.NewStranger, s.NewSibling = prior(next)
	add(s)
	for c, cmp := range comparisons {
		for l, lv := range cmp.levels {
			weigh := func(m *Model) (stranger, sibling float64) {
				ch := m.Comparisons[c][l]
				stranger = math.Log2(ch.Same)
				if _, byRarity := cmp.bits[l+1]; !byRarity {
					stranger -= math.Log2(ch.Unrelated)
				}
				return stranger, math.Log2(ch.Same / ch.Sibling)
			}
			s := Shift{Comparison: cmp.name, Level: lv.name}
			s.OldStranger, s.OldSibling = weigh(old)
			s.NewStranger, s.NewSibling = weigh(next)
			add(s)
		}
	}
	slices.SortStableFunc(out, func(a, b Shift) int {
		switch {
		case a.Moved() > b.Moved():
			return -1
		case a.Moved() < b.Moved():
			return 1
		}
		return 0
	})
	return out
}
