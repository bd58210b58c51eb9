package demo

import (
	"fmt"
	"slices"
	"strings"
)

// registration is a child as one agency knows it, with that agency's mistakes.
type registration struct {
	agency      string
	local       string
	familyLocal string
	child       *child
	open        span
	consent     consent
	// The agency's own mistakes, made once and kept.
	given        string // as written at intake
	surname      string // a typo of it; empty: as it is
	birth        day    // may have day and month swapped
	keepsOldName bool
	keepsOldHome bool
	fromSecond   bool // filed with the other parent's address
	noPostal     bool
	placeSpelled int // 0: the plain name
	hours        int
	service      string
	servedFrom   day
}

// consent changes state on its dates.
type consent struct {
	isAsked, isRefused, isVerbal bool
	scope                        string
	signed, expires, withdrawn   day
}

// state is the code of the seed consent_status at a day.
func (c consent) state(at day) string {
	switch {
	case !c.isAsked || c.signed > at:
		return "not_asked"
	case c.isRefused:
		return "refused"
	case c.withdrawn != 0 && c.withdrawn <= at:
		return "withdrawn"
	case c.expires != 0 && c.expires < at:
		return "expired"
	}
	return "given"
}

func newConsent(r chance, opened day) consent {
	c := consent{isAsked: true, scope: "all_partners", signed: opened + day(r.between(0, 20))}
	switch r.weighted(74, 8, 6, 7, 5) {
	case 1:
		c.isVerbal = true
	case 2:
		c.isRefused, c.scope = true, "none"
		return c
	case 3:
		return consent{}
	case 4:
		c.withdrawn = max(c.signed+30, r.days(date(2025, 2, 1), date(2026, 3, 20)))
	}
	if r.percent(14) {
		c.scope = pick(r, []string{"named_partners", "named_partners", "reporting_only"})
	}
	// Most are signed again each year; a few run out.
	c.expires = date(2027, 3, 31)
	if r.percent(8) {
		c.expires = max(c.signed+200, r.days(date(2025, 3, 1), date(2026, 6, 30)))
	}
	return c
}

// filing is how an agency keeps its numbers and makes mistakes.
type filing struct {
	code          string
	local, family string // formats of a counter; family empty: none
	share         func(*child) float64
	dropsAccents  bool
	nicknames     float64
	typos         float64
	noPostal      float64
	oldAddress    float64
	spellsPlaces  float64
}

func filings() []filing {
	first := date(2025, 4, 1)
	aged := func(low, high int, share float64) func(*child) float64 {
		return func(c *child) float64 {
			if a := age(c.birth, first); a < low || a > high {
				return 0
			}
			return share
		}
	}
	return []filing{
		{"CFTC", "CF-%05d", "FAM%04d", func(c *child) float64 { return 66 }, false, 2, 1.5, 3, 15, 4},
		{"VMHS", "%06d", "H%04d", aged(6, 18, 40), true, 7, 3, 5, 25, 12},
		{"PDEF", "P-%04d", "", aged(-1, 5, 55), false, 1, 1.5, 4, 20, 6},
		{"NLSB", "4%06d", "", func(c *child) float64 {
			if c.school == "" {
				return 0
			}
			return 42
		}, true, 3, 2, 6, 30, 22},
		{"HHCS", "7%07d", "", func(c *child) float64 { return 17 }, true, 2, 2.5, 3, 20, 0},
		{"VCFS", "%05d", "C%04d", func(c *child) float64 {
			if c.foster != nil {
				return 96
			}
			return 8
		}, false, 2, 2, 9, 10, 5},
		{"BTAS", "bt_%06d", "hh_%05d", aged(2, 17, 24), false, 3, 2.5, 6, 25, 5},
		{"RSPT", "R%04d", "", aged(3, 17, 15), true, 12, 5, 12, 30, 15},
		{"HUBS", "SH%05d", "", aged(-1, 7, 24), false, 2, 2, 8, 20, 5},
	}
}

// register gives each child to the agencies that know it; every child is known to one at least.
func (w *world) register(seed int64) map[string][]*registration {
	out := map[string][]*registration{}
	r := stream(seed, "registration")
	files := map[string]int{}
	all := filings()
	for _, c := range w.children {
		var known []int
		for i, f := range all {
			if r.percent(f.share(c)) || c.canary != nil && slices.Contains([]string{"CFTC", "NLSB", "HHCS", "VMHS"}, f.code) {
				known = append(known, i)
			}
		}
		if len(known) == 0 {
			known = []int{0}
		}
		for _, i := range known {
			f := all[i]
			times := 1
			if r.percent(0.8) && c.canary == nil { // the same child filed twice at one agency
				times = 2
			}
			for range times {
				out[f.code] = append(out[f.code], newRegistration(r, f, c, len(out[f.code]), files))
			}
		}
	}
	return out
}

func newRegistration(r chance, f filing, c *child, before int, files map[string]int) *registration {
	reg := &registration{agency: f.code, child: c, given: c.given, birth: c.birth}
	reg.local = fmt.Sprintf(f.local, 1003+before*3+before%7%2)
	if f.family != "" { // not all children of a family are filed together
		key := fmt.Sprintf("%s/%d", f.code, c.kin.number)
		if files[key] == 0 || r.percent(8) {
			files[f.code]++
			files[key] = files[f.code]
		}
		reg.familyLocal = fmt.Sprintf(f.family, 100+files[key])
	}
	reg.open.from = r.days(max(c.birth+20, date(2022, 6, 1)), max(c.birth+40, date(2025, 3, 20)))
	if r.percent(24) {
		reg.open.from = r.days(max(c.birth+20, date(2025, 4, 1)), max(c.birth+40, date(2026, 3, 15)))
	}
	if r.percent(17) && c.canary == nil {
		reg.open.to = max(reg.open.from+20, r.days(date(2025, 4, 10), date(2026, 3, 28)))
	}
	reg.consent = newConsent(r, reg.open.from)
	reg.service, reg.hours = pick(r, services()), r.between(2, 60)
	reg.servedFrom = reg.open.from + day(r.between(5, 90))
	if reg.open.to != 0 {
		reg.servedFrom = min(reg.servedFrom, reg.open.to)
	}
	reg.mistake(r, f)
	return reg
}

// hoursBy are the hours that the agency gave by a day: no more than eight on each day of the service.
func (reg *registration) hoursBy(last day) int {
	until := last
	if ended := reg.open.to.by(last); ended != 0 {
		until = ended
	}
	return min(reg.hours, max(1, 8*int(until-reg.servedFrom+1)))
}

func (reg *registration) mistake(r chance, f filing) {
	c := reg.child
	reg.keepsOldName = r.percent(25)
	reg.keepsOldHome = r.percent(f.oldAddress)
	reg.fromSecond = c.second != nil && r.percent(22)
	reg.noPostal = r.percent(f.noPostal)
	if r.percent(f.spellsPlaces) {
		reg.placeSpelled = 1 + r.IntN(3)
	}
	if c.canary != nil {
		return
	}
	if nick, ok := nicknames()[c.given]; ok && r.percent(f.nicknames*3) {
		reg.given = nick
	}
	if r.percent(f.typos) {
		reg.given = typo(r, reg.given)
	}
	if r.percent(f.typos) {
		reg.surname = typo(r, c.family)
	}
	if d := c.birth.time(); r.percent(0.7) && d.Day() <= 12 {
		if swapped := date(d.Year(), d.Day(), int(d.Month())); swapped <= reg.open.from { // else it would be noticed
			reg.birth = swapped
		}
	}
}

// typo changes one place of a name: two letters swapped, one lost, or one doubled.
func typo(r chance, name string) string {
	letters := []rune(name)
	if len(letters) < 4 {
		return name
	}
	at := r.between(1, len(letters)-2)
	switch r.IntN(3) {
	case 0:
		letters[at], letters[at+1] = letters[at+1], letters[at]
	case 1:
		letters = slices.Delete(letters, at, at+1)
	default:
		letters = slices.Insert(letters, at, letters[at])
	}
	return string(letters)
}

// seen is a registration as the agency would print it on a day.
type seen struct {
	*registration
	surname  string
	home     *household
	at       address
	town     string
	postal   string
	phone    string
	email    string
	isCare   bool
	carers   []carer
	isClosed bool
}

// see applies the agency's view: what it knows and how it writes.
func (w *world) see(reg *registration, f filing, on day) seen {
	c := reg.child
	s := seen{registration: reg, surname: c.surnameAt(on), home: c.homeAt(on)}
	if reg.keepsOldName {
		s.surname = c.family
	}
	if reg.surname != "" {
		s.surname = reg.surname
	}
	s.isCare = s.home == c.foster && c.foster != nil
	if reg.fromSecond && !s.isCare {
		s.home = c.second
	}
	s.at = s.home.at(on)
	if reg.keepsOldHome && !s.isCare {
		s.at = s.home.at(reg.open.from)
	}
	p := w.places[s.at.place]
	s.town = p.name
	if reg.placeSpelled > 0 {
		s.town = p.other[reg.placeSpelled%len(p.other)]
	}
	if !reg.noPostal {
		s.postal = s.at.postal
	}
	s.carers = slices.Clone(s.home.carers)
	if !s.isCare && c.second != nil && !reg.fromSecond {
		s.carers = append(s.carers, c.second.carers...)
	}
	s.phone, s.email = s.carers[0].phone, s.carers[0].email
	s.isClosed = reg.open.to != 0 && reg.open.to <= on
	if f.dropsAccents {
		s.surname, s.town = plainName(s.surname), plainName(s.town)
		copied := *reg
		copied.given = plainName(reg.given)
		s.registration = &copied
		for i := range s.carers {
			s.carers[i].given, s.carers[i].family = plainName(s.carers[i].given), plainName(s.carers[i].family)
		}
	}
	return s
}

// plainName drops accents and keeps the rest.
func plainName(s string) string {
	return strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "É", "E", "È", "E", "ï", "i", "î", "i", "ô", "o", "ç", "c",
		"à", "a", "â", "a", "ã", "a", "í", "i", "ó", "o", "á", "a", "ñ", "n", "ú", "u").Replace(s)
}

// plain is plainName in small letters, fit for an e-mail address.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(plainName(s)))
}
