package link

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"maps"
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
	benchFloors  = flag.Bool("bench-floors", true, "measure the floor beside it; without, the figures are reported and held to nothing")
	benchRuns    = flag.Int("bench-runs", 3, "runs of which the median counts")
	benchMemory  = flag.String("bench-memory", "4GB", "what the engine may take")
)

const (
	linkingLimit = 2.5
	whyLimit     = .3 // seconds
	whyAsked     = 15
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
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	if !*benchFloors {
		fmt.Printf("link %d records, s | %.2f | | | - | -\n", records, ours)
		fmt.Printf("link %d records, memory | %d MB | | | - | -\n", records, memory)
		return
	}
	verdict := "PASS"
	if ours/floor > linkingLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("link %d records, s | %.2f | %.2f | %.2f | %.2f | %s\n", records, ours, floor, ours/floor, linkingLimit, verdict)
	why := median(runs, func(r benchRun) float64 { return r.why })
	if verdict = "PASS"; why > whyLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("why of a pair among %d records, worst of %d, s | %.3f | | | %.1f | %s\n", records, whyAsked, why, whyLimit, verdict)
	fmt.Printf("link %d records, memory | %d MB | | | - | -\n", records, memory)
}

// goingOnLimit is what a tenth more records may take of a run of all.
const goingOnLimit = .40

// TestBenchGoingOn holds the linking of a tenth of new records, by what is kept of the known ones, to the
// linking of all at once, which must come out the same when it goes by what was learned of the known ones.
func TestBenchGoingOn(t *testing.T) {
	if *benchRecords == 0 {
		t.Skip("give -bench-records=1000000 to measure")
	}
	ctx, dir := t.Context(), t.TempDir()
	all, known, fresh := filepath.Join(dir, "all.parquet"), filepath.Join(dir, "known.parquet"), filepath.Join(dir, "new.parquet")
	*benchRecords += *benchRecords / 10
	records := writeBenchPeople(t, all)
	*benchRecords -= *benchRecords / 11
	split := scratch(t, dir)
	rows := "read_parquet(" + warehouse.Text(all) + ", file_row_number = true)"
	for _, s := range []string{
		"copy (select * exclude (file_row_number) from " + rows + " where file_row_number % 11 < 10 order by file_row_number) to " + warehouse.Text(known) + " (format parquet)",
		"copy (select * exclude (file_row_number) from " + rows + " where file_row_number % 11 = 10 order by file_row_number) to " + warehouse.Text(fresh) + " (format parquet)",
		"copy (select * exclude (file_row_number, filename) from read_parquet([" + warehouse.Text(known) + ", " + warehouse.Text(fresh) + "], filename = true, file_row_number = true) order by filename = " + warehouse.Text(fresh) + ", file_row_number) to " + warehouse.Text(all) + " (format parquet)",
	} {
		if err := split.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	split.Close()
	var took steps
	run := func(file string, first int, terms Terms) (*Result, float64) {
		runtime.GC()
		start := time.Now()
		took = nil
		last, name := start, "load"
		terms.Progress = func(following string) {
			took = append(took, step{name, time.Since(last)})
			last, name = time.Now(), following
		}
		db := scratch(t, dir)
		defer db.Close()
		if _, err := Load(ctx, db, file, nil, first); err != nil {
			t.Fatal(err)
		}
		r, err := Run(ctx, db, terms)
		if err != nil {
			t.Fatal(err)
		}
		terms.Progress("")
		return r, time.Since(start).Seconds()
	}
	terms := DefaultTerms()
	terms.Keep = true
	before, _ := run(known, 0, terms)
	first := before.All
	kept := filepath.Join(dir, "kept")
	f, err := os.Create(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(before.Known(make([]string, first)).Write(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	learned := before.Learned()
	before = nil
	var ours, whole []float64
	for i := range *benchRuns {
		start := time.Now()
		f, err := os.Open(kept)
		if err != nil {
			t.Fatal(err)
		}
		terms := DefaultTerms()
		if terms.Known, err = ReadKnown(f); err != nil {
			t.Fatal(err)
		}
		f.Close()
		read := time.Since(start).Seconds()
		got, seconds := run(fresh, first, terms)
		t.Logf("run %d: going on %.2f s (read %.2f, %s)", i+1, read+seconds, read, took)
		_, full := run(all, 0, DefaultTerms())
		ours, whole = append(ours, read+seconds), append(whole, full)
		t.Logf("run %d: all at once %.2f s (%s)", i+1, full, took)
		if i > 0 {
			continue
		}
		terms = DefaultTerms()
		terms.Learned = learned
		if want, _ := run(all, 0, terms); !slices.Equal(want.First, got.First) || !slices.Equal(want.Edges, got.Edges) {
			t.Errorf("going on gave other clusters or pairs than all at once")
		}
	}
	slices.Sort(ours)
	slices.Sort(whole)
	a, b, verdict := ours[len(ours)/2], whole[len(whole)/2], "PASS"
	if a/b > goingOnLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	fmt.Printf("link a tenth of %d records against the others, s | %.2f | %.2f | %.2f | %.2f | %s\n", records, a, b, a/b, goingOnLimit, verdict)
}

// scratch is an engine that may read and write a folder.
func scratch(t *testing.T, dir string) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Scratch(t.Context(), warehouse.Limits{MemoryLimit: *benchMemory}, filepath.Join(dir, "tmp"), dir)
	if err != nil {
		t.Fatal(err)
	}
	return db
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
	memory      int     // MB at the most, before the floor was measured
	why         float64 // seconds to say why of one pair, of the worst of some
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
	db := scratch(t, dir)
	defer db.Close()
	last, name := time.Now(), "load"
	next := func(following string) {
		run.ours = append(run.ours, step{name, time.Since(last)})
		t.Logf("%s: %.2f s, %d MB at the most so far", name, time.Since(last).Seconds(), peakMemory())
		last, name = time.Now(), following
	}
	if _, err := Load(ctx, db, file, nil, 0); err != nil {
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
	if !*benchFloors {
		t.Logf("%d of %d records differ, %d pairs", result.Records, result.All, len(result.Edges))
		return run
	}
	run.why = benchWhy(t, db, result)
	f := benchFloor{ctx: ctx, t: t, e: result.engine, edges: result.Edges}
	f.measure(bits(terms.LinkAt))
	run.floor = f.took
	t.Logf("%d of %d records differ, %d pairs, %d links", result.Records, result.All, f.pairs, f.links)
	return run
}

// benchWhy takes pairs apart that lie all over the records, as a published step holds them.
func benchWhy(t *testing.T, db *warehouse.DB, r *Result) (worst float64) {
	b := build{found: r}
	exec(t, db, "attach ':memory:' as link", "create table link.record ("+storedColumns+")", "create table link.person as from memory.person")
	if err := db.Insert(t.Context(), "link", "record", b.recordRows()); err != nil {
		t.Fatal(err)
	}
	for i := range whyAsked {
		g := r.Edges[len(r.Edges)*(2*i+1)/(2*whyAsked)]
		start := time.Now()
		if _, _, err := Compare(t.Context(), db, r.Model, g.L, g.R); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(start).Seconds())
	}
	exec(t, db, "detach link")
	return worst
}

// benchFloor does what no linking by blocks can do without, on the engine's own tables: records, and the
// same blocks and pairs.
type benchFloor struct {
	ctx          context.Context
	t            *testing.T
	e            *engine
	edges        []Edge
	took         steps
	pairs, links int
}

func (f *benchFloor) exec(query string) {
	f.t.Helper()
	if err := f.e.db.Exec(f.ctx, query); err != nil {
		f.t.Fatalf("%v: %s", err, query)
	}
}

// table makes a table of whole numbers.
func (f *benchFloor) table(name, columns string, rows func(add func(...driver.Value))) {
	f.t.Helper()
	f.exec("create table " + name + " (" + columns + ")")
	var batch [][]driver.Value
	flush := func() {
		if err := f.e.db.Insert(f.ctx, "memory", name, batch); err != nil {
			f.t.Fatal(err)
		}
		batch = batch[:0]
	}
	rows(func(row ...driver.Value) {
		if batch = append(batch, row); len(batch) == 100_000 {
			flush()
		}
	})
	flush()
}

func (f *benchFloor) time(name string, do func()) {
	start := time.Now()
	do()
	f.took = append(f.took, step{name, time.Since(start)})
}

func (f *benchFloor) measure(from float64) {
	f.table("floor_pair", "l integer, r integer", func(add func(...driver.Value)) {
		for _, part := range f.e.found {
			for _, p := range part {
				add(f.e.records[p.l].node, f.e.records[p.r].node)
				f.pairs++
			}
		}
	})
	f.table("floor_link", "l integer, r integer", func(add func(...driver.Value)) {
		for _, g := range f.edges {
			if g.Odds() >= from {
				add(g.L, g.R)
				f.links++
			}
		}
	})
	f.e.block() // the walk over the pairs forgot the blocks
	var keyed []string
	for i := range rules {
		name := fmt.Sprintf("floor_key_%d", i)
		f.table(name, "key integer, node integer", func(add func(...driver.Value)) {
			b := &f.e.blocks[i]
			for key := range b.count() {
				for _, r := range b.members[b.starts[key]:b.starts[key+1]] {
					add(int32(key), f.e.records[r].node)
				}
			}
		})
		keyed = append(keyed, name)
	}
	f.time("block join", func() {
		f.exec("create table floor_found (l integer, r integer)")
		for _, table := range keyed {
			f.exec("insert into floor_found select l.node, r.node from " + table + " as l join " + table + " as r on r.key = l.key and r.node > l.node")
		}
	})
	for _, table := range append(keyed, "floor_found") {
		f.exec("drop table " + table)
	}
	columns := f.plain()
	f.time("row fetch", func() {
		f.exec("create table floor_sum as select " + columns + " from floor_pair as p join floor_record as l on l.node = p.l join floor_record as r on r.node = p.r")
	})
	f.time("union-find", func() { f.union() })
}

// plain makes a table of the records without lists, of which the engine reads columns best, and returns
// what sums up each value that a comparison looks at, so that none is left unread.
func (f *benchFloor) plain() string {
	most := map[trait]int{tGiven: 4, tFamily: 4, tMiddle: 3, tPhone: 4, tEmail: 2, tEmailName: 1, tCaregiver: 3, tCaregiverGiven: 3,
		tGivenName: 1, tStreet: 1, tStreetNumber: 1, tCity: 1, tArea: 1}
	columns := "node integer, source ubigint, given varchar, family varchar, middle varchar, postal varchar, identifier varchar, birth varchar, " +
		"year smallint, month tinyint, day tinyint, days integer, is_age boolean, sex utinyint, given_people integer, names_people integer, street_people integer, " +
		"given_bits float, family_bits float, names_bits float, street_bits float, postal_bits float, area_bits float, city_bits float"
	for _, t := range slices.Sorted(maps.Keys(most)) {
		for i := range most[t] {
			columns += fmt.Sprintf(", trait_%d_%d ubigint", t, i)
		}
	}
	f.table("floor_record", columns, func(add func(...driver.Value)) {
		for i := range f.e.records {
			r := &f.e.records[i]
			row := []driver.Value{r.node, r.source, r.given.String(), r.family.String(), r.middle.String(), r.postalCode(), r.identifier.String(), string(r.birth[:]), r.year, r.month, r.day, r.days, r.isAge,
				r.sex, r.givenPeople, r.namesPeople, r.streetPeople, r.givenBits, r.familyBits, r.namesBits, r.streetBits, r.postalBits, r.areaBits, r.cityBits}
			for _, t := range slices.Sorted(maps.Keys(most)) {
				values := r.of(t)
				for i := range most[t] {
					if i < len(values) {
						row = append(row, values[i])
					} else {
						row = append(row, nil)
					}
				}
			}
			add(row...)
		}
	})
	var sums []string
	for column := range strings.SplitSeq(columns, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		sum := "bit_xor(%s)"
		switch kind {
		case "varchar":
			sum = "sum(length(%s))"
		case "float", "boolean":
			sum = "max(%s)"
		}
		for _, of := range []string{"l.", "r."} {
			sums = append(sums, fmt.Sprintf(sum, of+name)+" as "+of[:1]+"_"+name)
		}
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
