package patch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tributary"
)

// maxStyles is how many cell formats Excel takes.
const maxStyles = 65490

// styles is the workbook's list of cell formats, to which formats are added and none is changed.
type styles struct {
	*tree
	fonts, fills, xfs *node
	xf, fill          []*node
	// newFonts, newFills and newXfs are what comes to the lists.
	newFonts, newFills, newXfs []string
	filled                     map[filled]int
	// dateFormats says which of the workbook's own number formats show a date.
	dateFormats map[int]bool
}

// filled is a style with another fill.
type filled struct {
	style int
	fill  string
}

const emptyStyles = xmlHead + `<styleSheet xmlns="%s">` +
	`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>`

// readStyles reads the list of formats; a workbook may have none, and then gets one when one is added.
func (b *Book) readStyles() (*styles, error) {
	t, err := (*tree)(nil), error(nil)
	for _, rel := range b.rels {
		if is(rel.kind, "styles") && b.find(rel.target) != nil {
			t, err = b.tree(rel.target)
		}
	}
	if t == nil && err == nil {
		t, err = parse("", []byte(fmt.Sprintf(emptyStyles, b.namespace)))
	}
	if err != nil {
		return nil, err
	}
	s := &styles{tree: t, fonts: t.root.child("fonts"), fills: t.root.child("fills"), xfs: t.root.child("cellXfs"), filled: map[filled]int{},
		dateFormats: map[int]bool{}}
	if s.fonts == nil || s.fills == nil || s.xfs == nil {
		return nil, damaged("%s has no list of formats", t.part)
	}
	s.xf, s.fill = s.xfs.children("xf"), s.fills.children("fill")
	for _, n := range t.root.child("numFmts").children("numFmt") {
		id, err := strconv.Atoi(t.attr(n, "numFmtId"))
		if err == nil {
			s.dateFormats[id] = isDateFormat(t.attr(n, "formatCode"))
		}
	}
	return s, nil
}

// number is an attribute that is a number; 0 where it is none.
func (s *styles) number(n *node, name string) int {
	i, _ := strconv.Atoi(s.attr(n, name))
	return i
}

// at is a cell format as XML, of those there are and those added.
func (s *styles) at(style int) string {
	switch {
	case style < 0 || style >= len(s.xf)+len(s.newXfs):
		return "<" + s.prefix + "xf/>"
	case style < len(s.xf):
		return string(s.b[s.xf[style].start:s.xf[style].end])
	}
	return s.newXfs[style-len(s.xf)]
}

// same finds an element that is written in just these bytes, or -1.
func (s *styles) same(list []*node, xml string) int {
	return slices.IndexFunc(list, func(n *node) bool { return string(s.b[n.start:n.end]) == xml })
}

func (s *styles) addXf(xf string) int {
	if i := s.same(s.xf, xf); i >= 0 {
		return i
	}
	if i := slices.Index(s.newXfs, xf); i >= 0 {
		return len(s.xf) + i
	}
	s.newXfs = append(s.newXfs, xf)
	return len(s.xf) + len(s.newXfs) - 1
}

func (s *styles) addFill(fill string) int {
	if i := s.same(s.fill, fill); i >= 0 {
		return i
	}
	if i := slices.Index(s.newFills, fill); i >= 0 {
		return len(s.fill) + i
	}
	s.newFills = append(s.newFills, fill)
	return len(s.fill) + len(s.newFills) - 1
}

func (s *styles) solid(colours string) string {
	return prefixed(s.prefix, `<fill><patternFill patternType="solid">`) + colours + prefixed(s.prefix, `</patternFill></fill>`)
}

// withFill is the style with no more than its fill changed.
func (s *styles) withFill(style int, colour string) int {
	if s.shown(style) == colour {
		return style
	}
	key := filled{style, colour}
	if i, ok := s.filled[key]; ok {
		return i
	}
	// A solid fill shows its first colour only; the second one remembers what the cell had.
	fill := s.addFill(s.solid(prefixed(s.prefix, `<fgColor rgb="`+colour+`"/>`) + s.remembered(style)))
	s.filled[key] = s.refilled(style, fill)
	return s.filled[key]
}

func (s *styles) refilled(style, fill int) int {
	xf := s.at(style)
	end := strings.IndexByte(xf, '>') + 1
	tag := with(with([]byte(xf[:end]), "fillId", strconv.Itoa(fill)), "applyFill", "1")
	return s.addXf(string(tag) + xf[end:])
}

// fillOf is the fill of a style, nil where it has none of its own.
func (s *styles) fillOf(style int) *node {
	if style < 0 || style >= len(s.xf) {
		return nil
	}
	if i := s.number(s.xf[style], "fillId"); i > 0 && i < len(s.fill) {
		return s.fill[i].child("patternFill")
	}
	return nil
}

// shown is the colour of the style's fill as red, green and blue, "" where it is not said so.
func (s *styles) shown(style int) string {
	if pattern := s.fillOf(style); pattern != nil && pattern.child("fgColor") != nil {
		return s.attr(pattern.child("fgColor"), "rgb")
	}
	return ""
}

// remembered is the colour of the style's own fill, as the colour that a solid fill does not show.
func (s *styles) remembered(style int) string {
	if pattern := s.fillOf(style); pattern != nil && s.attr(pattern, "patternType") == "solid" {
		if hidden := pattern.child("bgColor"); hidden != nil && isOurColour(s.shown(style)) {
			return string(s.b[hidden.start:hidden.end])
		}
		if colour := pattern.child("fgColor"); colour != nil {
			tag := strings.TrimSuffix(strings.TrimSuffix(string(s.tag(colour)), ">"), "/")
			return strings.Replace(tag, "fgColor", "bgColor", 1) + "/>"
		}
	}
	return "<" + s.prefix + `bgColor indexed="64"/>`
}

// marked lists the styles whose fill is one of ours, each with the one that it had before. LibreOffice
// writes a colour of its own where ours is remembered.
func (s *styles) marked(remembers bool) map[int]int {
	out := map[int]int{}
	for i := range s.xf {
		pattern := s.fillOf(i)
		if pattern == nil {
			continue
		}
		hidden := pattern.child("bgColor")
		if !isOurColour(s.shown(i)) {
			continue
		}
		fill := 0
		if remembers && hidden != nil && s.attr(hidden, "indexed") != "64" {
			colour := strings.Replace(string(s.b[hidden.start:hidden.end]), "bgColor", "fgColor", 2)
			fill = s.addFill(s.solid(colour + prefixed(s.prefix, `<bgColor indexed="64"/>`)))
		}
		out[i] = s.refilled(i, fill)
	}
	return out
}

// isLocked says whether cells of the style are locked when their sheet is protected: they are unless
// it says otherwise.
func (s *styles) isLocked(style int) bool {
	if style < 0 || style >= len(s.xf) {
		return true
	}
	p := s.xf[style].child("protection")
	return p == nil || s.attr(p, "locked") == "" || isTrue(s.attr(p, "locked"))
}

// isDate says whether cells of the style show a number as a date.
func (s *styles) isDate(style int) bool {
	if style < 0 || style >= len(s.xf) {
		return false
	}
	n := s.number(s.xf[style], "numFmtId")
	if date, isOwn := s.dateFormats[n]; isOwn {
		return date
	}
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 58
}

// isDateFormat looks for a year or a day outside of quoted text, escapes and brackets.
func isDateFormat(code string) bool {
	code, _, _ = strings.Cut(code, ";")
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return false
			}
			i += 1 + end
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return false
			}
			i += end
		case 'y', 'Y', 'd', 'D':
			return true
		}
	}
	return false
}

// write puts what was added into the part.
func (s *styles) write(j *job) error {
	if len(s.newXfs) == 0 {
		return nil
	}
	if len(s.xf)+len(s.newXfs) > maxStyles {
		return tributary.Fix(fmt.Errorf("%w: it would have more than %d cell formats", ErrTooLarge, maxStyles), "take formats out that no cell uses")
	}
	t := s.tree
	t.add(s.fonts, strings.Join(s.newFonts, ""), counted(len(s.fonts.children("font"))+len(s.newFonts)))
	t.add(s.fills, strings.Join(s.newFills, ""), counted(len(s.fill)+len(s.newFills)))
	t.add(s.xfs, strings.Join(s.newXfs, ""), counted(len(s.xf)+len(s.newXfs)))
	if t.part != "" {
		j.trees[strings.ToLower(t.part)] = t
		return nil
	}
	// Some programs look for it by this name only.
	name := "xl/styles.xml"
	if j.find(name) != nil {
		name = j.free("xl/styles%d.xml")
	}
	j.put(name, t.bytes())
	if err := j.declare(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"); err != nil {
		return err
	}
	_, err := j.relate(j.main, j.base+"/styles", name)
	return err
}

// addFont adds a font like the workbook's first one, so that our sheet looks like the others. first
// and colour are elements, in the order of the format.
func (s *styles) addFont(first, colour string) int {
	fonts := s.fonts.children("font")
	name := `<name val="Calibri"/>`
	if len(fonts) > 0 {
		if n := fonts[0].child("name"); n != nil {
			name = `<name val="` + escape(s.attr(n, "val")) + `"/>`
		}
	}
	s.newFonts = append(s.newFonts, prefixed(s.prefix, "<font>"+first+`<sz val="11"/>`+colour+name+"</font>"))
	return len(fonts) + len(s.newFonts) - 1
}

// prefixed gives the elements of a piece of our own XML a prefix.
func prefixed(prefix, xml string) string {
	if prefix == "" {
		return xml
	}
	return strings.NewReplacer("</", "</"+prefix, "<", "<"+prefix).Replace(xml)
}
