package approval

import (
	"strings"
	"testing"
)

func TestHTML_returnedSaysSoInBothLanguages(t *testing.T) {
	t.Parallel()
	p := Page{Agency: "A", Quarter: "2025-26Q2", Submission: "2025-26Q2-3", Restates: "2025-26Q2-2", Why: "please confirm", IsReturned: true,
		Lacking: []Lack{{Quarter: "2025-26Q1", Agency: "B", State: "expected"}}, Last: &Comparison{Against: "2025-26Q1"}}
	for lang, want := range map[string][]string{
		"en": {"Returned by the ministry", "2025-26Q2-2: please confirm", "quarterly report, 2025-26Q2"},
		"fr": {"Retourné par le ministère", "2025-26Q2-2 : please confirm", "rapport trimestriel, T2 2025-2026", "T1 2025-2026"},
	} {
		page, err := HTML(p, lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(page), w) {
				t.Errorf("%s: %q is not on the page", lang, w)
			}
		}
		if lang == "fr" && strings.Contains(string(page), "2025-26Q1") {
			t.Error("a quarter is written the English way on the French page")
		}
	}
}
