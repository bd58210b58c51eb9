package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"tributary"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// Kinds of what waits for a person.
const (
	WaitsPaused     = "paused"     // a file is held until somebody accepts it or it comes again
	WaitsPartly     = "partly"     // a delivery was taken in part: a file or table of it is lacking
	WaitsDrift      = "drift"      // headings, sheets or codes are not as the mapping says
	WaitsBlocks     = "blocks"     // something else keeps the quarter from being approved
	WaitsConfirm    = "confirm"    // doubtful values that the agency should confirm or mend
	WaitsSource     = "source"     // an agency's source cannot be read
	WaitsLate       = "late"       // a delivery is late
	WaitsPairs      = "pairs"      // records that may be of one child
	WaitsSubmission = "submission" // a submission that waits for its next step
)

// Waiting is something that waits for a person: how many, and whose.
type Waiting struct {
	Kind, Agency, Quarter string
	// Detail is the state of a submission, with its id before it, or since when and why a source cannot be read.
	Detail string
	Count  int
}

// driftChecks are those that say that a file no longer looks as its mapping says.
var driftChecks = []string{"heading_renamed", "heading_missing", "heading_moved", "sheet_missing", "unknown_code"}

// Waits lists what needs a person today, the gravest first: of the quarter that is published, and of deliveries
// of all quarters. It holds no personal value.
func (w *Workspace) Waits(ctx context.Context) ([]Waiting, error) {
	var out []Waiting
	owed, err := w.Owed(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range owed {
		switch {
		case d.State == "paused" || d.State == "refused":
			out = append(out, Waiting{Kind: WaitsPaused, Agency: d.Agency, Quarter: d.Quarter, Count: 1})
		case d.State == "partly_accepted":
			out = append(out, Waiting{Kind: WaitsPartly, Agency: d.Agency, Quarter: d.Quarter, Count: 1})
		case d.IsLate && d.State == "expected":
			out = append(out, Waiting{Kind: WaitsLate, Agency: d.Agency, Quarter: d.Quarter, Count: 1})
		}
	}
	unread := w.Unread()
	for _, code := range slices.Sorted(maps.Keys(unread)) {
		u := unread[code]
		out = append(out, Waiting{Kind: WaitsSource, Agency: code, Detail: fmt.Sprintf("since %s: %s", u.Day(), u.Why), Count: 1})
	}
	m, err := w.House.Current()
	if err != nil && !errors.Is(err, warehouse.ErrNothingPublished) {
		return nil, err
	}
	if err == nil {
		found, err := Remember(w, "waiting findings", func() ([]Waiting, error) { return w.waitingFindings(ctx, m) })
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		pairs, err := Remember(w, "waiting pairs", func() (int, error) { return w.waitingPairs(ctx, m) })
		if err != nil {
			return nil, err
		}
		if pairs > 0 {
			out = append(out, Waiting{Kind: WaitsPairs, Quarter: m.Quarter.String(), Count: pairs})
		}
	}
	submissions, err := w.Submissions(ctx)
	for _, s := range submissions {
		if slices.Contains([]submit.State{submit.Draft, submit.Checked, submit.Approved, submit.Signed, submit.Returned}, s.State) {
			out = append(out, Waiting{Kind: WaitsSubmission, Quarter: s.Quarter.String(), Detail: s.ID + " " + string(s.State), Count: 1})
		}
	}
	order := []string{WaitsSource, WaitsPaused, WaitsPartly, WaitsDrift, WaitsBlocks, WaitsLate, WaitsSubmission, WaitsPairs, WaitsConfirm}
	slices.SortStableFunc(out, func(a, b Waiting) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return out, err
}

// waitingFindings counts the findings of the published quarter that ask for something, by agency.
func (w *Workspace) waitingFindings(ctx context.Context, m warehouse.Manifest) ([]Waiting, error) {
	counts := map[[2]string]int{}
	err := w.query(ctx, map[string]string{"stage": m.Steps["stage"]}, `
		select f.agency, f.check_id, f.severity, count(*) from stage.finding as f
		where `+isOfNewest+` and f.quarter = ? and (f.severity = 'blocks' or f.severity = 'please_confirm' and `+isUnanswered+`) group by all order by all`,
		func(rows *sql.Rows) error {
			var agency, check, severity string
			var n int
			err := rows.Scan(&agency, &check, &severity, &n)
			kind := WaitsConfirm
			switch {
			case slices.Contains(driftChecks, check):
				kind = WaitsDrift
			case severity == string(tributary.Blocks):
				kind = WaitsBlocks
			}
			counts[[2]string{kind, agency}] += n
			return err
		}, m.Quarter.String())
	var out []Waiting
	for _, a := range w.Agencies {
		for _, kind := range []string{WaitsDrift, WaitsBlocks, WaitsConfirm} {
			if n := counts[[2]string{kind, a.Code}]; n > 0 {
				out = append(out, Waiting{Kind: kind, Agency: a.Code, Quarter: m.Quarter.String(), Count: n})
			}
		}
	}
	return out, err
}

// waitingPairs counts pairs of children that the engine left to a person.
func (w *Workspace) waitingPairs(ctx context.Context, m warehouse.Manifest) (n int, err error) {
	err = w.query(ctx, map[string]string{"link": m.Steps["link"]}, `
		select count(*) from (
			select distinct least(l.first_node, r.first_node), greatest(l.first_node, r.first_node)
			from link.pair as p
			join link.child as l on l.node = p.left_node
			join link.child as r on r.node = p.right_node
			where p.outcome in ('review', 'held', 'twin') and l.first_node <> r.first_node)`,
		func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// Steps are the nine, in order.
var Steps = []string{"pull", "land", "stage", "core", "link", "measure", "release", "report", "submit"}

// StepMade says when the published files of the steps were made; a step without any is left out. Of pull and
// land it is when the newest file came.
func (w *Workspace) StepMade() (map[string]time.Time, error) {
	made := map[string]time.Time{}
	m, err := w.House.Current()
	if errors.Is(err, warehouse.ErrNothingPublished) {
		return made, nil
	}
	if err != nil {
		return nil, err
	}
	for step, file := range map[string]string{"stage": "stage", "core": "core", "link": "link", "measure": "measure", "release": "release-contract"} {
		if info, err := os.Stat(w.House.Path(m.Steps[file])); err == nil && m.Steps[file] != "" {
			made[step] = info.ModTime()
		}
	}
	if info, err := os.Stat(w.Path(workbook(m.Quarter, "en"))); err == nil {
		made["report"] = info.ModTime()
	}
	files, err := w.Landing.Files("", m.Quarter)
	for _, f := range files {
		if f.ReceivedAt.After(made["land"]) {
			made["land"], made["pull"] = f.ReceivedAt, f.ReceivedAt
		}
	}
	return made, err
}
