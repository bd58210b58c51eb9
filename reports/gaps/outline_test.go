package gaps_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tributary"
	"tributary/reports/gaps"
)

// names are the municipalities of the fixture; the last has another spelling.
var names = []string{"Ashby", "Birch Falls", "Cedar", "Dunmore", "Elm", "Fairview", "Grand Marsh", "Harbour", "Islet", "Juniper", "Northmoor", "Old Mill and Surrounding Townships"}

// square is a feature one tenth of a degree wide; corners, where given, take the place of its own.
func square(property string, i int, corners string) string {
	x, y := -76.5+.1*float64(i%4), 44.2+.1*float64(i/4)
	if corners == "" {
		corners = fmt.Sprintf("[%g,%g],[%g,%g],[%g,%g,12],[%g,%g],[%g,%g]", x, y, x+.05, y, x+.1, y, x+.1, y+.1, x, y)
	}
	return fmt.Sprintf(`{"type":"Feature","properties":{"POP":%d,%s},"geometry":{"type":"Polygon","coordinates":[[%s]]}}`, i, property, corners)
}

func collection(features ...string) []byte {
	return []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)
}

func borders(data []byte, of ...string) []gaps.Borders {
	b := gaps.Borders{Name: "borders.geojson", Data: data, Municipalities: map[string][]string{}}
	for _, n := range of {
		b.Municipalities[n] = []string{"Twp. of " + n}
	}
	return []gaps.Borders{b}
}

func drawn(t testing.TB) *gaps.Outlines {
	t.Helper()
	var features []string
	for i, n := range names {
		features = append(features, square(fmt.Sprintf(`"CSDNAME":%q`, strings.ToUpper(n)), i, ""))
	}
	o, err := gaps.ReadOutlines(borders(collection(append(features, square(`"CSDNAME":"Elsewhere"`, 13, ""))...), names...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestReadOutlines(t *testing.T) {
	t.Parallel()
	o := drawn(t)
	if len(o.Paths) != 12 {
		t.Errorf("%d shapes, not 12: %v", len(o.Paths), o.Paths)
	}
	// Equirectangular: a tenth of a degree of longitude is drawn .71 of one of latitude at 44 degrees; the corner in
	// the middle of an edge is left out, and neighbours share their border.
	if got, want := o.Paths["Ashby"], "M1 594L141 594L141 396.5"; !strings.HasPrefix(got, want[:2]) || strings.Count(got, "L") != 2 {
		t.Errorf("Ashby is drawn %s", got)
	}
	edge := strings.TrimPrefix(strings.Split(o.Paths["Ashby"], "L")[1], "")
	if !strings.HasPrefix(o.Paths["Birch Falls"], "M"+edge+"L") {
		t.Errorf("neighbours do not meet: %s and %s", o.Paths["Ashby"], o.Paths["Birch Falls"])
	}
}

func TestReadOutlines_saysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ash := `"name":"Ashby"`
	for name, c := range map[string]struct {
		data      []byte
		want, fix string
	}{
		"no JSON":          {[]byte("<kml>"), "borders.geojson: not GeoJSON", "export the borders"},
		"no collection":    {[]byte(`{"type":"Topology"}`), `type "Topology" with 0 features`, "FeatureCollection"},
		"wrong codes":      {collection(square(`"name":"Ashville"`, 0, ""), square(`"name":"Cedar"`, 1, "")), `no feature whose "name" is Ashby; unknown are feature 1 "Ashville"`, "tributary.yaml"},
		"no code at all":   {collection(square(`"id":"x1"`, 0, "")), "no property of its features (POP, id) holds a municipality's name", "property"},
		"an open ring":     {collection(square(ash, 0, "[0,0],[1,0],[1,1],[0,1]"), square(`"name":"Cedar"`, 1, "")), "feature 1 (Ashby): ring 1: does not end where it begins", "mend the borders"},
		"too few corners":  {collection(square(ash, 0, "[0,0],[1,0],[0,0]"), square(`"name":"Cedar"`, 1, "")), "3 corners do not close around anything", "mend"},
		"nothing inside":   {collection(square(ash, 0, "[0,0],[1,1],[2,2],[0,0]"), square(`"name":"Cedar"`, 1, "")), "encloses nothing", "mend"},
		"metres":           {collection(square(ash, 0, "[380000,4900000],[381000,4900000],[381000,4901000],[380000,4900000]"), square(`"name":"Cedar"`, 1, "")), "corner 1 (380000, 4.9e+06) is no longitude and latitude", "EPSG:4326"},
		"points":           {[]byte(`{"type":"FeatureCollection","features":[{"properties":{"name":"Ashby"},"geometry":{"type":"Point","coordinates":[1,2]}},{"properties":{"name":"Cedar"},"geometry":null}]}`), "feature 1 (Ashby): is a Point", "mend"},
		"far apart":        {collection(square(ash, 0, "[0,0],[100,0],[100,1],[0,0]"), square(`"name":"Cedar"`, 1, "")), "the borders span", "keep the features"},
		"too small to see": {collection(square(ash, 0, "[1,1],[1.00001,1],[1.00001,1.00001],[1,1]"), square(`"name":"Cedar"`, 1, "[1,1],[20,1],[20,20],[1,1]")), "Ashby is too small to be seen", "leave out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gaps.ReadOutlines(borders(c.data, "Ashby", "Cedar"))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(tributary.FixOf(err), c.fix) {
				t.Errorf("got %v (fix %q), want %q (fix %q)", err, tributary.FixOf(err), c.want, c.fix)
			}
		})
	}
}

func TestReadOutlines_staysSmall(t *testing.T) {
	t.Parallel()
	// A coast of 200,000 corners, finer than any screen.
	var ring strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&ring, "[%.7f,%.7f],", -77+float64(i)/200_000, 44+.01*float64(i%97)/97)
	}
	ring.WriteString("[-76,45],[-77,44]")
	o, err := gaps.ReadOutlines(borders(collection(square(`"name":"Ashby"`, 0, ring.String())), "Ashby"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(o.Paths["Ashby"]); n > 400_000 {
		t.Errorf("%d bytes of path", n)
	}
}

func TestWritePage_withBorders(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := gaps.WritePage(t.Context(), fixture(t), quarter(t, "2025-26Q4"), "en", drawn(t), &page); err != nil {
		t.Fatal(err)
	}
	left(t, "gaps-borders-en.html", page.Bytes())
	if !strings.Contains(page.String(), "Borders as in the workspace") || strings.Contains(page.String(), "Squares in order of name") {
		t.Error("the page does not say what its map is")
	}
}

func FuzzReadOutlines(f *testing.F) {
	f.Add(collection(square(`"name":"Ashby"`, 0, "")))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"properties":{"name":"Ashby"},"geometry":{"type":"MultiPolygon","coordinates":[]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := gaps.ReadOutlines(borders(data, "Ashby"))
		if err == nil && o.Paths["Ashby"] == "" {
			t.Error("read without a shape")
		}
	})
}
