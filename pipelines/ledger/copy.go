package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"tributary/pipelines/warehouse"
)

// unread are kinds that no SQL reads: copying them would make every look at a record a new step file.
var unread = map[string]bool{"audit": true, "letter": true, "letter_read": true, "release": true,
	"submission": true, "signature": true, "submission_reason": true, "purge": true, "notice": true, "population": true,
	"link_opinion": true, "link_split": true}

// Copy writes the facts that hold now into the attached database `fact`, one table a kind, in the
// order of their keys.
func (l *Ledger) Copy(ctx context.Context, db *warehouse.DB) error {
	if err := Empty(ctx, db); err != nil {
		return err
	}
	for _, name := range Read() {
		columns, _ := Columns(name)
		entries, err := l.Current(ctx, name)
		if err != nil {
			return err
		}
		rows := make([][]driver.Value, 0, len(entries))
		for _, e := range entries {
			row := make([]driver.Value, 0, len(columns)+3)
			for _, c := range columns {
				row = append(row, e.Fields[c])
			}
			rows = append(rows, append(row, e.Who, e.At.UTC().Format(time.RFC3339), e.Why))
		}
		if err := db.Insert(ctx, "fact", name, rows); err != nil {
			return err
		}
	}
	return nil
}

// Empty makes the tables of the attached database `fact` without a row: what nobody said anything about.
func Empty(ctx context.Context, db *warehouse.DB) error {
	for _, name := range Read() {
		columns, _ := Columns(name)
		if err := db.Exec(ctx, fmt.Sprintf("create table fact.%s (%s varchar, who varchar, noted_at varchar, why varchar)",
			name, strings.Join(columns, " varchar, "))); err != nil {
			return err
		}
	}
	return nil
}

// Fingerprint condenses the facts of the named kinds that hold now.
func (l *Ledger) Fingerprint(ctx context.Context, names ...string) (string, error) {
	var parts []string
	for _, name := range names {
		entries, err := l.Current(ctx, name)
		if err != nil {
			return "", err
		}
		columns, _ := Columns(name)
		parts = append(parts, name)
		for _, e := range entries {
			for _, c := range columns {
				parts = append(parts, e.Fields[c])
			}
			parts = append(parts, e.Who, e.At.UTC().Format(time.RFC3339), e.Why)
		}
	}
	return warehouse.Fingerprint(parts...), nil
}

// Read returns the kinds that SQL may read.
func Read() []string {
	var names []string
	for _, k := range Kinds() {
		if !unread[k] {
			names = append(names, k)
		}
	}
	return names
}
