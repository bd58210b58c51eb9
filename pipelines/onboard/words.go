package onboard

import (
	"bytes"
	_ "embed" // the vocabulary is data
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tributary/sql"
)

var (
	//go:embed words.csv
	wordsCSV []byte
	//go:embed fields.csv
	fieldsCSV []byte
	//go:embed codes.csv
	codesCSV []byte
)

// field is a canonical column, the headings that it goes by and the shape of its values.
type field struct {
	table, column, test string
	phrases             []words
}

func (f *field) String() string { return f.table + "." + f.column }

// words is a heading as a set of concepts: DOB, Birth Dt and date de naissance say much the same.
type words []string

// vocabulary is what onboarding knows of headings and codes, English and French. It is read from data
// files beside the code and from the names of the codes in sql/seed.
type vocabulary struct {
	concept map[string]string
	// known are the spellings in the order of the file, by which abbreviations are read.
	known  []string
	fields []*field
	// codes has, per list, folded spellings and their codes; spellings has them by falling length.
	codes     map[string]map[string]string
	spellings map[string][]string
}

func readVocabulary() (*vocabulary, error) {
	v := &vocabulary{concept: map[string]string{}, codes: map[string]map[string]string{}, spellings: map[string][]string{}}
	lines, err := records(wordsCSV)
	if err != nil {
		return nil, fmt.Errorf("words.csv: %w", err)
	}
	for _, l := range lines {
		for s := range strings.SplitSeq(l[1], "|") {
			if _, known := v.concept[s]; !known {
				v.concept[s] = l[0]
				v.known = append(v.known, s)
			}
		}
	}
	if lines, err = records(fieldsCSV); err != nil {
		return nil, fmt.Errorf("fields.csv: %w", err)
	}
	for _, l := range lines {
		f := &field{table: l[0], column: l[1], test: l[2]}
		for p := range strings.SplitSeq(l[3], "|") {
			f.phrases = append(f.phrases, v.words(p))
		}
		v.fields = append(v.fields, f)
	}
	return v, v.readCodes()
}

func (v *vocabulary) readCodes() error {
	add := func(list, spelling, code string) {
		if v.codes[list] == nil {
			v.codes[list] = map[string]string{}
		}
		if key := fold(spelling); key != "" && v.codes[list][key] == "" {
			v.codes[list][key] = code
			v.spellings[list] = append(v.spellings[list], key)
		}
	}
	lines, err := records(codesCSV)
	if err != nil {
		return fmt.Errorf("codes.csv: %w", err)
	}
	for _, l := range lines {
		for s := range strings.SplitSeq(l[2], "|") {
			add(l[0], s, l[1])
		}
	}
	names, err := fs.Glob(sql.FS, "seed/*.csv")
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := fs.ReadFile(sql.FS, name)
		if err != nil {
			return err
		}
		if lines, err = records(data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		list := strings.TrimSuffix(strings.TrimPrefix(name, "seed/"), ".csv")
		for _, l := range lines {
			for _, spelling := range l[:3] {
				add(list, spelling, l[0])
			}
		}
	}
	for _, s := range v.spellings {
		slices.SortStableFunc(s, func(a, b string) int { return len(b) - len(a) })
	}
	return nil
}

// records reads a CSV without its heading line.
func records(data []byte) ([][]string, error) {
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	return lines[1:], nil
}

// plain takes accents off and lowers.
func plain(s string) string {
	out, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), s)
	if err != nil {
		out = s
	}
	return strings.ToLower(out)
}

// pieces cuts text into words at signs, at capitals within a word and where digits begin or end.
func pieces(text string) []string {
	var b strings.Builder
	var before rune
	for _, r := range strings.ReplaceAll(strings.ReplaceAll(text, "E-mail", "Email"), "e-mail", "email") {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '#' && !unicode.Is(unicode.Mn, r):
			b.WriteByte(' ')
		case unicode.IsUpper(r) && unicode.IsLower(before), unicode.IsDigit(r) && unicode.IsLetter(before), unicode.IsLetter(r) && unicode.IsDigit(before), r == '#', before == '#':
			b.WriteByte(' ')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return strings.Fields(plain(b.String()))
}

// fold is how values are compared with the spellings of codes.
func fold(value string) string {
	if t := strings.TrimSpace(value); t == "?" {
		return t
	}
	return strings.ReplaceAll(strings.Join(pieces(value), " "), " #", "")
}

// idle words say nothing about what a column holds.
var idle = map[string]bool{"of": true, "the": true, "de": true, "du": true, "des": true, "la": true, "le": true, "les": true, "l": true, "d": true,
	"at": true, "a": true, "an": true, "for": true, "and": true, "or": true, "et": true, "ou": true, "in": true, "en": true, "s": true, "as": true, "if": true, "au": true, "aux": true, "dans": true}

// words are the concepts of a heading. A word that nobody knows is tried in parts: clientid, birthdt.
func (v *vocabulary) words(heading string) words {
	var out words
	add := func(w string) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, p := range pieces(heading) {
		switch c, known := v.concept[p]; {
		case known:
			add(c)
		case idle[p]:
		default:
			parts := v.cut(p)
			if parts == nil {
				parts = []string{v.short(p)}
			}
			for _, c := range parts {
				add(c)
			}
		}
	}
	return out
}

// cut takes a word of six letters or more apart into two or three known ones.
func (v *vocabulary) cut(word string) []string {
	if len(word) < 5 {
		return nil
	}
	var try func(rest string, left int) []string
	try = func(rest string, left int) []string {
		if c, known := v.concept[rest]; known && len(rest) > 1 {
			return []string{c}
		}
		if left == 1 {
			return nil
		}
		for n := len(rest) - 2; n >= 3; n-- {
			if c, known := v.concept[rest[:n]]; known {
				if more := try(rest[n:], left-1); more != nil {
					return append([]string{c}, more...)
				}
			}
		}
		return nil
	}
	return try(word, 3)
}

// short reads a word without its vowels, BRTH or PSTL, as the shortest known one that has all its letters
// in their order and begins and ends, but for vowels, alike.
func (v *vocabulary) short(word string) string {
	const vowels = "aeiouy"
	if len(word) < 3 || len(word) > 6 || strings.ContainsAny(word[1:], vowels) || strings.ContainsAny(word, "0123456789") {
		return word
	}
	best := ""
	for _, k := range v.known {
		if len(k) <= len(word) || len(k) > 2*len(word)+2 || k[0] != word[0] || best != "" && len(k) >= len(best) || strings.TrimRight(k, vowels) == "" {
			continue
		}
		rest := word
		for i := 0; i < len(k) && rest != ""; i++ {
			if k[i] == rest[0] {
				rest = rest[1:]
			}
		}
		if trimmed := strings.TrimRight(k, vowels); rest == "" && trimmed[len(trimmed)-1] == word[len(word)-1] {
			best = k
		}
	}
	if best == "" {
		return word
	}
	return v.concept[best]
}

// general words are found in many headings and tell little.
var general = map[string]bool{"date": true, "number": true, "name": true, "code": true, "type": true, "child": true, "full": true, "is": true, "address": true, "home": true}

func weight(w string, context []string) float64 {
	switch {
	case slices.Contains(context, w):
		return .25
	case general[w]:
		return .5
	}
	return 1
}

// likeness compares a heading with a phrase: twice what they share over all that they say. A word of
// the heading that only repeats what the sheet is about costs little.
func likeness(heading, phrase words, context []string) float64 {
	var shared, all float64
	for _, w := range phrase {
		n := weight(w, nil)
		all += n
		if slices.Contains(heading, w) {
			shared += 2 * n
			all += n
		}
	}
	for _, w := range heading {
		if !slices.Contains(phrase, w) {
			all += weight(w, context)
		}
	}
	if all == 0 {
		return 0
	}
	return shared / all
}

// names is how well a heading fits a field: 1 for a heading that the field is known to go by.
func (f *field) names(heading words, context []string) float64 {
	best := 0.0
	for _, p := range f.phrases {
		best = max(best, likeness(heading, p, context))
	}
	return best
}

var denials = []string{"not", "non", "no", "pas", "never", "without", "sans"}

// codeIn is code for a value of a column. G is a girl beside B, and a boy (garçon) beside F.
func (v *vocabulary) codeIn(list, value string, c *column) (code string, sure bool) {
	if list == "gender" && fold(value) == "g" {
		beside := func(letter string) bool {
			return slices.ContainsFunc(c.values, func(x valueCount) bool { return fold(x.text) == letter })
		}
		switch f, b := beside("f"), beside("b"); {
		case f && !b:
			return "male", true
		case b && !f:
			return "female", true
		}
	}
	return v.code(list, value)
}

// code finds the code of a value; sure is false where only a part of the value was recognised.
func (v *vocabulary) code(list, value string) (code string, sure bool) {
	key := fold(value)
	if code = v.codes[list][key]; code != "" {
		return code, true
	}
	parts := strings.Fields(key)
	denied := slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(denials, p) })
	for _, s := range v.spellings[list] {
		if len(s) < 4 || !strings.Contains(" "+key+" ", " "+s+" ") {
			continue
		}
		if denied && !slices.ContainsFunc(strings.Fields(s), func(p string) bool { return slices.Contains(denials, p) }) {
			continue
		}
		return v.codes[list][s], false
	}
	return "", false
}
