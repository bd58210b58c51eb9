package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"testing/fstest"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"tributary"
)

// PasswordReference takes the place of an agency's own references in what leaves the building.
const PasswordReference = "${env:TRIBUTARY_FILE_PASSWORD}"

var lineFields = regexp.MustCompile(`"Line":\d+,?`)

// Portable is an agency's file as it may leave the building: without source, schedule, contacts and comments,
// its password references replaced by PasswordReference. It stages as the file itself does.
func Portable(code string, data []byte) ([]byte, error) {
	// Comments may say anything; the parser leaves them out.
	file, err := parser.ParseBytes(data, 0)
	if err != nil || len(file.Docs) != 1 {
		return nil, fmt.Errorf("agencies/%s.yaml: %w", code, errors.Join(err, errors.New("is not one document")))
	}
	drop(file.Docs[0].Body, "source", "schedule", "contacts")
	for _, files := range find(file.Docs[0].Body, "files") {
		for _, rule := range pairsOf(files.Value) {
			for _, word := range find(rule.Value, "password") {
				fresh, err := parser.ParseBytes([]byte(fmt.Sprintf("%q", PasswordReference)), 0)
				if err != nil {
					return nil, err
				}
				word.Value = fresh.Docs[0].Body
			}
		}
	}
	out := []byte(file.String())
	return out, stagesAlike(code, data, out)
}

func pairsOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func find(n ast.Node, key string) []*ast.MappingValueNode {
	var out []*ast.MappingValueNode
	for _, p := range pairsOf(n) {
		if p.Key.GetToken().Value == key {
			out = append(out, p)
		}
	}
	return out
}

func drop(n ast.Node, keys ...string) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return
	}
	var kept []*ast.MappingValueNode
	for _, p := range m.Values {
		isKept := true
		for _, k := range keys {
			isKept = isKept && p.Key.GetToken().Value != k
		}
		if isKept {
			kept = append(kept, p)
		}
	}
	m.Values = kept
}

// stagesAlike refuses a portable mapping that says something else than the agency's file, or more.
func stagesAlike(code string, was, now []byte) error {
	print := func(data []byte) (string, error) {
		name := "agencies/" + code + ".yaml"
		all, err := Load(fstest.MapFS{name: {Data: data}})
		if err != nil || len(all) != 1 {
			return "", errors.Join(err, errors.New("does not load"))
		}
		a := *all[0]
		a.Source, a.Schedule, a.Contacts = nil, "", nil
		for key, rule := range a.Files {
			if rule.Password != "" {
				rule.Password = PasswordReference
				a.Files[key] = rule
			}
		}
		text, err := json.Marshal(a)
		return lineFields.ReplaceAllString(string(text), ""), err
	}
	before, err := print(was)
	after, err2 := print(now)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("agencies/%s.yaml: %w", code, err)
	}
	if before != after {
		return tributary.Fix(fmt.Errorf("agencies/%s.yaml: written without its source and contacts it would not mean the same", code),
			"write anchors and aliases out in full")
	}
	return nil
}
