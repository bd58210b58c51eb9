package mapping

import (
	"cmp"
	"slices"
	"time"

	"tributary"
)

// Arrivals cuts the files of one delivery into the states that it passed through: after each day on which
// something came, and, where a file took another's place on the same day, before and after it. Each state holds
// all files that were there then; the last is the delivery as it stands.
func Arrivals(a *Agency, files []tributary.File) ([][]tributary.File, error) {
	type moment struct {
		day string
		nth int // the file's place among those of that day with the same entry and as-of date
	}
	var all []*delivered
	for _, file := range files {
		if isWrapper(file) {
			continue
		}
		f := &delivered{File: file, agency: a, asOf: file.Quarter.End()}
		if err := f.name(); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	slices.SortStableFunc(all, newer)
	came := map[*delivered]moment{}
	seen := map[[3]string]int{}
	var moments []moment
	for _, f := range all {
		place := [3]string{f.receivedOn().Format(time.DateOnly), f.key, f.asOf.Format(time.DateOnly)}
		if f.key == "" {
			place[1] = "\x00" + f.Name
		}
		seen[place]++
		m := moment{place[0], seen[place]}
		came[f] = m
		moments = append(moments, m)
	}
	order := func(a, b moment) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.nth, b.nth)) }
	slices.SortFunc(moments, order)
	var out [][]tributary.File
	for _, m := range slices.Compact(moments) {
		var state []tributary.File
		for _, f := range all {
			if order(came[f], m) <= 0 {
				state = append(state, f.File)
			}
		}
		out = append(out, state)
	}
	return out, nil
}
