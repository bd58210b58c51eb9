package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/pipelines/mapping"
)

func settings(t *testing.T, text string) (Settings, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tributary.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadSettings(dir)
}

func TestReadSettings_allThatIsMissingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := settings(t, "agency: {code: A}\nlanguage: de\nsettings: {small_under: 5}\n")
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"name or code", "areas: none", "first_quarter is missing", `language "de"`, `unknown setting "small_under"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in:\n%v", want, err)
		}
	}
}

func TestReadSettings_fillsWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	s, err := settings(t, `
agency: {code: A, name: N}
areas:
  - {name: X, municipalities: [One, {name: Two, also: [2]}]}
  - {name: Y, name_fr: YY, municipalities: [Three]}
first_quarter: 2025-26Q1
settings: {small_below: 11}
`)
	if err != nil {
		t.Fatal(err)
	}
	q := s.FirstQuarter
	cover := s.cover(q)
	got := []string{cover["small_below"], cover["variance_pct"], cover["area_fr"], cover["as_of"], s.Language}
	if diff := cmp.Diff(got, []string{"11", "10", "X; YY", "2025-06-30", "en"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	want := []mapping.Municipality{{Spelling: "One", Name: "One", Area: "X"}, {Spelling: "Two", Name: "Two", Area: "X"},
		{Spelling: "2", Name: "Two", Area: "X"}, {Spelling: "Three", Name: "Three", Area: "Y"}}
	if diff := cmp.Diff(s.municipalities(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Tomorrow builds nothing again, unless a delivery falls due.
func TestLastDueDay_movesOnlyWhenSomethingFallsDue(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	w := &Workspace{Settings: Settings{FirstQuarter: q, DueDays: 15}, Agencies: []*mapping.Agency{{Code: "A", DueDays: 20}, {Code: "B"}}}
	for now, want := range map[string]string{
		"2025-06-30": "2025-04-01", "2025-07-01": "2025-07-01", "2025-07-14": "2025-07-01",
		"2025-07-16": "2025-07-16", "2025-07-20": "2025-07-16", "2025-07-21": "2025-07-16", "2025-07-22": "2025-07-22", "2030-01-01": "2025-07-22", // 20 July is a Sunday
	} {
		w.Now = func() time.Time { at, _ := time.Parse(time.DateOnly, now); return at.Add(12 * time.Hour) }
		if got := w.lastDueDay(q).Format(time.DateOnly); got != want {
			t.Errorf("on %s: got %s, want %s", now, got, want)
		}
	}
}

func TestPlace_leavesEditedWorkbooksAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "q", "book.xlsx")
	step := func(text string, edited bool, want string) {
		t.Helper()
		got, err := place(path, []byte(text), edited)
		if err != nil || filepath.Base(got) != want {
			t.Errorf("%s: got %s, %v; want %s", text, filepath.Base(got), err, want)
		}
	}
	step("one", false, "book.xlsx")
	step("two", false, "book.xlsx")
	if err := os.WriteFile(path, []byte("typed into"), 0o600); err != nil {
		t.Fatal(err)
	}
	step("three", true, "book (2).xlsx")
	step("three", true, "book (2).xlsx")
	step("four", true, "book (3).xlsx")
	step("typed into", true, "book.xlsx")
	if now, _ := os.ReadFile(path); string(now) != "typed into" {
		t.Errorf("the edited workbook now says %q", now)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.half")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCellAt_findsTheCellInTheMap(t *testing.T) {
	t.Parallel()
	book := filepath.Join(t.TempDir(), "ministry-en.xlsx")
	lines := "sheet,cell,cell_id,value\nWho are we serving,F9,csp_referrals@2025-26Q1,2\n"
	if err := os.WriteFile(strings.TrimSuffix(book, ".xlsx")+".cells.csv", []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{" Who are we serving!F9", " 'Who are we serving'!$F$9", " who are we serving!f9"} {
		if got, err := CellAt(book + at); err != nil || got != "csp_referrals@2025-26Q1" {
			t.Errorf("%s: got %q, %v", at, got, err)
		}
	}
	for _, at := range []string{" Who are we serving!F10", " F9", ""} {
		if _, err := CellAt(book + at); err == nil || tributary.FixOf(err) == "" {
			t.Errorf("%q: got %v; want an error with a fix", at, err)
		}
	}
}
