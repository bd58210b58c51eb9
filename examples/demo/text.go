package demo

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// table is rows of text; the first holds the headings.
type table [][]string

// row is the record number of the row added last.
func (t table) row() int { return len(t) }

// delimited quotes only where it must, as most exports do.
func (t table) delimited(separator, newline string) []byte {
	var b bytes.Buffer
	for _, row := range t {
		for i, value := range row {
			if i > 0 {
				b.WriteString(separator)
			}
			if strings.ContainsAny(value, "\"\r\n"+separator) {
				value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
			}
			b.WriteString(value)
		}
		b.WriteString(newline)
	}
	return b.Bytes()
}

// fixed cuts and pads every value to its width in characters.
func (t table) fixed(widths []int) []byte {
	var b bytes.Buffer
	for _, row := range t {
		for i, value := range row {
			letters := []rune(value)
			if len(letters) >= widths[i] {
				letters = letters[:widths[i]-1]
			}
			b.WriteString(string(letters))
			b.WriteString(strings.Repeat(" ", widths[i]-len(letters)))
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func withMark(data []byte) []byte { return append([]byte("\xef\xbb\xbf"), data...) }

// windows1252 writes what the code page has not as a question mark.
func windows1252(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		data = data[size:]
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// utf16Little is what spreadsheets call Unicode text.
func utf16Little(data []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(data))) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// zipped holds the parts in the order given, all with the same time.
func zipped(modified time.Time, parts ...file) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.path, Method: zip.Deflate, Modified: modified.UTC()})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
