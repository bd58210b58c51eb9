// Package demo makes an area that is not there: agencies that export four quarters of what they know
// of invented children and families, each in its own way and with its own mistakes, and the workspace
// of the Coordinating Agency that reads them.
//
// Takes a folder and a seed; leaves drop/, workspace/ and truth.json, the same bytes for the same
// options; never describes a real person, place or agency, and never reads the clock.
package demo

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tributary"
)

//go:embed tributary.yaml agencies/*.yaml
var workspace embed.FS

// Options say how large the area is. The zero value is the usual demo.
type Options struct {
	// Seed makes another area; 0 is 1.
	Seed int64
	// Children is how many there are; 0 is 1,200.
	Children int
	// Canaries is how many children carry values that cannot be there by accident, for leak tests.
	Canaries int
	// Clean leaves out what is wrong on purpose, and what people got wrong in their systems: a year in which no
	// check has anything to say.
	Clean bool
}

// Write makes the area below dir: drop/<agency>/<quarter>/ with the files of the agencies,
// workspace/ with tributary.yaml, agencies/ and register.xlsx, ministry/ with the blank forms, and truth.json. A dir that holds an
// area already is refused.
func Write(dir string, opt Options) (Truth, error) {
	opt.Seed = cmp.Or(opt.Seed, 1)
	opt.Children = cmp.Or(opt.Children, 1200)
	if opt.Children < 50 {
		return Truth{}, tributary.Fix(fmt.Errorf("demo: %d children are too few for eight agencies", opt.Children),
			"ask for 50 or more")
	}
	for _, name := range []string{"drop", "workspace", "ministry", "truth.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return Truth{}, tributary.Fix(fmt.Errorf("demo: %q is there already", name), "name an empty folder, or remove the old demo first")
		}
	}
	a, err := newArea(opt)
	if err != nil {
		return Truth{}, fmt.Errorf("demo: %w", err)
	}
	if err := a.write(dir); err != nil {
		return Truth{}, fmt.Errorf("demo: %w", err)
	}
	return a.truth, nil
}

// file is one file of the area; modified is when the agency put it there.
type file struct {
	path     string // below dir, with slashes
	data     []byte
	modified time.Time
}

// area is everything before it is written.
type area struct {
	world *world
	opt   Options
	files []file
	truth Truth
	views map[string]filing
	known map[string][]*registration
	// episodes are those of the coordinating agency's workbook.
	episodes []*episode
	// readable says in which quarters a file that counts has a readable row.
	readable map[*registration][4]bool
}

// tidy puts right what people get wrong in their own systems: children filed twice, families under several
// numbers, consents that ran out unnoticed, caregivers entered under the child's name.
func (a *area) tidy() {
	for code, all := range a.known {
		families := map[string]string{}
		filed := map[*child]bool{}
		var once []*registration
		for _, reg := range all {
			if filed[reg.child] {
				continue
			}
			filed[reg.child] = true
			kin := fmt.Sprint(reg.child.kin.number)
			if families[kin] == "" {
				families[kin] = reg.familyLocal
			}
			reg.familyLocal, reg.consent.expires = families[kin], max(reg.consent.expires, date(2027, 3, 31))
			once = append(once, reg)
		}
		a.known[code] = once
	}
	for _, c := range a.world.children {
		for _, h := range []*household{c.kin.home, c.second, c.foster} {
			if h == nil {
				continue
			}
			for i := range h.carers {
				if plainName(h.carers[i].given) == plainName(c.given) {
					h.carers[i].given = "Carer"
				}
			}
		}
	}
}

func newArea(opt Options) (*area, error) {
	a := &area{world: newWorld(opt), opt: opt, views: map[string]filing{}, readable: map[*registration][4]bool{}}
	for _, f := range filings() {
		a.views[f.code] = f
	}
	a.known = a.world.register(opt.Seed)
	closeHub(a.known["HUBS"])
	if opt.Clean {
		a.tidy()
	} else {
		a.addOverAge()
	}
	a.episodes = newEpisodes(stream(opt.Seed, "episodes"), a.known["CFTC"])
	a.truth = Truth{Seed: opt.Seed}
	for _, agency := range []func(int, tributary.Quarter) error{
		a.treatmentCentre, a.mentalHealth, a.infantDevelopment, a.schoolBoard, a.homeCare, a.childWelfare, a.autism,
		a.respite, a.hub,
	} {
		for i, q := range quarters() {
			if err := agency(i, q); err != nil {
				return nil, err
			}
		}
	}
	a.count()
	return a, a.addWorkspace()
}

// put adds a file to an agency's drop, days after the quarter ended.
func (a *area) put(agency string, q tributary.Quarter, name string, after int, data []byte) {
	a.files = append(a.files, file{
		path:     "drop/" + agency + "/" + q.FiscalYear() + fmt.Sprintf("_Q%d/", q.Number()) + name,
		data:     data,
		modified: q.End().AddDate(0, 0, after).Add(14 * time.Hour),
	})
}

func (a *area) problem(agency string, q tributary.Quarter, file string, row int, kind, detail string) {
	a.truth.Problems = append(a.truth.Problems, Problem{agency, q, file, row, kind, detail})
}

// active are the registrations of an agency that are open on any day from first to last, in the order
// of their numbers.
func (a *area) active(agency string, first, last day) []*registration {
	var out []*registration
	for _, reg := range a.known[agency] {
		if reg.open.touches(first, last) {
			out = append(out, reg)
		}
	}
	return out
}

func (a *area) deliver(reg *registration, quarter int) {
	q := a.readable[reg]
	q[quarter] = true
	a.readable[reg] = q
}

// addOverAge files one adult with the home care agency, as happens.
func (a *area) addOverAge() {
	r := stream(a.opt.Seed, "over age")
	c := *a.world.children[0]
	c.number, c.birth, c.given, c.isOverAge, c.canary = 0, date(2001, 7, 14), "Glenn", true, nil
	c.kin, c.second, c.foster, c.needs = a.world.families[len(a.world.families)/2], nil, nil, nil
	reg := newRegistration(r, a.views["HHCS"], &c, len(a.known["HHCS"]), map[string]int{})
	reg.open, reg.servedFrom = span{from: date(2024, 5, 6)}, date(2024, 6, 3)
	reg.birth, reg.given = c.birth, c.given
	a.known["HHCS"] = append(a.known["HHCS"], reg)
}

func (a *area) addWorkspace() error {
	modified := quarters()[0].Start()
	err := fs.WalkDir(workspace, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := workspace.ReadFile(path)
		a.files = append(a.files, file{"workspace/" + path, data, modified})
		return err
	})
	if err != nil {
		return err
	}
	register, err := a.register()
	if err != nil {
		return err
	}
	a.files = append(a.files, file{"workspace/register.xlsx", register, modified})
	for _, language := range []string{"en", "fr"} {
		form, err := Form(language)
		if err != nil {
			return err
		}
		a.files = append(a.files, file{"ministry/" + FormName(language) + ".xlsx", form, modified})
	}
	truth, err := json.MarshalIndent(a.truth, "", " ")
	if err != nil {
		return err
	}
	a.files = append(a.files, file{"truth.json", append(truth, '\n'), modified})
	return nil
}

func (a *area) write(dir string) error {
	slices.SortFunc(a.files, func(x, y file) int { return cmp.Compare(x.path, y.path) })
	for _, f := range a.files {
		path := filepath.Join(dir, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.data, 0o600); err != nil {
			return err
		}
		if err := os.Chtimes(path, f.modified, f.modified); err != nil {
			return err
		}
	}
	return nil
}
