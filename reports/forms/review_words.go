package forms

// reviewColumn is a value that two records can be compared by, named as in the dictionary of columns.
type reviewColumn struct {
	name, en, fr string
	width        float64
}

// reviewColumns are in the order in which a person compares.
var reviewColumns = []reviewColumn{
	{"given_name", "Given name", "Prénom", 14},
	{"middle_names", "Middle names", "Autres prénoms", 13},
	{"preferred_name", "Preferred name", "Prénom usuel", 13},
	{"family_name", "Family name", "Nom", 18},
	{"family_name_at_birth", "Name at birth", "Nom à la naissance", 15},
	{"birth_date", "Birth date", "Date de naissance", 14},
	{"sex", "Sex", "Sexe", 8},
	{"health_number", "Health number", "Numéro de carte Santé", 14},
	{"caregiver", "Caregiver", "Responsable", 20},
	{"phone", "Phone", "Téléphone", 15},
	{"email", "E-mail", "Courriel", 24},
	{"street_address", "Address", "Adresse", 22},
	{"municipality", "Municipality", "Municipalité", 15},
	{"postal_code", "Postal code", "Code postal", 10},
	{"school", "School", "École", 18},
}

// reviewChoice is one answer of the list; both languages are read from every sheet.
type reviewChoice struct{ verdict, en, fr string }

var reviewChoices = []reviewChoice{
	{"same", "Same child", "Même enfant"},
	{"family", "Same family only", "Même famille seulement"},
	{"different", "Different", "Différents"},
	{"later", "Later", "Plus tard"},
}

// reviewWords hold every fixed text of the review sheet.
var reviewWords = map[string]map[string]string{
	"en": {
		"sheet": "Review", "title": "Pairs to review",
		"how":    "For each pair choose an answer in the yellow cell and write the reason beside it; leave it empty if you do not know yet. Save, then read it back with: tributary link decide FILE.xlsx",
		"marks":  "≠ the values differ     ≈ they are only written differently     = of several, one is in both     (empty) the agency did not send it",
		"number": "Pair", "answer": "Answer", "reason": "Reason", "agency": "Agency", "client": "Local number",
		"withheld": `The agreement does not allow to show this pair's values. Without the families' consent, recorded by their agencies, "later" is an answer: the range of the counts holds both.`,
		"none":     "There is no pair to review.",
		"chance":   "%s (%d in 100)", "effect": "Effect: ", "doubt": "Doubtful: ", "page": "Page &P of &N",
		"private": "Personal information: do not send by e-mail.",
		"choose":  "Choose one of the four answers.", "choose_title": "Not an answer", "prompt": "Same child, same family only, different, or later",
		"child_95": "Almost certainly the same child", "child_80": "Very probably the same child", "child_60": "Rather the same child",
		"child_40": "Could be either", "child_20": "Rather not the same child", "child_0": "Probably not the same child",
		"family_95": "Almost certainly one family", "family_80": "Very probably one family", "family_60": "Rather one family",
		"family_40": "Could be either", "family_20": "Rather not one family", "family_0": "Probably not one family",
	},
	"fr": {
		"sheet": "Révision", "title": "Paires à réviser",
		"how":    "Pour chaque paire, choisissez une réponse dans la cellule jaune et écrivez le motif à côté; laissez vide si vous ne savez pas encore. Enregistrez, puis relisez le fichier avec : tributary link decide FICHIER.xlsx",
		"marks":  "≠ les valeurs diffèrent     ≈ seule l'écriture diffère     = l'une des valeurs est commune     (vide) l'organisme ne l'a pas transmis",
		"number": "Paire", "answer": "Réponse", "reason": "Motif", "agency": "Organisme", "client": "Numéro local",
		"withheld": "L'entente ne permet pas d'afficher les valeurs de cette paire. Sans le consentement des familles, inscrit par leurs organismes, « plus tard » est une réponse : la fourchette des nombres couvre les deux cas.",
		"none":     "Il n'y a aucune paire à réviser.",
		"chance":   "%s (%d sur 100)", "effect": "Effet : ", "doubt": "Doute : ", "page": "Page &P de &N",
		"private": "Renseignements personnels : ne pas envoyer par courriel.",
		"choose":  "Choisissez l'une des quatre réponses.", "choose_title": "Réponse inconnue", "prompt": "Même enfant, même famille seulement, différents ou plus tard",
		"child_95": "Presque certainement le même enfant", "child_80": "Très probablement le même enfant", "child_60": "Plutôt le même enfant",
		"child_40": "Les deux sont possibles", "child_20": "Plutôt pas le même enfant", "child_0": "Probablement pas le même enfant",
		"family_95": "Presque certainement une seule famille", "family_80": "Très probablement une seule famille", "family_60": "Plutôt une seule famille",
		"family_40": "Les deux sont possibles", "family_20": "Plutôt pas une seule famille", "family_0": "Probablement pas une seule famille",
	},
}
