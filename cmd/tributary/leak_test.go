package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tributary/examples/demo"
	"tributary/pipelines/warehouse"
)

var canaries = flag.Int("canaries", 20, "how many children of TestLeak carry unmistakable values")

func hashOf(data []byte) [32]byte { return sha256.Sum256(data) }

// TestLeak walks a demo whose files hold canaries and looks for them: numbers and notes that may not
// be held are nowhere, names are nowhere but in the tables of people.
func TestLeak(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := command(dir, "demo", filepath.Join(dir, "demo"), "--canaries", strconv.Itoa(*canaries), "--verbose")
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	var truth demo.Truth
	text, err := os.ReadFile(filepath.Join(dir, "demo", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth.Canaries) != *canaries {
		t.Fatalf("got %d canaries, want %d", len(truth.Canaries), *canaries)
	}
	barred, names := map[string]bool{}, map[string]bool{}
	for _, x := range truth.Canaries {
		barred[x.SchoolNumber], barred[x.HealthNumber], barred[x.Note] = true, true, true
		names[strings.ToLower(x.GivenName)] = true
	}
	inDrop := 0
	l := &leak{t: t, barred: barred, names: names}
	eachFile(t, filepath.Join(dir, "demo", "drop"), func(_ string, data []byte) { inDrop += l.count(data, barred) + l.count(data, names) })
	if inDrop < *canaries {
		t.Fatalf("the files hold %d canaries in plain text: the test would see nothing", inDrop)
	}
	l.look("log", log.Bytes(), true)
	workspace := filepath.Join(dir, "demo", "workspace")
	eachFile(t, workspace, func(path string, data []byte) {
		isOut := strings.HasPrefix(path, filepath.Join(workspace, "out"))
		l.look(path, data, isOut)
	})
	l.engine(workspace)
}

// leak looks for canaries in bytes and in tables.
type leak struct {
	t             *testing.T
	barred, names map[string]bool
}

func (l *leak) count(data []byte, words map[string]bool) int {
	n := 0
	lower := bytes.ToLower(data)
	for w := range words {
		if bytes.Contains(lower, []byte(strings.ToLower(w))) {
			n++
		}
	}
	return n
}

func (l *leak) look(where string, data []byte, namesToo bool) {
	l.t.Helper()
	if n := l.count(data, l.barred); n > 0 {
		l.t.Errorf("%s holds %d values that may not be held", where, n)
	}
	if namesToo {
		if n := l.count(data, l.names); n > 0 {
			l.t.Errorf("%s names %d children", where, n)
		}
	}
}

// eachFile visits every file, and every member of a workbook or zip.
func eachFile(t *testing.T, dir string, visit func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		visit(path, data)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil // not an archive
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return err
			}
			member, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			visit(path+"/"+f.Name, member)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// engine asks every column of every columnar copy and step file: their pages are compressed, so that a
// search of their bytes would see nothing.
func (l *leak) engine(workspace string) {
	ctx, t := l.t.Context(), l.t
	db, err := warehouse.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must := func(query string) {
		t.Helper()
		if err := db.Exec(ctx, query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	must("create table barred (word varchar); create table named (word varchar)")
	for w := range l.barred {
		must("insert into barred values (" + warehouse.Text(strings.ToLower(w)) + ")")
	}
	for w := range l.names {
		must("insert into named values (" + warehouse.Text(strings.ToLower(w)) + ")")
	}
	seen := 0
	search := func(where, from string, namesToo bool) int {
		t.Helper()
		lists := "select word from barred"
		if namesToo {
			lists += " union all select word from named"
		}
		var n int
		// Words of the row, longest runs of letters, digits and hyphens, meet the list by a hash join.
		query := `with words as (
				select distinct unnest(regexp_extract_all(lower(r::varchar), '[a-z0-9-]{6,}')) as word from ` + from + ` as r)
			select count(*) from words where word in (` + lists + `)`
		if err := db.Scan(ctx, query, nil, &n); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		seen++
		return n
	}
	people := 0
	err = filepath.WalkDir(workspace, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := d.Name()
		switch filepath.Ext(name) {
		case ".parquet":
			if n := search(path, "read_parquet("+warehouse.Text(path)+")", false); n > 0 {
				t.Errorf("%s holds %d values that may not be held", path, n)
			}
		case ".duckdb":
			isNumbers := strings.HasPrefix(name, "measure-") || strings.HasPrefix(name, "release-contract-") || strings.HasPrefix(name, "fact-")
			must("attach " + warehouse.Text(path) + " as step (read_only)")
			tables, err := tablesOf(l, db)
			if err != nil {
				return err
			}
			for _, table := range tables {
				if n := search(name+" "+table, `step."`+table+`"`, isNumbers); n > 0 {
					t.Errorf("%s: table %s holds %d canaries", name, table, n)
				}
				if !isNumbers {
					people += search(name+" "+table, `step."`+table+`"`, true)
				}
			}
			must("detach step")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 || people == 0 {
		t.Errorf("looked at %d tables and met %d names among people: the search sees nothing", seen, people)
	}
	t.Logf("%d tables searched", seen)
}

func tablesOf(l *leak, db *warehouse.DB) ([]string, error) {
	rows, err := db.Query(l.t.Context(), "select table_name from duckdb_tables() where database_name = 'step' order by 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
