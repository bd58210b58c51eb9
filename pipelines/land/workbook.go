package land

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

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
// workbook gives them, their serial numbers are the raw values; macros are never looked at.
func (r *reading) readWorkbook() error {
	head, err := r.sum.peek(8)
	if err != nil {
		return err
	}
	options := excelize.Options{Password: r.hint.Password, TmpDir: r.temp, UnzipSizeLimit: workbookLimit,
		UnzipXMLSizeLimit: partInMemory}
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
	w := &worksheets{book: book, ends: sheetEnds(r.sum.file, r.size)}
	if w.isPlain, err = markDates(book); err != nil {
		r.unreadable("the workbook's styles are damaged; open it in Excel and save it again")
		return nil
	}
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		w.since1904 = *p.Date1904
	}
	ours, isCopy := oursIn(book)
	for _, name := range book.GetSheetList() {
		if name == ours {
			continue
		}
		if w.as = name; isCopy {
			// The copy of a file without sheets has one, and it has no name of its own.
			w.as = ""
		}
		if err := r.readSheet(w, name); err != nil {
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

// dateMark and momentMark stand before the serial number in what a cell with a date shows while
// reading: the date is then made from the number, which is several times faster than the workbook
// library's own way. serialForm keeps a serial to a tenth of a microsecond.
const (
	dateMark   = "\x01d"
	momentMark = "\x01m"
	serialForm = "0.000000000000"
)

// markDates makes each cell whose format shows a date show a mark and the number. isPlain says that
// the workbook formats nothing else, so that what shows is what is there.
func markDates(book *excelize.File) (isPlain bool, err error) {
	// Reading any style loads the style sheet.
	if _, err := book.GetStyle(0); err != nil || book.Styles == nil || book.Styles.CellXfs == nil {
		return false, nil
	}
	styles := len(book.Styles.CellXfs.Xf)
	custom := map[int]string{}
	if formats := book.Styles.NumFmts; formats != nil {
		for _, f := range formats.NumFmt {
			if f != nil {
				custom[f.NumFmtID] = f.FormatCode
			}
		}
	}
	var ids [2]*int
	for i, mark := range []string{dateMark, momentMark} {
		code := `"` + mark + `"` + serialForm
		style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &code})
		if err != nil {
			return false, err
		}
		ids[i] = book.Styles.CellXfs.Xf[style].NumFmtID
	}
	isPlain = true
	for i := range styles {
		id := book.Styles.CellXfs.Xf[i].NumFmtID
		// 0 is General, 49 is text.
		if id == nil || *id == 0 || *id == 49 {
			continue
		}
		n := *id
		code, isCustom := custom[n]
		isDate, hasTime := dateFormat(code)
		if !isCustom {
			// The built-in date formats, those of East Asian workbooks among them.
			hasTime = n == 22
			isDate = hasTime || n >= 14 && n <= 17 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 58
		}
		switch {
		case isDate && hasTime:
			book.Styles.CellXfs.Xf[i].NumFmtID = ids[1]
		case isDate:
			book.Styles.CellXfs.Xf[i].NumFmtID = ids[0]
		default:
			isPlain = false
		}
	}
	return isPlain, nil
}

// isoDate writes a serial number as a date, or as date and time.
func isoDate(serial string, hasTime, since1904 bool) (string, bool) {
	days, err := strconv.ParseFloat(serial, 64)
	if err != nil || days < 0 || days > 2958466 {
		return "", false
	}
	at, err := excelize.ExcelDateToTime(days, since1904)
	if err != nil {
		return "", false
	}
	if hasTime {
		return at.Round(time.Second).Format("2006-01-02 15:04:05"), true
	}
	return at.Format("2006-01-02"), true
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

// readSheet copies one sheet; a chart sheet holds no rows.
func (r *reading) readSheet(w *worksheets, name string) error {
	book := w.book
	if first, err := book.Rows(name); err != nil {
		var none excelize.ErrSheetNotExist
		if errors.As(err, &none) || strings.Contains(err.Error(), "not a worksheet") {
			return nil
		}
		r.unreadable("a worksheet cannot be opened: the workbook is damaged; ask for the file again")
		return nil
	} else if err := first.Close(); err != nil {
		return err
	}
	visible, err := book.GetSheetVisible(name)
	if err != nil {
		visible = true
	}
	var copied *sheetCopy
	err = r.copySheet(w.as, !visible, true, nil, func(s *sheetCopy) error {
		copied = s
		return w.walk(name, s)
	})
	if errors.Is(err, errBrokenSheet) {
		r.unreadable("a worksheet breaks off: the workbook is damaged; ask for the file again")
		return nil
	}
	if err == nil {
		w.reportUnvalued(name, copied)
	}
	return err
}

// reportUnvalued notes the cells whose formula was never calculated: they show nothing.
func (w *worksheets) reportUnvalued(name string, s *sheetCopy) {
	const check = "formula_without_value"
	end := w.ends[name]
	for _, at := range end.unvalued {
		s.r.found.add(check, tributary.Note, w.as, at.row, s.gate.heading(at.column), "holds a formula without a calculated value; read as empty")
	}
	if end.unvaluedMore > 0 {
		s.r.found.count[check] += end.unvaluedMore
	}
}

var errBrokenSheet = errors.New("worksheet breaks off")

// worksheets is an open workbook.
type worksheets struct {
	book      *excelize.File
	isPlain   bool
	since1904 bool
	// as is what the sheet at hand lands as.
	as string
	// ends tells where each sheet ends, where it is known.
	ends map[string]sheetEnd
}

// walk reads a sheet row by row, as shown and raw; blank rows count once a row follows, so that a
// sheet's last row is its last with a value.
func (w *worksheets) walk(name string, s *sheetCopy) error {
	shown, err := w.book.Rows(name)
	if err != nil {
		return errBrokenSheet
	}
	defer shown.Close()
	raw := shown
	if !w.isPlain {
		if raw, err = w.book.Rows(name); err != nil {
			return errBrokenSheet
		}
		defer raw.Close()
	}
	number, blank, end := int64(0), int64(0), w.ends[name]
	for shown.Next() && (w.isPlain || raw.Next()) {
		number++
		rec := record{number: number}
		if rec.cells, rec.raw, err = w.cells(shown, raw); err != nil {
			return err
		}
		if end.isCut && number == end.last {
			rec.fault = "cut"
			s.r.found.add("file_cut_off", tributary.SetsAside, w.as, number, "", "the sheet ends inside this row; ask for the whole file")
		}
		if len(rec.cells) == 0 && rec.fault == "" {
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
	if number < end.last {
		s.r.found.add("file_cut_off", tributary.SetsAside, w.as, number+1, "", "the sheet cannot be read from this row on; open the workbook in Excel, save it and send it again")
		return s.put(record{number: number + 1, fault: "cut"})
	}
	return nil
}

// cells reads the row at hand.
func (w *worksheets) cells(shown, raw *excelize.Rows) (cells, values []*string, err error) {
	shows, err := shown.Columns()
	if err != nil {
		return nil, nil, errBrokenSheet
	}
	holds := shows
	if !w.isPlain {
		if holds, err = raw.Columns(excelize.Options{RawCellValue: true}); err != nil {
			return nil, nil, errBrokenSheet
		}
	}
	for i, v := range shows {
		if !strings.Contains(v, "\x01") {
			continue
		}
		if w.isPlain && &holds[0] == &shows[0] {
			holds = slices.Clone(shows)
		}
		w.date(shows, holds, i)
	}
	cells, values = sheetCells(shows, holds)
	return cells, values, nil
}

// date replaces the mark of cell i by the date, or by the number where that is none.
func (w *worksheets) date(shows, holds []string, i int) {
	mark, number, ok := strings.Cut(shows[i], "\x01")
	if !ok || number == "" || i >= len(holds) || !w.isPlain && holds[i] == shows[i] {
		return
	}
	hasTime := number[0] == momentMark[1]
	if w.isPlain {
		if number[0] != dateMark[1] && !hasTime {
			// A text of its own that holds the byte.
			return
		}
		holds[i] = mark + strings.TrimSuffix(strings.TrimRight(number[1:], "0"), ".")
	}
	shows[i] = holds[i]
	if date, ok := isoDate(holds[i], hasTime, w.since1904); ok {
		shows[i] = date
	}
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
		isTruth := shown[i] == "TRUE" || shown[i] == "FALSE"
		if i < len(raw) && raw[i] != shown[i] && !isTruth {
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
