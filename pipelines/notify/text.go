package notify

import (
	"fmt"
	"strings"
	"text/template"
	"time"

	"tributary"
)

// words are the states and severities as people read them, English and French.
var words = map[string][2]string{
	"not_due": {"not due", "non échue"}, "expected": {"expected", "attendue"}, "received": {"received", "reçue"}, "paused": {"paused", "en pause"},
	"accepted": {"accepted", "acceptée"}, "accepted_with_findings": {"accepted, with points to confirm", "acceptée, avec des points à confirmer"},
	"partly_accepted": {"accepted in part", "acceptée en partie"}, "refused": {"refused", "refusée"}, "nil": {"nothing to report", "rien à déclarer"},
	"excused": {"excused", "dispensée"}, "late": {"late", "en retard"},
	"blocks": {"to be mended first", "à corriger d'abord"}, "sets_aside": {"rows set aside", "lignes mises de côté"},
	"please_confirm": {"to confirm", "à confirmer"}, "note": {"to know", "à savoir"},
}

// texts are subject and body of each kind, English and French.
var texts = map[Kind][2][2]string{
	Reminder: {{"{{.Quarter}}: files of {{.Name}} are due on {{day .DueOn}}", `The files of {{.Name}} ({{.Agency}}) for {{.Quarter}} ({{months}}) are due on {{day .DueOn}}. Nothing has come yet.

If there is nothing to report, please say so: a small text file with the words "nil report" is enough.
`}, {"{{.Quarter}}, {{.Name}} : fichiers attendus le {{day .DueOn}}", `Les fichiers pour {{.Quarter}}, {{months}} ({{.Name}}, {{.Agency}}), sont attendus au plus tard le {{day .DueOn}}. Rien n'est encore arrivé.

S'il n'y a rien à déclarer, veuillez le dire : un petit fichier texte avec les mots « rien à déclarer » suffit.
`}},
	Late: {{"{{.Quarter}}: files of {{.Name}} are late", `The files of {{.Name}} ({{.Agency}}) for {{.Quarter}} ({{months}}) were due on {{day .DueOn}} and have not come.

Please put them in the usual place. If there is nothing to report, or you need more time, please tell us.
`}, {"{{.Quarter}}, {{.Name}} : fichiers en retard", `Les fichiers pour {{.Quarter}}, {{months}} ({{.Name}}, {{.Agency}}), étaient attendus le {{day .DueOn}} et ne sont pas arrivés.

Veuillez les déposer à l'endroit habituel. S'il n'y a rien à déclarer, ou s'il vous faut plus de temps, veuillez nous le dire.
`}},
	Received: {{"{{.Quarter}}: files of {{.Name}} were received: {{word .State}}", `Files received of {{.Name}} ({{.Agency}}) for {{.Quarter}} ({{months}}): {{.Files}}. The delivery is {{word .State}}.
{{range counts}}
{{.}}{{end}}{{if counts}}
{{end}}
Where letters are sent back, the folder "feedback" beside your files holds one that explains each point. Details are never sent by mail.
`}, {"{{.Quarter}}, {{.Name}} : fichiers arrivés, livraison {{word .State}}", `Fichiers arrivés pour {{.Quarter}}, {{months}} ({{.Name}}, {{.Agency}}) : {{.Files}}. La livraison est {{word .State}}.
{{range counts}}
{{.}}{{end}}{{if counts}}
{{end}}
Si une lettre est retournée, elle se trouve dans le dossier « feedback » à côté de vos fichiers et explique chaque point. Aucun détail n'est envoyé par courriel.
`}},
	Failed: {{"Tributary: the run of {{.Quarter}} failed", `The scheduled run of {{.Quarter}} did not finish. What was published before stays; it is tried again.

Why: see the log of the service, or run by hand: tributary run --quarter {{.Quarter}}
`}, {"Tributary : le traitement de {{.Quarter}} a échoué", `Le traitement planifié de {{.Quarter}} ne s'est pas terminé. Ce qui était publié le demeure; un nouvel essai aura lieu.

Pourquoi : voir le journal du service, ou lancer à la main : tributary run --quarter {{.Quarter}}
`}},
	Ready: {{"{{.Quarter}} is ready to approve", `Every delivery of {{.Quarter}} is in, nil or excused, and nothing blocks.

Next: tributary submit prepare, then the approver reads the page in kept/submissions.
`}, {"{{.Quarter}} est prêt à être approuvé", `Toutes les livraisons de {{.Quarter}} sont arrivées, sans données ou dispensées, et rien ne bloque.

Ensuite : tributary submit prepare, puis la personne qui approuve lit la page dans kept/submissions.
`}},
	Digest: {{"Deliveries of {{.Quarter}}", `{{range lines}}{{.}}
{{end}}
Details: tributary status
`}, {"Livraisons de {{.Quarter}}", `{{range lines}}{{.}}
{{end}}
Détails : tributary status
`}},
}

var monthsFR = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// French writes a space before a colon.
var (
	count = [2]string{"%s: %d", "%s : %d"}
	says  = [2]string{"%s: %s", "%s : %s"}
	// unread follows a delivery's state in a digest.
	unread = [2]string{", its source could not be read since %s", ", sa source n'a pu être lue depuis le %s"}
)

// Text returns subject and body in the notice's language.
func (n Notice) Text() (subject, body string, err error) {
	lang := 0
	if n.Language == "fr" {
		lang = 1
	}
	word := func(w string) string {
		if both, ok := words[w]; ok {
			return both[lang]
		}
		return w
	}
	t := template.New("").Funcs(template.FuncMap{
		"word": word, "day": func(at time.Time) string { return day(at, lang) },
		"months": func() string { return months(n.Quarter, lang) },
		"counts": func() (out []string) {
			for _, s := range []tributary.Severity{tributary.Blocks, tributary.SetsAside, tributary.PleaseConfirm, tributary.Note} {
				if n.Findings[s] > 0 {
					out = append(out, fmt.Sprintf(count[lang], word(string(s)), n.Findings[s]))
				}
			}
			return out
		},
		"lines": func() (out []string) {
			for _, l := range n.Lines {
				text := fmt.Sprintf(says[lang], l.Agency, word(l.State))
				if l.IsLate {
					text += ", " + word("late")
				}
				if l.UnreadSince != "" {
					text += fmt.Sprintf(unread[lang], l.UnreadSince)
				}
				if l.UnreadWhy != "" {
					text = fmt.Sprintf(says[lang], text, l.UnreadWhy)
				}
				out = append(out, text)
			}
			return out
		},
	})
	for i, into := range []*string{&subject, &body} {
		parsed, err := t.Parse(texts[n.Kind][lang][i])
		if err != nil {
			return "", "", err
		}
		var b strings.Builder
		if err := parsed.Execute(&b, n); err != nil {
			return "", "", err
		}
		*into = b.String()
	}
	if n.From != "" {
		body += "\n" + n.From + "\n"
	}
	return subject, body, nil
}

// months are those of a quarter, for people who do not count in fiscal years.
func months(q tributary.Quarter, lang int) string {
	from, to := q.Start(), q.End()
	if lang == 0 {
		return fmt.Sprintf("%s to %s", from.Month(), to.Format("January 2006"))
	}
	return fmt.Sprintf("%s à %s %d", monthsFR[from.Month()-1], monthsFR[to.Month()-1], to.Year())
}

func day(at time.Time, lang int) string {
	if lang == 0 {
		return at.Format("January 2, 2006")
	}
	number := fmt.Sprint(at.Day())
	if at.Day() == 1 {
		number = "1er"
	}
	return fmt.Sprintf("%s %s %d", number, monthsFR[at.Month()-1], at.Year())
}
