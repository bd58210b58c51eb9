package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary/pipelines/link"
)

// edge is a pair with a probability; no sibling is in question.
func edge(l, r int32, p float64) link.Edge {
	return link.Edge{L: l, R: r, Stranger: float32(math.Log2(p / (1 - p))), Sibling: 200}
}

// alternating are pairs of a probability of which a share is true, spread evenly.
func alternating(n int, p float64, right int) (edges []link.Edge, same func(link.Edge) bool) {
	for i := range n {
		edges = append(edges, edge(int32(i), int32(i+1), p))
	}
	return edges, func(e link.Edge) bool { return int(e.L)%10 < right }
}

func TestCalibration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		p     float64
		right int // of ten
		want  float64
		pairs int
	}{
		"says .7 and .7 are true": {.7, 7, 0, 1000},
		"says .7 and .5 are true": {.7, 5, .2, 1000},
		"says .3 and .5 are true": {.3, 5, .2, 1000},
		"is not in doubt":         {.99, 5, 0, 0},
		"is in no doubt at all":   {.01, 5, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edges, same := alternating(1000, tt.p, tt.right)
			got, pairs := calibration(edges, same)
			if math.Abs(got-tt.want) > 1e-6 || pairs != tt.pairs {
				t.Errorf("distance %v over %d pairs, want %v over %d", got, pairs, tt.want, tt.pairs)
			}
		})
	}
}

// TestCalibration_binsDoNotBalance: too sure at one end and too modest at the other do not cancel out.
func TestCalibration_binsDoNotBalance(t *testing.T) {
	t.Parallel()
	high, same := alternating(1000, .8, 5)
	low, _ := alternating(1000, .2, 5)
	got, _ := calibration(append(high, low...), same)
	if math.Abs(got-.3) > 1e-6 {
		t.Errorf("distance %v, want .3", got)
	}
}

func TestCurve(t *testing.T) {
	t.Parallel()
	edges := []link.Edge{edge(0, 1, .99), edge(2, 3, .9), edge(4, 5, .6)}
	got := curve(edges, func(e link.Edge) bool { return e.L != 4 }, 4, .5, .95)
	want := []point{{.5, 2. / 3, .5}, {.95, 1, .25}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(point{})); diff != "" {
		t.Error(diff)
	}
}

func TestMisses(t *testing.T) {
	t.Parallel()
	reality := &truth{child: []int32{1, 1, 1, 2, 2, 3}, group: []string{"a/x", "a/x", "a/x", "b/x", "b/x", "c/x"}}
	got := misses([]int32{0, 0, 2, 3, 3, 5}, reality)
	want := []miss{{"a", 3, 2}, {"b", 1, 0}, {"x", 4, 2}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(miss{})); diff != "" {
		t.Error(diff)
	}
}

func TestFalseTwins(t *testing.T) {
	t.Parallel()
	reality := &truth{
		child:      []int32{1, 2, 3, 4, 5, 6},
		family:     []int32{1, 1, 2, 2, 3, 3},
		isMultiple: []bool{true, true, true, true, false, false},
	}
	tests := map[string]struct {
		first []int32
		want  [][2]int32
	}{
		"all apart":                   {[]int32{0, 1, 2, 3, 4, 5}, nil},
		"twins in one":                {[]int32{0, 0, 2, 3, 4, 5}, [][2]int32{{1, 2}}},
		"of two families, so no twin": {[]int32{0, 1, 0, 3, 4, 5}, nil},
		"siblings":                    {[]int32{0, 1, 2, 3, 4, 4}, nil},
		"two pairs in one":            {[]int32{0, 0, 0, 0, 4, 5}, [][2]int32{{1, 2}, {3, 4}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, falseTwins(tt.first, reality)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
