package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tributary"
)

func (d *fakeDesk) Delivered(context.Context, string) (DeliveryList, error) {
	return DeliveryList{Quarter: "2025-26Q4", Quarters: []string{"2025-26Q4"}, Rows: []DeliveryRow{{Agency: "FCMH", Name: "<b>", State: "paused"}}}, nil
}

func (d *fakeDesk) DeliveryOf(_ context.Context, agency, quarter string) (Delivery, error) {
	if agency != "FCMH" {
		return Delivery{}, fmt.Errorf("agency %q: %w", agency, ErrNotFound)
	}
	if d.isUnread {
		return Delivery{Agency: agency, Name: "Family Centre", Quarter: quarter, State: "late", Unread: `since 2026-05-04: the folder <b>drop</b> does not answer`}, nil
	}
	out := Delivery{Agency: agency, Name: "Family Centre", Quarter: quarter, State: "paused", Beside: true, Letters: []string{"letter-en.xlsx"}}
	for _, s := range []string{"taken", "held", "superseded", "nil", "unknown", "new"} {
		out.Files = append(out.Files, CameFile{Name: `"><script>x.csv`, State: s, Version: 2, Accepted: "by phone"})
	}
	for _, s := range []string{"blocks", "sets_aside", "please_confirm", "note"} {
		out.Causes = append(out.Causes, Cause{Check: "c", Severity: s, Name: "Not a date", Column: "a&b=c", Findings: 1})
	}
	out.Sections = []Section{{File: "x.csv", Table: "client", Read: 3, Taken: 2, SetAside: 1}}
	return out, nil
}

// manyFindings is how many findings the fake delivery has.
const manyFindings = 10_000

func (d *fakeDesk) FindingsOf(_ context.Context, _, _, check, column string, page int) ([]Finding, int, error) {
	var out []Finding
	for i := (page - 1) * findingsOnPage; i < min(page*findingsOnPage, manyFindings); i++ {
		out = append(out, Finding{ID: fmt.Sprintf("%012x", i), Check: check, Severity: "please_confirm", Name: "Not a date", Column: column, Fix: "write it as 2026-01-31",
			Detail: strings.Repeat("a fact about the form of the value ", 3), Address: fmt.Sprintf("clients with a long name.xlsx, Sheet, row %d", i+2)})
	}
	return out, manyFindings, nil
}

func (d *fakeDesk) FindingOf(_ context.Context, _, _, id string) (FindingRow, error) {
	return FindingRow{Finding: Finding{ID: id, Severity: "please_confirm", Name: "Not a date"}, Shown: `=HYPERLINK("x")<script>`, MayConfirm: true, MayCorrect: true,
		Cells: []RowCell{{At: "C2", Heading: "DOB", Column: "client.birth_date", Text: "<img src=x onerror=alert(1)>", IsIt: true}}}, nil
}

func (d *fakeDesk) Accept(_ context.Context, agency, quarter, file, why string, _ bool) error {
	*d.looks = append(*d.looks, strings.Join([]string{d.who, "accepts", agency, quarter, file, why}, " "))
	return nil
}

func (d *fakeDesk) State(context.Context, string, string, string, string, bool) (int, error) {
	return 2, nil
}

func (d *fakeDesk) Confirm(context.Context, string, string, bool, bool) (int, error) {
	if d.isGone {
		return 0, tributary.Fix(errors.New("confirm: no finding has this id"), "see the ids with: tributary findings --all")
	}
	return 7, nil
}

func (d *fakeDesk) Correct(context.Context, Correction) (int, error) {
	return 0, tributary.Fix(errors.New("correct: not a date"), "write it as 2026-01-31")
}

func (d *fakeDesk) WriteLetter(context.Context, string, string, bool) (int, error) { return 3, nil }

func TestFindings_tenThousandArePaged(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	w := p.ask("GET", "/deliveries/FCMH/2025-26Q4/findings?check=bad_date&column=DOB&page=100", nil)
	wants(t, w, 200, "9901 to 10000 of 10000", "row 10001", `rel="prev"`)
	if strings.Contains(w.Body.String(), `rel="next"`) {
		t.Error("there is a page after the last")
	}
	if n := w.Body.Len(); n > 200_000 {
		t.Errorf("the page has %d bytes", n)
	}
	wants(t, p.ask("GET", "/deliveries/FCMH/2025-26Q4/findings?page=-1", nil), 200, "1 to 100 of 10000")
	wants(t, p.ask("GET", "/deliveries/FCMH/2025-26Q4/findings?page=99999999999999999999", nil), 200, "1 to 100")
}

func TestFinding_isShownWithAReasonAndAudited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	path := "/deliveries/FCMH/2025-26Q4/findings/00ab"
	wants(t, p.ask("GET", path, nil), 200, "Why do you look?")
	if len(h.looks) > 0 {
		t.Fatalf("looked without a reason: %v", h.looks)
	}
	token := p.token()
	wants(t, p.ask("POST", "/because", url.Values{"token": {token}, "why": {"call from the family"}, "to": {"https://evil.example/"}}), 303)
	w := p.ask("GET", path, nil)
	wants(t, w, 200, "&lt;img src=x onerror=alert(1)&gt;", "=HYPERLINK(&#34;x&#34;)&lt;script&gt;", "DOB")
	if len(h.looks) != 1 || h.looks[0] != "anna: finding 00ab of FCMH 2025-26Q4: call from the family" {
		t.Errorf("looks: %v", h.looks)
	}
	// Another matter, another reason.
	wants(t, w, 200, "because: call from the family", "/because?to=%2fdeliveries%2fFCMH")
	wants(t, p.ask("GET", "/because?to="+url.QueryEscape(path), nil), 200, `name="to" value="`+path+`"`)
	wants(t, p.ask("POST", "/because", url.Values{"token": {token}, "why": {" "}, "to": {path}}), 422, "a reason is missing")
	wants(t, p.ask("POST", "/because", url.Values{"token": {token}, "why": {"review of the quarter"}, "to": {path}}), 303)
	wants(t, p.ask("GET", path, nil), 200, "because: review of the quarter")
	if got := h.looks[len(h.looks)-1]; got != "anna: finding 00ab of FCMH 2025-26Q4: review of the quarter" {
		t.Errorf("looked: %s", got)
	}
	// What cannot be taken is shown again with its remedy and what was typed.
	w = p.ask("POST", path, url.Values{"token": {token}, "do": {"correct"}, "column": {"client.birth_date"}, "value": {"31st of May"}, "why": {"birth certificate"}})
	wants(t, w, 422, "not a date", "write it as 2026-01-31", `value="31st of May"`, `value="birth certificate"`)
}

func TestDelivery_pagesAndAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	one := "/deliveries/FCMH/2025-26Q4"
	wants(t, p.ask("GET", "/deliveries", nil), 200, "held", "&lt;b&gt;")
	wants(t, p.ask("GET", one, nil), 200, "&#34;&gt;&lt;script&gt;x.csv", "column=a%26b%3dc")
	wants(t, p.ask("GET", "/deliveries/NONE/2025-26Q4", nil), 404)
	token := p.token()
	wants(t, p.ask("POST", one+"/accept", url.Values{"token": {token}, "file": {"x.csv"}, "why": {" "}}), 422, "a reason is missing")
	wants(t, p.ask("POST", one+"/accept", url.Values{"token": {token}, "file": {"x.csv"}, "why": {"checked by phone"}}), 303)
	wants(t, p.ask("POST", one+"/state", url.Values{"token": {token}, "state": {"accepted"}, "why": {"x"}}), 422, "neither nil nor excused")
	wants(t, p.ask("POST", one+"/state", url.Values{"token": {token}, "state": {"nil"}, "why": {"x"}}), 303)
	wants(t, p.ask("GET", one, nil), 200, "Files that came for that quarter all the same: 2")
	if got := strings.Join(h.looks, ";"); got != "anna accepts FCMH 2025-26Q4 x.csv checked by phone" {
		t.Errorf("did %q", got)
	}
}

func TestLetter_namesLeadNowhereElse(t *testing.T) {
	t.Parallel()
	p := newHouse(t, fakeAccounts{"vera": {"pw", "viewer"}}).login("vera", "pw")
	for _, name := range []string{"letter-en.xlsx", "..%2f..%2ftributary.yaml"} {
		if w := p.ask("GET", "/deliveries/FCMH/2025-26Q4/letter/"+name, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s as a viewer: %d", name, w.Code)
		}
	}
}

// A delivery whose source was not read is not only one that did not come: the agency is not asked for what may lie there.
func TestDelivery_sourceWasNotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	one, hint := "/deliveries/FCMH/2025-26Q4", "the agency is not asked for files yet"
	if page := p.ask("GET", one, nil).Body.String(); strings.Contains(page, hint) || strings.Contains(page, "Not read:") {
		t.Errorf("a source that was read is called unread: %s", page)
	}
	h.desk.isUnread = true
	wants(t, p.ask("GET", one, nil), 200, "Not read: since 2026-05-04: the folder &lt;b&gt;drop&lt;/b&gt; does not answer.", hint, "No file of this delivery is here.")
}
