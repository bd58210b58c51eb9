package submit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
	"github.com/google/go-cmp/cmp"

	"tributary"
)

var noon = time.Date(2025, 7, 20, 12, 0, 0, 0, time.UTC)

const pass = "a long enough phrase"

func quarter(t *testing.T) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q2")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// cheapKey is a key file that opens quickly: real ones are made to take a second and a gigabyte.
const cheapKey = `untrusted comment: invented key for tests, cheap to open
RWRTY0IyBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcAgAAAAAAAAAAAAAEAAAAAU3vHVtYqBc2yPbwTeqmvViaBL/eFfa4oIvj9xNcctCw5snWxo97/uYvgvltItS+q0iFiVc7puFazpKg4J7re2UUT9v0O/Uzvdq+bVti/tTFZuNr3M+SkPzoVTPVgYKZ6ObCANW/6o/o=
`

// key makes a signer with a key.
func key(t *testing.T, name string) (Signer, minisign.PrivateKey) {
	t.Helper()
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Signer{Name: name, Role: "director", Key: public.String()}, private
}

// approved is a prepared and approved submission with two seats.
func approved(t *testing.T, signers ...Signer) (Folder, Manifest) {
	t.Helper()
	f := Folder(t.TempDir())
	m, err := f.Prepare(Manifest{Quarter: quarter(t), Signatures: 2, Signers: signers, PreparedBy: "a", PreparedAt: noon},
		[]File{{Name: "ministry-en.xlsx", Data: []byte("numbers")}, {Name: "data/cells.csv", Data: []byte("x\n")}}, []File{{Name: "workspace/tributary.yaml", Data: []byte("y")}})
	if err != nil {
		t.Fatal(err)
	}
	m.ApprovedBy, m.ApprovedAt = "b", noon
	if err := f.Complete(m); err != nil {
		t.Fatal(err)
	}
	return f, m
}

func open(t *testing.T, path string) *Bundle {
	t.Helper()
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPrepare_numbersAndNeverReplaces(t *testing.T) {
	t.Parallel()
	f := Folder(filepath.Join(t.TempDir(), "submissions"))
	m := Manifest{Quarter: quarter(t), Program: "test"}
	first, err := f.Prepare(m, []File{{Name: "b.xlsx", Data: []byte("numbers")}}, []File{{Name: "workspace/a.yaml", Data: []byte("a")}})
	if err != nil || first.Workspace["a.yaml"] == "" {
		t.Fatal(first, err)
	}
	other := []File{{Name: "b.xlsx", Data: []byte("other numbers")}}
	second, err := f.Prepare(m, other, nil)
	if err != nil || second.Submission != "2025-26Q2-2" {
		t.Fatal(second, err)
	}
	if again, err := f.Prepare(m, other, nil); err != nil || again.Submission != second.Submission {
		t.Errorf("the same files again made %s, %v", again.Submission, err)
	}
	if kept, _ := os.ReadFile(f.Path(first.Submission, "bundle", "b.xlsx")); string(kept) != "numbers" {
		t.Errorf("the first submission now says %q", kept)
	}
	if err := os.Remove(f.Path(first.Submission, "proof", "workspace", "a.yaml")); err != nil {
		t.Fatal(err)
	}
	differ, err := f.VerifyProof(first)
	if diff := cmp.Diff(differ, []string{"proof/workspace/a.yaml: is gone"}); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestPrepare_leavesNothingWhenAFileIsGone(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	_, err := Folder(root).Prepare(Manifest{Quarter: quarter(t)}, []File{{Path: filepath.Join(root, "no.xlsx"), Name: "no.xlsx"}}, nil)
	if err == nil {
		t.Fatal("prepared a file that is not there")
	}
	if left, _ := os.ReadDir(root); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSign_twoSeatsOnTheZipAlone(t *testing.T) {
	t.Parallel()
	director, directorKey := key(t, "D. Irector")
	acting, actingKey := key(t, "A. Cting")
	acting.ActingFor = "D. Irector"
	officer, officerKey := key(t, "O. Fficer")
	f, m := approved(t, director, acting, officer)
	away := filepath.Join(t.TempDir(), "other-pc.zip")
	data, err := os.ReadFile(f.Path(m.Submission, m.Submission+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(away, data, 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, away)
	if _, err := b.sign(directorKey, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if s, err := open(t, away).Verify(nil); err != nil || s.Signed != 1 || s.IsSigned() || !s.IsWhole() {
		t.Fatalf("after one: %+v, %v", s, err)
	}
	if _, err := open(t, away).sign(actingKey, noon.Add(2*time.Hour)); err == nil || !strings.Contains(err.Error(), "has signed already") {
		t.Errorf("the acting director signed beside the director: %v", err)
	}
	if _, err := open(t, away).sign(officerKey, noon); err == nil || !strings.Contains(err.Error(), "the clock says") {
		t.Errorf("a clock before the last signature: %v", err)
	}
	if _, err := open(t, away).sign(officerKey, noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	s, err := open(t, away).Verify(nil)
	if err != nil || !s.IsSigned() || !s.IsWhole() {
		t.Fatalf("after two: %+v, %v", s, err)
	}
	if s, err := open(t, away).Verify([]Signer{director}); err != nil || s.Signed != 1 || s.IsWhole() {
		t.Errorf("only the director is trusted: %+v, %v", s, err)
	}
	// What came back is taken, and the zip of the folder then holds the same.
	back := open(t, f.Path(m.Submission))
	for _, text := range open(t, away).Texts() {
		if _, err := back.Add(text, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Zip(m.Submission); err != nil {
		t.Fatal(err)
	}
	first, _ := os.ReadFile(f.Path(m.Submission, m.Submission+".zip"))
	if err := f.Zip(m.Submission); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(f.Path(m.Submission, m.Submission+".zip")); !bytes.Equal(first, again) {
		t.Error("two zips of the same bundle differ")
	}
	if s, err := open(t, f.Path(m.Submission, m.Submission+".zip")).Verify(nil); err != nil || !s.IsSigned() {
		t.Errorf("the zip of the folder: %+v, %v", s, err)
	}
}

func TestSign_refuses(t *testing.T) {
	t.Parallel()
	director, directorKey := key(t, "D. Irector")
	_, strangerKey := key(t, "S. Tranger")
	file := filepath.Join(t.TempDir(), "x.key")
	if err := os.WriteFile(file, []byte(cheapKey), 0o600); err != nil {
		t.Fatal(err)
	}
	late := director
	late.Until = "2025-06-30"
	for name, c := range map[string]struct {
		signer     Signer
		file, pass string
		key        minisign.PrivateKey
		want       string
		at         time.Time
	}{
		"another key":      {director, "", "", strangerKey, "is not among the signers", noon},
		"another key file": {director, file, pass, directorKey, "is not among the signers", noon},
		"wrong passphrase": {director, file, "something else", directorKey, "does not open", noon},
		"after her days":   {late, "", "", directorKey, "could sign until 2025-06-30", noon},
		"before approval":  {director, "", "", directorKey, "the clock says", noon.Add(-time.Hour)},
		"no key file":      {director, "no.key", pass, directorKey, "the key", noon},
	} {
		f, m := approved(t, c.signer)
		b := open(t, f.Path(m.Submission, "bundle"))
		var err error
		if c.file == "" {
			_, err = b.sign(c.key, c.at)
		} else {
			_, err = b.Sign(c.file, c.pass, c.at)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || tributary.FixOf(err) == "" {
			t.Errorf("%s: got %v; want %q with a fix", name, err, c.want)
		}
		if _, err := os.Stat(f.Path(m.Submission, "bundle", "signatures")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written: %v", name, err)
		}
	}
}

func TestVerify_everyByteCounts(t *testing.T) {
	t.Parallel()
	director, directorKey := key(t, "D. Irector")
	f, m := approved(t, director)
	dir := f.Path(m.Submission, "bundle")
	if _, err := open(t, dir).sign(directorKey, noon); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ManifestName, "ministry-en.xlsx", "data/cells.csv"} {
		path := filepath.Join(dir, name)
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range was {
			changed := bytes.Clone(was)
			changed[i] ^= 1
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			b, err := Open(dir)
			var s Seal
			if err == nil {
				s, err = b.Verify(nil)
			}
			if err == nil && s.IsWhole() && s.Signed == 1 {
				t.Fatalf("%s: byte %d changed, and the bundle is whole", name, i)
			}
			if err != nil && tributary.FixOf(err) == "" {
				t.Fatalf("%s: byte %d: no fix: %v", name, i, err)
			}
		}
		if err := os.WriteFile(path, was, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	extra := filepath.Join(dir, "~$ministry-en.xlsx")
	if err := os.WriteFile(extra, []byte("lock"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is open in Excel") {
		t.Errorf("a workbook open in Excel: %v", err)
	}
	if err := os.Rename(extra, filepath.Join(dir, "more.xlsx")); err != nil {
		t.Fatal(err)
	}
	s, err := open(t, dir).Verify(nil)
	if diff := cmp.Diff(s.Differ, []string{"more.xlsx: is not part of the submission"}); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestMove_onlyTheStepsOfALife(t *testing.T) {
	t.Parallel()
	all := []State{"", Draft, Checked, Approved, Signed, Sent, Returned, Restated, Replaced}
	legal := 0
	for _, from := range all {
		for _, to := range all {
			err := Move("2025-26Q2-1", from, to)
			if err == nil {
				legal++
			} else if tributary.FixOf(err) == "" {
				t.Errorf("%q to %q: refused without a fix", from, to)
			}
		}
	}
	if legal != 15 {
		t.Errorf("%d steps are legal; want 15", legal)
	}
	for _, gone := range []State{Signed, Sent, Returned, Restated, Replaced} {
		if Move("2025-26Q2-1", gone, Draft) == nil || Move("2025-26Q2-1", gone, Approved) == nil {
			t.Errorf("%s went back", gone)
		}
	}
}

func TestDataPackage_namesWhatItHolds(t *testing.T) {
	t.Parallel()
	files, err := DataPackage("ca00", "x", []Table{{Name: "cells", Fields: []Field{{Name: "cell_id", Type: "string"}, {Name: "value", Type: "number"}}, Rows: [][]string{{"a", "1"}}}})
	if err != nil || len(files) != 2 || string(files[0].Data) != "cell_id,value\na,1\n" {
		t.Fatal(files, err)
	}
	if text := string(files[1].Data); !strings.Contains(text, `"hash": "sha256:`+hash(files[0].Data)) || !strings.Contains(text, `"bytes": 18`) {
		t.Error(text)
	}
}
