package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// visitor is a browser without a picture: it keeps the cookie and the token of its visit.
type visitor struct {
	*testing.T
	base, token string
	client      http.Client
}

// visit starts the console on a workspace and enters it.
func visit(t *testing.T, workspace string) *visitor {
	t.Helper()
	return visitAs(t, workspace, "anna")
}

// visitAs is visit of another person.
func visitAs(t *testing.T, workspace, who string) *visitor {
	t.Helper()
	address := startConsole(t, workspace, who)
	v := &visitor{T: t}
	v.base, _, _ = strings.Cut(address, "/enter")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar = jar
	v.get(strings.TrimPrefix(address, v.base))
	v.token = v.field(v.get("/"), "token")
	return v
}

func (v *visitor) read(answer *http.Response, err error) string {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	return string(text)
}

func (v *visitor) get(path string) string {
	v.Helper()
	return v.read(v.client.Get(v.base + path)) //nolint:noctx,bodyclose // read closes it
}

// post sends a form and returns the page that it leads to.
func (v *visitor) post(path string, form ...string) string {
	v.Helper()
	values := url.Values{"token": {v.token}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return v.read(v.client.PostForm(v.base+path, values)) //nolint:noctx,bodyclose // read closes it
}

// field is what a form of a page holds in a hidden field.
func (v *visitor) field(page, name string) string {
	v.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		v.Fatalf("the page has no field %s:\n%s", name, page)
	}
	return m[1]
}

var pairLink = regexp.MustCompile(`href="/review/([0-9a-f]{12})"`)

// TestConsole_review looks at every pair, also the one that the agreement withholds, and has two people answer one.
func TestConsole_review(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	v := visit(t, dir)
	list := v.get("/review")
	pages := map[string]string{"/review": list}
	v.post("/because", "why", "review of the year", "to", "/review")
	var shown []string
	for _, m := range pairLink.FindAllStringSubmatch(list, -1) {
		page := v.get("/review/" + m[1])
		pages["/review/"+m[1]] = page
		if !strings.Contains(page, "does not allow to show") {
			shown = append(shown, m[1])
			continue
		}
		pages["answer "+m[1]] = v.post("/review/"+m[1], "verdict", "different", "why", "x", "seen", v.field(page, "seen"))
		pages["answered "+m[1]] = v.get("/review/" + m[1])
		pages["undone "+m[1]] = v.post("/review/"+m[1]+"/undo", "why", "x")
	}
	pages["/review/decisions"] = v.get("/review/decisions")
	pages["audit"] = must(t, dir, "audit")
	inClear := false
	for what, page := range pages {
		if strings.Contains(strings.ToLower(page), "canary") || strings.Contains(page, "Harquail") || strings.Contains(page, "Hill Rd") {
			t.Errorf("%s tells of a record that may not be shown:\n%s", what, page)
		}
		inClear = inClear || strings.Contains(page, "Arya")
	}
	if !inClear || len(pages) < len(shown)+5 {
		t.Errorf("%d pages, %d pairs shown, a name that may be shown stands there: %v: the search sees nothing", len(pages), len(shown), inClear)
	}

	if list, pair := pages["/review"], pages["/review/"+shown[0]]; strings.Contains(list, "Two children?") || strings.Contains(pair, `value="review of the year"></label>
</form>
<p class="soft" id="keys">`) {
		t.Errorf("a question and its number do not agree, or the reason for looking stands for that of the answer:\n%s\n%s", list, pair)
	}

	asked := regexp.MustCompile(`id="open">[^:]*: (\d+)<`).FindStringSubmatch(v.get("/review?kind=child"))
	waits := regexp.MustCompile(`<td class="n">(\d+)</td><td[^>]*><a href="/review\?kind=child">`).FindStringSubmatch(v.get("/"))
	if len(asked) < 2 || len(waits) < 2 || asked[1] != waits[1] {
		t.Errorf("the first page says that %q pairs wait, the page that it leads to %q", waits, asked)
	}

	key := shown[0]
	seen := v.field(pages["/review/"+key], "seen")
	bert := command(dir, "link", "decide", key, "same", "--why", "files compared")
	bert.Env = append(bert.Env, "TRIBUTARY_WHO=bert")
	if out, err := bert.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	late := v.post("/review/"+key, "verdict", "different", "why", "mother called", "seen", seen)
	if !strings.Contains(late, "bert") || !strings.Contains(late, "files compared") || !strings.Contains(late, `value="mother called"`) {
		t.Errorf("who answers second is not told of the first, or loses what was typed:\n%s", late)
	}
	if all := must(t, dir, "link", "decisions"); strings.Contains(all, "mother called") {
		t.Errorf("the second answer was taken unseen:\n%s", all)
	}
	v.post("/review/"+key, "verdict", "different", "why", "mother called", "seen", v.field(late, "seen"))
	if all := must(t, dir, "link", "decisions"); !strings.Contains(all, "mother called") {
		t.Errorf("the answer was not taken:\n%s", all)
	}
	v.post("/review/"+key+"/undo", "why", "asked the wrong family")
	if list := v.get("/review"); !strings.Contains(list, "/review/"+key) {
		t.Errorf("what was taken back is not asked again:\n%s", list)
	}
}

// TestConsole_blind has two people answer without seeing each other, and a third where they differ.
func TestConsole_blind(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	settings := filepath.Join(dir, "tributary.yaml")
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	put(t, settings, append(text, []byte("review: {twice: true}\n")...))
	v := visit(t, dir)
	v.post("/because", "why", "review", "to", "/review")
	keys := pairLink.FindAllStringSubmatch(v.get("/review"), -1)
	if len(keys) < 3 || keys[1][1] == keys[2][1] {
		t.Fatal("two questions are needed") // the button to begin leads to the first too
	}
	says := func(who, key, verdict, why string) string {
		t.Helper()
		c := command(dir, "link", "decide", key, verdict, "--why", why)
		c.Env = append(c.Env, "TRIBUTARY_WHO="+who)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	agreed, differing := keys[1][1], keys[2][1]
	if said := says("bert", agreed, "same", "bert-reason"); !strings.Contains(said, "before another person has said the same") {
		t.Errorf("one person alone: %s", said)
	}
	says("bert", differing, "same", "bert-reason")
	for _, path := range []string{"/review", "/review/" + agreed, "/review/" + differing, "/review/decisions", "/audit"} {
		if page := v.get(path); strings.Contains(page, "bert") {
			t.Errorf("%s tells who is still to answer what the first said:\n%s", path, page)
		}
	}
	if all := must(t, dir, "link", "decisions"); !strings.Contains(all, "nothing is decided") {
		t.Errorf("one person alone decided: %s", all)
	}
	post := func(key, verdict string) string {
		return v.post("/review/"+key, "verdict", verdict, "why", "anna-reason", "seen", v.field(v.get("/review/"+key), "seen"))
	}
	post(agreed, "same")
	if all := must(t, dir, "link", "decisions"); !strings.Contains(all, "anna and bert") {
		t.Errorf("two agree, and nothing is decided: %s", all)
	}
	if page := post(differing, "different"); strings.Contains(page, "bert-reason") {
		t.Errorf("who answered is shown the other's answer:\n%s", page)
	}
	if page := v.get("/review/" + differing); !strings.Contains(page, "before another person") || strings.Contains(page, "bert-reason") {
		t.Errorf("one's own answer is not told, or the other's is:\n%s", page)
	}
	third := visitAs(t, dir, "carl")
	third.post("/because", "why", "review", "to", "/review")
	if page := third.get("/review/" + differing); !strings.Contains(page, "bert-reason") || !strings.Contains(page, "anna-reason") {
		t.Errorf("an analyst who settles does not see the two answers:\n%s", page)
	}
	says("carl", differing, "different", "mother called")
	if all := must(t, dir, "link", "decisions"); !strings.Contains(all, "anna and carl") {
		t.Errorf("the third agrees with the second, and nothing is decided: %s", all)
	}
	must(t, dir, "link", "undo", differing, "--why", "wrong child")
	if page := third.get("/review/" + differing); strings.Contains(page, "-reason") {
		t.Errorf("what was taken back is still told:\n%s", page)
	}
}

// TestConsole_twoAtOnce has many processes answer one pair in the same moment: one is first, and all others are refused
// or told of those before.
func TestConsole_twoAtOnce(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	v := visit(t, dir)
	v.post("/because", "why", "review", "to", "/review")
	key := pairLink.FindStringSubmatch(v.get("/review"))[1]
	seen := v.field(v.get("/review/"+key), "seen")
	const people = 4
	answers := make([]string, people)
	// What a form leads to tells whose it was: the four share a session, and each page takes the message that waits there.
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			answers[i] = v.post("/review/"+key, "verdict", "different", "why", "moment", "seen", seen)
		})
	}
	c := command(dir, "link", "decide", key, "different", "--why", "moment")
	out, err := c.CombinedOutput()
	wait.Wait()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	taken := 0
	for _, a := range answers {
		switch {
		case a == "": // on to the next page
			taken++
		case !strings.Contains(a, "decided by another person meanwhile"):
			t.Errorf("neither taken nor told of the first:\n%s", a)
		}
	}
	if taken > 1 {
		t.Errorf("%d people were all first", taken)
	}
}
