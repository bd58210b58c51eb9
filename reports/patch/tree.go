package patch

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tributary"
)

// maxNodes bounds what a small part may hold.
const maxNodes = 2 << 20

// node is one element of a small part, by the places of its tags in the part's bytes.
type node struct {
	// name is without its prefix.
	name string
	// start to inner is the start tag, close to end the end tag; of <c/> inner, close and end are one.
	start, inner, close, end int
	kids                     []*node
}

// tree is a small part that is held whole, and the edits to it. The bytes stay as they are where
// nothing is edited.
type tree struct {
	part   string
	b      []byte
	root   *node
	prefix string
	edits  []edit
}

type edit struct {
	from, to int
	with     string
}

func parse(part string, b []byte) (*tree, error) {
	t := &tree{part: part, b: b}
	s := newScanner(bytes.NewReader(b), part)
	var stack []*node
	count := 0
	for s.next() {
		switch s.kind {
		case open, empty:
			name := string(tagName(s.raw))
			n := &node{name: name[strings.IndexByte(name, ':')+1:], start: s.at, inner: s.at + len(s.raw)}
			n.close, n.end = n.inner, n.inner
			if t.root == nil {
				t.root, t.prefix = n, name[:len(name)-len(n.name)]
			} else {
				parent := stack[len(stack)-1]
				parent.kids = append(parent.kids, n)
			}
			if s.kind == open {
				stack = append(stack, n)
			}
			if count++; count > maxNodes {
				return nil, tributary.Fix(fmt.Errorf("%w: %s holds more than %d elements", ErrTooLarge, part, maxNodes), "split it into several workbooks")
			}
		case closing:
			n := stack[len(stack)-1]
			n.close, n.end = s.at, s.at+len(s.raw)
			stack = stack[:len(stack)-1]
		}
	}
	return t, s.err
}

func (t *tree) tag(n *node) []byte { return t.b[n.start:n.inner] }

func (t *tree) attr(n *node, name string) string { return value(t.tag(n), name) }

// text is all text within the element.
func (t *tree) text(n *node) string {
	var b strings.Builder
	s := newScanner(bytes.NewReader(t.b[n.start:n.end]), t.part)
	for s.next() {
		b.WriteString(content(s))
	}
	return b.String()
}

// content is the text of the token at hand.
func content(s *scanner) string {
	switch s.kind {
	case text:
		return unescape(s.raw)
	case cdata:
		return string(s.raw[9 : len(s.raw)-3])
	}
	return ""
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

func (n *node) children(name string) []*node {
	var out []*node
	if n != nil {
		for _, k := range n.kids {
			if k.name == name {
				out = append(out, k)
			}
		}
	}
	return out
}

// relAttr is the value of the element's attribute of that local name in the namespace of
// relationships (r:id), whatever its prefix.
func (t *tree) relAttr(n *node, local string) string {
	tag := t.tag(n)
	for a, ok := nextAttr(tag, firstAttr(tag)); ok; a, ok = nextAttr(tag, a.to) {
		prefix, name, _ := strings.Cut(string(a.name), ":")
		if name != local {
			continue
		}
		uri := value(tag, "xmlns:"+prefix)
		if uri == "" {
			uri = value(t.tag(t.root), "xmlns:"+prefix)
		}
		if strings.HasSuffix(uri, "/relationships") {
			return unescape(a.value)
		}
	}
	return ""
}

// relPrefix returns the root tag's prefix for relationships, or "" where it declares none.
func relPrefix(root []byte) string {
	for a, ok := nextAttr(root, firstAttr(root)); ok; a, ok = nextAttr(root, a.to) {
		if prefix, isPrefix := strings.CutPrefix(string(a.name), "xmlns:"); isPrefix &&
			strings.HasSuffix(string(a.value), "officeDocument/2006/relationships") || isPrefix && strings.HasSuffix(string(a.value), "/ooxml/officeDocument/relationships") {
			return prefix
		}
	}
	return ""
}

// relID writes an attribute r:id, with its own declaration where the root has none.
func relID(root []byte, base, id string) string {
	if prefix := relPrefix(root); prefix != "" {
		return prefix + `:id="` + id + `"`
	}
	return `xmlns:r="` + base + `" r:id="` + id + `"`
}

func (t *tree) replace(from, to int, with string) { t.edits = append(t.edits, edit{from, to, with}) }

// remove takes an element out.
func (t *tree) remove(n *node) { t.replace(n.start, n.end, "") }

// retag replaces an element's start tag.
func (t *tree) retag(n *node, tag []byte) { t.replace(n.start, n.inner, string(tag)) }

// add puts XML at the end of an element, whose start tag is changed by change.
func (t *tree) add(n *node, xml string, change func([]byte) []byte) {
	tag := t.tag(n)
	if change != nil {
		tag = change(tag)
	}
	if n.inner == n.end {
		for i, e := range t.edits {
			if e.from == n.start && e.to == n.inner {
				end := strings.LastIndex(e.with, "</")
				t.edits[i].with = e.with[:end] + xml + e.with[end:]
				return
			}
		}
		t.retag(n, append(asOpen(tag), xml+"</"+string(tagName(t.tag(n)))+">"...))
		return
	}
	if change != nil {
		t.retag(n, tag)
	}
	t.replace(n.close, n.close, xml)
}

// bytes applies the edits. Those at one place stand in the order in which they were made.
func (t *tree) bytes() []byte {
	slices.SortStableFunc(t.edits, func(a, b edit) int { return a.from - b.from })
	var out bytes.Buffer
	at := 0
	for _, e := range t.edits {
		if e.from > at {
			out.Write(t.b[at:e.from])
		}
		out.WriteString(e.with)
		at = max(at, e.to)
	}
	out.Write(t.b[at:])
	return out.Bytes()
}

// counted sets the attribute count.
func counted(n int) func([]byte) []byte {
	return func(tag []byte) []byte { return with(tag, "count", strconv.Itoa(n)) }
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// unescape expands the entities that XML defines, and character references; others stay.
func unescape(b []byte) string {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	var out strings.Builder
	s := string(b)
	for {
		before, rest, ok := strings.Cut(s, "&")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, ";")
		if !ok || len(name) > 10 {
			out.WriteByte('&')
			s = rest
			continue
		}
		s = after
		if c, ok := entities[name]; ok {
			out.WriteString(c)
			continue
		}
		digits, base := strings.TrimPrefix(name, "#"), 10
		if strings.HasPrefix(digits, "x") {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, base, 21); err == nil && name[:1] == "#" {
			out.WriteRune(rune(n))
		} else {
			out.WriteString("&" + name + ";")
		}
	}
}

// escape makes text fit for XML, in an attribute too; characters that XML cannot hold are left out.
func escape(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			out.WriteString("&amp;")
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '"':
			out.WriteString("&quot;")
		case r == '\'':
			out.WriteString("&#39;")
		case r == '\n' || r == '\t' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF:
			if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
				out.WriteRune('\uFFFD')
				continue
			}
			out.WriteRune(r)
		}
	}
	return out.String()
}

// maxText is what a sheet cell or a comment can hold, in UTF-16 units.
const maxText = 32767

// units is how long text is as Excel counts.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// cut keeps text to a length.
func cut(s string, most int) string {
	if len(s) <= most || units(s) <= most {
		return s
	}
	n := 0
	for i, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
		if n >= most {
			return s[:i] + "…"
		}
	}
	return s
}

// cellText is text as an inline string or a comment holds it. Excel reads _x000D_ as a character by
// its number, so that text which only looks like that is escaped.
func cellText(s string) string {
	s = cut(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), maxText)
	var out strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || len(s) < i+7 {
			out.WriteString(s)
			return escape(out.String())
		}
		out.WriteString(s[:i])
		if _, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && s[i+6] == '_' {
			out.WriteString("_x005F")
		}
		out.WriteString("_x")
		s = s[i+2:]
	}
}
