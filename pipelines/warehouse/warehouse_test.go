package warehouse

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

func openTest(t *testing.T) *Warehouse {
	dir := filepath.Join(t.TempDir(), "Kingston [2025]") // what would be a pattern of names
	return &Warehouse{Root: filepath.Join(dir, "warehouse"), Temp: filepath.Join(dir, "tmp"), Limits: Limits{Threads: 1}}
}

func fill(sql ...string) func(context.Context, *DB) error {
	return func(ctx context.Context, db *DB) error {
		for _, s := range sql {
			if err := db.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestBuild_stepReadsTheOneBefore(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	stage := Step{Name: "stage", Schema: "stage", Fingerprint: "a"}
	if built, err := w.Build(ctx, stage, fill("create table stage.client as select 7 as n")); err != nil || !built {
		t.Fatal(built, err)
	}
	core := Step{Name: "core", Schema: "core", Fingerprint: "b", Reads: map[string]string{"stage": stage.File()}}
	if _, err := w.Build(ctx, core, fill("create table core.client as select n + 1 as n from stage.client")); err != nil {
		t.Fatal(err)
	}
	if built, err := w.Build(ctx, core, fill("this would not parse")); err != nil || built {
		t.Fatalf("a step that is there was built again: %v, %v", built, err)
	}
	db, err := w.Open(ctx, map[string]string{"core": core.File()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.Scan(ctx, "select n from core.client", nil, &n); err != nil || n != 8 {
		t.Fatalf("got %d, %v; want 8", n, err)
	}
	if err := db.Exec(ctx, "create table core.other as select 1"); err == nil {
		t.Error("a published step file can be written")
	}
}

// A file that serves one process alone holds the same rows; no build leaves a log beside its file.
func TestBuild_passingFilesHoldTheSame(t *testing.T) {
	t.Parallel()
	for _, isPassing := range []bool{false, true} {
		w, ctx := openTest(t), t.Context()
		w.IsPassing = isPassing
		stage := Step{Name: "stage", Schema: "stage", Fingerprint: "a"}
		if _, err := w.Build(ctx, stage, fill("create table stage.client as select range as n, 'same words' as words from range(300000)", "insert into stage.client values (300000, null)")); err != nil {
			t.Fatal(err)
		}
		db, err := w.Open(ctx, map[string]string{"stage": stage.File()})
		if err != nil {
			t.Fatal(err)
		}
		var got [3]int
		if err := db.Scan(ctx, `select count(*), sum(n), (select count(*) from pragma_storage_info('stage.client') where column_name = 'words'
			and segment_type = 'VARCHAR' and compression <> 'Uncompressed') from stage.client`, nil, &got[0], &got[1], &got[2]); err != nil {
			t.Fatal(err)
		}
		if want := [2]int{300001, 45000150000}; [2]int(got[:2]) != want || isPassing == (got[2] > 0) {
			t.Errorf("passing %v: got %v, want %v and segments compressed: %v", isPassing, got, want, !isPassing)
		}
		if left, err := filepath.Glob(filepath.Join(w.Temp, "*")); err != nil || len(left) > 0 {
			t.Errorf("beside the file: %v, %v", left, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBuild_leavesNothingWhenItStops(t *testing.T) {
	t.Parallel()
	w := openTest(t)
	_, err := w.Build(t.Context(), Step{Name: "core", Schema: "core", Fingerprint: "b"},
		fill("create table core.a as select 1", "select no_such_column"))
	if err == nil {
		t.Fatal("a failing step was built")
	}
	for _, dir := range []string{w.Root, w.Temp} {
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestDB_staysInItsFolders(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	outside := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := w.Build(ctx, Step{Name: "x", Schema: "x", Fingerprint: "1"}, func(ctx context.Context, db *DB) error {
		for _, s := range []string{
			"select * from read_csv(" + Text(outside) + ")",
			"attach " + Text(outside+".duckdb"),
			"copy (select 1) to " + Text(outside),
			"set enable_external_access = true",
			"install httpfs",
		} {
			if err := db.Exec(ctx, s); err == nil {
				t.Errorf("allowed: %s", s)
			}
		}
		return db.Exec(ctx, "create table x.t as select 1 as n")
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScratch_readsItsFoldersAlone(t *testing.T) {
	t.Parallel()
	inside, outside, ctx := t.TempDir(), t.TempDir(), t.Context()
	for _, dir := range []string{inside, outside} {
		if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte("a\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Scratch(ctx, Limits{}, t.TempDir(), inside)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(ctx, "create table t as select * from read_csv("+Text(filepath.Join(inside, "people.csv"))+")"); err != nil {
		t.Error(err)
	}
	for _, s := range []string{
		"select * from read_csv(" + Text(filepath.Join(outside, "people.csv")) + ")",
		"set enable_external_access = true",
	} {
		if err := db.Exec(ctx, s); err == nil {
			t.Errorf("allowed: %s", s)
		}
	}
}

func TestPublish_isAtomicAndKeepsThree(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	if _, err := w.Current(); !errors.Is(err, ErrNothingPublished) || tributary.FixOf(err) == "" {
		t.Fatalf("got %v; want nothing published, with a fix", err)
	}
	for _, fp := range []string{"1", "2", "3", "4", "5"} {
		step := Step{Name: "core", Schema: "core", Fingerprint: fp}
		if _, err := w.Build(ctx, step, fill("create table core.t as select 1 as n")); err != nil {
			t.Fatal(err)
		}
		m := Manifest{Steps: map[string]string{"core": step.File()}}
		if _, err := w.Publish(m); err != nil {
			t.Fatal(err)
		}
		if again, err := w.Publish(m); err != nil || again.Steps["core"] != step.File() {
			t.Fatal(again, err)
		}
	}
	m, err := w.Current()
	if err != nil || m.Generation != 5 {
		t.Fatalf("got generation %d, %v; want 5: publishing the same again is no new one", m.Generation, err)
	}
	left, err := Match(w.Root, "core-*")
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	if diff := cmp.Diff(left, []string{"core-3.duckdb", "core-4.duckdb", "core-5.duckdb"}); diff != "" {
		t.Errorf("step files (-got +want):\n%s", diff)
	}
}

func TestLock_oneRunAtATime(t *testing.T) {
	t.Parallel()
	w := openTest(t)
	unlock, err := w.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Lock(); !errors.Is(err, ErrLocked) || tributary.FixOf(err) == "" {
		t.Fatalf("got %v; want locked, with a fix", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = w.Lock()
	if err != nil {
		t.Fatal(err)
	}
	_ = unlock()
}

func TestTables_throughEverything(t *testing.T) {
	t.Parallel()
	db, err := Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got, err := Tables(t.Context(), db, `with a as (select * from core.client)
		select a.x, (select max(y) from fact.note) from a join link.family f on f.x = a.x
		where exists (select 1 from stage.file union all select 2 from stage.agency)`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"core.client", "fact.note", "link.family", "stage.agency", "stage.file"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("tables (-got +want):\n%s", diff)
	}
	for _, bad := range []string{"drop table core.client", "select 1; select 2", "pivot core.client on x using sum(y)", "selec 1"} {
		if _, err := Tables(t.Context(), db, bad); err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}

func TestDamaged_knowsATruncatedStepFile(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	step := Step{Name: "core", Schema: "core", Fingerprint: "a"}
	if _, err := w.Build(ctx, step, fill("create table core.t as select 1 as n")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Publish(Manifest{Steps: map[string]string{"core": step.File()}}); err != nil {
		t.Fatal(err)
	}
	if bad, err := w.Damaged(); err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	if err := os.Truncate(w.Path(step.File()), 5000); err != nil {
		t.Fatal(err)
	}
	bad, err := w.Damaged()
	if diff := cmp.Diff(bad, []string{step.File()}); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
	if err := w.Discard(bad); err != nil {
		t.Fatal(err)
	}
	if built, err := w.Build(ctx, step, fill("create table core.t as select 1 as n")); err != nil || !built {
		t.Errorf("a discarded step was not built again: %v", err)
	}
}

// What is made when it is asked for may be there or not; it stays as long as a kept generation names it.
func TestPublish_keepsWhatIsMadeWhenAskedFor(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	asked := Step{Name: "release-provider-A", Schema: "release", Fingerprint: "1"}
	for _, fp := range []string{"1", "2", "3", "4"} {
		core := Step{Name: "core", Schema: "core", Fingerprint: fp}
		if _, err := w.Build(ctx, core, fill("create table core.t as select 1 as n")); err != nil {
			t.Fatal(err)
		}
		m := Manifest{Steps: map[string]string{"core": core.File()}, Lazy: map[string]string{"release-provider-A": "release-provider-A-" + fp + ".duckdb"}}
		if _, err := w.Publish(m); err != nil {
			t.Fatal(err)
		}
		if bad, err := w.Damaged(); err != nil || len(bad) > 0 {
			t.Fatalf("got damaged %v, %v; want none: nobody asked for it yet", bad, err)
		}
		if fp == "1" {
			if _, err := w.Build(ctx, asked, fill("create table release.t as select 1 as n")); err != nil {
				t.Fatal(err)
			}
		}
		_, err := os.Stat(w.Path(asked.File()))
		if isThere := err == nil; isThere != (fp != "4") {
			t.Errorf("generation %s: there is %v", fp, isThere)
		}
	}
}

// TestKept_sharesAndLetsGo: readers share one instance, a page stays on its generation, and what is gone is closed.
func TestKept_sharesAndLetsGo(t *testing.T) {
	t.Parallel()
	w, ctx := openTest(t), t.Context()
	w.Kept = &Kept{}
	var files []string
	for _, fingerprint := range []string{"a", "b"} {
		s := Step{Name: "stage", Schema: "stage", Fingerprint: fingerprint}
		if _, err := w.Build(ctx, s, fill("create table stage.client as select '"+fingerprint+"' as n")); err != nil {
			t.Fatal(err)
		}
		files = append(files, s.File())
	}
	says := func(db *DB) (text string) {
		if err := db.Scan(ctx, "select n from stage.client", nil, &text); err != nil {
			t.Error(err)
		}
		return text
	}
	open := func(file string) *DB {
		db, err := w.Open(ctx, map[string]string{"stage": file})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	one, two, other := open(files[0]), open(files[0]), open(files[1])
	if one.pool != two.pool || one.pool == other.pool {
		t.Error("instances are not shared by their files")
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(w.Path(files[0])); err != nil { // swept, while two is still read
		t.Fatal(err)
	}
	if got := says(two) + says(other) + says(open(files[1])); got != "abb" {
		t.Errorf("read %q", got)
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	if err := two.Close(); err != nil { // giving back twice is giving back once
		t.Fatal(err)
	}
	open(files[1])
	if n := len(w.Kept.open); n != 1 {
		t.Errorf("%d instances stay open; the files of one are gone", n)
	}
	if err := w.Kept.Close(); err != nil {
		t.Fatal(err)
	}
}
