package template

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary/reports/patch"
)

// near is how alike two labels must be for one to be the other reworded. A person confirms each.
const near = 0.55

// Change is what became of one cell of a map in a newer form, or a cell that only the newer one has.
type Change struct {
	// Kind is same, moved, reworded, twice (the labels are found more than once), refused (it is there and
	// takes no value any more), vanished or new.
	Kind string `json:"kind"`
	// Was is the cell in the old form, by its sheet; empty for a new one.
	WasSheet string `json:"was_sheet,omitempty"`
	Was      Cell   `json:"was,omitzero"`
	// Is is the cell in the new form; empty for one that vanished.
	Sheet string `json:"sheet,omitempty"`
	Is    Cell   `json:"is,omitzero"`
	Why   string `json:"why,omitempty"`
	// State is that of a new cell's proposal: sure, doubtful or unmatched.
	State string `json:"state,omitempty"`
}

// Diff holds a newer form against the one that a map was confirmed on: each cell of the map is looked
// for by its labels, and cells that only the newer form has are proposed for as Learn would.
func Diff(old []byte, m Map, fresh []byte, r *Release, o Options) ([]Change, error) {
	o.FillsLocked = m.Locked == "fill"
	was, err := readForm(old, o.FillsLocked)
	if err != nil {
		return nil, named(m.Workbook, err)
	}
	is, err := readForm(fresh, o.FillsLocked)
	if err != nil {
		return nil, named(o.Name, err)
	}
	d := &difference{was: was, is: is, taken: map[*slot]bool{}}
	d.pairSheets(m)
	var out, open []Change
	for _, s := range m.Sheets {
		for _, c := range s.Cells {
			change := d.exact(s.Sheet, c)
			if change.Kind == "vanished" {
				open = append(open, change)
				continue
			}
			out = append(out, change)
		}
	}
	// What is reworded is sought among the cells that no label claimed.
	for _, c := range open {
		out = append(out, d.reworded(c))
	}
	slices.SortStableFunc(out, func(a, b Change) int { return a.Was.Line - b.Was.Line })
	p, err := Learn(fresh, r, o)
	if err != nil {
		return nil, err
	}
	for _, x := range p.Matches {
		s := is.slot(x.Sheet, x.At)
		if s == nil || d.taken[s] || d.wasThere(s) {
			continue
		}
		out = append(out, Change{Kind: "new", Sheet: x.Sheet, Is: x.Cell, Why: x.Evidence, State: x.State})
	}
	return out, nil
}

type difference struct {
	was, is *form
	// sheets leads from an old sheet to the new one that holds most of its labels.
	sheets map[string]string
	taken  map[*slot]bool
}

// pairSheets finds the sheets that were renamed: a name that is gone leads to the new name whose sheet
// has most of its labels.
func (d *difference) pairSheets(m Map) {
	d.sheets = map[string]string{}
	for _, s := range m.Sheets {
		best, most := "", 0
		for _, p := range d.is.sheets {
			if strings.EqualFold(p.name, s.Sheet) {
				best = p.name
				break
			}
			if d.was.has(p.name) {
				continue
			}
			n := 0
			for _, c := range s.Cells {
				n += min(len(d.is.find(p.name, c)), 1)
			}
			if n > most {
				best, most = p.name, n
			}
		}
		d.sheets[s.Sheet] = best
	}
}

func (f *form) has(sheet string) bool {
	return slices.ContainsFunc(f.sheets, func(p *page) bool { return strings.EqualFold(p.name, sheet) })
}

// exact looks for a cell by its labels: on its own sheet, then on any other.
func (d *difference) exact(sheet string, c Cell) Change {
	out := Change{Kind: "vanished", WasSheet: sheet, Was: c}
	if c.Row == "" && c.Column == "" && c.Name == "" {
		// No label was given: the place is all there is.
		if s := d.is.slot(d.sheets[sheet], c.At); s != nil {
			return d.settle(out, s, "same")
		}
		return out
	}
	found := d.is.find(d.sheets[sheet], c)
	if len(found) == 0 {
		for _, p := range d.is.sheets {
			if p.name != d.sheets[sheet] {
				found = append(found, d.is.find(p.name, c)...)
			}
		}
	}
	switch at := slices.IndexFunc(found, func(s *slot) bool { return s.String() == c.At }); {
	case len(found) == 0:
		return out
	case len(found) == 1 && found[0].String() == c.At:
		return d.settle(out, found[0], "same")
	case len(found) == 1:
		return d.settle(out, found[0], "moved")
	case at >= 0:
		out.Why = fmt.Sprintf("the labels are found %d times; the place is as it was", len(found))
		return d.settle(out, found[at], "twice")
	default:
		out.Kind, out.Why = "twice", fmt.Sprintf("the labels are found %d times, first at %s", len(found), found[0])
		return out
	}
}

// settle writes down where a cell is now.
func (d *difference) settle(c Change, s *slot, kind string) Change {
	d.taken[s] = true
	c.Kind, c.Sheet, c.Is = kind, s.sheet, c.Was
	if c.Was.At != "" {
		c.Is.At = s.String()
	}
	if kind == "same" && !strings.EqualFold(c.WasSheet, s.sheet) {
		c.Kind = "moved"
	}
	if s.fault != nil {
		c.Kind, c.Why = "refused", refusal(s.fault)
	}
	return c
}

// refusal says in few words why a cell takes no value.
func refusal(err error) string {
	for _, e := range []error{patch.ErrFormula, patch.ErrLocked, patch.ErrMerged, patch.ErrTableHeading, patch.ErrPivot} {
		if errors.Is(err, e) {
			return e.Error()
		}
	}
	return err.Error()
}

// reworded looks for a cell whose labels are nearly those of one that vanished.
func (d *difference) reworded(c Change) Change {
	type candidate struct {
		*slot
		score float64
	}
	var all []candidate
	for _, p := range d.is.sheets {
		if p.name != d.sheets[c.WasSheet] {
			continue
		}
		for _, s := range p.slots {
			if d.taken[s] || s.fault != nil || d.wasThere(s) {
				continue
			}
			score := likeness(c.Was.Row, s.row) * likeness(c.Was.Column, s.column)
			if periodOf(c.Was.Column) != periodOf(s.column) {
				continue // another quarter is another cell, however alike the words
			}
			if s.String() == c.Was.At {
				score += 0.05
			}
			all = append(all, candidate{s, score})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	if len(all) == 0 || all[0].score < near || len(all) > 1 && all[1].score > all[0].score-0.03 {
		return c
	}
	s := all[0].slot
	c.Why = fmt.Sprintf("%.2f alike", min(all[0].score, 1))
	c = d.settle(c, s, "reworded")
	if anchor, ok := d.is.anchor(s); ok {
		c.Is.Row, c.Is.Column, c.Is.Under, c.Is.Name = anchor.Row, anchor.Column, anchor.Under, anchor.Name
	}
	return c
}

// likeness is how many of the words of two labels are the same: 1 is all of them.
func likeness(a, b string) float64 {
	if same(a, b) {
		return 1
	}
	x, y := strings.Fields(fold(a)), strings.Fields(fold(b))
	slices.Sort(x)
	slices.Sort(y)
	x, y = slices.Compact(x), slices.Compact(y)
	both := 0
	for _, w := range x {
		if _, ok := slices.BinarySearch(y, w); ok {
			both++
		}
	}
	return 2 * float64(both) / float64(max(len(x)+len(y), 1))
}

// wasThere says whether the old form has a cell with the same labels, which the map left out then.
func (d *difference) wasThere(s *slot) bool {
	c, _ := d.is.anchor(s)
	c.Name = ""
	for _, p := range d.was.sheets {
		if strings.EqualFold(p.name, s.sheet) || d.sheets[p.name] == s.sheet {
			if len(d.was.find(p.name, c)) > 0 {
				return true
			}
		}
	}
	return false
}
