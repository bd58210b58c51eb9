package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRender prints the demo's workbooks with LibreOffice, as a director would, and reads the pages:
// no number that does not fit, every sheet there, and on page one the answers she signs for.
func TestRender(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not here: run make deps", tool)
			}
			t.Skipf("left out: %s is not here; make deps installs it", tool)
		}
	}
	dir := t.TempDir()
	workspace := demoArea(t, filepath.Join(dir, "demo"))
	for lang, want := range map[string][]string{
		"en": {"Families served", "Families waiting for a coordinator", "Agencies that delivered", "Cedar Falls Children's Treatment Centre"},
		"fr": {"Familles servies", "Familles en attente d'un coordonnateur", "Organismes ayant transmis", "Centre de traitement pour enfants de Cedar Falls"},
	} {
		book := filepath.Join(workspace, "out", "2025-26Q4", "ministry-"+lang+".xlsx")
		must(t, workspace, "why", "--every", strings.TrimSuffix(book, ".xlsx")+".cells.csv")
		convert := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
			"--headless", "--convert-to", "pdf", "--outdir", dir, book)
		if out, err := convert.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := exec.Command("pdftotext", "-layout", filepath.Join(dir, "ministry-"+lang+".pdf"), "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("###")) {
			t.Errorf("%s: a number does not fit its column", lang)
		}
		pages := strings.Split(string(text), "\f")
		cover := strings.Join(strings.Fields(strings.ReplaceAll(pages[0], "’", "'")), " ")
		for _, w := range want {
			if !strings.Contains(cover, w) {
				t.Errorf("%s: page one does not say %q:\n%s", lang, w, pages[0])
			}
		}
		if n := len(pages) - 1; n < 10 || n > 40 {
			t.Errorf("%s: %d pages", lang, n)
		}
	}
}
