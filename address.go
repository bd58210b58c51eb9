package tributary

import (
	"fmt"
	"strings"
)

// Address says where a row came from, exactly enough to find it again in the file as it came.
type Address struct {
	Agency  string  `json:"agency"`
	Quarter Quarter `json:"quarter"`
	// File is the name as it came; a file inside a zip is outer.zip/inner.csv.
	File string `json:"file,omitempty"`
	// Version counts the distinct contents sent under one file name, from 1.
	Version int `json:"version,omitempty"`
	// Sheet is the worksheet of a workbook, or the array of a JSON document; empty elsewhere.
	Sheet string `json:"sheet,omitempty"`
	// Row is the record number with headings and titles counted, from 1; 0 is the whole file.
	Row int64 `json:"row,omitempty"`
	// Path leads to a nested JSON value below the row, as in caregivers[2].
	Path string `json:"path,omitempty"`
}

// String writes the address as people read it: LCTC 2025-26Q1 extract.xlsx#Clients row 327.
func (a Address) String() string {
	var b strings.Builder
	b.WriteString(a.Agency)
	if !a.Quarter.IsZero() {
		b.WriteString(" " + a.Quarter.String())
	}
	if a.File != "" {
		b.WriteString(" " + a.File)
	}
	if a.Version > 1 {
		fmt.Fprintf(&b, " (version %d)", a.Version)
	}
	if a.Sheet != "" {
		b.WriteString("#" + a.Sheet)
	}
	if a.Row > 0 {
		fmt.Fprintf(&b, " row %d", a.Row)
	}
	if a.Path != "" {
		b.WriteString(" " + a.Path)
	}
	return b.String()
}
