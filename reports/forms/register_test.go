package forms_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/pipelines/mapping"
	"tributary/reports/forms"
	"tributary/sql"
)

func TestRegister_sameBytes(t *testing.T) {
	t.Parallel()
	content := forms.Content{Measures: []string{"csp_referrals"}, Rows: map[string][][]any{"targets": {{"csp_referrals", "2025-26Q1", 40}}}}
	var first [32]byte
	for i := range 4 {
		var b bytes.Buffer
		if err := forms.RegisterOf(&b, "en", content); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b.Bytes()); i == 0 {
			first = sum
		} else if sum != first {
			t.Fatalf("register %d has other bytes", i+1)
		}
	}
}

func TestRegister_onlyHeadingsStandInTheCells(t *testing.T) {
	t.Parallel()
	f := register(t, "fr", forms.Content{})
	want := []string{"Read me - À lire", "Targets - Cibles", "Contacts", "Coordinators - Coordonnateurs", "Agreements - Ententes", "Capacity - Capacité",
		"Complaints - Plaintes", "Surveys - Sondages", "Local services - Services", "Lists"}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Errorf("tabs differ (-want +got):\n%s", diff)
	}
	for _, name := range want[1:9] {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 {
			t.Errorf("%s: %d rows, want the headings only", name, len(rows))
		}
		comments, err := f.GetComments(name)
		if err != nil {
			t.Fatal(err)
		}
		var note strings.Builder
		for _, run := range comments[0].Paragraph {
			note.WriteString(run.Text)
		}
		if len(comments) != len(rows[0]) || !strings.Contains(note.String(), "Par exemple") {
			t.Errorf("%s: %d notes for %d headings, or not in French", name, len(comments), len(rows[0]))
		}
		panes, err := f.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: the headings are not frozen: %+v %v", name, panes, err)
		}
	}
	if visible, err := f.GetSheetVisible("Lists"); err != nil || visible {
		t.Errorf("the lists are in sight: %v", err)
	}
}

func TestRegister_offersTheMeasures(t *testing.T) {
	t.Parallel()
	f := register(t, "en", forms.Content{Measures: []string{"csp_referrals", "csp_waiting"}})
	rules, err := f.GetDataValidations("Targets - Cibles")
	if err != nil {
		t.Fatal(err)
	}
	var formula string
	for _, r := range rules {
		if strings.HasPrefix(r.Sqref, "A2:") {
			formula = r.Formula1
		}
	}
	_, cells, ok := strings.Cut(formula, "!")
	if !ok {
		t.Fatalf("no drop-down on the measure: %q", formula)
	}
	first, _, _ := strings.Cut(strings.ReplaceAll(cells, "$", ""), ":")
	if got, err := f.GetCellValue("Lists", first); err != nil || got != "csp_referrals" {
		t.Errorf("the list begins with %q, %v", got, err)
	}
}

func TestRegister_rowsAreTypedAndNeverFormulas(t *testing.T) {
	t.Parallel()
	f := register(t, "en", forms.Content{Rows: map[string][][]any{
		"agreements": {{"=HYPERLINK(\"x\")", "Other / Autre", "", time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)}},
	}})
	formula, err := f.GetCellFormula("Agreements - Ententes", "A2")
	if err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
	if got, err := f.GetCellValue("Agreements - Ententes", "D2"); err != nil || got != "2025-04-01" {
		t.Errorf("the date shows as %q, %v", got, err)
	}
}

func TestRegister_faults(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := forms.RegisterOf(&b, "de", forms.Content{}); tributary.FixOf(err) == "" {
		t.Errorf("language de: got %v", err)
	}
	if err := forms.RegisterOf(&b, "en", forms.Content{Rows: map[string][][]any{"target": nil}}); err == nil {
		t.Error("an unknown tab was taken")
	}
}

// The mapping loads, names only headings that the register has, and reads every choice as a code.
func TestMapping_readsTheRegister(t *testing.T) {
	t.Parallel()
	loaded, err := mapping.Load(forms.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	f := register(t, "en", forms.Content{})
	agency := loaded[0]
	into := map[string]bool{}
	for _, table := range agency.Tables {
		into[table.Into] = true
		rows, err := f.GetRows(table.Sheet)
		if err != nil {
			t.Fatalf("%s: %v", table.Into, err)
		}
		for name, column := range table.Columns {
			for _, heading := range column.From {
				if !strings.Contains("\n"+strings.Join(rows[0], "\n")+"\n", "\n"+heading+"\n") {
					t.Errorf("%s.%s: the tab has no heading %q", table.Into, name, heading)
				}
			}
		}
	}
	for _, want := range []string{"target", "contact", "coordinator", "agreement", "capacity", "complaint", "survey_round", "local_service"} {
		if !into[want] {
			t.Errorf("nothing is mapped into %s", want)
		}
	}
	seeds := map[string]string{"category": "partner_category", "service": "service_type", "language": "language"}
	// Short lists are written in place, where their column is mapped.
	written := map[string]string{"agreement": "agreement_kind", "audience": "survey_audience", "about": "complaint_about"}
	inPlace := map[string]string{}
	for _, table := range agency.Tables {
		for _, column := range table.Columns {
			maps.Copy(inPlace, column.Codes.Map)
		}
	}
	columns, err := f.GetCols("Lists")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range columns {
		codes := agency.Codes[list[0]]
		seed, ok := seeds[list[0]]
		if !ok {
			seed, codes = written[list[0]], inPlace
		}
		if seed == "" {
			continue
		}
		labels := seedLabels(t, seed)
		for _, label := range list[1:] {
			if label == "" { // the end of a shorter list
				break
			}
			if code := codes[label]; code == "" || labels[label] != code {
				t.Errorf("list %s: %q is code %q in the mapping, %q in the seed", list[0], label, code, labels[label])
			}
		}
	}
}

// seedLabels are the codes of a seed by what people see.
func seedLabels(t *testing.T, seed string) map[string]string {
	t.Helper()
	data, err := sql.FS.ReadFile("seed/" + seed + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, row := range rows[1:] {
		label := row[1] + " / " + row[2]
		if row[1] == row[2] {
			label = row[1]
		}
		out[label] = row[0]
	}
	return out
}

func register(t *testing.T, language string, content forms.Content) *excelize.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "register.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := forms.RegisterOf(file, language, content); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
