package pipelines

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"tributary/pipelines/warehouse"
	"tributary/reports/ministry"
	"tributary/reports/submit"
	"tributary/reports/template"
)

// parts are the files of a submission: what leaves and what stays.
func (w *Workspace) parts(ctx context.Context, m warehouse.Manifest) (bundle, proof []submit.File, err error) {
	books, err := w.books(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(books)) {
		f := submit.File{Name: name, Data: books[name]}
		if strings.HasSuffix(name, ".cells.csv") {
			proof = append(proof, f)
		} else {
			bundle = append(bundle, f)
		}
	}
	for _, step := range []string{"measure", "release-contract"} {
		proof = append(proof, submit.File{Path: w.House.Path(m.Steps[step]), Name: step + ".duckdb"})
	}
	data, err := w.dataPackage(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	queries, err := w.compiledSQL()
	if err != nil {
		return nil, nil, err
	}
	ids, err := w.idFiles(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	own, err := w.ownFiles()
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(bundle, data, queries), slices.Concat(proof, ids, own), nil
}

// books writes the workbooks of a generation, the ministry's forms filled, and their cell maps, by file name.
func (w *Workspace) books(ctx context.Context, m warehouse.Manifest) (map[string][]byte, error) {
	db, err := w.House.Open(ctx, map[string]string{"release": m.Steps["release-contract"]})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	written := make([]map[string][]byte, len(Languages))
	var all errgroup.Group
	for i, lang := range Languages {
		all.Go(func() error {
			var book bytes.Buffer
			cells, err := ministry.Write(ctx, db, m.Quarter, lang, &book)
			if err != nil {
				return err
			}
			name := filepath.Base(workbook(m.Quarter, lang))
			places, err := cellMap(cells)
			written[i] = map[string][]byte{name: book.Bytes(), strings.TrimSuffix(name, ".xlsx") + ".cells.csv": places}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, files := range written {
		maps.Copy(out, files)
	}
	forms, err := w.templatesOf(m.Quarter)
	if err != nil || len(forms) == 0 {
		return out, err
	}
	numbers, err := template.Read(ctx, db, m.Quarter)
	if err != nil {
		return nil, err
	}
	for _, t := range forms {
		blank, err := ReadBlank(w.templatePath(t.Workbook))
		if err != nil {
			return nil, fmt.Errorf("templates/%s: %w", t.Workbook, err)
		}
		var book bytes.Buffer
		done, err := template.Write(blank, t.Map, numbers, &book)
		if err != nil {
			return nil, err
		}
		out[t.Name+".xlsx"] = book.Bytes()
		if out[t.Name+".cells.csv"], err = placed(done); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dataPackage is the machine-readable copy: the published cells of the quarter and what they mean.
func (w *Workspace) dataPackage(ctx context.Context, m warehouse.Manifest) ([]submit.File, error) {
	tables := []submit.Table{
		{Name: "cells", Title: "Published numbers", Fields: []submit.Field{
			{Name: "cell_id", Type: "string", Description: "what the number is called; unique"}, {Name: "measure", Type: "string"},
			{Name: "statistic", Type: "string", Description: "empty for counts"}, {Name: "quarter", Type: "string"}, {Name: "period", Type: "string", Description: "quarter, or ytd: the year to date"},
			{Name: "by", Type: "string", Description: "what it is broken down by; empty for the total"}, {Name: "code", Type: "string"},
			{Name: "value", Type: "number"}, {Name: "is_small", Type: "boolean", Description: "rests on fewer than the setting small_below"}}},
		{Name: "definitions", Title: "What each measure counts", Fields: []submit.Field{
			{Name: "measure", Type: "string"}, {Name: "kind", Type: "string"}, {Name: "unit", Type: "string"}, {Name: "basis", Type: "string"}, {Name: "version", Type: "integer"},
			{Name: "label", Type: "string"}, {Name: "label_fr", Type: "string"}, {Name: "definition", Type: "string"}, {Name: "definition_fr", Type: "string"}, {Name: "cites", Type: "string"}, {Name: "cites_fr", Type: "string"}}},
	}
	for i, query := range []string{`select cell_id, measure, coalesce(statistic, ''), quarter, period, coalesce("by", ''),
			coalesce(case "by" when 'agency' then agency when 'area' then area when 'municipality' then municipality when 'employer' then employer else breakdown end, ''),
			coalesce(value::varchar, ''), is_small::varchar from release.cell where quarter = ? order by cell_id`,
		`select measure, kind, unit, basis, version::varchar, label, label_fr, definition, definition_fr, cites, cites from release.definition where ? <> '' order by ordinal, measure`} {
		err := w.query(ctx, map[string]string{"release": m.Steps["release-contract"]}, query, func(rows *sql.Rows) error {
			line, into := make([]string, len(tables[i].Fields)), make([]any, len(tables[i].Fields))
			for k := range line {
				into[k] = &line[k]
			}
			err := rows.Scan(into...)
			if tables[i].Name == "definitions" {
				line[len(line)-1] = ministry.Cites(line[len(line)-1], "fr")
			}
			tables[i].Rows = append(tables[i].Rows, line)
			return err
		}, m.Quarter.String())
		if err != nil {
			return nil, err
		}
	}
	return submit.DataPackage(strings.ToLower(w.Settings.Agency.Code+"-"+m.Quarter.String()), w.Settings.Agency.Name+" "+m.Quarter.String(), tables)
}

// compiledSQL is all SQL that made the numbers, as it ran.
func (w *Workspace) compiledSQL() ([]submit.File, error) {
	var out []submit.File
	for _, a := range w.Agencies {
		text, err := a.SQL()
		if err != nil {
			return nil, err
		}
		out = append(out, submit.File{Name: "sql/stage/" + a.Code + ".sql", Data: []byte(text)})
	}
	for _, step := range []string{"core", "link", "measure"} {
		for _, m := range w.Models.Models(step) {
			out = append(out, submit.File{Name: "sql/" + m.Path, Data: []byte(m.SQL)})
		}
	}
	return out, nil
}

// ownFiles are the workspace's own files in force: settings, mappings, SQL and templates.
func (w *Workspace) ownFiles() ([]submit.File, error) {
	var out []submit.File
	for _, top := range []string{"tributary.yaml", "agencies", "sql", "templates"} {
		err := filepath.WalkDir(w.Path(top), func(p string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			name, err := filepath.Rel(w.Dir, p)
			out = append(out, submit.File{Path: p, Name: "workspace/" + filepath.ToSlash(name)})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// idFiles are the clusters of a generation: which record has which child and family, and what became of ids.
func (w *Workspace) idFiles(ctx context.Context, m warehouse.Manifest) ([]submit.File, error) {
	lines := [][]string{{"agency", "client_local_id", "alone", "child_id", "family_id"}}
	events := [][]string{{"kind", "from_id", "to_id"}}
	add := func(to *[][]string, n int) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			line, into := make([]string, n), make([]any, n)
			for i := range line {
				into[i] = &line[i]
			}
			err := rows.Scan(into...)
			*to = append(*to, line)
			return err
		}
	}
	files := map[string]string{"link": m.Steps["link"]}
	err := errors.Join(
		w.query(ctx, files, `select n.agency, n.client_local_id, n.is_alone::varchar, c.child_id, f.family_id from link.node as n
			join link.child as c on c.node = n.node join link.family as f on f.node = c.first_node order by n.node`, add(&lines, 5)),
		w.query(ctx, files, "select kind, coalesce(from_id, ''), coalesce(to_id, '') from link.event order by ordinal", add(&events, 3)))
	if err != nil {
		return nil, err
	}
	ids, err := csvText(lines)
	if err != nil {
		return nil, err
	}
	happened, err := csvText(events)
	return []submit.File{{Name: "ids.csv", Data: ids}, {Name: "id_events.csv", Data: happened}}, err
}

func csvText(lines [][]string) ([]byte, error) {
	var out bytes.Buffer
	err := csv.NewWriter(&out).WriteAll(lines)
	return out.Bytes(), err
}
