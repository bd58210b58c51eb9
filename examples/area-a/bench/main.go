// Command bench times the program over area-a: from nothing to workbooks, again unchanged, and a submission
// reproduced.
//
// Takes the program and area-a; leaves one line a figure, name | ours | floor | ratio | limit |
// verdict; never passes a figure that is past its limit.
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
	"strconv"
	"syscall"
	"time"

	"tributary/pipelines/warehouse"
)

// idleSeconds is how long slowQuery takes on an idle machine of two cores.
const (
	slowQuery   = "select sum(hash(a.range + b.range)) from range(20000) as a, range(5000) as b"
	idleSeconds = 1.10
)

func main() {
	program := flag.String("program", "bin/tributary", "the program")
	example := flag.String("example", "examples/area-a", "mappings and settings")
	shared := flag.String("shared", "../shared", "folder that holds area-a")
	flag.Parse()
	if _, err := os.Stat(filepath.Join(*shared, "area-a")); err != nil {
		fmt.Printf("bench: area-a left out: no folder %s\n", filepath.Join(*shared, "area-a"))
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
		return
	}
	if err := run(*program, *example, *shared); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(program, example, shared string) error {
	dir, err := os.MkdirTemp("", "tributary-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var fresh, again, memory, slow, reproduced []float64
	for range 5 {
		s, err := slowness()
		if err != nil {
			return err
		}
		slow = append(slow, s)
		workspace := filepath.Join(dir, "workspace")
		if err := prepare(workspace, example, shared); err != nil {
			return err
		}
		took, peak, err := timed(program, workspace, "run", "--quarter", "2025-26Q4")
		if err != nil {
			return err
		}
		fresh, memory = append(fresh, took), append(memory, peak)
		if took, _, err = timed(program, workspace, "run", "--quarter", "2025-26Q4"); err != nil {
			return err
		}
		again = append(again, took)
		// Signing changes nothing that reproducing reads.
		if _, _, err = timed(program, workspace, "submit", "prepare"); err != nil {
			return err
		}
		if took, _, err = timed(program, workspace, "submit", "reproduce", "2025-26Q4-1"); err != nil {
			return err
		}
		reproduced = append(reproduced, took)
	}
	factor := min(max(median(slow), 1), 3)
	fmt.Printf("slowness of this machine now: %.2f (limits in seconds are multiplied by it)\n", factor)
	fmt.Println("name | ours | floor | ratio | limit | verdict")
	return errors.Join(
		line("area-a from nothing, s", median(fresh), 15*factor),
		line("area-a unchanged again, s", median(again), 0.5*factor),
		line("area-a from nothing, MB", median(memory), 3000),
		line("a submission of area-a reproduced, s", median(reproduced), 15*factor),
	)
}

func line(name string, ours, limit float64) error {
	verdict := "PASS"
	var err error
	if ours > limit {
		verdict, err = "FAIL", fmt.Errorf("%s: %.2f is past %.2f", name, ours, limit)
	}
	fmt.Printf("%s | %.2f | - | - | %.2f | %s\n", name, ours, limit, verdict)
	return err
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// slowness times a fixed query of the engine over its recorded idle time.
func slowness() (float64, error) {
	ctx := context.Background()
	db, err := warehouse.Memory(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	started := time.Now()
	var sum any
	err = db.Scan(ctx, slowQuery, nil, &sum)
	return time.Since(started).Seconds() / idleSeconds, err
}

func prepare(dir, example, shared string) error {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, "agencies"), os.DirFS(filepath.Join(example, "agencies"))); err != nil {
		return err
	}
	drop, err := filepath.Abs(filepath.Join(shared, "area-a", "deliveries"))
	if err != nil {
		return err
	}
	settings, err := os.ReadFile(filepath.Join(example, "tributary.yaml"))
	if err != nil {
		return err
	}
	settings = regexp.MustCompile(`(?m)^drop:.*$`).ReplaceAll(settings, []byte("drop: "+strconv.Quote(drop)))
	return os.WriteFile(filepath.Join(dir, "tributary.yaml"), settings, 0o600)
}

func timed(program, workspace string, verb ...string) (seconds, megabytes float64, err error) {
	c := exec.Command(program, append([]string{"--workspace", workspace}, verb...)...)
	c.Env = append(os.Environ(), "TRIBUTARY_TODAY=2026-04-10")
	started := time.Now()
	out, err := c.CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", verb[0], err, out)
	}
	seconds = time.Since(started).Seconds()
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		megabytes = float64(usage.Maxrss) / 1024
	}
	return seconds, megabytes, nil
}
