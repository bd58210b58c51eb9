package land

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// sheetEnds looks at the end of each worksheet, straight in the parts of the workbook. The workbook
// library ends a sheet quietly where its XML breaks; against this it shows. Sheets whose part is not
// found are left out.
func sheetEnds(r io.ReaderAt, size int64) map[string]sheetEnd {
	z, err := zip.NewReader(r, size)
	if err != nil {
		// An encrypted workbook is no zip.
		return nil
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if !decodePart(z, "xl/workbook.xml", &book) || !decodePart(z, "xl/_rels/workbook.xml.rels", &relations) {
		return nil
	}
	ends := map[string]sheetEnd{}
	for _, sheet := range book.Sheets {
		for _, rel := range relations.List {
			if rel.ID != sheet.ID {
				continue
			}
			name := path.Join("xl", rel.Target)
			if strings.HasPrefix(rel.Target, "/") {
				name = rel.Target[1:]
			}
			if part, err := z.Open(name); err == nil {
				ends[sheet.Name] = scanSheet(part)
				part.Close()
			}
		}
	}
	return ends
}

// decodePart reads one small part; what cannot be read counts as missing.
func decodePart(z *zip.Reader, name string, into any) bool {
	part, err := z.Open(name)
	if err != nil {
		return false
	}
	defer part.Close()
	return xml.NewDecoder(io.LimitReader(part, partInMemory)).Decode(into) == nil
}

// sheetEnd is what the tags of a worksheet tell about it.
type sheetEnd struct {
	// last is the number of the last row; of a sheet that is cut off, that of the row it ends in.
	last int64
	// isCut says that the part ends before its rows do.
	isCut bool
	// unvalued are the first cells that hold a formula and no value, unvaluedMore counts the rest.
	unvalued     []place
	unvaluedMore int
}

// tagScan is the walk over the tags of a worksheet.
type tagScan struct {
	sheetEnd
	inSheet, inData, inRow, inValue bool
	hasEnded                        bool
	column                          int
	// isText, hasFormula and hasValue are about the cell at hand.
	isText, hasFormula, hasValue bool
}

// scanSheet looks at every tag. Rows have their number where it is written, else they are counted.
func scanSheet(r io.Reader) sheetEnd {
	in := bufio.NewReaderSize(r, 256<<10)
	var t tagScan
	for {
		piece, err := in.ReadSlice('>')
		i := bytes.LastIndexByte(piece, '<')
		if t.inValue && i != 0 && len(piece) > 0 {
			t.hasValue = true
		}
		if i >= 0 {
			t.inValue = false
			t.tag(piece[i+1:])
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return t.end()
		}
	}
}

// end settles in which row a sheet that is cut off ends: in the last one, or in the one after it.
func (t *tagScan) end() sheetEnd {
	t.isCut = t.inSheet && !t.hasEnded
	if t.isCut && !t.inRow {
		t.last++
	}
	return t.sheetEnd
}

func (t *tagScan) tag(tag []byte) {
	isEnd, isWhole := bytes.HasPrefix(tag, []byte("/")), bytes.HasSuffix(tag, []byte("/>"))
	at := bytes.IndexAny(tag, " \r\n\t>")
	name, rest := tag, []byte(nil)
	if at >= 0 {
		name, rest = tag[:at], tag[at:]
	}
	name = bytes.Trim(name, "/")
	if _, local, ok := bytes.Cut(name, []byte(":")); ok {
		name = local
	}
	switch string(name) {
	case "worksheet":
		t.inSheet = true
		t.hasEnded = t.hasEnded || isEnd && !t.inData
	case "sheetData":
		t.inData = !isEnd && !isWhole
		t.hasEnded = t.hasEnded || !t.inData && at >= 0
	case "row":
		if !isEnd {
			t.last = max(t.last+1, attributeNumber(rest, `r="`))
			t.column = 0
		}
		t.inRow = !(isEnd || isWhole) || at < 0
	case "c":
		if !isEnd {
			t.column = max(t.column+1, attributeColumn(rest))
			t.isText = bytes.Contains(rest, []byte(` t="str"`))
			t.hasFormula, t.hasValue = false, false
		} else if t.hasFormula && !t.hasValue {
			t.missing()
		}
	case "f":
		t.hasFormula = true
	case "v":
		// A formula may well make an empty text.
		t.hasValue = t.hasValue || t.isText
		t.inValue = !isEnd && !isWhole
	}
}

func (t *tagScan) missing() {
	if len(t.unvalued) >= findingsPerCheck {
		t.unvaluedMore++
		return
	}
	t.unvalued = append(t.unvalued, place{t.last, t.column - 1})
}

// attributeColumn reads the letters of a cell's address: 1 for A, 0 where there is none.
func attributeColumn(element []byte) int {
	n := 0
	for _, c := range attribute(element, `r="`) {
		if c < 'A' || c > 'Z' || n > 1<<20 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n
}

func attributeNumber(element []byte, name string) int64 {
	n, err := strconv.ParseInt(string(attribute(element, name)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// attribute returns what stands after the name, which includes the equals sign and the quote.
func attribute(element []byte, name string) []byte {
	at := bytes.Index(element, []byte(name))
	// Other attributes end in the same letter; this one is a word of its own.
	for at > 0 && !isSpace(element[at-1]) {
		next := bytes.Index(element[at+1:], []byte(name))
		if next < 0 {
			return nil
		}
		at += 1 + next
	}
	if at < 0 {
		return nil
	}
	value, _, _ := bytes.Cut(element[at+len(name):], []byte(`"`))
	return value
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
