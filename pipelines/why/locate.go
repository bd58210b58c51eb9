package why

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary"
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
	err := db.Rows(ctx, `select agency, quarter, file, version, coalesce(sheet, ''), into_table || '.' || column_name,
		coalesce(heading, ''), coalesce(position, 0) from stage."column"`, nil, func(scan func(...any) error) error {
		var agency, quarter, file, sheet, column string
		var version int
		var p place
		err := scan(&agency, &quarter, &file, &version, &sheet, &column, &p.heading, &p.position)
		places[key(agency, quarter, file, version, sheet, column)] = p
		return err
	})
	for i, u := range units {
		for _, column := range evidence {
			p, ok := places[key(u.Address.Agency, u.Address.Quarter.String(), u.Address.File, u.Address.Version, u.Address.Sheet, column)]
			if !ok {
				continue
			}
			at := fmt.Sprintf("%q", p.heading)
			if isWorkbook(u.Address.File) && u.Address.Row > 0 {
				at = fmt.Sprintf("%s%d (%s)", letters(p.position), u.Address.Row, at)
			}
			if !slices.Contains(units[i].Evidence, at) { // one field may feed two canonical columns
				units[i].Evidence = append(units[i].Evidence, at)
				units[i].columns = append(units[i].columns, p.position)
			}
		}
	}
	return err
}

// Texts adds to the evidence of units what the fields said in the file as it came. copyOf gives the columnar copy of
// a landed sheet, "" where it is no longer there; db may read the landing folder. It is a look at records: the caller
// audits it.
func Texts(ctx context.Context, db *warehouse.DB, units []Unit, copyOf func(tributary.Address) string) error {
	type rows struct {
		numbers []string
		units   []int
	}
	byCopy := map[string]*rows{}
	var order []string
	for i, u := range units {
		path := copyOf(u.Address)
		if path == "" || len(u.columns) == 0 || u.Address.Row == 0 {
			continue
		}
		if byCopy[path] == nil {
			byCopy[path] = &rows{}
			order = append(order, path)
		}
		byCopy[path].numbers = append(byCopy[path].numbers, fmt.Sprint(u.Address.Row))
		byCopy[path].units = append(byCopy[path].units, i)
	}
	for _, path := range order {
		var asked []int // and no other column: each is read whole
		for _, i := range byCopy[path].units {
			asked = append(asked, units[i].columns...)
		}
		slices.Sort(asked)
		asked = slices.Compact(asked)
		list := make([]string, len(asked))
		for i, c := range asked {
			list[i] = fmt.Sprintf("coalesce(c%d, '')", max(c, 1))
		}
		said := map[string][]any{}
		err := db.Rows(ctx, fmt.Sprintf("select _row, coalesce(_path, ''), [%s] from read_parquet(%s) where _row in (%s) order by _row",
			strings.Join(list, ", "), warehouse.Text(path), strings.Join(byCopy[path].numbers, ", ")), nil, func(scan func(...any) error) error {
			var row int64
			var at string
			var texts []any
			err := scan(&row, &at, &texts)
			said[fmt.Sprint(row, at)] = texts
			said[fmt.Sprint(row)] = texts
			return err
		})
		if err != nil {
			return fmt.Errorf("the columnar copy: %w", err)
		}
		for _, i := range byCopy[path].units {
			texts, ok := said[fmt.Sprint(units[i].Address.Row, units[i].Address.Path)]
			if !ok {
				texts, ok = said[fmt.Sprint(units[i].Address.Row)]
			}
			for k, c := range units[i].columns {
				if at, _ := slices.BinarySearch(asked, c); ok && c >= 1 {
					units[i].Evidence[k] += fmt.Sprintf(": %q", texts[at])
				}
			}
		}
	}
	return nil
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
