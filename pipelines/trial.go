package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"tributary"
	"tributary/connectors"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// trials answers the files that an agency laid into the trial folder of its drop, quarter by quarter, and
// leaves nothing of them: they are checked as `check` does, and letters and marked copies are put into
// trial/answers. The same files are answered once, as long as the mapping stays; hasFiles says that there are any.
func (w *Workspace) trials(ctx context.Context, a *mapping.Agency, q tributary.Quarter, known written) (answered int, hasFiles bool, faults []error) {
	if a.Source == nil {
		return 0, false, nil
	}
	c, err := w.connector(a)
	if err != nil {
		return 0, false, nil // pull has said it
	}
	t, ok := c.(connectors.Trialer)
	if !ok {
		return 0, false, nil
	}
	if open, ok := c.(io.Closer); ok {
		defer open.Close() //nolint:errcheck // what was answered is there
	}
	for _, at := range w.Quarters(q) {
		is, err := w.try(ctx, t, a, at, known)
		if connectors.IsAway(err) {
			break // pull has said it
		}
		hasFiles = hasFiles || err == nil
		if err != nil && !errors.Is(err, connectors.ErrNotReady) {
			faults = append(faults, fmt.Errorf("trial of %s %s: %w", a.Code, at, err))
		}
		if is {
			answered++
		}
	}
	return answered, hasFiles, faults
}

func (w *Workspace) try(ctx context.Context, t connectors.Trialer, a *mapping.Agency, q tributary.Quarter, known written) (bool, error) {
	inbox := w.Path("cache", "tmp", "trial")
	receipt, err := connectors.Pull(ctx, trialSource{t}, inbox, a.Code, q)
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(receipt.Folder) //nolint:errcheck // cache/tmp is emptied at the end of the run
	seen, err := w.trialPrint(a, receipt)
	if err != nil {
		return false, err
	}
	key := "trial " + a.Code + " " + q.String()
	if known[key].SHA256 == seen {
		return false, nil
	}
	s, ok := w.beside(a, q, connectors.AnswersFolder)
	if !ok {
		return false, tributary.Fix(errors.New("its source takes no answer back"), "answer by hand: tributary check FILE --agency "+a.Code+" --marked FOLDER")
	}
	w.Progress("trial", a.Code+" "+q.String())
	look, err := w.check(ctx, given{receipt.Folder}, a, q, "")
	if err != nil {
		return false, err
	}
	all, err := look.Answer(ctx)
	state, asked := look.State, look.All
	if err := errors.Join(err, look.Close()); err != nil {
		return false, err
	}
	if _, _, err := w.deliver(ctx, a, q, s, all, known); err != nil {
		return false, err
	}
	known[key] = struct{ From, SHA256 string }{"", seen}
	w.Log.Info("a trial was answered", "step", "pull", "agency", a.Code, "quarter", q.String(), "state", state, "findings", asked)
	return true, nil
}

// trialPrint condenses what an answer rests on: the files by name and content, the agency's mapping and the
// program.
func (w *Workspace) trialPrint(a *mapping.Agency, receipt connectors.Receipt) (string, error) {
	own, err := os.ReadFile(w.Path("agencies", a.Code+".yaml"))
	if err != nil {
		return "", err
	}
	parts := []string{w.Program, string(own)}
	for _, name := range slices.Sorted(slices.Values(receipt.Files)) {
		sum, err := hashFile(filepath.Join(receipt.Folder, name))
		if err != nil {
			return "", err
		}
		parts = append(parts, name, sum)
	}
	return warehouse.Fingerprint(parts...), nil
}

// trialSource pulls what lies there to try.
type trialSource struct{ connectors.Trialer }

func (t trialSource) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	return t.Trial(ctx, agency, q, in)
}

// answerTrials answers the trials of agencies, one after the other. Of an agency that tries, nobody complains that it
// has published nothing yet.
func (w *Workspace) answerTrials(ctx context.Context, agencies []*mapping.Agency, q tributary.Quarter, out *Outcome) {
	known := w.readWritten()
	for _, a := range agencies {
		n, hasFiles, bad := w.trials(ctx, a, q, known)
		out.Trials += n
		out.Faults = append(out.Faults, bad...)
		if hasFiles {
			out.Tried = append(out.Tried, a.Code)
			out.Faults = slices.DeleteFunc(out.Faults, func(err error) bool {
				var n notYet
				return errors.As(err, &n) && n.agency == a.Code
			})
		}
	}
	if out.Trials > 0 {
		if err := w.keepWritten(known); err != nil {
			out.Faults = append(out.Faults, err)
		}
	}
}
