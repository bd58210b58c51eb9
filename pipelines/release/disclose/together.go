package disclose

import "fmt"

// Number is a number of one release, by its name.
type Number struct {
	ID    string
	Value int64
	Loss  int64
	State State
	Why   string
}

// Part is a number in a sum.
type Part struct {
	ID     string
	Factor int64
}

// Sum is a relation of one release, by the names of its numbers.
type Sum struct {
	ID    string
	Parts []Part
}

// Release is what one release is about: all numbers that a reader may see or work out, and how they hang
// together. In an earlier release no number is Open.
type Release struct {
	Name    string
	Numbers []Number
	Sums    []Sum
}

// Difference is why a number is hidden when an earlier release showed one that differs by a few.
const Difference = "difference"

// Together makes one problem of a release and all earlier ones, oldest first. A number that has not
// changed is one cell, so what was shown once counts as known; one that has changed is another cell, and
// when it changed by less than below, showing both would show the few. Whatever was hidden and is not
// shown now needs its proof again. The names of the new release's cells come first, in its order.
func Together(now Release, earlier []Release, width, below int64) *Problem {
	p := &Problem{Width: width}
	at := map[string]int{}      // by name, of this release
	version := map[string]int{} // by name and value
	add := func(n Number, name string) int {
		p.Cells = append(p.Cells, Cell{ID: name, Value: n.Value, Loss: max(n.Loss, 1), State: n.State, Why: n.Why})
		version[valued(n)] = len(p.Cells) - 1
		return len(p.Cells) - 1
	}
	for _, n := range now.Numbers {
		at[n.ID] = add(n, n.ID)
	}
	p.Relations = append(p.Relations, relations(now, func(id string) int { return at[id] })...)
	for _, r := range earlier {
		then := map[string]int{}
		for _, n := range r.Numbers {
			c, ok := version[valued(n)]
			if !ok {
				c = add(n, n.ID+" in "+r.Name)
			}
			p.Cells[c].told(n)
			then[n.ID] = c
			if own, ok := at[n.ID]; ok && own != c && n.State == Shown {
				if apart := max(n.Value-p.Cells[own].Value, p.Cells[own].Value-n.Value); apart < below && p.Cells[own].Why == "" {
					p.Cells[own].Why = Difference
				}
			}
		}
		p.Relations = append(p.Relations, relations(r, func(id string) int { return then[id] })...)
	}
	return p
}

func valued(n Number) string { return fmt.Sprint(n.Value, " ", n.ID) }

// told takes in what an earlier release did with the same number.
func (c *Cell) told(n Number) {
	switch {
	case n.State == Shown:
		c.State = Shown
	case n.State == Hidden && c.State == Absent:
		c.State = Hidden
	}
	if n.State != Shown && c.Why == "" {
		c.Why = n.Why
	}
	if c.State == Shown {
		c.Why = ""
	}
}

func relations(r Release, cell func(string) int) []Relation {
	out := make([]Relation, 0, len(r.Sums))
	for _, s := range r.Sums {
		terms := make([]Term, len(s.Parts))
		for i, p := range s.Parts {
			terms[i] = Term{cell(p.ID), p.Factor}
		}
		out = append(out, Relation{r.Name + " " + s.ID, terms})
	}
	return out
}

// After is the release as its readers know it once the answer was followed: each number shown, hidden
// or absent.
func After(now Release, a *Answer) Release {
	out := Release{Name: now.Name, Sums: now.Sums, Numbers: make([]Number, len(now.Numbers))}
	for i, n := range now.Numbers {
		switch {
		case n.State == Absent:
		case a.IsHidden[i]:
			n.State = Hidden
		default:
			n.State = Shown
		}
		out.Numbers[i] = n
	}
	return out
}
