package forms

import (
	"archive/zip"
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"
)

// packed is the time that every part of a workbook carries, so that equal content has equal bytes.
var packed = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Pack writes a workbook so that equal content gives equal bytes: parts in order of their names, one
// fixed time, no trace of the machine.
func Pack(f *excelize.File, w io.Writer) error {
	stamp := "2000-01-01T00:00:00Z"
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "Tributary", LastModifiedBy: "Tributary", Created: stamp, Modified: stamp}); err != nil {
		return err
	}
	buffer, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	in, err := zip.NewReader(bytes.NewReader(buffer.Bytes()), int64(buffer.Len()))
	if err != nil {
		return err
	}
	parts := slices.Clone(in.File)
	slices.SortFunc(parts, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range parts {
		if err := copyPart(out, part); err != nil {
			return err
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
	w, err := out.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Deflate, Modified: packed})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}
