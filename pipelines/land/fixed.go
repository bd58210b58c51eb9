package land

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"tributary"
)

// text reads the file from its start, apart from the one pass that hashes it.
func (r *reading) text() io.Reader { return io.NewSectionReader(r.sum.file, 0, r.size) }

// readFixed reads lines of fixed-width fields. Without widths the line stays whole, as c1. Spaces
// that fill a field up are no part of its value.
func (r *reading) readFixed() error {
	head, err := r.sum.peek(sampleBytes)
	if err != nil {
		return err
	}
	encoding := encodingName(r.hint.Encoding)
	if encoding == "" {
		encoding = detectEncoding(head)
	}
	widths := r.hint.Widths
	total := 0
	for _, w := range widths {
		total += w
	}
	// Field names come from the agency's file; a heading line is only known by the hint.
	names := r.hint.FieldNames
	if len(names) == 0 {
		names = nil
	}
	return r.tooLong(r.copySheet("", false, false, names, func(s *sheetCopy) error {
		s.columns = max(s.columns, 1, len(widths))
		lines := newLineReader(decode(encoding, r.text()), bytes.IndexByte(head, '\n') < 0)
		for number := int64(1); ; number++ {
			line, ended, err := lines.next()
			if err != nil || line == nil {
				return err
			}
			if !utf8.Valid(line) {
				line = mend(line)
				r.found.cell(markNotUTF8, "", number, "")
			}
			if err := s.put(r.fixedRecord(s, number, string(line), widths, total, ended)); err != nil {
				return err
			}
		}
	}))
}

// fixedRecord cuts one line by the widths.
func (r *reading) fixedRecord(s *sheetCopy, number int64, line string, widths []int, total int, ended bool) record {
	rec := record{number: number}
	if len(widths) == 0 {
		rec.cells = []*string{&line}
		return rec
	}
	rest := line
	rec.cells = make([]*string, 0, len(widths))
	for _, w := range widths {
		field, after := cutRunes(rest, w)
		if field == "" && rest == "" {
			break
		}
		rest = after
		field = strings.Trim(field, " ")
		rec.cells = append(rec.cells, &field)
	}
	isHeading := false
	for _, h := range r.hint.HeadingRows[""] {
		isHeading = isHeading || int64(h) == number
	}
	if strings.TrimSpace(line) == "" || isHeading {
		return rec
	}
	// The last field is often not filled up; a line is short when it does not reach the last field.
	short := total - widths[len(widths)-1]
	switch n := utf8.RuneCountInString(line); {
	case n < short && !ended:
		rec.fault = "cut"
		r.found.add("file_cut_off", tributary.SetsAside, "", number, "", "the file ends inside this line; ask for the whole file")
	case n < short:
		rec.fault = "short"
		r.found.add("row_short", tributary.SetsAside, "", number, "", "the line ends before its last field")
	case strings.TrimSpace(rest) != "":
		rec.fault = "long"
		r.found.add("row_long", tributary.SetsAside, "", number, "", "text stands after the last field")
	}
	return rec
}

func cutRunes(s string, n int) (field, rest string) {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return s[:at], s[at:]
}
