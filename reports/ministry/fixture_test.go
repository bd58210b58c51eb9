package ministry_test

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"testing"

	"tributary/pipelines/warehouse"
)

// The invented release: eight agencies, six municipalities, four quarters, the measures of D01 to
// D09 and D12. Agency HCMH did not deliver in 2025-26Q1 and is late in 2025-26Q2.

const schema = `
attach ':memory:' as release;
create table release.cell (cell_id varchar, measure varchar, statistic varchar, quarter varchar, period varchar,
	"by" varchar, area varchar, municipality varchar, agency varchar, employer varchar, breakdown varchar,
	value double, unit_count bigint, agency_count bigint, is_small boolean, is_hidden boolean);
create table release.definition (measure varchar, pack varchar, kind varchar, unit varchar, basis varchar, version integer,
	since varchar, question varchar, label varchar, label_fr varchar, definition varchar, definition_fr varchar, cites varchar, ordinal integer);
create table release.breakdown (measure varchar, "by" varchar, code varchar, label varchar, label_fr varchar, ordinal integer);
create table release.rule (measure varchar, code varchar, label varchar, label_fr varchar);
create table release.agency (agency varchar, name varchar, name_fr varchar, role varchar, category varchar, linking_rule varchar, linking_authority varchar);
create table release.delivery (agency varchar, quarter varchar, state varchar, is_late boolean, due_on date, received_on date,
	file_count bigint, row_count bigint, finding_count bigint);
create table release.data_note (agency varchar, quarter varchar, check_id varchar, severity varchar, label varchar, label_fr varchar, finding_count bigint);
create table release.set_aside (agency varchar, quarter varchar, file varchar, into_table varchar, read_count bigint, taken_count bigint, set_aside_count bigint, not_data_count bigint);
create table release.target (measure varchar, quarter varchar, value double, set_by varchar);
create table release.note (cell_id varchar, field varchar, text varchar, who varchar, noted_at timestamp);
create table release.setting (name varchar, value varchar);
create table release.expected (unit varchar, quarter varchar, period varchar, counted bigint, expected double, low bigint, high bigint);
create table release.version (quarter varchar, submission varchar, restatement integer, signed_on varchar);
create table release.late (quarter varchar, measure varchar, added_count bigint, gone_count bigint);
create table release.twice (quarter varchar, unit varchar, twice_count bigint);
insert into release.expected values ('child', '2025-26Q2', 'quarter', 2618, 2601.4, 2570, 2634), ('family', '2025-26Q2', 'quarter', 1660, 1642.8, 1611, 1671);
insert into release.version values ('2024-25Q4', '2024-25Q4-1', 0, '2025-04-22'), ('2025-26Q1', '2025-26Q1-2', 1, '2025-09-02');
insert into release.twice values ('2025-26Q2', 'child', 2);
insert into release.late values ('2025-26Q1', 'children_known', 3, 0), ('2025-26Q1', 'families_known', 2, 0);
`

type measureRow struct {
	id, kind, unit, basis, question, label, labelFR string
	base                                            float64 // size in the first quarter
	by                                              string
	pack                                            string // empty is csp; a measure of base zero has no cell
}

var measures = []measureRow{
	{"csp_families_served", "count", "family", "unique_in_period", "who", "Families served", "Familles servies", 610, "", ""},
	{"csp_children_served", "count", "child", "unique_in_period", "who", "Children and youth served", "Enfants et jeunes servis", 1020, "", ""},
	{"csp_families_active", "count", "family", "point_in_time", "who", "Families active at quarter end", "Familles actives à la fin du trimestre", 540, "", ""},
	{"csp_children_active", "count", "child", "point_in_time", "who", "Children and youth active at quarter end", "Enfants et jeunes actifs à la fin du trimestre", 880, "", ""},
	{"csp_youth_14_active", "count", "child", "point_in_time", "who", "Youth aged 14 and over, active", "Jeunes de 14 ans et plus, actifs", 160, "", ""},
	{"csp_referrals", "count", "referral", "events_in_period", "what", "Referrals received", "Aiguillages reçus", 212, "source", ""},
	{"csp_intakes", "count", "episode", "events_in_period", "what", "Intakes completed", "Évaluations d'admissibilité terminées", 190, "", ""},
	{"csp_intakes_accepted", "count", "episode", "events_in_period", "what", "Intakes accepted", "Admissions acceptées", 150, "", ""},
	{"csp_intakes_warm_referral", "count", "episode", "events_in_period", "what", "Not accepted, with warm referral", "Non acceptées, avec aiguillage accompagné", 24, "", ""},
	{"csp_intakes_withdrew", "count", "episode", "events_in_period", "what", "Family withdrew at intake", "Retrait de la famille à l'admission", 11, "", ""},
	{"csp_new_episodes", "count", "episode", "events_in_period", "what", "New episodes", "Nouveaux épisodes", 140, "", ""},
	{"csp_reengaged", "count", "episode", "events_in_period", "what", "Families that came back", "Familles de retour", 17, "", ""},
	{"csp_made_inactive", "count", "episode", "events_in_period", "what", "Made inactive", "Rendus inactifs", 95, "reason", ""},
	{"csp_plans", "count", "plan", "events_in_period", "what", "First plans written", "Premiers plans rédigés", 120, "", ""},
	{"csp_plans_shared", "count", "plan", "events_in_period", "what", "Plans shared with the team", "Plans partagés avec l'équipe", 104, "", ""},
	{"csp_waiting", "count", "family", "point_in_time", "how_well", "Families waiting for a coordinator", "Familles en attente d'un coordonnateur", 88, "", ""},
	{"csp_days_waiting", "wait", "family", "point_in_time", "how_well", "Days waiting for a coordinator", "Jours d'attente d'un coordonnateur", 47, "", ""},
	{"csp_days_to_first_contact", "quantile", "episode", "events_in_period", "how_well", "Days from referral to first contact", "Jours de l'aiguillage au premier contact", 9, "", ""},
	{"csp_days_to_assigned", "quantile", "episode", "events_in_period", "how_well", "Days from referral to coordinator assigned", "Jours de l'aiguillage à l'affectation d'un coordonnateur", 31, "", ""},
	{"csp_days_to_plan_shared", "quantile", "plan", "events_in_period", "how_well", "Days from referral to plan shared", "Jours de l'aiguillage au plan partagé", 71, "", ""},
	{"csp_plan_within_target", "share", "plan", "events_in_period", "how_well", "Plans shared within 60 days", "Plans partagés en 60 jours ou moins", 0.42, "", ""},
	{"csp_plans_current", "share", "child", "point_in_time", "how_well", "Active children with a current plan", "Enfants actifs ayant un plan à jour", 0.78, "", ""},
	{"csp_reviews_on_time_share", "share", "review", "events_in_period", "how_well", "Reviews done on time", "Révisions faites à temps", 0.66, "", ""},
	{"csp_youth_14_transition", "share", "child", "point_in_time", "how_well", "Youth aged 14 and over with a transition plan started", "Jeunes de 14 ans et plus dont le plan de transition est commencé", 0.35, "", ""},
	{"families_known", "count", "family", "unique_in_period", "system", "Families known to any agency", "Familles connues d'au moins un organisme", 1480, "", ""},
	{"children_known", "count", "child", "unique_in_period", "system", "Children and youth known to any agency", "Enfants et jeunes connus d'au moins un organisme", 2330, "", ""},
	{"children_known_2plus", "count", "child", "unique_in_period", "system", "Children and youth known to two or more agencies", "Enfants et jeunes connus de deux organismes ou plus", 702, "", ""},
	{"csp_coordinator_fte", "sum", "fte", "point_in_time", "system", "Coordinators, full-time equivalents", "Coordonnateurs, en équivalents temps plein", 5.9, "", ""},
	{"csp_caseload", "ratio", "coordinator", "point_in_time", "system", "Active episodes per full-time coordinator", "Épisodes actifs par coordonnateur à temps plein", 24.5, "", ""},
	{"agreements_in_place", "count", "agreement", "point_in_time", "system", "Agreements in place", "Ententes en vigueur", 14, "", "partnership"},
	{"partners_missing", "count", "category", "point_in_time", "system", "Required partner categories missing", "Catégories de partenaires manquantes", 0, "", "partnership"},
}

var (
	agencies = [][3]string{
		{"AUTM", "Alder Autism Services", "Services en autisme Alder"},
		{"CACO", "Lakeshore Coordinating Agency", "Organisme de coordination Lakeshore"},
		{"HCMH", "Hill & Creek Mental Health", "Santé mentale Hill et Creek"},
		{"LCTC", "Lakeshore Children's Treatment Centre", "Centre de traitement pour enfants Lakeshore"},
		{"PREC", "Pine River Early Years Centre", "Centre de la petite enfance Pine River"},
		{"RESP", "Restful Days Respite", "Répit Jours paisibles"},
		{"SBDN", "Northern District School Board", "Conseil scolaire du district du Nord"},
		{"WELF", "Family and Children's Services of the Lakes", "Services à la famille et à l'enfance des Lacs"},
	}
	municipalities = []string{"Ashby", "Birchmount", "Clearwater", "Dunmore", "Elm Township", "Fairhaven and the Islands"}
	quarters       = []string{"2024-25Q3", "2024-25Q4", "2025-26Q1", "2025-26Q2"}
	growth         = []float64{1, 1.04, 0.93, 1.12}
	sources        = []string{"self", "treatment_centre", "school_board", "health", "autism", "other"}
	reasons        = []string{"goals_achieved", "moved", "family_choice", "aged_out"}
)

type cellRow struct {
	m                   measureRow
	statistic, quarter  string
	period, by, code    string
	value               float64
	small, hidden, null bool
}

func (c cellRow) id() string {
	id := c.m.id
	if c.statistic != "" {
		id += "." + c.statistic
	}
	id += "@" + c.quarter
	if c.period == "ytd" {
		id += "/ytd"
	}
	if c.by != "" {
		id += "/" + c.by + "=" + c.code
	}
	return id
}

func (c cellRow) insert() string {
	column := map[string]string{"agency": "agency", "municipality": "municipality", "area": "area", "employer": "employer"}[c.by]
	values := map[string]string{}
	if c.by != "" {
		if column == "" {
			column = "breakdown"
		}
		values[column] = c.code
	}
	text := func(s string) string {
		if s == "" {
			return "null"
		}
		return warehouse.Text(s)
	}
	value := fmt.Sprintf("%v", c.value)
	if c.null {
		value = "null"
	}
	return fmt.Sprintf("(%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,1,1,%v,%v)", text(c.id()), text(c.m.id), text(c.statistic),
		text(c.quarter), text(c.period), text(c.by), text(values["area"]), text(values["municipality"]), text(values["agency"]),
		text(values["employer"]), text(values["breakdown"]), value, c.small, c.hidden)
}

// cells spreads a measure over statistics, margins and breakdowns.
func cells() []cellRow {
	var all []cellRow
	for i, m := range measures {
		if m.base == 0 {
			continue
		}
		for qi, q := range quarters {
			g := growth[qi] * (1 + 0.02*float64(i%5)*float64(qi))
			add := func(period, by, code string, size float64) {
				for _, s := range statistics(m, g, size) {
					c := cellRow{m: m, statistic: s.name, quarter: q, period: period, by: by, code: code, value: s.value}
					c.small = m.kind == "count" && s.value > 0 && s.value < 5
					all = append(all, c)
				}
			}
			add("quarter", "", "", 1)
			if m.basis != "point_in_time" {
				add("ytd", "", "", []float64{2.6, 3.3, 1, 1.8}[qi])
			}
			for ai, a := range agencies {
				if a[0] == "CACO" || a[0] == "RESP" && qi == 3 || a[0] == "HCMH" && qi >= 2 {
					continue
				}
				add("quarter", "agency", a[0], []float64{.12, 0, .16, .37, .11, .02, .21, .15}[ai])
			}
			for mi, town := range municipalities {
				add("quarter", "municipality", town, []float64{.41, .22, .15, .12, .08, .02}[mi])
			}
			codes := map[string][]string{"source": sources[:5], "reason": reasons}[m.by]
			for bi, code := range codes {
				add("quarter", m.by, code, []float64{.4, .25, .2, .14, .01}[bi])
				if m.basis != "point_in_time" {
					add("ytd", m.by, code, []float64{.72, .45, .36, .25, .02}[bi])
				}
			}
		}
	}
	return all
}

type statistic struct {
	name  string
	value float64
}

func statistics(m measureRow, g, size float64) []statistic {
	switch m.kind {
	case "share":
		n := math.Round(140 * size * g)
		met := math.Round(n * math.Min(m.base*g, .97))
		if n == 0 {
			return nil
		}
		return []statistic{{"share", met / n}, {"met", met}, {"n", n}}
	case "ratio":
		return []statistic{{"ratio", m.base}, {"n", 7}}
	case "sum":
		return []statistic{{"", m.base * size}}
	case "quantile", "wait":
		// Waits grow shorter as the year goes on; size moves them a little, the number a lot.
		median := math.Round(m.base * (1.3 - g/4 + size/20))
		list := []statistic{{"n", math.Max(math.Round(110*size*g), 1)}, {"median", median}, {"p90", math.Round(median * 2.4)}}
		if m.kind == "wait" {
			list = append(list, statistic{"longest", math.Round(median * 5.1)})
		}
		return list
	}
	return []statistic{{"", math.Round(m.base * g * size)}}
}

func fixture(t testing.TB, extra ...string) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range append(strings.Split(strings.TrimSpace(schema), ";\n"), append(statements(), extra...)...) {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%v\n%.300s", err, s)
		}
	}
	return db
}

func statements() []string {
	var rows, definitions, breakdowns []string
	for _, c := range cells() {
		rows = append(rows, c.insert())
	}
	for i, m := range measures {
		definitions = append(definitions, fmt.Sprintf("(%s,%s,%s,%s,%s,1,'2024-25Q3',%s,%s,%s,%s,%s,'derived (domain.md 1.9)',%d)",
			warehouse.Text(m.id), warehouse.Text(cmp.Or(m.pack, "csp")), warehouse.Text(m.kind), warehouse.Text(m.unit), warehouse.Text(m.basis), warehouse.Text(m.question),
			warehouse.Text(m.label), warehouse.Text(m.labelFR),
			warehouse.Text(m.label+": each "+m.unit+" is counted once, by the newest file of its agency for the quarter."),
			warehouse.Text(m.labelFR+" : chaque unité est comptée une seule fois, selon le plus récent fichier de son organisme pour le trimestre."), i+1))
		for o, code := range map[string][]string{"source": sources, "reason": reasons}[m.by] {
			breakdowns = append(breakdowns, fmt.Sprintf("(%s,%s,%s,%s,%s,%d)", warehouse.Text(m.id), warehouse.Text(m.by), warehouse.Text(code),
				warehouse.Text(labels[code][0]), warehouse.Text(labels[code][1]), o))
		}
	}
	var agencyRows, deliveries []string
	for _, a := range agencies {
		role, rule := "provider", "count_only"
		if a[0] == "CACO" {
			role = "coordinating_agency"
		}
		if a[0] == "WELF" {
			rule = "exclude"
		}
		agencyRows = append(agencyRows, fmt.Sprintf("(%s,%s,%s,%s,'',%s,'Information-sharing agreement of 12 May 2024, section 4, reviewed each spring by the privacy leads of both agencies')",
			warehouse.Text(a[0]), warehouse.Text(a[1]), warehouse.Text(a[2]), warehouse.Text(role), warehouse.Text(rule)))
		for qi, q := range quarters {
			state, late := "accepted", false
			switch {
			case a[0] == "CACO":
				state = "not_due"
			case a[0] == "RESP" && qi == 3:
				state = "nil"
			case a[0] == "HCMH" && qi == 2:
				state = "excused"
			case a[0] == "HCMH" && qi == 3:
				state, late = "expected", true
			case a[0] == "SBDN":
				state = "accepted_with_findings"
			case a[0] == "AUTM" && qi == 3:
				state, late = "partly_accepted", true
			}
			deliveries = append(deliveries, fmt.Sprintf("(%s,%s,%s,%v,'2025-10-20',null,1,100,3)", warehouse.Text(a[0]), warehouse.Text(q), warehouse.Text(state), late))
		}
	}
	into := func(table string, rows []string) string {
		return "insert into release." + table + " values " + strings.Join(rows, ",\n")
	}
	return []string{
		into("cell", rows), into("definition", definitions), into("breakdown", breakdowns), into("agency", agencyRows), into("delivery", deliveries),
		into("rule", []string{"('csp_referrals','no_date','Referral date is missing','La date d''aiguillage manque')",
			"('csp_referrals','other_quarter','Referred in another quarter','Aiguillage d''un autre trimestre')"}),
		into("setting", []string{"('agency_name','Lakeshore Coordinating Agency')", "('agency_name_fr','Organisme de coordination Lakeshore')",
			"('agency_code','CACO')", "('tpr_number','00-0000')", "('region','East')", "('area','Lakeshore; Hill and Creek')",
			"('director','D. Example')", "('as_of','2025-10-24')", "('small_below','5')"}),
		into("target", []string{"('csp_children_served','2025-26Q2',1200,'contract 2025-26')", "('csp_plans_shared','2025-26Q2',170,'contract 2025-26')",
			"('csp_days_to_plan_shared.median','2025-26Q2',60,'contract 2025-26')", "('csp_plan_within_target','2025-26Q2',0.8,'steering table')"}),
		into("note", []string{"('csp_plans_shared@2025-26Q2','cause','first words','A. Analyst','2025-10-20')",
			"('csp_plans_shared@2025-26Q2','cause','=HYPERLINK(\"http://example.invalid\") two coordinators on leave','A. Analyst','2025-10-21')"}),
		into("set_aside", []string{"('LCTC','2025-26Q2','children.csv','client',1296,1201,12,83)", "('LCTC','2025-26Q2','children.csv','referral',1296,1290,6,0)",
			"('SBDN','2025-26Q2','extract.xlsx','client',402,400,1,1)"}),
		into("data_note", []string{"('LCTC','2025-26Q2','case.birth_date_missing','please_confirm','Date of birth is missing','La date de naissance manque',31)",
			"('SBDN','2025-26Q2','case.birth_date_missing','please_confirm','Date of birth is missing','La date de naissance manque',4)",
			"('SBDN','2025-26Q2','row.no_id','sets_aside','The row has no number of a child','La ligne n''a pas de numéro d''enfant',1)"}),
	}
}

var labels = map[string][2]string{
	"self": {"Family or self", "Famille ou soi-même"}, "treatment_centre": {"Children's treatment centre", "Centre de traitement pour enfants"},
	"school_board": {"School board", "Conseil scolaire"}, "health": {"Health", "Santé"}, "autism": {"Autism provider", "Fournisseur en autisme"},
	"other": {"Other", "Autre"}, "goals_achieved": {"Goals achieved", "Objectifs atteints"}, "moved": {"Moved out of area", "Déménagement hors de la région"},
	"family_choice": {"Family choice", "Choix de la famille"}, "aged_out": {"Aged out", "Limite d'âge atteinte"},
}
