package pipelines

import "tributary/pipelines/ledger"

// engineVersion is part of every fingerprint: another engine builds its own step files.
const engineVersion = "duckdb 1.5.5"

// ledgerKinds are the facts that SQL may read.
var ledgerKinds = ledger.Read()
