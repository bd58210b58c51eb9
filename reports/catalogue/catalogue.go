// Package catalogue writes the published checks as a workbook, for providers who live in Excel.
//
// Takes the words of the checks; leaves a workbook of one sheet, English and French side by side, the same
// bytes for the same words; never knows how a check works.
package catalogue

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// name is the one sheet, in both languages.
const name = "Checks - Vérifications"

// Column is a heading in both languages, and how wide its cells are.
type Column struct {
	EN, FR string
	Width  float64
}

// Write writes the rows below the columns: frozen headings, a filter, rows as high as their text.
func Write(w io.Writer, columns []Column, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	b := &book{f: f}
	b.keep(f.SetSheetName("Sheet1", name))
	head := b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"0B4A6F"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	body := b.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	for i, c := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		b.keep(err)
		b.keep(f.SetColWidth(name, letter, letter, c.Width))
		heading := c.EN
		if c.FR != c.EN {
			heading += "\n" + c.FR
		}
		b.text(i+1, 1, heading, head)
	}
	b.keep(f.SetRowHeight(name, 1, 32))
	for r, row := range rows {
		lines := 1
		for i, value := range row {
			b.text(i+1, r+2, value, body)
			lines = max(lines, sheet.Lines(value, columns[i].Width, 1))
		}
		b.keep(f.SetRowHeight(name, r+2, min(409, float64(15*lines))))
	}
	last, err := excelize.CoordinatesToCellName(len(columns), len(rows)+1)
	b.keep(err)
	b.keep(f.AutoFilter(name, "A1:"+last, nil))
	b.keep(f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}))
	landscape, fit, tall := "landscape", 1, 0
	b.keep(f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &fit, FitToHeight: &tall}))
	b.keep(f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	b.keep(f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + strings.ReplaceAll(name, "'", "''") + "'!$1:$1", Scope: name}))
	if b.err != nil {
		return fmt.Errorf("catalogue of checks: %w", b.err)
	}
	return sheet.Pack(f, w)
}

// book is a workbook being written; the first fault is kept.
type book struct {
	f   *excelize.File
	err error
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) style(s *excelize.Style) int {
	id, err := b.f.NewStyle(s)
	b.keep(err)
	return id
}

func (b *book) text(column, row int, value string, style int) {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.keep(err)
	b.keep(b.f.SetCellStr(name, at, sheet.Text(value)))
	b.keep(b.f.SetCellStyle(name, at, at, style))
}
