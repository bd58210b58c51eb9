package submit

import (
	"fmt"
	"slices"
	"strings"

	"tributary"
)

// State is where a submission stands.
type State string

// The life of a submission. A draft is checked when nothing blocks and every finding that asks has its answer.
const (
	Draft    State = "draft"
	Checked  State = "checked"
	Approved State = "approved"
	Signed   State = "signed"
	Sent     State = "sent"
	Returned State = "returned"
	// Restated is a signed submission whose place another took; Replaced a draft that never was signed.
	Restated State = "restated"
	Replaced State = "replaced"
)

// next says which states may follow each.
var next = map[State][]State{
	"":       {Draft, Checked},
	Draft:    {Checked, Approved, Replaced},
	Checked:  {Draft, Approved, Replaced},
	Approved: {Signed, Replaced},
	Signed:   {Sent, Restated},
	Sent:     {Returned, Restated},
	Returned: {Restated},
}

// IsClosed says that the numbers of the submission are signed: they change by a restatement alone.
func (s State) IsClosed() bool { return s == Signed || s == Sent || s == Returned }

// way is what a person does to come to a state.
var way = map[State]string{
	Checked:  "see what is open with: tributary submit status %s; mend or confirm it, then: tributary submit prepare",
	Approved: "tributary submit approve %s",
	Signed:   "tributary submit sign %s --key KEYFILE",
	Sent:     "tributary submit sent %s --ref NUMBER",
}

// Move refuses a step that a submission cannot take from where it stands, and says which comes first.
func Move(id string, from, to State) error {
	if slices.Contains(next[from], to) {
		return nil
	}
	err := fmt.Errorf("submission %s is %s: it cannot become %s", id, from, to)
	fix := "see where it stands with: tributary submit status"
	switch {
	case from == Restated || from == Replaced:
		fix = "another took its place; see which with: tributary submit status"
	case to == Signed && from == Checked, to == Sent && from == Checked, to == Sent && from == Draft, to == Signed && from == Draft:
		fix = "first: " + fmt.Sprintf(way[Approved], id)
	case to == Sent && from == Approved, to == Returned && from == Approved:
		fix = "first: " + fmt.Sprintf(way[Signed], id)
	case to == Returned && from == Signed:
		fix = "first: " + fmt.Sprintf(way[Sent], id)
	case from.IsClosed():
		quarter := id[:max(strings.LastIndex(id, "-"), 0)]
		fix = fmt.Sprintf("what is signed stays; to change its numbers: tributary submit restate %s --why ...", quarter)
	}
	return tributary.Fix(err, fix)
}
