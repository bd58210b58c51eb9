package tributary

import "time"

// File is one landed file: what came, under which name, and the columnar copy of each of its sheets.
// Landing writes it once and never changes it.
type File struct {
	Agency  string  `json:"agency"`
	Quarter Quarter `json:"quarter"`
	// Name is the name as it came, with the path inside a zip after it: outer.zip/inner.csv.
	Name    string `json:"name"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	// ReceivedAt is when landing first saw this content under this name.
	ReceivedAt time.Time `json:"received_at"`
	// Format is delimited, fixed, xlsx, json, jsonl, parquet, zip or text.
	Format string  `json:"format"`
	Sheets []Sheet `json:"sheets"`
	// Findings are those of reading: cut off, empty, cannot be opened, ragged rows, stripped columns.
	Findings []Finding `json:"findings,omitempty"`
	// Held says that the file as a whole must not be staged (a finding with severity blocks says why).
	Held bool `json:"held,omitempty"`
	// Original is false when forbidden columns were stripped and the file as it came left the disk.
	Original bool `json:"original"`
	// Stripped lists the columns that were removed while reading.
	Stripped []Stripped `json:"stripped,omitempty"`
}

// Sheet is one table of a landed file: a worksheet, a JSON array, or the whole of a text file.
//
// Its columnar copy is a Parquet file with the columns _row BIGINT (record number, headings
// counted), _path VARCHAR (JSON arrays), _fault VARCHAR (NULL, short, long or cut), _more VARCHAR
// (fields past the last column as a JSON array of text, else NULL), c1..cN VARCHAR (as shown), and
// for worksheets r1..rN VARCHAR (the raw value where it differs from the shown one, else NULL).
// Empty fields of text files are the empty text; blank cells and JSON nulls are NULL. Every record
// is there, headings, titles and blank rows too.
type Sheet struct {
	Name   string `json:"name"`
	Hidden bool   `json:"hidden,omitempty"`
	// Headings names c1..cN where the format itself does (JSON paths, Parquet columns); else nil, and
	// the headings are among the rows.
	Headings []string `json:"headings,omitempty"`
	Columns  int      `json:"columns"`
	Rows     int64    `json:"rows"`
	// Parquet is the path of the columnar copy below the landing folder.
	Parquet string `json:"parquet"`
	// SHA256 is what the columnar copy hashes to.
	SHA256 string `json:"sha256,omitempty"`
}

// Stripped is a column that may not be held: its heading and the rule that removed it
// (school_number, health_number, free_text).
type Stripped struct {
	Sheet   string `json:"sheet"`
	Column  int    `json:"column"`
	Heading string `json:"heading"`
	Rule    string `json:"rule"`
}

// Hint is what an agency's mapping tells landing about files that match Pattern (path.Match form on
// the base name, in capitals or not). All of it may be empty: landing detects.
type Hint struct {
	Pattern   string `json:"pattern"`
	Format    string `json:"format,omitempty"`
	Encoding  string `json:"encoding,omitempty"`
	Delimiter string `json:"delimiter,omitempty"`
	// Widths are the field widths, in characters, of a fixed-width file; FieldNames its headings
	// where it has no heading line.
	Widths     []int    `json:"widths,omitempty"`
	FieldNames []string `json:"field_names,omitempty"`
	// HeadingRows are the record numbers of the heading rows per sheet ("" for any), so that the
	// gate looks at the right row.
	HeadingRows map[string][]int `json:"heading_rows,omitempty"`
	// KeepFreeText and KeepHealthNumber lift the gate for named columns, by stated authority.
	KeepFreeText     []string `json:"keep_free_text,omitempty"`
	KeepHealthNumber bool     `json:"keep_health_number,omitempty"`
	// Password opens an encrypted workbook; resolved by cmd, never stored.
	Password string `json:"-"`
}
