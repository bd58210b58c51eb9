// Package sheettest damages workbooks, for tests of what reads them.
//
// Takes a workbook; leaves one with a part replaced; never runs outside of tests.
package sheettest

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
)

// Parts returns the names of a workbook's parts, sorted; nil where it is no zip.
func Parts(book []byte) []string {
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// Part returns what a part holds; nil where it cannot be read.
func Part(book []byte, name string) []byte {
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil
	}
	r, err := z.Open(name)
	if err != nil {
		return nil
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return content
}

// Replace returns the workbook with other content in one of its parts.
func Replace(book []byte, name string, content []byte) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, n := range Parts(book) {
		part, err := w.Create(n)
		if err != nil {
			return nil
		}
		if n != name {
			_, err = part.Write(Part(book, n))
		} else {
			_, err = part.Write(content)
		}
		if err != nil {
			return nil
		}
	}
	if err := w.Close(); err != nil {
		return nil
	}
	return out.Bytes()
}
