// Package linkage writes what a linking of one file found as one page to look at.
//
// Takes plain figures and example pairs; leaves one HTML page that needs nothing else: no network, no
// script. Never counts and never decides; the page names people, for the file is the reader's own.
package linkage

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
)

// Summary is what the page shows.
type Summary struct {
	File string
	// People are the clusters, Shared the records that share one, Review the pairs for a person to judge.
	Records, People, Shared, Review int
	LinkAt, ReviewAt                float64
	// Pairs are those linked; Wrong and Missed are how many errors the probabilities themselves expect.
	Pairs         int
	Wrong, Missed float64
	Accuracy      *Accuracy
	Notes         []string
	Examples      []Example
	Weights       []Bin
	Sizes         []Size
	Columns       []Column
	Levels        []Level
	Rules         []Rule
}

// Accuracy is measured by a truth.
type Accuracy struct{ Precision, Recall, F1, BCubed, Found float64 }

// Example is a pair of records, explained.
type Example struct {
	Title, Left, Right string
	Probability        float64
	Terms              []Term
}

// Term is what one comparison says of an example, in bits.
type Term struct {
	Comparison, Level, Left, Right string
	Stranger, Sibling              float64
}

// Bin counts pairs by weight: from Bits to one more.
type Bin struct{ Bits, Link, Review, Apart int }

// Size counts clusters of so many records.
type Size struct{ Records, Clusters int }

// Column is one of the file's, and how many records have a value.
type Column struct {
	Word, Headings string
	Filled         int
}

// Level is how often pairs agree in one way, and what that says.
type Level struct {
	Comparison, Name         string
	Same, Sibling, Unrelated float64
	// ByRarity says that the bits against a stranger also count how rare the value is.
	ByRarity bool
}

// Rule is what one blocking rule did.
type Rule struct {
	Name                              string
	Keys, Largest, Limit, Pairs, Left int
}

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"count": count, "about": about, "percent": percent, "bits": bits, "log2": func(a, b float64) float64 { return math.Log2(a / b) },
	"bar":     func(part, whole int) float64 { return 100 * float64(part) / max(1, float64(whole)) },
	"missing": func(filled, all int) int { return all - filled },
	"balance": balance,
}).Parse(pageHTML))

// Write writes the page. The same summary gives the same bytes.
func Write(w io.Writer, s Summary) error {
	view := struct {
		Summary
		Strips []strip
		Drawn  []waterfall
		Most   int
	}{Summary: s, Strips: strips(s.Weights)}
	for _, z := range s.Sizes {
		view.Most = max(view.Most, z.Clusters)
	}
	for _, e := range s.Examples {
		view.Drawn = append(view.Drawn, draw(e))
	}
	if err := page.Execute(w, view); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// count writes a number with its thousands apart.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent keeps what is nearly none apart from none, and what is nearly all from all.
func percent(x float64) string {
	switch p := 100 * x; {
	case p == math.Trunc(p):
		return fmt.Sprintf("%.0f %%", p)
	case p < .01:
		return "< 0.01 %"
	case p > 99.99:
		return "> 99.99 %"
	case p < 1 || p > 99:
		return fmt.Sprintf("%.2f %%", p)
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// about writes what is only expected without more digits than it is worth.
func about(x float64) string {
	if x < 9.95 {
		return fmt.Sprintf("%.1f", x)
	}
	return count(int(math.Round(x)))
}

// bits never writes a zero with a minus.
func bits(x float64) string {
	if math.Abs(x) < .05 {
		return "0.0"
	}
	return fmt.Sprintf("%+.1f", x)
}

// box is a rectangle in an SVG.
type box struct {
	X, Width float64
	IsFor    bool
	Y        float64
	Height   float64
	Title    string
}

// fall is a box beside the line of zero.
type fall struct {
	box
	Zero float64
}

// At puts the box beside the line of zero.
func (b box) At(zero float64) fall { return fall{b, zero} }

// balanceHalf is the width of one side of a balance, which shows at most balanceMost bits.
const (
	balanceHalf = 45
	balanceMost = 15
)

// balance is a bar to the right of the middle for what speaks for one person, to the left for against.
func balance(b float64) box {
	width := min(math.Abs(b), balanceMost) / balanceMost * balanceHalf
	if b < 0 {
		return box{X: balanceHalf - width, Width: width}
	}
	return box{X: balanceHalf, Width: width, IsFor: true}
}

// strip is the histogram of the pairs of one outcome.
type strip struct {
	Name, Class string
	All, Most   int
	Boxes       []box
	Ticks       []tick
}

type tick struct {
	X    float64
	Text string
}

const (
	stripWidth  = 760
	stripHeight = 70
)

func strips(bins []Bin) (out []strip) {
	if len(bins) == 0 {
		return nil
	}
	wide := float64(stripWidth) / float64(len(bins))
	for _, s := range []struct {
		name, class string
		of          func(Bin) int
	}{
		{"put together", "link", func(b Bin) int { return b.Link }},
		{"for a person to judge", "review", func(b Bin) int { return b.Review }},
		{"kept apart", "apart", func(b Bin) int { return b.Apart }},
	} {
		x := strip{Name: s.name, Class: s.class}
		for _, b := range bins {
			x.All += s.of(b)
			x.Most = max(x.Most, s.of(b))
		}
		for i, b := range bins {
			if n := s.of(b); n > 0 {
				height := max(1, stripHeight*float64(n)/float64(x.Most))
				x.Boxes = append(x.Boxes, box{X: float64(i) * wide, Width: wide - 1, Y: stripHeight - height, Height: height,
					Title: fmt.Sprintf("%s pairs of %+d to %+d bits", count(n), b.Bits, b.Bits+1)})
			}
			if b.Bits%5 == 0 {
				x.Ticks = append(x.Ticks, tick{X: float64(i) * wide, Text: fmt.Sprintf("%+d", b.Bits)})
			}
		}
		out = append(out, x)
	}
	return out
}

// waterfall is an example with its bars: each begins where the one above ends.
type waterfall struct {
	Example
	Rows              []row
	Zero              float64
	Total             row
	Stranger, Sibling float64
}

type row struct {
	Term
	StrangerBar, SiblingBar box
	Known                   bool
}

// fallWidth is how wide the bars of an example may be.
const fallWidth = 170

func draw(e Example) waterfall {
	lo, hi := 0.0, 1.0
	var a, b float64
	for _, t := range e.Terms {
		a, b = a+t.Stranger, b+t.Sibling
		lo, hi = min(lo, a, b), max(hi, a, b)
	}
	x := func(v float64) float64 { return (v - lo) / (hi - lo) * fallWidth }
	bar := func(from, to float64) box {
		return box{X: x(min(from, to)), Width: max(x(max(from, to))-x(min(from, to)), .5), IsFor: to >= from}
	}
	w := waterfall{Example: e, Zero: x(0), Stranger: a, Sibling: b}
	a, b = 0, 0
	for i, t := range e.Terms {
		if i == 0 || t.Level != "" || t.Left+t.Right != "" { // what neither of them has is not worth a line
			w.Rows = append(w.Rows, row{Term: t, StrangerBar: bar(a, a+t.Stranger), SiblingBar: bar(b, b+t.Sibling), Known: t.Level != "" || i == 0})
		}
		a, b = a+t.Stranger, b+t.Sibling
	}
	w.Total = row{StrangerBar: bar(0, a), SiblingBar: bar(0, b)}
	return w
}
