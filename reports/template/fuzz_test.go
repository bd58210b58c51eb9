package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"tributary"
	"tributary/examples/demo"
)

// FuzzTemplate learns and fills the invented form with one of its parts damaged: a form or an error with a fix, never a
// panic, and nothing is written beside an error.
func FuzzTemplate(f *testing.F) {
	blank, err := demo.Form("en")
	if err != nil {
		f.Fatal(err)
	}
	m, r := learned(f, blank, Options{Answers: demo.FormAnswers()}).Map, release(f)
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
		to, err3 := w.Create(p.Name)
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
