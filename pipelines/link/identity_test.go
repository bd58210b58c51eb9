package link

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tributary/pipelines/ledger"
)

// anchorsOf makes anchors of one letter, the agency, and what follows, the client: "a1".
func anchorsOf(names ...string) []Anchor {
	out := make([]Anchor, len(names))
	for i, n := range names {
		out[i] = Anchor{Agency: n[:1], Client: n[1:]}
	}
	return out
}

func groupsOf(groups ...[]string) [][]Anchor {
	out := make([][]Anchor, len(groups))
	for i, g := range groups {
		out[i] = anchorsOf(g...)
	}
	return out
}

// sign is what the ledger does at signing: a later row takes the place of the earlier one of its key.
func sign(held []Held, prefix, quarter string, groups [][]Anchor, ids []string, events []Event) []Held {
	type key struct {
		anchor Anchor
		old    string
	}
	of := func(h Held) key {
		if h.Into != "" {
			return key{old: h.ID}
		}
		return key{anchor: h.Anchor}
	}
	out := slices.Clone(held)
	for _, row := range Register(prefix, quarter, held, groups, ids, events) {
		row = HeldOf(row.Fact(quarter)) // what is signed goes through the ledger's columns
		if i := slices.IndexFunc(out, func(h Held) bool { return of(h) == of(row) }); i >= 0 {
			out[i] = row
		} else {
			out = append(out, row)
		}
	}
	return out
}

func TestIdentify_events(t *testing.T) {
	t.Parallel()
	signed := groupsOf([]string{"a1", "a2", "b1", "b2", "c1"}, []string{"a3", "b3"}, []string{"c4"})
	ids, events := Identify("C", nil, signed)
	if diff := cmp.Diff([]string{"C0000012", "C0000024", "C0000036"}, ids); diff != "" {
		t.Fatalf("first ids (-want +got):\n%s", diff)
	}
	held := sign(nil, "C", "2025-26Q1", signed, ids, events)
	one, two, three := ids[0], ids[1], ids[2]
	const next = "C0000048"
	for name, tt := range map[string]struct {
		groups [][]Anchor
		ids    []string
		want   []Event
	}{
		"equal overlap: the older id stays, with the part of the first anchor": {
			groupsOf([]string{"a1", "a2", "b1", "b2", "c1"}, []string{"c4", "a3"}, []string{"b3"}), []string{one, two, next},
			[]Event{{Kind: EventKeep, To: one}, {Kind: EventKeep, To: two},
				{Kind: EventSplit, From: two, To: next, Left: anchorsOf("a3"), Right: anchorsOf("b3")},
				{Kind: EventJoin, From: three, To: two, Left: anchorsOf("c4"), Right: anchorsOf("a3")}},
		},
		"join": {
			groupsOf([]string{"a1", "a2", "b1", "b2", "c1", "c4"}, []string{"a3", "b3"}), []string{one, two},
			[]Event{{Kind: EventKeep, To: one}, {Kind: EventKeep, To: two},
				{Kind: EventJoin, From: three, To: one, Left: anchorsOf("c4"), Right: anchorsOf("a1", "a2", "b1", "b2", "c1")}},
		},
		"split: the bigger part keeps the id": {
			groupsOf([]string{"a1", "a2"}, []string{"b1", "b2", "c1"}, []string{"a3", "b3"}, []string{"c4"}), []string{next, one, two, three},
			[]Event{{Kind: EventKeep, To: one},
				{Kind: EventSplit, From: one, To: next, Left: anchorsOf("b1", "b2", "c1"), Right: anchorsOf("a1", "a2")},
				{Kind: EventKeep, To: two}, {Kind: EventKeep, To: three}},
		},
		"split in equal parts: the part with the first anchor keeps the id": {
			groupsOf([]string{"a1", "a2", "b1", "b2", "c1"}, []string{"b3"}, []string{"a3"}, []string{"c4"}), []string{one, next, two, three},
			[]Event{{Kind: EventKeep, To: one}, {Kind: EventKeep, To: two},
				{Kind: EventSplit, From: two, To: next, Left: anchorsOf("a3"), Right: anchorsOf("b3")}, {Kind: EventKeep, To: three}},
		},
		"move": {
			groupsOf([]string{"a1", "a2", "b1", "b2"}, []string{"a3", "b3", "c1"}, []string{"c4"}), []string{one, two, three},
			[]Event{{Kind: EventKeep, To: one},
				{Kind: EventMove, From: one, To: two, Left: anchorsOf("c1"), Right: anchorsOf("a3", "b3")},
				{Kind: EventKeep, To: two}, {Kind: EventKeep, To: three}},
		},
		"retire, and a stranger is new": {
			groupsOf([]string{"a1", "a2", "b1", "b2", "c1"}, []string{"a3", "b3"}, []string{"c5"}), []string{one, two, next},
			[]Event{{Kind: EventKeep, To: one}, {Kind: EventKeep, To: two}, {Kind: EventRetire, From: three}, {Kind: EventNew, To: next}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, events := Identify("C", held, tt.groups)
			if diff := cmp.Diff(tt.ids, ids); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// A retired id waits for its people, and an id that was joined away never comes back.
func TestIdentify_overYears(t *testing.T) {
	t.Parallel()
	var held []Held
	quarter := func(want string, groups ...[]string) {
		t.Helper()
		g := groupsOf(groups...)
		ids, events := Identify("F", held, g)
		held = sign(held, "F", "2025-26Q1", g, ids, events)
		got := ""
		for _, e := range events {
			if e.Kind != EventKeep {
				got += fmt.Sprintf("%s %s>%s; ", e.Kind, e.From, e.To)
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	quarter("NEW >F0000012; NEW >F0000024; ", []string{"a1", "b1"}, []string{"a2", "b2"})
	quarter("RETIRE F0000024>; ", []string{"a1", "b1"})
	quarter("", []string{"a1", "b1"})
	quarter("REVIVE >F0000024; ", []string{"a1", "b1"}, []string{"b2"})
	quarter("JOIN F0000024>F0000012; ", []string{"a1", "b1", "b2"})
	quarter("NEW >F0000036; ", []string{"a1", "b1", "b2"}, []string{"c3"})
	// a2 was away when its id was joined: it is known by the id that took its place.
	quarter("SPLIT F0000012>F0000048; ", []string{"a1", "b1", "b2"}, []string{"a2"}, []string{"c3"})
	quarter("RETIRE F0000012>; RETIRE F0000048>; ", []string{"c3"})
	quarter("", []string{"c3"})
}

// The anchor of an id that was joined away while the anchor was gone does not keep the joined id from retiring once.
func TestIdentify_retiresOnce(t *testing.T) {
	t.Parallel()
	var held []Held
	for i, groups := range [][][]Anchor{
		groupsOf([]string{"a1"}, []string{"b1", "b2"}), groupsOf([]string{"a1", "b1"}), groupsOf([]string{"c1"}), groupsOf([]string{"c1"}),
	} {
		ids, events := Identify("C", held, groups)
		if got, want := slices.ContainsFunc(events, func(e Event) bool { return e.Kind == EventRetire }), i == 2; got != want {
			t.Errorf("quarter %d: retired %v, want %v", i+1, got, want)
		}
		held = sign(held, "C", "2025-26Q1", groups, ids, events)
	}
}

// Children and families stand in one register and do not see each other.
func TestIdentify_childrenAndFamiliesApart(t *testing.T) {
	t.Parallel()
	children, family := groupsOf([]string{"a1"}, []string{"a2"}), groupsOf([]string{"a1", "a2"})
	var held []Held
	for range 2 {
		ids, events := Identify("C", held, children)
		if want := []string{"C0000012", "C0000024"}; !slices.Equal(ids, want) {
			t.Errorf("children: got %v, want %v", ids, want)
		}
		rows := Register("C", "2025-26Q1", held, children, ids, events)
		ids, events = Identify("F", held, family)
		if want := []string{"F0000012"}; !slices.Equal(ids, want) {
			t.Errorf("families: got %v, want %v", ids, want)
		}
		rows = append(rows, Register("F", "2025-26Q1", held, family, ids, events)...)
		if len(held) > 0 && len(rows) > 0 {
			t.Errorf("nothing changed: rows to write %+v", rows)
		}
		held = append(held, rows...)
	}
}

// An id that was joined away is no longer the id of any anchor; its number is given to nobody else.
func TestIdentify_numberOfAJoinedIDIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	two := groupsOf([]string{"a1"}, []string{"b1"})
	ids, events := Identify("C", nil, two)
	held := sign(nil, "C", "2025-26Q1", two, ids, events)
	one := groupsOf([]string{"a1", "b1"})
	ids, events = Identify("C", held, one)
	held = sign(held, "C", "2025-26Q2", one, ids, events)
	ids, _ = Identify("C", held, groupsOf([]string{"a1", "b1"}, []string{"c1"}))
	if want := []string{"C0000012", "C0000036"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

func TestIdentify_aloneIsAnotherHolder(t *testing.T) {
	t.Parallel()
	linked, alone := Anchor{"a", "1", false}, Anchor{"a", "1", true}
	groups := [][]Anchor{{linked, {"b", "1", false}}, {alone}}
	ids, events := Identify("C", nil, groups)
	held := sign(nil, "C", "2025-26Q1", groups, ids, events)
	again, _ := Identify("C", held, [][]Anchor{{alone}, {linked}})
	if ids[0] == ids[1] || again[0] != ids[1] || again[1] != ids[0] {
		t.Errorf("got %v, then %v; want each its own", ids, again)
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]string{1: "C0000012", 5: "C000005X"} {
		if id := newID("C", number); id != want || idNumber(id) != number {
			t.Errorf("number %d: got %s, want %s", number, id, want)
		}
	}
}

// The ledger takes the row as it is and gives it back.
func TestHeld_throughTheLedger(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), t.TempDir()+"/ledger.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := []Held{
		{ID: "C0000024", Issued: "2025-26Q1", Into: "C0000012"},
		{Anchor: Anchor{"A", "1", false}, ID: "C0000012", Issued: "2025-26Q1"},
		{Anchor: Anchor{"B", "2", true}, ID: "C0000036", Issued: "2025-26Q2", Retired: true},
		{Anchor: Anchor{"A", "1", false}, ID: "F0000012", Issued: "2025-26Q1"},
	}
	for _, h := range want {
		if err := l.Append(t.Context(), ledger.Entry{Kind: "id_register", Fields: h.Fact("2025-26Q2"), Who: "x", At: time.Unix(0, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	facts, err := l.Current(t.Context(), "id_register")
	if err != nil {
		t.Fatal(err)
	}
	var got []Held
	for _, f := range facts {
		got = append(got, HeldOf(f.Fields))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// partition draws groups of some of twelve anchors of three agencies.
func partition(t *rapid.T, label string, without string) [][]Anchor {
	groups := make([][]Anchor, 5)
	for _, agency := range []string{"a", "b", "c"} {
		for client := range 4 {
			// Places 5 to 6 are away.
			place := rapid.IntRange(0, 6).Draw(t, fmt.Sprint(label, agency, client))
			if place < 5 && agency != without {
				groups[place] = append(groups[place], Anchor{agency, fmt.Sprint(client), client == 3})
			}
		}
	}
	return slices.DeleteFunc(groups, func(g []Anchor) bool { return len(g) == 0 })
}

func TestIdentify_overRandomQuarters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var held []Held
		owner := map[Anchor]string{} // what the register should know, kept in another way
		redirect := map[string]string{}
		given, retired := map[string]bool{}, map[string]bool{}
		for q := range rapid.IntRange(1, 6).Draw(t, "quarters") {
			groups := partition(t, fmt.Sprint("q", q), "")
			ids, events := Identify("C", held, groups)
			checkShuffled(t, held, groups, ids, events)

			// What is not signed leaves no trace: an agency more or less changes nothing of the others' ids.
			without := partition(t, fmt.Sprint("try", q), "c")
			before, _ := Identify("C", held, without)
			Identify("C", held, append(slices.Clone(without), []Anchor{{"z", "1", false}}))
			if after, _ := Identify("C", held, without); !slices.Equal(before, after) {
				t.Fatalf("an agency that came and went changed %v to %v", before, after)
			}

			resolve := func(id string) string {
				for i := 0; redirect[id] != ""; i++ {
					if i > len(redirect) {
						t.Fatalf("redirects run in a circle at %s", id)
					}
					id = redirect[id]
				}
				return id
			}
			had := map[string]bool{}
			for _, id := range owner {
				had[resolve(id)] = true
			}
			now := map[string]bool{}
			for g, id := range ids {
				if newID(id[:1], idNumber(id)) != id {
					t.Fatalf("id %q is not valid", id)
				}
				if now[id] {
					t.Fatalf("id %s was given to two groups", id)
				}
				now[id] = true
				known := slices.ContainsFunc(groups[g], func(a Anchor) bool { return owner[a] != "" && resolve(owner[a]) == id })
				if given[id] && !known {
					t.Fatalf("id %s went to strangers %v", id, groups[g])
				}
			}
			checkSplits(t, func(a Anchor) string { return resolve(owner[a]) }, groups, ids)

			ends := map[string]int{}
			for _, e := range events {
				switch e.Kind {
				case EventJoin:
					ends[e.From]++
					redirect[e.From] = e.To
				case EventRetire:
					ends[e.From]++
					retired[e.From] = true
				case EventRevive:
					if !retired[e.To] {
						t.Fatalf("%s was revived and had not been retired", e.To)
					}
					delete(retired, e.To)
				}
			}
			for id := range had {
				want := 1
				if now[id] || (retired[id] && ends[id] == 0) {
					want = 0
				}
				if ends[id] != want {
					t.Fatalf("id %s ended %d times, want %d: %+v", id, ends[id], want, events)
				}
			}
			held = sign(held, "C", fmt.Sprint(q), groups, ids, events)
			for g, group := range groups {
				given[ids[g]] = true
				for _, a := range group {
					owner[a] = ids[g]
				}
			}
			for id := range given {
				if end := resolve(id); !given[end] {
					t.Fatalf("%s leads to %s, which nobody ever had", id, end)
				}
			}

			again, events := Identify("C", held, groups)
			if !slices.Equal(ids, again) {
				t.Fatalf("the same input again: %v became %v", ids, again)
			}
			if i := slices.IndexFunc(events, func(e Event) bool { return e.Kind != EventKeep }); i >= 0 {
				t.Fatalf("the same input again: %+v", events[i])
			}
			if rows := Register("C", "again", held, groups, again, events); len(rows) != 0 {
				t.Fatalf("the same input again: rows to write %+v", rows)
			}
		}
	})
}

// checkShuffled tries other orders of the register, the groups and their members.
func checkShuffled(t *rapid.T, held []Held, groups [][]Anchor, ids []string, events []Event) {
	order := rapid.Permutation(indexes(len(groups))).Draw(t, "order")
	other := make([][]Anchor, len(groups))
	for i, from := range order {
		other[i] = slices.Clone(groups[from])
		slices.Reverse(other[i])
	}
	turned := slices.Clone(held)
	slices.Reverse(turned)
	got, gotEvents := Identify("C", turned, other)
	for i, from := range order {
		if got[i] != ids[from] {
			t.Fatalf("in another order group %v had %s, not %s", other[i], got[i], ids[from])
		}
	}
	if diff := cmp.Diff(events, gotEvents); diff != "" {
		t.Fatalf("in another order (-first +other):\n%s", diff)
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// checkSplits looks at the ids whose anchors are in groups with no other id: the bigger part keeps it, and
// of equal parts the one with the smaller anchor.
func checkSplits(t *rapid.T, owner func(Anchor) string, groups [][]Anchor, ids []string) {
	parts := map[string]map[int][]Anchor{} // id, group
	mixed := map[string]bool{}
	for g, group := range groups {
		here := map[string]bool{}
		for _, a := range group {
			if id := owner(a); id != "" {
				here[id] = true
				if parts[id] == nil {
					parts[id] = map[int][]Anchor{}
				}
				parts[id][g] = append(parts[id][g], a)
			}
		}
		if len(here) > 1 {
			for id := range here {
				mixed[id] = true
			}
		}
	}
	for id, of := range parts {
		if mixed[id] {
			continue
		}
		best := slices.SortedFunc(maps.Keys(of), func(a, b int) int {
			if len(of[a]) != len(of[b]) {
				return len(of[b]) - len(of[a])
			}
			return slices.MinFunc(of[a], Anchor.compare).compare(slices.MinFunc(of[b], Anchor.compare))
		})[0]
		if ids[best] != id {
			t.Fatalf("%s was split into %v: group %v has %s", id, of, groups[best], ids[best])
		}
	}
}

// clusters groups one million anchors; every changed-th group takes from the one after it.
func clusters(changed int) [][]Anchor {
	var groups [][]Anchor
	for i := 0; i < 1_000_000; {
		size := 1 + len(groups)%3
		if changed > 0 && len(groups)%changed == 0 {
			size = 3 // takes from the next group, which shifts what follows until the round ends
		}
		var g []Anchor
		for ; size > 0 && i < 1_000_000; size-- {
			g = append(g, Anchor{fmt.Sprint("AG", i%40), fmt.Sprint("client-", i/40), false})
			i++
			if i%1000 == 0 {
				break
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// One million anchors in half a million groups, many of them joined, split and moved since the signing.
func BenchmarkIdentify(b *testing.B) {
	groups := clusters(0)
	ids, events := Identify("C", nil, groups)
	held := Register("C", "2025-26Q1", nil, groups, ids, events)
	next := clusters(30)
	for b.Loop() {
		Identify("C", held, next)
	}
}

// What signing takes on top.
func BenchmarkRegister(b *testing.B) {
	groups := clusters(0)
	ids, events := Identify("C", nil, groups)
	held := Register("C", "2025-26Q1", nil, groups, ids, events)
	next := clusters(30)
	ids, events = Identify("C", held, next)
	for b.Loop() {
		Register("C", "2025-26Q2", held, next, ids, events)
	}
}
