package mapping

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

func TestArrivals_eachDayAndEachReplacement(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	a := &Agency{Code: "FCMH", Files: map[string]FileRule{"clients": {Name: []string{"clients*.csv"}}, "services": {Name: []string{"services.csv"}}}}
	file := func(name string, version, day int) tributary.File {
		return tributary.File{Agency: "FCMH", Quarter: q, Name: name, Version: version, ReceivedAt: time.Date(2025, 10, day, 9, 0, 0, 0, time.UTC)}
	}
	got, err := Arrivals(a, []tributary.File{file("services.csv", 2, 20), file("clients_v2.csv", 1, 5), file("clients.csv", 1, 5), file("services.csv", 1, 5), file("notes.txt", 1, 20)})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, state := range got {
		var names []string
		for _, f := range state {
			names = append(names, f.Name)
		}
		said = append(said, strings.Join(names, " "))
	}
	want := []string{
		"clients.csv services.csv",
		"clients.csv clients_v2.csv services.csv",
		"clients.csv clients_v2.csv services.csv notes.txt services.csv",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDelivery_isLateByTheDayInToronto(t *testing.T) {
	t.Parallel()
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	a := &Agency{Code: "FCMH"} // due on 20 October
	for text, want := range map[string]bool{"2025-10-21T03:59:00Z": false, "2025-10-21T04:00:00Z": true} {
		came, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		early := &delivered{File: tributary.File{Agency: "OAK", Quarter: q, ReceivedAt: came.AddDate(0, -1, 0)}}
		s := &stager{in: Input{DueDays: 20}, files: []*delivered{early, {File: tributary.File{Agency: "FCMH", Quarter: q, ReceivedAt: came}, state: fileTaken}}}
		if got := s.delivery(a, q, "", false); got.isLate != want {
			t.Errorf("came at %s: late %v, due on %s", text, got.isLate, got.dueOn)
		}
	}
}
