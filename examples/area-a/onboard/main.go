// Command onboard holds the mappings that the program proposes for area a against those written by hand.
//
// Takes the program, the example's mappings and a folder with area-a; leaves two workspaces, one with
// each; never shows the program the mappings by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// floor is the least share of columns, of those proposed and of those written by hand.
const floor = .9

type scorer struct {
	program, example, deliveries, dir string
	quarter                           string
	answered                          bool
}

func main() {
	s := scorer{}
	flag.StringVar(&s.program, "program", "bin/tributary", "the program")
	flag.StringVar(&s.example, "example", "examples/area-a", "mappings by hand, settings and answers")
	shared := flag.String("shared", "../shared", "folder that holds area-a")
	flag.StringVar(&s.deliveries, "deliveries", "", "another area's deliveries, for another -example")
	flag.StringVar(&s.dir, "dir", "build-area-a-onboard", "where the two workspaces are made")
	flag.StringVar(&s.quarter, "quarter", "2025-26Q1", "the quarter whose files are onboarded")
	flag.Parse()
	if s.deliveries == "" {
		s.deliveries = filepath.Join(*shared, "area-a", "deliveries")
	}
	if _, err := os.Stat(s.deliveries); err != nil {
		fmt.Printf("onboard: left out: there is no folder %s\n", s.deliveries)
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
		return
	}
	ok, err := s.run()
	if err != nil {
		fmt.Printf("onboard: FAIL: %v\n", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func (s *scorer) run() (bool, error) {
	if err := os.RemoveAll(s.dir); err != nil {
		return false, err
	}
	hand := filepath.Join(s.dir, "hand")
	if err := errors.Join(s.workspace(hand), os.CopyFS(filepath.Join(hand, "agencies"), os.DirFS(filepath.Join(s.example, "agencies"))), s.count(hand)); err != nil {
		return false, err
	}
	all := true
	for _, answered := range []bool{false, true} {
		s.answered = answered
		name := map[bool]string{false: "unanswered", true: "answered"}[answered]
		ours := filepath.Join(s.dir, name)
		if err := errors.Join(s.workspace(ours), s.onboard(ours), s.count(ours)); err != nil {
			return false, err
		}
		ok, err := s.compare(name)
		if err != nil {
			return false, err
		}
		all = all && ok
	}
	return all, nil
}

// workspace makes a folder with the example's settings.
func (s *scorer) workspace(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "agencies"), 0o700); err != nil {
		return err
	}
	settings, err := os.ReadFile(filepath.Join(s.example, "tributary.yaml"))
	if err != nil {
		return err
	}
	drop, err := filepath.Abs(s.deliveries)
	if err != nil {
		return err
	}
	settings = regexp.MustCompile(`(?m)^drop:.*$`).ReplaceAll(settings, []byte("drop: "+drop))
	return os.WriteFile(filepath.Join(dir, "tributary.yaml"), settings, 0o600)
}

// terms are what the agreement with an agency says and no file does; the mapping by hand states them.
var terms = regexp.MustCompile(`(?m)^(name|name_fr|role|category|language): (.*)$|^linking: \{without_consent: (\w+), authority: (?:"(.*)"|([^",]*)), scopes: \[?(\w+)\]?\}$`)

func (s *scorer) onboard(dir string) error {
	files, err := filepath.Glob(filepath.Join(s.example, "agencies", "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		code := strings.TrimSuffix(filepath.Base(file), ".yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		from := filepath.Join(s.deliveries, code, s.quarter[:7]+"_"+s.quarter[7:])
		args := []string{"-C", dir, "onboard", from, "--agency", code, "--yes", "--json"}
		for _, m := range terms.FindAllStringSubmatch(string(text), -1) {
			if m[1] != "" {
				args = append(args, "--answer", m[1]+"="+strings.Trim(m[2], `"`))
				continue
			}
			args = append(args, "--answer", "linking.without_consent="+m[3], "--answer", "linking.authority="+m[4]+m[5], "--answer", "linking.scopes="+m[6])
		}
		if answers := filepath.Join(s.example, "onboard", code+".answers"); s.answered {
			if _, err := os.Stat(answers); err == nil {
				args = append(args, "--answers", answers)
			}
		}
		if out, err := exec.Command(s.program, args...).CombinedOutput(); err != nil { //nolint:gosec // the program under test
			return fmt.Errorf("onboard %s: %w\n%s", code, err, last(out))
		}
	}
	return nil
}

func (s *scorer) count(dir string) error {
	cmd := exec.Command(s.program, "-C", dir, "run", "--quarter", s.quarter, "--json") //nolint:gosec // the program under test
	cmd.Env = append(os.Environ(), "TRIBUTARY_TODAY=2025-07-20")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run in %s: %w\n%s", dir, err, last(out))
	}
	return nil
}

// last is the end of what a program said.
func last(out []byte) []byte { return out[max(0, len(out)-2000):] }

// compare prints precision and recall of the columns, and how many of what was staged and counted is equal.
func (s *scorer) compare(name string) (bool, error) {
	ctx := context.Background()
	files := map[string]string{}
	for as, dir := range map[string]string{"hand": "hand", "ours": name} {
		m, err := (&warehouse.Warehouse{Root: filepath.Join(s.dir, dir, "cache", "warehouse")}).Current()
		if err != nil {
			return false, err
		}
		for _, step := range []string{"stage", "measure"} {
			files[as+"_"+step] = filepath.Join(dir, "cache", "warehouse", m.Steps[step])
		}
	}
	db, err := (&warehouse.Warehouse{Root: s.dir, Temp: filepath.Join(s.dir, "tmp")}).Open(ctx, files)
	if err != nil {
		return false, err
	}
	defer db.Close()
	fmt.Printf("\n%s: columns by sheet, table, our column and theirs\n%-8s %9s %9s %6s %10s %7s\n", name, "agency", "by hand", "proposed", "equal", "precision", "recall")
	rows, err := db.Query(ctx, `with h as (select distinct agency, coalesce(sheet, '') as sheet, into_table, column_name, position from hand_stage."column"),
		o as (select distinct agency, coalesce(sheet, '') as sheet, into_table, column_name, position from ours_stage."column"),
		b as (select agency, 1 as h, 0 as o, 0 as e from h union all select agency, 0, 1, 0 from o union all select agency, 0, 0, 1 from (select * from h intersect select * from o))
		select coalesce(agency, 'all'), sum(h), sum(o), sum(e) from b group by rollup (agency) order by agency nulls last`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	ok := true
	for rows.Next() {
		var agency string
		var h, o, e float64
		if err := rows.Scan(&agency, &h, &o, &e); err != nil {
			return false, err
		}
		mark := ""
		if e/o < floor || e/h < floor {
			mark, ok = "  below "+fmt.Sprint(floor), false
		}
		fmt.Printf("%-8s %9.0f %9.0f %6.0f %10.3f %7.3f%s\n", agency, h, o, e, e/o, e/h, mark)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	if err := s.differences(ctx, db); err != nil {
		return false, err
	}
	same, err := s.staged(ctx, db)
	if s.answered && !same {
		fmt.Println("answered, every published cell must be that of the mappings by hand")
		ok = false
	}
	return ok, err
}

func (s *scorer) differences(ctx context.Context, db *warehouse.DB) error {
	for _, side := range [][3]string{{"hand_stage", "ours_stage", "only by hand"}, {"ours_stage", "hand_stage", "only proposed"}} {
		rows, err := db.Query(ctx, fmt.Sprintf(`select distinct agency || ' ' || into_table || '.' || column_name || ' from ' || heading from %s."column" as a
			where not exists (select 1 from %s."column" as b where b.agency = a.agency and b.into_table = a.into_table and b.column_name = a.column_name
				and b.position = a.position and b.sheet is not distinct from a.sheet) order by 1`, side[0], side[1]))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			fmt.Printf("  %s: %s\n", side[2], line)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// staged compares values: a column is equal when all its rows are, on both sides. It says whether all published cells are.
func (s *scorer) staged(ctx context.Context, db *warehouse.DB) (same bool, err error) {
	var columns [][2]string
	rows, err := db.Query(ctx, `select table_name, column_name from duckdb_columns() where database_name = 'hand_stage'
		and table_name in (select distinct into_table from hand_stage."column")
		and column_name not in ('agency', 'quarter', 'as_of', 'file_kind', 'is_superseded', '_address') order by 1, column_index`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			return false, err
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	equal, all := 0, 0
	var unlike []string
	for _, c := range columns {
		side := func(db string) string {
			return fmt.Sprintf(`(select agency, _address, cast(%s as varchar) as v from %s.%s where v is not null)`, c[1], db, c[0])
		}
		found, err := db.Query(ctx, fmt.Sprintf(`with d as (select agency from (from %[1]s except all from %[2]s) union all select agency from (from %[2]s except all from %[1]s)),
			u as (select distinct agency from %[1]s union select distinct agency from %[2]s)
			select agency, (select count(*) from d where d.agency = u.agency) from u order by 1`, side("hand_stage"), side("ours_stage")))
		if err != nil {
			return false, err
		}
		defer found.Close()
		for found.Next() {
			var agency string
			var n int
			if err := found.Scan(&agency, &n); err != nil {
				return false, err
			}
			all++
			if n == 0 {
				equal++
			} else {
				unlike = append(unlike, fmt.Sprintf("  differs: %s %s.%s in %d values", agency, c[0], c[1], n))
			}
		}
		if err := found.Err(); err != nil {
			return false, err
		}
	}
	slices.Sort(unlike)
	fmt.Printf("staged columns equal in every value: %d of %d\n%s\n", equal, all, strings.Join(unlike, "\n"))
	var equalCells, cells int
	err = db.Scan(ctx, `select count(*) filter (h.value is not distinct from o.value and h.cell_id is not null and o.cell_id is not null), count(*)
		from hand_measure.cell as h full join ours_measure.cell as o on o.cell_id = h.cell_id`, nil, &equalCells, &cells)
	fmt.Printf("published cells equal: %d of %d\n", equalCells, cells)
	return equalCells == cells, err
}
