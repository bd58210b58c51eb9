package main

import (
	"maps"
	"math"
	"slices"
	"strings"

	"tributary/pipelines/link"
)

// truth is what is really so, by node.
type truth struct {
	child, family []int32
	group         []string
	isMultiple    []bool
}

// same says whether an edge holds two records of one child.
func (t *truth) same(e link.Edge) bool { return t.child[e.L] == t.child[e.R] }

const (
	doubtFrom, doubtUntil = .02, .98
	bins                  = 20
)

// calibration compares probabilities with what came true, over the pairs in doubt, in bins of equal
// size: the mean distance of the two.
func calibration(edges []link.Edge, same func(link.Edge) bool) (distance float64, pairs int) {
	var doubt []link.Edge
	for _, e := range edges {
		if p := e.Probability(); p > doubtFrom && p < doubtUntil {
			doubt = append(doubt, e)
		}
	}
	slices.SortStableFunc(doubt, func(a, b link.Edge) int {
		switch p, q := a.Probability(), b.Probability(); {
		case p < q:
			return -1
		case p > q:
			return 1
		}
		return 0
	})
	for b := range bins {
		stated, true_ := 0.0, 0.0
		for _, e := range doubt[b*len(doubt)/bins : (b+1)*len(doubt)/bins] {
			stated += e.Probability()
			if same(e) {
				true_++
			}
		}
		distance += math.Abs(stated - true_)
	}
	return distance / float64(max(1, len(doubt))), len(doubt)
}

// point is what one threshold would link, pair by pair.
type point struct{ threshold, precision, recall float64 }

// curve shows what thresholds would link; all is how many pairs of one child there are.
func curve(edges []link.Edge, same func(link.Edge) bool, all int, thresholds ...float64) (points []point) {
	for _, at := range thresholds {
		linked, right := 0, 0
		for _, e := range edges {
			if e.Probability() < at {
				continue
			}
			linked++
			if same(e) {
				right++
			}
		}
		points = append(points, point{at, share(right, linked), share(right, all)})
	}
	return points
}

// miss is how many pairs of one child there are in a group of children, and how many were not linked.
type miss struct {
	group         string
	pairs, missed int
}

// misses counts by each part of the group: by name, by age, by care.
func misses(first []int32, t *truth) []miss {
	type cell struct{ child, first int32 }
	linked, all := map[cell]int{}, map[int32]int{}
	groups := map[int32]string{}
	for node, f := range first {
		if f < 0 {
			continue
		}
		linked[cell{t.child[node], f}]++
		all[t.child[node]]++
		groups[t.child[node]] = t.group[node]
	}
	by := map[string]*miss{}
	count := func(child int32, pairs, missed int) {
		for _, part := range strings.Split(groups[child], "/") {
			m := by[part]
			if m == nil {
				m = &miss{group: part}
				by[part] = m
			}
			m.pairs += pairs
			m.missed += missed
		}
	}
	for child, n := range all {
		count(child, pairsOf(n), pairsOf(n))
	}
	for c, n := range linked {
		count(c.child, 0, -pairsOf(n))
	}
	var out []miss
	for _, part := range slices.Sorted(maps.Keys(by)) {
		if by[part].pairs > 0 {
			out = append(out, *by[part])
		}
	}
	return out
}

// falseTwins returns the pairs of children of multiple births of one family that share a cluster.
func falseTwins(first []int32, t *truth) (pairs [][2]int32) {
	in := map[int32][]int32{} // the children of multiple births, by cluster
	family := map[int32]int32{}
	for node, f := range first {
		if f < 0 || !t.isMultiple[node] {
			continue
		}
		child := t.child[node]
		family[child] = t.family[node]
		if !slices.Contains(in[f], child) {
			in[f] = append(in[f], child)
		}
	}
	found := map[[2]int32]bool{}
	for _, children := range in {
		for i, a := range children {
			for _, b := range children[i+1:] {
				if family[a] == family[b] {
					found[[2]int32{min(a, b), max(a, b)}] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
}

func pairsOf(n int) int { return n * (n - 1) / 2 }

// share of nothing is 1: nothing was wrong.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
