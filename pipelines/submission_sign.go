package pipelines

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
	"tributary/reports/submit"
)

// Sign signs a submission with a key file, here at the desk. The keys are those of the manifest.
func (w *Workspace) Sign(ctx context.Context, id, keyFile, passphrase string) (submit.Seal, error) {
	return w.sign(ctx, id, func(b *submit.Bundle) (submit.Signature, error) { return b.Sign(keyFile, passphrase, w.Now()) })
}

// SignWith is Sign with the text of a key file; neither it nor the passphrase is written anywhere.
func (w *Workspace) SignWith(ctx context.Context, id string, key []byte, name, passphrase string) (submit.Seal, error) {
	return w.sign(ctx, id, func(b *submit.Bundle) (submit.Signature, error) {
		return b.SignWith(key, name, passphrase, w.Now())
	})
}

func (w *Workspace) sign(ctx context.Context, id string, do func(*submit.Bundle) (submit.Signature, error)) (submit.Seal, error) {
	if err := w.maySign(ctx, id); err != nil {
		return submit.Seal{}, err
	}
	b, err := submit.Open(w.submissions().Path(id, "bundle"))
	if err != nil {
		return submit.Seal{}, err
	}
	if _, err := do(b); err != nil {
		return submit.Seal{}, err
	}
	return w.Settle(ctx, id)
}

// Take puts signatures that were made elsewhere, in a copy of the bundle or in files of their own, under a submission.
func (w *Workspace) Take(ctx context.Context, id string, texts [][]byte) (submit.Seal, error) {
	if err := w.maySign(ctx, id); err != nil {
		return submit.Seal{}, err
	}
	b, err := submit.Open(w.submissions().Path(id, "bundle"))
	if err != nil {
		return submit.Seal{}, err
	}
	if len(texts) == 0 {
		return submit.Seal{}, tributary.Fix(errors.New("there is no signature in it"), "name the signed zip, or the .minisig file that signing wrote")
	}
	for _, text := range texts {
		if _, err := b.Add(text, nil); err != nil {
			return submit.Seal{}, err
		}
	}
	return w.Settle(ctx, id)
}

// maySign refuses what could not be signed: ids that were given since it was prepared would be given twice.
func (w *Workspace) maySign(ctx context.Context, id string) error {
	s, m, err := w.submission(ctx, id)
	if err != nil {
		return err
	}
	if s.State != submit.Signed { // one signature more than needed does no harm
		if err := submit.Move(id, s.State, submit.Signed); err != nil {
			return err
		}
		then, err := w.Ledger.AsOf(m.Facts.Entries).Fingerprint(ctx, "id_register")
		if m.Facts.Entries == 0 {
			then = warehouse.Fingerprint("id_register")
		}
		now, err2 := w.Ledger.Fingerprint(ctx, "id_register")
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if then != now {
			return tributary.Fix(fmt.Errorf("submission %s: another quarter was signed since it was prepared, and gave ids", id), "prepare it again, approve it, and sign that one")
		}
	}
	differ, err := w.differ(id, m)
	if len(differ) > 0 {
		err = tributary.Fix(fmt.Errorf("submission %s: %s", id, strings.Join(differ, "; ")), "restore kept/submissions from the newest backup")
	}
	return err
}

// Settle notes the signatures that lie in a submission's bundle, and when there are enough of them closes the
// quarter: its ids become final, and what it restates is restated. Doing it twice does nothing more.
func (w *Workspace) Settle(ctx context.Context, id string) (submit.Seal, error) {
	s, m, err := w.submission(ctx, id)
	if err != nil {
		return submit.Seal{}, err
	}
	b, err := submit.Open(w.submissions().Path(id, "bundle"))
	if err != nil {
		return submit.Seal{}, err
	}
	seal, err := b.Verify(nil)
	if err != nil {
		return seal, err
	}
	known, err := w.Ledger.Current(ctx, "signature")
	if err != nil {
		return seal, err
	}
	var entries []ledger.Entry
	for _, g := range seal.Signatures {
		has := slices.ContainsFunc(known, func(e ledger.Entry) bool { return e.Fields["submission_id"] == id && e.Fields["key"] == g.Key })
		if g.Fault != "" || has {
			continue
		}
		entries = append(entries, ledger.Entry{Kind: "signature", Who: w.Who, At: w.Now(), Fields: map[string]string{
			"submission_id": id, "key": g.Key, "name": g.Name, "role": g.Role, "signed_at": g.At.Format(time.RFC3339), "sha256": s.Manifest}})
	}
	if seal.IsSigned() && s.State == submit.Approved {
		given, err := w.giveIDs(ctx, id, m)
		if err != nil {
			return seal, err
		}
		entries = append(entries, given...)
		if m.Restates != "" {
			old, _, err := w.submission(ctx, m.Restates)
			if err != nil {
				return seal, err
			}
			if old.State != submit.Restated {
				entries = append(entries, w.step(old.Quarter, old.ID, submit.Restated, old.Manifest, id, m.Why))
			}
		}
		entries = append(entries, w.step(m.Quarter, id, submit.Signed, s.Manifest, "", ""))
	}
	if len(entries) > 0 {
		if err := w.Ledger.Append(ctx, entries...); err != nil {
			return seal, err
		}
	}
	return seal, w.submissions().Zip(id)
}

// giveIDs makes the ids of a submission final: the rows that the register lacks. A restatement of a quarter behind
// the newest signed one only adds: who is not in it is not gone.
func (w *Workspace) giveIDs(ctx context.Context, id string, m submit.Manifest) ([]ledger.Entry, error) {
	lines, err := readCSV(w.proof(id, "ids.csv"))
	if err != nil {
		return nil, err
	}
	happened, err := readCSV(w.proof(id, "id_events.csv"))
	if err != nil {
		return nil, err
	}
	facts, err := w.Ledger.Current(ctx, "id_register")
	if err != nil {
		return nil, err
	}
	held := make([]link.Held, 0, len(facts))
	knows := map[[2]string]bool{} // by prefix and anchor
	for _, f := range facts {
		h := link.HeldOf(f.Fields)
		held = append(held, h)
		knows[[2]string{h.ID[:min(1, len(h.ID))], fmt.Sprint(h.Anchor, h.Anchor.Alone)}] = true
	}
	events := make([]link.Event, 0, len(happened))
	for _, e := range happened {
		events = append(events, link.Event{Kind: link.EventKind(e[0]), From: e[1], To: e[2]})
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return nil, err
	}
	isBehind := false
	for _, s := range standing {
		isBehind = isBehind || s.Quarter.Compare(m.Quarter) > 0
	}
	var out []ledger.Entry
	for i, prefix := range []string{"C", "F"} {
		groups, ids, place := [][]link.Anchor{}, []string{}, map[string]int{}
		for _, l := range lines {
			at, ok := place[l[3+i]]
			if !ok {
				at = len(groups)
				place[l[3+i]] = at
				groups, ids = append(groups, nil), append(ids, l[3+i])
			}
			groups[at] = append(groups[at], link.Anchor{Agency: l[0], Client: l[1], Alone: l[2] == "true"})
		}
		own := slices.DeleteFunc(slices.Clone(events), func(e link.Event) bool { return !strings.HasPrefix(e.From+e.To, prefix) })
		for _, row := range link.Register(prefix, m.Quarter.String(), held, groups, ids, own) {
			if isBehind && (row.Retired || row.Into != "" || knows[[2]string{prefix, fmt.Sprint(row.Anchor, row.Anchor.Alone)}]) {
				continue
			}
			out = append(out, ledger.Entry{Kind: "id_register", Who: w.Who, At: w.Now(), Why: "signed " + id, Fields: row.Fact(m.Quarter.String())})
		}
	}
	return out, nil
}

func readCSV(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, errors.Join(fmt.Errorf("%s is empty or cannot be read", filepath.Base(path)), err)
	}
	return lines[1:], nil
}
