// Command accuracy holds linking against the truth, wherever the truth is known.
//
// Takes the public sets and area-a of a folder, and invented people; leaves a table with one line a
// figure, data | measure | ours | floor | verdict, and what else is worth knowing below it; never shows
// the truth to the linking, and never passes a figure that misses its floor.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	shared := flag.String("shared", "../shared", "folder that holds linkage-data and area-a")
	program := flag.String("program", "bin/tributary", "the program, for area-a")
	example := flag.String("example", "examples/area-a", "mappings and settings of area-a")
	records := flag.Int("records", 1_000_000, "invented people records to calibrate by")
	flag.Parse()
	if _, err := os.Stat(filepath.Join(*shared, "linkage-data")); err != nil {
		fmt.Printf("accuracy: left out: no folder %s\n", filepath.Join(*shared, "linkage-data"))
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
		return
	}
	r := &report{out: os.Stdout}
	if err := run(context.Background(), r, places{*program, *example, *shared, ""}, *records); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
	if r.missed > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context, r *report, at places, records int) (err error) {
	at.dir, err = os.MkdirTemp("", "tributary-accuracy-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(at.dir)) }()
	fmt.Fprintln(r.out, "data | measure | ours | floor | verdict")
	// What cannot be measured hides nothing of the rest.
	err = errors.Join(publicSets(ctx, r, at), areaSet(ctx, r, at), inventedPeople(ctx, r, at.dir, records))
	fmt.Fprintf(r.out, "\n%d passed, %d failed\n", r.passed, r.missed)
	for _, note := range r.notes {
		fmt.Fprintln(r.out, note)
	}
	return err
}

// report is the table as it grows.
type report struct {
	out            io.Writer
	passed, missed int
	// notes are what no floor holds; they are printed last.
	notes []string
}

// least holds a figure to be at least its floor.
func (r *report) least(data, measure string, ours, floor float64) {
	r.line(data, measure, fmt.Sprintf("%.4f", ours), fmt.Sprintf("at least %g", floor), ours >= floor)
}

// most holds a figure to be at most its limit.
func (r *report) most(data, measure string, ours, limit float64) {
	r.line(data, measure, fmt.Sprintf("%.4g", ours), fmt.Sprintf("at most %.3g", limit), ours <= limit)
}

func (r *report) line(data, measure, ours, floor string, holds bool) {
	verdict := "PASS"
	if r.passed++; !holds {
		verdict = "FAIL"
		r.passed--
		r.missed++
	}
	fmt.Fprintf(r.out, "%s | %s | %s | %s | %s\n", data, measure, ours, floor, verdict)
}

func (r *report) note(form string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(form, args...))
}
