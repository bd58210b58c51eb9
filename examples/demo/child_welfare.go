package demo

import (
	"fmt"
	"strings"

	"tributary"
)

// childWelfare sends spreadsheet "Unicode text": tabs, UTF-16. For children in care the address is the
// placement's. Nothing came for the second quarter.
func (a *area) childWelfare(i int, q tributary.Quarter) error {
	if i == 1 && !a.opt.Clean {
		a.problem("VCFS", q, "", 0, "missing_delivery", "")
		return nil
	}
	last := endOf(q)
	const layout = "02-Jan-2006"
	name := fmt.Sprintf("VCFS_persons_%s_Q%d.txt", q.FiscalYear(), q.Number())
	persons := table{{"Person", "Case", "Surname", "First Name", "Born", "Sex", "Living Arrangement", "Postal", "Town", "Opened", "Closed", "Consent", "Consent Date"}}
	for n, reg := range a.active("VCFS", startOf(q), last) {
		s := a.world.see(reg, a.views["VCFS"], last)
		where := "Family home"
		if s.isCare {
			where = "Foster care"
		}
		state := map[string]string{"given": "Signed", "refused": "Refused", "withdrawn": "Withdrawn", "expired": "Expired", "not_asked": ""}[reg.consent.state(last)]
		if state == "Signed" && reg.consent.isVerbal {
			state = "Verbal"
		}
		row := []string{reg.local, reg.familyLocal, s.surname, s.given, reg.birth.in(layout), s.child.sex, where, s.postal, s.town,
			reg.open.from.in(layout), reg.open.to.by(last).in(layout), state, reg.consent.signed.by(last).in(layout)}
		if i == 2 && n == 9 && !a.opt.Clean { // a tab was typed into a field
			row[8] += "\t(rural)"
			persons = append(persons, row)
			a.problem("VCFS", q, name, persons.row(), "too_many_columns", "")
			continue
		}
		persons = append(persons, row)
		a.deliver(reg, i)
		if i == 3 && n%25 == 8 && !a.opt.Clean {
			persons = append(persons, row)
			a.problem("VCFS", q, name, persons.row(), "duplicate_row", "")
		}
	}
	var lines strings.Builder
	for _, row := range persons {
		lines.WriteString(strings.Join(row, "\t") + "\r\n")
	}
	a.put("VCFS", q, name, 14, utf16Little([]byte(lines.String())))
	return nil
}
