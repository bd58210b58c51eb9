package mapping

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tributary"
)

// namePattern recognises file names: {fy} is 2025-26, {q} is Q1, {ym} is 2025-04, * is anything.
type namePattern struct {
	re *regexp.Regexp
}

var patternWord = regexp.MustCompile(`\{[^}]*\}|\*`)

func compilePattern(name string) (*namePattern, error) {
	name = norm.NFC.String(name)
	var out strings.Builder
	last := 0
	var bad string
	for _, at := range patternWord.FindAllStringIndex(name, -1) {
		out.WriteString(regexp.QuoteMeta(name[last:at[0]]))
		switch word := name[at[0]:at[1]]; word {
		case "{fy}":
			out.WriteString(`(?P<fy>\d{4}-\d{2})`)
		case "{q}":
			out.WriteString(`Q(?P<q>[1-4])`)
		case "{ym}":
			out.WriteString(`(?P<ym>\d{4}-(?:0[1-9]|1[0-2]))`)
		case "*":
			out.WriteString(`.*`)
		default:
			bad = word
		}
		last = at[1]
	}
	out.WriteString(regexp.QuoteMeta(name[last:]))
	if bad != "" {
		return nil, fmt.Errorf("name %q: %s is not known", name, bad)
	}
	re, err := regexp.Compile(`(?i)^(?:` + out.String() + `)$`)
	if err != nil {
		return nil, fmt.Errorf("name %q: %w", name, err)
	}
	return &namePattern{re}, nil
}

// match reports whether a file is meant, the month that its name speaks for (zero: none), and the
// quarter that its name claims (zero: none).
func (p *namePattern) match(name string, of tributary.Quarter) (ok bool, month time.Time, claims tributary.Quarter) {
	// A name from a Mac has its accents apart.
	m := p.re.FindStringSubmatch(norm.NFC.String(name))
	if m == nil {
		return false, month, claims
	}
	group := func(word string) string {
		for i, n := range p.re.SubexpNames() {
			if n == word && m[i] != "" {
				return m[i]
			}
		}
		return ""
	}
	if ym := group("ym"); ym != "" {
		first, err := time.Parse("2006-01", ym)
		if err == nil {
			return true, first, tributary.QuarterOf(first)
		}
	}
	fy, q := group("fy"), group("q")
	if fy == "" {
		fy = of.FiscalYear()
	}
	if q == "" {
		q = strconv.Itoa(of.Number())
	}
	claims, err := tributary.ParseQuarter(fy + "Q" + q)
	if err != nil {
		claims = tributary.Quarter{}
	}
	return true, month, claims
}

// globPattern is the form that a hint takes (path.Match).
func globPattern(name string) string {
	digits := func(n int) string { return strings.Repeat("[0-9]", n) }
	var out strings.Builder
	last := 0
	for _, at := range patternWord.FindAllStringIndex(name, -1) {
		out.WriteString(globQuote(name[last:at[0]]))
		switch name[at[0]:at[1]] {
		case "{fy}":
			out.WriteString(digits(4) + "-" + digits(2))
		case "{q}":
			out.WriteString("Q[1-4]")
		case "{ym}":
			out.WriteString(digits(4) + "-" + digits(2))
		default:
			out.WriteString("*")
		}
		last = at[1]
	}
	return out.String() + globQuote(name[last:])
}

func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `?`, `\?`).Replace(s)
}
