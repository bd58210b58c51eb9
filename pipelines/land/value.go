package land

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// jsonDepth bounds how deep a document may be nested.
const jsonDepth = 64

var errTooDeep = errors.New("nested too deep")

// value is one JSON value with its keys in the order in which they stand.
type value struct {
	kind  byte // o, a, s (text), n (number), b, 0 (null)
	text  string
	keys  []string
	items []value
}

func (v value) isTable() bool {
	for _, item := range v.items {
		if item.kind != 'o' {
			return false
		}
	}
	return len(v.items) > 0
}

// render writes the value as JSON text.
func (v value) render() string {
	var b strings.Builder
	v.renderTo(&b)
	return b.String()
}

func (v value) renderTo(b *strings.Builder) {
	switch v.kind {
	case 0:
		b.WriteString("null")
	case 's':
		b.WriteString(quoteJSON(v.text))
	case 'o':
		b.WriteByte('{')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(v.keys[i]) + ":")
			item.renderTo(b)
		}
		b.WriteByte('}')
	case 'a':
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.renderTo(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(v.text)
	}
}

func quoteJSON(s string) string {
	quoted := jsonTexts([][]byte{[]byte(s)})
	return string(quoted[1 : len(quoted)-1])
}

// parseJSON reads one whole value. Control characters inside texts, which JSON forbids and exports
// write all the same, are let through.
func parseJSON(line []byte) (value, error) {
	v, err := parseStrict(line)
	if err != nil {
		if escaped := escapeControls(line); len(escaped) != len(line) {
			return parseStrict(escaped)
		}
	}
	return v, err
}

func parseStrict(line []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return value{}, err
	}
	v, err := parseFrom(d, t, 1)
	if err != nil {
		return value{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("text after the value")
	}
	return v, nil
}

// parseFrom reads the value that begins with t.
func parseFrom(d *json.Decoder, t json.Token, depth int) (value, error) {
	if depth > jsonDepth {
		return value{}, errTooDeep
	}
	switch t := t.(type) {
	case string:
		return value{kind: 's', text: t}, nil
	case json.Number:
		return value{kind: 'n', text: t.String()}, nil
	case bool:
		return value{kind: 'b', text: strconv.FormatBool(t)}, nil
	case json.Delim:
		v := value{kind: 'o'}
		if t == '[' {
			v.kind = 'a'
		}
		for d.More() {
			next, err := d.Token()
			if err != nil {
				return v, err
			}
			if v.kind == 'o' {
				key, ok := next.(string)
				if !ok {
					return v, fmt.Errorf("key is no text")
				}
				v.keys = append(v.keys, key)
				if next, err = d.Token(); err != nil {
					return v, err
				}
			}
			item, err := parseFrom(d, next, depth+1)
			if err != nil {
				return v, err
			}
			v.items = append(v.items, item)
		}
		_, err := d.Token()
		return v, err
	}
	return value{}, nil
}

func escapeControls(line []byte) []byte {
	var out []byte
	inside := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			inside = !inside
		case c == '\\' && inside && i+1 < len(line):
			out = append(out, c)
			i++
			c = line[i]
		case c < 0x20 && inside:
			out = fmt.Appendf(out, `\u%04x`, c)
			continue
		}
		out = append(out, c)
	}
	return out
}

// skipMark drops a byte order mark.
func skipMark(r io.Reader) io.Reader {
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	if err != nil {
		return bytes.NewReader(head[:n])
	}
	return io.MultiReader(bytes.NewReader(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))), r)
}
