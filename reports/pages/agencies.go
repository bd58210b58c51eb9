package pages

import (
	"context"
	"net/url"
	"strings"
)

// Agencies tells of the agencies and how they are read.
type Agencies interface {
	AgencyRows(ctx context.Context) ([]AgencyRow, error)
	// AgencyOf tells of one; ErrNotFound where there is none.
	AgencyOf(ctx context.Context, code string) (Agency, error)
	// Reach tries an agency's source and says how it went.
	Reach(ctx context.Context, code string) (string, error)
}

// AgencyRow is one agency in the list.
type AgencyRow struct {
	Code, Name, Role, Source, Schedule, Due, Contacts string
	State, Quarter                                    string
	IsLate                                            bool
	// Unread says since when and why its source cannot be read; empty where it can.
	Unread string
}

// Agency is one agency: where its files come from, how they are read, who to write to.
type Agency struct {
	AgencyRow
	NameFR, Category, Language, Area, Linking, Authority string
	File                                                 string
	// Text is the mapping as it stands in its file; SQL what it compiles to.
	Text, SQL  string
	People     []Contact
	Deliveries []Delivered
	Columns    []MappedColumn
}

// Contact is who to write to.
type Contact struct{ Role, Email, Language string }

// MappedColumn is one heading of the newest delivery and what it becomes: the mapping, as it works.
type MappedColumn struct{ File, Sheet, Heading, Table, Column string }

// Books gives what was done and by what rules.
type Books interface {
	// Generations lists those that are kept, newest first.
	Generations(ctx context.Context) ([]Generation, error)
	// AuditLog reads entries, newest first, and how many there are.
	AuditLog(ctx context.Context, kind string, page int) (AuditPage, error)
	// SettingsOf lists every setting with its value and where it stands.
	SettingsOf(ctx context.Context) ([]Setting, error)
}

// Generation is one published state.
type Generation struct {
	Number                 int
	Quarter, Program, Made string
	// Built are the steps that differ from the generation before.
	Built     []string
	IsCurrent bool
}

// AuditPage is a part of the ledger.
type AuditPage struct {
	Entries []Entry
	All     int
	// Fault says what is wrong with the ledger's chain; empty when it is as it was written.
	Fault string
	Kinds []string
}

// Entry is one fact or look.
type Entry struct {
	Number              int64
	At, Who, Kind, What string
	Why                 string
	Ends                bool
}

// Setting is one rule of the workspace.
type Setting struct {
	Name, Value, Meaning string
	// File and Line say where it stands; without a line it is the program's default.
	File string
	Line int
}

func agencyRoutes() []route {
	return []route{
		{pattern: "GET /agencies", may: See, file: "agencies.html", words: agencyWords, do: agencies},
		{pattern: "GET /agencies/{code}", may: See, file: "agency.html", words: agencyWords, do: agency},
		{pattern: "POST /agencies/{code}/reach", may: Work, file: "agency.html", words: agencyWords, do: reach},
		{pattern: "GET /runs", may: See, file: "runs.html", words: agencyWords, do: generations},
		{pattern: "GET /audit", may: Work, file: "audit.html", words: agencyWords, do: auditLog},
		{pattern: "GET /settings", may: See, file: "settings.html", words: agencyWords, do: settings},
	}
}

func agencies(v *Visit) error {
	rows, err := v.Desk.AgencyRows(v.Context())
	if err != nil {
		return err
	}
	return v.Show(shared["agencies"], struct {
		Rows  []AgencyRow
		Marks map[string]string
	}{rows, stateMarks})
}

func agency(v *Visit) error {
	a, err := v.Desk.AgencyOf(v.Context(), v.PathValue("code"))
	if err != nil {
		return err
	}
	return v.Show(a.Name, struct {
		Agency
		MayWork bool
		Marks   map[string]string
	}{a, v.May(Work), stateMarks})
}

func reach(v *Visit) error {
	said, err := v.Desk.Reach(v.Context(), v.PathValue("code"))
	if err != nil {
		return v.Retry(err, agency)
	}
	return v.Leave("/agencies/"+url.PathEscape(v.PathValue("code")), agencyWords["source"]+": "+said)
}

func generations(v *Visit) error {
	all, err := v.Desk.Generations(v.Context())
	if err != nil {
		return err
	}
	return v.Show(shared["runs"], struct {
		Rows     []Generation
		Progress Progress
	}{all, v.site.Runs.Progress()})
}

// entriesOnPage is how many entries of the ledger one page shows.
const entriesOnPage = 100

func auditLog(v *Visit) error {
	at := page(v)
	kind := v.FormValue("kind")
	p, err := v.Desk.AuditLog(v.Context(), kind, at)
	if err != nil {
		return err
	}
	first := (at-1)*entriesOnPage + 1
	return v.Show(shared["audit"], struct {
		AuditPage
		Kind        string
		First, Last int
		pager
	}{p, kind, first, first + len(p.Entries) - 1, pagerOf("/audit", url.Values{"kind": {kind}}, at, first+len(p.Entries)-1 < p.All)})
}

func settings(v *Visit) error {
	all, err := v.Desk.SettingsOf(v.Context())
	if err != nil {
		return err
	}
	for i, s := range all {
		if _, rule, ok := strings.Cut(s.Name, "settings."); ok && s.Meaning == "" {
			all[i].Meaning = ruleWords[rule]
		}
	}
	return v.Show(shared["settings"], all)
}
