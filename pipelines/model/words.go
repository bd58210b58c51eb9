package model

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
)

var word = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func isWord(s string) bool { return word.MatchString(s) }

// guess adds the remedy "did you mean" when one of the known words is near.
func guess(err error, wrong string, known []string) error {
	if meant := config.Guess(wrong, known); meant != "" {
		return tributary.Fix(err, fmt.Sprintf("did you mean %q?", meant))
	}
	return err
}

// checkMeasure proves what a measure's header names: evidence, rules, code lists.
func (p *Project) checkMeasure(tree fs.FS, m *Model) []error {
	var faults []error
	tables := slices.Sorted(maps.Keys(p.words.Tables))
	for _, evidence := range m.Measure.Evidence {
		name, col, _ := strings.Cut(evidence, ".")
		t, ok := p.words.Tables[name]
		switch {
		case !ok:
			faults = append(faults, guess(fmt.Errorf("%s: evidence %s: there is no table %q", m.Path, evidence, name), name, tables))
		case !slices.Contains(t.Columns, col):
			faults = append(faults, guess(fmt.Errorf("%s: evidence %s: %s has no column %q", m.Path, evidence, name, col), col, t.Columns))
		}
	}
	for _, b := range m.Measure.By {
		if b.List == "" || p.seeds[b.List] != nil {
			continue
		}
		codes, err := config.ReadCodes(tree, b.List)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: list %s: %w", m.Path, b.List, err))
			continue
		}
		p.seeds[b.List] = codes
	}
	return faults
}
