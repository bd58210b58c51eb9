package feedback

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary"
)

// ErrNotLetter says that a workbook is none of our letters.
var ErrNotLetter = errors.New("it is none of our letters")

const rewrite = "write the letter again with: tributary report feedback; and copy the answers into it"

// signKey adds a sum of the key and of what its row says, so that a key that was typed over is known, and rows that
// were sorted without their keys.
func signKey(key string, row []string) string {
	text := letterMark + key
	for _, cell := range row {
		text += "\n" + strings.Join(strings.Fields(cell), " ")
	}
	sum := sha256.Sum256([]byte(text))
	return key + "#" + hex.EncodeToString(sum[:4])
}

// signed are the headings of what is signed with the key of a finding, and with that of a cause.
var signed = map[string][]string{"finding": {"client", "sheets", "row", "where", "check"}, "cause": {"where", "sheets", "rows"}}

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
			if parts := strings.Split(text, "|"); len(parts) == 4 {
				out.Agency, out.Quarter, out.List = parts[1], parts[2], parts[3]
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
		var columns map[string]int
		for i, row := range rows {
			if c := headingsOf(row); c["right"] > 0 && c["why"] > 0 {
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

// headingsOf finds the columns of a row of headings, for a column that was put in moves the others.
func headingsOf(row []string) map[string]int {
	out := map[string]int{}
	for i, s := range row {
		for as, key := range map[string]string{"value": "corrected_value", "right": "right", "why": "why", "all_right": "all_right", "all_why": "all_why",
			"client": "client", "sheets": "sheets", "row": "row", "rows": "rows", "where": "where", "check": "check"} {
			if _, ok := out[as]; !ok && (s == words[key][0] || s == words[key][1]) {
				out[strings.TrimPrefix(as, "all_")] = i
			}
		}
	}
	return out
}

// read takes one row; a row without an answer is none.
func (a *Answer) read(key string, row []string, columns map[string]int) (bool, error) {
	fault := func(fix, text string) error {
		return tributary.Fix(fmt.Errorf("sheet %q row %d: %s", a.Sheet, a.Row, text), fix)
	}
	at := func(heading string) string {
		if i, ok := columns[heading]; ok {
			return cell(row, i)
		}
		return ""
	}
	if len(columns) == 0 {
		return false, fault(rewrite, "the headings of the answers are gone")
	}
	yes := at("right")
	a.Value, a.Why = at("value"), at("why")
	if yes == "" && a.Value == "" && a.Why == "" {
		return false, nil
	}
	mark := strings.LastIndex(key, "#")
	kind, id, _ := strings.Cut(key[:max(mark, 0)], " ")
	var says []string
	for _, heading := range signed[kind] {
		says = append(says, at(heading))
	}
	if mark < 1 || signKey(key[:mark], says) != key {
		return false, fault(rewrite, "the row does not go with its hidden key: it was changed, or sorted without column A")
	}
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
