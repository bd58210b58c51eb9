// Package link finds the records of one child, and the children of one family, across agencies.
//
// Takes the table memory.person, one row per record of a source, standardised. Leaves every pair worth
// a look with its weight against a stranger and against a sibling, and the clusters that hold together.
// Never changes a record, never links in the doubt band by itself, never loses a decision.
//
// The model is Fellegi and Sunter's (A theory for record linkage, JASA 64, 1969) with three classes
// instead of two: same child; same household but another child; unrelated. Its parameters are learned
// without labels by expectation-maximisation over counted agreement patterns.
package link

import (
	"context"
	"fmt"
	"strings"

	"tributary/pipelines/warehouse"
)

// Terms are how a linking is done.
type Terms struct {
	// LinkAt is the probability from which records are put together without asking; ReviewAt that from
	// which a person is asked.
	LinkAt, ReviewAt float64
	// Model is the frozen one; without it the records teach their own.
	Model *Model
	// Known is what an earlier linking kept: memory.person are then the records after its own. Learned is
	// what one learned, without its records. Either brings its model.
	Known   *Known
	Learned *Learned
	// Keep makes Result.Known possible.
	Keep bool
	// Distinct are the sources that vouch to hold nobody twice: two records of one are one child only where a
	// person says so.
	Distinct []string
	// Same and Different are pairs of nodes that people decided.
	Same, Different [][2]int32
	// Progress is told what is being done.
	Progress func(step string)
}

// DefaultTerms link from .95 and ask from .5: what lies between is a person's to say.
func DefaultTerms() Terms {
	return Terms{LinkAt: .95, ReviewAt: .5, Progress: func(string) {}}
}

// Result is what a linking found.
type Result struct {
	Model *Model
	// Rules is what each blocking rule did.
	Rules []RuleUse
	// Records that differ, of all that there are.
	Records, All int
	// First is, by node, the smallest node of its cluster; -1 where there is no such node.
	First []int32
	// Edges are the compared pairs that are not beyond doubt strangers, by their nodes.
	Edges []Edge
	// Copies are the records that say the same as another of their source, each paired with it.
	Copies  []Edge
	engine  *engine
	vouched func(x, y int32) bool
}

// Differing are the nodes of the records that differ: one of each set of copies.
func (r *Result) Differing() []int32 {
	out := make([]int32, len(r.engine.records))
	for i := range out {
		out[i] = r.engine.records[i].node
	}
	return out
}

// engine is one linking of one table of people.
type engine struct {
	db      *warehouse.DB
	model   *Model
	workers int      // as many as the engine's threads
	nodes   int      // one more than the largest node
	records []record // by node
	blocks  []blocks // by rule
	rules   []RuleUse
	copied  []copied
	found   [][]pair // by the place of their first record
	learned *Learned
	known   *Known
	// isOld says of each record whether all that is known of it, and of its pairs with others of which that
	// holds, is as it was. Nil: of none.
	isOld   []bool
	offices map[trait]map[uint64]bool // values that say nothing
	// distinct are the hashes of the sources that hold nobody twice.
	distinct map[uint64]bool
	isKept   bool
	raw      []raw // by record, where it is kept
}

// Run links memory.person (see person.sql of sql/link for its columns). The same people give the same result,
// whatever their order and however many threads work.
func Run(ctx context.Context, db *warehouse.DB, terms Terms) (*Result, error) {
	e := &engine{db: db, model: terms.Model, known: terms.Known, learned: terms.Learned, isKept: terms.Keep}
	if e.known != nil {
		e.learned = e.known.learned
	}
	if e.learned != nil {
		e.model = e.learned.model
	}
	for _, s := range terms.Distinct {
		if e.distinct == nil {
			e.distinct = map[uint64]bool{}
		}
		e.distinct[hash(strings.ReplaceAll(s, betweenTexts, " "))] = true
	}
	terms.Progress("records")
	if err := e.prepare(ctx); err != nil {
		return nil, fmt.Errorf("link: records: %w", err)
	}
	var edges []Edge
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"blocks", e.block}, {"pairs", e.pairs}, {"learn", e.train}, {"weigh", func() { edges = e.weigh() }},
	} {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("link: %w", err)
		}
		terms.Progress(step.name)
		step.do()
	}
	terms.Progress("clusters")
	e.learned.model = e.model
	from := bits(terms.LinkAt)
	edges = e.complete(e.withKnown(edges), from)
	copies, sure := e.copies(from)
	place := e.places()
	vouched := e.vouched(place)
	first := e.model.cluster(e.nodes, edges, from, e.bears(place), vouched, sure, terms.Same, terms.Different)
	here, err := e.present(ctx, terms.Known.nodeCount())
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	r := &Result{Model: e.model, Rules: e.rules, Records: len(e.records), First: first, Edges: edges, Copies: copies, engine: e, vouched: vouched}
	for i := range first {
		if here[i] {
			r.All++
		} else {
			first[i] = -1
		}
	}
	return r, nil
}
