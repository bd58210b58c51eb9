package pipelines

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tributary"
)

// GapFiles lists the pages and workbooks about gaps, and those of services for families, of a quarter that lie under
// out/, by name.
func (w *Workspace) GapFiles(q tributary.Quarter) ([]string, error) {
	entries, err := os.ReadDir(w.Path("out", q.String()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && (strings.HasPrefix(e.Name(), "gaps-") || strings.HasPrefix(e.Name(), "services-")) && (strings.HasSuffix(e.Name(), ".html") || strings.HasSuffix(e.Name(), ".xlsx")) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// OpenGapFile opens one of GapFiles by its name.
func (w *Workspace) OpenGapFile(q tributary.Quarter, name string) (*os.File, error) {
	names, err := w.GapFiles(q)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return os.Open(w.Path("out", q.String(), name))
}
