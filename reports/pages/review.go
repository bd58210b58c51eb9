package pages

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tributary"
)

// Reviews asks people about pairs of records, and takes their answers.
type Reviews interface {
	// Questions lists what is asked, the answers that move most first; kind is child, family, split, again or "".
	Questions(ctx context.Context, kind string) ([]Question, error)
	// Pair tells of one pair by its key; ErrNotFound where there is none. It shows persons.
	Pair(ctx context.Context, key string) (Pair, error)
	// Decide answers. seen is the stamp of the decision that the person saw: where another stands, it is refused.
	Decide(ctx context.Context, key, verdict, why, seen string) (Answered, error)
}

// ReviewRecord tells what was decided.
type ReviewRecord interface {
	// Decisions lists them in the order of time, an answer that parted a child as one.
	Decisions(ctx context.Context) ([]Decision, error)
	// TakeBack undoes the decision about a pair, with those of the same answer.
	TakeBack(ctx context.Context, key, why string) (verdict string, err error)
}

// Question is one line of the list. It names no record.
type Question struct {
	Key, Kind, Left, Right, Why, Effect string
	Withheld                            bool
	Probability                         float64
	Cells                               int
	// Decided says who answered since the numbers were published, and what; where two must agree, what the person who
	// looks answered.
	Decided string
	// Differ is what people said who do not agree. Who is still to answer as one of two does not see it.
	Differ []string
}

// Decision is one that was made.
type Decision struct {
	Pair, Key, Verdict, State, Changed, Who, On, Why string
	Acts                                             bool
	// Pairs is how many pairs were decided about in one answer that parted a child, 0 where it was about a pair.
	Pairs int
}

// Answered is what an answer does at the next run.
type Answered struct {
	Does  string
	Cells []MovedCell
}

// MovedCell is a published number and what is expected of it.
type MovedCell struct {
	Cell     string
	Old, New float64
}

// Pair is two records side by side.
type Pair struct {
	// Subject names the pair for the audit log.
	Subject, Key, Kind    string
	Left, Right           Person
	Withheld, IsCompared  bool
	Sentence, Outcome     string
	Because, Effect       string
	Probability           float64
	Values                []Compared
	Terms                 []Weight
	Stranger, Sibling     float64
	Rules, Shares         string
	FamilyChance          float64
	IsOneChild, IsOneHome bool
	// IsHomeHeld: other children of the two families speak against their being one.
	IsHomeHeld bool
	Decisions  []Decision
	// Decided is what stands about this very pair, and Seen its stamp; Differ as in Question.
	Decided, Seen string
	Differ        []string
}

// Person is one record and what stands around it.
type Person struct {
	Name, Agency     string
	Caregivers       []string
	Others, Siblings []string
	Lived            [][2]string
}

// Compared is one value of both records; Mark is ≠ where they differ, ≈ where only in spelling.
type Compared struct{ Column, Left, Right, Mark string }

// Weight is what one comparison adds, in bits for one child.
type Weight struct {
	Comparison, Level string
	Stranger, Sibling float64
}

func reviewRoutes() []route {
	of := func(pattern, file string, may Right, do func(*Visit) error) route {
		return route{pattern: pattern, may: may, file: file, words: reviewWords, do: do}
	}
	return []route{
		of("GET /review", "review.html", Review, questions), of("GET /review/decisions", "decisions.html", Review, decisions),
		of("GET /review/{key}", "pair.html", Review, pair), of("POST /review/{key}", "pair.html", Review, decide),
		of("POST /review/{key}/undo", "pair.html", Review, takeBack),
	}
}

var reviewKinds = []string{"", "child", "family", "split", "again"}

// questionsOnPage is how many questions one page lists.
const questionsOnPage = 100

func questions(v *Visit) error {
	kind := v.FormValue("kind")
	all, err := v.Desk.Questions(v.Context(), kind)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Differ = v.settles(all[i].Decided, all[i].Differ)
	}
	open := slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return q.Decided != "" })
	done := slices.DeleteFunc(all, func(q Question) bool { return q.Decided == "" })
	return v.Show(shared["review"], struct {
		Kind               string
		Kinds              []string
		Open, Done         []Question
		All, Answered, Max int
	}{kind, reviewKinds, open[:min(len(open), questionsOnPage)], done[:min(len(done), questionsOnPage)], len(open), len(done), questionsOnPage})
}

// settles is what an analyst sees of people who do not agree, unless they are one of them: all others answer blind.
func (v *Visit) settles(answered string, differ []string) []string {
	if !v.May(Work) || answered != "" {
		return nil
	}
	return differ
}

func decisions(v *Visit) error {
	if ok, err := v.Because("decisions about pairs"); !ok {
		return err
	}
	all, err := v.Desk.Decisions(v.Context())
	if err != nil {
		return err
	}
	slices.Reverse(all)
	return v.Show(reviewWords["history"], struct {
		All   int
		Shown []Decision
	}{len(all), all[:min(len(all), 500)]})
}

// place is where a person stands in the row of questions.
type place struct {
	At, All                    int
	Kinds, Before, After, Last string
	// Reason is why the person looks.
	Reason string
}

func (v *Visit) place(all []Question, key string) place {
	kind := v.FormValue("kind")
	if kind != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(q Question) bool { return q.Kind != kind })
	}
	at := slices.IndexFunc(all, func(q Question) bool { return q.Key == key })
	out := place{At: at + 1, All: len(all), Kinds: kind, Last: v.FormValue("after"), Reason: v.site.sessions.why(v.session)}
	if at > 0 {
		out.Before = link(all[at-1].Key, kind)
	}
	if at >= 0 && at+1 < len(all) {
		out.After = link(all[at+1].Key, kind)
	}
	return out
}

// pairView is what the page of one pair shows.
type pairView struct {
	Pair
	place
	Fall     waterfall
	Home     home2
	Verdicts []verdictView
}

type verdictView struct{ Key, Verdict, Word string }

// pair shows two records, or the whole child where it is asked whether that is two.
func pair(v *Visit) error {
	key := v.PathValue("key")
	all, err := v.Desk.Questions(v.Context(), "")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(q Question) bool { return q.Key == key })
	if at >= 0 && all[at].Kind == "split" && v.FormValue("pair") == "" {
		all[at].Differ = v.settles(all[at].Decided, all[at].Differ)
		return split(v, all[at], v.place(all, key))
	}
	p, err := v.Desk.Pair(v.Context(), key)
	if err != nil {
		return err
	}
	if ok, err := v.Because(p.Subject); !ok {
		return err
	}
	p.Differ = v.settles(p.Decided, p.Differ)
	return v.Show(reviewWords["kind_"+p.Kind], pairView{Pair: p, place: v.place(all, key), Fall: fall(p), Home: picture(p), Verdicts: verdictsOf("")})
}

// link is the address of a pair.
func link(key, kind string) string {
	to := "/review/" + url.PathEscape(key)
	if kind != "" {
		to += "?kind=" + url.QueryEscape(kind)
	}
	return to
}

// next is the first open question after one, or the first of all.
func next(all []Question, key string) string {
	at := slices.IndexFunc(all, func(q Question) bool { return q.Key == key })
	for _, q := range append(slices.Clone(all[at+1:]), all[:max(at, 0)]...) {
		if q.Decided == "" && q.Key != key {
			return q.Key
		}
	}
	return ""
}

func decide(v *Visit) error {
	key, kind := v.PathValue("key"), v.FormValue("kind")
	why, err := reason(v)
	verdict := v.FormValue("verdict")
	if err == nil && reviewWords["verdict_"+verdict] == "" {
		err = tributary.Fix(errors.New(reviewWords["no_verdict"]), reviewWords["no_verdict_fix"])
	}
	var done Answered
	if err == nil {
		if v.PostForm.Has("parts") {
			done, err = answerSplit(v, verdict, why)
		} else {
			done, err = v.Desk.Decide(v.Context(), key, verdict, why, v.FormValue("seen"))
		}
	}
	if err != nil {
		return v.Retry(err, pair)
	}
	said := fmt.Sprintf(reviewWords["noted"], reviewWords["verdict_"+verdict], done.Does)
	for i, c := range done.Cells {
		said += map[bool]string{true: ": ", false: "; "}[i == 0] + fmt.Sprintf(reviewWords["moves"], c.Cell, c.Old, c.New)
	}
	all, err := v.Desk.Questions(v.Context(), kind)
	if err != nil {
		return err
	}
	to := next(all, key)
	if to == "" {
		return v.Leave("/review", said+". "+reviewWords["all_done"])
	}
	return v.Leave("/review/"+url.PathEscape(to)+"?"+url.Values{"after": {key}, "kind": {kind}}.Encode(), said+".")
}

func takeBack(v *Visit) error {
	why, err := reason(v)
	if err == nil {
		_, err = v.Desk.TakeBack(v.Context(), v.PathValue("key"), why)
	}
	if err != nil {
		return v.Retry(err, pair)
	}
	return v.Leave(link(v.PathValue("key"), v.FormValue("kind")), reviewWords["taken_back"])
}

// waterfall is the picture of what each comparison adds: two columns of bars, each beginning where the one above ends.
type waterfall struct {
	Rows   []fallRow
	Height int
	Zero   [2]float64
}

type fallRow struct {
	Weight
	Y    int
	Bars [2]bar
	Bits [2]string
	Sum  bool
}

type bar struct {
	X, Width float64
	Class    string
}

// The picture's measures, in its own units.
const (
	fallWidth = 240.0
	fallStep  = 22
)

// fallAt is where the two columns begin.
var fallAt = [2]float64{380, 700}

func fall(p Pair) waterfall {
	rows := make([]fallRow, 0, len(p.Terms)+1)
	var low, high, at [2]float64
	for _, t := range p.Terms {
		for i, bits := range [2]float64{t.Stranger, t.Sibling} {
			at[i] += bits
			low[i], high[i] = min(low[i], at[i]), max(high[i], at[i])
		}
		rows = append(rows, fallRow{Weight: t})
	}
	rows = append(rows, fallRow{Weight: Weight{Comparison: reviewWords["all_together"], Stranger: p.Stranger, Sibling: p.Sibling}, Sum: true})
	out := waterfall{Rows: rows, Height: fallStep*len(rows) + 30}
	from := [2]float64{}
	scale := fallWidth / max(high[0]-low[0], high[1]-low[1], 1)
	for c := range 2 {
		out.Zero[c] = fallAt[c] - low[c]*scale
	}
	for i := range rows {
		r := &rows[i]
		r.Y = 28 + i*fallStep
		for c, bits := range [2]float64{r.Stranger, r.Sibling} {
			begin := from[c]
			if r.Sum {
				begin = 0
			}
			end := begin + bits
			b := bar{X: out.Zero[c] + min(begin, end)*scale, Width: max(max(begin, end)-min(begin, end), 0) * scale, Class: "for"}
			if bits < 0 {
				b.Class = "against"
			}
			r.Bars[c], r.Bits[c], from[c] = b, strings.Replace(fmt.Sprintf("%+.1f", bits), "-0.0", "+0.0", 1), end
		}
	}
	return out
}

// home2 is the picture of the two families: two groups of boxes and what is asked about them.
type home2 struct {
	Boxes  []box
	Lines  [][4]int
	Height int
}

type box struct {
	X, Y  int
	Class string
	Text  string
}

const (
	boxWidth  = 300
	boxStep   = 34
	boxRight  = 560
	mostBoxes = 8
)

// picture draws each record with its caregivers above and its siblings below it.
func picture(p Pair) home2 {
	var out home2
	if p.Withheld {
		return out
	}
	var middle [2]int
	for side, who := range []Person{p.Left, p.Right} {
		x, y := side*boxRight, 4
		put := func(class, text string) {
			out.Boxes = append(out.Boxes, box{x, y, class, short(text)})
			y += boxStep
		}
		for _, c := range who.Caregivers[:min(len(who.Caregivers), mostBoxes)] {
			put("care", c)
		}
		middle[side] = y + boxStep/2 - 4
		put("asked", who.Name)
		for _, c := range who.Others[:min(len(who.Others), mostBoxes)] {
			put("other", c)
		}
		for _, c := range who.Siblings[:min(len(who.Siblings), mostBoxes)] {
			put("sibling", c)
		}
		out.Height = max(out.Height, y)
	}
	out.Lines = append(out.Lines, [4]int{boxWidth, middle[0], boxRight, middle[1]})
	return out
}

// short keeps a text within its box.
func short(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) > 42 {
		return string(r[:41]) + "…"
	}
	return string(r)
}
