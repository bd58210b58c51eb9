package pipelines

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
	"tributary/reports/patch"
)

// What a marked copy shows of one cause, and in all: more coloured cells help nobody, and a spreadsheet
// program has to open them.
const (
	markedOfCause = 5000
	markedInAll   = 20000
)

// foldMarks keeps of a file's findings those that are marked, the gravest causes first, and says of each cause
// of which some are left out how many there are.
func foldMarks(found []told, lang string) (kept []told, left []patch.Mark) {
	type cause struct {
		check, column string
		severity      tributary.Severity
	}
	byCause := map[cause][]int{}
	var order []cause
	for i, t := range found {
		c := cause{t.Check, t.Column, t.Severity}
		if byCause[c] == nil {
			order = append(order, c)
		}
		byCause[c] = append(byCause[c], i)
	}
	slices.SortStableFunc(order, func(a, b cause) int { return gravity(a.severity) - gravity(b.severity) })
	room := markedInAll
	var at []int
	for _, c := range order {
		all := byCause[c]
		n := min(len(all), markedOfCause, room)
		room -= n
		at = append(at, all[:n]...)
		if n < len(all) {
			name, words := found[all[0]].Name, "%s: %d in all; the first %d are marked"
			if lang == "fr" {
				name, words = found[all[0]].nameFR, "%s : %d en tout; les %d premiers sont marqués"
			}
			if c.column != "" {
				name += " (" + c.column + ")"
			}
			left = append(left, patch.Mark{Message: fmt.Sprintf(words, name, len(all), n), Check: c.check, Severity: c.severity})
		}
	}
	slices.Sort(at)
	for _, i := range at {
		kept = append(kept, found[i])
	}
	return kept, left
}

// copies are the marked copies of a delivery's files by name, and what a letter says of them.
type copies struct {
	data map[string][]byte
	// marked have something to mend or to confirm, clean nothing; readOnly are marked and cannot come back.
	marked, clean, readOnly []string
	// unmarked says in each language which files have no copy, and why.
	unmarked map[string][]string
}

// tell puts into a letter which copies there are.
func (c *copies) tell(l *feedback.Letter) {
	l.MarkedFiles, l.CleanFiles, l.ReadOnly, l.Unmarked = c.marked, c.clean, c.readOnly, c.unmarked[l.Language]
}

func (c *copies) refuse(f tributary.File, why cannotMark) {
	c.unmarked["en"] = append(c.unmarked["en"], path.Base(f.Name)+" ("+why.en+")")
	c.unmarked["fr"] = append(c.unmarked["fr"], path.Base(f.Name)+" ("+why.fr+")")
}

// nested are the formats whose records a sheet cannot give back: a copy of theirs is for reading.
var nested = []string{"json", "jsonl", "parquet"}

// marked makes a copy of each file that no newer one replaced, with the cells marked that are to be mended or
// confirmed, or none: a workbook that was kept as it came is patched, all else is written new from the columnar copy.
func (w *Workspace) marked(ctx context.Context, db *warehouse.DB, d *dossier) (*copies, error) {
	out := &copies{data: map[string][]byte{}, unmarked: map[string][]string{}}
	byFile := map[string][]told{}
	for _, t := range d.found {
		if t.isAsked() && t.File != "" {
			key := versionKey(t.File, t.Version)
			byFile[key] = append(byFile[key], t)
		}
	}
	clients, err := clientColumns(ctx, db, d)
	if err != nil {
		return nil, err
	}
	for _, f := range d.landed {
		fate, found := d.fates[versionKey(f.Name, f.Version)], byFile[versionKey(f.Name, f.Version)]
		isReplaced := fate.state == "superseded" || slices.ContainsFunc(d.landed, func(o tributary.File) bool { return o.Name == f.Name && o.Version > f.Version })
		if isReplaced || fate.state == "nil" || len(f.Sheets) == 0 && len(found) == 0 {
			continue // nor is there a copy of a text that is no table
		}
		if len(f.Sheets) == 0 {
			out.refuse(f, cannotMark{"could not be read", "n'a pu être lu"})
			continue
		}
		name, data, err := w.markFile(ctx, f, found, clients, patch.Options{Language: cmp.Or(d.agency.Language, w.Settings.Language)}, fate)
		var refused *cannotMark
		if errors.As(err, &refused) {
			out.refuse(f, *refused)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("mark %s: %w", f.Name, err)
		}
		name = out.free(name)
		out.data[name] = data
		switch {
		case len(found) == 0:
			out.clean = append(out.clean, name)
		case slices.Contains(nested, f.Format):
			out.readOnly = append(out.readOnly, name)
		default:
			out.marked = append(out.marked, name)
		}
	}
	return out, nil
}

// free is the name, or another where two zips hold files of one name.
func (c *copies) free(name string) string {
	ext := filepath.Ext(name)
	for n, base := 2, strings.TrimSuffix(name, ext); c.data[name] != nil; n++ {
		name = fmt.Sprintf("%s (%d)%s", base, n, ext)
	}
	return name
}

// cannotMark is why a file has no marked copy.
type cannotMark struct{ en, fr string }

func (c *cannotMark) Error() string { return c.en }

// refusals are what keeps a workbook from being patched.
var refusals = []struct {
	err error
	why cannotMark
}{
	{patch.ErrEncrypted, cannotMark{"it is protected by a password", "il est protégé par un mot de passe"}},
	{patch.ErrSigned, cannotMark{"it is digitally signed", "il est signé numériquement"}},
	{patch.ErrTooLarge, cannotMark{"it is too large", "il est trop volumineux"}},
	{patch.ErrDamaged, cannotMark{"it is damaged", "il est endommagé"}},
	{patch.ErrNotWorkbook, cannotMark{"it is no .xlsx workbook", "ce n'est pas un classeur .xlsx"}},
}

// markFile makes one marked copy. A workbook keeps its name, so that it takes the file's place when it
// comes back; a copy of another format has .xlsx after it.
func (w *Workspace) markFile(ctx context.Context, f tributary.File, found []told, clients map[string]int, o patch.Options, fate fate) (string, []byte, error) {
	name := path.Base(f.Name)
	book := &copied{file: f}
	o.Summary = fate.in(o.Language)
	found, book.left = foldMarks(found, o.Language)
	if f.Format == "xlsx" && f.Original {
		file, err := w.Landing.Original(f)
		if err != nil {
			return "", nil, err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return "", nil, err
		}
		data, err := mark(file, info.Size(), book.marks(found, clients, o.Language), o)
		return name, data, err
	}
	if ext := strings.ToLower(filepath.Ext(name)); ext != ".xlsx" && ext != ".xlsm" {
		name += ".xlsx"
	}
	plain, err := w.copyFile(ctx, book)
	if err != nil {
		return "", nil, err
	}
	data, err := mark(bytes.NewReader(plain), int64(len(plain)), book.marks(found, clients, o.Language), o)
	return name, data, err
}

func mark(r interface {
	ReadAt([]byte, int64) (int, error)
}, size int64, marks []patch.Mark, o patch.Options) ([]byte, error) {
	book, err := patch.Open(r, size)
	var out bytes.Buffer
	if err == nil {
		_, err = book.Mark(&out, marks, o)
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return nil, &r.why
		}
	}
	return out.Bytes(), err
}

// copied is a file that is written new, and where its rows went.
type copied struct {
	file tributary.File
	// names are the sheets' names in the copy; rows, of formats without row numbers, where each record went.
	names map[string]string
	rows  map[string]int
	// left says what is not marked.
	left []patch.Mark
}

func (c *copied) place(t told) (sheet string, row int64) {
	sheet, row = t.Sheet, t.Row
	if name, ok := c.names[t.Sheet]; ok {
		sheet = name
	}
	if c.rows != nil {
		row = int64(c.rows[recordKey(t.Sheet, t.Row, t.Path)])
	}
	return sheet, row
}

func recordKey(sheet string, row int64, path string) string {
	return sheet + "\x00" + strconv.FormatInt(row, 10) + "\x00" + path
}

// marks says where the findings are in the copy. One about a whole row stands at the client's number.
func (c *copied) marks(found []told, clients map[string]int, lang string) []patch.Mark {
	out := slices.Clone(c.left)
	for _, t := range found {
		m := patch.Mark{Client: t.client, Message: t.message(lang), Check: t.Check, Severity: t.Severity}
		sheet, row := c.place(t)
		if slices.ContainsFunc(c.file.Sheets, func(s tributary.Sheet) bool { return s.Name == t.Sheet }) && (sheet != "" || row > 0) {
			m.Sheet = sheet
		}
		if m.Sheet != "" && row > 0 {
			column := cmp.Or(t.position, clients[t.File+"\x00"+t.Sheet], 1)
			m.Cell = columnLetters(column) + strconv.FormatInt(row, 10)
		}
		out = append(out, m)
	}
	return out
}

// columnLetters names a column as a spreadsheet does: 1 is A.
func columnLetters(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// clientColumns are where each sheet has the client's number.
func clientColumns(ctx context.Context, db *warehouse.DB, d *dossier) (map[string]int, error) {
	out := map[string]int{}
	err := scanAll(ctx, db, `select file, coalesce(sheet, ''), min(position) from stage."column"
		where agency = ? and quarter = ? and column_name = 'client_local_id' group by all order by all`,
		func(rows *sql.Rows) error {
			var file, sheet string
			var position int
			err := rows.Scan(&file, &sheet, &position)
			out[file+"\x00"+sheet] = position
			return err
		}, d.agency.Code, d.quarter.String())
	return out, err
}

// copyFile writes a file new from its columnar copy: same sheets, rows and columns; what was stripped is
// empty under its heading.
func (w *Workspace) copyFile(ctx context.Context, c *copied) ([]byte, error) {
	cells := int64(0)
	for _, s := range c.file.Sheets {
		cells += s.Rows * int64(s.Columns)
		if s.Rows >= feedback.MostRows || cells > feedback.MostCells {
			return nil, &cannotMark{"it is too long for a workbook; the letter lists what matters", "il est trop long pour un classeur; la lettre énumère l'essentiel"}
		}
	}
	temp := w.Path("cache", "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	db, err := warehouse.Scratch(ctx, w.House.Limits, temp, w.Landing.Root)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c.names = map[string]string{}
	var sheets []feedback.Sheet
	for _, s := range c.file.Sheets {
		name := feedback.SheetName(cmp.Or(s.Name, strings.TrimSuffix(path.Base(c.file.Name), path.Ext(c.file.Name))))
		for n := 2; slices.ContainsFunc(sheets, func(o feedback.Sheet) bool { return strings.EqualFold(o.Name, name) }); n++ {
			name = feedback.SheetName(fmt.Sprintf("%d %s", n, s.Name))
		}
		c.names[s.Name] = name
		if s.Headings != nil && c.rows == nil {
			c.rows = map[string]int{}
		}
		sheets = append(sheets, feedback.Sheet{Name: name, IsFile: s.Name == "" && len(c.file.Sheets) == 1 && !slices.Contains(nested, c.file.Format), Headings: s.Headings, Columns: s.Columns,
			Rows: func(put func(int, []string) error) error { return c.copySheet(ctx, db, w.Landing.Root, s, put) }})
	}
	var out bytes.Buffer
	err = feedback.WriteCopy(&out, temp, sheets)
	return out.Bytes(), err
}

func (c *copied) copySheet(ctx context.Context, db *warehouse.DB, root string, s tributary.Sheet, put func(int, []string) error) error {
	if s.Columns == 0 {
		return nil
	}
	list := make([]string, s.Columns)
	for i := range list {
		list[i] = fmt.Sprintf("coalesce(c%d, '')", i+1)
	}
	row := 1
	return scanAll(ctx, db, fmt.Sprintf("select _row, coalesce(_path, ''), [%s] from read_parquet(%s) order by _row, length(_path), _path",
		strings.Join(list, ", "), warehouse.Text(filepath.ToSlash(filepath.Join(root, filepath.FromSlash(s.Parquet))))),
		func(rows *sql.Rows) error {
			var number int64
			var path string
			var all []any
			if err := rows.Scan(&number, &path, &all); err != nil {
				return err
			}
			at := int(number)
			if c.rows != nil {
				row++
				at = row
				c.rows[recordKey(s.Name, number, path)] = at
			}
			cells := make([]string, len(all))
			for i, v := range all {
				cells[i], _ = v.(string)
			}
			return put(at, cells)
		})
}
