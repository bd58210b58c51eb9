// Package warehouse owns DuckDB: step files, the manifest that publishes them, and locked-down
// connections.
//
// Takes a step's name, its fingerprint and a function that fills it; leaves one immutable database
// file per step; never overwrites a file, downloads an extension or lets SQL out of its folder.
package warehouse

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tributary"
)

// Warehouse is the folder of step files of one workspace.
type Warehouse struct {
	// Root is cache/warehouse; Temp is where the engine spills and half-built files lie.
	Root, Temp string
	Limits     Limits
	// Holder says who holds the lock from now on, for whoever comes second: process, person, machine, since when.
	Holder func() string
	// Kept, where it is set, shares the instances that Open gives.
	Kept *Kept
	// At, where it is set, is the generation that is read, whatever was published since: what is asked for one
	// page is then of one generation.
	At *Manifest
	// IsPassing says that the step files serve this process alone: they are neither compressed nor synced.
	IsPassing bool
}

// Limits bound what one connection may use; zero values take the defaults.
type Limits struct {
	Threads     int    // default: all processors
	MemoryLimit string // in the engine's words; default 2GB
}

// Step is one step file to be: what it is called, what decides its content, and what it may read.
type Step struct {
	// Name is the file's name before the fingerprint, such as core or release-contract.
	Name string
	// Schema is the word that SQL uses for it, such as core or release.
	Schema string
	// Fingerprint covers all that decides the content: SQL, inputs, mapping, facts, engine.
	Fingerprint string
	// Reads maps a schema to the step file it is attached from, read-only.
	Reads map[string]string
	// Folders may be read by table functions; only stage names one, the landing folder.
	Folders []string
	// Threads, where Limits leaves them open, is how many one statement may use; zero means all processors.
	Threads int
}

// Fingerprint condenses the parts that decide a step's content, in order.
func Fingerprint(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s\n", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// File returns the step file's base name.
func (s Step) File() string { return s.Name + "-" + s.Fingerprint + ".duckdb" }

// Path returns where a step file lies. One of a signed quarter is named by its way from the warehouse's folder.
func (w *Warehouse) Path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(w.Root, filepath.FromSlash(file))
}

// Build makes the step file unless it is there already, and reports whether it built. fill sees the
// new database attached under step.Schema and the others read-only; when it returns an error, or the
// process dies, no step file is left behind.
func (w *Warehouse) Build(ctx context.Context, step Step, fill func(context.Context, *DB) error) (built bool, err error) {
	final := w.Path(step.File())
	if _, err := os.Stat(final); err == nil {
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, dir := range []string{w.Root, w.Temp} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return false, err
		}
	}
	half := filepath.Join(w.Temp, step.File())
	if err := removeDatabase(half); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, removeDatabase(half)) }()

	attach := []attachment{{schema: step.Schema, path: half, write: true}}
	for schema, file := range step.Reads {
		attach = append(attach, attachment{schema: schema, path: w.Path(file)})
	}
	// What is half built needs no checkpoint under way: each writes again what a later statement changes.
	settings := []string{"set checkpoint_threshold = '1GB'"}
	if w.IsPassing {
		settings = append(settings, "set force_compression = 'uncompressed'")
	}
	limits := w.Limits
	limits.Threads = cmp.Or(limits.Threads, step.Threads)
	db, err := open(ctx, limits, w.Temp, attach, step.Folders, settings...)
	if err != nil {
		return false, fmt.Errorf("step %s: %w", step.Name, err)
	}
	err = fill(ctx, db)
	if err == nil {
		err = db.Exec(ctx, "checkpoint "+quote(step.Schema))
	}
	if err == nil {
		err = db.Exec(ctx, "detach "+quote(step.Schema))
	}
	err = errors.Join(err, db.Close())
	if err != nil {
		return false, fmt.Errorf("step %s: %w", step.Name, err)
	}
	if err := os.Chmod(half, 0o600); err != nil {
		return false, err
	}
	if w.IsPassing {
		return true, os.Rename(half, final)
	}
	return true, rename(half, final)
}

// Open attaches the named step files read-only: schema to file.
func (w *Warehouse) Open(ctx context.Context, files map[string]string) (*DB, error) {
	if w.Kept != nil {
		return w.Kept.Open(ctx, w, files)
	}
	return w.OpenWith(ctx, files)
}

// OpenWith is Open for queries that also read files in folders, or that make tables of their own: the instance
// is the caller's alone.
func (w *Warehouse) OpenWith(ctx context.Context, files map[string]string, folders ...string) (*DB, error) {
	var attach []attachment
	for schema, file := range files {
		path := w.Path(file)
		if _, err := os.Stat(path); err != nil {
			return nil, tributary.Fix(fmt.Errorf("open %s: %w", file, err), "build it again with: tributary run")
		}
		attach = append(attach, attachment{schema: schema, path: path})
	}
	if err := os.MkdirAll(w.Temp, 0o700); err != nil {
		return nil, err
	}
	return open(ctx, w.Limits, w.Temp, attach, folders)
}

// Match lists the files of a folder whose names fit a pattern of path.Match, in order. The folder's own name is none: a
// person may call it anything.
func Match(folder, pattern string) ([]string, error) {
	names, err := fs.Glob(os.DirFS(folder), pattern)
	for i, n := range names {
		names[i] = filepath.Join(folder, n)
	}
	return names, err
}

// removeDatabase removes a half-built database and its write-ahead log.
func removeDatabase(path string) error {
	var errs []error
	for _, p := range []string{path, path + ".wal"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// rename makes a finished file visible, durably: the file and then its folder are synced.
func rename(from, to string) error {
	f, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Text writes s as an SQL text literal.
func Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
