package template

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary/examples/demo"
)

func TestLearn_matchesLabelsInBothLanguages(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"B4": "setting agency_name", "B5": "setting tpr_number", "B6": "setting region", "B7": "setting area", "B8": "setting quarter", "B9": "setting as_of", "B10": "note prepared_by",
		"D6": "csp_referrals@Q1", "G6": "csp_referrals@Q4", "D7": "csp_referrals@Q1/source=self", "G10": "csp_referrals@Q4/source=mental_health",
		"H12": "csp_families_served@quarter/ytd", "E13": "csp_children_served@Q2", "F14": "csp_children_active@Q3",
		"D17": "csp_plans@Q1", "D18": "csp_plans_shared@Q1", "D19": "csp_days_to_plan.median@Q1", "H20": "csp_days_to_plan.p90@quarter/ytd", "D21": "csp_reviews_on_time_share.share@Q1", "D22": "csp_families_waiting@Q1",
		"places B6": "csp_referrals@quarter/municipality=Rivière-aux-Loups", "places C9": "csp_children_served@quarter/municipality=Northmoor",
		"reasons B4": "target csp_referrals@quarter", "reasons C7": "csp_reviews_on_time_share.share@quarter", "reasons F5": "note cause csp_plans@quarter", "reasons G6": "note corrective_action csp_days_to_plan.median@quarter",
	}
	sheets := map[string][4]string{"en": {"Identification", "Return", "By municipality", "Variance"}, "fr": {"Identification", "Relevé", "Par municipalité", "Écarts"}}
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			p := learned(t, form0(t, language), Options{Answers: demo.FormAnswers()})
			if p.Map.Language != language {
				t.Errorf("got language %q", p.Map.Language)
			}
			got := fills(p)
			if len(got) != 96 || p.Count("unmatched") != 5 || p.Count("doubtful") != 0 {
				t.Errorf("got %d sure, %d doubtful, %d unmatched", len(got), p.Count("doubtful"), p.Count("unmatched"))
			}
			for cell, fill := range want {
				name, at := sheets[language][1], cell
				switch {
				case len(cell) > 7 && cell[:7] == "places ":
					name, at = sheets[language][2], cell[7:]
				case len(cell) > 8 && cell[:8] == "reasons ":
					name, at = sheets[language][3], cell[8:]
				case cell[0] == 'B':
					name = sheets[language][0]
				}
				if got[name+"!"+at] != fill {
					t.Errorf("%s!%s: got %q, want %q", name, at, got[name+"!"+at], fill)
				}
			}
		})
	}
}

// loose is a form without protection, numbering or colours: what a cell is only its labels say.
func loose(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	style, err := f.NewStyle(&excelize.Style{Border: []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for k, v := range row {
			cell, _ := excelize.CoordinatesToCellName(k+1, i+1)
			switch v {
			case nil:
			case "_":
				err = f.SetCellStyle("Sheet1", cell, cell, style)
			case "merge":
				before, _ := excelize.CoordinatesToCellName(k, i+1)
				err = f.MergeCell("Sheet1", before, cell)
			default:
				err = f.SetCellValue("Sheet1", cell, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLearn_layouts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows [][]any
		want map[string]string
	}{
		"two tables, each with its own headings": {[][]any{
			{"Families", "Q1", "Q2"}, {"Families served", "_", "_"}, {},
			{"Plans", "This quarter", "Year to date"}, {"Plans developed", "_", "_"}},
			map[string]string{"B2": "csp_families_served@Q1", "C2": "csp_families_served@Q2", "B5": "csp_plans@quarter", "C5": "csp_plans@quarter/ytd"}},
		"the same words under two headings": {[][]any{
			{nil, "Q1"}, {"Referrals received", "_"}, {"Other", "_"}, {"Episodes made inactive", "_"}, {"Moved out of area", "_"}, {"Other", "_"}},
			map[string]string{"B2": "csp_referrals@Q1", "B3": "csp_referrals@Q1/source=other", "B4": "csp_made_inactive@Q1", "B5": "csp_made_inactive@Q1/reason=moved", "B6": "csp_made_inactive@Q1/reason=other"}},
		"a share in a cell without a per cent format": {[][]any{{nil, "Current quarter"}, {"% of plan reviews done on time", "_"}},
			map[string]string{"B2": "csp_reviews_on_time_share.share@quarter percent"}},
		"a stock has no year to date": {[][]any{{nil, "Actual", "Year to date"}, {"Families active", "_", "_"}},
			map[string]string{"B2": "csp_families_active@quarter"}},
		"statistics as columns": {[][]any{{nil, "Median", "90th percentile"}, {"Days from referral to plan", "_", "_"}},
			map[string]string{"B2": "csp_days_to_plan.median@quarter", "C2": "csp_days_to_plan.p90@quarter"}},
		"two cells on a line": {[][]any{{"Name of agency", "_", "TPR number", "_"}},
			map[string]string{"B1": "setting agency_name", "D1": "setting tpr_number"}},
		"words that say more are no match": {[][]any{{nil, "Q1"}, {"Referrals received from hospitals outside of the province", "_"}, {"Staff meals", "_"}}, map[string]string{}},
		"a variance is worked out":         {[][]any{{nil, "Target", "Actual", "Variance"}, {"Plans developed", "_", "_", "_"}}, map[string]string{"B2": "target csp_plans@quarter", "C2": "csp_plans@quarter"}},
		"last year beside this one":        {[][]any{{nil, "Same quarter last year", "Previous quarter", "Reporting quarter"}, {"Plans developed", "_", "_", "_"}}, map[string]string{"B2": "csp_plans@last_year", "C2": "csp_plans@previous", "D2": "csp_plans@quarter"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for cell, fill := range fills(learned(t, loose(t, tt.rows), Options{})) {
				got[cell[len("Sheet1!"):]] = fill
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
