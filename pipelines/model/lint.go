package model

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"tributary"
)

// barred words hide what a model reads, or make its result shake (style.md B9.4).
var barred = map[string]string{
	"pivot": "wide shape belongs to the reports", "unpivot": "write a union of selects",
	"read_csv": "only land reads files", "read_csv_auto": "only land reads files", "read_parquet": "only land reads files",
	"parquet_scan": "only land reads files", "read_json": "only land reads files", "read_json_auto": "only land reads files",
	"read_text": "only land reads files", "read_blob": "only land reads files", "glob": "only land reads files",
	"sniff_csv": "only land reads files", "getvariable": "put the value into stage.setting",
	"now": "take the day from core.quarter", "today": "take the day from core.quarter",
	"current_date": "take the day from core.quarter", "current_timestamp": "take the day from core.quarter",
	"current_time": "take the day from core.quarter", "get_current_timestamp": "take the day from core.quarter",
	"random": "make keys from content with md5", "uuid": "make keys from content with md5",
	"gen_random_uuid": "make keys from content with md5", "setseed": "make keys from content with md5",
	"sample": "take all rows", "tablesample": "take all rows", "limit": "number the rows in a total order and keep the first",
	"natural": "write the columns of the join", "rowid": "make keys from content with md5",
}

type token struct {
	text  string
	line  int
	depth int
}

// lint refuses barred words, a final select *, and or in a join.
func lint(file, text string) error {
	tokens := tokenize(text)
	var faults []error
	fault := func(t token, fix, format string, args ...any) {
		err := fmt.Errorf("%s:%d: %s", file, t.line, fmt.Sprintf(format, args...))
		faults = append(faults, tributary.Fix(err, fix))
	}
	last := -1
	for i, t := range tokens {
		if fix, bad := barred[t.text]; bad && !isColumn(tokens, i) {
			fault(t, fix, "%s is barred in a model", t.text)
		}
		switch t.text {
		case ";":
			fault(t, "leave the semicolon out; one file is one SELECT", "a semicolon")
		case "select":
			if t.depth == 0 {
				last = i
			}
		case "on":
			if or, bad := orInJoin(tokens, i); bad {
				fault(or, "write a union of two joins", "or in a join")
			}
		}
	}
	if last >= 0 && starInList(tokens[last+1:]) {
		fault(tokens[last], "list the columns one per line", "select * in the final list")
	}
	return errors.Join(faults...)
}

// isColumn tells a column that bears a barred word after its table's name from the word itself.
func isColumn(tokens []token, i int) bool {
	return i > 0 && tokens[i-1].text == "."
}

// orInJoin looks from an on to the end of its condition.
func orInJoin(tokens []token, on int) (token, bool) {
	if on > 0 && tokens[on-1].text == "distinct" {
		return token{}, false // distinct on (...) is no join
	}
	depth := tokens[on].depth
	for _, t := range tokens[on+1:] {
		if t.depth < depth {
			break
		}
		if t.depth == depth {
			switch t.text {
			case "join", "left", "right", "full", "inner", "cross", "asof", "semi", "anti", "where", "group", "order",
				"having", "qualify", "window", "union", "except", "intersect", "select", "on":
				return token{}, false
			}
		}
		if t.text == "or" {
			return t, true
		}
	}
	return token{}, false
}

// starInList looks for * or x.* in a select list that follows.
func starInList(tokens []token) bool {
	for i, t := range tokens {
		if t.depth == 0 && t.text == "from" {
			return false
		}
		if t.depth != 0 || t.text != "*" {
			continue
		}
		before := "select"
		if i > 0 {
			before = tokens[i-1].text
		}
		if before == "select" || before == "," || before == "." || before == "distinct" {
			return true
		}
	}
	return false
}

// tokenize splits SQL into lower-case words and single signs; comments and texts are left out.
func tokenize(text string) []token {
	var out []token
	line, depth := 1, 0
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case r == '\n':
			line++
		case r == '-' && next == '-':
			for i+1 < len(runes) && runes[i+1] != '\n' {
				i++
			}
		case r == '/' && next == '*':
			for i += 2; i < len(runes) && !(runes[i-1] == '*' && runes[i] == '/'); i++ {
				if runes[i] == '\n' {
					line++
				}
			}
		case r == '\'' || r == '"':
			for i++; i < len(runes) && runes[i] != r; i++ {
				if runes[i] == '\n' {
					line++
				}
			}
		case unicode.IsLetter(r) || r == '_':
			from := i
			for i+1 < len(runes) && (unicode.IsLetter(runes[i+1]) || unicode.IsDigit(runes[i+1]) || runes[i+1] == '_') {
				i++
			}
			out = append(out, token{strings.ToLower(string(runes[from : i+1])), line, depth})
		case unicode.IsSpace(r) || unicode.IsDigit(r):
		case r == ')':
			depth--
			out = append(out, token{")", line, depth})
		default:
			out = append(out, token{string(r), line, depth})
			if r == '(' {
				depth++
			}
		}
	}
	return out
}
