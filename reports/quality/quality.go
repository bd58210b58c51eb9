// Package quality writes what the checks found over time: a workbook for the analyst about all agencies, and a page
// about one agency that may go to it.
//
// Takes a release (tables quality_*); leaves a workbook, the same bytes for the same release; never counts,
// never sees a person, never tells one agency of another.
package quality

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"

	"tributary"
)

// Query reads the attached release.
type Query interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// shownQuarters is how many quarters stand side by side at most.
const shownQuarters = 8

type agency struct {
	code, name   string
	sendsChanges bool
}

type delivery struct {
	state                                    string
	isLate                                   bool
	dueOn, receivedOn                        sql.NullTime
	daysLate                                 sql.NullInt64
	rows, blocks, aside, confirm, notes      int64
	askedRows, confirmed, explained, correct int64
}

// toFix are findings that keep a file or a row out.
func (d delivery) toFix() int64 { return d.blocks + d.aside }

func (d delivery) asked() int64 { return d.toFix() + d.confirm }

// isUsed says that rows of it count.
func (d delivery) isUsed() bool {
	return slices.Contains([]string{"accepted", "accepted_with_findings", "partly_accepted"}, d.state)
}

type check struct{ class, severity, name, fix string }

type cause struct {
	agency, check, severity, column, file string
	rows, findings, files                 int64
	// hasNoColumn says that what it is about stands in no column of the file: column is then our own word.
	hasNoColumn bool
}

type version struct {
	agency, quarter, state, files string
	number                        int64
	receivedOn                    sql.NullTime
	stands, hasBefore             bool
	rows, asked                   int64
	stayed, isNew, closed         int64
}

type result struct {
	agency, quarter, check string
	version                int64
	examined, failed       int64
	stands                 bool
}

type column struct{ agency, table, name string }

type fill struct{ rows, filled int64 }

// memory is all that the release tells up to the quarter.
type memory struct {
	quarter    tributary.Quarter
	quarters   []string
	agencies   []agency
	deliveries map[[2]string]delivery // agency, quarter
	checks     map[string]check
	causes     map[string][]cause // by quarter
	versions   []version
	results    []result
	columns    []column
	headings   map[column]string // the newest
	fills      map[column]map[string]fill
}

func scan(ctx context.Context, q Query, query string, each func(*sql.Rows) error, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func read(ctx context.Context, q Query, quarter tributary.Quarter, lang string) (*memory, error) {
	m := &memory{quarter: quarter, deliveries: map[[2]string]delivery{}, checks: map[string]check{}, causes: map[string][]cause{}, headings: map[column]string{}, fills: map[column]map[string]fill{}}
	in := func(en, fr string) string {
		if lang == "fr" {
			return "coalesce(nullif(" + fr + ", ''), " + en + ", '')"
		}
		return "coalesce(" + en + ", '')"
	}
	until := quarter.String()
	for _, part := range []struct {
		query string
		each  func(*sql.Rows) error
		args  []any
	}{
		{"select agency, " + in("name", "name_fr") + ", sends_changes from release.quality_agency order by agency", func(r *sql.Rows) error {
			var a agency
			err := r.Scan(&a.code, &a.name, &a.sendsChanges)
			m.agencies = append(m.agencies, a)
			return err
		}, nil},
		{`select agency, quarter, state, is_late, due_on, received_on, days_late, row_count, blocks_count, sets_aside_count, confirm_count, note_count,
			asked_row_count, confirmed_count, explained_count, corrected_count from release.quality_delivery where quarter <= ? order by quarter, agency`, func(r *sql.Rows) error {
			var d delivery
			var key [2]string
			err := r.Scan(&key[0], &key[1], &d.state, &d.isLate, &d.dueOn, &d.receivedOn, &d.daysLate, &d.rows, &d.blocks, &d.aside, &d.confirm, &d.notes,
				&d.askedRows, &d.confirmed, &d.explained, &d.correct)
			m.deliveries[key] = d
			if !slices.Contains(m.quarters, key[1]) {
				m.quarters = append(m.quarters, key[1])
			}
			return err
		}, []any{until}},
		{"select check_id, class, severity, " + in("name", "name_fr") + ", " + in("fix", "fix_fr") + " from release.quality_check order by check_id", func(r *sql.Rows) error {
			var id string
			var c check
			err := r.Scan(&id, &c.class, &c.severity, &c.name, &c.fix)
			m.checks[id] = c
			return err
		}, nil},
		{`select agency, quarter, check_id, severity, column_name, first_file, row_count, finding_count, file_count, has_no_column from release.quality_cause where quarter <= ?
			order by quarter, list_position(['blocks', 'sets_aside', 'please_confirm', 'note'], severity), row_count desc, agency, check_id, column_name`, func(r *sql.Rows) error {
			var c cause
			var quarter string
			err := r.Scan(&c.agency, &quarter, &c.check, &c.severity, &c.column, &c.file, &c.rows, &c.findings, &c.files, &c.hasNoColumn)
			m.causes[quarter] = append(m.causes[quarter], c)
			return err
		}, []any{until}},
		{`select agency, quarter, version, received_on, state, row_count, coalesce(files, ''), stands, has_before, asked_count, coalesce(stayed_count, 0),
			coalesce(new_count, 0), coalesce(closed_count, 0) from release.quality_version where quarter <= ? order by agency, quarter, version`, func(r *sql.Rows) error {
			var v version
			err := r.Scan(&v.agency, &v.quarter, &v.number, &v.receivedOn, &v.state, &v.rows, &v.files, &v.stands, &v.hasBefore, &v.asked, &v.stayed, &v.isNew, &v.closed)
			m.versions = append(m.versions, v)
			return err
		}, []any{until}},
		{`select agency, quarter, version, check_id, examined_count, failed_count, stands from release.quality_result where quarter <= ?
			order by agency, quarter, version, check_id`, func(r *sql.Rows) error {
			var v result
			err := r.Scan(&v.agency, &v.quarter, &v.version, &v.check, &v.examined, &v.failed, &v.stands)
			m.results = append(m.results, v)
			return err
		}, []any{until}},
		{`select agency, quarter, table_name, column_name, heading, row_count, filled_count from release.quality_column where quarter <= ?
			order by agency, table_name, column_name, quarter`, func(r *sql.Rows) error {
			var c column
			var f fill
			var quarter, heading string
			err := r.Scan(&c.agency, &quarter, &c.table, &c.name, &heading, &f.rows, &f.filled)
			if m.fills[c] == nil {
				m.fills[c] = map[string]fill{}
				m.columns = append(m.columns, c)
			}
			m.fills[c][quarter] = f
			m.headings[c] = heading
			return err
		}, []any{until}},
	} {
		if err := scan(ctx, q, part.query, part.each, part.args...); err != nil {
			return nil, fmt.Errorf("read the release: %w", err)
		}
	}
	if !slices.Contains(m.quarters, until) {
		return nil, fmt.Errorf("the release knows no delivery of %s", until)
	}
	m.quarters = m.quarters[max(0, len(m.quarters)-shownQuarters):]
	return m, nil
}

func (m *memory) at(agency, quarter string) (delivery, bool) {
	d, ok := m.deliveries[[2]string{agency, quarter}]
	return d, ok
}

// newest is the state of a delivery as it stands.
func (m *memory) newest(agency, quarter string) (version, bool) {
	for _, v := range m.versions {
		if v.agency == agency && v.quarter == quarter && v.stands {
			return v, true
		}
	}
	return version{}, false
}

// Write writes the analyst's workbook about all agencies of the release.
func Write(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer) error {
	return write(ctx, q, quarter, lang, w, func(b *book) {
		b.help()
		b.glance()
		b.worst()
		b.trends()
		b.burndown()
		b.timeliness()
		b.completeness()
		b.all()
		b.how()
	})
}

// WriteAgency writes the page about one agency from the release of that agency, which knows no other.
func WriteAgency(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer) error {
	return write(ctx, q, quarter, lang, w, func(b *book) {
		if len(b.agencies) != 1 {
			b.Keep(fmt.Errorf("the page is about one agency, the release tells of %d", len(b.agencies)))
			return
		}
		b.own(b.agencies[0])
		b.completeness()
	})
}

func write(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer, pages func(*book)) error {
	m, err := read(ctx, q, quarter, lang)
	if err != nil {
		return fmt.Errorf("quality %s: %w", quarter, err)
	}
	b := newBook(m, quarter, lang == "fr")
	defer b.File.Close()
	pages(b)
	if err := b.Book.Write(w); err != nil {
		return fmt.Errorf("quality %s: %w", quarter, err)
	}
	return nil
}
