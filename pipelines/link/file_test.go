package link

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/pipelines/warehouse"
)

// loadTest loads a file of that content and returns what was found and the engine that holds it.
func loadTest(t *testing.T, name string, content []byte, columns map[string]string) (*People, *warehouse.DB, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Scratch(t.Context(), warehouse.Limits{Threads: 2}, dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := Load(t.Context(), db, file, columns, 0)
	return p, db, err
}

// columnOf is the text of one column of memory.person, in the order of the nodes.
func columnOf(t *testing.T, db *warehouse.DB, of string) (out []string) {
	t.Helper()
	rows, err := db.Query(t.Context(), "select coalesce(("+of+")::varchar, '-') from person join person_source using (node) order by node")
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
	return out
}

func TestLoad_readsWhatPeopleExport(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		columns       map[string]string
		of            string
		want          []string
	}{
		{"comma", "id,first_name,surname,dob\n1,Ann,Lee,2015-03-04\n", nil, "given || ' ' || family || ' ' || birth_digits", []string{"ann lee 20150304"}},
		{"semicolon and quotes", "id;first_name;surname\n1;\"Ann;Marie\";\"O'Brien\"\n", nil, "given || ' ' || family", []string{"ann obrien"}},
		{"tab", "id\tprénom\tnom de famille\n1\tZoé\tLévesque\n", nil, "given || ' ' || family", []string{"zoe levesque"}},
		{"headings as people write them", "Client's First Name, Last Name ,Date of Birth\nAnn,Lee,2015-03-04\n", map[string]string{"given": "Client's First Name"}, "given || ' ' || family || ' ' || birth_digits", []string{"ann lee 20150304"}},
		{"whole name", "name\n\"Lee, Ann Marie\"\n", nil, "given || ' ' || given_rest || ' ' || family", []string{"ann marie lee"}},
		{"nom alone is a whole name", "nom\nAnn Lee\n", nil, "given || ' ' || family", []string{"ann lee"}},
		{"nom beside prenom is a surname", "prenom,nom\nAnn,Lee Roy\n", nil, "family", []string{"leeroy"}},
		{"other names are other forms", "first_name,preferred_name,surname,maiden_name\nAnnabel,Bella,Lee,Roy\n", nil, "list_sort(given_other) || list_sort(family_parts)", []string{"[annabel, bella, lee, lee, roy, roy]"}},
		{"two headings, one word", "A,B\nAnn,\n,Bob\n", map[string]string{"given": "A|B"}, "given", []string{"ann", "bob"}},
		{"birth in parts", "given,by,bm,bd\nAnn,1999,7,3\nBob,1999,,\n", nil, "birth_digits", []string{"19990703", "1999"}},
		{"day first, for one date leaves no doubt", "given,dob\nAnn,03/04/2015\nBob,25/04/2015\n", nil, "birth_digits", []string{"20150403", "20150425"}},
		{"month first, for one date leaves no doubt", "given,dob\nAnn,03/04/2015\nBob,04/25/2015\n", nil, "birth_digits", []string{"20150304", "20150425"}},
		{"no telling: the year alone", "given,dob\nAnn,03/04/2015\n", nil, "birth_digits", []string{"2015"}},
		{"impossible days still teach", "given,dob\nAnn,19860896\nBob,2015-02-31\n", nil, "birth_digits", []string{"19860896", "20150231"}},
		{"words, month and time", "given,dob\nAnn,4 March 2015\nBob,2015-03\nCy,2015-03-04 00:00:00\n", nil, "birth_digits", []string{"20150304", "201503", "20150304"}},
		{"dates that nobody knew", "given,dob\nAnn,0001-01-01\nBob,0001-05-06\nCy,1900-01-01\nDee,19000101\n", nil, "birth_digits", []string{"-", "-", "-", "-"}},
		{"address in two columns", "given,street_number,address_1\nAnn,6,Main Street\n", nil, "street_number || ' ' || street", []string{"6 main"}},
		{"telephones of child and parent", "given,phone,parent_phone\nAnn,613-555-2368,6135552368\nBob,,613 555 9999\n", nil, "phones", []string{"[6135552368]", "[6135559999]"}},
		{"caregiver", "given,parent_name\nAnn,Mrs. Mary Lee\nBob,Unknown\n", nil, "caregivers", []string{"[mary lee]", "[]"}},
		{"numbers", "given,health_number\nAnn,1234-567-897-AB\nBob,0000000000\nCy,none\n", nil, "identifier", []string{"1234567897", "-", "-"}},
		{"emoji", "first_name,surname\n👶,Lee 🎈\n", nil, "coalesce(given, '?') || family", []string{"?lee"}},
		{"ids that repeat or are missing", "id,given\n7,Ann\n7,Bob\n,Cy\n8,Dee\n", nil, "id", []string{"7#1", "7#2", "#3", "8"}},
		{"no ids", "given\nAnn\nBob\n", nil, "id", []string{"1", "2"}},
		{"truth only when named", "given,cluster\nAnn,x\nBob,\n", map[string]string{"truth": "cluster"}, "truth", []string{"x", "-"}},
		{"byte order mark", "\ufeffid,given\n1,Ann\n", nil, "given", []string{"ann"}},
		{"short rows", "id,given,surname\n1,Ann\n2,Bob,Lee\n", nil, "coalesce(family, '?')", []string{"?", "lee"}},
		{"latin-1", "id,pr\xe9nom,nom\n1,Zo\xe9,L\xe9vesque\n", nil, "given || ' ' || family", []string{"zoe levesque"}},
		{"utf-16", "\xff\xfe" + wide("id,given\n1,Zoé\n"), nil, "given", []string{"zoe"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, db, err := loadTest(t, "people [1]*.csv", []byte(tt.content), tt.columns)
			if err != nil {
				t.Fatalf("%v (fix: %s)", err, tributary.FixOf(err))
			}
			if diff := cmp.Diff(tt.want, columnOf(t, db, tt.of)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// wide writes text of the first plane as UTF-16, little end first.
func wide(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func TestLoad_saysWhatItRead(t *testing.T) {
	t.Parallel()
	got, _, err := loadTest(t, "p.csv", []byte("id,Given Name,surname,shoe_size\n1,Ann,Lee,5\n1,,Roy,6\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &People{Records: 2, Repeated: 2, Unused: []string{"shoe_size"}, Columns: []Column{
		{"id", []string{"id"}, 2}, {"given", []string{"Given Name"}, 1}, {"family", []string{"surname"}, 2},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_refuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		columns       map[string]string
		kind          error
		message, fix  string
	}{
		{"empty", "", nil, ErrNoTable, "the file is empty", "export it again"},
		{"headings alone", "id,given\n", nil, ErrNoTable, "headings and no rows", "export it again"},
		{"workbook", "PK\x03\x04rest", nil, ErrNoTable, "workbook", "save the sheet as CSV"},
		{"picture", "\x89PNG\x00\x00\x01", nil, ErrNoTable, "neither CSV nor Parquet", "as CSV"},
		{"half a Parquet file", "PAR1and no more", nil, ErrNoTable, "begins like Parquet", "export it again"},
		{"prose", "Dear reader\nthis is a letter\n", nil, ErrNoTable, "no heading is a name", "--column given="},
		{"unknown word", "given\nAnn\n", map[string]string{"givn": "given"}, ErrNoColumn, `the program knows no column "givn"`, `did you mean "given"?`},
		{"unknown heading", "FNAME\nAnn\n", map[string]string{"given": "FNAMES"}, ErrNoColumn, `the file has no column "FNAMES"`, `did you mean "FNAME"?`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := loadTest(t, "p.csv", []byte(tt.content), tt.columns)
			if !errors.Is(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.message) || !strings.Contains(tributary.FixOf(err), tt.fix) {
				t.Errorf("got %v (fix: %s), want %v: %s (fix: %s)", err, tributary.FixOf(err), tt.kind, tt.message, tt.fix)
			}
		})
	}
}

// TestRun_badFiles links files that no one should send, and says how many people come out.
func TestRun_badFiles(t *testing.T) {
	t.Parallel()
	lines := func(n int, heading string, line func(i int) string) []byte {
		var b strings.Builder
		b.WriteString(heading + "\n")
		for i := range n {
			b.WriteString(line(i) + "\n")
		}
		return []byte(b.String())
	}
	long := strings.Repeat("Annabella ", 6000)
	for _, tt := range []struct {
		name    string
		content []byte
		want    func(people int) bool
	}{
		{"one column", lines(300, "surname", func(i int) string { return "Lee" + string(rune('a'+i%26)) }), func(n int) bool { return n == 300 }},
		{"all names missing", lines(2000, "id,given,surname,dob", func(i int) string { return fmt.Sprintf("%d,,,20%02d-03-%02d", i, i%20, 1+i%28) }), func(n int) bool { return n == 2000 }},
		{"50,000 copies of one record", lines(50_000, "given,surname,dob,postal_code,phone", func(int) string { return "Ann,Lee,2015-03-04,K7L 3N6,6135552368" }), func(n int) bool { return n == 1 }},
		{"one value in 200,000 rows", lines(200_000, "id,given", func(i int) string { return fmt.Sprintf("%d,Ann", i) }), func(n int) bool { return n == 200_000 }},
		{"60 KB names", lines(60, "given,surname,dob", func(i int) string { return fmt.Sprintf("%s,%sLee,2015-03-%02d", long, long, 1+i%28) }), func(n int) bool { return n > 0 }},
		{"copies without a birth date", lines(20, "given,surname,dob", func(i int) string { return fmt.Sprintf("Ann%c,Lee,", 'a'+i%10) }), func(n int) bool { return n >= 10 }},
		{"one record", lines(1, "given,surname", func(int) string { return "Ann,Lee" }), func(n int) bool { return n == 1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, db, err := loadTest(t, "p.csv", tt.content, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(t.Context(), db, DefaultTerms())
			if err != nil {
				t.Fatal(err)
			}
			people := map[int32]bool{}
			for _, first := range r.First {
				people[first] = true
			}
			if len(r.First) != p.Records || !tt.want(len(people)) {
				t.Errorf("%d records of %d people", len(r.First), len(people))
			}
		})
	}
}

func TestEvaluate_countsPairs(t *testing.T) {
	t.Parallel()
	// Truth: a a a | b b; linked: a a | a b | b; the last node has no truth, the one before is not there.
	got := Evaluate([]int32{0, 0, 2, 2, 4, -1, 6}, []string{"a", "a", "a", "b", "b", "a", ""})
	want := Accuracy{Precision: .5, Recall: .25, F1: 1. / 3, BCubed: got.BCubed, Pairs: 2, False: 1, Missed: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// B-cubed by hand: precision (1+1+.5+.5+1)/5, recall (2/3+2/3+1/3+1/2+1/2)/5.
	p, r := .8, (2./3+2./3+1./3+.5+.5)/5
	if d := got.BCubed - 2*p*r/(p+r); d > 1e-9 || d < -1e-9 {
		t.Errorf("B-cubed F1 %v, want %v", got.BCubed, 2*p*r/(p+r))
	}
}

// TestExplain_addsUp holds the terms of a pair to its bits.
func TestExplain_addsUp(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,given,surname,dob,sex,postal_code,phone\n")
	letters := func(n int) string {
		return string([]rune{rune('a' + n%26), rune('a' + n*7%23), rune('a' + n*3%19), rune('a' + n%17)})
	}
	for i := range 400 {
		who := i / 2
		fmt.Fprintf(&b, "%d,%s,%s,20%02d-%02d-%02d,F,K7L 3N%d,61355%05d\n", i, letters(who), letters(who*5+i%2), who%20, 1+who%12, 1+who%28, i%10, 20000+who)
	}
	_, db, err := loadTest(t, "p.csv", []byte(b.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), db, DefaultTerms())
	if err != nil || len(r.Edges) == 0 {
		t.Fatal(err, len(r.Edges))
	}
	for _, g := range r.Edges[:min(50, len(r.Edges))] {
		terms, err := r.Explain(context.Background(), db, g)
		if err != nil {
			t.Fatal(err)
		}
		var stranger, sibling float64
		for _, x := range terms {
			stranger, sibling = stranger+x.Stranger, sibling+x.Sibling
		}
		if d := stranger - float64(g.Stranger); d > .01 || d < -.01 {
			t.Errorf("against a stranger: terms add up to %v, the edge has %v", stranger, g.Stranger)
		}
		if d := sibling - float64(g.Sibling); d > .01 || d < -.01 {
			t.Errorf("against a sibling: terms add up to %v, the edge has %v", sibling, g.Sibling)
		}
	}
}

// What the number of rules that found a pair says of the pairs that none found.
func TestEstimateRecall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		found []int32
		want  float64
	}{
		{"nothing", nil, 1},
		{"a third by each of two rules and by both", append(append(slices.Repeat([]int32{1}, 250), slices.Repeat([]int32{2}, 250)...), slices.Repeat([]int32{3}, 250)...), .6},
		{"every pair by three rules", slices.Repeat([]int32{7}, 100), 1},
		{"a quarter only by completing clusters", append(slices.Repeat([]int32{7}, 75), make([]int32, 25)...), .75},
		{"all with all", []int32{1 << (len(rules) - 1), 0}, 1},
	} {
		got := EstimateRecall(len(tt.found), func(i int) (int32, float64) { return tt.found[i], 1 })
		if math.Abs(got-tt.want) > .005 {
			t.Errorf("%s: got %.3f, want %.3f", tt.name, got, tt.want)
		}
	}
}
