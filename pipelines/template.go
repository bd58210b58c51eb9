package pipelines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
	"tributary/reports/template"
)

// Template is one of the workspace's maps of a ministry's form: templates/<name>.yaml, with the blank
// workbook beside it.
type Template struct {
	Name string
	template.Map
	// Text is the map as the analyst wrote it.
	Text string
}

var templateName = regexp.MustCompile(`^[\pL\pN][\pL\pN _.-]*$`)

func (w *Workspace) templatePath(file string) string { return w.Path("templates", file) }

// Templates reads the maps of the workspace, by name. The faults of all are said at once.
func (w *Workspace) Templates() ([]Template, error) {
	found, err := warehouse.Match(w.templatePath(""), "*.yaml")
	if err != nil {
		return nil, err
	}
	var out []Template
	var faults []error
	for _, path := range found {
		t, err := readTemplate(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		out = append(out, t)
	}
	return out, errors.Join(faults...)
}

func readTemplate(path string) (Template, error) {
	t := Template{Name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
	data, err := os.ReadFile(path)
	if err != nil {
		return t, err
	}
	t.Text = string(data)
	name := "templates/" + filepath.Base(path)
	if err := config.Decode(name, data, &t.Map); err != nil {
		return t, err
	}
	return t, t.Check(name, nil)
}

// Template finds a map by its name.
func (w *Workspace) Template(name string) (Template, error) {
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	t, err := readTemplate(w.templatePath(name + ".yaml"))
	if !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	all, _ := warehouse.Match(w.templatePath(""), "*.yaml")
	var known []string
	for _, path := range all {
		known = append(known, strings.TrimSuffix(filepath.Base(path), ".yaml"))
	}
	fix := "learn one first: tributary template learn BLANK.xlsx"
	if len(known) > 0 {
		fix = "the templates are " + strings.Join(known, ", ")
	}
	return t, tributary.Fix(fmt.Errorf("template %q is not there", name), fix)
}

// templatesOf are the maps to fill for a quarter: those that hold for it and are not replaced by then.
func (w *Workspace) templatesOf(q tributary.Quarter) ([]Template, error) {
	all, err := w.Templates()
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for _, t := range all {
		if t.Replaces != "" && t.Holds(q) {
			replaced[t.Replaces] = true
		}
	}
	var out []Template
	for _, t := range all {
		if t.Holds(q) && !replaced[t.Name] {
			out = append(out, t)
		}
	}
	return out, nil
}

// ReadBlank reads a form that somebody sent. One that is open in Excel may change yet and is refused.
func ReadBlank(path string) ([]byte, error) {
	if isOpen(path) {
		return nil, tributary.Fix(fmt.Errorf("%s is open in Excel", filepath.Base(path)),
			fmt.Sprintf("close it there; if nobody has it open, remove the file ~$%s beside it", filepath.Base(path)))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, tributary.Fix(err, "name a workbook that is there and that you may read")
	}
	return data, nil
}

// isOpen says whether Excel or LibreOffice left its sign that a workbook is open.
func isOpen(path string) bool {
	dir, name := filepath.Split(path)
	for _, sign := range []string{"~$" + name, ".~lock." + name + "#"} {
		if _, err := os.Stat(filepath.Join(dir, sign)); err == nil {
			return true
		}
	}
	return false
}

// contract opens the published contract release.
func (w *Workspace) contract(ctx context.Context, do func(warehouse.Manifest, *template.Release) error) error {
	m, err := w.House.Current()
	if err != nil {
		return err
	}
	db, err := w.House.Open(ctx, map[string]string{"release": m.Steps["release-contract"]})
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := template.Read(ctx, db, m.Quarter)
	if err != nil {
		return err
	}
	return do(m, r)
}

// LearnTemplate proposes what goes into a blank form, by the published release.
func (w *Workspace) LearnTemplate(ctx context.Context, blank []byte, o template.Options) (p *template.Proposal, err error) {
	err = w.contract(ctx, func(m warehouse.Manifest, r *template.Release) error {
		if o.From.IsZero() {
			o.From = m.Quarter
			for o.From.Number() > 1 {
				o.From = o.From.Prev()
			}
		}
		p, err = template.Learn(blank, r, o)
		return err
	})
	return p, err
}

// KeepTemplate puts a form and its map into templates/. The form goes first: a map without its form
// says so, a form without a map is nothing.
func (w *Workspace) KeepTemplate(name string, blank []byte, text string) error {
	if !templateName.MatchString(name) || strings.HasPrefix(name, "ministry-") {
		return tributary.Fix(fmt.Errorf("template: the name %q cannot be used", name), "add --name with letters and digits, that does not begin with ministry-")
	}
	// What cannot be read back is a fault of ours, and must not lie there.
	var m template.Map
	if err := config.Decode("templates/"+name+".yaml", []byte(text), &m); err != nil {
		return err
	}
	if err := os.MkdirAll(w.templatePath(""), 0o700); err != nil {
		return err
	}
	return errors.Join(writeFile(w.templatePath(m.Workbook), blank), writeFile(w.templatePath(name+".yaml"), []byte(text)))
}

// writeFile writes a file whole or not at all.
func writeFile(path string, data []byte) error {
	half := path + ".half"
	if err := os.WriteFile(half, data, 0o600); err != nil {
		return errors.Join(err, os.Remove(half))
	}
	return os.Rename(half, path)
}

// FilledTemplate is one form that was filled.
type FilledTemplate struct {
	Name string `json:"name"`
	Path string `json:"path"`
	// IsNew is false where the file is already what would be written.
	IsNew bool `json:"is_new"`
	template.Done
}

// FillTemplates fills the forms of the published quarter, or those named, under out/.
func (w *Workspace) FillTemplates(ctx context.Context, names ...string) ([]FilledTemplate, error) {
	unlock, err := w.House.Lock()
	if err != nil {
		return nil, fmt.Errorf("template fill: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	var chosen []Template
	for _, name := range names {
		t, err := w.Template(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, t)
	}
	if len(names) == 0 {
		m, err := w.House.Current()
		if err != nil {
			return nil, err
		}
		if chosen, err = w.templatesOf(m.Quarter); err != nil {
			return nil, err
		}
	}
	return w.fillTemplates(ctx, chosen, false)
}

// reportTemplates fills the forms of a quarter and returns those that changed.
func (w *Workspace) reportTemplates(ctx context.Context, q tributary.Quarter) ([]string, error) {
	if id, err := w.sealed(ctx, q); id != "" || err != nil {
		return nil, err // the forms that were signed are written with the workbooks
	}
	chosen, err := w.templatesOf(q)
	if err != nil {
		return nil, err
	}
	filled, err := w.fillTemplates(ctx, chosen, true)
	var wrote []string
	for _, f := range filled {
		if f.IsNew {
			wrote = append(wrote, f.Path)
		}
	}
	return wrote, err
}

// fillTemplates fills forms; the fault of one does not stop another. Those that were written from the
// same release, form and map are left out where that is asked.
func (w *Workspace) fillTemplates(ctx context.Context, chosen []Template, onlyNew bool) (out []FilledTemplate, err error) {
	if len(chosen) == 0 {
		return nil, nil
	}
	known := w.readWritten()
	var faults []error
	err = w.contract(ctx, func(m warehouse.Manifest, r *template.Release) error {
		for _, t := range chosen {
			w.Progress("report", t.Name)
			done, err := w.fillTemplate(t, m, r, known, onlyNew)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			out = append(out, done)
		}
		return w.keepWritten(known)
	})
	return out, errors.Join(append(faults, err)...)
}

func (w *Workspace) fillTemplate(t Template, m warehouse.Manifest, r *template.Release, known written, onlyNew bool) (FilledTemplate, error) {
	blank, err := ReadBlank(w.templatePath(t.Workbook))
	if err != nil {
		return FilledTemplate{}, fmt.Errorf("templates/%s: %w", t.Workbook, err)
	}
	name := filepath.Join("out", m.Quarter.String(), t.Name+".xlsx")
	out := FilledTemplate{Name: t.Name, Path: w.Path(name)}
	from := strings.Join([]string{m.Steps["release-contract"], w.Program, hash(blank), hash([]byte(t.Text))}, " ")
	sum, err := hashFile(out.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	if onlyNew && err == nil && known[name].From == from && known[name].SHA256 == sum {
		return out, nil
	}
	if err := t.Check("templates/"+t.Name+".yaml", r); err != nil {
		return out, err
	}
	var book bytes.Buffer
	if out.Done, err = template.Write(blank, t.Map, r, &book); err != nil {
		return out, err
	}
	isSame := sum == hash(book.Bytes())
	if !isSame {
		edited := sum != "" && sum != known[name].SHA256
		at, err := place(out.Path, book.Bytes(), edited)
		if err != nil {
			return out, err
		}
		isSame, out.Path, out.IsNew = at == out.Path, at, true
	}
	if isSame {
		known[name] = struct{ From, SHA256 string }{from, hash(book.Bytes())}
	}
	return out, writePlaced(out.Path, out.Done)
}

// writePlaced writes the cell map beside a filled form.
func writePlaced(path string, done template.Done) error {
	data, err := placed(done)
	if err != nil {
		return err
	}
	return writeFile(path[:len(path)-len(".xlsx")]+".cells.csv", data)
}

// placed is the cell map of a filled form as text; a number that is not published has no value there.
func placed(done template.Done) ([]byte, error) {
	lines := [][]string{{"sheet", "cell", "cell_id", "value"}}
	for _, n := range done.Numbers {
		lines = append(lines, []string{n.Sheet, n.Cell, n.CellID, strconv.FormatFloat(n.Value, 'g', -1, 64)})
	}
	for _, n := range done.Missing {
		if n.CellID != "" {
			lines = append(lines, []string{n.Sheet, n.Cell, n.CellID, ""})
		}
	}
	return csvText(lines)
}

// DiffTemplate holds a newer form against one of the workspace, and returns what changed and the map
// that would be kept for the newer one.
func (w *Workspace) DiffTemplate(ctx context.Context, old string, fresh []byte, o template.Options) (changes []template.Change, text string, err error) {
	t, err := w.Template(old)
	if err != nil {
		return nil, "", err
	}
	blank, err := ReadBlank(w.templatePath(t.Workbook))
	if err != nil {
		return nil, "", fmt.Errorf("templates/%s: %w", t.Workbook, err)
	}
	err = w.contract(ctx, func(m warehouse.Manifest, r *template.Release) error {
		if o.From.IsZero() {
			o.From = m.Quarter
		}
		if changes, err = template.Diff(blank, t.Map, fresh, r, o); err != nil {
			return err
		}
		text = template.Amend(t.Text, t.Map, changes, o, fresh, t.Name)
		return nil
	})
	return changes, text, err
}
