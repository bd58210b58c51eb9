package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	_ "github.com/mattn/go-sqlite3" // the stand-in for SQL Server
	mssql "github.com/microsoft/go-mssqldb"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/connectortest"
)

func TestMain(m *testing.M) { os.Exit(connectortest.Main(m)) }

func quarter(t testing.TB) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// table reads a Parquet file: types by column, and all values as text.
func table(t testing.TB, data []byte) (types map[string]string, rows []map[string]string) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	reader, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	all, err := reader.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer all.Release()
	types = map[string]string{}
	for _, f := range all.Schema().Fields() {
		types[f.Name] = f.Type.String()
	}
	batches := array.NewTableReader(all, 0)
	defer batches.Release()
	for batches.Next() {
		b := batches.RecordBatch()
		for i := range int(b.NumRows()) {
			row := map[string]string{}
			for c, f := range all.Schema().Fields() {
				if !b.Column(c).IsNull(i) {
					row[f.Name] = b.Column(c).ValueStr(i)
				}
			}
			rows = append(rows, row)
		}
	}
	return types, rows
}

// unpack turns the rows of published.parquet back into files.
func unpack(t *testing.T, files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range files {
		if name != "published.parquet" {
			t.Errorf("%q is there", name)
			continue
		}
		_, rows := table(t, data)
		for _, r := range rows {
			out[r["name"]] = []byte(r["body"])
		}
	}
	return out
}

func server(t testing.TB) connectortest.Postgres { return connectortest.StartPostgres(t) }

// execute runs SQL as the owner.
func execute(t testing.TB, p connectortest.Postgres, text string, args ...any) {
	t.Helper()
	// The owner's own way in needs what this process's environment spoils.
	c, err := pgx.Connect(context.Background(), postgresSettings(Config{Host: p.Host, Port: p.Port, Database: p.Database, User: p.Owner, Password: connectors.NewSecret(p.Password), CAFile: p.CAFile}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(context.Background(), text, args...); err != nil {
		t.Fatal(err)
	}
}

func config(p connectortest.Postgres) Config {
	return Config{Engine: "postgres", Host: p.Host, Port: p.Port, Database: p.Database, User: "reader", Password: connectors.NewSecret(p.Password), CAFile: p.CAFile}
}

func mustNew(t testing.TB, c Config) *Connector {
	t.Helper()
	out, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPostgres_passesTheExam(t *testing.T) {
	t.Parallel()
	p := server(t)
	execute(t, p, fmt.Sprintf("create role reader login password '%s'", p.Password))
	n := 0
	schemas := make(chan int, 100)
	for range 100 {
		n++
		schemas <- n
	}
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		schema := fmt.Sprintf("exam%d", <-schemas)
		execute(t, p, strings.ReplaceAll(`create schema S; grant usage on schema S to reader;
			create table S.published (quarter text, name text, body text, divisor int, primary key (quarter, name));
			grant select on S.published to reader`, "S", schema))
		connector := func(t *testing.T, change func(*Config)) *Connector {
			c := config(p)
			// What stands in {quarter} is a parameter; a broken row ends the query after others were sent.
			c.Queries = map[string]string{"published": "select name, body, 1 / divisor as whole, pad from " + schema +
				".published cross join lateral (select repeat('x', 100000) as pad) as pad where quarter = {quarter} order by divisor desc, name"}
			change(&c)
			return mustNew(t, c)
		}
		return connectortest.Place{
			Connector: connector(t, func(*Config) {}),
			Unpack:    unpack,
			Publish: func(t *testing.T, q tributary.Quarter, name string, data []byte) {
				execute(t, p, "insert into "+schema+".published values ($1, $2, $3, 1) on conflict (quarter, name) do update set body = excluded.body", q.String(), name, string(data))
			},
			Break: func(t *testing.T, q tributary.Quarter, name string) {
				execute(t, p, "update "+schema+".published set divisor = 0 where name = $1", name)
			},
			Secrets: []string{p.Password, "wrong-passw0rd"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.Password = connectors.NewSecret("wrong-passw0rd") })
				},
				"certificate of nobody": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.CAFile = "" })
				},
				"no right to read": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.Queries = map[string]string{"x": "select * from pg_authid order by oid"} })
				},
				"no such view": func(t *testing.T) connectors.Connector {
					return connector(t, func(c *Config) { c.Queries = map[string]string{"x": "select * from nowhere order by 1"} })
				},
			},
		}
	})
}

func TestPostgres_types(t *testing.T) {
	t.Parallel()
	p := server(t)
	execute(t, p, fmt.Sprintf("create role reader login password '%s'", p.Password))
	c := config(p)
	c.Queries = map[string]string{"all": `select true as yes, 7::smallint as small, 8 as int, 9::bigint as big, 1.5::real as real, 2.5::float8 as double,
		date '2013-05-31' as born, timestamp '2025-04-01 23:30:00' as at, timestamptz '2025-07-01 23:30:00-04' as moment, 12.5::numeric(10,2) as fee,
		'-0.05'::numeric(4,2) as small_fee, 12345678901234567890.5::numeric(30,1) as large, 1.25::numeric as free, 'Zoé'::text as name, 'abc'::varchar(3) as code,
		'0f8fad5b-d9cb-469f-a165-70867728950e'::uuid as id, '{"a": 1}'::jsonb as doc, array['a','b'] as list, null::int as nothing, date 'infinity' as never,
		{start} as first_day, {end} as last_day, {agency} as agency, {quarter} as quarter, '{fy}' as not_a_word order by 1`}
	c.Queries["all"] = strings.ReplaceAll(c.Queries["all"], ", '{fy}' as not_a_word", "")
	receipt, err := connectors.Pull(t.Context(), mustNew(t, c), t.TempDir(), "AA'; drop", quarter(t))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(receipt.Folder, "all.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	types, rows := table(t, data)
	wantTypes := map[string]string{"yes": "bool", "small": "int16", "int": "int32", "big": "int64", "real": "float32", "double": "float64", "born": "date32",
		"at": "timestamp[us]", "moment": "timestamp[us]", "fee": "decimal(10, 2)", "small_fee": "decimal(4, 2)", "large": "decimal(30, 1)", "free": "utf8",
		"name": "utf8", "code": "utf8", "id": "utf8", "doc": "utf8", "list": "utf8", "nothing": "int32", "never": "date32",
		"first_day": "date32", "last_day": "date32", "agency": "utf8", "quarter": "utf8"}
	if diff := cmp.Diff(wantTypes, types); diff != "" {
		t.Errorf("types differ (-want +got):\n%s", diff)
	}
	want := []map[string]string{{"yes": "true", "small": "7", "int": "8", "big": "9", "real": "1.5", "double": "2.5", "born": "2013-05-31",
		"at": "2025-04-01T23:30:00", "moment": "2025-07-01T23:30:00", "fee": "12.5", "small_fee": "-0.05", "large": "12345678901234567890.5", "free": "1.25",
		"name": "Zoé", "code": "abc", "id": "0f8fad5b-d9cb-469f-a165-70867728950e", "doc": `{"a": 1}`, "list": "{a,b}",
		"first_day": "2025-04-01", "last_day": "2025-06-30", "agency": "AA'; drop", "quarter": "2025-26Q1"}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestPostgres_limits(t *testing.T) {
	t.Parallel()
	p := server(t)
	execute(t, p, fmt.Sprintf(`create role reader login password '%s'; create table public.notes (n int); grant all on public.notes to reader;
		create table public.kid (id int, name text); insert into public.kid values (1, 'Tremblay'); grant select on public.kid to reader;
		create function public.scribble() returns int language sql as 'insert into notes values (1) returning n'`, p.Password))
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
		not    string
	}{
		"rows": {func(c *Config) {
			c.Rows = 1000
			c.Queries = map[string]string{"x": "select * from generate_series(1, 1001) as n order by n"}
		}, "more than 1000 rows", ""},
		"time": {func(c *Config) {
			c.Timeout = connectors.Duration(300 * time.Millisecond)
			c.Queries = map[string]string{"x": "select pg_sleep(20), 1 as n order by n"}
		}, "", ""},
		"writes": {func(c *Config) {
			c.Queries = map[string]string{"x": "select public.scribble() as n order by n"}
		}, "only reading is allowed", ""},
		"writes in a with": {func(c *Config) {
			c.Queries = map[string]string{"x": "with w as (insert into public.notes values (1) returning n) select n from w order by n"}
		}, "only reading is allowed", ""},
		"a child's name in the server's message": {func(c *Config) {
			c.Queries = map[string]string{"x": "select name::int from public.kid order by id"}
		}, "SQLSTATE 22P02", "Tremblay"},
		"not ready": {func(c *Config) {
			c.Ready = "select {end} < date '2000-01-01'"
			c.Queries = map[string]string{"x": "select 1 as n order by n"}
		}, connectors.ErrNotReady.Error(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(p)
			tt.change(&c)
			started := time.Now()
			inbox := t.TempDir()
			_, err := connectors.Pull(t.Context(), mustNew(t, c), inbox, "AA", quarter(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) || (tt.not != "" && strings.Contains(err.Error()+tributary.FixOf(err), tt.not)) {
				t.Errorf("got %v, want %q in it, and not %q", err, tt.want, tt.not)
			}
			if !errors.Is(err, connectors.ErrNotReady) && tributary.FixOf(err) == "" {
				t.Errorf("%v has no fix", err)
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
	t.Run("one moment", func(t *testing.T) {
		t.Parallel()
		execute(t, p, "create table public.moving (n int); grant select on public.moving to reader; insert into public.moving values (1)")
		c := config(p)
		// Between the two queries somebody writes.
		c.Queries = map[string]string{"a": "select n, pg_sleep(1) is null as slept from public.moving order by n", "b": "select n from public.moving order by n"}
		go func() {
			time.Sleep(500 * time.Millisecond)
			execute(t, p, "insert into public.moving values (2)")
		}()
		receipt, err := connectors.Pull(t.Context(), mustNew(t, c), t.TempDir(), "AA", quarter(t))
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(receipt.Folder, "b.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		if _, rows := table(t, data); len(rows) != 1 {
			t.Errorf("the second query saw %d rows, the first one", len(rows))
		}
	})
}

// standIn makes the connector of SQL Server speak to a SQLite file: the same code over another driver.
func standIn(path string) engine {
	e := engines["sqlserver"]
	e.open = func(ctx context.Context, c Config) (session, error) {
		if c.Password.Reveal() != "p4ssw0rd-of-the-test" {
			return nil, explainSQLServer(loginFailed)
		}
		db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
		if err != nil {
			return nil, err
		}
		return openSQL(ctx, db, nil)
	}
	return e
}

func TestSQLServer_passesTheExamOverAStandIn(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, ".", func(t *testing.T) connectortest.Place {
		path := filepath.Join(t.TempDir(), "standin.db")
		run := func(t *testing.T, text string, args ...any) {
			db, err := sql.Open("sqlite3", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(text, args...); err != nil {
				t.Fatal(err)
			}
		}
		run(t, "create table published (quarter text, name text, body text, start date, broken text, primary key (quarter, name))")
		connector := func(t *testing.T, password string) *Connector {
			c := mustNew(t, Config{Engine: "sqlserver", Host: "127.0.0.1", Database: "x", User: "x", Password: connectors.NewSecret(password),
				Queries: map[string]string{"published": "select name, body, json(broken) as whole from published where quarter = {quarter} and {start} < {end} order by broken is null desc, name"}})
			c.engine = standIn(path)
			return c
		}
		return connectortest.Place{
			Connector: connector(t, "p4ssw0rd-of-the-test"),
			Unpack:    unpack,
			Publish: func(t *testing.T, q tributary.Quarter, name string, data []byte) {
				run(t, "insert or replace into published values (?, ?, ?, ?, null)", q.String(), name, string(data), q.Start())
			},
			Break: func(t *testing.T, q tributary.Quarter, name string) {
				run(t, "update published set broken = '{' where name = ?", name)
			},
			Secrets: []string{"p4ssw0rd-of-the-test", "wrong-passw0rd"},
			Wrong: map[string]func(*testing.T) connectors.Connector{
				"wrong password": func(t *testing.T) connectors.Connector { return connector(t, "wrong-passw0rd") },
			},
		}
	})
}

func TestSQLServer_values(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 7, 1, 23, 30, 0, 0, time.FixedZone("", -4*3600))
	for _, tt := range []struct {
		name             string
		precision, scale int64
		value            any
		want, wantType   string
	}{
		{"BIGINT", 0, 0, int64(7), "7", "int64"},
		{"BIT", 0, 0, true, "true", "bool"},
		{"FLOAT", 0, 0, 1.5, "1.5", "float64"},
		{"DATE", 0, 0, time.Date(2013, 5, 31, 0, 0, 0, 0, time.UTC), "2013-05-31", "date32"},
		{"DATETIMEOFFSET", 0, 0, at, "2025-07-01T23:30:00", "timestamp[us]"},
		{"DECIMAL", 10, 2, []byte("12.50"), "12.5", "decimal(10, 2)"},
		{"MONEY", 0, 0, []byte("-1.2500"), "-1.25", "decimal(19, 4)"},
		{"NVARCHAR", 0, 0, "Zoé", "Zoé", "utf8"},
		{"UNIQUEIDENTIFIER", 0, 0, []byte{0x5b, 0xad, 0x8f, 0x0f, 0xcb, 0xd9, 0x9f, 0x46, 0xa1, 0x65, 0x70, 0x86, 0x77, 0x28, 0x95, 0x0e}, "0F8FAD5B-D9CB-469F-A165-70867728950E", "utf8"},
		{"VARBINARY", 0, 0, []byte{1, 0xff}, "01ff", "utf8"},
		{"INT", 0, 0, nil, "(null)", "int64"},
	} {
		kind := sqlServerType(tt.name, tt.precision, tt.scale)
		b := array.NewBuilder(memory.DefaultAllocator, kind)
		appendValue(b, tt.name, tt.value)
		a := b.NewArray()
		if got := a.ValueStr(0); got != tt.want || kind.String() != tt.wantType {
			t.Errorf("%s: got %s as %s, want %s as %s", tt.name, got, kind, tt.want, tt.wantType)
		}
		a.Release()
	}
}

func TestValidate_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	err := Config{Engine: "oracle", TLS: "none", Host: "db.agency.example", Queries: map[string]string{"a/b": "delete from x", "c": "select 1", "d": "select {year} order by 1"}}.Validate()
	for _, want := range []string{`engine "oracle"`, "tls: none on another machine", "user is empty", "password is missing", `"a/b": not a name`, "is no SELECT", "query c: has no order", "unknown word {year}"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// loginFailed is what SQL Server says of a wrong password.
var loginFailed = mssql.Error{Number: 18456, Message: "Login failed for user 'x'."}
