package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

// namesWider tells whether a query speaks of a release for a wider audience.
var namesWider = regexp.MustCompile(`(?i)\b(?:public|partners|disclosure)"?\.`)

// namesGaps tells whether it speaks of the gap model.
var namesGaps = regexp.MustCompile(`(?i)\bgaps"?\.`)

func (p *program) sql() *cobra.Command {
	var people, asCSV bool
	var reason string
	c := &cobra.Command{
		Use:   "sql QUERY",
		Short: "Ask the published tables; numbers only, unless --people",
		Long: `Opens the measures and the contract release, read-only. A query that names public, partners or disclosure opens
the releases for wider audiences too, one that names gaps the gap model; both are made when first asked for. With --people also stage, core and
link, where children are named: this wants --why and is written to the audit log.`,
		Example: `  tributary sql "from measure.cell where measure = 'csp_referrals'"
  tributary sql --people --why "call of 3 May" "from core.client limit 5"`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().BoolVar(&people, "people", false, "open the tables that name children")
	c.Flags().StringVar(&reason, "why", "", "why you look at named records")
	c.Flags().BoolVar(&asCSV, "csv", false, "print comma-separated values")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		files := m.Numbers()
		if people {
			if reason == "" {
				return exitWith(exitAskedWrongly, tributary.Fix(errors.New("sql --people: a reason is missing"), `add --why "..."`))
			}
			if err := w.Look(c.Context(), "sql", args[0], reason); err != nil {
				return err
			}
			files = m.People()
		} else if namesWider.MatchString(args[0]) {
			wider, err := w.Wider(c.Context(), m)
			p.endProgress()
			if err != nil {
				return err
			}
			maps.Copy(files, wider)
		}
		if namesGaps.MatchString(args[0]) {
			gaps, err := w.GapTables(c.Context(), m)
			p.endProgress()
			if err != nil {
				return err
			}
			maps.Copy(files, gaps)
		}
		db, err := w.House.Open(c.Context(), files)
		if err != nil {
			return err
		}
		defer db.Close()
		rows, err := db.Query(c.Context(), args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, tributary.Fix(err, `see the tables with: tributary sql "select database_name, table_name from duckdb_tables()"`))
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		lines := [][]string{columns}
		var objects []map[string]any
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			line, object := make([]string, len(columns)), map[string]any{}
			for i, v := range values {
				line[i], object[columns[i]] = inert(v), v
			}
			lines, objects = append(lines, line), append(objects, object)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if asCSV {
			return csv.NewWriter(p.out).WriteAll(lines)
		}
		return p.answer(objects, func(out io.Writer) { table(out, lines) })
	})
	return c
}

// inert writes a value as text that neither a terminal nor a spreadsheet would act on.
func inert(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339)
	case string:
		s := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, v)
		if s != "" && strings.ContainsRune("=+@", rune(s[0])) {
			return "'" + s
		}
		return s
	}
	return fmt.Sprint(v)
}

func (p *program) audit() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Who looked at named records, signed, sent and purged, and whether the ledger is as it was written",
		Args:  cobra.NoArgs,
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if err := w.Ledger.Verify(c.Context()); err != nil {
			return err
		}
		entries, err := w.AuditTrail(c.Context())
		if err != nil {
			return err
		}
		return p.answer(entries, func(out io.Writer) {
			rows := [][]string{{"WHEN", "WHO", "VERB", "WHAT", "WHY"}}
			for _, e := range entries {
				verb, subject := pipelines.AuditWords(e)
				rows = append(rows, []string{e.At.Format("2006-01-02 15:04"), e.Who, verb, subject, e.Why})
			}
			table(out, rows)
			fmt.Fprintln(out, "the ledger is as it was written")
		})
	})
	return c
}
