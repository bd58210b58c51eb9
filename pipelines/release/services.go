package release

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"fmt"

	"tributary/pipelines/warehouse"
)

//go:embed services.sql
var servicesSQL string

// Services fills the attached database `release` with what the public page of services and waits may
// say: no count, and no wait that rests on fewer children than the setting small_below.
// languages are code, name and French name of the languages that services are offered in.
func Services(ctx context.Context, db *warehouse.DB, settings map[string]string, languages [][]string) error {
	if err := insertSettings(ctx, db, settings); err != nil {
		return err
	}
	if err := db.Exec(ctx, "create table release.language (code varchar, name varchar, name_fr varchar)"); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, l := range languages {
		rows = append(rows, []driver.Value{l[0], l[1], l[2]})
	}
	if err := db.Insert(ctx, "release", "language", rows); err != nil {
		return err
	}
	for _, statement := range statements(servicesSQL) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("release of services: %w", err)
		}
	}
	return nil
}

// ServicesSQL is what decides the content of that release besides its inputs.
func ServicesSQL() string { return servicesSQL }
