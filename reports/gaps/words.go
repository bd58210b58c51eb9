package gaps

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/reports/sheet"
)

// words says the fixed texts of one language.
type words struct {
	lang string
	at   int // 0 English, 1 French
}

func (w *words) say(key string, args ...any) string {
	if len(args) == 0 {
		return texts[key][w.at]
	}
	return sheet.Say(w.at == 1, texts[key][w.at], args...)
}

const thin = "\u00a0"

// amount writes a count with the language's thousands.
func (w *words) amount(n float64) string {
	s := strconv.FormatFloat(math.Round(n), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + []string{",", thin}[w.at] + s[i:]
	}
	return s
}

// percent rounds as the page's script does, which is told hundred-thousandths.
func (w *words) percent(v float64) string {
	return strconv.FormatFloat(math.Round(math.Round(v*100_000)*100/100_000), 'f', 0, 64) + []string{"%", thin + "%"}[w.at]
}

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

func (w *words) day(t time.Time) string {
	if w.at == 0 {
		return t.Format("2 January 2006")
	}
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return day + " " + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func (w *words) span(q tributary.Quarter) string {
	return w.say("quarter.long", q.Name(w.lang), w.day(q.Start()), w.day(q.End()))
}

// quarterNames writes quarters as the language does.
func (w *words) quarterNames(quarters ...string) []string {
	out := make([]string, len(quarters))
	for i, text := range quarters {
		if q, err := tributary.ParseQuarter(text); err == nil {
			out[i] = q.Name(w.lang)
		}
	}
	return out
}

// list joins names as a sentence does.
func (w *words) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + []string{" and ", " et "}[w.at] + names[len(names)-1]
}

func upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// texts are the fixed texts, English and French.
var texts = map[string][2]string{
	"wait.late":       {", one in ten longer than %s", ", un sur dix plus de %s"},
	"wait.least":      {"(likely at least %s)", "(probablement au moins %s)"},
	"wait.range":      {"(likely between %s and %s)", "(probablement entre %s et %s)"},
	"wait.half":       {"Half of the children wait longer than %s {day|days} for a service", "La moitié des enfants attendent un service plus de %s {jour|jours}"},
	"n.of":            {"%d of %d", "%d sur %d"},
	"gap.whole":       {"In the whole area it is %s.", "Dans l'ensemble du secteur\u00a0: %s."},
	"title":           {"Gaps in services for children and youth", "Lacunes dans les services aux enfants et aux jeunes"},
	"quarter.long":    {"%s (%s to %s)", "%s (du %s au %s)"},
	"switch":          {"Français", "English"},
	"skip":            {"To the content", "Aller au contenu"},
	"whole":           {"Whole area", "Ensemble du secteur"},
	"all.services":    {"All services", "Tous les services"},
	"all.children":    {"All children", "Tous les enfants"},
	"unknown.place":   {"Municipality not known", "Municipalité non connue"},
	"unknown.service": {"Service not known", "Service non connu"},
	"unknown":         {"not known", "non connu"},

	"q.gap":          {"Where is the largest real gap?", "Où est la plus grande lacune réelle?"},
	"q.silent":       {"Who did not report?", "Qui n'a pas transmis de données?"},
	"q.wait":         {"How long do families wait?", "Combien de temps les familles attendent-elles?"},
	"gap.big":        {"%s in %s", "%s à %s"},
	"gap.text":       {"%s of %s children who need it do not get it: %s (likely between %s and %s).", "%s des %s enfants qui en ont besoin ne le reçoivent pas\u00a0: %s (probablement entre %s et %s)."},
	"gap.real":       {"That is more than chance explains, and the most children of all places and services of which this can be said.", "C'est plus que le hasard n'explique, et le plus d'enfants parmi les endroits et services dont on peut le dire."},
	"gap.next":       {"Next: %s.", "Ensuite\u00a0: %s."},
	"gap.next.one":   {"%s in %s (%s of %s)", "%s à %s (%s de %s)"},
	"gap.none.big":   {"No place stands out", "Aucun endroit ne se démarque"},
	"gap.none":       {"Nowhere are more needs unmet than chance explains.", "Nulle part il n'y a plus de besoins non comblés que le hasard n'explique."},
	"gap.most":       {"Most needs not met: %s, %s of %s in the whole area (%s).", "Le plus de besoins non comblés\u00a0: %s, %s de %s dans l'ensemble du secteur (%s)."},
	"gap.nothing":    {"No need is on file for the quarter.", "Aucun besoin ne figure aux dossiers pour le trimestre."},
	"silent.big":     {"%d of %d agencies", "%d organismes sur %d"},
	"silent.big.one": {"%d of %d agencies", "%d organisme sur %d"},
	"silent.text":    {"Not reported: %s.", "Sans données\u00a0: %s."},
	"silent.what":    {"What they know is missing here; it is not zero.", "Ce qu'ils savent manque ici; ce n'est pas zéro."},
	"silent.nowhere": {"No figure of needs rests on what they send.", "Aucun chiffre sur les besoins ne repose sur leurs données."},
	"silent.where":   {"It matters most for %s.", "Cela touche surtout\u00a0: %s."},
	"silent.none":    {"Every agency reported", "Tous les organismes ont transmis"},
	"silent.all.one": {"The one agency that should report did so for %[2]s.", "Le seul organisme qui devait transmettre des données pour le trimestre %[2]s l'a fait."},
	"silent.all":     {"All %d agencies that should report did so for %s.", "Les %d organismes qui devaient transmettre des données pour le trimestre %s l'ont fait."},
	"wait.big":       {"Half wait more than %s {day|days}", "La moitié attend plus de %s {jour|jours}"},
	"wait.worst":     {"Longest for %s: %s {day|days}.", "Le plus long\u00a0: %s, %s {jour|jours}."},
	"wait.open":      {"For %s it may be longer: more than %s days, for fewer than half of these waits have ended.", "Pour %s, ce peut être plus long\u00a0: plus de %s jours, car moins de la moitié de ces attentes ont pris fin."},
	"wait.queue":     {"On %[2]s, %[1]s waits had not ended; they are counted in.", "Le %[2]s, %[1]s attentes n'avaient pas pris fin; elles sont comptées."},
	"wait.over":      {"more than %s", "plus de %s"},
	"wait.none.big":  {"Not known", "Non connu"},
	"wait.none":      {"No file tells since when children wait.", "Aucun fichier n'indique depuis quand les enfants attendent."},
	"changed":        {"What changed.", "Ce qui a changé."},
	"changed.text":   {"The share of needs that is not met went from %s in %s to %s", "La part des besoins non comblés est passée de %s au %s à %s"},
	"changed.chance": {"; the two ranges overlap, so it may be chance.", "; les deux intervalles se recoupent, ce peut être le hasard."},
	"changed.real":   {"; the two ranges do not overlap.", "; les deux intervalles ne se recoupent pas."},
	"changed.wait":   {"The median wait went from %s to %s days.", "L'attente médiane est passée de %s à %s jours."},
	"changed.broken": {"Not to be said: other agencies reported than in %s, so the figures do not compare.", "On ne peut le dire\u00a0: les organismes qui ont transmis ne sont pas les mêmes qu'au %s, et les chiffres ne se comparent pas."},
	"changed.first":  {"There is no quarter before to compare with.", "Il n'y a pas de trimestre précédent auquel comparer."},
	"unsure":         {"What this does not know.", "Ce que ce rapport ne sait pas."},
	"unsure.needs":   {"Needs that no agency wrote down, and how urgent a need is.", "Les besoins qu'aucun organisme n'a notés, et l'urgence de chacun."},
	"unsure.place":   {"For %s of %s needs the municipality is not known.", "Pour %s des %s besoins, la municipalité n'est pas connue."},
	"unsure.total":   {"No number of children 0 to 17 is loaded: a rate would be per inhabitant.", "Le nombre d'enfants de 0 à 17 ans n'est pas chargé\u00a0: un taux serait par habitant."},
	"unsure.nobody":  {"No population is loaded: there is no rate per inhabitant, only shares of the children known.", "Aucune population n'est chargée\u00a0: pas de taux par habitant, seulement des parts des enfants connus."},
	"reading":        {"How to read it.", "Comment lire."},
	"reading.text":   {"A range says between which values the true one likely lies. ▲ and ▼ are more and less than chance explains. † rests on fewer than %s cases. ◐: not all agencies reported; hatching: none did.", "Un intervalle dit entre quelles valeurs se situe probablement la vraie. ▲ et ▼\u00a0: plus et moins que le hasard n'explique. † repose sur moins de %s cas. ◐\u00a0: tous les organismes n'ont pas transmis; hachures\u00a0: aucun ne l'a fait."},

	"sheet.short":    {"In short", "En bref"},
	"sheet.need":     {"Need and service", "Besoins et services"},
	"sheet.waits":    {"Waits", "Attente"},
	"sheet.groups":   {"By group", "Par groupe"},
	"sheet.time":     {"Over time", "Dans le temps"},
	"sheet.supply":   {"Supply", "Offre"},
	"sheet.paths":    {"Pathways", "Parcours"},
	"sheet.process":  {"Process", "Processus"},
	"sheet.partners": {"Partners", "Partenaires"},
	"sheet.closing":  {"Closing the gaps", "Combler les lacunes"},
	"sheet.reported": {"Who reported", "Qui a transmis"},
	"sheet.methods":  {"Methods", "Méthodes"},
	"sheet.all":      {"All figures", "Tous les chiffres"},

	"place":            {"Municipality", "Municipalité"},
	"service":          {"Service", "Service"},
	"group":            {"Group", "Groupe"},
	"quarter":          {"Quarter", "Trimestre"},
	"measure":          {"Measure", "Mesure"},
	"identified":       {"Found in the quarter", "Constatés dans le trimestre"},
	"received":         {"Receive it", "Le reçoivent"},
	"waiting":          {"Wait for it", "L'attendent"},
	"not.there":        {"Not available", "Non disponible"},
	"need.of":          {"Needs on file", "Besoins aux dossiers"},
	"need.unmet":       {"Not met", "Non comblés"},
	"share":            {"Share", "Part"},
	"between":          {"Likely between", "Probablement entre"},
	"low":              {"Low", "Bas"},
	"high":             {"High", "Haut"},
	"reads":            {"Reading", "Lecture"},
	"rank":             {"Rank", "Rang"},
	"rank.range":       {"%d (%d to %d)", "%d (%d à %d)"},
	"coverage":         {"Who reported here", "Qui a transmis ici"},
	"queue":            {"Waiting", "En attente"},
	"median":           {"Median days", "Jours, médiane"},
	"p90":              {"One in ten waits longer than", "Un sur dix attend plus de"},
	"joined":           {"Joined", "Inscrits"},
	"left":             {"Left", "Sortis"},
	"value":            {"Figure", "Chiffre"},
	"table":            {"Table", "Tableau"},
	"in.table":         {"The same figures stand in the table below.", "Les mêmes chiffres figurent dans le tableau ci-dessous."},
	"high.reading":     {"more than chance explains", "plus que le hasard n'explique"},
	"low.reading":      {"less than chance explains", "moins que le hasard n'explique"},
	"within":           {"within chance", "dans les limites du hasard"},
	"small":            {"few cases", "peu de cas"},
	"silent":           {"nobody reported", "aucune donnée transmise"},
	"silent.short":     {"no report", "sans données"},
	"no.figure":        {"no figure", "aucun chiffre"},
	"hidden":           {"*", "*"},
	"hidden.reading":   {"hidden, so that nobody can be recognized", "masqué, afin que personne ne puisse être reconnu"},
	"all.reported":     {"all %d agencies expected here", "les %d organismes attendus ici"},
	"all.reported.one": {"the one agency expected here", "le seul organisme attendu ici"},
	"not.reported":     {"%d of %d agencies expected here did not report", "%d organismes sur %d attendus ici n'ont pas transmis"},
	"not.reported.one": {"%d of %d agencies expected here did not report", "%d organisme sur %d attendus ici n'a pas transmis"},
	"none.reported":    {"the one agency expected here did not report", "le seul organisme attendu ici n'a pas transmis"},
	"filters":          {"Filter the pictures and tables", "Filtrer les graphiques et tableaux"},
	"reset":            {"Show all", "Tout afficher"},
	"shown":            {"Shown: %s.", "Affiché\u00a0: %s."},
	"shown.value":      {"Whole area: %s not met (%s of %s).", "Ensemble du secteur\u00a0: %s non comblés (%s de %s)."},
	"shown.none":       {"No figure for the whole area.", "Aucun chiffre pour l'ensemble du secteur."},
	"days":             {"%s days", "%s jours"},
	"of":               {"(%s of %s)", "(%s de %s)"},
	"broken":           {"other agencies reported than before", "autres organismes que le trimestre précédent"},

	"p.where":       {"Needs not met, by municipality", "Besoins non comblés, par municipalité"},
	"p.where.lead":  {"Of the needs on file (a child and a service, counted once), the share that waits or is not available. Ranked, with the range in which the true share likely lies.", "Parmi les besoins aux dossiers (un enfant et un service, comptés une fois), la part en attente ou non disponible. En ordre, avec l'intervalle où se situe probablement la vraie part."},
	"p.which":       {"Needs not met, by service", "Besoins non comblés, par service"},
	"p.which.lead":  {"The same share by service, in the whole area.", "La même part par service, dans l'ensemble du secteur."},
	"p.who":         {"Needs not met, by group of children", "Besoins non comblés, par groupe d'enfants"},
	"p.who.lead":    {"The same share by age, language and identity, in the whole area.", "La même part selon l'âge, la langue et l'identité, dans l'ensemble du secteur."},
	"p.waits":       {"How long children wait, by service", "Combien de temps les enfants attendent, par service"},
	"p.waits.lead":  {"Days until half of the children have the service, with its range; the short line is the day that one in ten waits beyond. Those still waiting are counted in, so the figures are of waits, not only of waits that ended.", "Jours jusqu'à ce que la moitié des enfants aient le service, avec l'intervalle; le petit trait est le jour au-delà duquel un sur dix attend encore. Ceux qui attendent encore sont comptés."},
	"p.waits2":      {"How long children wait, by municipality", "Combien de temps les enfants attendent, par municipalité"},
	"p.waits2.lead": {"The same by municipality. Choose a service above.", "La même chose par municipalité. Choisissez un service ci-dessus."},
	"p.time":        {"Over the quarters, by service", "Au fil des trimestres, par service"},
	"p.time.lead":   {"The share without the service. A line is broken where other agencies reported than in the quarter before: the two sides do not compare.", "La part sans le service. Une ligne est brisée là où les organismes qui ont transmis ne sont pas ceux du trimestre précédent\u00a0: les deux côtés ne se comparent pas."},
	"p.time2":       {"Over the quarters, by municipality", "Au fil des trimestres, par municipalité"},
	"p.time2.lead":  {"The same by municipality.", "La même chose par municipalité."},
	"key.dots":      {"● within chance, ▲ more, ▼ less than chance explains; hollow: few cases (†); line: the likely range; dashed: the whole area; ◐: not all agencies reported here.", "● dans les limites du hasard, ▲ plus, ▼ moins que le hasard n'explique; vide\u00a0: peu de cas (†); trait\u00a0: intervalle probable; tirets\u00a0: ensemble du secteur; ◐\u00a0: tous n'ont pas transmis ici."},
	"key.panels":    {"Scale 0 to 100 %. Band: the likely range. Dashed upright line: other agencies reported from here on.", "Échelle de 0 à 100 %. Bande\u00a0: intervalle probable. Trait vertical\u00a0: autres organismes à partir d'ici."},
	"map.label":     {"Map of the municipalities by the share of needs not met. The same figures stand in the table below.", "Carte des municipalités selon la part des besoins non comblés. Les mêmes chiffres figurent dans le tableau ci-dessous."},
	"map.tiles":     {"Squares in order of name: where they stand says nothing.", "Carrés en ordre de nom\u00a0: leur place ne dit rien."},
	"map.drawn":     {"Borders as in the workspace's file, drawn without their small turns.", "Limites d'après le fichier de l'espace de travail, sans leurs petits détours."},
	"legend.hidden": {"* hidden, so that nobody can be recognized.", "* masqué, afin que personne ne puisse être reconnu."},
	"legend.none":   {"no figure", "aucun chiffre"},
	"legend.part":   {"◐ not all agencies reported there.", "◐ tous n'y ont pas transmis de données."},
	"legend.more":   {"▲ thick border: more than chance explains", "▲ trait épais\u00a0: plus que le hasard n'explique"},
	"legend.less":   {"▼ beside the share: less than chance explains.", "▼ à côté de la part\u00a0: moins que le hasard n'explique."},
	"up.to":         {"%s to %s", "%s à %s"},

	"need.lead":         {"By municipality and service: needs on file (a child and a service, counted once however many agencies know of it), how many are not met (waiting or not available), the share and the range in which the true one likely lies.", "Par municipalité et service\u00a0: besoins aux dossiers (un enfant et un service, comptés une fois quel que soit le nombre d'organismes qui le savent), combien ne sont pas comblés (en attente ou non disponible), la part et l'intervalle où se situe probablement la vraie."},
	"need.matrix":       {"Share not met, municipality by service", "Part non comblée, municipalité par service"},
	"need.matrix.lead":  {"▲ more, ▼ less than chance explains; † few cases; ◐ not all agencies reported; / nobody reported; – no need on file.", "▲ plus, ▼ moins que le hasard n'explique; † peu de cas; ◐ tous n'ont pas transmis; / aucune donnée transmise; – aucun besoin au dossier."},
	"need.chart":        {"Share of needs not met, by municipality (line: the likely range)", "Part des besoins non comblés, par municipalité (trait\u00a0: intervalle probable)"},
	"need.chart2":       {"Share of needs not met, by service (line: the likely range)", "Part des besoins non comblés, par service (trait\u00a0: intervalle probable)"},
	"need.list":         {"All figures of the matrix", "Tous les chiffres du tableau"},
	"wait.chart":        {"Median days of waiting by service (line: the likely range)", "Jours d'attente médians par service (trait\u00a0: intervalle probable)"},
	"wait.by.place":     {"By municipality, all services", "Par municipalité, tous les services"},
	"wait.by.both":      {"By municipality and service", "Par municipalité et service"},
	"groups.lead":       {"Age, language and identity as the files tell them; a child without an entry stands under not known.", "Âge, langue et identité d'après les fichiers; un enfant sans inscription figure sous non connu."},
	"time.chart":        {"Share of needs not met, whole area", "Part des besoins non comblés, ensemble du secteur"},
	"time.lead":         {"A figure with | was told by other agencies than the quarter before; the line breaks there. / says that nobody reported.", "Un chiffre suivi de | vient d'autres organismes que le trimestre précédent; la ligne s'y brise. / indique qu'aucune donnée n'a été transmise."},
	"supply.lead":       {"What is offered where, and how many children are served away from home. Agencies that served are those whose files say that a child got the service; places are the register's; a blank is not a zero.", "Ce qui est offert et où, et combien d'enfants sont servis loin de chez eux. Les organismes ayant servi sont ceux dont les fichiers disent qu'un enfant a reçu le service; les places viennent du registre; un vide n'est pas un zéro."},
	"offering":          {"Agencies that served", "Organismes ayant servi"},
	"places":            {"Places", "Places"},
	"away":              {"Served away from home", "Servis hors de chez eux"},
	"paths.lead":        {"Referrals of the quarter by where they came from or went to, and what became of them.", "Aiguillages du trimestre selon leur provenance ou destination, et leur suite."},
	"direction":         {"Direction", "Sens"},
	"category":          {"Partner", "Partenaire"},
	"kind":              {"Kind", "Genre"},
	"outcome":           {"Outcome", "Suite"},
	"referrals":         {"Referrals", "Aiguillages"},
	"process.lead":      {"Local rules of time: the first meeting and the review. The days and months are settings.", "Délais locaux\u00a0: première rencontre et révision. Les jours et mois sont des réglages."},
	"partners.lead":     {"Categories of partner that a Coordinating Agency is expected to work with, and whether an agreement is in force and data come.", "Catégories de partenaires avec lesquelles un organisme coordonnateur doit travailler, et si une entente est en vigueur et des données arrivent."},
	"closing.lead":      {"What closing each gap would take, by a stated rule. It is arithmetic on today's queue, not a plan: it knows no staff, money or need that comes next.", "Ce qu'il faudrait pour combler chaque lacune, selon une règle énoncée. C'est un calcul sur la file d'aujourd'hui, non un plan\u00a0: il ne connaît ni personnel, ni budget, ni besoins à venir."},
	"needed":            {"It would take", "Il faudrait"},
	"rule":              {"Rule", "Règle"},
	"reported.lead":     {"State of each agency's delivery. An agency that did not report is missing from the figures, it is not zero.", "État de la livraison de chaque organisme. Un organisme qui n'a pas transmis manque aux chiffres, ce n'est pas zéro."},
	"reported.where":    {"Where it is missing: agencies that did not report, of those that serve the municipality", "Où cela manque\u00a0: organismes sans données, parmi ceux qui desservent la municipalité"},
	"agency":            {"Agency", "Organisme"},
	"none":              {"Nothing is on file for the quarter.", "Rien ne figure aux dossiers pour le trimestre."},
	"method":            {"Method", "Méthode"},
	"figure.id":         {"Id", "Id"},
	"of.head":           {"Of", "De"},
	"count.head":        {"Count", "Nombre"},
	"agencies.reported": {"Agencies reporting", "Organismes ayant transmis"},
	"agencies.expected": {"Agencies expected", "Organismes attendus"},
	"line.broken":       {"Line broken", "Ligne brisée"},
	"yes":               {"yes", "oui"},
	"help":              {"Small numbers can show a person: hide them before this goes further than the ministry.", "Les petits nombres peuvent révéler une personne\u00a0: masquez-les avant de diffuser plus loin que le ministère."},

	"m.what":          {"What is counted", "Ce qui est compté"},
	"m.what.text":     {"Needs: a child and a service, one pair counted once across agencies where the child could be linked, in the state that the newest accepted file of each agency tells at the end of the quarter. A need is not met when the child waits for the service or it is not available.", "Des besoins\u00a0: un enfant et un service, une paire comptée une seule fois entre les organismes lorsque l'enfant a pu être jumelé, dans l'état qu'indique le plus récent fichier accepté de chaque organisme à la fin du trimestre. Un besoin n'est pas comblé quand l'enfant attend le service ou qu'il n'est pas disponible."},
	"m.interval":      {"Ranges", "Intervalles"},
	"m.interval.text": {"Each range is a 95 % interval of a kind fit for small counts, named beside each figure on the sheet of all figures: exact Poisson (Garwood) for counts and rates, Wilson for shares, log-log Greenwood (Brookmeyer-Crowley for the median) for waits.", "Chaque intervalle est à 95 %, d'un genre qui convient aux petits nombres, nommé à côté de chaque chiffre sur la feuille de tous les chiffres\u00a0: Poisson exact (Garwood) pour les nombres et taux, Wilson pour les parts, Greenwood log-log (Brookmeyer-Crowley pour la médiane) pour l'attente."},
	"m.funnel":        {"More or less than chance explains", "Plus ou moins que le hasard n'explique"},
	"m.funnel.text":   {"Each place is held against the whole area by funnel limits for its own size. Where many places are looked at, some fall outside by chance alone; the limits are therefore widened for the number of comparisons, as the method beside each figure says. A rank has a range too: where ranges overlap, the order is not known.", "Chaque endroit est comparé à l'ensemble du secteur selon des limites en entonnoir propres à sa taille. Quand on regarde beaucoup d'endroits, certains en sortent par pur hasard; les limites sont donc élargies selon le nombre de comparaisons, comme le dit la méthode à côté de chaque chiffre. Un rang a aussi un intervalle\u00a0: là où ils se recoupent, l'ordre n'est pas connu."},
	"m.cover":         {"Who reported", "Qui a transmis"},
	"m.cover.text":    {"Beside each figure stands how many of the agencies that should report there did so. What was not reported is missing, never zero. A line over the quarters breaks where the set of reporting agencies changed.", "À côté de chaque chiffre figure le nombre d'organismes attendus à cet endroit qui ont transmis. Ce qui n'a pas été transmis manque, ce n'est jamais zéro. Une ligne dans le temps se brise là où l'ensemble des organismes a changé."},
	"m.wait":          {"Waits", "Attente"},
	"m.wait.text":     {"By Kaplan and Meier: children who still wait are counted with the days they have waited so far, so that long waits that have not ended are not forgotten. Where fewer than half have left the queue there is no median. The page of services for families tells another number, how long those who wait now have waited so far: whoever got the service soon is not in it.", "Selon Kaplan et Meier\u00a0: les enfants qui attendent encore sont comptés avec les jours d'attente à ce jour, afin que les longues attentes non terminées ne soient pas oubliées. Lorsque moins de la moitié sont sortis de la file, il n'y a pas de médiane. La page des services pour les familles donne un autre chiffre, l'attente à ce jour de ceux qui attendent encore\u00a0: qui a vite reçu le service n'y est pas."},
	"m.small":         {"Few children", "Peu d'enfants"},
	"m.hidden.text": {"* marks figures that are hidden because they would tell of fewer than %s cases (a setting), or because others could be worked out from them, also with what was published before. Waits are shown where at least four times as many have ended. Groups of children, pathways, time limits and reasons are left out of this copy.",
		"* marque les chiffres masqués, soit parce qu'ils porteraient sur moins de %s cas (un réglage), soit parce que d'autres pourraient en être déduits, y compris à l'aide de ce qui a déjà été publié. L'attente est indiquée si au moins quatre fois plus d'attentes ont pris fin. Cette copie omet les groupes d'enfants, les parcours, les délais et les motifs."},
	"m.own": {"Numbers of one agency", "Chiffres d'un seul organisme"},
	"m.own.text": {"Figures are hidden by how many cases they tell of, not by how many agencies they come from: where one agency alone reported, the figure is that agency's own number.",
		"Les chiffres sont masqués selon le nombre de cas, non selon le nombre d'organismes dont ils proviennent\u00a0: là où un seul organisme a transmis, le chiffre est celui de cet organisme."},
	"m.own.services": {"In %s one agency alone reported of: %s.", "Au %s, un seul organisme a transmis au sujet de\u00a0: %s."},
	"hidden.text":    {"A range says between which values the true one likely lies. ▲ and ▼ are more and less than chance explains. * is hidden because it would tell of fewer than %s cases, or others could be worked out from it. ◐: not all agencies reported; hatching: none did.", "Un intervalle dit entre quelles valeurs se situe probablement la vraie. ▲ et ▼\u00a0: plus et moins que le hasard n'explique. * est masqué parce qu'il porterait sur moins de %s cas ou permettrait d'en déduire d'autres. ◐\u00a0: tous les organismes n'ont pas transmis; hachures\u00a0: aucun ne l'a fait."},
	"for.public":     {"for the public", "à l'intention du public"},
	"for.partners":   {"for partners", "à l'intention des partenaires"},
	"m.small.text":   {"† marks figures that rest on fewer than %s cases (a setting). Nothing is hidden here: this copy is for the Coordinating Agency and the ministry.", "† marque les chiffres qui reposent sur moins de %s cas (un réglage). Rien n'est masqué ici\u00a0: cette copie est destinée à l'organisme coordonnateur et au ministère."},
	"m.people":       {"Population", "Population"},
	"m.derived":      {"Standing", "Statut"},
	"m.derived.text": {"All measures here are derived from public guidelines; none is the ministry's.", "Toutes les mesures sont dérivées de lignes directrices publiques; aucune n'est celle du ministère."},
	"cites":          {"from", "d'après"},

	"state.accepted":               {"reported", "transmis"},
	"state.accepted_with_findings": {"reported", "transmis"},
	"state.partly_accepted":        {"reported in part", "transmis en partie"},
	"state.nil":                    {"nil: nothing to report", "néant\u00a0: rien à signaler"},
	"state.excused":                {"excused", "dispensé"},
	"state.expected":               {"not reported", "non transmis"},
	"state.received":               {"not yet taken", "pas encore pris"},
	"state.paused":                 {"paused", "en suspens"},
	"state.refused":                {"refused", "refusé"},
	"state.not_due":                {"not due", "pas encore dû"},
	"programme":                    {"Programme", "Programme"},
	"agreement":                    {"Agreement in force", "Entente en vigueur"},
	"sends":                        {"Data come", "Des données arrivent"},
	"agencies":                     {"Agencies", "Organismes"},
	"no":                           {"no", "non"},
	"places.needed":                {"Places it would take", "Places qu'il faudrait"},
	"hours.needed":                 {"Hours it would take", "Heures qu'il faudrait"},
	"closing.rest":                 {"%d more {line stands|lines stand} in the workbook.", "%d {autre ligne figure|autres lignes figurent} dans le classeur."},
	"percent":                      {"%s%%", "%s\u00a0%%"},
	"shortened":                    {"Left out here.", "Laissé de côté ici."},
	"shortened.text":               {"Groups of children in earlier quarters, to keep the page small; the workbook has them.", "Les groupes d'enfants des trimestres précédents, pour que la page reste légère; le classeur les contient."},
	"m.people.children":            {"Rates are per 1,000 children 0 to 17 on %s (%s).", "Les taux sont pour 1 000 enfants de 0 à 17 ans au %s (%s)."},
	"m.people.population":          {"Rates are per 1,000 inhabitants of all ages on %s (%s), since no number of children 0 to 17 is loaded (tributary reference load).", "Les taux sont pour 1 000 habitants de tous âges au %s (%s), le nombre d'enfants de 0 à 17 ans n'étant pas chargé (tributary reference load)."},
	"m.people.none":                {"No population is loaded, so there are no rates (tributary reference load).", "Aucune population n'est chargée\u00a0: il n'y a pas de taux (tributary reference load)."},
	"sheet.matrix":                 {"Place by service", "Lieu par service"},
	"need.states":                  {"What became of the needs, by service", "Ce que sont devenus les besoins, par service"},
	"need.reasons":                 {"Why a service was not available, whole area", "Pourquoi un service n'était pas disponible, ensemble du secteur"},
	"reason":                       {"Reason", "Motif"},
	"time.from":                    {"Same agencies from %s on", "Mêmes organismes dès le %s"},
	"statistic":                    {"Statistic", "Statistique"},
	"area":                         {"Area", "Secteur"},
	"all.lead":                     {"Figures of the quarter by place and service, and by group in the whole area. Filter by the arrows of the headings.", "Chiffres du trimestre par lieu et service, et par groupe dans l'ensemble du secteur. Filtrez par les flèches des en-têtes."},
	"colon":                        {":", "\u00a0:"},
	"supply.service":               {"Supply by service", "Offre par service"},
	"supply.place":                 {"Supply by municipality", "Offre par municipalité"},
	"open":                         {"fewer than half have been served", "moins de la moitié ont été servis"},

	// Codes of referrals, as the seeds of sql name them; a test holds that none is missing.
	"code.accepted":             {"Accepted", "Accepté"},
	"code.access_mechanism":     {"Local access mechanism", "Mécanisme d'accès local"},
	"code.autism":               {"Autism provider", "Fournisseur en autisme"},
	"code.autism_diagnosis":     {"Autism diagnostic hub", "Carrefour diagnostique en autisme"},
	"code.autism_intake":        {"Ontario Autism Program intake", "Accueil du Programme ontarien des services en autisme"},
	"code.child_care":           {"Child care and EarlyON", "Garde d'enfants et ON y va"},
	"code.child_welfare":        {"Child welfare", "Protection de l'enfance"},
	"code.coordinating_agency":  {"Coordinating Agency", "Organisme coordonnateur"},
	"code.csp":                  {"Coordinated Service Planning", "Planification coordonnée des services"},
	"code.declined":             {"Not accepted", "Non accepté"},
	"code.fasd_clinic":          {"FASD diagnostic clinic", "Clinique de diagnostic ETCAF"},
	"code.health":               {"Home and community care", "Soins à domicile et en milieu communautaire"},
	"code.hospital":             {"Hospital", "Hôpital"},
	"code.hub":                  {"SmartStart Hub", "Carrefour SmartStart"},
	"code.in":                   {"In", "Reçu"},
	"code.indigenous":           {"Indigenous service provider", "Fournisseur de services autochtone"},
	"code.infant_development":   {"Infant and child development", "Développement du nourrisson et de l'enfant"},
	"code.infant_hearing":       {"Infant Hearing Program", "Programme de dépistage auditif"},
	"code.information":          {"Information only", "Renseignements seulement"},
	"code.information_only":     {"Information only", "Renseignements seulement"},
	"code.lost":                 {"Lost: nothing heard for 90 days", "Perdu\u00a0: sans nouvelles depuis 90 jours"},
	"code.low_vision":           {"Blind and low vision", "Cécité et basse vision"},
	"code.mental_health":        {"Mental health lead agency", "Organisme responsable en santé mentale"},
	"code.municipality":         {"Municipality", "Municipalité"},
	"code.open":                 {"Open", "En cours"},
	"code.other":                {"Other", "Autre"},
	"code.out":                  {"Out", "Envoyé"},
	"code.physician":            {"Physician", "Médecin"},
	"code.preschool_speech":     {"Preschool speech and language", "Parole et langage préscolaires"},
	"code.public_health":        {"Healthy Babies Healthy Children", "Bébés en santé, enfants en santé"},
	"code.respite":              {"Respite", "Répit"},
	"code.school_board":         {"School board", "Conseil scolaire"},
	"code.self":                 {"Family or self", "Famille ou soi-même"},
	"code.service_coordination": {"Agency that coordinates services", "Organisme de coordination de services"},
	"code.settlement":           {"Housing and settlement", "Logement et établissement"},
	"code.supported":            {"Supported access", "Accès accompagné"},
	"code.treatment_centre":     {"Children's treatment centre", "Centre de traitement pour enfants"},
	"code.unknown":              {"Not known", "Non connu"},
	"code.waiting":              {"On a wait list", "Sur une liste d'attente"},
	"code.withdrew":             {"Family withdrew", "Retrait de la famille"},
}
