package disclose_test

import (
	"flag"
	"math/rand/v2"
	"testing"

	. "tributary/pipelines/release/disclose"
)

var rounds = flag.Int("attacks", 40, "random sets of linked tables for TestAttack")

// TestAttack releases random linked tables three times, each time with more quarters and with a quarter
// restated, and attacks all that was shown.
func TestAttack(t *testing.T) {
	t.Parallel()
	largest, hidden, shown, unmet := 0, 0, 0, 0
	for seed := range *rounds {
		r := rand.New(rand.NewPCG(7, uint64(seed)))
		below := int64(3 + r.IntN(4))
		v := invent(r, 2+r.IntN(4), 2+r.IntN(3), 4, 1+r.IntN(2), 2+r.IntN(12))
		var told []Release
		for n := range 3 {
			now := v.release([]string{"first", "second", "third"}[n], 0, n+1, below)
			v.unions(&now, n+1, below)
			p := Together(now, told, below, below)
			a, err := Protect(p)
			if err != nil {
				t.Fatal(err)
			}
			// What was shown before a restatement cannot be taken back; those cells are named.
			unmet += len(a.Unmet)
			told = append(told, After(now, a))
			for _, number := range told[n].Numbers {
				switch number.State {
				case Hidden:
					hidden++
				case Shown:
					shown++
				}
			}
			if len(a.Unmet) > 0 {
				t.Logf("seed %d release %d: unmet %d", seed, n, len(a.Unmet))
				for _, u := range a.Unmet {
					t.Logf("   %s %v", p.Cells[u].ID, p.Cells[u].Why)
				}
				break
			}
			largest = max(largest, mustHold(t, told, below))
			if t.Failed() {
				t.Fatalf("seed %d, release %d", seed, n+1)
			}
			v.restate(r, r.IntN(n+2))
		}
	}
	t.Logf("%d sets of tables: %d numbers hidden, %d shown, %d unmet; largest component by linear programming %d unknowns", *rounds, hidden, shown, unmet, largest)
}
