package link

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Anchor is what an id holds on to: a client as its agency numbers it. A client that is counted alone
// is another holder than the same client linked: both can be counted, in different quarters.
type Anchor struct {
	Agency, Client string
	Alone          bool
}

func (a Anchor) String() string { return a.Agency + ":" + a.Client }

// compare avoids cmp.Or, which works out every part of the order before it looks at the first.
func (a Anchor) compare(b Anchor) int {
	if n := strings.Compare(a.Agency, b.Agency); n != 0 {
		return n
	}
	if n := strings.Compare(a.Client, b.Client); n != 0 {
		return n
	}
	switch {
	case a.Alone == b.Alone:
		return 0
	case b.Alone:
		return -1
	}
	return 1
}

// Held is one row of the id register as of the last signed quarter: an anchor and its id, or, without
// an anchor, an id that another took the place of.
type Held struct {
	Anchor Anchor
	ID     string
	// Issued is the quarter that was signed when the id was given for the first time.
	Issued string
	// Retired says that nobody of the id was there when the quarter was signed. The id waits for them.
	Retired bool
	// Into is the id that took the place of ID; it is empty in the row of an anchor.
	Into string
}

// EventKind says what became of an id since the last signed quarter.
type EventKind string

// Every id of the register has one event of KEEP, REVIVE, JOIN and RETIRE, except that an id retired
// earlier whose anchors are still gone has none. SPLIT and MOVE say who left it. Every new id has NEW, or
// is the To of a SPLIT.
const (
	// EventNew gives To to a group of which no anchor had an id.
	EventNew EventKind = "NEW"
	// EventKeep leaves To with its group.
	EventKeep EventKind = "KEEP"
	// EventJoin ends From, whose anchors (or most of them) now have To: a redirect. Left are the anchors
	// that came, Right those that had To already.
	EventJoin EventKind = "JOIN"
	// EventSplit gives the new id To to a part of From. Left are the anchors that stay, Right those that went.
	EventSplit EventKind = "SPLIT"
	// EventMove takes one anchor, Left, from From to To, where both stay. Right had To already.
	EventMove EventKind = "MOVE"
	// EventRetire ends From: none of its anchors is there today.
	EventRetire EventKind = "RETIRE"
	// EventRevive gives To again, which was retired: its anchors are back.
	EventRevive EventKind = "REVIVE"
)

// Event is one thing that happened to an id.
type Event struct {
	Kind     EventKind
	From, To string
	// Left and Right are the two sets of anchors that a JOIN or MOVE brought together or a SPLIT parted, in order.
	Left, Right []Anchor
}

// share is one anchor of today that had an id, by its places among the ids and the groups.
type share struct {
	id, group int
	anchor    Anchor
}

// overlap is what one id and one group share.
type overlap struct {
	id, group int
	shared    []share // in the order of their anchors
}

// register is the register of one prefix, ready to be asked.
type register struct {
	ids     []string // those that are not redirected, in the order of their numbers
	retired []bool
	of      map[Anchor]int
	last    int // the highest number ever given
}

// Identify gives every group of today its id. Held is the register as of the last signed quarter, of
// which only rows with the prefix (C for children, F for families) are read; groups are today's
// clusters, each anchor in one of them at most. The ids come in the order of the groups.
//
// The id goes to the group that has most of its anchors; ids in the order of their numbers and parts in
// the order of their first anchors where that is equal; each id and each group once. Groups left over
// get new ids in the order of their first anchors. Nothing depends on the order of held, groups or members,
// and nothing but the register is remembered: ids given since the last signing are provisional.
func Identify(prefix string, held []Held, groups [][]Anchor) ([]string, []Event) {
	r := readRegister(prefix, held)
	overlaps := r.overlaps(groups)
	byWeight := slices.Clone(overlaps)
	slices.SortFunc(byWeight, func(a, b overlap) int {
		if n := cmp.Or(len(b.shared)-len(a.shared), a.id-b.id); n != 0 {
			return n
		}
		return a.shared[0].anchor.compare(b.shared[0].anchor)
	})
	ids := make([]string, len(groups))
	own := make([][]share, len(groups)) // what a group shares with the id that it keeps
	home := make([]int, len(r.ids))     // the group that keeps the id, or none
	const none = -1
	for i := range home {
		home[i] = none
	}
	for _, o := range byWeight {
		if home[o.id] == none && own[o.group] == nil {
			home[o.id], own[o.group], ids[o.group] = o.group, o.shared, r.ids[o.id]
		}
	}
	fresh := number(prefix, groups, ids, r.last)

	events := make([]Event, 0, len(r.ids)+len(fresh))
	hadIDs := make([]bool, len(groups))
	for id, name := range r.ids {
		n := 0
		for n < len(overlaps) && overlaps[n].id == id {
			hadIDs[overlaps[n].group] = true
			n++
		}
		here := overlaps[:n]
		overlaps = overlaps[n:]
		slices.SortFunc(here, func(a, b overlap) int { // the part that decides where the id went comes first
			first := func(o overlap) int {
				if o.group == home[id] {
					return 0
				}
				return 1
			}
			return cmp.Or(first(a)-first(b), cmp.Compare(len(b.shared), len(a.shared)), a.shared[0].anchor.compare(b.shared[0].anchor))
		})
		switch {
		case len(here) == 0 && r.retired[id]:
		case len(here) == 0:
			events = append(events, Event{Kind: EventRetire, From: name})
		case home[id] == none:
			to := here[0].group
			events = append(events, Event{Kind: EventJoin, From: name, To: ids[to], Left: anchors(here[0].shared), Right: anchors(own[to])})
		case r.retired[id]:
			events = append(events, Event{Kind: EventRevive, To: name})
		default:
			events = append(events, Event{Kind: EventKeep, To: name})
		}
		for _, o := range here[min(1, len(here)):] {
			if own[o.group] == nil {
				events = append(events, Event{Kind: EventSplit, From: name, To: ids[o.group], Left: anchors(here[0].shared), Right: anchors(o.shared)})
				continue
			}
			for _, s := range o.shared {
				events = append(events, Event{Kind: EventMove, From: name, To: ids[o.group], Left: []Anchor{s.anchor}, Right: anchors(own[o.group])})
			}
		}
	}
	for _, g := range fresh {
		if !hadIDs[g] {
			events = append(events, Event{Kind: EventNew, To: ids[g]})
		}
	}
	return ids, events
}

func readRegister(prefix string, held []Held) register {
	into := map[string]string{}
	r := register{of: make(map[Anchor]int, len(held))}
	for _, h := range held {
		if strings.HasPrefix(h.ID, prefix) {
			r.last = max(r.last, idNumber(h.ID), idNumber(h.Into))
			if h.Into != "" {
				into[h.ID] = h.Into
			}
		}
	}
	// An anchor that was away when its id was joined comes back to the id that is there now.
	current := func(id string) string {
		for range into {
			next, ok := into[id]
			if !ok {
				break
			}
			id = next
		}
		return id
	}
	place := make(map[string]int, len(held))
	at := make([]int, 0, len(held)) // the place of each row's id, first in the order of the rows
	for _, h := range held {
		if h.Into == "" && strings.HasPrefix(h.ID, prefix) {
			id := current(h.ID)
			n, ok := place[id]
			if !ok {
				n = len(r.ids)
				place[id] = n
				r.ids = append(r.ids, id)
			}
			at = append(at, n)
		}
	}
	order, numbers := make([]int, len(r.ids)), make([]int, len(r.ids))
	for i, id := range r.ids {
		order[i], numbers[i] = i, idNumber(id)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(numbers[a]-numbers[b], strings.Compare(r.ids[a], r.ids[b])) })
	sorted, rank := make([]string, len(order)), make([]int, len(order))
	r.retired = make([]bool, len(order))
	for i, n := range order {
		sorted[i], rank[n], r.retired[i] = r.ids[n], i, true
	}
	r.ids = sorted
	for _, h := range held {
		if h.Into == "" && strings.HasPrefix(h.ID, prefix) {
			id := rank[at[0]]
			at = at[1:]
			r.of[h.Anchor] = id
			r.retired[id] = r.retired[id] && h.Retired
		}
	}
	return r
}

// overlaps are in the order of the ids, then of the groups.
func (r register) overlaps(groups [][]Anchor) []overlap {
	shares := make([]share, 0, len(r.of))
	for g, group := range groups {
		for _, a := range group {
			if id, ok := r.of[a]; ok {
				shares = append(shares, share{id, g, a})
			}
		}
	}
	slices.SortFunc(shares, func(a, b share) int {
		if n := cmp.Or(a.id-b.id, a.group-b.group); n != 0 {
			return n
		}
		return a.anchor.compare(b.anchor)
	})
	var out []overlap
	for first, i := 0, 1; i <= len(shares); i++ {
		if i == len(shares) || shares[i].id != shares[first].id || shares[i].group != shares[first].group {
			out = append(out, overlap{shares[first].id, shares[first].group, shares[first:i]})
			first = i
		}
	}
	return out
}

// number gives new ids to the groups without one and returns those groups in the order of their numbers.
func number(prefix string, groups [][]Anchor, ids []string, last int) []int {
	var fresh []int
	first := make([]Anchor, len(groups))
	for g, group := range groups {
		if ids[g] == "" && len(group) > 0 {
			fresh = append(fresh, g)
			first[g] = slices.MinFunc(group, Anchor.compare)
		}
	}
	slices.SortFunc(fresh, func(a, b int) int { return first[a].compare(first[b]) })
	for i, g := range fresh {
		ids[g] = newID(prefix, last+1+i)
	}
	return fresh
}

func anchors(shares []share) []Anchor {
	out := make([]Anchor, len(shares))
	for i, s := range shares {
		out[i] = s.anchor
	}
	return out
}

// newID writes a number as an id: at least six digits and a check digit.
func newID(prefix string, number int) string {
	digits := fmt.Sprintf("%06d", number)
	return prefix + digits + checkDigit(digits)
}

// checkDigit weighs the digits 2, 3 ... from the right, modulo 11; X is ten (as ISBN-10 does). It finds
// every single wrong digit and every two that changed places, up to nine digits.
func checkDigit(digits string) string {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (len(digits) - i + 1)
	}
	if sum %= 11; sum < 10 {
		return strconv.Itoa(sum)
	}
	return "X"
}

// idNumber is the number in an id, 0 where there is none.
func idNumber(id string) int {
	if len(id) < 3 {
		return 0
	}
	n, err := strconv.Atoi(id[1 : len(id)-1])
	if err != nil {
		return 0
	}
	return n
}

// Register returns the rows to append to the register when the quarter is signed: what Identify was
// given and what it returned, as far as it is not yet there. A row replaces the earlier one of the same
// anchor. Rows of anchors that are away stay as they are: that is how their ids are known when they come back.
func Register(prefix, quarter string, held []Held, groups [][]Anchor, ids []string, events []Event) []Held {
	r := readRegister(prefix, held)
	issued, known := map[string]string{}, make(map[Anchor]Held, len(held))
	for _, h := range held {
		if strings.HasPrefix(h.ID, prefix) && h.Into == "" {
			issued[h.ID] = h.Issued
			known[h.Anchor] = h
		}
	}
	retired := map[string]bool{}
	var rows []Held
	for _, e := range events {
		switch e.Kind {
		case EventJoin:
			rows = append(rows, Held{ID: e.From, Issued: issued[e.From], Into: e.To})
		case EventRetire:
			retired[e.From] = true
		}
	}
	redirects := len(rows)
	for g, group := range groups {
		first := cmp.Or(issued[ids[g]], quarter)
		for _, a := range group {
			if row := (Held{Anchor: a, ID: ids[g], Issued: first}); known[a] != row {
				rows = append(rows, row)
			}
		}
	}
	for a, h := range known {
		if id := r.ids[r.of[a]]; retired[id] && !h.Retired {
			rows = append(rows, Held{Anchor: a, ID: id, Issued: cmp.Or(issued[id], h.Issued), Retired: true})
		}
	}
	slices.SortFunc(rows[redirects:], func(a, b Held) int { return a.Anchor.compare(b.Anchor) })
	return rows
}

// holders are the kinds of holders in the ledger by the prefix of their ids.
var holders = map[string]string{"C": "child", "F": "family"}

// Fact returns the columns of the ledger's id_register that hold the row; quarter is the one signed.
func (h Held) Fact(quarter string) map[string]string {
	fact := map[string]string{"kind": holders[h.ID[:min(1, len(h.ID))]], "agency": h.Anchor.Agency, "client_local_id": h.Anchor.Client,
		"id": h.ID, "quarter": quarter, "issued": h.Issued, "state": "held"}
	switch {
	case h.Into != "":
		fact["client_local_id"], fact["id"], fact["state"] = h.ID, h.Into, "redirected"
	case h.Retired:
		fact["state"] = "retired"
	}
	if h.Anchor.Alone {
		fact["kind"] += "_alone"
	}
	return fact
}

// HeldOf is the row that Fact wrote.
func HeldOf(fact map[string]string) Held {
	issued := cmp.Or(fact["issued"], fact["quarter"])
	if fact["state"] == "redirected" {
		return Held{ID: fact["client_local_id"], Issued: issued, Into: fact["id"]}
	}
	return Held{Anchor: Anchor{fact["agency"], fact["client_local_id"], strings.HasSuffix(fact["kind"], "_alone")},
		ID: fact["id"], Issued: issued, Retired: fact["state"] == "retired"}
}
