package pipelines

import (
	"context"
	"errors"
	"fmt"

	"tributary"
	"tributary/pipelines/ledger"
)

// errNoReason refuses a statement without a reason.
func errNoReason() error {
	return tributary.Fix(errors.New("a reason is missing"), `add --why "..."`)
}

// AcceptFile records that a held file, in its newest version, is used as it is; undo takes that back. It acts in
// the next run.
func (w *Workspace) AcceptFile(ctx context.Context, agency string, q tributary.Quarter, file, why string, undo bool) (map[string]string, error) {
	if why == "" {
		return nil, errNoReason()
	}
	files, err := w.Landing.Files(agency, q)
	if err != nil {
		return nil, err
	}
	for i := len(files) - 1; i >= 0; i-- { // the newest version first
		f := files[i]
		if f.Name != file {
			continue
		}
		fields := map[string]string{"agency": agency, "quarter": q.String(), "file": f.Name, "version": fmt.Sprint(f.Version), "sha256": f.SHA256}
		return fields, w.Ledger.Append(ctx, ledger.Entry{Kind: "accept", Who: w.Who, At: w.Now(), Why: why, Ends: undo, Fields: fields})
	}
	return nil, tributary.Fix(fmt.Errorf("accept: %s %s has no file %q", agency, q, file), fmt.Sprintf("see the files with: tributary status --quarter %s --files", q))
}

// StateDelivery records that an agency has nothing to report for a quarter (nil), or need not report (excused);
// undo takes that back. files says how many came for that quarter all the same: what they hold counts.
func (w *Workspace) StateDelivery(ctx context.Context, agency string, q tributary.Quarter, state, why string, undo bool) (fields map[string]string, files int, err error) {
	if why == "" {
		return nil, 0, errNoReason()
	}
	if _, err := w.Agency(agency); err != nil {
		return nil, 0, err
	}
	came, err := w.Landing.Files(agency, q)
	if err != nil {
		return nil, 0, err
	}
	fields = map[string]string{"agency": agency, "quarter": q.String(), "state": state}
	return fields, len(came), w.Ledger.Append(ctx, ledger.Entry{Kind: "delivery_state", Who: w.Who, At: w.Now(), Why: why, Ends: undo, Fields: fields})
}
