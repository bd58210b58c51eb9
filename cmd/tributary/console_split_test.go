package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// splitByKeys answers by single keys alone, in a real browser: a letter moves a record, and moves it back.
func splitByKeys(t *testing.T, dir, at string) {
	t.Helper()
	b := openBrowser(t)
	b.enter(startConsole(t, dir, "anna"))
	b.open("/because?to=" + at)
	b.because("review of children")
	b.await(isReady + ` && document.querySelector("[data-key=a]") !== null`)
	b.check("split")
	b.do(chromedp.KeyEvent("a"))
	b.await(`document.querySelector("[data-key=a]").checked`)
	b.do(chromedp.KeyEvent("a"))
	b.await(`!document.querySelector("[data-key=a]").checked && document.querySelector("[data-key=c]").checked`)
	b.do(chromedp.KeyEvent("2"), chromedp.KeyEvent("two cousins, by phone\r"))
	b.await(`document.querySelector(".said") !== null`)
	b.says("parts a child")
	b.open("/review/decisions")
	b.says("one answer about pairs: 2")
}

// TestConsole_split shows all records of a child that may be two, takes the parts that a person names, and takes the
// answer back as one, before the next run and after it. A record that may not be shown beside the others is not.
func TestConsole_split(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	more := func(path, lines string) {
		t.Helper()
		path = filepath.Join(dir, path)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// Another telephone makes the third record a doubtful one, and other children of the name the name a common one.
		text = bytes.Replace(text, []byte("b6,Roy,Max,2014-09-13,,,"), []byte("b6,Roy,Max,2014-09-13,,613-555-0777,"), 1)
		put(t, path, append(bytes.TrimRight(text, "\n"), []byte("\n"+lines)...))
	}
	more("drop/A/2025-26_Q1/clients.csv", "a61,Roy,Maxime,2014-09-23,58 Mill St,613-555-0133,2024-01-02,Yes,,\n"+
		"a8,Roy,Julie,2012-01-02,8 Pine St,613-555-0108,2024-01-02,Yes,,\na9,Roy,Karim,2009-06-12,9 Pine St,613-555-0109,2024-01-02,Yes,,\n")
	more("drop/B/2025-26_Q1/clients.csv", "b61-canary,Roy,Maxime,2014-09-23,55 Mill St,613-555-0106,2025-04-02,No\n")
	must(t, dir, "run")
	known := func() string {
		return must(t, dir, "sql", "--csv", "select count(distinct child_id) from link.child join link.node using (node) where client_local_id in ('a6', 'a61', 'b6')", "--people", "--why", "test")
	}
	decided := func(verdict, state string) int {
		return len(regexp.MustCompile(`(?m)\s`+verdict+` +`+state+`\s`).FindAllString(must(t, dir, "link", "decisions"), -1))
	}
	if got := known(); !strings.HasSuffix(got, "\n1\n") {
		t.Fatalf("the three records are not one child: %s", got)
	}

	v := visit(t, dir)
	v.post("/because", "why", "review of children", "to", "/review")
	m := pairLink.FindStringSubmatch(strings.ReplaceAll(v.get("/review?kind=split"), "?kind=split", ""))
	if m == nil {
		t.Fatal("nothing asks whether a child is two")
	}
	at := "/review/" + m[1]
	page := v.get(at)
	box := regexp.MustCompile(`name="second" value="(\d+)" form="parts"( checked)?`).FindAllStringSubmatch(page, -1)
	if len(box) != 3 || box[0][2]+box[1][2] != "" || box[2][2] == "" {
		t.Errorf("want three records of which the last is proposed for the second child, got %q:\n%s", box, page)
	}
	for _, says := range []string{"A:a6", "A:a61", "B:b6", "58 Mill St", "Maxime", "2014-09-13", "The weakest", "not parted by the answer: 1."} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q:\n%s", says, page)
		}
	}
	if strings.Contains(page, "canary") {
		t.Errorf("a record that may not be shown is:\n%s", page)
	}
	if log := must(t, dir, "audit"); !strings.Contains(log, "one child or two: A:a6 A:a61 B:b6") {
		t.Errorf("the look is not written down:\n%s", log)
	}

	seen := v.field(page, "seen")
	answer := func(verdict, seen string, more ...string) string {
		return v.post(at, append([]string{"parts", "yes", "verdict", verdict, "why", "two cousins, by phone", "seen", seen}, more...)...)
	}
	if page := answer("different", seen); !strings.Contains(page, "are not parted") || !strings.Contains(page, `value="two cousins, by phone"`) || strings.Contains(page, " checked data-key") {
		t.Errorf("an answer without parts is taken, or what was typed is lost:\n%s", page)
	}
	said := answer("different", seen, "second", "2")
	if !strings.Contains(said, "The next run parts a child: children_known@2025-26Q1 from") || decided("different", "active") != 2 {
		t.Errorf("%d decisions, the page says:\n%s", decided("different", "active"), said)
	}
	if page := answer("family", seen, "second", "2"); !strings.Contains(page, "decided by another person meanwhile") || decided("family", "active") != 0 {
		t.Errorf("who answers by an old page is not told:\n%s", page)
	}
	if page := v.post(at+"/undo", "why", "asked the wrong family"); !strings.Contains(page, "taken back") || decided("different", "undone") != 2 {
		t.Errorf("%d taken back:\n%s", decided("different", "undone"), page)
	}

	// The doubtful pair itself may stay together: then that is said too.
	answer("family", v.field(v.get(at), "seen"), "second", "1")
	if decided("family", "active") != 2 || decided("same", "active") != 1 {
		t.Errorf("the parts are not what the person said:\n%s", must(t, dir, "link", "decisions"))
	}
	v.post(at+"/undo", "why", "typed wrong")
	if _, err := exec.LookPath("chromium"); err == nil {
		splitByKeys(t, dir, at)
	} else {
		answer("family", v.field(v.get(at), "seen"), "second", "2")
	}
	must(t, dir, "run")
	if got := known(); !strings.HasSuffix(got, "\n2\n") {
		t.Errorf("the records are of %s children", got)
	}
	// The history has one row for it, and, as what was taken back before, one for the pair that no later answer was about.
	history := v.get("/review/decisions")
	undo := regexp.MustCompile(`action="(/review/[0-9a-f]{12}/undo)"`).FindAllStringSubmatch(history, -1)
	if rows := strings.Count(history, `<th scope="row">`); rows != 2 || len(undo) != 1 || !strings.Contains(history, "one answer about pairs: 2<") {
		t.Fatalf("%d rows, of which %d can be taken back:\n%s", rows, len(undo), history)
	}
	v.post(undo[0][1], "why", "one child after all")
	if decided("family", "active") != 0 {
		t.Errorf("an answer is taken back in part:\n%s", must(t, dir, "link", "decisions"))
	}
}
