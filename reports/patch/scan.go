package patch

import (
	"bytes"
	"errors"
	"io"
)

// kind says what a token is.
type kind byte

const (
	text kind = iota
	open
	empty
	closing
	cdata
	other // comments and processing instructions
)

const (
	scanBuffer = 256 << 10
	// maxToken bounds one tag, comment or CDATA section; text comes in pieces and has no bound.
	maxToken = 4 << 20
	maxDepth = 200
)

// scanner walks over the tokens of a part and hands out their very bytes, so that what is written
// again is written as it was. It checks that tags nest; it knows no namespaces and expands nothing.
type scanner struct {
	r        io.Reader
	part     string
	buf      []byte
	pos, end int
	isOver   bool
	// raw is the token at hand, good until the next one; at is where it begins in the part.
	raw  []byte
	kind kind
	at   int
	// level is the depth of the element that the tag at hand begins or ends: 1 is the root.
	level int
	// names are those of the elements that are open, one after the other; starts is where each begins.
	names   []byte
	starts  []int
	hasRoot bool
	err     error
}

func newScanner(r io.Reader, part string) *scanner {
	return &scanner{r: r, part: part, buf: make([]byte, scanBuffer)}
}

// more reads until the buffer is full, and says whether anything came.
func (s *scanner) more() bool {
	if s.isOver {
		return false
	}
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	} else if s.end == len(s.buf) {
		if len(s.buf) >= maxToken {
			s.err = damaged("%s holds a tag of more than %d MB", s.part, maxToken>>20)
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	before := s.end
	for s.end < len(s.buf) {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.isOver = true
			if !errors.Is(err, io.EOF) {
				s.err = err
			}
			break
		}
	}
	return s.end > before && s.err == nil
}

// next goes to the next token. False is the end, or a fault in err.
func (s *scanner) next() bool {
	if s.err != nil {
		return false
	}
	s.at += len(s.raw)
	s.raw = nil
	if s.pos == s.end && !s.more() {
		if s.err == nil && (len(s.starts) > 0 || !s.hasRoot) {
			s.err = damaged("%s is cut off", s.part)
		}
		return false
	}
	if s.buf[s.pos] != '<' {
		length := bytes.IndexByte(s.buf[s.pos:s.end], '<')
		if length < 0 {
			length = s.end - s.pos
		}
		s.kind = text
		s.take(length)
		if s.at == 0 && len(s.raw) >= 2 && (s.raw[0] >= 0xFE || s.raw[0] == 0 || s.raw[1] == 0) {
			s.err = damaged("%s is not in UTF-8", s.part)
			return false
		}
		return true
	}
	for {
		length, kind := token(s.buf[s.pos:s.end])
		if length > 0 {
			s.kind = kind
			s.take(length)
			return s.nest()
		}
		if length < 0 {
			s.err = damaged("%s is not well-formed at byte %d", s.part, s.at)
			return false
		}
		if !s.more() {
			if s.err == nil {
				s.err = damaged("%s is cut off", s.part)
			}
			return false
		}
	}
}

func (s *scanner) take(length int) {
	s.raw = s.buf[s.pos : s.pos+length]
	s.pos += length
}

// token measures the token at the start of b, which begins with '<': 0 wants more bytes, less is a
// fault. A document type is one: no writer of workbooks needs it, and it can define entities.
func token(b []byte) (int, kind) {
	until := func(mark string, kind kind, from int) (int, kind) {
		if i := bytes.Index(b[min(from, len(b)):], []byte(mark)); i >= 0 {
			return from + i + len(mark), kind
		}
		return 0, kind
	}
	if len(b) < 2 {
		return 0, other
	}
	switch b[1] {
	case '?':
		return until("?>", other, 2)
	case '!':
		switch {
		case bytes.HasPrefix(b, []byte("<!--")):
			return until("-->", other, 4)
		case bytes.HasPrefix(b, []byte("<![CDATA[")):
			return until("]]>", cdata, 9)
		case bytes.HasPrefix([]byte("<!--"), b), bytes.HasPrefix([]byte("<![CDATA["), b):
			return 0, other
		}
		return -1, other
	case '/':
		i := bytes.IndexByte(b, '>')
		return i + 1, closing
	}
	var quote byte
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			return -1, other
		case c == '>':
			if b[i-1] == '/' {
				return i + 1, empty
			}
			return i + 1, open
		}
	}
	return 0, open
}

// nest keeps the names of open elements and checks that each is closed by its own.
func (s *scanner) nest() bool {
	switch s.kind {
	case open, empty:
		if len(s.starts) == 0 && s.hasRoot || len(s.starts) >= maxDepth || len(tagName(s.raw)) == 0 {
			s.err = damaged("%s is not well-formed at byte %d", s.part, s.at)
			return false
		}
		s.hasRoot = true
		s.level = len(s.starts) + 1
		if s.kind == open {
			s.starts = append(s.starts, len(s.names))
			s.names = append(s.names, tagName(s.raw)...)
		}
	case closing:
		last := len(s.starts) - 1
		if last < 0 || !bytes.Equal(s.names[s.starts[last]:], tagName(s.raw)) {
			s.err = damaged("%s is not well-formed at byte %d", s.part, s.at)
			return false
		}
		s.level = len(s.starts)
		s.names, s.starts = s.names[:s.starts[last]], s.starts[:last]
	}
	return true
}

// tagName is the name in a tag, its prefix included.
func tagName(tag []byte) []byte {
	from := 1
	if len(tag) > 1 && tag[1] == '/' {
		from = 2
	}
	for i := from; i < len(tag); i++ {
		switch tag[i] {
		case ' ', '\t', '\n', '\r', '/', '>':
			return tag[from:i]
		}
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// attr is one attribute of a tag: from is where the space before it begins, inner where its value
// does, to where its closing quote ends.
type attr struct {
	name, value     []byte
	from, inner, to int
}

// nextAttr reads the attribute that begins at or after i.
func nextAttr(tag []byte, i int) (attr, bool) {
	a := attr{from: i}
	for i < len(tag) && isSpace(tag[i]) {
		i++
	}
	start := i
	for i < len(tag) && tag[i] != '=' && !isSpace(tag[i]) && tag[i] != '>' && tag[i] != '/' {
		i++
	}
	a.name = tag[start:i]
	for i < len(tag) && (isSpace(tag[i]) || tag[i] == '=') {
		i++
	}
	if i >= len(tag) || len(a.name) == 0 || tag[i] != '"' && tag[i] != '\'' {
		return attr{}, false
	}
	length := bytes.IndexByte(tag[i+1:], tag[i])
	if length < 0 {
		return attr{}, false
	}
	a.inner = i + 1
	a.value = tag[i+1 : i+1+length]
	a.to = i + 2 + length
	return a, true
}

// firstAttr is where the attributes of a tag begin.
func firstAttr(tag []byte) int { return 1 + len(tagName(tag)) }

// find looks an attribute up by its name as written.
func find(tag []byte, name string) (attr, bool) {
	for a, ok := nextAttr(tag, firstAttr(tag)); ok; a, ok = nextAttr(tag, a.to) {
		if string(a.name) == name {
			return a, true
		}
	}
	return attr{}, false
}

// value is the value of an attribute as it is meant, "" where it is not there.
func value(tag []byte, name string) string {
	a, ok := find(tag, name)
	if !ok {
		return ""
	}
	return unescape(a.value)
}

// with returns a copy of the tag in which the attribute has the value.
func with(tag []byte, name, value string) []byte {
	quoted := escape(value)
	if a, ok := find(tag, name); ok {
		return splice(tag, a.inner, a.to-1, quoted)
	}
	at := len(tag) - 1
	if tag[at-1] == '/' {
		at--
	}
	for isSpace(tag[at-1]) {
		at--
	}
	return splice(tag, at, at, " "+name+`="`+quoted+`"`)
}

// without returns a copy of the tag that has no such attribute.
func without(tag []byte, name string) []byte {
	if a, ok := find(tag, name); ok {
		return splice(tag, a.from, a.to, "")
	}
	return bytes.Clone(tag)
}

func splice(b []byte, from, to int, with string) []byte {
	out := make([]byte, 0, len(b)+len(with))
	return append(append(append(out, b[:from]...), with...), b[to:]...)
}

// asOpen turns <c/> into <c>; a tag that is open stays.
func asOpen(tag []byte) []byte {
	if tag[len(tag)-2] != '/' {
		return tag
	}
	return append(bytes.TrimRight(bytes.Clone(tag[:len(tag)-2]), " \t\r\n"), '>')
}
