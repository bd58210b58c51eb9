package land

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"unicode/utf8"

	"tributary"
)

// jsonSheets writes the sheets of a JSON file side by side: one for the records, one for each array
// of objects in them.
type jsonSheets struct {
	r      *reading
	order  []*jsonSheet
	byName map[string]*jsonSheet
}

type jsonSheet struct {
	*sheetCopy
	column map[string]int
}

// readJSON reads the file once, and once more when a late record had a new column.
func (r *reading) readJSON(lines bool) error {
	head, err := r.sum.peek(sampleBytes)
	if err != nil {
		return err
	}
	encoding := encodingName(r.hint.Encoding)
	if encoding == "" {
		encoding = detectEncoding(head)
	}
	var known []*jsonSheet
	for {
		j := &jsonSheets{r: r, byName: map[string]*jsonSheet{}}
		r.sheets = 0
		for _, k := range known {
			s := j.sheet(k.name)
			s.headings, s.column, s.columns = k.headings, k.column, len(k.headings)
		}
		text := decode(encoding, r.text())
		if lines {
			err = j.readLines(text)
		} else {
			err = j.readDocument(text)
		}
		again, err := j.finish(r.tooLong(err))
		if err != nil {
			return err
		}
		if !again {
			return nil
		}
		known = j.order
		r.found = findings{}
	}
}

func (j *jsonSheets) sheet(name string) *jsonSheet {
	if s := j.byName[name]; s != nil {
		return s
	}
	s := &jsonSheet{column: map[string]int{}, sheetCopy: &sheetCopy{r: j.r, name: name, headings: []string{},
		path: j.r.sheet()}}
	j.byName[name] = s
	j.order = append(j.order, s)
	return s
}

// finish closes all sheets; again says that one needs a second reading.
func (j *jsonSheets) finish(err error) (again bool, _ error) {
	for _, s := range j.order {
		if err == nil && !j.r.opaque {
			switch fault := s.sheetCopy.finish(); {
			case errors.Is(fault, errWider):
				again = true
			default:
				err = fault
			}
		}
	}
	if err != nil || again || j.r.opaque {
		for _, s := range j.order {
			s.discard()
		}
		return again && err == nil && !j.r.opaque, err
	}
	for _, s := range j.order {
		j.r.add(tributary.Sheet{Name: s.name, Headings: s.headings, Columns: s.columns, Rows: s.rows,
			Parquet: filepath.Base(s.path)}, s.gate)
	}
	return false, nil
}

// readLines reads JSON Lines; the row is the line.
func (j *jsonSheets) readLines(text io.Reader) error {
	main := j.sheet("")
	lines := newLineReader(text, false)
	good := 0
	for number := int64(1); ; number++ {
		line, ended, err := lines.next()
		if err != nil || line == nil {
			if good == 0 && err == nil {
				j.r.unreadable("no line of the file is JSON")
			}
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			if err := main.put(record{number: number}); err != nil {
				return err
			}
			continue
		}
		if !utf8.Valid(line) {
			line = mend(line)
			j.r.found.cell(markNotUTF8, "", number, "")
		}
		v, err := parseJSON(line)
		if err != nil {
			if err := j.broken(main, number, ended); err != nil {
				return err
			}
			continue
		}
		good++
		if err := j.record("", number, "", v); err != nil {
			return err
		}
	}
}

// broken keeps the place of a record that cannot be read.
func (j *jsonSheets) broken(s *jsonSheet, number int64, ended bool) error {
	if ended {
		j.r.found.add("row_short", tributary.SetsAside, s.name, number, "", "the line is not a whole JSON object")
		return s.put(record{number: number, fault: "short"})
	}
	j.r.found.add("file_cut_off", tributary.SetsAside, s.name, number, "", "the file ends inside this record; ask for the whole file")
	return s.put(record{number: number, fault: "cut"})
}

// readDocument reads one JSON document: an array of records, or an object whose arrays of objects
// are the tables. The row is the ordinal in the array.
func (j *jsonSheets) readDocument(text io.Reader) error {
	d := json.NewDecoder(skipMark(text))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		j.r.unreadable("is not JSON")
		return nil
	}
	switch t {
	case json.Delim('['):
		return j.readArray(d, "")
	case json.Delim('{'):
	default:
		j.r.unreadable("is JSON, but no table: neither an object nor an array")
		return nil
	}
	top := value{kind: 'o'}
	if done, err := j.readMembers(d, "", 1, &top); done || err != nil {
		return err
	}
	if len(top.keys) > 0 || len(j.order) == 0 {
		return j.record("", 1, "", top)
	}
	return nil
}

// readMembers reads the members of the document's object, or of an object within it such as the envelope of an
// export: lists of objects are tables, what stands beside them goes into top. done says that the document breaks off.
func (j *jsonSheets) readMembers(d *json.Decoder, prefix string, depth int, top *value) (done bool, _ error) {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return true, j.cutDocument("", 1)
		}
		name, _ := key.(string)
		name = prefix + name
		t, err := d.Token()
		if err != nil {
			return true, j.cutDocument("", 1)
		}
		switch {
		case t == json.Delim('{') && depth < jsonDepth:
			if done, err := j.readMembers(d, name+".", depth+1, top); done || err != nil {
				return true, err
			}
			continue
		case t == json.Delim('['):
			if err := j.readArray(d, name); err != nil || j.r.opaque {
				return true, err
			}
			continue
		}
		v, err := parseFrom(d, t, depth)
		if err != nil {
			return true, j.cutDocument("", 1)
		}
		top.keys, top.items = append(top.keys, name), append(top.items, v)
	}
	if _, err := d.Token(); err != nil {
		return true, j.cutDocument("", 1)
	}
	return false, nil
}

// readArray reads the elements of an array one by one.
func (j *jsonSheets) readArray(d *json.Decoder, name string) error {
	number := int64(0)
	for d.More() {
		number++
		t, err := d.Token()
		if err != nil {
			return j.cutDocument(name, number)
		}
		v, err := parseFrom(d, t, 1)
		if err != nil {
			return j.cutDocument(name, number)
		}
		if v.kind != 'o' {
			v = value{kind: 'o', keys: []string{"value"}, items: []value{v}}
		}
		if err := j.record(name, number, "", v); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return j.cutDocument(name, number+1)
	}
	return nil
}

// cutDocument ends the reading of a document that breaks off; what was read stays.
func (j *jsonSheets) cutDocument(name string, number int64) error {
	if len(j.order) == 0 {
		j.r.unreadable("is not JSON, or breaks off before the first record")
		return nil
	}
	return j.broken(j.sheet(name), number, false)
}

// record writes an object as one row, and its arrays of objects as rows of their own sheets.
func (j *jsonSheets) record(sheet string, number int64, path string, v value) error {
	if v.kind != 'o' {
		v = value{kind: 'o', keys: []string{"value"}, items: []value{v}}
	}
	s := j.sheet(sheet)
	rec := record{number: number, path: path}
	var children []child
	s.flatten(&rec, "", v, &children)
	if err := s.put(rec); err != nil {
		return err
	}
	for _, c := range children {
		name, at := c.path, c.path
		if sheet != "" {
			name = sheet + "." + c.path
		}
		if path != "" {
			at = path + "." + c.path
		}
		for i, item := range c.items {
			if err := j.record(name, number, at+"["+strconv.Itoa(i)+"]", item); err != nil {
				return err
			}
		}
	}
	return nil
}

type child struct {
	path  string
	items []value
}

// flatten puts the scalars below v into rec under dotted names.
func (s *jsonSheet) flatten(rec *record, prefix string, v value, children *[]child) {
	for i, key := range v.keys {
		item, name := v.items[i], key
		if prefix != "" {
			name = prefix + "." + key
		}
		switch {
		case item.kind == 'o' && len(item.keys) > 0:
			s.flatten(rec, name, item, children)
		case item.kind == 'a' && item.isTable():
			*children = append(*children, child{name, item.items})
		case item.kind == 'a' && len(item.items) == 0:
			// An empty array may be a table without rows: no column comes of it.
		case item.kind == 'a', item.kind == 'o':
			s.set(rec, name, item.render())
		case item.kind == 0:
			s.index(name)
		default:
			s.set(rec, name, item.text)
		}
	}
}

func (s *jsonSheet) index(name string) int {
	i, ok := s.column[name]
	if !ok {
		i = len(s.headings)
		s.column[name] = i
		s.headings = append(s.headings, name)
	}
	return i
}

func (s *jsonSheet) set(rec *record, name, text string) {
	i := s.index(name)
	for len(rec.cells) <= i {
		rec.cells = append(rec.cells, nil)
	}
	if rec.cells[i] != nil && *rec.cells[i] != text {
		s.r.found.add("unusual_text", tributary.Note, s.name, rec.number, name, "has two values in one record; the last one is read")
	}
	rec.cells[i] = &text
}
