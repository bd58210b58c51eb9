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
	// copied is called after the bytes were read and before they are believed; tests change the
	// file there.
	copied func(name string)
}

// New returns the connector of a valid config.
func New(c Config) (*Connector, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("source files: %w", err)
	}
	return &Connector{config: c, copied: func(string) {}}, nil
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
// is connectors.ErrNotReady. A file that changes while it is read is an error: the agency is still
// writing.
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
	entries, err := fs.ReadDir(root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("folder %q: %w", folder, connectors.ErrNotReady)
	}
	if err != nil {
		return fmt.Errorf("folder %q: %w", folder, err)
	}
	count, others := 0, 0
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if entry.IsDir() {
			if !IsOurs(entry.Name()) {
				in.Skip(entry.Name(), "a folder; only the files beside it are read")
			}
			continue
		}
		if reason := LeftBehind(entry.Name()); reason != "" {
			in.Skip(entry.Name(), reason)
			continue
		}
		if ok, _ := path.Match(match, entry.Name()); match != "" && !ok {
			others++
			continue
		}
		put, err := c.pullFile(ctx, root, folder, entry.Name(), in)
		if err != nil {
			return fmt.Errorf("folder %q: %w", folder, err)
		}
		if put {
			count++
		}
	}
	if others > 0 {
		in.Skip(match, fmt.Sprintf("%d other files are not of this name", others))
	}
	if count == 0 {
		return fmt.Errorf("folder %q: %w", folder, connectors.ErrNotReady)
	}
	return nil
}

func (c *Connector) pullFile(ctx context.Context, root *os.Root, folder, name string, in *connectors.Inbox) (bool, error) {
	// Asked before opening: opening a named pipe waits for a writer, and no Ctrl-C ends that.
	if info, err := root.Stat(path.Join(folder, name)); err != nil {
		return false, tributary.Fix(err, "put the file itself there, not a link to it")
	} else if !info.Mode().IsRegular() {
		in.Skip(name, "not a plain file")
		return false, nil
	}
	file, err := root.Open(path.Join(folder, name))
	if err != nil {
		return false, tributary.Fix(err, "let this account read the file, or take it out of the folder")
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return false, err
	}
	counted := &counter{r: connectors.Reader(ctx, file)}
	if err := in.PutModified(name, before.ModTime(), counted); err != nil {
		return false, err
	}
	c.copied(name)
	after, err := root.Stat(path.Join(folder, name))
	if err != nil {
		return false, fmt.Errorf("%q went away while being read: %w", name, err)
	}
	if counted.n != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return false, tributary.Fix(fmt.Errorf("%q changed while being read", name),
			"wait until the agency has finished writing, then pull again")
	}
	return true, nil
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
