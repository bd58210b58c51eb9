package land

import (
	"errors"
	"maps"
	"path/filepath"
	"strconv"

	"tributary"
)

// sheet begins the next columnar copy.
func (r *reading) sheet() string {
	r.sheets++
	return filepath.Join(r.into, strconv.Itoa(r.sheets)+".parquet")
}

// errWider asks for a sheet to be read again, now that its full width is known.
var errWider = errors.New("a later row is wider")

// earlyRows is how many records of a sheet wait until its headings are known.
func (r *reading) earlyRows(sheet string) int {
	return max(earlyRows, maxHeading(statedRows(r.hint, sheet)))
}

// copySheet reads a sheet whose width is not known before its last row. read is called a second
// time when a row that came after the first row group was wider.
func (r *reading) copySheet(name string, hidden, raw bool, headings []string, read func(*sheetCopy) error) error {
	s := &sheetCopy{r: r, name: name, hidden: hidden, raw: raw, headings: headings, path: r.sheet()}
	mark, counts := len(r.found.list), maps.Clone(r.found.count)
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
}

func (s *sheetCopy) run(read func(*sheetCopy) error) error {
	isWhole := false
	// Deferred: read may panic (see hostile), and the encoder waits for more.
	defer func() {
		if !isWhole {
			s.discard()
		}
	}()
	err := read(s)
	if err == nil {
		err = s.finish()
	}
	isWhole = err == nil
	return err
}

// discard ends the copy and leaves nothing of it.
func (s *sheetCopy) discard() {
	if s.out != nil {
		s.out.abandon()
		s.out = nil
	}
	removeFile(s.path)
}

// put takes one row; the first ones wait until the headings are known.
func (s *sheetCopy) put(rec record) error {
	if s.gate == nil {
		if s.headings == nil {
			s.early = append(s.early, rec)
			if len(s.early) < s.r.earlyRows(s.name) {
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
	if s.headings == nil && rec.number > s.gate.lastKept {
		s.gate.lateHeading(rec.number, rec.cells)
	}
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
	isFirst := s.out == nil
	if isFirst {
		out, err := createColumnFile(s.path, s.columns, s.raw, nil, s.r.threads)
		if err != nil {
			return err
		}
		s.out = out
	}
	s.gate.watchBatch(s.batch, isFirst)
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
