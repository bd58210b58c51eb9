package gaps

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"tributary"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// PageLimit is how large the page may grow, in bytes. Past it the groups of earlier quarters are left out of its
// filters, and the page says so; the workbook has them all.
const PageLimit = 3 << 20

// policy lets the page run its own script and style and reach nothing.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + hash(pageJS) + "; style-src " + hash(pageCSS) + "; base-uri 'none'; form-action 'none'"
}

type page struct {
	Lang, Other, Stem, Title, Agency, Quarter, QuarterLong, Policy, MapNote string

	W       map[string]string
	Style   template.CSS
	Script  template.JS
	Data    data
	Answers []answer
	More    []said
	Legend  []legend
	IsTiles bool
	Plots   []plot
	Tables  []table
	Methods []said
}

type legend struct{ Class, Text string }

// plot is a picture that the page's script draws, with its table.
type plot struct {
	ID, Title, Lead, Measure, By, Key string
	Dots                              bool
	Map                               *drawing
	Heads                             []string
	Rows                              [][]string
}

type drawing struct {
	Width, Height int
	Shapes        []shape
}

type shape struct {
	Key, Name, Path string
	X, Y            int
	Lines           []line
}

type line struct {
	Y    int
	Text string
}

// data is what the page's script draws from. Shares are in hundred-thousandths, waits in days; what is not known is null.
type data struct {
	Quarters []string          `json:"q"`
	Places   []item            `json:"p"`
	Services []item            `json:"s"`
	Groups   []item            `json:"c"`
	Need     [][]*int          `json:"need"`
	Wait     [][]*int          `json:"wait"`
	Words    map[string]string `json:"words"`
}

type item struct {
	Key  string `json:"k"`
	Name string `json:"n"`
	Kind string `json:"c,omitempty"`
}

// Marks of a figure in data.
const (
	markSmall = 1 << iota
	markBroken
	markHigh
	markLow
	markInside
	markHidden
)

// WritePage writes the page of a quarter as HTML that stands alone, in en or fr. outlines may be nil: then squares
// stand for the municipalities.
func WritePage(ctx context.Context, q Query, quarter tributary.Quarter, lang string, outlines *Outlines, w io.Writer) error {
	r, err := read(ctx, q, quarter, lang)
	if err != nil {
		return fmt.Errorf("page of gaps %s: %w", quarter, err)
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return err
	}
	for _, whole := range []bool{true, false} {
		var out bytes.Buffer
		if err := t.Execute(&out, r.page(outlines, whole)); err != nil {
			return fmt.Errorf("page of gaps %s: %w", quarter, err)
		}
		if whole && out.Len() > PageLimit {
			continue
		}
		_, err = w.Write(out.Bytes())
		return err
	}
	return nil
}

func (r *release) setting(name string) string {
	if fr := r.settings[name+"_fr"]; r.lang == "fr" && fr != "" {
		return fr
	}
	return r.settings[name]
}

func (r *release) page(outlines *Outlines, whole bool) page {
	p := page{Lang: r.lang, Other: []string{"fr", "en"}[r.words.at], Stem: strings.TrimSuffix("gaps-"+r.audience(), "-"), Title: r.title(), Agency: r.setting("agency_name"), Quarter: r.quarter.Name(r.lang), QuarterLong: r.span(r.quarter),
		Policy: policy(), Style: template.CSS(pageCSS), Script: template.JS(pageJS), Data: r.data(whole), Answers: r.answers(), More: r.more(), Methods: r.methodTexts(), IsTiles: outlines == nil,
		W: map[string]string{}}
	for at, key := range map[string]string{"skip": "skip", "switch": "switch", "short": "sheet.short", "short_more": "reading", "filters": "filters", "service": "service", "group": "group",
		"quarter": "quarter", "reset": "reset", "map_label": "map.label", "in_table": "in.table", "table": "table", "sheet_methods": "sheet.methods"} {
		p.W[at] = r.say(key)
	}
	p.W["table"] += r.say("colon")
	if !whole {
		p.More = append(p.More, said{r.say("shortened"), r.say("shortened.text")})
	}
	for i, class := range []string{"c0", "c1", "c2", "c3", "c4"} {
		p.Legend = append(p.Legend, legend{class, r.say("up.to", r.percent(.2*float64(i)), r.percent(.2*float64(i+1)))})
	}
	p.Legend = append(p.Legend, legend{"none", r.say("legend.none")}, legend{"silent", r.say("silent")}, legend{"more c2", r.say("legend.more")})
	p.MapNote = r.say("legend.less") + " " + r.say("legend.part") + " " + r.say(map[bool]string{true: "map.tiles", false: "map.drawn"}[p.IsTiles])
	if r.audience() != "" {
		p.MapNote = r.say("legend.hidden") + " " + p.MapNote
	}
	p.Plots = []plot{
		r.dots("where", "need", byPlace), r.dots("which", "need", byService), r.dots("who", "need", byGroup), r.dots("waits", "wait", byService), r.dots("waits2", "wait", byPlace),
		r.overQuarters("time", byService), r.overQuarters("time2", byPlace),
	}
	p.Plots[0].Map = r.drawing(outlines)
	if r.audience() != "" {
		p.Plots = slices.DeleteFunc(p.Plots, func(p plot) bool { return p.By == byGroup })
		p.Tables = []table{r.supply(byService), r.supply(byPlace), r.reporting()}
		return p
	}
	p.Tables = []table{r.supply(byService), r.supply(byPlace), r.pathways(), r.process(), r.partnership(), r.closing(closingShown), r.reporting()}
	return p
}

// heads are the headings of a ranked view's table.
func (r *release) heads(measure, by string) []string {
	if measure == "need" {
		return r.sayAll(by, "need.of", "need.unmet", "share", "between", "reads", "coverage")
	}
	return r.sayAll(by, "queue", "median", "between", "p90", "joined", "left", "reads", "coverage")
}

func (r *release) sayAll(keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = r.say(k)
	}
	return out
}

func (r *release) dots(id, measure, by string) plot {
	p := plot{ID: id, Title: r.say("p." + id), Lead: r.say("p." + id + ".lead"), Measure: measure, By: by, Key: r.say("key.dots"), Dots: true, Heads: r.heads(measure, by)}
	if r.audience() != "" && measure == "need" {
		p.Key = r.say("legend.hidden") + " " + p.Key
	}
	role := map[string]string{"need": unmet, "wait": waitMedian}[measure]
	for _, l := range r.ranked(role, by) {
		p.Rows = append(p.Rows, r.cells(measure, l))
	}
	return p
}

// cells writes one line of a ranked view.
func (r *release) cells(measure string, l row) []string {
	if measure == "need" {
		of, not := none, none
		if l.ok && l.f.isHidden() {
			of, not = r.say("hidden"), r.say("hidden")
		} else if l.ok && !l.f.isSilent() {
			of, not = r.amount(float64(l.f.of.Int64)), r.amount(float64(l.f.units))
		}
		return []string{l.name, of, not, r.value(unmet, l.f, l.ok), r.interval(unmet, l.f, l.ok), r.reads(l.f, l.ok), r.covered(l.f, l.ok)}
	}
	return []string{l.name, r.count(waitQueue, l.key), r.value(waitMedian, l.f, l.ok), r.interval(waitMedian, l.f, l.ok), r.count(waitLate, l.key), r.count(waitJoined, l.key),
		r.count(waitLeft, l.key), r.reads(l.f, l.ok), r.covered(l.f, l.ok)}
}

// overQuarters is the share over the quarters; a line stands for each place or service, and one for the whole.
func (r *release) overQuarters(id, by string) plot {
	p := plot{ID: id, Title: r.say("p." + id), Lead: r.say("p." + id + ".lead"), Measure: "need", By: by, Key: r.say("key.panels"), Heads: append(r.sayAll(by), r.quarterNames(r.quarters...)...)}
	lines := append([]row{{name: r.total(by)}}, r.keys(by, "")...)
	for _, l := range lines {
		cells, some := []string{l.name}, false
		for _, q := range r.quarters {
			k := l.key
			k.quarter = q
			f, ok := r.at(unmet, k)
			text := r.value(unmet, f, ok)
			some = some || text != none
			if ok && f.isSilent() {
				text = r.say("silent.short")
			}
			if ok && f.isBroken {
				text = "| " + text
			}
			cells = append(cells, text)
		}
		if some {
			p.Rows = append(p.Rows, cells)
		}
	}
	return p
}

// total is the name of what is not divided.
func (r *release) total(by string) string {
	return r.say(map[string]string{byPlace: "whole", byService: "all.services", byGroup: "all.children"}[by])
}

func (r *release) data(whole bool) data {
	d := data{Quarters: r.quarterNames(r.quarters...), Need: [][]*int{}, Wait: [][]*int{}, Words: map[string]string{}}
	index := map[string]map[key]int{}
	for by, to := range map[string]*[]item{byPlace: &d.Places, byService: &d.Services, byGroup: &d.Groups} {
		*to = []item{{Name: r.total(by)}}
		index[by] = map[key]int{{}: 0}
		for _, l := range r.keys(by, "") {
			index[by][l.key] = len(*to)
			*to = append(*to, item{l.key.place + l.key.service + l.key.code, l.name, l.key.cut})
		}
	}
	for at, text := range map[string]string{"whole": "whole", "percent": "percent", "between": "up.to", "more_than": "wait.over", "no_figure": "no.figure", "hidden": "hidden.reading", "silent": "silent", "silent_short": "silent.short",
		"high": "high.reading", "low": "low.reading", "within": "within", "small": "small", "all_reported": "all.reported", "all_reported_one": "all.reported.one", "none_reported": "none.reported", "not_reported": "not.reported", "not_reported_one": "not.reported.one",
		"of": "of", "days": "days", "shown": "shown", "shown_value": "shown.value", "shown_none": "shown.none", "broken": "broken", "open": "open"} {
		d.Words[at] = placeholders(r.say(text))
	}
	if r.audience() != "" {
		d.Groups[0].Name = "" // where nothing is told of groups, none is named
	}
	d.Words["thousand"] = []string{",", thin}[r.words.at]
	services := append([]row{{}}, r.keys(byService, "")...)
	groups := append([]row{{}}, r.keys(byGroup, "")...)
	for q, quarter := range r.quarters {
		for p, place := range append([]row{{}}, r.keys(byPlace, "")...) {
			for s, service := range services {
				for c, group := range groups {
					if c > 0 && !whole && quarter != r.quarter.String() {
						continue
					}
					k := key{quarter: quarter, place: place.key.place, service: service.key.service, cut: group.key.cut, code: group.key.code}
					at := []*int{&[]int{q}[0], &[]int{p}[0], &[]int{s}[0], &[]int{c}[0]}
					if f, ok := r.at(unmet, k); ok && f.isHidden() {
						d.Need = append(d.Need, append(at, f.numbers(1, nil, nil)...))
					} else if ok && (f.value.Valid || f.isSilent()) {
						var of, units *int
						if !f.isSilent() {
							of, units = &[]int{int(f.of.Int64)}[0], &[]int{int(f.units)}[0]
						}
						d.Need = append(d.Need, append(at, f.numbers(100_000, units, of)...))
					}
					if f, ok := r.at(waitMedian, k); ok && (f.value.Valid || f.low.Valid || f.isSilent()) {
						d.Wait = append(d.Wait, append(at, append(f.numbers(1, r.whole(waitQueue, k), nil), r.whole(waitLate, k), r.whole(waitJoined, k), r.whole(waitLeft, k))...))
					}
				}
			}
		}
	}
	return d
}

// placeholders writes a text's verbs as the script reads them: {0}, {1}.
func placeholders(text string) string {
	for i := 0; strings.Contains(text, "%s") || strings.Contains(text, "%d"); i++ {
		at := strings.Index(text, "%s")
		if d := strings.Index(text, "%d"); at < 0 || d >= 0 && d < at {
			at = d
		}
		text = text[:at] + fmt.Sprintf("{%d}", i) + text[at+2:]
	}
	return strings.ReplaceAll(text, "%%", "%")
}

func (r *release) whole(role string, k key) *int {
	f, ok := r.at(role, k)
	if !ok || !f.value.Valid {
		return nil
	}
	return rounded(f.value.Float64)
}

func rounded(v float64) *int {
	n := int(math.Round(v))
	return &n
}

// numbers are value, low, high, count, of, marks, reported and expected.
func (f figure) numbers(times float64, units, of *int) []*int {
	out := make([]*int, 3, 12)
	for i, v := range []struct {
		is bool
		n  float64
	}{{f.value.Valid, f.value.Float64}, {f.low.Valid, f.low.Float64}, {f.high.Valid, f.high.Float64}} {
		if v.is && !f.isSilent() {
			out[i] = rounded(v.n * times)
		}
	}
	marks := map[string]int{"high": markHigh, "low": markLow, "inside": markInside}[f.funnel]
	if f.isSmall {
		marks |= markSmall
	}
	if f.isBroken {
		marks |= markBroken
	}
	if f.isHidden() {
		marks |= markHidden
	}
	reported, expected := int(f.reported), int(f.expected)
	return append(out, units, of, &marks, &reported, &expected)
}

// drawing is the map: the borders given, or squares in order of name.
func (r *release) drawing(o *Outlines) *drawing {
	var known []place
	for _, p := range r.places {
		if p.code != unknown {
			known = append(known, p)
		}
	}
	if len(known) == 0 {
		return nil
	}
	if o == nil {
		at, width, height := tiles(len(known))
		d := &drawing{Width: width + 4, Height: height + 4}
		for i, p := range known {
			x, y := at[i].x+2, at[i].y+2
			s := shape{Key: p.code, Name: p.name, Path: fmt.Sprintf("M%d %dh%dv%dh-%dZ", x, y, tileSize, tileSize, tileSize), X: x + 8, Y: y + tileSize - 12}
			for j, text := range fold(p.name, 13, 3) {
				s.Lines = append(s.Lines, line{y + 20 + 17*j, text})
			}
			d.Shapes = append(d.Shapes, s)
		}
		return d
	}
	d := &drawing{Width: o.Width, Height: o.Height}
	for _, p := range known {
		l := o.labels[p.code]
		s := shape{Key: p.code, Name: p.name, Path: o.Paths[p.code], X: l.x, Y: l.y + 5}
		if lines := fold(p.name, 16, 2); l.height > 22+17*len(lines) && l.width > 8*longest(lines) {
			s.Y = l.y + 17
			for j, text := range lines {
				s.Lines = append(s.Lines, line{l.y - 2 - 17*(len(lines)-1-j), text})
			}
		}
		d.Shapes = append(d.Shapes, s)
	}
	return d
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, len([]rune(l)))
	}
	return n
}

// fold breaks a name into lines of about so many letters; what does not fit is cut, and said so.
func fold(name string, letters, most int) []string {
	var out []string
	for _, word := range strings.FieldsFunc(strings.ReplaceAll(name, "-", "-\x00"), func(r rune) bool { return r == ' ' || r == 0 }) {
		n, between := len(out), " "
		if n > 0 && strings.HasSuffix(out[n-1], "-") {
			between = ""
		}
		if n > 0 && len([]rune(out[n-1]+between+word)) <= letters {
			out[n-1] += between + word
		} else {
			out = append(out, word)
		}
	}
	if len(out) > most {
		out = append(out[:most-1], out[most-1]+"…")
	}
	for i, l := range out {
		if r := []rune(l); len(r) > letters {
			out[i] = string(r[:letters-1]) + "…"
		}
	}
	return out
}
