package pages

import (
	"context"
	"fmt"
	"net/url"
	"testing"
)

func (d *fakeDesk) AgencyRows(context.Context) ([]AgencyRow, error) {
	return []AgencyRow{{Code: "FCMH", Name: "<i>", State: "paused"}, {Code: "NEW"}}, nil
}

func (d *fakeDesk) AgencyOf(_ context.Context, code string) (Agency, error) {
	if code != "FCMH" {
		return Agency{}, fmt.Errorf("agency %q: %w", code, ErrNotFound)
	}
	return Agency{AgencyRow: AgencyRow{Code: code, Name: "Family Centre", Source: "sftp"}, Text: "</pre><script>", SQL: "select 1", People: []Contact{{Role: "letters", Email: "a@b.example"}},
		Deliveries: []Delivered{{Quarter: "2025-26Q4", State: "nil"}}, Columns: []MappedColumn{{Heading: "DOB", Table: "client", Column: "birth_date"}}}, nil
}

func (d *fakeDesk) Reach(context.Context, string) (string, error) { return "can be reached", nil }

func (d *fakeDesk) Generations(context.Context) ([]Generation, error) {
	return []Generation{{Number: 3, IsCurrent: true, Built: []string{"stage"}}, {Number: 2}}, nil
}

func (d *fakeDesk) AuditLog(_ context.Context, kind string, page int) (AuditPage, error) {
	return AuditPage{Entries: []Entry{{Number: 7, Who: "anna", Kind: kind, What: "<script>"}}, All: 205, Kinds: []string{"sql"}}, nil
}

func (d *fakeDesk) SettingsOf(context.Context) ([]Setting, error) {
	return []Setting{{Name: "agency.code", Value: "CA", File: "tributary.yaml", Line: 3}, {Name: "settings.small_below", Value: "5"}}, nil
}

func TestBooks_pages(t *testing.T) {
	t.Parallel()
	p := newHouse(t, nil).owner()
	wants(t, p.ask("GET", "/agencies", nil), 200, "&lt;i&gt;", "held")
	wants(t, p.ask("GET", "/agencies/FCMH", nil), 200, "&lt;/pre&gt;&lt;script&gt;", "birth_date", "a@b.example", "sftp")
	wants(t, p.ask("GET", "/agencies/..%2f..%2fetc", nil), 404)
	wants(t, p.ask("POST", "/agencies/FCMH/reach", url.Values{"token": {p.token()}}), 303)
	wants(t, p.ask("GET", "/agencies/FCMH", nil), 200, "Source: can be reached")
	wants(t, p.ask("GET", "/runs", nil), 200, "published now", "stage")
	wants(t, p.ask("GET", "/audit?kind=sql&page=2", nil), 200, "101 to 101 of 205", "kind=sql&amp;page=1", "kind=sql&amp;page=3")
	wants(t, p.ask("GET", "/settings", nil), 200, "tributary.yaml, line 3", "default of the program")
}
