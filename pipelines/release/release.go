// Package release decides what one audience may see.
//
// Takes the measures, the state of the deliveries and the workspace's cover settings; leaves one step
// file per audience: contract (all cells, small ones marked), provider:<code> (that agency's own rows)
// and services (for families: who offers what, and typical waits); never lets a row out that the
// audience may not see.
package release

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"fmt"
	"sort"
	"strings"

	"tributary/pipelines/warehouse"
)

//go:embed contract.sql
var contractSQL string

// Contract fills the attached database `release` with all cells for the ministry. settings are what
// the cover prints; labels are the names of the checks, by id.
func Contract(ctx context.Context, db *warehouse.DB, settings map[string]string) error {
	if err := insertSettings(ctx, db, settings); err != nil {
		return err
	}
	for _, statement := range statements(contractSQL) {
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("contract release: %w", err)
		}
	}
	return nil
}

// insertSettings writes release.setting in the order of the names.
func insertSettings(ctx context.Context, db *warehouse.DB, settings map[string]string) error {
	if err := db.Exec(ctx, "create table release.setting (name varchar, value varchar)"); err != nil {
		return err
	}
	names := make([]string, 0, len(settings))
	for n := range settings {
		names = append(names, n)
	}
	sort.Strings(names)
	rows := make([][]driver.Value, 0, len(names))
	for _, n := range names {
		rows = append(rows, []driver.Value{n, settings[n]})
	}
	return db.Insert(ctx, "release", "setting", rows)
}

// Version is the submission whose numbers stand for an earlier quarter.
type Version struct {
	// Schema is the one under which its contract release is attached.
	Quarter, Submission, Schema, SignedOn string
	// Restatement counts from 1; 0 is the first submission.
	Restatement int
}

// Stand says in release.version which submission each earlier quarter stands on, and lets the states of its
// deliveries be those that its numbers were counted from.
func Stand(ctx context.Context, db *warehouse.DB, versions []Version) error {
	if err := db.Exec(ctx, "create table release.version (quarter varchar, submission varchar, restatement integer, signed_on varchar)"); err != nil {
		return err
	}
	rows := make([][]driver.Value, 0, len(versions))
	for _, v := range versions {
		rows = append(rows, []driver.Value{v.Quarter, v.Submission, int32(v.Restatement), v.SignedOn})
		// What was signed by another version of the program may lack columns, or have more.
		var both string
		if err := db.Scan(ctx, `select string_agg('"' || column_name || '"', ', ' order by column_name) from (
			select column_name from duckdb_columns() where table_name = 'delivery' and database_name in ('release', ?) group by all having count(*) = 2)`,
			[]any{v.Schema}, &both); err != nil {
			return fmt.Errorf("deliveries as signed for %s: %w", v.Quarter, err)
		}
		q, was := warehouse.Text(v.Quarter), `"`+v.Schema+`"`
		if err := db.Exec(ctx, fmt.Sprintf(`begin transaction;
delete from release.delivery where quarter = %[1]s;
insert into release.delivery by name select %[3]s from %[2]s.delivery where quarter = %[1]s order by agency;
commit`, q, was, both)); err != nil {
			return fmt.Errorf("deliveries as signed for %s: %w", v.Quarter, err)
		}
	}
	return db.Insert(ctx, "release", "version", rows)
}

// ContractSQL is what decides the content of the contract release besides its inputs.
func ContractSQL() string { return contractSQL }

// Provider fills the attached database `release` with one agency's own rows of every stage table
// that names the agency, and nothing of another's.
func Provider(ctx context.Context, db *warehouse.DB, agency string) error {
	tables, err := ownTables(ctx, db)
	if err != nil {
		return err
	}
	// One transaction: each commit of its own would wait for the disk.
	script := "begin transaction;\n"
	for _, t := range tables {
		script += fmt.Sprintf("create table release.%[1]s as select * from stage.%[1]s where agency = %[2]s;\n",
			`"`+t+`"`, warehouse.Text(agency))
	}
	if err := db.Exec(ctx, script+"commit"); err != nil {
		return fmt.Errorf("release for provider %s: %w", agency, err)
	}
	return nil
}

// ownTables lists the stage tables that have an agency column.
func ownTables(ctx context.Context, db *warehouse.DB) ([]string, error) {
	rows, err := db.Query(ctx, `select distinct table_name from duckdb_columns()
		where database_name = 'stage' and column_name = 'agency' order by table_name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

// statements splits a script at the semicolons that end a line.
func statements(script string) []string {
	var out []string
	for _, s := range strings.Split(script, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
