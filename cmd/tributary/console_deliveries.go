package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
	"tributary/reports/pages"
)

// quarterOf reads a quarter out of an address; one that is none is not there.
func quarterOf(text string) (tributary.Quarter, error) {
	q, err := tributary.ParseQuarter(text)
	if err != nil {
		return q, fmt.Errorf("quarter %q: %w", text, pages.ErrNotFound)
	}
	return q, nil
}

// delivery reads agency and quarter out of an address.
func (d *desk) delivery(agency, quarter string) (*mapping.Agency, tributary.Quarter, error) {
	q, err := quarterOf(quarter)
	if err != nil {
		return nil, q, err
	}
	a, err := d.Agency(agency)
	if err != nil {
		return nil, q, fmt.Errorf("agency %q: %w", agency, pages.ErrNotFound)
	}
	return a, q, nil
}

// Delivered lists the deliveries of a quarter.
func (d *desk) Delivered(ctx context.Context, quarter string) (pages.DeliveryList, error) {
	out := pages.DeliveryList{Quarter: quarter}
	owed, err := d.Owed(ctx)
	if err != nil {
		return out, err
	}
	for _, x := range owed {
		if !slices.Contains(out.Quarters, x.Quarter) {
			out.Quarters = append(out.Quarters, x.Quarter)
		}
	}
	slices.Sort(out.Quarters)
	slices.Reverse(out.Quarters)
	if out.Quarter == "" {
		out.Quarter = d.LastEnded().String()
		if d.m.Generation > 0 {
			out.Quarter = d.m.Quarter.String()
		}
	}
	lacking := map[[2]string][]string{}
	if d.m.Generation > 0 {
		if lacking, err = d.Lacking(ctx); err != nil {
			return out, err
		}
	}
	for _, x := range owed {
		if x.Quarter == out.Quarter {
			out.Rows = append(out.Rows, pages.DeliveryRow{Agency: x.Agency, Name: x.Name, State: x.State, DueOn: x.DueOn, IsLate: x.IsLate,
				Files: x.Files, Rows: x.Rows, Findings: x.Findings, Lacks: strings.Join(lacking[[2]string{x.Agency, x.Quarter}], ", ")})
		}
	}
	return out, nil
}

// DeliveryOf tells of one delivery.
func (d *desk) DeliveryOf(ctx context.Context, agency, quarter string) (pages.Delivery, error) {
	var out pages.Delivery
	a, q, err := d.delivery(agency, quarter)
	if err != nil {
		return out, err
	}
	x, err := d.DeliveryDetail(ctx, agency, q)
	if errors.Is(err, pipelines.ErrNoDelivery) {
		err = fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	if err != nil {
		return out, err
	}
	out = pages.Delivery{Agency: x.Agency, Name: x.Name, Quarter: x.Quarter, State: x.State, DueOn: x.DueOn, ReceivedOn: x.ReceivedOn, IsLate: x.IsLate,
		Stated: x.Stated, StatedBy: x.StatedBy, Beside: a.Source != nil}
	if u, ok := d.Unread()[a.Code]; ok && u.Covers(q.String()) && len(x.Came) == 0 {
		out.Unread = u.String()
	}
	for _, f := range x.Came {
		out.Files = append(out.Files, pages.CameFile{Name: f.Name, State: f.State, Format: f.Format, SupersededBy: f.SupersededBy, Accepted: f.Accepted,
			Version: f.Version, Size: f.Size, Received: f.Received})
	}
	for _, s := range x.Sections {
		out.Sections = append(out.Sections, pages.Section(s))
	}
	for _, c := range x.Causes {
		out.Causes = append(out.Causes, pages.Cause(c))
	}
	out.Letters, err = d.Letters(agency, q)
	return out, err
}

// Letter opens a letter or a marked copy.
func (d *desk) Letter(agency, quarter, name string) (io.ReadSeekCloser, error) {
	_, q, err := d.delivery(agency, quarter)
	if err != nil {
		return nil, err
	}
	f, err := d.OpenLetter(agency, q, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	return f, err
}

// findingsOnPage is how many findings are read at once.
const findingsOnPage = 100

func findingOf(f pipelines.Finding) pages.Finding {
	return pages.Finding{ID: f.ID, Check: f.Check, Severity: string(f.Severity), Name: f.Name, Fix: f.Fix, Column: f.Column, Detail: f.Detail, Address: whereIn(f.Address)}
}

// whereIn says where in the delivery something is.
func whereIn(a tributary.Address) string {
	text := a.File
	if a.Version > 1 {
		text += fmt.Sprintf(" (version %d)", a.Version)
	}
	if a.Sheet != "" {
		text += ", " + a.Sheet
	}
	if a.Row > 0 {
		text += fmt.Sprintf(", row %d", a.Row)
	}
	if a.Path != "" {
		text += ", " + a.Path
	}
	if text == "" {
		return "the delivery"
	}
	return text
}

// FindingsOf reads a page of findings.
func (d *desk) FindingsOf(ctx context.Context, agency, quarter, check, column string, page int) ([]pages.Finding, int, error) {
	_, q, err := d.delivery(agency, quarter)
	if err != nil {
		return nil, 0, err
	}
	found, all, err := d.FindingsPage(ctx, agency, q, check, column, (page-1)*findingsOnPage, findingsOnPage)
	var out []pages.Finding
	for _, f := range found {
		out = append(out, findingOf(f))
	}
	return out, all, err
}

// FindingOf reads one finding with its row.
func (d *desk) FindingOf(ctx context.Context, agency, quarter, id string) (pages.FindingRow, error) {
	var out pages.FindingRow
	_, q, err := d.delivery(agency, quarter)
	if err != nil {
		return out, err
	}
	x, err := d.FindingRow(ctx, agency, q, id)
	if errors.Is(err, pipelines.ErrNotAsked) {
		return out, fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	if err != nil {
		return out, err
	}
	out = pages.FindingRow{Finding: findingOf(x.Finding), Client: x.Client, Shown: x.Shown, Corrects: x.Corrects, Answers: x.Answers}
	out.MayConfirm = x.Severity == tributary.PleaseConfirm
	for _, c := range x.Cells {
		out.Cells = append(out.Cells, pages.RowCell(c))
		out.MayCorrect = out.MayCorrect || c.Column != "" && x.Client != ""
	}
	return out, nil
}

// Accept uses a held file as it is.
func (d *desk) Accept(ctx context.Context, agency, quarter, file, why string, undo bool) error {
	_, q, err := d.delivery(agency, quarter)
	if err == nil {
		_, err = d.AcceptFile(ctx, agency, q, file, why, undo)
	}
	return err
}

// State records nil or excused.
func (d *desk) State(ctx context.Context, agency, quarter, state, why string, undo bool) (int, error) {
	_, q, err := d.delivery(agency, quarter)
	if err != nil {
		return 0, err
	}
	_, files, err := d.StateDelivery(ctx, agency, q, state, why, undo)
	return files, err
}

// Confirm says that a doubtful value is right, or explains it.
func (d *desk) Confirm(ctx context.Context, finding, why string, whole, onlyExplains bool) (int, error) {
	return d.Workspace.Confirm(ctx, pipelines.Confirmation{Finding: finding, WholeCause: whole, Why: why, OnlyExplains: onlyExplains})
}

// Correct states a value about the row of a finding.
func (d *desk) Correct(ctx context.Context, c pages.Correction) (int, error) {
	_, q, err := d.delivery(c.Agency, c.Quarter)
	if err != nil {
		return 0, err
	}
	x, err := d.FindingRow(ctx, c.Agency, q, c.Finding)
	if err != nil {
		return 0, err
	}
	stated, err := d.Workspace.Correct(ctx, pipelines.Correction{Agency: c.Agency, Client: x.Client, Column: c.Column, Value: c.Value, Why: c.Why, At: x.Address})
	if err != nil {
		return 0, err
	}
	return stated[0].Rows, nil
}

// WriteLetter writes the letter and the marked copies of one delivery.
func (d *desk) WriteLetter(ctx context.Context, agency, quarter string, beside bool) (int, error) {
	a, q, err := d.delivery(agency, quarter)
	if err != nil {
		return 0, err
	}
	sent, faults, err := d.Feedback(ctx, []*mapping.Agency{a}, q, !beside)
	files := 0
	for _, s := range sent {
		files += len(s.Files)
	}
	return files, errors.Join(append(faults, err)...)
}
