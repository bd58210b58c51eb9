package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary/examples/demo"
	"tributary/pipelines/link"
)

const (
	twinPairs  = 3000
	falseLimit = 3.0 / 3000
	// Truth and stated probability may be so far apart, over at least so many pairs in doubt.
	calibrationLimit = .05
	leastDoubt       = 500
)

// inventedPeople measures what only a generator knows: twins in number, and the truth of a million.
func inventedPeople(ctx context.Context, r *report, dir string, records int) error {
	for _, opt := range []demo.PeopleOptions{
		{Records: 100_000, MinMultiples: twinPairs},
		{Records: records},
	} {
		if err := inventPeople(ctx, r, dir, opt); err != nil {
			return fmt.Errorf("%d invented records: %w", opt.Records, err)
		}
	}
	return nil
}

func inventPeople(ctx context.Context, r *report, dir string, opt demo.PeopleOptions) (err error) {
	path := filepath.Join(dir, "people.parquet")
	p := demo.NewPopulation(opt)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(p.WriteParquet(f), f.Close()); err != nil {
		return err
	}
	l, err := linkFile(ctx, dir, path, link.DefaultTerms().LinkAt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.db.Close()) }()
	t, err := l.readTruth(ctx, path)
	if err != nil {
		return fmt.Errorf("read the truth: %w", err)
	}
	data := fmt.Sprintf("invented, %d records", p.Records)
	pairs := falseTwins(l.First, t)
	r.most(data, fmt.Sprintf("children of one birth linked, of %d pairs", p.MultiplePairs), float64(len(pairs)), max(1, float64(p.MultiplePairs))*falseLimit)
	if err := l.explain(ctx, r, data, t, pairs); err != nil {
		return err
	}
	if opt.MinMultiples > 0 {
		return nil
	}
	distance, doubt := calibration(l.Edges, t.same)
	r.least(data, "pairs in doubt", float64(doubt), leastDoubt)
	r.most(data, "stated probability from share true", distance, calibrationLimit)
	return l.inform(ctx, r, data, t)
}

// inform notes what no floor holds: what other thresholds would do, and who is missed.
func (l *linking) inform(ctx context.Context, r *report, data string, t *truth) error {
	all, records := 0, map[int32]int{}
	for _, node := range l.Differing() {
		all += records[t.child[node]]
		records[t.child[node]]++
	}
	r.note("\n%s: pairs by threshold\nthreshold | precision | recall", data)
	for _, p := range curve(l.Edges, t.same, all, .5, .7, .8, .9, .95, .98, .99, .999) {
		r.note("%g | %.5f | %.4f", p.threshold, p.precision, p.recall)
	}
	r.note("\n%s: pairs of one child not linked\ngroup | pairs | missed | share", data)
	for _, m := range misses(l.First, t) {
		r.note("%s | %d | %d | %.4f", m.group, m.pairs, m.missed, share(m.missed, m.pairs))
	}
	return nil
}

// explain notes how the records agree that put two children together, and the first names of each kind;
// they are invented.
func (l *linking) explain(ctx context.Context, r *report, data string, t *truth, pairs [][2]int32) error {
	strongest := map[[2]int32]link.Edge{}
	for _, pair := range pairs {
		strongest[pair] = link.Edge{}
	}
	for _, e := range l.Edges {
		a, b := t.child[e.L], t.child[e.R]
		pair := [2]int32{min(a, b), max(a, b)}
		if known, ok := strongest[pair]; ok && (known.L == known.R || e.Odds() > known.Odds()) {
			strongest[pair] = e
		}
	}
	kinds, examples := map[string]int{}, map[string][]string{}
	for _, pair := range pairs {
		e := strongest[pair]
		if e.L == e.R {
			kinds["linked through a third record"]++
			continue
		}
		kind, example, err := l.describe(ctx, e)
		if err != nil {
			return err
		}
		if kinds[kind]++; kinds[kind] <= 3 {
			examples[kind] = append(examples[kind], example)
		}
	}
	if len(kinds) > 0 {
		r.note("\n%s: children of one birth linked, by the strongest pair of their records", data)
	}
	byNumber := func(a, b string) int { return cmp.Or(kinds[b]-kinds[a], strings.Compare(a, b)) }
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), byNumber) {
		r.note("%4d %s: %s", kinds[kind], kind, strings.Join(examples[kind], ", "))
	}
	return nil
}

// describe says how two records agree in what is the child's own, and what their given names are.
func (l *linking) describe(ctx context.Context, e link.Edge) (kind, example string, err error) {
	terms, err := l.Explain(ctx, l.db, e)
	if err != nil {
		return "", "", err
	}
	var parts []string
	for _, t := range terms {
		switch t.Comparison {
		case "given name", "birth date", "sex", "agency":
			level := t.Level
			if level == "" {
				level = "not known"
			}
			parts = append(parts, t.Comparison+" "+level)
		}
		if t.Comparison == "given name" {
			example = t.Left + " / " + t.Right
		}
	}
	return strings.Join(parts, ", "), example, nil
}

// readTruth reads the columns of the truth, which linking was not asked to look at; children and
// families become numbers.
func (l *linking) readTruth(ctx context.Context, path string) (*truth, error) {
	rows, err := l.db.Query(ctx, `select (dense_rank() over (order by child_id))::integer, (dense_rank() over (order by family_id))::integer, "group", is_multiple::boolean
from read_parquet(?, file_row_number = true) order by file_row_number`, path)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	t := &truth{}
	for rows.Next() {
		var child, family int32
		var group string
		var isMultiple bool
		if err := rows.Scan(&child, &family, &group, &isMultiple); err != nil {
			return nil, err
		}
		t.child, t.family = append(t.child, child), append(t.family, family)
		t.group, t.isMultiple = append(t.group, group), append(t.isMultiple, isMultiple)
	}
	return t, rows.Err()
}
