package release

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// gapPlace is where a count of the gap model stands; empty is all.
type gapPlace struct{ quarter, area, municipality, service string }

// id is the name of the figure that shows a count.
func (p gapPlace) id(set string) string {
	id := set + "@" + p.quarter
	for _, part := range [][2]string{{"/area=", p.area}, {"/municipality=", p.municipality}, {"/service=", p.service}} {
		if part[1] != "" {
			id += part[0] + part[1]
		}
	}
	return id
}

// by is the margin of a place, as an audience declares it.
func (p gapPlace) by() string {
	switch {
	case p.municipality != "":
		return "municipality"
	case p.area != "":
		return "area"
	}
	return "total"
}

// gapSets are the counts from which all figures of need follow that a wider audience may see: a share from need_unmet.n
// and .met, a rate from its count.
const gapSets = `with counted as (
    select measure as name, quarter, area, municipality, service_type as service from gap.candidate
    where measure in ('need_identified', 'need_received', 'need_waiting', 'need_not_available')
    union all
    select 'need_unmet.n', quarter, area, municipality, service_type from gap.candidate where measure = 'need_unmet'
    union all
    select 'need_unmet.met', quarter, area, municipality, service_type from gap.candidate where measure = 'need_unmet' and value = 1
)
select name, quarter, coalesce(area, ''), coalesce(municipality, ''), coalesce(service, ''), count(*)
from counted
group by grouping sets (
    (name, quarter), (name, quarter, service), (name, quarter, area), (name, quarter, area, service),
    (name, quarter, area, municipality), (name, quarter, area, municipality, service)
)
order by all`

// gaps adds the counts of the gap model in the quarters that the audience sees, and how they hang together: places in
// areas, services in all, needs by their state. A count that is not there is zero, and everybody knows that it is.
func (s *system) gaps(ctx context.Context, db *warehouse.DB, a Audience, seen []string) error {
	rows, err := db.Query(ctx, gapSets)
	if err != nil {
		return err
	}
	defer rows.Close()
	counts := map[string]map[gapPlace]int64{}
	for rows.Next() {
		var set string
		var p gapPlace
		var n int64
		if err := rows.Scan(&set, &p.quarter, &p.area, &p.municipality, &p.service, &n); err != nil {
			return err
		}
		if !slices.Contains(seen, p.quarter) {
			continue
		}
		measure, statistic, _ := strings.Cut(set, ".")
		by := p.by()
		c := cell{id: p.id(set), measure: measure, statistic: statistic, quarter: p.quarter, by: strings.TrimPrefix(by, "total"), value: n}
		if p.service != "" {
			c.by = "service"
		}
		s.addNumber(c, !slices.Contains(a.Gaps, by))
		if counts[set] == nil {
			counts[set] = map[gapPlace]int64{}
		}
		counts[set][p] = n
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for set, list := range counts {
		parts := map[[2]gapPlace][]string{} // by the whole and what divides it
		for p := range list {
			part := func(whole gapPlace, divided string) {
				if whole != p {
					at := [2]gapPlace{whole, {quarter: divided}}
					parts[at] = append(parts[at], p.id(set))
				}
			}
			part(gapPlace{p.quarter, p.area, p.municipality, ""}, "service")
			if p.municipality != "" {
				part(gapPlace{p.quarter, p.area, "", p.service}, "municipality")
			} else {
				part(gapPlace{p.quarter, "", "", p.service}, "area")
			}
		}
		for at, ids := range parts {
			slices.Sort(ids)
			whole := at[0].id(set)
			s.sum(whole+" by "+at[1].quarter, whole, ids)
		}
	}
	for p, n := range counts["need_unmet.n"] {
		s.ofKinds(p, "need_unmet.n", "need_received", "need_waiting", "need_not_available")
		s.ofKinds(p, "need_unmet.met", "need_waiting", "need_not_available")
		s.ofKinds(p, "need_unmet.n", "need_received", "need_unmet.met")
		if identified, ok := counts["need_identified"][p]; ok && identified <= n {
			s.within(p.id("need_identified"), p.id("need_unmet.n"), whyDifference)
		}
	}
	return nil
}

// ofKinds says that the counts of a place make up another one of it.
func (s *system) ofKinds(p gapPlace, whole string, kinds ...string) {
	var parts []string
	for _, k := range kinds {
		if _, ok := s.at[p.id(k)]; ok {
			parts = append(parts, p.id(k))
		}
	}
	if _, ok := s.at[p.id(whole)]; ok && len(parts) > 0 {
		s.sum(p.id(whole)+" of "+strings.Join(kinds, ", "), p.id(whole), parts)
	}
}

// View is who a release of gaps is for. The zero View is the Coordinating Agency, which sees all.
type View struct {
	// Audience is one of Audiences; what it may see stands in the attached database `disclosure`.
	Audience string
	// Quarters and Margins (total, area, municipality) are those that it sees.
	Quarters, Margins []string
	// Below is k: counts from 1 to k-1 are small.
	Below int64
}

// insert tells the statements of the release what the audience may see.
func (v View) insert(ctx context.Context, db *warehouse.DB) error {
	if err := db.Exec(ctx, "create table memory.audience (name varchar, quarters varchar[], margins varchar[], least bigint); create table memory.shown (id varchar)"); err != nil || v.Audience == "" {
		return err
	}
	list := func(words []string) string {
		texts := make([]string, len(words))
		for i, w := range words {
			texts[i] = warehouse.Text(w)
		}
		return "cast([" + strings.Join(texts, ", ") + "] as varchar[])"
	}
	return db.Exec(ctx, fmt.Sprintf("insert into memory.audience values (%[1]s, %[2]s, %[3]s, %[4]d); insert into memory.shown select cell_id from disclosure.cell where audience = %[1]s and is_shown",
		warehouse.Text(v.Audience), list(v.Quarters), list(v.Margins), v.Below))
}
