package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/link"
)

func (p *program) linkEvaluate() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "evaluate",
		Short: "How good the published links are: by the records themselves, and against a truth",
		Long: `Without a truth: how the weights of compared pairs are spread, what linking from a probability on is
expected to get wrong, whether people who decided the same pair agree, what each blocking rule found and left
out, and how far today's records would teach another model than the accepted one.

With a truth, a CSV with agency,client_local_id,child_id and, where known, family_id: precision, recall, F1 and
B-cubed F1, and which groups of children are missed more often: by age, care, language, and by every other
column of the file (such as name_origin). Only counts are printed.`,
		Example: "  tributary link evaluate\n  tributary link evaluate --truth truth.csv --json",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&file, "truth", "", "a CSV that says which clients are one child")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, _ []string) error {
		var truth io.Reader
		if file != "" {
			f, err := os.Open(file)
			if err != nil {
				return exitWith(exitAskedWrongly, tributary.Fix(err, "name a file that is there and that you may read"))
			}
			defer f.Close()
			truth = f
		}
		e, err := w.Evaluate(c.Context(), truth)
		p.endProgress()
		if err != nil {
			if strings.HasPrefix(err.Error(), "truth:") {
				return exitWith(exitDataRefused, err)
			}
			return err
		}
		return p.answer(e, func(out io.Writer) { printEvaluation(out, e) })
	})
	return c
}

func printEvaluation(out io.Writer, e *pipelines.Evaluation) {
	most := 1
	for _, b := range e.Weights {
		most = max(most, b.Pairs)
	}
	fmt.Fprintf(out, "%s: compared pairs by their weight, in bits for one child\n", e.Quarter)
	var rows [][]string
	for _, b := range e.Weights {
		rows = append(rows, []string{fmt.Sprintf("%+4d to %+4d", b.From, b.To), fmt.Sprintf("%7d", b.Pairs), strings.Repeat("#", max(b.Pairs*40/most, 1))})
	}
	table(out, rows)
	fmt.Fprintln(out, "\nlinking from a probability on would, by the probabilities themselves:")
	rows = [][]string{{"FROM", "LINK PAIRS", "OF THEM WRONG", "MISS"}}
	for _, t := range e.Thresholds {
		rows = append(rows, []string{fmt.Sprintf("%.2f", t.At), fmt.Sprint(t.Pairs), fmt.Sprintf("%.1f", t.False), fmt.Sprintf("%.1f", t.Missed)})
	}
	table(out, rows)
	fmt.Fprintf(out, "\npairs that two people decided: %d; they agree on %d\n\n", e.AskedTwice, e.Agreed)
	fmt.Fprintf(out, "the rules below are likely to have brought %.2f %% of the pairs of one child together\n(blocks larger than the limit are split or left out)\n", 100*e.Recall)
	rows = [][]string{{"RULE", "RECORDS", "PAIRS", "LARGEST", "LIMIT", "LEFT OUT"}}
	for _, r := range e.Rules {
		rows = append(rows, []string{r.Rule, fmt.Sprint(r.Records), fmt.Sprint(r.Pairs), fmt.Sprint(r.Largest), fmt.Sprint(r.Limit), fmt.Sprint(r.LeftOut)})
	}
	table(out, rows)
	fmt.Fprintln(out)
	if e.HasAccepted {
		printShifts(out, e.Drift, "the accepted model")
	} else {
		fmt.Fprintln(out, `no link model is accepted: nothing to drift from; see: tributary link train --help`)
	}
	if e.Truth != nil {
		printJudgement(out, e.Truth)
	}
}

func printJudgement(out io.Writer, j *pipelines.Judgement) {
	fmt.Fprintf(out, "\nagainst the truth: %d clients; %d more of the truth are in no delivery\n", j.Clients, j.Unknown)
	rows := [][]string{{"", "PRECISION", "RECALL", "F1", "B-CUBED F1", "PAIRS", "WRONG", "MISSED"}}
	add := func(what string, a link.Accuracy) {
		rows = append(rows, []string{what, fmt.Sprintf("%.4f", a.Precision), fmt.Sprintf("%.4f", a.Recall), fmt.Sprintf("%.4f", a.F1), fmt.Sprintf("%.4f", a.BCubed),
			fmt.Sprint(a.Pairs), fmt.Sprint(a.False), fmt.Sprint(a.Missed)})
	}
	add("children", j.Child)
	if j.Family != nil {
		add("families", *j.Family)
	}
	table(out, rows)
	fmt.Fprintln(out, "\npairs of records of one child that are not linked:")
	rows = [][]string{{"GROUP", "", "PAIRS", "MISSED", "RATE"}}
	for _, m := range j.Missed {
		rows = append(rows, []string{m.Group, inert(m.Value), fmt.Sprint(m.Pairs), fmt.Sprint(m.Missed), fmt.Sprintf("%.1f %%", 100*float64(m.Missed)/float64(m.Pairs))})
	}
	table(out, rows)
}
