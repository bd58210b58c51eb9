package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"tributary/pipelines"
	"tributary/pipelines/warehouse"
	"tributary/reports/pages"
)

// GapFiles lists the gap pages of the published quarter.
func (d *desk) GapFiles() ([]string, error) {
	if d.m.Generation == 0 {
		return nil, nil
	}
	return d.Workspace.GapFiles(d.m.Quarter)
}

// WriteGaps writes them anew.
func (d *desk) WriteGaps(ctx context.Context) (int, error) {
	if d.m.Generation == 0 {
		_, err := d.House.Current()
		return 0, errors.Join(err, warehouse.ErrNothingPublished)
	}
	wrote, err := d.Gaps(ctx, d.m.Quarter, pipelines.Languages, "")
	return len(wrote), err
}

// GapFile opens one of them.
func (d *desk) GapFile(name string) (io.ReadSeekCloser, error) {
	f, err := d.OpenGapFile(d.m.Quarter, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	return f, err
}
