package quality

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tributary/reports/sheet"
)

// words are the fixed texts, English and French.
var words = map[string][2]string{
	"title": {"Data quality", "Qualité des données"},

	"sheet.help":         {"Who needs help", "Qui a besoin d'aide"},
	"sheet.glance":       {"At a glance", "Coup d'œil"},
	"sheet.worst":        {"Worst causes", "Causes principales"},
	"sheet.trends":       {"Trend per check", "Tendance par vérification"},
	"sheet.burndown":     {"Settled or not", "Réglé ou non"},
	"sheet.timeliness":   {"On time", "Ponctualité"},
	"sheet.completeness": {"How full", "Remplissage"},
	"sheet.all":          {"All results", "Tous les résultats"},
	"sheet.how":          {"How to read", "Comment lire"},
	"sheet.own":          {"Your data", "Vos données"},

	"agency": {"Agency", "Organisme"}, "agencies": {"Agencies and rows", "Organismes et lignes"}, "delivery": {"How the delivery stands", "État de la livraison"},
	"late": {"On time?", "À temps?"}, "to_fix": {"To fix", "À corriger"}, "to_confirm": {"To confirm", "À confirmer"},
	"rows_asked": {"Rows with a question", "Lignes en question"}, "since_before": {"Since the file before", "Depuis le fichier précédent"},
	"do_first": {"Do this first", "À faire en premier"}, "nothing": {"Nothing needs to be done", "Il n'y a rien à faire"},
	"ask_for_it": {"Ask for the delivery, or say that none is owed.", "Demandez la livraison, ou indiquez qu'il n'y en a pas à fournir."},
	"column":     {"column", "colonne"}, "no_column": {"no column of its own", "pas de colonne propre"}, "columns": {"Columns", "Colonnes"}, "rows": {"Rows", "Lignes"}, "share": {"Share", "Part"},
	"serious": {"How serious", "Gravité"}, "what": {"What", "Quoi"}, "what_to_do": {"What to do", "Que faire"}, "check": {"Check", "Vérification"},
	"class": {"Class", "Genre"}, "quarter": {"Quarter", "Trimestre"}, "file_no": {"State", "Version"}, "received": {"Received on", "Reçu le"},
	"files": {"Files", "Fichiers"}, "open": {"Questions", "Questions"}, "new": {"New", "Nouvelles"}, "stayed": {"Still there", "Toujours là"}, "closed": {"Settled", "Réglées"},
	"table": {"Table", "Table"}, "our_column": {"Our column", "Notre colonne"}, "heading": {"Heading in the file", "En-tête du fichier"}, "remark": {"Remark", "Remarque"},
	"examined": {"Looked at", "Examinées"}, "failed": {"Failed", "En défaut"},

	"help.title":  {"Who needs help with what first", "Qui a besoin d'aide, et pour quoi d'abord"},
	"help.urgent": {"First: %s.", "D'abord : %s."},
	"help.none":   {"No delivery is refused, paused, incomplete or missing.", "Aucune livraison n'est refusée, en pause, incomplète ou manquante."},
	"help.rest":   {"Deliveries with questions: %d. Clean, nil or not due: %d.", "Livraisons avec questions : %d. Sans question, néant ou pas encore dues : %d."},
	"help.how": {"Gravest first: refused or missing, paused, partly accepted, rows set aside, then most to confirm. The rows, and lines to paste: tributary findings --agency CODE. The letter to the agency: tributary report feedback CODE.",
		"Le plus grave d'abord : refusée ou manquante, en pause, acceptée en partie, lignes mises de côté, puis le plus à confirmer. Les lignes en cause et celles à coller : tributary findings --agency CODE. La lettre à l'organisme : tributary report feedback CODE."},
	"since": {"%d settled, %d still there, %d new", "réglées : %d; toujours là : %d; nouvelles : %d"},

	"glance.title":  {"All agencies, quarter by quarter", "Tous les organismes, par trimestre"},
	"glance.how":    {"Each cell: how many questions the delivery leaves (to fix and to confirm), and the share of its rows that they touch.", "Chaque case : le nombre de questions que laisse la livraison (à corriger et à confirmer), et la part de ses lignes qui sont touchées."},
	"glance.legend": {"green: none   yellow: under 2 % of rows   orange: 2 % or more, partly accepted or paused   red: refused or missing   grey: nothing owed   * late", "vert : aucune   jaune : moins de 2 % des lignes   orange : 2 % ou plus, acceptée en partie ou en pause   rouge : refusée ou manquante   gris : rien à fournir   * en retard"},
	"glance.share":  {"Share of rows with a question", "Part des lignes en question"},

	"worst.title": {"Worst causes of the quarter", "Causes principales du trimestre"},
	"worst.few":   {"%d of the causes {explains|explain} %[3]s of the rows in question; causes in all: %[2]d.", "%d {cause explique|causes expliquent} %[3]s des lignes en question; causes en tout : %[2]d."},

	"trends.title": {"Each check over time", "Chaque vérification dans le temps"},
	"trends.how": {"Share of the rows looked at that failed, over all deliveries that were taken, by the checks of today. Checks that found something: %d; that looked and found nothing (sheet All results): %d. Checks that only inform are left out. Where an agency delivered nothing, its rows are missing from both.",
		"Part des lignes examinées qui étaient en défaut, pour toutes les livraisons prises en compte, selon les vérifications d'aujourd'hui. Vérifications qui ont trouvé quelque chose : %d; qui n'ont rien trouvé (feuille Tous les résultats) : %d. Celles qui ne font qu'informer sont omises. Quand un organisme n'a rien livré, ses lignes manquent des deux côtés."},
	"trends.chart": {"Share of rows that failed: the six checks with most failures", "Part des lignes en défaut : les six vérifications qui en ont le plus"},

	"burndown.title": {"What was settled, what stayed, what is new", "Ce qui est réglé, ce qui reste, ce qui est nouveau"},
	"burndown.how": {"Each state of a delivery against the one before, of this quarter or the last one taken. A question is the same while it is about the same check, client and column. What was asked about a file that is missing or was not read this time is still there. Of agencies that send changes only, one quarter says nothing of the next.",
		"Chaque version d'une livraison comparée à la précédente, du même trimestre ou du dernier pris en compte. Une question est la même tant qu'elle porte sur la même vérification, le même client et la même colonne. Ce qui était demandé au sujet d'un fichier absent ou non lu cette fois est toujours là. Pour les organismes qui n'envoient que les changements, un trimestre ne dit rien du suivant."},
	"burndown.now":   {"This quarter against the state before", "Ce trimestre par rapport à la version précédente"},
	"burndown.none":  {"No delivery of the quarter can be compared with one before.", "Aucune livraison du trimestre ne peut être comparée à une précédente."},
	"burndown.chart": {"Questions: still there, new, settled", "Questions : toujours là, nouvelles, réglées"},
	"burndown.all":   {"Every state of every delivery", "Chaque version de chaque livraison"},

	"timeliness.title": {"When each delivery came", "Quand chaque livraison est arrivée"},
	"timeliness.how":   {"Not known: it fell due before this workspace received its first file, so nobody knows when it came.", "Inconnu : c'était dû avant que cet espace reçoive son premier fichier; nul ne sait quand c'est arrivé."},
	"came_on":          {"came on %s", "reçue le %s"}, "on_time": {"in time", "à temps"}, "days_late": {"%d {day|days} late", "%d {jour|jours} de retard"},
	"due_on": {"due on %s, not here", "due le %s, pas reçue"}, "is_late": {"late", "en retard"}, "not_judged": {"not known", "inconnu"},

	"completeness.title": {"How full the columns are", "À quel point les colonnes sont remplies"},
	"completeness.how": {"Share of rows that fill each mapped column. Red: 20 points emptier than in the quarter before. Orange: under 80 % in a column that every client should have. Many columns are rightly empty for most, such as closing dates. Those with a remark stand first.",
		"Part des lignes qui remplissent chaque colonne configurée. Rouge : 20 points de moins qu'au trimestre précédent. Orange : moins de 80 % dans une colonne que chaque client devrait avoir. Bien des colonnes sont à bon droit vides pour la plupart, comme les dates de fermeture. Celles qui portent une remarque viennent d'abord."},
	"emptier": {"became emptier in %s", "moins remplie en %s"}, "often_empty": {"often empty", "souvent vide"},

	"all.title": {"Every result of every check, passes too", "Chaque résultat de chaque vérification, réussites comprises"},
	"all.how": {"What fails in the deliveries of the quarter stands first, and only that is printed; to print all, take the print area away (Page Layout).",
		"Ce qui est en défaut dans les livraisons du trimestre vient d'abord et est seul imprimé; pour tout imprimer, supprimez la zone d'impression (Mise en page)."},
	"how.title": {"How to read this workbook", "Comment lire ce classeur"},

	"how.memory.word": {"What is compared", "Ce qui est comparé"},
	"how.memory": {"Every state of every delivery is checked by the mapping, the checks and the settings of today, so that like stands beside like. What an agency was told at the time is in its letters, which are kept as they went out.",
		"Chaque version de chaque livraison est vérifiée selon la configuration, les vérifications et les paramètres d'aujourd'hui, pour comparer ce qui est comparable. Ce qui a été dit à l'organisme à l'époque est dans ses lettres, conservées telles qu'elles sont parties."},
	"how.to_fix.word":       {"To fix", "À corriger"},
	"how.to_fix":            {"A file is held or a row set aside until it is mended.", "Un fichier est retenu ou une ligne mise de côté jusqu'à ce que ce soit corrigé."},
	"how.to_confirm.word":   {"To confirm", "À confirmer"},
	"how.to_confirm":        {"A doubtful value that counts as it is until it is corrected or confirmed. What was confirmed asks no more and is not counted here.", "Une valeur douteuse qui compte telle quelle jusqu'à ce qu'elle soit corrigée ou confirmée. Ce qui a été confirmé n'est plus demandé et n'est pas compté ici."},
	"how.share.word":        {"Rows with a question", "Lignes en question"},
	"how.share":             {"Rows that have something to fix or to confirm, of all rows read.", "Lignes où il y a quelque chose à corriger ou à confirmer, sur toutes les lignes lues."},
	"how.since.word":        {"Settled, still there, new", "Réglées, toujours là, nouvelles"},
	"how.since":             {"Against the state of the delivery before, or the last quarter that was taken. A question about a client stays the same in whatever file or row it comes again.", "Par rapport à la version précédente de la livraison, ou au dernier trimestre pris en compte. Une question sur un client reste la même dans quelque fichier ou ligne qu'elle revienne."},
	"how.file_no.word":      {"State", "Version"},
	"how.file_no":           {"1 is the delivery as it first came; each day on which something came, and each file that took another's place, makes the next.", "1 est la livraison telle que reçue d'abord; chaque jour où quelque chose arrive, et chaque fichier qui en remplace un autre, fait la suivante."},
	"how.late.word":         {"Days late", "Jours de retard"},
	"how.late":              {"From the day on which the delivery fell due to that of its first file.", "Du jour où la livraison était due à celui de son premier fichier."},
	"how.examined.word":     {"Looked at", "Examinées"},
	"how.examined":          {"The rows (for checks of files: the files) that a check judged. A check that had nothing to look at has no line: it neither passed nor failed.", "Les lignes (pour les vérifications de fichiers : les fichiers) que la vérification a jugées. Une vérification qui n'avait rien à examiner n'a pas de ligne : ni réussite ni échec."},
	"how.completeness.word": {"How full", "Remplissage"},
	"how.completeness":      {"Share of a table's rows with a value that could be read in that column.", "Part des lignes d'une table qui ont dans cette colonne une valeur lisible."},
	"how.private.word":      {"Who may see it", "Qui peut le voir"},
	"how.private":           {"Counts only, nothing of a person; but it compares agencies: for the Coordinating Agency's own use. Each agency's own page stands beside this workbook.", "Des nombres seulement, rien sur une personne; mais il compare les organismes : réservé à l'organisme de coordination. La page de chaque organisme se trouve à côté de ce classeur."},

	"own.title":    {"The quality of your data", "La qualité de vos données"},
	"own.asked":    {"%s to fix and %s to confirm in %s {row|rows}.", "%s à corriger et %s à confirmer dans %s {ligne|lignes}."},
	"own.since":    {"Since your file before: %s settled, %s still there, %s new.", "Depuis votre fichier précédent : réglées : %s; toujours là : %s; nouvelles : %s."},
	"own.first":    {"What to do, gravest first", "Que faire, le plus grave d'abord"},
	"own.nothing":  {"Nothing needs to be done. Thank you.", "Il n'y a rien à faire. Merci."},
	"own.more":     {"and %d more: see the letter", "et %d de plus : voir la lettre"},
	"own.quarters": {"Quarter by quarter", "Par trimestre"},
	"own.chart":    {"Questions about your data", "Questions sur vos données"},
	"own.files":    {"Your files", "Vos fichiers"},
	"own.private":  {"Counts only: the rows are in the letter and the marked files. This page is about your agency alone.", "Des nombres seulement : les lignes sont dans la lettre et les fichiers marqués. Cette page porte sur votre organisme seul."},

	"severity.blocks": {"blocks", "bloque"}, "severity.sets_aside": {"sets aside", "met de côté"}, "severity.please_confirm": {"please confirm", "à confirmer"}, "severity.note": {"note", "note"},
	"class.file": {"file", "fichier"}, "class.row": {"row", "ligne"}, "class.case": {"case", "dossier"}, "class.section": {"section", "section"}, "class.history": {"history", "historique"},

	"state.not_due": {"not due", "pas encore due"}, "state.expected": {"expected", "attendue"}, "state.received": {"received", "reçue"}, "state.paused": {"paused", "en pause"},
	"state.accepted": {"accepted", "acceptée"}, "state.accepted_with_findings": {"accepted with findings", "acceptée avec constats"}, "state.partly_accepted": {"partly accepted", "acceptée en partie"},
	"state.refused": {"refused", "refusée"}, "state.nil": {"nil", "néant"}, "state.excused": {"excused", "dispensée"}, "state.missing": {"missing, past due", "manquante, échéance passée"},
}

// counted are nouns with their plural, English and French.
var counted = map[string][2][2]string{
	"row":    {{"row", "rows"}, {"ligne", "lignes"}},
	"agency": {{"agency", "agencies"}, {"organisme", "organismes"}},
}

func (b *book) word(key string) string {
	w, ok := words[key]
	if !ok {
		b.Keep(fmt.Errorf("no words for %s", key))
	}
	if b.fr {
		return w[1]
	}
	return w[0]
}

func (b *book) count(n int64, noun string) string {
	forms := counted[noun][0]
	one := n == 1
	if b.fr {
		forms, one = counted[noun][1], n < 2
	}
	if one {
		return b.amount(n) + " " + forms[0]
	}
	return b.amount(n) + " " + forms[1]
}

// amount writes a whole number with the language's thousands.
func (b *book) amount(n int64) string {
	s, separator := strconv.FormatInt(n, 10), ","
	if b.fr {
		separator = "\u00a0"
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return s
}

func (b *book) percent(part, whole int64) string {
	if whole == 0 {
		return none
	}
	s := strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64)
	if b.fr {
		return strings.Replace(s, ".", ",", 1) + "\u00a0%"
	}
	return s + "%"
}

func (b *book) quarterLong() string {
	if b.fr {
		return b.quarter.Name("fr") + " (du " + b.quarter.Start().Format(time.DateOnly) + " au " + b.quarter.End().Format(time.DateOnly) + ")"
	}
	return b.quarter.String() + " (" + b.quarter.Start().Format(time.DateOnly) + " to " + b.quarter.End().Format(time.DateOnly) + ")"
}

// state says how a delivery stands.
func (b *book) state(d delivery) string {
	if d.state == "expected" && d.isLate {
		return b.word("state.missing")
	}
	return b.word("state." + d.state)
}

// lateness says whether a delivery came in time.
func (b *book) lateness(d delivery) string {
	switch {
	case d.daysLate.Valid:
		return sheet.Say(b.fr, b.word("days_late"), d.daysLate.Int64)
	case d.isLate && d.state == "expected":
		return fmt.Sprintf(b.word("due_on"), day(d.dueOn))
	case d.isLate:
		return b.word("is_late")
	case d.receivedOn.Valid && d.dueOn.Valid && d.receivedOn.Time.After(d.dueOn.Time):
		return b.word("not_judged") // it fell due before this workspace received anything
	case d.receivedOn.Valid:
		return b.word("on_time")
	}
	return none
}

func day(t sql.NullTime) string {
	if !t.Valid {
		return none
	}
	return t.Time.Format(time.DateOnly)
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
