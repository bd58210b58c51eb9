package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/mapping"
	"tributary/pipelines/warehouse"
)

// finding of doctor: one thing that was looked at.
type sign struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Fix  string `json:"fix,omitempty"`
}

func (p *program) doctor() *cobra.Command {
	var deep bool
	c := &cobra.Command{
		Use:     "doctor [AGENCY]",
		Short:   "Look at the workspace, its files and its sources, and say what to mend",
		Example: "  tributary doctor\n  tributary doctor LCTC\n  tributary doctor --deep      also hash every landed file again",
		Args:    cobra.MaximumNArgs(1),
	}
	c.Flags().BoolVar(&deep, "deep", false, "hash every landed file again")
	c.RunE = func(c *cobra.Command, args []string) error {
		only := ""
		if len(args) == 1 {
			only = args[0]
		}
		signs := p.examine(c.Context(), only, deep)
		bad := 0
		for _, s := range signs {
			if !s.OK {
				bad++
			}
		}
		err := p.answer(signs, func(out io.Writer) {
			for _, s := range signs {
				mark := "ok  "
				if !s.OK {
					mark = "BAD "
				}
				fmt.Fprintf(out, "%s %s: %s\n", mark, s.What, s.Says)
				if s.Fix != "" {
					fmt.Fprintf(out, "     fix: %s\n", s.Fix)
				}
			}
		})
		if err == nil && bad > 0 {
			return tributary.Fix(fmt.Errorf("doctor: %d of %d signs are bad", bad, len(signs)), "mend them one by one; each says how")
		}
		return err
	}
	return c
}

func (p *program) examine(ctx context.Context, only string, deep bool) []sign {
	var signs []sign
	look := func(what, says string, err error) {
		if err == nil {
			signs = append(signs, sign{What: what, OK: true, Says: says})
			return
		}
		for _, e := range flatten(err) {
			signs = append(signs, sign{What: what, Says: e.Error(), Fix: tributary.FixOf(e)})
		}
	}
	w, err := p.open(ctx)
	look("workspace files", "tributary.yaml, agencies and sql are as they should be", err)
	if err != nil {
		return signs
	}
	defer w.Close()
	look("settings", "say who you are, your areas and your agencies", unfilled(w))
	look("folder", "is on this machine's own disk, for you alone", place(w.Dir))
	ledger := w.Ledger.Verify(ctx)
	if m, err := w.House.Current(); err == nil {
		ledger = errors.Join(ledger, w.Ledger.Holds(ctx, m.Ledger))
	}
	look("ledger", "is as it was written", ledger)
	if deep {
		look("landed files", "hash to what they were", w.Landing.Verify(ctx))
	}
	m, err := w.House.Current()
	switch {
	case err == nil:
		bad, err := w.House.Damaged()
		if len(bad) > 0 {
			err = tributary.Fix(fmt.Errorf("step files are damaged: %s", strings.Join(bad, ", ")), "build them again with: tributary run")
		}
		look("published", fmt.Sprintf("%s, generation %d", m.Quarter, m.Generation), err)
	case errors.Is(err, warehouse.ErrNothingPublished):
		look("published", "nothing yet; tributary run makes the first numbers", nil)
	default:
		look("published", "", err)
	}
	for _, a := range w.Agencies {
		if only == "" || only == a.Code {
			says, err := w.CheckSource(ctx, a)
			look("source "+a.Code, says, err)
			if rule := a.Linking.WithoutConsent; rule != "count_only" {
				look("consent "+a.Code, "clients without consent: "+rule, consentMapped(a))
			}
		}
	}
	return signs
}

// placeholders are the words that init writes for a person to replace.
var placeholders = []string{"CA00", "Name of the Coordinating Agency", "Nom de l'organisme de coordination", "Name of the area", "Nom de la zone", "First Town", "Second Town"}

// unfilled says what of a new workspace nobody has filled in yet.
func unfilled(w *pipelines.Workspace) error {
	own := w.Settings.Agency
	said := []string{own.Code, own.Name, own.NameFR}
	for _, a := range w.Settings.Areas {
		said = append(said, a.Name, a.NameFR)
		for _, m := range a.Municipalities {
			said = append(said, m.Name)
		}
	}
	var left []string
	for _, s := range placeholders {
		if slices.Contains(said, s) {
			left = append(left, fmt.Sprintf("%q", s))
		}
	}
	var faults []error
	if len(left) > 0 {
		faults = append(faults, tributary.Fix(fmt.Errorf("tributary.yaml still holds words of its form: %s", strings.Join(left, ", ")),
			"write your own agency, areas and municipalities there; the cover prints them, and files are read by them"))
	}
	if !slices.ContainsFunc(w.Agencies, func(a *mapping.Agency) bool { return a.Code != "REGISTER" }) {
		faults = append(faults, tributary.Fix(errors.New("no agency is set up yet"), "with some files of one: tributary onboard FOLDER --agency CODE"))
	}
	return errors.Join(faults...)
}

// consentMapped says whether an agency whose clients count only with consent says who consented.
func consentMapped(a *mapping.Agency) error {
	fills := map[string]bool{}
	for _, t := range a.Tables {
		fills[t.Into] = true
	}
	if !fills["client"] || fills["consent"] {
		return nil
	}
	return tributary.Fix(fmt.Errorf("clients without consent: %s, and no table fills consent: all its clients are without", a.Linking.WithoutConsent),
		fmt.Sprintf("map its consents (into: consent) in agencies/%s.yaml, or change linking: without_consent:", a.Code))
}

// place says whether a workspace lies where several machines may write at once, or others may read.
func place(dir string) error {
	var faults []error
	for _, word := range []string{"OneDrive", "Dropbox", "Google Drive", "iCloud", "Nextcloud"} {
		if strings.Contains(dir, word) {
			faults = append(faults, tributary.Fix(fmt.Errorf("lies in a sync folder (%s)", word),
				"move the workspace to a local folder"))
		}
	}
	for _, d := range []string{"kept", "cache"} {
		info, err := os.Stat(filepath.Join(dir, d))
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			faults = append(faults, tributary.Fix(fmt.Errorf("%s can be read by others", d), "run: chmod -R go-rwx "+d))
		}
	}
	return errors.Join(faults...)
}
