// Package connectortest is the exam that every connector passes.
//
// Takes a way to make the connector and to play the agency on the other side; leaves a failed test
// for each broken promise; never needs a network beyond loopback.
package connectortest

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/connectors"
)

// Place is a connector and the agency's side of it.
type Place struct {
	Connector connectors.Connector
	// Publish puts a file where the connector finds it for the agency AA and that quarter.
	Publish func(t *testing.T, q tributary.Quarter, name string, data []byte)
	// Break makes the reading of that file end half way, or the file change meanwhile.
	Break func(t *testing.T, q tributary.Quarter, name string)
	// Secrets are the values that may stand in no message.
	Secrets []string
	// Wrong are connectors that must not get in, each under the name of what is wrong, such as "wrong
	// password" or "host key changed"; Publish is called before.
	Wrong map[string]func(t *testing.T) connectors.Connector
	// Unpack turns what lies in the inbox into what was published, where the connector writes files of its
	// own, such as Parquet; nil when they are the same.
	Unpack func(t *testing.T, files map[string][]byte) map[string][]byte
}

const agency = "AA"

// Run holds one sub-test per promise. make is called once for each; source is the folder of the
// connector's Go files, usually ".".
func Run(t *testing.T, source string, make func(t *testing.T) Place) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Place){
		"whole":      whole,
		"repeatable": repeatable,
		"broken":     broken,
		"cancelled":  cancelled,
		"not ready":  notReady,
		"wrong":      wrong,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := make(t)
			test(t, place)
			keepsSecrets(t, place, fmt.Sprintf("%v %+v", place.Connector, place.Connector))
		})
	}
	t.Run("no environment", func(t *testing.T) {
		t.Parallel()
		noEnvironment(t, source)
	})
}

func quarter(t *testing.T) tributary.Quarter {
	t.Helper()
	q, err := tributary.ParseQuarter("2025-26Q1")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func whole(t *testing.T, p Place) {
	q, inbox := quarter(t), t.TempDir()
	large := []byte(strings.Repeat("0123456789abcdef", 20_000))
	want := map[string][]byte{"a.csv": []byte("x,y\n1,2\n"), "b é.txt": large, "empty.csv": {}}
	for name, data := range want {
		p.Publish(t, q, name, data)
	}
	p.Publish(t, q.Next(), "later.csv", []byte("not of this quarter"))
	receipt, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, p.read(t, inbox, q)); diff != "" {
		t.Errorf("inbox differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.csv", "b é.txt", "empty.csv"}, receipt.Files); p.Unpack == nil && diff != "" {
		t.Errorf("receipt differs (-want +got):\n%s", diff)
	}
}

func repeatable(t *testing.T, p Place) {
	q, inbox := quarter(t), t.TempDir()
	p.Publish(t, q, "a.csv", []byte("one"))
	var raw map[string][]byte
	for range 2 {
		if _, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q); err != nil {
			t.Fatal(err)
		}
		again := read(t, inbox, q)
		if diff := cmp.Diff(raw, again); raw != nil && diff != "" {
			t.Errorf("the same files came as other bytes (-first +second):\n%s", diff)
		}
		raw = again
		if diff := cmp.Diff(map[string][]byte{"a.csv": []byte("one")}, p.read(t, inbox, q)); diff != "" {
			t.Errorf("inbox differs (-want +got):\n%s", diff)
		}
	}
	p.Publish(t, q, "a.csv", []byte("two"))
	if _, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]byte{"a.csv": []byte("two")}, p.read(t, inbox, q)); diff != "" {
		t.Errorf("inbox after the agency's change differs (-want +got):\n%s", diff)
	}
}

func broken(t *testing.T, p Place) {
	q, inbox := quarter(t), t.TempDir()
	p.Publish(t, q, "a.csv", []byte("good"))
	if _, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q); err != nil {
		t.Fatal(err)
	}
	p.Publish(t, q, "a.csv", []byte("good too"))
	p.Publish(t, q, "b.csv", []byte(strings.Repeat("row\n", 10_000)))
	p.Break(t, q, "b.csv")
	_, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q)
	switch {
	case err == nil:
		t.Fatal("a broken file was taken as whole")
	case errors.Is(err, connectors.ErrNotReady):
		t.Errorf("a broken file is a fault, not %v", err)
	}
	keepsSecrets(t, p, err.Error()+tributary.FixOf(err))
	if diff := cmp.Diff(map[string][]byte{"a.csv": []byte("good")}, p.read(t, inbox, q)); diff != "" {
		t.Errorf("the earlier delivery changed (-want +got):\n%s", diff)
	}
	nothingElse(t, inbox)
}

func cancelled(t *testing.T, p Place) {
	q, inbox := quarter(t), t.TempDir()
	p.Publish(t, q, "a.csv", []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := connectors.Pull(ctx, p.Connector, inbox, agency, q)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled in the chain", err)
	}
	if got := read(t, inbox, q); len(got) != 0 {
		t.Errorf("%d files are visible after a cancelled pull", len(got))
	}
	nothingElse(t, inbox)
}

func notReady(t *testing.T, p Place) {
	q, inbox := quarter(t), t.TempDir()
	p.Publish(t, q.Next(), "later.csv", []byte("x"))
	_, err := connectors.Pull(t.Context(), p.Connector, inbox, agency, q)
	if !errors.Is(err, connectors.ErrNotReady) {
		t.Fatalf("got %v, want connectors.ErrNotReady in the chain", err)
	}
	keepsSecrets(t, p, err.Error()+tributary.FixOf(err))
	nothingElse(t, inbox)
}

func wrong(t *testing.T, p Place) {
	q := quarter(t)
	p.Publish(t, q, "a.csv", []byte("x"))
	for name, make := range p.Wrong {
		t.Run(name, func(t *testing.T) {
			c, inbox := make(t), t.TempDir()
			_, err := connectors.Pull(t.Context(), c, inbox, agency, q)
			if err == nil || errors.Is(err, connectors.ErrNotReady) || tributary.FixOf(err) == "" {
				t.Fatalf("got %v, fix %q; want a fault with a fix", err, tributary.FixOf(err))
			}
			keepsSecrets(t, p, err.Error()+tributary.FixOf(err)+fmt.Sprintf("%v %+v %#v", c, c, c))
			if got := read(t, inbox, q); len(got) != 0 {
				t.Errorf("%d files are visible", len(got))
			}
			nothingElse(t, inbox)
			if checker, ok := c.(connectors.Checker); ok {
				if err := checker.Check(t.Context()); err == nil {
					t.Error("Check finds nothing wrong")
				} else {
					keepsSecrets(t, p, err.Error()+tributary.FixOf(err))
				}
			}
			t.Log(err, "| fix:", tributary.FixOf(err))
		})
	}
}

func keepsSecrets(t *testing.T, p Place, said string) {
	t.Helper()
	for i, secret := range p.Secrets {
		if secret != "" && strings.Contains(said, secret) {
			t.Errorf("secret %d stands in a message", i+1)
		}
	}
}

func (p Place) read(t *testing.T, inbox string, q tributary.Quarter) map[string][]byte {
	t.Helper()
	files := read(t, inbox, q)
	if p.Unpack == nil {
		return files
	}
	return p.Unpack(t, files)
}

func read(t *testing.T, inbox string, q tributary.Quarter) map[string][]byte {
	t.Helper()
	got := map[string][]byte{}
	folder := filepath.Join(inbox, agency, q.String())
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = data
	}
	return got
}

func nothingElse(t *testing.T, inbox string) {
	t.Helper()
	entries, err := os.ReadDir(inbox)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != agency {
			t.Errorf("%q was left in the inbox", e.Name())
		}
	}
}

// noEnvironment reads the connector's own Go files: what is not called cannot leak in.
func noEnvironment(t *testing.T, source string) {
	names, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no Go files in %q: %v", source, err)
	}
	barred := map[string]bool{"Getenv": true, "LookupEnv": true, "Environ": true, "ExpandEnv": true, "UserHomeDir": true}
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && (pkg.Name == "os" || pkg.Name == "syscall") && barred[sel.Sel.Name] {
				t.Errorf("%s reads the environment", fset.Position(n.Pos()))
			}
			return true
		})
	}
}
