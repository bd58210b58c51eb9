package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/files"
	"tributary/pipelines/land"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
)

// Verdict is what would become of files if they were delivered as they are. What people said of earlier
// files (corrections, confirmations, accepted files) takes no part, so that it is the same on every machine.
type Verdict struct {
	Agency  string            `json:"agency"`
	Quarter tributary.Quarter `json:"quarter"`
	// State is one of DESIGN 7: accepted, accepted_with_findings, partly_accepted, paused, refused or nil.
	State string        `json:"state"`
	Files []CheckedFile `json:"files"`
	// Rows are those with data; SetAside how many of them would not count.
	Rows     int64   `json:"rows"`
	SetAside int64   `json:"set_aside"`
	Causes   []Cause `json:"causes"`
	// Few of the causes explain Explained of All findings that ask for something.
	Few       int              `json:"few"`
	Explained int              `json:"explained"`
	All       int              `json:"all"`
	Findings  []CheckedFinding `json:"findings"`
	// NotGiven are files that the delivery owes too and that were not checked.
	NotGiven []string `json:"not_given,omitempty"`
	// Skipped are files of a folder that no delivery holds, with the reason.
	Skipped []string `json:"skipped,omitempty"`
	// Written are the letters and marked copies.
	Written []string `json:"written,omitempty"`
}

// IsRefused says that something that was given would not be used until it is mended.
func (v Verdict) IsRefused() bool {
	return v.State == "refused" || v.State == "paused" || v.State == "partly_accepted"
}

// CheckedFile is a file and what would become of it (taken, held, superseded, nil, unknown).
type CheckedFile struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Rows  int64  `json:"rows"`
}

// CheckedFinding is a finding in the words of the agency's language, with its sheet cell where it has one.
type CheckedFinding struct {
	Finding
	// Cell is such as D3; empty where the finding is about a file or the format has no sheet cells.
	Cell string `json:"cell,omitempty"`
}

// Checking is a look at files as if they were delivered. All that it lands and stages lies in a folder that
// Close removes; nothing is kept or published.
type Checking struct {
	Verdict
	// w is the throw-away workspace of the look.
	w      *Workspace
	db     *warehouse.DB
	d      *dossier
	unlock func() error
}

// Check lands the files, or those of a folder, into a throw-away place in cache/tmp, stages them by the
// agency's mapping and runs all checks of class file, row, case and section that apply to them.
func (w *Workspace) Check(ctx context.Context, paths []string, a *mapping.Agency, q tributary.Quarter, lang string) (*Checking, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("check %s %s: %w", a.Code, q, err)
	}
	c, err := w.check(ctx, given(paths), a, q, lang)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	c.unlock = unlock
	return c, nil
}

// check is Check for who holds the lock already.
func (w *Workspace) check(ctx context.Context, from connectors.Connector, a *mapping.Agency, q tributary.Quarter, lang string) (_ *Checking, err error) {
	temp := w.Path("cache", "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(temp, "check-")
	if err != nil {
		return nil, err
	}
	c := &Checking{unlock: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("check %s %s: %w", a.Code, q, err), c.Close())
		}
	}()
	c.w = w.aside(dir, a)
	if c.w.Ledger, err = ledger.Open(ctx, c.w.Path("kept", "ledger.sqlite")); err != nil {
		return nil, err
	}
	stage, err := c.stage(ctx, from, a, q)
	if err != nil {
		return nil, err
	}
	if c.db, err = c.w.House.Open(ctx, map[string]string{"stage": stage}); err != nil {
		return nil, err
	}
	if c.d, err = c.w.dossier(ctx, c.db, a, q); err != nil {
		return nil, err
	}
	return c, c.judge(ctx, lang)
}

// aside is a workspace in a folder of its own that knows one agency and no facts.
func (w *Workspace) aside(dir string, a *mapping.Agency) *Workspace {
	s := *w
	s.Dir, s.Agencies, s.Ledger, s.isAside = dir, []*mapping.Agency{a}, nil, true
	temp := s.Path("cache", "tmp")
	s.Landing = &land.Store{Root: s.Path("kept", "landing"), Temp: temp, Log: w.Log, Threads: w.House.Limits.Threads}
	s.House = &warehouse.Warehouse{Root: s.Path("cache", "warehouse"), Temp: temp, Limits: w.House.Limits}
	return &s
}

// Close removes what was landed and staged for the look.
func (c *Checking) Close() error {
	var err error
	if c.db != nil {
		err = c.db.Close()
	}
	if c.w != nil {
		if c.w.Ledger != nil {
			err = errors.Join(err, c.w.Ledger.Close())
		}
		err = errors.Join(err, os.RemoveAll(c.w.Dir))
	}
	return errors.Join(err, c.unlock())
}

func (c *Checking) stage(ctx context.Context, from connectors.Connector, a *mapping.Agency, q tributary.Quarter) (string, error) {
	w := c.w
	receipt, err := connectors.Pull(ctx, from, w.inbox(), a.Code, q)
	if errors.Is(err, connectors.ErrNotReady) {
		err = tributary.Fix(errors.New("there is no file to check"), "name a file, or a folder that holds the agency's files")
	}
	if err != nil {
		return "", err
	}
	for _, s := range receipt.Skipped {
		c.Skipped = append(c.Skipped, s.Name+": "+s.Reason)
	}
	hints, err := w.resolve(a.Hints(q))
	if err != nil {
		return "", err
	}
	landed, err := w.Landing.Land(ctx, receipt.Folder, a.Code, q, hints, w.Now())
	if err != nil {
		return "", err
	}
	facts := warehouse.Step{Name: "fact", Schema: "fact", Fingerprint: "check"}
	if _, err := w.House.Build(ctx, facts, w.Ledger.Copy); err != nil {
		return "", err
	}
	in := mapping.Input{
		Agencies: w.Agencies, Files: landed, LandingRoot: w.Landing.Root, Quarters: []tributary.Quarter{q},
		Municipalities: w.Settings.municipalities(), Settings: w.Settings.rules(), DueDays: w.Settings.DueDays, Today: q.End(),
	}
	step := warehouse.Step{Name: "stage", Schema: "stage", Fingerprint: "check", Folders: []string{w.Landing.Root}, Reads: map[string]string{"fact": facts.File()}}
	_, err = w.House.Build(ctx, step, func(ctx context.Context, db *warehouse.DB) error { return w.stage(ctx, db, in) })
	return step.File(), err
}

// judge says what would become of the files. What the delivery owes besides them is no fault of theirs.
func (c *Checking) judge(ctx context.Context, lang string) error {
	d := c.d
	c.Agency, c.Quarter = d.agency.Code, d.quarter
	has := map[string]bool{}
	for _, f := range d.landed {
		key, _ := d.agency.Claim(f.Name)
		has[key] = true
	}
	d.found = slices.DeleteFunc(d.found, func(t told) bool {
		if t.Check != "file_missing" {
			return false
		}
		if key, _, _ := strings.Cut(t.Column, " of "); !has[key] {
			c.NotGiven = append(c.NotGiven, t.Column)
		}
		return true
	})
	taken, held := 0, 0
	for _, f := range d.files {
		c.Files = append(c.Files, CheckedFile{f.Name, f.State, f.Rows})
		switch f.State {
		case "taken":
			taken++
		case "held":
			held++
		}
	}
	switch {
	case d.state == "paused" || d.state == "nil":
	case taken == 0:
		d.state = "refused"
	case held > 0:
		d.state = "partly_accepted"
	case slices.ContainsFunc(d.found, told.isAsked):
		d.state = "accepted_with_findings"
	default:
		d.state = "accepted"
	}
	d.isLate = false
	c.State = d.state
	c.say(lang)
	c.Few, c.Explained, c.All = Explained(byRows(c.Causes))
	return c.db.Scan(ctx, `select
			(select cast(coalesce(sum(n), 0) as bigint) from (
				select max(read_count - heading_count - blank_count - total_count) as n from stage.section group by file, version, sheet)),
			(select count(distinct (_address.file, _address.version, coalesce(_address.sheet, ''), _address."row", coalesce(_address.path, ''))) from stage.set_aside)`,
		nil, &c.Rows, &c.SetAside)
}

// say words the findings, and the causes that ask for something.
func (c *Checking) say(lang string) {
	c.Findings = make([]CheckedFinding, 0, len(c.d.found))
	formats := map[string]string{}
	for _, f := range c.d.landed {
		formats[f.Name] = f.Format
	}
	for _, t := range c.d.found {
		f := CheckedFinding{Finding: t.Finding}
		f.Detail = t.detail(lang)
		if lang == "fr" {
			f.Name, f.Fix = t.nameFR, t.fixFR
		}
		if t.Row > 0 && t.position > 0 && formats[t.File] == "xlsx" {
			f.Cell = columnLetters(t.position) + fmt.Sprint(t.Row)
		}
		c.Findings = append(c.Findings, f)
	}
	causes, byID := c.d.fold()
	c.Causes = []Cause{}
	for _, cause := range causes {
		if cause.Severity == tributary.Note {
			continue
		}
		if first := byID[cause.Findings[0].ID+cause.Check]; lang == "fr" {
			cause.Name, cause.Fix = first.nameFR, first.fixFR
		}
		c.Causes = append(c.Causes, cause)
	}
}

// gravest puts the gravest causes first: they are mended first.
func gravest(causes []Cause) []Cause {
	slices.SortStableFunc(causes, func(a, b Cause) int { return gravity(a.Severity) - gravity(b.Severity) })
	return causes
}

func byRows(causes []Cause) []Cause {
	out := slices.Clone(causes)
	slices.SortStableFunc(out, func(a, b Cause) int { return b.Rows - a.Rows })
	return out
}

// Answer makes the letter in both languages and the marked copies, by the names that they get.
func (c *Checking) Answer(ctx context.Context) (map[string][]byte, error) {
	copies, err := c.w.marked(ctx, c.db, c.d)
	if err != nil {
		return nil, err
	}
	for _, lang := range Languages {
		l := c.w.letter(c.d, change{}, lang)
		for i := range l.Files {
			l.Files[i].ReceivedOn = time.Time{} // the same files have the same answer on any day
		}
		l.IsTrial = true
		copies.tell(&l)
		var book bytes.Buffer
		if err := feedback.Write(&book, l); err != nil {
			return nil, err
		}
		copies.data["letter-"+lang+".xlsx"] = book.Bytes()
	}
	return copies.data, nil
}

// WriteAnswer writes the letters and marked copies into a folder; what lies there stays, and the new one is
// put beside it.
func (c *Checking) WriteAnswer(ctx context.Context, dir string) error {
	all, err := c.Answer(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		path := filepath.Join(dir, name)
		sum, err := hashFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		at, err := place(path, all[name], sum != "")
		if err != nil {
			return err
		}
		c.Written = append(c.Written, at)
	}
	return nil
}

// given is a source of files and folders that a person names.
type given []string

func (paths given) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			folder, err := files.New(files.Config{Root: path, Path: "."}, func() time.Time { return time.Time{} }) // whoever names it has finished it
			if err != nil {
				return err
			}
			if err := folder.Pull(ctx, agency, q, in); err != nil {
				return err
			}
			continue
		}
		if err := byHand(path).Pull(ctx, agency, q, in); err != nil {
			return err
		}
	}
	return nil
}

// ClaimedQuarter is the quarter that the names of files claim by the agency's mapping, else by their
// folders; false when they say none, or several.
func ClaimedQuarter(paths []string, a *mapping.Agency) (tributary.Quarter, bool) {
	var q tributary.Quarter
	for _, path := range paths {
		names := []string{path}
		if entries, err := os.ReadDir(path); err == nil {
			names = nil
			for _, e := range entries {
				names = append(names, filepath.Join(path, e.Name()))
			}
		}
		for _, name := range names {
			_, claims := a.Claim(filepath.Base(name))
			if claims.IsZero() {
				full, err := filepath.Abs(name)
				if err != nil {
					continue
				}
				claims, _ = QuarterIn(full)
			}
			if !claims.IsZero() && !q.IsZero() && claims != q {
				return tributary.Quarter{}, false
			}
			if !claims.IsZero() {
				q = claims
			}
		}
	}
	return q, !q.IsZero()
}
