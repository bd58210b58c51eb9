package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/model"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
	sqlfiles "tributary/sql"
)

// wider are the plans of what is decided for wider audiences, and of their releases.
func (w *Workspace) wider(ctx context.Context, q tributary.Quarter) ([]plan, error) {
	d := release.Disclosure{}
	for _, at := range w.Quarters(q) {
		d.Quarters = append(d.Quarters, at.String())
	}
	tree := model.Overlay(sqlfiles.FS, overlay(w.Path("sql")))
	var faults []error
	for _, name := range release.Audiences {
		a, err := release.ReadAudience(tree, name)
		d.Audiences, faults = append(d.Audiences, a), append(faults, err)
	}
	rules := w.Settings.rules()
	var err error
	d.Below, err = strconv.ParseInt(rules["small_below"], 10, 64)
	faults = append(faults, err)
	d.Width, err = strconv.ParseInt(rules["disclosure_width"], 10, 64)
	faults = append(faults, err)
	published, parts, err := w.publishedReleases(ctx)
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	d.Published = published
	parts = append(parts, fmt.Sprint(d.Quarters, d.Audiences, d.Below, d.Width))
	cover := w.Settings.cover(q)
	shown := coverOfWider(cover)
	plans := []plan{{name: "disclosure", parts: parts, reads: []string{"stage", "measure", "gap"},
		fill: func(ctx context.Context, db *warehouse.DB) error { return release.Disclose(ctx, db, d) }}}
	for _, a := range d.Audiences {
		if len(a.Gaps) == 0 {
			continue
		}
		p, err := w.gapRelease(ctx, q, release.View{Audience: a.Name, Quarters: d.Quarters[max(0, len(d.Quarters)-a.Quarters):], Margins: a.Gaps, Below: d.Below})
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	for _, a := range release.Audiences {
		plans = append(plans, plan{name: "release-" + a, parts: append(pairs(shown), release.ShownSQL()), reads: []string{"stage", "measure", "disclosure"},
			fill: func(ctx context.Context, db *warehouse.DB) error { return release.Show(ctx, db, a, shown) }})
	}
	return plans, nil
}

// coverOfWider is what the cover of a wider release may say.
func coverOfWider(cover map[string]string) map[string]string {
	out := map[string]string{}
	for n, v := range cover {
		if slices.Contains([]string{"agency_name", "agency_name_fr", "agency_code", "region", "region_fr", "quarter", "as_of", "small_below"}, n) ||
			strings.HasPrefix(n, "area") {
			out[n] = v
		}
	}
	return out
}

// Wider makes the releases for wider audiences of a published generation, where nobody asked for them before. It
// returns schema to file: as public and partners the releases, as disclosure what decided them.
func (w *Workspace) Wider(ctx context.Context, m warehouse.Manifest) (map[string]string, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("releases for wider audiences: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	return w.madeWider(ctx, m)
}

// madeWider is Wider under the lock that its caller holds.
func (w *Workspace) madeWider(ctx context.Context, m warehouse.Manifest) (map[string]string, error) {
	steps, err := w.makeLazy(ctx, m, "release-public", "release-partners")
	return map[string]string{"disclosure": steps["disclosure"], "public": steps["release-public"], "partners": steps["release-partners"]}, err
}

// publishedReleases reads what was handed out, oldest first, and the hashes that say so.
func (w *Workspace) publishedReleases(ctx context.Context) (out []release.Published, hashes []string, err error) {
	facts, err := w.Ledger.All(ctx, "release")
	if err != nil {
		return nil, nil, err
	}
	for _, f := range facts {
		id, audience, hash := f.Fields["release_id"], f.Fields["audience"], f.Fields["sha256"]
		p, err := release.ReadPublished(w.Path("kept", "releases", id), id, audience, hash)
		if err != nil {
			return nil, nil, err
		}
		out, hashes = append(out, p), append(hashes, id, hash)
	}
	return out, hashes, nil
}

// Handed is a release that was marked as published.
type Handed struct {
	ID       string `json:"id"`
	Audience string `json:"audience"`
	Quarter  string `json:"quarter"`
	SHA256   string `json:"sha256"`
}

// PublishRelease records that the current release for an audience was handed out: from now on what it
// shows counts as known to everybody who may see later ones. It keeps the release with its true values,
// relations and reasons under kept/releases.
func (w *Workspace) PublishRelease(ctx context.Context, audience, why string) (Handed, error) {
	h := Handed{Audience: audience}
	if !slices.Contains(release.Audiences, audience) {
		return h, tributary.Fix(fmt.Errorf("no wider audience is called %q", audience), "the audiences are "+strings.Join(release.Audiences, ", "))
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return h, fmt.Errorf("release publish: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	m, err := w.House.Current()
	if err != nil {
		return h, err
	}
	h.Quarter = m.Quarter.String()
	files, err := w.madeWider(ctx, m)
	if err != nil {
		return h, err
	}
	if err := w.mayPublish(ctx, files["disclosure"], audience); err != nil {
		return h, err
	}
	facts, err := w.Ledger.All(ctx, "release")
	if err != nil {
		return h, err
	}
	number := 1
	for _, f := range facts {
		if f.Fields["audience"] == audience && f.Fields["quarter"] == h.Quarter {
			number++
		}
	}
	h.ID = fmt.Sprintf("%s-%s-%d", audience, h.Quarter, number)
	// A folder without a fact is what a killed publish left.
	dir := w.Path("kept", "releases", h.ID)
	if err := os.RemoveAll(dir); err != nil {
		return h, err
	}
	db, err := w.House.Open(ctx, map[string]string{"disclosure": files["disclosure"]})
	if err != nil {
		return h, err
	}
	defer db.Close()
	if h.SHA256, err = release.Keep(ctx, db, audience, dir); err != nil {
		return h, err
	}
	if err := copyFile(w.House.Path(files[audience]), filepath.Join(dir, "release.duckdb")); err != nil {
		return h, err
	}
	if err := w.Ledger.Append(ctx, ledger.Entry{Kind: "release", Who: w.Who, At: w.Now(), Why: why, Fields: map[string]string{
		"release_id": h.ID, "audience": audience, "quarter": h.Quarter, "sha256": h.SHA256}}); err != nil {
		return h, err
	}
	return h, w.Look(ctx, "release publish", h.ID, why)
}

// ErrUnprotected says that a release shows too much to be handed out.
var ErrUnprotected = errors.New("hidden numbers could be worked out")

// mayPublish refuses a release that does not protect its numbers.
func (w *Workspace) mayPublish(ctx context.Context, disclosure, audience string) error {
	var unmet []string
	err := w.query(ctx, map[string]string{"disclosure": disclosure},
		"select distinct coarsen from disclosure.unmet where audience = ? order by coarsen",
		func(rows *sql.Rows) error {
			var table string
			err := rows.Scan(&table)
			unmet = append(unmet, table)
			return err
		}, audience)
	if err == nil && len(unmet) > 0 {
		return tributary.Fix(fmt.Errorf("release publish %s: %w in %d tables", audience, ErrUnprotected, len(unmet)),
			fmt.Sprintf("leave these out of sql/release/%s.yaml, or show them by fewer codes: %s", audience, strings.Join(unmet, "; ")))
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// HandedOut lists the releases that were marked as published, oldest first.
func (w *Workspace) HandedOut(ctx context.Context) ([]Handed, error) {
	facts, err := w.Ledger.All(ctx, "release")
	out := []Handed{}
	for _, f := range facts {
		out = append(out, Handed{f.Fields["release_id"], f.Fields["audience"], f.Fields["quarter"], f.Fields["sha256"]})
	}
	return out, err
}

// HiddenCell says what a wider release does with a cell.
type HiddenCell struct {
	Audience  string `json:"audience"`
	Cell      string `json:"cell"`
	IsShown   bool   `json:"is_shown"`
	Why       string `json:"why,omitempty"`
	BecauseOf string `json:"because_of,omitempty"`
	// Low and High are values that a reader cannot rule out; nil for what is no count.
	Low  *int64 `json:"low,omitempty"`
	High *int64 `json:"high,omitempty"`
}

// WhyHidden says what each wider release does with a cell, and why.
func (w *Workspace) WhyHidden(ctx context.Context, cellID string) ([]HiddenCell, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	wider, err := w.Wider(ctx, m)
	if err != nil {
		return nil, err
	}
	out := []HiddenCell{}
	err = w.query(ctx, map[string]string{"disclosure": wider["disclosure"]},
		"select audience, cell_id, is_shown, why, because_of, low, high from disclosure.cell where cell_id = ? order by audience desc",
		func(rows *sql.Rows) error {
			var h HiddenCell
			err := rows.Scan(&h.Audience, &h.Cell, &h.IsShown, &h.Why, &h.BecauseOf, &h.Low, &h.High)
			out = append(out, h)
			return err
		}, cellID)
	return out, err
}

// ReleaseCount is one figure about a wider release: how many cells are shown, or hidden for what reason.
type ReleaseCount struct {
	Audience string `json:"audience"`
	What     string `json:"what"`
	Count    int64  `json:"count"`
}

// ReleaseCounts says how much each wider release shows and hides, its loss, and that of hiding all margins;
// unmet lists tables that must be coarser.
func (w *Workspace) ReleaseCounts(ctx context.Context) (counts []ReleaseCount, unmet []string, err error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, nil, err
	}
	wider, err := w.Wider(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	files := map[string]string{"disclosure": wider["disclosure"]}
	err = w.query(ctx, files, "select audience, what, count from disclosure.count order by audience desc, what", func(rows *sql.Rows) error {
		var c ReleaseCount
		err := rows.Scan(&c.Audience, &c.What, &c.Count)
		counts = append(counts, c)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	err = w.query(ctx, files, "select distinct audience || ': ' || coarsen from disclosure.unmet order by all", func(rows *sql.Rows) error {
		var u string
		err := rows.Scan(&u)
		unmet = append(unmet, u)
		return err
	})
	return counts, unmet, err
}
