package demo

import (
	"fmt"
	"strconv"
	"strings"

	"tributary"
)

// schoolBoard sends one wide sheet with the school number in it; dates are text, some bare spreadsheet
// numbers. For the second quarter it sent the first quarter's report again.
func (a *area) schoolBoard(i int, q tributary.Quarter) error {
	name := fmt.Sprintf("NLSB_Special_Education_%s_Q%d.xlsx", q.FiscalYear(), q.Number())
	shown := q
	if i == 1 && !a.opt.Clean {
		shown = quarters()[0]
		a.problem("NLSB", q, name, 0, "wrong_quarter", "content is "+shown.String())
	}
	last := endOf(shown)
	students := &sheet{name: "Students", headings: []string{"Extract Date", "Student Number", "OEN", "Student Name", "Birthdate", "Gender", "School",
		"Grade", "Mailing Address", "Municipality", "Postal", "Telephone", "Home Language", "Contact 1", "Contact 1 Is", "Contact 1 Phone",
		"Contact 2", "Contact 2 Is", "Contact 2 Phone", "Program", "Entered Program", "Left Program", "Information Sharing", "Sharing Date"}}
	r := stream(a.opt.Seed, "school "+shown.String())
	for n, reg := range a.active("NLSB", startOf(shown), last) {
		if shown == q {
			a.deliver(reg, i)
		}
		students.add(a.student(r, reg, last)...)
		if i == 2 && n == 17 && !a.opt.Clean {
			students.rows[len(students.rows)-1][4] = "Feb 11, 2031"
			a.problem("NLSB", q, name+"#Students", students.row(), "future_dob", "")
		}
	}
	data, err := workbook(students)
	if err != nil {
		return err
	}
	a.put("NLSB", q, name, 12, data)
	return nil
}

func (a *area) student(r chance, reg *registration, last day) []any {
	s := a.world.see(reg, a.views["NLSB"], last)
	text := func(d day) any {
		if d != 0 && r.percent(8) {
			return serial(d)
		}
		return d.in("Jan 2, 2006")
	}
	oen := luhn(fmt.Sprintf("6%07d", s.child.number*37%10_000_000))
	if s.child.canary != nil {
		oen = s.child.canary.SchoolNumber
	}
	row := []any{last.in("Jan 2, 2006"), reg.local, oen, strings.ToUpper(s.surname) + ", " + s.given, text(reg.birth), s.child.sex, s.child.school,
		strconv.Itoa(max(0, min(12, age(reg.birth, last)-5))), s.at.street, s.town, s.postal, s.phone,
		map[string]string{"eng": "ENG", "fra": "FRE", "oji": "FNMI"}[s.child.language]}
	if row[12] == "" {
		row[12] = "OTH"
	}
	for n := range 2 {
		if n < len(s.carers) {
			p := s.carers[n]
			row = append(row, strings.ToUpper(p.family)+", "+p.given, map[string]string{"mother": "Mother", "father": "Father",
				"step_parent": "Step-parent", "grandparent": "Grandparent", "foster_parent": "Foster"}[p.relation], p.phone)
		} else {
			row = append(row, "", "", "")
		}
	}
	consent, signed := "N", day(0)
	if reg.consent.state(last) == "given" {
		consent, signed = "Y", reg.consent.signed.by(last)
	}
	return append(row, "SPED", text(reg.open.from), text(reg.open.to.by(last)), consent, text(signed))
}
