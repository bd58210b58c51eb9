package template

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tributary/examples/demo"
)

var (
	benchMB   = flag.Int("bench-mb", 0, "size of the form that TestBenchTemplate fills, in MB; 0 leaves it out")
	benchRuns = flag.Int("bench-runs", 5, "runs of which the median counts")
)

const (
	// fillLimit is seconds beyond the floor, multiplied by how slow the machine is now.
	fillLimit = 1.0
	// idleUnfold is what unfolding the form takes for each MB, in seconds, on the machine of the limits when it is idle.
	idleUnfold = 0.018
)

// TestBenchTemplate holds filling a large form, labels looked for and all, to its floor: the bytes
// copied and their checksum taken.
func TestBenchTemplate(t *testing.T) {
	if *benchMB == 0 {
		t.Skip("give -bench-mb=5 to measure")
	}
	blank := large(t, *benchMB<<20)
	m, r := learned(t, form0(t, "en"), Options{Answers: demo.FormAnswers()}).Map, release(t)
	var ours, floor, unfold []float64
	for range *benchRuns {
		start := time.Now()
		done, err := Write(blank, m, r, io.Discard)
		if err != nil || len(done.Numbers) != 60 {
			t.Fatalf("got %+v, %v", done, err)
		}
		ours = append(ours, time.Since(start).Seconds())
		start = time.Now()
		_ = hashOf(slices.Clone(blank))
		floor = append(floor, time.Since(start).Seconds())
		start = time.Now()
		unfolded(t, blank)
		unfold = append(unfold, time.Since(start).Seconds())
	}
	slices.Sort(ours)
	slices.Sort(floor)
	slices.Sort(unfold)
	o, f := ours[len(ours)/2], floor[len(floor)/2]
	limit := fillLimit * min(max(unfold[len(unfold)/2]/(idleUnfold*float64(len(blank))/(1<<20)), 1), 3)
	verdict := "PASS"
	if o-f > limit {
		verdict = "FAIL"
		t.Fail()
	}
	fmt.Printf("fill the form of the demo, %d MB, labels looked for | %.2f s | %.2f s | +%.2f s | +%.2f s | %s\n", len(blank)>>20, o, f, o-f, limit, verdict)
}

// unfolded reads every part of a workbook, one after the other, as a measure of the machine.
func unfolded(t *testing.T, b []byte) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
}

// large is the invented form with sheets of data behind it.
func large(t *testing.T, size int) []byte {
	t.Helper()
	f := reopen(t, form0(t, "en"))
	random := rand.New(rand.NewPCG(7, 8))
	for n := 1; ; n++ {
		name := fmt.Sprintf("Data %d", n)
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		w, err := f.NewStreamWriter(name)
		if err != nil {
			t.Fatal(err)
		}
		for row := 1; row <= 2000; row++ {
			values := make([]any, 20)
			for i := range values {
				values[i] = random.IntN(1e9)
			}
			values[19] = excelize.Cell{Formula: fmt.Sprintf("SUM(A%d:S%d)", row, row)}
			at, _ := excelize.CoordinatesToCellName(1, row)
			if err := w.SetRow(at, values); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if n%4 == 0 {
			if err := f.Write(&out); err != nil {
				t.Fatal(err)
			}
			if out.Len() >= size {
				return out.Bytes()
			}
			f = reopen(t, out.Bytes())
		}
	}
}
