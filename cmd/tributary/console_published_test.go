package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// TestConsole_published has a run publish under pages that are open: who only reads sees the old numbers or the new
// ones and never half of each; who sends a form about what is gone is told so, and loses nothing typed.
func TestConsole_published(t *testing.T) {
	t.Parallel()
	dir := dayArea(t, "")
	v := visit(t, dir)
	v.post("/because", "why", "review of the quarter", "to", "/review")
	words := v.get("/submission/words?cell=children_known@2025-26Q1/ytd")
	// The pair with names that are no names is the one that goes.
	key, pair := "", ""
	for _, m := range pairLink.FindAllStringSubmatch(v.get("/review"), -1) {
		if page := v.get("/review/" + m[1]); strings.Contains(page, "&lt;script&gt;document.title") {
			key, pair = m[1], page
		}
	}
	if key == "" {
		t.Fatal("no pair is asked about with those names")
	}
	if strings.Contains(pair, "<script>document") || !strings.Contains(pair, "=HYPERLINK(&#34;http://evil.example") {
		t.Errorf("names are not shown as text:\n%s", pair)
	}

	if page := v.get("/"); !strings.Contains(page, "/deliveries/A/2025-26Q1#causes") {
		t.Errorf("the date that is none waits for nobody:\n%s", page)
	}
	ours := filepath.Join(dir, "drop/A/2025-26_Q1/clients.csv")
	if text, err := os.ReadFile(ours); err == nil {
		put(t, ours, []byte(strings.Replace(string(text), "2013-31-31", "2013-05-31", 1)))
	}
	theirs := filepath.Join(dir, "drop/B/2025-26_Q1/clients.csv")
	text, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	put(t, theirs, []byte(regexp.MustCompile(`(?m)^t0,.*\n`).ReplaceAllString(string(text), "")))
	var reading sync.WaitGroup
	ended := make(chan struct{})
	seen := map[string]map[string]bool{}
	reading.Go(func() {
		for {
			page := v.get("/measures/children_known")
			generation := regexp.MustCompile(`generation (\d+)</footer>`).FindStringSubmatch(page)
			if generation == nil {
				t.Errorf("a page fails while a run publishes:\n%s", page)
				return
			}
			main, _, _ := strings.Cut(page, "<footer>")
			if seen[generation[1]] == nil {
				seen[generation[1]] = map[string]bool{}
			}
			seen[generation[1]][main[strings.Index(main, "<main"):]] = true
			select {
			case <-ended:
				return
			default:
			}
		}
	})
	must(t, dir, "run")
	v.get("/")
	close(ended)
	reading.Wait()
	for generation, pages := range seen {
		if len(pages) != 1 {
			t.Errorf("generation %s has %d answers to one question", generation, len(pages))
		}
	}
	if len(seen) != 2 {
		t.Errorf("read %d generations, want the old and the new one", len(seen))
	}

	if page := v.get("/"); strings.Contains(page, "/deliveries/A/2025-26Q1#causes") {
		t.Errorf("what the agency's newer file mends still waits for somebody:\n%s", page)
	}
	says := func(page string, texts ...string) {
		t.Helper()
		for _, x := range texts {
			if !strings.Contains(page, x) {
				t.Errorf("the page lacks %q:\n%s", x, page)
			}
		}
	}
	says(v.post("/review/"+key, "verdict", "same", "why", "mother called twice", "seen", "", "generation", v.field(pair, "generation")), "published anew", "mother called twice")
	said := []string{"cell", "children_known@2025-26Q1/ytd", "remark", "three joined late"}
	again := v.post("/submission/words", append(said, "generation", v.field(words, "generation"))...)
	says(again, "published anew", "three joined late")
	says(v.post("/submission/words", append(said, "generation", v.field(again, "generation"))...), "Kept: 1 changed", "three joined late")
	if log := must(t, dir, "sql", "--csv", "select count(*) from release.cell") + must(t, dir, "link", "decisions"); strings.Contains(log, "mother called") {
		t.Errorf("an answer about what is gone was taken:\n%s", log)
	}
	must(t, dir, "run")
	if note := must(t, dir, "sql", "--csv", "select cell_id, field, text from release.note"); !strings.Contains(note, "children_known@2025-26Q1/ytd,remark,three joined late") {
		t.Errorf("the words are not in the release:\n%s", note)
	}
}
