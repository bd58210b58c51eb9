package database

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// No setting keeps the library from asking for the service of this name: it is taken out before anything else runs.
var _ = os.Unsetenv("PGSERVICE")

// postgresSettings are all other settings that the library would take from the environment or from files of the
// home folder.
func postgresSettings(c Config) string {
	mode := "verify-full"
	if c.TLS == "none" {
		mode = "disable"
	}
	var b strings.Builder
	for _, s := range [][2]string{
		{"host", c.Host}, {"port", strconv.Itoa(c.Port)}, {"dbname", c.Database}, {"user", c.User}, {"password", c.Password.Reveal()},
		{"sslmode", mode}, {"sslrootcert", c.CAFile}, {"passfile", ""}, {"sslcert", ""}, {"sslkey", ""}, {"sslpassword", ""}, {"sslcertmode", "disable"},
		{"sslsni", "1"}, {"sslnegotiation", "postgres"}, {"application_name", "tributary"}, {"connect_timeout", "15"}, {"target_session_attrs", "any"},
		{"timezone", zone}, {"options", ""}, {"min_protocol_version", "3.0"}, {"max_protocol_version", "3.0"}, {"channel_binding", "prefer"}, {"require_auth", ""},
	} {
		fmt.Fprintf(&b, "%s='%s' ", s[0], strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s[1]))
	}
	return b.String()
}

// zone is where a moment is written as date and time of day: a call at eight in the evening is of that day.
const zone = "America/Toronto"

type postgres struct {
	conn *pgx.Conn
	tx   pgx.Tx
	zone *time.Location
}

func openPostgres(ctx context.Context, c Config) (session, error) {
	config, err := pgx.ParseConfig(postgresSettings(c))
	if err != nil {
		return nil, errors.New("the settings of the source are not understood") // the library's text may hold the password
	}
	p := &postgres{}
	if p.zone, err = time.LoadLocation(zone); err != nil {
		return nil, err
	}
	if p.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return nil, err
	}
	p.tx, err = p.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err == nil {
		// A server that is left alone ends the query too.
		_, err = p.tx.Exec(ctx, fmt.Sprintf("set local statement_timeout = %d", c.Timeout.Or(15*time.Minute).Milliseconds()))
	}
	if err != nil {
		return nil, errors.Join(err, p.conn.Close(context.WithoutCancel(ctx)))
	}
	return p, nil
}

func postgresPlaceholder(i int, word string) string {
	if word == "{start}" || word == "{end}" {
		return "$" + strconv.Itoa(i) + "::date"
	}
	return "$" + strconv.Itoa(i) + "::text"
}

func (p *postgres) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := p.tx.Rollback(ctx)
	p.conn.Close(ctx) //nolint:errcheck // nothing was written
	if p.conn.IsClosed() || errors.Is(err, pgx.ErrTxClosed) {
		return nil
	}
	return err
}

func (p *postgres) check(ctx context.Context, q query) error {
	_, err := p.tx.Exec(ctx, "explain "+q.text, q.args...) // looks at rights too
	return err
}

func (p *postgres) first(ctx context.Context, q query) (any, error) {
	rows, err := p.tx.Query(ctx, q.text, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	values, err := rows.Values()
	if err != nil || len(values) == 0 {
		return nil, err
	}
	return values[0], nil
}

func (p *postgres) stream(ctx context.Context, q query, limit int64, out io.Writer) (int64, error) {
	rows, err := p.tx.Query(ctx, q.text, append([]any{binaryTypes}, q.args...)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var fields []arrow.Field
	var makers []func(array.Builder) func([]byte)
	for _, f := range rows.FieldDescriptions() {
		kind, maker := p.column(f.DataTypeOID, f.TypeModifier)
		fields, makers = append(fields, arrow.Field{Name: f.Name, Type: kind, Nullable: true}), append(makers, maker)
	}
	s, err := newSink(out, fields)
	if err != nil {
		return 0, err
	}
	put := make([]func([]byte), len(makers))
	for i, m := range makers {
		put[i] = m(s.builder.Field(i))
	}
	for err == nil && rows.Next() {
		if s.total >= limit {
			err = errTooMany(limit)
			break
		}
		for i, raw := range rows.RawValues() {
			if raw == nil {
				s.builder.Field(i).AppendNull()
			} else {
				put[i](raw)
			}
		}
		err = s.row(ctx)
	}
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	return s.total, s.close(ctx, err)
}

// binaryTypes come as numbers; all others as PostgreSQL writes them.
var binaryTypes = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID: 1, pgtype.Int2OID: 1, pgtype.Int4OID: 1, pgtype.Int8OID: 1, pgtype.Float4OID: 1, pgtype.Float8OID: 1,
	pgtype.DateOID: 1, pgtype.TimestampOID: 1, pgtype.TimestamptzOID: 1,
}

// epoch is PostgreSQL's day zero, in days since 1970.
const epoch = 10957

// column says how a type is written, and how a value of it is read.
func (p *postgres) column(oid uint32, modifier int32) (arrow.DataType, func(array.Builder) func([]byte)) {
	switch oid {
	case pgtype.BoolOID:
		return arrow.FixedWidthTypes.Boolean, func(b array.Builder) func([]byte) {
			to := b.(*array.BooleanBuilder)
			return func(v []byte) { to.Append(v[0] != 0) }
		}
	case pgtype.Int2OID:
		return arrow.PrimitiveTypes.Int16, func(b array.Builder) func([]byte) {
			to := b.(*array.Int16Builder)
			return func(v []byte) { to.Append(int16(binary.BigEndian.Uint16(v))) }
		}
	case pgtype.Int4OID:
		return arrow.PrimitiveTypes.Int32, func(b array.Builder) func([]byte) {
			to := b.(*array.Int32Builder)
			return func(v []byte) { to.Append(int32(binary.BigEndian.Uint32(v))) }
		}
	case pgtype.Int8OID:
		return arrow.PrimitiveTypes.Int64, func(b array.Builder) func([]byte) {
			to := b.(*array.Int64Builder)
			return func(v []byte) { to.Append(int64(binary.BigEndian.Uint64(v))) }
		}
	case pgtype.Float4OID:
		return arrow.PrimitiveTypes.Float32, func(b array.Builder) func([]byte) {
			to := b.(*array.Float32Builder)
			return func(v []byte) { to.Append(math.Float32frombits(binary.BigEndian.Uint32(v))) }
		}
	case pgtype.Float8OID:
		return arrow.PrimitiveTypes.Float64, func(b array.Builder) func([]byte) {
			to := b.(*array.Float64Builder)
			return func(v []byte) { to.Append(math.Float64frombits(binary.BigEndian.Uint64(v))) }
		}
	case pgtype.DateOID:
		return arrow.FixedWidthTypes.Date32, func(b array.Builder) func([]byte) {
			to := b.(*array.Date32Builder)
			return func(v []byte) {
				days := int32(binary.BigEndian.Uint32(v))
				if days == math.MaxInt32 || days == math.MinInt32 {
					to.AppendNull() // infinity is no day
					return
				}
				to.Append(arrow.Date32(days + epoch))
			}
		}
	case pgtype.TimestampOID, pgtype.TimestamptzOID:
		return &arrow.TimestampType{Unit: arrow.Microsecond}, func(b array.Builder) func([]byte) {
			to := b.(*array.TimestampBuilder)
			return func(v []byte) {
				micros := int64(binary.BigEndian.Uint64(v))
				if micros == math.MaxInt64 || micros == math.MinInt64 {
					to.AppendNull()
					return
				}
				micros += epoch * 24 * 3600 * 1_000_000
				if oid == pgtype.TimestamptzOID {
					_, offset := time.UnixMicro(micros).In(p.zone).Zone()
					micros += int64(offset) * 1_000_000
				}
				to.Append(arrow.Timestamp(micros))
			}
		}
	case pgtype.NumericOID:
		precision, scale := (modifier-4)>>16&0xffff, (modifier-4)&0x7ff
		if modifier >= 4 && precision <= 38 && scale <= precision {
			return &arrow.Decimal128Type{Precision: precision, Scale: scale}, func(b array.Builder) func([]byte) {
				to := b.(*array.Decimal128Builder)
				return func(v []byte) { appendDecimal(to, string(v), precision, scale) }
			}
		}
	}
	return arrow.BinaryTypes.String, func(b array.Builder) func([]byte) {
		to := b.(*array.StringBuilder)
		return func(v []byte) { to.BinaryBuilder.Append(bytes.ToValidUTF8(v, []byte("\uFFFD"))) }
	}
}

// appendDecimal takes a number as databases write it; what is none (NaN) is nothing.
func appendDecimal(to *array.Decimal128Builder, text string, precision, scale int32) {
	whole, part, _ := strings.Cut(text, ".")
	if len(text) <= 18 && int32(len(part)) <= scale {
		if n, err := strconv.ParseInt(whole+part+strings.Repeat("0", int(scale)-len(part)), 10, 64); err == nil {
			to.Append(decimal128.FromI64(n))
			return
		}
	}
	n, err := decimal128.FromString(text, precision, scale)
	if err != nil {
		to.AppendNull()
		return
	}
	to.Append(n)
}
