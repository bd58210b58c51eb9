package pipelines

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
	"tributary/reports/ministry"
)

// written remembers what was last written under out/, so that an edited workbook is known as one. It
// may be lost: then a file that is not what would be written now counts as edited.
type written map[string]struct{ From, SHA256 string }

func (w *Workspace) writtenPath() string { return w.Path("cache", "written.json") }

func (w *Workspace) readWritten() written {
	out := written{}
	data, err := os.ReadFile(w.writtenPath())
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.Log.Warn("the record of written reports is read as empty", "err", err)
	}
	return out
}

// workbook is where the ministry workbook of a quarter and language stands.
func workbook(q tributary.Quarter, lang string) string {
	return filepath.Join("out", q.String(), "ministry-"+lang+".xlsx")
}

// Languages are those in which a workbook is written.
var Languages = []string{"en", "fr"}

// report writes the workbooks whose release has changed, and their cell maps beside them.
func (w *Workspace) report(ctx context.Context, m warehouse.Manifest, q tributary.Quarter, languages []string) ([]string, error) {
	known := w.readWritten()
	var wrote []string
	var db *warehouse.DB
	defer func() {
		if db != nil {
			db.Close()
		}
	}()
	for _, lang := range languages {
		name := workbook(q, lang)
		path := w.Path(name)
		from := m.Steps["release-contract"] + " " + w.Program
		sum, err := hashFile(path)
		if err == nil && known[name].From == from && known[name].SHA256 == sum {
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrote, err
		}
		w.Progress("report", name)
		if db == nil {
			if db, err = w.House.Open(ctx, map[string]string{"release": m.Steps["release-contract"]}); err != nil {
				return wrote, err
			}
		}
		var book bytes.Buffer
		cells, err := ministry.Write(ctx, db, q, lang, &book)
		if err != nil {
			return wrote, err
		}
		edited := sum != "" && sum != known[name].SHA256
		at, err := place(path, book.Bytes(), edited)
		if err != nil {
			return wrote, err
		}
		if err := writeCells(at, cells); err != nil {
			return wrote, err
		}
		if at == path {
			known[name] = struct{ From, SHA256 string }{from, hash(book.Bytes())}
		}
		wrote = append(wrote, at)
	}
	if len(wrote) == 0 {
		return nil, nil
	}
	return wrote, w.keepWritten(known)
}

// place writes a workbook, atomically. A file that a person edited, or holds open, is left alone and
// the new one is put beside it as "name (2).xlsx".
func place(path string, data []byte, edited bool) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	stem := path[:len(path)-len(filepath.Ext(path))]
	half := stem + ".half"
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return "", err
	}
	if !edited && !isOpen(path) {
		if err := os.Rename(half, path); err == nil {
			return path, nil
		}
	} else if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return path, os.Remove(half)
	}
	for n := 2; n < 100; n++ {
		beside := fmt.Sprintf("%s (%d).xlsx", stem, n)
		if sum, err := hashFile(beside); err == nil && sum != hash(data) {
			continue // that one may have been edited too
		}
		if err := os.Rename(half, beside); err == nil {
			return beside, nil
		}
	}
	return "", tributary.Fix(fmt.Errorf("write %s: it and 98 copies beside it cannot be replaced", filepath.Base(path)),
		"close the workbooks that are open, and move away the copies that you do not need")
}

// writeCells writes the cell map beside a workbook.
func writeCells(path string, cells []ministry.Cell) error {
	data, err := cellMap(cells)
	if err != nil {
		return err
	}
	return os.WriteFile(path[:len(path)-len(".xlsx")]+".cells.csv", data, 0o600)
}

// cellMap is the cell map as text.
func cellMap(cells []ministry.Cell) ([]byte, error) {
	lines := [][]string{{"sheet", "cell", "cell_id", "value"}}
	for _, c := range cells {
		lines = append(lines, []string{c.Sheet, c.Cell, c.CellID, strconv.FormatFloat(c.Value, 'g', -1, 64)})
	}
	return csvText(lines)
}

// readBack takes the words that people typed into the marked cells of a workbook into the ledger.
func (w *Workspace) readBack(ctx context.Context, q tributary.Quarter) (words int, err error) {
	known := w.readWritten()
	before := len(known)
	var books []string
	for _, lang := range Languages {
		books = append(books, workbook(q, lang), annualBook(q, lang))
	}
	for _, book := range books {
		stem := strings.TrimSuffix(w.Path(book), ".xlsx")
		beside, err := warehouse.Match(filepath.Dir(stem), filepath.Base(stem)+" ([0-9]*).xlsx")
		if err != nil {
			return words, err
		}
		for _, path := range append([]string{stem + ".xlsx"}, beside...) {
			sum, err := hashFile(path)
			if errors.Is(err, fs.ErrNotExist) || sum == known[book].SHA256 {
				continue
			}
			if err != nil {
				return words, err
			}
			// Each edited content is read once: else two edited copies would answer each other for ever.
			read := "read " + sum
			if _, done := known[read]; done {
				continue
			}
			n, err := w.takeNotes(ctx, path)
			if err != nil {
				return words, fmt.Errorf("read back %s: %w", filepath.Base(path), err)
			}
			words += n
			known[read] = struct{ From, SHA256 string }{filepath.Base(path), sum}
		}
	}
	if len(known) == before {
		return words, nil
	}
	return words, w.keepWritten(known)
}

func (w *Workspace) keepWritten(known written) error {
	data, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(w.writtenPath()), 0o700); err != nil {
		return err
	}
	return os.WriteFile(w.writtenPath(), data, 0o600)
}

// takeNotes appends each note that differs from the one that holds now.
func (w *Workspace) takeNotes(ctx context.Context, path string) (int, error) {
	book, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer book.Close()
	notes, edited, err := ministry.ReadNotes(book)
	if err != nil || !edited {
		return 0, err
	}
	current, err := w.Ledger.Current(ctx, "note")
	if err != nil {
		return 0, err
	}
	holds := map[[2]string]string{}
	for _, e := range current {
		holds[[2]string{e.Fields["cell_id"], e.Fields["field"]}] = e.Fields["text"]
	}
	var entries []ledger.Entry
	for _, n := range notes {
		was, ok := holds[[2]string{n.CellID, n.Field}]
		if !n.Changed || was == n.Text || (!ok && n.Text == "") {
			continue
		}
		entries = append(entries, ledger.Entry{Kind: "note", Who: w.Who, At: w.Now(), Why: "typed into " + filepath.Base(path),
			Ends: n.Text == "", Fields: map[string]string{"cell_id": n.CellID, "field": n.Field, "text": n.Text}})
	}
	if len(entries) == 0 {
		return 0, nil
	}
	w.Log.Info("words read back from a workbook", "step", "report", "file", filepath.Base(path), "rows", len(entries))
	return len(entries), w.Ledger.Append(ctx, entries...)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func hashFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return hash(data), nil
}

// Report reads typed words back, builds what they change, and writes the workbooks of the published
// quarter in the languages named.
func (w *Workspace) Report(ctx context.Context, languages ...string) ([]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	now, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	if _, err := w.readBack(ctx, now.Quarter); err != nil {
		return nil, err
	}
	next, err := w.build(ctx, now.Quarter, &Outcome{})
	if err != nil {
		return nil, err
	}
	if now, err = w.House.Publish(next); err != nil {
		return nil, err
	}
	wrote, err := w.reportAny(ctx, now, now.Quarter, languages)
	if err != nil {
		return wrote, err
	}
	forms, err := w.reportTemplates(ctx, now.Quarter)
	return append(wrote, forms...), err
}
