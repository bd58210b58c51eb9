// Package services writes the public page of services and waits for families: which service, where,
// offered by whom, the typical wait, and how to reach it.
//
// Takes the release of services (tables release.*); leaves a page without scripts or outside parts, and
// a workbook, in English or French, the same bytes for the same release; never opens anything else,
// and never holds a count.
package services

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"tributary"
	"tributary/reports/sheet"
)

// Query is the release, attached under the name release. *warehouse.DB satisfies it.
type Query interface {
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
}

//go:embed page.html
var pageHTML string

// page is what both forms say.
type page struct {
	Lang, Other            string
	Title, Agency, AsOf    string
	Intro, WaitNote        string
	Where, Who, Ages, Talk string
	Reach, Wait, Service   string
	Contents, None, Switch string
	Colon                  string
	Services               []service
}

type service struct {
	ID, Name, Wait string
	// Days is the typical wait in days; nil where it is not known or rests on too few.
	Days   *float64
	Offers []offer
}

type offer struct{ Where, Who, Languages, Ages, Reach, Link string }

// words are the fixed texts, English and French.
var words = map[string][2]string{
	"title":    {"Services for children and youth, and how long they wait", "Services aux enfants et aux jeunes, et temps d'attente"},
	"intro":    {"Services known to %s in its area. To ask about one, use the contact beside it.", "Services du secteur, selon la liste de son organisme de coordination, %s. Pour vous renseigner sur l'un d'eux, utilisez le contact indiqué à côté."},
	"as of":    {"Information as of %s.", "Renseignements en date du %s."},
	"wait":     {"Typical wait so far", "Attente typique à ce jour"},
	"waitNote": {"Typical wait so far: half of the children now waiting have waited less, half longer. It is the wait so far; a child who asks today may wait longer. Where only a few children wait, no figure is given.", "Attente typique à ce jour : la moitié des enfants actuellement en attente attendent depuis moins longtemps, l'autre moitié depuis plus longtemps. Il s'agit de l'attente à ce jour; un enfant inscrit aujourd'hui pourrait attendre plus longtemps. Aucun chiffre n'est donné lorsque peu d'enfants attendent."},
	"service":  {"Service", "Service"},
	"where":    {"Where", "Où"},
	"who":      {"Offered by", "Offert par"},
	"ages":     {"Ages", "Âges"},
	"talk":     {"Language", "Langue"},
	"reach":    {"How to reach", "Comment joindre"},
	"contents": {"Services", "Services"},
	"none":     {"No provider of this service is listed for the area.", "Aucun fournisseur de ce service ne figure dans la liste du secteur."},
	"few":      {"too few children wait to give a figure", "trop peu d'enfants attendent pour donner un chiffre"},
	"unknown":  {"not known", "non connue"},
	"anywhere": {"Whole area", "Ensemble du secteur"},
	"switch":   {"Français", "English"},
	"days":     {"about %d days", "environ %d jours"},
	"weeks":    {"about %d weeks", "environ %d semaines"},
	"months":   {"about %d months", "environ %d mois"},
	"years":    {"%d to %d", "de %d à %d ans"},
	"from":     {"from %d", "dès %d ans"},
	"to":       {"up to %d", "jusqu'à %d ans"},
	"all":      {"all ages", "tous âges"},
	"colon":    {":", "\u00a0:"},
	"typical":  {"Typical wait so far, days", "Attente typique à ce jour, en jours"},
}

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

type writer struct {
	at       int // 0 English, 1 French
	settings map[string]string
}

func (w writer) say(key string, args ...any) string { return fmt.Sprintf(words[key][w.at], args...) }

func (w writer) date(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	if w.at == 0 {
		return t.Format("2 January 2006")
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return day + " " + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// wait writes days as people say them; exact days would be one child's.
func (w writer) wait(days float64) string {
	switch {
	case days < 14:
		return w.say("days", int(days))
	case days < 91:
		return w.say("weeks", int(math.Round(days/7)))
	}
	return w.say("months", int(math.Round(days/30.4)))
}

func (w writer) ages(from, to sql.NullFloat64) string {
	switch {
	case from.Valid && to.Valid:
		return w.say("years", int(from.Float64), int(to.Float64))
	case to.Valid:
		return w.say("to", int(to.Float64))
	case from.Valid && from.Float64 > 0:
		return w.say("from", int(from.Float64))
	}
	return w.say("all")
}

func read(ctx context.Context, q Query, language string) (page, error) {
	at := slices.Index([]string{"en", "fr"}, language)
	if at < 0 {
		return page{}, tributary.Fix(fmt.Errorf("language %q: neither en nor fr", language), "write --lang en or --lang fr")
	}
	w := writer{at: at, settings: map[string]string{}}
	if err := each(ctx, q, "select name, coalesce(value, '') from release.setting order by name", func(rows *sql.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		w.settings[name] = value
		return err
	}); err != nil {
		return page{}, err
	}
	agency := w.settings["agency_name"]
	if fr := w.settings["agency_name_fr"]; at == 1 && fr != "" {
		agency = fr
	}
	p := page{Lang: language, Other: []string{"fr", "en"}[at], Title: w.say("title"), Agency: agency, AsOf: w.say("as of", w.date(w.settings["as_of"])),
		Intro: w.say("intro", agency), WaitNote: w.say("waitNote"), Where: w.say("where"), Who: w.say("who"), Ages: w.say("ages"), Talk: w.say("talk"), Reach: w.say("reach"),
		Wait: w.say("wait"), Service: w.say("service"), Contents: w.say("contents"), None: w.say("none"), Switch: w.say("switch"), Colon: w.say("colon")}
	index := map[string]int{}
	err := each(ctx, q, `select s.code, s.name, coalesce(nullif(s.name_fr, ''), s.name), w.service_type is not null, coalesce(w.is_hidden, false), w.median_days
		from release.service as s left join release.wait as w on w.service_type = s.code order by s.ordinal, s.code`, func(rows *sql.Rows) error {
		var id, en, fr string
		var waits, isHidden bool
		var days sql.NullFloat64
		err := rows.Scan(&id, &en, &fr, &waits, &isHidden, &days)
		s := service{ID: id, Name: []string{en, fr}[at], Wait: w.say("unknown")}
		switch {
		case isHidden:
			s.Wait = w.say("few")
		case waits && days.Valid:
			// To whole weeks from two weeks on: the exact day is that of one child.
			s.Wait = w.wait(days.Float64)
			rounded := days.Float64
			if rounded >= 14 {
				rounded = 7 * math.Round(rounded/7)
			}
			s.Days = &rounded
		}
		index[id] = len(p.Services)
		p.Services = append(p.Services, s)
		return err
	})
	if err != nil {
		return page{}, err
	}
	name := []string{"name", "name_fr"}[at]
	err = each(ctx, q, `select coalesce(s.service_type, 'other'), coalesce(v.`+name+`, s.offered_by), coalesce(s.municipality, ''), coalesce(l.`+name+`, s.service_language, ''),
			s.from_age::double, s.to_age::double, coalesce(s.how_to_reach, '')
		from release.local_service as s left join release.language as l on l.code = s.service_language
		left join release.provider as v on v.name = s.offered_by
		order by 1, s.municipality, s.offered_by, s.service_language, s.how_to_reach`, func(rows *sql.Rows) error {
		var id string
		var o offer
		var from, to sql.NullFloat64
		err := rows.Scan(&id, &o.Who, &o.Where, &o.Languages, &from, &to, &o.Reach)
		if o.Where == "" {
			o.Where = w.say("anywhere")
		}
		o.Ages, o.Link = w.ages(from, to), linkOf(o.Reach)
		if i, ok := index[id]; ok {
			p.Services[i].Offers = append(p.Services[i].Offers, o)
		}
		return err
	})
	// What nobody offers and nobody waits for is not said.
	p.Services = slices.DeleteFunc(p.Services, func(s service) bool { return len(s.Offers) == 0 && s.Wait == w.say("unknown") })
	return p, err
}

var (
	mail = regexp.MustCompile(`^[^\s@<>"]+@[^\s@<>"]+\.[a-z]+$`)
	web  = regexp.MustCompile(`^https?://[^\s<>"]+$`)
)

// linkOf is where a contact leads: a mail or web address that stands alone; else nowhere.
func linkOf(reach string) string {
	switch {
	case mail.MatchString(reach):
		return "mailto:" + reach
	case web.MatchString(reach):
		return reach
	}
	return ""
}

func each(ctx context.Context, q Query, query string, scan func(*sql.Rows) error) (err error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Page writes the page as HTML that stands alone, in en or fr.
func Page(ctx context.Context, q Query, language string, w io.Writer) error {
	p, err := read(ctx, q, language)
	if err != nil {
		return fmt.Errorf("page of services: %w", err)
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

// Workbook writes the same as a workbook: one line per service and provider.
func Workbook(ctx context.Context, q Query, language string, w io.Writer) error {
	p, err := read(ctx, q, language)
	if err != nil {
		return fmt.Errorf("workbook of services: %w", err)
	}
	f := excelize.NewFile()
	defer f.Close()
	b := &book{f: f, sheet: p.Contents}
	b.try(f.SetSheetName("Sheet1", b.sheet))
	title, head, cell := b.style(&excelize.Font{Family: "Arial", Size: 15, Bold: true, Color: "1F3864"}, ""), b.style(&excelize.Font{Family: "Arial", Size: 10, Bold: true, Color: "FFFFFF"}, "1F3864"), b.style(&excelize.Font{Family: "Arial", Size: 10}, "")
	for i, width := range []float64{30, 24, 34, 16, 16, 34, 24, 14} {
		column, _ := excelize.ColumnNumberToName(i + 1)
		b.try(f.SetColWidth(b.sheet, column, column, width))
	}
	b.put(1, 1, title, p.Title)
	for i, text := range []string{p.Agency + ". " + p.AsOf, p.WaitNote} {
		at := fmt.Sprintf("A%d", i+2)
		b.try(f.MergeCell(b.sheet, at, fmt.Sprintf("H%d", i+2)))
		b.put(i+2, 1, cell, text)
		b.try(f.SetRowHeight(b.sheet, i+2, 14*float64(sheet.Lines(text, 190, 1))+3))
	}
	at := 0
	if language == "fr" {
		at = 1
	}
	for i, text := range []string{p.Service, p.Where, p.Who, p.Talk, p.Ages, p.Reach, p.Wait, words["typical"][at]} {
		b.put(5, i+1, head, text)
	}
	row := 6
	line := func(s service, o offer) {
		for i, text := range []string{s.Name, o.Where, o.Who, o.Languages, o.Ages, o.Reach, s.Wait} {
			b.put(row, i+1, cell, text)
		}
		b.put(row, 8, cell, "")
		if s.Days != nil {
			b.try(f.SetCellFloat(b.sheet, fmt.Sprintf("H%d", row), *s.Days, -1, 64))
		}
		b.try(f.SetRowHeight(b.sheet, row, 14*float64(max(sheet.Lines(s.Name, 30, 1), sheet.Lines(o.Who, 34, 1), sheet.Lines(o.Reach, 34, 1), sheet.Lines(s.Wait, 24, 1)))+3))
		row++
	}
	for _, s := range p.Services {
		for _, o := range s.Offers {
			line(s, o)
		}
		if len(s.Offers) == 0 {
			line(s, offer{Who: p.None})
		}
	}
	b.try(f.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: 5, TopLeftCell: "A6", ActivePane: "bottomLeft"}))
	orientation, fit := "landscape", 1
	b.try(f.SetPageLayout(b.sheet, &excelize.PageLayoutOptions{Orientation: &orientation, FitToWidth: &fit, FitToHeight: new(0)}))
	b.try(f.SetSheetProps(b.sheet, &excelize.SheetPropsOptions{FitToPage: new(true)}))
	const stamp = "2000-01-01T00:00:00Z"
	b.try(f.SetDocProps(&excelize.DocProperties{Creator: "Tributary", LastModifiedBy: "Tributary", Created: stamp, Modified: stamp, Title: p.Title}))
	if b.err != nil {
		return fmt.Errorf("workbook of services: %w", b.err)
	}
	return sheet.Pack(f, w)
}

type book struct {
	f     *excelize.File
	sheet string
	err   error
}

func (b *book) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) style(font *excelize.Font, fill string) int {
	s := &excelize.Style{Font: font, Alignment: &excelize.Alignment{WrapText: font.Size < 12, Vertical: "top"}}
	if fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}
	}
	id, err := b.f.NewStyle(s)
	b.try(err)
	return id
}

func (b *book) put(row, column, style int, text string) {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.try(err)
	if text != "" {
		b.try(b.f.SetCellStr(b.sheet, at, sheet.Text(text)))
	}
	b.try(b.f.SetCellStyle(b.sheet, at, at, style))
}
