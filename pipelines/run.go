package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/files"
	"tributary/connectors/kinds"
	"tributary/pipelines/config"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// Outcome is what a run did.
type Outcome struct {
	Manifest warehouse.Manifest
	// Skipped are files that were seen in a source and left there, with the reason.
	Skipped []string
	// Trials are the trial folders that were answered; Tried, the agencies that have files there, answered now or before.
	Trials int
	Tried  []string
	// Built are the steps that were not there already.
	Built []string
	// IsNew says that a new generation was published; Words, how many typed words were read back.
	IsNew bool
	Words int
	// Reports are the files written under out/.
	Reports []string
	// Faults are those of single agencies; the run went on without them. Failed are the agencies whose source could
	// not be read.
	Faults []error
	Failed []string
}

// Run walks the quarter, and those before it since the first one, through all steps: pull, land,
// stage, core, link, measure, release, report. (Submit is a person's act.) A step whose
// fingerprint is there already is not done again.
func (w *Workspace) Run(ctx context.Context, q tributary.Quarter) (Outcome, error) {
	return w.RunWith(ctx, w.Agencies, q)
}

// RunWith is Run that pulls from these agencies alone.
func (w *Workspace) RunWith(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter) (Outcome, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return Outcome{}, fmt.Errorf("run %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	w.clearTemp()

	var out Outcome
	if err := w.sound(ctx); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	if err := w.refuseClosed(ctx, q); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	if out.Words, err = w.readBack(ctx, q); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	out.Faults = append(w.fetch(ctx, agencies, w.Settings.FirstQuarter, q, &out), w.fetchRegister(ctx)...)
	w.answerTrials(ctx, agencies, q, &out)
	if err := ctx.Err(); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	plan, err := w.build(ctx, q, &out)
	if err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	if plan.Ledger, err = w.Ledger.Head(ctx); err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	before, _ := w.House.Current() // one that cannot be read is replaced
	if out.Manifest, err = w.House.Publish(plan); err != nil {
		return out, fmt.Errorf("run %s: publish: %w", q, err)
	}
	out.IsNew = out.Manifest.Generation != before.Generation
	out.Reports, err = w.reportAny(ctx, out.Manifest, q, Languages)
	if err != nil {
		return out, fmt.Errorf("run %s: %w", q, err)
	}
	forms, err := w.reportTemplates(ctx, q)
	out.Reports = append(out.Reports, forms...)
	if err != nil { // a form that cannot be filled leaves the numbers as they are
		out.Faults = append(out.Faults, err)
	}
	return out, nil
}

// Pull fetches what the agencies have published for the quarters from one to another, lands it, and answers
// what they laid into their trial folders. One agency's fault is in the outcome and stops no other.
func (w *Workspace) Pull(ctx context.Context, agencies []*mapping.Agency, from, q tributary.Quarter) (Outcome, error) {
	var out Outcome
	unlock, err := w.House.Lock()
	if err != nil {
		return out, fmt.Errorf("pull %s: %w", q, err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	out.Faults = w.fetch(ctx, agencies, from, q, &out)
	w.answerTrials(ctx, agencies, q, &out)
	return out, ctx.Err()
}

// notYet is the fault of an agency that has published nothing at all.
type notYet struct {
	error
	agency string
}

func (n notYet) Unwrap() error { return n.error }

// sound refuses to go on when facts are lost, and lets go of step files that are damaged.
func (w *Workspace) sound(ctx context.Context) error {
	m, err := w.House.Current()
	if errors.Is(err, warehouse.ErrNothingPublished) {
		return nil
	}
	if err != nil {
		w.Log.Warn("the published manifest cannot be read; all is built again", "err", err)
		return nil
	}
	if err := w.Ledger.Holds(ctx, m.Ledger); err != nil {
		return err
	}
	bad, err := w.House.Damaged()
	if len(bad) > 0 {
		w.Log.Warn("damaged step files are built again", "files", len(bad))
	}
	return errors.Join(err, w.House.Discard(bad))
}

func (w *Workspace) clearTemp() {
	if err := os.RemoveAll(w.Path("cache", "tmp")); err != nil {
		w.Log.Warn("temporary files stay", "err", err)
	}
}

func (w *Workspace) inbox() string { return w.Path("cache", "inbox") }

// fetch pulls and lands the agencies side by side: most of the work is unpacking workbooks, and one
// agency's fault is no other's.
func (w *Workspace) fetch(ctx context.Context, agencies []*mapping.Agency, from, q tributary.Quarter, out *Outcome) []error {
	faults, skipped, failed := make([][]error, len(agencies)), make([][]string, len(agencies)), make([]bool, len(agencies))
	pulled := make([][]error, len(agencies))
	asked := slices.DeleteFunc(w.Quarters(q), func(at tributary.Quarter) bool { return at.Compare(from) < 0 })
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range agencies {
		all.Go(func() error {
			if a.Source != nil {
				pulled[i], skipped[i] = w.pull(ctx, a, asked)
				faults[i] = slices.Clone(pulled[i])
				failed[i] = slices.ContainsFunc(pulled[i], func(err error) bool { return !errors.Is(err, connectors.ErrNotReady) })
			}
			faults[i] = append(faults[i], w.land(ctx, a, q)...)
			return nil
		})
	}
	_ = all.Wait() // the faults are kept apart, in the agencies' order
	found := map[string][]error{}
	for i, a := range agencies {
		if failed[i] {
			out.Failed = append(out.Failed, a.Code)
		}
		if a.Source != nil {
			found[a.Code] = pulled[i]
		}
	}
	if err := w.noteUnread(ctx, asked, found); err != nil {
		w.Log.Warn("which sources could not be read is not kept", "err", err)
	}
	out.Skipped = slices.Concat(skipped...)
	return slices.Concat(faults...)
}

// pull fetches what one agency has published, and says what it left behind in the source.
func (w *Workspace) pull(ctx context.Context, a *mapping.Agency, quarters []tributary.Quarter) (faults []error, skipped []string) {
	w.Progress("pull", a.Code)
	c, err := w.connector(a)
	if err != nil {
		return []error{fmt.Errorf("pull %s: %w", a.Code, err)}, nil
	}
	if open, ok := c.(io.Closer); ok {
		defer open.Close() //nolint:errcheck // what was pulled is on disk
	}
	var absent []error
	for _, at := range quarters {
		started := time.Now()
		got, err := connectors.Pull(ctx, c, w.inbox(), a.Code, at)
		switch {
		case errors.Is(err, connectors.ErrNotReady):
			absent = append(absent, err)
		case err != nil:
			faults = append(faults, atQuarter{mendable(a, err), at.String()})
			if connectors.IsAway(err) {
				return faults, skipped
			}
		default:
			for _, s := range got.Skipped {
				skipped = append(skipped, fmt.Sprintf("%s %s %s: %s", a.Code, at, s.Name, s.Reason))
			}
			w.Log.Debug("pulled", "step", "pull", "agency", a.Code, "quarter", at.String(), "files", len(got.Files), "took", time.Since(started))
		}
	}
	// One quarter that is not there is late; when none is there, the source is likely written wrong.
	if len(absent) == len(quarters) && len(quarters) > 0 {
		fix := fmt.Sprintf("when the agency has sent something, compare source: in agencies/%s.yaml with what lies there; tributary doctor %[1]s tries to get in", a.Code)
		if local, ok := c.(*files.Connector); ok {
			fix = fmt.Sprintf("when the agency has sent something, compare source: path: in agencies/%s.yaml with the folders under %s", a.Code, local.Root())
		}
		faults = append(faults, notYet{tributary.Fix(absent[len(absent)-1], fix), a.Code})
	}
	return faults, skipped
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
	return kinds.New(name, kinds.Workspace{Drop: w.drop(), Dir: w.Dir, Secret: w.Secret, Now: w.Now}, func(into any) error {
		return config.DecodeNode(file, a.Source, into)
	})
}

func (w *Workspace) drop() string {
	if filepath.IsAbs(w.Settings.Drop) {
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
		faults = append(faults, w.takeLetters(ctx, a, at, dir)...)
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
	b := &builder{w: w, out: out, m: warehouse.Manifest{Quarter: q, Program: w.Program, Steps: map[string]string{}, Lazy: map[string]string{}}}
	in, err := w.stageInput(q)
	if err != nil {
		return b.m, err
	}
	b.threads = threadsFor(in.Files)
	inputs, err := w.stageParts(in)
	if err != nil {
		return b.m, err
	}
	sealed, err := w.sealed(ctx, q)
	if err != nil {
		return b.m, err
	}
	numbers, contract, err := w.numberPlans(ctx, q)
	if err != nil {
		return b.m, err
	}
	models := func(name string) plan {
		return plan{name: name, parts: []string{w.Models.Fingerprint(name)}, reads: leftOf[name],
			fill: func(ctx context.Context, db *warehouse.DB) error { return w.Models.Run(ctx, db, name, w.Log) }}
	}
	linking, err := w.linkInput(ctx)
	if err != nil {
		return b.m, err
	}
	kin := models("link")
	kin.facts, kin.fill = linkReads, func(ctx context.Context, db *warehouse.DB) error { return w.link(ctx, db, linking) }
	for _, p := range []plan{
		{name: "fact", facts: ledger.Read(), fill: w.Ledger.Copy},
		{name: "stage", parts: inputs, facts: stageReads, reads: leftOf["stage"], folders: []string{w.Landing.Root},
			fill: func(ctx context.Context, db *warehouse.DB) error { return w.stage(ctx, db, in) }},
		models("core"), kin,
	} {
		if err := b.make(ctx, p); err != nil {
			return b.m, err
		}
	}
	if sealed != "" { // its numbers are those that were signed, whatever came since
		maps.Copy(b.m.Steps, w.sealedSteps(sealed))
	} else if err := b.make(ctx, numbers); err != nil {
		return b.m, err
	} else if err := b.make(ctx, contract); err != nil {
		return b.m, err
	}
	if w.landed == nil { // a reproduction shows nobody's rows, and hands nothing to others
		if err := b.nameLazy(ctx, in); err != nil {
			return b.m, err
		}
	}
	slices.Sort(out.Built)
	return b.m, nil
}
