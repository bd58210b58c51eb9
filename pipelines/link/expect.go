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
// only what a tree of the strongest pairs says, for three records are at most two too many. The range is
// two standard errors of those pairs, and besides an allowance for what no pair tells: records that
// blocking never brought together, and weights that are not quite right.
func Expect(ctx context.Context, db *warehouse.DB) error {
	if err := db.Exec(ctx, "create or replace table link.expected (unit varchar, quarter varchar, period varchar, counted bigint, expected double, low bigint, high bigint)"); err != nil {
		return err
	}
	for _, unit := range []struct{ name, id, pairs string }{
		{"child", "child_id", `select lc.child_id, rc.child_id, max(p.probability)
from link.pair as p
join link.child as lc on lc.node = p.left_node
join link.child as rc on rc.node = p.right_node
where lc.child_id <> rc.child_id and p.outcome <> 'decided'
group by 1, 2`},
		{"family", "family_id", `select lf.family_id, rf.family_id, max(p.probability)
from link.family_pair as p
join link.family as lf on lf.node = p.left_node
join link.family as rf on rf.node = p.right_node
where lf.family_id <> rf.family_id and p.outcome <> 'decided'
group by 1, 2`},
	} {
		chances, err := readChances(ctx, db, unit.pairs)
		if err != nil {
			return fmt.Errorf("link: expect: %w", err)
		}
		rows, err := expect(ctx, db, unit.name, unit.id, chances)
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
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c chanceOf
		if err := rows.Scan(&c.left, &c.right, &c.p); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b chanceOf) int {
		return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right))
	})
	return out, rows.Err()
}

func expect(ctx context.Context, db *warehouse.DB, unit, id string, chances []chanceOf) (out [][]driver.Value, err error) {
	rows, err := db.Query(ctx, fmt.Sprintf(`with counted as (
    select distinct c.quarter, c.%[1]s as id
    from link.client_family as c
    join core.client as a on a.agency = c.agency and a.client_local_id = c.client_local_id and a.quarter = c.quarter
    where c.is_counted and a.is_active
)
select quarter, 'quarter' as period, id from counted
union
select q.quarter, 'ytd', c.id
from core.quarter as q
join core.quarter as e on e.fiscal_year = q.fiscal_year and e.quarter <= q.quarter
join counted as c on c.quarter = e.quarter
order by 1, 2, 3`, id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type cell struct{ quarter, period string }
	var order []cell
	members := map[cell]map[string]int32{}
	for rows.Next() {
		var c cell
		var who string
		if err := rows.Scan(&c.quarter, &c.period, &who); err != nil {
			return nil, err
		}
		if members[c] == nil {
			members[c] = map[string]int32{}
			order = append(order, c)
		}
		members[c][who] = int32(len(members[c]))
	}
	for _, c := range order {
		who := members[c]
		f := newForest(len(who))
		expected, variance := float64(len(who)), 0.0
		for _, pair := range chances {
			l, isLeft := who[pair.left]
			r, isRight := who[pair.right]
			if !isLeft || !isRight || f.root(l) == f.root(r) {
				continue
			}
			f.join(l, r)
			expected -= pair.p
			variance += pair.p * (1 - pair.p)
		}
		margin := 2*math.Sqrt(variance) + allowance*float64(len(who))
		low, high := math.Floor(expected-margin), math.Ceil(max(expected+margin, float64(len(who))))
		out = append(out, []driver.Value{unit, c.quarter, c.period, int64(len(who)), math.Round(expected*10) / 10, int64(low), int64(high)})
	}
	return out, rows.Err()
}
