package mapping

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/warehouse"
)

// States of a landed file.
const (
	fileTaken      = "taken"
	fileHeld       = "held"
	fileSuperseded = "superseded"
	fileNil        = "nil"
	fileUnknown    = "unknown"
)

// lookRows is how many records are looked at to find the headings.
const lookRows = 25

// delivered is one landed file on its way through the guards.
type delivered struct {
	tributary.File
	agency       *Agency
	key          string // entry under files:; empty when no name pattern fits
	rule         FileRule
	kind         string
	asOf         time.Time
	state        string
	supersededBy string
	paused       bool
	sheets       []*sheetRef
	findings     []tributary.Finding
}

// sheetRef is one sheet of a delivered file, with its first records.
type sheetRef struct {
	no         int
	file       *delivered
	sheet      tributary.Sheet
	path       string
	parentPath string
	parent     *sheetRef
	isArray    bool // its records lie inside those of another sheet
	head       []headRow
}

type headRow struct {
	number int64
	cells  []string
}

func (f *delivered) raise(check string, severity tributary.Severity, detail string) {
	f.raiseIn("", check, severity, "", detail)
}

// raiseIn is raise for what is about one sheet, perhaps one column: findings of a file that say no sheet are one.
func (f *delivered) raiseIn(sheet, check string, severity tributary.Severity, column, detail string) {
	at := tributary.Address{Agency: f.Agency, Quarter: f.Quarter, File: f.Name, Version: f.Version, Sheet: sheet}
	f.findings = append(f.findings, tributary.Finding{Check: check, Severity: severity, Address: at, Column: column, Detail: detail})
}

// receivedOn is the day on which the file came, where it came: an evening in Toronto is the next day elsewhere.
func (f *delivered) receivedOn() time.Time { return calendar.Day(f.ReceivedAt) }

// hold keeps the whole file out, with the finding that says why.
func (f *delivered) hold(check, detail string) {
	f.raise(check, tributary.Blocks, detail)
	f.state = fileHeld
}

// usable says that the file's rows go into stage.
func (f *delivered) usable() bool { return f.state == fileTaken || f.state == fileSuperseded }

// recognise gives each file its place in its agency's mapping by its name.
func (s *stager) recognise() error {
	agencies := map[string]*Agency{}
	for _, a := range s.in.Agencies {
		agencies[a.Code] = a
	}
	for i := range s.in.Files {
		file := s.in.Files[i]
		a := agencies[file.Agency]
		if a == nil || !slices.Contains(s.in.Quarters, file.Quarter) || isWrapper(file) {
			continue
		}
		f := &delivered{File: file, agency: a, state: fileUnknown, asOf: file.Quarter.End()}
		if err := f.name(); err != nil {
			return err
		}
		if file.Held {
			f.state = fileHeld
		}
		s.files = append(s.files, f)
	}
	slices.SortStableFunc(s.files, func(a, b *delivered) int {
		if c := strings.Compare(a.Agency, b.Agency); c != 0 {
			return c
		}
		if c := a.Quarter.Compare(b.Quarter); c != 0 {
			return c
		}
		return newer(a, b)
	})
	return nil
}

// isWrapper says that a file is an archive that was opened: its members are the files.
func isWrapper(f tributary.File) bool { return f.Format == "zip" && len(f.Sheets) == 0 && !f.Held }

// name finds the entry under files: that the file's name fits.
func (f *delivered) name() error {
	for _, key := range sortedKeys(f.agency.Files) {
		rule := f.agency.Files[key]
		for _, text := range rule.Name {
			p, err := compilePattern(text)
			if err != nil {
				return err
			}
			ok, month, claims := p.match(base(f.Name), f.Quarter)
			if !ok {
				ok, month, claims = p.match(f.Name, f.Quarter)
			}
			if !ok {
				continue
			}
			f.key, f.rule, f.kind, f.state = key, rule, rule.Kind, fileTaken
			if f.kind == "" {
				f.kind = "snapshot"
			}
			if !month.IsZero() {
				f.asOf = month.AddDate(0, 1, -1)
			}
			if !claims.IsZero() && claims != f.Quarter && !f.Held {
				f.hold("wrong_quarter", fmt.Sprintf("its name says %s", claims))
			}
			return nil
		}
	}
	return nil
}

// newer orders files by when they came, then by name: clients.csv before clients_v2.csv before
// clients_v10.csv, and a version after the one it follows.
func newer(a, b *delivered) int {
	if c := a.ReceivedAt.Compare(b.ReceivedAt); c != 0 {
		return c
	}
	if c := strings.Compare(naturalName(a.Name), naturalName(b.Name)); c != 0 {
		return c
	}
	return a.Version - b.Version
}

// naturalName sorts the stem before anything appended to it, and numbers by their size.
func naturalName(name string) string {
	name = strings.TrimSuffix(name, filepath.Ext(name))
	var b strings.Builder
	for i := 0; i < len(name); {
		j := i
		for j < len(name) && name[j] >= '0' && name[j] <= '9' {
			j++
		}
		if j > i {
			fmt.Fprintf(&b, "%020s", name[i:j])
			i = j
			continue
		}
		b.WriteByte(name[i])
		i++
	}
	return strings.ToLower(b.String())
}

// open lists the sheets of the files and reads their first records.
func (s *stager) open(ctx context.Context) error {
	for _, f := range s.files {
		for _, sheet := range f.Sheets {
			ref := &sheetRef{no: len(s.sheets) + 1, file: f, sheet: sheet,
				path: filepath.ToSlash(filepath.Join(s.in.LandingRoot, filepath.FromSlash(sheet.Parquet)))}
			f.sheets = append(f.sheets, ref)
			s.sheets = append(s.sheets, ref)
		}
	}
	for _, ref := range s.sheets {
		if ref.file.state == fileHeld {
			continue
		}
		if err := ref.look(ctx, s.db); err != nil {
			return fmt.Errorf("%s: %w", ref.file.Name, err)
		}
	}
	for _, ref := range s.sheets {
		if err := ref.findElements(ctx, s.db); err != nil {
			return fmt.Errorf("%s: %w", ref.file.Name, err)
		}
	}
	for _, ref := range s.sheets {
		ref.findParent()
	}
	return nil
}

// tooWide is the most columns that a sheet may have: no export of a case system comes near it, and a
// workbook with a value far to the right takes minutes.
const tooWide = 2000

func (r *sheetRef) isTooWide() bool { return r.sheet.Columns > tooWide }

// look reads the first records, enough for headings and for what a nil report says.
func (r *sheetRef) look(ctx context.Context, db *warehouse.DB) error {
	if r.sheet.Headings != nil || r.sheet.Columns == 0 || r.isTooWide() {
		return nil
	}
	cells := make([]string, r.sheet.Columns)
	for i := range cells {
		cells[i] = "coalesce(c" + strconv.Itoa(i+1) + ", '')"
	}
	return db.Rows(ctx, fmt.Sprintf("select _row, [%s] from read_parquet(%s) where _row <= %d order by _row",
		strings.Join(cells, ", "), warehouse.Text(r.path), lookRows), nil, func(scan func(...any) error) error {
		var row headRow
		var list []any
		err := scan(&row.number, &list)
		for _, v := range list {
			text, _ := v.(string)
			row.cells = append(row.cells, text)
		}
		r.head = append(r.head, row)
		return err
	})
}

// findElements says whether a sheet holds what lies inside other records, which is what has a path.
func (r *sheetRef) findElements(ctx context.Context, db *warehouse.DB) error {
	if r.file.Format != "json" && r.file.Format != "jsonl" || r.sheet.Name == "" || r.sheet.Rows == 0 || r.file.state == fileHeld {
		return nil
	}
	return db.Scan(ctx, "select count(_path) > 0 from read_parquet("+warehouse.Text(r.path)+")", nil, &r.isArray)
}

// findParent finds the sheet of the records that hold a JSON array: their headings are reachable
// from each element. What a document says of itself around its lists holds none of their elements.
func (r *sheetRef) findParent() {
	if !r.isArray {
		return
	}
	for _, other := range r.file.sheets {
		holds := other.sheet.Name == "" || strings.HasPrefix(r.sheet.Name, other.sheet.Name+".")
		if holds && !other.isArray && (r.parent == nil || len(other.sheet.Name) > len(r.parent.sheet.Name)) {
			r.parent, r.parentPath = other, other.path
		}
	}
}

// text is the text of a record.
func (r headRow) text() string { return strings.TrimSpace(strings.Join(r.cells, " ")) }
