package link

import (
	"context"
	"database/sql/driver"
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"tributary/pipelines/warehouse"
)

//go:embed standardise.sql
var standardiseSQL string

// nicknameCSV holds name, root and origin: a name that is short or another spelling for its root. A
// name may have several roots (alex: alexander, alexandra). A root has no row of itself: it is its own root.
//
//go:embed nickname.csv
var nicknameCSV string

// placeholderCSV holds kind and value: what systems and people write where they know nothing. A value
// is in the spelling that its macro compares, or a pattern where it has a star (any text) or a
// plus sign (the letter before it, again and again).
//
//go:embed placeholder.csv
var placeholderCSV string

// Standardise makes the link_ macros of standardise.sql and the table nickname(name, roots) in the
// memory of the engine, where every connection of db sees them and no step file holds them. Asking
// again changes nothing.
func Standardise(ctx context.Context, db *warehouse.DB) error {
	placeholders, err := placeholderMacros()
	if err != nil {
		return err
	}
	for _, statement := range append(placeholders, strings.Split(standardiseSQL, ";\n")...) {
		if !strings.Contains(statement, "create or replace macro") {
			continue
		}
		if err := db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("standardise.sql: %w", err)
		}
	}
	rows, err := nicknameRows()
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, "create or replace table memory.nickname (name varchar not null, roots varchar[] not null)"); err != nil {
		return fmt.Errorf("standardise: %w", err)
	}
	return db.Insert(ctx, "memory", "nickname", rows)
}

// placeholderMacros returns one macro for each kind of placeholder: the pattern of a whole text that is one.
func placeholderMacros() ([]string, error) {
	lines, err := readSeed("placeholder.csv", placeholderCSV, "kind", "value")
	if err != nil {
		return nil, err
	}
	alternatives := map[string][]string{}
	for _, line := range lines {
		pattern := strings.NewReplacer(`\*`, `.*`, `\+`, `+`).Replace(regexp.QuoteMeta(line[1]))
		alternatives[line[0]] = append(alternatives[line[0]], pattern)
	}
	kinds := make([]string, 0, len(alternatives))
	for kind := range alternatives {
		kinds = append(kinds, kind)
	}
	sort.Strings(kinds)
	macros := make([]string, len(kinds))
	for i, kind := range kinds {
		macros[i] = fmt.Sprintf("create or replace macro placeholder_%s() as %s",
			kind, warehouse.Text("^(?:"+strings.Join(alternatives[kind], "|")+")$"))
	}
	return macros, nil
}

// nicknameRows returns each name with all of its roots, both sorted.
func nicknameRows() ([][]driver.Value, error) {
	lines, err := readSeed("nickname.csv", nicknameCSV, "name", "root", "origin")
	if err != nil {
		return nil, err
	}
	roots := map[string][]string{}
	for _, line := range lines {
		name, root := line[0], line[1]
		roots[name] = append(roots[name], root)
		roots[root] = append(roots[root], root)
	}
	rows := make([][]driver.Value, 0, len(roots))
	for name, of := range roots {
		slices.Sort(of)
		rows = append(rows, []driver.Value{name, slices.Compact(of)})
	}
	slices.SortFunc(rows, func(a, b []driver.Value) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return rows, nil
}

// readSeed returns the lines of an embedded list below its heading.
func readSeed(name, text string, heading ...string) ([][]string, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], heading) {
		return nil, fmt.Errorf("%s: the heading is not %s", name, strings.Join(heading, ","))
	}
	return lines[1:], nil
}
