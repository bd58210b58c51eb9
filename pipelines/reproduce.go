package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/mapping"
	"tributary/pipelines/model"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
	"tributary/reports/submit"
	"tributary/sql"
)

// Reproduced says how far a submission could be made again.
type Reproduced struct {
	Submission string `json:"submission"`
	// MadeBy is the program that prepared it; IsSameProgram that this one is the same: then every byte is compared,
	// else every cell.
	MadeBy        string `json:"made_by"`
	IsSameProgram bool   `json:"is_same_program"`
	// FromFiles says that the numbers were counted again from the landed files; else these were purged, and the
	// workbooks were written again from the sealed release.
	FromFiles bool     `json:"from_files"`
	Purged    []string `json:"purged"`
	// Files is how many files of the bundle are byte-identical, Differ which are not.
	Files  int      `json:"files"`
	Differ []string `json:"differ"`
	// Cells is how many published cells were compared, Moved which of them differ.
	Cells int     `json:"cells"`
	Moved []Moved `json:"moved"`
}

// Reproduce makes a submission again from what it stood on: landed files, mappings, settings and own SQL as they
// were, and the facts up to its last entry. It writes nothing but temporary files.
func (w *Workspace) Reproduce(ctx context.Context, id string) (Reproduced, error) {
	out := Reproduced{Submission: id, Purged: []string{}, Differ: []string{}, Moved: []Moved{}}
	_, man, err := w.submission(ctx, id)
	if err != nil {
		return out, err
	}
	differ, err := w.differ(id, man)
	if err != nil {
		return out, err
	}
	if len(differ) > 0 {
		return out, tributary.Fix(fmt.Errorf("submission %s: %s", id, strings.Join(differ, "; ")), "restore kept/submissions from the newest backup")
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return out, fmt.Errorf("submit reproduce: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	out.MadeBy, out.IsSameProgram = man.Program, man.Program == w.Program
	var landed []tributary.File
	data, err := os.ReadFile(w.proof(id, "landed.json"))
	if err == nil {
		err = json.Unmarshal(data, &landed)
	}
	if err != nil {
		return out, err
	}
	if out.Purged, err = w.gone(ctx, landed); err != nil {
		return out, err
	}
	out.FromFiles = len(out.Purged) == 0
	if !out.FromFiles {
		m := warehouse.Manifest{Quarter: man.Quarter, Program: w.Program, Steps: w.sealedSteps(id)}
		books, err := w.books(ctx, m)
		if err != nil {
			return out, err
		}
		for _, name := range slices.Sorted(maps.Keys(books)) {
			out.compare(man, name, hash(books[name]))
		}
		return out, nil
	}
	then, err := w.then(id, man, landed)
	if err != nil {
		return out, err
	}
	m, err := then.build(ctx, man.Quarter, &Outcome{})
	if err != nil {
		return out, fmt.Errorf("submit reproduce %s: %w", id, err)
	}
	bundle, _, err := then.parts(ctx, m)
	if err != nil {
		return out, err
	}
	if man.Restates != "" {
		old, err := w.submissions().Read(man.Restates)
		if err != nil {
			return out, err
		}
		files, _, err := then.corrections(ctx, m, old, man)
		if err != nil {
			return out, err
		}
		bundle = append(bundle, files...)
	}
	if out.IsSameProgram {
		for _, f := range bundle {
			out.compare(man, f.Name, hash(f.Data))
		}
	}
	return out, then.compareCells(ctx, &out, w.House.Path(w.proof(id, "measure.duckdb")), m)
}

func (r *Reproduced) compare(man submit.Manifest, name, sum string) {
	switch want, ok := man.Bundle[name]; {
	case !ok:
	case want == sum:
		r.Files++
	default:
		r.Differ = append(r.Differ, name)
	}
}

// gone lists the landed files whose columnar copies are no longer there, and says which were purged.
func (w *Workspace) gone(ctx context.Context, landed []tributary.File) ([]string, error) {
	purged := map[string]string{}
	facts, err := w.Ledger.Current(ctx, "purge")
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		purged[f.Fields["sha256"]] = f.At.UTC().Format(time.DateOnly)
	}
	out := []string{}
	for _, f := range landed {
		isGone := false
		for _, s := range f.Sheets {
			if _, err := os.Stat(filepath.Join(w.Landing.Root, filepath.FromSlash(s.Parquet))); err != nil {
				isGone = true
			}
		}
		if !isGone {
			continue
		}
		what := fmt.Sprintf("%s %s %s", f.Agency, f.Quarter, f.Name)
		if on := purged[f.SHA256]; on != "" {
			out = append(out, what+": purged on "+on)
		} else {
			return nil, tributary.Fix(fmt.Errorf("%s: its columnar copy is gone, and no purge removed it", what), "restore kept/landing from the newest backup")
		}
	}
	return out, nil
}

// then is the workspace as it was when a submission was prepared, in a temporary folder.
func (w *Workspace) then(id string, man submit.Manifest, landed []tributary.File) (*Workspace, error) {
	dir := w.Path("cache", "tmp", "reproduce-"+id)
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	for name := range man.Workspace {
		if err := copyFileTo(w.proof(id, "workspace/"+name), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return nil, err
		}
	}
	then := &Workspace{Dir: dir, Log: w.Log, Who: w.Who, Program: w.Program, Progress: w.Progress, Secret: w.Secret, Landing: w.Landing,
		Now: func() time.Time { return man.PreparedAt }, Ledger: w.Ledger.AsOf(man.Facts.Entries),
		landed: landed, standsOn: man.StandsOn, open: man.Quarter.String(), submitted: w.submissions(),
		House: &warehouse.Warehouse{Root: filepath.Join(dir, "warehouse"), Temp: filepath.Join(dir, "tmp"), Limits: w.House.Limits, IsPassing: true}}
	var faults [3]error
	then.Settings, faults[0] = ReadSettings(dir)
	then.Agencies, faults[1] = mapping.Load(model.Overlay(forms.Mapping, os.DirFS(dir)))
	then.Models, faults[2] = model.Load(model.Overlay(sql.FS, overlay(filepath.Join(dir, "sql"))))
	if err := errors.Join(faults[:]...); err != nil {
		return nil, tributary.Fix(fmt.Errorf("submission %s: this program does not read the mappings and settings of then: %w", id, err),
			"reproduce it with the program that made it: "+man.Program)
	}
	then.Models.IsBare = true
	return then, nil
}

func copyFileTo(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// compareCells compares every cell of the quarter with the sealed ones.
func (w *Workspace) compareCells(ctx context.Context, out *Reproduced, sealed string, m warehouse.Manifest) error {
	db, err := w.House.Open(ctx, map[string]string{"old": sealed, "new": m.Steps["measure"]})
	if err != nil {
		return err
	}
	defer db.Close()
	c := &comparison{w: w, db: db, quarter: m.Quarter}
	if out.Moved, err = c.cells(ctx); err != nil {
		return err
	}
	if out.Moved == nil {
		out.Moved = []Moved{}
	}
	return db.Scan(ctx, "select count(*) from old.cell where quarter = ?", []any{m.Quarter.String()}, &out.Cells)
}
