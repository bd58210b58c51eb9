package onboard

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tributary/pipelines"
)

// sheet is one sheet with its headings found and its columns counted.
type sheet struct {
	file, name string
	isArray    bool
	// headRows are the records that hold the headings; none where the format names its columns.
	headRows []int
	columns  []*column
	parent   []*column
	// sections are the lines of one cell that stand above groups of rows; totals the rows that sum up.
	sections []string
	totals   []int64
	rows     int
}

// column is one column: its heading and what it holds, each value once.
type column struct {
	index    int
	heading  string
	whole    string // with the words of the rows above, as mapping joins them
	words    words
	values   []valueCount
	filled   int
	longText float64
	// order is what its dates say of day and month.
	order  orders
	years  map[int]int
	shapes map[string]float64
}

// valueCount is a value and the rows that hold it.
type valueCount struct {
	text string
	n    int
}

// headLook is how many records are looked at to find the headings, as stage does.
const headLook = 25

// totalRow is how the first cell of a row that sums up begins; stage knows the same words.
var totalRow = regexp.MustCompile(`(?i)^\W*(?:grand |sub-?|sous-)?(?:totals?|totaux)\b|^\W*(?:record |row )?counts?\b|^\W*(?:nombre|nb) |^\W*(?:trailer|eof|end of (?:file|report|list|data)|fin (?:du|de la|de) )`)

var blank = regexp.MustCompile(`[\s\x{00a0}\x{feff}\x{200b}]+`)

func tidy(s string) string { return strings.TrimSpace(blank.ReplaceAllString(s, " ")) }

// readSheet finds the headings of a sheet and counts its columns; nil when it holds no table.
func (v *vocabulary) readSheet(file string, s *pipelines.SampleSheet) *sheet {
	out := &sheet{file: file, name: s.Name, isArray: s.IsArray}
	names, last := s.Headings, s.Headings
	if names == nil {
		if out.headRows = v.headingRows(s); out.headRows == nil {
			return nil
		}
		names, last = joined(s, out.headRows), joined(s, out.headRows[len(out.headRows)-1:])
	}
	for i, n := range names {
		// Of two columns with one heading a mapping reaches the first.
		if n = tidy(n); n == "" || slices.ContainsFunc(out.columns, func(c *column) bool { return strings.EqualFold(c.whole, n) || strings.EqualFold(c.heading, n) }) {
			continue
		}
		c := &column{index: i, heading: n, whole: n, words: v.words(n), shapes: map[string]float64{}, years: map[int]int{}}
		if l := tidy(last[i]); l != n && v.isKnown(l) && one(last, l) {
			// Where a group of columns ends cannot be seen, and stage finds these words alone too.
			c.heading, c.words = l, v.words(l)
		}
		out.columns = append(out.columns, c)
	}
	for i, n := range s.Parent {
		out.parent = append(out.parent, &column{index: i, heading: n, whole: n, words: v.words(n), shapes: map[string]float64{}, years: map[int]int{}})
	}
	if len(out.columns) < 2 && !s.IsArray {
		return nil
	}
	end := 0
	if len(out.headRows) > 0 {
		end = slices.Max(out.headRows)
	}
	counts := make([]map[string]int, len(out.columns))
	for i := range counts {
		counts[i] = map[string]int{}
	}
	for _, row := range s.Rows {
		if row.Number <= int64(end) && out.headRows != nil {
			continue
		}
		first, filled := "", 0
		for _, c := range row.Cells {
			if c = tidy(c); c != "" {
				if filled++; first == "" {
					first = c
				}
			}
		}
		switch {
		case filled == 0:
			continue
		case out.headRows != nil && filled <= max(3, len(row.Cells)/3) && totalRow.MatchString(plain(first)):
			out.totals = append(out.totals, row.Number)
			continue
		case out.headRows != nil && filled == 1 && len(row.Cells) >= 5 && len(first) < 60 && !strings.ContainsFunc(first, unicode.IsDigit):
			if !slices.Contains(out.sections, first) {
				out.sections = append(out.sections, first)
			}
			continue
		}
		out.rows++
		for i, c := range out.columns {
			if c.index < len(row.Cells) {
				if text := tidy(row.Cells[c.index]); text != "" && text != "null" {
					counts[i][text]++
				}
			}
		}
	}
	for i, c := range out.columns {
		c.count(counts[i])
	}
	return out
}

// one says that a heading stands once in its row.
func one(row []string, heading string) bool {
	n := 0
	for _, h := range row {
		if strings.EqualFold(tidy(h), heading) {
			n++
		}
	}
	return n == 1
}

func (c *column) count(counts map[string]int) {
	long := 0
	for text, n := range counts {
		c.values = append(c.values, valueCount{text, n})
		c.filled += n
		if len(text) > 40 && len(strings.Fields(text)) > 5 {
			long += n
		}
	}
	slices.SortFunc(c.values, func(a, b valueCount) int { return cmp.Or(b.n-a.n, strings.Compare(a.text, b.text)) })
	for _, x := range c.values {
		year, order := readDate(x.text)
		if year > 0 {
			c.years[year] += x.n
		}
		c.order = c.order.add(orders{order.First * x.n, order.Second * x.n, order.Either * x.n})
	}
	if c.filled > 0 {
		c.longText = float64(long) / float64(c.filled)
	}
}

// headingRows finds the record with the most short texts that headings are made of, and with it the
// record above where that names groups of columns.
func (v *vocabulary) headingRows(s *pipelines.SampleSheet) []int {
	best, at := 0.0, -1
	for i, row := range s.Rows {
		if row.Number > headLook {
			break
		}
		if score := v.headingScore(row.Cells); score > best {
			best, at = score, i
		}
	}
	if at < 0 || best < 3 {
		return nil
	}
	rows := []int{int(s.Rows[at].Number)}
	if at > 0 && v.isGroupRow(s.Rows[at-1].Cells, s.Rows[at].Cells) {
		rows = []int{int(s.Rows[at-1].Number), rows[0]}
	}
	return rows
}

func (v *vocabulary) headingScore(cells []string) float64 {
	score, seen := 0.0, map[string]bool{}
	for _, c := range cells {
		c = tidy(c)
		if c == "" {
			continue
		}
		digits := strings.Count(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '0'
			}
			return r
		}, c), "0")
		year, _ := readDate(c)
		if year > 0 || digits > 3 || emailShape.MatchString(c) || numberShape.MatchString(c) || len(c) > 60 || seen[c] {
			score -= 2
			continue
		}
		seen[c] = true
		score++
		if v.isKnown(c) {
			score += 1.5
		}
	}
	return score
}

// isKnown says that a text is a heading that some field goes by.
func (v *vocabulary) isKnown(text string) bool {
	w := v.words(text)
	return len(w) > 0 && slices.ContainsFunc(v.fields, func(f *field) bool { return f.names(w, nil) >= .9 })
}

// isGroupRow says that a record names groups of the columns below it: fewer cells, words only, most of
// them words of headings, and at least one that stands over several columns.
func (v *vocabulary) isGroupRow(above, below []string) bool {
	n, known, spans := 0, 0, false
	for i, c := range above {
		if c = tidy(c); c == "" {
			continue
		}
		if len(c) > 40 || strings.ContainsFunc(c, unicode.IsDigit) {
			return false
		}
		n++
		if slices.ContainsFunc(v.words(c), func(w string) bool { return slices.ContainsFunc(v.fields, func(f *field) bool { return f.has(w) }) }) {
			known++
		}
		if i+1 < len(above) && tidy(above[i+1]) == "" && i+1 < len(below) && tidy(below[i+1]) != "" && tidy(below[i]) != "" {
			spans = true
		}
	}
	return n >= 2 && spans && known*2 > n
}

func (f *field) has(word string) bool {
	return slices.ContainsFunc(f.phrases, func(p words) bool { return slices.Contains(p, word) })
}

// joined names the columns as mapping does: a cell of the upper row fills to the right.
func joined(s *pipelines.SampleSheet, rows []int) []string {
	var texts [][]string
	for _, n := range rows {
		for _, r := range s.Rows {
			if r.Number == int64(n) {
				texts = append(texts, r.Cells)
			}
		}
	}
	out := make([]string, s.Columns)
	for i, row := range texts {
		fill := ""
		for c := range out {
			text := ""
			if c < len(row) {
				text = tidy(row[c])
			}
			if i < len(texts)-1 {
				if text == "" {
					text = fill
				}
				fill = text
			}
			switch {
			case text == "":
			case out[c] == "":
				out[c] = text
			default:
				out[c] += "/" + text
			}
		}
	}
	return out
}

// share counts the values that have a shape.
func (c *column) share(name string, has func(string) bool) float64 {
	if s, done := c.shapes[name]; done || c.filled == 0 {
		return s
	}
	n := 0
	for _, x := range c.values {
		if has(x.text) {
			n += x.n
		}
	}
	c.shapes[name] = float64(n) / float64(c.filled)
	return c.shapes[name]
}

// distinct is the share of filled cells that hold a value of their own.
func (c *column) distinct() float64 {
	if c.filled == 0 {
		return 0
	}
	return float64(len(c.values)) / float64(c.filled)
}

// dates is the share of values that are dates.
func (c *column) dates() float64 {
	return c.share("date", func(v string) bool { y, _ := readDate(v); return y > 0 })
}
