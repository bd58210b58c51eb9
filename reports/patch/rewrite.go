package patch

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
)

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
		r.conclude()
	case r.level == 5 && r.cell != nil && r.kind != closing && string(r.name) != "f":
		r.conclude()
		r.copyToken()
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
		if r.cell != nil {
			r.conclude()
		}
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
		if t.isText && t.drop {
			tag = with(tag, "t", "str")
		} else if t.isText {
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

// conclude writes the result of the formula of the cell at hand, once.
func (r *rewriting) conclude() {
	r.out.Write(r.cell.result)
	r.cell.result = nil
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
