package patch

import (
	"io"
	"slices"
	"strings"
)

// markName is the hidden name that points at our sheet. It follows the sheet when it is renamed or
// moved, and stays when the workbook is saved.
const markName = "_tributary_marked"

// Ours is what Mark left in a workbook.
type Ours struct {
	// Sheet is the name of our sheet as it is now; "" where somebody took it out.
	Sheet string
	// Comments are the cells with a comment of ours, or with our words under somebody's, by sheet.
	Comments []Comments
}

// Comments are cells of one sheet, in order.
type Comments struct {
	Sheet string
	Cells []string
}

// IsOurs says whether a workbook was marked by us, and what in it is ours: a provider may correct
// inside the marked copy and send that. The colours are no part of it: they change no value.
func IsOurs(r io.ReaderAt, size int64) (Ours, bool, error) {
	b, err := Open(r, size)
	if err != nil {
		return Ours{}, false, err
	}
	return b.Ours()
}

// Ours is IsOurs for a workbook that is open.
func (b *Book) Ours() (Ours, bool, error) {
	was, err := b.earlier()
	if err != nil {
		return Ours{}, false, err
	}
	var o Ours
	if was.sheet != nil {
		o.Sheet = was.sheet.name
	}
	for _, s := range b.sheets {
		if s.part == nil {
			continue
		}
		parts, err := b.commentParts(s.part.name, "")
		if err != nil {
			return Ours{}, false, err
		}
		if parts.list == "" {
			continue
		}
		t, err := b.tree(parts.list)
		if err != nil {
			return Ours{}, false, err
		}
		in := ours(t)
		var places []place
		for p := range in.whole {
			places = append(places, p)
		}
		for p := range in.runs {
			places = append(places, p)
		}
		if len(places) == 0 {
			continue
		}
		slices.SortFunc(places, place.compare)
		c := Comments{Sheet: s.name}
		for _, p := range places {
			c.Cells = append(c.Cells, p.String())
		}
		o.Comments = append(o.Comments, c)
	}
	return o, was.isMarked || len(o.Comments) > 0, nil
}

// earlier is what an earlier Mark left.
type earlier struct {
	isMarked bool
	sheet    *tab
	// hidesOurs says that the workbook opens on a sheet without cells, which stays on top.
	hidesOurs bool
	// remembers says that fills were last written by a program that keeps them whole.
	remembers bool
}

func (b *Book) earlier() (earlier, error) {
	t, err := b.tree(b.main)
	if err != nil {
		return earlier{}, err
	}
	version := t.root.child("fileVersion")
	was := earlier{remembers: version == nil || t.attr(version, "appName") != "Calc"}
	if view := t.root.child("bookViews").child("workbookView"); view != nil {
		on := max(number(t.attr(view, "activeTab")), 0)
		was.hidesOurs = on < int64(len(b.sheets)) && b.sheets[on].part == nil
	}
	for _, n := range t.root.child("definedNames").children("definedName") {
		if t.attr(n, "name") != markName {
			continue
		}
		was.isMarked = true
		name := t.text(n)
		name = name[:max(strings.LastIndexByte(name, '!'), 0)]
		if len(name) > 1 && name[0] == '\'' {
			name = strings.ReplaceAll(name[1:len(name)-1], "''", "'")
		}
		// LibreOffice writes a dollar before the name of a sheet.
		name = strings.TrimPrefix(name, "$")
		for _, s := range b.sheets {
			if s.name == name && s.part != nil {
				was.sheet = s
			}
		}
	}
	return was, nil
}
