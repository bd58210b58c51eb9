package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/why"
)

func (p *program) release() *cobra.Command {
	c := &cobra.Command{
		Use:   "release",
		Short: "What partners and the public may see, and what was handed out",
		Long: `Every run makes two releases beside the ministry's: one for partners, one for the public. In them no hidden
number can be worked out from what is shown, also together with releases that were marked as published.
The tables are declared in sql/release/partners.yaml and public.yaml; small_below and disclosure_width in
tributary.yaml say how small is small and how far apart the values of a hidden number must lie (settings).
See them with: tributary sql "select cell_id, value from public.cell".`,
		Example: `  tributary release list
  tributary release why csp_plans@2025-26Q2/municipality=Northmoor
  tributary release publish public --why "put on the web site on 3 May"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.releaseList(), p.releaseWhy(), p.releasePublish())
	return c
}

func (p *program) releaseList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "How much each release shows and hides, and which releases were published",
		Example: "  tributary release list\n  tributary release list --json",
		Args:    cobra.NoArgs,
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		counts, unmet, err := w.ReleaseCounts(c.Context())
		if err != nil {
			return err
		}
		handed, err := w.HandedOut(c.Context())
		if err != nil {
			return err
		}
		answer := struct {
			Counts    []pipelines.ReleaseCount `json:"counts"`
			Coarsen   []string                 `json:"coarsen"`
			Published []pipelines.Handed       `json:"published"`
		}{counts, unmet, handed}
		return p.answer(answer, func(out io.Writer) {
			rows := [][]string{{"RELEASE", "NUMBERS", "COUNT"}}
			for _, n := range counts {
				rows = append(rows, []string{n.Audience, countWords(n.What), fmt.Sprint(n.Count)})
			}
			table(out, rows)
			for _, u := range unmet {
				fmt.Fprintf(out, "must be coarser: %s\n", u)
			}
			for _, h := range handed {
				fmt.Fprintf(out, "published: %s\n", h.ID)
			}
		})
	})
	return c
}

func countWords(what string) string {
	if words, ok := reasons[what]; ok {
		return "hidden: " + words
	}
	return what
}

// reasons are why a number is hidden, for people.
var reasons = map[string]string{
	"small":         "counts too few",
	"rate":          "too few of a share's cases, or all but too few",
	"difference":    "taken from a number that is shown, it would leave too few",
	"complementary": "another hidden number could be worked out from it",
	"derived":       "rests on a number that is hidden",
	"fraction":      "not a whole number: nobody could prove that it tells no other",
	"few":           "the value of one case, with too few beyond it",
}

func (p *program) releaseWhy() *cobra.Command {
	c := &cobra.Command{
		Use:     "why CELL",
		Short:   "Whether a number is shown to partners and to the public, and why not",
		Example: "  tributary release why csp_plans@2025-26Q2/municipality=Northmoor",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		id, err := why.ParseCellID(args[0])
		if err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		cells, err := w.WhyHidden(c.Context(), id.String())
		if err != nil {
			return err
		}
		if len(cells) == 0 {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("release why: %s stands in no table of partners or of the public", id),
				"the tables are declared in sql/release/partners.yaml and sql/release/public.yaml"))
		}
		return p.answer(cells, func(out io.Writer) {
			for _, h := range cells {
				switch {
				case h.IsShown:
					fmt.Fprintf(out, "%s: shown\n", h.Audience)
				default:
					line := h.Audience + ": hidden, " + reasons[h.Why]
					if h.BecauseOf != "" {
						line += " (" + strings.ReplaceAll(h.BecauseOf, " without ", " less ") + ")"
					}
					if h.Low != nil && h.High != nil {
						line += fmt.Sprintf("; from what is shown it could as well be %d or %d", *h.Low, *h.High)
					}
					fmt.Fprintln(out, line)
				}
			}
		})
	})
	return c
}

func (p *program) releasePublish() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "publish AUDIENCE",
		Short: "Record that a release was handed out; what it shows counts as known from then on",
		Long: `Record that the release of the last run was handed out to partners or to the public. Every later release
takes what it showed as known. This cannot be taken back: what people have seen they have seen. The release,
the true values, the relations and the reasons are kept under kept/releases, for the Coordinating Agency alone.`,
		Example: `  tributary release publish public --why "put on the web site on 3 May"`,
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&reason, "why", "", "when and to whom it was handed out, for the record")
	_ = c.MarkFlagRequired("why")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if reason == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("a reason is missing"), `add --why "..."`))
		}
		h, err := w.PublishRelease(c.Context(), args[0], reason)
		if err != nil {
			return exitWith(publishCode(args[0], err), err)
		}
		return p.answer(h, func(out io.Writer) {
			fmt.Fprintf(out, "%s is published; later releases take what it shows as known\n", h.ID)
		})
	})
	return c
}

// publishCode tells a wrong audience from a release that does not protect its numbers.
func publishCode(audience string, err error) int {
	switch {
	case audience != "public" && audience != "partners":
		return exitAskedWrongly
	case errors.Is(err, pipelines.ErrUnprotected):
		return exitNotReady
	}
	return exitFailed
}
