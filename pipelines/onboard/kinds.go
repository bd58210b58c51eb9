package onboard

import (
	"slices"
	"strings"
)

// kind is what a sheet may be about: the canonical tables that it feeds, what it cannot do without, and
// the words by which files and sheets of this kind go.
type kind struct {
	name   string
	tables []string
	// must lists columns of which one each is needed, apart from the client's number.
	must  [][]string
	words []string
	// mustName says that name or sheet must say so too, since the columns alone could be another's.
	mustName bool
}

var kinds = []kind{
	{"clients", []string{"client", "consent"}, [][]string{{"client.given_name", "client.family_name", "client.full_name"}, {"client.birth_date"}}, []string{"child", "file", "family", "admit", "register"}, false},
	{"caregivers", []string{"caregiver"}, [][]string{{"caregiver.given_name", "caregiver.family_name", "caregiver.full_name"}, {"caregiver.relationship", "caregiver.is_primary", "caregiver.phone", "caregiver.email"}}, []string{"parent", "contact", "relation", "mother"}, false},
	{"services", []string{"service"}, [][]string{{"service.service_type", "service.started_on", "service.hours"}, {"service.started_on", "service.requested_on", "service.status", "service.hours"}}, []string{"service", "hours", "book", "booking", "bookings", "appointments", "sessions"}, false},
	{"needs", []string{"need"}, [][]string{{"need.service_type"}, {"need.identified_on", "need.status"}}, []string{"need"}, false},
	{"wait list", []string{"wait"}, [][]string{{"wait.joined_on"}}, []string{"wait"}, false},
	{"episodes", []string{"episode", "referral", "plan"}, [][]string{{"episode.referral_on"}, {"episode.coordinator", "episode.intake_on", "episode.intake_decision", "episode.assigned_on"}}, []string{"episode", "planning", "coordinator"}, false},
	{"referrals", []string{"referral"}, [][]string{{"referral.referred_on"}, {"referral.other_party"}}, []string{"refer"}, false},
	{"plans", []string{"plan"}, [][]string{{"plan.written_on"}}, []string{"plan"}, false},
	{"goals", []string{"goal"}, [][]string{{"goal.area_code"}}, []string{"goal"}, false},
	{"consents", []string{"consent"}, [][]string{{"consent.status"}}, []string{"consent"}, true},
	{"meetings", []string{"meeting"}, [][]string{{"meeting.held_on"}}, []string{"meeting"}, true},
	{"survey", []string{"survey"}, [][]string{{"survey.returned_on", "survey.sent_on"}}, []string{"survey"}, false},
}

// reading is a sheet read as one kind.
type reading struct {
	kind    *kind
	sheet   *sheet
	id      match
	matches []match
	scores  []*column // the columns of a survey's answers
	groups  []group
	score   float64
	left    []*column
}

func (r *reading) match(name string) (match, bool) {
	for _, m := range r.matches {
		if m.field.String() == name {
			return m, true
		}
	}
	return match{}, false
}

// readAs reads a sheet as a kind, or says what the kind needs and is not there.
func (p *proposer) readAs(k *kind, s *sheet) (r *reading, lack string) {
	r = &reading{kind: k, sheet: s}
	named := slices.ContainsFunc(p.nameWords(s), func(w string) bool { return slices.Contains(k.words, w) })
	if k.mustName && !named && p.Answers["sheet."+s.key()] != k.name {
		return nil, "its name does not say so"
	}
	p.isUnique = k.name == "clients"
	columns := slices.Clone(s.columns)
	drop := func(used ...*column) {
		columns = slices.DeleteFunc(columns, func(c *column) bool { return slices.Contains(used, c) })
	}
	var ok bool
	if r.id, ok = p.clientNumber(s, columns); !ok {
		return nil, "no column could be the client's number"
	}
	drop(r.id.col)
	if k.name == "clients" {
		r.groups = p.caregiverGroups(columns)
		for _, g := range r.groups {
			drop(g.columns()...)
		}
	}
	var fields []*field
	for _, f := range p.v.fields {
		uses := slices.Contains(k.tables, f.table) || f.column == "episode_local_id" && (k.name == "goals" || k.name == "plans" || k.name == "referrals")
		if uses && f.column != "client_local_id" && !(k.name == "episodes" && f.String() == "referral.referred_on") {
			fields = append(fields, f)
		}
	}
	r.matches = p.assign(fields, columns, func(c *column) words { return c.words }, func(t string) []string { return contexts[t] })
	for _, m := range r.matches {
		drop(m.col)
	}
	for _, need := range k.must {
		if !slices.ContainsFunc(need, func(n string) bool { _, ok := r.match(n); return ok }) {
			return nil, "no column could be " + strings.Join(need, " or ")
		}
	}
	if k.name == "caregivers" && !named && !isAboutParents(s) {
		return nil, "no heading speaks of parents"
	}
	if k.name == "survey" {
		for _, c := range columns {
			if c.filled > 0 && c.share("score", func(v string) bool { return len(v) <= 2 && numberShape.MatchString(v) }) > .9 {
				r.scores = append(r.scores, c)
			}
		}
		if len(r.scores) == 0 {
			return nil, "no column holds answers in numbers"
		}
		drop(r.scores...)
	}
	r.score = r.id.score
	for _, m := range r.matches {
		r.score += m.score
	}
	r.score += float64(len(r.scores)+len(r.groups)) * .8
	for _, c := range columns {
		if c.filled > 0 {
			r.score -= .35
		}
	}
	if named {
		r.score += 1.5
	}
	r.left = columns
	return r, ""
}

// isAboutParents says that a heading speaks of parents, or of how somebody is related.
func isAboutParents(s *sheet) bool {
	return slices.ContainsFunc(s.columns, func(c *column) bool {
		return slices.ContainsFunc([]string{"parent", "relation", "mother", "father", "contact"}, func(w string) bool { return slices.Contains(c.words, w) })
	})
}

// nameWords are the words of the sheet's name, or of the file's where it has but one sheet.
func (p *proposer) nameWords(s *sheet) words {
	if s.name != "" && p.sheetsOf(s.file) > 1 {
		return p.v.words(s.name)
	}
	return append(p.v.words(stem(s.file)), p.v.words(s.name)...)
}

// clientNumber finds the column with the agency's number for the child: by its heading, and by numbers
// that clients of the same agency are known to have.
func (p *proposer) clientNumber(s *sheet, columns []*column) (match, bool) {
	f := p.field("client.client_local_id")
	best := match{}
	for _, c := range columns {
		m, ok := p.fit(f, c, c.words, []string{"child"})
		if n := p.overlap(c); n >= .5 && c.filled > 0 && !p.isUnique {
			m.name, m.value, ok = max(m.name, n), n, true
			m.score = .6*m.name + .4*m.value
			m.note = strings.TrimSpace(strings.Join([]string{percent(n), "are numbers of known clients"}, " "))
		}
		if ok && m.score > best.score {
			best = m
		}
	}
	for _, c := range s.parent {
		name := f.names(c.words, []string{"child"})
		if score := .9 * name; name >= vagueName && score > best.score {
			best = match{field: f, col: c, fromParent: true, name: name, score: score, note: "from the record that holds the list"}
		}
	}
	if best.col == nil && p.isUnique {
		// No heading says it: the first column with another number in each row is the best guess.
		for _, c := range columns {
			if c.filled == s.rows && c.distinct() > .95 && c.dates() < .1 && p.valueScore(p.field("client.family_local_id"), c) > .9 && c.share("phone", isPhone) < .5 && c.share("postal", postalShape.MatchString) < .5 {
				return match{field: f, col: c, score: accepted, note: "the first column that holds another number in each row"}, true
			}
		}
	}
	return best, best.col != nil
}

// overlap is the share of a column's different values that are numbers of known clients.
func (p *proposer) overlap(c *column) float64 {
	if len(p.known) == 0 || len(c.values) == 0 {
		return 0
	}
	n := 0
	for _, x := range c.values {
		if p.known[x.text] {
			n++
		}
	}
	return float64(n) / float64(len(c.values))
}

// group is the columns of a client's row that describe one caregiver.
type group struct {
	key     string
	matches []match
	people  *column // one cell with names and telephones of several
}

func (g group) columns() []*column {
	var out []*column
	if g.people != nil {
		out = append(out, g.people)
	}
	for _, m := range g.matches {
		out = append(out, m.col)
	}
	return out
}

// caregiverGroups finds the columns about parents in a row about a child: Parent 1, Rel 1, Phone 1;
// Mother's name; Contact name.
func (p *proposer) caregiverGroups(columns []*column) []group {
	var fields []*field
	for _, f := range p.v.fields {
		if f.table == "caregiver" {
			fields = append(fields, f)
		}
	}
	whose := []string{"parent", "contact", "mother", "father"}
	digit := func(c *column) string {
		for _, w := range c.words {
			if len(w) == 1 && w >= "1" && w <= "9" {
				return w
			}
		}
		return ""
	}
	numbers, keys := map[string]bool{}, map[*column]string{}
	for _, c := range columns {
		if d := digit(c); d != "" && (slices.ContainsFunc(whose, func(w string) bool { return slices.Contains(c.words, w) }) || slices.Contains(c.words, "relation")) {
			numbers[d] = true
		}
	}
	for _, c := range columns {
		switch d := digit(c); {
		case slices.Contains(c.words, "mother"):
			keys[c] = "mother"
		case slices.Contains(c.words, "father"):
			keys[c] = "father"
		case d != "" && numbers[d] && !slices.Contains(c.words, "line"):
			keys[c] = d
		case slices.Contains(c.words, "parent") || slices.Contains(c.words, "contact") || slices.Contains(c.words, "relation") && d == "":
			keys[c] = "one"
		}
	}
	bare := func(c *column) words {
		out := slices.DeleteFunc(slices.Clone(c.words), func(w string) bool { return slices.Contains(whose, w) || w == keys[c] })
		if len(out) == 0 {
			return words{"name"}
		}
		return out
	}
	var out []group
	for _, key := range []string{"one", "1", "2", "3", "4", "5", "mother", "father"} {
		g := group{key: key}
		var mine []*column
		for _, c := range columns {
			if keys[c] != key {
				continue
			}
			if c.share("people", blobShape.MatchString) > .4 && c.share("letters", func(v string) bool { return strings.ContainsFunc(v, func(r rune) bool { return r > '@' }) }) > .5 {
				g.people = c
				continue
			}
			mine = append(mine, c)
		}
		g.matches = p.assign(fields, mine, bare, func(string) []string { return []string{"child", "family"} })
		hasName := slices.ContainsFunc(g.matches, func(m match) bool { return strings.HasSuffix(m.field.column, "name") })
		if g.people != nil || hasName {
			out = append(out, g)
		}
	}
	return out
}

// best reads a sheet as the kind that explains most of it, or as the one that a person named; nil when none does, and
// then what the named kind lacks.
func (p *proposer) best(s *sheet) (best *reading, lack string) {
	want := p.Answers["sheet."+s.key()]
	for i := range kinds {
		if want != "" && want != kinds[i].name {
			continue
		}
		r, missing := p.readAs(&kinds[i], s)
		if r == nil {
			if want != "" {
				lack = missing
			}
			continue
		}
		if best == nil || r.score > best.score {
			best = r
		}
	}
	return best, lack
}
