package quality

import (
	"math"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// Fills that tell how well; each stands beside a word or a number.
const (
	good   = "DDEFE0"
	fair   = "FFF6D6"
	poor   = "FBD9A8"
	bad    = "F2B5A7"
	silent = "ECEFF2"
)

// none stands where there is nothing to tell.
const none = "–"

type look = sheet.Look

// book is the workbook being written.
type book struct {
	*memory
	*sheet.Book
	fr bool
}

func newBook(m *memory, quarter tributary.Quarter, fr bool) *book {
	title, lang := words["title"][0], "en"
	if fr {
		title, lang = words["title"][1], "fr"
	}
	return &book{memory: m, fr: fr, Book: sheet.NewBook(sheet.About{Title: title, Creator: "Tributary", Quarter: quarter.Name(lang), Day: quarter.End(), IsFrench: fr})}
}

func (b *book) page(key string, widths ...float64) { b.Page(b.word("sheet."+key), widths...) }

func (b *book) title(key string, of string) {
	if of != "" {
		of += "  ·  "
	}
	b.Heading(b.word(key), of+b.quarterLong())
}

func (b *book) section(key string) { b.Section(b.word(key)) }

// number writes a count that the release holds.
func (b *book) number(col int, n int64, l look) {
	l.Format = "#,##0"
	if b.fr {
		l.Format = `[>=1000]#"` + "\u00a0" + `"##0;0`
	}
	b.Number(col, float64(n), l)
}

// share writes a part of a whole; a whole of nothing is no share.
func (b *book) share(col int, part, whole int64, l look) {
	if whole == 0 {
		l.Color, l.Right = sheet.Muted, true
		b.Text(col, none, l)
		return
	}
	l.Format = b.percentFormat()
	b.Number(col, math.Round(1e6*float64(part)/float64(whole))/1e6, l)
}

func (b *book) percentFormat() string {
	if b.fr {
		return `0.0"` + "\u00a0" + `"%`
	}
	return "0.0%"
}

// chart draws rows of a table whose headings stand in row head, from column first to last. A large one has a page of
// its own in print, for it would be cut.
func (b *book) chart(kind excelize.ChartType, key string, rows []int, head, nameColumn, first, last int, isShare, isLarge bool) {
	if len(rows) == 0 || last < first {
		return
	}
	c := sheet.Chart{Kind: kind, Title: b.word(key), Legend: "bottom", Height: 180, Rows: 10}
	if isLarge {
		c.Height, c.Rows = 330, 18
		b.Keep(b.File.InsertPageBreak(b.Name, sheet.At(1, b.Row)))
	}
	if isShare {
		c.Axis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: b.percentFormat()}
	}
	for i, row := range rows {
		c.Series = append(c.Series, sheet.Series(i, kind, b.Range(nameColumn, row, nameColumn, row), b.Range(first, head, last, head), b.Range(first, row, last, row)))
	}
	b.Chart(c)
}
