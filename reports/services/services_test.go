package services_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary/pipelines/warehouse"
	"tributary/reports/services"
)

func fixture(t *testing.T) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range []string{
		"attach ':memory:' as release",
		`create table release.setting as select * from (values ('agency_name', 'Lakeside & Hills'), ('agency_name_fr', 'Lakeside et Hills'), ('as_of', '2026-03-31'), ('small_below', '5')) as t(name, value)`,
		`create table release.language as select * from (values ('eng', 'English', 'Anglais'), ('fra', 'French', 'Français')) as t(code, name, name_fr)`,
		`create table release.service as select * from (values ('ot', 'Occupational therapy', 'Ergothérapie', 1), ('slp', 'Speech-language', 'Orthophonie', 2), ('respite', 'Respite', 'Répit', 3),
			('vision', 'Vision', 'Vision', 4), ('autism', 'Autism services', 'Services en autisme', 5)) as t(code, name, name_fr, ordinal)`,
		`create table release.provider as select 'Autism Centre' as name, 'Centre pour l''autisme' as name_fr`,
		`create table release.wait as select * from (values ('ot', 9.0, false), ('slp', 292.0, false), ('respite', null, true)) as t(service_type, median_days, is_hidden)`,
		`create table release.local_service as select * from (values
			('ot', 'Lakes Therapy', 'Birch', 'eng', 0, 6, 'intake@lakes.example'), ('ot', 'Thérapie des Lacs', 'Elm', 'fra', 3, null, '613 555-0101, weekdays'),
			('slp', 'Clinic <script>alert(1)</script>', 'Birch', 'eng', null, 18, 'https://clinic.example/ask?a=1&b=2'),
			('slp', 'By words', null, null, null, null, 'javascript:alert(1)'), ('autism', 'Autism Centre', 'Birch', 'eng', null, null, null)) as t(service_type, offered_by, municipality, service_language, from_age, to_age, how_to_reach)`,
	} {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	return db
}

func TestPage(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	for lang, want := range map[string][]string{
		"en": {`<html lang="en-CA">`, "Information as of 31 March 2026.", "about 9 days", "about 10 months", "too few children wait", "0 to 6", "from 3", "up to 18", "Whole area",
			`<a href="mailto:intake@lakes.example">`, `<a href="https://clinic.example/ask?a=1&amp;b=2">`, "Lakeside &amp; Hills", `href="services-fr.html"`, "not known"},
		"fr": {`<html lang="fr-CA">`, "en date du 31 mars 2026", "environ 10 mois", "trop peu d&#39;enfants", "dès 3 ans", "jusqu&#39;à 18 ans", "Ensemble du secteur", "Anglais", "Orthophonie", "Centre pour l&#39;autisme"},
	} {
		var out bytes.Buffer
		if err := services.Page(t.Context(), db, lang, &out); err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("KEEP_PAGES"); dir != "" {
			if err := os.WriteFile(dir+"/page-"+lang+".html", out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: the page does not say %q", lang, w)
			}
		}
		// Vision is neither offered nor waited for; nothing is executed or fetched; no exact day of a long wait.
		for _, w := range []string{"Vision", "<script", `href="javascript`, "Zgotmpl", "src=", "@import", "url(", "292"} {
			if strings.Contains(out.String(), w) {
				t.Errorf("%s: the page says %q", lang, w)
			}
		}
	}
	if err := services.Page(t.Context(), db, "de", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "neither en nor fr") {
		t.Errorf("got %v", err)
	}
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	var out, again bytes.Buffer
	for _, b := range []*bytes.Buffer{&out, &again} {
		if err := services.Workbook(t.Context(), db, "fr", b); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Error("the same release gives other bytes")
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Services")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Service", "Où", "Offert par", "Langue", "Âges", "Comment joindre", "Attente typique à ce jour", "Attente typique à ce jour, en jours"},
		{"Ergothérapie", "Birch", "Lakes Therapy", "Anglais", "de 0 à 6 ans", "intake@lakes.example", "environ 9 jours", "9"},
		{"Ergothérapie", "Elm", "Thérapie des Lacs", "Français", "dès 3 ans", "613 555-0101, weekdays", "environ 9 jours", "9"},
		{"Orthophonie", "Birch", "Clinic <script>alert(1)</script>", "Anglais", "jusqu'à 18 ans", "https://clinic.example/ask?a=1&b=2", "environ 10 mois", "294"},
		{"Orthophonie", "Ensemble du secteur", "By words", "", "tous âges", "javascript:alert(1)", "environ 10 mois", "294"},
		{"Répit", "", "Aucun fournisseur de ce service ne figure dans la liste du secteur.", "", "", "", "trop peu d'enfants attendent pour donner un chiffre"},
		{"Services en autisme", "Birch", "Centre pour l'autisme", "Anglais", "tous âges", "", "non connue"},
	}
	if diff := cmp.Diff(want, rows[4:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
