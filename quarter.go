// Package tributary holds the nouns that every part of the program shares: quarters, addresses,
// findings, errors that say what to do, and private text.
//
// Takes nothing of ours; leaves plain values; never reads a file, the environment or the clock.
package tributary

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Quarter is a quarter of Ontario's fiscal year, which begins on 1 April. The zero value is no
// quarter. It is written 2025-26Q2 everywhere: the year pair is there so that nobody reads it as a
// calendar quarter.
type Quarter struct {
	year int // calendar year in which the fiscal year begins
	q    int // 1 to 4
}

var quarterText = regexp.MustCompile(`^(\d{4})-(\d{2})Q([1-4])$`)

// ParseQuarter reads the form 2025-26Q2.
func ParseQuarter(s string) (Quarter, error) {
	m := quarterText.FindStringSubmatch(s)
	if m == nil {
		return Quarter{}, Fix(fmt.Errorf("quarter %q: not of the form 2025-26Q2", s),
			"write the fiscal year and the quarter, as in 2025-26Q2 for July to September 2025")
	}
	year, _ := strconv.Atoi(m[1])
	next, _ := strconv.Atoi(m[2])
	q, _ := strconv.Atoi(m[3])
	if (year+1)%100 != next {
		return Quarter{}, Fix(fmt.Errorf("quarter %q: %02d does not follow %d", s, next, year),
			fmt.Sprintf("write %04d-%02dQ%d", year, (year+1)%100, q))
	}
	return Quarter{year, q}, nil
}

// QuarterOf returns the quarter that holds the day.
func QuarterOf(day time.Time) Quarter {
	month := int(day.Month())
	if month < 4 {
		return Quarter{day.Year() - 1, 4}
	}
	return Quarter{day.Year(), (month-4)/3 + 1}
}

func (q Quarter) IsZero() bool { return q.q == 0 }

func (q Quarter) String() string {
	if q.IsZero() {
		return ""
	}
	return fmt.Sprintf("%sQ%d", q.FiscalYear(), q.q)
}

// Name writes the quarter as people of a language read it: 2025-26Q2, in French T2 2025-2026.
func (q Quarter) Name(lang string) string {
	if lang != "fr" {
		return q.String()
	}
	return fmt.Sprintf("T%d %d-%d", q.q, q.year, q.year+1)
}

// FiscalYear returns the year pair, as in 2025-26.
func (q Quarter) FiscalYear() string {
	return fmt.Sprintf("%04d-%02d", q.year, (q.year+1)%100)
}

// Number returns 1 to 4.
func (q Quarter) Number() int { return q.q }

// Start returns the first day of the quarter, at midnight UTC.
func (q Quarter) Start() time.Time {
	return time.Date(q.year, time.Month(3*q.q+1), 1, 0, 0, 0, 0, time.UTC)
}

// End returns the last day of the quarter, at midnight UTC.
func (q Quarter) End() time.Time { return q.Start().AddDate(0, 3, -1) }

// Next returns the quarter that follows.
func (q Quarter) Next() Quarter { return q.add(1) }

// Prev returns the quarter before.
func (q Quarter) Prev() Quarter { return q.add(-1) }

func (q Quarter) add(n int) Quarter {
	i := q.year*4 + q.q - 1 + n
	return Quarter{i / 4, i%4 + 1}
}

// Compare orders quarters by time: -1, 0 or 1.
func (q Quarter) Compare(o Quarter) int {
	a, b := q.year*4+q.q, o.year*4+o.q
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// MarshalText writes the form 2025-26Q2; the zero quarter is the empty text.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (q *Quarter) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*q = Quarter{}
		return nil
	}
	parsed, err := ParseQuarter(string(text))
	*q = parsed
	return err
}
