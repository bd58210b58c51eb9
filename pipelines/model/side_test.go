package model

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

func TestSideBySide(t *testing.T) {
	t.Parallel()
	var done [40]atomic.Bool
	waits := func(i int) []int { // the one before it, and half of it
		if i == 0 {
			return nil
		}
		return []int{i - 1, i / 2}
	}
	err := sideBySide(t.Context(), len(done), waits, func(_ context.Context, i int) error {
		for _, earlier := range waits(i) {
			if !done[earlier].Load() {
				t.Errorf("%d began before %d was done", i, earlier)
			}
		}
		done[i].Store(true)
		return nil
	})
	if err != nil || !done[len(done)-1].Load() {
		t.Errorf("got %v, the last job is done: %t", err, done[len(done)-1].Load())
	}
}

// Of several faults the first job's is told, not the end of those that were stopped for it.
func TestSideBySide_fault(t *testing.T) {
	t.Parallel()
	fault := errors.New("a fault")
	err := sideBySide(t.Context(), 9, func(int) []int { return nil }, func(ctx context.Context, i int) error {
		if i != 2 {
			<-ctx.Done()
			return fmt.Errorf("job %d: %w", i, ctx.Err())
		}
		return fault
	})
	if err != fault {
		t.Errorf("got %v, want the fault of the one job that has one", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := sideBySide(stopped, 3, func(int) []int { return nil }, func(context.Context, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("after Ctrl-C: got %v", err)
	}
}
