// Package files pulls from a local or mounted folder.
//
// Takes a root folder and a path template; leaves every file of that folder in the inbox. Never
// leaves the root (os.Root: no ../, no link that leads out), never goes into sub-folders, never
// changes the folder.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
)

// Config says where the files lie.
type Config struct {
	// Kind is files; it is here because the source of an agency is decoded strictly.
	Kind string `yaml:"kind"`
	// Path is the folder below Root, with slashes: LCTC/{fy}_{q}; see connectors.Words.
	Path string `yaml:"path"`
	// Match is a pattern of file names with the same words and *, ?: {agency}_{fy}{q}_*. Empty takes all.
	Match string `yaml:"match"`
	// Settle is how long a recently changed file must stay the same; 2s if zero.
	Settle connectors.Duration `yaml:"settle"`
	// Root is the folder that the path may not leave; the workspace's drop if empty.
	Root string `yaml:"root"`
}

// Validate returns all faults at once.
func (c Config) Validate() error {
	var faults []error
	if c.Root == "" {
		faults = append(faults, tributary.Fix(errors.New("root is empty"),
			"set drop in tributary.yaml, or root in the source of the agency"))
	}
	if c.Path == "" {
		faults = append(faults, tributary.Fix(errors.New("path is empty"),
			`write the folder below the drop, as in path: "LCTC/{fy}_{q}"`))
	} else if !fs.ValidPath(path.Clean(c.Path)) {
		faults = append(faults, tributary.Fix(fmt.Errorf("path %q: leaves its root", c.Path),
			"write a path below the drop, with slashes and without .."))
	}
	if _, err := path.Match(c.Match, "x"); err != nil || strings.Contains(c.Match, "/") {
		faults = append(faults, tributary.Fix(fmt.Errorf("match %q: not a pattern of file names", c.Match),
			`write it as match: "{agency}_*.csv", without a folder`))
	}
	faults = slices.Concat(faults, connectors.CheckWords("path", c.Path), connectors.CheckWords("match", c.Match))
	return errors.Join(faults...)
}

// Connector is a folder as a source.
type Connector struct {
	config Config
	now    func() time.Time
	pause  func(context.Context, time.Duration) error
	// copied is called after the bytes were read and before they are believed; tests change the
	// file there.
	copied func(name string)
}

// New returns the connector of a valid config; by the clock it knows files that may still be written.
func New(c Config, now func() time.Time) (*Connector, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("source files: %w", err)
	}
	return &Connector{config: c, now: now, pause: connectors.Pause, copied: func(string) {}}, nil
}

// Root is the folder that the path may not leave.
func (c *Connector) Root() string { return c.config.Root }

// Folder is the folder of a quarter, below the root, with slashes.
func (c *Connector) Folder(agency string, q tributary.Quarter) string {
	return path.Clean(connectors.Fill(c.config.Path, agency, q))
}

// Check says whether the root can be opened.
func (c *Connector) Check(context.Context) error {
	root, err := c.open()
	if err != nil {
		return err
	}
	return root.Close()
}

func (c *Connector) open() (*os.Root, error) {
	root, err := os.OpenRoot(c.config.Root)
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("source files: %w", err),
			"is the share mounted? see drop in tributary.yaml")
	}
	return root, nil
}

// Pull puts the folder's files into the inbox. A missing folder, or one without a file that counts,
// is connectors.ErrNotReady. A file that does not stay the same, or changes while it is read, is an error:
// the agency is still writing.
func (c *Connector) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	return c.pull(ctx, c.Folder(agency, q), connectors.Fill(c.config.Match, agency, q), in)
}

func (c *Connector) pull(ctx context.Context, folder, match string, in *connectors.Inbox) error {
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if !fs.ValidPath(folder) {
		return fmt.Errorf("folder %q: leaves its root", folder)
	}
	quiet := func(ctx context.Context) error { return c.pause(ctx, c.config.Settle.Or(2*time.Second)) }
	found, err := connectors.Settle(ctx, c.now(), quiet, func() (listing, error) { return look(root, folder, match) })
	if err != nil {
		return fmt.Errorf("folder %q: %w", folder, err)
	}
	for _, s := range found.skipped {
		in.Skip(s.Name, s.Reason)
	}
	if len(found.files) == 0 {
		return fmt.Errorf("folder %q: %w", folder, connectors.ErrNotReady)
	}
	for _, f := range found.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.pullFile(ctx, root, folder, f.Name, in); err != nil {
			return fmt.Errorf("folder %q: %w", folder, err)
		}
	}
	return nil
}

// listing is what one look at a folder finds.
type listing struct {
	files   []connectors.Seen
	skipped []connectors.Skipped
}

// Seen lists the files that count.
func (l listing) Seen() []connectors.Seen { return l.files }

func look(root *os.Root, folder, match string) (listing, error) {
	var out listing
	skip := func(name, reason string) {
		out.skipped = append(out.skipped, connectors.Skipped{Name: name, Reason: reason})
	}
	entries, err := fs.ReadDir(root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return out, connectors.ErrNotReady
	}
	if err != nil {
		return out, err
	}
	others := 0
	for _, entry := range entries {
		name := entry.Name()
		reason := LeftBehind(name)
		switch ok, _ := path.Match(match, name); {
		case entry.IsDir() && IsOurs(name):
		case entry.IsDir():
			skip(name, "a folder; only the files beside it are read")
		case reason != "":
			skip(name, reason)
		case match != "" && !ok:
			others++
		default:
			// Asked before opening: opening a named pipe waits for a writer, and no Ctrl-C ends that.
			info, err := root.Stat(path.Join(folder, name))
			switch {
			case errors.Is(err, fs.ErrNotExist) && entry.Type().IsRegular(): // gone since the folder was read
			case err != nil:
				return out, tributary.Fix(err, "put the file itself there, not a link to it")
			case !info.Mode().IsRegular():
				skip(name, "not a plain file")
			default:
				out.files = append(out.files, connectors.Seen{Name: name, Size: info.Size(), Modified: info.ModTime()})
			}
		}
	}
	if others > 0 {
		skip(match, fmt.Sprintf("%d other files are not of this name", others))
	}
	return out, nil
}

func (c *Connector) pullFile(ctx context.Context, root *os.Root, folder, name string, in *connectors.Inbox) error {
	file, err := root.Open(path.Join(folder, name))
	if err != nil {
		return tributary.Fix(err, "let this account read the file, or take it out of the folder")
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return err
	}
	counted := &counter{r: connectors.Reader(ctx, file)}
	if err := in.PutModified(name, before.ModTime(), counted); err != nil {
		return err
	}
	c.copied(name)
	after, err := root.Stat(path.Join(folder, name))
	if err != nil {
		return fmt.Errorf("%q went away while being read: %w", name, err)
	}
	if counted.n != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return tributary.Fix(fmt.Errorf("%q changed while being read", name),
			"wait until the agency has finished writing, then pull again")
	}
	return nil
}

// IsOurs says which folders beside the files are Tributary's own.
func IsOurs(name string) bool {
	return name == connectors.TrialFolder || name == connectors.FeedbackFolder || name == path.Base(connectors.AnswersFolder)
}

// LeftBehind names the rule by which a file of that name is not part of a delivery; empty when it is.
func LeftBehind(name string) string {
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, "~$"), strings.HasPrefix(name, ".~lock"):
		return "lock file of an office program"
	case strings.HasPrefix(name, "."):
		return "hidden file"
	case name == "thumbs.db", name == "desktop.ini":
		return "file of the operating system"
	}
	for _, end := range []string{".tmp", ".part", ".partial", ".crdownload", ".filepart"} {
		if strings.HasSuffix(name, end) {
			return "unfinished upload"
		}
	}
	return ""
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
