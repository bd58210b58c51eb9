package onboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// match is a column proposed for a field, with what speaks for it.
type match struct {
	field       *field
	col         *column
	fromParent  bool
	name, value float64
	score       float64
	note        string
}

// A column is proposed from this score on; below these likenesses a heading says nothing: dates and
// numbers look alike, while an e-mail address can only be one.
const (
	accepted   = .55
	leastName  = .5
	vagueName  = .6
	strongName = .35
)

// why says in a few words what speaks for a match.
func (m match) why() string {
	if m.note != "" {
		return m.note
	}
	if m.col.filled == 0 {
		return fmt.Sprintf("name %.1f, the column is empty", m.name)
	}
	what := map[string]string{"birth": "are birth dates or ages", "date": "are dates", "postal": "are postal codes", "phone": "are telephones",
		"email": "are e-mails", "municipality": "are known municipalities", "bool": "are yes or no", "number": "are numbers", "id": "look like numbers of files",
		"word": "are words", "full": "are whole names", "street": "look like addresses", "school": "look like schools", "source": "are known sources"}[m.field.test]
	if strings.HasPrefix(m.field.test, "codes:") {
		what = "are known codes"
	}
	if what == "" {
		return fmt.Sprintf("name %.1f", m.name)
	}
	return fmt.Sprintf("name %.1f, %.0f %% %s", m.name, 100*m.value, what)
}

// valueScore is the share of a column's values that have the shape of a field.
func (p *proposer) valueScore(f *field, c *column) float64 {
	if list, coded := strings.CutPrefix(f.test, "codes:"); coded {
		return p.codeScore(list, f, c)
	}
	switch f.test {
	case "date":
		return c.dates()
	case "birth":
		last := p.Quarter.End().Year()
		return c.share("birth", func(v string) bool {
			year, _ := readDate(v)
			return year > last-27 && year <= last || ageShape.MatchString(v) || len(v) == 4 && fold(v) > "1995" && fold(v) <= fmt.Sprint(last)
		})
	case "postal":
		return c.share("postal", postalShape.MatchString)
	case "email":
		return c.share("email", emailShape.MatchString)
	case "phone":
		return c.share("phone", isPhone)
	case "bool":
		if len(c.values) > 6 {
			return 0
		}
		return c.share("bool", isFlag)
	case "number":
		if c.dates() > .8 && c.share("number", numberShape.MatchString) < 1 {
			return 0
		}
		return c.share("number", numberShape.MatchString)
	case "id":
		n := c.share("id", func(v string) bool { return idShape.MatchString(v) && strings.ContainsAny(v, "0123456789") })
		// A number of five digits is a date to a spreadsheet alone.
		n *= 1 - (c.dates() - c.share("serial", serialShape.MatchString))
		if f.column == "client_local_id" && p.isUnique && c.distinct() < .8 {
			n /= 2
		}
		return n
	case "word":
		n := c.share("word", func(v string) bool { return len(v) <= 40 && len(strings.Fields(v)) <= 4 && wordShape.MatchString(v) })
		if f.column != "coordinator" {
			n *= 1 - c.share("full", isFull)/2
		}
		return n
	case "full":
		return c.share("full", isFull)
	case "street":
		return c.share("street", streetShape.MatchString) * (1 - c.dates())
	case "school":
		return c.share("school", schoolShape.MatchString)
	case "municipality":
		if len(p.places) == 0 {
			return c.share("word", wordShape.MatchString)
		}
		return c.share("municipality", func(v string) bool { return p.places[placeKey(v)] })
	case "source":
		return max(.5, p.codeScore("source", f, c))
	}
	return .5
}

// mostCodes is the most different values that a coded column has; of more, hardly any is a code.
const mostCodes = 80

func (p *proposer) codeScore(list string, f *field, c *column) float64 {
	if len(c.values) > mostCodes {
		return 0
	}
	n := c.share(list, func(v string) bool { code, _ := p.v.codeIn(list, v, c); return code != "" })
	if list == "gender" {
		// Girl and boy are words of gender, female and male of sex; both use the same codes.
		social := c.share("girl or boy", func(v string) bool {
			return slices.Contains([]string{"g", "b", "girl", "boy", "girl woman", "boy man", "fille", "garcon", "another", "non binary", "two spirit"}, fold(v))
		})
		if (f.column == "gender") != (social > 0) {
			n *= .9
		}
	}
	return n
}

// fit weighs a column for a field; context is what the sheet is about anyway.
func (p *proposer) fit(f *field, c *column, heading words, context []string) (match, bool) {
	m := match{field: f, col: c, name: f.names(heading, context)}
	if c.filled == 0 {
		m.score = .85 * m.name
		return m, m.name >= .7
	}
	if c.longText > .5 && f.test != "full" {
		return m, false
	}
	m.value = p.valueScore(f, c)
	least := leastName
	switch f.test {
	case "email", "postal", "municipality", "phone":
		if m.value >= .9 && m.name < strongName && f.test != "phone" {
			m.name = strongName
		}
		least = strongName
	case "date", "any", "number", "id", "word":
		least = vagueName
	}
	if m.name < least {
		return m, false
	}
	if m.value < .3 {
		// Codes that nobody can know are still codes, by their heading.
		known := strings.HasPrefix(f.test, "codes:") && m.name >= .85 && len(c.values) <= 30 && c.dates() < .3
		if !known {
			return m, false
		}
		m.note = fmt.Sprintf("name %.1f, and few different values, of which %.0f %% are known codes", m.name, 100*m.value)
		m.value = .3
	}
	m.score = .6*m.name + .4*m.value
	return m, m.score >= accepted
}

// assign gives each field at most one column and each column at most one field, the best pair first.
func (p *proposer) assign(fields []*field, columns []*column, heading func(*column) words, context func(table string) []string) []match {
	var all []match
	for _, f := range fields {
		for _, c := range columns {
			if m, ok := p.fit(f, c, heading(c), context(f.table)); ok {
				all = append(all, m)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	var out []match
	for _, m := range all {
		if !slices.ContainsFunc(out, func(o match) bool { return o.field == m.field || o.col == m.col }) {
			out = append(out, m)
		}
	}
	return out
}

// contexts are the words that a sheet of a table repeats in its headings.
var contexts = map[string][]string{
	"client": {"child", "file"}, "consent": {"child", "consent", "share"}, "caregiver": {"child", "parent", "contact", "family"},
	"service": {"child", "service"}, "need": {"child", "need", "service"}, "wait": {"child", "wait", "list", "service"},
	"episode": {"child", "episode", "planning"}, "referral": {"child", "refer"}, "plan": {"child", "plan"}, "goal": {"child", "goal"},
	"survey": {"child", "survey"}, "meeting": {"child", "meeting"},
}
