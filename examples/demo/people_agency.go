package demo

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is what an agency does, and so whom it knows.
type kind int

const (
	schoolBoard kind = iota
	childWelfare
	treatmentCentre
	mentalHealth
	infantDevelopment
	homeCare
	kinds
)

// regions of the province; each has one agency of each kind.
const regions = 5

// serves is how likely the kind is to know a child of that age, now or from earlier.
func (k kind) serves(years int, inCare bool) float64 {
	switch {
	case k == childWelfare && inCare:
		return 40
	case k == childWelfare:
		return 0.7
	case k == schoolBoard && years >= 4:
		return 6
	case k == treatmentCentre:
		return 4
	case k == mentalHealth && years >= 6:
		return 3
	case k == infantDevelopment && years <= 6:
		return 6
	case k == infantDevelopment:
		return 1.2
	case k == homeCare:
		return 2
	}
	return 0.1
}

// habit is how an agency writes.
type habit struct {
	code   string
	kind   kind
	region int
	phone  uint64
	// What its export leaves out or shortens.
	hasNoPhone, hasNoEmail, hasNoCarer, hasNoMiddle, hasInitials, hasShortPhones bool
	isUpper, isPlain, hasCompactPostal                                           bool
	unitStyle, phoneStyle                                                        int
	swaps                                                                        float64 // percent of names entered in the wrong boxes
	callsByShortForm                                                             float64
	noise                                                                        float64 // errors, as a multiple of the usual
}

func habits() []habit {
	var out []habit
	codes := [kinds]string{"SB", "CW", "TC", "MH", "ID", "HC"}
	for k := range kinds {
		for r := range regions {
			i := int(k)*regions + r
			out = append(out, habit{
				code: codes[k] + strconv.Itoa(r+1), kind: k, region: r, phone: uint64(210+i*26)*10_000_000 + 2_345_000 + uint64(i),
				hasNoPhone: k == childWelfare && r < 3, hasNoEmail: k == childWelfare || k == schoolBoard, hasNoCarer: k == schoolBoard && r%2 == 0,
				hasNoMiddle: k == homeCare && r != 1 || i%11 == 5, hasInitials: k == schoolBoard || i%7 == 3, hasShortPhones: i%13 == 4,
				isUpper: k == schoolBoard || i%5 == 2, isPlain: k == schoolBoard || k == homeCare || i%4 == 1, hasCompactPostal: i%3 == 2,
				unitStyle: i % 4, phoneStyle: i % 3, swaps: []float64{0.2, 0.2, 0.3, 2.5}[i*7%4],
				callsByShortForm: []float64{10, 20, 35, 60}[i*5%4], noise: []float64{0.6, 0.9, 1.1, 1.6}[i*3%4],
			})
		}
	}
	return out
}

// write gives the entry the form that the agency uses.
func (m *maker) write(h *habit, e *newEntry, p *Person) {
	p.BirthDate, p.Sex, p.HealthNumber = strings.TrimSpace(e.birthText), e.sex, e.health
	if e.birthText == "" {
		p.BirthDate = e.birth.iso()
	}
	form := func(s string) string {
		if h.isPlain || m.percent(3) {
			s = unaccented(s)
		}
		if h.isUpper {
			s = strings.ToUpper(s)
		}
		return s
	}
	p.GivenName, p.FamilyName = form(e.given), form(e.surname)
	if middle := e.middle; middle != "" && !h.hasNoMiddle {
		if h.hasInitials {
			_, n := utf8.DecodeRuneInString(middle)
			middle = middle[:n]
		}
		p.MiddleName = form(middle)
	}
	p.City, p.PostalCode = form(e.home.city), e.home.postal
	if m.percent(4) {
		p.City = "Town of " + p.City
	}
	if h.hasCompactPostal {
		p.PostalCode = strings.Replace(p.PostalCode, " ", "", 1)
	}
	p.StreetAddress = form(m.street(h, e.home))
	if !h.hasNoPhone {
		style := h.phoneStyle
		if h.hasShortPhones {
			style = sevenDigits
		}
		p.Phone = phoneText(style, e.phone)
	}
	if !h.hasNoEmail && m.percent(70) {
		p.Email = e.carer.email()
	}
	if h.hasNoCarer {
		return
	}
	if p.CaregiverName = form(e.carerName); e.carerName == "" {
		p.CaregiverName = form(e.carer.given + " " + e.carer.family)
	}
	if !h.hasNoPhone && m.percent(80) {
		p.CaregiverPhone = phoneText(h.phoneStyle, e.carerPhone)
	}
}

func (m *maker) street(h *habit, d dwelling) string {
	if d.street == "" {
		return ""
	}
	line := strconv.Itoa(d.number) + " " + d.street
	if m.percent(12) {
		line = longKinds.Replace(line)
	}
	unit := strconv.Itoa(d.unit)
	switch {
	case d.unit == 0 || m.percent(8):
		return line
	case h.unitStyle == 0:
		return unit + "-" + line
	case h.unitStyle == 1:
		return line + " Apt " + unit
	case h.unitStyle == 2:
		return line + " #" + unit
	}
	return line + " Unit " + unit
}

var longKinds = strings.NewReplacer(" St", " Street", " Ave", " Avenue", " Rd", " Road", " Dr", " Drive", " Cres", " Crescent")

const sevenDigits = 3

func phoneText(style int, n uint64) string {
	if n == 0 {
		return ""
	}
	s := strconv.FormatUint(n, 10)
	switch style {
	case 0:
		return s[:3] + "-" + s[3:6] + "-" + s[6:]
	case 1:
		return "(" + s[:3] + ") " + s[3:6] + "-" + s[6:]
	case sevenDigits:
		return s[3:6] + "-" + s[6:]
	}
	return s
}
