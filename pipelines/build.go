package pipelines

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/link"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
	"tributary/sql"
)

// leftOf says which steps each step may read: those to its left, and the facts.
var leftOf = map[string][]string{
	"stage":   {"fact"},
	"core":    {"fact", "stage"},
	"link":    {"fact", "stage", "core"},
	"measure": {"fact", "stage", "core", "link"},
	"gap":     {"fact", "stage", "core", "link", "measure"},
	"release": {"fact", "stage", "core", "link", "measure"},
}

// plan is one step file to be.
type plan struct {
	name string
	// parts and facts, with the step files that it reads, decide its content.
	parts, facts, reads []string
	folders             []string
	// also are step files of signed quarters, by the schema under which they are attached.
	also map[string]string
	fill func(context.Context, *warehouse.DB) error
}

// builder makes the step files of one run.
type builder struct {
	w   *Workspace
	out *Outcome
	m   warehouse.Manifest
	// threads is how many one statement may use; zero means all.
	threads int
}

// fewRows is how many landed rows make tables of one piece: the engine's second thread finds nothing to do in them,
// but costs a fifth of the processor's time by looking. Statements side by side use the processors then.
const fewRows = 500_000

func threadsFor(files []tributary.File) int {
	var rows int64
	for _, f := range files {
		for _, s := range f.Sheets {
			rows += s.Rows
		}
	}
	if rows < fewRows {
		return 1
	}
	return 0
}

// step names the file that a plan will be.
func (b *builder) step(ctx context.Context, p plan) (warehouse.Step, error) {
	schema, _, _ := strings.Cut(p.name, "-")
	s := warehouse.Step{Name: p.name, Schema: schema, Reads: map[string]string{}, Folders: p.folders, Threads: b.threads}
	facts, err := b.w.Ledger.Fingerprint(ctx, p.facts...)
	if err != nil {
		return s, err
	}
	parts := append([]string{b.w.Program, engineVersion, p.name, facts}, p.parts...)
	for _, r := range p.reads {
		s.Reads[r] = cmp.Or(b.m.Steps[r], b.m.Lazy[r])
		if r != "fact" { // of the facts only the kinds that it reads count, and they are among the parts
			parts = append(parts, s.Reads[r])
		}
	}
	maps.Copy(s.Reads, p.also)
	s.Fingerprint = warehouse.Fingerprint(parts...)
	return s, nil
}

func (b *builder) make(ctx context.Context, p plan) error {
	s, err := b.step(ctx, p)
	if err != nil {
		return err
	}
	b.w.Progress(s.Schema, p.name)
	started := time.Now()
	built, err := b.w.House.Build(ctx, s, p.fill)
	if err != nil {
		return err
	}
	if built {
		b.out.Built = append(b.out.Built, p.name)
		b.w.Log.Info("built", "step", p.name, "quarter", b.m.Quarter.String(), "took", time.Since(started).Round(time.Millisecond))
	}
	b.m.Steps[p.name] = s.File()
	return nil
}

// pairs writes a map as text in the order of its keys.
func pairs(m map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k, m[k])
	}
	return out
}

// stageInput gathers what stage takes: mappings, landed files, and the workspace's own lists.
func (w *Workspace) stageInput(q tributary.Quarter) (mapping.Input, error) {
	in := mapping.Input{
		Agencies: w.Agencies, LandingRoot: w.Landing.Root, Quarters: w.Quarters(q),
		Municipalities: w.Settings.municipalities(), Settings: w.Settings.rules(),
		DueDays: w.Settings.DueDays, Today: w.lastDueDay(q),
	}
	var measures []string
	for _, m := range w.Models.Models("measure") {
		if m.Measure != nil {
			measures = append(measures, m.Name)
		}
	}
	slices.Sort(measures)
	in.Settings["measures"] = strings.Join(measures, " ") // what a target may name
	if w.landed != nil {
		in.Files = w.landed
		return in, nil
	}
	for _, a := range w.Agencies {
		for _, at := range in.Quarters {
			files, err := w.Landing.Files(a.Code, at)
			if err != nil {
				return in, err
			}
			in.Files = append(in.Files, files...)
		}
	}
	return in, nil
}

// stageParts are what decides the content of stage, as text: the landed files by hash, the mappings,
// the checks, code lists and dictionary, and the workspace's own lists.
func (w *Workspace) stageParts(in mapping.Input) ([]string, error) {
	lists, err := json.Marshal(struct {
		Files          []tributary.File
		Quarters       []tributary.Quarter
		Municipalities []mapping.Municipality
		Settings       map[string]string
		DueDays        int
		Today          string
	}{in.Files, in.Quarters, in.Municipalities, in.Settings, in.DueDays, in.Today.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	words, err := w.stageWords("agencies/*.yaml")
	return append([]string{string(lists)}, words...), err
}

// stageWords are the mappings that a pattern names, the checks, code lists and dictionary, as text.
func (w *Workspace) stageWords(agencies string) ([]string, error) {
	var parts []string
	add := func(tree fs.FS, patterns ...string) error {
		for _, pattern := range patterns {
			names, err := fs.Glob(tree, pattern)
			if err != nil {
				return err
			}
			for _, name := range names {
				text, err := fs.ReadFile(tree, name)
				if err != nil {
					return err
				}
				parts = append(parts, name, string(text))
			}
		}
		return nil
	}
	err := errors.Join(add(os.DirFS(w.Dir), agencies), add(forms.Mapping, agencies), add(sql.FS, "check/*", "seed/*", "*.yaml"))
	return parts, err
}

// lastDueDay is the newest day on which a quarter ended or a delivery fell due: all that "today"
// decides is which deliveries are overdue, so a run tomorrow need not build anything again.
func (w *Workspace) lastDueDay(q tributary.Quarter) time.Time {
	day := w.Settings.FirstQuarter.Start()
	for _, at := range w.Quarters(q) {
		ends := []time.Time{at.End()}
		for _, a := range w.Agencies {
			ends = append(ends, w.dueOn(a, at))
		}
		for _, last := range ends {
			if after := last.AddDate(0, 0, 1); !calendar.Day(w.Now()).Before(after) && after.After(day) {
				day = after
			}
		}
	}
	return day
}

// linkInput gathers what linking takes beside the records: decisions, the id register, the frozen model.
func (w *Workspace) linkInput(ctx context.Context) (link.Input, error) {
	in := link.Input{Terms: link.DefaultTerms()}
	in.Terms.Progress = func(step string) { w.Progress("link", step) }
	facts, err := w.Ledger.Current(ctx, "link_decision")
	if err != nil {
		return in, err
	}
	for _, f := range facts {
		d, err := link.DecisionOf(f)
		if err != nil {
			return in, err
		}
		in.Decisions = append(in.Decisions, d)
	}
	if facts, err = w.Ledger.Current(ctx, "id_register"); err != nil {
		return in, err
	}
	for _, f := range facts {
		in.Held = append(in.Held, link.HeldOf(f.Fields))
	}
	for _, a := range w.Agencies {
		if w.vouches(a.Code) {
			in.Terms.Distinct = append(in.Terms.Distinct, a.Code)
		}
	}
	in.Frozen, err = w.acceptedModel(ctx)
	return in, err
}

// vouches says whether an agency holds no child under two numbers, as it says itself.
func (w *Workspace) vouches(agency string) bool {
	a, err := w.Agency(agency)
	return err == nil && a.Linking != nil && a.Linking.NoDuplicates
}

// link makes the tables of link: first the models that say who may be linked and by what, then the
// engine, then the models that read what it found.
func (w *Workspace) link(ctx context.Context, db *warehouse.DB, in link.Input) error {
	if err := link.Standardise(ctx, db); err != nil {
		return err
	}
	if err := w.Models.RunAround(ctx, db, link.Tables, func() error { return link.Build(ctx, db, in) }, w.Log); err != nil {
		return err
	}
	// What is asked of one record or one family is a row or a few.
	for _, index := range []string{"member_client on link.member (client_local_id)", "member_family on link.member (family_id)",
		"person_node on link.person (node)", "record_node on link.record (node)"} {
		if err := db.Exec(ctx, "create index "+index); err != nil {
			return err
		}
	}
	return link.Expect(ctx, db)
}
