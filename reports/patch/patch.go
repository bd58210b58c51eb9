// Package patch changes a workbook (.xlsx, .xlsm) inside its zip.
//
// Takes a workbook as it came, and marks or values for its cells. Leaves a workbook in which only
// what was asked for is changed: the sheets with those cells, their comments, the list of styles, the
// list of sheets. Every other part keeps its compressed bytes, its header and its place; in a sheet
// every byte that is not about such a cell stays. Never holds a sheet in memory, runs or follows a
// formula, macro or link, nor changes a file that is signed, encrypted or damaged: it is refused
// before the first byte is written.
package patch

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"tributary"
)

// What keeps a workbook, or one cell of it, from being changed.
var (
	ErrEncrypted    = errors.New("the workbook is protected by a password")
	ErrDamaged      = errors.New("the workbook is damaged")
	ErrTooLarge     = errors.New("the workbook is too large")
	ErrSigned       = errors.New("the workbook is digitally signed")
	ErrNotWorkbook  = errors.New("it is not an .xlsx or .xlsm workbook")
	ErrNoSheet      = errors.New("there is no such sheet")
	ErrNotWorksheet = errors.New("it is a sheet without cells, or of macros")
	ErrNotCell      = errors.New("it is not a cell, such as B12")
	ErrMerged       = errors.New("the cell lies in a merged range and is not its first")
	ErrFormula      = errors.New("the cell holds a formula, or shows part of one's result")
	ErrLocked       = errors.New("the cell is locked and its sheet is protected")
	ErrTableHeading = errors.New("the cell is the heading of a table")
	ErrPivot        = errors.New("the cell lies in a pivot table")
	ErrNotDate      = errors.New("the cell has no date format")
	ErrTwice        = errors.New("the cell is given twice")
	ErrNotNumber    = errors.New("the number cannot be written in a sheet cell")
)

func damaged(format string, args ...any) error {
	return tributary.Fix(fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...),
		"open it in Excel, save it again, or ask for it again")
}

// Book is a workbook that was opened for patching. It reads from its reader at each Mark and Fill and
// keeps nothing of the cells; it may be used again, each time from the file as it came.
type Book struct {
	r      io.ReaderAt
	parts  []*part
	byName map[string]*part
	// main is the name of the workbook part, base what types of relationships begin with: workbooks
	// that are strict by the standard have another than all others.
	main, base string
	rels       []relation
	sheets     []*tab
	is1904     bool
	// namespace is that of the workbook's own elements.
	namespace string
}

// tab is one sheet of the workbook.
type tab struct {
	name  string
	id    string
	index int
	// part is nil where the tab is no worksheet.
	part *part
}

// relation is one line of a part's relationships; target is the name of the part it leads to.
type relation struct{ id, kind, target string }

const (
	transitional = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	strict       = "http://purl.oclc.org/ooxml/officeDocument/relationships"
	typesPart    = "[Content_Types].xml"
)

// Open reads the list of parts, the workbook's list of sheets, and no sheet.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	b := &Book{r: r, byName: map[string]*part{}, base: transitional}
	var err error
	if b.parts, err = readZip(r, size); err != nil {
		return nil, err
	}
	for _, p := range b.parts {
		b.byName[strings.ToLower(p.name)] = p
		if strings.HasPrefix(strings.ToLower(p.name), "_xmlsignatures/") {
			return nil, tributary.Fix(ErrSigned, "any change breaks the signature; use the file from before it was signed")
		}
	}
	top, err := b.relations("")
	if err != nil {
		return nil, err
	}
	for _, rel := range top {
		if is(rel.kind, "officeDocument") && b.main == "" {
			b.main = rel.target
			b.base = strings.TrimSuffix(rel.kind, "/officeDocument")
		}
	}
	if b.main == "" || b.find(typesPart) == nil || b.find(b.main) == nil || !strings.HasSuffix(strings.ToLower(b.main), ".xml") {
		return nil, tributary.Fix(ErrNotWorkbook, "save it as .xlsx in Excel")
	}
	if b.rels, err = b.relations(b.main); err != nil {
		return nil, err
	}
	book, err := b.tree(b.main)
	if err != nil {
		return nil, err
	}
	return b, b.readSheets(book)
}

func (b *Book) readSheets(book *tree) error {
	if book.root.name != "workbook" {
		return tributary.Fix(ErrNotWorkbook, "save it as .xlsx in Excel")
	}
	b.namespace = value(book.tag(book.root), strings.TrimSuffix("xmlns:"+book.prefix, ":"))
	if properties := book.root.child("workbookPr"); properties != nil {
		b.is1904 = isTrue(book.attr(properties, "date1904"))
	}
	for i, n := range book.root.child("sheets").children("sheet") {
		s := &tab{name: book.attr(n, "name"), id: book.relAttr(n, "id"), index: i}
		for _, rel := range b.rels {
			if rel.id != s.id || s.part != nil || !is(rel.kind, "worksheet") {
				continue
			}
			if s.part = b.find(rel.target); s.part == nil {
				return damaged("the part of sheet %d is not there", i+1)
			}
			if slices.ContainsFunc(b.sheets, func(other *tab) bool { return other.part == s.part }) {
				return damaged("two sheets have one part")
			}
		}
		b.sheets = append(b.sheets, s)
	}
	if len(b.sheets) == 0 {
		return tributary.Fix(fmt.Errorf("%w: it has no sheets", ErrNotWorkbook), "save it as .xlsx in Excel")
	}
	return nil
}

// is says whether a relationship is of that kind, in the words of either standard.
func is(kind, name string) bool { return kind == transitional+"/"+name || kind == strict+"/"+name }

func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }

// Sheets returns the names of the worksheets, in the workbook's order.
func (b *Book) Sheets() []string {
	var names []string
	for _, s := range b.sheets {
		if s.part != nil {
			names = append(names, s.name)
		}
	}
	return names
}

// Size returns the last row and the last column in which a sheet has a cell, with or without a value.
func (b *Book) Size(sheet string) (rows, columns int, err error) {
	s, err := b.sheet(sheet)
	if err != nil {
		return 0, 0, err
	}
	in, err := s.part.open()
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	r := newSheetReader(in, s.part.name)
	for r.next() {
		if r.inCells() && r.begins("c", 4) {
			rows, columns = max(rows, r.row), max(columns, r.column)
		}
	}
	return rows, columns, r.err
}

// Keep writes a copy for a reader that unfolds every sheet: those that are not named have no cell.
func (b *Book) Keep(w io.Writer, sheets ...string) error {
	j := b.job()
	for _, s := range b.sheets {
		isNamed := slices.ContainsFunc(sheets, func(name string) bool { return strings.EqualFold(name, s.name) })
		if s.part != nil && !isNamed {
			j.put(s.part.name, []byte(xmlHead+`<worksheet xmlns="`+escape(b.namespace)+`"><sheetData/></worksheet>`))
		}
	}
	return j.write(w)
}

// find returns the part of that name, or nil; case makes no difference.
func (b *Book) find(name string) *part { return b.byName[strings.ToLower(name)] }

// sheet finds a worksheet by name; as in Excel, case makes no difference.
func (b *Book) sheet(name string) (*tab, error) {
	var found *tab
	for _, s := range b.sheets {
		if s.name == name || found == nil && strings.EqualFold(s.name, name) {
			found = s
		}
	}
	switch {
	case found == nil:
		fix := "the workbook has: " + strings.Join(b.Sheets(), ", ")
		if near := nearest(name, b.Sheets()); near != "" {
			fix = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, tributary.Fix(fmt.Errorf("sheet %q: %w", name, ErrNoSheet), fix)
	case found.part == nil:
		return nil, tributary.Fix(fmt.Errorf("sheet %q: %w", name, ErrNotWorksheet), "name a worksheet: "+strings.Join(b.Sheets(), ", "))
	}
	return found, nil
}

// nearest is the name that differs in at most a third of its letters, case and space apart.
func nearest(name string, names []string) string {
	fold := func(s string) []rune { return []rune(strings.ToLower(strings.Join(strings.Fields(s), ""))) }
	best, least := "", len(fold(name))/3+1
	for _, n := range names {
		if d := distance(fold(name), fold(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to change, insert or leave out (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (b *Book) tree(name string) (*tree, error) {
	p := b.find(name)
	if p == nil {
		return nil, damaged("%s is not there", name)
	}
	content, err := p.bytes()
	if err != nil {
		return nil, err
	}
	return parse(p.name, content)
}

// relsName is where the relationships of a part stand.
func relsName(name string) string {
	dir, file := path.Split(name)
	return dir + "_rels/" + file + ".rels"
}

// relations reads what a part leads to; a part without relationships leads to nothing.
func (b *Book) relations(name string) ([]relation, error) {
	if b.find(relsName(name)) == nil {
		return nil, nil
	}
	t, err := b.tree(relsName(name))
	if err != nil {
		return nil, err
	}
	var out []relation
	for _, n := range t.root.children("Relationship") {
		if t.attr(n, "TargetMode") == "External" {
			continue
		}
		target := t.attr(n, "Target")
		if strings.HasPrefix(target, "/") {
			target = path.Clean(target)[1:]
		} else {
			target = path.Join(path.Dir(name), target)
		}
		out = append(out, relation{t.attr(n, "Id"), t.attr(n, "Type"), target})
	}
	return out, nil
}

// job gathers the changes of one Mark or Fill before anything is written.
type job struct {
	*Book
	trees  map[string]*tree
	stream map[string]func(io.Writer) error
	added  []string
	fresh  map[string][]byte
	// ids counts the relationships that were added.
	ids int
}

func (b *Book) job() *job {
	return &job{Book: b, trees: map[string]*tree{}, stream: map[string]func(io.Writer) error{}, fresh: map[string][]byte{}}
}

// edit returns the tree of a part that is going to be edited.
func (j *job) edit(name string) (*tree, error) {
	if t := j.trees[strings.ToLower(name)]; t != nil {
		return t, nil
	}
	if content, ok := j.fresh[name]; ok {
		t, err := parse(name, content)
		j.trees[strings.ToLower(name)] = t
		return t, err
	}
	t, err := j.tree(name)
	if err == nil {
		j.trees[strings.ToLower(name)] = t
	}
	return t, err
}

// put adds a part, or replaces one whole.
func (j *job) put(name string, content []byte) {
	if p := j.find(name); p != nil {
		name = p.name
	} else if _, isThere := j.fresh[name]; !isThere {
		j.added = append(j.added, name)
	}
	j.fresh[name] = content
}

// free is a name for a new part: the pattern with the first number that is not taken.
func (j *job) free(pattern string) string {
	for i := 1; ; i++ {
		name := fmt.Sprintf(pattern, i)
		if j.find(name) == nil && j.fresh[name] == nil {
			return name
		}
	}
}

// relate adds a relationship from a part to another and returns its id.
func (j *job) relate(from, kind, to string) (string, error) {
	name := relsName(from)
	if j.find(name) == nil && j.fresh[name] == nil {
		j.put(name, []byte(xmlHead+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`))
	}
	t, err := j.edit(name)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, n := range t.root.kids {
		taken[t.attr(n, "Id")] = true
	}
	j.ids++
	id := fmt.Sprintf("rIdT%d", j.ids)
	for ; taken[id]; id = fmt.Sprintf("rIdT%d", j.ids) {
		j.ids++
	}
	t.add(t.root, fmt.Sprintf(`<%sRelationship Id="%s" Type="%s" Target="/%s"/>`, t.prefix, id, kind, escape(to)), nil)
	return id, nil
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// declare says in the list of content types what a new part is.
func (j *job) declare(name, kind string) error {
	t, err := j.edit(typesPart)
	if err != nil {
		return err
	}
	extension := path.Ext(name)[1:]
	for _, n := range t.root.children("Default") {
		if strings.EqualFold(t.attr(n, "Extension"), extension) && t.attr(n, "ContentType") == kind {
			return nil
		}
	}
	for _, n := range t.root.children("Override") {
		if strings.EqualFold(t.attr(n, "PartName"), "/"+name) {
			t.retag(n, with(t.tag(n), "ContentType", kind))
			return nil
		}
	}
	t.add(t.root, fmt.Sprintf(`<%sOverride PartName="/%s" ContentType="%s"/>`, t.prefix, escape(name), kind), nil)
	return nil
}

// write writes the workbook: what is changed anew, all else as it stands, in the same places.
func (j *job) write(w io.Writer) error {
	z := &zipWriter{w: w, records: map[string][]byte{}}
	replace := map[string]func(io.Writer) error{}
	for name, content := range j.fresh {
		replace[name] = func(w io.Writer) error { _, err := w.Write(content); return err }
	}
	for name, stream := range j.stream {
		replace[name] = stream
	}
	for _, t := range j.trees {
		if len(t.edits) > 0 {
			content := t.bytes()
			replace[t.part] = func(w io.Writer) error { _, err := w.Write(content); return err }
		}
	}
	inPlace := slices.Clone(j.parts)
	slices.SortStableFunc(inPlace, func(a, b *part) int { return int(min(max(a.start-b.start, -1), 1)) })
	if start := inPlace[0].start; start > 0 {
		if _, err := io.Copy(z, io.NewSectionReader(j.r, 0, start)); err != nil {
			return err
		}
	}
	for _, p := range inPlace {
		var err error
		if content := replace[p.name]; content != nil {
			err = z.put(p.name, p, content)
		} else {
			err = z.keep(j.r, p)
		}
		if err != nil {
			return err
		}
	}
	names := make([]string, 0, len(j.parts)+len(j.added))
	for _, p := range j.parts {
		names = append(names, p.name)
	}
	for _, name := range j.added {
		names = append(names, name)
		if err := z.put(name, nil, replace[name]); err != nil {
			return err
		}
	}
	return z.close(names)
}

// after finds where a new child of that name belongs: before the first of those that come later.
func (t *tree) after(later []string) int {
	for _, k := range t.root.kids {
		if slices.Contains(later, k.name) {
			return k.start
		}
	}
	return t.root.close
}

// lastKids are the children of a workbook from definedNames on, in the order of the format.
var lastKids = []string{"definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes",
	"webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst"}
