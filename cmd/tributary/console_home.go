package main

import (
	"context"
	"slices"

	"tributary/pipelines"
	"tributary/reports/pages"
)

// quartersShown is how many quarters the first page shows, the newest ones.
const quartersShown = 6

// Home gathers the first page.
func (d *desk) Home(ctx context.Context) (pages.Home, error) {
	h := pages.Home{Steps: pipelines.Steps}
	owed, err := d.Owed(ctx)
	if err != nil {
		return h, err
	}
	for _, x := range owed {
		if !slices.Contains(h.Quarters, x.Quarter) {
			h.Quarters = append(h.Quarters, x.Quarter)
		}
	}
	slices.Sort(h.Quarters)
	h.Quarters = h.Quarters[max(0, len(h.Quarters)-quartersShown):]
	for _, x := range owed {
		if n := len(h.Agencies); n == 0 || h.Agencies[n-1].Code != x.Agency {
			h.Agencies = append(h.Agencies, pages.Standing{Code: x.Agency, Name: x.Name, Deliveries: make([]pages.Delivered, len(h.Quarters))})
		}
		if at := slices.Index(h.Quarters, x.Quarter); at >= 0 {
			h.Agencies[len(h.Agencies)-1].Deliveries[at] = pages.Delivered{Quarter: x.Quarter, State: x.State, IsLate: x.IsLate, Files: x.Files, Findings: x.Findings}
		}
	}
	waits, err := d.Waits(ctx)
	if err != nil {
		return h, err
	}
	for _, x := range waits {
		h.Tasks = append(h.Tasks, pages.Task{Kind: x.Kind, Agency: x.Agency, Quarter: x.Quarter, Detail: x.Detail, Count: x.Count})
	}
	if h.Made, err = d.StepMade(); err != nil {
		return h, err
	}
	last := d.LastEnded()
	for _, q := range d.Quarters(last) {
		h.Runnable = append(h.Runnable, q.String())
	}
	slices.Reverse(h.Runnable)
	if at := slices.Index(h.Runnable, d.m.Quarter.String()); d.m.Generation > 0 && at > 0 {
		h.Runnable = append([]string{h.Runnable[at]}, slices.Delete(h.Runnable, at, at+1)...)
	}
	return h, nil
}
