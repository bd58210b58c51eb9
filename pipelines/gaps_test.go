package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary"
)

func TestOutlines(t *testing.T) {
	t.Parallel()
	w := &Workspace{Dir: t.TempDir(), Settings: Settings{Areas: []Area{{Name: "A", Municipalities: []Municipality{{Name: "Ash", Also: []string{"Town of Ash"}}}, GeoJSON: "ash.geojson"}}}}
	if _, err := w.outlines(); err == nil || !strings.Contains(err.Error(), "tributary.yaml: areas: geojson: ash.geojson") {
		t.Errorf("a file that is not there: %v", err)
	}
	write := func(name string) {
		t.Helper()
		text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"NAME":"` + name + `"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}`
		if err := os.WriteFile(filepath.Join(w.Dir, "ash.geojson"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Oak")
	if _, err := w.outlines(); err == nil || !strings.Contains(err.Error(), "ash.geojson: no property of its features (NAME)") || !strings.Contains(tributary.FixOf(err), "tributary.yaml") {
		t.Errorf("a wrong name: %v", err)
	}
	write("TOWN OF ASH")
	o, err := w.outlines()
	if err != nil || o.Paths["Ash"] == "" {
		t.Errorf("another spelling: %v, %v", o, err)
	}
	w.Settings.Areas[0].GeoJSON = ""
	if o, err := w.outlines(); o != nil || err != nil {
		t.Errorf("no borders: %v, %v", o, err)
	}
}
