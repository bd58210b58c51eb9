package land

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tributary"
)

// The rules of the gate, by the names that tributary.Stripped uses (DESIGN.md section 8).
const (
	ruleSchool = "school_number"
	ruleHealth = "health_number"
	ruleText   = "free_text"
)

// schoolWords, healthWords and textWords are headings as words, without accents and in lower case.
// A rule matches where its words stand in a heading one after the other.
var (
	schoolWords = []string{
		"oen", "oens", "oen no", "oenno", "oennum", "oennumber", "ontario education number", "ontario education no",
		"ontario education num", "ontario education nbr", "ontario education id", "education number", "education no",
		"ontarioeducationnumber", "educationnumber", "niso", "immatriculation scolaire",
		"numero d immatriculation de l eleve", "ontario student number", "provincial student number",
	}
	healthWords = []string{
		"hcn", "hcno", "hcnum", "ohip", "ohipno", "ohipnumber", "hin", "health card", "healthcard", "healthcardnumber",
		"healthcardno", "health number", "health no", "health num", "health nbr", "healthnumber", "healthno", "health id",
		"health insurance", "hc number", "hc no", "hc num", "carte sante", "carte de sante", "numero de sante",
		"numero sante", "no sante", "no de sante", "n sante", "n de sante", "num sante", "assurance maladie", "assurance sante", "nam", "ramo",
	}
	textWords = []string{
		"note", "notes", "casenote", "casenotes", "progressnotes", "comment", "comments", "commentary", "remark", "remarks",
		"observation", "observations", "narrative", "narratives", "free text", "freetext", "memo", "memos",
		"case summary", "clinical summary", "anecdotal", "additional information", "additional info", "additional details", "other details",
		"commentaire", "commentaires", "remarque", "remarques", "texte libre", "renseignements supplementaires",
		"informations supplementaires", "precisions", "journal", "compte rendu", "resume du dossier",
	}
	// aboutFirst and aboutLast make a heading about notes, not of notes: note date, has notes.
	aboutFirst = []string{"date of", "date de", "date du", "date des", "number of", "nombre de", "has", "is", "count of"}
	aboutLast  = []string{"date", "dates", "on", "at", "count", "type", "by", "par", "author", "auteur"}
)

// headingWords folds a heading into words: accents, case, punctuation and camel case are no
// difference.
func headingWords(heading string) []string {
	var b strings.Builder
	prev := rune(0)
	for _, r := range heading {
		if unicode.IsUpper(r) && unicode.IsLower(prev) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		prev = r
	}
	folded, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn))), b.String())
	if err != nil {
		folded = b.String()
	}
	return strings.FieldsFunc(strings.ToLower(folded), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// headingLimit is the longest text that is taken for a heading, in characters.
const headingLimit = 80

// forbidden returns the rule that a heading falls under, or "".
func forbidden(heading string) string {
	if heading == "" || len(heading) > 4*headingLimit {
		return ""
	}
	words := headingWords(heading)
	switch {
	case hasWords(words, schoolWords):
		return ruleSchool
	case hasWords(words, healthWords):
		return ruleHealth
	case hasWords(words, textWords) && !isAbout(words):
		return ruleText
	}
	return ""
}

func hasWords(words, phrases []string) bool {
	text := " " + strings.Join(words, " ") + " "
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, " "+p+" ") })
}

func isAbout(words []string) bool {
	text := strings.Join(words, " ")
	return slices.Contains(aboutLast, words[len(words)-1]) ||
		slices.ContainsFunc(aboutFirst, func(p string) bool { return strings.HasPrefix(text, p+" ") })
}

// gate decides for one sheet which columns may not be held, and watches the others.
type gate struct {
	hint  tributary.Hint
	sheet string
	// headings has the heading of each column as the provider wrote it, two-row headings joined.
	headings []string
	// isDoubtful says that the headings may be a record's values: no finding names them.
	isDoubtful bool
	// last is the last heading row; above it nothing is a fault.
	last int64
	// keep has the heading cells that stay above a stripped column, lastKept the last of their rows.
	keep     map[place]bool
	lastKept int64
	strip    []bool
	first    int
	stripped []tributary.Stripped
	watch    []watch
}

// place is a cell of a sheet: record number and column from 0.
type place struct {
	row    int64
	column int
}

// newGate takes the first records of a sheet. Where the format names its columns, headings does and
// early is nil. The rows that the agency's file states are looked at, and those that look like
// headings too: a title more or less must not open the gate.
func newGate(hint tributary.Hint, sheet string, headings []string, early [][]string) *gate {
	g := &gate{hint: hint, sheet: sheet, keep: map[place]bool{}, first: -1}
	if headings != nil {
		g.named(headings)
		return g
	}
	stated, found := statedRows(hint, sheet), foundRows(early)
	names := stated
	if len(names) == 0 {
		names = found
	}
	for _, r := range names {
		g.last = max(g.last, int64(r))
		for i, cell := range cellsOf(early, r) {
			g.widen(i + 1)
			if g.headings[i] != "" && cell != "" {
				g.headings[i] += headingJoin
			}
			g.headings[i] += cell
			g.isDoubtful = g.isDoubtful || isValue(cell)
		}
	}
	g.judgeRows(stated, early)
	g.judgeRows(found, early)
	return g
}

// cellsOf returns the trimmed cells of a row counted from 1.
func cellsOf(early [][]string, row int) []string {
	if row < 1 || row > len(early) {
		return nil
	}
	cells := make([]string, len(early[row-1]))
	for i, c := range early[row-1] {
		cells[i] = strings.TrimSpace(c)
	}
	return cells
}

// judgeRows judges each column by its cells in the heading rows, and by all of them together.
func (g *gate) judgeRows(rows []int, early [][]string) {
	var joined []string
	for _, r := range rows {
		for i, cell := range cellsOf(early, r) {
			g.widen(i + 1)
			for len(joined) <= i {
				joined = append(joined, "")
			}
			joined[i] += " " + cell
			if g.judge(i, cell) {
				g.keepHeading(rows, i)
			}
		}
	}
	for i, heading := range joined {
		if g.judge(i, heading) {
			g.keepHeading(rows, i)
		}
	}
}

// lateHeading looks at a row below the headings: where another table begins in the same sheet, its
// school and health numbers go too.
func (g *gate) lateHeading(number int64, cells []*string) {
	row := make([]string, len(cells))
	isLikely := false
	for i, c := range cells {
		if c != nil {
			row[i] = strings.TrimSpace(*c)
			isLikely = isLikely || len(row[i]) <= headingLimit && namesNumber(row[i])
		}
	}
	if !isLikely || !isHeadingLike(row) {
		return
	}
	for i, cell := range row {
		if rule := forbidden(cell); rule == ruleSchool || rule == ruleHealth {
			g.widen(i + 1)
			if g.judge(i, cell) {
				g.keepHeading([]int{int(number)}, i)
			}
		}
	}
}

// namesNumber is a quick look whether text could be the heading of a number that may not be held.
func namesNumber(v string) bool {
	v = strings.ToLower(v)
	for _, part := range []string{"oen", "niso", "hcn", "ohip", "education", "health", "sant", "scolaire"} {
		if strings.Contains(v, part) {
			return true
		}
	}
	return false
}

func (g *gate) keepHeading(rows []int, i int) {
	for _, r := range rows {
		g.keep[place{int64(r), i}] = true
		g.lastKept = max(g.lastKept, int64(r))
	}
}

// named sets the headings of a format that has them, and of those that appear later.
func (g *gate) named(headings []string) {
	for i := len(g.headings); i < len(headings); i++ {
		g.widen(i + 1)
		g.headings[i] = headings[i]
		g.judge(i, headings[i])
		if !g.strip[i] && g.sheet != "" {
			// Every column of an array called notes is part of a note.
			g.judge(i, g.sheet+" "+headings[i])
		}
	}
}

func (g *gate) widen(columns int) {
	for len(g.headings) < columns {
		g.headings = append(g.headings, "")
		g.strip = append(g.strip, false)
		g.watch = append(g.watch, watch{})
	}
}

// judge strips column i where the heading is forbidden, and says whether it is.
func (g *gate) judge(i int, heading string) bool {
	rule := forbidden(heading)
	if rule == "" || rule == ruleHealth && g.hint.KeepHealthNumber || rule == ruleText && g.kept(i) {
		return false
	}
	if g.strip[i] {
		return true
	}
	g.strip[i] = true
	if g.first < 0 || i < g.first {
		g.first = i
	}
	if g.headings[i] == "" {
		g.headings[i] = strings.TrimSpace(heading)
	}
	g.stripped = append(g.stripped, tributary.Stripped{Sheet: g.sheet, Column: i + 1, Heading: g.headings[i], Rule: rule})
	return true
}

// kept says whether the agency's file keeps this column of text, by stated authority. A heading over
// two rows may be named by either.
func (g *gate) kept(i int) bool {
	have := []string{strings.Join(headingWords(g.headings[i]), " ")}
	for part := range strings.SplitSeq(g.headings[i], headingJoin) {
		have = append(have, strings.Join(headingWords(part), " "))
	}
	return slices.ContainsFunc(g.hint.KeepFreeText, func(keep string) bool {
		return slices.Contains(have, strings.Join(headingWords(keep), " "))
	})
}

// strips says whether the value of column i in this record must go.
func (g *gate) strips(row int64, i int) bool {
	return i < len(g.strip) && g.strip[i] && (row > g.lastKept || !g.keep[place{row, i}])
}

// spills says whether a record with the wrong number of fields may hold a stripped value in
// column i: what stood in a stripped column may have moved by one, and everything after it; a field
// over several lines may have swallowed other records.
func (g *gate) spills(i int, v string) bool {
	return g.first >= 0 && (i >= g.first-1 || looksForbidden(v) || strings.Contains(v, "\n"))
}

func looksForbidden(v string) bool {
	return digits(v) >= 9 && isNineDigits(v) || isHealthNumber(v) || isLongText(v)
}

// isValue says that a cell holds a date or a number with four digits or more, as no heading does.
func isValue(cell string) bool {
	return digits(cell) >= 4 && strings.Trim(cell, "0123456789-/.: ") == ""
}

// heading returns the provider's own heading of column i.
func (g *gate) heading(i int) string {
	if i < len(g.headings) && g.headings[i] != "" && !g.isDoubtful {
		return g.headings[i]
	}
	return "column " + columnLetters(i)
}

// columnLetters names a column as a spreadsheet does: A, B, ... AA.
func columnLetters(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// headingJoin stands between the parts of a heading over two rows.
const headingJoin = " / "

// statedRows returns the heading rows that the agency's file names.
func statedRows(hint tributary.Hint, sheet string) []int {
	if rows, ok := hint.HeadingRows[sheet]; ok {
		return rows
	}
	return hint.HeadingRows[""]
}

// foundRows returns the row with the most text cells among the first, with its neighbours where a
// heading stands over two rows.
func foundRows(early [][]string) []int {
	early = early[:min(len(early), earlyRows)]
	most := 0
	for _, row := range early {
		most = max(most, textCells(row))
	}
	if most == 0 {
		return nil
	}
	// Rows of text below a heading may hold a cell more than it does; none stands above it.
	best := slices.IndexFunc(early, func(row []string) bool { return textCells(row)*10 >= most*6 })
	rows := []int{best + 1}
	if best > 0 && isHeadingLike(early[best-1]) {
		rows = []int{best, best + 1}
	}
	if best+1 < len(early) && isHeadingLike(early[best+1]) {
		rows = append(rows, best+2)
	}
	return rows
}

// textCells counts cells that could be headings; a row that holds values is worth less than its
// count, since headings are short, without digits and all different.
func textCells(row []string) int {
	n, seen := 0, map[string]bool{}
	for _, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" || seen[cell] {
			continue
		}
		seen[cell] = true
		switch {
		case len(cell) > headingLimit || digits(cell) > 2 && !isNumber(cell):
		case forbidden(cell) != "":
			n += 4
		case isNumber(cell):
			n -= 2
		case digits(cell) > 0:
			n++
		default:
			n += 2
		}
	}
	return n
}

// isHeadingLike says whether a neighbour of the heading row is part of the heading: at least two
// short texts, none with digits.
func isHeadingLike(row []string) bool {
	n := 0
	for _, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if len(cell) > headingLimit/2 || digits(cell) > 0 {
			return false
		}
		n++
	}
	return n >= 2
}

func isNumber(v string) bool { return v != "" && strings.Trim(v, "0123456789.,-") == "" }

func digits(v string) int {
	n := 0
	for i := 0; i < len(v); i++ {
		if v[i] >= '0' && v[i] <= '9' {
			n++
		}
	}
	return n
}
