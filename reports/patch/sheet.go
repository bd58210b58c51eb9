package patch

import (
	"bufio"
	"bytes"
	"fmt"
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

// ends says whether the tag at hand ends the element, <c/> included.
func (s *sheetReader) ends(name string, level int) bool {
	return s.level == level && (s.kind == closing || s.kind == empty) && string(s.name) == name
}

// inCells says whether the token at hand stands in the table of cells.
func (s *sheetReader) inCells() bool { return s.in == "sheetData" }

// target is a cell that is going to be changed: what survey found out about it, and then what rewrite
// does to it.
type target struct {
	place
	// exists says that the cell has an element; style is its own, or the one of its row or column.
	exists bool
	style  int
	// isFormula, isMerged and isHeading are what keeps a cell from being filled.
	isFormula, isMerged, isHeading bool

	// newStyle replaces the style where restyle says so.
	restyle  bool
	newStyle int
	// isText and inner are the new value; inner nil leaves the value as it is.
	isText bool
	inner  []byte
	// drop takes the value that a formula left out; such a target is never made where it is not.
	drop bool
}

// span of columns with a style.
type columnStyle struct{ from, to, style int }

// survey is what the first walk over a sheet finds. The second one writes.
type survey struct {
	root    []byte
	targets []*target
	columns []columnStyle
	// legacyAfter is after how many children of the root a legacyDrawing belongs; legacy is the id of
	// the one that is there.
	legacyAfter int
	legacy      string
	dimension   area
	isProtected bool
	isSelected  bool
	hasData     bool
	// hasStyle says that a cell has one of the styles asked for.
	hasStyle bool
	formulas []*formula
}

// beforeLegacy are the children of a worksheet that come before legacyDrawing.
var beforeLegacy = map[string]bool{"sheetPr": true, "dimension": true, "sheetViews": true, "sheetFormatPr": true, "cols": true,
	"sheetData": true, "sheetCalcPr": true, "sheetProtection": true, "protectedRanges": true, "scenarios": true, "autoFilter": true,
	"sortState": true, "dataConsolidate": true, "customSheetViews": true, "mergeCells": true, "phoneticPr": true,
	"conditionalFormatting": true, "dataValidations": true, "hyperlinks": true, "printOptions": true, "pageMargins": true,
	"pageSetup": true, "headerFooter": true, "rowBreaks": true, "colBreaks": true, "customProperties": true, "cellWatches": true,
	"ignoredErrors": true, "smartTags": true, "drawing": true}

// surveying is one first walk.
type surveying struct {
	*sheetReader
	*survey
	// at is the first target that the walk has not passed; rowStyle the style of the row at hand, or -1.
	next     int
	rowStyle int
	styles   map[int]bool
	formulas bool
	cell     *target
	formula  *formula
}

// survey walks over a sheet. targets are in order; styles are those to look for; formulas are
// gathered where asked.
func (b *Book) survey(p *part, targets []*target, styles map[int]bool, formulas bool) (*survey, error) {
	in, err := p.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	w := &surveying{sheetReader: newSheetReader(in, p.name), survey: &survey{targets: targets}, styles: styles, formulas: formulas, rowStyle: -1}
	for w.sheetReader.next() {
		if err := w.token(); err != nil {
			return nil, err
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	if w.disorder.row > 0 {
		return nil, damaged("%s: %s is out of order", p.name, w.disorder)
	}
	if !w.hasData {
		return nil, damaged("%s has no table of cells", p.name)
	}
	w.pass(place{lastRow + 1, 1})
	return w.survey, nil
}

func (w *surveying) token() error {
	if w.formula != nil {
		w.inFormula()
	}
	if w.kind == text || w.kind == cdata || w.kind == other || w.name == nil {
		return nil
	}
	if w.inCells() && w.level > 2 {
		return w.inTable()
	}
	if w.kind == closing {
		return nil
	}
	switch name := string(w.name); {
	case w.level == 1:
		w.root = bytes.Clone(w.raw)
	case w.level == 2:
		w.hasData = w.hasData || name == "sheetData"
		if beforeLegacy[name] {
			w.legacyAfter = w.child
		}
		switch name {
		case "dimension":
			w.dimension, _ = parseArea(value(w.raw, "ref"))
		case "sheetProtection":
			w.isProtected = isTrue(value(w.raw, "sheet"))
		case "legacyDrawing":
			prefix := relPrefix(w.root)
			if prefix == "" {
				prefix = "r"
			}
			w.legacy = value(w.raw, prefix+":id")
		}
	case w.level == 3 && name == "sheetView":
		w.isSelected = w.isSelected || isTrue(value(w.raw, "tabSelected"))
	case w.level == 3 && name == "col":
		from, _ := strconv.Atoi(value(w.raw, "min"))
		to, _ := strconv.Atoi(value(w.raw, "max"))
		if style, err := strconv.Atoi(value(w.raw, "style")); err == nil && len(w.columns) < lastColumn {
			w.columns = append(w.columns, columnStyle{from, to, style})
		}
	case w.level == 3 && name == "mergeCell":
		if a, ok := parseArea(value(w.raw, "ref")); ok {
			w.within(a, func(t *target) { t.isMerged = t.isMerged || t.place != a.from })
		}
	}
	return nil
}

// within calls f for each target in the area.
func (s *survey) within(a area, f func(*target)) {
	i, _ := slices.BinarySearchFunc(s.targets, a.from, func(t *target, p place) int { return t.compare(p) })
	for ; i < len(s.targets) && s.targets[i].row <= a.to.row; i++ {
		if a.holds(s.targets[i].place) {
			f(s.targets[i])
		}
	}
}

// pass settles the targets before a place: they have no element of their own.
func (w *surveying) pass(until place) {
	for ; w.next < len(w.targets) && w.targets[w.next].compare(until) < 0; w.next++ {
		t := w.targets[w.next]
		if t.exists {
			continue
		}
		for _, c := range w.columns {
			if t.column >= c.from && t.column <= c.to {
				t.style = c.style
			}
		}
		if t.row == w.row && w.rowStyle >= 0 {
			t.style = w.rowStyle
		}
	}
}

func (w *surveying) inTable() error {
	isBegin := w.kind != closing
	switch {
	case w.level == 3 && string(w.name) == "row":
		if isBegin {
			w.pass(place{w.row, 1})
			w.rowStyle = -1
			if isTrue(value(w.raw, "customFormat")) {
				w.rowStyle = styleOf(w.raw)
			}
		}
		if !isBegin || w.kind == empty {
			w.pass(place{w.row, lastColumn + 1})
		}
	case w.level == 4 && string(w.name) == "c":
		w.cell = nil
		if !isBegin {
			return nil
		}
		w.pass(w.place)
		if len(w.styles) > 0 && w.styles[styleOf(w.raw)] {
			w.hasStyle = true
		}
		if w.next < len(w.targets) && w.targets[w.next].place == w.place {
			w.cell = w.targets[w.next]
			w.cell.exists, w.cell.style = true, styleOf(w.raw)
		}
	case w.level == 5 && string(w.name) == "f" && isBegin:
		if w.cell != nil {
			w.cell.isFormula = true
		}
		return w.beginFormula()
	}
	return nil
}

func styleOf(tag []byte) int {
	a, ok := find(tag, "s")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(string(a.value))
	if err != nil {
		return 0
	}
	return n
}

// beginFormula notes the cells that a formula fills, and the formula where they are gathered.
func (w *surveying) beginFormula() error {
	f := &formula{place: w.place, kind: value(w.raw, "t"), shared: value(w.raw, "si")}
	f.covers = area{w.place, w.place}
	if a, ok := parseArea(value(w.raw, "ref")); ok && (f.kind == "array" || f.kind == "dataTable") {
		f.covers = a
		w.within(a, func(t *target) { t.isFormula = true })
	}
	if !w.formulas {
		return nil
	}
	if len(w.survey.formulas) >= maxFormulas {
		return fmt.Errorf("%w: %s holds more than %d formulas", ErrTooLarge, w.part, maxFormulas)
	}
	w.survey.formulas = append(w.survey.formulas, f)
	if w.kind == open {
		w.formula = f
	}
	return nil
}

func (w *surveying) inFormula() {
	if w.kind == closing {
		w.formula = nil
		return
	}
	if len(w.formula.text) <= maxFormula {
		w.formula.text += content(w.scanner)
	}
}

// rewriting is the second walk: it writes each token as it came, save what is about a target.
type rewriting struct {
	*sheetReader
	*survey
	out *bufio.Writer
	// pending are the targets that are still to come.
	pending []*target
	// legacyID, deselect and styles are what else changes: the drawing of comments to add, the tab
	// that is not selected any more, styles that give way to others.
	legacyID string
	deselect bool
	styles   map[int]int
	// cell is the target that the walk is in; isDone says that its new value is written, skip that
	// the element at hand is left out.
	cell *target
	skip bool
}

// change says what rewrite does besides the targets.
type change struct {
	legacyID string
	deselect bool
	styles   map[int]int
}

// rewrite writes the sheet with its targets changed.
func (b *Book) rewrite(p *part, s *survey, c change, w io.Writer) error {
	in, err := p.open()
	if err != nil {
		return err
	}
	defer in.Close()
	r := &rewriting{sheetReader: newSheetReader(in, p.name), survey: s, out: bufio.NewWriterSize(w, 64<<10), pending: s.targets,
		legacyID: c.legacyID, deselect: c.deselect, styles: c.styles}
	for r.next() {
		if r.name == nil || r.level == 1 && r.kind != closing {
			r.copyToken()
			continue
		}
		if r.inCells() && r.level > 2 {
			r.table()
		} else {
			r.around()
		}
	}
	if r.err != nil {
		return r.err
	}
	return r.out.Flush()
}

func (r *rewriting) copyToken() {
	if !r.skip {
		r.out.Write(r.raw)
	}
}

// around handles what is not in the table of cells.
func (r *rewriting) around() {
	tag := r.raw
	switch {
	case r.begins("dimension", 2):
		tag = r.grown(tag)
	case r.deselect && r.begins("sheetView", 3):
		tag = without(tag, "tabSelected")
	case r.level == 2 && r.inCells() && r.kind == empty && len(r.pending) > 0:
		r.out.Write(asOpen(tag))
		r.rowsBefore(lastRow + 1)
		tag = []byte("</" + r.prefix + "sheetData>")
	case r.level == 2 && r.inCells() && r.kind == closing:
		r.rowsBefore(lastRow + 1)
	}
	if !r.skip {
		r.out.Write(tag)
	}
	if r.level == 2 && r.kind != open && r.child == r.legacyAfter && r.legacyID != "" {
		r.out.WriteString("<" + r.prefix + "legacyDrawing " + r.legacyID + "/>")
	}
}

// grown widens the stated range of a sheet to the cells that come to it.
func (r *rewriting) grown(tag []byte) []byte {
	a, ok := parseArea(value(tag, "ref"))
	if !ok {
		return tag
	}
	was := a
	for _, t := range r.survey.targets {
		if !t.drop && !t.exists {
			a.from = place{min(a.from.row, t.row), min(a.from.column, t.column)}
			a.to = place{max(a.to.row, t.row), max(a.to.column, t.column)}
		}
	}
	if a == was {
		return tag
	}
	return with(tag, "ref", a.String())
}

func (r *rewriting) table() {
	switch {
	case r.level == 3 && string(r.name) == "row":
		r.rowTag()
	case r.level == 4 && string(r.name) == "c":
		r.cellTag()
	case r.level == 5 && r.cell != nil && r.dropsChild():
		r.skip = r.kind == open
	default:
		r.copyToken()
	}
}

// dropsChild says whether a child of the cell at hand gives way. Extensions stay.
func (r *rewriting) dropsChild() bool {
	switch string(r.name) {
	case "v", "is":
		return r.cell.inner != nil || r.cell.drop
	}
	return false
}

func (r *rewriting) rowTag() {
	if r.kind == closing {
		r.cellsBefore(lastColumn + 1)
		r.out.Write(r.raw)
		return
	}
	r.rowsBefore(r.row)
	tag := r.raw
	if len(r.pending) == 0 || r.pending[0].row != r.row {
		r.out.Write(tag)
		return
	}
	tag = r.spanned(tag)
	if r.kind == empty && r.comes() {
		r.out.Write(asOpen(tag))
		r.cellsBefore(lastColumn + 1)
		tag = []byte("</" + r.prefix + "row>")
	}
	r.out.Write(tag)
}

// comes says whether a cell is to be made in the row at hand.
func (r *rewriting) comes() bool {
	return slices.ContainsFunc(r.rowTargets(), func(t *target) bool { return !t.exists && !t.drop })
}

func (r *rewriting) rowTargets() []*target {
	n := 0
	for n < len(r.pending) && r.pending[n].row == r.row {
		n++
	}
	return r.pending[:n]
}

// spanned leaves out the row's statement of its columns where a cell comes that lies outside of it;
// it is but a hint.
func (r *rewriting) spanned(tag []byte) []byte {
	spans := value(tag, "spans")
	var from, to int
	if _, err := fmt.Sscanf(spans, "%d:%d", &from, &to); err != nil {
		return tag
	}
	for _, t := range r.rowTargets() {
		if !t.exists && !t.drop && (t.column < from || t.column > to) {
			return without(tag, "spans")
		}
	}
	return tag
}

func (r *rewriting) cellTag() {
	if r.kind == closing {
		r.cell = nil
		r.out.Write(r.raw)
		return
	}
	r.cellsBefore(r.column)
	r.cell = nil
	if len(r.pending) == 0 || r.pending[0].place != r.place {
		r.out.Write(r.settled(r.raw))
		return
	}
	t := r.pending[0]
	r.pending = r.pending[1:]
	tag := r.settled(r.raw)
	if t.restyle {
		tag = with(tag, "s", strconv.Itoa(t.newStyle))
	}
	if t.inner != nil || t.drop {
		tag = without(without(tag, "t"), "vm")
		if t.isText {
			tag = with(tag, "t", "inlineStr")
		}
	}
	if r.kind == empty && t.inner != nil {
		r.out.Write(asOpen(tag))
		r.out.Write(t.inner)
		tag = []byte("</" + r.prefix + "c>")
	} else if r.kind == open {
		r.cell = t
		r.out.Write(tag)
		tag = t.inner
	}
	r.out.Write(tag)
}

// settled gives a cell the style that its own gives way to.
func (r *rewriting) settled(tag []byte) []byte {
	if len(r.styles) == 0 {
		return tag
	}
	if to, ok := r.styles[styleOf(tag)]; ok {
		return with(tag, "s", strconv.Itoa(to))
	}
	return tag
}

// rowsBefore writes the rows that are still to be made before that row.
func (r *rewriting) rowsBefore(row int) {
	for len(r.pending) > 0 && r.pending[0].row < row {
		at := r.pending[0].row
		isOpen := false
		for len(r.pending) > 0 && r.pending[0].row == at {
			if t := r.pending[0]; !t.drop {
				if !isOpen {
					fmt.Fprintf(r.out, `<%srow r="%d">`, r.prefix, at)
					isOpen = true
				}
				r.make(t)
			}
			r.pending = r.pending[1:]
		}
		if isOpen {
			fmt.Fprintf(r.out, `</%srow>`, r.prefix)
		}
	}
}

// cellsBefore writes the cells that are still to be made before that column of the row at hand.
func (r *rewriting) cellsBefore(column int) {
	for len(r.pending) > 0 && r.pending[0].row == r.row && r.pending[0].column < column {
		if !r.pending[0].drop {
			r.make(r.pending[0])
		}
		r.pending = r.pending[1:]
	}
}

// make writes a cell that was not there.
func (r *rewriting) make(t *target) {
	style := t.style
	if t.restyle {
		style = t.newStyle
	}
	fmt.Fprintf(r.out, `<%sc r="%s"`, r.prefix, t.place)
	if style > 0 {
		fmt.Fprintf(r.out, ` s="%d"`, style)
	}
	switch {
	case t.inner == nil:
		r.out.WriteString("/>")
		return
	case t.isText:
		r.out.WriteString(` t="inlineStr"`)
	}
	r.out.WriteString(">")
	r.out.Write(t.inner)
	fmt.Fprintf(r.out, "</%sc>", r.prefix)
}
