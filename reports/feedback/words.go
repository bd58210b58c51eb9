package feedback

import (
	"strconv"

	"tributary"
)

// words are the fixed texts in both languages.
var words = map[string][2]string{
	"summary":   {"Summary", "Sommaire"},
	"list":      {"To fix or confirm", "À corriger ou confirmer"},
	"notes":     {"For information", "Pour information"},
	"corrected": {"Corrected for you", "Corrigé pour vous"},
	"since":     {"Since your last file", "Depuis votre dernier fichier"},

	"title": {"Feedback on your delivery for %s", "Rétroaction sur votre livraison pour %s"},
	"trial": {"Answer to your trial for %s", "Réponse à votre essai pour %s"},
	"trial_is": {"This was a trial: nothing is kept of it. To deliver, put the files where you always put them. As a delivery they would be:",
		"Ceci était un essai : rien n'en est conservé. Pour livrer, déposez les fichiers à l'endroit habituel. En livraison, le résultat serait :"},
	"to":      {"To: %s (%s)", "À : %s (%s)"},
	"from":    {"From: %s", "De : %s"},
	"private": {"Holds personal information: do not send by e-mail.", "Contient des renseignements personnels : ne pas envoyer par courriel."},
	"late":    {"It came after the due date, %s.", "Elle est arrivée après l'échéance, le %s."},
	"overdue": {"It was due on %s.", "L'échéance était le %s."},

	"state.not_due":                {"Not due yet", "Pas encore due"},
	"state.expected":               {"Expected: nothing has arrived", "Attendue : rien n'est arrivé"},
	"state.received":               {"Received, not checked yet", "Reçue, pas encore vérifiée"},
	"state.paused":                 {"Paused: nothing of it counts until one question is settled", "En pause : rien n'en est compté avant qu'une question soit réglée"},
	"state.accepted":               {"Accepted", "Acceptée"},
	"state.accepted_with_findings": {"Accepted, with findings: your data count; please look at what is listed", "Acceptée, avec constats : vos données comptent; veuillez examiner ce qui est énuméré"},
	"state.partly_accepted":        {"Partly accepted: a file is missing or could not be used", "Acceptée en partie : un fichier manque ou n'a pu être utilisé"},
	"state.refused":                {"Refused: nothing of it could be used", "Refusée : rien n'a pu en être utilisé"},
	"state.nil":                    {"Nothing to report", "Rien à déclarer"},
	"state.excused":                {"Excused from reporting", "Dispensée de déclarer"},

	"zero":     {"0 things to fix. 0 things to confirm. You need not do anything.", "0 chose à corriger. 0 chose à confirmer. Vous n'avez rien à faire."},
	"counts":   {"%s to fix, %s to confirm", "%s à corriger, %s à confirmer"},
	"explain":  {"%s of %s causes explain %s of %s findings.", "%s causes sur %s expliquent %s constats sur %s."},
	"first":    {"Do this first", "À faire en premier"},
	"first_is": {"%s (%s). What to do: %s.", "%s (%s). Que faire : %s."},
	"how": {"Three ways to answer: correct in your system and send the file again; or correct in the marked copy beside this letter and send that; or type into the yellow cells of this letter and send it back, in the folder that you send your files to.",
		"Trois façons de répondre : corrigez dans votre système et renvoyez le fichier; ou corrigez dans la copie marquée jointe à cette lettre et envoyez-la; ou remplissez les cellules jaunes de cette lettre et renvoyez-la, dans le dossier où vous déposez vos fichiers."},
	"how_two": {"Two ways to answer: correct in your system and send the file again; or correct in the marked copy beside this letter and send that, in the folder that you send your files to.",
		"Deux façons de répondre : corrigez dans votre système et renvoyez le fichier; ou corrigez dans la copie marquée jointe à cette lettre et envoyez-la, dans le dossier où vous déposez vos fichiers."},
	"explain_one": {"1 of %s causes explains %s of %s findings.", "1 cause sur %s explique %s constats sur %s."},
	"colon":       {": ", " : "},
	"marked":      {"Marked copies of your files: %s", "Copies marquées de vos fichiers : %s"},
	"clean":       {"Nothing to correct in: %s", "Rien à corriger dans : %s"},
	"unmarked":    {"Not marked: %s", "Sans copie marquée : %s"},

	"causes":          {"What is wrong, gravest first", "Ce qui ne va pas, le plus grave d'abord"},
	"severity":        {"How serious", "Gravité"},
	"what":            {"What", "Quoi"},
	"where":           {"Column", "Colonne"},
	"sheets":          {"File and sheet", "Fichier et feuille"},
	"rows":            {"Rows", "Lignes"},
	"fix":             {"What to do", "Que faire"},
	"all_right":       {"All are right: yes", "Toutes exactes : oui"},
	"all_why":         {"Why (for all rows)", "Pourquoi (pour toutes les lignes)"},
	"folded":          {"Rows: %s; listed: %s; the marked copy shows more", "Lignes : %s; énumérées : %s; la copie marquée en montre davantage"},
	"bridge":          {"From your rows to the children counted", "De vos lignes aux enfants comptés"},
	"step":            {"Step", "Étape"},
	"count":           {"Count", "Nombre"},
	"reason":          {"Reason", "Raison"},
	"files":           {"Your files", "Vos fichiers"},
	"file":            {"File", "Fichier"},
	"file_state":      {"What became of it", "Ce qu'il en est"},
	"received":        {"Received on", "Reçu le"},
	"file.taken":      {"used", "utilisé"},
	"file.held":       {"held back", "retenu"},
	"file.superseded": {"replaced by a newer file", "remplacé par un fichier plus récent"},
	"file.nil":        {"says that there is nothing to report", "dit qu'il n'y a rien à déclarer"},
	"file.unknown":    {"kept, not used", "conservé, non utilisé"},

	"client":          {"Client id", "N° de client"},
	"date":            {"Date (of the file)", "Date (du fichier)"},
	"message":         {"What is wrong and what to do", "Ce qui ne va pas et ce qu'il faut faire"},
	"value":           {"In your file", "Dans votre fichier"},
	"row":             {"Row", "Ligne"},
	"check":           {"Check", "Vérification"},
	"status":          {"Since last file", "Depuis le dernier fichier"},
	"new":             {"new", "nouveau"},
	"stayed":          {"still there", "toujours là"},
	"corrected_value": {"Corrected value", "Valeur corrigée"},
	"right":           {"Right as it is: yes", "Exact tel quel : oui"},
	"why":             {"Why", "Pourquoi"},
	"list_how": {"Type into the yellow cells: the corrected value, where its cell is yellow; or yes, and why, when it is right as it is; or only why, to explain. Then send this file back.",
		"Remplissez les cellules jaunes : la valeur corrigée, si sa cellule est jaune; ou oui, et pourquoi, si c'est exact tel quel; ou seulement pourquoi, pour expliquer. Renvoyez ensuite ce fichier."},
	"list_none": {"These cannot be answered here: correct them in your system, or in the marked copy, and send the file again.",
		"Ces points ne peuvent être réglés ici : corrigez-les dans votre système, ou dans la copie marquée, et renvoyez le fichier."},
	"notes_how": {"Nothing is required here: what a line proposes may be done in your system when it suits you.",
		"Rien n'est exigé ici : ce qu'une ligne propose peut se faire dans votre système quand il vous conviendra."},
	"said": {"Said before", "Déjà dit"},
	"yes":  {"yes", "oui"},

	"corrected_how": {"We used these values in place of what your file says. Please correct them in your system: each ends when your file says something else.",
		"Nous avons utilisé ces valeurs au lieu de celles de votre fichier. Veuillez les corriger dans votre système : chacune prend fin dès que votre fichier dit autre chose."},
	"was":      {"Your file says", "Votre fichier dit"},
	"used":     {"We use", "Nous utilisons"},
	"not_used": {"(does not fit; not used)", "(ne convient pas; non utilisée)"},
	"who":      {"Stated by", "Déclaré par"},
	"on":       {"On", "Le"},

	"since_is":    {"Compared with %s", "Par rapport à %s"},
	"since_line":  {"Since your last file: %s closed, %s still there, %s new.", "Depuis votre dernier fichier : réglés : %s; toujours là : %s; nouveaux : %s."},
	"since_none":  {"This is the first letter about your files: there is nothing to compare with.", "Ceci est la première lettre sur vos fichiers : il n'y a rien à comparer."},
	"closed":      {"Closed: thank you", "Réglé : merci"},
	"unread_line": {"%s more {is|are} open from before: what you sent now says nothing of {it|them}.", "Encore ouverts d'avant, sans nouvelle dans ce que vous venez d'envoyer : %s."},
	"unread":      {"Still open from before", "Encore ouvert d'avant"},
	"unread_how": {"What you sent now says nothing of these: the client is not in a file of changes, or the file is missing or held back.",
		"Ce que vous venez d'envoyer n'en dit rien : le client n'est pas dans un fichier de changements, ou le fichier manque ou est retenu."},
	"no_closed": {"Nothing that was asked before is settled yet.", "Rien de ce qui était demandé n'est encore réglé."},
	"none":      {"None.", "Aucun."},
	"thousands": {",", "\u00a0"},
	"page":      {"Page &P of &N", "Page &P de &N"},

	"severity.blocks":         {"Must be fixed", "À corriger absolument"},
	"severity.sets_aside":     {"Row not counted until fixed", "Ligne non comptée avant correction"},
	"severity.please_confirm": {"Please confirm or fix", "Veuillez confirmer ou corriger"},
	"severity.note":           {"For information", "Pour information"},
}

// fills are the colours of severities; a word stands beside each, for grey prints.
var fills = map[tributary.Severity]string{
	tributary.Blocks: "FFC7CE", tributary.SetsAside: "FFC7CE", tributary.PleaseConfirm: "FFEB9C", tributary.Note: "DDEBF7",
}

// word is a fixed text in the letter's language.
func (b *book) word(key string) string { return wordIn(b.l.Language, key) }

func wordIn(language, key string) string {
	if language == "fr" {
		return words[key][1]
	}
	return words[key][0]
}

// number writes a count as the letter's language does.
func (b *book) number(n int64) string { return Number(n, b.l.Language) }

// Number writes a count as a language does, en or fr.
func Number(n int64, language string) string {
	s := strconv.FormatInt(n, 10)
	if n < 0 {
		s = s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + wordIn(language, "thousands") + s[i:]
	}
	if n < 0 {
		s = "\u2212" + s
	}
	return s
}
