package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary/pipelines/calendar"
	"tributary/pipelines/warehouse"
)

// In fake time over the day on which clocks go forward: each look comes after the one before, a look that takes
// long is never doubled, and stopping ends it at once.
func TestLoop_looksWhenSomethingIsDueAndNeverTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		schedule, err := calendar.ParseSchedule("30 2 * * *")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)))
		ctx, stop := context.WithCancel(t.Context())
		var done []string
		last, running := calendar.Attempt{At: time.Now()}, 0
		loop(ctx, time.Now, func(context.Context) time.Time {
			if running++; running > 1 {
				t.Error("two looks at once")
			}
			defer func() { running-- }()
			if next := calendar.NextTry(time.Now(), schedule, last); next.After(time.Now()) {
				return next
			}
			last.At = time.Now()
			done = append(done, last.At.In(calendar.Toronto()).Format("01-02 15:04"))
			time.Sleep(5 * time.Hour) // a run that takes long
			if len(done) == 3 {
				stop()
			}
			return calendar.NextTry(time.Now(), schedule, last)
		})
		if diff := cmp.Diff(done, []string{"03-08 03:00", "03-09 02:30", "03-10 02:30"}); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

func TestServed_healthAndMetrics(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 20, 14, 0, 0, 0, time.UTC)
	s := &served{started: now, now: func() time.Time { return now }, states: map[string]int{"accepted": 3}}
	ask := func(path string) (int, string) {
		r := httptest.NewRecorder()
		s.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
		return r.Code, r.Body.String()
	}
	if code, _ := ask("/readyz"); code != 503 {
		t.Errorf("ready before the first look: %d", code)
	}
	s.set(func() { s.isWell, s.last, s.ticks = true, now, 1 })
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404} {
		if code, _ := ask(path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
	if _, text := ask("/metrics"); !strings.Contains(text, "tributary_deliveries{state=\"accepted\"} 3\n") || !strings.Contains(text, "\ntributary_looks 1\n") {
		t.Errorf("metrics:\n%s", text)
	}
	now = now.Add(time.Hour)
	if code, _ := ask("/healthz"); code != 503 {
		t.Errorf("a loop that hangs is healthy: %d", code)
	}
}

// A second serve, and a look while somebody else runs, leave all as it is and say who holds it.
func TestServe_oneRunnerPerWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "agency: {code: CA, name: Test Centre}\nareas: [{name: Test Area, municipalities: [Cedar Falls]}]\nfirst_quarter: 2025-26Q1\nserve: {listen: \"off\"}\n"
	if err := os.WriteFile(filepath.Join(dir, "tributary.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	first := &program{env: func(name string) string { return map[string]string{"TRIBUTARY_WHO": "night shift"}[name] },
		now: func() time.Time { return time.Date(2025, 7, 9, 4, 0, 0, 0, time.UTC) }}
	want := fmt.Sprintf("already running (process %d of night shift on %s, since 2025-07-09 00:00)", os.Getpid(), host)
	for lock, args := range map[string][]string{"serve": {"serve"}, "warehouse": {"run", "--due"}} {
		unlock, err := (&warehouse.Warehouse{Root: filepath.Join(dir, "cache", lock), Holder: first.holder}).Lock()
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		p := &program{in: strings.NewReader(""), out: io.Discard, err: &said, env: func(string) string { return "" },
			now: func() time.Time { return time.Date(2025, 7, 9, 12, 0, 0, 0, time.UTC) }}
		code := p.run(t.Context(), append([]string{"-C", dir}, args...))
		if code != exitFailed || !strings.Contains(said.String(), want) || !strings.Contains(said.String(), "stop that process on that machine") {
			t.Errorf("%v: exit %d: %s", args, code, said.String())
		}
		if _, err := os.Stat(filepath.Join(dir, "cache", "schedule.json")); err == nil {
			t.Errorf("%v: counts as tried", args)
		}
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
	}
}
