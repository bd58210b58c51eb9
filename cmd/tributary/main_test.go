package main

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"area": layArea, "form": writeForm, "estimates": writeEstimates},
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

// writeEstimates writes an invented file in the columns of Statistics Canada's table 17-10-0152-01, of two years, two genders
// and two census divisions: estimates FILE DIVISION AGE..., where AGE is years for each single year up to 20. A FILE that
// ends with .zip holds the table, and what describes it, under its own name.
func writeEstimates(ts *testscript.TestScript, _ bool, args []string) {
	ages := []string{"All ages"}
	for _, age := range args[2:] {
		for n := 0; n <= 20 && age == "years"; n++ {
			ages = append(ages, fmt.Sprint(n, " years"))
		}
		if age != "years" {
			ages = append(ages, age)
		}
	}
	var b bytes.Buffer
	b.WriteString("\ufeff\"REF_DATE\",\"GEO\",\"DGUID\",\"Gender\",\"Age group\",\"UOM\",\"UOM_ID\",\"SCALAR_FACTOR\",\"SCALAR_ID\",\"VECTOR\",\"COORDINATE\",\"VALUE\",\"STATUS\",\"SYMBOL\",\"TERMINATED\",\"DECIMALS\"\n")
	for year := 2024; year <= 2025; year++ {
		for _, division := range []string{args[1], "2481"} {
			for _, gender := range []string{"Total - gender", "Men+"} {
				for i, age := range ages {
					fmt.Fprintf(&b, "\"%d\",\"Somewhere\",\"2021A0003%s\",%q,%q,\"Persons\",\"249\",\"units\",\"0\",\"v1\",\"1.1.%d\",\"%d\",\"\",\"\",\"\",\"0\"\n", year, division, gender, age, i+1, map[bool]int{true: 9000, false: 100}[i == 0])
				}
			}
		}
	}
	if !strings.HasSuffix(args[0], ".zip") {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
		return
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	table := strings.TrimSuffix(filepath.Base(args[0]), "-eng.zip")
	for name, text := range map[string][]byte{table + "_MetaData.csv": []byte("\"Cube Title\"\n"), table + ".csv": b.Bytes()} {
		w, err := z.Create(name)
		ts.Check(err)
		_, err = w.Write(text)
		ts.Check(err)
	}
	ts.Check(z.Close())
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
