package ministry

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tributary"
	"tributary/reports/sheet"
)

// words are the fixed texts of one language, by key.
type words map[string]string

func wordsOf(lang string) (words, error) {
	switch lang {
	case "en", "fr":
		w := words{"language": lang}
		for key, pair := range vocabulary {
			w[key] = pair[0]
			if lang == "fr" {
				w[key] = pair[1]
			}
		}
		return w, nil
	}
	return nil, tributary.Fix(fmt.Errorf("language %q: neither en nor fr", lang), "write --language en or --language fr")
}

// say fills a text that has places.
func (w words) say(key string, args ...any) string {
	return sheet.Say(w["language"] == "fr", w[key], args...)
}

// term is the word for a code of ours (a unit, a state, a rule), the code itself where it is new.
func (w words) term(kind, code string) string {
	if s, ok := w[kind+"."+code]; ok {
		return s
	}
	return strings.ReplaceAll(code, "_", " ")
}

func (b *book) date(t time.Time) string {
	if b.rel.lang == "fr" {
		day := strconv.Itoa(t.Day())
		if t.Day() == 1 {
			day = "1er"
		}
		return day + " " + frenchMonths[t.Month()-1] + " " + strconv.Itoa(t.Year())
	}
	return t.Format("2 January 2006")
}

var (
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
		"septembre", "octobre", "novembre", "décembre"}
	frenchShort = [...]string{"janv.", "févr.", "mars", "avril", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."}
)

func (b *book) month(t time.Time) string {
	if b.rel.lang == "fr" {
		return frenchShort[t.Month()-1]
	}
	return t.Format("Jan")
}

// dayMonth is a day in few letters.
func (b *book) dayMonth(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if b.rel.lang == "fr" && t.Day() == 1 {
		day = "1er"
	}
	return day + "\u00a0" + b.month(t)
}

// quarterLong is the quarter with its days.
func (b *book) quarterLong() string {
	q := b.rel.quarter
	return b.words.say("quarter_long", q.Number(), q.FiscalYear(), b.date(q.Start()), b.date(q.End()))
}

// quarterHead heads a column: the quarter and its months.
func (b *book) quarterHead(q tributary.Quarter) string {
	return fmt.Sprintf("%s\n%s–%s %d", q, b.month(q.Start()), b.month(q.End()), q.End().Year())
}

// basis says what a number is of, and of which days.
func (b *book) basis(d definition) string {
	q := b.rel.quarter
	if d.basis == "point_in_time" {
		return b.words.say("basis_point", b.dayMonth(q.End())+" "+strconv.Itoa(q.End().Year()))
	}
	return b.words.say("basis_days", b.words.term("basis", d.basis), b.dayMonth(q.Start()),
		b.dayMonth(q.End())+" "+strconv.Itoa(q.End().Year()))
}

// amount writes a number inside a sentence.
func (b *book) amount(v float64) string {
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	whole, part, _ := strings.Cut(s, ".")
	gap, point := ",", "."
	if b.rel.lang == "fr" {
		gap, point = "\u00a0", ","
	}
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + gap + whole[i:]
	}
	if part != "" {
		whole += point + part
	}
	return whole
}

func (b *book) percent(v float64) string {
	s := strconv.FormatFloat(math.Round(v*100), 'f', 0, 64)
	if b.rel.lang == "fr" {
		return s + "\u00a0%"
	}
	return s + "%"
}

// value writes a number with its unit, inside a sentence.
func (b *book) value(d definition, statistic string, v float64) string {
	if statistic == "" {
		statistic = mainStatistic(d.kind)
	}
	if statistic == "share" {
		return b.percent(v)
	}
	return b.amount(v) + "\u00a0" + b.unit(d, statistic)
}

func (b *book) unit(d definition, statistic string) string {
	if statistic == "" {
		statistic = mainStatistic(d.kind)
	}
	switch statistic {
	case "share":
		return b.words.say("percent_of", b.words.term("unit", d.unit))
	case "ratio":
		return b.words.say("average_per", b.words.term("each", d.unit))
	case "median", "p90", "longest":
		return b.words["days"]
	}
	return b.words.term("unit", d.unit)
}

// change tells the way from one number to the next, with an arrow and in words: no colour needed.
func (b *book) change(d definition, before, now number) string {
	diff := now.value - before.value
	if mainStatistic(d.kind) == "share" {
		points := math.Round(100 * diff)
		switch {
		case points > 0:
			return b.words.say("points_up", b.amount(points))
		case points < 0:
			return b.words.say("points_down", b.amount(-points))
		}
		return b.words["unchanged"]
	}
	key := "more"
	switch {
	case diff == 0:
		return b.words["unchanged"]
	case diff < 0:
		key = "fewer"
	}
	if mainStatistic(d.kind) == "median" {
		key = map[string]string{"more": "longer", "fewer": "shorter"}[key]
	}
	text := b.words.say(key, b.amount(math.Abs(diff)))
	if before.value != 0 && !now.isSmall && !before.isSmall {
		text += " (" + signed(diff) + b.percent(math.Abs(diff/before.value)) + ")"
	}
	return text
}

// signed uses the real minus: a text that begins with a hyphen is taken for a formula by some.
func signed(v float64) string {
	if v < 0 {
		return "−"
	}
	return "+"
}
