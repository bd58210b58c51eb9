package connectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"tributary"
)

// Inbox takes the files of one pull. They lie in a hidden folder until Commit, which shows all of
// them at once by a rename; killed at any moment, the next OpenInbox finds the old files or the new
// ones, never a mixture.
type Inbox struct {
	root    *os.Root
	dir     string
	agency  string
	quarter tributary.Quarter
	done    bool

	mu      sync.Mutex
	files   []string
	skipped []Skipped
	fault   error
}

// OpenInbox begins a pull. It also tidies up after one that was killed.
func OpenInbox(dir, agency string, q tributary.Quarter) (*Inbox, error) {
	if err := checkName(agency); err != nil {
		return nil, fmt.Errorf("agency: %w", err)
	}
	if q.IsZero() {
		return nil, errors.New("no quarter given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	in := &Inbox{root: root, dir: dir, agency: agency, quarter: q}
	if err := in.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("open inbox: %w", err), root.Close())
	}
	return in, nil
}

func (in *Inbox) begin() error {
	if _, err := in.root.Stat(in.place()); errors.Is(err, fs.ErrNotExist) {
		// Killed between the two renames of Commit: the earlier files stand aside.
		if err := in.root.Rename(in.hidden("old"), in.place()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, stale := range []string{in.hidden("old"), in.hidden("tmp")} {
		if err := in.root.RemoveAll(stale); err != nil {
			return err
		}
	}
	if err := in.root.MkdirAll(in.agency, 0o700); err != nil {
		return err
	}
	return in.root.Mkdir(in.hidden("tmp"), 0o700)
}

func (in *Inbox) place() string { return filepath.Join(in.agency, in.quarter.String()) }

func (in *Inbox) hidden(what string) string {
	return fmt.Sprintf(".%s-%s-%s", in.agency, in.quarter, what)
}

// Put writes one file. The name is a plain file name; a name twice, also in other capitals, is an
// error. After a fault the inbox takes no Commit, even if the connector swallows the error. Several files
// may be put at once.
func (in *Inbox) Put(name string, r io.Reader) error {
	return in.PutModified(name, time.Time{}, r)
}

// PutModified is Put for sources that know when the agency last changed the file; the copy keeps
// that time.
func (in *Inbox) PutModified(name string, modified time.Time, r io.Reader) error {
	if in.done {
		return errors.New("inbox is closed")
	}
	if err := in.put(name, modified, r); err != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.fault = errors.Join(in.fault, fmt.Errorf("put %q: %w", name, err))
		return fmt.Errorf("put %q: %w", name, err)
	}
	return nil
}

// claim enters a name once.
func (in *Inbox) claim(name string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	// Windows and SharePoint do not tell A.csv from a.csv.
	if slices.ContainsFunc(in.files, func(have string) bool { return strings.EqualFold(have, name) }) {
		return tributary.Fix(errors.New("name is there twice"), "let the agency rename one of the two: names that differ in capitals only are one name on Windows")
	}
	in.files = append(in.files, name)
	return nil
}

func (in *Inbox) put(name string, modified time.Time, r io.Reader) error {
	if err := checkName(name); err != nil {
		return tributary.Fix(err, "rename the file: up to 200 bytes, no control characters, slashes or colons")
	}
	if err := in.claim(name); err != nil {
		return err
	}
	path := filepath.Join(in.hidden("tmp"), name)
	file, err := in.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(disk{file}, r)
	if err == nil {
		err = tributary.Fix(file.Sync(), makeRoom)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if modified.IsZero() {
		return nil
	}
	return in.root.Chtimes(path, modified, modified)
}

const makeRoom = "see whether the disk that holds the workspace is full; what was landed and published is as it was; then start the same command again"

// disk tells faults of our own disk from those of the source.
type disk struct{ file *os.File }

func (d disk) Write(p []byte) (int, error) {
	n, err := d.file.Write(p)
	return n, tributary.Fix(err, makeRoom)
}

// Skip notes a file that the connector saw and left behind.
func (in *Inbox) Skip(name, reason string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.skipped = append(in.skipped, Skipped{Name: name, Reason: reason})
}

// Commit shows the files in the place of those of an earlier pull. An inbox without files or with a
// fault is not committed.
func (in *Inbox) Commit() error {
	switch {
	case in.done:
		return errors.New("inbox is closed")
	case in.fault != nil:
		return in.fault
	case len(in.files) == 0:
		return ErrNotReady
	}
	if err := in.syncFolder(in.hidden("tmp")); err != nil {
		return fmt.Errorf("commit inbox: %w", err)
	}
	// A folder cannot be renamed over a full one, so the earlier one steps aside; OpenInbox brings
	// it back when the program dies between the two.
	if err := in.root.Rename(in.place(), in.hidden("old")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("commit inbox: %w", err)
	}
	if err := in.root.Rename(in.hidden("tmp"), in.place()); err != nil {
		back := in.root.Rename(in.hidden("old"), in.place())
		if errors.Is(back, fs.ErrNotExist) {
			back = nil
		}
		return fmt.Errorf("commit inbox: %w", errors.Join(err, back))
	}
	in.done = true
	if err := errors.Join(in.syncFolder(in.agency), in.root.RemoveAll(in.hidden("old"))); err != nil {
		return fmt.Errorf("commit inbox: %w", err)
	}
	return nil
}

// syncFolder makes names durable where the platform can (Windows cannot open a folder for it).
func (in *Inbox) syncFolder(name string) error {
	folder, err := in.root.Open(name)
	if err != nil {
		return err
	}
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && filepath.Separator == '/' {
		return errors.Join(err, folder.Close())
	}
	return folder.Close()
}

// Close throws away what was not committed. After Commit it only lets go of the folder.
func (in *Inbox) Close() error {
	var err error
	if !in.done {
		in.done = true
		err = in.root.RemoveAll(in.hidden("tmp"))
	}
	return errors.Join(err, in.root.Close())
}

func (in *Inbox) receipt() Receipt {
	files := slices.Clone(in.files)
	slices.Sort(files)
	skipped := slices.Clone(in.skipped)
	slices.SortFunc(skipped, func(a, b Skipped) int { return strings.Compare(a.Name, b.Name) })
	return Receipt{Folder: filepath.Join(in.dir, in.place()), Files: files, Skipped: skipped}
}

// checkName lets through plain names only: os.Root already keeps everything inside, but a name such
// as a/b or CON would surprise later steps or another platform.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("name is empty")
	case strings.HasPrefix(name, "."):
		return errors.New("name begins with a dot")
	case strings.ContainsAny(name, `/\:`) || !filepath.IsLocal(name):
		return errors.New("name is not a plain file name")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("name holds control characters")
	case len(name) > 200:
		return errors.New("name is longer than 200 bytes")
	}
	return nil
}

// Reader is r until ctx ends; then every read returns the context's error. Connectors wrap what they
// put, so that a large file stops at Ctrl-C.
func Reader(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
