package model

import (
	"fmt"
	"regexp"

	"tributary"
)

var word = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func isWord(s string) bool { return word.MatchString(s) }

// guess adds the remedy "did you mean" when one of the known words is near.
func guess(err error, wrong string, known []string) error {
	if meant := nearest(wrong, known); meant != "" {
		return tributary.Fix(err, fmt.Sprintf("did you mean %q?", meant))
	}
	return err
}

// nearest returns the known word that differs in at most a third of its letters, the first of equals.
func nearest(wrong string, known []string) string {
	best, distance := "", len(wrong)/3+2
	for _, k := range known {
		if d := edits(wrong, k); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := left
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			left = above
		}
	}
	return row[len(b)]
}
