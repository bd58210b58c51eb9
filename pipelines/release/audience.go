package release

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"tributary"
	"tributary/pipelines/config"
)

// Audience declares the tables that one wider audience may see: sql/release/<name>.yaml.
type Audience struct {
	Name string `yaml:"-"`
	// Quarters are how many: the release's own and those before it.
	Quarters int      `yaml:"quarters"`
	Periods  []string `yaml:"periods"`
	Tables   []Table  `yaml:"tables"`
	// Gaps are the margins by which the audience sees the needs of the gap report, each by service; without it none.
	Gaps []string `yaml:"gaps"`
}

// Table declares measures, by name or by pack, and what they are broken down by.
type Table struct {
	Measures []string `yaml:"measures"`
	Packs    []string `yaml:"packs"`
	By       []string `yaml:"by"`
}

// Audiences are the wider audiences, in the order in which their releases are made: what the public may
// see its partners see too.
var Audiences = []string{"public", "partners"}

var (
	margins = []string{"total", "area", "municipality", "agency", "employer", "own"}
	periods = []string{"quarter", "ytd"}
)

// ReadAudience reads and checks one audience's declaration.
func ReadAudience(tree fs.FS, name string) (Audience, error) {
	a := Audience{Name: name}
	file := "release/" + name + ".yaml"
	data, err := fs.ReadFile(tree, file)
	if err != nil {
		return a, err
	}
	if err := config.Decode("sql/"+file, data, &a); err != nil {
		return a, err
	}
	var faults []error
	fault := func(fix, format string, args ...any) {
		faults = append(faults, tributary.Fix(fmt.Errorf("sql/%s: %s", file, fmt.Sprintf(format, args...)), fix))
	}
	if a.Quarters < 1 {
		fault("write how many quarters are shown, as in quarters: 4", "quarters is missing")
	}
	known := func(what string, words, of []string) {
		if len(words) == 0 {
			fault(fmt.Sprintf("the words are %v", of), "%s is missing", what)
		}
		for _, w := range words {
			if !slices.Contains(of, w) {
				fault(fmt.Sprintf("the words are %v", of), "%s: unknown word %q", what, w)
			}
		}
	}
	known("periods", a.Periods, periods)
	if len(a.Gaps) > 0 {
		known("gaps", a.Gaps, []string{"total", "area", "municipality"})
	}
	if len(a.Tables) == 0 {
		fault("write at least one table with measures or packs, and by", "tables is missing")
	}
	for _, t := range a.Tables {
		known("by", t.By, margins)
		if len(t.Measures)+len(t.Packs) == 0 {
			fault("name measures or packs in each table", "a table names neither measures nor packs")
		}
	}
	return a, errors.Join(faults...)
}

// shows tells whether a cell stands in one of the audience's tables; quarters are those that it sees.
func (a Audience) shows(c cell, pack string, quarters []string) bool {
	if !slices.Contains(a.Periods, c.period) || !slices.Contains(quarters, c.quarter) {
		return false
	}
	return a.declares(c.measure, pack, c.by)
}

func (a Audience) declares(measure, pack, by string) bool {
	switch by {
	case "":
		by = "total"
	case "area", "municipality", "agency", "employer":
	default:
		by = "own"
	}
	return slices.ContainsFunc(a.Tables, func(t Table) bool {
		return slices.Contains(t.By, by) && (slices.Contains(t.Measures, measure) || slices.Contains(t.Packs, pack))
	})
}
