package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
	"tributary/reports/gaps"
)

// Gaps writes the gap analysis of a published quarter, as a page and as a workbook in each of the languages, and
// returns where they are. For one of release.Audiences it tells what that may see; empty is the Coordinating Agency.
func (w *Workspace) Gaps(ctx context.Context, q tributary.Quarter, languages []string, audience string) ([]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("report gaps: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(w.Quarters(m.Quarter), q) {
		return nil, tributary.Fix(fmt.Errorf("report gaps: %s is not among the published quarters, which end with %s", q, m.Quarter), "publish it first with: tributary run --quarter "+q.String())
	}
	name := gapReleaseOf(audience)
	if _, ok := m.Lazy[name]; !ok && audience != "" {
		return nil, tributary.Fix(fmt.Errorf("report gaps: %s see nothing of the gaps", audience), fmt.Sprintf("say in sql/release/%s.yaml what they see, as in gaps: [total, area], then: tributary run", audience))
	}
	// A mistake in the borders is said before the figures are made, which takes longer.
	outlines, err := w.outlines()
	if err != nil {
		return nil, fmt.Errorf("report gaps: %w", err)
	}
	w.Progress("report", "gaps")
	db, err := w.openLazy(ctx, m, name)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var files []reportFile
	for _, lang := range languages {
		stem := filepath.Join("out", q.String(), strings.TrimPrefix(name, "release-")+"-"+lang)
		files = append(files,
			reportFile{stem + ".html", func(to io.Writer) error { return gaps.WritePage(ctx, db, q, lang, outlines, to) }},
			reportFile{stem + ".xlsx", func(to io.Writer) error { return gaps.Write(ctx, db, q, lang, to) }})
	}
	return w.writeReports(files)
}

// outlines reads the borders that the areas name; nil where none does.
func (w *Workspace) outlines() (*gaps.Outlines, error) {
	var files []gaps.Borders
	var faults []error
	for _, a := range w.Settings.Areas {
		if a.GeoJSON == "" {
			continue
		}
		path := a.GeoJSON
		if !filepath.IsAbs(path) {
			path = w.Path(path)
		}
		info, err := os.Stat(path)
		if err == nil && info.Size() > gaps.OutlinesLimit {
			err = tributary.Fix(fmt.Errorf("%d bytes are more than the %d that are read", info.Size(), gaps.OutlinesLimit), "simplify the borders first, or keep the area's municipalities only")
		}
		var data []byte
		if err == nil {
			data, err = os.ReadFile(path)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("tributary.yaml: areas: geojson: %s: %w", a.GeoJSON, err))
			continue
		}
		b := gaps.Borders{Name: a.GeoJSON, Data: data, Municipalities: map[string][]string{}}
		for _, m := range a.Municipalities {
			b.Municipalities[m.Name] = m.Also
		}
		files = append(files, b)
	}
	if err := errors.Join(faults...); err != nil || len(files) == 0 {
		return nil, err
	}
	return gaps.ReadOutlines(files)
}
