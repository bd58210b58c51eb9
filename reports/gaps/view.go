package gaps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// kinds of pictures: of what, by what.
const (
	byPlace   = "place"
	byService = "service"
	byGroup   = "group"
)

// row is one line of a ranked view.
type row struct {
	name string
	key  key
	f    figure
	ok   bool
}

// isSilent says that nobody who should have told of it did.
func (f figure) isSilent() bool { return f.expected > 0 && f.reported == 0 }

func (f figure) isPart() bool { return f.expected > f.reported }

// keys are the lines of a view of the quarter, in their own order.
func (r *release) keys(by, quarter string) []row {
	var out []row
	switch by {
	case byPlace:
		for _, p := range r.places {
			out = append(out, row{name: p.name, key: key{quarter: quarter, place: p.code}})
		}
	case byService:
		for _, s := range r.services {
			out = append(out, row{name: s.name, key: key{quarter: quarter, service: s.code}})
		}
	case byGroup:
		for _, g := range r.groupsOf(false) {
			out = append(out, row{name: r.groupTitle(g), key: key{quarter: quarter, cut: g.cut, code: g.code}})
		}
	}
	return out
}

func (r *release) groupTitle(g group) string { return g.label + r.say("colon") + " " + g.name }

// ranked are the lines of a view with their figures, the largest first, those without a figure last.
func (r *release) ranked(role, by string) []row {
	lines := r.keys(by, r.quarter.String())
	for i := range lines {
		lines[i].f, lines[i].ok = r.at(role, lines[i].key)
	}
	if by != byPlace { // a service or group that nobody told of is no line
		lines = slices.DeleteFunc(lines, func(l row) bool {
			return !l.ok || !l.f.value.Valid && !l.f.low.Valid && !l.f.isSilent() && !l.f.isHidden()
		})
	}
	place := map[string]int{} // groups of one kind stand together
	for i, l := range lines {
		if _, ok := place[l.key.cut]; !ok {
			place[l.key.cut] = i
		}
	}
	slices.SortStableFunc(lines, func(a, b row) int {
		return cmp.Or(cmp.Compare(place[a.key.cut], place[b.key.cut]), cmp.Compare(weight(b), weight(a)))
	})
	return lines
}

func weight(l row) float64 {
	if !l.ok || !l.f.value.Valid {
		return -1
	}
	return l.f.value.Float64
}

// reads says in words how a figure stands.
func (r *release) reads(f figure, ok bool) string {
	switch {
	case !ok:
		return r.say("no.figure")
	case f.isSilent():
		return r.say("silent")
	case f.isHidden():
		return r.say("hidden.reading")
	case !f.value.Valid && f.low.Valid:
		return r.say("open")
	case !f.value.Valid:
		return r.say("no.figure")
	}
	out := ""
	switch f.funnel {
	case "high":
		out = "▲ " + r.say("high.reading")
	case "low":
		out = "▼ " + r.say("low.reading")
	case "inside":
		out = r.say("within")
	}
	if f.isSmall {
		out += map[bool]string{true: "", false: "; "}[out == ""] + r.say("small")
	}
	if out == "" {
		return none
	}
	return out
}

// covered says who reported beside a figure.
func (r *release) covered(f figure, ok bool) string {
	switch missing := f.expected - f.reported; {
	case !ok || f.expected == 0:
		return none
	case missing == 0 && f.expected == 1:
		return r.say("all.reported.one")
	case missing == 0:
		return r.say("all.reported", f.expected)
	case f.expected == 1:
		return r.say("none.reported")
	case missing == 1:
		return r.say("not.reported.one", missing, f.expected)
	default:
		return r.say("not.reported", missing, f.expected)
	}
}

// none stands where there is nothing to tell.
const none = "–"

// isShare says how a figure is written.
func isShare(role string) bool { return strings.HasSuffix(role, ".share") }

// value writes a figure, with its mark where it is small.
func (r *release) value(role string, f figure, ok bool) string {
	if ok && f.isHidden() {
		return r.say("hidden")
	}
	if !ok || !f.value.Valid || f.isSilent() {
		return none
	}
	return r.bare(role, f.value.Float64) + mark(f)
}

func mark(f figure) string {
	if f.isSmall {
		return thin + "†"
	}
	return ""
}

func (r *release) bare(role string, v float64) string {
	if isShare(role) {
		return r.percent(v)
	}
	return r.amount(v)
}

// range writes the interval of a figure.
func (r *release) interval(role string, f figure, ok bool) string {
	switch {
	case !ok || !f.low.Valid || f.isSilent():
		return none
	case !f.high.Valid:
		return r.say("wait.over", r.bare(role, f.low.Float64))
	}
	return r.say("up.to", r.bare(role, f.low.Float64), r.bare(role, f.high.Float64))
}

// count writes a plain count of the same key.
func (r *release) count(role string, k key) string {
	f, ok := r.at(role, k)
	return r.value(role, f, ok)
}

// answer is one of the three questions with its answer in large and in sentences.
type answer struct {
	Question, Big string
	Text          []string
}

// said is a sentence with the words that it begins with.
type said struct{ Head, Text string }

func (r *release) answers() []answer { return []answer{r.largest(), r.missing(), r.longest()} }

// real are the shares of places and services that lie above what chance explains, most children first.
func (r *release) real() []figure {
	var out []figure
	for _, f := range r.all {
		k := f.key
		if f.measure+"."+f.statistic != unmet || f.funnel != "high" || f.isSmall || k.place == "" || k.place == unknown || k.service == "" || k.service == unknown || k.cut != "" || !f.value.Valid {
			continue
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b figure) int { return cmp.Compare(b.units, a.units) })
	return out
}

func (r *release) largest() answer {
	a := answer{Question: r.say("q.gap")}
	found := r.real()
	if len(found) == 0 {
		a.Big = r.say("gap.none.big")
		if !r.has(unmet) {
			a.Text = []string{r.say("gap.nothing")}
			return a
		}
		a.Text = []string{r.say("gap.none")}
		services := slices.DeleteFunc(r.ranked(unmet, byService), func(l row) bool { return !l.f.value.Valid || l.key.service == unknown })
		slices.SortStableFunc(services, func(a, b row) int { return cmp.Compare(b.f.units, a.f.units) })
		if len(services) > 0 {
			f := services[0].f
			a.Text = append(a.Text, r.say("gap.most", services[0].name, r.amount(float64(f.units)), r.amount(float64(f.of.Int64)), r.percent(f.value.Float64)))
		}
		return a
	}
	f := found[0]
	a.Big = r.say("gap.big", r.serviceName(f.key.service), r.placeName(f.key.place))
	everywhere, ok := r.at(unmet, key{quarter: f.key.quarter, service: f.key.service})
	text := r.say("gap.text", r.amount(float64(f.units)), r.amount(float64(f.of.Int64)), r.percent(f.value.Float64), r.percent(f.low.Float64), r.percent(f.high.Float64))
	if ok && everywhere.value.Valid {
		text += " " + r.say("gap.whole", r.percent(everywhere.value.Float64))
	}
	a.Text = []string{text, r.say("gap.real")}
	var next []string
	for _, f := range found[1:min(3, len(found))] {
		next = append(next, r.say("gap.next.one", r.serviceName(f.key.service), r.placeName(f.key.place), r.amount(float64(f.units)), r.amount(float64(f.of.Int64))))
	}
	if len(next) > 0 {
		a.Text = append(a.Text, r.say("gap.next", strings.Join(next, "; ")))
	}
	return a
}

// didReport says what a delivery's state means here: its agency told something, or that there is nothing to tell.
func didReport(state string) bool {
	return slices.Contains([]string{"accepted", "accepted_with_findings", "partly_accepted", "nil"}, state)
}

// owes says that the agency should have reported.
func owes(state string) bool { return state != "excused" && state != "not_due" }

func (r *release) missing() answer {
	a := answer{Question: r.say("q.silent")}
	var names []string
	expected := 0
	for _, g := range r.agencies {
		d, ok := r.deliveries[[2]string{r.quarter.String(), g.code}]
		if !ok || !owes(d.state) {
			continue
		}
		expected++
		if !didReport(d.state) {
			names = append(names, g.name)
		}
	}
	if len(names) == 0 {
		a.Big, a.Text = r.say("silent.none"), []string{r.say(map[bool]string{true: "silent.all.one", false: "silent.all"}[expected == 1], expected, r.quarter.Name(r.lang))}
		return a
	}
	a.Big = r.say(map[bool]string{true: "silent.big.one", false: "silent.big"}[len(names) == 1], len(names), expected)
	a.Text = []string{r.say("silent.text", r.list(names)), r.say("silent.what")}
	services := slices.DeleteFunc(r.ranked(unmet, byService), func(l row) bool { return !l.f.isPart() || l.key.service == unknown })
	slices.SortStableFunc(services, func(a, b row) int {
		return cmp.Compare((b.f.expected-b.f.reported)*a.f.expected, (a.f.expected-a.f.reported)*b.f.expected)
	})
	var where []string
	for _, l := range services[:min(3, len(services))] {
		where = append(where, fmt.Sprintf("%s (%s)", l.name, r.say("n.of", l.f.expected-l.f.reported, l.f.expected)))
	}
	if len(where) > 0 {
		a.Text = append(a.Text, r.say("silent.where", r.list(where)))
	} else {
		a.Text[1] = r.say("silent.nowhere")
	}
	return a
}

func (r *release) longest() answer {
	a := answer{Question: r.say("q.wait")}
	f, ok := r.at(waitMedian, r.now())
	switch {
	case !ok || !f.value.Valid && !f.low.Valid:
		a.Big, a.Text = r.say("wait.none.big"), []string{r.say("wait.none")}
	default:
		v := f.low
		if f.value.Valid {
			v = f.value
		}
		days := r.amount(v.Float64)
		a.Big = r.say("wait.big", days)
		text := r.say("wait.half", days)
		switch {
		case f.value.Valid && f.low.Valid && f.high.Valid:
			text += " " + r.say("wait.range", r.amount(f.low.Float64), r.amount(f.high.Float64))
		case f.value.Valid && f.low.Valid:
			text += " " + r.say("wait.least", r.amount(f.low.Float64))
		}
		if late, ok := r.at(waitLate, r.now()); ok && late.value.Valid {
			text += r.say("wait.late", r.amount(late.value.Float64))
		}
		a.Text = []string{text + "."}
	}
	var worst, open *row // open: of which only the low end of the range is known
	for _, l := range r.ranked(waitMedian, byService) {
		switch {
		case l.f.isSmall || l.key.service == unknown:
		case l.f.value.Valid:
			worst = cmp.Or(worst, &l)
		case l.f.low.Valid && (open == nil || l.f.low.Float64 > open.f.low.Float64):
			open = &l
		}
	}
	if worst != nil {
		a.Text = append(a.Text, r.say("wait.worst", worst.name, r.amount(worst.f.value.Float64)))
		if open != nil {
			a.Text = append(a.Text, r.say("wait.open", open.name, r.amount(open.f.low.Float64)))
		}
	}
	if f, ok := r.at(waitQueue, r.now()); ok && f.value.Valid {
		a.Text = append(a.Text, r.say("wait.queue", r.amount(f.value.Float64), r.day(r.quarter.End())))
	}
	return a
}

// more are the sentences below the answers: what changed, what this does not know, how to read it.
func (r *release) more() []said {
	return []said{{r.say("changed"), r.changed()}, {r.say("unsure"), r.unsure()}, {r.say("reading"), r.say(map[bool]string{true: "reading.text", false: "hidden.text"}[r.audience() == ""], r.smallBelow())}}
}

func (r *release) smallBelow() string {
	if s := r.settings["small_below"]; s != "" {
		return s
	}
	return "5"
}

func (r *release) changed() string {
	before, ok := r.before()
	if !ok {
		return r.say("changed.first")
	}
	f, ok := r.at(unmet, r.now())
	then, okThen := r.at(unmet, key{quarter: before})
	switch {
	case !ok || !okThen || !f.value.Valid || !then.value.Valid:
		return r.say("changed.first")
	case f.isBroken:
		return r.say("changed.broken", r.quarterNames(before)[0])
	}
	how := "changed.real"
	if f.low.Float64 <= then.high.Float64 && then.low.Float64 <= f.high.Float64 {
		how = "changed.chance"
	}
	out := r.say("changed.text", r.percent(then.value.Float64), r.quarterNames(before)[0], r.percent(f.value.Float64)) + r.say(how)
	w, ok := r.at(waitMedian, r.now())
	wThen, okThen := r.at(waitMedian, key{quarter: before})
	if ok && okThen && w.value.Valid && wThen.value.Valid && !w.isBroken {
		out += " " + r.say("changed.wait", r.amount(wThen.value.Float64), r.amount(w.value.Float64))
	}
	return out
}

func (r *release) unsure() string {
	out := []string{r.say("unsure.needs")}
	all, ok := r.at(unmet, r.now())
	lost, okLost := r.at(unmet, key{quarter: r.quarter.String(), place: unknown})
	if ok && okLost && lost.of.Int64 > 0 {
		out = append(out, r.say("unsure.place", r.amount(float64(lost.of.Int64)), r.amount(float64(all.of.Int64))))
	}
	switch r.settings["rate_base"] {
	case "population":
		out = append(out, r.say("unsure.total"))
	case "":
		out = append(out, r.say("unsure.nobody"))
	}
	return strings.Join(out, " ")
}
