package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
)

// ErrNoClient says that no delivery holds a record that was asked for.
var ErrNoClient = errors.New("no delivery holds this record")

// ErrContradiction says that a decision cannot hold beside others.
var ErrContradiction = errors.New("contradicts")

// linkage is the published link step with what it was made by.
type linkage struct {
	w        *Workspace
	db       *warehouse.DB
	quarter  tributary.Quarter
	model    *link.Frozen
	isFrozen bool
}

func (w *Workspace) linkage(ctx context.Context) (*linkage, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	db, err := w.House.Open(ctx, m.People())
	if err != nil {
		return nil, err
	}
	l := &linkage{w: w, db: db, quarter: m.Quarter}
	var text string
	err = db.Scan(ctx, "select model, is_frozen from link.model", nil, &text, &l.isFrozen)
	if err == nil {
		l.model, err = link.ParseModel(text)
	}
	if err != nil {
		return nil, errors.Join(tributary.Fix(fmt.Errorf("read the published links: %w", err), "build them again with: tributary run"), db.Close())
	}
	return l, nil
}

// Client is one record in an answer about linking.
type Client struct {
	link.Anchor
	// Node is its place among records that may be linked, 0 where the agreement has it counted alone.
	Node          int32
	Child, Family string
	// HasConsent is that of the newest quarter.
	HasConsent bool
	// Values are those of the newest quarter, by canonical column, where they may be shown.
	Values map[string]string
}

// ShownColumns are the columns that tell one child from another, in the order in which people compare them.
var ShownColumns = []string{"given_name", "middle_names", "preferred_name", "family_name", "family_name_at_birth", "birth_date", "sex", "health_number",
	"caregiver", "phone", "email", "street_address", "municipality", "postal_code", "school"}

// ParseClient reads AGENCY:NUMBER.
func ParseClient(text string) (link.Anchor, error) {
	agency, client, ok := strings.Cut(text, ":")
	if !ok || agency == "" || client == "" {
		return link.Anchor{}, tributary.Fix(fmt.Errorf("%q names no record", text), "write the agency and its number, as in LCTC:LC-01003")
	}
	return link.Anchor{Agency: agency, Client: client}, nil
}

// client finds a record, or says which was probably meant.
func (l *linkage) client(ctx context.Context, a link.Anchor) (Client, error) {
	c := Client{Anchor: a}
	err := l.db.Scan(ctx, "select has_consent from link.client_consent where agency = ? and client_local_id = ? order by quarter desc limit 1",
		[]any{a.Agency, a.Client}, &c.HasConsent)
	if errors.Is(err, sql.ErrNoRows) {
		return c, l.unknown(ctx, a)
	}
	if err != nil {
		return c, err
	}
	var isAlone bool
	err = l.db.Scan(ctx, `select n.node, n.is_alone, c.child_id, f.family_id
from link.node as n
join link.child as c on c.node = n.node
join link.family as f on f.node = c.first_node
where n.agency = ? and n.client_local_id = ?
order by n.is_alone limit 1`, []any{a.Agency, a.Client}, &c.Node, &isAlone, &c.Child, &c.Family)
	if isAlone {
		c.Node = 0
	}
	return c, err
}

func (l *linkage) unknown(ctx context.Context, a link.Anchor) error {
	if _, err := l.w.Agency(a.Agency); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", a, ErrNoClient), err)
	}
	rows, err := l.db.Query(ctx, "select distinct client_local_id from link.client_consent where agency = ? order by client_local_id", a.Agency)
	if err != nil {
		return err
	}
	defer rows.Close()
	var known []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		known = append(known, s)
	}
	fix := "see the agency's numbers in its file"
	if meant := config.Guess(a.Client, known); meant != "" {
		fix = fmt.Sprintf("did you mean %s:%s?", a.Agency, meant)
	}
	return errors.Join(tributary.Fix(fmt.Errorf("%s: %w", a, ErrNoClient), fix), rows.Err())
}

// withheld says that the agreement does not allow to show one record's values beside the other's.
func withheld(a, b Client) bool {
	return a.Agency != b.Agency && !(a.HasConsent && b.HasConsent)
}

// values reads what the newest quarter says of a record.
func (l *linkage) values(ctx context.Context, c *Client) error {
	columns := make([]string, len(ShownColumns))
	for i, name := range ShownColumns {
		columns[i] = "coalesce(c." + name + "::varchar, '')"
		if name == "caregiver" {
			columns[i] = `coalesce((select concat_ws(' ', g.given_name, g.family_name) from core.caregiver as g
				where g.agency = c.agency and g.client_local_id = c.client_local_id and g.quarter = c.quarter
				order by g.is_primary desc nulls last, g.caregiver_number limit 1), '')`
		}
	}
	values, into := make([]string, len(ShownColumns)), make([]any, len(ShownColumns))
	for i := range values {
		into[i] = &values[i]
	}
	err := l.db.Scan(ctx, "select "+strings.Join(columns, ", ")+" from core.client as c where c.agency = ? and c.client_local_id = ? order by c.quarter desc limit 1",
		[]any{c.Agency, c.Client}, into...)
	c.Values = map[string]string{}
	for i, name := range ShownColumns {
		if values[i] != "" {
			c.Values[name] = values[i]
		}
	}
	return err
}

// PairOf finds the pair that a person names: two records, or the key of one that may not be shown.
func (w *Workspace) PairOf(ctx context.Context, names []string) (pair [2]link.Anchor, err error) {
	if len(names) == 2 {
		for i, n := range names {
			if pair[i], err = ParseClient(n); err != nil {
				return pair, err
			}
		}
		if pair[0] == pair[1] {
			err = tributary.Fix(fmt.Errorf("%s twice: one record is no pair", pair[0]), "name two records")
		}
		return pair, err
	}
	l, err := w.linkage(ctx)
	if err != nil {
		return pair, err
	}
	defer l.db.Close()
	found, err := l.byKey(ctx, names)
	if err != nil {
		return pair, err
	}
	pair, ok := found[names[0]]
	if !ok {
		return pair, tributary.Fix(fmt.Errorf("pair %q: %w", names[0], ErrNoClient), "name two records, as in LCTC:LC-01003, or a key that tributary link review prints")
	}
	return pair, nil
}

// byKey finds pairs by their keys, among all that were compared or decided about.
func (l *linkage) byKey(ctx context.Context, keys []string) (map[string][2]link.Anchor, error) {
	found, asked := map[string][2]link.Anchor{}, map[string]bool{}
	for _, k := range keys {
		asked[k] = true
	}
	look := func(a, b link.Anchor) {
		if k := link.PairKey(a, b); asked[k] {
			found[k] = [2]link.Anchor{a, b}
		}
	}
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		look(d.Left, d.Right)
	}
	rows, err := l.db.Query(ctx, `select a.agency, a.client_local_id, b.agency, b.client_local_id
from (select left_node, right_node from link.pair union select left_node, right_node from link.family_pair) as p
join link.node as a on a.node = p.left_node
join link.node as b on b.node = p.right_node`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b link.Anchor
		if err := rows.Scan(&a.Agency, &a.Client, &b.Agency, &b.Client); err != nil {
			return nil, err
		}
		look(a, b)
	}
	return found, rows.Err()
}

// Pair is the answer why two records are linked, or are not.
type Pair struct {
	Left, Right Client
	// Withheld says that the agreement does not allow to show values beside each other.
	Withheld bool
	Sentence string
	Terms    []link.Term
	Edge     link.Edge
	// IsCompared says that the two may be linked and so have a weight; Rules found them in the last run.
	IsCompared bool
	Rules      []string
	// Outcome is link, review, held, twin or apart; Because says why in words.
	Outcome, Because string
	// FamilyShares is what ties the two children's families, FamilyChance the probability that they are one.
	FamilyShares string
	FamilyChance float64
	IsOneFamily  bool
	Decisions    []Stands
}

// WhyLinked explains a pair of records, whether or not the last run compared them. It is a look at
// persons: the caller audits it. isNamed says that the asker knows which records they are.
func (w *Workspace) WhyLinked(ctx context.Context, one, other link.Anchor, isNamed bool) (*Pair, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	var p Pair
	var left, right error
	p.Left, left = l.client(ctx, one)
	p.Right, right = l.client(ctx, other)
	if err := errors.Join(left, right); err != nil {
		return nil, err
	}
	if p.Withheld = withheld(p.Left, p.Right); !p.Withheld {
		if err := errors.Join(l.values(ctx, &p.Left), l.values(ctx, &p.Right)); err != nil {
			return nil, err
		}
	}
	standing, err := l.standing(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.weigh(ctx, &p); err != nil {
		return nil, err
	}
	decided, _ := link.Decide(standing) // contradictions were refused, or are named by the run
	verdict, chain := decided.Of(one, other)
	var known [2]link.Anchor
	if isNamed {
		known = [2]link.Anchor{one, other}
	}
	for _, s := range standing {
		isChain := slices.ContainsFunc(chain, func(d link.Decision) bool { return d.Left == s.Left && d.Right == s.Right })
		if isChain || slices.ContainsFunc([]link.Anchor{one, other}, func(a link.Anchor) bool { return s.Left == a || s.Right == a }) {
			shown, err := l.stands(ctx, s, known)
			if err != nil {
				return nil, err
			}
			p.Decisions = append(p.Decisions, shown)
		}
	}
	l.because(&p, verdict)
	return &p, nil
}

// weigh fills in what the engine says of the pair.
func (l *linkage) weigh(ctx context.Context, p *Pair) error {
	if p.Left.Node == 0 || p.Right.Node == 0 {
		return nil
	}
	if err := link.Recall(ctx, l.db, p.Left.Node, p.Right.Node); err != nil {
		return err
	}
	var err error
	if p.Edge, p.Terms, err = link.Compare(ctx, l.db, l.model.Children, p.Left.Node, p.Right.Node); err != nil {
		return err
	}
	p.IsCompared = true
	p.Sentence = l.model.Children.Sentence(p.Edge, "en")
	err = l.db.Scan(ctx, "select rules, outcome from link.pair where left_node = ? and right_node = ?", []any{p.Edge.L, p.Edge.R}, &p.Edge.Rules, &p.Outcome)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	p.Rules = link.RulesOf(p.Edge.Rules)
	err = l.db.Scan(ctx, `select f.shares, f.probability from link.family_pair as f
join link.child as a on a.first_node = f.left_node or a.first_node = f.right_node
join link.child as b on (b.first_node = f.left_node or b.first_node = f.right_node) and b.first_node <> a.first_node
where a.node = ? and b.node = ?`, []any{p.Left.Node, p.Right.Node}, &p.FamilyShares, &p.FamilyChance)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return err
}

// because says why the pair came out as it did.
func (l *linkage) because(p *Pair, verdict link.Verdict) {
	terms, chance := link.DefaultTerms(), p.Edge.Probability()
	p.IsOneFamily = p.Left.Family == p.Right.Family
	veto := l.model.Children.Vetoed(p.Edge)
	switch {
	case !p.IsCompared:
		p.Outcome, p.Because = "apart", "without consent the agreement has one of them counted alone"
	case p.Left.Child == p.Right.Child:
		p.Outcome = "link"
		switch {
		case verdict == link.Same:
			p.Because = "a person decided so"
		case chance >= terms.LinkAt && veto == "":
			p.Because = fmt.Sprintf("the probability is at least %.2f", terms.LinkAt)
		default:
			p.Because = "other records of the child hold the two together"
		}
	case verdict == link.Family || verdict == link.Different:
		p.Outcome, p.Because = "apart", "a person decided so"
	case verdict == link.Same:
		p.Outcome, p.Because = "apart", "a person decided that they are one child; the next run links them"
	case chance < terms.ReviewAt:
		p.Outcome, p.Because = "apart", fmt.Sprintf("the probability is under %.2f", terms.ReviewAt)
	case veto == "twin":
		p.Outcome, p.Because = "twin", "born on one day and named differently, as twins are: no weight outvotes that"
	case veto == "generation":
		p.Outcome, p.Because = "twin", "born a generation apart, as a parent and a child of one name are: no weight outvotes that"
	case chance >= terms.LinkAt:
		p.Outcome, p.Because = "held", "other records of the two children speak against it"
	default:
		p.Outcome, p.Because = "review", fmt.Sprintf("the probability lies between %.2f and %.2f: a person should say", terms.ReviewAt, terms.LinkAt)
	}
}

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

// acceptedModel reads the link model that a person accepted; nil when there is none.
func (w *Workspace) acceptedModel(ctx context.Context) (*link.Frozen, error) {
	facts, err := w.Ledger.Current(ctx, "link_model")
	if err != nil || len(facts) == 0 {
		return nil, err
	}
	f, err := link.ParseModel(facts[0].Fields["model"])
	return f, tributary.Fix(err, `train it anew with: tributary link train --accept --why "..."`)
}

// standing is what the decisions of the ledger do with today's records.
func (l *linkage) standing(ctx context.Context) ([]link.Standing, error) {
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
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

	decision link.Decision
	isShown  bool
}

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
	var n int
	err := l.db.Scan(ctx, `select count(*) from (
    select arg_max(has_consent, quarter) as has_consent from link.client_consent
    where (agency = ? and client_local_id = ?) or (agency = ? and client_local_id = ?)
    group by agency, client_local_id
) where has_consent`, []any{a.Agency, a.Client, b.Agency, b.Client}, &n)
	return n == 2, err
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
	newest := map[[2]link.Anchor]link.Decision{}
	var order [][2]link.Anchor
	var all []link.Decision
	for _, f := range facts {
		d, err := link.DecisionOf(f)
		if err != nil {
			return nil, err
		}
		pair := [2]link.Anchor{d.Left, d.Right}
		order = slices.DeleteFunc(order, func(p [2]link.Anchor) bool { return p == pair })
		order, newest[pair] = append(order, pair), d
		all = append(all, d)
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
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	seen, err := link.Look(ctx, l.db, next)
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Entry, len(next))
	answered := map[string]bool{}
	var faults []error
	for i := range next {
		d := &next[i]
		for _, a := range []link.Anchor{d.Left, d.Right} {
			if !seen[a].IsHere && !mayBeGone {
				faults = append(faults, l.unknown(ctx, a))
			}
		}
		d.Who, d.At = w.Who, w.Now()
		d.LeftRests, d.RightRests = seen[d.Left].RestsOn, seen[d.Right].RestsOn
		entries[i] = d.Entry()
		answered[link.PairKey(d.Left, d.Right)] = true
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	standing, err := l.standing(ctx)
	if err != nil {
		return nil, err
	}
	standing = slices.DeleteFunc(standing, func(s link.Standing) bool { return answered[link.PairKey(s.Left, s.Right)] })
	decided, _ := link.Decide(standing)
	for _, d := range next {
		if err := decided.Add(d); err != nil {
			faults = append(faults, l.discreet(ctx, err, isNamed))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if err := w.Ledger.Append(ctx, entries...); err != nil {
		return nil, err
	}
	return l.effects(ctx, next)
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

// Undo takes a decision back.
func (w *Workspace) Undo(ctx context.Context, pair [2]link.Anchor, why string) (link.Decision, error) {
	decisions, err := w.decisions(ctx)
	if err != nil {
		return link.Decision{}, err
	}
	key := link.PairKey(pair[0], pair[1])
	for _, d := range decisions {
		if link.PairKey(d.Left, d.Right) == key {
			d.Who, d.At, d.Why, d.Undone = w.Who, w.Now(), why, true
			return d, w.Ledger.Append(ctx, d.Entry())
		}
	}
	return link.Decision{}, tributary.Fix(fmt.Errorf("undo: %w: nobody decided about these two records", ErrNoClient),
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
