package pipelines

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// SubmissionPath is where something of a submission lies.
func (w *Workspace) SubmissionPath(id string, parts ...string) string {
	return w.submissions().Path(id, parts...)
}

// ChangedSince lists the published numbers that are not as in the submission of the quarter before this one: cell,
// old and new value as text, "" where one lacks it. before is empty where there is none.
func (w *Workspace) ChangedSince(ctx context.Context, id string) (before string, changed [][3]string, err error) {
	all, err := w.Submissions(ctx)
	if err != nil {
		return "", nil, err
	}
	at := slices.IndexFunc(all, func(s Submission) bool { return s.ID == id })
	if at < 1 || all[at-1].Quarter != all[at].Quarter {
		return "", nil, nil
	}
	before = all[at-1].ID
	old, err := w.cellsOf(before)
	if errors.Is(err, fs.ErrNotExist) { // one of an earlier version of the program
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	now, err := w.cellsOf(id)
	if err != nil {
		return "", nil, err
	}
	for cell, value := range now {
		if old[cell] != value {
			changed = append(changed, [3]string{cell, old[cell], value})
		}
	}
	for cell, value := range old {
		if _, ok := now[cell]; !ok {
			changed = append(changed, [3]string{cell, value, ""})
		}
	}
	slices.SortFunc(changed, func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })
	return before, changed, nil
}

// cellsOf reads the machine-readable copy of a submission's numbers, by cell.
func (w *Workspace) cellsOf(id string) (map[string]string, error) {
	f, err := os.Open(w.SubmissionPath(id, "bundle", "data", "cells.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	value := slices.Index(lines[0], "value")
	out := map[string]string{}
	for _, l := range lines[1:] {
		out[l[0]] = l[value]
	}
	return out, nil
}
