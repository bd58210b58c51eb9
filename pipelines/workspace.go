// Package pipelines walks a quarter through the nine steps.
//
// Takes a workspace; leaves published step files and what people open under out/; never knows how a
// step does its work.
package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/config"
	"tributary/pipelines/land"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/pipelines/model"
	"tributary/pipelines/notify"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
	"tributary/reports/submit"
	"tributary/sql"
)

// Settings is tributary.yaml.
type Settings struct {
	Agency       Cover             `yaml:"agency"`
	Drop         string            `yaml:"drop"`
	Areas        []Area            `yaml:"areas"`
	FirstQuarter tributary.Quarter `yaml:"first_quarter"`
	DueDays      int               `yaml:"due_days_after_quarter_end"`
	Language     string            `yaml:"language"`
	// Settings are rules that no public source fixes; see settingDefaults.
	Settings map[string]float64 `yaml:"settings"`
	// Submission says who approves and who signs.
	Submission Approval `yaml:"submission"`
	// Retention is how many years landed files are kept after their fiscal year; 0 is for ever.
	Retention Retention `yaml:"retention"`
	// Review is how pairs of records are decided about.
	Review Reviewing `yaml:"review"`
	// Serve is when sources are pulled by themselves, Notify who is told what.
	Serve  Serving       `yaml:"serve"`
	Notify notify.Config `yaml:"notify"`
	// Demo is set in an invented area alone.
	Demo Demo `yaml:"demo"`
}

// Demo is what an invented area has of its own.
type Demo struct {
	// Today is the day that it is there, as 2026-05-05, whatever the clock says: by the clock its newer quarters would
	// be empty. Empty in an area that is real.
	Today string `yaml:"today"`
}

// noon is the moment of Demo.Today, in the middle of the day.
func (d Demo) noon() (time.Time, error) {
	day, err := time.Parse(time.DateOnly, d.Today)
	return day.Add(12 * time.Hour), err
}

// Approval is how a submission is approved and signed.
type Approval struct {
	// SamePerson lets the person who prepared a submission approve it.
	SamePerson bool `yaml:"same_person_may_approve"`
	// Signatures is how many of the signers must sign; 1 where it is not set.
	Signatures int             `yaml:"signatures"`
	Signers    []submit.Signer `yaml:"signers"`
}

// Retention says how long what came is kept.
type Retention struct {
	LandedYears int `yaml:"landed_years"`
}

// Cover is what the ministry workbook prints about the Coordinating Agency.
type Cover struct {
	Code      string `yaml:"code"`
	Name      string `yaml:"name"`
	NameFR    string `yaml:"name_fr"`
	TPRNumber string `yaml:"tpr_number"`
	Region    string `yaml:"region"`
	Address   string `yaml:"address"`
	Director  string `yaml:"director"`
}

// Area is a service delivery area.
type Area struct {
	Name           string         `yaml:"name"`
	NameFR         string         `yaml:"name_fr"`
	Municipalities []Municipality `yaml:"municipalities"`
	// GeoJSON is a file with the borders of the municipalities, for the map of the gap report.
	GeoJSON string `yaml:"geojson"`
	// CensusDivisions are the codes of Statistics Canada that the area is made of; those of the seed where none is named.
	CensusDivisions []string `yaml:"census_divisions"`
}

// Municipality is written as a plain name, or as a mapping with other spellings.
type Municipality struct {
	Name   string   `yaml:"name"`
	NameFR string   `yaml:"name_fr"`
	Also   []string `yaml:"also"`
	// Postal are postal areas (the first three characters of postal codes) that lie in it as a whole.
	Postal []string `yaml:"postal"`
	// Population is how many people live there, PopulationOn the day that it speaks for; nobody's guess.
	Population   int64  `yaml:"population"`
	PopulationOn string `yaml:"population_on"`
}

// FromScalar reads the plain form.
func (m *Municipality) FromScalar(name string) error { m.Name = name; return nil }

// settingDefaults are the rules that a workspace may set, each marked "setting" or "derived" where it
// is printed: none is claimed to be the ministry's.
var settingDefaults = map[string]float64{
	"age_limit":             18, // CSP3
	"age_limit_in_school":   21, // CSP3
	"agreement_notice_days": 90, // a setting
	"meeting_target_days":   60, // documents 001 and 003: local protocol
	"plan_target_days":      60, // documents 001 and 003: local protocol
	"review_months":         6,  // documents 001 and 003: local protocol
	"small_below":           5,  // domain.md 5: a setting
	"disclosure_width":      5,  // a setting: how far apart the values lie that a hidden number can have
	"variance_pct":          10, // domain.md 3: not found, a setting
	"transition_age":        14, // CSP6
}

// Workspace is an open workspace folder.
type Workspace struct {
	Dir      string
	Settings Settings
	Agencies []*mapping.Agency
	Models   *model.Project
	Ledger   *ledger.Ledger
	Landing  *land.Store
	House    *warehouse.Warehouse
	Log      *slog.Logger
	// Now is the clock; Who is the person at the keyboard.
	Now func() time.Time
	Who string
	// Memo, where it is set, keeps what was asked about the published generation.
	Memo *Memo
	// Progress is told what is being done, for a person who watches.
	Progress func(step, detail string)
	// Program is the version of this program; another one builds its own step files.
	Program string
	// Secret resolves references such as ${env:NAME}.
	Secret func(string) (string, error)
	// isAside says that it is the throw-away workspace of a check: it has stage alone.
	isAside bool

	// landed, standsOn and submitted are set when a submission is reproduced: the files and the signed quarters
	// that it stood on, whatever there is today, and where the submissions lie.
	landed    []tributary.File
	standsOn  map[string]string
	submitted submit.Folder
	// open is the closed quarter that is being restated.
	open string
}

// Path returns a path inside the workspace.
func (w *Workspace) Path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

// Options are what cmd hands in: the environment and the clock stay there.
type Options struct {
	Log      *slog.Logger
	Now      func() time.Time
	Who      string
	Program  string
	Progress func(step, detail string)
	Limits   warehouse.Limits
	Secret   func(string) (string, error)
	// IsDaySet says that Now is a day that somebody asked for: it goes before that of a demo.
	IsDaySet bool
	// Holder says who runs, for whoever finds the workspace locked.
	Holder func() string
}

// Open reads a workspace and tells all faults of its files at once.
func Open(ctx context.Context, dir string, o Options) (*Workspace, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	w := &Workspace{Dir: dir, Log: o.Log, Now: o.Now, Who: o.Who, Program: o.Program, Progress: o.Progress, Secret: o.Secret}
	settings, err := ReadSettings(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, tributary.Fix(fmt.Errorf("%s is not a workspace: it has no tributary.yaml", dir),
			"go to the workspace's folder, or make one with: tributary init")
	}
	faults := []error{err}
	w.Settings = settings
	if noon, err := settings.Demo.noon(); err == nil && !o.IsDaySet {
		w.Now = func() time.Time { return noon }
	}
	w.Agencies, err = mapping.Load(model.Overlay(forms.Mapping, os.DirFS(dir)))
	faults = append(faults, err)
	w.Models, err = model.Load(model.Overlay(sql.FS, overlay(w.Path("sql"))))
	faults = append(faults, err)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if w.Ledger, err = ledger.Open(ctx, w.Path("kept", "ledger.sqlite")); err != nil {
		return nil, err
	}
	temp := w.Path("cache", "tmp")
	w.Landing = &land.Store{Root: w.Path("kept", "landing"), Temp: temp, Log: o.Log, Threads: o.Limits.Threads}
	w.House = &warehouse.Warehouse{Root: w.Path("cache", "warehouse"), Temp: temp, Limits: o.Limits, Holder: o.Holder}
	return w, nil
}

// overlay is the workspace's own SQL, or nothing where it has none.
func overlay(dir string) fs.FS {
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	return os.DirFS(dir)
}

// Close ends the use of the workspace.
func (w *Workspace) Close() error {
	if w.Ledger == nil { // made of a kit
		return nil
	}
	return w.Ledger.Close()
}

// ReadSettings reads and checks tributary.yaml.
func ReadSettings(dir string) (Settings, error) {
	var s Settings
	data, err := os.ReadFile(filepath.Join(dir, "tributary.yaml"))
	if err != nil {
		return s, err
	}
	if err := config.Decode("tributary.yaml", data, &s); err != nil {
		return s, err
	}
	return s, s.validate()
}

func (s *Settings) validate() error {
	var faults []error
	miss := func(what, fix string) {
		faults = append(faults, tributary.Fix(errors.New("tributary.yaml: "+what), fix))
	}
	if s.Agency.Name == "" || s.Agency.Code == "" {
		miss("agency: name or code is missing", "write the Coordinating Agency's name and code under agency:")
	}
	if len(s.Areas) == 0 {
		miss("areas: none is named", "name each service delivery area with its municipalities under areas:")
	}
	for _, a := range s.Areas {
		if a.Name == "" || len(a.Municipalities) == 0 {
			miss("areas: an area lacks its name or its municipalities", "write name: and municipalities: for each area")
		}
	}
	faults = append(faults, s.checkPlaces()...)
	if s.FirstQuarter.IsZero() {
		miss("first_quarter is missing", "write the first quarter to report, as in first_quarter: 2025-26Q1")
	}
	if _, err := s.Demo.noon(); s.Demo.Today != "" && err != nil {
		miss(fmt.Sprintf("demo: today %q is not a day", s.Demo.Today), "write it as today: 2026-05-05; in an area that is real leave demo: out")
	}
	if s.Language != "" && s.Language != "en" && s.Language != "fr" {
		miss(fmt.Sprintf("language %q is neither en nor fr", s.Language), "write language: en or language: fr")
	}
	names := slices.Sorted(maps.Keys(settingDefaults))
	for _, n := range slices.Sorted(maps.Keys(s.Settings)) {
		if _, ok := settingDefaults[n]; !ok {
			miss(fmt.Sprintf("settings: unknown setting %q", n), fmt.Sprintf("the settings are %v", names))
		}
	}
	seats := map[string]bool{}
	for _, who := range s.Submission.Signers {
		if err := who.Check(); err != nil {
			miss("submission: "+err.Error(), "write name, role and key (RW...) of each signer; a key is made with: tributary submit key NAME.key")
		}
		if who.ActingFor == "" {
			seats[who.Name] = true
		}
	}
	if s.Submission.Signatures == 0 {
		s.Submission.Signatures = 1
	}
	if n := s.Submission.Signatures; n < 1 || len(seats) > 0 && n > len(seats) {
		miss(fmt.Sprintf("submission: signatures: %d of %d signers (an acting director signs in another's place)", n, len(seats)), "ask for as many signatures as there are signers, or fewer")
	}
	if s.Retention.LandedYears < 0 {
		miss("retention: landed_years is below zero", "write a number of years, or leave it out to keep landed files for ever")
	}
	if s.Serve.Schedule == "" {
		s.Serve.Schedule = "30 6 * * 1-5"
	}
	for _, text := range []string{s.Serve.Schedule, s.Notify.Digest} {
		if text == "" {
			continue
		}
		if _, err := calendar.ParseSchedule(text); err != nil {
			miss(err.Error(), tributary.FixOf(err))
		}
	}
	if err := s.Notify.Validate(); err != nil {
		faults = append(faults, fmt.Errorf("tributary.yaml: %w", err))
	}
	if s.DueDays == 0 {
		s.DueDays = 15
	}
	if s.Language == "" {
		s.Language = "en"
	}
	return errors.Join(faults...)
}

// rules are the settings as text, defaults filled in.
func (s Settings) rules() map[string]string {
	out := map[string]string{}
	for n, v := range settingDefaults {
		if set, ok := s.Settings[n]; ok {
			v = set
		}
		out[n] = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return out
}

// regionsFR names the ministry's regions in French (domain.md 4).
var regionsFR = map[string]string{"Central": "Centre", "East": "Est", "North": "Nord", "Toronto": "Toronto", "West": "Ouest"}

// cover is what the contract release carries besides the rules.
func (s Settings) cover(q tributary.Quarter) map[string]string {
	out := s.rules()
	out["agency_name"], out["agency_name_fr"], out["agency_code"] = s.Agency.Name, s.Agency.NameFR, s.Agency.Code
	out["tpr_number"], out["region"], out["address"], out["director"] = s.Agency.TPRNumber, s.Agency.Region, s.Agency.Address, s.Agency.Director
	out["region_fr"] = regionsFR[s.Agency.Region]
	out["quarter"], out["as_of"] = q.String(), q.End().Format(time.DateOnly)
	for i, a := range s.Areas {
		if i > 0 {
			out["area"] += "; "
			out["area_fr"] += "; "
		}
		fr := a.NameFR
		if fr == "" {
			fr = a.Name
		}
		out["area"] += a.Name
		out["area_fr"] += fr
		out["area_fr."+a.Name] = fr
	}
	return out
}

// municipalities are all spellings of the workspace's places.
func (s Settings) municipalities() []mapping.Municipality {
	var out []mapping.Municipality
	for _, a := range s.Areas {
		for _, m := range a.Municipalities {
			for _, spelling := range slices.Concat([]string{m.Name}, m.Also, m.Postal) {
				out = append(out, mapping.Municipality{Spelling: spelling, Name: m.Name, Area: a.Name})
			}
		}
	}
	return out
}

// Quarters are those from the first one to q.
func (w *Workspace) Quarters(q tributary.Quarter) []tributary.Quarter {
	var out []tributary.Quarter
	for at := w.Settings.FirstQuarter; at.Compare(q) <= 0; at = at.Next() {
		out = append(out, at)
	}
	return out
}

// LastEnded is the newest quarter that is over.
func (w *Workspace) LastEnded() tributary.Quarter { return tributary.QuarterOf(w.Today()).Prev() }

// Agency finds an agency by its code.
func (w *Workspace) Agency(code string) (*mapping.Agency, error) {
	var known []string
	for _, a := range w.Agencies {
		if a.Code == code {
			return a, nil
		}
		if a.Code != registerAgency {
			known = append(known, a.Code)
		}
	}
	return nil, tributary.Fix(fmt.Errorf("no agency has the code %q", code), "the agencies are "+strings.Join(known, ", "))
}
