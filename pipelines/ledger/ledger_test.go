package ledger

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
)

var noon = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)

func openTest(t *testing.T) (*Ledger, string) {
	path := filepath.Join(t.TempDir(), "a #1?", "ledger.sqlite")
	l, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, path
}

func excused(agency, state string) Entry {
	return Entry{Kind: "delivery_state", Who: "analyst", At: noon, Why: "because",
		Fields: map[string]string{"agency": agency, "quarter": "2025-26Q1", "state": state}}
}

func TestCurrent_laterEntryTakesThePlace(t *testing.T) {
	t.Parallel()
	l, _ := openTest(t)
	ended := excused("B", "nil")
	ended.Ends = true
	if err := l.Append(t.Context(), excused("B", "nil"), excused("A", "nil"), excused("A", "excused"), ended); err != nil {
		t.Fatal(err)
	}
	got, err := l.Current(t.Context(), "delivery_state")
	if err != nil || len(got) != 1 || got[0].Fields["agency"] != "A" || got[0].Fields["state"] != "excused" {
		t.Errorf("got %v, %v; want only A excused", got, err)
	}
	all, err := l.All(t.Context(), "")
	if err != nil || len(all) != 4 {
		t.Errorf("got %d entries, %v; want all 4 kept", len(all), err)
	}
}

func TestAppend_refusesWhatHasNoWho(t *testing.T) {
	t.Parallel()
	l, _ := openTest(t)
	nobody := excused("A", "nil")
	nobody.Who = ""
	odd := excused("A", "nil")
	odd.Fields["colour"] = "red"
	for _, e := range []Entry{nobody, odd, {Kind: "rumour", Who: "x"}} {
		if err := l.Append(t.Context(), excused("A", "nil"), e); err == nil {
			t.Errorf("accepted: %v", e)
		}
	}
	if all, _ := l.All(t.Context(), ""); len(all) != 0 {
		t.Errorf("%d entries of refused batches were kept", len(all))
	}
}

func TestVerify_seesTampering(t *testing.T) {
	t.Parallel()
	l, path := openTest(t)
	if err := l.Append(t.Context(), excused("A", "nil"), excused("B", "nil")); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+escape(path))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update entry set why = 'other'"); err == nil || !strings.Contains(err.Error(), "never changed") {
		t.Errorf("got %v; want the trigger's refusal", err)
	}
	if _, err := raw.Exec("drop trigger entry_stays; update entry set why = 'other' where seq = 1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(t.Context()); err == nil || tributary.FixOf(err) == "" {
		t.Errorf("got %v; want a refusal with a fix", err)
	}
}

func TestHolds_seesALedgerThatWasReplaced(t *testing.T) {
	t.Parallel()
	l, _ := openTest(t)
	if head, err := l.Head(t.Context()); head != "" || err != nil {
		t.Fatalf("an empty ledger has the head %q, %v", head, err)
	}
	if err := l.Append(t.Context(), excused("A", "nil")); err != nil {
		t.Fatal(err)
	}
	head, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), excused("B", "nil")); err != nil {
		t.Fatal(err)
	}
	if err := l.Holds(t.Context(), head); err != nil {
		t.Error(err)
	}
	other, _ := openTest(t)
	if err := other.Holds(t.Context(), head); err == nil || tributary.FixOf(err) == "" {
		t.Errorf("got %v; want a refusal with a fix", err)
	}
}

func TestCopy_oneTableAKind(t *testing.T) {
	t.Parallel()
	l, _ := openTest(t)
	ctx := context.Background()
	before, err := l.Fingerprint(ctx, Read()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, excused("B", "nil"), excused("A", "excused")); err != nil {
		t.Fatal(err)
	}
	after, err := l.Fingerprint(ctx, Read()...)
	if err != nil || after == before {
		t.Errorf("a new fact left the fingerprint as it was: %v", err)
	}
	look := Entry{Kind: "audit", Who: "x", At: noon, Fields: map[string]string{"number": "1", "verb": "sql"}}
	if err := l.Append(ctx, look); err != nil {
		t.Fatal(err)
	}
	if again, _ := l.Fingerprint(ctx, Read()...); again != after {
		t.Error("a look at a record changed the fingerprint")
	}
	db, err := warehouse.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(ctx, "attach ':memory:' as fact"); err != nil {
		t.Fatal(err)
	}
	if err := l.Copy(ctx, db); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.Scan(ctx, "select string_agg(agency || '=' || state, ',') from fact.delivery_state", nil, &got); err != nil || got != "A=excused,B=nil" {
		t.Errorf("got %q, %v", got, err)
	}
}
