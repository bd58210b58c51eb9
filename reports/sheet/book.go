package sheet

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	font = "Arial" // on every office computer; LibreOffice has one of equal widths
	size = 10.0
)

// Restrained colours that keep their difference in grey print; every colour stands beside a word, a number or a mark.
const (
	Ink   = "1F2933"
	Deep  = "0B4A6F"
	Muted = "52606D"
	Band  = "E8F0F5"
	rule  = "C5D0DA"
)

var (
	lineColours = []string{"0B4A6F", "C4661F", "5B8C5A", "8A4F9E", "B0A030", "4A9BB8", "A83232", "6B7280"}
	markers     = []string{"circle", "square", "triangle", "diamond", "x", "star", "plus", "dash"}
)

// MostLines is how many lines of a chart can be told apart.
var MostLines = len(lineColours)

// Look is how a cell looks. Equal looks share a style. Size is in points, 10 where it is 0; Format is a number format.
type Look struct {
	Bold, Wrap, Right, Center, Head, Striped bool
	Size                                     float64
	Color, Fill, Format                      string
}

func (l Look) points() float64 {
	if l.Size > 0 {
		return l.Size
	}
	return size
}

// About is what a workbook says of itself: its title, whose it is, the quarter that stands below each sheet, the day as
// of which it is, and its language.
type About struct {
	Title, Creator, Quarter string
	Day                     time.Time
	IsFrench                bool
}

// Book is a workbook written from the top down, sheet after sheet. The first fault is kept and ends the writing at the
// end: a workbook is all or nothing.
type Book struct {
	About
	File *excelize.File

	// Of the sheet being written: its name, the widths of its columns in characters, and the row at hand, from 1.
	Name   string
	Widths []float64
	Row    int

	height float64 // of the row at hand, in points
	styles map[Look]int
	sheets int
	err    error
}

// NewBook begins a workbook without a sheet. Close its File in the end.
func NewBook(about About) *Book {
	b := &Book{About: about, File: excelize.NewFile(), styles: map[Look]int{}}
	b.Keep(b.File.SetDefaultFont(font))
	b.File.Styles.Fonts.Font[0].Sz.Val = new(size) // widths are counted in digits of this font; the library sets its name only
	day, language := about.Day.Format(time.DateOnly)+"T00:00:00Z", "en-CA"
	if about.IsFrench {
		language = "fr-CA"
	}
	b.Keep(b.File.SetDocProps(&excelize.DocProperties{Title: about.Title + " " + about.Quarter, Creator: Text(about.Creator), LastModifiedBy: "Tributary", Created: day, Modified: day, Language: language}))
	b.Keep(b.File.SetAppProps(&excelize.AppProperties{Application: "Tributary"}))
	return b
}

// Write ends the workbook: its first sheet is shown, and the first fault is returned.
func (b *Book) Write(w io.Writer) error {
	b.File.SetActiveSheet(0)
	if b.err != nil {
		return b.err
	}
	return Pack(b.File, w)
}

// Keep keeps a fault, the first of all.
func (b *Book) Keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Page begins a sheet: US Letter across, one page wide in print, with title, quarter and number of the page below.
func (b *Book) Page(name string, widths ...float64) {
	b.Name, b.Widths, b.Row, b.height = name, widths, 1, 0
	if b.sheets == 0 {
		b.Keep(b.File.SetSheetName("Sheet1", name))
	} else {
		_, err := b.File.NewSheet(name)
		b.Keep(err)
	}
	b.sheets++
	for i, w := range widths {
		b.Keep(b.File.SetColWidth(name, Letter(i+1), Letter(i+1), w))
	}
	b.Keep(b.File.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: new(false)}))
	b.Keep(b.File.SetPageLayout(name, &excelize.PageLayoutOptions{Size: new(1), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0)}))
	b.Keep(b.File.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	b.Keep(b.File.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: new(0.5), Right: new(0.5), Top: new(0.5), Bottom: new(0.7), Header: new(0.3), Footer: new(0.35)}))
	// A digit after the size would be read as part of it: hence the space.
	b.Keep(b.File.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&8 " + Footer(b.About.Title) + "&C&8 " + Footer(b.Quarter+" – "+name) + "&R&8 &P / &N"}))
}

// Freeze keeps the rows above the current one, and some columns, in view; the lowest of these rows repeats in print.
func (b *Book) Freeze(columns int) {
	top, pane := b.Row-1, "bottomLeft"
	if columns > 0 {
		pane = "bottomRight"
	}
	b.Keep(b.File.SetPanes(b.Name, &excelize.Panes{Freeze: true, XSplit: columns, YSplit: top, TopLeftCell: At(columns+1, top+1), ActivePane: pane}))
	b.Keep(b.File.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.Name, RefersTo: fmt.Sprintf("%s!$%d:$%[2]d", b.quoted(), top)}))
}

// Filter gives the table that ends above the current row its filter; head is the row of its headings.
func (b *Book) Filter(head, columns int) {
	if b.Row-1 > head {
		b.Keep(b.File.AutoFilter(b.Name, fmt.Sprintf("A%d:%s", head, At(columns, b.Row-1)), nil))
	}
}

// PrintFirst prints only the first rows of the table that ends above the current row: nobody wants hundreds of pages,
// and who does takes the print area away.
func (b *Book) PrintFirst(rows, head, columns int) {
	if last := b.Row - 1; last > head {
		b.Keep(b.File.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: b.Name, RefersTo: b.Range(1, 1, columns, min(last, head+rows))}))
	}
}

// Style is the number of a style that looks so.
func (b *Book) Style(l Look) int {
	if id, ok := b.styles[l]; ok {
		return id
	}
	color := l.Color
	if color == "" {
		color = Ink
	}
	st := &excelize.Style{Font: &excelize.Font{Family: font, Size: l.points(), Bold: l.Bold, Color: color}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: l.Wrap}}
	switch {
	case l.Right:
		st.Alignment.Horizontal = "right"
	case l.Center:
		st.Alignment.Horizontal = "center"
	case l.Wrap && l.Size == 0:
		st.Alignment.Horizontal, st.Alignment.Indent = "left", 1 // apart from a number beside it
	}
	switch {
	case l.Striped:
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 14, Color: []string{"9AA5B1"}} // thin diagonal stripes
	case l.Fill != "":
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.Fill}}
	}
	if l.Format != "" {
		st.CustomNumFmt = new(l.Format)
	}
	if l.Wrap || l.Right || l.Center {
		st.Border = []excelize.Border{{Type: "bottom", Color: rule, Style: 4}}
		if l.Head {
			st.Border[0] = excelize.Border{Type: "bottom", Color: Deep, Style: 1}
		}
	}
	id, err := b.File.NewStyle(st)
	b.Keep(err)
	b.styles[l] = id
	return id
}

// Text writes words, never anything that is executed, and makes the row high enough for them.
func (b *Book) Text(column int, s string, l Look) { b.Over(column, column, s, l) }

// Over writes words over several columns, joined: only for sentences, never for data.
func (b *Book) Over(from, to int, s string, l Look) {
	s = Text(s)
	if to > from {
		b.Keep(b.File.MergeCell(b.Name, At(from, b.Row), At(to, b.Row)))
	}
	b.Keep(b.File.SetCellStr(b.Name, At(from, b.Row), s))
	b.Keep(b.File.SetCellStyle(b.Name, At(from, b.Row), At(to, b.Row), b.Style(l)))
	lines := 1
	if l.Wrap {
		width, scale := 0.0, l.points()/size
		for _, w := range b.Widths[from-1 : to] {
			width += w
		}
		if l.Bold {
			scale *= 1.08
		}
		lines = Lines(s, width-1.5, scale)
	}
	b.grow(lines, l)
}

// Number writes a number in the look's format.
func (b *Book) Number(column int, n float64, l Look) {
	l.Right = true
	b.Keep(b.File.SetCellFloat(b.Name, At(column, b.Row), n, -1, 64))
	b.Keep(b.File.SetCellStyle(b.Name, At(column, b.Row), At(column, b.Row), b.Style(l)))
	b.grow(1, l)
}

func (b *Book) grow(lines int, l Look) {
	b.height = max(b.height, min(400, float64(lines)*l.points()*1.22+4)) // a row ends at 409 points
}

// Next ends the row.
func (b *Book) Next() {
	if b.height > 0 {
		b.Keep(b.File.SetRowHeight(b.Name, b.Row, b.height))
	}
	b.Row++
	b.height = 0
}

// Line writes a row of one sentence, over all columns where it wraps.
func (b *Book) Line(s string, l Look) {
	to := 1
	if l.Wrap {
		to = len(b.Widths)
	}
	b.Over(1, to, s, l)
	b.Next()
}

// Heading writes what the sheet is, and of whom and when.
func (b *Book) Heading(title, of string) {
	b.Line(title, Look{Bold: true, Size: 16, Color: Deep})
	b.Line(of, Look{Color: Muted})
	b.Row++
}

// Section writes a heading within the sheet.
func (b *Book) Section(title string) {
	b.Row++
	b.Line(title, Look{Bold: true, Size: 12, Color: Deep})
}

// Heads writes the headings of a table; those of columns from to to stand over numbers.
func (b *Book) Heads(from, to int, heads ...string) {
	for i, h := range heads {
		b.Head(i+1, h, i+1 >= from && i+1 <= to)
	}
	b.Next()
}

// Head writes one heading.
func (b *Book) Head(column int, text string, isNumber bool) {
	b.Text(column, text, Look{Bold: true, Wrap: true, Color: Deep, Fill: Band, Head: true, Right: isNumber})
}

// Chart is what a chart shows. Rows is how many rows of 15 points it covers.
type Chart struct {
	Kind   excelize.ChartType
	Title  string
	Series []excelize.ChartSeries
	Axis   excelize.ChartAxis // number format and ends of the upright axis
	Legend string             // bottom, none
	Height uint               // in pixels
	Rows   int
}

// Chart draws a chart at the current row, as wide as the sheet.
func (b *Book) Chart(c Chart) {
	width := 0.0
	for _, w := range b.Widths {
		width += w*7 + 5
	}
	text := excelize.Font{Family: font, Size: 9, Color: Ink}
	c.Axis.Font, c.Axis.MajorGridLines, c.Axis.Minimum = text, true, new(0.0)
	b.Keep(b.File.AddChart(b.Name, At(1, b.Row), &excelize.Chart{Type: c.Kind, Series: c.Series, ShowBlanksAs: "gap",
		Format:    excelize.GraphicOptions{Name: c.Title, AltText: c.Title, OffsetX: 4, OffsetY: 4, Positioning: "oneCell", PrintObject: new(true)},
		Dimension: excelize.ChartDimension{Width: uint(min(width-12, 1150)), Height: c.Height}, Legend: excelize.ChartLegend{Position: c.Legend, Font: &text},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Title, Font: &excelize.Font{Family: font, Size: 12, Bold: true, Color: Deep}}}},
		XAxis: excelize.ChartAxis{Font: text}, YAxis: c.Axis}))
	for range c.Rows {
		b.height = 15
		b.Next()
	}
}

// Series is the i-th row of a chart, told apart by colour and, as a line, by its mark.
func Series(i int, kind excelize.ChartType, name, categories, values string) excelize.ChartSeries {
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{lineColours[i%len(lineColours)]}}
	s := excelize.ChartSeries{Name: name, Categories: categories, Values: values, Fill: fill}
	if kind == excelize.Line {
		s.Line = excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25}
		s.Marker = excelize.ChartMarker{Symbol: markers[i%len(markers)], Size: 8, Fill: fill, Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: fill}}
	}
	return s
}

// Range names the cells from one column and row to another, as charts and names do.
func (b *Book) Range(fromColumn, fromRow, toColumn, toRow int) string {
	first := fmt.Sprintf("%s!$%s$%d", b.quoted(), Letter(fromColumn), fromRow)
	if fromColumn == toColumn && fromRow == toRow {
		return first
	}
	return fmt.Sprintf("%s:$%s$%d", first, Letter(toColumn), toRow)
}

func (b *Book) quoted() string { return "'" + strings.ReplaceAll(b.Name, "'", "''") + "'" }

// Letter is a column's name; the last one's where there is no such column.
func Letter(column int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return "XFD"
	}
	return name
}

// At is a sheet cell's name.
func At(column, row int) string { return fmt.Sprintf("%s%d", Letter(column), row) }
