// Package config decodes the workspace's YAML files strictly.
//
// Takes the name and bytes of a file and a pointer to plain Go values; leaves those values filled,
// or every fault of the file at once, each with its line, a guess and a remedy; never opens a file by itself, reads
// the environment or the clock, and never resolves a secret: references stay text.
package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"tributary"
)

// Scalar is implemented by a struct that may also be written as one plain value.
type Scalar interface{ FromScalar(text string) error }

// List is implemented by a struct that may also be written as a list of plain values.
type List interface{ FromList(items []string) error }

// Map is implemented by a struct that is written as keys of the user's choice with plain values.
type Map interface {
	FromMap(items map[string]string) error
}

var (
	nodeType = reflect.TypeFor[ast.Node]()
	lineText = regexp.MustCompile(`^\[(\d+):\d+\] ([^\n]*)`)
)

// Decode fills into, a pointer, from YAML. It knows structs (tag yaml:"key"), maps with text keys,
// slices, text, numbers, booleans, encoding.TextUnmarshaler, Scalar, List, Map and ast.Node (kept as
// it is). The fields of an embedded struct are its own. A struct field tagged yaml:",line" receives the line where its mapping begins, one tagged
// yaml:",keys" (a []string) the keys that were written. All faults are returned together, in line
// order, by errors.Join.
func Decode(name string, data []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("%s: decode into %T: not a pointer", name, into)
	}
	if line, ok := tooDeep(data); !ok {
		return Fault(name, line, "write plain lists and mappings", "brackets open more than %d deep", deepest)
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return syntaxFault(name, err)
	}
	d := &decoder{name: name}
	for i, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if i > 0 {
			d.fault(lineOf(doc.Body), "write one document: remove the line ---", "a second document begins")
			break
		}
		d.value(doc.Body, target.Elem())
	}
	return d.err()
}

// deepest is how many brackets may be open at once. The parser's memory grows with the square of the
// depth: 100,000 brackets in 200 kB would take all there is.
const deepest = 50

// tooDeep counts open brackets, without regard to quotes: nobody opens fifty in a text either.
func tooDeep(data []byte) (line int, ok bool) {
	line = 1
	open := 0
	for _, b := range data {
		switch b {
		case '\n':
			line++
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		}
		if open > deepest {
			return line, false
		}
	}
	return line, true
}

// DecodeNode fills into from a node that an earlier Decode kept, with the same strictness.
func DecodeNode(name string, node ast.Node, into any) error {
	d := &decoder{name: name}
	if node != nil {
		d.value(node, reflect.ValueOf(into).Elem())
	}
	return d.err()
}

// Fault is one fault of a configuration file in the form that Decode uses: name:line: what.
func Fault(name string, line int, fix, format string, args ...any) error {
	return tributary.Fix(fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)), fix)
}

// Guess returns the word that was most likely meant, or "" when none is near.
func Guess(word string, words []string) string {
	best, distance := "", 1+len([]rune(word))/3
	for _, w := range words {
		if n := edits(strings.ToLower(word), strings.ToLower(w)); n < distance || (n == distance && best == "") {
			best, distance = w, n
		}
	}
	return best
}

func syntaxFault(name string, err error) error {
	if m := lineText.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		return Fault(name, line, "check the indentation and the quotes at this line", "%s", m[2])
	}
	return tributary.Fix(fmt.Errorf("%s: %w", name, err), "check the indentation and the quotes")
}

type decoder struct {
	name   string
	faults []fault
}

type fault struct {
	line int
	err  error
}

func (d *decoder) fault(line int, fix, format string, args ...any) {
	d.faults = append(d.faults, fault{line, Fault(d.name, line, fix, format, args...)})
}

func (d *decoder) err() error {
	slices.SortStableFunc(d.faults, func(a, b fault) int { return a.line - b.line })
	errs := make([]error, len(d.faults))
	for i, f := range d.faults {
		errs[i] = f.err
	}
	return errors.Join(errs...)
}

func (d *decoder) value(node ast.Node, into reflect.Value) {
	if into.Type() == nodeType {
		into.Set(reflect.ValueOf(node))
		return
	}
	if into.Kind() == reflect.Pointer {
		if into.IsNil() {
			into.Set(reflect.New(into.Type().Elem()))
		}
		d.value(node, into.Elem())
		return
	}
	switch n := node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		d.fault(lineOf(node), "write the value out", "anchors, aliases and tags are not used here")
		return
	case *ast.NullNode:
		return
	case *ast.SequenceNode:
		if list, ok := into.Addr().Interface().(List); ok {
			if items, ok := d.texts(n); ok {
				d.shaped(node, list.FromList(items), into)
			}
			return
		}
	case ast.ScalarNode:
		if d.scalar(node, textOf(n), into) {
			return
		}
	}
	switch into.Kind() {
	case reflect.Struct:
		d.structure(node, into)
	case reflect.Map:
		d.mapping(node, into)
	case reflect.Slice:
		d.slice(node, into)
	case reflect.Interface:
		into.Set(reflect.ValueOf(d.loose(node)))
	default:
		d.fault(lineOf(node), "", "%s expected, not %s", kindName(into.Type()), shapeName(node))
	}
}

// scalar reports whether it dealt with the value.
func (d *decoder) scalar(node ast.Node, text string, into reflect.Value) bool {
	switch v := into.Addr().Interface().(type) {
	case Scalar:
		d.shaped(node, v.FromScalar(text), into)
		return true
	case encoding.TextUnmarshaler:
		if err := v.UnmarshalText([]byte(text)); err != nil {
			d.fault(lineOf(node), tributary.FixOf(err), "%v", err)
		}
		return true
	}
	var err error
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			into.SetBool(b)
		}
	case reflect.Int, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(text, 10, 64); err == nil {
			into.SetInt(i)
		}
	case reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(text, 64); err == nil {
			into.SetFloat(f)
		}
	default:
		return false
	}
	if err != nil {
		d.fault(lineOf(node), "", "%q is not a %s", text, kindName(into.Type()))
	}
	return true
}

// shaped ends a Scalar or List: its error gets the line, and a line field is set.
func (d *decoder) shaped(node ast.Node, err error, into reflect.Value) {
	if err != nil {
		d.fault(lineOf(node), tributary.FixOf(err), "%v", err)
	}
	if into.Kind() == reflect.Struct {
		setLine(into, lineOf(node))
	}
}

func (d *decoder) structure(node ast.Node, into reflect.Value) {
	if free, ok := into.Addr().Interface().(Map); ok {
		items := map[string]string{}
		d.mapping(node, reflect.ValueOf(&items).Elem())
		d.shaped(node, free.FromMap(items), into)
		return
	}
	pairs, ok := d.pairs(node)
	if !ok {
		return
	}
	setLine(into, lineOf(node))
	fields, names, keys := map[string][]int{}, []string{}, []int(nil)
	for _, f := range reflect.VisibleFields(into.Type()) {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "keys":
			keys = f.Index
		case key != "" && key != "-":
			fields[key] = f.Index
			names = append(names, key)
		}
	}
	for _, p := range pairs {
		at, known := fields[p.key]
		if !known {
			fix := "the words here are " + strings.Join(names, ", ")
			if guess := Guess(p.key, names); guess != "" {
				fix = fmt.Sprintf("did you mean %q?", guess)
			}
			d.fault(p.line, fix, "unknown key %q", p.key)
			continue
		}
		if keys != nil {
			list := into.FieldByIndex(keys)
			list.Set(reflect.Append(list, reflect.ValueOf(p.key)))
		}
		d.value(p.value, into.FieldByIndex(at))
	}
}

func (d *decoder) mapping(node ast.Node, into reflect.Value) {
	pairs, ok := d.pairs(node)
	if !ok {
		return
	}
	if into.IsNil() {
		into.Set(reflect.MakeMap(into.Type()))
	}
	for _, p := range pairs {
		item := reflect.New(into.Type().Elem()).Elem()
		d.value(p.value, item)
		into.SetMapIndex(reflect.ValueOf(p.key).Convert(into.Type().Key()), item)
	}
}

// slice also takes one value where a list of one is meant.
func (d *decoder) slice(node ast.Node, into reflect.Value) {
	items := []ast.Node{node}
	if seq, ok := node.(*ast.SequenceNode); ok {
		items = seq.Values
	}
	for _, n := range items {
		item := reflect.New(into.Type().Elem()).Elem()
		d.value(n, item)
		into.Set(reflect.Append(into, item))
	}
}

type pair struct {
	key   string
	line  int
	value ast.Node
}

// pairs lists a mapping's entries and faults those written twice.
func (d *decoder) pairs(node ast.Node) ([]pair, bool) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.fault(lineOf(node), "write it as key: value", "a mapping expected, not %s", shapeName(node))
		return nil, false
	}
	first := map[string]int{}
	var out []pair
	for _, v := range values {
		p := pair{key: keyText(v.Key), line: v.Key.GetToken().Position.Line, value: v.Value}
		if line, twice := first[p.key]; twice {
			d.fault(p.line, fmt.Sprintf("keep one of the two; the first is at line %d", line), "key %q written twice", p.key)
			continue
		}
		first[p.key] = p.line
		out = append(out, p)
	}
	return out, true
}

func (d *decoder) texts(seq *ast.SequenceNode) ([]string, bool) {
	var out []string
	for _, n := range seq.Values {
		s, ok := n.(ast.ScalarNode)
		if !ok {
			d.fault(lineOf(n), "", "a plain value expected, not %s", shapeName(n))
			return nil, false
		}
		out = append(out, textOf(s))
	}
	return out, true
}

// loose decodes into plain Go values, text for every scalar.
func (d *decoder) loose(node ast.Node) any {
	switch n := node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		pairs, _ := d.pairs(node)
		out := map[string]any{}
		for _, p := range pairs {
			out[p.key] = d.loose(p.value)
		}
		return out
	case *ast.SequenceNode:
		out := []any{}
		for _, v := range n.Values {
			out = append(out, d.loose(v))
		}
		return out
	case ast.ScalarNode:
		return textOf(n)
	}
	return nil
}
