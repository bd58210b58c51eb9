package template

import (
	_ "embed"
	"encoding/csv"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed words.csv
var wordsCSV string

//go:embed cover.csv
var coverCSV string

// concepts leads from a word, English or French, to what it stands for.
var concepts = func() map[string]string {
	out := map[string]string{}
	for _, line := range lines(wordsCSV) {
		for word := range strings.SplitSeq(line[1], "|") {
			out[word] = line[0]
		}
	}
	return out
}()

// lines are those of an embedded list, without its heading. What is embedded parses: a test holds it.
func lines(text string) [][]string {
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(all) == 0 {
		return nil
	}
	return all[1:]
}

// noise are words that say nothing of what is counted.
var noise = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`the a an of for in at on to by and or over more so far with during per this that were was are is who which
		total number count unduplicated unique all any your our their reporting please enter from as it its than
		le la les un une des de du d l en au aux a et ou sur par avec pendant dont plus nombre total totale ce cette qui ont ete
		leur vos votre moins jusqu depuis durant chez`) {
		out[w] = true
	}
	return out
}()

// fold is a text in small letters without accents, marks and double spaces.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		case r == '%' || r == '|' || r == '>':
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			gap = true
		default:
			gap = true
		}
	}
	return b.String()
}

// countedOnce are ways to say that nobody is counted twice, which our unique counts never do.
var countedOnce = regexp.MustCompile(`\b(sans (double compte|doubles comptes|dedoublement|doublon|doublons)|non dedouble\w*|each counted once|counted once|chacune? comptee? une (seule )?fois)\b`)

// tokens are the concepts of a text, sorted, each once.
func tokens(s string) []string {
	var out []string
	for _, w := range strings.Fields(strings.ReplaceAll(countedOnce.ReplaceAllString(fold(s), ""), "%", " percent ")) {
		if w == "|" || w == ">" || noise[w] {
			continue
		}
		c, ok := concepts[w]
		for _, end := range []string{"s", "x", "es"} {
			if stem, cut := strings.CutSuffix(w, end); !ok && cut && len(stem) > 2 {
				c, ok = concepts[stem]
			}
		}
		if !ok {
			c = strings.TrimSuffix(w, "s")
		}
		if !noise[c] {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// statistics are words for what is taken of a distribution.
var statistics = map[string]string{"median": "median", "p90": "p90", "longest": "longest"}

// statisticOf takes the words for a statistic out.
func statisticOf(words []string) (statistic string, rest []string) {
	for _, w := range words {
		if s, ok := statistics[w]; ok {
			statistic = s
		} else if w != "percentile" {
			rest = append(rest, w)
		}
	}
	return statistic, rest
}

var periodForms = []struct {
	form *regexp.Regexp
	says string
}{
	{regexp.MustCompile(`\b(year to date|ytd|cumul\w*|depuis le debut|full year|year total|annual total|total annuel|total de l exercice|a ce jour)\b`), "ytd"},
	{regexp.MustCompile(`\b(previous|prior|last|precedent) (quarter|trimestre)\b|\b(quarter|trimestre) (precedent|before)\b`), "previous"},
	{regexp.MustCompile(`\b(same quarter last year|last year|previous year|prior year|exercice precedent|annee precedente)\b`), "last_year"},
	{regexp.MustCompile(`\b(q|t|quarter|trimestre) ?1\b|\b(1 ?st|1 ?er|first|premier|1) (quarter|trimestre)\b|\b(apr\w*|avr\w*) .*\b(jun\w*|juin)\b`), "Q1"},
	{regexp.MustCompile(`\b(q|t|quarter|trimestre) ?2\b|\b(2 ?nd|2 ?e|second|deuxieme|2) (quarter|trimestre)\b|\b(jul\w*|juil\w*) .*\bsept?\w*\b`), "Q2"},
	{regexp.MustCompile(`\b(q|t|quarter|trimestre) ?3\b|\b(3 ?rd|3 ?e|third|troisieme|3) (quarter|trimestre)\b|\boct\w* .*\bdec\w*\b`), "Q3"},
	{regexp.MustCompile(`\b(q|t|quarter|trimestre) ?4\b|\b(4 ?th|4 ?e|fourth|quatrieme|4) (quarter|trimestre)\b|\bjan\w* .*\bmar\w*\b`), "Q4"},
	{regexp.MustCompile(`\b(this|current|reporting|reported) (quarter|period)\b|\b(trimestre|periode) (vise\w*|en cours|courant\w*|declare\w*)\b|\b(actual|reel|reels|result|resultat|resultats)\b`), "quarter"},
}

// periodOf finds the words for a period: quarter, previous, last_year, Q1 to Q4 or ytd.
func periodOf(text string) string {
	text = fold(text)
	for _, p := range periodForms {
		if p.form.MatchString(text) {
			return p.says
		}
	}
	return ""
}

var roleForms = []struct {
	form *regexp.Regexp
	says string
}{
	{regexp.MustCompile(`\b(variance|ecart|difference|change|variation)\b.*\b(explan\w*|explic\w*|reason|raison|comment\w*|cause|motif)\b|\b(explanation|explication|cause|comments?|commentaires?)\b`), "note cause"},
	{regexp.MustCompile(`\b(corrective|correctives?|remedial|redressement)\b`), "note corrective_action"},
	{regexp.MustCompile(`\b(catch up|rattrapage)\b`), "note catch_up_on"},
	{regexp.MustCompile(`\b(variance|ecart|difference|variation)\b`), "derived"},
	{regexp.MustCompile(`\b(target|cible|objectif|planned|prevu)\b`), "target"},
}

// roleOf says whether a heading asks for a target or for words, and not for the number itself.
func roleOf(text string) string {
	text = fold(text)
	for _, r := range roleForms {
		if r.form.MatchString(text) {
			return r.says
		}
	}
	return ""
}

// lexicon scores texts against labels: words that few labels share weigh more.
type lexicon struct {
	weight  map[string]float64
	unknown float64
}

func newLexicon(labels [][]string) lexicon {
	l := lexicon{weight: map[string]float64{}}
	for _, words := range labels {
		for _, w := range words {
			l.weight[w]++
		}
	}
	for w, n := range l.weight {
		l.weight[w] = math.Log(1 + float64(len(labels))/n)
	}
	l.unknown = math.Log(1 + float64(len(labels))/2)
	return l
}

func (l lexicon) of(w string) float64 {
	if v, ok := l.weight[w]; ok {
		return v
	}
	return l.unknown
}

// score is the cosine of two sets of words, 0 to 1.
func (l lexicon) score(a, b []string) float64 {
	var both, left, right float64
	for _, w := range a {
		left += l.of(w) * l.of(w)
		if _, found := slices.BinarySearch(b, w); found {
			both += l.of(w) * l.of(w)
		}
	}
	for _, w := range b {
		right += l.of(w) * l.of(w)
	}
	if both == 0 {
		return 0
	}
	return both / math.Sqrt(left*right)
}
