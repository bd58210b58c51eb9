package gaps

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"unicode"

	"tributary"
)

// OutlinesLimit is the largest GeoJSON that is read, in bytes: a province of municipalities in full detail has less.
const OutlinesLimit = 64 << 20

// Outlines are the drawn shapes of municipalities, by their name in the workspace, as SVG path data within a box of
// Width by Height.
type Outlines struct {
	Width, Height int
	Paths         map[string]string
	labels        map[string]label
}

// label is where the words of a shape stand, and how wide and high it is there.
type label struct{ x, y, width, height int }

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

type feature struct {
	Properties map[string]any `json:"properties"`
	Geometry   *geometry      `json:"geometry"`
}

type ring [][2]float64

// mapWidth is the width of the drawing; the grid that corners are moved to is half a unit wide, which no eye sees
// and which leaves borders that two municipalities share shared.
const mapWidth = 560.0

// pathsLimit is how much path data the page carries; a coarser grid is tried until it holds.
const pathsLimit = 400_000

// Borders is a GeoJSON file with the borders of an area's municipalities: for each its code, and the names and other
// codes that a feature may have for it.
type Borders struct {
	Name           string
	Data           []byte
	Municipalities map[string][]string
}

// ReadOutlines reads files whose features are municipalities, found by a property that is one of their names or
// codes. Degrees of longitude and latitude (RFC 7946) are drawn equirectangular about the middle. All faults of all
// files are returned together.
func ReadOutlines(files []Borders) (*Outlines, error) {
	shapes := map[string][]ring{}
	var faults []error
	for _, f := range files {
		if err := f.read(shapes); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f.Name, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return draw(shapes)
}

func (b Borders) read(shapes map[string][]ring) error {
	if len(b.Data) > OutlinesLimit {
		return tributary.Fix(fmt.Errorf("%d bytes are more than the %d that are read", len(b.Data), OutlinesLimit), "simplify the borders first, or keep the area's municipalities only")
	}
	var in struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	if err := json.Unmarshal(b.Data, &in); err != nil {
		return tributary.Fix(fmt.Errorf("not GeoJSON: %w", err), "export the borders as GeoJSON")
	}
	if in.Type != "FeatureCollection" || len(in.Features) == 0 {
		return tributary.Fix(fmt.Errorf("type %q with %d features is no collection of borders", in.Type, len(in.Features)), "export one FeatureCollection with a feature for each municipality")
	}
	found, err := match(in.Features, b.Municipalities)
	if err != nil {
		return err
	}
	var faults []error
	for _, code := range slices.Sorted(maps.Keys(found)) {
		for _, at := range found[code] {
			rings, err := in.Features[at].rings()
			if err != nil {
				faults = append(faults, fmt.Errorf("feature %d (%s): %w", at+1, code, err))
			}
			shapes[code] = append(shapes[code], rings...)
		}
	}
	if len(faults) > 0 {
		return tributary.Fix(errors.Join(faults...), "mend the borders in the program that they came from, or export them again as degrees (EPSG:4326)")
	}
	return nil
}

// match finds the property that names most municipalities, and the features of each.
func match(features []feature, municipalities map[string][]string) (map[string][]int, error) {
	codes := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(municipalities)) {
		for _, code := range append([]string{name}, municipalities[name]...) {
			codes[plain(code)] = name
		}
	}
	properties := map[string]bool{}
	for _, f := range features {
		for p := range f.Properties {
			properties[p] = true
		}
	}
	best, bestFound := "", map[string][]int{}
	for _, p := range slices.Sorted(maps.Keys(properties)) {
		here := map[string][]int{}
		for i, f := range features {
			if name, ok := codes[plain(text(f.Properties[p]))]; ok {
				here[name] = append(here[name], i)
			}
		}
		if len(here) > len(bestFound) {
			best, bestFound = p, here
		}
	}
	var lacks []string
	for _, name := range slices.Sorted(maps.Keys(municipalities)) {
		if len(bestFound[name]) == 0 {
			lacks = append(lacks, name)
		}
	}
	switch {
	case len(bestFound) == 0:
		return nil, tributary.Fix(fmt.Errorf("no property of its features (%s) holds a municipality's name or code", strings.Join(slices.Sorted(maps.Keys(properties)), ", ")),
			"give each feature a property with the name as in tributary.yaml (areas:), or its code")
	case len(lacks) > 0:
		var strange []string
		for i, f := range features {
			if _, ok := codes[plain(text(f.Properties[best]))]; !ok && len(strange) < 8 {
				strange = append(strange, fmt.Sprintf("feature %d %q", i+1, text(f.Properties[best])))
			}
		}
		said := ""
		if len(strange) > 0 {
			said = "; unknown are " + strings.Join(strange, ", ")
		}
		return nil, tributary.Fix(fmt.Errorf("no feature whose %q is %s%s", best, strings.Join(lacks, ", "), said),
			"write in the feature's property the name as in tributary.yaml, or under areas: the spelling as another one (also:)")
	}
	return bestFound, nil
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// plain makes spellings of one name equal: case, accents, hyphens and spaces.
func plain(s string) string {
	s, _, _ = transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

func (f feature) rings() ([]ring, error) {
	if f.Geometry == nil {
		return nil, errors.New("has no geometry")
	}
	var polygons [][]ring
	var err error
	switch f.Geometry.Type {
	case "Polygon":
		polygons = make([][]ring, 1)
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons)
	default:
		return nil, fmt.Errorf("is a %s, not a Polygon or MultiPolygon", f.Geometry.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("coordinates: %w", err)
	}
	var out []ring
	for _, polygon := range polygons {
		for _, r := range polygon {
			if err := r.check(); err != nil {
				return nil, fmt.Errorf("ring %d: %w", len(out)+1, err)
			}
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("has no ring")
	}
	return out, nil
}

func (r ring) check() error {
	if len(r) < 4 {
		return fmt.Errorf("%d corners do not close around anything", len(r))
	}
	if r[0] != r[len(r)-1] {
		return errors.New("does not end where it begins")
	}
	for i, p := range r {
		if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 85 {
			return fmt.Errorf("corner %d (%g, %g) is no longitude and latitude in degrees", i+1, p[0], p[1])
		}
	}
	if r.area() == 0 {
		return errors.New("encloses nothing")
	}
	return nil
}

// area is twice the area that a ring encloses, below zero where it runs clockwise.
func (r ring) area() float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += cross(r[0], r[i-1], r[i])
	}
	return sum
}

func cross(o, a, b [2]float64) float64 {
	return (a[0]-o[0])*(b[1]-o[1]) - (b[0]-o[0])*(a[1]-o[1])
}

// middle is the ring's box and its centre of mass.
func (r ring) middle() (west, south, east, north, x, y float64) {
	west, south, east, north = r[0][0], r[0][1], r[0][0], r[0][1]
	whole := 3 * r.area()
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		west, east, south, north = min(west, b[0]), max(east, b[0]), min(south, b[1]), max(north, b[1])
		c := cross(r[0], a, b)
		x += c * (a[0] - r[0][0] + b[0] - r[0][0]) / whole
		y += c * (a[1] - r[0][1] + b[1] - r[0][1]) / whole
	}
	return west, south, east, north, x + r[0][0], y + r[0][1]
}

func largest(rings []ring) int {
	best := 0
	for i := range rings {
		if math.Abs(rings[i].area()) > math.Abs(rings[best].area()) {
			best = i
		}
	}
	return best
}

func draw(shapes map[string][]ring) (*Outlines, error) {
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, rings := range shapes {
		for _, r := range rings {
			for _, p := range r {
				west, east, south, north = min(west, p[0]), max(east, p[0]), min(south, p[1]), max(north, p[1])
			}
		}
	}
	if east-west > 90 || north-south > 45 {
		return nil, tributary.Fix(fmt.Errorf("the borders span %.0f by %.0f degrees", east-west, north-south), "keep the features of the area's municipalities only")
	}
	squeeze := math.Cos((south + north) / 2 * math.Pi / 180)
	// A long area north to south is drawn narrower, so that it fits a screen.
	scale := min(mapWidth/((east-west)*squeeze), 1.1*mapWidth/(north-south))
	o := &Outlines{Width: int(math.Ceil((east-west)*squeeze*scale)) + 2, Height: int(math.Ceil((north-south)*scale)) + 2}
	o.labels = map[string]label{}
	for name, rings := range shapes {
		x0, y0, x1, y1, cx, cy := rings[largest(rings)].middle()
		o.labels[name] = label{x: int((cx-west)*squeeze*scale) + 1, y: int((north-cy)*scale) + 1, width: int((x1 - x0) * squeeze * scale), height: int((y1 - y0) * scale)}
	}
	for grid := 2.0; grid >= 0.25; grid /= 2 {
		o.Paths = map[string]string{}
		size := 0
		for name, rings := range shapes {
			var b strings.Builder
			for _, r := range rings {
				r.path(&b, func(p [2]float64) [2]int {
					return [2]int{int(math.Round((p[0]-west)*squeeze*scale*grid)) + int(grid), int(math.Round((north-p[1])*scale*grid)) + int(grid)}
				}, grid)
			}
			o.Paths[name] = b.String()
			size += b.Len()
		}
		if size <= pathsLimit {
			for name, path := range o.Paths {
				if path == "" { // an island smaller than a point of the grid
					return nil, tributary.Fix(fmt.Errorf("%s is too small to be seen beside the others", name), "leave out parts far away, or draw it larger")
				}
			}
			return o, nil
		}
	}
	return nil, tributary.Fix(errors.New("the borders are too long to draw"), "simplify the borders first")
}

// path writes a ring whose corners lie on the grid; corners on one point or one straight line become one.
func (r ring) path(b *strings.Builder, place func([2]float64) [2]int, grid float64) {
	var corners [][2]int
	for _, p := range r[:len(r)-1] {
		c := place(p)
		for len(corners) > 1 && straight(corners[len(corners)-2], corners[len(corners)-1], c) {
			corners = corners[:len(corners)-1]
		}
		if len(corners) == 0 || corners[len(corners)-1] != c {
			corners = append(corners, c)
		}
	}
	if len(corners) < 3 {
		return
	}
	number := func(n int) string { return strconv.FormatFloat(float64(n)/grid, 'f', -1, 64) }
	for i, c := range corners {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + number(c[0]) + " " + number(c[1]))
	}
	b.WriteString("Z")
}

func straight(a, b, c [2]int) bool {
	return (b[0]-a[0])*(c[1]-a[1]) == (c[0]-a[0])*(b[1]-a[1])
}

// tile is where a municipality stands when nobody drew its borders: squares in rows, in order of name.
type tile struct{ x, y int }

const tileSize = 104

// tiles lays out n squares, at most five in a row.
func tiles(n int) (at []tile, width, height int) {
	across := min(5, max(3, int(math.Ceil(math.Sqrt(float64(n))))))
	for i := range n {
		at = append(at, tile{i % across * (tileSize + 6), i / across * (tileSize + 6)})
	}
	return at, across*(tileSize+6) - 6, (n+across-1)/across*(tileSize+6) - 6
}
