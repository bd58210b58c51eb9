package ministry

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// Note is what a person wrote into a marked cell. CellID is the number it explains, or
// workbook@<quarter> for what belongs to the whole (prepared_by).
type Note struct {
	CellID string
	// Field is under_performance, cause, corrective_action, catch_up_on, remark or prepared_by.
	Field string
	Text  string
	// Changed says that the text is not the one that was written there.
	Changed bool
}

// input is a marked cell: its name in the workbook, what it is about, and what stood in it.
type input struct{ name, cellID, field, written string }

// formSheet lists the marked cells, out of sight: by it a workbook is known as ours when it returns.
const formSheet = "tributary"

func workbookCell(q tributary.Quarter) string { return "workbook@" + q.String() }

// entry marks the cell as one that people fill.
func (p *page) entry(col int, cellID, field, written string) {
	name := fmt.Sprintf("entry.%d.%s", len(p.inputs)+1, field)
	p.named(col, name)
	p.inputs = append(p.inputs, input{name, cellID, field, sheet.Text(written)})
}

func (b *book) form() {
	_, err := b.f.NewSheet(formSheet)
	b.keep(err)
	for i, in := range b.inputs {
		for j, s := range []string{in.name, in.cellID, in.field, in.written} {
			b.keep(b.f.SetCellStr(formSheet, at(j+1, i+1), s))
		}
	}
	b.keep(b.f.SetSheetVisible(formSheet, false, true))
}

// prepared is the name that stood in the newest note, where there is one.
func (r *release) prepared() string {
	return r.notes[workbookCell(r.quarter)+"\x00prepared_by"]
}

// ReadNotes reads the marked cells of a workbook that Write wrote and people edited. Moved cells are
// found by name. edited says that a marked cell differs from what was written; an emptied cell comes
// back as an empty text. Cells that were empty and stayed so are left out.
func ReadNotes(r io.Reader) (notes []Note, edited bool, err error) {
	// The whole sheet is read in memory: nothing temporary is left anywhere.
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 256 << 20, RawCellValue: true})
	if err != nil {
		return nil, false, fmt.Errorf("open workbook: %w", err)
	}
	defer f.Close()
	form, err := f.GetRows(formSheet)
	if err != nil {
		return nil, false, tributary.Fix(fmt.Errorf("read marked cells: not a ministry workbook of ours: no sheet %q", formSheet),
			"give the workbook that tributary report ministry wrote, saved as xlsx")
	}
	places := map[string]string{}
	for _, n := range f.GetDefinedName() {
		places[n.Name] = n.RefersTo
	}
	for i, row := range form {
		row = append(row, "", "", "", "")
		in := input{row[0], row[1], row[2], row[3]}
		if in.name == "" {
			continue
		}
		text, err := marked(f, places[in.name], in)
		if err != nil {
			return nil, false, tributary.Fix(fmt.Errorf("read marked cell %d (%s of %s): %w", i+1, in.field, in.cellID, err),
				"do not delete the marked cells; write the workbook again and fill it")
		}
		changed := text != strings.TrimSpace(in.written)
		edited = edited || changed
		if text != "" || changed {
			notes = append(notes, Note{in.cellID, in.field, text, changed})
		}
	}
	return notes, edited, nil
}

var place = regexp.MustCompile(`^'?(.*?)'?!\$?([A-Z]+)\$?([0-9]+)(?::.*)?$`)

func marked(f *excelize.File, refersTo string, in input) (string, error) {
	m := place.FindStringSubmatch(refersTo)
	if m == nil {
		return "", fmt.Errorf("its name %q leads nowhere", in.name)
	}
	name, cell := strings.ReplaceAll(m[1], "''", "'"), m[2]+m[3]
	text, err := f.GetCellValue(name, cell)
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if in.field != "catch_up_on" {
		return text, nil
	}
	// A date that Excel understood comes as a serial number.
	if serial, err := strconv.ParseFloat(text, 64); err == nil && serial > 20000 && serial < 100000 {
		day, err := excelize.ExcelDateToTime(serial, false)
		if err != nil {
			return "", err
		}
		return day.Format("2006-01-02"), nil
	}
	return text, nil
}
