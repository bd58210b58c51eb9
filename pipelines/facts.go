package pipelines

// engineVersion is part of every fingerprint: another engine builds its own step files.
const engineVersion = "duckdb 1.5.5"

// register is the workbook that the analyst keeps; registerAgency the agency that its mapping names.
const (
	register       = "register.xlsx"
	registerAgency = "REGISTER"
)

// stageReads are the facts that stage reads.
var stageReads = []string{"accept", "confirmation", "correction", "delivery_state", "explanation"}

// linkReads are the facts that link reads.
var linkReads = []string{"id_register", "link_decision", "link_model"}
