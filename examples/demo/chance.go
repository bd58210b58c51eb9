package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"tributary"
)

// chance is a seeded stream of random numbers. Each part of the area has its own, so that a change in
// one leaves the others as they were.
type chance struct{ *rand.Rand }

func stream(seed int64, part string) chance {
	h := fnv.New64a()
	h.Write([]byte(part))
	return chance{rand.New(rand.NewPCG(uint64(seed), h.Sum64()))}
}

// percent is true in p of 100 cases; p may have decimals.
func (c chance) percent(p float64) bool { return c.Float64()*100 < p }

// between returns a whole number from low to high, both possible.
func (c chance) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + c.IntN(high-low+1)
}

// days returns a day from first to last, both possible.
func (c chance) days(first, last day) day { return day(c.between(int(first), int(last))) }

// weighted returns an index with the chance of its weight.
func (c chance) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := c.IntN(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return len(weights) - 1
}

func pick[T any](c chance, from []T) T { return from[c.IntN(len(from))] }

func words(s string) []string { return strings.Fields(s) }

// day counts days since 1 January 1970; 0 is no day.
type day int

func date(year, month, d int) day {
	return day(time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func dayOf(t time.Time) day { return day(t.Unix() / 86400) }

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// in writes the day in a layout of package time; no day is the empty text.
func (d day) in(layout string) string {
	if d == 0 {
		return ""
	}
	return d.time().Format(layout)
}

func (d day) iso() string { return d.in("2006-01-02") }

// by returns the day if it is not after the other: what a file of that day can know.
func (d day) by(asOf day) day {
	if d > asOf {
		return 0
	}
	return d
}

// age returns whole years at a day.
func age(birth, at day) int {
	b, a := birth.time(), at.time()
	years := a.Year() - b.Year()
	if a.Month() < b.Month() || a.Month() == b.Month() && a.Day() < b.Day() {
		years--
	}
	return years
}

// quarters are the fiscal year of the demo.
func quarters() []tributary.Quarter {
	q := tributary.QuarterOf(date(2025, 4, 1).time())
	return []tributary.Quarter{q, q.Next(), q.Next().Next(), q.Next().Next().Next()}
}

// span is an interval of days; to 0 is open.
type span struct{ from, to day }

// touches says whether any day of the quarter lies in the span.
func (s span) touches(first, last day) bool {
	return s.from != 0 && s.from <= last && (s.to == 0 || s.to >= first)
}

func startOf(q tributary.Quarter) day { return dayOf(q.Start()) }
func endOf(q tributary.Quarter) day   { return dayOf(q.End()) }
