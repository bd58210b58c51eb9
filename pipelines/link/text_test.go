package link

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The measures of Winkler's paper and its usual examples.
func TestJaroWinkler(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", .9611},
		{"dwayne", "duane", .84},
		{"dixon", "dicksonx", .8133},
		{"same", "same", 1},
		{"abc", "xyz", 0},
		{"", "abc", 0},
		{"محمد", "محمود", .9533}, // by characters, not by bytes
	} {
		for _, got := range []float64{jaroWinkler(tt.a, tt.b), jaroWinkler(tt.b, tt.a)} {
			if math.Abs(got-tt.want) > 1e-4 {
				t.Errorf("%q and %q: got %.4f, want %.4f", tt.a, tt.b, got, tt.want)
			}
		}
	}
}

// What the letters rule out, the measure does not find.
func TestMayBeAlike(t *testing.T) {
	t.Parallel()
	draw := rapid.StringOfN(rapid.SampledFrom([]rune("abcdefgé")), 1, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		begin := draw.Draw(t, "begin") // without it, few words are alike
		a, b := begin+draw.Draw(t, "a"), begin+draw.Draw(t, "b")
		if alike := jaroWinkler(a, b); alike >= leastAlike && !mayBeAlike(&word{text: a, letters: letters(a)}, &word{text: b, letters: letters(b)}) {
			t.Fatalf("%q and %q are %.3f alike", a, b, alike)
		}
	})
}

// isOneEdit is Damerau's distance of one, but for texts of one or two characters and for equal ones of which
// the engine never asks.
func TestIsOneEdit_equalsDamerau(t *testing.T) {
	t.Parallel()
	draw := rapid.StringOfN(rapid.SampledFrom([]rune("abcé")), 3, 7, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if a == b {
			return
		}
		want := damerau([]rune(a), []rune(b)) == 1
		if got := isOneEdit(a, b); got != want {
			t.Fatalf("%q and %q: got %v, want %v", a, b, got, want)
		}
		if got := areOneEdit(&word{text: a, letters: letters(a)}, &word{text: b, letters: letters(b)}); got != want {
			t.Fatalf("%q and %q, their letters first: got %v, want %v", a, b, got, want)
		}
	})
}

// damerau is the distance with neighbours that change places, by its definition.
func damerau(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	}
	cost := 1
	if a[0] == b[0] {
		cost = 0
	}
	d := min(damerau(a[1:], b)+1, damerau(a, b[1:])+1, damerau(a[1:], b[1:])+cost)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, damerau(a[2:], b[2:])+1)
	}
	return d
}

func TestIsOneDigit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"20100312", "20100313", true},
		{"20100312", "20100321", true},
		{"20100312", "20130012", true}, // close by
		{"20100312", "20200412", false},
		{"20100312", "00102312", false},
		{"20100312", "31210020", false},
	} {
		a, b := [8]byte([]byte(tt.a)), [8]byte([]byte(tt.b))
		if got := isOneDigit(&a, &b); got != tt.want {
			t.Errorf("%s and %s: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}
