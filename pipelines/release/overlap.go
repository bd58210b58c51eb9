package release

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// lists say how sets hang together, by margin and set ("municipality csp_plans").
type lists struct {
	within map[string][]string // sets that count all that this one counts
	same   map[string]bool     // "margin a b": both count the same
	parts  map[string][]string // sets that make this one up, each unit once
}

// overlap finds the relations between sets in the candidates themselves: whatever holds for every unit of
// every quarter may be known to a reader, whether by definition or not.
type overlap struct {
	margin string
	sets   []string
}

// overlaps reads which sets each unit is counted in, per margin, every combination once.
func overlaps(ctx context.Context, db *warehouse.DB, measures map[string]measureInfo, margins []string) ([]overlap, error) {
	var selects []string
	for _, m := range slices.Sorted(maps.Keys(measures)) {
		info := measures[m]
		for _, margin := range margins {
			code := "''"
			if margin != "" {
				code = `"` + margin + `"`
			}
			where := "counted"
			if info.hasPeriods {
				where += " and period = 'quarter'"
			}
			one := func(set, where string) {
				selects = append(selects, "select "+warehouse.Text(margin)+" as margin, "+warehouse.Text(info.unit)+" as unit, quarter, "+code+
					" as code, unit_id, "+warehouse.Text(set)+" as set from measure."+m+" where "+where)
			}
			switch info.kind {
			case "count":
				one(m, where)
			case "share":
				one(m+".n", where)
				one(m+".met", where+" and value = 1")
			default:
				one(m+".n", where)
			}
		}
	}
	if len(selects) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, `select distinct margin, sets from (
		select margin, unit, quarter, code, unit_id, string_agg(distinct set, ' ' order by set) as sets
		from (`+strings.Join(selects, "\nunion all ")+`) group by all) order by all`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []overlap
	for rows.Next() {
		var o overlap
		var sets string
		if err := rows.Scan(&o.margin, &sets); err != nil {
			return nil, err
		}
		o.sets = strings.Fields(sets)
		out = append(out, o)
	}
	return out, rows.Err()
}

// listed turns combinations into lists.
func listed(all []overlap) lists {
	l := lists{map[string][]string{}, map[string]bool{}, map[string][]string{}}
	byMargin := map[string][]map[string]bool{}
	for _, o := range all {
		one := map[string]bool{}
		for _, s := range o.sets {
			one[s] = true
		}
		byMargin[o.margin] = append(byMargin[o.margin], one)
	}
	for margin, combos := range byMargin {
		sets := map[string]bool{}
		for _, c := range combos {
			maps.Copy(sets, c)
		}
		within := func(a, b string) bool {
			return !slices.ContainsFunc(combos, func(c map[string]bool) bool { return c[a] && !c[b] })
		}
		for _, a := range sortedKeys(sets) {
			for _, b := range sortedKeys(sets) {
				if a != b && within(a, b) {
					l.within[margin+" "+a] = append(l.within[margin+" "+a], b)
					if within(b, a) {
						l.same[margin+" "+a+" "+b] = true
					}
				}
			}
		}
		for _, whole := range sortedKeys(sets) {
			var inside []string
			for _, a := range sortedKeys(sets) {
				if slices.Contains(l.within[margin+" "+a], whole) && !l.same[margin+" "+a+" "+whole] {
					inside = append(inside, a)
				}
			}
			if parts := cover(combos, whole, inside, nil); len(parts) > 1 {
				l.parts[margin+" "+whole] = parts
			}
		}
	}
	return l
}

// cover finds sets of which each unit of the whole is in exactly one; nil when there are none.
func cover(combos []map[string]bool, whole string, from, chosen []string) []string {
	for _, c := range combos {
		if !c[whole] {
			continue
		}
		in := 0
		for _, s := range chosen {
			if c[s] {
				in++
			}
		}
		if in > 1 || len(chosen) > 6 {
			return nil
		}
		if in == 1 {
			continue
		}
		for _, s := range from {
			if c[s] && !slices.Contains(chosen, s) {
				if found := cover(combos, whole, from, append(slices.Clone(chosen), s)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return chosen
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
