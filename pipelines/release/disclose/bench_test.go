package disclose_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	. "tributary/pipelines/release/disclose"
)

var benchTables = flag.Int("bench-tables", 0, "linked tables of 40 x 12 for TestBenchDisclosure; 0 leaves it out")

// benchLimit is in seconds, for 50 tables.
const benchLimit = 60

// TestBenchDisclosure protects tables of 40 places by 12 codes with margins, for eight quarters and their
// years to date. Each two tables share their places; all are linked by the sum over them per place.
func TestBenchDisclosure(t *testing.T) {
	if *benchTables == 0 {
		t.Skip("give -bench-tables=50 to measure")
	}
	p := Together(linked(*benchTables/2, 40, 12, 8, 60), nil, 5, 5)
	idle := slowness()
	began := time.Now()
	a, err := Protect(p)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began).Seconds()
	slow := max(1, min(3, (idle+slowness())/2))
	var primary, others, shown int
	for i, c := range p.Cells {
		switch {
		case c.State == Absent:
		case c.Why != "":
			primary++
		case a.IsHidden[i]:
			others++
		default:
			shown++
		}
	}
	for _, u := range a.Unmet {
		t.Errorf("not protected: %s = %d", p.Cells[u].ID, p.Cells[u].Value)
	}
	verdict, ok := "PASS", took <= benchLimit*slow
	if !ok || len(a.Unmet) > 0 {
		verdict = "FAIL"
		t.Errorf("took %.1f s, %d unmet", took, len(a.Unmet))
	}
	fmt.Printf("disclosure, %d linked tables of 40 x 12, 8 quarters, %d cells (%d small, %d others hidden, %d unmet) | %.1f s | | | %d s x %.1f | %s\n",
		*benchTables, primary+others+shown, primary, others, len(a.Unmet), took, benchLimit, slow, verdict)
}

// slowness is how much slower than idle the machine is now: 20 million steps took idleSeconds then.
func slowness() float64 {
	const idleSeconds = 0.045
	began := time.Now()
	x := uint64(1)
	for range 20_000_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 {
		panic("unreachable")
	}
	return time.Since(began).Seconds() / idleSeconds
}

// linked makes tables in pairs that share their places, and a table of the sums over all pairs.
func linked(pairs, places, codes, quarters, mean int) Release {
	out := Release{Name: "now"}
	sums := map[string]int64{}
	parts := map[string][]Part{}
	for n := range pairs {
		v := invent(rand.New(rand.NewPCG(11, uint64(n))), places, codes, quarters, 2, mean)
		r := v.release("now", 0, quarters-1, 5)
		prefix := fmt.Sprintf("m%02d ", n)
		for _, number := range r.Numbers {
			if len(number.ID) == len("q00 p00") {
				sums[number.ID] += number.Value
				parts[number.ID] = append(parts[number.ID], Part{prefix + number.ID, 1})
			}
			number.ID = prefix + number.ID
			out.Numbers = append(out.Numbers, number)
		}
		for _, s := range r.Sums {
			for i := range s.Parts {
				s.Parts[i].ID = prefix + s.Parts[i].ID
			}
			out.Sums = append(out.Sums, Sum{prefix + s.ID, s.Parts})
		}
	}
	for q := range quarters {
		for p := range places {
			for _, period := range []string{"q", "y"} {
				id := fmt.Sprintf("%s%02d p%02d", period, q, p)
				out.Numbers = append(out.Numbers, Number{ID: "all " + id, Value: sums[id], Loss: 20 + sums[id]/4, Why: small(sums[id], 5)})
				if period == "q" {
					out.Sums = append(out.Sums, Sum{"all " + id, append(parts[id], Part{"all " + id, -1})})
				}
			}
			now := []Part{{fmt.Sprintf("all y%02d p%02d", q, p), -1}, {fmt.Sprintf("all q%02d p%02d", q, p), 1}}
			if q%4 > 0 {
				now = append(now, Part{fmt.Sprintf("all y%02d p%02d", q-1, p), 1})
			}
			out.Sums = append(out.Sums, Sum{fmt.Sprintf("all ytd %02d p%02d", q, p), now})
		}
	}
	return out
}
