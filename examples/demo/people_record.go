package demo

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// newEntry is a record before the agency's habits.
type newEntry struct {
	given, middle, surname string
	birth                  day
	birthText              string // instead of birth
	sex                    string
	home                   dwelling
	phone                  uint64
	carer                  parent
	carerPhone             uint64
	carerName              string // instead of carer
	health                 string
	bad                    float64 // severity: one number for all errors of the record
}

// wrong is true in a share of records, more of them when the record is a bad one.
func (m *maker) wrong(e *newEntry, percent float64) bool { return m.percent(min(60, percent*e.bad)) }

// record is the child as the agency has it.
func (m *maker) record(h *habit, child, again, line int) Person {
	c := &m.children[child]
	m.reseed(saltRecord, uint64(m.number), uint64(child)<<8|uint64(again), uint64(h.kind)<<8|uint64(h.region))
	id := h.code + "-" + strconv.Itoa(line)
	if again > 0 && m.percent(1) {
		return m.testEntry(h, id)
	}
	e := newEntry{given: c.given, middle: c.middle, surname: c.surname, birth: c.birth, health: c.health,
		bad: c.care * h.noise * math.Exp(0.8*m.NormFloat64()-0.32)}
	m.misname(h, c, &e)
	m.misdate(c, &e)
	m.locate(h, c, &e)
	m.missex(c, &e)
	if c.multiple > 0 && m.wrong(&e, 1.5) {
		m.mixUp(child, &e)
	}
	family := "F" + strconv.Itoa(m.number)
	p := Person{RecordID: id, Agency: h.code, ChildID: family + "-" + strconv.Itoa(child+1), FamilyID: family,
		Group: m.group(c), IsMultiple: c.multiple > 0}
	m.write(h, &e, &p)
	return p
}

func (m *maker) group(c *sibling) string {
	ages, care := "/13-21", "/home"
	switch years := age(c.birth, peopleUntil); {
	case years < 5:
		ages = "/0-4"
	case years < 13:
		ages = "/5-12"
	}
	if c.inCare {
		care = "/care"
	}
	return m.origin.name + ages + care
}

// testEntry is what somebody typed to try the system, a person of its own.
func (m *maker) testEntry(h *habit, id string) Person {
	return Person{RecordID: id, Agency: h.code, GivenName: pick(m.chance, words("Test TEST Testing Client Demo")),
		FamilyName: pick(m.chance, words("Test TEST Client Patient Training")), BirthDate: pick(m.chance, words("1900-01-01 2000-01-01 2010-01-01 2011-11-11")),
		Sex: "F", Phone: phoneText(h.phoneStyle, h.phone), ChildID: "test-" + id, FamilyID: "test-" + id, Group: "test/test/test"}
}

func (m *maker) misname(h *habit, c *sibling, e *newEntry) {
	switch {
	case c.heardGiven != "" && m.percent(55):
		e.given = c.heardGiven
	case c.shortForm != "" && m.percent(h.callsByShortForm):
		e.given = c.shortForm
	case m.isNewborn(h):
		m.unnamed(c, e)
	case m.wrong(e, 0.12):
		e.given = pick(m.chance, words("Unknown UNK N/A Child"))
	case c.middle != "" && c.middle != m.origin.middleGirl && c.middle != m.origin.middleBoy && m.wrong(e, 1):
		e.given, e.middle = c.middle, ""
	case m.wrong(e, 1.8):
		e.given = slip(m.chance, e.given)
	case m.wrong(e, 1.2):
		e.given = respelt(e.given, m.IntN(12))
	}
	if at := strings.IndexByte(e.given, '-'); at > 0 {
		e.given = m.cut(e, e.given, at, 14)
	}
	if c.otherSurname != "" && m.percent(45) {
		e.surname = c.otherSurname
	}
	switch {
	case e.surname == c.surname && c.heardSurname != "" && m.percent(55):
		e.surname = c.heardSurname
	case m.wrong(e, 1.8):
		e.surname = slip(m.chance, e.surname)
	case m.wrong(e, 1.2):
		e.surname = respelt(e.surname, m.IntN(12))
	}
	if at := strings.IndexByte(e.surname, '-'); at > 0 {
		e.surname = m.cut(e, e.surname, at, 22)
	}
	if m.wrong(e, h.swaps) {
		e.given, e.surname = e.surname, e.given
	}
	if m.percent(20) {
		e.middle = ""
	}
}

// cut writes a compound name with a space, in one word, or only one part of it.
func (m *maker) cut(e *newEntry, name string, at int, percent float64) string {
	switch {
	case !m.wrong(e, percent) && !m.percent(percent):
		return name
	case m.percent(40):
		return name[:at] + " " + name[at+1:]
	case m.percent(15):
		return name[:at] + name[at+1:]
	case m.percent(65) || len(name)-at < 4:
		return name[:at]
	}
	return name[at+1:]
}

// isNewborn is true when the child was entered before it had a name.
func (m *maker) isNewborn(h *habit) bool {
	return (h.kind == infantDevelopment || h.kind == homeCare) && m.percent(4)
}

func (m *maker) unnamed(c *sibling, e *newEntry) {
	e.given, e.middle = "Baby Girl", ""
	if c.isBoy {
		e.given = "Baby Boy"
	}
	switch {
	case c.multiple > 0: // wards mark them by letter
		e.given += " " + string(rune('@'+c.multiple))
	case m.percent(20):
		e.given = "Baby"
	}
}

func (m *maker) misdate(c *sibling, e *newEntry) {
	switch {
	case c.wrongBirth != 0 && m.percent(50):
		e.birth = c.wrongBirth
	case m.wrong(e, 1.2):
		e.birthText = " "
	case m.wrong(e, 3):
		e.birth = m.mistaken(c.birth)
	case m.origin.isTransliterated && m.wrong(e, 0.8): // papers without a day
		e.birth = date(c.birth.time().Year(), 1, 1)
	case m.wrong(e, 0.35):
		e.birthText = c.birth.in("2006")
	case m.wrong(e, 0.2): // cannot be a date
		y, month, d := c.birth.time().Date()
		e.birthText = strconv.Itoa(y) + "-" + strconv.Itoa(12+int(month)) + "-" + strconv.Itoa(d)
	}
}

// mistaken is a date that somebody wrote wrongly: day and month swapped, one digit, the year beside it,
// or the first of January.
func (m *maker) mistaken(right day) day {
	y, mo, d := right.time().Date()
	month := int(mo)
	switch m.weighted(30, 38, 22, 10) {
	case 0:
		if d <= 12 && d != month {
			return date(y, d, month)
		}
		return date(y, month, 1+d%28)
	case 1: // one digit of the day, the month or the year
		switch m.IntN(4) {
		case 0:
			return date(y, 1+(month+m.between(0, 8))%9, min(d, 28))
		case 1:
			return date(y/10*10+m.IntN(10), month, min(d, 28))
		}
		return date(y, month, min(28, max(1, d/10*10+m.IntN(10))))
	case 2:
		return date(y+1-2*m.IntN(2), month, min(d, 28))
	}
	return date(y, 1, 1)
}

func (m *maker) missex(c *sibling, e *newEntry) {
	isBoy := c.isBoy != m.wrong(e, 0.7)
	switch {
	case m.wrong(e, 1.5):
	case c.isX:
		e.sex = "X"
	case isBoy:
		e.sex = "M"
	default:
		e.sex = "F"
	}
}

// locate decides which of the homes, phones and parents the agency has.
func (m *maker) locate(h *habit, c *sibling, e *newEntry) {
	e.home, e.phone, e.carer = m.home, m.phone, m.carer
	switch {
	case m.isShared && m.percent(30):
		e.home, e.phone, e.carer = m.otherHome, m.otherPhone, m.otherCarer
	case m.hasMoved && m.percent(24):
		e.home = m.formerHome
	}
	if m.hasNewPhone && m.percent(24) && e.phone == m.phone {
		e.phone = m.formerPhone
	}
	e.carerPhone = e.phone
	if m.shape != oneParent && m.percent(20) {
		e.carer, e.carerPhone = m.otherCarer, m.otherPhone
	}
	if m.percent(5) {
		e.phone = m.otherPhone
	}
	if c.inCare && m.percent(70) {
		e.home, e.phone, e.carerPhone, e.carerName = c.placement, c.placementPhone, c.placementPhone, c.placementCarer
		e.carer.mailbox = 0
	}
	switch {
	case m.wrong(e, 0.7): // so that the box is not empty
		e.phone = h.phone
	case m.percent(7):
		e.phone = 0
	case m.wrong(e, 2):
		e.phone = wrongDigit(m.chance, e.phone)
	}
	if m.wrong(e, 1.5) {
		e.home.postal = m.badPostal(e.home.postal)
	}
	if m.wrong(e, 1.5) {
		e.home.street = slip(m.chance, e.home.street)
	}
	if m.wrong(e, 0.8) {
		e.home.number = int(wrongDigit(m.chance, uint64(e.home.number)))
	}
	if m.percent(4) {
		e.home.postal = ""
	}
	if m.percent(3) {
		e.home.street, e.home.number, e.home.unit = "", 0, 0
	}
	if h.kind == schoolBoard || m.percent(25) {
		e.health = ""
	} else if e.health != "" && m.wrong(e, 0.6) {
		n, _ := strconv.ParseUint(e.health, 10, 64)
		e.health = strconv.FormatUint(wrongDigit(m.chance, n), 10)
	}
}

// mixUp gives the child something of a twin: never the given name, which would make it the twin.
func (m *maker) mixUp(child int, e *newEntry) {
	for i := range m.count {
		other := &m.children[i]
		if i == child || other.birthNumber != m.children[child].birthNumber {
			continue
		}
		switch m.IntN(3) {
		case 0:
			e.middle = other.middle
		case 1:
			e.sex = "F"
			if other.isBoy {
				e.sex = "M"
			}
		default:
			e.health = other.health
		}
		return
	}
}

func (m *maker) badPostal(code string) string {
	b := []byte(code)
	switch m.IntN(3) {
	case 0:
		b[5] = '0' + byte(m.IntN(10))
	case 1:
		b[4], b[6] = b[6], b[4]
	default:
		b[1] = 'O'
	}
	return string(b)
}

// wrongDigit changes one digit, not the first.
func wrongDigit(c chance, n uint64) uint64 {
	b := []byte(strconv.FormatUint(n, 10))
	if len(b) < 2 {
		return n
	}
	at := c.between(1, len(b)-1)
	b[at] = '0' + (b[at]-'0'+byte(c.between(1, 9)))%10
	n, _ = strconv.ParseUint(string(b), 10, 64)
	return n
}

// slip is one slip of the finger: two letters swapped, one lost, doubled or another in its place. The
// first letter is hit less often.
func slip(c chance, name string) string {
	letters := []rune(name)
	if len(letters) < 3 {
		return name
	}
	at := c.between(1, len(letters)-1)
	if c.percent(6) {
		at = 0
	}
	switch c.IntN(4) {
	case 0:
		if at == len(letters)-1 {
			at--
		}
		letters[at], letters[at+1] = letters[at+1], letters[at]
	case 1:
		letters = append(letters[:at], letters[at+1:]...)
	case 2:
		letters = append(letters[:at+1], letters[at:]...)
	default:
		letters[at] = rune('a' + c.IntN(26))
	}
	return string(letters)
}

// unaccented drops the marks of letters.
func unaccented(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if r >= 0x300 && r < 0x370 { // combining marks
					return -1
				}
				return r
			}, norm.NFD.String(s))
		}
	}
	return s
}
