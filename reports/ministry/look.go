package ministry

import (
	"math"

	"github.com/xuri/excelize/v2"
)

// Restrained colours that keep their difference in grey print; nothing is told by colour alone.
const (
	ink   = "1F2933"
	deep  = "0B4A6F"
	muted = "52606D"
	band  = "E8F0F5"
	pale  = "F5F8FA"
	entry = "FFF6D6"
	rule  = "C5D0DA"
)

// none stands where there is no number: nothing was reported that could be counted.
const none = "–"

// look is how a cell looks. Equal looks share a style.
type look struct {
	bold, italic, wrap bool
	size, tall         float64
	color, fill        string
	align, border      string
	format             string
	indent             int
}

var (
	headLook  = look{bold: true, wrap: true, color: deep, fill: band, border: "head"}
	labelLook = look{wrap: true, border: "thin"}
	entryLook = look{wrap: true, fill: entry, border: "box", tall: 30}
)

func (l look) points() float64 {
	if l.size > 0 {
		return l.size
	}
	return fontSize
}

func (l look) scale() float64 {
	s := l.points() / fontSize
	if l.bold {
		s *= 1.08
	}
	return s
}

func (b *book) style(l look) int {
	l.tall = 0
	if id, ok := b.styles[l]; ok {
		return id
	}
	color := l.color
	if color == "" {
		color = ink
	}
	st := &excelize.Style{
		Font: &excelize.Font{Family: font, Size: l.points(), Bold: l.bold, Italic: l.italic, Color: color},
		Alignment: &excelize.Alignment{Horizontal: l.align, Vertical: "center", WrapText: l.wrap,
			Indent: l.indent},
		Border: borders(l.border),
	}
	if l.indent > 0 && l.align == "" {
		st.Alignment.Horizontal = "left"
	}
	if l.fill != "" {
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.format != "" {
		st.CustomNumFmt = ptr(l.format)
	}
	id, err := b.f.NewStyle(st)
	b.keep(err)
	b.styles[l] = id
	return id
}

func borders(kind string) []excelize.Border {
	switch kind {
	case "thin":
		return []excelize.Border{{Type: "bottom", Color: rule, Style: 4}}
	case "head":
		return []excelize.Border{{Type: "bottom", Color: deep, Style: 1}}
	case "heavy":
		return []excelize.Border{{Type: "bottom", Color: deep, Style: 2}}
	case "top":
		return []excelize.Border{{Type: "top", Color: deep, Style: 2}}
	case "box":
		box := make([]excelize.Border, 0, 4)
		for _, side := range []string{"left", "right", "top", "bottom"} {
			box = append(box, excelize.Border{Type: side, Color: muted, Style: 1})
		}
		return box
	}
	return nil
}

// format is the number format: whole where the value is whole, percent for shares, and a dagger
// behind small numbers. The French space and comma are in the format, whatever the computer's own.
func (b *book) format(d definition, statistic string, n number) string {
	if statistic == "" {
		statistic = mainStatistic(d.kind)
	}
	french := b.rel.lang == "fr"
	end := ""
	if n.isSmall {
		end = `"` + "\u00a0" + `†"`
	}
	whole := n.value == math.Trunc(n.value)
	switch {
	case statistic == "share" && french:
		return `0"` + "\u00a0" + `"%` + end
	case statistic == "share":
		return "0%" + end
	case !whole && french:
		// A decimal comma is the computer's own decimal sign there; a format cannot force it.
		return "0.0" + end
	case !whole:
		return "#,##0.0" + end
	case french:
		return `[>=1000]#"` + "\u00a0" + `"##0` + end + ";0" + end
	}
	return "#,##0" + end
}
