package land

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tributary"
)

const (
	// watchAtLeast is how many values it takes to call a column by its values.
	watchAtLeast = 20
	// watchShare is the share of values, in hundredths, that must have the form.
	watchShare = 90
	// longText and longTextWords are where text begins to look like a note (DESIGN.md section 8).
	longText      = 40
	longTextWords = 5
	// watchMemory bounds the distinct values remembered per column.
	watchMemory = 4096
	// watchRows is how many rows of a row group after the first are looked at.
	watchRows = 1000
)

// watch counts what the values of one column look like.
type watch struct {
	values, nine, health, long int
	// steps counts nine-digit values that follow the one before closely: local numbers are handed
	// out in order, school numbers are not.
	steps int
	prev  int64
	seen  map[int64]struct{}
}

func (w *watch) see(v []byte) {
	if len(v) == 0 {
		return
	}
	w.values++
	if len(v) < 9 || len(v) > 16 {
		if len(v) > longText && isLongText(string(v)) {
			w.long++
		}
		return
	}
	number, n := int64(0), 0
	for _, c := range v {
		if c >= '0' && c <= '9' {
			number = number*10 + int64(c-'0')
			n++
		} else if c >= 0x80 {
			return
		}
	}
	switch {
	case n == 9 && isNineDigits(string(v)):
		w.nine++
		if d := number - w.prev; d >= 0 && d < 1000 {
			w.steps++
		}
		w.prev = number
		if w.seen == nil {
			w.seen = map[int64]struct{}{}
		}
		if len(w.seen) < watchMemory {
			w.seen[number] = struct{}{}
		}
	case n == 10 && isHealthNumber(string(v)):
		w.health++
	}
}

// verdict says what the column is by its values, or "".
func (w *watch) verdict(heading string) (rule, detail string) {
	if w.values < watchAtLeast {
		return "", ""
	}
	isShare := func(n int) bool { return n*100 >= w.values*watchShare }
	switch {
	case isShare(w.nine) && w.steps*2 < w.nine && len(w.seen)*2 > min(w.nine, watchMemory) && !isTelephone(heading):
		return ruleSchool, "its values look like school numbers (9 digits)"
	case isShare(w.health):
		return ruleHealth, "its values look like health numbers (10 digits with a valid check digit)"
	case w.long*2 > w.values && !isAddress(heading):
		return ruleText, fmt.Sprintf("its values look like notes (most are over %d characters and %d words)", longText, longTextWords)
	}
	return "", ""
}

// isTelephone keeps telephone columns out of the look at nine digits.
func isTelephone(heading string) bool {
	return hasWords(headingWords(heading), []string{"phone", "telephone", "tel", "cell", "cellulaire", "mobile", "fax", "telecopieur"})
}

// isAddress keeps columns of whole addresses out of the look at long text.
func isAddress(heading string) bool {
	return hasWords(headingWords(heading), []string{"address", "addresses", "addr", "adresse", "street", "rue", "domicile"})
}

func isNineDigits(v string) bool {
	n := 0
	for _, r := range strings.TrimSpace(v) {
		switch {
		case r >= '0' && r <= '9':
			n++
		case r != ' ' && r != '-':
			return false
		}
	}
	return n == 9
}

// isHealthNumber: ten digits with a Luhn check digit, perhaps grouped, perhaps with a version code
// of one or two letters.
func isHealthNumber(v string) bool {
	var d [10]int
	n := 0
	letters := 0
	for _, r := range strings.TrimSpace(v) {
		switch {
		case r >= '0' && r <= '9':
			if n == 10 || letters > 0 {
				return false
			}
			d[n] = int(r - '0')
			n++
		case n == 10 && (r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') && letters < 2:
			letters++
		case r != ' ' && r != '-':
			return false
		}
	}
	if n != 10 {
		return false
	}
	sum := 0
	for i, x := range d {
		if i%2 == 0 {
			x *= 2
			if x > 9 {
				x -= 9
			}
		}
		sum += x
	}
	return sum%10 == 0
}

// contactWords is the most words of a line that tells how to reach somebody.
const contactWords = 12

// isLongText says whether a value reads like a note. A short line with a telephone number or an
// e-mail address in it is how people write down contacts.
func isLongText(v string) bool {
	if len(v) <= longText || utf8.RuneCountInString(v) <= longText {
		return false
	}
	words := len(strings.Fields(v))
	isContact := words <= contactWords && (strings.IndexByte(v, '@') >= 0 || digits(v) >= 7)
	return words > longTextWords && !isContact
}

// watchBatch looks at the values of one batch; of later batches at the first rows.
func (g *gate) watchBatch(b *batch, first bool) {
	g.widen(len(b.shown))
	for i := range b.shown {
		if g.strip[i] {
			continue
		}
		values := b.shown[i].values
		if !first && len(values) > watchRows {
			values = values[:watchRows]
		}
		for _, v := range values {
			g.watch[i].see(v)
		}
	}
}

// report adds what the gate removed and what it asks about.
func (g *gate) report(f *findings) {
	for _, s := range g.stripped {
		f.add("column_stripped", tributary.Note, g.sheet, 0, g.heading(s.Column-1), strings.ReplaceAll(s.Rule, "_", " "))
	}
	for i := range g.watch {
		if g.strip[i] {
			continue
		}
		rule, detail := g.watch[i].verdict(g.heading(i))
		if rule == "" || rule == ruleHealth && g.hint.KeepHealthNumber || rule == ruleText && g.kept(i) {
			continue
		}
		f.add("column_held", tributary.Blocks, g.sheet, 0, g.heading(i), detail)
	}
}
