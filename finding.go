package tributary

// Severity says what a finding does to the run.
type Severity string

const (
	// Blocks holds a file (class file) or keeps the quarter from being approved; the run goes on.
	Blocks Severity = "blocks"
	// SetsAside keeps the row out of every number.
	SetsAside Severity = "sets_aside"
	// PleaseConfirm asks the provider; the value is used meanwhile as the check says.
	PleaseConfirm Severity = "please_confirm"
	// Note informs.
	Note Severity = "note"
)

// Finding is something wrong or doubtful in the data, with its address. It never holds a personal
// value: Detail names columns, forms, codes and counts only.
type Finding struct {
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	Address
	// Column is the provider's own heading; empty when the finding is about the row or the file.
	Column string `json:"column,omitempty"`
	// Detail is the fact behind the check's plain name, such as `"Postal Code" is now "Postal/ZIP"`.
	Detail string `json:"detail,omitempty"`
}
