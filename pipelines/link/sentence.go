package link

import (
	"fmt"
	"math"
	"strings"
)

// phrase says what a level means, in English and French. No phrase tells a value.
type phrase struct{ en, fr string }

// phrases are in the order of the comparisons and their levels.
var phrases = [comparisonCount][]phrase{
	cGiven: {
		{"same given name", "même prénom"},
		{"given name and surname swapped", "prénom et nom intervertis"},
		{"two forms of one given name", "deux formes d'un même prénom"},
		{"given name misspelt", "prénom mal orthographié"},
		{"given name shortened", "prénom abrégé"},
		{"given name badly misspelt", "prénom très mal orthographié"},
		{"similar given names", "prénoms semblables"},
		{"given name in the surname's place", "prénom à la place du nom"},
		{"given names alike in part", "prénoms en partie semblables"},
		{"different given names", "prénoms différents"},
	},
	cFamily: {
		{"same surname", "même nom"},
		{"a part of the surname or a former one in common", "une partie du nom ou un ancien nom en commun"},
		{"surname misspelt", "nom mal orthographié"},
		{"similar surnames", "noms semblables"},
		{"surnames alike in part", "noms en partie semblables"},
		{"different surnames", "noms différents"},
	},
	cMiddle: {
		{"same middle names", "mêmes autres prénoms"},
		{"same middle initial", "même initiale du deuxième prénom"},
		{"different middle names", "autres prénoms différents"},
	},
	cBirth: {
		{"born on the same day", "même date de naissance"},
		{"day and month of birth swapped", "jour et mois de naissance intervertis"},
		{"birth dates one digit apart", "dates de naissance différant d'un chiffre"},
		{"two of day, month and year of birth the same", "deux éléments de la date de naissance identiques"},
		{"birth dates the same as far as is known", "dates de naissance identiques pour ce qu'on en sait"},
		{"born less than five months apart", "naissances à moins de cinq mois d'intervalle"},
		{"born a generation apart", "naissances à une génération d'intervalle"},
		{"different birth dates", "dates de naissance différentes"},
	},
	cSex: {
		{"same sex", "même sexe"},
		{"different sex", "sexe différent"},
	},
	cAddress: {
		{"same street, number and postal code", "même rue, même numéro et même code postal"},
		{"same street and number", "même rue et même numéro"},
		{"same postal code", "même code postal"},
		{"nearly the same postal code or street", "code postal ou rue presque identiques"},
		{"same town or postal area", "même ville ou même secteur postal"},
		{"different addresses", "adresses différentes"},
	},
	cPhone: {
		{"same telephone", "même téléphone"},
		{"no telephone in common", "aucun téléphone en commun"},
	},
	cEmail: {
		{"same e-mail", "même courriel"},
		{"same name before the @ of the e-mail", "même nom avant le @ du courriel"},
		{"no e-mail in common", "aucun courriel en commun"},
	},
	cCaregiver: {
		{"same caregiver", "même responsable"},
		{"caregivers with the same given name", "responsables de même prénom"},
		{"no caregiver in common", "aucun responsable en commun"},
	},
	cIdentifier: {
		{"same number", "même numéro"},
		{"numbers one digit apart", "numéros différant d'un chiffre"},
		{"different numbers", "numéros différents"},
	},
	cSource: {
		{"two agencies", "deux organismes"},
		{"both of one agency", "les deux du même organisme"},
	},
}

// slight is the weight in bits under which a comparison is not worth a word.
const slight = 1

// Sentence says in plain words, in English or French, what speaks for one child, what against it, and how
// much likelier one answer is than the other. It tells no value.
func (m *Model) Sentence(e Edge, language string) string {
	var forOne, against []string
	for c, cmp := range comparisons {
		l := at(int(e.Pattern), c)
		if l == 0 || c == cSource && l != sourceSame { // two agencies: everybody sees that
			continue
		}
		ch := m.Comparisons[c][l-1]
		weight := math.Log2(ch.Same/ch.Unrelated) + math.Log2(ch.Same/ch.Sibling)
		_, byRarity := cmp.bits[l]
		words := phrases[c][l-1].in(language)
		switch {
		case byRarity || weight > slight:
			forOne = append(forOne, words)
		case weight < -slight:
			against = append(against, words)
		}
	}
	said := say[language]
	text := strings.Join(forOne, ", ")
	switch {
	case text == "" && len(against) == 0:
		text = said.nothing
	case text == "":
		text = strings.Join(against, ", ")
	case len(against) > 0:
		text += said.but + strings.Join(against, ", ")
	}
	other, odds := said.stranger, float64(e.Stranger)
	if e.Sibling < e.Stranger {
		other, odds = said.sibling, float64(e.Sibling)
	}
	if odds >= 0 {
		return sentence(text) + fmt.Sprintf(said.isOne, times(odds, language), other)
	}
	return sentence(text) + fmt.Sprintf(said.isOther, other, times(-odds, language))
}

func (p phrase) in(language string) string {
	if language == "fr" {
		return p.fr
	}
	return p.en
}

func sentence(s string) string {
	first := []rune(s)[:1]
	return strings.ToUpper(string(first)) + strings.TrimPrefix(s, string(first))
}

// say are the words around the phrases.
var say = map[string]struct{ but, nothing, stranger, sibling, isOne, isOther string }{
	"en": {"; but ", "nothing is known of both", "two unrelated children", "two of one household",
		": one child is %s times likelier than %s", ": %s are %s times likelier than one child"},
	"fr": {"; mais ", "rien n'est connu des deux", "deux enfants sans lien", "deux enfants d'un même ménage",
		" : un seul enfant est %s fois plus probable que %s", " : %s sont %s fois plus probables qu'un seul enfant"},
}

// times writes 2 to the power of the bits with two digits that count; beyond a billion nobody counts.
func times(bits float64, language string) string {
	n := math.Exp2(min(bits, 30))
	if n < 10 {
		s := fmt.Sprintf("%.1f", n)
		if language == "fr" {
			s = strings.Replace(s, ".", ",", 1)
		}
		return s
	}
	unit := math.Pow(10, math.Floor(math.Log10(n))-1)
	digits := fmt.Sprintf("%.0f", math.Round(n/unit)*unit)
	separator := ","
	if language == "fr" {
		separator = "\u00a0"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}
