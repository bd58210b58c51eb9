package main

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestConsole_mapping changes a mapping: with a fault, to something worse that is seen before it is kept, and while
// somebody else changes it.
func TestConsole_mapping(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	v := visit(t, dir)
	const at = "/agencies/A/mapping"
	v.post("/because", "why", "the heading is new", "to", at)
	page := v.get(at)
	m := regexp.MustCompile(`(?s)<textarea[^>]*>(.*?)</textarea>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no mapping to change:\n%s", page)
	}
	text, stamp := strings.TrimPrefix(html.UnescapeString(m[1]), "\n"), v.field(page, "stamp")
	path := filepath.Join(dir, "agencies", "A.yaml")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(before) {
		t.Errorf("the page shows another text than the file:\n%s", text)
	}
	says := func(page string, texts ...string) {
		t.Helper()
		for _, want := range texts {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
	}
	says(v.post(at, "do", "try", "text", strings.Replace(text, "tables:", "tabels:", 1), "stamp", stamp), "tabels", "did you mean", "What to do")
	next := strings.Replace(text, "opened_on: Opened", "opened_on: Opened, email: Consent", 1)
	says(v.post(at, "do", "try", "text", next, "stamp", stamp), "What would become of 2025-26Q1", "email", "Keep it", "client")
	if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
		t.Errorf("a trial changed the file: %v", err)
	}
	says(v.post(at, "do", "keep", "text", next, "stamp", "000000000000", "why", "x"), "changed by somebody else", "email: Consent")
	says(v.post(at, "do", "keep", "text", strings.ReplaceAll(next, "\n", "\r\n"), "stamp", stamp, "why", "heading is new"), "The mapping is kept")
	if now, err := os.ReadFile(path); err != nil || string(now) != next {
		t.Errorf("the file is not what was typed: %v\n%s", err, now)
	}
	if old, err := os.ReadFile(path + ".before"); err != nil || string(old) != string(before) {
		t.Errorf("the one before is gone: %v", err)
	}
	if log := must(t, dir, "audit"); !strings.Contains(log, "heading is new") {
		t.Errorf("nobody knows who changed it:\n%s", log)
	}
}
