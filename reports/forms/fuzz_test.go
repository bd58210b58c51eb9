package forms_test

import (
	"bytes"
	"testing"

	"tributary/reports/forms"
	"tributary/reports/sheet/sheettest"
)

// FuzzReadReview puts anything into a part of a review sheet that was filled in.
func FuzzReadReview(f *testing.F) {
	base := writeReview(f, "en", reviewPairs())
	names := sheettest.Parts(base)
	for i, name := range names {
		f.Add(byte(i), sheettest.Part(base, name))
	}
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		book := sheettest.Replace(base, names[int(which)%len(names)], content)
		got, err := forms.ReadReview(bytes.NewReader(book), int64(len(book)))
		if err != nil && len(got) > 0 {
			t.Error("answers beside a fault: half of a sheet would be taken")
		}
		for _, a := range got {
			if a.Key == "" || a.Verdict == "" || a.Row < 1 {
				t.Errorf("an answer about nothing: row %d", a.Row)
			}
		}
	})
}
