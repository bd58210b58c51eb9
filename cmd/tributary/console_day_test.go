package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tributary/reports/forms"
)

// dayMapping is how an agency of the day's area is read; the words that differ are put in.
const dayMapping = `code: %[1]s
name: Agency %[1]s
role: %[2]s
category: health
language: en
linking: {without_consent: count_only, authority: "test", scopes: any}
source: {kind: files, path: "%[1]s/{fy}_{q}"}
date_order: ymd
files: {clients: {name: "clients*.csv", kind: snapshot, drift: %[3]s}}
tables:
  - into: client
    file: clients
    columns: {client_local_id: Number, family_name: Last, given_name: First, birth_date: Born, street_address: Street, phone: Phone, opened_on: Opened}
  - into: consent
    file: clients
    columns:
      client_local_id: Number
      status: {from: Consent, codes: {Yes: given}}
      scope: {value: all_partners}
`

// A surname and a given name, as CSV, that a browser or a spreadsheet would obey.
const (
	scriptName  = `<script>document.title="taken"</script>`
	formulaName = `=HYPERLINK("http://evil.example","Ada")`
)

// dayArea makes a small area with a day's work in it: a file that is held, a date that is none, pairs that nobody but
// a person can tell from twins, one of them with names that are no names, and a target that is missed. key signs for it.
func dayArea(t *testing.T, key string) string {
	t.Helper()
	dir := t.TempDir()
	settings := "agency: {code: A, name: Test Centre}\ndrop: drop\nareas: [{name: Test Area, municipalities: [Cedar Falls]}]\nfirst_quarter: 2025-26Q1\n"
	if key != "" {
		settings += "submission: {signatures: 1, signers: [{name: Dora, role: director, key: " + key + "}]}\n"
	}
	put(t, filepath.Join(dir, "tributary.yaml"), []byte(settings))
	for _, x := range [][3]string{{"A", "coordinating_agency", "evolve"}, {"B", "participant", "evolve"}, {"C", "participant", "freeze"}} {
		put(t, filepath.Join(dir, "agencies", x[0]+".yaml"), fmt.Appendf(nil, dayMapping, x[0], x[1], x[2]))
	}
	heads := "Number,Last,First,Born,Street,Phone,Opened,Consent\n"
	var a, b strings.Builder
	a.WriteString(heads)
	b.WriteString(heads)
	for i, name := range []string{"Okafor", "Tremblay", "Nguyen", "Byrne", "Roy", "Kowalski", "Laine", "Mensah", "Petrov", "Haddad", "Ibarra", "Sato"} {
		rest := fmt.Sprintf("20%d-%02d-%02d,%d Elm St,613-555-01%02d,2024-01-02,Yes\n", 10+i%7, 1+i%12, 3+2*i, 10+3*i, i)
		fmt.Fprintf(&a, "k%d,%s,Child%c,%s", i, name, 'a'+i, rest)
		if i%2 == 0 { // the other agency knows the same child
			fmt.Fprintf(&b, "k%d,%s,Child%c,%s", i, strings.ToUpper(name), 'a'+i, rest)
		}
	}
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	ours := []string{quoted(formulaName), "Zoe", "An", "Conor", "Max", "Iris", "Noel", "Uma", "Leo", "Mia", "Tom"}
	theirs := []string{"Bea", "Yan", "Ling", "Dermot", "Luc", "Rosa", "Otto", "Vera", "Kai", "Nora", "Sam"}
	for i, name := range []string{quoted(scriptName), "Moreau", "Diaz", "Quinn", "Farah", "Berg", "Chan", "Novak", "Reid", "Osei", "Walsh"} {
		rest := fmt.Sprintf("20%d-%02d-%02d,%d Bay St,613-555-02%02d,2024-01-02,Yes\n", 10+i%6, 1+i%12, 4+2*i, 90+i, i)
		fmt.Fprintf(&a, "t%d,%s,%s,%s", i, name, ours[i], rest)
		fmt.Fprintf(&b, "t%d,%s,%s,%s", i, name, theirs[i], rest)
	}
	a.WriteString("k99,Lund,Ola,2013-31-31,5 Dock Rd,613-555-0999,2024-01-02,Yes\n")
	put(t, filepath.Join(dir, "drop/A/2025-26_Q1/clients.csv"), []byte(a.String()))
	put(t, filepath.Join(dir, "drop/B/2025-26_Q1/clients.csv"), []byte(b.String()))
	put(t, filepath.Join(dir, "drop/C/2025-26_Q1/clients.csv"), []byte(strings.Replace(heads, "Consent", "Consent,Ward", 1)+
		"c1,Falk,Per,2012-02-03,1 Pine Rd,613-555-0301,2024-01-02,Yes,N\nc2,Lopez,Siv,2014-06-13,8 Oak Rd,613-555-0302,2024-01-02,Yes,S\n"))
	var register bytes.Buffer
	if err := forms.RegisterOf(&register, "en", forms.Content{Measures: []string{"children_known"}, Quarters: []string{"2025-26Q1"},
		Rows: map[string][][]any{"targets": {{"children_known", "2025-26Q1", 60.0, "Service agreement"}}}}); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "register.xlsx"), register.Bytes())
	must(t, dir, "run")
	return dir
}

// signer makes a key on the signer's own computer, and returns its file and the public key.
func signer(t *testing.T, passphrase string) (file, public string) {
	t.Helper()
	dir := t.TempDir()
	file, pass := filepath.Join(dir, "director.key"), filepath.Join(dir, "passphrase")
	put(t, pass, []byte(passphrase+"\n"))
	if err := os.Chmod(pass, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "submit", "key", file, "--passphrase", "${file:"+pass+"}")
	text, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(text))
	return file, lines[len(lines)-1]
}

// TestConsole_day is a day before a real browser: open, accept a delivery, correct a value, review ten pairs by
// keyboard, see the count change, explain it; then the director, at her own console, approves, signs and closes.
func TestConsole_day(t *testing.T) {
	t.Parallel()
	withChromium(t)
	const passphrase = "correct horse battery"
	key, public := signer(t, passphrase)
	dir := dayArea(t, public)
	known := func() (n int) {
		t.Helper()
		text := must(t, dir, "sql", "--csv", "select value::integer from release.cell where cell_id = 'children_known@2025-26Q1'")
		if _, err := fmt.Sscan(text[strings.Index(text, "\n")+1:], &n); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return n
	}
	b := openBrowser(t)
	b.enter(startConsole(t, dir, "anna"))
	b.check("/")
	b.says("delivery is held", "2025-26Q1")
	b.byTab()

	b.open("/deliveries/C/2025-26Q1")
	b.fill("form[action$='/accept'] [name=why]", "the new column is no harm, by phone")
	b.press("form[action$='/accept'] button", "the new column is no harm, by phone (anna, 2025-07-10)")

	b.open("/deliveries/A/2025-26Q1/findings?check=bad_date&column=Born")
	b.do(chromedp.Click(chromedp.CSS("tbody th a")))
	b.await(`document.body.innerText.includes("Why do you look?")`)
	b.check("because")
	b.because("call from the agency")
	b.await(`document.querySelector("#row") !== null`)
	b.check("finding")
	b.fill("section[aria-labelledby=correct] [name=value]", "2013-05-31")
	b.fill("section[aria-labelledby=correct] [name=why]", "birth certificate seen")
	b.press("button[value=correct]", "It acts in the next run")
	b.open("/")
	b.press("form[action='/run'] button", "published as generation 2")
	b.says("-delivery is held")
	b.open("/deliveries/C/2025-26Q1")
	b.says("accepted", "-refused")
	for _, page := range []string{"/deliveries", "/agencies", "/agencies/A", "/agencies/A/mapping", "/measures/children_known", "/child?of=A:k0", "/review/decisions", "/gaps", "/runs", "/audit", "/settings"} {
		b.open(page)
	}
	b.do(chromedp.Navigate(b.base + "/agencies/A/mapping"))
	b.press("button[value=try]", "What would become of")
	b.check("mapping tried")
	before := known()

	answers := b.reviewByKeys(10)
	if len(answers) != 10 {
		t.Fatalf("answered %v, want ten pairs", answers)
	}
	log := must(t, dir, "link", "decisions")
	for _, verdict := range []string{"same", "family", "different", "later"} {
		want := len(slices.DeleteFunc(slices.Clone(answers), func(a string) bool { return a != verdict }))
		if got := len(regexp.MustCompile(`(?m)\s`+verdict+`\s.*anna`).FindAllString(log, -1)); got != want {
			t.Errorf("%d answers %q are kept, want %d:\n%s", got, verdict, want, log)
		}
	}
	b.open("/")
	b.press("form[action='/run'] button", "published as generation 3")
	same := len(slices.DeleteFunc(slices.Clone(answers), func(a string) bool { return a != "same" }))
	if got := known(); got != before-same {
		t.Errorf("%d children are known, want %d less %d that were answered to be the same", got, before, same)
	}
	b.open("/measures")
	b.says(fmt.Sprint(before - same))
	b.open("/why?cell=children_known@2025-26Q1")
	b.says("Worked out again from the rows below: " + fmt.Sprint(before-same))

	b.do(chromedp.Click(chromedp.CSS("a[href^='/submission/words']")))
	b.await(`document.querySelector("[name=cause]") !== null`)
	b.check("/submission/words")
	b.fill("[name=cause]", "three pairs were one child")
	b.press("form[action='/submission/words'] button", "Kept: 1 changed")
	b.open("/submission")
	b.press("form[action='/submission'] button", "Prepared. Another person approves it.")
	b.check("submission prepared")
	b.press("form.who button", "opens the console once")
	if log := must(t, dir, "audit"); len(regexp.MustCompile(`anna +console +pair .*review of the quarter`).FindAllString(log, -1)) < 10 || !strings.Contains(log, "call from the agency") {
		t.Errorf("the audit log lacks looks:\n%s", log)
	}

	b.enter(startConsole(t, dir, "dora"))
	b.says("submission")
	b.open("/submission/2025-26Q1-1?lang=fr")
	b.says("Ce que les paires non tranchées", "entre 30 et 34")
	b.open("/submission/2025-26Q1-1")
	b.says("Nothing is open", "between 30 and 34")
	b.press("form[action$='/approve'] button", "Approved. Give the zip")
	b.check("submission approved")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("[name=key]"), []string{key}))
	b.fill("[name=passphrase]", passphrase)
	b.press("form[action$='/sign'] button", "Signatures taken: 1 of 1")
	b.fill("[name=ref]", "M-1")
	b.press("form[action$='/sent'] button", "Noted: it was sent")
	b.check("submission sent")
	b.press("form.who button", "opens the console once")

	zip := filepath.Join(dir, "kept/submissions/2025-26Q1-1/2025-26Q1-1.zip")
	if seal := must(t, dir, "submit", "verify", zip); !strings.Contains(seal, "by Dora") {
		t.Errorf("the seal says:\n%s", seal)
	}
	if again := all(dir, "run", "--quarter", "2025-26Q1"); !strings.Contains(string(again), "is signed: its numbers stay as they are") {
		t.Errorf("the quarter is not closed:\n%s", again)
	}
	// Nothing of the signer's stays behind.
	for _, secret := range []string{passphrase, "encrypted secret key"} {
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// says holds what the page says against texts; one that begins with - is not to be there.
func (b *browser) says(texts ...string) {
	b.Helper()
	page := b.text()
	for _, text := range texts {
		text, isBarred := strings.CutPrefix(text, "-")
		if strings.Contains(strings.ToLower(page), strings.ToLower(text)) == isBarred {
			b.Errorf("the page says %q: want %v:\n%s", text, !isBarred, page)
		}
	}
}

// isReady says that a page's script listens to keys.
const isReady = `document.readyState === "complete"`

// reviewByKeys answers so many pairs by single keys alone, and returns the answers.
func (b *browser) reviewByKeys(most int) (answers []string) {
	b.Helper()
	// What was looked at in the morning had another reason.
	b.open("/because?to=/review")
	b.because("review of the quarter")
	b.check("/review")
	b.await(isReady)
	b.do(chromedp.KeyEvent("j"))
	b.await(`location.pathname !== "/review"`)
	verdicts := []string{"same", "family", "different", "later"}
	for i := range most {
		b.await(isReady + ` && document.querySelector("button[value=same]") !== null`)
		if i == 0 {
			b.check("pair")
			b.says(scriptName, formulaName)
		}
		before, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href"))
		if err != nil {
			b.Fatal(err)
		}
		b.do(chromedp.KeyEvent(fmt.Sprint(i%4+1)), chromedp.KeyEvent("both files compared\r"))
		b.await(fmt.Sprintf("location.href !== %q && document.querySelector('.said') !== null", before))
		b.says("Noted: ")
		answers = append(answers, verdicts[i%4])
		if strings.Contains(b.text(), "All questions are answered") {
			break
		}
	}
	return answers
}
