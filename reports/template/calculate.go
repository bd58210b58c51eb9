package template

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/patch"
)

// Past these a workbook's formulas are left to the program that opens it: the library holds whole
// sheets in memory and is slow.
const (
	mostFormulas   = 2000
	mostCalculated = 2 << 20
)

var (
	literals = regexp.MustCompile(`"(?:[^"]|"")*"`)
	// wordy formulas give text that may look like a number.
	wordy = regexp.MustCompile(`(?i)&|\b(?:TEXT|CONCAT\w*|TEXTJOIN|LEFT|RIGHT|MID|REPT|SUBSTITUTE|TRIM|FIXED|DOLLAR|ADDRESS|CHAR|UNICHAR|BASE|ROMAN|T)\(`)
)

// calculate works the formulas out that depend on what is filled, so that whoever reads the file
// without calculating sees sums and not holes. Excel does it again when it opens the file. What we
// are not sure of stays without a value; a workbook whose formulas change by themselves gets none.
func calculate(blank []byte, fill *patch.Filling) error {
	formulas, isVolatile, err := fill.Dependents()
	if err != nil || isVolatile || len(formulas) == 0 || len(formulas) > mostFormulas || len(blank) > mostCalculated {
		return err
	}
	var emptied bytes.Buffer
	if _, err := fill.Write(&emptied); err != nil {
		return err
	}
	_ = guarded(func() error { return results(&emptied, formulas, fill) }) // what the library cannot read gets no value
	return nil
}

// results works formulas out and hands over those values that we are sure of.
func results(emptied *bytes.Buffer, formulas []patch.Formula, fill *patch.Filling) error {
	f, err := excelize.OpenReader(emptied, excelize.Options{UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return err
	}
	defer f.Close()
	for _, d := range formulas {
		text, err := f.GetCellFormula(d.Sheet, d.Cell)
		if err != nil || text == "" {
			continue
		}
		v, err := f.CalcCellValue(d.Sheet, d.Cell, excelize.Options{RawCellValue: true, MaxCalcIterations: 10})
		if err != nil || strings.HasPrefix(v, "#") || v == "TRUE" || v == "FALSE" {
			continue
		}
		isText, isClear := kindOf(v, text)
		if !isClear {
			continue
		}
		if err := fill.SetResult(d, v, isText); err != nil {
			return err
		}
	}
	return nil
}

// kindOf says whether a result is text, and whether that can be told: the library gives both as text.
func kindOf(v, formula string) (isText, isClear bool) {
	if _, err := strconv.ParseFloat(v, 64); err != nil {
		return true, true
	}
	if wordy.MatchString(formula) {
		return false, false
	}
	for _, quoted := range literals.FindAllString(formula, -1) {
		if _, err := strconv.ParseFloat(strings.Trim(quoted, `"`), 64); err == nil {
			return false, false
		}
	}
	return false, true
}
