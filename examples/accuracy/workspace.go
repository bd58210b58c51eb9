package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
)

// places are where things are found.
type places struct{ program, example, shared, dir string }

// areaSet walks area-a through the program as an analyst would, under the rules that the truth knows,
// and answers the first questions of the queue from the truth.
func areaSet(ctx context.Context, r *report, at places) error {
	a, err := readArea(filepath.Join(at.shared, "area-a", "truth"))
	if err != nil {
		return fmt.Errorf("area-a: truth: %w", err)
	}
	for _, basis := range []struct{ name, linking string }{
		{"delivered", `linking: {without_consent: count_only, authority: "accuracy", scopes: [any]}`},
		{"delivered_consented", `linking: {without_consent: exclude, authority: "accuracy", scopes: [any]}`},
	} {
		w := &workspace{program: at.program, dir: filepath.Join(at.dir, basis.name)}
		if err := a.walk(ctx, r, w, at, basis.name, basis.linking); err != nil {
			return fmt.Errorf("area-a, %s: %w", basis.name, err)
		}
	}
	return nil
}

func (a *area) walk(ctx context.Context, r *report, w *workspace, at places, basis, linking string) error {
	if err := w.prepare(at, linking); err != nil {
		return err
	}
	if err := w.run(); err != nil {
		return err
	}
	ours, before, keys, err := w.read(ctx)
	if err != nil {
		return err
	}
	if basis == "delivered" {
		a.holdArea(r, ours)
	}
	a.holdCounts(r, basis, before, false)
	if err := a.answerQueue(w, keys); err != nil {
		return err
	}
	if err := w.run(); err != nil {
		return err
	}
	_, after, _, err := w.read(ctx)
	if err != nil {
		return err
	}
	a.holdCounts(r, basis, after, true)
	a.holdQueue(r, basis, before, after)
	return nil
}

// answerQueue decides the first questions of the queue as one who knows the truth. Questions name pairs
// by their key, for the agreement may withhold the rest.
func (a *area) answerQueue(w *workspace, keys map[string][2]client) error {
	out, err := w.tributary("link", "review", "--limit", strconv.Itoa(questionsAnswered), "--json")
	if err != nil {
		return err
	}
	var questions []struct{ Pair string }
	if err := json.Unmarshal(out, &questions); err != nil {
		return fmt.Errorf("link review: %w", err)
	}
	lines := [][]string{{"left_agency", "left_client", "right_agency", "right_client", "verdict", "why"}}
	for _, q := range questions {
		pair, ok := keys[q.Pair]
		if !ok {
			return fmt.Errorf("question %s is about no pair of link.pair or link.family_pair", q.Pair)
		}
		lines = append(lines, []string{pair[0].agency, pair[0].local, pair[1].agency, pair[1].local, a.answer(pair[0], pair[1]), "the truth"})
	}
	path := filepath.Join(w.dir, "answers.csv")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(csv.NewWriter(f).WriteAll(lines), f.Close()); err != nil {
		return err
	}
	_, err = w.tributary("link", "decide", path)
	return err
}

// workspace is area-a as the program works on it.
type workspace struct{ program, dir string }

// prepare lays the workspace out, with one consent rule for all agencies.
func (w *workspace) prepare(at places, linking string) error {
	if err := os.MkdirAll(filepath.Join(w.dir, "agencies"), 0o700); err != nil {
		return err
	}
	drop, err := filepath.Abs(filepath.Join(at.shared, "area-a", "deliveries"))
	if err != nil {
		return err
	}
	if err := rewrite(filepath.Join(at.example, "tributary.yaml"), filepath.Join(w.dir, "tributary.yaml"), `(?m)^drop:.*$`, "drop: "+strconv.Quote(drop)); err != nil {
		return err
	}
	agencies, err := filepath.Glob(filepath.Join(at.example, "agencies", "*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range agencies {
		if err := rewrite(path, filepath.Join(w.dir, "agencies", filepath.Base(path)), `(?m)^linking:.*\n([ ]+.*\n)*`, linking+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// rewrite copies a file with one passage replaced.
func rewrite(from, to, pattern, with string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	passage := regexp.MustCompile(pattern)
	if !passage.Match(text) {
		return fmt.Errorf("%s has no %s", from, pattern)
	}
	return os.WriteFile(to, passage.ReplaceAllLiteral(text, []byte(with)), 0o600)
}

// pasteLine is what a run says of a paused agency: the line that it needs.
var pasteLine = regexp.MustCompile(`(?m)^paused: (\w+) .*tables: \w+: (\w+): (\[.*\])`)

// run runs the year; where an agency is paused for a renamed heading it pastes the line that the run
// printed, as the analyst does, and runs again.
func (w *workspace) run() error {
	out, err := w.tributary("run", "--quarter", "2025-26Q4")
	if err != nil {
		return err
	}
	paused := pasteLine.FindAllStringSubmatch(string(out), -1)
	for _, m := range paused {
		path := filepath.Join(w.dir, "agencies", m[1]+".yaml")
		if err := rewrite(path, path, `(?m)\b`+m[2]+`:.*$`, m[2]+": "+m[3]); err != nil {
			return err
		}
	}
	if len(paused) > 0 {
		_, err = w.tributary("run", "--quarter", "2025-26Q4")
	}
	return err
}

// tributary runs the program on a day soon after the year's end.
func (w *workspace) tributary(args ...string) ([]byte, error) {
	c := exec.Command(w.program, append([]string{"--workspace", w.dir}, args...)...)
	c.Env = append(os.Environ(), "TRIBUTARY_TODAY=2026-04-10", "TRIBUTARY_WHO=accuracy")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("tributary %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes(), nil
}

// read reads what is published: who is who, the unduplicated counts, and the pairs that may be asked about.
func (w *workspace) read(ctx context.Context) (ours found, counts map[string]stated, keys map[string][2]client, err error) {
	house := &warehouse.Warehouse{Root: filepath.Join(w.dir, "cache", "warehouse"), Temp: filepath.Join(w.dir, "cache", "tmp")}
	m, err := house.Current()
	if err != nil {
		return found{}, nil, nil, err
	}
	db, err := house.Open(ctx, m.People())
	if err != nil {
		return found{}, nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ours, counts, keys = found{map[client]string{}, map[client]string{}}, map[string]stated{}, map[string][2]client{}
	err = errors.Join(
		each(ctx, db, "select distinct agency, client_local_id, child_id, family_id from link.client_family", func(scan func(...any) error) error {
			var c client
			var child, family string
			err := scan(&c.agency, &c.local, &child, &family)
			ours.child[c], ours.family[c] = child, family
			return err
		}),
		each(ctx, db, `select c.cell_id, c.value, e.expected, e.low, e.high
from measure.cell as c
join link.expected as e on e.quarter = c.quarter and e.period = c.period and c.measure = case e.unit when 'child' then 'children_known' else 'families_known' end
where c."by" = ''`, func(scan func(...any) error) error {
			var cell string
			var s stated
			err := scan(&cell, &s.value, &s.expected, &s.low, &s.high)
			counts[cell] = s
			return err
		}),
		each(ctx, db, `select l.agency, l.client_local_id, l.is_alone, r.agency, r.client_local_id, r.is_alone
from (select left_node, right_node from link.pair union select left_node, right_node from link.family_pair) as p
join link.node as l on l.node = p.left_node
join link.node as r on r.node = p.right_node`, func(scan func(...any) error) error {
			var l, r link.Anchor
			if err := scan(&l.Agency, &l.Client, &l.Alone, &r.Agency, &r.Client, &r.Alone); err != nil {
				return err
			}
			keys[link.PairKey(l, r)] = [2]client{{l.Agency, l.Client}, {r.Agency, r.Client}}
			return nil
		}))
	return ours, counts, keys, err
}

// each reads a query row by row.
func each(ctx context.Context, db *warehouse.DB, query string, take func(scan func(...any) error) error) error {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
