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
		p.text(6, p.cites(d), small)
		p.next()
	}
}

// citesFR are the words in which our own measures say where they come from. Another pack's stay as they
// are written.
var citesFR = strings.NewReplacer(" from CSP guidelines 2017, endnotes", " des notes des lignes directrices de 2017 sur la planification coordonnée des services",
	" from the counting of document ", " du mode de décompte du document ", " from documents ", " des documents ", " from document ", " du document ",
	"(locally available services)", "(services offerts localement)", "(fewest possible steps)", "(le moins d'étapes possible)",
	"(participants report what the agency requires)", "(les participants transmettent ce que demande l'organisme)",
	"derived from CSP guidelines 2017", "établie d'après les lignes directrices de 2017 sur la planification coordonnée des services",
	" from CSP guidelines 2017", " des lignes directrices de 2017 sur la planification coordonnée des services", ": local protocol", " : protocole local", "parts ", "parties ", "part ", "partie ", " and ", " et ", "; six months:", "; six mois :", "; time limit:", "; délai :",
	"local protocol", "protocole local", "transitions at age 14", "transitions dès 14 ans", "derived", "dérivée")

func (p *page) cites(d definition) string {
	if p.rel.lang == "fr" {
		return citesFR.Replace(d.cites)
	}
	return d.cites
}
