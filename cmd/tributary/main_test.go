package main

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"tributary/examples/demo"
)

var update = flag.Bool("update", false, "rewrite what scripts expect")

// lean lets the programs that tests start share the machine: one thread each for the engine, as two tests run at
// once, and fewer sweeps of memory. Benches take it away.
const lean = "TRIBUTARY_TEST_LEAN"

// TestMain is the tests, or, in a process that a test started, the program itself. A run costs seconds even where
// the rows are few, for a thousand statements are planned. So a script that needs a whole area types
//
//	area demo d
//
// which lays the demo's workspace, walked through its year and published, into d/workspace; a test in Go calls
// demoArea, or linked for a small area with pairs to review. Each area is made once and copied.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		asTested()
	}
	for name, value := range leanly {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	testscript.Main(tests{m}, map[string]func(){
		"tributary":       asTested,
		"tributary-later": func() { buildVersion = "later"; asTested() }, // another version of the program
	})
}

var leanly = map[string]string{lean: "1", "GOGC": "400"}

func asTested() {
	if os.Getenv(lean) != "" {
		os.Args = slices.Insert(os.Args, 1, "--threads=1")
	}
	os.Exit(start())
}

// tests removes the shared areas when all tests are done.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer shared.remove()
	return t.M.Run()
}

// TestScript types what users type. Each file in testdata/script is one story.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"area": layArea, "form": writeForm},
		Setup:         asAnalyst,
	})
}

// asAnalyst is what the environment of every script says.
func asAnalyst(e *testscript.Env) error {
	e.Setenv("TRIBUTARY_TODAY", "2025-07-10")
	e.Setenv("TRIBUTARY_WHO", "analyst")
	for name, value := range leanly {
		e.Setenv(name, value)
	}
	return nil
}

// writeForm writes the invented ministry's blank form: form FILE; with a word more, one in which every line of the
// report stands two rows lower.
func writeForm(ts *testscript.TestScript, _ bool, args []string) {
	blank, err := demo.Form("en")
	ts.Check(err)
	f, err := excelize.OpenReader(bytes.NewReader(blank))
	ts.Check(err)
	defer f.Close()
	if len(args) > 1 {
		ts.Check(f.InsertRows("Return", 2, 2))
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
}
