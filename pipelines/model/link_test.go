package model

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary/pipelines/warehouse"
)

// world is an engine with the tables of stage and fact, empty.
func world(t *testing.T, p *bench) *trial {
	t.Helper()
	shapes, err := p.shapesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &trial{project: p, db: db, given: map[string]bool{}, shapes: shapes}
	if err := w.attach(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (t *trial) give(tb testing.TB, table, text string) {
	tb.Helper()
	if err := t.table(tb.Context(), table, []byte(text)); err != nil {
		tb.Fatal(err)
	}
}

// TestWhole_sameResultInAnyOrder runs core, link and measure over a small area, its rows shuffled.
func TestWhole_sameResultInAnyOrder(t *testing.T) {
	t.Parallel()
	p := embedded(t)
	given := []string{"Zoe", "Mia", "Tom", "Ada", "Leo", "Eva", "Max", "Ida"}
	var clients, consents, caregivers, episodes []string
	for i := range 60 {
		agency, child := []string{"elm", "oak", "ash"}[i%3], i/3
		id, quarter := fmt.Sprintf("%s%d", agency[:1], child), "2025-26Q1"
		clients = append(clients, fmt.Sprintf("%s,%s,%s,%s,Roy%c,%d-01-0%d,K7L%dA1,snapshot,,2024-01-01",
			agency, id, quarter, given[child%8], 'a'+child/2, 2008+child%9, 1+child%9, child/2%9))
		caregivers = append(caregivers, fmt.Sprintf("%s,%s,%s,1,mother,Ann,Roy%c,613-555-01%02d", agency, id, quarter, 'a'+child/2, child/2))
		consents = append(consents, fmt.Sprintf("%s,%s,%s,all_partners,%s", agency, id, quarter, []string{"given", "refused"}[i%5/4]))
		if agency == "elm" {
			episodes = append(episodes, fmt.Sprintf("elm,%s,1,csp,%s,2025-04-%02d,2025-05-%02d,active", id, quarter, 1+child, 1+child))
		}
	}
	dump := func(seed uint64) string {
		w := world(t, p)
		random := rand.New(rand.NewPCG(seed, seed))
		shuffled := func(rows []string) string {
			rows = append([]string{}, rows...)
			if seed > 0 {
				random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			}
			return strings.Join(rows, "\n") + "\n"
		}
		w.give(t, "stage.agency", "agency,linking_rule:varchar,linking_scopes:varchar[],area\nelm,count_only,[any],North\noak,separate,[any],North\nash,exclude,[any],South\n")
		w.give(t, "stage.client", "agency,client_local_id,quarter,given_name,family_name,birth_date,postal_code,file_kind,municipality,opened_on\n"+shuffled(clients))
		w.give(t, "stage.caregiver", "agency,client_local_id,quarter,caregiver_number,relationship,given_name,family_name,phone\n"+shuffled(caregivers))
		w.give(t, "stage.consent", "agency,client_local_id,quarter,scope,status\n"+shuffled(consents))
		w.give(t, "stage.episode", "agency,client_local_id,episode_local_id,programme,quarter,referral_on,assigned_on,status\n"+shuffled(episodes))
		if err := w.derive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Row numbers are those of the shuffle: addresses are not compared.
		var text string
		err := w.db.Scan(t.Context(), `select string_agg(line, chr(10) order by line) from (
			select concat_ws(' ', agency, client_local_id, child_id, family_id, left_out_by) as line from link.client_family
			union all select concat_ws(' ', cell_id, value, unit_count, agency_count) from measure.cell)`, nil, &text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	want := dump(0)
	// Twenty children at elm, all of them at another agency too; four more are counted alone at oak.
	for _, cell := range []string{"children_known_2plus@2025-26Q1 20.0 20 3", "children_known@2025-26Q1 24.0 24 3"} {
		if !strings.Contains(want, cell) {
			t.Errorf("lacks %s:\n%s", cell, want)
		}
	}
	for seed := range uint64(1) {
		if diff := cmp.Diff(want, dump(seed+1)); diff != "" {
			t.Errorf("shuffle %d:\n%s", seed+1, diff)
		}
	}
}
