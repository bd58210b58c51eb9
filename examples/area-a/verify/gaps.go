package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// gaps writes the gap report, and holds that its pages stand alone, stay small and answer the three questions.
func (v *verifier) gaps() error {
	started := time.Now()
	out, err := v.tributary(v.dir, "report", "gaps", "--json")
	if err != nil {
		return err
	}
	var wrote struct{ Files []string }
	if err := json.Unmarshal(out, &wrote); err != nil {
		return err
	}
	v.hold(len(wrote.Files) == 4, "report gaps wrote %q", wrote.Files)
	for _, path := range wrote.Files {
		page, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		if filepath.Ext(path) == ".xlsx" {
			continue
		}
		v.hold(len(page) < 3<<20, "%s has %d bytes", name, len(page))
		v.hold(!strings.Contains(string(page), "https://") && !strings.Contains(string(page), "src="), "%s asks for something outside of it", name)
		v.hold(strings.Count(string(page), `class="answer"`) == 3, "%s does not answer three questions", name)
	}
	fmt.Printf("area-a: gap report in %.1f s, %s\n", time.Since(started).Seconds(), wrote.Files[0])
	return nil
}
