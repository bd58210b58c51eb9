package pipelines

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// kitFormat is the form of a kit; a program reads the forms that it knows.
const kitFormat = 1

// kitLimit bounds one file of a kit, unpacked: a mapping has some kilobytes.
const kitLimit = 4 << 20

// kitLabel is kit.json.
type kitLabel struct {
	Format  int    `json:"format"`
	Agency  string `json:"agency"`
	Program string `json:"program"`
}

// Kit writes what an agency needs to check its files by itself: its own mapping without source, contacts,
// comments and passwords, and of the workspace's words those that staging reads. Checks, code lists and
// dictionary are in the program. Same workspace, same bytes.
func (w *Workspace) Kit(a *mapping.Agency, out io.Writer) error {
	own, err := os.ReadFile(w.Path("agencies", a.Code+".yaml"))
	if err != nil {
		return fmt.Errorf("kit %s: %w", a.Code, err)
	}
	portable, err := mapping.Portable(a.Code, own)
	if err != nil {
		return fmt.Errorf("kit %s: %w", a.Code, err)
	}
	label, err := jsonLines(kitLabel{kitFormat, a.Code, w.Program})
	if err != nil {
		return err
	}
	settings, err := jsonLines(w.Settings.portable())
	if err != nil {
		return err
	}
	z := zip.NewWriter(out)
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"README.txt", []byte(strings.ReplaceAll(kitReadme, "CODE", a.Code))},
		{path.Join("agencies", a.Code+".yaml"), portable}, {"kit.json", label}, {"tributary.yaml", settings},
	} {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			return fmt.Errorf("kit %s: %w", a.Code, err)
		}
	}
	return z.Close()
}

const kitReadme = `Check your files before you send them. Needs the program tributary; no workspace, no network.
    tributary check FILE... --with CODE-kit.zip
    tributary check FILE... --with CODE-kit.zip --marked FOLDER     also a letter and marked copies
Nothing is kept of the files. Without this kit's quarter in their names, add --quarter 2025-26Q1.
A file with a password: set the variable TRIBUTARY_FILE_PASSWORD.

Vérifiez vos fichiers avant de les envoyer. Il faut le programme tributary; ni espace de travail, ni réseau.
    tributary check FICHIER... --with CODE-kit.zip --lang fr
    tributary check FICHIER... --with CODE-kit.zip --lang fr --marked DOSSIER     aussi une lettre et des copies marquées
Rien n'est conservé des fichiers. Si leur nom ne dit pas le trimestre, ajoutez --quarter 2025-26Q1.
Un fichier protégé par un mot de passe : définissez la variable TRIBUTARY_FILE_PASSWORD.
`

// jsonLines writes JSON that is also YAML, for people to read.
func jsonLines(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}

// portable are the words of tributary.yaml that staging and letters read.
func (s Settings) portable() map[string]any {
	var areas []map[string]any
	for _, a := range s.Areas {
		var places []map[string]any
		for _, m := range a.Municipalities {
			place := map[string]any{"name": m.Name}
			if len(m.Also) > 0 {
				place["also"] = m.Also
			}
			places = append(places, place)
		}
		areas = append(areas, map[string]any{"name": a.Name, "name_fr": a.NameFR, "municipalities": places})
	}
	out := map[string]any{
		"agency": map[string]any{"code": s.Agency.Code, "name": s.Agency.Name, "name_fr": s.Agency.NameFR},
		"areas":  areas, "first_quarter": s.FirstQuarter.String(), "due_days_after_quarter_end": s.DueDays, "language": s.Language,
	}
	if len(s.Settings) > 0 {
		out["settings"] = s.Settings
	}
	return out
}

// OpenKit makes a workspace of a kit, in a folder that the caller removes. It can check files and nothing
// else. made is the version of the program that wrote the kit.
func OpenKit(ctx context.Context, name, dir string, o Options) (w *Workspace, made string, err error) {
	label, err := unpackKit(name, dir)
	if err != nil {
		return nil, "", fmt.Errorf("kit %s: %w", filepath.Base(name), err)
	}
	w = &Workspace{Dir: dir, Log: o.Log, Now: o.Now, Who: o.Who, Program: o.Program, Progress: o.Progress, Secret: o.Secret}
	var faults error
	w.Settings, faults = ReadSettings(dir)
	w.Agencies, err = mapping.Load(os.DirFS(dir))
	if err := errors.Join(faults, err, ctx.Err()); err != nil {
		return nil, "", err
	}
	w.House = &warehouse.Warehouse{Root: w.Path("cache", "warehouse"), Temp: w.Path("cache", "tmp"), Limits: o.Limits}
	return w, label.Program, nil
}

// unpackKit writes the files of a kit into a folder, and no others.
func unpackKit(name, dir string) (kitLabel, error) {
	var label kitLabel
	notKit := func(err error) (kitLabel, error) {
		return label, tributary.Fix(err, "ask the Coordinating Agency for the kit: tributary check --kit CODE")
	}
	z, err := zip.OpenReader(name)
	if errors.Is(err, fs.ErrNotExist) {
		return label, tributary.Fix(err, "name the kit, a zip that is there and that you may read")
	}
	if err != nil {
		return notKit(fmt.Errorf("it is no kit: %w", err))
	}
	defer z.Close()
	read := func(part string) ([]byte, error) {
		f, err := z.Open(part)
		if err != nil {
			return nil, fmt.Errorf("it is no kit: %s is not in it", part)
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, kitLimit+1))
		if err == nil && len(data) > kitLimit {
			err = fmt.Errorf("%s is larger than %d bytes", part, kitLimit)
		}
		return data, err
	}
	text, err := read("kit.json")
	if err == nil {
		err = json.Unmarshal(text, &label)
	}
	switch {
	case err != nil:
		return notKit(err)
	case label.Format != kitFormat:
		return label, tributary.Fix(fmt.Errorf("it is of form %d, this program reads form %d", label.Format, kitFormat), "use the program's version that the Coordinating Agency has")
	case !isCode(label.Agency):
		return notKit(errors.New("the agency's code is not plain"))
	}
	if err := os.MkdirAll(filepath.Join(dir, "agencies"), 0o700); err != nil {
		return label, err
	}
	for _, part := range []string{"tributary.yaml", "agencies/" + label.Agency + ".yaml"} {
		data, err := read(part)
		if err != nil {
			return notKit(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(part)), data, 0o600); err != nil {
			return label, err
		}
	}
	return label, nil
}

func isCode(s string) bool {
	return s != "" && len(s) < 50 && !slices.Contains([]rune(s), '.') && !strings.ContainsAny(s, `/\:*?"<>|`)
}
