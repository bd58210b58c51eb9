package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines/model"
	"tributary/reports/forms"
	"tributary/sql"
)

//go:embed workspace.yaml
var workspaceYAML []byte

//go:embed agency.yaml
var agencyYAML []byte

func (p *program) initialise() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a workspace: settings, a sample agency and the register to fill in",
		Long: `Writes tributary.yaml (who you are, your areas), agencies/SAMPLE.yaml.txt (a mapping to copy),
register.xlsx (targets, contacts, agreements and all that no provider exports) and the folders.
kept/ must be backed up; cache/ and out/ may be deleted at any time.`,
		Example: "  tributary init\n  tributary init kingston",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := p.dir
			if len(args) == 1 {
				dir = args[0]
			}
			if err := makeWorkspace(dir, workspaceYAML, tributary.QuarterOf(p.today())); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "agencies", "SAMPLE.yaml.txt"), agencyYAML, 0o600); err != nil {
				return err
			}
			return p.answer(map[string]string{"workspace": dir}, func(out io.Writer) {
				fmt.Fprintf(out, `made the workspace %s
next:
  1. write your agency, areas and municipalities into tributary.yaml
  2. put each agency's files under drop:, as in drop/<CODE>/2025-26_Q1/
  3. let its mapping be proposed: tributary onboard drop/<CODE>/2025-26_Q1 --agency <CODE>
     (or copy agencies/SAMPLE.yaml.txt to agencies/<CODE>.yaml, and map its columns by hand)
  4. fill targets and contacts into register.xlsx
  5. see what is missing with: tributary doctor; then: tributary run, tributary findings
`, dir)
			})
		},
	}
}

// makeWorkspace makes the folders and files of a workspace; one that is there is never touched.
func makeWorkspace(dir string, settings []byte, first tributary.Quarter) error {
	if _, err := os.Stat(filepath.Join(dir, "tributary.yaml")); err == nil {
		return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("init: %s is a workspace already", dir), "name another folder"))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, d := range []string{"", "agencies", "sql", "templates", "kept", "cache", "out"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	if err := writeRegister(filepath.Join(dir, "register.xlsx"), first); err != nil {
		return err
	}
	// Last, because it makes the folder a workspace: an init that was killed can be started again.
	return os.WriteFile(filepath.Join(dir, "tributary.yaml"), settings, 0o600)
}

// writeRegister writes the form; one that is there stays, for a person may have filled it.
func writeRegister(path string, first tributary.Quarter) error {
	register, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	content := forms.Content{}
	models, err := model.Load(sql.FS)
	if err != nil {
		return err
	}
	for _, m := range models.Models("measure") {
		content.Measures = append(content.Measures, m.Name)
	}
	for q := first; len(content.Quarters) < 12; q = q.Next() {
		content.Quarters = append(content.Quarters, q.String())
	}
	return errors.Join(forms.RegisterOf(register, "en", content), register.Close())
}
