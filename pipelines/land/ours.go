package land

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
)

// The names by which a marked copy is known when it comes back corrected: the first points at the sheet
// that we added, the second says that the file was none of a spreadsheet's before. Reports write them.
const (
	markedName = "_tributary_marked"
	copyName   = "_tributary_copy"
)

// oursIn returns the name of the sheet that we added to a workbook, and whether all of it is our copy of a
// file without sheets. Our comments need no recognising: landing reads none.
func oursIn(book *excelize.File) (sheet string, isCopy bool) {
	sheets := book.GetSheetList()
	for _, n := range book.GetDefinedName() {
		switch n.Name {
		case markedName:
			if at := strings.LastIndexAny(n.RefersTo, "!."); at > 0 {
				// LibreOffice writes a dollar before the name.
				sheet = strings.TrimPrefix(n.RefersTo[:at], "$")
				if len(sheet) > 1 && sheet[0] == '\'' {
					sheet = strings.ReplaceAll(sheet[1:len(sheet)-1], "''", "'")
				}
			}
		case copyName:
			isCopy = true
		}
	}
	// A JSON document has several tables, whose names count.
	data := 0
	for _, s := range sheets {
		if s != sheet {
			data++
		}
	}
	return sheet, isCopy && data == 1
}

// copyOf says of our copy of a text file, clients.csv.xlsx, what it is a copy of: corrected in it, it takes
// the place of clients.csv.
func copyOf(at, name string) (string, bool) {
	ending := strings.ToLower(filepath.Ext(name))
	sent := strings.TrimSuffix(name, filepath.Ext(name))
	if ending != ".xlsx" || filepath.Ext(sent) == "" {
		return "", false
	}
	f, err := os.Open(at)
	if err != nil {
		return "", false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", false
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return "", false
	}
	part, err := z.Open("xl/workbook.xml")
	if err != nil {
		return "", false
	}
	defer part.Close()
	text, err := io.ReadAll(io.LimitReader(part, 1<<20))
	return sent, err == nil && bytes.Contains(text, []byte(`name="`+copyName+`"`))
}

// ofCopy is the hint of a text file, for its copy as a workbook: where the headings are and what may be
// kept still holds, how the text was written does not.
func ofCopy(h tributary.Hint) tributary.Hint {
	h.Format, h.Encoding, h.Delimiter, h.Widths, h.FieldNames = "xlsx", "", "", nil, nil
	return h
}

// hintOf is the hint that an entry is read with.
func (d *delivery) hintOf(e *entry) tributary.Hint {
	hint := d.hint(e.Name)
	ending := strings.ToLower(filepath.Ext(e.Name))
	if e.Format == "xlsx" && ending != ".xlsx" && ending != ".xlsm" && e.ReadWith != fingerprint(hint, e.Name) {
		return ofCopy(hint)
	}
	return hint
}
