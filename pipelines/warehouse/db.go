package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sort"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// DB is one engine instance with step files attached. It reaches no file but those and the folders
// it was given, installs nothing, and its configuration is locked.
type DB struct {
	pool *sql.DB
	// release gives a kept instance back; nil where the instance is the caller's own.
	release func()
}

type attachment struct {
	schema, path string
	write        bool
}

// Memory opens an instance without files, for tests: attach ':memory:' as any step.
func Memory(ctx context.Context) (*DB, error) {
	return connect(ctx, Limits{}, "")
}

func open(ctx context.Context, limits Limits, temp string, attach []attachment, folders []string, statements ...string) (*DB, error) {
	db, err := connect(ctx, limits, temp)
	if err != nil {
		return nil, err
	}
	sort.Slice(attach, func(i, j int) bool { return attach[i].schema < attach[j].schema })
	for _, a := range attach {
		mode := " (read_only)"
		if a.write { // a half-built file is thrown away, so it needs no log to recover from
			mode = " (recovery_mode no_wal_writes)"
		}
		statements = append(statements, fmt.Sprintf("attach %s as %s%s", Text(a.path), quote(a.schema), mode))
	}
	return db.lock(ctx, statements, temp, folders)
}

// Scratch opens an instance of memory alone, for what is asked of one file: it may read the folders, and
// spills into temp. Its tables do not keep the order in which rows came.
func Scratch(ctx context.Context, limits Limits, temp string, folders ...string) (*DB, error) {
	db, err := connect(ctx, limits, temp)
	if err != nil {
		return nil, err
	}
	return db.lock(ctx, []string{"set preserve_insertion_order = false"}, temp, folders)
}

// lock runs the last statements that may reach outside, then shuts the engine in.
func (d *DB) lock(ctx context.Context, statements []string, temp string, folders []string) (*DB, error) {
	readable := []string{Text(filepath.Clean(temp) + string(filepath.Separator))}
	for _, f := range folders {
		readable = append(readable, Text(filepath.Clean(f)+string(filepath.Separator)))
	}
	// What is attached for writing is opened anew for its checkpoint, so its folder (temp) stays reachable.
	statements = append(statements,
		"set allowed_directories = ["+strings.Join(readable, ", ")+"]",
		"set enable_external_access = false",
		"set lock_configuration = true")
	for _, s := range statements {
		if err := d.Exec(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("open the engine: %w", err), d.Close())
		}
	}
	return d, nil
}

func connect(ctx context.Context, limits Limits, temp string) (*DB, error) {
	settings := []string{
		"set autoinstall_known_extensions = false",
		"set autoload_known_extensions = false",
		"set preserve_insertion_order = true",
	}
	if limits.Threads > 0 {
		settings = append(settings, fmt.Sprintf("set threads = %d", limits.Threads))
	}
	if limits.MemoryLimit == "" {
		limits.MemoryLimit = "2GB"
	}
	settings = append(settings, "set memory_limit = "+Text(limits.MemoryLimit))
	if temp != "" {
		settings = append(settings, "set temp_directory = "+Text(temp))
	}
	first := true
	connector, err := duckdb.NewConnector("", func(exec driver.ExecerContext) error {
		if !first {
			return nil
		}
		first = false
		for _, s := range settings {
			if _, err := exec.ExecContext(ctx, s, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	db := &DB{pool: sql.OpenDB(connector)}
	if err := db.pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the engine: %w", err), db.Close())
	}
	return db, nil
}

// Close ends the instance, or gives back one that others read too.
func (d *DB) Close() error {
	if d.release != nil {
		d.release()
		return nil
	}
	return d.pool.Close()
}

// Exec runs one statement.
func (d *DB) Exec(ctx context.Context, query string, args ...any) error {
	_, err := d.pool.ExecContext(ctx, query, args...)
	return err
}

// Query runs a query; the caller closes the rows.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.pool.QueryContext(ctx, query, args...)
}

// Scan reads the first row of a query into dest; sql.ErrNoRows when there is none.
func (d *DB) Scan(ctx context.Context, query string, args []any, dest ...any) error {
	return d.pool.QueryRowContext(ctx, query, args...).Scan(dest...)
}

// Rows calls each for every row of a query; scan reads the row at hand.
func (d *DB) Rows(ctx context.Context, query string, args []any, each func(scan func(dest ...any) error) error) error {
	rows, err := d.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Each calls row with each row of a query as the driver gives it: several times as fast as Query where
// there are millions. The values are the callee's to keep, their slice is not.
func (d *DB) Each(ctx context.Context, query string, row func([]driver.Value) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(rows.Columns()))
		for {
			if err := rows.Next(values); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if err := row(values); err != nil {
				return err
			}
		}
	})
}

// Insert appends rows to a table in one transaction, in order.
func (d *DB) Insert(ctx context.Context, catalog, table string, rows [][]driver.Value) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		a, err := duckdb.NewAppender(c.(driver.Conn), catalog, "main", table)
		if err != nil {
			return fmt.Errorf("append to %s.%s: %w", catalog, table, err)
		}
		for _, row := range rows {
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(fmt.Errorf("append to %s.%s: %w", catalog, table, err), a.Close())
			}
		}
		return a.Close()
	})
}
