package feedback

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/reports/sheet"
)

// letterMark stands above the keys, out of sight: by it a letter of ours is known, whatever it is called.
const letterMark = "tributary letter 1"

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// summary answers three questions on one page: what is wrong, where, what do I do first.
func (b *book) summary() {
	l := b.l
	title := "title"
	if l.IsTrial {
		title = "trial"
		b.page("summary", 24, 34, 20, 30, 9, 46)
	} else {
		b.page("summary", 19, 30, 16, 24, 7, 38, 11, 18)
	}
	b.keep(b.f.SetCellStr(b.name, "A1", strings.Join([]string{letterMark, l.AgencyCode, l.Quarter.String(), l.List}, "|")))
	b.line(fmt.Sprintf(b.word(title), l.Quarter.Name(l.Language)), look{bold: true, size: 16, color: dark})
	b.line(fmt.Sprintf(b.word("to"), l.Agency, l.AgencyCode)+"     "+fmt.Sprintf(b.word("from"), l.From)+"     "+b.word("private"), look{color: pale})
	b.row++
	if l.IsTrial {
		b.line(b.word("trial_is"), look{})
	}
	b.line(b.status(), look{bold: true, size: 13, wrap: true, middle: true, fill: b.statusFill()})
	asked := map[bool]int{}
	for _, c := range l.Causes {
		if c.Severity != tributary.Note {
			asked[c.Severity == tributary.PleaseConfirm] += c.Rows
		}
	}
	if asked[true]+asked[false] == 0 {
		if l.State == "accepted" || l.State == "nil" || l.State == "excused" {
			b.line(b.word("zero"), look{bold: true, size: 12})
		}
		if len(l.Unread) > 0 {
			b.line(b.sinceLine(), look{})
		}
	} else {
		said := fmt.Sprintf(b.word("counts"), b.number(int64(asked[false])), b.number(int64(asked[true]))) + "."
		switch {
		case l.Few == 1 && l.All > 1:
			said += " " + fmt.Sprintf(b.word("explain_one"), b.number(int64(b.askedCauses())), b.number(int64(l.Explained)), b.number(int64(l.All)))
		case l.Few < l.All && l.Few < b.askedCauses():
			said += " " + fmt.Sprintf(b.word("explain"), b.number(int64(l.Few)), b.number(int64(b.askedCauses())), b.number(int64(l.Explained)), b.number(int64(l.All)))
		}
		if l.Since != "" {
			said += " " + b.sinceLine()
		}
		b.line(said, look{})
		first := l.Causes[0]
		where := strings.Trim(first.Sheets+", "+b.columnOf(first.Column), ", ")
		b.row++
		b.line(b.word("first"), look{bold: true, size: 12, color: dark})
		b.line(fmt.Sprintf(b.word("first_is"), first.what(b.word("colon")), where, first.Fix), look{bold: true, wrap: true, fill: fills[first.Severity]})
		switch {
		case l.IsTrial:
		case asked[true] == 0:
			b.line(b.word("how_two"), look{}) // what blocks or is set aside cannot be answered in the letter
		default:
			b.line(b.word("how"), look{})
		}
	}
	if len(l.MarkedFiles) > 0 {
		b.line(fmt.Sprintf(b.word("marked"), strings.Join(l.MarkedFiles, ", ")), look{})
	}
	if len(l.ReadOnly) > 0 {
		b.line(fmt.Sprintf(b.word("read_only"), strings.Join(l.ReadOnly, ", ")), look{})
	}
	if len(l.CleanFiles) > 0 {
		b.line(fmt.Sprintf(b.word("clean"), strings.Join(l.CleanFiles, ", ")), look{})
	}
	if len(l.Unmarked) > 0 {
		b.line(fmt.Sprintf(b.word("unmarked"), strings.Join(l.Unmarked, "; ")), look{color: pale})
	}
	b.causes()
	b.bridge()
	b.files()
	b.finish(0)
}

// what is the cause's name, with what its findings have to say.
func (c Cause) what(colon string) string {
	if c.Detail == "" {
		return c.Name
	}
	return c.Name + colon + c.Detail
}

func (b *book) askedCauses() int {
	n := 0
	for _, c := range b.l.Causes {
		if c.Severity != tributary.Note {
			n++
		}
	}
	return n
}

func (b *book) columnOf(column string) string {
	if column == "" {
		return ""
	}
	return strings.ToLower(b.word("where")) + " " + column
}

func (b *book) status() string {
	s := b.word("state." + b.l.State)
	if b.l.IsLate {
		key := "late"
		if b.l.State == "expected" {
			key = "overdue"
		}
		s += ". " + fmt.Sprintf(b.word(key), day(b.l.DueOn))
	}
	return s
}

func (b *book) statusFill() string {
	switch b.l.State {
	case "accepted", "nil", "excused", "not_due":
		return "DDEFE0"
	case "accepted_with_findings", "received":
		return fills[tributary.PleaseConfirm]
	}
	return fills[tributary.Blocks]
}

func (b *book) sinceLine() string {
	said := fmt.Sprintf(b.word("since_line"), b.number(int64(len(b.l.Closed))), b.number(int64(b.l.Stayed)), b.number(int64(b.l.New)))
	if n := len(b.l.Unread); n > 0 {
		said += " " + sheet.Say(b.l.Language == "fr", b.word("unread_line"), b.number(int64(n)))
	}
	return said
}

// causes lists what asks for something; what only informs is on a page of its own.
func (b *book) causes() {
	if b.askedCauses() == 0 {
		return
	}
	b.row++
	b.line(b.word("causes"), look{bold: true, size: 12, color: dark})
	headings := []string{"severity", "what", "where", "sheets", "rows", "fix", "all_right", "all_why"}
	columns := len(headings)
	if b.l.IsTrial {
		columns -= 2
	}
	b.heading(headings[:columns]...)
	from := b.row
	for _, c := range b.l.Causes {
		if c.Severity == tributary.Note {
			continue
		}
		row, rows := b.row, b.number(int64(c.Rows))
		fix := c.Fix
		if c.Listed < c.Rows {
			fix += "\n" + fmt.Sprintf(b.word("folded"), rows, b.number(int64(c.Listed)))
		}
		isAsked := c.Severity == tributary.PleaseConfirm && !b.l.IsTrial
		b.cells([]string{b.word("severity." + string(c.Severity)), c.what(b.word("colon")), c.Column, c.Sheets, rows, fix, "", ""}[:columns], func(column int) look {
			switch {
			case column == 1:
				return look{wrap: true, bold: true, fill: fills[c.Severity]}
			case column == 5:
				return look{wrap: true, right: true}
			case column >= 7 && isAsked:
				return look{wrap: true, open: true, fill: yellow}
			}
			return look{wrap: true, bold: column == 2}
		})
		if isAsked {
			b.key(row, "cause "+c.Key, c.Column, c.Sheets, rows)
		}
	}
	if !b.l.IsTrial {
		b.answers(7, from, b.row-1)
	}
}

func (b *book) bridge() {
	if len(b.l.Bridge) == 0 {
		return
	}
	b.row++
	b.line(b.word("bridge"), look{bold: true, size: 12, color: dark})
	b.heading("count", "step", "reason")
	for _, s := range b.l.Bridge {
		row := b.row
		b.text(1, b.number(s.Count), look{wrap: true, right: true, bold: s.IsTotal, fill: map[bool]string{true: "E8F0F5"}[s.IsTotal]})
		b.text(2, s.Label, look{wrap: true, bold: s.IsTotal, fill: map[bool]string{true: "E8F0F5"}[s.IsTotal]})
		b.text(3, s.Reason, look{})
		b.keep(b.f.MergeCell(b.name, at(4, row), at(len(b.wide), row)))
		b.height(13)
		if len(s.Label) > 30 {
			b.height(26)
		}
		b.row++
	}
}

func (b *book) files() {
	if len(b.l.Files) == 0 {
		return
	}
	b.row++
	b.line(b.word("files"), look{bold: true, size: 12, color: dark})
	if b.l.IsTrial {
		b.heading("rows", "file", "file_state")
		for _, f := range b.l.Files {
			b.cells([]string{b.number(f.Rows), f.Name, b.word("file." + f.State)}, func(int) look { return look{wrap: true} })
		}
		return
	}
	b.heading("received", "file", "rows", "file_state")
	for _, f := range b.l.Files {
		b.cells([]string{day(f.ReceivedOn), f.Name, b.number(f.Rows), b.word("file." + f.State)}, func(int) look { return look{wrap: true} })
	}
}

// list is what is asked, in the order in which people look: client, date, message, then where.
func (b *book) list() {
	if b.l.IsTrial {
		b.page("list", 13, 11, 46, 14, 15, 18, 7, 14, 19)
	} else {
		b.page("list", 11, 10.5, 40, 12.5, 13, 16, 6, 13, 14, 8.5, 14, 8, 17)
	}
	b.line(b.word("list")+b.word("colon")+b.number(int64(len(b.l.Items))), look{bold: true, size: 14, color: dark})
	if len(b.l.Items) == 0 {
		b.line(b.word("none"), look{})
		b.finish(0)
		return
	}
	if b.l.IsTrial {
		b.heading("client", "date", "message", "severity", "value", "sheets", "row", "where", "check")
		top := b.row - 1
		b.items(b.l.Items, "")
		b.keep(b.f.AutoFilter(b.name, at(2, top)+":"+at(10, b.row-1), nil))
		b.finish(top)
		return
	}
	if slices.ContainsFunc(b.l.Items, func(i Item) bool { return i.Severity == tributary.PleaseConfirm }) {
		b.line(b.word("list_how"), look{wrap: true, fill: yellow})
	} else {
		b.line(b.word("list_none"), look{})
	}
	b.heading("client", "date", "message", "severity", "value", "sheets", "row", "where", "check", "status", "corrected_value", "right", "why")
	top := b.row - 1
	for _, i := range b.l.Items {
		isOpen := i.Severity == tributary.PleaseConfirm
		canCorrect := i.Client != "" && i.Column != ""
		texts := append(b.item(i), b.statusOf(i), "", "", "")
		if isOpen {
			b.key(b.row, "finding "+i.Key, texts[0], texts[5], texts[6], texts[7], texts[8])
		}
		b.cells(texts, func(column int) look {
			switch {
			case column == 4:
				return look{wrap: true, fill: fills[i.Severity]}
			case column == 11 && isOpen && canCorrect, column >= 12 && isOpen:
				return look{wrap: true, open: true, fill: yellow}
			}
			return look{wrap: true, right: column == 7, bold: column == 1}
		})
	}
	b.answers(12, top+1, b.row-1)
	// With the keys, or who sorts the list would give answers to other rows.
	b.keep(b.f.AutoFilter(b.name, at(1, top)+":"+at(14, b.row-1), nil))
	b.finish(top)
}

// item are the first columns of a finding, the same on each page.
func (b *book) item(i Item) []string {
	message, row := i.Message, ""
	if i.Said != "" {
		message += "\n" + b.word("said") + b.word("colon") + i.Said
	}
	if i.Row > 0 {
		row = fmt.Sprint(i.Row)
	}
	return []string{i.Client, day(i.Date), message, b.word("severity." + string(i.Severity)), i.Value, place(i.File, i.Sheet), row, i.Column, i.Check}
}

func place(file, sheet string) string {
	if sheet == "" {
		return file
	}
	return file + "\n" + sheet
}

func (b *book) statusOf(i Item) string {
	switch {
	case b.l.Since == "":
		return ""
	case i.IsNew:
		return b.word("new")
	}
	return b.word("stayed")
}

// since lists what was settled since the last file.
func (b *book) since() {
	b.page("since", 13, 11, 46, 14, 15, 24, 7, 16, 20)
	b.line(b.word("since"), look{bold: true, size: 14, color: dark})
	if b.l.Since == "" {
		b.line(b.word("since_none"), look{})
		b.finish(0)
		return
	}
	b.line(fmt.Sprintf(b.word("since_is"), b.l.Since), look{color: pale})
	b.line(b.sinceLine(), look{bold: true})
	if len(b.l.Closed) == 0 {
		b.line(b.word("no_closed"), look{})
	}
	for _, part := range []struct {
		word, how, fill string
		items           []Item
	}{{"closed", "", "DDEFE0", b.l.Closed}, {"unread", "unread_how", "", b.l.Unread}} {
		if len(part.items) == 0 {
			continue
		}
		b.line(b.word(part.word), look{bold: true, size: 12, color: dark})
		if part.how != "" {
			b.line(b.word(part.how), look{})
		}
		b.heading("client", "date", "message", "severity", "value", "sheets", "row", "where", "check")
		b.items(part.items, part.fill)
	}
	b.finish(0)
}

// items writes findings that ask nothing; fill is that of the severity, empty for its own.
func (b *book) items(all []Item, fill string) {
	for _, i := range all {
		b.cells(b.item(i), func(column int) look {
			l := look{wrap: true, right: column == 7, bold: column == 1}
			if column == 4 {
				l.fill = fill
				if fill == "" {
					l.fill = fills[i.Severity]
				}
			}
			return l
		})
	}
}

func (b *book) corrected() {
	if len(b.l.Corrected) == 0 {
		return
	}
	b.page("corrected", 13, 17, 20, 22, 7, 22, 36, 16, 12)
	b.line(b.word("corrected")+b.word("colon")+b.number(int64(len(b.l.Corrected))), look{bold: true, size: 14, color: dark})
	b.line(b.word("corrected_how"), look{})
	b.heading("client", "where", "was", "used", "row", "sheets", "why", "who", "on")
	top := b.row - 1
	for _, c := range b.l.Corrected {
		used := c.Used
		if !c.IsUsed {
			used += " " + b.word("not_used")
		}
		b.cells([]string{c.Client, c.Column, c.Was, used, fmt.Sprint(c.Row), place(c.File, c.Sheet), c.Why, c.Who, c.On}, func(column int) look {
			return look{wrap: true, bold: column == 1, fill: map[bool]string{true: "DDEFE0"}[column == 4]}
		})
	}
	b.finish(top)
}

func (b *book) notes() {
	if len(b.l.Notes) == 0 {
		return
	}
	b.page("notes", 13, 11, 46, 14, 15, 24, 7, 16, 20)
	b.line(b.word("notes"), look{bold: true, size: 14, color: dark})
	b.line(b.word("notes_how"), look{})
	b.heading("client", "date", "message", "severity", "value", "sheets", "row", "where", "check")
	top := b.row - 1
	b.items(b.l.Notes, "")
	b.finish(top)
}
