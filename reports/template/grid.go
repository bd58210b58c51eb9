package template

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/patch"
)

// How much of a sheet is looked at. A form that people fill in is smaller.
const (
	mostRows    = 5000
	mostColumns = 250
	mostCells   = 200_000
	// mostAbove is how far up a label may stand that tells two equal rows apart.
	mostAbove = 80
)

// form is a workbook as a person reads it: cells with the labels beside and above them.
type form struct {
	sheets []*page
	// names are the workbook's own names of single cells.
	names map[string]where
}

type where struct{ sheet, cell string }

// page is one sheet of a form.
type page struct {
	name  string
	slots []*slot
	at    map[place]*slot
}

type place struct{ row, column int }

func (p place) String() string {
	name, _ := excelize.CoordinatesToCellName(p.column, p.row)
	return name
}

// slot is a cell that takes a value, or would but for fault.
type slot struct {
	sheet string
	place
	row, column string
	// bands are the headings over a whole table; above the labels of earlier rows, nearest first.
	bands, above []string
	name         string
	fault        error
	isPercent    bool
	isDate       bool
	// isStyled says that somebody gave the cell a look: it is meant for something.
	isStyled bool
}

// cell is the slot as a map names it, without what tells equals apart.
func (s *slot) cell() Cell {
	return Cell{At: s.String(), Name: s.name, Row: s.row, Column: s.column}
}

// guarded calls the workbook library, which panics on some workbooks that are damaged on purpose or by accident.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = tributary.Fix(fmt.Errorf("%w: a part of it cannot be read", patch.ErrDamaged), "open it in Excel, save it again, or ask for it again")
		}
	}()
	return do()
}

// readForm reads a workbook's labels; only the sheets named, where there are any. What cannot be
// filled in a sheet reports/patch says.
func readForm(content []byte, fillsLocked bool, only ...string) (out *form, err error) {
	err = guarded(func() error {
		out, err = readLabels(content, fillsLocked, only...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func readLabels(content []byte, fillsLocked bool, only ...string) (*form, error) {
	book, err := patch.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	if len(only) > 0 { // the library unfolds every sheet
		var few bytes.Buffer
		if err := book.Keep(&few, only...); err != nil {
			return nil, err
		}
		content = few.Bytes()
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("%w: %w", patch.ErrDamaged, err), "open it in Excel, save it again, or ask for it again")
	}
	defer f.Close()
	out := &form{names: map[string]where{}}
	for _, n := range f.GetDefinedName() {
		sheet, cell, ok := cutReference(n.RefersTo)
		if ok && !strings.HasPrefix(n.Name, "_") {
			out.names[n.Name] = where{sheet, cell}
		}
	}
	for _, name := range book.Sheets() {
		if len(only) > 0 && !slices.ContainsFunc(only, func(s string) bool { return strings.EqualFold(s, name) }) {
			continue
		}
		if visible, err := f.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		p, err := readPage(f, book, name, fillsLocked)
		if err != nil {
			if tributary.FixOf(err) == "" { // the library's own
				err = tributary.Fix(fmt.Errorf("%w: %w", patch.ErrDamaged, err), "open it in Excel, save it again, or ask for it again")
			}
			return nil, fmt.Errorf("sheet %q: %w", name, err)
		}
		for n, w := range out.names {
			at := placeOf(w.cell)
			if s := p.at[at]; s != nil && strings.EqualFold(w.sheet, name) && (s.name == "" || n < s.name) {
				s.name = n
			}
		}
		out.sheets = append(out.sheets, p)
	}
	return out, nil
}

// cutReference reads 'Part A'!$D$7.
func cutReference(text string) (sheet, cell string, ok bool) {
	text = strings.TrimPrefix(text, "=")
	at := strings.LastIndexByte(text, '!')
	if at < 0 {
		return "", "", false
	}
	sheet = text[:at]
	if strings.HasPrefix(sheet, "'") && strings.HasSuffix(sheet, "'") && len(sheet) > 2 {
		sheet = strings.ReplaceAll(sheet[1:len(sheet)-1], "''", "'")
	}
	cell = strings.ReplaceAll(text[at+1:], "$", "")
	return strings.TrimPrefix(sheet, "$"), cell, placeOf(cell).row > 0
}

func placeOf(cell string) place {
	column, row, err := excelize.CellNameToCoordinates(strings.ReplaceAll(cell, "$", ""))
	if err != nil || strings.Contains(cell, ":") {
		return place{}
	}
	return place{row, column}
}

// reading is one sheet while its slots are found.
type reading struct {
	f     *excelize.File
	name  string
	rows  [][]string
	first map[place]place // a cell of a merged range: its first cell
	last  map[place]place // the first cell of a merged range: its last one
	width int
	slots map[place]*slot
	looks map[int]look
	// words are cells whose text is a label.
	words map[place]string
}

type look struct{ isPercent, isDate bool }

func readPage(f *excelize.File, book *patch.Book, name string, fillsLocked bool) (*page, error) {
	rows, err := f.GetRows(name)
	if err != nil {
		return nil, err
	}
	r := &reading{f: f, name: name, rows: rows, first: map[place]place{}, last: map[place]place{}, slots: map[place]*slot{}, looks: map[int]look{}, words: map[place]string{}}
	height, width, err := book.Size(name)
	if err != nil {
		return nil, err
	}
	r.width = width
	merged, err := f.GetMergeCells(name, true)
	if err != nil {
		return nil, err
	}
	height, r.width = min(height, mostRows), min(r.width, mostColumns)
	if height*r.width > mostCells {
		height = mostCells / r.width
	}
	for _, m := range merged {
		from, to := placeOf(m.GetStartAxis()), placeOf(m.GetEndAxis())
		r.last[from] = to
		for row := from.row; row <= min(to.row, height); row++ {
			for column := from.column; column <= min(to.column, r.width); column++ {
				r.first[place{row, column}] = from
			}
		}
	}
	if err := r.find(book, height, fillsLocked); err != nil {
		return nil, err
	}
	p := &page{name: name, at: map[place]*slot{}}
	for row := 1; row <= height; row++ {
		for column := 1; column <= r.width; column++ {
			s := r.slots[place{row, column}]
			if s == nil || !r.describe(s) {
				continue
			}
			p.slots = append(p.slots, s)
			p.at[s.place] = s
		}
	}
	return p, nil
}

// find tells labels from cells that take values. On a protected sheet whoever made the form said
// which those are; elsewhere a cell with words is a label.
func (r *reading) find(book *patch.Book, height int, fillsLocked bool) error {
	faults, err := refusals(book, r.name, height, r.width, fillsLocked)
	if err != nil {
		return err
	}
	isProtected := false
	for _, err := range faults {
		isProtected = isProtected || errors.Is(err, patch.ErrLocked)
	}
	for row := 1; row <= height; row++ {
		for column := 1; column <= r.width; column++ {
			p := place{row, column}
			if f, ok := r.first[p]; ok && f != p {
				continue
			}
			text := ""
			if row <= len(r.rows) && column <= len(r.rows[row-1]) {
				text = strings.Join(strings.Fields(r.rows[row-1][column-1]), " ")
			}
			fault := faults[p]
			isOpen := isProtected && fault == nil
			if text != "" && !isOpen && !r.isNumber(p, text) {
				r.words[p] = text
				continue
			}
			if fault != nil && !errors.Is(fault, patch.ErrFormula) && text == "" && isProtected {
				continue // an empty locked cell is part of the paper
			}
			s := &slot{sheet: r.name, place: p, fault: fault}
			style, err := r.f.GetCellStyle(r.name, p.String())
			if err != nil {
				return err
			}
			l := r.look(style)
			s.isPercent, s.isDate, s.isStyled = l.isPercent, l.isDate, style != 0 || isOpen
			r.slots[p] = s
		}
	}
	return nil
}

// refusals asks reports/patch which cells of a sheet cannot be filled.
func refusals(book *patch.Book, sheet string, height, width int, fillsLocked bool) (map[place]error, error) {
	fill := book.Fill()
	if fillsLocked {
		fill.FillLocked()
	}
	for row := 1; row <= height; row++ {
		for column := 1; column <= width; column++ {
			if err := fill.SetNumber(sheet, place{row, column}.String(), 0); err != nil {
				return nil, err
			}
		}
	}
	out := map[place]error{}
	return out, sortRefusals(fill.Check(), out)
}

func sortRefusals(err error, out map[place]error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			if err := sortRefusals(e, out); err != nil {
				return err
			}
		}
		return nil
	}
	var cell *patch.CellError
	if errors.As(err, &cell) {
		out[placeOf(cell.Cell)] = err
		return nil
	}
	return err
}

// isNumber says whether the cell holds a number and not words; digits that were typed as text are
// words.
func (r *reading) isNumber(p place, text string) bool {
	kind, err := r.f.GetCellType(r.name, p.String())
	if err != nil {
		return false
	}
	switch kind {
	case excelize.CellTypeSharedString, excelize.CellTypeInlineString:
		return !strings.ContainsFunc(text, func(c rune) bool { return c >= '0' && c <= '9' || c >= 'A' })
	case excelize.CellTypeFormula:
		raw, _ := r.f.GetCellValue(r.name, p.String(), excelize.Options{RawCellValue: true})
		_, err := strconv.ParseFloat(raw, 64)
		return err == nil || raw == ""
	}
	return true
}

var (
	quotedWords = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`)
	dateWords   = regexp.MustCompile(`[yd]`)
)

func (r *reading) look(style int) look {
	if l, ok := r.looks[style]; ok {
		return l
	}
	var l look
	if s, err := r.f.GetStyle(style); err == nil && s != nil {
		format := ""
		if s.CustomNumFmt != nil {
			format = quotedWords.ReplaceAllString(*s.CustomNumFmt, "")
		}
		l.isPercent = s.NumFmt == 9 || s.NumFmt == 10 || strings.Contains(format, "%")
		l.isDate = s.NumFmt >= 14 && s.NumFmt <= 17 || s.NumFmt == 22 || dateWords.MatchString(strings.ToLower(format))
	}
	r.looks[style] = l
	return l
}

// label is the text at a place, that of the merged range around it where there is one.
func (r *reading) label(p place) (string, place) {
	if f, ok := r.first[p]; ok {
		p = f
	}
	return r.words[p], p
}

// isBand says whether a merged label stretches from the labels of rows over the columns: it speaks of
// the whole table below it.
func (r *reading) isBand(p place, labels int) bool {
	last, ok := r.last[p]
	return ok && p.column <= labels && last.column > labels
}

// code is how rows are numbered: A.1, 2), iv.
var wordOf3 = regexp.MustCompile(`\pL{3}|%`)

// describe finds the labels of a slot; false where there is none to its left and none above.
func (r *reading) describe(s *slot) bool {
	var row []string
	labels := 0 // the column nearest to the slot that holds a label
	var seen place
	for column := s.place.column - 1; column >= 1; column-- {
		at := place{s.place.row, column}
		text, from := r.label(at)
		switch {
		case text == "" && len(row) > 0 && r.slots[at] != nil && r.slots[at].fault == nil && r.slots[at].isStyled:
			column = 0 // what stands beyond belongs to another cell to fill
		case text == "" || from == seen:
		case r.last[from].row > from.row && from.row < s.place.row:
			s.bands = append(s.bands, text)
			labels = max(labels, column)
			seen = from
		default:
			labels = max(labels, column)
			if seen = from; wordOf3.MatchString(text) {
				row = append(row, text)
			}
		}
	}
	slices.Reverse(row)
	s.row = strings.Join(row, " | ")
	var heads []string
	headRow := 0
	seen = place{}
	for above := s.place.row - 1; above >= 1; above-- {
		text, from := r.label(place{above, s.place.column})
		if text == "" {
			if len(heads) > 0 {
				break
			}
			continue
		}
		if from == seen {
			continue
		}
		seen = from
		if labels > 0 && r.isBand(from, labels) {
			if len(heads) > 0 {
				break
			}
			continue
		}
		if heads = append(heads, text); len(heads) == 1 {
			headRow = above
		}
		if len(heads) == 3 {
			break
		}
	}
	slices.Reverse(heads)
	s.column = strings.Join(heads, " > ")
	for above := s.place.row - 1; above >= 1 && labels > 0 && len(s.above) < mostAbove; above-- {
		for column := labels; column >= 1; column-- {
			text, from := r.label(place{above, column})
			if text == "" || !wordOf3.MatchString(text) || from.row != above || slices.Contains(s.above, text) {
				continue
			}
			s.above = append(s.above, text)
			// A row without cells to fill, save the one that heads the columns, is a heading.
			if above != headRow && (r.isBand(from, labels) || !r.takes(above)) {
				s.bands = append(s.bands, text)
			}
			break
		}
	}
	return s.row != "" || s.column != "" || s.name != ""
}

// takes says whether a row has cells that take or show values.
func (r *reading) takes(row int) bool {
	for column := 1; column <= r.width; column++ {
		if s := r.slots[place{row, column}]; s != nil && (s.isStyled || s.fault != nil) {
			return true
		}
	}
	return false
}

// find returns the slots that a map's cell means by its labels: one when all is well.
func (f *form) find(sheet string, c Cell) []*slot {
	if c.Name != "" {
		for n, w := range f.names {
			if strings.EqualFold(n, c.Name) {
				for _, p := range f.sheets {
					if s := p.at[placeOf(w.cell)]; s != nil && strings.EqualFold(p.name, w.sheet) {
						return []*slot{s}
					}
				}
			}
		}
	}
	if c.Row == "" && c.Column == "" {
		return nil
	}
	var out []*slot
	nearest := mostAbove + 1
	for _, p := range f.sheets {
		if !strings.EqualFold(p.name, sheet) {
			continue
		}
		for _, s := range p.slots {
			if !same(s.row, c.Row) || !same(s.column, c.Column) {
				continue
			}
			if c.Under != "" {
				distance := slices.IndexFunc(append(slices.Clone(s.above), s.bands...), func(a string) bool { return same(a, c.Under) })
				if distance < 0 || distance > nearest {
					continue
				}
				if distance < nearest {
					nearest, out = distance, nil
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// anchor names a slot so that find returns it alone; false where no label tells it from another.
func (f *form) anchor(s *slot) (Cell, bool) {
	c := s.cell()
	for _, under := range append([]string{""}, slices.Concat(s.bands, s.above)...) {
		c.Under = under
		bare := c
		bare.Name = ""
		if found := f.find(s.sheet, bare); len(found) == 1 && found[0] == s {
			return c, true
		}
	}
	c.Under = ""
	return c, c.Name != ""
}

// same says whether two labels read the same: case, spaces and marks at their end apart.
func same(a, b string) bool { return fold(a) == fold(b) }
