package pipelines

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// OpenCheck is what keeps a submission from being checked: findings of one check and severity.
type OpenCheck struct {
	Check    string `json:"check"`
	Severity string `json:"severity"`
	Name     string `json:"name"`
	NameFR   string `json:"name_fr"`
	Agencies string `json:"agencies"`
	Findings int    `json:"findings"`
}

// Prepared is a submission that was prepared: its manifest, where it stands, and what is open.
type Prepared struct {
	Dir      string          `json:"dir"`
	State    submit.State    `json:"state"`
	Manifest submit.Manifest `json:"manifest"`
	Open     []OpenCheck     `json:"open"`
	// Changed are the cells that a restatement changes.
	Changed []Moved `json:"changed,omitempty"`
	// Faults are those of single agencies whose files could not be fetched for a restatement.
	Faults []error `json:"-"`
}

// Prepare makes the submission of the published quarter.
func (w *Workspace) Prepare(ctx context.Context) (Prepared, error) {
	now, err := w.House.Current()
	if err != nil {
		return Prepared{}, err
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return Prepared{}, err
	}
	var was *Submission
	if s, ok := standing[now.Quarter.String()]; ok {
		if s.State != submit.Returned {
			return Prepared{}, tributary.Fix(fmt.Errorf("%s %w (%s)", now.Quarter, ErrClosed, s.ID),
				fmt.Sprintf("to change its numbers: tributary submit restate %s --why ...", now.Quarter))
		}
		was = &s
	}
	if _, err := w.Report(ctx, Languages...); err != nil {
		return Prepared{}, err
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return Prepared{}, fmt.Errorf("submit prepare: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	m, err := w.House.Current()
	if err != nil {
		return Prepared{}, err
	}
	for _, lang := range Languages {
		book := workbook(m.Quarter, lang)
		if sum, err := hashFile(w.Path(book)); err != nil || sum != w.readWritten()[book].SHA256 {
			return Prepared{}, errors.Join(err, tributary.Fix(fmt.Errorf("submit prepare: %s is not as the program wrote it", book),
				"move the edited workbook away (its marked cells were read back), then: tributary report ministry"))
		}
	}
	why := ""
	if was != nil {
		why = was.Why
	}
	return w.assemble(ctx, m, was, why, true)
}

// ErrNothingToRestate says that no cell of a signed quarter would change.
var ErrNothingToRestate = errors.New("no cell would change")

// Restate fetches what the agencies have sent since a quarter was signed, and makes a new submission of it from that
// and what was stated since: numbered, with the old value, the new one and the causes of each cell. The signed one
// stays as it is.
func (w *Workspace) Restate(ctx context.Context, q tributary.Quarter, why string) (Prepared, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return Prepared{}, fmt.Errorf("submit restate: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	standing, err := w.standing(ctx)
	if err != nil {
		return Prepared{}, err
	}
	was, ok := standing[q.String()]
	if !ok {
		return Prepared{}, tributary.Fix(fmt.Errorf("submit restate: %s is not signed", q), "there is nothing to restate; run it and prepare it: tributary run --quarter "+q.String())
	}
	w.open = q.String()
	defer func() { w.open = "" }()
	var out Outcome
	faults := append(w.fetch(ctx, w.Agencies, w.Settings.FirstQuarter, q, &out), w.fetchRegister(ctx)...)
	m, err := w.build(ctx, q, &out)
	if err != nil {
		return Prepared{}, fmt.Errorf("submit restate %s: %w", q, err)
	}
	p, err := w.assemble(ctx, m, &was, why, false)
	p.Faults = faults
	return p, err
}

// assemble makes the folder of a submission from a generation, and notes where it stands. Words alone may take the place
// of was only where mayBeSame.
func (w *Workspace) assemble(ctx context.Context, m warehouse.Manifest, was *Submission, why string, mayBeSame bool) (Prepared, error) {
	var p Prepared
	for _, s := range w.Settings.Submission.Signers {
		p.Manifest.Signers = append(p.Manifest.Signers, s)
	}
	man := &p.Manifest
	man.Quarter, man.Program, man.Engine, man.Why = m.Quarter, w.Program, engineVersion, why
	man.IsReturned = was != nil && was.State == submit.Returned && mayBeSame
	man.PreparedBy, man.PreparedAt, man.Signatures = w.Who, w.Now().UTC().Truncate(time.Second), w.Settings.Submission.Signatures
	man.Reasons, man.Inputs, man.StandsOn = []submit.Reason{}, []submit.Input{}, map[string]string{}
	var err error
	if man.Facts.Entries, man.Facts.Head, err = w.Ledger.Last(ctx); err != nil {
		return p, err
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return p, err
	}
	for q, s := range standing {
		if s.Quarter.Compare(m.Quarter) < 0 {
			man.StandsOn[q] = s.ID
		}
	}
	bundle, proof, err := w.parts(ctx, m)
	if err != nil {
		return p, err
	}
	landed, err := w.Landing.Files("", tributary.Quarter{})
	if err != nil {
		return p, err
	}
	landed = slices.DeleteFunc(landed, func(f tributary.File) bool { return f.Quarter.Compare(m.Quarter) > 0 })
	for _, f := range landed {
		man.Inputs = append(man.Inputs, submit.Input{Agency: f.Agency, Quarter: f.Quarter, Version: f.Version, SHA256: f.SHA256})
	}
	list, err := json.MarshalIndent(landed, "", " ")
	if err != nil {
		return p, err
	}
	proof = append(proof, submit.File{Name: "landed.json", Data: list})
	if p.Open, err = w.openFindings(ctx, m); err != nil {
		return p, err
	}
	if list, err = json.MarshalIndent(p.Open, "", " "); err != nil {
		return p, err
	}
	proof = append(proof, submit.File{Name: "open.json", Data: list})
	if was != nil {
		old, err := w.submissions().Read(was.ID)
		if err != nil {
			return p, err
		}
		man.Restatement, man.Restates = old.Restatement+1, was.ID
		files, moved, err := w.corrections(ctx, m, old, *man)
		if err != nil {
			return p, err
		}
		if p.Changed = moved; len(moved) == 0 && !mayBeSame {
			fix := "nothing needs to be done: what landed since moves no number"
			if was.State == submit.Returned {
				fix = fmt.Sprintf("to answer the ministry with words alone: tributary run --quarter %s; tributary submit prepare", m.Quarter)
			}
			return p, tributary.Fix(fmt.Errorf("submit restate %s: %w against %s", m.Quarter, ErrNothingToRestate, was.ID), fix)
		}
		bundle = append(bundle, files...)
	}
	pages, err := w.approvalPages(ctx, m, *man, p.Open)
	if err != nil {
		return p, err
	}
	proof = append(proof, pages...)
	if *man, err = w.submissions().Prepare(*man, bundle, proof); err != nil {
		return p, err
	}
	p.Dir = w.submissions().Path(man.Submission)
	p.State, err = w.noteDraft(ctx, *man, p.Open)
	return p, err
}

// noteDraft writes into the ledger that a draft is there, and that it takes the place of earlier ones.
func (w *Workspace) noteDraft(ctx context.Context, man submit.Manifest, open []OpenCheck) (submit.State, error) {
	state := submit.Draft
	if len(open) == 0 {
		state = submit.Checked
	}
	all, err := w.Submissions(ctx)
	if err != nil {
		return state, err
	}
	sum, err := w.submissions().ManifestSum(man.Submission)
	if err != nil {
		return state, err
	}
	var entries []ledger.Entry
	isNew := true
	for _, s := range all {
		switch {
		case s.ID == man.Submission:
			isNew = false
			if state = s.State; len(open) == 0 && s.State == submit.Draft {
				state = submit.Checked
			}
			if state != s.State {
				entries = append(entries, w.step(s.Quarter, s.ID, state, sum, "", ""))
			}
		case s.Quarter == man.Quarter && slices.Contains([]submit.State{submit.Draft, submit.Checked, submit.Approved}, s.State):
			entries = append(entries, w.step(s.Quarter, s.ID, submit.Replaced, s.Manifest, man.Submission, "a newer draft was prepared"))
		}
	}
	if isNew {
		entries = append(entries, w.step(man.Quarter, man.Submission, state, sum, man.Restates, man.Why))
	}
	return state, w.Ledger.Append(ctx, entries...)
}

func (w *Workspace) step(q tributary.Quarter, id string, to submit.State, sum, detail, why string) ledger.Entry {
	return ledger.Entry{Kind: "submission", Who: w.Who, At: w.Now(), Why: why, Fields: map[string]string{
		"quarter": q.String(), "submission_id": id, "state": string(to), "manifest_sha256": sum, "detail": detail}}
}

// isOfNewest says in SQL that a finding f of stage is not about a file that a newer one has replaced.
const isOfNewest = `not exists (select 1 from stage.file as s
	where s.state = 'superseded' and s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version)`

// isUnanswered says in SQL that nobody confirmed or explained a finding f of stage.
const isUnanswered = "not exists (select 1 from stage.answer as a where a.finding_id = f.finding_id and a.check_id = f.check_id)"

// openFindings are those of the quarter that block, or that ask for a confirmation and have no answer; what a newer
// file has replaced asks no more.
func (w *Workspace) openFindings(ctx context.Context, m warehouse.Manifest) ([]OpenCheck, error) {
	out := []OpenCheck{}
	err := w.query(ctx, map[string]string{"stage": m.Steps["stage"]}, `
		select f.check_id, f.severity, coalesce(max(k.name), f.check_id), coalesce(max(k.name_fr), f.check_id), string_agg(distinct f.agency, ', ' order by f.agency), count(*)
		from stage.finding as f left join stage.check_catalogue as k on k.check_id = f.check_id
		where `+isOfNewest+` and f.quarter = ? and (f.severity = 'blocks' or f.severity = 'please_confirm' and `+isUnanswered+`)
		group by f.check_id, f.severity order by f.severity, count(*) desc, f.check_id`,
		func(rows *sql.Rows) error {
			var o OpenCheck
			err := rows.Scan(&o.Check, &o.Severity, &o.Name, &o.NameFR, &o.Agencies, &o.Findings)
			out = append(out, o)
			return err
		}, m.Quarter.String())
	return out, err
}

// someFindings counts findings with what one of them, or several, do.
func someFindings(n int, does, do string) string {
	if n == 1 {
		return "1 finding " + does
	}
	return fmt.Sprintf("%d findings %s", n, do)
}

// submission finds one by its id, and what stands in its folder.
func (w *Workspace) submission(ctx context.Context, id string) (Submission, submit.Manifest, error) {
	all, err := w.Submissions(ctx)
	if err != nil {
		return Submission{}, submit.Manifest{}, err
	}
	at := slices.IndexFunc(all, func(s Submission) bool { return s.ID == id })
	if at < 0 {
		var known []string
		for _, s := range all {
			known = append(known, s.ID)
		}
		return Submission{}, submit.Manifest{}, tributary.Fix(fmt.Errorf("submission %q is not there", id), "the submissions are: "+cmp.Or(strings.Join(known, ", "), "none yet; tributary submit prepare"))
	}
	m, err := w.submissions().Read(id)
	if err != nil {
		return all[at], m, err
	}
	sum, err := w.submissions().ManifestSum(id)
	if err == nil && all[at].Manifest != "" && sum != all[at].Manifest {
		err = tributary.Fix(fmt.Errorf("submission %s: manifest.json is not the one that the ledger knows", id), "restore kept/submissions from the newest backup")
	}
	return all[at], m, err
}

// ErrSamePerson says that who prepared a submission wants to approve it.
var ErrSamePerson = errors.New("who cannot approve it too")

// Approve says that a submission may be signed: by another person than who prepared it, with nothing that blocks,
// and a reason for each check that asks. reasons are by check.
func (w *Workspace) Approve(ctx context.Context, id string, reasons map[string]string, why string) (submit.Manifest, error) {
	s, m, err := w.submission(ctx, id)
	if err != nil {
		return m, err
	}
	if err := submit.Move(id, s.State, submit.Approved); err != nil {
		return m, err
	}
	if w.Who == m.PreparedBy && !w.Settings.Submission.SamePerson {
		return m, tributary.Fix(fmt.Errorf("submission %s was prepared by %s, %w", id, w.Who, ErrSamePerson),
			"let another person approve it, or set submission: same_person_may_approve: true in tributary.yaml")
	}
	if len(m.Signers) < m.Signatures {
		return m, tributary.Fix(fmt.Errorf("submission %s: %d signatures are asked for and %d signers are named", id, m.Signatures, len(m.Signers)),
			"name them under submission: signers: in tributary.yaml, then: tributary submit prepare")
	}
	open, err := w.OpenOf(id)
	if err != nil {
		return m, err
	}
	var faults []error
	var entries []ledger.Entry
	m.Reasons = m.Reasons[:0]
	asked := map[string]bool{}
	for _, o := range open {
		reason := reasons[o.Check]
		switch asked[o.Check] = true; {
		case o.Severity == string(tributary.Blocks):
			faults = append(faults, tributary.Fix(fmt.Errorf("submission %s: %s it: %s (%s)", id, someFindings(o.Findings, "blocks", "block"), o.Name, o.Agencies),
				fmt.Sprintf("see them with: tributary findings --severity blocks --quarter %s; have them mended or accept the file, run, and prepare again", m.Quarter)))
		case reason == "":
			faults = append(faults, tributary.Fix(fmt.Errorf("submission %s: %s for a confirmation: %s (%s)", id, someFindings(o.Findings, "asks", "ask"), o.Name, o.Agencies),
				fmt.Sprintf("confirm them (tributary confirm), or leave them with a reason: tributary submit approve %s --reason %s=\"...\"", id, o.Check)))
		default:
			m.Reasons = append(m.Reasons, submit.Reason{Check: o.Check, Findings: o.Findings, Why: reason})
			entries = append(entries, ledger.Entry{Kind: "submission_reason", Who: w.Who, At: w.Now(), Why: reason, Fields: map[string]string{
				"submission_id": id, "check_id": o.Check, "findings": strconv.Itoa(o.Findings)}})
		}
	}
	for _, check := range slices.Sorted(maps.Keys(reasons)) {
		if !asked[check] {
			faults = append(faults, tributary.Fix(fmt.Errorf("submission %s: no open finding is of the check %q", id, check), "see what is open with: tributary submit status "+id))
		}
	}
	differ, err := w.differ(id, m)
	if len(differ) > 0 {
		faults = append(faults, tributary.Fix(fmt.Errorf("submission %s: %s", id, strings.Join(differ, "; ")), "prepare it again: tributary submit prepare"))
	}
	if err := errors.Join(append(faults, err)...); err != nil {
		return m, err
	}
	m.ApprovedBy, m.ApprovedAt = w.Who, w.Now().UTC().Truncate(time.Second)
	if m.ApprovedAt.Before(m.PreparedAt) {
		return m, tributary.Fix(fmt.Errorf("the clock says %s, which is before the submission was prepared", m.ApprovedAt.Format(time.DateTime)), "set this computer's date and time right")
	}
	if err := w.submissions().Complete(m); err != nil {
		return m, err
	}
	sum, err := w.submissions().ManifestSum(id)
	if err != nil {
		return m, err
	}
	return m, w.Ledger.Append(ctx, append(entries, w.step(m.Quarter, id, submit.Approved, sum, "", why))...)
}

// OpenOf lists what was open when a submission was prepared.
func (w *Workspace) OpenOf(id string) (open []OpenCheck, err error) {
	data, err := os.ReadFile(w.proof(id, "open.json"))
	if err != nil {
		return nil, err
	}
	return open, json.Unmarshal(data, &open)
}

// differ lists what in a submission's folder is not as its manifest says.
func (w *Workspace) differ(id string, m submit.Manifest) ([]string, error) {
	b, err := submit.Open(w.submissions().Path(id, "bundle"))
	if err != nil {
		return nil, err
	}
	seal, err := b.Verify(nil)
	if err != nil {
		return nil, err
	}
	proof, err := w.submissions().VerifyProof(m)
	return append(seal.Differ, proof...), err
}

// Sent notes that a signed submission went to the ministry, with the portal's confirmation number.
func (w *Workspace) Sent(ctx context.Context, id, ref, why string) error {
	return w.pass(ctx, id, submit.Sent, ref, why)
}

// Returned notes that the ministry sent a submission back, with its words. The quarter can then be run and prepared again.
func (w *Workspace) Returned(ctx context.Context, id, words string) error {
	return w.pass(ctx, id, submit.Returned, "", words)
}

func (w *Workspace) pass(ctx context.Context, id string, to submit.State, detail, why string) error {
	s, _, err := w.submission(ctx, id)
	if err != nil {
		return err
	}
	if err := submit.Move(id, s.State, to); err != nil {
		return err
	}
	if w.Now().Before(s.Since) {
		return tributary.Fix(fmt.Errorf("the clock says %s, which is before submission %s became %s", w.Now().UTC().Format(time.DateTime), id, s.State), "set this computer's date and time right")
	}
	return w.Ledger.Append(ctx, w.step(s.Quarter, id, to, s.Manifest, detail, why))
}

// History lists every step of a submission in order.
func (w *Workspace) History(ctx context.Context, id string) ([]Submission, error) {
	all, err := w.Ledger.All(ctx, "submission")
	if err != nil {
		return nil, err
	}
	out := []Submission{}
	for _, e := range all {
		if e.Fields["submission_id"] != id {
			continue
		}
		s, err := submissionOf(e)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// VerifySubmission checks a submission by its id, with what stays and with what the ledger knows.
func (w *Workspace) VerifySubmission(ctx context.Context, id string) (submit.Seal, error) {
	_, m, err := w.submission(ctx, id)
	if err != nil {
		return submit.Seal{}, err
	}
	b, err := submit.Open(w.submissions().Path(id, "bundle"))
	if err != nil {
		return submit.Seal{}, err
	}
	seal, err := b.Verify(nil)
	if err != nil {
		return seal, err
	}
	proof, err := w.submissions().VerifyProof(m)
	seal.Differ = append(seal.Differ, proof...)
	return seal, err
}
