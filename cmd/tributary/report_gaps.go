package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
)

func (p *program) reportGaps() *cobra.Command {
	var quarter, lang, audience string
	c := &cobra.Command{
		Use:   "gaps",
		Short: "Where needs are not met, how long families wait, and who did not report: a page and a workbook",
		Long: `Writes under out/QUARTER gaps-en.html and gaps-fr.html, each a page that stands alone (map, ranked pictures, quarters
side by side, filters; nothing is fetched, and without its script it is a page of tables), and the same as workbooks.
Every figure stands with the range in which the true one likely lies and with who reported. With borders in
tributary.yaml (areas: geojson: FILE) the map is drawn from them, else of squares. Small numbers are marked, not
hidden: it is for the Coordinating Agency and the ministry.

With --for partners or --for public it writes gaps-partners-en.html and so on, which show what that audience may see of
needs and waits: no hidden number can be worked out from them, nor from them and what was published before. Say that
you handed it out with: tributary release publish`,
		Example: "  tributary report gaps\n  tributary report gaps --quarter 2025-26Q2 --lang fr\n  tributary report gaps --for public",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter (default: the published one)")
	c.Flags().StringVar(&lang, "lang", "", "en or fr (default: both)")
	c.Flags().StringVar(&audience, "for", "", "partners or public (default: the Coordinating Agency)")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		languages := pipelines.Languages
		switch lang {
		case "":
		case "en", "fr":
			languages = []string{lang}
		default:
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("language %q: neither en nor fr", lang), "write --lang en or --lang fr"))
		}
		if audience != "" && !slices.Contains([]string{"partners", "public"}, audience) {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("no wider audience is called %q", audience), "write --for partners or --for public"))
		}
		m, err := w.House.Current()
		if err != nil {
			return err
		}
		q := m.Quarter
		if quarter != "" {
			if q, err = tributary.ParseQuarter(quarter); err != nil {
				return exitWith(exitAskedWrongly, err)
			}
		}
		wrote, err := w.Gaps(c.Context(), q, languages, audience)
		p.endProgress()
		if err != nil {
			return err
		}
		return p.answer(map[string]any{"quarter": q, "files": wrote}, func(out io.Writer) { printOpen(out, wrote) })
	})
	return c
}
