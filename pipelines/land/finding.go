package land

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

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
)

// firstUnusual is the least lead byte of UTF-8 that a mark of isUnusual can have.
const firstUnusual = 0xe2

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
		case c >= firstUnusual:
			high = true
		}
	}
	if high && isUnusual(v) {
		m |= markUnusual
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
