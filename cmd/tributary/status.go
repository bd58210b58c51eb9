package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/calendar"
)

func (p *program) status() *cobra.Command {
	var quarter string
	var files bool
	c := &cobra.Command{
		Use:     "status",
		Short:   "Who has delivered what, agency by quarter at a glance",
		Example: "  tributary status\n  tributary status --files --quarter 2025-26Q2",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&quarter, "quarter", "", "with --files: only this quarter")
	c.Flags().BoolVar(&files, "files", false, "list the landed files")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if files {
			return p.landedFiles(w, quarter)
		}
		deliveries, err := w.Owed(c.Context())
		if err != nil {
			return err
		}
		contacts, err := w.Contacts(c.Context())
		if err != nil {
			return err
		}
		lacking, err := w.Lacking(c.Context())
		if err != nil {
			return err
		}
		return p.answer(deliveries, func(out io.Writer) {
			printGrid(out, deliveries)
			printUnread(out, w.Unread())
			printWhoToAsk(out, deliveries, lacking, contacts)
		})
	})
	return c
}

// shortStates keep four quarters within 80 columns.
var shortStates = map[string]string{"accepted_with_findings": "accepted+", "partly_accepted": "partly"}

func printGrid(out io.Writer, deliveries []pipelines.Delivery) {
	var quarters, agencies []string
	cell := map[string]string{}
	for _, d := range deliveries {
		if !slices.Contains(quarters, d.Quarter) {
			quarters = append(quarters, d.Quarter)
		}
		if !slices.Contains(agencies, d.Agency) {
			agencies = append(agencies, d.Agency)
		}
		text := strings.ReplaceAll(d.State, "_", " ")
		if short, ok := shortStates[d.State]; ok {
			text = short
		}
		if d.IsLate {
			text += "*"
		}
		if d.Unread != nil {
			text += "?"
		}
		if d.Findings > 0 {
			text += fmt.Sprintf(" %d", d.Findings)
		}
		cell[d.Agency+d.Quarter] = text
	}
	slices.Sort(quarters)
	rows := [][]string{append([]string{"AGENCY"}, quarters...)}
	for _, a := range agencies {
		row := []string{a}
		for _, q := range quarters {
			row = append(row, cell[a+q])
		}
		rows = append(rows, row)
	}
	table(out, rows)
	fmt.Fprintln(out, "+ findings to confirm   partly: partly accepted   * late   ? source not read   number: findings")
	fmt.Fprintln(out, "the findings one by one: tributary findings --agency CODE --quarter QUARTER")
}

// asked are the states of a delivery about which somebody must write to the agency.
var asked = []string{"expected", "paused", "partly_accepted", "refused"}

// printUnread says whose source could not be read: there our side looks first, and nobody is asked.
func printUnread(out io.Writer, unread map[string]pipelines.Unread) {
	for _, code := range slices.Sorted(maps.Keys(unread)) {
		u := unread[code]
		fmt.Fprintf(out, "%s: %s; do not ask the agency for files yet\n", code, u)
		if u.Fix != "" {
			fmt.Fprintf(out, "  fix: %s\n", u.Fix)
		}
	}
}

func printWhoToAsk(out io.Writer, deliveries []pipelines.Delivery, lacking map[[2]string][]string, contacts []pipelines.Contact) {
	for _, d := range deliveries {
		if !slices.Contains(asked, d.State) || (d.State == "expected" && !d.IsLate) { // one that was not read is not late
			continue
		}
		var who []string
		for _, c := range contacts {
			if c.Agency == d.Agency {
				who = append(who, strings.TrimSpace(fmt.Sprintf("%s (%s)", c.Email, strings.Trim(c.Role+", "+c.Language, ", "))))
			}
		}
		if len(who) == 0 {
			who = []string{"nobody; add a contact to register.xlsx"}
		}
		what := strings.ReplaceAll(d.State, "_", " ")
		if d.State == "expected" {
			what += ", was due on " + d.DueOn
		}
		if lacks := lacking[[2]string{d.Agency, d.Quarter}]; len(lacks) > 0 {
			what += ", lacks " + strings.Join(lacks, ", ")
		}
		fmt.Fprintf(out, "%s %s is %s: ask %s\n", d.Agency, d.Quarter, what, strings.Join(who, ", "))
	}
}

func (p *program) landedFiles(w *pipelines.Workspace, quarter string) error {
	q, err := quarterOr(quarter, w)
	if err != nil {
		return err
	}
	found, err := w.Landing.Files("", q)
	if err != nil {
		return err
	}
	return p.answer(found, func(out io.Writer) {
		rows := [][]string{{"AGENCY", "FILE", "VERSION", "RECEIVED", "BYTES", "SHA256"}}
		for _, f := range found {
			rows = append(rows, []string{f.Agency, f.Name, fmt.Sprint(f.Version), calendar.Day(f.ReceivedAt).Format(time.DateOnly), fmt.Sprint(f.Size), f.SHA256[:12]})
		}
		table(out, rows)
	})
}

func (p *program) findings() *cobra.Command {
	var f pipelines.FindingFilter
	var all bool
	c := &cobra.Command{
		Use:     "findings",
		Short:   "What is wrong or doubtful in the data, with its address and what to do",
		Example: "  tributary findings --agency FCMH --quarter 2025-26Q2\n  tributary findings --severity blocks\n  tributary findings --json",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&f.Agency, "agency", "", "only this agency")
	c.Flags().StringVar(&f.Quarter, "quarter", "", "only this quarter")
	c.Flags().StringVar(&f.Check, "check", "", "only this check")
	c.Flags().StringVar(&f.Severity, "severity", "", "only blocks, sets_aside, please_confirm or note")
	c.Flags().BoolVar(&all, "all", false, "list all, not the first five of each cause")
	c.Flags().BoolVar(&f.Replaced, "replaced", false, "also what was found in files that newer ones replaced; it asks nothing any more")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if f.Severity != "" && !slices.Contains(severityOrder, f.Severity) {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("findings: there is no severity %q", f.Severity), "write one of: "+strings.Join(severityOrder, ", ")))
		}
		found, err := w.Findings(c.Context(), f)
		if err != nil {
			return err
		}
		return p.answer(found, func(out io.Writer) { printFindings(out, found, all) })
	})
	return c
}

// severityOrder puts what stops people first.
var severityOrder = []string{"blocks", "sets_aside", "please_confirm", "note"}

// printFindings prints the causes: what stops people first, then what explains most rows.
func printFindings(out io.Writer, found []pipelines.Finding, all bool) {
	causes := pipelines.Causes(found)
	fmt.Fprintf(out, "%s of %s\n", some(len(found), "finding"), some(len(causes), "cause"))
	if few, findings, of := pipelines.Explained(causes); few < len(causes) {
		explain := "explain"
		if few == 1 {
			explain = "explains"
		}
		fmt.Fprintf(out, "%d of the causes %s %d of the %d findings\n", few, explain, findings, of)
	}
	slices.SortStableFunc(causes, func(a, b pipelines.Cause) int {
		return slices.Index(severityOrder, string(a.Severity)) - slices.Index(severityOrder, string(b.Severity))
	})
	for _, c := range causes {
		where := strings.TrimSpace(c.Agency + " " + c.Quarter.String())
		switch {
		case c.Findings[0].NoColumn:
			where += ", in no column of its own"
		case c.Column != "":
			where += fmt.Sprintf(", column %q", c.Column)
		}
		fmt.Fprintf(out, "\n%s: %s (%s): %s\n", strings.ReplaceAll(string(c.Severity), "_", " "), c.Name, c.Check, where)
		for i, f := range c.Findings {
			if i == 5 && !all {
				fmt.Fprintf(out, "  ... and %d more: add --all\n", len(c.Findings)-i)
				break
			}
			fmt.Fprintf(out, "  %s", f.Address)
			if f.Detail != "" {
				fmt.Fprintf(out, ": %s", f.Detail)
			}
			if f.IsReplaced {
				fmt.Fprint(out, "; of a replaced file")
			}
			fmt.Fprintf(out, "  [%s]\n", f.ID)
		}
		if c.Fix != "" {
			fmt.Fprintf(out, "  fix: %s\n", c.Fix)
		}
	}
}
