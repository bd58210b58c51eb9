package warehouse

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// mostKept is how many instances stay open at most: those of the published generation, and of the one before
// it while somebody still reads it.
const mostKept = 4

// Kept shares instances between many readers of one process, such as the pages of the console: opening one takes
// longer than most questions. Step files are never overwritten, so what was opened once stays right; an
// instance whose files are gone, and the one longest unused, is closed. A kept instance has no folders to
// read, and whoever would make tables in it opens its own with OpenWith.
type Kept struct {
	mu    sync.Mutex
	open  map[string]*shared
	clock int
}

// shared is one instance, and how many read it now.
type shared struct {
	db      *DB
	paths   []string
	readers int
	last    int
}

// Open returns a handle on the instance that has these files attached; its Close gives it back.
func (k *Kept) Open(ctx context.Context, w *Warehouse, files map[string]string) (*DB, error) {
	var names, paths []string
	for _, schema := range slices.Sorted(maps.Keys(files)) {
		names = append(names, schema, w.Path(files[schema]))
		paths = append(paths, w.Path(files[schema]))
	}
	key := strings.Join(names, "\x00")
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open == nil {
		k.open = map[string]*shared{}
	}
	k.clock++
	s, ok := k.open[key]
	if !ok {
		// Whose request it is may go away; the instance outlives it.
		db, err := w.OpenWith(context.WithoutCancel(ctx), files)
		if err != nil {
			return nil, err
		}
		s = &shared{db: db, paths: paths}
		k.open[key] = s
	}
	s.readers, s.last = s.readers+1, k.clock
	err := k.shrink()
	var once sync.Once
	return &DB{pool: s.db.pool, release: func() {
		once.Do(func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			s.readers--
		})
	}}, err
}

// shrink closes what nobody reads: instances whose files are gone, then the longest unused.
func (k *Kept) shrink() error {
	var errs []error
	drop := func(key string) {
		errs = append(errs, k.open[key].db.Close())
		delete(k.open, key)
	}
	idle := func(key string) bool { return k.open[key].readers == 0 }
	keys := slices.SortedFunc(maps.Keys(k.open), func(a, b string) int { return k.open[a].last - k.open[b].last })
	for _, key := range keys {
		isGone := slices.ContainsFunc(k.open[key].paths, func(p string) bool {
			_, err := os.Stat(p)
			return errors.Is(err, fs.ErrNotExist)
		})
		if idle(key) && (isGone || len(k.open) > mostKept) {
			drop(key)
		}
	}
	return errors.Join(errs...)
}

// Close closes all instances; nobody may read them any more.
func (k *Kept) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(k.open)) {
		errs = append(errs, k.open[key].db.Close())
	}
	k.open = nil
	return errors.Join(errs...)
}
