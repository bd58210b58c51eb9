// Package sheet holds what every workbook of ours needs and the workbook library does not give: equal
// bytes for equal content, rows high enough for their text, and text that stays text.
//
// Takes a workbook in memory; leaves its bytes; never reads a file, the environment or the clock.
package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// contentTypes comes first in the zip, where readers of the format look for it.
const contentTypes = "[Content_Types].xml"

// zipTime is the earliest time a zip entry can carry; a workbook has no time but the one it states.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Pack writes the workbook so that equal content gives equal bytes: parts in order of name, one
// fixed time, and the list of content types sorted (the library writes it in random order once there
// is a chart).
func Pack(f *excelize.File, w io.Writer) error {
	buf, err := f.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	in, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		return fmt.Errorf("read workbook back: %w", err)
	}
	parts := append([]*zip.File(nil), in.File...)
	sort.Slice(parts, func(i, j int) bool {
		a, b := parts[i].Name, parts[j].Name
		if (a == contentTypes) != (b == contentTypes) {
			return a == contentTypes
		}
		return a < b
	})
	out := zip.NewWriter(w)
	for _, part := range parts {
		if err := copyPart(out, part); err != nil {
			return fmt.Errorf("pack %s: %w", part.Name, err)
		}
	}
	return out.Close()
}

func copyPart(out *zip.Writer, part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if part.Name == contentTypes {
		content = sortTypes(content)
	}
	w, err := out.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Deflate, Modified: zipTime})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

var typeElement = regexp.MustCompile(`<(?:Default|Override)[^>]*?(?:/>|></(?:Default|Override)>)`)

// sortTypes orders the elements of the content type list, whose order means nothing.
func sortTypes(content []byte) []byte {
	elements := typeElement.FindAll(content, -1)
	if len(elements) == 0 {
		return content
	}
	where := typeElement.FindAllIndex(content, -1)
	first, last := where[0][0], where[len(where)-1][1]
	sorted := make([]string, len(elements))
	for i, e := range elements {
		sorted[i] = string(e)
	}
	sort.Strings(sorted)
	return append(append(append([]byte(nil), content[:first]...), strings.Join(sorted, "")...), content[last:]...)
}

// Text makes any text fit for a sheet cell: characters that XML cannot hold are left out and the
// length is kept to the format's 32,767. Write it with SetCellStr, never SetCellValue or a formula,
// and nothing in it is executed.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || (r >= 0x20 && r != 0xFFFE && r != 0xFFFF) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > 32767 {
		s = string(r[:32766]) + "…"
	}
	return s
}

// Footer escapes text for a header or footer, where & begins a code.
func Footer(s string) string { return strings.ReplaceAll(Text(s), "&", "&&") }

// Lines says how many lines the text takes when wrapped into a column of that width (in characters
// of the default font, as column widths are), at the font size relative to the default. It errs on
// the side of one line too many: cut text is worse than air.
func Lines(s string, width, scale float64) int {
	width -= 1.5 // the padding of a sheet cell and the rounding of its width
	lines := 0
	for _, paragraph := range strings.Split(s, "\n") {
		lines++
		used := 0.0
		for _, word := range strings.SplitAfter(paragraph, " ") {
			size := Width(word) * scale
			if used > 0 && used+Width(strings.TrimRight(word, " "))*scale > width {
				lines++
				used = 0
			}
			for used == 0 && size > width && width > 0 {
				lines++
				size -= width
			}
			used += size
		}
	}
	return lines
}

// Width estimates how wide the text is, in digits of the default font: the advance widths of Arial
// (which its free twins share), in classes.
func Width(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("ijl'’|", r):
			w += 0.42
		case strings.ContainsRune("ftrI.,;:!()[]/- \u00a0", r):
			w += 0.58
		case strings.ContainsRune("cksvxyzJ", r):
			w += 0.92
		case strings.ContainsRune("mMWw%@—▲▼●", r):
			w += 1.6
		case r >= 'A' && r <= 'Z' || r >= 'À' && r <= 'Þ':
			w += 1.28
		default:
			w++
		}
	}
	return w
}
