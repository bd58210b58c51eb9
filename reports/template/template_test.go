package template

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/examples/demo"
)

// release is an invented release of the third quarter.
func release(t testing.TB) *Release {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q3")
	if err != nil {
		t.Fatal(err)
	}
	r := &Release{Quarter: q, settings: map[string]string{"agency_name": "Lakeside Coordinating Agency", "agency_name_fr": "Organisme Lakeside",
		"tpr_number": "000000-0", "region": "East", "region_fr": "Est", "area": "Lakeside", "quarter": q.String(), "as_of": "2025-12-31", "director": "R. Ashdown"},
		codes: map[string][]code{"csp_referrals": {{"source", "self", "Family or self", "Famille ou soi-même"}, {"source", "school_board", "School board", "Conseil scolaire"},
			{"source", "child_welfare", "Child welfare", "Protection de l'enfance"}, {"source", "mental_health", "Mental health", "Santé mentale"}, {"source", "other", "Other", "Autre"}},
			"csp_made_inactive": {{"reason", "moved", "Moved out of area", "Déménagement hors du secteur"}, {"reason", "other", "Other", "Autre"}}},
		values: map[string]value{}, targets: map[string]float64{"csp_plans@2025-26Q3": 30, "csp_reviews_on_time_share.share@2025-26Q3": 0.85},
		notes: map[string]string{"cause csp_plans@2025-26Q3": "=two coordinators on leave", "prepared_by workbook@2025-26Q3": "A. Analyst"}}
	for _, town := range []string{"Cedar Falls", "Port Maitland", "Rivière-aux-Loups", "Granite Lake", "Stonebridge", "Northmoor"} {
		r.places = append(r.places, code{"municipality", town, town, ""})
	}
	for _, m := range []measure{
		{"csp_referrals", "count", "events_in_period", "Referrals received", "Aiguillages reçus"},
		{"csp_families_served", "count", "unique_in_period", "Families served", "Familles servies"},
		{"csp_children_served", "count", "unique_in_period", "Children and youth served", "Enfants et jeunes servis"},
		{"csp_families_active", "count", "point_in_time", "Families active at quarter end", "Familles actives à la fin du trimestre"},
		{"csp_children_active", "count", "point_in_time", "Children and youth active at quarter end", "Enfants et jeunes actifs à la fin du trimestre"},
		{"csp_intakes", "count", "events_in_period", "Intakes completed", "Accueils terminés"},
		{"csp_made_inactive", "count", "events_in_period", "Episodes made inactive", "Épisodes devenus inactifs"},
		{"csp_plans", "count", "events_in_period", "Plans developed", "Plans élaborés"},
		{"csp_plans_shared", "count", "events_in_period", "Plans shared", "Plans communiqués"},
		{"csp_reviews_on_time", "count", "events_in_period", "Plan reviews done on time", "Révisions de plan faites à temps"},
		{"csp_days_to_plan", "quantile", "events_in_period", "Days from referral to plan", "Jours de l'aiguillage au plan"},
		{"csp_reviews_on_time_share", "share", "events_in_period", "Share of plan reviews done on time", "Part des révisions de plan faites à temps"},
		{"csp_families_waiting", "count", "point_in_time", "Families waiting for a coordinator", "Familles en attente d'un coordonnateur"},
	} {
		r.measures = append(r.measures, m)
	}
	for i, at := range []string{"2025-26Q1", "2025-26Q2", "2025-26Q3"} {
		for k, m := range r.measures {
			v := float64(10*(k+1) + i)
			switch m.kind {
			case "quantile":
				r.values[m.id+".median@"+at], r.values[m.id+".p90@"+at] = value{v, false}, value{2 * v, false}
				r.values[m.id+".median@"+at+"/ytd"] = value{v, false}
			case "share":
				r.values[m.id+".share@"+at], r.values[m.id+".share@"+at+"/ytd"] = value{v / 1000, false}, value{v / 1000, false}
			default:
				r.values[m.id+"@"+at], r.values[m.id+"@"+at+"/ytd"] = value{v, false}, value{3 * v, false}
			}
			for _, c := range append(slices.Clone(r.codes[m.id]), r.places...) {
				r.values[m.id+"@"+at+"/"+c.by+"="+c.code] = value{float64(i + k), false}
			}
		}
	}
	r.values["csp_families_waiting@2025-26Q2"] = value{0, true}
	delete(r.values, "csp_days_to_plan.p90@2025-26Q1")
	return r
}

func form0(t testing.TB, language string) []byte {
	t.Helper()
	b, err := demo.Form(language)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func learned(t testing.TB, blank []byte, o Options) *Proposal {
	t.Helper()
	if o.Name == "" {
		o.Name = "form.xlsx"
	}
	p, err := Learn(blank, release(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func filled(t testing.TB, blank []byte, m Map, r *Release) ([]byte, Done) {
	t.Helper()
	var out bytes.Buffer
	done, err := Write(blank, m, r, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), done
}

// fills leads from the sheet cell to what goes in.
func fills(p *Proposal) map[string]string {
	out := map[string]string{}
	for _, m := range p.Matches {
		if m.State == "sure" {
			out[m.Sheet+"!"+m.At] = strings.TrimSpace(m.Fill + " " + m.As)
		}
	}
	return out
}

// raw is all that a zip holds of each part: its header and its compressed bytes.
func raw(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = f.Modified.String() + f.Comment + string(f.Extra) + string(rune(f.Method)) + string(rune(f.Flags)) + string(content)
	}
	return out
}

// wantUntouched proves that only the parts named have another byte, compressed ones too.
func wantUntouched(t testing.TB, before, after []byte, changed ...string) {
	t.Helper()
	was, is := raw(t, before), raw(t, after)
	var differ []string
	for name, content := range was {
		if is[name] != content {
			differ = append(differ, name)
		}
	}
	slices.Sort(differ)
	slices.Sort(changed)
	if diff := cmp.Diff(changed, differ); diff != "" || len(was) != len(is) {
		t.Errorf("changed parts (-want +got), %d parts before and %d after:\n%s", len(was), len(is), diff)
	}
}

func reopen(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func get(t testing.TB, f *excelize.File, cells ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, c := range cells {
		sheet, at, _ := strings.Cut(c, "!")
		v, err := f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		out[c] = v
	}
	return out
}

// libreOffice says where soffice is; without it a test says what it left out, and fails under CI.
func libreOffice(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("soffice is not here: run make deps")
		}
		t.Skip("left out: soffice is not here; make deps installs it")
	}
}

// converted is a workbook that LibreOffice opened, calculated and saved.
func converted(t *testing.T, b []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.xlsx")
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", filepath.Join(dir, "out"), in)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "out", "in.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	return saved
}
