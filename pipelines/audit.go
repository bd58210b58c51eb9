package pipelines

import (
	"context"
	"slices"
	"strings"

	"tributary/pipelines/ledger"
)

// AuditTrail lists the entries of the ledger that tell what was done with records and submissions, in the order of
// writing. It holds no value of a person.
func (w *Workspace) AuditTrail(ctx context.Context) ([]ledger.Entry, error) {
	all, err := w.Ledger.All(ctx, "")
	return audited(all), err
}

// AuditWords says what an entry of the trail tells: what was done, and with what.
func AuditWords(e ledger.Entry) (verb, subject string) {
	switch e.Kind {
	case "submission":
		return "submission " + e.Fields["state"], strings.TrimSpace(e.Fields["submission_id"] + " " + e.Fields["detail"])
	case "signature":
		return "signature", e.Fields["submission_id"] + " by " + e.Fields["name"] + ", key " + e.Fields["key"]
	case "submission_reason":
		return "left open", e.Fields["submission_id"] + " " + e.Fields["findings"] + " of " + e.Fields["check_id"]
	case "purge":
		return "purge", e.Fields["agency"] + " " + e.Fields["quarter"] + " " + e.Fields["file"] + " sha256 " + e.Fields["sha256"]
	}
	return e.Fields["verb"], e.Fields["subject"]
}

// audited are the entries that tell what was done with records and submissions.
func audited(all []ledger.Entry) []ledger.Entry {
	return slices.DeleteFunc(all, func(e ledger.Entry) bool {
		return !slices.Contains([]string{"audit", "submission", "signature", "submission_reason", "purge"}, e.Kind)
	})
}
