package tributary_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tributary"
)

func TestParseQuarter(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q4")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s %s %s %s %d %s", q, q.Start().Format(time.DateOnly), q.End().Format(time.DateOnly), q.Next(), q.Prev(), q.Number(), q.FiscalYear())
	if want := "2025-26Q4 2026-01-01 2026-03-31 2026-27Q1 2025-26Q3 4 2025-26"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := q.Name("en") + " " + q.Name("fr"); got != "2025-26Q4 T4 2025-2026" {
		t.Errorf("people read %s", got)
	}
	for _, bad := range []string{"", "2025Q1", "2025-27Q1", "2025-26Q5", "2025-26q1", " 2025-26Q1", "2025-26Q1 "} {
		if _, err := tributary.ParseQuarter(bad); err == nil || tributary.FixOf(err) == "" {
			t.Errorf("%q: got %v; want an error with a fix", bad, err)
		}
	}
}

func TestQuarterOf_fiscalYearBeginsInApril(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2025-03-31": "2024-25Q4", "2025-04-01": "2025-26Q1", "2025-06-30": "2025-26Q1", "2025-12-31": "2025-26Q3",
		"1999-12-31": "1999-00Q3", "2000-01-01": "1999-00Q4",
	} {
		at, _ := time.Parse(time.DateOnly, day)
		if got := tributary.QuarterOf(at).String(); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
}

func FuzzParseQuarter(f *testing.F) {
	f.Add("2025-26Q2")
	f.Add("1999-00Q4")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := tributary.ParseQuarter(text)
		if err != nil {
			return
		}
		if q.String() != text || q.Next().Prev() != q || q.Compare(q.Next()) != -1 || tributary.QuarterOf(q.End()) != q {
			t.Errorf("%q reads as %s", text, q)
		}
	})
}

func TestAddress_readsLikeASentence(t *testing.T) {
	t.Parallel()
	q, _ := tributary.ParseQuarter("2025-26Q1")
	a := tributary.Address{Agency: "LCTC", Quarter: q, File: "a.zip/b.xlsx", Version: 2, Sheet: "Clients", Row: 327, Path: "caregivers[0]"}
	if got, want := a.String(), "LCTC 2025-26Q1 a.zip/b.xlsx (version 2)#Clients row 327 caregivers[0]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	text, err := json.Marshal(tributary.Address{Agency: "A", Quarter: q})
	if err != nil || string(text) != `{"agency":"A","quarter":"2025-26Q1"}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestFixOf_findsTheOutermostRemedy(t *testing.T) {
	t.Parallel()
	inner := tributary.Fix(errors.New("gone"), "look below")
	outer := tributary.Fix(fmt.Errorf("open it: %w", inner), "look above")
	for err, want := range map[error]string{inner: "look below", outer: "look above", fmt.Errorf("x: %w", inner): "look below", errors.New("x"): ""} {
		if got := tributary.FixOf(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
	if tributary.Fix(nil, "x") != nil {
		t.Error("no error became one")
	}
}

func TestPrivate_printsNowhere(t *testing.T) {
	t.Parallel()
	name := tributary.Private("Zoé")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("met", "who", name)
	text, err := json.Marshal(map[string]any{"who": name})
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{log.String(), string(text), fmt.Sprintf("%s %v %+v %#v", name, name, name, name)} {
		if strings.Contains(printed, "Zo") || !strings.Contains(printed, "[private]") {
			t.Errorf("printed %s", printed)
		}
	}
}
