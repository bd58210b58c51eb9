package sql_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"tributary/sql"
)

// What people may hand on as numbers names no private column and reads no table of people. The columns
// of measures are held against the dictionary where they are built (pipelines/model).
func TestContractRelease_namesNothingPrivate(t *testing.T) {
	t.Parallel()
	contract, err := os.ReadFile("../pipelines/release/contract.sql")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`--.*|'[^']*'`).ReplaceAllString(string(contract), "")
	words := map[string]bool{}
	for _, w := range regexp.MustCompile(`[a-z_]+`).FindAllString(text, -1) {
		words[w] = true
	}
	private := 0
	for name, c := range dictionary(t) {
		if c.Private {
			private++
		}
		if c.Private && words[name] {
			t.Errorf("contract.sql names %s, which sql/columns.yaml says is private", name)
		}
	}
	if private < 20 {
		t.Errorf("only %d private columns: the dictionary was not read", private)
	}
	// A star hands on whatever its table has: only tables that hold no person may be read at all.
	mayRead := map[string]bool{"measure": true, "stage.agency": true, "stage.delivery": true, "stage.finding": true,
		"stage.check_catalogue": true, "stage.section": true, "core.target": true, "fact.note": true, "release.setting": true, "link.expected": true}
	read := regexp.MustCompile(`\b(?:from|join)\s+([a-z_]+)\.([a-z_]+)`).FindAllStringSubmatch(text, -1)
	for _, m := range read {
		if !mayRead[m[1]] && !mayRead[m[1]+"."+m[2]] {
			t.Errorf("contract.sql reads %s.%s", m[1], m[2])
		}
	}
	if len(read) < 9 {
		t.Errorf("only %d tables found in contract.sql", len(read))
	}
}

// Whatever an agency calls a person, a case or a home by is private, under each of its names.
func TestDictionary_marksWhatIdentifies(t *testing.T) {
	t.Parallel()
	identifies := regexp.MustCompile(`_local_id$|(^|_)name(s|_at_birth)?$|^(phone|email|street|postal|household)|^(coordinator|other_party)$|birth_date$|health_number`)
	public := map[string]bool{"table_name": true, "column_name": true}
	for name, c := range dictionary(t) {
		if identifies.MatchString(name) && !c.Private && !public[name] {
			t.Errorf("%s: is not private", name)
		}
	}
}

type column struct {
	Type    string
	Private bool
}

func dictionary(t *testing.T) map[string]column {
	t.Helper()
	data, err := sql.FS.ReadFile("columns.yaml")
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]column{}
	if err := yaml.Unmarshal(data, &columns); err != nil {
		t.Fatal(err)
	}
	for name, c := range columns {
		if strings.TrimSpace(c.Type) == "" {
			t.Errorf("%s has no type", name)
		}
	}
	return columns
}
