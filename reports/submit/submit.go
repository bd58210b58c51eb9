// Package submit makes the folder that a quarter is submitted from.
//
// Takes the checked workbooks and what they stand on; leaves bundle/ (what leaves the building, with a
// manifest of hashes) and proof/ (measures, contract release, cell maps: what stays), whole or not at
// all; never replaces what was prepared, signed or sent.
package submit

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sort"

	"tributary"
)

// File is one file to put into a submission: where it is, and its name there.
type File struct{ Path, Name string }

// Manifest lists what a submission holds, by sha256 of each file.
type Manifest struct {
	Submission string            `json:"submission"`
	Quarter    tributary.Quarter `json:"quarter"`
	State      string            `json:"state"`
	Program    string            `json:"program"`
	Bundle     map[string]string `json:"bundle"`
	Proof      map[string]string `json:"proof"`
}

// Prepare makes <root>/<quarter>-<n> with the next free n and returns its folder; when the newest one
// holds the same files already, that one. The state is prepared: nothing is signed yet.
func Prepare(root string, q tributary.Quarter, program string, bundle, proof []File) (string, Manifest, error) {
	m := Manifest{Quarter: q, State: "prepared", Program: program}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", m, err
	}
	n := 1
	for ; ; n++ {
		m.Submission = fmt.Sprintf("%s-%d", q, n)
		if _, err := os.Stat(filepath.Join(root, m.Submission)); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", m, err
		}
	}
	half := filepath.Join(root, "."+m.Submission+".half")
	if err := os.RemoveAll(half); err != nil {
		return "", m, err
	}
	defer os.RemoveAll(half) //nolint:errcheck // renamed away when all went well
	var err error
	if m.Bundle, err = copyAll(filepath.Join(half, "bundle"), bundle); err != nil {
		return "", m, fmt.Errorf("prepare %s: %w", m.Submission, err)
	}
	if m.Proof, err = copyAll(filepath.Join(half, "proof"), proof); err != nil {
		return "", m, fmt.Errorf("prepare %s: %w", m.Submission, err)
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", m, err
	}
	if err := os.WriteFile(filepath.Join(half, "manifest.json"), append(data, '\n'), 0o600); err != nil {
		return "", m, err
	}
	newest := filepath.Join(root, fmt.Sprintf("%s-%d", q, n-1))
	if was, err := read(newest); err == nil && maps.Equal(was.Bundle, m.Bundle) && maps.Equal(was.Proof, m.Proof) {
		return newest, was, nil
	}
	dir := filepath.Join(root, m.Submission)
	return dir, m, os.Rename(half, dir)
}

func read(dir string) (Manifest, error) {
	var m Manifest
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s: manifest.json: %w", filepath.Base(dir), err)
	}
	return m, nil
}

func copyAll(dir string, files []File) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, f := range files {
		sum, err := copyFile(f.Path, filepath.Join(dir, f.Name))
		if err != nil {
			return nil, err
		}
		sums[f.Name] = sum
	}
	return sums, nil
}

func copyFile(from, to string) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, h), bufio.NewReader(in))
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, out.Sync(), out.Close())
}

// Verify hashes a submission's files again and returns what differs from its manifest, sorted.
func Verify(dir string) ([]string, error) {
	m, err := read(dir)
	if err != nil {
		return nil, err
	}
	var differ []string
	for part, sums := range map[string]map[string]string{"bundle": m.Bundle, "proof": m.Proof} {
		for name, want := range sums {
			got, err := hashFile(filepath.Join(dir, part, name))
			switch {
			case errors.Is(err, fs.ErrNotExist):
				differ = append(differ, part+"/"+name+": is gone")
			case err != nil:
				return nil, err
			case got != want:
				differ = append(differ, part+"/"+name+": is not as it was prepared")
			}
		}
	}
	sort.Strings(differ)
	return differ, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
