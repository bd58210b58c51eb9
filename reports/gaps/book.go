package gaps

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

// Restrained colours that keep their difference in grey print; every colour stands beside a word or a mark.
const (
	ink   = "1F2933"
	deep  = "0B4A6F"
	muted = "52606D"
	band  = "E8F0F5"
	pale  = "F5F8FA"
	rule  = "C5D0DA"
	over  = "FBE3C8" // more than chance explains
	under = "DDEFE0"
)

var (
	lineColours = []string{"0B4A6F", "C4661F", "5B8C5A", "8A4F9E", "B0A030", "4A9BB8", "A83232", "6B7280"}
	markers     = []string{"circle", "square", "triangle", "diamond", "x", "star", "plus", "dash"}
)

// look is how a cell looks. Equal looks share a style.
type look struct {
	bold, wrap, right, center, head, silent bool
	size                                    float64
	color, fill, format                     string
}

// book is the workbook being written; the first fault is kept and ends the writing at the end.
type book struct {
	*release
	f      *excelize.File
	styles map[look]int
	pages  int
	err    error

	// Of the sheet being written:
	name   string
	wide   []float64
	row    int
	points float64
}

func newBook(r *release) *book {
	b := &book{release: r, f: excelize.NewFile(), styles: map[look]int{}}
	b.keep(b.f.SetDefaultFont(font))
	b.f.Styles.Fonts.Font[0].Sz.Val = new(size)
	day := r.quarter.End().Format("2006-01-02") + "T00:00:00Z"
	b.keep(b.f.SetDocProps(&excelize.DocProperties{Title: r.title() + " " + r.quarter.String(), Creator: sheet.Text(r.setting("agency_name")), LastModifiedBy: "Tributary",
		Created: day, Modified: day, Language: []string{"en-CA", "fr-CA"}[r.words.at]}))
	b.keep(b.f.SetAppProps(&excelize.AppProperties{Application: "Tributary"}))
	return b
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// page begins a sheet, one page wide in print, with its title and what it is about.
func (b *book) page(key string, widths ...float64) {
	b.name, b.wide, b.row, b.points = b.say("sheet."+key), widths, 1, 0
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
	b.keep(b.f.SetHeaderFooter(b.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8 " + sheet.Footer(b.title()) + "&C&8 " + b.quarter.String() + " – " + sheet.Footer(b.name) + "&R&8 &P / &N"}))
	title := b.name
	if key == "short" {
		title = b.title()
	}
	b.line(title, look{bold: true, size: 16, color: deep})
	b.line(b.setting("agency_name")+"  ·  "+b.span(b.quarter), look{color: muted})
	b.row++
}

// freeze keeps the rows above the current one, and some columns, in view and on every printed page.
func (b *book) freeze(columns int) {
	top, pane := b.row-1, "bottomLeft"
	if columns > 0 {
		pane = "bottomRight"
	}
	b.keep(b.f.SetPanes(b.name, &excelize.Panes{Freeze: true, XSplit: columns, YSplit: top, TopLeftCell: at(columns+1, top+1), ActivePane: pane}))
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%[2]d", quoted(b.name), top)}))
}

func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

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
	switch {
	case l.silent:
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 14, Color: []string{"9AA5B1"}} // thin diagonal stripes
	case l.fill != "":
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.format != "" {
		st.CustomNumFmt = new(l.format)
	}
	if l.wrap || l.right || l.center {
		st.Border = []excelize.Border{{Type: "bottom", Color: rule, Style: 4}}
		if l.head {
			st.Border[0] = excelize.Border{Type: "bottom", Color: deep, Style: 1}
		}
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

// number writes a figure as a number, with its marks in the format.
func (b *book) number(col int, n float64, isShare bool, marks string, l look) {
	end := ""
	if marks != "" {
		end = `"` + thin + marks + `"`
	}
	l.right, l.format = true, "#,##0"+end
	switch {
	case isShare && b.lang == "fr":
		l.format = `0"` + thin + `"%` + end
	case isShare:
		l.format = "0%" + end
	case b.lang == "fr":
		l.format = `[>=1000]#"` + thin + `"##0` + end + ";0" + end
	}
	b.keep(b.f.SetCellFloat(b.name, at(col, b.row), n, -1, 64))
	b.keep(b.f.SetCellStyle(b.name, at(col, b.row), at(col, b.row), b.style(l)))
	b.grow("", 1, l)
}

// figure writes a figure of the release, or why there is none.
func (b *book) figure(col int, role string, f figure, ok bool, l look) {
	switch {
	case ok && f.isSilent():
		l.silent, l.right, l.color = true, true, ink
		b.text(col, "/", l)
	case !ok || !f.value.Valid:
		l.right, l.color = true, muted
		b.text(col, b.value(role, f, ok), l)
	default:
		marks := ""
		if f.isSmall {
			marks = "†"
		}
		b.number(col, f.value.Float64, isShare(role), marks, l)
	}
}

// bound writes an end of a figure's range.
func (b *book) bound(col int, role string, is bool, v float64, ok bool) {
	if !ok || !is { // truly empty: a chart would draw text as zero
		b.keep(b.f.SetCellStyle(b.name, at(col, b.row), at(col, b.row), b.style(look{right: true})))
		return
	}
	b.number(col, v, isShare(role), "", look{color: muted})
}

func (b *book) next() {
	if b.points > 0 {
		b.keep(b.f.SetRowHeight(b.name, b.row, b.points))
	}
	b.row++
	b.points = 0
}

// line writes a sentence over the whole width.
func (b *book) line(s string, l look) {
	if l.wrap {
		width := 0.0
		for _, w := range b.wide {
			width += w
		}
		last := len(b.wide)
		b.keep(b.f.MergeCell(b.name, at(1, b.row), at(last, b.row)))
		b.keep(b.f.SetCellStr(b.name, at(1, b.row), sheet.Text(s)))
		b.keep(b.f.SetCellStyle(b.name, at(1, b.row), at(last, b.row), b.style(l)))
		b.grow(s, width, l)
	} else {
		b.text(1, s, l)
	}
	b.next()
}

func (b *book) section(title string) {
	b.row++
	b.line(title, look{bold: true, size: 12, color: deep})
}

// heads writes the headings of a table; those of columns from to to stand over numbers.
func (b *book) heads(from, to int, heads ...string) {
	for i, h := range heads {
		b.head(i+1, h, i+1 >= from && i+1 <= to)
	}
	b.next()
}

func (b *book) head(col int, text string, isNumber bool) {
	b.text(col, text, look{bold: true, wrap: true, color: deep, fill: band, head: true, right: isNumber})
}

// whiskers draws, for the rows of a table from first to last, value as a dot and its range as an upright line. The
// columns are those of value, low and high.
func (b *book) whiskers(title string, first, last, value, low, high int, isShare bool) {
	if last < first {
		return
	}
	column := func(c int) string {
		return fmt.Sprintf("'%s'!$%s$%d:$%[2]s$%[4]d", quoted(b.name), letter(c), first, last)
	}
	dot := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{deep}}
	series := func(name string, c int, m excelize.ChartMarker) excelize.ChartSeries {
		return excelize.ChartSeries{Name: name, Categories: column(1), Values: column(c), Line: excelize.LineOptions{Type: excelize.LineNone}, Marker: m}
	}
	ends := excelize.ChartMarker{Symbol: "dash", Size: 7, Fill: dot}
	b.chart(excelize.StockHighLowClose, title, []excelize.ChartSeries{series(b.say("high"), high, ends), series(b.say("low"), low, ends),
		series(b.say("value"), value, excelize.ChartMarker{Symbol: "circle", Size: 9, Fill: dot, Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: dot}})}, isShare, "none")
}

func (b *book) chart(kind excelize.ChartType, title string, all []excelize.ChartSeries, isShare bool, legend string) {
	width := 0.0
	for _, w := range b.wide {
		width += w*7 + 5
	}
	text := excelize.Font{Family: font, Size: 9, Color: ink}
	axis := excelize.ChartAxis{Font: text, MajorGridLines: true, Minimum: new(0.0)}
	if isShare {
		axis.Maximum = new(1.0)
		axis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: []string{"0%", `0"` + thin + `"%`}[b.words.at]}
	}
	b.keep(b.f.AddChart(b.name, at(1, b.row), &excelize.Chart{Type: kind, Series: all, ShowBlanksAs: "gap",
		Format:    excelize.GraphicOptions{Name: title, AltText: title, OffsetX: 4, OffsetY: 4, Positioning: "oneCell", PrintObject: new(true)},
		Dimension: excelize.ChartDimension{Width: uint(min(width-12, 1150)), Height: 350}, Legend: excelize.ChartLegend{Position: legend, Font: &text},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Family: font, Size: 12, Bold: true, Color: deep}}}},
		XAxis: excelize.ChartAxis{Font: text}, YAxis: axis}))
	for range 19 {
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
