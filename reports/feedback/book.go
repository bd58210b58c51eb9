package feedback

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// look is how a cell looks. Equal looks share a style.
type look struct {
	bold, open, wrap bool // wrap is for cells of tables, which have borders
	flow             bool // for text that flows over several lines
	size             float64
	color, fill      string
	right, middle    bool
}

// book is a letter being written; the first fault is kept.
type book struct {
	f      *excelize.File
	l      Letter
	name   string // the sheet at hand
	row    int
	wide   []float64
	styles map[look]int
	err    error
}

// Ink and fills of headings and of cells to type into.
const (
	ink, pale, dark, yellow = "1F2933", "52606D", "0B4A6F", "FFF6D6"
)

var headLook = look{bold: true, wrap: true, middle: true, color: "FFFFFF", fill: dark}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func at(column, row int) string {
	name, _ := excelize.CoordinatesToCellName(column, row) // only below 1 there is none
	return name
}

// Write writes the letter.
func Write(w io.Writer, l Letter) error {
	if l.Language != "en" && l.Language != "fr" {
		return tributary.Fix(fmt.Errorf("letter: language %q is not known", l.Language), "write en or fr")
	}
	b := &book{f: excelize.NewFile(), l: l, styles: map[look]int{}}
	defer b.f.Close()
	b.keep(b.f.SetDefaultFont("Arial"))
	size := 10.0 // widths are counted in digits of the default font
	b.f.Styles.Fonts.Font[0].Sz.Val = &size
	b.summary()
	b.list()
	if !l.IsTrial {
		b.since()
		b.corrected()
	}
	b.notes()
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: letterName, RefersTo: "'" + b.word("summary") + "'!$A$1"}))
	if b.err != nil {
		return fmt.Errorf("letter: %w", b.err)
	}
	return sheet.Pack(b.f, w)
}

// page begins a sheet with these column widths; the first column is out of sight and holds keys.
func (b *book) page(word string, widths ...float64) {
	b.name, b.row = b.word(word), 1
	if len(b.f.GetSheetList()) == 1 && b.f.GetSheetName(0) == "Sheet1" {
		b.keep(b.f.SetSheetName("Sheet1", b.name))
	} else {
		_, err := b.f.NewSheet(b.name)
		b.keep(err)
	}
	b.wide = append([]float64{4}, widths...)
	for i, width := range b.wide {
		name, _ := excelize.ColumnNumberToName(i + 1)
		b.keep(b.f.SetColWidth(b.name, name, name, width))
	}
	b.keep(b.f.SetColVisible(b.name, "A", false))
}

// text writes a cell of the row at hand; columns count from 1, the first in sight.
func (b *book) text(column int, s string, l look) {
	b.keep(b.f.SetCellStr(b.name, at(column+1, b.row), sheet.Text(s)))
	b.style(column, b.row, l)
}

func (b *book) style(column, row int, l look) {
	id, ok := b.styles[l]
	if !ok {
		st := &excelize.Style{
			Font:       &excelize.Font{Family: "Arial", Size: max(l.size, 10), Bold: l.bold, Color: ink},
			Alignment:  &excelize.Alignment{WrapText: l.wrap || l.flow, Vertical: "top"},
			Protection: &excelize.Protection{Locked: !l.open}, NumFmt: 49, // text: what is typed stays as it is typed
		}
		if l.color != "" {
			st.Font.Color = l.color
		}
		if l.right {
			st.Alignment.Horizontal, st.Alignment.Indent = "right", 1
		}
		if l.middle {
			st.Alignment.Vertical = "center"
		}
		if l.fill != "" {
			st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
		}
		side := "D9DEE3"
		if l.open {
			side = pale
		}
		if l.fill != "" || l.wrap {
			for _, s := range []string{"left", "right", "top", "bottom"} {
				st.Border = append(st.Border, excelize.Border{Type: s, Color: side, Style: 1})
			}
		}
		var err error
		id, err = b.f.NewStyle(st)
		b.keep(err)
		b.styles[l] = id
	}
	b.keep(b.f.SetCellStyle(b.name, at(column+1, row), at(column+1, row), id))
}

// line writes one text over all columns, as high as it needs.
func (b *book) line(s string, l look) {
	l.flow = true
	b.text(1, s, l)
	b.keep(b.f.MergeCell(b.name, at(2, b.row), at(len(b.wide), b.row)))
	total := 0.0
	for i := 1; i < len(b.wide); i++ {
		total += b.wide[i]
		if i > 1 {
			b.style(i, b.row, l)
		}
	}
	scale := max(l.size, 10) / 10
	b.height(float64(sheet.Lines(s, total, scale*1.05)) * 14 * scale)
	b.row++
}

// cells writes a row of cells, as high as the highest needs.
func (b *book) cells(texts []string, looks func(column int) look) {
	lines := 1
	for i, s := range texts {
		l := looks(i + 1)
		b.text(i+1, s, l)
		if l.wrap {
			scale := 1.0
			if l.bold {
				scale = 1.1
			}
			lines = max(lines, sheet.Lines(s, b.wide[i+1], scale))
		}
	}
	b.height(float64(lines) * 13)
	b.row++
}

func (b *book) height(points float64) {
	b.keep(b.f.SetRowHeight(b.name, b.row, min(points+4, 409)))
}

// heading writes the headings of a table.
func (b *book) heading(keys ...string) {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = b.word(k)
	}
	b.cells(texts, func(int) look { return headLook })
}

// key writes a key out of sight, signed with what its row says.
func (b *book) key(row int, key string, says ...string) {
	for i := range says {
		says[i] = sheet.Text(says[i])
	}
	b.keep(b.f.SetCellStr(b.name, at(1, row), signKey(key, says)))
}

// finish sets what a page looks like on screen and paper. top is the last row that stays in sight.
func (b *book) finish(top int) {
	no, landscape, letter, fit, tall := false, "landscape", 1, 1, 0
	if top > 0 {
		first := at(2, top+1)
		b.keep(b.f.SetPanes(b.name, &excelize.Panes{Freeze: true, YSplit: top, TopLeftCell: at(1, top+1), ActivePane: "bottomLeft",
			Selection: []excelize.Selection{{SQRef: first, ActiveCell: first, Pane: "bottomLeft"}}}))
		b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", b.name, top, top)}))
	}
	b.keep(b.f.SetSheetView(b.name, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	b.keep(b.f.SetPageLayout(b.name, &excelize.PageLayoutOptions{Size: &letter, Orientation: &landscape, FitToWidth: &fit, FitToHeight: &tall}))
	b.keep(b.f.SetSheetProps(b.name, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	margin := 0.4
	b.keep(b.f.SetPageMargins(b.name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &margin}))
	b.keep(b.f.SetHeaderFooter(b.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8 " + sheet.Footer(b.word("private")) + "&R&8 " + b.word("page")}))
	b.keep(b.f.ProtectSheet(b.name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, FormatCells: true, AutoFilter: true, Sort: true}))
}

// answers gives a column of answers its list of one word.
func (b *book) answers(column, from, to int) {
	if to < from {
		return
	}
	rule := excelize.NewDataValidation(true)
	rule.Sqref = at(column+1, from) + ":" + at(column+1, to)
	b.keep(rule.SetDropList([]string{b.word("yes")}))
	b.keep(b.f.AddDataValidation(b.name, rule))
}
