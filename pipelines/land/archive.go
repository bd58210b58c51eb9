package land

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"tributary"
)

const (
	// zipMembers, zipTotal, zipRatio and zipDepth bound what a zip may unfold to. Spreadsheets and
	// text seldom shrink to less than a hundredth.
	zipMembers = 1000
	zipTotal   = 8 << 30
	zipRatio   = 200
	zipDepth   = 2
	// smallZip is let through whatever its ratio.
	smallZip = 64 << 20
)

// member is one file of a zip, unfolded into the temporary folder.
type member struct {
	path string
	name string
}

// readZip unfolds the zip; its members are landed as files of their own.
func (r *reading) readZip() error {
	z, err := zip.NewReader(r.sum.file, r.size)
	if err != nil {
		r.unreadable("the zip cannot be opened: it is damaged or cut off; ask for the file again")
		return nil
	}
	refused := refusedZip(z, r.size, zipTotal)
	if refused == "" && strings.Count(strings.ToLower(r.name), ".zip/") >= zipDepth {
		refused = fmt.Sprintf("zips are nested more than %d deep; send the files plainly", zipDepth)
	}
	if refused != "" {
		r.opaque = true
		r.found.add("zip_refused", tributary.Blocks, "", 0, "", refused)
		return nil
	}
	for i, f := range z.File {
		if f.FileInfo().IsDir() || isClutter(f.Name) {
			continue
		}
		if f.Flags&1 != 0 {
			r.opaque = true
			r.found.add("file_encrypted", tributary.Blocks, "", 0, "", "the zip is protected by a password; send it without one over the agreed channel")
			return nil
		}
		m := member{path: filepath.Join(r.temp, fmt.Sprintf("member-%d-%d", strings.Count(r.name, "/"), i)), name: r.name + "/" + readable(f.Name)}
		if err := r.unfold(f, m.path); err != nil {
			return err
		}
		if r.opaque {
			return nil
		}
		r.members = append(r.members, m)
	}
	return nil
}

// readable is a name as text: Windows packs zips with names in its old code page. Bytes that are no text would be
// lost on the way through the catalogue, and another file's name would be found there.
func readable(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	out, err := charmap.CodePage850.NewDecoder().String(name)
	if err != nil {
		return strings.ToValidUTF8(name, "_")
	}
	return out
}

// unfold writes one member; a member that is longer than the directory says is a bomb, one that
// does not match its checksum is damage.
func (r *reading) unfold(f *zip.File, to string) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		r.unreadable("a file in the zip cannot be opened: the zip is damaged; ask for it again")
		return nil
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	limited := &io.LimitedReader{R: in, N: int64(f.UncompressedSize64) + 1}
	wrote, err := io.Copy(&diskWriter{out}, limited)
	if closeErr := out.Close(); closeErr != nil {
		return closeErr
	}
	var disk diskError
	switch {
	case err != nil && asDisk(err, &disk):
		return disk.error
	case wrote > int64(f.UncompressedSize64):
		r.opaque = true
		r.found.add("zip_refused", tributary.Blocks, "", 0, "", "a file in the zip is larger than the zip says; ask for it again")
	case err != nil:
		r.unreadable("a file in the zip is damaged; ask for it again")
	}
	return nil
}

// diskWriter tells faults of this machine from faults of the zip.
type diskWriter struct{ w io.Writer }

type diskError struct{ error }

func (d *diskWriter) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

func asDisk(err error, to *diskError) bool {
	d, ok := err.(diskError)
	*to = d
	return ok
}

// refusedZip says why a zip may not be unfolded, or "".
func refusedZip(z *zip.Reader, size, limit int64) string {
	if len(z.File) > zipMembers {
		return fmt.Sprintf("holds more than %d files; send fewer", zipMembers)
	}
	var total uint64
	for _, f := range z.File {
		if !isSafeName(f.Name) {
			return "holds a name that leads out of its folder; pack it again without paths"
		}
		if f.Mode()&os.ModeSymlink != 0 {
			return "holds a link; pack the files themselves"
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(limit) || total > uint64(limit) {
			return fmt.Sprintf("unfolds to more than %d GB; send it in parts", limit>>30)
		}
	}
	if total > smallZip && total > uint64(size)*zipRatio {
		return fmt.Sprintf("unfolds to more than %d times its size; send the files plainly", zipRatio)
	}
	return ""
}

func isSafeName(name string) bool {
	if strings.ContainsAny(name, "\\:\x00") || strings.HasPrefix(name, "/") {
		return false
	}
	clean := path.Clean(name)
	return clean != ".." && !strings.HasPrefix(clean, "../") && !strings.Contains(name, "/../")
}

// isClutter names what operating systems and Excel leave beside files.
func isClutter(name string) bool {
	base := path.Base(filepath.ToSlash(name))
	return strings.HasPrefix(base, "~$") || strings.HasPrefix(base, "._") || strings.HasPrefix(name, "__MACOSX/") ||
		base == ".DS_Store" || strings.EqualFold(base, "thumbs.db") || strings.EqualFold(base, "desktop.ini")
}
