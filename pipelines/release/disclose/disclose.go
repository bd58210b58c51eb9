// Package disclose decides which numbers of a release must be hidden so that none of them can be worked
// out again.
//
// Takes cells with their true values and the relations between them that a reader knows; leaves the
// cells to hide and, for each hidden one, a proof: another set of whole numbers, none below zero, that
// fits everything shown; never rounds, guesses or depends on the order of its input.
package disclose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// State says what a reader may come to see of a cell.
type State uint8

const (
	// Open may be shown, and may be hidden.
	Open State = iota
	// Shown is known already, by an earlier release: hiding it would hide nothing.
	Shown
	// Hidden must not be shown.
	Hidden
	// Absent stands in no table. The reader may still work it out; that matters when Why says so.
	Absent
)

// Cell is one number, counted in whole units and never below zero.
type Cell struct {
	ID    string
	Value int64
	// Loss is what a reader loses when it is hidden: at least 1.
	Loss  int64
	State State
	// Why says why nobody may know the value (small, rate, difference); empty when it may be known.
	Why string
}

// Term is a cell in a relation, by its index.
type Term struct {
	Cell   int
	Factor int64
}

// Relation is a sum that the reader knows: the factors times the true values. What is an inequality
// (a part is at most its whole) is written with an Absent cell for the difference.
type Relation struct {
	ID    string
	Terms []Term
}

// Problem is everything that one audience sees together: this release and all earlier ones.
type Problem struct {
	Cells     []Cell
	Relations []Relation
	// Width is the protection width: the values that a hidden cell can have, by what is shown, lie at
	// least so far apart.
	Width int64
	// Known are proofs of an earlier answer; those that still hold are used first.
	Known []Proof
}

// Shift is how far a cell lies from its true value.
type Shift struct {
	Cell int
	By   int64
}

// Proof names two other sets of values: the true ones with Up added, and with Down added. Neither breaks
// a relation or has a cell below zero, and both agree with all that is shown, so a reader cannot tell
// them from the truth.
type Proof struct{ Up, Down []Shift }

// Answer is what Protect decided.
type Answer struct {
	// IsHidden holds for each cell of the problem; Absent ones are hidden too.
	IsHidden []bool
	// For is, for a cell hidden to protect another, that other; else -1.
	For []int
	// Low and High are values proven possible, as far apart as the width at least, of each hidden cell.
	Low, High []int64
	// Unmet are cells that stay recoverable whatever else is hidden.
	Unmet  []int
	Proofs []Proof
}

// unlimited stands for a shift that can be repeated without end.
const unlimited = int64(1) << 40

// check refuses a problem that would be answered wrongly.
func (p *Problem) check() error {
	if p.Width < 1 {
		return fmt.Errorf("protection width %d: at least 1 is needed", p.Width)
	}
	seen := map[string]bool{}
	for _, c := range p.Cells {
		if c.Value < 0 || c.Value >= unlimited || c.Loss < 1 {
			return fmt.Errorf("cell %s: value %d or loss %d is out of bounds", c.ID, c.Value, c.Loss)
		}
		if seen[c.ID] {
			return fmt.Errorf("cell %s comes twice", c.ID)
		}
		seen[c.ID] = true
	}
	for _, r := range p.Relations {
		in := map[int]bool{}
		for _, t := range r.Terms {
			if t.Cell < 0 || t.Cell >= len(p.Cells) || t.Factor == 0 || in[t.Cell] {
				return fmt.Errorf("relation %s: a term is out of bounds or comes twice", r.ID)
			}
			in[t.Cell] = true
		}
	}
	return nil
}

// sorted returns the same problem with cells and relations in the order of their names, and where each
// of its cells was: so no answer depends on the order of the input.
func (p *Problem) sorted() (*Problem, []int) {
	was := make([]int, len(p.Cells))
	for i := range was {
		was[i] = i
	}
	slices.SortFunc(was, func(a, b int) int { return cmp.Compare(p.Cells[a].ID, p.Cells[b].ID) })
	now := make([]int, len(was))
	out := &Problem{Width: p.Width, Cells: make([]Cell, len(was))}
	for i, w := range was {
		now[w], out.Cells[i] = i, p.Cells[w]
	}
	for _, r := range p.Relations {
		terms := make([]Term, len(r.Terms))
		for i, t := range r.Terms {
			terms[i] = Term{now[t.Cell], t.Factor}
		}
		slices.SortFunc(terms, func(a, b Term) int { return cmp.Compare(a.Cell, b.Cell) })
		if len(terms) > 0 && terms[0].Factor < 0 {
			for i := range terms {
				terms[i].Factor = -terms[i].Factor
			}
		}
		out.Relations = append(out.Relations, Relation{r.ID, terms})
	}
	slices.SortFunc(out.Relations, func(a, b Relation) int {
		return cmp.Or(slices.CompareFunc(a.Terms, b.Terms, compareTerms), strings.Compare(a.ID, b.ID))
	})
	out.Relations = slices.CompactFunc(out.Relations, func(a, b Relation) bool { return slices.Equal(a.Terms, b.Terms) })
	for _, m := range p.Known {
		out.Known = append(out.Known, m.renamed(now))
	}
	return out, was
}

func (p Proof) renamed(to []int) Proof {
	rename := func(in []Shift) []Shift {
		out := make([]Shift, len(in))
		for i, s := range in {
			out[i] = Shift{to[s.Cell], s.By}
		}
		return out
	}
	return Proof{rename(p.Up), rename(p.Down)}
}

func compareTerms(a, b Term) int {
	return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Factor, b.Factor))
}
