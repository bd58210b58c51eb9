package model

import (
	"errors"
	"io/fs"
	"sort"
)

// Overlay lays the files of top over those of base: a file in both is top's. A nil top is no layer.
func Overlay(base, top fs.FS) fs.FS {
	if top == nil {
		return base
	}
	return layered{base, top}
}

type layered struct{ base, top fs.FS }

func (l layered) Open(name string) (fs.File, error) {
	f, err := l.top.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return l.base.Open(name)
	}
	return f, err
}

// ReadDir lists both layers, by name.
func (l layered) ReadDir(name string) ([]fs.DirEntry, error) {
	below, err := fs.ReadDir(l.base, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	above, topErr := fs.ReadDir(l.top, name)
	if topErr != nil && !errors.Is(topErr, fs.ErrNotExist) {
		return nil, topErr
	}
	if err != nil && topErr != nil {
		return nil, err
	}
	byName := map[string]fs.DirEntry{}
	for _, entries := range [][]fs.DirEntry{below, above} {
		for _, e := range entries {
			byName[e.Name()] = e
		}
	}
	out := make([]fs.DirEntry, 0, len(byName))
	for _, e := range byName {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}
