// Package database pulls from views of an agency's own case system: PostgreSQL and SQL Server.
//
// Takes a server and one query per table; leaves one Parquet file per query, with types, all of one moment,
// in the inbox. Never writes to the database, never reads without limits of rows and time, and takes nothing
// from the environment.
package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
)

// Config says where the database is and what is asked of it.
type Config struct {
	// Kind is database.
	Kind string `yaml:"kind"`
	// Engine is postgres or sqlserver.
	Engine   string            `yaml:"engine"`
	Host     string            `yaml:"host"`
	Port     int               `yaml:"port"`
	Database string            `yaml:"database"`
	User     string            `yaml:"user"`
	Password connectors.Secret `yaml:"password"`
	// TLS is verify (the default: the server's certificate must be right), or none on this machine itself.
	TLS string `yaml:"tls"`
	// CAFile holds the certificate of a private authority, as PEM.
	CAFile string `yaml:"ca_file"`
	// Queries are one SELECT per table; the key is the file's name without its end. {start}, {end},
	// {quarter}, {fy}, {q} and {agency} are parameters, never text of the query.
	Queries map[string]string `yaml:"queries"`
	// Ready is a SELECT whose first value says whether the quarter is there; without it, rows do.
	Ready string `yaml:"ready"`
	// Rows is how many rows a query may give; 10 million if zero. More is a fault, not a cut.
	Rows int64 `yaml:"rows"`
	// Timeout bounds one quarter; 15m if zero.
	Timeout connectors.Duration `yaml:"timeout"`
}

var (
	fileName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)
	reads     = regexp.MustCompile(`(?is)^\s*(select|with)\b`)
	isOrdered = regexp.MustCompile(`(?is)\border\s+by\b`)
)

// Validate returns all faults at once.
func (c Config) Validate() error {
	var faults []error
	miss := func(missing bool, what, fix string) {
		if missing {
			faults = append(faults, tributary.Fix(errors.New(what), fix))
		}
	}
	_, known := engines[c.Engine]
	miss(!known, fmt.Sprintf("engine %q is not known", c.Engine), "the engines are postgres and sqlserver")
	miss(c.Host == "", "host is empty", "write the server's name as host:")
	miss(c.Database == "", "database is empty", "write the database's name as database:")
	miss(c.User == "", "user is empty", "write an account that may only read as user:")
	miss(!c.Password.IsSet(), "password is missing", "write password: ${env:NAME}")
	isOwn := c.Host == "localhost" || net.ParseIP(c.Host).IsLoopback()
	miss(c.TLS != "" && c.TLS != "verify" && c.TLS != "none", fmt.Sprintf("tls %q is not known", c.TLS), "leave tls: out; a private authority's certificate goes into ca_file:")
	miss(c.TLS == "none" && !isOwn, "tls: none on another machine", "passwords and names of children go there: leave tls: out")
	miss(len(c.Queries) == 0, "queries is empty", `write one query per table: queries: {clients: "select ... order by client_id"}`)
	for _, name := range slices.Sorted(maps.Keys(c.Queries)) {
		miss(!fileName.MatchString(name), fmt.Sprintf("query %q: not a name for a file", name), "letters, digits, _ and -")
		q := c.Queries[name]
		miss(!reads.MatchString(q), fmt.Sprintf("query %s: is no SELECT", name), "begin it with select or with")
		miss(!isOrdered.MatchString(q), fmt.Sprintf("query %s: has no order", name), "end it with order by a key, so that the same rows give the same file")
		faults = append(faults, connectors.CheckWords("query "+name, q)...)
	}
	miss(c.Ready != "" && !reads.MatchString(c.Ready), "ready: is no SELECT", "begin it with select")
	faults = append(faults, connectors.CheckWords("ready", c.Ready)...)
	miss(c.Rows < 0, "rows is negative", "leave rows: out for 10 million")
	return errors.Join(faults...)
}

// session is one read-only transaction in which everything is of the same moment.
type session interface {
	// first returns the first value of a query, nil when there is no row.
	first(ctx context.Context, q query) (any, error)
	// stream calls write with the columns and a source of batches.
	stream(ctx context.Context, q query, limit int64, out io.Writer) (rows int64, err error)
	// check says whether a query could run, without running it.
	check(ctx context.Context, q query) error
	close() error
}

// engine opens sessions of one kind of database and writes its parameters.
type engine struct {
	port        int
	open        func(ctx context.Context, c Config) (session, error)
	placeholder func(i int, word string) string
}

var engines = map[string]engine{
	"postgres":  {port: 5432, open: openPostgres, placeholder: postgresPlaceholder},
	"sqlserver": {port: 1433, open: openSQLServer, placeholder: func(i int, _ string) string { return "@p" + strconv.Itoa(i) }},
}

// query is a SELECT with its parameters.
type query struct {
	name, text string
	args       []any
}

var word = regexp.MustCompile(`\{\w+\}`)

// fill puts parameters in the place of words: {start} and {end} are dates, the others text.
func (e engine) fill(name, text, agency string, q tributary.Quarter) query {
	out := query{name: name}
	numbers := map[string]int{}
	out.text = word.ReplaceAllStringFunc(strings.TrimRight(text, "; \n\t"), func(w string) string {
		if numbers[w] == 0 {
			var v any = connectors.Fill(w, agency, q)
			switch w {
			case "{start}":
				v = q.Start()
			case "{end}":
				v = q.End()
			}
			out.args = append(out.args, v)
			numbers[w] = len(out.args)
		}
		return e.placeholder(numbers[w], w)
	})
	return out
}

// Connector is a database as a source.
type Connector struct {
	config Config
	engine engine
}

var _ connectors.Checker = (*Connector)(nil)

// New returns the connector of a valid config.
func New(c Config) (*Connector, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("source database: %w", err)
	}
	e := engines[c.Engine]
	if c.Port == 0 {
		c.Port = e.port
	}
	if c.Rows == 0 {
		c.Rows = 10_000_000
	}
	return &Connector{config: c, engine: e}, nil
}

func (c *Connector) fault(err error) error {
	if err == nil {
		return nil
	}
	return connectors.Hide(fmt.Errorf("%s %s: %w", c.config.Engine, net.JoinHostPort(c.config.Host, strconv.Itoa(c.config.Port)), explain(err)), c.config.Password)
}

// Check enters the database and lets it plan the queries.
func (c *Connector) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout.Or(15*time.Minute))
	defer cancel()
	s, err := c.engine.open(ctx, c.config)
	if err != nil {
		return c.fault(err)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(c.config.Queries)) {
		if err := s.check(ctx, c.engine.fill(name, c.config.Queries[name], "AGENCY", tributary.QuarterOf(time.Unix(0, 0)))); err != nil {
			faults = append(faults, c.fault(fmt.Errorf("query %s: %w", name, err)))
			break // after an error the transaction answers no more
		}
	}
	return errors.Join(append(faults, c.fault(s.close()))...)
}

// Pull writes one file per query. When no query gives a row, or ready says no, the answer is
// connectors.ErrNotReady.
func (c *Connector) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	limit := c.config.Timeout.Or(15 * time.Minute)
	inner, cancel := context.WithTimeoutCause(ctx, limit, tributary.Fix(fmt.Errorf("longer than %s", limit), "let the agency index what the queries ask for, or raise timeout: in the source"))
	defer cancel()
	err := c.pull(inner, agency, q, in)
	if cause := context.Cause(inner); err != nil && cause != nil {
		err = errors.Join(cause, ctx.Err())
	}
	return c.fault(err)
}

func (c *Connector) pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) (err error) {
	s, err := c.engine.open(ctx, c.config)
	if err != nil {
		return connectors.Away(explain(err))
	}
	defer func() {
		if closed := s.close(); err == nil {
			err = closed
		}
	}()
	if c.config.Ready != "" {
		v, err := s.first(ctx, c.engine.fill("ready", c.config.Ready, agency, q))
		if err != nil {
			return fmt.Errorf("ready: %w", err)
		}
		if !isYes(v) {
			return fmt.Errorf("the query ready says no: %w", connectors.ErrNotReady)
		}
	}
	total := int64(0)
	for _, name := range slices.Sorted(maps.Keys(c.config.Queries)) {
		query := c.engine.fill(name, c.config.Queries[name], agency, q)
		r, w := io.Pipe()
		done := make(chan int64, 1)
		go func() {
			n, err := s.stream(ctx, query, c.config.Rows, w)
			done <- n
			w.CloseWithError(err) //nolint:errcheck // never fails
		}()
		err := in.Put(name+".parquet", connectors.Reader(ctx, r))
		r.CloseWithError(err) //nolint:errcheck // never fails
		total += <-done
		if err != nil {
			return fmt.Errorf("query %s: %w", name, err)
		}
	}
	if total == 0 {
		return fmt.Errorf("no query gives a row: %w", connectors.ErrNotReady)
	}
	return nil
}

func isYes(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case []byte:
		return string(v) != "" && string(v) != "0"
	}
	text := fmt.Sprint(v)
	return text != "" && text != "0" && !strings.EqualFold(text, "false") && !strings.EqualFold(text, "no")
}

// errTooMany says that a query gave more rows than it may.
func errTooMany(limit int64) error {
	return tributary.Fix(fmt.Errorf("more than %d rows", limit), "narrow the query to the quarter, or raise rows: in the source")
}
