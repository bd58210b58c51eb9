package why

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/pipelines/warehouse"
)

// place is where the provider's file holds a canonical column.
type place struct {
	heading  string
	position int
}

// locate adds to each unit the fields of its row that the measure rests on: the sheet cell of a
// workbook, the heading elsewhere.
func locate(ctx context.Context, db *warehouse.DB, units []Unit, evidence []string) error {
	if len(evidence) == 0 || len(units) == 0 {
		return nil
	}
	places := map[string]place{}
	key := func(agency, quarter, file string, version int, sheet, column string) string {
		return strings.Join([]string{agency, quarter, file, fmt.Sprint(version), sheet, column}, "\x00")
	}
	rows, err := db.Query(ctx, `select agency, quarter, file, version, coalesce(sheet, ''), into_table || '.' || column_name,
		coalesce(heading, ''), coalesce(position, 0) from stage."column"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var agency, quarter, file, sheet, column string
		var version int
		var p place
		if err := rows.Scan(&agency, &quarter, &file, &version, &sheet, &column, &p.heading, &p.position); err != nil {
			return err
		}
		places[key(agency, quarter, file, version, sheet, column)] = p
	}
	for i, u := range units {
		for _, column := range evidence {
			p, ok := places[key(u.Address.Agency, u.Address.Quarter.String(), u.Address.File, u.Address.Version, u.Address.Sheet, column)]
			if !ok {
				continue
			}
			at := fmt.Sprintf("%q", p.heading)
			if isWorkbook(u.Address.File) {
				at = fmt.Sprintf("%s%d (%s)", letters(p.position), u.Address.Row, at)
			}
			if !slices.Contains(units[i].Evidence, at) { // one field may feed two canonical columns
				units[i].Evidence = append(units[i].Evidence, at)
			}
		}
	}
	return rows.Err()
}

func isWorkbook(file string) bool {
	return strings.HasSuffix(strings.ToLower(file), ".xlsx") || strings.HasSuffix(strings.ToLower(file), ".xlsm")
}

// letters names a column as spreadsheets do: 1 is A, 27 is AA.
func letters(n int) string {
	var s string
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}
