package demo

import (
	"cmp"
	"slices"
)

// episode is one enrolment in coordinated service planning, with everything that ever happens to it.
// A file shows what had happened by its day.
type episode struct {
	child        *child
	local        string // client number at the coordinating agency
	number       int
	referredOn   day
	source       string
	contactOn    day
	decidedOn    day
	decision     string
	coordinator  int // index in coordinators
	assignedOn   day
	plannedOn    day
	sharedOn     day
	reviews      []review
	endedOn      day
	endStatus    string // inactive or closed
	reason       string
	transitionOn day
	goals        []goal
	surveyedOn   []day
}

// review was due on a day; doneOn 0 is never.
type review struct{ dueOn, doneOn day }

type goal struct {
	area             string
	setOn, settledOn day
	outcome          string // achieved or dropped
}

const reviewEvery = 182 // six months

// newEpisodes enrols about a fifth of the coordinating agency's clients.
func newEpisodes(r chance, clients []*registration) []*episode {
	var out []*episode
	seen := map[int]bool{}
	for _, reg := range clients {
		if seen[reg.child.number] || reg.child.isOverAge || !r.percent(36) {
			continue
		}
		seen[reg.child.number] = true
		first := max(reg.open.from, date(2023, 5, 15))
		last := date(2026, 3, 27)
		if reg.open.to != 0 {
			last = reg.open.to - 1
		}
		if last <= first {
			continue
		}
		// New referrals come in steadily; the longer list of open ones goes back two years.
		referred := r.days(first, min(last, max(first, date(2025, 3, 1))))
		if r.percent(42) {
			referred = r.days(max(first, date(2025, 3, 1)), max(last, date(2025, 3, 2)))
		}
		if referred > last || referred < first {
			continue
		}
		e := newEpisode(r, reg, 1, referred)
		if reg.open.to != 0 && (e.endedOn == 0 || e.endedOn > reg.open.to) {
			e.end(reg.open.to, "inactive", "moved")
		}
		out = append(out, e)
		if e.endedOn != 0 && e.endStatus == "inactive" && reg.open.to == 0 && r.percent(12) {
			if again := e.endedOn + day(r.between(40, 200)); again < date(2026, 3, 20) {
				out = append(out, newEpisode(r, reg, 2, again))
			}
		}
	}
	slices.SortFunc(out, func(a, b *episode) int {
		return cmp.Or(cmp.Compare(a.local, b.local), cmp.Compare(a.number, b.number))
	})
	return out
}

func newEpisode(r chance, reg *registration, number int, referred day) *episode {
	e := &episode{child: reg.child, local: reg.local, number: number, referredOn: referred}
	e.source = []string{"self", "treatment_centre", "school_board", "physician", "autism", "child_welfare", "mental_health", "hub"}[r.weighted(26, 14, 18, 12, 9, 6, 8, 7)]
	e.contactOn = referred + day(r.between(1, 18))
	e.decidedOn = e.contactOn + day(r.between(3, 30))
	switch r.weighted(84, 11, 5) {
	case 1:
		e.decision = "warm_referral"
		e.end(e.decidedOn, "closed", "not_eligible")
		return e
	case 2:
		e.decision = "withdrew"
		e.end(e.decidedOn, "closed", "family_choice")
		return e
	}
	e.decision = "accepted"
	e.coordinator = r.IntN(len(coordinators()))
	e.assignedOn = e.decidedOn + day(r.between(0, 12))
	if r.percent(35) { // the wait list is real
		e.assignedOn = e.decidedOn + day(r.between(25, 140))
	}
	e.plannedOn = e.assignedOn + day(r.between(9, 48))
	e.sharedOn = e.plannedOn + day(r.between(0, 15))
	due := e.plannedOn + reviewEvery
	for due < date(2026, 9, 30) {
		done := due + day(r.between(-20, 0))
		if r.percent(26) {
			done = due + day(r.between(3, 70))
		}
		e.reviews = append(e.reviews, review{dueOn: due, doneOn: done})
		due = done + reviewEvery
	}
	if age(e.child.birth, date(2025, 10, 1)) >= 14 && r.percent(62) {
		e.transitionOn = e.plannedOn + day(r.between(10, 200))
	}
	e.addGoals(r)
	if r.percent(58) {
		status, reason := "inactive", []string{"goals_achieved", "family_choice", "moved", "unable_to_reach"}[r.weighted(55, 18, 15, 12)]
		if r.percent(12) {
			status, reason = "closed", "goals_achieved"
		}
		e.end(e.plannedOn+day(r.between(150, 640)), status, reason)
	}
	for _, review := range e.reviews {
		if r.percent(30) && (e.endedOn == 0 || review.doneOn < e.endedOn) {
			e.surveyedOn = append(e.surveyedOn, review.doneOn+day(r.between(3, 25)))
		}
	}
	return e
}

func (e *episode) addGoals(r chance) {
	areas := []string{"mobility", "physical_health", "communication", "productivity", "social_emotional"}
	for _, at := range r.Perm(len(areas))[:r.between(1, 3)] {
		g := goal{area: areas[at], setOn: e.plannedOn}
		if r.percent(55) {
			g.settledOn = e.plannedOn + day(r.between(60, 420))
			g.outcome = "achieved"
			if r.percent(15) {
				g.outcome = "dropped"
			}
		}
		e.goals = append(e.goals, g)
	}
	slices.SortFunc(e.goals, func(a, b goal) int { return cmp.Compare(a.area, b.area) })
}

// end closes the file; what would have come later does not happen.
func (e *episode) end(on day, status, reason string) {
	e.endedOn, e.endStatus, e.reason = on, status, reason
	forget := func(d *day) {
		if *d > on {
			*d = 0
		}
	}
	if e.decidedOn > on {
		e.decision = ""
	}
	for _, d := range []*day{&e.contactOn, &e.decidedOn, &e.assignedOn, &e.plannedOn, &e.sharedOn, &e.transitionOn} {
		forget(d)
	}
	if e.plannedOn == 0 {
		e.goals, e.reviews, e.surveyedOn = nil, nil, nil
	}
	e.surveyedOn = slices.DeleteFunc(e.surveyedOn, func(d day) bool { return d > on })
	for i := range e.goals {
		forget(&e.goals[i].settledOn)
		if e.goals[i].settledOn == 0 {
			e.goals[i].outcome = ""
		}
	}
	e.reviews = slices.DeleteFunc(e.reviews, func(r review) bool { return r.doneOn > on })
}

func (e *episode) isOpenIn(first, last day) bool {
	return span{e.referredOn, e.endedOn}.touches(first, last)
}

// status is the code of the seed episode_status at a day, and since when.
func (e *episode) status(at day) (string, day) {
	switch {
	case e.endedOn != 0 && e.endedOn <= at:
		return e.endStatus, e.endedOn
	case e.assignedOn != 0 && e.assignedOn <= at:
		return "active", e.assignedOn
	}
	return "waiting", e.referredOn
}

// reviewed returns the last review done by a day, the due date that it answered, and the next due
// date; an ended episode has none.
func (e *episode) reviewed(at day) (done, wasDue, next day) {
	if e.plannedOn == 0 || e.plannedOn > at {
		return 0, 0, 0
	}
	next = e.plannedOn + reviewEvery
	for _, r := range e.reviews {
		if r.doneOn <= at {
			done, wasDue, next = r.doneOn, r.dueOn, r.doneOn+reviewEvery
		}
	}
	if e.endedOn != 0 && e.endedOn <= at {
		next = 0
	}
	return done, wasDue, next
}
