package demo

import (
	"fmt"
	"slices"
	"strings"
)

// practice is what coordination looks like beside its dates: who met, where families were sent, what
// they were asked. Each episode has its own chance, so that the dates stay as they were.
type practice struct {
	meetings    []meeting
	connections []connection
	resolution  day // brought to service resolution; 0: never
	surveys     []surveyed
}

type meeting struct {
	on                     day
	currently, potentially string // agencies, divided by a semicolon
}

// connection is one referral to another service.
type connection struct {
	on                day
	to, kind, outcome string
}

// surveyed is one family survey; returned 0 is never.
type surveyed struct{ sent, returned day }

func (a *area) practice(e *episode) practice {
	r := stream(a.opt.Seed, fmt.Sprintf("practice %s %d", e.local, e.number))
	var p practice
	if e.assignedOn == 0 {
		return p
	}
	is := func(d day) bool { return d != 0 && (e.endedOn == 0 || d <= e.endedOn) }
	known := []string{"CFTC"}
	for _, f := range filings() {
		if slices.ContainsFunc(a.known[f.code], func(reg *registration) bool { return reg.child == e.child }) && f.code != "CFTC" {
			known = append(known, f.code)
		}
	}
	meet := func(d day) {
		if is(d) {
			m := meeting{on: d, currently: strings.Join(known[:r.between(1, len(known))], "; ")}
			if r.percent(40) {
				m.potentially = pick(r, []string{"RSPT", "BTAS", "NLSB; RSPT", "HHCS"})
			}
			p.meetings = append(p.meetings, m)
		}
	}
	meet(max(e.assignedOn, e.contactOn+day(r.between(24, 74))))
	for _, review := range e.reviews {
		if review.doneOn != 0 {
			meet(review.doneOn)
			if sent := review.doneOn + day(r.between(2, 6)); r.percent(38) && is(sent) {
				p.surveys = append(p.surveys, surveyed{sent: sent})
			}
		}
	}
	for _, d := range e.surveyedOn {
		p.surveys = append(p.surveys, surveyed{sent: d - day(r.between(1, 3)), returned: d})
	}
	if e.plannedOn != 0 {
		p.connect(r, e.plannedOn+day(r.between(3, 60)), is)
		if r.percent(45) {
			p.connect(r, e.plannedOn+day(r.between(90, 300)), is)
		}
	}
	if r.percent(9) {
		if d := e.assignedOn + day(r.between(5, 260)); is(d) {
			p.resolution = d
		}
	}
	return p
}

// connect sends a family to a service, now and then to a second one when the first says no.
func (p *practice) connect(r chance, on day, is func(day) bool) {
	for try := 0; is(on) && try < 3; try++ {
		c := connection{on: on, to: pick(r, []string{"autism", "mental_health", "health", "respite", "school_board"}),
			kind: []string{"supported", "information_only"}[r.weighted(70, 30)], outcome: "accepted"}
		if r.percent(22) {
			c.outcome = []string{"declined", "waiting"}[r.weighted(60, 40)]
		}
		p.connections = append(p.connections, c)
		if c.outcome != "declined" {
			return
		}
		on += day(r.between(10, 40))
	}
}
