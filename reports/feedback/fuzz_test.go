package feedback

import (
	"bytes"
	"errors"
	"testing"

	"tributary/reports/sheet/sheettest"
)

// FuzzRead puts anything into a part of a letter that was sent back: what comes out is answers with their row, or
// a fault that says what to do.
func FuzzRead(f *testing.F) {
	base := typed(f, written(f, sample(f, "en")), "To fix or confirm", map[string]string{"L4": "2013-05-31", "M5": "yes", "N5": "seen"})
	names := sheettest.Parts(base)
	for i, name := range names {
		f.Add(byte(i), sheettest.Part(base, name))
	}
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		book := sheettest.Replace(base, names[int(which)%len(names)], content)
		IsLetter(bytes.NewReader(book), int64(len(book)))
		got, err := Read(bytes.NewReader(book), int64(len(book)))
		if err != nil && !errors.Is(err, ErrNotLetter) && err.Error() == "" {
			t.Error("a fault says nothing")
		}
		for _, a := range got.Answers {
			if a.Sheet == "" || a.Row < 1 || (a.Finding == "") == (a.Cause == "") {
				t.Errorf("an answer about nothing: %+v", a)
			}
		}
	})
}
