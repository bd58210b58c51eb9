package link

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

// recordSQL makes the records from the people: what pairs are found and compared by.
//
//go:embed record.sql
var recordSQL string

// prepare makes memory.record from memory.person. Equal records of one source stand once; the others
// are in memory.copy.
func (e *engine) prepare(ctx context.Context) error {
	if err := e.script(ctx, "record.sql", recordSQL); err != nil {
		return err
	}
	return e.db.Scan(ctx, "select (select count(*) from record), (select coalesce(max(node) + 1, 0) from person)", nil, &e.records, &e.nodes)
}

// present says which nodes there are.
func (e *engine) present(ctx context.Context) (map[int]bool, error) {
	rows, err := e.db.Query(ctx, "select node from person")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	here := make(map[int]bool, e.nodes)
	for rows.Next() {
		var node int
		if err := rows.Scan(&node); err != nil {
			return nil, err
		}
		here[node] = true
	}
	return here, rows.Err()
}

// script runs the statements of a file, one after the other.
func (e *engine) script(ctx context.Context, name, text string) error {
	for _, statement := range strings.Split(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";\n") {
		if err := e.db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
