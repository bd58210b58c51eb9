package pages

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"tributary"
)

// Splits asks people whether the records of one child are of two.
type Splits interface {
	// Split tells of the child that a question of kind split is about; ErrNotFound where the pair is none of one child. It
	// shows persons.
	Split(ctx context.Context, key string) (Split, error)
	// DecideSplit answers: second are the places of the second child's records, for the verdicts family and different.
	// seen is the stamp of what was decided when the person looked.
	DecideSplit(ctx context.Context, key, verdict string, second []int, why, seen string) (Answered, error)
}

// Split is a child that may be two, its records side by side.
type Split struct {
	// Subject names the child for the audit log.
	Subject, Child string
	Records        []SplitRecord
	Rows           []SplitRow
	Links          []SplitLink
	Withheld       bool
	// Hidden is how many more records may not be shown beside these.
	Hidden int
	Seen   string
}

// SplitRecord is one column: a record, and whether it is proposed for the second child.
type SplitRecord struct {
	Name     string
	IsSecond bool
}

// SplitRow is one value of all records; Mark is ≠ where two of them differ, ≈ where only in spelling.
type SplitRow struct {
	Column, Mark string
	Values       []string
}

// SplitLink is what holds two records together, in bits as in Weight.
type SplitLink struct {
	Left, Right        int
	Key, Sentence      string
	Probability        float64
	Stranger, Sibling  float64
	IsWeakest, IsCross bool
}

// letters name the records of a child, and are the keys that move them: without those that mean something else.
const letters = "abcdefghilmnopqrstvwxyz"

// mostLinks is how many links one page lists.
const mostLinks = 60

type splitView struct {
	Split
	place
	Question      Question
	Key, Decided  string
	Letters, Keys []string
	IsMarked      []bool
	MoreLinks     int
	Verdicts      []verdictView
}

// split shows a child that may be two.
func split(v *Visit, q Question, at place) error {
	s, err := v.Desk.Split(v.Context(), q.Key)
	if err != nil {
		return err
	}
	if ok, err := v.Because(s.Subject); !ok {
		return err
	}
	out := splitView{Split: s, place: at, Question: q, Key: q.Key, Decided: q.Decided, Verdicts: verdictsOf("split_")}
	typed, isTyped := v.PostForm["second"]
	isTyped = isTyped || v.PostForm.Has("parts")
	for i, r := range s.Records {
		letter, key := fmt.Sprint(i+1), ""
		if i < len(letters) {
			letter, key = string(letters[i]-'a'+'A'), letters[i:i+1]
		}
		out.Letters, out.Keys = append(out.Letters, letter), append(out.Keys, key)
		out.IsMarked = append(out.IsMarked, isTyped && slices.Contains(typed, strconv.Itoa(i)) || !isTyped && r.IsSecond)
	}
	out.MoreLinks = max(len(s.Links)-mostLinks, 0)
	out.Links = s.Links[:len(s.Links)-out.MoreLinks]
	return v.show(http.StatusOK, "split.html", reviewWords["kind_split"], out)
}

// answerSplit takes what the form of split says.
func answerSplit(v *Visit, verdict, why string) (Answered, error) {
	if v.IsStale() {
		return Answered{}, errAnew()
	}
	var second []int
	for _, text := range v.PostForm["second"] {
		i, err := strconv.Atoi(text)
		if err != nil {
			return Answered{}, tributary.Fix(fmt.Errorf("%q is no record", text), reviewWords["no_verdict_fix"])
		}
		second = append(second, i)
	}
	return v.Desk.DecideSplit(v.Context(), v.PathValue("key"), verdict, second, why, v.FormValue("seen"))
}

// verdictsOf are the four answers and their keys, by the words with a prefix.
func verdictsOf(prefix string) (out []verdictView) {
	for i, verdict := range []string{"same", "family", "different", "later"} {
		out = append(out, verdictView{strconv.Itoa(i + 1), verdict, reviewWords[prefix+"verdict_"+verdict]})
	}
	return out
}
