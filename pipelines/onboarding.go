package pipelines

import (
	"bytes"
	"context"
	databasesql "database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/land"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// sampleRows is how many records of a sheet onboarding looks at: enough for every code that matters,
// and a bound on memory.
const sampleRows = 50_000

// Onboarding is a look at files that no mapping knows yet. All it lands and stages lies in a folder
// that Close removes; the workspace is not changed.
type Onboarding struct {
	w       *Workspace
	agency  string
	quarter tributary.Quarter
	path    string
	dir     string
	unlock  func() error
}

// Sample is one file as onboarding sees it, after the gate: what may not be held is not in it.
type Sample struct {
	Name, Format string
	// Encoding and Delimiter are what landing goes by, for a text file.
	Encoding, Delimiter string
	// Widths are those of a fixed-width file, as the hint said.
	Widths []int
	// Stripped are the columns that the gate removed; Held says why landing refuses the file.
	Stripped []tributary.Stripped
	Held     []string
	Sheets   []SampleSheet
}

// SampleSheet is one sheet with its first records.
type SampleSheet struct {
	Name   string
	Hidden bool
	// Headings are those that the format itself names; Parent those of the record around a JSON array.
	Headings, Parent []string
	IsArray          bool
	Columns          int
	Rows             []SampleRow
	Count            int64
}

// SampleRow is a record by its number in the sheet, as shown.
type SampleRow struct {
	Number int64
	Cells  []string
}

// Onboard begins a look at a file or folder; the agency need not be known.
func (w *Workspace) Onboard(path, agency string, q tributary.Quarter) (*Onboarding, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("onboard %s: %w", agency, err)
	}
	o := &Onboarding{w: w, agency: agency, quarter: q, path: path, dir: w.Path("cache", "tmp", "onboard"), unlock: unlock}
	if err := os.RemoveAll(o.dir); err != nil {
		return nil, errors.Join(fmt.Errorf("onboard: %w", err), unlock())
	}
	return o, nil
}

// Close removes what was landed and staged for the look.
func (o *Onboarding) Close() error { return errors.Join(os.RemoveAll(o.dir), o.unlock()) }

// fill copies the file, or the files of the folder, into the inbox of the look: landing empties it.
func (o *Onboarding) fill() error {
	path, inbox := o.path, filepath.Join(o.dir, "inbox")
	if err := errors.Join(os.RemoveAll(inbox), os.MkdirAll(inbox, 0o700)); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return tributary.Fix(err, "name a file or a folder that is there and that you may read")
	}
	if !info.IsDir() {
		return copyTo(path, filepath.Join(inbox, filepath.Base(path)))
	}
	n := 0
	err = filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		n++
		rest, err := filepath.Rel(path, p)
		if err != nil {
			return err
		}
		to := filepath.Join(inbox, rest)
		return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), copyTo(p, to))
	})
	if err == nil && n == 0 {
		err = tributary.Fix(errors.New("the folder holds no file"), "name the folder that the agency's files are in")
	}
	return err
}

func copyTo(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return tributary.Fix(err, "name a file that you may read")
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// land lands the inbox into a fresh folder and returns its files.
func (o *Onboarding) land(ctx context.Context, folder string, hints []tributary.Hint) (*land.Store, []tributary.File, error) {
	root := filepath.Join(o.dir, folder)
	if err := errors.Join(os.RemoveAll(root), o.fill()); err != nil {
		return nil, nil, fmt.Errorf("onboard: %w", err)
	}
	hints, err := o.w.resolve(hints)
	if err != nil {
		return nil, nil, err
	}
	store := &land.Store{Root: root, Temp: filepath.Join(o.dir, "tmp"), Log: o.w.Log, Threads: o.w.House.Limits.Threads}
	files, err := store.Land(ctx, filepath.Join(o.dir, "inbox"), o.agency, o.quarter, hints, o.w.Now())
	return store, files, err
}

// Samples lands the files and reads the first records of each sheet. Hints say what detection misses,
// such as the widths of a fixed-width file.
func (o *Onboarding) Samples(ctx context.Context, hints []tributary.Hint) ([]Sample, error) {
	store, files, err := o.land(ctx, "look", hints)
	if err != nil {
		return nil, err
	}
	db, err := warehouse.Scratch(ctx, o.w.House.Limits, filepath.Join(o.dir, "tmp"), store.Root)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var out []Sample
	for _, f := range files {
		if f.Format == "zip" && len(f.Sheets) == 0 && !f.Held {
			continue // its members stand beside it
		}
		s := Sample{Name: f.Name, Format: f.Format, Stripped: f.Stripped}
		for _, h := range hints {
			if ok, err := filepath.Match(h.Pattern, filepath.Base(f.Name)); err == nil && ok {
				s.Widths = h.Widths
			}
		}
		for _, g := range f.Findings {
			if f.Held && g.Severity == tributary.Blocks {
				s.Held = append(s.Held, g.Check+": "+g.Detail)
			}
		}
		if s.Encoding, s.Delimiter, err = o.describe(f); err != nil {
			return nil, err
		}
		for _, sheet := range f.Sheets {
			read, err := readSample(ctx, db, filepath.Join(store.Root, filepath.FromSlash(sheet.Parquet)), sheet)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			s.Sheets = append(s.Sheets, read)
		}
		for i := range s.Sheets {
			if s.Sheets[i].IsArray {
				s.Sheets[i].Parent = s.headingsAround(s.Sheets[i].Name)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// headingsAround are those of the records that hold a JSON array, which stage finds in the same way.
func (s Sample) headingsAround(array string) (headings []string) {
	longest := -1
	for _, o := range s.Sheets {
		if holds := o.Name == "" || strings.HasPrefix(array, o.Name+"."); holds && !o.IsArray && len(o.Name) > longest {
			longest, headings = len(o.Name), o.Headings
		}
	}
	return headings
}

func readSample(ctx context.Context, db *warehouse.DB, path string, sheet tributary.Sheet) (SampleSheet, error) {
	out := SampleSheet{Name: sheet.Name, Hidden: sheet.Hidden, Headings: sheet.Headings, Columns: sheet.Columns, Count: sheet.Rows}
	if sheet.Columns == 0 || sheet.Columns > 500 || sheet.Rows == 0 {
		return out, nil
	}
	cells := make([]string, sheet.Columns)
	for i := range cells {
		cells[i] = fmt.Sprintf("coalesce(c%d, '')", i+1)
	}
	rows, err := db.Query(ctx, fmt.Sprintf("select _row, coalesce(_path, ''), _fault is not null, [%s] from read_parquet(%s) order by _row, _path limit %d",
		strings.Join(cells, ", "), warehouse.Text(filepath.ToSlash(path)), sampleRows))
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var r SampleRow
		var within string
		var torn bool
		var list []any
		if err := rows.Scan(&r.Number, &within, &torn, &list); err != nil {
			return out, err
		}
		out.IsArray = out.IsArray || within != "" && sheet.Name != ""
		for _, v := range list {
			text, _ := v.(string)
			r.Cells = append(r.Cells, text)
		}
		if !torn {
			out.Rows = append(out.Rows, r)
		}
	}
	return out, rows.Err()
}

// describe says by which encoding and separator a text file is read; land goes by the same signs.
func (o *Onboarding) describe(f tributary.File) (encoding, delimiter string, err error) {
	if f.Format != "delimited" && f.Format != "fixed" && f.Format != "text" || strings.Contains(f.Name, ".zip/") {
		return "", "", nil
	}
	path := o.path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, filepath.FromSlash(f.Name))
	}
	file, err := os.Open(path)
	if err != nil {
		return "", "", err
	}
	defer file.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", "", err
	}
	head = head[:n]
	for len(head) > 0 && n == 64<<10 && !utf8.Valid(head) && len(head) > n-4 {
		head = head[:len(head)-1] // a character may be cut in two
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.Count(head, []byte{0})*3 > len(head):
		encoding = "utf-16"
		head = bytes.ReplaceAll(head, []byte{0}, nil)
	case utf8.Valid(head):
		encoding = "utf-8"
	default:
		encoding = "windows-1252"
	}
	if f.Format != "delimited" {
		return encoding, "", nil
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	most := 0
	for _, d := range []struct{ sign, name string }{{",", "comma"}, {";", "semicolon"}, {"\t", "tab"}, {"|", "pipe"}} {
		if c := bytes.Count(line, []byte(d.sign)); c > most {
			most, delimiter = c, d.name
		}
	}
	return encoding, delimiter, nil
}

// Preview is what a mapping makes of the files, before anybody relies on it.
type Preview struct {
	Sections []PreviewSection `json:"sections"`
	Findings []PreviewFinding `json:"findings"`
	Tables   []PreviewTable   `json:"tables"`
}

// PreviewSection says where the records of a sheet went.
type PreviewSection struct {
	File      string `json:"file"`
	Sheet     string `json:"sheet,omitempty"`
	Table     string `json:"table,omitempty"`
	Read      int64  `json:"read"`
	Taken     int64  `json:"taken"`
	SetAside  int64  `json:"set_aside"`
	Heading   int64  `json:"heading"`
	Blank     int64  `json:"blank"`
	Total     int64  `json:"total"`
	Duplicate int64  `json:"duplicate"`
	Skipped   int64  `json:"skipped"`
}

// PreviewFinding is a check that found something, folded over its rows.
type PreviewFinding struct {
	Check    string `json:"check"`
	Severity string `json:"severity"`
	Column   string `json:"column,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Count    int64  `json:"count"`
}

// PreviewTable is the first rows of a canonical table, as staged. The caller decides who may see them.
type PreviewTable struct {
	Table   string     `json:"table"`
	Columns []string   `json:"columns"`
	Private []bool     `json:"-"`
	Filled  []int64    `json:"filled"`
	Rows    [][]string `json:"rows"`
	Count   int64      `json:"count"`
}

// Load reads a mapping as a run would, and returns all its faults.
func (o *Onboarding) Load(yaml []byte) (*mapping.Agency, error) {
	dir := filepath.Join(o.dir, "mapping")
	err := errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Join(dir, "agencies"), 0o700))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "agencies", o.agency+".yaml"), yaml, 0o600)
	}
	if err != nil {
		return nil, err
	}
	all, err := mapping.Load(os.DirFS(dir))
	if err != nil || len(all) != 1 {
		return nil, err
	}
	return all[0], nil
}

// Preview lands and stages the files by the mapping, in the folder of the look.
func (o *Onboarding) Preview(ctx context.Context, a *mapping.Agency, rows int) (*Preview, error) {
	store, files, err := o.land(ctx, "landing", a.Hints(o.quarter))
	if err != nil {
		return nil, err
	}
	return o.w.preview(ctx, o.dir, a, store.Root, files, o.quarter, rows)
}

// preview stages files by a mapping, in a folder of the caller's.
func (w *Workspace) preview(ctx context.Context, dir string, a *mapping.Agency, landing string, files []tributary.File, q tributary.Quarter, rows int) (*Preview, error) {
	house := &warehouse.Warehouse{Root: filepath.Join(dir, "warehouse"), Temp: filepath.Join(dir, "tmp"), Limits: w.House.Limits}
	if err := os.RemoveAll(house.Root); err != nil {
		return nil, err
	}
	facts := warehouse.Step{Name: "fact", Schema: "fact", Fingerprint: "onboard"}
	if _, err := house.Build(ctx, facts, w.Ledger.Copy); err != nil {
		return nil, err
	}
	in := mapping.Input{
		Agencies: []*mapping.Agency{a}, Files: files, LandingRoot: landing, Quarters: []tributary.Quarter{q},
		Municipalities: w.Settings.municipalities(), Settings: w.Settings.rules(), DueDays: w.Settings.DueDays, Today: q.End(),
	}
	stage := warehouse.Step{Name: "stage", Schema: "stage", Fingerprint: "onboard", Folders: []string{landing}, Reads: map[string]string{"fact": facts.File()}}
	if _, err := house.Build(ctx, stage, func(ctx context.Context, db *warehouse.DB) error { return mapping.Stage(ctx, db, in, w.Log) }); err != nil {
		return nil, err
	}
	db, err := house.Open(ctx, map[string]string{"stage": stage.File()})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return readPreview(ctx, db, a, rows)
}

func readPreview(ctx context.Context, db *warehouse.DB, a *mapping.Agency, limit int) (*Preview, error) {
	p := &Preview{}
	rows, err := db.Query(ctx, `select file, coalesce(sheet, ''), coalesce(into_table, ''), read_count, taken_count, set_aside_count, heading_count,
		blank_count, total_count, duplicate_count, skipped_count from stage.section order by file, sheet, into_table`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s PreviewSection
		if err := rows.Scan(&s.File, &s.Sheet, &s.Table, &s.Read, &s.Taken, &s.SetAside, &s.Heading, &s.Blank, &s.Total, &s.Duplicate, &s.Skipped); err != nil {
			return nil, err
		}
		p.Sections = append(p.Sections, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	found, err := db.Query(ctx, `select check_id, severity, coalesce(column_name, ''), coalesce(any_value(detail order by detail), ''), count(*)
		from stage.finding group by check_id, severity, column_name
		order by case severity when 'blocks' then 0 when 'sets_aside' then 1 when 'please_confirm' then 2 else 3 end, count(*) desc, check_id, column_name`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var f PreviewFinding
		if err := found.Scan(&f.Check, &f.Severity, &f.Column, &f.Detail, &f.Count); err != nil {
			return nil, err
		}
		p.Findings = append(p.Findings, f)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	dictionary, err := config.ReadDictionary(sql.FS)
	if err != nil {
		return nil, err
	}
	var tables []string
	for _, t := range a.Tables {
		if !slices.Contains(tables, t.Into) {
			tables = append(tables, t.Into)
		}
	}
	for _, into := range tables {
		t := PreviewTable{Table: into}
		var shown, counts []string
		for _, c := range dictionary.Tables[into].Columns {
			t.Columns, t.Private = append(t.Columns, c), append(t.Private, dictionary.Columns[c].Private)
			shown, counts = append(shown, "coalesce(cast("+c+" as varchar), '')"), append(counts, "count("+c+")")
		}
		var filled []any
		if err := db.Scan(ctx, fmt.Sprintf("select count(*), [%s] from stage.%s", strings.Join(counts, ", "), into), nil, &t.Count, &filled); err != nil {
			return nil, err
		}
		for _, n := range filled {
			count, _ := n.(int64)
			t.Filled = append(t.Filled, count)
		}
		rows, err := db.Query(ctx, fmt.Sprintf(`select [%s] from stage.%s order by _address.file, _address.sheet, _address."row", _address.path limit %d`, strings.Join(shown, ", "), into, limit))
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var list []any
			if err := rows.Scan(&list); err != nil {
				return nil, err
			}
			var line []string
			for _, v := range list {
				text, _ := v.(string)
				line = append(line, text)
			}
			t.Rows = append(t.Rows, line)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		p.Tables = append(p.Tables, t)
	}
	return p, nil
}

// KnownClients are the client numbers that the agency's published deliveries hold; none where nothing
// is published yet.
func (w *Workspace) KnownClients(ctx context.Context, agency string) (map[string]bool, error) {
	known := map[string]bool{}
	m, err := w.House.Current()
	if err != nil || m.Steps["stage"] == "" {
		return known, nil //nolint:nilerr // nothing published, nothing known
	}
	err = w.query(ctx, map[string]string{"stage": m.Steps["stage"]},
		"select distinct client_local_id from stage.client where agency = ? and client_local_id is not null", func(rows *databasesql.Rows) error {
			var id string
			err := rows.Scan(&id)
			known[id] = true
			return err
		}, agency)
	return known, err
}

var fiscalPart, quarterPart = regexp.MustCompile(`\d{4}-\d{2}`), regexp.MustCompile(`Q[1-4]`)

// SourcePath is where files lie below the drop, with the quarter's name as the words {fy} and {q}; empty
// when they lie elsewhere or their folder names no quarter.
func (w *Workspace) SourcePath(path string, q tributary.Quarter) string {
	full, err := filepath.Abs(path)
	if err != nil || w.drop() == "" {
		return ""
	}
	if info, err := os.Stat(full); err != nil || !info.IsDir() {
		full = filepath.Dir(full)
	}
	rest, err := filepath.Rel(w.drop(), full)
	if err != nil || strings.HasPrefix(rest, "..") || !strings.Contains(rest, q.FiscalYear()) {
		return ""
	}
	rest = fiscalPart.ReplaceAllString(filepath.ToSlash(rest), "{fy}")
	return quarterPart.ReplaceAllString(rest, "{q}")
}

// QuarterIn is the quarter that a path names, such as 2025-26_Q1.
func QuarterIn(path string) (tributary.Quarter, bool) {
	m := regexp.MustCompile(`(\d{4}-\d{2})[_ -]?(Q[1-4])`).FindStringSubmatch(path)
	if m == nil {
		return tributary.Quarter{}, false
	}
	q, err := tributary.ParseQuarter(m[1] + m[2])
	return q, err == nil
}

// Places are all spellings of the workspace's municipalities.
func (w *Workspace) Places() []string {
	var out []string
	for _, m := range w.Settings.municipalities() {
		out = append(out, m.Spelling)
	}
	return out
}

// Mapping, MappingTable and MappingColumn are an agency as its file describes it, for those who may not
// import the machine that reads it.
type (
	Mapping       = mapping.Agency
	MappingTable  = mapping.Table
	MappingColumn = mapping.Column
)
