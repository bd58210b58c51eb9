package warehouse

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"tributary"
)

// ErrLocked says that another process is running over this workspace.
var ErrLocked = errors.New("already running")

// Lock lets one process at a time build and publish. The operating system lets go of it when the
// process dies, however it dies. Whoever comes second is told who holds it.
func (w *Warehouse) Lock() (unlock func() error, err error) {
	if err := os.MkdirAll(w.Root, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(w.Path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	held, err := tryLock(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the workspace: %w", err), f.Close())
	}
	if !held {
		holder, _ := os.ReadFile(w.Path("lock"))
		return nil, errors.Join(tributary.Fix(fmt.Errorf("%w (%s)", ErrLocked, strings.TrimSpace(string(holder))),
			"wait for it, and see where it stands with: tributary status; if it hangs, stop that process on that machine: what was published stays"), f.Close())
	}
	who := fmt.Sprintf("process %d", os.Getpid())
	if w.Holder != nil {
		who = w.Holder()
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintln(f, who)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
