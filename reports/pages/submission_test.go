package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary"
)

// fakeSigned is the submission that the fake desk has.
var fakeSigned = Submitted{ID: "2025-26Q4-2", Quarter: "2025-26Q4", State: "signed", Why: "<script>alert(1)</script>"}

func (d *fakeDesk) Submissions(context.Context) ([]Submitted, error) {
	return []Submitted{fakeSigned}, nil
}

func (d *fakeDesk) Submission(_ context.Context, id, with string) (Submission, error) {
	if id != fakeSigned.ID || with != "" && with != "2025-26Q4-1" {
		return Submission{}, fmt.Errorf("submission %q: %w", id, ErrNotFound)
	}
	return Submission{
		Submitted: fakeSigned, Steps: []Submitted{fakeSigned}, Needed: 1, Signed: 1, Signers: []string{"Dora <b>"},
		Page: map[string]template.HTML{"en": "<p>the page</p>"}, Before: "2025-26Q4-1", Changed: []MovedText{{Cell: "n@2025-26Q4", Label: "=1+1", Old: "7", New: "8"}},
		Versions: []Submitted{fakeSigned, {ID: "2025-26Q4-1", State: "replaced"}},
	}, nil
}

func (d *fakeDesk) SubmissionFile(_ context.Context, _, name string) (io.ReadSeekCloser, error) {
	return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
}

func (d *fakeDesk) SignHere(_ context.Context, _, name string, key []byte, passphrase string) (int, int, error) {
	*d.looks = append(*d.looks, fmt.Sprintf("%s signs with %s, %d and %d characters", d.who, name, len(key), len(passphrase)))
	return 1, 1, nil
}

func (d *fakeDesk) Restate(_ context.Context, id, why string) (string, error) {
	if why == "again" {
		return "", tributary.Fix(errors.New("no cell would change"), "nothing needs to be done")
	}
	*d.looks = append(*d.looks, d.who+" restates "+id+": "+why)
	return fakeSigned.ID, nil
}

func (d *fakeDesk) Explanations(context.Context) ([]Explained, error) {
	return []Explained{{Cell: "n@2025-26Q4", Label: "Referrals", Standing: "below", Asked: true, Words: map[string]string{"cause": "=1+1 </textarea><script>"}}}, nil
}

func (d *fakeDesk) Explain(_ context.Context, cell string, words map[string]string) (int, error) {
	if words["catch_up_on"] == "soon" {
		return 0, tributary.Fix(errors.New("note: not a date"), "write it as 2026-01-15")
	}
	*d.looks = append(*d.looks, fmt.Sprintf("%s of %s: %v", d.who, cell, words))
	return len(words), nil
}

// withFile sends a form with a file.
func (p *person) withFile(path, field string, size int, form map[string]string, change ...func(*http.Request)) (code int, page string) {
	p.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range form {
		if err := m.WriteField(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile(field, "../director.key")
	if err == nil {
		_, err = part.Write(bytes.Repeat([]byte("k"), size))
	}
	if err := errors.Join(err, m.Close()); err != nil {
		p.t.Fatal(err)
	}
	w := p.ask("POST", path, nil, append(change, func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Referer", "http://console.test:80/submission/2025-26Q4-2")
	})...)
	return w.Code, w.Body.String()
}

// TestSign_onThisMachineAlone takes a key where one person is before the console of their own machine, and keeps the
// passphrase from every page.
func TestSign_onThisMachineAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	form := map[string]string{"token": p.token(), "passphrase": "correct horse"}
	at := "/submission/2025-26Q4-2"
	if page := p.ask("GET", at, nil).Body.String(); strings.Contains(page, "passphrase") {
		t.Error("a console that others reach asks for a passphrase")
	}
	if code, _ := p.withFile(at+"/sign", "key", 300, form); code != 422 || len(h.looks) > 0 {
		t.Errorf("a console that others reach took a key: %d %v", code, h.looks)
	}
	h.site.SignsHere = true
	wants(t, p.ask("GET", at, nil), 200, `name="passphrase"`, "kept nowhere")
	if code, _ := p.withFile(at+"/sign", "key", 300, form); code != 303 || strings.Join(h.looks, ";") != "anna signs with director.key, 300 and 13 characters" {
		t.Errorf("got %d, %v", code, h.looks)
	}
	// After the time is out the page with the form is shown again, and neither key nor passphrase anywhere.
	h.now = h.now.Add(time.Hour)
	code, page := p.withFile(at+"/sign", "key", 300, form)
	if code != 401 || strings.Contains(page, "correct horse") || !strings.Contains(page, `name="login_to" value="`+at+`"`) {
		t.Errorf("got %d: %s", code, page)
	}
}

func TestSubmission_versionsAndRestating(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	at := "/submission/2025-26Q4-2"
	wants(t, p.ask("GET", at+"?with=2025-26Q4-1", nil), 200, `<option value="2025-26Q4-1" selected>`, "=1&#43;1", "Dora &lt;b&gt;", "&lt;script&gt;alert(1)")
	wants(t, p.ask("GET", at+"?with=2024-25Q4-1", nil), 404)
	wants(t, p.ask("GET", "/submission/..%2f..%2ftributary.yaml", nil), 404)
	token := p.token()
	wants(t, p.ask("POST", at+"/restate", url.Values{"token": {token}, "why": {" "}}), 422, "a reason is missing")
	wants(t, p.ask("POST", at+"/restate", url.Values{"token": {token}, "why": {"again"}}), 422, "no cell would change", `value="again"`)
	wants(t, p.ask("POST", at+"/restate", url.Values{"token": {token}, "why": {"late file"}}), 303)
	if got := strings.Join(h.looks, ";"); got != "anna restates 2025-26Q4-2: late file" {
		t.Errorf("did %q", got)
	}
}

func TestExplanations_typedWordsStay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	wants(t, p.ask("GET", "/submission/words", nil), 200, "Referrals", "=1&#43;1 &lt;/textarea&gt;&lt;script&gt;", "Catch-up date")
	wants(t, p.ask("GET", "/submission/words?cell=m@2025-26Q4%2fytd", nil), 200, `name="remark"`, "m@2025-26Q4/ytd")
	form := url.Values{"token": {p.token()}, "cell": {"n@2025-26Q4"}, "cause": {"two on leave"}, "catch_up_on": {"soon"}}
	wants(t, p.ask("POST", "/submission/words", form), 422, "write it as 2026-01-15", "two on leave", `value="soon"`)
	form.Set("catch_up_on", "2026-06-30")
	h.desk.generation, form["generation"] = 4, []string{"3"}
	wants(t, p.ask("POST", "/submission/words", form), 422, "published anew", "two on leave", `value="2026-06-30"`, `name="generation" value="4"`)
	wants(t, p.ask("POST", "/submission", url.Values{"token": {form.Get("token")}, "generation": {"3"}}), 422, "published anew")
	form.Set("generation", "4")
	wants(t, p.ask("POST", "/submission/words", form), 303)
	if got := strings.Join(h.looks, ";"); got != "anna of n@2025-26Q4: map[catch_up_on:2026-06-30 cause:two on leave]" {
		t.Errorf("did %q", got)
	}
}
