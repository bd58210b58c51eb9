package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

func (p *program) submit() *cobra.Command {
	c := &cobra.Command{Use: "submit", Short: "Prepare what goes to the ministry"}
	var quarter string
	prepare := &cobra.Command{
		Use:   "prepare",
		Short: "Make the folder with the workbooks and a manifest of hashes (not signed yet)",
		Long: `Copies the published workbooks into kept/submissions/<quarter>-<n>/bundle, with what they stand on
beside them in proof/. Nothing is signed and nothing is sent.`,
		Example: "  tributary submit prepare --quarter 2025-26Q2",
		Args:    cobra.NoArgs,
	}
	prepare.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	prepare.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		if quarter != "" && quarter != m.Quarter.String() {
			return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("submit prepare: %s is not the published quarter, %s is", quarter, m.Quarter),
				"publish it first with: tributary run --quarter "+quarter))
		}
		blocks, err := w.Findings(c.Context(), pipelines.FindingFilter{Quarter: m.Quarter.String(), Severity: string(tributary.Blocks)})
		if err != nil {
			return err
		}
		dir, manifest, err := w.Prepare(c.Context())
		if err != nil {
			return err
		}
		return p.answer(manifest, func(out io.Writer) {
			fmt.Fprintf(out, "%s: prepared, not signed\n", dir)
			for _, name := range slices.Sorted(maps.Keys(manifest.Bundle)) {
				fmt.Fprintf(out, "  %s  %s\n", manifest.Bundle[name][:16], filepath.Join("bundle", name))
			}
			if len(blocks) > 0 {
				fmt.Fprintf(out, "%d findings would keep this quarter from being approved: tributary findings --severity blocks --quarter %s\n", len(blocks), m.Quarter)
			}
		})
	})
	verify := &cobra.Command{
		Use:     "verify ID",
		Short:   "Hash a submission's files again and compare them with its manifest",
		Example: "  tributary submit verify 2025-26Q2-1",
		Args:    cobra.ExactArgs(1),
	}
	verify.RunE = p.inside(func(_ *cobra.Command, w *pipelines.Workspace, args []string) error {
		differ, err := w.VerifySubmission(args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if len(differ) > 0 {
			return tributary.Fix(fmt.Errorf("submission %s: %s", args[0], strings.Join(differ, "; ")), "restore kept/submissions from the newest backup")
		}
		return p.answer(map[string]string{"submission": args[0]}, func(out io.Writer) {
			fmt.Fprintf(out, "%s: every file is as it was prepared\n", args[0])
		})
	})
	c.AddCommand(prepare, verify)
	return c
}

func (p *program) report() *cobra.Command {
	c := &cobra.Command{Use: "report", Short: "Write workbooks from what is published"}
	var lang string
	ministry := &cobra.Command{
		Use:   "ministry",
		Short: "The quarterly performance workbook, in English or French",
		Long: `Writes the workbooks of the published quarter under out/. Words that were typed into the marked
cells are read back first; a workbook that was edited is never overwritten.`,
		Example: "  tributary report ministry\n  tributary report ministry --lang fr",
		Args:    cobra.NoArgs,
	}
	ministry.Flags().StringVar(&lang, "lang", "", "en or fr (default: both)")
	ministry.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		languages := pipelines.Languages
		if lang != "" {
			if !slices.Contains(languages, lang) {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("report: language %q is not known", lang), "write --lang en or --lang fr"))
			}
			languages = []string{lang}
		}
		wrote, err := w.Report(c.Context(), languages...)
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(wrote, func(out io.Writer) {
			for _, f := range wrote {
				fmt.Fprintf(out, "open: %s\n", f)
			}
			if len(wrote) == 0 {
				fmt.Fprintln(out, "the workbooks are as the published numbers say")
			}
		})
	})
	c.AddCommand(ministry, p.reportFeedback(), p.reportQuality())
	return c
}
