package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// shared are the areas that several tests begin with: each is made by the first that asks, and copied.
var shared areas

type areas struct {
	mu   sync.Mutex
	root string
	made map[string]func() (dir string, err error)
}

// lay copies an area to a folder; fill makes it, in a folder of its own, where nobody asked before.
func (a *areas) lay(name, to string, fill func(dir string) error) error {
	a.mu.Lock()
	if a.root == "" {
		root, err := os.MkdirTemp("", "tributary-areas-")
		if err != nil {
			a.mu.Unlock()
			return err
		}
		a.root, a.made = root, map[string]func() (string, error){}
	}
	dir := filepath.Join(a.root, name)
	if a.made[name] == nil {
		a.made[name] = sync.OnceValues(func() (string, error) { return dir, fill(dir) })
	}
	ready := a.made[name]
	a.mu.Unlock()
	from, err := ready()
	if err != nil {
		return fmt.Errorf("area %s: %w", name, err)
	}
	return copyTree(from, to)
}

func (a *areas) remove() { _ = os.RemoveAll(a.root) } // empty where no test asked for any

// copyTree copies a folder with its modes and times, so that the copy is as the program left it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(at, info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(at, data, info.Mode().Perm()); err != nil {
			return err
		}
		return os.Chtimes(at, info.ModTime(), info.ModTime())
	})
}

// fillDemo makes a small demo: the same year, agencies and faults, fewer children.
func fillDemo(dir string) error {
	return says(command(filepath.Dir(dir), "demo", dir, "--children", "200"), "return-en.xlsx")
}

// says runs a program, which must end well and print a text.
func says(c *exec.Cmd, text string) error {
	out, err := c.CombinedOutput()
	if err == nil && !strings.Contains(string(out), text) {
		err = fmt.Errorf("%v does not say %q", c.Args, text)
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return err
}

// demoArea lays the demo into a folder and returns its workspace.
func demoArea(t *testing.T, dir string) string {
	t.Helper()
	if err := shared.lay("demo", dir, fillDemo); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "workspace")
}

// layArea is the word area of scripts: area demo DIR.
func layArea(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 || args[0] != "demo" {
		ts.Fatalf("usage: area demo DIR")
	}
	ts.Check(shared.lay("demo", ts.MkAbs(args[1]), fillDemo))
}
