package pages

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// Numbers are those of a measure in more municipalities than any area has, with long names.
func (d *fakeDesk) Numbers(_ context.Context, measure string) ([]Number, error) {
	var out []Number
	one := 1.0
	for i := range 3000 {
		place := fmt.Sprintf("Corporation of the United Townships of %04d", i)
		out = append(out, Number{Measure: measure, Label: "N", Quarter: "2025-26Q4", By: "municipality", Code: place, Text: "1", Value: &one, Cell: measure + "@2025-26Q4/municipality=" + place})
	}
	return out, nil
}

// TestMeasure_isPaged reads all pages of a measure with thousands of numbers: each number stands on one of them, and none
// is heavy.
func TestMeasure_isPaged(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	var all strings.Builder
	for path := "/measures/n"; path != ""; {
		text := p.ask("GET", path, nil).Body.String()
		if len(text) > 200_000 {
			t.Errorf("%s has %d bytes", path, len(text))
		}
		all.WriteString(text)
		path = ""
		if _, after, ok := strings.Cut(text, `">Next</a>`); ok {
			before := text[:len(text)-len(after)-len(`">Next</a>`)]
			path = before[strings.LastIndex(before, `href="`)+len(`href="`):]
		}
	}
	for i := range 3000 {
		if want := fmt.Sprintf("<td>Corporation of the United Townships of %04d</td>", i); strings.Count(all.String(), want) != 1 {
			t.Fatalf("%s stands there %d times", want, strings.Count(all.String(), want))
		}
	}
}
