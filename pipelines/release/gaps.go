package release

import (
	"context"
	_ "embed"
	"fmt"

	"tributary/pipelines/warehouse"
)

//go:embed gaps.sql
var gapsSQL string

// Gaps fills the attached database `release` with the figures of the gap model: need, waits, supply, pathways and
// process by place and service, with intervals and with who reported. settings are what a report's cover prints.
func Gaps(ctx context.Context, db *warehouse.DB, settings map[string]string) error {
	if err := insertSettings(ctx, db, settings); err != nil {
		return err
	}
	for _, statement := range statements(gapsSQL) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("release of gaps: %w", err)
		}
	}
	return nil
}

// GapsSQL is what decides the content of that release besides its inputs.
func GapsSQL() string { return gapsSQL }
