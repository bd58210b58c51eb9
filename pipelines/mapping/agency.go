package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/text/unicode/norm"

	"tributary"
	"tributary/pipelines/calendar"
	"tributary/pipelines/config"
)

// Agency is one agency as its file agencies/<code>.yaml describes it.
type Agency struct {
	Code     string    `yaml:"code"`
	Name     string    `yaml:"name"`
	NameFR   string    `yaml:"name_fr"`
	Role     string    `yaml:"role"`
	Category string    `yaml:"category"`
	Language string    `yaml:"language"`
	Area     string    `yaml:"area"`
	Contacts []Contact `yaml:"contacts"`
	Linking  *Linking  `yaml:"linking"`
	// Source and Schedule belong to the connectors and the calendar.
	Source   ast.Node `yaml:"source"`
	Schedule string   `yaml:"schedule"`
	DueDays  int      `yaml:"due_days"`
	Pause    Pause    `yaml:"pause"`
	// DateOrder reads 03/04/2025: dmy, mdy or ymd.
	DateOrder string `yaml:"date_order"`
	// Blank lists the values that mean empty.
	Blank            []string                     `yaml:"blank"`
	KeepFreeText     []string                     `yaml:"keep_free_text"`
	KeepHealthNumber string                       `yaml:"keep_health_number"`
	Codes            map[string]map[string]string `yaml:"codes"`
	Files            map[string]FileRule          `yaml:"files"`
	Tables           []Table                      `yaml:"tables"`
	Line             int                          `yaml:",line"`

	path string
}

// Contact is a role at the agency, never a person's private address.
type Contact struct {
	Role     string `yaml:"role"`
	Email    string `yaml:"email"`
	Language string `yaml:"language"`
}

// Pause says which loss against the quarter before, in percent, holds a file until a person accepts it; 0 is none.
type Pause struct {
	// FewerRows is about a file's rows, FewerClients about clients of the file before who are not in it.
	FewerRows    int `yaml:"fewer_rows"`
	FewerClients int `yaml:"fewer_clients"`
}

// Linking is what the agency's agreement says about linking its clients to those of others.
type Linking struct {
	WithoutConsent string   `yaml:"without_consent"`
	Authority      string   `yaml:"authority"`
	Scopes         []string `yaml:"scopes"`
	// NoDuplicates: the agency vouches that none of its children has two numbers.
	NoDuplicates bool `yaml:"no_duplicates"`
	Line         int  `yaml:",line"`
}

// FileRule describes one file that the agency delivers.
type FileRule struct {
	Name         []string `yaml:"name"`
	Kind         string   `yaml:"kind"`
	Owed         *bool    `yaml:"owed"`
	Format       string   `yaml:"format"`
	Encoding     string   `yaml:"encoding"`
	Delimiter    string   `yaml:"delimiter"`
	Widths       []int    `yaml:"widths"`
	FieldNames   []string `yaml:"field_names"`
	Password     string   `yaml:"password"`
	Headings     []int    `yaml:"headings"`
	QuarterCheck *struct {
		Column string `yaml:"column"`
	} `yaml:"quarter_check"`
	Ignore       []string `yaml:"ignore"`
	IgnoreSheets []string `yaml:"ignore_sheets"`
	Drift        string   `yaml:"drift"`
	Line         int      `yaml:",line"`
}

// Table says how one sheet of a file becomes rows of one canonical table.
type Table struct {
	Into     string              `yaml:"into"`
	File     string              `yaml:"file"`
	Sheet    string              `yaml:"sheet"`
	Headings []int               `yaml:"headings"`
	Columns  map[string]Column   `yaml:"columns"`
	Each     []map[string]Column `yaml:"each"`
	Split    *Split              `yaml:"split"`
	Rows     map[string][]string `yaml:"rows"`
	Refuse   []string            `yaml:"refuse"`
	Ignore   []string            `yaml:"ignore"`
	Line     int                 `yaml:",line"`
}

// Split makes one row of each piece of a cell; columns take it by the heading `piece`.
type Split struct {
	Column string `yaml:"column"`
	By     string `yaml:"by"`
}

// Column says where a canonical column's value comes from. Written as one heading, or a list of
// alternative headings, or a mapping with these words.
type Column struct {
	From     []string            `yaml:"from"`
	Join     []string            `yaml:"join"`
	Value    *string             `yaml:"value"`
	Section  map[string]string   `yaml:"section"`
	Codes    Codes               `yaml:"codes"`
	Take     string              `yaml:"take"`
	When     map[string][]string `yaml:"when"`
	Blank    []string            `yaml:"blank"`
	IfBlank  string              `yaml:"if_blank"`
	Optional bool                `yaml:"optional"`
	Dates    string              `yaml:"date_order"`
	Line     int                 `yaml:",line"`
}

// FromScalar reads `birth_date: Birth Date`.
func (c *Column) FromScalar(heading string) error {
	if heading == "" {
		return tributary.Fix(errors.New("a heading is expected"), "write the provider's heading, or leave the line out")
	}
	c.From = []string{heading}
	return nil
}

// FromList reads `postal_code: [Postal Code, Postal/ZIP]`.
func (c *Column) FromList(headings []string) error { c.From = headings; return nil }

// Codes maps the provider's values to the canonical codes, in place or by the name of a list.
type Codes struct {
	Name string
	Map  map[string]string
}

// FromScalar reads `codes: service`, a list under `codes:` of the same file.
func (c *Codes) FromScalar(name string) error { c.Name = name; return nil }

// FromMap reads `codes: {F: female, M: male}`.
func (c *Codes) FromMap(codes map[string]string) error { c.Map = codes; return nil }

// Load reads agencies/*.yaml, in order of their codes. All faults of all files come together.
func Load(files fs.FS) ([]*Agency, error) {
	names, err := fs.Glob(files, "agencies/*.yaml")
	if err != nil {
		return nil, err
	}
	dictionary, err := readDictionary()
	if err != nil {
		return nil, err
	}
	var agencies []*Agency
	var faults []error
	codes := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		a := &Agency{path: name}
		if err := config.Decode(name, data, a); err != nil {
			faults = append(faults, split(err)...)
			continue
		}
		faults = append(faults, a.check(dictionary)...)
		// Folders of many systems do not tell CTC from ctc.
		folder := strings.ToLower(a.Code)
		if other, twice := codes[folder]; twice {
			faults = append(faults, config.Fault(name, 1, "give each agency its own code, different in more than capital letters", "code %q is that of %s", a.Code, other))
		}
		codes[folder] = name
		agencies = append(agencies, a)
	}
	slices.SortFunc(agencies, func(a, b *Agency) int { return strings.Compare(a.Code, b.Code) })
	return agencies, errors.Join(faults...)
}

// split takes a joined error apart, so that faults of several files stay one flat list.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// Hints tells landing what the mapping knows of the files of a quarter.
func (a *Agency) Hints(q tributary.Quarter) []tributary.Hint {
	var hints []tributary.Hint
	for _, key := range sortedKeys(a.Files) {
		rule := a.Files[key]
		rows := map[string][]int{}
		if len(rule.Headings) > 0 {
			rows[""] = rule.Headings
		}
		for _, t := range a.Tables {
			if t.File == key && len(t.Headings) > 0 {
				rows[t.Sheet] = t.Headings
			}
		}
		var names []string
		for _, name := range rule.Name {
			// Landing sees a name as it came; one from a Mac has its accents apart.
			names = append(names, norm.NFC.String(name), norm.NFD.String(name))
		}
		for _, name := range slices.Compact(names) {
			hints = append(hints, tributary.Hint{
				Pattern: globPattern(name), Format: rule.Format, Encoding: rule.Encoding, Delimiter: rule.Delimiter,
				Widths: rule.Widths, FieldNames: rule.FieldNames, HeadingRows: rows,
				KeepFreeText: a.KeepFreeText, KeepHealthNumber: a.KeepHealthNumber != "", Password: rule.Password,
			})
		}
	}
	return hints
}

// DueOn is the day on which the agency's delivery of a quarter is due; days are the workspace's, where the agency
// has none of its own.
func (a *Agency) DueOn(q tributary.Quarter, days int) time.Time {
	return calendar.Due(q, cmp.Or(a.DueDays, days))
}

// Owes says that the agency has a file to deliver each quarter.
func (a *Agency) Owes() bool {
	for _, rule := range a.Files {
		if rule.owed() {
			return true
		}
	}
	return false
}

func (r FileRule) owed() bool { return r.Owed == nil || *r.Owed }

// monthly says that the file comes once a month: its name holds the month.
func (r FileRule) monthly() bool {
	return len(r.Name) > 0 && strings.Contains(r.Name[0], "{ym}")
}

// headingRows of a table are its own, else its file's, else the first record.
func (a *Agency) headingRows(t Table) []int {
	switch {
	case len(t.Headings) > 0:
		return t.Headings
	case len(a.Files[t.File].Headings) > 0:
		return a.Files[t.File].Headings
	case len(a.Files[t.File].FieldNames) > 0:
		return nil
	}
	return []int{1}
}

func (a *Agency) fault(line int, fix, format string, args ...any) error {
	return config.Fault(a.path, line, fix, format, args...)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

func base(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(out, ", ")
}
