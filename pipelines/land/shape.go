package land

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// shape is what the first part of a text tells about the whole.
type shape struct {
	encoding   string
	delimiter  byte
	loneReturn bool
	// isText says that the lines are no table.
	isText bool
	// columns is the width of the table; rows with fewer than least fields are short.
	columns, least int
	// trailing is how many empty fields more most records end with.
	trailing int
	gate     *gate
}

// noDelimiter is a byte that no UTF-8 text holds.
const noDelimiter = 0xc1

// sampleBytes is how much of a text is looked at before it is read.
const sampleBytes = 1 << 20

// detectShape looks at the first part of the file; isAll says that it is the whole file.
func (r *reading) detectShape(head []byte, isAll bool) (shape, error) {
	s := shape{encoding: encodingName(r.hint.Encoding)}
	if s.encoding == "" {
		s.encoding = detectEncoding(head)
	}
	text, err := io.ReadAll(decode(s.encoding, bytes.NewReader(head)))
	if err != nil {
		return s, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	s.loneReturn = bytes.IndexByte(text, '\n') < 0
	s.delimiter = delimiterByte(r.hint.Delimiter)
	ext := strings.ToLower(filepath.Ext(r.name))
	named := ext == ".csv" || ext == ".tsv" || r.hint.Format == "delimited" || s.delimiter != 0
	if s.delimiter == 0 {
		var ok bool
		s.delimiter, ok = detectDelimiter(text, s.loneReturn, isAll)
		s.isText = r.hint.Format == "text" || !ok && !named
	}
	if s.isText {
		s.delimiter, s.columns, s.least = noDelimiter, 1, 1
		s.gate = newGate(r.hint, "", []string{""}, nil)
		return s, nil
	}
	early, counts := sampleRecords(text, s.delimiter, s.loneReturn, isAll)
	s.gate = newGate(r.hint, "", nil, early[:min(len(early), max(earlyRows, maxHeading(r.hint.HeadingRows[""])))])
	if len(statedRows(r.hint, "")) == 0 && len(r.hint.FieldNames) > 0 {
		s.gate = newGate(r.hint, "", r.hint.FieldNames, nil)
	}
	s.columns, s.least = width(counts, int(s.gate.last))
	s.trailing = trailing(early, counts, int(s.gate.last), s.columns)
	s.gate.widen(s.columns)
	return s, nil
}

// trailing returns how many empty fields most records have past the last column. It takes more than
// one record: a single one may be a value that holds the delimiter.
func trailing(early [][]string, counts []int, heading, columns int) int {
	data := counts[min(heading, len(counts)):]
	fields, n, records := mode(data, 1)
	if fields <= columns || n < 2 || n*2 <= records {
		return 0
	}
	empty, all := 0, 0
	for _, row := range early[min(heading, len(early)):] {
		if len(row) != fields {
			continue
		}
		if all++; strings.Join(row[columns:], "") == "" {
			empty++
		}
	}
	if empty*2 <= all {
		return 0
	}
	return fields - columns
}

func maxHeading(rows []int) int {
	last := 0
	for _, r := range rows {
		last = max(last, r)
	}
	return last
}

// delimiterByte reads the hint: a character or its name.
func delimiterByte(hint string) byte {
	switch strings.ToLower(hint) {
	case "":
		return 0
	case "comma":
		return ','
	case "semicolon":
		return ';'
	case "tab", `\t`, "\t":
		return '\t'
	case "pipe":
		return '|'
	}
	return hint[0]
}

// detectDelimiter takes the character that cuts most records into the same number of fields; ok is
// false when none makes a table.
func detectDelimiter(text []byte, loneReturn, isAll bool) (best byte, ok bool) {
	best = ','
	most := 0.0
	for _, d := range []byte{',', ';', '\t', '|'} {
		_, counts := sampleRecords(text, d, loneReturn, isAll)
		fields, n, records := mode(counts, 2)
		if n == 0 {
			continue
		}
		share := float64(n) / float64(records)
		if score := share * share * float64(min(fields, 50)); score > most {
			// One line alone is a heading line only when it has several fields.
			isTable := share >= 0.6 && (n >= 2 || fields >= 4) && !isProse(text, d, fields)
			best, most, ok = d, score, isTable
		}
	}
	return best, ok
}

// isProse says that commas and semicolons stand as in sentences: few, and most before a space.
func isProse(text []byte, delimiter byte, fields int) bool {
	if fields > 3 || delimiter != ',' && delimiter != ';' {
		return false
	}
	return bytes.Count(text, []byte{delimiter, ' '})*2 > bytes.Count(text, []byte{delimiter})
}

// sampleRecords cuts up to 2,000 records of the sample; counts has the fields of each, 0 for a blank
// one.
func sampleRecords(text []byte, delimiter byte, loneReturn, isAll bool) (early [][]string, counts []int) {
	s := newSplitter(delimiter, loneReturn)
	for at := 0; at < len(text) && len(counts) < 2000; {
		next, how := s.next(text, at)
		if how == stray || how == inQuotes && isAll && bytes.IndexByte(text[at:], '\n') >= 0 {
			s.literal = true
			next, how = s.next(text, at)
			s.literal = false
		}
		if how != whole && !isAll && len(counts) > 0 {
			break
		}
		row := make([]string, len(s.fields))
		n := 0
		for i, f := range s.fields {
			if row[i] = string(f); !utf8.Valid(f) {
				row[i] = string(mend(f)) // as its rows will be: findings name headings
			}
			if len(f) > 0 {
				n = len(s.fields)
			}
		}
		if len(early) < 200 {
			early = append(early, row)
		}
		counts = append(counts, n)
		at = next
	}
	return early, counts
}

// mode returns the most frequent number of fields, of those that are at least least, how often it
// occurs, and the number of records that are not blank.
func mode(counts []int, least int) (fields, n, records int) {
	by := map[int]int{}
	for _, c := range counts {
		if c > 0 {
			records++
		}
		if c >= least {
			by[c]++
		}
	}
	for c, k := range by {
		if k > n || k == n && c > fields {
			fields, n = c, k
		}
	}
	return fields, n, records
}

// width settles the number of columns and the least number of fields of a good record, by the
// heading and by what most records have.
func width(counts []int, heading int) (columns, least int) {
	data := counts[min(heading, len(counts)):]
	fields, n, records := mode(data, 1)
	if heading < 1 || heading > len(counts) || counts[heading-1] == 0 {
		if fields == 0 {
			fields = 1
		}
		return fields, fields
	}
	under := counts[heading-1]
	if under*2 < fields {
		// The row that is said to be the heading is a title.
		return fields, fields
	}
	if records >= 10 && n*10 >= records*9 {
		return max(under, fields), min(under, fields)
	}
	return under, under
}
