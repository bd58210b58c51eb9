package link

import (
	"context"
	_ "embed"
	"fmt"

	"tributary/pipelines/warehouse"
)

// recordSQL makes the record from the people: what pairs are found and compared by.
//
//go:embed record.sql
var recordSQL string

// prepare makes memory.record from memory.person. Equal records of one source stand once, with their
// number of copies.
func (e *engine) prepare(ctx context.Context) error {
	if err := e.db.Exec(ctx, recordSQL); err != nil {
		return fmt.Errorf("make the records: %w", err)
	}
	return e.db.Scan(ctx, "select count(*), count(distinct source) from record", nil, &e.records, &e.sources)
}

// engine is one linking of one table of people.
type engine struct {
	db               *warehouse.DB
	records, sources int
	model            *Model
	rules            []ruleUse
}
