package release

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"tributary/pipelines/release/disclose"
	"tributary/pipelines/warehouse"
)

// outcome is one audience's answer, on its way into tables.
type outcome struct {
	audience string
	system   *system
	derived  []derivedCell
	problem  *disclose.Problem
	answer   *disclose.Answer
	below    int64
}

// why says in a word why a number is hidden, and for which other one.
func (o *outcome) why(i int) (why, of string) {
	c := o.problem.Cells[i]
	if c.Why != "" {
		return c.Why, ""
	}
	if f := o.answer.For[i]; f >= 0 {
		target := o.problem.Cells[f]
		// A difference is no cell that anyone sees: what hides it is hidden for the difference.
		if target.State == disclose.Absent && target.Why != "" {
			return target.Why, target.ID
		}
		return "complementary", target.ID
	}
	return "complementary", "an earlier release"
}

func (o *outcome) write(ctx context.Context, db *warehouse.DB) error {
	rows := map[string][][]driver.Value{}
	add := func(table string, row ...driver.Value) {
		rows[table] = append(rows[table], append([]driver.Value{o.audience}, row...))
	}
	counts := map[string]int64{}
	isShown := map[string]bool{}
	var lossOurs int64
	for i, n := range o.system.out.Numbers {
		state := "shown"
		if n.State == disclose.Absent {
			state = "absent"
		} else if o.answer.IsHidden[i] {
			state = "hidden"
		}
		add("number", n.ID, n.Value, state, n.Why)
		if state == "absent" || strings.HasPrefix(n.ID, "twice in ") {
			continue
		}
		if state == "shown" {
			isShown[n.ID] = true
			add("cell", n.ID, true, "", "", nil, nil)
			counts["shown"]++
			continue
		}
		why, of := o.why(i)
		add("cell", n.ID, false, why, of, o.answer.Low[i], o.answer.High[i])
		counts[why]++
		lossOurs += n.Loss
	}
	for _, d := range o.derived {
		why, of := o.mayDerive(d, isShown)
		add("cell", d.id, why == "", why, of, nil, nil)
		if why == "" {
			why = "shown"
		}
		counts[why]++
	}
	for _, s := range o.system.out.Sums {
		for _, p := range s.Parts {
			add("relation", s.ID, p.ID, p.Factor)
		}
	}
	for i, p := range o.answer.Proofs {
		for _, end := range []struct {
			way    string
			shifts []disclose.Shift
		}{{"up", p.Up}, {"down", p.Down}} {
			for _, s := range end.shifts {
				add("proof", int64(i+1), end.way, o.problem.Cells[s.Cell].ID, s.By)
			}
		}
	}
	for _, u := range o.answer.Unmet {
		id := o.problem.Cells[u].ID
		add("unmet", id, o.problem.Cells[u].Why, coarsen(id))
	}
	for _, k := range sortedKeys(counts) {
		add("count", k, counts[k])
	}
	plain, plainLoss := baseline(o.system)
	add("count", "hidden by us", int64(len(o.system.out.Numbers))-o.notHidden())
	add("count", "loss by us", lossOurs)
	add("count", "hidden if all margins were", plain)
	add("count", "loss if all margins were", plainLoss)
	for _, table := range sortedKeys(rows) {
		slices.SortFunc(rows[table], compareRows)
		if err := db.Insert(ctx, "disclosure", table, rows[table]); err != nil {
			return err
		}
	}
	return nil
}

// notHidden counts the numbers that are shown, or stand in no table.
func (o *outcome) notHidden() (n int64) {
	for i, number := range o.system.out.Numbers {
		if number.State == disclose.Absent || !o.answer.IsHidden[i] {
			n++
		}
	}
	return n
}

// compareRows orders rows by their texts and numbers, column by column.
func compareRows(a, b []driver.Value) int {
	for i := range a {
		switch x := a[i].(type) {
		case string:
			if y, ok := b[i].(string); ok && x != y {
				return strings.Compare(x, y)
			}
		case int64:
			if y, ok := b[i].(int64); ok && x != y {
				return int(min(max(x-y, -1), 1))
			}
		}
	}
	return 0
}

// mayDerive says why a share or a quantile is hidden; empty when it is shown. A share is as good as its
// parts. A quantile is one unit's value: as many units as make a count small must lie on each side of it,
// itself included. The longest wait is always somebody's. A mean times its base is a sum that no table shows, so
// none is shown; nor is a number that is not whole.
func (o *outcome) mayDerive(d derivedCell, isShown map[string]bool) (why, of string) {
	if d.statistic == "fraction" {
		return "fraction", ""
	}
	if !isShown[d.n] {
		return "derived", d.n
	}
	switch d.statistic {
	case "share":
		if !isShown[d.met] {
			return "derived", d.met
		}
		return "", ""
	case "median":
		if rank := (d.units + 1) / 2; rank >= o.below && d.units-rank+1 >= o.below {
			return "", ""
		}
	case "p90":
		if rank := (9*d.units + 9) / 10; rank >= o.below && d.units-rank+1 >= o.below {
			return "", ""
		}
	}
	return "few", d.n
}

// baseline is what hiding all small numbers and every margin that they lie in would cost: the wholes of
// all relations that hold a hidden number, and theirs.
func baseline(s *system) (hidden, loss int64) {
	is := make([]bool, len(s.out.Numbers))
	for i, n := range s.out.Numbers {
		is[i] = n.Why != "" || n.State == disclose.Absent
	}
	small := make([]bool, len(is))
	for i, n := range s.out.Numbers {
		small[i] = n.Why != ""
	}
	for again := true; again; {
		again = false
		for _, r := range s.out.Sums {
			touched := slices.ContainsFunc(r.Parts, func(p disclose.Part) bool { return small[s.at[p.ID]] })
			for _, p := range r.Parts {
				if at := s.at[p.ID]; touched && p.Factor < 0 && !small[at] && s.out.Numbers[at].State == disclose.Open {
					small[at], again = true, true
				}
			}
		}
	}
	for i, n := range s.out.Numbers {
		if small[i] && n.State == disclose.Open {
			hidden, loss = hidden+1, loss+n.Loss
		}
	}
	return hidden, loss
}

// coarsen says which table is too fine for a number that cannot be protected.
func coarsen(id string) string {
	id, _, _ = strings.Cut(id, " without ")
	measure, _, _ := strings.Cut(id, "@")
	measure, _, _ = strings.Cut(strings.TrimPrefix(measure, "rest of "), ".")
	by := "total"
	if _, after, ok := strings.Cut(id, "/"); ok {
		after = strings.TrimPrefix(after, "ytd/")
		by, _, _ = strings.Cut(after, "=")
	}
	return measure + " by " + by
}
