package demo

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// PeopleOptions say how many records of people there are and how hard they are to tell apart.
type PeopleOptions struct {
	// Seed makes another population; 0 is 1.
	Seed int64
	// Records is how many there are at least; 0 is 10,000. The last family is whole, and MinMultiples
	// may ask for more.
	Records int
	// Twins is the share of births that are part of a multiple birth; 0 is .032, about Canada's.
	Twins float64
	// MinMultiples is how many pairs of children of one multiple birth there are at least. When the
	// records do not hold so many, families with multiple births are added behind them.
	MinMultiples int
	// HasHealth fills the health number.
	HasHealth bool
}

// Person is a child as one agency knows it, and what is really so: the last four columns.
type Person struct {
	RecordID, Agency, GivenName, MiddleName, FamilyName, BirthDate, Sex string
	StreetAddress, City, PostalCode, Phone, Email                       string
	CaregiverName, CaregiverPhone, HealthNumber                         string
	// ChildID and FamilyID are the truth; a test entry is a child and a family of its own.
	ChildID, FamilyID string
	// Group is origin of the name, age and care: "french/0-4/home".
	Group      string
	IsMultiple bool
}

// Population is a province of families and the agencies that know their children. It holds four bytes
// a record; each family is made again from its number when one of its records is asked for.
type Population struct {
	// Records, Children, Families and MultiplePairs count what there is; a multiple pair is two
	// children of one birth.
	Records, Children, Families, MultiplePairs int

	opt      PeopleOptions
	towns    []town
	share    []float64 // of the towns, cumulative
	origins  []origin
	agencies []habit
	short    map[string][]string
	homes    int
	// known lists, for each agency, its records: family, child of the family, and whether it is the
	// second entry of that child there.
	known [][]uint32
}

// The population is seen on the last day of the demo's year and is 21 years old at most.
var peopleFrom, peopleUntil = date(2004, 4, 1), date(2026, 3, 31)

const mostSiblings = 8

// sibship is the children of one household.
type sibship struct {
	number    int
	town      *town
	origin    *origin
	surname   string
	namesakes [2]string // given names shared with the cousins, by sex; empty: none
	shape     int
	isShelter bool
	count     int
	children  [mostSiblings]sibling

	home, formerHome, otherHome    dwelling
	phone, formerPhone, otherPhone uint64
	carer, otherCarer              parent
	hasMoved, hasNewPhone          bool
	isShared                       bool // between two homes
}

const (
	aCouple = iota
	oneParent
	aStepFamily
	grandparents
)

type parent struct {
	given, family string
	mailbox       int // 0: no e-mail
}

// sibling is a child, with the mistakes that agencies copy from each other.
type sibling struct {
	birth       day
	isBoy, isX  bool
	inCare      bool
	multiple    int // 1, 2, 3 within a multiple birth; 0: single
	birthNumber int
	known       uint32 // bit per agency

	given, middle, surname, otherSurname string
	shortForm, heardGiven, heardSurname  string
	wrongBirth                           day
	health                               string
	care                                 float64 // how badly this child's records are kept
	placement                            dwelling
	placementPhone                       uint64
	placementCarer                       string
}

// NewPopulation plans the families: who is born when and is known to which agency.
func NewPopulation(opt PeopleOptions) *Population {
	if opt.Seed == 0 {
		opt.Seed = 1
	}
	if opt.Records == 0 {
		opt.Records = 10_000
	}
	if opt.Twins == 0 {
		opt.Twins = 0.032
	}
	p := &Population{opt: opt, origins: origins(), agencies: habits(), short: shortForms()}
	p.settle(float64(opt.Records) / 4.4)
	p.known = make([][]uint32, len(p.agencies))
	m := p.maker()
	for f := 0; p.Records < opt.Records || p.MultiplePairs < opt.MinMultiples; f++ {
		m.plan(f)
		m.register()
		pairs := m.multiplePairs()
		if p.Records >= opt.Records && pairs == 0 {
			continue
		}
		p.MultiplePairs += pairs
		p.Families++
		p.Children += m.count
		for i := range m.count {
			for a := range p.agencies {
				if m.children[i].known&(1<<a) == 0 {
					continue
				}
				entry := uint32(f<<4 | i<<1)
				p.known[a] = append(p.known[a], entry)
				p.Records++
				if m.percent(2) { // entered again by somebody who did not find it
					p.known[a] = append(p.known[a], entry|1)
					p.Records++
				}
			}
		}
	}
	for a, list := range p.known {
		m.reseed(saltOrder, uint64(a))
		m.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return p
}

// All yields the records, agency after agency, within an agency in no order.
func (p *Population) All() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		m := p.maker()
		for a := range p.agencies {
			for i, entry := range p.known[a] {
				m.plan(int(entry >> 4))
				m.furnish()
				if !yield(m.record(&p.agencies[a], int(entry>>1&7), int(entry&1), i+1)) {
					return
				}
			}
		}
	}
}

// maker makes one family after the other in the same place.
type maker struct {
	*Population
	chance
	source *rand.PCG
	sibship
}

func (p *Population) maker() *maker {
	source := rand.NewPCG(0, 0)
	return &maker{Population: p, chance: chance{rand.New(source)}, source: source}
}

// What a stream of random numbers is for.
const (
	saltFamily = iota + 1
	saltKin
	saltRecord
	saltOrder
	saltTown
	saltStreet
	saltBuilding
	saltShelter
	saltGroupHome
	saltPool
)

// mix is a hash of whole numbers (the finaliser of SplitMix64).
func mix(parts ...uint64) uint64 {
	h := uint64(0)
	for _, p := range parts {
		h += p + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

func (m *maker) reseed(salt uint64, parts ...uint64) {
	h := mix(uint64(m.opt.Seed), salt)
	for _, p := range parts {
		h = mix(h, p)
	}
	m.source.Seed(h, mix(h))
}

// draw returns an index by cumulative shares, whatever their sum.
func (m *maker) draw(cumulative []float64) int {
	i, _ := slices.BinarySearch(cumulative, m.Float64()*cumulative[len(cumulative)-1])
	return min(i, len(cumulative)-1)
}

// plan decides who is in the family.
func (m *maker) plan(f int) {
	m.sibship = sibship{number: f}
	// One pair of neighbours in twelve are cousins: same town and surname, and often a namesake.
	m.reseed(saltKin, uint64(f/2))
	isKin := m.percent(8)
	if !isKin {
		m.reseed(saltFamily, uint64(f), 0)
	}
	m.town = &m.towns[m.draw(m.share)]
	m.origin = &m.origins[m.draw(m.town.origins)]
	m.surname = m.newSurname()
	if isKin && m.percent(40) {
		m.namesakes = [2]string{m.origin.girls.at(m.Float64()), m.origin.boys.at(m.Float64())}
	}
	m.reseed(saltFamily, uint64(f), 1)
	m.shape = m.weighted(58, 24, 13, 5)
	m.isShelter = m.percent(1.2)
	inCare := 3.6
	if m.origin.name == "indigenous" {
		inCare = 10
	}
	isKnownToCare := m.percent(inCare)
	births, birth := 1+m.weighted(36, 36, 17, 7, 3, 1), m.days(peopleFrom, peopleUntil)
	for b := range births {
		if b > 0 {
			birth += 290 + day(850*math.Exp(0.62*m.NormFloat64())) // median about 3.0 years
		}
		if birth > peopleUntil {
			break
		}
		many := 1
		if m.Float64() < m.opt.Twins/(2-m.opt.Twins) {
			many = 2 + m.weighted(98, 2)
		}
		isAlikeTwins, isBoy := m.percent(33), m.percent(53)
		for i := range min(many, mostSiblings-m.count) {
			c := &m.children[m.count]
			c.birth, c.birthNumber, c.inCare = birth, b, isKnownToCare && m.percent(75)
			c.isX = m.percent(0.5)
			if c.isBoy = isBoy; !isAlikeTwins && i > 0 {
				c.isBoy = m.percent(52)
			}
			if many > 1 {
				c.multiple = i + 1
			}
			m.count++
		}
	}
}

// register decides which agencies know the children; it follows plan and is not asked again.
func (m *maker) register() {
	for i := range m.count {
		m.children[i].known = m.agenciesOf(&m.children[i])
	}
}

// agenciesOf draws one to six agencies that serve such a child, most of them near.
func (m *maker) agenciesOf(c *sibling) uint32 {
	years := int(peopleUntil-c.birth) / 365
	var weights [32]float64
	sum := 0.0
	for a := range m.agencies {
		h := &m.agencies[a]
		w := h.kind.serves(years, c.inCare)
		if h.region != m.town.region {
			w *= 0.03
		}
		sum += w
		weights[a] = w
	}
	known := uint32(0)
	for range 1 + m.weighted(41, 26, 16, 9, 5, 3) {
		u := m.Float64() * sum
		for a := range m.agencies {
			if u -= weights[a]; u < 0 {
				known |= 1 << a
				sum -= weights[a]
				weights[a] = 0
				break
			}
		}
	}
	return known
}

func (m *maker) multiplePairs() int {
	pairs := 0
	for i := range m.count {
		if n := m.children[i].multiple; n > 1 {
			pairs += n - 1
		}
	}
	return pairs
}

// furnish decides the rest: names, homes, phones and the mistakes that are copied.
func (m *maker) furnish() {
	m.reseed(saltFamily, uint64(m.number), 2)
	m.phone, m.formerPhone, m.otherPhone = m.newPhone(), m.newPhone(), m.newPhone()
	m.hasMoved, m.hasNewPhone = m.percent(50), m.percent(45)
	m.isShared = (m.shape == oneParent || m.shape == aStepFamily) && m.percent(40)
	m.home = m.newHome()
	if m.isShelter {
		m.home, m.phone = m.fixedHome(saltShelter, m.town, m.IntN(m.town.shelters))
	}
	m.formerHome, m.otherHome = m.newHome(), m.newHome()
	other := m.newSurname()
	women, men := m.origin.mothers, m.origin.fathers
	m.carer = m.newParent(women, m.surname)
	m.otherCarer = m.newParent(men, m.surname)
	if m.percent(35) {
		m.carer.family = other
	}
	if m.percent(18) {
		m.carer, m.otherCarer = m.otherCarer, m.carer
	}
	for i := range m.count {
		m.name(i, other)
	}
	if c := m.children[0]; c.isBoy && m.percent(3) { // a junior
		m.otherCarer.given = c.given
	}
	m.place()
}

func (m *maker) newParent(given lexicon, surname string) parent {
	p := parent{given: given.at(m.Float64()), family: surname}
	if m.percent(65) {
		p.mailbox = m.between(1, 3999)
	}
	return p
}

func (p parent) email() string {
	if p.mailbox == 0 {
		return ""
	}
	name := strings.ToLower(unaccented(p.given) + "." + unaccented(p.family))
	return name + strconv.Itoa(p.mailbox%1000) + "@" + mailDomains[p.mailbox%len(mailDomains)]
}

var mailDomains = words("mail.example mail.example post.example home.example courriel.example")
