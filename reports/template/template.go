// Package template fills the ministry's own workbook.
//
// Takes a blank workbook, a map that says which of its cells takes which number (proposed by Learn,
// confirmed by a person, kept as YAML), and a release; leaves a filled copy in which only what
// reports/patch names has changed, and the cell map of what was filled. Never opens anything else,
// counts, guesses a number, or fills a cell whose labels are not the ones that were confirmed.
package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tributary"
)

// Map says what goes where in one blank workbook. It is the analyst's file: templates/<name>.yaml.
type Map struct {
	// Workbook is the blank's file name, beside the map; SHA256 is that of the bytes that the labels
	// were confirmed on.
	Workbook string `yaml:"workbook"`
	SHA256   string `yaml:"sha256"`
	// Language is en or fr: of names and words that are filled in.
	Language string `yaml:"language"`
	// From and To are the first and the last quarter that the form is for; empty is open.
	From tributary.Quarter `yaml:"from"`
	To   tributary.Quarter `yaml:"to"`
	// Replaces names an earlier map, which is not filled from From on.
	Replaces string `yaml:"replaces"`
	// Locked is refuse or fill: whether locked cells of protected sheets may be filled.
	Locked string  `yaml:"locked"`
	Sheets []Sheet `yaml:"sheets"`
}

// Sheet is the cells of one sheet.
type Sheet struct {
	Sheet string `yaml:"sheet"`
	Cells []Cell `yaml:"cells"`
	Line  int    `yaml:",line"`
}

// Cell is one sheet cell to fill, known by its labels.
type Cell struct {
	// At is where it was found when a person confirmed it. Without At the labels alone decide.
	At string `yaml:"at" json:"at"`
	// Name is the workbook's own name for the cell, which goes before labels.
	Name string `yaml:"name" json:"name,omitempty"`
	// Row and Column are the labels to its left and above it; Under is a label further up, where the
	// two alone are found twice.
	Row    string `yaml:"row" json:"row"`
	Column string `yaml:"column" json:"column,omitempty"`
	Under  string `yaml:"under" json:"under,omitempty"`
	// Fill says what goes in; see ParseFill.
	Fill string `yaml:"fill" json:"fill"`
	// As is percent where a share of 0.42 is to be written as 42.
	As string `yaml:"as" json:"as,omitempty"`
	// Line is where it stands in the map.
	Line int `yaml:",line" json:"-"`
}

// labels is how a person would say which cell it is.
func (c Cell) labels() string {
	var parts []string
	if c.Name != "" {
		parts = append(parts, fmt.Sprintf("name %q", c.Name))
	}
	if c.Row != "" {
		parts = append(parts, fmt.Sprintf("row %q", c.Row))
	}
	if c.Column != "" {
		parts = append(parts, fmt.Sprintf("column %q", c.Column))
	}
	if c.Under != "" {
		parts = append(parts, fmt.Sprintf("under %q", c.Under))
	}
	return strings.Join(parts, ", ")
}

// Holds says whether the map is for the quarter.
func (m Map) Holds(q tributary.Quarter) bool {
	return (m.From.IsZero() || m.From.Compare(q) <= 0) && (m.To.IsZero() || q.Compare(m.To) <= 0)
}

// Check says all that is wrong with a map, by its lines; name is the map's file.
func (m Map) Check(name string, r *Release) error {
	var faults []error
	miss := func(line int, fix, format string, args ...any) {
		at := name
		if line > 0 {
			at = fmt.Sprintf("%s:%d", name, line)
		}
		faults = append(faults, tributary.Fix(fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)), fix))
	}
	if m.Workbook == "" || strings.ContainsAny(m.Workbook, `/\`) {
		miss(0, "write workbook: with the name of the blank workbook that lies beside this file", "workbook is missing or is no file name")
	}
	if !slices.Contains([]string{"", "en", "fr"}, m.Language) {
		miss(0, "write language: en or language: fr", "language %q is neither en nor fr", m.Language)
	}
	if !slices.Contains([]string{"", "refuse", "fill"}, m.Locked) {
		miss(0, "write locked: refuse or locked: fill", "locked %q is neither refuse nor fill", m.Locked)
	}
	for _, s := range m.Sheets {
		if s.Sheet == "" {
			miss(s.Line, "write sheet: with the sheet's name", "a sheet has no name")
		}
		for _, c := range s.Cells {
			if c.At == "" && c.Name == "" && c.Row == "" {
				miss(c.Line, "write row: (and column:) as they stand in the workbook, or at:", "a cell is named by nothing")
			}
			if c.As != "" && c.As != "percent" {
				miss(c.Line, "write as: percent, or leave it out", "as %q is not known", c.As)
			}
			f, err := ParseFill(c.Fill)
			if err == nil && r != nil {
				err = f.known(r)
			}
			if err != nil {
				miss(c.Line, tributary.FixOf(err), "%v", err)
			}
		}
	}
	return errors.Join(faults...)
}

// Fill is what goes into a cell, read from the words of a map.
type Fill struct {
	// Kind is cell, target, setting or note.
	Kind string
	// Field is the setting's or the note's name.
	Field string
	// Measure is its id with its statistic, as in csp_days_to_plan.median.
	Measure string
	// Period is quarter (the one reported), previous, last_year, Q1 to Q4 (of its fiscal year), or a
	// quarter such as 2025-26Q2; Rest is what follows in a cell id: /ytd, /source=self.
	Period, Rest string
}

var cellWords = regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\.(?:share|met|n|median|p90|longest))?)(?:@([A-Za-z0-9_-]+))?((?:/ytd)?(?:/[a-z_]+=.+)?)$`)

var periods = []string{"quarter", "previous", "last_year", "Q1", "Q2", "Q3", "Q4"}

// ParseFill reads csp_referrals@Q1, csp_days_to_plan.median@quarter/ytd, csp_referrals@quarter/source=self,
// target csp_plans@Q2, note cause csp_plans@quarter, note prepared_by, or setting agency_name.
func ParseFill(text string) (Fill, error) {
	wrong := func() (Fill, error) {
		return Fill{}, tributary.Fix(fmt.Errorf("fill %q is not understood", text),
			"write a measure and a period, as in csp_referrals@Q1 or csp_referrals@quarter/ytd; or target MEASURE@Q1, note cause MEASURE@quarter, setting agency_name")
	}
	kind, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	f := Fill{Kind: kind}
	switch kind {
	case "setting":
		f.Field = rest
		if rest == "" {
			return wrong()
		}
		return f, nil
	case "note":
		f.Field, rest, _ = strings.Cut(rest, " ")
		if f.Field == "" {
			return wrong()
		}
		if rest == "" {
			f.Period = "quarter"
			return f, nil
		}
	case "target":
	default:
		f.Kind, rest = "cell", strings.TrimSpace(text)
	}
	parts := cellWords.FindStringSubmatch(rest)
	if parts == nil {
		return wrong()
	}
	f.Measure, f.Period, f.Rest = parts[1], parts[2], parts[3]
	if f.Period == "" {
		f.Period = "quarter"
	}
	if _, err := tributary.ParseQuarter(f.Period); err != nil && !slices.Contains(periods, f.Period) {
		return Fill{}, tributary.Fix(fmt.Errorf("fill %q: period %q is not known", text, f.Period), "write one of "+strings.Join(periods, ", ")+", or a quarter such as 2025-26Q2")
	}
	return f, nil
}

// known says whether the release defines what is asked for.
func (f Fill) known(r *Release) error {
	switch {
	case f.Kind == "setting":
		if _, ok := r.setting(f.Field, "en"); !ok {
			return tributary.Fix(fmt.Errorf("setting %q is not known", f.Field), "write one of agency_name, agency_code, tpr_number, region, area, address, director, quarter, fiscal_year, as_of")
		}
	case f.Kind == "note" && !slices.Contains(noteFields, f.Field):
		return tributary.Fix(fmt.Errorf("note %q is not known", f.Field), "write one of "+strings.Join(noteFields, ", "))
	case f.Measure != "":
		id, _, _ := strings.Cut(f.Measure, ".")
		if _, ok := r.measure(id); !ok {
			return tributary.Fix(fmt.Errorf("measure %q is not known", id), "see the measures with: tributary measures")
		}
	}
	return nil
}

var noteFields = []string{"under_performance", "cause", "corrective_action", "catch_up_on", "prepared_by"}

// quarter is the quarter that the period stands for. isLater says that it has not come yet.
func (f Fill) quarter(reported tributary.Quarter) (q tributary.Quarter, isLater bool) {
	switch f.Period {
	case "quarter":
		return reported, false
	case "previous":
		return reported.Prev(), false
	case "last_year":
		return reported.Prev().Prev().Prev().Prev(), false
	case "Q1", "Q2", "Q3", "Q4":
		q = reported
		for q.Number() > 1 {
			q = q.Prev()
		}
		for range f.Period[1] - '1' {
			q = q.Next()
		}
	default:
		q, _ = tributary.ParseQuarter(f.Period)
	}
	return q, q.Compare(reported) > 0
}

// CellID is the published cell that is meant when that quarter is reported.
func (f Fill) CellID(reported tributary.Quarter) string {
	q, _ := f.quarter(reported)
	return f.Measure + "@" + q.String() + f.Rest
}
