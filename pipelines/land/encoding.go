package land

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// detectEncoding names the encoding of a text by its first bytes: utf-8, utf-16le, utf-16be or
// windows-1252.
func detectEncoding(head []byte) string {
	if form := utf16Form(head); form != "" {
		return form
	}
	good, bad := 0, 0
	for len(head) > 0 {
		if head[0] < utf8.RuneSelf {
			head = head[1:]
			continue
		}
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			if !utf8.FullRune(head) {
				break
			}
			bad++
		} else {
			good++
		}
		head = head[n:]
	}
	// French text in Windows-1252 hardly ever spells valid UTF-8 by chance; a UTF-8 file with a few
	// broken bytes has many good ones.
	if bad > 0 && good < 5*bad {
		return "windows-1252"
	}
	return "utf-8"
}

// utf16Form recognises UTF-16 by its mark, or by zeros in one half of the byte pairs.
func utf16Form(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16be"
	}
	var zero [2]int
	for i, c := range head {
		if c == 0 {
			zero[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case half < 2:
	case zero[1]*10 > half*6 && zero[0]*20 < half:
		return "utf-16le"
	case zero[0]*10 > half*6 && zero[1]*20 < half:
		return "utf-16be"
	}
	return ""
}

// encodingName folds the names that a mapping may write; "" leaves it to be detected.
func encodingName(name string) string {
	switch name = strings.ToLower(name); name {
	case "utf-8", "utf-16le", "utf-16be", "windows-1252":
		return name
	case "utf-16":
		return "utf-16le"
	case "latin1":
		return "windows-1252"
	}
	return ""
}

// decode returns the text as UTF-8. UTF-8 itself passes unread: mend looks at it chunk by chunk.
func decode(encoding string, r io.Reader) io.Reader {
	switch encoding {
	case "utf-16le":
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case "utf-16be":
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case "windows-1252":
		return transform.NewReader(r, charmap.Windows1252.NewDecoder())
	}
	return r
}

// mend makes valid UTF-8 of a field that is not: each stray byte is read as Windows-1252.
func mend(v []byte) []byte {
	var out []byte
	for len(v) > 0 {
		r, n := utf8.DecodeRune(v)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(v[0])
		}
		out = utf8.AppendRune(out, r)
		v = v[n:]
	}
	return out
}
