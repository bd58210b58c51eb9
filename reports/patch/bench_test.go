package patch

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tributary"
)

var (
	benchCells = flag.Int("bench-cells", 0, "cells of the workbook that TestBenchPatch marks and fills; 0 leaves it out")
	benchRuns  = flag.Int("bench-runs", 5, "runs of which the median counts")
)

const (
	benchColumns = 20
	benchMarks   = 20_000
	// markLimit is times the floor: a sheet is walked over twice, so that nothing is written before all
	// of it is known to be whole. fillLimit is seconds beyond the floor.
	markLimit   = 2.5
	fillLimit   = 1.0
	secondLimit = 10
	memoryLimit = 500
)

// TestBenchPatch holds marking to its floor: the zip copied while its large sheet is inflated and
// deflated once, by the same library, in the same run.
func TestBenchPatch(t *testing.T) {
	if *benchCells == 0 {
		t.Skip("give -bench-cells=2400000 to measure")
	}
	dir := t.TempDir()
	input := filepath.Join(dir, "in.xlsx")
	rows := *benchCells / benchColumns
	writeBenchBook(t, input, rows)
	marks := benchMarking(rows)
	var floor, ours []float64
	memory := 0
	for run := range *benchRuns {
		runtime.GC()
		ours = append(ours, seconds(func() { benchMark(t, input, filepath.Join(dir, "out.xlsx"), marks) }))
		if run == 0 {
			memory = peakMemory()
		}
		floor = append(floor, seconds(func() { benchFloor(t, input, filepath.Join(dir, "floor.xlsx")) }))
	}
	info, err := os.Stat(input)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("mark %d of %d cells, %d MB", len(marks), rows*benchColumns, info.Size()/1e6)
	o, f := median(ours), median(floor)
	verdict(t, name, o/f <= markLimit, fmt.Sprintf("%.2f s | %.2f s | %.2f | %.2f", o, f, o/f, markLimit))
	verdict(t, name+", time", o <= secondLimit*slowness(f), fmt.Sprintf("%.2f s | | | %d s", o, secondLimit))
	verdict(t, name+", memory", memory <= memoryLimit, fmt.Sprintf("%d MB | | | %d MB", memory, memoryLimit))
}

// TestBenchFill holds filling to its floor: the same workbook copied as it is. All sheets are walked
// over for their formulas, and those that depend on what is filled are written anew.
func TestBenchFill(t *testing.T) {
	if *benchCells == 0 {
		t.Skip("give -bench-cells=2400000 to measure")
	}
	input := filepath.Join(t.TempDir(), "template.xlsx")
	writeBenchTemplate(t, input)
	b, err := os.ReadFile(input)
	if err != nil {
		t.Fatal(err)
	}
	var ours, floor, unfold []float64
	for range *benchRuns {
		ours = append(ours, seconds(func() {
			fill := openBook(t, b).Fill()
			for row := 2; row <= 201; row++ {
				if err := fill.SetNumber("Sheet1", place{row, 3}.String(), float64(row)); err != nil {
					t.Fatal(err)
				}
			}
			done, err := fill.Write(io.Discard)
			if err != nil || done.Emptied != 400 {
				t.Fatalf("got %+v, %v", done, err)
			}
		}))
		floor = append(floor, seconds(func() {
			if err := openBook(t, b).job().write(io.Discard); err != nil {
				t.Fatal(err)
			}
		}))
		unfold = append(unfold, seconds(func() {
			for _, p := range openBook(t, b).parts {
				if _, err := p.bytes(); err != nil {
					t.Fatal(err)
				}
			}
		}))
	}
	o, f := median(ours), median(floor)
	limit := fillLimit * min(max(median(unfold)/idleUnfold, 1), 3)
	verdict(t, fmt.Sprintf("fill 200 cells of a template, %d MB", len(b)/1e6), o-f <= limit, fmt.Sprintf("%.2f s | %.2f s | +%.2f s | +%.2f s", o, f, o-f, limit))
}

// writeBenchTemplate writes a workbook of many sheets with a formula in each row. Those of the last
// sheet read all others.
func writeBenchTemplate(t *testing.T, name string) {
	const sheets, rows = 20, 1000
	f := excelize.NewFile()
	for i := 2; i <= sheets; i++ {
		if _, err := f.NewSheet("Sheet" + strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	b := repacked(t, workbook(t, f), func(name, content string) (string, bool) {
		var sheet int
		if n, _ := fmt.Sscanf(name, "xl/worksheets/sheet%d.xml", &sheet); n == 0 {
			return content, true
		}
		var w bytes.Buffer
		fmt.Fprintf(&w, `%s<worksheet %s><sheetData>`, xmlHead, main)
		for r := 1; r <= rows; r++ {
			fmt.Fprintf(&w, `<row r="%d">`, r)
			for c := 1; c < benchColumns; c++ {
				fmt.Fprintf(&w, `<c r="%s"><v>%d</v></c>`, place{r, c}, random.Uint64())
			}
			formula := fmt.Sprintf("SUM(A%d:S%d)", r, r)
			if sheet == sheets {
				formula = fmt.Sprintf("SUM(Sheet1:Sheet%d!T%d)", sheets-1, r)
			}
			fmt.Fprintf(&w, `<c r="T%d"><f>%s</f><v>1</v></c></row>`, r, formula)
		}
		w.WriteString(`</sheetData></worksheet>`)
		return w.String(), true
	})
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func verdict(t *testing.T, name string, holds bool, figures string) {
	word := "PASS"
	if !holds {
		word = "FAIL"
		t.Fail()
	}
	fmt.Printf("%s | %s | %s\n", name, figures, word)
}

// idleFloor is what the floor of marking takes, and idleUnfold what unfolding the template takes, in seconds, on the machine
// of the limits when it is idle.
const (
	idleFloor  = 1.9
	idleUnfold = 0.09
)

func slowness(floor float64) float64 { return min(max(floor/idleFloor, 1), 3) }

func median(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/2]
}

func seconds(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

// writeBenchBook writes an invented export: ids, dates and amounts as a program exports them.
func writeBenchBook(t *testing.T, name string, rows int) {
	var empty bytes.Buffer
	if err := excelize.NewFile().Write(&empty); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := zip.NewWriter(out)
	for _, part := range unpack(t, empty.Bytes()).File {
		if part.Name != "xl/worksheets/sheet1.xml" {
			if err := z.Copy(part); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := z.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		benchSheet(w, rows)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

func benchSheet(to io.Writer, rows int) {
	w := bufio.NewWriterSize(to, 1<<20)
	random := rand.New(rand.NewPCG(1, 2))
	fmt.Fprintf(w, `%s<worksheet %s><dimension ref="A1:T%d"/><sheetData>`, xmlHead, main, rows)
	for r := 1; r <= rows; r++ {
		number := strconv.Itoa(r)
		w.WriteString(`<row r="` + number + `" spans="1:20">`)
		for c := 1; c <= benchColumns; c++ {
			w.WriteString(`<c r="` + letters(c) + number)
			switch {
			case c == 1:
				w.WriteString(`"><v>` + strconv.Itoa(100000+r))
			case c%5 == 0:
				w.WriteString(`" t="str"><v>` + strconv.FormatUint(random.Uint64(), 36))
			default:
				w.WriteString(`"><v>` + strconv.Itoa(random.IntN(40000)))
			}
			w.WriteString(`</v></c>`)
		}
		w.WriteString(`</row>`)
	}
	w.WriteString(`</sheetData></worksheet>`)
	w.Flush()
}

func benchMarking(rows int) []Mark {
	random := rand.New(rand.NewPCG(3, 4))
	seen := map[place]bool{}
	var marks []Mark
	for len(marks) < min(benchMarks, rows) {
		at := place{1 + random.IntN(rows), 1 + random.IntN(benchColumns+1)}
		if !seen[at] {
			seen[at] = true
			marks = append(marks, Mark{Sheet: "Sheet1", Cell: at.String(), Client: strconv.Itoa(100000 + at.row), Check: "date_order",
				Message: "The service ends before it starts. Correct one of the two dates.", Severity: tributary.PleaseConfirm})
		}
	}
	return marks
}

func benchMark(t *testing.T, from, to string, marks []Mark) {
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	book, err := Open(in, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	done, err := book.Mark(out, marks, Options{})
	if err != nil || done.Cells != len(marks) || done.Comments != min(DefaultComments, len(marks)) {
		t.Fatalf("got %+v, %v", done, err)
	}
}

func benchFloor(t *testing.T, from, to string) {
	in, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := zip.NewWriter(file)
	for _, part := range in.File {
		if part.Name != "xl/worksheets/sheet1.xml" {
			if err := out.Copy(part); err != nil {
				t.Fatal(err)
			}
			continue
		}
		raw, err := part.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.CreateRaw(&part.FileHeader)
		if err != nil {
			t.Fatal(err)
		}
		deflate, err := flate.NewWriter(w, deflateLevel)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(deflate, flate.NewReader(raw)); err != nil {
			t.Fatal(err)
		}
		if err := deflate.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
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
