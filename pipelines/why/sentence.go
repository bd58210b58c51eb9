package why

import (
	"fmt"
	"strconv"
	"strings"
)

var periodText = map[string][2]string{
	"quarter": {"in %s (%s to %s)", "au %s (%s au %s)"},
	"ytd":     {"in the year to the end of %s (%s to %s)", "depuis le début de l'exercice jusqu'à la fin du %s (%s au %s)"},
}

// sentence says the number in words.
func sentence(id CellID, d definition, label string, a Answer, lang string) string {
	period, language := "quarter", 0
	from := id.Quarter.Start()
	if id.YearToDate {
		period = "ytd"
		for q := id.Quarter; q.FiscalYear() == id.Quarter.FiscalYear(); q = q.Prev() {
			from = q.Start()
		}
	}
	if lang == "fr" {
		language = 1
	}
	when := fmt.Sprintf(periodText[period][language], id.Quarter, from.Format("2006-01-02"), id.Quarter.End().Format("2006-01-02"))
	of := ""
	if id.By != "" {
		of = ", " + word(id.By, lang) + " " + id.Value
	}
	if id.Statistic != "" {
		of = " (" + id.Statistic + ")" + of
	}
	considered, counted := 0, 0
	if len(a.Waterfall) > 0 {
		considered, counted = a.Waterfall[0].Units, a.Waterfall[len(a.Waterfall)-1].Units
	}
	number := strconv.FormatFloat(a.Value, 'f', -1, 64)
	if len(number) > 8 {
		number = strconv.FormatFloat(a.Value, 'f', 3, 64)
	}
	form := "%s%s %s: %s. %d were considered, %d counted (unit: %s)."
	if language == 1 {
		form = "%s%s %s : %s. %d ont été examinés, %d comptés (unité : %s)."
	}
	return fmt.Sprintf(form, label, of, when, number, considered, counted, word(d.unit, lang))
}

// french are the words of answers that are codes elsewhere.
var french = map[string]string{
	"episode": "épisode", "child": "enfant", "family": "famille", "plan": "plan", "goal": "objectif", "client": "client",
	"referral": "aiguillage", "meeting": "rencontre", "coordinator": "coordonnateur", "fte": "équivalent temps plein",
	"agreement": "entente", "complaint": "plainte", "survey": "sondage", "answer": "réponse", "connection": "mise en relation",
	"service": "service", "place": "place", "category": "catégorie",
	"events_in_period": "événements de la période", "unique_in_period": "unique dans la période",
	"point_in_time": "à une date", "cumulative": "cumulatif",
	"agency": "organisme", "municipality": "municipalité", "area": "secteur", "employer": "employeur",
	"source": "source", "reason": "raison",
}

// word says a code in the language of the answer.
func word(code, lang string) string {
	if fr := french[code]; fr != "" && lang == "fr" {
		return fr
	}
	return strings.ReplaceAll(code, "_", " ")
}
