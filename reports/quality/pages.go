package quality

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"tributary/reports/sheet"
)

// needs orders deliveries by who needs help first.
func needs(d delivery) int {
	switch {
	case d.state == "refused" || d.state == "expected" && d.isLate:
		return 0
	case d.state == "paused":
		return 1
	case d.state == "partly_accepted":
		return 2
	case d.toFix() > 0:
		return 3
	case d.confirm > 0:
		return 4
	}
	return 5
}

// foremost is what to do first about a delivery: its gravest, then largest cause that asks something.
func (b *book) foremost(agency, quarter string) (cause, bool) {
	for _, c := range b.causes[quarter] {
		if c.agency == agency && c.severity != "note" {
			return c, true
		}
	}
	return cause{}, false
}

// told says a cause and its fix in a sentence.
func (b *book) told(c cause) string {
	k := b.checks[c.check]
	where := ""
	if c.hasNoColumn {
		where = ", " + b.word("no_column")
	} else if c.column != "" {
		where = ", " + b.word("column") + " " + c.column
	} else if c.file != "" && c.files == 1 {
		where = ", " + c.file
	}
	rows := ""
	if c.rows > 1 {
		rows = ", " + b.count(c.rows, "row")
	}
	return k.name + where + rows + ". " + upper(k.fix) + "."
}

// columnOf is the column as the agency calls it, or that the file has none.
func (b *book) columnOf(c cause) string {
	if c.hasNoColumn {
		return b.word("no_column")
	}
	return c.column
}

// onOnePage is how many agencies one printed page holds readably.
const onOnePage = 20

// help is page one: who needs help with what first.
func (b *book) help() {
	q := b.quarter.String()
	b.page("help", 5, 30, 23, 11, 10, 11, 13, 24, 64)
	if len(b.agencies) <= onOnePage {
		b.Keep(b.File.SetPageLayout(b.Name, &excelize.PageLayoutOptions{FitToHeight: new(1)}))
	}
	b.title("help.title", b.count(int64(len(b.agencies)), "agency"))
	order := slices.Clone(b.agencies)
	slices.SortStableFunc(order, func(x, y agency) int {
		dx, _ := b.at(x.code, q)
		dy, _ := b.at(y.code, q)
		return cmp.Or(needs(dx)-needs(dy), cmp.Compare(dy.toFix(), dx.toFix()), cmp.Compare(dy.confirm, dx.confirm), strings.Compare(x.code, y.code))
	})
	var urgent []string
	waiting, clean := 0, 0
	for _, a := range order {
		d, ok := b.at(a.code, q)
		switch n := needs(d); {
		case !ok:
		case n <= 2:
			urgent = append(urgent, a.code+" ("+b.state(d)+")")
		case n <= 4:
			waiting++
		default:
			clean++
		}
	}
	said := b.word("help.none")
	if len(urgent) > 0 {
		said = fmt.Sprintf(b.word("help.urgent"), strings.Join(urgent, ", "))
	}
	b.Line(said+" "+fmt.Sprintf(b.word("help.rest"), waiting, clean), look{Bold: true, Wrap: true, Size: 12, Fill: map[bool]string{true: bad, false: good}[len(urgent) > 0]})
	b.Row++
	b.Heads(5, 7, "", b.word("agency"), b.word("delivery"), b.word("late"), b.word("to_fix"), b.word("to_confirm"), b.word("rows_asked"), b.word("since_before"), b.word("do_first"))
	b.Freeze(0)
	n := 0
	for _, a := range order {
		d, ok := b.at(a.code, q)
		if !ok {
			continue
		}
		n++
		l := look{Wrap: true, Fill: b.heat(d)}
		b.number(1, int64(n), look{})
		b.Text(2, a.name+" ("+a.code+")", look{Wrap: true, Bold: true})
		b.Text(3, b.state(d), l)
		b.Text(4, b.lateness(d), look{Wrap: true})
		b.number(5, d.toFix(), look{Bold: d.toFix() > 0})
		b.number(6, d.confirm, look{})
		b.share(7, d.askedRows, d.rows, look{})
		b.Text(8, b.since(a.code, q), look{Wrap: true})
		todo := b.word("nothing")
		if c, ok := b.foremost(a.code, q); ok {
			todo = b.told(c)
		} else if needs(d) == 0 {
			todo = b.word("ask_for_it")
		}
		b.Text(9, todo, look{Wrap: true})
		b.Next()
	}
	b.Row++
	b.Line(b.word("help.how"), look{Wrap: true, Color: sheet.Muted})
}

// since says what changed since the state before.
func (b *book) since(agency, quarter string) string {
	v, ok := b.newest(agency, quarter)
	if !ok || !v.hasBefore {
		return none
	}
	return fmt.Sprintf(b.word("since"), v.closed, v.stayed, v.isNew)
}

// heat is the colour of a delivery; what it says stands in the cell too.
func (b *book) heat(d delivery) string {
	switch {
	case needs(d) == 0:
		return bad
	case needs(d) <= 2:
		return poor
	case d.state == "nil" || d.state == "excused" || d.state == "not_due" || d.state == "expected":
		return silent
	case d.asked() == 0:
		return good
	case d.rows > 0 && d.askedRows*50 >= d.rows: // one row in fifty
		return poor
	}
	return fair
}

// glance is the grid of agencies by quarters.
func (b *book) glance() {
	widths := append([]float64{34}, make([]float64, len(b.quarters))...)
	for i := range b.quarters {
		widths[i+1] = 17
	}
	for len(widths) < 6 {
		widths = append(widths, 17)
	}
	b.page("glance", widths...)
	b.title("glance.title", "")
	b.Line(b.word("glance.how"), look{Wrap: true, Color: sheet.Muted})
	b.Heads(0, 0, append([]string{b.word("agency")}, b.quarters...)...)
	for _, a := range b.agencies {
		b.Text(1, a.name+" ("+a.code+")", look{Wrap: true})
		for i, q := range b.quarters {
			d, ok := b.at(a.code, q)
			if !ok {
				b.Text(i+2, none, look{Center: true, Color: sheet.Muted})
				continue
			}
			said := b.state(d)
			if d.isUsed() {
				said = b.amount(d.asked())
				if d.rows > 0 && d.asked() > 0 {
					said += " (" + b.percent(d.askedRows, d.rows) + ")"
				}
				if d.state == "partly_accepted" {
					said += "\n" + b.state(d)
				}
			}
			if d.isLate && d.state != "expected" {
				said += " *"
			}
			b.Text(i+2, said, look{Center: true, Wrap: true, Fill: b.heat(d)})
		}
		b.Next()
	}
	b.Line(b.word("glance.legend"), look{Color: sheet.Muted})
	b.section("glance.share")
	head := b.Row
	b.Heads(2, 1+len(b.quarters), append([]string{b.word("agency")}, b.quarters...)...)
	var rows []int
	for _, a := range b.agencies {
		some := false
		b.Text(1, a.code, look{Wrap: true})
		for i, q := range b.quarters {
			if d, ok := b.at(a.code, q); ok && d.isUsed() && d.rows > 0 {
				b.share(i+2, d.askedRows, d.rows, look{})
				some = true
			}
		}
		if some {
			rows = append(rows, b.Row)
		}
		b.Next()
	}
	b.Row++
	b.chart(excelize.Line, "glance.share", rows[:min(len(rows), sheet.MostLines)], head, 1, 2, 1+len(b.quarters), true, true)
}

// worst folds the causes of all agencies: one conversation, one note to all, may end many findings.
func (b *book) worst() {
	type fold struct {
		check, severity string
		agencies        map[string]int64
		columns         []string
		rows            int64
	}
	var folds []*fold
	at := map[[2]string]*fold{}
	for _, c := range b.causes[b.quarter.String()] {
		if c.severity == "note" {
			continue
		}
		key := [2]string{c.check, c.severity}
		f := at[key]
		if f == nil {
			f = &fold{check: c.check, severity: c.severity, agencies: map[string]int64{}}
			at[key] = f
			folds = append(folds, f)
		}
		f.rows += c.rows
		f.agencies[c.agency] += c.rows
		if column := b.columnOf(c); column != "" && !slices.Contains(f.columns, column) {
			f.columns = append(f.columns, column)
		}
	}
	slices.SortStableFunc(folds, func(x, y *fold) int {
		return cmp.Or(cmp.Compare(y.rows, x.rows), strings.Compare(x.check, y.check))
	})
	b.page("worst", 14, 34, 10, 11, 42, 34, 50)
	b.title("worst.title", "")
	total, few, many := int64(0), 0, int64(0)
	for _, f := range folds {
		total += f.rows
	}
	for few < len(folds) && many*10 < total*8 {
		many += folds[few].rows
		few++
	}
	if total > 0 {
		b.Line(sheet.Say(b.fr, b.word("worst.few"), few, len(folds), b.percent(many, total)), look{Wrap: true, Bold: true})
	} else {
		b.Line(b.word("nothing"), look{})
	}
	b.Heads(3, 4, b.word("serious"), b.word("what"), b.word("rows"), b.word("share"), b.word("agencies"), b.word("columns"), b.word("what_to_do"))
	b.Freeze(0)
	for _, f := range folds {
		var who []string
		for _, a := range b.agencies {
			if n := f.agencies[a.code]; n > 0 {
				who = append(who, a.code+" "+b.amount(n))
			}
		}
		k := b.checks[f.check]
		b.Text(1, b.word("severity."+f.severity), look{Wrap: true, Bold: true, Fill: map[string]string{"blocks": bad, "sets_aside": poor, "please_confirm": fair}[f.severity]})
		b.Text(2, k.name, look{Wrap: true, Bold: true})
		b.number(3, f.rows, look{})
		b.share(4, f.rows, total, look{})
		b.Text(5, strings.Join(who, ", "), look{Wrap: true})
		b.Text(6, cut(f.columns, 6), look{Wrap: true})
		b.Text(7, upper(k.fix), look{Wrap: true})
		b.Next()
	}
}

// cut lists a few of many.
func cut(all []string, most int) string {
	if len(all) > most {
		return strings.Join(all[:most], ", ") + " ..."
	}
	return strings.Join(all, ", ")
}

// trends shows per check the share of rows that failed, quarter by quarter, all agencies that were checked.
func (b *book) trends() {
	type sum struct{ examined, failed int64 }
	sums := map[string]map[string]sum{}
	total := map[string]int64{}
	for _, r := range b.results {
		if d, ok := b.at(r.agency, r.quarter); !r.stands || !ok || !d.isUsed() || b.checks[r.check].severity == "note" {
			continue
		}
		if sums[r.check] == nil {
			sums[r.check] = map[string]sum{}
		}
		s := sums[r.check][r.quarter]
		sums[r.check][r.quarter] = sum{s.examined + r.examined, s.failed + r.failed}
		if slices.Contains(b.quarters, r.quarter) {
			total[r.check] += r.failed
		}
	}
	var checks []string
	silent := 0
	for id := range sums {
		if total[id] > 0 {
			checks = append(checks, id)
		} else {
			silent++
		}
	}
	slices.SortFunc(checks, func(x, y string) int { return cmp.Or(cmp.Compare(total[y], total[x]), strings.Compare(x, y)) })
	widths := []float64{44, 26}
	for range 2 * len(b.quarters) {
		widths = append(widths, 12)
	}
	b.page("trends", widths...)
	b.title("trends.title", "")
	b.Line(fmt.Sprintf(b.word("trends.how"), len(checks), silent), look{Wrap: true, Color: sheet.Muted})
	heads := []string{b.word("what"), b.word("check")}
	heads = append(heads, b.quarters...)
	for _, q := range b.quarters {
		heads = append(heads, b.word("rows")+"\n"+q)
	}
	head := b.Row
	b.Heads(3, len(heads), heads...)
	b.Freeze(1)
	var rows []int
	for n, id := range checks {
		b.Text(1, b.checks[id].name, look{Wrap: true})
		b.Text(2, id, look{Color: sheet.Muted})
		for i, q := range b.quarters {
			s, ok := sums[id][q]
			if !ok {
				continue
			}
			b.share(3+i, s.failed, s.examined, look{})
			b.number(3+len(b.quarters)+i, s.failed, look{})
		}
		if n < 6 {
			rows = append(rows, b.Row)
		}
		b.Next()
	}
	b.Row++
	b.chart(excelize.Line, "trends.chart", rows, head, 1, 3, 2+len(b.quarters), true, true)
}

// burndown shows, state by state of the deliveries, what was settled, stayed and came new.
func (b *book) burndown() {
	b.page("burndown", 13, 13, 13, 13, 22, 12, 12, 12, 12, 56)
	b.title("burndown.title", "")
	b.Line(b.word("burndown.how"), look{Wrap: true, Color: sheet.Muted})
	b.section("burndown.now")
	q := b.quarter.String()
	head := b.Row
	var heads []string
	var codes []version
	for _, a := range b.agencies {
		if v, ok := b.newest(a.code, q); ok && v.hasBefore && v.asked+v.closed > 0 {
			codes = append(codes, v)
		}
	}
	if codes = codes[:min(len(codes), len(b.Widths)-1)]; len(codes) == 0 {
		b.Line(b.word("burndown.none"), look{Color: sheet.Muted})
	} else {
		for _, v := range codes {
			heads = append(heads, v.agency)
		}
		b.Heads(2, 1+len(heads), append([]string{""}, heads...)...)
		var rows []int
		for _, kind := range []string{"stayed", "new", "closed"} {
			b.Text(1, b.word(kind), look{Wrap: true})
			for i, v := range codes {
				b.number(2+i, map[string]int64{"stayed": v.stayed, "new": v.isNew, "closed": v.closed}[kind], look{})
			}
			rows = append(rows, b.Row)
			b.Next()
		}
		b.Row++
		b.chart(excelize.ColStacked, "burndown.chart", rows, head, 1, 2, 1+len(codes), false, true)
	}
	b.section("burndown.all")
	b.Heads(6, 9, b.word("agency"), b.word("quarter"), b.word("file_no"), b.word("received"), b.word("delivery"), b.word("open"), b.word("new"), b.word("stayed"), b.word("closed"), b.word("files"))
	for _, v := range b.versions {
		if slices.Contains(b.quarters, v.quarter) {
			b.stateRow(v, true)
		}
	}
}

// stateRow writes one state of a delivery.
func (b *book) stateRow(v version, withAgency bool) {
	col := 1
	if withAgency {
		b.Text(1, v.agency, look{Wrap: true})
		col++
	}
	b.Text(col, v.quarter, look{Wrap: true})
	b.number(col+1, v.number, look{})
	b.Text(col+2, day(v.receivedOn), look{Wrap: true})
	b.Text(col+3, b.word("state."+v.state), look{Wrap: true})
	b.number(col+4, v.asked, look{Bold: true})
	for i, n := range []int64{v.isNew, v.stayed, v.closed} {
		if v.hasBefore {
			b.number(col+5+i, n, look{})
		} else {
			b.Text(col+5+i, none, look{Right: true, Color: sheet.Muted})
		}
	}
	files := cut(strings.Split(v.files, ", "), 4)
	if col+8 < len(b.Widths) {
		b.Over(col+8, len(b.Widths), files, look{Wrap: true})
	} else {
		b.Text(col+8, files, look{Wrap: true})
	}
	b.Next()
}

// timeliness shows when each delivery came.
func (b *book) timeliness() {
	widths := []float64{34}
	for range b.quarters {
		widths = append(widths, 22)
	}
	b.page("timeliness", widths...)
	b.title("timeliness.title", "")
	b.Heads(0, 0, append([]string{b.word("agency")}, b.quarters...)...)
	for _, a := range b.agencies {
		b.Text(1, a.name+" ("+a.code+")", look{Wrap: true})
		for i, q := range b.quarters {
			d, ok := b.at(a.code, q)
			fill := ""
			if ok && d.isLate {
				fill = poor
			}
			if ok && d.isLate && d.state == "expected" {
				fill = bad
			}
			said := none
			if ok {
				said = b.lateness(d)
				if d.receivedOn.Valid {
					said += "\n" + fmt.Sprintf(b.word("came_on"), day(d.receivedOn))
				}
			}
			b.Text(i+2, said, look{Wrap: true, Fill: fill})
		}
		b.Next()
	}
	b.Line(b.word("timeliness.how"), look{Color: sheet.Muted})
}

// mostPrinted is how many rows of a long table are printed: three pages.
const mostPrinted = 100

// expected are the columns that every client has: by them children are found again and placed.
var expected = []string{"given_name", "family_name", "birth_date", "sex", "gender", "street_address", "municipality", "postal_code", "phone", "opened_on"}

// completeness shows how full each column is, and where it became emptier.
func (b *book) completeness() {
	widths := []float64{10, 12, 24, 30}
	for range b.quarters {
		widths = append(widths, 12)
	}
	b.page("completeness", append(widths, 26)...)
	b.title("completeness.title", "")
	b.Line(b.word("completeness.how"), look{Wrap: true, Color: sheet.Muted})
	heads := append([]string{b.word("agency"), b.word("table"), b.word("our_column"), b.word("heading")}, b.quarters...)
	b.Heads(5, 4+len(b.quarters), append(heads, b.word("remark"))...)
	b.Freeze(4)
	top := b.Row - 1
	type line struct {
		column
		remark string
		fills  []string // of each quarter
	}
	var lines []line
	for _, c := range b.columns {
		l, before := line{column: c, fills: make([]string, len(b.quarters))}, -1.0
		for i, q := range b.quarters {
			f, ok := b.fills[c][q]
			if !ok || f.rows == 0 {
				continue
			}
			now := float64(f.filled) / float64(f.rows)
			switch {
			case before >= 0 && now <= before-0.2:
				l.fills[i], l.remark = bad, fmt.Sprintf(b.word("emptier"), q)
			case c.table == "client" && slices.Contains(expected, c.name) && now < 0.8:
				l.fills[i] = poor
				if q == b.quarter.String() && l.remark == "" {
					l.remark = b.word("often_empty")
				}
			}
			before = now
		}
		lines = append(lines, l)
	}
	// What a person should look at stands first, and is what is printed.
	slices.SortStableFunc(lines, func(x, y line) int { return first(x.remark != "", y.remark != "") })
	printed := 0
	for _, l := range lines {
		if l.remark != "" {
			printed++
		}
		b.Text(1, l.agency, look{Wrap: true})
		b.Text(2, l.table, look{Wrap: true, Color: sheet.Muted})
		b.Text(3, l.name, look{Wrap: true})
		b.Text(4, b.headings[l.column], look{Wrap: true})
		for i, q := range b.quarters {
			f := b.fills[l.column][q]
			b.share(5+i, f.filled, f.rows, look{Fill: l.fills[i]})
		}
		b.Text(5+len(b.quarters), l.remark, look{Wrap: true})
		b.Next()
	}
	b.Filter(top, 5+len(b.quarters))
	if len(b.agencies) > 1 {
		b.PrintFirst(min(printed, mostPrinted), top, 5+len(b.quarters))
	}
}

// all lists every result of every check of every state of every delivery, passes too.
func (b *book) all() {
	b.page("all", 10, 12, 8, 30, 46, 10, 16, 13, 11, 10)
	b.title("all.title", "")
	b.Line(b.word("all.how"), look{Wrap: true, Color: sheet.Muted})
	b.Heads(8, 10, b.word("agency"), b.word("quarter"), b.word("file_no"), b.word("check"), b.word("what"), b.word("class"), b.word("serious"), b.word("examined"), b.word("failed"), b.word("share"))
	b.Freeze(0)
	top := b.Row - 1
	failsNow := func(r result) bool { return r.stands && r.failed > 0 && r.quarter == b.quarter.String() }
	var results []result
	for _, r := range b.results {
		if slices.Contains(b.quarters, r.quarter) {
			results = append(results, r)
		}
	}
	slices.SortStableFunc(results, func(x, y result) int { return first(failsNow(x), failsNow(y)) })
	printed := 0
	for _, r := range results {
		if failsNow(r) {
			printed++
		}
		k := b.checks[r.check]
		plain := look{}
		b.Text(1, r.agency, plain)
		b.Text(2, r.quarter, plain)
		b.number(3, r.version, plain)
		b.Text(4, r.check, look{Color: sheet.Muted})
		b.Text(5, k.name, plain)
		b.Text(6, b.word("class."+k.class), plain)
		b.Text(7, b.word("severity."+k.severity), plain)
		b.number(8, r.examined, plain)
		b.number(9, r.failed, look{Bold: r.failed > 0})
		b.share(10, r.failed, r.examined, plain)
		b.Next()
	}
	b.Filter(top, 10)
	b.PrintFirst(min(printed, mostPrinted), top, 10)
}

// first orders what is so before what is not.
func first(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// how says what the words mean.
func (b *book) how() {
	b.page("how", 30, 110)
	b.title("how.title", "")
	for _, w := range []string{"memory", "to_fix", "to_confirm", "share", "since", "file_no", "late", "examined", "completeness", "private"} {
		b.Text(1, b.word("how."+w+".word"), look{Wrap: true, Bold: true})
		b.Text(2, b.word("how."+w), look{Wrap: true})
		b.Next()
	}
}
