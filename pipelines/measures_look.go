package pipelines

import (
	"context"
	"database/sql"
)

// Number is one published number of a measure, with what it rests on.
type Number struct {
	Measure, Label, Kind, Unit, Basis, Definition string
	// LabelFr and DefinitionFr are what the board reads in French, whatever the workspace's language is.
	LabelFr, DefinitionFr                      string
	Cell, Statistic, Quarter, Period, By, Code string
	Value                                      *float64
	// Low and High are the range of the true number where the links leave it open.
	Low, High *int
}

// Numbers lists the published numbers in the order of the reports: the totals of all measures in all quarters, or, with
// a measure, those of one and its breakdowns in the published quarter.
func (w *Workspace) Numbers(ctx context.Context, measure string) ([]Number, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	label, text := "d.label", "d.definition"
	if w.Settings.Language == "fr" {
		label, text = "d.label_fr", "d.definition_fr"
	}
	var out []Number
	err = w.query(ctx, map[string]string{"release": m.Steps["release-contract"]}, `
		select c.measure, `+label+`, d.kind, d.unit, d.basis, coalesce(`+text+`, ''), d.label_fr, coalesce(d.definition_fr, ''), c.cell_id, coalesce(c.statistic, ''), c.quarter, c.period, coalesce(c."by", ''),
			coalesce(case c."by" when 'agency' then c.agency when 'area' then c.area when 'municipality' then c.municipality when 'employer' then c.employer else c.breakdown end, ''),
			c.value, e.low::integer, e.high::integer
		from release.cell as c
		join release.definition as d on d.measure = c.measure
		left join release.expected as e on e.quarter = c.quarter and e.period = c.period and coalesce(c."by", '') = ''
			and c.measure = case e.unit when 'child' then 'children_known' when 'family' then 'families_known' end
		where ? = '' and coalesce(c."by", '') = '' or c.measure = ? and (coalesce(c."by", '') = '' or c.quarter = ?)
		order by d.ordinal, c.measure, c."by" nulls first, 14, c.quarter, c.period, c.statistic`,
		func(rows *sql.Rows) error {
			var n Number
			err := rows.Scan(&n.Measure, &n.Label, &n.Kind, &n.Unit, &n.Basis, &n.Definition, &n.LabelFr, &n.DefinitionFr, &n.Cell, &n.Statistic, &n.Quarter, &n.Period, &n.By, &n.Code, &n.Value, &n.Low, &n.High)
			out = append(out, n)
			return err
		}, measure, measure, m.Quarter.String())
	return out, err
}
