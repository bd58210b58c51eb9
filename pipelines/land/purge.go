package land

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tributary"
)

// Purge removes landed files for good: their originals and columnar copies, as far as no file that stays has the
// same, and then their entries. Killed on the way, it is finished by being called again.
func (s *Store) Purge(due []tributary.File) error {
	all, err := s.Files("", tributary.Quarter{})
	if err != nil {
		return err
	}
	key := func(f tributary.File) string {
		return fmt.Sprint(f.Agency, "\x00", f.Quarter, "\x00", f.Name, "\x00", f.Version)
	}
	goes := map[string]bool{}
	for _, f := range due {
		goes[key(f)] = true
	}
	blobs, copies := map[string]bool{}, map[string]bool{}
	for _, f := range all {
		if goes[key(f)] {
			continue
		}
		blobs[f.SHA256] = true
		for _, sheet := range f.Sheets {
			copies[sheet.Parquet] = true
		}
	}
	var faults []error
	remove := func(path string) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, err)
		}
	}
	for _, f := range due {
		for _, sheet := range f.Sheets {
			if !copies[sheet.Parquet] {
				path := filepath.Join(s.Root, filepath.FromSlash(sheet.Parquet))
				remove(path)
				_ = os.Remove(filepath.Dir(path)) // the folder of the last copy goes with it
			}
		}
		if !blobs[f.SHA256] {
			remove(s.blobPath(f.SHA256))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	for _, f := range due {
		remove(filepath.Join(s.Root, f.Agency, f.Quarter.String(), fmt.Sprintf("%s.v%d.json", escapeName(f.Name), f.Version)))
	}
	return errors.Join(faults...)
}

// Holds says what of a file is still on the disk: the proof that a purge did its work is that nothing is.
func (s *Store) Holds(f tributary.File) string {
	for _, sheet := range f.Sheets {
		if _, err := os.Stat(filepath.Join(s.Root, filepath.FromSlash(sheet.Parquet))); err == nil {
			return sheet.Parquet
		}
	}
	if _, err := os.Stat(s.blobPath(f.SHA256)); err == nil {
		return "blob/" + f.SHA256
	}
	return ""
}
