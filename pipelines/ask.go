package pipelines

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
	"tributary/connectors"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// Change is a published cell that a run would move.
type Change struct {
	Cell string   `json:"cell"`
	Old  *float64 `json:"old"`
	New  *float64 `json:"new"`
}

// Plan builds all steps without publishing and says which published cells would change. Nothing is
// pulled: it speaks of what is landed.
func (w *Workspace) Plan(ctx context.Context, q tributary.Quarter) ([]Change, []error, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, nil, fmt.Errorf("plan %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	var out Outcome
	next, err := w.build(ctx, q, &out)
	if err != nil {
		return nil, nil, fmt.Errorf("plan %s: %w", q, err)
	}
	files := map[string]string{"next": next.Steps["measure"]}
	before := "select '' as cell_id, 0.0 as value where false"
	if now, err := w.House.Current(); err == nil {
		files["now"] = now.Steps["measure"]
		before = "select cell_id, value from now.cell"
	} else if !errors.Is(err, warehouse.ErrNothingPublished) {
		return nil, nil, err
	}
	db, err := w.House.Open(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select coalesce(o.cell_id, n.cell_id) as cell_id, o.value, n.value
		from (`+before+`) as o full join next.cell as n on n.cell_id = o.cell_id
		where o.value is distinct from n.value order by cell_id`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	changes := []Change{}
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.Cell, &c.Old, &c.New); err != nil {
			return nil, nil, err
		}
		changes = append(changes, c)
	}
	return changes, out.Faults, rows.Err()
}

// Receive lands a file that arrived by hand, through the same inbox as pulled ones.
func (w *Workspace) Receive(ctx context.Context, path string, a *mapping.Agency, q tributary.Quarter) ([]tributary.File, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("receive %s %s: %w", a.Code, q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	if _, err := os.Stat(path); err != nil {
		return nil, tributary.Fix(fmt.Errorf("receive: %w", err), "name a file that is there and that you may read")
	}
	receipt, err := connectors.Pull(ctx, byHand(path), w.inbox(), a.Code, q)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	hints, err := w.resolve(a.Hints(q))
	if err != nil {
		return nil, err
	}
	files, err := w.Landing.Land(ctx, receipt.Folder, a.Code, q, hints, w.Now())
	if err != nil {
		return nil, fmt.Errorf("land %s %s: %w", a.Code, q, err)
	}
	return files, os.RemoveAll(receipt.Folder)
}

// byHand is a source of one file that a person holds.
type byHand string

func (path byHand) Pull(_ context.Context, _ string, _ tributary.Quarter, in *connectors.Inbox) error {
	f, err := os.Open(string(path))
	if err != nil {
		return tributary.Fix(err, "name a file that is there and that you may read")
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return tributary.Fix(errors.Join(fmt.Errorf("%s is a folder", filepath.Base(string(path))), err), "name one file at a time")
	}
	return in.Put(filepath.Base(string(path)), f)
}

// Look writes into the audit log that a person looks at named records.
func (w *Workspace) Look(ctx context.Context, verb, subject, reason string) error {
	for {
		last, _, err := w.Ledger.Last(ctx)
		if err != nil {
			return err
		}
		// The number keeps looks apart: who looks at the same moment, in whatever process, has another.
		err = w.Ledger.AppendAfter(ctx, last, ledger.Entry{Kind: "audit", Who: w.Who, At: w.Now(), Why: reason, Fields: map[string]string{
			"number": fmt.Sprint(last + 1), "verb": verb, "subject": subject}})
		if !errors.Is(err, ledger.ErrCameSince) {
			return err
		}
	}
}

// MeasureSQL returns the SELECT behind a measure and the canonical columns that it rests on.
func (w *Workspace) MeasureSQL(id string) (query string, evidence []string) {
	m, _ := w.Models.Measure(id)
	if m == nil {
		return "", nil
	}
	return m.SQL, m.Measure.Evidence
}

// CellAt finds the cell id behind a sheet cell of a workbook, written "FILE SHEET!F9", by the cell
// map beside the workbook.
func CellAt(text string) (string, error) {
	file, at, ok := strings.Cut(text, ".xlsx")
	sheet, cell, bang := strings.Cut(strings.TrimSpace(at), "!")
	wrong := func(err error) (string, error) {
		return "", tributary.Fix(fmt.Errorf("sheet cell %q: %w", text, err),
			`write the workbook, the sheet and the cell, as in "out/2025-26Q2/ministry-en.xlsx Who are we serving!F9"`)
	}
	if !ok || !bang {
		return wrong(errors.New("is not of the form FILE.xlsx SHEET!CELL"))
	}
	f, err := os.Open(file + ".cells.csv")
	if err != nil {
		return wrong(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return wrong(err)
	}
	for _, l := range lines {
		if strings.EqualFold(l[0], strings.Trim(sheet, "'")) && strings.EqualFold(l[1], strings.ReplaceAll(cell, "$", "")) {
			return l[2], nil
		}
	}
	return wrong(errors.New("holds no number of a measure"))
}

// CopyOf returns a function that finds the columnar copy of the landed sheet that a row came from; "" where it is gone.
func (w *Workspace) CopyOf() (func(tributary.Address) string, error) {
	files, err := w.Landing.Files("", tributary.Quarter{})
	if err != nil {
		return nil, err
	}
	copies := map[tributary.Address]string{}
	for _, f := range files {
		for _, s := range f.Sheets {
			copies[tributary.Address{Agency: f.Agency, Quarter: f.Quarter, File: f.Name, Version: f.Version, Sheet: s.Name}] = filepath.Join(w.Landing.Root, filepath.FromSlash(s.Parquet))
		}
	}
	return func(a tributary.Address) string {
		a.Row, a.Path = 0, ""
		if _, err := os.Stat(copies[a]); err != nil {
			return ""
		}
		return copies[a]
	}, nil
}

// Delivery is the state of one agency's delivery for one quarter.
type Delivery struct {
	Agency   string `json:"agency"`
	Name     string `json:"name"`
	Quarter  string `json:"quarter"`
	State    string `json:"state"`
	IsLate   bool   `json:"is_late"`
	Files    int    `json:"files"`
	Rows     int    `json:"rows"`
	Findings int    `json:"findings"`
	// DueOn is the day on which it is due, as 2025-07-15.
	DueOn string `json:"due_on,omitempty"`
	// Unread is set where the agency's source could not be read for it; then it is not called late.
	Unread *Unread `json:"unread,omitempty"`
}

// Deliveries reads the published states, by agency and quarter.
func (w *Workspace) Deliveries(ctx context.Context) ([]Delivery, error) {
	var out []Delivery
	err := w.published(ctx, `select d.agency, a.name, d.quarter, d.state, d.is_late, d.file_count, d.row_count, d.finding_count
		from release.delivery as d join release.agency as a on a.agency = d.agency order by d.agency, d.quarter`,
		func(rows *sql.Rows) error {
			var d Delivery
			err := rows.Scan(&d.Agency, &d.Name, &d.Quarter, &d.State, &d.IsLate, &d.Files, &d.Rows, &d.Findings)
			out = append(out, d)
			return err
		})
	return out, err
}

// Contact is who to write to about an agency's delivery: from the register, else from its mapping.
type Contact struct {
	Agency   string `json:"agency"`
	Role     string `json:"role"`
	Email    string `json:"email"`
	Language string `json:"language"`
}

// Contacts reads the contacts, by agency and role. The register, which is read by a run, goes before the agency's own
// file.
func (w *Workspace) Contacts(ctx context.Context) ([]Contact, error) {
	var out []Contact
	named := map[string]bool{}
	m, err := w.House.Current()
	switch {
	case err == nil:
		err = w.query(ctx, map[string]string{"core": m.Steps["core"]}, `
		select contact_agency, coalesce(contact_role, ''), coalesce(email, ''), coalesce(contact_language, '')
		from core.contact qualify row_number() over (
			partition by contact_agency, contact_role order by quarter desc, email, contact_language) = 1
		order by all`,
			func(rows *sql.Rows) error {
				var c Contact
				err := rows.Scan(&c.Agency, &c.Role, &c.Email, &c.Language)
				out, named[c.Agency] = append(out, c), true
				return err
			})
	case errors.Is(err, warehouse.ErrNothingPublished):
		err = nil
	}
	for _, a := range w.Agencies {
		if named[a.Code] {
			continue
		}
		for _, c := range a.Contacts {
			out = append(out, Contact{Agency: a.Code, Role: c.Role, Email: c.Email, Language: c.Language})
		}
	}
	return out, err
}

// published runs a query over the numbers view.
func (w *Workspace) published(ctx context.Context, query string, each func(*sql.Rows) error) error {
	m, err := w.House.Current()
	if err != nil {
		return err
	}
	return w.query(ctx, m.Numbers(), query, each)
}

func (w *Workspace) query(ctx context.Context, files map[string]string, query string, each func(*sql.Rows) error, args ...any) error {
	db, err := w.House.Open(ctx, files)
	if err != nil {
		return err
	}
	defer db.Close()
	return scanAll(ctx, db, query, each, args...)
}

// Summary says how a run came out, in a few lines.
type Summary struct {
	Quarter    tributary.Quarter `json:"quarter"`
	Deliveries map[string]int    `json:"deliveries"`
	Findings   map[string]int    `json:"findings"`
	// Paste are the lines that paused agencies wait for.
	Paste []string `json:"paste,omitempty"`
	// Unread are the agencies whose source could not be read.
	Unread map[string]Unread `json:"unread,omitempty"`
}

// Summary reads the published states and findings of a quarter.
func (w *Workspace) Summary(ctx context.Context, q tributary.Quarter) (Summary, error) {
	s := Summary{Quarter: q, Deliveries: map[string]int{}, Findings: map[string]int{}, Unread: w.Unread()}
	all, err := w.Deliveries(ctx)
	if err != nil {
		return s, err
	}
	for _, d := range all {
		if d.Quarter == q.String() {
			s.Deliveries[d.State]++
		}
	}
	findings, err := w.Findings(ctx, FindingFilter{Quarter: q.String()})
	if err != nil {
		return s, err
	}
	for _, f := range findings {
		s.Findings[string(f.Severity)]++
		if f.Check == "heading_renamed" && f.Severity == tributary.Blocks {
			s.Paste = append(s.Paste, fmt.Sprintf("%s: %s", f.Address, f.Detail))
		}
	}
	return s, nil
}

// Print writes the summary for people.
func (s Summary) Print(out io.Writer) {
	line := func(what string, counts map[string]int) {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(counts)) {
			parts = append(parts, fmt.Sprintf("%d %s", counts[k], strings.ReplaceAll(k, "_", " ")))
		}
		if len(parts) == 0 {
			parts = []string{"none"}
		}
		fmt.Fprintf(out, "%s: %s\n", what, strings.Join(parts, ", "))
	}
	line("deliveries", s.Deliveries)
	line("findings", s.Findings)
	for _, p := range s.Paste {
		fmt.Fprintf(out, "paused: %s\n", p)
	}
	for _, code := range slices.Sorted(maps.Keys(s.Unread)) {
		fmt.Fprintf(out, "not read: %s: %s\n", code, s.Unread[code])
	}
}

// FindingFilter narrows a list of findings; empty fields match all. Replaced takes in what was found in files that
// newer ones replaced: it asks nothing any more.
type FindingFilter struct {
	Agency, Quarter, Check, Severity string
	Replaced                         bool
}

// Finding is a finding with its plain name and what to do.
type Finding struct {
	ID string `json:"id"`
	tributary.Finding
	Name string `json:"name"`
	Fix  string `json:"fix"`
	// NoColumn says that the value stands in no column of the file: Column is then our own word for it.
	NoColumn bool `json:"no_column,omitempty"`
	// IsReplaced says that it is about a file that a newer one replaced.
	IsReplaced bool `json:"is_replaced,omitempty"`
}

// Findings reads the findings of the published run, of the files that count. They hold no personal value.
func (w *Workspace) Findings(ctx context.Context, f FindingFilter) ([]Finding, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	name, fix := "name", "fix"
	if w.Settings.Language == "fr" {
		name, fix = "name_fr", "fix_fr"
	}
	unread := w.Unread()
	out := []Finding{}
	err = w.query(ctx, map[string]string{"stage": m.Steps["stage"]}, `
		select f.finding_id, f.check_id, f.severity, f.agency, coalesce(f.quarter, ''), coalesce(f.file, ''), coalesce(f.version, 0),
			coalesce(f.sheet, ''), coalesce(f."row", 0), coalesce(f.path, ''), coalesce(f.column_name, ''), coalesce(f.detail, ''),
			coalesce(k.`+name+`, f.check_id), coalesce(k.`+fix+`, ''), coalesce(f."row" > 0 and f.column_name <> '' and c.position is null, false), not `+isOfNewest+`
		from stage.finding as f
		left join stage.check_catalogue as k on k.check_id = f.check_id
		left join stage.finding_cell as c on c.finding_id = f.finding_id and c.check_id = f.check_id
		where (? or `+isOfNewest+`) and (? in ('', f.agency)) and (? in ('', f.quarter)) and (? in ('', f.check_id)) and (? in ('', f.severity))
		order by f.agency, f.quarter, f.file, f.version, f.sheet, f."row", f.path, f.check_id, f.column_name, f.finding_id`,
		func(rows *sql.Rows) error {
			var n Finding
			var quarter string
			err := rows.Scan(&n.ID, &n.Check, &n.Severity, &n.Agency, &quarter, &n.File, &n.Version,
				&n.Sheet, &n.Row, &n.Path, &n.Column, &n.Detail, &n.Name, &n.Fix, &n.NoColumn, &n.IsReplaced)
			if err == nil && quarter != "" {
				n.Quarter, err = tributary.ParseQuarter(quarter)
			}
			if u, ok := unread[n.Agency]; ok && n.Check == "delivery_missing" && u.Covers(quarter) {
				n.Fix = u.askNobody(w.Settings.Language)
			}
			out = append(out, n)
			return err
		}, f.Replaced, f.Agency, f.Quarter, f.Check, f.Severity)
	return out, err
}

// CheckSource says whether an agency's source can be reached.
func (w *Workspace) CheckSource(ctx context.Context, a *mapping.Agency) (string, error) {
	if a.Code == registerAgency {
		return "the workbook register.xlsx of this workspace", nil
	}
	if a.Source == nil {
		return "none: files come by hand, with tributary receive", nil
	}
	c, err := w.connector(a)
	if err != nil {
		return "", err
	}
	checker, ok := c.(connectors.Checker)
	if !ok {
		return "is known", nil
	}
	return "can be reached", mendable(a, checker.Check(ctx))
}

// mendable gives a fault of a source that nobody foresaw a way to look further.
func mendable(a *mapping.Agency, err error) error {
	if err == nil || tributary.FixOf(err) != "" || errors.Is(err, connectors.ErrNotReady) || errors.Is(err, context.Canceled) {
		return err
	}
	return tributary.Fix(err, fmt.Sprintf("are network and proxy up? compare source: in agencies/%s.yaml with what the agency's IT says; try it alone: tributary doctor %[1]s", a.Code))
}

// MappingSQL returns the SELECTs that an agency's mapping compiles to.
func (w *Workspace) MappingSQL(_ context.Context, a *mapping.Agency) (string, error) {
	return a.SQL()
}
