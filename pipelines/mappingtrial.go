package pipelines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tributary"
	"tributary/pipelines/link"
	"tributary/pipelines/mapping"
)

// PreviewMapping stages the newest landed delivery of an agency by a mapping that is not kept yet. Nothing is kept or
// published. Rows show persons: the caller audits the look. What another encoding or delimiter makes of the files shows
// with the next run alone, for they are read as they landed.
func (w *Workspace) PreviewMapping(ctx context.Context, code string, text []byte, rows int) (*Preview, tributary.Quarter, error) {
	var q tributary.Quarter
	quarters := w.Quarters(tributary.QuarterOf(w.Today()))
	slices.Reverse(quarters)
	var files []tributary.File
	for _, q = range quarters {
		var err error
		if files, err = w.Landing.Files(code, q); err != nil {
			return nil, q, err
		}
		if len(files) > 0 {
			break
		}
	}
	if len(files) == 0 {
		return nil, q, tributary.Fix(fmt.Errorf("mapping %s: no delivery has landed that it could be tried on", code), "pull its files first: tributary pull "+code)
	}
	if err := os.MkdirAll(w.House.Temp, 0o700); err != nil {
		return nil, q, err
	}
	dir, err := os.MkdirTemp(w.House.Temp, "mapping-")
	if err != nil {
		return nil, q, err
	}
	defer os.RemoveAll(dir)
	a, err := loadMapping(dir, code, text)
	if err != nil {
		return nil, q, err
	}
	p, err := w.preview(ctx, dir, a, w.Landing.Root, files, q, rows)
	return p, q, err
}

// loadMapping reads a mapping as a run would, with all its faults, by way of a folder that is the caller's to remove.
func loadMapping(dir, code string, text []byte) (*mapping.Agency, error) {
	folder := filepath.Join(dir, "agencies")
	err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, code+".yaml"), text, 0o600))
	if err != nil {
		return nil, err
	}
	all, err := mapping.Load(os.DirFS(dir))
	if err == nil && (len(all) != 1 || all[0].Code != code) {
		err = tributary.Fix(fmt.Errorf("agencies/%s.yaml: its code is not %s", code, code), "an agency's code stays; a new agency is a new file: tributary onboard")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// ErrChangedSince says that a file is no longer as the person saw it.
var ErrChangedSince = errors.New("was changed by somebody else meanwhile")

// KeepMapping writes an agency's mapping in place of the one that the person saw (was, its digest), and keeps that one
// beside it as CODE.yaml.before. It acts from the next run on.
func (w *Workspace) KeepMapping(ctx context.Context, code string, text []byte, was, why string) error {
	path := w.Path("agencies", code+".yaml")
	now, err := os.ReadFile(path)
	if err != nil {
		return tributary.Fix(fmt.Errorf("mapping %s: %w", code, err), "the mapping that comes with the program is changed by a file of its own in agencies/")
	}
	if MappingStamp(string(now)) != was {
		return tributary.Fix(fmt.Errorf("agencies/%s.yaml %w", code, ErrChangedSince), "load the page again, and make your change in what stands there now")
	}
	dir, err := os.MkdirTemp(w.Path("cache"), "mapping-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := loadMapping(dir, code, text); err != nil {
		return err
	}
	if err := w.Look(ctx, "mapping", code+" "+was+" to "+MappingStamp(string(text)), why); err != nil {
		return err
	}
	return errors.Join(writeFile(path+".before", now), writeFile(path, text))
}

// MappingStamp is a word that changes with every change of a mapping.
func MappingStamp(text string) string { return link.Digest(text) }
