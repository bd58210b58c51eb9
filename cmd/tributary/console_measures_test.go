package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestConsole_measures goes from the list of numbers to the rows of a file by links alone.
func TestConsole_measures(t *testing.T) {
	t.Parallel()
	v := visit(t, linked(t))
	list := v.get("/measures")
	if !strings.Contains(list, `href="/measures/children_known"`) || !strings.Contains(list, "7 to 10") {
		t.Fatalf("the list lacks children_known:\n%s", list)
	}
	cell := regexp.MustCompile(`href="(/why\?cell=children_known[^"]*)"`).FindStringSubmatch(list)
	if cell == nil {
		t.Fatalf("no number leads to its reason:\n%s", list)
	}
	page := v.get(strings.ReplaceAll(cell[1], "&amp;", "&"))
	for _, want := range []string{"Worked out again", "row ", "select"} {
		if !strings.Contains(page, want) {
			t.Errorf("the reason lacks %q:\n%s", want, page)
		}
	}
	if one := v.get("/measures/children_known"); !strings.Contains(one, "<td>agency</td>") {
		t.Errorf("the measure has no breakdowns:\n%s", one)
	}
	if none := v.get("/why?cell=nothing@2025-26Q1"); !strings.Contains(none, "is not there") {
		t.Errorf("a number that is not there:\n%s", none)
	}
	if asked := v.get("/why?text=yes&cell=children_known@2025-26Q1"); !strings.Contains(asked, "audit log") {
		t.Errorf("what the files say is shown without a reason:\n%s", asked)
	}
	v.post("/because", "why", "call from the family", "to", "/measures")
	cell0 := v.get("/why?cell=children_known@2025-26Q1")
	link := regexp.MustCompile(`href="(/child\?of=[^"]*)"`).FindStringSubmatch(cell0)
	if link == nil {
		t.Fatalf("no child leads to what it counts in:\n%s", cell0)
	}
	page = v.get(link[1])
	for _, want := range []string{"children_known@2025-26Q1", "Known as", "Left out"} {
		if !strings.Contains(page, want) {
			t.Errorf("the child's page lacks %q:\n%s", want, page)
		}
	}
	if page := v.get("/child?of=A:a7"); !strings.Contains(page, "A:a7") || strings.Contains(page, "canary") {
		t.Errorf("a child beside whom another may not be shown:\n%s", page)
	}
	if none := v.get("/child?of=X:1"); !strings.Contains(none, "is not there") {
		t.Errorf("a child that is not there:\n%s", none)
	}
}
