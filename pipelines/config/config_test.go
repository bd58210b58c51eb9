package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/go-cmp/cmp"

	"tributary"
)

type column struct {
	From  []string `yaml:"from"`
	Codes codes    `yaml:"codes"`
	Line  int      `yaml:",line"`
}

type codes struct {
	Name string
	Map  map[string]string
}

func (c *codes) FromScalar(name string) error          { c.Name = name; return nil }
func (c *codes) FromMap(items map[string]string) error { c.Map = items; return nil }

func (c *column) FromScalar(text string) error {
	if text == "refused" {
		return tributary.Fix(errors.New("refused is no heading"), "write refuse:")
	}
	c.From = []string{text}
	return nil
}

func (c *column) FromList(items []string) error { c.From = items; return nil }

type agency struct {
	Code     string            `yaml:"code"`
	Owed     bool              `yaml:"owed"`
	Days     int               `yaml:"days"`
	Share    float64           `yaml:"share"`
	Quarter  tributary.Quarter `yaml:"quarter"`
	Columns  map[string]column `yaml:"columns"`
	Contacts []struct {
		Role string `yaml:"role"`
	} `yaml:"contacts"`
	Source ast.Node `yaml:"source"`
	Keys   []string `yaml:",keys"`
}

func TestDecode_shapes(t *testing.T) {
	t.Parallel()
	var got agency
	err := Decode("agencies/LCTC.yaml", []byte(`# a comment
code: 007
owed: true
days: 20
share: 0.5
quarter: 2025-26Q2
columns:
  one: Client No.
  two: [Postal Code, Postal/ZIP]
  three: {from: Gender, codes: {Y: female, 1: male, ?: unknown, null: "no"}}
contacts: [{role: data}]
source: {kind: files, path: "${env:DROP}/x"}
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	source := got.Source
	got.Source = nil
	q, _ := tributary.ParseQuarter("2025-26Q2")
	want := agency{
		Code: "007", Owed: true, Days: 20, Share: 0.5, Quarter: q,
		Columns: map[string]column{
			"one":   {From: []string{"Client No."}, Line: 8},
			"two":   {From: []string{"Postal Code", "Postal/ZIP"}, Line: 9},
			"three": {From: []string{"Gender"}, Codes: codes{Map: map[string]string{"Y": "female", "1": "male", "?": "unknown", "null": "no"}}, Line: 10},
		},
		Contacts: []struct {
			Role string `yaml:"role"`
		}{{"data"}},
		Keys: []string{"code", "owed", "days", "share", "quarter", "columns", "contacts", "source"},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b tributary.Quarter) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var files map[string]any
	if err := DecodeNode("x", source, &files); err != nil || files["path"] != "${env:DROP}/x" {
		t.Errorf("source: %v %v", files, err)
	}
}

func TestDecode_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	var got agency
	err := Decode("a.yaml", []byte(`code: [x]
ownd: true
days: soon
days: 4
quarter: 2025-27Q2
columns:
  one: refused
  two: {form: Gender}
contacts: data
source: &here {kind: files}
zzzzzzzz: 1
`), &got)
	want := []string{
		`a.yaml:1: text expected, not a list | `,
		`a.yaml:2: unknown key "ownd" | did you mean "owed"?`,
		`a.yaml:3: "soon" is not a whole number | `,
		`a.yaml:4: key "days" written twice | keep one of the two; the first is at line 3`,
		`a.yaml:5: quarter "2025-27Q2": 27 does not follow 2025 | write 2025-26Q2`,
		`a.yaml:7: refused is no heading | write refuse:`,
		`a.yaml:8: unknown key "form" | did you mean "from"?`,
		`a.yaml:9: a mapping expected, not a plain value | write it as key: value`,
		`a.yaml:11: unknown key "zzzzzzzz" | the words here are code, owed, days, share, quarter, columns, contacts, source`,
	}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDecode_syntax(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a: [1", "a:\n\t- b", "a: b: c"} {
		var got map[string]any
		err := Decode("a.yaml", []byte(text), &got)
		if err == nil || !strings.HasPrefix(err.Error(), "a.yaml:") || tributary.FixOf(err) == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
	var empty agency
	if err := Decode("a.yaml", nil, &empty); err != nil {
		t.Errorf("empty file: %v", err)
	}
	if err := Decode("a.yaml", []byte("code: a\n---\ncode: b"), &empty); err == nil {
		t.Error("a second document passed")
	}
}

func TestGuess(t *testing.T) {
	t.Parallel()
	words := []string{"schedule", "source", "code"}
	for word, want := range map[string]string{"shcedule": "schedule", "Sourc": "source", "zebra": "", "codes": "code"} {
		if got := Guess(word, words); got != want {
			t.Errorf("Guess(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("code: x\ncolumns: {a: [b, c]}\n"))
	f.Add([]byte("? a\n: b\n*x: 1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a agency
		_ = Decode("f.yaml", data, &a)
	})
}

// lines lists the faults as "text | fix".
func lines(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{fmt.Sprint(err)}
	}
	var out []string
	for _, e := range joined.Unwrap() {
		out = append(out, e.Error()+" | "+tributary.FixOf(e))
	}
	return out
}

func TestDecode_bracketsWithoutEnd(t *testing.T) {
	t.Parallel()
	var into struct{ A []string }
	err := Decode("x.yaml", []byte("a: 1\n"+strings.Repeat("[", 100_000)), &into)
	if err == nil || !strings.Contains(err.Error(), "x.yaml:2: brackets open more than 50 deep") || tributary.FixOf(err) == "" {
		t.Errorf("got %v", err)
	}
}
