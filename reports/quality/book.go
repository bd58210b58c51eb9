package quality

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

const (
	font = "Arial" // on every office computer; LibreOffice has one of equal widths
	size = 10.0
)

// Restrained colours that keep their difference in grey print; every colour stands beside a word or a number.
const (
	ink    = "1F2933"
	deep   = "0B4A6F"
	muted  = "52606D"
	band   = "E8F0F5"
	rule   = "C5D0DA"
	good   = "DDEFE0"
	fair   = "FFF6D6"
	poor   = "FBD9A8"
	bad    = "F2B5A7"
	silent = "ECEFF2"
)

var lineColours = []string{"0B4A6F", "C4661F", "5B8C5A", "8A4F9E", "B0A030", "4A9BB8", "A83232", "6B7280"}
var markers = []string{"circle", "square", "triangle", "diamond", "x", "star", "plus", "dash"}

// look is how a cell looks. Equal looks share a style.
type look struct {
	bold, wrap, right, center bool
	size                      float64
	color, fill, format       string
	head                      bool
}

// book is the workbook being written; the first fault is kept and ends the writing at the end.
type book struct {
	*memory
	f      *excelize.File
	fr     bool
	styles map[look]int
	pages  int
	err    error

	// Of the page being written:
	name   string
	wide   []float64
	row    int
	points float64
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) begin() {
	b.keep(b.f.SetDefaultFont(font))
	b.f.Styles.Fonts.Font[0].Sz.Val = new(size)
	day := b.quarter.End().Format("2006-01-02") + "T00:00:00Z"
	b.keep(b.f.SetDocProps(&excelize.DocProperties{Title: b.word("title") + " " + b.quarter.String(), Creator: "Tributary", LastModifiedBy: "Tributary",
		Created: day, Modified: day, Language: map[bool]string{false: "en-CA", true: "fr-CA"}[b.fr]}))
	b.keep(b.f.SetAppProps(&excelize.AppProperties{Application: "Tributary"}))
}

// page begins a sheet, one page wide in print.
func (b *book) page(key string, widths ...float64) {
	b.name, b.wide, b.row, b.points = b.word("sheet."+key), widths, 1, 0
	if b.pages == 0 {
		b.keep(b.f.SetSheetName("Sheet1", b.name))
	} else {
		_, err := b.f.NewSheet(b.name)
		b.keep(err)
	}
	b.pages++
	for i, w := range widths {
		b.keep(b.f.SetColWidth(b.name, letter(i+1), letter(i+1), w))
	}
	b.keep(b.f.SetSheetView(b.name, 0, &excelize.ViewOptions{ShowGridLines: new(false)}))
	b.keep(b.f.SetPageLayout(b.name, &excelize.PageLayoutOptions{Size: new(1), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0)}))
	b.keep(b.f.SetSheetProps(b.name, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	b.keep(b.f.SetPageMargins(b.name, &excelize.PageLayoutMarginsOptions{Left: new(0.5), Right: new(0.5), Top: new(0.5), Bottom: new(0.7), Header: new(0.3), Footer: new(0.35)}))
	b.keep(b.f.SetHeaderFooter(b.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8 " + sheet.Footer(b.word("title")) + "&C&8 " + b.quarter.String() + " – " + sheet.Footer(b.name) + "&R&8 &P / &N"}))
}

// freeze keeps the rows above the current one, and some columns, in view and on every printed page.
func (b *book) freeze(columns int) {
	top := b.row - 1
	pane := "bottomLeft"
	if columns > 0 {
		pane = "bottomRight"
	}
	b.keep(b.f.SetPanes(b.name, &excelize.Panes{Freeze: true, XSplit: columns, YSplit: top, TopLeftCell: at(columns+1, top+1), ActivePane: pane}))
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%[2]d", strings.ReplaceAll(b.name, "'", "''"), top)}))
}

func (b *book) style(l look) int {
	if id, ok := b.styles[l]; ok {
		return id
	}
	points, color := l.size, l.color
	if points == 0 {
		points = size
	}
	if color == "" {
		color = ink
	}
	st := &excelize.Style{Font: &excelize.Font{Family: font, Size: points, Bold: l.bold, Color: color}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: l.wrap}}
	switch {
	case l.right:
		st.Alignment.Horizontal = "right"
	case l.center:
		st.Alignment.Horizontal = "center"
	case l.wrap && l.size == 0:
		st.Alignment.Horizontal, st.Alignment.Indent = "left", 1 // apart from a number beside it
	}
	if l.fill != "" {
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.format != "" {
		st.CustomNumFmt = new(l.format)
	}
	border := excelize.Border{Type: "bottom", Color: rule, Style: 4}
	if l.head {
		border = excelize.Border{Type: "bottom", Color: deep, Style: 1}
	}
	if l.wrap || l.right || l.center {
		st.Border = []excelize.Border{border}
	}
	id, err := b.f.NewStyle(st)
	b.keep(err)
	b.styles[l] = id
	return id
}

func (b *book) grow(text string, width float64, l look) {
	points := l.size
	if points == 0 {
		points = size
	}
	lines := 1
	if l.wrap {
		scale := points / size
		if l.bold {
			scale *= 1.08
		}
		lines = sheet.Lines(text, width-1.5, scale)
	}
	b.points = max(b.points, min(400, float64(lines)*points*1.22+4))
}

func (b *book) text(col int, s string, l look) {
	s = sheet.Text(s)
	b.keep(b.f.SetCellStr(b.name, at(col, b.row), s))
	b.keep(b.f.SetCellStyle(b.name, at(col, b.row), at(col, b.row), b.style(l)))
	b.grow(s, b.wide[col-1], l)
}

// number writes a count that the release holds.
func (b *book) number(col int, n int64, l look) {
	l.right, l.format = true, "#,##0"
	if b.fr {
		l.format = `[>=1000]#"` + "\u00a0" + `"##0;0`
	}
	b.keep(b.f.SetCellInt(b.name, at(col, b.row), n))
	b.keep(b.f.SetCellStyle(b.name, at(col, b.row), at(col, b.row), b.style(l)))
	b.grow("", 1, l)
}

// share writes a part of a whole; a whole of nothing is no share.
func (b *book) share(col int, part, whole int64, l look) {
	if whole == 0 {
		l.color, l.right = muted, true
		b.text(col, none, l)
		return
	}
	l.right, l.format = true, "0.0%"
	if b.fr {
		l.format = `0.0"` + "\u00a0" + `"%`
	}
	b.keep(b.f.SetCellFloat(b.name, at(col, b.row), float64(part)/float64(whole), 6, 64))
	b.keep(b.f.SetCellStyle(b.name, at(col, b.row), at(col, b.row), b.style(l)))
	b.grow("", 1, l)
}

// none stands where there is nothing to tell.
const none = "–"

func (b *book) next() {
	if b.points > 0 {
		b.keep(b.f.SetRowHeight(b.name, b.row, b.points))
	}
	b.row++
	b.points = 0
}

// line writes a sentence over all columns.
func (b *book) line(s string, l look) {
	if l.wrap {
		b.keep(b.f.MergeCell(b.name, at(1, b.row), at(len(b.wide), b.row)))
		width := 0.0
		for _, w := range b.wide {
			width += w
		}
		b.keep(b.f.SetCellStr(b.name, at(1, b.row), sheet.Text(s)))
		b.keep(b.f.SetCellStyle(b.name, at(1, b.row), at(len(b.wide), b.row), b.style(l)))
		b.grow(s, width, l)
	} else {
		b.text(1, s, l)
	}
	b.next()
}

func (b *book) title(key string, of string) {
	b.line(b.word(key), look{bold: true, size: 16, color: deep})
	b.line(strings.Trim(of+"  ·  "+b.quarterLong(), " ·"), look{color: muted})
	b.row++
}

func (b *book) section(key string) {
	b.row++
	b.line(b.word(key), look{bold: true, size: 12, color: deep})
}

// heads writes the headings of a table; those of columns from to to stand over numbers.
func (b *book) heads(from, to int, heads ...string) {
	for i, h := range heads {
		b.text(i+1, h, look{bold: true, wrap: true, color: deep, fill: band, head: true, right: i+1 >= from && i+1 <= to})
	}
	b.next()
}

// series is one line or column of a chart: the row of the table that it draws.
type series struct{ row int }

// chart draws rows of a table whose headings stand in row head, from column first to last. A large one has a page of
// its own in print, for it would be cut.
func (b *book) chart(kind excelize.ChartType, key string, rows []series, head, nameColumn, first, last int, percent, large bool) {
	if len(rows) == 0 || last < first {
		return
	}
	quoted := strings.ReplaceAll(b.name, "'", "''")
	span := func(row, from, to int) string {
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", quoted, letter(from), row, letter(to), row)
	}
	var all []excelize.ChartSeries
	for i, s := range rows {
		fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{lineColours[i%len(lineColours)]}}
		one := excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$%s$%d", quoted, letter(nameColumn), s.row), Categories: span(head, first, last), Values: span(s.row, first, last), Fill: fill}
		if kind == excelize.Line {
			one.Line = excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25}
			one.Marker = excelize.ChartMarker{Symbol: markers[i%len(markers)], Size: 7, Fill: fill, Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: fill}}
		}
		all = append(all, one)
	}
	height, cover := 180, 10
	if large {
		height, cover = 330, 18
		b.keep(b.f.InsertPageBreak(b.name, at(1, b.row)))
	}
	width := 0.0
	for _, w := range b.wide {
		width += w*7 + 5
	}
	text := excelize.Font{Family: font, Size: 9, Color: ink}
	axis := excelize.ChartAxis{Font: text, MajorGridLines: true, Minimum: new(0.0)}
	if percent {
		axis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: map[bool]string{false: "0.0%", true: `0.0"` + "\u00a0" + `"%`}[b.fr]}
	}
	b.keep(b.f.AddChart(b.name, at(1, b.row), &excelize.Chart{Type: kind, Series: all, ShowBlanksAs: "gap",
		Format:    excelize.GraphicOptions{Name: b.word(key), AltText: b.word(key), OffsetX: 4, OffsetY: 4, Positioning: "oneCell", PrintObject: new(true)},
		Dimension: excelize.ChartDimension{Width: uint(min(width-12, 1100)), Height: uint(height)}, Legend: excelize.ChartLegend{Position: "bottom", Font: &text},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: b.word(key), Font: &excelize.Font{Family: font, Size: 12, Bold: true, Color: deep}}}},
		XAxis: excelize.ChartAxis{Font: text}, YAxis: axis}))
	for range cover {
		b.points = 15
		b.next()
	}
}

func letter(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return "XFD"
	}
	return name
}

func at(col, row int) string { return fmt.Sprintf("%s%d", letter(col), row) }
