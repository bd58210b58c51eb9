package mapping

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
)

// deliveries says for each agency and quarter what became of what it owed.
func (s *stager) deliveries(ctx context.Context) error {
	stated, err := s.statedDeliveries(ctx)
	if err != nil {
		return err
	}
	asking, rowsTaken := map[string]int{}, map[string]int64{}
	if err := s.countAsking(ctx, asking); err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, "select agency, quarter, cast(sum(taken_count) as bigint) from stage.section where not superseded group by all")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var agency, quarter string
		var n int64
		if err := rows.Scan(&agency, &quarter, &n); err != nil {
			return err
		}
		rowsTaken[agency+quarter] = n
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var out [][]driver.Value
	for _, a := range s.in.Agencies {
		if !a.Owes() {
			continue
		}
		for _, q := range s.in.Quarters {
			key := a.Code + q.String()
			d := s.delivery(a, q, stated[key], asking[key] > 0)
			out = append(out, []driver.Value{a.Code, q.String(), d.state, d.isLate, d.dueOn, d.received, int64(d.files), rowsTaken[key], int64(0)}) // its findings are counted when all is settled
		}
	}
	return s.db.Insert(ctx, "stage", "delivery", out)
}

type deliveryState struct {
	state    string
	isLate   bool
	dueOn    time.Time
	received driver.Value
	files    int
}

func (s *stager) delivery(a *Agency, q tributary.Quarter, stated string, hasQuestions bool) deliveryState {
	d := deliveryState{dueOn: a.DueOn(q, s.in.DueDays)}
	var taken, held, paused, isNil int
	var first time.Time
	have := map[string]bool{}
	for _, f := range s.files {
		if f.Agency != a.Code || f.Quarter != q {
			continue
		}
		d.files++
		if on := f.receivedOn(); first.IsZero() || on.Before(first) {
			first = on
		}
		switch {
		case f.paused:
			paused++
		case f.state == fileTaken:
			taken++
			have[f.key+f.asOf.String()] = true
		case f.state == fileHeld:
			held++
		case f.state == fileNil:
			isNil++
		}
	}
	if d.files > 0 {
		d.received = first
		// Of quarters that were due before this workspace received anything, nobody knows when their
		// files came.
		d.isLate = first.After(d.dueOn) && !s.since().After(d.dueOn)
	}
	owing := s.owing(a, q, have)
	switch {
	case stated == "excused":
		d.state = "excused"
	case paused > 0:
		d.state = "paused"
	case taken > 0 && len(owing) > 0:
		d.state = "partly_accepted"
		s.askFor(a, q, owing)
	case taken > 0 && hasQuestions:
		d.state = "accepted_with_findings"
	case taken > 0:
		d.state = "accepted"
	case stated == "nil" || isNil > 0:
		d.state = "nil"
	case held > 0:
		d.state = "refused"
	default:
		d.state, d.isLate = calendar.Waiting(s.in.Today, q, d.dueOn)
		if d.isLate {
			s.missing = append(s.missing, tributary.Finding{Check: "delivery_missing", Severity: tributary.PleaseConfirm,
				Address: tributary.Address{Agency: a.Code, Quarter: q}, Detail: "nothing was delivered; it was due on " + d.dueOn.Format("2006-01-02")})
		}
	}
	return d
}

// dueDays are the agency's own, else those of the workspace.
func (s *stager) dueDays(a *Agency) int { return cmp.Or(a.DueDays, s.in.DueDays) }

// since is the day on which this workspace first received a file.
func (s *stager) since() time.Time {
	var since time.Time
	for _, f := range s.files {
		if on := f.receivedOn(); since.IsZero() || on.Before(since) {
			since = on
		}
	}
	return since
}

// owing lists the owed files of a delivery that are not there: one per entry, or one a month where
// the name says a month.
func (s *stager) owing(a *Agency, q tributary.Quarter, have map[string]bool) []string {
	var out []string
	for _, key := range sortedKeys(a.Files) {
		rule := a.Files[key]
		if !rule.owed() {
			continue
		}
		if !rule.monthly() {
			if !have[key+q.End().String()] {
				out = append(out, key)
			}
			continue
		}
		for m := range 3 {
			end := q.Start().AddDate(0, m+1, -1)
			if !have[key+end.String()] {
				out = append(out, key+" of "+end.Format("2006-01"))
			}
		}
	}
	return out
}

func (s *stager) askFor(a *Agency, q tributary.Quarter, owing []string) {
	for _, what := range owing {
		s.missing = append(s.missing, tributary.Finding{Check: "file_missing", Severity: tributary.PleaseConfirm,
			Address: tributary.Address{Agency: a.Code, Quarter: q}, Column: what, Detail: fmt.Sprintf("the file %s is owed and not there, or could not be used", what)})
	}
}

func (s *stager) statedDeliveries(ctx context.Context) (map[string]string, error) {
	rows, err := s.db.Query(ctx, "select agency, quarter, state from fact.delivery_state")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var agency, quarter, state string
		if err := rows.Scan(&agency, &quarter, &state); err != nil {
			return nil, err
		}
		out[agency+quarter] = state
	}
	return out, rows.Err()
}

// countAsking counts the findings of a delivery that ask something.
func (s *stager) countAsking(ctx context.Context, asking map[string]int) error {
	for _, f := range s.files {
		for _, list := range [][]tributary.Finding{f.File.Findings, f.findings} {
			for _, g := range list {
				if g.Severity != tributary.Note {
					asking[f.Agency+f.Quarter.String()]++
				}
			}
		}
	}
	rows, err := s.db.Query(ctx, "select agency, quarter, cast(count(*) as integer) from raised where severity <> 'note' group by all")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var agency, quarter string
		var ask int
		if err := rows.Scan(&agency, &quarter, &ask); err != nil {
			return err
		}
		asking[agency+quarter] += ask
	}
	return rows.Err()
}
