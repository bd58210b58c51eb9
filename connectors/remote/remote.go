// Package remote pulls from a folder on a server: SFTP, S3, WebDAV, OneDrive and SharePoint.
//
// Takes a server, a path template and a pattern; leaves every file of that folder in the inbox. Never
// deletes or moves what lies there, never goes into sub-folders, never reads rclone's files or
// environment, and trusts no server that its settings do not name.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"
	"golang.org/x/sync/errgroup"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/files"
)

const (
	// tries is how often a server is asked before its answer is believed.
	tries = 3
	// sideBySide is how many files are fetched at once: on a slow line most of the time goes by waiting.
	sideBySide = 8
)

// Clock is what a connector is told of time; it reads no clock itself.
type Clock func() time.Time

// Place is where the files lie on a server. It stands in the settings of each kind.
type Place struct {
	// Path is the folder, with slashes: out/{fy}_{q}; see connectors.Words.
	Path string `yaml:"path"`
	// Match is a pattern of file names with the same words and *, ?: {agency}_{fy}{q}_*.csv. Empty takes all.
	Match string `yaml:"match"`
	// Settle is how long a recently changed file must stay the same; 2s if zero.
	Settle connectors.Duration `yaml:"settle"`
	// Timeout is how long a server may be silent; 1m if zero.
	Timeout connectors.Duration `yaml:"timeout"`
}

func (p Place) validate() []error {
	var faults []error
	if p.Path == "" {
		faults = append(faults, tributary.Fix(errors.New("path is empty"), `write the folder on the server, as in path: "out/{fy}_{q}"; . is where one arrives`))
	}
	if slices.Contains(strings.Split(p.Path, "/"), "..") {
		faults = append(faults, tributary.Fix(fmt.Errorf("path %q: holds ..", p.Path), "write the folder without .."))
	}
	if _, err := path.Match(p.Match, "x"); err != nil || strings.Contains(p.Match, "/") {
		faults = append(faults, tributary.Fix(fmt.Errorf("match %q: not a pattern of file names", p.Match), `write it as match: "{agency}_*.csv", without a folder`))
	}
	return slices.Concat(faults, connectors.CheckWords("path", p.Path), connectors.CheckWords("match", p.Match))
}

// Connector is a folder on a server as a source.
type Connector struct {
	place Place
	// server names it in messages; secrets are kept out of them.
	server  string
	secrets []connectors.Secret
	network network
	open    func(context.Context) (fs.Fs, error)
	explain func(error) error
	now     Clock
	pause   func(context.Context, time.Duration) error
	// copied is called after the bytes of a file were read and before they are believed; tests change
	// the file there.
	copied func(name string)

	mu sync.Mutex
	fs fs.Fs
}

var (
	_ connectors.Checker  = (*Connector)(nil)
	_ connectors.Returner = (*Connector)(nil)
	_ connectors.Trialer  = (*Connector)(nil)
)

func newConnector(p Place, server string, n network, now Clock, secrets ...connectors.Secret) *Connector {
	n.timeout = p.Timeout.Or(time.Minute)
	return &Connector{place: p, server: server, network: n, secrets: secrets, now: now,
		explain: func(err error) error { return err }, pause: connectors.Pause, copied: func(string) {}}
}

// fault is an error as it may be shown.
func (c *Connector) fault(err error) error {
	if err == nil {
		return nil
	}
	said := fmt.Errorf("%s: %w", c.server, c.explain(err))
	if connectors.IsAway(err) || connectors.IsAway(said) {
		said = connectors.Away(said)
	}
	return connectors.Hide(said, c.secrets...)
}

// folder is the folder of a quarter below the root that the backend was opened with.
func (c *Connector) folder(agency string, q tributary.Quarter) string {
	return below(connectors.Fill(c.place.Path, agency, q))
}

func below(folder string) string { return path.Join(".", strings.TrimLeft(path.Clean(folder), "/")) }

// Check enters the server and lists the part of the path that is the same for all quarters.
func (c *Connector) Check(ctx context.Context) error {
	still, _, _ := strings.Cut(c.place.Path, "{")
	if at := strings.LastIndex(still, "/"); at >= 0 && still != c.place.Path {
		still = still[:at]
	} else if still != c.place.Path {
		still = "."
	}
	_, err := c.list(ctx, below(still))
	if errors.Is(err, fs.ErrorDirNotFound) {
		err = tributary.Fix(fmt.Errorf("folder %q is not there", still), "compare path: in the source of the agency with what lies on the server")
	}
	return c.fault(err)
}

// Close ends the connection.
func (c *Connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fs == nil {
		return nil
	}
	end := c.fs.Features().Shutdown
	c.fs = nil
	if end == nil {
		return nil
	}
	// Some servers do not answer a farewell.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := within(ctx, func() (any, error) { return nil, end(ctx) })
	return err
}

// Pull puts the folder's files into the inbox. A missing folder, or one without a file that counts, is
// connectors.ErrNotReady. A file that changes meanwhile is a fault: the agency is still writing.
func (c *Connector) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	return c.fault(c.pull(ctx, c.folder(agency, q), connectors.Fill(c.place.Match, agency, q), in))
}

// Trial puts the files to try into the inbox.
func (c *Connector) Trial(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	return c.fault(c.pull(ctx, path.Join(c.folder(agency, q), connectors.TrialFolder), connectors.Fill(c.place.Match, agency, q), in))
}

func (c *Connector) pull(ctx context.Context, folder, match string, in *connectors.Inbox) error {
	found, err := c.settled(ctx, folder, match)
	if err != nil {
		return fmt.Errorf("folder %q: %w", folder, err)
	}
	for _, s := range found.skipped {
		in.Skip(s.Name, s.Reason)
	}
	if len(found.files) == 0 {
		return fmt.Errorf("folder %q: %w", folder, connectors.ErrNotReady)
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for _, f := range found.files {
		group.Go(func() error { return c.fetch(inner, f, in) })
	}
	if err := group.Wait(); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("folder %q: %w", folder, err))
	}
	after, err := c.look(ctx, folder, match)
	if err != nil {
		return fmt.Errorf("folder %q: %w", folder, err)
	}
	return stillWriting(folder, connectors.Changed(found, after))
}

func stillWriting(folder, name string) error {
	if name == "" {
		return nil
	}
	return tributary.Fix(fmt.Errorf("folder %q: %q changed while being read", folder, name),
		"wait until the agency has finished writing, then pull again")
}

// file is one that lies there: as it was when its folder was listed.
type file struct {
	connectors.Seen
	object fs.Object
}

type listing struct {
	files   []file
	skipped []connectors.Skipped
}

// Seen lists the files that count.
func (l listing) Seen() []connectors.Seen {
	out := make([]connectors.Seen, len(l.files))
	for i, f := range l.files {
		out[i] = f.Seen
	}
	return out
}

// settled lists the folder when nothing in it changes any more.
func (c *Connector) settled(ctx context.Context, folder, match string) (listing, error) {
	quiet := func(ctx context.Context) error { return c.pause(ctx, c.place.Settle.Or(2*time.Second)) }
	return connectors.Settle(ctx, c.now(), quiet, func() (listing, error) { return c.look(ctx, folder, match) })
}

// look lists the files that count, in order of their names.
func (c *Connector) look(ctx context.Context, folder, match string) (listing, error) {
	var out listing
	entries, err := c.list(ctx, folder)
	if errors.Is(err, fs.ErrorDirNotFound) {
		return out, connectors.ErrNotReady
	}
	if err != nil {
		return out, err
	}
	skip := func(name, reason string) {
		out.skipped = append(out.skipped, connectors.Skipped{Name: name, Reason: reason})
	}
	others := 0
	for _, e := range entries {
		name := path.Base(e.Remote())
		object, isFile := e.(fs.Object)
		switch reason := files.LeftBehind(name); {
		case e.Remote() != path.Join(folder, name) || name == "..":
			skip(name, "the server says that it lies elsewhere")
		case !isFile && files.IsOurs(name):
		case !isFile:
			skip(name, "a folder; only the files beside it are read")
		case reason != "":
			skip(name, reason)
		case !object.Storable():
			skip(name, "not a plain file")
		case match != "" && !matches(match, name):
			others++
		default:
			out.files = append(out.files, file{connectors.Seen{Name: name, Size: object.Size(), Modified: object.ModTime(c.network.with(ctx))}, object})
		}
	}
	if others > 0 {
		skip(match, fmt.Sprintf("%d other files are not of this name", others))
	}
	slices.SortFunc(out.files, func(a, b file) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// fetch puts one file into the inbox and compares its length with the one promised.
func (c *Connector) fetch(ctx context.Context, f file, in *connectors.Inbox) error {
	r := &resumed{ctx: ctx, c: c, object: f.object, size: f.Size}
	defer r.close()
	if err := in.PutModified(f.Name, f.Modified, connectors.Reader(ctx, r)); err != nil {
		return err
	}
	c.copied(f.Name)
	return nil
}

// connect returns the backend, opened once for all quarters.
func (c *Connector) connect(ctx context.Context) (fs.Fs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fs != nil {
		return c.fs, nil
	}
	// The connection outlives the call that opened it.
	f, err := within(ctx, func() (fs.Fs, error) { return c.open(context.WithoutCancel(ctx)) })
	if err != nil {
		return nil, err
	}
	c.fs = f
	return f, nil
}

func (c *Connector) list(ctx context.Context, folder string) (entries fs.DirEntries, err error) {
	if folder == "." {
		folder = ""
	}
	err = c.again(ctx, func() error {
		f, err := c.connect(ctx)
		if err != nil {
			return connectors.Away(err)
		}
		entries, err = within(ctx, func() (fs.DirEntries, error) { return f.List(c.network.with(ctx), folder) })
		return err
	})
	return entries, err
}

// again repeats what the line may have cut; what asking again does not mend, such as a wrong password, is
// not repeated.
func (c *Connector) again(ctx context.Context, do func() error) error {
	var err error
	for i := range tries {
		if i > 0 {
			if err := c.pause(ctx, time.Duration(i)*time.Second); err != nil {
				return err
			}
		}
		err = do()
		if err == nil || ctx.Err() != nil || errors.Is(err, fs.ErrorDirNotFound) || errors.Is(err, fs.ErrorObjectNotFound) ||
			tributary.FixOf(c.explain(err)) != "" {
			return err
		}
	}
	return err
}

// within is do, given up when the context ends: libraries that wait for a silent server do not look.
func within[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	done := make(chan answer, 1)
	go func() {
		value, err := do()
		done <- answer{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case a := <-done:
		return a.value, a.err
	}
}

// resumed reads an object; when the line is cut it goes on where it was. That the object is still the same
// is seen when its folder is listed again.
type resumed struct {
	ctx    context.Context
	c      *Connector
	object fs.Object
	size   int64
	at     int64
	cuts   int
	in     io.ReadCloser
}

func (r *resumed) Read(p []byte) (int, error) {
	for {
		n, err := r.read(p)
		r.at += int64(n)
		switch {
		case errors.Is(err, io.EOF) && r.size >= 0 && r.at > r.size:
			return n, fmt.Errorf("%d bytes came, %d were promised", r.at, r.size)
		case errors.Is(err, io.EOF) && r.at < r.size:
			err = fmt.Errorf("%d of %d bytes came: %w", r.at, r.size, io.ErrUnexpectedEOF)
		case err == nil || errors.Is(err, io.EOF):
			return n, err
		}
		r.close()
		if r.cuts++; r.cuts >= tries || r.ctx.Err() != nil || tributary.FixOf(r.c.explain(err)) != "" {
			return n, err
		}
		if err := r.c.pause(r.ctx, time.Duration(r.cuts)*time.Second); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (r *resumed) read(p []byte) (int, error) {
	if r.in == nil {
		if r.size == 0 || r.at > 0 && r.at == r.size {
			return 0, io.EOF
		}
		var options []fs.OpenOption
		if r.at > 0 {
			options = append(options, &fs.SeekOption{Offset: r.at})
		}
		in, err := within(r.ctx, func() (io.ReadCloser, error) { return r.object.Open(r.c.network.with(r.ctx), options...) })
		if err != nil {
			return 0, err
		}
		r.in = &closedOnce{ReadCloser: in}
	}
	in := r.in
	stop := context.AfterFunc(r.ctx, func() { in.Close() })
	defer stop()
	return in.Read(p)
}

func (r *resumed) close() {
	if r.in != nil {
		r.in.Close() //nolint:errcheck // what was read is counted
		r.in = nil
	}
}

// closedOnce may be closed by whoever reads and by the context's end; backends count closings.
type closedOnce struct {
	io.ReadCloser
	once sync.Once
}

func (c *closedOnce) Close() (err error) {
	c.once.Do(func() { err = c.ReadCloser.Close() })
	return err
}
