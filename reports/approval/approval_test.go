package approval

import (
	"bytes"
	"strings"
	"testing"
)

func number64(v float64) *float64 { return &v }

func invented() Page {
	return Page{Agency: "Lakeshore <Centre>", Quarter: "2025-26Q2", Submission: "2025-26Q2-1", PreparedBy: "analyst", PreparedOn: "2025-10-10", Signatures: 1, Signers: []string{"D. Irector"},
		Open: []Open{{Name: "Empty file", Agencies: "FCMH", Blocks: true, Findings: 1}},
		Draft: &Comparison{Against: "2025-26Q2-0", More: 3, Differs: []string{"agencies/FCMH.yaml"}, Rows: []Row{
			{Label: "Children known", Kind: "count", Old: number64(1201), New: number64(1204), Parts: []Part{{Cause: "late_data", Came: 4}, {Cause: "link", Went: 1}}},
			{Label: "Plans in time", Kind: "share", Old: number64(.42), New: number64(.4), Parts: []Part{{Cause: "correction", Moved: 2}}},
			{Label: "Goals", Kind: "count", New: number64(3), Parts: []Part{{Cause: "rule", Came: 3}}}}},
		Last: &Comparison{Against: "2025-26Q1", Gone: []string{"PDPE"}, Rows: []Row{{Label: "Children known", Kind: "count", Old: number64(1300), New: number64(1204), LikeOld: number64(1200), LikeNew: number64(1204), Where: []Where{{"SUNR", -3}, {"MH", 1}}},
			{Label: "Plans in time", Kind: "share", Old: number64(.5), New: number64(.25), OldOf: Of{number64(2), number64(4)}, NewOf: Of{number64(3), number64(12)}}}},
		Lacking:  []Lack{{"2025-26Q1", "PDPE", "partly_accepted"}},
		Ranges:   []Range{{Unit: "child", Period: "quarter", Counted: 1204, Low: 1180, High: 1210, Expected: 1199.4}},
		StandsOn: []Stand{{Quarter: "2025-26Q1", Submission: "2025-26Q1-2", SignedOn: "2025-09-02", Restatement: 1, Late: 2}},
		Twice:    map[string]int{"child": 2}}
}

func TestHTML_saysWhatChangedAndWhy(t *testing.T) {
	t.Parallel()
	for lang, wants := range map[string][]string{
		"en": {"Lakeshore &lt;Centre&gt;", "late data &#43;4; link decisions −1", "−2.0\u00a0points", "corrections (2 cases)", "new or gone", "Answered for 2025-26Q1 and not now: PDPE.",
			"between 1,180 and 1,210", "2025-26Q1-2 (restatement 1)", "would move 2 measures", "keeps from approving", "agencies/FCMH.yaml", "found to be one after a quarter was signed: 2.",
			"SUNR −3, MH &#43;1", "before 2 of 4; now 3 of 12", "What the year to date lacks", "taken in part"},
		"fr": {"données tardives &#43;4; décisions de jumelage −1", "1\u00a0204", "−2,0\u00a0points", "entre 1\u00a0180 et 1\u00a0210", "redressement 1", "Avant, à périmètre égal"},
	} {
		page, err := HTML(invented(), lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(page), want) {
				t.Errorf("%s: %q is not on the page", lang, want)
			}
		}
		if strings.Contains(string(page), "%!") || strings.Contains(string(page), "<script") {
			t.Errorf("%s: a broken text or a script", lang)
		}
	}
}

func TestHTML_saysFirstWhetherItCanBeApproved(t *testing.T) {
	t.Parallel()
	blocks, asks := Open{Name: "Heading renamed", Agencies: "FAFS", Blocks: true, Findings: 1}, Open{Name: "End before start", Agencies: "FCMH", Findings: 3}
	page, err := HTML(Page{Agency: "A", Quarter: "2025-26Q2", Signatures: 2, Signers: []string{"D. Irector"}}, "en")
	if err != nil || !strings.Contains(string(page), "Not yet. Signatures asked for: 2; signers named: 1") {
		t.Error("without enough signers it can be approved", err)
	}
	for want, open := range map[string][]Open{
		"Pas encore. Constats qui bloquent : 1 (FAFS).":                          {blocks, asks},
		"Oui, avec un motif pour chacune des 2 sortes de constats (6 constats).": {asks, asks},
		"Oui, avec un motif pour une sorte de constats (3 en tout).":             {asks},
		"Oui : rien n&#39;est ouvert.":                                           nil,
	} {
		page, err := HTML(Page{Agency: "A", Quarter: "2025-26Q2", Open: open}, "fr")
		if err != nil {
			t.Fatal(err)
		}
		if at := strings.Index(string(page), want); at < 0 || at > strings.Index(string(page), "Préparée par") {
			t.Errorf("%q does not stand first", want)
		}
	}
}

func TestBook_equalInputGivesEqualBytes(t *testing.T) {
	t.Parallel()
	first, err := Book(invented(), "fr")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := Book(invented(), "fr"); !bytes.Equal(first, again) {
		t.Error("two workbooks of one page differ")
	}
	c := Corrections{Agency: "A", Quarter: "2025-26Q1", Restates: "2025-26Q1-1", Why: "late", Restatement: 1, Rows: invented().Draft.Rows}
	if book, err := CorrectionBook(c, "en"); err != nil || len(book) == 0 {
		t.Error(err)
	}
}

func TestWords_bothLanguagesHaveAll(t *testing.T) {
	t.Parallel()
	for key := range words["en"] {
		if words["fr"][key] == "" && key != "" {
			t.Errorf("%q has no French", key)
		}
	}
	if len(words["en"]) != len(words["fr"]) {
		t.Error("one language has more words")
	}
}
