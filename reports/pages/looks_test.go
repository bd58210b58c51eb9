package pages

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"
)

func (d *fakeDesk) Letter(_, _, name string) (io.ReadSeekCloser, error) {
	if name != "letter-en.xlsx" {
		return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return document{strings.NewReader("letter")}, nil
}

func (d *fakeDesk) Questions(context.Context, string) ([]Question, error) {
	q := Question{Key: "00ab", Kind: "child", Left: "FCMH", Right: "LCTC"}
	if d.isSplit {
		q.Kind, q.Differ = "split", []string{"bert: different: by phone"}
	}
	return []Question{q}, nil
}

func (d *fakeDesk) Pair(_ context.Context, key string) (Pair, error) {
	if key != "00ab" {
		return Pair{}, fmt.Errorf("pair %s: %w", key, ErrNotFound)
	}
	return Pair{Subject: "pair FCMH:1 LCTC:2", Key: key, Kind: "child", Outcome: "review", Left: Person{Name: "FCMH:1"}, Right: Person{Name: "LCTC:2"},
		Values: []Compared{{Column: "given name", Left: "<script>alert(1)</script>", Right: "=1+1", Mark: "≠"}}}, nil
}

func (d *fakeDesk) Decide(_ context.Context, key, _, _, _ string) (Answered, error) {
	if d.isGone {
		return Answered{}, fmt.Errorf("pair %s: %w", key, ErrNotFound)
	}
	return Answered{}, nil
}

func (d *fakeDesk) Decisions(context.Context) ([]Decision, error) {
	return []Decision{{Pair: "FCMH:1 LCTC:2", Key: "00ab", Verdict: "same"}, {Pair: "FCMH:3 LCTC:4", Key: "00cd", Verdict: "family", State: "active", Pairs: 3},
		{Pair: "FCMH:5 LCTC:6", Key: "00ef", Verdict: "family", State: "undone", Pairs: 2}}, nil
}

func (d *fakeDesk) WhyNumber(_ context.Context, cell string, withText bool) (Why, error) {
	w := Why{Cell: cell, Units: []WhyUnit{{ID: "C1", Address: "row 2", Evidence: "opened_on"}}}
	if withText {
		w.Units[0].Evidence = "born 2013-05-31"
	}
	return w, nil
}

func (d *fakeDesk) ChildOf(_ context.Context, who string) (Child, error) {
	return Child{ID: "C1", Records: []string{who}, Parts: []ChildPart{{Measure: "n", Label: "N", Quarter: "2025-26Q4", Cells: []string{"n@2025-26Q4"}}}}, nil
}

// TestSite_everyLookIsAudited goes to every page that shows named records: none is shown without a reason, and each
// look is written down with who and why. An address for those who may see them stands here or names nobody.
func TestSite_everyLookIsAudited(t *testing.T) {
	t.Parallel()
	looked := map[string][2]string{
		"GET /deliveries/{agency}/{quarter}/findings/{id}": {"/deliveries/FCMH/2025-26Q4/findings/00ab", "finding 00ab of FCMH 2025-26Q4"},
		"GET /deliveries/{agency}/{quarter}/letter/{name}": {"/deliveries/FCMH/2025-26Q4/letter/letter-en.xlsx", "letter FCMH 2025-26Q4"},
		"GET /review/{key}":     {"/review/00ab", "pair FCMH:1 LCTC:2"},
		"GET /review/decisions": {"/review/decisions", "decisions about pairs"},
		"GET /child":            {"/child?of=FCMH:1", "why --child FCMH:1"},
		"GET /why":              {"/why?text=yes&cell=n@2025-26Q4", "why n@2025-26Q4"},
	}
	namesNobody := map[string]bool{"GET /review": true, "GET /because": true}
	for _, r := range routes() {
		if isForm := strings.HasPrefix(r.pattern, "POST"); isForm || r.may != Named && r.may != Review {
			continue
		}
		if _, ok := looked[r.pattern]; !ok && !namesNobody[r.pattern] {
			t.Errorf("%s is for those who may see named records, and no test says that a look is written down", r.pattern)
		}
	}
	for pattern, x := range looked {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, fakeAccounts{"rita": {"pw", "reviewer"}})
			p := h.login("rita", "pw")
			token := p.token()
			wants(t, p.ask("GET", x[0], nil), 200, "Why do you look?", `name="to" value="`)
			if len(h.looks) > 0 {
				t.Fatalf("looked without a reason: %v", h.looks)
			}
			wants(t, p.ask("POST", "/because", url.Values{"token": {token}, "why": {"call from the family"}, "to": {x[0]}}), 303)
			if w := p.ask("GET", x[0], nil); w.Code != 200 || strings.Contains(w.Body.String(), "Why do you look?") {
				t.Errorf("got %d: %s", w.Code, w.Body)
			}
			if got := strings.Join(h.looks, ";"); got != "rita: "+x[1]+": call from the family" {
				t.Errorf("looks: %s", got)
			}
			// In another visit the reason is asked again.
			wants(t, h.login("rita", "pw").ask("GET", x[0], nil), 200, "Why do you look?")
		})
	}
}

// TestWhy_rowsAreNotForEverybody has a viewer ask for what the files say.
func TestWhy_rowsAreNotForEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, fakeAccounts{"vera": {"pw", "viewer"}})
	w := h.login("vera", "pw").ask("GET", "/why?text=yes&cell=n@2025-26Q4", nil)
	wants(t, w, 200)
	for _, row := range []string{"row 2", "2013-05-31", "C1"} {
		if strings.Contains(w.Body.String(), row) {
			t.Errorf("a viewer sees %q", row)
		}
	}
	if len(h.looks) > 0 {
		t.Errorf("looks: %v", h.looks)
	}
}

// TestPair_goneMeanwhile answers about a pair that a generation published since no longer has.
func TestPair_goneMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	form := url.Values{"token": {p.token()}, "generation": {"3"}, "verdict": {"same"}, "why": {"mother called, twice"}}
	h.desk.generation, h.desk.isGone = 4, true
	wants(t, p.ask("POST", "/review/00ab", form), 409, "published anew", "mother called, twice")
	form.Set("generation", "4")
	wants(t, p.ask("POST", "/review/00ab", form), 404)
}

func (d *fakeDesk) Split(_ context.Context, key string) (Split, error) {
	return Split{Subject: "one child or two: FCMH:1 LCTC:2", Seen: "5eed", Records: []SplitRecord{{Name: "FCMH:1"}, {Name: "LCTC:2", IsSecond: true}},
		Rows: []SplitRow{{Column: "given name", Mark: "≠", Values: []string{"<script>alert(1)</script>", "=1+1"}}}, Links: []SplitLink{{Left: 0, Right: 1, Key: key, IsWeakest: true}}}, nil
}

func (d *fakeDesk) DecideSplit(_ context.Context, _, verdict string, second []int, why, seen string) (Answered, error) {
	return Answered{Does: fmt.Sprint(verdict, second, why, seen)}, nil
}

// TestSplit_isAskedWhole shows a child that may be two with who looks written down; an answer to an older generation is
// not taken, and nothing typed or marked is lost.
func TestSplit_isAskedWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.desk.isSplit = true
	p := h.owner()
	token := p.token()
	wants(t, p.ask("GET", "/review/00ab", nil), 200, "Why do you look?")
	wants(t, p.ask("POST", "/because", url.Values{"token": {token}, "why": {"review"}, "to": {"/review/00ab"}}), 303)
	w := p.ask("GET", "/review/00ab", nil)
	wants(t, w, 200, "&lt;script&gt;alert(1)", "=1&#43;1", `value="1" form="parts" checked`, "The weakest")
	if strings.Contains(w.Body.String(), "<script>alert") || strings.Join(h.looks, ";") != "anna: one child or two: FCMH:1 LCTC:2: review" {
		t.Errorf("a name became a script, or looks are %v", h.looks)
	}
	form := url.Values{"token": {token}, "generation": {"3"}, "parts": {"yes"}, "seen": {"5eed"}, "verdict": {"family"}, "second": {"0"}, "why": {"two cousins"}}
	h.desk.generation = 4
	wants(t, p.ask("POST", "/review/00ab", form), 422, `value="two cousins"`, `value="0" form="parts" checked`)
	form.Set("generation", "4")
	wants(t, p.ask("POST", "/review/00ab", form), 303)
	wants(t, p.ask("GET", "/review", nil), 200, "family[0]two cousins5eed")
	form.Set("second", "one")
	wants(t, p.ask("POST", "/review/00ab", form), 422, "is no record")
}

// TestSplit_expiryLosesNothing sends the parts of a child after the session ended: marks and reason are shown again after
// the log-in, and where they are not taken then, the question why one looks keeps them too.
func TestSplit_expiryLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, fakeAccounts{"rita": {"right", "reviewer"}})
	h.desk.isSplit = true
	p := h.login("rita", "right")
	form := url.Values{"token": {p.token()}, "generation": {"3"}, "kind": {"split"}, "parts": {"yes"}, "seen": {"5eed"}, "verdict": {"family"}, "second": {"0", "1"}, "why": {"two \"cousins\""}}
	h.now = h.now.Add(31 * time.Minute)
	wants(t, p.ask("POST", "/review/00ab", form), 401, "is kept", `name="kept.second" value="0"`, `name="kept.second" value="1"`, "two &#34;cousins&#34;")
	in := func(prefix string, more url.Values) url.Values {
		for name, values := range form {
			if name != "token" {
				more[prefix+name] = values
			}
		}
		return more
	}
	w := p.ask("POST", "/login", in("kept.", url.Values{"login_to": {"/review/00ab"}, "login_name": {"rita"}, "login_password": {"right"}}))
	wants(t, w, 200, `action="/review/00ab"`, `<textarea name="second" rows="1" aria-label="second">0<`, `<textarea name="second" rows="1" aria-label="second">1<`, "two &#34;cousins&#34;<")
	form.Set("token", tokenIn.FindStringSubmatch(w.Body.String())[1])
	// Meanwhile a run was published: the child is shown anew, but not before it is said why.
	h.desk.generation = 4
	wants(t, p.ask("POST", "/review/00ab", form), 422, "Why do you look?", `name="kept.second" value="1"`, "two &#34;cousins&#34;")
	wants(t, p.ask("POST", "/because", in("kept.", url.Values{"token": form["token"], "to": {"/review/00ab"}, "why": {" "}})), 422, "a reason is missing", `name="kept.second" value="1"`)
	w = p.ask("POST", "/because", in("kept.", url.Values{"token": form["token"], "to": {"/review/00ab"}, "why": {"review"}}))
	wants(t, w, 200, `action="/review/00ab"`, `aria-label="second">1<`, "two &#34;cousins&#34;<")
	w = p.ask("POST", "/review/00ab", form)
	wants(t, w, 422, `value="0" form="parts" checked`, `value="1" form="parts" checked`, `value="two &#34;cousins&#34;"`)
	form.Set("generation", "4")
	form["second"] = []string{"1"}
	wants(t, p.ask("POST", "/review/00ab", form), 303)
	wants(t, p.ask("GET", "/review", nil), 200, "family[1]two &#34;cousins&#34;5eed")
}

// TestSplit_isAnsweredBlind shows what others said of a child who do not agree to an analyst alone.
func TestSplit_isAnsweredBlind(t *testing.T) {
	t.Parallel()
	h := newHouse(t, fakeAccounts{"rita": {"pw", "reviewer"}, "anna": {"pw", "analyst"}})
	h.desk.isSplit = true
	for _, name := range []string{"anna", "rita"} {
		p := h.login(name, "pw")
		wants(t, p.ask("POST", "/because", url.Values{"token": {p.token()}, "why": {"review"}, "to": {"/"}}), 303)
		w := p.ask("GET", "/review/00ab", nil)
		wants(t, w, 200, "The weakest")
		for _, text := range []string{"bert: different", "how they are parted"} {
			if strings.Contains(w.Body.String(), text) != (name == "anna") {
				t.Errorf("%s sees, or does not see, %q: %s", name, text, w.Body)
			}
		}
	}
}

// TestDecisions_aSplitIsOneRow takes an answer that parted a child back where it is listed, and what was taken back not again.
func TestDecisions_aSplitIsOneRow(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	wants(t, p.ask("POST", "/because", url.Values{"token": {p.token()}, "why": {"review"}, "to": {"/review/decisions"}}), 303)
	w := p.ask("GET", "/review/decisions", nil)
	wants(t, w, 200, `FCMH:3 LCTC:4</a> one answer about pairs: 3<`, "Two children of one family", `action="/review/00cd/undo"`)
	if n := strings.Count(w.Body.String(), "/undo"); n != 1 {
		t.Errorf("%d rows can be taken back: %s", n, w.Body)
	}
}
