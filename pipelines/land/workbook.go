package land

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
)

const (
	// workbookLimit is the most bytes that the parts of one workbook may unfold to.
	workbookLimit = 4 << 30
	// partInMemory is the largest sheet that excelize keeps in memory; larger ones go through a
	// temporary file.
	partInMemory = 16 << 20
)

// readWorkbook reads every sheet, hidden ones too. Dates show as 2006-01-02 whatever format the
// workbook gives them; macros are never looked at.
func (r *reading) readWorkbook() error {
	head, err := r.sum.peek(8)
	if err != nil {
		return err
	}
	options := excelize.Options{Password: r.hint.Password, TmpDir: r.temp, UnzipSizeLimit: workbookLimit,
		UnzipXMLSizeLimit: partInMemory, ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd"}
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		if wraps, err := r.wrapsPackage(); err != nil || !wraps {
			if err == nil {
				r.unreadable(adviceFor("xls"))
			}
			return err
		}
		if r.hint.Password == "" {
			r.found.add("file_encrypted", tributary.Blocks, "", 0, "", "is protected by a password; name it in the agency's file as a reference")
			return nil
		}
	default:
		if refused := r.refusedWorkbook(); refused != "" {
			r.opaque = true
			r.found.add("zip_refused", tributary.Blocks, "", 0, "", refused)
			return nil
		}
		options.Password = ""
	}
	book, err := excelize.OpenFile(r.path, options)
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookPassword) {
			r.found.add("file_encrypted", tributary.Blocks, "", 0, "", "its password is another than the one in the agency's file")
			return nil
		}
		r.unreadable("the workbook cannot be opened: it is damaged or cut off; ask for the file again")
		return nil
	}
	defer book.Close()
	showDates(book)
	for _, name := range book.GetSheetList() {
		if err := r.readSheet(book, name); err != nil {
			return err
		}
		if r.opaque {
			return nil
		}
	}
	if len(r.file.Sheets) == 0 {
		r.unreadable("the workbook has no worksheet")
	}
	return nil
}

// wrapsPackage says whether an OLE container is an encrypted workbook rather than an old one.
func (r *reading) wrapsPackage() (bool, error) {
	head, err := r.sum.peek(4 << 20)
	if err != nil {
		return false, err
	}
	name := utf16Text("EncryptedPackage")
	if bytes.Contains(head, name) {
		return true, nil
	}
	// The directory of a large container may stand at its end.
	tail := make([]byte, min(r.size, 4<<20))
	if _, err := r.sum.file.ReadAt(tail, r.size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return bytes.Contains(tail, name), nil
}

func utf16Text(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

// refusedWorkbook looks at the directory of the zip that a workbook is, before anything unfolds.
func (r *reading) refusedWorkbook() string {
	z, err := zip.NewReader(r.sum.file, r.size)
	if err != nil {
		// Opening it says the same with more words.
		return ""
	}
	return refusedZip(z, r.size, workbookLimit)
}

// showDates makes each date format of the workbook show as an ISO date, or date and time.
func showDates(book *excelize.File) {
	// Reading any style loads the style sheet.
	if _, err := book.GetStyle(0); err != nil || book.Styles == nil {
		return
	}
	const date, moment = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	custom := map[int]bool{}
	if formats := book.Styles.NumFmts; formats != nil {
		for _, f := range formats.NumFmt {
			if f == nil {
				continue
			}
			custom[f.NumFmtID] = true
			switch isDate, hasTime := dateFormat(f.FormatCode); {
			case isDate && hasTime:
				f.FormatCode = moment
			case isDate:
				f.FormatCode = date
			}
		}
	}
	if book.Styles.CellXfs == nil {
		return
	}
	// 14 shows by ShortDatePattern; the other built-in date formats are made to be 14.
	for i := range book.Styles.CellXfs.Xf {
		id := book.Styles.CellXfs.Xf[i].NumFmtID
		if id == nil || custom[*id] {
			continue
		}
		if n := *id; n >= 15 && n <= 17 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 58 {
			short := 14
			book.Styles.CellXfs.Xf[i].NumFmtID = &short
		}
	}
}

// dateFormat says whether a number format shows a date, and whether with a time of day.
func dateFormat(code string) (isDate, hasTime bool) {
	var b strings.Builder
	quoted := false
	section, _, _ := strings.Cut(code, ";")
	for i := 0; i < len(section); i++ {
		switch c := section[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			// A colour, a condition or a locale; [h] counts hours and is no date.
			end := strings.IndexByte(section[i:], ']')
			if end < 0 {
				return false, false
			}
			i += end
		default:
			b.WriteByte(c)
		}
	}
	bare := strings.ToLower(b.String())
	if strings.ContainsAny(bare, "0#?") || strings.Contains(bare, "general") {
		return false, false
	}
	return strings.ContainsAny(bare, "yd"), strings.Contains(bare, "h")
}

// readSheet walks the sheet twice side by side: once as shown, once raw.
func (r *reading) readSheet(book *excelize.File, name string) error {
	if kind, err := book.Rows(name); err != nil {
		var none excelize.ErrSheetNotExist
		if errors.As(err, &none) || strings.Contains(err.Error(), "not a worksheet") {
			// A chart sheet holds no rows.
			return nil
		}
		r.unreadable("a worksheet cannot be opened: the workbook is damaged; ask for the file again")
		return nil
	} else if err := kind.Close(); err != nil {
		return err
	}
	visible, err := book.GetSheetVisible(name)
	if err != nil {
		visible = true
	}
	err = r.copySheet(name, !visible, true, nil, func(s *sheetCopy) error { return walkSheet(book, name, s) })
	if errors.Is(err, errBrokenSheet) {
		r.unreadable("a worksheet breaks off: the workbook is damaged; ask for the file again")
		return nil
	}
	return err
}

var errBrokenSheet = errors.New("worksheet breaks off")

func walkSheet(book *excelize.File, name string, s *sheetCopy) error {
	shown, err := book.Rows(name)
	if err != nil {
		return errBrokenSheet
	}
	defer shown.Close()
	raw, err := book.Rows(name)
	if err != nil {
		return errBrokenSheet
	}
	defer raw.Close()
	number, blank := int64(0), int64(0)
	for shown.Next() && raw.Next() {
		number++
		cells, err := shown.Columns()
		if err != nil {
			return errBrokenSheet
		}
		values, err := raw.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return errBrokenSheet
		}
		rec := record{number: number}
		rec.cells, rec.raw = sheetCells(cells, values)
		if len(rec.cells) == 0 {
			// Blank rows count once a row follows: a sheet's last row is its last with a value.
			blank++
			continue
		}
		for ; blank > 0; blank-- {
			if err := s.put(record{number: number - blank}); err != nil {
				return err
			}
		}
		if err := s.put(rec); err != nil {
			return err
		}
	}
	if shown.Error() != nil || raw.Error() != nil {
		return errBrokenSheet
	}
	return nil
}

// sheetCells keeps the cells up to the last one with a value; the raw value where it differs.
func sheetCells(shown, raw []string) (cells, values []*string) {
	last := 0
	for i, v := range shown {
		if v != "" || i < len(raw) && raw[i] != "" {
			last = i + 1
		}
	}
	cells, values = make([]*string, last), make([]*string, last)
	for i := range last {
		if shown[i] != "" {
			cells[i] = &shown[i]
		}
		if i < len(raw) && raw[i] != shown[i] {
			if cells[i] == nil {
				// A format that hides the value: what is there counts.
				cells[i] = &raw[i]
				continue
			}
			values[i] = &raw[i]
		}
	}
	return cells, values
}
