package pipelines

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
)

// Training is a link model learned from the published records, beside the one that runs use.
type Training struct {
	Quarter tributary.Quarter
	// Records is how many it was learned from, Rounds how many steps that took.
	Records, Rounds int
	// IsAccepted says that runs use a model that a person accepted; else each run learns its own.
	IsAccepted bool
	// Shifts are the levels of which the two think differently.
	Shifts []link.Shift
	// Changes are the published cells that the new model would move; only where they were asked for.
	Changes []Change

	model string
}

// Train learns a link model from the published records, and says what would move. withCells also links
// and counts with it, without publishing.
func (w *Workspace) Train(ctx context.Context, withCells bool) (*Training, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("link train: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	defer w.clearTemp()
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	var text string
	t := &Training{Quarter: m.Quarter, Changes: []Change{}}
	if text, t.IsAccepted, err = w.modelOf(ctx, m.Steps["link"]); err != nil {
		return nil, err
	}
	used, err := link.ParseModel(text)
	if err != nil {
		return nil, err
	}
	fresh := used
	if t.model = text; t.IsAccepted {
		b, err := w.learn(ctx, m, withCells)
		if err != nil {
			return nil, fmt.Errorf("link train: %w", err)
		}
		if t.model, _, err = w.modelOf(ctx, b.m.Steps["link"]); err != nil {
			return nil, err
		}
		if fresh, err = link.ParseModel(t.model); err != nil {
			return nil, err
		}
		if withCells {
			if t.Changes, err = w.moved(ctx, b.m); err != nil {
				return nil, err
			}
		}
	}
	t.Records, t.Rounds = fresh.Children.Records, fresh.Children.Rounds
	t.Shifts = link.Drift(used.Children, fresh.Children)
	return t, nil
}

// modelOf reads the model of a link step file.
func (w *Workspace) modelOf(ctx context.Context, file string) (text string, isFrozen bool, err error) {
	db, err := w.House.Open(ctx, map[string]string{"link": file})
	if err != nil {
		return "", false, err
	}
	err = db.Scan(ctx, "select model, is_frozen from link.model", nil, &text, &isFrozen)
	return text, isFrozen, errors.Join(err, db.Close())
}

// learn builds the link step of the published records with a model of their own, and the measures of it.
func (w *Workspace) learn(ctx context.Context, m warehouse.Manifest, withCells bool) (*builder, error) {
	in, err := w.linkInput(ctx)
	if err != nil {
		return nil, err
	}
	in.Frozen = nil
	b := &builder{w: w, out: &Outcome{}, m: warehouse.Manifest{Quarter: m.Quarter, Program: m.Program, Steps: map[string]string{}}}
	for name, file := range m.Steps {
		b.m.Steps[name] = file
	}
	plans := []plan{{name: "link", parts: []string{w.Models.Fingerprint("link"), "its own model"}, facts: []string{"id_register", "link_decision"},
		reads: leftOf["link"], fill: func(ctx context.Context, db *warehouse.DB) error { return w.link(ctx, db, in) }}}
	if withCells {
		numbers, _, err := w.numberPlans(ctx, m.Quarter)
		if err != nil {
			return nil, err
		}
		plans = append(plans, numbers)
	}
	for _, p := range plans {
		if err := b.make(ctx, p); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// moved lists the published cells that another generation would move.
func (w *Workspace) moved(ctx context.Context, next warehouse.Manifest) ([]Change, error) {
	now, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	changes := []Change{}
	err = w.query(ctx, map[string]string{"now": now.Steps["measure"], "next": next.Steps["measure"]}, `
		select coalesce(o.cell_id, n.cell_id) as cell_id, o.value, n.value
		from now.cell as o full join next.cell as n on n.cell_id = o.cell_id
		where o.value is distinct from n.value order by cell_id`,
		func(rows *sql.Rows) error {
			var c Change
			err := rows.Scan(&c.Cell, &c.Old, &c.New)
			changes = append(changes, c)
			return err
		})
	return changes, err
}

// Accept makes a trained model the one that all runs use until another is accepted.
func (w *Workspace) Accept(ctx context.Context, t *Training, why string) error {
	if !json.Valid([]byte(t.model)) {
		return errors.New("link train: nothing was trained")
	}
	return w.Ledger.Append(ctx, ledger.Entry{Kind: "link_model", Who: w.Who, At: w.Now(), Why: why, Fields: map[string]string{
		"scope": "all", "model": t.model, "quarter": t.Quarter.String(), "records": fmt.Sprint(t.Records)}})
}

// HasAcceptedModel says whether runs use a model that a person accepted.
func (w *Workspace) HasAcceptedModel(ctx context.Context) (bool, error) {
	facts, err := w.Ledger.Current(ctx, "link_model")
	return len(facts) > 0, err
}

// acceptedModel reads the link model that a person accepted; nil when there is none.
func (w *Workspace) acceptedModel(ctx context.Context) (*link.Frozen, error) {
	facts, err := w.Ledger.Current(ctx, "link_model")
	if err != nil || len(facts) == 0 {
		return nil, err
	}
	f, err := link.ParseModel(facts[0].Fields["model"])
	return f, tributary.Fix(err, `train it anew with: tributary link train --accept --why "..."`)
}
