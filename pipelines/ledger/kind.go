package ledger

// kind is the shape of one sort of fact: its columns, of which the first keys identify it.
type kind struct {
	keys    int
	columns []string
}

// kinds is the fact schema. In SQL each is the table fact.<kind> with these columns, all text, and
// who, noted_at, why after them.
var kinds = map[string]kind{
	// A person accepts a held file as it is, or a finding of class file on it.
	"accept": {4, []string{"agency", "quarter", "file", "version", "sha256"}},
	// An agency has nothing to report (nil), or need not report (excused).
	"delivery_state": {2, []string{"agency", "quarter", "state"}},
	// A provider or analyst says that a doubtful value is right. It holds for this rule, record and value,
	// in whatever file and quarter they come again.
	"confirmation": {4, []string{"check_id", "agency", "record", "value_hash"}},
	// Words about a doubtful value that stays doubtful.
	"explanation": {4, []string{"check_id", "agency", "record", "value_hash"}},
	// A named person's statement of a value, made about a quarter's delivery; it acts while the source still
	// says `was`, and ends with the first later delivery that says something else. record, where it says something,
	// names one of the client's records in the table.
	"correction": {5, []string{"agency", "client_local_id", "table_name", "column_name", "was", "value", "quarter", "record"}},
	// A letter that was handed out: about which files (their hashes condensed), and the list of what it asked
	// (the name of a file in kept/feedback).
	"letter": {3, []string{"agency", "quarter", "files", "list"}},
	// A returned letter whose answers were taken: it is read once, whatever lies in the drop for how long.
	"letter_read": {2, []string{"agency", "sha256", "answers"}},
	// Words that people type: explanations beside a cell, prepared by, catch-up dates.
	"note": {2, []string{"cell_id", "field", "text"}},
	// An id that was handed out at signing and stays: the holder's (held, retired), or, without an agency
	// and with the old id as client_local_id, the id that took its place (redirected).
	"id_register": {3, []string{"kind", "agency", "client_local_id", "id", "quarter", "issued", "state"}},
	// A person's word on a pair of records (same, family, different, later) and what it rested on.
	"link_decision": {4, []string{"left_agency", "left_client", "right_agency", "right_client", "verdict", "rests_on"}},
	// One person's word on a pair where two must say the same before it is a decision.
	"link_opinion": {5, []string{"left_agency", "left_client", "right_agency", "right_client", "person", "verdict"}},
	// One person's answer that a child is two: the keys of all pairs that it decided about, which are taken back together.
	"link_split": {2, []string{"pair", "person", "decisions"}},
	// The link model that a person accepted: all runs use it until another is accepted.
	"link_model": {1, []string{"scope", "model", "quarter", "records"}},
	// Where a submission stands (draft, checked, approved, signed, sent, returned, restated, replaced); detail is
	// the portal's number when it was sent.
	"submission": {2, []string{"quarter", "submission_id", "state", "manifest_sha256", "detail"}},
	// A signature under a submission: whose key, in which place, made when; the signature lies in the bundle.
	"signature": {2, []string{"submission_id", "key", "name", "role", "signed_at", "sha256"}},
	// Why the open findings of a check that asks for confirmation were left as they are in a submission.
	"submission_reason": {2, []string{"submission_id", "check_id", "findings"}},
	// A landed file that was removed because its time was over: what it was, by its hash.
	"purge": {4, []string{"agency", "quarter", "file", "version", "sha256", "size"}},
	// A release that was handed out: what it showed stays known. The hash is that of its folder in kept/releases.
	"release": {1, []string{"release_id", "audience", "quarter", "sha256"}},
	// A notice that was sent, or was being sent: never again by the same channel.
	"notice": {2, []string{"notice_id", "channel", "kind", "agency", "quarter", "language", "recipients"}},
	// Who lives in a census division, as a table of Statistics Canada says that a person loaded; the table itself is in
	// kept/reference, by its hash.
	"population": {1, []string{"division", "population", "children", "counted_on", "sha256"}},
	// A look at named records: who, when, why, and what was asked.
	"audit": {1, []string{"number", "verb", "subject"}},
}

// alsoKey are columns that came later and identify a fact too, where they say something.
var alsoKey = map[string]string{"correction": "record"}

// Columns returns the columns of a kind in order, and how many of them identify a fact.
func Columns(name string) (columns []string, keys int) {
	k := kinds[name]
	return k.columns, k.keys
}
