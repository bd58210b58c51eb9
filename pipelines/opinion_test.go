package pipelines

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
)

// TestSplit_twice has people say one after the other how the records a, b and c of one child are parted, where two must
// say the same: b and c are apart in both answers that differ, and still nothing is decided of them.
func TestSplit_twice(t *testing.T) {
	t.Parallel()
	a, b, c := link.Anchor{Agency: "A", Client: "a"}, link.Anchor{Agency: "A", Client: "b"}, link.Anchor{Agency: "B", Client: "c"}
	child := &Cluster{Links: []ClusterLink{{Left: 0, Right: 1}, {Left: 1, Right: 2, IsWeakest: true}}}
	for _, r := range []link.Anchor{a, b, c} {
		child.Records = append(child.Records, ClusterRecord{Client: Client{Anchor: r}})
	}
	type said struct {
		who, verdict string // or "undo"
		second       string // places of the second child's records
		want         string // the verdicts on a b, a c and b c, and who agreed
	}
	for name, all := range map[string][]said{
		"the same parts":                                 {{"bert", "family", "2", "- - -"}, {"anna", "family", "2", "- family family anna and bert"}},
		"the parts named crosswise":                      {{"bert", "family", "2", "- - -"}, {"anna", "family", "01", "- family family anna and bert"}},
		"other parts, then a third":                      {{"bert", "family", "2", "- - -"}, {"anna", "family", "1", "- - -"}, {"carl", "family", "1", "family same family anna and carl"}},
		"another verdict":                                {{"bert", "family", "2", "- - -"}, {"anna", "different", "2", "- - -"}, {"carl", "different", "2", "- different different anna and carl"}},
		"one child, and two that keep the pair together": {{"bert", "same", "", "- - -"}, {"anna", "family", "0", "- - -"}, {"carl", "same", "", "- - same bert and carl"}},
		"another mind":                                   {{"bert", "family", "2", "- - -"}, {"bert", "family", "1", "- - -"}, {"anna", "family", "2", "- - -"}, {"anna", "family", "1", "family same family anna and bert"}},
		"taken back by one":                              {{"bert", "family", "2", "- - -"}, {"anna", "family", "1", "- - -"}, {"anna", "undo", "", "- - -"}, {"carl", "family", "2", "- family family bert and carl"}},
		"taken back by both":                             {{"bert", "family", "2", "- - -"}, {"anna", "family", "2", "- family family anna and bert"}, {"anna", "undo", "", "- - -"}, {"carl", "family", "2", "- - -"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.sqlite"))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			now := time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)
			w := &Workspace{Ledger: l, Now: func() time.Time { return now }, Settings: Settings{Review: Reviewing{Twice: true}}}
			pair := [2]link.Anchor{b, c}
			for i, s := range all {
				w.Who, now = s.who, now.Add(time.Minute)
				var entries []ledger.Entry
				switch s.verdict {
				case "undo":
					_, entries, err = w.undoing(t.Context(), pair, "asked the wrong family")
				case "same":
					entries, _, err = w.written(t.Context(), []link.Decision{{Left: b, Right: c, Verdict: link.Same, Who: s.who, At: now, Why: "why"}}, deciding{asOne: true})
				default:
					var next []link.Decision
					second := []int{}
					for _, place := range s.second {
						second = append(second, int(place-'0'))
					}
					if next, err = child.parted(pair, link.Verdict(s.verdict), second, "why"); err != nil {
						t.Fatal(err)
					}
					for i := range next {
						next[i].Who, next[i].At = s.who, now
					}
					var done []bool
					entries, done, err = w.written(t.Context(), next, deciding{asOne: true})
					if isDone := !strings.HasPrefix(s.want, "- - -"); slices.Contains(done, !isDone) {
						t.Errorf("%d: %s is told that decisions stand: %v", i, s.who, done)
					}
				}
				if err == nil {
					err = l.Append(t.Context(), entries...)
				}
				if err != nil {
					t.Fatal(err)
				}
				got, who := []string{}, ""
				for _, p := range [][2]link.Anchor{{a, b}, {a, c}, {b, c}} {
					d, err := w.StandsOn(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					if d == nil {
						got = append(got, "-")
						continue
					}
					got, who = append(got, string(d.Verdict)), " "+d.Who
				}
				if got := strings.Join(got, " ") + who; got != s.want {
					t.Errorf("%d: after %s said %s %s: got %q, want %q", i, s.who, s.verdict, s.second, got, s.want)
				}
				opinions, err := w.opinions(t.Context())
				if said := opinions[link.PairKey(b, c)]; err != nil || i == 1 && s.who == "anna" && s.want == "- - -" && !differ(said) {
					t.Errorf("%d: no third is asked: %v, %v", i, said, err)
				}
			}
		})
	}
}
