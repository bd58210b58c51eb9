package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/object"

	"tributary"
	"tributary/connectors"
)

// Return writes a file into a folder of ours on the server: under another name first where the server can
// rename, at once where what is sent becomes visible only when whole (S3).
func (c *Connector) Return(ctx context.Context, agency string, q tributary.Quarter, folder, name, over string, r io.Reader) error {
	return c.inOurs(ctx, agency, q, folder, name, func(ctx context.Context, f fs.Fs, file string) error {
		data, err := io.ReadAll(connectors.Reader(ctx, r))
		if err != nil {
			return err
		}
		was, err := c.sumOf(ctx, f, file)
		if err != nil && !errors.Is(err, fs.ErrorObjectNotFound) {
			return err
		}
		switch {
		case was == sum(data):
			return nil
		case was != "" && was != over:
			return connectors.ErrOccupied
		}
		return c.write(ctx, f, file, data)
	})
}

func (c *Connector) write(ctx context.Context, f fs.Fs, file string, data []byte) error {
	rename := f.Features().Move
	at := file
	if rename != nil {
		at = path.Join(path.Dir(file), "."+path.Base(file)+".part")
	}
	info := object.NewStaticObjectInfo(at, c.now(), int64(len(data)), true, nil, nil)
	half, err := within(ctx, func() (fs.Object, error) {
		if old, err := f.NewObject(ctx, at); err == nil {
			return old, old.Update(ctx, bytes.NewReader(data), info)
		}
		return f.Put(ctx, bytes.NewReader(data), info)
	})
	if err != nil || rename == nil {
		return err
	}
	if _, err := rename(ctx, half, file); err != nil {
		return errors.Join(err, half.Remove(ctx))
	}
	return nil
}

// Returned opens a file in a folder of ours.
func (c *Connector) Returned(ctx context.Context, agency string, q tributary.Quarter, folder, name string) (io.ReadCloser, error) {
	var out io.ReadCloser
	err := c.inOurs(ctx, agency, q, folder, name, func(ctx context.Context, f fs.Fs, file string) error {
		o, err := f.NewObject(ctx, file)
		if err == nil {
			out, err = o.Open(ctx)
		}
		if errors.Is(err, fs.ErrorObjectNotFound) {
			return iofs.ErrNotExist
		}
		return err
	})
	return out, err
}

// Withdraw takes a file of ours away.
func (c *Connector) Withdraw(ctx context.Context, agency string, q tributary.Quarter, folder, name, over string) error {
	return c.inOurs(ctx, agency, q, folder, name, func(ctx context.Context, f fs.Fs, file string) error {
		was, err := c.sumOf(ctx, f, file)
		switch {
		case errors.Is(err, fs.ErrorObjectNotFound):
			return nil
		case err != nil:
			return err
		case was != over:
			return connectors.ErrOccupied
		}
		o, err := f.NewObject(ctx, file)
		if err != nil {
			return err
		}
		return o.Remove(ctx)
	})
}

// inOurs calls do with the path of a file in a folder of ours beside the agency's files.
func (c *Connector) inOurs(ctx context.Context, agency string, q tributary.Quarter, folder, name string, do func(ctx context.Context, f fs.Fs, file string) error) error {
	if folder != connectors.FeedbackFolder && folder != connectors.AnswersFolder || name == "" || path.Base(name) != name || name == ".." || name == "." {
		return fmt.Errorf("return %q into %q: not a plain file name in a folder of ours", name, folder)
	}
	dir := c.folder(agency, q)
	f, err := c.connect(ctx)
	var entries fs.DirEntries
	if err == nil {
		entries, err = c.list(ctx, dir)
	}
	// S3 has no folders: one without files is not there.
	if errors.Is(err, fs.ErrorDirNotFound) || err == nil && len(entries) == 0 && !f.Features().CanHaveEmptyDirectories {
		err = connectors.ErrNotReady
	}
	if err != nil {
		return c.fault(fmt.Errorf("folder %q: %w", dir, err))
	}
	if err := do(c.network.with(ctx), f, path.Join(dir, folder, name)); err != nil {
		return c.fault(fmt.Errorf("folder %q: %s: %w", path.Join(dir, folder), name, err))
	}
	return nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// sumOf reads the whole file: servers differ in the hashes that they know.
func (c *Connector) sumOf(ctx context.Context, f fs.Fs, file string) (string, error) {
	o, err := f.NewObject(ctx, file)
	if err != nil {
		return "", err
	}
	in, err := o.Open(ctx)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(connectors.Reader(ctx, in))
	return sum(data), errors.Join(err, in.Close())
}
