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
		p.text(6, d.cites, small)
		p.next()
	}
}
