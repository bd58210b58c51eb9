package pages

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fakeDesk stands for a workspace.
type fakeDesk struct {
	Desk
	who        string
	generation int
	isGone     bool
	isSplit    bool
	isUnread   bool
	looks      *[]string
}

func (d *fakeDesk) Generation() (int, string) { return d.generation, "2025-26Q4" }
func (d *fakeDesk) Close() error              { return nil }
func (d *fakeDesk) Look(_ context.Context, subject, why string) error {
	*d.looks = append(*d.looks, d.who+": "+subject+": "+why)
	return nil
}

func (d *fakeDesk) Home(context.Context) (Home, error) {
	return Home{
		Quarters: []string{"2025-26Q4"}, Steps: []string{"pull", "submit"}, Runnable: []string{"2025-26Q4"},
		Agencies: []Standing{{Code: "FCMH", Name: `<script>alert(1)</script> & =cmd|'/c calc'!A1`, Deliveries: []Delivered{{Quarter: "2025-26Q4", State: "paused"}}}},
		Tasks:    []Task{{Kind: "paused", Agency: "FCMH", Quarter: "2025-26Q4", Count: 1}},
	}, nil
}

type fakeRuns struct{ started []string }

func (r *fakeRuns) Start(who, quarter string) error {
	r.started = append(r.started, who+" "+quarter)
	return nil
}
func (r *fakeRuns) Progress() Progress { return Progress{} }

type fakeAccounts map[string][2]string

func (a fakeAccounts) Check(name, password string) string {
	if x, ok := a[name]; ok && x[0] == password {
		return x[1]
	}
	return ""
}

func (a fakeAccounts) Role(name string) string { return a[name][1] }

// house is a console under test.
type house struct {
	t     *testing.T
	site  *Site
	now   time.Time
	runs  *fakeRuns
	looks []string
	desk  *fakeDesk
}

func newHouse(t *testing.T, accounts Accounts) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC), runs: &fakeRuns{}}
	h.desk = &fakeDesk{generation: 3, looks: &h.looks}
	site, err := New(Config{
		Desk: func(_ context.Context, who string) (Desk, error) {
			d := *h.desk
			d.who = who
			return &d, nil
		},
		Runs: h.runs, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return h.now }, Random: rand.Reader,
		Hosts: []string{"console.test:80"}, Idle: 30 * time.Minute, Owner: "anna", Accounts: accounts, Announce: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.site = site
	return h
}

// person is a browser with its cookie.
type person struct {
	*house
	cookie *http.Cookie
}

func (p *person) ask(method, path string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "console.test:80"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	p.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.cookie = c
	}
	return w
}

func (h *house) owner() *person {
	h.t.Helper()
	code, err := h.site.Code()
	if err != nil {
		h.t.Fatal(err)
	}
	p := &person{house: h}
	if w := p.ask("GET", "/enter?code="+code, nil); w.Code != http.StatusOK || p.cookie == nil {
		h.t.Fatalf("enter: %d", w.Code)
	}
	return p
}

func (h *house) login(name, password string) *person {
	p := &person{house: h}
	p.ask("POST", "/login", url.Values{"login_name": {name}, "login_password": {password}, "login_to": {"/"}})
	return p
}

var tokenIn = regexp.MustCompile(`name="token" value="([^"]+)"`)

func (p *person) token() string {
	p.t.Helper()
	m := tokenIn.FindStringSubmatch(p.ask("GET", "/", nil).Body.String())
	if m == nil {
		p.t.Fatal("the page has no token")
	}
	return m[1]
}

func wants(t *testing.T, w *httptest.ResponseRecorder, code int, texts ...string) {
	t.Helper()
	if w.Code != code {
		t.Errorf("got status %d, want %d: %s", w.Code, code, w.Body)
	}
	for _, x := range texts {
		if !strings.Contains(w.Body.String(), x) {
			t.Errorf("the answer lacks %q: %s", x, w.Body)
		}
	}
}

func TestSite_codeOpensOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code, err := h.site.Code()
	if err != nil {
		t.Fatal(err)
	}
	first, second := &person{house: h}, &person{house: h}
	wants(t, first.ask("GET", "/enter?code="+code, nil), 200)
	wants(t, second.ask("GET", "/enter?code="+code, nil), 303)
	wants(t, first.ask("GET", "/", nil), 200, "anna")
	wants(t, second.ask("GET", "/", nil), 401, "Who is it?")
	wants(t, (&person{house: h}).ask("GET", "/enter?code=", nil), 303)
	if !first.cookie.HttpOnly || first.cookie.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie may be read or sent from elsewhere: %v", first.cookie)
	}
}

func TestSite_otherNamesAreNotAnswered(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	for _, name := range []string{"rebound.example", "rebound.example:80", "console.test", "console.test:80.evil.example", "127.0.0.1:80", ""} {
		for _, path := range []string{"/", "/login", "/static/console.css", "/enter?code=x"} {
			wants(t, p.ask("GET", path, nil, func(r *http.Request) { r.Host = name }), http.StatusMisdirectedRequest)
		}
	}
	wants(t, p.ask("GET", "/", nil, func(r *http.Request) { r.Host = "Console.Test:80" }), 200)
}

// TestSite_idle asks again who it is after half an hour away, and not while a person works.
func TestSite_idle(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	for range 3 {
		h.now = h.now.Add(29 * time.Minute)
		wants(t, p.ask("GET", "/", nil), 200)
	}
	h.now = h.now.Add(31 * time.Minute)
	wants(t, p.ask("GET", "/settings", nil), 401, "Who is it?", `value="/settings"`)
	p.ask("POST", "/logout", nil)
	wants(t, p.ask("GET", "/", nil), 401)
}

func TestSite_forgedForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	token := p.token()
	form := url.Values{"quarter": {"2025-26Q4"}, "token": {token}}
	elsewhere := func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://evil.example")
	}
	wants(t, p.ask("POST", "/run", form, elsewhere), 403)
	for _, origin := range []string{"https://evil.example", "null", "http://console.test:81"} {
		wants(t, p.ask("POST", "/run", form, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", origin) }), 403)
	}
	wants(t, p.ask("POST", "/run", url.Values{"quarter": {"2025-26Q4"}}), 403)
	wants(t, p.ask("POST", "/run", url.Values{"quarter": {"2025-26Q4"}, "token": {h.owner().token()}}), 403)
	wants(t, p.ask("GET", "/run?token="+token, nil), 405)
	if len(h.runs.started) != 0 {
		t.Fatalf("a forged form began a run: %v", h.runs.started)
	}
	wants(t, p.ask("POST", "/run", form), 303)
	if got := strings.Join(h.runs.started, ";"); got != "anna 2025-26Q4" {
		t.Errorf("started %q", got)
	}
}

func TestSite_pathTricks(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	for _, path := range []string{"/static/..%2fpages.go", "/static/../pages.go", "/static/%2e%2e%2fpages.go", "/static/..%5cpages.go", "/etc/passwd", "//evil.example/"} {
		w := p.ask("GET", path, nil)
		if w.Code == 200 || strings.Contains(w.Body.String(), "package pages") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	wants(t, p.ask("GET", "/static/console.css", nil), 200)
}

func TestSite_textIsText(t *testing.T) {
	t.Parallel()
	w := newHouse(t, nil).owner().ask("GET", "/", nil)
	wants(t, w, 200, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; =cmd|&#39;/c calc&#39;!A1")
	if strings.Contains(w.Body.String(), "<script>alert") {
		t.Error("a name became a script")
	}
	if p := w.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
		t.Errorf("policy %q", p)
	}
}

// TestSite_expiryLosesNothing sends a form after the session ended: after the log-in it is shown again, and sent as it was.
func TestSite_expiryLosesNothing(t *testing.T) {
	t.Parallel()
	for name, accounts := range map[string]Accounts{"code": nil, "accounts": fakeAccounts{"anna": {"right", "analyst"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, accounts)
			var p *person
			if accounts == nil {
				p = h.owner()
			} else {
				p = h.login("anna", "right")
			}
			form := url.Values{"token": {p.token()}, "quarter": {"2025-26Q4"}, "why": {"typed for a quarter of an hour, \"quoted\"\nand more"}}
			h.now = h.now.Add(31 * time.Minute)
			w := p.ask("POST", "/run", form)
			wants(t, w, 401, "is kept", "kept.why", "typed for a quarter of an hour, &#34;quoted&#34;")
			login := url.Values{"login_to": {"/run"}, "kept.quarter": {"2025-26Q4"}, "kept.why": form["why"], "login_name": {"anna"}, "login_password": {"wrong"}, "login_code": {"wrong"}}
			wants(t, p.ask("POST", "/login", login), 401, "That is not right", "typed for")
			code, err := h.site.Code()
			if err != nil {
				t.Fatal(err)
			}
			login.Set("login_password", "right")
			login.Set("login_code", code)
			w = p.ask("POST", "/login", login)
			wants(t, w, 200, "Nothing is lost", `action="/run"`, "typed for a quarter of an hour")
			again := url.Values{"token": {tokenIn.FindStringSubmatch(w.Body.String())[1]}, "quarter": {"2025-26Q4"}}
			wants(t, p.ask("POST", "/run", again), 303)
			if len(h.runs.started) != 1 {
				t.Errorf("started %v", h.runs.started)
			}
		})
	}
}

// TestSite_expiredStrangersFormIsDropped keeps a form that somebody else's page sent from being shown as one's own.
func TestSite_expiredStrangersFormIsDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	h.now = h.now.Add(time.Hour)
	w := p.ask("POST", "/run", url.Values{"token": {"guessed"}, "quarter": {"of-the-stranger"}})
	wants(t, w, 401)
	if strings.Contains(w.Body.String(), "of-the-stranger") {
		t.Error("a stranger's form was kept")
	}
}

// rights are all addresses, and who may ask for each: v a viewer, r a reviewer, a an analyst, o an approver. An address
// that is new needs a line here.
var rights = map[string]string{
	"GET /{$}": "vrao", "GET /run/progress": "vrao", "POST /run": "a", "GET /because": "ra", "POST /because": "ra",
	"GET /deliveries": "vrao", "GET /deliveries/{agency}/{quarter}": "vrao", "GET /deliveries/{agency}/{quarter}/findings": "vrao",
	"GET /deliveries/{agency}/{quarter}/findings/{id}": "ra", "POST /deliveries/{agency}/{quarter}/findings/{id}": "a",
	"GET /deliveries/{agency}/{quarter}/letter/{name}": "ra", "POST /deliveries/{agency}/{quarter}/letter": "a",
	"POST /deliveries/{agency}/{quarter}/accept": "a", "POST /deliveries/{agency}/{quarter}/state": "a", "POST /deliveries/{agency}/{quarter}/confirm": "a",
	"GET /agencies": "vrao", "GET /agencies/{code}": "vrao", "POST /agencies/{code}/reach": "a", "GET /agencies/{code}/mapping": "a", "POST /agencies/{code}/mapping": "a", "GET /runs": "vrao", "GET /audit": "a", "GET /settings": "vrao",
	"GET /review": "ra", "GET /review/{key}": "ra", "POST /review/{key}": "ra", "POST /review/{key}/undo": "ra", "GET /review/decisions": "ra",
	"GET /measures": "vrao", "GET /measures/{id}": "vrao", "GET /why": "vrao", "GET /child": "ra", "GET /gaps": "vrao", "GET /gaps/{name}": "vrao", "POST /gaps": "a",
	"GET /submission": "ao", "POST /submission": "a", "GET /submission/{id}": "ao", "GET /submission/{id}/file/{name}": "ao", "GET /submission/words": "ao", "POST /submission/words": "a",
	"POST /submission/{id}/approve": "o", "POST /submission/{id}/signed": "o", "POST /submission/{id}/sign": "o", "POST /submission/{id}/sent": "o",
	"POST /submission/{id}/returned": "o", "POST /submission/{id}/restate": "a",
}

// TestSite_rolesGuessAddresses has everybody ask for everything.
func TestSite_rolesGuessAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, fakeAccounts{"vera": {"pw", "viewer"}, "olga": {"pw", "approver"}, "rita": {"pw", "reviewer"}, "anna": {"pw", "analyst"}})
	people := map[rune]*person{}
	for _, name := range []string{"vera", "olga", "rita", "anna"} {
		people[rune(name[0])] = h.login(name, "pw")
	}
	tokens := map[*person]string{}
	for _, p := range people {
		tokens[p] = p.token()
	}
	// Who may not is refused before anything of the workspace is opened.
	open := h.site.Desk
	h.site.Desk = func(context.Context, string) (Desk, error) { return nil, errOpened }
	defer func() { h.site.Desk = open }()
	seen := map[string]bool{}
	for _, r := range routes() {
		may, isListed := rights[r.pattern]
		if seen[r.pattern] = true; !isListed {
			t.Errorf("%s: nobody says who may ask for it", r.pattern)
		}
		method, path, _ := strings.Cut(r.pattern, " ")
		path = regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
		for letter, p := range people {
			var form url.Values
			if method == "POST" {
				form = url.Values{"token": {tokens[p]}}
			}
			want := map[bool]int{true: http.StatusInternalServerError, false: http.StatusForbidden}[strings.ContainsRune(may, letter)]
			if w := p.ask(method, path, form); w.Code != want {
				t.Errorf("%s as %c: got %d, want %d", r.pattern, letter, w.Code, want)
			}
		}
		if w := (&person{house: h}).ask(method, path, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("%s as a stranger: got %d", r.pattern, w.Code)
		}
	}
	for pattern := range rights {
		if !seen[pattern] {
			t.Errorf("%s is no address any more", pattern)
		}
	}
}

// errOpened says that somebody came as far as the workspace.
var errOpened = errors.New("opened")

func TestSite_changedAccountIsOut(t *testing.T) {
	t.Parallel()
	accounts := fakeAccounts{"anna": {"pw", "analyst"}}
	p := newHouse(t, accounts).login("anna", "pw")
	wants(t, p.ask("GET", "/", nil), 200)
	accounts["anna"] = [2]string{"pw", "viewer"}
	wants(t, p.ask("GET", "/", nil), 401)
	wants(t, p.ask("GET", "/enter?code=", nil), 303)
}

func TestSite_wrongPasswordsWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, fakeAccounts{"anna": {"right", "analyst"}})
	p := &person{house: h}
	wrong := url.Values{"login_name": {"anna"}, "login_password": {"guess"}}
	for range mostTries {
		wants(t, p.ask("POST", "/login", wrong), 401, "That is not right")
	}
	right := url.Values{"login_name": {"anna"}, "login_password": {"right"}, "login_to": {"//evil.example/"}}
	wants(t, p.ask("POST", "/login", right), 401, "wait")
	h.now = h.now.Add(waitAfter)
	w := p.ask("POST", "/login", right)
	wants(t, w, 200, "You are in")
	if strings.Contains(w.Body.String(), "evil") {
		t.Error("the log-in leads to another site")
	}
}

// The frame around a page says the same on every page: a page's own word of that name would take its place.
func TestWords_framesOwn(t *testing.T) {
	t.Parallel()
	for i, w := range []words{agencyWords, deliveryWords, gapWords, homeWords, mappingWords, measureWords, reviewWords, submissionWords} {
		for _, key := range []string{"error_fix", "generation", "leave", "look_other", "menu", "nothing_published", "product", "published", "signed_in", "skip", "you_look"} {
			if w[key] != "" && w[key] != shared[key] {
				t.Errorf("words %d: %s is %q, the frame says %q", i, key, w[key], shared[key])
			}
		}
	}
}
