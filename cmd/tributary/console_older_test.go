package main

import (
	"path/filepath"
	"strings"
	"testing"

	"tributary/pipelines/warehouse"
)

// TestConsole_olderLinks reads numbers that an older version published, whose links lack a table: the pages about pairs
// and the verbs say so and what to do, in plain words, and the first page still opens, so that it can be done there.
func TestConsole_olderLinks(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	steps, err := filepath.Glob(filepath.Join(dir, "cache", "warehouse", "link-*.duckdb"))
	if err != nil || len(steps) != 1 {
		t.Fatalf("steps %v, %v", steps, err)
	}
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{"attach " + warehouse.Text(steps[0]) + " as step", "drop table step.member", "detach step"} {
		if err := db.Exec(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	says := func(what, text, fix string) {
		t.Helper()
		for _, want := range []string{"the published links were made by another version of tributary", fix} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", what, want, text)
			}
		}
		if strings.Contains(text, "Catalog Error") || strings.Contains(text, "select ") {
			t.Errorf("%s speaks of the engine:\n%s", what, text)
		}
	}
	for _, verb := range [][]string{{"link", "review"}, {"link", "decisions"}, {"link", "why", "A:a1", "B:b1", "--why", "x"}, {"link", "decide", "A:a3", "B:b3", "same", "--why", "x"}} {
		says(strings.Join(verb, " "), string(all(dir, verb...)), "fix: build them again with: tributary run")
	}
	v := visit(t, dir)
	if page := v.get("/"); !strings.Contains(page, `action="/run"`) {
		t.Errorf("the first page offers no run:\n%s", page)
	}
	v.post("/because", "why", "review of children", "to", "/review")
	for _, path := range []string{"/review", "/review?kind=split", "/review/0123456789ab", "/review/decisions"} {
		says(path, v.get(path), "build them again with: tributary run")
	}
	says("an answer", v.post("/review/0123456789ab", "verdict", "same", "why", "x", "seen", ""), "build them again with: tributary run")
}
