package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/calendar"
	"tributary/pipelines/warehouse"
)

// longestSleep is how long serve sleeps at most: the clock may be set, and settings may change, meanwhile.
const longestSleep = time.Minute

func (p *program) serve() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Pull, run and tell people by the calendar, until it is stopped",
		Long: `Looks at the clock each minute: agencies are pulled by their schedule (else that of serve: in tributary.yaml,
Toronto's time), the quarter that ended last is run, and notices go out by notify:. What was missed while nothing
ran comes once. What failed is tried again after 5 minutes, then twice as long each time, up to 4 hours. Settings
are read again each time. Ctrl-C or SIGTERM stops it at any moment; what was published stays.

/healthz says that it lives, /readyz that numbers are published and the last look went well, /metrics how it
stands. With a system timer, use instead: tributary run --due`,
		Example: "  tributary serve\n  tributary -C /srv/tributary serve",
		Args:    cobra.NoArgs,
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return p.keepServing(c.Context()) }
	return c
}

// served is what health and metrics tell of the service.
type served struct {
	mu                    sync.Mutex
	started, last, next   time.Time
	ticks, failures       int
	isWell                bool
	pulled, unreached     int
	notices, letters      int
	generation, isRunning int
	states                map[string]int
	late                  int
	now                   func() time.Time
}

func (p *program) keepServing(ctx context.Context) error {
	log := slog.New(slog.NewJSONHandler(p.err, nil))
	w, err := p.open(ctx)
	if err != nil {
		return err
	}
	listen, lockDir := w.Settings.Serve.Listen, w.Path("cache", "serve")
	if err := w.Close(); err != nil {
		return err
	}
	unlock, err := (&warehouse.Warehouse{Root: lockDir, Holder: p.holder}).Lock()
	if err != nil {
		if errors.Is(err, warehouse.ErrLocked) {
			err = tributary.Fix(err, "one serve per workspace is enough; to start this one, stop that process on that machine first")
		}
		return fmt.Errorf("serve: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	s := &served{started: p.today(), now: p.today, states: map[string]int{}}
	if listen == "" {
		listen = "127.0.0.1:8077"
	}
	if listen != "off" {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
		if err != nil {
			return tributary.Fix(fmt.Errorf("serve: %w", err), "write another address under serve: listen:, or listen: \"off\"")
		}
		server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
		go server.Serve(l) //nolint:errcheck // it ends when the service does
		defer server.Close()
		log.Info("listening", "address", l.Addr().String())
	}
	loop(ctx, p.today, func(ctx context.Context) time.Time { return p.look(ctx, log, s) })
	log.Info("stopped")
	return nil
}

// loop looks, sleeps until the next time that something is due, and looks again; never two looks at once.
func loop(ctx context.Context, now func() time.Time, look func(context.Context) time.Time) {
	for ctx.Err() == nil {
		next := look(ctx)
		wake := time.NewTimer(min(longestSleep, max(time.Second, next.Sub(now()))))
		select {
		case <-ctx.Done():
		case <-wake.C:
		}
		wake.Stop()
	}
}

// look opens the workspace, does what is due, and says when to look again.
func (p *program) look(ctx context.Context, log *slog.Logger, s *served) time.Time {
	again := p.today().Add(longestSleep)
	s.set(func() { s.isRunning = 1 })
	tick, owed, err := p.tick(ctx)
	if ctx.Err() != nil {
		return again
	}
	for _, e := range tick.Faults {
		log.Warn("agency", "err", e.Error())
	}
	switch {
	case errors.Is(err, warehouse.ErrLocked):
		log.Info("waiting", "err", err.Error())
	case err != nil:
		log.Error("run", "quarter", tick.Quarter.String(), "err", err.Error(), "fix", tributary.FixOf(err))
	case tick.IsRun || len(tick.Pulled) > 0:
		log.Info("run", "quarter", tick.Quarter.String(), "pulled", len(tick.Pulled), "failed", len(tick.Failed), "generation", tick.Generation, "notices", tick.Notices, "letters", tick.Letters)
	}
	s.set(func() {
		s.isRunning, s.last, s.next = 0, p.today(), tick.Next
		s.ticks++
		s.isWell = err == nil || errors.Is(err, warehouse.ErrLocked)
		if !s.isWell {
			s.failures++
		}
		s.pulled += len(tick.Pulled)
		s.notices, s.letters, s.generation = s.notices+tick.Notices, s.letters+tick.Letters, max(s.generation, tick.Generation)
		if owed != nil {
			clear(s.states)
			s.late = 0
			unread := map[string]bool{}
			for _, d := range owed {
				if d.Unread != nil {
					unread[d.Agency] = true
				}
				s.states[d.State]++
				if d.IsLate {
					s.late++
				}
			}
			s.unreached = len(unread)
		}
	})
	if tick.Next.IsZero() {
		return again
	}
	return tick.Next
}

// tick opens the workspace, so that changed settings count, and does what is due.
func (p *program) tick(ctx context.Context) (pipelines.Tick, []pipelines.Delivery, error) {
	w, err := p.open(ctx)
	if err != nil {
		return pipelines.Tick{}, nil, err
	}
	defer w.Close()
	tick, err := w.Tick(ctx)
	owed, _ := w.Owed(ctx) // for the gauges alone
	return tick, owed, err
}

func (s *served) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// ServeHTTP answers health and metrics: counts alone, nothing of a person or an agency.
func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/healthz":
		// A run may take long; a loop that sleeps far over its time is stuck.
		if s.isRunning == 0 && !s.last.IsZero() && s.now().Sub(s.last) > 10*longestSleep {
			http.Error(w, "no look at the clock since "+s.last.Format(time.RFC3339), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	case "/readyz":
		if !s.isWell {
			http.Error(w, "the last look did not go well, or none is done yet", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	case "/metrics":
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		s.metrics(w)
	default:
		http.NotFound(w, r)
	}
}

// metrics writes the gauges as Prometheus reads them.
func (s *served) metrics(out io.Writer) {
	isWell := 0
	if s.isWell {
		isWell = 1
	}
	unix := func(at time.Time) int {
		if at.IsZero() {
			return 0
		}
		return int(at.Unix())
	}
	for _, g := range []struct {
		name, help string
		value      int
	}{
		{"started_seconds", "when the service was started", unix(s.started)},
		{"last_look_seconds", "when it last looked at the clock", unix(s.last)},
		{"next_due_seconds", "when something is due next", unix(s.next)},
		{"looks", "looks at the clock since the start", s.ticks},
		{"failures", "looks that failed since the start", s.failures},
		{"is_well", "1 when the last look went well", isWell},
		{"is_running", "1 while it pulls, runs or sends", s.isRunning},
		{"agencies_pulled", "agencies pulled since the start", s.pulled},
		{"agencies_unreached", "agencies whose source could not be read when it was last asked", s.unreached},
		{"notices", "notices sent since the start", s.notices},
		{"letters", "letters returned since the start", s.letters},
		{"generation", "generation of the published numbers", s.generation},
		{"deliveries_late", "deliveries that are late", s.late},
	} {
		fmt.Fprintf(out, "# HELP tributary_%s %s\n# TYPE tributary_%[1]s gauge\ntributary_%[1]s %[3]d\n", g.name, g.help, g.value)
	}
	fmt.Fprint(out, "# HELP tributary_deliveries deliveries by state\n# TYPE tributary_deliveries gauge\n")
	for _, state := range deliveryStates {
		fmt.Fprintf(out, "tributary_deliveries{state=%q} %d\n", state, s.states[state])
	}
}

// deliveryStates are the words of DESIGN 7.
var deliveryStates = []string{"not_due", "expected", "received", "paused", "accepted", "accepted_with_findings", "partly_accepted", "refused", "nil", "excused"}

// runDue is one look for a system timer: run --due.
func (p *program) runDue(c *cobra.Command, w *pipelines.Workspace) error {
	tick, err := w.Tick(c.Context())
	p.endProgress()
	p.tell(tick.Faults)
	if err != nil {
		return err
	}
	return p.answer(tick, func(out io.Writer) {
		if len(tick.Pulled) == 0 && !tick.IsRun {
			fmt.Fprintf(out, "nothing is due before %s\n", tick.Next.In(calendar.Toronto()).Format("2006-01-02 15:04"))
			return
		}
		fmt.Fprintf(out, "%s: %d agencies were due, %d could not be reached; notices sent: %d; letters returned: %d\n",
			tick.Quarter, len(tick.Pulled), len(tick.Failed), tick.Notices, tick.Letters)
	})
}
