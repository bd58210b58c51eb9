package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// backupList is the file of a backup that says what is in it.
const backupList = "backup.json"

// Backup is what a backup says of itself.
type Backup struct {
	Program string    `json:"program"`
	MadeAt  time.Time `json:"made_at"`
	// Ledger is the head of the ledger in it; Files is the sha256 of every file by name.
	Ledger string            `json:"ledger"`
	Files  map[string]string `json:"files"`
}

// Backup copies all that cannot be made again (settings, mappings, own SQL, templates, register and kept/) into
// a new folder, whole or not at all, while nothing runs.
func (w *Workspace) Backup(ctx context.Context, dest string) (Backup, error) {
	b := Backup{Program: w.Program, MadeAt: w.Now().UTC().Truncate(time.Second), Files: map[string]string{}}
	dest, err := filepath.Abs(dest)
	if err != nil {
		return b, err
	}
	if _, err := os.Stat(dest); err == nil {
		return b, tributary.Fix(fmt.Errorf("backup: %s is there already", dest), "name a new folder for each backup, such as one with today's date")
	}
	if inside, err := filepath.Rel(w.Dir, dest); err == nil && !strings.HasPrefix(inside, "..") {
		return b, tributary.Fix(errors.New("backup: the folder lies in the workspace itself"), "name one on another disk")
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return b, fmt.Errorf("backup: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	if err := w.Ledger.Verify(ctx); err != nil {
		return b, err
	}
	half := dest + ".half"
	if err := errors.Join(os.RemoveAll(half), os.MkdirAll(filepath.Join(half, "kept"), 0o700)); err != nil {
		return b, err
	}
	defer os.RemoveAll(half) //nolint:errcheck // renamed away when all went well
	for _, top := range []string{"tributary.yaml", register, "agencies", "sql", "templates", "kept"} {
		err := filepath.WalkDir(w.Path(top), func(p string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil {
				err = ctx.Err()
			}
			name, rel := filepath.Rel(w.Dir, p)
			if err = errors.Join(err, rel); err != nil || !e.Type().IsRegular() || strings.HasPrefix(name, filepath.Join("kept", "ledger.sqlite")) {
				return err
			}
			w.Progress("backup", name)
			to := filepath.Join(half, name)
			if err := copyFileTo(p, to); err != nil {
				return err
			}
			b.Files[filepath.ToSlash(name)], err = hashFile(to)
			return err
		})
		if err != nil {
			return b, fmt.Errorf("backup: %w", err)
		}
	}
	facts := filepath.Join(half, "kept", "ledger.sqlite")
	if err := w.Ledger.Backup(ctx, facts); err != nil {
		return b, err
	}
	if b.Files["kept/ledger.sqlite"], err = hashFile(facts); err != nil {
		return b, err
	}
	if b.Ledger, err = w.Ledger.Head(ctx); err != nil {
		return b, err
	}
	list, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return b, err
	}
	if err := os.WriteFile(filepath.Join(half, backupList), append(list, '\n'), 0o600); err != nil {
		return b, err
	}
	return b, os.Rename(half, dest)
}

// CheckBackup reads a backup whole: every file by its hash, the chain of the ledger, and each submission in it. The
// faults are those that it found; with any, it must not be relied on.
func CheckBackup(ctx context.Context, from string) (Backup, []string, error) {
	var b Backup
	data, err := os.ReadFile(filepath.Join(from, backupList))
	if err == nil {
		err = json.Unmarshal(data, &b)
	}
	if err != nil {
		return b, nil, tributary.Fix(fmt.Errorf("restore: %s is no backup: %w", from, err), "name a folder that tributary backup made")
	}
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return b, nil, tributary.Fix(fmt.Errorf("restore: %q is no name in a backup", name), "the list was changed: take another backup")
		}
		sum, err := hashFile(filepath.Join(from, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			faults = append(faults, name+": is gone")
		case err != nil:
			return b, nil, err
		case sum != b.Files[name]:
			faults = append(faults, name+": is not as it was written")
		}
	}
	facts, err := ledger.Open(ctx, filepath.Join(from, "kept", "ledger.sqlite"))
	if err != nil {
		return b, append(faults, "kept/ledger.sqlite: cannot be opened"), nil
	}
	defer facts.Close()
	if err := facts.Verify(ctx); err != nil {
		faults = append(faults, err.Error())
	} else if head, err := facts.Head(ctx); err != nil || head != b.Ledger {
		faults = append(faults, "kept/ledger.sqlite: does not end where the backup says")
	}
	folder := submit.Folder(filepath.Join(from, "kept", "submissions"))
	entries, err := os.ReadDir(string(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return b, faults, err
	}
	for _, e := range entries {
		m, err := folder.Read(e.Name())
		if err != nil {
			continue // one that was half made
		}
		bundle, err := submit.Open(folder.Path(m.Submission, "bundle"))
		var seal submit.Seal
		if err == nil {
			seal, err = bundle.Verify(nil)
		}
		if err != nil || !seal.IsWhole() {
			faults = append(faults, "kept/submissions/"+m.Submission+": is not whole")
		}
	}
	return b, faults, nil
}

// Restore puts a checked backup into a folder that is not there yet, or empty.
func Restore(ctx context.Context, from, to string) (Backup, error) {
	b, faults, err := CheckBackup(ctx, from)
	if err != nil {
		return b, err
	}
	if len(faults) > 0 {
		return b, tributary.Fix(fmt.Errorf("restore: the backup is damaged: %s", strings.Join(faults, "; ")), "take an older one; see all faults with: tributary restore --check "+from)
	}
	if entries, err := os.ReadDir(to); len(entries) > 0 {
		return b, tributary.Fix(fmt.Errorf("restore: %s is not empty", to), "name a new folder; move the old one away only when the new one works")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	half := filepath.Clean(to) + ".half"
	if err := os.RemoveAll(half); err != nil {
		return b, err
	}
	defer os.RemoveAll(half) //nolint:errcheck // renamed away when all went well
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		if err := ctx.Err(); err != nil {
			return b, err
		}
		if err := copyFileTo(filepath.Join(from, filepath.FromSlash(name)), filepath.Join(half, filepath.FromSlash(name))); err != nil {
			return b, fmt.Errorf("restore: %w", err)
		}
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	return b, os.Rename(half, to)
}

// Upgrade is what another version of the program would make of the published numbers and of what was signed.
type Upgrade struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Quarter string `json:"quarter"`
	// Changes are the published cells that would move; Signed says of each standing submission how many cells this
	// version counts differently. These stay as they were signed all the same.
	Changes []Change       `json:"changes"`
	Signed  map[string]int `json:"signed"`
}

// UpgradePlan builds the published quarter with this program, publishes nothing, and reproduces what was signed.
func (w *Workspace) UpgradePlan(ctx context.Context) (Upgrade, error) {
	u := Upgrade{To: w.Program, Changes: []Change{}, Signed: map[string]int{}}
	m, err := w.House.Current()
	if err != nil {
		return u, err
	}
	u.From, u.Quarter = m.Program, m.Quarter.String()
	if u.Changes, _, err = w.Plan(ctx, m.Quarter); err != nil {
		return u, err
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return u, err
	}
	for _, q := range slices.Sorted(maps.Keys(standing)) {
		r, err := w.Reproduce(ctx, standing[q].ID)
		if err != nil {
			return u, err
		}
		u.Signed[r.Submission] = len(r.Moved)
	}
	return u, nil
}

// Due is a landed file whose time is over.
type Due struct {
	tributary.File
	// Stays says why it is kept all the same; empty when it goes.
	Stays string
}

// DueForPurge lists the landed files of fiscal years that ended longer ago than they are kept. Those of a quarter
// that is not signed stay: its numbers would be lost with them.
func (w *Workspace) DueForPurge(ctx context.Context) ([]Due, error) {
	years := w.Settings.Retention.LandedYears
	if years == 0 {
		return nil, tributary.Fix(errors.New("purge: nothing says how long landed files are kept"), "set retention: landed_years: in tributary.yaml, as your agreements and policies say")
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return nil, err
	}
	files, err := w.Landing.Files("", tributary.Quarter{})
	if err != nil {
		return nil, err
	}
	var out []Due
	for _, f := range files {
		end := f.Quarter
		for end.Number() < 4 {
			end = end.Next()
		}
		if !end.End().AddDate(years, 0, 0).Before(w.Now()) {
			continue
		}
		d := Due{File: f}
		if _, isSigned := standing[f.Quarter.String()]; f.Agency == registerAgency {
			d.Stays = "the register speaks for all quarters"
		} else if !isSigned {
			d.Stays = f.Quarter.String() + " is not signed"
		}
		out = append(out, d)
	}
	return out, nil
}

// Purge removes what is due, writes down what it was by its hash before, proves that nothing of it is left, and
// empties cache/, which holds copies. Signed numbers stay; what was purged cannot be counted again.
func (w *Workspace) Purge(ctx context.Context, why string) ([]Due, error) {
	due, err := w.DueForPurge(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("purge: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	var files []tributary.File
	var gone []Due
	var entries []ledger.Entry
	for _, d := range due {
		if d.Stays != "" {
			continue
		}
		files, gone = append(files, d.File), append(gone, d)
		entries = append(entries, ledger.Entry{Kind: "purge", Who: w.Who, At: w.Now(), Why: why, Fields: map[string]string{
			"agency": d.Agency, "quarter": d.Quarter.String(), "file": d.Name, "version": fmt.Sprint(d.Version), "sha256": d.SHA256, "size": fmt.Sprint(d.Size)}})
	}
	if len(files) == 0 {
		return nil, nil
	}
	if err := w.Ledger.Append(ctx, entries...); err != nil {
		return nil, err
	}
	if err := w.Landing.Purge(files); err != nil {
		return gone, fmt.Errorf("purge: %w", err)
	}
	left, err := w.Landing.Files("", tributary.Quarter{})
	if err != nil {
		return gone, err
	}
	for _, f := range files {
		isShared := slices.ContainsFunc(left, func(o tributary.File) bool { return o.SHA256 == f.SHA256 })
		if at := w.Landing.Holds(f); at != "" && !isShared {
			return gone, tributary.Fix(fmt.Errorf("purge: %s %s %s: %s is still there", f.Agency, f.Quarter, f.Name, at), "close what has it open, and purge again")
		}
	}
	steps, err := warehouse.Match(w.House.Root, "*.duckdb")
	for _, s := range steps {
		err = errors.Join(err, os.Remove(s))
	}
	inside, globbed := warehouse.Match(w.House.Root, "generation-*")
	for _, s := range append(inside, filepath.Join(w.House.Root, "current")) {
		if removed := os.Remove(s); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return gone, errors.Join(err, globbed)
}
