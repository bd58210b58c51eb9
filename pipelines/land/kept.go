package land

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tributary"
)

const (
	restoreFix = "restore kept/landing from the last backup, then run again"
	rebuildFix = "run again: the copy is built anew from the original"
	resendFix  = "send the file again, or restore kept/landing from the last backup, then run again"
)

// keepColumns moves the copies to their place, named by content and hint, and writes down what they
// hash to.
func (s *Store) keepColumns(from string, e *entry) error {
	if len(e.Sheets) == 0 {
		return nil
	}
	name := e.SHA256 + "-" + e.ReadWith
	to := filepath.Join(s.columnsFolder(), name)
	isThere := true
	for i := range e.Sheets {
		sheet := &e.Sheets[i]
		sha, err := hashFile(filepath.Join(from, sheet.Parquet))
		if err != nil {
			return err
		}
		sheet.Parquet, sheet.SHA256 = "columns/"+name+"/"+sheet.Parquet, sha
		isThere = isThere && s.copyFault(*sheet) == nil
	}
	if isThere {
		// The same bytes under another name made the same copy.
		return nil
	}
	if err := syncFolder(from); err != nil {
		return err
	}
	// What is there is damaged. It goes aside by a name that the next run sweeps.
	aside := from + "-damaged"
	if err := os.Rename(to, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	defer os.RemoveAll(aside)
	if err := os.Rename(from, to); err != nil {
		if _, there := os.Stat(to); there == nil {
			return nil
		}
		return err
	}
	return syncFolder(filepath.Dir(to))
}

var (
	errCopyMissing = errors.New("columnar copy is missing")
	errCopyDiffers = errors.New("columnar copy differs from what was made")
)

// copyFault says what is wrong with a columnar copy. Copies of before their hash was written down
// need only be there.
func (s *Store) copyFault(sheet tributary.Sheet) error {
	path := filepath.Join(s.Root, filepath.FromSlash(sheet.Parquet))
	if sheet.SHA256 == "" {
		if _, err := os.Stat(path); err != nil {
			return errCopyMissing
		}
		return nil
	}
	sha, err := hashFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errCopyMissing
	case err != nil:
		return err
	case sha != sheet.SHA256:
		return errCopyDiffers
	}
	return nil
}

// fault returns what is wrong with the copies of an entry; each copy is hashed once a landing.
func (d *delivery) fault(e *entry) error {
	for _, sheet := range e.Sheets {
		err, isKnown := d.copies[sheet.Parquet]
		if !isKnown {
			err = d.copyFault(sheet)
			d.copies[sheet.Parquet] = err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Verify hashes every original and every columnar copy again; the error lists what differs.
func (s *Store) Verify(ctx context.Context) error {
	files, err := s.Files("", tributary.Quarter{})
	if err != nil {
		return err
	}
	var faults []error
	done := map[string]bool{}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		where := fmt.Sprintf("%s %s %s", f.Agency, f.Quarter, f.Name)
		for _, sheet := range f.Sheets {
			if err := s.copyFault(sheet); err != nil {
				faults = append(faults, tributary.Fix(fmt.Errorf("%s: %w", where, err), copyFix(f)))
			}
		}
		if !f.Original || done[f.SHA256] {
			continue
		}
		done[f.SHA256] = true
		sha, err := hashFile(s.blobPath(f.SHA256))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = fmt.Errorf("%s: original is missing", where)
		case err != nil:
			err = fmt.Errorf("%s: %w", where, err)
		case sha != f.SHA256:
			err = fmt.Errorf("%s: original differs from what landed: sha256 is %s, was %s", where, sha, f.SHA256)
		}
		if err != nil {
			faults = append(faults, tributary.Fix(err, restoreFix))
		}
	}
	// Joined and not wrapped: each has a remedy of its own.
	return errors.Join(faults...)
}

// copyFix is the remedy for a copy: of a file that was stripped it is the only one.
func copyFix(f tributary.File) string {
	if f.Original {
		return rebuildFix
	}
	return resendFix
}

func hashFile(path string) (string, error) {
	src, err := openSource(path)
	if err != nil {
		return "", err
	}
	defer src.close()
	if err := src.drain(); err != nil {
		return "", err
	}
	return src.sha(), nil
}

// Original opens a landed file as it came; only a file whose Original is true has one.
func (s *Store) Original(f tributary.File) (*os.File, error) {
	if !f.Original {
		return nil, tributary.Fix(fmt.Errorf("%s %s %s: the original was not kept, it held columns that may not be held", f.Agency, f.Quarter, f.Name), "use its columnar copy")
	}
	return os.Open(s.blobPath(f.SHA256))
}
