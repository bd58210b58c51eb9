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
	"tributary/pipelines/warehouse"
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
var written = map[string]func() ([2][]byte, error){"en": sync.OnceValues(write("en", made)), "fr": sync.OnceValues(write("fr", made)), "empty-en": sync.OnceValues(write("en", madeEmpty)),
	"public-en": sync.OnceValues(write("en", madePublic)), "public-fr": sync.OnceValues(write("fr", madePublic))}

func write(lang string, made func() (*warehouse.DB, error)) func() ([2][]byte, error) {
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
	again, err := write("en", made)()
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

// An empty quarter between full ones is no value and no blank: page and workbook say that nobody reported, and the
// line begins anew after it.
func TestWrite_emptyQuarterBetween(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]struct{ silent, sheet, from string }{"empty-en": {"no report", "Over time", "Same agencies from 2025-26Q3 on"}, "public-fr": {"sans données", "Dans le temps", "Mêmes organismes dès le T3 2025-2026"}} {
		book, page := report(t, lang)
		_, time, _ := strings.Cut(string(page), `<section id="time"`)
		_, rows, _ := strings.Cut(time, "<tbody>")
		whole := strings.Split(strings.SplitN(rows, "</tr>", 2)[0], "<td>")
		if got := strings.Join(whole[13:16], ""); !strings.Contains(whole[14], "| "+want.silent) || strings.Contains(whole[13], "|") || !strings.HasPrefix(whole[15], "| ") || !strings.Contains(whole[15], "%") {
			t.Errorf("%s: the page has %q, %d cells", lang, got, len(whole))
		}
		f, err := excelize.OpenReader(bytes.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cells, err := f.GetRows(want.sheet)
		if err != nil {
			t.Fatal(err)
		}
		var silent, stretches int
		for _, row := range cells {
			// The column of a quarter is two after its number: a name stands first.
			if len(row) > 14 && row[14] == "/" && row[13] != "" && row[15] != "" {
				silent++
			}
			if len(row) > 15 && row[0] == want.from && row[13] == "" && row[15] != "" {
				stretches++
			}
		}
		if silent == 0 || stretches != 1 {
			t.Errorf("%s: %d lines say that nobody reported, %d begin after it", lang, silent, stretches)
		}
	}
}

// The rule is by counts alone, so a reader must be told whose number a service of one agency is. Nothing is said of groups that are not there; what is hidden is explained beside the map.
func TestWrite_publicSaysWhoseAndWhatIsHidden(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]struct{ own, hidden, children string }{
		"en": {"Numbers of one agency. Figures are hidden by how many cases they tell of, not by how many agencies they come from: where one agency alone reported, the figure is that agency's own number. In 2025-26Q4 one agency alone reported of: Autism services and Vision.",
			"* hidden, so that nobody can be recognized.", "All children"},
		"fr": {"Chiffres d'un seul organisme. Les chiffres sont masqués selon le nombre de cas, non selon le nombre d'organismes dont ils proviennent\u00a0: là où un seul organisme a transmis, le chiffre est celui de cet organisme. Au T4 2025-2026, un seul organisme a transmis au sujet de\u00a0: Services en autisme et Vision.",
			"* masqué, afin que personne ne puisse être reconnu.", "Tous les enfants"},
	} {
		book, page := report(t, "public-"+lang)
		left(t, "gaps-public-"+lang+".html", page)
		left(t, "gaps-public-"+lang+".xlsx", book)
		text := strings.NewReplacer("&#39;", "'", "</dt><dd>", ". ").Replace(string(page))
		for what, s := range map[string]string{"page": text, "workbook": strings.ReplaceAll(dump(t, book), " | ", ". ")} {
			if !strings.Contains(s, want.own) {
				t.Errorf("%s: the %s does not say whose the numbers of one agency are", lang, what)
			}
		}
		_, legend, _ := strings.Cut(text, `<ul class="legend">`)
		if legend, _, _ = strings.Cut(legend, "</figcaption>"); !strings.Contains(legend, want.hidden) {
			t.Errorf("%s: the legend of the map does not explain *: %s", lang, legend)
		}
		if strings.Contains(text, want.children) {
			t.Errorf("%s: the page names a group of children", lang)
		}
		if _, own := report(t, lang); strings.Contains(string(own), want.hidden) {
			t.Errorf("%s: the Coordinating Agency's page, which hides nothing, explains *", lang)
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
