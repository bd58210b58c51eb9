package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/pipelines"
	"tributary/pipelines/link"
	"tributary/reports/forms"
	"tributary/reports/pages"
)

// askedNow are the questions as this request sees them: there may be tens of thousands, and one page asks several times.
func (d *desk) askedNow(ctx context.Context) (_ []pipelines.Asked, err error) {
	if d.asked == nil {
		d.asked, err = d.Asked(ctx, &d.all.review)
	}
	return d.asked, err
}

// Questions lists what is asked about pairs.
func (d *desk) Questions(ctx context.Context, kind string) ([]pages.Question, error) {
	if d.m.Generation == 0 {
		return nil, nil
	}
	all, err := d.askedNow(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]pages.Question, 0, len(all))
	for _, q := range all {
		if kind != "" && q.Kind != kind {
			continue
		}
		x := pages.Question{Key: q.Key, Kind: q.Kind, Left: q.Left.Agency, Right: q.Right.Agency, Why: q.Doubt, Effect: q.Does, Withheld: q.Withheld,
			Probability: q.Probability, Cells: len(q.Cells)}
		x.Decided, x.Differ = answered(q)
		out = append(out, x)
	}
	return out, nil
}

// answered says what stands about a question for the person who asks, and what others said who do not agree.
func answered(q pipelines.Asked) (decision string, differ []string) {
	for _, o := range q.Differing {
		differ = append(differ, fmt.Sprintf("%s: %s: %s", o.Person, verdictWords[o.Verdict], o.Why))
	}
	switch {
	case q.Decided != nil:
		return decided(q.Decided), nil
	case q.Mine != nil:
		return fmt.Sprintf("%s (%s): %s; %s", verdictWords[q.Mine.Verdict], q.Mine.Person, q.Mine.Why, pipelines.AwaitsAnother), differ
	}
	return "", differ
}

func decided(d *link.Decision) string {
	return fmt.Sprintf("%s (%s, %s): %s", verdictWords[d.Verdict], d.Who, d.At.Format(time.DateOnly), d.Why)
}

var verdictWords = map[link.Verdict]string{link.Same: "same child", link.Family: "same family only", link.Different: "different", link.Later: "later"}

// pairOf finds the records behind a key of an address.
func (d *desk) pairOf(ctx context.Context, key string) ([2]link.Anchor, error) {
	asked, err := d.askedNow(ctx)
	if err != nil {
		return [2]link.Anchor{}, err
	}
	if at := slices.IndexFunc(asked, func(q pipelines.Asked) bool { return q.Key == key }); at >= 0 {
		return [2]link.Anchor{asked[at].Left, asked[at].Right}, nil
	}
	pair, err := d.PairOf(ctx, []string{key})
	if errors.Is(err, pipelines.ErrNoClient) {
		err = fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	return pair, err
}

// Pair tells of one pair.
func (d *desk) Pair(ctx context.Context, key string) (pages.Pair, error) {
	out := pages.Pair{Key: key, Kind: "decided", Subject: "pair " + key}
	pair, err := d.pairOf(ctx, key)
	if err != nil {
		return out, err
	}
	a, err := d.WhyLinked(ctx, pair[0], pair[1], false)
	if errors.Is(err, pipelines.ErrNoClient) {
		err = fmt.Errorf("%w: pair %s", pages.ErrNotFound, key)
	}
	if err != nil {
		return out, err
	}
	v := viewOf(a, false)
	out.Left, out.Right = pages.Person{Name: v.Left, Agency: a.Left.Agency}, pages.Person{Name: v.Right, Agency: a.Right.Agency}
	out.Withheld, out.IsCompared, out.Outcome, out.Because = v.Withheld, a.IsCompared, v.Outcome, v.Because
	out.Probability, out.Stranger, out.Sibling = v.Probability, v.Stranger, v.Sibling
	out.Rules, out.Shares, out.FamilyChance, out.IsOneHome, out.IsHomeHeld, out.IsOneChild = strings.Join(v.Rules, "; "), v.Shares, v.FamilyChance, v.IsOneFamily, v.IsHeld, a.Outcome == "link"
	if v.Sentence != "" {
		out.Sentence = v.Sentence + "."
	}
	if !v.Withheld {
		out.Subject = "pair " + v.Left + " " + v.Right
	}
	for _, x := range v.Values {
		out.Values = append(out.Values, pages.Compared{Column: strings.ReplaceAll(x[0], "_", " "), Left: x[1], Right: x[2], Mark: forms.Sign(x[1], x[2])})
	}
	for _, t := range v.Terms {
		out.Terms = append(out.Terms, pages.Weight{Comparison: t.Comparison, Level: t.Level, Stranger: t.Stranger, Sibling: t.Sibling})
	}
	for _, s := range a.Decisions {
		out.Decisions = append(out.Decisions, decisionOf(s))
	}
	around, err := d.AroundPair(ctx, a)
	if err != nil {
		return out, err
	}
	for i, into := range []*pages.Person{&out.Left, &out.Right} {
		personOf(around[i], into)
	}
	asked, err := d.askedNow(ctx)
	if err != nil {
		return out, err
	}
	at := slices.IndexFunc(asked, func(q pipelines.Asked) bool { return q.Key == key })
	if at >= 0 {
		q := asked[at]
		out.Kind, out.Effect = q.Kind, q.Does
		out.Sentence = q.Doubt
	}
	if at >= 0 {
		out.Decided, out.Differ = answered(asked[at])
	}
	stands, err := d.StandsOn(ctx, pair)
	if stands != nil {
		out.Decided, out.Seen = decided(stands), pipelines.Stamp(stands)
	}
	return out, err
}

// Split tells of a child that may be two.
func (d *desk) Split(ctx context.Context, key string) (pages.Split, error) {
	var out pages.Split
	pair, err := d.pairOf(ctx, key)
	if err != nil {
		return out, err
	}
	c, err := d.Cluster(ctx, pair)
	if errors.Is(err, pipelines.ErrNoClient) {
		err = fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	if err != nil {
		return out, err
	}
	out = pages.Split{Child: c.Child, Withheld: c.Withheld, Hidden: c.Hidden, Seen: c.Stamp, Subject: "one child or two: pair " + key}
	if !c.Withheld {
		out.Subject = "one child or two:"
	}
	for _, r := range c.Records {
		name := "a record of " + r.Agency
		if !c.Withheld {
			name = r.Anchor.String()
			out.Subject += " " + name
		}
		out.Records = append(out.Records, pages.SplitRecord{Name: name, IsSecond: r.IsSecond})
	}
	for _, column := range pipelines.ShownColumns {
		row, known := pages.SplitRow{Column: strings.ReplaceAll(column, "_", " ")}, false
		for _, r := range c.Records {
			for _, other := range row.Values {
				if sign := forms.Sign(other, r.Values[column]); sign == "≠" || sign == "≈" && row.Mark == "" {
					row.Mark = sign
				}
			}
			row.Values = append(row.Values, r.Values[column])
			known = known || r.Values[column] != ""
		}
		if known {
			out.Rows = append(out.Rows, row)
		}
	}
	for _, g := range c.Links {
		out.Links = append(out.Links, pages.SplitLink{Left: g.Left, Right: g.Right, Key: g.Key, Sentence: g.Sentence, Probability: g.Edge.Probability(),
			Stranger: float64(g.Edge.Stranger), Sibling: float64(g.Edge.Sibling), IsWeakest: g.IsWeakest, IsCross: c.Records[g.Left].IsSecond != c.Records[g.Right].IsSecond})
	}
	return out, nil
}

// DecideSplit answers whether a child is two.
func (d *desk) DecideSplit(ctx context.Context, key, verdict string, second []int, why, seen string) (pages.Answered, error) {
	d.all.deciding.Lock()
	defer d.all.deciding.Unlock()
	pair, err := d.pairOf(ctx, key)
	if err != nil {
		return pages.Answered{}, err
	}
	d.asked = nil
	effect, err := d.Workspace.DecideSplit(ctx, pair, link.Verdict(verdict), second, why, seen)
	return answeredBy(effect), err
}

func answeredBy(e pipelines.Effect) pages.Answered {
	out := pages.Answered{Does: e.Does}
	for _, c := range e.Cells {
		out.Cells = append(out.Cells, pages.MovedCell{Cell: c.Cell, Old: *c.Old, New: *c.New})
	}
	return out
}

func personOf(a pipelines.Around, into *pages.Person) {
	for _, c := range a.Caregivers {
		text := c.Name
		for _, more := range []string{strings.ReplaceAll(c.Relationship, "_", " "), c.Phone, c.Email} {
			if more != "" {
				text += ", " + more
			}
		}
		into.Caregivers = append(into.Caregivers, text)
	}
	name := func(r pipelines.Relative) string {
		return strings.Join(slices.DeleteFunc([]string{r.Name, r.BornOn, r.Agency + ":" + r.Client}, func(s string) bool { return s == "" }), ", ")
	}
	for _, r := range a.Others {
		into.Others = append(into.Others, name(r))
	}
	for _, r := range a.Siblings {
		into.Siblings = append(into.Siblings, name(r))
	}
	for _, l := range a.Addresses {
		when := l.From
		if l.To != l.From {
			when += " to " + l.To
		}
		into.Lived = append(into.Lived, [2]string{when, l.Address})
	}
}

func decisionOf(s pipelines.Stands) pages.Decision {
	return pages.Decision{Pair: s.Pair, Key: s.Key(), Verdict: s.Verdict, State: s.State, Changed: s.Changed, Who: s.Who, On: s.On, Why: s.Why, Acts: s.Acts}
}

// Decide answers about a pair, one answer after the other.
func (d *desk) Decide(ctx context.Context, key, verdict, why, seen string) (pages.Answered, error) {
	d.all.deciding.Lock()
	defer d.all.deciding.Unlock()
	pair, err := d.pairOf(ctx, key)
	if err != nil {
		return pages.Answered{}, err
	}
	d.asked = nil // and is asked anew
	effect, err := d.DecideSeen(ctx, link.Decision{Left: pair[0], Right: pair[1], Verdict: link.Verdict(verdict), Why: why}, seen)
	return answeredBy(effect), err
}

// TakeBack undoes the decision about a pair.
func (d *desk) TakeBack(ctx context.Context, key, why string) (string, error) {
	d.all.deciding.Lock()
	defer d.all.deciding.Unlock()
	pair, err := d.pairOf(ctx, key)
	if err != nil {
		return "", err
	}
	d.asked = nil
	was, err := d.Undo(ctx, pair, why)
	return string(was.Verdict), err
}

// Decisions lists what was decided.
func (d *desk) Decisions(ctx context.Context) ([]pages.Decision, error) {
	all, err := d.Decided(ctx)
	var out []pages.Decision
	at := map[string]int{} // where an answer about several pairs stands
	for _, s := range all {
		x := decisionOf(s)
		answer := fmt.Sprint(s.Answer, s.State, s.Who, s.On, s.Why)
		i, isKnown := at[answer]
		switch {
		case s.Answer == "":
			out = append(out, x)
		case !isKnown:
			at[answer], x.Pairs = len(out), 1
			out = append(out, x)
		case s.Key() == s.Answer: // the pair that names it
			x.Pairs, x.Acts = out[i].Pairs+1, x.Acts && out[i].Acts
			out[i] = x
		default:
			out[i].Pairs, out[i].Acts = out[i].Pairs+1, out[i].Acts && x.Acts
		}
	}
	return out, err
}
