package feedback

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// CopyMark is the defined name in a workbook that we wrote of a file that was none, such as a CSV: corrected
// in it, it may come back under the file's own name.
const CopyMark = "_tributary_copy"

// Most rows and cells that a copy may have: what a sheet holds, and what a person can work with.
const (
	MostRows  = 1048576
	MostCells = 5_000_000
)

// Sheet is a table to be copied into a workbook.
type Sheet struct {
	Name     string
	IsFile   bool     // the file has no sheets: this is all of it
	Headings []string // written above the rows, where the format names its columns
	Columns  int
	// Rows hands over each row with its number in the copy, counted from 1, ascending.
	Rows func(put func(row int, cells []string) error) error
}

// SheetName makes a name that a workbook takes.
func SheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) || r < 0x20 {
			return '-'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 31 {
		s = string(r[:31])
	}
	if s == "" {
		return "Data"
	}
	return s
}

// WriteCopy writes tables as a workbook in which every cell is text, as it came. temp is for what is only
// needed while writing.
func WriteCopy(w io.Writer, temp string, sheets []Sheet) error {
	f := excelize.NewFile(excelize.Options{TmpDir: temp})
	defer f.Close()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = f.NewSheet(s.Name)
		}
		if err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		if err := writeSheet(f, s, text); err != nil {
			return fmt.Errorf("copy: sheet %q: %w", s.Name, err)
		}
	}
	if sheets[0].IsFile {
		if err := f.SetDefinedName(&excelize.DefinedName{Name: CopyMark, RefersTo: "'" + sheets[0].Name + "'!$A$1"}); err != nil {
			return err
		}
	}
	return sheet.Pack(f, w)
}

func writeSheet(f *excelize.File, s Sheet, style int) error {
	out, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	if s.Columns > 0 {
		// What is typed into the copy stays as it is typed, too.
		if err := out.SetColStyle(1, s.Columns, style); err != nil {
			return err
		}
		if err := out.SetColWidth(1, s.Columns, 16); err != nil {
			return err
		}
	}
	put := func(row int, cells []string) error {
		values := make([]any, len(cells))
		for i, c := range cells {
			if c != "" {
				values[i] = excelize.Cell{StyleID: style, Value: sheet.Text(c)}
			}
		}
		return out.SetRow(at(1, row), values)
	}
	if s.Headings != nil {
		if err := put(1, s.Headings); err != nil {
			return err
		}
	}
	if err := s.Rows(put); err != nil {
		return err
	}
	return out.Flush()
}
