package patch

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"tributary"
)

// target is a cell that is going to be changed: what survey found out about it, and then what rewrite
// does to it.
type target struct {
	place
	// exists says that the cell has an element; style is its own, or the one of its row or column.
	exists bool
	style  int
	// anchor is the first cell of the merged range that hides this one.
	anchor place
	// isFormula, isMerged and isHeading are what keeps a cell from being filled.
	isFormula, isMerged, isHeading bool

	// newStyle replaces the style where restyle says so.
	restyle  bool
	newStyle int
	// isText and inner are the new value; inner nil leaves the value as it is.
	isText bool
	inner  []byte
	// drop takes the value that a formula left out; such a target is never made where it is not.
	// result, where there is one, takes its place, after the formula.
	drop   bool
	result []byte
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
			w.within(a, func(t *target) {
				if t.place != a.from {
					t.isMerged, t.anchor = true, a.from
				}
			})
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
		return tributary.Fix(fmt.Errorf("%w: %s holds more than %d formulas", ErrTooLarge, w.part, maxFormulas), "take formulas out of the template")
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
