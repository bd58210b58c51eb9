package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
	"tributary/connectors"
	"tributary/pipelines/mapping"
	"tributary/reports/feedback"
)

// shelf is a folder that letters go to: beside the drop, wherever that is, or under out/.
type shelf struct {
	// name is how the folder is called on the screen and in the record of what was written.
	name string
	// read returns what lies there; fs.ErrNotExist when nothing does.
	read func(ctx context.Context, name string) ([]byte, error)
	// put writes a file over content of that hash, or where nothing lies; take takes such content away.
	put  func(ctx context.Context, name, over string, data []byte) error
	take func(ctx context.Context, name, over string) error
}

// shelves are the folders of an agency's letters of a quarter; that under out/ comes last.
func (w *Workspace) shelves(a *mapping.Agency, q tributary.Quarter, onlyOut bool) []shelf {
	var out []shelf
	if !onlyOut {
		if s, ok := w.beside(a, q, connectors.FeedbackFolder); ok {
			out = append(out, s)
		}
	}
	dir := w.lettersFolder(a.Code, q)
	return append(out, shelf{
		name: dir,
		read: func(_ context.Context, name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) },
		put: func(_ context.Context, name, _ string, data []byte) error {
			path := filepath.Join(dir, name)
			half := path + ".half"
			if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(half, data, 0o600)); err != nil {
				return err
			}
			if err := os.Rename(half, path); err != nil { // open in a spreadsheet program
				return errors.Join(connectors.ErrOccupied, os.Remove(half))
			}
			return nil
		},
		take: func(_ context.Context, name, _ string) error { return os.Remove(filepath.Join(dir, name)) },
	})
}

// beside is a folder of ours beside an agency's files, where its source takes files back.
func (w *Workspace) beside(a *mapping.Agency, q tributary.Quarter, folder string) (shelf, bool) {
	if a.Source == nil {
		return shelf{}, false
	}
	c, err := w.connector(a)
	if err != nil {
		return shelf{}, false
	}
	r, ok := c.(connectors.Returner)
	if !ok {
		return shelf{}, false
	}
	name := a.Code + " " + q.String() + ": " + folder
	if f, ok := c.(interface {
		Place(agency string, q tributary.Quarter) string
	}); ok {
		name = filepath.Join(f.Place(a.Code, q), filepath.FromSlash(folder))
	}
	return shelf{
		name: name,
		read: func(ctx context.Context, name string) ([]byte, error) {
			in, err := r.Returned(ctx, a.Code, q, folder, name)
			if err != nil {
				return nil, err
			}
			data, err := io.ReadAll(connectors.Reader(ctx, in))
			return data, errors.Join(err, in.Close())
		},
		put: func(ctx context.Context, name, over string, data []byte) error {
			return r.Return(ctx, a.Code, q, folder, name, over, bytes.NewReader(data))
		},
		take: func(ctx context.Context, name, over string) error {
			return r.Withdraw(ctx, a.Code, q, folder, name, over)
		},
	}, true
}

// deliver writes the letter and the copies into a folder. What a person edited there is read, where it is a
// letter, and is never overwritten.
func (w *Workspace) deliver(ctx context.Context, a *mapping.Agency, q tributary.Quarter, s shelf, files map[string][]byte, known written) (wrote []string, answers int, err error) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(s.name, name)
		key := "feedback " + path
		there, err := s.read(ctx, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrote, answers, err
		}
		sum := ""
		if err == nil {
			sum = hash(there)
		}
		isEdited := sum != "" && sum != known[key].SHA256 && sum != hash(files[name])
		if isEdited && strings.HasPrefix(name, "letter-") {
			taken, err := w.takeLetter(ctx, name, there, a, q)
			if err != nil && !errors.Is(err, feedback.ErrNotLetter) {
				return wrote, answers, err
			}
			answers += taken.Count()
		}
		at, err := s.lay(ctx, name, files[name], sum, isEdited)
		if err != nil {
			return wrote, answers, err
		}
		if at == name {
			known[key] = struct{ From, SHA256 string }{"", hash(files[name])}
		}
		wrote = append(wrote, filepath.Join(s.name, at))
	}
	return wrote, answers, w.tidy(ctx, s, files, known)
}

// lay puts a file over content of a hash; beside it, as "name (2).xlsx", where a person edited that or holds
// it open.
func (s shelf) lay(ctx context.Context, name string, data []byte, over string, isEdited bool) (string, error) {
	if !isEdited {
		if err := s.put(ctx, name, over, data); !errors.Is(err, connectors.ErrOccupied) {
			return name, err
		}
	}
	ext := filepath.Ext(name)
	for n := 2; n < 100; n++ {
		beside := fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
		there, err := s.read(ctx, beside)
		switch {
		case err == nil && bytes.Equal(there, data):
			return beside, nil
		case err == nil:
			continue // that one may have been edited too
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		if err := s.put(ctx, beside, "", data); !errors.Is(err, connectors.ErrOccupied) {
			return beside, err
		}
	}
	return "", tributary.Fix(fmt.Errorf("write %s: it and 98 copies beside it cannot be replaced", name),
		"close the workbooks that are open, and move away the copies that you do not need")
}

// tidy takes away copies of files that newer ones replaced since, as long as nobody edited them.
func (w *Workspace) tidy(ctx context.Context, s shelf, files map[string][]byte, known written) error {
	for _, key := range slices.Sorted(maps.Keys(known)) {
		path, ok := strings.CutPrefix(key, "feedback ")
		name := filepath.Base(path)
		if !ok || filepath.Dir(path) != s.name || files[name] != nil {
			continue
		}
		sum := known[key].SHA256
		delete(known, key)
		if there, err := s.read(ctx, name); err == nil && hash(there) == sum {
			if err := s.take(ctx, name, sum); err != nil {
				return err
			}
		}
	}
	return nil
}
