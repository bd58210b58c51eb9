package mapping

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"tributary/pipelines/warehouse"
)

//go:embed macro.sql
var macroText string

// createMacros defines the words of compiled mappings in the engine's own memory: they are gone with
// the connection, and no step file holds them.
func createMacros(ctx context.Context, db *warehouse.DB) error {
	for _, statement := range strings.Split(macroText, ";\n") {
		if !strings.Contains(statement, "create or replace macro") {
			continue
		}
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("macro.sql: %w", err)
		}
	}
	return nil
}
