package link

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/ledger"
)

// Verdict is a person's answer to the question whether two records are of one child.
type Verdict string

// The four answers.
const (
	// Same: one child.
	Same Verdict = "same"
	// Family: two children of one family.
	Family Verdict = "family"
	// Different: neither one child nor one family.
	Different Verdict = "different"
	// Later: put aside until something changes.
	Later Verdict = "later"
)

var verdicts = []string{string(Same), string(Family), string(Different), string(Later)}

// Decision is what a person decided about two records, the smaller anchor left.
type Decision struct {
	Left, Right Anchor
	Verdict     Verdict
	Who         string
	At          time.Time
	Why         string
	// LeftRests and RightRests are the digests (RestsOn) of the records when the person decided.
	LeftRests, RightRests string
	// Undone says that the decision was taken back.
	Undone bool
}

// ordered puts the smaller anchor left. A decision is about records, however they are counted.
func (d Decision) ordered() Decision {
	d.Left.Alone, d.Right.Alone = false, false
	if d.Left.compare(d.Right) > 0 {
		d.Left, d.Right = d.Right, d.Left
		d.LeftRests, d.RightRests = d.RightRests, d.LeftRests
	}
	return d
}

func (d Decision) String() string {
	return fmt.Sprintf("%s and %s: %s (%s, %s)", d.Left, d.Right, d.Verdict, d.Who, d.At.UTC().Format(time.DateOnly))
}

const decisionKind = "link_decision"

// Entry is the decision as a fact. A later fact about the same two records takes its place; undone, it
// ends that fact.
func (d Decision) Entry() ledger.Entry {
	d = d.ordered()
	return ledger.Entry{Kind: decisionKind, Who: d.Who, At: d.At, Why: d.Why, Ends: d.Undone, Fields: map[string]string{
		"left_agency": d.Left.Agency, "left_client": d.Left.Client, "right_agency": d.Right.Agency, "right_client": d.Right.Client,
		"verdict": string(d.Verdict), "rests_on": d.LeftRests + " " + d.RightRests}}
}

// DecisionOf is the decision that Entry wrote.
func DecisionOf(e ledger.Entry) (Decision, error) {
	if e.Kind != decisionKind || !slices.Contains(verdicts, e.Fields["verdict"]) {
		return Decision{}, fmt.Errorf("ledger: entry %d is no decision about a pair", e.Seq)
	}
	left, right, _ := strings.Cut(e.Fields["rests_on"], " ")
	return Decision{Left: Anchor{Agency: e.Fields["left_agency"], Client: e.Fields["left_client"]},
		Right:   Anchor{Agency: e.Fields["right_agency"], Client: e.Fields["right_client"]},
		Verdict: Verdict(e.Fields["verdict"]), Who: e.Who, At: e.At, Why: e.Why,
		LeftRests: left, RightRests: right, Undone: e.Ends}, nil
}

// PairKey names a pair of records without telling which: for places where the agreement does not allow
// to show them.
func PairKey(a, b Anchor) string {
	d := Decision{Left: a, Right: b}.ordered()
	return Digest(d.Left.Agency, d.Left.Client, d.Right.Agency, d.Right.Client)
}

// Digest is a short hash of the values in their order; "" and no value differ.
func Digest(values ...string) string {
	h := sha256.New()
	for _, v := range values {
		fmt.Fprintf(h, "%d:%s\n", len(v), v)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// restsOn are the columns that tell one child from another. Addresses, phones and e-mails are not among
// them: families move.
var restsOn = []string{"given_name", "family_name", "birth_date", "sex", "health_number"}

// tells are the columns of which one at least must be as it was, or the number is another child's now.
var tells = []string{"given_name", "birth_date", "health_number"}

// RestsOn digests the identifying values of a record, by canonical column as the agency delivered them, one
// digest a value so that it can be said what changed. Case, accents and punctuation make no difference.
// The rule for that is this function's own and must stay as it is: with a better one every decision ever
// made would be asked again.
func RestsOn(a Anchor, values map[string]string) string {
	parts := make([]string, len(restsOn))
	for i, column := range restsOn {
		parts[i] = "-"
		if v := plain(values[column]); v != "" {
			parts[i] = Digest(a.Agency, a.Client, column, v)
		}
	}
	return strings.Join(parts, ".")
}

// plain keeps letters and digits, lower case, without accents.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "")) {
		switch r = unicode.ToLower(r); {
		case r == 'œ':
			b.WriteString("oe")
		case r == 'æ':
			b.WriteString("ae")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// changes compares two digests of a record: the columns that have another value now, and whether anything
// that tells a child is as it was. A value that was missing or is missing now is no change: the person
// did not rest on the one, and the other says nothing new.
func changes(then, now string) (changed []string, isSameChild bool) {
	was, is := strings.Split(then, "."), strings.Split(now, ".")
	for i, column := range restsOn {
		if i >= len(was) || i >= len(is) || was[i] == "-" || is[i] == "-" {
			continue
		}
		if was[i] != is[i] {
			changed = append(changed, column)
		} else if slices.Contains(tells, column) {
			isSameChild = true
		}
	}
	return changed, isSameChild || len(changed) == 0
}

// State is what has become of a decision.
type State string

// The four states. DECISIONS.md has the table of cases.
const (
	// Active: both records are there as they were.
	Active State = "active"
	// Dormant: a record is gone or may not be linked. The decision waits for it.
	Dormant State = "dormant"
	// AskedAgain: a value that the decision rested on has changed.
	AskedAgain State = "asked again"
	// Undone: taken back.
	Undone State = "undone"
)

// Seen is what there is today of a record that was decided about.
type Seen struct {
	// IsHere says that the newest deliveries hold the record, MayLink that the agreement lets it be linked.
	IsHere, MayLink bool
	// RestsOn is its digest today.
	RestsOn string
}

// Standing is a decision and what it does today.
type Standing struct {
	Decision
	State State
	// Acts says that the verdict is in force: same links, family and different keep apart, later keeps the
	// pair out of the queue. A decision that is asked again acts until it is answered, unless nothing that
	// tells a child is as it was.
	Acts bool
	// LeftChanged and RightChanged say why the state is not Active: gone, no_consent, or the columns that changed.
	LeftChanged, RightChanged []string
}

// Stand tells what the decision does today.
func (d Decision) Stand(left, right Seen) Standing {
	s := Standing{Decision: d, State: Active, Acts: true}
	isSameChild := true
	look := func(then string, now Seen) []string {
		switch {
		case !now.IsHere:
			s.State = Dormant
			return []string{"gone"}
		case !now.MayLink:
			s.State = Dormant
			return []string{"no_consent"}
		}
		changed, same := changes(then, now.RestsOn)
		isSameChild = isSameChild && same
		return changed
	}
	s.LeftChanged, s.RightChanged = look(d.LeftRests, left), look(d.RightRests, right)
	switch {
	case d.Undone:
		s.State = Undone
	case s.State == Active && len(s.LeftChanged)+len(s.RightChanged) > 0:
		s.State = AskedAgain
	}
	s.Acts = s.State == Active || (s.State == AskedAgain && isSameChild && d.Verdict != Later)
	return s
}

// Decided answers pairs from the decisions that hold, the implied ones too: same is transitive, and what
// is said of one record of a child is said of the child.
type Decided struct {
	child   map[Anchor]Anchor   // to the first record known of its child
	records map[Anchor][]Anchor // of a child
	same    map[Anchor][]Decision
	apart   map[Anchor]map[Anchor]Decision // family or different, between children, both ways
	later   map[[2]Anchor]Decision
}

// Decide collects decisions. Those undone, and those of which a record is another child's now, do not
// count. Dormant ones count for what contradicts them: they will be back. The error names those that
// contradict an earlier one; they are left out.
func Decide(standing []Standing) (*Decided, error) {
	d := &Decided{map[Anchor]Anchor{}, map[Anchor][]Anchor{}, map[Anchor][]Decision{}, map[Anchor]map[Anchor]Decision{}, map[[2]Anchor]Decision{}}
	standing = slices.Clone(standing)
	slices.SortFunc(standing, func(a, b Standing) int {
		return cmp.Or(a.At.Compare(b.At), a.Left.compare(b.Left), a.Right.compare(b.Right))
	})
	var faults []error
	for _, s := range standing {
		if s.Acts || s.State == Dormant {
			faults = append(faults, d.Add(s.Decision))
		}
	}
	return d, errors.Join(faults...)
}

func (d *Decided) of(a Anchor) Anchor {
	a.Alone = false
	if first, ok := d.child[a]; ok {
		return first
	}
	return a
}

// Of is the verdict on a pair, given or implied, and the decisions that it follows from; "" when there is none.
func (d *Decided) Of(a, b Anchor) (Verdict, []Decision) {
	pair := Decision{Left: a, Right: b}.ordered()
	verdict, by := d.verdict(pair)
	switch verdict {
	case Same:
		return Same, d.path(pair.Left, pair.Right)
	case Family, Different:
		near, far := by.Left, by.Right
		if d.of(near) != d.of(pair.Left) {
			near, far = far, near
		}
		return verdict, slices.Concat(d.path(pair.Left, near), []Decision{by}, d.path(far, pair.Right))
	case Later:
		return Later, []Decision{by}
	}
	return "", nil
}

// verdict is the answer for an ordered pair and, where it is not same, the decision that gave it.
func (d *Decided) verdict(pair Decision) (Verdict, Decision) {
	one, other := d.of(pair.Left), d.of(pair.Right)
	if one == other && pair.Left != pair.Right {
		return Same, Decision{}
	}
	if by, ok := d.apart[one][other]; ok {
		return by.Verdict, by
	}
	if by, ok := d.later[[2]Anchor{pair.Left, pair.Right}]; ok {
		return Later, by
	}
	return "", Decision{}
}

// path is the shortest chain of decisions that make two records one child.
func (d *Decided) path(from, to Anchor) []Decision {
	by := map[Anchor]Decision{from: {}}
	for queue := []Anchor{from}; len(queue) > 0 && queue[0] != to; queue = queue[1:] {
		for _, s := range d.same[queue[0]] {
			next := s.Left
			if next == queue[0] {
				next = s.Right
			}
			if _, ok := by[next]; !ok {
				by[next] = s
				queue = append(queue, next)
			}
		}
	}
	var chain []Decision
	for at := to; at != from; {
		s := by[at]
		chain = append(chain, s)
		if s.Left == at {
			at = s.Right
		} else {
			at = s.Left
		}
	}
	slices.Reverse(chain)
	return chain
}

// Contradiction is a decision that cannot hold beside others.
type Contradiction struct {
	Next  Decision
	Chain []Decision
}

func (c *Contradiction) Error() string {
	said := make([]string, len(c.Chain))
	for i, d := range c.Chain {
		said[i] = d.String()
	}
	return fmt.Sprintf("decide %s and %s: %s: contradicts %s", c.Next.Left, c.Next.Right, c.Next.Verdict, strings.Join(said, "; "))
}

func contradiction(next Decision, chain []Decision) error {
	undo := make([]string, len(chain))
	for i, d := range chain {
		undo[i] = fmt.Sprintf("tributary link undo %s %s", d.Left, d.Right)
	}
	return tributary.Fix(&Contradiction{next, chain}, "take back what is wrong, then decide again: "+strings.Join(undo, ", or: "))
}

// Add takes one more decision, or refuses it with a Contradiction and leaves everything as it was. To
// answer anew what is asked again, leave the old decision out of Decide.
func (d *Decided) Add(next Decision) error {
	next = next.ordered()
	if next.Left == next.Right {
		return fmt.Errorf("decide %s and %s: one record is no pair", next.Left, next.Right)
	}
	verdict, _ := d.verdict(next)
	if verdict != "" && verdict != Later && verdict != next.Verdict {
		_, chain := d.Of(next.Left, next.Right)
		return contradiction(next, chain)
	}
	if next.Verdict == Later {
		d.later[[2]Anchor{next.Left, next.Right}] = next
		return nil
	}
	one, other := d.of(next.Left), d.of(next.Right)
	switch {
	case verdict == next.Verdict: // it follows already, but may be what is left when others are undone
	case next.Verdict == Same:
		if err := d.unite(next, one, other); err != nil {
			return err
		}
	default:
		d.keepApart(one, other, next)
	}
	if next.Verdict == Same {
		d.same[next.Left] = append(d.same[next.Left], next)
		d.same[next.Right] = append(d.same[next.Right], next)
	}
	return nil
}

func (d *Decided) keepApart(one, other Anchor, by Decision) {
	for _, pair := range [][2]Anchor{{one, other}, {other, one}} {
		if d.apart[pair[0]] == nil {
			d.apart[pair[0]] = map[Anchor]Decision{}
		}
		d.apart[pair[0]][pair[1]] = by
	}
}

// unite makes two children one, unless a third is of the family of one and different from the other.
func (d *Decided) unite(next Decision, one, other Anchor) error {
	if len(d.records[one]) < len(d.records[other]) {
		one, other = other, one
	}
	var odd []Anchor
	for third, p := range d.apart[other] {
		if q, ok := d.apart[one][third]; ok && p.Verdict != q.Verdict {
			odd = append(odd, third)
		}
	}
	if len(odd) > 0 {
		third := slices.MinFunc(odd, Anchor.compare)
		_, left := d.Of(next.Left, third)
		_, right := d.Of(third, next.Right)
		return contradiction(next, slices.Concat(left, right))
	}
	moved := d.records[other]
	if moved == nil {
		moved = []Anchor{other}
	}
	if d.records[one] == nil {
		d.records[one] = []Anchor{one}
	}
	for _, a := range moved {
		d.child[a] = one
	}
	d.records[one] = append(d.records[one], moved...)
	delete(d.records, other)
	for third, p := range d.apart[other] {
		delete(d.apart[third], other)
		if _, ok := d.apart[one][third]; !ok {
			d.keepApart(one, third, p)
		}
	}
	delete(d.apart, other)
	return nil
}

var decisionColumns = []string{"left_agency", "left_client", "right_agency", "right_client", "verdict", "why"}

// unsafeStart are the characters with which a spreadsheet begins a formula, and the apostrophe that keeps it from that.
const unsafeStart = "=+-@\t\r'"

// WriteDecisions writes decisions as CSV in the order of their pairs. Values that a spreadsheet would
// execute get an apostrophe in front, which ReadDecisions takes away.
func WriteDecisions(w io.Writer, decisions []Decision) error {
	decisions = slices.Clone(decisions)
	for i, d := range decisions {
		decisions[i] = d.ordered()
	}
	slices.SortFunc(decisions, func(a, b Decision) int { return cmp.Or(a.Left.compare(b.Left), a.Right.compare(b.Right)) })
	out := csv.NewWriter(w)
	if err := out.Write(decisionColumns); err != nil {
		return err
	}
	for _, d := range decisions {
		row := []string{d.Left.Agency, d.Left.Client, d.Right.Agency, d.Right.Client, string(d.Verdict), d.Why}
		for i, v := range row {
			if v != "" && strings.ContainsRune(unsafeStart, rune(v[0])) {
				row[i] = "'" + v
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// ReadDecisions reads a CSV of decisions, strictly: the six columns in their order, UTF-8, comma or
// semicolon, each pair once, each with a reason. All faults are reported at once with their lines. Who, when
// and what they rest on is for the caller to add.
func ReadDecisions(r io.Reader) ([]Decision, error) {
	buffered := bufio.NewReader(r)
	if bom, err := buffered.Peek(3); err == nil && bytes.Equal(bom, []byte("\uFEFF")) {
		if _, err := buffered.Discard(3); err != nil {
			return nil, err
		}
	}
	in := csv.NewReader(buffered)
	in.FieldsPerRecord = -1
	if start, err := buffered.Peek(len(decisionColumns[0]) + 1); err == nil && start[len(start)-1] == ';' {
		in.Comma = ';'
	}
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		header, err = nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	if !slices.Equal(header, decisionColumns) {
		return nil, tributary.Fix(errors.New("line 1: the columns are not those of decisions"), "write them as "+strings.Join(decisionColumns, ","))
	}
	var decisions []Decision
	var faults []error
	first := map[[2]Anchor]int{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return decisions, errors.Join(faults...)
		}
		if err != nil { // the rest of the file cannot be told apart any more
			return nil, errors.Join(append(faults, csvFault(err))...)
		}
		line, _ := in.FieldPos(0)
		d, err := decisionRow(row)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		pair := [2]Anchor{d.Left, d.Right}
		if at, ok := first[pair]; ok {
			faults = append(faults, tributary.Fix(fmt.Errorf("line %d: the pair of line %d again", line, at), "keep one of the two lines"))
			continue
		}
		first[pair] = line
		decisions = append(decisions, d)
	}
}

func csvFault(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return err
	}
	return tributary.Fix(fmt.Errorf("line %d: %w", p.Line, p.Err), "check the quotes at this line")
}

func decisionRow(row []string) (Decision, error) {
	if len(row) != len(decisionColumns) {
		return Decision{}, tributary.Fix(fmt.Errorf("%d values for %d columns", len(row), len(decisionColumns)), "put a text with commas in quotes")
	}
	for i, v := range row {
		if len(v) > 1 && v[0] == '\'' && strings.ContainsRune(unsafeStart, rune(v[1])) {
			v = v[1:]
		}
		row[i] = strings.TrimSpace(v)
		switch {
		case !utf8.ValidString(v):
			return Decision{}, tributary.Fix(fmt.Errorf("%s is not UTF-8", decisionColumns[i]), "save the file as CSV UTF-8")
		case row[i] == "":
			return Decision{}, tributary.Fix(fmt.Errorf("%s is empty", decisionColumns[i]), "every decision names two records, a verdict and a reason")
		}
	}
	if !slices.Contains(verdicts, row[4]) {
		fix := "write " + strings.Join(verdicts, ", ")
		if meant := config.Guess(row[4], verdicts); meant != "" {
			fix = fmt.Sprintf("did you mean %q?", meant)
		}
		return Decision{}, tributary.Fix(fmt.Errorf("verdict %q is none of %s", row[4], strings.Join(verdicts, ", ")), fix)
	}
	d := Decision{Left: Anchor{Agency: row[0], Client: row[1]}, Right: Anchor{Agency: row[2], Client: row[3]}, Verdict: Verdict(row[4]), Why: row[5]}.ordered()
	if d.Left == d.Right {
		return Decision{}, tributary.Fix(errors.New("one record is no pair"), "name two records")
	}
	return d, nil
}
