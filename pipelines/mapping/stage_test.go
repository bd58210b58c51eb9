package mapping

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
)

var update = flag.Bool("update", false, "write what the queries in testdata/*.txtar really give")

// TestStage runs each story in testdata. Its files: agencies/<code>.yaml; deliver/<agency>/<quarter>/<name>,
// comma-separated, with #Sheet after the name for a worksheet; fact/<kind>.csv; municipality.csv; and
// want/<n>: a query in the first line and its rows below.
func TestStage(t *testing.T) {
	t.Parallel()
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatal(stories, err)
	}
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range all {
		known[c.ID] = true
	}
	for _, path := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			story, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			db := stageStory(t, story)
			for _, id := range strings.Fields(answer(t, db, "select distinct check_id from stage.finding order by 1")) {
				if !known[id] {
					t.Errorf("the check %s is not in the catalogue", id)
				}
			}
			for i, f := range story.Files {
				if !strings.HasPrefix(f.Name, "want/") {
					continue
				}
				query, want, _ := strings.Cut(string(f.Data), "\n")
				got := answer(t, db, query)
				if diff := cmp.Diff(want, got); diff != "" && !*update {
					t.Errorf("%s: %s (-want +got)\n%s", f.Name, query, diff)
				}
				story.Files[i].Data = []byte(query + "\n" + got)
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(story), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func stageStory(t *testing.T, story *txtar.Archive) *warehouse.DB {
	t.Helper()
	db, root := openEngine(t), t.TempDir()
	in := Input{LandingRoot: root, Today: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), DueDays: 20, Settings: map[string]string{"area": "North"}}
	agencies := fstest.MapFS{}
	byName := map[string]*tributary.File{}
	var order []string
	attach(t, db)
	for _, f := range story.Files {
		switch dir, rest, _ := strings.Cut(f.Name, "/"); dir {
		case "agencies":
			agencies[f.Name] = &fstest.MapFile{Data: f.Data}
		case "municipality.csv":
			for _, r := range records(t, f.Data) {
				in.Municipalities = append(in.Municipalities, Municipality{r[0], r[1], r[2]})
			}
		case "fact":
			for _, r := range records(t, f.Data) {
				for i := range r {
					if r[i] == "SHA" {
						r[i] = byName["deliver/"+r[0]+"/"+r[1]+"/"+r[2]].SHA256
					}
				}
				for i := range r {
					if said, ok := strings.CutPrefix(r[i], "md5:"); ok {
						r[i] = fmt.Sprintf("%x", md5.Sum([]byte(said)))
					}
				}
				insertFact(t, db, strings.TrimSuffix(rest, ".csv"), r)
			}
		case "deliver":
			name, sheet, _ := strings.Cut(f.Name, "#")
			if byName[name] == nil {
				parts := strings.SplitN(rest, "/", 3)
				q, err := tributary.ParseQuarter(parts[1])
				if err != nil {
					t.Fatal(err)
				}
				base, _, _ := strings.Cut(parts[2], "#")
				byName[name] = &tributary.File{Agency: parts[0], Quarter: q, Name: base, Version: 1, Format: format(base), Original: true,
					ReceivedAt: q.End().AddDate(0, 0, 9)}
				order = append(order, name)
			}
			landSheet(t, db, root, byName[name], sheet, f.Data)
		}
	}
	var err error
	if in.Agencies, err = Load(agencies); err != nil {
		t.Fatal(err)
	}
	for _, name := range order {
		in.Files = append(in.Files, *byName[name])
	}
	q, _ := tributary.ParseQuarter("2025-26Q1")
	in.Quarters = []tributary.Quarter{q, q.Next()}
	for _, f := range in.Files {
		for at := in.Quarters[len(in.Quarters)-1]; f.Quarter.Compare(at) > 0; {
			at = at.Next()
			in.Quarters = append(in.Quarters, at)
		}
	}
	if err := Stage(t.Context(), db, in, nil); err != nil {
		t.Fatal(err)
	}
	if err := Settle(t.Context(), db, in); err != nil {
		t.Fatal(err)
	}
	return db
}

func format(name string) string {
	if kind, ok := map[string]string{".xlsx": "xlsx", ".jsonl": "jsonl"}[filepath.Ext(name)]; ok {
		return kind
	}
	return "delimited"
}

func attach(t *testing.T, db *warehouse.DB) {
	t.Helper()
	exec(t, db, "attach ':memory:' as stage")
	exec(t, db, "attach ':memory:' as fact")
	for _, kind := range []string{"accept", "delivery_state", "correction", "confirmation", "explanation"} {
		columns, _ := ledger.Columns(kind)
		exec(t, db, fmt.Sprintf("create table fact.%s (%s varchar, who varchar, noted_at varchar, why varchar)", kind, strings.Join(columns, " varchar, ")))
	}
}

func insertFact(t *testing.T, db *warehouse.DB, kind string, fields []string) {
	t.Helper()
	columns, _ := ledger.Columns(kind)
	for len(fields) < len(columns) {
		fields = append(fields, "")
	}
	values := make([]string, len(fields))
	for i, f := range fields {
		values[i] = warehouse.Text(f)
	}
	exec(t, db, fmt.Sprintf("insert into fact.%s values (%s, 'A. Analyst', '2025-08-01', 'said so')", kind, strings.Join(values, ", ")))
}

// landSheet writes the columnar copy that landing makes, one for equal bytes. A jsonl sheet has its headings apart and, in
// its first two fields, the record number and the path.
func landSheet(t *testing.T, db *warehouse.DB, root string, file *tributary.File, name string, data []byte) {
	t.Helper()
	rows := records(t, data)
	sheet := tributary.Sheet{Name: name, Parquet: fmt.Sprintf("%x%s.parquet", sha256.Sum256(data), filepath.Ext(file.Name))}
	isJSON := file.Format == "jsonl"
	if isJSON {
		sheet.Headings, rows = rows[0][2:], rows[1:]
	}
	for _, r := range rows {
		sheet.Columns = max(sheet.Columns, len(r))
	}
	if isJSON {
		sheet.Columns = len(sheet.Headings)
	}
	var values []string
	for i, r := range rows {
		number, path, fault := fmt.Sprint(i+1), "null", "null"
		if isJSON {
			number, path, r = r[0], "nullif("+warehouse.Text(r[1])+", '')", r[2:]
		}
		if len(r) > 0 && r[len(r)-1] == "SHORT" {
			fault, r = "'short'", r[:len(r)-1]
		}
		fields := []string{number, path, fault}
		for c := range sheet.Columns {
			text := "null"
			if c < len(r) && r[c] != "" {
				text = warehouse.Text(r[c])
			}
			fields = append(fields, text)
		}
		if file.Format == "xlsx" {
			for range sheet.Columns {
				fields = append(fields, "null")
			}
		}
		values = append(values, "("+strings.Join(fields, ", ")+")")
	}
	columns := []string{"_row::bigint as _row", "_path::varchar as _path", "_fault::varchar as _fault"}
	names := []string{"_row", "_path", "_fault"}
	for _, letter := range []string{"c", "r"} {
		for c := range sheet.Columns {
			if letter == "c" || file.Format == "xlsx" {
				n := fmt.Sprintf("%s%d", letter, c+1)
				names, columns = append(names, n), append(columns, n+"::varchar as "+n)
			}
		}
	}
	if len(values) > 0 {
		exec(t, db, fmt.Sprintf("copy (select %s from (values %s) as v(%s)) to %s (format parquet)", strings.Join(columns, ", "),
			strings.Join(values, ", "), strings.Join(names, ", "), warehouse.Text(filepath.Join(root, sheet.Parquet))))
		sheet.Rows = int64(len(values))
		file.Sheets = append(file.Sheets, sheet)
	} else {
		file.Held = true
		file.Findings = []tributary.Finding{{Check: "file_empty", Severity: tributary.Blocks}}
	}
	file.Size += int64(len(data))
	sum := sha256.Sum256([]byte(file.SHA256 + string(data)))
	file.SHA256 = hex.EncodeToString(sum[:])
}

func records(t *testing.T, data []byte) [][]string {
	t.Helper()
	var out [][]string
	// Blank lines are rows here.
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if len(data) == 0 {
			break
		}
		r, err := csv.NewReader(strings.NewReader(line + "\n")).Read()
		if err != nil {
			r = []string{""}
		}
		out = append(out, r)
	}
	return out
}

func answer(t *testing.T, db *warehouse.DB, query string) string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if i > 0 {
				b.WriteString(" | ")
			}
			switch v := v.(type) {
			case nil:
			case time.Time:
				b.WriteString(v.Format("2006-01-02"))
			default:
				fmt.Fprint(&b, v)
			}
		}
		b.WriteString("\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func exec(t *testing.T, db *warehouse.DB, query string) {
	t.Helper()
	if err := db.Exec(context.WithoutCancel(t.Context()), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
