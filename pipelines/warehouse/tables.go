package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
)

// Tables returns the tables that a SELECT reads, as schema.name, sorted, found by the engine's own
// parser through common table expressions and sub-queries. Anything that is not one SELECT, and what
// the parser cannot write down (PIVOT), is an error.
func Tables(ctx context.Context, db *DB, query string) ([]string, error) {
	var text string
	if err := db.Scan(ctx, "select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true, skip_default := true)::varchar", []any{query}, &text); err != nil {
		return nil, err
	}
	var answer struct {
		Error        bool              `json:"error"`
		ErrorMessage string            `json:"error_message"`
		Statements   []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, err
	}
	if answer.Error {
		return nil, fmt.Errorf("not a plain select: %s", answer.ErrorMessage)
	}
	if len(answer.Statements) != 1 {
		return nil, fmt.Errorf("holds %d statements, not one", len(answer.Statements))
	}
	var tree any
	if err := json.Unmarshal(answer.Statements[0], &tree); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	walk(tree, found)
	tables := make([]string, 0, len(found))
	for t := range found {
		tables = append(tables, t)
	}
	sort.Strings(tables)
	return tables, nil
}

// walk collects base tables. A name without a schema is a common table expression: the house rule is
// that tables are always written step.name.
func walk(node any, found map[string]bool) {
	switch n := node.(type) {
	case map[string]any:
		if n["type"] == "BASE_TABLE" {
			schema, _ := n["schema_name"].(string)
			name, _ := n["table_name"].(string)
			if schema != "" {
				found[schema+"."+name] = true
			}
		}
		for _, v := range n {
			walk(v, found)
		}
	case []any:
		for _, v := range n {
			walk(v, found)
		}
	}
}
