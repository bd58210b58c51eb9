package pipelines

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/sql"
)

// childrenTable is Statistics Canada's table of July 1 estimates by census division, age and gender.
const childrenTable = "17-10-0152-01"

// Loaded is what LoadReference read.
type Loaded struct {
	Table     string `json:"table"`
	Divisions int    `json:"divisions"`
	// On is the day that the estimates speak for; SHA256 names the copy in kept/reference.
	On     string `json:"on"`
	SHA256 string `json:"sha256"`
}

// LoadReference reads a file of Statistics Canada's table 17-10-0152-01 as published (the CSV, or the zip that it comes
// in; English or French), takes from it the people and the children (0 to 17) of Ontario's census divisions on the newest
// July 1, as facts, and keeps the file. Rates are per children from then on.
func (w *Workspace) LoadReference(ctx context.Context, path string) (Loaded, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Loaded{}, tributary.Fix(err, "name the file that you downloaded")
	}
	out := Loaded{Table: childrenTable, SHA256: hash(data)}
	divisions, on, err := readPopulation(data)
	if err != nil {
		return Loaded{}, fmt.Errorf("reference load %s: %w", filepath.Base(path), err)
	}
	unlock, err := w.House.Lock()
	if err != nil {
		return Loaded{}, fmt.Errorf("reference load: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	kept := w.Path("kept", "reference", out.SHA256+strings.ToLower(filepath.Ext(path)))
	if err := errors.Join(os.MkdirAll(filepath.Dir(kept), 0o700), writeFile(kept, data)); err != nil {
		return Loaded{}, err
	}
	var facts []ledger.Entry
	for _, d := range divisions {
		facts = append(facts, ledger.Entry{Kind: "population", Who: w.Who, At: w.Now(), Why: "table " + childrenTable, Fields: map[string]string{
			"division": d.code, "population": strconv.FormatInt(d.people, 10), "children": strconv.FormatInt(d.children, 10), "counted_on": on, "sha256": out.SHA256}})
	}
	out.Divisions, out.On = len(divisions), on
	return out, w.Ledger.Append(ctx, facts...)
}

// division is a census division and who lives in it.
type division struct {
	code             string
	people, children int64
}

// populationColumns are the columns that are read, by the headings of the English and the French file.
var populationColumns = map[string][]string{
	"date": {"REF_DATE", "PÉRIODE DE RÉFÉRENCE"}, "dguid": {"DGUID"}, "gender": {"Gender", "Sex", "Genre", "Sexe"},
	"age": {"Age group", "Age", "Groupe d'âge", "Âge"}, "value": {"VALUE", "VALEUR"},
}

// ontario is the DGUID of a census division of Ontario in the borders of 2021.
var ontario = regexp.MustCompile(`^2021A0003(35\d\d)$`)

const downloadFix = "download table 17-10-0152-01 from Statistics Canada (Download options, CSV of the entire table) and name that file, zipped or not"

// readPopulation reads the newest year of the table.
func readPopulation(data []byte) ([]division, string, error) {
	file, err := tableOf(data)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	text := bufio.NewReaderSize(file, 1<<20)
	if mark, err := text.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = text.Discard(3) // it was just seen
	}
	first, _ := text.Peek(4096)
	heading, _, _ := bytes.Cut(first, []byte("\n"))
	r := csv.NewReader(text)
	r.ReuseRecord, r.FieldsPerRecord, r.LazyQuotes = true, -1, true
	if bytes.Count(heading, []byte(";")) > bytes.Count(heading, []byte(",")) {
		r.Comma = ';'
	}
	names, err := r.Read()
	if err != nil {
		return nil, "", tributary.Fix(fmt.Errorf("is no table: %w", err), downloadFix)
	}
	at := map[string]int{}
	for _, column := range slices.Sorted(maps.Keys(populationColumns)) {
		known := populationColumns[column]
		at[column] = slices.IndexFunc(names, func(n string) bool { return slices.Contains(known, strings.TrimSpace(n)) })
		if at[column] < 0 {
			return nil, "", tributary.Fix(fmt.Errorf("is not table %s: it has no column %q", childrenTable, known[0]), downloadFix)
		}
	}
	newest, seen := "", map[string]map[ages]int64{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", tributary.Fix(fmt.Errorf("line %d: %w", lineOf(r), err), downloadFix)
		}
		if len(row) < len(names) {
			return nil, "", tributary.Fix(fmt.Errorf("line %d is cut off", lineOf(r)), "download the file again")
		}
		m := ontario.FindStringSubmatch(row[at["dguid"]])
		if m == nil || !isAllGenders(row[at["gender"]]) || row[at["date"]] < newest {
			continue
		}
		if row[at["date"]] > newest {
			newest, seen = strings.Clone(row[at["date"]]), map[string]map[ages]int64{}
		}
		n, err := strconv.ParseFloat(row[at["value"]], 64)
		group, ok := agesOf(row[at["age"]])
		if err != nil || !ok {
			continue // suppressed, or a median age
		}
		if seen[m[1]] == nil {
			seen[strings.Clone(m[1])] = map[ages]int64{}
		}
		seen[m[1]][group] = int64(n)
	}
	if len(seen) == 0 {
		return nil, "", tributary.Fix(fmt.Errorf("holds no census division of Ontario (DGUID 2021A000335...)"), downloadFix)
	}
	return childrenOf(seen, newest)
}

func lineOf(r *csv.Reader) int {
	line, _ := r.FieldPos(0)
	return line
}

// childrenOf adds the ages from 0 to 17 up.
func childrenOf(seen map[string]map[ages]int64, newest string) ([]division, string, error) {
	var out []division
	for _, code := range slices.Sorted(maps.Keys(seen)) {
		d := division{code: code, people: seen[code][everyAge]}
		for from := 0; from < 18; {
			next := -1
			for _, to := range []int{from, from + 1, from + 2, from + 3, from + 4, 17} {
				if n, ok := seen[code][ages{from, to}]; ok && to < 18 {
					d.children, next = d.children+n, to+1
					break
				}
			}
			if next < 0 {
				return nil, "", tributary.Fix(fmt.Errorf("census division %s: no age group begins at %d and ends by 17", code, from),
					"choose all age groups, single years among them, before you download the table")
			}
			from = next
		}
		if d.people > 0 && d.people < d.children {
			return nil, "", tributary.Fix(fmt.Errorf("census division %s has more children than people", code), downloadFix)
		}
		out = append(out, d)
	}
	day := newest
	if len(newest) == len("2025") {
		day += "-07-01"
	}
	return out, day, nil
}

// ages are the years from one to another, both included.
type ages struct{ from, to int }

var (
	everyAge  = ages{0, 999}
	singleAge = regexp.MustCompile(`^(\d+) (?:years?|ans?)$`)
	ageRange  = regexp.MustCompile(`^(\d+) (?:to|à) (\d+) (?:years|ans)$`)
)

func agesOf(text string) (ages, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch text {
	case "all ages", "total - age", "total - age group", "tous les âges", "total - âge", "total - groupe d'âge":
		return everyAge, true
	case "under 1 year", "moins d'un an", "moins de 1 an":
		return ages{0, 0}, true
	}
	if m := singleAge.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return ages{n, n}, true
	}
	if m := ageRange.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		return ages{from, to}, true
	}
	return ages{}, false
}

func isAllGenders(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return strings.HasPrefix(text, "total") || text == "both sexes" || text == "les deux sexes"
}

// tableOf opens the table inside the zip that Statistics Canada hands out, or the bytes themselves.
func tableOf(data []byte) (io.ReadCloser, error) {
	if !bytes.HasPrefix(data, []byte("PK")) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("is a damaged zip: %w", err), "download the file again")
	}
	for _, f := range z.File {
		if name := strings.ToLower(filepath.Base(f.Name)); strings.HasSuffix(name, ".csv") && !strings.Contains(name, "metadata") {
			if !strings.HasPrefix(name, "17100152") {
				return nil, tributary.Fix(fmt.Errorf("holds %s, which is not table %s", name, childrenTable), downloadFix)
			}
			return f.Open()
		}
	}
	return nil, tributary.Fix(errors.New("holds no CSV file"), downloadFix)
}

// seedRows are the rows of a seed file as maps of their headings.
func seedRows(name string) ([]map[string]string, error) {
	f, err := sql.FS.Open("seed/" + name + ".csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []map[string]string
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, h := range lines[0] {
			row[h] = l[i]
		}
		out = append(out, row)
	}
	return out, nil
}
