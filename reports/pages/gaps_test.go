package pages

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
)

type document struct{ *strings.Reader }

func (document) Close() error { return nil }

func (d *fakeDesk) GapFiles() ([]string, error) { return []string{"gaps-en.html", "gaps-en.xlsx"}, nil }

func (d *fakeDesk) WriteGaps(context.Context) (int, error) { return 4, nil }

func (d *fakeDesk) GapFile(name string) (io.ReadSeekCloser, error) {
	if name != "gaps-en.html" {
		return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	return document{strings.NewReader("<script>filters()</script>")}, nil
}

// TestGaps_standInABox: the page's own script runs, apart from the console.
func TestGaps_standInABox(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	wants(t, p.ask("GET", "/gaps", nil), 200, "/gaps/gaps-en.html", "gaps-en.xlsx")
	w := p.ask("GET", "/gaps/gaps-en.html", nil)
	wants(t, w, 200, "<script>filters()")
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "sandbox allow-scripts;") || strings.Contains(got, "allow-same-origin") {
		t.Errorf("policy %q", got)
	}
	wants(t, p.ask("GET", "/gaps/..%2f..%2ftributary.yaml", nil), 404)
	wants(t, p.ask("POST", "/gaps", url.Values{"token": {p.token()}}), 303)
}

// TestFinding_publishedMeanwhile answers a finding that a generation published since no longer has: it is said, and
// what was typed stays.
func TestFinding_publishedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.owner()
	token := p.token()
	h.desk.generation, h.desk.isGone = 4, true
	form := url.Values{"token": {token}, "generation": {"3"}, "do": {"confirm"}, "why": {"triplets, by phone"}}
	wants(t, p.ask("POST", "/deliveries/FCMH/2025-26Q4/findings/00ab", form), 409, "published anew", "triplets, by phone")
	form = url.Values{"token": {token}, "generation": {"3"}, "finding": {"00ab"}, "why": {"triplets, by phone"}}
	wants(t, p.ask("POST", "/deliveries/FCMH/2025-26Q4/confirm", form), 409, "published anew", "triplets, by phone")
}
