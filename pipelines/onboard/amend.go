package onboard

import "tributary/pipelines"

func (p *Proposal) Amend(before string, a *pipelines.Mapping, load func(string) error) (string, error) {
	return before, nil
}
func Diff(before, after string) []string { return nil }
func Still(q []Question) []Question      { return q }
