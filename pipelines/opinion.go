package pipelines

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
)

// Reviewing says how pairs of records are decided about.
type Reviewing struct {
	// Twice has two people answer each question, without seeing each other's answers: a decision counts when two say
	// the same. Where the first two differ, a third is asked.
	Twice bool `yaml:"twice"`
}

// opinionKind is one person's word on a pair, before two agree.
const opinionKind = "link_opinion"

// Opinion is what one person said of a pair where two must agree.
type Opinion struct {
	Person  string
	Verdict link.Verdict
	Why     string

	// answer names the pairs that the person spoke of in one answer: this one alone, or those of a child's parts.
	answer string
}

// opinions are those that stand, by the pair's key, in the order of the people's names.
func (w *Workspace) opinions(ctx context.Context) (map[string][]Opinion, error) {
	facts, err := w.Ledger.Current(ctx, opinionKind)
	splits, err2 := w.Ledger.Current(ctx, splitKind)
	out := map[string][]Opinion{}
	for _, f := range facts {
		key := link.PairKey(anchorsOf(f))
		o := Opinion{f.Fields["person"], link.Verdict(f.Fields["verdict"]), f.Why, key}
		for _, s := range splits {
			if keys := strings.Fields(s.Fields["decisions"]); s.Fields["person"] == o.Person && isOf(f, s) && slices.Contains(keys, key) {
				o.answer = together(keys)
			}
		}
		out[key] = append(out[key], o)
	}
	return out, errors.Join(err, err2)
}

// together is a set of pairs' keys in one word.
func together(keys []string) string { return strings.Join(slices.Sorted(slices.Values(keys)), " ") }

func anchorsOf(f ledger.Entry) (left, right link.Anchor) {
	return link.Anchor{Agency: f.Fields["left_agency"], Client: f.Fields["left_client"]}, link.Anchor{Agency: f.Fields["right_agency"], Client: f.Fields["right_client"]}
}

// opinionOf is a decision as the word of the person who made it.
func opinionOf(d link.Decision, person string) ledger.Entry {
	e := d.Entry()
	e.Kind = opinionKind
	e.Fields["person"] = person
	delete(e.Fields, "rests_on")
	return e
}

// opinionBy is the opinion of a person, and whether there is one.
func opinionBy(all []Opinion, person string) (Opinion, bool) {
	at := slices.IndexFunc(all, func(o Opinion) bool { return o.Person == person })
	if at < 0 {
		return Opinion{}, false
	}
	return all[at], true
}

// differ says that people have answered a question and no two of them the same. Who said later has not answered.
func differ(all []Opinion) bool {
	said := 0
	for _, o := range all {
		if o.Verdict != link.Later {
			said++
		}
	}
	return said > 1
}

// AwaitsAnother is what a decision does while it is one person's alone.
const AwaitsAnother = "changes nothing before another person has said the same"

// agreeing turns decisions into what is written where two must agree: the person's opinion, and the decision where
// another said the same. done says of which ones there is a decision. What is one answer is agreed upon whole, or not at
// all: who parts a child otherwise has said something else, also of a pair that both hold apart.
func (w *Workspace) agreeing(ctx context.Context, next []link.Decision, asOne bool) (entries []ledger.Entry, done []bool, err error) {
	opinions, err := w.opinions(ctx)
	if err != nil {
		return nil, nil, err
	}
	done = make([]bool, len(next))
	keys, says := make([]string, len(next)), map[string]int{}
	for i, d := range next {
		keys[i] = link.PairKey(d.Left, d.Right)
	}
	agree := func(i int) (people []string) {
		answer := keys[i]
		if asOne {
			answer = together(keys)
		}
		for _, o := range opinions[keys[i]] {
			if o.Person != w.Who && o.Verdict == next[i].Verdict && o.Verdict != link.Later && o.answer == answer {
				people = append(people, o.Person)
			}
		}
		return people
	}
	for i := range next {
		for _, person := range agree(i) {
			says[person]++
		}
	}
	for i := range next {
		d := &next[i]
		entries = append(entries, opinionOf(*d, w.Who))
		agreed := append(slices.DeleteFunc(agree(i), func(person string) bool { return asOne && says[person] < len(next) }), w.Who)
		if len(agreed) > 1 {
			slices.Sort(agreed)
			d.Who, done[i] = strings.Join(agreed, " and "), true
			entries = append(entries, d.Entry())
		}
	}
	return entries, done, nil
}

// takeBackOpinions ends what was said of a pair: by one person, or by all where person is empty.
func (w *Workspace) takeBackOpinions(ctx context.Context, pair [2]link.Anchor, person, why string) ([]ledger.Entry, error) {
	opinions, err := w.opinions(ctx)
	if err != nil {
		return nil, err
	}
	var entries []ledger.Entry
	for _, o := range opinions[link.PairKey(pair[0], pair[1])] {
		if person == "" || o.Person == person {
			entries = append(entries, opinionOf(link.Decision{Left: pair[0], Right: pair[1], Verdict: o.Verdict, Who: w.Who, At: w.Now(), Why: why, Undone: true}, o.Person))
		}
	}
	return entries, nil
}
