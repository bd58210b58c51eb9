// Package calendar says which days are working days in Ontario, when a delivery is due, and which
// scheduled times have come.
//
// Takes quarters, days, schedules and the present moment; leaves days and moments; never reads a
// clock, a file or the ledger.
package calendar

import (
	"time"
	_ "time/tzdata" // schedules are in Toronto's time on machines without a time zone database too

	"tributary"
)

// Zone is the time in which schedules are written and days begin.
const Zone = "America/Toronto"

// Toronto returns the location of Zone.
func Toronto() *time.Location {
	at, err := time.LoadLocation(Zone)
	if err != nil { // the database is part of the program
		return time.UTC
	}
	return at
}

// Day returns the day that a moment is in Toronto, at midnight UTC, as quarters write their days.
func Day(at time.Time) time.Time {
	y, m, d := at.In(Toronto()).Date()
	return date(y, m, d)
}

// Holiday is a public holiday of the Employment Standards Act, 2000, on the day on which it is kept.
type Holiday struct {
	Name string
	On   time.Time
}

// Holidays returns Ontario's nine public holidays of a calendar year in order. New Year's Day, Canada Day
// and Christmas that fall on a weekend are kept on the following Monday, and Boxing Day on the first working
// day after Christmas is kept (derived; an agreement may name other days).
func Holidays(year int) []Holiday {
	christmas := monday(date(year, time.December, 25))
	return []Holiday{
		{"New Year's Day", monday(date(year, time.January, 1))},
		{"Family Day", nthMonday(year, time.February, 3)},
		{"Good Friday", easter(year).AddDate(0, 0, -2)},
		{"Victoria Day", mondayBefore(date(year, time.May, 25))},
		{"Canada Day", monday(date(year, time.July, 1))},
		{"Labour Day", nthMonday(year, time.September, 1)},
		{"Thanksgiving Day", nthMonday(year, time.October, 2)},
		{"Christmas Day", christmas},
		{"Boxing Day", monday(christmas.AddDate(0, 0, 1))},
	}
}

// IsWorking says that a day is neither a weekend nor a holiday.
func IsWorking(day time.Time) bool {
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		return false
	}
	for _, h := range Holidays(day.Year()) {
		if y, m, d := day.Date(); h.On.Equal(date(y, m, d)) {
			return false
		}
	}
	return true
}

// Due returns the day on which a quarter's delivery is due: so many days after its end, or the next
// working day.
func Due(q tributary.Quarter, days int) time.Time {
	day := q.End().AddDate(0, 0, days)
	for !IsWorking(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// Reminder returns the day so many working days before a due day.
func Reminder(due time.Time, days int) time.Time {
	for days > 0 {
		due = due.AddDate(0, 0, -1)
		if IsWorking(due) {
			days--
		}
	}
	return due
}

// Waiting is the state of a delivery of which nothing has come and nobody said anything: not_due while the
// quarter lasts, then expected, and late after its due day.
func Waiting(today time.Time, q tributary.Quarter, due time.Time) (state string, isLate bool) {
	if today.Before(q.End().AddDate(0, 0, 1)) {
		return "not_due", false
	}
	return "expected", !today.Before(due.AddDate(0, 0, 1))
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// monday moves a weekend's day to Monday.
func monday(day time.Time) time.Time {
	switch day.Weekday() {
	case time.Saturday:
		return day.AddDate(0, 0, 2)
	case time.Sunday:
		return day.AddDate(0, 0, 1)
	}
	return day
}

func nthMonday(year int, m time.Month, n int) time.Time { return mondayBefore(date(year, m, 7*n+1)) }

func mondayBefore(day time.Time) time.Time {
	return day.AddDate(0, 0, -1-(int(day.Weekday())+5)%7)
}

// easter is Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, time.Month(n/31), n%31+1)
}
