package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary"
)

// typed runs the verb checks as typed and returns what it prints.
func typed(t *testing.T, asJSON bool, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	p := &program{out: &out, err: &out, asJSON: asJSON}
	c := p.checks()
	c.SetArgs(append([]string{}, args...)) // without any, cobra would take those of the test binary
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&out)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestChecks_list(t *testing.T) {
	t.Parallel()
	text, err := typed(t, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CHECK", "file_empty", "end_before_start", "please confirm", "column_emptied"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not listed", want)
		}
	}
	text, err = typed(t, true)
	var list []checkView
	if err != nil || json.Unmarshal([]byte(text), &list) != nil || len(list) < 120 || list[0].Basis == "" {
		t.Errorf("for machines: %d checks, %v", len(list), err)
	}
}

func TestChecks_explain(t *testing.T) {
	t.Parallel()
	for check, wants := range map[string][]string{
		"end_before_start": {"Fin avant le début", "domain.md 6", "from stage.service", "-- want.csv --"},
		"file_empty":       {"Fichier vide", "raises it itself"},
	} {
		text, err := typed(t, false, "explain", check)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not said in\n%s", check, want, text)
			}
		}
	}
	_, err := typed(t, false, "explain", "end_before_strat")
	if got := tributary.FixOf(err); got != "did you mean end_before_start?" {
		t.Errorf("got %v, fix %q", err, got)
	}
}

func TestChecks_export(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "checks.md")
	if _, err := typed(t, false, "export", file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list, err := catalogued()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if strings.Count(string(data), "| `"+k.ID+"` |") != 1 || !strings.Contains(string(data), k.NameFR) {
			t.Errorf("%s does not stand in the catalogue once, in French too", k.ID)
		}
	}
	for _, again := range []string{file, filepath.Join(t.TempDir(), "checks.pdf"), filepath.Join(t.TempDir(), "no", "checks.md")} {
		if _, err := typed(t, false, "export", again); tributary.FixOf(err) == "" {
			t.Errorf("%s: got %v, want an error with a remedy", filepath.Base(again), err)
		}
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, data) {
		t.Error("a file that was there has changed")
	}
}
