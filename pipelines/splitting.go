package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/link"
)

// Cluster is the records that are counted as one child, for a person who should say whether they are two.
type Cluster struct {
	Child string
	// Records are those that may be seen together, those proposed for the first child first. Where Withheld, the
	// agreement does not allow to show the doubtful pair, and of no record more than its agency is told.
	Records  []ClusterRecord
	Withheld bool
	// Hidden is how many more there are, which the agreement does not allow to show beside these. An answer says
	// nothing of them: they stay where their own links hold them.
	Hidden int
	// Links are all pairs of these records that were compared, the strongest first.
	Links []ClusterLink
	// Stamp changes with every decision about two of these records.
	Stamp string
}

// ClusterRecord is one record of a child.
type ClusterRecord struct {
	Client
	// IsSecond says that it hangs on the others by the weakest link alone: proposed for the second child.
	IsSecond bool
}

// ClusterLink is what the comparison of two records says. It tells no value.
type ClusterLink struct {
	// Left and Right are places in Records.
	Left, Right int
	Key         string
	Edge        link.Edge
	Sentence    string
	// IsWeakest says that nothing else holds the two parts together as firmly: without it the child would be two.
	IsWeakest bool
}

// bridge is an edge of the strongest tree over a child's records, and its probability.
type bridge struct {
	e link.Edge
	p float64
}

// beyond are the nodes that hang on the right end of a tree's weakest edge, its last, when that falls away.
func beyond(tree []bridge) map[int32]bool {
	side := map[int32]bool{tree[len(tree)-1].e.R: true}
	for range tree { // as far as the other edges reach
		for _, b := range tree[:len(tree)-1] {
			if side[b.e.L] != side[b.e.R] {
				side[b.e.L], side[b.e.R] = true, true
			}
		}
	}
	return side
}

// Cluster reads the child of a pair that should perhaps be parted. It is a look at persons: the caller audits it. ErrNoClient
// says that the two are not one child.
func (w *Workspace) Cluster(ctx context.Context, pair [2]link.Anchor) (*Cluster, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	return l.cluster(ctx, pair, true)
}

func (l *linkage) cluster(ctx context.Context, pair [2]link.Anchor, withValues bool) (*Cluster, error) {
	var of [2]Client
	for i, a := range pair {
		var err error
		if of[i], err = l.client(ctx, a); err != nil {
			return nil, err
		}
	}
	if of[0].Child != of[1].Child || of[0].Node == 0 || of[1].Node == 0 {
		return nil, fmt.Errorf("pair %s is not one child: %w", link.PairKey(pair[0], pair[1]), ErrNoClient)
	}
	out := &Cluster{Child: of[0].Child, Withheld: withheld(of[0], of[1])}
	var all []ClusterRecord
	err := scanAll(ctx, l.db, `select node, agency, client_local_id, has_consent, child_id, is_alone
		from link.member where family_id = ? order by node`, func(rows *sql.Rows) error {
		var r ClusterRecord
		var isAlone bool
		err := rows.Scan(&r.Node, &r.Agency, &r.Client.Client, &r.HasConsent, &r.Child, &isAlone)
		if r.Child == out.Child && !isAlone {
			all = append(all, r)
		}
		return err
	}, of[0].Family)
	if err != nil {
		return nil, err
	}
	links, tree, err := l.within(ctx, all)
	if err != nil || len(tree) == 0 {
		return nil, errors.Join(err, ErrNoClient)
	}
	second := beyond(tree)
	isOpen := of[0].HasConsent && of[1].HasConsent
	for _, r := range all {
		// Together are shown records with consent, or those of the pair's one agency alone; where nothing is, all are told of.
		if !out.Withheld && !slices.Contains(pair[:], r.Anchor) && !(isOpen && r.HasConsent || !isOpen && r.Agency == of[0].Agency) {
			out.Hidden++
			continue
		}
		r.IsSecond = second[r.Node]
		if withValues && !out.Withheld {
			if err := l.values(ctx, &r.Client); err != nil {
				return nil, err
			}
		}
		out.Records = append(out.Records, r)
	}
	slices.SortStableFunc(out.Records, func(a, b ClusterRecord) int {
		return map[bool]int{true: 1}[a.IsSecond] - map[bool]int{true: 1}[b.IsSecond]
	})
	place := map[int32]int{}
	for i, r := range out.Records {
		place[r.Node] = i
	}
	weakest := tree[len(tree)-1].e
	for _, b := range links {
		left, isLeft := place[b.e.L]
		right, isRight := place[b.e.R]
		if isLeft && isRight {
			out.Links = append(out.Links, ClusterLink{Left: min(left, right), Right: max(left, right), Edge: b.e, IsWeakest: b.e == weakest,
				Key: link.PairKey(out.Records[left].Anchor, out.Records[right].Anchor), Sentence: l.model.Children.Sentence(b.e, "en")})
		}
	}
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	var stamps []string
	is := func(a link.Anchor) bool {
		return slices.ContainsFunc(out.Records, func(r ClusterRecord) bool { return r.Anchor == a })
	}
	for _, d := range decisions {
		if is(d.Left) && is(d.Right) {
			stamps = append(stamps, Stamp(&d))
		}
	}
	slices.Sort(stamps)
	out.Stamp = link.Digest(stamps...)
	return out, nil
}

// within are the pairs of a child's records that were compared, the strongest first, and the strongest tree of them.
func (l *linkage) within(ctx context.Context, records []ClusterRecord) (links, tree []bridge, err error) {
	nodes, root := make([]string, len(records)), map[int32]int32{}
	for i, r := range records {
		nodes[i], root[r.Node] = strconv.Itoa(int(r.Node)), r.Node
	}
	in := "(" + strings.Join(nodes, ", ") + ")"
	err = scanAll(ctx, l.db, "select left_node, right_node, stranger_bits, sibling_bits, pattern, probability from link.pair where outcome = 'link' and left_node in "+in+" and right_node in "+in+
		" order by probability desc, left_node, right_node", func(rows *sql.Rows) error {
		var b bridge
		err := rows.Scan(&b.e.L, &b.e.R, &b.e.Stranger, &b.e.Sibling, &b.e.Pattern, &b.p)
		links = append(links, b)
		if from, to := root[b.e.L], root[b.e.R]; from != to {
			for node, r := range root {
				if r == from {
					root[node] = to
				}
			}
			tree = append(tree, b)
		}
		return err
	})
	return links, tree, err
}

// ErrNoParts says that an answer does not say which records are the second child's.
var ErrNoParts = errors.New("no two parts")

// DecideSplit answers whether a child is one. Verdict same and later speak of the child as it is; family and different
// say that it is two: the records at the places second (of Cluster) are the other one's. The answer is refused where
// something was decided about the records since the person saw them (Cluster.Stamp).
func (w *Workspace) DecideSplit(ctx context.Context, pair [2]link.Anchor, verdict link.Verdict, second []int, why, seen string) (Effect, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return Effect{}, err
	}
	defer l.db.Close()
	c, err := l.cluster(ctx, pair, false)
	if err != nil {
		return Effect{}, err
	}
	next := []link.Decision{{Left: pair[0], Right: pair[1], Verdict: verdict, Why: why}}
	if verdict == link.Family || verdict == link.Different {
		if next, err = c.parted(pair, verdict, second, why); err != nil {
			return Effect{}, err
		}
	}
	effects, err := w.decideWhile(ctx, next, deciding{asOne: true}, func() error {
		now, err := l.cluster(ctx, pair, false)
		if err == nil && now.Stamp != seen {
			err = tributary.Fix(fmt.Errorf("child %s %w", c.Child, ErrDecidedSince), "look at what was decided; to say something else, answer again")
		}
		return err
	})
	if err != nil || len(next) == 1 || effects[0].Does == AwaitsAnother {
		if err != nil {
			return Effect{}, err
		}
		return effects[0], nil
	}
	return l.parting(ctx, c, second)
}

// parted are the decisions that make two children of one: each record of one part is not each of the other. Where a
// part does not hang together by links of its own, the person has said that it does.
func (c *Cluster) parted(pair [2]link.Anchor, verdict link.Verdict, second []int, why string) ([]link.Decision, error) {
	isSecond, part := make([]bool, len(c.Records)), make([]int, len(c.Records))
	for _, i := range second {
		if i < 0 || i >= len(isSecond) {
			return nil, fmt.Errorf("record %d: %w", i, ErrNoClient)
		}
		isSecond[i] = true
	}
	if !slices.Contains(isSecond, true) || !slices.Contains(isSecond, false) {
		return nil, tributary.Fix(fmt.Errorf("the records are not parted: %w", ErrNoParts), "mark the records of the second child, and leave at least one for the first; or answer that it is one child")
	}
	var out []link.Decision
	say := func(a, b int, verdict link.Verdict) {
		out = append(out, link.Decision{Left: c.Records[a].Anchor, Right: c.Records[b].Anchor, Verdict: verdict, Why: why})
	}
	for i := range part {
		part[i] = i
		for j := range i {
			if isSecond[i] != isSecond[j] {
				say(j, i, verdict)
			}
		}
	}
	unite := func(a, b int) bool {
		from, to := max(part[a], part[b]), min(part[a], part[b])
		for i := range part {
			if part[i] == from {
				part[i] = to
			}
		}
		return from != to
	}
	for _, g := range c.Links {
		if isSecond[g.Left] == isSecond[g.Right] && !g.IsWeakest {
			unite(g.Left, g.Right)
		}
	}
	// What was asked is answered too, where both of the pair went to one child.
	at := [2]int{}
	for i, r := range c.Records {
		if k := slices.Index(pair[:], r.Anchor); k >= 0 {
			at[k] = i
		}
	}
	if isSecond[at[0]] == isSecond[at[1]] {
		unite(at[0], at[1])
		say(at[0], at[1], link.Same)
	}
	for i := range part {
		if first := slices.Index(isSecond, isSecond[i]); unite(first, i) {
			say(first, i, link.Same)
		}
	}
	return out, nil
}

// parting is what it does to the newest quarter's numbers that a child becomes two.
func (l *linkage) parting(ctx context.Context, c *Cluster, second []int) (Effect, error) {
	p, err := l.population(ctx, c.Records[0].Anchor)
	if err != nil {
		return Effect{}, err
	}
	var sets [2]cells
	for i, r := range c.Records {
		side := 0
		if slices.Contains(second, i) {
			side = 1
		}
		sets[side] |= p.sets[p.nodeOf[r.Anchor]]
	}
	changes, err := l.moved(ctx, sets[0]&sets[1], 0, 1)
	return Effect{Does: "parts a child", Cells: changes}, err
}

// splitKind is one person's answer that a child is two: the keys of the pairs that were decided about by it, which are
// taken back together.
const splitKind = "link_split"

// asOneAnswer is the fact that decisions are one answer, of the person who gives it.
func asOneAnswer(next []link.Decision, person string) ledger.Entry {
	keys := make([]string, len(next))
	for i, d := range next {
		keys[i] = link.PairKey(d.Left, d.Right)
	}
	return ledger.Entry{Kind: splitKind, Who: person, At: next[0].At, Why: next[0].Why,
		Fields: map[string]string{"pair": keys[0], "person": person, "decisions": strings.Join(keys, " ")}}
}

// isOf says that a decision or an opinion is of an answer still: it was not given anew since.
func isOf(said, split ledger.Entry) bool { return said.At.Equal(split.At) && said.Why == split.Why }

// inOneAnswer are the pairs that were decided about in one answer with a pair, itself first, and what ends the fact that
// they were. A pair of them that was decided about again since is none any more.
func (w *Workspace) inOneAnswer(ctx context.Context, pair [2]link.Anchor, why string) (pairs [][2]link.Anchor, ends []ledger.Entry, err error) {
	pairs = [][2]link.Anchor{pair}
	facts, err := w.Ledger.Current(ctx, splitKind)
	if err != nil || len(facts) == 0 {
		return pairs, nil, err
	}
	given := map[string][]ledger.Entry{} // decisions and opinions, by key
	for _, kind := range []string{"link_decision", opinionKind} {
		all, err := w.Ledger.Current(ctx, kind)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range all {
			key := link.PairKey(anchorsOf(f))
			given[key] = append(given[key], f)
		}
	}
	stands := func(key string, split ledger.Entry) bool {
		return slices.ContainsFunc(given[key], func(f ledger.Entry) bool { return isOf(f, split) })
	}
	key := link.PairKey(pair[0], pair[1])
	isDecided := slices.ContainsFunc(given[key], func(f ledger.Entry) bool { return f.Kind == "link_decision" })
	for _, f := range facts {
		keys := strings.Fields(f.Fields["decisions"])
		// Before two agree, everybody takes back their own word alone.
		if !slices.Contains(keys, key) || !stands(key, f) || !isDecided && f.Fields["person"] != w.Who {
			continue
		}
		for _, k := range keys {
			if !stands(k, f) {
				continue
			}
			left, right := anchorsOf(given[k][0])
			if next := [2]link.Anchor{left, right}; k != key && !slices.Contains(pairs, next) {
				pairs = append(pairs, next)
			}
		}
		f.Who, f.At, f.Why, f.Ends = w.Who, w.Now(), why, true
		ends = append(ends, f)
	}
	return pairs, ends, nil
}
