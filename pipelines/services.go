package pipelines

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tributary"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/reports/services"
	"tributary/sql"
)

// servicesRelease is the release of the public page of services and waits, made when it is asked for.
func (w *Workspace) servicesRelease(q tributary.Quarter) plan {
	cover := w.Settings.cover(q)
	return plan{name: "release-services", parts: append(pairs(cover), release.ServicesSQL()), reads: leftOf["release"],
		fill: func(ctx context.Context, db *warehouse.DB) error {
			seed, err := sql.FS.Open("seed/language.csv")
			if err != nil {
				return err
			}
			defer seed.Close()
			languages, err := csv.NewReader(seed).ReadAll()
			if err != nil {
				return err
			}
			return release.Services(ctx, db, cover, languages[1:])
		}}
}

// reportFile is one file that a report writes beside others.
type reportFile struct {
	name  string
	write func(io.Writer) error
}

// Services writes the public page of services and waits of the published quarter, as a page and as a
// workbook in both languages, and returns where they are.
func (w *Workspace) Services(ctx context.Context) ([]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("report services: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	db, err := w.openLazy(ctx, m, "release-services")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var files []reportFile
	for _, lang := range Languages {
		files = append(files,
			reportFile{filepath.Join("out", m.Quarter.String(), "services-"+lang+".html"), func(to io.Writer) error { return services.Page(ctx, db, lang, to) }},
			reportFile{filepath.Join("out", m.Quarter.String(), "services-"+lang+".xlsx"), func(to io.Writer) error { return services.Workbook(ctx, db, lang, to) }})
	}
	return w.writeReports(files)
}

// writeReports writes files under out/. A workbook that somebody edited, or has open, stays.
func (w *Workspace) writeReports(files []reportFile) ([]string, error) {
	known := w.readWritten()
	var out []string
	for _, f := range files {
		w.Progress("report", f.name)
		var content bytes.Buffer
		if err := f.write(&content); err != nil {
			return out, err
		}
		path := w.Path(f.name)
		if filepath.Ext(path) != ".xlsx" {
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), writeFile(path, content.Bytes())); err != nil {
				return out, err
			}
			out = append(out, path)
			continue
		}
		sum, err := hashFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return out, err
		}
		at := path
		if sum != hash(content.Bytes()) {
			if at, err = place(path, content.Bytes(), sum != "" && sum != known[f.name].SHA256); err != nil {
				return out, err
			}
		}
		if at == path {
			known[f.name] = struct{ From, SHA256 string }{"", hash(content.Bytes())}
		}
		out = append(out, at)
	}
	return out, w.keepWritten(known)
}
