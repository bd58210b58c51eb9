package demo

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// newSurname is one of the origin's; small towns and communities have few.
func (m *maker) newSurname() string {
	u := m.Float64()
	if m.town.isSmall && m.percent(55) {
		u = float64(mix(uint64(m.opt.Seed), saltPool, uint64(m.town.number), uint64(m.IntN(30)))>>11) / (1 << 53)
	}
	return m.origin.surnames.at(u)
}

// name gives the child its names. Parents like names that sound alike more often than chance has it.
func (m *maker) name(i int, other string) {
	c := &m.children[i]
	from := m.origin
	if m.percent(from.english) {
		from = &m.origins[0]
	}
	list, sex, middle := from.girls, 0, m.origin.middleGirl
	if c.isBoy {
		list, sex, middle = from.boys, 1, m.origin.middleBoy
	}
	alike, twin := m.percent(22), c.multiple > 1
	if twin {
		alike = m.percent(40)
	}
	for try := 0; ; try++ {
		c.given = list.at(m.Float64())
		if try == 0 && i > 0 && m.percent(3) || try == 0 && twin && m.percent(2) {
			c.given = rhyming(m.chance, m.children[i-1].given)
		}
		if alike && i > 0 && try < 8 && c.given[0] != m.children[0].given[0] {
			continue
		}
		if try == 0 && m.namesakes[sex] != "" {
			c.given = m.namesakes[sex]
		}
		// Parents of twins choose names that can be told apart when called.
		soundsAlike := func(other sibling) bool {
			return other.birthNumber == c.birthNumber && begin(other.given) == begin(c.given)
		}
		if twin && try < 100 && slices.ContainsFunc(m.children[:i], soundsAlike) {
			continue
		}
		if !m.isTaken(i, c.given) {
			break
		}
	}
	switch {
	case middle != "" && m.percent(70):
		c.middle = middle
	case m.percent(55):
		if second := list.at(m.Float64()); !m.isTaken(m.count, second) {
			c.middle = second
		}
	}
	m.nameFamily(c, i, other)
	// Badly kept children: bad records come together.
	c.care = m.origin.care * math.Exp(0.6*m.NormFloat64()-0.18)
	if c.inCare {
		c.care *= 1.5
	}
	if peopleUntil-c.birth < 5*365 {
		c.care *= 1.3
	}
	m.copiedMistakes(c)
}

// heard are spellings of one sound.
var heard = strings.NewReplacer("ph", "f", "ck", "k", "c", "k", "q", "k", "z", "s", "ll", "l", "nn", "n", "tt", "t", "mm", "m")

// begin is what is heard first of a name: its first two consonants.
func begin(name string) string {
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune("aeiouyhéèêëáàâãäíìîïóòôöúùûü", r) {
			return -1
		}
		return r
	}, heard.Replace(strings.ToLower(name)))
	return bare[:min(2, len(bare))]
}

// isTaken says whether one of the first n children has the name: a child called by its middle name is
// not to be taken for a sibling.
func (m *maker) isTaken(n int, given string) bool {
	for i := range n {
		if c := &m.children[i]; c.given == given || c.middle == given {
			return true
		}
	}
	return false
}

func (m *maker) nameFamily(c *sibling, i int, other string) {
	c.surname = m.surname
	renamed := m.origin.renamed
	switch {
	case m.shape == aStepFamily && i < m.count/2 && c.multiple == 0: // of an earlier couple
		c.surname, c.otherSurname, renamed = other, m.surname, renamed*2
	case m.shape == oneParent:
		c.otherSurname, renamed = m.carer.family, renamed*1.3
	}
	if m.percent(m.origin.compound) && !m.hasHyphen(c.surname) && c.surname != other {
		c.surname += "-" + other
	}
	if c.inCare {
		renamed *= 1.8
	}
	switch {
	case !m.percent(renamed):
		c.otherSurname = ""
	case c.otherSurname != "" && c.otherSurname != c.surname:
	case m.percent(25) && c.surname != other && !m.hasHyphen(c.surname):
		c.otherSurname = c.surname + "-" + other
	case c.surname != other:
		c.otherSurname = other
	default:
		c.otherSurname = m.newSurname()
	}
}

func (m *maker) hasHyphen(s string) bool { return strings.IndexByte(s, '-') >= 0 }

// copiedMistakes are made once and repeated where a record was copied.
func (m *maker) copiedMistakes(c *sibling) {
	if forms := m.short[c.given]; len(forms) > 0 && m.percent(40) {
		c.shortForm = pick(m.chance, forms)
	}
	spelling := 3.0
	if m.origin.isTransliterated {
		spelling = 8
	}
	if m.percent(min(45, spelling*c.care)) {
		c.heardGiven = respelt(c.given, m.IntN(12))
	}
	if m.percent(min(45, spelling*c.care)) {
		c.heardSurname = respelt(c.surname, m.IntN(12))
	}
	if m.percent(min(20, 1.6*c.care)) {
		c.wrongBirth = m.mistaken(c.birth)
	}
	digits := strconv.Itoa(m.between(100_000_000, 999_999_999))
	if m.opt.HasHealth {
		c.health = luhn(digits)
	}
}
