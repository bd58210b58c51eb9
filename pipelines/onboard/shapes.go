package onboard

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Shapes of values. Each takes one trimmed value; what they decide is shown as a share of a column.
var (
	postalShape = regexp.MustCompile(`(?i)^[a-z]\d[a-z](?:[ -]?\d[a-z]\d)?$`)
	emailShape  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	phoneShape  = regexp.MustCompile(`^[+(]?[\d][\d ().+-]{5,}(?: ?(?:x|ext\.?|poste) ?\d+)?$`)
	wordShape   = regexp.MustCompile(`^\p{L}[\p{L}\p{Mn}' .’-]*$`)
	idShape     = regexp.MustCompile(`^[\p{L}\d][\p{L}\d_./#-]{0,23}$`)
	streetShape = regexp.MustCompile(`(?i)\d.*\p{L}{2}|\p{L}{2}.*\d|^(?:rr|po box|cp|general delivery)\b`)
	schoolShape = regexp.MustCompile(`(?i)\b(?:school|[eé]cole|ps|ss|public|catholic|elementary|secondary|academy|college|collegiate|garderie|high|kindergarten)\b`)
	ageShape    = regexp.MustCompile(`(?i)^(?:aged?|âgée?)?:? *~?\d{1,2}(?:\.5)? *(?:y|yrs?|y/o|yo|years?|ans?|mois|mos?|months?)?\.?(?: old)?$`)
	isoShape    = regexp.MustCompile(`^((?:18|19|20)\d\d)[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ].*)?$`)
	packedShape = regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)$`)
	slashShape  = regexp.MustCompile(`^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: .*)?$`)
	namedShape  = regexp.MustCompile(`(?i)^(?:\d{1,2}(?:st|nd|rd|th|er|e)?[ ./-]*(?:de )?(jan|f[eé]v|feb|mar|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]|aug|sep|oct|nov|d[eé]c)\p{L}*|(jan|f[eé]v|feb|mar|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]|aug|sep|oct|nov|d[eé]c)\p{L}*\.?[ -]*\d{1,2}(?:st|nd|rd|th)?)[ ,./'-]+(\d{4}|\d{2})(?: .*)?$`)
	serialShape = regexp.MustCompile(`^[1-6]\d{4}(?:\.\d+)?$`)
	numberShape = regexp.MustCompile(`^-?[\d ]+(?:[.,]\d+)?$`)
	blobShape   = regexp.MustCompile(`\p{L}.*\d{3}.*\d{4}|\d{3}-\d{4}`)
)

// orders counts what a column's dates say of their order: a first number beyond twelve can only be a
// day, as can a second one.
type orders struct{ First, Second, Either int }

func (o orders) add(p orders) orders {
	return orders{o.First + p.First, o.Second + p.Second, o.Either + p.Either}
}

// readDate gives the year of a date in any of the forms that exports use; 0 is none.
func readDate(v string) (year int, order orders) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := isoShape.FindStringSubmatch(v); m != nil && number(m[2]) <= 12 && number(m[3]) <= 31 {
		return number(m[1]), order
	}
	if m := packedShape.FindStringSubmatch(v); m != nil && number(m[2]) <= 12 && number(m[3]) <= 31 {
		return number(m[1]), order
	}
	if m := slashShape.FindStringSubmatch(v); m != nil {
		one, two := number(m[1]), number(m[2])
		switch {
		case one > 31 || two > 31 || one > 12 && two > 12 || one == 0 || two == 0:
			return 0, order
		case one > 12:
			order.First = 1
		case two > 12:
			order.Second = 1
		default:
			order.Either = 1
		}
		return fullYear(number(m[3])), order
	}
	if m := namedShape.FindStringSubmatch(v); m != nil {
		return fullYear(number(m[3])), order
	}
	if serialShape.MatchString(v) {
		days, _ := strconv.ParseFloat(v, 64)
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)).Year(), order
	}
	return 0, order
}

func fullYear(n int) int {
	switch {
	case n >= 100:
		return n
	case n < 50:
		return 2000 + n
	}
	return 1900 + n
}

func isFlag(v string) bool {
	switch strings.ToLower(v) {
	case "yes", "y", "oui", "o", "true", "vrai", "1", "x", "no", "n", "non", "false", "faux", "0":
		return true
	}
	return false
}

func isPhone(v string) bool {
	n := 0
	for _, r := range v {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return phoneShape.MatchString(v) && n >= 7 && n <= 15
}

// isFull says that a value may be a whole name: two words or more, or a comma between them.
func isFull(v string) bool {
	return len(v) <= 60 && len(strings.Fields(v)) >= 2 && wordShape.MatchString(strings.ReplaceAll(v, ",", " "))
}

// placeKey is how spellings of a municipality are compared, much as stage does it.
var placeTrim = regexp.MustCompile(`^(?:(?:the )?(?:corporation|town|city|township|village|municipality|county|ville|canton|municipalite|comte) (?:of|de|d|des|du) )+|(?: (?:township|twp|tp|town|city|ontario|ont|on|canada))+$`)

func placeKey(v string) string {
	return placeTrim.ReplaceAllString(strings.Join(strings.FieldsFunc(plain(v), func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' }), " "), "")
}
