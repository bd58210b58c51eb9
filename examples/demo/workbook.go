package demo

import (
	"bytes"

	"github.com/xuri/excelize/v2"

	"tributary/reports/forms"
)

// sheet is one worksheet; a value is a text, a number or a day.
type sheet struct {
	name     string
	titles   []string // rows above the headings, with a blank one after
	headings []string
	rows     [][]any
	total    bool
	hidden   bool
}

// row is the sheet row of the row added last.
func (s *sheet) row() int {
	above := 0
	if len(s.titles) > 0 {
		above = len(s.titles) + 1
	}
	return above + 1 + len(s.rows)
}

func (s *sheet) add(values ...any) { s.rows = append(s.rows, values) }

// workbook writes the sheets with real dates, bold headings and equal bytes for equal content.
func workbook(sheets ...*sheet) ([]byte, error) {
	f := excelize.NewFile(excelize.Options{ShortDatePattern: "yyyy-mm-dd"})
	defer f.Close()
	dates, err := f.NewStyle(&excelize.Style{CustomNumFmt: new("yyyy-mm-dd")})
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err != nil {
			return nil, err
		}
		if err := s.write(f, dates, bold); err != nil {
			return nil, err
		}
		if s.hidden {
			if err := f.SetSheetVisible(s.name, false); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	if err := forms.Pack(f, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (s *sheet) write(f *excelize.File, dates, bold int) error {
	stream, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	if err := stream.SetColWidth(1, max(1, len(s.headings)), 16); err != nil {
		return err
	}
	at := 1
	set := func(values []any) error {
		cell, err := excelize.CoordinatesToCellName(1, at)
		if err != nil {
			return err
		}
		at++
		return stream.SetRow(cell, values)
	}
	for _, title := range s.titles {
		if err := set([]any{excelize.Cell{StyleID: bold, Value: title}}); err != nil {
			return err
		}
	}
	if len(s.titles) > 0 {
		at++
	}
	var headings []any
	for _, h := range s.headings {
		headings = append(headings, excelize.Cell{StyleID: bold, Value: h})
	}
	if err := set(headings); err != nil {
		return err
	}
	for _, row := range s.rows {
		if err := set(cells(row, dates)); err != nil {
			return err
		}
	}
	if s.total {
		if err := set([]any{excelize.Cell{StyleID: bold, Value: "Total"}, len(s.rows)}); err != nil {
			return err
		}
	}
	return stream.Flush()
}

// cells turns days into spreadsheet dates and empty values into blank cells.
func cells(row []any, dates int) []any {
	out := make([]any, len(row))
	for i, value := range row {
		switch v := value.(type) {
		case day:
			if v != 0 {
				out[i] = excelize.Cell{StyleID: dates, Value: serial(v)}
			}
		case string:
			if v != "" {
				out[i] = v
			}
		default:
			out[i] = v
		}
	}
	return out
}

// serial is the spreadsheet's own number of a day.
func serial(d day) int { return int(d) + 25569 }
