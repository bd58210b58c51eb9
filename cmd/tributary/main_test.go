package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"tributary/examples/demo"
)

var update = flag.Bool("update", false, "rewrite what scripts expect")

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(start())
	}
	testscript.Main(m, map[string]func(){"tributary": func() { os.Exit(start()) }})
}

// TestScript types what users type. Each file in testdata/script is one story.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"form": writeForm},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TRIBUTARY_TODAY", "2025-07-10")
			e.Setenv("TRIBUTARY_WHO", "analyst")
			return nil
		},
	})
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
