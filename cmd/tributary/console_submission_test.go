package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// upload sends a file with a form and returns the page that it leads to.
func (v *visitor) upload(path, file string) string {
	v.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		v.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("token", v.token); err != nil {
		v.Fatal(err)
	}
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		v.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		v.Fatal(err)
	}
	if err := form.Close(); err != nil {
		v.Fatal(err)
	}
	return v.read(v.client.Post(v.base+path, form.FormDataContentType(), io.Reader(&body))) //nolint:noctx,bodyclose // read closes it
}

// TestConsole_submission leads a quarter from the button to the seal, signed on another computer.
func TestConsole_submission(t *testing.T) {
	t.Parallel()
	dir, away := linked(t), t.TempDir()
	pass := filepath.Join(away, "passphrase")
	put(t, pass, []byte("correct horse battery\n"))
	if err := os.Chmod(pass, 0o600); err != nil {
		t.Fatal(err)
	}
	ref := "${file:" + pass + "}"
	must(t, away, "submit", "key", filepath.Join(away, "director.key"), "--passphrase", ref)
	public, err := os.ReadFile(filepath.Join(away, "director.key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(public))
	settings := filepath.Join(dir, "tributary.yaml")
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	put(t, settings, append(text, []byte("\nsubmission:\n  signatures: 1\n  same_person_may_approve: true\n  signers:\n    - {name: Dora, role: director, key: "+lines[len(lines)-1]+"}\n")...))

	v := visit(t, dir)
	page := v.post("/submission")
	id := pageID(page)
	if id == "" || !strings.Contains(page, "Prepared. Another person approves it.") {
		t.Fatalf("not prepared:\n%s", page)
	}
	at := "/submission/" + id
	says := func(page string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(page, text) {
				t.Errorf("the page lacks %q:\n%s", text, page)
			}
		}
	}
	if missing := v.get(at + "/file/manifest.json"); !strings.Contains(missing, "is not there") {
		t.Errorf("any file of the folder can be had:\n%s", missing)
	}
	says(v.post(at+"/sent", "ref", "M-1"), "cannot become sent", "What to do")
	form := []string{"why", "board agreed"}
	for _, piece := range strings.Split(page, `name="reason.`)[1:] {
		check, _, _ := strings.Cut(piece, `"`)
		form = append(form, "reason."+check, "asked the agency")
	}
	says(v.post(at+"/approve", form...), "Approved. Give the zip", "approved, waits for signatures")
	zip := filepath.Join(away, id+".zip")
	put(t, zip, []byte(v.get(at+"/file/"+id+".zip")))
	says(v.upload(at+"/signed", zip), "there is no signature in it")
	must(t, away, "submit", "sign", zip, "--key", filepath.Join(away, "director.key"), "--passphrase", ref)
	says(v.upload(at+"/signed", zip), "Signatures taken: 1 of 1", "Dora", "Every file is as it was prepared")
	says(v.post(at+"/sent", "ref", "M-1"), "Noted: it was sent", "M-1")
	says(v.post(at+"/restate", "why", "late file"), "no cell would change", `value="late file"`)
	theirs := filepath.Join(dir, "drop/B/2025-26_Q1/clients.csv")
	if text, err = os.ReadFile(theirs); err != nil {
		t.Fatal(err)
	}
	put(t, theirs, append(text, []byte("b77,Lindqvist,Olof,2012-02-29,77 Shore Rd,613-555-0777,2025-04-02,Yes\n")...))
	must(t, dir, "pull", "--quarter", "2025-26Q1")
	restated := v.post(at+"/restate", "why", "late file")
	says(restated, "The restatement is prepared", "Changed since", "children_known@2025-26Q1", "Takes the place of")
	says(v.get("/submission/"+pageID(restated)+"?with="+id), `<option value="`+id+`" selected>`)
	says(v.post(at+"/returned", "why", "line 4 is empty"), "sent it back", "line 4 is empty")
	says(v.get("/submission"), "returned", "line 4 is empty")
	says(v.get(at+"?lang=fr"), `lang="fr-CA"`)
}

// pageID is the submission that a page is about.
func pageID(page string) string {
	_, rest, _ := strings.Cut(page, "<h1>Submission ")
	id, _, _ := strings.Cut(rest, "</h1>")
	return id
}
