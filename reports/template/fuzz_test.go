package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"

	"tributary"
)

// smallForm has one cell of each kind: the whole invented form takes a hundred times as long.
func smallForm(f *testing.F) []byte {
	f.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for at, text := range map[string]string{"A1": "Quarterly return", "B2": "Q1", "C2": "Q2", "D2": "Total", "A3": "Referrals received", "A4": "Plans developed"} {
		if err := book.SetCellStr("Sheet1", at, text); err != nil {
			f.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := errors.Join(book.SetCellFormula("Sheet1", "D3", "SUM(B3:C3)"), book.MergeCell("Sheet1", "A1", "D1"), book.Write(&out)); err != nil {
		f.Fatal(err)
	}
	return out.Bytes()
}

// FuzzTemplate learns and fills a small form with one of its parts damaged: a form or an error with a fix, never a
// panic, and nothing is written beside an error.
func FuzzTemplate(f *testing.F) {
	blank, r := smallForm(f), release(f)
	r.measures = r.measures[:8]
	p, err := Learn(blank, r, Options{Name: "form.xlsx"})
	if err != nil {
		f.Fatal(err)
	}
	m := p.Map
	if p.Count("sure") == 0 {
		f.Fatal("nothing of the form is learned: nothing of filling would be tried")
	}
	f.Add(uint8(0), uint16(10), []byte("<"))
	f.Add(uint8(4), uint16(900), []byte(`<c r="ZZZZ9999999"><f>SUM(A1:`))
	f.Add(uint8(9), uint16(200), []byte(`count="99999999"`))
	f.Fuzz(func(t *testing.T, part uint8, at uint16, with []byte) {
		b := damagedForm(t, blank, int(part), int(at), with)
		_, err := Learn(b, r, Options{Name: "form.xlsx"})
		if err != nil && tributary.FixOf(first(err)) == "" {
			t.Errorf("learn: %v has no fix", err)
		}
		var out bytes.Buffer
		_, err = Write(b, m, r, &out)
		if err != nil && (tributary.FixOf(first(err)) == "" || out.Len() > 0) {
			t.Errorf("fill: %v: fix %q, %d bytes written", err, tributary.FixOf(first(err)), out.Len())
		}
	})
}

// damagedForm writes bytes over one part of a workbook.
func damagedForm(t *testing.T, blank []byte, part, at int, with []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(blank), int64(len(blank)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, p := range in.File {
		r, err1 := p.Open()
		content, err2 := io.ReadAll(r)
		to, err3 := w.CreateHeader(&zip.FileHeader{Name: p.Name}) // stored: deflating is not what is tried
		if i == part%len(in.File) && len(content) > 0 {
			from := at % len(content)
			content = append(append(bytes.Clone(content[:from]), with...), content[min(len(content), from+len(with)):]...)
		}
		_, err4 := to.Write(content)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
