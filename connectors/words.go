package connectors

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tributary"
)

// Words are what a path, a pattern, a query or an address of a source may hold in place of the agency and
// the quarter: {fy} is 2025-26, {q} is Q1, {quarter} is 2025-26Q1, {start} and {end} are its first and its
// last day as 2025-04-01.
var Words = []string{"{agency}", "{fy}", "{q}", "{quarter}", "{start}", "{end}"}

var word = regexp.MustCompile(`\{[\w ]+\}`)

// Fill writes the agency and the quarter in place of the words.
func Fill(template, agency string, q tributary.Quarter) string {
	return strings.NewReplacer("{agency}", agency, "{fy}", q.FiscalYear(), "{q}", fmt.Sprintf("Q%d", q.Number()), "{quarter}", q.String(),
		"{start}", q.Start().Format(time.DateOnly), "{end}", q.End().Format(time.DateOnly)).Replace(template)
}

// CheckWords returns a fault for each word of a template that is not known; what names the setting.
func CheckWords(what, template string) []error {
	var faults []error
	for _, w := range word.FindAllString(template, -1) {
		if !slices.Contains(Words, w) {
			faults = append(faults, tributary.Fix(fmt.Errorf("%s %q: unknown word %s", what, template, w),
				"the words are "+strings.Join(Words, ", ")))
		}
	}
	return faults
}
