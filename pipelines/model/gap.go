package model

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
)

// gapStep is the step of the gap model. It stands right of measure and is made when somebody asks for it, so that a
// run pays nothing for it.
const gapStep = "gap"

// candidateColumns are those of gap.candidate, with what stands in them where a measure has no such column.
var candidateColumns = []struct{ name, none string }{
	{"child_id", "cast(null as varchar)"}, {"service_type", "''"}, {"reason", "''"}, {"is_started", "false"}, {"entered_days", "0"},
}

// runGap makes the tables of the gap model: gap.<measure> as SQL has them, gap.candidate, which holds those of all
// measures that count, and gap.definition with the codes of their lists in gap.breakdown.
func (p *Project) runGap(ctx context.Context, db *warehouse.DB, log *slog.Logger) error {
	if err := p.run(ctx, db, p.models[gapStep], log); err != nil {
		return err
	}
	var rows, codes [][]driver.Value
	var selects []string
	listed := map[string]bool{}
	for i, model := range p.models[gapStep] {
		m := model.Measure
		if m == nil {
			continue
		}
		rows = append(rows, []driver.Value{m.ID, m.Kind, m.Unit, m.Label, m.LabelFR, m.Definition, m.DefinitionFR, m.Cites, int32(m.Ordinal*100 + i)})
		for _, b := range m.By {
			if listed[b.By] {
				continue
			}
			listed[b.By] = true
			for at, c := range append(slices.Clone(p.seeds[b.List]), config.Code{Code: unknown, Name: "Not recorded", NameFR: "Non consigné"}) {
				codes = append(codes, []driver.Value{b.By, b.Label, b.LabelFR, c.Code, c.Name, c.NameFR, int32(at + 1)})
			}
		}
		columns, err := columnsOf(ctx, db, model.Table())
		if err != nil {
			return err
		}
		var list strings.Builder
		for _, c := range candidateColumns {
			if slices.Contains(columns, c.name) {
				c.none = c.name
			}
			fmt.Fprintf(&list, ", %s as %s", c.none, c.name)
		}
		selects = append(selects, fmt.Sprintf("select %s as measure, %s as kind, %s as unit, quarter, area, municipality, agency, unit_id, cast(value as double) as value%s from %s where counted",
			warehouse.Text(m.ID), warehouse.Text(m.Kind), warehouse.Text(m.Unit), list.String(), model.Table()))
	}
	if err := db.Exec(ctx, `create or replace table gap.definition (measure varchar, kind varchar, unit varchar, label varchar, label_fr varchar,
		definition varchar, definition_fr varchar, cites varchar, ordinal integer);
create or replace table gap.breakdown ("by" varchar, by_label varchar, by_label_fr varchar, code varchar, label varchar, label_fr varchar, ordinal integer)`); err != nil {
		return err
	}
	if err := db.Insert(ctx, gapStep, "definition", rows); err != nil {
		return err
	}
	if err := db.Insert(ctx, gapStep, "breakdown", codes); err != nil {
		return err
	}
	if len(selects) == 0 { // a tree of a test
		return nil
	}
	return db.Exec(ctx, "create or replace view gap.candidate as "+strings.Join(selects, " union all "))
}
