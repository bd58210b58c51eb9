package link

import (
	"context"
	"fmt"
	"math"
	mathbits "math/bits"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// Accuracy compares clusters with the truth: pairs by contingency counts, and B-cubed (Bagga and
// Baldwin 1998), in which each record counts once.
type Accuracy struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	BCubed    float64 `json:"b_cubed_f1"`
	// Found is the share of true pairs that blocking brought.
	Found float64 `json:"blocking_recall"`
	// Pairs are the linked pairs, False those of them that are wrong, Missed the true pairs not linked.
	Pairs  int `json:"pairs"`
	False  int `json:"false"`
	Missed int `json:"missed"`
}

// compareClusters measures clusters against the truth; both give each record the number of its group.
func compareClusters(got, want []int) Accuracy {
	type cell struct{ got, want int }
	both, gots, wants := map[cell]int{}, map[int]int{}, map[int]int{}
	for i := range got {
		both[cell{got[i], want[i]}]++
		gots[got[i]]++
		wants[want[i]]++
	}
	pairs := func(n int) int { return n * (n - 1) / 2 }
	var hit, linked, truth int
	var precision, recall float64
	for _, n := range both {
		hit += pairs(n)
	}
	for i := range got { // in the order of the records, so that sums come out the same to the bit
		n := float64(both[cell{got[i], want[i]}])
		precision += n / float64(gots[got[i]])
		recall += n / float64(wants[want[i]])
	}
	for _, n := range gots {
		linked += pairs(n)
	}
	for _, n := range wants {
		truth += pairs(n)
	}
	share := func(a, b float64) float64 {
		if b == 0 {
			return 1
		}
		return a / b
	}
	harmonic := func(a, b float64) float64 { return share(2*a*b, a+b) }
	a := Accuracy{Precision: share(float64(hit), float64(linked)), Recall: share(float64(hit), float64(truth)),
		Pairs: linked, False: linked - hit, Missed: truth - hit}
	a.F1 = harmonic(a.Precision, a.Recall)
	n := float64(len(got))
	a.BCubed = harmonic(share(precision, n), share(recall, n))
	return a
}

// Evaluate measures the clusters of a Result (First) against the truth, both by node. Nodes that are not
// there and those whose truth is empty do not count. Found is left for BlockingRecall.
func Evaluate(first []int32, truth []string) Accuracy {
	var got, want []int
	numbers := map[string]int{}
	for node, t := range truth {
		if t == "" || first[node] < 0 {
			continue
		}
		if _, ok := numbers[t]; !ok {
			numbers[t] = len(numbers)
		}
		got, want = append(got, int(first[node])), append(want, numbers[t])
	}
	return compareClusters(got, want)
}

// BlockingRecall is the share of true pairs of differing records that blocking brought. truth is by node.
func (r *Result) BlockingRecall(truth []string) float64 {
	sizes, all, found := map[string]int{}, 0, 0
	for i := range r.engine.records {
		if t := truth[r.engine.records[i].node]; t != "" {
			all += sizes[t]
			sizes[t]++
		}
	}
	for _, part := range r.engine.found {
		for _, p := range part {
			if t := truth[r.engine.records[p.l].node]; t != "" && t == truth[r.engine.records[p.r].node] {
				found++
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(found) / float64(all)
}

// EstimateRecall is the share of pairs of one child that blocking is likely to have brought, judged by how
// many rules found each pair (Chao, Estimating population size for capture-recapture data, Biometrics 43,
// 1987, bias-corrected): where many pairs were found by one rule only, some were found by none. foundBy and
// probability are those of each pair; pairs that only the completion of clusters brought have no rule. Rules
// that catch the same make it an upper bound. A file of which all pairs were compared misses none.
func EstimateRecall(pairs int, of func(i int) (foundBy int32, probability float64)) float64 {
	var found, once, twice, missed float64
	for i := range pairs {
		foundBy, p := of(i)
		if foundBy>>(len(rules)-1) != 0 {
			return 1
		}
		switch mathbits.OnesCount32(uint32(foundBy)) {
		case 0:
			missed += p
		case 1:
			found, once = found+p, once+p
		case 2:
			found, twice = found+p, twice+p
		default:
			found += p
		}
	}
	missed = max(missed, once*max(0, once-1)/(2*(twice+1)))
	if found+missed == 0 {
		return 1
	}
	return found / (found + missed)
}

// Term is what one comparison says of a pair.
type Term struct {
	Comparison string `json:"comparison"`
	// Level is how the two values agree; empty where one of them is not known, which says nothing.
	Level       string `json:"level"`
	Left, Right string `json:"-"`
	// Stranger and Sibling are bits for one child, against two unrelated ones and against two of one household.
	Stranger float64 `json:"stranger"`
	Sibling  float64 `json:"sibling"`
}

// values are what a comparison looks at, as SQL over memory.person, for people to read.
var values = [comparisonCount]string{
	cGiven: "given", cFamily: "family", cMiddle: "given_rest", cSex: "sex", cSource: "source", cIdentifier: "identifier",
	cBirth:     "concat_ws('-', left(birth_digits, 4), nullif(substr(birth_digits, 5, 2), ''), nullif(substr(birth_digits, 7, 2), ''))",
	cAddress:   "concat_ws(', ', nullif(concat_ws(' ', street_number, street), ''), city, postal)",
	cPhone:     "array_to_string(phones, ', ')",
	cEmail:     "array_to_string(emails, ', ')",
	cCaregiver: "array_to_string(caregivers, ', ')",
}

// Explain says what each comparison adds to a pair's odds: first what is expected before anything is
// compared, then the comparisons in their order. The terms add up to the edge's bits.
func (r *Result) Explain(ctx context.Context, db *warehouse.DB, g Edge) ([]Term, error) {
	of := func(node int32) *record {
		at, ok := slices.BinarySearchFunc(r.engine.records, node, func(x record, node int32) int { return int(x.node) - int(node) })
		if !ok {
			return nil
		}
		return &r.engine.records[at]
	}
	left, right := of(g.L), of(g.R)
	if right == nil { // a copy says what the first does
		right = left
	}
	if left == nil {
		return nil, fmt.Errorf("explain a pair: %w", ErrNoRecord)
	}
	return r.Model.explain(ctx, db, "memory.person", g, left, right)
}

func (m *Model) explain(ctx context.Context, db *warehouse.DB, people string, g Edge, left, right *record) ([]Term, error) {
	terms := make([]Term, comparisonCount+1)
	terms[0] = Term{Comparison: "before looking", Stranger: math.Log2(m.Same / (1 - m.Same - m.Sibling)), Sibling: math.Log2(m.Same / m.Sibling)}
	asked := make([]string, 0, comparisonCount)
	into := make([]any, 0, 2*comparisonCount)
	for c, cmp := range comparisons {
		t := &terms[c+1]
		t.Comparison = cmp.name
		if l := at(int(g.Pattern), c); l > 0 {
			ch := m.Comparisons[c][l-1]
			t.Level, t.Sibling, t.Stranger = cmp.levels[l-1].name, math.Log2(ch.Same/ch.Sibling), math.Log2(ch.Same/ch.Unrelated)
			if rare := cmp.bits[l]; rare != nil {
				t.Stranger = math.Log2(ch.Same) + float64(rare(left, right))
			}
		}
		if c == cFamily && sharesNames(at(int(g.Pattern), cGiven), at(int(g.Pattern), cFamily)) {
			// After the given name, the surname is less of a surprise.
			t.Stranger -= math.Log2(max(1, m.Names)) + float64(m.tooRare(g.Pattern, left))
		}
		asked = append(asked, fmt.Sprintf("coalesce(%s, '') as v%d", values[c], c))
		into = append(into, &t.Left)
	}
	for c := range comparisons {
		into = append(into, &terms[c+1].Right)
	}
	of := func(node int32) string {
		return fmt.Sprintf("(select %s from %s where node = %d)", strings.Join(asked, ", "), people, node)
	}
	if err := db.Scan(ctx, "select * from "+of(g.L)+" as l, "+of(g.R)+" as r", nil, into...); err != nil {
		return nil, fmt.Errorf("explain a pair: %w", err)
	}
	return terms, nil
}

// Level is one learned level of one comparison.
type Level struct {
	Comparison string `json:"comparison"`
	Name       string `json:"level"`
	Chance
	// ByRarity says that the bits against a stranger also count how rare the value is.
	ByRarity bool `json:"by_rarity"`
}

// Levels are the model's, in the order of the comparisons, without those of which the records showed nothing:
// all levels are then as likely among strangers.
func (m *Model) Levels() (out []Level) {
	for c, cmp := range comparisons {
		if !slices.ContainsFunc(m.Comparisons[c], func(ch Chance) bool { return ch.Unrelated != m.Comparisons[c][0].Unrelated }) {
			continue
		}
		for l, lv := range cmp.levels {
			_, byRarity := cmp.bits[l+1]
			out = append(out, Level{Comparison: cmp.name, Name: lv.name, Chance: m.Comparisons[c][l], ByRarity: byRarity})
		}
	}
	return out
}

// Outcome says what a linking made of a pair: link, review (a person is to be asked) or apart.
func (r *Result) Outcome(g Edge, terms Terms) string {
	switch {
	case r.First[g.L] == r.First[g.R]:
		return "link"
	case r.vouched != nil && r.vouched(g.L, g.R):
	case g.Probability() >= terms.ReviewAt: // what contradicts itself too, such as children born on one day, named differently
		return "review"
	}
	return "apart"
}

// Sources are the records' ids and truths by node, after Load. A truth that is not known is empty.
func Sources(ctx context.Context, db *warehouse.DB) (ids, truth []string, err error) {
	err = db.Rows(ctx, "select id, coalesce(truth, '') from person_source order by node", nil, func(scan func(...any) error) error {
		var id, of string
		err := scan(&id, &of)
		ids, truth = append(ids, id), append(truth, of)
		return err
	})
	return ids, truth, err
}
