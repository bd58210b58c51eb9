package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
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
	c := command(workspace, "console", "--no-browser", "--listen", "127.0.0.1:0")
	c.Env = append(c.Env, "TRIBUTARY_WHO=anna")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait() // ended by us
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(line, "console: "))
	v := &visitor{T: t}
	v.base, _, _ = strings.Cut(address, "/enter")
	if v.client.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
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
