package forms_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/forms"
)

var keep = flag.String("keep", "", "folder to leave the review sheets in, to look at")

// reviewPairs are invented: a likely pair, siblings, one that may not be shown, and one with hostile text.
func reviewPairs() []forms.ReviewPair {
	return []forms.ReviewPair{
		{Key: "k-likely", Probability: .87, Why: "the given names are one spelling apart, and the birth dates have day and month the other way round.",
			Effect: "csp_children@2025-26Q2 212 or 211; csp_children@2025-26Q2/municipality=Kingston 48 or 47.",
			Left: forms.ReviewRecord{Agency: "LCTC", Client: "LC-01003", Values: map[string]string{"given_name": "Chloé", "family_name": "Tremblay-Roy", "birth_date": "2017-03-09", "sex": "F",
				"phone": "613-555-0142", "street_address": "12 Main Street, Apartment 4", "municipality": "Kingston", "postal_code": "K7L 1A1", "caregiver": "Marie Tremblay"}},
			Right: forms.ReviewRecord{Agency: "NCAS", Client: "88-4410", Values: map[string]string{"given_name": "Cloé", "family_name": "TREMBLAY ROY", "birth_date": "2017-09-03", "sex": "F",
				"phone": "+16135550142", "street_address": "12 Main St", "municipality": "Kingston", "postal_code": "", "caregiver": "Marie Tremblay"}}},
		{Key: "k-sibling", Probability: .52, Why: "everything but the given name and the sex agrees; twins are possible.", Effect: "csp_children@2025-26Q2 212 or 211.",
			Left:  forms.ReviewRecord{Agency: "HUB", Client: "7", Values: map[string]string{"given_name": "Sam", "family_name": "Okafor", "birth_date": "2015-01-20", "sex": "M", "phone": "613-555-0171"}},
			Right: forms.ReviewRecord{Agency: "SCB", Client: "A-19", Values: map[string]string{"given_name": "Samantha", "family_name": "Okafor", "birth_date": "2015-01-20", "sex": "F", "phone": "613-555-0171"}}},
		{Key: "k-withheld", Probability: .66, Why: "two values differ.", Withheld: true,
			Left:  forms.ReviewRecord{Values: map[string]string{"given_name": "SECRETLEFT"}},
			Right: forms.ReviewRecord{Values: map[string]string{"given_name": "SECRETRIGHT"}}},
		{Key: "k-hostile", Probability: .02, Why: "=1+1", Effect: "+cmd",
			Left:  forms.ReviewRecord{Agency: "=A", Client: "@1", Values: map[string]string{"given_name": "=HYPERLINK(\"http://x\")", "family_name": "-1\x00"}},
			Right: forms.ReviewRecord{Agency: "B", Client: "+1", Values: map[string]string{"given_name": "🙂", "family_name": strings.Repeat("long ", 300)}}},
	}
}

func manyPairs(n int) []forms.ReviewPair {
	var pairs []forms.ReviewPair
	for i := range n {
		p := reviewPairs()[i%3]
		p.Key = fmt.Sprint("k", i)
		pairs = append(pairs, p)
	}
	return pairs
}

func writeReview(t testing.TB, language string, pairs []forms.ReviewPair) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := forms.WriteReview(&b, language, pairs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// edited opens the sheet as a person would, lets edit change it, and reads it back.
func edited(t *testing.T, data []byte, edit func(f *excelize.File, sheet string)) ([]forms.ReviewAnswer, error) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	edit(f, f.GetSheetName(0))
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return forms.ReadReview(bytes.NewReader(b.Bytes()), int64(b.Len()))
}

func set(t *testing.T, f *excelize.File, sheet string, values ...string) {
	t.Helper()
	for i := 0; i < len(values); i += 2 {
		if err := f.SetCellStr(sheet, values[i], values[i+1]); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReview_answersComeBack(t *testing.T) {
	t.Parallel()
	for language, labels := range map[string][]string{"en": {"Same child", "Same family only", "Different", "Later"},
		"fr": {"Même enfant", "Même famille seulement", "Différents", "Plus tard"}} {
		data := writeReview(t, language, reviewPairs())
		untouched, err := forms.ReadReview(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(untouched) != 0 {
			t.Errorf("%s: untouched: got %v, %v; want no answer", language, untouched, err)
		}
		var sheet string
		got, err := edited(t, data, func(f *excelize.File, name string) {
			sheet = name
			set(t, f, name, "C5", labels[0], "D5", " seen in both\r\nfiles ", "C8", labels[1], "C11", labels[2], "D11", "=1", "C14", labels[3])
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []forms.ReviewAnswer{{"k-likely", "same", "seen in both\nfiles", sheet, 5}, {"k-sibling", "family", "", sheet, 8},
			{"k-withheld", "different", "=1", sheet, 11}, {"k-hostile", "later", "", sheet, 14}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", language, diff)
		}
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		rules, err := f.GetDataValidations(sheet)
		if err != nil || len(rules) != 1 || rules[0].Formula1 != `"`+strings.Join(labels, ",")+`"` || rules[0].Sqref != "C5:C16" {
			t.Errorf("%s: the list is %+v, %v", language, rules, err)
		}
		f.Close()
	}
}

func TestReview_rowsMovedDeletedRenamed(t *testing.T) {
	t.Parallel()
	data := writeReview(t, "en", reviewPairs())
	got, err := edited(t, data, func(f *excelize.File, name string) {
		set(t, f, name, "C5", "same CHILD", "C8", "family", "C11", "Later")
		for range 3 { // the first pair goes
			if err := f.RemoveRow(name, 5); err != nil {
				t.Fatal(err)
			}
		}
		for i, row := range []int{5, 8} { // the others change places
			for _, column := range "ACD" {
				value, err := f.GetCellValue(name, fmt.Sprintf("%c%d", column, row))
				if err != nil {
					t.Fatal(err)
				}
				set(t, f, name, fmt.Sprintf("%c%d", column, 100-10*i), value, fmt.Sprintf("%c%d", column, row), "")
			}
		}
		if err := f.InsertCols(name, "C", 1); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetName(name, "my pairs"); err != nil {
			t.Fatal(err)
		}
	})
	want := []forms.ReviewAnswer{{"k-withheld", "later", "", "my pairs", 90}, {"k-sibling", "family", "", "my pairs", 100}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReadReview_faults(t *testing.T) {
	t.Parallel()
	data := writeReview(t, "en", reviewPairs())
	const again = "write the sheet again and copy the answers into it"
	for name, tt := range map[string]struct {
		cells     []string
		want, fix string
	}{
		"key changed":    {[]string{"A8", "k-likely#00000000"}, `sheet "Review" row 8: the hidden key of the pair was changed`, again},
		"key emptied":    {[]string{"A8", "", "C8", "Later"}, `sheet "Review" row 8: the hidden key of the pair was changed`, again},
		"unknown answer": {[]string{"C5", "maybe"}, `sheet "Review" row 5: the answer is none of the list`, "choose Same child, Same family only, Different or Later"},
		"heading gone":   {[]string{"C4", "x"}, `sheet "Review" row 4: the heading of the answers or the reasons is gone`, again},
		"mark gone":      {[]string{"A4", ""}, "read the review sheet: not one of ours: no sheet has its mark", "give the workbook that tributary link review wrote"},
		"two faults": {[]string{"C5", "maybe", "A14", "k"}, "sheet \"Review\" row 5: the answer is none of the list\nsheet \"Review\" row 14: the hidden key of the pair was changed",
			"choose Same child, Same family only, Different or Later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := edited(t, data, func(f *excelize.File, sheet string) { set(t, f, sheet, tt.cells...) })
			if fmt.Sprint(err) != tt.want || tributary.FixOf(err) != tt.fix {
				t.Errorf("got %v\nfix: %s\nwant %s\nfix: %s", err, tributary.FixOf(err), tt.want, tt.fix)
			}
		})
	}
	_, err := edited(t, data, func(f *excelize.File, sheet string) {
		key, _ := f.GetCellValue(sheet, "A5")
		set(t, f, sheet, "C5", "Later", "A30", key, "C30", "Same child")
	})
	if want := `sheet "Review" row 30: the pair of sheet "Review" row 5 again`; fmt.Sprint(err) != want {
		t.Errorf("a pair twice: got %v, want %s", err, want)
	}
	if _, err := forms.ReadReview(strings.NewReader("no workbook"), 11); tributary.FixOf(err) == "" {
		t.Errorf("not a workbook: got %v", err)
	}
}

func TestWriteReview_faults(t *testing.T) {
	t.Parallel()
	odd := reviewPairs()[:1]
	odd[0].Left.Values["shoe_size"] = "31"
	for name, tt := range map[string]struct {
		language string
		pairs    []forms.ReviewPair
		want     string
	}{
		"language": {"de", nil, `review sheet: language "de" is not known`},
		"no key":   {"en", []forms.ReviewPair{{}}, "review sheet: pair 1 has no key, or that of pair 0"},
		"key":      {"en", []forms.ReviewPair{{Key: "a"}, {Key: "a"}}, "review sheet: pair 2 has no key, or that of pair 1"},
		"column":   {"en", odd, `review sheet: pair 1: the sheet has no column "shoe_size"`},
	} {
		if err := forms.WriteReview(io.Discard, tt.language, tt.pairs); fmt.Sprint(err) != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

// What may not be shown is nowhere in the file, out of sight neither.
func TestReview_withheldValuesAreNowhere(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "fr"} {
		data := writeReview(t, language, reviewPairs())
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		said := false
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte("SECRET")) {
				t.Errorf("%s: %s holds a withheld value", language, part.Name)
			}
			said = said || bytes.Contains(content, []byte(map[string]string{"en": "The agreement does not allow", "fr": "L&#39;entente ne permet pas"}[language]))
		}
		if !said {
			t.Errorf("%s: the sheet does not say why it shows nothing", language)
		}
	}
}

// A question about families is never put as one about one child, and a pair that is asked about is never certain.
func TestReview_saysWhatIsLikely(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		language string
		pair     forms.ReviewPair
		want     string
	}{
		{"en", forms.ReviewPair{Probability: .9999}, "Almost certainly the same child (99 in 100)."},
		{"en", forms.ReviewPair{Probability: .9999, OneFamily: true}, "Almost certainly one family (99 in 100)."},
		{"fr", forms.ReviewPair{Probability: .85, OneFamily: true}, "Très probablement une seule famille (85 sur 100)."},
		{"fr", forms.ReviewPair{Probability: .0001}, "Probablement pas le même enfant (1 sur 100)."},
	} {
		tt.pair.Key = "k"
		f, err := excelize.OpenReader(bytes.NewReader(writeReview(t, tt.language, []forms.ReviewPair{tt.pair})))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.GetCellValue(f.GetSheetName(0), "E5"); err != nil || got != tt.want {
			t.Errorf("got %q (%v), want %q", got, err, tt.want)
		}
		f.Close()
	}
}

// Values differ by a sign and a colour, stay what they are, and are never formulas; only answers and reasons can be typed.
func TestReview_cells(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(writeReview(t, "en", reviewPairs())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const sheet = "Review"
	style := func(cell string) *excelize.Style {
		id, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for cell, want := range map[string]string{"G6": `"≠ "@`, "G7": `"≠ "@`, "H6": `"≈ "@`, "I7": `"≠ "@`, "J6": "@", "K6": "@", "O6": "@", "L6": `"≈ "@`} {
		if got := style(cell); got.CustomNumFmt == nil || *got.CustomNumFmt != want || (strings.ContainsAny(want, "≠≈") != (len(got.Fill.Color) > 0)) {
			t.Errorf("%s: got %v, fill %v; want %s", cell, got.CustomNumFmt, got.Fill.Color, want)
		}
	}
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[5][6:9]; !cmp.Equal(got, []string{"Chloé", "Tremblay-Roy", "2017-03-09"}) {
		t.Errorf("the values are %v", got)
	}
	for r, row := range rows {
		for c := range row {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
			if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
				t.Errorf("%s is the formula %s", cell, formula)
			}
			open := style(cell).Protection != nil && !style(cell).Protection.Locked
			if want := r >= 4 && (c == 2 || c == 3); open != want {
				t.Errorf("%s: can be typed into: %v, want %v", cell, open, want)
			}
		}
	}
	if visible, err := f.GetColVisible(sheet, "A"); visible || err != nil {
		t.Errorf("the keys are in sight: %v", err)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 4 || panes.XSplit != 4 {
		t.Errorf("panes: %+v, %v", panes, err)
	}
	protection, err := f.GetSheetProtection(sheet)
	if err != nil || !protection.SelectUnlockedCells {
		t.Errorf("protection: %+v, %v", protection, err)
	}
	layout, err := f.GetPageLayout(sheet)
	if err != nil || layout.Orientation == nil || *layout.Orientation != "landscape" {
		t.Errorf("layout: %+v, %v", layout, err)
	}
}

func TestReview_sameBytes(t *testing.T) {
	t.Parallel()
	first := writeReview(t, "fr", reviewPairs())
	for range 4 {
		if !bytes.Equal(first, writeReview(t, "fr", reviewPairs())) {
			t.Fatal("equal pairs, other bytes")
		}
	}
	if *keep != "" {
		for name, data := range map[string][]byte{"en": writeReview(t, "en", manyPairs(40)), "fr": first, "none": writeReview(t, "en", nil)} {
			if err := os.WriteFile(filepath.Join(*keep, "review_"+name+".xlsx"), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A long queue is written and read in seconds.
func TestReview_twoThousandPairs(t *testing.T) {
	t.Parallel()
	pairs := manyPairs(2000)
	start := time.Now()
	data := writeReview(t, "en", pairs)
	got, err := edited(t, data, func(f *excelize.File, sheet string) { set(t, f, sheet, "C6002", "Later") })
	if err != nil || len(got) != 1 || got[0].Key != "k1999" {
		t.Fatalf("got %v, %v", got, err)
	}
	t.Logf("%v, %d bytes", time.Since(start).Round(time.Millisecond), len(data))
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ left, right, want string }{
		{"Zoe", "Zoe", ""},
		{"Zoe", "", ""},
		{"O'Brien", "OBRIEN", "≈"},
		{"+19425550168", "942-555-0168", "≈"},
		{"+1 905 555 0101", "905-555-0101", "≈"},
		{"942-555-0169", "942-555-0168", "≠"},
		{"10000000001", "0000000002", "≠"},
		{"Zoe", "Chloe", "≠"},
		{"905-555-0101; 905-555-0102", "+1 905 555 0102", "="},
		{"905-555-0101", "905-555-0103; 905-555-0101", "="},
		{"905-555-0101; 905-555-0102", "905-555-0103; 905-555-0104", "≠"},
		{forms.Together(forms.Together("905-555-0101", "+1 905 555 0101"), ""), "905-555-0101", ""},
	} {
		if got := forms.Sign(tt.left, tt.right); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.left, tt.right, got, tt.want)
		}
	}
}
