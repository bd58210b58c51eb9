package patch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// author signs our comments; it is how they are known again.
const author = "Tributary"

// comment is what a cell is to say.
type comment struct {
	place
	text string
}

const (
	commentsType = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
	vmlType      = "application/vnd.openxmlformats-officedocument.vmlDrawing"
)

// comments is a sheet's list of comments and the drawing that shows their boxes.
type comments struct {
	list, drawing string
}

// commentParts finds the comments of a sheet and its drawing; legacy is the id of the drawing.
func (b *Book) commentParts(sheet, legacy string) (comments, error) {
	rels, err := b.relations(sheet)
	var c comments
	for _, rel := range rels {
		switch {
		case is(rel.kind, "comments") && b.find(rel.target) != nil:
			c.list = b.find(rel.target).name
		case is(rel.kind, "vmlDrawing") && rel.id == legacy && b.find(rel.target) != nil:
			c.drawing = b.find(rel.target).name
		}
	}
	return c, err
}

// oursIn is what we wrote in a list of comments: whole comments, and what we added to others'.
type oursIn struct {
	whole, runs map[place]*node
	// foreign are the comments that are not ours; threaded those of them that begin a conversation,
	// which Excel keeps elsewhere and only copies here.
	foreign  map[place]*node
	threaded map[place]bool
}

func ours(t *tree) oursIn {
	o := oursIn{whole: map[place]*node{}, runs: map[place]*node{}, foreign: map[place]*node{}, threaded: map[place]bool{}}
	var authors []string
	for _, n := range t.root.child("authors").children("author") {
		authors = append(authors, strings.TrimSpace(t.text(n)))
	}
	for _, n := range t.root.child("commentList").children("comment") {
		at, ok := parsePlace(t.attr(n, "ref"))
		if !ok {
			continue
		}
		who := ""
		if i, err := strconv.Atoi(t.attr(n, "authorId")); err == nil && i >= 0 && i < len(authors) {
			who = authors[i]
		}
		// LibreOffice keeps no authors; our comments begin with ours.
		if who == author || strings.HasPrefix(strings.TrimSpace(t.text(n)), author+":") {
			o.whole[at] = n
			continue
		}
		o.foreign[at] = n
		o.threaded[at] = strings.HasPrefix(who, "tc=")
		runs := n.child("text").children("r")
		if len(runs) > 0 && strings.HasPrefix(strings.TrimSpace(t.text(runs[len(runs)-1])), author+":") {
			o.runs[at] = runs[len(runs)-1]
		}
	}
	return o
}

// comment takes our earlier comments off the sheet and writes new ones. It returns the attribute with
// which the sheet is to name its drawing, "" where it names one already.
func (j *job) comment(sheet string, s *survey, notes []comment) (string, error) {
	parts, err := j.commentParts(sheet, s.legacy)
	if err != nil || parts.list == "" && len(notes) == 0 {
		return "", err
	}
	if parts.list == "" {
		parts.list = j.free("xl/comments%d.xml")
		j.put(parts.list, []byte(xmlHead+`<comments xmlns="`+j.namespace+`"><authors></authors><commentList></commentList></comments>`))
		if err := j.declare(parts.list, commentsType); err != nil {
			return "", err
		}
		if _, err := j.relate(sheet, j.base+"/comments", parts.list); err != nil {
			return "", err
		}
	}
	list, err := j.edit(parts.list)
	if err != nil {
		return "", err
	}
	was := ours(list)
	boxes := note(list, was, notes)
	if len(boxes) == 0 && len(was.whole) == 0 {
		return "", nil
	}
	return j.draw(sheet, s, parts.drawing, was, boxes)
}

// note edits the list of comments and returns the places that need a box.
func note(t *tree, was oursIn, notes []comment) []place {
	for _, n := range was.whole {
		t.remove(n)
	}
	for _, n := range was.runs {
		t.remove(n)
	}
	authors, list := t.root.child("authors"), t.root.child("commentList")
	if len(notes) == 0 || list == nil || authors == nil {
		return nil
	}
	names := authors.children("author")
	who := slices.IndexFunc(names, func(n *node) bool { return strings.TrimSpace(t.text(n)) == author })
	if who < 0 {
		who = len(names)
		t.add(authors, prefixed(t.prefix, "<author>"+author+"</author>"), nil)
	}
	var out strings.Builder
	var boxes []place
	for _, c := range notes {
		if n := was.foreign[c.place]; n != nil {
			if body := n.child("text"); body != nil && !was.threaded[c.place] {
				// Plain text becomes a run like ours: it cannot stand beside one.
				if plain := body.child("t"); plain != nil {
					t.replace(plain.start, plain.start, "<"+t.prefix+"r>")
					t.replace(plain.end, plain.end, "</"+t.prefix+"r>")
				}
				if room := maxText - units(t.text(body)); room > 2*len(author) {
					t.add(body, t.run("", cut("\n\n"+author+": "+c.text, room)), nil)
				}
			}
			continue
		}
		fmt.Fprintf(&out, `<%scomment ref="%s" authorId="%d"><%stext>%s%s</%stext></%scomment>`, t.prefix, c.place, who, t.prefix,
			t.run("<b/>", author+":"), t.run("", cut("\n"+c.text, maxText-len(author)-1)), t.prefix, t.prefix)
		boxes = append(boxes, c.place)
	}
	t.add(list, out.String(), nil)
	return boxes
}

// run is a piece of a comment's text.
func (t *tree) run(bold, text string) string {
	return prefixed(t.prefix, "<r><rPr>"+bold+`<sz val="9"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr><t xml:space="preserve">`) +
		cellText(text) + prefixed(t.prefix, "</t></r>")
}

var (
	shapePattern  = regexp.MustCompile(`(?s)<v:shape[\s>].*?</v:shape>`)
	rowPattern    = regexp.MustCompile(`<x:Row>\s*(\d+)\s*</x:Row>`)
	columnPattern = regexp.MustCompile(`<x:Column>\s*(\d+)\s*</x:Column>`)
	blockPattern  = regexp.MustCompile(`(<o:idmap\b[^>]*\bdata=["'])([0-9, ]*)`)
	rootPattern   = regexp.MustCompile(`(?s)<xml\b[^>]*>`)
)

const (
	vmlNames = ` xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"`
	emptyVML = `<xml` + vmlNames + `><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>`
	boxType  = `<v:shapetype%s id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`
	// shapesPerBlock is how many numbers of shapes one entry of idmap stands for.
	shapesPerBlock = 1024
)

// draw takes the boxes of our earlier comments out of the drawing and adds the new ones. The drawing
// is edited as text: Excel itself writes drawings that are no XML.
func (j *job) draw(sheet string, s *survey, name string, was oursIn, boxes []place) (string, error) {
	content, id := emptyVML, ""
	if name != "" {
		b, err := j.find(name).bytes()
		if err != nil {
			return "", err
		}
		content = string(b)
	} else if len(boxes) > 0 {
		name = j.free("xl/drawings/vmlDrawing%d.vml")
		if err := j.declare(name, vmlType); err != nil {
			return "", err
		}
		rel, err := j.relate(sheet, j.base+"/vmlDrawing", name)
		if err != nil {
			return "", err
		}
		id = relID(s.root, j.base, rel)
	} else {
		return "", nil
	}
	gone := map[place]bool{}
	for at := range was.whole {
		gone[at] = true
	}
	content = shapePattern.ReplaceAllStringFunc(content, func(shape string) string {
		if gone[boxPlace(shape)] && strings.Contains(shape, `ObjectType="Note"`) {
			return ""
		}
		return shape
	})
	end := strings.LastIndex(content, "</xml>")
	if end < 0 {
		return "", damaged("%s has no end", name)
	}
	if len(boxes) > 0 {
		block, err := j.freeBlock()
		if err != nil {
			return "", err
		}
		content = content[:end] + shapes(content, boxes, block) + content[end:]
		content = withBlocks(content, block, (len(boxes)+shapesPerBlock-2)/(shapesPerBlock-1))
	}
	j.put(name, []byte(content))
	return id, nil
}

// boxPlace is the cell that a box belongs to.
func boxPlace(shape string) place {
	number := func(p *regexp.Regexp) int {
		m := p.FindStringSubmatch(shape)
		if m == nil {
			return -1
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return -1
		}
		return n
	}
	return place{number(rowPattern) + 1, number(columnPattern) + 1}
}

// freeBlock is the first block of shape numbers that no drawing of the workbook uses.
func (j *job) freeBlock() (int, error) {
	most := 0
	look := func(content string) {
		for _, m := range blockPattern.FindAllStringSubmatch(content, -1) {
			for _, word := range strings.Split(m[2], ",") {
				if n, err := strconv.Atoi(strings.TrimSpace(word)); err == nil && n < 1<<20 {
					most = max(most, n)
				}
			}
		}
	}
	for _, p := range j.parts {
		if strings.HasSuffix(strings.ToLower(p.name), ".vml") && j.fresh[p.name] == nil {
			content, err := p.bytes()
			if err != nil {
				return 0, err
			}
			look(string(content))
		}
	}
	for name, content := range j.fresh {
		if strings.HasSuffix(strings.ToLower(name), ".vml") {
			look(string(content))
		}
	}
	return most + 1, nil
}

// withBlocks notes the blocks in the drawing's list of them.
func withBlocks(content string, first, count int) string {
	m := blockPattern.FindStringSubmatchIndex(content)
	if m == nil {
		return content
	}
	var list []string
	if was := strings.TrimSpace(content[m[4]:m[5]]); was != "" {
		list = append(list, was)
	}
	for i := range count {
		list = append(list, strconv.Itoa(first+i))
	}
	return content[:m[4]] + strings.Join(list, ",") + content[m[5]:]
}

// shapes writes the boxes, hidden until the mouse is on the cell.
func shapes(content string, boxes []place, block int) string {
	names := ""
	for _, declaration := range strings.Fields(vmlNames) {
		if !strings.Contains(rootPattern.FindString(content), declaration) {
			names += " " + declaration
		}
	}
	var out strings.Builder
	if !strings.Contains(content, `id="_x0000_t202"`) {
		fmt.Fprintf(&out, boxType, names)
	}
	for i, p := range boxes {
		number := (block+i/(shapesPerBlock-1))*shapesPerBlock + 1 + i%(shapesPerBlock-1)
		column, row := min(p.column, lastColumn-5), min(max(p.row-2, 0), lastRow-8)
		fmt.Fprintf(&out, `<v:shape%s id="_x0000_s%d" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:220pt;height:90pt;z-index:%d;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">`+
			`<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>`+
			`<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%d, 15, %d, 2, %d, 31, %d, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
			names, number, i+1, column, row, column+4, row+6, p.row-1, p.column-1)
	}
	return out.String()
}
