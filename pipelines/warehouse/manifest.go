package warehouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"tributary"
)

// Manifest names the step files of one generation. Publishing replaces the file `current`.
type Manifest struct {
	Generation int               `json:"generation"`
	Quarter    tributary.Quarter `json:"quarter"`
	Program    string            `json:"program"`
	// Steps maps a step's name (stage, core, release-contract ...) to its file.
	Steps map[string]string `json:"steps"`
	// Lazy maps a step that is made when somebody first asks for it to the file that it will be.
	Lazy map[string]string `json:"lazy,omitempty"`
	// Sizes are those of the files, so that a truncated one is known.
	Sizes map[string]int64 `json:"sizes"`
	// Ledger is the head of the ledger at publishing: later ledgers hold it too.
	Ledger string `json:"ledger"`
}

// kept is how many generations stay on disk, the current one included.
const kept = 3

// ErrNothingPublished says that no run has published yet.
var ErrNothingPublished = errors.New("nothing is published yet")

// Numbers returns schema to file of what may be opened without seeing a person: the measures and the
// contract release.
func (m Manifest) Numbers() map[string]string { return m.pick("measure", "release-contract") }

// People returns schema to file of all steps; looking at them is audited by the caller.
func (m Manifest) People() map[string]string {
	return m.pick("fact", "stage", "core", "link", "measure", "release-contract")
}

func (m Manifest) pick(steps ...string) map[string]string {
	files := map[string]string{}
	for _, s := range steps {
		if f, ok := m.Steps[s]; ok {
			schema, _, _ := strings.Cut(s, "-")
			files[schema] = f
		}
	}
	return files
}

// Current reads the published manifest.
func (w *Warehouse) Current() (Manifest, error) {
	if w.At != nil {
		return *w.At, nil
	}
	m, err := readManifest(w.Path("current"))
	if errors.Is(err, fs.ErrNotExist) {
		return m, tributary.Fix(ErrNothingPublished, "make the first numbers with: tributary run")
	}
	return m, err
}

func readManifest(path string) (Manifest, error) {
	var m Manifest
	data, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	err = json.Unmarshal(data, &m)
	if err == nil && len(m.Steps) == 0 {
		err = errors.New("names no step file")
	}
	if err != nil {
		return m, tributary.Fix(fmt.Errorf("%s: %w", filepath.Base(path), err),
			"delete the folder cache of the workspace, then: tributary run")
	}
	return m, nil
}

// Publish makes a generation current, atomically, then removes step files that no kept generation
// names. When the steps are those of the current generation it does nothing.
func (w *Warehouse) Publish(m Manifest) (Manifest, error) {
	old, err := w.Current()
	if err == nil && old.same(m) {
		return old, w.sweep()
	}
	m.Generation, m.Sizes = old.Generation+1, map[string]int64{}
	for _, f := range m.Steps {
		info, err := os.Stat(w.Path(f))
		if err != nil {
			return m, err
		}
		m.Sizes[f] = info.Size()
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	for _, name := range []string{fmt.Sprintf("generation-%06d", m.Generation), "current"} {
		if err := w.replace(name, data); err != nil {
			return m, err
		}
	}
	return m, w.sweep()
}

// Damaged lists published step files that are gone or have another size.
func (w *Warehouse) Damaged() ([]string, error) {
	m, err := w.Current()
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, f := range m.Steps {
		if info, err := os.Stat(w.Path(f)); err != nil || info.Size() != m.Sizes[f] {
			bad = append(bad, f)
		}
	}
	sort.Strings(bad)
	return bad, nil
}

// Discard removes step files, so that the next run builds them again. What is named from outside of the
// warehouse (the numbers of a signed quarter) is not its to remove.
func (w *Warehouse) Discard(files []string) error {
	var errs []error
	for _, f := range files {
		if filepath.Base(f) != f {
			continue
		}
		errs = append(errs, removeDatabase(w.Path(f)))
	}
	return errors.Join(errs...)
}

func (m Manifest) same(o Manifest) bool {
	return m.Quarter == o.Quarter && m.Program == o.Program && maps.Equal(m.Steps, o.Steps) && maps.Equal(m.Lazy, o.Lazy)
}

func (w *Warehouse) replace(name string, data []byte) error {
	half := w.Path(name + ".half")
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return err
	}
	return rename(half, w.Path(name))
}

// sweep removes old generations and every step file that no kept one names.
func (w *Warehouse) sweep() error {
	generations, err := Match(w.Root, "generation-*[0-9]")
	if err != nil {
		return err
	}
	sort.Strings(generations)
	var errs []error
	for len(generations) > kept {
		errs = append(errs, os.Remove(generations[0]))
		generations = generations[1:]
	}
	named := map[string]bool{}
	for _, g := range append(generations, w.Path("current")) {
		m, err := readManifest(g)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, steps := range []map[string]string{m.Steps, m.Lazy} {
			for _, f := range steps {
				named[f] = true
			}
		}
	}
	files, err := Match(w.Root, "*.duckdb")
	if err != nil {
		return err
	}
	for _, f := range files {
		if !named[filepath.Base(f)] {
			errs = append(errs, removeDatabase(f))
		}
	}
	return errors.Join(errs...)
}

// Generations reads the manifests that are kept, the newest first, and when each was published.
func (w *Warehouse) Generations() ([]Manifest, []time.Time, error) {
	names, err := Match(w.Root, "generation-*[0-9]")
	if err != nil {
		return nil, nil, err
	}
	sort.Sort(sort.Reverse(sort.StringSlice(names)))
	var all []Manifest
	var made []time.Time
	for _, name := range names {
		m, err := readManifest(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // swept meanwhile
		}
		if err != nil {
			return nil, nil, err
		}
		info, err := os.Stat(name)
		if err != nil {
			continue
		}
		all, made = append(all, m), append(made, info.ModTime())
	}
	return all, made, nil
}
