// Package land keeps what came: the file as it is, by its hash, and a columnar copy of every row of
// every sheet, all text, each row with its number.
//
// Takes an inbox folder that is complete. Leaves the original, the columnar copies and one catalogue
// entry per file, written last. Never changes a value, drops a row or overwrites what is there, and
// never keeps a column that may not be held (DESIGN.md section 8).
package land

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
)

// Store is the folder of landed files. Its zero Log is silent and its zero Threads means all cores.
type Store struct {
	// Root is the folder kept/landing; Temp is a folder for what is only needed while reading.
	Root    string
	Temp    string
	Log     *slog.Logger
	Threads int
}

// Land stores every file found in inbox, a folder that is complete, for the agency and quarter, and
// returns them sorted by name and version. Files that landed before with the same name and content
// are recognised, and read again only when their hint has changed. Of the hints the first whose
// pattern matches the base name counts. What is wrong with a file is a finding of it; an error is
// about this machine, and Land may then be called again.
func (s *Store) Land(ctx context.Context, inbox, agency string, q tributary.Quarter, hints []tributary.Hint, at time.Time) ([]tributary.File, error) {
	d := &delivery{Store: s, ctx: ctx, agency: agency, quarter: q, hints: hints, at: at, copies: map[string]error{}}
	files, err := d.land(inbox)
	if err != nil {
		return nil, fmt.Errorf("land %s %s: %w", agency, q, err)
	}
	return files, nil
}

// delivery is the landing of one inbox.
type delivery struct {
	*Store
	ctx     context.Context
	agency  string
	quarter tributary.Quarter
	hints   []tributary.Hint
	at      time.Time

	entries []entry
	landed  []tributary.File
	temp    string
	// copies has what is wrong with each columnar copy that was looked at.
	copies map[string]error
}

func (d *delivery) land(inbox string) ([]tributary.File, error) {
	if !isPlainName(d.agency) || d.quarter.IsZero() {
		return nil, tributary.Fix(fmt.Errorf("agency %q, quarter %q: not both named", d.agency, d.quarter), "name an agency and a quarter")
	}
	var err error
	if d.entries, err = d.catalogue(d.agency, d.quarter); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.Temp, 0o700); err != nil {
		return nil, err
	}
	if d.temp, err = os.MkdirTemp(d.Temp, "land-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(d.temp)
	if err := d.sweep(); err != nil {
		return nil, err
	}
	names, err := inboxFiles(inbox)
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, name := range names {
		if err := d.ctx.Err(); err != nil {
			return nil, err
		}
		if err := d.landFile(filepath.Join(inbox, filepath.FromSlash(name)), readable(name)); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if err := d.renew(); err != nil {
		faults = append(faults, err)
	}
	slices.SortFunc(d.landed, compareFiles)
	return d.landed, errors.Join(faults...)
}

// inboxFiles lists the files below the folder by name, without links and what systems leave about.
func inboxFiles(inbox string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(inbox, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(inbox, p)
		if name = filepath.ToSlash(name); err == nil && !isClutter(name) {
			names = append(names, name)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// landFile lands one file, and the members of a zip after it.
func (d *delivery) landFile(at, name string) error {
	hint := d.hint(name)
	if sent, ok := copyOf(at, name); ok {
		name, hint = sent, ofCopy(d.hint(sent))
	}
	known, err := d.recognise(at, name, hint)
	if err != nil {
		return err
	}
	if known == nil {
		known, err = d.read(at, name, hint, nil)
		if err != nil {
			return err
		}
	} else {
		d.landed = append(d.landed, d.membersOf(known)...)
	}
	d.landed = append(d.landed, known.File)
	if !known.Original {
		// What may not be held leaves the inbox too.
		return os.Remove(at)
	}
	return nil
}

// hint returns the first hint that matches the base name, in capitals or not: to a mapping they are the same.
func (d *delivery) hint(name string) tributary.Hint {
	for _, h := range d.hints {
		if ok, err := path.Match(strings.ToLower(h.Pattern), strings.ToLower(path.Base(name))); ok && err == nil {
			return h
		}
	}
	return tributary.Hint{}
}

// recognise returns the entry of a file that landed before with this content and needs no reading.
func (d *delivery) recognise(at, name string, hint tributary.Hint) (*entry, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	sha := ""
	for i := range d.entries {
		e := &d.entries[i]
		if e.Name != name || e.Size != info.Size() {
			continue
		}
		if sha == "" {
			if sha, err = hashFile(at); err != nil {
				return nil, err
			}
		}
		if e.SHA256 == sha && d.isCurrent(e, hint) {
			return e, nil
		}
	}
	return nil, nil
}

// isCurrent says that reading the file again would change nothing.
func (d *delivery) isCurrent(e *entry, hint tributary.Hint) bool {
	if e.ReadWith != fingerprint(hint, e.Name) || e.isLocked() || d.fault(e) != nil {
		return false
	}
	for _, key := range e.Members {
		m := d.find(key)
		if m == nil || !d.isCurrent(m, d.hintOf(m)) {
			return false
		}
	}
	return true
}

func (d *delivery) find(key memberKey) *entry {
	for i := range d.entries {
		if e := &d.entries[i]; e.Name == key.Name && e.SHA256 == key.SHA256 {
			return e
		}
	}
	return nil
}

// membersOf returns the files of a zip that landed before.
func (d *delivery) membersOf(e *entry) []tributary.File {
	var files []tributary.File
	for _, key := range e.Members {
		if m := d.find(key); m != nil {
			files = append(files, d.membersOf(m)...)
			files = append(files, m.File)
		}
	}
	return files
}

// read reads the file at path and writes its copies, its original and its catalogue entry. as is the
// entry that is made anew, nil for a file that came now.
func (d *delivery) read(at, name string, hint tributary.Hint, as *entry) (*entry, error) {
	into, err := os.MkdirTemp(d.columnsFolder(), d.prefix())
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(into)
	blob := &blobFile{folder: filepath.Join(d.Root, "blob"), prefix: d.prefix()}
	defer blob.discard()
	r := &reading{ctx: d.ctx, path: at, name: name, hint: hint, into: into, temp: d.temp, threads: d.Threads, keep: blob.open}
	if as != nil && as.Original {
		// The store has it.
		r.keep = nil
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	if as != nil && r.file.SHA256 != as.SHA256 {
		return nil, tributary.Fix(errors.New("original differs from what landed"), restoreFix)
	}
	e := entry{File: r.file, ReadWith: fingerprint(hint, name)}
	e.Agency, e.Quarter, e.ReceivedAt = d.agency, d.quarter, d.at.UTC()
	d.number(&e)
	if err := d.keepColumns(into, &e); err != nil {
		return nil, err
	}
	if e.Original {
		if err := blob.keep(e.SHA256); err != nil {
			return nil, err
		}
	}
	for _, sheet := range e.Sheets {
		d.copies[sheet.Parquet] = nil
	}
	for i := range e.Findings {
		a := &e.Findings[i].Address
		a.Agency, a.Quarter, a.File, a.Version = d.agency, d.quarter, e.Name, e.Version
	}
	isStripped, err := d.members(r, &e)
	if err != nil {
		return nil, err
	}
	if isStripped {
		// A zip that holds what may not be held goes with its member.
		e.Original = false
	}
	if err := d.write(e); err != nil {
		return nil, err
	}
	// After the entry: a kill between the two leaves a file too many, which the next run removes.
	if err := d.forget(e); err != nil {
		return nil, err
	}
	d.remember(e)
	if d.Log != nil {
		d.Log.Debug("file landed", "step", "land", "agency", d.agency, "quarter", d.quarter.String(), "file", e.Name,
			"rows", rowCount(e.File), "findings", len(e.Findings))
	}
	return &e, nil
}

// members lands what a zip holds; isStripped says that one of them may not be kept as it came.
func (d *delivery) members(r *reading, zip *entry) (isStripped bool, err error) {
	for _, m := range r.members {
		e, err := d.read(m.path, m.name, d.hint(m.name), nil)
		if err != nil {
			return false, fmt.Errorf("%s: %w", m.name, err)
		}
		if err := os.Remove(m.path); err != nil {
			return false, err
		}
		isStripped = isStripped || !e.Original
		d.landed = append(d.landed, e.File)
		zip.Members = append(zip.Members, memberKey{e.Name, e.SHA256})
	}
	return isStripped, nil
}

// number gives the entry the version of the same content, else the next one.
func (d *delivery) number(e *entry) {
	e.Version = 1
	for i := range d.entries {
		old := &d.entries[i]
		if old.Name != e.Name {
			continue
		}
		if old.SHA256 == e.SHA256 {
			e.Version, e.ReceivedAt = old.Version, old.ReceivedAt
			return
		}
		e.Version = max(e.Version, old.Version+1)
	}
}

func (d *delivery) remember(e entry) {
	for i := range d.entries {
		if d.entries[i].Name == e.Name && d.entries[i].Version == e.Version {
			d.entries[i] = e
			return
		}
	}
	d.entries = append(d.entries, e)
}

// renew reads again, from their originals, the files that landed before under another hint and those
// whose columnar copy is damaged.
func (d *delivery) renew() error {
	var faults []error
	for _, e := range slices.Clone(d.entries) {
		if err := d.forget(e); err != nil {
			return err
		}
		hint := d.hintOf(&e)
		isUnlocked := e.isLocked() && hint.Password != ""
		damaged := d.fault(&e)
		if !e.Original && damaged != nil {
			faults = append(faults, tributary.Fix(fmt.Errorf("%s: %w", e.Name, damaged), resendFix))
		}
		if e.ReadWith == fingerprint(hint, e.Name) && !isUnlocked && damaged == nil || !e.Original || e.Format == "zip" {
			continue
		}
		now, err := d.read(d.blobPath(e.SHA256), e.Name, hint, &e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		if !now.Original {
			if err := d.dropParents(memberKey{e.Name, e.SHA256}); err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
		}
	}
	return errors.Join(faults...)
}

// dropParents removes the zips that hold a member which may no longer be kept as it came.
func (d *delivery) dropParents(key memberKey) error {
	for _, e := range slices.Clone(d.entries) {
		if !e.Original || !slices.Contains(e.Members, key) {
			continue
		}
		e.Original = false
		if err := d.write(e); err != nil {
			return err
		}
		d.remember(e)
		if err := errors.Join(d.forget(e), d.dropParents(memberKey{e.Name, e.SHA256})); err != nil {
			return err
		}
	}
	return nil
}

func rowCount(f tributary.File) int64 {
	n := int64(0)
	for _, s := range f.Sheets {
		n += s.Rows
	}
	return n
}

func isPlainName(s string) bool {
	return s != "" && !strings.ContainsAny(s, `/\:`) && s != "." && s != ".."
}
