package pipelines

import (
	"context"
	"database/sql/driver"

	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// stage makes the canonical tables, and beside them the catalogue of checks, so that whoever reads a
// finding also finds its plain name and what to do.
func (w *Workspace) stage(ctx context.Context, db *warehouse.DB, in mapping.Input) error {
	if err := mapping.Stage(ctx, db, in, w.Log); err != nil {
		return err
	}
	all, err := mapping.Catalogue()
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, `create table stage.check_catalogue (check_id varchar, class varchar, severity varchar,
		name varchar, name_fr varchar, fix varchar, fix_fr varchar)`); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, c := range all {
		rows = append(rows, []driver.Value{c.ID, c.Class, c.Severity, c.Name, c.NameFR, c.Fix, c.FixFR})
	}
	return db.Insert(ctx, "stage", "check_catalogue", rows)
}
