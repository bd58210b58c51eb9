package disclose_test

import (
	"fmt"
	"math/rand/v2"

	. "tributary/pipelines/release/disclose"
)

// invented is a set of linked tables: place by code, with margins, for several breakdowns that share the
// places, in quarters and in the year to date; beside it a count without duplicates.
type invented struct {
	places, codes, quarters, breakdowns int
	quarter                             []map[string]int64 // inner cells, per quarter
	union                               []map[string]int64 // by place, not additive
}

func invent(r *rand.Rand, places, codes, quarters, breakdowns, mean int) *invented {
	v := &invented{places: places, codes: codes, quarters: quarters, breakdowns: breakdowns}
	for range quarters {
		cells, union := map[string]int64{}, map[string]int64{}
		for p := range places {
			// One mean per place, so that some places are small; the same people in each breakdown.
			n := r.IntN(2*mean*(1+p%3) + 1)
			for range n {
				for b := range breakdowns {
					cells[fmt.Sprintf("b%d p%02d c%02d", b, p, r.IntN(1+r.IntN(codes)))]++
				}
			}
			union[fmt.Sprintf("p%02d", p)] = int64(n)
		}
		v.quarter, v.union = append(v.quarter, cells), append(v.union, union)
	}
	return v
}

// restate changes a few inner cells of a quarter, alike in all breakdowns' place margins.
func (v *invented) restate(r *rand.Rand, quarter int) {
	p := r.IntN(v.places)
	for b := range v.breakdowns {
		v.quarter[quarter][fmt.Sprintf("b%d p%02d c%02d", b, p, r.IntN(v.codes))]++
	}
}

// release is what can be told of the quarters up to last (the year to date of four each).
func (v *invented) release(name string, first, last int, below int64) Release {
	out := Release{Name: name}
	have := map[string]int64{}
	add := func(id string, value, loss int64, state State, why string) {
		if _, ok := have[id]; ok {
			return
		}
		have[id] = value
		if why == "" && state == Open && value > 0 && value < below {
			why = "small"
		}
		out.Numbers = append(out.Numbers, Number{ID: id, Value: value, Loss: loss, State: state, Why: why})
	}
	sum := func(id, whole string, parts []string) {
		s := Sum{ID: id, Parts: []Part{{whole, -1}}}
		for _, p := range parts {
			s.Parts = append(s.Parts, Part{p, 1})
		}
		out.Sums = append(out.Sums, s)
	}
	for q := first; q <= last; q++ {
		for _, period := range []string{"q", "y"} {
			value := func(cell string) (n int64) {
				from := q
				if period == "y" {
					from = max(first, q/4*4)
				}
				for at := from; at <= q; at++ {
					n += v.quarter[at][cell]
				}
				return n
			}
			at := fmt.Sprintf("%s%02d ", period, q)
			var total int64
			var placeNames []string
			for b := range v.breakdowns {
				codeNames := make([]string, v.codes)
				byCode := make([]int64, v.codes)
				total = 0
				placeNames = placeNames[:0]
				for p := range v.places {
					var row []string
					var n int64
					for c := range v.codes {
						cell := fmt.Sprintf("b%d p%02d c%02d", b, p, c)
						x := value(cell)
						add(at+cell, x, 1+x/4, Open, "")
						row = append(row, at+cell)
						n += x
						byCode[c] += x
					}
					place := fmt.Sprintf("%sp%02d", at, p)
					add(place, n, 10+n/4, Open, "")
					placeNames = append(placeNames, place)
					total += n
					if period == "q" {
						sum(fmt.Sprintf("%srow b%d %d", at, b, p), place, row)
					}
				}
				for c := range v.codes {
					codeNames[c] = fmt.Sprintf("%sb%d c%02d", at, b, c)
					add(codeNames[c], byCode[c], 10+byCode[c]/4, Open, "")
					var column []string
					for p := range v.places {
						column = append(column, fmt.Sprintf("%sb%d p%02d c%02d", at, b, p, c))
					}
					if period == "q" {
						sum(fmt.Sprintf("%scolumn b%d %d", at, b, c), codeNames[c], column)
					}
				}
				add(at+"total", total, 100+total/4, Open, "")
				if period == "q" {
					sum(fmt.Sprintf("%scodes b%d", at, b), at+"total", codeNames)
				}
			}
			if period == "q" {
				sum(at+"places", at+"total", placeNames)
			}
		}
		// The year to date is the year to date of the quarter before and this quarter.
		now, own := fmt.Sprintf("y%02d ", q), fmt.Sprintf("q%02d ", q)
		for _, n := range out.Numbers {
			if id, ok := cutPrefix(n.ID, own); ok {
				parts := []string{own + id}
				if q%4 > 0 && q > first {
					parts = append(parts, fmt.Sprintf("y%02d ", q-1)+id)
				}
				sum("ytd "+now+id, now+id, parts)
			}
		}
	}
	return out
}

// unions adds counts without duplicates: a child counted in two places is one of the total.
func (v *invented) unions(out *Release, last int, below int64) {
	for q := range last + 1 {
		at := fmt.Sprintf("u%02d ", q)
		var sum, most int64
		parts := []Part{}
		for p := range v.places {
			id := fmt.Sprintf("p%02d", p)
			n := v.union[q][id]
			number := Number{ID: at + id, Value: n, Loss: 5 + n/4}
			if n > 0 && n < below {
				number.Why = "small"
			}
			out.Numbers = append(out.Numbers, number)
			sum, most = sum+n, max(most, n)
			parts = append(parts, Part{at + id, 1})
		}
		union := max(most, sum*9/10)
		out.Numbers = append(out.Numbers, Number{ID: at + "all", Value: union, Loss: 50 + union/4, Why: small(union, below)},
			Number{ID: at + "twice", Value: sum - union, State: Absent})
		out.Sums = append(out.Sums, Sum{at + "union", append(parts, Part{at + "all", -1}, Part{at + "twice", -1})})
		for p := range v.places {
			id := fmt.Sprintf("p%02d", p)
			rest := union - v.union[q][id]
			out.Numbers = append(out.Numbers, Number{ID: at + "not " + id, Value: rest, State: Absent, Why: small(rest, below)})
			out.Sums = append(out.Sums, Sum{at + "part " + id, []Part{{at + id, 1}, {at + "not " + id, 1}, {at + "all", -1}}})
		}
	}
}

func small(n, below int64) string {
	if n > 0 && n < below {
		return "small"
	}
	return ""
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return "", false
}
