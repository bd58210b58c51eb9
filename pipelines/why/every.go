package why

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strconv"

	"tributary/pipelines/warehouse"
)

// Every counts each cell again from its listed units and returns a line for each that differs from
// what was printed. cells maps a cell id to the printed value.
func Every(ctx context.Context, db *warehouse.DB, cells map[string]string) ([]string, error) {
	ids := make([]string, 0, len(cells))
	for id := range cells {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	definitions := map[string]definition{}
	var differ []string
	for _, text := range ids {
		id, err := ParseCellID(text)
		if err != nil {
			return nil, err
		}
		d, ok := definitions[id.Measure]
		if !ok {
			if d, err = define(ctx, db, id.Measure); err != nil {
				return nil, err
			}
			definitions[id.Measure] = d
		}
		units, err := candidates(ctx, db, id, d)
		if err != nil {
			return nil, err
		}
		printed, err := strconv.ParseFloat(cells[text], 64)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", text, err)
		}
		t, err := tallyOf(ctx, db, id, d)
		if err != nil {
			return nil, err
		}
		if got := recount(id, d, units); got != t.value || math.Abs(got-printed) > 1e-9 || math.IsNaN(got) {
			differ = append(differ, fmt.Sprintf("%s: printed %v, counted %v", text, printed, got))
		}
	}
	return differ, nil
}
