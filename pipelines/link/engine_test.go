package link

import (
	"database/sql/driver"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	db := engineOf(t, population(1800, 1))
	reorder(t, db, 0, false)
	want := linked(t, db, DefaultTerms())
	if n := len(clusterTexts(t, db, want)); n < 600 || n > 1650 {
		t.Fatalf("%d clusters of 1,800 records: the test shows nothing", n)
	}
	for seed := range 2 {
		exec(t, db, fmt.Sprintf("set threads = %d", 1+seed))
		reorder(t, db, seed, false)
		if diff := cmp.Diff(want, linked(t, db, DefaultTerms()), cmpopts.IgnoreUnexported(Result{})); diff != "" {
			t.Errorf("order %d:\n%.2000s", seed, diff)
		}
	}
}

// Nodes numbered otherwise give the same clusters.
func TestRun_sameForAnyNumbers(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(1800, 2))
	reorder(t, db, 0, false)
	want := clusterTexts(t, db, linked(t, db, DefaultTerms()))
	reorder(t, db, 1, true)
	if diff := cmp.Diff(want, clusterTexts(t, db, linked(t, db, DefaultTerms()))); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

// A frozen model judges the records that taught it as they judged themselves.
func TestRun_frozenModelGivesTheSame(t *testing.T) {
	t.Parallel()
	db := engineOf(t, population(1800, 3))
	want := linked(t, db, DefaultTerms())
	terms := DefaultTerms()
	terms.Model = want.Model
	if diff := cmp.Diff(want, linked(t, db, terms), cmpopts.IgnoreUnexported(Result{})); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}

func built(t testing.TB, db *warehouse.DB, in Input) {
	t.Helper()
	in.Terms = DefaultTerms()
	if err := Build(t.Context(), db, in); err != nil {
		t.Fatal(err)
	}
}

// ids are the child and the family of every client, a line each.
func ids(t testing.TB, db *warehouse.DB) []string {
	t.Helper()
	return texts(t, db, `select concat_ws(' ', n.agency, n.client_local_id, c.child_id, f.family_id)
from link.node as n join link.child as c on c.node = n.node join link.family as f on f.node = c.first_node order by all`)
}

// without leaves out an agency.
func without(people []demo.Person, agency string) (out []demo.Person) {
	for _, p := range people {
		if p.Agency != agency {
			out = append(out, p)
		}
	}
	return out
}

// signed is the register after signing what Build left.
func signed(t testing.TB, db *warehouse.DB, held []Held) []Held {
	t.Helper()
	for _, prefix := range []string{"C", "F"} {
		var groups [][]Anchor
		place := map[string]int{}
		for _, line := range ids(t, db) {
			f := strings.Fields(line)
			id := f[2]
			if prefix == "F" {
				id = f[3]
			}
			if _, ok := place[id]; !ok {
				place[id] = len(groups)
				groups = append(groups, nil)
			}
			groups[place[id]] = append(groups[place[id]], Anchor{Agency: f[0], Client: f[1]})
		}
		given, events := Identify(prefix, held, groups)
		for id, at := range place {
			if given[at] != id {
				t.Fatalf("%s was %s when it was built", given[at], id)
			}
		}
		held = append(held, Register(prefix, "2025-26Q1", held, groups, given, events)...)
	}
	return held
}

// The same input twice changes nothing; an agency that comes and goes without a signed quarter between
// leaves every id as it was, and so does the agency when the quarter before was signed.
func TestBuild_idsAreStable(t *testing.T) {
	t.Parallel()
	people := population(600, 4)
	few := without(people, people[0].Agency)
	if len(few) < 300 || len(few) == len(people) {
		t.Fatalf("%d of %d people without the agency", len(few), len(people))
	}
	db := engineOf(t, few)
	built(t, db, Input{})
	first := ids(t, db)
	held := signed(t, db, nil)
	for _, step := range []struct {
		name   string
		people []demo.Person
		held   []Held
		isSame bool
	}{
		{"again", few, nil, true},
		{"signed", few, held, true},
		{"agency added", people, held, false},
		{"and gone", few, held, true},
	} {
		deliver(t, db, step.people)
		built(t, db, Input{Held: step.held})
		got := ids(t, db)
		if isSame := slices.Equal(first, got); isSame != step.isSame {
			t.Errorf("%s: same ids: %v\n%.2000s", step.name, isSame, cmp.Diff(first, got))
		}
	}
	var moved int
	if err := db.Scan(t.Context(), "select count(*) from link.event where kind <> 'KEEP'", nil, &moved); err != nil || moved > 0 {
		t.Errorf("%d events other than KEEP, %v", moved, err)
	}
}

func anchorOf(p demo.Person) Anchor { return Anchor{Agency: p.Agency, Client: p.RecordID} }

// decideBy is what a person says today of two records.
func decideBy(t testing.TB, db *warehouse.DB, a, b Anchor, verdict Verdict, day int) Decision {
	t.Helper()
	d := Decision{Left: a, Right: b, Verdict: verdict, Who: "ann", At: decidedOn.AddDate(0, 0, day), Why: "known to both"}.ordered()
	seen, err := Look(t.Context(), db, []Decision{d})
	if err != nil {
		t.Fatal(err)
	}
	d.LeftRests, d.RightRests = seen[d.Left].RestsOn, seen[d.Right].RestsOn
	return d
}

// child is the id of a client's child.
func child(t testing.TB, db *warehouse.DB, a Anchor) (id string) {
	t.Helper()
	err := db.Scan(t.Context(), "select c.child_id from link.child as c join link.node as n on n.node = c.node where n.agency = ? and n.client_local_id = ?",
		[]any{a.Agency, a.Client}, &id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// deciders returns people of whom two records are equal at two agencies (twin), and two differ altogether.
func deciders() (people []demo.Person, a, b, c, d demo.Person) {
	people = population(300, 5)
	a = demo.Person{RecordID: "a1", Agency: "ELM", GivenName: "Zoe", FamilyName: "Tremblay", BirthDate: "2015-03-02", Sex: "F", PostalCode: "K7L 1A1", Phone: "613-555-0101"}
	b, c, d = a, a, a
	b.RecordID, b.Agency = "b1", "OAK"
	c.RecordID, c.Agency, c.GivenName, c.BirthDate, c.PostalCode, c.Phone = "c1", "ASH", "Jia", "2010-11-23", "M5V 2T6", "416-555-0199"
	d.RecordID, d.Agency, d.GivenName, d.FamilyName, d.BirthDate, d.PostalCode, d.Phone = "d1", "FIR", "Omar", "Haddad", "2008-07-19", "P3E 5J1", "705-555-0177"
	return append(people, a, b, c, d), a, b, c, d
}

func TestBuild_decisions(t *testing.T) {
	t.Parallel()
	people, a, b, c, d := deciders()
	db := engineOf(t, people)
	built(t, db, Input{})
	one := func(l, r demo.Person) bool { return child(t, db, anchorOf(l)) == child(t, db, anchorOf(r)) }
	if !one(a, b) || one(a, c) || one(c, d) {
		t.Fatal("the records are not as the test takes them")
	}
	say := func(l, r demo.Person, v Verdict, day int) Decision {
		return decideBy(t, db, anchorOf(l), anchorOf(r), v, day)
	}
	apart, together := say(a, b, Different, 1), say(c, d, Same, 2)
	moved := slices.Clone(people)
	for i := range moved {
		if moved[i].RecordID == a.RecordID || moved[i].RecordID == d.RecordID {
			moved[i].StreetAddress, moved[i].PostalCode, moved[i].Phone = "4 Rue Principale", "K1A 0B1", "613-555-0166"
		}
	}
	for _, tt := range []struct {
		name      string
		people    []demo.Person
		decisions []Decision
		one       map[[2]string]bool
	}{
		{"different keeps equal records apart", people, []Decision{apart}, map[[2]string]bool{{"a1", "b1"}: false, {"c1", "d1"}: false}},
		{"same joins what differs", people, []Decision{together}, map[[2]string]bool{{"a1", "b1"}: true, {"c1", "d1"}: true}},
		{"both live on when the families move", moved, []Decision{apart, together}, map[[2]string]bool{{"a1", "b1"}: false, {"c1", "d1"}: true}},
		{"a record that is gone", without(people, "FIR"), []Decision{apart, together}, map[[2]string]bool{{"a1", "b1"}: false}},
		{"undone", people, []Decision{func(d Decision) Decision { d.Undone = true; return d }(apart)}, map[[2]string]bool{{"a1", "b1"}: true}},
		{"what contradicts earlier decisions is left out", people,
			[]Decision{say(a, c, Different, 1), say(a, d, Same, 2), say(c, d, Same, 3)},
			map[[2]string]bool{{"a1", "c1"}: false, {"a1", "d1"}: true, {"c1", "d1"}: false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			deliver(t, db, tt.people)
			built(t, db, Input{Decisions: tt.decisions})
			at := map[string]Anchor{"a1": anchorOf(a), "b1": anchorOf(b), "c1": anchorOf(c), "d1": anchorOf(d)}
			for pair, want := range tt.one {
				if got := child(t, db, at[pair[0]]) == child(t, db, at[pair[1]]); got != want {
					t.Errorf("%s and %s are one child: %v, want %v", pair[0], pair[1], got, want)
				}
			}
		})
	}
}

// personOf makes memory.person of a SELECT that names only the columns that matter.
func personOf(t testing.TB, rows string) *warehouse.DB {
	t.Helper()
	db := engineOf(t, nil)
	exec(t, db, "create or replace table memory.person as select * from link.person union all by name (from ("+rows+"))",
		"alter table memory.person alter node type integer")
	return db
}

// Whatever comes, the engine answers, and links no more than the values say.
func TestRun_badInput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, rows string
		children   int
	}{
		{"no record", "select 1 as node where false", 0},
		{"a single record", "select 1 as node, 'ELM' as source, 'zoe' as given, 'roy' as family, '20150302' as birth_digits", 1},
		{"nothing known of anyone", "select range as node, 'ELM' as source from range(1, 1001)", 1000},
		{"nothing known of anyone at forty agencies", "select range as node, 'A' || range % 40 as source from range(1, 1001)", 1000},
		{"all names missing", "select range as node, 'A' || range % 2 as source, strftime(date '2010-01-01' + (range // 2)::integer, '%Y%m%d') as birth_digits, 'female' as sex from range(2, 1002)", 1000},
		{"one column only", "select range as node, 'ELM' as source, 'name' || range % 400 as family, ['name' || range % 400] as family_parts from range(1, 1001)", 1000},
		{"50,000 copies of one record", "select range as node, 'ELM' as source, 'zoe' as given, 'tremblay' as family, ['tremblay'] as family_parts, '20150302' as birth_digits, 'female' as sex, 'K7L1A1' as postal, ['6135550101'] as phones from range(1, 50001)", -1},
		{"50,000 copies at two agencies", "select range as node, 'A' || range % 2 as source, 'zoe' as given, 'tremblay' as family, ['tremblay'] as family_parts, '20150302' as birth_digits, 'female' as sex, 'K7L1A1' as postal, ['6135550101'] as phones from range(1, 50001)", -1},
		{"year 0001", "select range as node, 'A' || range % 2 as source, 'zoe' as given, 'roy' as family, ['roy'] as family_parts, case when range > 4 then '0001' else '00010101' end as birth_digits from range(1, 9)", -1},
		{"a day that no calendar has", "select range as node, 'A' || range % 2 as source, 'zoe' as given, 'roy' as family, ['roy'] as family_parts, '20150231' as birth_digits from range(1, 5)", -1},
		{"lists of nothing", "select range as node, 'ELM' as source, 'zoe' as given, [] as given_other, 'roy' as family, [null] as family_parts, [] as phones, [null] as emails, [] as caregivers from range(1, 5)", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := personOf(t, tt.rows)
			r := linked(t, db, DefaultTerms())
			seen := map[int32]bool{}
			for _, first := range r.First {
				if first >= 0 {
					seen[first] = true
				}
			}
			if tt.children >= 0 && len(seen) != tt.children {
				t.Errorf("got %d children, want %d", len(seen), tt.children)
			}
			for _, e := range r.Edges {
				if p := e.Probability(); !(p >= 0 && p <= 1) {
					t.Fatalf("a probability of %v", p)
				}
			}
		})
	}
}

// A value that every row has finds nobody, and holds nobody up.
func TestRun_oneValueEverywhere(t *testing.T) {
	t.Parallel()
	db := personOf(t, `select range as node, 'A' || range % 7 as source, 'g' || hash(range) % 10000 as given, 'smith' as family, ['smith'] as family_parts,
strftime(date '2005-01-01' + (hash(range + 1) % 6000)::integer, '%Y%m%d') as birth_digits, 'K7L1A1' as postal, '12' as street_number, 'oak' as street,
'kingston' as city, ['6135550101'] as phones, ['info@example.org'] as emails, ['ann smith'] as caregivers, '1234567897' as identifier
from range(1, 20001)`)
	r := linked(t, db, DefaultTerms())
	common := []string{"number", "e-mail", "telephone", "caregiver", "surname", "postal code", "street and number"}
	for _, use := range r.Rules {
		if slices.Contains(common, use.Rule) && (use.Pairs > 0 || use.Left < r.Records) {
			t.Errorf("%s: %d pairs, %d records left out of %d", use.Rule, use.Pairs, use.Left, r.Records)
		}
	}
}

// A source that vouches to hold nobody twice: of two like records at most one goes to the other source's
// child, equal ones included, unless a person says that they are one.
func TestRun_sourceThatHoldsNobodyTwice(t *testing.T) {
	t.Parallel()
	lines := []string{
		"1,A,Zoé,Tremblay,2015-03-02,K7L 3N6,6135552368", "2,A,Zoe,Tremblay,2015-03-02,K7L 3N6,6135550199", "3,B,Zoe,Tremblay,2015-03-02,K7L 3N6,6135552368",
		"4,A,Omar,Haddad,2016-07-21,K7M 1A1,6135550187", "5,A,Omar,Haddad,2016-07-21,K7M 1A1,6135550187", "6,B,Omar,Haddad,2016-07-21,K7M 1A1,6135550187",
	}
	for _, tt := range []struct {
		name     string
		lines    []string
		distinct []string
		same     [][2]int32
		want     []int32
	}{
		{"nobody vouches", lines, nil, nil, []int32{0, 0, 0, 3, 3, 3}},
		{"A vouches", lines, []string{"A"}, nil, []int32{0, 1, 0, 3, 4, 3}},
		{"B vouches", lines, []string{"B"}, nil, []int32{0, 0, 0, 3, 3, 3}},
		{"A vouches, a person says otherwise", lines, []string{"A"}, [][2]int32{{0, 1}, {3, 4}}, []int32{0, 0, 0, 3, 3, 3}},
	} {
		terms := DefaultTerms()
		terms.Distinct, terms.Same = tt.distinct, tt.same
		r, _ := linkLines(t, "id,source,given_name,family_name,birth_date,postal_code,phone", tt.lines, 0, terms)
		if diff := cmp.Diff(tt.want, r.First); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		for _, g := range r.Edges {
			if tt.distinct != nil && r.Outcome(g, terms) == "review" && tt.lines[g.L][2] == tt.lines[g.R][2] && tt.lines[g.L][2:3] == tt.distinct[0] {
				t.Errorf("%s: %d and %d are asked about", tt.name, g.L, g.R)
			}
		}
	}
}
