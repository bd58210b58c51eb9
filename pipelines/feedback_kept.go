package pipelines

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
)

// checkNames are the plain names of the checks, English and French.
var checkNames = sync.OnceValue(func() map[string][2]string {
	all, _ := mapping.Catalogue() // a catalogue that does not load has stopped the run before
	out := map[string][2]string{}
	for _, c := range all {
		out[c.ID] = [2]string{c.Name, c.NameFR}
	}
	return out
})

// lastLetter finds the letter to compare with: the newest about other files of this delivery, else that of
// the newest quarter before.
func (w *Workspace) lastLetter(ctx context.Context, now keptLetter) (*keptLetter, error) {
	facts, err := w.Ledger.All(ctx, "letter")
	if err != nil {
		return nil, err
	}
	var best *ledger.Entry
	for i, f := range facts {
		switch {
		case f.Fields["agency"] != now.Agency || f.Fields["quarter"] > now.Quarter:
		case f.Fields["quarter"] == now.Quarter && f.Fields["files"] == now.print:
		case best == nil || f.Fields["quarter"] >= best.Fields["quarter"]:
			best = &facts[i]
		}
	}
	if best == nil {
		return nil, nil
	}
	k, err := w.readKept(best.Fields["list"])
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("letter of %s %s: %w", now.Agency, best.Fields["quarter"], err), "restore kept/feedback from the last backup")
	}
	return &k, nil
}

// readKept reads what a letter asked.
func (w *Workspace) readKept(name string) (keptLetter, error) {
	data, err := os.ReadFile(w.letterPath(name))
	if err != nil {
		return keptLetter{}, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return keptLetter{}, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return keptLetter{}, err
	}
	return decodeLetter(text)
}

// name names what is kept of a letter by its content.
func (k keptLetter) name() (name string, text []byte, err error) {
	text, err = json.Marshal(k)
	return hash(text)[:32], text, err
}

func (w *Workspace) letterPath(name string) string {
	return w.Path("kept", "feedback", filepath.Base(name)+".json.gz")
}

// keepLetter remembers what a letter asked, unless the same was handed out about the same files last.
func (w *Workspace) keepLetter(ctx context.Context, k keptLetter) error {
	name, text, err := k.name()
	if err != nil {
		return err
	}
	facts, err := w.Ledger.Current(ctx, "letter")
	if err != nil {
		return err
	}
	for _, f := range facts {
		if f.Fields["agency"] == k.Agency && f.Fields["quarter"] == k.Quarter && f.Fields["files"] == k.print && f.Fields["list"] == name {
			return nil
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	path := w.letterPath(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".half", packed.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".half", path); err != nil {
		return err
	}
	return w.Ledger.Append(ctx, ledger.Entry{Kind: "letter", Who: w.Who, At: w.Now(), Fields: map[string]string{
		"agency": k.Agency, "quarter": k.Quarter, "files": k.print, "list": name}})
}
