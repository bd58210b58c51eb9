package linkage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
)

func example() Summary {
	return Summary{
		File: "people <1>.csv", Records: 12345, People: 9000, Shared: 4000, Review: 7, LinkAt: .95, ReviewAt: .5, Pairs: 3345, Wrong: 12.25, Missed: 40,
		Accuracy: &Accuracy{Precision: .991, Recall: .97, F1: .98, BCubed: .985, Found: .999},
		Notes:    []string{"Columns that were not used: x."},
		Examples: []Example{{Title: "A clear link", Left: "A-1", Right: "B-2", Probability: .999, Terms: []Term{
			{Comparison: "before looking", Stranger: -13, Sibling: -.5},
			{Comparison: "given name", Level: "same", Left: "<script>alert(1)</script>", Right: "Zoé & co", Stranger: 12, Sibling: 11},
			{Comparison: "number"},
			{Comparison: "e-mail", Left: "a@b.example"},
			{Comparison: "address", Level: "different", Stranger: -4, Sibling: -.01},
		}}},
		Weights: []Bin{{Bits: -1, Apart: 9}, {Bits: 0, Review: 7}, {Bits: 1, Link: 3345}},
		Sizes:   []Size{{1, 5000}, {2, 4000}},
		Columns: []Column{{"given", "FNAME", 12000}, {"truth", "x", 0}},
		Levels:  []Level{{"given name", "same", .85, .00003, .01, true}, {"given name", "different", .01, .9, .98, false}},
		Rules:   []Rule{{"postal code", 100, 50, 150, 1225, 0}, {"surname", 100, 5000, 150, 10, 4000}},
	}
}

func TestWrite_showsTheFigures(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Write(&b, example()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"people <1>.csv", "<b>12,345</b>records", "<b>0.9800</b>F1", "about 12 of the 3,345 linked pairs", "Columns that were not used: x.",
		"A clear link: probability 99.90 %", "<script>alert(1)</script>", "Zoé & co", "not known",
		">-5.0<", "3,345 pairs of +1 to +2 bits", "put together: 3,345 pairs", "< 0.01 %", "85 %", "+6.4*", "at least 95 %", "about 40 true pairs", `warn">4,000<`, "12,000",
	} {
		if !strings.Contains(html.UnescapeString(b.String()), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(b.String(), "<td>number</td>") {
		t.Error("a comparison that neither record has takes a line")
	}
	if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "ZgotmplZ") || regexp.MustCompile(`(?:src|href)=|url\(|@import`).Match(b.Bytes()) {
		t.Error("the page has a script, a reference to something outside, or a value that the template refused")
	}
}

// TestWrite_isWhole reads the page as a browser that forgives little.
func TestWrite_isWhole(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Summary{"full": example(), "empty": {File: "none.csv", Records: 1, People: 1}} {
		var b, again bytes.Buffer
		if err := errors.Join(Write(&b, s), Write(&again, s)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same summary gives other bytes", name)
		}
		d := xml.NewDecoder(&b)
		d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
		open := 0
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch token.(type) {
			case xml.StartElement:
				open++
			case xml.EndElement:
				open--
			}
		}
		if open != 0 {
			t.Errorf("%s: %d elements are not closed", name, open)
		}
	}
}

func TestDraw_barsFollowOneAnother(t *testing.T) {
	t.Parallel()
	w := draw(example().Examples[0])
	if w.Stranger != -5 || w.Sibling != 10.49 {
		t.Errorf("the sums are %v and %v, want -5 and 10.49", w.Stranger, w.Sibling)
	}
	end := w.Zero
	for _, r := range w.Rows {
		from, to := r.StrangerBar.X, r.StrangerBar.X+r.StrangerBar.Width
		if !r.StrangerBar.IsFor {
			from, to = to, from
		}
		if d := from - end; d > 1 || d < -1 {
			t.Errorf("%s begins at %v, the one above ends at %v", r.Comparison, from, end)
		}
		end = to
	}
}
