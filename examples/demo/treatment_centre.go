package demo

import (
	"fmt"
	"slices"

	"tributary"
)

// treatmentCentre is the coordinating agency: one workbook a quarter, title rows above, a total below,
// real dates, and the area's coordinated service planning whoever employs the coordinator.
func (a *area) treatmentCentre(i int, q tributary.Quarter) error {
	first, last := startOf(q), endOf(q)
	name := fmt.Sprintf("CFTC_Coordination_%s_Q%d.xlsx", q.FiscalYear(), q.Number())
	children, parents, needs := a.centreSheets(q)
	for _, reg := range a.active("CFTC", first, last) {
		a.deliver(reg, i)
		s := a.world.see(reg, a.views["CFTC"], last)
		c := reg.consent
		children.add(reg.local, reg.familyLocal, s.surname, s.given, s.child.middle, reg.birth, centreGender(s.child.sex),
			s.at.street, s.town, s.postal, s.phone, s.email, centreLanguage(s.child.language), reg.open.from, reg.open.to.by(last),
			centreConsent(c, last), centreScope(c), c.signed.by(last), c.expires, c.withdrawn.by(last), yesNo(c.isVerbal), comment(s, last))
		for n, p := range s.carers {
			parents.add(reg.local, p.family, p.given, centreRelation(p.relation), p.phone, p.email, yesNo(n == 0))
		}
		for _, n := range reg.child.needs {
			if n.identifiedOn >= reg.open.from-120 && n.identifiedOn <= last {
				status := n.status(last)
				reason := ""
				if status == "not_available" {
					reason = n.reason
				}
				needs.add(reg.local, centreService(n.service), n.identifiedOn, map[string]string{"received": "In place", "waiting": "Waiting",
					"not_available": "Not available"}[status], centreReason(reason))
			}
		}
	}
	if !a.opt.Clean {
		a.addTestClient(q, name, children)
	}
	planning, goals, survey, more := a.planningSheets(q, name)
	lists := &sheet{name: "Lists", hidden: true, headings: []string{"Gender", "Source"}, rows: [][]any{{"Female", "Self"}, {"Male", "School"}}}
	data, err := workbook(append([]*sheet{children, parents, planning, goals, needs, survey}, append(more, lists)...)...)
	if err != nil {
		return err
	}
	a.put("CFTC", q, name, 9+i, data)
	return nil
}

// addTestClient adds the system's own test client, which was never taken out of the report.
func (a *area) addTestClient(q tributary.Quarter, name string, children *sheet) {
	children.add("CF-00001", "FAM0001", "Test", "Zztest", "", date(2015, 1, 1), "Female", "1 Test St", "Cedar Falls", "K3X 1A1",
		"613-555-0100", "", "English", date(2020, 1, 1), day(0), "Yes", "All partners", date(2020, 1, 1), day(0), day(0), "N", "")
	a.problem("CFTC", q, name+"#Children", children.row(), "test_record", "")
}

func (a *area) centreSheets(q tributary.Quarter) (children, parents, needs *sheet) {
	titled := func(name string, headings ...string) *sheet {
		return &sheet{name: name, titles: []string{"Cedar Falls Children's Treatment Centre", name + ", " + q.String()}, headings: headings, total: true}
	}
	children = titled("Children", "Child ID", "Family ID", "Last Name", "First Name", "Second Name", "Date of Birth", "Gender", "Street",
		"City", "Postal Code", "Telephone", "Email", "Home Language", "Opened", "Closed", "Sharing Consent", "Shared With", "Signed On",
		"Expires On", "Withdrawn On", "Verbal", "Worker Comments")
	parents = titled("Parents", "Child ID", "Last Name", "First Name", "Relation", "Phone", "Email", "Main Contact")
	needs = titled("Needs", "Child ID", "Service", "Identified On", "Result", "If Not Why")
	return children, parents, needs
}

func (a *area) planningSheets(q tributary.Quarter, name string) (planning, goals, survey *sheet, more []*sheet) {
	first, last := startOf(q), endOf(q)
	titled := func(name string, headings ...string) *sheet {
		return &sheet{name: name, titles: []string{"Cedar Falls Children's Treatment Centre", name + ", " + q.String()}, headings: headings, total: true}
	}
	planning = titled("Planning", "Child ID", "Episode No", "Referred On", "Referral Source", "First Contact", "Intake Decided", "Decision",
		"Planning Coordinator", "Coordinator Agency", "Assigned On", "Plan Written", "Plan Shared", "Last Reviewed", "Review Due Then",
		"Next Review Due", "Transition Started", "State", "State Since", "Why")
	goals = titled("Plan Goals", "Child ID", "Episode No", "Goal No", "Area", "Set On", "Progress", "Progress Since")
	survey = titled("Survey", "Child ID", "Sent On", "Returned On", "Clear Contact", "Told Once", "One Plan", "Family First", "Providers Talk")
	meetings := titled("Meetings", "Child ID", "Held On", "Currently Involved", "Potentially Involved")
	referrals := titled("Referrals Out", "Child ID", "Episode No", "Referred On", "Referred To", "Access", "Result")
	resolution := titled("Service Resolution", "Child ID", "Case No", "Brought On")
	r := stream(a.opt.Seed, "survey "+q.String())
	for _, e := range a.episodes {
		if !e.isOpenIn(first, last) {
			continue
		}
		status, since := e.status(last)
		who, employer := "", ""
		if e.assignedOn.by(last) != 0 {
			who, employer = coordinators()[e.coordinator].name, coordinators()[e.coordinator].employer
		}
		done, wasDue, next := e.reviewed(last)
		reason, decision := "", ""
		if e.endedOn.by(last) != 0 {
			reason = e.reason
		}
		if e.decidedOn.by(last) != 0 {
			decision = e.decision
		}
		planned := e.plannedOn.by(last)
		if a.hasWrongPlan(e, q) {
			planned = e.referredOn - 327
		}
		planning.add(e.local, e.number, e.referredOn, centreSource(e.source), e.contactOn.by(last), e.decidedOn.by(last), centreDecision(decision),
			who, employer, e.assignedOn.by(last), planned, e.sharedOn.by(last), done, wasDue, next, e.transitionOn.by(last),
			map[string]string{"waiting": "Waiting list", "active": "Active", "inactive": "Inactive", "closed": "Closed"}[status], since, centreReason(reason))
		if a.hasWrongPlan(e, q) {
			a.problem("CFTC", q, name+"#Planning", planning.row(), "plan_before_referral", "")
		}
		for n, g := range e.goals {
			if g.setOn.by(last) == 0 {
				continue
			}
			progress, settled := "Ongoing", g.setOn
			if g.settledOn.by(last) != 0 {
				progress, settled = map[string]string{"achieved": "Met", "dropped": "Dropped"}[g.outcome], g.settledOn
			}
			goals.add(e.local, e.number, n+1, centreArea(g.area), g.setOn, progress, settled)
		}
		practice := a.practice(e)
		for _, m := range practice.meetings {
			if m.on >= first && m.on <= last {
				meetings.add(e.local, m.on, m.currently, m.potentially)
			}
		}
		for _, c := range practice.connections {
			if c.on <= last {
				referrals.add(e.local, e.number, c.on, centreSource(c.to), centreAccess(c.kind), centreResult(c.outcome))
			}
		}
		if practice.resolution.by(last) != 0 {
			resolution.add(e.local, fmt.Sprintf("SR-%s-%d", e.local, e.number), practice.resolution)
		}
		for _, s := range practice.surveys {
			switch {
			case s.returned >= first && s.returned <= last:
				survey.add(e.local, s.sent, s.returned, r.between(4, 7), r.between(2, 7), r.between(3, 7), r.between(5, 7), r.between(2, 6))
			case s.sent >= first && s.sent <= last:
				survey.add(e.local, s.sent, day(0))
			}
		}
	}
	return planning, goals, survey, []*sheet{meetings, referrals, resolution}
}

// hasWrongPlan picks the one episode whose plan date has the wrong year in the second quarter's file.
func (a *area) hasWrongPlan(e *episode, q tributary.Quarter) bool {
	second := quarters()[1]
	if q != second || a.opt.Clean {
		return false
	}
	at := slices.IndexFunc(a.episodes, func(e *episode) bool {
		return e.plannedOn >= startOf(second) && e.plannedOn <= endOf(second) && e.endedOn == 0
	})
	return at >= 0 && a.episodes[at] == e
}

func comment(s seen, on day) string {
	if s.child.canary != nil {
		return s.child.canary.Note
	}
	switch int(s.birth) % 9 {
	case 0:
		return "Parents live apart, call mother first"
	case 1:
		return "Interpreter needed for meetings"
	}
	return ""
}

func yesNo(is bool) string {
	if is {
		return "Y"
	}
	return "N"
}

func centreGender(sex string) string {
	return map[string]string{"F": "Female", "M": "Male", "X": "Another"}[sex]
}

func centreLanguage(code string) string {
	return map[string]string{"eng": "English", "fra": "French", "urd": "Urdu or Hindi", "zho": "Chinese", "oji": "Ojibwe", "ara": "Arabic"}[code]
}

func centreConsent(c consent, on day) string {
	return map[string]string{"not_asked": "", "refused": "No", "withdrawn": "Withdrawn", "expired": "Yes", "given": "Yes"}[c.state(on)]
}

func centreScope(c consent) string {
	return map[string]string{"all_partners": "All partners", "named_partners": "Named partners", "reporting_only": "Reporting", "none": "None"}[c.scope]
}

func centreRelation(code string) string {
	return map[string]string{"mother": "Mother", "father": "Father", "step_parent": "Step-parent", "grandparent": "Grandparent",
		"foster_parent": "Foster parent"}[code]
}

func centreService(code string) string {
	return map[string]string{"ot": "Occupational Therapy", "pt": "Physiotherapy", "slp": "Speech-Language", "autism": "Autism Program",
		"mental_health": "Counselling", "respite": "Respite", "nursing": "Nursing", "special_education": "School Support",
		"infant_development": "Infant Development", "audiology": "Hearing", "behaviour": "Behaviour Support", "fasd": "FASD Support"}[code]
}

func centreReason(code string) string {
	return map[string]string{"full": "Program full", "no_provider": "Nobody offers it", "distance": "Too far", "cost": "Cost",
		"not_eligible": "Not eligible", "goals_achieved": "Goals met", "moved": "Moved away", "family_choice": "Family's choice",
		"unable_to_reach": "No contact"}[code]
}

func centreSource(code string) string {
	return map[string]string{"self": "Self", "treatment_centre": "Within CFTC", "school_board": "School", "physician": "Doctor",
		"autism": "Autism provider", "child_welfare": "Child welfare", "mental_health": "Mental health", "hub": "SmartStart Hub", "health": "Home care", "respite": "Respite"}[code]
}

func centreAccess(code string) string {
	return map[string]string{"supported": "Supported", "information_only": "Information only"}[code]
}

func centreResult(code string) string {
	return map[string]string{"accepted": "Accepted", "declined": "Not accepted", "waiting": "Wait list"}[code]
}

func centreDecision(code string) string {
	return map[string]string{"accepted": "Accepted", "warm_referral": "Referred on", "withdrew": "Family withdrew"}[code]
}

func centreArea(code string) string {
	return map[string]string{"mobility": "Mobility", "physical_health": "Physical Health", "communication": "Communication",
		"productivity": "Productivity", "social_emotional": "Social-Emotional"}[code]
}
