package onboard

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/pipelines"
)

var quarter = func() tributary.Quarter {
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		panic(err)
	}
	return q
}()

// sample makes a text file of lines cut at a sign.
func sample(name, text, sign string) pipelines.Sample {
	s := pipelines.SampleSheet{}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells := strings.Split(line, sign)
		s.Columns = max(s.Columns, len(cells))
		s.Rows = append(s.Rows, pipelines.SampleRow{Number: int64(i + 1), Cells: cells})
	}
	s.Count = int64(len(s.Rows))
	return pipelines.Sample{Name: name, Format: "delimited", Sheets: []pipelines.SampleSheet{s}}
}

// lines writes what a proposal takes from where, one column a line.
func lines(p *Proposal) []string {
	var out []string
	add := func(into string, columns []Column) {
		for _, c := range columns {
			if c.From != "" {
				out = append(out, fmt.Sprintf("%s.%s from %s", into, c.Column, c.From))
			}
		}
	}
	for _, t := range p.Tables {
		add(t.Into, t.Columns)
		for _, e := range t.Each {
			add(t.Into, e)
		}
	}
	slices.Sort(out)
	return out
}

func propose(t *testing.T, in Input, samples ...pipelines.Sample) *Proposal {
	t.Helper()
	in.Agency, in.Quarter = "ABC", quarter
	in.Places = []string{"Cedar Falls", "Port Maitland", "Val-des-Pins"}
	p, err := Propose(samples, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Areas that the vocabulary was not written from: systems that abbreviate, a French board, logs by hand.
func TestPropose_otherAreas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, sign, text, want string }{
		{"hospital", "pt_extract.csv", ",", `
MRN,PatientLastNm,PatientFirstNm,PatientDOB,Gender,Addr1,CityNm,PostalCd,HomePhoneNum,PrefLang,AdmDt,DischDt,ConsentFlg,ConsentDt
H10023,Tremblay,Zoé,2015-03-02,F,12 Main St,Cedar Falls,K7L 1A1,613-555-0101,English,2024-01-05,,Y,2024-01-06
H10024,Singh,Arjun,2012-11-20,M,9 Bay Rd,Port Maitland,K7L 2B2,613-555-0102,Punjabi,2024-02-05,2025-01-10,N,
H10025,Roy,Léa,2018-07-14,F,4 Elm Ave,Cedar Falls,K7L 3C3,613-555-0103,French,2024-03-05,,Y,2024-03-07`,
			`client.birth_date PatientDOB, client.client_local_id MRN, client.closed_on DischDt, client.family_name PatientLastNm, client.given_name PatientFirstNm,
			client.languages PrefLang, client.municipality CityNm, client.opened_on AdmDt, client.phone HomePhoneNum, client.postal_code PostalCd,
			client.sex Gender|client.gender Gender, client.street_address Addr1, consent.client_local_id MRN, consent.signed_on ConsentDt, consent.status ConsentFlg`},
		{"French board", "eleves.csv", ";", `
Matricule;Nom de famille;Prénom;Ddn;Genre;École;Adresse postale;Ville;C.P.;Tél. domicile;Langue parlée à la maison;Nom de la mère;Cell. mère;Nom du père;Cell. père;Date d'entrée;Date de départ;Autorisation de partage;Autorisation signée le
E1001;Tremblay;Zoé;02/03/2015;F;École des Pins;12 rue Principale;Val-des-Pins;K7L 1A1;613-555-0101;français;Anne Tremblay;613-555-0201;Luc Tremblay;613-555-0301;05/01/2024;;oui;06/01/2024
E1002;Roy;Marc;14/07/2012;M;École du Lac;9 rue du Lac;Cedar Falls;K7L 2B2;613-555-0102;anglais;Marie Roy;613-555-0202;;;05/02/2024;10/01/2025;non;
E1003;Côté;Léo;25/11/2018;M;École des Pins;4 rue des Ormes;Val-des-Pins;K7L 3C3;613-555-0103;français;Julie Côté;613-555-0203;Paul Côté;613-555-0303;05/03/2024;;oui;15/03/2024`,
			`caregiver.client_local_id Matricule, caregiver.family_name Nom de la mère, caregiver.family_name Nom du père, caregiver.given_name Nom de la mère, caregiver.given_name Nom du père,
			caregiver.phone Cell. mère, caregiver.phone Cell. père, client.birth_date Ddn, client.client_local_id Matricule, client.closed_on Date de départ, client.family_name Nom de famille,
			client.given_name Prénom, client.languages Langue parlée à la maison, client.municipality Ville, client.opened_on Date d'entrée, client.phone Tél. domicile, client.postal_code C.P.,
			client.school École, client.sex Genre|client.gender Genre, client.street_address Adresse postale, consent.client_local_id Matricule, consent.signed_on Autorisation signée le, consent.status Autorisation de partage`},
		{"services", "sessions.csv", ",", `
participant_ref,svc_line,svc_start,svc_end,svc_state,hrs_delivered
A-1,Speech,2024-01-05,,ongoing,10.5
A-2,OT,2024-01-06,2025-01-06,completed,4
A-3,Physio,2024-01-09,,ongoing,7`,
			`service.client_local_id participant_ref, service.ended_on svc_end, service.hours hrs_delivered, service.service_type svc_line, service.started_on svc_start, service.status svc_state`},
		{"wait list", "attente.csv", ";", `
ID client;Service attendu;En attente depuis le;Prioritaire
A-1;orthophonie;2024-01-05;oui
A-2;ergothérapie;2024-01-06;non
A-3;orthophonie;2024-01-09;non`,
			`wait.client_local_id ID client, wait.is_urgent Prioritaire, wait.joined_on En attente depuis le, wait.service_type Service attendu`},
		{"coordination log", "csp_log.csv", ",", `
Child ID,Referral rec'd,Referring Agency,Initial Contact Date,Eligibility Decision,Eligibility Date,SPC Name,Date SPC Assigned,CSP Plan Completed,CSP Reviewed,Next Review,Current Status,Status Effective Date,Closure Reason
A-1,2024-01-05,School board,2024-01-09,Accepted,2024-01-20,Dana Wills,2024-02-01,2024-03-01,2024-09-01,2025-03-01,Active,2024-02-01,
A-2,2024-02-05,Physician,2024-02-09,Accepted,2024-02-20,Sam Orr,2024-03-01,2024-04-01,2024-10-01,2025-04-01,Closed,2025-02-01,Moved
A-3,2024-03-05,Hospital,2024-03-09,Not accepted,2024-03-20,,,,,,Closed,2024-03-20,Not eligible`,
			`episode.assigned_on Date SPC Assigned, episode.client_local_id Child ID, episode.closed_on Status Effective Date, episode.coordinator SPC Name, episode.first_contact_on Initial Contact Date,
			episode.intake_decision Eligibility Decision, episode.intake_on Eligibility Date, episode.reason Closure Reason, episode.referral_on Referral rec'd, episode.status Current Status, episode.status_on Status Effective Date,
			plan.client_local_id Child ID, plan.next_review_due_on Next Review, plan.reviewed_on CSP Reviewed, plan.written_on CSP Plan Completed,
			referral.client_local_id Child ID, referral.other_party Referring Agency, referral.other_party_category Referring Agency, referral.referred_on Referral rec'd`},
		{"one parent in a row", "kids_served.csv", ",", `
Kid ID,Kid First,Kid Last,Birthday,Boy/Girl,Town,PostCode,Parent Name,Relationship,Parent Cell,Parent Email,Enrol Date,Exit Date,Signed Consent?,Consent Dt
K-1,Zoé,Tremblay,2015-03-02,Girl,Cedar Falls,K7L 1A1,Anne Tremblay,Mom,613-555-0101,a@mail.example,2024-01-05,,Yes,2024-01-06
K-2,Arjun,Singh,2012-11-20,Boy,Port Maitland,K7L 2B2,Raj Singh,Dad,613-555-0102,,2024-02-05,2025-01-10,No,
K-3,Léa,Roy,2018-07-14,Girl,Cedar Falls,K7L 3C3,Luc Roy,Dad,613-555-0103,c@mail.example,2024-03-05,,Yes,2024-03-07`,
			`caregiver.client_local_id Kid ID, caregiver.email Parent Email, caregiver.family_name Parent Name, caregiver.given_name Parent Name, caregiver.phone Parent Cell,
			caregiver.relationship Relationship, client.birth_date Birthday, client.client_local_id Kid ID, client.closed_on Exit Date, client.family_name Kid Last, client.gender Boy/Girl,
			client.given_name Kid First, client.municipality Town, client.opened_on Enrol Date, client.postal_code PostCode, consent.client_local_id Kid ID,
			consent.form Signed Consent?, consent.signed_on Consent Dt, consent.status Signed Consent?`},
		{"words without vowels", "demographics.txt", "|", `
CLT_ID|HH_ID|LST_NM|FST_NM|BRTH_DT|SX_CD|LNG_CD|STRT_ADDR|MUNI_NM|PSTL_CD|TEL_NO|EML_ADDR|OPN_DT|CLS_DT|CNSNT_STAT_CD|CNSNT_EFF_DT|CNSNT_EXP_DT
1001|H1|ROY|ANNE|20150302|F|E|12 MAIN ST|CEDAR FALLS|K7L1A1|6135550101|A@MAIL.EXAMPLE|20240105||Y|20240106|20260106
1002|H2|LEE|SAM|20141120|M|F|9 BAY RD|PORT MAITLAND|K7L2B2|6135550102||20240205|20250110|N||
1003|H2|FOX|KIT|20130714|F|E|4 ELM AVE|CEDAR FALLS|K7L3C3|6135550103||20240305||W|20240307|20250307`,
			`client.birth_date BRTH_DT, client.client_local_id CLT_ID, client.closed_on CLS_DT, client.email EML_ADDR, client.family_local_id HH_ID, client.family_name LST_NM,
			client.given_name FST_NM, client.languages LNG_CD, client.municipality MUNI_NM, client.opened_on OPN_DT, client.phone TEL_NO, client.postal_code PSTL_CD, client.sex SX_CD,
			client.street_address STRT_ADDR, consent.client_local_id CLT_ID, consent.expires_on CNSNT_EXP_DT, consent.signed_on CNSNT_EFF_DT, consent.status CNSNT_STAT_CD`},
		{"parents", "tuteurs.csv", ";", `
No client;Nom du tuteur;Prénom du tuteur;Lien avec l'enfant;No de téléphone;Adresse courriel;Contact principal
A-1;Roy;Anne;mère;613-555-0101;a.roy@mail.example;oui
A-2;Singh;Raj;père;613-555-0102;;oui
A-3;Côté;Luc;beau-père;613-555-0103;l.cote@mail.example;non`,
			`caregiver.client_local_id No client, caregiver.email Adresse courriel, caregiver.family_name Nom du tuteur, caregiver.given_name Prénom du tuteur, caregiver.is_primary Contact principal,
			caregiver.phone No de téléphone, caregiver.relationship Lien avec l'enfant`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := lines(propose(t, Input{}, sample(c.file, c.text, c.sign)))
			equal, want := 0, strings.Split(c.want, ",")
			var missed []string
			for _, w := range want {
				ok := false
				for either := range strings.SplitSeq(strings.TrimSpace(w), "|") {
					field, heading, _ := strings.Cut(either, " ")
					ok = ok || slices.Contains(got, field+" from "+heading)
				}
				if ok {
					equal++
				} else {
					missed = append(missed, strings.TrimSpace(w))
				}
			}
			if precision, recall := float64(equal)/float64(len(got)), float64(equal)/float64(len(want)); precision < .9 || recall < .9 {
				t.Errorf("precision %.2f, recall %.2f; missed %q; got\n%s", precision, recall, missed, strings.Join(got, "\n"))
			}
		})
	}
}

func TestPropose_isDeterministic(t *testing.T) {
	t.Parallel()
	file := sample("clients.csv", "id,last name,first name,dob,sex,status\nA-1,Roy,Anne,2015-01-02,F,open\nA-2,Lee,Sam,2014-01-02,M,closed\nA-3,Fox,Kit,2013-01-02,X,open", ",")
	first := propose(t, Input{}, file).YAML()
	for range 20 {
		if diff := cmp.Diff(first, propose(t, Input{}, file).YAML()); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"clients.csv": "clients*.csv", "clients_v2.csv": "clients*.csv", "X_2025-26_Q1.xlsx": "X_{fy}_{q}*.xlsx", "X2025-26Q1.txt": "X{fy}{q}*.txt",
		"list_Q1.xlsx": "list_{q}*.xlsx", "enfants_2025-04.csv": "enfants_{ym}.csv", "clients_20250630.csv": "clients_*.csv", "a.zip/inner.csv": "inner*.csv",
	} {
		if got := pattern(name, quarter); got != want && !(name == "clients_v2.csv" && got == "clients_*.csv") {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	v, err := readVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		want       []int
	}{
		{"first row", "id|Last Name|DOB\nA-1|Roy|2015-01-02\nA-2|Lee|2014-01-02", []int{1}},
		{"below titles", "Test Centre||\nClients, April to June||\n||\nid|Last Name|DOB\nA-1|Roy|2015-01-02", []int{4}},
		{"two rows", "|Child||Home|\n#|Name|Born|Town|Phone\n1|Anne Roy|2015-01-02|Cedar Falls|613-555-0101", []int{1, 2}},
		{"none", "A-1|Roy|2015-01-02\nA-2|Lee|2014-01-02", nil},
	} {
		s := sample("x.csv", c.text, "|").Sheets[0]
		if diff := cmp.Diff(c.want, v.headingRows(&s)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	v, err := readVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ list, value, want string }{
		{"service_type", "Occupational Therapy", "ot"}, {"service_type", "occupationalTherapy", "ot"}, {"service_type", "Orthophonie", "slp"},
		{"service_type", "Shoe polishing", ""}, {"need_status", "Non disponible", "not_available"}, {"need_status", "not yet received", ""},
		{"intake_decision", "Not accepted - warm referral", "warm_referral"}, {"source", "ABC internal", "treatment_centre"}, {"gender", "?", "unknown"},
	} {
		if got, _ := v.code(c.list, c.value); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.list, c.value, got, c.want)
		}
	}
	for _, c := range []struct{ beside, want string }{{"F", "male"}, {"B", "female"}} {
		col := &column{values: []valueCount{{"G", 3}, {c.beside, 4}}}
		if got, _ := v.codeIn("gender", "G", col); got != c.want {
			t.Errorf("G beside %s: got %q, want %q", c.beside, got, c.want)
		}
	}
}

func TestPropose_dateOrder(t *testing.T) {
	t.Parallel()
	head := "id,last name,first name,dob,opened\n"
	for _, c := range []struct {
		name, rows, want string
		asks             bool
	}{
		{"day first", "A-1,Roy,Anne,22/03/2015,05/01/2024\nA-2,Lee,Sam,25/04/2014,06/01/2024\nA-3,Fox,Kit,13/01/2013,07/01/2024", "dmy", false},
		{"month first", "A-1,Roy,Anne,03/22/2015,05/01/2024\nA-2,Lee,Sam,04/25/2014,06/01/2024\nA-3,Fox,Kit,01/13/2013,07/01/2024", "mdy", false},
		{"both fit", "A-1,Roy,Anne,03/02/2015,05/01/2024\nA-2,Lee,Sam,04/05/2014,06/01/2024\nA-3,Fox,Kit,01/03/2013,07/01/2024", "", true},
		{"not needed", "A-1,Roy,Anne,2015-03-02,2024-01-05\nA-2,Lee,Sam,2014-04-05,2024-01-06\nA-3,Fox,Kit,2013-03-01,2024-01-07", "", false},
	} {
		p := propose(t, Input{}, sample("clients.csv", head+c.rows, ","))
		asks := slices.ContainsFunc(p.Questions, func(q Question) bool { return q.Key == "date_order" })
		if p.DateOrder != c.want || asks != c.asks {
			t.Errorf("%s: got %q, asks %v; want %q, %v", c.name, p.DateOrder, asks, c.want, c.asks)
		}
	}
}

func TestFixedWidths(t *testing.T) {
	t.Parallel()
	s := sample("x.txt", "ID      NAME        BIRTH_DT  \nA-1     ROY LEBLANC 2015-01-02\nA-22    LEE         2014-01-02\nA-333   FOX         2013-01-02", "\x00")
	hints := FixedWidths([]pipelines.Sample{s})
	if len(hints) != 1 {
		t.Fatalf("got %d hints, want 1", len(hints))
	}
	if diff := cmp.Diff([]int{8, 12, 10}, hints[0].Widths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if prose := FixedWidths([]pipelines.Sample{sample("x.txt", "Dear all\nThere is nothing to report\nthis quarter, since nobody came", "\x00")}); prose != nil {
		t.Errorf("a letter has widths %v", prose)
	}
}

// Who referred may be a person: such values stand in no question, mapping or evidence.
func TestPropose_namesNobody(t *testing.T) {
	t.Parallel()
	text := "Child ID,Referral Date,Referred By,SPC Name,Status,Notes on sex\n"
	for i := range 12 {
		text += fmt.Sprintf("A-%d,2024-01-%02d,%s,Dana Wills,Active,\n", i, i+1, []string{"Physician", "Dr. Lou Reedwick", "School Board"}[i%3])
	}
	p := propose(t, Input{Answers: map[string]string{}}, sample("csp_log.csv", text, ","))
	if len(p.Tables) == 0 {
		t.Fatal("no table is proposed")
	}
	if said := fmt.Sprintf("%s %+v %+v", p.YAML(), p.Questions, p.Left); strings.Contains(said, "Reedwick") || strings.Contains(said, "Wills") {
		t.Errorf("a person is named:\n%s", said)
	} else if !strings.Contains(said, "Physician: physician") {
		t.Errorf("the kinds of sources are not coded:\n%s", said)
	}
}

func TestPropose_saysThatNoMunicipalityIsKnown(t *testing.T) {
	t.Parallel()
	file := sample("clients.csv", "Client No,Last Name,First Name,Date of Birth,Town\nB-1,Roy,Anne,2015-03-22,Elsewhere\nB-2,Lee,Sam,2012-11-25,Farther\nB-3,Fox,Kit,2018-07-14,Elsewhere", ",")
	p := propose(t, Input{}, file)
	if len(p.Left) != 1 || !strings.Contains(p.Left[0].Why, "fix: write yours under areas:") {
		t.Errorf("%+v", p.Left)
	}
}
