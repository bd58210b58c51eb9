package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

func TestWrite_sameOptionsSameBytes(t *testing.T) {
	t.Parallel()
	opt := Options{Seed: 7, Children: 150, Canaries: 3}
	first, again := tree(t, opt), tree(t, opt)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("two demos differ:\n%s", diff)
	}
	opt.Seed = 8
	other := tree(t, opt)
	const workbook = "drop/CFTC/2025-26_Q1/CFTC_Coordination_2025-26_Q1.xlsx"
	if other[workbook] == first[workbook] || first[workbook] == "" {
		t.Error("another seed gives the same workbook, or none")
	}
}

func TestWrite_truthIsWhatItReturns(t *testing.T) {
	t.Parallel()
	dir, want := demo(t, Options{Children: 100, Canaries: 2})
	data, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got Truth
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("truth.json is not what Write returned")
	}
}

func TestWrite_refusesAFolderWithADemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "drop"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, Options{}); tributary.FixOf(err) == "" {
		t.Errorf("got %v, want an error with a remedy", err)
	}
}

// The workbook is read back by other code and counted again.
func TestWrite_workbookHoldsTheTruth(t *testing.T) {
	t.Parallel()
	dir, truth := demo(t, Options{Children: 400})
	for i, q := range quarters() {
		rows := sheetRows(t, filepath.Join(dir, fmt.Sprintf("drop/CFTC/2025-26_Q%d/CFTC_Coordination_2025-26_Q%d.xlsx", i+1, i+1)), "Planning")
		if got, want := rows[0][0], "Cedar Falls Children's Treatment Centre"; got != want {
			t.Errorf("title is %q, want %q", got, want)
		}
		column := map[string]int{}
		for c, heading := range rows[3] {
			column[heading] = c
		}
		if last := rows[len(rows)-1]; last[0] != "Total" {
			t.Errorf("%s: last row begins with %q, want Total", q, last[0])
		}
		var got Plans
		for _, row := range rows[4 : len(rows)-1] {
			value := func(heading string) string {
				if c := column[heading]; c < len(row) {
					return row[c]
				}
				return ""
			}
			in := func(heading string) bool {
				d := value(heading)
				return d >= q.Start().Format("2006-01-02") && d <= q.End().Format("2006-01-02")
			}
			one := func(n *int, is bool) {
				if is {
					*n++
				}
			}
			one(&got.Referrals, in("Referred On"))
			one(&got.Intakes, in("Intake Decided"))
			one(&got.NewPlans, in("Plan Written"))
			one(&got.ActiveAtEnd, value("State") == "Active")
			one(&got.WaitingAtEnd, value("State") == "Waiting list")
			one(&got.MadeInactive, value("State") == "Inactive" && in("State Since"))
			one(&got.ReviewsDue, in("Review Due Then"))
			one(&got.ReviewsDue, in("Next Review Due"))
			one(&got.ReviewsOnTime, in("Review Due Then") && value("Last Reviewed") <= value("Review Due Then"))
		}
		want := truth.Planning[i]
		want.Quarter, want.Accepted = got.Quarter, 0
		want.DaysToPlanMedian, want.DaysToPlanP90, want.DaysToPlanCount = 0, 0, 0
		want.DaysContactMedian, want.DaysContactP90, want.DaysContactCount = 0, 0, 0
		if got != want {
			t.Errorf("%s: the workbook holds %+v\ntruth says %+v", q, got, want)
		}
	}
}

func TestWrite_problemsAreWhereTruthSays(t *testing.T) {
	t.Parallel()
	dir, truth := demo(t, Options{Children: 400})
	kinds := map[string]int{}
	for _, p := range truth.Problems {
		kinds[p.Kind]++
		folder := filepath.Join(dir, "drop", p.Agency, fmt.Sprintf("%s_Q%d", p.Quarter.FiscalYear(), p.Quarter.Number()))
		name, inner, _ := strings.Cut(p.File, "#")
		outer, _, _ := strings.Cut(name, ".zip/")
		if outer != name {
			outer += ".zip"
		}
		if _, err := os.Stat(filepath.Join(folder, outer)); (err != nil) != (p.Kind == "missing_delivery") {
			t.Errorf("%+v: %v", p, err)
		}
		switch {
		case p.Kind == "test_record" && inner != "":
			if row := sheetRows(t, filepath.Join(folder, name), inner)[p.Row-1]; row[3] != "Zztest" {
				t.Errorf("%+v: the row is another one", p)
			}
		case p.Kind == "future_dob":
			if row := sheetRows(t, filepath.Join(folder, name), inner)[p.Row-1]; row[4] != "Feb 11, 2031" {
				t.Errorf("%+v: the row is another one", p)
			}
		case p.Kind == "duplicate_row" && p.Agency == "VMHS":
			rows := lines(t, filepath.Join(folder, name))
			if bytes.Count(bytes.Join(rows, nil), rows[p.Row-1]) != 2 {
				t.Errorf("%+v: the row is not there twice", p)
			}
		case p.Kind == "truncated":
			if rows := lines(t, filepath.Join(folder, name)); len(rows) != p.Row || bytes.HasSuffix(rows[p.Row-1], []byte("\r")) {
				t.Errorf("%+v: %d rows, want the cut in the last of %d", p, len(rows), p.Row)
			}
		case p.Kind == "unknown_code" || p.Kind == "formula_injection":
			want := map[string]string{"unknown_code": "ART_THER", "formula_injection": "=1+1"}[p.Kind]
			if row := lines(t, filepath.Join(folder, name))[p.Row-1]; !bytes.Contains(row, []byte(want)) {
				t.Errorf("%+v: the row does not hold %q", p, want)
			}
		}
	}
	for _, kind := range words("test_record future_dob duplicate_row truncated unknown_code missing_delivery late_delivery nil_report wrong_quarter redelivered_v2 zero_byte over_21 plan_before_referral end_before_start negative_number too_many_columns formula_injection impossible_hours wait_after_closing postal_code") {
		if kinds[kind] == 0 {
			t.Errorf("no problem of kind %s", kind)
		}
	}
}

func TestWrite_canariesAreInTheFiles(t *testing.T) {
	t.Parallel()
	const count = 12
	dir, truth := demo(t, Options{Children: 400, Canaries: count})
	if len(truth.Canaries) != count {
		t.Fatalf("%d canaries, want %d", len(truth.Canaries), count)
	}
	people := read(t, filepath.Join(dir, "drop/VMHS/2025-26_Q4/people.csv"))
	care := read(t, filepath.Join(dir, "drop/HHCS/2025-26_Q4/HHCS_CLIENT_2025-26_Q4.txt"))
	var board bytes.Buffer
	for _, row := range sheetRows(t, filepath.Join(dir, "drop/NLSB/2025-26_Q4/NLSB_Special_Education_2025-26_Q4.xlsx"), "Students") {
		board.WriteString(strings.Join(row, "\t"))
	}
	for _, c := range truth.Canaries {
		for where, found := range map[string]bool{
			"note in VMHS":   bytes.Contains(people, []byte(c.Note)),
			"name in VMHS":   bytes.Contains(people, []byte(c.GivenName)),
			"health in HHCS": bytes.Contains(care, []byte(c.HealthNumber)),
			"OEN in NLSB":    strings.Contains(board.String(), c.SchoolNumber),
		} {
			if !found {
				t.Errorf("%s: no %s", c.GivenName, where)
			}
		}
		if len(c.SchoolNumber) != 9 || luhn(c.SchoolNumber[:8]) != c.SchoolNumber {
			t.Errorf("%q is no school number", c.SchoolNumber)
		}
		if len(c.HealthNumber) != 10 || luhn(c.HealthNumber[:9]) != c.HealthNumber {
			t.Errorf("%q is no health number", c.HealthNumber)
		}
	}
}

func TestWrite_formatsAreWhatTheyClaim(t *testing.T) {
	t.Parallel()
	dir, _ := demo(t, Options{Children: 200})
	if !bytes.HasPrefix(read(t, filepath.Join(dir, "drop/VMHS/2025-26_Q1/people.csv")), []byte("\xef\xbb\xbffile_no,")) {
		t.Error("people.csv has no byte-order mark")
	}
	french := read(t, filepath.Join(dir, "drop/PDEF/2025-26_Q1/enfants_2025-04.csv"))
	if utf8.Valid(french) || !bytes.Contains(french, []byte("Pr\xe9nom;")) {
		t.Error("enfants_2025-04.csv is not Windows-1252 with semicolons")
	}
	wide := read(t, filepath.Join(dir, "drop/VCFS/2025-26_Q1/VCFS_persons_2025-26_Q1.txt"))
	if !bytes.HasPrefix(wide, []byte{0xff, 0xfe, 'P', 0}) {
		t.Error("VCFS_persons is not UTF-16")
	}
	clients, _ := homeCareWidths()
	width := 0
	for _, w := range clients {
		width += w
	}
	for n, line := range lines(t, filepath.Join(dir, "drop/HHCS/2025-26_Q1/HHCS_CLIENT_2025-26_Q1.txt")) {
		if got := utf8.RuneCount(bytes.TrimSuffix(line, []byte("\r"))); got != width {
			t.Errorf("line %d has %d characters, want %d", n+1, got, width)
		}
	}
	if !bytes.HasPrefix(read(t, filepath.Join(dir, "drop/HUBS/2025-26_Q1/smartstart_2025-26_Q1.parquet")), []byte("PAR1")) {
		t.Error("smartstart is not Parquet")
	}
	info, err := os.Stat(filepath.Join(dir, "drop/BTAS/2025-26_Q4/btas_clients_2025-26_Q4.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if due := time.Date(2026, 4, 15, 23, 0, 0, 0, time.UTC); !info.ModTime().After(due) {
		t.Errorf("the late file was there on %s", info.ModTime())
	}
}

func demo(t *testing.T, opt Options) (string, Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := Write(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return dir, truth
}

// tree is the hash and time of every file of a demo.
func tree(t *testing.T, opt Options) map[string]string {
	t.Helper()
	dir, _ := demo(t, opt)
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = fmt.Sprintf("%x %s", sha256.Sum256(read(t, path)), info.ModTime().UTC())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func lines(t *testing.T, path string) [][]byte {
	t.Helper()
	return bytes.Split(bytes.TrimSuffix(read(t, path), []byte("\r\n")), []byte("\n"))
}

func sheetRows(t *testing.T, path, sheet string) [][]string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
