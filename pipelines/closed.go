package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/model"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// ErrClosed says that a quarter is signed: its numbers change by a restatement alone.
var ErrClosed = errors.New("is signed: its numbers stay as they are")

// Submission is where one submission stands.
type Submission struct {
	ID      string            `json:"id"`
	Quarter tributary.Quarter `json:"quarter"`
	State   submit.State      `json:"state"`
	// Since, Who and Why are of the last step; Detail is the portal's number once it was sent.
	Since  time.Time `json:"since"`
	Who    string    `json:"who"`
	Why    string    `json:"why,omitempty"`
	Detail string    `json:"detail,omitempty"`
	// Manifest is the hash that the ledger knows.
	Manifest string `json:"manifest_sha256"`

	number int
}

func submissionOf(e ledger.Entry) (Submission, error) {
	s := Submission{ID: e.Fields["submission_id"], State: submit.State(e.Fields["state"]), Since: e.At, Who: e.Who, Why: e.Why,
		Detail: e.Fields["detail"], Manifest: e.Fields["manifest_sha256"]}
	var err error
	s.Quarter, err = tributary.ParseQuarter(e.Fields["quarter"])
	if s.State == "prepared" { // the word of an earlier version
		s.State = submit.Draft
	}
	if _, scanned := fmt.Sscanf(s.ID[strings.LastIndex(s.ID, "-")+1:], "%d", &s.number); scanned != nil {
		err = errors.Join(err, scanned)
	}
	return s, err
}

// Submissions lists all, by quarter and number.
func (w *Workspace) Submissions(ctx context.Context) ([]Submission, error) {
	facts, err := w.Ledger.Current(ctx, "submission")
	if err != nil {
		return nil, err
	}
	out := make([]Submission, 0, len(facts))
	for _, f := range facts {
		s, err := submissionOf(f)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Submission) int {
		if n := a.Quarter.Compare(b.Quarter); n != 0 {
			return n
		}
		return a.number - b.number
	})
	return out, nil
}

// standing is the newest signed submission of each quarter that has one.
func (w *Workspace) standing(ctx context.Context) (map[string]Submission, error) {
	out := map[string]Submission{}
	all, err := w.Submissions(ctx)
	if err != nil {
		return nil, err
	}
	if w.standsOn == nil {
		for _, s := range all {
			if s.State.IsClosed() {
				out[s.Quarter.String()] = s
			}
		}
		return out, nil
	}
	for _, s := range all {
		if w.standsOn[s.Quarter.String()] == s.ID {
			out[s.Quarter.String()] = s
		}
	}
	return out, nil
}

// sealed names the submission whose numbers are those of the quarter, where it is closed.
func (w *Workspace) sealed(ctx context.Context, q tributary.Quarter) (string, error) {
	if w.open == q.String() {
		return "", nil
	}
	all, err := w.standing(ctx)
	if s := all[q.String()]; err == nil && s.State != submit.Returned {
		return s.ID, nil
	}
	return "", err
}

// refuseClosed keeps a signed quarter from being run again. Where its step files are gone they are made again,
// with the numbers that were signed.
func (w *Workspace) refuseClosed(ctx context.Context, q tributary.Quarter) error {
	id, err := w.sealed(ctx, q)
	if id == "" || err != nil {
		return err
	}
	if _, err := w.House.Current(); errors.Is(err, warehouse.ErrNothingPublished) {
		return nil
	}
	return tributary.Fix(fmt.Errorf("%s %w (%s)", q, ErrClosed, id),
		fmt.Sprintf("run a later quarter; to count what came late: tributary submit restate %s --why ...", q))
}

func (w *Workspace) submissions() submit.Folder {
	if w.submitted != "" {
		return w.submitted
	}
	return submit.Folder(w.Path("kept", "submissions"))
}

func (w *Workspace) proof(id, name string) string { return w.submissions().Path(id, "proof", name) }

// sealedSteps are the step files of a signed quarter, by their way from the warehouse.
func (w *Workspace) sealedSteps(id string) map[string]string {
	out := map[string]string{}
	for _, step := range []string{"measure", "release-contract"} {
		path := w.proof(id, step+".duckdb")
		if rel, err := filepath.Rel(w.House.Root, path); err == nil {
			path = filepath.ToSlash(rel)
		}
		out[step] = path
	}
	return out
}

// numberPlans are the plans of measure and of the contract release. Quarters before q that were signed stand in
// them as they were signed.
func (w *Workspace) numberPlans(ctx context.Context, q tributary.Quarter) (numbers, contract plan, err error) {
	standing, err := w.standing(ctx)
	if err != nil {
		return numbers, contract, err
	}
	cover := w.Settings.cover(q)
	numbers = plan{name: "measure", parts: []string{w.Models.Fingerprint("measure")}, reads: leftOf["measure"], also: map[string]string{}}
	contract = plan{name: "release-contract", parts: append(pairs(cover), release.ContractSQL()), facts: []string{"note"}, reads: leftOf["release"],
		also: map[string]string{}}
	var signed []model.Signed
	var versions []release.Version
	for _, at := range w.Quarters(q) {
		s, ok := standing[at.String()]
		if !ok || at == q {
			continue
		}
		m, err := w.submissions().Read(s.ID)
		if err != nil {
			return numbers, contract, err
		}
		schema := strings.ReplaceAll(at.String(), "-", "_")
		numbers.also["signed_"+schema], contract.also["was_"+schema] = w.proof(s.ID, "measure.duckdb"), w.proof(s.ID, "release-contract.duckdb")
		signed = append(signed, model.Signed{Quarter: at.String(), Schema: "signed_" + schema})
		on, err := w.signedOn(ctx, s.ID)
		if err != nil {
			return numbers, contract, err
		}
		versions = append(versions, release.Version{Quarter: at.String(), Submission: s.ID, Schema: "was_" + schema, SignedOn: on, Restatement: m.Restatement})
		numbers.parts = append(numbers.parts, at.String(), s.ID, m.Proof["measure.duckdb"])
		contract.parts = append(contract.parts, at.String(), s.ID, on)
		for _, path := range []string{numbers.also["signed_"+schema], contract.also["was_"+schema]} {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return numbers, contract, tributary.Fix(fmt.Errorf("submission %s: proof/%s is gone", s.ID, filepath.Base(path)), "restore kept/submissions from the newest backup")
			}
		}
	}
	numbers.fill = func(ctx context.Context, db *warehouse.DB) error { return w.Models.RunMeasures(ctx, db, signed, w.Log) }
	contract.fill = func(ctx context.Context, db *warehouse.DB) error {
		if err := release.Contract(ctx, db, cover); err != nil {
			return err
		}
		return release.Stand(ctx, db, versions)
	}
	return numbers, contract, nil
}

// signedOn is the day on which a submission had all its signatures.
func (w *Workspace) signedOn(ctx context.Context, id string) (string, error) {
	all, err := w.Ledger.All(ctx, "submission")
	for _, e := range all {
		if e.Fields["submission_id"] == id && e.Fields["state"] == string(submit.Signed) {
			return e.At.UTC().Format(time.DateOnly), nil
		}
	}
	return "", err
}

// reportAny writes the workbooks of a quarter; of a signed one those that were signed.
func (w *Workspace) reportAny(ctx context.Context, m warehouse.Manifest, q tributary.Quarter, languages []string) ([]string, error) {
	id, err := w.sealed(ctx, q)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return w.report(ctx, m, q, languages)
	}
	known := w.readWritten()
	var wrote []string
	man, err := w.submissions().Read(id)
	if err != nil {
		return nil, err
	}
	for _, book := range slices.Sorted(maps.Keys(man.Bundle)) {
		lang, isOurs := strings.CutPrefix(strings.TrimSuffix(book, ".xlsx"), "ministry-")
		if filepath.Ext(book) != ".xlsx" || strings.HasPrefix(book, "corrections-") || isOurs && !slices.Contains(languages, lang) {
			continue
		}
		name := filepath.Join("out", q.String(), book)
		data, err := os.ReadFile(w.submissions().Path(id, "bundle", filepath.Base(name)))
		if err != nil {
			return wrote, err
		}
		sum, err := hashFile(w.Path(name))
		if err == nil && sum == hash(data) {
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrote, err
		}
		at, err := place(w.Path(name), data, sum != "" && sum != known[name].SHA256)
		if err != nil {
			return wrote, err
		}
		cells, err := os.ReadFile(w.proof(id, strings.TrimSuffix(filepath.Base(name), ".xlsx")+".cells.csv"))
		if err == nil {
			err = os.WriteFile(strings.TrimSuffix(at, ".xlsx")+".cells.csv", cells, 0o600)
		}
		if err != nil {
			return wrote, err
		}
		if at == w.Path(name) {
			known[name] = struct{ From, SHA256 string }{"signed " + id, hash(data)}
		}
		wrote = append(wrote, at)
	}
	if len(wrote) == 0 {
		return nil, nil
	}
	return wrote, w.keepWritten(known)
}
