package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/link"
	"tributary/reports/forms"
)

// pairArgs are two records, or the key of a pair that may not be shown.
const pairHelp = `A pair is two records, each AGENCY:NUMBER, or the key that tributary link review prints where the
agreement does not allow to show the two records beside each other.`

func (p *program) linkWhy() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "why A B",
		Short: "Why two records are counted as one child, or are not",
		Long: `Says it in a sentence, shows the two records side by side, and what each comparison adds to the weight:
bits (each doubles the odds) for one child, against two unrelated children and against two children of one
household. Both must speak for it. It answers for any two records, also those that were never compared.

` + pairHelp + `
Telephones, e-mails and caregivers are those of the newest quarter, the caregivers' too: ≠ they differ, ≈ they are only
written differently, = one of several is in both.
Where one of two agencies has no consent for its record, no values are shown to anyone, only how they compare.
The look is written to the audit log.`,
		Example: `  tributary link why LCTC:LC-01003 FCMH:77121 --why "family asked"
  tributary link why 3f9a21bc77aa --why "review of September"`,
		Args: cobra.RangeArgs(1, 2),
	}
	c.Flags().StringVar(&reason, "why", "", "why you look at these records")
	alsoNamed(c, &reason, "because")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) error {
		if reason == "" {
			return exitWith(exitAskedWrongly, tributary.Fix(errors.New("link why: a reason is missing"), `add --why "..."`))
		}
		pair, err := w.PairOf(c.Context(), args)
		if err != nil {
			return ofRecords(err)
		}
		if err := w.Look(c.Context(), "link why", strings.Join(args, " "), reason); err != nil {
			return err
		}
		answer, err := w.WhyLinked(c.Context(), pair[0], pair[1], len(args) == 2)
		if err != nil {
			return ofRecords(err)
		}
		v := viewOf(answer, len(args) == 2)
		return p.answer(v, func(out io.Writer) { v.print(out) })
	})
	return c
}

// ofRecords gives errors about records their exit code: asked wrongly when the words are wrong, data
// refused when no delivery holds what was asked for.
func ofRecords(err error) error {
	if errors.Is(err, pipelines.ErrNoClient) {
		return exitWith(exitDataRefused, err)
	}
	return exitWith(exitAskedWrongly, err)
}

// pairView is an answer about a pair as it may be seen.
type pairView struct {
	Left        string      `json:"left"`
	Right       string      `json:"right"`
	Withheld    bool        `json:"withheld"`
	Sentence    string      `json:"sentence,omitempty"`
	Values      [][3]string `json:"values,omitempty"`
	Terms       []link.Term `json:"terms,omitempty"`
	Stranger    float64     `json:"stranger_bits"`
	Sibling     float64     `json:"sibling_bits"`
	Probability float64     `json:"probability"`
	Rules       []string    `json:"rules"`
	Outcome     string      `json:"outcome"`
	Because     string      `json:"because"`
	Child       string      `json:"child,omitempty"`
	IsOneFamily bool        `json:"is_one_family"`
	Shares      string      `json:"family_shares,omitempty"`
	// FamilyChance is the probability that the two children, if they are two, are of one family.
	FamilyChance float64 `json:"family_probability,omitempty"`
	// IsHeld says that other children of the two families speak against their being one.
	IsHeld bool `json:"family_held,omitempty"`

	Decisions []pipelines.Stands `json:"decisions"`

	isCompared bool
}

func viewOf(a *pipelines.Pair, named bool) pairView {
	v := pairView{Left: a.Left.String(), Right: a.Right.String(), Withheld: a.Withheld, Sentence: a.Sentence, Rules: a.Rules,
		Stranger: round(float64(a.Edge.Stranger)), Sibling: round(float64(a.Edge.Sibling)), Outcome: a.Outcome, Because: a.Because,
		IsOneFamily: a.IsOneFamily, Shares: a.FamilyShares, FamilyChance: a.FamilyChance, IsHeld: a.IsFamilyHeld, Decisions: a.Decisions, isCompared: a.IsCompared}
	if !named && a.Withheld { // the asker does not know which records they are, and is not told
		v.Left, v.Right = "a record of "+a.Left.Agency, "a record of "+a.Right.Agency
	}
	if a.IsCompared {
		v.Probability = a.Edge.Probability()
	}
	if a.Outcome == "link" {
		v.Child = a.Left.Child
	}
	for _, t := range a.Terms {
		if t.Stranger != 0 || t.Sibling != 0 {
			v.Terms = append(v.Terms, t)
		}
	}
	for _, column := range pipelines.ShownColumns {
		l, r := a.Left.Values[column], a.Right.Values[column]
		if l+r != "" {
			v.Values = append(v.Values, [3]string{column, l, r})
		}
	}
	return v
}

// round keeps what a person reads of bits.
func round(bits float64) float64 { return math.Round(100*bits) / 100 }

func (v pairView) print(out io.Writer) {
	fmt.Fprintf(out, "%s and %s\n", v.Left, v.Right)
	if v.Sentence != "" {
		fmt.Fprintln(out, wrap(v.Sentence+".", 0))
	}
	fmt.Fprintln(out)
	if v.Withheld {
		fmt.Fprint(out, wrap("The agreement does not allow to show this pair's values beside each other: how they compare, no more. "+undecidable, 0)+"\n\n")
	}
	if len(v.Values) > 0 {
		rows := [][]string{{"", v.Left, "", v.Right}}
		for _, x := range v.Values {
			rows = append(rows, []string{strings.ReplaceAll(x[0], "_", " "), inert(x[1]), forms.Sign(x[1], x[2]), inert(x[2])})
		}
		table(out, rows)
		fmt.Fprintln(out)
	}
	if v.isCompared {
		v.waterfall(out)
	}
	fmt.Fprintln(out, wrap(fmt.Sprintf("outcome: %s: %s", outcomeWords[v.Outcome], v.Because), 0))
	if v.Child != "" {
		fmt.Fprintf(out, "counted as: %s\n", v.Child)
	} else {
		family := "two families"
		if v.IsOneFamily {
			family = "one family"
		}
		if v.Shares != "" {
			held := ""
			if v.IsHeld {
				held = ", but other children of the two families speak against it"
			}
			family += fmt.Sprintf(" (%.2f that they are one%s); they share: %s", v.FamilyChance, held, v.Shares)
		}
		fmt.Fprintln(out, wrap("their families: "+family, 0))
	}
	if len(v.Decisions) == 0 {
		fmt.Fprintln(out, "decisions: none on either record")
		return
	}
	fmt.Fprintln(out, "decisions on either record:")
	printDecisions(out, v.Decisions)
}

// undecidable says what to answer where the agreement lets nobody look.
const undecidable = `Without the families' consent, recorded by their agencies, "later" is an answer: the range of the counts holds both.`

var outcomeWords = map[string]string{
	"link": "one child", "review": "in doubt, counted as two", "held": "held back, counted as two", "twin": "held back, counted as two", "apart": "two children", "vouched": "two children",
}

// waterfall draws what each comparison adds.
func (v pairView) waterfall(out io.Writer) {
	rows := [][]string{{"BITS FOR ONE CHILD", "AGAINST STRANGERS", "", "AGAINST SIBLINGS", ""}}
	add := func(what string, stranger, sibling float64) {
		rows = append(rows, []string{what, fmt.Sprintf("%+7.1f", stranger), bar(stranger), fmt.Sprintf("%+7.1f", sibling), bar(sibling)})
	}
	for _, t := range v.Terms {
		what := t.Comparison
		if t.Level != "" {
			what += ": " + t.Level
		}
		add(what, t.Stranger, t.Sibling)
	}
	add("all together", v.Stranger, v.Sibling)
	table(out, rows)
	fmt.Fprintf(out, "probability of one child: %.4f\n", v.Probability)
	found := "no rule: it is weighed now, as the last run would have"
	if len(v.Rules) > 0 {
		found = strings.Join(v.Rules, "; ")
	}
	fmt.Fprintln(out, wrap("found by: "+found, 0))
}

// bar is one sign for every two bits.
func bar(bits float64) string {
	sign := "+"
	if bits < 0 {
		sign = "-"
	}
	return strings.Repeat(sign, int(min(12, math.Round(math.Abs(bits)/2))))
}
