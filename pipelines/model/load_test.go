package model

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tributary"
)

const plain = "-- One row per thing.\n-- key: a\n"

// tree is a small SQL tree: the real dictionary, and the files given.
func tree(t *testing.T, files map[string]string) fs.FS {
	t.Helper()
	m := fstest.MapFS{}
	for _, name := range []string{"columns.yaml", "tables.yaml", "seed/source.csv"} {
		data, err := os.ReadFile(sqlRoot + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		m[name] = &fstest.MapFile{Data: data}
	}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

const measureHeader = `-- One row per thing.
-- measure: m
-- kind: count
-- unit: child
-- basis: unique_in_period
-- version: 1
-- since: 2025-26Q1
-- question: who
-- by: source
-- evidence: client.opened_on
-- label: L
-- label_fr: L
-- definition: D
-- definition_fr: D
-- breakdown: source | Source | Source
-- list: source
-- cites: derived
`

const measureSelect = "select 'u' as unit_id, '2025-26Q1' as quarter, 'elm' as agency from stage.client\n"

// TestLoad_faults shows each fault of a file with its line and, where there is one, the remedy.
func TestLoad_faults(t *testing.T) {
	t.Parallel()
	good := plain + "select 1 as a from stage.client\n"
	change := func(old, new string) string {
		return strings.Replace(measureHeader+measureSelect, old, new, 1)
	}
	for name, c := range map[string]struct{ file, text, want, fix string }{
		"no grain":        {"core/x.sql", "select 1 as a", "core/x.sql:1: the first line does not say what one row is", "begin with"},
		"no key":          {"core/x.sql", "-- One row.\nselect 1 as a", "core/x.sql:1: no key", "-- key: agency"},
		"unknown word":    {"core/x.sql", "-- One row.\n-- kye: a\nselect 1 as a", `core/x.sql:2: unknown word "kye"`, `did you mean "key"?`},
		"key twice":       {"core/x.sql", plain + "-- key: b\nselect 1 as a", "core/x.sql:3: key is said twice", ""},
		"no header line":  {"core/x.sql", plain + "-- prose\nselect 1 as a", `core/x.sql:3: not a header line: "-- prose"`, "a line with -- alone"},
		"folder":          {"measur/x.sql", good, `measur/x.sql: unknown folder "measur"`, `did you mean "measure"?`},
		"depth":           {"core/a/x.sql", good, "core/a/x.sql: lies too deep or not deep enough", "core/<table>.sql"},
		"name":            {"core/X-1.sql", good, `core/X-1.sql: "X-1" is not a table name`, "a-z"},
		"pivot":           {"core/x.sql", plain + "pivot stage.client on sex using count(*)", "core/x.sql:3: pivot is barred", "reports"},
		"no select":       {"core/x.sql", plain + "drop table stage.client", "core/x.sql: not a plain select", "one plain SELECT"},
		"semicolon":       {"core/x.sql", plain + "select 1 as a;", "core/x.sql:3: a semicolon", "leave the semicolon out"},
		"now":             {"core/x.sql", plain + "select now() as a", "core/x.sql:3: now is barred", "core.quarter"},
		"current_date":    {"core/x.sql", plain + "select\n  current_date as a", "core/x.sql:4: current_date is barred", "core.quarter"},
		"random":          {"core/x.sql", plain + "select random() as a", "core/x.sql:3: random is barred", "md5"},
		"limit":           {"core/x.sql", plain + "select 1 as a from stage.client limit 1", "core/x.sql:3: limit is barred", "total order"},
		"file read":       {"core/x.sql", plain + "select a from read_csv('x.csv')", "core/x.sql:3: read_csv is barred", "only land"},
		"star":            {"core/x.sql", plain + "with a as (select * from stage.client)\nselect a.* from a", "core/x.sql:4: select * in the final list", "one per line"},
		"or in a join":    {"core/x.sql", plain + "select 1 as a from stage.client as c join stage.plan as p on c.agency = p.agency\nor 1 = 1", "core/x.sql:4: or in a join", "union"},
		"to the right":    {"core/x.sql", plain + "select 1 as a from link.child", "core/x.sql: reads link.child, which is to its right", "read only stage, core and fact"},
		"no such step":    {"core/x.sql", plain + "select 1 as a from stge.client", `core/x.sql: reads stge.client: there is no step "stge"`, `did you mean "stage"?`},
		"hidden read":     {"core/x.sql", plain + "select (select max(child_id) from link.child) as a", "reads link.child, which is to its right", ""},
		"itself":          {"core/x.sql", plain + "select 1 as a from core.x", "core/x.sql: reads itself", ""},
		"no such model":   {"link/x.sql", plain + "select 1 as a from core.clients", "link/x.sql: reads core.clients, which no file makes", ""},
		"measure id":      {"measure/p/n.sql", measureHeader + measureSelect, `measure "m" lies in a file of another name`, "m.sql"},
		"kind":            {"measure/p/m.sql", change("kind: count", "kind: cuont"), `measure/p/m.sql:3: kind "cuont" is none of count`, `did you mean "count"?`},
		"since":           {"measure/p/m.sql", change("2025-26Q1", "2025-27Q1"), "measure/p/m.sql:7: quarter", "2025-26Q1"},
		"version":         {"measure/p/m.sql", change("version: 1", "version: one"), `version "one" is not a whole number`, ""},
		"margin":          {"measure/p/m.sql", change("by: source", "by: source, area"), "by names area, which comes for all measures", ""},
		"breakdown":       {"measure/p/m.sql", change("breakdown: source", "breakdown: reason"), `breakdown "reason" is not named`, "-- by:"},
		"list":            {"measure/p/m.sql", change("list: source", "list: sorce"), "measure/p/m.sql: list sorce", "sql/seed"},
		"lacking":         {"measure/p/m.sql", change("-- label: L\n", ""), "measure/p/m.sql:1: label is lacking", ""},
		"evidence table":  {"measure/p/m.sql", change("client.opened_on", "clint.opened_on"), `there is no table "clint"`, `did you mean "client"?`},
		"evidence column": {"measure/p/m.sql", change("client.opened_on", "client.openedon"), `client has no column "openedon"`, `did you mean "opened_on"?`},
		"rule":            {"measure/p/m.sql", change("-- cites", "-- rule: no_date | only English\n-- cites"), "is not: code | English | French", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(tree(t, map[string]string{c.file: c.text}))
			if err == nil {
				t.Fatal("loaded")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if fix := tributary.FixOf(err); !strings.Contains(fix, c.fix) {
				t.Errorf("fix is %q, want %q", fix, c.fix)
			}
		})
	}
}

// TestLoad_allFaultsAtOnce returns the faults of two files together.
func TestLoad_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(tree(t, map[string]string{"core/x.sql": "select 1", "core/y.sql": "select 2"}))
	if err == nil || !strings.Contains(err.Error(), "core/x.sql") || !strings.Contains(err.Error(), "core/y.sql") {
		t.Errorf("got %v", err)
	}
}

// TestLoad_circle names the models that read each other.
func TestLoad_circle(t *testing.T) {
	t.Parallel()
	_, err := Load(tree(t, map[string]string{
		"core/x.sql": plain + "select 1 as a from core.y",
		"core/y.sql": plain + "with q as (select 1 as a from core.z) select a from q",
		"core/z.sql": plain + "select 1 as a from core.x",
	}))
	want := "models read each other in a circle: core.x reads core.y reads core.z reads core.x"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestLoad_barredWordsElsewhere lets them stand in comments, texts and as another table's column.
func TestLoad_barredWordsElsewhere(t *testing.T) {
	t.Parallel()
	text := plain + "--\n-- now or never; limit\nselect distinct on (c.agency) 'now()' as a, /* random */ c.sample as b\n" +
		"from stage.client as c join stage.plan as p on c.agency = p.agency where 1 = 1 or 2 = 2"
	if _, err := Load(tree(t, map[string]string{"core/x.sql": text})); err != nil {
		t.Error(err)
	}
}

// TestLoad_order runs a model after those it reads, through sub-queries, and otherwise by name.
func TestLoad_order(t *testing.T) {
	t.Parallel()
	p, err := Load(tree(t, map[string]string{
		"core/a.sql": plain + "select (select max(a) from core.c) as a",
		"core/b.sql": plain + "select 1 as a from stage.client",
		"core/c.sql": plain + "select 1 as a from stage.client where agency in (select cast(a as varchar) from core.d)",
		"core/d.sql": plain + "select 1 as a from fact.target",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range p.Models("core") {
		got = append(got, m.Name)
	}
	if diff := cmp.Diff([]string{"d", "c", "a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOverlay_workspaceWins replaces a file, adds another and keeps the rest.
func TestOverlay_workspaceWins(t *testing.T) {
	t.Parallel()
	base := tree(t, map[string]string{"core/a.sql": plain + "select 1 as a", "core/b.sql": plain + "select 1 as a"})
	top := fstest.MapFS{
		"core/a.sql":      {Data: []byte(plain + "select 2 as a")},
		"measure/w/m.sql": {Data: []byte(measureHeader + measureSelect)},
	}
	p, err := Load(Overlay(base, top))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(len(p.Models("core")), strings.Contains(p.Models("core")[0].SQL, "select 2"), len(p.Models("measure")))
	if got != "2 true 1" {
		t.Errorf("got %s", got)
	}
	if Overlay(base, nil) == nil {
		t.Error("no layer, no tree")
	}
	if _, err := fs.ReadDir(Overlay(base, top), "nowhere"); err == nil {
		t.Error("a folder that is in neither layer was listed")
	}
}

// TestFingerprint_changesWithTheStepOnly moves with the SQL and codes of its own step.
func TestFingerprint_changesWithTheStepOnly(t *testing.T) {
	t.Parallel()
	files := map[string]string{"core/a.sql": plain + "select 1 as a", "measure/p/m.sql": measureHeader + measureSelect}
	load := func() (core, measure string) {
		p, err := Load(tree(t, files))
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint("core"), p.Fingerprint("measure")
	}
	core, measure := load()
	files["core/a.sql"] = plain + "select 2 as a"
	core2, measure2 := load()
	if core == core2 || measure != measure2 {
		t.Errorf("after a change in core: core %s to %s, measure %s to %s", core, core2, measure, measure2)
	}
	files["seed/source.csv"] = "code,name,name_fr\nself,Family,Famille\n"
	if core3, measure3 := load(); core3 != core2 || measure3 == measure2 {
		t.Errorf("after a change of codes: core %s to %s, measure %s to %s", core2, core3, measure2, measure3)
	}
}

// TestMeasure_guess finds a measure, or the one that was meant.
func TestMeasure_guess(t *testing.T) {
	t.Parallel()
	p := embedded(t)
	if m, _ := p.Measure("csp_referrals"); m == nil || m.Measure.By[0].List != "source" {
		t.Errorf("got %+v", m)
	}
	if m, meant := p.Measure("csp_referals"); m != nil || meant != "csp_referrals" {
		t.Errorf("got %v, %q", m, meant)
	}
}
