// Package gaps writes the gap analysis: where children do not get the service that they need, how long they wait,
// who did not report, and how sure each figure is.
//
// Takes the release of gaps (tables release.*) and, for the page, the outlines of municipalities; leaves a workbook
// and a page that stands alone, in English or French, the same bytes for the same release; never counts, never sees
// a person, never reads a file.
package gaps

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"

	"tributary"
)

// Query reads the attached release. *warehouse.DB satisfies it.
type Query interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Write writes the workbook of a quarter, in en or fr.
func Write(ctx context.Context, q Query, quarter tributary.Quarter, lang string, w io.Writer) error {
	r, err := read(ctx, q, quarter, lang)
	if err != nil {
		return fmt.Errorf("gaps %s: %w", quarter, err)
	}
	b := newBook(r)
	defer b.File.Close()
	b.inShort()
	b.needSheet()
	b.waitSheet()
	if r.audience() == "" {
		b.groupSheet()
	}
	b.timeSheet()
	b.tableSheet("supply", []float64{34, 16, 12, 16, 18, 46}, b.supply(byService), b.supply(byPlace))
	if r.audience() == "" {
		b.tableSheet("paths", []float64{14, 46, 26, 34, 14}, b.pathways())
		b.tableSheet("process", []float64{34, 24, 18, 24, 18, 46}, b.process())
		b.tableSheet("partners", []float64{20, 50, 20, 16, 50}, b.partnership())
		b.tableSheet("closing", []float64{34, 34, 16, 18, 18, 18}, b.closing(0))
	}
	b.tableSheet("reported", []float64{50, 21, 21, 21, 21, 21, 21, 21, 21}, b.reporting())
	b.methodSheet()
	b.figureSheet()
	if err := b.Book.Write(w); err != nil {
		return fmt.Errorf("gaps %s: %w", quarter, err)
	}
	return nil
}

// figure is one number of the release with all that is known of it.
type figure struct {
	id, measure, statistic, method, funnel string
	key                                    key
	value, low, high                       sql.NullFloat64
	units                                  int64
	of                                     sql.NullInt64
	reported, expected                     int64
	isSmall, isBroken                      bool
	rank, rankLow, rankHigh                int64 // 0 where nothing was ranked
}

// key says what a figure is about; empty is all.
type key struct{ quarter, area, place, service, cut, code string }

// named is a code with the words of the language.
type named struct{ code, name string }

type place struct {
	named
	area                     string
	population, children     sql.NullInt64
	populationOn, childrenOn string
	status, division         string
}

// group is one part of the children, by a cut such as age or language.
type group struct{ cut, label, code, name string }

type path struct {
	direction, category, kind, outcome string
	units                              int64
	isSmall                            bool
}

type partner struct {
	programme, category, name, agencies string
	hasAgreement, hasData               bool
}

type closing struct {
	area, place, service, method string
	waiting, notAvailable        sql.NullInt64
	places, hours                sql.NullFloat64
	isSmall                      bool
}

type definition struct{ measure, statistic, label, text, cites, kind, unit string }

// coverage is whether an agency told of a service in a municipality.
type coverage struct {
	quarter, agency, area, place, service, state string
	changed                                      bool
}

type delivery struct {
	state  string
	isLate bool
}

// release is all that the release tells up to the quarter.
type release struct {
	*words
	quarter     tributary.Quarter
	quarters    []string
	settings    map[string]string
	areas       []place
	places      []place // in order of name
	services    []named
	groups      []group
	agencies    []named
	coverage    []coverage
	deliveries  map[[2]string]delivery // quarter, agency
	paths       []path
	partners    []partner
	closings    []closing
	definitions []definition
	methods     []named
	figures     map[string]map[key]figure // by measure and statistic
	all         []figure                  // of the quarter, in order of the release
}

// The figures that the report tells of, as measure and statistic. What the release lacks is left out.
const (
	identified   = "need_identified"
	received     = "need_received"
	waiting      = "need_waiting"
	notAvailable = "need_not_available"
	refused      = "need_refused"
	unmet        = "need_unmet.share"
	waitMedian   = "wait_days.median"
	waitLate     = "wait_days.p90"
	waitQueue    = "wait_queue"
	waitJoined   = "wait_joined"
	waitLeft     = "wait_left"
	offering     = "supply_agencies"
	seats        = "supply_places"
	away         = "supply_away.share"
	meeting      = "process_meeting.share"
	review       = "process_review.share"
)

// at is a figure by what it is about. A share has no row where it is hidden, for that would tell that there is a need,
// nor where nobody reported: it is hidden, or silent, where a count is that it rests on.
func (r *release) at(role string, k key) (figure, bool) {
	f, ok := r.figures[role][k]
	if !ok && role == unmet {
		for _, count := range []string{received, waiting, notAvailable} {
			if c := r.figures[count][k]; c.isHidden() || c.isSilent() {
				return figure{key: k, method: c.method, reported: c.reported, expected: c.expected, isBroken: c.isBroken}, true
			}
		}
	}
	return f, ok
}

// isHidden says that the figure is not shown to this audience; where nobody reported there is nothing to hide.
func (f figure) isHidden() bool { return f.method == "hidden" && !f.isSilent() }

// audience is who the release is for: partners, public, or empty for the Coordinating Agency and the ministry.
func (r *release) audience() string { return r.settings["generated_for"] }

func (r *release) title() string {
	if r.audience() != "" {
		return r.say("title") + ", " + r.say("for."+r.audience())
	}
	return r.say("title")
}

// has says that the release tells anything of it for the quarter.
func (r *release) has(role string) bool {
	for k := range r.figures[role] {
		if k.quarter == r.quarter.String() {
			return true
		}
	}
	return false
}

// now is the key of the quarter, of all else.
func (r *release) now() key { return key{quarter: r.quarter.String()} }

func (r *release) before() (string, bool) {
	i := slices.Index(r.quarters, r.quarter.String())
	if i < 1 {
		return "", false
	}
	return r.quarters[i-1], true
}

func nameOf(list []named, code string) string {
	for _, n := range list {
		if n.code == code {
			return n.name
		}
	}
	return code
}

func (r *release) placeName(code string) string {
	for _, p := range append(slices.Clone(r.places), r.areas...) {
		if p.code == code {
			return p.name
		}
	}
	if code == "" {
		return r.say("whole")
	}
	if code == unknown {
		return r.say("unknown.place")
	}
	return code
}

// groupsOf are the groups of children, or the reasons why a service was not there, which the release cuts by too.
func (r *release) groupsOf(reasons bool) []group {
	var out []group
	for _, g := range r.groups {
		if (g.cut == "reason") == reasons {
			out = append(out, g)
		}
	}
	return out
}

func (r *release) serviceName(code string) string {
	if code == "" {
		return r.say("all.services")
	}
	if code == unknown {
		return r.say("unknown.service")
	}
	return nameOf(r.services, code)
}

// unknown is the code of a place, service or group that no file tells.
const unknown = "unknown"
