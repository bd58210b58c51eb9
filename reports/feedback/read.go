package feedback

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
)

// ErrNotLetter says that a workbook is none of our letters.
var ErrNotLetter = errors.New("it is none of our letters")

const rewrite = "write the letter again with: tributary report feedback; and copy the answers into it"

// signKey adds a sum to a key, so that one that was typed over is known.
func signKey(key string) string {
	sum := sha256.Sum256([]byte(letterMark + key))
	return key + "#" + hex.EncodeToString(sum[:4])
}

// letterName is a defined name that says, without opening a sheet, that a workbook is a letter.
const letterName = "_tributary_letter"

// IsLetter says whether a workbook is one of our letters, by its list of sheets alone.
func IsLetter(r io.ReaderAt, size int64) bool {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return false
	}
	part, err := z.Open("xl/workbook.xml")
	if err != nil {
		return false
	}
	defer part.Close()
	text, err := io.ReadAll(io.LimitReader(part, 1<<20))
	return err == nil && bytes.Contains(text, []byte(`name="`+letterName+`"`))
}

// Read reads the answers of a returned letter. Rows may have been moved, sorted, deleted or left empty; all
// faults are reported at once, each with sheet and row. ErrNotLetter says that it is another workbook.
func Read(r io.ReaderAt, size int64) (Returned, error) {
	var out Returned
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 256 << 20, RawCellValue: true})
	if err != nil {
		return out, ErrNotLetter
	}
	defer f.Close()
	var faults []error
	for _, name := range f.GetSheetList() {
		if text, err := f.GetCellValue(name, "A1"); err == nil && strings.HasPrefix(text, letterMark+"|") {
			if parts := strings.Split(text, "|"); len(parts) == 3 {
				out.Agency, out.Quarter = parts[1], parts[2]
			}
		}
	}
	if out.Agency == "" {
		return out, ErrNotLetter
	}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			return out, fmt.Errorf("read the letter: %w", err)
		}
		var columns [3]int // the corrected value, the yes, the reason
		for i, row := range rows {
			if c, ok := answerColumns(row); ok {
				columns = c
				continue
			}
			key := cell(row, 0)
			if !strings.HasPrefix(key, "finding ") && !strings.HasPrefix(key, "cause ") {
				continue
			}
			a := Answer{Sheet: name, Row: i + 1}
			has, err := a.read(key, row, columns)
			if err != nil {
				faults = append(faults, err)
			} else if has {
				out.Answers = append(out.Answers, a)
			}
		}
	}
	return out, errors.Join(faults...)
}

func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(row[i], "\r\n", "\n"))
}

// answerColumns finds the columns of a row of headings, for a column that was put in moves the others.
func answerColumns(row []string) (columns [3]int, ok bool) {
	find := func(keys ...string) int {
		return slices.IndexFunc(row, func(s string) bool {
			return slices.ContainsFunc(keys, func(k string) bool { return s == words[k][0] || s == words[k][1] })
		})
	}
	columns = [3]int{find("corrected_value"), find("right", "all_right"), find("why", "all_why")}
	return columns, columns[1] > 0 && columns[2] > 0
}

// read takes one row; a row without an answer is none.
func (a *Answer) read(key string, row []string, columns [3]int) (bool, error) {
	fault := func(fix, text string) error {
		return tributary.Fix(fmt.Errorf("sheet %q row %d: %s", a.Sheet, a.Row, text), fix)
	}
	if columns[1] == 0 {
		return false, fault(rewrite, "the headings of the answers are gone")
	}
	yes := cell(row, columns[1])
	a.Value, a.Why = cell(row, columns[0]), cell(row, columns[2])
	if yes == "" && a.Value == "" && a.Why == "" {
		return false, nil
	}
	mark := strings.LastIndex(key, "#")
	if mark < 1 || signKey(key[:mark]) != key {
		return false, fault(rewrite, "the hidden key of the row was changed")
	}
	kind, id, _ := strings.Cut(key[:mark], " ")
	if kind == "cause" {
		a.Cause = id
	} else {
		a.Finding = id
	}
	switch strings.ToLower(yes) {
	case "":
	case "yes", "oui", "y", "o", "x":
		a.Confirmed = true
	case "no", "non", "n":
	default:
		return false, fault("write yes, or leave the cell empty", "the answer is neither yes nor empty")
	}
	switch {
	case a.Confirmed && a.Value != "":
		return false, fault("keep one of the two", "it is said to be right, and a corrected value stands beside it")
	case a.Confirmed && a.Why == "":
		return false, fault("write why beside the yes", "a reason is missing")
	case !a.Confirmed && a.Value == "" && a.Why == "":
		return false, nil
	}
	return true, nil
}
