package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/reports/patch"
)

// What keeps a template from being filled, beside what reports/patch refuses.
var (
	ErrLabelGone  = errors.New("the labels are not in the workbook")
	ErrLabelTwice = errors.New("the labels are found twice")
	ErrMoved      = errors.New("the labels stand elsewhere")
)

// Placed is one published number that was filled in. Value is the published one, before As.
type Placed struct {
	Sheet  string  `json:"sheet"`
	Cell   string  `json:"cell"`
	CellID string  `json:"cell_id"`
	Value  float64 `json:"value"`
}

// Missing is a cell that stays as it is in the blank, and why.
type Missing struct {
	Sheet string `json:"sheet"`
	Cell  string `json:"cell"`
	Fill  string `json:"fill"`
	// CellID is the published cell that would be there; empty for a target, word or name.
	CellID string `json:"cell_id,omitempty"`
	Why    string `json:"why"`
}

// Done says what was filled.
type Done struct {
	// Numbers are in the order of the map; Words counts names, dates, targets and notes.
	Numbers []Placed  `json:"numbers"`
	Words   int       `json:"words"`
	Missing []Missing `json:"missing"`
	// Later counts cells of quarters that have not come yet.
	Later int `json:"later"`
	// Calculated formulas have a value of ours; Emptied ones wait for the program that opens the workbook.
	Calculated int `json:"calculated"`
	Emptied    int `json:"emptied"`
}

// Write fills a blank workbook: numbers, targets and words of the release go into the cells that the
// map names, after each was found again by its labels. All that is wrong is said at once, and then
// nothing is written.
func Write(blank []byte, m Map, r *Release, w io.Writer) (Done, error) {
	book, err := patch.Open(bytes.NewReader(blank), int64(len(blank)))
	if err != nil {
		return Done{}, fmt.Errorf("%s: %w", m.Workbook, err)
	}
	m.Sheets = slices.Clone(m.Sheets)
	for i := range m.Sheets {
		m.Sheets[i].Cells = slices.Clone(m.Sheets[i].Cells)
	}
	form, err := m.locate(blank)
	if err != nil {
		return Done{}, err
	}
	f := &filling{Map: m, release: r, form: form, fill: book.Fill()}
	if m.Locked == "fill" {
		f.fill.FillLocked()
	}
	var faults []error
	for _, s := range m.Sheets {
		for _, c := range s.Cells {
			faults = append(faults, f.put(s.Sheet, c))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Done{}, named(m.Workbook, err)
	}
	if err := calculate(blank, f.fill); err != nil {
		return Done{}, named(m.Workbook, err)
	}
	filled, err := f.fill.Write(w)
	f.done.Calculated, f.done.Emptied = filled.Calculated, filled.Emptied
	return f.done, named(m.Workbook, err)
}

// named adds the workbook's name to each of several faults, so that each keeps its own fix.
func named(name string, err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, named(name, e))
		}
		return errors.Join(out...)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, patch.ErrLocked) {
		return tributary.Fix(fmt.Errorf("%s: %w", name, err), "name an unlocked cell, ask for a form whose entry cells are unlocked, or, where whoever gave it out agrees, write locked: fill in the map")
	}
	return fmt.Errorf("%s: %w", name, err)
}

type filling struct {
	Map
	release *Release
	form    *form
	fill    *patch.Filling
	done    Done
}

// locate finds each cell of the map by its labels, and fills in where a map leaves that open. What
// cannot be found, is found twice or has moved is said of all cells at once.
func (m Map) locate(blank []byte) (*form, error) {
	var names []string
	for _, s := range m.Sheets {
		names = append(names, s.Sheet)
	}
	if len(names) == 0 {
		return nil, tributary.Fix(fmt.Errorf("%s: the map names no cell", m.Workbook), "write its cells, or learn the form again: tributary template learn")
	}
	f, err := readForm(blank, m.Locked == "fill", names...)
	if err != nil {
		return nil, named(m.Workbook, err)
	}
	var faults []error
	for i, s := range m.Sheets {
		for k, c := range s.Cells {
			at, err := f.locate(s.Sheet, c)
			if err != nil {
				faults = append(faults, named(m.Workbook, err))
				continue
			}
			m.Sheets[i].Cells[k].At = at
		}
	}
	return f, errors.Join(faults...)
}

// locate is where a cell is by its labels.
func (f *form) locate(sheet string, c Cell) (at string, err error) {
	if c.Row == "" && c.Name == "" && c.Column == "" {
		return c.At, nil // a person named the place and no label: it is taken as said
	}
	found := f.find(sheet, c)
	for _, s := range found {
		if s.String() == c.At {
			return c.At, nil
		}
	}
	where := fmt.Sprintf("sheet %q, %s", sheet, c.labels())
	switch {
	case len(found) == 0 && c.At != "" && f.refused(sheet, c.At):
		return c.At, nil // reports/patch says what is wrong with it
	case len(found) == 0:
		return "", tributary.Fix(fmt.Errorf("%s: %w", where, ErrLabelGone), "see what changed with: tributary template diff OLD NEW; or mend the labels in the map")
	case len(found) > 1:
		return "", tributary.Fix(fmt.Errorf("%s: %w: %s and %s", where, ErrLabelTwice, found[0], found[1]), "add under: with a label above that tells which, or at: with the cell")
	case c.At == "":
		return found[0].String(), nil
	}
	return "", tributary.Fix(fmt.Errorf("%s: %w: %s, not %s", where, ErrMoved, found[0], c.At), "look at it and confirm with: tributary template diff OLD NEW --yes; or mend at: in the map")
}

// slot is the cell at a place, or nil.
func (f *form) slot(sheet, at string) *slot {
	for _, p := range f.sheets {
		if strings.EqualFold(p.name, sheet) {
			return p.at[placeOf(at)]
		}
	}
	return nil
}

// refused says whether a place is none that takes a value.
func (f *form) refused(sheet, at string) bool {
	s := f.slot(sheet, at)
	return s == nil || s.fault != nil
}

func (f *filling) miss(sheet string, c Cell, cellID, why string) error {
	f.done.Missing = append(f.done.Missing, Missing{sheet, c.At, c.Fill, cellID, why})
	return nil
}

// put gives one cell its value, or notes why it has none.
func (f *filling) put(sheet string, c Cell) error {
	what, err := ParseFill(c.Fill)
	if err != nil {
		return err
	}
	q, isLater := what.quarter(f.release.Quarter)
	if isLater {
		f.done.Later++
		return nil
	}
	switch what.Kind {
	case "cell":
		id := what.CellID(f.release.Quarter)
		v, ok := f.release.values[id]
		switch {
		case ok && v.isHidden:
			return f.miss(sheet, c, id, "hidden in this release")
		case !ok:
			return f.miss(sheet, c, id, "no figure: see tributary why "+id)
		}
		f.done.Numbers = append(f.done.Numbers, Placed{sheet, c.At, id, v.number})
		return f.fill.SetNumber(sheet, c.At, as(c, v.number))
	case "target":
		v, ok := f.release.target(what.Measure, q)
		if !ok {
			return f.miss(sheet, c, "", "no target is set")
		}
		f.done.Words++
		return f.fill.SetNumber(sheet, c.At, as(c, v))
	case "note":
		id := "workbook@" + q.String()
		if what.Measure != "" {
			id = what.Measure + "@" + q.String() + what.Rest
		}
		return f.text(sheet, c, f.release.notes[what.Field+" "+id], "nobody wrote it yet: tributary note "+id+" TEXT --field "+what.Field)
	}
	if what.Field == "as_of" {
		if s := f.form.slot(sheet, c.At); s != nil && s.isDate {
			f.done.Words++
			return f.fill.SetDate(sheet, c.At, f.release.asOf())
		}
		return f.text(sheet, c, f.release.asOf().Format(time.DateOnly), "")
	}
	text, _ := f.release.setting(what.Field, f.Language)
	return f.text(sheet, c, text, "the setting is empty")
}

func (f *filling) text(sheet string, c Cell, text, why string) error {
	if text == "" {
		return f.miss(sheet, c, "", why)
	}
	f.done.Words++
	return f.fill.SetText(sheet, c.At, text)
}

// as is a number as the cell wants it. Ten significant places are kept: a share times a hundred has no more.
func as(c Cell, v float64) float64 {
	if c.As != "percent" || v == 0 {
		return v
	}
	v *= 100
	scale := math.Pow(10, 10-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// target is what was set for a measure in a quarter, with its main statistic where none was named.
func (r *Release) target(measure string, q tributary.Quarter) (float64, bool) {
	bare, _, _ := strings.Cut(measure, ".")
	for _, id := range []string{measure, bare} {
		if v, ok := r.targets[id+"@"+q.String()]; ok {
			return v, true
		}
	}
	return 0, false
}
