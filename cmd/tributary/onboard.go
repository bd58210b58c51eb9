package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/onboard"
)

// onboarding is one call of the verb.
type onboarding struct {
	p       *program
	w       *pipelines.Workspace
	look    *pipelines.Onboarding
	agency  string
	answers map[string]string
	yes     bool
	people  bool
	// shown says that the proposal stands on the terminal already.
	shown bool
}

// onboardAnswer is what the verb prints.
type onboardAnswer struct {
	Proposal *onboard.Proposal  `json:"proposal"`
	Preview  *pipelines.Preview `json:"preview,omitempty"`
	Mapping  string             `json:"mapping"`
	Diff     []string           `json:"diff,omitempty"`
	Faults   []string           `json:"faults,omitempty"`
	Written  string             `json:"written,omitempty"`
}

func (p *program) onboard() *cobra.Command {
	o := onboarding{p: p}
	var quarter, file, reason string
	var answers []string
	c := &cobra.Command{
		Use:   "onboard FILE|FOLDER --agency CODE",
		Short: "Propose an agency's mapping from its files",
		Long: `Reads files that no mapping knows, finds sheets, headings, totals, encoding, separator and date order, and
proposes agencies/CODE.yaml from headings and values, with the evidence for each line. Shows what would be staged,
set aside and not taken, and asks only what no file says. Nothing is written without --yes or an answer at the
terminal. For an agency that has a mapping it proposes the few lines that must change and keeps all others.

What identifies a person (the columns that sql/columns.yaml marks private: names, birth dates, numbers,
addresses) is shown by its form only (Xxxx, 9999-99-99); dates of events, hours and codes are shown as they
are. --people shows all, wants --why and is audited.`,
		Example: `  tributary onboard ~/Downloads/clients.csv --agency FCMH
  tributary onboard drop/FCMH/2025-26_Q1 --agency FCMH --answers a.txt --yes
  tributary onboard clients.csv --agency FCMH \
      --answer linking.without_consent=count_only \
      --answer "linking.authority=clause 4.2" --answer role=provider --yes`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&o.agency, "agency", "", "the code of the agency that sent the files")
	c.Flags().StringVar(&quarter, "quarter", "", "the quarter of the files (default: the one in their path, else the one that ended last)")
	c.Flags().StringArrayVar(&answers, "answer", nil, "an answer, as key=value")
	c.Flags().StringVar(&file, "answers", "", "a file with an answer key=value on each line")
	c.Flags().BoolVar(&o.yes, "yes", false, "write the mapping without asking")
	c.Flags().BoolVar(&o.people, "people", false, "show the first rows as they are")
	c.Flags().StringVar(&reason, "why", "", "why you look at named records")
	_ = c.MarkFlagRequired("agency")
	c.RunE = p.inside(func(c *cobra.Command, w *pipelines.Workspace, args []string) (err error) {
		o.w = w
		if o.answers, err = readAnswers(file, answers); err != nil {
			return exitWith(exitAskedWrongly, err)
		}
		if o.people {
			if reason == "" {
				return exitWith(exitAskedWrongly, tributary.Fix(errors.New("onboard --people: a reason is missing"), `add --why "..."`))
			}
			if err := w.Look(c.Context(), "onboard", o.agency+" "+filepath.Base(args[0]), reason); err != nil {
				return err
			}
		}
		path, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		q, named := pipelines.QuarterIn(path)
		if quarter != "" || !named {
			if q, err = quarterOr(quarter, w); err != nil {
				return err
			}
		}
		return o.run(c, path, q)
	})
	return c
}

// readAnswers reads key=value lines of a file, then those of the command line, which win.
func readAnswers(file string, given []string) (map[string]string, error) {
	var lines []string
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, tributary.Fix(err, "name a file with an answer key=value on each line")
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
	}
	out := map[string]string{}
	for _, line := range append(lines, given...) {
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.TrimSpace(key) == "" {
			return nil, tributary.Fix(fmt.Errorf("onboard: answer %q is not a key and a value", line), "write it as role=provider")
		}
		out[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return out, nil
}

func (o *onboarding) run(c *cobra.Command, path string, q tributary.Quarter) (err error) {
	ctx := c.Context()
	if o.look, err = o.w.Onboard(path, o.agency, q); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.look.Close()) }()
	samples, err := o.look.Samples(ctx, nil)
	if err != nil {
		return err
	}
	if hints := onboard.FixedWidths(samples); len(hints) > 0 {
		if samples, err = o.look.Samples(ctx, hints); err != nil {
			return err
		}
	}
	known, err := o.w.KnownClients(ctx, o.agency)
	if err != nil {
		return err
	}
	in := onboard.Input{Agency: o.agency, Quarter: q, Places: o.w.Places(), Known: known, Answers: o.answers, Source: o.w.SourcePath(path, q)}
	target := o.w.Path("agencies", o.agency+".yaml")
	before, err := os.ReadFile(target)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for {
		answer := onboardAnswer{}
		if answer.Proposal, err = onboard.Propose(samples, in); err != nil {
			return err
		}
		if len(answer.Proposal.Tables) == 0 {
			o.print(answer)
			return exitWith(exitDataRefused, tributary.Fix(errors.New("onboard: no file holds a table that can be told"), "name what each is about, as --answer \"sheet.NAME=clients\"; see the questions above"))
		}
		trial := answer.Proposal.Trial()
		answer.Mapping = answer.Proposal.YAML()
		if before != nil {
			a, err := o.w.Agency(o.agency)
			if err != nil {
				return err
			}
			changed, err := answer.Proposal.Amend(string(before), a, func(text string) error { _, err := o.look.Load([]byte(text)); return err })
			if err != nil {
				return err
			}
			trial, answer.Mapping, answer.Diff = changed, changed, onboard.Diff(string(before), changed)
		}
		a, err := o.look.Load([]byte(trial))
		if err != nil {
			return fmt.Errorf("onboard: the proposal does not load: %w", err)
		}
		if answer.Preview, err = o.look.Preview(ctx, a, 3); err != nil {
			return err
		}
		o.mask(answer.Preview)
		o.p.endProgress()
		if asked := o.ask(answer); asked {
			continue
		}
		return o.finish(answer, before, target)
	}
}

// finish prints, and writes when it may.
func (o *onboarding) finish(answer onboardAnswer, before []byte, target string) error {
	missing := answer.Proposal.Missing()
	if before != nil {
		missing = nil
	}
	if o.yes && len(missing) == 0 && answer.Mapping != string(before) {
		err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o700), writeWhole(target, func(w io.Writer) error { _, err := io.WriteString(w, answer.Mapping); return err }))
		if err != nil {
			return err
		}
		answer.Written = filepath.ToSlash(filepath.Join("agencies", filepath.Base(target)))
	}
	if o.shown {
		answer = onboardAnswer{Proposal: &onboard.Proposal{}, Mapping: answer.Mapping, Written: answer.Written}
	}
	if err := o.print(answer); err != nil {
		return err
	}
	switch {
	case len(missing) > 0:
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("onboard %s: the agreement's rule for linking is not answered, and has no default", o.agency),
			`add --answer linking.without_consent=count_only|separate|exclude --answer "linking.authority=clause ..."`))
	case answer.Mapping == string(before):
		fmt.Fprintf(o.p.err, "nothing to change in agencies/%s.yaml\n", o.agency)
	case !o.yes:
		return exitWith(exitNotReady, tributary.Fix(fmt.Errorf("onboard %s: nothing is written yet", o.agency), "look at what it proposes, then add --yes"))
	}
	return nil
}

// mask shows values of people by their form, so that a look at a proposal is no look at a person.
func (o *onboarding) mask(p *pipelines.Preview) {
	if o.people {
		return
	}
	form := func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case strings.ToUpper(string(r)) == strings.ToLower(string(r)):
			return r
		case string(r) == strings.ToUpper(string(r)):
			return 'X'
		}
		return 'x'
	}
	for _, t := range p.Tables {
		for _, row := range t.Rows {
			for i := range row {
				if t.Private[i] {
					row[i] = strings.Map(form, row[i])
				}
			}
		}
	}
}

// ask puts the open questions to a person at a terminal; it says whether there are new answers.
func (o *onboarding) ask(answer onboardAnswer) bool {
	in, ok := o.p.in.(*os.File)
	if !ok || o.yes || o.p.asJSON || !isTerminal(in) || !isTerminal(o.p.out) {
		return false
	}
	read := bufio.NewReader(in)
	asked := false
	for _, q := range answer.Proposal.Questions {
		if _, done := o.answers[q.Key]; done {
			continue
		}
		fmt.Fprintf(o.p.out, "%s%s%s? ", strings.TrimSuffix(q.Text, "?"), choices(q), map[bool]string{true: " [" + q.Default + "]"}[q.Default != ""])
		line, err := read.ReadString('\n')
		if err != nil {
			return false
		}
		if line = strings.TrimSpace(line); line == "" {
			line = q.Default
		}
		o.answers[q.Key], asked = line, asked || line != ""
	}
	if asked {
		return true
	}
	_ = o.print(answer)
	o.shown = true
	fmt.Fprintf(o.p.out, "write agencies/%s.yaml [no]? ", o.agency)
	line, _ := read.ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "o", "oui":
		o.yes = true
	}
	return false
}

func choices(q onboard.Question) string {
	if len(q.Choices) == 0 {
		return ""
	}
	return " (" + strings.Join(q.Choices, ", ") + ")"
}
