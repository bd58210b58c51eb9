package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
)

// Taken says what became of a returned letter's answers.
type Taken struct {
	Corrections   int `json:"corrections"`
	Confirmations int `json:"confirmations"`
	Explanations  int `json:"explanations"`
	// Gone were about findings that are not asked any more.
	Gone int `json:"gone"`
	// Before says that this very letter was read before; nothing of it is taken twice.
	Before bool `json:"before"`
}

// Count is how many answers were taken.
func (t Taken) Count() int { return t.Corrections + t.Confirmations + t.Explanations }

// TakeLetter reads a returned letter; its corrections, confirmations and explanations become facts, all or
// none. The zero quarter takes a letter about any. feedback.ErrNotLetter says that the file is none.
func (w *Workspace) TakeLetter(ctx context.Context, path string, a *mapping.Agency, q tributary.Quarter) (Taken, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Taken{}, err
	}
	return w.takeLetter(ctx, filepath.Base(path), data, a, q)
}

func (w *Workspace) takeLetter(ctx context.Context, name string, data []byte, a *mapping.Agency, q tributary.Quarter) (Taken, error) {
	var out Taken
	letter, err := feedback.Read(bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, feedback.ErrNotLetter) {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return out, inFile(name, err)
	}
	if letter.Agency != a.Code || !q.IsZero() && letter.Quarter != q.String() {
		return out, tributary.Fix(fmt.Errorf("%s: it is the letter about %s %s", name, letter.Agency, letter.Quarter),
			fmt.Sprintf("take it with: tributary receive FILE --agency %s --quarter %s", letter.Agency, letter.Quarter))
	}
	sum := hash(data)
	read, err := w.Ledger.Current(ctx, "letter_read")
	if err != nil {
		return out, err
	}
	if slices.ContainsFunc(read, func(e ledger.Entry) bool { return e.Fields["agency"] == a.Code && e.Fields["sha256"] == sum }) {
		out.Before = true
		return out, nil
	}
	entries, err := w.answers(ctx, letter, name, &out)
	if err != nil {
		return Taken{}, inFile(name, err)
	}
	if len(letter.Answers) == 0 {
		return out, nil
	}
	entries = append(entries, ledger.Entry{Kind: "letter_read", Who: w.Who, At: w.Now(), Why: name,
		Fields: map[string]string{"agency": a.Code, "sha256": sum, "answers": fmt.Sprint(len(letter.Answers))}})
	w.Log.Info("a returned letter was read", "step", "report", "agency", a.Code, "quarter", letter.Quarter, "rows", out.Count())
	return out, w.Ledger.Append(ctx, entries...)
}

// inFile puts the file's name before each of several faults and keeps their fixes.
func inFile(name string, err error) error {
	var faults []error
	for _, e := range unjoin(err) {
		faults = append(faults, tributary.Fix(fmt.Errorf("%s: %w", name, e), tributary.FixOf(e)))
	}
	return errors.Join(faults...)
}

func unjoin(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range j.Unwrap() {
			out = append(out, unjoin(e)...)
		}
		return out
	}
	return []error{err}
}

// answers makes facts of a letter's answers and tells all that is wrong with them, by sheet and row.
func (w *Workspace) answers(ctx context.Context, letter feedback.Returned, name string, out *Taken) ([]ledger.Entry, error) {
	db, err := w.people(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	all, err := w.askings(ctx, db, "f.agency = ? and coalesce(f.quarter, '') = ?", letter.Agency, letter.Quarter)
	if err != nil {
		return nil, err
	}
	wasAsked, gone, err := w.askedIn(letter.List)
	if err != nil {
		return nil, err
	}
	known, err := w.Ledger.Current(ctx, "correction")
	if err != nil {
		return nil, err
	}
	stands := map[string]ledger.Entry{}
	for _, e := range known {
		stands[cellOf(e)] = e
	}
	typed := map[string]string{}
	byID, byCause := map[string]asking{}, map[string][]asking{}
	for _, f := range all {
		byID[f.id] = f
		byCause[f.check+"|"+f.column] = append(byCause[f.check+"|"+f.column], f)
	}
	// An answer about one row goes before the one about its whole cause.
	answered := map[string]bool{}
	for _, a := range letter.Answers {
		answered[a.Finding] = true
	}
	var entries []ledger.Entry
	var faults []error
	for _, a := range letter.Answers {
		why := strings.TrimPrefix(a.Why+" "+inLetter+name+")", " ")
		var found []asking
		isGone := false
		if a.Cause != "" {
			for _, f := range byCause[a.Cause] {
				if f.severity == string(tributary.PleaseConfirm) && !answered[f.id] && wasAsked(f) {
					found = append(found, f)
				}
			}
		} else if f, ok := byID[a.Finding]; ok && (f.severity != string(tributary.Note) || a.Value != "") {
			found = []asking{f}
		} else if f, was := gone[a.Finding]; was && !ok && a.Value != "" {
			// The first answer settled it; another one about what the file still says takes its place.
			found, isGone = []asking{f}, true
		}
		if len(found) == 0 {
			out.Gone++
			continue
		}
		var next []ledger.Entry
		var err error
		var stated []Stated
		if a.Value != "" {
			f := found[0]
			stated, err = w.state(ctx, db, []Correction{{Agency: f.agency, Client: f.client, Column: f.column, Value: a.Value, Why: why, Check: f.check, At: f.address}})
			isKnown := errors.Is(err, errKnown) // what the file says already, typed again, corrects nothing; what stands beside it counts
			if errors.Is(err, errMoved) || isKnown && (isGone || a.Why == "" && !a.Confirmed) {
				out.Gone++
				continue
			}
			if isKnown {
				stated, err = nil, nil
			}
		}
		switch {
		case err != nil:
		case len(stated) > 0:
			cell, value := cellOf(stated[0].entry), stated[0].entry.Fields["value"]
			before, isTwice := typed[cell]
			standing, isStanding := stands[cell]
			switch {
			case isTwice && before != value:
				err = tributary.Fix(errors.New("another row of the letter gives the same record another value"), "correct it in your system and send the file again")
			case isTwice, isStanding && standing.Fields["value"] == value,
				isGone && !strings.Contains(standing.Why, inLetter): // what we stated ourselves since is not the agency's to replace unasked
				out.Gone++
				continue
			}
			typed[cell] = value
			next = append(next, stated[0].entry)
			out.Corrections++
		default:
			next, err = w.confirm(found, Confirmation{Why: why, OnlyExplains: !a.Confirmed})
			if a.Confirmed {
				out.Confirmations += len(next)
			} else {
				out.Explanations += len(next)
			}
		}
		if err != nil {
			for _, e := range unjoin(err) {
				faults = append(faults, tributary.Fix(fmt.Errorf("sheet %q row %d: %w", a.Sheet, a.Row, e), tributary.FixOf(e)))
			}
			continue
		}
		entries = append(entries, next...)
	}
	return entries, errors.Join(faults...)
}

// inLetter stands in the reason of what a returned letter states, before the letter's name.
const inLetter = "(returned letter "

// cellOf names what a correction is about.
func cellOf(e ledger.Entry) string {
	f := e.Fields
	return strings.Join([]string{f["agency"], f["client_local_id"], f["table_name"], f["column_name"], f["was"], f["record"]}, "\x00")
}

// askedIn says what a letter asked when it went out: an answer about a whole cause is not about what came since. Of a
// letter that was not kept everything counts. The findings of single rows are given by their ids.
func (w *Workspace) askedIn(list string) (wasAsked func(asking) bool, rows map[string]asking, err error) {
	k, err := w.readKept(list)
	if errors.Is(err, fs.ErrNotExist) || list == "" {
		return func(asking) bool { return true }, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	asked := map[string]bool{}
	rows = map[string]asking{}
	for _, i := range k.Items {
		asked[i.sign()+"\x00"+i.Value] = true
		if i.Finding == "" || i.Row == 0 {
			continue
		}
		q, err := tributary.ParseQuarter(i.Quarter)
		if err != nil {
			return nil, nil, err
		}
		rows[i.Finding] = asking{id: i.Finding, check: i.Check, agency: k.Agency, quarter: i.Quarter, severity: string(i.Severity), column: i.Column, client: i.Client,
			address: tributary.Address{Agency: k.Agency, Quarter: q, File: i.File, Version: i.Version, Sheet: i.Sheet, Row: i.Row, Path: i.Path}}
	}
	return func(f asking) bool {
		return asked[keptItem{Check: f.check, Client: f.client, Column: f.column, Sheet: f.address.Sheet, Row: f.address.Row}.sign()+"\x00"+f.shown]
	}, rows, nil
}

// takeLetters takes the letters that lie among an agency's files for a quarter, about whichever, out of the folder:
// they are answers, not data.
func (w *Workspace) takeLetters(ctx context.Context, a *mapping.Agency, q tributary.Quarter, dir string) []error {
	names, err := warehouse.Match(dir, "*.xlsx")
	if err != nil {
		return []error{err}
	}
	var faults []error
	for _, path := range names {
		isLetter, err := IsLetter(path)
		if err != nil || !isLetter {
			continue // what cannot be opened is landing's to say
		}
		if _, err := w.TakeLetter(ctx, path, a, tributary.Quarter{}); err != nil {
			faults = append(faults, fmt.Errorf("letter of %s %s: %w", a.Code, q, err))
		}
		if err := os.Remove(path); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// IsLetter looks for the mark of a letter of ours, without reading the rows of a workbook that is none.
func IsLetter(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	return feedback.IsLetter(f, info.Size()), nil
}
