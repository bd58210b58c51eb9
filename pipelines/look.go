package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
)

// ErrNoDelivery says that nothing is known of an agency's delivery for a quarter.
var ErrNoDelivery = errors.New("no such delivery")

// DeliveryDetail is one delivery as a person looks at it: what came, how its rows were taken, and the causes of its
// findings. It holds no personal value.
type DeliveryDetail struct {
	Delivery
	ReceivedOn string
	Came       []CameFile
	Sections   []Section
	Causes     []CauseCount
	// Stated is nil or excused where a person said so, with who, when and why.
	Stated, StatedBy string
}

// CameFile is one landed file.
type CameFile struct {
	Name    string
	Version int
	// State is that of the published run: taken, held, superseded, nil, unknown; new when it came since.
	State, SupersededBy string
	Received            time.Time
	Size                int64
	Format              string
	// Accepted says who accepted it as it is, when and why.
	Accepted string
}

// Section is the row equation of one sheet and table: read = taken + set aside + the rest.
type Section struct {
	File, Sheet, Table                                        string
	Read, Taken, SetAside, Heading, Blank, Total, Twice, Skip int
	Superseded                                                bool
}

// CauseCount is a cause with how many findings it explains.
type CauseCount struct {
	Check, Severity, Name, Fix, Column, Detail string
	Findings, Files                            int
	// Confirmable says that its findings may be confirmed together.
	Confirmable bool
}

// DeliveryDetail reads one delivery, as published and as landed.
func (w *Workspace) DeliveryDetail(ctx context.Context, agency string, q tributary.Quarter) (DeliveryDetail, error) {
	var out DeliveryDetail
	owed, err := w.Owed(ctx)
	if err != nil {
		return out, err
	}
	at := slices.IndexFunc(owed, func(d Delivery) bool { return d.Agency == agency && d.Quarter == q.String() })
	if at < 0 {
		return out, fmt.Errorf("%s %s: %w", agency, q, ErrNoDelivery)
	}
	out.Delivery = owed[at]
	if err := w.cameFiles(ctx, agency, q, &out); err != nil {
		return out, err
	}
	m, err := w.House.Current()
	if errors.Is(err, warehouse.ErrNothingPublished) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	db, err := w.House.Open(ctx, map[string]string{"stage": m.Steps["stage"]})
	if err != nil {
		return out, err
	}
	defer db.Close()
	key := []any{agency, q.String()}
	err = scanAll(ctx, db, "select coalesce(strftime(received_on, '%Y-%m-%d'), '') from stage.delivery where agency = ? and quarter = ?",
		func(rows *sql.Rows) error { return rows.Scan(&out.ReceivedOn) }, key...)
	if err != nil {
		return out, err
	}
	states := map[string][2]string{}
	err = scanAll(ctx, db, "select file, version, state, coalesce(superseded_by, '') from stage.file where agency = ? and quarter = ?",
		func(rows *sql.Rows) error {
			var name, state, by string
			var version int
			err := rows.Scan(&name, &version, &state, &by)
			states[fmt.Sprint(name, "\x00", version)] = [2]string{state, by}
			return err
		}, key...)
	if err != nil {
		return out, err
	}
	for i, f := range out.Came {
		if s, ok := states[fmt.Sprint(f.Name, "\x00", f.Version)]; ok {
			out.Came[i].State, out.Came[i].SupersededBy = s[0], s[1]
		}
	}
	err = scanAll(ctx, db, `select file, coalesce(sheet, ''), coalesce(into_table, ''), read_count, taken_count, set_aside_count, heading_count, blank_count, total_count, duplicate_count, skipped_count, superseded
		from stage.section where agency = ? and quarter = ? order by superseded, file, version, sheet, into_table`,
		func(rows *sql.Rows) error {
			var s Section
			err := rows.Scan(&s.File, &s.Sheet, &s.Table, &s.Read, &s.Taken, &s.SetAside, &s.Heading, &s.Blank, &s.Total, &s.Twice, &s.Skip, &s.Superseded)
			out.Sections = append(out.Sections, s)
			return err
		}, key...)
	if err != nil {
		return out, err
	}
	name, fix := w.checkWords()
	err = scanAll(ctx, db, `select f.check_id, f.severity, coalesce(any_value(k.`+name+`), f.check_id), coalesce(any_value(k.`+fix+`), ''), coalesce(f.column_name, ''),
			case when count(distinct f.detail) = 1 then coalesce(min(f.detail), '') else '' end, count(*), count(distinct (f.file, f.version))
		from stage.finding as f left join stage.check_catalogue as k on k.check_id = f.check_id
		where `+isOfNewest+` and f.agency = ? and f.quarter = ?
		group by f.check_id, f.severity, f.column_name
		order by list_position(['blocks', 'sets_aside', 'please_confirm', 'note'], f.severity), count(*) desc, f.check_id, f.column_name`,
		func(rows *sql.Rows) error {
			var c CauseCount
			err := rows.Scan(&c.Check, &c.Severity, &c.Name, &c.Fix, &c.Column, &c.Detail, &c.Findings, &c.Files)
			c.Confirmable = c.Severity == string(tributary.PleaseConfirm)
			out.Causes = append(out.Causes, c)
			return err
		}, key...)
	return out, err
}

// checkWords are the columns of the catalogue in the workspace's language.
func (w *Workspace) checkWords() (name, fix string) {
	if w.Settings.Language == "fr" {
		return "name_fr", "fix_fr"
	}
	return "name", "fix"
}

// cameFiles lists what is landed, and what people said of it.
func (w *Workspace) cameFiles(ctx context.Context, agency string, q tributary.Quarter, out *DeliveryDetail) error {
	landed, err := w.Landing.Files(agency, q)
	if err != nil {
		return err
	}
	accepted := map[string]string{}
	facts, err := w.Ledger.Current(ctx, "accept")
	if err != nil {
		return err
	}
	for _, f := range facts {
		if f.Fields["agency"] == agency && f.Fields["quarter"] == q.String() {
			accepted[f.Fields["file"]+"\x00"+f.Fields["version"]] = said(f.Why, f.Who, f.At)
		}
	}
	for _, f := range landed {
		out.Came = append(out.Came, CameFile{Name: f.Name, Version: f.Version, State: "new", Received: f.ReceivedAt, Size: f.Size, Format: f.Format,
			Accepted: accepted[f.Name+"\x00"+fmt.Sprint(f.Version)]})
	}
	if facts, err = w.Ledger.Current(ctx, "delivery_state"); err != nil {
		return err
	}
	for _, f := range facts {
		if f.Fields["agency"] == agency && f.Fields["quarter"] == q.String() {
			out.Stated, out.StatedBy = f.Fields["state"], said(f.Why, f.Who, f.At)
		}
	}
	return nil
}

func said(why, who string, at time.Time) string {
	return fmt.Sprintf("%s (%s, %s)", why, who, at.Format(time.DateOnly))
}

// FindingsPage reads some of the findings of one delivery and says how many there are: a hundred thousand are
// looked at page by page. Column matters only with a check.
func (w *Workspace) FindingsPage(ctx context.Context, agency string, q tributary.Quarter, check, column string, offset, limit int) (found []Finding, all int, err error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, 0, err
	}
	name, fix := w.checkWords()
	err = w.query(ctx, map[string]string{"stage": m.Steps["stage"]}, `
		select count(*) over (), f.finding_id, f.check_id, f.severity, f.agency, coalesce(f.file, ''), coalesce(f.version, 0), coalesce(f.sheet, ''),
			coalesce(f."row", 0), coalesce(f.path, ''), coalesce(f.column_name, ''), coalesce(f.detail, ''), coalesce(k.`+name+`, f.check_id), coalesce(k.`+fix+`, '')
		from stage.finding as f left join stage.check_catalogue as k on k.check_id = f.check_id
		where `+isOfNewest+` and f.agency = ? and f.quarter = ? and ? in ('', f.check_id) and (? = '' or ? = coalesce(f.column_name, ''))
		order by list_position(['blocks', 'sets_aside', 'please_confirm', 'note'], f.severity), f.check_id, f.file, f.version, f.sheet, f."row", f.path, f.column_name, f.finding_id
		limit ? offset ?`,
		func(rows *sql.Rows) error {
			n := Finding{}
			err := rows.Scan(&all, &n.ID, &n.Check, &n.Severity, &n.Agency, &n.File, &n.Version, &n.Sheet, &n.Row, &n.Path, &n.Column, &n.Detail, &n.Name, &n.Fix)
			n.Quarter = q
			found = append(found, n)
			return err
		}, agency, q.String(), check, check, column, limit, offset)
	return found, all, err
}

// FindingRow is one finding with the row that it is about, as it came. It shows a person's values: the caller audits
// the look.
type FindingRow struct {
	Finding
	Client, Shown string
	// Answers are what was said of it before.
	Answers []string
	// Table and Corrects are the canonical table and column that the cell feeds, where it feeds one.
	Table, Corrects string
	Cells           []RowCell
}

// RowCell is one cell of a row, as the file shows it.
type RowCell struct {
	// At is the cell as a spreadsheet names it; Column our name for it where it is mapped.
	At, Heading, Column, Text string
	IsIt                      bool
}

// FindingRow reads one finding of a delivery, and its row out of the columnar copy of the landed file.
func (w *Workspace) FindingRow(ctx context.Context, agency string, q tributary.Quarter, id string) (FindingRow, error) {
	var out FindingRow
	m, err := w.House.Current()
	if err != nil {
		return out, err
	}
	db, err := w.House.Open(ctx, map[string]string{"stage": m.Steps["stage"]})
	if err != nil {
		return out, err
	}
	defer db.Close()
	name, fix := w.checkWords()
	position := 0
	err = scanAll(ctx, db, `select f.finding_id, f.check_id, f.severity, coalesce(f.file, ''), coalesce(f.version, 0), coalesce(f.sheet, ''), coalesce(f."row", 0), coalesce(f.path, ''),
			coalesce(f.column_name, ''), coalesce(f.detail, ''), coalesce(k.`+name+`, f.check_id), coalesce(k.`+fix+`, ''), coalesce(c.client_local_id, ''), coalesce(c.shown, ''), coalesce(c.position, 0)
		from stage.finding as f
		left join stage.check_catalogue as k on k.check_id = f.check_id
		left join (select * from stage.finding_cell where finding_id = ?) as c on c.check_id = f.check_id
		where f.agency = ? and f.quarter = ? and f.finding_id = ? order by f.check_id limit 1`,
		func(rows *sql.Rows) error {
			out.Agency, out.Quarter = agency, q
			return rows.Scan(&out.ID, &out.Check, &out.Severity, &out.File, &out.Version, &out.Sheet, &out.Row, &out.Path, &out.Column, &out.Detail, &out.Name, &out.Fix, &out.Client, &out.Shown, &position)
		}, id, agency, q.String(), id)
	if err != nil {
		return out, err
	}
	if out.ID == "" {
		return out, fmt.Errorf("finding %s: %w", id, ErrNotAsked)
	}
	err = scanAll(ctx, db, "select kind || ': ' || why || ' (' || who || ', ' || noted_at[1:10] || ')' from stage.answer where finding_id = ? and check_id = ? order by all",
		func(rows *sql.Rows) error {
			var text string
			err := rows.Scan(&text)
			out.Answers = append(out.Answers, text)
			return err
		}, out.ID, out.Check)
	if err != nil || out.Row == 0 {
		return out, err
	}
	columns := map[int]string{}
	headings := map[int]string{}
	err = scanAll(ctx, db, `select position, min(into_table || '.' || column_name), min(heading) from stage."column"
		where agency = ? and quarter = ? and file = ? and version = ? and coalesce(sheet, '') = ? and position > 0 group by position order by position`,
		func(rows *sql.Rows) error {
			var at int
			var column, heading string
			err := rows.Scan(&at, &column, &heading)
			columns[at], headings[at] = column, heading
			return err
		}, agency, q.String(), out.File, out.Version, out.Sheet)
	if err != nil {
		return out, err
	}
	if position == 0 {
		for at, heading := range headings {
			if heading == out.Column {
				position = at
			}
		}
	}
	out.Table, out.Corrects, _ = strings.Cut(columns[position], ".")
	return out, w.originalRow(ctx, &out, position, columns, headings)
}

// originalRow reads the row, and the heading row above it: the nearest one that says what a mapped column is
// called.
func (w *Workspace) originalRow(ctx context.Context, out *FindingRow, position int, columns, headings map[int]string) error {
	sheet, err := w.sheetOf(out.Address)
	if err != nil || sheet.Columns == 0 {
		return err
	}
	temp := w.House.Temp
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	db, err := warehouse.Scratch(ctx, w.House.Limits, temp, w.Landing.Root)
	if err != nil {
		return err
	}
	defer db.Close()
	list := make([]string, sheet.Columns)
	for i := range list {
		list[i] = fmt.Sprintf("coalesce(c%d, '')", i+1)
	}
	from := "read_parquet(" + warehouse.Text(filepath.ToSlash(filepath.Join(w.Landing.Root, filepath.FromSlash(sheet.Parquet)))) + ")"
	read := func(into *[]string, where string, args ...any) error {
		return scanAll(ctx, db, "select ["+strings.Join(list, ", ")+"] from "+from+" where "+where, func(rows *sql.Rows) error {
			var all []any
			err := rows.Scan(&all)
			*into = nil
			for _, v := range all {
				text, _ := v.(string)
				*into = append(*into, text)
			}
			return err
		}, args...)
	}
	titles := sheet.Headings
	for at := 1; titles == nil && at <= sheet.Columns; at++ {
		if headings[at] != "" {
			if err := read(&titles, fmt.Sprintf("_row < ? and trim(c%d) = ? order by _row desc limit 1", at), out.Row, headings[at]); err != nil {
				return err
			}
		}
	}
	var texts []string
	if err := read(&texts, "_row = ? and coalesce(_path, '') in (?, '') order by length(coalesce(_path, '')) desc limit 1", out.Row, out.Path); err != nil {
		return err
	}
	isSheet := slices.Contains([]string{".xlsx", ".xlsm"}, strings.ToLower(path.Ext(out.File)))
	for i, text := range texts {
		c := RowCell{Text: text, Column: columns[i+1], Heading: headings[i+1], IsIt: i+1 == position}
		if i < len(titles) && titles[i] != "" {
			c.Heading = titles[i]
		}
		if isSheet {
			c.At = fmt.Sprintf("%s%d", columnLetters(i+1), out.Row)
		}
		if c.Text == "" && c.Heading == "" {
			continue
		}
		out.Cells = append(out.Cells, c)
	}
	return nil
}

// sheetOf finds the landed sheet of an address; one without columns where it is no longer kept.
func (w *Workspace) sheetOf(a tributary.Address) (tributary.Sheet, error) {
	files, err := w.Landing.Files(a.Agency, a.Quarter)
	for _, f := range files {
		if f.Name != a.File || f.Version != a.Version {
			continue
		}
		for _, s := range f.Sheets {
			if s.Name != a.Sheet {
				continue
			}
			if _, err := os.Stat(filepath.Join(w.Landing.Root, filepath.FromSlash(s.Parquet))); err != nil {
				return tributary.Sheet{}, nil //nolint:nilerr // it was purged: there is nothing to show
			}
			return s, nil
		}
	}
	return tributary.Sheet{}, err
}

// Letters lists the letters and marked copies of a delivery that lie under out/, by name.
func (w *Workspace) Letters(agency string, q tributary.Quarter) ([]string, error) {
	entries, err := os.ReadDir(w.lettersFolder(agency, q))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".xlsx") && !strings.HasPrefix(e.Name(), "~$") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (w *Workspace) lettersFolder(agency string, q tributary.Quarter) string {
	return w.Path("out", q.String(), "feedback", agency)
}

// OpenLetter opens one of Letters by its name. It holds personal data: the caller audits the look.
func (w *Workspace) OpenLetter(agency string, q tributary.Quarter, name string) (*os.File, error) {
	names, err := w.Letters(agency, q)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	return os.Open(filepath.Join(w.lettersFolder(agency, q), name))
}

// MappedColumn is one heading of an agency's newest delivery and what it becomes.
type MappedColumn struct{ File, Sheet, Heading, Table, Column string }

// MappedColumns says how an agency's newest delivery was read, heading by heading.
func (w *Workspace) MappedColumns(ctx context.Context, agency string) ([]MappedColumn, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	var out []MappedColumn
	err = w.query(ctx, map[string]string{"stage": m.Steps["stage"]}, `
		select file, coalesce(sheet, ''), coalesce(heading, ''), into_table, column_name from stage."column"
		where agency = ? and quarter = (select max(quarter) from stage."column" where agency = ?)
		order by file, version, sheet, position, into_table, column_name`,
		func(rows *sql.Rows) error {
			var c MappedColumn
			err := rows.Scan(&c.File, &c.Sheet, &c.Heading, &c.Table, &c.Column)
			out = append(out, c)
			return err
		}, agency, agency)
	return out, err
}
