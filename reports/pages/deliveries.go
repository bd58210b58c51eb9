package pages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tributary"
)

// Deliveries tells of deliveries.
type Deliveries interface {
	// Delivered lists the deliveries of a quarter by agency, and the quarters there are, newest first; an empty
	// quarter is the published one.
	Delivered(ctx context.Context, quarter string) (DeliveryList, error)
	// DeliveryOf tells of one; ErrNotFound where there is none.
	DeliveryOf(ctx context.Context, agency, quarter string) (Delivery, error)
	// Letter opens a letter or a marked copy by its name.
	Letter(agency, quarter, name string) (io.ReadSeekCloser, error)
}

// Findings tells of the findings of a delivery.
type Findings interface {
	// FindingsOf reads a page of them, and how many there are in all.
	FindingsOf(ctx context.Context, agency, quarter, check, column string, page int) ([]Finding, int, error)
	// FindingOf reads one with its row: it shows a person's values.
	FindingOf(ctx context.Context, agency, quarter, id string) (FindingRow, error)
}

// Answers writes what a person says of a delivery; each acts in the next run.
type Answers interface {
	Accept(ctx context.Context, agency, quarter, file, why string, undo bool) error
	// State records nil or excused, and says how many files came all the same.
	State(ctx context.Context, agency, quarter, state, why string, undo bool) (int, error)
	AnswersToFindings
}

// AnswersToFindings writes what a person says of findings.
type AnswersToFindings interface {
	// Confirm says that a doubtful value is right, or explains it; whole takes in all of its cause.
	Confirm(ctx context.Context, finding, why string, whole, onlyExplains bool) (int, error)
	// Correct states a value in place of the file's.
	Correct(ctx context.Context, c Correction) (rows int, err error)
	// WriteLetter writes the letter and the marked copies; beside says whether also beside the agency's files.
	WriteLetter(ctx context.Context, agency, quarter string, beside bool) (files int, err error)
}

// DeliveryList is the deliveries of one quarter.
type DeliveryList struct {
	Quarter  string
	Quarters []string
	Rows     []DeliveryRow
}

// DeliveryRow is one delivery in the list.
type DeliveryRow struct {
	Agency, Name, State, DueOn string
	IsLate                     bool
	Files, Rows, Findings      int
	Lacks                      string
}

// Delivery is one delivery: what came, how its rows were taken, why not all.
type Delivery struct {
	Agency, Name, Quarter, State, DueOn, ReceivedOn string
	IsLate                                          bool
	// Unread says since when and why the source cannot be read, so that nobody is asked for files that may lie there.
	Unread           string
	Stated, StatedBy string
	Files            []CameFile
	Sections         []Section
	Causes           []Cause
	Letters          []string
	// Beside says that letters can be laid beside the agency's files.
	Beside bool
}

// CameFile is one file that came.
type CameFile struct {
	Name, State, Format, SupersededBy, Accepted string
	Version                                     int
	Size                                        int64
	Received                                    time.Time
}

// Section is the row equation of one sheet and table.
type Section struct {
	File, Sheet, Table                                        string
	Read, Taken, SetAside, Heading, Blank, Total, Twice, Skip int
	Superseded                                                bool
}

// Cause is what findings have in common.
type Cause struct {
	Check, Severity, Name, Fix, Column, Detail string
	Findings, Files                            int
	Confirmable                                bool
}

// Finding is one finding, without a value of a person.
type Finding struct{ ID, Check, Severity, Name, Fix, Column, Detail, Address string }

// FindingRow is a finding with its row.
type FindingRow struct {
	Finding
	Client, Shown, Corrects string
	Answers                 []string
	Cells                   []RowCell
	MayConfirm, MayCorrect  bool
}

// RowCell is one cell as the file shows it.
type RowCell struct {
	At, Heading, Column, Text string
	IsIt                      bool
}

// Correction is a value that a person states.
type Correction struct{ Agency, Quarter, Finding, Column, Value, Why string }

// findingsOnPage is how many findings one page shows.
const findingsOnPage = 100

func deliveryRoutes() []route {
	one := "/deliveries/{agency}/{quarter}"
	return []route{
		{pattern: "GET /deliveries", may: See, file: "deliveries.html", words: deliveryWords, do: deliveries},
		{pattern: "GET " + one, may: See, file: "delivery.html", words: deliveryWords, do: delivery},
		{pattern: "POST " + one + "/accept", may: Work, file: "delivery.html", words: deliveryWords, do: acceptFile},
		{pattern: "POST " + one + "/state", may: Work, file: "delivery.html", words: deliveryWords, do: stateDelivery},
		{pattern: "POST " + one + "/letter", may: Work, file: "delivery.html", words: deliveryWords, do: writeLetter},
		{pattern: "GET " + one + "/letter/{name}", may: Named, file: "delivery.html", words: deliveryWords, do: readLetter},
		{pattern: "GET " + one + "/findings", may: See, file: "findings.html", words: deliveryWords, do: findings},
		{pattern: "POST " + one + "/confirm", may: Work, file: "findings.html", words: deliveryWords, do: confirmCause},
		{pattern: "GET " + one + "/findings/{id}", may: Named, file: "finding.html", words: deliveryWords, do: finding},
		{pattern: "POST " + one + "/findings/{id}", may: Work, file: "finding.html", words: deliveryWords, do: answerFinding},
	}
}

func deliveries(v *Visit) error {
	list, err := v.Desk.Delivered(v.Context(), v.FormValue("quarter"))
	if err != nil {
		return err
	}
	return v.Show(shared["deliveries"]+" "+list.Quarter, struct {
		DeliveryList
		Marks map[string]string
	}{list, stateMarks})
}

// deliveryView is what the page of one delivery shows.
type deliveryView struct {
	Delivery
	Sum               Section
	Path              string
	MayWork, MayNamed bool
	Mark              string
}

func delivery(v *Visit) error {
	d, err := v.Desk.DeliveryOf(v.Context(), v.PathValue("agency"), v.PathValue("quarter"))
	if err != nil {
		return err
	}
	out := deliveryView{Delivery: d, Path: deliveryPath(v), MayWork: v.May(Work), MayNamed: v.May(Named), Mark: stateMarks[d.State]}
	for _, s := range d.Sections {
		if !s.Superseded {
			out.Sum.Read, out.Sum.Taken, out.Sum.SetAside = out.Sum.Read+s.Read, out.Sum.Taken+s.Taken, out.Sum.SetAside+s.SetAside
			out.Sum.Heading, out.Sum.Blank, out.Sum.Total = out.Sum.Heading+s.Heading, out.Sum.Blank+s.Blank, out.Sum.Total+s.Total
			out.Sum.Twice, out.Sum.Skip = out.Sum.Twice+s.Twice, out.Sum.Skip+s.Skip
		}
	}
	return v.Show(d.Name+", "+d.Quarter, out)
}

func deliveryPath(v *Visit) string {
	return "/deliveries/" + url.PathEscape(v.PathValue("agency")) + "/" + url.PathEscape(v.PathValue("quarter"))
}

// reason refuses what is said without one; what was typed stays in the form.
func reason(v *Visit) (string, error) {
	why := strings.TrimSpace(v.FormValue("why"))
	if why == "" {
		return "", tributary.Fix(errors.New(deliveryWords["no_why"]), deliveryWords["no_why_fix"])
	}
	return why, nil
}

func acceptFile(v *Visit) error {
	why, err := reason(v)
	if err == nil {
		err = v.Desk.Accept(v.Context(), v.PathValue("agency"), v.PathValue("quarter"), v.FormValue("file"), why, v.FormValue("undo") != "")
	}
	if err != nil {
		return v.Retry(err, delivery)
	}
	return v.Leave(deliveryPath(v)+"#files", deliveryWords["noted"])
}

func stateDelivery(v *Visit) error {
	why, err := reason(v)
	files := 0
	state := v.FormValue("state")
	if err == nil && state != "nil" && state != "excused" {
		err = tributary.Fix(errors.New(deliveryWords["no_state"]), deliveryWords["no_state_fix"])
	}
	if err == nil {
		files, err = v.Desk.State(v.Context(), v.PathValue("agency"), v.PathValue("quarter"), state, why, v.FormValue("undo") != "")
	}
	if err != nil {
		return v.Retry(err, delivery)
	}
	said := deliveryWords["noted"]
	if files > 0 {
		said += " " + fmt.Sprintf(deliveryWords["came_all_the_same"], files)
	}
	return v.Leave(deliveryPath(v), said)
}

func writeLetter(v *Visit) error {
	files, err := v.Desk.WriteLetter(v.Context(), v.PathValue("agency"), v.PathValue("quarter"), v.FormValue("beside") != "")
	if err != nil {
		return v.Retry(err, delivery)
	}
	return v.Leave(deliveryPath(v)+"#letters", fmt.Sprintf(deliveryWords["letters_written"], files))
}

func readLetter(v *Visit) error {
	if ok, err := v.Because("letter " + v.PathValue("agency") + " " + v.PathValue("quarter")); !ok {
		return err
	}
	f, err := v.Desk.Letter(v.PathValue("agency"), v.PathValue("quarter"), v.PathValue("name"))
	if err != nil {
		return err
	}
	defer f.Close()
	return v.Download(v.PathValue("agency")+"-"+v.PathValue("quarter")+"-"+v.PathValue("name"), f)
}

// Download hands a file out under a name.
func (v *Visit) Download(name string, f io.ReadSeeker) error {
	v.Out.Header().Set("Content-Type", "application/octet-stream")
	v.Out.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	http.ServeContent(v.Out, v.Request, "", time.Time{}, f)
	return nil
}

// findingsView is one page of findings.
type findingsView struct {
	Agency, Quarter, Check, Column, Name, Fix, Severity string
	Found                                               []Finding
	All, First, Last                                    int
	Path                                                string
	pager
	MayWork, MayNamed bool
}

func findings(v *Visit) error {
	at := page(v)
	out := findingsView{Agency: v.PathValue("agency"), Quarter: v.PathValue("quarter"), Check: v.FormValue("check"), Column: v.FormValue("column"),
		Path: deliveryPath(v), MayWork: v.May(Work), MayNamed: v.May(Named)}
	var err error
	if out.Found, out.All, err = v.Desk.FindingsOf(v.Context(), out.Agency, out.Quarter, out.Check, out.Column, at); err != nil {
		return err
	}
	out.First, out.Last = (at-1)*findingsOnPage+1, (at-1)*findingsOnPage+len(out.Found)
	out.pager = pagerOf(out.Path+"/findings", url.Values{"check": {out.Check}, "column": {out.Column}}, at, out.Last < out.All)
	title := deliveryWords["findings"]
	if len(out.Found) > 0 && out.Check != "" {
		out.Name, out.Fix, out.Severity = out.Found[0].Name, out.Found[0].Fix, out.Found[0].Severity
		title = out.Name
		if out.Column != "" {
			title += ": " + out.Column
		}
	}
	return v.Show(title, out)
}

func confirmCause(v *Visit) error {
	why, err := reason(v)
	n := 0
	if err == nil {
		n, err = v.Desk.Confirm(v.Context(), v.FormValue("finding"), why, true, v.FormValue("explain") != "")
	}
	if err != nil && v.IsStale() {
		return v.Stale()
	}
	if err != nil {
		return v.Retry(err, findings)
	}
	return v.Leave(deliveryPath(v)+"#causes", fmt.Sprintf(deliveryWords["confirmed"], n))
}

// findingView is one finding with its row.
type findingView struct {
	FindingRow
	Agency, Quarter, Path string
	MayWork               bool
}

func finding(v *Visit) error {
	agency, quarter, id := v.PathValue("agency"), v.PathValue("quarter"), v.PathValue("id")
	if ok, err := v.Because("finding " + id + " of " + agency + " " + quarter); !ok {
		return err
	}
	row, err := v.Desk.FindingOf(v.Context(), agency, quarter, id)
	if err != nil {
		return err
	}
	return v.Show(row.Name, findingView{row, agency, quarter, deliveryPath(v), v.May(Work)})
}

func answerFinding(v *Visit) error {
	why, err := reason(v)
	said := ""
	if err == nil {
		switch v.FormValue("do") {
		case "correct":
			n := 0
			n, err = v.Desk.Correct(v.Context(), Correction{Agency: v.PathValue("agency"), Quarter: v.PathValue("quarter"), Finding: v.PathValue("id"),
				Column: v.FormValue("column"), Value: v.FormValue("value"), Why: why})
			said = fmt.Sprintf(deliveryWords["corrected"], n)
		case "confirm", "explain":
			n := 0
			n, err = v.Desk.Confirm(v.Context(), v.PathValue("id"), why, false, v.FormValue("do") == "explain")
			said = fmt.Sprintf(deliveryWords["confirmed"], n)
		default:
			err = tributary.Fix(errors.New(deliveryWords["no_answer"]), deliveryWords["no_answer_fix"])
		}
	}
	if err != nil && v.IsStale() {
		return v.Stale()
	}
	if err != nil {
		return v.Retry(err, finding)
	}
	return v.Leave(deliveryPath(v)+"/findings/"+url.PathEscape(v.PathValue("id")), said)
}
