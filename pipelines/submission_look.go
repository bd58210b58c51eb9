package pipelines

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
	"tributary/reports/ministry"
)

// SubmissionPath is where something of a submission lies.
func (w *Workspace) SubmissionPath(id string, parts ...string) string {
	return w.submissions().Path(id, parts...)
}

// CellChange is a published number of which two submissions of a quarter differ, as text; "" where one lacks it.
type CellChange struct{ Cell, Label, Old, New string }

// ChangedSince lists the published numbers that differ from those of another submission of the same quarter: with, or
// where that is empty the one before. versions are all submissions of the quarter, before the one that was compared
// with; before is empty where there is none.
func (w *Workspace) ChangedSince(ctx context.Context, id, with string) (before string, versions []Submission, changed []CellChange, err error) {
	all, err := w.Submissions(ctx)
	if err != nil {
		return "", nil, nil, err
	}
	at := slices.IndexFunc(all, func(s Submission) bool { return s.ID == id })
	if at < 0 {
		return "", nil, nil, nil
	}
	for i, s := range all {
		if s.Quarter != all[at].Quarter {
			continue
		}
		versions = append(versions, s)
		if s.ID == with || with == "" && i == at-1 {
			before = s.ID
		}
	}
	if before == "" || before == id {
		return "", versions, nil, nil
	}
	old, oldLabels, err := w.cellsOf(before)
	if errors.Is(err, fs.ErrNotExist) { // one of an earlier version of the program
		return "", versions, nil, nil
	}
	if err != nil {
		return "", nil, nil, err
	}
	now, labels, err := w.cellsOf(id)
	if err != nil {
		return "", nil, nil, err
	}
	for cell, value := range now {
		if old[cell] != value {
			changed = append(changed, CellChange{cell, labels[cell], old[cell], value})
		}
	}
	for cell, value := range old {
		if _, ok := now[cell]; !ok {
			changed = append(changed, CellChange{cell, oldLabels[cell], value, ""})
		}
	}
	slices.SortFunc(changed, func(a, b CellChange) int { return strings.Compare(a.Cell, b.Cell) })
	return before, versions, changed, nil
}

// cellsOf reads the machine-readable copy of a submission's numbers: their values and what they count, by cell.
func (w *Workspace) cellsOf(id string) (values, labels map[string]string, err error) {
	cells, err := w.csvOf(id, "cells.csv")
	if err != nil {
		return nil, nil, err
	}
	definitions, err := w.csvOf(id, "definitions.csv")
	if err != nil {
		return nil, nil, err
	}
	names := map[string]string{}
	for _, d := range definitions {
		names[d["measure"]] = d["label"]
	}
	values, labels = map[string]string{}, map[string]string{}
	for _, c := range cells {
		m := Moved{Cell: c["cell_id"], Measure: c["measure"], statistic: c["statistic"], period: c["period"], by: c["by"], code: c["code"]}
		values[m.Cell], labels[m.Cell] = c["value"], m.row(names, nil, "en").Label
	}
	return values, labels, nil
}

// csvOf reads a table of a submission's bundle, each row by its headings.
func (w *Workspace) csvOf(id, name string) ([]map[string]string, error) {
	f, err := os.Open(w.SubmissionPath(id, "bundle", "data", name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	out := make([]map[string]string, 0, len(lines))
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, heading := range lines[0] {
			row[heading] = l[i]
		}
		out = append(out, row)
	}
	return out, nil
}

// Explanation is a number that asks for words, or has some.
type Explanation struct {
	Cell, Label, Standing string
	// IsAsked says that its target is missed by more than the setting variance_pct.
	IsAsked bool
	// Words are those that hold now, by field; the next report prints them.
	Words map[string]string
}

// Explanations lists the numbers of the published quarter that ask for an explanation, then those to which a person
// gave words all the same.
func (w *Workspace) Explanations(ctx context.Context, m warehouse.Manifest) ([]Explanation, error) {
	db, err := w.House.Open(ctx, map[string]string{"release": m.Steps["release-contract"]})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	asked, err := ministry.Explanations(ctx, db, m.Quarter, "en")
	if err != nil {
		return nil, err
	}
	labels, _, err := w.labels(ctx, m, "en")
	if err != nil {
		return nil, err
	}
	notes, err := w.Ledger.Current(ctx, "note")
	if err != nil {
		return nil, err
	}
	var out []Explanation
	at := map[string]int{}
	for _, a := range asked {
		at[a.CellID] = len(out)
		out = append(out, Explanation{Cell: a.CellID, Label: a.Label, Standing: a.Standing, IsAsked: true, Words: map[string]string{}})
	}
	for _, n := range notes {
		cell := n.Fields["cell_id"]
		name, rest, _ := strings.Cut(cell, "@")
		if quarter, _, _ := strings.Cut(rest, "/"); quarter != m.Quarter.String() || name == "workbook" {
			continue
		}
		if _, ok := at[cell]; !ok {
			measure, _, _ := strings.Cut(name, ".")
			at[cell] = len(out)
			out = append(out, Explanation{Cell: cell, Label: labels[measure], Words: map[string]string{}})
		}
		out[at[cell]].Words[n.Fields["field"]] = n.Fields["text"]
	}
	return out, nil
}
