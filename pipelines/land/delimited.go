package land

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"unicode/utf8"

	"tributary"
)

const (
	// chunkBytes is how much text is cut at a time; its records become one row group.
	chunkBytes = rowGroupBytes
	// recordLimit is where a quotation mark that is not closed is taken for a stray one.
	recordLimit = 64 << 20
	// strayLines is how many lines a field may run to the end of the file before its quotation mark
	// is taken for a stray one; a file that was cut off ends within one record.
	strayLines = 20
)

// errTooLong ends the reading of a text that is hardly one: its lines would not fit in memory.
var errTooLong = errors.New("line too long")

// tooLong makes a finding of errTooLong and passes other errors on.
func (r *reading) tooLong(err error) error {
	if !errors.Is(err, errTooLong) {
		return err
	}
	r.unreadable(fmt.Sprintf("has a line of more than %d MB; ask for the table as .xlsx or .csv", recordLimit>>20))
	return nil
}

// delimited reads one text as a table.
type delimited struct {
	r      *reading
	shape  shape
	gate   *gate
	split  *splitter
	text   io.Reader
	out    *columnFile
	path   string
	number int64
	ended  bool
	// invalid says that the chunk at hand is not valid UTF-8.
	invalid bool
}

func (r *reading) readDelimited() error {
	head, err := r.sum.peek(sampleBytes)
	if err != nil {
		return err
	}
	sh, err := r.detectShape(head, int64(len(head)) == r.size)
	if err != nil {
		return err
	}
	r.file.Format = "delimited"
	if sh.isText {
		r.file.Format = "text"
	}
	d := &delimited{r: r, shape: sh, gate: sh.gate, path: r.sheet()}
	r.file.Stripped = append(r.file.Stripped, d.gate.stripped...)
	// Known before the first byte is copied: what may not be kept is never written.
	if err := r.keepOriginal(); err != nil {
		return err
	}
	r.file.Stripped = nil
	d.split = newSplitter(sh.delimiter, sh.loneReturn)
	d.split.literal = sh.isText
	d.text = decode(sh.encoding, r.sum)
	if err := d.read(); err != nil {
		if d.out != nil {
			d.out.abandon()
		}
		return r.tooLong(err)
	}
	d.lineEnds()
	r.add(tributary.Sheet{Columns: sh.columns, Rows: d.number, Parquet: filepath.Base(d.path)}, d.gate)
	return nil
}

// read cuts the text chunk by chunk; the end of a chunk that is no whole record moves to the next.
func (d *delimited) read() error {
	var carry []byte
	b := newBatch(d.shape.columns, false)
	size := chunkBytes
	for {
		if err := d.r.ctx.Err(); err != nil {
			return err
		}
		if cap(b.bytes) < size {
			b.bytes = make([]byte, size)
		}
		buf := b.bytes[:size]
		n := copy(buf, carry)
		for n < size && !d.ended {
			m, err := d.text.Read(buf[n:])
			n += m
			if errors.Is(err, io.EOF) {
				d.ended = true
			} else if err != nil {
				return err
			}
		}
		used := d.cut(b, d.chunk(buf[:n]))
		carry = buf[used:n]
		if used == 0 && !d.ended {
			if size *= 2; size > 4*recordLimit {
				return errTooLong
			}
			carry = bytes.Clone(carry)
			continue
		}
		size = max(chunkBytes, len(carry)+chunkBytes/2)
		done := d.ended && len(carry) == 0
		next, err := d.flush(b, done)
		if err != nil || done {
			return err
		}
		b = next
	}
}

// chunk returns the part of the bytes that ends with a whole character, and looks whether it is
// valid.
func (d *delimited) chunk(text []byte) []byte {
	d.invalid = false
	if d.shape.encoding != "utf-8" {
		return text
	}
	if !d.ended {
		text = text[:wholeRunes(text)]
	}
	d.invalid = !utf8.Valid(text)
	return text
}

// cut splits the text into the rows of b and returns how many bytes it used.
func (d *delimited) cut(b *batch, text []byte) int {
	at := 0
	if d.number == 0 && bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		at = 3
	}
	for at < len(text) && b.rows < rowGroupRows {
		next, how := d.split.next(text, at)
		if how == stray || how == inQuotes && d.isStray(text[at:]) {
			d.split.literal = true
			next, how = d.split.next(text, at)
			d.split.literal = false
			if how == whole || d.ended {
				d.r.found.add("unusual_text", tributary.Note, "", d.number+1, "",
					"a quotation mark that is never closed was read as text")
			}
		}
		if how != whole && !d.ended {
			break
		}
		d.row(b, how)
		at = next
	}
	return at
}

func (d *delimited) isStray(rest []byte) bool {
	return len(rest) >= recordLimit || d.ended && (bytes.Count(rest, []byte("\n")) > strayLines || d.readsAsRows(rest))
}

// readsAsRows says whether a record with a quotation mark that is never closed, and what follows it,
// are whole records once the mark is text. In a file that is cut off inside a longer text they are
// not.
func (d *delimited) readsAsRows(rest []byte) bool {
	least := 2
	if d.gate.first >= 0 {
		// A note that is cut off must not pass for rows because of a comma in each line.
		least = 4
	}
	if d.shape.columns < least {
		return false
	}
	s := newSplitter(d.shape.delimiter, d.shape.loneReturn)
	s.literal = true
	at, how := s.next(rest, 0)
	if how != whole || !d.fits(s.fields) {
		return false
	}
	s.literal = false
	rows := 0
	for at < len(rest) {
		at, how = s.next(rest, at)
		if how == inQuotes || how == stray {
			break
		}
		if isBlankRecord(s.fields) {
			continue
		}
		if !d.fits(s.fields) {
			return false
		}
		rows++
	}
	return rows > 0
}

// fits says whether a record has the number of fields that is expected.
func (d *delimited) fits(fields [][]byte) bool {
	n := len(fields)
	return n >= d.shape.least && (n <= d.shape.columns || n == len(d.trimmed(fields))+d.shape.trailing)
}

// trimmed drops the empty fields that the records of this file end with.
func (d *delimited) trimmed(fields [][]byte) [][]byte {
	columns := d.shape.columns
	if d.shape.trailing == 0 || len(fields) != columns+d.shape.trailing {
		return fields
	}
	for _, f := range fields[columns:] {
		if len(f) > 0 {
			return fields
		}
	}
	return fields[:columns]
}

// row writes the record that was just cut.
func (d *delimited) row(b *batch, how outcome) {
	d.number++
	fields, g := d.trimmed(d.split.fields), d.gate
	b.begin(d.number)
	if d.invalid {
		d.mend(fields)
	}
	for _, m := range d.split.marked {
		d.r.found.cell(m.mark, "", d.number, g.heading(m.column))
	}
	fault := ""
	if len(fields) != d.shape.columns || how == inQuotes {
		fault = d.fault(fields, how)
	}
	columns := min(len(fields), d.shape.columns)
	switch {
	case g.first < 0:
		for i, v := range fields[:columns] {
			b.shown[i].set(b.rows, v)
		}
	case fault != "":
		for i, v := range fields[:columns] {
			if !g.spills(i, string(v)) {
				b.shown[i].set(b.rows, v)
			}
		}
	default:
		for i, v := range fields[:columns] {
			if !g.strips(d.number, i) {
				b.shown[i].set(b.rows, v)
			}
		}
	}
	if fault != "" {
		b.fault.set(b.rows, []byte(fault))
	}
	if len(fields) > columns && g.first < 0 {
		b.more.set(b.rows, jsonTexts(fields[columns:]))
	}
	b.end()
}

// fault names what is wrong with the number of fields, and adds the finding. Titles above the
// heading and blank records are as they are.
func (d *delimited) fault(fields [][]byte, how outcome) string {
	n, want := len(fields), d.shape
	if d.shape.isText || how != inQuotes && (d.number <= d.gate.last || isBlankRecord(fields)) {
		return ""
	}
	switch {
	case how == inQuotes, how == atEnd && n < want.least:
		d.r.found.add("file_cut_off", tributary.SetsAside, "", d.number, "",
			"the file ends inside this record; ask for the whole file")
		return "cut"
	case n < want.least:
		d.r.found.add("row_short", tributary.SetsAside, "", d.number, "", fmt.Sprintf("%d fields, expected %d", n, want.columns))
		return "short"
	case n > want.columns:
		d.r.found.add("row_long", tributary.SetsAside, "", d.number, "", fmt.Sprintf("%d fields, expected %d", n, want.columns))
		return "long"
	}
	return ""
}

func isBlankRecord(fields [][]byte) bool {
	for _, f := range fields {
		if len(bytes.TrimSpace(f)) > 0 {
			return false
		}
	}
	return true
}

// mend makes the fields valid UTF-8 where they are not.
func (d *delimited) mend(fields [][]byte) {
	for i, v := range fields {
		if !utf8.Valid(v) {
			fields[i] = mend(v)
			d.r.found.cell(markNotUTF8, "", d.number, d.gate.heading(i))
		}
	}
}

func jsonTexts(fields [][]byte) []byte {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = string(f)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Texts always encode.
	_ = e.Encode(texts)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// flush hands the batch to the encoder and returns the next one.
func (d *delimited) flush(b *batch, done bool) (*batch, error) {
	isFirst := d.out == nil
	if isFirst {
		out, err := createColumnFile(d.path, d.shape.columns, false, repeats(b), d.r.threads)
		if err != nil {
			return nil, err
		}
		d.out = out
	}
	d.gate.watchBatch(b, isFirst)
	var next *batch
	if !done {
		next = d.out.take()
	}
	if b.rows > 0 {
		if err := d.out.put(d.r.ctx, b); err != nil {
			return nil, err
		}
	}
	if !done {
		return next, nil
	}
	out := d.out
	d.out = nil
	return nil, out.close()
}

// repeats says for each column whether its values repeat enough to be worth a dictionary.
func repeats(b *batch) []bool {
	const sample = 4096
	is := make([]bool, len(b.shown))
	for i := range b.shown {
		values := b.shown[i].values
		values = values[:min(len(values), sample)]
		seen := make(map[string]struct{}, len(values))
		for _, v := range values {
			seen[string(v)] = struct{}{}
		}
		is[i] = len(values) < 100 || len(seen)*4 < len(values)
	}
	return is
}

// lineEnds notes a file whose records end in more than one way.
func (d *delimited) lineEnds() {
	s := d.split
	kinds := 0
	for _, n := range []int64{s.crlf, s.lf, s.cr} {
		if n > 0 {
			kinds++
		}
	}
	if kinds > 1 {
		d.r.found.add("mixed_line_endings", tributary.Note, "", 0, "",
			fmt.Sprintf("%d records end with CRLF, %d with LF, %d with CR; all are read", s.crlf, s.lf, s.cr))
	}
}
