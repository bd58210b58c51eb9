package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"tributary/pipelines"
)

var kills = flag.Int("kills", 3, "how many random moments TestKill tries")

// asProgram makes this test binary be the program itself; see TestMain.
const asProgram = "TRIBUTARY_TEST_AS_PROGRAM"

func command(dir string, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], append([]string{"-C", dir}, args...)...)
	c.Env = append(os.Environ(), asProgram+"=1", "TRIBUTARY_TODAY=2025-07-10", "TRIBUTARY_WHO=analyst")
	return c
}

// must runs the program to its end and returns what it printed.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c := command(dir, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("tributary %v: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return out.String()
}

// twoAgencies makes the workspace of the script quarter.txtar with so many clients that a run takes
// about a second.
func twoAgencies(t *testing.T, dir string) {
	archive, err := txtar.ParseFile("testdata/script/quarter.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		name := f.Name
		if strings.HasSuffix(name, ".yaml") && name != "tributary.yaml" {
			name = "agencies/" + name
		}
		put(t, filepath.Join(dir, strings.TrimPrefix(name, "area/")), f.Data)
	}
	put(t, filepath.Join(dir, "drop/CTC/2025-26_Q1/clients.csv"), clients(3000, ""))
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func clients(n int, more string) []byte {
	var b strings.Builder
	b.WriteString("Number,Last,First,Born,Postal,Town,Opened,Closed\n")
	for i := range n {
		fmt.Fprintf(&b, "c%d,Last%s,First%s,%04d-%02d-%02d,K3A 1A1,Cedar Falls,2024-01-02,\n", i,
			strings.Repeat(string(rune('a'+i%26)), 1+i/26%9), string(rune('a'+i/234%26)), 2008+i%12, 1+i%12, 1+i%28)
	}
	return []byte(b.String() + more)
}

const everyCell = "select cell_id, value from release.cell order by all"

// state is what a reader sees: the published cells, and what people open.
func state(t *testing.T, dir string) (cells, out string) {
	t.Helper()
	cells = must(t, dir, "sql", "--csv", everyCell)
	err := filepath.WalkDir(filepath.Join(dir, "out"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		out += fmt.Sprintf("%s %d %x\n", d.Name(), len(data), hashOf(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cells, out
}

// TestKill kills a run at random moments, from the pull to the publishing: a reader sees the old
// generation or the new one, what is landed is whole, and the next run ends as an undisturbed one.
func TestKill(t *testing.T) {
	t.Parallel()
	base := filepath.Join(t.TempDir(), "base")
	twoAgencies(t, base)
	must(t, base, "run")
	oldCells, _ := state(t, base)
	news := clients(3000, "c9999,New,Child,2016-01-01,K3A 1A1,Cedar Falls,2025-05-05,\n")
	put(t, filepath.Join(base, "drop/CTC/2025-26_Q1/clients.csv"), news)

	calm := filepath.Join(t.TempDir(), "calm")
	if err := os.CopyFS(calm, os.DirFS(base)); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	must(t, calm, "run")
	whole := time.Since(started)
	newCells, newOut := state(t, calm)
	if newCells == oldCells {
		t.Fatal("the new file moves no cell: the test would see nothing")
	}

	random := rand.New(rand.NewPCG(uint64(*kills), 7))
	seen := map[string]int{}
	for i := range *kills {
		dir := filepath.Join(t.TempDir(), fmt.Sprint("kill", i))
		if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Int64N(int64(whole * 11 / 10)))
		c := command(dir, "run")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		_ = c.Process.Kill() // it may have ended by itself
		_ = c.Wait()

		must(t, dir, "status")
		switch cells := must(t, dir, "sql", "--csv", everyCell); cells {
		case oldCells:
			seen["old"]++
		case newCells:
			seen["new"]++
		default:
			t.Fatalf("kill %d after %v: the published cells are neither the old nor the new ones", i, after)
		}
		verify(t, dir)
		must(t, dir, "run")
		if cells, out := state(t, dir); cells != newCells || out != newOut {
			t.Fatalf("kill %d after %v: the next run does not end as an undisturbed one", i, after)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "cache", "tmp", "*")); len(left) > 0 {
			t.Fatalf("kill %d after %v: temporary files stay: %v", i, after, left)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills over a run of %v: %d saw the old generation, %d the new one", *kills, whole.Round(time.Millisecond), seen["old"], seen["new"])
}

func verify(t *testing.T, dir string) {
	t.Helper()
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: func(string) string { return "" }, now: time.Now, dir: dir}
	w, err := pipelines.Open(t.Context(), dir, p.options())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Landing.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestServe_stopsInTheMiddleOfARun lets serve begin a run and asks it to stop: it ends by itself, soon and in order,
// what was published stays, nothing half-made is left, and the next run ends as an undisturbed one.
func TestServe_stopsInTheMiddleOfARun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such signal there")
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "area")
	twoAgencies(t, dir)
	settings := filepath.Join(dir, "tributary.yaml")
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	put(t, settings, append(text, "serve: {listen: \"off\"}\n"...))
	must(t, dir, "run")
	oldCells, oldOut := state(t, dir)
	steps := func() int {
		found, err := filepath.Glob(filepath.Join(dir, "cache", "warehouse", "stage-*.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	put(t, filepath.Join(dir, "drop/CTC/2025-26_Q1/clients.csv"), clients(3000, "c9999,New,Child,2016-01-01,K3A 1A1,Cedar Falls,2025-05-05,\n"))
	before := steps()
	var said bytes.Buffer
	c := command(dir, "serve")
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for deadline := time.Now().Add(2 * time.Minute); steps() == before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Process.Kill() //nolint:errcheck // it failed anyway
			t.Fatal("serve runs nothing")
		}
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil || !strings.Contains(said.String(), `"stopped"`) || strings.Contains(said.String(), `"level":"ERROR"`) {
			t.Errorf("serve: %v: %s", err, said.String())
		}
	case <-time.After(time.Minute):
		c.Process.Kill() //nolint:errcheck // it failed anyway
		t.Fatal("serve does not stop")
	}
	for _, pattern := range []string{"cache/tmp/*", "cache/inbox/*/*"} {
		if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("is left: %v %v", left, err)
		}
	}
	if cells, out := state(t, dir); cells != oldCells || out != oldOut {
		t.Error("what was published before does not stay")
	}
	if text := must(t, dir, "run"); !strings.Contains(text, "generation 2") {
		t.Errorf("the next run: %s", text)
	}
	if cells, _ := state(t, dir); cells == oldCells {
		t.Error("the next run does not count the new child")
	}
}
