package release

import (
	"math/bits"
	"slices"
	"strings"

	"tributary/pipelines/release/disclose"
)

// cell is a published count, the n or the met of a share included.
type cell struct {
	id, measure, statistic, quarter, period, by, code string
	value                                             int64
}

// set names what a cell counts, wherever and whenever.
func (c cell) set() string {
	if c.statistic == "" {
		return c.measure
	}
	return c.measure + "." + c.statistic
}

// key places a cell: what it counts is all that is left out.
type place struct{ quarter, period, by, code string }

func (c cell) at() place { return place{c.quarter, c.period, c.by, c.code} }

// Why a number may not be known; what else is hidden protects one of these.
const (
	whySmall      = "small"
	whyRate       = "rate"
	whyDifference = disclose.Difference
)

// system gathers the numbers of one release and how they hang together.
type system struct {
	below int64
	// isEvent tells, by set, that quarters add up to the year to date.
	isEvent map[string]bool
	areaOf  map[string]string // of a municipality
	cells   map[string]map[place]cell
	out     disclose.Release
	at      map[string]int
	isSaid  map[string]bool // relations, by name
}

func newSystem(name string, below int64) *system {
	return &system{below: below, isEvent: map[string]bool{}, areaOf: map[string]string{}, cells: map[string]map[place]cell{},
		out: disclose.Release{Name: name}, at: map[string]int{}, isSaid: map[string]bool{}}
}

// add takes a cell that is shown if it may be, or (isAbsent) stands in no table of the audience.
func (s *system) add(c cell, isAbsent bool) {
	s.addNumber(c, isAbsent)
	if s.cells[c.set()] == nil {
		s.cells[c.set()] = map[place]cell{}
	}
	s.cells[c.set()][c.at()] = c
}

// addNumber is add for a count whose relations are not those of cells.
func (s *system) addNumber(c cell, isAbsent bool) {
	n := disclose.Number{ID: c.id, Value: c.value, Loss: loss(c)}
	if isAbsent {
		n.State = disclose.Absent
	}
	if c.value > 0 && c.value < s.below {
		n.Why = whySmall
		if c.statistic == "met" {
			n.Why = whyRate
		}
	}
	s.number(n)
}

// mark says why nobody may know a number, where its value does not: a large sum over few people.
func (s *system) mark(id, why string) {
	if n := &s.out.Numbers[s.at[id]]; n.Why == "" {
		n.Why = why
	}
}

func (s *system) number(n disclose.Number) {
	if _, ok := s.at[n.ID]; ok {
		return
	}
	s.at[n.ID] = len(s.out.Numbers)
	s.out.Numbers = append(s.out.Numbers, n)
}

func (s *system) value(id string) int64 { return s.out.Numbers[s.at[id]].Value }

// loss is what a reader loses: totals most, then areas, then other margins; large numbers more than
// small ones, and a zero, which says that a thing does not happen there, more than those.
func loss(c cell) int64 {
	base := map[string]int64{"": 80, "area": 40, "municipality": 16, "agency": 16, "employer": 12}[c.by]
	if base == 0 {
		base = 8
	}
	if c.value == 0 {
		return 2 * base
	}
	return base + base*int64(bits.Len64(uint64(c.value)))/8
}

// sum says that parts make up a whole. Where some are counted in no part or in two, the difference is a
// number of its own. A reader is taken to know how many are counted twice when they are fewer than one in
// ten, since such parts look as if they added up; else only that the whole is no less than each part and
// no more than their sum.
func (s *system) sum(id, whole string, parts []string) {
	terms, total, w := []disclose.Part{{ID: whole, Factor: -1}}, int64(0), s.value(whole)
	for _, p := range parts {
		terms = append(terms, disclose.Part{ID: p, Factor: 1})
		total += s.value(p)
	}
	switch rest := "rest of " + id; {
	case total < w:
		s.number(disclose.Number{ID: rest, Value: w - total, State: disclose.Absent, Why: s.few(w-total, whyDifference)})
		terms = append(terms, disclose.Part{ID: rest, Factor: 1})
	case total > w:
		n := disclose.Number{ID: "twice in " + id, Value: total - w, State: disclose.Absent}
		if 10*(total-w) < w {
			n.State = disclose.Shown
		} else {
			for _, p := range parts {
				s.within(p, whole, whyDifference)
			}
		}
		s.number(n)
		terms = append(terms, disclose.Part{ID: n.ID, Factor: -1})
	}
	s.say(id, terms...)
}

// say adds a relation, once.
func (s *system) say(id string, parts ...disclose.Part) {
	if !s.isSaid[id] {
		s.isSaid[id] = true
		s.out.Sums = append(s.out.Sums, disclose.Sum{ID: id, Parts: parts})
	}
}

func (s *system) few(n int64, why string) string {
	if n > 0 && n < s.below {
		return why
	}
	return ""
}

// within says that what a counts, b counts too: the difference is a number that may be small.
func (s *system) within(a, b, why string) {
	left := s.value(b) - s.value(a)
	if left < 0 || a == b {
		return
	}
	rest := b + " without " + a
	s.number(disclose.Number{ID: rest, Value: left, State: disclose.Absent, Why: s.few(left, why)})
	s.say(rest, disclose.Part{ID: a, Factor: 1}, disclose.Part{ID: rest, Factor: 1}, disclose.Part{ID: b, Factor: -1})
}

// relate writes all relations within each set: margins, areas, year to date.
func (s *system) relate(quarters []string) {
	for _, set := range sortedKeys(s.cells) {
		s.overTime(set, quarters)
		s.overMargins(set)
	}
}

// overMargins relates the cells of one set, quarter and period. Events of the year to date are the sums of
// those of its quarters, so their margins follow.
func (s *system) overMargins(set string) {
	groups := map[place][]cell{} // by quarter, period and margin
	for _, c := range s.cells[set] {
		groups[place{c.quarter, c.period, c.by, ""}] = append(groups[place{c.quarter, c.period, c.by, ""}], c)
	}
	for at, cells := range groups {
		slices.SortFunc(cells, func(a, b cell) int { return strings.Compare(a.id, b.id) })
		if at.by == "" || (at.period == "ytd" && s.isEvent[set]) {
			continue
		}
		name := set + "@" + at.quarter + " " + at.period + " by " + at.by
		if whole, ok := s.cells[set][place{at.quarter, at.period, "", ""}]; ok {
			s.sum(name, whole.id, ids(cells))
		}
		if at.by != "municipality" {
			continue
		}
		for _, area := range groups[place{at.quarter, at.period, "area", ""}] {
			of := slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return s.areaOf[c.code] != area.code })
			if len(of) > 0 {
				s.sum(name+" of "+area.code, area.id, ids(of))
			}
		}
	}
}

// overTime relates quarters and years to date of one set. The quarters are in order.
func (s *system) overTime(set string, quarters []string) {
	for _, c := range s.cells[set] {
		if c.period != "ytd" {
			continue
		}
		own, hasOwn := s.cells[set][place{c.quarter, "quarter", c.by, c.code}]
		i := slices.Index(quarters, c.quarter)
		var before cell
		hasBefore := false
		if i > 0 && !strings.HasSuffix(c.quarter, "Q1") {
			before, hasBefore = s.cells[set][place{quarters[i-1], "ytd", c.by, c.code}]
		}
		var parts []cell
		if hasOwn {
			parts = append(parts, own)
		}
		if hasBefore {
			parts = append(parts, before)
		}
		total := int64(0)
		for _, p := range parts {
			total += p.value
		}
		if s.isEvent[set] && total == c.value {
			s.sum(c.id+" of its quarters", c.id, ids(parts))
			continue
		}
		for _, p := range parts {
			s.within(p.id, c.id, whyDifference)
		}
		if total > c.value && len(parts) == 2 {
			s.sum(c.id+" of its quarters", c.id, ids(parts))
		}
	}
}

// between relates sets: what one counts, another counts too, or several make up another. The lists say
// which, per margin.
func (s *system) between(l lists) {
	for _, small := range sortedKeys(s.cells) {
		for at, a := range s.cells[small] {
			for _, large := range l.within[at.by+" "+small] {
				b, ok := s.cells[large][at]
				if !ok {
					continue
				}
				why := whyDifference
				if a.measure == b.measure {
					why = whyRate
				}
				if l.same[at.by+" "+small+" "+large] {
					if small < large && a.value == b.value {
						s.say(a.id+" is "+b.id, disclose.Part{ID: a.id, Factor: 1}, disclose.Part{ID: b.id, Factor: -1})
					}
					continue
				}
				s.within(a.id, b.id, why)
			}
		}
	}
	for _, whole := range sortedKeys(s.cells) {
		for at, w := range s.cells[whole] {
			var parts []cell
			total := int64(0)
			for _, p := range l.parts[at.by+" "+whole] {
				if c, ok := s.cells[p][at]; ok {
					parts, total = append(parts, c), total+c.value
				}
			}
			if len(parts) > 1 && total == w.value {
				s.sum(w.id+" of its kinds", w.id, ids(parts))
			}
		}
	}
}

func ids(cells []cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = c.id
	}
	return out
}
