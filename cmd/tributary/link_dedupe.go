package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tributary"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
	"tributary/reports/linkage"
)

// dedupeMemory is what the engine may take where --memory does not say: a million records need about 3 GB.
const dedupeMemory = "4GB"

// dedupe is one linking of one file.
type dedupe struct {
	p       *program
	file    string
	out     string
	known   string // the folder that an earlier linking kept
	isKept  bool
	columns map[string]string
	terms   link.Terms

	db     *warehouse.DB
	people *link.People
	result *link.Result
	ids    []string
	first  int32 // node of the file's first record; those before it are known
	// Edges are the compared pairs, and copies of a record paired with it.
	edges []link.Edge
	doing string // the step, for whoever watches and for errors
}

// dedupeAnswer is what the verb prints.
type dedupeAnswer struct {
	File     string         `json:"file"`
	Records  int            `json:"records"` // the known ones too
	Known    int            `json:"known_records"`
	Clusters int            `json:"clusters"`
	Linked   int            `json:"linked_records"` // records that share a cluster
	Review   int            `json:"pairs_to_review"`
	Seconds  float64        `json:"seconds"`
	Recall   float64        `json:"blocking_recall"` // estimated, without a truth
	People   *link.People   `json:"people"`
	Accuracy *link.Accuracy `json:"accuracy,omitempty"`
	Out      string         `json:"out,omitempty"`
}

func (p *program) linkDedupe() *cobra.Command {
	d := dedupe{p: p, terms: link.DefaultTerms()}
	var columns []string
	var truth string
	c := &cobra.Command{
		Use:   "dedupe FILE",
		Short: "Find who is who in any CSV or Parquet file of people",
		Long: `Finds the records of one person in a file of people. Columns are recognised by their headings, in English
or French; --column names those that are not. Nothing is sent anywhere and FILE is not changed.

With --out DIR it writes clusters.csv (id and cluster of each record, in the file's order), pairs.csv (the pairs
with their weights) and summary.html (one page to look at).

With --remember it also keeps in DIR what the next linking can go on from (known.tributary; it holds people's
names). A file of new records then takes --known DIR: only their pairs are looked for, by what was learned
before, and clusters.csv lists all records. What was compared stays compared.

Records are put together from a probability of --link-at; pairs from .5 on that are not are for a person to judge.
Columns: ` + strings.Join(link.Words(), ", ") + ".",
		Example: `  tributary link dedupe people.csv --out found
  tributary link dedupe people.parquet --column given=FNAME \
      --column "family=LNAME|MAIDEN" --out found
  tributary link dedupe people.csv --out found --remember
  tributary link dedupe new.csv --known found --out found-2 --remember
  tributary link dedupe people.csv --truth true_id`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			d.file = args[0]
			if d.columns, err = namedColumns(columns, truth); err != nil {
				return exitWith(exitAskedWrongly, err)
			}
			if d.terms.LinkAt < d.terms.ReviewAt || d.terms.LinkAt >= 1 {
				return exitWith(exitAskedWrongly, tributary.Fix(fmt.Errorf("link dedupe: --link-at %v is not a probability from .5 to below 1", d.terms.LinkAt), "write it as .95"))
			}
			switch {
			case d.known != "" && truth != "":
				return exitWith(exitAskedWrongly, tributary.Fix(errors.New("link dedupe: --truth needs all records in one file"), "leave out --known"))
			case d.isKept && d.out == "":
				return exitWith(exitAskedWrongly, tributary.Fix(errors.New("link dedupe: --remember has no folder to write to"), "name one with --out"))
			}
			return d.run(c.Context())
		},
	}
	c.Flags().StringVar(&d.out, "out", "", "the folder that gets the files")
	c.Flags().BoolVar(&d.isKept, "remember", false, "keep in --out what the next linking can go on from")
	c.Flags().StringVar(&d.known, "known", "", "the --out of an earlier linking with --remember: FILE holds the records after its own")
	c.Flags().StringArrayVar(&columns, "column", nil, "our word for a column and the file's heading, such as given=FNAME")
	c.Flags().StringVar(&truth, "truth", "", "the heading that says who is who: measures instead of guessing")
	c.Flags().Float64Var(&d.terms.LinkAt, "link-at", d.terms.LinkAt, "the probability from which records are put together")
	return c
}

// namedColumns reads --column WORD=HEADING; a word that is named twice has both headings.
func namedColumns(columns []string, truth string) (map[string]string, error) {
	named := map[string]string{}
	if truth != "" {
		columns = append(columns, "truth="+truth)
	}
	for _, c := range columns {
		word, heading, ok := strings.Cut(c, "=")
		if !ok || word == "" || heading == "" {
			return nil, tributary.Fix(fmt.Errorf("link dedupe: --column %q is not a word and a heading", c), "write it as --column given=FNAME")
		}
		if named[word] != "" {
			heading = named[word] + "|" + heading
		}
		named[word] = heading
	}
	return named, nil
}

// run loads, links and writes; its errors know their exit code.
func (d *dedupe) run(ctx context.Context) (err error) {
	began := d.p.now()
	limits := warehouse.Limits{Threads: d.p.threads, MemoryLimit: cmp.Or(d.p.memory, dedupeMemory)}
	defer func() {
		d.p.endProgress()
		err = d.fault(err, limits.MemoryLimit)
	}()
	if d.file, err = filepath.Abs(d.file); err != nil {
		return err
	}
	if d.out != "" {
		if err := os.MkdirAll(d.out, 0o700); err != nil {
			return exitWith(exitAskedWrongly, tributary.Fix(err, "name a folder that you may write to"))
		}
	}
	// The engine spills people's values: they stay beside what is written of them.
	temp, err := os.MkdirTemp(d.out, ".tributary-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if d.db, err = warehouse.Scratch(ctx, limits, temp, filepath.Dir(d.file)); err != nil {
		return exitWith(exitAskedWrongly, tributary.Fix(err, "write --memory as 4GB and --threads as a number"))
	}
	defer func() { err = errors.Join(err, d.db.Close()) }()
	progress := d.p.progress()
	say := func(step string) { d.doing = step; progress("link", step) }
	if err := d.readKnown(); err != nil {
		return exitWith(exitDataRefused, err)
	}
	say("read the file")
	if d.people, err = link.Load(ctx, d.db, d.file, d.columns, int(d.first)); err != nil {
		return err
	}
	d.terms.Progress, d.terms.Keep = say, d.isKept
	if d.result, err = link.Run(ctx, d.db, d.terms); err != nil {
		return err
	}
	say("results")
	answer, err := d.answer(ctx)
	if err != nil {
		return err
	}
	if d.out != "" {
		answer.Out = d.out
		if err := d.write(ctx, answer); err != nil {
			return err
		}
	}
	answer.Seconds = d.p.now().Sub(began).Round(10 * time.Millisecond).Seconds()
	d.p.endProgress()
	return d.p.answer(answer, func(w io.Writer) { printDedupe(w, answer) })
}

// knownFile is what --remember writes into --out.
const knownFile = "known.tributary"

func (d *dedupe) readKnown() (err error) {
	if d.known == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(d.known, knownFile))
	if err != nil {
		return tributary.Fix(err, "name the --out of a linking that had --remember")
	}
	defer f.Close()
	if d.terms.Known, err = link.ReadKnown(f); err != nil {
		return fmt.Errorf("link dedupe: %s: %w", knownFile, err)
	}
	d.ids, d.first = d.terms.Known.IDs, int32(len(d.terms.Known.IDs))
	return nil
}

// name gives the new records their ids, apart from known ones.
func (d *dedupe) name(ids []string) {
	taken := map[string]bool{}
	for _, id := range d.ids {
		taken[id] = true
	}
	for i, id := range ids {
		if taken[id] {
			d.people.Repeated++
			id = fmt.Sprintf("%s#%d", id, int(d.first)+i+1)
		}
		d.ids = append(d.ids, id)
	}
}

// fault gives an error its exit code and, where memory was not enough, its remedy.
func (d *dedupe) fault(err error, memory string) error {
	var known coded
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, link.ErrNoColumn), errors.Is(err, fs.ErrNotExist):
		return exitWith(exitAskedWrongly, err)
	case errors.Is(err, link.ErrNoTable):
		return exitWith(exitDataRefused, err)
	case strings.Contains(err.Error(), "Out of Memory"):
		return tributary.Fix(fmt.Errorf("link dedupe: %s: %s of memory are not enough, and what may be spilled to disk was spilled", d.doing, memory),
			"allow more with --memory (a million records need about 3GB), use fewer --threads, or make room on the disk of --out")
	}
	return err
}

// answer counts what was found.
func (d *dedupe) answer(ctx context.Context) (*dedupeAnswer, error) {
	ids, truth, err := link.Sources(ctx, d.db)
	if err != nil {
		return nil, err
	}
	d.name(ids)
	d.edges = append(slices.Clone(d.result.Edges), d.result.Copies...)
	slices.SortFunc(d.edges, func(a, b link.Edge) int { return cmp.Or(cmp.Compare(a.L, b.L), cmp.Compare(a.R, b.R)) })
	a := &dedupeAnswer{File: filepath.Base(d.file), Records: len(d.ids), Known: int(d.first), People: d.people}
	for _, n := range d.sizes() {
		a.Clusters++
		if n > 1 {
			a.Linked += n
		}
	}
	for _, g := range d.edges {
		if d.result.Outcome(g, d.terms) == "review" {
			a.Review++
		}
	}
	a.Recall = link.EstimateRecall(len(d.result.Edges), func(i int) (int32, float64) { return d.result.Edges[i].Rules, d.result.Edges[i].Probability() })
	if d.people.HasTruth {
		accuracy := link.Evaluate(d.result.First, truth)
		accuracy.Found = d.result.BlockingRecall(truth)
		a.Accuracy = &accuracy
	}
	return a, nil
}

// sizes are the records of each cluster, by its first node.
func (d *dedupe) sizes() map[int32]int {
	sizes := map[int32]int{}
	for _, first := range d.result.First {
		sizes[first]++
	}
	return sizes
}

func printDedupe(w io.Writer, a *dedupeAnswer) {
	fmt.Fprintf(w, "%s: %d records of %d people; %d records share a person; %d pairs for a person to judge; %.1f s\n", a.File, a.Records, a.Clusters, a.Linked, a.Review, a.Seconds)
	if a.Known > 0 {
		fmt.Fprintf(w, "%d of the records were known, %d are new\n", a.Known, a.Records-a.Known)
	}
	var read []string
	for _, c := range a.People.Columns {
		read = append(read, c.Word+" from "+strings.Join(c.Headings, " and "))
	}
	fmt.Fprintln(w, "read: "+strings.Join(read, ", "))
	if len(a.People.Unused) > 0 {
		fmt.Fprintln(w, "not used: "+strings.Join(a.People.Unused, ", "))
	}
	if a.People.Repeated > 0 {
		fmt.Fprintf(w, "%d records have an id that another has too: they are kept apart and written as id#row\n", a.People.Repeated)
	}
	fmt.Fprintf(w, "%.2f %% of the pairs of one person are likely to have been compared\n", 100*a.Recall)
	if x := a.Accuracy; x != nil {
		fmt.Fprintf(w, "precision %.4f  recall %.4f  F1 %.4f  B-cubed F1 %.4f  blocking recall %.4f  (%d pairs linked, %d of them wrong, %d missed)\n",
			x.Precision, x.Recall, x.F1, x.BCubed, x.Found, x.Pairs, x.False, x.Missed)
	}
	if a.Out != "" {
		fmt.Fprintf(w, "wrote clusters.csv, pairs.csv and summary.html to %s\n", a.Out)
	}
}

// write writes the three files, each whole or not at all.
func (d *dedupe) write(ctx context.Context, a *dedupeAnswer) error {
	summary, err := d.summary(ctx, a)
	if err != nil {
		return err
	}
	if d.isKept {
		if err := writeWhole(filepath.Join(d.out, knownFile), d.result.Known(d.ids).Write); err != nil {
			return err
		}
	}
	return errors.Join(
		writeWhole(filepath.Join(d.out, "clusters.csv"), d.clusters),
		writeWhole(filepath.Join(d.out, "pairs.csv"), d.pairs),
		writeWhole(filepath.Join(d.out, "summary.html"), func(w io.Writer) error { return linkage.Write(w, summary) }))
}

// writeWhole writes a file to the side and then puts it in place. Only its owner may read it.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone when all went well
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err := errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (d *dedupe) clusters(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"id", "cluster"}) //nolint:errcheck // Error tells below
	for node, id := range d.ids {
		out.Write([]string{id, d.ids[d.result.First[node]]}) //nolint:errcheck // Error tells below
	}
	out.Flush()
	return out.Error()
}

func (d *dedupe) pairs(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"left_id", "right_id", "probability", "bits_against_stranger", "bits_against_sibling", "found_by", "outcome"}) //nolint:errcheck // Error tells below
	number := func(x float64, places int) string { return strconv.FormatFloat(x, 'f', places, 64) }
	for _, g := range d.edges {
		out.Write([]string{ //nolint:errcheck // Error tells below
			d.ids[g.L], d.ids[g.R], number(g.Probability(), 6), number(float64(g.Stranger), 3), number(float64(g.Sibling), 3),
			strings.Join(link.RulesOf(g.Rules), "; "), d.result.Outcome(g, d.terms),
		})
	}
	out.Flush()
	return out.Error()
}

// summary puts together what the page shows.
func (d *dedupe) summary(ctx context.Context, a *dedupeAnswer) (linkage.Summary, error) {
	s := linkage.Summary{
		File: a.File, Records: a.Records, People: a.Clusters, Shared: a.Linked, Review: a.Review,
		LinkAt: d.terms.LinkAt, ReviewAt: d.terms.ReviewAt,
	}
	if x := a.Accuracy; x != nil {
		s.Accuracy = &linkage.Accuracy{Precision: x.Precision, Recall: x.Recall, F1: x.F1, BCubed: x.BCubed, Found: x.Found}
	}
	if a.People.Repeated > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d records have an id that another has too: they are kept apart and written as id#row.", a.People.Repeated))
	}
	if len(a.People.Unused) > 0 {
		s.Notes = append(s.Notes, "Columns that were not used: "+strings.Join(a.People.Unused, ", ")+".")
	}
	for _, c := range a.People.Columns {
		s.Columns = append(s.Columns, linkage.Column{Word: c.Word, Headings: strings.Join(c.Headings, ", "), Filled: c.Filled})
	}
	for _, l := range d.result.Model.Levels() {
		s.Levels = append(s.Levels, linkage.Level{Comparison: l.Comparison, Name: l.Name, Same: l.Same, Sibling: l.Sibling, Unrelated: l.Unrelated, ByRarity: l.ByRarity})
	}
	for _, r := range d.result.Rules {
		s.Rules = append(s.Rules, linkage.Rule{Name: r.Rule, Keys: r.Records, Largest: r.Largest, Limit: r.Limit, Pairs: r.Pairs, Left: r.Left})
	}
	bySize := map[int]int{}
	for _, n := range d.sizes() {
		bySize[n]++
	}
	for n, clusters := range bySize {
		s.Sizes = append(s.Sizes, linkage.Size{Records: n, Clusters: clusters})
	}
	slices.SortFunc(s.Sizes, func(a, b linkage.Size) int { return cmp.Compare(a.Records, b.Records) })
	d.weigh(&s)
	return s, d.explain(ctx, &s)
}

// The histogram shows weights between these; what lies beyond stands in the last columns.
const leastBits, mostBits = -12, 40

// weigh counts the pairs by weight and outcome, and the errors that their probabilities expect.
func (d *dedupe) weigh(s *linkage.Summary) {
	if len(d.edges) == 0 {
		return
	}
	s.Weights = make([]linkage.Bin, mostBits-leastBits)
	for i := range s.Weights {
		s.Weights[i].Bits = leastBits + i
	}
	for _, g := range d.edges {
		bin := &s.Weights[int(min(mostBits-1, max(leastBits, math.Floor(g.Odds()))))-leastBits]
		switch d.result.Outcome(g, d.terms) {
		case "link":
			bin.Link++
			s.Pairs++
			s.Wrong += 1 - g.Probability()
		case "review":
			bin.Review++
			s.Missed += g.Probability()
		default:
			bin.Apart++
			s.Missed += g.Probability()
		}
	}
}

// explain chooses three pairs that teach most: a link that is clear though not all agrees, one in doubt,
// and two who would be one person if nobody had brothers and sisters.
func (d *dedupe) explain(ctx context.Context, s *linkage.Summary) error {
	for _, want := range []struct {
		title, outcome string
		// worth is more for a better example; below 0 is none.
		worth func(link.Edge) float64
	}{
		{"A clear link", "link", func(g link.Edge) float64 { return 100 - math.Abs(g.Odds()-12) }},
		{"One in doubt", "review", func(g link.Edge) float64 { return 1 - math.Abs(g.Probability()-.7) }},
		{"Alike, and kept apart", "apart", func(g link.Edge) float64 { return min(float64(g.Stranger), -float64(g.Sibling), 10) }},
	} {
		best, found := link.Edge{}, 0.0
		for _, g := range d.edges {
			if g.Rules == 0 || g.L < d.first || d.result.Outcome(g, d.terms) != want.outcome {
				continue
			}
			if w := want.worth(g); w > found {
				best, found = g, w
			}
		}
		if found <= 0 {
			continue
		}
		terms, err := d.result.Explain(ctx, d.db, best)
		if err != nil {
			return err
		}
		e := linkage.Example{Title: want.title, Left: d.ids[best.L], Right: d.ids[best.R], Probability: best.Probability()}
		for _, t := range terms {
			e.Terms = append(e.Terms, linkage.Term{Comparison: t.Comparison, Level: t.Level, Left: t.Left, Right: t.Right, Stranger: t.Stranger, Sibling: t.Sibling})
		}
		s.Examples = append(s.Examples, e)
	}
	return nil
}
