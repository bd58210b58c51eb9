package submit

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
)

// largest is the most that one file of a bundle may unpack to: a bundle holds workbooks and text.
const largest = 512 << 20

// zipTime is the earliest time that a zip entry can carry.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Bundle is what leaves the building, a folder or one zip file, wherever it lies.
type Bundle struct {
	// Path is the folder or the zip.
	Path  string
	isZip bool
	files map[string]string // sha256 of each file by name
	small map[string][]byte // the manifest and the signatures
}

// Open reads a bundle: a folder with a manifest.json, that folder's parent, or a zip of it.
func Open(at string) (*Bundle, error) {
	wrong := func(err error) (*Bundle, error) {
		return nil, tributary.Fix(fmt.Errorf("bundle %s: %w", filepath.Base(at), err), "name the zip of a submission, or the folder that holds its manifest.json; if it is that, it was damaged or changed: have it sent again")
	}
	info, err := os.Stat(at)
	if err != nil {
		return wrong(errors.New("is not there"))
	}
	b := &Bundle{Path: at, isZip: !info.IsDir(), files: map[string]string{}, small: map[string][]byte{}}
	if b.isZip {
		err = b.readZip()
	} else {
		if _, err := os.Stat(filepath.Join(at, "bundle", ManifestName)); err == nil {
			b.Path = filepath.Join(at, "bundle")
		}
		err = b.readFolder()
	}
	if err != nil {
		return wrong(err)
	}
	if b.small[ManifestName] == nil {
		return wrong(errors.New("holds no manifest.json"))
	}
	return b, nil
}

func (b *Bundle) take(name string, r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > largest {
		return fmt.Errorf("%s: is larger than any file of a submission", name)
	}
	b.files[name] = hash(data)
	if name == ManifestName || isSignature(name) {
		b.small[name] = data
	}
	return nil
}

func (b *Bundle) readFolder() error {
	return filepath.WalkDir(b.Path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(b.Path, p)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if isClutter(name) {
			return nil
		}
		if base := path.Base(name); strings.HasPrefix(base, "~$") {
			return tributary.Fix(fmt.Errorf("%s is open in Excel", strings.TrimPrefix(base, "~$")), "close it without saving, and try again")
		}
		if !e.Type().IsRegular() {
			return fmt.Errorf("%s: is no plain file", name)
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		return b.take(name, f)
	})
}

func (b *Bundle) readZip() error {
	z, err := zip.OpenReader(b.Path)
	if err != nil {
		return fmt.Errorf("cannot be read as a zip: %w", err)
	}
	defer z.Close()
	for _, part := range z.File {
		name := part.Name
		if strings.HasSuffix(name, "/") || isClutter(name) {
			continue
		}
		if !fs.ValidPath(name) {
			return fmt.Errorf("%q: is no name of a file in a submission", name)
		}
		if _, twice := b.files[name]; twice {
			return fmt.Errorf("%s: is in the zip twice", name)
		}
		r, err := part.Open()
		if err == nil {
			err = errors.Join(b.take(name, r), r.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isClutter knows what systems leave about.
func isClutter(name string) bool {
	switch path.Base(name) {
	case ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(name, "__MACOSX/")
}

func (b *Bundle) names() []string {
	names := make([]string, 0, len(b.files))
	for n := range b.files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// put adds or replaces one file of the bundle, atomically.
func (b *Bundle) put(name string, data []byte) error {
	if !b.isZip {
		to := filepath.Join(b.Path, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		return writeFile(to, data)
	}
	in, err := zip.OpenReader(b.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	parts := slices.DeleteFunc(slices.Clone(in.File), func(p *zip.File) bool { return p.Name == name })
	place, _ := slices.BinarySearchFunc(parts, name, func(p *zip.File, n string) int { return strings.Compare(p.Name, n) })
	for i := range len(parts) + 1 {
		if i == place {
			if err := addPart(z, name, data); err != nil {
				return err
			}
		}
		if i < len(parts) {
			if err := z.Copy(parts[i]); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return writeFile(b.Path, out.Bytes())
}

func addPart(z *zip.Writer, name string, data []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: zipTime})
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// writeZip packs a folder: names in order, one fixed time.
func (b *Bundle) writeZip(to string) error {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range b.names() {
		data, err := os.ReadFile(filepath.Join(b.Path, filepath.FromSlash(name)))
		if err == nil {
			err = addPart(z, name, data)
		}
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return writeFile(to, out.Bytes())
}
