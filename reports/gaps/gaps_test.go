package gaps_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"tributary/reports/gaps"
)

var (
	update = flag.Bool("update", false, "write the golden files")
	keep   = flag.String("keep", "", "folder to leave workbooks and pages in, to look at")
)

func left(t testing.TB, name string, content []byte) {
	t.Helper()
	if *keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*keep, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	for _, lang := range []string{"en", "fr"} {
		var book, page bytes.Buffer
		if err := gaps.Write(t.Context(), db, quarter(t, "2025-26Q4"), lang, &book); err != nil {
			t.Fatal(err)
		}
		left(t, "gaps-"+lang+".xlsx", book.Bytes())
		if err := gaps.WritePage(t.Context(), db, quarter(t, "2025-26Q4"), lang, nil, &page); err != nil {
			t.Fatal(err)
		}
		left(t, "gaps-"+lang+".html", page.Bytes())
	}
}
