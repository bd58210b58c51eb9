package model

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tributary"
)

// Measure is what the header of a measure says; pipelines/README.md has the grammar.
type Measure struct {
	ID, Pack     string
	Kind         string // count, sum, share, ratio, quantile, wait
	Unit, Basis  string
	Version      int
	Since        string
	Question     string // who, what, how_well, system
	Ordinal      int
	Label        string
	LabelFR      string
	Definition   string
	DefinitionFR string
	Cites        string
	// Evidence are the canonical columns that why points at, as table.column.
	Evidence []string
	Rules    []Rule
	By       []Breakdown
}

// Rule names a reason for which a candidate is left out.
type Rule struct{ Code, Label, LabelFR string }

// Breakdown is a column of the measure's own that its cells are broken down by.
type Breakdown struct {
	By, Label, LabelFR string
	// List is the seed that names its codes.
	List string
}

var (
	plainWords   = []string{"key", "assert"}
	measureWords = []string{"measure", "kind", "unit", "basis", "version", "since", "question", "ordinal", "by",
		"evidence", "label", "label_fr", "definition", "definition_fr", "rule", "breakdown", "list", "cites", "assert"}
	needed = []string{"measure", "kind", "unit", "basis", "version", "since", "question", "evidence",
		"label", "label_fr", "definition", "definition_fr", "cites"}
	kinds     = []string{"count", "sum", "share", "ratio", "quantile", "wait"}
	bases     = []string{"events_in_period", "unique_in_period", "point_in_time", "cumulative"}
	questions = []string{"who", "what", "how_well", "system"}
	margins   = []string{"agency", "area", "municipality", "employer"}

	headerLine = regexp.MustCompile(`^-- ([A-Za-z_]+):\s*(.*)$`)
)

// readHeader reads the comment lines at the top: the grain, then the grammar, then, after an empty
// comment line, prose.
func readHeader(m *Model) error {
	lines := strings.Split(m.SQL, "\n")
	if !strings.HasPrefix(lines[0], "-- ") || headerLine.MatchString(lines[0]) {
		return tributary.Fix(fmt.Errorf("%s:1: the first line does not say what one row is", m.Path),
			"begin with a line such as: -- One row per episode and quarter.")
	}
	m.Grain = strings.TrimPrefix(lines[0], "-- ")
	h := header{model: m, seen: map[string]int{}}
	if parts := strings.Split(m.Path, "/"); m.Step == "measure" {
		m.Measure = &Measure{Pack: parts[1], Ordinal: 1000}
	} else if m.Step == gapStep && strings.Contains(m.SQL, "\n-- measure: ") {
		m.Measure = &Measure{Pack: gapStep, Ordinal: 1000}
	}
	prose := false
	for i, line := range lines[1:] {
		if !strings.HasPrefix(line, "--") {
			break
		}
		n := i + 2
		line = strings.TrimRight(line, " \r")
		if line == "--" {
			prose = true
		}
		if prose {
			continue
		}
		if g := headerLine.FindStringSubmatch(line); g != nil {
			h.line(n, g[1], g[2])
			continue
		}
		h.fault(n, fmt.Errorf("not a header line: %q", line), "write -- word: text; prose comes after a line with -- alone")
	}
	h.finish()
	return errors.Join(h.faults...)
}

type header struct {
	model  *Model
	seen   map[string]int
	faults []error
}

func (h *header) fault(line int, err error, fix string) {
	err = fmt.Errorf("%s:%d: %w", h.model.Path, line, err)
	if fix != "" {
		err = tributary.Fix(err, fix)
	}
	h.faults = append(h.faults, err)
}

func (h *header) line(n int, name, text string) {
	known := plainWords
	if h.model.Measure != nil {
		known = measureWords
	}
	if !slices.Contains(known, name) {
		h.faults = append(h.faults, guess(fmt.Errorf("%s:%d: unknown word %q", h.model.Path, n, name), name, known))
		return
	}
	h.seen[name]++
	if text == "" {
		h.fault(n, fmt.Errorf("%s says nothing", name), "")
		return
	}
	repeats := []string{"assert", "rule", "breakdown", "list", "definition", "definition_fr"}
	if h.seen[name] > 1 && !slices.Contains(repeats, name) {
		h.fault(n, fmt.Errorf("%s is said twice", name), "")
	}
	switch name {
	case "key":
		h.model.Key = splitWords(text)
	case "assert":
		h.model.Asserts = append(h.model.Asserts, text)
	default:
		h.measure(n, name, text)
	}
}

func (h *header) measure(n int, name, text string) {
	m := h.model.Measure
	switch name {
	case "measure":
		m.ID = text
	case "kind":
		m.Kind = h.oneOf(n, name, text, kinds)
	case "basis":
		m.Basis = h.oneOf(n, name, text, bases)
	case "question":
		m.Question = h.oneOf(n, name, text, questions)
	case "unit":
		m.Unit = text
	case "version", "ordinal":
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			h.fault(n, fmt.Errorf("%s %q is not a whole number from 1", name, text), "")
		}
		if name == "version" {
			m.Version = number
		} else {
			m.Ordinal = number
		}
	case "since":
		if _, err := tributary.ParseQuarter(text); err != nil {
			h.fault(n, err, tributary.FixOf(err))
		}
		m.Since = text
	case "by":
		for _, by := range splitWords(text) {
			if slices.Contains(margins, by) {
				h.fault(n, fmt.Errorf("by names %s, which comes for all measures", by), "name only the measure's own breakdowns")
			}
			m.By = append(m.By, Breakdown{By: by})
		}
	case "evidence":
		m.Evidence = splitWords(text)
	case "label":
		m.Label = text
	case "label_fr":
		m.LabelFR = text
	case "definition":
		m.Definition = strings.TrimSpace(m.Definition + " " + text)
	case "definition_fr":
		m.DefinitionFR = strings.TrimSpace(m.DefinitionFR + " " + text)
	case "cites":
		m.Cites = text
	case "rule":
		if code, label, fr, ok := h.three(n, name, text); ok {
			m.Rules = append(m.Rules, Rule{code, label, fr})
		}
	case "breakdown", "list":
		h.breakdown(n, name, text)
	}
}

// breakdown fills the breakdown that by announced; a list belongs to the breakdown line above it.
func (h *header) breakdown(n int, name, text string) {
	m := h.model.Measure
	if name == "list" {
		for i := len(m.By) - 1; i >= 0; i-- {
			if m.By[i].Label != "" && m.By[i].List == "" {
				m.By[i].List = text
				return
			}
		}
		h.fault(n, fmt.Errorf("list %q has no breakdown above it", text), "write -- breakdown: first, then its -- list:")
		return
	}
	by, label, fr, ok := h.three(n, name, text)
	if !ok {
		return
	}
	at := slices.IndexFunc(m.By, func(b Breakdown) bool { return b.By == by })
	if at < 0 {
		h.fault(n, fmt.Errorf("breakdown %q is not named by a line above", by), "add it to -- by:")
		return
	}
	m.By[at].Label, m.By[at].LabelFR = label, fr
}

func (h *header) oneOf(n int, name, text string, known []string) string {
	if !slices.Contains(known, text) {
		err := fmt.Errorf("%s:%d: %s %q is none of %s", h.model.Path, n, name, text, strings.Join(known, ", "))
		h.faults = append(h.faults, guess(err, text, known))
	}
	return text
}

func (h *header) three(n int, name, text string) (code, label, fr string, ok bool) {
	parts := strings.Split(text, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) != 3 || slices.Contains(parts, "") || !isWord(parts[0]) {
		h.fault(n, fmt.Errorf("%s %q is not: code | English | French", name, text), "")
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// finish says what is lacking once all lines are read.
func (h *header) finish() {
	m := h.model
	if m.Measure == nil {
		if len(m.Key) == 0 {
			h.fault(1, errors.New("no key"), "add a line such as: -- key: agency, client_local_id, quarter")
		}
		return
	}
	for _, name := range needed {
		if h.seen[name] == 0 {
			h.fault(1, fmt.Errorf("%s is lacking", name), "")
		}
	}
	if id := m.Measure.ID; id != "" && id != m.Name {
		h.fault(1, fmt.Errorf("measure %q lies in a file of another name", id), "name the file "+id+".sql")
	}
	for _, b := range m.Measure.By {
		if b.Label == "" || b.List == "" {
			h.fault(1, fmt.Errorf("breakdown %q has no label or no list", b.By),
				"add -- breakdown: "+b.By+" | English | French, and below it -- list: seed")
		}
	}
}

// splitWords splits a comma list.
func splitWords(text string) []string {
	var out []string
	for _, w := range strings.Split(text, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
