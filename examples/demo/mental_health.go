package demo

import (
	"slices"
	"strconv"
	"strings"

	"tributary"
)

// mentalHealth sends four comma files a quarter, UTF-8 with a mark, ISO dates. The second quarter came
// twice; the waiting list of the third is an empty file.
func (a *area) mentalHealth(i int, q tributary.Quarter) error {
	last := endOf(q)
	people, carers, work, waiting := mentalHealthTables()
	regs := a.active("VMHS", startOf(q), last)
	odd := slices.IndexFunc(regs, func(reg *registration) bool { return reg.hours%7 == 2 })
	backwards := slices.IndexFunc(regs, func(reg *registration) bool {
		return reg.hours%7 != 0 && reg.servedFrom < startOf(q) && reg.open.to == 0
	})
	for n, reg := range regs {
		a.deliver(reg, i)
		s := a.world.see(reg, a.views["VMHS"], last)
		people = append(people, mentalHealthPerson(s, last))
		if i == 0 && n == 30 && !a.opt.Clean { // a cell that a spreadsheet would run
			people[len(people)-1][7] = "=1+1"
			a.problem("VMHS", q, "people.csv", people.row(), "formula_injection", "")
		}
		if i == 0 && n == 40 && !a.opt.Clean { // the letter O for a zero
			people[len(people)-1][9] = "kOx 1a1"
			a.problem("VMHS", q, "people.csv", people.row(), "postal_code", "")
		}
		for k, p := range s.carers {
			carers = append(carers, []string{reg.local, p.family, p.given, strings.ToUpper(p.relation[:2]), p.phone, p.email, strconv.Itoa(1 - min(k, 1))})
		}
		if reg.hours%7 == 0 {
			if s.isClosed && a.opt.Clean {
				continue
			}
			if s.isClosed && i != 2 { // nobody took the child off the list
				a.problem("VMHS", q, map[bool]string{true: "waiting_v2.csv", false: "waiting.csv"}[i == 1], waiting.row()+1, "wait_after_closing", "")
			}
			waiting = append(waiting, []string{reg.local, "COUNS", (reg.open.from + 4).by(last).iso(), strconv.Itoa(reg.hours % 2)})
			continue
		}
		service, ended := []string{"COUNS", "COUNS", "BEHAV"}[reg.hours%3], reg.open.to.by(last)
		if i == 1 && n == odd && !a.opt.Clean {
			service = "ART_THER"
			a.problem("VMHS", q, "services_v2.csv", work.row()+1, "unknown_code", "service")
		}
		if i == 2 && n == backwards && !a.opt.Clean {
			ended = reg.servedFrom - 40
			a.problem("VMHS", q, "services.csv", work.row()+1, "end_before_start", "")
		}
		work = append(work, []string{reg.local, service, reg.open.from.iso(), reg.servedFrom.by(last).iso(), ended.iso(),
			map[bool]string{true: "ended", false: "in_progress"}[s.isClosed], strconv.Itoa(reg.hoursBy(last)) + ".5"})
	}
	if i == 0 && !a.opt.Clean {
		people = append(people, []string{"000001", "H0001", "Do Not Use", "Test Client", "", "2014-05-05", "unknown", "", "Cedar Falls", "", "", "eng",
			"2024-01-08", "", "open", "", "", "", "", "", ""})
		a.problem("VMHS", q, "people.csv", people.row(), "test_record", "")
	}
	if i == 3 && !a.opt.Clean { // the export joined twice
		people = append(people, people[5], people[9])
		a.problem("VMHS", q, "people.csv", people.row()-1, "duplicate_row", "")
		a.problem("VMHS", q, "people.csv", people.row(), "duplicate_row", "")
	}
	ending := ""
	if i == 1 && !a.opt.Clean {
		ending = "_v2"
		a.mentalHealthFirstTry(q, people, carers, work, waiting)
	}
	put := func(name string, t table) {
		data := withMark(t.delimited(",", "\r\n"))
		if i == 2 && name == "waiting" && !a.opt.Clean {
			data = nil
			a.problem("VMHS", q, "waiting.csv", 0, "zero_byte", "")
		}
		a.put("VMHS", q, name+ending+".csv", 7+2*len(ending), data)
	}
	put("people", people)
	put("carers", carers)
	put("services", work)
	put("waiting", waiting)
	return nil
}

func mentalHealthTables() (people, carers, work, waiting table) {
	people = table{words("file_no household_no surname given middle birthdate gender street town postal phone language opened closed state consent consent_for consent_signed consent_until consent_revoked case_notes")}
	carers = table{words("file_no surname given relation phone email main")}
	work = table{words("file_no service requested started ended state hours")}
	waiting = table{words("file_no service since urgent")}
	return people, carers, work, waiting
}

func mentalHealthPerson(s seen, last day) []string {
	c := s.consent
	state := map[string]string{"not_asked": "", "refused": "declined", "withdrawn": "revoked", "expired": "lapsed", "given": "signed"}[c.state(last)]
	if state == "signed" && c.isVerbal {
		state = "verbal"
	}
	scope := map[string]string{"all_partners": "circle", "named_partners": "listed", "reporting_only": "stats", "none": "none"}[c.scope]
	if state == "" {
		scope = ""
	}
	return []string{s.local, s.familyLocal, s.surname, s.given, plainName(s.child.middle), s.birth.iso(),
		map[string]string{"F": "girl", "M": "boy", "X": "non-binary"}[s.child.sex], s.at.street, s.town,
		strings.ToLower(s.postal), s.phone, s.child.language, s.open.from.iso(), s.open.to.by(last).iso(),
		map[bool]string{true: "closed", false: "open"}[s.isClosed], state, scope, c.signed.by(last).iso(), c.expires.iso(),
		c.withdrawn.by(last).iso(), comment(s, last)}
}

// mentalHealthFirstTry is the delivery that was taken back: some clients too many, other values wrong.
func (a *area) mentalHealthFirstTry(q tributary.Quarter, people, carers, work, waiting table) {
	wrong := table{people[0]}
	for n, row := range people[1:] {
		row = append([]string(nil), row...)
		if n%17 == 3 {
			row[5] = "2011" + row[5][4:]
		}
		wrong = append(wrong, row)
	}
	for n := range 6 {
		extra := append([]string(nil), people[10+n]...)
		extra[0] = "9" + extra[0][1:]
		wrong = append(wrong, extra)
	}
	for _, part := range []struct {
		name string
		rows table
	}{{"people", wrong}, {"carers", carers}, {"services", work}, {"waiting", waiting}} {
		a.put("VMHS", q, part.name+".csv", 6, withMark(part.rows.delimited(",", "\r\n")))
		a.problem("VMHS", q, part.name+"_v2.csv", 0, "redelivered_v2", "")
	}
}
