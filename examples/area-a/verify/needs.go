package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// services are the truth's words for services where they are not ours.
var services = map[string]string{"aba": "autism", "mh": "mental_health", "sped": "special_education", "cw": "child_welfare", "idp": "infant_development"}

// Of needs the total of a measure and quarter may be off by needsTotal, a cell of 20 and more by needsCell, and the
// smaller cells together by needsSmall.
const needsTotal, needsCell, needsSmall = .02, .10, .15

// need is a cell of the gap model.
type need struct{ measure, quarter, municipality, service string }

// needs holds the gap model's needs against the truth, all clients linked: as the program links, and, as the ceiling of
// what linking can give, with the true links as a person's decisions. What is left then is where files tell an old
// address, or the other home.
func (v *verifier) needs(dir string) error {
	truth, err := v.trueNeeds()
	if err != nil {
		return err
	}
	v.hold(len(truth) > 500, "the truth has %d cells of needs", len(truth))
	automatic, err := v.countedNeeds(dir)
	if err != nil {
		return err
	}
	if err := v.decideTruly(dir); err != nil {
		return err
	}
	ceiling, err := v.countedNeeds(dir)
	if err != nil {
		return err
	}
	asLinked, asTrue := v.compareNeeds("as linked", automatic, truth, needsTotal), v.compareNeeds("with the true links", ceiling, truth, 0)
	fmt.Printf("%-32s %-36s %s\n%-32s %s   %s\n", "", "AS LINKED", "WITH THE TRUE LINKS", "CELL", needsHead, needsHead)
	for _, id := range slices.Sorted(maps.Keys(asLinked)) {
		fmt.Printf("%-32s %s   %s\n", id, asLinked[id], asTrue[id])
	}
	return nil
}

// needsHead stands over what compareNeeds says of a measure and quarter.
const needsHead = "  OURS  TRUTH   OFF BY  BELOW 20"

// compareNeeds holds needs to the limits, and says of each measure and quarter how far they are from the truth.
func (v *verifier) compareNeeds(name string, ours, truth map[need]float64, most float64) map[string]string {
	type sum struct{ ours, truth, off, small float64 }
	totals := map[string]*sum{}
	large, far := 0, []string{}
	both := maps.Clone(truth)
	maps.Copy(both, ours)
	for c := range both {
		id := c.measure + "@" + c.quarter
		if totals[id] == nil {
			totals[id] = &sum{}
		}
		s, off := totals[id], math.Abs(ours[c]-truth[c])
		s.ours, s.truth = s.ours+ours[c], s.truth+truth[c]
		if truth[c] < 20 {
			s.off, s.small = s.off+off, s.small+truth[c]
		} else if large++; off > needsCell*truth[c] {
			far = append(far, fmt.Sprintf("%s/municipality=%s/service=%s: %.0f, truth %.0f", id, c.municipality, c.service, ours[c], truth[c]))
		}
	}
	said := map[string]string{}
	var off, small float64
	for _, id := range slices.Sorted(maps.Keys(totals)) {
		s := totals[id]
		v.hold(math.Abs(s.ours-s.truth) <= most*s.truth, "%s, %s: %.0f, truth %.0f", id, name, s.ours, s.truth)
		off, small = off+s.off, small+s.small
		said[id] = fmt.Sprintf("%6.0f %6.0f %+6.1f %% %7.1f %%", s.ours, s.truth, 100*(s.ours-s.truth)/s.truth, 100*s.off/s.small)
	}
	slices.Sort(far)
	v.hold(len(far) == 0, "%s, %d of %d cells of 20 and more are off by more than a tenth: %s", name, len(far), large, strings.Join(far, "; "))
	v.hold(off <= needsSmall*small, "%s, cells below 20 are off by %.1f %%", name, 100*off/small)
	fmt.Printf("area-a: needs %s: %d cells of 20 and more, further off than a tenth: %s; smaller ones off by %.1f %%\n", name, large, cmp.Or(strings.Join(far, "; "), "none"), 100*off/small)
	return said
}

func (v *verifier) countedNeeds(dir string) (map[need]float64, error) {
	out, err := v.tributary(dir, "sql", "--json", `select measure, quarter, municipality, service, value from gaps.figure
		where statistic = '' and cut = '' and municipality <> '' and service <> '' and measure in ('need_identified', 'need_received', 'need_waiting', 'need_not_available')`)
	if err != nil {
		return nil, err
	}
	var list []struct {
		Measure, Quarter, Municipality, Service string
		Value                                   float64
	}
	cells := map[need]float64{}
	err = json.Unmarshal(out, &list)
	for _, f := range list {
		cells[need{f.Measure, f.Quarter, f.Municipality, f.Service}] = f.Value
	}
	return cells, err
}

func (v *verifier) trueNeeds() (map[need]float64, error) {
	lines, err := rows(filepath.Join(v.area, "truth", "counts.csv"))
	if err != nil {
		return nil, err
	}
	cells := map[need]float64{}
	for _, t := range lines {
		name, ok := strings.CutPrefix(t["measure"], "needs_")
		if !ok || t["basis"] != "delivered" || strings.Contains(t["period"], "YTD") {
			continue
		}
		n, err := strconv.ParseFloat(t["value"], 64)
		if err != nil {
			return nil, err
		}
		cells[need{"need_" + name, strings.Replace(t["period"], "_", "", 1), t["municipality"], cmp.Or(services[t["service"]], t["service"])}] = n
	}
	return cells, nil
}

// decideTruly lets a person who knows the truth answer wherever the program links otherwise, and runs again.
func (v *verifier) decideTruly(dir string) error {
	out, err := v.tributary(dir, "sql", "--json", "--people", "--why", "the ceiling", "select distinct agency, client_local_id as client, child_id as child from link.client_child order by all")
	if err != nil {
		return err
	}
	type client struct{ Agency, Client, Child string }
	var linked []client
	clients, err := rows(filepath.Join(v.area, "truth", "clients.csv"))
	if err := errors.Join(err, json.Unmarshal(out, &linked)); err != nil {
		return err
	}
	truth := map[string]string{}
	for _, c := range clients {
		truth[c["agency"]+":"+c["local_client_id"]] = c["child_id"]
	}
	who := func(c client) string { // a test entry is nobody else
		id := c.Agency + ":" + c.Client
		return cmp.Or(truth[id], id)
	}
	first, within := map[string]client{}, map[string]map[string]client{} // by true child; by ours and true child
	for _, c := range linked {
		if within[c.Child] == nil {
			within[c.Child] = map[string]client{}
		}
		for _, seen := range []map[string]client{first, within[c.Child]} {
			if _, ok := seen[who(c)]; !ok {
				seen[who(c)] = c
			}
		}
	}
	answers := [][]string{{"left_agency", "left_client", "right_agency", "right_client", "verdict", "why"}}
	answer := func(a, b client, verdict string) {
		answers = append(answers, []string{a.Agency, a.Client, b.Agency, b.Client, verdict, "the truth"})
	}
	for _, c := range linked {
		others := within[c.Child]
		if o := first[who(c)]; o != c && (o.Child != c.Child || len(others) > 1) {
			answer(o, c, "same")
		}
		for _, is := range slices.Sorted(maps.Keys(others)) {
			if others[who(c)] == c && is < who(c) {
				answer(others[is], c, "different")
			}
		}
	}
	f, err := os.Create(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(answers); err != nil {
		return err
	}
	if _, err := v.tributary(dir, "link", "decide", f.Name()); err != nil {
		return err
	}
	fmt.Printf("area-a: %d answers make the links true\n", len(answers)-1)
	_, err = v.tributary(dir, "--threads", "1", "run", "--quarter", "2025-26Q4", "--json")
	return err
}
