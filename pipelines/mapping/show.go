package mapping

import (
	"fmt"
	"strings"
)

// SQL is the mapping as anyone can read it: one SELECT per table, over `landed` (the records of the
// sheet under the mapping's own headings, each with its kind and section) and `origin` (the file that
// each sheet came in). A run makes the same SELECTs, over the headings that a file really has.
func (a *Agency) SQL() (string, error) {
	d, err := readDictionary()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, t := range a.Tables {
		names := []string{}
		for _, u := range t.uses() {
			names = append(names, u.names[0])
		}
		l := &layout{agency: a, file: t.File, sheet: t.Sheet, tables: []Table{t}, own: indexHeadings(names, names)}
		fmt.Fprintf(&b, "-- %s: %s from %s", a.Code, t.Into, strings.Join(a.Files[t.File].Name, ", "))
		if t.Sheet != "" {
			fmt.Fprintf(&b, ", sheet %s", t.Sheet)
		}
		b.WriteString("\n")
		b.WriteString((&compiler{l: l, t: t, d: d}).selectSQL(false))
		b.WriteString(";\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
