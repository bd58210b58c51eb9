package ministry

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

const (
	font     = "Arial" // on every office computer; LibreOffice has one of equal widths
	fontSize = 10.0
)

// book is the workbook being written. The first fault is kept and ends the writing at the end: a
// workbook is all or nothing.
type book struct {
	f      *excelize.File
	words  words
	rel    *release
	styles map[look]int
	names  map[string]bool
	cells  []Cell
	inputs []input
	pages  int
	err    error
}

func (b *book) keep(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

func (b *book) begin() error {
	if err := b.f.SetDefaultFont(font); err != nil {
		return err
	}
	// Column widths are counted in digits of this font; the library sets its name only.
	b.f.Styles.Fonts.Font[0].Sz.Val = ptr(fontSize)
	return nil
}

func (b *book) end() error {
	day := b.rel.asOf().Format("2006-01-02") + "T00:00:00Z"
	if err := b.f.SetDocProps(&excelize.DocProperties{
		Title:   b.words["title"] + " " + b.rel.quarter.String(),
		Creator: sheet.Text(b.agencyName()), LastModifiedBy: "Tributary", Created: day, Modified: day,
		Language: map[string]string{"en": "en-CA", "fr": "fr-CA"}[b.rel.lang],
	}); err != nil {
		return err
	}
	if err := b.f.SetAppProps(&excelize.AppProperties{Application: "Tributary"}); err != nil {
		return err
	}
	b.f.SetActiveSheet(0)
	return nil
}

func (b *book) agencyName() string { return b.setting("agency_name") }

// setting is the text of the language, the English one where there is no other.
func (b *book) setting(name string) string {
	if b.rel.lang == "fr" && b.rel.settings[name+"_fr"] != "" {
		return b.rel.settings[name+"_fr"]
	}
	return b.rel.settings[name]
}

// page is one sheet being written from the top down; heights grow with what its rows hold.
type page struct {
	*book
	name    string
	top     int // rows that repeat in print
	row     int
	widths  []float64
	heights map[int]float64
}

type frame struct {
	name    string // key of the sheet's name
	number  int    // of several sheets of one name, from 2
	widths  []float64
	header  int // rows that stay in view and repeat in print
	fixed   int // columns that stay in view
	onePage bool
	tab     string
}

func (b *book) page(fr frame) *page {
	name := b.words[fr.name]
	if fr.number > 1 {
		name = fmt.Sprintf("%s (%d)", name, fr.number)
	}
	if b.pages == 0 {
		b.keep(b.f.SetSheetName("Sheet1", name))
	} else {
		_, err := b.f.NewSheet(name)
		b.keep(err)
	}
	b.pages++
	p := &page{book: b, name: name, row: 1, top: fr.header, widths: fr.widths, heights: map[int]float64{}}
	for i, w := range fr.widths {
		b.keep(b.f.SetColWidth(name, column(i+1), column(i+1), w))
	}
	b.keep(b.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: ptr(false)}))
	b.layout(fr, name)
	if fr.header > 0 {
		b.keep(b.f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: fr.fixed, YSplit: fr.header,
			TopLeftCell: at(fr.fixed+1, fr.header+1), ActivePane: map[bool]string{true: "bottomRight", false: "bottomLeft"}[fr.fixed > 0]}))
		b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name,
			RefersTo: fmt.Sprintf("'%s'!$1:$%d", quoted(name), fr.header)}))
	}
	return p
}

// layout makes the sheet fit one page wide: US Letter, landscape, with its page and quarter below.
func (b *book) layout(fr frame, name string) {
	tall := 0
	if fr.onePage {
		tall = 1
	}
	b.keep(b.f.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: ptr(1), Orientation: ptr("landscape"), FitToWidth: ptr(1), FitToHeight: ptr(tall)}))
	props := &excelize.SheetPropsOptions{FitToPage: ptr(true)}
	if fr.tab != "" {
		props.TabColorRGB = ptr(fr.tab)
	}
	b.keep(b.f.SetSheetProps(name, props))
	b.keep(b.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: ptr(0.5), Right: ptr(0.5),
		Top: ptr(0.5), Bottom: ptr(0.7), Header: ptr(0.3), Footer: ptr(0.35), Horizontally: ptr(true)}))
	// A digit after the size would be read as part of it: hence the space.
	foot := "&L&8 " + sheet.Footer(short(b.agencyName())) + "&C&8 " + b.rel.quarter.String() + " – " + sheet.Footer(name) +
		"&R&8 " + b.words["footer_page"]
	b.keep(b.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: foot}))
}

// short keeps a name within what a footer holds (255 characters, ours and codes with it).
func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// text writes words, never anything that is executed, and makes the row high enough for them.
func (p *page) text(col int, s string, l look) {
	s = sheet.Text(s)
	cell := at(col, p.row)
	p.keep(p.f.SetCellStr(p.name, cell, s))
	p.keep(p.f.SetCellStyle(p.name, cell, cell, p.style(l)))
	width := 1000.0 // text that is not wrapped runs over the empty cells beside it
	if l.wrap {
		width = p.widths[col-1] - float64(l.indent)*1.5
	}
	p.grow(l, sheet.Lines(s, width, l.scale()))
}

// prose writes words over several columns, joined: only for sentences, never for data.
func (p *page) prose(from, to int, s string, l look) {
	l.wrap = true
	p.keep(p.f.MergeCell(p.name, at(from, p.row), at(to, p.row)))
	cell := at(from, p.row)
	p.keep(p.f.SetCellStr(p.name, cell, sheet.Text(s)))
	p.keep(p.f.SetCellStyle(p.name, cell, at(to, p.row), p.style(l)))
	width := 0.0
	for _, w := range p.widths[from-1 : to] {
		width += w
	}
	p.grow(l, sheet.Lines(s, width, l.scale()))
}

func (p *page) grow(l look, lines int) {
	h := float64(lines)*l.points()*1.22 + 3
	if l.tall > h {
		h = l.tall
	}
	if h > 400 { // a row ends at 409 points
		h = 400
	}
	if h > p.heights[p.row] {
		p.heights[p.row] = h
	}
}

// number writes a published number: its value as it is, its mark in the format, its place in the map.
// What is not there is never a number.
func (p *page) number(col int, d definition, statistic string, n number, ok bool, l look) {
	l.align = "right"
	switch {
	case !ok:
		l.color = muted
		p.text(col, none, l)
		return
	case n.hidden:
		p.text(col, "*", l)
		return
	}
	l.format = p.format(d, statistic, n)
	if n.isSmall {
		l.italic = true
	}
	cell := at(col, p.row)
	p.keep(p.f.SetCellFloat(p.name, cell, n.value, -1, 64))
	p.keep(p.f.SetCellStyle(p.name, cell, cell, p.style(l)))
	p.grow(l, 1)
	p.cells = append(p.cells, Cell{p.name, cell, n.cellID, n.value})
}

// next ends the row.
func (p *page) next() {
	if h := p.heights[p.row]; h > 0 {
		p.keep(p.f.SetRowHeight(p.name, p.row, h))
	}
	p.row++
}

// The paper: US Letter across, less its margins, in points; and the points of an empty row.
const (
	paperWidth, paperHeight = 720.0, 505.0
	emptyRow                = 12.75
	spill                   = 0.3
	smallest                = 0.62 // of 10 points: below it nobody reads
)

// finish keeps a sheet from spilling a few rows onto a page of their own: up to spill of a page is
// taken back by printing a little smaller.
func (p *page) finish() {
	width, height, repeated := 0.0, 0.0, 0.0
	for _, w := range p.widths {
		width += (w*7 + 5) * 0.75
	}
	for row := 1; row < p.row; row++ {
		h := p.heights[row]
		if h == 0 {
			h = emptyRow
		}
		height += h
		if row <= p.top {
			repeated += h
		}
	}
	scale := min(1, paperWidth/width)
	each := paperHeight/scale - repeated
	pages := (height - repeated) / each
	whole := math.Floor(pages)
	if whole >= 1 && pages > whole && pages-whole <= spill && scale*whole/pages >= smallest {
		p.keep(p.f.SetPageLayout(p.name, &excelize.PageLayoutOptions{FitToHeight: ptr(int(whole))}))
	}
}

// line fills the row's cells that hold nothing, so that rules and bands run through.
func (p *page) line(from, to int, l look) {
	p.keep(p.f.SetCellStyle(p.name, at(from, p.row), at(to, p.row), p.style(l)))
}

// heading is the sheet's two rows at the top: what it is, and of whom and when.
func (p *page) heading(title string) {
	p.text(1, title, look{size: 16, bold: true, color: deep})
	p.next()
	p.text(1, p.agencyName()+"  ·  "+p.quarterLong(), look{color: muted})
	p.next()
}

// section is a heading within a sheet.
func (p *page) section(title string) {
	p.row++
	p.line(1, len(p.widths), look{border: "heavy"})
	p.text(1, title, look{size: 12, bold: true, color: deep, border: "heavy"})
	p.next()
}

// heads writes a row of column headings; those over numbers, from to to, stand right as numbers do.
func (p *page) heads(from, to int, heads ...string) {
	p.line(1, len(p.widths), headLook)
	for i, h := range heads {
		l := headLook
		if i+1 >= from && i+1 <= to {
			l.align = "right"
		}
		if to > 0 && i == to {
			l.indent = 1 // apart from the numbers beside it
		}
		p.text(i+1, h, l)
	}
	p.next()
}

var cellLike = regexp.MustCompile(`(?i)^([a-z]{1,3}[0-9]+|r[0-9]*c?[0-9]*|c[0-9]*)$`)

// named gives the cell in the current row a name that survives inserted rows. A second number of the
// same name keeps the first: names are for the question tabs.
func (p *page) named(col int, name string) {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if cellLike.MatchString(name) || name[0] >= '0' && name[0] <= '9' || name[0] == '.' {
		name = "_" + name
	}
	if p.names[name] {
		return
	}
	p.names[name] = true
	p.keep(p.f.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: p.absolute(col, p.row)}))
}

func (p *page) absolute(col, row int) string {
	return fmt.Sprintf("'%s'!$%s$%d", quoted(p.name), column(col), row)
}

func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

func column(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return "XFD"
	}
	return name
}

func at(col, row int) string { return fmt.Sprintf("%s%d", column(col), row) }

func ptr[T any](v T) *T { return &v }
