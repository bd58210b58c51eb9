package pipelines

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
)

// Kinds of questions about linking.
const (
	AskChild  = "child"  // are two children one?
	AskFamily = "family" // are two families one?
	AskSplit  = "split"  // is one child two?
	AskAgain  = "again"  // a decision rested on values that have changed
)

// Question is one thing that a person should say about two records, who stand for their children.
type Question struct {
	Kind        string
	Left, Right link.Anchor
	// Withheld says that the agreement does not allow to show the two records beside each other.
	Withheld    bool
	Probability float64
	// Outcome of the pair in the last run: review, held, twin or link.
	Outcome string
	// Cells are the published numbers that another answer than the last run's would move by one.
	Cells []string
	// Moves is how many of them the answer is expected to move.
	Moves float64

	edge    link.Edge
	shares  string
	changed string
	model   *link.Model
}

// Why says in plain words, in English or French, what makes the pair doubtful. It tells no value.
func (q Question) Why(language string) string {
	say := func(en, fr string) string {
		if language == "fr" {
			return fr
		}
		return en
	}
	switch q.Kind {
	case AskAgain:
		return say("The values that a decision rested on have changed: ", "Les valeurs sur lesquelles reposait une décision ont changé : ") + q.changed + "."
	case AskFamily:
		shared := strings.Split(q.shares, ", ")
		for i, tie := range shared {
			if words, ok := tieWords[tie]; ok {
				shared[i] = say(words[0], words[1])
			}
		}
		text := say("Two children who share: ", "Deux enfants qui ont en commun : ") + strings.Join(shared, ", ") + "."
		if q.Outcome == "held" {
			text += say(" Other children of the two families speak against it.", " D'autres enfants des deux familles s'y opposent.")
		}
		return text
	}
	text := q.model.Sentence(q.edge, language) + "."
	switch {
	case q.Kind == AskSplit:
		text += say(" Counted as one child; nothing else holds the two together as firmly.", " Comptés comme un seul enfant; rien d'autre ne les relie aussi fermement.")
	case q.Outcome == "held":
		text += say(" Other records of the two children speak against it.", " D'autres dossiers des deux enfants s'y opposent.")
	case q.Outcome == "twin":
		text += say(" Twins, or a parent and a child, may look like this.", " Des jumeaux, ou un parent et un enfant, peuvent se ressembler ainsi.")
	}
	return text
}

// tieWords say what two families share.
var tieWords = map[string][2]string{
	"household": {"household", "ménage"}, "caregiver": {"caregiver", "responsable"}, "telephone": {"telephone", "téléphone"}, "e-mail": {"e-mail", "courriel"},
	"address": {"address", "adresse"}, "postal": {"postal code", "code postal"}, "surname": {"surname", "nom"},
}

// Effect says what the answer does to the published numbers.
func (q Question) Effect(language string) string {
	words := map[string][4]string{
		"en": {"If they are one child, %d of %d published counts fall by one.", "If they are one family, %d of %d published counts fall by one.",
			"If they are not one child, %d of %d published counts rise by one.", "Another answer moves %d of %d published counts by one."},
		"fr": {"Si c'est un seul enfant, %d des %d nombres publiés baissent de un.", "Si c'est une seule famille, %d des %d nombres publiés baissent de un.",
			"Si ce sont deux enfants, %d des %d nombres publiés augmentent de un.", "Une autre réponse change de un %d des %d nombres publiés."},
	}[language]
	return fmt.Sprintf(words[slices.Index([]string{AskChild, AskFamily, AskSplit, AskAgain}, q.Kind)], len(q.Cells), cellCount)
}

// The unduplicated numbers of a fiscal year: children and families known, by quarter and year to date.
// A set has one bit for each: four quarters, then four years to date, first of children.
const cellCount = 16

type cells uint8

// cellNames are those of a set of children's and a set of families' cells.
func cellNames(q tributary.Quarter, children, families cells) (names []string) {
	fiscalYear := q.String()[:7]
	for m, set := range []cells{children, families} {
		for i := range 8 {
			if set&(1<<i) == 0 {
				continue
			}
			name := fmt.Sprintf("%s@%sQ%d", []string{"children_known", "families_known"}[m], fiscalYear, i%4+1)
			if i >= 4 {
				name += "/ytd"
			}
			names = append(names, name)
		}
	}
	return names
}

// population is all nodes of the published link step: whose they are and where they count.
type population struct {
	anchors        []link.Anchor
	child, family  []int32 // first node of the child, and that of the family
	consent        []bool
	sets           []cells           // by node
	ofChild, ofFam map[int32]cells   // by first node
	nodes          map[int32][]int32 // by child
	nodeOf         map[link.Anchor]int32
}

// population reads all nodes, or those of the families of some records, with places instead of nodes then.
func (l *linkage) population(ctx context.Context, of ...link.Anchor) (*population, error) {
	where := "true"
	if len(of) > 0 {
		if err := l.meet(ctx, of...); err != nil {
			return nil, err
		}
		named := []string{"''"}
		for _, a := range of {
			a.Alone = false
			if m := l.known[a]; m != nil {
				named = append(named, warehouse.Text(m.family))
			}
		}
		where = "family_id in (" + strings.Join(named, ", ") + ")"
	}
	p := &population{ofChild: map[int32]cells{}, ofFam: map[int32]cells{}, nodes: map[int32][]int32{}, nodeOf: map[link.Anchor]int32{},
		anchors: make([]link.Anchor, 1), child: make([]int32, 1), family: make([]int32, 1), consent: make([]bool, 1), sets: make([]cells, 1)}
	last := l.quarter.String()
	number := int(last[len(last)-1] - '0')
	err := l.db.Each(ctx, fmt.Sprintf(`select agency, client_local_id, is_alone, first_node, family_node, has_consent,
		coalesce(list_bit_or([1 << (right(q, 1)::integer - 1) for q in counted_in if left(q, 7) = %s and q <= %s]), 0)::bigint
		from link.member where %s order by node`, warehouse.Text(last[:7]), warehouse.Text(last), where), func(v []driver.Value) error {
		a := link.Anchor{Agency: v[0].(string), Client: v[1].(string), Alone: v[2].(bool)}
		child, family, quarters := int32(v[3].(int64)), int32(v[4].(int64)), cells(v[6].(int64))
		set := quarters
		for i := range number {
			if quarters&(1<<(i+1)-1) != 0 {
				set |= 1 << (4 + i)
			}
		}
		node := int32(len(p.anchors))
		p.anchors, p.child, p.family = append(p.anchors, a), append(p.child, child), append(p.family, family)
		p.consent, p.sets = append(p.consent, v[5].(bool)), append(p.sets, set)
		p.ofChild[child] |= set
		p.ofFam[family] |= set
		p.nodes[child] = append(p.nodes[child], node)
		p.nodeOf[a] = node
		return nil
	})
	return p, err
}

// joined are the cells in which two children would become one.
func (p *population) joined(l, r int32) (children, families cells) {
	if p.child[l] != p.child[r] {
		children = p.ofChild[p.child[l]] & p.ofChild[p.child[r]]
	}
	return children, p.kin(l, r)
}

// kin are the cells in which two families would become one.
func (p *population) kin(l, r int32) cells {
	if p.family[l] == p.family[r] {
		return 0
	}
	return p.ofFam[p.family[l]] & p.ofFam[p.family[r]]
}

// Queue lists what a person should say about links, in the order in which the answers are expected to
// move the published numbers: how many of the unduplicated cells another answer than the last run's
// moves, times the probability of that answer. Two pairs of records of the same two children are one
// question. limit 0 is all.
func (w *Workspace) Queue(ctx context.Context, limit int, kinds ...string) ([]Question, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	p, err := l.population(ctx)
	if err != nil {
		return nil, err
	}
	q := &queue{linkage: l, population: p, asked: map[[2]int32]bool{}, odds: map[[2]int32]float64{}, sum: map[int32]float64{}}
	for _, ask := range []func(context.Context) error{q.settled, q.children, q.families, q.splits} {
		if err := ask(ctx); err != nil {
			return nil, fmt.Errorf("review queue: %w", err)
		}
	}
	for i := range q.out {
		x := &q.out[i]
		share, ok := 0.0, false
		switch x.Kind {
		case AskChild:
			share, ok = q.share(q.child[x.edge.L], q.child[x.edge.R])
		case AskFamily:
			share, ok = q.share(-q.family[x.edge.L], -q.family[x.edge.R])
		}
		if ok {
			x.Moves *= share
		}
	}
	if len(kinds) > 0 {
		q.out = slices.DeleteFunc(q.out, func(x Question) bool { return !slices.Contains(kinds, x.Kind) })
	}
	slices.SortStableFunc(q.out, func(a, b Question) int {
		return cmp.Or(cmp.Compare(isAgain(b), isAgain(a)), cmp.Compare(b.Moves, a.Moves), cmp.Compare(a.edge.L, b.edge.L), cmp.Compare(a.edge.R, b.edge.R))
	})
	if limit > 0 && len(q.out) > limit {
		q.out = q.out[:limit]
	}
	return q.out, nil
}

func isAgain(q Question) int {
	if q.Kind == AskAgain {
		return 1
	}
	return 0
}

type queue struct {
	*linkage
	*population
	// asked are the pairs of children, and of families (negative), that are asked about or decided.
	asked map[[2]int32]bool
	// odds are those of two being one, and sum all of one child's or family's.
	odds map[[2]int32]float64
	sum  map[int32]float64
	out  []Question
}

// first says whether a pair of groups is asked about for the first time.
func (q *queue) first(a, b int32) bool {
	key := [2]int32{min(a, b), max(a, b)}
	if q.asked[key] {
		return false
	}
	q.asked[key] = true
	return true
}

func (q *queue) ask(x Question, e link.Edge, children, families cells, p float64) {
	x.Left, x.Right, x.edge, x.model = q.anchors[e.L], q.anchors[e.R], e, q.model.Children
	x.Left.Alone, x.Right.Alone = false, false
	x.Withheld = x.Left.Agency != x.Right.Agency && !(q.consent[e.L] && q.consent[e.R])
	x.Cells = cellNames(q.quarter, children, families)
	x.Moves = p * float64(bits.OnesCount8(uint8(children))+bits.OnesCount8(uint8(families)))
	q.out = append(q.out, x)
}

// settled takes out what people decided, and asks again where the records have changed since.
func (q *queue) settled(ctx context.Context) error {
	standing, err := q.standing(ctx)
	if err != nil {
		return err
	}
	for _, s := range standing {
		l, r := q.nodeOf[s.Left], q.nodeOf[s.Right]
		if l == 0 || r == 0 {
			continue
		}
		if s.State == link.AskedAgain {
			children, families := q.joined(l, r)
			changed := slices.Concat(s.LeftChanged, s.RightChanged)
			slices.Sort(changed)
			q.ask(Question{Kind: AskAgain, Outcome: string(s.Verdict), changed: strings.Join(slices.Compact(changed), ", ")}, link.Edge{L: min(l, r), R: max(l, r)}, children, families, 1)
		} else if !s.Acts {
			continue
		}
		q.first(q.child[l], q.child[r])
		if s.Verdict != link.Same {
			q.first(-q.family[l], -q.family[r])
		}
	}
	return nil
}

func (q *queue) edges(ctx context.Context, query string, each func(e link.Edge, p float64, text, outcome string)) error {
	rows, err := q.db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e link.Edge
		var p float64
		var text, outcome string
		if err := rows.Scan(&e.L, &e.R, &e.Stranger, &e.Sibling, &e.Pattern, &p, &text, &outcome); err != nil {
			return err
		}
		each(e, p, text, outcome)
	}
	return rows.Err()
}

// children asks about pairs that are not linked, the strongest pair of two children first.
func (q *queue) children(ctx context.Context) error {
	all, err := q.evidence(ctx)
	if err != nil {
		return err
	}
	return q.edges(ctx, `select left_node, right_node, stranger_bits, sibling_bits, pattern, probability, '', outcome
from link.pair where outcome in ('review', 'held', 'twin')
order by probability desc, left_node, right_node`, func(e link.Edge, p float64, _, outcome string) {
		a, b := q.child[e.L], q.child[e.R]
		if a == b || !q.first(a, b) {
			return
		}
		q.first(-q.family[e.L], -q.family[e.R])
		children, families := q.joined(e.L, e.R)
		pairs := float64(len(q.nodes[a]) * len(q.nodes[b]))
		known := all[[2]int32{min(a, b), max(a, b)}]
		mean := (known.bits + (pairs-known.pairs)*unknownBits) / pairs
		q.oneOf(a, b, math.Exp2((known.most+mean)/2))
		q.ask(Question{Kind: AskChild, Probability: p, Outcome: outcome}, e, children, families, 1)
	})
}

// oneOf notes how likely two children, or two families (negative), are one: the odds.
func (q *queue) oneOf(a, b int32, odds float64) {
	q.odds[[2]int32{a, b}] = odds
	q.sum[a] += odds
	q.sum[b] += odds
}

// share is the probability of two being one, given that each may be one with others instead: where two
// answers are as likely, one of them is wrong.
func (q *queue) share(a, b int32) (p float64, ok bool) {
	odds, ok := q.odds[[2]int32{a, b}]
	return odds / (1 + max(q.sum[a], q.sum[b])), ok
}

// Evidence of one pair is cut at mostBits; a pair that was not worth keeping has unknownBits.
const (
	mostBits    = 12
	unknownBits = -10
)

// evidence is what all pairs of records between two children say.
type evidence struct{ bits, pairs, most float64 }

// evidence gathers the pairs between children that are two. The strongest of them alone says too much:
// the other records of the same two may know better.
func (q *queue) evidence(ctx context.Context) (map[[2]int32]evidence, error) {
	all := map[[2]int32]evidence{}
	err := q.edges(ctx, "select left_node, right_node, stranger_bits, sibling_bits, pattern, probability, '', outcome from link.pair where outcome <> 'link' order by all",
		func(e link.Edge, _ float64, _, _ string) {
			a, b := q.child[e.L], q.child[e.R]
			key := [2]int32{min(a, b), max(a, b)}
			sum := all[key]
			odds := min(mostBits, max(-mostBits, e.Odds()))
			if sum.pairs == 0 || odds > sum.most {
				sum.most = odds
			}
			sum.bits += odds
			sum.pairs++
			all[key] = sum
		})
	return all, err
}

// families asks about families that no question about their children would join.
func (q *queue) families(ctx context.Context) error {
	return q.edges(ctx, `select left_node, right_node, 0, 0, 0, probability, shares, outcome
from link.family_pair where outcome in ('review', 'held')
order by probability desc, left_node, right_node`, func(e link.Edge, p float64, shares, outcome string) {
		a, b := q.family[e.L], q.family[e.R]
		if a == b || !q.first(-a, -b) {
			return
		}
		q.oneOf(-a, -b, p/(1-min(p, 1-1e-9)))
		q.ask(Question{Kind: AskFamily, Probability: p, Outcome: outcome, shares: shares}, e, 0, q.kin(e.L, e.R), 1)
	})
}

// firm is the probability from which the weakest bridge within a child is not worth a question.
const firm = .99

// splits asks about children who hang together by one doubtful pair: the weakest edge of the strongest
// tree over its records.
func (q *queue) splits(ctx context.Context) error {
	tree := map[int32][]bridge{}
	root := map[int32]int32{}
	find := func(x int32) int32 {
		for {
			up, ok := root[x]
			if !ok {
				return x
			}
			x = up
		}
	}
	err := q.edges(ctx, `select left_node, right_node, stranger_bits, sibling_bits, pattern, probability, '', outcome
from link.pair where outcome = 'link'
order by probability desc, left_node, right_node`, func(e link.Edge, p float64, _, _ string) {
		if a, b := find(e.L), find(e.R); a != b {
			root[max(a, b)] = min(a, b)
			tree[q.child[e.L]] = append(tree[q.child[e.L]], bridge{e, p})
		}
	})
	if err != nil {
		return err
	}
	for child, edges := range tree {
		weakest := edges[len(edges)-1] // they came strongest first
		if weakest.p >= firm || q.asked[[2]int32{child, child}] {
			continue
		}
		side := beyond(edges)
		var one, other cells
		for _, n := range q.nodes[child] {
			if side[n] {
				other |= q.sets[n]
			} else {
				one |= q.sets[n]
			}
		}
		q.ask(Question{Kind: AskSplit, Probability: weakest.p, Outcome: "link"}, weakest.e, one&other, 0, 1-weakest.p)
	}
	return nil
}

// Effect is what a decision does at the next run, as far as can be said now.
type Effect struct {
	// Does is joins two children, joins two families, parts a child or moves nothing.
	Does string `json:"does"`
	// Cells are the published numbers that move, as they are and as they are expected to be.
	Cells []Change `json:"cells"`
}

// effects says what decisions will do to the newest quarter's numbers.
func (l *linkage) effects(ctx context.Context, decisions []link.Decision) ([]Effect, error) {
	var about []link.Anchor
	for _, d := range decisions {
		about = append(about, d.Left, d.Right)
	}
	p, err := l.population(ctx, about...)
	if err != nil {
		return nil, err
	}
	out := make([]Effect, len(decisions))
	for i, d := range decisions {
		out[i].Does = "moves nothing"
		a, b := p.nodeOf[d.Left], p.nodeOf[d.Right]
		var children, families cells
		step := -1.0
		switch isOne := a != 0 && p.child[a] == p.child[b]; {
		case a == 0 || b == 0:
		case d.Verdict == link.Same && !isOne:
			out[i].Does = "joins two children"
			children, families = p.joined(a, b)
		case d.Verdict == link.Family && p.family[a] != p.family[b]:
			out[i].Does = "joins two families"
			families = p.kin(a, b)
		case (d.Verdict == link.Family || d.Verdict == link.Different) && isOne:
			out[i].Does, step = "parts a child", 1
			children = p.sets[a] & p.sets[b]
		}
		if out[i].Cells, err = l.moved(ctx, children, families, step); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// moved are the newest quarter's numbers of two sets, and what they will be one step on.
func (l *linkage) moved(ctx context.Context, children, families cells, step float64) (out []Change, err error) {
	for _, cell := range cellNames(l.quarter, children, families) {
		if !strings.Contains(cell, "@"+l.quarter.String()) {
			continue
		}
		var old float64
		if err := l.db.Scan(ctx, "select value from measure.cell where cell_id = ?", []any{cell}, &old); err != nil {
			return nil, fmt.Errorf("%s: %w", cell, err)
		}
		next := old + step
		out = append(out, Change{Cell: cell, Old: &old, New: &next})
	}
	return out, nil
}

// ReviewPairs are questions as the review sheet shows them: with the values of the newest quarter where
// the agreement allows. It is a look at persons: the caller audits it.
func (w *Workspace) ReviewPairs(ctx context.Context, questions []Question, language string) ([]forms.ReviewPair, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	out := make([]forms.ReviewPair, len(questions))
	for i, q := range questions {
		out[i] = forms.ReviewPair{Key: link.PairKey(q.Left, q.Right), Withheld: q.Withheld, OneFamily: q.Kind == AskFamily, Probability: q.Probability, Why: q.Why(language), Effect: q.Effect(language),
			Left: forms.ReviewRecord{Agency: q.Left.Agency}, Right: forms.ReviewRecord{Agency: q.Right.Agency}}
		if q.Withheld {
			continue
		}
		for _, side := range []struct {
			of   link.Anchor
			into *forms.ReviewRecord
		}{{q.Left, &out[i].Left}, {q.Right, &out[i].Right}} {
			c := Client{Anchor: side.of}
			if err := l.values(ctx, &c); err != nil {
				return nil, err
			}
			side.into.Client, side.into.Values = c.Client, c.Values
		}
	}
	return out, nil
}
