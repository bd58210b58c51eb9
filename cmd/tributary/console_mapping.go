package main

import (
	"context"
	"fmt"
	"strings"

	"tributary/pipelines"
	"tributary/reports/pages"
)

// rowsTried is how many rows of each table the trial of a mapping shows.
const rowsTried = 5

// MappingOf is the mapping of an agency as it is written.
func (d *desk) MappingOf(_ context.Context, code string) (text, stamp string, err error) {
	a, err := d.Agency(code)
	if err != nil {
		return "", "", fmt.Errorf("agency %q: %w", code, pages.ErrNotFound)
	}
	_, text, err = d.MappingText(a)
	return text, pipelines.MappingStamp(text), err
}

// TryMapping stages the newest delivery by what was typed, and by what stands.
func (d *desk) TryMapping(ctx context.Context, code, text string) (pages.MappingTrial, error) {
	var out pages.MappingTrial
	stands, _, err := d.MappingOf(ctx, code)
	if err != nil {
		return out, err
	}
	// A browser sends lines that end as on Windows.
	next, q, err := d.PreviewMapping(ctx, code, []byte(asWritten(text)), rowsTried)
	if err != nil {
		return out, err
	}
	now, _, err := d.PreviewMapping(ctx, code, []byte(stands), 1)
	if err != nil {
		now = &pipelines.Preview{} // what stands need not be readable: that may be why it is changed
	}
	out.Quarter = q.String()
	for _, s := range next.Sections {
		x := pages.TrialSection{File: s.File, Sheet: s.Sheet, Table: s.Table, Read: s.Read, Taken: s.Taken, SetAside: s.SetAside}
		for _, t := range now.Sections {
			if t.File == s.File && t.Sheet == s.Sheet && t.Table == s.Table {
				x.TakenThen = t.Taken
			}
		}
		out.Sections = append(out.Sections, x)
	}
	for _, f := range next.Findings {
		x := pages.TrialFinding{Check: f.Check, Severity: f.Severity, Column: f.Column, Detail: f.Detail, Count: f.Count}
		for _, g := range now.Findings {
			if g.Check == f.Check && g.Column == f.Column && g.Severity == f.Severity {
				x.Then = g.Count
			}
		}
		out.Findings = append(out.Findings, x)
	}
	for _, t := range next.Tables {
		out.Tables = append(out.Tables, pages.TrialTable{Table: t.Table, Count: t.Count, Columns: t.Columns, Rows: t.Rows})
	}
	return out, nil
}

// asWritten is what was typed with the ends of lines that files have.
func asWritten(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// KeepMapping writes what was typed.
func (d *desk) KeepMapping(ctx context.Context, code, text, stamp, why string) error {
	if _, _, err := d.MappingOf(ctx, code); err != nil {
		return err
	}
	return d.Workspace.KeepMapping(ctx, code, []byte(asWritten(text)), stamp, why)
}
