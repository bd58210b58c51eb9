package mapping

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
)

// Input is what stage is made of, besides the facts.
type Input struct {
	Agencies    []*Agency
	Files       []tributary.File
	LandingRoot string
	// Quarters are those considered, ascending.
	Quarters []tributary.Quarter
	// Municipalities are the workspace's own list; without one, names stay as they came.
	Municipalities []Municipality
	Settings       map[string]string
	// Today and DueDays say what is late: a delivery is due DueDays after the quarter's end.
	Today   time.Time
	DueDays int
}

// Municipality is one spelling of a municipality, and the area that it lies in.
type Municipality struct{ Spelling, Name, Area string }

// stager is one run of stage.
type stager struct {
	db     *warehouse.DB
	in     Input
	log    *slog.Logger
	d      *dictionary
	files  []*delivered
	sheets []*sheetRef
	groups []*group
	// columns are the rows of stage.column.
	columns [][]driver.Value
	// missing are findings about deliveries and files that are not there.
	missing []tributary.Finding
}

// group is the sheets that one SELECT per table reads.
type group struct {
	*layout
	sheets []*sheetRef
}

// Stage fills the attached database `stage` from landed files, and fails when a row that was read is
// neither taken, set aside nor recognised as no data. What is wrong with the data is a finding.
func Stage(ctx context.Context, db *warehouse.DB, in Input, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d, err := readDictionary()
	if err != nil {
		return err
	}
	s := &stager{db: db, in: in, log: log, d: d}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"tables", s.createTables}, {"names", func(context.Context) error { return s.recognise() }},
		{"headings", s.open}, {"guards", s.guard}, {"order", s.supersede}, {"rows", s.take},
		{"replaced", s.replaced}, {"empty", s.emptyFiles}, {"corrections", s.correct}, {"checks", s.checks},
		{"deliveries", s.deliveries}, {"findings", s.findings}, {"equation", s.equation},
	} {
		begin := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("stage: %s: %w", step.name, err)
		}
		log.Debug("staged", "step", "stage", "model", step.name, "took", time.Since(begin))
	}
	return s.clear(ctx)
}

// scratch are the tables of one run that no step file keeps.
var scratch = []string{"origin", "raised", "place", "content", "set_aside_key", "found", "leaving"}

func (s *stager) exec(ctx context.Context, statements ...string) error {
	for _, q := range statements {
		if err := s.db.Exec(ctx, q); err != nil {
			return fmt.Errorf("%w\nin: %s", err, firstLine(q))
		}
	}
	return nil
}

func firstLine(q string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(q), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}

func (s *stager) createTables(ctx context.Context) error {
	if err := createMacros(ctx, s.db); err != nil {
		return err
	}
	statements := []string{
		`create or replace table origin (sheet_no integer, parquet varchar, parent_parquet varchar, agency varchar, quarter varchar, file varchar,
			version integer, sheet varchar, as_of date, file_kind varchar, is_superseded boolean, row_count bigint)`,
		`create or replace table raised (check_id varchar, severity varchar, agency varchar, quarter varchar, file varchar, version integer,
			sheet varchar, "row" bigint, path varchar, column_name varchar, detail varchar)`,
		`create or replace table content (sheet_no integer, "row" bigint, client varchar, hash ubigint)`,
		`create or replace table place (spelling varchar, municipality varchar)`,
		`create table stage.agency (agency varchar, name varchar, name_fr varchar, role varchar, category varchar, language varchar,
			linking_rule varchar, linking_authority varchar, linking_scopes varchar[], area varchar, owes boolean, due_days integer)`,
		`create table stage.file (agency varchar, quarter varchar, file varchar, version integer, sha256 varchar, size bigint, received_on date,
			format varchar, file_key varchar, file_kind varchar, as_of date, state varchar, superseded_by varchar)`,
		`create table stage.section (agency varchar, quarter varchar, file varchar, version integer, sheet varchar, into_table varchar,
			read_count bigint, taken_count bigint, set_aside_count bigint, heading_count bigint, blank_count bigint, total_count bigint,
			duplicate_count bigint, skipped_count bigint, superseded boolean)`,
		`create table stage."column" (agency varchar, quarter varchar, file varchar, version integer, sheet varchar, into_table varchar,
			column_name varchar, heading varchar, position integer)`,
		`create table stage.delivery (agency varchar, quarter varchar, state varchar, is_late boolean, due_on date, received_on date,
			file_count bigint, row_count bigint, finding_count bigint)`,
		`create table stage.finding (finding_id varchar, check_id varchar, severity varchar, agency varchar, quarter varchar, file varchar,
			version integer, sheet varchar, "row" bigint, path varchar, column_name varchar, detail varchar)`,
		`create table stage.set_aside (agency varchar, quarter varchar, into_table varchar, check_id varchar, _address ` + addressType + `)`,
		`create table stage.emptied (agency varchar, quarter varchar, into_table varchar, column_name varchar, value varchar, check_id varchar,
			_address ` + addressType + `)`,
		`create table stage.corrected (agency varchar, quarter varchar, client_local_id varchar, into_table varchar, column_name varchar,
			was varchar, value varchar, is_used boolean, who varchar, noted_at varchar, why varchar, _address ` + addressType + `)`,
		`create table stage.setting (name varchar, value varchar)`,
		`create table stage.municipality (spelling varchar, municipality varchar, area varchar)`,
	}
	for _, table := range sortedKeys(s.d.Tables) {
		statements = append(statements, s.tableSQL(table))
	}
	if err := s.exec(ctx, statements...); err != nil {
		return err
	}
	if err := s.insertLists(ctx); err != nil {
		return err
	}
	place := "create or replace macro read_place(words) as (select any_value(place.municipality) from place where place.spelling = place_key(words))"
	if len(s.in.Municipalities) == 0 {
		place = "create or replace macro read_place(words) as read_text(words)"
	}
	return s.exec(ctx, place)
}

// tableSQL creates one canonical table.
func (s *stager) tableSQL(table string) string {
	columns := []string{"agency varchar", "quarter varchar", "as_of date", "file_kind varchar", "is_superseded boolean"}
	for _, c := range s.d.Tables[table].Columns {
		columns = append(columns, c+" "+s.d.Columns[c].Type)
	}
	return fmt.Sprintf("create table stage.%s (%s, _address %s)", table, strings.Join(columns, ", "), addressType)
}

func (s *stager) insertLists(ctx context.Context) error {
	var places, settings [][]driver.Value
	for _, m := range s.in.Municipalities {
		places = append(places, []driver.Value{m.Spelling, m.Name, m.Area})
	}
	for _, name := range sortedKeys(s.in.Settings) {
		settings = append(settings, []driver.Value{name, s.in.Settings[name]})
	}
	if err := s.db.Insert(ctx, "stage", "municipality", places); err != nil {
		return err
	}
	if err := s.db.Insert(ctx, "stage", "setting", settings); err != nil {
		return err
	}
	for _, a := range s.in.Agencies {
		var scopes []string
		for _, scope := range a.Linking.Scopes {
			scopes = append(scopes, warehouse.Text(scope))
		}
		values := []string{}
		for _, v := range []string{a.Code, a.Name, a.NameFR, a.Role, a.Category, a.Language, a.Linking.WithoutConsent, a.Linking.Authority} {
			values = append(values, "nullif("+warehouse.Text(v)+", '')")
		}
		if err := s.exec(ctx, fmt.Sprintf("insert into stage.agency values (%s, [%s], nullif(%s, ''), %v, %d)",
			strings.Join(values, ", "), strings.Join(scopes, ", "), warehouse.Text(a.Area), a.Owes(), s.dueDays(a))); err != nil {
			return err
		}
	}
	return s.exec(ctx, `insert into place
		select place_key(spelling), min(municipality) from (
			select spelling, municipality from stage.municipality union select municipality, municipality from stage.municipality)
		group by 1`)
}

// supersede lets the newest usable file per agency, entry and as-of date count.
func (s *stager) supersede(context.Context) error {
	s.withdrawn()
	newest := map[string]*delivered{}
	for _, f := range s.files {
		if f.paused {
			s.pause(f)
		}
	}
	for i := len(s.files) - 1; i >= 0; i-- {
		f := s.files[i]
		if f.state != fileTaken {
			continue
		}
		id := fmt.Sprint(f.Agency, f.Quarter, f.key, f.asOf)
		if n := newest[id]; n != nil {
			f.state, f.supersededBy = fileSuperseded, n.Name
			continue
		}
		newest[id] = f
	}
	return nil
}

// withdrawn settles held files whose place a later file of the same delivery took: what was wrong with
// them is of no matter any more.
func (s *stager) withdrawn() {
	for i, f := range s.files {
		if f.state != fileHeld || f.key == "" {
			continue
		}
		for _, o := range s.files[i+1:] {
			if o.Agency == f.Agency && o.Quarter == f.Quarter && o.key == f.key && o.state == fileTaken && (o.asOf.Equal(f.asOf) || tributary.QuarterOf(f.asOf) != f.Quarter) {
				f.supersededBy, f.paused = o.Name, false
			}
		}
		if f.supersededBy != "" {
			f.settle("superseded by " + base(f.supersededBy))
		}
	}
}

// settle makes notes of what blocks.
func (f *delivered) settle(why string) {
	f.File.Findings = slices.Clone(f.File.Findings)
	for _, list := range [][]tributary.Finding{f.File.Findings, f.findings} {
		for i := range list {
			if list[i].Severity == tributary.Blocks {
				list[i].Severity = tributary.Note
				list[i].Detail = strings.TrimPrefix(list[i].Detail+"; "+why, "; ")
			}
		}
	}
}

// pause keeps the rest of a delivery back while one of its files waits for its mapping: half a
// delivery would give numbers that look whole.
func (s *stager) pause(f *delivered) {
	for _, o := range s.files {
		if o.Agency == f.Agency && o.Quarter == f.Quarter && o.state == fileTaken {
			o.state = fileHeld
		}
	}
}
