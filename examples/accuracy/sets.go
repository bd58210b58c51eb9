package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary/pipelines/link"
)

// benchmarkAt is the probability from which public sets are measured, as everybody measures them.
const benchmarkAt = .5

// publicSet is a file that linking is compared by elsewhere.
type publicSet struct {
	data, columns string
	floor         float64
	file          string
	// keep are the headings of the columns that linking is given; none: all.
	keep []string
	// truth is the heading of the column that says who a record is.
	truth string
}

var (
	febrlNames = []string{"rec_id", "given_name", "surname", "date_of_birth", "postcode"}
	sets       = []publicSet{
		{"FEBRL 1", "all columns", .999, "febrl/dataset1.csv", nil, "rec_id"},
		{"FEBRL 2", "all columns", .999, "febrl/dataset2.csv", nil, "rec_id"},
		{"FEBRL 3", "all columns", .999, "febrl/dataset3.csv", nil, "rec_id"},
		{"FEBRL 1", "names, date, postcode", .985, "febrl/dataset1.csv", febrlNames, "rec_id"},
		{"FEBRL 2", "names, date, postcode", .985, "febrl/dataset2.csv", febrlNames, "rec_id"},
		{"FEBRL 3", "names, date, postcode", .985, "febrl/dataset3.csv", febrlNames, "rec_id"},
		{"RLdata500", "all columns", .985, "rldata/RLdata500.csv", nil, "ent_id"},
		{"fake_1000", "all columns", .965, "splink/fake_1000.csv", nil, "cluster"},
	}
)

func publicSets(ctx context.Context, r *report, at places) error {
	var errs []error
	for _, s := range sets {
		a, err := s.measure(ctx, at.dir, filepath.Join(at.shared, "linkage-data", s.file))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s, %s: %w", s.data, s.columns, err))
			continue
		}
		r.least(s.data, "F1, "+s.columns, a.F1, s.floor)
		r.note("%s, %s: %d linked pairs, %d of them wrong, %d missed", s.data, s.columns, a.Pairs, a.False, a.Missed)
	}
	return errors.Join(errs...)
}

func (s publicSet) measure(ctx context.Context, dir, file string) (link.Accuracy, error) {
	blind := filepath.Join(dir, "people.csv")
	truth, err := s.blind(file, blind)
	if err != nil {
		return link.Accuracy{}, err
	}
	l, err := linkFile(ctx, dir, blind, benchmarkAt)
	if err != nil {
		return link.Accuracy{}, err
	}
	if err := l.db.Close(); err != nil {
		return link.Accuracy{}, err
	}
	return link.Evaluate(l.First, truth), nil
}

// blind copies the file without what it may not show, and returns the truth.
func (s publicSet) blind(from, to string) (truth []string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	headings := slices.Clone(lines[0])
	for i := range headings {
		headings[i] = strings.TrimSpace(headings[i])
	}
	at := slices.Index(headings, s.truth)
	if at < 0 {
		return nil, fmt.Errorf("no column %q", s.truth)
	}
	for i, line := range lines {
		if i > 0 {
			truth = append(truth, original(line[at]))
		}
		var shown []string
		for j, value := range line {
			if j != at && (s.keep == nil || slices.Contains(s.keep, headings[j])) {
				shown = append(shown, value)
			}
		}
		lines[i] = shown
	}
	out, err := os.Create(to)
	if err != nil {
		return nil, err
	}
	return truth, errors.Join(csv.NewWriter(out).WriteAll(lines), out.Close())
}

// original is the record that FEBRL's was made from: rec-223-dup-1 is 223. Other sets name the person.
func original(id string) string {
	if rest, ok := strings.CutPrefix(id, "rec-"); ok {
		id, _, _ = strings.Cut(rest, "-")
	}
	return id
}
