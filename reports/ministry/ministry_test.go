package ministry_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/ministry"
)

var (
	update = flag.Bool("update", false, "write the golden files")
	keep   = flag.String("keep", "", "folder to leave the workbooks in, to look at")
)

const quarter = "2025-26Q2"

func write(t testing.TB, db *warehouse.DB, lang string) ([]byte, []ministry.Cell) {
	t.Helper()
	return writeQuarter(t, db, quarter, lang)
}

func writeQuarter(t testing.TB, db *warehouse.DB, quarter, lang string) ([]byte, []ministry.Cell) {
	t.Helper()
	q, err := tributary.ParseQuarter(quarter)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	cells, err := ministry.Write(t.Context(), db, q, lang, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), cells
}

func open(t *testing.T, content []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWrite_golden(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "fr"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			content, _ := write(t, fixture(t), lang)
			if *keep != "" {
				if err := os.WriteFile(filepath.Join(*keep, "ministry-"+lang+".xlsx"), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := fmt.Sprintf("sha256 %x\n%s", sha256.Sum256(content), dump(t, open(t, content)))
			path := filepath.Join("testdata", lang+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("workbook differs (-want +got); look at it, then: go test ./reports/ministry -update\n%s", diff)
			}
		})
	}
}

// dump writes each filled cell as sheet!cell = value | style.
func dump(t *testing.T, f *excelize.File) string {
	t.Helper()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		each(t, f, sheet, func(cell, raw string, kind excelize.CellType) {
			id, err := f.GetCellStyle(sheet, cell)
			if err != nil {
				t.Fatal(err)
			}
			st, err := f.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			var style []string
			if st.Font != nil && st.Font.Bold {
				style = append(style, "bold")
			}
			if st.Font != nil && st.Font.Italic {
				style = append(style, "italic")
			}
			if len(st.Fill.Color) > 0 {
				style = append(style, "fill="+st.Fill.Color[0])
			}
			if st.CustomNumFmt != nil {
				style = append(style, *st.CustomNumFmt)
			}
			fmt.Fprintf(&b, "%s!%s = %s | %s\n", sheet, cell, strings.ReplaceAll(raw, "\n", "⏎"), strings.Join(style, " "))
		})
	}
	return b.String()
}

func each(t *testing.T, f *excelize.File, sheet string, visit func(cell, raw string, kind excelize.CellType)) {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, raw := range row {
			if raw == "" {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			kind, err := f.GetCellType(sheet, cell)
			if err != nil {
				t.Fatal(err)
			}
			visit(cell, raw, kind)
		}
	}
}

func TestWrite_sameReleaseSameBytes(t *testing.T) {
	t.Parallel()
	first, cells := write(t, fixture(t), "en")
	again, cellsAgain := write(t, fixture(t), "en")
	if !bytes.Equal(first, again) {
		t.Error("two workbooks of one release differ")
	}
	if diff := cmp.Diff(cells, cellsAgain); diff != "" {
		t.Error(diff)
	}
}

func TestWrite_everyNumberIsInTheMapAndEveryLineIsANumber(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	known := published(t, db)
	content, cells := write(t, db, "fr")
	f := open(t, content)
	mapped := map[string]ministry.Cell{}
	for _, c := range cells {
		mapped[c.Sheet+"!"+c.Cell] = c
		if value, ok := known[c.CellID]; !ok || value != c.Value {
			t.Errorf("%s!%s: %s = %v, the release says %v", c.Sheet, c.Cell, c.CellID, c.Value, value)
		}
	}
	if len(mapped) != len(cells) {
		t.Errorf("%d lines name %d cells", len(cells), len(mapped))
	}
	numbers := 0
	for _, sheet := range f.GetSheetList() {
		each(t, f, sheet, func(cell, raw string, kind excelize.CellType) {
			text := kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString
			c, ok := mapped[sheet+"!"+cell]
			if ok == text {
				t.Errorf("%s!%s = %q: in the map %v, text %v", sheet, cell, raw, ok, text)
			}
			if !text {
				numbers++
				if fmt.Sprint(c.Value) != raw {
					t.Errorf("%s!%s holds %s, the map says %v", sheet, cell, raw, c.Value)
				}
			}
			if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
				t.Errorf("%s!%s is a formula: %s", sheet, cell, formula)
			}
		})
	}
	if numbers != len(cells) || numbers < 600 {
		t.Errorf("%d numbers, %d lines in the map", numbers, len(cells))
	}
}

func published(t *testing.T, db *warehouse.DB) map[string]float64 {
	t.Helper()
	rows, err := db.Query(t.Context(), "select cell_id, value from release.cell where value is not null and not is_hidden")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := map[string]float64{}
	for rows.Next() {
		var id string
		var value float64
		if err := rows.Scan(&id, &value); err != nil {
			t.Fatal(err)
		}
		known[id] = value
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return known
}

func TestWrite_hiddenAndMissingAreNeverNumbers(t *testing.T) {
	t.Parallel()
	db := fixture(t,
		"update release.cell set is_hidden = true, value = null where cell_id = 'csp_referrals@2025-26Q2'",
		"delete from release.cell where cell_id = 'csp_families_served@2025-26Q2'")
	content, cells := write(t, db, "en")
	for _, c := range cells {
		if c.CellID == "csp_referrals@2025-26Q2" || c.CellID == "csp_families_served@2025-26Q2" {
			t.Errorf("%s!%s holds %s", c.Sheet, c.Cell, c.CellID)
		}
	}
	f := open(t, content)
	for name, want := range map[string]string{"csp_referrals": "*", "csp_families_served": "–"} {
		if got := named(t, f, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// named reads the cell of a defined name.
func named(t *testing.T, f *excelize.File, name string) string {
	t.Helper()
	for _, n := range f.GetDefinedName() {
		if n.Name == name {
			sheet, cell, _ := strings.Cut(n.RefersTo, "!")
			got, err := f.GetCellValue(strings.Trim(sheet, "'"), strings.ReplaceAll(cell, "$", ""), excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
	}
	t.Fatalf("no cell is named %s", name)
	return ""
}

func TestWrite_everyMeasureHasItsName(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	known := published(t, db)
	content, _ := write(t, db, "en")
	f := open(t, content)
	for _, m := range measures {
		if m.base == 0 {
			continue
		}
		statistic := map[string]string{"share": ".share", "ratio": ".ratio", "quantile": ".median", "wait": ".median"}[m.kind]
		want := fmt.Sprint(known[m.id+statistic+"@"+quarter])
		if got := named(t, f, m.id+statistic); got != want {
			t.Errorf("%s is %s, want %s", m.id, got, want)
		}
	}
}

func TestWrite_pageSetup(t *testing.T) {
	t.Parallel()
	content, _ := write(t, fixture(t), "fr")
	f := open(t, content)
	titles := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm.Print_Titles" {
			titles[n.Scope] = true
		}
	}
	for _, sheet := range f.GetSheetList() {
		if sheet == "tributary" {
			continue
		}
		layout, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if *layout.FitToWidth != 1 || *layout.Orientation != "landscape" {
			t.Errorf("%s: %d pages wide, %s", sheet, *layout.FitToWidth, *layout.Orientation)
		}
		footer, err := f.GetHeaderFooter(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(footer.OddFooter, quarter) || !strings.Contains(footer.OddFooter, "&P de &N") {
			t.Errorf("%s: footer %q", sheet, footer.OddFooter)
		}
		if panes, _ := f.GetPanes(sheet); sheet != "Couverture" && (!panes.Freeze || !titles[sheet]) {
			t.Errorf("%s: heading does not stay (%v) or repeat (%v)", sheet, panes.Freeze, titles[sheet])
		}
		if merged, _ := f.GetMergeCells(sheet); len(merged) > 0 {
			for _, m := range merged {
				if regexp.MustCompile(`^[0-9., ]+$`).MatchString(m.GetCellValue()) {
					t.Errorf("%s: data is merged at %s", sheet, m[0])
				}
			}
		}
	}
}

func TestWrite_chartsTellTheirStoryInWords(t *testing.T) {
	t.Parallel()
	content, _ := write(t, fixture(t), "en")
	drawing := part(t, content, "xl/drawings/drawing1.xml")
	alt := regexp.MustCompile(`descr="([^"]*)"`).FindAllStringSubmatch(drawing, -1)
	if len(alt) != 3 {
		t.Fatalf("%d charts with alternative text, want 3", len(alt))
	}
	for _, a := range alt {
		if !strings.Contains(a[1], "from 2024-25Q3 to 2025-26Q2") || !strings.Contains(a[1], "Broken where the agencies changed") {
			t.Errorf("alternative text %q", a[1])
		}
	}
	if chart := part(t, content, "xl/charts/chart1.xml"); !strings.Contains(chart, `dispBlanksAs val="gap"`) {
		t.Error("the chart draws through the quarters that are not there")
	}
}

// What agencies call themselves is text, however long and whatever it looks like.
func TestWrite_hostileNames(t *testing.T) {
	t.Parallel()
	name := "=1+1 & " + strings.Repeat("&&P", 100)
	db := fixture(t, "update release.setting set value = "+warehouse.Text(name)+" where name = 'agency_name'",
		"update release.agency set name = '@SUM(1)' where agency = 'LCTC'",
		"update release.definition set label = '+1', measure = 'A1' where measure = 'csp_intakes'",
		"update release.cell set measure = 'A1' where measure = 'csp_intakes'")
	content, _ := write(t, db, "en")
	f := open(t, content)
	if got, _ := f.GetCellValue("Cover", "C4"); got != name {
		t.Errorf("the cover names the agency %q", got)
	}
	if got := named(t, f, "_A1"); got != "226" {
		t.Errorf("a measure called A1 is %s, want 226", got)
	}
	for _, sheet := range f.GetSheetList() {
		each(t, f, sheet, func(cell, raw string, kind excelize.CellType) {
			if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
				t.Errorf("%s!%s is a formula", sheet, cell)
			}
		})
		if footer, _ := f.GetHeaderFooter(sheet); footer != nil && len(footer.OddFooter) > 255 {
			t.Errorf("%s: the footer has %d characters", sheet, len(footer.OddFooter))
		}
	}
}

// In a first quarter the quarter before is of another year; what came later is not looked at.
func TestWrite_firstQuarter(t *testing.T) {
	t.Parallel()
	content, cells := writeQuarter(t, fixture(t), "2025-26Q1", "en")
	heads, err := open(t, content).GetRows("Who are we serving")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Measure", "2024-25Q4\nJan–Mar 2025", "This quarter\n2025-26Q1\nApr–Jun 2025", "Year to date\n2025-26", "Unit", "Basis and as-of"}
	if diff := cmp.Diff(want, heads[2]); diff != "" {
		t.Error(diff)
	}
	for _, c := range cells {
		if strings.Contains(c.CellID, "2025-26Q2") {
			t.Fatalf("%s!%s is of a later quarter: %s", c.Sheet, c.Cell, c.CellID)
		}
	}
}

// Lines are never drawn across a change of agencies; beside them stand the agencies that stayed.
func TestWrite_trendBreaksWhereAgenciesChange(t *testing.T) {
	t.Parallel()
	content, cells := write(t, fixture(t), "en")
	rows, err := open(t, content).GetRows("Trends")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range rows {
		if len(row) > 0 && strings.HasPrefix(row[0], "Families served – ") {
			got = append(got, row)
		}
	}
	want := [][]string{
		{"Families served – all 7 agencies", "610", "634"},
		{"Families served – 6 agencies, without HCMH", "", "", "567", "683"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	steady := map[string]bool{}
	for _, c := range cells {
		if _, agency, found := strings.Cut(c.CellID, "/agency="); found && c.Sheet == "Trends" {
			steady[agency] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"AUTM": true, "LCTC": true, "PREC": true, "RESP": true, "SBDN": true, "WELF": true}, steady); diff != "" {
		t.Error(diff)
	}
}

// An agency that never feeds a measure breaks no line of it by being missing.
func TestWrite_trendOfOneAgencyIsWhole(t *testing.T) {
	t.Parallel()
	db := fixture(t, `delete from release.cell where measure = 'csp_families_served' and "by" = 'agency' and agency <> 'LCTC'`)
	content, _ := write(t, db, "en")
	rows, err := open(t, content).GetRows("Trends")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range rows {
		if len(row) > 0 && strings.HasPrefix(row[0], "Families served – ") {
			got = append(got, row)
		}
	}
	if diff := cmp.Diff([][]string{{"Families served – LCTC", "610", "634", "567", "683"}}, got); diff != "" {
		t.Error(diff)
	}
}

// A large area in the fourth quarter: tables that are too wide go on on another sheet, and every
// sheet name is one that Excel takes.
func TestWrite_manyAgencies(t *testing.T) {
	t.Parallel()
	db := fixture(t, `insert into release.agency select 'X' || lpad(i::varchar, 2, '0'), 'Agency ' || i, null, 'provider', '', 'separate', '' from range(23) as r(i)`,
		`insert into release.cell (cell_id, measure, statistic, quarter, period, "by", agency, value)
			select 'csp_referrals@2025-26Q2/agency=X' || lpad(i::varchar, 2, '0'), 'csp_referrals', '', '2025-26Q2', 'quarter', 'agency', 'X' || lpad(i::varchar, 2, '0'), i
			from range(23) as r(i)`,
		`insert into release.cell (cell_id, measure, statistic, quarter, period, "by", municipality, value)
			values ('csp_referrals@2025-26Q2/municipality=unknown', 'csp_referrals', '', '2025-26Q2', 'quarter', 'municipality', 'unknown', 7)`)
	for _, lang := range []string{"en", "fr"} {
		content, cells := write(t, db, lang)
		f := open(t, content)
		for _, name := range f.GetSheetList() {
			if n := len([]rune(name)); n > 31 || strings.ContainsAny(name, `:\/?*[]`) {
				t.Errorf("Excel does not take the sheet name %q", name)
			}
		}
		found := 0
		for _, c := range cells {
			if strings.Contains(c.CellID, "csp_referrals@2025-26Q2/agency=X") {
				found++
			}
			if c.CellID == "csp_referrals@2025-26Q2/municipality=unknown" {
				if got, _ := f.GetCellValue(c.Sheet, regexp.MustCompile(`[0-9]+`).ReplaceAllString(c.Cell, "3")); got != map[string]string{"en": "Not recorded", "fr": "Non consigné"}[lang] {
					t.Errorf("the unknown municipality is headed %q", got)
				}
				found++
			}
		}
		if found != 24 {
			t.Errorf("%d of the 24 added cells are there", found)
		}
	}
}

func TestWrite_packWithoutItsMeasures(t *testing.T) {
	t.Parallel()
	db := fixture(t, "delete from release.definition where measure <> 'children_known'",
		"delete from release.cell where measure <> 'children_known'", "delete from release.target",
		"delete from release.delivery", "delete from release.agency", "delete from release.set_aside", "delete from release.data_note",
		"delete from release.setting")
	content, cells := write(t, db, "en")
	if len(cells) == 0 {
		t.Error("the one measure is not there")
	}
	if got, _ := open(t, content).GetCellValue("Targets and variance", "A3"); got != "No target is set for this quarter." {
		t.Errorf("targets say %q", got)
	}
}

func TestWrite_refuses(t *testing.T) {
	t.Parallel()
	db := fixture(t, "delete from release.definition")
	q, _ := tributary.ParseQuarter(quarter)
	for lang, want := range map[string]string{
		"de": `language "de": neither en nor fr`,
		"en": "ministry workbook 2025-26Q2: the release defines no measure",
	} {
		_, err := ministry.Write(t.Context(), db, q, lang, &bytes.Buffer{})
		if err == nil || err.Error() != want || tributary.FixOf(err) == "" {
			t.Errorf("%s: error %v with fix %q, want %s", lang, err, tributary.FixOf(err), want)
		}
	}
}
