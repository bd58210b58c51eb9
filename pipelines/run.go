package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/kinds"
	"tributary/pipelines/config"
	"tributary/pipelines/mapping"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
	"tributary/sql"
)

// Outcome is what a run did.
type Outcome struct {
	Manifest warehouse.Manifest
	// Built are the steps that were not there already.
	Built []string
	// Reports are the files written under out/.
	Reports []string
	// Faults are those of single agencies; the run went on without them.
	Faults []error
}

// Run walks the quarter, and those before it since the first one, through all steps: pull, land,
// stage, core, link, measure, release, report. (Submit is a person's act.) A step whose
// fingerprint is there already is not done again.
func (w *Workspace) Run(ctx context.Context, q tributary.Quarter) (Outcome, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return Outcome{}, fmt.Errorf("run %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	w.clearTemp()

	var out Outcome
	if err := w.readBack(ctx, q); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	out.Faults = append(w.fetch(ctx, w.Agencies, q), w.fetchRegister(ctx)...)
	if err := ctx.Err(); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	plan, err := w.build(ctx, q, &out)
	if err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	if out.Manifest, err = w.House.Publish(plan); err != nil {
		return out, fmt.Errorf("run %s: publish: %w", q, err)
	}
	out.Reports, err = w.report(ctx, out.Manifest, q)
	if err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	return out, nil
}

// Pull fetches what the agencies have published for the quarter and those before it, and lands it.
func (w *Workspace) Pull(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter) error {
	unlock, err := w.House.Lock()
	if err != nil {
		return fmt.Errorf("pull %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	return errors.Join(w.fetch(ctx, agencies, q)...)
}

func (w *Workspace) clearTemp() {
	if err := os.RemoveAll(w.Path("cache", "tmp")); err != nil {
		w.Log.Warn("temporary files stay", "err", err)
	}
}

func (w *Workspace) inbox() string { return w.Path("cache", "inbox") }

// fetch pulls and lands the agencies side by side: most of the work is unpacking workbooks, and one
// agency's fault is no other's.
func (w *Workspace) fetch(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter) []error {
	faults := make([][]error, len(agencies))
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range agencies {
		all.Go(func() error {
			if a.Source != nil {
				faults[i] = w.pull(ctx, a, q)
			}
			faults[i] = append(faults[i], w.land(ctx, a, q)...)
			return nil
		})
	}
	_ = all.Wait() // the faults are kept apart, in the agencies' order
	return slices.Concat(faults...)
}

// pull fetches what one agency has published.
func (w *Workspace) pull(ctx context.Context, a *mapping.Agency, q tributary.Quarter) []error {
	w.Progress("pull", a.Code)
	c, err := w.connector(a)
	if err != nil {
		return []error{fmt.Errorf("pull %s: %w", a.Code, err)}
	}
	var faults []error
	for _, at := range w.Quarters(q) {
		started := time.Now()
		got, err := connectors.Pull(ctx, c, w.inbox(), a.Code, at)
		switch {
		case errors.Is(err, connectors.ErrNotReady):
		case err != nil:
			faults = append(faults, err)
		default:
			w.Log.Debug("pulled", "step", "pull", "agency", a.Code, "quarter", at.String(), "files", len(got.Files), "took", time.Since(started))
		}
	}
	return faults
}

// fetchRegister takes register.xlsx, which the analyst keeps. It speaks for all quarters and so lands
// in the first one, a new version each time that it was changed.
func (w *Workspace) fetchRegister(ctx context.Context) []error {
	if _, err := os.Stat(w.Path(register)); err != nil {
		return nil
	}
	_, err := connectors.Pull(ctx, byHand(w.Path(register)), w.inbox(), registerAgency, w.Settings.FirstQuarter)
	if err != nil {
		return []error{err}
	}
	a, err := w.Agency(registerAgency)
	if err != nil {
		return []error{err}
	}
	return w.land(ctx, a, w.Settings.FirstQuarter)
}

// connector makes the agency's source.
func (w *Workspace) connector(a *mapping.Agency) (connectors.Connector, error) {
	var kind map[string]any
	file := "agencies/" + a.Code + ".yaml: source"
	if err := config.DecodeNode(file, a.Source, &kind); err != nil {
		return nil, err
	}
	name, _ := kind["kind"].(string)
	return kinds.New(name, kinds.Workspace{Drop: w.drop()}, func(into any) error {
		return config.DecodeNode(file, a.Source, into)
	})
}

func (w *Workspace) drop() string {
	if strings.HasPrefix(w.Settings.Drop, "/") {
		return w.Settings.Drop
	}
	return w.Path(w.Settings.Drop)
}

// land takes all that lies whole in an agency's inbox, also what an earlier, interrupted run left.
func (w *Workspace) land(ctx context.Context, a *mapping.Agency, q tributary.Quarter) []error {
	var faults []error
	for _, at := range w.Quarters(q) {
		dir := filepath.Join(w.inbox(), a.Code, at.String())
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		w.Progress("land", a.Code+" "+at.String())
		started := time.Now()
		hints, err := w.resolve(a.Hints(at))
		var files []tributary.File
		if err == nil {
			files, err = w.Landing.Land(ctx, dir, a.Code, at, hints, w.Now())
		}
		if err == nil {
			err = os.RemoveAll(dir)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("land %s %s: %w", a.Code, at, err))
			continue
		}
		w.Log.Debug("landed", "step", "land", "agency", a.Code, "quarter", at.String(), "files", len(files), "took", time.Since(started))
	}
	return faults
}

// resolve turns password references into values, just before they are used.
func (w *Workspace) resolve(hints []tributary.Hint) ([]tributary.Hint, error) {
	for i, h := range hints {
		if h.Password == "" {
			continue
		}
		value, err := w.Secret(h.Password)
		if err != nil {
			return nil, err
		}
		hints[i].Password = value
	}
	return hints, nil
}

// build makes the step files of the quarter from what is landed and returns what to publish.
func (w *Workspace) build(ctx context.Context, q tributary.Quarter, out *Outcome) (warehouse.Manifest, error) {
	m := warehouse.Manifest{Quarter: q, Program: w.Program, Steps: map[string]string{}}
	in, err := w.stageInput(q)
	if err != nil {
		return m, err
	}
	version := w.Program + " " + engineVersion
	step := func(name string, parts []string, reads []string, folders []string, fill func(context.Context, *warehouse.DB) error) error {
		schema, _, _ := strings.Cut(name, "-")
		s := warehouse.Step{Name: name, Schema: schema, Reads: map[string]string{}, Folders: folders}
		for _, r := range reads {
			s.Reads[r] = m.Steps[r]
			if r != "fact" { // a step takes only the facts that it reads: they are among its parts
				parts = append(parts, m.Steps[r])
			}
		}
		s.Fingerprint = warehouse.Fingerprint(append([]string{version, name}, parts...)...)
		started := time.Now()
		w.Progress(schema, name)
		built, err := w.House.Build(ctx, s, fill)
		if err != nil {
			return err
		}
		if built {
			out.Built = append(out.Built, name)
			w.Log.Info("built", "step", name, "quarter", q.String(), "took", time.Since(started).Round(time.Millisecond))
		}
		m.Steps[name] = s.File()
		return nil
	}
	facts := func(names ...string) string { //nolint:unparam // the error is kept for the caller below
		fp, e := w.Ledger.Fingerprint(ctx, names...)
		err = errors.Join(err, e)
		return fp
	}
	models := func(name string) func(context.Context, *warehouse.DB) error {
		return func(ctx context.Context, db *warehouse.DB) error { return w.Models.Run(ctx, db, name, w.Log) }
	}

	all := facts(ledgerKinds...)
	stageFacts, linkFacts, noteFacts := facts(stageReads...), facts(linkReads...), facts("note")
	if err != nil {
		return m, err
	}
	if err := step("fact", []string{all}, nil, nil, w.Ledger.Copy); err != nil {
		return m, err
	}
	inputs, err := w.stageParts(in)
	if err != nil {
		return m, err
	}
	err = step("stage", append(inputs, stageFacts), []string{"fact"}, []string{w.Landing.Root},
		func(ctx context.Context, db *warehouse.DB) error { return w.stage(ctx, db, in) })
	if err != nil {
		return m, err
	}
	if err := step("core", []string{w.Models.Fingerprint("core")}, []string{"fact", "stage"}, nil, models("core")); err != nil {
		return m, err
	}
	if err := step("link", []string{w.Models.Fingerprint("link"), linkFacts}, []string{"fact", "stage", "core"}, nil, models("link")); err != nil {
		return m, err
	}
	err = step("measure", []string{w.Models.Fingerprint("measure")}, []string{"fact", "stage", "core", "link"}, nil, models("measure"))
	if err != nil {
		return m, err
	}
	cover := w.Settings.cover(q)
	coverText, err := json.Marshal(cover)
	if err != nil {
		return m, err
	}
	err = step("release-contract", []string{string(coverText), release.ContractSQL(), noteFacts}, []string{"fact", "stage", "core", "measure"}, nil,
		func(ctx context.Context, db *warehouse.DB) error { return release.Contract(ctx, db, cover) })
	if err != nil {
		return m, err
	}
	for _, a := range w.Agencies {
		if a.Code == registerAgency {
			continue
		}
		err := step("release-provider-"+a.Code, nil, []string{"stage"}, nil,
			func(ctx context.Context, db *warehouse.DB) error { return release.Provider(ctx, db, a.Code) })
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

// stageInput gathers what stage takes: mappings, landed files, and the workspace's own lists.
func (w *Workspace) stageInput(q tributary.Quarter) (mapping.Input, error) {
	in := mapping.Input{
		Agencies: w.Agencies, LandingRoot: w.Landing.Root, Quarters: w.Quarters(q),
		Municipalities: w.Settings.municipalities(), Settings: w.Settings.rules(),
		DueDays: w.Settings.DueDays, Today: w.lastDueDay(q),
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
	parts := []string{string(lists)}
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
	return parts, errors.Join(add(os.DirFS(w.Dir), "agencies/*.yaml"), add(forms.Mapping, "agencies/*.yaml"),
		add(sql.FS, "check/*", "seed/*", "*.yaml"))
}

// lastDueDay is the newest day on which a quarter ended or a delivery fell due: all that "today"
// decides is which deliveries are overdue, so a run tomorrow need not build anything again.
func (w *Workspace) lastDueDay(q tributary.Quarter) time.Time {
	day := w.Settings.FirstQuarter.Start()
	terms := []int{0, w.Settings.DueDays}
	for _, a := range w.Agencies {
		terms = append(terms, a.DueDays)
	}
	for _, at := range w.Quarters(q) {
		for _, days := range terms {
			after := at.End().AddDate(0, 0, days+1)
			if !w.Now().Before(after) && after.After(day) {
				day = after
			}
		}
	}
	return day
}
