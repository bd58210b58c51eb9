package sheet

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	choice = regexp.MustCompile(`\{([^{}|]*)\|([^{}|]*)\}`)
	place  = regexp.MustCompile(`%(?:\[(\d+)\])?[a-z]`)
	digits = regexp.MustCompile(`[0-9]`)
)

// Say fills the places of a text. "{day|days}" in it agrees with the value of the place before: in English 1 takes the
// first form, in French 0 and 1 do.
func Say(isFrench bool, text string, args ...any) string {
	for {
		at := choice.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		form := text[at[4]:at[5]]
		places := place.FindAllStringSubmatch(text[:at[0]], -1)
		if n := len(places); n > 0 {
			which := n - 1
			if explicit := places[n-1][1]; explicit != "" {
				_, _ = fmt.Sscan(explicit, &which)
				which--
			}
			if which >= 0 && which < len(args) && isOne(fmt.Sprint(args[which]), isFrench) {
				form = text[at[2]:at[3]]
			}
		}
		text = text[:at[0]] + form + text[at[1]:]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// isOne says whether a written number takes the singular: 1, and in French all below 2.
func isOne(written string, isFrench bool) bool {
	whole, rest, _ := strings.Cut(written, ",")
	switch {
	case !digits.MatchString(written):
		return false
	case isFrench:
		return whole == "0" || whole == "1"
	}
	return whole == "1" && rest == ""
}
