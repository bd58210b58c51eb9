package ministry

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tributary"
)

var verbs = regexp.MustCompile(`%[sd]`)

func TestVocabulary_bothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	for key, pair := range vocabulary {
		if pair[0] == "" || pair[1] == "" {
			t.Errorf("%s lacks a language", key)
		}
		if en, fr := verbs.FindAllString(pair[0], -1), verbs.FindAllString(pair[1], -1); strings.Join(en, "") != strings.Join(fr, "") {
			t.Errorf("%s: places %v in English, %v in French", key, en, fr)
		}
		if strings.HasPrefix(key, "sheet_") && len([]rune(pair[0])) > 27 || strings.HasPrefix(key, "sheet_") && len([]rune(pair[1])) > 27 {
			t.Errorf("%s is too long for a sheet with a number behind it", key)
		}
	}
}

func TestVocabulary_isWhatTheCodeAsksFor(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	source := ""
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "vocabulary.go" {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source += string(b)
	}
	for _, m := range regexp.MustCompile(`words(?:\.say\(|\[)"([a-z_.]+)"[,)\]]`).FindAllStringSubmatch(source, -1) {
		if _, ok := vocabulary[m[1]]; !ok {
			t.Errorf("the code asks for %q, which is not in the vocabulary", m[1])
		}
	}
	for key := range vocabulary {
		family := strings.HasPrefix(key, "sheet_") || strings.HasPrefix(key, "title_") || strings.Contains(key, ".")
		if !family && !strings.Contains(source, `"`+key+`"`) {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

func in(t *testing.T, lang string) *book {
	t.Helper()
	w, err := wordsOf(lang)
	if err != nil {
		t.Fatal(err)
	}
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	return &book{words: w, rel: &release{lang: lang, quarter: q}}
}

func TestHabits(t *testing.T) {
	t.Parallel()
	en, fr := in(t, "en"), in(t, "fr")
	first := time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC)
	count, share := definition{kind: "count", unit: "family", basis: "unique_in_period"}, definition{kind: "share", unit: "plan", basis: "point_in_time"}
	wait := definition{kind: "wait", unit: "family"}
	n := func(v float64) number { return number{value: v} }
	for _, c := range []struct{ got, want string }{
		{en.amount(1234567.25), "1,234,567.3"},
		{fr.amount(1234567.25), "1\u00a0234\u00a0567,3"},
		{en.amount(-1000), "-1,000"},
		{en.amount(999), "999"},
		{fr.percent(0.475), "48\u00a0%"},
		{en.date(first), "1 August 2025"},
		{fr.date(first), "1er août 2025"},
		{en.basis(count), "Unique in the quarter, 1\u00a0Jul\u00a0– 30\u00a0Sep 2025"},
		{fr.basis(share), "En date du 30\u00a0sept. 2025"},
		{en.change(count, n(100), n(112)), "▲ 12 more (+12%)"},
		{en.change(count, n(100), n(90)), "▼ 10 fewer (−10%)"},
		{en.change(count, n(100), n(100)), "● unchanged"},
		{en.change(count, n(0), n(12)), "▲ 12 more"},
		{en.change(count, number{value: 3, isSmall: true}, n(12)), "▲ 9 more"},
		{fr.change(wait, n(50), n(40)), "▼ 10 jours de moins (−20\u00a0%)"},
		{en.change(share, n(0.42), n(0.47)), "▲ 5 points up"},
		{en.value(share, "", 0.8), "80%"},
		{fr.unit(share, ""), "% des plans"},
		{en.words.term("unit", "home_visit"), "home visit"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestCites_nameWhatAReaderOutsideCanFind(t *testing.T) {
	t.Parallel()
	ours := regexp.MustCompile(`domain\.md|[Dd]ocuments? \d|KFL&A`)
	english := regexp.MustCompile(`\b(and|from|of|the|taken|protocol|guidelines|parts?|times)\b`)
	titles := regexp.MustCompile(`«[^»]*»`)
	n := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "sql"), func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".sql" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, line := range strings.Split(string(text), "\n") {
			cites, ok := strings.CutPrefix(line, "-- cites: ")
			if !ok {
				continue
			}
			n++
			if ours.MatchString(cites) {
				t.Errorf("%s: %q is known to us alone", name, cites)
			}
			if fr := citesFR.Replace(cites); english.MatchString(titles.ReplaceAllString(fr, "")) {
				t.Errorf("%s: English in %q", name, fr)
			}
		}
		return err
	})
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
}
