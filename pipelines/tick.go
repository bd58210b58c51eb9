package pipelines

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/notify"
	"tributary/pipelines/warehouse"
)

// Serving is `serve:` of tributary.yaml.
type Serving struct {
	// Schedule is when agencies without a schedule of their own are pulled, in the words of cron and Toronto's time.
	Schedule string `yaml:"schedule"`
	// Listen is where health and metrics answer; "off" is nowhere.
	Listen string `yaml:"listen"`
	// Letters lets a run on schedule put letters and marked files beside the agencies' files.
	Letters bool `yaml:"letters"`
}

// What is scheduled besides agencies, which go by their codes (these cannot be codes: they hold a space).
const (
	theRun    = "the run"
	theDigest = "the digest"
)

// Tick is what one look at the clock did.
type Tick struct {
	Quarter tributary.Quarter `json:"quarter"`
	// Pulled are the agencies that were due; Failed, those that could not be reached.
	Pulled []string `json:"pulled"`
	Failed []string `json:"failed,omitempty"`
	// IsRun says that the quarter was run; a signed one is only pulled for.
	IsRun      bool    `json:"is_run"`
	Generation int     `json:"generation,omitempty"`
	Notices    int     `json:"notices"`
	Letters    int     `json:"letters"`
	Faults     []error `json:"-"`
	// Next is when to look again.
	Next time.Time `json:"next"`
}

// Tick does what is due now: pulls the agencies whose time has come, runs the quarter that ended last, and sends
// the notices that nobody got yet. After an error the same is due again, later and later.
func (w *Workspace) Tick(ctx context.Context) (Tick, error) {
	out := Tick{Quarter: w.LastEnded()}
	if out.Quarter.Compare(w.Settings.FirstQuarter) < 0 {
		out.Next = calendar.Day(w.Now()).AddDate(0, 0, 1)
		return out, nil
	}
	past := w.attempts()
	due, next, err := w.due(past)
	if err != nil {
		return out, err
	}
	out.Next = next
	if len(due) == 0 {
		return out, nil
	}
	var agencies []*mapping.Agency
	for _, a := range w.Agencies {
		if slices.Contains(due, a.Code) {
			agencies, out.Pulled = append(agencies, a), append(out.Pulled, a.Code)
		}
	}
	var failed error
	if slices.Contains(due, theRun) || len(agencies) > 0 {
		failed = w.tickRun(ctx, agencies, &out)
		if ctx.Err() != nil || errors.Is(failed, warehouse.ErrLocked) {
			out.Next = w.Now().Add(time.Minute)
			return out, failed
		}
	}
	notices, err := w.notices(ctx, &out, failed, slices.Contains(due, theDigest))
	if err == nil {
		err = w.notify(ctx, notices, &out)
	}
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil && !slices.Contains(due, theRun) {
		due = append(due, theRun) // what was not sent is due again with the run
	}
	for _, name := range due {
		a, isSent := calendar.Attempt{At: w.Now()}, err == nil
		switch {
		case name == theRun && (failed != nil || !isSent), name == theDigest && !isSent,
			name != theRun && name != theDigest && (failed != nil || slices.Contains(out.Failed, name)):
			a.Failures = past[name].Failures + 1
		}
		past[name] = a
	}
	err = errors.Join(failed, err, w.keepAttempts(past))
	_, out.Next, _ = w.due(past)
	return out, err
}

// tickRun pulls and runs; a signed quarter is pulled for alone: what came late waits for a restatement.
func (w *Workspace) tickRun(ctx context.Context, agencies []*mapping.Agency, out *Tick) error {
	id, err := w.sealed(ctx, out.Quarter)
	if err != nil {
		return err
	}
	if id != "" {
		did, err := w.Pull(ctx, agencies, w.Settings.FirstQuarter, out.Quarter)
		out.Faults, out.Failed = did.Faults, did.Failed
		return err
	}
	did, err := w.RunWith(ctx, agencies, out.Quarter)
	out.Faults, out.Failed, out.IsRun, out.Generation = did.Faults, did.Failed, err == nil, did.Manifest.Generation
	if err != nil || !w.Settings.Serve.Letters || !did.IsNew {
		return err
	}
	came, err := w.came(ctx, out.Quarter)
	if err != nil {
		return err
	}
	sent, faults, err := w.Feedback(ctx, came, out.Quarter, false)
	out.Letters, out.Faults = len(sent), append(out.Faults, faults...)
	return err
}

// came lists the agencies that delivered something: who sent nothing gets a notice, no letter by itself.
func (w *Workspace) came(ctx context.Context, q tributary.Quarter) ([]*mapping.Agency, error) {
	all, err := w.Deliveries(ctx)
	var out []*mapping.Agency
	for _, d := range all {
		if a, known := w.Agency(d.Agency); known == nil && d.Quarter == q.String() && d.Files > 0 {
			out = append(out, a)
		}
	}
	return out, err
}

// due lists what is due now, and when the first of all comes next.
func (w *Workspace) due(past map[string]calendar.Attempt) (names []string, next time.Time, err error) {
	entries := map[string]string{theRun: w.Settings.Serve.Schedule}
	if w.Settings.Notify.Digest != "" {
		entries[theDigest] = w.Settings.Notify.Digest
	}
	for _, a := range w.Agencies {
		if a.Source != nil {
			entries[a.Code] = a.Schedule
		}
	}
	now := w.Now()
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		text := entries[name]
		if text == "" {
			text = w.Settings.Serve.Schedule
		}
		s, err := calendar.ParseSchedule(text)
		if err != nil {
			return nil, next, err
		}
		at := calendar.NextTry(now, s, past[name])
		if !at.After(now) {
			names = append(names, name)
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return names, next, nil
}

// attempts remembers when what was last tried. It lies in the cache: without it all is tried once.
func (w *Workspace) attempts() map[string]calendar.Attempt {
	past := map[string]calendar.Attempt{}
	if data, err := os.ReadFile(w.Path("cache", "schedule.json")); err == nil {
		if json.Unmarshal(data, &past) != nil {
			clear(past)
		}
	}
	return past
}

func (w *Workspace) keepAttempts(past map[string]calendar.Attempt) error {
	data, err := json.MarshalIndent(past, "", "  ")
	if err != nil {
		return err
	}
	path := w.Path("cache", "schedule.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path+".half", data, 0o600)); err != nil {
		return err
	}
	return os.Rename(path+".half", path)
}

// notices lists what people should know now; those that were sent are sorted out later.
func (w *Workspace) notices(ctx context.Context, tick *Tick, failed error, isDigest bool) ([]notify.Notice, error) {
	c := w.Settings.Notify
	if !c.Mails() && c.Webhook == nil {
		return nil, nil
	}
	day := w.Today().Format(time.DateOnly)
	own := func(k notify.Kind, about string) notify.Notice {
		return notify.Notice{Kind: k, Quarter: tick.Quarter, About: about, Language: w.Settings.Language, To: c.To}
	}
	if failed != nil {
		return []notify.Notice{own(notify.Failed, day)}, nil
	}
	owed, err := w.Owed(ctx)
	if err != nil {
		return nil, err
	}
	findings, err := w.Findings(ctx, FindingFilter{Quarter: tick.Quarter.String()})
	if err != nil && !errors.Is(err, warehouse.ErrNothingPublished) {
		return nil, err
	}
	counts, blocks := map[string]map[tributary.Severity]int{}, false
	for _, f := range findings {
		if counts[f.Agency] == nil {
			counts[f.Agency] = map[tributary.Severity]int{}
		}
		counts[f.Agency][f.Severity]++
		blocks = blocks || f.Severity == tributary.Blocks
	}
	var out []notify.Notice
	digest, isReady := own(notify.Digest, day), tick.IsRun && !blocks
	for _, d := range owed {
		if d.Quarter != tick.Quarter.String() {
			continue
		}
		line := notify.Line{Agency: d.Agency, State: d.State, IsLate: d.IsLate, DueOn: d.DueOn}
		if d.Unread != nil {
			line.UnreadSince = d.Unread.Day()
			if len(d.Unread.Quarters) == 0 { // of one quarter alone it may name a file, and files may be called by people
				line.UnreadWhy = d.Unread.Why
			}
		}
		digest.Lines = append(digest.Lines, line)
		isReady = isReady && slices.Contains(settled, d.State)
		n, ok, err := w.toAgency(d, counts[d.Agency])
		if err != nil {
			return nil, err
		}
		if ok {
			for _, to := range w.addressees(ctx, d.Agency) {
				n.Language, n.To = to.Language, to.To
				n.Name, n.From = w.namesIn(d, to.Language)
				out = append(out, n)
			}
		}
	}
	if isReady && len(digest.Lines) > 0 {
		out = append(out, own(notify.Ready, ""))
	}
	if isDigest {
		out = append(out, digest)
	}
	return out, nil
}

// settled are the states of deliveries that nobody waits for.
var settled = []string{"accepted", "accepted_with_findings", "nil", "excused"}

// toAgency is what an agency should hear about its delivery, if anything.
func (w *Workspace) toAgency(d Delivery, counts map[tributary.Severity]int) (n notify.Notice, ok bool, err error) {
	a, err := w.Agency(d.Agency)
	if err != nil {
		return n, false, err
	}
	q, err := tributary.ParseQuarter(d.Quarter)
	if err != nil {
		return n, false, err
	}
	n = notify.Notice{Agency: a.Code, Quarter: q, DueOn: w.dueOn(a, q), State: d.State, Files: d.Files}
	remind := w.Settings.Notify.RemindDays
	switch {
	case d.State == "expected" && d.Unread != nil:
		return n, false, nil // it may have sent all; the fault is ours to find
	case d.State == "expected" && d.IsLate:
		n.Kind = notify.Late
	case d.State == "expected" && remind > 0 && !w.Today().Before(calendar.Reminder(n.DueOn, remind)):
		n.Kind = notify.Reminder
	case d.Files > 0:
		n.Kind, n.Findings = notify.Received, counts
		files, err := w.Landing.Files(a.Code, q)
		if err != nil {
			return n, false, err
		}
		h := sha256.New()
		for _, f := range files {
			fmt.Fprintln(h, f.SHA256)
		}
		n.About = hex.EncodeToString(h.Sum(nil))[:16] // what came again is told again
	default:
		return n, false, nil
	}
	return n, true, nil
}

// namesIn are the names of a delivery's agency and of the Coordinating Agency, in French where they have one.
func (w *Workspace) namesIn(d Delivery, lang string) (agency, own string) {
	agency, own = d.Name, w.Settings.Agency.Name
	if lang != "fr" {
		return agency, own
	}
	if a, err := w.Agency(d.Agency); err == nil {
		agency = cmp.Or(a.NameFR, agency)
	}
	return agency, cmp.Or(w.Settings.Agency.NameFR, own)
}

// addressee is who of an agency is written to in one language.
type addressee struct {
	Language string
	To       []string
}

// addressees are the agency's contacts by language; with none, or when agencies are not written to, nobody gets
// the mail, and a webhook hears it in the workspace's language.
func (w *Workspace) addressees(ctx context.Context, agency string) []addressee {
	by := map[string][]string{}
	if w.Settings.Notify.Agencies {
		contacts, err := w.Contacts(ctx)
		if err != nil {
			w.Log.Warn("the register's contacts cannot be read", "agency", agency, "err", err)
		}
		for _, c := range contacts {
			if c.Agency != agency || c.Email == "" {
				continue
			}
			lang := c.Language
			if lang != "en" && lang != "fr" {
				lang = w.Settings.Language
			}
			if !slices.Contains(by[lang], c.Email) {
				by[lang] = append(by[lang], c.Email)
			}
		}
	}
	if len(by) == 0 {
		return []addressee{{Language: w.Settings.Language}}
	}
	var out []addressee
	for _, lang := range slices.Sorted(maps.Keys(by)) {
		out = append(out, addressee{lang, by[lang]})
	}
	return out
}

// notify sends what was not sent before. The ledger is written first and taken back when sending fails: a
// notice that was being sent when the program was killed is not sent again.
func (w *Workspace) notify(ctx context.Context, notices []notify.Notice, out *Tick) error {
	if len(notices) == 0 {
		return nil
	}
	facts, err := w.Ledger.Current(ctx, "notice")
	if err != nil {
		return err
	}
	sent := map[[2]string]bool{}
	for _, f := range facts {
		sent[[2]string{f.Fields["notice_id"], f.Fields["channel"]}] = true
	}
	s := &notify.Sender{Config: w.Settings.Notify, Dir: w.Dir, Out: w.Path("out", "mail"), Secret: w.Secret}
	mail := func(ctx context.Context, n notify.Notice) error { return s.Mail(ctx, n, w.Now()) }
	var faults []error
	for _, n := range notices {
		for _, c := range []struct {
			name string
			is   bool
			send func(context.Context, notify.Notice) error
		}{{"mail", s.Mails() && len(n.To) > 0, mail}, {"webhook", s.Webhook != nil && !s.Dry, s.Post}} {
			if !c.is || sent[[2]string{n.Key(), c.name}] || ctx.Err() != nil {
				continue
			}
			e := ledger.Entry{Kind: "notice", Who: w.Who, At: w.Now(), Fields: map[string]string{"notice_id": n.Key(), "channel": c.name,
				"kind": string(n.Kind), "agency": n.Agency, "quarter": n.Quarter.String(), "language": n.Language, "recipients": fmt.Sprint(len(n.To))}}
			if err := w.Ledger.Append(ctx, e); err != nil {
				return err
			}
			sent[[2]string{n.Key(), c.name}] = true
			if err := c.send(ctx, n); err != nil {
				e.Ends, e.Why = true, "was not sent"
				faults = append(faults, fmt.Errorf("notice %s: %w", n.Kind, err), w.Ledger.Append(context.WithoutCancel(ctx), e))
				continue
			}
			out.Notices++
		}
	}
	return errors.Join(faults...)
}
