package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// told is a finding as a letter names it.
type told struct {
	agency, quarter, file, sheet, check string
	row                                 int64
}

// letters writes the letters and marked copies of all deliveries, without touching the drop, holds that each
// can be read and that every file that counts or is held back has its copy, and returns what the English letters name.
func (v *verifier) letters() ([]told, error) {
	var all []told
	copies, clean := 0, 0
	due, err := v.copiesDue()
	if err != nil {
		return nil, err
	}
	for _, q := range []string{"2025-26Q1", "2025-26Q2", "2025-26Q3", "2025-26Q4"} {
		out, err := v.tributary(v.dir, "report", "feedback", "--only-out", "--quarter", q, "--json")
		if err != nil {
			return nil, err
		}
		var sent []struct {
			Agency, Quarter, State string
			Files                  []string
		}
		if err := json.Unmarshal(out, &sent); err != nil {
			return nil, err
		}
		v.hold(len(sent) == 8, "%s: letters of %d agencies, not of 8", q, len(sent))
		for _, s := range sent {
			letters, own := 0, 0
			for _, path := range s.Files {
				name := filepath.Base(path)
				if !strings.HasPrefix(name, "letter-") {
					is, isClean := isMarked(path)
					v.hold(is, "%s %s: %s has no sheet of ours", s.Agency, q, name)
					own++
					if isClean {
						clean++
					}
					continue
				}
				letters++
				items, text, err := readLetter(path)
				v.hold(err == nil && text != "", "%s %s: %s: %v", s.Agency, q, name, err)
				if name == "letter-fr.xlsx" {
					v.hold(!strings.Contains(text, "en anglais"), "%s %s: %s says something in English only", s.Agency, q, name)
					continue
				}
				for _, t := range items {
					t.agency, t.quarter = s.Agency, q
					all = append(all, t)
				}
			}
			v.hold(letters == 2, "%s %s: %d letters, not one in each language", s.Agency, q, letters)
			v.hold(own == due[s.Agency+q], "%s %s: marked copies of %d files, not of %d", s.Agency, q, own, due[s.Agency+q])
			copies += own
		}
	}
	fmt.Printf("area-a: letters name %d findings; %d marked copies, in %d of them nothing is to be corrected\n", len(all), copies, clean)
	return all, nil
}

// copiesDue counts, by agency and quarter, the files with data that no newer file replaced: of what cannot be read at
// all there is no copy.
func (v *verifier) copiesDue() (map[string]int, error) {
	out, err := v.tributary(v.dir, "sql", "--csv", "--people", "--why", "files that have a marked copy", `select agency, quarter, count(*)
		from stage.file as f where state in ('taken', 'held') and exists (select 1 from stage.section as s
			where s.agency = f.agency and s.quarter = f.quarter and s.file = f.file and s.version = f.version) group by all order by all`)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		return nil, err
	}
	due := map[string]int{}
	for _, row := range rows[1:] {
		if due[row[0]+row[1]], err = strconv.Atoi(row[2]); err != nil {
			return nil, err
		}
	}
	return due, nil
}

// readLetter reads the lists of a letter: the columns file and sheet, row and check by their headings.
func readLetter(path string) (items []told, text string, err error) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	var words strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			return nil, "", err
		}
		at := map[string]int{}
		for _, row := range rows {
			words.WriteString(strings.Join(row, "\n") + "\n")
			heads := map[string]int{}
			for i, cell := range row {
				heads[cell] = i
			}
			if _, ok := heads["Check"]; ok {
				at = heads
				continue
			}
			if len(at) == 0 || at["Check"] >= len(row) || row[at["Check"]] == "" {
				continue
			}
			t := told{check: row[at["Check"]]}
			t.file, t.sheet, _ = strings.Cut(row[at["File and sheet"]], "\n")
			t.row, _ = strconv.ParseInt(row[at["Row"]], 10, 64)
			items = append(items, t)
		}
	}
	return items, words.String(), nil
}

// isMarked looks for our sheet in a marked copy, and whether it says that nothing is to be corrected.
func isMarked(path string) (is, isClean bool) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return false, false
	}
	defer f.Close()
	for _, name := range f.GetDefinedName() {
		sheet, _, _ := strings.Cut(strings.Trim(name.RefersTo, "'"), "'")
		if name.Name == "_tributary_marked" {
			text, err := f.GetCellValue(sheet, "A1")
			return err == nil, strings.HasPrefix(text, "Nothing to correct") || strings.HasPrefix(text, "Rien à corriger")
		}
	}
	return false, false
}

// inLetters holds that each problem that was put into the files is named in the letter of its delivery.
func (v *verifier) inLetters(named []told) error {
	list, checks, err := v.seeded()
	if err != nil {
		return err
	}
	for _, p := range list {
		file, sheet, _ := strings.Cut(p["file"], "#")
		row, _ := strconv.ParseInt(p["row"], 10, 64)
		is := false
		for _, t := range named {
			if t.agency != p["agency"] || t.quarter != strings.Replace(p["period"], "_", "", 1) || file != "" && t.file != file || sheet != "" && t.sheet != sheet || row > 0 && t.row != row {
				continue
			}
			for _, c := range checks[p["kind"]] {
				is = is || t.check == c
			}
		}
		v.hold(is, "problem %s %s %s row %s: %s is in no letter as %v", p["agency"], p["period"], p["file"], p["row"], p["kind"], checks[p["kind"]])
	}
	return nil
}
