package pipelines

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
)

// lazy are the step files that nobody reads before a page of quality or a release for others is asked for, each
// after those that it reads: what the checks find in the earlier states of the deliveries, the releases that tell
// of it, and those for wider audiences. Each run names them; they are made when they are asked for.
func (w *Workspace) lazy(ctx context.Context, in mapping.Input) ([]plan, error) {
	q := in.Quarters[len(in.Quarters)-1]
	memory, err := w.memory(in)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range memory {
		names = append(names, p.name)
	}
	out := append(memory, plan{name: "release-quality", parts: []string{release.QualitySQL()}, reads: append([]string{"stage"}, names...),
		fill: func(ctx context.Context, db *warehouse.DB) error { return release.Quality(ctx, db, "", names, nil) }})
	for _, a := range w.Agencies {
		if a.Code == registerAgency {
			continue
		}
		out = append(out, plan{name: "release-provider-" + a.Code, parts: []string{release.QualitySQL()}, reads: append([]string{"stage"}, names...),
			fill: func(ctx context.Context, db *warehouse.DB) error {
				if err := release.Provider(ctx, db, a.Code); err != nil {
					return err
				}
				return release.Quality(ctx, db, a.Code, names, providerFix)
			}})
	}
	gaps, err := w.gapPlans(ctx, q)
	if err != nil {
		return nil, err
	}
	wider, err := w.wider(ctx, q)
	return slices.Concat(out, []plan{w.servicesRelease(q)}, gaps, wider), err
}

// memory plans one small step file for each earlier state of a delivery: its files are staged again as they stood
// then, by the mapping, the checks and the settings of today, and what a person said since is left aside. So the
// memory outlives cache/, and one state can be compared with the next.
func (w *Workspace) memory(in mapping.Input) ([]plan, error) {
	var out []plan
	for _, a := range w.Agencies {
		if a.Code == registerAgency {
			continue
		}
		for _, q := range in.Quarters {
			var files []tributary.File
			for _, f := range in.Files {
				if f.Agency == a.Code && f.Quarter == q {
					files = append(files, f)
				}
			}
			states, err := mapping.Arrivals(a, files)
			if err != nil {
				return nil, err
			}
			for n, files := range states[:max(len(states)-1, 0)] {
				then := in
				then.Agencies, then.Files, then.Quarters, then.Today = []*mapping.Agency{a}, files, []tributary.Quarter{q}, q.End()
				p, err := w.remember(then, n+1)
				if err != nil {
					return nil, err
				}
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// remember plans the step file of one state of one agency's delivery for one quarter.
func (w *Workspace) remember(in mapping.Input, version int) (plan, error) {
	agency, quarter := in.Agencies[0].Code, in.Quarters[0].String()
	inputs, err := json.Marshal(struct {
		Files          []tributary.File
		Municipalities []mapping.Municipality
		Settings       map[string]string
	}{in.Files, in.Municipalities, in.Settings})
	if err != nil {
		return plan{}, err
	}
	words, err := w.stageWords("agencies/" + agency + ".yaml")
	if err != nil {
		return plan{}, err
	}
	return plan{name: fmt.Sprintf("version-%s-%s-%d", agency, quarter, version), parts: append(words, string(inputs), release.QualitySQL()), folders: []string{w.Landing.Root},
		fill: func(ctx context.Context, db *warehouse.DB) error {
			for _, schema := range []string{"fact", "stage"} {
				if err := db.Exec(ctx, "attach ':memory:' as "+schema); err != nil {
					return err
				}
			}
			if err := ledger.Empty(ctx, db); err != nil {
				return err
			}
			if err := w.stage(ctx, db, in); err != nil {
				return err
			}
			return release.Remember(ctx, db, agency, quarter, version)
		}}, nil
}

// nameLazy says in the manifest which files the lazy steps will be.
func (b *builder) nameLazy(ctx context.Context, in mapping.Input) error {
	plans, err := b.w.lazy(ctx, in)
	if err != nil {
		return err
	}
	for _, p := range plans {
		s, err := b.step(ctx, p)
		if err != nil {
			return err
		}
		b.m.Lazy[p.name] = s.File()
	}
	return nil
}

// openLazy opens a lazy release of a published generation as schema release. The caller holds the lock of the
// warehouse.
func (w *Workspace) openLazy(ctx context.Context, m warehouse.Manifest, name string) (*warehouse.DB, error) {
	steps, err := w.makeLazy(ctx, m, name)
	if err != nil {
		return nil, err
	}
	return w.House.Open(ctx, map[string]string{"release": steps[name]})
}

// makeLazy makes lazy steps of a published generation, with what they read, where nobody asked for them before,
// and returns the files of all steps. The caller holds the lock of the warehouse.
func (w *Workspace) makeLazy(ctx context.Context, m warehouse.Manifest, names ...string) (map[string]string, error) {
	in, err := w.publishedInput(ctx, m)
	if err != nil {
		return nil, err
	}
	plans, err := w.lazy(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Backward(plans) { // what a step reads stands before it
		if slices.Contains(names, p.name) {
			names = append(names, p.reads...)
		}
	}
	b := &builder{w: w, out: &Outcome{}, m: warehouse.Manifest{Quarter: m.Quarter, Steps: maps.Clone(m.Steps)}}
	for _, p := range plans {
		if slices.Contains(names, p.name) {
			if err := b.make(ctx, p); err != nil {
				return nil, err
			}
		}
	}
	return b.m.Steps, nil
}

// publishedInput is what the published stage was made of: files that came since are not in it.
func (w *Workspace) publishedInput(ctx context.Context, m warehouse.Manifest) (mapping.Input, error) {
	in, err := w.stageInput(m.Quarter)
	if err != nil {
		return in, err
	}
	db, err := w.House.Open(ctx, map[string]string{"stage": m.Steps["stage"]})
	if err != nil {
		return in, err
	}
	defer db.Close()
	published := map[string]bool{}
	key := func(agency, quarter, file string, version int) string {
		return fmt.Sprint(agency, "\x00", quarter, "\x00", file, "\x00", version)
	}
	err = db.Rows(ctx, "select agency, quarter, file, version from stage.file", nil, func(scan func(...any) error) error {
		var agency, quarter, file string
		var version int
		err := scan(&agency, &quarter, &file, &version)
		published[key(agency, quarter, file, version)] = true
		return err
	})
	in.Files = slices.DeleteFunc(slices.Clone(in.Files), func(f tributary.File) bool {
		return !published[key(f.Agency, f.Quarter.String(), f.Name, f.Version)]
	})
	return in, err
}
