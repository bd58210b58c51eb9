package onboard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tributary/pipelines"
	"tributary/pipelines/mapping"
)

var agreed = map[string]string{"linking.without_consent": "exclude", "linking.authority": `clause "4": {a}`, "name": "yes"}

func loads(t testing.TB, dir, text string) error {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "agencies"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "agencies", "ABC.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := mapping.Load(os.DirFS(dir))
	return err
}

// Whatever a provider calls its columns and writes into them, what is proposed loads.
func TestPropose_hostile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	heading := rapid.OneOf(
		rapid.SampledFrom([]string{"id", "DOB", "Last Name", "First: Name", "first name #2", "Sex {M/F}", "- status", "yes", "null", "1", "?", "Consent, given", `"Town"`, "it's", "nom", "#", " ", "Opened\nClosed", "Service", "start", "Parent 1", "Phone 1", "Rel 1", "Mother's name"}),
		rapid.StringN(0, 12, -1))
	cell := rapid.OneOf(
		rapid.SampledFrom([]string{"", "A-1", "2015-01-02", "F", "yes", "no", "null", "Total", "03/04/2025", "=1+1", "Mom: Ann 613-555-0101", "{a: b}", "# x", "Speech", "active", "Roy, Anne", "\x00", "?", "-"}),
		rapid.StringN(0, 20, -1))
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(r, "columns")
		sheet := pipelines.SampleSheet{Columns: n, Name: rapid.SampledFrom([]string{"", "Sheet: 1", "Clients"}).Draw(r, "sheet")}
		for i := range rapid.IntRange(0, 8).Draw(r, "rows") {
			row := pipelines.SampleRow{Number: int64(i + 1)}
			for range n {
				if i == 0 {
					row.Cells = append(row.Cells, heading.Draw(r, "heading"))
				} else {
					row.Cells = append(row.Cells, cell.Draw(r, "cell"))
				}
			}
			sheet.Rows = append(sheet.Rows, row)
		}
		if rapid.Bool().Draw(r, "named") && len(sheet.Rows) > 0 {
			sheet.Headings, sheet.Rows = sheet.Rows[0].Cells, sheet.Rows[1:]
		}
		p, err := Propose([]pipelines.Sample{{Name: "x {q}: 'a'.csv", Format: "delimited", Sheets: []pipelines.SampleSheet{sheet}}}, Input{Agency: "ABC", Quarter: quarter, Answers: agreed})
		if err != nil {
			r.Fatal(err)
		}
		if len(p.Tables) == 0 {
			return
		}
		if err := loads(t, dir, p.YAML()); err != nil {
			r.Fatalf("%v\n%s", err, p.YAML())
		}
	})
}

// A heading widened in a line leaves every other word of it.
func TestWiden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, old, want string }{
		{"  dob: DOB  # asked", "DOB", "  dob: [DOB, New]  # asked"},
		{`  a: "DOB"`, "DOB", `  a: ["DOB", New]`},
		{"  a: {from: Sex, codes: {F: female}}", "Sex", "  a: {from: [Sex, New], codes: {F: female}}"},
		{"  a: [Sexe, Sex]", "Sex", "  a: [Sexe, Sex, New]"},
		{"columns: {client_local_id: Client No., returned_on: Date}", "Client No.", "columns: {client_local_id: [Client No., New], returned_on: Date}"},
		{"  a: Date of birth", "Date", "  a: Date of birth"},
		{"  a: {from: [Sex], codes: {F: Sex}}", "Sex", "  a: {from: [Sex, New], codes: {F: Sex}}"},
	} {
		from := strings.Index(c.line, ":") + 1
		if strings.HasPrefix(c.line, "columns") {
			from = strings.Index(c.line, "id:") + 3
		}
		if got, _ := widen(c.line, from, c.old, "New"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.old, got, c.want)
		}
	}
}

// Amending never changes more than the lines of renamed headings, wherever the words stand.
func TestAmend_keeps(t *testing.T) {
	t.Parallel()
	before := "# notes\ncode: ABC\nname: A\nrole: participant\nlinking: {without_consent: exclude, authority: x, scopes: any}\nfiles:\n  c: {name: c*.csv} # one\n" +
		"tables:\n  - into: client\n    file: c\n    rows: {Old Status: \"*\"} # keep\n    columns:\n      client_local_id: id   # 1\n      birth_date: Old DOB # Old DOB\n      status: {from: Old Status, codes: {open: open}}\n# end\n"
	dir := t.TempDir()
	if err := loads(t, dir, before); err != nil {
		t.Fatal(err)
	}
	all, err := mapping.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	file := sample("c.csv", "id,last name,first name,Birth date,Status now\nA-1,Roy,Anne,2015-01-02,open\nA-2,Lee,Sam,2014-01-02,ferme\nA-3,Fox,Kit,2013-01-02,open", ",")
	p := propose(t, Input{Answers: agreed}, file)
	after, err := p.Amend(before, all[0], func(text string) error { return loads(t, dir, text) })
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"birth_date: Old DOB # Old DOB", "birth_date: [Old DOB, Birth date] # Old DOB",
		"status: {from: Old Status, codes: {open: open}}", "status: {from: [Old Status, Status now], codes: {open: open}}",
		`rows: {Old Status: "*"}`, `rows: {Status now: "*"}`).Replace(before)
	if after != want {
		t.Errorf("got\n%s\nwant\n%s", after, want)
	}
	if again, err := p.Amend(before, all[0], func(string) error { return nil }); err != nil || again != after {
		t.Errorf("amended again: %v\n%s", err, again)
	}
}
