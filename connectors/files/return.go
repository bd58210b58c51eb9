package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"tributary"
	"tributary/connectors"
)

var (
	_ connectors.Returner = (*Connector)(nil)
	_ connectors.Trialer  = (*Connector)(nil)
)

// Return writes a file into a folder of ours, with the permissions of the agency's folder: whoever may read
// what the agency sent may read what was said of it.
func (c *Connector) Return(ctx context.Context, agency string, q tributary.Quarter, folder, name, over string, r io.Reader) error {
	return c.inOurs(agency, q, folder, name, func(root *os.Root, dir, file string) error {
		data, err := io.ReadAll(connectors.Reader(ctx, r))
		if err != nil {
			return err
		}
		was, err := sumOf(root, file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		switch {
		case was == sum(data):
			return nil
		case was != "" && was != over:
			return connectors.ErrOccupied
		}
		info, err := root.Stat(dir)
		if err != nil {
			return err
		}
		if err := root.MkdirAll(path.Dir(file), info.Mode().Perm()); err != nil {
			return err
		}
		half := path.Join(path.Dir(file), "."+path.Base(file)+".part")
		err = root.WriteFile(half, data, info.Mode().Perm()&0o666)
		if err == nil {
			err = root.Chmod(half, info.Mode().Perm()&0o666) // whatever the umask
		}
		if err == nil {
			if err = root.Rename(half, file); err != nil && was != "" {
				err = fmt.Errorf("%w: %w", connectors.ErrOccupied, err) // open in a spreadsheet program
			}
		}
		if err != nil {
			return errors.Join(err, clear(root, half))
		}
		return nil
	})
}

// Returned opens a file in a folder of ours.
func (c *Connector) Returned(_ context.Context, agency string, q tributary.Quarter, folder, name string) (io.ReadCloser, error) {
	var out io.ReadCloser
	err := c.inOurs(agency, q, folder, name, func(root *os.Root, _, file string) error {
		if info, err := root.Stat(file); err != nil {
			return err
		} else if !info.Mode().IsRegular() {
			return errors.New("not a plain file")
		}
		var err error
		out, err = root.Open(file)
		return err
	})
	return out, err
}

// Withdraw takes a file of ours away.
func (c *Connector) Withdraw(_ context.Context, agency string, q tributary.Quarter, folder, name, over string) error {
	return c.inOurs(agency, q, folder, name, func(root *os.Root, _, file string) error {
		was, err := sumOf(root, file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case was != over:
			return connectors.ErrOccupied
		}
		return root.Remove(file)
	})
}

// Place is the folder of a quarter on this machine, for people to find.
func (c *Connector) Place(agency string, q tributary.Quarter) string {
	return filepath.Join(c.config.Root, filepath.FromSlash(c.Folder(agency, q)))
}

// inOurs calls do with the agency's folder and the path of a file in a folder of ours in it.
func (c *Connector) inOurs(agency string, q tributary.Quarter, folder, name string, do func(root *os.Root, dir, file string) error) error {
	if folder != connectors.FeedbackFolder && folder != connectors.AnswersFolder || name == "" || path.Base(name) != name || name == ".." || name == "." {
		return fmt.Errorf("return %q into %q: not a plain file name in a folder of ours", name, folder)
	}
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	dir := c.Folder(agency, q)
	info, err := root.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return fmt.Errorf("folder %q: %w", dir, connectors.ErrNotReady)
	}
	if err != nil {
		return err
	}
	if err := do(root, dir, path.Join(dir, folder, name)); err != nil {
		return fmt.Errorf("folder %q: %s: %w", path.Join(dir, folder), name, err)
	}
	return nil
}

// Trial puts the files to try into the inbox.
func (c *Connector) Trial(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	return c.pull(ctx, path.Join(c.Folder(agency, q), connectors.TrialFolder), connectors.Fill(c.config.Match, agency, q), in)
}

func clear(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func sumOf(root *os.Root, name string) (string, error) {
	data, err := root.ReadFile(name)
	if err != nil {
		return "", err
	}
	return sum(data), nil
}
