package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines"
	"tributary/pipelines/why"
	"tributary/reports/pages"
)

// Numbers lists published numbers.
func (d *desk) Numbers(ctx context.Context, measure string) ([]pages.Number, error) {
	if d.m.Generation == 0 {
		return nil, nil
	}
	all, err := pipelines.Remember(d.Workspace, "numbers "+measure, func() ([]pipelines.Number, error) { return d.Workspace.Numbers(ctx, measure) })
	out := make([]pages.Number, 0, len(all))
	for _, n := range all {
		x := pages.Number{Measure: n.Measure, Label: n.Label, Unit: n.Unit, Basis: strings.ReplaceAll(n.Basis, "_", " "), Definition: n.Definition, LabelFr: n.LabelFr, DefinitionFr: n.DefinitionFr, Cell: n.Cell,
			Statistic: n.Statistic, Quarter: n.Quarter, IsYear: n.Period == "ytd", By: strings.ReplaceAll(n.By, "_", " "), Code: n.Code, Value: n.Value, Text: valueText(n)}
		if n.Low != nil && n.High != nil {
			x.Range = fmt.Sprintf("%d to %d", *n.Low, *n.High)
		}
		out = append(out, x)
	}
	return out, err
}

// valueText writes a number as its kind is read.
func valueText(n pipelines.Number) string {
	switch {
	case n.Value == nil:
		return ""
	case n.Statistic == "share":
		return fmt.Sprintf("%.1f%%", 100**n.Value)
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", *n.Value), "0"), ".")
}

// unitsOnPage is how many units the page of a cell lists.
const unitsOnPage = 50

// WhyNumber explains a number.
func (d *desk) WhyNumber(ctx context.Context, cell string, withText bool) (pages.Why, error) {
	var out pages.Why
	a, err := d.whyCell(ctx, cell, withText)
	if err != nil {
		return out, fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	out = pages.Why{Cell: a.Cell, Unit: a.Unit, Sentence: a.Sentence, Definition: a.Definition, Basis: strings.ReplaceAll(a.Basis, "_", " "), Cites: a.Cites, Recounted: a.Recounted, SQL: strings.TrimSpace(a.SQL), Rows: a.Rows}
	for _, s := range a.Bridge {
		out.Bridge = append(out.Bridge, pages.WhyStep{Label: s.Label, Units: s.Units})
	}
	for _, s := range a.Waterfall {
		out.Steps = append(out.Steps, pages.WhyStep{Label: s.Label, Units: s.Units})
	}
	for _, u := range a.Units {
		out.Units = append(out.Units, pages.WhyUnit{ID: u.ID, Address: u.Address.String(), Evidence: strings.Join(u.Evidence, ", ")})
	}
	return out, nil
}

// whyCell explains a cell as the verb why does.
func (d *desk) whyCell(ctx context.Context, cell string, withText bool) (why.Answer, error) {
	id, err := why.ParseCellID(cell)
	if err != nil {
		return why.Answer{}, err
	}
	answer, err := pipelines.Remember(d.Workspace, "why "+cell, func() (why.Answer, error) {
		db, err := d.House.Open(ctx, d.m.People())
		if err != nil {
			return why.Answer{}, err
		}
		defer db.Close()
		return why.Cell(ctx, db, id, d.MeasureSQL, d.Settings.Language, unitsOnPage)
	})
	if err != nil || !withText {
		return answer, err
	}
	db, err := d.House.OpenWith(ctx, d.m.People(), d.Landing.Root)
	if err != nil {
		return answer, err
	}
	defer db.Close()
	// What is kept shows no person: the texts go into a copy.
	answer.Units = slices.Clone(answer.Units)
	for i := range answer.Units {
		answer.Units[i].Evidence = slices.Clone(answer.Units[i].Evidence)
	}
	copyOf, err := d.CopyOf()
	if err != nil {
		return answer, err
	}
	return answer, why.Texts(ctx, db, answer.Units, copyOf)
}

// ChildOf says what numbers a child feeds, and what keeps it out of the others.
func (d *desk) ChildOf(ctx context.Context, who string) (pages.Child, error) {
	var out pages.Child
	db, err := d.House.Open(ctx, d.m.People())
	if err != nil {
		return out, err
	}
	defer db.Close()
	c, err := why.OfChild(ctx, db, who, d.Settings.Language)
	if err != nil {
		return out, fmt.Errorf("%w: %w", pages.ErrNotFound, err)
	}
	out = pages.Child{ID: c.ID, Withheld: c.Withheld}
	for _, r := range c.Records {
		out.Records = append(out.Records, r.Agency+":"+r.Client)
	}
	for _, p := range c.Parts {
		out.Parts = append(out.Parts, pages.ChildPart{Measure: p.Measure, Label: p.Label, Quarter: p.Quarter, Agency: p.Agency, LeftOut: p.LeftOut, IsYear: p.YearToDate, Cells: p.Cells})
	}
	return out, nil
}
