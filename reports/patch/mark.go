package patch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tributary"
)

// Mark is one thing to fix or to confirm.
type Mark struct {
	// Sheet and Cell are where it is. Without a cell it is about the sheet, without a sheet about the
	// file: it is listed and nothing is coloured.
	Sheet, Cell string
	// Client is the provider's own id of the client, where there is one.
	Client string
	// Message says in plain words what is wrong and what to do, in the language of the options.
	Message string
	// Check is the id of the check that found it.
	Check    string
	Severity tributary.Severity
}

// Options are the choices that a marked copy leaves.
type Options struct {
	// Language is en or fr.
	Language string
	// Comments is how many cells of a sheet get a comment; 0 stands for DefaultComments. Excel becomes
	// slow with tens of thousands. All cells are coloured and listed all the same.
	Comments int
	// Summary is a sentence about the file that stands above the list.
	Summary string
}

// DefaultComments is how many cells of a sheet get a comment unless the options say otherwise.
const DefaultComments = 2000

// Marked says what was done.
type Marked struct {
	// Sheet is the name of the sheet that lists the marks.
	Sheet                   string
	Cells, Comments, Listed int
}

// colours are the fills of marked cells. They are a hair off the usual ones, so that they are known
// again.
var colours = map[tributary.Severity]string{
	tributary.Blocks:        "FFFFC7CF",
	tributary.SetsAside:     "FFFFC7CF",
	tributary.PleaseConfirm: "FFFFEB9D",
	tributary.Note:          "FFDDEBF8",
}

func isOurColour(rgb string) bool {
	for _, c := range colours {
		if strings.EqualFold(c, rgb) {
			return true
		}
	}
	return false
}

// gravity orders severities, the worst first.
func gravity(s tributary.Severity) int {
	return slices.Index([]tributary.Severity{tributary.Blocks, tributary.SetsAside, tributary.PleaseConfirm, tributary.Note}, s)
}

// markedSheet is what happens to one sheet.
type markedSheet struct {
	*tab
	targets []*target
	worst   map[place]tributary.Severity
	said    map[place][]string
	survey  *survey
	// notes of those cells get a comment.
	notes []comment
	left  int
}

// Mark writes a copy in which the cells are coloured and commented, and the marks listed, in their
// order, on a sheet of ours; without marks it says that there is nothing to correct. A workbook that was marked before loses its earlier marks first.
func (b *Book) Mark(w io.Writer, marks []Mark, o Options) (Marked, error) {
	if o.Comments <= 0 {
		o.Comments = DefaultComments
	}
	sheets, err := b.gather(marks)
	if err != nil {
		return Marked{}, err
	}
	was, err := b.earlier()
	if err != nil {
		return Marked{}, err
	}
	s, err := b.readStyles()
	if err != nil {
		return Marked{}, err
	}
	restored := map[int]int{}
	if was.isMarked {
		restored = s.marked(was.remembers)
	}
	isOnTop, err := b.look(sheets, was, restored)
	if err != nil {
		return Marked{}, err
	}
	j := b.job()
	done := Marked{Listed: len(marks)}
	for _, m := range sheets {
		if m.survey == nil {
			continue
		}
		m.style(s)
		m.comment(o.Comments)
		c := change{styles: restored, deselect: isOnTop && m.survey.isSelected}
		if c.legacyID, err = j.comment(m.part.name, m.survey, m.notes); err != nil {
			return Marked{}, err
		}
		if len(m.targets) > 0 || c.deselect || m.survey.hasStyle || c.legacyID != "" {
			j.stream[m.part.name] = func(w io.Writer) error { return b.rewrite(m.part, m.survey, c, w) }
		}
		done.Cells += len(m.targets)
		done.Comments += len(m.notes)
	}
	if done.Sheet, err = j.list(&list{job: j, styles: s, marks: marks, sheets: sheets, words: wordsOf(o.Language), summary: o.Summary, isOnTop: isOnTop}, was); err != nil {
		return Marked{}, err
	}
	if err := s.write(j); err != nil {
		return Marked{}, err
	}
	return done, j.write(w)
}

// gather sorts the marks by sheet and cell. All that is wrong with them is said at once.
func (b *Book) gather(marks []Mark) ([]*markedSheet, error) {
	sheets := make([]*markedSheet, len(b.sheets))
	for i, s := range b.sheets {
		sheets[i] = &markedSheet{tab: s, worst: map[place]tributary.Severity{}, said: map[place][]string{}}
	}
	var faults []error
	for _, m := range marks {
		if gravity(m.Severity) < 0 && len(faults) < 20 {
			faults = append(faults, fmt.Errorf("check %q: severity %q is not known", m.Check, m.Severity))
		}
		if m.Sheet == "" {
			continue
		}
		s, err := b.sheet(m.Sheet)
		at, isCell := parsePlace(m.Cell)
		if err == nil && m.Cell != "" && !isCell {
			err = tributary.Fix(fmt.Errorf("sheet %q, cell %q: %w", m.Sheet, m.Cell, ErrNotCell), "write letters and a number, such as B12")
		}
		if err != nil && len(faults) < 20 {
			faults = append(faults, err)
		}
		if err != nil || m.Cell == "" {
			continue
		}
		sheets[s.index].mark(at, m.Severity, m.Message)
	}
	for _, s := range sheets {
		s.order()
	}
	return sheets, errors.Join(faults...)
}

// look surveys the sheets that may change, and says whether ours can be the one that shows: not where
// another is on top that must stay as it is.
func (b *Book) look(sheets []*markedSheet, was earlier, restored map[int]int) (bool, error) {
	find := map[int]bool{}
	for style := range restored {
		find[style] = true
	}
	isOnTop := !was.hidesOurs
	for _, m := range sheets {
		switch {
		case m.part == nil:
			// A sheet of charts or macros is not touched; whether it is on top its own part says.
			isSelected, err := b.isSelected(b.partOf(m.tab))
			if err != nil {
				return false, err
			}
			isOnTop = isOnTop && !isSelected
			continue
		case was.sheet == m.tab:
			continue
		case len(m.targets) == 0 && !was.isMarked:
			isSelected, err := b.isSelected(m.part)
			if err != nil {
				return false, err
			}
			if !isSelected {
				continue
			}
		}
		var err error
		if m.survey, err = b.survey(m.part, m.targets, find, false); err != nil {
			return false, fmt.Errorf("sheet %q: %w", m.name, err)
		}
		if !m.unmerge() {
			continue
		}
		if m.survey, err = b.survey(m.part, m.targets, find, false); err != nil {
			return false, fmt.Errorf("sheet %q: %w", m.name, err)
		}
	}
	return isOnTop, nil
}

// unmerge moves marks that a merged range hides to its first cell, and says whether there were any.
func (m *markedSheet) unmerge() bool {
	if !slices.ContainsFunc(m.targets, func(t *target) bool { return t.isMerged }) {
		return false
	}
	was := m.targets
	m.targets = nil
	for _, t := range was {
		if !t.isMerged {
			m.targets = append(m.targets, &target{place: t.place})
		}
	}
	for _, t := range was {
		if t.isMerged {
			m.mark(t.anchor, m.worst[t.place], m.said[t.place]...)
		}
	}
	m.order()
	return true
}

// mark notes what is wrong with a cell.
func (m *markedSheet) mark(at place, severity tributary.Severity, messages ...string) {
	worst, isThere := m.worst[at]
	if !isThere {
		m.targets = append(m.targets, &target{place: at})
	}
	if !isThere || gravity(severity) < gravity(worst) {
		m.worst[at] = severity
	}
	for _, s := range messages {
		if !slices.Contains(m.said[at], s) {
			m.said[at] = append(m.said[at], s)
		}
	}
}

func (m *markedSheet) order() {
	slices.SortFunc(m.targets, func(a, b *target) int { return a.compare(b.place) })
}

// partOf finds the part of a tab that is no worksheet; nil where there is none.
func (b *Book) partOf(s *tab) *part {
	for _, rel := range b.rels {
		if rel.id == s.id {
			return b.find(rel.target)
		}
	}
	return nil
}

// isSelected reads the head of a sheet, up to its table of cells.
func (b *Book) isSelected(p *part) (bool, error) {
	if p == nil {
		return false, nil
	}
	in, err := p.open()
	if err != nil {
		return false, err
	}
	defer in.Close()
	s := newScanner(in, p.name)
	for s.next() {
		if s.kind != open && s.kind != empty {
			continue
		}
		name := string(tagName(s.raw))
		switch name[strings.IndexByte(name, ':')+1:] {
		case "sheetView":
			if isTrue(value(s.raw, "tabSelected")) {
				return true, nil
			}
		case "sheetData", "drawing":
			return false, nil
		}
	}
	return false, s.err
}

func (m *markedSheet) style(s *styles) {
	for _, t := range m.targets {
		t.restyle, t.newStyle = true, s.withFill(t.style, colours[m.worst[t.place]])
	}
}

// comment chooses the cells that get a comment: the worst first, then from the top.
func (m *markedSheet) comment(most int) {
	chosen := slices.Clone(m.targets)
	if len(chosen) > most {
		slices.SortStableFunc(chosen, func(a, b *target) int { return cmp.Compare(gravity(m.worst[a.place]), gravity(m.worst[b.place])) })
		m.left = len(chosen) - most
		chosen = chosen[:most]
		slices.SortFunc(chosen, func(a, b *target) int { return a.compare(b.place) })
	}
	for _, t := range chosen {
		m.notes = append(m.notes, comment{t.place, strings.Join(m.said[t.place], "\n\n")})
	}
}
