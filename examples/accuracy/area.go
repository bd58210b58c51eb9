package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tributary/pipelines/link"
)

// What area-a is held to.
const (
	areaPrecision, areaRecall           = .999, .965
	familiesExact, familiesBCubed       = .93, .97
	familyJoinPrecision                 = .995
	countsAutomatic, countsAnswered     = .04, .025
	countsExpected, countsWidth         = .01, .06
	leastImprovement, questionsAnswered = .30, 100
)

// client is a child as one agency knows it.
type client struct{ agency, local string }

// area is the truth of area-a: who each client is, and the counts. A test entry is a child and a family
// of its own.
type area struct {
	child, family map[client]string
	// delivered are the clients that a readable row of a valid file speaks of.
	delivered map[client]bool
	// counts are by basis (delivered, delivered_consented) and cell.
	counts map[string]map[string]float64
}

// cellNames are the program's words for the truth's.
var cellNames = map[string]string{"unique_children": "children_known", "unique_families": "families_known"}

// readArea reads the truth of a folder.
func readArea(dir string) (*area, error) {
	a := &area{child: map[client]string{}, family: map[client]string{}, delivered: map[client]bool{}, counts: map[string]map[string]float64{}}
	for name, take := range map[string]func(line map[string]string) error{
		"clients.csv":  a.takeClient,
		"activity.csv": a.takeActivity,
		"counts.csv":   a.takeCount,
	} {
		if err := readLines(filepath.Join(dir, name), take); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return a, nil
}

func (a *area) takeClient(line map[string]string) error {
	c := client{line["agency"], line["local_client_id"]}
	a.child[c], a.family[c] = line["child_id"], line["family_id"]
	if line["child_id"] == "" {
		a.child[c] = "test " + c.agency + " " + c.local
	}
	if line["family_id"] == "" {
		a.family[c] = a.child[c]
	}
	return nil
}

func (a *area) takeActivity(line map[string]string) error {
	if line["delivered_readable"] == "yes" {
		a.delivered[client{line["agency"], line["local_client_id"]}] = true
	}
	return nil
}

func (a *area) takeCount(line map[string]string) error {
	name, ok := cellNames[line["measure"]]
	if !ok || line["scope"] != "all" {
		return nil
	}
	value, err := strconv.ParseFloat(line["value"], 64)
	if err != nil {
		return err
	}
	basis := line["basis"]
	if a.counts[basis] == nil {
		a.counts[basis] = map[string]float64{}
	}
	a.counts[basis][name+"@"+cellQuarter(line["period"])] = value
	return nil
}

// cellQuarter is the truth's period as cells write it: 2025-26_YTD_Q2 is 2025-26Q2/ytd.
func cellQuarter(period string) string {
	year, quarter, isYear := strings.Cut(period, "_YTD_")
	if isYear {
		return year + quarter + "/ytd"
	}
	return strings.Replace(period, "_", "", 1)
}

func readLines(path string, take func(map[string]string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 {
		return err
	}
	for i, values := range lines[1:] {
		line := make(map[string]string, len(values))
		for j, value := range values {
			line[lines[0][j]] = value
		}
		if err := take(line); err != nil {
			return fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return nil
}

// found is what a linking says of the clients that it saw.
type found struct{ child, family map[client]string }

// holdArea holds children and families to the truth, by the clients that the linking saw.
func (a *area) holdArea(r *report, ours found) {
	children := compare(ours.child, a.child)
	r.least("area-a", "children, precision", children.Precision, areaPrecision)
	r.least("area-a", "children, recall", children.Recall, areaRecall)
	exact, of := a.exactFamilies(ours)
	r.least("area-a", fmt.Sprintf("families of two or more children found exactly, of %d", of), share(exact, of), familiesExact)
	r.least("area-a", "families, B-cubed F1", compare(ours.family, a.family).BCubed, familiesBCubed)
	right, joins := a.familyJoins(ours)
	r.least("area-a", fmt.Sprintf("pairs of children joined to a family, precision, of %d", joins), share(right, joins), familyJoinPrecision)
	unseen := 0
	for c := range a.delivered {
		if _, ok := ours.child[c]; !ok {
			unseen++
		}
	}
	r.most("area-a", "delivered clients that linking did not see", float64(unseen), 0)
}

// exactFamilies counts the families with two or more known children whose clients stand together, and
// with nobody else.
func (a *area) exactFamilies(ours found) (exact, of int) {
	size, members := map[string]int{}, map[string][]client{}
	for c, family := range ours.family {
		size[family]++
		members[a.family[c]] = append(members[a.family[c]], c)
	}
	for _, clients := range members {
		children, families := map[string]bool{}, map[string]bool{}
		for _, c := range clients {
			children[a.child[c]] = true
			families[ours.family[c]] = true
		}
		if len(children) < 2 {
			continue
		}
		of++
		if len(families) == 1 && size[ours.family[clients[0]]] == len(clients) {
			exact++
		}
	}
	return exact, of
}

// familyJoins counts the pairs of children that stand in one family, and those of them that are truly of
// one. A child is the truth's: a client linked to the wrong child joins families as any other error does.
func (a *area) familyJoins(ours found) (right, joins int) {
	members := map[string]map[string]string{} // our family: true child: its true family
	for c, family := range ours.family {
		if members[family] == nil {
			members[family] = map[string]string{}
		}
		members[family][a.child[c]] = a.family[c]
	}
	for _, children := range members {
		truly := map[string]int{}
		for _, family := range children {
			truly[family]++
		}
		joins += pairsOf(len(children))
		for _, n := range truly {
			right += pairsOf(n)
		}
	}
	return right, joins
}

// answer is what a person who knows the truth says of a pair: same, family or different.
func (a *area) answer(left, right client) string {
	switch {
	case a.child[left] == a.child[right]:
		return "same"
	case a.family[left] == a.family[right]:
		return "family"
	}
	return "different"
}

// stated is what a release says of one number.
type stated struct{ value, expected, low, high float64 }

// holdCounts holds the numbers that linking alone gave, or gave with a person's answers, to the truth.
func (a *area) holdCounts(r *report, basis string, ours map[string]stated, isAnswered bool) {
	worst, expected, width, outside := 0.0, 0.0, 0.0, 0
	for _, cell := range a.cells(basis) {
		truth, o := a.counts[basis][cell], ours[cell]
		worst = max(worst, math.Abs(o.value-truth)/truth)
		expected = max(expected, math.Abs(o.expected-truth)/truth)
		width = max(width, (o.high-o.low)/truth)
		if truth < o.low || truth > o.high {
			outside++
		}
	}
	data, limit := "area-a, "+basis, countsAutomatic
	if isAnswered {
		data, limit = data+", answered", countsAnswered
	}
	r.most(data, "unduplicated counts from truth, worst", worst, limit)
	if isAnswered {
		return
	}
	r.most(data, "expected counts from truth, worst", expected, countsExpected)
	r.most(data, "counts whose range misses the truth", float64(outside), 0)
	r.most(data, "width of the range, widest", width, countsWidth)
}

// holdQueue holds the first questions of the queue to be worth their answers: how much of the error of
// the published numbers they take away.
func (a *area) holdQueue(r *report, basis string, before, after map[string]stated) {
	was, is := a.summedError(basis, before), a.summedError(basis, after)
	cut := 1.0
	if was > 0 {
		cut = 1 - is/was
	}
	r.least("area-a, "+basis, fmt.Sprintf("error that %d answers take away, of %g", questionsAnswered, was), cut, leastImprovement)
}

// summedError adds up how far the numbers are from the truth; one that is not published is all wrong.
func (a *area) summedError(basis string, ours map[string]stated) (sum float64) {
	for _, cell := range a.cells(basis) {
		sum += math.Abs(ours[cell].value - a.counts[basis][cell])
	}
	return sum
}

func (a *area) cells(basis string) (cells []string) {
	for cell := range a.counts[basis] {
		cells = append(cells, cell)
	}
	slices.Sort(cells)
	return cells
}

// compare measures a grouping of clients against the true one.
func compare(ours, truth map[client]string) link.Accuracy {
	number := map[string]int32{}
	var first []int32
	var want []string
	for c, group := range ours {
		if _, ok := number[group]; !ok {
			number[group] = int32(len(number))
		}
		first, want = append(first, number[group]), append(want, truth[c])
	}
	return link.Evaluate(first, want)
}
