// Package forms writes the workbooks that people fill and the program reads back.
//
// Takes the words of a form and, where there are any, rows that already stand in it; leaves a workbook
// with headings in English and French, lists to choose from and examples in notes, the same bytes for
// the same content; never reads a workbook (landing and the mapping beside this file do that), a
// file, the environment or the clock.
package forms

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// Mapping holds agencies/REGISTER.yaml, the mapping of register.xlsx; its agency is REGISTER.
//
//go:embed agencies
var Mapping embed.FS

// Content is what a register holds before anybody has typed.
type Content struct {
	// Measures, Agencies, Quarters and Municipalities are offered in the drop-down lists; without
	// them anything can be typed.
	Measures, Agencies, Quarters, Municipalities []string
	// Rows are the first rows by tab (targets, contacts ...), values in the order of the tab's
	// columns: text, numbers, or time.Time for dates.
	Rows map[string][][]any
}

// RegisterOf writes a register.xlsx with lists and rows, its notes in English (en) or French (fr).
func RegisterOf(w io.Writer, language string, content Content) error {
	if language != "en" && language != "fr" {
		return tributary.Fix(fmt.Errorf("register: language %q is not known", language), "write en or fr")
	}
	for id := range content.Rows {
		if !slices.ContainsFunc(tabs(), func(t tab) bool { return t.id == id }) {
			return fmt.Errorf("register: no tab %q", id)
		}
	}
	f := excelize.NewFile()
	defer f.Close()
	b := &book{f: f, language: language, content: content}
	if err := b.write(); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return Pack(f, w)
}

// Pack writes any workbook so that equal content gives equal bytes and nothing tells of the machine.
func Pack(f *excelize.File, w io.Writer) error {
	const stamp = "2000-01-01T00:00:00Z"
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "Tributary", LastModifiedBy: "Tributary", Created: stamp, Modified: stamp}); err != nil {
		return err
	}
	return sheet.Pack(f, w)
}

// listSheet holds the choices; people do not see it.
const listSheet = "Lists"

// readMe is the first sheet, in both languages: what each tab is for.
const readMe = "Read me - À lire"

// rowsToFill is how far drop-downs and date formats reach below the headings.
const rowsToFill = 500

type book struct {
	f        *excelize.File
	language string
	content  Content
	lists    map[string]string // list to its range on listSheet
	heading  int
	styles   map[kind]int
}

func (b *book) write() error {
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.f.SetSheetName("Sheet1", readMe); err != nil {
		return err
	}
	for _, t := range tabs() {
		if _, err := b.f.NewSheet(t.name); err != nil {
			return err
		}
	}
	if err := b.writeReadMe(); err != nil {
		return err
	}
	if err := b.writeLists(); err != nil {
		return err
	}
	for _, t := range tabs() {
		if err := b.writeTab(t); err != nil {
			return fmt.Errorf("tab %s: %w", t.id, err)
		}
	}
	b.f.SetActiveSheet(0)
	return b.f.SetSheetVisible(listSheet, false)
}

func (b *book) prepare() error {
	var err error
	b.heading, err = b.f.NewStyle(&excelize.Style{
		Font:      &excelize.Font{Family: "Calibri", Size: 11, Bold: true, Color: "FFFFFF"},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E5F"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	})
	if err != nil {
		return err
	}
	b.styles = map[kind]int{}
	for _, s := range []struct {
		kind   kind
		format string
	}{{text, "@"}, {date, "yyyy-mm-dd"}, {number, "General"}} {
		if b.styles[s.kind], err = b.f.NewStyle(&excelize.Style{CustomNumFmt: &s.format}); err != nil {
			return err
		}
	}
	return nil
}

// writeReadMe says in both languages how the register is kept and what rests on each tab.
func (b *book) writeReadMe() error {
	wrap, err := b.f.NewStyle(&excelize.Style{Font: &excelize.Font{Family: "Calibri", Size: 11}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	rows := [][3]string{
		{"Tab / Onglet", "What it is for", "À quoi il sert"},
		{"", "The Coordinating Agency keeps here what no provider's file holds. Save, close, and run again: nothing is sent from here. Do not rename tabs or headings. An empty tab is no zero: it gives no figure.",
			"L'organisme coordonnateur consigne ici ce qu'aucun fichier de fournisseur ne contient. Enregistrez, fermez et relancez : rien n'est transmis d'ici. Ne renommez ni les onglets ni les en-têtes. Un onglet vide n'est pas un zéro : il ne donne aucun chiffre."},
	}
	for _, t := range tabs() {
		rows = append(rows, [3]string{t.name, t.saysEN, t.saysFR})
	}
	for i, row := range rows {
		style := wrap
		if i == 0 {
			style = b.heading
		}
		lines := 1
		for column, value := range row {
			cell, err := excelize.CoordinatesToCellName(column+1, i+1)
			if err != nil {
				return err
			}
			if err := errors.Join(b.f.SetCellStr(readMe, cell, value), b.f.SetCellStyle(readMe, cell, cell, style)); err != nil {
				return err
			}
			lines = max(lines, len([]rune(value))/62+1)
		}
		if err := b.f.SetRowHeight(readMe, i+1, float64(15*lines+5)); err != nil {
			return err
		}
	}
	landscape, wide, high, fit := "landscape", 1, 0, true
	return errors.Join(b.f.SetColWidth(readMe, "A", "A", 30), b.f.SetColWidth(readMe, "B", "C", 66),
		b.f.SetPageLayout(readMe, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}),
		b.f.SetSheetProps(readMe, &excelize.SheetPropsOptions{FitToPage: &fit}))
}

// writeLists fills one column per list; the workbook's own limit of 255 letters for lists written
// into a rule is too small.
func (b *book) writeLists() error {
	if _, err := b.f.NewSheet(listSheet); err != nil {
		return err
	}
	b.lists = map[string]string{}
	column := 0
	for _, l := range append(lists(),
		list{id: "measure", labels: b.content.Measures}, list{id: "agency", labels: b.content.Agencies},
		list{id: "quarter", labels: b.content.Quarters}, list{id: "municipality", labels: b.content.Municipalities}) {
		if len(l.labels) == 0 {
			continue
		}
		column++
		name, err := excelize.ColumnNumberToName(column)
		if err != nil {
			return err
		}
		for i, label := range append([]string{l.id}, l.labels...) {
			if err := b.f.SetCellStr(listSheet, fmt.Sprintf("%s%d", name, i+1), sheet.Text(label)); err != nil {
				return err
			}
		}
		b.lists[l.id] = fmt.Sprintf("'%s'!$%s$2:$%s$%d", listSheet, name, name, len(l.labels)+1)
	}
	return nil
}

func (b *book) writeTab(t tab) error {
	for i, c := range t.columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		top := name + "1"
		if err := b.f.SetColWidth(t.name, name, name, c.width); err != nil {
			return err
		}
		if err := b.f.SetColStyle(t.name, name, b.styles[c.kind]); err != nil {
			return err
		}
		if err := b.f.SetCellStr(t.name, top, c.heading()); err != nil {
			return err
		}
		if err := b.f.SetCellStyle(t.name, top, top, b.heading); err != nil {
			return err
		}
		if err := b.f.AddComment(t.name, excelize.Comment{Cell: top, Author: "Tributary",
			Paragraph: []excelize.RichTextRun{{Text: c.note(b.language)}}, Width: 260, Height: 90}); err != nil {
			return err
		}
		if err := b.restrict(t, c, fmt.Sprintf("%s2:%s%d", name, name, rowsToFill+1)); err != nil {
			return err
		}
	}
	if err := b.f.SetRowHeight(t.name, 1, 34); err != nil {
		return err
	}
	if err := b.f.SetPanes(t.name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range b.content.Rows[t.id] {
		if err := b.fill(t, i+2, row); err != nil {
			return err
		}
	}
	landscape, wide, high := "landscape", 1, 0
	if err := b.f.SetPageLayout(t.name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	fit := true
	return b.f.SetSheetProps(t.name, &excelize.SheetPropsOptions{FitToPage: &fit})
}

func (b *book) fill(t tab, row int, values []any) error {
	if len(values) > len(t.columns) {
		return fmt.Errorf("row %d: %d values for %d columns", row, len(values), len(t.columns))
	}
	for i, value := range values {
		cell, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			return err
		}
		if s, ok := value.(string); ok { // a text is never a formula
			err = b.f.SetCellStr(t.name, cell, sheet.Text(s))
		} else {
			err = b.f.SetCellValue(t.name, cell, value)
		}
		if err != nil {
			return err
		}
		if err := b.f.SetCellStyle(t.name, cell, cell, b.styles[t.columns[i].kind]); err != nil {
			return err
		}
	}
	return nil
}

// restrict lets the spreadsheet itself say what does not fit. A list may be left: a new measure or
// partner must not wait for a new form.
func (b *book) restrict(t tab, c column, cells string) error {
	rule := excelize.NewDataValidation(true)
	rule.Sqref = cells
	title, message := "Not in the list", "Keep it anyway?"
	if b.language == "fr" {
		title, message = "Absent de la liste", "Garder quand même?"
	}
	switch {
	case c.list != "" && b.lists[c.list] != "":
		rule.SetSqrefDropList(b.lists[c.list])
	case c.kind == date:
		title, message = "Date", "2025-04-01"
		if err := rule.SetRange(36526, 73050, excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween); err != nil {
			return err
		}
	case c.kind == number:
		title, message = "0, 1, 2.5 ...", "A number is expected."
		if b.language == "fr" {
			message = "Un nombre est attendu."
		}
		if err := rule.SetRange(0, 1_000_000_000, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween); err != nil {
			return err
		}
	default:
		return nil
	}
	rule.SetError(excelize.DataValidationErrorStyleWarning, title, message)
	return b.f.AddDataValidation(t.name, rule)
}
