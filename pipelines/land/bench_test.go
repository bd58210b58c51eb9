package land

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"tributary"
)

var (
	benchGB   = flag.Float64("bench-gb", 0, "size of the CSV file that TestBenchLanding lands; 0 leaves it out")
	benchRuns = flag.Int("bench-runs", 5, "runs of which the median counts")
)

const (
	landingLimit = 1.6
	memoryLimit  = 500
)

// TestBenchLanding holds landing to its floor: the engine's own reading of the same file to Parquet,
// plus cp, plus sha256sum, in the same run.
func TestBenchLanding(t *testing.T) {
	if *benchGB == 0 {
		t.Skip("give -bench-gb=1 to measure")
	}
	dir := t.TempDir()
	inbox := filepath.Join(dir, "inbox")
	if err := os.Mkdir(inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(inbox, "visits.csv")
	writeBenchCSV(t, input, int64(*benchGB*1e9))
	var ours, floor []float64
	memory := 0
	for run := range *benchRuns {
		root := filepath.Join(dir, "landing"+strconv.Itoa(run))
		runtime.GC()
		ours = append(ours, seconds(func() { benchLand(t, root, dir, inbox) }))
		if run == 0 {
			// Before the engine is loaded into this process.
			memory = peakMemory()
		}
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
		floor = append(floor, seconds(func() { benchFloor(t, dir, input) }))
	}
	slices.Sort(ours)
	slices.Sort(floor)
	o, f := ours[len(ours)/2], floor[len(floor)/2]
	verdict := "PASS"
	if o/f > landingLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("land %g GB csv | %.2f s | %.2f s | %.2f | %.2f | %s\n", *benchGB, o, f, o/f, landingLimit, verdict)
	verdict = "PASS"
	if memory > memoryLimit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("land %g GB csv, memory | %d MB | | | %d MB | %s\n", *benchGB, memory, memoryLimit, verdict)
}

func seconds(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

func benchLand(t *testing.T, root, dir, inbox string) {
	s := &Store{Root: root, Temp: filepath.Join(dir, "tmp")}
	q := tributary.QuarterOf(time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC))
	files, err := s.Land(context.Background(), inbox, "BENCH", q, nil, time.Date(2025, 10, 5, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || !files[0].Original || len(files[0].Findings) > 0 {
		t.Fatalf("got %d files, want one without findings", len(files))
	}
}

func benchFloor(t *testing.T, dir, input string) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	to := filepath.Join(dir, "floor.parquet")
	query := fmt.Sprintf("set threads = %d; copy (from read_csv('%s', all_varchar = true)) to '%s'", runtime.GOMAXPROCS(0), input, to)
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "floor.copy")
	for _, args := range [][]string{{"cp", input, copied}, {"sha256sum", copied}} {
		if err := exec.Command(args[0], args[1:]...).Run(); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{to, copied} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
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

// writeBenchCSV writes invented visits: ids, names, dates, codes, and text that is quoted now and
// then.
func writeBenchCSV(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	wrote := 0
	put := func(format string, args ...any) {
		n, err := fmt.Fprintf(w, format, args...)
		if err != nil {
			t.Fatal(err)
		}
		wrote += n
	}
	put("visit_no,client_no,surname,given,birth_date,visit_date,service,status,town,postal_code,phone,outcome\r\n")
	r := rand.New(rand.NewPCG(1, 2))
	surnames := []string{"Alder", "Birch", "Cédar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hêtre", "Ironwood", "Juniper"}
	towns := []string{"Kingston", "Napanee", "Gananoque", "Frontenac Islands", "Stone Mills", "Loyalist"}
	outcomes := []string{"", "goal met; follow up in spring", `"moved, no new address"`, `"said ""later"", called again"`, "no change since last visit"}
	for i := 0; int64(wrote) < size; i++ {
		put("V%08d,C-%06d,%s%d,Given%d,20%02d-%02d-%02d,2025-%02d-%02d,S%02d,%s,%s,K%dL %dB%d,613-555-%04d,%s\r\n",
			i, r.IntN(900000), surnames[r.IntN(10)], r.IntN(500), r.IntN(3000), r.IntN(25), 1+r.IntN(12), 1+r.IntN(28),
			1+r.IntN(12), 1+r.IntN(28), r.IntN(40), []string{"open", "closed", "waiting"}[r.IntN(3)], towns[r.IntN(6)],
			r.IntN(10), r.IntN(10), r.IntN(10), r.IntN(10000), outcomes[r.IntN(5)])
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
