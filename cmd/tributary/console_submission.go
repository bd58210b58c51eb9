package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/ledger"
	"tributary/pipelines/why"
	"tributary/reports/pages"
)

func submittedOf(s pipelines.Submission) pages.Submitted {
	return pages.Submitted{ID: s.ID, Quarter: s.Quarter.String(), State: string(s.State), Since: s.Since.Format("2006-01-02 15:04"), Who: s.Who, Ref: s.Detail, Why: s.Why}
}

// Submissions lists all, the newest first.
func (d *desk) Submissions(ctx context.Context) ([]pages.Submitted, error) {
	all, err := d.Workspace.Submissions(ctx)
	out := make([]pages.Submitted, 0, len(all))
	for _, s := range slices.Backward(all) {
		out = append(out, submittedOf(s))
	}
	return out, err
}

// submissionID refuses what is no submission of this workspace.
func (d *desk) submissionID(ctx context.Context, id string) error {
	all, err := d.Workspace.Submissions(ctx)
	if err == nil && !slices.ContainsFunc(all, func(s pipelines.Submission) bool { return s.ID == id }) {
		err = fmt.Errorf("submission %q: %w", id, pages.ErrNotFound)
	}
	return err
}

// changesShown is how many changed numbers the page of a submission lists.
const changesShown = 200

// Submission tells of one, compared with another.
func (d *desk) Submission(ctx context.Context, id, with string) (pages.Submission, error) {
	var out pages.Submission
	if err := d.submissionID(ctx, id); err != nil {
		return out, err
	}
	seal, err := d.VerifySubmission(ctx, id)
	if err != nil {
		return out, err
	}
	m := seal.Manifest
	steps, err := d.History(ctx, id)
	if err != nil {
		return out, err
	}
	for _, s := range steps {
		out.Steps = append(out.Steps, submittedOf(s))
	}
	if len(steps) > 0 {
		out.Submitted = out.Steps[len(steps)-1]
	}
	out.Differ, out.Needed, out.Signed, out.Restates = seal.Differ, m.Signatures, seal.Signed, m.Restates
	out.PreparedBy = m.PreparedBy + ", " + m.PreparedAt.Format(time.DateOnly)
	if m.ApprovedBy != "" {
		out.Approved = m.ApprovedBy + ", " + m.ApprovedAt.Format(time.DateOnly)
	}
	for _, s := range m.Signers {
		out.Signers = append(out.Signers, s.Name+", "+s.Role)
	}
	for _, g := range seal.Signatures {
		out.Signatures = append(out.Signatures, pages.Signed{Who: g.Name, Key: g.Key, At: g.At.Format(time.DateTime), Fault: g.Fault})
	}
	for _, r := range m.Reasons {
		out.Reasons = append(out.Reasons, pages.OpenCheck{Check: r.Check, Findings: r.Findings, Why: r.Why})
	}
	open, err := d.OpenOf(id)
	if err != nil {
		return out, err
	}
	for _, o := range open {
		out.Open = append(out.Open, pages.OpenCheck{Check: o.Check, Name: o.Name, Agencies: strings.Split(o.Agencies, ", "), Findings: o.Findings, Blocks: o.Severity == string(tributary.Blocks)})
	}
	if out.Page, err = d.approverPages(id, seal.Differ); err != nil {
		return out, err
	}
	before, versions, changed, err := d.ChangedSince(ctx, id, with)
	if err == nil && with != "" && before == "" {
		err = fmt.Errorf("submission %q of that quarter: %w", with, pages.ErrNotFound)
	}
	out.Before = before
	for _, s := range slices.Backward(versions) {
		out.Versions = append(out.Versions, submittedOf(s))
	}
	for _, c := range changed[:min(len(changed), changesShown)] {
		out.Changed = append(out.Changed, pages.MovedText{Cell: c.Cell, Label: c.Label, Old: c.Old, New: c.New})
	}
	out.More = max(0, len(changed)-changesShown)
	return out, err
}

// approverPages are the approver's pages as they lie in the folder. The program wrote them and their hashes fit: what
// differs from the manifest is not shown.
func (d *desk) approverPages(id string, differ []string) (map[string]template.HTML, error) {
	out := map[string]template.HTML{}
	if len(differ) > 0 {
		return out, nil
	}
	for _, lang := range pipelines.Languages {
		text, err := os.ReadFile(d.SubmissionPath(id, "proof", "approval-"+lang+".html"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		_, body, _ := strings.Cut(string(text), "</h1>")
		body, _, _ = strings.Cut(body, "</body>")
		out[lang] = template.HTML(strings.NewReplacer("<h2>", "<h3>", "</h2>", "</h3>").Replace(body)) //nolint:gosec // ours, by its hash
	}
	return out, nil
}

// SubmissionFile opens one of the few files that a person takes away.
func (d *desk) SubmissionFile(ctx context.Context, id, name string) (io.ReadSeekCloser, error) {
	if err := d.submissionID(ctx, id); err != nil {
		return nil, err
	}
	path := ""
	switch name {
	case id + ".zip":
		path = d.SubmissionPath(id, name)
	case "approval-en.xlsx", "approval-fr.xlsx":
		path = d.SubmissionPath(id, "proof", name)
	default:
		return nil, fmt.Errorf("file %q: %w", name, pages.ErrNotFound)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %q: %w", name, pages.ErrNotFound)
	}
	return f, err
}

// Prepare makes a submission of the published quarter.
func (d *desk) Prepare(ctx context.Context) (string, error) {
	// What it publishes on the way, it reads: no generation is held.
	w, house := *d.Workspace, *d.House
	house.At, w.House = nil, &house
	p, err := w.Prepare(ctx)
	return p.Manifest.Submission, err
}

// Approve says that a submission may be signed.
func (d *desk) Approve(ctx context.Context, id string, reasons map[string]string, why string) error {
	open, err := d.OpenOf(id)
	if err != nil {
		return err
	}
	var faults []error
	for _, o := range open {
		if o.Severity != string(tributary.Blocks) && reasons[o.Check] == "" {
			faults = append(faults, tributary.Fix(fmt.Errorf("%d of %s (%s) have no confirmation and no reason", o.Findings, o.Name, o.Agencies),
				"type the reason into the box of that line, or have them confirmed on the agency's page and prepare again"))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	_, err = d.Workspace.Approve(ctx, id, reasons, why)
	return err
}

// TakeSigned takes signatures that were made elsewhere.
func (d *desk) TakeSigned(ctx context.Context, id, name string, file io.Reader) (signed, of int, err error) {
	end := filepath.Ext(name)
	if end != ".zip" && end != ".minisig" {
		return 0, 0, tributary.Fix(errors.New("the file is neither a zip nor a signature"), "choose the signed zip, or the .minisig file that signing wrote")
	}
	if err := os.MkdirAll(d.House.Temp, 0o700); err != nil {
		return 0, 0, err
	}
	f, err := os.CreateTemp(d.House.Temp, "signed-*"+end)
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the folder is cleared by the next run
	_, err = io.Copy(f, file)
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, 0, err
	}
	texts, err := signaturesIn(f.Name())
	if err != nil {
		return 0, 0, err
	}
	seal, err := d.Take(ctx, id, texts)
	return seal.Signed, seal.Manifest.Signatures, err
}

// SignHere signs with the text of a key file.
func (d *desk) SignHere(ctx context.Context, id, name string, key []byte, passphrase string) (signed, of int, err error) {
	seal, err := d.SignWith(ctx, id, key, filepath.Base(name), passphrase)
	return seal.Signed, seal.Manifest.Signatures, err
}

// Restate makes a new submission of a signed one's quarter.
func (d *desk) Restate(ctx context.Context, id, why string) (string, error) {
	all, err := d.Workspace.Submissions(ctx)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(s pipelines.Submission) bool { return s.ID == id })
	if at < 0 {
		return "", fmt.Errorf("submission %q: %w", id, pages.ErrNotFound)
	}
	w, house := *d.Workspace, *d.House
	house.At, w.House = nil, &house
	p, err := w.Restate(ctx, all[at].Quarter, why)
	return p.Manifest.Submission, err
}

// Explanations lists the numbers that ask for an explanation, and those that have one.
func (d *desk) Explanations(ctx context.Context) ([]pages.Explained, error) {
	if d.m.Generation == 0 {
		return nil, nil
	}
	all, err := d.Workspace.Explanations(ctx, d.m)
	out := make([]pages.Explained, 0, len(all))
	for _, e := range all {
		out = append(out, pages.Explained{Cell: e.Cell, Label: e.Label, Standing: e.Standing, Asked: e.IsAsked, Words: e.Words})
	}
	return out, err
}

// Explain keeps words about a number, as the verb note does.
func (d *desk) Explain(ctx context.Context, cell string, words map[string]string) (int, error) {
	id, err := why.ParseCellID(cell)
	if err != nil {
		return 0, err
	}
	current, err := d.Ledger.Current(ctx, "note")
	if err != nil {
		return 0, err
	}
	holds := map[string]string{}
	for _, e := range current {
		if e.Fields["cell_id"] == id.String() {
			holds[e.Fields["field"]] = e.Fields["text"]
		}
	}
	var entries []ledger.Entry
	var faults []error
	for _, field := range fields {
		text, ok := words[field]
		if !ok || text == holds[field] {
			continue
		}
		if text != "" {
			faults = append(faults, checkNote(d.Workspace, id, field, text))
		}
		entries = append(entries, ledger.Entry{Kind: "note", Who: d.Who, At: d.Now(), Why: "typed into the console", Ends: text == "",
			Fields: map[string]string{"cell_id": id.String(), "field": field, "text": cmp.Or(text, holds[field])}})
	}
	if err := errors.Join(faults...); err != nil || len(entries) == 0 {
		return 0, err
	}
	return len(entries), d.Ledger.Append(ctx, entries...)
}
