package land

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

var quarter = tributary.QuarterOf(landedOn.AddDate(0, -2, 0))

func newStore(t testing.TB) *Store {
	dir := t.TempDir()
	return &Store{Root: filepath.Join(dir, "landing"), Temp: filepath.Join(dir, "tmp"), Threads: 1}
}

func drop(t testing.TB, inbox, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(inbox, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func land(t testing.TB, s *Store, inbox string, hints ...tributary.Hint) []tributary.File {
	t.Helper()
	files, err := s.Land(t.Context(), inbox, "INV", quarter, hints, landedOn)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func landed(t testing.TB, s *Store) []tributary.File {
	t.Helper()
	files, err := s.Files("", tributary.Quarter{})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// onDisk lists the files below the store that hold text.
func onDisk(t testing.TB, root, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(p)
		if strings.Contains(string(content), text) {
			found = append(found, filepath.Base(p))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLand_versionsAndRecognition(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	versions := func(files []tributary.File) []int {
		var v []int
		for _, f := range files {
			v = append(v, f.Version)
		}
		return v
	}
	first, second := "id,name\n1,Ann\n", "id,name\n1,Bob\n"
	for i, step := range []struct {
		content string
		want    []int
	}{{first, []int{1}}, {first, []int{1}}, {second, []int{2}}, {first, []int{1}}} {
		drop(t, inbox, "a.csv", step.content)
		if diff := cmp.Diff(versions(land(t, s, inbox)), step.want); diff != "" {
			t.Errorf("step %d (-got +want):\n%s", i, diff)
		}
	}
	files := landed(t, s)
	if diff := cmp.Diff(versions(files), []int{1, 2}); diff != "" {
		t.Errorf("all versions (-got +want):\n%s", diff)
	}
	f := files[0]
	if f.Agency != "INV" || f.Quarter != quarter || !f.Original || f.Size != int64(len(first)) || !f.ReceivedAt.Equal(landedOn) {
		t.Errorf("entry: got %+v", f)
	}
	content, err := os.ReadFile(s.blobPath(f.SHA256))
	if err != nil || string(content) != first {
		t.Errorf("original: got %q, %v", content, err)
	}
	if info, err := os.Stat(s.blobPath(f.SHA256)); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("original: mode %v, %v", info.Mode(), err)
	}
	if got := rows(t, filepath.Join(s.Root, f.Sheets[0].Parquet)); len(got) != 2 {
		t.Errorf("copy: got %d rows", len(got))
	}
}

func TestVerify_namesWhatDiffers(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "a.csv", "id,name\n1,Ann\n")
	drop(t, inbox, "b.csv", "id,name\n2,Bob\n")
	drop(t, inbox, "c.csv", "id,name\n3,Cy\n")
	files := land(t, s, inbox)
	if err := s.Verify(t.Context()); err != nil {
		t.Fatalf("clean store: %v", err)
	}
	if err := os.Chmod(s.blobPath(files[0].SHA256), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(s.blobPath(files[0].SHA256), []byte("id,name\n1,Eve\n"), 0o600),
		os.Remove(s.blobPath(files[1].SHA256)), os.Remove(filepath.Join(s.Root, files[2].Sheets[0].Parquet))); err != nil {
		t.Fatal(err)
	}
	err := s.Verify(t.Context())
	if err == nil || tributary.FixOf(err) == "" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"a.csv: original differs", "b.csv: original is missing", "c.csv: columnar copy is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}

// tamper writes another value of the same length into the only page that holds it.
func tamper(t testing.TB, path, from, to string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), from) {
		t.Fatalf("%s does not hold the value", path)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A damaged copy is built again from its original; of a stripped file it was the only one.
func TestLand_damagedCopies(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	const stripped = "id,OEN,name\n2,111,Bob\n"
	drop(t, inbox, "a.csv", "id,name\n1,Ann\n")
	drop(t, inbox, "b.csv", stripped)
	files := land(t, s, inbox)
	whole, only := filepath.Join(s.Root, files[0].Sheets[0].Parquet), filepath.Join(s.Root, files[1].Sheets[0].Parquet)
	tamper(t, whole, "Ann", "Eve")
	tamper(t, only, "Bob", "Max")
	err := s.Verify(t.Context())
	for _, want := range []string{"a.csv: columnar copy differs", "b.csv: columnar copy differs"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("verify lacks %q: %v", want, err)
		}
	}
	_, err = s.Land(t.Context(), inbox, "INV", quarter, nil, landedOn)
	if err == nil || strings.Contains(err.Error(), "a.csv") || !strings.Contains(err.Error(), "b.csv: columnar copy differs") {
		t.Errorf("land: got %v", err)
	}
	if got := rows(t, whole)[1]; got != "2|.|.|.|1|Ann" {
		t.Errorf("rebuilt: got %q", got)
	}
	drop(t, inbox, "b.csv", stripped)
	if again := land(t, s, inbox); again[1].Version != 1 {
		t.Errorf("sent again: got version %d", again[1].Version)
	}
	if got := rows(t, only)[1]; got != "2|.|.|.|2|.|Bob" {
		t.Errorf("sent again: got %q", got)
	}
	if err := os.RemoveAll(filepath.Dir(whole)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(inbox, "a.csv")); err != nil {
		t.Fatal(err)
	}
	land(t, s, inbox)
	if err := s.Verify(t.Context()); err != nil {
		t.Errorf("after all: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Root, "columns", "*damaged")); len(left) > 0 {
		t.Errorf("left %d damaged copies", len(left))
	}
}

// A copy is never built from an original that is not the one that landed.
func TestLand_damagedOriginalBuildsNothing(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "a.csv", "id,name\n1,Ann\n")
	f := land(t, s, inbox)[0]
	blob := s.blobPath(f.SHA256)
	if err := errors.Join(os.Remove(filepath.Join(inbox, "a.csv")), os.Chmod(blob, 0o600), os.RemoveAll(filepath.Join(s.Root, "columns"))); err != nil {
		t.Fatal(err)
	}
	tamper(t, blob, "Ann", "Eve")
	_, err := s.Land(t.Context(), inbox, "INV", quarter, nil, landedOn)
	if err == nil || !strings.Contains(err.Error(), "original differs") || len(landed(t, s)) != 1 {
		t.Errorf("got %v, %d files", err, len(landed(t, s)))
	}
}

// What may not be held leaves nothing behind: no original, no value in the copy, no inbox file.
func TestLand_strippedFileLeavesTheDisk(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-7731"
	contents := map[string]string{
		"a.csv":   "id,OEN,name\n1," + canary + ",Ann\n2,x," + "Bob\n",
		"b.txt":   "id|Case Notes|name\n1|" + canary + "|Ann\n2|a|" + canary + "|shifted\n",
		"c.jsonl": "{\"id\":1,\"child\":{\"caregiverNotes\":\"" + canary + "\"},\"visits\":[{\"on\":\"2025-07-01\",\"note\":\"" + canary + "\"}]}\n",
		"d.json":  "{\"made\":\"x\",\"clients\":[{\"id\":1,\"Numéro d'immatriculation scolaire\":\"" + canary + "\"}]}",
		"e.csv":   "titre\n\nno;N° carte santé;nom\n1;" + canary + ";Ann\n2;;Bob\n",
		"f.zip":   zipped(t, "g.csv", "id,remarks\n1,"+canary+"\n2,y\n", "h.csv", "id,town\n1,Elm\n"),
	}
	s, inbox := newStore(t), t.TempDir()
	for name, content := range contents {
		drop(t, inbox, name, content)
	}
	files := land(t, s, inbox)
	for _, f := range files {
		isKept := f.Name == "f.zip/h.csv"
		if f.Original != isKept || (len(f.Stripped) == 0) != (isKept || f.Name == "f.zip") || f.SHA256 == "" || f.Size == 0 {
			t.Errorf("%s: original %v, stripped %v", f.Name, f.Original, f.Stripped)
		}
		for _, sheet := range f.Sheets {
			text := strings.Join(rows(t, filepath.Join(s.Root, sheet.Parquet)), "\n")
			if strings.Contains(text, canary) {
				t.Errorf("%s: copy holds the canary", f.Name)
			}
		}
	}
	if found := onDisk(t, filepath.Dir(s.Root), canary); len(found) > 0 {
		t.Errorf("canary stands in %v", found)
	}
	if left, _ := os.ReadDir(inbox); len(left) > 0 {
		t.Errorf("inbox holds %d files", len(left))
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	// Delivered again, it is recognised and leaves again.
	drop(t, inbox, "a.csv", contents["a.csv"])
	if again := land(t, s, inbox); len(again) != 1 || again[0].Version != 1 {
		t.Errorf("again: got %d files", len(again))
	}
	if left, _ := os.ReadDir(inbox); len(left) > 0 {
		t.Errorf("inbox holds %d files after the second landing", len(left))
	}
}

// A mapping that names the heading row later on makes a new copy, and drops the original when the
// gate then finds something; one that keeps a column brings it back from the next delivery.
func TestLand_hintsChange(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	lines := slices.Repeat([]string{"a,b,c"}, 30)
	content := strings.Join(lines, "\n") + "\nid,comments,town\n1,long ago,Elm\n"
	drop(t, inbox, "a.csv", content)
	if f := land(t, s, inbox)[0]; !f.Original {
		t.Fatalf("first: stripped %v", f.Stripped)
	}
	if err := os.Remove(filepath.Join(inbox, "a.csv")); err != nil {
		t.Fatal(err)
	}
	hint := tributary.Hint{Pattern: "*.csv", HeadingRows: map[string][]int{"": {31}}}
	land(t, s, inbox, hint)
	f := landed(t, s)[0]
	if f.Original || len(f.Stripped) != 1 || f.Version != 1 {
		t.Errorf("second: original %v, stripped %v", f.Original, f.Stripped)
	}
	if got := rows(t, filepath.Join(s.Root, f.Sheets[0].Parquet)); got[30] != "31|.|.|.|id|comments|town" || got[31] != "32|.|.|.|1|.|Elm" {
		t.Errorf("second: got %q", got[30:])
	}
	if _, err := os.Stat(s.blobPath(f.SHA256)); err == nil {
		t.Error("second: the original is still there")
	}
	hint.KeepFreeText = []string{"Comments"}
	drop(t, inbox, "a.csv", content)
	f = land(t, s, inbox, hint)[0]
	if got := rows(t, filepath.Join(s.Root, f.Sheets[0].Parquet)); got[31] != "32|.|.|.|1|long ago|Elm" || !f.Original {
		t.Errorf("third: original %v, got %q", f.Original, got[31])
	}
}

// A password that comes later opens what landed locked, without a new delivery.
func TestLand_passwordComesLater(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "a.xlsx", workbook(t, excelize.Options{Password: "invented"}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "B1": "OEN", "A2": "1", "B2": "111"})
	}))
	if f := land(t, s, inbox)[0]; !f.Held || !f.Original {
		t.Fatalf("locked: held %v, original %v", f.Held, f.Original)
	}
	if err := os.Remove(filepath.Join(inbox, "a.xlsx")); err != nil {
		t.Fatal(err)
	}
	land(t, s, inbox, tributary.Hint{Pattern: "*", Password: "invented"})
	f := landed(t, s)[0]
	if f.Held || f.Original || len(f.Sheets) != 1 {
		t.Errorf("opened: held %v, original %v, %d sheets", f.Held, f.Original, len(f.Sheets))
	}
	if _, err := os.Stat(s.blobPath(f.SHA256)); err == nil {
		t.Error("the original is still there")
	}
}

// A landing that was killed leaves files that nobody names; the next one removes them.
func TestLand_sweepsWhatAKillLeft(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "a.csv", "id,name\n1,Ann\n")
	land(t, s, inbox)
	prefix := (&delivery{Store: s, agency: "INV", quarter: quarter}).prefix()
	for _, p := range []string{"blob/" + prefix + "1", "INV/" + quarter.String() + "/" + prefix + "2"} {
		if err := os.WriteFile(filepath.Join(s.Root, p), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(landed(t, s)); got != 1 {
		t.Errorf("before: got %d files", got)
	}
	land(t, s, inbox)
	if found := onDisk(t, s.Root, "half"); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// The copy does not depend on how many cores made it.
func TestLand_sameBytesWithOtherThreads(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("id,name,town,text\n")
	for i := range 60000 {
		fmt.Fprintf(&b, "%d,Invented %d,Elm %d,\"some, text %d that makes more than one group of rows\"\n", i, i%977, i%7, i)
	}
	var sums []string
	for _, threads := range []int{1, 4} {
		s, inbox := newStore(t), t.TempDir()
		s.Threads = threads
		drop(t, inbox, "a.csv", b.String())
		f := land(t, s, inbox)[0]
		sum, err := hashFile(filepath.Join(s.Root, f.Sheets[0].Parquet))
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, f.Sheets[0].Parquet+" "+sum)
	}
	if sums[0] != sums[1] {
		t.Errorf("got %v", sums)
	}
}

func TestLand_stopsWhenAsked(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "a.csv", "id,name\n1,Ann\n")
	ctx, cancel := contextCanceled(t)
	cancel()
	if _, err := s.Land(ctx, inbox, "INV", quarter, nil, landedOn); err == nil {
		t.Error("got no error")
	}
	if got := landed(t, s); len(got) != 0 {
		t.Errorf("got %d files", len(got))
	}
}

func TestEscapeName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300)
	for name, want := range map[string]string{"a b.csv": "a b.csv", "z.zip/x:y.csv": "z.zip%2Fx%3Ay.csv", ".hidden": "%2Ehidden", "é.csv": "%C3%A9.csv"} {
		if got := escapeName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := escapeName(long); len(got) > 200 || got == escapeName(long+"x") {
		t.Errorf("long name: got %q", got)
	}
}

func TestLand_zipOfWindows(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	for i, content := range []string{"No,Name\n1,Ada\n2,Bo\n", "No,Name\n1,Ada\n2,Boris\n"} {
		drop(t, inbox, "a.zip", zipped(t, "Donn\x82es.csv", content)) // code page 850
		land(t, s, inbox)
		var got []string
		for _, f := range landed(t, s) {
			got = append(got, fmt.Sprint(f.Name, " ", f.Version))
		}
		want := []string{"a.zip 1", "a.zip 2", "a.zip/Données.csv 1", "a.zip/Données.csv 2"}
		if i == 0 {
			want = []string{"a.zip 1", "a.zip/Données.csv 1"}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("landed (-got +want):\n%s", diff)
		}
	}
}

func TestLand_hintsKnowNoCapitals(t *testing.T) {
	t.Parallel()
	s, inbox := newStore(t), t.TempDir()
	drop(t, inbox, "CLIENTS_1.TXT", strings.Repeat("1 Ada  Lee\n", 20))
	files := land(t, s, inbox, tributary.Hint{Pattern: "clients_*.txt", Widths: []int{2, 5, 3}})
	if f := files[0]; f.Format != "fixed" || f.Sheets[0].Columns != 3 {
		t.Errorf("got %s with %d columns, want fixed with 3", f.Format, f.Sheets[0].Columns)
	}
}

func TestRead_headingsOfFindingsAreMended(t *testing.T) {
	t.Parallel()
	f, _ := readBytes(t, "a.csv", "No,Pr\xe9nom,\u00e9\u00e9\u00e9\u00e9\u00e9\n1,=Ada,x\n", tributary.Hint{})
	want := []string{"unusual_text||1|Prénom", "formula_text||2|Prénom"}
	if diff := cmp.Diff(said(f), want); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
}
