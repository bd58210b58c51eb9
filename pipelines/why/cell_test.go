package why

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/pipelines/warehouse"
)

func TestParseCellID_readsWhatItWrites(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"csp_referrals@2025-26Q2", "csp_referrals@2025-26Q2/ytd", "csp_days_to_plan.p90@2025-26Q2/ytd/municipality=Rivière-aux-Loups",
		"csp_referrals@2025-26Q2/source=self",
	} {
		id, err := ParseCellID(text)
		if err != nil || id.String() != text {
			t.Errorf("got %q, %v; want %q", id, err, text)
		}
	}
	for _, text := range []string{"", "csp_referrals", "@2025-26Q2", "csp_referrals@2025Q2", "csp_referrals@2025-26Q2/agency"} {
		if _, err := ParseCellID(text); err == nil || tributary.FixOf(err) == "" {
			t.Errorf("%q: got %v; want an error with a fix", text, err)
		}
	}
}

func TestRecount_followsTheKind(t *testing.T) {
	t.Parallel()
	value := func(id string, v float64) Unit { return Unit{ID: id, Value: &v, counted: true} }
	units := []Unit{
		value("a", 1), value("a", 1), value("b", 0), value("c", 10), value("d", 3),
		{ID: "out", Weight: 100, leftOutBy: "no_date"}, {ID: "e", counted: true, Weight: 8},
	}
	for _, c := range []struct {
		kind, statistic string
		want            float64
	}{
		{"count", "", 5}, {"share", "n", 4}, {"share", "met", 14}, {"quantile", "n", 4},
		{"quantile", "median", 1}, {"quantile", "p90", 10}, {"wait", "longest", 10},
		{"sum", "", 15}, {"ratio", "ratio", 15. / 8}, {"ratio", "n", 8},
	} {
		got := recount(CellID{Statistic: c.statistic}, definition{kind: c.kind}, units)
		if got != c.want {
			t.Errorf("%s %s: got %v, want %v", c.kind, c.statistic, got, c.want)
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: "A", 26: "Z", 27: "AA", 703: "AAA"} {
		if got := letters(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// finished makes the few tables that why reads.
func finished(t *testing.T) *warehouse.DB {
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range []string{
		"attach ':memory:' as measure", "attach ':memory:' as stage", "attach ':memory:' as link",
		`create table measure.definition as select 'referrals' as measure, 'count' as kind, 'episode' as unit, 'events_in_period' as basis,
			'Referrals' as label, 'Aiguillages' as label_fr, 'all' as definition, 'tous' as definition_fr, 'derived' as cites, 1 as ordinal`,
		`create table measure.rule as select 'referrals' as measure, 'no_date' as code, 'No date' as label, 'Sans date' as label_fr`,
		`create table measure.referrals as select * from (values
			('A|1|1', '2025-26Q1', 'A', true, null, 1.0, {'quarter': '2025-26Q1', 'file': 'x.xlsx', 'version': 1, 'sheet': 'E', 'row': 5::bigint, 'path': null::varchar}),
			('A|2|1', '2025-26Q1', 'A', false, 'no_date', null, {'quarter': '2025-26Q1', 'file': 'x.xlsx', 'version': 1, 'sheet': 'E', 'row': 6::bigint, 'path': null::varchar}),
			('A|1|1', '2025-26Q2', 'A', true, null, 1.0, {'quarter': '2025-26Q2', 'file': 'y.xlsx', 'version': 1, 'sheet': 'E', 'row': 5::bigint, 'path': null::varchar})
		) as t(unit_id, quarter, agency, counted, left_out_by, value, _address)`,
		`create table measure.cell as select * from (values ('referrals@2025-26Q1', 1.0), ('referrals@2025-26Q2/ytd', 2.0)) as t(cell_id, value)`,
		`create table stage."column" as select 'A' as agency, '2025-26Q1' as quarter, 'x.xlsx' as file, 1 as version, 'E' as sheet,
			'referral' as into_table, 'referred_on' as column_name, 'Referral Date' as heading, 3 as position`,
		`create table stage.referral as select 'A' as agency, '1' as client_local_id,
			{'quarter': '2025-26Q1', 'file': 'x.xlsx', 'version': 1, 'sheet': 'E', 'row': 5::bigint, 'path': null::varchar} as _address`,
		`create table link.client_child as select 'C1' as child_id, agency, client_local_id from (values ('A', '1'), ('B', '9')) as t(agency, client_local_id)`,
		`create table link.client_consent as select agency, '2025-26Q1' as quarter, client_local_id, agency = 'A' as has_consent from link.client_child`,
		`create table stage.agency as select agency, 'count_only' as linking_rule from (values ('A'), ('B')) as t(agency)`,
	} {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

func sqlOf(string) (string, []string) { return "select 1", []string{"referral.referred_on"} }

func TestCell_pointsAtTheSheetCell(t *testing.T) {
	t.Parallel()
	db := finished(t)
	id, err := ParseCellID("referrals@2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Cell(t.Context(), db, id, sqlOf, "fr", 1)
	if err != nil {
		t.Fatal(err)
	}
	if a.Value != 1 || a.Recounted != 1 {
		t.Errorf("got %v, counted again %v; want 1", a.Value, a.Recounted)
	}
	want := []Step{{Label: "Examinés", Units: 2}, {Rule: "no_date", Label: "Sans date", Units: -1}, {Label: "Comptés", Units: 1}}
	if diff := cmp.Diff(a.Waterfall, want); diff != "" {
		t.Errorf("waterfall (-got +want):\n%s", diff)
	}
	if len(a.Units) != 1 || a.Units[0].Address.Row != 5 || a.Units[0].Evidence[0] != `C5 ("Referral Date")` {
		t.Errorf("got units %+v", a.Units)
	}
}

func TestCell_refusesWhatIsNotCounted(t *testing.T) {
	t.Parallel()
	db := finished(t)
	for text, fix := range map[string]string{
		"referrals.share@2025-26Q1":   "a count is asked for without a statistic: referrals@2025-26Q1",
		"referrals@2025-26Q1/size=1":  "it is counted by: agency",
		"referrals@2025-26Q1/value=1": "it is counted by: agency",
	} {
		id, err := ParseCellID(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Cell(t.Context(), db, id, func(string) (string, []string) { return "", nil }, "en", 0)
		if diff := cmp.Diff(fix, tributary.FixOf(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestEvery_saysWhatDiffers(t *testing.T) {
	t.Parallel()
	db := finished(t)
	differ, err := Every(t.Context(), db, map[string]string{"referrals@2025-26Q1": "1", "referrals@2025-26Q2/ytd": "3"})
	want := []string{"referrals@2025-26Q2/ytd: printed 3, counted 2"}
	if diff := cmp.Diff(differ, want); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

func TestOfChild_saysTheRuleThatKeepsItOut(t *testing.T) {
	t.Parallel()
	db := finished(t)
	c, err := OfChild(t.Context(), db, "A:1", "en")
	if err != nil || c.ID != "C1" {
		t.Fatal(c, err)
	}
	if len(c.Records) != 1 || c.Withheld != 1 {
		t.Errorf("a record without consent stands beside another's: %+v", c)
	}
	want := []Part{{Measure: "referrals", Label: "Referrals", Quarter: "2025-26Q1", Counted: true, Agency: "A",
		Cells: []string{"referrals@2025-26Q1", "referrals@2025-26Q1/agency=A"}}}
	if diff := cmp.Diff(c.Parts, want); diff != "" {
		t.Errorf("parts (-got +want):\n%s", diff)
	}
	if _, err := OfChild(t.Context(), db, "A:9", "en"); err == nil || tributary.FixOf(err) == "" {
		t.Errorf("got %v; want an error with a fix", err)
	}
}
