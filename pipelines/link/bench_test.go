package link

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tributary/examples/demo"
	"tributary/pipelines/warehouse"
)

var (
	benchRecords = flag.Int("bench-records", 0, "people records that TestBenchLinking links; 0 leaves it out")
	benchRuns    = flag.Int("bench-runs", 3, "runs of which the median counts")
	benchMemory  = flag.String("bench-memory", "4GB", "what the engine may take")
)

const (
	linkingLimit = 2.5
	// From here on the figures are reported and held to nothing.
	mostHeld = 1_000_000
)

// TestBenchLinking holds linking, from the file to clusters, to its floor in the same run: the join of
// the same blocks by keys that are there, the fetch of the same pairs' values, and union-find over the
// same links.
func TestBenchLinking(t *testing.T) {
	if *benchRecords == 0 {
		t.Skip("give -bench-records=1000000 to measure")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "people.parquet")
	records := writeBenchPeople(t, file)
	var runs []benchRun
	memory := 0
	for i := range *benchRuns {
		run := benchLinking(t, dir, file)
		if i == 0 {
			memory = run.memory
		}
		runs = append(runs, run)
		t.Logf("run %d: ours %.2f s (%s), floor %.2f s (%s)", i+1, run.ours.total(), run.ours, run.floor.total(), run.floor)
	}
	ours, floor := median(runs, func(r benchRun) float64 { return r.ours.total() }), median(runs, func(r benchRun) float64 { return r.floor.total() })
	limit, verdict := strconv.FormatFloat(linkingLimit, 'f', 2, 64), "PASS"
	switch {
	case records > 2*mostHeld:
		limit, verdict = "-", "-"
	case ours/floor > linkingLimit:
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	fmt.Printf("link %d records, s | %.2f | %.2f | %.2f | %s | %s\n", records, ours, floor, ours/floor, limit, verdict)
	fmt.Printf("link %d records, memory | %d MB | | | - | -\n", records, memory)
}

// step is how long a part took.
type step struct {
	name string
	took time.Duration
}

type steps []step

func (s steps) total() float64 {
	var sum time.Duration
	for _, x := range s {
		sum += x.took
	}
	return sum.Seconds()
}

func (s steps) String() string {
	var parts []string
	for _, x := range s {
		parts = append(parts, fmt.Sprintf("%s %.2f", x.name, x.took.Seconds()))
	}
	return strings.Join(parts, ", ")
}

type benchRun struct {
	ours, floor steps
	memory      int // MB at the most, before the floor was measured
}

func median(runs []benchRun, of func(benchRun) float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.SortFunc(values, cmp.Compare)
	return values[len(values)/2]
}

func writeBenchPeople(t *testing.T, file string) (records int) {
	t.Helper()
	p := demo.NewPopulation(demo.PeopleOptions{Records: *benchRecords})
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.WriteParquet(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	return p.Records
}

func benchLinking(t *testing.T, dir, file string) (run benchRun) {
	ctx := t.Context()
	runtime.GC()
	db, err := warehouse.Scratch(ctx, warehouse.Limits{MemoryLimit: *benchMemory}, filepath.Join(dir, "tmp"), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	last, name := time.Now(), "load"
	next := func(following string) {
		run.ours = append(run.ours, step{name, time.Since(last)})
		last, name = time.Now(), following
	}
	if _, err := Load(ctx, db, file, nil); err != nil {
		t.Fatal(err)
	}
	terms := DefaultTerms()
	terms.Progress = next
	result, err := Run(ctx, db, terms)
	if err != nil {
		t.Fatal(err)
	}
	next("")
	run.memory = peakMemory()
	f := benchFloor{ctx: ctx, t: t, e: &engine{db: db, records: result.Records, nodes: len(result.First)}}
	f.measure(bits(terms.LinkAt))
	run.floor = f.took
	t.Logf("%d of %d records differ, %d pairs, %d links", result.Records, result.All, f.pairs, f.links)
	return run
}

// benchFloor does what no linking by blocks can do without, on the engine's own tables.
type benchFloor struct {
	ctx          context.Context
	t            *testing.T
	e            *engine
	took         steps
	pairs, links int
}

func (f *benchFloor) exec(query string) {
	f.t.Helper()
	if err := f.e.db.Exec(f.ctx, query); err != nil {
		f.t.Fatalf("%v: %s", err, query)
	}
}

func (f *benchFloor) time(name string, do func()) {
	start := time.Now()
	do()
	f.took = append(f.took, step{name, time.Since(start)})
}

func (f *benchFloor) measure(from float64) {
	var keyed []string
	for i, r := range rules {
		keyed = append(keyed, f.keys(i, r)...)
	}
	f.time("block join", func() {
		f.exec("create or replace table floor_found (l integer, r integer)")
		for _, table := range keyed {
			f.exec("insert into floor_found select l.node, r.node from " + table + " as l join " + table + " as r on r.key = l.key and r.node > l.node")
		}
	})
	for _, table := range append(keyed, "floor_found") {
		f.exec("drop table " + table)
	}
	columns := f.columns()
	f.time("row fetch", func() {
		f.exec("create or replace table floor_sum as select " + columns + " from pair as p join record as l on l.node = p.l join record as r on r.node = p.r")
	})
	f.exec(fmt.Sprintf("create or replace table floor_link as select l, r from scored where -log2(pow(2, -stranger) + pow(2, -sibling)) >= %g", from))
	if err := f.e.db.Scan(f.ctx, "select (select count(*) from pair), (select count(*) from floor_link)", nil, &f.pairs, &f.links); err != nil {
		f.t.Fatal(err)
	}
	f.time("union-find", func() { f.union() })
}

// keys makes the keys of a rule's blocks that linking compared, one table for whole blocks and one for
// split ones.
func (f *benchFloor) keys(place int, r rule) (tables []string) {
	key := strings.Join(r.key, ", ")
	refined := ""
	if r.refine != "" {
		refined = fmt.Sprintf(", case when %s is not null then hash(%s, %s) end as refined", r.refine, key, r.refine)
	}
	f.exec(fmt.Sprintf("create or replace table keyed as select distinct node, hash(%s) as key%s from %s where %s is not null",
		key, refined, r.from, strings.Join(r.key, " is not null and ")))
	take := func(name string) (limit int) {
		f.exec("create or replace table keyed_block as select key, count(*)::integer as size from keyed group by key having count(*) > 1")
		limit, _, err := f.e.fit(f.ctx, r.limit, max(leastBudget, budgetPerRecord*f.e.records))
		if err != nil {
			f.t.Fatal(err)
		}
		f.exec(fmt.Sprintf("create or replace table %s as select k.key, k.node from keyed as k join keyed_block as b on b.key = k.key where b.size <= %d", name, limit))
		tables = append(tables, name)
		return limit
	}
	limit := take(fmt.Sprintf("floor_key_%d", place))
	if r.refine != "" {
		f.exec(fmt.Sprintf("create or replace table keyed as select k.node, k.refined as key from keyed as k join keyed_block as b on b.key = k.key where b.size > %d and k.refined is not null", limit))
		take(fmt.Sprintf("floor_refined_%d", place))
	}
	return tables
}

// columns sums up each value that a comparison looks at, so that none is left unread.
func (f *benchFloor) columns() string {
	seen := map[string]bool{}
	for _, m := range side.FindAllStringSubmatch(patternSQL()+strings.Join(bitsColumns(), " "), -1) {
		seen[m[2]] = true
	}
	rows, err := f.e.db.Query(f.ctx, "select column_name, data_type from duckdb_columns() where table_name = 'record' order by column_index")
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	var sums []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			f.t.Fatal(err)
		}
		if !seen[name] {
			continue
		}
		sum := "bit_xor(%s)"
		switch {
		case kind == "VARCHAR":
			sum = "sum(length(%s))"
		case kind == "FLOAT" || kind == "BOOLEAN":
			sum = "max(%s)"
		}
		for _, of := range []string{"l.", "r."} {
			sums = append(sums, fmt.Sprintf(sum, of+name)+" as "+of[:1]+"_"+name)
		}
	}
	if err := rows.Err(); err != nil || len(sums) == 0 {
		f.t.Fatalf("no columns are compared: %v", err)
	}
	return strings.Join(sums, ", ")
}

func (f *benchFloor) union() {
	rows, err := f.e.db.Query(f.ctx, "select l, r from floor_link")
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	all := newForest(f.e.nodes)
	for rows.Next() {
		var l, r int32
		if err := rows.Scan(&l, &r); err != nil {
			f.t.Fatal(err)
		}
		all.join(l, r)
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
}

// peakMemory is the largest resident size of this process so far, in MB; 0 where the system does not
// say.
func peakMemory() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(status, []byte("VmHWM:"))
	if !ok {
		return 0
	}
	kb, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	if err != nil {
		return 0
	}
	return kb / 1000
}
