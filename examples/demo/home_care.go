package demo

import (
	"fmt"
	"strconv"
	"strings"

	"tributary"
)

func homeCareWidths() (clients, visits []int) {
	return []int{10, 26, 22, 10, 4, 14, 36, 24, 8, 14, 5, 10, 10, 9, 11, 44}, []int{10, 6, 10, 10, 10, 6, 8}
}

// homeCare sends two fixed-width text files in capital letters without accents, with the health
// number; dates are yyyymmdd.
func (a *area) homeCare(i int, q tributary.Quarter) error {
	last := endOf(q)
	const layout = "20060102"
	clients := table{words("CLIENT_NO SURNAME GIVEN BIRTH_DT SEX HCN ADDRESS CITY POSTAL PHONE LANG ADMIT_DT DISCH_DT CONSENT CONSENT_DT REMARK")}
	visits := table{words("CLIENT_NO SVC REQ_DT START_DT END_DT STATE HOURS")}
	name := func(what string) string {
		return fmt.Sprintf("HHCS_%s_%s_Q%d.txt", what, q.FiscalYear(), q.Number())
	}
	for _, reg := range a.active("HHCS", startOf(q), last) {
		a.deliver(reg, i)
		s := a.world.see(reg, a.views["HHCS"], last)
		number := luhn(fmt.Sprintf("5%08d", s.child.number*7919%100_000_000))
		if s.child.canary != nil {
			number = s.child.canary.HealthNumber
		}
		language := map[string]string{"eng": "EN", "fra": "FR"}[s.child.language]
		if language == "" {
			language = "99"
		}
		code := map[string]string{"given": "1", "refused": "0", "withdrawn": "8", "expired": "7", "not_asked": "9"}[reg.consent.state(last)]
		if code == "1" && reg.consent.isVerbal {
			code = "2"
		}
		clients = append(clients, []string{reg.local, strings.ToUpper(s.surname), strings.ToUpper(s.given), reg.birth.in(layout),
			map[string]string{"F": "2", "M": "1", "X": "3"}[s.child.sex], number, strings.ToUpper(plainName(s.at.street)), strings.ToUpper(s.town),
			strings.ReplaceAll(s.postal, " ", ""), strings.ReplaceAll(s.phone, "-", ""), language, reg.open.from.in(layout),
			reg.open.to.by(last).in(layout), code, reg.consent.signed.by(last).in(layout), comment(s, last)})
		if reg.child.isOverAge {
			a.problem("HHCS", q, name("CLIENT"), clients.row(), "over_21", "")
		}
		stat := "A"
		if s.isClosed {
			stat = "C"
		}
		visits = append(visits, []string{reg.local, []string{"NUR", "OT", "PT"}[reg.hours%3], reg.open.from.in(layout),
			reg.servedFrom.by(last).in(layout), reg.open.to.by(last).in(layout), stat, strconv.Itoa(reg.hoursBy(last))})
	}
	clientWidths, visitWidths := homeCareWidths()
	a.put("HHCS", q, name("CLIENT"), 5, clients.fixed(clientWidths))
	a.put("HHCS", q, name("VISIT"), 5, visits.fixed(visitWidths))
	return nil
}
