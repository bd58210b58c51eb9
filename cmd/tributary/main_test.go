package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
		Setup: func(e *testscript.Env) error {
			e.Setenv("TRIBUTARY_TODAY", "2025-07-10")
			e.Setenv("TRIBUTARY_WHO", "analyst")
			return nil
		},
	})
}
