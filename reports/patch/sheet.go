package patch

import (
	"bytes"
	"io"
	"slices"
	"strconv"
)

const (
	lastRow    = 1 << 20
	lastColumn = 1 << 14
)

// place is a sheet cell by numbers that begin with 1.
type place struct{ row, column int }

func (a place) compare(b place) int {
	if a.row != b.row {
		return a.row - b.row
	}
	return a.column - b.column
}

func (a place) String() string { return letters(a.column) + strconv.Itoa(a.row) }

func letters(column int) string {
	var b []byte
	for ; column > 0; column = (column - 1) / 26 {
		b = append(b, byte('A'+(column-1)%26))
	}
	slices.Reverse(b)
	return string(b)
}

// parsePlace reads B12, and $B$12 too; false is anything else.
func parsePlace[T string | []byte](s T) (place, bool) {
	var p place
	i := 0
	if i < len(s) && s[i] == '$' {
		i++
	}
	start := i
	for ; i < len(s) && i < start+3; i++ {
		c := s[i] &^ 0x20
		if c < 'A' || c > 'Z' || s[i] < 'A' {
			break
		}
		p.column = p.column*26 + int(c-'A') + 1
	}
	if i == start {
		return place{}, false
	}
	if i < len(s) && s[i] == '$' {
		i++
	}
	if i == len(s) || s[i] == '0' || len(s)-i > 7 {
		return place{}, false
	}
	for ; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return place{}, false
		}
		p.row = p.row*10 + int(s[i]-'0')
	}
	return p, p.row <= lastRow && p.column <= lastColumn
}

// area is a range of sheet cells, both corners in it.
type area struct{ from, to place }

func (a area) holds(p place) bool {
	return p.row >= a.from.row && p.row <= a.to.row && p.column >= a.from.column && p.column <= a.to.column
}

func (a area) String() string {
	if a.from == a.to {
		return a.from.String()
	}
	return a.from.String() + ":" + a.to.String()
}

// parseArea reads B2:C9 or B2.
func parseArea[T string | []byte](s T) (area, bool) {
	first, second := s, s
	for i := range len(s) {
		if s[i] == ':' {
			first, second = s[:i], s[i+1:]
			break
		}
	}
	a, okA := parsePlace(first)
	b, okB := parsePlace(second)
	return area{place{min(a.row, b.row), min(a.column, b.column)}, place{max(a.row, b.row), max(a.column, b.column)}}, okA && okB
}

// sheetReader walks over a worksheet and says which cell a token belongs to.
type sheetReader struct {
	*scanner
	prefix string
	// name is the tag's name without the sheet's own prefix; nil for text and foreign elements.
	name []byte
	// child counts the children of the root that have begun; in says which of them is open.
	child int
	in    string
	place
	// disorder is the first place that does not come after the one before it.
	disorder place
}

func newSheetReader(r io.Reader, part string) *sheetReader {
	return &sheetReader{scanner: newScanner(r, part)}
}

func (s *sheetReader) next() bool {
	s.name = nil
	if !s.scanner.next() {
		return false
	}
	if s.kind != open && s.kind != empty && s.kind != closing {
		return true
	}
	name := tagName(s.raw)
	if s.level == 1 && s.kind != closing {
		s.prefix = string(name[:bytes.IndexByte(name, ':')+1])
	}
	if len(s.prefix) == 0 {
		if bytes.IndexByte(name, ':') >= 0 {
			name = nil
		}
	} else if bytes.HasPrefix(name, []byte(s.prefix)) {
		name = name[len(s.prefix):]
	} else {
		name = nil
	}
	s.name = name
	if s.level == 1 {
		if string(name) != "worksheet" {
			s.err = damaged("%s is not a worksheet", s.part)
			return false
		}
		return true
	}
	if s.kind == closing {
		return true
	}
	switch {
	case s.level == 2:
		s.child++
		s.in = string(name)
	case s.in != "sheetData":
	case s.level == 3 && string(name) == "row":
		return s.beginRow()
	case s.level == 4 && string(name) == "c":
		return s.beginCell()
	}
	return true
}

func (s *sheetReader) beginRow() bool {
	before := s.row
	s.row, s.column = before+1, 0
	if a, ok := find(s.raw, "r"); ok {
		n, err := strconv.Atoi(string(a.value))
		if err != nil || n < 1 || n > lastRow {
			s.err = damaged("%s has a row without a number at byte %d", s.part, s.at)
			return false
		}
		s.row = n
	}
	if s.row <= before && s.disorder.row == 0 {
		s.disorder = place{s.row, 1}
	}
	if s.row > lastRow {
		s.err = damaged("%s has too many rows", s.part)
	}
	return s.err == nil
}

func (s *sheetReader) beginCell() bool {
	before := s.column
	s.column++
	if a, ok := find(s.raw, "r"); ok {
		p, ok := parsePlace(a.value)
		if !ok || p.row != s.row {
			s.err = damaged("%s has a cell without a place at byte %d", s.part, s.at)
			return false
		}
		s.column = p.column
	}
	if s.column <= before && s.disorder.row == 0 {
		s.disorder = s.place
	}
	if s.column > lastColumn {
		s.err = damaged("%s has too many columns", s.part)
	}
	return s.err == nil
}

// is says whether the tag at hand begins the element.
func (s *sheetReader) begins(name string, level int) bool {
	return s.level == level && (s.kind == open || s.kind == empty) && string(s.name) == name
}

// inCells says whether the token at hand stands in the table of cells.
func (s *sheetReader) inCells() bool { return s.in == "sheetData" }
