package pipelines

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/link"
)

// Evaluation says how good the published links are, as far as the records tell, and against a truth
// where there is one.
type Evaluation struct {
	Quarter tributary.Quarter `json:"quarter"`
	// Weights is how many pairs have how many bits for one child, against all else together.
	Weights    []WeightBin `json:"weights"`
	Thresholds []Threshold `json:"thresholds"`
	// AskedTwice are pairs on which two people decided, Agreed those on which they said the same.
	AskedTwice int    `json:"asked_twice"`
	Agreed     int    `json:"agreed"`
	Rules      []Rule `json:"rules"`
	// Recall is the share of pairs of one child that the rules are likely to have brought together.
	Recall float64 `json:"blocking_recall"`
	// HasAccepted says that a person accepted a link model; Drift is what the records of today would teach instead.
	HasAccepted bool         `json:"has_accepted_model"`
	Drift       []link.Shift `json:"drift"`
	Truth       *Judgement   `json:"truth,omitempty"`
}

// WeightBin counts pairs with From to less than To bits.
type WeightBin struct {
	From  int `json:"from"`
	To    int `json:"to"`
	Pairs int `json:"pairs"`
}

// Threshold is what linking from a probability on would do, by the model's own probabilities.
type Threshold struct {
	At     float64 `json:"at"`
	Pairs  int     `json:"pairs"`
	False  float64 `json:"false"`
	Missed float64 `json:"missed"`
}

// Rule is what a blocking rule did; LeftOut are records whose block was too large.
type Rule struct {
	Rule    string `json:"rule"`
	Records int    `json:"records"`
	Pairs   int    `json:"pairs"`
	Limit   int    `json:"limit"`
	Largest int    `json:"largest"`
	LeftOut int    `json:"left_out"`
}

// Judgement is the published links against a truth. The model's probabilities have no part in it.
type Judgement struct {
	// Clients of the truth that the records hold, and those that they do not.
	Clients int            `json:"clients"`
	Unknown int            `json:"unknown"`
	Child   link.Accuracy  `json:"children"`
	Family  *link.Accuracy `json:"families,omitempty"`
	// Missed is by what a child is and has: pairs of records of one child, and how many are not linked.
	Missed []MissRate `json:"missed"`
}

// MissRate is that of one group of children.
type MissRate struct {
	Group  string `json:"group"`
	Value  string `json:"value"`
	Pairs  int    `json:"pairs"`
	Missed int    `json:"missed"`
}

// thresholds are those that people choose between.
var thresholds = []float64{.5, .8, .9, .95, .99}

// Evaluate looks at the published links. truth is a CSV with agency, client_local_id, child_id and
// whatever else is known of a child (family_id and groups to compare); nil is none.
func (w *Workspace) Evaluate(ctx context.Context, truth io.Reader) (*Evaluation, error) {
	e := &Evaluation{Weights: []WeightBin{}, Drift: []link.Shift{}, Rules: []Rule{}}
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	e.Quarter, e.HasAccepted = l.quarter, l.isFrozen
	err = errors.Join(l.weights(ctx, e), l.rules(ctx, e))
	if err == nil && truth != nil {
		e.Truth, err = l.judge(ctx, truth)
	}
	if err = errors.Join(err, l.db.Close()); err != nil {
		return nil, err
	}
	if err := w.agreement(ctx, e); err != nil || !e.HasAccepted {
		return e, err
	}
	t, err := w.Train(ctx, false)
	if err != nil {
		return nil, err
	}
	e.Drift = t.Shifts
	return e, nil
}

func (l *linkage) weights(ctx context.Context, e *Evaluation) error {
	err := scanAll(ctx, l.db, `select floor(-log2(pow(2, -stranger_bits) + pow(2, -sibling_bits)) / 4)::integer * 4 as bin, count(*)
from link.pair group by bin order by bin`, func(rows *sql.Rows) error {
		var b WeightBin
		err := rows.Scan(&b.From, &b.Pairs)
		b.To = b.From + 4
		e.Weights = append(e.Weights, b)
		return err
	})
	if err != nil {
		return err
	}
	for _, at := range thresholds {
		t := Threshold{At: at}
		err := l.db.Scan(ctx, `select count(*) filter (where probability >= ?), coalesce(sum(1 - probability) filter (where probability >= ?), 0),
    coalesce(sum(probability) filter (where probability < ?), 0) from link.pair`, []any{at, at, at}, &t.Pairs, &t.False, &t.Missed)
		if err != nil {
			return err
		}
		e.Thresholds = append(e.Thresholds, t)
	}
	return nil
}

func (l *linkage) rules(ctx context.Context, e *Evaluation) error {
	type found struct {
		by int32
		p  float64
	}
	var pairs []found
	err := scanAll(ctx, l.db, "select rules, probability from link.pair order by left_node, right_node", func(rows *sql.Rows) error {
		var f found
		err := rows.Scan(&f.by, &f.p)
		pairs = append(pairs, f)
		return err
	})
	if err != nil {
		return err
	}
	e.Recall = link.EstimateRecall(len(pairs), func(i int) (int32, float64) { return pairs[i].by, pairs[i].p })
	return scanAll(ctx, l.db, "select rule, records, pairs, limit_size, largest, left_out from link.rule", func(rows *sql.Rows) error {
		var r Rule
		err := rows.Scan(&r.Rule, &r.Records, &r.Pairs, &r.Limit, &r.Largest, &r.LeftOut)
		e.Rules = append(e.Rules, r)
		return err
	})
}

// agreement counts the pairs on which more than one person decided.
func (w *Workspace) agreement(ctx context.Context, e *Evaluation) error {
	facts, err := w.Ledger.All(ctx, "link_decision")
	if err != nil {
		return err
	}
	by := map[string]map[string]link.Verdict{} // pair, person
	opinions, err := w.opinions(ctx)
	if err != nil {
		return err
	}
	for key, all := range opinions {
		by[key] = map[string]link.Verdict{}
		for _, o := range all {
			if o.Verdict != link.Later {
				by[key][o.Person] = o.Verdict
			}
		}
	}
	for _, f := range facts {
		d, err := link.DecisionOf(f)
		if err != nil {
			return err
		}
		key := link.PairKey(d.Left, d.Right)
		if d.Undone || d.Verdict == link.Later || opinions[key] != nil {
			continue
		}
		if by[key] == nil {
			by[key] = map[string]link.Verdict{}
		}
		by[key][d.Who] = d.Verdict
	}
	for _, said := range by {
		if len(said) < 2 {
			continue
		}
		e.AskedTwice++
		all := map[link.Verdict]bool{}
		for _, v := range said {
			all[v] = true
		}
		if len(all) == 1 {
			e.Agreed++
		}
	}
	return nil
}

// truthColumns must stand in a truth file; family_id may. All others are groups.
var truthColumns = []string{"agency", "client_local_id", "child_id"}

type truth struct {
	child, family map[link.Anchor]string
	groups        []string
	of            map[link.Anchor][]string
}

// readTruth reads a truth file. Faults tell lines, no values.
func readTruth(r io.Reader) (*truth, error) {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("truth: line 1: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\uFEFF")
	place := map[string]int{}
	for i, h := range header {
		place[strings.TrimSpace(h)] = i
	}
	for _, c := range truthColumns {
		if _, ok := place[c]; !ok {
			fix := "name the columns " + strings.Join(truthColumns, ", ") + ", and family_id where families are known"
			if meant := config.Guess(c, header); meant != "" {
				fix = fmt.Sprintf("rename the column %q to %s", meant, c)
			}
			return nil, tributary.Fix(fmt.Errorf("truth: the column %s is missing", c), fix)
		}
	}
	t := &truth{child: map[link.Anchor]string{}, family: map[link.Anchor]string{}, of: map[link.Anchor][]string{}}
	for _, h := range header {
		if h = strings.TrimSpace(h); h != "family_id" && !slices.Contains(truthColumns, h) {
			t.groups = append(t.groups, h)
		}
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("truth: %w", err)
		}
		a := link.Anchor{Agency: row[place["agency"]], Client: row[place["client_local_id"]]}
		t.child[a] = row[place["child_id"]]
		if i, ok := place["family_id"]; ok {
			t.family[a] = row[i]
		}
		for _, g := range t.groups {
			t.of[a] = append(t.of[a], row[place[g]])
		}
	}
}

// groupsSQL are the groups that the records tell of themselves, in the newest quarter of each client.
const groupsSQL = `select c.agency, c.client_local_id,
    case when c.birth_date is null then 'unknown' when date_diff('year', c.birth_date, q.ends_on) < 6 then '0 to 5'
        when date_diff('year', c.birth_date, q.ends_on) < 13 then '6 to 12' else '13 and over' end as age,
    case when c.placement is null then 'unknown' when c.placement in ('foster_care', 'kinship_care', 'group_care') then 'in care' else 'at home' end as care,
    coalesce(c.languages::varchar, 'unknown') as language
from core.client as c
join core.quarter as q on q.quarter = c.quarter
qualify row_number() over (partition by c.agency, c.client_local_id order by c.quarter desc) = 1`

// judge compares the published links with a truth.
func (l *linkage) judge(ctx context.Context, r io.Reader) (*Judgement, error) {
	t, err := readTruth(r)
	if err != nil {
		return nil, err
	}
	p, err := l.population(ctx)
	if err != nil {
		return nil, err
	}
	own := map[link.Anchor][]string{}
	err = scanAll(ctx, l.db, groupsSQL, func(rows *sql.Rows) error {
		var a link.Anchor
		v := make([]string, 3)
		err := rows.Scan(&a.Agency, &a.Client, &v[0], &v[1], &v[2])
		own[a] = v
		return err
	})
	if err != nil {
		return nil, err
	}
	j := &Judgement{}
	// A client is judged as it is linked; one that is only ever counted alone is alone.
	first, kin := make([]int32, len(p.anchors)), make([]int32, len(p.anchors))
	child, family := make([]string, len(p.anchors)), make([]string, len(p.anchors))
	records := map[string][]int32{}
	for n, a := range p.anchors {
		first[n], kin[n] = p.child[n], p.family[n]
		isAlone := a.Alone
		a.Alone = false
		if n == 0 || isAlone && p.nodeOf[a] != 0 || t.child[a] == "" {
			continue
		}
		j.Clients++
		child[n], family[n] = t.child[a], t.family[a]
		records[child[n]] = append(records[child[n]], int32(n))
	}
	j.Unknown = len(t.child) - j.Clients
	j.Child = link.Evaluate(first, child)
	if len(t.family) > 0 {
		a := link.Evaluate(kin, family)
		j.Family = &a
	}
	j.missed(p, t, own, records)
	return j, nil
}

// missed counts the pairs of records of one child that are not linked, by group. A pair is of each
// group of which one of its records is.
func (j *Judgement) missed(p *population, t *truth, own map[link.Anchor][]string, records map[string][]int32) {
	groups := append([]string{"age", "care", "language"}, t.groups...)
	count := map[[2]string]*MissRate{}
	for _, nodes := range records {
		for i, l := range nodes {
			for _, r := range nodes[i+1:] {
				seen := map[[2]string]bool{}
				for _, n := range []int32{l, r} {
					a := p.anchors[n]
					a.Alone = false
					known := slices.Concat(own[a], t.of[a])
					for g := range min(len(known), len(groups)) {
						seen[[2]string{groups[g], known[g]}] = true
					}
				}
				for k := range seen {
					if count[k] == nil {
						count[k] = &MissRate{Group: k[0], Value: k[1]}
					}
					count[k].Pairs++
					if p.child[l] != p.child[r] {
						count[k].Missed++
					}
				}
			}
		}
	}
	for _, m := range count {
		j.Missed = append(j.Missed, *m)
	}
	slices.SortFunc(j.Missed, func(a, b MissRate) int {
		if a.Group != b.Group {
			return slices.Index(groups, a.Group) - slices.Index(groups, b.Group)
		}
		return strings.Compare(a.Value, b.Value)
	})
}
