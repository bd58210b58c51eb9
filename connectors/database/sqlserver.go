package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	mssql "github.com/microsoft/go-mssqldb"
)

// sqlServer is a session over database/sql. SQL Server knows no read-only transactions: only SELECT is
// accepted, and the transaction is always rolled back.
type sqlServer struct {
	db *sql.DB
	tx *sql.Tx
}

func openSQLServer(ctx context.Context, c Config) (session, error) {
	options := url.Values{"database": {c.Database}, "app name": {"tributary"}, "dial timeout": {"15"}, "ApplicationIntent": {"ReadOnly"},
		"encrypt": {"true"}, "TrustServerCertificate": {"false"}, "epa enabled": {"false"}}
	if c.CAFile != "" {
		options.Set("certificate", c.CAFile)
	}
	if c.TLS == "none" {
		options.Set("encrypt", "disable")
	}
	address := url.URL{Scheme: "sqlserver", User: url.UserPassword(c.User, c.Password.Reveal()),
		Host: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), RawQuery: options.Encode()}
	connector, err := mssql.NewConnector(address.String())
	if err != nil {
		return nil, errors.New("the settings of the source are not understood") // the library's text may hold the password
	}
	// A snapshot shows one moment without stopping those who write; the database must allow it.
	return openSQL(ctx, sql.OpenDB(connector), &sql.TxOptions{Isolation: sql.LevelSnapshot})
}

func openSQL(ctx context.Context, db *sql.DB, options *sql.TxOptions) (session, error) {
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &sqlServer{db, tx}, nil
}

func (s *sqlServer) close() error {
	err := s.tx.Rollback()
	if errors.Is(err, sql.ErrTxDone) {
		err = nil
	}
	return errors.Join(err, s.db.Close())
}

func named(q query) []any {
	args := make([]any, len(q.args))
	for i, a := range q.args {
		if day, ok := a.(time.Time); ok {
			a = day.Format(time.DateOnly)
		}
		args[i] = sql.Named("p"+strconv.Itoa(i+1), a)
	}
	return args
}

// check asks for no row.
func (s *sqlServer) check(ctx context.Context, q query) error {
	statement, err := s.tx.PrepareContext(ctx, q.text)
	if err != nil {
		return err
	}
	return statement.Close()
}

func (s *sqlServer) first(ctx context.Context, q query) (any, error) {
	var v any
	err := s.tx.QueryRowContext(ctx, q.text, named(q)...).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return v, err
}

func (s *sqlServer) stream(ctx context.Context, q query, limit int64, out io.Writer) (int64, error) {
	rows, err := s.tx.QueryContext(ctx, q.text, named(q)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	var fields []arrow.Field
	for _, t := range types {
		precision, scale, _ := t.DecimalSize()
		fields = append(fields, arrow.Field{Name: t.Name(), Type: sqlServerType(t.DatabaseTypeName(), precision, scale), Nullable: true})
	}
	out2, err := newSink(out, fields)
	if err != nil {
		return 0, err
	}
	values, into := make([]any, len(fields)), make([]any, len(fields))
	for i := range values {
		into[i] = &values[i]
	}
	for err == nil && rows.Next() {
		if out2.total >= limit {
			err = errTooMany(limit)
			break
		}
		if err = rows.Scan(into...); err != nil {
			break
		}
		for i, v := range values {
			appendValue(out2.builder.Field(i), types[i].DatabaseTypeName(), v)
		}
		err = out2.row(ctx)
	}
	if err == nil {
		err = rows.Err()
	}
	return out2.total, out2.close(ctx, err)
}

func sqlServerType(name string, precision, scale int64) arrow.DataType {
	switch strings.ToUpper(name) {
	case "TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT":
		return arrow.PrimitiveTypes.Int64
	case "BIT", "BOOLEAN":
		return arrow.FixedWidthTypes.Boolean
	case "REAL", "FLOAT":
		return arrow.PrimitiveTypes.Float64
	case "DATE":
		return arrow.FixedWidthTypes.Date32
	case "DATETIME", "DATETIME2", "SMALLDATETIME", "DATETIMEOFFSET":
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case "MONEY", "SMALLMONEY":
		return &arrow.Decimal128Type{Precision: 19, Scale: 4}
	case "DECIMAL", "NUMERIC":
		if precision > 0 && precision <= 38 && scale >= 0 && scale <= precision {
			return &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)}
		}
	}
	return arrow.BinaryTypes.String
}

// appendValue takes a value as the driver gives it: a moment with an offset keeps its own time of day.
func appendValue(to array.Builder, name string, v any) {
	if v == nil {
		to.AppendNull()
		return
	}
	switch b := to.(type) {
	case *array.Int64Builder:
		if n, ok := v.(int64); ok {
			b.Append(n)
			return
		}
	case *array.BooleanBuilder:
		if n, ok := v.(bool); ok {
			b.Append(n)
			return
		}
	case *array.Float64Builder:
		switch n := v.(type) {
		case float64:
			b.Append(n)
			return
		case float32:
			b.Append(float64(n))
			return
		}
	case *array.Date32Builder:
		if day, ok := v.(time.Time); ok {
			b.Append(arrow.Date32FromTime(day))
			return
		}
	case *array.TimestampBuilder:
		if at, ok := v.(time.Time); ok {
			_, offset := at.Zone()
			b.Append(arrow.Timestamp(at.UnixMicro() + int64(offset)*1_000_000))
			return
		}
	case *array.Decimal128Builder:
		t := b.Type().(*arrow.Decimal128Type)
		appendDecimal(b, text(name, v), t.Precision, t.Scale)
		return
	case *array.StringBuilder:
		b.Append(strings.ToValidUTF8(text(name, v), "\uFFFD"))
		return
	}
	to.AppendNull()
}

func text(name string, v any) string {
	switch v := v.(type) {
	case []byte:
		if name == "UNIQUEIDENTIFIER" && len(v) == 16 {
			var id mssql.UniqueIdentifier
			if id.Scan(v) == nil {
				return id.String()
			}
		}
		if strings.Contains(name, "BINARY") || name == "IMAGE" || name == "BLOB" {
			return fmt.Sprintf("%x", v)
		}
		return string(v)
	case time.Time:
		if name == "TIME" {
			return v.Format("15:04:05.999999")
		}
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
