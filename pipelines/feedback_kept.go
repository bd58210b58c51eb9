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
	"strings"
	"sync"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
	"tributary/reports/feedback"
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

// keptLetter is what stays of a letter: what it asked of which files.
type keptLetter struct {
	Agency  string     `json:"agency"`
	Quarter string     `json:"quarter"`
	Files   []string   `json:"files"`
	Items   []keptItem `json:"items"`
	// print condenses the files' content.
	print string
	// read are the entries of the mapping whose files were used; earlier is asked of earlier files of changes.
	read    map[string]bool
	earlier []keptItem
}

type keptItem struct {
	Check    string             `json:"check"`
	Severity tributary.Severity `json:"severity"`
	Client   string             `json:"client,omitempty"`
	Date     string             `json:"date,omitempty"`
	Value    string             `json:"value,omitempty"`
	File     string             `json:"file,omitempty"`
	Sheet    string             `json:"sheet,omitempty"`
	Row      int64              `json:"row,omitempty"`
	Column   string             `json:"column,omitempty"`
	// Finding is its id; with Version and Path an answer finds the row also when nothing asks about it any more.
	Finding string `json:"finding,omitempty"`
	Version int    `json:"version,omitempty"`
	Path    string `json:"path,omitempty"`
	// Quarter is that of the file, Entry its entry in the mapping; IsChange says that it holds what changed, not all there is.
	Quarter  string `json:"quarter,omitempty"`
	Entry    string `json:"entry,omitempty"`
	IsChange bool   `json:"is_change,omitempty"`
	id       string
}

// sign names what an item is about, whatever row or file it stands in; without a client the place counts.
func (k keptItem) sign() string {
	if k.Client != "" {
		return strings.Join([]string{k.Check, k.Client, k.Column}, "\x00")
	}
	return strings.Join([]string{k.Check, k.Column, k.Sheet, fmt.Sprint(k.Row)}, "\x00")
}

func keptOf(d *dossier) keptLetter {
	k := keptLetter{Agency: d.agency.Code, Quarter: d.quarter.String(), read: d.read}
	var hashes []string
	for _, f := range d.landed {
		hashes = append(hashes, f.Name, f.SHA256)
	}
	k.print = warehouse.Fingerprint(hashes...)
	for _, f := range d.files {
		k.Files = append(k.Files, f.Name)
	}
	for _, t := range d.found {
		if t.isAsked() {
			k.Items = append(k.Items, t.keep())
		}
	}
	for _, t := range d.earlier {
		k.earlier = append(k.earlier, t.keep())
	}
	return k
}

func (t told) keep() keptItem {
	item := keptItem{Check: t.Check, Severity: t.Severity, Client: t.client, Value: t.shown, File: t.File, Sheet: t.Sheet, Row: t.Row, Column: t.Column,
		Finding: t.ID, Version: t.Version, Path: t.Path, Quarter: t.Quarter.String(), Entry: t.entry, IsChange: t.isChange, id: t.ID + t.Check}
	if !t.asOf.IsZero() {
		item.Date = t.asOf.Format(time.DateOnly)
	}
	return item
}

// change is what differs between two letters.
type change struct {
	before *keptLetter
	closed []keptItem
	// unread stay open: the files of now do not tell of them.
	unread        []keptItem
	asked, stayed int
	isNew         map[string]bool
}

// compare says what became of what was asked before. Closed is only what was read again: a file that is not there
// or is held settles nothing, and what is not in a file of changes is as it was.
func compare(before *keptLetter, now keptLetter) change {
	c := change{before: before, asked: len(now.Items), isNew: map[string]bool{}}
	if before == nil {
		return c
	}
	open := map[string]int{}
	for _, i := range before.Items {
		open[i.sign()]++
	}
	for _, i := range now.Items {
		if open[i.sign()] > 0 {
			open[i.sign()]--
			c.stayed++
			continue
		}
		c.isNew[i.id] = true
	}
	earlier := map[string]int{}
	for _, i := range now.earlier {
		earlier[i.sign()]++
	}
	for _, i := range before.Items {
		if open[i.sign()] == 0 {
			continue
		}
		open[i.sign()]--
		isBefore := i.IsChange && i.Row > 0 && i.Quarter != now.Quarter
		switch {
		case isBefore && i.Client == "": // nobody can say whether such a row came again
		case isBefore && earlier[i.sign()] > 0:
			earlier[i.sign()]--
			c.unread = append(c.unread, i)
		case !isBefore && i.Entry != "" && !now.read[i.Entry]:
			c.unread = append(c.unread, i)
		default:
			c.closed = append(c.closed, i)
		}
	}
	return c
}

func (c change) since(lang string) string {
	if c.before == nil {
		return ""
	}
	files := strings.Join(c.before.Files, ", ")
	if files == "" {
		files = map[string]string{"en": "no file", "fr": "aucun fichier"}[lang]
	}
	return c.before.Quarter + ": " + files
}

// item words what was closed by the catalogue of today.
func (k keptItem) item(lang string, d *dossier) feedback.Item {
	i := feedback.Item{Client: k.Client, Severity: k.Severity, Value: k.Value, File: k.File, Sheet: k.Sheet, Row: k.Row, Column: k.Column, Check: k.Check, Message: k.Check}
	i.Date, _ = time.Parse(time.DateOnly, k.Date)
	if name, ok := checkNames()[k.Check]; ok {
		i.Message = name[0]
		if lang == "fr" {
			i.Message = name[1]
		}
	}
	return i
}

func decodeLetter(data []byte) (keptLetter, error) {
	var k keptLetter
	err := json.Unmarshal(data, &k)
	return k, err
}

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
