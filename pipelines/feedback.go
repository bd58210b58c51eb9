package pipelines

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
)

// What a letter lists of one cause, and in all: a file that is wrong in every row is told so in one line.
const (
	listedOfCause = 500
	listedInAll   = 5000
)

// Sent says where the letter about one delivery and the marked copies lie.
type Sent struct {
	Agency  string            `json:"agency"`
	Quarter tributary.Quarter `json:"quarter"`
	State   string            `json:"state"`
	// Asked are findings to fix or to confirm; Closed those of the last letter that are settled.
	Asked  int `json:"asked"`
	Closed int `json:"closed"`
	// Files are all that were written, beside the drop first.
	Files []string `json:"files"`
	// Answers were read from letters that lay filled in where the new one goes.
	Answers int `json:"answers"`
}

// Letter is the letter in a language, under out/.
func (s Sent) Letter(lang string) string {
	for _, f := range slices.Backward(s.Files) {
		if strings.HasPrefix(filepath.Base(f), "letter-"+lang) {
			return f
		}
	}
	return ""
}

// Feedback writes the letter and the marked copies of each agency's delivery for a quarter, beside the drop
// that it came from and under out/; onlyOut leaves the drop alone, for trials and for drops that belong to
// somebody else. Letters that were filled in where they lie are read first.
func (w *Workspace) Feedback(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter, onlyOut bool) ([]Sent, []error, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, nil, fmt.Errorf("feedback %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	m, err := w.House.Current()
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(w.Quarters(m.Quarter), q) {
		return nil, nil, tributary.Fix(fmt.Errorf("feedback: %s is not among the published quarters, which end with %s", q, m.Quarter), "publish it first with: tributary run --quarter "+q.String())
	}
	db, err := w.House.Open(ctx, map[string]string{"stage": m.Steps["stage"], "core": m.Steps["core"], "measure": m.Steps["measure"]})
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	if err := w.Look(ctx, "report feedback", quarterText(q), "letters to the agencies about their own deliveries"); err != nil {
		return nil, nil, err
	}
	var out []Sent
	var faults []error
	for _, a := range agencies {
		if a.Code == registerAgency {
			continue
		}
		w.Progress("feedback", a.Code+" "+q.String())
		s, err := w.feedback(ctx, db, a, q, onlyOut)
		if err != nil {
			faults = append(faults, fmt.Errorf("feedback %s %s: %w", a.Code, q, err))
			continue
		}
		if len(s.Files) > 0 {
			out = append(out, s)
		}
	}
	return out, faults, nil
}

// told is a finding with all that a letter says of it.
type told struct {
	Finding
	nameFR, fixFR string
	client, shown string
	said          string
	asOf          time.Time
	position      int
	// entry is the file's entry in the mapping; isChange says that the file holds what changed, not all there is.
	entry    string
	isChange bool
}

// dossier is what is known of one delivery.
type dossier struct {
	agency  *mapping.Agency
	quarter tributary.Quarter
	state   string
	isLate  bool
	// isTrial says that the files were tried: nothing can be answered about them.
	isTrial bool
	dueOn   time.Time
	files   []feedback.File
	// fates are what became of the files, by versionKey.
	fates map[string]fate
	// read are the entries of the mapping whose files were used.
	read  map[string]bool
	found []told
	// earlier are asked still about clients in earlier files of changes, who were not sent again since.
	earlier   []told
	corrected []feedback.Correction
	bridge    []bridgeStep
	landed    []tributary.File
	// causes and byID fold what is found, once for both languages.
	causes []Cause
	byID   map[string]*told
}

// fate is what became of a file: its state, its rows with data, and how many of them count.
type fate struct {
	state          string
	read, accepted int64
}

func versionKey(file string, version int) string { return fmt.Sprint(file, "\x00", version) }

// fold folds the findings into causes, the gravest first, and finds each again.
func (d *dossier) fold() ([]Cause, map[string]*told) {
	if d.byID != nil {
		return d.causes, d.byID
	}
	all := make([]Finding, len(d.found))
	d.byID = make(map[string]*told, len(d.found))
	for i := range d.found {
		t := &d.found[i]
		all[i], d.byID[t.ID+t.Check] = t.Finding, t
	}
	d.causes = gravest(Causes(all))
	return d.causes, d.byID
}

func (t told) isAsked() bool { return t.Severity != tributary.Note }

func (w *Workspace) feedback(ctx context.Context, db *warehouse.DB, a *mapping.Agency, q tributary.Quarter, onlyOut bool) (Sent, error) {
	out := Sent{Agency: a.Code, Quarter: q}
	d, err := w.dossier(ctx, db, a, q)
	if err != nil || d.state == "" || d.state == "not_due" {
		return out, err
	}
	out.State = d.state
	if d.earlier, err = d.readFindings(ctx, db, `f.quarter < ? and f.severity <> 'note' and s.file_kind = 'delta' and c.client_local_id is not null
		and not exists (select 1 from core.client_sent as n where n.agency = f.agency and n.client_local_id = c.client_local_id and n.quarter <= ? and n.as_of > s.as_of)`,
		[]any{a.Code, q.String(), q.String()}); err != nil {
		return out, err
	}
	now := keptOf(d)
	before, err := w.lastLetter(ctx, now)
	if err != nil {
		return out, err
	}
	change := compare(before, now)
	now.Items = append(now.Items, change.unread...) // the next letter knows of them too
	list, _, err := now.name()
	if err != nil {
		return out, err
	}
	copies, err := w.marked(ctx, db, d)
	if err != nil {
		return out, err
	}
	out.Asked, out.Closed = change.asked, len(change.closed)
	shelves := w.shelves(a, q, onlyOut)
	written := w.readWritten()
	for _, lang := range Languages {
		l := w.letter(d, change, lang)
		l.List = list
		copies.tell(&l)
		var book bytes.Buffer
		if err := feedback.Write(&book, l); err != nil {
			return out, err
		}
		copies.data["letter-"+lang+".xlsx"] = book.Bytes()
	}
	for i, s := range shelves {
		wrote, answers, err := w.deliver(ctx, a, q, s, copies.data, written)
		if i < len(shelves)-1 && errors.Is(err, connectors.ErrNotReady) {
			continue // the agency has no folder for the quarter
		}
		if err != nil && i < len(shelves)-1 && ctx.Err() == nil {
			w.Log.Warn("nothing can be written beside the drop", "step", "report", "agency", a.Code, "quarter", q.String(), "err", err)
			continue
		}
		if err != nil {
			return out, err
		}
		out.Files, out.Answers = append(out.Files, wrote...), out.Answers+answers
	}
	if err := w.keepWritten(written); err != nil {
		return out, err
	}
	return out, w.keepLetter(ctx, now)
}

// dossier reads what stage, core and measure know of one delivery.
func (w *Workspace) dossier(ctx context.Context, db *warehouse.DB, a *mapping.Agency, q tributary.Quarter) (*dossier, error) {
	d := &dossier{agency: a, quarter: q, fates: map[string]fate{}, read: map[string]bool{}}
	key := []any{a.Code, q.String()}
	if err := scanAll(ctx, db, "select state, is_late, due_on from stage.delivery where agency = ? and quarter = ?",
		func(rows *sql.Rows) error { return rows.Scan(&d.state, &d.isLate, &d.dueOn) }, key...); err != nil {
		return nil, err
	}
	if err := scanAll(ctx, db, `select f.file, f.version, f.state, f.received_on, coalesce(f.file_key, ''),
			cast(coalesce(sum(s.read_count), 0) as bigint), cast(coalesce(sum(s.data_count), 0) as bigint), cast(coalesce(sum(s.accepted_count), 0) as bigint)
		from stage.file as f
		left join (
				-- A sheet may fill several tables, each with some of its rows.
				select agency, quarter, file, version, sheet, max(read_count) as read_count,
					max(read_count - heading_count - blank_count - total_count) as data_count,
					least(max(read_count - heading_count - blank_count - total_count) - max(set_aside_count) - min(duplicate_count), sum(taken_count)) as accepted_count
				from stage.section group by all) as s
			on s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version
		where f.agency = ? and f.quarter = ? group by all order by f.received_on, f.file, f.version`,
		func(rows *sql.Rows) error {
			var f feedback.File
			var version int
			var entry string
			var rowsOf fate
			err := rows.Scan(&f.Name, &version, &f.State, &f.ReceivedOn, &entry, &f.Rows, &rowsOf.read, &rowsOf.accepted)
			rowsOf.state = f.State
			d.fates[versionKey(f.Name, version)] = rowsOf
			if f.State == "taken" {
				d.read[entry] = true
			}
			if version > 1 {
				f.Name = fmt.Sprintf("%s (%d)", f.Name, version)
			}
			d.files = append(d.files, f)
			return err
		}, key...); err != nil {
		return nil, err
	}
	var err error
	d.isTrial = w.isAside
	if d.found, err = d.readFindings(ctx, db, "f.quarter = ?", key); err != nil {
		return nil, err
	}
	if err := scanAll(ctx, db, `select distinct k.client_local_id, k._address.file, coalesce(k._address.sheet, ''), coalesce(k._address."row", 0),
			coalesce(h.heading, k.column_name), coalesce(n.shown, k.was, ''), coalesce(k.value, ''), k.who, k.noted_at[1:10], k.why, k.is_used
		from stage.corrected as k
		left join stage."column" as h on h.agency = k.agency and h.quarter = k.quarter and h.file = k._address.file and h.version = k._address.version
			and coalesce(h.sheet, '') = coalesce(k._address.sheet, '') and h.into_table = k.into_table and h.column_name = k.column_name
		left join stage.finding as f on f.check_id = 'correction_used' and f.agency = k.agency and f.quarter = k.quarter and f.file = k._address.file and f.version = k._address.version
			and coalesce(f.sheet, '') = coalesce(k._address.sheet, '') and f."row" = k._address."row" and coalesce(f.path, '') = coalesce(k._address.path, '') and f.column_name = coalesce(h.heading, k.column_name)
		left join stage.finding_cell as n on n.finding_id = f.finding_id and n.check_id = f.check_id
		join stage.file as s on s.agency = k.agency and s.quarter = k.quarter and s.file = k._address.file and s.version = k._address.version and s.state <> 'superseded'
		where k.agency = ? and k.quarter = ? order by all`,
		func(rows *sql.Rows) error {
			var c feedback.Correction
			err := rows.Scan(&c.Client, &c.File, &c.Sheet, &c.Row, &c.Column, &c.Was, &c.Used, &c.Who, &c.On, &c.Why, &c.IsUsed)
			d.corrected = append(d.corrected, c)
			return err
		}, key...); err != nil {
		return nil, err
	}
	if d.bridge, err = bridgeOf(ctx, db, key, w.isAside); err != nil {
		return nil, err
	}
	d.landed, err = w.Landing.Files(a.Code, q)
	return d, err
}

// readFindings reads those of files that still count. The key begins with the agency.
func (d *dossier) readFindings(ctx context.Context, db *warehouse.DB, which string, key []any) ([]told, error) {
	var found []told
	// A hundred thousand findings say a few things again and again.
	known := map[string]string{}
	same := func(all ...*string) {
		for _, s := range all {
			if was, ok := known[*s]; ok {
				*s = was
			} else {
				known[*s] = *s
			}
		}
	}
	err := scanAll(ctx, db, `
		select f.finding_id, f.check_id, f.severity, coalesce(f.file, ''), coalesce(f.version, 0), coalesce(f.sheet, ''), coalesce(f."row", 0), coalesce(f.path, ''),
			coalesce(f.column_name, ''), coalesce(f.detail, ''), coalesce(k.name, f.check_id), coalesce(k.name_fr, f.check_id), coalesce(k.fix, ''), coalesce(k.fix_fr, ''),
			coalesce(c.client_local_id, ''), coalesce(c.shown, ''), coalesce(c.position, 0), coalesce(a.said, ''), s.as_of,
			coalesce(s.file_key, ''), coalesce(s.file_kind = 'delta', false), f.quarter
		from stage.finding as f
		left join stage.check_catalogue as k on k.check_id = f.check_id
		left join stage.finding_cell as c on c.finding_id = f.finding_id and c.check_id = f.check_id
		left join (select finding_id, check_id, string_agg(why || ' (' || who || ', ' || noted_at[1:10] || ')', '; ' order by kind, noted_at, why) as said
			from stage.answer group by all) as a on a.finding_id = f.finding_id and a.check_id = f.check_id
		left join stage.file as s on s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version
		where f.agency = ? and `+which+` and s.state is distinct from 'superseded' and f.check_id <> 'correction_used'
		order by f.file, f.version, f.sheet, f."row", f.path, f.check_id, f.column_name, f.finding_id`,
		func(rows *sql.Rows) error {
			var t told
			var asOf sql.NullTime
			var quarter string
			err := rows.Scan(&t.ID, &t.Check, &t.Severity, &t.File, &t.Version, &t.Sheet, &t.Row, &t.Path, &t.Column, &t.Detail, &t.Name, &t.nameFR, &t.Fix, &t.fixFR,
				&t.client, &t.shown, &t.position, &t.said, &asOf, &t.entry, &t.isChange, &quarter)
			if err != nil {
				return err
			}
			t.Agency, t.asOf = d.agency.Code, asOf.Time
			t.Quarter, err = tributary.ParseQuarter(quarter)
			same(&t.Check, &t.File, &t.Sheet, &t.Path, &t.Column, &t.Detail, &t.Name, &t.nameFR, &t.Fix, &t.fixFR, &t.said, &t.entry)
			found = append(found, t)
			return err
		}, key...)
	for i := range found {
		t := &found[i]
		if at := strings.Index(t.Detail, "tributary "); at > 0 {
			// What the analyst types is no word for the agency.
			t.Detail = t.Detail[:max(strings.LastIndex(t.Detail[:at], ";"), 0)]
		}
		t.forAgency(d.isTrial)
	}
	return found, err
}

// forAgency says what to do as the agency can do it: by a yellow cell only where there is one.
func (t *told) forAgency(isTrial bool) {
	if words, ok := providerFix[t.Check]; ok {
		t.Fix, t.fixFR = words[0], words[1]
	}
	if t.Severity == tributary.PleaseConfirm && t.Row > 0 && t.Column != "" && t.heading() == "" {
		also := noColumn
		if isTrial {
			also = noColumnTried
		}
		t.Fix, t.fixFR = sentenceless(t.Fix)+also[0], sentenceless(t.fixFR)+also[1]
	}
}

// message says in one language what is wrong and what to do.
func (t told) message(lang string) string {
	name, fix, joint := t.Name, t.Fix, ": "
	if lang == "fr" {
		name, fix, joint = t.nameFR, t.fixFR, " : "
	}
	detail := t.detail(lang)
	return sentence(name+where(detail != "", joint+detail)) + " " + sentence(fix)
}

// detail is the fact behind the check's name, in one language. What has no French, such as a detail of a
// later version of the program, is given in English about a whole file, and left to the name elsewhere.
func (t told) detail(lang string) string {
	text, isKnown := translate(t.Detail, lang)
	if !isKnown && t.Row == 0 {
		return "(en anglais) " + t.Detail
	}
	return text
}

func where(is bool, s string) string {
	if is {
		return s
	}
	return ""
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	r := []rune(strings.TrimRight(s, ". "))
	if len(r) == 0 {
		return ""
	}
	return strings.ToUpper(string(r[0])) + string(r[1:]) + "."
}

// letter puts a dossier into one language.
func (w *Workspace) letter(d *dossier, change change, lang string) feedback.Letter {
	l := feedback.Letter{Language: lang, Agency: d.agency.Name, AgencyCode: d.agency.Code, From: w.Settings.Agency.Name, Quarter: d.quarter,
		State: d.state, IsLate: d.isLate, DueOn: d.dueOn, Files: d.files, Corrected: d.corrected, Since: change.since(lang)}
	if lang == "fr" {
		l.Agency, l.From = cmp.Or(d.agency.NameFR, l.Agency), cmp.Or(w.Settings.Agency.NameFR, l.From)
	}
	for _, s := range d.bridge {
		l.Bridge = append(l.Bridge, s.in(lang))
	}
	causes, byID := d.fold()
	var questions []Cause
	for _, c := range causes {
		if c.Severity != tributary.Note {
			questions = append(questions, c)
		}
	}
	l.Few, l.Explained, l.All = Explained(byRows(questions))
	for _, c := range causes {
		first := byID[c.Findings[0].ID+c.Check]
		out := feedback.Cause{Key: c.Check + "|" + c.Column, Severity: c.Severity, Name: first.Name, Fix: sentenceless(first.Fix), Column: first.heading(), Rows: c.Rows, Sheets: sheetsOf(c.Findings, lang)}
		if lang == "fr" {
			out.Name, out.Fix = first.nameFR, sentenceless(first.fixFR)
		}
		out.Detail = first.detail(lang)
		for _, f := range c.Findings {
			if byID[f.ID+c.Check].Detail != first.Detail {
				out.Detail = ""
				break
			}
		}
		list, most := &l.Items, listedInAll-len(l.Items)
		if c.Severity == tributary.Note {
			list, most = &l.Notes, listedInAll-len(l.Notes)
		}
		for i, f := range c.Findings {
			if i == min(listedOfCause, most) {
				break
			}
			*list = append(*list, byID[f.ID+c.Check].item(lang, change))
			out.Listed++
		}
		l.Causes = append(l.Causes, out)
	}
	for _, c := range change.closed {
		l.Closed = append(l.Closed, c.item(lang, d))
	}
	for _, c := range change.unread {
		l.Unread = append(l.Unread, c.item(lang, d))
	}
	l.Stayed, l.New = change.stayed, len(change.isNew)
	return l
}

func sentenceless(s string) string { return strings.TrimRight(s, ". ") }

func (t told) item(lang string, change change) feedback.Item {
	return feedback.Item{Key: t.ID, Client: t.client, Date: t.asOf, Message: t.message(lang), Severity: t.Severity, Value: t.shown, File: t.File, Sheet: t.Sheet,
		Row: t.Row, Column: t.heading(), Check: t.Check, IsNew: change.isNew[t.ID+t.Check], Said: t.said}
}

// heading is the column as the agency calls it; a value that the mapping makes of something else stands in no column of
// the file.
func (t told) heading() string {
	if t.Row > 0 && t.position == 0 {
		return ""
	}
	return t.Column
}

// sheetsOf names where findings are: the first three places, and of few rows which they are.
func sheetsOf(found []Finding, lang string) string {
	var places []string
	rows := map[string][]string{}
	for _, f := range found {
		p := f.File
		if f.Sheet != "" {
			p += " / " + f.Sheet
		}
		if p != "" && !slices.Contains(places, p) {
			places = append(places, p)
		}
		if f.Row > 0 {
			rows[p] = append(rows[p], fmt.Sprint(f.Row))
		}
	}
	word := map[string]string{"en": ", row ", "fr": ", ligne "}[lang]
	for i, p := range places {
		if n := len(rows[p]); n > 0 && n <= 3 {
			places[i] = p + word + strings.Join(rows[p], ", ")
		}
	}
	if len(places) > 3 {
		return strings.Join(places[:3], "; ") + "; ..."
	}
	return strings.Join(places, "; ")
}
