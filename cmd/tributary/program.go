package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/calendar"
	"tributary/pipelines/warehouse"
)

// Exit codes; see DESIGN 11.
const (
	exitDone = iota
	exitFailed
	exitAskedWrongly
	exitDataRefused
	exitNotReady
)

// coded is an error that knows its exit code.
type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }

func exitWith(code int, err error) error {
	if err == nil {
		return nil
	}
	return coded{err, code}
}

// program is the one place that knows the terminal, the environment and the clock.
type program struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	now      func() time.Time

	dir       string
	asJSON    bool
	isVerbose bool
	memory    string
	threads   int
}

// verbs are the commands, in the order of the help.
func (p *program) verbs() []*cobra.Command {
	return []*cobra.Command{
		p.demo(), p.initialise(), p.doctor(),
		p.pull(), p.receive(), p.check(), p.quarterRun(), p.status(), p.findings(),
		p.onboard(), p.accept(), p.nothing(), p.excuse(), p.correct(), p.confirm(), p.note(),
		p.why(), p.sql(), p.link(), p.measures(), p.checks(), p.mapping(),
		p.report(), p.template(), p.reference(), p.submit(), p.console(), p.serve(), p.release(), p.child(), p.backup(), p.restore(), p.purge(), p.upgrade(), p.audit(), p.version(),
	}
}

// root is the program with all its verbs.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tributary",
		Short: "From many agencies' files to one workbook that can say why",
		Long: `Tributary pulls the quarterly exports of a Coordinating Agency's providers and participants,
normalises them, counts each child and each family once, and writes the quarterly workbook.
Every number can be explained down to the row of the file that it came from.

Run it inside a workspace (a folder with tributary.yaml), or name one with --workspace.`,
		Example: `  tributary                      in a workspace: open the console in the browser
  tributary demo                 make an invented area and walk its year
  tributary init my-area         make a workspace
  tributary run                  pull, check, count and write the workbook
  tributary why csp_referrals@2025-26Q2`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if isWorkspace(p.dir) {
				return p.keepConsole(c.Context(), consoleFlags{})
			}
			return c.Help()
		},
	}
	root.SetHelpFunc(printHelp)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetIn(p.in)
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVarP(&p.dir, "workspace", "C", ".", "the workspace's folder")
	flags.BoolVar(&p.asJSON, "json", false, "answer for machines")
	flags.BoolVarP(&p.isVerbose, "verbose", "v", false, "log each model and each delivery")
	flags.StringVar(&p.memory, "memory", "", "most memory the engine may take (default 2GB)")
	flags.IntVar(&p.threads, "threads", 0, "threads the engine may use (default all)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return exitWith(exitAskedWrongly, tributary.Fix(err, "see: "+c.CommandPath()+" --help"))
	})
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if day := p.env("TRIBUTARY_TODAY"); day != "" {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("TRIBUTARY_TODAY=%s is not a day", day), "write it as 2026-04-10, or unset it"))
			}
		}
		return nil
	}
	for _, v := range p.verbs() {
		wrapArgs(v)
		root.AddCommand(v)
	}
	return root
}

func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil {
		err = tributary.Fix(errors.New("stopped; what was published before stays"), "start the same command again; it goes on where it was")
	}
	if strings.HasPrefix(err.Error(), "required flag") {
		err = exitWith(exitAskedWrongly, tributary.Fix(err, missing(c, err)))
	}
	return p.complain(err)
}

// missing names the flags that a verb must have and was not given.
func missing(c *cobra.Command, err error) string {
	var flags []string
	for i, name := range strings.Split(err.Error(), `"`) { // required flag(s) "ref", "why" not set
		if f := c.Flag(name); i%2 == 1 && f != nil {
			flags = append(flags, "--"+f.Name+" ("+f.Usage+")")
		}
	}
	return "add " + strings.Join(flags, ", ") + "; see: " + c.CommandPath() + " --help"
}

// wrapArgs makes wrong arguments of a verb and of its sub-verbs exit with code 2 and a fix.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("%s: %w", c.Name(), err), "see: "+c.CommandPath()+" --help"))
			}
			return nil
		}
	}
	for _, s := range c.Commands() {
		wrapArgs(s)
	}
}

// complain prints the chain of facts and the fixes, and gives the exit code.
func (p *program) complain(err error) int {
	for _, e := range flatten(err) {
		fmt.Fprintf(p.err, "tributary: %v\n", e)
		if fix := fixOf(e); fix != "" {
			fmt.Fprintf(p.err, "fix: %s\n", fix)
		} else if isMisuse(e) {
			fmt.Fprintln(p.err, "fix: see: tributary --help; with a verb, tributary VERB --help")
		}
	}
	var c coded
	if errors.As(err, &c) {
		return c.code
	}
	if errors.Is(err, warehouse.ErrNothingPublished) {
		return exitNotReady
	}
	if isMisuse(err) {
		return exitAskedWrongly
	}
	return exitFailed
}

// fixOf is the remedy that a fault has, or that of a disk that takes no more: the engine passes on what the system
// says as text.
func fixOf(err error) string {
	text := strings.ToLower(err.Error())
	isFull := strings.Contains(text, "no space left") || strings.Contains(text, "file too large") || strings.Contains(text, "not enough space on the disk")
	if fix := tributary.FixOf(err); fix != "" || !isFull {
		return fix
	}
	return "see whether the disk that holds the workspace is full; what was landed and published is as it was; then start the same command again"
}

// isMisuse knows the fault that cobra finds by itself, after which none of our code runs.
func isMisuse(err error) bool {
	return strings.HasPrefix(err.Error(), "unknown command")
}

// flatten lists joined errors one by one, so that each keeps its own fix.
func flatten(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range j.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	if c, ok := err.(coded); ok {
		return flatten(c.error)
	}
	return []error{err}
}

// open opens the workspace that --workspace names.
func (p *program) open(ctx context.Context) (*pipelines.Workspace, error) {
	return pipelines.Open(ctx, p.dir, p.options())
}

// inside makes a verb of what is done in the open workspace.
func (p *program) inside(do func(*cobra.Command, *pipelines.Workspace, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		w, err := p.open(c.Context())
		if err != nil {
			return err
		}
		defer w.Close()
		return do(c, w, args)
	}
}

// ofQuarter is inside for verbs with a flag --quarter; empty is the quarter that ended last.
func (p *program) ofQuarter(quarter *string, do func(*cobra.Command, *pipelines.Workspace, tributary.Quarter, []string) error) func(*cobra.Command, []string) error {
	return p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		q, err := quarterOr(*quarter, w)
		if err != nil {
			return err
		}
		return do(c, w, q, args)
	})
}

func (p *program) options() pipelines.Options {
	return pipelines.Options{
		Log: p.logger(), Now: p.today, IsDaySet: p.env("TRIBUTARY_TODAY") != "", Who: p.who(), Program: programVersion(),
		Progress: p.progress(), Limits: warehouse.Limits{Threads: p.threads, MemoryLimit: p.memory}, Secret: p.secret, Holder: p.holder,
	}
}

// holder is what somebody who finds the workspace locked is told.
func (p *program) holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown machine"
	}
	return fmt.Sprintf("process %d of %s on %s, since %s", os.Getpid(), p.who(), host, p.today().In(calendar.Toronto()).Format("2006-01-02 15:04"))
}

// today is the clock; TRIBUTARY_TODAY=2026-04-10 sets it, for trials and for tests.
func (p *program) today() time.Time {
	if day, err := time.Parse(time.DateOnly, p.env("TRIBUTARY_TODAY")); err == nil {
		return day.Add(12 * time.Hour)
	}
	return p.now().UTC()
}

// who is the person at the keyboard, for facts and the audit log.
func (p *program) who() string {
	if name := p.env("TRIBUTARY_WHO"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}

func (p *program) logger() *slog.Logger {
	level := slog.LevelWarn
	if p.isVerbose {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	if isTerminal(p.err) {
		return slog.New(slog.NewTextHandler(p.err, options))
	}
	return slog.New(slog.NewJSONHandler(p.err, options))
}

// progress draws one line that is written over, where a person watches.
func (p *program) progress() func(step, detail string) {
	if p.asJSON || p.isVerbose || !isTerminal(p.err) {
		return func(string, string) {}
	}
	return func(step, detail string) { fmt.Fprintf(p.err, "\r\x1b[K%-8s %s", step, detail) }
}

// endProgress removes the line.
func (p *program) endProgress() {
	if !p.asJSON && !p.isVerbose && isTerminal(p.err) {
		fmt.Fprint(p.err, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// secret resolves ${env:NAME} and ${file:PATH}; a secret never stands in a workspace file itself.
func (p *program) secret(ref string) (string, error) {
	inner, ok := strings.CutPrefix(ref, "${")
	inner, closed := strings.CutSuffix(inner, "}")
	kind, name, _ := strings.Cut(inner, ":")
	fix := "write a reference such as ${env:NAME} or ${file:secrets/name} (a file that only you can read)"
	if !ok || !closed {
		return "", tributary.Fix(errors.New("a secret stands in a workspace file"), fix)
	}
	switch kind {
	case "env":
		if v := p.env(name); v != "" {
			return v, nil
		}
		return "", tributary.Fix(fmt.Errorf("secret ${env:%s}: is not set", name), "set the environment variable "+name)
	case "file":
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.dir, name)
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", tributary.Fix(fmt.Errorf("secret ${file:%s}: %w", name, err), "make the file, readable by you alone")
		}
		if info.Mode().Perm()&0o077 != 0 {
			return "", tributary.Fix(fmt.Errorf("secret ${file:%s}: others can read it", name), "run: chmod 600 "+name)
		}
		data, err := os.ReadFile(path)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	return "", tributary.Fix(fmt.Errorf("secret kind %q is not known", kind), fix)
}

// answer prints for machines, or lets text print for people.
func (p *program) answer(v any, text func(w io.Writer)) error {
	if !p.asJSON {
		text(p.out)
		return nil
	}
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table prints columns that line up.
func table(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	t.Flush() //nolint:errcheck // the terminal is gone then
}

// buildVersion is set by the linker for a release.
var buildVersion = ""

// noVersion is what a program calls itself that was built without a version: two of that name may differ.
const noVersion = "dev"

func programVersion() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:12]
			}
		}
	}
	return noVersion
}
