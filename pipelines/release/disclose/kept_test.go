package disclose_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	. "tributary/pipelines/release/disclose"
)

var (
	keptFolder = flag.String("attack-kept", "", "folder of a published release that TestAttack_kept attacks; empty leaves it out")
	keptWidth  = flag.Int64("attack-width", 5, "its protection width")
)

// TestAttack_kept attacks a release that a workspace published: by elimination over all of it, by linear
// programming where a component is small enough, and by holding its proofs against its relations.
func TestAttack_kept(t *testing.T) {
	t.Parallel()
	if *keptFolder == "" {
		t.Skip("give -attack-kept=kept/releases/public-2025-26Q4-1 to attack it")
	}
	r := Release{Name: "kept"}
	state := map[string]State{"shown": Shown, "hidden": Hidden, "absent": Absent}
	value := map[string]Number{}
	lines(t, "numbers.csv", func(l []string) {
		n := Number{ID: l[0], Value: number(t, l[1]), State: state[l[2]], Why: l[3]}
		r.Numbers, value[n.ID] = append(r.Numbers, n), n
	})
	relations := map[string]map[string]int64{}
	lines(t, "relations.csv", func(l []string) {
		if relations[l[0]] == nil {
			relations[l[0]] = map[string]int64{}
			r.Sums = append(r.Sums, Sum{ID: l[0]})
		}
		relations[l[0]][l[1]] = number(t, l[2])
		s := &r.Sums[len(r.Sums)-1]
		s.Parts = append(s.Parts, Part{l[1], number(t, l[2])})
	})
	of := map[string][]string{}
	for id, parts := range relations {
		for p := range parts {
			of[p] = append(of[p], id)
		}
	}
	// Proofs of one number: the values that it can have.
	low, high := map[string]int64{}, map[string]int64{}
	ends := map[string]map[string]int64{}
	lines(t, "proofs.csv", func(l []string) {
		end := l[0] + " " + l[1]
		if ends[end] == nil {
			ends[end] = map[string]int64{}
		}
		ends[end][l[2]] = number(t, l[3])
	})
	for end, shifts := range ends {
		for id, by := range shifts {
			if n := value[id]; n.State == Shown || n.Value+by < 0 {
				t.Errorf("proof %s shifts %s, which is shown or would be below zero", end, id)
			}
			for _, relation := range of[id] {
				var off int64
				for p, factor := range relations[relation] {
					off += factor * shifts[p]
				}
				if off != 0 {
					t.Errorf("proof %s breaks %s", end, relation)
				}
			}
		}
	}
	for end, shifts := range ends {
		proof := end[:len(end)-len("up")]
		if end[len(end)-1] == 'n' {
			proof = end[:len(end)-len("down")]
		}
		up, down := ends[proof+"up"], ends[proof+"down"]
		for id := range shifts {
			high[id] = max(high[id], max(up[id], down[id], 0)-min(up[id], down[id], 0))
		}
	}
	proven, must := 0, 0
	for _, n := range r.Numbers {
		if n.State == Hidden || (n.State == Absent && n.Why != "") {
			must++
			if high[n.ID]-low[n.ID] >= *keptWidth {
				proven++
			} else {
				t.Errorf("%s has no proof", n.ID)
			}
		}
	}
	largest := 0
	for _, c := range attack([]Release{r}).components() {
		largest = max(largest, len(c.names))
		if found := c.determinedModulo(); len(found) > 0 {
			t.Errorf("worked out: %v", found)
		}
		if len(c.names) <= 200 {
			if found := c.narrow(*keptWidth); len(found) > 0 {
				t.Errorf("worked out within less than %d: %v", *keptWidth, found)
			}
		}
	}
	fmt.Printf("attack on %s: %d numbers, %d relations; %d that nobody may know, all %d proven; largest component %d unknowns, none determined\n",
		filepath.Base(*keptFolder), len(r.Numbers), len(r.Sums), must, proven, largest)
}

func lines(t *testing.T, file string, each func([]string)) {
	t.Helper()
	f, err := os.Open(filepath.Join(*keptFolder, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all[1:] {
		each(l)
	}
}

func number(t *testing.T, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// prime is 2^61 - 1: what elimination over the rationals determines, elimination modulo it does too, but
// for a chance of one in its size.
const prime = 1<<61 - 1

func mod(n int64) uint64 { return uint64((n%prime + prime) % prime) }

func mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, rest := bits.Div64(hi, lo, prime)
	return rest
}

func inverse(a uint64) uint64 {
	out := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			out = mul(out, a)
		}
		a = mul(a, a)
	}
	return out
}

// determinedModulo is determined for systems that are too large for fractions; rows are kept sparse.
func (a *attacker) determinedModulo() []string {
	rows := make([]map[int]uint64, 0, len(a.rows))
	for _, r := range a.rows {
		row := map[int]uint64{}
		for j, f := range r {
			if f != 0 {
				row[j] = mod(f)
			}
		}
		rows = append(rows, row)
	}
	in := make([]map[int]bool, len(a.names)) // rows that hold an unknown
	for j := range in {
		in[j] = map[int]bool{}
	}
	for i, r := range rows {
		for j := range r {
			in[j][i] = true
		}
	}
	done := map[int]bool{}
	for range rows {
		// The sparsest row that is left, by the unknown of it that the fewest rows hold: little fills in.
		at := -1
		for i, r := range rows {
			if !done[i] && len(r) > 0 && (at < 0 || len(r) < len(rows[at])) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		done[at] = true
		on := -1
		for j := range rows[at] {
			if on < 0 || len(in[j]) < len(in[on]) || (len(in[j]) == len(in[on]) && j < on) {
				on = j
			}
		}
		by := inverse(rows[at][on])
		for j, v := range rows[at] {
			rows[at][j] = mul(v, by)
		}
		for i := range in[on] {
			if i == at {
				continue
			}
			f := rows[i][on]
			for j, v := range rows[at] {
				now := (rows[i][j] + prime - mul(f, v)) % prime
				if now == 0 {
					delete(rows[i], j)
					if j != on {
						delete(in[j], i)
					}
				} else {
					rows[i][j] = now
					in[j][i] = true
				}
			}
		}
		in[on] = map[int]bool{at: true}
	}
	var out []string
	for _, r := range rows {
		if len(r) == 1 {
			for j := range r {
				if a.must[j] {
					out = append(out, a.names[j])
				}
			}
		}
	}
	return out
}
