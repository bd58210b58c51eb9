package demo

import (
	"bytes"
	"strings"

	"tributary/reports/forms"
)

// register is the analyst's own workbook with this year's targets, contacts and coordinators.
func (a *area) register() ([]byte, error) {
	content := forms.Content{Rows: map[string][][]any{}}
	goals := []struct {
		measure string
		value   float64
	}{
		{"csp_days_to_first_contact.median", 10}, {"csp_days_to_plan.median", 60}, {"csp_plan_within_target.share", 0.8},
		{"csp_referrals", 40}, {"csp_plans", 30}, {"csp_reviews_on_time_share.share", 0.85},
	}
	for _, g := range goals {
		content.Measures = append(content.Measures, g.measure)
		for _, q := range quarters() {
			content.Rows["targets"] = append(content.Rows["targets"], []any{g.measure, q.String(), g.value, "Service agreement 2025-26"})
		}
	}
	for _, q := range quarters() {
		content.Quarters = append(content.Quarters, q.String())
	}
	for _, p := range places() {
		content.Municipalities = append(content.Municipalities, p.name)
	}
	for _, f := range filings() {
		language := "English / Anglais"
		if f.code == "PDEF" {
			language = "French / Français"
		}
		content.Agencies = append(content.Agencies, f.code)
		content.Rows["contacts"] = append(content.Rows["contacts"], []any{f.code, "letters", "letters@" + strings.ToLower(f.code) + ".example", language})
	}
	for i, c := range coordinators() {
		fte := []float64{1, 1, 0.8, 1, 0.5, 1, 0.6}[i]
		content.Rows["coordinators"] = append(content.Rows["coordinators"], []any{c.name, c.employer, fte, (date(2023, 9, 5) + day(31*i)).time(), nil, (date(2023, 11, 1) + day(31*i)).time()})
	}
	for _, partner := range []string{"Northern Lakes School Board", "Valley Child and Family Services"} {
		content.Rows["agreements"] = append(content.Rows["agreements"], []any{partner, nil, "Information sharing / Échange de renseignements",
			date(2024, 4, 1).time(), date(2027, 3, 31).time()})
	}
	var b bytes.Buffer
	err := forms.RegisterOf(&b, "en", content)
	return b.Bytes(), err
}
