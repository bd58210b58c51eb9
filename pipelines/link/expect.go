package link

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"

	"tributary/pipelines/warehouse"
)

// Expect makes link.expected: for each unduplicated count of children and families, by quarter and
// period, what is counted when only sure links are made, what the undecided pairs lead to expect, and
// the range in which the true number should lie. It reads link.client_family, so it comes last.
//
// The expected number takes from the count the probability of each undecided pair, of any chain of them
// only what a tree of the strongest pairs says, for three records are at most two too many. Of a child
// who stands alone because no agency said where or with whom it lives, no pair can tell: it is taken to
// have brothers and sisters as often as the other children of that quarter (missing at random). The range
// is two standard errors of all that, and besides an allowance for what nothing tells: records that
// blocking never brought together, and weights that are not quite right.
func Expect(ctx context.Context, db *warehouse.DB) error {
	if err := db.Exec(ctx, "create or replace table link.expected (unit varchar, quarter varchar, period varchar, counted bigint, expected double, low bigint, high bigint)"); err != nil {
		return err
	}
	for _, of := range []struct{ name, id, pairs string }{
		{"child", "child_id", `select lc.child_id, rc.child_id, max(p.probability)
from link.pair as p
join link.child as lc on lc.node = p.left_node
join link.child as rc on rc.node = p.right_node
where lc.child_id <> rc.child_id and p.outcome not in ('decided', 'vouched')
group by 1, 2`},
		{"family", "family_id", `select lf.family_id, rf.family_id, max(p.probability)
from link.family_pair as p
join link.family as lf on lf.node = p.left_node
join link.family as rf on rf.node = p.right_node
where lf.family_id <> rf.family_id and p.outcome not in ('decided', 'vouched')
group by 1, 2`},
	} {
		chances, err := readChances(ctx, db, of.pairs)
		if err != nil {
			return fmt.Errorf("link: expect: %w", err)
		}
		rows, err := expect(ctx, db, of.name, of.id, chances)
		if err != nil {
			return fmt.Errorf("link: expect: %w", err)
		}
		if err := db.Insert(ctx, "link", "expected", rows); err != nil {
			return err
		}
	}
	return nil
}

// allowance is the share of a count that no pair tells of.
const allowance = .01

// chanceOf is an undecided pair of children or families.
type chanceOf struct {
	left, right string
	p           float64
}

func readChances(ctx context.Context, db *warehouse.DB, query string) (out []chanceOf, err error) {
	err = db.Rows(ctx, query, nil, func(scan func(...any) error) error {
		var c chanceOf
		err := scan(&c.left, &c.right, &c.p)
		out = append(out, c)
		return err
	})
	slices.SortFunc(out, func(a, b chanceOf) int {
		return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right))
	})
	return out, err
}

// tied are the kinds of link.tie that say where or with whom a child lives; a surname, a postal code or an
// agency's own family number does not, nor that the child is in care.
const tied = "'caregiver', 'telephone', 'e-mail', 'address'"

// unit is a child or a family within a cell.
type unit struct {
	place    int32
	children int
	isTied   bool
}

func expect(ctx context.Context, db *warehouse.DB, name, id string, chances []chanceOf) (out [][]driver.Value, err error) {
	type cell struct{ quarter, period string }
	var order []cell
	members := map[cell]map[string]unit{}
	err = db.Rows(ctx, fmt.Sprintf(`with tied as (
    select distinct c.child_id
    from link.tie as t
    join link.child as c on c.node = t.node
    where t.kind in (%[2]s)
),
counted as (
    select distinct c.quarter, c.%[1]s as id, c.child_id
    from link.client_family as c
    join core.client as a on a.agency = c.agency and a.client_local_id = c.client_local_id and a.quarter = c.quarter
    where c.is_counted and a.is_active
),
cell as (
    select quarter, 'quarter' as period, id, child_id from counted
    union
    select q.quarter, 'ytd', c.id, c.child_id
    from core.quarter as q
    join core.quarter as e on e.fiscal_year = q.fiscal_year and e.quarter <= q.quarter
    join counted as c on c.quarter = e.quarter
)
select c.quarter, c.period, c.id, count(*), bool_or(t.child_id is not null)
from cell as c
left join tied as t on t.child_id = c.child_id
group by c.quarter, c.period, c.id
order by 1, 2, 3`, id, tied), nil, func(scan func(...any) error) error {
		var c cell
		var who string
		var u unit
		if err := scan(&c.quarter, &c.period, &who, &u.children, &u.isTied); err != nil {
			return err
		}
		if members[c] == nil {
			members[c] = map[string]unit{}
			order = append(order, c)
		}
		u.place = int32(len(members[c]))
		if name == "child" {
			u.isTied = true
		}
		members[c][who] = u
		return nil
	})
	for _, c := range order {
		who := members[c]
		untied, kin := 0, kinship{}
		for _, u := range who {
			if !u.isTied && u.children == 1 {
				untied++
			} else if u.isTied {
				kin.add(u.children)
			}
		}
		f := newForest(len(who))
		share := kin.share()
		expected := float64(len(who)) - float64(untied)*share
		variance := float64(untied) * share * (1 - share)
		for _, pair := range chances {
			l, isLeft := who[pair.left]
			r, isRight := who[pair.right]
			if !isLeft || !isRight || !l.isTied || !r.isTied || f.root(l.place) == f.root(r.place) {
				continue
			}
			f.join(l.place, r.place)
			expected -= pair.p
			variance += pair.p * (1 - pair.p)
		}
		margin := 2*math.Sqrt(variance) + allowance*float64(len(who))
		low, high := math.Floor(expected-margin), math.Ceil(max(expected+margin, float64(len(who))))
		out = append(out, []driver.Value{name, c.quarter, c.period, int64(len(who)), math.Round(expected*10) / 10, int64(low), int64(high)})
	}
	return out, err
}

// kinship counts children who have a brother or sister in the same cell.
type kinship struct{ children, withKin int }

func (k *kinship) add(children int) {
	k.children += children
	if children > 1 {
		k.withKin += children
	}
}

func (k kinship) share() float64 {
	if k.children == 0 {
		return 0
	}
	return float64(k.withKin) / float64(k.children)
}
