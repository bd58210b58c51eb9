package pipelines

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tributary/pipelines/link"
)

// FactOf is a statement about a child's record.
type FactOf struct {
	Kind string `json:"kind"`
	On   string `json:"on"`
	Text string `json:"text"`
}

// FactsOf lists what people stated about records and which ids were given to them, and the signed submissions that
// were counted from them.
func (w *Workspace) FactsOf(ctx context.Context, records []link.Anchor) (facts []FactOf, signed []string, err error) {
	facts, signed = []FactOf{}, []string{}
	is := map[[2]string]bool{}
	for _, r := range records {
		is[[2]string{r.Agency, r.Client}] = true
	}
	all, err := w.Ledger.All(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range all {
		f, text := e.Fields, ""
		switch e.Kind {
		case "correction":
			if is[[2]string{f["agency"], f["client_local_id"]}] {
				text = fmt.Sprintf("%s.%s: %q in place of %q (%s)", f["table_name"], f["column_name"], f["value"], f["was"], e.Why)
			}
		case "confirmation", "explanation":
			if is[[2]string{f["agency"], f["record"]}] {
				text = f["check_id"] + ": " + e.Why
			}
		case "id_register":
			if is[[2]string{f["agency"], f["client_local_id"]}] {
				text = fmt.Sprintf("%s has %s (%s, %s)", f["kind"], f["id"], f["state"], f["quarter"])
			}
		case "link_decision", opinionKind:
			if l, r := is[[2]string{f["left_agency"], f["left_client"]}], is[[2]string{f["right_agency"], f["right_client"]}]; l && r {
				text = fmt.Sprintf("%s:%s and %s:%s: %s (%s)", f["left_agency"], f["left_client"], f["right_agency"], f["right_client"], f["verdict"], e.Why)
			} else if l || r {
				text = "a pair with a record that is not shown: " + f["verdict"]
			}
		}
		if text != "" {
			facts = append(facts, FactOf{Kind: e.Kind, On: e.At.Format(time.DateOnly), Text: text})
		}
	}
	standing, err := w.standing(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range standing {
		lines, err := readCSV(w.proof(s.ID, "ids.csv"))
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(lines, func(l []string) bool { return is[[2]string{l[0], l[1]}] }) {
			signed = append(signed, s.ID)
		}
	}
	slices.Sort(signed)
	return facts, signed, nil
}
