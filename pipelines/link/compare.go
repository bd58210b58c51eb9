package link

import (
	"math"
	"strings"
)

// A comparison looks at one trait of two records and says at which level they agree. Level 0 means
// that a value is missing, which is evidence for nothing; level 1 is the best agreement.
type comparison struct {
	name string
	// own says that the trait is the child's, not its household's.
	own    bool
	look   func(l, r *record) int
	levels []level
	// bits is the rarity that counts at a level (term frequency), by level.
	bits map[int]func(l, r *record) float32
}

// level is one grade of agreement, the first that holds.
type level struct {
	name string
	// m is where learning begins, and what a file too small to teach anything keeps: the share of records
	// of one child that agree so. s is the same for two children of one household; of a child's own
	// traits it is what siblings have beyond strangers (twins share a birth date, parents like similar
	// names), and not learned: no file without labels can tell a sibling from an error there.
	m, s float64
}

// The comparisons, in the order of their place in a pattern.
const (
	cGiven = iota
	cFamily
	cMiddle
	cBirth
	cSex
	cAddress
	cPhone
	cEmail
	cCaregiver
	cIdentifier
	cSource
	comparisonCount
)

// Levels that rules outside of the model speak of.
const (
	givenForm, givenMisspelt, givenInitial, givenBadly, givenSimilar = 3, 4, 5, 6, 7
	familyMisspelt                                                   = 3
	birthExact, birthGeneration                                      = 1, 7
	sexDiffers                                                       = 2
	sourceSame                                                       = 2
	addressPostal                                                    = 3
	identifierExact                                                  = 1
)

// comparisons are in the order of their place in a pattern. Their levels are those that the functions
// below return.
var comparisons = [comparisonCount]comparison{
	cGiven: {"given name", true, compareGiven, []level{
		{"same", .85, .0003},
		{"swapped with the surname", .01, 0},
		{"another form of it", .04, .002},
		{"misspelt", .04, .002},
		{"initial or beginning", .01, .005},
		{"badly misspelt", .01, .002},
		{"similar", .01, .01},
		{"in the surname's place", .005, .001},
		{"alike in part", .01, .01},
		{"different", .015, 0},
	}, map[int]func(l, r *record) float32{
		1: func(l, _ *record) float32 { return l.givenBits },
		2: func(_, r *record) float32 { return r.givenBits + r.familyBits },
	}},
	cFamily: {"surname", false, compareFamily, []level{
		{"same", .84, .85},
		{"a part or former name", .05, .05},
		{"misspelt", .05, .03},
		{"similar", .01, .01},
		{"alike in part", .01, .01},
		{"different", .04, .05},
	}, map[int]func(l, r *record) float32{1: func(l, _ *record) float32 { return l.familyBits }}},
	cMiddle: {"middle names", true, compareMiddle, []level{
		{"same", .8, .02},
		{"same initial", .15, .02},
		{"different", .05, 0},
	}, nil},
	cBirth: {"birth date", true, compareBirth, []level{
		{"same", .93, .04},
		{"day and month swapped", .01, 0},
		{"one digit wrong or two swapped", .025, .002},
		{"two of day, month, year", .015, .005},
		{"as near as is known", .01, .005},
		{"under five months apart", .01, .0005},
		{"a generation apart", .001, 0},
		{"different", .01, 0},
	}, nil},
	cSex: {"sex", true, compareSex, []level{
		{"same", .98, 0},
		{"different", .02, 0},
	}, nil},
	cAddress: {"address", false, compareAddress, []level{
		{"same street, number and postal code", .6, .65},
		{"same street and number", .1, .1},
		{"same postal code", .06, .07},
		{"nearly the same postal code or street", .04, .04},
		{"same town or postal area", .1, .07},
		{"different", .1, .07},
	}, map[int]func(l, r *record) float32{
		2: func(l, _ *record) float32 { return l.streetBits },
		3: func(l, _ *record) float32 { return l.postalBits },
		5: func(l, r *record) float32 {
			if meet(l, tCity, r, tCity) {
				return l.cityBits
			}
			return l.areaBits
		},
	}},
	cPhone: {"telephone", false, compareLists(tPhone, traitCount), []level{
		{"same", .8, .8},
		{"different", .2, .2},
	}, nil},
	cEmail: {"e-mail", false, compareLists(tEmail, tEmailName), []level{
		{"same", .75, .6},
		{"same name before the @", .05, .02},
		{"different", .2, .38},
	}, nil},
	cCaregiver: {"caregivers", false, compareLists(tCaregiver, tCaregiverGiven), []level{
		{"same", .8, .8},
		{"same given name", .1, .1},
		{"different", .1, .1},
	}, nil},
	cIdentifier: {"number", true, compareNumber, []level{
		{"same", .93, .0002},
		{"one digit differs", .05, .0002},
		{"different", .02, 0},
	}, nil},
	cSource: {"agency", false, compareSource, []level{
		{"another", .95, .6},
		{"the same", .05, .4},
	}, nil},
}

// compareGiven: a given name that is one edit from another is a misspelling when one of the two is rare
// beside the other and they begin alike, for few people mistake the first letter; two established names
// (Jayden, Kayden) are two names.
func compareGiven(l, r *record) int {
	if l.given == nil || r.given == nil {
		return 0
	}
	if l.given == r.given {
		return 1
	}
	given, other := l.given.text, r.given.text
	inFamily, inGiven := meet(l, tGiven, r, tFamily), meet(l, tFamily, r, tGiven)
	switch {
	case inFamily && (inGiven || isNearly(l.family, r.given)), inGiven && isNearly(l.given, r.family):
		return 2
	case meet(l, tGiven, r, tGiven), meet(l, tMiddle, r, tGivenName), meet(l, tGivenName, r, tMiddle):
		return givenForm
	}
	alike, isEdit := 0.0, areOneEdit(l.given, r.given)
	if mayBeAlike(l.given, r.given) {
		alike = jaroWinkler(given, other)
	}
	mayBeMisspelt := beginAlike(given, other) && isRareBeside(l.givenPeople, r.givenPeople)
	switch {
	case mayBeMisspelt && isEdit:
		return givenMisspelt
	case strings.HasPrefix(given, other), strings.HasPrefix(other, given):
		return givenInitial
	case mayBeMisspelt && alike >= .85:
		return givenBadly
	case alike >= .92, isEdit:
		return givenSimilar
	case inFamily, inGiven:
		return 8
	case alike >= leastAlike:
		return 9
	}
	return 10
}

// isRareBeside holds where one of two given names is borne by so few beside the other that it is likely
// a misspelling of it.
func isRareBeside(l, r int32) bool {
	few, many := min(l, r), max(l, r)
	return few <= 2 || few*40 <= many
}

// isNearly holds where a surname may be the other's given name misspelt.
func isNearly(a, b *word) bool {
	return a != nil && b != nil && a.text[0] == b.text[0] && jaroWinkler(a.text, b.text) >= .85
}

// compareFamily: swapped names are one event and counted once, so the surname is then missing.
func compareFamily(l, r *record) int {
	if l.family == nil || r.family == nil {
		return 0
	}
	if l.family == r.family {
		return 1
	}
	if l.given != nil && r.given != nil && l.given != r.given && (meet(l, tGiven, r, tFamily) || meet(l, tFamily, r, tGiven)) {
		return 0
	}
	if meet(l, tFamily, r, tFamily) {
		return 2
	}
	if areOneEdit(l.family, r.family) {
		return 3
	}
	if !mayBeAlike(l.family, r.family) {
		return 6
	}
	switch alike := jaroWinkler(l.family.text, r.family.text); {
	case alike >= .92:
		return 4
	case alike >= leastAlike:
		return 5
	}
	return 6
}

func compareMiddle(l, r *record) int {
	switch {
	case l.middle == nil || r.middle == nil:
		return 0
	case l.middle == r.middle:
		return 1
	case firstLetter(l.middle.text) == firstLetter(r.middle.text):
		return 2
	}
	return 3
}

func compareBirth(l, r *record) int {
	if l.year == 0 || r.year == 0 {
		return 0
	}
	if l.isDate && r.isDate {
		if l.birth == r.birth {
			return birthExact
		}
		if l.year == r.year && l.month == r.day && l.day == r.month {
			return 2
		}
		if isOneDigit(&l.birth, &r.birth) {
			return 3
		}
	}
	isMonth, isDay := l.month != 0 && l.month == r.month, l.day != 0 && l.day == r.day
	apart := max(l.year, r.year) - min(l.year, r.year)
	switch {
	case isMonth && isDay, apart == 0 && (isMonth || isDay):
		return 4
	case apart == 0 && (l.day == 0 || r.day == 0), (l.isAge || r.isAge) && apart <= 1:
		return 5
	case l.days != noDay && r.days != noDay && max(l.days, r.days)-min(l.days, r.days) <= 150:
		return 6
	case apart > 12:
		return birthGeneration
	}
	return 8
}

func compareSex(l, r *record) int {
	switch {
	case l.sex == 0 || r.sex == 0:
		return 0
	case l.sex == r.sex:
		return 1
	}
	return sexDiffers
}

// mostInAHouse is how many people live in a street and number that says so much as a home does.
const mostInAHouse = 12

func compareAddress(l, r *record) int {
	isPostal, isStreet, isCity := l.postal[0] != 0 && r.postal[0] != 0, bothKnown(l, r, tStreet), bothKnown(l, r, tCity)
	if !isPostal && !isStreet && !isCity {
		return 0
	}
	street := isStreet && meet(l, tStreet, r, tStreet)
	house := street && meet(l, tStreetNumber, r, tStreetNumber)
	city := isCity && meet(l, tCity, r, tCity)
	postal := isPostal && l.postal == r.postal
	switch {
	case house && postal && l.streetPeople <= mostInAHouse:
		return 1
	case house:
		return 2
	case postal:
		return addressPostal
	case street, isPostal && differences(&l.postal, &r.postal) == 1 && (city || !isCity):
		return 4
	case city, !isCity && meet(l, tArea, r, tArea):
		return 5
	}
	return 6
}

// compareLists looks for a common value, and where there is none for a common one of a coarser trait.
func compareLists(t, coarser trait) func(l, r *record) int {
	return func(l, r *record) int {
		switch {
		case !bothKnown(l, r, t):
			return 0
		case meet(l, t, r, t):
			return 1
		case coarser == traitCount:
			return 2
		case meet(l, coarser, r, coarser):
			return 2
		}
		return 3
	}
}

func compareNumber(l, r *record) int {
	switch {
	case l.identifier == nil || r.identifier == nil:
		return 0
	case l.identifier == r.identifier:
		return identifierExact
	case len(l.identifier.text) == len(r.identifier.text) && isOneEdit(l.identifier.text, r.identifier.text):
		return 2
	}
	return 3
}

func compareSource(l, r *record) int {
	if l.source != r.source {
		return 1
	}
	return sourceSame
}

func bothKnown(l, r *record, t trait) bool { return l.marks[t] != 0 && r.marks[t] != 0 }

// compare is the agreement pattern of two records.
func compare(l, r *record) int32 {
	pattern := 0
	for i := range comparisons {
		pattern += comparisons[i].look(l, r) * radix[i]
	}
	return int32(pattern)
}

// rarity is the bits that agreements on rare values add against a stranger.
func (m *Model) rarity(pattern int32, l, r *record) (sum float32) {
	for _, c := range byRarity {
		if bits := comparisons[c].bits[at(int(pattern), c)]; bits != nil {
			sum += bits(l, r)
		}
	}
	return sum - m.tooRare(pattern, l)
}

// tooRare is how many bits less two names together say than each of them: what others than these two are
// called is no rarer than they are.
func (m *Model) tooRare(pattern int32, l *record) float32 {
	if at(int(pattern), cGiven) != 1 || at(int(pattern), cFamily) != 1 {
		return 0
	}
	others := l.others(int(pattern))
	if others < 1 {
		return 0
	}
	together := float64(l.namesBits) + math.Log2(float64(l.namesPeople)/float64(others))
	return max(0, l.givenBits+l.familyBits-float32(together+math.Log2(max(1, m.Names))))
}

// others is how many people bear the same two names beside the one or two of a pair that shares them.
func (r *record) others(pattern int) int32 {
	if at(pattern, cBirth) == birthExact {
		return r.namesPeople - 1
	}
	return r.namesPeople - 2
}

// byRarity are the comparisons that know of rare values.
var byRarity = []int{cGiven, cFamily, cAddress}

// at is the level of one comparison in a pattern.
func at(pattern, comparison int) int {
	return pattern / radix[comparison] % (len(comparisons[comparison].levels) + 1)
}

// radix is what one level of each comparison is worth in a pattern: a number in mixed bases.
var radix = func() (r [comparisonCount]int) {
	next := 1
	for i, c := range comparisons {
		r[i] = next
		next *= len(c.levels) + 1
	}
	return r
}()

// contradicts is the veto of DESIGN 5 that no weight outvotes: records whose given names are not two
// forms or a misspelling of one, or of which one has none, are never one child without asking, for twins
// differ in nothing else; nor are Eli and Elijah born on one day when one agency knows both; birth years
// more than twelve apart are a parent and a child of one name. Only one health number on both records
// speaks louder. A file in which learning finds no siblings has no twins either, and names in it may be
// worse than twins' are.
func (m *Model) contradicts(pattern int) bool {
	if at(pattern, cIdentifier) == identifierExact {
		return false
	}
	if !m.hasSiblings() {
		return false
	}
	given, birth := at(pattern, cGiven), at(pattern, cBirth)
	switch {
	case birth == birthGeneration, given == 0, given >= givenSimilar:
		return true
	case birth != birthExact:
		return false
	case given == givenForm || given == givenInitial:
		return at(pattern, cSource) == sourceSame || given == givenForm && at(pattern, cSex) == sexDiffers
	}
	return (given == givenMisspelt || given == givenBadly) && at(pattern, cSex) == sexDiffers
}

// hasSiblings says whether learning found any.
func (m *Model) hasSiblings() bool { return m.Sibling >= m.Same/50 }
