package ministry_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/ministry"
)

// Where no target is set nobody is told that all are met.
func TestAnnual_withoutTargets(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := ministry.Annual(t.Context(), fixture(t, "delete from release.target"), q, "en", &out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for words, want := range map[string]bool{"No target is set for this year.": true, "Nothing to explain: every target is met within the threshold.": false} {
		is := false
		for _, sheet := range f.GetSheetList() {
			at, err := f.SearchSheet(sheet, words)
			if err != nil {
				t.Fatal(err)
			}
			is = is || len(at) > 0
		}
		if is != want {
			t.Errorf("%q is said: %v", words, is)
		}
	}
}

func TestAnnual(t *testing.T) {
	t.Parallel()
	db := fixture(t, "delete from release.target", "insert into release.target values ('csp_plans', '2025-26Q1', 200, 'x'), ('csp_plans', '2025-26Q2', 159, 'x')",
		"insert into release.note values ('csp_plans@2025-26Q1', 'cause', 'two coordinators on leave', 'a', '2025-08-01'), ('annual@2025-26', 'together', 'met monthly', 'a', '2025-08-01')")
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "fr"} {
		var out, again bytes.Buffer
		cells, err := ministry.Annual(t.Context(), db, q, lang, &out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ministry.Annual(t.Context(), db, q, lang, &again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same release gives other bytes (%v)", lang, err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		// Each number stands where the map says, and is the published one.
		for _, c := range cells {
			var want float64
			if err := db.Scan(t.Context(), "select value from release.cell where cell_id = ?", []any{c.CellID}, &want); err != nil || want != c.Value {
				t.Errorf("%s: %s is %v, %v published (%v)", lang, c.CellID, c.Value, want, err)
			}
		}
		holds := func(id string) bool {
			return slices.ContainsFunc(cells, func(c ministry.Cell) bool { return c.CellID == id })
		}
		for id, want := range map[string]bool{"csp_plans@2025-26Q1": true, "csp_plans@2025-26Q2": true, "csp_plans@2025-26Q2/ytd": true, "csp_plans@2024-25Q4": false, "csp_plans@2025-26Q1/ytd": false} {
			if holds(id) != want {
				t.Errorf("%s: %s in the report: %v", lang, id, !want)
			}
		}
		var text strings.Builder
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				text.WriteString(strings.Join(row, "\t") + "\n")
			}
		}
		for _, want := range map[string][]string{
			"en": {"Annual report", "so far: 2 of 4 quarters", "two coordinators on leave", "met monthly", "Lakeshore Coordinating Agency\tCoordinating Agency", "terms of reference"},
			"fr": {"Rapport annuel", "à ce jour : 2 trimestre(s) sur 4", "Organisme de coordination", "mandat du mécanisme directeur"},
		}[lang] {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: the report does not say %q", lang, want)
			}
		}
		// The second quarter met its target: one line of the two.
		if n := strings.Count(text.String(), "\t2025-26Q2\t"); n != 0 {
			t.Errorf("%s: %d lines of targets of the second quarter", lang, n)
		}
		// What a person types comes back.
		sheet := map[string]string{"en": "Improvement", "fr": "Amélioration"}[lang]
		for _, n := range f.GetDefinedName() {
			if strings.HasSuffix(n.Name, ".improvement_1_who") {
				_, cell, _ := strings.Cut(n.RefersTo, "!")
				if err := f.SetCellStr(sheet, strings.ReplaceAll(cell, "$", ""), "the director"); err != nil {
					t.Fatal(err)
				}
			}
		}
		var edited bytes.Buffer
		if err := f.Write(&edited); err != nil {
			t.Fatal(err)
		}
		notes, isEdited, err := ministry.ReadNotes(&edited)
		if err != nil || !isEdited {
			t.Fatalf("%v, edited %v", err, isEdited)
		}
		if diff := cmp.Diff([]ministry.Note{{CellID: "annual@2025-26", Field: "together", Text: "met monthly"}, {CellID: "annual@2025-26", Field: "improvement_1_who", Text: "the director", Changed: true}}, notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// A share of .77 is ten percent above a target of .7, not more, whatever floating numbers make of it.
func TestExplanations_atTheThreshold(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"0.77": 0, "0.78": 1} {
		db := fixture(t, "delete from release.target", "insert into release.target values ('csp_plan_within_target', '2025-26Q2', 0.7, 'x')",
			"update release.cell set value = "+value+" where cell_id = 'csp_plan_within_target.share@2025-26Q2'")
		q, _ := tributary.ParseQuarter("2025-26Q2")
		got, err := ministry.Explanations(t.Context(), db, q, "en")
		if err != nil || len(got) != want {
			t.Errorf("%s: got %v, %v; want %d", value, got, err, want)
		}
	}
}
