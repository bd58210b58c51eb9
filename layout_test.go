package tributary

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The walls of the house (DESIGN 3.1): who may import whom, and who alone may touch what. Tests may
// reach further than the code they test.

// floor is what every machine stands on.
var floor = []string{"tributary", "tributary/pipelines/warehouse", "tributary/pipelines/ledger", "tributary/pipelines/config", "tributary/pipelines/calendar", "tributary/sql"}

// mayImport says, per folder, which of our packages it may import; the longest prefix decides.
var mayImport = map[string][]string{
	".":                          {},
	"sql":                        {},
	"pipelines/config":           {"tributary"},
	"pipelines/calendar":         {"tributary"},
	"pipelines/notify":           {"tributary"},
	"pipelines/warehouse":        {"tributary"},
	"pipelines/ledger":           {"tributary", "tributary/pipelines/warehouse"},
	"pipelines/land":             floor,
	"pipelines/mapping":          floor,
	"pipelines/model":            floor,
	"pipelines/link":             floor,
	"pipelines/release":          append([]string{"tributary/pipelines/release/disclose"}, floor...),
	"pipelines/release/disclose": {},
	"pipelines/why":              {"tributary", "tributary/pipelines"},
	"pipelines":                  {"tributary", "tributary/pipelines", "tributary/connectors", "tributary/reports", "tributary/sql"},
	"connectors":                 {"tributary", "tributary/connectors"},
	"reports":                    {"tributary", "tributary/reports"},
	"examples":                   {"tributary", "tributary/examples", "tributary/reports/forms", "tributary/pipelines/warehouse", "tributary/pipelines/link"},
	"cmd":                        {"tributary"},
}

// below says which of mayImport's words stand for a whole tree.
var trees = map[string]bool{"tributary/connectors": true, "tributary/reports": true, "tributary/examples": true}

// owners says which folders alone may import a library outside of tests.
var owners = map[string][]string{
	"github.com/duckdb/duckdb-go": {"pipelines/warehouse"},
	"github.com/xuri/excelize":    {"pipelines/land", "reports", "examples/demo", "examples/area-a/verify"},
	"github.com/mattn/go-sqlite3": {"pipelines/ledger"},
	"github.com/apache/arrow-go":  {"pipelines/land", "connectors/database", "examples/demo"},
	"github.com/goccy/go-yaml":    {"pipelines/config", "pipelines/mapping", "pipelines/model"},
	"github.com/spf13/cobra":      {"cmd"},
	"github.com/robfig/cron":      {"pipelines/calendar"},
	"github.com/wneessen/go-mail": {"pipelines/notify"},
	"github.com/rclone/rclone":    {"connectors/remote"},
	"github.com/jackc/pgx":        {"connectors/database"},
	"github.com/microsoft":        {"connectors/database"},
	"aead.dev/minisign":           {"reports/submit"},
	"golang.org/x/term":           {"cmd"},
	"gonum.org/v1/gonum":          {"pipelines/release"},
	"github.com/chromedp":         {}, // tests alone
	"golang.org/x/crypto/argon2":  {"pipelines"},
	"net":                         {"connectors", "pipelines/notify", "reports/pages", "cmd"},
	"tributary/pipelines/why":     {"cmd"},
	"tributary/pipelines/onboard": {"cmd"},
	"tributary/examples/demo":     {"cmd", "examples/people", "examples/accuracy"},
	"tributary/pipelines/release": {"pipelines"},
}

// calls may be made in these folders alone.
var calls = map[string][]string{
	"os.Getenv":    {"cmd", "connectors/connectortest", "examples/area-a", "examples/accuracy"},
	"os.LookupEnv": {"cmd"},
	"os.Environ":   {"cmd", "connectors/connectortest", "examples/area-a", "examples/accuracy"},
	// Steps are timed for the log; no result depends on it.
	"time.Now": {"cmd", "examples/area-a", "pipelines/run.go", "pipelines/build.go", "pipelines/mapping", "pipelines/model", "pipelines/land"},
	// A hint that cannot be written as JSON is a programmer's mistake.
	"panic": {"pipelines/land/catalogue.go"},
}

type source struct {
	file, dir string
	parsed    *ast.File
}

func sources(t *testing.T) []source {
	var out []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		if d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{p, path.Dir(p), parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func under(dir string, folders []string) bool {
	for _, f := range folders {
		if dir == f || strings.HasPrefix(dir, f+"/") {
			return true
		}
	}
	return false
}

func rule(dir string) ([]string, bool) {
	for at := dir; ; at = path.Dir(at) {
		if allowed, ok := mayImport[at]; ok {
			return allowed, true
		}
		if at == "." || at == "/" {
			return nil, false
		}
	}
}

func TestLayout_imports(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		allowed, ok := rule(s.dir)
		if s.dir != "." && !ok {
			t.Errorf("%s: the folder has no rule in mayImport", s.file)
		}
		for _, i := range s.parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if name == "tributary" || strings.HasPrefix(name, "tributary/") {
				if !permitted(s.dir, name, allowed) {
					t.Errorf("%s imports %s: its folder may import only %v", s.file, name, allowed)
				}
			}
			for lib, homes := range owners {
				if (name == lib || strings.HasPrefix(name, lib+"/")) && !under(s.dir, homes) {
					t.Errorf("%s imports %s: only %v may", s.file, name, homes)
				}
			}
		}
	}
}

func permitted(dir, name string, allowed []string) bool {
	if strings.HasPrefix(dir, "cmd") {
		return true
	}
	// The page that knows all machines is pipelines itself, and why reads what they left.
	if dir == "pipelines" && strings.HasPrefix(name, "tributary/pipelines/") {
		return true
	}
	for _, a := range allowed {
		if name == a || (trees[a] && strings.HasPrefix(name, a+"/")) {
			return true
		}
	}
	return dir == "pipelines/why" && strings.HasPrefix(name, "tributary/pipelines/")
}

func TestLayout_environmentAndClock(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		ast.Inspect(s.parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				if x, ok := f.X.(*ast.Ident); ok {
					name = x.Name + "." + f.Sel.Name
				}
			}
			if homes, barred := calls[name]; barred && !under(s.dir, homes) && !under(s.file, homes) {
				t.Errorf("%s calls %s: only %v may", s.file, name, homes)
			}
			return true
		})
	}
}

func TestLayout_everyPackagePromises(t *testing.T) {
	t.Parallel()
	documented, seen := map[string]bool{}, map[string]string{}
	for _, s := range sources(t) {
		seen[s.dir] = s.file
		if s.parsed.Doc != nil {
			documented[s.dir] = true
		}
		for _, d := range s.parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init() hides work from the reader", s.file)
			}
		}
	}
	for dir, file := range seen {
		if !documented[dir] {
			t.Errorf("%s (%s): the package has no comment that says what it takes, leaves and never does", dir, file)
		}
	}
}

// TestLayout_wallsAreThere fails when a folder of the rules is gone: a rule about nothing guards
// nothing.
func TestLayout_wallsAreThere(t *testing.T) {
	t.Parallel()
	dirs := map[string]bool{}
	for _, s := range sources(t) {
		for at := s.dir; at != "." && at != "/"; at = path.Dir(at) {
			dirs[at] = true
		}
	}
	for dir := range mayImport {
		if dir != "." && !dirs[dir] {
			t.Errorf("mayImport speaks of %s, which is not there", dir)
		}
	}
}
