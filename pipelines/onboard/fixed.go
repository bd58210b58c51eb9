package onboard

import (
	"strings"

	"tributary"
	"tributary/pipelines"
)

// FixedWidths finds text files whose fields stand in columns of fixed width, and tells landing the widths.
func FixedWidths(samples []pipelines.Sample) []tributary.Hint {
	var out []tributary.Hint
	for _, s := range samples {
		if len(s.Sheets) != 1 || s.Sheets[0].Columns != 1 || s.Format != "delimited" && s.Format != "text" && s.Format != "fixed" {
			continue
		}
		var lines [][]rune
		for _, r := range s.Sheets[0].Rows {
			if text := strings.TrimRight(r.Cells[0], " \r"); text != "" {
				lines = append(lines, []rune(text))
			}
		}
		if widths := widths(lines); len(widths) > 2 {
			out = append(out, tributary.Hint{Pattern: globEscape(s.Name), Format: "fixed", Widths: widths})
		}
	}
	return out
}

func globEscape(name string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `?`, `\?`, `*`, `\*`).Replace(name)
}

// widths takes a field to begin where a word of the first line does and nearly all other lines have a
// blank before it, or their own value begins.
func widths(lines [][]rune) []int {
	if len(lines) < 3 {
		return nil
	}
	head, longest := lines[0], 0
	for _, l := range lines {
		longest = max(longest, len(l))
	}
	starts := []int{0}
	for at := 1; at < len(head); at++ {
		if head[at] == ' ' || head[at-1] != ' ' {
			continue
		}
		crossed := 0
		for _, l := range lines[1:] {
			if at < len(l) && l[at-1] != ' ' && l[at] != ' ' && isLetter(l[at-1]) == isLetter(l[at]) && (isLetter(l[at]) || isDigit(l[at-1]) && isDigit(l[at])) {
				crossed++
			}
		}
		if crossed*20 <= len(lines) {
			starts = append(starts, at)
		}
	}
	var out []int
	for i, s := range starts {
		end := longest
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		out = append(out, max(1, end-s))
	}
	return out
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127 }
func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
