package demo

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tributary"
)

type autismClient struct {
	ID         string         `json:"id"`
	Household  string         `json:"household"`
	Child      autismChild    `json:"child"`
	Address    autismAddress  `json:"address"`
	Phone      *string        `json:"phone"`
	Email      *string        `json:"email"`
	Start      *string        `json:"start"`
	End        *string        `json:"end"`
	Consent    autismConsent  `json:"consent"`
	Note       *string        `json:"note"`
	Caregivers []autismCarer  `json:"caregivers"`
	Services   []autismHours  `json:"services"`
	Needs      []autismDemand `json:"needs"`
}

type autismChild struct {
	First    string  `json:"first"`
	Middle   *string `json:"middle"`
	Last     string  `json:"last"`
	Born     *string `json:"born"`
	Sex      string  `json:"sex"`
	Language string  `json:"language"`
}

type autismAddress struct {
	Street string  `json:"street"`
	City   string  `json:"city"`
	Postal *string `json:"postal"`
}

type autismConsent struct {
	State     string  `json:"state"`
	Scope     string  `json:"scope"`
	Signed    *string `json:"signed"`
	Expires   *string `json:"expires"`
	Withdrawn *string `json:"withdrawn"`
	Verbal    bool    `json:"verbal"`
}

type autismCarer struct {
	First    string  `json:"first"`
	Last     string  `json:"last"`
	Relation string  `json:"relation"`
	Phone    string  `json:"phone"`
	Email    *string `json:"email"`
	Primary  bool    `json:"primary"`
}

type autismHours struct {
	Type      string  `json:"type"`
	Requested *string `json:"requested"`
	Started   *string `json:"started"`
	Ended     *string `json:"ended"`
	State     string  `json:"state"`
	Hours     int     `json:"hours"`
}

type autismDemand struct {
	Type      string  `json:"type"`
	Requested *string `json:"requested"`
	State     string  `json:"state"`
	Reason    *string `json:"reason"`
}

// autism sends JSON Lines, one client with arrays inside, everybody since April; times carry the
// offset of their season. The last quarter came five weeks late.
func (a *area) autism(i int, q tributary.Quarter) error {
	last := endOf(q)
	name := fmt.Sprintf("btas_clients_%s_Q%d.jsonl", q.FiscalYear(), q.Number())
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for _, reg := range a.active("BTAS", startOf(quarters()[0]), last) {
		a.deliver(reg, i) // counted only in quarters in which it was open
		if err := lines.Encode(autismLine(a.world.see(reg, a.views["BTAS"], last), last)); err != nil {
			return err
		}
	}
	after := 11
	if i == 3 && !a.opt.Clean {
		after = 36
		a.problem("BTAS", q, name, 0, "late_delivery", "")
	}
	a.put("BTAS", q, name, after, b.Bytes())
	return nil
}

func autismLine(s seen, last day) autismClient {
	c := s.registration.consent
	sex := map[string]string{"F": "female", "M": "male", "X": "other"}[s.child.sex]
	line := autismClient{
		ID: s.local, Household: s.familyLocal,
		Child:   autismChild{First: s.given, Middle: filled(s.child.middle), Last: s.surname, Born: midnight(s.birth), Sex: sex, Language: s.child.language[:2]},
		Address: autismAddress{Street: s.at.street, City: s.town, Postal: filled(s.postal)},
		Phone:   filled("+1" + digits(s.phone)), Email: filled(s.email), Start: midnight(s.open.from), End: midnight(s.open.to.by(last)),
		Consent: autismConsent{
			State:  map[string]string{"given": "granted", "refused": "denied", "withdrawn": "withdrawn", "expired": "expired", "not_asked": "notRequested"}[c.state(last)],
			Scope:  map[string]string{"all_partners": "all", "named_partners": "named", "reporting_only": "aggregate", "none": "none", "": "none"}[c.scope],
			Signed: midnight(c.signed.by(last)), Expires: midnight(c.expires), Withdrawn: midnight(c.withdrawn.by(last)), Verbal: c.isVerbal,
		},
		Note: filled(comment(s, last)), Caregivers: []autismCarer{}, Services: []autismHours{}, Needs: []autismDemand{},
	}
	for n, p := range s.carers {
		line.Caregivers = append(line.Caregivers, autismCarer{p.given, p.family, p.relation, "+1" + digits(p.phone), filled(p.email), n == 0})
	}
	state := "active"
	if s.isClosed {
		state = "done"
	}
	line.Services = append(line.Services, autismHours{"behaviouralIntervention", midnight(s.open.from), midnight(s.servedFrom.by(last)),
		midnight(s.open.to.by(last)), state, s.hoursBy(last)})
	for _, n := range s.child.needs {
		if n.identifiedOn > last {
			continue
		}
		status := n.status(last)
		demand := autismDemand{Type: n.service, Requested: midnight(n.identifiedOn),
			State: map[string]string{"received": "met", "waiting": "pending", "not_available": "unavailable"}[status]}
		if status == "not_available" {
			demand.Reason = filled(n.reason)
		}
		line.Needs = append(line.Needs, demand)
	}
	return line
}

func filled(s string) *string {
	if s == "" || s == "+1" {
		return nil
	}
	return &s
}

// midnight is local midnight in Ontario, with the offset of the season.
func midnight(d day) *string {
	if d == 0 {
		return nil
	}
	t := d.time()
	offset := "-05:00"
	begin, end := sunday(t.Year(), 3, 2), sunday(t.Year(), 11, 1)
	if d > begin && d <= end {
		offset = "-04:00"
	}
	s := d.iso() + "T00:00:00" + offset
	return &s
}

// sunday is the nth Sunday of a month: when the clocks change.
func sunday(year, month, n int) day {
	first := date(year, month, 1)
	return first + day((7-int(first.time().Weekday()))%7+(n-1)*7)
}

func digits(s string) string {
	var out []byte
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			out = append(out, s[i])
		}
	}
	return string(out)
}
