package model

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many statements are under way at once: a table of some thousand rows keeps one thread of the
// engine busy and leaves the others idle.
const atOnce = 3

// sideBySide does jobs in their order, some of them at once, each when those that it waits for are done; these
// come before it. It returns the fault of the first job in order that has one.
func sideBySide(ctx context.Context, jobs int, waits func(job int) []int, do func(ctx context.Context, job int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	done, faults := make([]chan struct{}, jobs), make([]error, jobs)
	for i := range jobs {
		done[i] = make(chan struct{})
		all.Go(func() error {
			for _, earlier := range waits(i) {
				select {
				case <-done[earlier]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if faults[i] = do(ctx, i); faults[i] != nil {
				return faults[i]
			}
			close(done[i])
			return nil
		})
	}
	err := all.Wait()
	for _, fault := range faults {
		if fault != nil && !errors.Is(fault, context.Canceled) {
			return fault
		}
	}
	return err
}
