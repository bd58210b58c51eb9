package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/link"
	"tributary/reports/forms"
)

func (p *program) linkReview() *cobra.Command {
	var limit int
	var families, splits bool
	var sheet, lang, reason string
	c := &cobra.Command{
		Use:   "review",
		Short: "What is doubtful, in the order in which answers move the published numbers",
		Long: `Lists questions about pairs of records: two children that may be one, two families that may be one, one
child that may be two, and decisions that rested on values that have changed since. The order is by how many
of the 16 unduplicated numbers (children and families known, by quarter and year to date) the answer is
expected to move. One question settles all pairs of records of the same two children.

The probability is always that the two are one: one child, or one family where that is the question
(--json: probability, and probability_of says which). Two may be held apart although it is high: where
other records or other children of the two speak against it, the sentence says so.

--xlsx writes the questions into a workbook with the values side by side; answer in its yellow cells and
read it back with tributary link decide FILE.xlsx. Writing it is a look at named records and goes to the
audit log. Where one of two agencies has no consent for its record, values and numbers are left out, for whoever
asks: consent that an agency records shows them after the next run. Until then "later" is an answer; the
range of the counts holds both possibilities.`,
		Example: `  tributary link review
  tributary link review --limit 100 --xlsx review.xlsx --lang fr
  tributary link review --families
  tributary link review --splits --json`,
		Args: cobra.NoArgs,
	}
	c.Flags().IntVar(&limit, "limit", 20, "how many questions; 0 is all")
	c.Flags().BoolVar(&families, "families", false, "only questions about families")
	c.Flags().BoolVar(&splits, "splits", false, "only children that may be two")
	c.Flags().StringVar(&sheet, "xlsx", "", "write the questions into this workbook")
	c.Flags().StringVar(&lang, "lang", "", "language of the workbook, en or fr (default: the workspace's)")
	c.Flags().StringVar(&reason, "why", "review of doubtful pairs", "with --xlsx: why you look at named records")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		if lang == "" {
			lang = w.Settings.Language
		}
		if !slices.Contains(pipelines.Languages, lang) {
			return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("link review: language %q is not known", lang), "write --lang en or --lang fr"))
		}
		var kinds []string
		if families {
			kinds = append(kinds, pipelines.AskFamily)
		}
		if splits {
			kinds = append(kinds, pipelines.AskSplit)
		}
		all, err := w.Queue(c.Context(), 0, kinds...)
		if err != nil {
			return err
		}
		questions := all
		if limit > 0 && len(all) > limit {
			questions = all[:limit]
		}
		if sheet != "" {
			return p.reviewSheet(c.Context(), w, questions, sheet, lang, reason)
		}
		views := make([]questionView, len(questions))
		for i, q := range questions {
			views[i] = viewOfQuestion(q)
		}
		return p.answer(views, func(out io.Writer) { printQuestions(out, views, len(all)) })
	})
	return c
}

// questionView is a question as it may be seen. Where records may not be shown together, their agencies
// stand for them, and the key for the pair.
type questionView struct {
	Pair        string   `json:"pair"`
	Kind        string   `json:"kind"`
	Left        string   `json:"left"`
	Right       string   `json:"right"`
	Withheld    bool     `json:"withheld"`
	Probability float64  `json:"probability"`
	Of          string   `json:"probability_of,omitempty"`
	Outcome     string   `json:"outcome"`
	Why         string   `json:"why"`
	Effect      string   `json:"effect"`
	Cells       []string `json:"cells"`
	Moves       float64  `json:"moves"`
}

func viewOfQuestion(q pipelines.Question) questionView {
	v := questionView{Pair: link.PairKey(q.Left, q.Right), Kind: q.Kind, Left: q.Left.String(), Right: q.Right.String(), Withheld: q.Withheld,
		Probability: q.Probability, Of: chanceOf[q.Kind], Outcome: q.Outcome, Why: q.Why("en"), Effect: q.Effect("en"), Cells: q.Cells, Moves: round(q.Moves)}
	if q.Withheld {
		v.Left, v.Right = q.Left.Agency, q.Right.Agency
	}
	return v
}

var kindWords = map[string]string{"child": "one child?", "family": "one family?", "split": "one child or two?", "again": "asked again"}

// chanceOf says what the probability of a question is of; a question that is asked again has none.
var chanceOf = map[string]string{"child": "one child", "family": "one family", "split": "one child"}

func printQuestions(out io.Writer, views []questionView, all int) {
	if all == 0 {
		fmt.Fprintln(out, "no question is open")
		return
	}
	fmt.Fprintf(out, "%d questions are open; the first %d:\n", all, len(views))
	for i, v := range views {
		names := v.Left + " " + v.Right
		if v.Withheld {
			names = fmt.Sprintf("%s (%s and %s; the agreement withholds numbers and values)", v.Pair, v.Left, v.Right)
		}
		fmt.Fprintf(out, "\n%3d. %s  %s", i+1, names, kindWords[v.Kind])
		if v.Kind != pipelines.AskAgain {
			fmt.Fprintf(out, "  probability of %s %.2f", v.Of, v.Probability)
		}
		fmt.Fprintf(out, "\n     %s\n     %s\n", wrap(v.Why, 5), wrap(v.Effect, 5))
	}
	first := views[0].Left + " " + views[0].Right
	if views[0].Withheld {
		first = views[0].Pair
	}
	fmt.Fprintf(out, `
look:    tributary link why %[1]s --why "..."
answer:  tributary link decide %[1]s same|family|different|later --why "..."
or all in a workbook: tributary link review --xlsx review.xlsx
`, first)
	if slices.ContainsFunc(views, func(v questionView) bool { return v.Withheld }) {
		fmt.Fprintln(out, wrap("Where numbers and values are withheld: "+undecidable, 0))
	}
}

// reviewSheet writes the questions with the values of those that may be shown.
func (p *program) reviewSheet(ctx context.Context, w *pipelines.Workspace, questions []pipelines.Question, path, lang, reason string) error {
	var subjects []string
	for _, q := range questions {
		if !q.Withheld {
			subjects = append(subjects, q.Left.String(), q.Right.String())
		}
	}
	slices.Sort(subjects)
	if err := w.Look(ctx, "link review", strings.Join(slices.Compact(subjects), " "), reason); err != nil {
		return err
	}
	pairs, err := w.ReviewPairs(ctx, questions, lang)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		if errors.Is(err, os.ErrExist) {
			err = tributary.Fix(fmt.Errorf("link review: %s is there already, perhaps with answers", path), "read it back with: tributary link decide "+path+"; or name another file")
		}
		return exitWith(exitAskedWrongly, err)
	}
	if err := errors.Join(forms.WriteReview(f, lang, pairs), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return p.answer(map[string]any{"file": path, "questions": len(pairs)}, func(out io.Writer) {
		fmt.Fprintf(out, "%d questions written to %s; answer in the yellow cells, save, then: tributary link decide %s\n", len(pairs), path, path)
	})
}

// width is that of the terminals that we write for.
const width = 80

// wrap breaks a text into lines that fit; those after the first begin with so many blanks.
func wrap(text string, indent int) string {
	var b strings.Builder
	column := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
