package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/warehouse"
	"tributary/reports/pages"
)

// usualListen is where the console answers; where another program has that port, any free one is taken.
const usualListen = "127.0.0.1:8078"

// idleMinutes is how long a person may be away before the console asks again who it is.
const idleMinutes = 30

type consoleFlags struct {
	listen            string
	hosts             []string
	cert, key         string
	noBrowser, behind bool
}

func (p *program) console() *cobra.Command {
	var f consoleFlags
	c := &cobra.Command{
		Use:   "console",
		Short: "Open the console in the browser: one page per question",
		Long: `Answers on this machine alone, and opens the browser at an address that works once. It runs until Ctrl-C.
Without arguments, tributary does the same in a workspace.

With accounts (tributary console account) everybody gives name and password instead, and it may answer other machines:
by a certificate of its own, or behind a proxy that has one.`,
		Example: `  tributary console
  tributary console --no-browser --listen 127.0.0.1:9000
  tributary console --listen :8443 --host tributary.example.ca:8443 \
      --cert cert.pem --key key.pem
  tributary console --listen 127.0.0.1:8078 --host tributary.example.ca \
      --behind-proxy`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&f.listen, "listen", "", "address to answer on (default "+usualListen+", or a free port)")
	c.Flags().BoolVar(&f.noBrowser, "no-browser", false, "print the address and open nothing")
	c.Flags().StringSliceVar(&f.hosts, "host", nil, "names, with port where it is not 443, under which other machines ask for it")
	c.Flags().StringVar(&f.cert, "cert", "", "certificate (PEM)")
	c.Flags().StringVar(&f.key, "key", "", "the certificate's key (PEM)")
	c.Flags().BoolVar(&f.behind, "behind-proxy", false, "a proxy before it speaks https with the browsers")
	c.MarkFlagsRequiredTogether("cert", "key")
	c.MarkFlagsMutuallyExclusive("cert", "behind-proxy")
	c.RunE = func(c *cobra.Command, _ []string) error { return p.keepConsole(c.Context(), f) }
	c.AddCommand(p.accounts(), p.account())
	return c
}

// keepConsole answers until the context ends.
func (p *program) keepConsole(ctx context.Context, f consoleFlags) error {
	d := &desks{p: p, kept: &warehouse.Kept{}, ctx: ctx}
	if err := d.reload(ctx); err != nil {
		return err
	}
	defer d.close()
	accounts, err := accountsOf(d.w)
	if err != nil {
		return err
	}
	isSecure := f.cert != "" || f.behind
	l, err := listenAt(ctx, f.listen)
	if err != nil {
		return err
	}
	defer l.Close()
	at := l.Addr().String()
	ip, port, _ := net.SplitHostPort(at)
	isLoopback := net.ParseIP(ip).IsLoopback()
	if err := guardListen(at, isLoopback && !f.behind, accounts != nil, isSecure); err != nil {
		return exitWith(exitAskedWrongly, err)
	}
	config := pages.Config{
		SignsHere: isLoopback && !f.behind && accounts == nil,
		Desk:      d.open, Runs: &d.runs, Log: p.logger(), Now: p.now, Random: rand.Reader, Idle: idleMinutes * time.Minute,
		Hosts: []string{at, "localhost:" + port}, Owner: p.who(), IsSecure: isSecure,
	}
	address := "http://" + at
	if f.cert != "" {
		address = "https://" + at
	}
	for _, h := range f.hosts {
		config.Hosts = append(config.Hosts, strings.ToLower(h))
		address = "https://" + h
	}
	if !isLoopback && len(f.hosts) == 0 {
		return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("console: %w", errNoHost), "name them with --host, as in --host tributary.example.ca:8443"))
	}
	if accounts != nil {
		config.Accounts = accounts
	}
	config.Announce = func(code string) { fmt.Fprintf(p.err, "console: come in again at %s/enter?code=%s\n", address, code) }
	site, err := pages.New(config)
	if err != nil {
		return err
	}
	open := address + "/"
	if accounts == nil {
		code, err := site.Code()
		if err != nil {
			return err
		}
		open = address + "/enter?code=" + code
		fmt.Fprintf(p.out, "console: %s\n(the address works once; end with Ctrl-C)\n", open)
	} else {
		fmt.Fprintf(p.out, "console: %s\n(by name and password; end with Ctrl-C)\n", open)
	}
	if !f.noBrowser {
		browse(open)
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(p.logger().Handler(), slog.LevelWarn)}
	go func() {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ending) // what is left is cut off by the end of the process
	}()
	serve := func() error { return server.Serve(l) }
	if f.cert != "" {
		serve = func() error { return server.ServeTLS(l, f.cert, f.key) }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	d.runs.wait()
	return nil
}

// listenAt listens where it is asked to, or at the usual port, or at a free one.
func listenAt(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if address == "" {
		if l, err := lc.Listen(ctx, "tcp", usualListen); err == nil {
			return l, nil
		}
		address = "127.0.0.1:0"
	}
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("console: %w", err), "name another address with --listen, as in 127.0.0.1:0")
	}
	return l, nil
}

// browse opens the browser; where there is none, the printed address serves.
func browse(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case "darwin":
		name = "open"
	}
	if c := exec.Command(name, args...); c.Start() == nil {
		go c.Wait() //nolint:errcheck // the browser's end is no matter of ours
	}
}

// desks opens the workspace for each request: settings and mappings that were changed since count from then on.
type desks struct {
	p    *program
	ctx  context.Context
	kept *warehouse.Kept
	runs runs

	mu    sync.Mutex
	w     *pipelines.Workspace
	stamp string
	// looks keeps the audit log's numbers apart.
	looks sync.Mutex
	// review is the queue that all reviewers work through; deciding lets one of them speak at a time.
	review   pipelines.Review
	deciding sync.Mutex
}

// desk is one request's view of the workspace: of one generation, in one person's name.
type desk struct {
	*pipelines.Workspace
	all *desks
	m   warehouse.Manifest
	// asked are the questions about pairs, once a page has asked for them.
	asked []pipelines.Asked
}

func (d *desks) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = errors.Join(d.kept.Close(), d.w.Close(), os.RemoveAll(d.temp(d.w))) // all was read or written before
}

// temp is where this process spills.
func (d *desks) temp(w *pipelines.Workspace) string {
	return w.Path("cache", fmt.Sprintf("console-%d", os.Getpid()))
}

// reload opens the workspace again when one of its files has changed. A workspace that cannot be read any more
// leaves the last one in place, so that people can go on and see what is wrong.
func (d *desks) reload(ctx context.Context) error {
	stamp, err := stampOf(d.p.dir)
	if err != nil || d.w != nil && stamp == d.stamp {
		return err
	}
	w, err := pipelines.Open(context.WithoutCancel(ctx), d.p.dir, d.p.options())
	if err != nil {
		return err
	}
	w.Memo = &pipelines.Memo{}
	w.House.Kept, w.Progress = d.kept, func(string, string) {}
	// A run empties cache/tmp at its start and end; what a page's question spills lies elsewhere.
	w.House.Temp = d.temp(w)
	// The ledger of the one before may still be read by an open request: it is left to the end of the process.
	d.w, d.stamp = w, stamp
	d.runs.all = d
	return nil
}

// stampOf tells whether a file of the analyst's own has changed.
func stampOf(dir string) (string, error) {
	var out strings.Builder
	for _, top := range []string{"tributary.yaml", "agencies", "sql"} {
		err := filepath.WalkDir(filepath.Join(dir, top), func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err == nil {
				fmt.Fprintln(&out, path, info.Size(), info.ModTime().UnixNano())
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// open gives one request its desk.
func (d *desks) open(ctx context.Context, who string) (pages.Desk, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.reload(ctx); err != nil {
		return nil, err
	}
	w, house := *d.w, *d.w.House
	w.Who, w.House = who, &house
	out := &desk{Workspace: &w, all: d}
	m, err := house.Current()
	switch {
	case err == nil:
		out.m, house.At = m, &m
	case !errors.Is(err, warehouse.ErrNothingPublished):
		return nil, err
	}
	return out, nil
}

// Generation names what the desk reads.
func (d *desk) Generation() (int, string) {
	if d.m.Generation == 0 {
		return 0, ""
	}
	return d.m.Generation, d.m.Quarter.String()
}

// Look writes into the audit log, one look after the other.
func (d *desk) Look(ctx context.Context, subject, why string) error {
	d.all.looks.Lock()
	defer d.all.looks.Unlock()
	return d.Workspace.Look(ctx, "console", subject, why)
}

// Close gives nothing back yet: the workspace is the process's own.
func (d *desk) Close() error { return nil }

// isWorkspace says whether a folder is one.
func isWorkspace(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "tributary.yaml"))
	return err == nil
}
