package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// A wrong date order shows where the days beyond the twelfth stand: few dates prove it, and unproved,
// the others would be published with day and month swapped.
const (
	orderRows  = 5000 // records looked at
	orderDates = 10   // fewest dates that prove anything
	orderShare = 20   // a proof has more than one in so many that are impossible as stated
	orderTypos = 50   // and fewer than one in so many of these impossible the other way
)

// dateColumn is a landed column that is read as dates, and the order stated for it.
type dateColumn struct {
	index          int
	heading, order string
}

// dateCount counts the values of a column that are written 03/04/2025.
type dateCount struct {
	filled int64
	// A first number beyond twelve can only be a day, as can a second one.
	first, second, either int64
}

// checkDateOrder holds a file whose dates cannot be in the order that its mapping states.
func (s *stager) checkDateOrder(ctx context.Context, f *delivered) error {
	for _, ref := range f.sheets {
		tables := f.tablesOf(ref)
		if f.state != fileTaken || len(tables) == 0 || ref.sheet.Columns == 0 {
			continue
		}
		l, _ := f.layoutOf(ref, tables)
		columns := l.dateColumns(s.d)
		if len(columns) == 0 {
			continue
		}
		counts, err := s.countDates(ctx, ref, l, columns)
		if err != nil {
			return err
		}
		for i, c := range columns {
			if detail := counts[i].against(c.order); detail != "" {
				f.raiseIn(ref.sheet.Name, "date_order", tributary.Blocks, c.heading, fmt.Sprintf("%q: %s", c.heading, detail))
				f.state = fileHeld
			}
		}
	}
	return nil
}

// dateColumns lists the columns that tables read as dates in an order that the mapping states.
func (l *layout) dateColumns(d *dictionary) []dateColumn {
	var out []dateColumn
	for _, t := range l.tables {
		c := &compiler{l: l, t: t, d: d}
		for _, group := range append([]map[string]Column{t.Columns}, t.Each...) {
			for _, name := range sortedKeys(group) {
				col := group[name]
				if d.Columns[name].Type != "date" || len(col.From) == 0 || col.Take != "" || len(l.agency.codeMap(col)) > 0 || c.order(col) == "" {
					continue
				}
				index, parent, _, ok := l.resolve(col.From)
				if !ok || parent || slices.ContainsFunc(out, func(o dateColumn) bool { return o.index == index && o.order == c.order(col) }) {
					continue
				}
				out = append(out, dateColumn{index, c.heading(col), c.order(col)})
			}
		}
	}
	return out
}

func (s *stager) countDates(ctx context.Context, ref *sheetRef, l *layout, columns []dateColumn) ([]dateCount, error) {
	first := 0
	if len(l.headRows) > 0 {
		first = slices.Max(l.headRows)
	}
	// In the order year-month-day, 03/04/25 is a date of 2003; only four digits of a year prove anything.
	var list []string
	for i, c := range columns {
		list = append(list, fmt.Sprintf("{no: %d, words: trim(c%d), digits: %d}", i, c.index+1, map[bool]int{true: 4, false: 2}[c.order == "ymd"]))
	}
	out := make([]dateCount, len(columns))
	return out, s.db.Rows(ctx, fmt.Sprintf(`with said as (
			select unnest([%s], recursive := true) from read_parquet(%s) where _row > %d and _row <= %d),
		part as (
			select no, digits, case when substr(words, 2, 1) in ('/', '-', '.', ' ') or substr(words, 3, 1) in ('/', '-', '.', ' ')
				then regexp_extract(words, '^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: .*)?$', ['one', 'two', 'year']) end as p
			from said where words <> ''),
		number as (
			select no, case when length(p.year) >= digits then try_cast(p.one as integer) end as one, try_cast(p.two as integer) as two from part)
		select no, count(*), count(*) filter (one between 13 and 31 and two between 1 and 12),
			count(*) filter (two between 13 and 31 and one between 1 and 12), count(*) filter (one between 1 and 12 and two between 1 and 12)
		from number group by no`, strings.Join(list, ", "), warehouse.Text(ref.path), first, first+orderRows), nil, func(scan func(...any) error) error {
		var i int
		var n dateCount
		err := scan(&i, &n.filled, &n.first, &n.second, &n.either)
		out[i] = n
		return err
	})
}

// against says what speaks against an order; nothing when it may be right.
func (n dateCount) against(order string) string {
	dates := n.first + n.second + n.either
	bad, other, against := n.second, "mdy", n.first
	switch {
	case order == "mdy":
		bad, other, against = n.first, "dmy", n.second
	case order == "ymd" && n.second > n.first:
		bad, dates = dates, n.filled
	case order == "ymd":
		bad, dates, other, against = dates, n.filled, "dmy", n.second
	}
	if bad < 1 || n.first+n.second+n.either < orderDates || bad*orderShare <= dates || against*orderTypos > bad {
		return ""
	}
	return fmt.Sprintf("%d of %d dates are impossible in the order %s, and %d in the order %s; look at a few, then write date_order: %s", bad, dates, order, against, other, other)
}
