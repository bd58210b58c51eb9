package patch

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tributary"
	"tributary/reports/sheet"
)

const (
	// maxLinks is what Excel takes on one sheet.
	maxLinks = 65530
	// maxListed leaves room for the head of the sheet.
	maxListed = lastRow - 100
)

// words are what our sheet says, in one language.
type words struct {
	sheet, clean, title, nothing, how, back, capped, unlisted, unlinked, about string
	headings                                                                   [5]string
	severity                                                                   map[tributary.Severity]string
	thousands                                                                  string
}

var english = words{
	sheet:    "To fix",
	clean:    "Nothing to fix",
	nothing:  "Nothing to correct in this file",
	title:    "To fix or to confirm in this file: %s",
	how:      "Correct the coloured cells in their own sheets (column Where leads there), save, and send this file back.",
	back:     "Leave this sheet and the notes signed Tributary as they are: they are not read when the file comes back.",
	capped:   "Sheet %q: %s of %s coloured cells have a note; all of them are listed here.",
	unlisted: "%s more do not fit on this sheet.",
	unlinked: "Only the first %s rows lead to their cell; for the others go there by its address.",
	about:    "the file",
	headings: [5]string{"Client id", "What is wrong and what to do", "Where", "How serious", "Check"},
	severity: map[tributary.Severity]string{tributary.Blocks: "Must be fixed", tributary.SetsAside: "Row not counted until fixed",
		tributary.PleaseConfirm: "Please confirm", tributary.Note: "For information"},
	thousands: ",",
}

var french = words{
	sheet:    "À corriger",
	clean:    "Rien à corriger",
	nothing:  "Rien à corriger dans ce fichier",
	title:    "À corriger ou à confirmer dans ce fichier : %s",
	how:      "Corrigez les cellules colorées dans leurs propres feuilles (la colonne Où y mène), enregistrez et renvoyez ce fichier.",
	back:     "Laissez cette feuille et les notes signées Tributary telles quelles : elles ne sont pas lues au retour du fichier.",
	capped:   "Feuille « %s » : une note figure sur %s des %s cellules colorées; toutes sont dans la liste.",
	unlisted: "%s autres n'entrent pas dans cette feuille.",
	unlinked: "Seules les %s premières lignes mènent à leur cellule; pour les autres, allez à l'adresse indiquée.",
	about:    "le fichier",
	headings: [5]string{"N° de client", "Ce qui ne va pas et ce qu'il faut faire", "Où", "Gravité", "Vérification"},
	severity: map[tributary.Severity]string{tributary.Blocks: "À corriger absolument", tributary.SetsAside: "Ligne non comptée avant correction",
		tributary.PleaseConfirm: "Veuillez confirmer", tributary.Note: "Pour information"},
	thousands: "\u00a0",
}

func wordsOf(language string) words {
	if language == "fr" {
		return french
	}
	return english
}

// count writes a number as the language does.
func (w words) count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + w.thousands + s[i:]
	}
	return s
}

// list is our sheet while it is made.
type list struct {
	*job
	*styles
	words
	marks   []Mark
	sheets  []*markedSheet
	summary string
	isOnTop bool
	look    look
	head    []string
}

// look are the styles of our sheet.
type look struct {
	title, plain, heading, text, link int
	severity                          map[tributary.Severity]int
}

// list adds our sheet, or writes it anew where it is. It stands last: every index by which a workbook
// names its sheets keeps its meaning. The workbook opens on it, or nobody would see it.
func (j *job) list(l *list, was earlier) (string, error) {
	// The worst comes first: whoever begins at the top does what matters most.
	l.marks = slices.Clone(l.marks)
	slices.SortStableFunc(l.marks, func(a, b Mark) int { return gravity(a.Severity) - gravity(b.Severity) })
	l.dress()
	l.introduce()
	book, err := j.edit(j.main)
	if err != nil {
		return "", err
	}
	name, index := l.words.sheet, len(j.sheets)
	if len(l.marks) == 0 {
		name = l.clean
	}
	if was.sheet != nil {
		name, index = was.sheet.name, was.sheet.index
		j.stream[was.sheet.part.name] = l.write
		n := book.root.child("sheets").children("sheet")[index]
		book.retag(n, without(book.tag(n), "state"))
	} else {
		if name, err = j.addSheet(book, name, l.write); err != nil {
			return "", err
		}
	}
	if view := book.root.child("bookViews").child("workbookView"); view != nil && l.isOnTop {
		book.retag(view, with(book.tag(view), "activeTab", strconv.Itoa(index)))
	}
	quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'!"
	filter := ""
	if len(l.marks) > 0 {
		filter = fmt.Sprintf(`<%sdefinedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s$A$%d:$E$%d</%sdefinedName>`, book.prefix, index,
			escape(quoted), l.top(), l.bottom(), book.prefix)
	}
	names := filter + fmt.Sprintf(`<%sdefinedName name="%s" hidden="1">%s$A$1</%sdefinedName>`, book.prefix, markName, escape(quoted), book.prefix)
	at := book.root.child("definedNames")
	if at == nil {
		where := book.after(lastKids[1:])
		book.replace(where, where, prefixed(book.prefix, "<definedNames>")+names+prefixed(book.prefix, "</definedNames>"))
		return name, nil
	}
	for _, n := range at.kids {
		if own := book.attr(n, "name"); own == markName || own == "_xlnm._FilterDatabase" && book.attr(n, "localSheetId") == strconv.Itoa(index) {
			book.remove(n)
		}
	}
	book.add(at, names, nil)
	return name, nil
}

// addSheet puts a sheet at the end of the workbook's list and returns its name.
func (j *job) addSheet(book *tree, want string, write func(io.Writer) error) (string, error) {
	name := want
	for i := 2; slices.ContainsFunc(j.sheets, func(s *tab) bool { return strings.EqualFold(s.name, name) }); i++ {
		name = fmt.Sprintf("%s (%d)", want, i)
	}
	file := j.free("xl/worksheets/sheet%d.xml")
	j.put(file, nil)
	j.stream[file] = write
	if err := j.declare(file, "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"); err != nil {
		return "", err
	}
	id, err := j.relate(j.main, j.base+"/worksheet", file)
	if err != nil {
		return "", err
	}
	sheets, most := book.root.child("sheets"), 0
	for _, n := range sheets.children("sheet") {
		if n, err := strconv.Atoi(book.attr(n, "sheetId")); err == nil && n < 1<<16-1 {
			most = max(most, n)
		}
	}
	book.add(sheets, fmt.Sprintf(`<%ssheet name="%s" sheetId="%d" %s/>`, book.prefix, escape(name), most+1, relID(book.tag(book.root), j.base, id)), nil)
	return name, nil
}

// dress adds the styles that our sheet needs.
func (l *list) dress() {
	s := l.styles
	base := ""
	if s.root.child("cellStyleXfs") != nil {
		base = ` xfId="0"`
	}
	xf := func(font, fill int, align string) int {
		return s.addXf(prefixed(s.prefix, fmt.Sprintf(`<xf numFmtId="0" fontId="%d" fillId="%d" borderId="0"%s applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top"%s/></xf>`,
			font, fill, base, align)))
	}
	solid := func(colour string) int {
		return s.addFill(s.solid(prefixed(s.prefix, `<fgColor rgb="`+colour+`"/><bgColor indexed="64"/>`)))
	}
	plain, bold, link := s.addFont("", ""), s.addFont("<b/>", ""), s.addFont("<u/>", `<color rgb="FF0563C1"/>`)
	const wrap = ` wrapText="1"`
	l.look = look{title: xf(bold, 0, ""), plain: xf(plain, 0, ""), heading: xf(bold, solid("FFD9D9D9"), wrap), text: xf(plain, 0, wrap), link: xf(link, 0, wrap),
		severity: map[tributary.Severity]int{}}
	for _, severity := range []tributary.Severity{tributary.Blocks, tributary.SetsAside, tributary.PleaseConfirm, tributary.Note} {
		l.look.severity[severity] = xf(plain, solid(colours[severity]), wrap)
	}
}

// introduce makes the lines above the list.
func (l *list) introduce() {
	l.head = []string{fmt.Sprintf(l.title, l.count(len(l.marks)))}
	if len(l.marks) == 0 {
		l.head[0] = l.nothing
	}
	if l.summary != "" {
		l.head = append(l.head, l.summary)
	}
	if len(l.marks) == 0 {
		return
	}
	l.head = append(l.head, l.how, l.back)
	for _, m := range l.sheets {
		if m.left > 0 {
			l.head = append(l.head, fmt.Sprintf(l.capped, m.name, l.count(len(m.notes)), l.count(len(m.targets))))
		}
	}
	if n := len(l.marks) - maxListed; n > 0 {
		l.head = append(l.head, fmt.Sprintf(l.unlisted, l.count(n)))
	}
	if len(l.marks) > maxLinks {
		l.head = append(l.head, fmt.Sprintf(l.unlinked, l.count(maxLinks)))
	}
}

// top is the row of the headings, bottom the last row.
func (l *list) top() int    { return len(l.head) + 2 }
func (l *list) bottom() int { return l.top() + min(len(l.marks), maxListed) }

// widths of the columns, in characters; lineHeight is that of a line, in points.
var widths = [5]float64{18, 72, 32, 36, 28}

const lineHeight = 15

// write writes the sheet.
func (l *list) write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 64<<10)
	top, bottom := l.top(), l.bottom()
	selected, tab := "", "FFC00000"
	if len(l.marks) == 0 {
		tab = "FF2E7D32"
	}
	if l.isOnTop {
		selected = ` tabSelected="1"`
	}
	fmt.Fprintf(w, xmlHead+`<worksheet xmlns="%s"><sheetPr><tabColor rgb="%s"/><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:E%d"/>`+
		`<sheetViews><sheetView%s workbookViewId="0"><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/>`+
		`<selection pane="bottomLeft" activeCell="A%d" sqref="A%d"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`,
		l.namespace, tab, bottom, selected, top, top+1, top+1, top+1)
	for i, width := range widths {
		fmt.Fprintf(w, `<col min="%d" max="%d" width="%g" customWidth="1"/>`, i+1, i+1, width)
	}
	fmt.Fprint(w, `</cols><sheetData>`)
	for i, line := range l.head {
		style := l.look.plain
		if i == 0 {
			style = l.look.title
		}
		fmt.Fprintf(w, `<row r="%d">`, i+1)
		inline(w, place{i + 1, 1}, style, line)
		fmt.Fprint(w, `</row>`)
	}
	if len(l.marks) > 0 {
		fmt.Fprintf(w, `<row r="%d">`, top)
		for i, heading := range l.headings {
			inline(w, place{top, i + 1}, l.look.heading, heading)
		}
		fmt.Fprint(w, `</row>`)
	}
	shown := l.marks[:min(len(l.marks), maxListed)]
	for i, m := range shown {
		l.row(w, top+1+i, i < maxLinks, m)
	}
	fmt.Fprint(w, `</sheetData>`)
	if len(shown) > 0 {
		fmt.Fprintf(w, `<autoFilter ref="A%d:E%d"/>`, top, bottom)
		l.links(w, shown)
	}
	fmt.Fprint(w, `<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/><pageSetup orientation="landscape" fitToHeight="0"/>`)
	if len(shown) > 0 {
		fmt.Fprintf(w, `<ignoredErrors><ignoredError sqref="A%d:A%d" numberStoredAsText="1"/></ignoredErrors>`, top+1, bottom)
	}
	fmt.Fprint(w, `</worksheet>`)
	return w.Flush()
}

func (l *list) row(w io.Writer, row int, linked bool, m Mark) {
	where, style := l.about, l.look.text
	if m.Sheet != "" {
		where = m.Sheet
	}
	if m.Sheet != "" && m.Cell != "" {
		where += "!" + m.Cell
		if linked {
			style = l.look.link
		}
	}
	texts := [5]string{m.Client, m.Message, where, l.severity[m.Severity], m.Check}
	styles := [5]int{l.look.text, l.look.text, style, l.look.severity[m.Severity], l.look.text}
	lines := 1
	for i, s := range texts {
		lines = max(lines, sheet.Lines(cut(s, maxText), widths[i], 1))
	}
	// No program makes a row higher than this.
	fmt.Fprintf(w, `<row r="%d" ht="%d" customHeight="1">`, row, min(lines*lineHeight, 409))
	for i, s := range texts {
		inline(w, place{row, i + 1}, styles[i], s)
	}
	fmt.Fprint(w, `</row>`)
}

// links lead from the list to the cells.
func (l *list) links(w io.Writer, shown []Mark) {
	isOpen := false
	for i, m := range shown[:min(len(shown), maxLinks)] {
		if m.Sheet == "" || m.Cell == "" {
			continue
		}
		if !isOpen {
			fmt.Fprint(w, `<hyperlinks>`)
			isOpen = true
		}
		at, _ := parsePlace(m.Cell)
		location := "'" + strings.ReplaceAll(m.Sheet, "'", "''") + "'!" + at.String()
		fmt.Fprintf(w, `<hyperlink ref="C%d" location="%s"/>`, l.top()+1+i, escape(location))
	}
	if isOpen {
		fmt.Fprint(w, `</hyperlinks>`)
	}
}

// inline writes a text cell that is nothing but text: nothing in it is run.
func inline(w io.Writer, at place, style int, s string) {
	if s == "" {
		fmt.Fprintf(w, `<c r="%s" s="%d"/>`, at, style)
		return
	}
	fmt.Fprintf(w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, style, cellText(s))
}
