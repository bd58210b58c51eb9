package onboard

import (
	"regexp"
	"slices"
	"strings"
)

// What a row about a child tells of other tables: its consent, referral, services and parents.

// consentForm says how a consent was given, where the column of its status tells.
func (p *proposer) consentForm(r *reading, columns []Column) []Column {
	at := slices.IndexFunc(columns, func(c Column) bool { return c.Column == "status" })
	if at < 0 {
		return columns
	}
	status, _ := r.match("consent.status")
	if i := slices.IndexFunc(columns, func(c Column) bool { return c.Column == "form" }); i >= 0 {
		// Who was never asked has no form, whatever the column says.
		if status.col.filled > 0 && columns[i].From != columns[at].From && status.col.filled < r.sheet.rows {
			columns[i].When = &Code{columns[at].From, "*"}
		}
		return columns
	}
	isVerbal := func(v string) bool {
		code, _ := p.v.code("consent_form", v)
		return code == "verbal" && !isFlag(v) || strings.HasSuffix(p.Answers["codes."+columns[at].From+"."+v], " verbal")
	}
	says := slices.ContainsFunc(columns[at].Codes, func(c Code) bool { return isVerbal(c.Theirs) })
	onPaper := slices.ContainsFunc(status.col.words, func(w string) bool { return w == "form" || w == "file" || w == "written" || w == "sign" })
	if !says && !onPaper {
		return columns
	}
	form := Column{Column: "form", From: columns[at].From, Why: "verbal consents are told apart from others", Score: columns[at].Score}
	if !says {
		form.Why = "the heading speaks of a form"
	}
	for _, c := range columns[at].Codes {
		ours := ""
		if c.Ours == "given" {
			ours = "written"
			if isVerbal(c.Theirs) || strings.Contains(fold(c.Theirs), "verbal") {
				ours = "verbal"
			}
		}
		form.Codes = append(form.Codes, Code{c.Theirs, ours})
	}
	return append(columns, form)
}

// consentScope asks what a consent allows where no column says it.
func (p *proposer) consentScope(f *File, columns []Column) []Column {
	if hasColumn(columns, "scope") {
		return columns
	}
	key := "scope." + f.Key
	if said := p.Answers[key]; said != "" {
		return append(columns, Column{Column: "scope", Value: said, Why: "answered", Score: 1})
	}
	p.out.Questions = append(p.out.Questions, Question{Key: key, Text: "no column says what a consent allows; what does the form allow?", Choices: p.v.ours("consent_scope")})
	return columns
}

// referralOfClients finds the referral that a row about a child also tells of.
func (p *proposer) referralOfClients(r *reading, add func(string) *Table) {
	var fields []*field
	for _, f := range p.v.fields {
		if f.table == "referral" {
			fields = append(fields, f)
		}
	}
	found := p.assign(fields, r.left, func(c *column) words { return c.words }, func(t string) []string { return contexts[t] })
	if !slices.ContainsFunc(found, func(m match) bool { return m.field.column == "referred_on" }) {
		return
	}
	t := add("referral")
	for _, m := range found {
		t.Columns = append(t.Columns, p.columns("referral", m)...)
		r.left = slices.DeleteFunc(r.left, func(c *column) bool { return c == m.col })
	}
	t.Columns = append(t.Columns, Column{Column: "direction", Value: "in", Why: "referrals to the agency", Score: 1})
}

// statusDates takes the day on which an episode ended from the day of its status.
func statusDates(columns []Column) []Column {
	var out []Column
	status := slices.IndexFunc(columns, func(c Column) bool { return c.Column == "status" })
	on := slices.IndexFunc(columns, func(c Column) bool { return c.Column == "status_on" })
	if status < 0 || on < 0 {
		return nil
	}
	for _, x := range []struct{ code, column string }{{"inactive", "inactive_on"}, {"closed", "closed_on"}} {
		if hasColumn(columns, x.column) {
			continue
		}
		for _, c := range columns[status].Codes {
			if c.Ours == x.code {
				out = append(out, Column{Column: x.column, From: columns[on].From, When: &Code{columns[status].From, c.Theirs}, Why: "the day of the status", Score: columns[on].Score})
				break
			}
		}
	}
	return out
}

// referral completes what a sheet says of a referral: the row of an episode has its date.
func (p *proposer) referral(r *reading, columns []Column) []Column {
	if r.kind.name == "episodes" {
		m, ok := r.match("episode.referral_on")
		if !ok {
			return nil
		}
		first := []Column{}
		if id, ok := r.match("episode.episode_local_id"); ok {
			first = append(first, Column{Column: "episode_local_id", From: id.col.heading, Why: id.why(), Score: id.score})
		}
		columns = append(append(first, Column{Column: "referred_on", From: m.col.heading, Why: m.why(), Score: m.score}), columns...)
	}
	return append(columns, Column{Column: "direction", Value: "in", Why: "referrals to the agency", Score: 1})
}

// constantService names the one service of a file that has no column for it.
func (p *proposer) constantService(f *File, r *reading, columns []Column) []Column {
	if hasColumn(columns, "service_type") {
		return columns
	}
	code, why := p.oneService(f, r)
	if code == "" {
		code, why = "other", "no column and no name says which service"
		p.out.Questions = append(p.out.Questions, Question{Key: "service." + f.Key, Text: "which service is " + r.sheet.key() + " about?", Choices: p.v.ours("service_type"), Default: "other"})
	}
	return append([]Column{{Column: "service_type", Value: code, Why: why, Score: 1}}, columns...)
}

// oneService is the service that a file is about as a whole, by an answer, a name, or what the agency does.
func (p *proposer) oneService(f *File, r *reading) (code, why string) {
	if code = p.Answers["service."+f.Key]; code != "" {
		return code, "answered"
	}
	for _, text := range []string{r.sheet.name, stem(r.sheet.file)} {
		if code, _ = p.v.code("service_type", text); code != "" && code != "other" {
			return code, "the name says so"
		}
	}
	category := p.Answers["category"]
	if category == "school_board" {
		category = "special_education"
	}
	if slices.Contains(p.v.ours("service_type"), category) && category != "other" {
		return category, "that is what the agency does"
	}
	return "", ""
}

// serviceOfClients finds the service that a row about a child also tells of.
func (p *proposer) serviceOfClients(f *File, r *reading, add func(string) *Table) {
	var fields []*field
	for _, f := range p.v.fields {
		if f.table == "service" {
			fields = append(fields, f)
		}
	}
	found := p.assign(fields, r.left, func(c *column) words { return c.words }, func(t string) []string { return contexts[t] })
	get := func(name string) (match, bool) {
		i := slices.IndexFunc(found, func(m match) bool { return m.field.column == name })
		if i < 0 {
			return match{}, false
		}
		return found[i], true
	}
	var columns []Column
	kind, hasKind := get("service_type")
	hours, hasHours := get("hours")
	sections := p.sectionStatus(r, "service_status", "status", nil)
	switch {
	case hasKind && kind.col.filled > 0 && kind.value > .5:
		columns = append(columns, p.columns("service", kind)...)
	case hasHours || len(sections) > 0:
		code, why := p.oneService(f, r)
		if code == "" {
			return
		}
		columns = append(columns, Column{Column: "service_type", Value: code, Why: why, Score: 1})
		hasKind = false
	default:
		return
	}
	used := []*column{}
	if hasKind {
		used = append(used, kind.col)
	}
	for _, x := range []struct{ own, client string }{{"requested_on", ""}, {"started_on", "client.opened_on"}, {"ended_on", "client.closed_on"}} {
		m, ok := get(x.own)
		if !ok && x.client != "" {
			m, ok = r.match(x.client)
		} else if ok {
			used = append(used, m.col)
		}
		if ok {
			columns = append(columns, Column{Column: x.own, From: m.col.heading, Why: m.why(), Score: m.score})
		}
	}
	if m, ok := get("status"); ok {
		columns = append(columns, p.columns("service", m)...)
		used = append(used, m.col)
	} else {
		columns = append(columns, sections...)
	}
	if hasHours {
		columns = append(columns, Column{Column: "hours", From: hours.col.heading, Why: hours.why(), Score: hours.score})
		used = append(used, hours.col)
	}
	t := add("service")
	t.Columns = append(t.Columns, once(columns)...)
	if hasKind && kind.col.filled < r.sheet.rows {
		t.RowsOf = kind.col.heading
	}
	r.left = slices.DeleteFunc(r.left, func(c *column) bool { return slices.Contains(used, c) })
}

// One cell that tells of all parents: Mom: Lisa Le 613-555-0199 / Dad: ...
const (
	piecesBy  = `\s*[/;,\n]\s*`
	pieceRel  = `^(\w+)(?::|\s+-)\s`
	pieceName = `^(?:\w+(?::|\s+-)\s*)?([^\d\s:]+)`
	pieceLast = `^(?:\w+(?::|\s+-)\s*)?[^\d\s:]+\s+([^\d\s:-][^\d]*)`
	pieceTel  = `([\d][\d ().-]{6,})$`
)

var whoIsIt = regexp.MustCompile(`(?:^|[/;,\n])\s*(\p{L}+)(?::|\s+-)\s`)

// caregivers writes the parents that a row about a child tells of.
func (p *proposer) caregivers(r *reading, add func(string) *Table) {
	var each [][]Column
	var names []string
	for _, g := range r.groups {
		if g.people != nil {
			t := add("caregiver")
			t.Split = g.people.heading
			why := "one cell holds names and telephones"
			rel := Column{Column: "relationship", From: "piece", Take: pieceRel, Why: why, Score: 1}
			seen := map[string]bool{}
			for _, x := range g.people.values {
				for _, m := range whoIsIt.FindAllStringSubmatch(x.text, -1) {
					if code, _ := p.v.code("relationship", m[1]); code != "" && !seen[m[1]] {
						seen[m[1]] = true
						rel.Codes = append(rel.Codes, Code{m[1], code})
					}
				}
			}
			slices.SortFunc(rel.Codes, func(a, b Code) int { return strings.Compare(a.Theirs, b.Theirs) })
			if len(rel.Codes) > 0 {
				t.Columns = append(t.Columns, rel)
			}
			t.Columns = append(t.Columns, Column{Column: "given_name", From: "piece", Take: pieceName, Why: why, Score: 1},
				Column{Column: "family_name", From: "piece", Take: pieceLast, Why: why, Score: 1}, Column{Column: "phone", From: "piece", Take: pieceTel, Why: why, Score: 1})
			continue
		}
		var columns []Column
		name := ""
		for _, f := range p.v.fields {
			for _, m := range g.matches {
				if m.field == f {
					columns = append(columns, p.columns("caregiver", m)...)
					if name == "" && strings.HasSuffix(f.column, "name") {
						name = m.col.heading
					}
				}
			}
		}
		if (g.key == "mother" || g.key == "father") && !hasColumn(columns, "relationship") {
			columns = append(columns, Column{Column: "relationship", Value: g.key, Why: "the heading says so", Score: 1})
		}
		each, names = append(each, once(columns)), append(names, name)
	}
	switch len(each) {
	case 0:
	case 1:
		t := add("caregiver")
		t.Columns, t.RowsOf = append(t.Columns, each[0]...), names[0]
	default:
		add("caregiver").Each = each
	}
}
