package link

import (
	"fmt"
	"strings"
)

// A comparison looks at one trait of two records and says at which level they agree. Level 0 means
// that a value is missing, which is evidence for nothing; level 1 is the best agreement.
type comparison struct {
	name string
	// own says that the trait is the child's, not its household's.
	own bool
	// missing is true in SQL when the trait is not known on both sides.
	missing string
	levels  []level
	// bits is the SQL of the rarity that counts at a level (term frequency), by level.
	bits map[int]string
}

// level is one grade of agreement, the first that holds.
type level struct {
	name, when string
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
	birthExact, birthGeneration                                      = 1, 7
	sexDiffers                                                       = 2
	sourceSame                                                       = 2
	addressPostal                                                    = 3
	identifierExact                                                  = 1
)

// beginsAlike holds where two given names have one first letter, or their first two changed places.
const beginsAlike = "(left(l.given, 1) = left(r.given, 1) or length(l.given) = length(r.given) and left(l.given, 2) = reverse(left(r.given, 2)))"

// isRare holds where one of two given names is borne by so few beside the other that it is likely a
// misspelling of it.
const isRare = "(least(l.given_count, r.given_count) <= 2 or least(l.given_count, r.given_count) * 40 <= greatest(l.given_count, r.given_count))"

// slots is how many members of a list are compared; the others still find pairs.
var slots = map[string]int{"given_keys": 4, "family_keys": 4, "middle_keys": 3, "phones": 4, "emails": 2, "caregivers": 3, "caregiver_givens": 3}

// meets holds where two lists have a common member.
func meets(left, right string) string {
	var same []string
	for i := range slots[left] {
		for j := range slots[right] {
			same = append(same, fmt.Sprintf("l.%s_%d = r.%s_%d", left, i+1, right, j+1))
		}
	}
	return fmt.Sprintf("((l.%s_bits & r.%s_bits) <> 0 and coalesce(%s, false))", left, right, strings.Join(same, " or "))
}

// holds holds where one record's given name is a middle name of the other.
func holds(one, other string) string {
	return fmt.Sprintf("((%[1]s.middle_keys_bits & %[2]s.given_hash_bits) <> 0 and %[2]s.given_hash in (%[1]s.middle_keys_1, %[1]s.middle_keys_2, %[1]s.middle_keys_3))", one, other)
}

// isOneEdit holds where two names are one letter apart, or two letters changed places (all letters meet
// with one transposition, so that Jaro's measure is 1 - 1 / 3n): Damerau's distance, which the engine
// reckons five times slower.
func isOneEdit(name string) string {
	return fmt.Sprintf("(case when %[1]s_alike > .75 and abs(length(l.%[1]s) - length(r.%[1]s)) <= 1 and least(length(l.%[1]s), length(r.%[1]s)) > 2 then levenshtein(l.%[1]s, r.%[1]s) = 1 or length(l.%[1]s) = length(r.%[1]s) and jaro_similarity(l.%[1]s, r.%[1]s) > 1 - .34 / length(l.%[1]s) else false end)", name)
}

// comparisons of two records l and r. Swapped names are one event and counted once, so the surname is
// then missing. A given name that is one edit from another is a misspelling when one of the two is
// rare beside the other and they begin alike, for few people mistake the first letter; two established
// names (Jayden, Kayden) are two names.
var comparisons = [comparisonCount]comparison{
	cGiven: {"given name", true, "l.given is null or r.given is null", []level{
		{"same", "l.given = r.given", .85, .0003},
		{"swapped with the surname", meets("given_keys", "family_keys") + " and (" + meets("family_keys", "given_keys") + " or jaro_winkler_similarity(l.family, r.given) >= .85 and left(l.family, 1) = left(r.given, 1)) or " +
			meets("family_keys", "given_keys") + " and jaro_winkler_similarity(l.given, r.family) >= .85 and left(l.given, 1) = left(r.family, 1)", .01, 0},
		{"another form of it", meets("given_keys", "given_keys") + " or " + holds("l", "r") + " or " + holds("r", "l"), .04, .002},
		{"misspelt", isOneEdit("given") + " and " + beginsAlike + " and " + isRare, .04, .002},
		{"initial or beginning", "starts_with(l.given, r.given) or starts_with(r.given, l.given)", .01, .005},
		{"badly misspelt", "given_alike >= .85 and " + beginsAlike + " and " + isRare, .01, .002},
		{"similar", "given_alike >= .92 or " + isOneEdit("given"), .01, .01},
		{"in the surname's place", meets("given_keys", "family_keys") + " or " + meets("family_keys", "given_keys"), .005, .001},
		{"alike in part", "given_alike >= .8", .01, .01},
		{"different", "", .015, 0},
	}, map[int]string{1: "l.given_bits", 2: "r.given_bits + r.family_bits"}},
	cFamily: {"surname", false, "l.family is null or r.family is null or coalesce(l.family <> r.family and l.given <> r.given and (" + meets("given_keys", "family_keys") + " or " + meets("family_keys", "given_keys") + "), false)", []level{
		{"same", "l.family = r.family", .84, .85},
		{"a part or former name", meets("family_keys", "family_keys"), .05, .05},
		{"misspelt", isOneEdit("family"), .05, .03},
		{"similar", "family_alike >= .92", .01, .01},
		{"alike in part", "family_alike >= .8", .01, .01},
		{"different", "", .04, .05},
	}, map[int]string{1: "l.family_bits"}},
	cMiddle: {"middle names", true, "l.middle is null or r.middle is null", []level{
		{"same", "l.middle = r.middle", .8, .02},
		{"same initial", "left(l.middle, 1) = left(r.middle, 1)", .15, .02},
		{"different", "", .05, 0},
	}, nil},
	cBirth: {"birth date", true, "l.birth_year is null or r.birth_year is null", []level{
		{"same", "l.birth_text = r.birth_text", .93, .03},
		{"day and month swapped", "l.birth_year = r.birth_year and l.birth_month = r.birth_day and l.birth_day = r.birth_month", .01, 0},
		{"one digit wrong or two swapped", "hamming(l.birth_text, r.birth_text) = 1 or hamming(l.birth_text, r.birth_text) = 2 and jaro_similarity(l.birth_text, r.birth_text) > .957", .025, .002},
		{"two of day, month, year", "(l.birth_month = r.birth_month and l.birth_day = r.birth_day) or (l.birth_year = r.birth_year and (l.birth_month = r.birth_month or l.birth_day = r.birth_day))", .015, .005},
		{"as near as is known", "(l.birth_year = r.birth_year and (l.birth_day is null or r.birth_day is null)) or ((l.is_age or r.is_age) and abs(l.birth_year - r.birth_year) <= 1)", .01, .005},
		{"under five months apart", "abs(l.birth_days - r.birth_days) <= 150", .01, .0005},
		{"a generation apart", "abs(l.birth_year - r.birth_year) > 12", .001, 0},
		{"different", "", .01, 0},
	}, nil},
	cSex: {"sex", true, "l.sex is null or r.sex is null", []level{
		{"same", "l.sex = r.sex", .98, 0},
		{"different", "", .02, 0},
	}, nil},
	cAddress: {"address", false, "(l.postal is null or r.postal is null) and (l.street is null or r.street is null) and (l.city is null or r.city is null)", []level{
		{"same street, number and postal code", "l.street = r.street and l.street_number = r.street_number and l.postal = r.postal and l.street_people <= 12", .6, .65},
		{"same street and number", "l.street = r.street and l.street_number = r.street_number", .1, .1},
		{"same postal code", "l.postal = r.postal", .06, .07},
		{"nearly the same postal code or street", "hamming(l.postal_text, r.postal_text) = 1 and coalesce(l.city = r.city, true) or l.street = r.street", .04, .04},
		{"same town or postal area", "left(l.postal, 3) = left(r.postal, 3) or l.city = r.city", .1, .07},
		{"different", "", .1, .07},
	}, map[int]string{2: "l.street_bits", 3: "l.postal_bits", 5: "coalesce(l.city_bits, l.fsa_bits)"}},
	cPhone: {"telephone", false, "l.phones_1 is null or r.phones_1 is null", []level{
		{"same", meets("phones", "phones"), .8, .8},
		{"different", "", .2, .2},
	}, nil},
	cEmail: {"e-mail", false, "l.emails_1 is null or r.emails_1 is null", []level{
		{"same", meets("emails", "emails"), .75, .6},
		{"same name before the @", "split_part(l.email, '@', 1) = split_part(r.email, '@', 1)", .05, .02},
		{"different", "", .2, .38},
	}, nil},
	cCaregiver: {"caregivers", false, "l.caregivers_1 is null or r.caregivers_1 is null", []level{
		{"same", meets("caregivers", "caregivers"), .8, .8},
		{"same given name", meets("caregiver_givens", "caregiver_givens"), .1, .1},
		{"different", "", .1, .1},
	}, nil},
	cIdentifier: {"number", true, "l.identifier is null or r.identifier is null", []level{
		{"same", "l.identifier = r.identifier", .93, .0002},
		{"one digit differs", "length(l.identifier) = length(r.identifier) and levenshtein(l.identifier, r.identifier) <= 2 and damerau_levenshtein(l.identifier, r.identifier) <= 1", .05, .0002},
		{"different", "", .02, 0},
	}, nil},
	cSource: {"agency", false, "false", []level{
		{"another", "l.source <> r.source", .95, .6},
		{"the same", "", .05, .4},
	}, nil},
}

// patternSQL is the agreement pattern of l and r as one integer.
func patternSQL() string {
	parts := make([]string, len(comparisons))
	for i, c := range comparisons {
		var b strings.Builder
		fmt.Fprintf(&b, "(case when %s then 0", c.missing)
		for j, l := range c.levels {
			if l.when == "" {
				fmt.Fprintf(&b, " else %d", j+1)
				continue
			}
			fmt.Fprintf(&b, " when %s then %d", l.when, j+1)
		}
		fmt.Fprintf(&b, " end)::integer * %d", radix[i])
		parts[i] = b.String()
	}
	return strings.Join(parts, "\n + ")
}

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
	if m.Sibling < m.Same/50 {
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
