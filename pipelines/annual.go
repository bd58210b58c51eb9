package pipelines

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"tributary"
	"tributary/reports/ministry"
)

// annualBook is where the annual report of a quarter's fiscal year stands.
func annualBook(q tributary.Quarter, lang string) string {
	return filepath.Join("out", q.FiscalYear(), "annual-"+lang+".xlsx")
}

// Annual reads words typed into earlier annual reports back, and writes that of the published quarter's
// fiscal year in both languages. It returns where they are.
func (w *Workspace) Annual(ctx context.Context) ([]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("report annual: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	now, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	words, err := w.readBack(ctx, now.Quarter)
	if err != nil {
		return nil, err
	}
	if words > 0 {
		next, err := w.build(ctx, now.Quarter, &Outcome{})
		if err != nil {
			return nil, err
		}
		if now, err = w.House.Publish(next); err != nil {
			return nil, err
		}
	}
	db, err := w.House.Open(ctx, map[string]string{"release": now.Steps["release-contract"]})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var files []reportFile
	cells := map[string][]ministry.Cell{}
	for _, lang := range Languages {
		name := annualBook(now.Quarter, lang)
		files = append(files, reportFile{name, func(to io.Writer) (err error) {
			cells[name], err = ministry.Annual(ctx, db, now.Quarter, lang, to)
			return err
		}})
	}
	wrote, err := w.writeReports(files)
	for i, path := range wrote {
		if err == nil {
			err = writeCells(path, cells[files[i].name])
		}
	}
	return wrote, err
}
