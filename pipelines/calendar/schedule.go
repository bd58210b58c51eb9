package calendar

import (
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"tributary"
)

// Schedule is a time that comes again and again, on Toronto's clocks.
type Schedule struct{ spec *cron.SpecSchedule }

// ParseSchedule reads the five words of cron: minute, hour, day of the month, month, day of the week.
func ParseSchedule(text string) (Schedule, error) {
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	spec, ok := parsed.(*cron.SpecSchedule)
	switch {
	case err != nil:
	case !ok || spec.Location != time.Local:
		err = errors.New("names a time zone; it is always " + Zone)
	default:
		spec.Location = time.UTC
		if spec.Next(date(2026, 1, 1)).IsZero() {
			err = errors.New("never comes")
		}
	}
	if err != nil {
		return Schedule{}, tributary.Fix(fmt.Errorf("schedule %q: %w", text, err),
			`write minute, hour, day, month and weekday, as in "30 6 * * 1-5" for half past six from Monday to Friday`)
	}
	return Schedule{spec}, nil
}

// Next is the first time of the schedule after a moment. Each time that clocks show comes once a day: one
// that is skipped in spring comes as the clocks move, one that is shown twice in autumn comes the first time.
func (s Schedule) Next(after time.Time) time.Time {
	shown := after.In(Toronto())
	y, m, d := shown.Date()
	// The search begins early: around a change, the clocks show times that lie an hour off.
	at := time.Date(y, m, d, shown.Hour(), shown.Minute(), shown.Second(), 0, time.UTC).Add(-2 * time.Hour)
	for {
		at = s.spec.Next(at)
		if next := moment(at); next.After(after) {
			return next
		}
	}
}

// moment is the first one at which Toronto's clocks show a time, or move past it.
func moment(shown time.Time) time.Time {
	y, m, d := shown.Date()
	at := time.Date(y, m, d, shown.Hour(), shown.Minute(), 0, 0, Toronto())
	if at.Hour() != shown.Hour() || at.Minute() != shown.Minute() {
		begin, end := at.ZoneBounds()
		if at.Sub(begin) < end.Sub(at) {
			return begin
		}
		return end
	}
	if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() {
		return earlier
	}
	return at
}

// Attempt is what is remembered of the last try of something scheduled. Losing it costs one try too many.
type Attempt struct {
	At time.Time `json:"at"`
	// Failures counts the tries in a row that failed.
	Failures int `json:"failures,omitempty"`
}

// Waits between tries that failed: they double from the first to the longest (settings of ours).
const (
	firstWait   = 5 * time.Minute
	longestWait = 4 * time.Hour
)

// NextTry is when something scheduled is to be tried: at once when it never was, or when its last try lies in
// the future (the clock was moved back); after a failure sooner than the schedule says. What was missed while
// nothing ran comes once.
func NextTry(now time.Time, s Schedule, last Attempt) time.Time {
	if last.At.IsZero() || last.At.After(now) {
		return now
	}
	next := s.Next(last.At)
	if last.Failures > 0 {
		wait := longestWait
		if last.Failures < 8 {
			wait = min(longestWait, firstWait<<(last.Failures-1))
		}
		if again := last.At.Add(wait); again.Before(next) {
			return again
		}
	}
	return next
}
