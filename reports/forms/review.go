package forms

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"tributary"
	"tributary/reports/sheet"
)

// ReviewPair is one doubtful pair for a person to answer.
type ReviewPair struct {
	// Key names the pair when the sheet comes back. It is written out of sight: where the agreement does
	// not allow to show the pair it must not say which records they are.
	Key         string
	Left, Right ReviewRecord
	// Withheld says that the agreement does not allow to show one record's values beside the other's. The
	// values are then not written, whatever the records hold; Why and Effect must not tell them either.
	Withheld bool
	// OneFamily says that the question is whether the two children are of one family.
	OneFamily bool
	// Probability that both are one child, or of one family.
	Probability float64
	// Why says in a plain sentence what makes the pair doubtful, Effect what an answer does to published cells.
	Why, Effect string
}

// ReviewRecord is one of the two. Agency and Client are empty where they may not be shown.
type ReviewRecord struct {
	Agency, Client string
	// Values by canonical column (given_name, birth_date ...).
	Values map[string]string
}

// ReviewAnswer is what a person answered to one pair.
type ReviewAnswer struct {
	Key string
	// Verdict is same, family, different or later.
	Verdict string
	// Why is the reason given, empty where there is none.
	Why string
	// Sheet and Row are where it stands.
	Sheet string
	Row   int
}

// The columns of the review sheet; the values follow.
const (
	keyColumn    = "A"
	numberColumn = "B"
	answerColumn = "C"
	reasonColumn = "D"
	agencyColumn = "E"
	clientColumn = "F"
	firstValue   = 7
	// minColumns leaves room for the sentences where there are few values or none.
	minColumns = 10
)

// reviewMark stands above the keys, out of sight: by it a sheet of ours is known, whatever it is called.
const reviewMark = "tributary review 1"

// reviewHead is the row of the headings.
const reviewHead = 4

// review is a review sheet being written.
type review struct {
	f       *excelize.File
	words   map[string]string
	name    string
	columns []reviewColumn
	last    string // the last column
	styles  map[reviewLook]int
	wide    float64 // of all columns in sight, in points
	tall    float64 // of the rows since the page began, in points
	err     error
}

// reviewLook is how a cell looks. Equal looks share a style.
type reviewLook struct {
	bold, open, middle bool
	size               float64
	color, fill, sign  string
	top                bool
}

func (b *review) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// WriteReview writes the review sheet: three rows a pair, one with what is known of it and one for each
// record, the values one above the other. Only the answers and reasons can be typed into. The language is
// en or fr. Equal pairs give equal bytes.
func WriteReview(w io.Writer, language string, pairs []ReviewPair) error {
	words, ok := reviewWords[language]
	if !ok {
		return tributary.Fix(fmt.Errorf("review sheet: language %q is not known", language), "write en or fr")
	}
	if err := checkPairs(pairs); err != nil {
		return fmt.Errorf("review sheet: %w", err)
	}
	b := &review{f: excelize.NewFile(), words: words, name: words["sheet"], styles: map[reviewLook]int{}}
	defer b.f.Close()
	for _, c := range reviewColumns {
		if slices.ContainsFunc(pairs, func(p ReviewPair) bool { return !p.Withheld && p.Left.Values[c.name]+p.Right.Values[c.name] != "" }) {
			b.columns = append(b.columns, c)
		}
	}
	b.last = columnName(max(firstValue+len(b.columns)-1, minColumns))
	b.begin(language)
	row := reviewHead + 1
	for i, p := range pairs {
		b.pair(row, i+1, p)
		row += 3
	}
	if len(pairs) == 0 {
		b.text(agencyColumn, row, words["none"], reviewLook{})
		b.keep(b.f.MergeCell(b.name, at(agencyColumn, row), at(b.last, row)))
	}
	b.finish(row - 1)
	if b.err != nil {
		return fmt.Errorf("review sheet: %w", b.err)
	}
	return Pack(b.f, w)
}

func checkPairs(pairs []ReviewPair) error {
	seen := map[string]int{}
	for i, p := range pairs {
		if first := seen[p.Key]; p.Key == "" || first > 0 {
			return fmt.Errorf("pair %d has no key, or that of pair %d", i+1, first)
		}
		seen[p.Key] = i + 1
		for _, r := range []ReviewRecord{p.Left, p.Right} {
			for name := range r.Values {
				if !slices.ContainsFunc(reviewColumns, func(c reviewColumn) bool { return c.name == name }) {
					return fmt.Errorf("pair %d: the sheet has no column %q", i+1, name)
				}
			}
		}
	}
	return nil
}

func columnName(n int) string {
	name, _ := excelize.ColumnNumberToName(n) // only a number below 1 has no name
	return name
}

func (b *review) begin(language string) {
	b.keep(b.f.SetDefaultFont("Arial"))
	size := 10.0 // widths are counted in digits of the default font
	b.f.Styles.Fonts.Font[0].Sz.Val = &size
	b.keep(b.f.SetSheetName("Sheet1", b.name))
	b.keep(b.f.SetColWidth(b.name, keyColumn, keyColumn, 4))
	for i, width := range []float64{6, 17, 24, 13, 14} {
		b.column(columnName(i+2), width)
	}
	b.keep(b.f.SetColVisible(b.name, keyColumn, false))
	b.text(numberColumn, 1, b.words["title"], reviewLook{bold: true, size: 15, color: "0B4A6F"})
	b.text(numberColumn, 2, b.words["how"], reviewLook{})
	b.text(numberColumn, 3, b.words["marks"]+"     "+b.words["private"], reviewLook{color: "52606D"})
	for row := 1; row < reviewHead; row++ {
		b.keep(b.f.MergeCell(b.name, at(numberColumn, row), at(b.last, row)))
	}
	b.keep(b.f.SetCellStr(b.name, at(keyColumn, reviewHead), reviewMark))
	head := reviewLook{bold: true, middle: true, color: "FFFFFF", fill: "0B4A6F"}
	for i, word := range []string{"number", "answer", "reason", "agency", "client"} {
		b.text(columnName(i+2), reviewHead, b.words[word], head)
	}
	for i := firstValue; columnName(i-1) != b.last; i++ {
		heading, width := "", 14.0
		if i-firstValue < len(b.columns) {
			c := b.columns[i-firstValue]
			heading, width = c.en, c.width
			if language == "fr" {
				heading = c.fr
			}
		}
		b.text(columnName(i), reviewHead, heading, head)
		b.column(columnName(i), width)
	}
	for row, height := range []float64{26, 15 * float64(sheet.Lines(b.words["how"], b.width(), 1)), 18, headHeight} {
		b.height(row+1, height)
	}
}

// A printed page is US Letter, landscape. The sheet is made smaller so that its columns fit, and a page ends
// between two pairs: spreadsheets pay no heed to such ends where they are told to fit the columns themselves.
const (
	pageMargin, pageFoot = 0.4, 0.6 // inches
	pageWidth            = 72 * (11 - 2*pageMargin)
	pageHeight           = 72 * (8.5 - pageMargin - pageFoot)
	headHeight           = 30.0
)

// scale is in percent, with some air for programs that draw columns wider than others.
func (b *review) scale() float64 { return math.Floor(min(100, 95*pageWidth/b.wide)) }

// column sets a width in digits of the default font, which are seven pixels wide and have five around them.
func (b *review) column(name string, width float64) {
	b.keep(b.f.SetColWidth(b.name, name, name, width))
	b.wide += (7*width + 5) * 0.75
}

func (b *review) height(row int, points float64) {
	b.keep(b.f.SetRowHeight(b.name, row, points))
	b.tall += points
}

// width is that of the sentence rows.
func (b *review) width() float64 {
	w := 27.0
	for _, c := range b.columns {
		w += c.width
	}
	return max(w, 27+14*float64(minColumns-firstValue+1))
}

func at(column string, row int) string { return fmt.Sprint(column, row) }

func (b *review) text(column string, row int, s string, look reviewLook) {
	b.keep(b.f.SetCellStr(b.name, at(column, row), sheet.Text(s)))
	b.look(column, row, look)
}

func (b *review) look(column string, row int, l reviewLook) {
	style, ok := b.styles[l]
	if !ok {
		format := "@"
		if l.sign != "" {
			format = `"` + l.sign + ` "@` // the sign is seen, and the value stays what it is
		}
		st := &excelize.Style{
			Font:         &excelize.Font{Family: "Arial", Size: cmp.Or(l.size, 10), Bold: l.bold, Color: cmp.Or(l.color, "1F2933")},
			Alignment:    &excelize.Alignment{WrapText: true, Vertical: "top"},
			Protection:   &excelize.Protection{Locked: !l.open},
			CustomNumFmt: &format,
		}
		if l.middle {
			st.Alignment.Vertical = "center"
		}
		if l.fill != "" {
			st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
		}
		if l.top {
			st.Border = append(st.Border, excelize.Border{Type: "top", Color: "52606D", Style: 1})
		}
		if l.open {
			for _, side := range []string{"left", "right", "top", "bottom"} {
				st.Border = append(st.Border, excelize.Border{Type: side, Color: "52606D", Style: 1})
			}
		}
		var err error
		style, err = b.f.NewStyle(st)
		b.keep(err)
		b.styles[l] = style
	}
	b.keep(b.f.SetCellStyle(b.name, at(column, row), at(column, row), style))
}

// pair writes three rows from row on.
func (b *review) pair(row, number int, p ReviewPair) {
	b.keep(b.f.SetCellStr(b.name, at(keyColumn, row), signKey(p.Key)))
	b.keep(b.f.SetCellInt(b.name, at(numberColumn, row), int64(number)))
	for i := range 3 {
		b.look(numberColumn, row+i, reviewLook{bold: true, top: i == 0})
		b.look(answerColumn, row+i, reviewLook{bold: true, open: true, middle: true, fill: "FFF6D6"})
		b.look(reasonColumn, row+i, reviewLook{open: true, middle: true, fill: "FFF6D6"})
	}
	for _, column := range []string{numberColumn, answerColumn, reasonColumn} {
		b.keep(b.f.MergeCell(b.name, at(column, row), at(column, row+2)))
	}
	// A pair that is asked about is never certain.
	say := fmt.Sprintf(b.words["chance"], b.chance(p), int(math.Round(min(max(100*p.Probability, 1), 99)))) + "."
	if p.Why != "" {
		say += " " + b.words["doubt"] + p.Why
	}
	if p.Effect != "" {
		say += "\n" + b.words["effect"] + p.Effect
	}
	if p.Withheld {
		say += "\n" + b.words["withheld"]
	}
	for i := firstValue - 2; columnName(i-1) != b.last; i++ {
		b.look(columnName(i), row, reviewLook{fill: "E8F0F5", top: true, middle: true})
	}
	b.text(agencyColumn, row, say, reviewLook{fill: "E8F0F5", top: true, middle: true})
	b.keep(b.f.MergeCell(b.name, at(agencyColumn, row), at(b.last, row)))
	before := b.tall
	b.height(row, lineHeight(sheet.Lines(say, b.width(), 1)))
	for i, r := range []ReviewRecord{p.Left, p.Right} {
		b.text(agencyColumn, row+1+i, short(r.Agency), reviewLook{bold: true})
		b.text(clientColumn, row+1+i, short(r.Client), reviewLook{})
		lines := max(sheet.Lines(short(r.Agency), 13, 1.08), sheet.Lines(short(r.Client), 14, 1))
		for c, column := range b.columns {
			if p.Withheld {
				continue
			}
			look, value := compared(p.Left.Values[column.name], p.Right.Values[column.name]), short(r.Values[column.name])
			if value == "" {
				look = reviewLook{}
			}
			b.text(columnName(firstValue+c), row+1+i, value, look)
			lines = max(lines, sheet.Lines(strings.TrimSpace(look.sign+" "+value), column.width, 1.08))
		}
		b.height(row+1+i, lineHeight(lines))
	}
	if b.tall > pageHeight*100/b.scale() && number > 1 {
		b.keep(b.f.InsertPageBreak(b.name, at(keyColumn, row)))
		b.tall += headHeight - before
	}
}

// short keeps a value that is no value from filling the page.
func short(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return s
}

// lineHeight is that of a row in points; a spreadsheet takes at most 409.
func lineHeight(lines int) float64 { return min(13*float64(lines)+5, 409) }

// chance puts a probability in words. The steps are for reading only; nothing is decided by them.
func (b *review) chance(p ReviewPair) string {
	about := "child_"
	if p.OneFamily {
		about = "family_"
	}
	for _, step := range []int{95, 80, 60, 40, 20} {
		if p.Probability >= float64(step)/100 {
			return b.words[fmt.Sprint(about, step)]
		}
	}
	return b.words[about+"0"]
}

// compared says how two values look beside each other: a colour and a sign where they differ.
func compared(left, right string) reviewLook {
	switch sign := Sign(left, right); sign {
	case "":
		return reviewLook{}
	case "≠":
		return reviewLook{sign: sign, bold: true, fill: "FBE3D6"}
	default:
		return reviewLook{sign: sign, fill: "F1F3F5"}
	}
}

// between stands between the values of a list.
const between = "; "

// Together adds a value to a list, unless the list has it, however it is written.
func Together(list, value string) string {
	switch {
	case list == "":
		return value
	case value == "" || slices.ContainsFunc(strings.Split(list, between), func(v string) bool { return spelling(v) == spelling(value) }):
		return list
	}
	return list + between + value
}

// Sign is what stands between two values, or two lists of Together: ≠ where they differ, ≈ where only in case,
// accents, punctuation or a telephone's 1, = where of several values one is in both. It is empty where they are
// equal or one is not known.
func Sign(left, right string) string {
	if left == right || left == "" || right == "" {
		return ""
	}
	ours, theirs := strings.Split(left, between), strings.Split(right, between)
	for _, o := range ours {
		for _, t := range theirs {
			switch {
			case o != t && (spelling(o) != spelling(t) || spelling(o) == ""):
			case len(ours) == 1 && len(theirs) == 1:
				return "≈"
			default:
				return "="
			}
		}
	}
	return "≠"
}

// spelling leaves out what differs between two ways of writing one value: the 1 before a telephone number too.
func spelling(s string) string {
	isNumber := true
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			isNumber = isNumber && unicode.IsDigit(r)
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(strings.ToValidUTF8(s, "")))
	if isNumber && len(s) == 11 {
		return strings.TrimPrefix(s, "1")
	}
	return s
}

func (b *review) finish(last int) {
	if last > reviewHead {
		labels := make([]string, len(reviewChoices))
		for i, a := range reviewChoices {
			labels[i] = a.en
			if b.name == reviewWords["fr"]["sheet"] {
				labels[i] = a.fr
			}
		}
		rule := excelize.NewDataValidation(true)
		rule.Sqref = at(answerColumn, reviewHead+1) + ":" + at(answerColumn, last)
		b.keep(rule.SetDropList(labels))
		rule.SetError(excelize.DataValidationErrorStyleStop, b.words["choose_title"], b.words["choose"])
		rule.SetInput(b.words["answer"], b.words["prompt"])
		b.keep(b.f.AddDataValidation(b.name, rule))
		// What is answered turns green: what is left to do stays yellow.
		green, err := b.f.NewConditionalStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEFE0"}}})
		b.keep(err)
		b.keep(b.f.SetConditionalFormat(b.name, rule.Sqref, []excelize.ConditionalFormatOptions{
			{Type: "formula", Criteria: fmt.Sprintf(`LEN($%s%d)>0`, answerColumn, reviewHead+1), Format: &green}}))
	}
	no, landscape, letter, scale := false, "landscape", 1, uint(b.scale())
	b.keep(b.f.SetPanes(b.name, &excelize.Panes{Freeze: true, XSplit: 4, YSplit: reviewHead, TopLeftCell: at(agencyColumn, reviewHead+1), ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: at(answerColumn, reviewHead+1), ActiveCell: at(answerColumn, reviewHead+1), Pane: "bottomLeft"}}}))
	b.keep(b.f.SetSheetView(b.name, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	b.keep(b.f.SetPageLayout(b.name, &excelize.PageLayoutOptions{Size: &letter, Orientation: &landscape, AdjustTo: &scale}))
	margin, foot := pageMargin, pageFoot
	b.keep(b.f.SetPageMargins(b.name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &foot}))
	b.keep(b.f.SetHeaderFooter(b.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8 " + sheet.Footer(b.words["private"]) + "&R&8 " + b.words["page"]}))
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", b.name, reviewHead, reviewHead)}))
	b.keep(b.f.ProtectSheet(b.name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, FormatCells: true}))
}

// signKey adds a check to a key, so that one that was typed over is known.
func signKey(key string) string {
	sum := sha256.Sum256([]byte(reviewMark + key))
	return key + "#" + hex.EncodeToString(sum[:4])
}

// ReadReview reads the answers of a review sheet. Rows may have been moved, deleted or left empty; what
// was answered comes in the order of the rows. All faults are reported at once, each with sheet and row.
func ReadReview(r io.ReaderAt, size int64) ([]ReviewAnswer, error) {
	// The whole sheet is read in memory: nothing temporary is left anywhere.
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 256 << 20, RawCellValue: true})
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("open the review sheet: %w", err), "give the file as it was written, saved as xlsx")
	}
	defer f.Close()
	var answers []ReviewAnswer
	var faults []error
	found := false
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			return nil, fmt.Errorf("read the review sheet: %w", err)
		}
		head := slices.IndexFunc(rows, func(row []string) bool { return len(row) > 0 && row[0] == reviewMark })
		if head < 0 {
			continue
		}
		found = true
		answer, reason := headingOf(rows[head], "answer"), headingOf(rows[head], "reason")
		if answer < 0 || reason < 0 {
			faults = append(faults, tributary.Fix(fmt.Errorf("sheet %q row %d: the heading of the answers or the reasons is gone", name, head+1), "write the sheet again and copy the answers into it"))
			continue
		}
		for i, row := range rows[head+1:] {
			a := ReviewAnswer{Sheet: name, Row: head + i + 2, Why: cell(row, reason)}
			if err := a.read(cell(row, 0), cell(row, answer)); err != nil {
				faults = append(faults, err)
			} else if a.Verdict != "" {
				answers = append(answers, a)
			}
		}
	}
	if !found {
		return nil, tributary.Fix(errors.New("read the review sheet: not one of ours: no sheet has its mark"), "give the workbook that tributary link review wrote")
	}
	seen := map[string]ReviewAnswer{}
	for _, a := range answers {
		if first, ok := seen[a.Key]; ok {
			faults = append(faults, tributary.Fix(fmt.Errorf("sheet %q row %d: the pair of sheet %q row %d again", a.Sheet, a.Row, first.Sheet, first.Row), "keep one of the two rows"))
		}
		seen[a.Key] = a
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return answers, nil
}

func cell(row []string, i int) string {
	if i >= len(row) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(row[i], "\r\n", "\n"))
}

// headingOf finds a column by its heading, for a column that was put in moves the others.
func headingOf(row []string, word string) int {
	return slices.IndexFunc(row, func(s string) bool { return s == reviewWords["en"][word] || s == reviewWords["fr"][word] })
}

// read takes the key and the answer of one row; a row without either is no pair.
func (a *ReviewAnswer) read(key, answer string) error {
	if key == "" && answer == "" {
		return nil
	}
	mark := strings.LastIndex(key, "#")
	if mark < 1 || signKey(key[:mark]) != key {
		return tributary.Fix(fmt.Errorf("sheet %q row %d: the hidden key of the pair was changed", a.Sheet, a.Row), "write the sheet again and copy the answers into it")
	}
	a.Key = key[:mark]
	if answer == "" {
		return nil
	}
	for _, r := range reviewChoices {
		if strings.EqualFold(answer, r.en) || strings.EqualFold(answer, r.fr) || strings.EqualFold(answer, r.verdict) {
			a.Verdict = r.verdict
			return nil
		}
	}
	return tributary.Fix(fmt.Errorf("sheet %q row %d: the answer is none of the list", a.Sheet, a.Row), "choose Same child, Same family only, Different or Later")
}
