package mapping

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

const elm = `code: ELM
name: Elm House
role: provider
category: respite
date_order: dmy
linking: {without_consent: count_only, authority: clause 4.2, scopes: [all_partners]}
files:
  clients: {name: "clients_{fy}_{q}*.csv", encoding: utf-16, delimiter: tab, headings: 2}
  monthly: {name: "m_{ym}.xlsx", password: "${env:ELM}", owed: false}
codes:
  service: {speech: slp}
tables:
  - into: client
    file: clients
    columns: {client_local_id: No, given_name: {from: Name, take: '^(\S+)'}, birth_date: Born}
  - into: service
    file: monthly
    sheet: Visits
    headings: [1, 2]
    rows: {Kind: [Visit, Call]}
    columns: {client_local_id: No, service_type: {from: Type, codes: service}, hours: Hours}
`

func load(t *testing.T, files map[string]string) ([]*Agency, error) {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Load(m)
}

func TestLoad_inOrderOfCodes(t *testing.T) {
	t.Parallel()
	got, err := load(t, map[string]string{
		"agencies/ELM.yaml": elm,
		"agencies/ASH.yaml": strings.Replace(elm, "code: ELM", "code: ASH", 1),
		"agencies/note.txt": "not ours",
	})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, a := range got {
		codes = append(codes, a.Code)
	}
	if diff := cmp.Diff([]string{"ASH", "ELM"}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_faults(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ old, new, want, fix string }{
		"no linking":      {"linking: {", "# linking: {", "ELM.yaml:1: linking is missing", "add linking:"},
		"rule":            {"count_only", "always", `without_consent "always" is not known`, "write one of count_only, separate, exclude"},
		"scope":           {"[all_partners]", "[all_partner]", `"all_partner" is no code of the list consent_scope`, "did you mean all_partners?"},
		"no authority":    {"authority: clause 4.2, ", "", `"authority" is missing`, "add authority:"},
		"category":        {"category: respite", "category: respit", `"respit" is no code of the list source`, "did you mean respite?"},
		"role":            {"role: provider", "role: supplier", `role "supplier"`, "write one of coordinating_agency"},
		"unknown key":     {"date_order: dmy", "date_ordr: dmy", `ELM.yaml:5: unknown key "date_ordr"`, `did you mean "date_order"?`},
		"date order":      {"date_order: dmy", "date_order: dym", `date_order "dym"`, "write one of dmy, mdy, ymd"},
		"file name":       {"code: ELM", "code: OAK", `code "OAK" is not the file's name`, "agencies/OAK.yaml"},
		"pattern word":    {"m_{ym}", "m_{month}", "{month} is not known", "use {fy}, {q}, {ym}"},
		"table":           {"into: service", "into: services", `no canonical table "services"`, "did you mean service?"},
		"file key":        {"file: monthly", "file: month", `"month" is not under files:`, "did you mean monthly?"},
		"column":          {"birth_date: Born", "birthdate: Born", `table client has no column "birthdate"`, "did you mean birth_date?"},
		"no client":       {"client_local_id: No, given_name", "family_name: No, given_name", "client_local_id is missing", "add client_local_id:"},
		"code":            {"speech: slp", "speech: spl", `"spl" is no code of the list service_type`, "did you mean slp?"},
		"code list":       {"codes: service}", "codes: services}", `no list "services" under codes:`, "did you mean service?"},
		"take":            {`'^(\S+)'`, `'^\S+'`, "the pattern takes nothing", "put ( ) around"},
		"pattern":         {`'^(\S+)'`, `'^(\S+'`, "missing closing )", "patterns are RE2"},
		"format":          {"encoding: utf-16, ", "format: excel, ", `format "excel" is not known`, "write one of delimited, text"},
		"encoding":        {"encoding: utf-16,", "encoding: utf16,", `encoding "utf16" is not known`, "write one of utf-8, utf-16"},
		"delimiter":       {"delimiter: tab", "delimiter: tabs", `delimiter "tabs" is not known`, "write one of comma"},
		"constant":        {"hours: Hours", "hours: {value: lots}", `hours: "lots" does not fit the column`, "write a number"},
		"constant date":   {"birth_date: Born", "birth_date: {from: Born, if_blank: 2015-02-30}", `birth_date: "2015-02-30" does not fit`, "write a day"},
		"two sources":     {"from: Type,", "from: Type, value: slp,", "service_type: 2 sources", "give one of"},
		"health number":   {"birth_date: Born", "health_number: HCN", "health_number may not be held", "keep_health_number"},
		"unused file":     {"file: monthly", "file: clients", `file "monthly": no table reads it`, "remove the file"},
		"duplicate key":   {"name: Elm House", "name: Elm House\nname: Elm", `key "name" written twice`, "keep one of the two"},
		"wrong indention": {"  clients:", "  clients", "ELM.yaml:", "check"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(elm, c.old) {
				t.Fatalf("the example does not hold %q", c.old)
			}
			_, err := load(t, map[string]string{"agencies/ELM.yaml": strings.Replace(elm, c.old, c.new, 1)})
			if err == nil {
				t.Fatal("loaded")
			}
			for _, e := range split(err) {
				if strings.Contains(e.Error(), c.want) && strings.Contains(tributary.FixOf(e), c.fix) {
					return
				}
			}
			t.Errorf("got %v; fix %q; want %q with fix %q", err, tributary.FixOf(err), c.want, c.fix)
		})
	}
}

func TestLoad_allFaultsOfAllFiles(t *testing.T) {
	t.Parallel()
	bad := strings.NewReplacer("role: provider", "role: x", "speech: slp", "speech: y", "count_only", "z").Replace(elm)
	_, err := load(t, map[string]string{"agencies/ELM.yaml": bad, "agencies/ASH.yaml": "code: ASH\nwhat: 1\n"})
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 4 {
		t.Errorf("want 4 faults, got %v", err)
	}
}

// Folders of many systems do not tell CTC from ctc: the files of one would be taken for the other's.
func TestLoad_codesEqualButForCase(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"agencies/ELM.yaml": elm, "agencies/elm.yaml": strings.Replace(elm, "code: ELM", "code: elm", 1)})
	if err == nil || !strings.Contains(err.Error(), `code "elm" is that of agencies/ELM.yaml`) {
		t.Errorf("got %v", err)
	}
}

// Landing sees the name as it came, its accents apart where it comes from a Mac.
func TestHints_accents(t *testing.T) {
	t.Parallel()
	agencies, err := load(t, map[string]string{"agencies/ELM.yaml": strings.Replace(elm, `name: "m_{ym}.xlsx"`, `name: "\u00e9t\u00e9.xlsx"`, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range agencies[0].Hints(tributary.QuarterOf(time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)))[1:] {
		got = append(got, h.Pattern)
	}
	if diff := cmp.Diff([]string{"\u00e9t\u00e9.xlsx", "e\u0301te\u0301.xlsx"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	agencies, err := load(t, map[string]string{"agencies/ELM.yaml": elm})
	if err != nil {
		t.Fatal(err)
	}
	got := agencies[0].Hints(tributary.QuarterOf(time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)))
	want := []tributary.Hint{
		{Pattern: "clients_[0-9][0-9][0-9][0-9]-[0-9][0-9]_Q[1-4]*.csv", Encoding: "utf-16", Delimiter: "tab", HeadingRows: map[string][]int{"": {2}}},
		{Pattern: "m_[0-9][0-9][0-9][0-9]-[0-9][0-9].xlsx", HeadingRows: map[string][]int{"Visits": {1, 2}}, Password: "${env:ELM}"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSQL_readsWithoutTheProgram(t *testing.T) {
	t.Parallel()
	agencies, err := load(t, map[string]string{"agencies/ELM.yaml": elm})
	if err != nil {
		t.Fatal(err)
	}
	got, err := agencies[0].SQL()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"-- ELM: service from m_{ym}.xlsx, sheet Visits\nselect\n    'ELM' as agency,",
		`read_birth_date(landed."Born", 'dmy') as birth_date,`,
		`case lower(landed."Type") when 'speech' then 'slp' end as service_type,`,
		`where landed._kind = 'data' and lower(landed."Kind") in ('visit', 'call');`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %s\nin:\n%s", want, got)
		}
	}
}

func TestPattern_match(t *testing.T) {
	t.Parallel()
	q, _ := tributary.ParseQuarter("2025-26Q2")
	cases := []struct {
		pattern, name string
		ok            bool
		month, claims string
	}{
		{"LCTC_{fy}_{q}*.xlsx", "lctc_2025-26_q2_resent.xlsx", true, "0001-01-01", "2025-26Q2"},
		{"LCTC_{fy}_{q}*.xlsx", "LCTC_2025-26_Q1.xlsx", true, "0001-01-01", "2025-26Q1"},
		{"m_{ym}.csv", "m_2025-08.csv", true, "2025-08-01", "2025-26Q2"},
		{"m_{ym}.csv", "m_2025-13.csv", false, "0001-01-01", ""},
		{"a(1).csv", "a(1).csv", true, "0001-01-01", "2025-26Q2"},
		{"a.csv", "aXcsv", false, "0001-01-01", ""},
	}
	for _, c := range cases {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		ok, month, claims := p.match(c.name, q)
		if ok != c.ok || month.Format("2006-01-02") != c.month || claims.String() != c.claims {
			t.Errorf("%s on %s: %v %s %s", c.pattern, c.name, ok, month.Format("2006-01-02"), claims)
		}
	}
}

func TestJoinHeadings_mergedCellsFillRight(t *testing.T) {
	t.Parallel()
	names := joinHeadings([][]string{{"", "Child", "", "Home", ""}, {"#", "Name", "Born", "Town", "Since"}}, 5)
	if diff := cmp.Diff([]string{"#", "Child/Name", "Child/Born", "Home/Town", "Home/Since"}, names); diff != "" {
		t.Error(diff)
	}
	h := indexHeadings(names, []string{"#", "Name", "Born", "Town", "Since"})
	if i, ok := h.find(" since "); !ok || i != 4 {
		t.Error("the last row's words alone are not found")
	}
}

func TestNaturalName(t *testing.T) {
	t.Parallel()
	names := []string{"clients_v10.csv", "clients_v2.csv", "clients.csv"}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(naturalName(a), naturalName(b)) })
	if diff := cmp.Diff([]string{"clients.csv", "clients_v2.csv", "clients_v10.csv"}, names); diff != "" {
		t.Error(diff)
	}
}

// The mappings of area-a are the proof that an analyst can write one: no SQL, and short.
func TestExamples_areShort(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../../examples/area-a")
	agencies, err := Load(root)
	if err != nil || len(agencies) != 8 {
		t.Fatal(len(agencies), err)
	}
	var lines []int
	for _, a := range agencies {
		text, err := os.ReadFile("../../examples/area-a/" + a.path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Count(string(text), "\n"))
	}
	slices.Sort(lines)
	if median := lines[len(lines)/2]; median >= 80 {
		t.Errorf("median %d lines", median)
	}
}
