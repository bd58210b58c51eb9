package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xuri/excelize/v2"
)

// withheldClient is a client without consent in the workspace of the script link_review.txtar.
const withheldClient = "B:zebulon-77-canary"

// linked makes that workspace and runs it.
func linked(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := shared.lay("linked", dir, func(dir string) error {
		archive, err := txtar.ParseFile("testdata/script/link_review.txtar")
		if err != nil {
			return err
		}
		for _, f := range archive.Files {
			if name, ok := strings.CutPrefix(f.Name, "area/"); ok {
				put(t, filepath.Join(dir, name), f.Data)
			}
		}
		return says(command(dir, "run"), "published as generation 1")
	}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// all runs the program and returns all that it printed, whatever its exit code.
func all(dir string, args ...string) []byte {
	out, _ := command(dir, args...).CombinedOutput()
	return out
}

// TestLinkLeak asks everything that there is to ask about a pair whose values the agreement withholds.
// Nothing of the one agency's record is printed or written beside the other's.
func TestLinkLeak(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	sheets := t.TempDir()
	var queue []struct {
		Pair     string
		Withheld bool
	}
	if err := json.Unmarshal([]byte(must(t, dir, "link", "review", "--json")), &queue); err != nil {
		t.Fatal(err)
	}
	key := ""
	for _, q := range queue {
		if q.Withheld {
			key = q.Pair
		}
	}
	if key == "" {
		t.Fatal("no question is withheld: the test would see nothing")
	}
	said := map[string][]byte{}
	ask := func(args ...string) { said[strings.Join(args, " ")] = all(dir, args...) }
	ask("link", "review", "--verbose")
	ask("link", "review", "--json", "--limit", "0")
	ask("link", "review", "--xlsx", filepath.Join(sheets, "en.xlsx"))
	ask("link", "review", "--xlsx", filepath.Join(sheets, "fr.xlsx"), "--lang", "fr")
	ask("link", "why", key, "--why", "x")
	ask("link", "why", key, "--why", "x", "--json", "--verbose")
	ask("link", "decide", key, "different", "--why", "x")
	ask("link", "why", key, "--why", "x")
	ask("link", "why", "A:a7", "A:a1", "--why", "x")
	ask("link", "decisions")
	ask("link", "decisions", "--json")
	ask("link", "decisions", "--csv", filepath.Join(sheets, "decisions.csv"))
	ask("run", "--verbose")
	ask("link", "review", "--json")
	ask("link", "evaluate")
	ask("link", "train", "--plan")
	ask("link", "undo", key, "--why", "x")
	ask("audit")
	ask("audit", "--json")
	eachFile(t, sheets, func(path string, data []byte) { said[path] = data })

	inClear := 0
	for what, text := range said {
		if len(text) == 0 {
			t.Errorf("%s: says nothing", what)
		}
		if bytes.Contains(bytes.ToLower(text), []byte("canary")) {
			t.Errorf("%s: tells of a record that may not be shown:\n%s", what, text)
		}
		if bytes.Contains(text, []byte("Arya")) { // of a client with consent, in doubt too
			inClear++
		}
	}
	if inClear < 2 {
		t.Errorf("a name that may be shown stands in %d places, want it in both sheets: the search sees nothing", inClear)
	}

	// Whoever types both numbers knows them, and learns no value.
	typed := must(t, dir, "link", "why", "A:a7", withheldClient, "--why", "x")
	for _, value := range []string{"Xanthippecanary", "Harquail", "Quillan", "2011-05-05", "Hill Rd"} {
		if strings.Contains(typed, value) {
			t.Errorf("link why tells %q beside another agency's record:\n%s", value, typed)
		}
	}
}

// TestLinkSheet answers a review sheet as a person does, also where the pair is not shown.
func TestLinkSheet(t *testing.T) {
	t.Parallel()
	dir := linked(t)
	path := filepath.Join(t.TempDir(), "review.xlsx")
	must(t, dir, "link", "review", "--xlsx", path)
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	for cell, text := range map[string]string{"C5": "Same child", "D5": "seen both files", "C8": "Different"} {
		if err := f.SetCellStr(name, cell, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if got := string(all(dir, "link", "decide", path)); !strings.Contains(got, `sheet "Review" row 8: a reason is missing`) {
		t.Errorf("an answer without a reason: got %s", got)
	}
	if got := must(t, dir, "link", "decisions"); !strings.Contains(got, "nothing is decided") {
		t.Errorf("half of a faulty sheet was taken: %s", got)
	}
	must(t, dir, "link", "decide", path, "--why", "agencies asked by phone")
	got := must(t, dir, "link", "decisions")
	for _, want := range []string{"same", "seen both files", "different", "agencies asked by phone"} {
		if !strings.Contains(got, want) {
			t.Errorf("decisions lack %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "canary") {
		t.Errorf("decisions tell of a record that may not be shown:\n%s", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the sheet can be read by others: %v, %v", info.Mode(), err)
	}
}
