package land

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
)

// tempPrefix begins the names of files and folders that a killed run may leave; nobody reads them
// and the next run removes them.
const tempPrefix = ".new-"

// entry is a catalogue file: the landed file and with what it was read.
type entry struct {
	tributary.File
	ReadWith string `json:"read_with"`
	// Members are the files of a zip.
	Members []memberKey `json:"members,omitempty"`
}

// memberKey names a member that landed as a file of its own.
type memberKey struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// isLocked says that only a password was missing.
func (e *entry) isLocked() bool {
	return slices.ContainsFunc(e.Findings, func(f tributary.Finding) bool { return f.Check == "file_encrypted" })
}

// fingerprint names what besides the bytes makes the columnar copy: the hint, and the ending of the
// name, which tells kinds of text apart. The password is no part of it.
func fingerprint(h tributary.Hint, name string) string {
	h.Pattern = ""
	text, err := json.Marshal(struct {
		Reader int
		Ending string
		Hint   tributary.Hint
	}{readerVersion, strings.ToLower(filepath.Ext(name)), h})
	if err != nil {
		// A hint is text and numbers.
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// Files returns what has landed, sorted by agency, quarter, name and version; the empty agency and
// the zero quarter mean all.
func (s *Store) Files(agency string, q tributary.Quarter) ([]tributary.File, error) {
	var files []tributary.File
	agencies := []string{agency}
	if agency == "" {
		var err error
		if agencies, err = folders(s.Root); err != nil {
			return nil, err
		}
	}
	for _, a := range agencies {
		if agency == "" && (a == "blob" || a == "columns") {
			continue
		}
		quarters := []string{q.String()}
		if q.IsZero() {
			var err error
			if quarters, err = folders(filepath.Join(s.Root, a)); err != nil {
				return nil, err
			}
		}
		for _, text := range quarters {
			quarter, err := tributary.ParseQuarter(text)
			if err != nil {
				continue
			}
			entries, err := s.catalogue(a, quarter)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				files = append(files, e.File)
			}
		}
	}
	return files, nil
}

func folders(root string) ([]string, error) {
	list, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range list {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// catalogue reads the entries of one agency and quarter.
func (s *Store) catalogue(agency string, q tributary.Quarter) ([]entry, error) {
	folder := filepath.Join(s.Root, agency, q.String())
	list, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, item := range list {
		if strings.HasPrefix(item.Name(), ".") || filepath.Ext(item.Name()) != ".json" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, item.Name()))
		if err != nil {
			return nil, err
		}
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, tributary.Fix(fmt.Errorf("catalogue %s/%s/%s: %w", agency, q, item.Name(), err),
				"restore kept/landing from the last backup")
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return compareFiles(a.File, b.File) })
	return entries, nil
}

func compareFiles(a, b tributary.File) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
}

// write puts the entry in place, whole or not at all.
func (s *Store) write(e entry) error {
	folder := filepath.Join(s.Root, e.Agency, e.Quarter.String())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(folder, tempPrefix+e.Agency+"-"+e.Quarter.String()+"-")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if _, err := out.Write(append(text, '\n')); err != nil {
		out.Close()
		return err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), filepath.Join(folder, fmt.Sprintf("%s.v%d.json", escapeName(e.Name), e.Version))); err != nil {
		return err
	}
	return syncFolder(folder)
}

// escapeName makes a file name of any name: what some file system refuses becomes %XX, and a name
// too long is cut and ended by its hash.
func escapeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == ' ', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	s := b.String()
	if len(s) > 180 {
		sum := sha256.Sum256([]byte(name))
		s = s[:160] + "~" + hex.EncodeToString(sum[:8])
	}
	return s
}

func (s *Store) blobPath(sha string) string { return filepath.Join(s.Root, "blob", sha[:2], sha) }

// sweep removes what a killed landing of the same agency and quarter left behind.
func (d *delivery) sweep() error {
	for _, folder := range []string{filepath.Join(d.Root, "blob"), filepath.Join(d.Root, "columns"), filepath.Join(d.Root, d.agency, d.quarter.String())} {
		list, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range list {
			if !strings.HasPrefix(e.Name(), d.prefix()) {
				continue
			}
			if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// prefix begins the names of what this landing has not finished; other agencies may land meanwhile.
func (d *delivery) prefix() string { return tempPrefix + d.agency + "-" + d.quarter.String() + "-" }

// columnsFolder is made on the way; an error shows when it is used.
func (s *Store) columnsFolder() string {
	folder := filepath.Join(s.Root, "columns")
	_ = os.MkdirAll(folder, 0o700)
	return folder
}

// blobFile is an original on its way into the store.
type blobFile struct {
	folder string
	prefix string
	out    *os.File
}

func (b *blobFile) open() (io.Writer, error) {
	if err := os.MkdirAll(b.folder, 0o700); err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(b.folder, b.prefix)
	b.out = out
	return out, err
}

// keep gives the original its name; bytes that are there already are not written twice.
func (b *blobFile) keep(sha string) error {
	if b.out == nil {
		return nil
	}
	folder := filepath.Join(b.folder, sha[:2])
	to := filepath.Join(folder, sha)
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := errors.Join(b.out.Chmod(0o400), b.out.Sync(), b.out.Close()); err != nil {
		return err
	}
	if err := os.Rename(b.out.Name(), to); err != nil {
		return err
	}
	return syncFolder(folder)
}

func (b *blobFile) discard() {
	if b.out != nil {
		b.out.Close()
		os.Remove(b.out.Name())
	}
}

// forget removes the original of an entry that may no longer be held, unless it is also that of
// another file which may.
func (s *Store) forget(e entry) error {
	if e.Original {
		return nil
	}
	if _, err := os.Stat(s.blobPath(e.SHA256)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	files, err := s.Files("", tributary.Quarter{})
	if err != nil {
		return err
	}
	for _, f := range files {
		isSame := f.Agency == e.Agency && f.Quarter == e.Quarter && f.Name == e.Name && f.Version == e.Version
		if f.SHA256 == e.SHA256 && f.Original && !isSame {
			return nil
		}
	}
	if err := os.Remove(s.blobPath(e.SHA256)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func removeFile(path string) {
	// A copy that was not begun is not there.
	_ = os.Remove(path)
}

// syncFolder makes a rename last. Where folders cannot be synced (Windows), the rename itself does.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
