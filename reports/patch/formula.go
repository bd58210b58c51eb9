package patch

import (
	"strings"
)

const (
	// maxFormulas and maxFormula bound what is gathered of a sheet; Excel's own formulas end at 8,192
	// characters.
	maxFormulas = 500_000
	maxFormula  = 32 << 10
	// maxSteps bounds the search for dependents. Past it all formulas count as dependents.
	maxSteps = 100_000_000
)

// formula is one formula of a sheet.
type formula struct {
	place
	kind, shared, text string
	// covers are the cells that show its result.
	covers area
}

// corner is one corner of a reference; what is fixed does not move with a shared formula.
type corner struct {
	place
	isRowFixed, isColumnFixed bool
}

// reference is a range that a formula reads, on the sheets from first to last.
type reference struct {
	first, last int
	from, to    corner
}

// at is the reference's range for a formula that stands so far from where it was written.
func (r reference) at(by place) (area, bool) {
	move := func(c corner) place {
		p := c.place
		if !c.isRowFixed {
			p.row += by.row
		}
		if !c.isColumnFixed {
			p.column += by.column
		}
		return p
	}
	a, b := move(r.from), move(r.to)
	out := area{place{min(a.row, b.row), min(a.column, b.column)}, place{max(a.row, b.row), max(a.column, b.column)}}
	return out, out.from.row >= 1 && out.from.column >= 1 && out.to.row <= lastRow && out.to.column <= lastColumn
}

// reader reads formulas for their references. What it does not understand it says so of: such a
// formula may depend on anything.
type reader struct {
	sheets map[string]int
	// names are the texts of defined names, by sheet and name in small letters; sheet -1 is all.
	names map[definedName]string
	known map[definedName]meaning
}

type definedName struct {
	sheet int
	name  string
}

type meaning struct {
	references []reference
	isKnown    bool
}

func newReader(b *Book, book *tree) *reader {
	r := &reader{sheets: map[string]int{}, names: map[definedName]string{}, known: map[definedName]meaning{}}
	for _, s := range b.sheets {
		r.sheets[strings.ToLower(s.name)] = s.index
	}
	for _, n := range book.root.child("definedNames").children("definedName") {
		sheet := -1
		if id := book.attr(n, "localSheetId"); id != "" {
			sheet = int(number(id))
		}
		r.names[definedName{sheet, strings.ToLower(book.attr(n, "name"))}] = book.text(n)
	}
	return r
}

func number(s string) int64 {
	n := int64(0)
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 1<<40 {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// blind are the functions that read other cells than those that stand in the formula.
var blind = map[string]bool{"INDIRECT": true, "OFFSET": true, "SUMIF": true, "AVERAGEIF": true, "EVALUATE": true}

// read returns the references of a formula on a sheet; home is -1 within a name, where every
// reference must say its sheet and be fixed.
func (r *reader) read(text string, home int) (refs []reference, isKnown bool) {
	l := &lexer{reader: r, s: text, home: home}
	for l.i < len(l.s) {
		if !l.step() {
			return nil, false
		}
	}
	return l.refs, true
}

type lexer struct {
	*reader
	s    string
	i    int
	home int
	refs []reference
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '\\' || c == '$' || c == '?' || c >= 0x80
}

// peek is the byte at hand, 0 at the end.
func (l *lexer) peek() byte {
	if l.i < len(l.s) {
		return l.s[l.i]
	}
	return 0
}

func (l *lexer) word() string {
	start := l.i
	for l.i < len(l.s) && isWord(l.s[l.i]) {
		l.i++
	}
	return l.s[start:l.i]
}

// quoted reads text in quotes, where two of them stand for one.
func (l *lexer) quoted(quote byte) (string, bool) {
	var out strings.Builder
	for l.i++; l.i < len(l.s); l.i++ {
		if l.s[l.i] != quote {
			out.WriteByte(l.s[l.i])
			continue
		}
		l.i++
		if l.peek() != quote {
			return out.String(), true
		}
		out.WriteByte(quote)
	}
	return "", false
}

// step reads one part of the formula. False is one that it does not understand.
func (l *lexer) step() bool {
	switch c := l.peek(); {
	case c == '"':
		_, ok := l.quoted('"')
		return ok
	case c == '\'':
		name, ok := l.quoted('\'')
		if !ok || l.peek() != '!' {
			return false
		}
		l.i++
		return l.onSheet(name)
	case c == '[', c == ':':
		// A table's column, another workbook, or a range between what is more than two cells.
		return false
	case c == '#':
		l.i++
		for l.i < len(l.s) && (isWord(l.s[l.i]) || l.s[l.i] == '/' || l.s[l.i] == '!') {
			l.i++
		}
		return true
	case c >= '0' && c <= '9' || c == '.':
		return l.amount()
	case isWord(c):
		return l.operand(l.home, l.home)
	}
	l.i++
	return true
}

// amount reads a number, or rows such as 1:5.
func (l *lexer) amount() bool {
	start := l.i
	for l.i < len(l.s) && (l.s[l.i] >= '0' && l.s[l.i] <= '9' || l.s[l.i] == '.') {
		l.i++
	}
	if l.peek() == ':' {
		l.i = start
		return l.operand(l.home, l.home)
	}
	if c := l.peek(); c == 'E' || c == 'e' {
		l.i++
		if c := l.peek(); c == '+' || c == '-' {
			l.i++
		}
		l.word()
	}
	return true
}

// onSheet reads what stands after the name of a sheet, or of a first and a last one.
func (l *lexer) onSheet(name string) bool {
	first, last, isRange := strings.Cut(name, ":")
	if !isRange {
		last = first
	}
	a, okA := l.sheets[strings.ToLower(first)]
	b, okB := l.sheets[strings.ToLower(last)]
	return okA && okB && l.operand(min(a, b), max(a, b))
}

// operand reads a reference, name or function; first and last are the sheets it stands on.
func (l *lexer) operand(first, last int) bool {
	word := l.word()
	switch l.peek() {
	case '(':
		word = strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(word), "_XLFN."), "_XLWS.")
		return !blind[word]
	case '!':
		l.i++
		return l.onSheet(word)
	case '[':
		return false
	case ':':
		l.i++
		second := l.word()
		if l.peek() == '!' {
			l.i++
			return l.onSheet(word + ":" + second)
		}
		from, okA := asCorner(word, true)
		to, okB := asCorner(second, false)
		isLike := okA && okB && (from.row == 0) == (to.row == lastRow && !hasDigit(second)) && (from.column == 0) == (to.column == lastColumn && !hasLetter(second))
		if !isLike || l.peek() == '(' || l.peek() == '[' {
			return false
		}
		return l.add(reference{first, last, from, to})
	}
	if c, ok := asCorner(word, true); ok && c.row > 0 && c.column > 0 {
		return l.add(reference{first, last, c, c})
	}
	switch strings.ToUpper(word) {
	case "TRUE", "FALSE":
		return true
	}
	return l.name(first, word)
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }
func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
}

// asCorner reads B2, B (all rows) or 2 (all columns). What is left out is 0 in a first corner and the
// last in a second one.
func asCorner(s string, isFirst bool) (corner, bool) {
	var c corner
	if p, ok := parsePlace(s); ok {
		c.place = p
		c.isColumnFixed = s[0] == '$'
		c.isRowFixed = strings.LastIndexByte(s, '$') > 0
		return c, true
	}
	bare := strings.TrimPrefix(s, "$")
	if hasDigit(bare) {
		n := number(bare)
		c = corner{place{int(n), 0}, bare != s, true}
		if !isFirst {
			c.column = lastColumn
		}
		return c, n >= 1 && n <= lastRow
	}
	p, ok := parsePlace(bare + "1")
	c = corner{place{0, p.column}, true, bare != s}
	if !isFirst {
		c.row = lastRow
	}
	return c, ok
}

func (l *lexer) add(r reference) bool {
	if l.home < 0 && (r.first < 0 || !r.from.isRowFixed || !r.from.isColumnFixed || !r.to.isRowFixed || !r.to.isColumnFixed) {
		return false
	}
	r.from.row, r.from.column = max(r.from.row, 1), max(r.from.column, 1)
	l.refs = append(l.refs, r)
	return true
}

// name looks a defined name up, the sheet's own before the workbook's.
func (l *lexer) name(sheet int, word string) bool {
	for _, key := range []definedName{{sheet, strings.ToLower(word)}, {-1, strings.ToLower(word)}} {
		text, ok := l.names[key]
		if !ok {
			continue
		}
		m, seen := l.known[key]
		if !seen {
			// A name that leads back to itself is not known.
			l.known[key] = meaning{}
			m.references, m.isKnown = l.read(text, -1)
			l.known[key] = m
		}
		l.refs = append(l.refs, m.references...)
		return m.isKnown
	}
	return false
}

// dependent is a formula in the search for dependents.
type dependent struct {
	*formula
	sheet   int
	isDirty bool
}

// onSheet is a range of one sheet.
type onSheet struct {
	sheet int
	area
}

// search finds the formulas that depend on cells, directly or through others.
type search struct {
	nodes []*dependent
	// cells and ranges lead from what formulas read to the formulas.
	cells  map[onSheet][]*dependent
	ranges map[int][]*readers
	lookup map[onSheet]*readers
	queue  []onSheet
	steps  int
}

type readers struct {
	area
	nodes []*dependent
}

// dependents returns, per sheet, the formulas whose result may change when the targets do.
func dependents(r *reader, surveys []*survey) [][]*formula {
	s := &search{cells: map[onSheet][]*dependent{}, ranges: map[int][]*readers{}, lookup: map[onSheet]*readers{}}
	for sheet, v := range surveys {
		if v == nil {
			continue
		}
		s.index(r, sheet, v.formulas)
		for _, t := range v.targets {
			s.queue = append(s.queue, onSheet{sheet, area{t.place, t.place}})
		}
	}
	for len(s.queue) > 0 && s.steps <= maxSteps {
		at := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		s.touch(at)
	}
	out := make([][]*formula, len(surveys))
	for _, n := range s.nodes {
		if n.isDirty || s.steps > maxSteps {
			out[n.sheet] = append(out[n.sheet], n.formula)
		}
	}
	return out
}

// index reads the formulas of a sheet. Those that share one text have its references moved.
func (s *search) index(r *reader, sheet int, formulas []*formula) {
	type shared struct {
		from    place
		meaning meaning
	}
	masters := map[string]shared{}
	for _, f := range formulas {
		n := &dependent{formula: f, sheet: sheet}
		s.nodes = append(s.nodes, n)
		var m meaning
		var by place
		switch {
		case f.kind == "shared" && f.text == "":
			master := masters[f.shared]
			m, by = master.meaning, place{f.row - master.from.row, f.column - master.from.column}
		case f.kind != "dataTable" && len(f.text) <= maxFormula:
			m.references, m.isKnown = r.read(f.text, sheet)
			if f.kind == "shared" {
				masters[f.shared] = shared{f.place, m}
			}
		}
		if !m.isKnown || !s.reads(n, m.references, by) {
			s.dirty(n)
		}
	}
}

// reads enters a formula under all that it reads; false where that cannot be said.
func (s *search) reads(n *dependent, refs []reference, by place) bool {
	for _, ref := range refs {
		a, ok := ref.at(by)
		if !ok {
			return false
		}
		for sheet := ref.first; sheet <= ref.last; sheet++ {
			key := onSheet{sheet, a}
			if a.from == a.to {
				s.cells[key] = append(s.cells[key], n)
				continue
			}
			if s.lookup[key] == nil {
				s.lookup[key] = &readers{area: a}
				s.ranges[sheet] = append(s.ranges[sheet], s.lookup[key])
			}
			s.lookup[key].nodes = append(s.lookup[key].nodes, n)
		}
	}
	return true
}

func (s *search) dirty(nodes ...*dependent) {
	for _, n := range nodes {
		if !n.isDirty {
			n.isDirty = true
			s.queue = append(s.queue, onSheet{n.sheet, n.covers})
		}
	}
}

// touch marks what reads the cells. A range that was touched has done its part and leaves the list.
func (s *search) touch(at onSheet) {
	if at.from == at.to {
		s.dirty(s.cells[at]...)
	} else {
		for key, nodes := range s.cells {
			if s.steps++; key.sheet == at.sheet && at.holds(key.from) {
				s.dirty(nodes...)
			}
		}
	}
	list := s.ranges[at.sheet]
	left := list[:0]
	for _, r := range list {
		if s.steps++; r.from.row <= at.to.row && r.to.row >= at.from.row && r.from.column <= at.to.column && r.to.column >= at.from.column {
			s.dirty(r.nodes...)
		} else {
			left = append(left, r)
		}
	}
	s.ranges[at.sheet] = left
}
