package link

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary/examples/demo"
	"tributary/pipelines/warehouse"
)

// linkLines links lines of one CSV file, the first of which has this number.
func linkLines(t *testing.T, heading string, lines []string, first int, terms Terms) (*Result, []string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte(heading+"\n"+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Scratch(t.Context(), warehouse.Limits{Threads: 2}, dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := Load(t.Context(), db, file, nil, first); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), db, terms)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := Sources(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return r, ids
}

// New records that go on from known ones come out as they do when all come at once: through blocks that new
// records make too large, offices that only they give away, copies, and the end of the small file.
func TestKnown_goesOnAsIfAllCameAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		known, new int
		office     bool // by its telephone
		surname    bool // one that too many have
	}{
		{"many", 4000, 400, false, false},
		{"an office", 3000, 60, true, false},
		{"a surname that too many have", 3000, 60, false, true},
		{"no longer a small file", 1400, 300, false, false},
		{"a small file", 500, 300, true, true},
		{"more new than known", 1000, 3000, false, false},
		{"nothing new but copies", 2000, 0, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var people bytes.Buffer
			if err := demo.NewPopulation(demo.PeopleOptions{Records: tt.known + tt.new, Seed: 5}).WriteCSV(&people); err != nil {
				t.Fatal(err)
			}
			heading, rest, _ := strings.Cut(strings.TrimSpace(people.String()), "\n")
			lines := strings.Split(rest, "\n")
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			lines = append(lines, lines[:40]...)
			// Seven families have the number already, and 148 children the surname.
			change := func(is bool, known, new, column int, value string) {
				for i := range known + new {
					if is {
						lines[tt.known-known+i] = withValue(t, lines[tt.known-known+i], column, value)
					}
				}
			}
			change(tt.office, 7, 20, 10, "613-555-0000")
			change(tt.surname, 148, 20, 4, "Commonname")
			terms := DefaultTerms()
			terms.Keep = true
			before, ids := linkLines(t, heading, lines[:tt.known], 0, terms)
			var file bytes.Buffer
			if err := before.Known(ids).Write(&file); err != nil {
				t.Fatal(err)
			}
			known, err := ReadKnown(&file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids, known.IDs); diff != "" {
				t.Errorf("ids: %s", diff)
			}
			got, _ := linkLines(t, heading, lines[tt.known:], tt.known, Terms{LinkAt: terms.LinkAt, ReviewAt: terms.ReviewAt, Progress: terms.Progress, Known: known, Keep: true})
			want, _ := linkLines(t, heading, lines, 0, Terms{LinkAt: terms.LinkAt, ReviewAt: terms.ReviewAt, Progress: terms.Progress, Learned: before.Learned(), Keep: true})
			if diff := cmp.Diff(want.Edges, got.Edges); diff != "" {
				t.Errorf("edges (-at once +going on): %.3000s", diff)
			}
			if diff := cmp.Diff(want.First, got.First); diff != "" {
				t.Errorf("clusters (-at once +going on): %.3000s", diff)
			}
			if diff := cmp.Diff(want.Copies, got.Copies); diff != "" {
				t.Errorf("copies (-at once +going on): %.3000s", diff)
			}
			if got.All != want.All || got.Records != want.Records {
				t.Errorf("got %d of %d records, want %d of %d", got.Records, got.All, want.Records, want.All)
			}
			var again, once bytes.Buffer
			if err := errors.Join(got.Known(nil).Write(&again), want.Known(nil).Write(&once)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again.Bytes(), once.Bytes()) {
				t.Error("what is kept differs")
			}
		})
	}
}

// withValue changes one column of a line.
func withValue(t *testing.T, line string, column int, value string) string {
	t.Helper()
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		t.Fatal(err)
	}
	fields[column] = value
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.Write(fields); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return strings.TrimSpace(out.String())
}

func TestReadKnown_refusesWhatItCannotTrust(t *testing.T) {
	t.Parallel()
	terms := DefaultTerms()
	terms.Keep = true
	r, ids := linkLines(t, "id,given_name,family_name,birth_date", []string{"1,Ann,Roy,2015-02-03", "2,Ann,Roy,2015-02-03", "3,Li,Wu,2016-01-09"}, 0, terms)
	var file bytes.Buffer
	if err := r.Known(ids).Write(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	changed := bytes.Clone(whole)
	changed[len(changed)-3] ^= 1
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "it is no such file", nil},
		{"another file", "it is no such file", []byte("id,name\n1,Ann\n")},
		{"cut", "it is damaged", whole[:len(whole)-9]},
		{"one bit", "it is damaged", changed},
		{"of another version", "another version", bytes.Replace(whole, []byte(`"program":`), []byte(`"program":1,"x":`), 1)},
	} {
		_, err := ReadKnown(bytes.NewReader(tt.data))
		if !errors.Is(err, ErrKnown) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}
