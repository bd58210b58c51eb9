package connectors

import (
	"context"
	"errors"
	"slices"
	"time"

	"tributary"
)

const (
	// recent is how young a file must be for its being written to be likely.
	recent = 10 * time.Minute
	// looks is how often a folder that changes is looked at again.
	looks = 3
)

// Seen is a file as the list of its folder shows it.
type Seen struct {
	Name     string
	Size     int64
	Modified time.Time
}

// Listing is what one look at a folder finds, in order of names.
type Listing interface{ Seen() []Seen }

// Settle looks at a folder and, where a file in it changed in the last ten minutes, again after each pause, until two
// looks find the same. After four looks that all differ it is a fault: the agency is still writing.
func Settle[L Listing](ctx context.Context, now time.Time, pause func(context.Context) error, look func() (L, error)) (L, error) {
	found, err := look()
	if err != nil || !slices.ContainsFunc(found.Seen(), func(s Seen) bool { return now.Sub(s.Modified).Abs() < recent }) {
		return found, err
	}
	for range looks {
		if err := pause(ctx); err != nil {
			return found, err
		}
		before := found
		if found, err = look(); err != nil || Changed(before, found) == "" {
			return found, err
		}
	}
	return found, tributary.Fix(errors.New("files are still being written"), "wait until the agency has finished writing, then pull again")
}

// Changed names the first file that differs between two looks; it is empty when none does.
func Changed(before, after Listing) string {
	was, is := before.Seen(), after.Seen()
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			return is[i].Name
		case i >= len(is):
			return was[i].Name
		case was[i].Name != is[i].Name || was[i].Size != is[i].Size || !was[i].Modified.Equal(is[i].Modified):
			return min(was[i].Name, is[i].Name)
		}
	}
	return ""
}

// Pause waits, or ends with the context.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
