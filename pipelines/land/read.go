package land

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tributary"
)

// readerVersion changes when a reader would now make another copy of the same bytes.
const readerVersion = 1

// earlyRows is how many records are looked at for headings.
const earlyRows = 20

// reading is the reading of one file: where it is, where its copies go, what was found.
type reading struct {
	ctx     context.Context
	path    string
	name    string
	size    int64
	hint    tributary.Hint
	into    string
	temp    string
	threads int

	file  tributary.File
	found findings
	// sheets numbers the copies.
	sheets int
	// members are the files inside a zip, still to be read.
	members []member
	// opaque says that the content could not be looked at.
	opaque bool
	// keep opens the store's copy of the original; nil when the file is only looked at.
	keep func() (io.Writer, error)
	sum  *source
}

// Read reads the one file at path under the name that it came with, and leaves the columnar copies
// of its sheets in the folder into. It is what landing does with each file, for those who only want
// to look: the File has no agency, quarter and version, and a zip's members are not read.
func Read(ctx context.Context, path, name string, hint tributary.Hint, into, temp string, threads int) (tributary.File, error) {
	r := &reading{ctx: ctx, path: path, name: name, hint: hint, into: into, temp: temp, threads: threads}
	if err := r.read(); err != nil {
		return tributary.File{}, fmt.Errorf("read %s: %w", name, err)
	}
	return r.file, nil
}

// read fills r.file. An error is about this machine (disk full, stopped); what is wrong with the
// file is a finding.
func (r *reading) read() error {
	src, err := openSource(r.path)
	if err != nil {
		return err
	}
	defer src.close()
	r.sum = src
	r.size = src.size
	head, err := src.peek(64 << 10)
	if err != nil {
		return err
	}
	r.file = tributary.File{Name: r.name, Size: src.size, Original: true}
	r.file.Format = r.hint.Format
	switch {
	case r.file.Format != "":
	case len(r.hint.Widths) > 0:
		r.file.Format = "fixed"
	default:
		r.file.Format = detectFormat(r.name, head)
	}
	if !isBlank(head) || src.size > int64(len(head)) {
		if err := r.readAs(r.file.Format); err != nil {
			return err
		}
	}
	if r.isEmpty() {
		r.found.add("file_empty", tributary.Blocks, "", 0, "", "holds nothing; a nil report is made with: tributary nil")
	}
	if err := r.keepOriginal(); err != nil {
		return err
	}
	if err := src.drain(); err != nil {
		return err
	}
	r.file.SHA256 = src.sha()
	r.file.Findings = r.found.result()
	r.file.Held = r.found.blocks()
	r.file.Original = r.mayKeep()
	return nil
}

// mayKeep says whether the file as it came may stay. One that cannot be opened may not: nobody can
// tell what is in it. An encrypted one may: nobody can read it.
func (r *reading) mayKeep() bool { return len(r.file.Stripped) == 0 && !r.opaque }

// keepOriginal begins the copy of the original, once it is known that it may be kept.
func (r *reading) keepOriginal() error {
	if r.keep == nil || r.sum.copyTo != nil || !r.mayKeep() {
		return nil
	}
	w, err := r.keep()
	if err == nil {
		r.sum.copyTo = w
	}
	return err
}

// isEmpty says that reading found neither a row nor a reason why.
func (r *reading) isEmpty() bool {
	for _, s := range r.file.Sheets {
		if s.Rows > 0 {
			return false
		}
	}
	return len(r.members) == 0 && !r.found.blocks()
}

func (r *reading) readAs(format string) error {
	switch format {
	case "delimited", "text":
		return r.readDelimited()
	case "fixed":
		return r.readFixed()
	case "xlsx":
		return r.hostile(r.readWorkbook)
	case "json", "jsonl":
		return r.readJSON(format == "jsonl")
	case "parquet":
		return r.hostile(r.readParquet)
	case "zip":
		return r.readZip()
	}
	r.unreadable(adviceFor(format))
	return nil
}

// hostile runs a reader that stands on a library which may panic over bytes made to break it: one
// bad file must not stop the others. It is the one place that recovers.
func (r *reading) hostile(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.unreadable("is damaged: its inside does not hold together; ask for the file again")
			err = nil
		}
	}()
	return read()
}

// unreadable holds the file; what was read of it before is dropped, so nothing half is used.
func (r *reading) unreadable(detail string) {
	r.file.Sheets, r.opaque = nil, true
	r.found.add("file_unreadable", tributary.Blocks, "", 0, "", detail)
}

// adviceFor says what to do with a kind of file that has no reader.
func adviceFor(format string) string {
	switch format {
	case "xls":
		return "is an old Excel workbook (.xls); open it in Excel and save it as .xlsx"
	case "xlsb":
		return "is a binary Excel workbook (.xlsb); save it as .xlsx"
	case "ods":
		return "is an OpenDocument spreadsheet; save it as .xlsx"
	case "pdf":
		return "is a PDF; ask for the table that it was printed from, as .xlsx or .csv"
	case "docx":
		return "is a Word document; ask for the table as .xlsx or .csv"
	case "gzip":
		return "is compressed with gzip; send it as .zip or plain"
	case "markup":
		return "is a web page or XML, whatever its name says; open it in Excel and save it as .xlsx"
	case "access":
		return "is an Access database; export its tables as .xlsx or .csv"
	}
	return "is of a kind that cannot be read; send .xlsx, .csv, .txt, .json, .jsonl, .parquet or a .zip of these"
}

// detectFormat goes by the first bytes; the name only tells kinds of text apart.
func detectFormat(name string, head []byte) string {
	ext := strings.ToLower(filepath.Ext(name))
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case has("PK\x03\x04"), has("PK\x05\x06"):
		switch ext {
		case ".xlsx", ".xlsm", ".xltx", ".xltm":
			return "xlsx"
		case ".ods", ".xlsb", ".docx":
			return ext[1:]
		case ".zip":
			return "zip"
		}
		if bytes.Contains(head, []byte("xl/")) || bytes.Contains(head, []byte("[Content_Types].xml")) {
			return "xlsx"
		}
		return "zip"
	case has("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		// An encrypted .xlsx is wrapped in the container that .xls used to be.
		if ext == ".xls" {
			return "xls"
		}
		return "xlsx"
	case has("PAR1"):
		return "parquet"
	case has("%PDF-"):
		return "pdf"
	case has("\x1f\x8b"):
		return "gzip"
	case has("\x00\x01\x00\x00Standard "):
		return "access"
	}
	// A name that promises a workbook is held to it, whatever the bytes: a damaged one must say so.
	switch ext {
	case ".xlsx", ".xlsm":
		return "xlsx"
	case ".parquet":
		return "parquet"
	case ".zip":
		return "zip"
	}
	if isBinary(head) {
		return "unknown"
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch ext {
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".json":
		return jsonKind(text)
	case ".csv", ".tsv":
		return "delimited"
	case ".xml", ".html", ".htm":
		return "markup"
	}
	if len(text) > 1 && text[0] == '<' && bytes.ContainsAny(text, ">") && ext != ".txt" {
		return "markup"
	}
	if len(text) > 1 && (text[0] == '{' && bytes.Contains(text, []byte(`":`)) || text[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{"))) {
		return jsonKind(text)
	}
	return "delimited"
}

// jsonKind tells JSON Lines in a .json file from one document: a whole object ends the first line
// and another begins the second.
func jsonKind(text []byte) string {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	first, rest = bytes.TrimSpace(first), bytes.TrimSpace(rest)
	if ok && len(first) > 1 && first[0] == '{' && first[len(first)-1] == '}' && len(rest) > 0 && rest[0] == '{' {
		return "jsonl"
	}
	return "json"
}

// isBinary says that the bytes are no text in any encoding read here.
func isBinary(head []byte) bool {
	if len(head) == 0 || utf16Form(head) != "" {
		return false
	}
	odd := 0
	for _, c := range head {
		if c == 0 || c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1a && c != '\f' {
			odd++
		}
	}
	return odd*10 > len(head)
}

func isBlank(head []byte) bool {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	text = bytes.TrimPrefix(text, []byte("\xff\xfe"))
	return len(bytes.Trim(text, " \t\r\n\x00\x1a")) == 0
}

// sheet begins the next columnar copy.
func (r *reading) sheet(name string) string {
	r.sheets++
	return filepath.Join(r.into, strconv.Itoa(r.sheets)+".parquet")
}

// errWider asks for a sheet to be read again, now that its full width is known.
var errWider = errors.New("a later row is wider")

// copySheet reads a sheet whose width is not known before its last row. read is called a second
// time when a row that came after the first row group was wider.
func (r *reading) copySheet(name string, hidden, raw bool, headings []string, read func(*sheetCopy) error) error {
	s := &sheetCopy{r: r, name: name, hidden: hidden, raw: raw, headings: headings, path: r.sheet(name)}
	mark := len(r.found.list)
	counts := make(map[string]int, len(r.found.count))
	for k, v := range r.found.count {
		counts[k] = v
	}
	err := s.run(read)
	if errors.Is(err, errWider) {
		r.found.list, r.found.count = r.found.list[:mark], counts
		again := &sheetCopy{r: r, name: name, hidden: hidden, raw: raw, headings: s.headings, columns: s.columns, path: s.path}
		err = again.run(read)
		s = again
	}
	if err != nil {
		return err
	}
	r.add(tributary.Sheet{Name: name, Hidden: hidden, Headings: s.headings, Columns: s.columns, Rows: s.rows,
		Parquet: filepath.Base(s.path)}, s.gate)
	return nil
}

func (r *reading) add(sheet tributary.Sheet, g *gate) {
	r.file.Sheets = append(r.file.Sheets, sheet)
	g.report(&r.found)
	r.file.Stripped = append(r.file.Stripped, g.stripped...)
}

// record is one row of a sheet as a reader found it. Absent cells are nil.
type record struct {
	number int64
	path   string
	fault  string
	cells  []*string
	raw    []*string
}

// sheetCopy writes rows that come one by one.
type sheetCopy struct {
	r        *reading
	name     string
	hidden   bool
	raw      bool
	headings []string
	path     string
	columns  int
	rows     int64

	early []record
	gate  *gate
	batch *batch
	out   *columnFile
	wider bool
	first bool
}

func (s *sheetCopy) run(read func(*sheetCopy) error) error {
	s.first = true
	err := read(s)
	if err == nil {
		err = s.finish()
	}
	if err != nil && s.out != nil {
		s.out.abandon()
	}
	if err != nil {
		os.Remove(s.path)
	}
	return err
}

// put takes one row; the first ones wait until the headings are known.
func (s *sheetCopy) put(rec record) error {
	if s.gate == nil {
		if s.headings == nil {
			s.early = append(s.early, rec)
			if len(s.early) < earlyRows {
				return nil
			}
			return s.open()
		}
		if err := s.open(); err != nil {
			return err
		}
	}
	return s.write(rec)
}

// open decides what the gate strips and writes the rows that waited.
func (s *sheetCopy) open() error {
	var early [][]string
	for _, rec := range s.early {
		row := make([]string, len(rec.cells))
		for i, c := range rec.cells {
			if c != nil {
				row[i] = *c
			}
		}
		early = append(early, row)
	}
	s.gate = newGate(s.r.hint, s.name, s.headings, early)
	waiting := s.early
	s.early = nil
	for _, rec := range waiting {
		if err := s.write(rec); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheetCopy) write(rec record) error {
	if s.rows%4096 == 0 && s.r.ctx.Err() != nil {
		return s.r.ctx.Err()
	}
	s.rows++
	width := max(len(rec.cells), len(s.headings))
	if width > s.columns {
		s.columns = width
		s.wider = s.wider || s.out != nil
	}
	if s.headings != nil {
		s.gate.named(s.headings)
	}
	s.gate.widen(s.columns)
	if s.wider {
		return nil
	}
	if s.batch == nil {
		s.batch = newBatch(s.columns, s.raw)
	}
	b := s.batch
	b.widen(s.columns, s.raw)
	b.begin(rec.number)
	if rec.path != "" {
		b.path.set(b.rows, b.own(rec.path))
	}
	if rec.fault != "" {
		b.fault.set(b.rows, b.own(rec.fault))
	}
	for i, c := range rec.cells {
		if c != nil {
			s.cell(b, rec, i, *c)
		}
	}
	b.end()
	if b.rows >= rowGroupRows || b.size >= rowGroupBytes {
		return s.flush()
	}
	return nil
}

func (s *sheetCopy) cell(b *batch, rec record, i int, v string) {
	if m := inspect(v); m != 0 {
		s.r.found.cell(m, s.name, rec.number, s.gate.heading(i))
	}
	if s.gate.strips(rec.number, i) || rec.fault != "" && s.gate.spills(i, v) {
		return
	}
	b.shown[i].set(b.rows, b.own(v))
	if s.raw && i < len(rec.raw) && rec.raw[i] != nil {
		b.raw[i].set(b.rows, b.own(*rec.raw[i]))
	}
}

func (s *sheetCopy) flush() error {
	if s.out == nil {
		out, err := createColumnFile(s.path, s.columns, s.raw, nil, s.r.threads)
		if err != nil {
			return err
		}
		s.out = out
	}
	s.gate.watchBatch(s.batch, s.first)
	s.first = false
	full := s.batch
	s.batch = s.out.take()
	return s.out.put(s.r.ctx, full)
}

func (s *sheetCopy) finish() error {
	if s.gate == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	if s.wider {
		return errWider
	}
	if s.batch == nil {
		s.batch = newBatch(s.columns, s.raw)
	}
	s.batch.widen(s.columns, s.raw)
	if s.batch.rows > 0 || s.out == nil {
		if err := s.flush(); err != nil {
			return err
		}
	}
	out := s.out
	s.out = nil
	return out.close()
}
