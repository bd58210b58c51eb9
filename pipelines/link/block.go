package link

import (
	"context"
	"fmt"
	"strings"
)

// A rule says which records are worth comparing: those with the same key. Rules are equi-joins only,
// so that no engine ever compares all with all.
type rule struct {
	name string
	// key is the SQL of what must be equal, from its relation; a key with a missing part is none.
	key  []string
	from string
	// limit is the largest block that the rule compares as it is. A larger one is split by refine; what
	// is still too large is left out and reported.
	limit  int
	refine string
	// budget is how many pairs a record the rule may bring in a large file; it then compares smaller
	// blocks only.
	budget float64
	// fixes are the comparisons that the rule decides, which therefore learn nothing from its pairs.
	fixes []int
}

const (
	rareLimit = 150 // records that share one rare value
	pairLimit = 400 // records that share two
	smallFile = 1500
	// What one rule may bring: pairs a record, and at least so many in all.
	budgetPerRecord = 3
	leastBudget     = smallFile * smallFile / 2
)

const (
	byGiven  = "(select *, unnest(given_keys) as given_key from record)"
	byFamily = "(select *, unnest(family_keys) as family_key from record)"
	byPhone  = "(select *, unnest(phones) as phone from record)"
	byBoth   = "(select *, unnest(family_keys) as family_key from " + byGiven + ")"
)

// rules are tried in this order; the first ones are what people would look for.
var rules = []rule{
	{"number", []string{"identifier"}, "record", rareLimit, "", 3, []int{cIdentifier}},
	{"e-mail", []string{"email"}, "(select node, unnest(emails) as email from record)", rareLimit, "", 3, []int{cEmail}},
	{"telephone", []string{"phone"}, byPhone, rareLimit, "birth_year", 2, []int{cPhone}},
	{"given name and surname", []string{"name_key"}, "record", pairLimit, "birth_year", 3, []int{cGiven, cFamily}},
	{"surname and birth date", []string{"family_key", "birth_key"}, byFamily, pairLimit, "given_sound", 3, []int{cFamily, cBirth}},
	{"given name and birth date", []string{"given_key", "birth_key"}, byGiven, pairLimit, "postal", 3, []int{cGiven, cBirth}},
	{"forms of both names and birth year", []string{"given_key", "family_key", "birth_year"}, byBoth, pairLimit, "", 3, []int{cGiven, cFamily, cBirth}},
	{"postal code and birth date", []string{"postal", "birth_key"}, "record", pairLimit, "", 3, []int{cAddress, cBirth}},
	{"postal code and given name", []string{"postal", "given_key"}, byGiven, pairLimit, "", 3, []int{cAddress, cGiven}},
	{"postal code and surname", []string{"postal", "family_key"}, byFamily, rareLimit, "birth_year", 3, []int{cAddress, cFamily}},
	{"street and number", []string{"street", "street_number"}, "record", rareLimit, "birth_year", 1, []int{cAddress}},
	{"caregiver", []string{"caregiver"}, "(select *, unnest(caregivers) as caregiver from record)", rareLimit, "birth_year", 1, []int{cCaregiver}},
	{"sound of surname, year and month", []string{"family_sound", "birth_year", "birth_month"}, "record", pairLimit, "", .8, []int{cFamily, cBirth}},
	{"sound of surname, month and day", []string{"family_sound", "birth_month", "birth_day"}, "record", pairLimit, "", .8, []int{cFamily, cBirth}},
	{"sound of surname, year and day", []string{"family_sound", "birth_year", "birth_day"}, "record", pairLimit, "", .8, []int{cFamily, cBirth}},
	{"sound of given name, year and month", []string{"given_sound", "birth_year", "birth_month"}, "record", pairLimit, "", .8, []int{cGiven, cBirth}},
	{"sound of given name, month and day", []string{"given_sound", "birth_month", "birth_day"}, "record", pairLimit, "", .8, []int{cGiven, cBirth}},
	{"sound of given name, year and day", []string{"given_sound", "birth_year", "birth_day"}, "record", pairLimit, "", .8, []int{cGiven, cBirth}},
	{"sound of both names", []string{"given_sound", "family_sound"}, "record", pairLimit, "birth_year", .8, []int{cGiven, cFamily}},
	{"birth date", []string{"birth_key"}, "record", rareLimit, "", .25, []int{cBirth}},
	{"surname", []string{"family_key"}, byFamily, rareLimit, "", .25, []int{cFamily}},
	{"given name", []string{"given_key"}, byGiven, rareLimit, "", .25, []int{cGiven}},
	{"postal code", []string{"postal"}, "record", rareLimit, "", .25, []int{cAddress}},
	{"name before the @", []string{"email_name"}, "(select *, split_part(email, '@', 1) as email_name from record)", rareLimit, "", 3, []int{cEmail}},
	{"town and given name, where postal codes are not known", []string{"city", "given_key"}, "(select * from " + byGiven + " where postal is null)", rareLimit, "birth_year", 3, []int{cAddress, cGiven}},
	{"town and surname, where postal codes are not known", []string{"city", "family_key"}, "(select * from " + byFamily + " where postal is null)", rareLimit, "birth_year", 3, []int{cAddress, cFamily}},
	{"all with all, in a small file", []string{"'all'"}, "record", smallFile, "", 3, nil},
}

// RuleUse is what a blocking rule did.
type RuleUse struct {
	Rule    string `json:"rule"`
	Records int    `json:"records"` // keys made
	Limit   int    `json:"limit"`   // largest block compared
	Pairs   int    `json:"pairs"`   // pairs found, those of earlier rules included
	Left    int    `json:"left"`    // records whose block was too large, even refined
	Largest int    `json:"largest"` // records in the largest block
}

// block makes memory.pair: pair (the smaller node times 2^32 plus the larger), rules (one bit for each
// rule that found it).
func (e *engine) block(ctx context.Context) error {
	if err := e.db.Exec(ctx, "create or replace table found (pair bigint, rules integer)"); err != nil {
		return err
	}
	e.rules = make([]RuleUse, len(rules))
	for i, r := range rules {
		use := RuleUse{Rule: r.name, Limit: r.limit}
		if err := e.blockBy(ctx, i, r, max(leastBudget, int(r.budget*float64(e.records))), &use); err != nil {
			return fmt.Errorf("block by %s: %w", r.name, err)
		}
		e.rules[i] = use
	}
	return e.db.Exec(ctx, `create or replace table pair as
select (pair >> 32)::integer as l, (pair & 4294967295)::integer as r, rules
from (select pair, bit_or(rules) as rules from found group by pair)
order by l, r`)
}

func (e *engine) blockBy(ctx context.Context, place int, r rule, budget int, use *RuleUse) error {
	key, refined := strings.Join(r.key, ", "), ""
	if r.refine != "" {
		refined = fmt.Sprintf(", case when %s is not null then hash(%s, %s) end as refined", r.refine, key, r.refine)
	}
	keyed := fmt.Sprintf("create or replace table keyed as select distinct node, hash(%s) as key%s from %s where %s is not null",
		key, refined, r.from, strings.Join(r.key, " is not null and "))
	if err := e.db.Exec(ctx, keyed); err != nil {
		return err
	}
	if err := e.db.Exec(ctx, "create or replace table keyed_block as select key, count(*)::integer as size from keyed group by key having count(*) > 1"); err != nil {
		return err
	}
	if err := e.db.Scan(ctx, "select (select count(*) from keyed), coalesce(max(size), 0) from keyed_block", nil, &use.Records, &use.Largest); err != nil {
		return err
	}
	if use.Largest == 0 {
		return nil
	}
	var err error
	if use.Limit, use.Pairs, err = e.fit(ctx, r.limit, budget); err != nil {
		return err
	}
	find := func(size string) error {
		return e.db.Exec(ctx, fmt.Sprintf(`insert into found
with shared as (select k.key, k.node from keyed as k join keyed_block as b on b.key = k.key where %s)
select (l.node::bigint << 32) | r.node, %d
from shared as l
join shared as r on r.key = l.key and r.node > l.node`, size, 1<<place))
	}
	if err := find(fmt.Sprintf("b.size <= %d", use.Limit)); err != nil {
		return err
	}
	if use.Limit >= use.Largest {
		return nil
	}
	if r.refine == "" {
		return e.db.Scan(ctx, fmt.Sprintf("select sum(size) from keyed_block where size > %d", use.Limit), nil, &use.Left)
	}
	// What there is nothing to split by is left out.
	unsplit := 0
	if err := e.db.Scan(ctx, fmt.Sprintf("select count(*) from keyed as k join keyed_block as b on b.key = k.key where b.size > %d and k.refined is null", use.Limit), nil, &unsplit); err != nil {
		return err
	}
	for _, s := range []string{
		fmt.Sprintf("create or replace table keyed as select k.node, k.refined as key from keyed as k join keyed_block as b on b.key = k.key where b.size > %d and k.refined is not null", use.Limit),
		"create or replace table keyed_block as select key, count(*)::integer as size from keyed group by key having count(*) > 1",
	} {
		if err := e.db.Exec(ctx, s); err != nil {
			return err
		}
	}
	limit, pairs, err := e.fit(ctx, r.limit, budget)
	if err != nil {
		return err
	}
	use.Pairs += pairs
	if err := find(fmt.Sprintf("b.size <= %d", limit)); err != nil {
		return err
	}
	return e.db.Scan(ctx, fmt.Sprintf("select %d + coalesce(sum(size), 0) from keyed_block where size > %d", unsplit, limit), nil, &use.Left)
}

// fit returns the largest block size up to limit with which a rule brings at most budget pairs, and how
// many it then brings.
func (e *engine) fit(ctx context.Context, limit, budget int) (fits, pairs int, err error) {
	rows, err := e.db.Query(ctx, "select size, count(*) from keyed_block where size <= ? group by size order by size", limit)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	fits = limit
	for rows.Next() {
		var size, blocks int
		if err := rows.Scan(&size, &blocks); err != nil {
			return 0, 0, err
		}
		more := blocks * size * (size - 1) / 2
		if pairs+more > budget {
			fits = size - 1
			break
		}
		pairs += more
	}
	return fits, pairs, rows.Err()
}
