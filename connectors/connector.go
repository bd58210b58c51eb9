// Package connectors brings an agency's files of one quarter into the inbox, as they are.
//
// Takes a source (a folder, a server) and a quarter. Leaves the files whole under
// <inbox>/<agency>/<quarter>, or nothing at all. Never parses, filters rows, retries, logs, or reads
// the environment or the clock.
package connectors

import (
	"context"
	"errors"
	"fmt"
	"net"

	"tributary"
)

// ErrNotReady says that the agency has not published this quarter yet: nothing is wrong, ask again
// later.
var ErrNotReady = errors.New("nothing published yet")

// errAway is in the chain of what Away made.
var errAway = errors.New("cannot be entered")

type away struct{ error }

func (a away) Unwrap() error        { return a.error }
func (a away) Is(target error) bool { return target == errAway }

// Away marks a fault as one of the source as a whole, such as a wrong password: the other quarters need not
// be asked for. The text stays as it is.
func Away(err error) error {
	if err == nil {
		return nil
	}
	return away{err}
}

// IsAway says whether a fault was marked by Away, or is that nobody answers at the source's address.
func IsAway(err error) bool {
	var op *net.OpError
	return errors.Is(err, errAway) || errors.As(err, &op) && op.Op == "dial"
}

// Connector is one way of reaching an agency's files.
type Connector interface {
	// Pull puts every file of that quarter into the inbox. It is called once per agency and quarter
	// in a run, and again in later runs: then it delivers the same bytes, unless the agency changed
	// them. On any error the inbox is thrown away. ErrNotReady (wrapped or not) means that the agency
	// has published nothing yet; every other error is a fault. The context covers all reads.
	Pull(ctx context.Context, agency string, q tributary.Quarter, in *Inbox) error
}

// Checker is what a connector may also be: Check says whether the source can be reached and entered,
// without fetching anything. Doctor calls it.
type Checker interface {
	Check(ctx context.Context) error
}

// Receipt says what one pull brought.
type Receipt struct {
	// Folder holds the files.
	Folder string
	// Files are the names in order.
	Files []string
	// Skipped are the files left behind, each with the reason.
	Skipped []Skipped
}

// Skipped is a file that was seen and left behind.
type Skipped struct{ Name, Reason string }

// Pull opens an inbox below dir, lets the connector fill it, and makes the files visible when all of
// them are whole. After an error the earlier files of that agency and quarter are still there.
func Pull(ctx context.Context, c Connector, dir, agency string, q tributary.Quarter) (Receipt, error) {
	in, err := OpenInbox(dir, agency, q)
	if err != nil {
		return Receipt{}, fmt.Errorf("pull %s %s: %w", agency, q, err)
	}
	defer in.Close()
	if err := c.Pull(ctx, agency, q, in); err != nil {
		return Receipt{}, fmt.Errorf("pull %s %s: %w", agency, q, err)
	}
	// A connector that did not look at the context may come back whole after Ctrl-C; the person
	// asked to stop, so nothing becomes visible.
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("pull %s %s: %w", agency, q, err)
	}
	if err := in.Commit(); err != nil {
		return Receipt{}, fmt.Errorf("pull %s %s: %w", agency, q, err)
	}
	return in.receipt(), nil
}
