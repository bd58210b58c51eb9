package demo

import (
	"cmp"
	"fmt"
	"slices"

	"tributary"
)

// Truth is what the agencies' files cannot say: who is who, and the numbers that a perfect program
// would print.
type Truth struct {
	Seed     int64     `json:"seed"`
	Counts   []Count   `json:"counts"`
	Planning []Plans   `json:"planning"`
	Problems []Problem `json:"problems"`
	Clients  []Client  `json:"clients"`
	Canaries []Canary  `json:"canaries,omitempty"`
}

// Count is the unduplicated children and families of a period. Basis world is what was so, delivered
// what readable rows of valid files show. Period is quarter or ytd (April to the quarter's end).
// Agency is empty for the whole area.
type Count struct {
	Basis    string            `json:"basis"`
	Quarter  tributary.Quarter `json:"quarter"`
	Period   string            `json:"period"`
	Agency   string            `json:"agency,omitempty"`
	Children int               `json:"children"`
	Families int               `json:"families"`
	// TwoOrMore are the children known to two agencies or more in the period.
	TwoOrMore int `json:"two_or_more,omitempty"`
}

// Plans are the episodes of coordinated service planning, as the coordinating agency's workbook of
// the quarter shows them.
type Plans struct {
	Quarter           tributary.Quarter `json:"quarter"`
	Referrals         int               `json:"referrals"`
	Intakes           int               `json:"intakes"`
	Accepted          int               `json:"accepted"`
	NewPlans          int               `json:"new_plans"`
	MadeInactive      int               `json:"made_inactive"`
	ActiveAtEnd       int               `json:"active_at_quarter_end"`
	WaitingAtEnd      int               `json:"waiting_at_quarter_end"`
	ReviewsDue        int               `json:"reviews_due"`
	ReviewsOnTime     int               `json:"reviews_on_time"`
	DaysToPlanMedian  int               `json:"days_referral_to_plan_median"`
	DaysToPlanP90     int               `json:"days_referral_to_plan_p90"`
	DaysToPlanCount   int               `json:"days_referral_to_plan_n"`
	DaysContactMedian int               `json:"days_referral_to_first_contact_median"`
	DaysContactP90    int               `json:"days_referral_to_first_contact_p90"`
	DaysContactCount  int               `json:"days_referral_to_first_contact_n"`
}

// Problem is something that was put in on purpose. Row counts titles and headings; 0 is the file.
type Problem struct {
	Agency  string            `json:"agency"`
	Quarter tributary.Quarter `json:"quarter"`
	File    string            `json:"file,omitempty"`
	Row     int               `json:"row,omitempty"`
	Kind    string            `json:"kind"`
	Detail  string            `json:"detail,omitempty"`
}

// Client says which child an agency's number stands for. Consent is the state on 31 March 2026.
type Client struct {
	Agency  string `json:"agency"`
	LocalID string `json:"client_local_id"`
	Child   string `json:"child"`
	Family  string `json:"family"`
	Consent string `json:"consent"`
}

// Canary is a child's values that cannot be there by accident. The numbers and the note may never be
// kept; the name may not leave the tables of people.
type Canary struct {
	GivenName    string `json:"given_name"`
	SchoolNumber string `json:"school_number"`
	HealthNumber string `json:"health_number"`
	Note         string `json:"note"`
}

func (a *area) count() {
	end := endOf(quarters()[3])
	for _, f := range filings() {
		for _, reg := range a.known[f.code] {
			if reg.child.isOverAge {
				continue
			}
			a.truth.Clients = append(a.truth.Clients, Client{f.code, reg.local, fmt.Sprintf("C%05d", reg.child.number),
				fmt.Sprintf("F%05d", reg.child.kin.number), reg.consent.state(end)})
		}
	}
	for _, c := range a.world.children {
		if c.canary != nil {
			a.truth.Canaries = append(a.truth.Canaries, *c.canary)
		}
	}
	for i, q := range quarters() {
		for _, period := range []string{"quarter", "ytd"} {
			first := i
			if period == "ytd" {
				first = 0
			}
			for _, basis := range []string{"world", "delivered"} {
				a.truth.Counts = append(a.truth.Counts, a.countPeople(basis, period, "", first, i))
				for _, f := range filings() {
					a.truth.Counts = append(a.truth.Counts, a.countPeople(basis, period, f.code, first, i))
				}
			}
		}
		a.truth.Planning = append(a.truth.Planning, a.countPlans(q))
	}
	slices.SortFunc(a.truth.Problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.Agency, y.Agency), x.Quarter.Compare(y.Quarter), cmp.Compare(x.File, y.File),
			cmp.Compare(x.Row, y.Row), cmp.Compare(x.Kind, y.Kind))
	})
}

// countPeople counts over the quarters first to last.
func (a *area) countPeople(basis, period, agency string, first, last int) Count {
	agencies := map[int]map[string]bool{}
	families := map[int]bool{}
	for _, f := range filings() {
		if agency != "" && f.code != agency {
			continue
		}
		for _, reg := range a.known[f.code] {
			for i := first; i <= last; i++ {
				q := quarters()[i]
				if reg.child.isOverAge || !reg.open.touches(startOf(q), endOf(q)) || basis == "delivered" && !a.readable[reg][i] {
					continue
				}
				if agencies[reg.child.number] == nil {
					agencies[reg.child.number] = map[string]bool{}
				}
				agencies[reg.child.number][f.code] = true
				families[reg.child.kin.number] = true
			}
		}
	}
	n := Count{Basis: basis, Quarter: quarters()[last], Period: period, Agency: agency, Children: len(agencies), Families: len(families)}
	for _, known := range agencies {
		if len(known) > 1 {
			n.TwoOrMore++
		}
	}
	return n
}

func (a *area) countPlans(q tributary.Quarter) Plans {
	first, last := startOf(q), endOf(q)
	within := func(d day) bool { return d >= first && d <= last }
	n := Plans{Quarter: q}
	var toPlan, toContact []int
	for _, e := range a.episodes {
		if !e.isOpenIn(first, last) {
			continue
		}
		one := func(to *int, is bool) {
			if is {
				*to++
			}
		}
		planned := e.plannedOn
		if a.hasWrongPlan(e, q) {
			planned = 0
		}
		one(&n.Referrals, within(e.referredOn))
		one(&n.Intakes, within(e.decidedOn))
		one(&n.Accepted, within(e.decidedOn) && e.decision == "accepted")
		one(&n.NewPlans, within(planned))
		one(&n.MadeInactive, within(e.endedOn) && e.endStatus == "inactive")
		status, _ := e.status(last)
		one(&n.ActiveAtEnd, status == "active")
		one(&n.WaitingAtEnd, status == "waiting")
		done, wasDue, next := e.reviewed(last)
		one(&n.ReviewsDue, within(wasDue))
		one(&n.ReviewsOnTime, within(wasDue) && done <= wasDue)
		one(&n.ReviewsDue, within(next))
		if within(planned) {
			toPlan = append(toPlan, int(planned-e.referredOn))
		}
		if within(e.contactOn) {
			toContact = append(toContact, int(e.contactOn-e.referredOn))
		}
	}
	n.DaysToPlanCount, n.DaysToPlanMedian, n.DaysToPlanP90 = quantiles(toPlan)
	n.DaysContactCount, n.DaysContactMedian, n.DaysContactP90 = quantiles(toContact)
	return n
}

// quantiles are nearest-rank: the value at rank ceil(p x n).
func quantiles(values []int) (n, median, p90 int) {
	slices.Sort(values)
	n = len(values)
	if n == 0 {
		return 0, 0, 0
	}
	return n, values[(n+1)/2-1], values[(9*n+9)/10-1]
}
