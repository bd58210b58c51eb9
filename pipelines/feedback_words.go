package pipelines

import (
	"cmp"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"tributary/pipelines/config"
	"tributary/reports/feedback"
	"tributary/sql"
)

// part is the form of one part of a finding's detail, and its French.
type part struct {
	form   *regexp.Regexp
	french string
	weight int
}

// detailParts reads sql/check/details_fr.yaml, the forms with most of their own words first.
var detailParts = sync.OnceValue(func() []part {
	data, err := fs.ReadFile(sql.FS, "check/details_fr.yaml")
	if err != nil {
		return nil // a test reads it
	}
	all := map[string]string{}
	if err := config.Decode("sql/check/details_fr.yaml", data, &all); err != nil {
		return nil
	}
	var out []part
	for english, french := range all {
		form := strings.ReplaceAll(regexp.QuoteMeta(english), `\*`, "(.*)")
		for n := 1; strings.Contains(french, "*"); n++ {
			french = strings.Replace(french, "*", "${"+string(rune('0'+n))+"}", 1)
		}
		out = append(out, part{regexp.MustCompile("^" + form + "$"), french, len(strings.ReplaceAll(english, "*", ""))})
	}
	slices.SortFunc(out, func(a, b part) int {
		return cmp.Or(b.weight-a.weight, strings.Compare(a.form.String(), b.form.String()))
	})
	return out
})

// translate puts a detail into the words that an agency reads: what is for the analyst alone is left out.
// isKnown is false where a part has no French; lang en leaves such parts as they are.
func translate(detail, lang string) (text string, isKnown bool) {
	var out []string
	for words := range strings.SplitSeq(detail, "; ") {
		i := slices.IndexFunc(detailParts(), func(p part) bool { return p.form.MatchString(words) })
		switch {
		case words == "":
		case i < 0 && lang == "fr":
			return "", false
		case i < 0:
			out = append(out, words)
		case detailParts()[i].french == "":
		case lang == "fr":
			out = append(out, detailParts()[i].form.ReplaceAllString(words, detailParts()[i].french))
		default:
			out = append(out, words)
		}
	}
	return strings.Join(out, "; "), true
}

// in says what became of a file's rows, as a copy of it says to the agency.
func (f fate) in(lang string) string {
	words, not := "Rows read: %s; accepted: %s.", "The file is held back until it is corrected: none of its rows count."
	if lang == "fr" {
		words, not = "Lignes lues : %s; acceptées : %s.", "Le fichier est retenu jusqu'à sa correction : aucune de ses lignes ne compte."
	}
	switch f.state {
	case "held":
		return not
	case "unknown":
		return map[string]string{"en": "The file is kept and not used.", "fr": "Le fichier est conservé et n'est pas utilisé."}[lang]
	}
	return fmt.Sprintf(words, feedback.Number(f.read, lang), feedback.Number(f.accepted, lang))
}

// noColumn is added to what to do where the value in question stands in no column of the file, English and French.
var noColumn = [2]string{
	". Your file has no column of its own for this value: send the file again with it; or, if it is right as it is, answer yes and why",
	". Votre fichier n'a pas de colonne propre à cette valeur : ajoutez-la et renvoyez le fichier; ou, si c'est exact tel quel, répondez oui et pourquoi",
}

// noColumnTried says the same of files that were tried: their letter takes no answer.
var noColumnTried = [2]string{
	". Your file has no column of its own for this value: add it; or, if it is right as it is, deliver the file, and answer in the letter that follows",
	". Votre fichier n'a pas de colonne propre à cette valeur : ajoutez-la; ou, si c'est exact tel quel, livrez le fichier et répondez dans la lettre qui suivra",
}

// providerFix says to the agency what the catalogue says to the analyst, English and French.
var providerFix = map[string][2]string{
	"file_empty":       {"send the file again; when there is nothing to report, tell us so", "envoyez le fichier de nouveau; s'il n'y a rien à déclarer, dites-le-nous"},
	"file_encrypted":   {"send the file without a password, or agree on one with us", "envoyez le fichier sans mot de passe, ou convenez d'un mot de passe avec nous"},
	"column_held":      {"tell us what the column holds; until then it is not used", "dites-nous ce que contient la colonne; d'ici là, elle n'est pas utilisée"},
	"wrong_quarter":    {"send the file of this quarter; if it is right as it is, tell us so", "envoyez le fichier de ce trimestre; s'il est exact tel quel, dites-le-nous"},
	"unknown_file":     {"the file is kept but not used; tell us if it should be", "le fichier est conservé sans servir; dites-nous s'il doit servir"},
	"no_rows":          {"send the file with its rows; when there is nothing to report, tell us so", "envoyez le fichier avec ses lignes; s'il n'y a rien à déclarer, dites-le-nous"},
	"delivery_missing": {"send the files; when there is nothing to report, tell us so", "envoyez les fichiers; s'il n'y a rien à déclarer, dites-le-nous"},
	"heading_renamed":  {"give the column its former heading again, or tell us that the new one stays", "redonnez à la colonne son ancien en-tête, ou dites-nous que le nouveau demeure"},
	"heading_missing":  {"send the column again, or tell us that it will not come any more", "envoyez de nouveau la colonne, ou dites-nous qu'elle ne viendra plus"},
	"heading_moved":    {"nothing needs to be done", "il n'y a rien à faire"},
	"column_added":     {"nothing needs to be done unless the new column should be used", "il n'y a rien à faire, sauf si la nouvelle colonne doit servir"},
	"sheet_added":      {"nothing needs to be done unless the new sheet should be used", "il n'y a rien à faire, sauf si la nouvelle feuille doit servir"},
	"volume_fell":      {"send the whole file; if it is right as it is, tell us so", "envoyez le fichier complet; s'il est exact tel quel, dites-le-nous"},
	"sheet_missing":    {"send the workbook with the sheet, or tell us its new name", "envoyez le classeur avec la feuille, ou dites-nous son nouveau nom"},
	"date_order":       {"tell us in which order your dates are written", "dites-nous dans quel ordre vos dates sont écrites"},
	"unknown_code":     {"correct the code, or tell us what it stands for", "corrigez le code, ou dites-nous ce qu'il signifie"},
	"names_not_split":  {"send given name and family name in two columns", "envoyez le prénom et le nom de famille dans deux colonnes"},
}
