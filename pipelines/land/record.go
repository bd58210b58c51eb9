package land

import (
	"bytes"
	"unicode/utf8"
)

// class sorts bytes for the splitter: ordinary ones are skipped in a tight loop.
const (
	ordinary uint8 = iota
	isDelimiter
	isNewline
	isReturn
	isControl
	isHigh
)

// splitter cuts a text into records and fields. Fields are slices of the text; only quoted fields
// with doubled quotes are copied.
type splitter struct {
	// loneReturn says that lines end in a bare carriage return.
	loneReturn bool
	class      [256]uint8

	fields [][]byte
	// marked lists the fields of the last record with something to report.
	marked []markedField
	// crlf, lf and cr count line ends outside of quotes.
	crlf, lf, cr int64
	// literal reads quotation marks as text, for the one record where one is never closed.
	literal bool
}

type markedField struct {
	column int
	mark   mark
}

func newSplitter(delimiter byte, loneReturn bool) *splitter {
	s := &splitter{loneReturn: loneReturn}
	for c := range 0x20 {
		s.class[c] = isControl
	}
	s.class['\t'] = ordinary
	s.class[0x7f] = isControl
	for c := firstUnusual; c < 256; c++ {
		s.class[c] = isHigh
	}
	s.class[twiceLow], s.class[twiceHigh] = isHigh, isHigh
	s.class['\n'] = isNewline
	s.class['\r'] = isReturn
	s.class[delimiter] = isDelimiter
	return s
}

// outcome says how a record ended.
type outcome uint8

const (
	// whole records end with a line end.
	whole outcome = iota
	// atEnd is a last record without line end.
	atEnd
	// inQuotes is a text that ends inside of a quoted field.
	inQuotes
	// stray is a quoted field that runs over lines and ends in the middle of text: its first mark
	// was none.
	stray
)

// next cuts the record that begins at text[at] and returns where the next one begins. Without a
// line end the outcome is not whole, and the caller decides whether more text is to come.
func (s *splitter) next(text []byte, at int) (int, outcome) {
	s.fields, s.marked = s.fields[:0], s.marked[:0]
	for {
		if at < len(text) && text[at] == '"' && !s.literal {
			end, how, done := s.quoted(text, at)
			if done {
				return end, how
			}
			at = end
			continue
		}
		start := at
		var m mark
	scan:
		for {
			for at < len(text) && s.class[text[at]] == ordinary {
				at++
			}
			if at >= len(text) {
				s.field(text[start:at], m)
				return at, atEnd
			}
			switch s.class[text[at]] {
			case isDelimiter:
				break scan
			case isNewline:
				s.field(text[start:at], m)
				s.lf++
				return at + 1, whole
			case isReturn:
				if at+1 < len(text) && text[at+1] == '\n' {
					s.field(text[start:at], m)
					s.crlf++
					return at + 2, whole
				}
				if s.loneReturn {
					s.field(text[start:at], m)
					s.cr++
					return at + 1, whole
				}
				if at+1 == len(text) {
					// The line feed may stand in the next chunk.
					s.field(text[start:at], m)
					return at + 1, atEnd
				}
				m |= markControl
			case isControl:
				m |= markControl
			case isHigh:
				m |= markUnusual
			}
			at++
		}
		s.field(text[start:at], m)
		at++
	}
}

// field takes one field; markUnusual means so far only that a look is worth it.
func (s *splitter) field(v []byte, m mark) {
	if len(v) > 0 {
		if c := v[0]; c == '=' || c == '+' || c == '-' || c == '@' || len(v) > longCell {
			m |= inspectForm(string(v))
		}
		if m&markUnusual != 0 {
			m = m&^markUnusual | inspectHigh(string(v))
		}
	}
	if m != 0 {
		s.marked = append(s.marked, markedField{len(s.fields), m})
	}
	s.fields = append(s.fields, v)
}

// quoted cuts a field in quotation marks that begins at text[at]. done says that the record ended.
func (s *splitter) quoted(text []byte, at int) (next int, how outcome, done bool) {
	start := at
	at++
	doubled := false
	for {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			s.field(text[start+1:], s.markQuoted(text[start+1:]))
			return len(text), inQuotes, true
		}
		at += i + 1
		if at < len(text) && text[at] == '"' {
			doubled = true
			at++
			continue
		}
		break
	}
	v := text[start+1 : at-1]
	if at < len(text) && s.class[text[at]] != isDelimiter && s.class[text[at]] != isNewline && text[at] != '\r' {
		if bytes.IndexByte(v, '\n') >= 0 {
			return at, stray, true
		}
		// Text follows the closing mark: the field is kept as it stands, marks and all.
		end := at
		for end < len(text) && s.class[text[end]] != isDelimiter && s.class[text[end]] != isNewline &&
			!(text[end] == '\r' && (s.loneReturn || end+1 == len(text) || text[end+1] == '\n')) {
			end++
		}
		at, v, doubled = end, text[start:end], false
	}
	if doubled {
		v = bytes.ReplaceAll(v, []byte(`""`), []byte(`"`))
	}
	s.field(v, s.markQuoted(v))
	switch {
	case at >= len(text):
		return at, atEnd, true
	case s.class[text[at]] == isDelimiter:
		return at + 1, whole, false
	case text[at] == '\n':
		s.lf++
		return at + 1, whole, true
	case at+1 < len(text) && text[at+1] == '\n':
		s.crlf++
		return at + 2, whole, true
	case at+1 == len(text) && !s.loneReturn:
		return at + 1, atEnd, true
	}
	s.cr++
	return at + 1, whole, true
}

// markQuoted is the look at each byte of a quoted field, where delimiters and line ends are text.
func (s *splitter) markQuoted(v []byte) mark {
	var m mark
	for _, c := range v {
		switch s.class[c] {
		case isControl:
			m |= markControl
		case isHigh:
			m |= markUnusual
		}
	}
	return m
}

// wholeRunes returns how much of text ends with a whole character.
func wholeRunes(text []byte) int {
	// At most three bytes can be the beginning of a character that the next chunk ends.
	for i := 1; i <= 3 && i <= len(text); i++ {
		c := text[len(text)-i]
		if c < utf8.RuneSelf {
			break
		}
		if utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-i:]) {
				return len(text) - i
			}
			break
		}
	}
	return len(text)
}
