package demo

import (
	"fmt"
	"strconv"

	"tributary"
)

// respite sends a zip of two comma files with what is new or changed since the last one.
func (a *area) respite(i int, q tributary.Quarter) error {
	first, last := startOf(q), endOf(q)
	name := fmt.Sprintf("respite_%s_Q%d.zip", q.FiscalYear(), q.Number())
	members := table{{"Member", "Surname", "First", "Born", "Boy or girl", "Address", "Town", "Postal", "Phone", "Carer", "Carer phone", "Since", "Until", "Consent", "Consent on"}}
	bookings := table{{"Member", "Requested", "Started", "Ended", "Status", "Hours"}}
	const layout = "2006/01/02"
	for n, reg := range a.active("RSPT", first, last) {
		a.deliver(reg, i) // once sent, it stays until the end is sent
		isNew := reg.open.from >= first
		hasEnded := reg.open.to != 0 && reg.open.to <= last
		if i > 0 && !isNew && !hasEnded && (n+i)%4 != 0 {
			continue
		}
		s := a.world.see(reg, a.views["RSPT"], last)
		consent := map[string]string{"given": "yes", "refused": "no", "withdrawn": "withdrawn", "expired": "expired", "not_asked": ""}[reg.consent.state(last)]
		if consent == "yes" && reg.consent.isVerbal {
			consent = "verbal"
		}
		p := s.carers[0]
		members = append(members, []string{reg.local, s.surname, s.given, reg.birth.in(layout), map[string]string{"F": "girl", "M": "boy", "X": "?"}[s.child.sex],
			s.at.street, s.town, s.postal, s.phone, p.given + " " + p.family, p.phone, reg.open.from.in(layout), reg.open.to.by(last).in(layout),
			consent, reg.consent.signed.by(last).in(layout)})
		hours := strconv.Itoa(reg.hoursBy(last))
		if i == 2 && len(bookings) == 4 && !a.opt.Clean {
			hours = "90000" // a finger that stayed on the key
			a.problem("RSPT", q, name+"/bookings.csv", bookings.row()+1, "impossible_hours", "")
		}
		if i == 1 && len(bookings) == 6 && !a.opt.Clean {
			hours = "-" + hours
			a.problem("RSPT", q, name+"/bookings.csv", bookings.row()+1, "negative_number", "hours")
		}
		status := "open"
		if hasEnded {
			status = "finished"
		}
		bookings = append(bookings, []string{reg.local, reg.open.from.in(layout), reg.servedFrom.by(last).in(layout), reg.open.to.by(last).in(layout), status, hours})
	}
	data, err := zipped(q.End(), file{path: "members.csv", data: members.delimited(",", "\n")}, file{path: "bookings.csv", data: bookings.delimited(",", "\n")})
	if err != nil {
		return err
	}
	a.put("RSPT", q, name, 10, data)
	return nil
}
