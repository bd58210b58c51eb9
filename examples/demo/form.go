package demo

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"

	"tributary/reports/forms"
)

// formRow is one line of the invented ministry's form.
type formRow struct {
	number, en, fr string
	// isPart is indented below the row before; its parts are checked against it.
	isPart bool
	// unit is number, days or percent; year says how the year to date comes: sum, entry or none.
	unit, year string
}

var formRows = []formRow{
	{"A", "A. Families, children and youth", "A. Familles, enfants et jeunes", false, "", ""},
	{"A.1", "Number of referrals received", "Nombre d'aiguillages reçus", false, "number", "sum"},
	{"A.1.1", "Family or self", "Famille ou soi-même", true, "number", "sum"},
	{"A.1.2", "School board", "Conseil scolaire", true, "number", "sum"},
	{"A.1.3", "Child welfare", "Protection de l'enfance", true, "number", "sum"},
	{"A.1.4", "Mental health", "Santé mentale", true, "number", "sum"},
	{"A.2", "Families served (unduplicated)", "Familles servies (sans double compte)", false, "number", "entry"},
	{"A.3", "Children and youth served (unduplicated)", "Enfants et jeunes servis (sans double compte)", false, "number", "entry"},
	{"A.4", "Children and youth active at the end of the quarter", "Enfants et jeunes actifs à la fin du trimestre", false, "number", "none"},
	{"A.5", "Volunteer hours", "Heures de bénévolat", false, "number", "sum"},
	{"B", "B. Planning and timeliness", "B. Planification et délais", false, "", ""},
	{"B.1", "Plans developed", "Plans élaborés", false, "number", "sum"},
	{"B.2", "Plans shared with the family's team", "Plans communiqués à l'équipe de la famille", false, "number", "sum"},
	{"B.3", "Median days from referral to plan", "Nombre médian de jours de l'aiguillage au plan", false, "days", "entry"},
	{"B.4", "90th percentile of days from referral to plan", "90e centile des jours de l'aiguillage au plan", false, "days", "entry"},
	{"B.5", "Percentage of plan reviews done on time", "Pourcentage des révisions de plan faites à temps", false, "percent", "entry"},
	{"B.6", "Families waiting for a coordinator at quarter end", "Familles en attente d'un coordonnateur à la fin du trimestre", false, "number", "none"},
}

// formText are the form's other words, English and French.
var formText = map[string][2]string{
	"title":    {"Coordinated services: quarterly return", "Services coordonnés : relevé trimestriel"},
	"invent":   {"An invented form of an invented ministry, for trials of tributary", "Formulaire inventé d'un ministère inventé, pour l'essai de tributary"},
	"cover":    {"Identification", "Identification"},
	"report":   {"Return", "Relevé"},
	"places":   {"By municipality", "Par municipalité"},
	"reasons":  {"Variance", "Écarts"},
	"lists":    {"Lists", "Listes"},
	"agency":   {"Name of agency", "Nom de l'organisme"},
	"tpr":      {"TPR number", "Numéro BPT"},
	"region":   {"Ministry region", "Région du ministère"},
	"area":     {"Service delivery area", "Secteur de prestation de services"},
	"quarter":  {"Reporting quarter", "Trimestre visé"},
	"as of":    {"Data as of", "Données en date du"},
	"by":       {"Prepared by", "Préparé par"},
	"yes":      {"I confirm that the return is complete (Yes or No)", "Je confirme que le relevé est complet (Oui ou Non)"},
	"measure":  {"Measure", "Mesure"},
	"unit":     {"Unit", "Unité"},
	"quarters": {"Results by quarter", "Résultats par trimestre"},
	"year":     {"Year to date", "Cumul de l'exercice"},
	"number":   {"number", "nombre"},
	"days":     {"days", "jours"},
	"percent":  {"%", "%"},
	"other":    {"Other sources (worked out)", "Autres provenances (calculées)"},
	"town":     {"Municipality", "Municipalité"},
	"refer":    {"Referrals received", "Aiguillages reçus"},
	"served":   {"Children and youth served", "Enfants et jeunes servis"},
	"share":    {"Share of referrals", "Part des aiguillages"},
	"total":    {"Total", "Total"},
	"target":   {"Target for the quarter", "Cible du trimestre"},
	"actual":   {"Actual of the quarter", "Résultat du trimestre"},
	"off":      {"Variance", "Écart"},
	"state":    {"State", "État"},
	"cause":    {"Explanation of the variance", "Explication de l'écart"},
	"mend":     {"Corrective action", "Mesure corrective"},
	"ok":       {"on target", "cible atteinte"},
	"not ok":   {"explain", "à expliquer"},
	"chart":    {"Referrals and plans by quarter", "Aiguillages et plans par trimestre"},
}

var formQuarters = [2][4]string{
	{"Q1 (April to June)", "Q2 (July to September)", "Q3 (October to December)", "Q4 (January to March)"},
	{"T1 (avril à juin)", "T2 (juillet à septembre)", "T3 (octobre à décembre)", "T4 (janvier à mars)"},
}

// FormName is the name of the form's file, without its ending.
func FormName(language string) string {
	return map[string]string{"en": "return-en", "fr": "releve-fr"}[language]
}

// FormAnswers are what a person says of the form's labels that no measure's label reads like.
func FormAnswers() map[string]string {
	return map[string]string{"Plans shared with the family's team": "csp_plans_shared", "Plans communiqués à l'équipe de la famille": "csp_plans_shared"}
}

// Form makes the blank quarterly form of an invented ministry, in en or fr: protected sheets with
// unlocked cells to fill, sums, checks of one cell against others, a chart, validations, conditional
// formats, merged headings and a hidden list. Same language, same bytes.
func Form(language string) ([]byte, error) {
	b := &formBook{f: excelize.NewFile(), looks: map[string]int{}}
	defer b.f.Close()
	if language == "fr" {
		b.language = 1
	}
	b.cover()
	b.report()
	b.places()
	b.reasons()
	if b.err != nil {
		return nil, b.err
	}
	var out bytes.Buffer
	err := forms.Pack(b.f, &out)
	return out.Bytes(), err
}

type formBook struct {
	f        *excelize.File
	language int
	sheet    string
	looks    map[string]int
	err      error
}

func (b *formBook) say(key string) string { return formText[key][b.language] }

func (b *formBook) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

// look makes a cell style: its words are title, head, band, label, part, entry, sum, grey; number
// formats follow after a colon.
func (b *formBook) look(name string) int {
	if id, ok := b.looks[name]; ok {
		return id
	}
	line := []excelize.Border{{Type: "left", Color: "8EA9C1", Style: 1}, {Type: "right", Color: "8EA9C1", Style: 1},
		{Type: "top", Color: "8EA9C1", Style: 1}, {Type: "bottom", Color: "8EA9C1", Style: 1}}
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	s := &excelize.Style{Border: line, Font: &excelize.Font{Family: "Arial", Size: 10}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}}
	what, format := name, ""
	for i := range name {
		if name[i] == ':' {
			what, format = name[:i], name[i+1:]
		}
	}
	switch what {
	case "title":
		s.Border, s.Font = nil, &excelize.Font{Family: "Arial", Bold: true, Size: 15, Color: "1F3864"}
	case "note":
		s.Border, s.Font = nil, &excelize.Font{Family: "Arial", Size: 10, Italic: true, Color: "666666"}
	case "head":
		s.Font, s.Fill = &excelize.Font{Family: "Arial", Size: 10, Bold: true, Color: "FFFFFF"}, fill("1F3864")
		s.Alignment.Horizontal = "center"
	case "band":
		s.Font, s.Fill = &excelize.Font{Family: "Arial", Size: 10, Bold: true, Color: "1F3864"}, fill("D6E0EE")
	case "part":
		s.Alignment.Indent = 2
	case "entry":
		s.Fill, s.Protection = fill("FFF8DC"), &excelize.Protection{Locked: false}
	case "sum":
		s.Fill, s.Font = fill("EDEDED"), &excelize.Font{Family: "Arial", Size: 10, Bold: true}
	case "grey":
		s.Fill = fill("BFBFBF")
	}
	switch format {
	case "number":
		s.CustomNumFmt = new("#,##0")
	case "percent":
		s.CustomNumFmt = new("0.0%")
	case "date":
		s.CustomNumFmt, s.Alignment.Horizontal = new("yyyy-mm-dd"), "left"
	case "text":
		s.NumFmt = 49
	}
	id, err := b.f.NewStyle(s)
	b.try(err)
	b.looks[name] = id
	return id
}

func (b *formBook) put(cell, look string, v any) {
	if v != nil {
		b.try(b.f.SetCellValue(b.sheet, cell, v))
	}
	b.try(b.f.SetCellStyle(b.sheet, cell, cell, b.look(look)))
}

func (b *formBook) formula(cell, look, formula string) {
	b.try(b.f.SetCellFormula(b.sheet, cell, formula))
	b.try(b.f.SetCellStyle(b.sheet, cell, cell, b.look(look)))
}

func (b *formBook) merge(from, to, look string, v any) {
	b.put(from, look, v)
	b.try(b.f.MergeCell(b.sheet, from, to))
	b.try(b.f.SetCellStyle(b.sheet, from, to, b.look(look)))
}

func (b *formBook) width(column string, w float64) {
	b.try(b.f.SetColWidth(b.sheet, column, column, w))
}

// begin makes a sheet and end protects it.
func (b *formBook) begin(key string) {
	b.sheet = b.say(key)
	if key == "cover" {
		b.try(b.f.SetSheetName("Sheet1", b.sheet))
		return
	}
	_, err := b.f.NewSheet(b.sheet)
	b.try(err)
}

func (b *formBook) end(landscape bool) {
	b.try(b.f.ProtectSheet(b.sheet, &excelize.SheetProtectionOptions{Password: "form", SelectLockedCells: true, SelectUnlockedCells: true}))
	orientation, fit := "portrait", 1
	if landscape {
		orientation = "landscape"
	}
	b.try(b.f.SetPageLayout(b.sheet, &excelize.PageLayoutOptions{Orientation: &orientation, FitToWidth: &fit, FitToHeight: new(0)}))
	b.try(b.f.SetSheetProps(b.sheet, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	b.try(b.f.SetSheetView(b.sheet, 0, &excelize.ViewOptions{ShowGridLines: new(false)}))
}

func (b *formBook) validate(area string, whole bool) {
	v := excelize.NewDataValidation(true)
	v.SetSqref(area)
	kind := excelize.DataValidationTypeDecimal
	if whole {
		kind = excelize.DataValidationTypeWhole
	}
	b.try(v.SetRange(0, 1000000, kind, excelize.DataValidationOperatorBetween))
	b.try(b.f.AddDataValidation(b.sheet, v))
}

func (b *formBook) cover() {
	b.begin("cover")
	b.width("A", 44)
	b.width("B", 52)
	b.merge("A1", "B1", "title", b.say("title"))
	b.merge("A2", "B2", "note", b.say("invent"))
	for i, key := range []string{"agency", "tpr", "region", "area", "quarter", "as of", "by", "yes"} {
		row := i + 4
		b.put(fmt.Sprintf("A%d", row), "label", b.say(key))
		look := "entry:text"
		if key == "as of" {
			look = "entry:date"
		}
		b.put(fmt.Sprintf("B%d", row), look, nil)
	}
	_, err := b.f.NewSheet(b.say("lists"))
	b.try(err)
	b.try(b.f.SetSheetCol(b.say("lists"), "A1", &[]string{[]string{"Yes", "Oui"}[b.language], []string{"No", "Non"}[b.language]}))
	b.try(b.f.SetSheetVisible(b.say("lists"), false))
	b.try(b.f.SetDefinedName(&excelize.DefinedName{Name: "YesNo", RefersTo: "'" + b.say("lists") + "'!$A$1:$A$2"}))
	v := excelize.NewDataValidation(true)
	v.SetSqref("B11")
	v.SetSqrefDropList("YesNo")
	b.try(b.f.AddDataValidation(b.sheet, v))
	b.end(false)
}

// report is the sheet of quarters: entries, sums of them, and a check row for the parts of a total.
func (b *formBook) report() {
	b.begin("report")
	for i, w := range []float64{8, 50, 10, 14, 14, 14, 14, 15} {
		b.width(string(rune('A'+i)), w)
	}
	b.merge("A1", "H1", "title", b.say("title"))
	b.merge("A3", "A4", "head", "No.")
	b.merge("B3", "B4", "head", b.say("measure"))
	b.merge("C3", "C4", "head", b.say("unit"))
	b.merge("D3", "G3", "head", b.say("quarters"))
	b.merge("H3", "H4", "head", b.say("year"))
	for i, q := range formQuarters[b.language] {
		b.put(string(rune('D'+i))+"4", "head", q)
	}
	b.try(b.f.SetRowHeight(b.sheet, 4, 32))
	row, at := 5, map[string]int{}
	for _, r := range formRows {
		if r.unit == "" {
			b.merge(fmt.Sprintf("A%d", row), fmt.Sprintf("H%d", row), "band", [2]string{r.en, r.fr}[b.language])
			row++
			continue
		}
		at[r.number] = row
		b.row(row, r)
		row++
		if r.number == "A.1.4" {
			b.remainder(row, at["A.1"])
			row++
		}
	}
	b.validate(fmt.Sprintf("D6:G%d", at["B.2"]), true)
	b.validate(fmt.Sprintf("D%d:G%d", at["B.3"], at["B.6"]), false)
	red, err := b.f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "9A0511", Bold: true}})
	b.try(err)
	b.try(b.f.SetConditionalFormat(b.sheet, fmt.Sprintf("D%[1]d:H%[1]d", at["A.1"]+5), []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: "<", Format: &red, Value: "0"}}))
	series := func(r int) excelize.ChartSeries {
		return excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$B$%d", b.sheet, r), Categories: fmt.Sprintf("'%s'!$D$4:$G$4", b.sheet), Values: fmt.Sprintf("'%s'!$D$%d:$G$%d", b.sheet, r, r)}
	}
	b.try(b.f.AddChart(b.sheet, fmt.Sprintf("B%d", row+1), &excelize.Chart{Type: excelize.Col, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: b.say("chart")}}},
		Series: []excelize.ChartSeries{series(at["A.1"]), series(at["B.1"])}, Legend: excelize.ChartLegend{Position: "bottom"}, Dimension: excelize.ChartDimension{Width: 760, Height: 280}}))
	b.end(true)
}

func (b *formBook) row(row int, r formRow) {
	label := "label"
	if r.isPart {
		label = "part"
	}
	b.put(fmt.Sprintf("A%d", row), "label", r.number)
	b.put(fmt.Sprintf("B%d", row), label, [2]string{r.en, r.fr}[b.language])
	b.put(fmt.Sprintf("C%d", row), "label", b.say(r.unit))
	format := map[string]string{"number": ":number", "days": ":number", "percent": ":percent"}[r.unit]
	for c := 'D'; c <= 'G'; c++ {
		b.put(fmt.Sprintf("%c%d", c, row), "entry"+format, nil)
	}
	year := fmt.Sprintf("H%d", row)
	switch r.year {
	case "sum":
		b.formula(year, "sum"+format, fmt.Sprintf("SUM(D%d:G%d)", row, row))
	case "entry":
		b.put(year, "entry"+format, nil)
	default:
		b.put(year, "grey", nil)
	}
}

// remainder is what the parts leave of their total; it must not fall below nothing.
func (b *formBook) remainder(row, total int) {
	b.put(fmt.Sprintf("A%d", row), "label", "A.1.9")
	b.put(fmt.Sprintf("B%d", row), "part", b.say("other"))
	b.put(fmt.Sprintf("C%d", row), "label", b.say("number"))
	for c := 'D'; c <= 'H'; c++ {
		b.formula(fmt.Sprintf("%c%d", c, row), "sum:number", fmt.Sprintf("%c%d-SUM(%c%d:%c%d)", c, total, c, total+1, c, row-1))
	}
}

// places is a table with municipalities as rows and measures as columns.
func (b *formBook) places() {
	b.begin("places")
	for i, w := range []float64{34, 18, 18, 18} {
		b.width(string(rune('A'+i)), w)
	}
	b.merge("A1", "D1", "title", b.say("places"))
	for i, key := range []string{"town", "refer", "served", "share"} {
		b.put(string(rune('A'+i))+"3", "head", b.say(key))
	}
	b.try(b.f.SetRowHeight(b.sheet, 3, 30))
	towns := []string{"Cedar Falls", "Port Maitland", "Rivière-aux-Loups", "Granite Lake", "Stonebridge", "Northmoor"}
	last := 3 + len(towns)
	for i, town := range towns {
		row := 4 + i
		b.put(fmt.Sprintf("A%d", row), "label", town)
		b.put(fmt.Sprintf("B%d", row), "entry:number", nil)
		b.put(fmt.Sprintf("C%d", row), "entry:number", nil)
		b.formula(fmt.Sprintf("D%d", row), "sum:percent", fmt.Sprintf("IF(B$%d=0,\"\",B%d/B$%d)", last+1, row, last+1))
	}
	b.put(fmt.Sprintf("A%d", last+1), "sum", b.say("total"))
	for _, c := range "BC" {
		b.formula(fmt.Sprintf("%c%d", c, last+1), "sum:number", fmt.Sprintf("SUM(%c4:%c%d)", c, c, last))
	}
	b.put(fmt.Sprintf("D%d", last+1), "sum", nil)
	b.validate(fmt.Sprintf("B4:C%d", last), true)
	b.end(false)
}

// reasons is the table of variances, with words to write.
func (b *formBook) reasons() {
	b.begin("reasons")
	for i, w := range []float64{46, 12, 12, 12, 16, 44, 44} {
		b.width(string(rune('A'+i)), w)
	}
	b.merge("A1", "G1", "title", b.say("reasons"))
	for i, key := range []string{"measure", "target", "actual", "off", "state", "cause", "mend"} {
		b.put(string(rune('A'+i))+"3", "head", b.say(key))
	}
	b.try(b.f.SetRowHeight(b.sheet, 3, 32))
	for i, number := range []string{"A.1", "B.1", "B.3", "B.5"} {
		row := 4 + i
		for _, r := range formRows {
			if r.number != number {
				continue
			}
			format, better := map[string]string{"number": ":number", "days": ":number", "percent": ":percent"}[r.unit], ">="
			if r.unit == "days" {
				better = "<="
			}
			b.put(fmt.Sprintf("A%d", row), "label", [2]string{r.en, r.fr}[b.language])
			b.put(fmt.Sprintf("B%d", row), "entry"+format, nil)
			b.put(fmt.Sprintf("C%d", row), "entry"+format, nil)
			b.formula(fmt.Sprintf("D%d", row), "sum"+format, fmt.Sprintf("C%d-B%d", row, row))
			b.formula(fmt.Sprintf("E%d", row), "sum", fmt.Sprintf("IF(B%[1]d=\"\",\"\",IF(C%[1]d%[2]sB%[1]d,\"%[3]s\",\"%[4]s\"))", row, better, b.say("ok"), b.say("not ok")))
			b.put(fmt.Sprintf("F%d", row), "entry", nil)
			b.put(fmt.Sprintf("G%d", row), "entry", nil)
			b.try(b.f.SetRowHeight(b.sheet, row, 32))
		}
	}
	b.end(true)
}
