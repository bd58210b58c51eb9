package ministry

import (
	"strconv"
	"strings"
)

// definitions prints what each measure counts, whom it leaves out, and on whose word.
func (b *book) definitions() {
	p := b.page(frame{name: "sheet_definitions", widths: []float64{36, 62, 30, 13, 19, 22}, header: 3, fixed: 1})
	defer p.finish()
	p.heading(b.words["title_definitions"])
	p.heads(0, 0, b.words["measure"], b.words["definition"], b.words["kind"], b.words["unit"], b.words["version"], b.words["source"])
	for _, d := range b.rel.definitions {
		if !b.rel.told[d.measure] {
			continue
		}
		text := d.definition
		if rules := b.rel.rules[d.measure]; len(rules) > 0 {
			text = strings.TrimSpace(text + "\n" + b.words.say("left_out", strings.Join(rules, "; ")))
		}
		version := strconv.FormatInt(d.version, 10)
		if d.since != "" {
			version = b.words.say("since", version, d.since)
		}
		small := look{wrap: true, border: "thin", size: 9}
		p.text(1, d.label+"\n"+d.measure, look{wrap: true, border: "thin", bold: true})
		p.text(2, text, small)
		p.text(3, b.words.term("kind", d.kind)+"\n"+b.words.term("basis", d.basis), small)
		p.text(4, b.words.term("unit", d.unit), small)
		p.text(5, version, small)
		p.text(6, Cites(d.cites, p.rel.lang), small)
		p.next()
	}
}

// citesFR are the words in which our own measures say where they come from. Another pack's stay as they
// are written.
var citesFR = strings.NewReplacer(`"Service Information Gathering, Coordination and Integration"`, "«\u00a0Service Information Gathering, Coordination and Integration\u00a0»",
	`"Service Co-ordination Guidelines for Leeds & Grenville"`, "«\u00a0Service Co-ordination Guidelines for Leeds & Grenville\u00a0»",
	`"Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington"`, "«\u00a0Service Integration Guidelines for Kingston, Frontenac and Lennox & Addington\u00a0»",
	"derived from the counting of ", "établie d'après le mode de décompte de ", "derived from ", "établie d'après : ", "derived", "dérivée",
	"local protocols of other areas, taken as a setting: ", "protocoles locaux d'autres secteurs, repris comme paramètre : ",
	"the local protocol of another area, taken as a setting: ", "protocole local d'un autre secteur, repris comme paramètre : ",
	"local protocol of another area, taken as a setting: ", "protocole local d'un autre secteur, repris comme paramètre : ",
	"CSP guidelines 2017", "lignes directrices de 2017 sur la planification coordonnée des services", "SmartStart Hubs guidelines", "lignes directrices des carrefours SmartStart",
	"(locally available services)", "(services offerts localement)", "(fewest possible steps)", "(le moins d'étapes possible)", "(waitlist and wait times)", "(listes et temps d'attente)",
	"(participants report what the agency requires)", "(les participants transmettent ce que demande l'organisme)",
	"; six months: ", "; six mois : ", "; time limit: ", "; délai : ", "transitions at age 14", "transitions dès 14 ans", "endnotes", "notes finales",
	"parts ", "parties ", "part ", "partie ", " and ", " et ")

// Cites says in a language where a measure comes from, given the words of its header.
func Cites(words, lang string) string {
	if lang == "fr" {
		return citesFR.Replace(words)
	}
	return words
}
