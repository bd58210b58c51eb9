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
	a.partners(content.Rows)
	quarterly(content.Rows)
	var b bytes.Buffer
	err := forms.RegisterOf(&b, "en", content)
	return b.Bytes(), err
}

// partners are the agreements: most in force, one that ends soon, one that has ended, and categories
// without any.
func (a *area) partners(rows map[string][][]any) {
	const mou, sharing, informal = "Memorandum of understanding / Protocole d'entente", "Information sharing / Échange de renseignements", "Informal / Informelle"
	for _, p := range []struct {
		name, category, kind string
		signed, expires      day
	}{
		{"Northern Lakes School Board", "School board / Conseil scolaire", sharing, date(2024, 4, 1), date(2027, 3, 31)},
		{"Valley Child and Family Services", "Child welfare / Protection de l'enfance", sharing, date(2024, 4, 1), date(2027, 3, 31)},
		{"Bright Trails Autism Services", "Autism provider / Fournisseur en autisme", mou, date(2023, 6, 12), date(2026, 6, 11)},
		{"Harbour Home and Community Care", "Home and community care / Soins à domicile et en milieu communautaire", mou, date(2022, 9, 1), date(2025, 8, 31)},
		{"Valley Mental Health Services", "Mental health lead agency / Organisme responsable en santé mentale", mou, date(2024, 1, 15), 0},
		{"Premiers Pas Infant Development Programme", "Infant and child development / Développement du nourrisson et de l'enfant", mou, date(2024, 5, 2), 0},
		{"Lakes District Health Unit", "Healthy Babies Healthy Children / Bébés en santé, enfants en santé", sharing, date(2025, 7, 14), date(2028, 7, 13)},
		{"Cedar Falls Speech and Language", "Preschool speech and language / Parole et langage préscolaires", mou, date(2023, 4, 1), date(2026, 5, 31)},
		{"Granite Lake Hospital", "Hospital / Hôpital", informal, date(2024, 10, 1), 0},
	} {
		rows["agreements"] = append(rows["agreements"], []any{p.name, p.category, p.kind, p.signed.time(), orNothing(p.expires)})
	}
}

// quarterly is what the analyst counts through the year: places, complaints, the partners' survey, and
// who offers what.
func quarterly(rows map[string][][]any) {
	for _, p := range []struct {
		service, town, offered, reach string
		places                        float64
		from, to                      float64
	}{
		{"Speech-language / Orthophonie", "Cedar Falls", "Cedar Falls Speech and Language", "intake@cfspeech.example", 40, 0, 5},
		{"Occupational therapy / Ergothérapie", "Cedar Falls", "Cedar Falls Children's Treatment Centre", "intake@cedarfallsctc.example", 32, 0, 18},
		{"Respite / Répit", "Port Maitland", "Riverbend Respite", "office@riverbendrespite.example", 18, 4, 18},
		{"Autism services / Services en autisme", "Granite Lake", "Bright Trails Autism Services", "hello@brighttrails.example", 26, 1, 18},
		{"Mental health / Santé mentale", "Stonebridge", "Valley Mental Health Services", "613-555-0147", 55, 6, 18},
	} {
		rows["capacity"] = append(rows["capacity"], []any{p.service, p.town, p.places, date(2025, 4, 1).time()})
		rows["local_services"] = append(rows["local_services"], []any{p.service, p.offered, p.town, "English / Anglais", p.from, p.to, p.reach})
	}
	for _, c := range []struct {
		number           string
		received, closed day
		about            string
	}{
		{"2025-01", date(2025, 4, 22), date(2025, 5, 9), "Waiting time / Attente"}, {"2025-02", date(2025, 6, 17), date(2025, 7, 30), "Communication"},
		{"2025-03", date(2025, 11, 4), date(2025, 12, 1), "Waiting time / Attente"}, {"2025-04", date(2026, 2, 12), 0, "Service received / Service reçu"},
	} {
		rows["complaints"] = append(rows["complaints"], []any{c.number, c.received.time(), orNothing(c.closed), c.about})
	}
	rows["surveys"] = [][]any{
		{"Partner survey", "Partner agencies / Organismes partenaires", quarters()[1].String(), 31, 19, nil, nil, nil, nil, 4.6, 5.1},
		{"Partner survey", "Partner agencies / Organismes partenaires", quarters()[3].String(), 34, 25, nil, nil, nil, nil, 4.9, 5.4},
	}
}

func orNothing(d day) any {
	if d == 0 {
		return nil
	}
	return d.time()
}
