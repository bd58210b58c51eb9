package pipelines

import (
	"context"

	"tributary"
	"tributary/pipelines/release"
	"tributary/pipelines/warehouse"
)

// gapsRelease is the release of the gap report, made when it is asked for.
func (w *Workspace) gapsRelease(q tributary.Quarter) []plan {
	cover := w.Settings.cover(q)
	cover["rate_base"], cover["rate_base_on"], cover["rate_source"], cover["first_quarter"] = "", "", "", w.Settings.FirstQuarter.String()
	return []plan{{name: "release-gaps", parts: append(pairs(cover), release.GapsSQL()), reads: leftOf["release"],
		fill: func(ctx context.Context, db *warehouse.DB) error { return release.Gaps(ctx, db, cover) }}}
}
