// Package submit makes, seals and checks the folder that a quarter is submitted from.
//
// Takes the workbooks and what they stand on; leaves bundle/ (what leaves the building, with a manifest of
// hashes and signatures beside it) and proof/ (measures, contract release, cell maps, clusters: what stays),
// whole or not at all; never replaces what was signed, and never needs more than the bundle to verify it.
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
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary"
)

// ManifestName is the file that is signed: it lists the hashes of all others.
const ManifestName = "manifest.json"

// File is one file to put into a submission: its name there, and where it is, or, where Path is empty, its content.
type File struct {
	Path, Name string
	Data       []byte
}

// Input is one landed file that the numbers stand on. It has no name: a bundle leaves, and agencies write names of people
// into those of files; landed.json, which stays, says which file has the hash.
type Input struct {
	Agency  string            `json:"agency"`
	Quarter tributary.Quarter `json:"quarter"`
	Version int               `json:"version"`
	SHA256  string            `json:"sha256"`
}

// Facts say which statements of people the numbers stand on: those up to an entry of the ledger.
type Facts struct {
	// Entries is the number of the last entry, Head its hash in the chain.
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
}

// Reason is why a finding that asks for confirmation was left as it is.
type Reason struct {
	Check string `json:"check"`
	// Findings is how many of that check were open.
	Findings int    `json:"findings"`
	Why      string `json:"why"`
}

// Manifest says what a submission holds and stands on. It is written when the submission is prepared, completed
// when it is approved, and then signed: from there on not a byte of it may change.
type Manifest struct {
	Submission string            `json:"submission"`
	Quarter    tributary.Quarter `json:"quarter"`
	// Restatement counts from 1; 0 is the first submission of the quarter. Restates names the one that it replaces.
	Restatement int    `json:"restatement"`
	Restates    string `json:"restates,omitempty"`
	// Why is the reason of a restatement, in the ministry's words where IsReturned.
	Why        string    `json:"why,omitempty"`
	IsReturned bool      `json:"is_returned,omitempty"`
	Program    string    `json:"program"`
	Engine     string    `json:"engine"`
	PreparedBy string    `json:"prepared_by"`
	PreparedAt time.Time `json:"prepared_at"`
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	// Reasons are those of findings that ask for confirmation and did not get one.
	Reasons []Reason `json:"reasons"`
	// Signatures is how many of the signers must sign.
	Signatures int      `json:"signatures"`
	Signers    []Signer `json:"signers"`
	// Bundle, Proof and Workspace are the sha256 of each file by its name: of those that leave, of those that
	// stay, and of the mappings, settings, own SQL and templates in force (kept below proof/workspace).
	Bundle    map[string]string `json:"bundle"`
	Proof     map[string]string `json:"proof"`
	Workspace map[string]string `json:"workspace"`
	Inputs    []Input           `json:"inputs"`
	Facts     Facts             `json:"facts"`
	// StandsOn names, for each earlier quarter that was signed, the submission whose numbers count for it.
	StandsOn map[string]string `json:"stands_on"`
}

// Same says whether two manifests hold and stand on the same things, whoever prepared them and when.
func (m Manifest) Same(o Manifest) bool {
	return maps.Equal(m.Bundle, o.Bundle) && maps.Equal(m.Workspace, o.Workspace) && slices.Equal(m.Inputs, o.Inputs) &&
		maps.Equal(m.StandsOn, o.StandsOn) && m.Restates == o.Restates && m.Program == o.Program &&
		m.Signatures == o.Signatures && slices.Equal(m.Signers, o.Signers)
}

// Folder is the folder of all submissions of a workspace.
type Folder string

// Path returns where a submission, or a part of it, lies.
func (f Folder) Path(id string, parts ...string) string {
	return filepath.Join(append([]string{string(f), id}, parts...)...)
}

// Numbers lists the numbers n of the submissions <quarter>-<n> that are there, in order.
func (f Folder) Numbers(q tributary.Quarter) ([]int, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		if text, ok := strings.CutPrefix(e.Name(), q.String()+"-"); ok {
			if n, err := strconv.Atoi(text); err == nil {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

func (f Folder) next(q tributary.Quarter) (int, error) {
	numbers, err := f.Numbers(q)
	if err != nil || len(numbers) == 0 {
		return 1, err
	}
	return numbers[len(numbers)-1] + 1, nil
}

// Next is the id of the quarter's next submission.
func (f Folder) Next(q tributary.Quarter) (string, error) {
	n, err := f.next(q)
	return fmt.Sprintf("%s-%d", q, n), err
}

// Read reads a submission's manifest.
func (f Folder) Read(id string) (Manifest, error) {
	data, err := os.ReadFile(f.Path(id, "bundle", ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, tributary.Fix(fmt.Errorf("submission %q is not there: %w", id, fs.ErrNotExist), "see them with: tributary submit status")
	}
	if err != nil {
		return Manifest{}, err
	}
	m, err := parse(data)
	if err != nil {
		return m, fmt.Errorf("submission %s: %w", id, err)
	}
	return m, nil
}

func parse(data []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil || m.Submission == "" {
		return m, tributary.Fix(errors.Join(errors.New("manifest.json cannot be read"), err), "take the bundle again from where it was sent from, or from a backup")
	}
	return m, nil
}

// Prepare makes <quarter>-<n> with the next free n, whole or not at all, and returns its manifest with the
// hashes filled in; when the newest one is the same already, that one. The files of proof/workspace are proof.
func (f Folder) Prepare(m Manifest, bundle, proof []File) (Manifest, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return m, err
	}
	n, err := f.next(m.Quarter)
	if err != nil {
		return m, err
	}
	m.Submission = fmt.Sprintf("%s-%d", m.Quarter, n)
	half := f.Path("." + m.Submission + ".half")
	if err := os.RemoveAll(half); err != nil {
		return m, err
	}
	defer os.RemoveAll(half) //nolint:errcheck // renamed away when all went well
	if m.Bundle, err = copyAll(filepath.Join(half, "bundle"), bundle); err != nil {
		return m, fmt.Errorf("prepare %s: %w", m.Submission, err)
	}
	if m.Proof, err = copyAll(filepath.Join(half, "proof"), proof); err != nil {
		return m, fmt.Errorf("prepare %s: %w", m.Submission, err)
	}
	m.Workspace = map[string]string{}
	for name, sum := range m.Proof {
		if own, ok := strings.CutPrefix(name, "workspace/"); ok {
			m.Workspace[own] = sum
		}
	}
	if n > 1 {
		was, err := f.Read(fmt.Sprintf("%s-%d", m.Quarter, n-1))
		if err == nil && was.Same(m) {
			return was, nil
		}
	}
	if err := f.write(filepath.Join(half, "bundle"), m); err != nil {
		return m, err
	}
	return m, os.Rename(half, f.Path(m.Submission))
}

// Complete writes a manifest to which its approval was added, and the bundle as one zip beside it.
func (f Folder) Complete(m Manifest) error {
	if err := f.write(f.Path(m.Submission, "bundle"), m); err != nil {
		return err
	}
	return f.Zip(m.Submission)
}

// Zip writes the bundle as one zip file, <id>/<id>.zip: equal content gives equal bytes.
func (f Folder) Zip(id string) error {
	b, err := Open(f.Path(id, "bundle"))
	if err != nil {
		return err
	}
	return b.writeZip(f.Path(id, id+".zip"))
}

func (f Folder) write(dir string, m Manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, ManifestName), append(data, '\n'))
}

// ManifestSum is the sha256 of a submission's manifest as it lies there.
func (f Folder) ManifestSum(id string) (string, error) {
	return hashFile(f.Path(id, "bundle", ManifestName))
}

// VerifyProof hashes what stays again and returns what differs from the manifest, sorted.
func (f Folder) VerifyProof(m Manifest) ([]string, error) {
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(m.Proof)) {
		got, err := hashFile(f.Path(m.Submission, "proof", filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			differ = append(differ, "proof/"+name+": is gone")
		case err != nil:
			return nil, err
		case got != m.Proof[name]:
			differ = append(differ, "proof/"+name+": is not as it was prepared")
		}
	}
	return differ, nil
}

func copyAll(dir string, files []File) (map[string]string, error) {
	sums := map[string]string{}
	for _, f := range files {
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return nil, err
		}
		sum, err := copyFile(f, to)
		if err != nil {
			return nil, err
		}
		sums[f.Name] = sum
	}
	return sums, nil
}

func copyFile(f File, to string) (sum string, err error) {
	if f.Path == "" {
		return hash(f.Data), writeFile(to, f.Data)
	}
	in, err := os.Open(f.Path)
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

// writeFile writes to the side and renames: a reader sees the old file or the new one.
func writeFile(path string, data []byte) error {
	half := path + ".half"
	out, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(half))
	}
	if err := os.Rename(half, path); err != nil {
		return errors.Join(tributary.Fix(err, "close "+filepath.Base(path)+" where it is open, and try again"), os.Remove(half))
	}
	return nil
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
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
