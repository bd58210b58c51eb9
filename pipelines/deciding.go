package pipelines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
)

// ErrContradiction says that a decision cannot hold beside others.
var ErrContradiction = errors.New("contradicts")

// decisions reads those that stand in the ledger.
func (w *Workspace) decisions(ctx context.Context) ([]link.Decision, error) {
	facts, err := w.Ledger.Current(ctx, "link_decision")
	if err != nil {
		return nil, err
	}
	out := make([]link.Decision, len(facts))
	for i, f := range facts {
		if out[i], err = link.DecisionOf(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// standing is what the decisions of the ledger do with today's records.
func (l *linkage) standing(ctx context.Context) ([]link.Standing, error) {
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	return l.stand(ctx, decisions)
}

// standingAbout is standing of the decisions that can say something of records: of those about them, and of those that
// hang together with these.
func (l *linkage) standingAbout(ctx context.Context, records ...link.Anchor) ([]link.Standing, error) {
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	beside := map[link.Anchor][]link.Anchor{}
	for _, d := range decisions {
		beside[d.Left], beside[d.Right] = append(beside[d.Left], d.Right), append(beside[d.Right], d.Left)
	}
	reached := map[link.Anchor]bool{}
	for len(records) > 0 {
		a := records[len(records)-1]
		records = records[:len(records)-1]
		a.Alone = false
		if !reached[a] {
			reached[a], records = true, append(records, beside[a]...)
		}
	}
	return l.stand(ctx, slices.DeleteFunc(decisions, func(d link.Decision) bool { return !reached[d.Left] }))
}

func (l *linkage) stand(ctx context.Context, decisions []link.Decision) ([]link.Standing, error) {
	seen, err := link.Look(ctx, l.db, decisions)
	if err != nil {
		return nil, err
	}
	out := make([]link.Standing, len(decisions))
	for i, d := range decisions {
		out[i] = d.Stand(seen[d.Left], seen[d.Right])
	}
	return out, nil
}

// Stands is a decision as people may see it.
type Stands struct {
	// Pair names the two records, or the key where the agreement does not allow to show them together.
	Pair    string `json:"pair"`
	Verdict string `json:"verdict"`
	State   string `json:"state"`
	Acts    bool   `json:"acts"`
	Changed string `json:"changed,omitempty"`
	Who     string `json:"who"`
	On      string `json:"on"`
	Why     string `json:"why"`
	// Answer is the key of the first pair of the answer that parted a child, or took that back, where the pair was
	// decided about in one.
	Answer string `json:"answer,omitempty"`

	decision link.Decision
	isShown  bool
}

// Key names the pair without telling which records they are.
func (s Stands) Key() string { return link.PairKey(s.decision.Left, s.decision.Right) }

// stands puts a decision into words; asked are the records that the asker named himself.
func (l *linkage) stands(ctx context.Context, s link.Standing, asked [2]link.Anchor) (Stands, error) {
	out := Stands{Verdict: string(s.Verdict), State: string(s.State), Acts: s.Acts, Who: s.Who, On: s.At.Format("2006-01-02"), Why: s.Why, decision: s.Decision}
	changed := slices.Concat(s.LeftChanged, s.RightChanged)
	slices.Sort(changed)
	out.Changed = strings.Join(slices.Compact(changed), ", ")
	isAsked := slices.Contains(asked[:], s.Left) && slices.Contains(asked[:], s.Right)
	var err error
	if out.isShown, err = l.mayShow(ctx, s.Left, s.Right); err != nil {
		return out, err
	}
	out.Pair = link.PairKey(s.Left, s.Right)
	if out.isShown || isAsked {
		out.Pair = s.Left.String() + " " + s.Right.String()
	}
	return out, nil
}

// mayShow says whether two records may stand beside each other. Of a record that is gone nothing says
// that it may.
func (l *linkage) mayShow(ctx context.Context, a, b link.Anchor) (bool, error) {
	if a.Agency == b.Agency {
		return true, nil
	}
	a.Alone, b.Alone = false, false
	if err := l.meet(ctx, a, b); err != nil {
		return false, err
	}
	left, right := l.known[a], l.known[b]
	return left != nil && right != nil && left.hasConsent && right.hasConsent, nil
}

// Decided lists the decisions of the ledger and what they do, the undone ones too, in the order of time.
func (w *Workspace) Decided(ctx context.Context) ([]Stands, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	facts, err := w.Ledger.All(ctx, "link_decision")
	if err != nil {
		return nil, err
	}
	splits, err := w.Ledger.All(ctx, splitKind)
	if err != nil {
		return nil, err
	}
	newest, in := map[[2]link.Anchor]link.Decision{}, map[[2]link.Anchor]string{}
	var order [][2]link.Anchor
	var all []link.Decision
	var about []link.Anchor
	for _, f := range facts {
		d, err := link.DecisionOf(f)
		if err != nil {
			return nil, err
		}
		pair := [2]link.Anchor{d.Left, d.Right}
		order = slices.DeleteFunc(order, func(p [2]link.Anchor) bool { return p == pair })
		order, newest[pair], in[pair] = append(order, pair), d, ""
		for _, s := range splits {
			if isOf(f, s) && slices.Contains(strings.Fields(s.Fields["decisions"]), link.PairKey(d.Left, d.Right)) {
				in[pair] = s.Fields["pair"]
			}
		}
		all, about = append(all, d), append(about, d.Left, d.Right)
	}
	if err := l.meet(ctx, about...); err != nil {
		return nil, err
	}
	seen, err := link.Look(ctx, l.db, all)
	if err != nil {
		return nil, err
	}
	out := []Stands{}
	for _, pair := range order {
		d := newest[pair]
		s, err := l.stands(ctx, d.Stand(seen[d.Left], seen[d.Right]), [2]link.Anchor{})
		if err != nil {
			return nil, err
		}
		s.Answer = in[pair]
		out = append(out, s)
	}
	return out, nil
}

// Exportable are the decisions that stand and may be shown, and how many stand that may not.
func Exportable(all []Stands) (shown []link.Decision, left int) {
	for _, s := range all {
		switch {
		case s.decision.Undone:
		case s.isShown:
			shown = append(shown, s.decision)
		default:
			left++
		}
	}
	return shown, left
}

// Decide writes decisions into the ledger, all or none, and says what they do. One that contradicts
// another is refused. mayBeGone lets records be decided about that no delivery holds: the decision waits.
// isNamed says that the asker knows which records they are.
func (w *Workspace) Decide(ctx context.Context, next []link.Decision, mayBeGone, isNamed bool) ([]Effect, error) {
	return w.decideWhile(ctx, next, deciding{mayBeGone: mayBeGone, isNamed: isNamed}, func() error { return nil })
}

// deciding says how decisions are made: as in Decide, and whether they are one answer, which is taken back as one.
type deciding struct{ mayBeGone, isNamed, asOne bool }

// decideWhile decides while a condition holds. Whoever decides at the same moment, in this process or another, is
// first or second: the second judges anew by what the first said.
func (w *Workspace) decideWhile(ctx context.Context, next []link.Decision, how deciding, holds func() error) ([]Effect, error) {
	for {
		last, _, err := w.Ledger.Last(ctx)
		if err != nil {
			return nil, err
		}
		if err := holds(); err != nil {
			return nil, err
		}
		effects, err := w.decideAfter(ctx, last, next, how)
		if !errors.Is(err, ledger.ErrCameSince) {
			return effects, err
		}
	}
}

// decideAfter decides by what stood when last was the ledger's last entry.
func (w *Workspace) decideAfter(ctx context.Context, last int64, next []link.Decision, how deciding) ([]Effect, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	seen, err := link.Look(ctx, l.db, next)
	if err != nil {
		return nil, err
	}
	answered := map[string]bool{}
	var faults []error
	now := w.Now()
	for i := range next {
		d := &next[i]
		for _, a := range []link.Anchor{d.Left, d.Right} {
			if !seen[a].IsHere && !how.mayBeGone {
				faults = append(faults, l.unknown(ctx, a))
			}
		}
		d.Who, d.At = w.Who, now
		d.LeftRests, d.RightRests = seen[d.Left].RestsOn, seen[d.Right].RestsOn
		answered[link.PairKey(d.Left, d.Right)] = true
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var about []link.Anchor
	for _, d := range next {
		about = append(about, d.Left, d.Right)
	}
	standing, err := l.standingAbout(ctx, about...)
	if err != nil {
		return nil, err
	}
	standing = slices.DeleteFunc(standing, func(s link.Standing) bool { return answered[link.PairKey(s.Left, s.Right)] })
	decided, _ := link.Decide(standing)
	for _, d := range next {
		if err := decided.Add(d); err != nil {
			faults = append(faults, l.discreet(ctx, err, how.isNamed))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	entries, done, err := w.written(ctx, next, how)
	if err != nil {
		return nil, err
	}
	if err := w.Ledger.AppendAfter(ctx, last, entries...); err != nil {
		return nil, err
	}
	effects, err := l.effects(ctx, next)
	for i := range effects {
		if !done[i] {
			effects[i] = Effect{Does: AwaitsAnother}
		}
	}
	return effects, err
}

// written is what is written of decisions that were judged, and of which of them there is a decision then.
func (w *Workspace) written(ctx context.Context, next []link.Decision, how deciding) (entries []ledger.Entry, done []bool, err error) {
	if w.Settings.Review.Twice {
		if entries, done, err = w.agreeing(ctx, next, how.asOne); err != nil {
			return nil, nil, err
		}
	} else {
		for _, d := range next {
			entries, done = append(entries, d.Entry()), append(done, true)
		}
	}
	if how.asOne && len(next) > 1 {
		entries = append(entries, asOneAnswer(next, w.Who))
	}
	return entries, done, nil
}

// discreet words a contradiction without records that may not stand beside each other, unless
// the asker named them himself.
func (l *linkage) discreet(ctx context.Context, err error, isNamed bool) error {
	var c *link.Contradiction
	if !errors.As(err, &c) {
		return err
	}
	var asked [2]link.Anchor
	if isNamed {
		asked = [2]link.Anchor{c.Next.Left, c.Next.Right}
	}
	next, err := l.stands(ctx, link.Standing{Decision: c.Next}, asked)
	if err != nil {
		return err
	}
	var said, undo []string
	for _, d := range c.Chain {
		s, err := l.stands(ctx, link.Standing{Decision: d}, asked)
		if err != nil {
			return err
		}
		said = append(said, fmt.Sprintf("%s: %s (%s, %s)", s.Pair, s.Verdict, s.Who, s.On))
		undo = append(undo, fmt.Sprintf(`tributary link undo %s --why "..."`, s.Pair))
	}
	return tributary.Fix(fmt.Errorf("decide %s %s: %w %s", next.Pair, c.Next.Verdict, ErrContradiction, strings.Join(said, "; ")),
		"take back what is wrong, then decide again: "+strings.Join(undo, ", or: "))
}

// Undo takes a decision back; where two must agree, it takes back what both said, or, before two did, what the person said.
func (w *Workspace) Undo(ctx context.Context, pair [2]link.Anchor, why string) (link.Decision, error) {
	for {
		last, _, err := w.Ledger.Last(ctx)
		if err != nil {
			return link.Decision{}, err
		}
		d, entries, err := w.undoing(ctx, pair, why)
		if err != nil {
			return d, err
		}
		if err := w.Ledger.AppendAfter(ctx, last, entries...); !errors.Is(err, ledger.ErrCameSince) {
			return d, err
		}
	}
}

// undoing is what takes a decision back, with those of the same answer, and which one it is.
func (w *Workspace) undoing(ctx context.Context, pair [2]link.Anchor, why string) (link.Decision, []ledger.Entry, error) {
	pairs, entries, err := w.inOneAnswer(ctx, pair, why)
	if err != nil {
		return link.Decision{}, nil, err
	}
	var first link.Decision
	for _, p := range pairs {
		d, more, err := w.undoingOne(ctx, p, why)
		if p != pair && errors.Is(err, ErrNoClient) { // another person's word alone
			continue
		}
		if err != nil {
			return d, nil, err
		}
		if p == pair {
			first = d
		}
		entries = append(entries, more...)
	}
	for i := range entries { // one answer, in one moment
		entries[i].At = entries[0].At
	}
	return first, entries, nil
}

// undoingOne is undoing of one pair alone.
func (w *Workspace) undoingOne(ctx context.Context, pair [2]link.Anchor, why string) (link.Decision, []ledger.Entry, error) {
	stands, err := w.StandsOn(ctx, pair)
	if err != nil {
		return link.Decision{}, nil, err
	}
	person := w.Who
	if stands != nil {
		person = ""
	}
	entries, err := w.takeBackOpinions(ctx, pair, person, why)
	if err != nil {
		return link.Decision{}, nil, err
	}
	switch {
	case stands != nil:
		stands.Who, stands.At, stands.Why, stands.Undone = w.Who, w.Now(), why, true
		return *stands, append(entries, stands.Entry()), nil
	case len(entries) > 0:
		return link.Decision{Left: pair[0], Right: pair[1], Verdict: link.Verdict(entries[0].Fields["verdict"])}, entries, nil
	}
	return link.Decision{}, nil, tributary.Fix(fmt.Errorf("undo: %w: nobody decided about these two records", ErrNoClient),
		"see what was decided with: tributary link decisions")
}

// ReviewKeys finds the pairs of a review sheet by the keys that it came back with.
func (w *Workspace) ReviewKeys(ctx context.Context, keys []string) (map[string][2]link.Anchor, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	return l.byKey(ctx, keys)
}
