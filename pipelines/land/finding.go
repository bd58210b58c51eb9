package land

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"tributary"
)

// findingsPerCheck bounds what one file can say of one kind, so that a file that is wrong in every
// cell does not drown the others; the rest is counted.
const findingsPerCheck = 1000

// longCell is the most characters a spreadsheet cell can hold.
const longCell = 32767

// findings collects what reading a file finds, in the order of reading.
type findings struct {
	list  []tributary.Finding
	count map[string]int
}

func (f *findings) add(check string, severity tributary.Severity, sheet string, row int64, column, detail string) {
	if f.count == nil {
		f.count = map[string]int{}
	}
	f.count[check]++
	if f.count[check] > findingsPerCheck {
		return
	}
	f.list = append(f.list, tributary.Finding{Check: check, Severity: severity,
		Address: tributary.Address{Sheet: sheet, Row: row}, Column: column, Detail: detail})
}

// result returns the findings with one more for each check that found too much.
func (f *findings) result() []tributary.Finding {
	list := slices.Clone(f.list)
	var over []string
	for check, n := range f.count {
		if n > findingsPerCheck {
			over = append(over, check)
		}
	}
	slices.Sort(over)
	for _, check := range over {
		i := slices.IndexFunc(list, func(g tributary.Finding) bool { return g.Check == check })
		list = append(list, tributary.Finding{Check: check, Severity: list[i].Severity,
			Detail: fmt.Sprintf("and %d more", f.count[check]-findingsPerCheck)})
	}
	return list
}

func (f *findings) blocks() bool {
	return slices.ContainsFunc(f.list, func(g tributary.Finding) bool { return g.Severity == tributary.Blocks })
}

// mark is what stands out in one cell.
type mark uint8

const (
	markControl mark = 1 << iota
	markUnusual
	markFormula
	markLong
	markNotUTF8
	markTwice
)

// firstUnusual is the least lead byte of UTF-8 that a mark of isUnusual can have.
const firstUnusual = 0xe2

// twiceLow and twiceHigh end the UTF-8 of the letters that text encoded twice has for C2 and C3.
const (
	twiceLow  = 0x82
	twiceHigh = 0x83
)

// inspect looks at one value. Line breaks and tabs inside a cell are ordinary.
func inspect(v string) mark {
	if v == "" {
		return 0
	}
	var (
		m    mark
		high bool
	)
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c < 0x20 && c != '\n' && c != '\r' && c != '\t', c == 0x7f:
			m |= markControl
		case c >= firstUnusual, c == twiceLow, c == twiceHigh:
			high = true
		}
	}
	if high {
		m |= inspectHigh(v)
	}
	return m | inspectForm(v)
}

// inspectForm is the part of inspect that needs no look at every byte.
func inspectForm(v string) mark {
	var m mark
	switch v[0] {
	case '=', '+', '@', '-':
		if isFormula(v) {
			m |= markFormula
		}
	}
	if len(v) > longCell && utf8.RuneCountInString(v) > longCell {
		m |= markLong
	}
	return m
}

// isFormula says whether a spreadsheet would run the text: not for negative numbers, telephone
// numbers and dashes that stand for nothing.
func isFormula(v string) bool {
	rest := strings.TrimSpace(v[1:])
	if rest == "" {
		return false
	}
	if v[0] == '=' || v[0] == '@' {
		return true
	}
	return strings.Trim(rest, "0123456789 .,-()+%$/") != "" && !(v[0] == '-' && v[1] == ' ')
}

// inspectHigh is the look that only values with certain bytes need.
func inspectHigh(v string) mark {
	var m mark
	if isUnusual(v) {
		m |= markUnusual
	}
	if isTwiceEncoded(v) {
		m |= markTwice
	}
	return m
}

// isTwiceEncoded looks for what UTF-8 becomes when it is taken for Latin-1 or Windows-1252 and
// encoded again: a letter of C2 or C3 before a character of the range 80 to BF, which no text has in
// the middle of a word.
func isTwiceEncoded(v string) bool {
	if strings.Contains(v, "\u00e2\u20ac") {
		return true
	}
	for _, lead := range []string{"\u00c3", "\u00c2"} {
		for rest := v; ; {
			_, after, ok := strings.Cut(rest, lead)
			if !ok {
				break
			}
			if r, _ := utf8.DecodeRuneInString(after); r >= 0x80 && r <= 0xbf || r > 0xff && isWindowsHigh(r) {
				return true
			}
			rest = after
		}
	}
	return false
}

// isWindowsHigh says whether Windows-1252 has the character in its range 80 to 9F.
func isWindowsHigh(r rune) bool {
	c, ok := charmap.Windows1252.EncodeRune(r)
	return ok && c >= 0x80 && c <= 0x9f
}

// isUnusual looks for marks that turn the direction of text, and emoji.
func isUnusual(v string) bool {
	for _, r := range v {
		switch {
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return true
		case r >= 0x1f000 && r <= 0x1faff, r >= 0x2600 && r <= 0x27bf, r == 0xfe0f:
			return true
		}
	}
	return false
}

// cell adds the findings of one marked cell.
func (f *findings) cell(m mark, sheet string, row int64, column string) {
	if m&markControl != 0 {
		f.add("control_characters", tributary.PleaseConfirm, sheet, row, column, "holds control characters; kept as they came")
	}
	if m&markUnusual != 0 {
		f.add("unusual_text", tributary.Note, sheet, row, column, "holds marks that turn the direction of text, or emoji; kept as they came")
	}
	if m&markTwice != 0 {
		f.add("unusual_text", tributary.Note, sheet, row, column, "reads like text that was encoded twice; kept as it came")
	}
	if m&markNotUTF8 != 0 {
		f.add("unusual_text", tributary.Note, sheet, row, column, "holds bytes that are not UTF-8; read as Windows-1252")
	}
	if m&markFormula != 0 {
		f.add("formula_text", tributary.Note, sheet, row, column, "begins like a formula; kept as text")
	}
	if m&markLong != 0 {
		f.add("long_cell", tributary.Note, sheet, row, column, fmt.Sprintf("is longer than %d characters", longCell))
	}
}
