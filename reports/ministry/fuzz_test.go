package ministry_test

import (
	"bytes"
	"testing"

	"tributary/reports/ministry"
	"tributary/reports/sheet/sheettest"
)

// FuzzReadNotes puts anything into a part of a workbook that people edited.
func FuzzReadNotes(f *testing.F) {
	base, _ := write(f, fixture(f), "en")
	names := sheettest.Parts(base)
	for i, name := range names {
		f.Add(byte(i), sheettest.Part(base, name))
	}
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		notes, edited, err := ministry.ReadNotes(bytes.NewReader(sheettest.Replace(base, names[int(which)%len(names)], content)))
		if err != nil && (edited || len(notes) > 0) {
			t.Error("notes beside a fault: half of a workbook would be taken")
		}
	})
}
