package mapping

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tributary"
	"tributary/pipelines/warehouse"
)

// ReadValue reads a value that a person typed for a canonical column: as we write it, or as the agency's
// own files do (its codes, its date order). The empty text stands for an unknown value. `stage` is attached.
func ReadValue(ctx context.Context, db *warehouse.DB, a *Agency, table, column, text string) (string, error) {
	d, err := readDictionary()
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", nil
	}
	col, order := Column{}, a.DateOrder
	for _, t := range a.Tables {
		if t.Into != table {
			continue
		}
		for _, columns := range append([]map[string]Column{t.Columns}, t.Each...) {
			if c, ok := columns[column]; ok {
				col = c
			}
		}
	}
	if col.Dates != "" {
		order = col.Dates
	}
	codes, list := d.coded(table, column)
	own := a.codeMap(col)
	for _, k := range sortedKeys(own) {
		if strings.EqualFold(k, text) && own[k] != "" {
			return own[k], nil
		}
	}
	query, form := "", "no text that can be read"
	switch typed := d.Columns[column].Type; {
	case len(codes) > 0:
		if codes[strings.ToLower(text)] {
			return strings.ToLower(text), nil
		}
		return "", tributary.Fix(fmt.Errorf("%s.%s: the value is no code of %s", table, column, list), "write one of "+strings.Join(sortedKeys(codes), ", "))
	case list == "municipality":
		query = "select min(municipality) from stage.municipality where lower(spelling) = lower($1)"
		form = "write the name as tributary.yaml has it, under areas:"
	case typed == "date":
		query = "select cast(coalesce(try_cast($1 as date), read_date($1, " + warehouse.Text(order) + ")) as varchar)"
		form = "write it as 2013-05-31"
	case typed == "double" || typed == "integer":
		query = "select cast(try_cast(read_number($1) as " + typed + ") as varchar)"
		form = "write a number"
	case typed == "boolean":
		query = "select cast(read_flag($1) as varchar)"
		form = "write true or false"
	default:
		return text, nil
	}
	if err := createMacros(ctx, db); err != nil {
		return "", err
	}
	var out any
	if err := db.Scan(ctx, query, []any{text}, &out); err != nil {
		return "", err
	}
	value, ok := out.(string)
	if !ok {
		return "", tributary.Fix(fmt.Errorf("%s.%s: %w", table, column, errNoFit), form)
	}
	return value, nil
}

var errNoFit = errors.New("the value does not fit the column")
