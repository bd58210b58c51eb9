package link

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
	for c, n := range both {
		hit += pairs(n)
		precision += float64(n*n) / float64(gots[c.got])
		recall += float64(n*n) / float64(wants[c.want])
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
