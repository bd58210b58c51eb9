package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"tributary"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/quality"
)

// Quality writes, under out/, the analyst's workbook on the quality of all deliveries, and for each of the agencies
// the page about it alone, in both languages. It returns the files, the workbook's first where it was asked for.
func (w *Workspace) Quality(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter, withAll bool) ([]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("quality %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(w.Quarters(m.Quarter), q) {
		return nil, tributary.Fix(fmt.Errorf("quality: %s is not among the published quarters, which end with %s", q, m.Quarter), "publish it first with: tributary run --quarter "+q.String())
	}
	known := w.readWritten()
	var out []string
	write := func(name, release string, pages func(context.Context, *warehouse.DB, string, *bytes.Buffer) error) error {
		w.Progress("quality", name)
		db, err := w.openLazy(ctx, m, release)
		if err != nil {
			return err
		}
		defer db.Close()
		for _, lang := range Languages {
			var book bytes.Buffer
			if err := pages(ctx, db, lang, &book); err != nil {
				return err
			}
			key := "quality " + q.String() + " " + name + "-" + lang
			path := w.Path("out", q.String(), "quality", name+"-"+lang+".xlsx")
			sum, err := hashFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			at, err := place(path, book.Bytes(), sum != "" && sum != known[key].SHA256)
			if err != nil {
				return err
			}
			if at == path {
				known[key] = struct{ From, SHA256 string }{"", hash(book.Bytes())}
			}
			out = append(out, at)
		}
		return nil
	}
	if withAll {
		if err := write("quality", "release-quality", func(ctx context.Context, db *warehouse.DB, lang string, book *bytes.Buffer) error {
			return quality.Write(ctx, db, q, lang, book)
		}); err != nil {
			return nil, err
		}
	}
	for _, a := range agencies {
		if a.Code == registerAgency {
			continue
		}
		if err := write("quality-"+a.Code, "release-provider-"+a.Code, func(ctx context.Context, db *warehouse.DB, lang string, book *bytes.Buffer) error {
			return quality.WriteAgency(ctx, db, q, lang, book)
		}); err != nil {
			return nil, err
		}
	}
	return out, w.keepWritten(known)
}
