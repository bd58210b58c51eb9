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

	"tributary/pipelines/warehouse"
)

// Terms are how a linking is done.
type Terms struct {
	// LinkAt is the probability from which records are put together without asking; ReviewAt that from
	// which a person is asked.
	LinkAt, ReviewAt float64
	// Model is the frozen one; without it the records teach their own.
	Model *Model
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
}

// engine is one linking of one table of people.
type engine struct {
	db      *warehouse.DB
	terms   Terms
	records int
	nodes   int // one more than the largest node
	model   *Model
	rules   []RuleUse
}

// Run links memory.person (see person.sql of sql/link for its columns). It leaves, in the engine's
// memory, record (what was compared), pair and scored (the pairs) for whoever asks next. The same people
// give the same result, whatever their order and however many threads work.
func Run(ctx context.Context, db *warehouse.DB, terms Terms) (*Result, error) {
	e := &engine{db: db, terms: terms, model: terms.Model}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"records", e.prepare},
		{"pairs", e.block},
		{"compare", func(ctx context.Context) error { return e.compare(ctx, "compared", "select l, r, rules from pair") }},
		{"learn", e.train},
		{"weigh", func(ctx context.Context) error { return e.weigh(ctx, "scored", "compared") }},
	} {
		terms.Progress(step.name)
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("link: %s: %w", step.name, err)
		}
	}
	terms.Progress("clusters")
	from := bits(terms.LinkAt)
	edges, err := e.complete(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("link: complete the clusters: %w", err)
	}
	copies, err := e.copies(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("link: copies: %w", err)
	}
	first := e.model.cluster(e.nodes, edges, from, copies, terms.Same, terms.Different)
	here, err := e.present(ctx)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	for i := range first {
		if !here[i] {
			first[i] = -1
		}
	}
	return &Result{Model: e.model, Rules: e.rules, Records: e.records, All: len(here), First: first, Edges: edges}, nil
}
