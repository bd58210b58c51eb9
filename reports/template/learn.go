package template

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tributary"
)

// From sure on a match is taken; from doubtful on it is asked about. Both were chosen on the invented
// forms of the tests; a person confirms every line either way.
const (
	sure     = 0.80
	doubtful = 0.55
)

// Options are what no workbook says.
type Options struct {
	// Name is the workbook's file name, as the map will say it.
	Name string
	// Language is en or fr; empty lets the labels decide.
	Language string
	// From is the first quarter that the form is for.
	From tributary.Quarter
	// FillsLocked takes locked cells of protected sheets for cells to fill.
	FillsLocked bool
	// Answers lead from a sheet cell (Part A!D7) or a row's label to what goes in: a fill, a measure, or
	// "-" for nothing.
	Answers map[string]string
}

// Match is one cell that takes a value, and what is proposed for it.
type Match struct {
	Sheet string `json:"sheet"`
	Cell
	// State is sure, doubtful or unmatched.
	State string `json:"state"`
	// Confidence is 0 to 1; Evidence says which words it rests on, or why nothing matched.
	Confidence float64 `json:"confidence"`
	Evidence   string  `json:"evidence"`
}

// Proposal is what Learn makes of a workbook.
type Proposal struct {
	Map     Map     `json:"-"`
	Matches []Match `json:"matches"`
}

// Count says how many cells are in a state.
func (p *Proposal) Count(state string) (n int) {
	for _, m := range p.Matches {
		if m.State == state {
			n++
		}
	}
	return n
}

// Learn reads a blank workbook and proposes what goes into its cells, from the words beside and above
// them.
func Learn(content []byte, r *Release, o Options) (*Proposal, error) {
	f, err := readForm(content, o.FillsLocked)
	if err != nil {
		return nil, err
	}
	p := &Proposal{Map: Map{Workbook: o.Name, SHA256: hashOf(content), From: o.From, Locked: map[bool]string{true: "fill", false: "refuse"}[o.FillsLocked]}}
	d := newDictionary(r)
	for _, page := range f.sheets {
		p.Matches = append(p.Matches, d.page(f, page, o.Answers)...)
	}
	p.Map.Language = cmp.Or(o.Language, languageOf(p.Matches))
	for _, m := range p.Matches {
		if m.State != "sure" {
			continue
		}
		if n := len(p.Map.Sheets); n == 0 || p.Map.Sheets[n-1].Sheet != m.Sheet {
			p.Map.Sheets = append(p.Map.Sheets, Sheet{Sheet: m.Sheet})
		}
		s := &p.Map.Sheets[len(p.Map.Sheets)-1]
		s.Cells = append(s.Cells, m.Cell)
	}
	return p, nil
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// dictionary knows the labels of a release.
type dictionary struct {
	*Release
	lexicon
	labels []label
	cover  []label
}

// label is one way to call a measure, or a fill of the cover.
type label struct {
	id    string
	kind  string
	words []string
	// isStock says that it is counted on the quarter's last day, which a form may or may not say.
	isStock bool
}

// day are the words for the day on which stocks are counted.
var day = []string{"end", "quarter"}

func isDay(w string) bool { return slices.Contains(day, w) }

func newDictionary(r *Release) *dictionary {
	d := &dictionary{Release: r}
	var all [][]string
	for _, m := range r.measures {
		for _, text := range []string{m.label, m.labelFR, strings.ReplaceAll(m.id, "_", " ")} {
			words := tokens(text)
			isStock := m.basis == "point_in_time"
			if isStock {
				words = slices.DeleteFunc(words, isDay)
			}
			if len(words) == 0 {
				continue
			}
			d.labels = append(d.labels, label{m.id, m.kind, words, isStock})
			all = append(all, words)
		}
	}
	for _, line := range lines(coverCSV) {
		for text := range strings.SplitSeq(line[1], "|") {
			d.cover = append(d.cover, label{id: line[0], words: tokens(text)})
		}
	}
	d.lexicon = newLexicon(all)
	return d
}

// languageOf tells a form's language by the small words of its labels.
func languageOf(matches []Match) string {
	count := map[string]int{}
	for _, m := range matches {
		for _, w := range strings.Fields(fold(m.Row + " " + m.Column)) {
			for language, small := range map[string]string{"en": " the of and for to at on by in number quarter ", "fr": " le la les l de des du d et pour a au aux en par nombre trimestre "} {
				if strings.Contains(small, " "+w+" ") {
					count[language]++
				}
			}
		}
	}
	if count["fr"] > count["en"] {
		return "fr"
	}
	return "en"
}

// guess is what some words may mean.
type guess struct {
	id, statistic string
	score, next   float64
	other         string
	words         string
}

// measureOf finds the measure that a text names, by any of its parts, with the headings above it where
// it does not say enough alone.
func (d *dictionary) measureOf(text string, bands []string, isPercent bool) guess {
	best := guess{}
	for _, part := range append(strings.Split(text, " | "), text) {
		if g := d.rank(part, tokens(part), isPercent); g.score > best.score {
			best = g
		}
	}
	if best.score < sure && len(bands) > 0 {
		words := append(tokens(text), tokens(bands[0])...)
		slices.Sort(words)
		if g := d.rank(text+" ("+bands[0]+")", slices.Compact(words), isPercent); 0.97*g.score > best.score {
			g.score *= 0.97
			best = g
		}
	}
	return best
}

func (d *dictionary) rank(text string, all []string, isPercent bool) guess {
	best := guess{words: text}
	statistic, words := statisticOf(all)
	_, saysShare := slices.BinarySearch(words, "share")
	without := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "share" })
	for _, l := range d.labels {
		said := words
		if _, ok := slices.BinarySearch(l.words, "share"); !ok {
			said = without
		}
		if l.isStock {
			said = slices.DeleteFunc(slices.Clone(said), isDay)
		}
		s := d.score(said, l.words)
		switch {
		case statistic != "" && l.kind != "quantile" && l.kind != "wait", statistic == "longest" && l.kind != "wait":
			s *= 0.5
		case l.kind == "share" && !saysShare && !isPercent, l.kind != "share" && (saysShare || isPercent):
			s *= 0.95
		}
		switch {
		case s > best.score:
			if l.id != best.id {
				best.other, best.next = best.id, best.score
			}
			best.id, best.score, best.statistic = l.id, s, statistic
		case l.id != best.id && s > best.next:
			best.other, best.next = l.id, s
		}
	}
	return best
}

// codeOf finds the code of a breakdown or margin that a text names.
func (d *dictionary) codeOf(text string, codes []code) (c code, score float64) {
	for _, part := range append(strings.Split(text, " | "), text) {
		words := tokens(part)
		for _, k := range codes {
			for _, label := range []string{k.label, k.labelFR, k.code} {
				s := 0.0
				if label != "" && same(part, label) {
					s = 1
				} else if label != "" && k.by != "agency" && k.by != "municipality" && k.by != "area" {
					s = 0.98 * d.lexicon.score(words, tokens(label))
				}
				if s > score {
					c, score = k, s
				}
			}
		}
	}
	return c, score
}

// parent is the measure that the rows above name; rows below may be its breakdown.
type parent struct {
	id    string
	score float64
}

// page matches the cells of one sheet, row by row.
func (d *dictionary) page(f *form, p *page, answers map[string]string) []Match {
	var out []Match
	above := parent{}
	for _, s := range p.slots {
		if s.fault != nil || !s.isStyled && (s.row == "" || s.column == "") {
			continue
		}
		m := d.match(s, &above, answers)
		cell, isAlone := f.anchor(s)
		cell.Fill, cell.As = m.Fill, m.As
		m.Cell, m.Sheet = cell, p.name
		switch {
		case m.Fill == "" || m.Confidence < doubtful:
			m.State = "unmatched"
		case m.Confidence < sure:
			m.State = "doubtful"
		case !isAlone:
			m.State, m.Evidence = "doubtful", m.Evidence+"; its labels are found twice, and no label above tells which: give the cell a name in the workbook"
		default:
			m.State = "sure"
		}
		if m.State == "unmatched" && !s.isStyled {
			continue // an empty cell beside a table
		}
		out = append(out, m)
	}
	return out
}

// match proposes what goes into one cell.
func (d *dictionary) match(s *slot, above *parent, answers map[string]string) Match {
	var m Match
	answer, isAnswered := answers[s.sheet+"!"+s.String()]
	if !isAnswered {
		for _, key := range append(strings.Split(s.row, " | "), s.row) {
			for said, a := range answers {
				if !isAnswered && key != "" && same(said, key) {
					answer, isAnswered = a, true
				}
			}
		}
	}
	switch {
	case isAnswered && answer == "-":
		m.Evidence = "left out by an answer"
		return m
	case isAnswered && (strings.Contains(answer, "@") || strings.Contains(answer, " ")):
		m.Fill, m.Confidence, m.Evidence = answer, 1, "answered"
		return m
	}
	h := d.heads(s)
	if h.role == "derived" {
		m.Evidence = fmt.Sprintf("%q is worked out from other cells", s.column)
		return m
	}
	g, by, isCode := d.subject(s, h, above)
	if isAnswered {
		id, statistic, _ := strings.Cut(answer, ".")
		g, by, isCode = guess{id: id, statistic: statistic, score: 1}, code{}, false
	}
	if c, score, text := d.coverOf(s); score >= sure && score > g.score {
		m.Fill, m.Confidence, m.Evidence = c, score, fmt.Sprintf("%q reads as %s", text, c)
		return m
	}
	measure, ok := d.measure(g.id)
	if !ok || g.score < doubtful {
		m.Evidence = "no label of ours comes near"
		if g.id != "" {
			m.Evidence = fmt.Sprintf("nearest is %s (%.2f)", g.id, g.score)
		}
		return m
	}
	if !isCode && !isAnswered {
		*above = parent{g.id, g.score}
	}
	m.Confidence = g.score
	switch {
	case isAnswered:
		m.Evidence = "answered: " + answer
	case isCode:
		m.Evidence = fmt.Sprintf("%q reads as %s (%.2f); %q is its %s", g.words, g.id, g.score, by.label, by.by)
		if g.words == "" {
			m.Evidence = fmt.Sprintf("%q is the %s of the row above, %s (%.2f)", by.label, by.by, g.id, g.score)
		}
	default:
		m.Evidence = fmt.Sprintf("%q reads as %s (%.2f)", g.words, g.id, g.score)
	}
	if g.other != "" && g.next > 0.97*g.score {
		m.Confidence = min(m.Confidence, sure-0.01)
		m.Evidence += fmt.Sprintf("; as near: %s (%.2f)", g.other, g.next)
	}
	d.compose(&m, s, measure, cmp.Or(h.statistic, g.statistic), h, by)
	return m
}

// heads is what the headings of a cell say beside what is counted.
type heads struct {
	period, role, statistic string
	isYTD                   bool
	// rest are the headings that say something else.
	rest []string
}

func (d *dictionary) heads(s *slot) heads {
	h := heads{period: "quarter"}
	isSaid := false
	take := func(text string) bool {
		found := false
		switch p := periodOf(text); {
		case p == "ytd":
			h.isYTD, found = true, true
		case p != "" && !isSaid:
			h.period, isSaid, found = p, p != "quarter", true
		}
		if r := roleOf(text); r != "" {
			h.role, found = r, true
		}
		if statistic, rest := statisticOf(tokens(text)); statistic != "" {
			h.statistic = statistic
			found = found || len(rest) == 0
		}
		return found
	}
	for part := range strings.SplitSeq(s.column, " > ") {
		if part != "" && !take(part) {
			h.rest = append(h.rest, part)
		}
	}
	if !isSaid && !h.isYTD && h.role == "" {
		// The row's own words for a period count where no heading has any; "target" there is part of a name.
		switch p := periodOf(s.row); p {
		case "ytd":
			h.isYTD = true
		case "":
		default:
			h.period = p
		}
	}
	return h
}

// subject says what is counted: a measure by its row, or by its column or heading where the row names
// one of its codes.
func (d *dictionary) subject(s *slot, h heads, above *parent) (g guess, by code, isCode bool) {
	g = d.measureOf(s.row, s.bands, s.isPercent)
	type scope struct {
		guess
		text string
	}
	var scopes []scope
	for _, text := range append(slices.Clone(h.rest), s.bands...) {
		if o := d.measureOf(text, nil, s.isPercent); o.score >= doubtful {
			scopes = append(scopes, scope{o, text})
		}
	}
	if above.id != "" {
		scopes = append(scopes, scope{guess{id: above.id, score: above.score}, ""})
	}
	best := 0.0
	for i, o := range scopes {
		c, score := d.codeOf(s.row, append(slices.Clone(d.codes[o.id]), d.places...))
		// A heading nearer to the cell goes before one further away.
		if total := score * o.score * (1 - 0.001*float64(i)); score >= 0.9 && total > best {
			best = total
			g2 := o.guess
			g2.score = min(o.score, score)
			if g.score < 0.999 || score >= 0.999 {
				g, by, isCode = g2, c, true
			}
		}
	}
	if isCode {
		return g, by, true
	}
	for _, text := range h.rest {
		if c, score := d.codeOf(text, append(slices.Clone(d.codes[g.id]), d.places...)); score >= 0.9 {
			g.score = min(g.score, score)
			return g, c, true
		}
	}
	// Measures as columns, and one line of numbers.
	for _, o := range scopes {
		if o.text != "" && slices.Contains(h.rest, o.text) && o.score > g.score {
			g = o.guess
		}
	}
	return g, code{}, false
}

// coverOf finds the setting or word of a cover that the label beside a cell names.
func (d *dictionary) coverOf(s *slot) (fill string, score float64, text string) {
	for _, part := range strings.Split(s.row, " | ") {
		words := tokens(part)
		for _, l := range d.cover {
			if v := d.lexicon.score(words, l.words); v > score {
				fill, score, text = l.id, v, part
			}
		}
	}
	return fill, score, text
}

// compose writes the fill.
func (d *dictionary) compose(m *Match, s *slot, about measure, statistic string, h heads, by code) {
	if statistic == "" {
		statistic = map[string]string{"share": "share", "ratio": "ratio", "quantile": "median", "wait": "median"}[about.kind]
	}
	fill := about.id
	if statistic != "" {
		fill += "." + statistic
	}
	fill += "@" + h.period
	switch {
	case h.role != "":
		fill = h.role + " " + fill
	case h.isYTD && about.basis == "point_in_time":
		m.Confidence = 0
		m.Evidence += "; it is counted on one day and has no year to date"
		return
	case h.isYTD:
		fill += "/ytd"
	}
	if by.code != "" && h.role == "" {
		fill += "/" + by.by + "=" + by.code
	}
	said := h.period
	if h.isYTD {
		said = strings.TrimPrefix(said+", year to date", "quarter, ")
	}
	if s.column != "" {
		m.Evidence += fmt.Sprintf("; %q is %s", s.column, strings.TrimSpace(strings.TrimSuffix(h.role, "derived")+" "+said))
	}
	m.Fill = fill
	if statistic == "share" && !s.isPercent && !strings.HasPrefix(h.role, "note") {
		m.As = "percent"
	}
}
