// Command verify walks the wild area a through the program as an analyst would and holds the outcome
// against its truth.
//
// Takes the program, the example's mappings and a folder with area-a; leaves the workspace that it
// made; never shows the program the truth.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	program := flag.String("program", "bin/tributary", "the program")
	example := flag.String("example", "examples/area-a", "mappings and settings")
	shared := flag.String("shared", "../shared", "folder that holds area-a")
	dir := flag.String("dir", "build-area-a", "workspace to make")
	flag.Parse()
	area := filepath.Join(*shared, "area-a")
	if _, err := os.Stat(area); err != nil {
		fmt.Printf("area-a: left out: there is no folder %s (name its parent with SHARED=...)\n", area)
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
		return
	}
	v := &verifier{program: *program, example: *example, area: area, dir: *dir}
	if err := v.run(); err != nil {
		fmt.Printf("area-a: FAIL: %v\n", err)
		os.Exit(1)
	}
	for _, f := range v.faults {
		fmt.Println("FAIL", f)
	}
	fmt.Printf("%d passed, %d failed\n", v.passed, len(v.faults))
	if len(v.faults) > 0 {
		os.Exit(1)
	}
}

type verifier struct {
	program, example, area, dir string
	passed                      int
	faults                      []string
	// before are the findings of the first run, whose lines are to be pasted.
	before []finding
}

func (v *verifier) hold(ok bool, form string, args ...any) {
	if ok {
		v.passed++
		return
	}
	v.faults = append(v.faults, fmt.Sprintf(form, args...))
}

func (v *verifier) run() error {
	if err := v.workspace(v.dir, ""); err != nil {
		return err
	}
	started := time.Now()
	if _, err := v.tributary(v.dir, "run", "--quarter", "2025-26Q4", "--json"); err != nil {
		return err
	}
	fmt.Printf("area-a: from nothing to workbooks in %.1f s\n", time.Since(started).Seconds())
	before, err := v.findings(v.dir)
	if err != nil {
		return err
	}
	v.before = before
	twice, err := v.tributary(v.dir, "sql", "--csv", "--people", "--why", "at most one finding a cell", `select agency, quarter, file, version, sheet, "row", path, column_name
		from stage.finding where column_name is not null and "row" is not null group by all having count(*) > 1 order by all`)
	if err != nil {
		return err
	}
	v.hold(strings.Count(string(twice), "\n") <= 1, "several findings about one cell:\n%s", twice)
	named, err := v.letters()
	if err != nil {
		return err
	}
	pasted, err := paste(v.dir, before)
	if err != nil {
		return err
	}
	v.hold(pasted == 1, "pasted the lines of %d paused agencies, not of 1", pasted)
	if _, err := v.tributary(v.dir, "run", "--quarter", "2025-26Q4", "--json"); err != nil {
		return err
	}
	started = time.Now()
	if _, err := v.tributary(v.dir, "run", "--quarter", "2025-26Q4", "--json"); err != nil {
		return err
	}
	fmt.Printf("area-a: unchanged run again in %.2f s\n", time.Since(started).Seconds())
	after, err := v.findings(v.dir)
	if err != nil {
		return err
	}
	if err := v.problems(append(before, after...)); err != nil {
		return err
	}
	again, err := v.letters()
	if err != nil {
		return err
	}
	if err := v.inLetters(append(named, again...)); err != nil {
		return err
	}
	cells, err := v.cells(v.dir)
	if err != nil {
		return err
	}
	if err := v.counts(cells); err != nil {
		return err
	}
	for _, lang := range []string{"en", "fr"} {
		_, err := v.tributary(v.dir, "why", "--every", filepath.Join(v.dir, "out", "2025-26Q4", "ministry-"+lang+".cells.csv"))
		v.hold(err == nil, "ministry-%s.xlsx: %v", lang, err)
	}
	if err := v.gaps(); err != nil {
		return err
	}
	return v.unduplicated()
}

// workspace copies the example beside the deliveries; linking replaces each agency's consent rule.
func (v *verifier) workspace(dir, linking string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "agencies"), 0o700); err != nil {
		return err
	}
	drop, err := filepath.Abs(filepath.Join(v.area, "deliveries"))
	if err != nil {
		return err
	}
	settings, err := os.ReadFile(filepath.Join(v.example, "tributary.yaml"))
	if err != nil {
		return err
	}
	settings = regexp.MustCompile(`(?m)^drop:.*$`).ReplaceAll(settings, []byte("drop: "+strconv.Quote(drop)))
	if err := os.WriteFile(filepath.Join(dir, "tributary.yaml"), settings, 0o600); err != nil {
		return err
	}
	agencies, err := filepath.Glob(filepath.Join(v.example, "agencies", "*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range agencies {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if linking != "" {
			rule := regexp.MustCompile(`(?m)^linking:.*\n([ ]+.*\n)*`)
			if !rule.Match(text) {
				return fmt.Errorf("%s has no linking block", path)
			}
			text = rule.ReplaceAll(text, []byte(linking+"\n"))
		}
		if err := os.WriteFile(filepath.Join(dir, "agencies", filepath.Base(path)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// tributary runs the program on a day soon after the year's end.
func (v *verifier) tributary(dir string, args ...string) ([]byte, error) {
	c := exec.Command(v.program, append([]string{"--workspace", dir}, args...)...)
	c.Env = append(os.Environ(), "TRIBUTARY_TODAY=2026-04-10", "TRIBUTARY_WHO=verify")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("tributary %s: %w\n%s%s", strings.Join(args, " "), err, tail(out.String()), errs.String())
	}
	return out.Bytes(), nil
}

func tail(s string) string {
	if len(s) > 2000 {
		return s[len(s)-2000:]
	}
	return s
}

type finding struct {
	Check, Severity, Agency, Quarter, File, Sheet, Path, Column, Detail string
	Row                                                                 int64
}

func (v *verifier) findings(dir string) ([]finding, error) {
	out, err := v.tributary(dir, "findings", "--replaced", "--json")
	if err != nil {
		return nil, err
	}
	var found []finding
	return found, json.Unmarshal(out, &found)
}

// pasteLine is what a paused agency's finding asks for: table: column: [old, new].
var pasteLine = regexp.MustCompile(`tables: (\w+): (\w+): (\[.*\])`)

// paste does what the analyst does with the lines that the run printed.
func paste(dir string, found []finding) (agencies int, err error) {
	done := map[string]bool{}
	for _, f := range found {
		m := pasteLine.FindStringSubmatch(f.Detail)
		if f.Check != "heading_renamed" || f.Severity != "blocks" || m == nil {
			continue
		}
		path := filepath.Join(dir, "agencies", f.Agency+".yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		line := regexp.MustCompile(`(?m)^(\s+)` + m[2] + `:.*$`)
		if !line.Match(text) {
			return 0, fmt.Errorf("%s has no line for %s", path, m[2])
		}
		text = line.ReplaceAll(text, []byte("${1}"+m[2]+": "+m[3]))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return 0, err
		}
		done[f.Agency] = true
	}
	return len(done), nil
}

func rows(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []map[string]string
	for _, l := range lines[1:] {
		m := map[string]string{}
		for i, h := range lines[0] {
			m[h] = l[i]
		}
		out = append(out, m)
	}
	return out, nil
}

// seeded is what was done to the files, and which checks find each kind of it.
func (v *verifier) seeded() (list []map[string]string, checks map[string][]string, err error) {
	if list, err = rows(filepath.Join(v.area, "truth", "problems.csv")); err != nil {
		return nil, nil, err
	}
	kinds, err := rows(filepath.Join(v.example, "problems.csv"))
	checks = map[string][]string{}
	for _, k := range kinds {
		checks[k["kind"]] = strings.Split(k["check"], "|")
	}
	return list, checks, err
}

// problems holds the findings against the list of what was done to the files, both ways.
func (v *verifier) problems(found []finding) error {
	list, checks, err := v.seeded()
	if err != nil {
		return err
	}
	explained := map[int]bool{}
	for _, p := range list {
		file, sheet, _ := strings.Cut(p["file"], "#")
		row, _ := strconv.ParseInt(p["row"], 10, 64)
		matched := false
		for i, f := range found {
			same := f.Agency == p["agency"] && f.Quarter == strings.Replace(p["period"], "_", "", 1) &&
				(file == "" || f.File == file) && (sheet == "" || f.Sheet == sheet) && (row == 0 || f.Row == row)
			if !same {
				continue
			}
			explained[i] = true
			for _, c := range checks[p["kind"]] {
				matched = matched || f.Check == c
			}
		}
		v.hold(matched, "problem %s %s %s row %s: %s is not found as %v", p["agency"], p["period"], p["file"], p["row"], p["kind"], checks[p["kind"]])
	}
	for i, f := range found {
		if f.Severity == "blocks" || f.Severity == "sets_aside" {
			v.hold(explained[i], "unexplained: %s %s %s %s#%s row %d %s %s", f.Severity, f.Check, f.Agency+" "+f.Quarter, f.File, f.Sheet, f.Row, f.Column, f.Detail)
		}
	}
	return nil
}

func (v *verifier) cells(dir string) (map[string]float64, error) {
	out, err := v.tributary(dir, "sql", "--json", "select cell_id, value from release.cell")
	if err != nil {
		return nil, err
	}
	var list []struct {
		CellID string `json:"cell_id"`
		Value  float64
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, err
	}
	cells := map[string]float64{}
	for _, c := range list {
		cells[c.CellID] = c.Value
	}
	return cells, nil
}

// measures maps the names of the truth to ours.
var measures = map[string]string{
	"csp_active_at_quarter_end":             "csp_active",
	"csp_intakes":                           "csp_intakes",
	"csp_intakes_accepted":                  "csp_intakes_accepted",
	"csp_made_inactive":                     "csp_made_inactive",
	"csp_new_plans":                         "csp_plans",
	"csp_referrals":                         "csp_referrals",
	"csp_reviews_due":                       "csp_reviews_due",
	"csp_reviews_on_time":                   "csp_reviews_on_time",
	"csp_waiting_at_quarter_end":            "csp_waiting",
	"days_referral_to_first_contact_n":      "csp_days_to_first_contact.n",
	"days_referral_to_first_contact_median": "csp_days_to_first_contact.median",
	"days_referral_to_first_contact_p90":    "csp_days_to_first_contact.p90",
	"days_referral_to_plan_n":               "csp_days_to_plan.n",
	"days_referral_to_plan_median":          "csp_days_to_plan.median",
	"days_referral_to_plan_p90":             "csp_days_to_plan.p90",
}

// at is the part of a cell id behind the measure: 2025-26_YTD_Q2 is @2025-26Q2/ytd.
func at(period string) string {
	year, rest, _ := strings.Cut(period, "_")
	if q, ok := strings.CutPrefix(rest, "YTD_"); ok {
		return "@" + year + q + "/ytd"
	}
	return "@" + year + rest
}

// counts holds the numbers that need no linking against the truth, exactly.
func (v *verifier) counts(cells map[string]float64) error {
	truth, err := rows(filepath.Join(v.area, "truth", "counts.csv"))
	if err != nil {
		return err
	}
	compared := 0
	for _, t := range truth {
		if t["basis"] != "delivered" || t["scope"] != "csp_children" {
			continue
		}
		id := measures[t["measure"]] + at(t["period"])
		want, err := strconv.ParseFloat(t["value"], 64)
		if err != nil {
			return err
		}
		got, ok := cells[id]
		v.hold(ok && got == want, "%s: counted %v, truth %v", id, got, want)
		compared++
	}
	if compared == 0 {
		return errors.New("the truth holds no number to compare")
	}
	fmt.Printf("area-a: %d numbers that need no linking compared\n", compared)
	return nil
}

// variant runs the area again from the same landed files, with one consent rule for all agencies.
func (v *verifier) variant(name, linking string) (map[string]float64, error) {
	dir := v.dir + "-" + name
	if err := v.workspace(dir, linking); err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(dir, "kept", "landing"), os.DirFS(filepath.Join(v.dir, "kept", "landing"))); err != nil {
		return nil, err
	}
	if _, err := paste(dir, v.before); err != nil {
		return nil, err
	}
	if _, err := v.tributary(dir, "--threads", "1", "run", "--quarter", "2025-26Q4", "--json"); err != nil {
		return nil, err
	}
	cells, err := v.cells(dir)
	if err == nil && name == "count-only" {
		err = v.needs(dir)
	}
	return cells, errors.Join(err, os.RemoveAll(dir))
}

// unduplicated prints how far the counts that need linking are from the truth, under both rules that
// the truth knows.
func (v *verifier) unduplicated() error {
	var all, consented map[string]float64
	var both errgroup.Group // one thread of the engine each: two runs side by side are done sooner than one after the other
	both.Go(func() (err error) {
		all, err = v.variant("count-only", `linking: {without_consent: count_only, authority: "verify", scopes: [any]}`)
		return err
	})
	both.Go(func() (err error) {
		consented, err = v.variant("exclude", `linking: {without_consent: exclude, authority: "verify", scopes: [any]}`)
		return err
	})
	if err := both.Wait(); err != nil {
		return err
	}
	truth, err := rows(filepath.Join(v.area, "truth", "counts.csv"))
	if err != nil {
		return err
	}
	names := map[string]string{"unique_children": "children_known", "unique_families": "families_known"}
	var lines []string
	for _, t := range truth {
		cells := map[string]map[string]float64{"delivered": all, "delivered_consented": consented}[t["basis"]]
		if cells == nil || (t["scope"] != "all" && t["scope"] != "overlap_2plus") {
			continue
		}
		name := names[t["measure"]]
		if t["scope"] == "overlap_2plus" {
			name += "_2plus"
		}
		id := name + at(t["period"])
		want, _ := strconv.ParseFloat(t["value"], 64)
		got, ok := cells[id]
		v.hold(ok, "%s: is not published", id)
		lines = append(lines, fmt.Sprintf("%-20s %-32s %6.0f %6.0f %+6.1f %%", t["basis"], id, got, want, 100*(got-want)/math.Max(want, 1)))
	}
	sort.Strings(lines)
	fmt.Printf("%-20s %-32s %6s %6s %8s\n", "BASIS", "CELL", "OURS", "TRUTH", "OFF BY")
	for _, l := range lines {
		fmt.Println(l)
	}
	return nil
}
