package link

import (
	"database/sql/driver"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary/examples/demo"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// coreSQL makes, from people, the tables of core and link that stand before link's own, for one quarter.
const coreSQL = `
create table core.quarter as select '2025-26Q1' as quarter, date '2026-03-31' as ends_on;
create table core.client as select agency, record_id as client_local_id, '2025-26Q1' as quarter, given_name,
    middle_name as middle_names, null::varchar as preferred_name, family_name, null::varchar as family_name_at_birth,
    link_date(birth_date) as birth_date, 'day' as birth_date_precision, link_sex(sex) as sex, phone, email, street_address,
    city as municipality, postal_code, null::varchar as family_local_id, null::varchar as placement, health_number from people;
create table core.caregiver as select agency, record_id as client_local_id, '2025-26Q1' as quarter, 1 as caregiver_number,
    true as is_primary, 'mother' as relationship, link_full_name(caregiver_name).given as given_name,
    link_full_name(caregiver_name).family as family_name, caregiver_phone as phone, null::varchar as email from people;
create table link.client_consent as select agency, record_id as client_local_id, '2025-26Q1' as quarter, true as is_linkable from people`

var personColumns = strings.Fields("record_id agency given_name middle_name family_name birth_date sex street_address city " +
	"postal_code phone email caregiver_name caregiver_phone health_number")

// population is invented people with their truth.
func population(records int, seed int64) []demo.Person {
	return slices.Collect(demo.NewPopulation(demo.PeopleOptions{Records: records, Seed: seed}).All())
}

// engineOf returns an engine with the tables that Build reads, of these people.
func engineOf(t testing.TB, people []demo.Person) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := Standardise(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "attach ':memory:' as core", "attach ':memory:' as link", "create table people ("+strings.Join(personColumns, " varchar, ")+" varchar)")
	deliver(t, db, people)
	return db
}

// deliver replaces the people, as a new delivery of all agencies does.
func deliver(t testing.TB, db *warehouse.DB, people []demo.Person) {
	t.Helper()
	rows := make([][]driver.Value, len(people))
	for i, p := range people {
		for _, v := range []string{p.RecordID, p.Agency, p.GivenName, p.MiddleName, p.FamilyName, p.BirthDate, p.Sex, p.StreetAddress,
			p.City, p.PostalCode, p.Phone, p.Email, p.CaregiverName, p.CaregiverPhone, p.HealthNumber} {
			if v == "" {
				rows[i] = append(rows[i], nil)
			} else {
				rows[i] = append(rows[i], v)
			}
		}
	}
	exec(t, db, "delete from people")
	if err := db.Insert(t.Context(), "memory", "people", rows); err != nil {
		t.Fatal(err)
	}
	exec(t, db, strings.Split(strings.ReplaceAll(coreSQL, "create table", "create or replace table"), ";\n")...)
	for _, name := range []string{"node", "person", "tie"} {
		text, err := fs.ReadFile(sql.FS, "link/"+name+".sql")
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, "create or replace table link."+name+" as "+string(text))
	}
	exec(t, db, "create or replace table memory.person as select * replace (node::integer as node) from link.person")
}

func exec(t testing.TB, db *warehouse.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
}

// texts returns the rows of a query of one text column.
func texts(t testing.TB, db *warehouse.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func linked(t testing.TB, db *warehouse.DB, terms Terms) *Result {
	t.Helper()
	result, err := Run(t.Context(), db, terms)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// clusterTexts are the clusters of a result as texts of their record ids, whatever the nodes are called.
func clusterTexts(t testing.TB, db *warehouse.DB, r *Result) []string {
	t.Helper()
	by := map[int32][]string{}
	for _, line := range texts(t, db, "select p.node || ' ' || n.client_local_id from person as p join link.node as n on n.node = p.original order by n.client_local_id") {
		var node int
		var id string
		if _, err := fmt.Sscan(line, &node, &id); err != nil {
			t.Fatal(err)
		}
		by[r.First[node]] = append(by[r.First[node]], id)
	}
	var out []string
	for _, ids := range by {
		out = append(out, strings.Join(ids, " "))
	}
	slices.Sort(out)
	return out
}

// reorder puts memory.person into another order; with renumber the nodes follow it.
func reorder(t testing.TB, db *warehouse.DB, seed int, renumber bool) {
	node := "p.node::integer"
	if renumber {
		node = fmt.Sprintf("(row_number() over (order by hash(p.node + %d)))::integer", seed)
	}
	exec(t, db, fmt.Sprintf("create or replace table memory.person as select p.* replace (%s as node), p.node as original from link.person as p order by hash(p.node + %d)", node, seed))
}

// The same people in another order of rows, by another number of threads, and once more: the same to the bit.
func TestRun_sameForAnyOrderAndThreads(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(1500, 1))
	reorder(t, db, 0, false)
	want := linked(t, db, DefaultTerms())
	if n := len(clusterTexts(t, db, want)); n < 500 || n > 1350 {
		t.Fatalf("%d clusters of 1,500 records: the test shows nothing", n)
	}
	for seed := range 2 {
		exec(t, db, fmt.Sprintf("set threads = %d", 1+seed))
		reorder(t, db, seed, false)
		if diff := cmp.Diff(want, linked(t, db, DefaultTerms())); diff != "" {
			t.Errorf("order %d:\n%.2000s", seed, diff)
		}
	}
}

// Nodes numbered otherwise give the same clusters.
func TestRun_sameForAnyNumbers(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(1500, 2))
	reorder(t, db, 0, false)
	want := clusterTexts(t, db, linked(t, db, DefaultTerms()))
	for seed := range 2 {
		reorder(t, db, seed, true)
		if diff := cmp.Diff(want, clusterTexts(t, db, linked(t, db, DefaultTerms()))); diff != "" {
			t.Errorf("numbers %d:\n%.2000s", seed, diff)
		}
	}
}

// A frozen model judges the records that taught it as they judged themselves.
func TestRun_frozenModelGivesTheSame(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(1500, 3))
	want := linked(t, db, DefaultTerms())
	terms := DefaultTerms()
	terms.Model = want.Model
	if diff := cmp.Diff(want, linked(t, db, terms)); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}
