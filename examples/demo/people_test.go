package demo

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tributary/pipelines/warehouse"
)

func TestPopulation_sameOptionsSameBytes(t *testing.T) {
	t.Parallel()
	opt := PeopleOptions{Seed: 5, Records: 3000, HasHealth: true}
	p := NewPopulation(opt)
	sums := make([][2][32]byte, 3)
	var all sync.WaitGroup
	for i := range sums {
		all.Go(func() { // one population may be read by many at once
			if i == 2 {
				p = NewPopulation(opt)
			}
			for j, write := range []func(io.Writer) error{p.WriteCSV, p.WriteParquet} {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Error(err)
				}
				sums[i][j] = sha256.Sum256(b.Bytes())
			}
		})
		if i == 1 {
			all.Wait()
		}
	}
	all.Wait()
	if sums[0] != sums[1] || sums[0] != sums[2] {
		t.Error("the same options give other bytes")
	}
	opt.Seed = 6
	var b bytes.Buffer
	if err := NewPopulation(opt).WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(b.Bytes()) == sums[0][0] {
		t.Error("another seed gives the same bytes")
	}
}

func TestPopulation_countsWhatItYields(t *testing.T) {
	t.Parallel()
	tests := map[string]PeopleOptions{
		"usual":          {Records: 5000},
		"more multiples": {Records: 3000, MinMultiples: 300},
		"many twins":     {Records: 3000, Twins: 0.3},
	}
	for name, opt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewPopulation(opt)
			got := Population{}
			ids, children, families := map[string]bool{}, map[string]bool{}, map[string]bool{}
			births := map[string]int{} // children of one birth so far
			m := p.maker()
			for x := range p.All() {
				got.Records++
				if ids[x.RecordID] {
					t.Fatalf("record %s is there twice", x.RecordID)
				}
				ids[x.RecordID] = true
				if strings.HasPrefix(x.ChildID, "test-") || children[x.ChildID] {
					continue
				}
				children[x.ChildID], families[x.FamilyID] = true, true
				if x.IsMultiple {
					m.plan(familyNumber(x.FamilyID))
					birth := x.FamilyID + string(rune('0'+m.children[x.ChildID[len(x.ChildID)-1]-'1'].birthNumber))
					got.MultiplePairs += births[birth]
					births[birth]++
				}
			}
			got.Children, got.Families = len(children), len(families)
			if got.Records != p.Records || got.Children != p.Children || got.Families != p.Families || got.MultiplePairs != p.MultiplePairs {
				t.Errorf("yields %d records, %d children, %d families, %d pairs; says %d, %d, %d, %d",
					got.Records, got.Children, got.Families, got.MultiplePairs, p.Records, p.Children, p.Families, p.MultiplePairs)
			}
			if p.Records < opt.Records || p.MultiplePairs < opt.MinMultiples {
				t.Errorf("%d records and %d pairs, want %d and %d at least", p.Records, p.MultiplePairs, opt.Records, opt.MinMultiples)
			}
		})
	}
}

func familyNumber(id string) int {
	n := 0
	for _, digit := range id[1:] {
		n = n*10 + int(digit-'0')
	}
	return n
}

// TestPopulation_isLikeLife measures what makes linking hard, in the file as it is written. The bands
// of names are those of Ontario's children, the others hold what the generator promises.
func TestPopulation_isLikeLife(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := NewPopulation(PeopleOptions{Seed: 2, Records: 60_000}).WriteParquet(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		`create table row as select *, row_number() over () as line from read_parquet(` + warehouse.Text(path) + `)`,
		`create table record as select line, agency, child_id, family_id, is_multiple::boolean as is_multiple, birth_date, sex, street_address,
			upper(strip_accents(given_name)) as given, upper(strip_accents(family_name)) as surname, right(regexp_replace(phone, '[^0-9]', '', 'g'), 7) as phone,
			replace(postal_code, ' ', '') as postal, split_part("group", '/', 1) as origin, split_part("group", '/', 2) as ages, split_part("group", '/', 3) as care
			from row where not starts_with(child_id, 'test')`,
		`create table child as select child_id, any_value(family_id) as family_id, mode(given) as given, mode(surname) as surname, mode(sex) as sex,
			mode(try_cast(birth_date as date)) as born, any_value(is_multiple) as is_multiple, row_number() over (order by child_id) as n from record group by child_id`,
		`create table pair as select a.*, b.given <> a.given as given_differs, b.surname <> a.surname as surname_differs, b.birth_date <> a.birth_date as birth_differs,
			b.phone <> a.phone as phone_differs, b.postal <> a.postal as postal_differs
			from record as a join record as b on a.child_id = b.child_id and a.line < b.line`,
		// Strangers: each child beside 40 others.
		`create table place as select given, family_id, 1 + (n + unnest(range(1, 41)) * 613) % (select count(*) from child) as beside from child`,
		`create table stranger as select a.given as given, b.given as other from place as a join child as b on b.n = a.beside where a.family_id <> b.family_id`,
		`create table sibling as select a.given as given, b.given as other, a.family_id as family_id, a.child_id as child_id, b.child_id as other_id,
			a.is_multiple and b.is_multiple and a.born = b.born as is_twin from child as a join child as b on a.family_id = b.family_id and a.child_id < b.child_id`,
	} {
		if err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name      string
		low, high float64
		query     string
	}{
		{"strangers of one given name", .0014, .0021, `select avg((given = other)::int) from stranger`},
		{"strangers of similar given names", .0010, .0022, `select avg((given <> other and jaro_winkler_similarity(given, other) >= .92)::int) from stranger`},
		{"strangers of one surname", .0008, .0014, `select sum(c * (c - 1)) / ((select count(*) from child) * ((select count(*) from child) - 1.0)) from (select count(*) as c from child group by surname)`},
		{"rare given names", .05, .30, `select avg((c = 1)::int) from (select count(*) over (partition by given) as c from child)`},
		{"children of a multiple birth", .027, .039, `select avg(is_multiple::int) from child`},
		{"years between siblings", 2.7, 3.3, `select median(days) / 365.25 from (select date_diff('day', lag(born) over (partition by family_id order by born), born) as days from child where not is_multiple) where days > 0`},
		{"siblings' initials against strangers'", 1.4, 3, `select (select avg((given[1] = other[1])::int) from sibling) / (select avg((given[1] = other[1])::int) from stranger)`},
		{"agencies of a child", 2.0, 2.4, `select avg(c) from (select count(distinct agency) as c from record group by child_id)`},
		{"agencies", 30, 30, `select count(distinct agency) from record`},
		{"entered twice at an agency", .015, .025, `select 1 - count(distinct agency || child_id) / count(*) from record`},
		{"siblings side by side", 0, .01, `select avg((family_id = before)::int) from (select family_id, lag(family_id) over (order by line) as before from record)`},
		{"given names differ", .12, .22, `select avg(given_differs::int) from pair`},
		{"surnames differ", .15, .25, `select avg(surname_differs::int) from pair`},
		{"birth dates differ", .06, .13, `select avg(birth_differs::int) from pair`},
		{"phones differ", .25, .40, `select avg(phone_differs::int) from pair`},
		{"postal codes differ", .18, .32, `select avg(postal_differs::int) from pair`},
		{"newcomers' surnames against English ones", 1.4, 3, `select avg(surname_differs::int) filter (origin = 'newcomer') / avg(surname_differs::int) filter (origin = 'english') from pair`},
		{"French surnames against English ones", 1.1, 2, `select avg(surname_differs::int) filter (origin = 'french') / avg(surname_differs::int) filter (origin = 'english') from pair`},
		{"newcomers' birth dates against English ones", 1.5, 3, `select avg(birth_differs::int) filter (origin = 'newcomer') / avg(birth_differs::int) filter (origin = 'english') from pair`},
		{"Indigenous birth dates against English ones", 1.4, 2.5, `select avg(birth_differs::int) filter (origin = 'indigenous') / avg(birth_differs::int) filter (origin = 'english') from pair`},
		{"postal codes in care against at home", 1.4, 3, `select avg(postal_differs::int) filter (care = 'care') / avg(postal_differs::int) filter (care = 'home') from pair`},
		{"young children's names against youths'", 1.1, 2, `select avg(given_differs::int) filter (ages = '0-4') / avg(given_differs::int) filter (ages = '13-21') from pair`},
		{"errors come together", 1.2, 3, `select avg((given_differs and birth_differs)::int) / (avg(given_differs::int) * avg(birth_differs::int)) from pair`},
		{"twins with different postal codes", .15, .40, `select avg((a.postal <> b.postal)::int) from sibling as s join record as a on a.child_id = s.child_id join record as b on b.child_id = s.other_id where s.is_twin`},
		{"twins with one given name", 0, .004, `select avg((a.given = b.given and a.given not like 'BABY%')::int) from sibling as s join record as a on a.child_id = s.child_id join record as b on b.child_id = s.other_id where s.is_twin`},
		{"families of the fullest home", 6, 200, `select max(c) from (select count(distinct family_id) as c from record where postal is not null group by street_address, postal)`},
		{"cousins of one full name, in 10,000 children", 15, 80, `select 10000.0 * count(*) / (select count(*) from child) from child as a join child as b on a.given = b.given and a.surname = b.surname
			where a.family_id[2:]::integer % 2 = 0 and b.family_id[2:]::integer = a.family_id[2:]::integer + 1`},
		{"no phone at CW1", 1, 1, `select avg((phone is null)::int) from record where agency = 'CW1'`},
		{"phone at MH1", .85, .97, `select avg((phone is not null)::int) from record where agency = 'MH1'`},
		{"capitals at SB1", 1, 1, `select avg((family_name = upper(family_name))::int) from row where agency = 'SB1' and child_id not like 'test%'`},
		{"accents at SB1", 0, 0, `select avg((family_name <> strip_accents(family_name))::int) from row where agency = 'SB1'`},
		{"French names with accents elsewhere", .10, .60, `select avg((given_name <> strip_accents(given_name))::int) from row where agency = 'TC1' and "group" like 'french%'`},
		{"no middle name", .5, .75, `select avg((middle_name is null)::int) from row`},
		{"no birth date", .005, .03, `select avg((birth_date is null)::int) from row`},
		{"not a date", .002, .02, `select avg((birth_date is not null and try_cast(birth_date as date) is null)::int) from row`},
		{"babies without a name", .004, .03, `select avg((given like 'BABY%')::int) from record`},
		{"test entries", .00002, .001, `select avg(starts_with(child_id, 'test')::int) from row`},
		{"busiest phone", 10, 400, `select max(c) from (select count(*) as c from record where length(phone) = 7 group by phone)`},
	}
	for _, test := range tests {
		var got float64
		if err := db.Scan(t.Context(), test.query, nil, &got); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		t.Logf("%-45s %.5f", test.name, got)
		if got < test.low || got > test.high {
			t.Errorf("%s: %.5f, want %g to %g", test.name, got, test.low, test.high)
		}
	}
}

// TestPopulation_healthNumbersAreValid but for the few that were typed wrongly.
func TestPopulation_healthNumbersAreValid(t *testing.T) {
	t.Parallel()
	valid, held, shared := 0, 0, map[string]string{}
	for x := range NewPopulation(PeopleOptions{Records: 8000, HasHealth: true}).All() {
		if x.HealthNumber == "" {
			continue
		}
		held++
		if luhn(x.HealthNumber[:9]) == x.HealthNumber {
			valid++
			if before, ok := shared[x.HealthNumber]; ok && before != x.ChildID && !x.IsMultiple {
				t.Errorf("%s and %s have one number", before, x.ChildID)
			}
			shared[x.HealthNumber] = x.ChildID
		}
	}
	if held < 3000 || valid < held*98/100 || valid == held {
		t.Errorf("%d of %d numbers are valid, want most but not all", valid, held)
	}
}

func TestRespelt_soundsAlike(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Kaitlyn": "Kaytlyn", "Philip": "Phylip", "Bo": "Boe"} {
		found := false
		for turn := range 12 {
			got := respelt(name, turn)
			found = found || got == want
			if got == name || got[0] != name[0] {
				t.Errorf("respelt(%q, %d) = %q", name, turn, got)
			}
		}
		if !found {
			t.Errorf("respelt(%q) never gives %q", name, want)
		}
	}
}

func BenchmarkPopulation(b *testing.B) {
	const records = 100_000
	for b.Loop() {
		if err := NewPopulation(PeopleOptions{Records: records}).WriteParquet(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
