package link

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Edge is a pair of records with what speaks for one child, in bits (base-2 logarithms of odds).
type Edge struct {
	L, R int32
	// Stranger and Sibling are the odds of one child against two unrelated ones, and against two of one
	// household.
	Stranger, Sibling float32
	Pattern           int32
	Rules             int32
}

// Odds is the logarithm of the odds of one child against all else: about the smaller of its two parts.
func (e Edge) Odds() float64 {
	return -math.Log2(math.Exp2(-float64(e.Stranger)) + math.Exp2(-float64(e.Sibling)))
}

// Probability is that of one child.
func (e Edge) Probability() float64 {
	return 1 / (1 + math.Exp2(-float64(e.Stranger)) + math.Exp2(-float64(e.Sibling)))
}

// weigh returns the bits of a pattern against a stranger, without those of values that count by their
// rarity, and against a sibling.
func (m *Model) weigh(pattern int) (stranger, sibling float64) {
	stranger = math.Log2(m.Same / (1 - m.Same - m.Sibling))
	sibling = math.Log2(m.Same / m.Sibling)
	for c, cmp := range comparisons {
		l := at(pattern, c)
		if l == 0 {
			continue
		}
		ch := m.Comparisons[c][l-1]
		sibling += math.Log2(ch.Same / ch.Sibling)
		if _, byRarity := cmp.bits[l]; byRarity {
			stranger += math.Log2(ch.Same)
		} else {
			stranger += math.Log2(ch.Same / ch.Unrelated)
		}
	}
	return stranger, sibling
}

// raritySQL is the bits that an agreement on rare values adds against a stranger.
func raritySQL() string {
	var parts []string
	for c, cmp := range comparisons {
		for _, l := range slices.Sorted(maps.Keys(cmp.bits)) {
			parts = append(parts, fmt.Sprintf("case when w.pattern // %d %% %d = %d then c.bits_%d_%d else 0 end", radix[c], len(cmp.levels)+1, l, c, l))
		}
	}
	return strings.Join(parts, " + ")
}

// bitsColumns are what raritySQL reads.
func bitsColumns() (columns []string) {
	for c, cmp := range comparisons {
		for _, l := range slices.Sorted(maps.Keys(cmp.bits)) {
			columns = append(columns, fmt.Sprintf("%s as bits_%d_%d", cmp.bits[l], c, l))
		}
	}
	return columns
}

// side is a column of one of the two records in an expression: l.given.
var side = regexp.MustCompile(`\b([lr])\.(\w+)`)

// compareSQL gives the pairs of a query (columns l, r, and more) their pattern, beside other columns of
// theirs and expressions over the two records.
func compareSQL(pairs string, columns ...string) string {
	outer := strings.Join(append(columns, patternSQL()+" as pattern"), ", ")
	inner := map[string]bool{}
	for _, m := range side.FindAllStringSubmatch(outer, -1) {
		inner[fmt.Sprintf("%s.%s as %s_%s", m[1], m[2], m[1], m[2])] = true
	}
	return fmt.Sprintf(`
select %s
from (
    select p.*, jaro_winkler_similarity(l.given, r.given) as given_alike,
        jaro_winkler_similarity(l.family, r.family) as family_alike, %s
    from (%s) as p
    join record as l on l.node = p.l
    join record as r on r.node = p.r
)`, side.ReplaceAllString(outer, "${1}_$2"), strings.Join(slices.Sorted(maps.Keys(inner)), ", "), pairs)
}

// floor is the odds in bits under which a pair is not kept.
const floor = -12

// compare makes memory.<into> from the pairs of a query with columns l, r and rules: their patterns, and
// the bits of rare values on which they agree.
func (e *engine) compare(ctx context.Context, into, pairs string) error {
	query := compareSQL(pairs, append(bitsColumns(), "l", "r", "rules")...)
	if err := e.db.Exec(ctx, "create or replace table "+into+" as "+query); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

// weigh makes memory.<into> from compared pairs: those that are not beyond doubt strangers, with their
// bits.
func (e *engine) weigh(ctx context.Context, into, compared string) error {
	if err := e.db.Exec(ctx, "create or replace table weight (pattern integer, stranger double, sibling double)"); err != nil {
		return err
	}
	var rows [][]driver.Value
	err := e.readCounts(ctx, "select 0, pattern, count(*) from "+compared+" group by pattern order by pattern", func(_ int, c count) {
		stranger, sibling := e.model.weigh(c.pattern)
		rows = append(rows, []driver.Value{int32(c.pattern), stranger, sibling})
	})
	if err != nil {
		return err
	}
	if err := e.db.Insert(ctx, "memory", "weight", rows); err != nil {
		return err
	}
	return e.db.Exec(ctx, fmt.Sprintf(`create or replace table %s as
select l, r, rules, pattern, stranger, sibling
from (
    select c.l, c.r, c.rules, c.pattern, w.stranger + %s as stranger, w.sibling
    from %s as c
    join weight as w on w.pattern = c.pattern
)
where least(stranger, sibling) > %d`, into, raritySQL(), compared, floor))
}

// edges reads scored pairs in the order of their nodes.
func (e *engine) edges(ctx context.Context, table, where string) (out []Edge, err error) {
	rows, err := e.db.Query(ctx, "select l, r, rules, pattern, stranger::float, sibling::float from "+table+" where "+where)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g Edge
		if err := rows.Scan(&g.L, &g.R, &g.Rules, &g.Pattern, &g.Stranger, &g.Sibling); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	slices.SortFunc(out, byNodes)
	return out, rows.Err()
}

func byNodes(a, b Edge) int {
	if a.L != b.L {
		return int(a.L) - int(b.L)
	}
	return int(a.R) - int(b.R)
}

// bits is the odds of a probability, in bits.
func bits(p float64) float64 { return math.Log2(p / (1 - p)) }
