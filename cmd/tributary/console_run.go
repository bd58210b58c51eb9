package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"tributary"
	"tributary/pipelines"
	"tributary/reports/pages"
)

// runs is the run that is started from a page. It is a process of its own, at a lower priority than the console's:
// pages are answered while it takes all that they leave of the machine, and nothing that it takes is taken from them.
type runs struct {
	all  *desks
	mu   sync.Mutex
	now  pages.Progress
	done sync.WaitGroup
}

// Start begins a run in a workspace of its own, so that it reads the files as they are now.
func (r *runs) Start(who, quarter string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.IsRunning {
		return tributary.Fix(fmt.Errorf("run %s: is under way, started by %s", r.now.Quarter, r.now.Who), "wait for it; the first page shows where it stands")
	}
	p := r.all.p
	w, err := p.open(r.all.ctx)
	if err != nil {
		return err
	}
	q, err := quarterOr(quarter, w)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	c, told, err := p.startTold(r.all.ctx, who, q)
	if err != nil {
		return fmt.Errorf("run %s: %w", q, err)
	}
	r.now = pages.Progress{IsRunning: true, Quarter: q.String(), Who: who, Step: "pull", Began: p.now()}
	r.done.Go(func() { r.follow(c, told) })
	return nil
}

// follow keeps what the run tells, to its end.
func (r *runs) follow(c *exec.Cmd, told io.Reader) {
	var last pages.Progress
	for in := json.NewDecoder(told); in.Decode(&last) == nil && last.Outcome == ""; {
		r.mu.Lock()
		r.now.Step, r.now.Detail = last.Step, last.Detail
		r.mu.Unlock()
		last = pages.Progress{}
	}
	err := c.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last.Outcome == "" { // it was ended before it could tell
		last.Outcome = didNotEnd(r.now.Quarter)
		last.Faults = []pages.Fault{{What: fmt.Sprintf("run %s: %v", r.now.Quarter, err), Fix: "start it again; it goes on where it was"}}
	}
	r.now.IsRunning, r.now.Ended = false, r.all.p.now()
	r.now.IsWell, r.now.Outcome, r.now.Faults = last.IsWell, last.Outcome, last.Faults
}

// Progress is where the run stands.
func (r *runs) Progress() pages.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *runs) wait() { r.done.Wait() }

func didNotEnd(quarter string) string {
	return quarter + " did not end; what was published before stays"
}

// startTold starts this program's run of a quarter in a person's name, and returns what it tells (runTold).
func (p *program) startTold(ctx context.Context, who string, q tributary.Quarter) (*exec.Cmd, io.Reader, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := exec.CommandContext(ctx, self, "run", "--told", "--workspace", p.dir, "--quarter", q.String(), "--memory", p.memory, "--threads", strconv.Itoa(p.threads))
	c.Env = append(os.Environ(), "TRIBUTARY_WHO="+who)
	c.Stderr = p.err
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	told, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return c, told, startLow(c)
}

// runTold is the run for the console that started this process: each step, and at last how it ended, is a line of JSON.
func (p *program) runTold(ctx context.Context, w *pipelines.Workspace, q tributary.Quarter) error {
	var mu sync.Mutex // agencies are pulled side by side
	out := json.NewEncoder(p.out)
	tell := func(said pages.Progress) error {
		mu.Lock()
		defer mu.Unlock()
		return out.Encode(said)
	}
	w.Progress = func(step, detail string) { _ = tell(pages.Progress{Step: step, Detail: detail}) } // the end fails too, then
	outcome, err := w.Run(ctx, q)
	last := pages.Progress{IsWell: err == nil}
	for _, e := range flatten(errors.Join(append(outcome.Faults, err)...)) {
		if e != nil {
			last.Faults = append(last.Faults, pages.Fault{What: e.Error(), Fix: tributary.FixOf(e)})
		}
	}
	switch {
	case err != nil:
		last.Outcome = didNotEnd(q.String())
	case outcome.IsNew:
		last.Outcome = fmt.Sprintf("%s published as generation %d", q, outcome.Manifest.Generation)
	default:
		last.Outcome = fmt.Sprintf("%s: nothing has changed since the run before", q)
	}
	return tell(last)
}
