package pipelines

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tributary"
)

// estimates is an invented file in the shape of table 17-10-0152-01, of two years and two divisions, one of them elsewhere.
func estimates(ageGroups ...string) string {
	var b strings.Builder
	b.WriteString("\ufeff\"REF_DATE\",\"GEO\",\"DGUID\",\"Gender\",\"Age group\",\"UOM\",\"UOM_ID\",\"SCALAR_FACTOR\",\"SCALAR_ID\",\"VECTOR\",\"COORDINATE\",\"VALUE\",\"STATUS\",\"SYMBOL\",\"TERMINATED\",\"DECIMALS\"\n")
	for i, year := range []string{"2025", "2024"} {
		for _, place := range [][2]string{{"Frontenac, Ontario", "2021A00033510"}, {"Gatineau, Quebec", "2021A00032481"}} {
			for _, gender := range []string{"Total - gender", "Men+"} {
				for _, age := range append([]string{"All ages"}, ageGroups...) {
					n := 100 - i
					if age == "All ages" {
						n = 9000
					}
					fmt.Fprintf(&b, "%q,%q,%q,%q,%q,\"Persons\",\"249\",\"units\",\"0\",\"v1\",\"1.1.1\",\"%d\",\"\",\"\",\"\",\"0\"\n", year, place[0], place[1], gender, age, n)
				}
			}
		}
	}
	return b.String()
}

func singleYears() []string {
	years := []string{"0 years", "1 year"}
	for n := 2; n < 21; n++ {
		years = append(years, fmt.Sprint(n, " years"))
	}
	return years
}

func zipped(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range [][2]string{{strings.Replace(name, ".csv", "_MetaData.csv", 1), "x"}, {name, text}} {
		w, err := z.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadPopulation(t *testing.T) {
	t.Parallel()
	years := estimates(singleYears()...)
	groups := estimates("0 to 4 years", "5 to 9 years", "10 to 14 years", "15 to 19 years", "15 years", "16 years", "17 years")
	french := strings.NewReplacer("REF_DATE", "PÉRIODE DE RÉFÉRENCE", "Gender", "Genre", "Age group", "Groupe d'âge", "\"VALUE\"", "\"VALEUR\"", "All ages", "Tous les âges", "\",\"", "\";\"",
		" years", " ans", " year", " an", "Total - gender", "Total - genre").Replace(years)
	for name, c := range map[string]struct {
		data     []byte
		children int64
	}{"single years": {[]byte(years), 1800}, "groups and years": {[]byte(groups), 600}, "as downloaded": {zipped(t, "17100152.csv", years), 1800}, "in French": {[]byte(french), 1800}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, on, err := readPopulation(c.data)
			if err != nil || len(got) != 1 || got[0] != (division{"3510", 9000, c.children}) || on != "2025-07-01" {
				t.Errorf("got %v on %s, %v", got, on, err)
			}
		})
	}
}

func TestReadPopulation_refuses(t *testing.T) {
	t.Parallel()
	years := estimates(singleYears()...)
	for name, c := range map[string]struct {
		data      []byte
		want, fix string
	}{
		"another table":           {[]byte("a,b\n1,2\n"), "is not table 17-10-0152-01", "download table 17-10-0152-01"},
		"another table, zipped":   {zipped(t, "17100005.csv", years), "holds 17100005.csv", "download table 17-10-0152-01"},
		"nothing of Ontario":      {[]byte(strings.ReplaceAll(years, "2021A00033510", "2021A00032466")), "no census division of Ontario", "download"},
		"no ages of children":     {[]byte(estimates("0 to 4 years", "5 to 9 years", "10 to 14 years", "15 to 19 years")), "census division 3510: no age group begins at 15", "single years"},
		"cut off":                 {[]byte(years[:len(years)-200]), "is cut off", "download the file again"},
		"damaged":                 {[]byte("PK\x03\x04 and no more"), "damaged zip", "download the file again"},
		"nothing":                 {nil, "is no table", "download"},
		"more children than ages": {[]byte(strings.ReplaceAll(years, "9000", "900")), "more children than people", "download"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readPopulation(c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(tributary.FixOf(err), c.fix) {
				t.Errorf("got %v (%s), want %s (%s)", err, tributary.FixOf(err), c.want, c.fix)
			}
		})
	}
}

func FuzzReadPopulation(f *testing.F) {
	f.Add([]byte(estimates("0 to 17 years")))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _, _ = readPopulation(data) })
}

func TestCheckPlaces(t *testing.T) {
	t.Parallel()
	s := Settings{Areas: []Area{{Name: "North", CensusDivisions: []string{"3510", "3599"}, Municipalities: []Municipality{
		{Name: "Birch", Postal: []string{"K7L", "k7m"}, Population: 5}, {Name: "Alder", Postal: []string{"K7L"}}}}}}
	var got []string
	for _, err := range s.checkPlaces() {
		got = append(got, err.Error())
	}
	want := `tributary.yaml: areas: North: there is no census division "3599"|tributary.yaml: areas: Birch: "k7m" is not a postal area of Ontario|` +
		`tributary.yaml: areas: Birch: a population has a number above zero and a day|tributary.yaml: areas: postal area K7L stands under Birch and Alder`
	if strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
}

// The area of the seed is found by its name, however "and" is written; an area that nobody knows has no people.
func TestSeed_areasAndDivisions(t *testing.T) {
	t.Parallel()
	areas, err := seedRows("service_area")
	if err != nil {
		t.Fatal(err)
	}
	divisions, err := seedRows("census_division")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, d := range divisions {
		known[d["code"]] = true
	}
	found := 0
	for _, a := range areas {
		if samePlace(a["name"], "Kingston, Frontenac, Lennox and Addington") {
			found++
		}
		for _, code := range strings.Fields(a["census_divisions"]) {
			if !known[code] {
				t.Errorf("%s: there is no census division %s", a["name"], code)
			}
		}
		if a["status"] == "" {
			t.Errorf("%s: says neither confirmed nor derived", a["name"])
		}
	}
	if found != 1 || len(areas) != 33 || len(divisions) != 49 {
		t.Errorf("found %d of the area, %d areas, %d divisions", found, len(areas), len(divisions))
	}
}
