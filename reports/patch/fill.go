package patch

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary"
)

// CellError says which cell cannot be filled, and why.
type CellError struct {
	Sheet, Cell string
	Err         error
}

func (e *CellError) Error() string {
	return fmt.Sprintf("sheet %q, cell %s: %v", e.Sheet, e.Cell, e.Err)
}
func (e *CellError) Unwrap() error { return e.Err }

// maxDrops bounds how many cells lose the value that a formula left in them.
const maxDrops = 2 << 20

// Filling gathers values for cells. Nothing is read or written before Write.
type Filling struct {
	book   *Book
	values map[int][]*filledCell
	taken  map[onSheet]bool
	// results are values of formulas that the caller worked out.
	results map[onSheet]result
	// fillsLocked says that locked cells of protected sheets are filled too.
	fillsLocked bool
	// found is what looking at the workbook gave; a cell that is set afterwards forgets it.
	found *found
}

// result is the value of a formula.
type result struct {
	text   string
	isText bool
}

// found is what is known of a workbook and of the cells to fill before anything is written.
type found struct {
	surveys []*survey
	dirty   [][]*formula
	faults  []error
	cells   int
}

// Formula is one formula of a workbook; Text is empty where it shares that of another cell.
type Formula struct{ Sheet, Cell, Text string }

// filledCell is a value for one cell.
type filledCell struct {
	target
	value  string
	isText bool
	isDate bool
}

// Filled says what Write did.
type Filled struct {
	// Cells were filled; Emptied are formulas whose value was taken out, because it would be that of
	// the cells as they were; Calculated are those that got a result. Excel calculates them all when it
	// opens the workbook.
	Cells, Emptied, Calculated int
}

// Fill begins a copy with values in cells.
func (b *Book) Fill() *Filling {
	return &Filling{book: b, values: map[int][]*filledCell{}, taken: map[onSheet]bool{}, results: map[onSheet]result{}}
}

// SetNumber gives a cell a number; it shows in the cell's own style.
func (f *Filling) SetNumber(sheet, cell string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return f.refuse(sheet, cell, ErrNotNumber)
	}
	return f.set(sheet, cell, &filledCell{value: strconv.FormatFloat(v, 'g', -1, 64)})
}

// SetText gives a cell text. It stays text, whatever it looks like; past what a cell holds it is cut.
func (f *Filling) SetText(sheet, cell, s string) error {
	return f.set(sheet, cell, &filledCell{value: s, isText: true})
}

// SetDate gives a cell a date, without its time of day. The cell must have a date format of its own.
func (f *Filling) SetDate(sheet, cell string, d time.Time) error {
	serial, ok := serialOf(d, f.book.is1904)
	if !ok {
		return f.refuse(sheet, cell, ErrNotNumber)
	}
	return f.set(sheet, cell, &filledCell{value: strconv.Itoa(serial), isDate: true})
}

// serialOf is the number of a date in a workbook. Excel takes 1900 for a leap year.
func serialOf(d time.Time, is1904 bool) (int, bool) {
	year, month, day := d.Date()
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if is1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	n := int((time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() - first.Unix()) / 86400)
	if !is1904 && n < 61 {
		n--
	}
	return n, year >= 1900 && year <= 9999 && (n > 0 || is1904 && n == 0)
}

// fixes are the remedies of what refuses a cell.
var fixes = map[error]string{
	ErrNotCell:      "write letters and a number, such as B12",
	ErrTwice:        "give each cell one value",
	ErrNotNumber:    "leave the cell empty and say why in a note",
	ErrMerged:       "name the first cell of the merged range",
	ErrFormula:      "name a cell without a formula, or take the formula out of the template",
	ErrLocked:       "name an unlocked cell, or ask for a template whose entry cells are unlocked",
	ErrTableHeading: "name a cell below the heading",
	ErrPivot:        "name a cell outside of the pivot table",
	ErrNotDate:      "give the cell a date format in the template, or fill the date in as text",
}

func (f *Filling) refuse(sheet, cell string, err error) error {
	return tributary.Fix(&CellError{sheet, cell, err}, fixes[err])
}

func (f *Filling) set(sheet, cell string, v *filledCell) error {
	s, err := f.book.sheet(sheet)
	if err != nil {
		return err
	}
	at, ok := parsePlace(cell)
	if !ok {
		return f.refuse(sheet, cell, ErrNotCell)
	}
	key := onSheet{s.index, area{at, at}}
	if f.taken[key] {
		return f.refuse(sheet, cell, ErrTwice)
	}
	f.taken[key] = true
	f.found = nil
	v.place = at
	f.values[s.index] = append(f.values[s.index], v)
	return nil
}

// FillLocked lets locked cells of protected sheets be filled: the lock is for people who type, and
// whoever gave the form out may agree.
func (f *Filling) FillLocked() { f.fillsLocked, f.found = true, nil }

// Check says which of the cells given so far cannot be filled, as Write would, without a look at
// other sheets than theirs. An error that is no CellError, alone or joined, is about the workbook.
func (f *Filling) Check() error {
	found, err := f.survey(false)
	if err != nil {
		return err
	}
	return errors.Join(found.faults...)
}

// Dependents returns the formulas that depend on the cells given so far, by sheet and place, save
// those that fill several cells, and whether any formula of the workbook changes by itself (NOW, RAND).
func (f *Filling) Dependents() (formulas []Formula, isVolatile bool, err error) {
	found, err := f.look()
	if err != nil {
		return nil, false, err
	}
	for i, dirty := range found.dirty {
		for _, d := range dirty {
			if d.covers.from == d.covers.to {
				formulas = append(formulas, Formula{f.book.sheets[i].name, d.place.String(), d.text})
			}
		}
		if v := found.surveys[i]; v != nil {
			isVolatile = isVolatile || slices.ContainsFunc(v.formulas, func(d *formula) bool { return changesByItself.MatchString(d.text) })
		}
	}
	return formulas, isVolatile, nil
}

var changesByItself = regexp.MustCompile(`(?i)\b(?:NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY|CELL|INFO)\s*\(`)

// SetResult gives a formula that Dependents named a value, in place of the one that is taken out.
func (f *Filling) SetResult(d Formula, text string, isText bool) error {
	s, err := f.book.sheet(d.Sheet)
	if err != nil {
		return err
	}
	at, ok := parsePlace(d.Cell)
	if !ok {
		return f.refuse(d.Sheet, d.Cell, ErrNotCell)
	}
	f.results[onSheet{s.index, area{at, at}}] = result{text, isText}
	return nil
}

// survey walks over the sheets with cells to fill, or over all, for their formulas.
func (f *Filling) survey(isForFormulas bool) (*found, error) {
	b := f.book
	styles, err := b.readStyles()
	if err != nil {
		return nil, err
	}
	out := &found{surveys: make([]*survey, len(b.sheets))}
	walked := make([]error, len(b.sheets))
	var walks errgroup.Group
	walks.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range b.sheets {
		values := f.values[s.index]
		if s.part == nil || len(values) == 0 && !isForFormulas {
			continue
		}
		slices.SortFunc(values, func(a, b *filledCell) int { return a.compare(b.place) })
		var targets []*target
		for _, v := range values {
			// Of an earlier look nothing stays.
			v.target = target{place: v.place}
			targets = append(targets, &v.target)
		}
		walks.Go(func() error {
			out.surveys[i], walked[i] = b.survey(s.part, targets, nil, isForFormulas)
			return nil
		})
	}
	_ = walks.Wait() // the faults are kept apart: the first sheet's is said
	for i, s := range b.sheets {
		if walked[i] != nil {
			return nil, fmt.Errorf("sheet %q: %w", s.name, walked[i])
		}
		values := f.values[s.index]
		if out.surveys[i] == nil || len(values) == 0 {
			continue
		}
		faults, err := f.check(s, out.surveys[i], styles)
		if err != nil {
			return nil, err
		}
		out.faults = append(out.faults, faults...)
		out.cells += len(values)
	}
	return out, nil
}

// look finds the formulas that depend on the cells given, once.
func (f *Filling) look() (*found, error) {
	if f.found == nil {
		out, err := f.survey(true)
		if err != nil {
			return nil, err
		}
		book, err := f.book.tree(f.book.main)
		if err != nil {
			return nil, err
		}
		out.dirty = dependents(newReader(f.book, book), out.surveys)
		f.found = out
	}
	return f.found, errors.Join(f.found.faults...)
}

// Write writes the copy. All cells that cannot be filled are said at once, and then nothing is
// written. Values that formulas left, and that depend on a filled cell, give way to their results or
// are taken out, and the workbook is told to calculate when it is opened.
func (f *Filling) Write(w io.Writer) (Filled, error) {
	b := f.book
	found, err := f.look()
	if err != nil {
		return Filled{}, err
	}
	f.found = nil // what is written now has the targets of this look
	done := Filled{Cells: found.cells}
	j := b.job()
	book, err := j.edit(b.main)
	if err != nil {
		return Filled{}, err
	}
	for i, dirty := range found.dirty {
		v := found.surveys[i]
		if v == nil || len(dirty)+len(v.targets) == 0 {
			continue
		}
		if err := v.drop(dirty); err != nil {
			return Filled{}, fmt.Errorf("sheet %q: %w", b.sheets[i].name, err)
		}
		calculated := f.conclude(i, v)
		done.Calculated += calculated
		done.Emptied += len(dirty) - calculated
		p := b.sheets[i].part
		j.stream[p.name] = func(w io.Writer) error { return b.rewrite(p, v, change{}, w) }
	}
	calculate(book)
	return done, j.write(w)
}

// conclude gives formulas of a sheet their results, and says how many got one.
func (f *Filling) conclude(sheet int, v *survey) (count int) {
	prefix := string(tagName(v.root))
	prefix = prefix[:len(prefix)-len("worksheet")]
	for _, t := range v.targets {
		r, ok := f.results[onSheet{sheet, area{t.place, t.place}}]
		if !ok || !t.drop {
			continue
		}
		count++
		t.isText = r.isText
		t.result = []byte(prefixed(prefix, "<v>") + cellText(r.text) + prefixed(prefix, "</v>"))
	}
	return count
}

// check says which cells of a sheet cannot be filled, and readies the others.
func (f *Filling) check(s *tab, v *survey, styles *styles) ([]error, error) {
	values := f.values[s.index]
	if len(values) == 0 {
		return nil, nil
	}
	isPivot, err := f.book.headings(s, v)
	if err != nil {
		return nil, err
	}
	prefix := string(tagName(v.root))
	prefix = prefix[:len(prefix)-len("worksheet")]
	var faults []error
	for _, c := range values {
		var fault error
		switch {
		case c.isMerged:
			fault = ErrMerged
		case c.isFormula:
			fault = ErrFormula
		case isPivot[c.place]:
			fault = ErrPivot
		case c.isHeading:
			fault = ErrTableHeading
		case v.isProtected && !f.fillsLocked && styles.isLocked(c.style):
			fault = ErrLocked
		case c.isDate && !styles.isDate(c.style):
			fault = ErrNotDate
		}
		if fault != nil {
			faults = append(faults, f.refuse(s.name, c.place.String(), fault))
			continue
		}
		c.target.isText = c.isText
		c.inner = []byte(prefixed(prefix, "<v>") + c.value + prefixed(prefix, "</v>"))
		if c.isText {
			c.inner = []byte(prefixed(prefix, `<is><t xml:space="preserve">`) + cellText(c.value) + prefixed(prefix, "</t></is>"))
		}
	}
	return faults, nil
}

// headings finds the targets in the headings of tables, which must say what the table's part says,
// and those in pivot tables, which are written anew by Excel.
func (b *Book) headings(s *tab, v *survey) (isPivot map[place]bool, err error) {
	rels, err := b.relations(s.part.name)
	if err != nil {
		return nil, err
	}
	isPivot = map[place]bool{}
	for _, rel := range rels {
		if !is(rel.kind, "table") && !is(rel.kind, "pivotTable") || b.find(rel.target) == nil {
			continue
		}
		t, err := b.tree(rel.target)
		if err != nil {
			return nil, err
		}
		if location := t.root.child("location"); location != nil {
			if a, ok := parseArea(t.attr(location, "ref")); ok {
				v.within(a, func(c *target) { isPivot[c.place] = true })
			}
			continue
		}
		if a, ok := parseArea(t.attr(t.root, "ref")); ok && t.attr(t.root, "headerRowCount") != "0" {
			a.to.row = a.from.row
			v.within(a, func(c *target) { c.isHeading = true })
		}
	}
	return isPivot, nil
}

// drop adds the cells that show the results of formulas to what is changed.
func (s *survey) drop(formulas []*formula) error {
	count := 0
	for _, f := range formulas {
		count += (f.covers.to.row - f.covers.from.row + 1) * (f.covers.to.column - f.covers.from.column + 1)
		if count > maxDrops {
			return tributary.Fix(fmt.Errorf("%w: formulas fill more than %d cells", ErrTooLarge, maxDrops), "take formulas out of the template")
		}
		for row := f.covers.from.row; row <= f.covers.to.row; row++ {
			for column := f.covers.from.column; column <= f.covers.to.column; column++ {
				s.targets = append(s.targets, &target{place: place{row, column}, drop: true})
			}
		}
	}
	slices.SortStableFunc(s.targets, func(a, b *target) int { return a.compare(b.place) })
	s.targets = slices.CompactFunc(s.targets, func(a, b *target) bool { return a.place == b.place })
	return nil
}

// calculate tells Excel to calculate everything when it opens the workbook.
func calculate(book *tree) {
	if n := book.root.child("calcPr"); n != nil {
		book.retag(n, with(book.tag(n), "fullCalcOnLoad", "1"))
		return
	}
	at := book.after(lastKids[2:])
	book.replace(at, at, prefixed(book.prefix, `<calcPr fullCalcOnLoad="1"/>`))
}
