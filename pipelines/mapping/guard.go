package mapping

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// nilWords say in a small text file that there is nothing to report.
var nilWords = regexp.MustCompile(`(?i)\bnil\b|\bnothing to report\b|\bno (new )?(clients?|activity|data)\b|\bn[ée]ant\b|\brien [àa] (d[ée]clarer|signaler)\b|\baucune? (client|activit[ée]|donn[ée]e)`)

// nilRows is the most records a nil report has.
const nilRows = 20

// guard looks at whole files before any row is used: another agency's, another quarter's, the same
// bytes twice, headings that are not those of the mapping.
func (s *stager) guard(ctx context.Context) error {
	for _, f := range s.files {
		if f.state == fileUnknown {
			s.unknown(f)
		}
	}
	s.sameBytes()
	for _, f := range s.files {
		if f.state == fileTaken {
			s.shape(f)
		}
	}
	s.sharedBytes()
	// In order of quarter and arrival: what a person accepted is what the next quarter's file is held against.
	for _, f := range s.files {
		checks := []func(context.Context, *delivered) error{s.accepted}
		if f.state == fileTaken {
			checks = []func(context.Context, *delivered) error{s.checkQuarter, s.checkContent, s.checkDateOrder, s.checkVolume, s.accepted}
		}
		for _, check := range checks {
			if err := check(ctx, f); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
	}
	return nil
}

// unknown looks at a file whose name the mapping does not know.
func (s *stager) unknown(f *delivered) {
	if f.isNil() {
		f.state = fileNil
		f.raise("nil_report", tributary.Note, "the agency has nothing to report for the quarter")
		return
	}
	detail := "its name fits no file of the mapping; it is kept and not used"
	severity := tributary.Note
	for _, key := range sortedKeys(f.agency.Files) {
		if share, _ := fits(f.agency, key, f); share > 0.9 {
			severity = tributary.PleaseConfirm
			detail = fmt.Sprintf("its columns are those of %q; if it is one, add its name in the agency's file: files: %s: name:", key, key)
		}
	}
	// Agencies with the same system have the same columns: a file that could be its sender's is.
	if severity == tributary.Note {
		if other := s.owner(f); other != "" {
			f.hold("other_agency_file", fmt.Sprintf("its columns are those of files of %s", other))
			return
		}
	}
	f.raise("unknown_file", severity, detail)
}

// owner names another agency whose files look like this one.
func (s *stager) owner(f *delivered) string {
	for _, o := range s.files {
		if o.Agency != f.Agency && o.SHA256 == f.SHA256 && o.key != "" {
			return o.Agency
		}
	}
	for _, a := range s.in.Agencies {
		if a.Code == f.Agency {
			continue
		}
		for _, key := range sortedKeys(a.Files) {
			if share, _ := fits(a, key, f); share > 0.9 {
				return a.Code
			}
		}
	}
	return ""
}

func (f *delivered) isNil() bool {
	if len(f.sheets) != 1 || f.sheets[0].sheet.Rows > nilRows || f.Format == "xlsx" || f.Size > 4096 {
		return false
	}
	var text []string
	for _, row := range f.sheets[0].head {
		text = append(text, row.text())
	}
	return nilWords.MatchString(strings.Join(text, "\n"))
}

// sameBytes finds content that came before.
func (s *stager) sameBytes() {
	for i, f := range s.files {
		if f.state != fileTaken {
			continue
		}
		for _, o := range s.files[:i] {
			if o.Agency != f.Agency || o.SHA256 != f.SHA256 || o.key != f.key {
				continue
			}
			if o.Quarter == f.Quarter {
				f.raise("same_bytes", tributary.Note, fmt.Sprintf("has the same content as %s; one of them is used", o.Name))
			} else if s.aboutClients(f) {
				f.hold("wrong_quarter", fmt.Sprintf("has the same content as %s of %s", o.Name, o.Quarter))
			}
			break
		}
	}
}

// sharedBytes finds the very file of another agency. Either may be in the wrong folder, so a person
// is asked; a copy whose columns are another's is held by shape.
func (s *stager) sharedBytes() {
	for i, f := range s.files {
		for _, o := range s.files[:i] {
			if f.state == fileTaken && o.Agency != f.Agency && o.SHA256 == f.SHA256 && s.aboutClients(f) {
				f.raise("other_agency_file", tributary.PleaseConfirm, fmt.Sprintf("has the same content as %s of %s", base(o.Name), o.Agency))
				break
			}
		}
	}
}

// aboutClients says that a file lists children; lists of agreements or places may stay the same.
func (s *stager) aboutClients(f *delivered) bool {
	for _, t := range f.agency.Tables {
		if _, ok := t.Columns["client_local_id"]; ok && t.File == f.key {
			return true
		}
	}
	return false
}

// shape compares the headings of a file with those of its mapping.
func (s *stager) shape(f *delivered) {
	if share, wanted := fits(f.agency, f.key, f); wanted > 0 && share < 0.5 {
		if other := s.owner(f); other != "" {
			f.hold("other_agency_file", fmt.Sprintf("its columns are those of files of %s", other))
			return
		}
	}
	var missing []string
	for _, t := range f.agency.Tables {
		if t.File == f.key && f.sheetFor(t) == nil && !f.isSparse() && !slices.Contains(missing, t.Sheet) {
			missing = append(missing, t.Sheet)
		}
	}
	switch len(missing) {
	case 0:
	case 1:
		f.hold("sheet_missing", fmt.Sprintf("the sheet %q is not there; the file has %s", missing[0], quoted(f.sheetNames())))
	default:
		f.hold("sheet_missing", fmt.Sprintf("the sheets %s are not there; the file has %s", quoted(missing), quoted(f.sheetNames())))
	}
	f.paused = len(missing) > 0
	for _, ref := range f.sheets {
		tables := f.tablesOf(ref)
		if len(tables) == 0 {
			s.unusedSheet(f, ref)
			continue
		}
		if ref.isTooWide() || ref.parent != nil && ref.parent.isTooWide() {
			f.hold("too_many_columns", fmt.Sprintf("the sheet has %d columns; the most that is read is %d", ref.sheet.Columns, tooWide))
			return
		}
		l, moved := f.layoutOf(ref, tables)
		if moved > 0 {
			f.raiseIn(ref.sheet.Name, "heading_moved", tributary.Note, "", fmt.Sprintf("the headings stand in row %d, not where the mapping says", moved))
		}
		f.drifted(ref, l)
	}
	if f.paused {
		f.state = fileHeld
	}
}

func (f *delivered) sheetNames() []string {
	var out []string
	for _, ref := range f.sheets {
		out = append(out, ref.sheet.Name)
	}
	return out
}

func (s *stager) unusedSheet(f *delivered, ref *sheetRef) {
	for _, name := range f.rule.IgnoreSheets {
		if tidyHeading(name) == tidyHeading(ref.sheet.Name) {
			return
		}
	}
	if ref.sheet.Rows == 0 || ref.sheet.Name == "" {
		return
	}
	f.raiseIn(ref.sheet.Name, "sheet_added", tributary.Note, "", fmt.Sprintf("the sheet %q is in no table of the mapping; it is kept in landing and not used", ref.sheet.Name))
}

// checkQuarter reads the column that says which day the file speaks for.
func (s *stager) checkQuarter(ctx context.Context, f *delivered) error {
	if f.rule.QuarterCheck == nil {
		return nil
	}
	for _, ref := range f.sheets {
		tables := f.tablesOf(ref)
		if len(tables) == 0 {
			continue
		}
		l, _ := f.layoutOf(ref, tables)
		i, ok := l.own.find(f.rule.QuarterCheck.Column)
		if !ok {
			continue
		}
		first := 0
		if len(l.headRows) > 0 {
			first = l.headRows[len(l.headRows)-1]
		}
		var inside, all int
		var most *string
		err := s.db.Scan(ctx, fmt.Sprintf(`with said as (select read_date(trim(c%d), %s) as day from read_parquet(%s) where _row > %d)
			select count(*) filter (day between cast(? as date) and cast(? as date)), count(day), cast(mode(day) as varchar) from said`,
			i+1, warehouse.Text(f.agency.DateOrder), warehouse.Text(ref.path), first),
			[]any{f.Quarter.Start().Format("2006-01-02"), f.Quarter.End().Format("2006-01-02")}, &inside, &all, &most)
		if err != nil {
			return err
		}
		if all > 0 && inside*2 < all {
			f.hold("wrong_quarter", fmt.Sprintf("%q says %s in most rows", f.rule.QuarterCheck.Column, *most))
			return nil
		}
	}
	return nil
}

// sameRows is the fewest rows that make equal content of two quarters a mistake, not a small list
// that did not change.
const sameRows = 20

// checkContent finds an earlier quarter's rows saved again, in other bytes. Only files with the same
// sheets of the same size are looked into.
func (s *stager) checkContent(ctx context.Context, f *delivered) error {
	if f.state != fileTaken || !s.aboutClients(f) {
		return nil
	}
	for _, o := range s.files {
		if o.Agency != f.Agency || o.key != f.key || o.Quarter.Compare(f.Quarter) >= 0 || !o.usable() || !sameSize(f, o) {
			continue
		}
		equal := true
		for i := range f.sheets {
			a, err := s.contentOf(ctx, f.sheets[i])
			if err != nil {
				return err
			}
			b, err := s.contentOf(ctx, o.sheets[i])
			if err != nil {
				return err
			}
			equal = equal && a == b
		}
		if equal {
			f.hold("wrong_quarter", fmt.Sprintf("says the same as %s of %s, row by row", base(o.Name), o.Quarter))
			return nil
		}
	}
	return nil
}

func sameSize(a, b *delivered) bool {
	if len(a.sheets) != len(b.sheets) || len(a.sheets) == 0 || a.sheets[0].sheet.Rows < sameRows {
		return false
	}
	for i := range a.sheets {
		if a.sheets[i].sheet.Rows != b.sheets[i].sheet.Rows || a.sheets[i].sheet.Columns != b.sheets[i].sheet.Columns {
			return false
		}
	}
	return true
}

// contentOf condenses the records below the headings: titles may name the quarter.
func (s *stager) contentOf(ctx context.Context, ref *sheetRef) (content string, err error) {
	if ref.sheet.Columns == 0 || ref.isTooWide() {
		return "", nil
	}
	first := 0
	if tables := ref.file.tablesOf(ref); len(tables) > 0 && ref.sheet.Headings == nil {
		first = slices.Max(append(ref.file.agency.headingRows(tables[0]), 0))
	}
	columns := make([]string, ref.sheet.Columns)
	for i := range columns {
		columns[i] = fmt.Sprintf("c%d", i+1)
	}
	err = s.db.Scan(ctx, fmt.Sprintf("select coalesce(cast(bit_xor(hash(_row, %s)) as varchar), '') from read_parquet(%s) where _row > %d",
		strings.Join(columns, ", "), warehouse.Text(ref.path), first), nil, &content)
	return content, err
}

// isHeldBy says that a guard held the file for a check.
func (f *delivered) isHeldBy(check string) bool {
	return slices.ContainsFunc(f.findings, func(g tributary.Finding) bool { return g.Check == check && g.Severity == tributary.Blocks })
}

// accepted lets a held file through where a person said so; one that is not this agency's, or that no
// entry names, is then ignored. A file that cannot be read stays held.
func (s *stager) accepted(ctx context.Context, f *delivered) error {
	isOthers := f.key == "" || f.isHeldBy("other_agency_file")
	if f.state != fileHeld || !isOthers && (len(f.Sheets) == 0 || f.isHeldBy("too_many_columns")) {
		return nil
	}
	var n int
	err := s.db.Scan(ctx, `select count(*) from fact.accept where agency = ? and quarter = ? and file = ? and sha256 = ?`,
		[]any{f.Agency, f.Quarter.String(), f.Name, f.SHA256}, &n)
	if err != nil || n == 0 {
		return err
	}
	f.paused, f.state = false, fileTaken
	if isOthers {
		f.state = fileUnknown
		f.settle("ignored, as a person said")
		return nil
	}
	f.settle("accepted by a person")
	return nil
}
