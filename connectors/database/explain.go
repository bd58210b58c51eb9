package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"

	"tributary"
	"tributary/connectors"
)

// explain adds the remedy, and takes out what a database says of a value: that may be a child's name.
func explain(err error) error {
	var (
		postgres  *pgconn.PgError
		server    mssql.Error
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case tributary.FixOf(err) != "" || errors.Is(err, connectors.ErrNotReady) || errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &verify), strings.Contains(err.Error(), "x509: "):
		return tributary.Fix(fmt.Errorf("the server's certificate is not to be trusted, nothing was sent to it: %w", err),
			"ask the agency's IT; a private authority's certificate goes into a file that ca_file: names")
	case strings.Contains(err.Error(), "server refused TLS"), strings.Contains(err.Error(), "does not support encryption"):
		return tributary.Fix(errors.New("the server speaks without TLS; nothing was sent to it"), "ask the agency's IT to switch TLS on")
	case errors.As(err, &postgres):
		return explainPostgres(err, postgres)
	case errors.As(err, &server):
		return explainSQLServer(server)
	}
	return err
}

func explainPostgres(err error, e *pgconn.PgError) error {
	switch {
	case strings.HasPrefix(e.Code, "28"):
		return tributary.Fix(fmt.Errorf("not let in (SQLSTATE %s): user or password is wrong, or this machine is not expected", e.Code), "renew the password that the source refers to, or ask the agency's IT")
	case e.Code == "3D000":
		return tributary.Fix(errors.New("the database is not there"), "compare database: in the source with what the agency's IT says")
	case e.Code == "42501":
		return tributary.Fix(fmt.Errorf("may not read: %w", err), "ask the agency's IT for the right to SELECT from what the query names")
	case e.Code == "25006":
		return tributary.Fix(errors.New("the query would write; only reading is allowed"), "write a SELECT that changes nothing")
	case e.Code == "57014":
		return tributary.Fix(errors.New("the server ended the query: it took too long"), "let the agency index what the queries ask for, or raise timeout: in the source")
	case strings.HasPrefix(e.Code, "42"):
		return tributary.Fix(err, "mend the query in the source of the agency")
	case strings.HasPrefix(e.Code, "22"), strings.HasPrefix(e.Code, "23"), strings.HasPrefix(e.Code, "P0"):
		return tributary.Fix(fmt.Errorf("a value cannot be read (SQLSTATE %s)", e.Code), "ask the agency's IT to run the query; the server's log names the value")
	}
	return fmt.Errorf("the server answers SQLSTATE %s", e.Code)
}

func explainSQLServer(e mssql.Error) error {
	switch e.Number {
	case 18456, 18452, 4060:
		return tributary.Fix(fmt.Errorf("not let in (error %d): user, password or database is wrong", e.Number), "renew the password that the source refers to, or ask the agency's IT")
	case 229, 230:
		return tributary.Fix(fmt.Errorf("may not read (error %d)", e.Number), "ask the agency's IT for the right to SELECT from what the queries name")
	case 207, 208, 102, 156:
		return tributary.Fix(fmt.Errorf("the query names what is not there, or is not SQL (error %d)", e.Number), "mend the query in the source of the agency")
	case 3952, 3960:
		return tributary.Fix(fmt.Errorf("the database allows no snapshots (error %d)", e.Number), "ask the agency's IT for: alter database ... set allow_snapshot_isolation on")
	}
	return tributary.Fix(fmt.Errorf("the server answers error %d", e.Number), "ask the agency's IT to run the query; what the server says of it may name a child and is not shown")
}
