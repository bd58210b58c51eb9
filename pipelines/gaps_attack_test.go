package pipelines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tributary/pipelines/model"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/reports/gaps"
	"tributary/sql"
)

// gapAttacker knows what two written files tell and how counts hang together, and nothing else. A count is named as the
// workbook names its figure.
type gapAttacker struct {
	known map[string]int64
	// rows are the counts that the workbook has a row for, shown or not: every other one is zero.
	rows      map[string]bool
	areas     map[string][]string // municipalities of an area
	services  []string
	quarter   string
	equations [][]int64 // factors by unknown, then the constant
	unknown   map[string]int
	low, high []int64
}

func (a *gapAttacker) id(set, area, municipality, service string) string {
	id := set + "@" + a.quarter
	for _, part := range [][2]string{{"/area=", area}, {"/municipality=", municipality}, {"/service=", service}} {
		if part[1] != "" {
			id += part[0] + part[1]
		}
	}
	return id
}

// readBook takes counts from the sheet of all figures: values, counts and denominators beside them.
func (a *gapAttacker) readBook(t *testing.T, book []byte) {
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if len(row) < 12 || !strings.Contains(row[0], "@"+a.quarter) {
				continue
			}
			id := row[0]
			if strings.HasPrefix(id, "need_unmet.share") {
				a.know(t, strings.Replace(id, ".share", ".met", 1), row[10])
				a.know(t, strings.Replace(id, ".share", ".n", 1), row[11])
				continue
			}
			if strings.Contains(id, ".") || !strings.HasPrefix(id, "need_") {
				continue
			}
			if a.rows[id] = true; row[7] != "" {
				a.know(t, id, row[7])
			}
			if row[7] == "" && strings.Join(row[8:12], "") != "" {
				t.Errorf("%s is hidden, and %q stands beside it", id, row[8:12])
			}
		}
	}
}

func (a *gapAttacker) know(t *testing.T, id, number string) {
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	if before, ok := a.known[id]; ok && before != int64(math.Round(v)) {
		t.Errorf("%s is %d in one place and %v in another", id, before, v)
	}
	a.known[id] = int64(math.Round(v))
}

// readPage takes the shares that the page's pictures are drawn from.
func (a *gapAttacker) readPage(t *testing.T, page string) {
	_, after, ok := strings.Cut(page, `id="data" type="application/json">`)
	if !ok {
		_, after, ok = strings.Cut(page, `type="application/json" id="data">`)
	}
	text, _, end := strings.Cut(after, "</script>")
	if !ok || !end {
		t.Fatal("the page has no data")
	}
	var d struct {
		Q    []string
		P, S []struct{ K string }
		Need [][]*int64
		Wait [][]*int64
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	for _, row := range d.Need {
		if d.Q[*row[0]] != a.quarter {
			continue
		}
		if *row[3] != 0 {
			t.Error("the page tells of a group of children")
		}
		area, municipality := "", d.P[*row[1]].K
		for name, list := range a.areas {
			if slices.Contains(list, municipality) {
				area = name
			}
		}
		if row[4] == nil {
			for _, n := range row[5:9] {
				if n != nil {
					t.Errorf("%s: a hidden share has numbers", municipality)
				}
			}
			continue
		}
		a.know(t, a.id("need_unmet.met", area, municipality, d.S[*row[2]].K), fmt.Sprint(*row[7]))
		a.know(t, a.id("need_unmet.n", area, municipality, d.S[*row[2]].K), fmt.Sprint(*row[8]))
	}
	for _, row := range d.Wait {
		for _, at := range []int{7, 12, 13, 14} { // queue, nine of ten, joined, left
			if row[at] != nil {
				t.Errorf("the page tells %d in column %d of the waits", *row[at], at)
			}
		}
	}
}

// say adds that the parts make up the whole.
func (a *gapAttacker) say(whole string, parts ...string) {
	factors := map[int]int64{}
	var constant int64
	add := func(id string, factor int64) {
		switch v, ok := a.known[id]; {
		case ok:
			constant += factor * v
		case a.exists(id):
			at, ok := a.unknown[id]
			if !ok {
				at = len(a.unknown)
				a.unknown[id] = at
			}
			factors[at] += factor
		}
	}
	add(whole, -1)
	for _, p := range parts {
		add(p, 1)
	}
	if len(factors) == 0 {
		return
	}
	row := make([]int64, 0, len(factors)*2+1)
	for at, f := range factors {
		row = append(row, int64(at), f)
	}
	a.equations = append(a.equations, append(row, constant))
}

// exists says that a count may be above zero: it has a row, or the parts of a share have.
func (a *gapAttacker) exists(id string) bool {
	if a.rows[id] {
		return true
	}
	set, rest, _ := strings.Cut(id, "@")
	switch set {
	case "need_unmet.n":
		return a.exists("need_received@"+rest) || a.exists("need_unmet.met@"+rest)
	case "need_unmet.met":
		return a.exists("need_waiting@"+rest) || a.exists("need_not_available@"+rest)
	}
	return false
}

func (a *gapAttacker) relate() {
	type at struct{ area, municipality string }
	places := []at{{}}
	for area, list := range a.areas {
		places = append(places, at{area, ""})
		for _, m := range list {
			places = append(places, at{area, m})
		}
	}
	for _, set := range []string{"need_identified", "need_received", "need_waiting", "need_not_available", "need_unmet.n", "need_unmet.met"} {
		for _, s := range append([]string{""}, a.services...) {
			var areas []string
			for area, list := range a.areas {
				areas = append(areas, a.id(set, area, "", s))
				var inside []string
				for _, m := range list {
					inside = append(inside, a.id(set, area, m, s))
				}
				a.say(a.id(set, area, "", s), inside...)
			}
			a.say(a.id(set, "", "", s), areas...)
		}
		for _, p := range places {
			var parts []string
			for _, s := range a.services {
				parts = append(parts, a.id(set, p.area, p.municipality, s))
			}
			a.say(a.id(set, p.area, p.municipality, ""), parts...)
		}
	}
	for _, p := range places {
		for _, s := range append([]string{""}, a.services...) {
			of := func(set string) string { return a.id(set, p.area, p.municipality, s) }
			a.say(of("need_unmet.n"), of("need_received"), of("need_unmet.met"))
			a.say(of("need_unmet.met"), of("need_waiting"), of("need_not_available"))
		}
	}
}

// determined are the unknowns that elimination leaves one value. It reckons modulo a prime, in which a row that has one
// unknown left has none but by a chance of one in a thousand million.
func (a *gapAttacker) determined() (out []int) {
	const prime = 2_147_483_647
	width := len(a.unknown)
	power := func(b, e int64) int64 {
		r := int64(1)
		for b %= prime; e > 0; e >>= 1 {
			if e&1 == 1 {
				r = r * b % prime
			}
			b = b * b % prime
		}
		return r
	}
	var rows [][]int64
	for _, e := range a.equations {
		row := make([]int64, width)
		for i := 0; i+1 < len(e); i += 2 {
			row[e[i]] = (e[i+1] + prime) % prime
		}
		rows = append(rows, row)
	}
	at := 0
	for col := range width {
		pivot := slices.IndexFunc(rows[at:], func(r []int64) bool { return r[col] != 0 })
		if pivot < 0 {
			continue
		}
		rows[at], rows[at+pivot] = rows[at+pivot], rows[at]
		inverse := power(rows[at][col], prime-2)
		for i := col; i < width; i++ {
			rows[at][i] = rows[at][i] * inverse % prime
		}
		for j := range rows {
			if f := rows[j][col]; j != at && f != 0 {
				for i := col; i < width; i++ {
					rows[j][i] = (rows[j][i] + (prime-f)*rows[at][i]) % prime
				}
			}
		}
		if at++; at == len(rows) {
			break
		}
	}
	for _, row := range rows[:at] {
		first, count := -1, 0
		for i, v := range row {
			if v != 0 {
				if first < 0 {
					first = i
				}
				count++
			}
		}
		if count == 1 {
			out = append(out, first)
		}
	}
	return out
}

// bounds narrows what each unknown can be, from all equations, until nothing changes: no count lies below zero.
func (a *gapAttacker) bounds() {
	a.low, a.high = make([]int64, len(a.unknown)), make([]int64, len(a.unknown))
	for i := range a.high {
		a.high[i] = 1 << 30
	}
	for again, round := true, 0; again && round < 1000; round++ {
		again = false
		for _, e := range a.equations {
			constant := e[len(e)-1]
			for i := 0; i+1 < len(e); i += 2 {
				least, most := constant, constant // of all else
				for j := 0; j+1 < len(e); j += 2 {
					if j != i {
						x, y := e[j+1]*a.low[e[j]], e[j+1]*a.high[e[j]]
						least, most = least+min(x, y), most+max(x, y)
					}
				}
				if e[i+1] > 0 {
					least, most = -most, -least
				}
				if v := e[i]; least > a.low[v] {
					a.low[v], again = least, true
				}
				if v := e[i]; most < a.high[v] {
					a.high[v], again = most, true
				}
			}
		}
	}
}

// TestGaps_attacked writes the gap report for partners and the public, reads both files again and tries to work out what
// they hide: by elimination, and by what no count can be.
func TestGaps_attacked(t *testing.T) {
	t.Parallel()
	models, err := model.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	const quarters, below = 4, 5
	db := benchCore(t, models, 2500, quarters)
	for _, s := range []string{"attach ':memory:' as disclosure",
		`create table measure.cell (cell_id varchar, measure varchar, statistic varchar, quarter varchar, period varchar, "by" varchar, area varchar, municipality varchar, agency varchar, employer varchar, breakdown varchar, value double, unit_count bigint)`,
		"create table measure.definition (measure varchar, pack varchar, kind varchar, unit varchar, basis varchar)"} {
		if err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := models.Run(t.Context(), db, "gap", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	d := release.Disclosure{Below: below, Width: below}
	for i := range quarters {
		d.Quarters = append(d.Quarters, benchQuarter(t, i).String())
	}
	for _, name := range release.Audiences {
		d.Audiences = append(d.Audiences, release.Audience{Name: name, Quarters: 2, Periods: []string{"quarter"}, Gaps: []string{"total", "area", "municipality"}})
	}
	if err := release.Disclose(t.Context(), db, d); err != nil {
		t.Fatal(err)
	}
	for _, name := range release.Audiences {
		for _, s := range []string{"detach release", "attach ':memory:' as release"} {
			if err := db.Exec(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		dropMemory(t, db)
		v := release.View{Audience: name, Quarters: d.Quarters[quarters-2:], Margins: d.Audiences[0].Gaps, Below: below}
		if err := release.Gaps(t.Context(), db, map[string]string{"small_below": "5"}, benchGeography(), v); err != nil {
			t.Fatal(err)
		}
		q := benchQuarter(t, quarters-1)
		var book, page bytes.Buffer
		if err := gaps.Write(t.Context(), db, q, "en", &book); err != nil {
			t.Fatal(err)
		}
		if err := gaps.WritePage(t.Context(), db, q, "fr", nil, &page); err != nil {
			t.Fatal(err)
		}
		a := &gapAttacker{known: map[string]int64{}, rows: map[string]bool{}, areas: map[string][]string{}, quarter: q.String(), unknown: map[string]int{}}
		for i := range 12 {
			a.areas[fmt.Sprintf("R%d", i%2)] = append(a.areas[fmt.Sprintf("R%d", i%2)], fmt.Sprintf("M%d", i))
		}
		for _, code := range []string{"ot", "pt", "slp", "autism", "mental_health", "respite", "nursing", "special_education", "child_welfare", "infant_development", "audiology", "vision", "behaviour", "fasd"} {
			a.services = append(a.services, code)
		}
		a.readBook(t, book.Bytes())
		a.readPage(t, page.String())
		for id, n := range a.known {
			if n > 0 && n < below {
				t.Errorf("%s: %s is shown with %d", name, id, n)
			}
		}
		a.relate()
		if len(a.known) < 100 || len(a.unknown) < 100 {
			t.Fatalf("%s: %d known and %d hidden numbers are no test", name, len(a.known), len(a.unknown))
		}
		names := make([]string, len(a.unknown))
		for id, at := range a.unknown {
			names[at] = id
		}
		// A sum of numbers that are shown is no secret, nor is a zero.
		secret := secrets(t, db, name)
		for _, at := range a.determined() {
			if !secret[names[at]] {
				continue
			}
			t.Errorf("%s: elimination finds %s", name, names[at])
		}
		a.bounds()
		narrow := 0
		for at, id := range names {
			if a.high[at]-a.low[at] < below && secret[id] {
				narrow++
				t.Errorf("%s: %s lies between %d and %d", name, id, a.low[at], a.high[at])
			}
		}
		t.Logf("%s: %d known, %d hidden, %d narrower than %d", name, len(a.known), len(a.unknown), narrow, below)
	}
}

// secrets are the counts that disclosure hides from an audience.
func secrets(t *testing.T, db *warehouse.DB, audience string) map[string]bool {
	rows, err := db.Query(t.Context(), "select cell_id from disclosure.cell where audience = ? and not is_shown", audience)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		out[id] = true
	}
	return out
}

// dropMemory drops what an earlier release left in memory, where each has its own connection else.
func dropMemory(t *testing.T, db *warehouse.DB) {
	rows, err := db.Query(t.Context(), "select 'drop table memory.' || table_name from duckdb_tables() where database_name = 'memory' union all select 'drop type memory.word' order by 1")
	if err != nil {
		t.Fatal(err)
	}
	var drops []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		drops = append(drops, s)
	}
	rows.Close()
	for _, s := range drops {
		if err := db.Exec(t.Context(), strings.Replace(s, "drop type", "drop type if exists", 1)); err != nil {
			t.Fatal(err)
		}
	}
}
