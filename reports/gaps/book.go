package gaps

import (
	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// Fills; each stands beside a word or a mark.
const (
	pale  = "F5F8FA"
	over  = "FBE3C8" // more than chance explains
	under = "DDEFE0"
)

type look = sheet.Look

// book is the workbook being written.
type book struct {
	*release
	*sheet.Book
}

func newBook(r *release) *book {
	return &book{release: r, Book: sheet.NewBook(sheet.About{Title: r.title(), Creator: r.setting("agency_name"), Quarter: r.quarter.Name(r.lang), Day: r.quarter.End(), IsFrench: r.lang == "fr"})}
}

// page begins a sheet with its title and what it is about.
func (b *book) page(key string, widths ...float64) {
	b.Page(b.say("sheet."+key), widths...)
	title := b.Name
	if key == "short" {
		title = b.title()
	}
	b.Heading(title, b.setting("agency_name")+"  ·  "+b.span(b.quarter))
}

// number writes a figure as a number, with its marks in the format.
func (b *book) number(col int, n float64, isShare bool, marks string, l look) {
	end := ""
	if marks != "" {
		end = `"` + thin + marks + `"`
	}
	l.Format = "#,##0" + end
	switch {
	case isShare:
		l.Format = b.percentFormat() + end
	case b.lang == "fr":
		l.Format = `[>=1000]#"` + thin + `"##0` + end + ";0" + end
	}
	b.Number(col, n, l)
}

func (b *book) percentFormat() string {
	if b.lang == "fr" {
		return `0"` + thin + `"%`
	}
	return "0%"
}

// figure writes a figure of the release, or why there is none.
func (b *book) figure(col int, role string, f figure, ok bool, l look) {
	switch {
	case ok && f.isSilent():
		l.Striped, l.Right, l.Color = true, true, sheet.Ink
		b.Text(col, "/", l)
	case !ok || !f.value.Valid:
		l.Right, l.Color = true, sheet.Muted
		b.Text(col, b.value(role, f, ok), l)
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
		b.Keep(b.File.SetCellStyle(b.Name, sheet.At(col, b.Row), sheet.At(col, b.Row), b.Style(look{Right: true})))
		return
	}
	b.number(col, v, isShare(role), "", look{Color: sheet.Muted})
}

// whiskers draws, for the rows of a table from first to last, value as a dot and its range as an upright line. The
// columns are those of value, low and high.
func (b *book) whiskers(title string, first, last, value, low, high int, isShare bool) {
	if last < first {
		return
	}
	dot := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{sheet.Deep}}
	series := func(name string, c int, m excelize.ChartMarker) excelize.ChartSeries {
		return excelize.ChartSeries{Name: name, Categories: b.Range(1, first, 1, last), Values: b.Range(c, first, c, last), Line: excelize.LineOptions{Type: excelize.LineNone}, Marker: m}
	}
	ends := excelize.ChartMarker{Symbol: "dash", Size: 7, Fill: dot}
	b.chart(excelize.StockHighLowClose, title, []excelize.ChartSeries{series(b.say("high"), high, ends), series(b.say("low"), low, ends),
		series(b.say("value"), value, excelize.ChartMarker{Symbol: "circle", Size: 9, Fill: dot, Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: dot}})}, isShare, "none")
}

func (b *book) chart(kind excelize.ChartType, title string, all []excelize.ChartSeries, isShare bool, legend string) {
	c := sheet.Chart{Kind: kind, Title: title, Series: all, Legend: legend, Height: 350, Rows: 19}
	if isShare {
		c.Axis.Maximum = new(1.0)
		c.Axis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: b.percentFormat()}
	}
	b.Chart(c)
}
