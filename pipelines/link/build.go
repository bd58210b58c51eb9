package link

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// Input is what a workspace's linking rests on beside its records.
type Input struct {
	Terms Terms
	// Frozen is the model that a person accepted; without one the records teach their own.
	Frozen *Frozen
	// Decisions are all that stand in the ledger; Held is the id register as of the last signed quarter.
	Decisions []Decision
	Held      []Held
}

// Frozen is the link model that runs use from the day on which a person accepts it.
type Frozen struct {
	Children *Model       `json:"children"`
	Families *FamilyModel `json:"families"`
}

// Tables are those that Build makes; the models of sql/link that read them come after it.
var Tables = []string{"link.child", "link.family", "link.pair", "link.family_pair", "link.rule", "link.event", "link.decision", "link.model", "link.record", "link.expected"}

// Build makes the tables of link that are not SQL, in the attached database of that name, from
// link.node, link.person and link.tie.
func Build(ctx context.Context, db *warehouse.DB, in Input) error {
	b := &build{db: db, in: in}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"clients", b.clients}, {"decisions", b.decide}, {"children", b.children}, {"families", b.families}, {"tables", b.write},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("link: %s: %w", step.name, err)
		}
	}
	return nil
}

type build struct {
	db      *warehouse.DB
	in      Input
	anchors []Anchor // by node; node 0 is nobody
	nodeOf  map[Anchor]int32

	standing []Standing
	decided  *Decided
	// pairs of nodes that people said are one child, not one child, one family, not one family.
	same, apart, kin, strangers [][2]int32

	found       *Result
	familyEdges []FamilyEdge
	familyModel *FamilyModel
	firstOf     []int32 // by node: the first node of its child, itself when it is counted alone
	familyOf    []int32 // by first node of a child: that of its family
}

// clients reads who there is.
func (b *build) clients(ctx context.Context) error {
	for _, s := range []string{
		"create or replace table memory.person as select * replace (node::integer as node) from link.person",
		"create or replace table memory.tie as select * replace (node::integer as node) from link.tie",
	} {
		if err := b.db.Exec(ctx, s); err != nil {
			return err
		}
	}
	b.anchors, b.nodeOf = []Anchor{{}}, map[Anchor]int32{}
	return b.db.Rows(ctx, "select node, agency, client_local_id, is_alone from link.node order by node", nil, func(scan func(...any) error) error {
		var node int32
		var a Anchor
		err := scan(&node, &a.Agency, &a.Client, &a.Alone)
		if err == nil && int(node) != len(b.anchors) {
			err = fmt.Errorf("link.node: node %d stands at place %d", node, len(b.anchors))
		}
		b.anchors = append(b.anchors, a)
		b.nodeOf[a] = node
		return err
	})
}

// decide finds what people's decisions say of today's nodes.
func (b *build) decide(ctx context.Context) error {
	seen, err := Look(ctx, b.db, b.in.Decisions)
	if err != nil {
		return err
	}
	for _, d := range b.in.Decisions {
		b.standing = append(b.standing, d.Stand(seen[d.Left], seen[d.Right]))
	}
	// Contradictions are refused when they are decided; a decision that came in otherwise, and that earlier
	// ones contradict, is left out.
	b.decided, _ = Decide(b.standing)
	for _, s := range b.standing {
		l, isLeft := b.nodeOf[s.Left]
		r, isRight := b.nodeOf[s.Right]
		if verdict, _ := b.decided.Of(s.Left, s.Right); !s.Acts || !isLeft || !isRight || verdict != s.Verdict {
			continue
		}
		pair := [2]int32{l, r}
		switch s.Verdict {
		case Same:
			b.same = append(b.same, pair)
		case Family:
			b.apart, b.kin = append(b.apart, pair), append(b.kin, pair)
		case Different:
			b.apart, b.strangers = append(b.apart, pair), append(b.strangers, pair)
		}
	}
	return nil
}

// Look tells what there is today of the records that were decided about: from the newest quarter in
// which each may be linked.
func Look(ctx context.Context, db *warehouse.DB, decisions []Decision) (map[Anchor]Seen, error) {
	asked := map[Anchor]bool{}
	for _, d := range decisions {
		asked[d.Left], asked[d.Right] = true, true
	}
	seen := map[Anchor]Seen{}
	if len(asked) == 0 {
		return seen, nil
	}
	// Of a few, one select each: the engine then reads a few blocks. Of many, a parameter, not a table: many may look at
	// once, in one instance of the engine.
	const few = 20
	about := make([][2]string, 0, len(asked))
	for a := range asked {
		about = append(about, [2]string{a.Agency, a.Client})
	}
	slices.SortFunc(about, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	list, err := json.Marshal(about)
	if err != nil {
		return nil, err
	}
	of := func(table, columns string) string {
		if len(about) > few {
			return "select t.agency, t.client_local_id, t.quarter, " + columns + " from " + table + " as t semi join decided as d on t.agency = d.about[1] and t.client_local_id = d.about[2]"
		}
		var each []string
		for _, a := range about {
			each = append(each, "select agency, client_local_id, quarter, "+columns+" from "+table+" where agency = "+warehouse.Text(a[0])+" and client_local_id = "+warehouse.Text(a[1]))
		}
		return strings.Join(each, " union all ")
	}
	return seen, db.Rows(ctx, `with decided as (select unnest(from_json(?::json, '[["VARCHAR"]]')) as about),
c as materialized (`+of("core.client", "given_name, family_name, birth_date, sex, health_number")+`),
k as materialized (`+of("link.client_consent", "is_linkable")+`)
select c.agency, c.client_local_id, k.is_linkable, coalesce(c.given_name, ''), coalesce(c.family_name, ''),
    coalesce(strftime(c.birth_date, '%Y-%m-%d'), ''), coalesce(c.sex, ''), coalesce(c.health_number, '')
from c
join k on k.agency = c.agency and k.client_local_id = c.client_local_id and k.quarter = c.quarter
order by c.agency, c.client_local_id, k.is_linkable, c.quarter`, []any{string(list)}, func(scan func(...any) error) error {
		var a Anchor
		var mayLink bool
		var v [5]string
		err := scan(&a.Agency, &a.Client, &mayLink, &v[0], &v[1], &v[2], &v[3], &v[4])
		if asked[a] {
			seen[a] = Seen{IsHere: true, MayLink: mayLink, RestsOn: RestsOn(a, map[string]string{
				"given_name": v[0], "family_name": v[1], "birth_date": v[2], "sex": v[3], "health_number": v[4]})}
		}
		return err
	})
}

func (b *build) children(ctx context.Context) error {
	terms := b.in.Terms
	terms.Same, terms.Different = b.same, b.apart
	if b.in.Frozen != nil {
		terms.Model = b.in.Frozen.Children
	}
	var err error
	if b.found, err = Run(ctx, b.db, terms); err != nil {
		return err
	}
	b.firstOf = make([]int32, len(b.anchors))
	for i := range b.firstOf {
		b.firstOf[i] = int32(i)
		if i < len(b.found.First) && b.found.First[i] >= 0 {
			b.firstOf[i] = b.found.First[i]
		}
	}
	return nil
}

func (b *build) families(ctx context.Context) error {
	if err := b.db.Exec(ctx, "create or replace table memory.child_of (node integer, child integer)"); err != nil {
		return err
	}
	var rows [][]driver.Value
	for i := 1; i < len(b.anchors); i++ {
		if !b.anchors[i].Alone {
			rows = append(rows, []driver.Value{int32(i), b.firstOf[i]})
		}
	}
	if err := b.db.Insert(ctx, "memory", "child_of", rows); err != nil {
		return err
	}
	e := &engine{db: b.db}
	var frozen *FamilyModel
	if b.in.Frozen != nil {
		frozen = b.in.Frozen.Families
	}
	var err error
	if b.familyEdges, b.familyModel, err = e.families(ctx, frozen); err != nil {
		return err
	}
	toChildren := func(pairs [][2]int32) (out [][2]int32) {
		for _, p := range pairs {
			if l, r := b.firstOf[p[0]], b.firstOf[p[1]]; l != r {
				out = append(out, [2]int32{l, r})
			}
		}
		return out
	}
	b.familyOf = familyClusters(len(b.anchors), append(b.familyEdges, b.doubles()...), bits(b.in.Terms.LinkAt), toChildren(b.kin), toChildren(b.strangers))
	return nil
}

// doubles are pairs of children whose records may well be of one child, or of twins: of one family
// either way, as far as they are no strangers.
func (b *build) doubles() (out []FamilyEdge) {
	for _, e := range b.found.Edges {
		l, r := b.firstOf[e.L], b.firstOf[e.R]
		if l == r || e.Probability() < b.in.Terms.ReviewAt {
			continue
		}
		out = append(out, FamilyEdge{L: min(l, r), R: max(l, r), Odds: e.Stranger + float32(math.Log2(1+math.Exp2(-float64(e.Sibling))))})
	}
	return out
}

// groups gathers anchors by the group of their node.
func (b *build) groups(of func(node int32) int32) (groups [][]Anchor, place map[int32]int) {
	place = map[int32]int{}
	for i := int32(1); i < int32(len(b.anchors)); i++ {
		g := of(i)
		at, ok := place[g]
		if !ok {
			at = len(groups)
			place[g] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], b.anchors[i])
	}
	return groups, place
}

func (b *build) write(ctx context.Context) error {
	family := func(node int32) int32 { return b.familyOf[b.firstOf[node]] }
	children, childAt := b.groups(func(node int32) int32 { return b.firstOf[node] })
	families, familyAt := b.groups(family)
	childIDs, childEvents := Identify("C", b.in.Held, children)
	familyIDs, familyEvents := Identify("F", b.in.Held, families)

	var child, kin [][]driver.Value
	for i := int32(1); i < int32(len(b.anchors)); i++ {
		child = append(child, []driver.Value{int64(i), int64(b.firstOf[i]), childIDs[childAt[b.firstOf[i]]]})
		if b.firstOf[i] == i {
			kin = append(kin, []driver.Value{int64(i), int64(family(i)), familyIDs[familyAt[family(i)]]})
		}
	}
	model, err := json.Marshal(Frozen{b.found.Model, b.familyModel})
	if err != nil {
		return err
	}
	for _, t := range []struct {
		name, columns string
		rows          [][]driver.Value
	}{
		{"child", "node bigint, first_node bigint, child_id varchar", child},
		{"family", "node bigint, first_node bigint, family_id varchar", kin},
		{"pair", "left_node bigint, right_node bigint, stranger_bits double, sibling_bits double, probability double, pattern integer, rules integer, outcome varchar", b.pairRows()},
		{"family_pair", "left_node bigint, right_node bigint, bits double, probability double, shares varchar, outcome varchar", b.familyRows()},
		{"rule", "rule varchar, records bigint, limit_size bigint, pairs bigint, left_out bigint, largest bigint", b.ruleRows()},
		{"event", "ordinal integer, kind varchar, from_id varchar, to_id varchar, left_agency varchar, left_client varchar, right_agency varchar, right_client varchar, why varchar", b.eventRows(append(childEvents, familyEvents...))},
		{"decision", "left_agency varchar, left_client varchar, right_agency varchar, right_client varchar, verdict varchar, state varchar, acts boolean, changed varchar", b.decisionRows()},
		{"record", storedColumns, b.recordRows()},
		{"model", "model varchar, is_frozen boolean, records bigint", [][]driver.Value{{string(model), b.in.Frozen != nil, int64(b.found.Records)}}},
	} {
		if err := b.db.Exec(ctx, "create or replace table link."+t.name+" ("+t.columns+")"); err != nil {
			return err
		}
		if err := b.db.Insert(ctx, "link", t.name, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// recordRows are what was compared, copies too, so that why can weigh any two records without preparing
// all again.
func (b *build) recordRows() (rows [][]driver.Value) {
	e := b.found.engine
	place := e.places()
	for i := range e.records {
		rows = append(rows, e.records[i].stored(e.records[i].node))
	}
	for _, c := range e.copied {
		rows = append(rows, e.records[place[c.first]].stored(c.node))
	}
	slices.SortFunc(rows, func(x, y []driver.Value) int { return int(x[0].(int32)) - int(y[0].(int32)) })
	return rows
}

// kept is the probability from which a pair is worth keeping: less changes no expected count.
const kept = .001

// Outcomes of a pair.
const (
	outcomeLink   = "link"    // one child
	outcomeReview = "review"  // a person should say
	outcomeHeld   = "held"    // the pair says one child, what else is known of the two says no
	outcomeTwin   = "twin"    // born on one day, named differently
	outcomeApart  = "apart"   // too little speaks for it
	outcomeSaid   = "decided" // a person said no
	outcomeVouch  = "vouched" // the agency says that it holds nobody twice
)

func (b *build) pairRows() (rows [][]driver.Value) {
	for _, e := range b.found.Edges {
		p := e.Probability()
		isOne := b.firstOf[e.L] == b.firstOf[e.R]
		if p < kept && !isOne {
			continue
		}
		rows = append(rows, []driver.Value{int64(e.L), int64(e.R), float64(e.Stranger), float64(e.Sibling), p, e.Pattern, e.Rules, b.outcome(e, p, isOne)})
	}
	return rows
}

func (b *build) outcome(e Edge, p float64, isOne bool) string {
	if isOne {
		return outcomeLink
	}
	if b.isSaid(b.apart, b.firstOf, e.L, e.R) {
		return outcomeSaid
	}
	switch l, r := b.anchors[e.L].Agency, b.anchors[e.R].Agency; {
	case p < b.in.Terms.ReviewAt:
		return outcomeApart
	case l == r && slices.Contains(b.in.Terms.Distinct, l):
		return outcomeVouch
	case b.found.Model.contradicts(int(e.Pattern)):
		return outcomeTwin
	case p >= b.in.Terms.LinkAt:
		return outcomeHeld
	}
	return outcomeReview
}

// isSaid says whether a person put two groups apart: what is said of one record is said of its child.
func (b *build) isSaid(pairs [][2]int32, of []int32, l, r int32) bool {
	l, r = of[l], of[r]
	return slices.ContainsFunc(pairs, func(p [2]int32) bool {
		a, c := of[b.firstOf[p[0]]], of[b.firstOf[p[1]]]
		return a == l && c == r || a == r && c == l
	})
}

func (b *build) familyRows() (rows [][]driver.Value) {
	for _, e := range b.familyEdges {
		p := e.Probability()
		isOne := b.familyOf[e.L] == b.familyOf[e.R]
		if p < kept && !isOne {
			continue
		}
		outcome := outcomeApart
		switch {
		case isOne:
			outcome = outcomeLink
		case b.isSaid(b.strangers, b.familyOf, e.L, e.R):
			outcome = outcomeSaid
		case p >= b.in.Terms.LinkAt:
			outcome = outcomeHeld
		case p >= b.in.Terms.ReviewAt:
			outcome = outcomeReview
		}
		rows = append(rows, []driver.Value{int64(e.L), int64(e.R), float64(e.Odds), p, e.shares(), outcome})
	}
	return rows
}

func (b *build) ruleRows() (rows [][]driver.Value) {
	for _, r := range b.found.Rules {
		rows = append(rows, []driver.Value{r.Rule, int64(r.Records), int64(r.Limit), int64(r.Pairs), int64(r.Left), int64(r.Largest)})
	}
	return rows
}

func (b *build) decisionRows() (rows [][]driver.Value) {
	for _, s := range b.standing {
		rows = append(rows, []driver.Value{s.Left.Agency, s.Left.Client, s.Right.Agency, s.Right.Client, string(s.Verdict), string(s.State), s.Acts, changedText(s)})
	}
	return rows
}

// changedText names the columns that a decision rested on and that changed.
func changedText(s Standing) string {
	all := append(slices.Clone(s.LeftChanged), s.RightChanged...)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

// eventRows tells what became of ids since the last signed quarter, each with the pair that caused it:
// of all pairs between the two sides the one with the most evidence.
func (b *build) eventRows(events []Event) (rows [][]driver.Value) {
	best := map[[2]int32]float64{}
	for _, e := range b.found.Edges {
		best[[2]int32{e.L, e.R}] = e.Odds()
	}
	for i, e := range events {
		row := []driver.Value{int32(i + 1), string(e.Kind), e.From, e.To, nil, nil, nil, nil, nil}
		if l, r, odds := b.cause(e, best); !math.IsInf(odds, -1) {
			row[4], row[5], row[6], row[7] = l.Agency, l.Client, r.Agency, r.Client
			row[8] = fmt.Sprintf("%.1f bits", odds)
		}
		rows = append(rows, row)
	}
	return rows
}

// cause is the pair with the most evidence between an event's two sides, and its odds; they are -Inf where none was compared.
func (b *build) cause(e Event, best map[[2]int32]float64) (left, right Anchor, most float64) {
	most = math.Inf(-1)
	for _, l := range e.Left {
		for _, r := range e.Right {
			pair := [2]int32{min(b.nodeOf[l], b.nodeOf[r]), max(b.nodeOf[l], b.nodeOf[r])}
			if odds, ok := best[pair]; ok && odds > most {
				left, right, most = l, r, odds
			}
		}
	}
	return left, right, most
}
