package approval

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

// HTML writes the page for an approver.
func HTML(p Page, lang string) ([]byte, error) { return p.document(lang).html() }

// Book writes the same as a workbook.
func Book(p Page, lang string) ([]byte, error) { return p.document(lang).book() }

// CorrectionBook writes the workbook of a restatement.
func CorrectionBook(c Corrections, lang string) ([]byte, error) { return c.document(lang).book() }

func (d document) html() ([]byte, error) {
	type viewCell struct {
		Text             string
		IsNumber, Strong bool
	}
	type view struct {
		Title, Note string
		Heads       []viewCell
		Rows        [][]viewCell
	}
	var views []view
	for _, s := range d.sections {
		v := view{Title: s.title, Note: s.note}
		for i, h := range s.heads {
			isNumber := len(s.rows) > 0 && i < len(s.rows[0]) && s.rows[0][i].isNumber
			v.Heads = append(v.Heads, viewCell{Text: h, IsNumber: isNumber})
		}
		for _, r := range s.rows {
			var line []viewCell
			for _, c := range r {
				line = append(line, viewCell{c.text, c.isNumber, c.isStrong})
			}
			v.Rows = append(v.Rows, line)
		}
		views = append(views, v)
	}
	var out bytes.Buffer
	err := page.Execute(&out, struct {
		Lang, Title, Under string
		Sections           []view
	}{map[string]string{"en": "en-CA", "fr": "fr-CA"}[d.lang], d.title, d.under, views})
	if err != nil {
		return nil, fmt.Errorf("approval page: %w", err)
	}
	return out.Bytes(), nil
}

const (
	ink   = "1F2933"
	deep  = "0B4A6F"
	muted = "52606D"
	band  = "E8F0F5"
	rule  = "C5D0DA"
	font  = "Arial"
)

// book writes the document on one sheet, one page wide.
func (d document) book() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	w := writer{f: f, styles: map[string]int{}, name: "Tributary"}
	w.keep(f.SetDefaultFont(font))
	w.keep(f.SetSheetName("Sheet1", w.name))
	w.keep(f.SetSheetView(w.name, 0, &excelize.ViewOptions{ShowGridLines: ptr(false)}))
	orientation, pages := "landscape", 0
	if d.isOnePage {
		orientation, pages = "portrait", 1
	}
	w.keep(f.SetPageLayout(w.name, &excelize.PageLayoutOptions{Size: ptr(1), Orientation: &orientation, FitToWidth: ptr(1), FitToHeight: &pages}))
	w.keep(f.SetSheetProps(w.name, &excelize.SheetPropsOptions{FitToPage: ptr(true)}))
	columns := 1
	for _, s := range d.sections {
		columns = max(columns, len(s.widths))
	}
	// Tables of different widths share the sheet's columns: the widest table decides them.
	widths := make([]float64, columns)
	for _, s := range d.sections {
		if len(s.widths) == columns {
			for i, v := range s.widths {
				widths[i] = max(widths[i], v)
			}
		}
	}
	for i, v := range widths {
		c, err := excelize.ColumnNumberToName(i + 1)
		w.keep(err)
		w.keep(f.SetColWidth(w.name, c, c, max(v, 12)))
		widths[i] = max(v, 12)
	}
	w.widths = widths
	w.line(columns, d.title, &excelize.Style{Font: &excelize.Font{Family: font, Size: 16, Bold: true, Color: deep}}, 1.7)
	w.line(columns, d.under, &excelize.Style{Font: &excelize.Font{Family: font, Size: 10, Color: muted}}, 1)
	for _, s := range d.sections {
		w.row++
		w.line(columns, s.title, &excelize.Style{Font: &excelize.Font{Family: font, Size: 12, Bold: true, Color: deep},
			Border: []excelize.Border{{Type: "bottom", Color: deep, Style: 2}}}, 1.3)
		if s.note != "" {
			w.line(columns, s.note, &excelize.Style{Font: &excelize.Font{Family: font, Size: 10, Color: muted}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}, 1)
		}
		if len(s.heads) > 0 {
			head := make([]cell, len(s.heads))
			for i, h := range s.heads {
				head[i] = cell{text: h, isNumber: len(s.rows) > 0 && s.rows[0][i].isNumber}
			}
			w.cells(columns, head, "head")
		}
		for _, r := range s.rows {
			w.cells(columns, r, "")
		}
	}
	w.keep(f.SetDocProps(&excelize.DocProperties{Title: d.title, Creator: "Tributary", LastModifiedBy: "Tributary", Created: "1980-01-01T00:00:00Z", Modified: "1980-01-01T00:00:00Z"}))
	if w.err != nil {
		return nil, fmt.Errorf("approval workbook: %w", w.err)
	}
	var out bytes.Buffer
	err := sheet.Pack(f, &out)
	return out.Bytes(), err
}

type writer struct {
	f      *excelize.File
	name   string
	row    int
	widths []float64
	styles map[string]int
	err    error
}

func (w *writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) at(col int) string {
	c, err := excelize.CoordinatesToCellName(col, w.row)
	w.keep(err)
	return c
}

// line writes words over all columns.
func (w *writer) line(columns int, text string, st *excelize.Style, scale float64) {
	w.row++
	w.keep(w.f.MergeCell(w.name, w.at(1), w.at(columns)))
	w.keep(w.f.SetCellStr(w.name, w.at(1), sheet.Text(text)))
	id, err := w.f.NewStyle(st)
	w.keep(err)
	w.keep(w.f.SetCellStyle(w.name, w.at(1), w.at(columns), id))
	total := 0.0
	for _, v := range w.widths {
		total += v
	}
	w.keep(w.f.SetRowHeight(w.name, w.row, min(400, 13*scale*float64(sheet.Lines(text, total, scale))+3)))
}

// cells writes one row of a table; its last cell takes the columns that are left.
func (w *writer) cells(columns int, row []cell, kind string) {
	w.row++
	lines := 1
	for i, c := range row {
		width := w.widths[i]
		if i == len(row)-1 && len(row) < columns {
			for _, v := range w.widths[len(row):] {
				width += v
			}
			w.keep(w.f.MergeCell(w.name, w.at(i+1), w.at(columns)))
		}
		w.keep(w.f.SetCellStr(w.name, w.at(i+1), sheet.Text(c.text)))
		last := i + 1
		if i == len(row)-1 {
			last = columns
		}
		w.keep(w.f.SetCellStyle(w.name, w.at(i+1), w.at(last), w.style(c, kind)))
		lines = max(lines, sheet.Lines(c.text, width, 1))
	}
	w.keep(w.f.SetRowHeight(w.name, w.row, min(400, 13*float64(lines)+4)))
}

func (w *writer) style(c cell, kind string) int {
	key := fmt.Sprint(c.isNumber, c.isStrong, kind)
	if id, ok := w.styles[key]; ok {
		return id
	}
	st := &excelize.Style{Font: &excelize.Font{Family: font, Size: 10, Bold: c.isStrong || kind == "head", Color: ink},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}, Border: []excelize.Border{{Type: "bottom", Color: rule, Style: 4}}}
	if c.isNumber {
		st.Alignment.Horizontal, st.Alignment.Indent = "right", 1 // the words of the next column stand apart
	}
	if kind == "head" {
		st.Font.Color = deep
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{band}}
	}
	id, err := w.f.NewStyle(st)
	w.keep(err)
	w.styles[key] = id
	return id
}

func ptr[T any](v T) *T { return &v }
