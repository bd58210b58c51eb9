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

// lastRows finds the number of the last row element of each worksheet, straight from the parts of
// the workbook. The workbook library ends a sheet quietly where its XML breaks; against this number
// it shows. Sheets whose part is not found are left out.
func lastRows(r io.ReaderAt, size int64) map[string]int64 {
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
	last := map[string]int64{}
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
				last[sheet.Name] = lastRow(part)
				part.Close()
			}
		}
	}
	return last
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

// lastRow scans the tags for row elements: their number where they have one, else they are counted.
func lastRow(r io.Reader) int64 {
	in := bufio.NewReaderSize(r, 256<<10)
	row := int64(0)
	for {
		piece, err := in.ReadSlice('>')
		if i := bytes.LastIndexByte(piece, '<'); i >= 0 {
			name, rest, _ := bytes.Cut(piece[i+1:], []byte(" "))
			if _, local, ok := bytes.Cut(name, []byte(":")); ok {
				name = local
			}
			if string(bytes.Trim(name, "/>\r\n\t")) == "row" && !bytes.HasPrefix(piece[i+1:], []byte("/")) {
				row = max(row+1, rowNumber(rest))
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return row
		}
	}
}

func rowNumber(element []byte) int64 {
	at := bytes.Index(element, []byte(`r="`))
	// Other attributes end in r too; the row number's is a word of its own.
	for at > 0 && element[at-1] != ' ' {
		next := bytes.Index(element[at+1:], []byte(`r="`))
		if next < 0 {
			return 0
		}
		at += 1 + next
	}
	if at < 0 {
		return 0
	}
	value := element[at+3:]
	value, _, _ = bytes.Cut(value, []byte(`"`))
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
