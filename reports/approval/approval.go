// Package approval writes the one page that an approver reads before a quarter is signed, and the workbook of a
// restatement: what changed and why.
//
// Takes changed numbers with their causes; leaves one HTML page that needs nothing else and one workbook, in
// English or French, the same bytes for the same input; never counts anything, and names no person served.
package approval

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tributary"
)

// Page is what an approver has to know.
type Page struct {
	Agency, Quarter, Submission string
	// Restates is the signed submission that this one takes the place of; Why is the reason, in the ministry's words
	// where IsReturned.
	Restates, Why          string
	IsReturned             bool
	PreparedBy, PreparedOn string
	// Signatures of Signers are asked for.
	Signatures int
	Signers    []string
	Open       []Open
	// Lacking are the deliveries that the year to date, this quarter too, counts without or with a part alone.
	Lacking []Lack
	// Draft compares with the draft before (nil when there was none); Last and Year with the quarter before and
	// the same quarter a year ago.
	Draft      *Comparison
	Last, Year *Comparison
	Ranges     []Range
	StandsOn   []Stand
	// Twice are the children and families (by child, family) that the year to date counts twice, because they were
	// joined after a quarter was signed.
	Twice map[string]int
}

// Open is what keeps findings open: so many of a check, blocking or asking.
type Open struct {
	Name, Agencies string
	Blocks         bool
	Findings       int
}

// Lack is a delivery that did not come, was refused or was taken in part; State is as in the release.
type Lack struct{ Quarter, Agency, State string }

// Comparison is what changed against something else.
type Comparison struct {
	// Against is the draft or the quarter.
	Against string
	Rows    []Row
	// More is how many further cells changed, by agency, municipality and so on.
	More int
	// Smaller is how many totals changed less than those listed.
	Smaller int
	// Came and Gone are agencies that answered for one of the two quarters only.
	Came, Gone []string
	// Differs are the mappings, settings, templates and programs that are not as they were then.
	Differs []string
}

// Row is one changed number.
type Row struct {
	Label    string
	Cell     string
	Kind     string // count, share, quantile or wait
	Old, New *float64
	// LikeOld and LikeNew are of the agencies that answered for both quarters; nil where the set did not change.
	LikeOld, LikeNew *float64
	Parts            []Part
	// Where are the agencies at which a count changed, the most first. A child or family of several counts at each.
	Where []Where
	// OldOf and NewOf are the cases behind a share or days.
	OldOf, NewOf Of
}

// Where is by how much a count changed at one agency.
type Where struct {
	Agency string
	Change float64
}

// Of is how many of N cases met what a share asks; nil where that is not known.
type Of struct{ Met, N *float64 }

// Part is what one cause did: units that count now, that no longer do, and that count with another value.
type Part struct {
	Cause             string
	Came, Went, Moved int
}

// Range is what undecided pairs and consents could make of an unduplicated count.
type Range struct {
	Unit, Period       string // child or family; quarter or ytd
	Counted, Low, High int64
	Expected           float64
}

// Stand says which version of an earlier quarter the year to date stands on.
type Stand struct {
	Quarter, Submission, SignedOn string
	Restatement                   int
	// Late is how many measures what came since would change.
	Late int
}

// Corrections is the workbook of a restatement.
type Corrections struct {
	Agency, Quarter, Restates, Why string
	IsReturned                     bool // Why is then the ministry's words
	Restatement                    int
	Rows                           []Row
}

// document is what both forms are made of: sections of text and tables.
type document struct {
	lang, title, under string
	sections           []section
	// isOnePage fits the workbook's sheet onto one sheet of paper.
	isOnePage bool
}

type section struct {
	title, note string
	heads       []string
	rows        [][]cell
	widths      []float64
}

type cell struct {
	text     string
	isNumber bool
	isStrong bool
}

// verdict says in one line whether the submission can be approved as it stands.
func (p Page) verdict(lang string) string {
	w := words[lang]
	blocking, asking, checks := 0, 0, 0
	var agencies []string
	for _, o := range p.Open {
		if o.Blocks {
			blocking += o.Findings
			agencies = append(agencies, o.Agencies)
			continue
		}
		asking, checks = asking+o.Findings, checks+1
	}
	switch {
	case blocking > 0:
		return say(w["may_not"], blocking, strings.Join(agencies, ", "))
	case len(p.Signers) < p.Signatures:
		return say(w["may_not_signers"], p.Signatures, len(p.Signers))
	case asking > 0:
		if checks == 1 {
			return say(w["may_reason"], asking)
		}
		return say(w["may_reasons"], checks, asking)
	}
	return w["may_so"]
}

func (p Page) document(lang string) document {
	w := words[lang]
	d := document{lang: lang, isOnePage: true, title: say(w["title"], quarter(p.Quarter, lang)), under: p.Agency + "  ·  " + p.Submission}
	if p.Restates != "" {
		d.under += "  ·  " + say(w["restates"], p.Restates)
	}
	facts := section{title: w["what"], heads: []string{"", ""}, widths: []float64{24, 96}}
	add := func(key, text string) {
		if text != "" {
			facts.rows = append(facts.rows, []cell{{text: w[key]}, {text: text}})
		}
	}
	facts.heads = nil
	facts.rows = append(facts.rows, []cell{{text: w["may"]}, {text: p.verdict(lang), isStrong: true}})
	add("prepared", p.PreparedBy+", "+p.PreparedOn)
	if len(p.Signers) == 0 {
		add("signatures", w["no_signers"])
	} else {
		add("signatures", say(w["of"], p.Signatures, strings.Join(p.Signers, ", ")))
	}
	if p.IsReturned {
		add("returned", p.Restates+w["colon"]+p.Why)
	} else {
		add("why", p.Why)
	}
	d.sections = append(d.sections, facts, p.open(w), p.lacking(w, lang))
	if p.Draft != nil {
		d.sections = append(d.sections, p.Draft.section(w, lang, say(w["since_draft"], p.Draft.Against), false))
	}
	if p.Last != nil {
		d.sections = append(d.sections, p.Last.section(w, lang, say(w["since_last"], quarter(p.Last.Against, lang)), true))
	}
	if p.Year != nil {
		d.sections = append(d.sections, p.Year.section(w, lang, say(w["since_year"], quarter(p.Year.Against, lang)), true))
	}
	d.sections = append(d.sections, p.ranges(w, lang), p.stands(w, lang))
	return d
}

func (p Page) open(w map[string]string) section {
	s := section{title: w["open"], heads: []string{w["finding"], w["does"], w["count"], w["agencies"]}, widths: []float64{56, 22, 12, 30}}
	if len(p.Open) == 0 {
		return section{title: w["open"], note: w["open_none"]}
	}
	for _, o := range p.Open {
		does := w["asks"]
		if o.Blocks {
			does = w["blocks"]
		}
		s.rows = append(s.rows, []cell{{text: o.Name, isStrong: o.Blocks}, {text: does, isStrong: o.Blocks}, {text: strconv.Itoa(o.Findings), isNumber: true}, {text: o.Agencies}})
	}
	return s
}

func (p Page) lacking(w map[string]string, lang string) section {
	if len(p.Lacking) == 0 {
		return section{title: w["lacking"], note: w["lacking_none"]}
	}
	s := section{title: w["lacking"], note: w["lacking_note"], heads: []string{w["quarter"], w["agencies"], w["delivery"]}, widths: []float64{24, 30, 66}}
	for _, l := range p.Lacking {
		state := w["state_"+l.State]
		if state == "" {
			state = strings.ReplaceAll(l.State, "_", " ")
		}
		s.rows = append(s.rows, []cell{{text: quarter(l.Quarter, lang)}, {text: l.Agency}, {text: state, isStrong: true}})
	}
	return s
}

func (c Comparison) section(w map[string]string, lang, title string, isQuarter bool) section {
	s := section{title: title, heads: []string{w["measure"], w["before"], w["now"], w["change"], w["causes"]}, widths: []float64{46, 19, 12, 12, 38}}
	isLike := len(c.Came)+len(c.Gone) > 0
	var notes []string
	if isLike {
		s.heads = []string{w["measure"], w["before"], w["now"], w["change"], w["like_before"], w["like_now"], w["causes"]}
		s.widths = []float64{42, 19, 12, 10, 12, 12, 32}
		if len(c.Gone) > 0 {
			notes = append(notes, say(w["gone"], quarter(c.Against, lang), strings.Join(c.Gone, ", ")))
		}
		if len(c.Came) > 0 {
			notes = append(notes, say(w["came"], quarter(c.Against, lang), strings.Join(c.Came, ", ")))
		}
		notes = append(notes, w["like_note"])
	}
	if len(c.Differs) > 0 {
		notes = append(notes, say(w["differs"], strings.Join(c.Differs, ", ")))
	}
	if len(c.Rows) == 0 {
		return section{title: title, note: strings.Join(append(notes, w["nothing"]), " ")}
	}
	if isQuarter {
		s.heads[len(s.heads)-1] = w["behind"]
		notes = append(notes, w["behind_note"])
	} else {
		notes = append(notes, w["parts_note"])
	}
	if c.More > 0 {
		notes = append(notes, say(w["more"], c.More))
	}
	if c.Smaller > 0 {
		notes = append(notes, say(w["smaller"], len(c.Rows), c.Smaller))
	}
	s.note = strings.Join(notes, " ")
	for _, r := range c.Rows {
		line := []cell{{text: r.Label}, number(r.Old, r.Kind, lang), number(r.New, r.Kind, lang), difference(r, lang)}
		if isLike {
			line = append(line, number(r.LikeOld, r.Kind, lang), number(r.LikeNew, r.Kind, lang))
		}
		s.rows = append(s.rows, append(line, cell{text: causes(r, w, lang)}))
	}
	return s
}

// causes is the split in words: new data +3 -1, late data +2.
func causes(r Row, w map[string]string, lang string) string {
	out := make([]string, 0, len(r.Parts))
	for _, p := range r.Parts {
		s := w["cause_"+p.Cause]
		if r.Kind == "count" || r.Kind == "sum" {
			for _, n := range []struct {
				sign string
				n    int
			}{{"+", p.Came}, {"−", p.Went}} {
				if n.n != 0 {
					s += " " + n.sign + count(float64(n.n), lang)
				}
			}
		} else if n := p.Came + p.Went + p.Moved; n > 0 {
			s += " (" + say(w[plural("unit", n, lang)], n) + ")"
		}
		out = append(out, s)
	}
	if text := r.behind(w, lang); text != "" {
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// agenciesShown is how many agencies a line names.
const agenciesShown = 4

// behind is where a count changed, FCMH +3, SUNR −1, or the cases of a share or of days.
func (r Row) behind(w map[string]string, lang string) string {
	var out []string
	for _, a := range r.Where[:min(len(r.Where), agenciesShown)] {
		zero := 0.0
		out = append(out, a.Agency+" "+difference(Row{Kind: r.Kind, Old: &zero, New: &a.Change}, lang).text)
	}
	if more := len(r.Where) - len(out); more > 0 {
		out = append(out, say(w["agencies_more"], more))
	}
	if r.OldOf.N == nil || r.NewOf.N == nil {
		return strings.Join(out, ", ")
	}
	of := func(o Of) string {
		if o.Met == nil {
			return say(w["of_cases"], count(*o.N, lang))
		}
		return say(w["met_of"], count(*o.Met, lang), count(*o.N, lang))
	}
	return say(w["then_now"], of(r.OldOf), of(r.NewOf))
}

func plural(key string, n int, lang string) string {
	if n == 1 || n == 0 && lang == "fr" {
		return key
	}
	return key + "s"
}

func (p Page) ranges(w map[string]string, lang string) section {
	s := section{title: w["ranges"], note: w["ranges_note"], heads: []string{w["what_counted"], w["period"], w["counted"], w["expected"], w["between"]}, widths: []float64{30, 30, 14, 14, 32}}
	if len(p.Ranges) == 0 {
		return section{title: w["ranges"], note: w["ranges_none"]}
	}
	for _, r := range p.Ranges {
		s.rows = append(s.rows, []cell{{text: w["unit_"+r.Unit]}, {text: w["period_"+r.Period]}, {text: count(float64(r.Counted), lang), isNumber: true},
			{text: count(math.Round(r.Expected), lang), isNumber: true}, {text: say(w["from_to"], count(float64(r.Low), lang), count(float64(r.High), lang))}})
	}
	return s
}

func (p Page) stands(w map[string]string, lang string) section {
	if len(p.StandsOn) == 0 {
		return section{title: w["stands"], note: w["stands_none"]}
	}
	note := w["stands_note"]
	for _, unit := range []string{"child", "family"} {
		if n := p.Twice[unit]; n > 0 {
			note += " " + say(w["twice_"+unit], count(float64(n), lang))
		}
	}
	s := section{title: w["stands"], note: note, heads: []string{w["quarter"], w["version"], w["signed_on"], w["late"]}, widths: []float64{16, 36, 18, 50}}
	for _, v := range p.StandsOn {
		version := v.Submission
		if v.Restatement > 0 {
			version += " (" + say(w["restatement"], v.Restatement) + ")"
		}
		late := w["late_none"]
		if v.Late > 0 {
			late = say(w["late_some"], v.Late, v.Quarter)
		}
		s.rows = append(s.rows, []cell{{text: quarter(v.Quarter, lang)}, {text: version}, {text: v.SignedOn}, {text: late, isStrong: v.Late > 0}})
	}
	return s
}

func (c Corrections) document(lang string) document {
	w := words[lang]
	d := document{lang: lang, title: say(w["corrections"], c.Restatement, quarter(c.Quarter, lang)), under: c.Agency}
	s := section{title: w["changed_cells"], note: say(w["corrections_note"], c.Restates) + " " + w["parts_note"],
		heads: []string{w["measure"], w["cell"], w["before"], w["now"], w["change"], w["causes"]}, widths: []float64{46, 46, 12, 12, 12, 34}}
	if c.Why != "" {
		key := "why"
		if c.IsReturned {
			key = "returned"
		}
		s.note = w[key] + w["colon"] + c.Why + ". " + s.note
	}
	for _, r := range c.Rows {
		s.rows = append(s.rows, []cell{{text: r.Label}, {text: r.Cell}, number(r.Old, r.Kind, lang), number(r.New, r.Kind, lang), difference(r, lang), {text: causes(r, w, lang)}})
	}
	d.sections = []section{s}
	return d
}

func number(v *float64, kind, lang string) cell {
	if v == nil {
		return cell{text: "–", isNumber: true}
	}
	return cell{text: figure(*v, kind, lang), isNumber: true}
}

func figure(v float64, kind, lang string) string {
	if kind == "share" {
		s := strconv.FormatFloat(100*v, 'f', 1, 64)
		if lang == "fr" {
			return strings.Replace(s, ".", ",", 1) + "\u00a0%"
		}
		return s + "%"
	}
	return count(v, lang)
}

// difference is the change with its sign; of shares in percentage points.
func difference(r Row, lang string) cell {
	if r.Old == nil || r.New == nil {
		return cell{text: words[lang]["appeared"], isNumber: true}
	}
	d := *r.New - *r.Old
	sign := "+"
	if d < 0 {
		sign, d = "−", -d
	}
	text := sign + figure(d, r.Kind, lang)
	if r.Kind == "share" {
		text = strings.TrimRight(strings.TrimSuffix(text, "%"), "\u00a0") + "\u00a0" + words[lang]["points"]
	}
	return cell{text: text, isNumber: true, isStrong: true}
}

// count writes a number as the language does: 1,201.5 or 1 201,5.
func count(v float64, lang string) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if dot := strings.IndexByte(s, '.'); dot >= 0 && len(s)-dot > 2 {
		s = strconv.FormatFloat(v, 'f', 1, 64)
	}
	whole, part, hasPart := strings.Cut(s, ".")
	apart, point := ",", "."
	if lang == "fr" {
		apart, point = "\u00a0", ","
	}
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + apart + whole[i:]
	}
	if hasPart {
		whole += point + part
	}
	return whole
}

// quarter writes a quarter as people of the language read it; what is none, as the number of a draft, stays.
func quarter(text, lang string) string {
	q, err := tributary.ParseQuarter(text)
	if err != nil {
		return text
	}
	return q.Name(lang)
}

func say(form string, args ...any) string { return fmt.Sprintf(form, args...) }
