package mapping

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadme_hasEveryWordAndNoOther holds the page that documents the mapping against what decodes.
func TestReadme_hasEveryWordAndNoOther(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "## Every word")
	page, _, found := strings.Cut(page, "## Tables and codes")
	if !found {
		t.Fatal("the page has no words")
	}
	words := map[string]bool{}
	for _, part := range []any{Agency{}, Contact{}, Linking{}, FileRule{}, Table{}, Split{}, Column{}} {
		kind := reflect.TypeOf(part)
		for i := range kind.NumField() {
			word, _, _ := strings.Cut(kind.Field(i).Tag.Get("yaml"), ",")
			if word == "" {
				continue
			}
			words[word] = true
			if !regexp.MustCompile(`\b` + word + `\b`).MatchString(page) {
				t.Errorf("%s.%s: the page does not have the word %q", kind.Name(), kind.Field(i).Name, word)
			}
		}
	}
	quoted := regexp.MustCompile("`([a-z_]+)`")
	for line := range strings.Lines(page) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			if !words[m[1]] {
				t.Errorf("the page has the word %q, which no mapping knows", m[1])
			}
		}
	}
}

// TestReadme_hasEveryCode holds its list of codes against the seeds.
func TestReadme_hasEveryCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "| column | codes |")
	page, _, _ = strings.Cut(page, "\n\n")
	d, err := readDictionary()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(page) {
		if cells := strings.Split(line, "|"); len(cells) > 3 && !strings.HasPrefix(cells[2], "--") {
			told = append(told, strings.FieldsFunc(cells[2], func(r rune) bool { return strings.ContainsRune(" ,;\n", r) })...)
		}
	}
	known := map[string]bool{}
	for _, list := range d.lists {
		for code := range list {
			known[code] = true
		}
	}
	for _, code := range told {
		if !known[code] {
			t.Errorf("the page has the code %q, which no list has", code)
		}
	}
	for _, table := range []string{"client", "caregiver", "consent", "episode", "goal", "need", "service"} {
		for _, column := range d.Tables[table].Columns {
			codes, list := d.coded(table, column)
			for _, code := range sortedKeys(codes) {
				if !slices.Contains(told, code) {
					t.Errorf("%s.%s: the page does not have the code %q of %s", table, column, code, list)
				}
			}
		}
	}
}
