package calendar

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

// The days on which the province kept them.
func TestHolidays(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{
		2022: "01-03 02-21 04-15 05-23 07-01 09-05 10-10 12-26 12-27",
		2025: "01-01 02-17 04-18 05-19 07-01 09-01 10-13 12-25 12-26",
		2026: "01-01 02-16 04-03 05-18 07-01 09-07 10-12 12-25 12-28",
		2027: "01-01 02-15 03-26 05-24 07-01 09-06 10-11 12-27 12-28",
		2028: "01-03 02-21 04-14 05-22 07-03 09-04 10-09 12-25 12-26",
	} {
		var got []string
		for _, h := range Holidays(year) {
			got = append(got, h.On.Format("01-02"))
		}
		if diff := cmp.Diff(strings.Join(got, " "), want); diff != "" {
			t.Errorf("%d (-got +want):\n%s", year, diff)
		}
	}
}

func TestDue_movesToTheNextWorkingDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quarter string
		days    int
		want    string
	}{
		{"2025-26Q1", 15, "2025-07-15"},
		{"2025-26Q1", 1, "2025-07-02"},  // Canada Day
		{"2025-26Q2", 12, "2025-10-14"}, // a Sunday before Thanksgiving
		{"2024-25Q4", 18, "2025-04-21"}, // Good Friday; Easter Monday is a working day
		{"2027-28Q3", 1, "2028-01-04"},  // New Year's Day on a Saturday is kept on Monday
	} {
		q, err := tributary.ParseQuarter(c.quarter)
		if err != nil {
			t.Fatal(err)
		}
		if got := Due(q, c.days).Format(time.DateOnly); got != c.want {
			t.Errorf("%s + %d: got %s, want %s", c.quarter, c.days, got, c.want)
		}
	}
	if got := Reminder(date(2025, 10, 14), 2).Format(time.DateOnly); got != "2025-10-09" {
		t.Errorf("two working days before: got %s", got)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	q, _ := tributary.ParseQuarter("2025-26Q1")
	for day, want := range map[string]string{"2025-06-30": "not_due false", "2025-07-01": "expected false", "2025-07-15": "expected false", "2025-07-16": "expected true"} {
		at, _ := time.Parse(time.DateOnly, day)
		state, isLate := Waiting(at, q, Due(q, 15))
		if got := fmt.Sprint(state, " ", isLate); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
}

func TestParseSchedule_saysWhatToWrite(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "daily", "@daily", "61 6 * * *", "0 6 30 2 *", "CRON_TZ=UTC 0 6 * * *"} {
		if _, err := ParseSchedule(text); err == nil || tributary.FixOf(err) == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Over both days on which the clocks move, each time comes once a day, in fake time.
func TestNext_overBothClockChanges(t *testing.T) {
	for _, c := range []struct{ name, spec, from, want string }{
		{"spring, skipped", "30 2 * * *", "2026-03-07T12:00:00-05:00", "03-08 03:00 EDT, 03-09 02:30 EDT, 03-10 02:30 EDT"},
		{"spring, every hour", "0 * * * *", "2026-03-08T00:30:00-05:00", "03-08 01:00 EST, 03-08 03:00 EDT, 03-08 04:00 EDT"},
		{"autumn, shown twice", "30 1 * * *", "2026-10-31T12:00:00-04:00", "11-01 01:30 EDT, 11-02 01:30 EST, 11-03 01:30 EST"},
		{"autumn, every hour", "0 * * * *", "2026-11-01T00:30:00-04:00", "11-01 01:00 EDT, 11-01 02:00 EST, 11-01 03:00 EST"},
		{"weekdays", "0 6 * * 1-5", "2026-10-30T12:00:00-04:00", "11-02 06:00 EST, 11-03 06:00 EST, 11-04 06:00 EST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := ParseSchedule(c.spec)
				if err != nil {
					t.Fatal(err)
				}
				from, err := time.Parse(time.RFC3339, c.from)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(from))
				var got []string
				last := Attempt{At: time.Now()}
				for len(got) < 3 {
					time.Sleep(time.Until(NextTry(time.Now(), s, last)))
					last.At = time.Now()
					got = append(got, last.At.In(Toronto()).Format("01-02 15:04 MST"))
				}
				if diff := cmp.Diff(strings.Join(got, ", "), c.want); diff != "" {
					t.Errorf("(-got +want):\n%s", diff)
				}
			})
		})
	}
}

func TestNextTry(t *testing.T) {
	t.Parallel()
	s, err := ParseSchedule("0 6 * * *")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 7, 20, 14, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		last Attempt
		want string
	}{
		"never tried":              {Attempt{}, "07-20 14:00"},
		"tried this morning":       {Attempt{At: now.Add(-3 * time.Hour)}, "07-21 10:00"},
		"down for a week: is over": {Attempt{At: now.AddDate(0, 0, -7)}, "07-14 10:00"},
		"clock moved back":         {Attempt{At: now.AddDate(4, 0, 0)}, "07-20 14:00"},
		"failed once":              {Attempt{At: now, Failures: 1}, "07-20 14:05"},
		"failed three times":       {Attempt{At: now, Failures: 3}, "07-20 14:20"},
		"failed often":             {Attempt{At: now, Failures: 60}, "07-20 18:00"},
	} {
		if got := NextTry(now, s, c.last).UTC().Format("01-02 15:04"); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
