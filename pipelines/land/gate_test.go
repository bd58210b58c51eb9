package land

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
)

func TestForbidden(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		ruleSchool: {"OEN", "Student OEN", "oen_number", "studentOen", "Ontario Education Number", "NISO", "Numéro d'immatriculation scolaire", "OEN #"},
		ruleHealth: {"HCN", "Health Card No.", "healthCardNumber", "OHIP", "health_number", "N° carte santé", "No de carte santé", "Numéro d'assurance-maladie", "HC Number"},
		ruleText: {"Notes", "case_notes", "caseNotes", "Comments", "REMARK", "Remarques", "Observations", "Commentaires", "note", "child.caregiverNotes",
			"Comments on plan", "Notes (internal)", "Date and notes"},
		"": {"Student No", "Client No.", "Birth Date", "Health - HCC", "Note date", "date_of_note", "Has comments", "Noted", "Notary", "Reason", "Phone",
			"Health region", "School", "Goal", "Denote", "Open", "Coen", ""},
	}
	for want, headings := range tests {
		for _, h := range headings {
			if got := forbidden(h); got != want {
				t.Errorf("%q: got %q, want %q", h, got, want)
			}
		}
	}
}

func TestFoundRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		early [][]string
		want  []int
	}{
		{"first row", [][]string{{"id", "name", "town"}, {"1", "Ann", "Elm"}}, []int{1}},
		{"under titles", [][]string{{"Invented Agency"}, {"Clients, 2025-04-01 to 2025-06-30"}, {}, {"id", "name", "town"}, {"1", "Ann", "Elm"}}, []int{4}},
		{"two rows", [][]string{{"", "Child", "", "Home"}, {"#", "Name", "Born", "Town"}, {"1", "Ann", "2015-01-02", "Elm"}}, []int{1, 2}},
		{"none", [][]string{{"1", "2"}, {"3", "4"}}, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(foundRows(tt.early), tt.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.name, diff)
		}
	}
}

// luhn10 ends nine digits with the check digit that health numbers have.
func luhn10(nine int) string {
	for d := range 10 {
		if v := fmt.Sprintf("%09d%d", nine, d); isHealthNumber(v) {
			return v
		}
	}
	return ""
}

func TestRead_columnsKnownByTheirValues(t *testing.T) {
	t.Parallel()
	random := func(i int) int { return (i*387420489 + 271828183) % 1000000000 }
	tests := []struct {
		name, heading string
		value         func(i int) string
		hint          tributary.Hint
		held          bool
	}{
		{"school numbers", "ref", func(i int) string { return fmt.Sprintf("%09d", random(i)) }, tributary.Hint{}, true},
		{"school numbers in groups", "ref", func(i int) string { v := fmt.Sprintf("%09d", random(i)); return v[:3] + "-" + v[3:6] + "-" + v[6:] }, tributary.Hint{}, true},
		{"local numbers in order", "ref", func(i int) string { return fmt.Sprintf("%09d", 100200300+i*3) }, tributary.Hint{}, false},
		{"few that repeat", "ref", func(i int) string { return fmt.Sprintf("%09d", random(i%4)) }, tributary.Hint{}, false},
		{"telephones", "Phone", func(i int) string { return fmt.Sprintf("%09d", random(i)) }, tributary.Hint{}, false},
		{"health numbers", "ref", func(i int) string { return luhn10(random(i)) + "AB" }, tributary.Hint{}, true},
		{"health numbers kept by authority", "ref", func(i int) string { return luhn10(random(i)) }, tributary.Hint{KeepHealthNumber: true}, false},
		{"ten digits of another kind", "ref", func(i int) string { return fmt.Sprintf("613555%04d", i) }, tributary.Hint{}, false},
		{"notes", "what", func(i int) string { return fmt.Sprintf("the family says that school is going better since May %d", i) }, tributary.Hint{}, true},
		{"notes kept by authority", "what", func(i int) string { return fmt.Sprintf("the family says that school is going better since May %d", i) }, tributary.Hint{KeepFreeText: []string{"What"}}, false},
		{"contacts", "what", func(i int) string { return fmt.Sprintf("Mom: Jo Invented 613-555-%04d / Dad: Al Invented", i) }, tributary.Hint{}, false},
		{"addresses", "Home Address", func(i int) string { return fmt.Sprintf("%d Invented Road North, Unit 4, Elm Township", i) }, tributary.Hint{}, false},
		{"codes", "what", func(i int) string { return []string{"open", "closed"}[i%2] }, tributary.Hint{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			fmt.Fprintf(&b, "id;%s;town\n", tt.heading)
			for i := range 40 {
				fmt.Fprintf(&b, "%d;%s;Elm\n", i, tt.value(i))
			}
			f, _ := readBytes(t, "a.csv", b.String(), tt.hint)
			var want []string
			if tt.held {
				want = []string{"column_held||0|" + tt.heading}
			}
			if diff := cmp.Diff(said(f), want); diff != "" || f.Held != tt.held {
				t.Errorf("held %v (-got +want):\n%s", f.Held, diff)
			}
		})
	}
}

// A row with a field too many or too few may have moved a forbidden value: of such a row nothing
// stays from one column before the stripped one on.
func TestRead_raggedRowsDoNotSpill(t *testing.T) {
	t.Parallel()
	f, into := readBytes(t, "a.csv", "id,town,OEN,name\n1,Elm,111,Ann\n2,Elm,extra,222,Bob\n3,333,Cy\n4,Elm,444,Di\n123456789,333,Ed\n", tributary.Hint{})
	want := []string{"1|.|.|.|id|town|OEN|name", "2|.|.|.|1|Elm|.|Ann", "3|.|long|.|2|.|.|.", "4|.|short|.|3|.|.|.", "5|.|.|.|4|Elm|.|Di", "6|.|short|.|.|.|.|."}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

// A record that runs to the end of a cut file may hold whole other records in one field.
func TestRead_cutRecordDoesNotSpill(t *testing.T) {
	t.Parallel()
	f, into := readBytes(t, "a.csv", "id,name,town,OEN\n1,Ann,Elm,111\n2,\"Bob,Elm,222\n3,Cy,Elm,333\n4,Di", tributary.Hint{})
	want := []string{"1|.|.|.|id|name|town|OEN", "2|.|.|.|1|Ann|Elm|.", "3|.|cut|.|2|.|.|."}
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

// A heading that is not in the row that the agency's file names is found all the same, and a value
// that stands in that row does not pass for a heading.
func TestRead_headingMoved(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"down": "a title\nid,OEN,name\n1,111,Ann\n2,222,Bob\n3,333,Cy\n4,444,Di\n",
		"up":   "id,OEN,name\n1,111,Ann\n2,222,Bob\n3,333,Cy\n4,444,Di\n",
	} {
		stated := map[string]int{"down": 1, "up": 2}[name]
		f, into := readBytes(t, "a.csv", content, tributary.Hint{HeadingRows: map[string][]int{"": {stated}}})
		got := strings.Join(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), "\n")
		if strings.Contains(got, "111") || strings.Contains(got, "222") || !strings.Contains(got, "id|OEN|name") || f.Original || f.Sheets[0].Columns != 3 {
			t.Errorf("%s: %d columns, original %v, got\n%s", name, f.Sheets[0].Columns, f.Original, got)
		}
	}
}

// A second table further down a sheet, with other headings.
func TestRead_secondTableInASheet(t *testing.T) {
	t.Parallel()
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		set(t, f, "Sheet1", map[string]any{"A1": "id", "B1": "name", "A40": "Student", "B40": "School no", "C40": "Health card", "A41": "OEN", "B41": "222", "C41": "111"})
		for i := 2; i < 30; i++ {
			set(t, f, "Sheet1", map[string]any{fmt.Sprintf("A%d", i): i, fmt.Sprintf("B%d", i): "Ann"})
		}
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{})
	got := rows(t, filepath.Join(into, f.Sheets[0].Parquet))
	if diff := cmp.Diff(got[39:], []string{"40|.|.|.|Student|School no|Health card|.|.|.", "41|.|.|.|OEN|222|.|.|.|."}); diff != "" || f.Original {
		t.Errorf("original %v, rows (-got +want):\n%s", f.Original, diff)
	}
}

// The gate looks at the row that the agency's file names, however far down it stands.
func TestRead_headingFarDownASheet(t *testing.T) {
	t.Parallel()
	content := workbook(t, excelize.Options{}, func(f *excelize.File) {
		for i := 1; i <= 30; i++ {
			set(t, f, "Sheet1", map[string]any{fmt.Sprintf("A%d", i): "title"})
		}
		set(t, f, "Sheet1", map[string]any{"A31": "id", "B31": "OEN", "A32": "1", "B32": "111"})
	})
	f, into := readBytes(t, "a.xlsx", content, tributary.Hint{HeadingRows: map[string][]int{"": {31}}})
	got := rows(t, filepath.Join(into, f.Sheets[0].Parquet))
	if diff := cmp.Diff(got[30:], []string{"31|.|.|.|id|OEN|.|.", "32|.|.|.|1|.|.|."}); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
}

func TestRead_healthNumberKept(t *testing.T) {
	t.Parallel()
	content := "id,HCN,notes\n1,x,long ago\n2,y,\n"
	f, into := readBytes(t, "a.csv", content, tributary.Hint{KeepHealthNumber: true})
	if diff := cmp.Diff(rows(t, filepath.Join(into, f.Sheets[0].Parquet)), []string{"1|.|.|.|id|HCN|notes", "2|.|.|.|1|x|.", "3|.|.|.|2|y|."}); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
	want := []tributary.Stripped{{Column: 3, Heading: "notes", Rule: ruleText}}
	if diff := cmp.Diff(f.Stripped, want); diff != "" || f.Original {
		t.Errorf("original %v, stripped (-got +want):\n%s", f.Original, diff)
	}
}

// A file that lost its heading row: its first record is nobody's business.
func TestGate_namesNoValueOfAFileWithoutHeadings(t *testing.T) {
	t.Parallel()
	f, _ := readBytes(t, "a.csv", "E1,Wilhelmina,2015-04-03\nE2,Bartho\x02lomew,2014-06-05\nE3,Anna,2013-01-02\n", tributary.Hint{})
	if len(f.Findings) != 1 || f.Findings[0].Check != "control_characters" || f.Findings[0].Column != "column B" {
		t.Errorf("got %+v", f.Findings)
	}
}
