package pipelines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// Today is the day in Toronto, at midnight UTC.
func (w *Workspace) Today() time.Time { return calendar.Day(w.Now()) }

func (w *Workspace) dueOn(a *mapping.Agency, q tributary.Quarter) time.Time {
	return a.DueOn(q, w.Settings.DueDays)
}

// Owed says how each delivery stands today, by agency and quarter, of the quarters that ended: as the last
// run left it, and by the calendar where nothing had come then. Before the first run all is by the calendar.
func (w *Workspace) Owed(ctx context.Context) ([]Delivery, error) {
	published, err := w.Deliveries(ctx)
	if err != nil && !errors.Is(err, warehouse.ErrNothingPublished) {
		return nil, err
	}
	known := map[string]Delivery{}
	for _, d := range published {
		known[d.Agency+d.Quarter] = d
	}
	facts, err := w.Ledger.Current(ctx, "delivery_state")
	if err != nil {
		return nil, err
	}
	stated := map[string]string{}
	for _, f := range facts {
		stated[f.Fields["agency"]+f.Fields["quarter"]] = f.Fields["state"]
	}
	unread := w.Unread()
	var out []Delivery
	for _, a := range w.Agencies {
		if !a.Owes() {
			continue
		}
		for _, q := range w.Quarters(tributary.QuarterOf(w.Today())) {
			due := w.dueOn(a, q)
			d, isPublished := known[a.Code+q.String()]
			if !isPublished && !q.End().Before(w.Today()) {
				continue
			}
			if !isPublished {
				d = Delivery{Agency: a.Code, Name: a.Name, Quarter: q.String(), State: "expected"}
			}
			d.DueOn = due.Format(time.DateOnly)
			if d.State == "expected" || d.State == "not_due" {
				d.State, d.IsLate = calendar.Waiting(w.Today(), q, due)
				if said := stated[a.Code+q.String()]; said != "" {
					d.State, d.IsLate = said, false
				}
			}
			if u, ok := unread[a.Code]; ok && u.Covers(q.String()) {
				d.Unread = &u
				d.IsLate = d.IsLate && d.State != "expected" // nobody knows whether it has come
			}
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Delivery) int {
		return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Quarter, b.Quarter))
	})
	return out, nil
}

// Lacking lists what deliveries that came lack, by agency and quarter: names of entries of the mapping. Before the first
// run nobody knows.
func (w *Workspace) Lacking(ctx context.Context) (map[[2]string][]string, error) {
	found, err := w.Findings(ctx, FindingFilter{Check: "file_missing"})
	if errors.Is(err, warehouse.ErrNothingPublished) {
		err = nil
	}
	out := map[[2]string][]string{}
	for _, f := range found {
		key := [2]string{f.Agency, f.Quarter.String()}
		out[key] = append(out[key], f.Column)
	}
	return out, err
}

// RefuseSigned refuses a span of quarters that holds a signed one.
func (w *Workspace) RefuseSigned(ctx context.Context, from, to tributary.Quarter) error {
	var faults []error
	for at := from; at.Compare(to) <= 0; at = at.Next() {
		id, err := w.sealed(ctx, at)
		if err == nil && id != "" {
			err = tributary.Fix(fmt.Errorf("%s %w (%s)", at, ErrClosed, id),
				fmt.Sprintf("leave it out; to count what came late: tributary submit restate %s --why ...", at))
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
