package pages

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// GapPages gives the pages and workbooks about gaps, which stand alone.
type GapPages interface {
	GapFiles() ([]string, error)
	WriteGaps(ctx context.Context) (files int, err error)
	// GapFile opens one; ErrNotFound where it is not there.
	GapFile(name string) (io.ReadSeekCloser, error)
}

// gapPolicy lets the gap page, which stands alone, use the style and the script that are written in it; in a box of its
// own, so that it can neither read nor send anything of the console's.
const gapPolicy = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

var gapWords = words{
	"hint":  "Need against service by municipality, waits with those who still wait, and who did not report. The pages filter as you choose and stand alone: they can be saved and sent to whom the ministry's numbers may go.",
	"none":  "None has been written for this quarter yet.",
	"write": "Write the gap pages", "written": "Files written: %d.",
	// What others read is named in its own language.
	"gaps-en": "Gap analysis", "gaps-fr": "Analyse des lacunes", "services-en": "Services and waits, for families", "services-fr": "Services et attentes, pour les familles",
	"gaps-partners-en": "Gap analysis for partners", "gaps-partners-fr": "Analyse des lacunes pour les partenaires", "gaps-public-en": "Gap analysis for the public", "gaps-public-fr": "Analyse des lacunes pour le public",
	"html_en": "", "html_fr": "", "xlsx_en": ", workbook", "xlsx_fr": ", classeur",
}

func gapRoutes() []route {
	return []route{
		{pattern: "GET /gaps", may: See, file: "gaps.html", words: gapWords, do: gapList},
		{pattern: "POST /gaps", may: Work, file: "gaps.html", words: gapWords, do: writeGaps},
		{pattern: "GET /gaps/{name}", may: See, file: "gaps.html", words: gapWords, do: gapFile},
	}
}

func gapList(v *Visit) error {
	files, err := v.Desk.GapFiles()
	if err != nil {
		return err
	}
	type file struct {
		Name, Lang, Text string
		IsPage           bool
	}
	var out []file
	for _, name := range files {
		f := file{Name: name, Lang: "en", IsPage: strings.HasSuffix(name, ".html")}
		report, kind, _ := strings.Cut(name, ".")
		if strings.HasSuffix(report, "-fr") {
			f.Lang = "fr"
		}
		f.Text = gapWords[report] + gapWords[kind+"_"+f.Lang]
		if gapWords[report] == "" {
			f.Text = name
		}
		out = append(out, f)
	}
	return v.Show(shared["gaps"], struct {
		Files   []file
		MayWork bool
	}{out, v.May(Work)})
}

func writeGaps(v *Visit) error {
	n, err := v.Desk.WriteGaps(v.Context())
	if err != nil {
		return v.Retry(err, gapList)
	}
	return v.Leave("/gaps", fmt.Sprintf(gapWords["written"], n))
}

func gapFile(v *Visit) error {
	name := v.PathValue("name")
	f, err := v.Desk.GapFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".html") {
		return v.Download(name, f)
	}
	v.Out.Header().Set("Content-Security-Policy", gapPolicy)
	v.Out.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(v.Out, v.Request, "", time.Time{}, f)
	return nil
}
