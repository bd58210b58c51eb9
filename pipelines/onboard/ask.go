package onboard

import (
	"slices"
	"strings"

	"tributary/pipelines"
)

// Question is what only a person can know; the default is used until somebody answers.
type Question struct {
	Key     string   `json:"key"`
	Text    string   `json:"text"`
	Choices []string `json:"choices,omitempty"`
	Default string   `json:"default,omitempty"`
	// Needed says that the mapping does not load without an answer.
	Needed bool `json:"needed,omitempty"`
}

// ask lists what no file says; answers given fill it.
func (p *proposer) ask() {
	for _, f := range p.out.Files {
		key := "kind." + f.Key
		if said := p.Answers[key]; said != "" {
			f.Kind = said
			continue
		}
		p.out.Questions = append(p.out.Questions, Question{Key: key, Text: "is " + f.Pattern + " all there is, what changed, or all since April?",
			Choices: []string{"snapshot", "delta", "cumulative"}, Default: "snapshot"})
	}
	var roles []Question
	for _, q := range []Question{
		{Key: "name", Text: "the agency's name", Default: p.Agency},
		{Key: "role", Text: "its role", Choices: []string{"coordinating_agency", "provider", "participant"}, Default: "participant"},
		{Key: "category", Text: "what kind of agency it is", Choices: p.v.ours("source"), Default: "other"},
		{Key: "language", Text: "the language of letters to it", Choices: []string{"en", "fr"}, Default: "en"},
		{Key: "linking.without_consent", Text: "may clients without consent be linked? the agreement says", Choices: []string{"count_only", "separate", "exclude"}, Needed: true},
		{Key: "linking.authority", Text: "the clause of the agreement that says so", Needed: true},
		{Key: "linking.scopes", Text: "consent scopes that count", Default: "all_partners"},
	} {
		if p.Answers[q.Key] == "" {
			roles = append(roles, q)
		}
	}
	p.out.Questions = append(roles, p.out.Questions...)
	for key := range p.Answers {
		if !p.asks(key) {
			p.out.Unasked = append(p.out.Unasked, key)
		}
	}
	slices.Sort(p.out.Unasked)
}

// asks says whether anything in the files, or about any agency, is answered by a key.
func (p *proposer) asks(key string) bool {
	kind, about, _ := strings.Cut(key, ".")
	switch kind {
	case "name", "name_fr", "role", "category", "language", "date_order":
		return about == ""
	case "linking":
		return slices.Contains([]string{"without_consent", "authority", "scopes"}, about)
	case "kind", "service", "scope":
		return slices.Contains(p.keys, about)
	case "file":
		return slices.ContainsFunc(p.samples, func(s pipelines.Sample) bool { return stem(s.Name) == about })
	}
	for _, f := range p.all {
		for _, s := range f.sheets {
			switch {
			case s == nil:
			case kind == "sheet" && s.key() == about:
				return true
			case kind == "codes" && slices.ContainsFunc(s.columns, func(c *column) bool {
				return len(about) > len(c.heading) && strings.EqualFold(about[:len(c.heading)+1], c.heading+".")
			}):
				return true
			}
		}
	}
	return false
}

// Missing are the questions without whose answer the mapping does not load.
func (p *Proposal) Missing() []Question {
	return slices.DeleteFunc(slices.Clone(p.Questions), func(q Question) bool { return !q.Needed })
}
