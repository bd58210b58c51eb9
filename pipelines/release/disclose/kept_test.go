package disclose_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "tributary/pipelines/release/disclose"
)

var (
	keptFolder = flag.String("attack-kept", "", "folder of a published release that TestAttack_kept attacks; empty leaves it out")
	keptWidth  = flag.Int64("attack-width", 5, "its protection width")
)

// TestAttack_kept attacks a release that a workspace published.
func TestAttack_kept(t *testing.T) {
	t.Parallel()
	if *keptFolder == "" {
		t.Skip("give -attack-kept=kept/releases/public-2025-26Q4-1 to attack it")
	}
	k := readKept(t, *keptFolder)
	found, said := k.attack(*keptWidth)
	for _, f := range found {
		t.Error(f)
	}
	fmt.Printf("attack on %s: %s\n", filepath.Base(*keptFolder), said)
}

// kept is a published release: what it is about, and the proofs that it rests on, by "proof way" and number.
type kept struct {
	release Release
	ends    map[string]map[string]int64
}

func readKept(t *testing.T, folder string) kept {
	k := kept{Release{Name: "kept"}, map[string]map[string]int64{}}
	state := map[string]State{"shown": Shown, "hidden": Hidden, "absent": Absent}
	lines(t, folder, "numbers.csv", func(l []string) {
		k.release.Numbers = append(k.release.Numbers, Number{ID: l[0], Value: number(t, l[1]), State: state[l[2]], Why: l[3]})
	})
	at := map[string]int{}
	lines(t, folder, "relations.csv", func(l []string) {
		i, ok := at[l[0]]
		if !ok {
			i, at[l[0]] = len(at), len(at)
			k.release.Sums = append(k.release.Sums, Sum{ID: l[0]})
		}
		k.release.Sums[i].Parts = append(k.release.Sums[i].Parts, Part{l[1], number(t, l[2])})
	})
	lines(t, folder, "proofs.csv", func(l []string) {
		end := l[0] + " " + l[1]
		if k.ends[end] == nil {
			k.ends[end] = map[string]int64{}
		}
		k.ends[end][l[2]] = number(t, l[3])
	})
	return k
}

// attack works out what it can: by exact elimination over all of it, by linear programming where a component has no
// more than oracleLimit hidden numbers, and by holding the proofs against the relations. A proof that holds says of
// its numbers, exactly, that nothing shown tells them.
func (k kept) attack(width int64) (found []string, said string) {
	fault := func(form string, args ...any) { found = append(found, fmt.Sprintf(form, args...)) }
	value, of := map[string]Number{}, map[string][]Sum{}
	for _, n := range k.release.Numbers {
		value[n.ID] = n
	}
	for _, s := range k.release.Sums {
		for _, p := range s.Parts {
			of[p.ID] = append(of[p.ID], s)
		}
	}
	apart := map[string]int64{} // the values that the proofs give a number
	for _, end := range slices.Sorted(maps.Keys(k.ends)) {
		shifts := k.ends[end]
		name, way, _ := strings.Cut(end, " ")
		other := k.ends[name+" "+map[string]string{"up": "down", "down": "up"}[way]]
		for _, id := range slices.Sorted(maps.Keys(shifts)) {
			by := shifts[id]
			if n := value[id]; n.State == Shown || n.Value+by < 0 {
				fault("proof %s shifts %s, which is shown or would be below zero", end, id)
			}
			for _, s := range of[id] {
				var off int64
				for _, p := range s.Parts {
					off += p.Factor * shifts[p.ID]
				}
				if off != 0 {
					fault("proof %s breaks %s", end, s.ID)
				}
			}
			apart[id] = max(apart[id], max(by, other[id], 0)-min(by, other[id], 0))
		}
	}
	must := 0
	for _, n := range k.release.Numbers {
		if n.State == Hidden || (n.State == Absent && n.Why != "") {
			if must++; apart[n.ID] < width {
				fault("%s has no proof", n.ID)
			}
		}
	}
	largest, oracle := 0, 0
	components := attack([]Release{k.release}).components()
	for _, c := range components {
		largest = max(largest, len(c.names))
		for _, d := range c.determined() {
			fault("worked out: %s", d)
		}
		if c.isSmall() {
			oracle++
			for _, d := range c.narrow(width) {
				fault("worked out within less than %d: %s", width, d)
			}
		}
	}
	return found, fmt.Sprintf("%d numbers, %d relations; %d that nobody may know; %d components, the largest of %d unknowns, %d of them by linear programming too; %d found",
		len(k.release.Numbers), len(k.release.Sums), must, len(components), largest, oracle, len(found))
}

// TestAttack_planted hides numbers of a table so that each row and column holds two at least, and still one of them is
// known: it alone joins two parts of a component that is too large for linear programming. The attack must find that
// one and no other, and a proof that is none.
func TestAttack_planted(t *testing.T) {
	t.Parallel()
	const blocks = 40
	for _, leak := range []bool{true, false} {
		r := Release{Name: "planted"}
		rows, columns := make([]Sum, 2*blocks), make([]Sum, 2*blocks)
		hide := func(row, column int) {
			id := fmt.Sprintf("r%02d c%02d", row, column)
			r.Numbers = append(r.Numbers, Number{ID: id, Value: 20, State: Hidden})
			rows[row].Parts = append(rows[row].Parts, Part{id, 1})
			columns[column].Parts = append(columns[column].Parts, Part{id, 1})
		}
		for b := 0; b < 2*blocks; b += 2 {
			hide(b, b)
			hide(b, b+1)
			hide(b+1, b)
			hide(b+1, b+1)
			if b+2 < 2*blocks {
				hide(b, b+2)
				if !leak || b != blocks {
					hide(b+1, b+3)
				}
			}
		}
		for i, s := range slices.Concat(rows, columns) {
			s.ID = fmt.Sprintf("sum %d", i)
			r.Numbers = append(r.Numbers, Number{ID: s.ID, Value: 20 * int64(len(s.Parts)), State: Shown})
			r.Sums = append(r.Sums, Sum{s.ID, append(s.Parts, Part{s.ID, -1})})
		}
		p := Together(Release{Name: r.Name, Numbers: opened(r.Numbers), Sums: r.Sums}, nil, 5, 5)
		a, err := Protect(p)
		if err != nil {
			t.Fatal(err)
		}
		k := kept{r, map[string]map[string]int64{}}
		for i, proof := range a.Proofs {
			for way, shifts := range map[string][]Shift{"up": proof.Up, "down": proof.Down} {
				end := map[string]int64{}
				for _, s := range shifts {
					end[p.Cells[s.Cell].ID] = s.By
				}
				k.ends[fmt.Sprint(i, " ", way)] = end
			}
		}
		got, said := k.attack(5)
		var want []string
		if leak {
			want = []string{"r40 c42 has no proof", "worked out: r40 c42|20"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q: %s", got, want, said)
		}
		if leak {
			k.ends["0 up"]["r00 c00"]++
			if got, _ := k.attack(5); !slices.Contains(got, "proof 0 up breaks sum 0") {
				t.Errorf("a proof that is none is taken for one: %q", got)
			}
		}
	}
}

// opened are numbers as a problem has them, in which what is shown is known already.
func opened(numbers []Number) []Number {
	out := slices.Clone(numbers)
	for i := range out {
		out[i].Loss = 1
	}
	return out
}

func lines(t *testing.T, folder, file string, each func([]string)) {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, file))
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
