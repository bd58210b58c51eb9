package main

import (
	"context"
	"errors"
	"path/filepath"

	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
)

// linking is a file of people, linked as it is: nothing is set for it that is not set for all.
type linking struct {
	db *warehouse.DB
	*link.Result
}

// linkFile links a file; the caller closes db.
func linkFile(ctx context.Context, dir, file string, linkAt float64) (l *linking, err error) {
	db, err := warehouse.Scratch(ctx, warehouse.Limits{MemoryLimit: "6GB"}, dir, filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if _, err := link.Load(ctx, db, file, nil, 0); err != nil {
		return nil, err
	}
	l = &linking{db: db}
	terms := link.DefaultTerms()
	terms.LinkAt = linkAt
	l.Result, err = link.Run(ctx, db, terms)
	return l, err
}
