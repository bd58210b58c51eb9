package pipelines

import (
	"context"
	"fmt"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	"tributary/sql"
)

// gapCuts are the cuts of the gap model's figures, and the list that names the codes of each.
var gapCuts = []struct{ cut, list, label, labelFR string }{
	{"age_band", "age_band", "Age", "Âge"},
	{"language", "language", "Language at home", "Langue parlée à la maison"},
	{"francophone", "yes_no", "Francophone", "Francophone"},
	{"indigenous", "yes_no", "Indigenous identity", "Identité autochtone"},
	{"newcomer", "yes_no", "Newcomer", "Nouvel arrivant"},
}

// gapPlans are the gap model and the release that its report reads, both made when they are asked for.
func (w *Workspace) gapPlans(ctx context.Context, q tributary.Quarter) ([]plan, error) {
	g, err := w.geography(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range gapCuts {
		codes, err := config.ReadCodes(sql.FS, c.list)
		if err != nil {
			return nil, err
		}
		for i, code := range codes {
			g.Cuts = append(g.Cuts, release.Cut{Cut: c.cut, Label: c.label, LabelFR: c.labelFR, Code: code.Code, Name: code.Name, NameFR: code.NameFR, Ordinal: i + 1})
		}
	}
	cover := w.Settings.cover(q)
	cover["first_quarter"] = w.Settings.FirstQuarter.String()
	parts := append(pairs(cover), release.GapsSQL(), fmt.Sprintf("%+v", g))
	return []plan{
		{name: "gap", parts: []string{w.Models.Fingerprint("gap")}, reads: leftOf["gap"],
			fill: func(ctx context.Context, db *warehouse.DB) error { return w.Models.Run(ctx, db, "gap", w.Log) }},
		{name: "release-gaps", parts: parts, reads: append([]string{"gap"}, leftOf["release"]...),
			fill: func(ctx context.Context, db *warehouse.DB) error { return release.Gaps(ctx, db, cover, g) }},
	}, nil
}

// geography gathers the places of the workspace, with who lives there as far as a source tells.
func (w *Workspace) geography(_ context.Context) (release.Geography, error) {
	var g release.Geography
	for _, a := range w.Settings.Areas {
		g.Places = append(g.Places, release.Place{Kind: "area", Code: a.Name, Area: a.Name, Name: a.Name, NameFR: orElse(a.NameFR, a.Name)})
		for _, m := range a.Municipalities {
			g.Places = append(g.Places, release.Place{Kind: "municipality", Code: m.Name, Area: a.Name, Name: m.Name, NameFR: orElse(m.NameFR, m.Name)})
		}
	}
	return g, nil
}

func orElse(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return text
}

// GapTables makes the gap model's release of a published generation, where nobody asked for it before, and returns its
// file by the schema gaps.
func (w *Workspace) GapTables(ctx context.Context, m warehouse.Manifest) (map[string]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("release of gaps: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	steps, err := w.makeLazy(ctx, m, "release-gaps")
	return map[string]string{"gaps": steps["release-gaps"]}, err
}
