package gaps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/gaps"
	tributarysql "tributary/sql"
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

// written is the workbook and the page of the fixture in a language, made once.
var written = map[string]func() ([2][]byte, error){"en": sync.OnceValues(write("en")), "fr": sync.OnceValues(write("fr"))}

func write(lang string) func() ([2][]byte, error) {
	return func() (out [2][]byte, err error) {
		db, err := made()
		if err != nil {
			return out, err
		}
		q, err := tributary.ParseQuarter("2025-26Q4")
		if err != nil {
			return out, err
		}
		var book, page bytes.Buffer
		err = errors.Join(gaps.Write(context.Background(), db, q, lang, &book), gaps.WritePage(context.Background(), db, q, lang, nil, &page))
		return [2][]byte{book.Bytes(), page.Bytes()}, err
	}
}

func report(t testing.TB, lang string) (book, page []byte) {
	t.Helper()
	out, err := written[lang]()
	if err != nil {
		t.Fatal(err)
	}
	return out[0], out[1]
}

func TestWrite_golden(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "fr"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			book, _ := report(t, lang)
			left(t, "gaps-"+lang+".xlsx", book)
			got := dump(t, book)
			path := filepath.Join("testdata", lang+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("workbook differs (-want +got); look at it, then: go test ./reports/gaps -update\n%s", diff)
			}
		})
	}
}

// dump writes each row as a person reads it; of the sheet of all figures the beginning, and the sha256 of the bytes.
func dump(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	fmt.Fprintf(&out, "sha256 %x\n", sha256.Sum256(book))
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[:min(len(rows), 60)] {
			fmt.Fprintf(&out, "%s! %s\n", sheet, strings.Join(row, " | "))
		}
	}
	return out.String()
}

func TestWrite_sameReleaseSameBytes(t *testing.T) {
	t.Parallel()
	book, page := report(t, "en")
	again, err := write("en")()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(book, again[0]) || !bytes.Equal(page, again[1]) {
		t.Error("a second time other bytes are written")
	}
}

func TestWritePage_standsAlone(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"en": {`<html lang="en-CA">`, "Speech-language in Northmoor", "51 of 65 children who need it do not get it: 78% (likely between 67% and 87%). In the whole area it is 53%.", "2 of 9 agencies", "Not reported: Respite Co-op and Clear Sight.",
			"Half wait more than 214 days", "2 of 3 agencies expected here did not report", "nobody reported", "Lakeside &amp; Hills &lt;i&gt;Centre&lt;/i&gt;", "No population is loaded", `href="gaps-fr.html"`},
		"fr": {`<html lang="fr-CA">`, "Orthophonie à Northmoor", "2 organismes sur 9", "La moitié attend plus de 214 jours", "aucune donnée transmise"},
	} {
		_, page := report(t, lang)
		left(t, "gaps-"+lang+".html", page)
		for _, w := range want {
			if !strings.Contains(string(page), w) {
				t.Errorf("%s: the page does not say %q", lang, w)
			}
		}
		for _, w := range []string{"http://", "https://", "src=", "@import", "ZgotmplZ", "style=\"", "onclick", "<i>", "%!", "NaN"} {
			// The name space of SVG is a word, nothing is fetched there.
			if strings.Contains(strings.ReplaceAll(string(page), "http://www.w3.org/2000/svg", ""), w) {
				t.Errorf("%s: the page says %q", lang, w)
			}
		}
		if len(page) > gaps.PageLimit {
			t.Errorf("%s: the page has %d bytes", lang, len(page))
		}
	}
}

func TestWrite_saysWhatItCannot(t *testing.T) {
	t.Parallel()
	db := fixture(t)
	for _, c := range []struct{ quarter, lang, want string }{
		{"2025-26Q4", "de", `language "de": neither en nor fr`},
		{"2027-28Q1", "en", "the release has no figure of 2027-28Q1"},
	} {
		for _, err := range []error{gaps.Write(t.Context(), db, quarter(t, c.quarter), c.lang, io.Discard), gaps.WritePage(t.Context(), db, quarter(t, c.quarter), c.lang, nil, io.Discard)} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		}
	}
}

// TestWords_haveTheSeedsCodes holds that each code of a referral has its words: a report cannot read the seeds.
func TestWords_haveTheSeedsCodes(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("words.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range []string{"partner_category", "source", "referral_kind", "referral_outcome", "referral_direction"} {
		data, err := fs.ReadFile(tributarysql.FS, "seed/"+seed+".csv")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			if !strings.Contains(string(source), `"code.`+row[0]+`"`) {
				t.Errorf("%s: the code %s has no words", seed, row[0])
			}
		}
	}
}
